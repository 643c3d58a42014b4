"""Transfer (device 83): turns facts into the next mode and the orders. Core Python.

Open transition only: every way from one source to the other goes through *proved open*, then a dead bus for the
dead time, then the close. The ways themselves are in `ways`; the modes that stand apart from the two sources
(BACKUP_BLOCKED, LOCKED_OUT, TEST, DISCONNECTED) in `apart`.

    ON_UTILITY --utility lost--> DARK --backup qualified--> TO_BACKUP --closed--> ON_BACKUP
         ^                        |  ^                          |                    |
         |                        |  +---- source lost ---------+--------------------+
         +------ closed ------ TO_UTILITY <-- may return --------------------------- +

The whole diagram, made from this source, is docs/reference/state-diagram.md.
"""

from bptm.controller.apart import backup_blocked, disconnected, locked_out, testing
from bptm.controller.timing import plus_one, timer
from bptm.controller.ways import (
    OPENING_FAILED,
    OPENING_PROVED,
    block_backup,
    choose_dead_time,
    count_dead_time,
    dead_long_enough,
    draw_slot,
    end_trial,
    enter,
    enter_step,
    lock_out,
    may_return,
    may_try,
    order_open,
)
from bptm.terms.core_codes import (
    CAUSE_B_FAILED_TO_CLOSE,
    CAUSE_B_FAILED_TO_OPEN,
    CAUSE_B_WELDED,
    CAUSE_BACKFEED,
    CAUSE_BACKUP_LOST,
    CAUSE_BACKUP_READY,
    CAUSE_CONTACT_DOUBTED,
    CAUSE_CONTACT_UNKNOWN,
    CAUSE_DISCONNECT_ASKED,
    CAUSE_FOLLOWED_REPEATEDLY,
    CAUSE_HARM_REPEATED,
    CAUSE_LOAD_SIDE_SOURCE,
    CAUSE_NONE,
    CAUSE_OVERLOAD,
    CAUSE_OVERLOAD_REPEATED,
    CAUSE_PREMISE_NEUTRAL,
    CAUSE_REVERSE_POWER,
    CAUSE_SOURCE_FAILS_UNDER_LOAD,
    CAUSE_TEST_ASKED,
    CAUSE_TRANSFER_DONE,
    CAUSE_U_DISAGREES,
    CAUSE_U_FAILED_TO_CLOSE,
    CAUSE_U_FAILED_TO_OPEN,
    CAUSE_UTILITY_FOLLOWS_BUS,
    CAUSE_UTILITY_HARMFUL,
    CAUSE_UTILITY_LOST,
    CAUSE_UTILITY_RESTORED,
    CONTACT_CLOSED,
    CONTACT_OPEN,
    EVENT_FLAP_HOLD,
    EVENT_HOLD_RELEASED,
    EVENT_OVERLOAD,
    EVENT_REVERSE_POWER,
    EVENT_U_OPENED_DARK,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_DISCONNECTED,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_CLOSE,
    ORDER_NONE,
    STEP_CLOSING,
    STEP_DEAD_TIME,
    STEP_OPENING,
)


def count_flap(s, p):
    """Counts this loss of the utility: one soon after the one before adds to it, a late one begins anew."""
    if s.t_flap < p.flap_window_ticks:
        if s.flaps < p.flap_count:
            s.flaps += 1
            if s.flaps == p.flap_count:
                s.events |= 1 << EVENT_FLAP_HOLD
    else:
        s.flaps = 1
    s.t_flap = 0


def may_test(s, m, p):
    """1 when a person at the meter asks for a test and the utility would be returned to at once after it."""
    if m.local_test == 0 or m.stored_energy_ok == 0 or s.bus_live == 0 or s.b_contact != CONTACT_OPEN:
        return 0
    return may_return(s, p)


def on_utility(s, m, p, ticks):
    """U closed. Leaves for DARK on loss or harm; any doubt about a contact ends the use of the backup.

    A utility that has stood here for `trial_ticks` does no harm any more, and one that was not lost for
    `flap_window_ticks` does not flap.
    """
    if s.t_mode >= p.trial_ticks:
        s.harms = 0
    if s.t_flap >= p.flap_window_ticks:
        s.flaps = 0
    if s.b_contact == CONTACT_CLOSED or s.inlet_follows == 1:
        lock_out(s, CAUSE_B_WELDED)
    elif s.contact_unknown == 1:
        block_backup(s, p, CAUSE_CONTACT_DOUBTED)
    elif s.u_contact == CONTACT_OPEN or s.u_disagrees == 1:
        block_backup(s, p, CAUSE_U_DISAGREES)
    elif s.utility_harmful == 1:
        s.harms = plus_one(s.harms)
        if s.harms > p.harm_trials:
            lock_out(s, CAUSE_HARM_REPEATED)
        else:
            enter(s, MODE_DARK, CAUSE_UTILITY_HARMFUL)
            draw_slot(s, p)
    elif s.utility_lost == 1:
        count_flap(s, p)
        enter(s, MODE_DARK, CAUSE_UTILITY_LOST)
        draw_slot(s, p)
    elif s.disconnect == 1:
        enter(s, MODE_DISCONNECTED, CAUSE_DISCONNECT_ASKED)
    elif may_test(s, m, p) == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TEST, CAUSE_TEST_ASKED)


def must_open(s, m, p):
    """1 when U has to open in the dark, with no backup there.

    The utility does harm, the premises feed it though it is lost (LAW-14), or the settings ask for it: never for a staged return in a medical home, and never without the energy to close again.
    """
    if s.u_contact != CONTACT_CLOSED or m.stored_energy_ok == 0:
        return 0
    if s.utility_harmful == 1 or s.islanded == 1:
        return 1
    if p.opens_in_dark == 0 or p.medical == 1 or s.utility_lost == 0:
        return 0
    return 1 if s.t_mode >= p.dark_open_ticks else 0


def dark(s, m, p, ticks):
    """No source feeds the premise. U may be closed or open; B is open. An opening of U that was begun is finished."""
    s.t_wait = timer(s, 1, s.t_wait, p.overload_wait_ticks, ticks)
    if s.t_b_closed >= p.contact_ticks or s.inlet_follows == 1:
        lock_out(s, CAUSE_B_WELDED)
    elif s.contact_unknown == 1:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.u_disagrees == 1:
        block_backup(s, p, CAUSE_U_DISAGREES)
    elif s.tries > 0:
        opening = order_open(s, p, ticks)
        if opening == OPENING_PROVED:
            s.tries = 0
            s.events |= 1 << EVENT_U_OPENED_DARK
        elif opening == OPENING_FAILED:
            block_backup(s, p, CAUSE_U_FAILED_TO_OPEN)
    elif s.disconnect == 1:
        enter(s, MODE_DISCONNECTED, CAUSE_DISCONNECT_ASKED)
    elif s.u_contact == CONTACT_CLOSED and s.utility_lost == 0 and s.utility_harmful == 0 and s.bus_live == 1:
        s.u_order = ORDER_NONE
        enter(s, MODE_ON_UTILITY, CAUSE_UTILITY_RESTORED)
    elif s.u_contact == CONTACT_OPEN and may_return(s, p) == 1 and m.stored_energy_ok == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_RESTORED)
    elif (
        s.backup_qualified == 1
        and m.stored_energy_ok == 1
        and may_try(s, p) == 1
        and (s.utility_lost == 1 or s.utility_harmful == 1 or s.u_contact == CONTACT_OPEN)
    ):
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_BACKUP, CAUSE_BACKUP_READY)
    elif must_open(s, m, p) == 1:
        order_open(s, p, ticks)


def take_over(s):
    """B is proved closed: the backup feeds the premise."""
    s.transfers = plus_one(s.transfers)
    enter(s, MODE_ON_BACKUP, CAUSE_TRANSFER_DONE)


def to_backup(s, m, p, ticks):
    """U is ordered open, proved open, the bus dead for the dead time, then B is ordered closed.

    A B that closes onto a short circuit may carry it before its feedback says so: only a U that no longer reads open
    takes its order back while the current is above its breaking rating (LAW-15).
    """
    if s.step != STEP_OPENING:
        s.t_step = timer(s, 1, s.t_step, p.contact_ticks, ticks)
    if s.step == STEP_CLOSING and s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.step == STEP_CLOSING and s.above_rating == 1:
        if s.b_contact == CONTACT_CLOSED:
            take_over(s)
    elif s.disconnect == 1 and p.disconnect_to_backup == 0:
        enter(s, MODE_DISCONNECTED, CAUSE_DISCONNECT_ASKED)
    elif s.step == STEP_OPENING:
        if s.b_contact == CONTACT_CLOSED:
            lock_out(s, CAUSE_B_WELDED)
        elif s.utility_lost == 0 and s.utility_harmful == 0 and s.u_contact == CONTACT_CLOSED and s.tries == 0:
            enter(s, MODE_DARK, CAUSE_UTILITY_RESTORED)
        else:
            opening = order_open(s, p, ticks)
            if opening == OPENING_PROVED:
                enter_step(s, STEP_DEAD_TIME)
            elif opening == OPENING_FAILED:
                block_backup(s, p, CAUSE_U_FAILED_TO_OPEN)
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
        take_over(s)
    elif s.t_step >= p.contact_ticks:
        block_backup(s, p, CAUSE_B_FAILED_TO_CLOSE)


def leave_backup(s, m, p, ticks):
    """Everything for which a home that runs on its backup stops doing so, lineworkers' danger apart."""
    if s.backup_harm == CAUSE_PREMISE_NEUTRAL:
        lock_out(s, CAUSE_PREMISE_NEUTRAL)
    elif s.backup_harm != CAUSE_NONE:
        block_backup(s, p, s.backup_harm)
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
    elif s.disconnect == 1 and p.disconnect_to_backup == 0:
        enter(s, MODE_DISCONNECTED, CAUSE_DISCONNECT_ASKED)
    elif may_return(s, p) == 1 and m.stored_energy_ok == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_RESTORED)


def on_backup(s, m, p, ticks):
    """B closed, U proved open. A U that no longer reads open, or a utility that follows the bus, opens B at once.

    Everything else waits while the current is above the breaking rating: fuse or breaker comes first (LAW-15).
    """
    if s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.utility_follows == 1:
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_FOLLOWS_BUS)
    elif s.above_rating == 0:
        leave_backup(s, m, p, ticks)


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
            if s.utility_apart == 1:
                s.t_step = p.follow_watch_ticks
            elif m.utility_l1_v < p.live_v and m.utility_l2_v < p.live_v:
                lock_out(s, CAUSE_BACKFEED)
        elif s.cause == CAUSE_UTILITY_FOLLOWS_BUS and may_return(s, p) == 0:
            end_trial(s, p, CAUSE_UTILITY_FOLLOWS_BUS, CAUSE_FOLLOWED_REPEATEDLY)
        elif s.u_contact == CONTACT_CLOSED:
            lock_out(s, CAUSE_CONTACT_UNKNOWN)
        elif s.u_disagrees == 1:
            block_backup(s, p, CAUSE_U_DISAGREES)
        elif s.disconnect == 1:
            enter(s, MODE_DISCONNECTED, CAUSE_DISCONNECT_ASKED)
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


def count_down(s, p, ticks):
    """Times that run in every mode: the hold, a test on load, flapping, the dip mask and the opening in the dark."""
    s.t_mode = timer(s, 1, s.t_mode, p.trial_ticks, ticks)
    if s.t_mode < p.dip_mask_ticks and p.dip_mask_ticks - s.t_mode < s.wake_ticks:
        s.wake_ticks = p.dip_mask_ticks - s.t_mode
    if s.t_mode < p.dark_open_ticks and p.dark_open_ticks - s.t_mode < s.wake_ticks:
        s.wake_ticks = p.dark_open_ticks - s.t_mode
    s.t_flap = timer(s, 1, s.t_flap, p.flap_window_ticks, ticks)
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
    if s.test_left_ticks > 0:
        # A test on load ends with the mode that it made.
        s.test_left_ticks = s.test_left_ticks - ticks
        if s.test_left_ticks < 0 or (s.mode != MODE_TO_BACKUP and s.mode != MODE_ON_BACKUP):
            s.test_left_ticks = 0
        elif s.test_left_ticks > 0 and s.test_left_ticks < s.wake_ticks:
            s.wake_ticks = s.test_left_ticks


def judge_current(s, m, p, ticks):
    """`above_rating` (LAW-15): more current than the contactor that carries it may break.

    With both read open one of them carries it all the same, a B that is closing or one that lies: the lower rating
    counts. It stands for `fault_wait_ticks` at most: by then fuse or breaker has opened, or the reading is wrong.
    """
    limit_a = p.b_breaking_a
    if s.b_contact == CONTACT_OPEN and s.u_contact != CONTACT_OPEN:
        limit_a = p.u_breaking_a
    above = 1 if m.l1_a > limit_a or m.l2_a > limit_a else 0
    s.t_above = timer(s, above, s.t_above, p.fault_wait_ticks, ticks)
    s.above_rating = 1 if above == 1 and s.t_above < p.fault_wait_ticks else 0


def decide(s, m, p, ticks):
    """One scan of the transfer function: at most one change of mode."""
    s.disconnect = 1 if s.disconnect_asked == 1 or m.local_disconnect == 1 else 0
    count_down(s, p, ticks)
    judge_current(s, m, p, ticks)
    if s.t_removed >= p.removed_ticks and s.latched == CAUSE_NONE:
        s.overloads = 0
    count_dead_time(s, ticks)
    # A contactor that was just dropped takes its time to read open; only one that stays is welded.
    dropped = 1 if s.mode == MODE_DARK or s.mode == MODE_BACKUP_BLOCKED or s.mode == MODE_DISCONNECTED else 0
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
    elif s.mode == MODE_TEST:
        testing(s, m, p, ticks)
    elif s.mode == MODE_DISCONNECTED:
        disconnected(s, m, p, ticks)
