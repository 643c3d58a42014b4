"""The circuit of a home under faults: three wires, two sources, contact poles and neutrals of their own. Like Core Python.

Quasi-static: RMS phasors. Everything is resistive and each source has one phase, so a node's voltage is one real number
from the utility and one from the backup; their angle matters only where both are joined. A source seen from the bus is
a voltage behind a matrix of its legs and its neutral; a conductor that is broken is `BROKEN_OHM`. What this cannot show:
waveforms, crests, arcs, direct current, the half-cycle in which something changes.

Source: Kirchhoff's laws; the values of impedances are own choices, each beside its name.
"""

from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN

BROKEN_OHM = 1.0e5
NO_LOAD_S = 1.0e-6
"""Leakage of an open premise, one leg."""
COUPLED = 0.95
"""A dead transformer carries the voltage of one leg over to the other: turns, less its drop. Own choice."""
TURN = 1000000
IN_PHASE_UTURNS = 8333
"""3 degrees."""
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
NO_LOAD_HZ = (60.0, 62.0, 60.0, 60.6, 60.0, 60.0)
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
    slip = (h.source_hz - h.utility_hz) * (1000000.0 / 120.0)
    h.slip_uturns = int(slip) % TURN if slip >= 0.0 else (TURN - int(-slip) % TURN) % TURN


def solar_amps(h):
    """Current of the array into each leg."""
    return h.solar_w / 240.0 if h.solar_on == 1 else 0.0


def solve_all(h):
    """All node voltages and currents with the contacts as they are."""
    joined = h.b_poles if h.source_on == 1 and h.plugged == 1 else 0
    ru1 = h.service_ohm
    ru2 = h.service_ohm
    if h.utility_on == 0:
        ru1 = ru1 + h.dead_ohm
        ru2 = ru2 + h.dead_ohm
    if h.utility_leg_lost == 1:
        ru1 = BROKEN_OHM
    if h.utility_leg_lost == 2:
        ru2 = BROKEN_OHM
    rg1 = h.source_ohm if h.source_leg_lost != 1 else BROKEN_OHM
    rg2 = h.source_ohm if h.source_leg_lost != 2 else BROKEN_OHM
    u11, u22, u12 = admittance(ru1, ru2, h.neutral_ohm, h.u_poles)
    g11, g22, g12 = admittance(rg1, rg2, h.source_neutral_ohm, joined)
    s1 = h.l1_w / 14400.0 + h.short_s + NO_LOAD_S
    s2 = h.l2_w / 14400.0 + NO_LOAD_S
    p11, p22, p12 = admittance(1.0 / s1, 1.0 / s2, h.premise_neutral_ohm, 3)
    s12 = h.l12_w / 57600.0
    p11 = p11 + s12
    p22 = p22 + s12
    p12 = p12 - s12
    e = h.utility_v * h.utility_share if h.utility_on == 1 else 0.0
    eu1 = e
    eu2 = e if h.utility_alike == 1 else -e
    f = h.source_v if h.source_on == 1 and h.plugged == 1 else 0.0
    eg1 = f
    eg2 = f if h.source_alike == 1 else -f
    a11 = u11 + g11 + p11
    a22 = u22 + g22 + p22
    a12 = u12 + g12 + p12
    det = a11 * a22 - a12 * a12
    sun = solar_amps(h)
    by_utility = sun if h.u_poles != 0 and (h.utility_on == 1 or joined == 0) else 0.0
    by_source = sun - by_utility
    c1 = u11 * eu1 + u12 * eu2 + by_utility
    c2 = u12 * eu1 + u22 * eu2 - by_utility
    bu1 = (a22 * c1 - a12 * c2) / det
    bu2 = (a11 * c2 - a12 * c1) / det
    c1 = g11 * eg1 + g12 * eg2 + by_source
    c2 = g12 * eg1 + g22 * eg2 - by_source
    bg1 = (a22 * c1 - a12 * c2) / det
    bg2 = (a11 * c2 - a12 * c1) / det
    if h.u_poles == 0 and joined == 0:
        bu1 = h.residual_v
        bu2 = -h.residual_v
        bg1 = 0.0
        bg2 = 0.0
    cos = cosine(h.phase_uturns) if h.u_poles != 0 and joined != 0 else 1.0
    # Currents into the premise, by their two parts.
    iuu1 = u11 * (eu1 - bu1) + u12 * (eu2 - bu2)
    iuu2 = u12 * (eu1 - bu1) + u22 * (eu2 - bu2)
    iug1 = -u11 * bg1 - u12 * bg2
    iug2 = -u12 * bg1 - u22 * bg2
    igg1 = g11 * (eg1 - bg1) + g12 * (eg2 - bg2)
    igg2 = g12 * (eg1 - bg1) + g22 * (eg2 - bg2)
    igu1 = -g11 * bu1 - g12 * bu2
    igu2 = -g12 * bu1 - g22 * bu2
    h.bus_l1_v = length(bu1, bg1, cos)
    h.bus_l2_v = length(bu2, bg2, cos)
    h.bus_l12_v = length(bu1 - bu2, bg1 - bg2, cos)
    h.u1_a = length(iuu1, iug1, cos)
    h.u2_a = length(iuu2, iug2, cos)
    h.b1_a = length(igu1, igg1, cos)
    h.b2_a = length(igu2, igg2, cos)
    h.u_w = (
        bu1 * iuu1 + bg1 * iug1 + (bu1 * iug1 + bg1 * iuu1) * cos
        + bu2 * iuu2 + bg2 * iug2 + (bu2 * iug2 + bg2 * iuu2) * cos
    )  # fmt: skip
    h.b_w = (
        bu1 * igu1 + bg1 * igg1 + (bu1 * igg1 + bg1 * igu1) * cos
        + bu2 * igu2 + bg2 * igg2 + (bu2 * igg2 + bg2 * igu2) * cos
    )  # fmt: skip
    t1u = iuu1 + igu1
    t1g = iug1 + igg1
    t2u = iuu2 + igu2
    t2g = iug2 + igg2
    h.l1_a = length(t1u, t1g, cos)
    h.l2_a = length(t2u, t2g, cos)
    h.l1_in_w = bu1 * t1u + bg1 * t1g + (bu1 * t1g + bg1 * t1u) * cos
    h.l2_in_w = bu2 * t2u + bg2 * t2g + (bu2 * t2g + bg2 * t2u) * cos
    # The utility node: the bus where a pole is closed, else the source behind what its neutral drops.
    drop_u = -(iuu1 + iuu2) * h.neutral_ohm
    drop_g = -(iug1 + iug2) * h.neutral_ohm
    x1u, x1g = bu1, bg1
    x2u, x2g = bu2, bg2
    if h.u_poles & 1 == 0:
        x1u, x1g = eu1 + drop_u, drop_g
        if h.utility_leg_lost == 1:
            x1u, x1g = 0.0, 0.0
        if h.utility_on == 0:
            x1u, x1g = -COUPLED * x2u, -COUPLED * x2g
    if h.u_poles & 2 == 0:
        x2u, x2g = eu2 + drop_u, drop_g
        if h.utility_leg_lost == 2:
            x2u, x2g = 0.0, 0.0
        if h.utility_on == 0:
            x2u, x2g = -COUPLED * x1u, -COUPLED * x1g
            if h.u_poles == 0:
                x1u, x1g, x2u, x2g = 0.0, 0.0, 0.0, 0.0
    h.utility_l1_v = length(x1u, x1g, cos)
    h.utility_l2_v = length(x2u, x2g, cos)
    h.utility_l12_v = length(x1u - x2u, x1g - x2g, cos)
    drop_u = -(igu1 + igu2) * h.source_neutral_ohm
    drop_g = -(igg1 + igg2) * h.source_neutral_ohm
    x1u, x1g = bu1, bg1
    x2u, x2g = bu2, bg2
    if h.b_poles & 1 == 0:
        x1u, x1g = drop_u, eg1 + drop_g
        if h.source_leg_lost == 1:
            x1u, x1g = 0.0, 0.0
    if h.b_poles & 2 == 0:
        x2u, x2g = drop_u, eg2 + drop_g
        if h.source_leg_lost == 2:
            x2u, x2g = 0.0, 0.0
    h.inlet_l1_v = length(x1u, x1g, cos)
    h.inlet_l2_v = length(x2u, x2g, cos)
    h.inlet_l12_v = length(x1u - x2u, x1g - x2g, cos)


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
    beyond = 1 if h.bus_l1_v > 144.0 or h.bus_l1_v < LIVE_V else 0
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


def near_phase(h):
    """1 while utility and source are within 3 degrees."""
    return 1 if h.phase_uturns <= IN_PHASE_UTURNS or h.phase_uturns >= TURN - IN_PHASE_UTURNS else 0


def ticks_in_phase_state(h):
    """Ticks before `near_phase` can change while both sides are alive and apart; at least 1."""
    if h.utility_on == 0 or h.source_on == 0 or h.slip_uturns == 0:
        return 1 << 40
    if h.u_poles != 0 and h.b_poles != 0:
        return 1 << 40
    step = h.slip_uturns
    place = (h.phase_uturns + IN_PHASE_UTURNS) % TURN
    if step > TURN // 2:
        step = TURN - step
        place = (TURN - h.phase_uturns + IN_PHASE_UTURNS) % TURN
    if place <= 2 * IN_PHASE_UTURNS:
        return (2 * IN_PHASE_UTURNS - place) // step + 1
    return (TURN - place + step - 1) // step


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
        h.phase_uturns = (h.phase_uturns + h.slip_uturns * ticks) % TURN
        if near_phase(h) != was:
            h.changed = 1


def aux_open(poles, says_open, says_closed, says_nothing, moving):
    """1 when the auxiliary contacts of both poles that a cross-interlock uses are in their open position.

    They are the ones the meter reads: what lies to it lies to the cross-interlock.
    """
    if says_closed != 0 or says_nothing != 0:
        return 0
    if moving != ORDER_NONE and (says_open & 3) != 3:
        return 0
    return 1 if (poles & (3 - says_open)) == 0 else 0


def may_move_in(h, other_poles, other_aux_open):
    """1 when neither interlock in hardware holds the closing of a contactor."""
    if h.interlock == 2:
        return 1 if other_poles == 0 else 0
    if h.interlock == 1:
        return other_aux_open
    return 1


def drive_contactors(h, u_order, b_order):
    """Starts what the orders and faulty coils ask for and hardware allows. Returns 1 when a software close has begun."""
    if h.u_driven == 1 and h.powered == 1 and u_order != ORDER_OPEN:
        u_order = ORDER_CLOSE
    begun = 0
    if h.u_moving == ORDER_NONE and h.u_stuck == 0:
        if u_order == ORDER_OPEN and h.u_poles != 0 and h.u_poles != h.u_weld:
            h.u_moving = ORDER_OPEN
            h.u_move_ticks = h.u_travel_ticks
            begun = 1
        elif u_order == ORDER_CLOSE and h.u_poles != 3:
            clear = aux_open(h.b_poles, h.b_says_open, h.b_says_closed, h.b_says_nothing, h.b_moving)
            if may_move_in(h, h.b_poles, clear) == 1:
                h.u_moving = ORDER_CLOSE
                h.u_move_ticks = h.u_travel_ticks
                begun = 1
    if h.b_moving == ORDER_NONE:
        asked = 1 if b_order == ORDER_CLOSE or (h.b_driven == 1 and h.powered == 1) else 0
        clear = aux_open(h.u_poles, h.u_says_open, h.u_says_closed, h.u_says_nothing, h.u_moving)
        if h.interlock == 1 and clear == 0:
            # Its coil hangs on U's auxiliary contact: it drops, whatever asks for it.
            asked = 0
        if asked == 0 and h.b_poles != 0 and h.b_poles != h.b_weld:
            h.b_moving = ORDER_OPEN
            h.b_move_ticks = h.b_travel_ticks
            begun = 1
        elif asked == 1 and h.b_poles != 3 and h.b_stuck == 0 and may_move_in(h, h.u_poles, clear) == 1:
            h.b_moving = ORDER_CLOSE
            h.b_move_ticks = h.b_travel_ticks
            begun = 1
    if begun == 1:
        h.changed = 1
    return begun


def end_travels(h, ticks):
    """Ends a travel whose time has come."""
    if h.u_moving != ORDER_NONE:
        h.u_move_ticks = h.u_move_ticks - ticks
        if h.u_move_ticks <= 0:
            if h.u_moving == ORDER_OPEN:
                h.u_poles = h.u_weld
                if h.u_weld == 0 and h.b_poles == 0:
                    h.t_apart = 0
            elif may_move_in(h, h.b_poles, 1) == 1:
                h.u_poles = 3
            h.u_moving = ORDER_NONE
            h.changed = 1
    if h.b_moving != ORDER_NONE:
        h.b_move_ticks = h.b_move_ticks - ticks
        if h.b_move_ticks <= 0:
            if h.b_moving == ORDER_OPEN:
                h.b_poles = h.b_weld
                if h.b_weld == 0 and h.u_poles == 0:
                    h.t_apart = 0
            elif may_move_in(h, h.u_poles, 1) == 1:
                h.b_poles = 3
                h.transfers += 1
            h.b_moving = ORDER_NONE
            h.changed = 1
