"""Many meters at waveform rate: each makes its own samples and measures them at once, so that none is ever stored.

Written like Core Python, run plain and compiled alike. The sources are two rotating vectors with third and fifth
harmonics, the loads an inductive current with a third harmonic on each leg: enough to measure speed and to compare
runtimes. A bench of its own feeds real circuits.
"""

from bptm.controller.metrology import begin_meter, half_cycle
from bptm.controller.metrology_angles import TWO_PI, cosine, sine
from bptm.controller.metrology_quality import watch
from bptm.controller.metrology_tracking import samples_due
from bptm.terms.core_metrology import ROOM

TWO_CHANNELS = 2 * ROOM
FOUR_CHANNELS = 4 * ROOM
SIX_CHANNELS = 6 * ROOM

WAVE_SOURCE_FIELDS = (
    ("utility_peak_v", "f8", "V", "peak of the utility's fundamental, leg to neutral"),
    ("inlet_peak_v", "f8", "V", "peak of the inlet's fundamental"),
    ("third_ratio", "f8", "", "third harmonic over the fundamental"),
    ("fifth_ratio", "f8", "", "fifth harmonic over the fundamental"),
    ("l1_peak_a", "f8", "A", "peak of the current of leg 1"),
    ("l2_peak_a", "f8", "A", "peak of the current of leg 2"),
    ("lag_ratio", "f8", "", "reactive over active part of the currents"),
    ("utility_cosine", "f8", "", "cosine of the utility's phase"),
    ("utility_sine", "f8", "", "sine of it"),
    ("utility_turn_cosine", "f8", "", "cosine of its advance in a sample"),
    ("utility_turn_sine", "f8", "", "sine of it"),
    ("inlet_cosine", "f8", "", "cosine of the inlet's phase"),
    ("inlet_sine", "f8", "", "sine of it"),
    ("inlet_turn_cosine", "f8", "", "cosine of its advance in a sample"),
    ("inlet_turn_sine", "f8", "", "sine of it"),
)


def begin_source(h, g, utility_hz, inlet_hz):
    """Sets the two vectors on their way."""
    h.utility_cosine = 1.0
    h.inlet_cosine = 1.0
    h.utility_sine = 0.0
    h.inlet_sine = 0.0
    h.utility_turn_cosine = cosine(TWO_PI * utility_hz / g.rate_hz)
    h.utility_turn_sine = sine(TWO_PI * utility_hz / g.rate_hz)
    h.inlet_turn_cosine = cosine(TWO_PI * inlet_hz / g.rate_hz)
    h.inlet_turn_sine = sine(TWO_PI * inlet_hz / g.rate_hz)


def make_wave(h, w, n):
    """Fills places 1 to n: the bus follows the utility."""
    uc = h.utility_cosine
    us = h.utility_sine
    nc = h.inlet_cosine
    ns = h.inlet_sine
    for j in range(1, n + 1):
        s2 = us * us
        s3 = us * (3.0 - 4.0 * s2)
        s5 = us * (5.0 - s2 * (20.0 - 16.0 * s2))
        v = h.utility_peak_v * (us + h.third_ratio * s3 + h.fifth_ratio * s5)
        i = us - h.lag_ratio * uc + h.third_ratio * s3
        s2 = ns * ns
        x = h.inlet_peak_v * (ns + h.third_ratio * ns * (3.0 - 4.0 * s2))
        w.samples[j] = v
        w.samples[ROOM + j] = -v
        w.samples[TWO_CHANNELS + j] = v
        w.samples[TWO_CHANNELS + ROOM + j] = -v
        w.samples[FOUR_CHANNELS + j] = x
        w.samples[FOUR_CHANNELS + ROOM + j] = -x
        w.samples[SIX_CHANNELS + j] = h.l1_peak_a * i
        w.samples[SIX_CHANNELS + ROOM + j] = -h.l2_peak_a * i
        turned = uc * h.utility_turn_cosine - us * h.utility_turn_sine
        us = us * h.utility_turn_cosine + uc * h.utility_turn_sine
        uc = turned
        turned = nc * h.inlet_turn_cosine - ns * h.inlet_turn_sine
        ns = ns * h.inlet_turn_cosine + nc * h.inlet_turn_sine
        nc = turned
    m = 1.5 - 0.5 * (uc * uc + us * us)
    h.utility_cosine = uc * m
    h.utility_sine = us * m
    m = 1.5 - 0.5 * (nc * nc + ns * ns)
    h.inlet_cosine = nc * m
    h.inlet_sine = ns * m


def measure_wave(h, a, g, w, t, y, e, q, feed):
    """One half-cycle of one meter: its samples, its readings, its events. Returns how many samples it took."""
    n = samples_due(a, g)
    make_wave(h, w, n)
    half_cycle(a, g, w, n, feed, t, y, e)
    watch(q, g, t.utility_l1_v, t.utility_l2_v, 1 if t.doubtful & 3 == 0 else 0, a.tick)
    return n


def begin_waves(H, A, G, W, utility_hz, inlet_hz, feed):
    """Begins every meter and its sources."""
    for k in range(len(H)):
        begin_source(H[k], G[k], utility_hz, inlet_hz)
        begin_meter(A[k], G[k], W[k], feed)


def measure_waves(H, A, G, W, T, Y, E, Q, feed, ticks):
    """So many half-cycles of every meter. Returns the samples taken, each of eight channels."""
    count = 0
    for k in range(len(H)):
        for _tick in range(ticks):
            count += measure_wave(H[k], A[k], G[k], W[k], T[k], Y[k], E[k], Q[k], feed)
    return count


def measure_samples(a, g, w, t, y, e, q, samples, first, ticks, feed, readings):
    """Feeds one meter from stored samples, shape (samples, 8), from sample `first` on.

    `readings` takes a copy of each half-cycle's reading where it has room. Returns the sample to go on with.
    """
    for tick in range(ticks):
        n = samples_due(a, g)
        for j in range(n):
            for c in range(8):
                w.samples[c * ROOM + 1 + j] = samples[first + j, c]
        first = first + n
        half_cycle(a, g, w, n, feed, t, y, e)
        watch(q, g, t.utility_l1_v, t.utility_l2_v, 1 if t.doubtful & 3 == 0 else 0, a.tick)
        if tick < len(readings):
            readings[tick] = t
    return first
