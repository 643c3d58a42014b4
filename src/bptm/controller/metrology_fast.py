"""Fast detector of a sag or loss, sample by sample. Core Python.

For a sinusoid v(t)^2 + v(t - T/4)^2 is the square of its peak at every instant. Averaged over an eighth of a cycle, that
is an amplitude three eighths of a cycle old at most, so that a loss is seen in under half a cycle at every point
on the wave. Each sample against the one a cycle before would see it sooner at the peak, but takes any change for one:
a motor's inrush with its offset differs from the cycle before by more than a sag to 0.5 does near a zero. An amplitude
only falls when the voltage does.

It is a fact for capture of events and for the last gasp. It trips nothing: U rides through what the ITIC curve rides
through (LAW-12). Records: d DETECTOR, g settings of metrology.
"""

from bptm.terms.core_metrology import FAST_ROOM

NOMINAL_HZ = 60
STILL = 2
"""So many samples in a row that do not change, and a thirty-second of a cycle more, are a converter that repeats itself:
fewer than a pickup needs, and more than the crest of a sinusoid gives a converter of 12 bits."""


def begin_detector(d, g):
    """A detector that has seen nothing."""
    d.quarter = g.rate_hz // (4 * NOMINAL_HZ)
    d.eighth = g.rate_hz // (8 * NOMINAL_HZ)
    d.next = 0
    d.fresh = 0
    d.same = 0
    d.count = 0
    d.doubted = 1
    d.low = 0
    d.lost = 0
    d.low_count = 0
    d.lost_count = 0
    d.lows = 0
    d.back = 0
    for k in range(2 * FAST_ROOM):
        d.seen[k] = 0.0
    for k in range(2):
        d.sum[k] = 0.0
        d.before_v[k] = 0.0
        d.now_v[k] = 0.0


def sum_again(d, leg):
    """The sliding sum anew, so that rounding does not gather in it."""
    total = 0.0
    for j in range(d.eighth):
        total += d.seen[leg * FAST_ROOM + (d.next - 1 - j + FAST_ROOM) % FAST_ROOM]
        total += d.seen[leg * FAST_ROOM + (d.next - 1 - j - d.quarter + FAST_ROOM) % FAST_ROOM]
    d.sum[leg] = total


def slide(d, leg, square):
    """One more sample of a leg: in at the front of both windows, out at their backs."""
    base = leg * FAST_ROOM
    quarter = d.seen[base + (d.next - d.quarter + FAST_ROOM) % FAST_ROOM]
    gone = d.seen[base + (d.next - d.eighth + FAST_ROOM) % FAST_ROOM]
    gone += d.seen[base + (d.next - d.quarter - d.eighth + FAST_ROOM) % FAST_ROOM]
    d.sum[leg] += square + quarter - gone
    d.seen[base + d.next] = square


def judge_legs(d, g, square_1, square_2):
    """Pickup and reset, from the mean squares of the two legs."""
    low = square_1 if square_1 < square_2 else square_2
    high = square_2 if square_1 < square_2 else square_1
    nominal = g.nominal_v * g.nominal_v
    if low < g.fast_low_pu * g.fast_low_pu * nominal:
        d.back = 0
        if d.low == 0:
            d.low = 1
            d.low_count = d.count
            d.lows += 1
    elif d.low == 1:
        d.back = d.back + 1 if low > g.fast_back_pu * g.fast_back_pu * nominal else 0
        if d.back >= 4 * d.quarter:
            d.low = 0
            d.back = 0
    if high < g.fast_lost_pu * g.fast_lost_pu * nominal:
        if d.lost == 0:
            d.lost = 1
            d.lost_count = d.count
    else:
        d.lost = 0


def detect(d, g):
    """Takes one sample of each leg, in volts, from `d.now_v`; `d.low` and `d.lost` are the facts.

    A sample that is no number or at full scale, or a converter that repeats itself away from zero, makes the detector
    doubt: nothing picks up or resets until three eighths of a cycle of good samples have come.
    """
    d.count += 1
    l1_v = d.now_v[0]
    l2_v = d.now_v[1]
    full = g.voltage_full_v * g.voltage_full_v
    square_1 = l1_v * l1_v
    square_2 = l2_v * l2_v
    needed = d.quarter + d.eighth
    # One comparison refuses what is no number, infinite, or at full scale on either side.
    if square_1 < full and square_2 < full:
        floor = g.frozen_floor_v * g.frozen_floor_v
        still_1 = 1 if l1_v == d.before_v[0] and square_1 > floor else 0
        still_2 = 1 if l2_v == d.before_v[1] and square_2 > floor else 0
        d.same = d.same + 1 if still_1 == 1 or still_2 == 1 else 0
        d.before_v[0] = l1_v
        d.before_v[1] = l2_v
        if d.fresh < needed:
            d.fresh += 1
        if d.same >= d.eighth // 4 + STILL:
            d.same = d.eighth // 4 + STILL
            d.fresh = 0
    else:
        square_1 = 0.0
        square_2 = 0.0
        d.fresh = 0
        d.now_v[0] = 0.0
        d.now_v[1] = 0.0
    slide(d, 0, square_1)
    slide(d, 1, square_2)
    d.next = d.next + 1
    if d.next >= FAST_ROOM:
        d.next = 0
        sum_again(d, 0)
        sum_again(d, 1)
    d.doubted = 1 if d.fresh < needed else 0
    if d.doubted == 0:
        # The sum over an eighth of a cycle of the peak's square, which is twice the RMS's.
        scale = 0.5 / d.eighth
        judge_legs(d, g, d.sum[0] * scale, d.sum[1] * scale)
