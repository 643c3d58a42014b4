"""The angle between a backup source and the utility while both are alive and apart. Core Python.

Whole numbers, so that it is the same however time is cut: an angle is counted in millionths of a turn.
"""

from bptm.terms.core_codes import NEVER_TICKS

TURN = 1000000
IN_PHASE_UTURNS = 8333
"""3 degrees."""


def slip_of(source_hz, utility_hz):
    """How far a source's phase moves against the utility's in a tick, 0..999999."""
    slip = (source_hz - utility_hz) * (1000000.0 / 120.0)
    if slip >= 0.0:
        return int(slip) % TURN
    return (TURN - int(-slip) % TURN) % TURN


def within_phase(phase_uturns):
    """1 while an angle is within 3 degrees of none."""
    return 1 if phase_uturns <= IN_PHASE_UTURNS or phase_uturns >= TURN - IN_PHASE_UTURNS else 0


def ticks_to_other_phase(phase_uturns, slip_uturns):
    """Ticks before `within_phase` can change; at least 1."""
    if slip_uturns == 0:
        return NEVER_TICKS
    step = slip_uturns
    place = (phase_uturns + IN_PHASE_UTURNS) % TURN
    if step > TURN // 2:
        step = TURN - step
        place = (TURN - phase_uturns + IN_PHASE_UTURNS) % TURN
    if place <= 2 * IN_PHASE_UTURNS:
        return (2 * IN_PHASE_UTURNS - place) // step + 1
    return (TURN - place + step - 1) // step


def moved(phase_uturns, slip_uturns, ticks):
    """The angle so many ticks later."""
    return (phase_uturns + slip_uturns * ticks) % TURN
