"""Advice for the people of the home: what runs, what is free, what to switch on next, how long the fuel lasts.

Core Python. `advise` is called by a host next to `scan` with the same inputs; it reads device and measured values and
changes neither. Nothing here decides about a contactor. Like `scan` it may stride over constant inputs: what it learns,
lists and counts is then exactly that of single ticks, since a window that ends inside a stride is cut there.
"""

from math import sqrt

from bptm.controller.advice_plan import plan, start_limit_va
from bptm.controller.advice_steps import all_off, clear, drop_impossible, is_motor, learn, size
from bptm.controller.protection_values import higher, lower
from bptm.controller.timing import timer
from bptm.terms.core_advice import (
    ADVICE_UNMET_NO_ENTRY,
    ADVICE_UNMET_NO_KIND,
    ADVICE_UNMET_NO_LEG,
    ADVICE_UNMET_NO_ROOM,
    ADVICE_UNMET_RANK,
    ADVICE_UNMET_SHARE,
    APPLIANCES,
    KIND_OTHER,
    KIND_RUNNING_W,
    KIND_START_RATIO,
    KINDS_OF_APPLIANCE,
    LEG_1,
    LEG_2,
    LEG_BOTH,
)
from bptm.terms.core_codes import FED_BY_BACKUP, FED_BY_UTILITY, NEVER_TICKS, TICKS_PER_S

MOST = 1000000.0
"""No reading of a home is as large; a value beyond it, infinite or no number is not used."""


def wake_within(a, ticks):
    """There may be something new to say in so many ticks."""
    if ticks < a.wake_ticks:
        a.wake_ticks = ticks if ticks > 0 else 1


def usable(x):
    """1 when a reading is a number of a home."""
    return 1 if x > -MOST and x < MOST else 0


def thousandths(x):
    """A value in whole thousandths, rounded away from 0 at the half."""
    return int(x * 1000.0 + 0.5) if x >= 0.0 else -int(0.5 - x * 1000.0)


def readable(m):
    """1 when every current and power of this scan may be used."""
    if m.current_doubtful == 1 or m.bus_doubtful == 1:
        return 0
    if usable(m.l1_w) == 0 or usable(m.l2_w) == 0 or usable(m.l1_var) == 0 or usable(m.l2_var) == 0:
        return 0
    if usable(m.l1_a) == 0 or usable(m.l2_a) == 0 or m.l1_a < 0.0 or m.l2_a < 0.0:
        return 0
    return 1 if usable(m.bus_l1_v) == 1 and usable(m.bus_l2_v) == 1 else 0


def start_advice(a, p):
    """An advice that knows no appliance and takes the tank for full."""
    for i in range(APPLIANCES):
        clear(a, i)
    a.tick = 0
    a.t_window = 0
    a.level_known = 0
    a.peak_va = 0.0
    a.t_heavy = 0
    a.heavy = 0
    a.burnt = 0
    a.spent_mwticks = 0
    a.fuel_declared = 0
    a.locked = 0
    a.stale = 1
    a.wake_ticks = 1


def outside(p, value_w, anchor_w):
    """1 when a leg has left the band about the begin of its window."""
    return 1 if size(value_w - anchor_w) > p.band_w + p.band_fraction * size(anchor_w) else 0


def begin_window(a, m):
    """A window begins with this scan's load."""
    a.anchor_l1_w = m.l1_w
    a.anchor_l2_w = m.l2_w
    a.t_window = 0
    a.sum_l1_mwticks = 0
    a.sum_l2_mwticks = 0
    a.sum_l1_reactive = 0
    a.sum_l2_reactive = 0


def add(a, m, ticks):
    """Adds so many ticks of this scan's load to the window."""
    a.sum_l1_mwticks += thousandths(m.l1_w) * ticks
    a.sum_l2_mwticks += thousandths(m.l2_w) * ticks
    a.sum_l1_reactive += thousandths(m.l1_var) * ticks
    a.sum_l2_reactive += thousandths(m.l2_var) * ticks
    a.t_window += ticks


def hold_peak(a, m):
    """The largest distance from the settled load, as a vector of active and reactive power: the start of a motor."""
    if a.level_known == 1:
        active_w = m.l1_w - a.level_l1_w + m.l2_w - a.level_l2_w
        reactive_var = m.l1_var - a.level_l1_var + m.l2_var - a.level_l2_var
        a.peak_va = higher(a.peak_va, sqrt(active_w * active_w + reactive_var * reactive_var))


def end_window(a, s, p, at_tick):
    """A whole window has settled: its mean is the load, and its distance from the one before is a step."""
    whole = float(p.settle_ticks) * 1000.0
    l1_w = float(a.sum_l1_mwticks) / whole
    l2_w = float(a.sum_l2_mwticks) / whole
    if a.level_known == 1:
        learn(a, p, l1_w - a.level_l1_w, l2_w - a.level_l2_w, at_tick)
    a.level_known = 1
    a.level_l1_w = l1_w
    a.level_l2_w = l2_w
    a.level_l1_var = float(a.sum_l1_reactive) / whole
    a.level_l2_var = float(a.sum_l2_reactive) / whole
    a.peak_va = 0.0
    a.stale = 1
    if s.fed_by == FED_BY_BACKUP:
        drop_impossible(a, p, at_tick)


def watch(a, s, m, p, ticks):
    """Follows the load: cuts time into windows that stay within the band. A stride is cut where a window ends."""
    if a.t_window == 0 or outside(p, m.l1_w, a.anchor_l1_w) == 1 or outside(p, m.l2_w, a.anchor_l2_w) == 1:
        begin_window(a, m)
    hold_peak(a, m)
    left_ticks = p.settle_ticks - a.t_window
    if ticks < left_ticks:
        add(a, m, ticks)
        wake_within(a, left_ticks - ticks)
        return
    add(a, m, left_ticks)
    end_window(a, s, p, a.tick + left_ticks)
    begin_window(a, m)
    rest_ticks = ticks - left_ticks
    if rest_ticks >= p.settle_ticks:
        # What follows is constant: one more whole window says what all of them say.
        add(a, m, p.settle_ticks)
        hold_peak(a, m)
        end_window(a, s, p, a.tick + left_ticks + p.settle_ticks)
        begin_window(a, m)
        rest_ticks = rest_ticks % p.settle_ticks
    if rest_ticks > 0:
        hold_peak(a, m)
        add(a, m, rest_ticks)
    wake_within(a, p.settle_ticks - rest_ticks)


def find_limits(a, m, p):
    """Rating of the source and what a leg may carry: the least of inlet, coded plug and source."""
    a.rating_known = 1 if p.source_w > 0.0 else 0
    a.leg_limit_a = p.limit_a
    if usable(m.plug_a) == 1 and m.plug_a > 0.0:
        a.leg_limit_a = lower(a.leg_limit_a, m.plug_a)
    a.rating_w = 240.0 * a.leg_limit_a
    if a.rating_known == 1:
        a.rating_w = lower(a.rating_w, p.source_w)
        a.leg_limit_a = lower(a.leg_limit_a, p.source_w / 240.0)


def find_headroom(a, s, m, p, ticks):
    """What is free now on backup; off it, what would be with all breakers off."""
    find_limits(a, m, p)
    a.headroom_live = 1 if s.fed_by == FED_BY_BACKUP else 0
    a.headroom_known = 1
    load_l1_a = 0.0
    load_l2_a = 0.0
    load_w = 0.0
    l1_v = 120.0
    l2_v = 120.0
    if a.headroom_live == 1:
        a.headroom_known = readable(m)
        if a.headroom_known == 0:
            # Doubt does not run the clock of a continuous load, and does not clear it.
            return
        load_l1_a = m.l1_a
        load_l2_a = m.l2_a
        load_w = m.l1_w + m.l2_w
        l1_v = m.bus_l1_v
        l2_v = m.bus_l2_v
    a.headroom_l1_a = a.leg_limit_a - load_l1_a
    a.headroom_l2_a = a.leg_limit_a - load_l2_a
    a.headroom_l1_w = a.headroom_l1_a * l1_v
    a.headroom_l2_w = a.headroom_l2_a * l2_v
    a.headroom_w = a.rating_w - load_w
    a.headroom_start_va = start_limit_va(a, p) - load_w
    a.steady_l1_a = p.continuous_fraction * a.leg_limit_a - load_l1_a
    a.steady_l2_a = p.continuous_fraction * a.leg_limit_a - load_l2_a
    above = 1 if a.steady_l1_a < 0.0 or a.steady_l2_a < 0.0 else 0
    a.t_heavy = timer(a, above, a.t_heavy, p.continuous_ticks, ticks)
    a.heavy = 1 if a.t_heavy >= p.continuous_ticks else 0


def find_locks(a, p):
    """Compressors that stopped less than `lock_ticks` ago."""
    locked = 0
    for i in range(APPLIANCES):
        if a.used[i] == 1 and a.is_on[i] == 0 and a.offs[i] + a.off_tick[i] > 0 and is_motor(a, p, i) == 1:
            left_ticks = a.off_tick[i] + p.lock_ticks - a.tick
            if left_ticks > 0:
                locked |= 1 << i
                wake_within(a, left_ticks)
    if locked != a.locked:
        a.locked = locked
        a.stale = 1


def count_fuel(a, s, m, p, ticks):
    """Burnt since full, and how long the rest lasts. Inferred from load and declared tank; no meter sees a tank.

    Fuel goes with the load on a straight line (Willans) from `fuel_idle_fraction` of what half load takes. An engine
    that runs without carrying the home idles.
    """
    load_w = 0.0
    if s.fed_by == FED_BY_BACKUP:
        # While a current is doubtful the load that was last settled counts: a tank is never fuller than it seems.
        load_w = higher(m.l1_w + m.l2_w if readable(m) == 1 else a.level_l1_w + a.level_l2_w, 0.0)
    running = 1 if s.inlet_dead == 0 and m.inlet_doubtful == 0 else 0
    if p.storage_wh > 0.0:
        power_mw = thousandths(load_w)
        if running == 1:
            a.spent_mwticks += power_mw * ticks
        left_mwticks = thousandths(p.storage_wh * 3600.0) * TICKS_PER_S - a.spent_mwticks
        if left_mwticks < 0:
            left_mwticks = 0
        # A battery without load lasts as long as one with 1 W, for want of a better number.
        a.fuel_left_ticks = left_mwticks // (power_mw if power_mw > 1000 else 1000)
        a.fuel_left_wh = float(left_mwticks) / 432000000.0
    else:
        # Half load of the engine itself, which may be larger than inlet and cord.
        half_w = (p.source_w if p.source_w > 0.0 else a.rating_w) / 2.0
        rate = thousandths(p.fuel_idle_fraction + (1.0 - p.fuel_idle_fraction) * load_w / half_w)
        if running == 1:
            a.burnt += rate * ticks
        left = (p.fuel_run_ticks if p.fuel_run_ticks > 0 else p.fuel_run_usual_ticks) * 1000 - a.burnt
        if left < 0:
            left = 0
        a.fuel_left_ticks = left // (rate if rate > 0 else 1)
        a.fuel_left_wh = load_w * float(a.fuel_left_ticks) / 432000.0
    a.fuel_low = 1 if running == 1 and a.fuel_left_ticks < p.fuel_low_ticks else 0
    if running == 1 and a.fuel_low == 0:
        wake_within(a, a.fuel_left_ticks - p.fuel_low_ticks)


def advise(a, s, m, p, ticks):
    """Advances advice by `ticks` half-cycles with constant inputs.

    `a` advice, `s` device after its scan, `m` measured values, `p` settings. `a.wake_ticks` says when it may have
    something new to say.
    """
    a.wake_ticks = NEVER_TICKS
    fed = 1 if s.fed_by == FED_BY_UTILITY or s.fed_by == FED_BY_BACKUP else 0
    if s.bus_dead == 1 and m.bus_doubtful == 0:
        all_off(a, a.tick)
    if fed == 1 and readable(m) == 1:
        watch(a, s, m, p, ticks)
    else:
        # What happens meanwhile is not seen: the next settled load is a new begin, not a step.
        if a.level_known == 1:
            a.stale = 1
        a.t_window = 0
        a.level_known = 0
        a.peak_va = 0.0
    a.tick += ticks
    limit_a = a.leg_limit_a
    rating_w = a.rating_w
    find_headroom(a, s, m, p, ticks)
    find_locks(a, p)
    count_fuel(a, s, m, p, ticks)
    if (
        a.stale == 1
        or a.planned_feed != s.fed_by
        or a.planned_known != a.headroom_known
        or limit_a != a.leg_limit_a
        or rating_w != a.rating_w
    ):
        plan(a, s, p)
        a.stale = 0
        a.planned_feed = s.fed_by
        a.planned_known = a.headroom_known


def declare_appliance(a, kind, leg):
    """A person names an appliance that the home has: its usual powers until it is seen. Unmet bits; 0 when entered."""
    unmet = 0
    if kind <= KIND_OTHER or kind >= KINDS_OF_APPLIANCE:
        unmet |= ADVICE_UNMET_NO_KIND
    if leg != LEG_1 and leg != LEG_2 and leg != LEG_BOTH:
        unmet |= ADVICE_UNMET_NO_LEG
    at = -1
    for i in range(APPLIANCES):
        if at < 0 and a.used[i] == 0:
            at = i
    if at < 0:
        unmet |= ADVICE_UNMET_NO_ROOM
    if unmet != 0:
        return unmet
    clear(a, at)
    a.used[at] = 1
    a.kind[at] = kind
    if leg == LEG_BOTH:
        a.l1_w[at] = KIND_RUNNING_W[kind] / 2.0
        a.l2_w[at] = KIND_RUNNING_W[kind] / 2.0
    elif leg == LEG_1:
        a.l1_w[at] = KIND_RUNNING_W[kind]
    else:
        a.l2_w[at] = KIND_RUNNING_W[kind]
    a.start_va[at] = KIND_RUNNING_W[kind] * KIND_START_RATIO[kind]
    a.seen_tick[at] = a.tick
    a.stale = 1
    return 0


def name_appliance(a, i, kind, wanted):
    """A person says what entry `i` is and how much it is wanted (0 never, 1 first). Unmet bits; 0 when taken."""
    unmet = 0
    if kind < KIND_OTHER or kind >= KINDS_OF_APPLIANCE:
        unmet |= ADVICE_UNMET_NO_KIND
    if wanted < 0 or wanted > APPLIANCES:
        unmet |= ADVICE_UNMET_RANK
    if i < 0 or i >= APPLIANCES:
        unmet |= ADVICE_UNMET_NO_ENTRY
    elif a.used[i] == 0:
        unmet |= ADVICE_UNMET_NO_ENTRY
    if unmet != 0:
        return unmet
    a.kind[i] = kind
    a.wanted[i] = wanted
    a.stale = 1
    return 0


def declare_fuel(a, p, left_fraction):
    """A person says how full tank or battery is, 1 for full. Unmet bits; 0 when taken."""
    if not (left_fraction >= 0.0 and left_fraction <= 1.0):
        return ADVICE_UNMET_SHARE
    run_ticks = p.fuel_run_ticks if p.fuel_run_ticks > 0 else p.fuel_run_usual_ticks
    a.burnt = int((1.0 - left_fraction) * float(run_ticks)) * 1000
    a.spent_mwticks = int((1.0 - left_fraction) * p.storage_wh * 432000000.0)
    a.fuel_declared = 1
    return 0
