"""The contactors, the bus and the sensors around the shipped controller, as small as a search can exhaust. Core Python.

Two legs. A pole of U joins a leg of the bus to the utility, a pole of B to the source. Grid and source are alive or
dead anew in every tick, whatever they were before; a bus that nothing feeds may show 0 V, 30 V (residual, neither
neither live nor dead) or 120 V (a load-side source). Each pole moves by itself, 0 to `TRAVEL_TICKS` ticks after its order.
A fault is a bit. Most act in every tick from then on; those of `COMES_AND_GOES` may act, or not, in each tick anew.
"""

from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN

TRAVEL_TICKS = 2
NOMINAL_V = 120.0
RESIDUAL_V = 30.0
SHORT_A = 10000.0
"""A short circuit: above what either contactor may break."""

FAULT_U_WELD_1 = 1
FAULT_U_WELD_2 = 2
FAULT_B_WELD_1 = 4
FAULT_B_WELD_2 = 8
FAULT_U_CLOSES_ITSELF = 16
FAULT_B_CLOSES_ITSELF = 32
FAULT_U_STUCK = 64
FAULT_B_STUCK = 128
FAULT_U_READS_OPEN = 256
FAULT_U_READS_CLOSED = 512
FAULT_U_READS_NONE = 1024
FAULT_B_READS_OPEN = 2048
FAULT_B_READS_CLOSED = 4096
FAULT_B_READS_NONE = 8192
FAULT_UTILITY_READS_ZERO = 16384
FAULT_UTILITY_FROZEN = 32768
FAULT_BUS_READS_ZERO = 65536
FAULT_BUS_FROZEN = 131072
FAULT_INLET_READS_ZERO = 262144
FAULT_INLET_FROZEN = 524288
FAULT_COMPARATORS_ABSENT = 1048576
FAULT_COMPARATORS_PRESENT = 2097152
FAULT_ADC_ZERO = 4194304
FAULT_ADC_FROZEN = 8388608
FAULT_CLOCK_FAST = 16777216
FAULT_PHASE_BLIND = 33554432
FAULT_JOURNAL_LOST = 67108864
FAULT_BUS_SENSE_LOST = 134217728
LEGS_DIFFER = FAULT_U_WELD_1 + FAULT_U_WELD_2 + FAULT_B_WELD_1 + FAULT_B_WELD_2
"""With any other fault one leg is like the other, so that a state and its mirror image are one."""
FAULT_U_BOUNCES = 1 << 28
FAULT_B_BOUNCES = 1 << 29
FAULT_SUPPLY_FAILS = 1 << 30
FAULT_CONTROLLER_HANGS = 1 << 31
FAULT_MESSAGES_FORGED = 1 << 32
FAULT_LEVER_OR_TEST = 1 << 33
FAULT_UTILITY_HARMS = 1 << 34
FAULT_BACKUP_HARMS = 1 << 35
FAULT_SHORT_CIRCUIT = 1 << 36
FAULT_CONTROLLER_STALLS = 1 << 37
FAULT_LOAD_VARIES = 1 << 38

COMES_AND_GOES = (
    FAULT_SUPPLY_FAILS
    + FAULT_CONTROLLER_HANGS
    + FAULT_MESSAGES_FORGED
    + FAULT_LEVER_OR_TEST
    + FAULT_UTILITY_HARMS
    + FAULT_BACKUP_HARMS
    + FAULT_SHORT_CIRCUIT
    + FAULT_CONTROLLER_STALLS
    + FAULT_LOAD_VARIES
)
"""Supply: the meter is dark, B drops, U stays. Hangs: no scan, the orders stand, the interlock goes on alone until the
controller is restarted; stalls: until it goes on where it stood. Messages: every action that a remote message can
carry, in any order. Harms: legs at 150 and 90 V. Short circuit: more current than a contactor may break. The lever, the
test and a load beside the backup (motors, premises that feed) are no faults; they are searched as if, so that the
states of the others stay few."""

HARM_HIGH_V = 150.0
HARM_LOW_V = 90.0

HARDWARE_NONE = 0
HARDWARE_ELECTRICAL = 1
HARDWARE_MECHANICAL = 2
HARDWARE_TELLS = 4096
"""Beside the bits below: an interlock, electrical or mechanical, could have done something in this transition."""
U_TRAVELS = 8192
B_TRAVELS = 16384
"""Likewise: the contactor was in its travel before this transition, or is told to move in it."""

BAD_BOTH_CLOSED = 1
BAD_BOTH_ORDERED = 2
BAD_CLOSE_ON_LIVE_BUS = 4
BAD_DEAD_GRID_ENERGISED = 8
BAD_ENERGISED_TOO_LONG = 16
BAD_LOCKOUT_NOT_OPEN = 32
BAD_BLOCK_NOT_OPEN = 64
BAD_START_CLOSES = 128
BAD_LOCKOUT_LOST = 256
BAD_SOURCES_JOINED = 512
BAD_CLOSE_WITHOUT_ENERGY = 1024
BAD_LOCKOUT_WITHOUT_FAULT = 2048

ENERGISED_MOST_TICKS = 8
"""LAW-5 at the settings of the search: travel of B with its poles apart (2), B proved closed, 25 and the order (2),
travel back (2), and one restart on the way. The tick in which the first pole closes counts."""

ENERGISED_COUNT_MOST = 11


def bit(word, mask):
    """1 when a bit of a word is set."""
    return 1 if word & mask != 0 else 0


def fed(u_pole, b_pole, grid_v, source_v, holds, floating_v):
    """True voltage of one leg of the bus."""
    if u_pole == 1 and grid_v > 0.0:
        return grid_v
    if b_pole == 1 and source_v > 0.0:
        # A dead grid may pull the source down, or not.
        return source_v if u_pole == 0 or holds == 1 else 0.0
    if u_pole == 1:
        return 0.0
    return floating_v


def leg_v(alive, harms, leg):
    """Voltage of one leg of a grid or source by itself; with harm as of a broken neutral, one leg high, one low."""
    if alive == 0:
        return 0.0
    if harms == 0:
        return NOMINAL_V
    return HARM_HIGH_V if leg == 1 else HARM_LOW_V


def reading(m, r):
    """All that a fault of a sensor or feedback can change of what was read, as one number: whole volts below 256."""
    x = int(m.utility_l1_v) * 256 + int(m.utility_l2_v)
    x = (x * 256 + int(m.bus_l1_v)) * 256 + int(m.bus_l2_v)
    x = (x * 256 + int(m.inlet_l1_v)) * 256 + int(m.inlet_l2_v)
    x = ((x * 4 + m.u_open_poles) * 4 + m.u_closed_poles) * 4 + m.b_open_poles
    x = (x * 4 + m.b_closed_poles) * 4 + 2 * r.bus_l1_present + r.bus_l2_present
    return x * 4 + 2 * m.utility_in_phase + m.inlet_in_phase


def read_poles(m, r, faults, u_poles, b_poles, u_moving, b_moving):
    """Position feedbacks. A pole in its travel makes neither contact, except that one that bounces reads open early."""
    m.u_closed_poles = u_poles
    m.u_open_poles = 3 - u_poles
    if u_moving != ORDER_NONE and bit(faults, FAULT_U_BOUNCES) == 0:
        m.u_open_poles = 0
    m.b_closed_poles = b_poles
    m.b_open_poles = 3 - b_poles
    if b_moving != ORDER_NONE and bit(faults, FAULT_B_BOUNCES) == 0:
        m.b_open_poles = 0


def sense(
    m,
    r,
    faults,
    u_poles,
    b_poles,
    u_moving,
    b_moving,
    grid,
    source,
    grid_harms,
    source_harms,
    holds,
    phase,
    load,
    floating_v,
):
    """What meter and interlock read of the positions and sources of this tick. Returns the true bus, the higher leg."""
    u1 = u_poles & 1
    u2 = u_poles >> 1
    b1 = b_poles & 1
    b2 = b_poles >> 1
    bus1 = fed(u1, b1, leg_v(grid, grid_harms, 1), leg_v(source, source_harms, 1), holds, floating_v)
    bus2 = fed(u2, b2, leg_v(grid, grid_harms, 2), leg_v(source, source_harms, 2), holds, floating_v)
    m.bus_l1_v = bus1
    m.bus_l2_v = bus2
    m.utility_l1_v = bus1 if u1 == 1 else leg_v(grid, grid_harms, 1)
    m.utility_l2_v = bus2 if u2 == 1 else leg_v(grid, grid_harms, 2)
    m.inlet_l1_v = bus1 if b1 == 1 else leg_v(source, source_harms, 1)
    m.inlet_l2_v = bus2 if b2 == 1 else leg_v(source, source_harms, 2)
    r.bus_l1_present = 1 if bus1 > 20.0 else 0
    r.bus_l2_present = 1 if bus2 > 20.0 else 0
    m.utility_in_phase = 1 if u_poles != 0 or phase == 1 else 0
    m.inlet_in_phase = 1 if b_poles != 0 or phase == 1 else 0
    m.l1_a = 0.0
    m.l2_a = 0.0
    m.premise_w = 0.0
    if load == 1:
        m.l1_a = 100.0
        m.premise_w = 5000.0
    elif load == 2:
        m.premise_w = -5000.0
    elif load == 3:
        m.l1_a = SHORT_A
    m.l1_w = 0.5 * m.premise_w
    m.l2_w = 0.5 * m.premise_w
    read_poles(m, r, faults, u_poles, b_poles, u_moving, b_moving)
    m.supplied = 1
    break_senses(m, r, faults)
    m.utility_l12_v = m.utility_l1_v + m.utility_l2_v
    m.bus_l12_v = m.bus_l1_v + m.bus_l2_v
    m.inlet_l12_v = m.inlet_l1_v + m.inlet_l2_v
    m.utility_hz = 60.0 if m.utility_l12_v > 20.0 else 0.0
    m.inlet_hz = 60.0 if m.inlet_l12_v > 20.0 else 0.0
    r.u_open_poles = m.u_open_poles
    r.u_closed_poles = m.u_closed_poles
    r.b_open_poles = m.b_open_poles
    r.b_closed_poles = m.b_closed_poles
    return bus1 if bus1 > bus2 else bus2


def break_senses(m, r, faults):
    """Faults of sensors and feedbacks."""
    if bit(faults, FAULT_U_READS_OPEN) == 1:
        m.u_open_poles = 3
        m.u_closed_poles = 0
    if bit(faults, FAULT_U_READS_CLOSED) == 1:
        m.u_open_poles = 0
        m.u_closed_poles = 3
    if bit(faults, FAULT_U_READS_NONE) == 1:
        m.u_open_poles = 0
        m.u_closed_poles = 0
    if bit(faults, FAULT_B_READS_OPEN) == 1:
        m.b_open_poles = 3
        m.b_closed_poles = 0
    if bit(faults, FAULT_B_READS_CLOSED) == 1:
        m.b_open_poles = 0
        m.b_closed_poles = 3
    if bit(faults, FAULT_B_READS_NONE) == 1:
        m.b_open_poles = 0
        m.b_closed_poles = 0
    if bit(faults, FAULT_UTILITY_READS_ZERO + FAULT_ADC_ZERO) == 1:
        m.utility_l1_v = 0.0
        m.utility_l2_v = 0.0
    if bit(faults, FAULT_UTILITY_FROZEN + FAULT_ADC_FROZEN) == 1:
        m.utility_l1_v = NOMINAL_V
        m.utility_l2_v = NOMINAL_V
    if bit(faults, FAULT_BUS_READS_ZERO + FAULT_ADC_ZERO + FAULT_BUS_SENSE_LOST) == 1:
        m.bus_l1_v = 0.0
        m.bus_l2_v = 0.0
    if bit(faults, FAULT_BUS_FROZEN + FAULT_ADC_FROZEN) == 1:
        m.bus_l1_v = NOMINAL_V
        m.bus_l2_v = NOMINAL_V
    if bit(faults, FAULT_INLET_READS_ZERO + FAULT_ADC_ZERO) == 1:
        m.inlet_l1_v = 0.0
        m.inlet_l2_v = 0.0
    if bit(faults, FAULT_INLET_FROZEN + FAULT_ADC_FROZEN) == 1:
        m.inlet_l1_v = NOMINAL_V
        m.inlet_l2_v = NOMINAL_V
    if bit(faults, FAULT_COMPARATORS_ABSENT + FAULT_BUS_SENSE_LOST) == 1:
        r.bus_l1_present = 0
        r.bus_l2_present = 0
    if bit(faults, FAULT_COMPARATORS_PRESENT) == 1:
        r.bus_l1_present = 1
        r.bus_l2_present = 1
    if bit(faults, FAULT_PHASE_BLIND) == 1:
        m.utility_in_phase = 0
        m.inlet_in_phase = 0


def drive_utility(order, moving, poles, b_poles, faults, hardware):
    """Where U moves now: latching, so a travel under way goes on; a new order turns it."""
    if bit(faults, FAULT_U_CLOSES_ITSELF) == 1:
        order = ORDER_CLOSE
    if order == ORDER_CLOSE and bit(hardware, HARDWARE_ELECTRICAL) == 1 and b_poles != 0:
        order = ORDER_NONE
    if order == ORDER_CLOSE and poles != 3:
        return ORDER_CLOSE
    if order == ORDER_OPEN and poles != 0:
        return ORDER_OPEN
    if order == ORDER_NONE:
        return moving
    return ORDER_NONE


def drive_backup(order, poles, u_poles, faults, hardware):
    """Where B moves now: held, so it falls whenever it is not told to close."""
    if bit(faults, FAULT_B_CLOSES_ITSELF) == 1:
        order = ORDER_CLOSE
    if order == ORDER_CLOSE and bit(hardware, HARDWARE_ELECTRICAL) == 1 and u_poles != 0:
        order = ORDER_OPEN
    if order == ORDER_CLOSE:
        return ORDER_CLOSE if poles != 3 else ORDER_NONE
    return ORDER_OPEN if poles != 0 else ORDER_NONE


def interlock_tells(u_closes, b_closes, u_poles, b_poles):
    """1 when a contactor is told to close, or closes, while the other has a pole closed: where an interlock acts."""
    return 1 if (u_closes == 1 and b_poles != 0) or (b_closes == 1 and u_poles != 0) else 0


def able(poles, moving, others, weld, stuck, hardware):
    """Poles that can still move in this travel, one bit each."""
    if stuck == 1 or moving == ORDER_NONE:
        return 0
    if moving == ORDER_OPEN:
        return poles & (3 - weld)
    if bit(hardware, HARDWARE_MECHANICAL) == 1 and others != 0:
        return 0
    return 3 - poles


def moved(poles, moving, which):
    """Poles after these have moved."""
    return poles | which if moving == ORDER_CLOSE else poles & (3 - which)


def goes_on(moving, was, order):
    """Where a contactor that bounces moves: it is in its travel until that is over, unless told the other way."""
    if moving != ORDER_NONE or was == ORDER_NONE or (order != ORDER_NONE and order != was):
        return moving
    return was


def mirrored(poles):
    """The same poles with the legs exchanged."""
    return (poles & 1) * 2 + poles // 2
