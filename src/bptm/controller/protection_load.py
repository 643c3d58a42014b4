"""Load and power: 51 in definite stages and by curve, 49 and 32 of the backup source, 32 towards a lost utility. Core Python."""

from bptm.controller.protection_curves import ONE, TRAVEL_FULL, curve_rate, curve_reset_rate, decay
from bptm.controller.protection_values import higher, loads_backup, milliamps, only_utility_closed, thousandths
from bptm.controller.timing import timer

HEAT_MOST = 8000000000
"""A heat in millionths no higher than this: its product with 2^30 stays within 64 bits."""


def leg_current(current_a):
    """A leg current, 0 for what is no number or negative (`current_doubted` says so)."""
    return current_a if current_a > 0.0 else 0.0


def judge_curve(s, p, on, current, ticks):
    """51 by curve: `travel` reaches `TRAVEL_FULL` when the integral of 1 / t(I) over time is 1.

    Physical: the RMS of the worse leg above `curve_pickup_a`, IEC 60255-151 or IEEE C37.112 by `curve`, times
    `curve_dial`. Reset at once below the pickup, or (`curve_reset`) as the disc of IEEE C37.112. Whole numbers:
    within 1e-4 of the formula, exact however time is cut. A current error of 0.5 % moves t by at most 10 % at
    1.1 times the pickup and by 1 % above twice.
    """
    if on == 0 and s.travel == 0:
        return
    if p.curve == 0:
        s.travel = 0
        return
    pickup = milliamps(p.curve_pickup_a)
    dial = thousandths(p.curve_dial)
    carried = current if on == 1 else 0
    if carried > pickup:
        rate = curve_rate(p.curve, dial, carried, pickup)
        s.travel = s.travel + rate * ticks
        if s.travel >= TRAVEL_FULL:
            s.travel = TRAVEL_FULL
        elif rate > 0:
            left_ticks = (TRAVEL_FULL - s.travel + rate - 1) // rate
            if left_ticks < s.wake_ticks:
                s.wake_ticks = left_ticks
    elif p.curve_reset == 0:
        s.travel = 0
    elif carried < pickup:
        s.travel = s.travel - curve_reset_rate(p.curve, dial, carried, pickup) * ticks
        if s.travel < 0:
            s.travel = 0


def heat_at(base, target, age_ticks, tau_ticks):
    """Thermal image after so long at a constant current, in millionths: a first-order approach to its target."""
    part = decay(age_ticks, tau_ticks)
    if base >= target:
        return target + (base - target) * part // ONE
    return target - (target - base) * part // ONE


def heat_now(s, p):
    """The thermal image in millionths, for hosts; `s.heat` is kept up only where an element needs it."""
    return heat_at(s.heat_base, s.heat_target, s.t_heat, p.heat_tau_ticks)


def await_heat(s, p, level):
    """Lowers `s.wake_ticks` so that no stride passes the crossing of a level.

    The straight line from here on its present slope crosses before the curve does, which flattens; a sixteenth off
    for rounding, and what it gives is tried.
    """
    wait_ticks = 0
    rises = 1 if s.heat < level else 0
    if rises == 1 and s.heat_target >= level:
        wait_ticks = (level - s.heat) * p.heat_tau_ticks // (s.heat_target - s.heat)
    elif rises == 0 and s.heat_target < level:
        wait_ticks = (s.heat - level) * p.heat_tau_ticks // (s.heat - s.heat_target)
    else:
        return
    wait_ticks = wait_ticks - wait_ticks // 16 - 1
    if wait_ticks > 1:
        ahead = heat_at(s.heat_base, s.heat_target, s.t_heat + wait_ticks, p.heat_tau_ticks)
        if (rises == 1 and ahead >= level) or (rises == 0 and ahead < level):
            wait_ticks = 1
    if wait_ticks < 1:
        wait_ticks = 1
    if wait_ticks < s.wake_ticks:
        s.wake_ticks = wait_ticks


def judge_heat(s, p, on, current, ticks):
    """49: thermal image of cord, inlet and contactor. Returns 1 when it has operated.

    Physical: heat follows (I / limit_a)^2 of the worse leg with the time constant `heat_tau_ticks`; 1 is where
    `limit_a` for ever would take it. `load_high` from `heat_alarm`, operates from `heat_trip`. From cold at 1.35
    times the limit 8.6 min, at 1.05 times never beyond its asymptote; below a breaker of UL 489 (1 h at 135 %), and
    at 200 %, where that breaker has 2 min, 51 operates after 10 s. Kept through a reset, as it then stood: a meter
    cannot know how long it was without supply, so it takes no cooling for granted.
    """
    target = 0
    if on == 1:
        limit = milliamps(p.limit_a)
        target = current * current * 1000000 // (limit * limit)
        if target > HEAT_MOST:
            target = HEAT_MOST
    if target != s.heat_target:
        s.heat_base = heat_at(s.heat_base, s.heat_target, s.t_heat, p.heat_tau_ticks)
        s.heat_target = target
        s.t_heat = 0
    if s.heat_base != target:
        s.t_heat = s.t_heat + ticks
        if s.t_heat >= 20 * p.heat_tau_ticks:
            # It has arrived (`decay` is 0 from here): no count grows for ever.
            s.heat_base = target
            s.t_heat = 0
    s.load_high = 0
    if on == 0:
        return 0
    alarm = int(p.heat_alarm * 1000000.0 + 0.5)
    trip = int(p.heat_trip * 1000000.0 + 0.5)
    if s.heat_base < alarm and target < alarm:
        # It stays between the two: nothing to tell, and most scans end here.
        s.heat = s.heat_base
        return 0
    s.heat = heat_at(s.heat_base, target, s.t_heat, p.heat_tau_ticks)
    await_heat(s, p, alarm)
    await_heat(s, p, trip)
    if s.heat >= alarm:
        s.load_high = 1
    return 1 if s.heat >= trip else 0


def judge_island(s, m, p, ticks):
    """32 towards the utility (LAW-14): the premises feed a utility that is lost.

    Physical: U alone reads closed, 27, 59 or 47 stands, and more than `island_w` flows out of the premises, for
    `island_ticks`. A utility that is lost is outside what ITIC rides through, so no ride-through is lost by it (LAW-12).
    Sensor error: 0.5 % of a leg current near zero moves the power by less than a watt; motors that run down give back
    for less than the delay of 27. An island whose voltage stays within the limits, or that takes no more than the
    premises use themselves, is not seen: by voltage and power it is a grid.
    """
    feeds = 0
    if only_utility_closed(s) == 1 and s.utility_lost == 1 and s.current_doubted == 0 and m.premise_w < -p.island_w:
        feeds = 1
    s.t_island = timer(s, feeds, s.t_island, p.island_ticks, ticks)
    s.islanded = 1 if s.t_island >= p.island_ticks else 0


def judge_load(s, m, p, ticks):
    """51 in two definite stages and by curve, 49 and 32, while the backup source feeds the premise.

    Definite stages: the worse leg above `overload_ratio` (`overload_high_ratio`) times `limit_a` for their delays:
    before the source's own breaker, after a motor's start. A current that is not known for `current_doubt_ticks`
    counts as an overload: doubt hides none for longer. 32: power into the source above `reverse_w` and what it may
    take back (`charge_w`).
    """
    judge_island(s, m, p, ticks)
    on = loads_backup(s)
    if on == 0:
        s.t_overload = 0
        s.t_overload_high = 0
        s.t_reverse = 0
        s.overload = 0
        s.reverse_power = 0
        judge_curve(s, p, 0, 0, ticks)
        judge_heat(s, p, 0, 0, ticks)
        return
    most_a = higher(leg_current(m.l1_a), leg_current(m.l2_a))
    above = 1 if most_a > p.overload_ratio * p.limit_a else 0
    s.t_overload = timer(s, above, s.t_overload, p.overload_ticks, ticks)
    far_above = 1 if most_a > p.overload_high_ratio * p.limit_a else 0
    s.t_overload_high = timer(s, far_above, s.t_overload_high, p.overload_high_ticks, ticks)
    current = milliamps(most_a)
    judge_curve(s, p, 1, current, ticks)
    hot = judge_heat(s, p, 1, current, ticks)
    s.overload = 0
    if (
        s.t_overload >= p.overload_ticks
        or s.t_overload_high >= p.overload_high_ticks
        or s.travel >= TRAVEL_FULL
        or hot == 1
        or s.t_current_doubt >= p.current_doubt_ticks
    ):
        s.overload = 1
    back = 1 if m.premise_w < -(p.reverse_w + p.charge_w) else 0
    s.t_reverse = timer(s, back, s.t_reverse, p.reverse_ticks, ticks)
    s.reverse_power = 1 if s.t_reverse >= p.reverse_ticks else 0
