"""Panel and loads: resistive, electronic, thermostatic, short circuit; breakers that trip by heat and by magnet. Core Python.

An electronic load takes constant power: a conductance that is set anew each half-cycle, and odd harmonics of its current
that follow the panel's phase. Source: UL 489 for breakers (135 % within 1 h, 200 % within 2 min; magnet 5 to 10 times).
Records: h PLANT, u SETUP.
"""

from bptm.plant.wave_angles import TWO_PI, cosine, sine, wrapped
from bptm.plant.wave_circuit import build, conductance_of
from bptm.plant.wave_motor import set_motors
from bptm.plant.wave_utility import ROOT_2
from bptm.terms.core_bench_premise import (
    CIRCUIT_ELECTRONIC_L1,
    CIRCUIT_ELECTRONIC_L2,
    CIRCUIT_FAULT,
    CIRCUIT_MAIN,
    CIRCUIT_MOTOR_A,
    CIRCUIT_MOTOR_B,
    CIRCUIT_RESISTIVE_L1,
    CIRCUIT_RESISTIVE_L2,
    CIRCUIT_RESISTIVE_L12,
    CIRCUIT_THERMOSTAT,
    CIRCUITS,
)
from bptm.terms.core_bench_state import (
    NODE_PANEL_1,
    NODE_PANEL_2,
    NODE_PANEL_N,
)

NO_FAULT_OHM = 1000000.0
LEG_TO_LEG_SQUARED = 57600.0
HEAT_LAG_S = 180.0
HEAT_TRIPS = 1.1
"""A breaker carries 105 % for ever; 135 % trips it in 2.8 min, 200 % in 58 s, 500 % in 8 s. Own choice within UL 489."""
MAGNET_RATIO = 8.0
PLL_NATURAL = 31.4
PLL_GAIN = 88.0
PLL_LIVE_V = 30.0
CHANGE_SHARE = 0.005
COLDEST = -6.0
"""In bands of the thermostat: a tank or a room that is as cold as what is around it. Own choice."""
ONE_SEVENTH = 0.14285714285714285


def as_people_have_it(h, k, wanted):
    """A breaker that people have moved is where they moved it; moved on, it is reset."""
    if wanted != h.breaker_was[k]:
        h.breaker_was[k] = wanted
        h.breaker_on[k] = 1 if wanted == 1.0 else 0
        h.breaker_trips[k] = 0


def follow_people(h, u):
    """All breakers that people can move."""
    as_people_have_it(h, CIRCUIT_MAIN, u.main_breaker)
    as_people_have_it(h, CIRCUIT_RESISTIVE_L1, u.resistive_l1_breaker)
    as_people_have_it(h, CIRCUIT_RESISTIVE_L2, u.resistive_l2_breaker)
    as_people_have_it(h, CIRCUIT_RESISTIVE_L12, u.resistive_l12_breaker)
    as_people_have_it(h, CIRCUIT_ELECTRONIC_L1, u.electronic_l1_breaker)
    as_people_have_it(h, CIRCUIT_ELECTRONIC_L2, u.electronic_l2_breaker)
    as_people_have_it(h, CIRCUIT_MOTOR_A, u.motor_a_breaker)
    as_people_have_it(h, CIRCUIT_MOTOR_B, u.motor_b_breaker)
    as_people_have_it(h, CIRCUIT_THERMOSTAT, u.thermostat_breaker)
    fault = 1 if u.fault_l1_ohm < NO_FAULT_OHM or u.fault_l2_ohm < NO_FAULT_OHM or u.fault_l12_ohm < NO_FAULT_OHM else 0
    if fault == 1 and h.fault_on == 0:
        h.breaker_on[CIRCUIT_FAULT] = 1
    h.fault_on = fault


def set_loads(h, u):
    """Conductances of what is switched on."""
    h.load_1 = conductance_of(u.resistive_l1_w) * h.breaker_on[CIRCUIT_RESISTIVE_L1]
    h.load_2 = conductance_of(u.resistive_l2_w) * h.breaker_on[CIRCUIT_RESISTIVE_L2]
    h.load_12 = u.resistive_l12_w / LEG_TO_LEG_SQUARED * h.breaker_on[CIRCUIT_RESISTIVE_L12]
    h.load_1 += h.electronic_g[0]
    h.load_2 += h.electronic_g[1]
    if h.thermostat_on == 1:
        h.load_12 += u.thermostat_w / LEG_TO_LEG_SQUARED * h.breaker_on[CIRCUIT_THERMOSTAT]
    if h.fault_on == 1 and h.breaker_on[CIRCUIT_FAULT] == 1:
        h.load_1 += 1.0 / u.fault_l1_ohm
        h.load_2 += 1.0 / u.fault_l2_ohm
        h.load_12 += 1.0 / u.fault_l12_ohm


def rebuild(h, u):
    """Everything that conducts, as it is now."""
    follow_people(h, u)
    set_motors(h, u)
    set_loads(h, u)
    build(h, u)


def power_of_electronics(h, u, k):
    """Power that the electronic load of a leg asks for."""
    if k == 0:
        return u.electronic_l1_w * h.breaker_on[CIRCUIT_ELECTRONIC_L1]
    return u.electronic_l2_w * h.breaker_on[CIRCUIT_ELECTRONIC_L2]


def set_electronics(h, u):
    """Constant power: what conductance it is at this half-cycle's voltage."""
    for k in range(2):
        leg_v = h.panel_l1_v if k == 0 else h.panel_l2_v
        least_v = 120.0 * u.electronic_off_pu
        if leg_v < least_v:
            h.electronic_on[k] = 0
        elif leg_v > least_v + 6.0:
            h.electronic_on[k] = 1
        power_w = power_of_electronics(h, u, k) * h.electronic_on[k]
        g = power_w / (leg_v * leg_v) if leg_v > 1.0 and power_w > 0.0 else 0.0
        h.electronic_a[k] = ROOT_2 * g * leg_v
        off = g - h.electronic_g[k]
        if off > CHANGE_SHARE * h.electronic_g[k] or off < -CHANGE_SHARE * h.electronic_g[k]:
            h.electronic_g[k] = g
            h.dirty = 1


def follow_phase(h):
    """The phase-locked loop that electronic loads and the solar inverter follow: one sample."""
    l1_v = h.node[NODE_PANEL_1] - h.node[NODE_PANEL_N]
    v = l1_v
    size_v = h.panel_l1_v
    if h.panel_l12_v > PLL_LIVE_V:
        v = h.node[NODE_PANEL_1] - h.node[NODE_PANEL_2]
        size_v = h.panel_l12_v
    step_rad = TWO_PI * h.pll_hz * h.step_s
    if size_v > PLL_LIVE_V:
        off = v / (ROOT_2 * size_v) * cosine(h.pll_rad)
        if off > 1.0:
            off = 1.0
        if off < -1.0:
            off = -1.0
        h.pll_hz += 2.0 * PLL_NATURAL * PLL_NATURAL / TWO_PI * off * h.step_s
        step_rad += PLL_GAIN * off * h.step_s
    else:
        h.pll_hz += (60.0 - h.pll_hz) * h.step_s / 0.1
    if h.pll_hz < 40.0:
        h.pll_hz = 40.0
    if h.pll_hz > 80.0:
        h.pll_hz = 80.0
    h.pll_smooth_hz += (h.pll_hz - h.pll_smooth_hz) * h.step_s / 0.05
    h.pll_rad = wrapped(h.pll_rad + step_rad)


def inject_electronics(h, u):
    """Harmonics of the electronic loads' currents: pulses at the crest of the voltage."""
    if h.electronic_a[0] == 0.0 and h.electronic_a[1] == 0.0:
        return
    s = sine(h.pll_rad)
    q = s * s
    x = -u.electronic_third * s * (3.0 - 4.0 * q)
    x += u.electronic_fifth * s * (5.0 - q * (20.0 - 16.0 * q))
    x -= u.electronic_seventh * s * (7.0 - q * (56.0 - q * (112.0 - 64.0 * q)))
    i1_a = h.electronic_a[0] * x
    i2_a = h.legs_sign * h.electronic_a[1] * x
    h.inject[NODE_PANEL_1] -= i1_a
    h.inject[NODE_PANEL_2] -= i2_a
    h.inject[NODE_PANEL_N] += i1_a + i2_a


def follow_thermostat(h, u, tick_s):
    """What the thermostat keeps warm cools all the time and is heated by the square of the voltage while it calls.

    At nominal voltage it calls and rests for the times of the setup; after the dark it calls for longer.
    """
    if u.thermostat_w <= 0.0:
        return
    cools = 1.0 / u.thermostat_off_s
    heat = 0.0
    if h.thermostat_on == 1 and h.breaker_on[CIRCUIT_THERMOSTAT] == 1:
        heat = (1.0 / u.thermostat_on_s + cools) * h.panel_l12_v * h.panel_l12_v / LEG_TO_LEG_SQUARED
    h.thermostat_warm += tick_s * (heat - cools)
    if h.thermostat_warm < COLDEST:
        h.thermostat_warm = COLDEST
    calls = h.thermostat_on
    if h.thermostat_warm <= 0.0:
        calls = 1
    elif h.thermostat_warm >= 1.0:
        calls = 0
    if calls != h.thermostat_on:
        h.thermostat_on = calls
        h.dirty = 1


def heat_of(heat, current_a, rated_a, tick_s):
    """Heat of a breaker after a half-cycle at this current."""
    ratio = current_a / rated_a
    return heat + tick_s / HEAT_LAG_S * (ratio * ratio - heat)


def warm_breaker(h, k, current_a, rated_a, tick_s):
    """One half-cycle of a breaker: it trips by heat or by magnet."""
    h.breaker_heat[k] = heat_of(h.breaker_heat[k], current_a, rated_a, tick_s)
    if h.breaker_on[k] == 1 and (h.breaker_heat[k] > HEAT_TRIPS or current_a > MAGNET_RATIO * rated_a):
        h.breaker_trips[k] = 1
        h.any_trips = 1


def warm_breakers(h, u, main_a, motor_a_a, motor_b_a, tick_s):
    """All breakers of the panel, from the RMS values of a half-cycle."""
    l1_v = h.panel_l1_v
    l2_v = h.panel_l2_v
    l12_v = h.panel_l12_v
    warm_breaker(h, CIRCUIT_MAIN, main_a, u.main_breaker_a, tick_s)
    amps = conductance_of(u.resistive_l1_w) * l1_v * h.breaker_on[CIRCUIT_RESISTIVE_L1]
    warm_breaker(h, CIRCUIT_RESISTIVE_L1, amps, u.resistive_l1_breaker_a, tick_s)
    amps = conductance_of(u.resistive_l2_w) * l2_v * h.breaker_on[CIRCUIT_RESISTIVE_L2]
    warm_breaker(h, CIRCUIT_RESISTIVE_L2, amps, u.resistive_l2_breaker_a, tick_s)
    amps = u.resistive_l12_w / LEG_TO_LEG_SQUARED * l12_v * h.breaker_on[CIRCUIT_RESISTIVE_L12]
    warm_breaker(h, CIRCUIT_RESISTIVE_L12, amps, u.resistive_l12_breaker_a, tick_s)
    warm_breaker(h, CIRCUIT_ELECTRONIC_L1, h.electronic_g[0] * l1_v, u.electronic_breaker_a, tick_s)
    warm_breaker(h, CIRCUIT_ELECTRONIC_L2, h.electronic_g[1] * l2_v, u.electronic_breaker_a, tick_s)
    warm_breaker(h, CIRCUIT_MOTOR_A, motor_a_a, u.motor_a_breaker_a, tick_s)
    warm_breaker(h, CIRCUIT_MOTOR_B, motor_b_a, u.motor_b_breaker_a, tick_s)
    amps = u.thermostat_w / LEG_TO_LEG_SQUARED * l12_v * h.thermostat_on * h.breaker_on[CIRCUIT_THERMOSTAT]
    warm_breaker(h, CIRCUIT_THERMOSTAT, amps, u.thermostat_breaker_a, tick_s)
    amps = 0.0
    if h.fault_on == 1 and h.breaker_on[CIRCUIT_FAULT] == 1:
        amps = l1_v / u.fault_l1_ohm + l12_v / u.fault_l12_ohm
        other_a = l2_v / u.fault_l2_ohm + l12_v / u.fault_l12_ohm
        if other_a > amps:
            amps = other_a
    warm_breaker(h, CIRCUIT_FAULT, amps, u.fault_breaker_a, tick_s)


def part_breaker(h, k):
    """A breaker opens."""
    h.breaker_on[k] = 0
    h.breaker_trips[k] = 0
    h.breaker_heat[k] = 0.0
    h.dirty = 1


def part_breakers(h):
    """Breakers that wait open at the zero of their voltage (resistive) or of leg 1's current; one sample."""
    l1_v = h.node[NODE_PANEL_1] - h.node[NODE_PANEL_N]
    l2_v = h.node[NODE_PANEL_2] - h.node[NODE_PANEL_N]
    l12_v = l1_v - l2_v
    zero_1 = 1 if l1_v * h.zero_was[0] <= 0.0 else 0
    zero_2 = 1 if l2_v * h.zero_was[1] <= 0.0 else 0
    zero_12 = 1 if l12_v * h.zero_was[2] <= 0.0 else 0
    h.zero_was[0] = l1_v
    h.zero_was[1] = l2_v
    h.zero_was[2] = l12_v
    left = 0
    for k in range(CIRCUITS):
        if h.breaker_trips[k] == 1:
            zero = zero_12
            if k == CIRCUIT_RESISTIVE_L1 or k == CIRCUIT_ELECTRONIC_L1:
                zero = zero_1
            elif k == CIRCUIT_RESISTIVE_L2 or k == CIRCUIT_ELECTRONIC_L2:
                zero = zero_2
            elif k == CIRCUIT_FAULT:
                zero = 1 if zero_1 == 1 or zero_2 == 1 else 0
            if zero == 1:
                part_breaker(h, k)
            else:
                left = 1
    h.any_trips = left
