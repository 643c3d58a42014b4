"""Frequency by interpolated zero crossings of a band-limited voltage, one tracker a source. Core Python.

Leg to leg voltage through two equal low-pass filters of the first order at 120 Hz. A rising crossing counts once in
each cycle; between the two samples around it the filtered voltage is taken as a sinusoid of the present frequency, so
that the crossing's place is exact at any frequency. Constant distortion shifts every crossing by the same part of
a cycle, and so drops out; the filters are for noise and notches.
"""

from bptm.controller.metrology_angles import TWO_PI, arctangent, cosine, sine
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_metrology import (
    CHANNEL_BUS_L1,
    CHANNEL_INLET_L1,
    CHANNEL_UTILITY_L1,
    RING,
    ROOM,
    TRACK_BUS,
    TRACK_INLET,
    TRACK_UTILITY,
    TRACKS,
)

FILTER_HZ = 120.0
"""Corner of each filter: passes 55 to 65 Hz at 0.8; 4 % of the seventh harmonic remain against it."""

HZ_MIN = 40.0
HZ_MAX = 80.0
"""Crossings nearer or farther than this are no cycle."""

CYCLES = 6
"""Frequency for control is the mean of so many cycles, 0.1 s."""

JUMP = 0.03
"""A cycle that differs by more from the one before is a jump of phase, not of frequency: the count begins anew, and the
frequency stands until two cycles agree."""


def set_frequency(a, g, k, hz):
    """Frequency of a tracker and what follows from it."""
    a.hz[k] = hz
    a.step_rad[k] = TWO_PI * hz / g.rate_hz
    a.step_sine[k] = sine(a.step_rad[k])
    a.step_cosine[k] = cosine(a.step_rad[k])
    keep = 1.0 - a.smoothing
    a.delay_rad[k] = 2.0 * arctangent(keep * a.step_sine[k] / (1.0 - keep * a.step_cosine[k]))


def forget(a, k):
    """No frequency until two cycles agree."""
    a.ring_count[k] = 0
    a.hz[k] = 0.0


def begin_tracking(a, g):
    """Sets every tracker to nothing known, its step to that of 60 Hz."""
    x = TWO_PI * FILTER_HZ / g.rate_hz
    a.smoothing = x / (1.0 + x)
    for k in range(TRACKS):
        set_frequency(a, g, k, 60.0)
        forget(a, k)
        a.armed[k] = 0
        a.on_one_leg[k] = 0
        a.smooth_first[k] = 0.0
        a.smooth[k] = 0.0


def remember(a, k, sample, part):
    """Puts a crossing into the tracker's ring."""
    a.ring_sample[k * RING + a.ring_next[k]] = sample
    a.ring_part[k * RING + a.ring_next[k]] = part
    a.ring_next[k] = (a.ring_next[k] + 1) % RING
    if a.ring_count[k] < RING:
        a.ring_count[k] += 1


def since_crossing(a, k, back, sample, part):
    """Samples from the crossing that is `back` crossings ago to this place."""
    place = k * RING + (a.ring_next[k] + RING - back) % RING
    return float(sample - a.ring_sample[place]) + (part - a.ring_part[place])


def cross(a, g, k, sample, part):
    """A crossing: renews the frequency. Returns 1 when it ends a whole cycle, else 0."""
    if a.ring_count[k] == 0:
        remember(a, k, sample, part)
        return 0
    period = since_crossing(a, k, 1, sample, part)
    if period * HZ_MAX < g.rate_hz or period * HZ_MIN > g.rate_hz:
        forget(a, k)
        remember(a, k, sample, part)
        return 0
    if a.ring_count[k] == 1:
        remember(a, k, sample, part)
        return 0
    period_before = since_crossing(a, k, 2, sample, part) - period
    if period > period_before * (1.0 + JUMP) or period < period_before * (1.0 - JUMP):
        # Only this cycle is kept: the next one has to agree with it.
        a.ring_count[k] = 1
        remember(a, k, sample, part)
        return 0
    cycles = a.ring_count[k] if a.ring_count[k] < CYCLES else CYCLES
    span = since_crossing(a, k, cycles, sample, part)
    remember(a, k, sample, part)
    set_frequency(a, g, k, cycles * g.rate_hz / span)
    return 1


def track(a, g, w, n, k, channel):
    """Follows one source through a half-cycle.

    Returns the place after its rising crossing, negative when that ends no whole cycle, 0 when there is none; the
    part of a sample before it in `a.crossing_part`.
    """
    base = channel * ROOM
    first = a.smooth_first[k]
    y = a.smooth[k]
    armed = a.armed[k]
    place = 0
    low = 0.0
    high = 0.0
    other = 0.0 if a.on_one_leg[k] == 1 else 1.0
    smoothing = a.smoothing
    keep = 1.0 - smoothing
    level = -g.track_v
    for j in range(1, n + 1):
        x = w.samples[base + j] - other * w.samples[base + ROOM + j]
        # Written so that only one product and one sum wait for the sample before.
        first = keep * first + smoothing * x
        before = y
        y = keep * y + smoothing * first
        if y < level:
            armed = 1
        elif armed == 1 and y >= 0.0:
            armed = 0
            place = j
            low = before
            high = y
    a.smooth_first[k] = first
    a.smooth[k] = y
    a.armed[k] = armed
    if place > 0:
        part = arctangent(-low * a.step_sine[k] / (high - low * a.step_cosine[k])) / a.step_rad[k]
        a.crossing_part = part
        return place if cross(a, g, k, a.sample_count + place, part) == 1 else -place
    if a.ring_count[k] > 0 and since_crossing(a, k, 1, a.sample_count + n, 0.0) * HZ_MIN > g.rate_hz:
        forget(a, k)
    return 0


def track_all(a, g, w, n):
    """Follows the three sources; the bus's crossing is left in `a.crossing` and `a.crossing_part`."""
    track(a, g, w, n, TRACK_UTILITY, CHANNEL_UTILITY_L1)
    track(a, g, w, n, TRACK_INLET, CHANNEL_INLET_L1)
    a.crossing = track(a, g, w, n, TRACK_BUS, CHANNEL_BUS_L1)


def choose_reference(a, k, legs_square, difference_square):
    """Legs in phase have no difference to follow: then leg 1 alone is followed."""
    if a.on_one_leg[k] == 0 and difference_square < 0.04 * legs_square:
        a.on_one_leg[k] = 1
        a.armed[k] = 0
        forget(a, k)
    elif a.on_one_leg[k] == 1 and difference_square > 0.16 * legs_square:
        a.on_one_leg[k] = 0
        a.armed[k] = 0
        forget(a, k)


def ripple_sum(a, k, n):
    """Sum of cos 2(wj + x) over n samples, over its cosine in the middle: sin(nw) / sin w."""
    return sine(n * a.step_rad[k]) / a.step_sine[k]


def excess_of(a, k, n):
    """What a sum of squares over this half-cycle's n samples is, over what whole periods would give; 1 without a frequency.

    A window that is no whole number of half-periods gives a sinusoid's square 1 - cos(2x) sin(nw) / (n sin w), where x
    is its angle in the middle of the window. The angle is known from the last crossing and the filters' delay.
    For legs in phase with their difference, or opposed to it, as the legs of split phase are.
    """
    if a.hz[k] == 0.0:
        return 1.0
    # A crossing kept as (sample, part) lies at sample - 1 + part.
    since = since_crossing(a, k, 1, a.sample_count, 1.0)
    angle = a.step_rad[k] * (since + 0.5 * (n - 1)) + a.delay_rad[k]
    return 1.0 - cosine(2.0 * angle) * ripple_sum(a, k, n) / n


def samples_due(a, g):
    """How many samples the next half-cycle has, so that 120 half-cycles have exactly the rate."""
    return (a.rest + g.rate_hz) // TICKS_PER_S
