"""What each entry of a script does to the plant. Written like Core Python."""

from bptm.compiled import kernel_chaos_what as w
from bptm.compiled.kernel_chaos_excuses import excuse
from bptm.terms.core_codes import NEVER_TICKS

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
    if what == w.WHAT_UTILITY_OFF:
        h.utility_on = 0
        h.losses += 1
        h.outages += 1
    elif what == w.WHAT_UTILITY_ON:
        h.utility_on = 1
        h.phase_uturns = x % 1000000
        h.utility_share = 1.0
        h.utility_leg_lost = 0
        h.utility_alike = 0
        h.neutral_ohm = 0.03
        h.utility_hz = 60.0
    elif what == w.WHAT_UTILITY_SHARE:
        h.utility_share = x * 0.001
        if x < 900 or x > 1100:
            h.losses += 1
    elif what == w.WHAT_UTILITY_LEG_LOST:
        h.utility_leg_lost = x
        h.losses += 1
    elif what == w.WHAT_UTILITY_NEUTRAL:
        h.neutral_ohm = x * 0.001
    elif what == w.WHAT_UTILITY_ALIKE:
        h.utility_alike = 1
        h.losses += 1
    elif what == w.WHAT_UTILITY_HZ:
        h.utility_hz = x * 0.001


def happen_source(h, what, x):
    """An entry of the backup source."""
    h.source_tick = h.tick
    if what == w.WHAT_SOURCE_ON:
        h.source_on = 1 if h.source_kind != 0 else 0
        h.t_breaker = 0
    elif what == w.WHAT_SOURCE_OFF:
        h.source_on = 0
        h.source_stops += 1
    elif what == w.WHAT_SOURCE_SHARE:
        h.source_share = x * 0.001
    elif what == w.WHAT_SOURCE_LEG_LOST:
        h.source_leg_lost = x
    elif what == w.WHAT_SOURCE_NEUTRAL:
        h.source_neutral_ohm = x * 0.001
    elif what == w.WHAT_SOURCE_ALIKE:
        h.source_alike = 1
    elif what == w.WHAT_SOURCE_HZ:
        h.source_off_hz = x * 0.001
    elif what == w.WHAT_PLUG:
        h.plugged = x


def happen_premise(h, what, x):
    """An entry of the premise: loads as watts of leg 1, leg 2 and between them, packed by 100,000."""
    if what == w.WHAT_LOAD or what == w.WHAT_MOTOR or what == w.WHAT_OVERLOAD:
        h.l1_w = float(x % 100000)
        h.l2_w = float(x // 100000 % 100000)
        h.l12_w = float(x // 10000000000)
    elif what == w.WHAT_SHORT:
        h.short_s = 100.0 if x == 1 else 0.0
    elif what == w.WHAT_SOLAR or what == w.WHAT_SOLAR_STAYS:
        h.solar_w = float(x)
        h.solar_on = 1
        if what == w.WHAT_SOLAR_STAYS:
            h.solar_stays = 1
    elif what == w.WHAT_PREMISE_NEUTRAL:
        h.premise_neutral_ohm = x * 0.001


def happen_contactor(h, what, x):
    """An entry of the contactors. A weld strikes a pole that is closed; an open one stays as it is."""
    if what == w.WHAT_U_WELD:
        h.u_weld = x & h.u_poles
    elif what == w.WHAT_B_WELD:
        h.b_weld = x & h.b_poles
    elif what == w.WHAT_U_SAYS_OPEN:
        h.u_says_open = x
    elif what == w.WHAT_U_SAYS_CLOSED:
        h.u_says_closed = x
    elif what == w.WHAT_U_SAYS_NOTHING:
        h.u_says_nothing = x
    elif what == w.WHAT_B_SAYS_OPEN:
        h.b_says_open = x
    elif what == w.WHAT_B_SAYS_CLOSED:
        h.b_says_closed = x
    elif what == w.WHAT_B_SAYS_NOTHING:
        h.b_says_nothing = x
    elif what == w.WHAT_U_STUCK:
        h.u_stuck = 1
    elif what == w.WHAT_B_STUCK:
        h.b_stuck = 1
    elif what == w.WHAT_U_SLOW:
        h.u_travel_ticks = x
    elif what == w.WHAT_B_SLOW:
        h.b_travel_ticks = x
    elif what == w.WHAT_U_DRIVEN:
        h.u_driven = 1
    elif what == w.WHAT_B_DRIVEN:
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
    if what == w.WHAT_SENSOR:
        h.sensor = x // 10
        h.sensor_mode = x % 10
        h.sensor_value = true_reading(h, h.sensor)
    elif what == w.WHAT_SENSOR_B:
        h.sensor_b = x // 10
        h.sensor_b_mode = x % 10
        h.sensor_b_value = true_reading(h, h.sensor_b)
    elif what == w.WHAT_LEGS_SWAPPED:
        h.legs_swapped = 1
    elif what == w.WHAT_REFERENCE_LOST:
        h.reference_lost = 1
    elif what == w.WHAT_COMPARATOR:
        h.comparator = x
    elif what == w.WHAT_INLET_HOT:
        h.inlet_c = float(x)


def happen_people(h, what, x):
    """An entry of supply, journal and people; a command is carried out by the kernel."""
    if what == w.WHAT_RESET or what == w.WHAT_JOURNAL_LOST or what == w.WHAT_JOURNAL_OLDER:
        h.reset_at_tick = h.tick
        h.reset_how = 1 if what == w.WHAT_JOURNAL_LOST else (2 if what == w.WHAT_JOURNAL_OLDER else 0)
    elif what == w.WHAT_RESET_IN_TRAVEL:
        h.reset_after = x + 1
        h.reset_how = 0
    elif what == w.WHAT_HOLD_UP:
        h.hold_up_most_ticks = x
        h.hold_up_ticks = min(h.hold_up_ticks, x)
    elif what == w.WHAT_LOCAL_RESET:
        h.pressed = x
    elif what == w.WHAT_LEVER:
        h.lever = x
    elif what == w.WHAT_LOCAL_TEST:
        h.tested = x
    elif what == w.WHAT_HEALED:
        mend(h)
    elif what == w.WHAT_SETTLED:
        h.happened = 0
        h.forgiven = 0
        h.t_waits = 0
        h.t_idle = 0
    # A clock step touches the stamp of events alone; the core counts ticks (LAW-10).


def happen(h, what, x):
    """Carries out one entry of the script, but a command."""
    h.faults[what] += 1
    h.happened |= 1 << what
    h.changed = 1
    if what <= w.WHAT_UTILITY_HZ:
        happen_utility(h, what, x)
    elif what <= w.WHAT_PLUG:
        happen_source(h, what, x)
    elif what <= w.WHAT_OVERLOAD:
        happen_premise(h, what, x)
    elif what <= w.WHAT_B_DRIVEN:
        happen_contactor(h, what, x)
    elif what <= w.WHAT_INLET_HOT:
        happen_sensor(h, what, x)
    else:
        happen_people(h, what, x)
    excuse(h)
