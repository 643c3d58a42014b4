"""One home at waveform rate: a sample of everything, and what a half-cycle of samples amounts to. Core Python.

A half-cycle is: `begin_half`, then `solve_sample` for each sample, then `end_half`, which leaves the true values in the
row of the trace. Orders reach the coils between two half-cycles.

Energy is counted from the solved circuit: what sources give is what loads take and conductors lose, but for what is
stored in reactances (tested); the resistance that the integration adds counts as a loss.
Records: h PLANT, u SETUP, w WAVE, o TRUE.
"""

from bptm.plant.wave_angles import PI, TWO_PI
from bptm.plant.wave_circuit import BURDEN, inject_branches, multiply, rms, take_currents
from bptm.plant.wave_contactors import move_poles, pole_drive, take_poles
from bptm.plant.wave_meter import supply, warm_blades
from bptm.plant.wave_motor import turn_motors
from bptm.plant.wave_premise import (
    HEAT_TRIPS,
    MAGNET_RATIO,
    follow_phase,
    follow_thermostat,
    heat_of,
    inject_electronics,
    part_breakers,
    rebuild,
    set_electronics,
    warm_breakers,
)
from bptm.plant.wave_sensors import sense, set_steps
from bptm.plant.wave_solar import follow_solar, inject_solar
from bptm.plant.wave_source import follow_utility, guard_outlet, limit_current, part_source, residual_a, run_source
from bptm.plant.wave_surge import fit_varistor, leak_w, strike, warm_protector
from bptm.plant.wave_utility import drive_utility
from bptm.terms.core_bench_premise import CIRCUITS
from bptm.terms.core_bench_state import (
    ADD_B1_A,
    ADD_B2_A,
    ADD_B_W,
    ADD_BUS_1,
    ADD_BUS_2,
    ADD_BUS_12,
    ADD_COUNT,
    ADD_GIVEN_W,
    ADD_INLET_1,
    ADD_INLET_2,
    ADD_INLET_12,
    ADD_LOAD_W,
    ADD_LOST_W,
    ADD_MAIN_1_A,
    ADD_MAIN_2_A,
    ADD_MOTOR_A_A,
    ADD_MOTOR_B_A,
    ADD_NEUTRAL_A,
    ADD_NEUTRAL_V,
    ADD_PANEL_1,
    ADD_PANEL_2,
    ADD_POLE_1,
    ADD_POLE_2,
    ADD_RESIDUAL_A,
    ADD_SOLAR_W,
    ADD_SOURCE_V,
    ADD_SOURCE_W,
    ADD_TAKEN_W,
    ADD_U1_A,
    ADD_U2_A,
    ADD_U_W,
    ADD_UTILITY_1,
    ADD_UTILITY_2,
    ADD_UTILITY_12,
    BRANCH_FEEDER,
    BRANCH_MOTOR_A,
    BRANCH_MOTOR_B,
    BRANCH_SOURCE_1,
    BRANCH_SOURCE_2,
    BRANCH_WINDING_1,
    BRANCH_WINDING_2,
    BRANCHES,
    NODE_BUS_1,
    NODE_BUS_2,
    NODE_CORE,
    NODE_INLET_1,
    NODE_INLET_2,
    NODE_NEUTRAL,
    NODE_PANEL_1,
    NODE_PANEL_2,
    NODE_PANEL_N,
    NODE_STAR,
    NODE_TAP_1,
    NODE_TAP_2,
    NODE_UTILITY_1,
    NODE_UTILITY_2,
    NODES,
    POLES,
)
from bptm.terms.core_bench_trace import SOURCE_COOLS_DOWN, SOURCE_RUNS

LONG_AGO = 1 << 40
HOUR_S = 3600.0
SOURCE_BREAKER_BIT = 1024


def begin_home(h, u, rate_hz, seed):
    """A home on the utility, its contacts as installed: U closed, B open."""
    h.step_s = 1.0 / rate_hz
    h.draw = seed % 4294967296
    h.dirty = 1
    h.source_breaker = 1
    h.left_fraction = u.fuel_fraction if u.kind < 4.0 else u.charge_fraction
    h.pll_hz = 60.0
    h.pll_smooth_hz = 60.0
    h.legs_sign = -1.0
    for k in range(CIRCUITS):
        h.breaker_on[k] = 1
        h.breaker_was[k] = 1.0
    for pole in range(POLES):
        on = 1 if pole < 2 else 0
        h.conducts[pole] = on
        h.closed[pole] = on
        h.target[pole] = on
        h.since[pole] = LONG_AGO
    h.open_for[1] = LONG_AGO
    h.hold_up_left_s = u.hold_up_s
    h.supplied = 1
    h.blade_c = u.ambient_c
    h.spd_c = u.ambient_c
    h.panel_l1_v = u.utility_v
    h.panel_l2_v = u.utility_v
    h.panel_l12_v = 2.0 * u.utility_v
    h.solar_on = 1 if u.solar_w > 0.0 and u.feeder_on == 1.0 else 0
    h.solar_for_s = u.enter_ramp_s
    h.thermostat_warm = 1.0
    fit_varistor(h, u)


def begin_half(h, u):
    """Sums of a half-cycle at 0."""
    for k in range(ADD_COUNT):
        h.add[k] = 0.0
    h.taken = 0
    h.utility_peak_v = 0.0
    h.bus_peak_v = 0.0
    h.inlet_peak_v = 0.0
    h.u_peak_a = 0.0
    h.b_peak_a = 0.0
    h.u_ever = 0
    h.b_ever = 0
    h.both_ever = 0
    h.u_arcs = 0
    h.b_arcs = 0
    h.closings = 0
    h.closed_onto_v = 0.0
    h.closed_after_s = 1000000.0
    h.spd_heat_w = 0.0
    # So that it still stands until the next crest.
    if h.limited > 0:
        h.limited -= 1
    for k in range(2):
        h.bus_was_v[k] = h.bus_crest_v[k]
        h.bus_crest_v[k] = 0.0
    set_steps(h, u)


def larger(most, x):
    """The larger of a value and the size of another."""
    if x > most:
        return x
    return -x if -x > most else most


def add_square(h, k, x):
    """One more square."""
    h.add[k] += x * x


def add_voltages(h):
    """Squares and crests of the voltages of one sample."""
    n = h.node[NODE_NEUTRAL]
    u1 = h.node[NODE_UTILITY_1] - n
    u2 = h.node[NODE_UTILITY_2] - n
    b1 = h.node[NODE_BUS_1] - n
    b2 = h.node[NODE_BUS_2] - n
    i1 = h.node[NODE_INLET_1] - n
    i2 = h.node[NODE_INLET_2] - n
    add_square(h, ADD_UTILITY_1, u1)
    add_square(h, ADD_UTILITY_2, u2)
    add_square(h, ADD_UTILITY_12, u1 - u2)
    add_square(h, ADD_BUS_1, b1)
    add_square(h, ADD_BUS_2, b2)
    add_square(h, ADD_BUS_12, b1 - b2)
    add_square(h, ADD_INLET_1, i1)
    add_square(h, ADD_INLET_2, i2)
    add_square(h, ADD_INLET_12, i1 - i2)
    h.add[ADD_LOST_W] += BURDEN * (u1 * u1 + u2 * u2 + b1 * b1 + b2 * b2 + i1 * i1 + i2 * i2)
    add_square(h, ADD_NEUTRAL_V, n)
    add_square(h, ADD_POLE_1, u1 - b1)
    add_square(h, ADD_POLE_2, u2 - b2)
    h.utility_peak_v = larger(larger(h.utility_peak_v, u1), u2)
    h.bus_crest_v[0] = larger(h.bus_crest_v[0], b1)
    h.bus_crest_v[1] = larger(h.bus_crest_v[1], b2)
    h.inlet_peak_v = larger(larger(h.inlet_peak_v, i1), i2)
    star = h.node[NODE_STAR]
    v1 = h.node[h.to_node[BRANCH_SOURCE_1]] - star
    v2 = h.node[h.to_node[BRANCH_SOURCE_2]] - star
    # Its regulator looks at a winding that is there.
    h.add[ADD_SOURCE_V] += v1 * v1 if v1 * v1 > v2 * v2 else v2 * v2
    h.add[ADD_U_W] += b1 * h.pole_a[0] + b2 * h.pole_a[1]
    h.add[ADD_B_W] += b1 * h.pole_a[2] + b2 * h.pole_a[3]


def add_currents(h):
    """Squares and crests of the currents of one sample."""
    add_square(h, ADD_U1_A, h.pole_a[0])
    add_square(h, ADD_U2_A, h.pole_a[1])
    add_square(h, ADD_B1_A, h.pole_a[2])
    add_square(h, ADD_B2_A, h.pole_a[3])
    add_square(h, ADD_RESIDUAL_A, residual_a(h))
    add_square(h, ADD_MOTOR_A_A, h.current[BRANCH_MOTOR_A])
    add_square(h, ADD_MOTOR_B_A, h.current[BRANCH_MOTOR_B])
    h.u_peak_a = larger(larger(h.u_peak_a, h.pole_a[0]), h.pole_a[1])
    h.b_peak_a = larger(larger(h.b_peak_a, h.pole_a[2]), h.pole_a[3])


def add_powers(h):
    """Powers of one sample: given, taken, lost."""
    n = h.node[NODE_NEUTRAL]
    pn = h.node[NODE_PANEL_N]
    p1 = h.node[NODE_PANEL_1]
    p2 = h.node[NODE_PANEL_2]
    main_1_a = h.panel_g[0] * (h.node[NODE_BUS_1] - p1)
    main_2_a = h.panel_g[1] * (h.node[NODE_BUS_2] - p2)
    neutral_a = h.panel_neutral_g * (n - pn)
    add_square(h, ADD_MAIN_1_A, main_1_a)
    add_square(h, ADD_MAIN_2_A, main_2_a)
    add_square(h, ADD_NEUTRAL_A, neutral_a)
    l1 = p1 - pn
    l2 = p2 - pn
    add_square(h, ADD_PANEL_1, l1)
    add_square(h, ADD_PANEL_2, l2)
    solar_w = h.solar_a * (p1 - p2)
    # What electronic loads take is what they inject, with its sign; solar injects there too.
    load_w = -(h.pulse_1_a * l1 + h.pulse_2_a * l2)
    load_w += h.load_1 * l1 * l1 + h.load_2 * l2 * l2 + h.load_12 * (l1 - l2) * (l1 - l2)
    lost_w = main_1_a * (h.node[NODE_BUS_1] - p1) + main_2_a * (h.node[NODE_BUS_2] - p2) + neutral_a * (n - pn)
    for pole in range(POLES):
        lost_w += h.pole_a[pole] * pole_drive(h, pole)
    star_v = h.node[NODE_STAR] - h.node[h.star_to]
    earth_v = h.node[NODE_STAR] - n
    lost_w += h.star_g * star_v * star_v + h.earth_g * earth_v * earth_v + h.neutral_g * n * n
    given_w = solar_w
    for k in range(BRANCHES):
        a = h.current[k]
        step_a = a - h.before_a[k]
        h.before_a[k] = a
        lost_w += h.resistance[k] * a * a + 0.5 * h.keep[k] / h.conductance[k] * step_a * step_a
    given_w += h.own[BRANCH_FEEDER] * h.current[BRANCH_FEEDER]
    given_w += h.own[BRANCH_WINDING_1] * h.current[BRANCH_WINDING_1]
    given_w += h.own[BRANCH_WINDING_2] * h.current[BRANCH_WINDING_2]
    source_w = h.own[BRANCH_SOURCE_1] * h.current[BRANCH_SOURCE_1]
    source_w += h.own[BRANCH_SOURCE_2] * h.current[BRANCH_SOURCE_2]
    motor_w = -h.own[BRANCH_MOTOR_A] * h.current[BRANCH_MOTOR_A]
    motor_w -= h.own[BRANCH_MOTOR_B] * h.current[BRANCH_MOTOR_B]
    t1 = h.node[NODE_TAP_1]
    t2 = h.node[NODE_TAP_2]
    core = h.node[NODE_CORE]
    h.add[ADD_SOLAR_W] += solar_w
    h.add[ADD_SOURCE_W] += source_w
    h.add[ADD_LOAD_W] += load_w + motor_w
    h.add[ADD_GIVEN_W] += given_w + source_w
    h.add[ADD_TAKEN_W] += load_w + motor_w + h.neighbour * (t1 * t1 + t2 * t2) + h.core_load * core * core
    h.add[ADD_LOST_W] += lost_w


def solve_circuit(h, u):
    """Voltages and currents of one sample."""
    if h.dirty == 1:
        rebuild(h, u)
    for i in range(NODES + 1):
        h.inject[i] = 0.0
    inject_electronics(h, u)
    h.pulse_1_a = h.inject[NODE_PANEL_1]
    h.pulse_2_a = h.inject[NODE_PANEL_2]
    inject_solar(h, u)
    inject_branches(h)
    multiply(h)
    limit_current(h, u)
    take_currents(h)
    take_poles(h, u)


def release_source(h):
    """A source's breaker that waits opens at the zero of its current."""
    first = h.current[BRANCH_SOURCE_1]
    second = h.current[BRANCH_SOURCE_2]
    k = BRANCH_SOURCE_1 if first * first > second * second else BRANCH_SOURCE_2
    if h.current[k] * h.before_a[k] <= 0.0:
        part_source(h)


def solve_sample(h, u, w, place):
    """One sample of everything; the converter's values go to this place of each channel."""
    if u.surge_v > 0.0:
        strike(h, u)
    drive_utility(h, u)
    run_source(h, u)
    follow_phase(h)
    move_poles(h, u)
    solve_circuit(h, u)
    if h.source_trips == 1:
        release_source(h)
    if h.any_trips == 1:
        part_breakers(h)
    add_voltages(h)
    add_currents(h)
    add_powers(h)
    # After the powers: it sets what the motors have of their own in the next sample.
    turn_motors(h, u)
    h.spd_heat_w += leak_w(h, u)
    sense(h, u, w, place)
    h.sample += 1
    h.taken += 1


def wrap_half(x_rad):
    """An angle above -pi and up to pi, from one between -2 pi and 2 pi."""
    if x_rad > PI:
        return x_rad - TWO_PI
    if x_rad <= -PI:
        return x_rad + TWO_PI
    return x_rad


def tell_voltages(h, o, n):
    """Voltages of the trace."""
    o.utility_l1_v = rms(h.add[ADD_UTILITY_1], n)
    o.utility_l2_v = rms(h.add[ADD_UTILITY_2], n)
    o.utility_l12_v = rms(h.add[ADD_UTILITY_12], n)
    o.bus_l1_v = rms(h.add[ADD_BUS_1], n)
    o.bus_l2_v = rms(h.add[ADD_BUS_2], n)
    o.bus_l12_v = rms(h.add[ADD_BUS_12], n)
    o.inlet_l1_v = rms(h.add[ADD_INLET_1], n)
    o.inlet_l2_v = rms(h.add[ADD_INLET_2], n)
    o.inlet_l12_v = rms(h.add[ADD_INLET_12], n)
    o.panel_l1_v = rms(h.add[ADD_PANEL_1], n)
    o.panel_l2_v = rms(h.add[ADD_PANEL_2], n)
    o.neutral_v = rms(h.add[ADD_NEUTRAL_V], n)
    first = rms(h.add[ADD_POLE_1], n)
    second = rms(h.add[ADD_POLE_2], n)
    o.pole_v = first if first > second else second
    o.utility_peak_v = h.utility_peak_v
    o.bus_peak_v = h.bus_crest_v[0] if h.bus_crest_v[0] > h.bus_crest_v[1] else h.bus_crest_v[1]
    o.inlet_peak_v = h.inlet_peak_v


def tell_currents(h, o, n):
    """Currents, powers and energies of the trace."""
    o.utility_l1_a = rms(h.add[ADD_U1_A], n)
    o.utility_l2_a = rms(h.add[ADD_U2_A], n)
    o.backup_l1_a = rms(h.add[ADD_B1_A], n)
    o.backup_l2_a = rms(h.add[ADD_B2_A], n)
    o.neutral_a = rms(h.add[ADD_NEUTRAL_A], n)
    o.residual_a = rms(h.add[ADD_RESIDUAL_A], n)
    o.utility_peak_a = h.u_peak_a
    o.backup_peak_a = h.b_peak_a
    o.motor_a_a = rms(h.add[ADD_MOTOR_A_A], n)
    o.motor_b_a = rms(h.add[ADD_MOTOR_B_A], n)
    o.utility_w = h.add[ADD_U_W] / n
    o.backup_w = h.add[ADD_B_W] / n
    o.load_w = h.add[ADD_LOAD_W] / n
    o.solar_out_w = h.add[ADD_SOLAR_W] / n
    hours = h.step_s / HOUR_S
    if h.add[ADD_U_W] >= 0.0:
        h.utility_in_wh += h.add[ADD_U_W] * hours
    else:
        h.utility_out_wh -= h.add[ADD_U_W] * hours
    if h.add[ADD_B_W] >= 0.0:
        h.backup_in_wh += h.add[ADD_B_W] * hours
    else:
        h.backup_out_wh -= h.add[ADD_B_W] * hours
    h.given_wh += h.add[ADD_GIVEN_W] * hours
    h.taken_wh += h.add[ADD_TAKEN_W] * hours
    h.lost_wh += h.add[ADD_LOST_W] * hours
    o.utility_in_wh = h.utility_in_wh
    o.utility_out_wh = h.utility_out_wh
    o.backup_in_wh = h.backup_in_wh
    o.backup_out_wh = h.backup_out_wh
    o.given_wh = h.given_wh
    o.taken_wh = h.taken_wh
    o.lost_wh = h.lost_wh


def tell_things(h, u, o):
    """Sources, contacts and the meter's own of the trace."""
    o.tick = h.tick
    o.end_sample = h.sample
    o.feeder_on = 1 if u.feeder_on == 1.0 else 0
    o.utility_true_hz = u.utility_hz if u.feeder_on == 1.0 else 0.0
    o.source_hz = h.source_hz if h.source_v > 0.0 else 0.0
    o.source_state = h.source_state
    o.source_inner_v = h.source_v
    o.throttle = h.torque
    o.left_fraction = h.left_fraction
    o.slip_rad = wrap_half(h.source_rad - h.utility_rad)
    o.solar_on = h.solar_on
    o.motor_a_hz = h.motor_hz[0]
    o.motor_b_hz = h.motor_hz[1]
    flux = rms(h.motor_flux_d[0] * h.motor_flux_d[0] + h.motor_flux_q[0] * h.motor_flux_q[0], 2.0)
    o.motor_a_v = flux * h.motor_hz[0] / 60.0
    o.u_poles = h.conducts[0] | (h.conducts[1] << 1)
    o.b_poles = h.conducts[2] | (h.conducts[3] << 1)
    o.u_ever = h.u_ever
    o.b_ever = h.b_ever
    o.u_arcs = h.u_arcs
    o.b_arcs = h.b_arcs
    weld_u1 = 1 if u.u_weld_l1 == 1.0 or h.welded[0] == 1 else 0
    weld_u2 = 1 if u.u_weld_l2 == 1.0 or h.welded[1] == 1 else 0
    weld_b1 = 1 if u.b_weld_l1 == 1.0 or h.welded[2] == 1 else 0
    weld_b2 = 1 if u.b_weld_l2 == 1.0 or h.welded[3] == 1 else 0
    o.u_welded = weld_u1 | (weld_u2 << 1)
    o.b_welded = weld_b1 | (weld_b2 << 1)
    bits = SOURCE_BREAKER_BIT * h.source_breaker
    for k in range(CIRCUITS):
        bits |= h.breaker_on[k] << k
    o.breakers = bits
    o.u_operations = h.u_operations
    o.b_operations = h.b_operations
    o.hold_up_left_s = h.hold_up_left_s
    o.blade_c = h.blade_c
    o.spd_c = h.spd_c
    o.spd_off = h.spd_off
    o.spd_used_fraction = h.spd_used_fraction
    o.surges = h.surges
    o.surge_crest_v = h.surge_crest_v
    o.surge_joules = h.surge_joules
    o.panel_crest_v = h.panel_crest_v
    o.panel_spd_joules = h.panel_spd_joules
    o.panel_spd_used_fraction = h.panel_spd_used_fraction


def follow_source(h, u, o, n, tick_s):
    """What the source's own protection makes of a half-cycle."""
    h.terminal_v = rms(h.add[ADD_SOURCE_V], n)
    guard_outlet(h, u, o.residual_a, tick_s)
    amps = o.backup_l1_a if o.backup_l1_a > o.backup_l2_a else o.backup_l2_a
    running = 1 if h.source_state == SOURCE_RUNS or h.source_state == SOURCE_COOLS_DOWN else 0
    h.source_heat = heat_of(h.source_heat, amps, u.breaker_a, tick_s)
    if running == 1 and h.source_breaker == 1 and (h.source_heat > HEAT_TRIPS or amps > MAGNET_RATIO * u.breaker_a):
        h.source_trips = 1
    low = 1 if o.inlet_l1_v < u.b_dropout_v and o.inlet_l2_v < u.b_dropout_v else 0
    h.b_low_s = h.b_low_s + tick_s if low == 1 else 0.0


def end_half(h, u, o):
    """What a half-cycle amounts to: true values, and everything that goes by half-cycles."""
    n = h.taken
    tick_s = n * h.step_s
    h.tick += 1
    tell_voltages(h, o, n)
    tell_currents(h, o, n)
    h.pole_rms_a[0] = o.utility_l1_a
    h.pole_rms_a[1] = o.utility_l2_a
    h.pole_rms_a[2] = o.backup_l1_a
    h.pole_rms_a[3] = o.backup_l2_a
    h.panel_l1_v = o.panel_l1_v
    h.panel_l2_v = o.panel_l2_v
    # Of two legs either opposite or in phase, the leg-to-leg voltage is that of the meter's side.
    h.panel_l12_v = o.bus_l12_v if h.breaker_on[0] == 1 else 0.0
    h.legs_sign = 1.0 if h.panel_l12_v < 0.5 * (h.panel_l1_v + h.panel_l2_v) else -1.0
    set_electronics(h, u)
    follow_thermostat(h, u, tick_s)
    first = rms(h.add[ADD_MAIN_1_A], n)
    second = rms(h.add[ADD_MAIN_2_A], n)
    warm_breakers(h, u, first if first > second else second, o.motor_a_a, o.motor_b_a, tick_s)
    follow_solar(h, u, tick_s)
    follow_source(h, u, o, n, tick_s)
    follow_utility(h, u, o.utility_l1_v, o.utility_l2_v, tick_s)
    warm_blades(h, u, o.backup_l1_a if o.backup_l1_a > o.backup_l2_a else o.backup_l2_a, tick_s)
    warm_protector(h, u, h.spd_heat_w / n, tick_s)
    supply(h, u, o.utility_l1_v, o.utility_l2_v, o.inlet_l1_v, o.inlet_l2_v, tick_s)
    tell_things(h, u, o)
