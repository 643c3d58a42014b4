"""Laws over a whole run: LAW-4 and LAW-10 (messages), LAW-9 (causes), and for LAW-3 the second after a reset.

The others are about contacts and currents and are judged by `plant.wave_laws` in every half-cycle. Here too the
witness is what happened in truth: keys that were pressed, faults that were played; never what the controller believes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bptm.terms.codes import Cause, Mode
from bptm.terms.core_codes import (
    CAUSE_BACKFEED,
    CAUSE_U_FAILED_TO_OPEN,
    EVENT_MODE_CHANGED,
    EVENT_STARTED,
    ORDER_CLOSE,
)
from bptm.twin.bench.catalogue import flat
from bptm.twin.bench.run import Breach, Rows
from bptm.twin.bench.scenario import TICKS_PER_S, Scenario
from bptm.twin.bench.witness import moved_names, witnessed

PRESS_SLACK_S = 0.05
"""A key is read with the half-cycle after it was pressed, and once more while it is let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of one law."""

    law: str
    breach: Breach | None


def told_laws(scenario: Scenario, rows: Rows) -> list[Found]:
    """LAW-3, LAW-4 and LAW-9, each only where the run had something to judge."""
    if len(rows) == 0 or not rows["mode"].any():
        return []
    found = [_causes(scenario, rows), *_restarts(rows)]
    if any("remote_action" in flat(change.values) for change in scenario.changes):
        found.append(_messages(scenario, rows))
    return found


def repeated_at_s(scenario: Scenario) -> float | None:
    """When a message came that had come before: sent twice, replayed, or overtaken by another. None for never."""
    seen: set[float] = set()
    for change in scenario.changes:
        action = flat(change.values).get("remote_action")
        if action and action in seen:
            return change.at_s
        if action:
            seen.add(float(action))
    return None


def under_messages(scenario: Scenario, breaches: Sequence[Breach]) -> list[Found]:
    """LAW-10: a message that comes again breaks none of the other laws.

    Loss is the message that no scenario plays; a wrong clock has no place here, since no meter on the bench has one.

    Args:
        scenario: What was played.
        breaches: Of the other laws.
    """
    since_s = repeated_at_s(scenario)
    if since_s is None:
        return []
    for breach in breaches:
        if breach.at_s >= since_s and breach.law not in scenario.may_break:
            words = f"{breach.law} broke after a message that had come before: {breach.words}"
            return [Found(law="LAW-10", breach=Breach(law="LAW-10", at_s=breach.at_s, words=words))]
    return [Found(law="LAW-10", breach=None)]


def _messages(scenario: Scenario, rows: Rows) -> Found:
    """LAW-4: nothing but a person's key at the meter ends a lockout of both."""
    latched = rows["latched"]
    ends = np.flatnonzero((latched[:-1] >= CAUSE_BACKFEED) & (latched[1:] < CAUSE_BACKFEED)) + 1
    pressed = [change.at_s for change in scenario.changes if flat(change.values).get("local_reset") == 1]
    let_go = [change.at_s for change in scenario.changes if flat(change.values).get("local_reset") == 0]
    for row in ends:
        at_s = (int(row) + 1) / TICKS_PER_S
        held = any(
            begin <= at_s <= min((end for end in let_go if end > begin), default=at_s) + PRESS_SLACK_S
            for begin in pressed
        )
        if not held:
            words = f"a lockout ({Cause(int(latched[row - 1])).name}) ended, needs a key pressed at the meter"
            return Found(law="LAW-4", breach=Breach(law="LAW-4", at_s=at_s, words=words))
    return Found(law="LAW-4", breach=None)


AFTER_RESET_S = 1.0
"""No order to close in so long after a reset: no setting lets a return or an acceptance be earned sooner."""


def _restarts(rows: Rows) -> list[Found]:
    """LAW-3: after a reset nothing closes at once, whether the interlock would have let it through or not."""
    powered = rows["powered"]
    found: list[Found] = []
    for row in np.flatnonzero((powered[:-1] == 0) & (powered[1:] == 1)) + 1:
        after = rows[row : int(row) + int(AFTER_RESET_S * TICKS_PER_S)]
        closes = np.flatnonzero((after["u_out"] == ORDER_CLOSE) | (after["b_out"] == ORDER_CLOSE))
        if len(closes):
            at_s = (int(row) + int(closes[0]) + 1) / TICKS_PER_S
            after_s = at_s - int(row) / TICKS_PER_S
            words = f"an order to close {after_s:.3f} s after a reset, needs {AFTER_RESET_S:g} s"
            return [Found(law="LAW-3", breach=Breach(law="LAW-3", at_s=at_s, words=words))]
        found = [Found(law="LAW-3", breach=None)]
    return found


def _causes(scenario: Scenario, rows: Rows) -> Found:
    """LAW-9: each change of mode has its event and a cause; each lockout one from its list, with a witness."""
    modes, causes, events = rows["mode"], rows["cause"], rows["events"]
    told = (1 << EVENT_MODE_CHANGED) | (1 << EVENT_STARTED)
    moved = moved_names(scenario)
    for row in np.flatnonzero(np.diff(modes)) + 1:
        mode, cause = Mode(int(modes[row])), int(causes[row])
        at_s = (int(row) + 1) / TICKS_PER_S
        words = ""
        if int(events[row]) & told == 0:
            words = f"{mode.name} without an event, needs one"
        elif cause == Cause.NONE:
            words = f"{mode.name} without a cause, needs one"
        elif mode is Mode.LOCKED_OUT and cause < CAUSE_BACKFEED and not int(events[row]) & (1 << EVENT_STARTED):
            words = f"LOCKED_OUT for {Cause(cause).name}, needs a cause of its own list"
        elif mode is Mode.BACKUP_BLOCKED and not CAUSE_U_FAILED_TO_OPEN <= cause < CAUSE_BACKFEED:
            words = f"BACKUP_BLOCKED for {Cause(cause).name}, needs a cause of its own list"
        elif (
            mode in (Mode.LOCKED_OUT, Mode.BACKUP_BLOCKED)
            and cause >= CAUSE_U_FAILED_TO_OPEN
            and not witnessed(cause, moved, rows[: int(row) + 1])
        ):
            words = f"{mode.name} for {Cause(cause).name}, needs something that bears it out: nothing does"
        if words:
            return Found(law="LAW-9", breach=Breach(law="LAW-9", at_s=at_s, words=words))
    return Found(law="LAW-9", breach=None)
