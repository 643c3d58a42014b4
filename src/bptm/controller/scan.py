"""One scan of the device: measure, find facts, decide, let the interlock judge. Core Python.

`scan(..., ticks)` may stride over several ticks when its inputs are constant and `s.wake_ticks` of the scan
before allows it: modes, timers and orders are then the same as with single ticks (tested).
"""

from bptm.controller.interlock import judge_orders
from bptm.controller.protection import longest_wait, reset_protection, update_facts
from bptm.controller.registers import find_feed, register
from bptm.controller.timing import plus_one, timer
from bptm.controller.transfer import decide
from bptm.controller.ways import block_backup, draw_slot, lock_out
from bptm.terms.core_codes import (
    CAUSE_CONTACT_UNKNOWN,
    CAUSE_JOURNAL_LOST,
    CAUSE_JOURNAL_LOST_OPEN,
    CAUSE_NONE,
    CAUSE_START,
    CONTACT_CLOSED,
    CONTACT_OPEN,
    EVENT_BACKUP_GONE,
    EVENT_BACKUP_QUALIFIED,
    EVENT_CONTACT_DISAGREES,
    EVENT_ENGINE_MAY_STOP,
    EVENT_ENGINE_STILL_RUNNING,
    EVENT_FED_BY_CHANGED,
    EVENT_ISLANDED,
    EVENT_LAST_GASP,
    EVENT_LOAD_HIGH,
    EVENT_MODE_CHANGED,
    EVENT_REFERENCE_LOST,
    EVENT_SENSE_DOUBTED,
    EVENT_SOURCE_HUNTS,
    EVENT_SPD_FAILED,
    EVENT_STARTED,
    EVENT_SURGE,
    EVENT_TURNED_DOWN,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_OFF,
    MODE_ON_UTILITY,
    ORDER_NONE,
    ORDER_OPEN,
    TURNED_DOWN_WARMING_UP,
)


def reset_volatile(s):
    """Facts, timers and orders as after loss of power; what is journalled stays."""
    s.u_order = ORDER_NONE
    s.b_order = ORDER_OPEN
    s.tries = 0
    s.step = 0
    s.utility_lost = 0
    s.utility_in_band = 0
    s.backup_qualified = 0
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
    s.short_circuit = 0
    s.inlet_follows = 0
    s.above_rating = 0
    s.beat = 0
    s.test_left_ticks = 0
    s.t_deep = 0
    s.t_low = 0
    s.t_slight = 0
    s.t_over_high = 0
    s.t_over_low = 0
    s.t_legs = 0
    s.t_back = 0
    s.t_return = 0
    s.t_slot = 0
    s.t_accept = 0
    s.t_failed = 0
    s.t_collapsed = 0
    s.t_failed_hz = 0
    s.t_overload = 0
    s.t_overload_high = 0
    s.t_reverse = 0
    s.t_island = 0
    s.t_alive = 0
    s.t_follow = 0
    s.t_load_side = 0
    s.t_unknown_u = 0
    s.t_unknown_b = 0
    s.t_disagrees = 0
    s.t_removed = 0
    s.t_unsupplied = 0
    s.t_running = 0
    s.t_mode = 0
    s.t_step = 0
    s.t_dead = 0
    s.t_b_closed = 0
    s.t_wait = 0
    s.t_above = 0
    s.t_flap = 0
    reset_protection(s)


def start(s, k, m, p):
    """Power-up or reset: no close is issued (LAW-3).

    U stays as found when it reads closed, B reads open and no lockout is journalled; otherwise it is ordered
    open. A journalled lockout stands.
    """
    reset_volatile(s)
    k.t_bus_dead = 0
    k.u_permit = 0
    k.b_permit = 0
    k.t_silent = 0
    k.beat_seen = 0
    s.starts = plus_one(s.starts)
    if s.starts == 1:
        s.slot_draw = p.slot_seed % 65537
        draw_slot(s, p)
    s.u_contact = CONTACT_OPEN
    s.b_contact = CONTACT_OPEN
    update_facts(s, m, p, 1)
    s.cause = CAUSE_START
    if s.latched != CAUSE_NONE and s.mode == MODE_BACKUP_BLOCKED:
        s.u_order = ORDER_NONE
        # Not journalled: without it a meter that lost power would return to the utility without a dead time.
        s.dead_time_ticks = p.dead_time_motor_ticks
    elif s.latched != CAUSE_NONE:
        s.mode = MODE_LOCKED_OUT
    elif s.b_contact == CONTACT_CLOSED and s.u_contact != CONTACT_OPEN:
        lock_out(s, CAUSE_CONTACT_UNKNOWN)
    elif s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
        s.mode = MODE_ON_UTILITY if s.bus_live == 1 else MODE_DARK
    else:
        s.mode = MODE_DARK
        if s.u_contact != CONTACT_OPEN:
            s.u_order = ORDER_OPEN
    if s.journal_lost == 1 and s.mode != MODE_LOCKED_OUT:
        # A lockout of both, or a disconnection, would have left U open: with U closed only a block can be forgotten.
        if s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
            block_backup(s, p, CAUSE_JOURNAL_LOST)
        else:
            lock_out(s, CAUSE_JOURNAL_LOST_OPEN)
    if s.mode == MODE_LOCKED_OUT:
        s.u_order = ORDER_OPEN
    s.journal_lost = 0
    s.mode_before = MODE_OFF
    s.events = 1 << EVENT_STARTED
    s.wake_ticks = 1


def signature(s):
    """All facts, readings and orders in one number: equal before and after a scan that changed nothing."""
    x = s.mode
    x = x * 4 + s.step
    x = x * 4 + s.fed_by
    x = x * 4 + s.u_order
    x = x * 4 + s.b_order
    x = x * 4 + s.u_contact
    x = x * 4 + s.b_contact
    x = x * 4 + s.tries
    x = x * 2 + s.bus_live
    x = x * 2 + s.bus_dead
    x = x * 2 + s.utility_lost
    x = x * 2 + s.utility_in_band
    x = x * 2 + s.utility_dead
    x = x * 2 + s.inlet_dead
    x = x * 2 + s.backup_qualified
    x = x * 2 + s.overload
    x = x * 2 + s.reverse_power
    x = x * 2 + s.islanded
    x = x * 2 + s.utility_follows
    x = x * 2 + s.utility_apart
    x = x * 2 + s.load_side_source
    x = x * 2 + s.contact_unknown
    x = x * 2 + s.u_disagrees
    x = x * 2 + s.interlock_withholds
    x = x * 2 + s.disconnect
    x = x * 2 + s.sense_doubted
    x = x * 2 + s.reference_lost
    x = x * 2 + s.utility_harmful
    x = x * 2 + s.inlet_follows
    x = x * 2 + s.above_rating
    x = x * 64 + s.backup_harm
    return x


def facts_told(s, p):
    """Facts whose rise is an event, bit n for EVENT_ n."""
    x = s.backup_qualified << EVENT_BACKUP_QUALIFIED
    x |= s.inlet_dead << EVENT_BACKUP_GONE
    x |= s.u_disagrees << EVENT_CONTACT_DISAGREES
    x |= s.islanded << EVENT_ISLANDED
    x |= s.sense_doubted << EVENT_SENSE_DOUBTED
    x |= s.reference_lost << EVENT_REFERENCE_LOST
    x |= s.engine_may_stop << EVENT_ENGINE_MAY_STOP
    x |= s.spd_failed << EVENT_SPD_FAILED
    x |= s.load_high << EVENT_LOAD_HIGH
    x |= s.source_hunts << EVENT_SOURCE_HUNTS
    if s.turned_down % TURNED_DOWN_WARMING_UP != 0:
        x |= 1 << EVENT_TURNED_DOWN
    if s.t_unsupplied >= p.gasp_ticks:
        x |= 1 << EVENT_LAST_GASP
    return x


def notice(s, p, ticks, told_before, fed_before):
    """Events that are not changes of mode."""
    told = facts_told(s, p)
    s.events |= told & (told ^ told_before)
    if s.fed_by != fed_before:
        s.events |= 1 << EVENT_FED_BY_CHANGED
    running = 1 if s.mode == MODE_ON_UTILITY and s.inlet_dead == 0 else 0
    s.t_running = timer(s, running, s.t_running, p.running_notice_ticks, ticks)
    if s.t_running >= p.running_notice_ticks:
        s.events |= 1 << EVENT_ENGINE_STILL_RUNNING
        s.t_running = 0


def scan(s, k, m, r, p, ticks):
    """Advances the device by `ticks` half-cycles with constant inputs.

    `s` device, `k` interlock, `m` measured values, `r` the interlock's own inputs, `p` settings. Orders to the
    contactors are `k.u_out` and `k.b_out`. `s.wake_ticks` says how far the next scan may stride.
    """
    before = signature(s)
    fed_before = s.fed_by
    told_before = facts_told(s, p)
    s.mode_before = s.mode
    s.events = 0
    longest_wait(s)
    update_facts(s, m, p, ticks)
    find_feed(s)
    register(s, m, ticks)
    decide(s, m, p, ticks)
    s.beat = 1 - s.beat
    judge_orders(k, r, p.interlock_dead_ticks, p.watchdog_ticks, s.beat, s.u_order, s.b_order, ticks)
    s.interlock_withholds = k.withholds
    notice(s, p, ticks, told_before, fed_before)
    if m.surges > 0:
        s.events |= 1 << EVENT_SURGE
    if k.wake_ticks < s.wake_ticks:
        s.wake_ticks = k.wake_ticks
    if s.mode != s.mode_before:
        s.events |= 1 << EVENT_MODE_CHANGED
    if s.events != 0 or signature(s) != before:
        s.wake_ticks = 1
