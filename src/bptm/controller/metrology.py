"""One half-cycle of samples: readings for control at once, blocks of twelve cycles and energy as they fill. Core Python.

The host fills places 1 to n of each channel (`samples_due` says n) and calls `half_cycle`. A half-cycle is the nominal
1/120 s, whatever the frequency; what that window is too long or too short for the fundamental at the *measured*
frequency is taken out (`excess_of`, `mean_of`). Metering windows follow the measured period.

Samples are volts and amperes, ratios calibrated by the host's conversion; the phase of the current sensors is corrected
here. Records: a METER, g settings, w WAVE, t READING, y BLOCK, e ENERGY (`terms/core_metrology.py`).
"""

from math import sqrt

from bptm.controller.metrology_angles import PI, between, direction
from bptm.controller.metrology_energy import BLOCK_CYCLES, begin_block, end_block, join_cycle, root
from bptm.controller.metrology_inlet import begin_inlet, follow_inlet
from bptm.controller.metrology_samples import add_up, admit, find_peaks, keep_last, products_at
from bptm.controller.metrology_tracking import (
    begin_tracking,
    choose_reference,
    excess_of,
    forget,
    ripple_sum,
    track_all,
)
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_metrology import (
    BLOCK_NOT_WHOLE,
    CHANNELS,
    INLET_1B1,
    INLET_2B2,
    ROOM,
    SUM_B1B1,
    SUM_B1B2,
    SUM_B1C,
    SUM_B1I1,
    SUM_B1S,
    SUM_B2B2,
    SUM_B2I2,
    SUM_I1I1,
    SUM_I2I2,
    SUM_N1N1,
    SUM_N1N2,
    SUM_N2N2,
    SUM_ONE,
    SUM_U1B1,
    SUM_U1U1,
    SUM_U1U2,
    SUM_U2B2,
    SUM_U2U2,
    SUMS,
    TRACK_BUS,
    TRACK_INLET,
    TRACK_UTILITY,
    TRACKS,
)

SILENT_TICKS = 4
"""A cycle without a crossing for so long (30 Hz) ends with the half-cycle."""

GAP_MOST = 1099511627776
"""2^40 samples, years: no gap is counted longer, so that no product overflows."""


def begin_meter(a, g, w, feed):
    """A meter that has seen nothing yet."""
    begin_tracking(a, g)
    begin_block(a)
    begin_inlet(a)
    a.oscillator_cosine = 1.0
    a.oscillator_sine = 0.0
    a.feed = feed
    begin_cycle(a, 0)
    for c in range(CHANNELS):
        w.samples[c * ROOM] = 0.0


def take(a, w, first, last):
    """Adds places `first` to `last` - 1 to the half-cycle and to the cycle."""
    if first < last:
        add_up(a, w, first, last)
        for k in range(SUMS):
            a.half[k] += a.segment[k]
            a.cycle[k] += a.segment[k]


def end_cycle(a, w, place, part):
    """Ends the cycle at `part` of a sample after place - 1, so that nothing is lost between it and the next.

    By the trapezoid rule the samples f0 and f1 around the crossing give the cycle that ends
    f0 (part - 1/2) + (f1 - f0) part^2 / 2 beyond its own sum, and the next cycle as much less.
    """
    for k in range(SUMS):
        a.before[k] = a.segment[k]
    products_at(a, w, place)
    for k in range(SUMS):
        x = a.before[k] * (part - 0.5) + (a.segment[k] - a.before[k]) * (0.5 * part * part)
        a.cycle[k] += x
        # What the next cycle begins with, kept where the last products stood.
        a.before[k] = -x
    m = 1.5 - 0.5 * (a.oscillator_cosine * a.oscillator_cosine + a.oscillator_sine * a.oscillator_sine)
    a.oscillator_cosine = a.oscillator_cosine * m
    a.oscillator_sine = a.oscillator_sine * m


def begin_cycle(a, carried):
    """The next cycle, with what it has already of the sample at the crossing."""
    for k in range(SUMS):
        a.cycle[k] = a.before[k] if carried == 1 else 0.0
    a.cycle_whole = carried
    a.cycle_ticks = 0


def sum_up(a, w, n):
    """The sums of a half-cycle, split where the bus crosses zero. Returns 1 when a whole cycle ended, 2 when another."""
    for k in range(SUMS):
        a.half[k] = 0.0
    place = a.crossing if a.crossing >= 0 else -a.crossing
    a.cycle_ticks += 1
    if place == 0:
        take(a, w, 0, n)
        if a.cycle_ticks < SILENT_TICKS:
            return 0
        join_cycle(a, 0)
        begin_cycle(a, 0)
        return 2
    take(a, w, 0, place - 1)
    # Alone, so that `a.segment` holds the products of the place before the crossing.
    take(a, w, place - 1, place)
    end_cycle(a, w, place, a.crossing_part)
    whole = 1 if a.crossing > 0 and a.cycle_whole == 1 else 0
    join_cycle(a, whole)
    begin_cycle(a, 1)
    take(a, w, place, n)
    return 1 if whole == 1 else 2


def fit(a, n, begin_c, begin_s):
    """The fundamentals of bus and currents in this half-cycle, by least squares at the measured frequency.

    Over n samples cos^2, sin^2 and sin cos of the reference do not sum to n/2, n/2 and 0 unless n is a whole number of
    half-periods; `a.double_cosine` and `a.double_sine` are by how much they do not, twice.
    """
    turn_c = a.step_cosine[TRACK_BUS]
    turn_s = a.step_sine[TRACK_BUS]
    last_c = a.oscillator_cosine * turn_c + a.oscillator_sine * turn_s
    last_s = a.oscillator_sine * turn_c - a.oscillator_cosine * turn_s
    d = ripple_sum(a, TRACK_BUS, n)
    a.double_cosine = d * (begin_c * last_c - begin_s * last_s)
    a.double_sine = d * (begin_s * last_c + begin_c * last_s)
    scale = 2.0 / (n * n - d * d)
    for k in range(4):
        c = a.half[SUM_B1C + 2 * k]
        s = a.half[SUM_B1S + 2 * k]
        a.fit_cosine[k] = scale * ((n - a.double_cosine) * c - a.double_sine * s)
        a.fit_sine[k] = scale * ((n + a.double_cosine) * s - a.double_sine * c)


def mean_of(a, product, j, k, n):
    """Mean product of metered channels j and k in this half-cycle, as a window of whole periods would give it.

    What the fundamentals leave over at twice the frequency, because the window is none, is taken out.
    """
    if a.hz[TRACK_BUS] == 0.0:
        return a.half[product] / n
    even = a.fit_cosine[j] * a.fit_cosine[k] - a.fit_sine[j] * a.fit_sine[k]
    odd = a.fit_cosine[j] * a.fit_sine[k] + a.fit_sine[j] * a.fit_cosine[k]
    return (a.half[product] - 0.5 * (even * a.double_cosine + odd * a.double_sine)) / n


def fitted_reactive(a, j, k):
    """Reactive power of the fundamentals of metered voltage j and current k in this half-cycle, lagging positive."""
    return 0.5 * (a.fit_cosine[j] * a.fit_sine[k] - a.fit_sine[j] * a.fit_cosine[k])


def legs_angle(dot, square_1, square_2, floor_v):
    """Angle between two legs, 0 to pi, from their mean product; 0 when one is dead."""
    if square_1 < floor_v * floor_v or square_2 < floor_v * floor_v:
        return 0.0
    x = between(-1.0, dot / sqrt(square_1 * square_2), 1.0)
    return between(0.0, direction(sqrt(1.0 - x * x), x), PI)


def read_utility(a, g, n, t):
    """Readings of the utility side."""
    scale = 1.0 / (n * excess_of(a, TRACK_UTILITY, n))
    q1 = a.half[SUM_U1U1] * scale
    q2 = a.half[SUM_U2U2] * scale
    dot = a.half[SUM_U1U2] * scale
    t.utility_l1_v = root(q1)
    t.utility_l2_v = root(q2)
    t.utility_l12_v = root(q1 + q2 - 2.0 * dot)
    t.utility_hz = a.hz[TRACK_UTILITY]
    t.utility_legs_rad = legs_angle(dot, q1, q2, g.in_phase_floor_v)
    choose_reference(a, TRACK_UTILITY, q1 + q2, q1 + q2 - 2.0 * dot)


def read_inlet(a, g, n, t):
    """Readings of the inlet."""
    scale = 1.0 / (n * excess_of(a, TRACK_INLET, n))
    q1 = a.half[SUM_N1N1] * scale
    q2 = a.half[SUM_N2N2] * scale
    dot = a.half[SUM_N1N2] * scale
    t.inlet_l1_v = root(q1)
    t.inlet_l2_v = root(q2)
    t.inlet_l12_v = root(q1 + q2 - 2.0 * dot)
    t.inlet_hz = a.hz[TRACK_INLET]
    t.inlet_legs_rad = legs_angle(dot, q1, q2, g.in_phase_floor_v)
    t.inlet_thd = a.inlet_thd
    choose_reference(a, TRACK_INLET, q1 + q2, q1 + q2 - 2.0 * dot)


def read_bus(a, g, n, t):
    """Readings of the premise bus and of the currents into the premise."""
    q1 = mean_of(a, SUM_B1B1, 0, 0, n)
    q2 = mean_of(a, SUM_B2B2, 1, 1, n)
    dot = mean_of(a, SUM_B1B2, 0, 1, n)
    t.bus_l1_v = root(q1)
    t.bus_l2_v = root(q2)
    t.bus_l12_v = root(q1 + q2 - 2.0 * dot)
    t.bus_hz = a.hz[TRACK_BUS]
    t.l1_a = root(mean_of(a, SUM_I1I1, 2, 2, n))
    t.l2_a = root(mean_of(a, SUM_I2I2, 3, 3, n))
    t.l1_w = mean_of(a, SUM_B1I1, 0, 2, n)
    t.l2_w = mean_of(a, SUM_B2I2, 1, 3, n)
    t.l1_var = 0.0
    t.l2_var = 0.0
    if a.hz[TRACK_BUS] > 0.0:
        # The current sensors' lead, to the first order: it turns active into reactive power and back.
        var_1 = fitted_reactive(a, 0, 2)
        var_2 = fitted_reactive(a, 1, 3)
        t.l1_var = var_1 + g.l1_lead_rad * t.l1_w
        t.l2_var = var_2 + g.l2_lead_rad * t.l2_w
        t.l1_w = t.l1_w - g.l1_lead_rad * var_1
        t.l2_w = t.l2_w - g.l2_lead_rad * var_2
    t.premise_w = t.l1_w + t.l2_w
    choose_reference(a, TRACK_BUS, q1 + q2, q1 + q2 - 2.0 * dot)


def in_phase(a, g, n, dot, square_1, square_2):
    """1 when two legs are live and their product is that of one phase, nearly; a window's length has no part in it."""
    least = g.in_phase_floor_v * g.in_phase_floor_v * n
    x = a.half[square_1]
    y = a.half[square_2]
    if x < least or y < least:
        return 0
    return 1 if dot >= g.in_phase_min * sqrt(x * y) else 0


def read_phases(a, g, n, t):
    """Whether utility and inlet are in phase with the bus, on both legs."""
    first = in_phase(a, g, n, a.half[SUM_U1B1], SUM_U1U1, SUM_B1B1)
    second = in_phase(a, g, n, a.half[SUM_U2B2], SUM_U2U2, SUM_B2B2)
    t.utility_in_phase = first * second
    first = in_phase(a, g, n, a.inlet_half[INLET_1B1], SUM_N1N1, SUM_B1B1)
    second = in_phase(a, g, n, a.inlet_half[INLET_2B2], SUM_N2N2, SUM_B2B2)
    t.inlet_in_phase = first * second


def break_off(a, g, y, e):
    """Ends cycle and block where they are: what follows does not join on to them."""
    if a.cycle[SUM_ONE] > 0.0:
        join_cycle(a, 0)
    begin_cycle(a, 0)
    end_block(a, g, y, e, BLOCK_NOT_WHOLE)


def skip_gap(a, g, w, y, e):
    """Samples are missing, or came twice: no phase, frequency or cycle reaches across; lost time is counted."""
    break_off(a, g, y, e)
    for k in range(TRACKS):
        forget(a, k)
        a.armed[k] = 0
    if w.gap > 0:
        e.lost_ticks += (w.gap if w.gap < GAP_MOST else GAP_MOST) * TICKS_PER_S // g.rate_hz
    w.gap = 0


def half_cycle(a, g, w, n, feed, t, y, e):
    """Takes n samples of each channel.

    `feed` is what feeds the bus (FED_BY_...) by the last scan, FED_BY_NONE while that is not proved; energy of this
    half-cycle goes to its register.
    """
    t.block_ended = 0
    broken = 0
    if w.gap != 0:
        skip_gap(a, g, w, y, e)
        broken = 1
    if feed != a.feed:
        break_off(a, g, y, e)
        a.feed = feed
        t.block_ended = 1
    if broken == 1:
        t.block_ended = 1
    admit(a, g, w, n, t)
    if broken == 1:
        # The clock of the converter stepped: this half-cycle may hold more or less than its time.
        t.doubtful = (1 << CHANNELS) - 1
    track_all(a, g, w, n)
    find_peaks(a, w, n)
    begin_c = a.oscillator_cosine
    begin_s = a.oscillator_sine
    sum_up(a, w, n)
    if a.hz[TRACK_BUS] > 0.0:
        fit(a, n, begin_c, begin_s)
    follow_inlet(a, g, w, n, t.doubtful)
    read_utility(a, g, n, t)
    read_inlet(a, g, n, t)
    read_bus(a, g, n, t)
    read_phases(a, g, n, t)
    if a.block_cycles >= BLOCK_CYCLES:
        end_block(a, g, y, e, 0)
        t.block_ended = 1
    keep_last(w, n)
    a.sample_count += n
    a.rest = a.rest + g.rate_hz - n * TICKS_PER_S
    a.tick += 1
