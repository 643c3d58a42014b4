"""What the store keeps besides telemetry: meters, commands, alarms, quarantine; one record each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bptm.terms.codes import Action
from bptm.terms.messages import Upward


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message of a known meter, next in its sequence."""

    meter_no: int
    message: Upward
    encoded: bytes
    """As it came over the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """What came over the wire and was not understood."""

    subject: str
    reason: str
    encoded: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """One command as the store keeps it."""

    command_id: str
    meter_no: int
    seq: int
    action: Action
    hold_s: int
    issued_s: int
    expires_s: int
    nonce: bytes
    sealed: bytes | None
    """None when it was refused at the desk and never sent."""
    issued_by: str
    state: str
    accepted_s: int | None
    ended_s: int | None
    reason: str
    in_doubt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandChange:
    """A command came to another state."""

    command_id: str
    at_s: int
    state: str
    reason: str
    accepted_s: int | None
    ended_s: int | None
    in_doubt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """One alarm as the store keeps it. A meter has at most one standing alarm of each code."""

    meter_no: int
    code: str
    severity: str
    text: str
    raised_s: int
    cleared_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCleared:
    """A standing alarm ended."""

    meter_no: int
    code: str
    cleared_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one transaction stores, so that a crash leaves all of it or nothing."""

    arrivals: tuple[Arrival, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    commands_issued: tuple[CommandRecord, ...] = ()
    commands_changed: tuple[CommandChange, ...] = ()
    alarms_raised: tuple[AlarmRecord, ...] = ()
    alarms_cleared: tuple[AlarmCleared, ...] = ()
    script_lines: tuple[tuple[int, int], ...] = ()
    """Numbers of script lines now issued, each with its event time."""
    dark_since_s: Mapping[int, int | None] = field(default_factory=dict[int, int | None])
    """Meters, by number, for which it changed since when nothing feeds the premise."""
