"""An outage event to replay: who was without power, where, from when to when.

Two sources: the table that ships with the project (`load_shipped`), and a raw change log of a utility's outage
map (`load_raw`), from which `scripts/condense_event.py` made that table. Both give the same `OutageEvent`, to the
minute and to four decimals of a degree. Rules and errors: docs/explanation/event.md.

Failures: `EventFileError`, with file, line, what was expected and what was seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bptm.twin.event_log import CUSTOMERS_MAX, PSPS, EventFileError, LineReader, read_changes
from bptm.twin.event_rebuild import Rebuilt, Spell, rebuild
from bptm.twin.near import distances_km

__all__ = ["EventFileError", "OutageEvent", "known_events", "load_raw", "load_shipped", "load_table", "write_table"]

SHIPPED_DIRECTORY = "bptm.twin.events"
SHIPPED_NAME = "pge-2019-10-26"
SHIPPED_FILE = "pge_2019_10_26.csv"

LEAD_S = 3600
"""An event starts this long before its shutoff, and ends this long after it is over, so that meters are seen on
the utility before, and returning after."""

RISE_WITHIN_S = 3600
RISE_OF_PEAK = 0.05
OVER_OF_PEAK = 0.01
"""A shutoff is over when its customers stay below this part of their peak for an hour. The last of them come back
over days, as single repairs."""

HIT_KM = 2.0
"""Outages of other causes belong to the event within this distance of a place that was shut off."""

SINGLE = 1
"""An outage of another cause with one customer is that home's own service, not the event. (28 % of the rows, 0.2 %
of the customers of 2019.)"""

TABLE_COLUMNS = ("region", "lat", "lon", "customers", "off_min", "on_min", "cause")
TABLE_KEYS = ("name", "title", "source", "start_utc", "end_utc")
MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageEvent:
    """What happened, as facts. Instants are whole minutes as Unix seconds; `blocks` are in order of `off_s`.

    A block that was still out at the end has no `on_s`; one that was out before the start keeps its true `off_s`.
    """

    name: str
    title: str
    source: str
    start_s: int
    end_s: int
    blocks: tuple[Spell, ...]

    def customers_out(self, times_s: Iterable[int], cause: str | None = None) -> NDArray[np.int64]:
        """Customers without power at each instant; those of one cause, or all."""
        blocks = [block for block in self.blocks if cause in {None, block.cause}]
        customers = np.array([block.customers for block in blocks], dtype=np.int64)
        at_s = np.array(list(times_s), dtype=np.int64)
        off = _running(np.array([block.off_s for block in blocks], dtype=np.int64), customers, at_s)
        still = np.iinfo(np.int64).max
        on_s = np.array([still if block.on_s is None else block.on_s for block in blocks], dtype=np.int64)
        return off - _running(on_s, customers, at_s)


def _running(when_s: NDArray[np.int64], customers: NDArray[np.int64], at_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum of the customers whose instant is at or before each of `at_s`."""
    order = np.argsort(when_s, kind="stable")
    sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(customers[order])))
    return sums[np.searchsorted(when_s[order], at_s, side="right")]


def utc_text(at_s: int) -> str:
    """An instant as people write it, to the minute."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%MZ")


def load_raw(path: Path, from_s: int | None = None) -> OutageEvent:
    """Event in a raw change log, plain or gzip.

    Args:
        path: The log.
        from_s: Start of the event, Unix seconds, in place of one hour before the shutoff.

    Raises:
        EventFileError: The log is malformed, holds no planned shutoff and no start is given, or the start lies
            outside the log.
    """
    log = rebuild(read_changes(path))
    start_s, end_s = _window(path, log, from_s)
    blocks = _blocks(log.spells, start_s, end_s)
    if not blocks:
        expected = f"an outage between {utc_text(start_s)} and {utc_text(end_s)}"
        raise EventFileError(path, 0, expected, "none")
    # A file's name can hold anything but / and NUL; these are shown to people and stand on one line.
    file_name = "".join(letter if letter.isprintable() else "?" for letter in path.name)
    return OutageEvent(
        name=file_name.split(".")[0] or "event",
        title=f"Outages recorded in {file_name} from {utc_text(start_s)} to {utc_text(end_s)}",
        source=file_name,
        start_s=start_s,
        end_s=end_s,
        blocks=blocks,
    )


def _window(path: Path, log: Rebuilt, from_s: int | None) -> tuple[int, int]:
    """Start and end of the event in a log, whole minutes."""
    first_s, last_s = log.times_s[0], log.times_s[-1]
    # A whole minute, so that a start found here can be given back.
    earliest_s = first_s - LEAD_S - first_s % MINUTE_S
    if from_s is not None and not earliest_s <= from_s < last_s:
        expected = f"a start from {utc_text(earliest_s)} to before {utc_text(last_s)}, which this log covers"
        raise EventFileError(path, 0, expected, utc_text(from_s))
    shutoff = _shutoff(np.array(log.times_s, dtype=np.int64), np.array(log.psps_customers, dtype=np.int64))
    if from_s is not None:
        start_s = from_s
    elif shutoff is not None:
        start_s = shutoff[0] - LEAD_S
    else:
        expected = "a planned shutoff (cause psps) that rises within the log, or a start given with --from"
        raise EventFileError(path, 0, expected, f"at most {max(log.psps_customers)} customers under psps")
    end_s = last_s if shutoff is None else min(shutoff[1] + LEAD_S, last_s)
    if end_s <= start_s:
        end_s = last_s
    return start_s - start_s % MINUTE_S, end_s + -end_s % MINUTE_S


def _shutoff(times_s: NDArray[np.int64], psps: NDArray[np.int64]) -> tuple[int, int] | None:
    """First rise and end of the shutoff with the highest peak in a log, or none when nothing rises.

    A log can hold several shutoffs. This one reaches from its peak both ways until customers stay below 1 % of it
    for an hour. Its rise is the first snapshot with 5 % of the peak more than at some time in the hour before.
    """
    peak = int(psps.max())
    above = np.flatnonzero(psps >= max(OVER_OF_PEAK * peak, 1))
    if not above.size:
        return None
    apart = (np.diff(times_s[above]) > RISE_WITHIN_S) & (np.diff(above) > 1)
    group = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(apart)))
    own = above[group == group[int(np.searchsorted(above, int(psps.argmax())))]]
    after_s = times_s[own[-1] + 1 :]
    end_s = int(after_s[0] if after_s.size else times_s[-1])
    for index in range(int(own[0]), int(own[-1]) + 1):
        # Snapshots without a change are not in a log: what held an hour ago was said at or before that time.
        since = max(int(np.searchsorted(times_s, int(times_s[index]) - RISE_WITHIN_S, side="right")) - 1, 0)
        if psps[index] - psps[since : index + 1].min() >= RISE_OF_PEAK * peak:
            return int(times_s[index]), end_s
    return None


def _blocks(spells: Iterable[Spell], start_s: int, end_s: int) -> tuple[Spell, ...]:
    """Spells of the event: those shut off, and all others near them; without a shutoff, all."""
    inside = [s for s in spells if s.off_s < end_s and (s.on_s is None or s.on_s > start_s)]
    shut = [s for s in inside if s.cause == PSPS]
    lats = np.array([s.lat for s in shut], dtype=np.float64)
    lons = np.array([s.lon for s in shut], dtype=np.float64)
    sums: dict[tuple[int, str, float, float, int, str], int] = {}
    for s in inside:
        if shut and s.cause != PSPS:
            near = (distances_km(s.lat, s.lon, lats, lons) <= HIT_KM).any()
            if s.customers == SINGLE or not near:
                continue
        off_s = s.off_s - s.off_s % MINUTE_S
        on_s = end_s if s.on_s is None else min(s.on_s - s.on_s % MINUTE_S, end_s)
        if on_s > off_s:
            key = (off_s, s.region, s.lat, s.lon, on_s, s.cause)
            sums[key] = sums.get(key, 0) + s.customers
    return tuple(
        Spell(
            lat=lat,
            lon=lon,
            region=region,
            customers=customers,
            off_s=off_s,
            on_s=None if on_s == end_s else on_s,
            cause=cause,
        )
        for (off_s, region, lat, lon, on_s, cause), customers in sorted(sums.items())
    )


def write_table(event: OutageEvent, remarks: Iterable[str] = ()) -> str:
    """The event as a condensed table; `load_table` gives the same event back."""
    values = (event.name, event.title, event.source, utc_text(event.start_s), utc_text(event.end_s))
    lines = [f"# {key}: {value}" for key, value in zip(TABLE_KEYS, values, strict=True)]
    lines += [f"# {remark}" for remark in remarks]
    lines.append(",".join(TABLE_COLUMNS))
    for block in event.blocks:
        off = (block.off_s - event.start_s) // MINUTE_S
        on = "" if block.on_s is None else (block.on_s - event.start_s) // MINUTE_S
        region = '"' + block.region.replace('"', '""') + '"' if set(block.region) & set(',"') else block.region
        lines.append(f"{region},{block.lat:.4f},{block.lon:.4f},{block.customers},{off},{on},{block.cause}")
    return "\n".join(lines) + "\n"


def load_table(path: Path) -> OutageEvent:
    """Event in a condensed table.

    Raises:
        EventFileError: The table is malformed.
    """
    reader = LineReader(path)
    comments: list[str] = []
    blocks: list[Spell] = []
    start_s = end_s = 0
    header: dict[str, str] = {}
    for row in reader.rows(TABLE_COLUMNS, comments=comments):
        if not header:
            header = _header(reader, comments)
            start_s = reader.instant_s(header["start_utc"], "start_utc")
            end_s = reader.instant_s(header["end_utc"], "end_utc")
        blocks.append(_block(reader, row, start_s, end_s))
    if not blocks:
        reader.line += 1
        expected = "at least one row after the heading"
        raise reader.bad(expected, "the end of the file")
    return OutageEvent(
        name=header["name"],
        title=header["title"],
        source=header["source"],
        start_s=start_s,
        end_s=end_s,
        blocks=tuple(blocks),
    )


def _header(reader: LineReader, comments: Iterable[str]) -> dict[str, str]:
    """The named values in the comments before the heading."""
    pairs = (comment.removeprefix("# ").partition(": ") for comment in comments)
    header = {key: value for key, _colon, value in pairs if key in TABLE_KEYS}
    for key in TABLE_KEYS:
        if not header.get(key):
            expected = f"a line '# {key}: ...' before the heading"
            raise EventFileError(reader.path, 0, expected, "none")
    return header


def _block(reader: LineReader, row: list[str], start_s: int, end_s: int) -> Spell:
    """One row of a condensed table."""
    region, lat, lon, customers, off, on, cause = row
    most_min = (end_s - start_s) // MINUTE_S
    before = off.removeprefix("-")
    off_min = reader.whole(before, "off_min", CUSTOMERS_MAX) * (-1 if before != off else 1)
    on_min = reader.whole(on, "on_min", most_min) if on else None
    if off_min >= (most_min if on_min is None else on_min):
        expected = "off_min before on_min and before the end of the event"
        raise reader.bad(expected, ",".join(row))
    return Spell(
        lat=reader.degrees(lat, "lat", 90),
        lon=reader.degrees(lon, "lon", 180),
        region=reader.region(region),
        customers=reader.whole(customers, "customers", CUSTOMERS_MAX),
        off_s=start_s + MINUTE_S * off_min,
        on_s=None if on_min is None else start_s + MINUTE_S * on_min,
        cause=reader.cause(cause),
    )


def load_shipped() -> OutageEvent:
    """The event that ships with the project.

    Raises:
        EventFileError: The table is damaged.
    """
    with as_file(files(SHIPPED_DIRECTORY) / SHIPPED_FILE) as path:
        return load_table(path)


def known_events() -> dict[str, str]:
    """Name and title of each event that ships with the project."""
    event = load_shipped()
    return {event.name: event.title}
