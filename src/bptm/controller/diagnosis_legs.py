"""Legs that stand wrong, legs unevenly loaded, and service voltage out of its ranges. Core Python.

Records: d DIAGNOSIS, m MEASURED. Source of the leg signatures: domain.md 2.6.
"""

from bptm.controller.diagnosis_findings import describe, end, find, within
from bptm.controller.diagnosis_steps import LEAST_V, MOST_V, current_is_good
from bptm.controller.timing import timer
from bptm.terms.core_codes import CONTACT_CLOSED
from bptm.terms.core_diagnosis import (
    CONFIDENCE_LIKELY,
    CONFIDENCE_MEASURED,
    FEED_BACKUP,
    FINDING_INLET_LEG_MISSING,
    FINDING_INLET_LEGS_ANGLE,
    FINDING_INLET_LEGS_SAME,
    FINDING_INLET_NEUTRAL_SWAPPED,
    FINDING_LEGS_UNBALANCED,
    FINDING_RANGE_A,
    FINDING_RANGE_B,
    FINDING_UTILITY_LEG_MISSING,
    FINDING_UTILITY_LEGS_SAME,
    LEGS_ANGLE,
    LEGS_MISSING,
    LEGS_RIGHT,
    LEGS_SAME,
    LEGS_SWAPPED,
    LEGS_UNKNOWN,
    SIDE_INLET,
    SIDE_UTILITY,
)

IN_PHASE = 0.1
"""Legs are in phase when leg to leg is their difference, within this share of their sum; own choice: 2 sensors of 0.5 %
leave ten times that."""


def legs_of(p, l1_v, l2_v, l12_v, doubtful):
    """How the legs of a side stand (LEGS_...). Unknown when the side is dead or a reading cannot be used."""
    if doubtful != 0 or within(l1_v, 0.0, MOST_V) * within(l2_v, 0.0, MOST_V) * within(l12_v, 0.0, 2.0 * MOST_V) == 0:
        return LEGS_UNKNOWN
    high = l1_v if l1_v > l2_v else l2_v
    low = l2_v if l1_v > l2_v else l1_v
    if high < p.leg_live_v:
        return LEGS_UNKNOWN
    if low < p.leg_dead_v:
        return LEGS_MISSING
    if l12_v >= p.legs_ratio * (high + low):
        return LEGS_RIGHT
    if l12_v > high - low + IN_PHASE * (high + low):
        return LEGS_ANGLE
    if high > p.leg_double_v:
        return LEGS_SWAPPED
    return LEGS_SAME if low >= p.leg_same * high else LEGS_MISSING


def judge_legs(d, code, on, confidence, l1_v, l2_v, l12_v, limit):
    """One way of standing wrong: found, or contradicted by another way that has stood long enough."""
    if on == 0:
        end(d, code)
        return
    find(d, code, confidence)
    describe(d, code, l1_v, l2_v, l12_v, limit)
    d.place[code] = 1 if l1_v < l2_v else 2


def stand(d, p, side, legs, ticks):
    """Follows how a side's legs stand. Returns LEGS_... once it has stood so for `legs_ticks`, else LEGS_UNKNOWN."""
    if legs != d.legs[side]:
        d.legs[side] = legs
        d.t_legs[side] = 0
    if legs == LEGS_UNKNOWN:
        return LEGS_UNKNOWN
    d.t_legs[side] = timer(d, 1, d.t_legs[side], p.legs_ticks, ticks)
    return legs if d.t_legs[side] >= p.legs_ticks else LEGS_UNKNOWN


def follow_legs(d, m, p, ticks):
    """Missing leg, one wire on both legs, line and neutral swapped, legs at 120 degrees."""
    l1_v = m.utility_l1_v
    l2_v = m.utility_l2_v
    l12_v = m.utility_l12_v
    legs = stand(d, p, SIDE_UTILITY, legs_of(p, l1_v, l2_v, l12_v, m.utility_doubtful), ticks)
    if legs != LEGS_UNKNOWN:
        on = 1 if legs == LEGS_MISSING else 0
        judge_legs(d, FINDING_UTILITY_LEG_MISSING, on, CONFIDENCE_MEASURED, l1_v, l2_v, l12_v, p.leg_dead_v)
        on = 1 if legs == LEGS_SAME else 0
        judge_legs(d, FINDING_UTILITY_LEGS_SAME, on, CONFIDENCE_MEASURED, l1_v, l2_v, l12_v, p.legs_ratio)
    l1_v = m.inlet_l1_v
    l2_v = m.inlet_l2_v
    l12_v = m.inlet_l12_v
    legs = stand(d, p, SIDE_INLET, legs_of(p, l1_v, l2_v, l12_v, m.inlet_doubtful), ticks)
    if legs != LEGS_UNKNOWN:
        on = 1 if legs == LEGS_MISSING else 0
        judge_legs(d, FINDING_INLET_LEG_MISSING, on, CONFIDENCE_MEASURED, l1_v, l2_v, l12_v, p.leg_dead_v)
        on = 1 if legs == LEGS_SAME else 0
        judge_legs(d, FINDING_INLET_LEGS_SAME, on, CONFIDENCE_MEASURED, l1_v, l2_v, l12_v, p.legs_ratio)
        on = 1 if legs == LEGS_SWAPPED else 0
        judge_legs(d, FINDING_INLET_NEUTRAL_SWAPPED, on, CONFIDENCE_MEASURED, l1_v, l2_v, l12_v, p.leg_double_v)
        on = 1 if legs == LEGS_ANGLE else 0
        judge_legs(d, FINDING_INLET_LEGS_ANGLE, on, CONFIDENCE_LIKELY, l1_v, l2_v, l12_v, p.legs_ratio)


def follow_unbalance(d, m, p, ticks):
    """On backup: one leg near what it may carry, the other far from it."""
    code = FINDING_LEGS_UNBALANCED
    if d.feed != FEED_BACKUP or current_is_good(m) == 0:
        d.t_unbalanced = 0
        d.t_balanced = 0
        return
    high = m.l1_a if m.l1_a > m.l2_a else m.l2_a
    low = m.l2_a if m.l1_a > m.l2_a else m.l1_a
    on = 1 if high >= p.legs_high_a and low < p.legs_share * high else 0
    d.t_unbalanced = timer(d, on, d.t_unbalanced, p.unbalanced_ticks, ticks)
    off = 1 if high < 0.9 * p.legs_high_a or low >= p.legs_share * high else 0
    d.t_balanced = timer(d, off, d.t_balanced, p.unbalanced_ticks, ticks)
    if d.t_unbalanced >= p.unbalanced_ticks:
        find(d, code, CONFIDENCE_MEASURED)
        describe(d, code, high, low, high - low, p.legs_high_a)
        d.place[code] = 1 if m.l1_a > m.l2_a else 2
    elif d.t_balanced >= p.unbalanced_ticks:
        end(d, code)


def judge_range(d, p, code, outside, inside, needed_ticks, low, high, low_limit, high_limit):
    """A range of ANSI C84.1 by its two timers. Both end by the longer time inside: a sick leg goes in and out."""
    if outside >= needed_ticks:
        find(d, code, CONFIDENCE_MEASURED)
        # A leg that only touches the limit leaves the last values as they are.
        if low < low_limit:
            describe(d, code, low, high, 0.0, low_limit)
        elif high > high_limit:
            describe(d, code, high, low, 0.0, high_limit)
    elif inside >= p.range_a_ticks:
        end(d, code)


def follow_range(d, s, m, p, ticks):
    """Service voltage outside range A or B for longer than a setting; an outage or a dead leg is neither."""
    good = within(m.utility_l1_v, LEAST_V, MOST_V) * within(m.utility_l2_v, LEAST_V, MOST_V)
    if s.u_contact != CONTACT_CLOSED or m.utility_doubtful != 0 or good == 0:
        d.t_outside_a = 0
        d.t_inside_a = 0
        d.t_outside_b = 0
        d.t_inside_b = 0
        return
    high = m.utility_l1_v if m.utility_l1_v > m.utility_l2_v else m.utility_l2_v
    low = m.utility_l2_v if m.utility_l1_v > m.utility_l2_v else m.utility_l1_v
    band = p.range_band_v
    inside = 1 if low > p.range_a_low_v + band and high < p.range_a_high_v - band else 0
    outside = 1 if low < p.range_a_low_v or high > p.range_a_high_v else 0
    # Between the two both timers stand still: a voltage that touches the limit is neither cured nor new.
    if inside == 1 or outside == 1:
        d.t_outside_a = timer(d, outside, d.t_outside_a, p.range_a_ticks, ticks)
        d.t_inside_a = timer(d, inside, d.t_inside_a, p.range_a_ticks, ticks)
    judge_range(
        d,
        p,
        FINDING_RANGE_A,
        d.t_outside_a,
        d.t_inside_a,
        p.range_a_ticks,
        low,
        high,
        p.range_a_low_v,
        p.range_a_high_v,
    )
    inside = 1 if low > p.range_b_low_v + band and high < p.range_b_high_v - band else 0
    outside = 1 if low < p.range_b_low_v or high > p.range_b_high_v else 0
    if inside == 1 or outside == 1:
        d.t_outside_b = timer(d, outside, d.t_outside_b, p.range_b_ticks, ticks)
        d.t_inside_b = timer(d, inside, d.t_inside_b, p.range_a_ticks, ticks)
    judge_range(
        d,
        p,
        FINDING_RANGE_B,
        d.t_outside_b,
        d.t_inside_b,
        p.range_b_ticks,
        low,
        high,
        p.range_b_low_v,
        p.range_b_high_v,
    )
