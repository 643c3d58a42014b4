"""The inlet: whether it is in phase with the bus, and its distortion. Core Python.

A pass of its own, at the inlet's own frequency, made only while the inlet is live: most meters never see that. The
fundamental is fitted by least squares over two half-cycles; what the fit leaves over, summed over twelve of them, is
distortion: harmonics, interharmonics, offset and noise (the all-inclusive sense of IEEE 1459 for a source not trusted).
"""

from math import sqrt

from bptm.controller.metrology_tracking import ripple_sum
from bptm.terms.core_metrology import (
    CHANNEL_BUS_L1,
    CHANNEL_BUS_L2,
    CHANNEL_INLET_L1,
    CHANNEL_INLET_L2,
    INLET_1B1,
    INLET_1C,
    INLET_1S,
    INLET_2B2,
    INLET_2C,
    INLET_2S,
    INLET_COUNT,
    INLET_DOUBLE_C,
    INLET_DOUBLE_S,
    INLET_SQUARE_1,
    INLET_SQUARE_2,
    INLET_SUMS,
    ROOM,
    SUM_N1N1,
    SUM_N2N2,
    TRACK_INLET,
)

INLET_CYCLES = 12
"""As many as a block of IEC 61000-4-30 has."""

AT_B1 = CHANNEL_BUS_L1 * ROOM
AT_B2 = CHANNEL_BUS_L2 * ROOM
AT_N1 = CHANNEL_INLET_L1 * ROOM
AT_N2 = CHANNEL_INLET_L2 * ROOM


def begin_inlet(a):
    """Nothing known of the inlet."""
    a.inlet_cosine = 1.0
    a.inlet_sine = 0.0
    forget_distortion(a)


def forget_distortion(a):
    """No distortion until twelve cycles have been seen."""
    a.inlet_thd = 0.0
    a.inlet_cycles = 0
    begin_inlet_cycle(a)
    for k in range(2):
        a.inlet_rest[k] = 0.0
        a.inlet_fundamental[k] = 0.0


def begin_inlet_cycle(a):
    """An empty cycle."""
    a.inlet_halves = 0
    for k in range(INLET_SUMS):
        a.inlet_cycle[k] = 0.0


def add_inlet(a, w, n):
    """Sums of places 0 to n - 1 into `a.inlet_half`; the reference turns along."""
    turn_c = a.step_cosine[TRACK_INLET]
    turn_s = a.step_sine[TRACK_INLET]
    c = a.inlet_cosine
    s = a.inlet_sine
    n1c = 0.0
    n1s = 0.0
    n2c = 0.0
    n2s = 0.0
    n1b1 = 0.0
    n2b2 = 0.0
    for j in range(n):
        n1 = w.samples[AT_N1 + j]
        n2 = w.samples[AT_N2 + j]
        n1c += n1 * c
        n1s += n1 * s
        n2c += n2 * c
        n2s += n2 * s
        n1b1 += n1 * w.samples[AT_B1 + j]
        n2b2 += n2 * w.samples[AT_B2 + j]
        turned = c * turn_c - s * turn_s
        s = s * turn_c + c * turn_s
        c = turned
    # Rounding would let the reference grow or shrink by 1e-16 a sample.
    m = 1.5 - 0.5 * (c * c + s * s)
    a.inlet_cosine = c * m
    a.inlet_sine = s * m
    a.inlet_half[INLET_1C] = n1c
    a.inlet_half[INLET_1S] = n1s
    a.inlet_half[INLET_2C] = n2c
    a.inlet_half[INLET_2S] = n2s
    a.inlet_half[INLET_1B1] = n1b1
    a.inlet_half[INLET_2B2] = n2b2


def fit_leg(a, k, c, s, square):
    """One leg's fundamental over the cycle under way: adds its square, and the square of the rest, to leg k."""
    count = a.inlet_cycle[INLET_COUNT]
    double_c = a.inlet_cycle[INLET_DOUBLE_C]
    double_s = a.inlet_cycle[INLET_DOUBLE_S]
    scale = 2.0 / (count * count - double_c * double_c - double_s * double_s)
    fit_c = scale * ((count - double_c) * c - double_s * s)
    fit_s = scale * ((count + double_c) * s - double_s * c)
    rest = square - fit_c * c - fit_s * s
    # Rounding may leave less than nothing.
    a.inlet_rest[k] += rest if rest > 0.0 else 0.0
    a.inlet_fundamental[k] += 0.5 * count * (fit_c * fit_c + fit_s * fit_s)


def worse_distortion(a):
    """Distortion of the worse leg; a leg with hardly a fundamental does not count."""
    worst = 0.0
    for k in range(2):
        if a.inlet_fundamental[k] > 0.01 * (a.inlet_fundamental[0] + a.inlet_fundamental[1]):
            x = sqrt(a.inlet_rest[k] / a.inlet_fundamental[k])
            if x > worst:
                worst = x
    return worst


def end_inlet_cycle(a):
    """Two half-cycles are together."""
    fit_leg(a, 0, a.inlet_cycle[INLET_1C], a.inlet_cycle[INLET_1S], a.inlet_cycle[INLET_SQUARE_1])
    fit_leg(a, 1, a.inlet_cycle[INLET_2C], a.inlet_cycle[INLET_2S], a.inlet_cycle[INLET_SQUARE_2])
    begin_inlet_cycle(a)
    a.inlet_cycles += 1
    if a.inlet_cycles >= INLET_CYCLES:
        a.inlet_thd = worse_distortion(a)
        a.inlet_cycles = 0
        for k in range(2):
            a.inlet_rest[k] = 0.0
            a.inlet_fundamental[k] = 0.0


def follow_inlet(a, g, w, n, doubtful):
    """One half-cycle of the inlet; `a.half` holds its squares already. `doubtful` as in a reading."""
    square_1 = a.half[SUM_N1N1]
    square_2 = a.half[SUM_N2N2]
    least = g.in_phase_floor_v * g.in_phase_floor_v * n
    if square_1 < least and square_2 < least:
        a.inlet_half[INLET_1B1] = 0.0
        a.inlet_half[INLET_2B2] = 0.0
        forget_distortion(a)
        return
    begin_c = a.inlet_cosine
    begin_s = a.inlet_sine
    add_inlet(a, w, n)
    unfit = doubtful & (1 << CHANNEL_INLET_L1 | 1 << CHANNEL_INLET_L2)
    if a.hz[TRACK_INLET] == 0.0 or unfit != 0:
        forget_distortion(a)
        return
    turn_c = a.step_cosine[TRACK_INLET]
    turn_s = a.step_sine[TRACK_INLET]
    last_c = a.inlet_cosine * turn_c + a.inlet_sine * turn_s
    last_s = a.inlet_sine * turn_c - a.inlet_cosine * turn_s
    d = ripple_sum(a, TRACK_INLET, n)
    for k in range(4):
        a.inlet_cycle[k] += a.inlet_half[k]
    a.inlet_cycle[INLET_SQUARE_1] += square_1
    a.inlet_cycle[INLET_SQUARE_2] += square_2
    a.inlet_cycle[INLET_DOUBLE_C] += d * (begin_c * last_c - begin_s * last_s)
    a.inlet_cycle[INLET_DOUBLE_S] += d * (begin_s * last_c + begin_c * last_s)
    a.inlet_cycle[INLET_COUNT] += float(n)
    a.inlet_halves += 1
    if a.inlet_halves == 2:
        end_inlet_cycle(a)
