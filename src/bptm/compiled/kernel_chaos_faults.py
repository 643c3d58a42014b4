"""What can happen to a home in chaos, what each entry does to the plant, and which laws it excuses. Like Core Python.

An excuse is written down with its reason in docs/explanation/device-centuries.md; everything else is asserted while the
fault stands and after it.
"""

from bptm.terms.core_codes import NEVER_TICKS

# The utility.
WHAT_UTILITY_OFF = 1
WHAT_UTILITY_ON = 2
WHAT_UTILITY_SHARE = 3
WHAT_UTILITY_LEG_LOST = 4
WHAT_UTILITY_NEUTRAL = 5
WHAT_UTILITY_ALIKE = 6
WHAT_UTILITY_HZ = 7
# The backup source.
WHAT_SOURCE_ON = 8
WHAT_SOURCE_OFF = 9
WHAT_SOURCE_SHARE = 10
WHAT_SOURCE_LEG_LOST = 11
WHAT_SOURCE_NEUTRAL = 12
WHAT_SOURCE_ALIKE = 13
WHAT_SOURCE_HZ = 14
WHAT_PLUG = 15
# The premise.
WHAT_LOAD = 16
WHAT_MOTOR = 17
WHAT_SHORT = 18
WHAT_SOLAR = 19
WHAT_SOLAR_STAYS = 20
WHAT_PREMISE_NEUTRAL = 21
WHAT_OVERLOAD = 22
# Contactors.
WHAT_U_WELD = 23
WHAT_B_WELD = 24
WHAT_U_SAYS_OPEN = 25
WHAT_U_SAYS_CLOSED = 26
WHAT_U_SAYS_NOTHING = 27
WHAT_B_SAYS_OPEN = 28
WHAT_B_SAYS_CLOSED = 29
WHAT_B_SAYS_NOTHING = 30
WHAT_U_STUCK = 31
WHAT_B_STUCK = 32
WHAT_U_SLOW = 33
WHAT_B_SLOW = 34
WHAT_U_DRIVEN = 35
WHAT_B_DRIVEN = 36
# Sensors.
WHAT_SENSOR = 37
WHAT_SENSOR_B = 38
WHAT_LEGS_SWAPPED = 39
WHAT_REFERENCE_LOST = 40
WHAT_COMPARATOR = 41
WHAT_INLET_HOT = 42
# Supply, journal, messages, people.
WHAT_RESET = 43
WHAT_RESET_IN_TRAVEL = 44
WHAT_HOLD_UP = 45
WHAT_COMMAND = 46
WHAT_CLOCK_STEP = 47
WHAT_LOCAL_RESET = 48
WHAT_LEVER = 49
WHAT_LOCAL_TEST = 50
WHAT_HEALED = 51
WHAT_JOURNAL_LOST = 52
WHAT_JOURNAL_OLDER = 53
WHAT_SETTLED = 54
WHAT_END = 55

WHAT_NAMES = (
    "", "utility off", "utility on", "utility voltage, per mille", "utility leg lost", "utility neutral, milliohm",
    "utility legs alike", "utility frequency, mHz", "source runs", "source stops", "source voltage, per mille",
    "source leg lost", "source neutral, milliohm", "source legs alike", "source frequency off by, mHz",
    "plug in the inlet", "load changes", "motor starts", "short circuit", "solar left on, W", "solar stays on an island",
    "premise neutral, milliohm", "overload, W", "U welded, poles", "B welded, poles", "U feedback stuck open, poles",
    "U feedback stuck closed, poles", "U feedback silent, poles", "B feedback stuck open, poles",
    "B feedback stuck closed, poles", "B feedback silent, poles", "U does not move", "B does not close",
    "U travels slowly, ticks", "B travels slowly, ticks", "U coil closes by itself", "B coil closes by itself",
    "sensor", "second sensor", "utility legs swapped at the sensor", "utility reference lost",
    "interlock comparators stuck", "inlet blade, C", "reset", "reset in the next travel, after ticks", "hold-up aged, ticks",
    "remote command", "clock step, s", "local reset pressed", "service-disconnect lever", "local test asked",
    "service visit: all faults mended", "journal lost at a reset", "newest journal copy corrupt at a reset",
    "settled: nothing is excused any more",
)  # fmt: skip

# Sensor channels, and what can be wrong with one.
SENSE_UTILITY_L1 = 1
SENSE_UTILITY_L2 = 2
SENSE_UTILITY_L12 = 3
SENSE_BUS_L1 = 4
SENSE_BUS_L2 = 5
SENSE_BUS_L12 = 6
SENSE_INLET_L1 = 7
SENSE_INLET_L2 = 8
SENSE_INLET_L12 = 9
SENSE_L1_A = 10
SENSE_L2_A = 11
SENSE_UTILITY_HZ = 12
SENSOR_ZERO = 1
SENSOR_FROZEN = 2
SENSOR_SCALED = 3
SENSOR_NAN = 4
SENSOR_MARKED = 5
SENSOR_HIGH = 6

L1, L2, L3, L5, L6, L7, L8, L9, L11, L12, L14, L15 = (
    1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 11, 1 << 12, 1 << 14, 1 << 15,
)  # fmt: skip

ALIVE = L7 | L11
"""Liveness: a fault of the device or of a source may end in a lockout that waits for a person; see `WITNESSED`."""

EXCUSED = (
    0,
    0,  # utility off
    0,  # utility on
    ALIVE,  # utility voltage
    ALIVE,  # utility leg lost
    ALIVE,  # utility neutral
    ALIVE,  # utility legs alike
    ALIVE,  # utility frequency
    0,  # source runs
    0,  # source stops
    L11,  # source voltage
    L11,  # source leg lost
    L11,  # source neutral
    L11,  # source legs alike
    L11,  # source frequency
    L11,  # plug
    0,  # load
    L11,  # motor
    ALIVE | L6,  # short circuit: the bus has no legs to judge while it lasts
    ALIVE | L8,  # solar
    ALIVE | L8 | L14,  # solar that stays on an island
    ALIVE,  # premise neutral
    L11,  # overload
    ALIVE | L12,  # U welded
    ALIVE | L6 | L12,  # B welded: the home stays on what is left of the source until somebody stops it
    ALIVE | L8 | L12,  # U says open
    ALIVE | L8 | L12,  # U says closed
    ALIVE | L8 | L12,  # U says nothing
    ALIVE | L8 | L12,  # B says open
    ALIVE | L8 | L12,  # B says closed
    ALIVE | L8 | L12,  # B says nothing
    ALIVE | L12 | L6,  # U does not move
    L11,  # B does not close
    ALIVE | L12,  # U slow
    ALIVE,  # B slow
    ALIVE | L2 | L6 | L8 | L12,  # U's coil: energy circulates through both contactors
    ALIVE | L2 | L6 | L8 | L12,  # B's coil
    ALIVE | L8 | L12 | L6 | L15,  # sensor
    ALIVE | L8 | L12 | L6 | L15,  # second sensor
    ALIVE | L6,  # legs swapped
    ALIVE | L6,  # reference lost
    ALIVE,  # comparators
    L11,  # inlet hot
    ALIVE | L8,  # reset
    ALIVE | L8,  # reset in travel
    ALIVE | L8,  # hold-up aged
    0,  # command
    0,  # clock step
    0,  # local reset
    0,  # lever
    0,  # local test
    0,  # service visit
    ALIVE | L8 | L3,  # journal lost
    ALIVE | L8 | L3,  # journal older
    0,  # settled
)
"""Laws that each kind of entry excuses once it has happened, until the service visit: by WHAT_."""

FAULTY_UTILITY = (
    1 << WHAT_UTILITY_SHARE | 1 << WHAT_UTILITY_LEG_LOST | 1 << WHAT_UTILITY_NEUTRAL | 1 << WHAT_UTILITY_ALIKE
    | 1 << WHAT_UTILITY_HZ
)  # fmt: skip
SENSORS = (
    1 << WHAT_SENSOR | 1 << WHAT_SENSOR_B | 1 << WHAT_LEGS_SWAPPED | 1 << WHAT_REFERENCE_LOST | 1 << WHAT_COMPARATOR
)  # fmt: skip
U_FAULTS = (
    1 << WHAT_U_WELD | 1 << WHAT_U_SAYS_OPEN | 1 << WHAT_U_SAYS_CLOSED | 1 << WHAT_U_SAYS_NOTHING | 1 << WHAT_U_STUCK
    | 1 << WHAT_U_SLOW | 1 << WHAT_U_DRIVEN
)  # fmt: skip
B_FAULTS = (
    1 << WHAT_B_WELD | 1 << WHAT_B_SAYS_OPEN | 1 << WHAT_B_SAYS_CLOSED | 1 << WHAT_B_SAYS_NOTHING | 1 << WHAT_B_STUCK
    | 1 << WHAT_B_SLOW | 1 << WHAT_B_DRIVEN
)  # fmt: skip
RESETS = 1 << WHAT_RESET | 1 << WHAT_RESET_IN_TRAVEL | 1 << WHAT_HOLD_UP
JOURNAL = 1 << WHAT_JOURNAL_LOST | 1 << WHAT_JOURNAL_OLDER
SOURCE_FAULTS = (
    1 << WHAT_SOURCE_SHARE | 1 << WHAT_SOURCE_LEG_LOST | 1 << WHAT_SOURCE_NEUTRAL | 1 << WHAT_SOURCE_ALIKE
    | 1 << WHAT_SOURCE_HZ | 1 << WHAT_PLUG | 1 << WHAT_SOURCE_OFF
)  # fmt: skip
LOADS = 1 << WHAT_OVERLOAD | 1 << WHAT_MOTOR | 1 << WHAT_SHORT | 1 << WHAT_SOLAR | 1 << WHAT_SOLAR_STAYS
NEUTRALS = 1 << WHAT_PREMISE_NEUTRAL | 1 << WHAT_UTILITY_NEUTRAL | 1 << WHAT_SOURCE_NEUTRAL
ANYTHING = (1 << 62) - 1


def witnessed(cause):
    """Kinds of entry of which at least one must have happened for a lockout of this cause; all bits for any (LAW-9)."""
    if cause == 20:
        return U_FAULTS
    if cause == 21:
        return B_FAULTS | U_FAULTS | SENSORS
    if cause == 22:
        return LOADS | SENSORS
    if cause == 23:
        return 1 << WHAT_SOLAR | 1 << WHAT_SOLAR_STAYS | SENSORS
    if cause == 24:
        return 1 << WHAT_SOLAR_STAYS | 1 << WHAT_U_WELD | U_FAULTS | B_FAULTS | SENSORS
    if cause == 25:
        return U_FAULTS | SENSORS
    if cause == 26:
        return U_FAULTS | B_FAULTS
    if cause == 27:
        return SOURCE_FAULTS | LOADS | SENSORS | B_FAULTS
    if cause == 28:
        # A live utility that an inverter keeps in phase with by chance, again and again.
        return 1 << WHAT_UTILITY_ON | FAULTY_UTILITY | U_FAULTS | SENSORS
    if cause == 29:
        return 1 << WHAT_SHORT | LOADS | SENSORS
    if cause == 30:
        return 1 << WHAT_SOURCE_LEG_LOST | 1 << WHAT_SOURCE_ALIKE | SENSORS | LOADS
    if cause == 31:
        return NEUTRALS | SENSORS | LOADS
    if cause == 32:
        return 1 << WHAT_INLET_HOT
    if cause == 33:
        return 1 << WHAT_PLUG
    if cause == 34:
        return U_FAULTS | SENSORS | LOADS
    if cause == 35:
        return 1 << WHAT_SOURCE_SHARE | NEUTRALS | SENSORS | 1 << WHAT_SOLAR | 1 << WHAT_SOLAR_STAYS
    if cause == 36 or cause == 47:
        return 1 << WHAT_JOURNAL_LOST
    if cause == 40:
        return U_FAULTS | SENSORS
    if cause == 41 or cause == 42:
        return B_FAULTS | SENSORS
    if cause == 43:
        return U_FAULTS | B_FAULTS | SENSORS
    if cause == 44:
        # A reset so short that B has not fallen yet is one.
        return U_FAULTS | B_FAULTS | RESETS
    if cause == 45:
        return NEUTRALS | SENSORS
    if cause == 46:
        return NEUTRALS | 1 << WHAT_UTILITY_SHARE | SENSORS
    return 0


def excuse(h):
    """Laws excused by what has happened in this episode; pairs have excuses of their own."""
    x = 0
    for what in range(1, WHAT_END):
        if (h.happened >> what) & 1 == 1:
            x |= EXCUSED[what]
    u_lies = 1 if h.happened & (1 << WHAT_U_SAYS_OPEN) != 0 else 0
    u_stays = 1 if h.happened & (1 << WHAT_U_WELD | 1 << WHAT_U_STUCK | 1 << WHAT_U_DRIVEN) != 0 else 0
    b_lies = 1 if h.happened & (1 << WHAT_B_SAYS_OPEN) != 0 else 0
    b_stays = 1 if h.happened & (1 << WHAT_B_WELD | 1 << WHAT_B_DRIVEN) != 0 else 0
    driven = 1 if h.happened & (1 << WHAT_U_DRIVEN | 1 << WHAT_B_DRIVEN) != 0 else 0
    sensed = 1 if h.happened & SENSORS != 0 else 0
    # LAW-1, in the circuit: a pole that stays closed *and* says open, or a coil that closes by itself where no
    # interlock in hardware forbids it. LAW-5's limits are asserted instead.
    if h.interlock < 2 and ((u_lies == 1 and u_stays == 1) or (b_lies == 1 and b_stays == 1)):
        x |= L1 | L14
    if driven == 1 and (h.interlock == 0 or (h.interlock == 1 and (u_lies == 1 or b_lies == 1))):
        x |= L1 | L14
    # LAW-5 itself rests on the utility's sensors: a second fault there takes its eyes.
    if sensed == 1 and (u_stays == 1 or b_stays == 1):
        x |= L5 | L14
    if u_stays == 1 and u_lies == 1:
        x |= L6
    # The mirror of LAW-5 rests on B's feedback: a pole that stays closed beside one whose feedback is wrong.
    if b_stays == 1 and h.happened & (1 << WHAT_B_SAYS_OPEN | 1 << WHAT_B_SAYS_CLOSED | 1 << WHAT_B_SAYS_NOTHING) != 0:
        x |= L5
    # A feedback that says open before a slow contactor is: the dead time begins too soon, the dead bus still holds.
    if u_lies == 1 and h.happened & (1 << WHAT_U_SLOW) != 0:
        x |= L2
    if b_lies == 1 and h.happened & (1 << WHAT_B_SLOW) != 0:
        x |= L2
    # A bus that no comparator and no sensor sees: two faults of sensing.
    if h.happened & (1 << WHAT_COMPARATOR) != 0 and h.happened & (1 << WHAT_SENSOR | 1 << WHAT_SENSOR_B) != 0:
        x |= L2
    h.excused = x
    h.excused_ever |= x


def mend(h):
    """A service visit: every fault of device, source and premise is mended. The utility is as it is."""
    h.source_leg_lost = 0
    h.source_neutral_ohm = 0.02
    h.source_alike = 0
    h.source_share = 1.0
    h.source_off_hz = 0.0
    h.plugged = 1
    h.short_s = 0.0
    h.solar_w = 0.0
    h.solar_on = 0
    h.solar_stays = 0
    h.premise_neutral_ohm = 0.0
    h.u_weld = 0
    h.b_weld = 0
    h.u_says_open = 0
    h.u_says_closed = 0
    h.u_says_nothing = 0
    h.b_says_open = 0
    h.b_says_closed = 0
    h.b_says_nothing = 0
    h.u_stuck = 0
    h.b_stuck = 0
    h.u_driven = 0
    h.b_driven = 0
    h.u_travel_ticks = 4
    h.b_travel_ticks = 4
    h.sensor = 0
    h.sensor_b = 0
    h.legs_swapped = 0
    h.reference_lost = 0
    h.comparator = 0
    h.inlet_c = 25.0
    h.hold_up_most_ticks = 7200
    h.reset_after = 0
    h.reset_at_tick = NEVER_TICKS
    h.lever = 0
    h.tested = 0


def happen_utility(h, what, x):
    """An entry of the utility."""
    if what == WHAT_UTILITY_OFF:
        h.utility_on = 0
        h.losses += 1
        h.outages += 1
    elif what == WHAT_UTILITY_ON:
        h.utility_on = 1
        h.phase_uturns = x % 1000000
        h.utility_share = 1.0
        h.utility_leg_lost = 0
        h.utility_alike = 0
        h.neutral_ohm = 0.03
        h.utility_hz = 60.0
    elif what == WHAT_UTILITY_SHARE:
        h.utility_share = x * 0.001
        if x < 900 or x > 1100:
            h.losses += 1
    elif what == WHAT_UTILITY_LEG_LOST:
        h.utility_leg_lost = x
        h.losses += 1
    elif what == WHAT_UTILITY_NEUTRAL:
        h.neutral_ohm = x * 0.001
    elif what == WHAT_UTILITY_ALIKE:
        h.utility_alike = 1
        h.losses += 1
    elif what == WHAT_UTILITY_HZ:
        h.utility_hz = x * 0.001


def happen_source(h, what, x):
    """An entry of the backup source."""
    h.source_tick = h.tick
    if what == WHAT_SOURCE_ON:
        h.source_on = 1 if h.source_kind != 0 else 0
        h.t_breaker = 0
    elif what == WHAT_SOURCE_OFF:
        h.source_on = 0
        h.source_stops += 1
    elif what == WHAT_SOURCE_SHARE:
        h.source_share = x * 0.001
    elif what == WHAT_SOURCE_LEG_LOST:
        h.source_leg_lost = x
    elif what == WHAT_SOURCE_NEUTRAL:
        h.source_neutral_ohm = x * 0.001
    elif what == WHAT_SOURCE_ALIKE:
        h.source_alike = 1
    elif what == WHAT_SOURCE_HZ:
        h.source_off_hz = x * 0.001
    elif what == WHAT_PLUG:
        h.plugged = x


def happen_premise(h, what, x):
    """An entry of the premise: loads as watts of leg 1, leg 2 and between them, packed by 100,000."""
    if what == WHAT_LOAD or what == WHAT_MOTOR or what == WHAT_OVERLOAD:
        h.l1_w = float(x % 100000)
        h.l2_w = float(x // 100000 % 100000)
        h.l12_w = float(x // 10000000000)
    elif what == WHAT_SHORT:
        h.short_s = 100.0 if x == 1 else 0.0
    elif what == WHAT_SOLAR or what == WHAT_SOLAR_STAYS:
        h.solar_w = float(x)
        h.solar_on = 1
        if what == WHAT_SOLAR_STAYS:
            h.solar_stays = 1
    elif what == WHAT_PREMISE_NEUTRAL:
        h.premise_neutral_ohm = x * 0.001


def happen_contactor(h, what, x):
    """An entry of the contactors. A weld strikes a pole that is closed; an open one stays as it is."""
    if what == WHAT_U_WELD:
        h.u_weld = x & h.u_poles
    elif what == WHAT_B_WELD:
        h.b_weld = x & h.b_poles
    elif what == WHAT_U_SAYS_OPEN:
        h.u_says_open = x
    elif what == WHAT_U_SAYS_CLOSED:
        h.u_says_closed = x
    elif what == WHAT_U_SAYS_NOTHING:
        h.u_says_nothing = x
    elif what == WHAT_B_SAYS_OPEN:
        h.b_says_open = x
    elif what == WHAT_B_SAYS_CLOSED:
        h.b_says_closed = x
    elif what == WHAT_B_SAYS_NOTHING:
        h.b_says_nothing = x
    elif what == WHAT_U_STUCK:
        h.u_stuck = 1
    elif what == WHAT_B_STUCK:
        h.b_stuck = 1
    elif what == WHAT_U_SLOW:
        h.u_travel_ticks = x
    elif what == WHAT_B_SLOW:
        h.b_travel_ticks = x
    elif what == WHAT_U_DRIVEN:
        h.u_driven = 1
    elif what == WHAT_B_DRIVEN:
        h.b_driven = 1


def true_reading(h, channel):
    """What a channel would read."""
    if channel == SENSE_UTILITY_L1:
        return h.utility_l1_v
    if channel == SENSE_UTILITY_L2:
        return h.utility_l2_v
    if channel == SENSE_UTILITY_L12:
        return h.utility_l12_v
    if channel == SENSE_BUS_L1:
        return h.bus_l1_v
    if channel == SENSE_BUS_L2:
        return h.bus_l2_v
    if channel == SENSE_BUS_L12:
        return h.bus_l12_v
    if channel == SENSE_INLET_L1:
        return h.inlet_l1_v
    if channel == SENSE_INLET_L2:
        return h.inlet_l2_v
    if channel == SENSE_INLET_L12:
        return h.inlet_l12_v
    if channel == SENSE_L1_A:
        return h.l1_a
    return h.l2_a if channel == SENSE_L2_A else h.utility_hz


def happen_sensor(h, what, x):
    """An entry of the sensors: channel and what is wrong with it, packed by 10."""
    if what == WHAT_SENSOR:
        h.sensor = x // 10
        h.sensor_mode = x % 10
        h.sensor_value = true_reading(h, h.sensor)
    elif what == WHAT_SENSOR_B:
        h.sensor_b = x // 10
        h.sensor_b_mode = x % 10
        h.sensor_b_value = true_reading(h, h.sensor_b)
    elif what == WHAT_LEGS_SWAPPED:
        h.legs_swapped = 1
    elif what == WHAT_REFERENCE_LOST:
        h.reference_lost = 1
    elif what == WHAT_COMPARATOR:
        h.comparator = x
    elif what == WHAT_INLET_HOT:
        h.inlet_c = float(x)


def happen_people(h, what, x):
    """An entry of supply, journal and people; a command is carried out by the kernel."""
    if what == WHAT_RESET or what == WHAT_JOURNAL_LOST or what == WHAT_JOURNAL_OLDER:
        h.reset_at_tick = h.tick
        h.reset_how = 1 if what == WHAT_JOURNAL_LOST else (2 if what == WHAT_JOURNAL_OLDER else 0)
    elif what == WHAT_RESET_IN_TRAVEL:
        h.reset_after = x + 1
        h.reset_how = 0
    elif what == WHAT_HOLD_UP:
        h.hold_up_most_ticks = x
        h.hold_up_ticks = min(h.hold_up_ticks, x)
    elif what == WHAT_LOCAL_RESET:
        h.pressed = x
    elif what == WHAT_LEVER:
        h.lever = x
    elif what == WHAT_LOCAL_TEST:
        h.tested = x
    elif what == WHAT_HEALED:
        mend(h)
    elif what == WHAT_SETTLED:
        h.happened = 0
        h.t_waits = 0
        h.t_idle = 0
    # A clock step touches the stamp of events alone; the core counts ticks (LAW-10).


def happen(h, what, x):
    """Carries out one entry of the script, but a command."""
    h.faults[what] += 1
    h.happened |= 1 << what
    h.changed = 1
    if what <= WHAT_UTILITY_HZ:
        happen_utility(h, what, x)
    elif what <= WHAT_PLUG:
        happen_source(h, what, x)
    elif what <= WHAT_OVERLOAD:
        happen_premise(h, what, x)
    elif what <= WHAT_B_DRIVEN:
        happen_contactor(h, what, x)
    elif what <= WHAT_INLET_HOT:
        happen_sensor(h, what, x)
    else:
        happen_people(h, what, x)
    excuse(h)
