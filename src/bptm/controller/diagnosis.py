"""Diagnosis: what is wrong with the service, the source, the cord or the contacts, from what the meter measures anyway.

Core Python. A host calls `diagnose` beside `scan`, with the same inputs and ticks. It reads the device's state and the
measured values and writes only its own record: nothing that it finds opens or closes a contact. Of the device's state it
reads only what follows from this scan's inputs at once (contacts, dead or alive), so that a stride has one value of it.
Records: d DIAGNOSIS, s DEVICE, m MEASURED, p settings of `terms.core_diagnosis_settings`.
"""

from bptm.controller.diagnosis_impedance import judge_step, remember_neutral
from bptm.controller.diagnosis_legs import follow_legs, follow_range, follow_unbalance
from bptm.controller.diagnosis_source import (
    close_watch,
    follow_enter,
    follow_gfci,
    follow_reverse,
    follow_run_on,
    follow_windows,
    forget_windows,
)
from bptm.controller.diagnosis_steps import follow_level, forget_level
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, NEVER_TICKS
from bptm.terms.core_diagnosis import FEED_BACKUP, FEED_NONE, FEED_UTILITY


def feed_of(s):
    """What feeds the bus, by both contactors' feedback."""
    if s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
        return FEED_UTILITY
    if s.b_contact == CONTACT_CLOSED and s.u_contact == CONTACT_OPEN:
        return FEED_BACKUP
    return FEED_NONE


def diagnose(d, s, m, p, ticks):
    """Advances the diagnosis by `ticks` half-cycles with constant inputs.

    `d.raised` and `d.ended` say what changed in this call; `d.wake_ticks` how far the next call may stride.
    """
    d.raised = 0
    d.ended = 0
    d.wake_ticks = NEVER_TICKS
    d.feed = feed_of(s)
    remember_neutral(d, p, ticks)
    stepped = follow_level(d, m, p, ticks)
    # What is raised from here on happened at the end of this stretch.
    d.tick += ticks
    if stepped == 1:
        judge_step(d, m, p)
    follow_legs(d, m, p, ticks)
    follow_unbalance(d, m, p, ticks)
    follow_range(d, s, m, p, ticks)
    follow_gfci(d, s, m, p, ticks)
    follow_run_on(d, s, m, p, ticks)
    entered_ticks = d.t_enter
    follow_enter(d, m, p, ticks)
    follow_reverse(d, m, p, ticks)
    close_watch(d, p, entered_ticks)
    follow_windows(d, m, p, ticks)


def begin_diagnosis(d):
    """After a start: what is journalled stays, what was under way begins anew."""
    forget_level(d)
    forget_windows(d)
    d.b_was_closed = 0
    d.inlet_was_live = 0
    d.t_carry = 0
    d.t_fall = 0
    d.carry_most_a = 0.0
    for side in range(2):
        d.legs[side] = 0
        d.t_legs[side] = 0
    d.t_run_on = 0
    d.t_enter = 0
    d.solar_watch = 0
    d.t_reverse = 0
    d.t_reverse_l2 = 0
    d.t_unbalanced = 0
    d.t_balanced = 0
    d.t_outside_a = 0
    d.t_inside_a = 0
    d.t_outside_b = 0
    d.t_inside_b = 0
