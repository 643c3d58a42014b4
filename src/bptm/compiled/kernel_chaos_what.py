"""What can happen to a home in chaos: codes of the entries of a script, and their names. Like Core Python."""

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
