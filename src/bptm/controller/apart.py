"""The modes that stand apart from the two sources: the lockouts (86), the test and the disconnected service.

Core Python. None of them closes B; BACKUP_BLOCKED alone may close U, onto a dead bus.
"""

from bptm.controller.timing import plus_one, timer
from bptm.controller.ways import (
    OPENING_FAILED,
    OPENING_PROVED,
    block_backup,
    choose_dead_time,
    clear_latch,
    dead_long_enough,
    enter,
    enter_step,
    lock_out,
    may_return,
    may_try,
    order_open,
)
from bptm.terms.core_codes import (
    CAUSE_B_FAILED_TO_CLOSE,
    CAUSE_B_WELDED,
    CAUSE_BACKUP_LEGS_WRONG,
    CAUSE_BACKUP_NEUTRAL,
    CAUSE_BACKUP_OVERVOLTAGE,
    CAUSE_BACKUP_READY,
    CAUSE_CONTACT_UNKNOWN,
    CAUSE_FOLLOWED_REPEATEDLY,
    CAUSE_HARM_REPEATED,
    CAUSE_INLET_HOT,
    CAUSE_INLET_UNMATED,
    CAUSE_LOAD_SIDE_SOURCE,
    CAUSE_LOCAL_RESET,
    CAUSE_OVERLOAD_REPEATED,
    CAUSE_RECONNECT_ASKED,
    CAUSE_REVERSE_POWER,
    CAUSE_SOURCE_FAILS_UNDER_LOAD,
    CAUSE_SOURCE_REMOVED,
    CAUSE_TEST_FAILED,
    CAUSE_TEST_PASSED,
    CAUSE_U_FAILED_TO_CLOSE,
    CAUSE_U_FAILED_TO_OPEN,
    CONTACT_OPEN,
    EVENT_RESET_LOCALLY,
    EVENT_TEST_PASSED,
    MODE_DARK,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_CLOSE,
    ORDER_NONE,
    ORDER_OPEN,
    STEP_DEAD_TIME,
    STEP_OPENING,
)


def went_with_source(cause):
    """1 for a block whose cause is gone once the source has been stopped or unplugged."""
    if cause == CAUSE_OVERLOAD_REPEATED or cause == CAUSE_FOLLOWED_REPEATEDLY or cause == CAUSE_SOURCE_FAILS_UNDER_LOAD:
        return 1
    if cause == CAUSE_REVERSE_POWER or cause == CAUSE_LOAD_SIDE_SOURCE or cause == CAUSE_B_FAILED_TO_CLOSE:
        return 1
    if cause == CAUSE_BACKUP_LEGS_WRONG or cause == CAUSE_BACKUP_NEUTRAL or cause == CAUSE_BACKUP_OVERVOLTAGE:
        return 1
    return 1 if cause == CAUSE_INLET_HOT or cause == CAUSE_INLET_UNMATED else 0


def backup_blocked(s, m, p, ticks):
    """B stays open. U may close onto a dead bus when the utility is good. A cause that went with the source clears."""
    apart = 1 if s.disconnect == 1 or s.utility_harmful == 1 or s.islanded == 1 else 0
    if s.t_b_closed >= p.contact_ticks or s.inlet_follows == 1:
        lock_out(s, CAUSE_B_WELDED)
    elif m.local_reset == 1 and s.b_contact == CONTACT_OPEN:
        clear_latch(s, CAUSE_LOCAL_RESET)
        s.events |= 1 << EVENT_RESET_LOCALLY
    elif s.t_removed >= p.removed_ticks and went_with_source(s.latched) == 1:
        clear_latch(s, CAUSE_SOURCE_REMOVED)
    elif apart == 1 and s.u_order != ORDER_OPEN:
        # Above its breaking rating a contactor is not opened: fuse or breaker comes first (LAW-15).
        if s.above_rating == 0:
            if s.utility_harmful == 1:
                s.harms = plus_one(s.harms)
            if s.utility_harmful == 1 and s.harms > p.harm_trials:
                lock_out(s, CAUSE_HARM_REPEATED)
            else:
                s.u_order = ORDER_OPEN
                s.tries = 0
                s.t_dead = 0
    elif apart == 1:
        s.t_dead = 0
    elif s.u_order == ORDER_OPEN:
        s.u_order = ORDER_NONE
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


def locked_out(s, m, p, ticks):
    """Both open, until a person resets it at the meter with B read open.

    U is ordered open once B reads open, or has had its time, and no more flows than U may break (LAW-15).
    """
    s.t_step = timer(s, 1, s.t_step, p.contact_ticks, ticks)
    if s.above_rating == 0 and (s.b_contact == CONTACT_OPEN or s.t_step >= p.contact_ticks):
        s.u_order = ORDER_OPEN
    if m.local_reset == 1 and s.b_contact == CONTACT_OPEN:
        s.u_order = ORDER_NONE
        clear_latch(s, CAUSE_LOCAL_RESET)
        s.events |= 1 << EVENT_RESET_LOCALLY


def testing(s, m, p, ticks):
    """With a person's consent at the meter: U opens, must read open and leave the bus dead for its dead time.

    What a weld with a lying feedback hides in service shows here: the bus stays live. A sound backup then carries
    the home for `test_run_ticks`; without one the home returns to the utility at once.
    """
    if s.step != STEP_OPENING:
        s.t_step = timer(s, 1, s.t_step, p.test_ticks, ticks)
    if s.b_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_B_WELDED)
    elif s.step == STEP_OPENING:
        opening = order_open(s, p, ticks)
        if opening == OPENING_PROVED:
            enter_step(s, STEP_DEAD_TIME)
        elif opening == OPENING_FAILED:
            s.tests_failed = plus_one(s.tests_failed)
            block_backup(s, p, CAUSE_U_FAILED_TO_OPEN)
    elif s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif dead_long_enough(s) == 1:
        s.tests = plus_one(s.tests)
        s.events |= 1 << EVENT_TEST_PASSED
        if s.backup_qualified == 1 and p.test_run_ticks > 0 and s.disconnect == 0 and may_try(s, p) == 1:
            s.test_left_ticks = p.test_run_ticks
            enter(s, MODE_TO_BACKUP, CAUSE_TEST_PASSED)
        else:
            enter(s, MODE_TO_UTILITY, CAUSE_TEST_PASSED)
    elif s.load_side_source == 1 or s.t_step >= p.test_ticks:
        s.tests_failed = plus_one(s.tests_failed)
        block_backup(s, p, CAUSE_TEST_FAILED)


def disconnected(s, m, p, ticks):
    """Both open on request, until it is withdrawn; U then returns like after any outage.

    A home whose settings allow it may still use its backup once the utility itself is lost: the request alone never
    starts a transfer (LAW-4).
    """
    s.t_wait = timer(s, 1, s.t_wait, p.overload_wait_ticks, ticks)
    if s.t_b_closed >= p.contact_ticks:
        lock_out(s, CAUSE_B_WELDED)
    elif s.step == STEP_OPENING:
        opening = order_open(s, p, ticks)
        if opening == OPENING_PROVED:
            enter_step(s, STEP_DEAD_TIME)
        elif opening == OPENING_FAILED:
            block_backup(s, p, CAUSE_U_FAILED_TO_OPEN)
    elif s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.disconnect == 0:
        enter(s, MODE_DARK, CAUSE_RECONNECT_ASKED)
    elif (
        p.disconnect_to_backup == 1
        and s.utility_lost == 1
        and s.backup_qualified == 1
        and m.stored_energy_ok == 1
        and may_try(s, p) == 1
    ):
        choose_dead_time(s, m, p)
        enter(s, MODE_TO_BACKUP, CAUSE_BACKUP_READY)
