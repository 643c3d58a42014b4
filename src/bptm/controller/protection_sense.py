"""Whether readings can be believed: their own marks, their range, and what closed contacts say of them. Core Python.

With U closed and B open, utility and bus are one conductor a leg, and six readings of it are compared:

| found (u: utility, b: bus; one of a pair is live)            | fact                                          |
|--------------------------------------------------------------|-----------------------------------------------|
| u and b agree by leg                                         | none; what they show is so                    |
| legs differ, leg-to-leg voltages agree, both triangles close | `reference_lost`: V12 / 2 stands for each leg |
| utility in band, bus dead on both legs                       | `u_disagrees` (`protection_contacts`)         |
| legs differ otherwise                                        | `utility_doubted`, told as `sense_doubted`    |
| V12 above V1 + V2                                            | that side doubted: no circuit does this       |

Not distinguishable by these readings: a neutral broken *between* the two references looks like a lost reference (told,
U stays closed); one reference serving both sides, when lost, looks like a broken neutral (U opens); a bus sensor that
fails to zero looks like a contact that lies (`u_disagrees`).
"""

from bptm.controller.protection_values import (
    difference,
    disagree,
    higher,
    loads_backup,
    only_backup_closed,
    only_utility_closed,
    within,
)
from bptm.controller.timing import timer

TRIANGLE_SHARE = 1.05
"""A leg-to-leg voltage above this times the sum of the legs is impossible: two sensors of 0.5 % and a margin."""

TRIANGLE_V = 6.0
"""And above this beyond it, so that noise of dead conductors is none. Own choice: half of dead_v."""


def sound(p, doubtful, l1_v, l2_v, l12_v, hz):
    """1 when readings of a side are numbers within range, not marked doubtful, and close their triangle.

    Comparisons stand here and not in `within`: every scan makes them three times. No number fails each of them.
    """
    if doubtful != 0:
        return 0
    if (
        l1_v >= 0.0
        and l1_v <= p.sense_max_v
        and l2_v >= 0.0
        and l2_v <= p.sense_max_v
        and l12_v >= 0.0
        and l12_v <= 2.0 * p.sense_max_v
        and hz >= 0.0
        and hz <= p.sense_max_hz
        and l12_v <= TRIANGLE_SHARE * (l1_v + l2_v) + TRIANGLE_V
    ):
        return 1
    return 0


def in_band(m, p):
    """1 when the utility reads within the limits of return."""
    return (
        1
        if m.utility_l1_v > p.return_low_v
        and m.utility_l2_v > p.return_low_v
        and m.utility_l1_v < p.return_high_v
        and m.utility_l2_v < p.return_high_v
        and m.utility_l12_v >= p.legs_ratio * (m.utility_l1_v + m.utility_l2_v)
        and m.utility_hz > p.return_low_hz
        and m.utility_hz < p.return_high_hz
        else 0
    )


def same_between_legs(m, p):
    """1 when utility and bus read the same live leg-to-leg voltage."""
    high_v = higher(m.utility_l12_v, m.bus_l12_v)
    apart_v = difference(m.utility_l12_v, m.bus_l12_v)
    return 1 if high_v > 2.0 * p.live_v and apart_v <= p.reference_share * high_v else 0


def compare_sides(s, m, p):
    """What the closed contactor says of utility and bus: 0 nothing, 1 a reading is wrong, 2 a reference is lost."""
    if only_utility_closed(s) == 0 or s.utility_doubted == 1 or s.bus_doubted == 1:
        return 0
    leg_1 = disagree(m.utility_l1_v, m.bus_l1_v, p.sense_share, p.live_v)
    leg_2 = disagree(m.utility_l2_v, m.bus_l2_v, p.sense_share, p.live_v)
    if leg_1 == 0 and leg_2 == 0:
        return 0
    if same_between_legs(m, p) == 1:
        return 2
    bus_gone = 1 if m.bus_l1_v < p.dead_v and m.bus_l2_v < p.dead_v else 0
    return 0 if bus_gone == 1 and in_band(m, p) == 1 else 1


def judge_sense(s, m, p, ticks):
    """H4, H5: which readings of this half-cycle may be relied on.

    Window: this half-cycle, no delay: no timer counts on a doubted reading, and a fact that stands is neither
    confirmed nor ended by one. `sense_doubted` tells after `sense_ticks`. Loss of the utility with U closed makes
    both sides dead together, so it is no contradiction. Errors: two sound sensors of 0.5 % and 3 V of drop across
    the contactor stay within `sense_share` of 120 V.
    """
    s.utility_doubted = 1 - sound(p, m.utility_doubtful, m.utility_l1_v, m.utility_l2_v, m.utility_l12_v, m.utility_hz)
    s.bus_doubted = 1 - sound(p, m.bus_doubtful, m.bus_l1_v, m.bus_l2_v, m.bus_l12_v, 0.0)
    s.inlet_doubted = 1 - sound(p, m.inlet_doubtful, m.inlet_l1_v, m.inlet_l2_v, m.inlet_l12_v, m.inlet_hz)
    found = compare_sides(s, m, p)
    s.t_reference = timer(s, 1 if found == 2 else 0, s.t_reference, p.reference_ticks, ticks)
    s.reference_lost = 1 if s.t_reference >= p.reference_ticks else 0
    if found == 1:
        s.utility_doubted = 1
    if only_backup_closed(s) == 1 and s.inlet_doubted == 0 and s.bus_doubted == 0:
        if (
            disagree(m.inlet_l1_v, m.bus_l1_v, p.sense_share, p.live_v) == 1
            or disagree(m.inlet_l2_v, m.bus_l2_v, p.sense_share, p.live_v) == 1
        ):
            s.inlet_doubted = 1
    s.current_doubted = 1
    if (
        m.current_doubtful == 0
        and m.l1_a >= 0.0
        and m.l1_a <= p.sense_max_a
        and m.l2_a >= 0.0
        and m.l2_a <= p.sense_max_a
        and within(m.premise_w, -2.0 * p.sense_max_a * p.sense_max_v, 2.0 * p.sense_max_a * p.sense_max_v) == 1
    ):
        s.current_doubted = 0
    doubted = 1
    if (
        s.utility_doubted == 0
        and s.bus_doubted == 0
        and s.inlet_doubted == 0
        and s.current_doubted == 0
        and thermometers_sound(m, p) == 1
    ):
        doubted = 0
    s.t_sense = timer(s, doubted, s.t_sense, p.sense_ticks, ticks)
    s.sense_doubted = 1 if s.t_sense >= p.sense_ticks else 0
    unknown_current = 1 if s.current_doubted == 1 and loads_backup(s) == 1 else 0
    s.t_current_doubt = timer(s, unknown_current, s.t_current_doubt, p.current_doubt_ticks, ticks)


def thermometers_sound(m, p):
    """1 when both temperatures are numbers that a thermometer gives."""
    if within(m.inlet_c, p.sense_low_c, p.sense_high_c) == 0:
        return 0
    return within(m.ambient_c, p.sense_low_c, p.sense_high_c)
