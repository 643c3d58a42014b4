"""The two laws that are about what a meter says: LAW-4 (messages) and LAW-9 (causes), judged over a whole run.

The others are about contacts and currents and are judged by `plant.wave_laws` in every half-cycle. Here too the witness
is what happened in truth: keys that were pressed, faults that were played; never what the controller believes.
"""

from dataclasses import dataclass

import numpy as np

from bptm.terms.codes import Cause, Mode
from bptm.terms.core_codes import CAUSE_BACKFEED, CAUSE_U_FAILED_TO_OPEN, EVENT_MODE_CHANGED, EVENT_STARTED
from bptm.twin.bench.catalogue import flat
from bptm.twin.bench.run import Breach, Rows
from bptm.twin.bench.scenario import TICKS_PER_S, Scenario

PRESS_SLACK_S = 0.05
"""A key is read with the half-cycle after it was pressed, and once more while it is let go."""

_CONTACT_FAULTS = ("weld", "stuck", "feedback", "open_s", "close_s", "bounce", "skew", "reset", "comparator", "dropout")
"""Parts of the names of everything that makes a contact doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of one law."""

    law: str
    breach: Breach | None


def told_laws(scenario: Scenario, rows: Rows) -> list[Found]:
    """LAW-4 and LAW-9, each only where the run had something to judge."""
    if len(rows) == 0 or not rows["mode"].any():
        return []
    found = [_causes(scenario, rows)]
    if any("remote_action" in flat(change.values) for change in scenario.changes):
        found.append(_messages(scenario, rows))
    return found


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


def _causes(scenario: Scenario, rows: Rows) -> Found:
    """LAW-9: each change of mode has its event and a cause; each lockout one from its list, with a witness."""
    modes, causes, events = rows["mode"], rows["cause"], rows["events"]
    told = (1 << EVENT_MODE_CHANGED) | (1 << EVENT_STARTED)
    doubted = _contacts_doubted(scenario)
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
        elif cause == Cause.CONTACT_UNKNOWN and mode is Mode.LOCKED_OUT and not doubted:
            words = "LOCKED_OUT for CONTACT_UNKNOWN, needs a contact that was doubtful: none was"
        if words:
            return Found(law="LAW-9", breach=Breach(law="LAW-9", at_s=at_s, words=words))
    return Found(law="LAW-9", breach=None)


def _contacts_doubted(scenario: Scenario) -> bool:
    """Whether anything in the scenario makes a contact's position doubtful."""
    names = {*flat(scenario.setup), *(name for change in scenario.changes for name in flat(change.values))}
    return any(part in name for name in names for part in _CONTACT_FAULTS)
