"""The ways between modes: the only functions that enter one, order U open, or count a dead time. Core Python.

Every way into a lockout goes through `block_backup` or `lock_out`. B is ordered open by `enter` itself, so no mode
but ON_BACKUP can be entered with B still ordered closed.
"""

from bptm.controller.timing import plus_one, timer
from bptm.terms.core_codes import (
    CAUSE_NONE,
    CONTACT_OPEN,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_CLOSE,
    ORDER_NONE,
    ORDER_OPEN,
    STEP_DEAD_TIME,
    STEP_OPENING,
)

OPENING_UNDER_WAY = 0
OPENING_PROVED = 1
OPENING_FAILED = 2


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
    """The next step inside a mode."""
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
    """The one way into LOCKED_OUT: both open, until a person resets it at the meter.

    B first. Where B does not read open two sources may be joined, and what flows between them passes no sensor of the
    premise: `apart.locked_out` then opens U after B (LAW-15).
    """
    enter(s, MODE_LOCKED_OUT, cause)
    s.latched = cause
    if s.b_contact == CONTACT_OPEN and s.above_rating == 0:
        s.u_order = ORDER_OPEN


def clear_latch(s, cause):
    """Ends a lockout: the mode follows from what is read, through DARK."""
    s.latched = CAUSE_NONE
    s.overloads = 0
    s.harms = 0
    enter(s, MODE_DARK, cause)


def end_trial(s, p, cause, cause_repeated):
    """B opens; after a wait it is tried again, and after `overload_trials` trials no more."""
    s.overloads = plus_one(s.overloads)
    s.t_wait = 0
    if s.overloads > p.overload_trials:
        block_backup(s, p, cause_repeated)
    else:
        enter(s, MODE_DARK, cause)


def order_open(s, p, ticks):
    """Orders U open and says how that goes (OPENING_...).

    The order stands at least `open_ticks`, even when the feedback reads open from the first: a feedback that lies
    would otherwise let B close beside a U that was never ordered open. U is ordered `contact_tries` times. Above its
    breaking rating it is not ordered open at all: fuse or breaker comes first (LAW-15).
    """
    s.t_step = timer(s, 1, s.t_step, p.contact_ticks, ticks)
    if s.tries == 0:
        s.t_step = 0
        if s.above_rating == 0:
            s.u_order = ORDER_OPEN
            s.tries = 1
    elif s.u_contact == CONTACT_OPEN and s.t_step >= p.open_ticks:
        s.u_order = ORDER_NONE
        return OPENING_PROVED
    elif s.t_step >= p.contact_ticks:
        if s.tries >= p.contact_tries:
            return OPENING_FAILED
        s.tries += 1
        s.t_step = 0
    if s.t_step < p.open_ticks and p.open_ticks - s.t_step < s.wake_ticks:
        s.wake_ticks = p.open_ticks - s.t_step
    return OPENING_UNDER_WAY


def draw_slot(s, p):
    """A new local random delay for the next return, the same for the same seed. 0 for a medical home."""
    s.slot_draw = (s.slot_draw * 75 + 74) % 65537
    s.slot_ticks = 0
    if p.medical == 0:
        s.slot_ticks = s.slot_draw * p.slot_window_ticks // 65537


def may_return(s, p):
    """1 when the utility may be returned to: steady, slot open, not held, no test under way, not disconnected.

    A utility that came and went `flap_count` times must be steady for `flap_hold_ticks`. A backup source that has
    failed shortens the steady time, and nothing else.
    """
    steady_ticks = p.return_ticks
    if s.flaps >= p.flap_count and p.flap_hold_ticks > steady_ticks:
        steady_ticks = p.flap_hold_ticks
    if s.backup_qualified == 0 and p.return_bypass_ticks < steady_ticks:
        steady_ticks = p.return_bypass_ticks
    if s.t_return < steady_ticks or s.t_slot < s.slot_ticks:
        return 0
    if s.test_left_ticks > 0 or s.disconnect == 1:
        return 0
    return 1 if s.hold_left_ticks == 0 else 0


def may_try(s, p):
    """1 when no trial of the backup has failed, or the wait after it is over."""
    return 1 if s.overloads == 0 or s.t_wait >= p.overload_wait_ticks else 0


def count_dead_time(s, ticks):
    """Counts how long the bus has been dead with what fed it proved open.

    Counted in every scan, never only where it is asked for: a stride would otherwise be counted whole where
    single ticks count one.
    """
    counts = 0
    if s.step == STEP_DEAD_TIME and (s.mode == MODE_TO_BACKUP or s.mode == MODE_TO_UTILITY or s.mode == MODE_TEST):
        counts = s.bus_dead
    elif s.mode == MODE_BACKUP_BLOCKED and s.u_order != ORDER_CLOSE and s.b_contact == CONTACT_OPEN:
        counts = s.bus_dead
    s.t_dead = timer(s, counts, s.t_dead, s.dead_time_ticks, ticks)


def dead_long_enough(s):
    """1 when the bus has been dead for the whole dead time."""
    return 1 if s.t_dead >= s.dead_time_ticks else 0


def choose_dead_time(s, m, p):
    """Longer after motor load, whose residual voltage must die first; a load that is not known may be one."""
    s.dead_time_ticks = p.dead_time_motor_ticks
    if s.current_doubted == 0 and m.premise_w <= p.motor_w:
        s.dead_time_ticks = p.dead_time_ticks
