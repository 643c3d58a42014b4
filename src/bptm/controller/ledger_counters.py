"""Counts of the ledger: operations, times, outages, and the changes of source with their causes. Core Python.

Only readings of this half-cycle are used, and timers of the ledger's own: a fact of the controller that a timer ends
inside a stride would otherwise be counted for the whole of it.
"""

from bptm.terms.core_codes import (
    CAUSE_BACKUP_LOST,
    CAUSE_NONE,
    CAUSE_TRANSFER_DONE,
    CAUSE_UTILITY_LOST,
    CAUSE_UTILITY_RESTORED,
    CONTACT_CLOSED,
    CONTACT_OPEN,
    CONTACT_UNKNOWN,
    FED_BY_BACKUP,
    FED_BY_LOAD_SIDE,
    FED_BY_NONE,
    FED_BY_UTILITY,
    ORDER_CLOSE,
    ORDER_OPEN,
)
from bptm.terms.core_ledger import CHANGES_MAX, COUNT_END

VOLTS_MAX = 1000.0
"""No leg of a 120 V service reads more than this: such a reading is none. Own choice."""


def one_more(count):
    """A count after one more: it stays at COUNT_END."""
    return count + 1 if count < COUNT_END else COUNT_END


def wear(operations, endurance):
    """1, 2, 3 when a contactor has done 50, 80, 100 % of the operations that it is tested for; else 0.

    Source: UL 1008 endurance, 6,000 operations up to 300 A; alarms as domain.md 2.7.
    """
    percent = operations * 100 // endurance
    if percent >= 100:
        return 3
    if percent >= 80:
        return 2
    return 1 if percent >= 50 else 0


def count_operations(l, s, p):
    """One operation for each proved change of position; a reading that proves none counts when the next one does."""
    if s.u_contact != CONTACT_UNKNOWN:
        if l.u_last != CONTACT_UNKNOWN and s.u_contact != l.u_last:
            l.u_operations = one_more(l.u_operations)
            l.moved = 1
        l.u_last = s.u_contact
    if s.b_contact != CONTACT_UNKNOWN:
        if l.b_last != CONTACT_UNKNOWN and s.b_contact != l.b_last:
            l.b_operations = one_more(l.b_operations)
            l.moved = 1
        l.b_last = s.b_contact
    l.u_wear = wear(l.u_operations, p.endurance_operations)
    l.b_wear = wear(l.b_operations, p.endurance_operations)


def is_voltage(x):
    """1 when a reading can be a voltage at all; a NaN is none."""
    return 1 if x >= 0.0 and x <= VOLTS_MAX else 0


def end_outage(l, p):
    """The utility is back: an outage that did not last is momentary."""
    if l.outage_ticks > 0 and l.outage_ticks < p.sustained_ticks:
        l.outages_momentary = one_more(l.outages_momentary)
    l.outage_ticks = 0


def lengthen_outage(l, p, ticks):
    """The utility is interrupted for `ticks` more; an outage is sustained from the tick that makes it so."""
    before = l.outage_ticks
    if before == 0:
        l.outage_began_tick = l.tick
    l.outage_ticks = before + ticks
    l.interrupted_ticks += ticks
    if before < p.sustained_ticks and l.outage_ticks >= p.sustained_ticks:
        l.outages_sustained = one_more(l.outages_sustained)


def count_outage(l, m, p, ticks):
    """Outages by the voltage of the utility side: one leg interrupted is enough. Unknown voltage changes nothing.

    Source: IEEE 1366 (loss of power on one or more conductors); IEEE 1159 (below 0.10 pu).
    """
    known = is_voltage(m.utility_l1_v) * is_voltage(m.utility_l2_v)
    if known == 0 or m.utility_doubtful != 0:
        return
    if m.utility_l1_v < p.interruption_v or m.utility_l2_v < p.interruption_v:
        lengthen_outage(l, p, ticks)
    else:
        end_outage(l, p)


def leave_source(l, tick, cause):
    """The bus has no source from `tick` on."""
    if l.feed != FED_BY_NONE:
        l.feed_before = l.feed
        l.feed = FED_BY_NONE
        l.lost_tick = tick
        l.left_cause = cause


def take_source(l, p, tick, feed, cause):
    """The bus has a source from `tick` on. A dip is no change: the same source, soon, with no contact moved."""
    dip = 1 if feed == l.feed_before and l.moved == 0 and tick - l.lost_tick < p.dip_ticks else 0
    l.feed = feed
    l.moved = 0
    if dip == 0:
        at = l.change_next
        l.change_lost_tick[at] = l.lost_tick
        l.change_tick[at] = tick
        l.change_from[at] = l.feed_before
        l.change_to[at] = feed
        l.change_left_cause[at] = l.left_cause
        l.change_cause[at] = cause
        l.change_next = (at + 1) % CHANGES_MAX
        l.changes = one_more(l.changes)


def cause_of_loss(l, s):
    """Why the bus went dark: its source failed behind a contactor that nobody ordered open, or else the last cause."""
    if l.feed == FED_BY_UTILITY and s.u_contact == CONTACT_CLOSED and s.u_order != ORDER_OPEN:
        return CAUSE_UTILITY_LOST
    if l.feed == FED_BY_BACKUP and s.b_contact == CONTACT_CLOSED and s.b_order == ORDER_CLOSE:
        return CAUSE_BACKUP_LOST
    return l.cause


def change_feed(l, s, p, tick, feed):
    """What feeds the bus from `tick` on is `feed`, as proved."""
    if feed == l.feed:
        return
    if l.feed != FED_BY_NONE:
        leave_source(l, tick, cause_of_loss(l, s))
    if feed != FED_BY_NONE:
        cause = l.cause
        if feed == FED_BY_UTILITY and l.moved == 0:
            cause = CAUSE_UTILITY_RESTORED
        elif feed == FED_BY_LOAD_SIDE:
            cause = CAUSE_NONE
        take_source(l, p, tick, feed, cause)


def follow_feed(l, s, p, ticks):
    """Notes a change of what feeds the bus, at the beginning of the half-cycle that shows it.

    With a contact in motion or unknown, or both open on a bus that is still live, it is as it was: motors keep a bus
    alive for a while. Longer than `load_side_ticks` it is fed from the load side.
    """
    if s.cause != CAUSE_TRANSFER_DONE:
        l.cause = s.cause
    u_open = 1 if s.u_contact == CONTACT_OPEN else 0
    b_open = 1 if s.b_contact == CONTACT_OPEN else 0
    if s.bus_live == 1 and u_open == 1 and b_open == 1:
        before = l.t_open_live
        after = before + ticks
        if after > p.load_side_ticks:
            after = p.load_side_ticks
        l.t_open_live = after
        if before < p.load_side_ticks and after >= p.load_side_ticks:
            change_feed(l, s, p, l.tick + (p.load_side_ticks - before) - 1, FED_BY_LOAD_SIDE)
        return
    l.t_open_live = 0
    if s.bus_live == 0:
        change_feed(l, s, p, l.tick, FED_BY_NONE)
    elif s.u_contact == CONTACT_CLOSED and b_open == 1:
        change_feed(l, s, p, l.tick, FED_BY_UTILITY)
    elif s.b_contact == CONTACT_CLOSED and u_open == 1:
        change_feed(l, s, p, l.tick, FED_BY_BACKUP)


def count_times(l, s, ticks):
    """How long the premise was fed by what, and the engine ran."""
    l.service_ticks += ticks
    if s.bus_live == 0:
        l.dark_ticks += ticks
    if s.inlet_dead == 0:
        l.inlet_ticks += ticks
