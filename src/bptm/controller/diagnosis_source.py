"""The backup source over windows of ten seconds: hunting, low fuel, solar that begins to feed; and what is timed.

Core Python. Frequencies, voltages, powers and currents are added up as whole numbers of small parts, so that no window
depends on how time was cut. Records: d DIAGNOSIS, m MEASURED.
"""

from bptm.controller.diagnosis_findings import describe, end, find, magnitude, whole, within
from bptm.controller.diagnosis_steps import LEAST_V, MOST_V, current_is_good
from bptm.controller.timing import timer
from bptm.terms.core_codes import CONTACT_CLOSED, TICKS_PER_S
from bptm.terms.core_diagnosis import (
    CONFIDENCE_LIKELY,
    CONFIDENCE_MEASURED,
    CONFIDENCE_POSSIBLE,
    FEED_BACKUP,
    FEED_UTILITY,
    FINDING_FUEL_LOW,
    FINDING_GFCI,
    FINDING_RUNS_ON,
    FINDING_SOLAR_FALLING,
    FINDING_SOLAR_REVERSE,
    FINDING_SOURCE_HUNTS,
)

MICRO = 1000000.0
MILLI = 1000.0


def source_is_live(m):
    """1 when the inlet has voltage on both legs and a frequency, by readings that can be used."""
    if m.inlet_doubtful != 0:
        return 0
    live = within(m.inlet_l1_v, LEAST_V, MOST_V) * within(m.inlet_l2_v, LEAST_V, MOST_V)
    return live * within(m.inlet_hz, 40.0, 80.0)


def follow_gfci(d, s, m, p, ticks):
    """A source that vanishes at once after the home was joined to it, without too much current (H18).

    What tells a ground-fault breaker from an engine that stalls: both legs fall from sound to nothing within a few
    half-cycles. Judged when the inlet dies, by what held before that tick.
    """
    closed = 1 if s.b_contact == CONTACT_CLOSED else 0
    good = (
        1 if m.inlet_doubtful == 0 and within(m.inlet_l1_v, 0.0, MOST_V) * within(m.inlet_l2_v, 0.0, MOST_V) == 1 else 0
    )
    if closed == 1 and d.b_was_closed == 0:
        d.t_carry = 0
        d.carry_most_a = 0.0
    if d.inlet_was_live == 1 and good == 1 and s.inlet_dead == 1 and (closed == 1 or d.b_was_closed == 1):
        if d.t_carry < p.gfci_ticks and d.t_fall < p.gfci_fall_ticks and d.carry_most_a < p.gfci_over_a:
            d.gfci_trips += 1
            find(d, FINDING_GFCI, CONFIDENCE_LIKELY if d.gfci_trips > 1 else CONFIDENCE_POSSIBLE)
            describe(d, FINDING_GFCI, d.t_carry / TICKS_PER_S, d.carry_most_a, d.gfci_trips, p.gfci_ticks / TICKS_PER_S)
    if closed == 1:
        # A current that cannot be read may have been any.
        most = p.gfci_over_a
        if current_is_good(m) == 1:
            most = m.l1_a if m.l1_a > m.l2_a else m.l2_a
        if most > d.carry_most_a:
            d.carry_most_a = most
        if s.inlet_dead == 0 and good == 1:
            d.t_carry = timer(d, 1, d.t_carry, p.carried_ticks, ticks)
            if d.t_carry >= p.carried_ticks:
                d.gfci_trips = 0
                end(d, FINDING_GFCI)
    d.b_was_closed = closed
    d.inlet_was_live = 1 if good == 1 and s.inlet_dead == 0 else 0
    sound = 1 if good == 1 and m.inlet_l1_v > p.sound_v and m.inlet_l2_v > p.sound_v else 0
    d.t_fall = timer(d, 1 - sound, d.t_fall, p.gfci_fall_ticks, ticks)


def follow_run_on(d, s, m, p, ticks):
    """An engine that runs beside a good utility (H29)."""
    if m.inlet_doubtful != 0 or m.utility_doubtful != 0:
        d.t_run_on = 0
        return
    on = 1 if p.engine == 1 and d.feed == FEED_UTILITY and source_is_live(m) == 1 else 0
    d.t_run_on = timer(d, on, d.t_run_on, p.run_on_ticks, ticks)
    if d.t_run_on >= p.run_on_ticks:
        find(d, FINDING_RUNS_ON, CONFIDENCE_MEASURED)
        ran_s = (d.tick - d.since_tick[FINDING_RUNS_ON] + p.run_on_ticks) / TICKS_PER_S
        describe(d, FINDING_RUNS_ON, ran_s, m.inlet_hz, 0.0, p.run_on_ticks / TICKS_PER_S)
    elif s.inlet_dead == 1 and within(m.inlet_l1_v, 0.0, MOST_V) == 1:
        end(d, FINDING_RUNS_ON)


def follow_enter(d, m, p, ticks):
    """How long a forgotten inverter would have seen a utility on the backup bus; opens and closes the watch."""
    on = 0
    if d.feed == FEED_BACKUP and m.bus_doubtful == 0 and source_is_live(m) == 1:
        good = within(m.bus_l1_v, p.enter_low_v, p.enter_high_v) * within(m.bus_l2_v, p.enter_low_v, p.enter_high_v)
        on = good * within(m.inlet_hz, p.enter_low_hz, p.enter_high_hz)
    before = d.t_enter
    d.t_enter = timer(d, on, before, p.watch_end_ticks, ticks)
    if on == 1 and before < p.watch_begin_ticks and d.t_enter < p.watch_begin_ticks:
        if p.watch_begin_ticks - d.t_enter < d.wake_ticks:
            d.wake_ticks = p.watch_begin_ticks - d.t_enter
    d.solar_watch = 1 if d.t_enter >= p.watch_begin_ticks and d.t_enter < p.watch_end_ticks else 0


def close_watch(d, p, entered_ticks):
    """A whole watch without a sign: solar is off now. `entered_ticks` is what `t_enter` was before this call."""
    if entered_ticks >= p.watch_end_ticks or d.t_enter < p.watch_end_ticks:
        return
    if d.t_reverse == 0 and d.t_reverse_l2 == 0:
        end(d, FINDING_SOLAR_REVERSE)
    if d.falls < p.fall_windows:
        end(d, FINDING_SOLAR_FALLING)


def follow_reverse(d, m, p, ticks):
    """A leg that gives power back on backup (H22): loads do not, solar does, on the less loaded leg first."""
    good = 1 if d.feed == FEED_BACKUP and current_is_good(m) == 1 else 0
    on_1 = 1 if good == 1 and m.l1_w < -p.reverse_leg_w else 0
    on_2 = 1 if good == 1 and m.l2_w < -p.reverse_leg_w else 0
    d.t_reverse = timer(d, on_1, d.t_reverse, p.reverse_ticks, ticks)
    d.t_reverse_l2 = timer(d, on_2, d.t_reverse_l2, p.reverse_ticks, ticks)
    if d.t_reverse < p.reverse_ticks and d.t_reverse_l2 < p.reverse_ticks:
        return
    # Both legs, or one at the time an inverter enters: solar. One leg at another time may be something else.
    surely = 1 if on_1 + on_2 == 2 or d.t_enter >= p.watch_begin_ticks else 0
    find(d, FINDING_SOLAR_REVERSE, CONFIDENCE_MEASURED if surely == 1 else CONFIDENCE_LIKELY)
    lower = m.l1_w if m.l1_w < m.l2_w else m.l2_w
    describe(d, FINDING_SOLAR_REVERSE, lower, m.l1_w + m.l2_w, d.t_enter / TICKS_PER_S, -p.reverse_leg_w)
    d.place[FINDING_SOLAR_REVERSE] = 0 if on_1 + on_2 == 2 else 1 if on_1 == 1 else 2


def begin_window(d, m):
    """An empty window."""
    d.t_window = 0
    d.window_feed = d.feed
    d.window_hz_sum = 0
    d.window_v_sum = 0
    d.window_l1_sum = 0
    d.window_l2_sum = 0
    d.window_load_sum = 0
    d.window_low_hz = m.inlet_hz
    d.window_high_hz = m.inlet_hz
    d.window_l1_low_a = m.l1_a
    d.window_l1_high_a = m.l1_a
    d.window_l2_low_a = m.l2_a
    d.window_l2_high_a = m.l2_a
    d.window_crossings = 0
    d.window_above = 1 if m.inlet_hz > d.before_hz else 0


def count_crossing(d, tick):
    """A crossing of the mean, so far into the window."""
    if d.window_crossings == 0:
        d.window_first_tick = tick
    d.window_last_tick = tick
    d.window_crossings += 1


def add_to_window(d, m, p, n):
    """`n` ticks of constant readings."""
    begin = d.t_window
    d.t_window += n
    d.window_hz_sum += whole(m.inlet_hz, MICRO) * n
    d.window_v_sum += whole(0.5 * (m.inlet_l1_v + m.inlet_l2_v), MICRO) * n
    d.window_l1_sum += whole(m.l1_w, MILLI) * n
    d.window_l2_sum += whole(m.l2_w, MILLI) * n
    d.window_load_sum += whole(m.l1_a + m.l2_a, MICRO) * n
    if m.inlet_hz < d.window_low_hz:
        d.window_low_hz = m.inlet_hz
    if m.inlet_hz > d.window_high_hz:
        d.window_high_hz = m.inlet_hz
    if m.l1_a < d.window_l1_low_a:
        d.window_l1_low_a = m.l1_a
    if m.l1_a > d.window_l1_high_a:
        d.window_l1_high_a = m.l1_a
    if m.l2_a < d.window_l2_low_a:
        d.window_l2_low_a = m.l2_a
    if m.l2_a > d.window_l2_high_a:
        d.window_l2_high_a = m.l2_a
    if d.before_hz > 0.0:
        if d.window_above == 0 and m.inlet_hz > d.before_hz + p.hunt_band_hz:
            d.window_above = 1
            count_crossing(d, begin)
        elif d.window_above == 1 and m.inlet_hz < d.before_hz - p.hunt_band_hz:
            d.window_above = 0
            count_crossing(d, begin)


def judge_hunting(d, p):
    """Frequency that swings about its mean at constant load: two windows in a row. Three calm ones end it."""
    swing_hz = 0.5 * (d.window_high_hz - d.window_low_hz)
    if swing_hz < p.hunt_hz or d.window_crossings < p.hunt_crossings:
        d.hunting = 0
        if d.calm < 3:
            d.calm += 1
        if d.calm >= 3:
            end(d, FINDING_SOURCE_HUNTS)
        return
    d.calm = 0
    if d.hunting < 2:
        d.hunting += 1
    if d.hunting >= 2:
        find(d, FINDING_SOURCE_HUNTS, CONFIDENCE_MEASURED)
        between_s = (d.window_last_tick - d.window_first_tick) / TICKS_PER_S
        period_s = 2.0 * between_s / (d.window_crossings - 1)
        describe(d, FINDING_SOURCE_HUNTS, swing_hz, period_s, d.before_hz, p.hunt_hz)


def judge_fuel(d, p, hz, v, a):
    """Frequency and voltage that sag while the load stays: the engine starves. A recovery ends it."""
    if p.engine == 0 or d.window_feed != FEED_BACKUP:
        d.fuel_age = 0
        return
    if d.active[FINDING_FUEL_LOW] == 1 and hz > d.first[FINDING_FUEL_LOW] + 0.5 * p.fuel_hz:
        end(d, FINDING_FUEL_LOW)
    fresh = 1 if d.fuel_age == 0 or d.fuel_age > p.fuel_windows else 0
    if fresh == 1 or magnitude(a - d.fuel_from_a) > p.window_load_a or hz > d.fuel_from_hz:
        d.fuel_age = 1
        d.fuel_from_hz = hz
        d.fuel_from_v = v
        d.fuel_from_a = a
        return
    d.fuel_age += 1
    if d.fuel_from_hz - hz >= p.fuel_hz and d.fuel_from_v - v >= p.fuel_v:
        find(d, FINDING_FUEL_LOW, CONFIDENCE_LIKELY)
        describe(d, FINDING_FUEL_LOW, hz, v, d.fuel_from_hz, d.fuel_from_hz - p.fuel_hz)


def judge_falling(d, p, l1_w, l2_w):
    """Both legs fall alike, window after window, while the watch is open: an inverter on its ramp."""
    if d.solar_watch == 0 or d.window_feed != FEED_BACKUP:
        d.falls = 0
        return
    fall_1 = d.before_l1_w - l1_w
    fall_2 = d.before_l2_w - l2_w
    alike = 1 if magnitude(fall_1 - fall_2) <= p.fall_alike * (fall_1 + fall_2) else 0
    if fall_1 < p.fall_leg_w or fall_2 < p.fall_leg_w or alike == 0:
        d.falls = 0
        return
    if d.falls == 0:
        d.fall_from_w = d.before_l1_w + d.before_l2_w
    d.falls += 1
    fallen_w = d.fall_from_w - l1_w - l2_w
    if d.falls >= p.fall_windows and fallen_w >= p.fall_w:
        find(d, FINDING_SOLAR_FALLING, CONFIDENCE_POSSIBLE)
        describe(d, FINDING_SOLAR_FALLING, fallen_w, d.t_enter / TICKS_PER_S, l1_w + l2_w, p.fall_w)


def judge_window(d, p):
    """A window is whole. One in which the load moved, or the feed changed, tells nothing of the source."""
    n = p.window_ticks
    hz = d.window_hz_sum / n / MICRO
    v = d.window_v_sum / n / MICRO
    l1_w = d.window_l1_sum / n / MILLI
    l2_w = d.window_l2_sum / n / MILLI
    a = d.window_load_sum / n / MICRO
    steady = 1 if d.window_feed == d.feed and d.before_hz > 0.0 else 0
    # Off backup the load is none of the source's.
    if d.window_feed == FEED_BACKUP and d.window_l1_high_a - d.window_l1_low_a > p.window_load_a:
        steady = 0
    if d.window_feed == FEED_BACKUP and d.window_l2_high_a - d.window_l2_low_a > p.window_load_a:
        steady = 0
    if steady == 1:
        judge_hunting(d, p)
        judge_fuel(d, p, hz, v, a)
        judge_falling(d, p, l1_w, l2_w)
    d.before_hz = hz
    d.before_l1_w = l1_w
    d.before_l2_w = l2_w


def forget_windows(d):
    """Source gone, or a reading that cannot be used: the next window begins from nothing."""
    d.t_window = 0
    d.before_hz = 0.0
    d.hunting = 0
    d.calm = 0
    d.falls = 0
    d.fuel_age = 0


def follow_windows(d, m, p, ticks):
    """Cuts time into windows while the source is live."""
    if source_is_live(m) == 0 or current_is_good(m) == 0:
        forget_windows(d)
        return
    left = ticks
    for _ in range(1 + ticks // p.window_ticks):
        if d.t_window == 0:
            begin_window(d, m)
        n = p.window_ticks - d.t_window
        if left < n:
            n = left
        if n > 0:
            add_to_window(d, m, p, n)
        left = left - n
        if d.t_window >= p.window_ticks:
            judge_window(d, p)
            d.t_window = 0
    if p.window_ticks - d.t_window < d.wake_ticks:
        d.wake_ticks = p.window_ticks - d.t_window
