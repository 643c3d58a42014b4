"""One state of the search as one whole number, and back. Core Python.

Only what the next tick can depend on is kept. What no branch reads in a mode is set to one value first, so that
states that behave alike are one state; a test compares behaviour before and after.
"""

from bptm.terms.core_codes import (
    CAUSE_BACKFEED,
    CAUSE_CONTACT_DOUBTED,
    CAUSE_NONE,
    CAUSE_REVERSE_POWER,
    CAUSE_START,
    CAUSE_U_DISAGREES,
    CAUSE_U_FAILED_TO_OPEN,
    CAUSE_UTILITY_FOLLOWS_BUS,
    MODE_BACKUP_BLOCKED,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
)

HOLD_TICKS = 7200


def goes_with_source(cause):
    """1 for a block that ends when the source is taken away."""
    if cause == CAUSE_U_FAILED_TO_OPEN or cause == CAUSE_U_DISAGREES or cause == CAUSE_CONTACT_DOUBTED:
        return 0
    return 1


def pack_meter(s, k):
    """Everything of the meter and its interlock."""
    moving = 1 if s.mode == MODE_TO_BACKUP or s.mode == MODE_TO_UTILITY else 0
    counts = 1 if moving == 1 or s.mode == MODE_BACKUP_BLOCKED else 0
    x = s.mode
    x = x * 4 + (s.step if moving == 1 else 0)
    x = x * 4 + s.u_order
    x = x * 2 + s.b_order - 1
    x = x * 4 + s.fed_by
    x = x * 4 + s.overloads
    x = x * 4 + (s.tries if counts == 1 else 0)
    x = x * 2 + (s.dead_time_ticks - 2 if counts == 1 else 0)
    x = x * 2 + (1 if s.mode == MODE_TO_UTILITY and s.cause == CAUSE_UTILITY_FOLLOWS_BUS else 0)
    x = x * 2 + (1 if s.mode == MODE_BACKUP_BLOCKED and goes_with_source(s.latched) == 1 else 0)
    x = x * 2 + (1 if s.hold_left_ticks > 0 else 0)
    x = x * 2 + s.utility_lost
    x = x * 2 + s.backup_qualified
    x = x * 4 + s.t_return
    x = x * 4 + s.t_alive
    x = x * 4 + s.t_follow
    x = x * 4 + s.t_unknown_u
    x = x * 4 + s.t_unknown_b
    x = x * 4 + s.t_load_side
    x = x * 8 + s.t_disagrees
    x = x * 8 + (s.t_step if counts == 1 else 0)
    x = x * 8 + (s.t_mode if s.mode == MODE_ON_BACKUP else s.t_b_closed)
    x = x * 4 + (s.t_dead if counts == 1 else 0)
    x = x * 4 + k.t_bus_dead
    x = x * 2 + k.u_permit
    x = x * 2 + k.b_permit
    return x


def unpack_meter(x, s, k):
    """The meter and its interlock as they were; what is not kept is 0, as is every fact until the next scan."""
    k.b_permit = x & 1
    k.u_permit = (x >> 1) & 1
    k.t_bus_dead = (x >> 2) & 3
    s.t_dead = (x >> 4) & 3
    s.mode = x >> 44
    # One place for two counts, of which each mode has at most one.
    s.t_mode = (x >> 6) & 7 if s.mode == MODE_ON_BACKUP else 0
    s.t_b_closed = (x >> 6) & 7 if s.mode != MODE_ON_BACKUP else 0
    s.t_step = (x >> 9) & 7
    s.t_disagrees = (x >> 12) & 7
    s.t_load_side = (x >> 15) & 3
    s.t_unknown_b = (x >> 17) & 3
    s.t_unknown_u = (x >> 19) & 3
    s.t_follow = (x >> 21) & 3
    s.t_alive = (x >> 23) & 3
    s.t_return = (x >> 25) & 3
    s.backup_qualified = (x >> 27) & 1
    s.utility_lost = (x >> 28) & 1
    s.hold_left_ticks = HOLD_TICKS * ((x >> 29) & 1)
    s.latched = CAUSE_NONE
    if s.mode == MODE_LOCKED_OUT:
        s.latched = CAUSE_BACKFEED
    elif s.mode == MODE_BACKUP_BLOCKED:
        s.latched = CAUSE_REVERSE_POWER if (x >> 30) & 1 == 1 else CAUSE_U_DISAGREES
    s.cause = CAUSE_UTILITY_FOLLOWS_BUS if (x >> 31) & 1 == 1 else CAUSE_START
    s.dead_time_ticks = 2 + ((x >> 32) & 1)
    s.tries = (x >> 33) & 3
    s.overloads = (x >> 35) & 3
    s.fed_by = (x >> 37) & 3
    s.b_order = 1 + ((x >> 39) & 1)
    s.u_order = (x >> 40) & 3
    s.step = (x >> 42) & 3
    forget(s)


def forget(s):
    """What every scan makes anew, or only reports."""
    s.starts = 1
    s.transfers = 0
    s.slot_draw = 0
    s.slot_ticks = 0
    s.t_slot = 0
    s.t_running = 0
    s.t_deep = 0
    s.t_low = 0
    s.t_slight = 0
    s.t_over_high = 0
    s.t_over_low = 0
    s.t_legs = 0
    s.t_back = 0
    s.t_accept = 0
    s.t_failed = 0
    s.t_collapsed = 0
    s.t_failed_hz = 0
    s.t_overload = 0
    s.t_overload_high = 0
    s.t_reverse = 0
    s.t_removed = 0
    s.t_unsupplied = 0
    s.t_wait = 0
    s.interlock_withholds = 0
    s.u_contact = 0
    s.b_contact = 0
    s.utility_in_band = 0
    s.utility_in_mwticks = 0
    s.utility_out_mwticks = 0
    s.backup_in_mwticks = 0
    s.backup_out_mwticks = 0
    s.unassigned_mwticks = 0


def pack_plant(u_poles, u_moving, u_count, b_poles, b_moving, b_count, energised):
    """Contactors: positions, travels, how long travelled; and how long a dead grid has been energised."""
    x = u_poles
    x = x * 4 + u_moving
    x = x * 4 + u_count
    x = x * 4 + b_poles
    x = x * 4 + b_moving
    x = x * 4 + b_count
    return x * 16 + energised


PLANT_BITS = 16
