"""Remote actions, inside LAW-4: a message can delay or release a return, and nothing else. Core Python.

Who sent it, whether it is fresh and whether it is for this meter is settled before (`wire.command_gate`).
"""

from bptm.terms.core_codes import (
    ACTION_HOLD_RETURN,
    CONTACT_OPEN,
    EVENT_HELD,
    EVENT_HOLD_RELEASED,
    MODE_LOCKED_OUT,
    MODE_ON_UTILITY,
    MODE_TO_UTILITY,
    TICKS_PER_S,
    UNMET_DURATION,
    UNMET_LOCKED_OUT,
    UNMET_MEDICAL_DARK,
    UNMET_NOT_AWAITING_RETURN,
    UNMET_NOT_HELD,
)

HOLD_MIN_TICKS = 60 * TICKS_PER_S
HOLD_MAX_TICKS = 24 * 3600 * TICKS_PER_S


def unmet_for_hold(s, p, hold_ticks):
    """Every reason against a hold, one bit each; 0 when there is none."""
    unmet = 0
    if s.mode == MODE_LOCKED_OUT:
        unmet |= UNMET_LOCKED_OUT
    if s.mode == MODE_ON_UTILITY or s.mode == MODE_TO_UTILITY or s.u_contact != CONTACT_OPEN:
        unmet |= UNMET_NOT_AWAITING_RETURN
    if p.medical == 1 and s.bus_dead == 1:
        unmet |= UNMET_MEDICAL_DARK
    if hold_ticks < HOLD_MIN_TICKS or hold_ticks > HOLD_MAX_TICKS:
        unmet |= UNMET_DURATION
    return unmet


def command(s, p, action, hold_ticks):
    """Carries out a remote action and returns 0, or every unmet condition, one bit each, and does nothing."""
    unmet = 0
    s.events = 0
    if action == ACTION_HOLD_RETURN:
        unmet = unmet_for_hold(s, p, hold_ticks)
        if unmet == 0:
            s.hold_left_ticks = hold_ticks
            s.events |= 1 << EVENT_HELD
    elif s.hold_left_ticks == 0:
        unmet = UNMET_NOT_HELD
    else:
        s.hold_left_ticks = 0
        s.events |= 1 << EVENT_HOLD_RELEASED
    if unmet == 0:
        s.wake_ticks = 1
    return unmet
