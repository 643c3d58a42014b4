"""Remote actions, inside LAW-4: a message can delay or release a return. Core Python.

Where the settings at the meter allow it, a message can also disconnect the service, or take that back. Nothing else.

Who sent it, whether it is fresh and whether it is for this meter is settled before (`wire.command_gate`).
"""

from bptm.terms.core_codes import (
    ACTION_ALLOW_RETURN,
    ACTION_DISCONNECT,
    ACTION_HOLD_RETURN,
    ACTION_RECONNECT,
    CONTACT_OPEN,
    EVENT_HELD,
    EVENT_HOLD_RELEASED,
    MODE_LOCKED_OUT,
    MODE_ON_UTILITY,
    MODE_TO_UTILITY,
    TICKS_PER_S,
    UNMET_ALREADY_DISCONNECTED,
    UNMET_DURATION,
    UNMET_LOCKED_OUT,
    UNMET_MEDICAL,
    UNMET_MEDICAL_DARK,
    UNMET_NOT_AWAITING_RETURN,
    UNMET_NOT_CONFIGURED,
    UNMET_NOT_DISCONNECTED,
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


def unmet_for_disconnect(s, p):
    """Every reason against a disconnection of the service from afar, one bit each; 0 when there is none."""
    unmet = 0
    if p.remote_disconnect == 0:
        unmet |= UNMET_NOT_CONFIGURED
    if p.medical == 1:
        unmet |= UNMET_MEDICAL
    if s.disconnect_asked == 1:
        unmet |= UNMET_ALREADY_DISCONNECTED
    return unmet


def command(s, p, action, hold_ticks):
    """Carries out a remote action and returns 0, or every unmet condition, one bit each, and does nothing.

    A disconnection opens contactors and never closes one; its end waives no permissive: U returns as after any
    outage, and the lever at the meter outranks both.
    """
    unmet = UNMET_NOT_CONFIGURED
    s.events = 0
    if action == ACTION_HOLD_RETURN:
        unmet = unmet_for_hold(s, p, hold_ticks)
        if unmet == 0:
            s.hold_left_ticks = hold_ticks
            s.events |= 1 << EVENT_HELD
    elif action == ACTION_ALLOW_RETURN:
        unmet = UNMET_NOT_HELD if s.hold_left_ticks == 0 else 0
        if unmet == 0:
            s.hold_left_ticks = 0
            s.events |= 1 << EVENT_HOLD_RELEASED
    elif action == ACTION_DISCONNECT:
        unmet = unmet_for_disconnect(s, p)
        if unmet == 0:
            s.disconnect_asked = 1
    elif action == ACTION_RECONNECT:
        unmet = UNMET_NOT_DISCONNECTED if s.disconnect_asked == 0 else 0
        if unmet == 0:
            s.disconnect_asked = 0
    if unmet == 0:
        s.wake_ticks = 1
    return unmet
