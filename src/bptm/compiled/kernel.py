"""One home and its meter together, through virtual time: written like Core Python, and run plain and compiled alike.

It joins the two halves of the core and is not exported with them; it may loop without a limit known beforehand.

A home steps by single ticks from any change of an input, a fact or an order until it is settled; otherwise it
strides to the next thing that can change. The result does not depend on how time is cut (tested).
"""

from bptm.controller.profiles import apply_profile
from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.plant.contactors import order_backup, order_utility, travel
from bptm.plant.home import count, measure, pass_time, solve, supply, ticks_of_hold_up, ticks_to_change
from bptm.plant.house_power import begin_house, settle_house
from bptm.plant.premise import follow_feeder, follow_loads, follow_source, next_edge
from bptm.terms.core_codes import (
    CAUSE_NONE,
    CONTACT_OPEN,
    EVENT_FED_BY_CHANGED,
    FED_BY_BACKUP,
    FED_BY_NONE,
    FLAG_BACKUP_QUALIFIED,
    FLAG_DISCONNECTED,
    FLAG_FLAP_HOLD,
    FLAG_HELD,
    FLAG_INTERLOCK_WITHHOLDS,
    FLAG_LOAD_SIDE_SOURCE,
    FLAG_MEDICAL,
    FLAG_OVERLOAD,
    FLAG_REFERENCE_LOST,
    FLAG_REVERSE_POWER,
    FLAG_SENSE_DOUBTED,
    FLAG_SPD_FAILED,
    FLAG_STORED_ENERGY_LOW,
    FLAG_UTILITY_GOOD,
    FLAG_UTILITY_LOST,
    NEVER_TICKS,
    ORDER_CLOSE,
    ORDER_OPEN,
    REPORT_EVENT,
    REPORT_ROW,
    TICKS_PER_S,
)
from bptm.terms.core_plant import HOLD_UP_TICKS, HOUSE_TICKS, ROW_TICKS, SOURCE_RUNNING

EVENTS_END = 25
PATIENCE_TICKS = 14400
"""LAW-7 and LAW-11 allow this beyond the timers: two minutes for dead times, travel and retries."""


def flags_of(s, m, p):
    """The facts of a report, one bit each."""
    x = 0
    if s.hold_left_ticks > 0:
        x |= FLAG_HELD
    if s.utility_lost == 1:
        x |= FLAG_UTILITY_LOST
    if s.utility_in_band == 1:
        x |= FLAG_UTILITY_GOOD
    if s.backup_qualified == 1:
        x |= FLAG_BACKUP_QUALIFIED
    if s.overload == 1:
        x |= FLAG_OVERLOAD
    if s.reverse_power == 1:
        x |= FLAG_REVERSE_POWER
    if s.interlock_withholds == 1:
        x |= FLAG_INTERLOCK_WITHHOLDS
    if p.medical == 1:
        x |= FLAG_MEDICAL
    if m.stored_energy_ok == 0:
        x |= FLAG_STORED_ENERGY_LOW
    if s.load_side_source == 1:
        x |= FLAG_LOAD_SIDE_SOURCE
    if s.sense_doubted == 1:
        x |= FLAG_SENSE_DOUBTED
    if s.reference_lost == 1:
        x |= FLAG_REFERENCE_LOST
    if s.flaps >= p.flap_count:
        x |= FLAG_FLAP_HOLD
    if m.spd_failed == 1:
        x |= FLAG_SPD_FAILED
    if s.disconnect == 1:
        x |= FLAG_DISCONNECTED
    return x


def write_report(o, home, kind, code, tick, s, m, p):
    """Fills one report from the meter's readings and state."""
    o.home = home
    o.kind = kind
    o.tick = tick
    o.code = code
    o.cause = s.cause
    o.mode_before = s.mode_before if kind == REPORT_EVENT else s.mode
    o.mode = s.mode
    o.flags = flags_of(s, m, p)
    o.fed_by = s.fed_by
    o.u_feedback = s.u_contact
    o.b_feedback = s.b_contact
    o.utility_l1_v = m.utility_l1_v
    o.utility_l2_v = m.utility_l2_v
    o.bus_l1_v = m.bus_l1_v
    o.bus_l2_v = m.bus_l2_v
    o.inlet_l1_v = m.inlet_l1_v
    o.inlet_l2_v = m.inlet_l2_v
    o.l1_a = m.l1_a
    o.l2_a = m.l2_a
    o.premise_w = m.premise_w
    o.utility_hz = m.utility_hz
    o.inlet_hz = m.inlet_hz
    o.utility_in_mwticks = s.utility_in_mwticks
    o.utility_out_mwticks = s.utility_out_mwticks
    o.backup_in_mwticks = s.backup_in_mwticks
    o.backup_out_mwticks = s.backup_out_mwticks
    o.unassigned_mwticks = s.unassigned_mwticks
    o.hold_left_ticks = s.hold_left_ticks
    o.transfers = s.transfers


def journal(h, s):
    """The meter's own ledger, in whole seconds: what fed the premise since the last change."""
    now_s = h.tick // TICKS_PER_S
    if h.journal_fed_by == FED_BY_NONE:
        h.journal_dark_s += now_s - h.journal_s
    elif h.journal_fed_by == FED_BY_BACKUP:
        h.journal_backup_s += now_s - h.journal_s
    h.journal_s = now_s
    h.journal_fed_by = s.fed_by


def write_events(h, s, m, p, out, n, home):
    """One report for each event of this scan; returns the new count of reports."""
    if s.events != 0:
        for code in range(1, EVENTS_END):
            if (s.events >> code) & 1 == 1:
                write_report(out[n], home, REPORT_EVENT, code, h.tick, s, m, p)
                n = n + 1
        if (s.events >> EVENT_FED_BY_CHANGED) & 1 == 1:
            journal(h, s)
    return n


def awaits_utility(h, s):
    """1 while LAW-7 obliges this meter to return: good utility, no lockout, no hold, not yet back."""
    if h.feeder_on == 0 or h.powered == 0 or s.latched != CAUSE_NONE or s.hold_left_ticks > 0:
        return 0
    if s.test_left_ticks > 0 or s.disconnect == 1:
        return 0
    return 1 if h.u_poles != 3 and h.residual_v == 0.0 else 0


def awaits_backup(h, s):
    """1 while LAW-11 obliges this meter to use its backup: dead feeder, source running, no fault, not yet on it."""
    if h.feeder_on == 1 or h.source != SOURCE_RUNNING or s.latched != CAUSE_NONE or s.overloads > 0:
        return 0
    if s.disconnect == 1:
        return 0
    return 1 if h.b_poles != 3 else 0


def check_liveness(h, s, p, utility_due, backup_due, ticks):
    """LAW-7 and LAW-11 by the solved circuit, from what was due before the scan over these ticks."""
    h.obliged_utility_ticks += ticks * utility_due
    h.obliged_backup_ticks += ticks * backup_due
    h.waits_ticks = h.waits_ticks + ticks if utility_due == 1 else 0
    steady_ticks = p.flap_hold_ticks if s.flaps >= p.flap_count else p.return_ticks
    if h.waits_ticks > steady_ticks + s.slot_ticks + PATIENCE_TICKS:
        h.violations |= 1 << 7
    h.idle_ticks = h.idle_ticks + ticks if backup_due == 1 else 0
    if h.idle_ticks > p.accept_ticks + p.lost_slight_ticks + PATIENCE_TICKS:
        h.violations |= 1 << 11


def follow(h, u, start_tick_of_day):
    """Everything that changes by itself at this tick."""
    follow_feeder(h, u)
    follow_source(h, u)
    follow_loads(h, u, start_tick_of_day)


def power_up(h, s, k, m, p, out, n, home):
    """The meter starts, and says so."""
    h.powered = 1
    h.hold_up_ticks = HOLD_UP_TICKS
    start(s, k, m, p)
    if s.u_order == ORDER_CLOSE or s.b_order == ORDER_CLOSE:
        h.violations |= 1 << 3
    h.changed = 1
    if h.next_row_tick < h.tick:
        h.next_row_tick = h.next_row_tick + ((h.tick - h.next_row_tick) // ROW_TICKS + 1) * ROW_TICKS
    return write_events(h, s, m, p, out, n, home)


def advance_home(h, u, s, k, m, r, p, start_tick_of_day, until_tick, out, n, room, home):
    """Simulates one home up to `until_tick`, or until `out` has no room for another scan's reports.

    Returns the new count of reports.
    """
    while h.tick < until_tick and n + EVENTS_END + EVENTS_END < room:
        follow(h, u, start_tick_of_day)
        if h.changed == 1:
            solve(h, u)
            measure(h, u, m, r)
        if h.powered == 0 and m.supplied == 1:
            n = power_up(h, s, k, m, p, out, n, home)
        ticks = next_edge(h, u) - h.tick
        left = ticks_to_change(h, u)
        if left < ticks:
            ticks = left
        if until_tick - h.tick < ticks:
            ticks = until_tick - h.tick
        utility_due = awaits_utility(h, s)
        backup_due = awaits_backup(h, s)
        if h.powered == 1:
            left = ticks_of_hold_up(h, m)
            if left < ticks:
                ticks = left
            if s.wake_ticks < ticks:
                ticks = s.wake_ticks
            if h.next_row_tick - h.tick < ticks:
                ticks = h.next_row_tick - h.tick
            if h.changed == 1 or ticks < 1:
                ticks = 1
            h.changed = 0
            scan(s, k, m, r, p, ticks)
        else:
            if ticks < 1:
                ticks = 1
            h.changed = 0
        count(h, u, ticks)
        check_liveness(h, s, p, utility_due, backup_due, ticks)
        h.tick = h.tick + ticks
        pass_time(h, u, ticks)
        travel(h, u, ticks)
        # A scan's orders stand from its end: travel begins now, not at its beginning.
        if h.powered == 1:
            order_utility(h, k.u_out)
            order_backup(h, k.b_out)
        else:
            order_backup(h, ORDER_OPEN)
        if h.powered == 1:
            supply(h, m, ticks)
            n = write_events(h, s, m, p, out, n, home)
            if h.tick == h.next_row_tick:
                s.mode_before = s.mode
                write_report(out[n], home, REPORT_ROW, 0, h.tick, s, m, p)
                n = n + 1
                h.next_row_tick = h.next_row_tick + ROW_TICKS
    return n


def begin_home(h, u, s, m, r, p, start_tick_of_day):
    """A home on the utility at tick 0, its meter without supply until the first tick."""
    h.feeder_on = 1
    h.u_poles = 3
    h.b_poles = 0
    h.u_parted_tick = 0 - NEVER_TICKS
    h.b_parted_tick = 0 - NEVER_TICKS
    h.source_next_tick = NEVER_TICKS
    h.cycling_on = u.seed & 1
    h.cycling_tick = 1 + u.seed % (u.cycling_on_ticks + 1)
    h.heavy_on = 0
    h.heavy_tick = 1 + (u.seed // 7) % (u.heavy_off_ticks + 1)
    h.solar_on = 1
    h.house_tick = NEVER_TICKS
    if u.house == 1:
        h.load_tick = NEVER_TICKS
        h.cycling_on = 0
        h.cycling_tick = NEVER_TICKS
        h.heavy_tick = NEVER_TICKS
        # Homes take turns within the minute.
        h.house_tick = u.seed % HOUSE_TICKS
    h.next_row_tick = u.seed % ROW_TICKS + 1
    h.changed = 1
    s.u_contact = CONTACT_OPEN
    s.b_contact = CONTACT_OPEN
    p.medical = u.medical
    p.slot_seed = u.seed
    # As the installer commissions it: the profile of the source that the home has, then what is particular to it.
    p.source_a = u.inlet_rating_a
    apply_profile(p, u.backup_kind, u.inlet_rating_a)
    if u.load_side_generation == 1:
        p.return_ticks = 300 * TICKS_PER_S
        p.return_high_v = 126.0
    if u.house == 0:
        follow_loads(h, u, start_tick_of_day)
    solve(h, u)
    measure(h, u, m, r)


def advance_all(H, U, S, K, M, R, P, start_tick_of_day, until_tick, out, first):
    """Advances homes from index `first`; returns the reports written and the home to go on with.

    Stops early when `out` is full; the caller empties it and calls again.
    """
    room = len(out)
    n = 0
    for home in range(first, len(H)):
        n = advance_home(
            H[home],
            U[home],
            S[home],
            K[home],
            M[home],
            R[home],
            P[home],
            start_tick_of_day,
            until_tick,
            out,
            n,
            room,
            home,
        )
        if H[home].tick < until_tick:
            return n, home
    return n, len(H)


def begin_all(H, U, S, M, R, P, start_tick_of_day):
    """Sets every home to tick 0."""
    for home in range(len(H)):
        begin_home(H[home], U[home], S[home], M[home], R[home], P[home], start_tick_of_day)


def settle_all(H, U, start_tick_of_day, from_tick, until_tick, begin):
    """Steps thermal houses alone through the weather before a run; `begin` is 1 at the first hour of it."""
    for home in range(len(H)):
        if U[home].house == 1:
            if begin == 1:
                H[home].tick = from_tick
                begin_house(H[home], U[home], start_tick_of_day)
            settle_house(H[home], U[home], start_tick_of_day, until_tick)
            H[home].tick = until_tick


def command_home(h, s, m, p, action, hold_ticks, out, n, home):
    """A remote action on one meter, at this tick. Returns its unmet conditions and the new count of reports."""
    unmet = command(s, p, action, hold_ticks)
    if unmet == 0:
        h.changed = 1
        s.mode_before = s.mode
        n = write_events(h, s, m, p, out, n, home)
    s.events = 0
    return unmet, n
