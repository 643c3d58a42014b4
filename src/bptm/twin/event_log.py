"""Reads a raw change log of a utility's outage map, row by row, believing nothing.

A log is CSV, plain or gzip, in the layout of the record named in docs/explanation/event.md: each row says that
at one snapshot of the map an outage was new, changed or gone. What it says is judged in `event_rebuild`; this
file only makes sure that it says something.

Failures: `EventFileError` is the only one. It names file, line, what was expected and what was there.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

RAW_COLUMNS = (
    "snapshot_utc",
    "outage",
    "event",
    "customers",
    "cause",
    "crew",
    "etor_utc",
    "start_utc",
    "lat",
    "lon",
    "region",
)

PSPS = "psps"
"""Cause of a planned shutoff (public safety power shutoff) in these records."""

UNKNOWN_CAUSE = "unknown"

ROWS_MAX = 2_000_000
"""A log of ten days has 71,000 rows; this bounds what a hostile or mistaken file can make us hold."""

LINE_LENGTH_MAX = 2_000
REGION_LENGTH_MAX = 80
SEEN_LENGTH_MAX = 80
"""As much of a wrong value as a sentence can carry."""

CUSTOMERS_MAX = 20_000_000
"""More than any utility has: a larger count is a damaged file."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,3}(\.\d{1,12})?", re.ASCII)
_CAUSE = re.compile(r"[a-z][a-z_]{0,39}", re.ASCII)
_OUTAGE = re.compile(r"[A-Za-z0-9_.:-]{1,40}", re.ASCII)


class EventFileError(Exception):
    """An event's file cannot be used. Its text is one sentence: file, line, what was expected, what was seen."""

    def __init__(self, path: Path, line: int, expected: str, seen: str) -> None:
        """Make the sentence.

        Args:
            path: The file as the user named it.
            line: Number of the line, from 1; 0 when the trouble is with the file as a whole.
            expected: What should have stood there.
            seen: What stood there; shortened, and made printable.
        """
        shown = seen if len(seen) <= SEEN_LENGTH_MAX else seen[:SEEN_LENGTH_MAX] + "..."
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: expected {expected}, found {shown!a}")
        self.path = path
        self.line = line
        self.expected = expected
        self.seen = seen


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageFacts:
    """What a record says once of an outage, when it appears."""

    start_s: int | None
    """When the record believes that the power went, Unix seconds; missing when it does not say."""
    lat: float
    lon: float
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of a log."""

    at_s: int
    outage: str
    customers: int | None
    """Customers out from this snapshot on; none when the outage is gone."""
    cause: str
    facts: OutageFacts | None
    """Given when the outage is new, not when it changes or goes."""


class LineReader:
    """Rows of a CSV file, each with its line number, and the one way to complain about one.

    Quoting is CSV's, but a row is a line: no field in these records holds a line break.
    """

    def __init__(self, path: Path) -> None:
        """Remember the file. Nothing is opened yet."""
        self.path = path
        self.line = 0

    def bad(self, expected: str, seen: str) -> EventFileError:
        """Error at the line last read."""
        return EventFileError(self.path, self.line, expected, seen)

    def rows(self, columns: tuple[str, ...], *, comments: list[str] | None = None) -> Iterator[list[str]]:
        """Fields of each row after the heading.

        Args:
            columns: What the heading must say.
            comments: Takes the lines that begin with `#` before the heading; without it there may be none.

        Raises:
            EventFileError: The file cannot be opened, decompressed or decoded, its heading is another one, a row
                has another number of fields, or there are too many rows.
        """
        try:
            with self._open() as text:
                yield from self._rows_of(text, columns, comments)
        except UnicodeDecodeError as failure:
            self.line += 1
            raise self.bad(expected="text in UTF-8", seen=f"byte {failure.object[failure.start]:#04x}") from failure
        except (gzip.BadGzipFile, EOFError, zlib.error) as failure:
            raise self.bad(expected="a whole, undamaged gzip file", seen=str(failure)) from failure
        except OSError as failure:
            self.line = 0
            raise self.bad(expected="a file that can be read", seen=failure.strerror or str(failure)) from failure

    def _open(self) -> TextIO:
        if self.path.name.endswith(".gz"):
            return gzip.open(self.path, "rt", encoding="utf-8", newline="\n")
        return self.path.open(encoding="utf-8", newline="\n")

    def _rows_of(self, text: TextIO, columns: tuple[str, ...], comments: list[str] | None) -> Iterator[list[str]]:
        heading_seen = False
        # `readline` with a limit, so that a file without line breaks is not read whole.
        while line := text.readline(LINE_LENGTH_MAX + 1):
            self.line += 1
            if len(line) > LINE_LENGTH_MAX:
                expected = f"a line of at most {LINE_LENGTH_MAX} characters"
                raise self.bad(expected, line)
            if self.line > ROWS_MAX:
                expected = f"at most {ROWS_MAX} lines"
                raise self.bad(expected, line)
            line = line.rstrip("\r\n")
            if not heading_seen and comments is not None and line.startswith("#"):
                comments.append(line)
                continue
            fields = self._fields(line)
            if not heading_seen:
                if tuple(fields) != columns:
                    raise self.bad("the heading " + ",".join(columns), line)
                heading_seen = True
                continue
            if len(fields) != len(columns):
                expected = f"{len(columns)} fields ({','.join(columns)})"
                raise self.bad(expected, f"{len(fields)}: {line}")
            yield fields
        if not heading_seen:
            self.line += 1
            raise self.bad("the heading " + ",".join(columns), "the end of the file")

    def _fields(self, line: str) -> list[str]:
        if '"' not in line:
            return line.split(",")
        try:
            return next(csv.reader([line], strict=True))
        except csv.Error as failure:
            raise self.bad(expected="a row of CSV", seen=line) from failure

    def instant_s(self, text: str, column: str) -> int:
        """Unix time of a UTC instant."""
        if _TIME.fullmatch(text):
            try:
                return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())
            except (ValueError, OverflowError):
                pass
        expected = f"{column} as a UTC time such as 2019-10-27T00:30:22Z"
        raise self.bad(expected, text)

    def whole(self, text: str, column: str, most: int) -> int:
        """A whole number from 0 to `most`."""
        if _WHOLE.fullmatch(text) and int(text) <= most:
            return int(text)
        expected = f"{column} as a whole number from 0 to {most}"
        raise self.bad(expected, text)

    def degrees(self, text: str, column: str, most: int) -> float:
        """An angle of at most `most` degrees either way."""
        if _DECIMAL.fullmatch(text) and abs(float(text)) <= most:
            return float(text)
        expected = f"{column} as degrees from -{most} to {most}"
        raise self.bad(expected, text)

    def cause(self, text: str) -> str:
        """A cause: one word in small letters; an empty one is unknown."""
        if not text:
            return UNKNOWN_CAUSE
        if _CAUSE.fullmatch(text):
            return text
        expected = "cause as one word in small letters, such as psps"
        raise self.bad(expected, text)

    def region(self, text: str) -> str:
        """Name of a place; it is shown to people, so it is short and printable."""
        if len(text) <= REGION_LENGTH_MAX and text.isprintable():
            return text.strip() or "unnamed"
        expected = f"region as at most {REGION_LENGTH_MAX} printable characters"
        raise self.bad(expected, text)


def read_changes(path: Path) -> list[Change]:
    """Every row of a raw change log, in order, each fitting those before it.

    Raises:
        EventFileError: The file cannot be read, a value is not of its kind, time runs backwards, or an outage
            changes or goes that was not there, or comes when it already was.
    """
    reader = LineReader(path)
    changes: list[Change] = []
    shown: dict[str, str] = {}
    at_text, at_s = "", 0
    for row in reader.rows(RAW_COLUMNS):
        if row[0] != at_text:
            now_s = reader.instant_s(row[0], "snapshot_utc")
            if now_s < at_s:
                expected = f"a snapshot_utc not before {at_text}"
                raise reader.bad(expected, row[0])
            at_text, at_s = row[0], now_s
        changes.append(_change(reader, row, at_s, shown))
    if not changes:
        reader.line += 1
        expected = "at least one row after the heading"
        raise reader.bad(expected, "the end of the file")
    return changes


def _change(reader: LineReader, row: list[str], at_s: int, shown: dict[str, str]) -> Change:
    """One row, judged against the outages shown before it; `shown` is brought up to date."""
    _snapshot, outage, event, customers, cause, _crew, _etor, start, lat, lon, region = row
    if not _OUTAGE.fullmatch(outage):
        expected = "outage as a number or name of at most 40 letters and digits"
        raise reader.bad(expected, outage)
    if event == "new":
        if outage in shown:
            expected = f"upd or gone: outage {outage} was already there"
            raise reader.bad(expected, event)
        facts = OutageFacts(
            start_s=reader.instant_s(start, "start_utc") if start else None,
            lat=reader.degrees(lat, "lat", 90),
            lon=reader.degrees(lon, "lon", 180),
            region=reader.region(region),
        )
    elif event in {"upd", "gone"}:
        if outage not in shown:
            expected = f"new: outage {outage} was not there before"
            raise reader.bad(expected, event)
        facts = None
    else:
        expected = "event as new, upd or gone"
        raise reader.bad(expected, event)
    if event == "gone":
        return Change(at_s=at_s, outage=outage, customers=None, cause=shown.pop(outage), facts=None)
    shown[outage] = reader.cause(cause)
    count = reader.whole(customers, "customers", CUSTOMERS_MAX)
    return Change(at_s=at_s, outage=outage, customers=count, cause=shown[outage], facts=facts)
