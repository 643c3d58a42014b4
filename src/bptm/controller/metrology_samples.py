"""From samples to sums: what a channel delivered, and one pass over a stretch of samples. Core Python.

Place 0 of each channel is the last sample of the half-cycle before, so that a half-cycle's sums cover places 0 to
n - 1 and the sample after its end (place n) is known: a zero crossing may lie between the two.
"""

from bptm.terms.core_metrology import (
    CHANNEL_BUS_L1,
    CHANNEL_BUS_L2,
    CHANNEL_INLET_L1,
    CHANNEL_INLET_L2,
    CHANNEL_L1_A,
    CHANNEL_L2_A,
    CHANNEL_UTILITY_L2,
    CHANNELS,
    ROOM,
    SUM_B1,
    SUM_B1B1,
    SUM_B1B2,
    SUM_B1C,
    SUM_B1I1,
    SUM_B1S,
    SUM_B2,
    SUM_B2B2,
    SUM_B2C,
    SUM_B2I2,
    SUM_B2S,
    SUM_CROSS,
    SUM_I1,
    SUM_I1C,
    SUM_I1I1,
    SUM_I1S,
    SUM_I2,
    SUM_I2C,
    SUM_I2I2,
    SUM_I2S,
    SUM_N1N1,
    SUM_N1N2,
    SUM_N2N2,
    SUM_ONE,
    SUM_U1B1,
    SUM_U1U1,
    SUM_U1U2,
    SUM_U2B2,
    SUM_U2U2,
    TRACK_BUS,
    VALUE_AT_LEAST,
    VALUE_ESTIMATED,
    VALUE_FROZEN,
    VALUE_GOOD,
    VALUE_MISSING,
)

AT_U2 = CHANNEL_UTILITY_L2 * ROOM
AT_B1 = CHANNEL_BUS_L1 * ROOM
AT_B2 = CHANNEL_BUS_L2 * ROOM
AT_N1 = CHANNEL_INLET_L1 * ROOM
AT_N2 = CHANNEL_INLET_L2 * ROOM
AT_I1 = CHANNEL_L1_A * ROOM
AT_I2 = CHANNEL_L2_A * ROOM

ABSURD = 10.0
"""So many times full scale no converter delivers: such a sample is no number."""


def mend(a, w, c, n, full):
    """Puts the last good sample in place of each that is no number, and full scale for each beyond it.

    Returns how many samples were no numbers.
    """
    bad = 0
    base = c * ROOM
    for j in range(1, n + 1):
        x = w.samples[base + j]
        if x > -full and x < full:
            a.last_good[c] = x
        elif x >= full and x < full * ABSURD:
            w.samples[base + j] = full
            a.last_good[c] = full
        elif x <= -full and x > -full * ABSURD:
            w.samples[base + j] = -full
            a.last_good[c] = -full
        else:
            w.samples[base + j] = a.last_good[c]
            bad += 1
    return bad


def silence(a, w, c, n):
    """A channel without a value: zeros, so that nothing of it reaches a sum."""
    for j in range(n + 1):
        w.samples[c * ROOM + j] = 0.0
    a.last_good[c] = 0.0


def admit_channel(a, w, c, n, full, floor):
    """Judges one channel's half-cycle and mends it; returns its quality (VALUE_...).

    Frozen means: not one change in a whole half-cycle, away from zero. At zero nothing tells a dead converter from
    a dead conductor; protection compares the channels. A voltage that stands at full scale is frozen too, since
    it has to pass through zero; a current does not: a short circuit with its offset saturates for longer than that.
    """
    base = c * ROOM
    good = 0
    same = 0
    limit = full * full
    before = w.samples[base]
    for j in range(1, n + 1):
        x = w.samples[base + j]
        # One comparison refuses what is no number, infinite, or at full scale on either side.
        good += 1 if x * x < limit else 0
        same += 1 if x == before else 0
        before = x
    if (w.absent >> c) & 1 == 1:
        silence(a, w, c, n)
        return VALUE_MISSING
    quality = VALUE_GOOD
    if good < n:
        quality = VALUE_AT_LEAST
        bad = mend(a, w, c, n, full)
        if 2 * bad > n:
            silence(a, w, c, n)
            return VALUE_MISSING
        if bad > 0:
            quality = VALUE_ESTIMATED
            if c >= CHANNEL_L1_A:
                a.block_bad[c - CHANNEL_L1_A + 2] += bad
            elif c == CHANNEL_BUS_L1 or c == CHANNEL_BUS_L2:
                a.block_bad[c - CHANNEL_BUS_L1] += bad
    last = w.samples[base + n]
    a.last_good[c] = last
    still = 0
    if last > floor or last < -floor:
        if quality == VALUE_GOOD and same == n:
            still = 1
        elif quality == VALUE_AT_LEAST and same >= n - 1 and c < CHANNEL_L1_A:
            # The place before was cut to full scale, and so differs.
            still = 1
    if still == 1:
        # Its last value is kept aside: one more half-cycle of the same is frozen too.
        silence(a, w, c, n)
        w.samples[base + n] = last
        return VALUE_FROZEN
    return quality


def note_for_block(a, c, quality):
    """What a channel's quality means for the block under way."""
    place = -1
    if c >= CHANNEL_L1_A:
        place = c - CHANNEL_L1_A + 2
    elif c == CHANNEL_BUS_L1 or c == CHANNEL_BUS_L2:
        place = c - CHANNEL_BUS_L1
    if place >= 0:
        if quality == VALUE_AT_LEAST:
            a.block_saturated |= 1 << place
        elif quality >= VALUE_FROZEN:
            a.block_unfit |= 1 << place


def admit(a, g, w, n, t):
    """Judges and mends every channel of a half-cycle: `t.quality`, `t.doubtful`."""
    t.doubtful = 0
    for c in range(CHANNELS):
        if c < CHANNEL_L1_A:
            quality = admit_channel(a, w, c, n, g.voltage_full_v, g.frozen_floor_v)
        else:
            quality = admit_channel(a, w, c, n, g.current_full_a, g.frozen_floor_a)
        t.quality[c] = quality
        if quality != VALUE_GOOD:
            t.doubtful |= 1 << c
            note_for_block(a, c, quality)


def add_products(a, w, first, last):
    """Sums of the products of two channels over places `first` to `last` - 1.

    Locals, not fields, hold the sums: the compiled loop then keeps them in registers.
    """
    u1u1 = 0.0
    u2u2 = 0.0
    u1u2 = 0.0
    n1n1 = 0.0
    n2n2 = 0.0
    n1n2 = 0.0
    u1b1 = 0.0
    u2b2 = 0.0
    b1b1 = 0.0
    b2b2 = 0.0
    b1b2 = 0.0
    i1i1 = 0.0
    i2i2 = 0.0
    b1i1 = 0.0
    b2i2 = 0.0
    cross = 0.0
    for j in range(first, last):
        u1 = w.samples[j]
        u2 = w.samples[AT_U2 + j]
        b1 = w.samples[AT_B1 + j]
        b2 = w.samples[AT_B2 + j]
        n1 = w.samples[AT_N1 + j]
        n2 = w.samples[AT_N2 + j]
        i1 = w.samples[AT_I1 + j]
        i2 = w.samples[AT_I2 + j]
        u1u1 += u1 * u1
        u2u2 += u2 * u2
        u1u2 += u1 * u2
        n1n1 += n1 * n1
        n2n2 += n2 * n2
        n1n2 += n1 * n2
        u1b1 += u1 * b1
        u2b2 += u2 * b2
        b1b1 += b1 * b1
        b2b2 += b2 * b2
        b1b2 += b1 * b2
        i1i1 += i1 * i1
        i2i2 += i2 * i2
        b1i1 += b1 * i1
        b2i2 += b2 * i2
        cross += b1 * i2 + b2 * i1
    a.segment[SUM_U1U1] = u1u1
    a.segment[SUM_U2U2] = u2u2
    a.segment[SUM_U1U2] = u1u2
    a.segment[SUM_N1N1] = n1n1
    a.segment[SUM_N2N2] = n2n2
    a.segment[SUM_N1N2] = n1n2
    a.segment[SUM_U1B1] = u1b1
    a.segment[SUM_U2B2] = u2b2
    a.segment[SUM_B1B1] = b1b1
    a.segment[SUM_B2B2] = b2b2
    a.segment[SUM_B1B2] = b1b2
    a.segment[SUM_I1I1] = i1i1
    a.segment[SUM_I2I2] = i2i2
    a.segment[SUM_B1I1] = b1i1
    a.segment[SUM_B2I2] = b2i2
    a.segment[SUM_CROSS] = cross


def add_fundamentals(a, w, first, last):
    """Sums of the metered channels, plain and times the reference, which turns along."""
    b1_plain = 0.0
    b2_plain = 0.0
    i1_plain = 0.0
    i2_plain = 0.0
    b1c = 0.0
    b1s = 0.0
    b2c = 0.0
    b2s = 0.0
    i1c = 0.0
    i1s = 0.0
    i2c = 0.0
    i2s = 0.0
    c = a.oscillator_cosine
    s = a.oscillator_sine
    turn_c = a.step_cosine[TRACK_BUS]
    turn_s = a.step_sine[TRACK_BUS]
    for j in range(first, last):
        b1 = w.samples[AT_B1 + j]
        b2 = w.samples[AT_B2 + j]
        i1 = w.samples[AT_I1 + j]
        i2 = w.samples[AT_I2 + j]
        b1_plain += b1
        b2_plain += b2
        i1_plain += i1
        i2_plain += i2
        b1c += b1 * c
        b1s += b1 * s
        b2c += b2 * c
        b2s += b2 * s
        i1c += i1 * c
        i1s += i1 * s
        i2c += i2 * c
        i2s += i2 * s
        turned = c * turn_c - s * turn_s
        s = s * turn_c + c * turn_s
        c = turned
    a.oscillator_cosine = c
    a.oscillator_sine = s
    a.segment[SUM_B1] = b1_plain
    a.segment[SUM_B2] = b2_plain
    a.segment[SUM_I1] = i1_plain
    a.segment[SUM_I2] = i2_plain
    a.segment[SUM_B1C] = b1c
    a.segment[SUM_B1S] = b1s
    a.segment[SUM_B2C] = b2c
    a.segment[SUM_B2S] = b2s
    a.segment[SUM_I1C] = i1c
    a.segment[SUM_I1S] = i1s
    a.segment[SUM_I2C] = i2c
    a.segment[SUM_I2S] = i2s


def add_up(a, w, first, last):
    """All sums over places `first` to `last` - 1 into `a.segment`; the reference turns along."""
    add_products(a, w, first, last)
    add_fundamentals(a, w, first, last)
    a.segment[SUM_ONE] = float(last - first)


def products_at(a, w, j):
    """The products and means of one place into `a.segment`, without turning the reference."""
    c = a.oscillator_cosine
    s = a.oscillator_sine
    add_up(a, w, j, j + 1)
    a.oscillator_cosine = c
    a.oscillator_sine = s


def peak_of(w, c, n, peak):
    """The largest square of a channel in this half-cycle, or `peak` if that is larger."""
    most = peak
    for j in range(n):
        x = w.samples[c * ROOM + j]
        if x * x > most:
            most = x * x
    return most


def find_peaks(a, w, n):
    """Raises `a.peak` to this half-cycle's largest squares."""
    a.peak[0] = peak_of(w, CHANNEL_BUS_L1, n, a.peak[0])
    a.peak[1] = peak_of(w, CHANNEL_BUS_L2, n, a.peak[1])
    a.peak[2] = peak_of(w, CHANNEL_L1_A, n, a.peak[2])
    a.peak[3] = peak_of(w, CHANNEL_L2_A, n, a.peak[3])


def keep_last(w, n):
    """The last sample of each channel becomes place 0 of the next half-cycle."""
    for c in range(CHANNELS):
        w.samples[c * ROOM] = w.samples[c * ROOM + n]
