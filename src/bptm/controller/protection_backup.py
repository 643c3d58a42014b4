"""Qualification and loss of the backup source at the inlet, and why one is turned down. Core Python."""

from bptm.controller.protection_hunting import SETTLED_TICKS, judge_swings
from bptm.controller.protection_sense import thermometers_sound
from bptm.controller.protection_values import difference, higher, lower, only_backup_closed, within
from bptm.controller.timing import timer
from bptm.terms.core_codes import (
    CONTACT_OPEN,
    FED_BY_BACKUP,
    TURNED_DOWN_DISTORTION,
    TURNED_DOWN_DOUBTFUL,
    TURNED_DOWN_FREQUENCY,
    TURNED_DOWN_HIGH_VOLTS,
    TURNED_DOWN_HOT,
    TURNED_DOWN_HUNTS,
    TURNED_DOWN_LEGS,
    TURNED_DOWN_LOW_VOLTS,
    TURNED_DOWN_PLUG,
    TURNED_DOWN_UNBALANCE,
    TURNED_DOWN_UNMATED,
    TURNED_DOWN_WARMING_UP,
)

PLUG_ALIKE_A = 1.0
"""A plug's code names the inlet's ampacity when within this of it: codes differ by 10 A and more."""


def blade_hot(m, p):
    """1 when an inlet blade is too hot, absolutely or above the enclosure (H25).

    A thermometer that gives no number says nothing here; it is told as `sense_doubted`, and no source is accepted
    with it.
    """
    return 1 if m.inlet_c > p.inlet_hot_c or m.inlet_c - m.ambient_c > p.inlet_rise_c else 0


def legs_wrong(m, p):
    """1 when the legs at the inlet do not stand against each other: a missing leg, one leg on both hots, in phase."""
    return 1 if m.inlet_l12_v < p.legs_ratio * (m.inlet_l1_v + m.inlet_l2_v) else 0


def faults_of_source(s, m, p):
    """Everything that a source offered at the inlet has against it in this half-cycle, one bit each."""
    low_v = lower(m.inlet_l1_v, m.inlet_l2_v)
    high_v = higher(m.inlet_l1_v, m.inlet_l2_v)
    x = 0
    if low_v <= p.accept_low_v:
        x |= TURNED_DOWN_LOW_VOLTS
    if high_v >= p.accept_high_v:
        x |= TURNED_DOWN_HIGH_VOLTS
    if m.inlet_hz <= p.accept_low_hz or m.inlet_hz >= p.accept_high_hz:
        x |= TURNED_DOWN_FREQUENCY
    if legs_wrong(m, p) == 1:
        x |= TURNED_DOWN_LEGS
    if difference(m.inlet_l1_v, m.inlet_l2_v) > p.accept_unbalance * high_v:
        x |= TURNED_DOWN_UNBALANCE
    if within(m.inlet_thd, 0.0, p.accept_thd) == 0:
        x |= TURNED_DOWN_DISTORTION
    if m.inlet_unmated != 0:
        x |= TURNED_DOWN_UNMATED
    if m.plug_a != 0.0 and within(m.plug_a, p.inlet_a - PLUG_ALIKE_A, p.inlet_a + PLUG_ALIKE_A) == 0:
        x |= TURNED_DOWN_PLUG
    if blade_hot(m, p) == 1:
        x |= TURNED_DOWN_HOT
    return x


def judge_backup(s, m, p, ticks):
    """Qualification and loss of the backup source.

    Qualified after `accept_ticks` with nothing against it (`turned_down`) and without swings (81R); lost below
    0.80 pu, below 0.60 pu, or outside its frequencies, each with its delay. After a transfer the 0.80 pu stage
    waits for the dip mask, since every motor then starts at once. Limits of acceptance do not end a qualification:
    load pulls a good source below them. Legs that no longer stand against each other do, with B open, in the delay
    of a collapse: there is no load that could have pulled them (LAW-6).

    A doubted inlet never qualifies. While B is closed and the bus sound, the bus shows the source instead, so a
    sensor that fails neither ends a supply nor hides its end; with neither, the source is lost after `doubt_ticks`.
    `turned_down` is 0 while qualified and while the inlet is dead: there is then nothing to turn down.
    """
    l1_v = m.inlet_l1_v
    l2_v = m.inlet_l2_v
    shown = 1 - s.inlet_doubted
    faults = 0
    if s.inlet_doubted == 1:
        faults = TURNED_DOWN_DOUBTFUL
        if only_backup_closed(s) == 1 and s.bus_doubted == 0:
            shown = 1
            l1_v = m.bus_l1_v
            l2_v = m.bus_l2_v
    low_v = lower(l1_v, l2_v)
    high_v = higher(l1_v, l2_v)
    s.inlet_dead = 1 if shown == 1 and high_v < p.dead_v else 0
    if s.inlet_dead == 0 and s.inlet_doubted == 0:
        faults = faults_of_source(s, m, p)
        if thermometers_sound(m, p) == 0:
            faults |= TURNED_DOWN_DOUBTFUL
    good = 1 if faults == 0 and s.inlet_dead == 0 else 0
    settled = 1 if good == 1 and s.t_accept < SETTLED_TICKS else 0
    s.t_accept = timer(s, good, s.t_accept, p.accept_ticks, ticks)
    if settled == 1 and s.t_accept < SETTLED_TICKS:
        settled = 0
        if SETTLED_TICKS - s.t_accept < s.wake_ticks:
            s.wake_ticks = SETTLED_TICKS - s.t_accept
    judge_swings(s, m, p, settled, ticks)
    masked = 1 if s.fed_by == FED_BY_BACKUP and s.t_mode < p.dip_mask_ticks else 0
    failed = 1 if shown == 1 and low_v < p.failed_v and masked == 0 else 0
    s.t_failed = timer(s, failed, s.t_failed, p.failed_ticks, ticks)
    collapsed = 1 if shown == 1 and low_v < p.collapsed_v else 0
    if s.b_contact == CONTACT_OPEN and s.inlet_dead == 0 and s.inlet_doubted == 0 and legs_wrong(m, p) == 1:
        collapsed = 1
    s.t_collapsed = timer(s, collapsed, s.t_collapsed, p.collapsed_ticks, ticks)
    off_hz = 0
    if s.inlet_doubted == 0 and (m.inlet_hz < p.failed_low_hz or m.inlet_hz > p.failed_high_hz):
        off_hz = 1
    s.t_failed_hz = timer(s, off_hz, s.t_failed_hz, p.failed_hz_ticks, ticks)
    s.t_inlet_doubt = timer(s, 1 - shown, s.t_inlet_doubt, p.doubt_ticks, ticks)
    if (
        s.t_failed >= p.failed_ticks
        or s.t_collapsed >= p.collapsed_ticks
        or s.t_failed_hz >= p.failed_hz_ticks
        or s.t_inlet_doubt >= p.doubt_ticks
    ):
        s.backup_qualified = 0
    elif s.t_accept >= p.accept_ticks and s.source_hunts == 0:
        s.backup_qualified = 1
    s.t_removed = timer(s, s.inlet_dead, s.t_removed, p.removed_ticks, ticks)
    s.turned_down = 0
    if s.backup_qualified == 0 and s.inlet_dead == 0:
        if s.source_hunts == 1:
            faults |= TURNED_DOWN_HUNTS
        if faults == 0:
            faults = TURNED_DOWN_WARMING_UP
        s.turned_down = faults
