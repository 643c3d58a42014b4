"""The door between the head-end's service and the people at its pages: what the console and the API may ask.

`headend.service` provides it; `headend.console` and `headend.api` use nothing else of the service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bptm.terms.codes import Action, BackupKind, Cause, Event, Mode, Status
from bptm.terms.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The event clock as last published by the twin (in production: UTC)."""

    at_s: float
    speed: float
    state: str
    """joining, playing, paused, waiting, lockstep, ended, or silent when nothing was heard for 3 s of wall time."""
    joined: int
    meters: int
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterPlace:
    """What the registry knows of a meter. `number` (0, 1, ...) is its index in `Desk.statuses`."""

    number: int
    meter_id: str
    place: str
    region: str
    lat: float
    lon: float
    backup: BackupKind
    medical: bool
    note: str
    """Named in the output: a planted fault, in plain words; empty for all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEvent:
    """One stored event, newest first in lists."""

    at_s: int
    event: Event
    cause: Cause
    mode_before: Mode
    mode: Mode
    values: dict[str, float]
    """The measured values of the report, by the names of `core_report.FIELDS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterView:
    """A meter as the desk sees it now."""

    place: MeterPlace
    status: Status
    heard_s: int | None
    """Event time of its last message."""
    held: bool
    report: dict[str, float] | None
    """The last report, by the names of `core_report.FIELDS`; None until the first."""
    report_at_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandView:
    """One command and how far it has come."""

    command_id: str
    meter_id: str
    seq: int
    action: Action
    by: str
    issued_s: int
    expires_s: int
    state: str
    """issued, accepted; then exactly one of proven, refused, expired, unknown."""
    ended_s: int | None
    reason: str
    """Refused: every reason with value and limit. Proven: the evidence. Unknown and expired: what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """An alarm, raised and perhaps cleared."""

    meter_id: str
    place: str
    severity: str
    """danger, warning or notice."""
    text: str
    raised_s: int
    cleared_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One telemetry row of a meter, thinned for a chart."""

    at_s: int
    values: dict[str, float]


class Desk(Protocol):
    """What the pages may ask. Reads in memory are plain; reads of the store are coroutines."""

    event_title: str
    event_sentences: tuple[str, str, str]

    def clock(self) -> Clock:
        """The event clock."""
        ...

    def places(self) -> Sequence[MeterPlace]:
        """All meters, by number."""
        ...

    def regions(self) -> Sequence[str]:
        """Regions that have meters, sorted."""
        ...

    def statuses(self) -> NDArray[np.uint8]:
        """Status of each meter by number; a copy."""
        ...

    def version(self) -> int:
        """Rises whenever a status, alarm or command changes."""
        ...

    def counts(self) -> dict[Status, int]:
        """How many meters have each status; every status is a key."""
        ...

    def meter(self, meter_id: str) -> MeterView | None:
        """One meter, or None when there is no such meter."""
        ...

    def alarms(self, limit: int = 200) -> Sequence[AlarmView]:
        """Standing ones first, dangers before warnings before notices, then cleared ones; newest first in each."""
        ...

    def commands(self, target: str = "", limit: int = 100) -> Sequence[CommandView]:
        """Newest first; of one meter id, or of all when `target` is empty."""
        ...

    async def events(self, meter_id: str, limit: int = 50) -> Sequence[MeterEvent]:
        """Stored events of a meter, newest first."""
        ...

    async def trend(self, meter_id: str, hours: float) -> Sequence[TrendPoint]:
        """Stored rows of a meter over the last hours of event time, oldest first."""
        ...

    async def issue(self, action: Action, target: str, by: str) -> Sequence[CommandView] | Refused:
        """Sends a signed command to a meter id, or to `region:NAME` (`region:*`: all) one command a meter.

        Meters that plainly cannot take it (silent, never enrolled) end as refused at once, each with its reason.
        """
        ...

    async def control(self, do: str, speed: float | None = None) -> str:
        """play, pause, speed, next_change, restart of the replay. Returns an empty text, or why not."""
        ...
