"""Alarms of one meter: state and message in, state and what was raised or cleared out.

One problem raises one alarm (ISA-18.2 calls more a flood): power pushed into a generator is *reverse power*, not
that and a lockout besides. An alarm says in one sentence what is wrong, with the values the meter measured, and
stands until a measurement, not a person, says that it is over. `danger` is kept for what can hurt somebody.
"""

from dataclasses import dataclass
from enum import StrEnum

from bptm.operations.fleet import REPORT_INTERVAL_S, MeterState, at_s_of, status_of
from bptm.operations.seen import TROUBLE_FLAGS, Seen, is_ordinary, seen_in
from bptm.terms import core_codes as c
from bptm.terms.codes import CAUSE_WORDS, Cause, Contact, Event, FedBy, Mode, Status
from bptm.terms.messages import Upward

MEDICAL_DARK_AFTER_S = 60
"""A transfer leaves a home dark for seconds; from here on it is no transfer. Own choice."""


class Severity(StrEnum):
    """How bad it is."""

    DANGER = "danger"
    """Somebody can be hurt, or nobody can say that nobody can."""
    WARNING = "warning"
    """Something does not work as it should."""
    NOTICE = "notice"
    """Somebody may want to know."""


class AlarmKind(StrEnum):
    """What an alarm is about. A meter has at most one standing alarm of each."""

    LOCKED_OUT = "locked_out"
    BACKUP_BLOCKED = "backup_blocked"
    REVERSE_POWER = "reverse_power"
    LOAD_SIDE_SOURCE = "load_side_source"
    CONTACT_DISAGREES = "contact_disagrees"
    OVERLOAD = "overload"
    SILENT_ON_BACKUP = "silent_on_backup"
    MEDICAL_LAST_GASP = "medical_last_gasp"
    MEDICAL_DARK = "medical_dark"
    ENGINE_STILL_RUNNING = "engine_still_running"
    COMMAND_UNKNOWN = "command_unknown"
    MESSAGE_REJECTED = "message_rejected"


SEVERITY: dict[AlarmKind, Severity] = {
    AlarmKind.LOCKED_OUT: Severity.DANGER,
    AlarmKind.BACKUP_BLOCKED: Severity.WARNING,
    AlarmKind.REVERSE_POWER: Severity.DANGER,
    AlarmKind.LOAD_SIDE_SOURCE: Severity.DANGER,
    AlarmKind.CONTACT_DISAGREES: Severity.DANGER,
    AlarmKind.OVERLOAD: Severity.WARNING,
    AlarmKind.SILENT_ON_BACKUP: Severity.DANGER,
    AlarmKind.MEDICAL_LAST_GASP: Severity.DANGER,
    AlarmKind.MEDICAL_DARK: Severity.DANGER,
    AlarmKind.ENGINE_STILL_RUNNING: Severity.NOTICE,
    AlarmKind.COMMAND_UNKNOWN: Severity.DANGER,
    AlarmKind.MESSAGE_REJECTED: Severity.WARNING,
}

# A blocked backup is told by what blocked it, where that is a problem of its own.
_KIND_OF_BLOCK: dict[Cause, AlarmKind] = {
    Cause.REVERSE_POWER: AlarmKind.REVERSE_POWER,
    Cause.LOAD_SIDE_SOURCE: AlarmKind.LOAD_SIDE_SOURCE,
    Cause.U_DISAGREES: AlarmKind.CONTACT_DISAGREES,
    Cause.U_FAILED_TO_OPEN: AlarmKind.CONTACT_DISAGREES,
    Cause.CONTACT_DOUBTED: AlarmKind.CONTACT_DISAGREES,
}
_ENDED_BY_FEEDING = (AlarmKind.OVERLOAD, AlarmKind.REVERSE_POWER, AlarmKind.LOAD_SIDE_SOURCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm that stands."""

    kind: AlarmKind
    severity: Severity
    text: str
    raised_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmState:
    """The alarms of one meter. A new meter is `AlarmState()`."""

    standing: tuple[Alarm, ...] = ()
    dark_since_s: int | None = None
    """Since when the meter has reported that nothing feeds the premise."""
    commands_in_doubt: tuple[int, ...] = ()
    """Sequences of commands that ended as unknown and are still in doubt."""

    def has(self, kind: AlarmKind) -> bool:
        """Whether an alarm of this kind stands."""
        return any(alarm.kind is kind for alarm in self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm now stands."""

    alarm: Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """An alarm stands no more."""

    kind: AlarmKind
    cleared_s: int
    why: str


Change = Raised | Cleared
Step = tuple[AlarmState, tuple[Change, ...]]


def on_message(state: AlarmState, message: Upward, *, medical: bool, start_s: int) -> Step:
    """What a message of the meter raises and clears. Given once each, in the order of their numbers."""
    # By far the most messages say nothing new, and this runs for every one of them.
    if not state.standing and state.dark_since_s is None and all(map(is_ordinary, message.reports)):
        return state, ()
    book = _Book(state)
    book.clear(AlarmKind.SILENT_ON_BACKUP, message.at_s, "it was heard again")
    book.clear(AlarmKind.MESSAGE_REJECTED, message.at_s, "its messages are understood again")
    for report in message.reports:
        _on_report(book, seen_in(report), at_s=at_s_of(report, start_s), medical=medical)
    return book.step()


def on_clock(state: AlarmState, meter: MeterState, now_s: int, *, medical: bool) -> Step:
    """What the passing of event time raises: silence of a home on backup, a medical home that stays dark."""
    if meter.heard_s is None or meter.report is None:
        return state, ()
    silent = status_of(meter, now_s) is Status.SILENT
    if not silent and state.dark_since_s is None:
        return state, ()
    book = _Book(state)
    seen = seen_in(meter.report)
    if silent and (seen.mode in {Mode.ON_BACKUP, Mode.TO_BACKUP, Mode.TO_UTILITY} or seen.b_feedback is Contact.CLOSED):
        book.raise_(
            AlarmKind.SILENT_ON_BACKUP,
            now_s,
            f"Silent for {now_s - meter.heard_s} s after it was on backup (it reports every {REPORT_INTERVAL_S} s): "
            f"nobody knows whether it is still apart from the utility. Last seen: {seen.values()}.",
        )
    if not meter.gasped and not silent:
        _judge_medical_dark(book, seen, now_s, medical=medical)
    return book.step()


def on_command_unknown(state: AlarmState, command_seq: int, at_s: int, text: str) -> Step:
    """A command to this meter ended as unknown."""
    if command_seq in state.commands_in_doubt:
        return state, ()
    book = _Book(state)
    book.commands_in_doubt = (*state.commands_in_doubt, command_seq)
    book.raise_(AlarmKind.COMMAND_UNKNOWN, at_s, f"Command {command_seq}: {text}")
    return book.step()


def on_command_known(state: AlarmState, command_seq: int, at_s: int, text: str) -> Step:
    """It is known now what became of a command that had ended as unknown."""
    book = _Book(state)
    book.commands_in_doubt = tuple(seq for seq in state.commands_in_doubt if seq != command_seq)
    if not book.commands_in_doubt:
        book.clear(AlarmKind.COMMAND_UNKNOWN, at_s, text)
    return book.step()


def on_message_rejected(state: AlarmState, at_s: int, reason: str) -> Step:
    """A message came in this meter's name and could not be understood; it is in quarantine."""
    book = _Book(state)
    book.raise_(AlarmKind.MESSAGE_REJECTED, at_s, f"A message of this meter was put into quarantine: {reason}.")
    return book.step()


class _Book:
    """The state being worked on, and what was raised and cleared so far."""

    __slots__ = ("changes", "commands_in_doubt", "dark_since_s", "standing")

    def __init__(self, state: AlarmState) -> None:
        self.standing = {alarm.kind: alarm for alarm in state.standing}
        self.dark_since_s = state.dark_since_s
        self.commands_in_doubt = state.commands_in_doubt
        self.changes: list[Change] = []

    def raise_(self, kind: AlarmKind, at_s: int, text: str) -> None:
        if kind in self.standing:
            return
        alarm = Alarm(kind=kind, severity=SEVERITY[kind], text=text, raised_s=at_s)
        self.standing[kind] = alarm
        self.changes.append(Raised(alarm=alarm))

    def clear(self, kind: AlarmKind, at_s: int, why: str) -> None:
        if self.standing.pop(kind, None) is not None:
            self.changes.append(Cleared(kind=kind, cleared_s=at_s, why=why))

    def step(self) -> Step:
        after = AlarmState(
            standing=tuple(self.standing.values()),
            dark_since_s=self.dark_since_s,
            commands_in_doubt=self.commands_in_doubt,
        )
        return after, tuple(self.changes)


def _on_report(book: _Book, seen: Seen, *, at_s: int, medical: bool) -> None:
    _judge_lockouts(book, seen, at_s)
    _judge_contacts(book, seen, at_s)
    _judge_power(book, seen, at_s)
    _judge_engine(book, seen, at_s)
    if medical and seen.event is Event.LAST_GASP:
        book.raise_(
            AlarmKind.MEDICAL_LAST_GASP,
            at_s,
            f"Medical home without power; its meter cannot be heard any more. Last gasp: {seen.values()}.",
        )
        book.clear(AlarmKind.MEDICAL_DARK, at_s, "its last gasp came: see that alarm")
    elif seen.has_power:
        book.clear(AlarmKind.MEDICAL_LAST_GASP, at_s, f"the meter has power again: {seen.values()}")
    if seen.fed_by is not FedBy.NONE:
        book.dark_since_s = None
        book.clear(AlarmKind.MEDICAL_DARK, at_s, f"the home is fed again: {seen.values()}")
    elif book.dark_since_s is None or seen.event is Event.STARTED:
        # A meter that starts finds its home dark before it has looked: only what lasts from here on counts.
        book.dark_since_s = at_s
    _judge_medical_dark(book, seen, at_s, medical=medical)


def _judge_lockouts(book: _Book, seen: Seen, at_s: int) -> None:
    blocked = seen.mode is Mode.BACKUP_BLOCKED
    if seen.mode is Mode.LOCKED_OUT:
        book.raise_(
            AlarmKind.LOCKED_OUT,
            at_s,
            f"Locked out, both contactors ordered open: {_why(seen)}. {_sentence(seen)} Reset only at the meter.",
        )
    else:
        book.clear(AlarmKind.LOCKED_OUT, at_s, f"reset: {CAUSE_WORDS[seen.cause]}")
    if blocked and not _told_otherwise(book):
        kind = _KIND_OF_BLOCK.get(seen.cause, AlarmKind.BACKUP_BLOCKED)
        book.raise_(kind, at_s, f"Backup blocked: {_why(seen)}. {_sentence(seen)}")
        book.clear(AlarmKind.OVERLOAD, at_s, "the backup is blocked: see that alarm")
    elif not blocked:
        book.clear(AlarmKind.BACKUP_BLOCKED, at_s, f"not blocked any more: {CAUSE_WORDS[seen.cause]}")


def _told_otherwise(book: _Book) -> bool:
    """An alarm already says why the backup is blocked."""
    return AlarmKind.BACKUP_BLOCKED in book.standing or any(kind in book.standing for kind in _KIND_OF_BLOCK.values())


def _judge_contacts(book: _Book, seen: Seen, at_s: int) -> None:
    if seen.event is Event.CONTACT_DISAGREES and seen.mode not in {Mode.BACKUP_BLOCKED, Mode.LOCKED_OUT}:
        book.raise_(
            AlarmKind.CONTACT_DISAGREES,
            at_s,
            f"The utility contactor's feedback contradicts the voltages. {_sentence(seen)}",
        )
    elif seen.mode in {Mode.ON_UTILITY, Mode.ON_BACKUP} and seen.contacts_agree:
        book.clear(AlarmKind.CONTACT_DISAGREES, at_s, f"feedback and voltages agree: {seen.values()}")


def _judge_power(book: _Book, seen: Seen, at_s: int) -> None:
    if seen.event is Event.OVERLOAD or (seen.flags & c.FLAG_OVERLOAD and seen.mode is Mode.ON_BACKUP):
        book.raise_(
            AlarmKind.OVERLOAD,
            at_s,
            f"The load is more than the backup source may carry: switch something off. {_sentence(seen)}",
        )
    if seen.event is Event.REVERSE_POWER or (seen.flags & c.FLAG_REVERSE_POWER and seen.mode is Mode.ON_BACKUP):
        book.raise_(
            AlarmKind.REVERSE_POWER,
            at_s,
            f"Power flows into the backup source: is there solar on this home? {_sentence(seen)}",
        )
    if seen.flags & c.FLAG_LOAD_SIDE_SOURCE or seen.fed_by is FedBy.LOAD_SIDE:
        book.raise_(
            AlarmKind.LOAD_SIDE_SOURCE,
            at_s,
            f"The premise is live with both contactors open: a source on the load side. {_sentence(seen)}",
        )
    if seen.mode in {Mode.ON_UTILITY, Mode.ON_BACKUP} and not seen.flags & TROUBLE_FLAGS and seen.event is None:
        # Only a quiet row ends it: the event itself still carries the mode from before.
        for kind in _ENDED_BY_FEEDING:
            book.clear(kind, at_s, f"fed by the {seen.fed_by.name.lower()} without it: {seen.values()}")


def _judge_engine(book: _Book, seen: Seen, at_s: int) -> None:
    if seen.event is Event.ENGINE_STILL_RUNNING:
        book.raise_(
            AlarmKind.ENGINE_STILL_RUNNING,
            at_s,
            f"The backup source still runs although the utility feeds the home: stop it. {_sentence(seen)}",
        )
    elif not seen.inlet_live or seen.mode is not Mode.ON_UTILITY:
        book.clear(AlarmKind.ENGINE_STILL_RUNNING, at_s, "the backup source has stopped, or is needed again")


def _judge_medical_dark(book: _Book, seen: Seen, at_s: int, *, medical: bool) -> None:
    dark_since_s = book.dark_since_s
    if not medical or dark_since_s is None or AlarmKind.MEDICAL_LAST_GASP in book.standing:
        return
    if at_s - dark_since_s >= MEDICAL_DARK_AFTER_S:
        book.raise_(
            AlarmKind.MEDICAL_DARK,
            at_s,
            f"Medical home without supply for {at_s - dark_since_s} s or more; its meter can be heard. "
            f"{_sentence(seen)}",
        )


def _why(seen: Seen) -> str:
    if seen.cause in {Cause.NONE, Cause.START}:
        return "the cause was reported before the meter last started"
    return CAUSE_WORDS[seen.cause]


def _sentence(seen: Seen) -> str:
    return f"Measured: {seen.values()}."
