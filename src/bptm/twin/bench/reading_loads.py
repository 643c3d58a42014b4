"""Measured loads of a scenario: each `[[load]]`, and the table of powers that it names.

    [[load]]
    file = "dryer.csv.gz"          # a CSV, also packed with gzip: a column time_s or Seconds, and powers beside it
    column = "Dryer_high_heat_1"
    unit = "kW"
    onto = "resistive_l12_w"
    at_s = 1.0
    from_s = 60.0                  # begins here in the record
    scale = 1.0
    label = "the dryer starts"

Each row's power is taken until the next row; the record may end with blank cells, where other columns go on. It is a
power, averaged by its meter over the time of a row: the current of a motor that starts is no longer in it.
"""

import csv
import gzip
import io
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bptm.twin.bench.catalogue import setup_rows
from bptm.twin.bench.faults import Fault, nearest, shown
from bptm.twin.bench.reading_changes import read_label
from bptm.twin.bench.reading_values import Faults, Layer, Stands, known_key, number_of, table_of, text_of
from bptm.twin.bench.scenario import Load
from bptm.twin.bench.toml_lines import Place

LOAD_BYTES_MAX = 20_000_000
"""Of a table, unpacked. Own choice: an hour at 0.2 s with ten columns is 1.4 MB."""

LOAD_ROWS_MAX = 200_000
"""Rows of a table. Own choice: two hours, the longest run, at 28 rows a second."""

LINES_TOLD_MAX = 20
"""So many bad lines of one table are told one by one; the others are counted."""

LOADS_MAX = 50
AT_MAX_S = 7200.0
SCALE_MAX = 1000.0
FROM_MAX_S = 1e7
ONTO = ("resistive_l1_w", "resistive_l2_w", "resistive_l12_w", "electronic_l1_w", "electronic_l2_w")
"""Settings of the premise that are a power and nothing else."""

_WATTS = {"W": 1.0, "kW": 1000.0}
_LOAD = ("file", "column", "at_s", "from_s", "onto", "scale", "unit", "label")
_TIMES = ("time_s", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """Which numbers of a table are asked for.

    Attributes:
        factor: Watts of 1 in it; None where its unit, its scale or its setting could not be read.
    """

    file: Path
    name: str
    factor: float | None
    onto: str


def read_loads(faults: Faults, layer: Layer, value: object) -> list[tuple[Load, str, Stands]]:
    """Every `[[load]]` of a layer that can be read, with its label (or "") and where it stands."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    if not isinstance(value, list):
        faults.add(layer, ("load",), shown(value), "tables [[load]]", "Write [[load]] with two brackets.")
    if len(items) > LOADS_MAX:
        faults.add(layer, ("load",), f"{len(items)} loads", f"at most {LOADS_MAX}", "Add some up in one table.")
        return []
    found: list[tuple[Load, str, Stands]] = []
    for index, item in enumerate(items):
        table = table_of(faults, layer, ("load", index), item)
        if table is None:
            continue
        place = ("load", index)
        label = read_label(faults, layer, (*place, "label"), table["label"]) if "label" in table else ""
        load = _load(faults, layer, place, table)
        if load is not None:
            found.append((load, label, Stands(layer=layer, place=place)))
    return found


def _load(faults: Faults, layer: Layer, place: Place, table: Mapping[str, object]) -> Load | None:
    before = len(faults.found)
    for key in table:
        known_key(faults, layer, (*place, key), _LOAD)
    for key in ("file", "column", "unit", "onto", "at_s"):
        if key not in table:
            faults.add(layer, place, f"no {key}", f"{key} in every [[load]]", _MISSING[key])
    texts = {
        key: text_of(faults, layer, (*place, key), table[key])
        for key in ("file", "column", "unit", "onto")
        if key in table
    }
    at_s = number_of(faults, layer, (*place, "at_s"), table.get("at_s", 0.0), (0.0, AT_MAX_S, "s"))
    from_s = number_of(faults, layer, (*place, "from_s"), table.get("from_s", 0.0), (0.0, FROM_MAX_S, "s"))
    scale = number_of(faults, layer, (*place, "scale"), table.get("scale", 1.0), (1e-6, SCALE_MAX, ""))
    unit, onto = texts.get("unit"), texts.get("onto")
    if unit is not None and unit not in _WATTS:
        faults.add(layer, (*place, "unit"), shown(unit), '"kW" or "W"', _MISSING["unit"])
    if onto is not None and onto not in ONTO:
        _refuse_onto(faults, layer, (*place, "onto"), onto)
    file = layer.file.parent / (texts.get("file") or "")
    if texts.get("file") and not file.is_file():
        faults.add(layer, (*place, "file"), shown(texts["file"]), "a file", "Put the table beside the scenario.")
    if not texts.get("file") or not file.is_file() or not texts.get("column"):
        return None
    # A table is read, and what is wrong with it told, whatever else is wrong with the load.
    is_sized = unit in _WATTS and onto in ONTO and scale is not None
    column = _Column(
        file=file,
        name=str(texts["column"]),
        factor=_WATTS[unit or ""] * (scale or 1.0) if is_sized else None,
        onto=onto or "",
    )
    rows = _rows(faults, layer, place, column)
    if rows is None or len(faults.found) > before or at_s is None or from_s is None:
        return None
    times_s, watts = _cut(rows, from_s)
    if not times_s:
        length_s = rows[0][-1] - rows[0][0]
        faults.add(layer, (*place, "from_s"), f"{from_s:g} s", f"less than {length_s:g} s", "The record ends there.")
        return None
    if not any(watts):
        found = f"0 W in column {column.name!r} from {from_s:g} s on"
        faults.add(layer, place, found, "a power somewhere", "Name a column, or a part of it, with a load.")
        return None
    return Load(file=file, column=column.name, onto=column.onto, at_s=at_s, times_s=tuple(times_s), watts=tuple(watts))


_MISSING = {
    "file": "Name a CSV, or one packed with gzip, beside the scenario.",
    "column": "Name the column whose powers are taken.",
    "unit": 'Say in what its powers are written: unit = "kW" or "W".',
    "onto": f"Name a setting of [premise]: {', '.join(ONTO)}.",
    "at_s": "Say when it begins.",
}


def _refuse_onto(faults: Faults, layer: Layer, place: Place, onto: str) -> None:
    row = setup_rows()["premise"].get(onto.removeprefix("premise."))
    if onto.startswith("premise.") and row is not None and row.name in ONTO:
        remedy = f"Write {row.name} without its section."
    elif onto.startswith("motor_"):
        remedy = (
            "A motor takes what its speed makes it take: call for it with motor_a_on. A recorded power is no start."
        )
    elif onto.startswith("thermostat_"):
        remedy = "A thermostat switches by itself: give its power there, or the record onto resistive_l12_w."
    else:
        remedy = nearest(onto, ONTO)
    faults.add(layer, place, shown(onto), " or ".join(ONTO), remedy)


def _cut(rows: tuple[list[float], list[float]], from_s: float) -> tuple[list[float], list[float]]:
    """From `from_s` of the record on, in steps: equal powers in a row are one; 0 W where the record ends."""
    times_s, watts = rows
    times_s = [time_s - times_s[0] - from_s for time_s in times_s]
    if times_s[-1] <= 0.0:
        return [], []
    steps: list[tuple[float, float]] = []
    for time_s, power_w in zip(times_s, watts, strict=True):
        begins_s = max(time_s, 0.0)
        if steps and steps[-1][0] == begins_s:
            steps.pop()
        if not steps or steps[-1][1] != power_w:
            steps.append((begins_s, power_w))
    return [time_s for time_s, _power_w in steps], [power_w for _time_s, power_w in steps]


def _rows(faults: Faults, layer: Layer, place: Place, column: _Column) -> tuple[list[float], list[float]] | None:
    """Times and watts of a column, and after its last row the time at which that ends, with 0 W; None, and faults."""
    here = (*place, "file")
    try:
        text = _text(column.file)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        words = " ".join(str(error).split())
        faults.add(layer, here, f"a file that cannot be read ({words})", "a CSV in UTF-8", "Write it anew.")
        return None
    if text is None:
        needs = f"at most {LOAD_BYTES_MAX} bytes, unpacked"
        faults.add(layer, here, f"{column.file.name}, which has more", needs, "Cut out the part that is played.")
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [word.strip() for word in next(reader, cast("list[str]", []))]
        lines = [(reader.line_num, words) for words in reader if any(word.strip() for word in words)]
    except csv.Error as error:
        found = f"line {reader.line_num} of {column.file.name}: {error}"
        faults.add(layer, here, found, "a CSV with commas", "Write it anew.")
        return None
    if len(lines) > LOAD_ROWS_MAX:
        needs = f"at most {LOAD_ROWS_MAX}"
        faults.add(layer, here, f"{len(lines)} rows in {column.file.name}", needs, "Cut out the part that is played.")
        return None
    places = _places(faults, layer, place, column, head)
    return None if places is None else _numbers(faults, column, lines, places)


def _text(file: Path) -> str | None:
    """The table, unpacked; None where it is too long. A packed bomb is unpacked no further than that."""
    with file.open("rb") as opened:
        is_packed = opened.read(2) == b"\x1f\x8b"
        opened.seek(0)
        source = gzip.GzipFile(fileobj=opened) if is_packed else opened
        raw = source.read(LOAD_BYTES_MAX + 1)
    return None if len(raw) > LOAD_BYTES_MAX else raw.decode("utf-8-sig")


def _places(faults: Faults, layer: Layer, place: Place, column: _Column, head: Sequence[str]) -> tuple[int, int] | None:
    """Which columns are the time and the power."""
    times = [index for index, word in enumerate(head) if word.lower() in _TIMES]
    powers = [index for index, word in enumerate(head) if word == column.name and index not in times]
    if len(times) != 1:
        columns = ", ".join(head) or "none"
        found = f"{shown(columns)} as the columns of {column.file.name}"
        faults.add(layer, (*place, "file"), found, "one column time_s or Seconds", "Its first line names the columns.")
    if len(powers) != 1:
        known = [word for word in head if word.lower() not in _TIMES]
        needs = f"one column of {column.file.name}"
        remedy = "Name each column once there." if powers else nearest(column.name, known, f"{column.file}:1")
        faults.add(layer, (*place, "column"), shown(column.name), needs, remedy)
    return (times[0], powers[0]) if len(times) == 1 and len(powers) == 1 else None


def _numbers(
    faults: Faults, column: _Column, lines: Sequence[tuple[int, list[str]]], places: tuple[int, int]
) -> tuple[list[float], list[float]] | None:
    factor = column.factor or 1.0
    times_s: list[float] = []
    watts: list[float] = []
    numbers: list[int] = []
    bad: list[Fault] = []
    ended_line = 0

    def refuse(line: int, key: str, found: str, needs: str, remedy: str) -> None:
        bad.append(Fault(file=column.file, line=line, key=key, found=found, needs=needs, remedy=remedy))

    for line, words in lines:
        time_word, word = (words[at].strip() if at < len(words) else "" for at in places)
        if not word:
            ended_line = ended_line or line
            continue
        if ended_line:
            refuse(ended_line, column.name, "a blank cell", "a power", f"Line {line} has one again: fill the gap.")
            ended_line = 0
        time_s, power = _number(time_word), _number(word)
        if time_s is None or (times_s and time_s <= times_s[-1]):
            needs = f"seconds after {times_s[-1]:g}" if times_s else "seconds"
            refuse(line, "time", shown(time_word), needs, "Times are numbers that rise from row to row.")
        if power is None or power < 0.0:
            refuse(line, column.name, shown(word), "a power, 0 or more", "What a load gives back is not played.")
        if time_s is not None and power is not None and (not times_s or time_s > times_s[-1]):
            times_s.append(time_s)
            watts.append(power * factor)
            numbers.append(line)
    if not bad and len(times_s) < 2:  # noqa: PLR2004  the last row lasts as long as the one before
        refuse(0, column.name, f"{len(times_s)} rows with a power", "at least 2", "A record has a length.")
    highest_w = setup_rows()["premise"][column.onto].highest if column.factor else math.inf
    too_high = [index for index, power_w in enumerate(watts) if power_w > highest_w]
    if too_high:
        # One sentence: where a unit or a scale is wrong, every line is.
        worst = max(too_high, key=lambda index: watts[index])
        found = f"{watts[worst]:g} W{f', and {len(too_high) - 1} more lines too high' if len(too_high) > 1 else ''}"
        remedy = f"Look at unit and scale: they make {factor:g} W of 1."
        refuse(numbers[worst], column.name, found, f"at most {highest_w:g} W for {column.onto}", remedy)
    faults.found += bad[:LINES_TOLD_MAX]
    if len(bad) > LINES_TOLD_MAX:
        last = bad[-1]
        found = f"{len(bad) - LINES_TOLD_MAX} more bad values, the last in line {last.line}"
        faults.found.append(
            Fault(file=column.file, line=last.line, key=column.name, found=found, needs="none", remedy="See above.")
        )
    if bad:
        return None
    return [*times_s, 2.0 * times_s[-1] - times_s[-2]], [*watts, 0.0]


def _number(word: str) -> float | None:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
