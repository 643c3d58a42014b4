"""The head-end's export of chained events, read one at a time: verified, counted, and one meter's kept for its dossier.

`GET /api/v1/chain/export` writes the recorded head on its first line and one event on each line after it, so that an
export of any size is read in bounded memory. An export that stands on one line is read whole, up to a limit.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from bptm.operations.event_chain import ChainWalk, Verdict
from bptm.terms import core_codes as c
from bptm.terms.refusals import Refused, Unmet

WHOLE_BYTES_MAX = 300_000_000
"""An export on one line has to be held whole: about ten times its size in memory. Own choice."""

LINE_BYTES_MAX = 1_000_000
"""An event takes about 2 kB; a longer line is another kind of file."""

_FIRST_LINE_END = b'"events":['
_NEEDED = frozenset({"event_no", "meter_id", "at_s", "cause", "code", "mode", "fed_by", "transfers"})

INCIDENTS = {
    "backfeed detected or refused": (c.CAUSE_BACKFEED, c.CAUSE_UTILITY_FOLLOWS_BUS, c.CAUSE_FOLLOWED_REPEATEDLY),
    "welded or stuck contacts": (
        c.CAUSE_B_WELDED, c.CAUSE_U_FAILED_TO_OPEN, c.CAUSE_B_FAILED_TO_OPEN, c.CAUSE_CONTACT_UNKNOWN,
    ),
    "broken neutral": (c.CAUSE_PREMISE_NEUTRAL, c.CAUSE_BACKUP_NEUTRAL),
    "wrong legs of the source": (c.CAUSE_BACKUP_LEGS_WRONG,),
    "load-side source or reverse power": (c.CAUSE_LOAD_SIDE_SOURCE, c.CAUSE_REVERSE_POWER),
    "overload": (c.CAUSE_OVERLOAD, c.CAUSE_OVERLOAD_REPEATED),
    "hot or unmated inlet": (c.CAUSE_INLET_HOT, c.CAUSE_INLET_UNMATED),
}  # fmt: skip
"""Causes of changes of mode that count as an incident, by what was prevented or found."""

_INCIDENT_OF = {cause: words for words, causes in INCIDENTS.items() for cause in causes}


@dataclass(slots=True, kw_only=True)
class Tally:
    """What events add up to.

    Attributes:
        events_count: Events, also those after a fault of the chain.
        meters: Meters that reported any.
        transfers_count: Changes of mode to backup.
        incidents: Of each kind: events, and the meters they are of.
    """

    events_count: int = 0
    meters: set[str] = field(default_factory=set[str])
    transfers_count: int = 0
    incidents: dict[str, tuple[int, set[str]]] = field(
        default_factory=lambda: {words: (0, set[str]()) for words in INCIDENTS}
    )
    _since: dict[str, float] = field(default_factory=dict[str, float])
    _last: dict[str, float] = field(default_factory=dict[str, float])
    _ended_s: float = 0.0

    def take(self, event: Mapping[str, Any]) -> None:
        """The next event."""
        meter, at_s = str(event["meter_id"]), float(event["at_s"])
        self.events_count += 1
        self.meters.add(meter)
        self._last[meter] = at_s
        if event["fed_by"] == c.FED_BY_BACKUP:
            self._since.setdefault(meter, at_s)
        elif meter in self._since:
            self._ended_s += max(at_s - self._since.pop(meter), 0.0)
        if event["code"] != c.EVENT_MODE_CHANGED:
            return
        self.transfers_count += event["mode"] == c.MODE_ON_BACKUP
        words = _INCIDENT_OF.get(event["cause"])
        if words is not None:
            count, meters = self.incidents[words]
            meters.add(meter)
            self.incidents[words] = (count + 1, meters)

    def backup_minutes(self) -> tuple[float, int]:
        """Customer-minutes on backup, and how many stretches were still open at a meter's last event.

        A stretch begins with an event that shows the backup feeding the premise and ends with the next that shows
        another; one that is still open counts up to the meter's last event, and no further.
        """
        still_s = sum(max(self._last[meter] - begun, 0.0) for meter, begun in self._since.items())
        return (self._ended_s + still_s) / 60, len(self._since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """An export, read.

    Attributes:
        path: The file.
        verdict: What its chain says.
        tally: What its events add up to.
        own: The events of the meter that was asked for, in order.
    """

    path: Path
    verdict: Verdict
    tally: Tally
    own: Sequence[Mapping[str, Any]]


class _NoExportError(Exception):
    """The file is no export; the text says how."""


def read_events(path: Path, meter: str = "") -> Events | Refused:
    """The events of an export; a broken chain is no refusal, since it is what a dossier must show.

    Args:
        path: The export.
        meter: The meter whose events are kept; of the others only the counts are.
    """
    walk, tally, own = ChainWalk(), Tally(), list[Mapping[str, Any]]()
    try:
        reader = _Reader(path)
        for number, event in enumerate(reader.events(), 1):
            _check(number, event)
            walk.take(event)
            tally.take(event)
            if meter and event["meter_id"] == meter:
                own.append(event)
    except OSError as error:
        return _no(path, error.strerror or "it cannot be read")
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return _no(path, f"no JSON ({error})")
    except _NoExportError as error:
        return _no(path, str(error))
    return Events(path=path, verdict=walk.verdict(reader.head_no, reader.head), tally=tally, own=own)


class _Reader:
    """An export's events in order, and its recorded head once the first of them was asked for."""

    def __init__(self, path: Path) -> None:
        """Of the file at `path`; nothing is read yet."""
        self._path = path
        self.head_no: object = None
        self.head: object = None

    def events(self) -> Iterator[dict[str, Any]]:
        """Each event.

        Raises:
            OSError: It cannot be read.
            json.JSONDecodeError: A line of it, or all of it, is no JSON.
            _NoExportError: It is JSON of another kind, ends in its middle, or is too large to be held whole.
        """
        with self._path.open("rb") as stream:
            first = stream.readline(LINE_BYTES_MAX).rstrip()
            if not first.endswith(_FIRST_LINE_END):
                yield from self._whole()
                return
            self._take_head(json.loads(first + b"]}"))
            while line := stream.readline(LINE_BYTES_MAX).strip():
                if line == b"]}":
                    return
                yield json.loads(line.removesuffix(b","))
        msg = "it ends in its middle: the export was cut off"
        raise _NoExportError(msg)

    def _whole(self) -> Iterator[dict[str, Any]]:
        if self._path.stat().st_size > WHOLE_BYTES_MAX:
            msg = f"more than {WHOLE_BYTES_MAX:,} bytes on one line"
            raise _NoExportError(msg)
        content: object = json.loads(self._path.read_text(encoding="utf-8"))
        export = cast("dict[str, object]", content) if isinstance(content, dict) else {}
        events = export.get("events")
        if not isinstance(events, list):
            msg = 'no list "events"'
            raise _NoExportError(msg)
        self._take_head(export)
        yield from cast("list[dict[str, Any]]", events)

    def _take_head(self, export: dict[str, object]) -> None:
        self.head_no, self.head = export.get("head_event_no"), export.get("head")


def _check(number: int, event: object) -> None:
    if not isinstance(event, dict):
        msg = f"event {number} is no object"
        raise _NoExportError(msg)
    found = cast("dict[str, object]", event)
    lacks = sorted(_NEEDED - found.keys())
    if lacks:
        msg = f"event {number} has no {', '.join(lacks)}"
        raise _NoExportError(msg)
    wrong = [name for name in sorted(_NEEDED - {"meter_id"}) if not isinstance(found[name], int | float)]
    # A cause in words is a change of the chain, which the verdict names; what is counted must be a number.
    if wrong:
        msg = f"event {number} has no number for {', '.join(wrong)}"
        raise _NoExportError(msg)


def _no(path: Path, found: str) -> Refused:
    fault = Unmet(
        element=str(path),
        found=found,
        needs="the head-end's export of events",
        remedy="Save GET /api/v1/chain/export to a file (the console's Programme page has a link), and name it.",
    )
    return Refused(unmet=(fault,))
