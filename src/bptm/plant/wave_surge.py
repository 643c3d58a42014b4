"""Surges and the surge protector: a strike in steps of 50 ns, the energy of a varistor, its life and its heat. Core Python.

The generator is the combination wave of IEEE C62.41.2: an open-circuit crest (6 kV or 10 kV, 1.2/50) behind what makes
its short-circuit crest (3 kA or 10 kA, 8/20). Into a varistor the current is that of the short circuit, less what the
clamp holds back; the varistor's law is a power of its voltage. Without a protector the crest goes into the premise, up
to the flashover of the socket.

8/20: i(t) = 0.01243 t^3 exp(-t / 3.911), t in microseconds. Source: IEEE C62.45-2002; domain.md 2.10 for varistors.
Records: h PLANT, u SETUP.
"""

from bptm.terms.core_bench_state import NODE_NEUTRAL, NODE_UTILITY_1, NODE_UTILITY_2

STEP_US = 0.05
STEPS = 1600
"""80 microseconds: the current is over after 40."""
FACTOR = 0.01243
FALL_US = 3.911
FLASHOVER_V = 6000.0
"""Air gaps of the socket. Own choice; domain.md 2.10."""
LEAD_OHM = 0.3
"""Inductance of 0.3 m of leads, as volts for each ampere in a microsecond: 0.3 microhenry. Own choice."""
SEEN_SHARE = 0.2
"""What of the crest passes the converter's filter. Own choice."""
MILLIAMPERE_A = 0.001
HUNDRED_A = 100.0


def power_of(x, n):
    """The n-th power of x, n from 0 to 63."""
    y = 1.0
    square = x
    for _turn in range(6):
        if n % 2 == 1:
            y = y * square
        n = n // 2
        square = square * square
    return y


def fit_varistor(h, u):
    """The whole exponent that brings 1 mA at one voltage nearest to 100 A at the other."""
    ratio = u.spd_clamp_v / u.spd_ma_v
    n = 5
    for k in range(5, 60):
        if power_of(ratio, k) < HUNDRED_A / MILLIAMPERE_A:
            n = k + 1
    h.spd_exponent = n


def clamp_v(h, u, current_a):
    """Voltage of the varistor at a current, by halving between 0 and twice its clamp."""
    low = 0.0
    high = 3.0 * u.spd_clamp_v
    for _turn in range(40):
        middle = 0.5 * (low + high)
        if HUNDRED_A * power_of(middle / u.spd_clamp_v, h.spd_exponent) < current_a:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def strike(h, u):
    """One surge: energy, crest, life."""
    crest_v = u.surge_v
    short_a = u.surge_a
    u.surge_v = 0.0
    h.surges += 1
    h.surges_told += 1
    h.surge_joules = 0.0
    if u.spd_present == 0.0 or h.spd_off == 1:
        h.surge_crest_v = crest_v if crest_v < FLASHOVER_V else FLASHOVER_V
        h.surge_pulse_v = SEEN_SHARE * h.surge_crest_v
        return
    held_v = clamp_v(h, u, short_a)
    share = 1.0 - held_v / crest_v if crest_v > held_v else 0.0
    fall = 1.0 - STEP_US / FALL_US + 0.5 * STEP_US * STEP_US / (FALL_US * FALL_US)
    decay = 1.0
    before_a = 0.0
    most_v = 0.0
    most_a = 0.0
    for n in range(1, STEPS):
        decay = decay * fall
        t = n * STEP_US
        a = share * short_a * FACTOR * t * t * t * decay
        if a > most_a:
            most_a = a
        # A bisection in each step would cost more than it tells: the clamp moves with the 1/n-th power.
        v = held_v if n % 20 != 0 else clamp_v(h, u, a)
        if n % 20 == 0:
            h.surge_joules += v * a * 20.0 * STEP_US * 0.000001
        inductive_v = LEAD_OHM * (a - before_a) / STEP_US
        if n % 20 == 0 and v + inductive_v > most_v:
            most_v = v + inductive_v
        before_a = a
    h.surge_crest_v = most_v
    h.surge_pulse_v = SEEN_SHARE * most_v
    life = most_a / u.spd_surge_a
    h.spd_used_fraction += life * life * life
    if h.spd_used_fraction >= 1.0:
        # It fails short, and its own fuse takes it off.
        h.spd_off = 1


def leak_w(h, u):
    """Power in the varistors at this sample: it matters above four fifths of their voltage at 1 mA."""
    x = 0.0
    for k in range(2):
        v = h.node[NODE_UTILITY_1] if k == 0 else h.node[NODE_UTILITY_2]
        v -= h.node[NODE_NEUTRAL]
        if v < 0.0:
            v = -v
        if v > 0.8 * u.spd_ma_v:
            if v > 1.5 * u.spd_ma_v:
                v = 1.5 * u.spd_ma_v
            x += v * MILLIAMPERE_A * power_of(v / u.spd_ma_v, h.spd_exponent)
    return x


def warm_protector(h, u, mean_w, tick_s):
    """Heat of the protector after a half-cycle; its disconnect opens when it is too hot."""
    if h.spd_off == 1 or u.spd_present == 0.0:
        h.spd_c += (u.ambient_c - h.spd_c) * tick_s / u.spd_lag_s
        return
    aim_c = u.ambient_c + u.spd_rise * mean_w
    h.spd_c += (aim_c - h.spd_c) * tick_s / u.spd_lag_s
    if h.spd_c > u.spd_off_c:
        h.spd_off = 1
