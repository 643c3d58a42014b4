"""Transfer (device 83): turns facts into the next mode and the orders. Core Python.

Open transition only: every way from one source to the other goes through *proved open*, then a dead bus for the
dead time, then the close. Every way into a lockout goes through `block_backup` or `lock_out`.

    ON_UTILITY --utility lost--> DARK --backup qualified--> TO_BACKUP --closed--> ON_BACKUP
         ^                        |  ^                          |                    |
         |                        |  +---- source lost ---------+--------------------+
         +------ closed ------ TO_UTILITY <-- may return --------------------------- +

BACKUP_BLOCKED keeps B open and leaves U free to return; LOCKED_OUT keeps both open until a person resets it.
"""

from bptm.controller.timing import timer
from bptm.terms.core_codes import (
    CAUSE_B_FAILED_TO_CLOSE,
    CAUSE_B_FAILED_TO_OPEN,
    CAUSE_B_WELDED,
    CAUSE_BACKFEED,
    CAUSE_BACKUP_LOST,
    CAUSE_BACKUP_READY,
    CAUSE_CONTACT_DOUBTED,
    CAUSE_CONTACT_UNKNOWN,
    CAUSE_FOLLOWED_REPEATEDLY,
    CAUSE_LOAD_SIDE_SOURCE,
    CAUSE_LOCAL_RESET,
    CAUSE_NONE,
    CAUSE_OVERLOAD,
    CAUSE_OVERLOAD_REPEATED,
    CAUSE_REVERSE_POWER,
    CAUSE_SOURCE_FAILS_UNDER_LOAD,
    CAUSE_SOURCE_REMOVED,
    CAUSE_TRANSFER_DONE,
    CAUSE_U_DISAGREES,
    CAUSE_U_FAILED_TO_CLOSE,
    CAUSE_U_FAILED_TO_OPEN,
    CAUSE_UTILITY_FOLLOWS_BUS,
    CAUSE_UTILITY_LOST,
    CAUSE_UTILITY_RESTORED,
    CONTACT_CLOSED,
    CONTACT_OPEN,
    EVENT_HOLD_RELEASED,
    EVENT_OVERLOAD,
    EVENT_RESET_LOCALLY,
    EVENT_REVERSE_POWER,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_CLOSE,
    ORDER_NONE,
    ORDER_OPEN,
    STEP_CLOSING,
    STEP_DEAD_TIME,
    STEP_OPENING,
)


def enter(s, mode, cause):
    """The one way to change mode: a new mode starts at its first step with no order to close standing."""
    s.mode = mode
    s.cause = cause
    s.step = STEP_OPENING
    s.tries = 0
    s.t_mode = 0
    s.t_step = 0
    s.t_dead = 0
    if s.u_order == ORDER_CLOSE:
        s.u_order = ORDER_NONE
    if mode != MODE_ON_BACKUP:
        s.b_order = ORDER_OPEN


def enter_step(s, step):
    """The next step inside a transfer."""
    s.step = step
    s.tries = 0
    s.t_step = 0
    s.t_dead = 0


def block_backup(s, p, cause):
    """The one way into BACKUP_BLOCKED: B open, U free to return after the longer dead time."""
    enter(s, MODE_BACKUP_BLOCKED, cause)
    s.dead_time_ticks = p.dead_time_motor_ticks
    s.u_order = ORDER_NONE
    s.latched = cause


def lock_out(s, cause):
    """The one way into LOCKED_OUT: both open, until a person resets it at the meter."""
    enter(s, MODE_LOCKED_OUT, cause)
    s.u_order = ORDER_OPEN
    s.latched = cause


def draw_slot(s, p):
    """A new local random delay for the next return, the same for the same seed. 0 for a medical home."""
    s.slot_draw = (s.slot_draw * 75 + 74) % 65537
    s.slot_ticks = 0
    if p.medical == 0:
        s.slot_ticks = s.slot_draw * p.slot_window_ticks // 65537


def may_return(s, p):
    """1 when the utility may be returned to: steady, slot open, not held.

    A backup source that has failed shortens the steady time, and nothing else.
    """
    steady_ticks = p.return_ticks
    if s.backup_qualified == 0 and p.return_bypass_ticks < p.return_ticks:
        steady_ticks = p.return_bypass_ticks
    if s.t_return < steady_ticks or s.t_slot < s.slot_ticks:
        return 0
    return 1 if s.hold_left_ticks == 0 else 0


def count_dead_time(s, ticks):
    """Counts how long the bus has been dead with what fed it proved open.

    Counted in every scan, never only where it is asked for: a stride would otherwise be counted whole where
    single ticks count one.
    """
    counts = 0
    if (s.mode == MODE_TO_BACKUP or s.mode == MODE_TO_UTILITY) and s.step == STEP_DEAD_TIME:
        counts = s.bus_dead
    elif s.mode == MODE_BACKUP_BLOCKED and s.u_order != ORDER_CLOSE and s.b_contact == CONTACT_OPEN:
        counts = s.bus_dead
    s.t_dead = timer(s, counts, s.t_dead, s.dead_time_ticks, ticks)


def dead_long_enough(s):
    """1 when the bus has been dead for the whole dead time."""
    return 1 if s.t_dead >= s.dead_time_ticks else 0


def choose_dead_time(s, m, p):
    """Longer after motor load, whose residual voltage must die first."""
    s.dead_time_ticks = p.dead_time_ticks
    if m.premise_w > p.motor_w:
        s.dead_time_ticks = p.dead_time_motor_ticks


def on_utility(s, m, p, ticks):
    """U closed. Leaves for DARK on loss; any doubt about a contact ends the use of the backup."""
    if s.b_contact == CONTACT_CLOSED:
        lock_out(s, CAUSE_B_WELDED)
    elif s.contact_unknown == 1:
        block_backup(s, p, CAUSE_CONTACT_DOUBTED)
    elif s.u_contact == CONTACT_OPEN or s.u_disagrees == 1:
        block_backup(s, p, CAUSE_U_DISAGREES)
    elif s.utility_lost == 1:
        enter(s, MODE_DARK, CAUSE_UTILITY_LOST)
        draw_slot(s, p)


def dark(s, m, p, ticks):
    """No source feeds the premise. U may be closed (never opened without a backup) or open; B is open."""
    s.t_wait = timer(s, 1, s.t_wait, p.overload_wait_ticks, ticks)
    if s.t_b_closed >= p.contact_ticks:
        lock_out(s, CAUSE_B_WELDED)
    elif s.contact_unknown == 1:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.u_disagrees == 1:
        block_backup(s, p, CAUSE_U_DISAGREES)
    elif s.u_contact == CONTACT_CLOSED and s.utility_lost == 0 and s.bus_live == 1:
        s.u_order = ORDER_NONE
        enter(s, MODE_ON_UTILITY, CAUSE_UTILITY_RESTORED)
    elif s.u_contact == CONTACT_OPEN and may_return(s, p) == 1 and m.stored_energy_ok == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_RESTORED)
    elif s.backup_qualified == 1 and m.stored_energy_ok == 1 and (s.utility_lost == 1 or s.u_contact == CONTACT_OPEN):
        if s.overloads == 0 or s.t_wait >= p.overload_wait_ticks:
            choose_dead_time(s, m, p)
            enter(s, MODE_TO_BACKUP, CAUSE_BACKUP_READY)


def to_backup(s, m, p, ticks):
    """U is ordered open, proved open, the bus dead for the dead time, then B is ordered closed."""
    s.t_step = timer(s, 1, s.t_step, p.contact_ticks, ticks)
    if s.step == STEP_OPENING:
        if s.b_contact == CONTACT_CLOSED:
            lock_out(s, CAUSE_B_WELDED)
        elif s.u_contact == CONTACT_OPEN:
            s.u_order = ORDER_NONE
            enter_step(s, STEP_DEAD_TIME)
        elif s.utility_lost == 0 and s.u_contact == CONTACT_CLOSED and s.tries == 0:
            enter(s, MODE_DARK, CAUSE_UTILITY_RESTORED)
        elif s.tries == 0 or s.t_step >= p.contact_ticks:
            if s.tries >= p.contact_tries:
                block_backup(s, p, CAUSE_U_FAILED_TO_OPEN)
            else:
                s.u_order = ORDER_OPEN
                s.tries += 1
                s.t_step = 0
    elif s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.backup_qualified == 0:
        enter(s, MODE_DARK, CAUSE_BACKUP_LOST)
    elif s.step == STEP_DEAD_TIME:
        if s.b_contact == CONTACT_CLOSED:
            lock_out(s, CAUSE_B_WELDED)
        elif s.load_side_source == 1:
            block_backup(s, p, CAUSE_LOAD_SIDE_SOURCE)
        elif dead_long_enough(s) == 1 and m.stored_energy_ok == 1:
            s.b_order = ORDER_CLOSE
            enter_step(s, STEP_CLOSING)
    elif s.b_contact == CONTACT_CLOSED:
        s.transfers += 1
        enter(s, MODE_ON_BACKUP, CAUSE_TRANSFER_DONE)
    elif s.t_step >= p.contact_ticks:
        block_backup(s, p, CAUSE_B_FAILED_TO_CLOSE)


def end_trial(s, p, cause, cause_repeated):
    """B opens; after a wait it is tried again, and after `overload_trials` trials no more."""
    s.overloads += 1
    s.t_wait = 0
    if s.overloads > p.overload_trials:
        block_backup(s, p, cause_repeated)
    else:
        enter(s, MODE_DARK, cause)


def on_backup(s, m, p, ticks):
    """B closed, U proved open. Leaves on any doubt, on loss, on overload, and when the utility may be returned to."""
    if s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.utility_follows == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_FOLLOWS_BUS)
    elif s.reverse_power == 1:
        s.events |= 1 << EVENT_REVERSE_POWER
        block_backup(s, p, CAUSE_REVERSE_POWER)
    elif s.overload == 1:
        s.events |= 1 << EVENT_OVERLOAD
        end_trial(s, p, CAUSE_OVERLOAD, CAUSE_OVERLOAD_REPEATED)
    elif s.backup_qualified == 0 or s.b_contact == CONTACT_OPEN:
        # A source that fails just after it took the home would be tried for ever: each counts as a trial.
        if s.t_mode < p.trial_ticks:
            end_trial(s, p, CAUSE_BACKUP_LOST, CAUSE_SOURCE_FAILS_UNDER_LOAD)
        else:
            enter(s, MODE_DARK, CAUSE_BACKUP_LOST)
    elif s.contact_unknown == 1:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif may_return(s, p) == 1 and m.stored_energy_ok == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_RESTORED)


def to_utility(s, m, p, ticks):
    """B is dropped, proved open, the bus dead for the dead time, then U is ordered closed."""
    limit_ticks = p.contact_ticks
    if s.step == STEP_DEAD_TIME:
        limit_ticks = p.follow_watch_ticks
    s.t_step = timer(s, 1, s.t_step, limit_ticks, ticks)
    if s.step == STEP_OPENING:
        if s.b_contact == CONTACT_OPEN:
            enter_step(s, STEP_DEAD_TIME)
        elif s.t_step >= p.contact_ticks:
            lock_out(s, CAUSE_B_FAILED_TO_OPEN)
    elif s.b_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_B_WELDED)
    elif s.step == STEP_DEAD_TIME:
        if s.cause == CAUSE_UTILITY_FOLLOWS_BUS and s.t_step < p.follow_watch_ticks:
            # A returning grid stays alive when B opens; what came through a welded pole falls with the bus.
            if m.utility_l1_v < p.live_v and m.utility_l2_v < p.live_v:
                lock_out(s, CAUSE_BACKFEED)
        elif s.cause == CAUSE_UTILITY_FOLLOWS_BUS and may_return(s, p) == 0:
            end_trial(s, p, CAUSE_UTILITY_FOLLOWS_BUS, CAUSE_FOLLOWED_REPEATEDLY)
        elif s.u_contact == CONTACT_CLOSED:
            lock_out(s, CAUSE_CONTACT_UNKNOWN)
        elif s.utility_in_band == 0 or s.hold_left_ticks > 0:
            enter(s, MODE_DARK, CAUSE_UTILITY_LOST)
        elif dead_long_enough(s) == 1 and m.stored_energy_ok == 1:
            s.u_order = ORDER_CLOSE
            s.tries = 1
            s.step = STEP_CLOSING
            s.t_step = 0
    elif s.u_contact == CONTACT_CLOSED:
        s.u_order = ORDER_NONE
        enter(s, MODE_ON_UTILITY, CAUSE_TRANSFER_DONE)
    elif s.t_step >= p.contact_ticks:
        if s.tries >= p.contact_tries:
            lock_out(s, CAUSE_U_FAILED_TO_CLOSE)
        else:
            s.tries += 1
            s.t_step = 0


def backup_blocked(s, m, p, ticks):
    """B stays open. U may close onto a dead bus when the utility is good. A cause that went with the source clears."""
    if s.t_b_closed >= p.contact_ticks:
        lock_out(s, CAUSE_B_WELDED)
    elif m.local_reset == 1 and s.b_contact == CONTACT_OPEN:
        clear_latch(s, CAUSE_LOCAL_RESET)
        s.events |= 1 << EVENT_RESET_LOCALLY
    elif s.t_removed >= p.removed_ticks and (
        s.latched == CAUSE_OVERLOAD_REPEATED
        or s.latched == CAUSE_FOLLOWED_REPEATEDLY
        or s.latched == CAUSE_SOURCE_FAILS_UNDER_LOAD
        or s.latched == CAUSE_REVERSE_POWER
        or s.latched == CAUSE_LOAD_SIDE_SOURCE
        or s.latched == CAUSE_B_FAILED_TO_CLOSE
    ):
        clear_latch(s, CAUSE_SOURCE_REMOVED)
    elif s.u_order == ORDER_CLOSE:
        s.t_step = timer(s, 1, s.t_step, p.contact_ticks, ticks)
        if s.bus_live == 1:
            s.u_order = ORDER_NONE
            s.tries = 0
            s.t_dead = 0
        elif s.t_step >= p.contact_ticks:
            s.u_order = ORDER_NONE
            s.t_dead = 0
            if s.tries >= p.contact_tries:
                lock_out(s, CAUSE_U_FAILED_TO_CLOSE)
    elif may_return(s, p) == 1 and s.b_contact == CONTACT_OPEN:
        if dead_long_enough(s) == 1 and m.stored_energy_ok == 1:
            s.u_order = ORDER_CLOSE
            s.tries += 1
            s.t_step = 0


def clear_latch(s, cause):
    """Ends a lockout: the mode follows from what is read, through DARK."""
    s.latched = CAUSE_NONE
    s.overloads = 0
    enter(s, MODE_DARK, cause)


def locked_out(s, m, p, ticks):
    """Both ordered open, until a person resets it at the meter with both read open, or U closed and B open."""
    s.u_order = ORDER_OPEN
    if m.local_reset == 1 and s.b_contact == CONTACT_OPEN:
        s.u_order = ORDER_NONE
        clear_latch(s, CAUSE_LOCAL_RESET)
        s.events |= 1 << EVENT_RESET_LOCALLY


def decide(s, m, p, ticks):
    """One scan of the transfer function: at most one change of mode."""
    s.t_mode = timer(s, 1, s.t_mode, p.trial_ticks, ticks)
    if s.t_mode < p.dip_mask_ticks and p.dip_mask_ticks - s.t_mode < s.wake_ticks:
        s.wake_ticks = p.dip_mask_ticks - s.t_mode
    if s.hold_left_ticks > 0:
        s.hold_left_ticks = s.hold_left_ticks - ticks
        released = 0
        if s.hold_left_ticks <= 0 or (p.medical == 1 and s.bus_dead == 1):
            s.hold_left_ticks = 0
            released = 1
        elif s.hold_left_ticks < s.wake_ticks:
            s.wake_ticks = s.hold_left_ticks
        if released == 1:
            s.events |= 1 << EVENT_HOLD_RELEASED
    if s.t_removed >= p.removed_ticks and s.latched == CAUSE_NONE:
        s.overloads = 0
    count_dead_time(s, ticks)
    # A contactor that was just dropped takes its time to read open; only one that stays is welded.
    dropped = 1 if s.mode == MODE_DARK or s.mode == MODE_BACKUP_BLOCKED else 0
    still_closed = 1 if dropped == 1 and s.b_contact == CONTACT_CLOSED else 0
    s.t_b_closed = timer(s, still_closed, s.t_b_closed, p.contact_ticks, ticks)
    if s.mode == MODE_ON_UTILITY:
        on_utility(s, m, p, ticks)
    elif s.mode == MODE_DARK:
        dark(s, m, p, ticks)
    elif s.mode == MODE_TO_BACKUP:
        to_backup(s, m, p, ticks)
    elif s.mode == MODE_ON_BACKUP:
        on_backup(s, m, p, ticks)
    elif s.mode == MODE_TO_UTILITY:
        to_utility(s, m, p, ticks)
    elif s.mode == MODE_BACKUP_BLOCKED:
        backup_blocked(s, m, p, ticks)
    elif s.mode == MODE_LOCKED_OUT:
        locked_out(s, m, p, ticks)
