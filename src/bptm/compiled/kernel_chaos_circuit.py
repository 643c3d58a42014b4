"""The circuit of a home under faults: three wires, two sources, contact poles and neutrals of their own. Like Core Python.

Quasi-static: RMS phasors. Everything is resistive and each source has one phase, so a node's voltage is one real number
from the utility and one from the backup; their angle matters only where both are joined. A source seen from the bus is
a voltage behind a matrix of its legs and its neutral; a conductor that is broken is `BROKEN_OHM`. What this cannot show:
waveforms, crests, arcs, direct current, the half-cycle in which something changes.

Source: Kirchhoff's laws; the values of impedances are own choices, each beside its name.
"""

from bptm.plant.phase import TURN, moved, slip_of, ticks_to_other_phase, within_phase
from bptm.terms.core_codes import NEVER_TICKS, ORDER_NONE

BROKEN_OHM = 1.0e5
NO_LOAD_S = 1.0e-6
"""Leakage of an open premise, one leg."""
COUPLED = 0.95
"""A dead transformer carries the voltage of one leg over to the other: turns, less its drop. Own choice."""
PAST_UTURNS = 8333
"""1 Hz, as millionths of a turn in a tick."""
LIVE_V = 60.0
DEAD_V = 12.0
RESIDUAL_KEPT = 0.92
"""Of a motor's voltage a tick: 100 ms. Source: domain.md 2.7."""
SOLAR_WAIT_TICKS = 36000
BREAKER_RATIO = 1.5
BREAKER_TICKS = 7200
"""The source's own breaker: 150 % for a minute. Source: UL 489 (domain.md 2.5), own choice of the point."""
MAGNETIC_RATIO = 6.0
MAGNETIC_TICKS = 4
STALLED_SHARE = 0.45

# Tables by BACKUP_...: none, portable, inverter, standby, battery, EV. Own choices within domain.md 2.11.
NO_LOAD_V = (0.0, 124.0, 120.5, 122.0, 120.0, 120.0)
DROOP_V = (0.0, 5.0, 1.0, 2.5, 0.5, 0.5)
# Seven millionths of a crystal: two clocks are never the same, so none stays in phase with a utility for ever.
NO_LOAD_HZ = (60.0, 62.0, 60.0004, 60.6, 60.0004, 60.0004)
DROOP_HZ = (0.0, 3.0, 0.0, 1.2, 0.0, 0.0)
SOURCE_OHM = (0.2, 0.12, 0.10, 0.08, 0.05, 0.06)
STALL_RATIO = (1.0, 1.5, 1.3, 1.6, 1.2, 1.2)


def cosine(uturns):
    """Cosine of an angle in millionths of a turn, within 0.002. Source: Bhaskara I."""
    x = uturns % TURN
    if x > TURN // 2:
        x = TURN - x
    sign = 1.0
    if x > TURN // 4:
        x = TURN // 2 - x
        sign = -1.0
    y = x * 1.0e-6
    return sign * (0.25 - 4.0 * y * y) / (0.25 + y * y)


def length(a, b, cos):
    """Length of the sum of two phasors."""
    x = a * a + b * b + 2.0 * a * b * cos
    return x**0.5 if x > 0.0 else 0.0


def admittance(r1, r2, rn, mask):
    """Two legs with a common neutral, those of `mask` joined: y11, y22 and y12."""
    if mask == 3:
        a = r1 + rn
        b = r2 + rn
        det = a * b - rn * rn
        return b / det, a / det, -rn / det
    if mask == 1:
        return 1.0 / (r1 + rn), 0.0, 0.0
    if mask == 2:
        return 0.0, 1.0 / (r2 + rn), 0.0
    return 0.0, 0.0, 0.0


def source_volts(h):
    """Voltage, frequency and impedance of the backup source at its present load."""
    kind = h.source_kind
    load = 0.0
    if h.b_poles != 0 and h.source_on == 1:
        load = h.b_w / h.rating_w
        load = max(load, 0.0)
    volts = NO_LOAD_V[kind] - DROOP_V[kind] * load
    if load > STALL_RATIO[kind]:
        volts = STALLED_SHARE * NO_LOAD_V[kind]
    h.source_v = volts * h.source_share
    h.source_hz = NO_LOAD_HZ[kind] - DROOP_HZ[kind] * load + h.source_own_hz + h.source_off_hz
    h.source_ohm = SOURCE_OHM[kind]
    h.slip_uturns = slip_of(h.source_hz, h.utility_hz)


def solar_amps(h):
    """Current of the array into each leg."""
    return h.solar_w / 240.0 if h.solar_on == 1 else 0.0


def sources_of(h, joined):
    """Admittance and open voltage of both sources, seen from the bus: y11, y22, y12, e1, e2 of each."""
    r1 = h.service_ohm
    r2 = h.service_ohm
    if h.utility_on == 0:
        r1 = r1 + h.dead_ohm
        r2 = r2 + h.dead_ohm
    if h.utility_leg_lost == 1:
        r1 = BROKEN_OHM
    if h.utility_leg_lost == 2:
        r2 = BROKEN_OHM
    u11, u22, u12 = admittance(r1, r2, h.neutral_ohm, h.u_poles)
    r1 = h.source_ohm if h.source_leg_lost != 1 else BROKEN_OHM
    r2 = h.source_ohm if h.source_leg_lost != 2 else BROKEN_OHM
    g11, g22, g12 = admittance(r1, r2, h.source_neutral_ohm, joined)
    e = h.utility_v * h.utility_share if h.utility_on == 1 else 0.0
    f = h.source_v if h.source_on == 1 and h.plugged == 1 else 0.0
    e2 = e if h.utility_alike == 1 else -e
    f2 = f if h.source_alike == 1 else -f
    return u11, u22, u12, e, e2, g11, g22, g12, f, f2


def load_of(h):
    """Admittance of the premise, seen from the bus: y11, y22, y12."""
    s1 = h.l1_w / 14400.0 + h.short_s + NO_LOAD_S
    s2 = h.l2_w / 14400.0 + NO_LOAD_S
    y11, y22, y12 = admittance(1.0 / s1, 1.0 / s2, h.premise_neutral_ohm, 3)
    s12 = h.l12_w / 57600.0
    return y11 + s12, y22 + s12, y12 - s12


def set_through(h, bu1, bu2, bg1, bg2, iu1u, iu2u, iu1g, iu2g, ig1u, ig2u, ig1g, ig2g, cos):
    """Voltages of the bus, currents and powers through both contactors and into the premise."""
    h.bus_l1_v = length(bu1, bg1, cos)
    h.bus_l2_v = length(bu2, bg2, cos)
    h.bus_l12_v = length(bu1 - bu2, bg1 - bg2, cos)
    h.u1_a = length(iu1u, iu1g, cos)
    h.u2_a = length(iu2u, iu2g, cos)
    h.b1_a = length(ig1u, ig1g, cos)
    h.b2_a = length(ig2u, ig2g, cos)
    h.u_w = power(bu1, bg1, iu1u, iu1g, cos) + power(bu2, bg2, iu2u, iu2g, cos)
    h.b_w = power(bu1, bg1, ig1u, ig1g, cos) + power(bu2, bg2, ig2u, ig2g, cos)
    h.l1_a = length(iu1u + ig1u, iu1g + ig1g, cos)
    h.l2_a = length(iu2u + ig2u, iu2g + ig2g, cos)
    h.l1_in_w = power(bu1, bg1, iu1u + ig1u, iu1g + ig1g, cos)
    h.l2_in_w = power(bu2, bg2, iu2u + ig2u, iu2g + ig2g, cos)


def power(vu, vg, iu, ig, cos):
    """Real power of a voltage and a current, each of two parts."""
    return vu * iu + vg * ig + (vu * ig + vg * iu) * cos


def set_utility_node(h, bu1, bu2, bg1, bg2, e1, e2, drop_u, drop_g, cos):
    """The utility node: the bus where a pole is closed, else the source behind what its neutral drops."""
    x1u, x1g = bu1, bg1
    x2u, x2g = bu2, bg2
    if h.u_poles & 1 == 0:
        x1u, x1g = e1 + drop_u, drop_g
        if h.utility_leg_lost == 1:
            x1u, x1g = 0.0, 0.0
        if h.utility_on == 0:
            x1u, x1g = -COUPLED * x2u, -COUPLED * x2g
    if h.u_poles & 2 == 0:
        x2u, x2g = e2 + drop_u, drop_g
        if h.utility_leg_lost == 2:
            x2u, x2g = 0.0, 0.0
        if h.utility_on == 0:
            x2u, x2g = -COUPLED * x1u, -COUPLED * x1g
            if h.u_poles == 0:
                x1u, x1g, x2u, x2g = 0.0, 0.0, 0.0, 0.0
    h.utility_l1_v = length(x1u, x1g, cos)
    h.utility_l2_v = length(x2u, x2g, cos)
    h.utility_l12_v = length(x1u - x2u, x1g - x2g, cos)


def set_inlet_node(h, bu1, bu2, bg1, bg2, e1, e2, drop_u, drop_g, cos):
    """The inlet: the bus where a pole is closed, else the source behind what its neutral drops."""
    x1u, x1g = bu1, bg1
    x2u, x2g = bu2, bg2
    if h.b_poles & 1 == 0:
        x1u, x1g = drop_u, e1 + drop_g
        if h.source_leg_lost == 1:
            x1u, x1g = 0.0, 0.0
    if h.b_poles & 2 == 0:
        x2u, x2g = drop_u, e2 + drop_g
        if h.source_leg_lost == 2:
            x2u, x2g = 0.0, 0.0
    h.inlet_l1_v = length(x1u, x1g, cos)
    h.inlet_l2_v = length(x2u, x2g, cos)
    h.inlet_l12_v = length(x1u - x2u, x1g - x2g, cos)


def solve_all(h):
    """All node voltages and currents with the contacts as they are, each as its part of either source."""
    joined = h.b_poles if h.source_on == 1 and h.plugged == 1 else 0
    u11, u22, u12, e1, e2, g11, g22, g12, f1, f2 = sources_of(h, joined)
    p11, p22, p12 = load_of(h)
    a11 = u11 + g11 + p11
    a22 = u22 + g22 + p22
    a12 = u12 + g12 + p12
    det = a11 * a22 - a12 * a12
    sun = solar_amps(h)
    by_utility = sun if h.u_poles != 0 and (h.utility_on == 1 or joined == 0) else 0.0
    c1 = u11 * e1 + u12 * e2 + by_utility
    c2 = u12 * e1 + u22 * e2 - by_utility
    bu1 = (a22 * c1 - a12 * c2) / det
    bu2 = (a11 * c2 - a12 * c1) / det
    c1 = g11 * f1 + g12 * f2 + (sun - by_utility)
    c2 = g12 * f1 + g22 * f2 - (sun - by_utility)
    bg1 = (a22 * c1 - a12 * c2) / det
    bg2 = (a11 * c2 - a12 * c1) / det
    if h.u_poles == 0 and joined == 0:
        bu1 = h.residual_v
        bu2 = -h.residual_v
        bg1 = 0.0
        bg2 = 0.0
    cos = cosine(h.phase_uturns) if h.u_poles != 0 and joined != 0 else 1.0
    iu1u = u11 * (e1 - bu1) + u12 * (e2 - bu2)
    iu2u = u12 * (e1 - bu1) + u22 * (e2 - bu2)
    iu1g = -u11 * bg1 - u12 * bg2
    iu2g = -u12 * bg1 - u22 * bg2
    ig1g = g11 * (f1 - bg1) + g12 * (f2 - bg2)
    ig2g = g12 * (f1 - bg1) + g22 * (f2 - bg2)
    ig1u = -g11 * bu1 - g12 * bu2
    ig2u = -g12 * bu1 - g22 * bu2
    set_through(h, bu1, bu2, bg1, bg2, iu1u, iu2u, iu1g, iu2g, ig1u, ig2u, ig1g, ig2g, cos)
    drop_u = -(iu1u + iu2u) * h.neutral_ohm
    drop_g = -(iu1g + iu2g) * h.neutral_ohm
    set_utility_node(h, bu1, bu2, bg1, bg2, e1, e2, drop_u, drop_g, cos)
    drop_u = -(ig1u + ig2u) * h.source_neutral_ohm
    drop_g = -(ig1g + ig2g) * h.source_neutral_ohm
    set_inlet_node(h, bu1, bu2, bg1, bg2, f1, f2, drop_u, drop_g, cos)


def good_for_solar(h):
    """1 while the bus is within IEEE 1547 enter-service limits (0.917-1.05 pu, 59.5-60.1 Hz) and its legs stand apart."""
    hz = h.utility_hz
    if h.utility_on == 0 or h.u_poles == 0:
        if h.b_poles == 0 or h.source_on == 0 or h.plugged == 0:
            return 0
        hz = h.source_hz
    if hz < 59.5 or hz > 60.1:
        return 0
    if h.bus_l1_v < 110.0 or h.bus_l1_v > 126.0 or h.bus_l2_v < 110.0 or h.bus_l2_v > 126.0:
        return 0
    return 1 if h.bus_l12_v > 200.0 else 0


def solve_chaos(h):
    """Source, circuit, solar with its own protection, residual voltage."""
    was_v = h.bus_l1_v
    source_volts(h)
    solve_all(h)
    # Without its anti-islanding an inverter still leaves a voltage outside its must-trip limits.
    beyond = 1 if h.bus_l1_v > 144.0 or h.bus_l1_v < LIVE_V or h.bus_l2_v > 144.0 or h.bus_l2_v < LIVE_V else 0
    if h.solar_on == 1 and good_for_solar(h) == 0 and (h.solar_stays == 0 or beyond == 1):
        h.solar_on = 0
        h.solar_wait_ticks = 0
        solve_all(h)
    if h.u_poles == 0 and (h.b_poles == 0 or h.source_on == 0 or h.plugged == 0):
        if was_v > LIVE_V and h.residual_v == 0.0 and h.l1_w > 400.0:
            h.residual_v = 0.7 * was_v
            solve_all(h)
    else:
        h.residual_v = 0.0


def runs_past(h):
    """1 where the angle runs through a turn in a second or less: each pass in phase takes two half-cycles at most.

    A home whose `passes` is 0 takes them as apart. They were four of five scans, and one home in eight shows as much.
    """
    slip = h.slip_uturns if h.slip_uturns <= TURN // 2 else TURN - h.slip_uturns
    return 1 if h.passes == 0 and slip >= PAST_UTURNS else 0


def near_phase(h):
    """1 while utility and source are within 3 degrees."""
    return 0 if runs_past(h) == 1 else within_phase(h.phase_uturns)


def ticks_in_phase_state(h):
    """Ticks before `near_phase` can change while both sides are alive and apart; at least 1."""
    if h.utility_on == 0 or h.source_on == 0 or (h.u_poles != 0 and h.b_poles != 0) or runs_past(h) == 1:
        return NEVER_TICKS
    return ticks_to_other_phase(h.phase_uturns, h.slip_uturns)


def matters(h):
    """1 while the angle between the sources is something the meter compares: a source feeds the bus, the other lives."""
    return 1 if h.utility_on == 1 and h.source_on == 1 and (h.u_poles != 0 or h.b_poles != 0) else 0


def source_overload(h):
    """1 above the long-time pickup of the source's own breaker, 2 in its magnetic range."""
    if h.source_on == 0 or h.b_poles == 0:
        return 0
    most_a = max(h.b2_a, h.b1_a)
    rated_a = h.rating_w / 240.0
    if most_a > MAGNETIC_RATIO * rated_a:
        return 2
    return 1 if most_a > BREAKER_RATIO * rated_a else 0


def ticks_of_circuit(h):
    """With nothing ordered, how long the circuit stays as it is; at least 1."""
    left = 1 << 40
    if h.u_moving != ORDER_NONE:
        left = h.u_move_ticks
    if h.b_moving != ORDER_NONE and h.b_move_ticks < left:
        left = h.b_move_ticks
    if h.residual_v > 0.0:
        left = 1
    if h.solar_w > 0.0 and h.solar_on == 0 and good_for_solar(h) == 1:
        left = min(left, SOLAR_WAIT_TICKS - h.solar_wait_ticks)
    over = source_overload(h)
    if over == 2:
        left = 1
    elif over == 1 and BREAKER_TICKS - h.t_breaker < left:
        left = BREAKER_TICKS - h.t_breaker
    if matters(h) == 1:
        phase = ticks_in_phase_state(h)
        left = min(left, phase)
    return max(1, left)


def pass_circuit_time(h, ticks):
    """What moves by itself: residual voltage, solar's wait, the source's breaker, the angle."""
    if h.residual_v > 0.0:
        h.residual_v = h.residual_v * RESIDUAL_KEPT
        if h.residual_v < 1.0:
            h.residual_v = 0.0
        h.changed = 1
    if h.solar_w > 0.0 and h.solar_on == 0:
        if good_for_solar(h) == 1:
            h.solar_wait_ticks = h.solar_wait_ticks + ticks
            if h.solar_wait_ticks >= SOLAR_WAIT_TICKS:
                h.solar_on = 1
                h.changed = 1
        else:
            h.solar_wait_ticks = 0
    over = source_overload(h)
    h.t_breaker = h.t_breaker + ticks if over != 0 else 0
    if (over == 2 and h.t_breaker >= MAGNETIC_TICKS) or h.t_breaker >= BREAKER_TICKS:
        h.source_on = 0
        h.t_breaker = 0
        h.changed = 1
    if matters(h) == 1 and (h.u_poles == 0 or h.b_poles == 0):
        was = near_phase(h)
        h.phase_uturns = moved(h.phase_uturns, h.slip_uturns, ticks)
        if near_phase(h) != was:
            h.changed = 1
