"""What the head-end knows of each meter: state and message in, state out; and the status it shows.

A status is a claim about a home that nobody looks at, so it follows what the meter itself measured last, and falls
back to SILENT, never to something better, when too little was heard.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bptm.terms import core_codes as c
from bptm.terms.codes import FedBy, Mode, Status
from bptm.terms.messages import REPORT_NAMES, Report, Upward

REPORT_INTERVAL_S = 900
"""A powered meter sends at least this often: three rows of five minutes."""

SILENT_AFTER_S = 2250
"""2.5 report intervals: one lost message is no alarm, two are. Own choice."""

LIVE_ABOVE_V = 60.0
"""A leg above this is fed, well or badly (0.50 pu): setting live_v of the controller."""

_TICK = REPORT_NAMES.index("tick")
_KIND = REPORT_NAMES.index("kind")
_CODE = REPORT_NAMES.index("code")
_MODE = REPORT_NAMES.index("mode")
_FLAGS = REPORT_NAMES.index("flags")
_FED_BY = REPORT_NAMES.index("fed_by")
_SUPPLY = tuple(REPORT_NAMES.index(f"{side}_l{leg}_v") for side in ("utility", "inlet") for leg in (1, 2))

_STATUS_OF_MODE: dict[Mode, Status] = {
    Mode.OFF: Status.DARK,
    Mode.ON_UTILITY: Status.UTILITY,
    Mode.DARK: Status.DARK,
    Mode.TO_BACKUP: Status.TRANSFERRING,
    Mode.ON_BACKUP: Status.ON_BACKUP,
    Mode.TO_UTILITY: Status.TRANSFERRING,
    Mode.BACKUP_BLOCKED: Status.LOCKED_OUT,
    Mode.LOCKED_OUT: Status.LOCKED_OUT,
    Mode.TEST: Status.TRANSFERRING,
    Mode.DISCONNECTED: Status.DARK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """One meter as the head-end knows it. A new meter is `MeterState()`."""

    heard_s: int | None = None
    """Event time at which its last message was made; None before the first."""
    report: Report | None = None
    """Its last report."""
    report_at_s: int | None = None
    gasped: bool = False
    """The last thing it said was its last gasp: it has no power, and cannot hear."""
    boots: int = 0
    command_seq: int = 0

    @property
    def held(self) -> bool:
        """Return to the utility is held, by its last report."""
        return self.report is not None and bool(int(self.report[_FLAGS]) & c.FLAG_HELD)

    @property
    def mode(self) -> Mode | None:
        """Mode in its last report; None before the first."""
        return None if self.report is None else Mode(int(self.report[_MODE]))


def at_s_of(report: Report, start_s: int) -> int:
    """Event time of a report, whole seconds: `start_s` is where the event clock's ticks begin."""
    return start_s + int(report[_TICK]) // c.TICKS_PER_S


def hear(state: MeterState, message: Upward, *, start_s: int) -> MeterState:
    """The state after `message`. Messages are given once each, in the order of their numbers (`wire.session`)."""
    if not message.reports:
        return replace(state, heard_s=message.at_s, boots=message.boots, command_seq=message.command_seq)
    gasped = state.gasped
    for report in message.reports:
        if report[_KIND] == c.REPORT_EVENT and report[_CODE] == c.EVENT_LAST_GASP:
            gasped = True
        elif gasped and _has_power(report):
            gasped = False
    last = message.reports[-1]
    return MeterState(
        heard_s=message.at_s,
        report=last,
        report_at_s=at_s_of(last, start_s),
        gasped=gasped,
        boots=message.boots,
        command_seq=message.command_seq,
    )


def _has_power(report: Report) -> bool:
    """Whether a report after a last gasp shows that the meter lives again.

    Its hold-up lasts a little longer than the gasp, so not everything that comes after it does: the meter has to have
    started anew, or to have measured a supply.
    """
    if report[_KIND] == c.REPORT_EVENT and report[_CODE] == c.EVENT_STARTED:
        return True
    return any(report[place] > LIVE_ABOVE_V for place in _SUPPLY)


def status_of(state: MeterState, now_s: float) -> Status:
    """What the desk says of the meter at `now_s`.

    A meter that gasped is known to be dark for as long as it says nothing more. One that fell silent without a gasp
    may be anything, also when it was on backup: SILENT.
    """
    if state.report is None or state.heard_s is None:
        return Status.SILENT
    if state.gasped:
        return Status.DARK
    if now_s - state.heard_s > SILENT_AFTER_S:
        return Status.SILENT
    return _STATUS_OF_MODE[Mode(int(state.report[_MODE]))]


def counts_of(states: Iterable[MeterState], now_s: float) -> dict[Status, int]:
    """How many meters have each status; every status is there, if only with 0."""
    counts = dict.fromkeys(Status, 0)
    for state in states:
        counts[status_of(state, now_s)] += 1
    return counts


def fed_events_of(message: Upward, *, start_s: int) -> tuple[tuple[int, FedBy], ...]:
    """When the message says that what feeds the premise changed: the input of `fed_seconds`, in its order."""
    return tuple(
        (at_s_of(report, start_s), FedBy(int(report[_FED_BY])))
        for report in message.reports
        if report[_KIND] == c.REPORT_EVENT and report[_CODE] == c.EVENT_FED_BY_CHANGED
    )


def fed_seconds(events: Iterable[tuple[int, int]], end_s: int) -> tuple[int, int]:
    """Whole seconds without supply and on backup, from the first event to `end_s`.

    Args:
        events: (at_s, FED_BY_...) of each change, in the order it happened; each holds until the next.
        end_s: Where counting stops, also inside a state.

    Returns:
        Dark and backup seconds. Differences of whole seconds, so that the parts add up to the whole exactly.

    Raises:
        ValueError: An event earlier than the one before it.
    """
    dark_s = backup_s = 0
    since_s: int | None = None
    feeding = c.FED_BY_UTILITY
    for at_s, fed_by in [*events, (None, c.FED_BY_UTILITY)]:
        until_s = end_s if at_s is None else min(at_s, end_s)
        if since_s is not None:
            if at_s is not None and at_s < since_s:
                msg = f"change of supply at {at_s} s follows one at {since_s} s"
                raise ValueError(msg)
            length_s = max(0, until_s - since_s)
            if feeding == c.FED_BY_NONE:
                dark_s += length_s
            elif feeding == c.FED_BY_BACKUP:
                backup_s += length_s
        since_s, feeding = at_s, fed_by
    return dark_s, backup_s
