"""One state of the search as one whole number, and back. Core Python.

Only what the next tick can depend on is kept. What no branch reads in a mode is set to one value first, so that
states that behave alike are one state; tests compare behaviour before and after. A number with a digit for each field:
a value that has no room gives -1, which ends the search with an error.
"""

from bptm.controller.apart import went_with_source
from bptm.terms.core_codes import (
    CAUSE_BACKFEED,
    CAUSE_NONE,
    CAUSE_REVERSE_POWER,
    CAUSE_START,
    CAUSE_U_DISAGREES,
    CAUSE_UTILITY_FOLLOWS_BUS,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_DISCONNECTED,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_OPEN,
    STEP_CLOSING,
    STEP_DEAD_TIME,
    STEP_OPENING,
)

HOLD_TICKS = 7200
"""A hold, and a test on load, last until the search lets them end: at any tick."""

PLANT_BITS = 14
ENERGISED_ROOM = 12


def digit(x, value, room):
    """The next digit of a state."""
    if x < 0 or value < 0 or value >= room:
        return -1
    return x * room + value


def counts_opening(s):
    """1 in a mode that counts the time of a step."""
    if s.mode == MODE_ON_UTILITY or s.mode == MODE_ON_BACKUP:
        return 0
    if s.mode == MODE_LOCKED_OUT and s.u_order == ORDER_OPEN:
        return 0
    if s.mode == MODE_DARK and s.tries == 0:
        return 0
    return 1


def in_service(s):
    """1 in a mode that counts how long it has lasted; the others count how long B has read closed."""
    return 1 if s.mode == MODE_ON_UTILITY or s.mode == MODE_ON_BACKUP else 0


def u_side(s):
    """Three counts of which at most one runs: U unknown, U open beside a live bus, U closed beside a dead one."""
    if s.t_unknown_u > 0:
        return s.t_unknown_u
    if s.t_load_side > 0:
        return 3 + s.t_load_side
    if s.t_disagrees > 0:
        return 5 + s.t_disagrees
    return 0


PLACES = 15


def place_of(mode, step):
    """Mode and step as one number; -1 for a mode that has no such step."""
    if step == STEP_OPENING:
        return mode - 1
    if step == STEP_CLOSING:
        return 13 if mode == MODE_TO_BACKUP else (14 if mode == MODE_TO_UTILITY else -1)
    if mode == MODE_TO_BACKUP:
        return 9
    if mode == MODE_TO_UTILITY:
        return 10
    if mode == MODE_TEST:
        return 11
    return 12 if mode == MODE_DISCONNECTED else -1


def stand_at(s, place):
    """Mode and step of this place."""
    s.step = STEP_OPENING if place < 9 else (STEP_DEAD_TIME if place < 13 else STEP_CLOSING)
    s.mode = place + 1
    if place == 9 or place == 13:
        s.mode = MODE_TO_BACKUP
    elif place == 10 or place == 14:
        s.mode = MODE_TO_UTILITY
    elif place == 11:
        s.mode = MODE_TEST
    elif place == 12:
        s.mode = MODE_DISCONNECTED


def follows(s):
    """Two counts of which at most one runs: 25 asks for a B that does not read open, its mirror for one that does."""
    return s.t_follow if s.t_follow > 0 else (3 + s.t_inlet_follow if s.t_inlet_follow > 0 else 0)


def pack_meter(s, k):
    """Everything of the meter and its interlock."""
    counts = counts_opening(s)
    chosen = 1 if s.mode == MODE_TO_BACKUP or s.mode == MODE_TO_UTILITY or s.mode == MODE_TEST else 0
    if s.mode == MODE_BACKUP_BLOCKED:
        chosen = 1
    flag = 0
    if s.mode == MODE_TO_UTILITY and s.step != STEP_CLOSING and s.cause == CAUSE_UTILITY_FOLLOWS_BUS:
        flag = 1
    elif s.mode == MODE_BACKUP_BLOCKED and went_with_source(s.latched) == 1:
        flag = 1
    x = digit(0, place_of(s.mode, s.step), PLACES)
    x = digit(x, s.u_order, 3)
    x = digit(x, s.b_order - 1, 2)
    x = digit(x, s.tries, 3)
    x = digit(x, s.fed_by, 4)
    x = digit(x, s.overloads, 3)
    x = digit(x, s.dead_time_ticks - 2 if chosen == 1 else 0, 2)
    x = digit(x, flag, 2)
    x = digit(x, 1 if s.hold_left_ticks > 0 else 0, 2)
    x = digit(x, 1 if s.test_left_ticks > 0 else 0, 2)
    x = digit(x, s.utility_lost, 2)
    x = digit(x, s.backup_qualified, 2)
    x = digit(x, s.harms, 3)
    x = digit(x, s.neutral_doubted, 2)
    x = digit(x, s.disconnect_asked, 2)
    x = digit(x, s.short_circuit, 2)
    x = digit(x, s.t_neutral_good, 2)
    x = digit(x, s.t_wait if s.overloads > 0 else 0, 2)
    # A chain of its own: a processor follows both at once.
    y = digit(0, s.t_above, 3)
    y = digit(y, s.t_return, 3)
    y = digit(y, s.t_alive, 3)
    y = digit(y, follows(s), 7)
    y = digit(y, u_side(s), 10)
    y = digit(y, s.t_unknown_b, 4)
    y = digit(y, s.t_step if counts == 1 else 0, 5)
    y = digit(y, s.t_mode if in_service(s) == 1 else s.t_b_closed, 5)
    y = digit(y, s.t_dead, 4)
    y = digit(y, k.t_bus_dead, 3)
    y = digit(y, k.t_silent, 3)
    y = digit(y, k.u_permit + 2 * k.b_permit, 4)
    return x * COUNT_ROOMS + y if x >= 0 and y >= 0 else -1


COUNT_ROOMS = 3 * 3 * 3 * 7 * 10 * 4 * 5 * 5 * 4 * 3 * 3 * 4
"""The product of the rooms of the counts at the end."""
LATER_ROOMS = 4 * 3 * 2 * 2 * 2 * 2 * 2 * 2 * 3 * 2 * 2 * 2 * 2 * 2 * COUNT_ROOMS
"""The product of the rooms of all digits after the tries."""


def first_digits(x):
    """Mode, step, both orders and tries of a meter, as `pack_meter` begins with them."""
    return x // LATER_ROOMS


def unpack_meter(x, s, k):
    """The meter and its interlock as they were; what is not kept is 0, as is every fact until the next scan."""
    k.u_permit = x % 2
    k.b_permit = x // 2 % 2
    x = x // 4
    k.t_silent = x % 3
    x = x // 3
    k.t_bus_dead = x % 3
    x = x // 3
    s.t_dead = x % 4
    x = x // 4
    lasted = x % 5
    x = x // 5
    s.t_step = x % 5
    x = x // 5
    s.t_unknown_b = x % 4
    x = x // 4
    side = x % 10
    x = x // 10
    s.t_unknown_u = side if side < 4 else 0
    s.t_load_side = side - 3 if side > 3 and side < 6 else 0
    s.t_disagrees = side - 5 if side > 5 else 0
    both = x % 7
    x = x // 7
    s.t_follow = both if both < 4 else 0
    s.t_inlet_follow = both - 3 if both > 3 else 0
    s.t_alive = x % 3
    x = x // 3
    s.t_return = x % 3
    x = x // 3
    s.t_above = x % 3
    x = x // 3
    s.t_wait = x % 2
    s.t_neutral_good = x // 2 % 2
    s.short_circuit = x // 4 % 2
    s.disconnect_asked = x // 8 % 2
    s.neutral_doubted = x // 16 % 2
    x = x // 32
    s.harms = x % 3
    x = x // 3
    s.backup_qualified = x % 2
    s.utility_lost = x // 2 % 2
    s.test_left_ticks = HOLD_TICKS * (x // 4 % 2)
    s.hold_left_ticks = HOLD_TICKS * (x // 8 % 2)
    flag = x // 16 % 2
    s.dead_time_ticks = 2 + x // 32 % 2
    x = x // 64
    s.overloads = x % 3
    x = x // 3
    s.fed_by = x % 4
    x = x // 4
    s.tries = x % 3
    x = x // 3
    s.b_order = 1 + x % 2
    x = x // 2
    s.u_order = x % 3
    stand_at(s, x // 3)
    s.t_mode = lasted if in_service(s) == 1 else 0
    s.t_b_closed = lasted if in_service(s) == 0 else 0
    s.latched = CAUSE_NONE
    if s.mode == MODE_LOCKED_OUT:
        s.latched = CAUSE_BACKFEED
    elif s.mode == MODE_BACKUP_BLOCKED:
        s.latched = CAUSE_REVERSE_POWER if flag == 1 else CAUSE_U_DISAGREES
    s.cause = CAUSE_UTILITY_FOLLOWS_BUS if flag == 1 and s.mode == MODE_TO_UTILITY else CAUSE_START
    forget(s, k)


def forget(s, k):
    """What every scan makes anew, or only reports. The beat turns with every scan, so only its silence is kept."""
    k.beat_seen = 0
    forget_rest(s)


def forget_rest(s):
    """Every field that is not kept: what each scan makes anew, or only reports. A test compares with the record."""
    forget_told(s)
    forget_facts(s)
    forget_counts(s)


def forget_told(s):
    """A third of the fields that are not kept, in the order of the record."""
    s.transfers = 0
    s.starts = 1
    s.flaps = 0
    s.journal_lost = 0
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
    s.u_contact = 0
    s.b_contact = 0
    s.bus_live = 0
    s.bus_dead = 0
    s.utility_in_band = 0
    s.utility_dead = 0
    s.inlet_dead = 0
    s.overload = 0
    s.reverse_power = 0
    s.islanded = 0
    s.utility_follows = 0
    s.utility_apart = 0
    s.load_side_source = 0
    s.contact_unknown = 0
    s.u_disagrees = 0
    s.interlock_withholds = 0
    s.disconnect = 0
    s.sense_doubted = 0
    s.reference_lost = 0
    s.utility_harmful = 0
    s.utility_neutral = 0
    s.backup_harm = 0


def forget_facts(s):
    """A third of the fields that are not kept, in the order of the record."""
    s.utility_doubted = 0
    s.bus_doubted = 0
    s.inlet_doubted = 0
    s.current_doubted = 0
    s.turned_down = 0
    s.source_hunts = 0
    s.load_high = 0
    s.ran_dry = 0
    s.engine_may_stop = 0
    s.spd_failed = 0
    s.spd_worn = 0
    s.inlet_follows = 0
    s.above_rating = 0
    s.beat = 0
    s.t_deep = 0
    s.t_low = 0
    s.t_slight = 0
    s.t_over_high = 0
    s.t_over_low = 0
    s.t_legs = 0
    s.t_back = 0
    s.t_slot = 0
    s.t_accept = 0
    s.t_failed = 0
    s.t_collapsed = 0
    s.t_failed_hz = 0
    s.t_overload = 0
    s.t_overload_high = 0
    s.t_reverse = 0
    s.t_island = 0
    s.t_removed = 0
    s.t_unsupplied = 0
    s.t_running = 0
    s.t_flap = 0
    s.t_sense = 0
    s.t_reference = 0


def forget_counts(s):
    """A third of the fields that are not kept, in the order of the record."""
    s.t_inlet_doubt = 0
    s.t_current_doubt = 0
    s.t_neutral_high = 0
    s.t_neutral_low = 0
    s.t_neutral = 0
    s.t_neutral_slow = 0
    s.t_inlet_alive = 0
    s.t_bus_alive = 0
    s.t_backup_legs = 0
    s.t_backup_neutral = 0
    s.t_backup_neutral_slow = 0
    s.t_backup_high = 0
    s.t_backup_low = 0
    s.t_short = 0
    s.t_hot = 0
    s.t_dry = 0
    s.t_hunt = 0
    s.t_cool = 0
    s.t_heat = 0
    s.travel = 0
    s.heat = 0
    s.heat_base = 0
    s.heat_target = 0
    s.swing_low_millihertz = 0
    s.swing_high_millihertz = 0
    s.swing_low_millivolts = 0
    s.swing_high_millivolts = 0
    s.past_low_millihertz = 0
    s.past_high_millihertz = 0
    s.past_low_millivolts = 0
    s.past_high_millivolts = 0
    s.mode_before = 0
    s.events = 0
    s.wake_ticks = 0


def pack_plant(u_poles, u_moving, u_count, b_poles, b_moving, b_count, energised):
    """Contactors: positions, travels, how long travelled; and how long a dead grid has been energised."""
    x = u_poles
    x = x * 3 + u_moving
    x = x * 3 + u_count
    x = x * 4 + b_poles
    x = x * 3 + b_moving
    x = x * 3 + b_count
    return x * ENERGISED_ROOM + energised


def plant_of(key):
    """The part of a state that is not the meter."""
    return key & ((1 << PLANT_BITS) - 1)


def u_poles_of(plant):
    """Poles of U that touch, one bit each."""
    return plant // (9 * 36 * ENERGISED_ROOM)


def u_moving_of(plant):
    """Where U moves (ORDER_...)."""
    return plant // (3 * 36 * ENERGISED_ROOM) % 3


def u_count_of(plant):
    """For how many ticks U has moved."""
    return plant // (36 * ENERGISED_ROOM) % 3


def b_poles_of(plant):
    """Poles of B that touch."""
    return plant // (9 * ENERGISED_ROOM) % 4


def b_moving_of(plant):
    """Where B moves."""
    return plant // (3 * ENERGISED_ROOM) % 3


def b_count_of(plant):
    """For how many ticks B has moved."""
    return plant // ENERGISED_ROOM % 3


def energised_of(plant):
    """For how many ticks in one piece a dead grid has been energised."""
    return plant % ENERGISED_ROOM
