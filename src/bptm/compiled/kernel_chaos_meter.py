"""The meter in chaos: what its sensors make of the circuit, and its journal. Written like Core Python."""

from bptm.compiled.kernel_chaos_circuit import DEAD_V, LIVE_V, near_phase
from bptm.compiled.kernel_chaos_faults import (
    SENSE_BUS_L1,
    SENSE_BUS_L2,
    SENSE_BUS_L12,
    SENSE_INLET_L1,
    SENSE_INLET_L2,
    SENSE_INLET_L12,
    SENSE_L1_A,
    SENSE_L2_A,
    SENSE_UTILITY_HZ,
    SENSE_UTILITY_L1,
    SENSE_UTILITY_L2,
    SENSE_UTILITY_L12,
    SENSOR_FROZEN,
    SENSOR_HIGH,
    SENSOR_MARKED,
    SENSOR_NAN,
    SENSOR_SCALED,
    SENSOR_ZERO,
)
from bptm.terms.core_codes import ORDER_NONE

ENOUGH_HOLD_UP_TICKS = 1200
JOURNAL_ROUTINE_TICKS = 36000
NO_NUMBER = float("nan")


def through(value, mode, frozen):
    """What a faulty channel gives for a value."""
    if mode == SENSOR_ZERO:
        return 0.0
    if mode == SENSOR_FROZEN:
        return frozen
    if mode == SENSOR_SCALED:
        return 0.8 * value
    if mode == SENSOR_NAN:
        return NO_NUMBER
    if mode == SENSOR_HIGH:
        return 1.25 * value + 20.0
    return value


def spoil(m, channel, mode, frozen):
    """One channel with its fault; a marked one reads 0 with its side's flag up, as `controller.measure` does."""
    doubtful = 1 if mode == SENSOR_MARKED else 0
    if mode == SENSOR_MARKED:
        mode = SENSOR_ZERO
    if channel == SENSE_UTILITY_L1:
        m.utility_l1_v = through(m.utility_l1_v, mode, frozen)
        m.utility_doubtful |= doubtful
    elif channel == SENSE_UTILITY_L2:
        m.utility_l2_v = through(m.utility_l2_v, mode, frozen)
        m.utility_doubtful |= doubtful
    elif channel == SENSE_UTILITY_L12:
        m.utility_l12_v = through(m.utility_l12_v, mode, frozen)
        m.utility_doubtful |= doubtful
    elif channel == SENSE_UTILITY_HZ:
        m.utility_hz = through(m.utility_hz, mode, frozen)
        m.utility_doubtful |= doubtful
    elif channel == SENSE_BUS_L1:
        m.bus_l1_v = through(m.bus_l1_v, mode, frozen)
        m.bus_doubtful |= doubtful
    elif channel == SENSE_BUS_L2:
        m.bus_l2_v = through(m.bus_l2_v, mode, frozen)
        m.bus_doubtful |= doubtful
    elif channel == SENSE_BUS_L12:
        m.bus_l12_v = through(m.bus_l12_v, mode, frozen)
        m.bus_doubtful |= doubtful
    elif channel == SENSE_INLET_L1:
        m.inlet_l1_v = through(m.inlet_l1_v, mode, frozen)
        m.inlet_doubtful |= doubtful
    elif channel == SENSE_INLET_L2:
        m.inlet_l2_v = through(m.inlet_l2_v, mode, frozen)
        m.inlet_doubtful |= doubtful
    elif channel == SENSE_INLET_L12:
        m.inlet_l12_v = through(m.inlet_l12_v, mode, frozen)
        m.inlet_doubtful |= doubtful
    elif channel == SENSE_L1_A:
        m.l1_a = through(m.l1_a, mode, frozen)
        m.current_doubtful |= doubtful
    elif channel == SENSE_L2_A:
        m.l2_a = through(m.l2_a, mode, frozen)
        m.current_doubtful |= doubtful


def read_feedback(poles, moving, weld, says_open, says_closed, says_nothing):
    """Open and closed feedback of a contactor's poles: while it travels neither is made, but a welded pole's."""
    closed = poles
    opened = 3 - poles
    if moving != ORDER_NONE:
        closed = weld
        opened = 0
    opened = (opened | says_open) & (3 - says_closed) & (3 - says_nothing)
    closed = (closed | says_closed) & (3 - says_open) & (3 - says_nothing)
    return opened, closed


def read_sensors(h, m):
    """Voltages, frequencies, currents, powers as the meter reads them."""
    m.utility_l1_v = h.utility_l1_v
    m.utility_l2_v = h.utility_l2_v
    m.utility_l12_v = h.utility_l12_v
    if h.legs_swapped == 1:
        m.utility_l1_v = h.utility_l2_v
        m.utility_l2_v = h.utility_l1_v
    if h.reference_lost == 1:
        # The floating reference settles somewhere between the legs: they add up to what is between them.
        m.utility_l1_v = 0.3 * h.utility_l12_v
        m.utility_l2_v = 0.7 * h.utility_l12_v
    m.utility_hz = 0.0
    if h.utility_l1_v > DEAD_V or h.utility_l2_v > DEAD_V:
        m.utility_hz = h.utility_hz if h.utility_on == 1 else h.source_hz
    m.bus_l1_v = h.bus_l1_v
    m.bus_l2_v = h.bus_l2_v
    m.bus_l12_v = h.bus_l12_v
    m.inlet_l1_v = h.inlet_l1_v
    m.inlet_l2_v = h.inlet_l2_v
    m.inlet_l12_v = h.inlet_l12_v
    m.inlet_hz = 0.0
    if h.inlet_l1_v > DEAD_V or h.inlet_l2_v > DEAD_V:
        m.inlet_hz = h.source_hz if h.source_on == 1 else h.utility_hz
    # An island that solar feeds has no phase of its own here: it stays apart from any source.
    near = near_phase(h) if h.utility_on == 1 else 0
    m.utility_in_phase = 1 if h.u_poles != 0 or near == 1 else 0
    m.inlet_in_phase = 1 if h.b_poles != 0 or near == 1 else 0
    m.l1_a = h.l1_a
    m.l2_a = h.l2_a
    m.l1_w = h.l1_in_w
    m.l2_w = h.l2_in_w
    m.premise_w = h.l1_in_w + h.l2_in_w
    m.utility_doubtful = 0
    m.bus_doubtful = 0
    m.inlet_doubtful = 0
    m.current_doubtful = 0
    if h.sensor != 0:
        spoil(m, h.sensor, h.sensor_mode, h.sensor_value)
    if h.sensor_b != 0:
        spoil(m, h.sensor_b, h.sensor_b_mode, h.sensor_b_value)
    m.inlet_unmated = 1 - h.plugged
    m.inlet_c = h.inlet_c
    m.ambient_c = 25.0
    m.local_reset = h.pressed
    m.local_test = h.tested
    m.local_disconnect = h.lever


def measure_chaos(h, m, r):
    """Everything that the meter and its interlock read."""
    read_sensors(h, m)
    m.supplied = 0
    if h.utility_l1_v > LIVE_V or h.utility_l2_v > LIVE_V or h.inlet_l1_v > LIVE_V or h.inlet_l2_v > LIVE_V:
        m.supplied = 1
    m.stored_energy_ok = 1 if m.supplied == 1 or h.hold_up_ticks > ENOUGH_HOLD_UP_TICKS else 0
    opened, closed = read_feedback(h.u_poles, h.u_moving, h.u_weld, h.u_says_open, h.u_says_closed, h.u_says_nothing)
    m.u_open_poles = opened
    m.u_closed_poles = closed
    r.u_open_poles = opened
    r.u_closed_poles = closed
    opened, closed = read_feedback(h.b_poles, h.b_moving, h.b_weld, h.b_says_open, h.b_says_closed, h.b_says_nothing)
    m.b_open_poles = opened
    m.b_closed_poles = closed
    r.b_open_poles = opened
    r.b_closed_poles = closed
    r.bus_l1_present = 1 if h.bus_l1_v > DEAD_V else 0
    r.bus_l2_present = 1 if h.bus_l2_v > DEAD_V else 0
    if h.comparator != 0:
        r.bus_l1_present = h.comparator - 1
        r.bus_l2_present = h.comparator - 1


def copy_journal(to, other):
    """What is journalled, from a device to a copy, from a copy to a device or to the other copy."""
    to.mode = other.mode
    to.step = other.step
    to.cause = other.cause
    to.latched = other.latched
    to.fed_by = other.fed_by
    to.hold_left_ticks = other.hold_left_ticks
    to.transfers = other.transfers
    to.starts = other.starts
    to.overloads = other.overloads
    to.harms = other.harms
    to.neutral_doubted = other.neutral_doubted
    to.flaps = other.flaps
    to.journal_lost = other.journal_lost
    to.disconnect_asked = other.disconnect_asked
    to.surges_small = other.surges_small
    to.surges_medium = other.surges_medium
    to.surges_large = other.surges_large
    to.spd_life = other.spd_life
    to.tests = other.tests
    to.tests_failed = other.tests_failed
    to.slot_draw = other.slot_draw
    to.slot_ticks = other.slot_ticks
    to.utility_in_mwticks = other.utility_in_mwticks
    to.utility_out_mwticks = other.utility_out_mwticks
    to.backup_in_mwticks = other.backup_in_mwticks
    to.backup_out_mwticks = other.backup_out_mwticks
    to.unassigned_mwticks = other.unassigned_mwticks
    to.t_heat = other.t_heat
    to.heat = other.heat
    to.heat_base = other.heat_base
    to.heat_target = other.heat_target


def clear_journalled(s):
    """A device without a valid copy: as it left the factory, and told so."""
    s.mode = 0
    s.step = 0
    s.cause = 0
    s.latched = 0
    s.fed_by = 0
    s.hold_left_ticks = 0
    s.transfers = 0
    s.starts = 0
    s.overloads = 0
    s.harms = 0
    s.neutral_doubted = 0
    s.flaps = 0
    s.journal_lost = 0
    s.disconnect_asked = 0
    s.surges_small = 0
    s.surges_medium = 0
    s.surges_large = 0
    s.spd_life = 0
    s.tests = 0
    s.tests_failed = 0
    s.slot_draw = 0
    s.slot_ticks = 0
    s.utility_in_mwticks = 0
    s.utility_out_mwticks = 0
    s.backup_in_mwticks = 0
    s.backup_out_mwticks = 0
    s.unassigned_mwticks = 0
    s.t_heat = 0
    s.heat = 0
    s.heat_base = 0
    s.heat_target = 0
    s.journal_lost = 1


def must_write(s, j):
    """1 when something changed that is written before the orders that came with it go out (`terms.journal`)."""
    if (
        s.mode != j.mode
        or s.step != j.step
        or s.cause != j.cause
        or s.latched != j.latched
        or s.fed_by != j.fed_by
        or s.transfers != j.transfers
        or s.starts != j.starts
        or s.overloads != j.overloads
        or s.harms != j.harms
        or s.neutral_doubted != j.neutral_doubted
        or s.flaps != j.flaps
        or s.journal_lost != j.journal_lost
        or s.disconnect_asked != j.disconnect_asked
        or s.surges_small != j.surges_small
        or s.surges_medium != j.surges_medium
        or s.surges_large != j.surges_large
        or s.spd_life != j.spd_life
        or s.tests != j.tests
        or s.tests_failed != j.tests_failed
        or s.slot_draw != j.slot_draw
        or s.slot_ticks != j.slot_ticks
    ):
        return 1
    return 0


def keep_journal(h, s, j, older):
    """Writes the older of two copies, in turn, when something asks for it."""
    if must_write(s, j) == 0 and h.tick - h.journal_tick < JOURNAL_ROUTINE_TICKS:
        return
    copy_journal(older, j)
    copy_journal(j, s)
    h.journal_tick = h.tick
