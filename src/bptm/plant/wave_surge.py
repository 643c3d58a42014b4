"""Surges and the surge protector: a strike in steps of 50 ns, the energy of a varistor, its life and its heat. Core Python.

The generator is the combination wave of IEEE C62.41.2: an open-circuit crest (6 kV or 10 kV, 1.2/50) behind what makes
its short-circuit crest (3 kA or 10 kA, 8/20). Into a varistor the current is that of the short circuit, less what the
clamp holds back; the varistor's law is a power of its voltage. Without a protector the crest goes into the premise, up
to the flashover of the socket.

A second protector at the panel shares the current: the line between them is an inductance, which at first holds the panel
back, so that the meter's protector takes the front and the panel's what comes late; with a long line, or a panel's
protector that clamps higher, the panel's takes little. Coordination is what comes of it.

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


def exponent_of(ratio):
    """The whole exponent that brings 1 mA at one voltage nearest to 100 A at the other, this many times as high."""
    n = 5
    for k in range(5, 60):
        if power_of(ratio, k) < HUNDRED_A / MILLIAMPERE_A:
            n = k + 1
    return n


def fit_varistor(h, u):
    """Exponents of both protectors."""
    h.spd_exponent = exponent_of(u.spd_clamp_v / u.spd_ma_v)
    h.panel_spd_exponent = exponent_of(u.panel_spd_clamp_v / u.panel_spd_ma_v)


def current_of(v, at_hundred_v, exponent):
    """Current of a varistor at a voltage."""
    return HUNDRED_A * power_of(v / at_hundred_v, exponent)


def clamp_v(current_a, at_hundred_v, exponent):
    """Voltage of a varistor at a current, by halving between 0 and three times its voltage at 100 A."""
    low = 0.0
    high = 3.0 * at_hundred_v
    for _turn in range(40):
        middle = 0.5 * (low + high)
        if current_of(middle, at_hundred_v, exponent) < current_a:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def strike(h, u):
    """One surge: who takes it, crests, energies, lives."""
    crest_v = u.surge_v
    short_a = u.surge_a
    u.surge_v = 0.0
    h.surges += 1
    h.surges_told += 1
    h.surge_joules = 0.0
    h.panel_spd_joules = 0.0
    here = 1 if u.spd_present == 1.0 and h.spd_off == 0 else 0
    there = 1 if u.panel_spd_present == 1.0 and h.panel_spd_off == 0 else 0
    if here == 0 and there == 0:
        h.surge_crest_v = crest_v if crest_v < FLASHOVER_V else FLASHOVER_V
        h.panel_crest_v = h.surge_crest_v
    elif there == 0:
        held_v = clamp_v(short_a, u.spd_clamp_v, h.spd_exponent)
        take_alone(h, u, short_a * held_back(crest_v, held_v))
    else:
        held_v = clamp_v(short_a, u.panel_spd_clamp_v, h.panel_spd_exponent)
        if here == 1:
            own_v = clamp_v(short_a, u.spd_clamp_v, h.spd_exponent)
            held_v = own_v if own_v < held_v else held_v
        share_between(h, u, short_a * held_back(crest_v, held_v), here)
        if here == 0 and h.surge_crest_v > FLASHOVER_V:
            h.surge_crest_v = FLASHOVER_V
    h.surge_pulse_v = SEEN_SHARE * h.surge_crest_v


def held_back(crest_v, held_v):
    """Share of the short-circuit current that flows against a clamp."""
    return 1.0 - held_v / crest_v if crest_v > held_v else 0.0


def take_alone(h, u, peak_a):
    """The meter's protector takes it all; the panel sees what is left."""
    fall = 1.0 - STEP_US / FALL_US + 0.5 * STEP_US * STEP_US / (FALL_US * FALL_US)
    decay = 1.0
    before_a = 0.0
    most_v = 0.0
    most_a = 0.0
    for n in range(1, STEPS):
        decay = decay * fall
        t = n * STEP_US
        a = peak_a * FACTOR * t * t * t * decay
        if a > most_a:
            most_a = a
        # A bisection in each step would cost more than it tells: the clamp moves with the 1/n-th power.
        if n % 20 == 0:
            v = clamp_v(a, u.spd_clamp_v, h.spd_exponent)
            h.surge_joules += v * a * 20.0 * STEP_US * 0.000001
            v = v + LEAD_OHM * (a - before_a) / STEP_US
            if v > most_v:
                most_v = v
        before_a = a
    h.surge_crest_v = most_v
    h.panel_crest_v = most_v
    wear_meter(h, u, most_a)


def share_between(h, u, peak_a, here):
    """Both protectors, or the panel's alone, with the line between them.

    Each step the panel's voltage is found by halving: its current has grown by the voltage across the line and the leads
    of its protector (backward Euler), and with the meter's current at the voltage that this asks for it is the surge.
    """
    step_us = 4.0 * STEP_US
    fall = 1.0 - step_us / FALL_US + 0.5 * step_us * step_us / (FALL_US * FALL_US)
    fall = fall - step_us * step_us * step_us / (6.0 * FALL_US * FALL_US * FALL_US)
    line_v = (u.panel_line_uh + LEAD_OHM) / step_us
    decay = 1.0
    panel_a = 0.0
    meter_a = 0.0
    most_meter_a = 0.0
    most_panel_a = 0.0
    h.surge_crest_v = 0.0
    h.panel_crest_v = 0.0
    for n in range(1, STEPS // 4):
        decay = decay * fall
        t = n * step_us
        a = peak_a * FACTOR * t * t * t * decay
        low = 0.0
        high = 3.0 * u.panel_spd_clamp_v
        for _turn in range(40):
            v = 0.5 * (low + high)
            there_a = current_of(v, u.panel_spd_clamp_v, h.panel_spd_exponent)
            meter_v = v + line_v * (there_a - panel_a)
            here_a = 0.0
            if here == 1 and meter_v > 0.0:
                here_a = current_of(meter_v, u.spd_clamp_v, h.spd_exponent) if meter_v < 3.0 * u.spd_clamp_v else a
            if there_a + here_a < a:
                low = v
            else:
                high = v
        before_a = meter_a
        panel_v = v + LEAD_OHM * (there_a - panel_a) / step_us
        # What the varistor of the meter takes is what the line does not: the last digits of a voltage are no current.
        meter_a = a - there_a if here == 1 else 0.0
        meter_v = v + line_v * (there_a - panel_a)
        panel_a = there_a
        h.panel_spd_joules += v * panel_a * step_us * 0.000001
        if meter_a > 0.0:
            h.surge_joules += meter_v * meter_a * step_us * 0.000001
        meter_v = meter_v + LEAD_OHM * (meter_a - before_a) / step_us
        most_meter_a = meter_a if meter_a > most_meter_a else most_meter_a
        most_panel_a = panel_a if panel_a > most_panel_a else most_panel_a
        h.surge_crest_v = meter_v if meter_v > h.surge_crest_v else h.surge_crest_v
        h.panel_crest_v = panel_v if panel_v > h.panel_crest_v else h.panel_crest_v
    wear_meter(h, u, most_meter_a)
    h.panel_spd_used_fraction += wear_of(most_panel_a, u.panel_spd_surge_a)
    if h.panel_spd_used_fraction >= 1.0:
        h.panel_spd_off = 1


def wear_of(most_a, ends_a):
    """Share of a protector's life that a surge uses: the third power of its current."""
    x = most_a / ends_a
    return x * x * x


def wear_meter(h, u, most_a):
    """Life of the meter's protector after a surge of this crest."""
    h.spd_used_fraction += wear_of(most_a, u.spd_surge_a)
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
