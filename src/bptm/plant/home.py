"""One home: solves the circuit, fills what the meter measures, counts what is true. Core Python.

What is counted here comes from solved voltages, currents and contact positions, never from the meter.
"""

from bptm.plant.circuit import solve_leg, through_backup_a, through_utility_a
from bptm.plant.contactors import backup_feedback, utility_feedback
from bptm.plant.house_power import count_house, fit_load
from bptm.plant.phase import moved, slip_of, ticks_to_other_phase, within_phase
from bptm.plant.premise import set_load, set_source
from bptm.terms.core_codes import NEVER_TICKS, ORDER_NONE
from bptm.terms.core_plant import HOLD_UP_TICKS, SOURCE_RUNNING

UTILITY_HZ = 60.0
LIVE_V = 60.0
DEAD_V = 12.0
ENOUGH_HOLD_UP_TICKS = 1200
SOLAR_WAIT_TICKS = 300 * 120
RESIDUAL_KEPT = 0.92


def positive(x):
    """A value without its sign."""
    return x if x >= 0.0 else -x


def good_for_solar(h, u):
    """1 while the bus is within IEEE 1547 enter-service limits (0.917-1.05 pu, 59.5-60.1 Hz) and the array connected."""
    hz = UTILITY_HZ
    if h.feeder_on == 0 or h.u_poles == 0:
        if u.solar_off_on_backup == 1 or h.b_poles == 0 or h.source != SOURCE_RUNNING:
            return 0
        hz = h.source_hz
    if hz < 59.5 or hz > 60.1:
        return 0
    if h.bus_l1_v < 110.0 or h.bus_l1_v > 126.0 or h.bus_l2_v < 110.0 or h.bus_l2_v > 126.0:
        return 0
    return 1


def solve_nodes(h, u, solar_a):
    """Voltages of all nodes with the contacts as they are."""
    on = 1 if h.source == SOURCE_RUNNING else 0
    u1 = h.u_poles & 1
    u2 = h.u_poles >> 1
    b1 = h.b_poles & 1
    b2 = h.b_poles >> 1
    h.bus_l1_v = solve_leg(
        u.utility_v, u.service_ohm, h.feeder_on, h.source_v, h.source_ohm, on, h.l1_w, solar_a, u1, b1
    )
    h.bus_l2_v = solve_leg(
        u.utility_v, u.service_ohm, h.feeder_on, h.source_v, h.source_ohm, on, h.l2_w, solar_a, u2, b2
    )
    h.utility_l1_v = h.bus_l1_v if u1 == 1 else (u.utility_v if h.feeder_on == 1 else 0.0)
    h.utility_l2_v = h.bus_l2_v if u2 == 1 else (u.utility_v if h.feeder_on == 1 else 0.0)
    h.inlet_l1_v = h.bus_l1_v if b1 == 1 else (h.source_v if on == 1 else 0.0)
    h.inlet_l2_v = h.bus_l2_v if b2 == 1 else (h.source_v if on == 1 else 0.0)


def solve(h, u):
    """Loads, source and circuit. Solar gives its current only while in service and within its limits."""
    was_v = h.bus_l1_v
    set_load(h, u)
    set_source(h, u)
    solve_nodes(h, u, 0.0)
    if u.house == 1:
        # Its loads depend on voltage: twice is within a millivolt, since service and source are stiff.
        for _turn in range(2):
            fit_load(h)
            set_source(h, u)
            solve_nodes(h, u, 0.0)
    if h.solar_on == 1:
        solve_nodes(h, u, h.solar_w * (1.0 / 240.0))
        if good_for_solar(h, u) == 0:
            h.solar_on = 0
            h.solar_wait_ticks = 0
            solve_nodes(h, u, 0.0)
    if h.u_poles == 0 and h.b_poles == 0:
        if was_v > LIVE_V and h.cycling_on == 1 and h.residual_v == 0.0:
            h.residual_v = 0.7 * was_v
        h.bus_l1_v = h.residual_v
        h.bus_l2_v = h.residual_v
    else:
        h.residual_v = 0.0
    h.slip_uturns = slip_of(h.source_hz, UTILITY_HZ)


def in_phase(h):
    """1 while utility and bus are within 3 degrees; joined nodes are one and the same."""
    return 1 if h.u_poles != 0 else within_phase(h.phase_uturns)


def ticks_in_phase_state(h):
    """Ticks before `in_phase` can change, while both sides are alive and apart; at least 1."""
    if h.feeder_on == 0 or h.b_poles == 0 or h.u_poles != 0:
        return NEVER_TICKS
    return ticks_to_other_phase(h.phase_uturns, h.slip_uturns)


def measure(h, u, m, r):
    """What the meter's sensors and the interlock's own comparators read."""
    m.utility_l1_v = h.utility_l1_v
    m.utility_l2_v = h.utility_l2_v
    m.utility_l12_v = h.utility_l1_v + h.utility_l2_v
    m.utility_hz = 0.0
    if h.utility_l1_v > DEAD_V or h.utility_l2_v > DEAD_V:
        m.utility_hz = UTILITY_HZ if h.feeder_on == 1 else h.source_hz
    m.bus_l1_v = h.bus_l1_v
    m.bus_l2_v = h.bus_l2_v
    m.inlet_l1_v = h.inlet_l1_v
    m.inlet_l2_v = h.inlet_l2_v
    m.inlet_l12_v = h.inlet_l1_v + h.inlet_l2_v
    m.inlet_hz = h.source_hz if h.inlet_l1_v > DEAD_V else 0.0
    m.utility_in_phase = in_phase(h)
    m.bus_l12_v = h.bus_l1_v + h.bus_l2_v
    m.inlet_in_phase = 1 if h.b_poles != 0 else 0
    on = 1 if h.source == SOURCE_RUNNING else 0
    i1_a = through_utility_a(h.bus_l1_v, u.utility_v, u.service_ohm, h.feeder_on, h.u_poles & 1) + through_backup_a(
        h.bus_l1_v, h.source_v, h.source_ohm, on, h.b_poles & 1
    )
    i2_a = through_utility_a(h.bus_l2_v, u.utility_v, u.service_ohm, h.feeder_on, h.u_poles >> 1) + through_backup_a(
        h.bus_l2_v, h.source_v, h.source_ohm, on, h.b_poles >> 1
    )
    m.l1_a = positive(i1_a)
    m.l2_a = positive(i2_a)
    m.l1_w = i1_a * h.bus_l1_v
    m.l2_w = i2_a * h.bus_l2_v
    m.premise_w = m.l1_w + m.l2_w
    m.supplied = 0
    if h.utility_l1_v > LIVE_V or h.utility_l2_v > LIVE_V or h.inlet_l1_v > LIVE_V or h.inlet_l2_v > LIVE_V:
        m.supplied = 1
    m.stored_energy_ok = 1 if m.supplied == 1 or h.hold_up_ticks > ENOUGH_HOLD_UP_TICKS else 0
    utility_feedback(h, u, m)
    backup_feedback(h, m)
    r.bus_l1_present = 1 if h.bus_l1_v > DEAD_V else 0
    r.bus_l2_present = 1 if h.bus_l2_v > DEAD_V else 0
    r.u_open_poles = m.u_open_poles
    r.u_closed_poles = m.u_closed_poles
    r.b_open_poles = m.b_open_poles
    r.b_closed_poles = m.b_closed_poles


def count(h, u, ticks):
    """Energy through each contactor, true dark and backup time, and unsafe time."""
    on = 1 if h.source == SOURCE_RUNNING else 0
    utility_w = h.bus_l1_v * through_utility_a(
        h.bus_l1_v, u.utility_v, u.service_ohm, h.feeder_on, h.u_poles & 1
    ) + h.bus_l2_v * through_utility_a(h.bus_l2_v, u.utility_v, u.service_ohm, h.feeder_on, h.u_poles >> 1)
    backup_w = h.bus_l1_v * through_backup_a(
        h.bus_l1_v, h.source_v, h.source_ohm, on, h.b_poles & 1
    ) + h.bus_l2_v * through_backup_a(h.bus_l2_v, h.source_v, h.source_ohm, on, h.b_poles >> 1)
    if utility_w >= 0.0:
        h.utility_in_mwticks += int(utility_w * 1000.0) * ticks
    else:
        h.utility_out_mwticks += int(-utility_w * 1000.0) * ticks
    if backup_w >= 0.0:
        h.backup_in_mwticks += int(backup_w * 1000.0) * ticks
    else:
        h.backup_out_mwticks += int(-backup_w * 1000.0) * ticks
    if h.solar_on == 1:
        h.solar_mwticks += int((h.bus_l1_v + h.bus_l2_v) * h.solar_w * (1000.0 / 240.0)) * ticks
    if u.house == 1:
        count_house(h, ticks)
    if h.bus_l1_v <= LIVE_V and h.bus_l2_v <= LIVE_V:
        h.true_dark_ticks += ticks
    elif h.b_poles != 0 and on == 1:
        h.true_backup_ticks += ticks
    if h.feeder_on == 0:
        h.dead_feeder_ticks += ticks
    joined = 1 if (h.u_poles & h.b_poles) != 0 and h.feeder_on == 1 and on == 1 else 0
    energised = 1 if h.feeder_on == 0 and (h.utility_l1_v > DEAD_V or h.utility_l2_v > DEAD_V) else 0
    if joined == 1 or energised == 1:
        h.unsafe_ticks += ticks
    if (h.u_poles & h.b_poles) != 0:
        h.bridged_ticks += ticks
        h.violations |= 1 << 1
    if energised == 1:
        h.violations |= 1 << 14


def ticks_to_change(h, u):
    """With no order given, how long the circuit stays as it is; at least 1."""
    left = NEVER_TICKS
    if h.u_moving != ORDER_NONE:
        left = h.u_move_ticks
    if h.b_moving != ORDER_NONE and h.b_move_ticks < left:
        left = h.b_move_ticks
    if h.residual_v > 0.0:
        left = 1
    if h.solar_w > 0.0 and h.solar_on == 0 and good_for_solar(h, u) == 1:
        if SOLAR_WAIT_TICKS - h.solar_wait_ticks < left:
            left = SOLAR_WAIT_TICKS - h.solar_wait_ticks
    phase = ticks_in_phase_state(h)
    if phase < left:
        left = phase
    return left


def pass_time(h, u, ticks):
    """What moves by itself: residual voltage, the solar inverter's wait, the phase."""
    if h.residual_v > 0.0:
        h.residual_v = h.residual_v * RESIDUAL_KEPT
        if h.residual_v < 1.0:
            h.residual_v = 0.0
        h.changed = 1
    if h.solar_w > 0.0 and h.solar_on == 0:
        if good_for_solar(h, u) == 1:
            h.solar_wait_ticks = h.solar_wait_ticks + ticks
            if h.solar_wait_ticks >= SOLAR_WAIT_TICKS:
                h.solar_on = 1
                h.changed = 1
        else:
            h.solar_wait_ticks = 0
    if h.feeder_on == 1 and h.b_poles != 0 and h.u_poles == 0:
        was = in_phase(h)
        h.phase_uturns = moved(h.phase_uturns, h.slip_uturns, ticks)
        if in_phase(h) != was:
            h.changed = 1


def supply(h, m, ticks):
    """Hold-up of the meter: full while supplied, running down otherwise."""
    if m.supplied == 1:
        h.hold_up_ticks = HOLD_UP_TICKS
        return
    was_enough = 1 if h.hold_up_ticks > ENOUGH_HOLD_UP_TICKS else 0
    h.hold_up_ticks = h.hold_up_ticks - ticks
    if was_enough == 1 and h.hold_up_ticks <= ENOUGH_HOLD_UP_TICKS:
        h.changed = 1
    if h.hold_up_ticks <= 0:
        h.hold_up_ticks = 0
        h.powered = 0


def ticks_of_hold_up(h, m):
    """Ticks before hold-up changes what the meter can do."""
    if m.supplied == 1:
        return NEVER_TICKS
    if h.hold_up_ticks > ENOUGH_HOLD_UP_TICKS:
        return h.hold_up_ticks - ENOUGH_HOLD_UP_TICKS
    return h.hold_up_ticks
