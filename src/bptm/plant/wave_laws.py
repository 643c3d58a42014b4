"""Checkers of the laws on one home at waveform rate, for any controller. Core Python.

They see the solved circuit, positions of contacts, orders, and what the setup has done to the device; of the controller
only whether a lockout stands, since that ends the duty to return. Limits are the bench's own (`LAW_SETTINGS`).

What is judged, and in which unit: 0 orders both; 1 legs on which both conducted; 2 volts on the bus, or seconds since the
other conducted; 3 close orders on a start or in a lockout; 5 seconds; 6 seconds, or volts leg to leg; 7, 11 seconds; 12
per unit of the lowest leg; 14 seconds; 15 amperes. LAW-8 is judged at the end of a run, by the host.
Records: x LAWS, h PLANT, u SETUP, o TRUE, q TOLD.
"""

from bptm.plant.wave_sensors import all_true
from bptm.terms.core_bench_sources import ATTACH_LOAD_SIDE
from bptm.terms.core_codes import (
    ACTION_DISCONNECT,
    ACTION_HOLD_RETURN,
    ACTION_RECONNECT,
    CAUSE_NONE,
    MODE_LOCKED_OUT,
    ORDER_CLOSE,
    ORDER_OPEN,
)

NOMINAL_V = 120.0
DEAD_V = 12.0
LIVE_V = 60.0
SPLIT_SHARE = 0.8
"""Leg to leg over the sum of the legs: below this they are not opposite. Own choice; domain.md 2.6 asks 0.9 of a meter."""
APART_V = 24.0
HIGH_V = 132.0
SOLAR_ISLAND_S = 5.0
"""IEEE 1547 has an island cease within 2 s; the array's own protection, not the meter's."""
TEST_S = 900.0
SHORTEST_S = 0.03
"""Poles that close one after the other look like a missing leg for a half-cycle or two."""
FOR_EVER_S = 1000000000000.0
LONG_AGO_S = 1000000.0
TEN_S = 10.0
GRACE_S = 1.0
"""What made U open may have ended this long before the order. Own choice."""


def judge(x, n, tick, found, needs, bad):
    """One judgement of LAW-n: noted as exercised, and as broken when it is bad."""
    x.exercised |= 1 << n
    if found > x.worst[n]:
        x.worst[n] = found
    if bad == 1:
        if (x.broken >> n) & 1 == 0:
            x.broken |= 1 << n
            x.first_tick[n] = tick
            x.first_found[n] = found
            x.needs[n] = needs
        x.count[n] += 1


def not_split(l1_v, l2_v, l12_v):
    """1 when two legs with voltage are not opposite: missing leg, 120 V on both, ghost through an appliance."""
    if l1_v <= LIVE_V and l2_v <= LIVE_V:
        return 0
    if l1_v <= LIVE_V or l2_v <= LIVE_V:
        return 1
    return 1 if l12_v < SPLIT_SHARE * (l1_v + l2_v) else 0


def neutral_broken(l1_v, l2_v):
    """1 when the legs stand apart and one is too high."""
    apart_v = l1_v - l2_v if l1_v > l2_v else l2_v - l1_v
    high_v = l1_v if l1_v > l2_v else l2_v
    return 1 if apart_v > APART_V and high_v > HIGH_V else 0


def device_sound(h, u, o):
    """1 while nothing of the device is broken by the setup: a fault ends the duty of LAW-7 and LAW-11."""
    x = u.u_weld_l1 + u.u_weld_l2 + u.b_weld_l1 + u.b_weld_l2 + u.u_stuck + u.b_stuck
    x += u.u_feedback_l1 + u.u_feedback_l2 + u.b_feedback_l1 + u.b_feedback_l2
    x += u.reference_lost + u.utility_swapped + u.bus_swapped + u.inlet_swapped
    x += u.comparator_l1_sense + u.comparator_l2_sense + u.reset
    if x != 0.0 or all_true(u) == 0 or h.powered == 0:
        return 0
    return 1 if o.u_welded == 0 and o.b_welded == 0 else 0


def follow_asked(x, u, tick_s):
    """What people and the utility have asked for."""
    if x.asked_left_s > 0.0:
        x.asked_left_s -= tick_s
    if u.remote_action == ACTION_HOLD_RETURN and x.asked_left_s < u.remote_hold_s:
        x.asked_left_s = u.remote_hold_s
    if u.remote_action == ACTION_DISCONNECT:
        x.disconnected = 1
    if u.remote_action == ACTION_RECONNECT:
        x.disconnected = 0
    if u.local_test == 1.0 and x.asked_left_s < TEST_S:
        x.asked_left_s = TEST_S
    if x.disconnected == 1 or u.local_disconnect == 1.0:
        if x.asked_left_s < TEN_S:
            x.asked_left_s = TEN_S


def source_live(h, u):
    """1 while the backup source makes voltage and can be joined."""
    return 1 if h.source_v > 0.0 and h.source_breaker == 1 and (u.plugged == 1.0 or u.attach == ATTACH_LOAD_SIDE) else 0


def utility_good(u, o):
    """1 while the utility's side is what a home may return to."""
    if u.feeder_on == 0.0 or not_split(o.utility_l1_v, o.utility_l2_v, o.utility_l12_v) == 1:
        return 0
    if o.utility_l1_v < 111.0 or o.utility_l1_v > 125.5 or o.utility_l2_v < 111.0 or o.utility_l2_v > 125.5:
        return 0
    return 1 if u.utility_hz > 59.55 and u.utility_hz < 60.05 else 0


def source_sound(h, u, o):
    """1 while the source is one that a home may use."""
    if source_live(h, u) == 0 or not_split(o.inlet_l1_v, o.inlet_l2_v, o.inlet_l12_v) == 1:
        return 0
    if u.attach == ATTACH_LOAD_SIDE or u.latched == 0.0 or (u.plug_a > 0.0 and u.plug_a < 20.0) or h.blade_c > 80.0:
        return 0
    if o.inlet_l1_v < 110.0 or o.inlet_l1_v > 130.0 or o.inlet_l2_v < 110.0 or o.inlet_l2_v > 130.0:
        return 0
    return 1 if h.source_hz > 57.5 and h.source_hz < 62.5 else 0


def judge_orders(x, h, u, o, q):
    """LAW-0, 1, 2, 3, 15: orders and closings."""
    both = 1 if q.u_out == ORDER_CLOSE and q.b_out == ORDER_CLOSE else 0
    if q.u_order == ORDER_CLOSE and q.b_order == ORDER_CLOSE:
        both = 1
    if q.u_out == ORDER_CLOSE or q.b_out == ORDER_CLOSE:
        judge(x, 0, o.tick, float(both), 0.0, both)
    if o.b_ever != 0:
        judge(x, 1, o.tick, float(h.both_ever), 0.0, 1 if h.both_ever != 0 else 0)
    if h.closings != 0:
        live = 1 if h.closed_onto_v > u.dead_bus_v else 0
        soon = 1 if h.closed_after_s < u.dead_time_s else 0
        if live == 0 and soon == 1:
            judge(x, 2, o.tick, h.closed_after_s, u.dead_time_s, 1)
        else:
            judge(x, 2, o.tick, h.closed_onto_v, u.dead_bus_v, live)
    if h.started == 1 and o.tick > 1:
        closes = 1 if q.u_out == ORDER_CLOSE or q.b_out == ORDER_CLOSE else 0
        judge(x, 3, o.tick, float(closes), 0.0, closes)
    if q.latched != CAUSE_NONE and q.mode == MODE_LOCKED_OUT:
        closes = 1 if q.u_out == ORDER_CLOSE or q.b_out == ORDER_CLOSE else 0
        judge(x, 3, o.tick, float(closes), 0.0, closes)
    if h.powered == 1:
        amps = o.utility_l1_a if o.utility_l1_a > o.utility_l2_a else o.utility_l2_a
        opens = 1 if q.u_out == ORDER_OPEN and x.u_out_was != ORDER_OPEN and o.u_poles != 0 else 0
        if opens == 1 or amps > u.u_breaks_a:
            judge(x, 15, o.tick, amps, u.u_breaks_a, opens if amps > u.u_breaks_a else 0)
        amps = o.backup_l1_a if o.backup_l1_a > o.backup_l2_a else o.backup_l2_a
        opens = 1 if q.b_out != ORDER_CLOSE and x.b_out_was == ORDER_CLOSE and o.b_poles != 0 else 0
        if opens == 1 or amps > u.b_breaks_a:
            judge(x, 15, o.tick, amps, u.b_breaks_a, opens if amps > u.b_breaks_a else 0)


def judge_backfeed(x, h, u, o, q, tick_s):
    """LAW-5 and LAW-14: a dead utility side that the premises energise."""
    dead = 1 if u.feeder_on == 0.0 else 0
    through = 1 if o.u_poles != 0 and o.b_poles != 0 and source_live(h, u) == 1 else 0
    x.follow_s = x.follow_s + tick_s if dead == 1 and through == 1 else 0.0
    if x.follow_s > 0.0:
        late = 1 if x.follow_s > u.follow_s + 0.5 * tick_s and q.b_out == ORDER_CLOSE else 0
        able = 1 if u.b_stuck == 0.0 and o.b_welded == 0 else 0
        gone = 1 if x.follow_s > u.gone_s and able == 1 else 0
        judge(x, 5, o.tick, x.follow_s, u.gone_s if gone == 1 else u.follow_s, 1 if late == 1 or gone == 1 else 0)
    fed = 1 if through == 1 else 0
    if o.u_poles != 0 and source_live(h, u) == 1 and u.attach == ATTACH_LOAD_SIDE:
        fed = 1
    solar = 1 if o.u_poles != 0 and h.solar_on == 1 and fed == 0 else 0
    live = 1 if o.utility_l1_v > DEAD_V or o.utility_l2_v > DEAD_V else 0
    x.carry_s = x.carry_s + tick_s if dead == 1 and live == 1 and fed + solar > 0 else 0.0
    if dead == 1 and (o.b_ever != 0 or x.carry_s > 0.0):
        most_s = SOLAR_ISLAND_S if solar == 1 else u.gone_s
        judge(x, 14, o.tick, x.carry_s, most_s, 1 if x.carry_s > most_s else 0)


def judge_legs(x, h, u, o, tick_s):
    """LAW-6: what is no source is not accepted, and is left."""
    wrong = not_split(o.inlet_l1_v, o.inlet_l2_v, o.inlet_l12_v)
    if h.closings >= 4 and x.inlet_wrong == 1:
        judge(x, 6, o.tick, x.inlet_l12_v, SPLIT_SHARE * (x.inlet_l1_v + x.inlet_l2_v), 1)
    if wrong == 1 and source_live(h, u) == 1:
        judge(x, 6, o.tick, 0.0, 0.0, 0)
    x.inlet_wrong = wrong
    x.inlet_l1_v = o.inlet_l1_v
    x.inlet_l2_v = o.inlet_l2_v
    x.inlet_l12_v = o.inlet_l12_v
    bad = not_split(o.bus_l1_v, o.bus_l2_v, o.bus_l12_v)
    broken = neutral_broken(o.bus_l1_v, o.bus_l2_v)
    if u.reference_at_panel == 1.0 and neutral_broken(o.panel_l1_v, o.panel_l2_v) == 1:
        broken = 1
    by_b = 1 if o.b_poles == 3 and (bad == 1 or broken == 1) else 0
    x.b_wrong_s = x.b_wrong_s + tick_s if by_b == 1 else 0.0
    if x.b_wrong_s > SHORTEST_S:
        judge(x, 6, o.tick, x.b_wrong_s, u.leave_s, 1 if x.b_wrong_s > u.leave_s else 0)
    can = 1 if u.u_stuck == 0.0 and o.u_welded == 0 and h.powered == 1 else 0
    by_u = 1 if o.u_poles == 3 and broken == 1 and u.feeder_on == 1.0 and can == 1 else 0
    x.u_harm_s = x.u_harm_s + tick_s if by_u == 1 else 0.0
    if x.u_harm_s > SHORTEST_S:
        judge(x, 6, o.tick, x.u_harm_s, u.leave_s, 1 if x.u_harm_s > u.leave_s else 0)
    by_u = 1 if o.u_poles == 3 and bad == 1 and u.feeder_on == 1.0 and can == 1 and x.sound_s > TEN_S + u.leave_s else 0
    x.u_wrong_s = x.u_wrong_s + tick_s if by_u == 1 and device_sound(h, u, o) == 1 else 0.0
    if x.u_wrong_s > 0.0:
        judge(x, 6, o.tick, x.u_wrong_s, u.leave_s, 1 if x.u_wrong_s > u.leave_s else 0)


def judge_duty(x, h, u, o, q, tick_s):
    """LAW-7 and LAW-11: the utility when it is good, the backup when it is not."""
    free = 1 if device_sound(h, u, o) == 1 and q.latched == CAUSE_NONE and x.asked_left_s <= 0.0 else 0
    good = utility_good(u, o)
    island = 1 if o.u_ever == 0 and o.b_ever == 0 and (o.bus_l1_v > u.dead_bus_v or o.bus_l2_v > u.dead_bus_v) else 0
    if good == 1 and free == 1 and island == 0 and o.u_poles != 3:
        x.good_s += tick_s
        if x.good_s > u.return_most_s:
            judge(x, 7, o.tick, x.good_s, u.return_most_s, 1)
    else:
        if x.good_s > 0.0 and o.u_poles == 3 and x.u_was != 3:
            judge(x, 7, o.tick, x.good_s, u.return_most_s, 0)
        x.good_s = 0.0
    x.sound_s = x.sound_s + tick_s if source_sound(h, u, o) == 1 else 0.0
    if o.backup_l1_a > u.breaker_a or o.backup_l2_a > u.breaker_a or (x.b_was != 0 and h.source_breaker == 0):
        x.overloaded = 1
    if source_live(h, u) == 0:
        x.overloaded = 0
    lost = 1 if u.feeder_on == 0.0 or o.utility_l1_v < LIVE_V or o.utility_l2_v < LIVE_V else 0
    due = 1 if lost == 1 and x.sound_s > 0.0 and free == 1 and island == 0 and x.overloaded == 0 else 0
    if due == 1 and o.b_poles != 3:
        x.idle_s += tick_s
        if x.idle_s > u.backup_most_s:
            judge(x, 11, o.tick, x.idle_s, u.backup_most_s, 1)
    else:
        if x.idle_s > 0.0 and o.b_poles == 3:
            judge(x, 11, o.tick, x.idle_s, u.backup_most_s, 0)
        x.idle_s = 0.0


def longer(on, before_s, tick_s):
    """A time that goes on while something holds."""
    return before_s + tick_s if on == 1 else 0.0


def judge_ride(x, h, u, o, q, tick_s):
    """LAW-12: U opens only when the utility is outside what ITIC has equipment ride through.

    Outside: below 70 % for more than 20 ms, below 80 % for 0.5 s, below 90 % for 10 s, above 120 % for 3 ms, above 110 %
    for 0.5 s; or it is no source, or something else is wrong. Source: ITIC curve, domain.md 2.3.
    """
    low_v = o.utility_l1_v if o.utility_l1_v < o.utility_l2_v else o.utility_l2_v
    high_v = o.utility_l1_v if o.utility_l1_v > o.utility_l2_v else o.utility_l2_v
    low = low_v / NOMINAL_V
    high = high_v / NOMINAL_V
    x.below_70_s = longer(1 if low < 0.7 else 0, x.below_70_s, tick_s)
    x.below_80_s = longer(1 if low < 0.8 else 0, x.below_80_s, tick_s)
    x.below_90_s = longer(1 if low < 0.9 else 0, x.below_90_s, tick_s)
    x.above_110_s = longer(1 if high > 1.1 else 0, x.above_110_s, tick_s)
    x.above_120_s = longer(1 if high > 1.2 else 0, x.above_120_s, tick_s)
    outside = 1 if x.below_70_s > 0.02 or x.below_80_s > 0.5 or x.below_90_s > 10.0 else 0
    if x.above_120_s > 0.003 or x.above_110_s > 0.5:
        outside = 1
    if x.below_90_s > 0.0 and x.outside_ago_s == 0.0:
        # One event until the voltage is back: what has interrupted the equipment is not undone by half a recovery.
        outside = 1
    if not_split(o.utility_l1_v, o.utility_l2_v, o.utility_l12_v) == 1:
        outside = 1
    if device_sound(h, u, o) == 0 or x.asked_left_s > 0.0 or h.started == 1 or o.b_ever != 0:
        outside = 1
    x.outside_ago_s = 0.0 if outside == 1 else x.outside_ago_s + tick_s
    opens = 1 if q.u_out == ORDER_OPEN and x.u_out_was != ORDER_OPEN and o.u_poles != 0 else 0
    disturbed = 1 if (low < 0.9 or high > 1.1) and o.u_poles != 0 else 0
    if opens == 1:
        judge(x, 12, o.tick, low, 0.7, 1 if x.outside_ago_s > GRACE_S else 0)
    elif disturbed == 1:
        judge(x, 12, o.tick, 0.0, 0.0, 0)


def judge_laws(x, h, u, o, q, tick_s):
    """All laws on one half-cycle, after its orders are known."""
    follow_asked(x, u, tick_s)
    judge_orders(x, h, u, o, q)
    judge_backfeed(x, h, u, o, q, tick_s)
    judge_legs(x, h, u, o, tick_s)
    judge_duty(x, h, u, o, q, tick_s)
    judge_ride(x, h, u, o, q, tick_s)
    x.u_out_was = q.u_out
    x.b_out_was = q.b_out
    x.u_was = o.u_poles
    x.b_was = o.b_poles
    o.broken = x.broken
    o.exercised = x.exercised


def begin_laws(x):
    """Checkers that have seen nothing."""
    x.u_was = 3
    x.outside_ago_s = LONG_AGO_S
