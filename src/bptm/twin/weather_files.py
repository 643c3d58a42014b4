"""Weather files: TMY2, TMY3, and a plain CSV. Every fault names file and line.

Formats: TMY2 and TMY3 users' manuals, NREL/TP-463-7668 (1995) and NREL/TP-581-43156 (2008). Hours there end at their
number; temperature is that of the hour's end, sun the mean of the hour, which is taken half an hour earlier.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bptm.twin.fleet_plan import FleetError

HOURS = 8760
_TMY2_LINE = 142
_COLDEST_C, _WARMEST_C = -60.0, 60.0
_TMY3_LATITUDE = 4
_SUN_MAX = 1500.0
_TMY3_COLUMNS = {
    "at": "Date (MM/DD/YYYY)",
    "hour": "Time (HH:MM)",
    "sun": "GHI (W/m^2)",
    "beam": "DNI (W/m^2)",
    "diffuse": "DHI (W/m^2)",
    "outdoor_c": "Dry-bulb (C)",
}
_CSV_COLUMNS = ("time", "outdoor_c", "sun_w_per_m2")


@dataclass(slots=True)
class Hours:
    """A year of hours, filled one by one; sun in W/m2 at full hours."""

    outdoor_c: NDArray[np.float64] = field(default_factory=lambda: np.zeros(HOURS))
    sun: NDArray[np.float64] = field(default_factory=lambda: np.zeros(HOURS))
    """Global horizontal."""
    beam: NDArray[np.float64] = field(default_factory=lambda: np.full(HOURS, np.nan))
    """Direct normal; not a number where a file does not tell it."""
    diffuse: NDArray[np.float64] = field(default_factory=lambda: np.full(HOURS, np.nan))
    """Diffuse horizontal, as above."""
    latitude: float = 37.0
    """Of the file; without one that of California and North Carolina."""
    hour_mean: bool = False
    """Whether sun is the mean of the hour that ends then."""
    known: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(HOURS, np.bool_))


class _Reader:
    """Lines of one file, and where a fault is."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.hours = Hours()

    def wrong(self, line: int, text: str) -> FleetError:
        """A fault in a line, counted from 1."""
        return FleetError(f"--weather {self.path}: line {line}: {text}")

    def number(self, line: int, name: str, text: str, limits: tuple[float, float], scale: float = 1.0) -> float:
        """A value within its limits."""
        try:
            value = float(text) * scale
        except ValueError:
            raise self.wrong(line, f"{name} is {text.strip()!r}, expected a number") from None
        if not (math.isfinite(value) and limits[0] <= value <= limits[1]):
            raise self.wrong(line, f"{name} is {value:g}, expected {limits[0]:g} to {limits[1]:g}")
        return value

    def put(self, line: int, day: tuple[int, int], hour: int, values: tuple[float, float, float, float]) -> None:
        """One hour: month and day, full hour 0..24; temperature, global, direct and diffuse sun."""
        try:
            first = datetime(2001, 1, 1)  # noqa: DTZ001 - a day of any year
            of_year = (datetime(2001, *day) - first).days  # noqa: DTZ001
        except ValueError:
            raise self.wrong(line, f"month {day[0]}, day {day[1]} is no day") from None
        if not 0 <= hour <= 24:  # noqa: PLR2004 - hours of a day
            raise self.wrong(line, f"hour is {hour}, expected 0 to 24")
        at = (of_year * 24 + hour) % HOURS
        hours = self.hours
        hours.outdoor_c[at], hours.sun[at], hours.beam[at], hours.diffuse[at] = values
        self.hours.known[at] = True


def read_hours(path: Path, raw: bytes) -> Hours:
    """The hours of a file, whichever of the three formats it has.

    Raises:
        FleetError: Not one of them, or a line that is not as it should be.
    """
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        msg = f"--weather {path}: line {line}: not text; give a TMY2, TMY3 or CSV file"
        raise FleetError(msg) from error
    reader = _Reader(path, lines)
    if not lines:
        raise reader.wrong(1, "the file is empty; give a TMY2, TMY3 or CSV file")
    header = [name.strip() for name in lines[0].split(",")]
    if header[: len(_CSV_COLUMNS)] == list(_CSV_COLUMNS):
        _read_csv(reader)
        return reader.hours
    if len(lines) > 1 and lines[1].startswith(_TMY3_COLUMNS["at"]):
        _read_tmy3(reader)
    elif len(lines) > 1 and len(lines[1]) >= _TMY2_LINE and lines[1][:9].strip().isdigit():
        _read_tmy2(reader)
    else:
        expected = f"a TMY2 or TMY3 file, or a CSV that begins {','.join(_CSV_COLUMNS)}"
        raise reader.wrong(1, f"{lines[0][:40]!r} begins none of the formats known here: {expected}")
    reader.hours.hour_mean = True
    return reader.hours


def _read_tmy2(reader: _Reader) -> None:
    """Fixed columns: month 4-5, day 6-7, hour 8-9, sun 18-21, 24-27 and 30-33, tenths of a degree 68-71.

    Degrees of latitude stand in the header after its N.
    """
    words = reader.lines[0].split()
    if "N" in words[:-1]:
        degrees = words[words.index("N") + 1]
        reader.hours.latitude = reader.number(1, "latitude", degrees, (0.0, 66.0))
    for number, line in enumerate(reader.lines[1:], start=2):
        if not line.strip():
            continue
        if len(line) < _TMY2_LINE:
            raise reader.wrong(number, f"has {len(line)} characters, a line of TMY2 has {_TMY2_LINE}")
        month, day, hour = (int(reader.number(number, n, line[a : a + 2], (1, 31))) for n, a in
                            (("month", 3), ("day", 5), ("hour", 7)))  # fmt: skip
        sun, beam, diffuse = (
            reader.number(number, name, line[a : a + 4], (0.0, _SUN_MAX))
            for name, a in (("global horizontal sun", 17), ("direct sun", 23), ("diffuse sun", 29))
        )
        outdoor_c = reader.number(number, "dry bulb", line[67:71], (_COLDEST_C, _WARMEST_C), 0.1)
        reader.put(number, (month, day), hour, (outdoor_c, sun, beam, diffuse))


def _read_tmy3(reader: _Reader) -> None:
    """Comma-separated with a header in the second line."""
    names = [name.strip() for name in reader.lines[1].split(",")]
    missing = [name for name in _TMY3_COLUMNS.values() if name not in names]
    if missing:
        raise reader.wrong(2, f"columns {', '.join(missing)} are missing")
    at = {key: names.index(name) for key, name in _TMY3_COLUMNS.items()}
    place = reader.lines[0].split(",")
    if len(place) > _TMY3_LATITUDE:
        reader.hours.latitude = reader.number(1, "latitude", place[_TMY3_LATITUDE], (0.0, 66.0))
    for number, line in enumerate(reader.lines[2:], start=3):
        if not line.strip():
            continue
        cells = line.split(",")
        if len(cells) <= max(at.values()):
            raise reader.wrong(number, f"has {len(cells)} columns, expected more than {max(at.values())}")
        date = cells[at["at"]].split("/")
        if len(date) != 3:  # noqa: PLR2004 - month, day, year
            raise reader.wrong(number, f"date is {cells[at['at']]!r}, expected MM/DD/YYYY")
        month, day = (int(reader.number(number, "date", part, (1, 31))) for part in date[:2])
        hour = int(reader.number(number, "hour", cells[at["hour"]].split(":")[0], (0, 24)))
        sun, beam, diffuse = (
            reader.number(number, _TMY3_COLUMNS[key], cells[at[key]], (0.0, _SUN_MAX))
            for key in ("sun", "beam", "diffuse")
        )
        outdoor_c = reader.number(number, "dry bulb", cells[at["outdoor_c"]], (_COLDEST_C, _WARMEST_C))
        reader.put(number, (month, day), hour, (outdoor_c, sun, beam, diffuse))


def _read_csv(reader: _Reader) -> None:
    """Our own: time (ISO, local standard, full hours), outdoor_c, sun_w_per_m2; values at that instant."""
    for number, line in enumerate(reader.lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) < len(_CSV_COLUMNS):
            raise reader.wrong(number, f"has {len(cells)} columns, expected {', '.join(_CSV_COLUMNS)}")
        try:
            at = datetime.fromisoformat(cells[0])
        except ValueError:
            raise reader.wrong(number, f"time is {cells[0]!r}, expected ISO such as 2025-07-15T16:00") from None
        if at.minute or at.second:
            raise reader.wrong(number, f"time is {cells[0]}, expected a full hour")
        outdoor_c = reader.number(number, "outdoor_c", cells[1], (_COLDEST_C, _WARMEST_C))
        sun = reader.number(number, "sun_w_per_m2", cells[2], (0.0, _SUN_MAX))
        if (at.month, at.day) != (2, 29):
            reader.put(number, (at.month, at.day), at.hour, (outdoor_c, sun, math.nan, math.nan))
