"""The checkers of chaos: the laws from solved voltages, currents, contact positions and orders. Written like Core Python.

None reads a fact or a setting of the controller. Limits are the checkers' own, from the laws; where a law gives none,
an own choice beside it. What the meter *did* is judged: its orders, its mode's change with its event, its lockout with
what is known to have happened to it.
"""

from bptm.compiled.kernel_chaos_circuit import DEAD_V, LIVE_V
from bptm.compiled.kernel_chaos_excuses import (
    FAULTY_UTILITY,
    SENSORS,
    witnessed,
)
from bptm.compiled.kernel_chaos_what import (
    WHAT_OVERLOAD,
    WHAT_SHORT,
)
from bptm.terms.core_codes import (
    CAUSE_BACKFEED,
    CAUSE_NONE,
    EVENT_MODE_CHANGED,
    ORDER_CLOSE,
    ORDER_OPEN,
)

BUS_DEAD_V = 30.0
"""0.25 pu: no close onto more. Source: domain.md 2.7."""
APART_LEAST_TICKS = 54
"""0.45 s: the dead time of 0.5 s less two half-cycles of sensing and travel. Source: domain.md 2.7."""
BUS_DEAD_LEAST_TICKS = 11
"""100 ms less a half-cycle. Source: domain.md H1."""
FOLLOW_MOST_TICKS = 4
"""LAW-5: 40 ms are 4.8 half-cycles; an order that stands in a fifth is late."""
FED_BACK_MOST_TICKS = 12
"""LAW-5: 100 ms."""
BLADES_MOST_TICKS = 400 * 120
"""LAW-5, mirror, has no time of its own: an inverter is watched for five minutes. Own choice."""
ITIC_80_TICKS = 1200
ITIC_70_TICKS = 60
ITIC_DEAD_TICKS = 2
ITIC_110_TICKS = 60
ITIC_120_TICKS = 1
"""Corners of the no-interruption region. Source: ITI (CBEMA) curve, domain.md 2.3."""
RECENT_TICKS = 600
"""LAW-12: a utility outside that region this short ago explains an opening: 5 s, as contactor and dead times need."""
RETURN_MOST_TICKS = (60 + 300 + 120) * 120
"""LAW-7: steady 60 s, slot of 5 min, and two minutes for dead times, travel and retries."""
RETURN_MOST_FLAPPED_TICKS = (1800 + 300 + 120) * 120
TRANSFER_MOST_TICKS = (21 + 30 + 120) * 120
"""LAW-11: 27 in its slowest stage, acceptance, and two minutes."""
BAD_LEGS_MOST_TICKS = 12 * 120
HARM_MOST_TICKS = 120
"""LAW-6: a leg above 1.2 pu by a broken neutral: 0.16 s and travel, with room; wrong legs: 10 s. Own choices."""
EXPORT_MOST_TICKS = 24 * 120
"""LAW-14: sustained export to an island outside its limits: 27 in its slowest stage (21 s), and 3 s. Own choice."""
EXPORT_W = 60.0
"""LAW-14: less than this is no export worth the name. Own choice."""
LOST_AGAIN_TICKS = 5
"""Beside B's travel: a utility that is lost again before B has opened fell with the bus, as a weld would."""
SOURCE_SEEN_TICKS = 6 * 120
"""A source that changes less than this before a close may not have shown it: 3 s of 27 and its dead time."""
U_BREAKING_A = 1200.0
B_BREAKING_A = 180.0
"""LAW-15: six times 200 A and 30 A. Source: UL 1008, domain.md 2.7."""
REGISTER_SHARE = 0.002
REGISTER_LEAST_MWTICKS = 432000000.0
"""LAW-8: 0.2 %, and a watt-hour for the half-seconds in which contacts travel."""
HOLD_UP_LEAST_TICKS = 120
"""LAW-2: a second of hold-up moves a contactor twice. Own choice."""


def breaks(h, law, seen, wanted):
    """Notes that a law is broken, unless what happened excuses it; the first one keeps its values."""
    if (h.excused >> law) & 1 == 1:
        return
    if h.broken == 0:
        h.broken_tick = h.tick
        h.seen = seen
        h.wanted = wanted
    h.broken |= 1 << law


def lower(a, b):
    """The lower of two."""
    return min(b, a)


def higher(a, b):
    """The higher of two."""
    return max(b, a)


def utility_normal(h):
    """1 while the feeder is energised and nothing is wrong with its wires."""
    if h.utility_on == 0 or h.utility_leg_lost != 0 or h.utility_alike != 0 or h.neutral_ohm > 0.3:
        return 0
    return 1


def utility_good(h):
    """1 while U could feed the home well: Range B, 60 Hz, legs against each other; by the node, with margins."""
    if utility_normal(h) == 0 or h.utility_hz < 59.6 or h.utility_hz > 60.05:
        return 0
    low_v = lower(h.utility_l1_v, h.utility_l2_v)
    high_v = higher(h.utility_l1_v, h.utility_l2_v)
    return 1 if low_v > 112.0 and high_v < 125.0 and h.utility_l12_v > 1.95 * low_v else 0


def source_good(h):
    """1 while the source could feed the home: within half of its window, legs against each other."""
    if h.source_on == 0 or h.plugged == 0 or h.source_leg_lost != 0 or h.source_alike != 0 or h.source_share != 1.0:
        return 0
    return 1 if h.source_off_hz == 0.0 and h.source_neutral_ohm < 0.1 and h.inlet_c < 60.0 else 0


def fits(h):
    """1 while the load would not trip 49, 50 or 51 of the source's limit, with a fifth of room."""
    worst_w = higher(h.l1_w, h.l2_w) + 0.5 * h.l12_w
    return 1 if worst_w < 0.8 * 30.0 * 120.0 and h.l1_w + h.l2_w + h.l12_w < 0.8 * h.rating_w else 0


def counted(on, t, ticks):
    """A count of ticks while something holds."""
    return t + ticks if on == 1 else 0


def watch_itic(h, ticks):
    """How long each corner of the no-interruption region has been passed, and since when the utility is inside."""
    low_v = lower(h.utility_l1_v, h.utility_l2_v)
    high_v = higher(h.utility_l1_v, h.utility_l2_v)
    h.t_below_90 = counted(1 if low_v < 108.0 else 0, h.t_below_90, ticks)
    h.t_below_80 = counted(1 if low_v < 96.0 else 0, h.t_below_80, ticks)
    h.t_below_70 = counted(1 if low_v < 84.0 else 0, h.t_below_70, ticks)
    h.t_above_110 = counted(1 if high_v > 132.0 else 0, h.t_above_110, ticks)
    h.t_above_120 = counted(1 if high_v > 144.0 else 0, h.t_above_120, ticks)
    outside = 1 - utility_normal(h)
    if h.utility_hz < 59.3 or h.utility_hz > 60.5:
        outside = 1
    if h.t_below_90 > ITIC_80_TICKS or h.t_below_80 > ITIC_70_TICKS or h.t_below_70 > ITIC_DEAD_TICKS:
        outside = 1
    if h.t_above_110 > ITIC_110_TICKS or h.t_above_120 > ITIC_120_TICKS:
        outside = 1
    h.t_outside = 0 if outside == 1 else h.t_outside + ticks


def judge_orders_given(h, k):
    """LAW-1: never both orders, whatever has happened."""
    if k.u_out == ORDER_CLOSE and k.b_out == ORDER_CLOSE:
        h.excused = h.excused & ~(1 << 1)
        breaks(h, 1, 2.0, 1.0)


def judge_close(h, unsupplied):
    """LAW-2, when a close that software ordered begins."""
    worst_v = higher(h.bus_l1_v, h.bus_l2_v)
    if worst_v > BUS_DEAD_V:
        breaks(h, 2, worst_v, BUS_DEAD_V)
    elif h.t_bus_dead < BUS_DEAD_LEAST_TICKS:
        breaks(h, 2, float(h.t_bus_dead), float(BUS_DEAD_LEAST_TICKS))
    elif h.u_poles == 0 and h.b_poles == 0 and h.t_apart < APART_LEAST_TICKS:
        breaks(h, 2, float(h.t_apart), float(APART_LEAST_TICKS))
    if unsupplied == 1 and h.hold_up_ticks < HOLD_UP_LEAST_TICKS:
        breaks(h, 2, float(h.hold_up_ticks), float(HOLD_UP_LEAST_TICKS))


def judge_source_taken(h):
    """LAW-6, when B begins to close on an order: what stands at the inlet."""
    low_v = lower(h.inlet_l1_v, h.inlet_l2_v)
    if higher(h.inlet_l1_v, h.inlet_l2_v) < LIVE_V or h.tick - h.source_tick < SOURCE_SEEN_TICKS:
        # Dead, or changed while the transfer was under way: it is left again, which is judged apart.
        return
    if low_v < 80.0:
        breaks(h, 6, low_v, 80.0)
    elif h.inlet_l12_v < 1.6 * low_v:
        breaks(h, 6, h.inlet_l12_v, 1.6 * low_v)


def judge_u_opening(h, ordered):
    """LAW-12 and LAW-15, when U begins to open on an order. `ordered`: a person or the utility asked for it."""
    worst_a = higher(h.u1_a, h.u2_a)
    if worst_a > U_BREAKING_A:
        breaks(h, 15, worst_a, U_BREAKING_A)
    if ordered == 0 and h.t_outside > RECENT_TICKS and h.t_fed_back == 0:
        breaks(h, 12, float(h.t_outside), float(RECENT_TICKS))


def judge_b_opening(h):
    """LAW-15, when B begins to open on an order."""
    worst_a = higher(h.b1_a, h.b2_a)
    if worst_a > B_BREAKING_A:
        breaks(h, 15, worst_a, B_BREAKING_A)


def judge_joined(h, k, ticks):
    """LAW-1 in the circuit, LAW-5 and LAW-14: a home that feeds a dead grid, or an inlet fed by the utility."""
    if h.u_poles != 0 and h.b_poles != 0:
        breaks(h, 1, float(h.u_poles), 0.0)
    energised = 0
    if h.utility_on == 0 and h.b_poles != 0 and h.source_on == 1 and h.plugged == 1:
        if h.utility_l1_v > DEAD_V or h.utility_l2_v > DEAD_V:
            energised = 1
    h.t_fed_back = counted(energised, h.t_fed_back, ticks)
    ordered = 1 if energised == 1 and k.b_out == ORDER_CLOSE and h.b_moving == 0 else 0
    h.t_followed = counted(ordered, h.t_followed, ticks)
    if energised == 1:
        breaks(h, 14, higher(h.utility_l1_v, h.utility_l2_v), DEAD_V)
        if h.powered == 1 and h.b_weld == 0 and h.b_driven == 0:
            if h.t_followed > FOLLOW_MOST_TICKS:
                breaks(h, 5, float(h.t_followed), float(FOLLOW_MOST_TICKS))
            # The travel of a contactor that is slow by fault is not the software's.
            if h.t_fed_back > FED_BACK_MOST_TICKS + h.b_travel_ticks - 4:
                breaks(h, 5, float(h.t_fed_back), float(FED_BACK_MOST_TICKS))
    blades = 0
    if h.u_poles != 0 and h.b_poles != 0 and h.utility_on == 1 and h.source_on == 0 and h.powered == 1:
        blades = 1 if h.u_weld == 0 and h.u_stuck == 0 and h.u_driven == 0 and h.inlet_l1_v > DEAD_V else 0
    h.t_blades = counted(blades, h.t_blades, ticks)
    if h.t_blades > BLADES_MOST_TICKS:
        breaks(h, 5, float(h.t_blades), float(BLADES_MOST_TICKS))
    judge_export(h, ticks)


def judge_export(h, ticks):
    """LAW-14, towards a utility outside its limits: a U that can open does, and a meter that can see the power sees it.

    An island whose voltage its inverter keeps within the limits cannot be told from a grid.
    """
    exports = 0
    if h.u_poles != 0 and h.u_w < -EXPORT_W and h.powered == 1 and h.b_poles == 0 and h.u_weld == 0:
        if h.u_stuck == 0 and h.u_driven == 0 and h.hold_up_ticks >= HOLD_UP_LEAST_TICKS:
            low_v = lower(h.utility_l1_v, h.utility_l2_v)
            exports = 1 if low_v < 105.6 or higher(h.utility_l1_v, h.utility_l2_v) > 144.0 else 0
    h.t_exports = counted(exports, h.t_exports, ticks)
    if h.t_exports > EXPORT_MOST_TICKS and h.happened & SENSORS == 0:
        breaks(h, 14, float(h.t_exports), float(EXPORT_MOST_TICKS))


def judge_legs(h, ticks):
    """LAW-6: a home that stays on wrong legs, or on a leg that a broken neutral lifts."""
    fed = 1 if h.powered == 1 and h.u_moving == 0 and h.b_moving == 0 else 0
    on_backup = 1 if h.b_poles != 0 and h.source_on == 1 and h.plugged == 1 and h.u_poles == 0 else 0
    low_v = lower(h.bus_l1_v, h.bus_l2_v)
    high_v = higher(h.bus_l1_v, h.bus_l2_v)
    wrong = 0
    if fed == 1 and on_backup == 1 and high_v > 60.0:
        if h.bus_l12_v < 0.85 * (h.bus_l1_v + h.bus_l2_v) or (
            high_v - low_v > 40.0 and h.bus_l12_v > 200.0 and h.bus_l12_v < 255.0
        ):
            wrong = 1
    h.t_bad_legs = counted(wrong, h.t_bad_legs, ticks)
    if h.t_bad_legs > BAD_LEGS_MOST_TICKS:
        breaks(h, 6, float(h.t_bad_legs), float(BAD_LEGS_MOST_TICKS))
    harm = 0
    if fed == 1 and high_v > 150.0 and h.bus_l12_v > 225.0 and h.bus_l12_v < 250.0:
        if (h.u_poles != 0 and h.utility_on == 1 and h.u_weld == 0 and h.u_stuck == 0) or on_backup == 1:
            harm = 1
    h.t_harm = counted(harm, h.t_harm, ticks)
    if h.t_harm > HARM_MOST_TICKS:
        breaks(h, 6, high_v, 150.0)


def judge_liveness(h, ticks):
    """LAW-7 and LAW-11: what is due and does not come."""
    apart = 1 if h.lever == 1 or h.disconnected == 1 or h.tested == 1 or h.held_until_tick > h.tick else 0
    h.t_good = counted(utility_good(h), h.t_good, ticks)
    due = 1 if h.t_good > 0 and h.powered == 1 and apart == 0 and h.u_poles != 3 and h.residual_v == 0.0 else 0
    h.t_waits = counted(due, h.t_waits, ticks)
    most = RETURN_MOST_FLAPPED_TICKS if h.losses > 2 or (h.happened & FAULTY_UTILITY) != 0 else RETURN_MOST_TICKS
    if h.t_waits > most:
        breaks(h, 7, float(h.t_waits), float(most))
    h.t_dead = counted(1 - h.utility_on, h.t_dead, ticks)
    h.t_source_good = counted(source_good(h), h.t_source_good, ticks)
    due = 1 if h.t_dead > 0 and h.t_source_good > 0 and apart == 0 and h.b_poles != 3 and fits(h) == 1 else 0
    h.t_idle = counted(due, h.t_idle, ticks)
    # A source that stopped by itself counts as a trial, and three end its use.
    spoilt = 1 if h.source_stops > 0 or (h.happened & (1 << WHAT_OVERLOAD | 1 << WHAT_SHORT)) != 0 else 0
    if h.t_idle > TRANSFER_MOST_TICKS and spoilt == 0:
        breaks(h, 11, float(h.t_idle), float(TRANSFER_MOST_TICKS))


def judge_change(h, s, before):
    """LAW-9: every change of mode has an event and a cause; every lockout a listed cause that something bears out."""
    if s.mode != before:
        h.causes |= 1 << s.cause
        if (s.events >> EVENT_MODE_CHANGED) & 1 == 0 or s.cause == CAUSE_NONE:
            breaks(h, 9, float(s.mode), float(before))
    if s.latched != h.latched_seen:
        if s.latched != CAUSE_NONE and (witnessed(s.latched) & h.happened) == 0:
            if s.latched == CAUSE_BACKFEED and h.utility_on == 0 and h.t_dead < h.b_travel_ticks + LOST_AGAIN_TICKS:
                # It waits for a person now, with nothing wrong: LAW-7 and LAW-11 have nothing left to say.
                h.forgiven |= 1 << 7 | 1 << 11
                h.excused |= h.forgiven
            else:
                breaks(h, 9, float(s.latched), 0.0)
        h.latched_seen = s.latched


def judge_start(h, s, k):
    """LAW-3, when the meter has started: no close; U as found, or ordered open. By what the poles truly are."""
    if s.u_order == ORDER_CLOSE or s.b_order == ORDER_CLOSE or k.u_out == ORDER_CLOSE or k.b_out == ORDER_CLOSE:
        breaks(h, 3, 1.0, 0.0)
    told_true = 1 if h.u_says_open == 0 and h.u_says_closed == 0 and h.u_says_nothing == 0 else 0
    if h.b_says_open != 0 or h.b_says_closed != 0 or h.b_says_nothing != 0 or h.u_moving != 0 or h.b_moving != 0:
        told_true = 0
    # A U that is open already needs no order: B then opens alone.
    if told_true == 1 and h.b_poles == 3 and h.u_poles != 0 and s.u_order != ORDER_OPEN:
        breaks(h, 3, float(h.b_poles), 0.0)
    if told_true == 1 and h.u_poles == 3 and h.b_poles == 0 and h.latched_seen == 0 and s.u_order == ORDER_OPEN:
        breaks(h, 3, float(h.u_poles), 3.0)


def judge_command(h, s, latched, u_order, b_order, mode):
    """LAW-4: a message itself moves nothing, clears nothing, closes nothing."""
    if s.latched != latched or s.mode != mode or s.u_order != u_order or s.b_order != b_order:
        breaks(h, 4, float(s.mode), float(mode))


def judge_disconnected(h, k):
    """LAW-4: a disconnection, remote or by the lever, never leads to a transfer."""
    if (h.disconnected == 1 or h.lever == 1) and h.b_poles == 0 and k.b_out == ORDER_CLOSE and h.b_moving == 0:
        if h.utility_on == 1:
            breaks(h, 4, 1.0, 0.0)


def judge_registers(h, s):
    """LAW-8, at the end of an episode: each register against the circuit, where nothing of the episode excused it."""
    if (h.excused_ever >> 8) & 1 == 1:
        return
    in_u = float(s.utility_in_mwticks - h.register_u_mwticks)
    in_b = float(s.backup_in_mwticks - h.register_b_mwticks)
    in_x = float(s.unassigned_mwticks - h.register_x_mwticks)
    off = in_u - float(h.true_u_in_mwticks)
    slack = REGISTER_SHARE * float(h.true_u_in_mwticks) + in_x + REGISTER_LEAST_MWTICKS
    if off > slack or off < -slack:
        breaks(h, 8, in_u, float(h.true_u_in_mwticks))
    off = in_b - float(h.true_b_in_mwticks)
    slack = REGISTER_SHARE * float(h.true_b_in_mwticks) + in_x + REGISTER_LEAST_MWTICKS
    if off > slack or off < -slack:
        breaks(h, 8, in_b, float(h.true_b_in_mwticks))


def count_checked(h, ticks):
    """Time for which each law was asserted, at the resolution it needs: a stride has nothing inside it."""
    for law in range(1, 16):
        if (h.excused >> law) & 1 == 0:
            h.checked_ticks[law] += ticks
