"""Demand, load profile and the clock of the ledger. Core Python.

Everything is built of subintervals by the clock. No subinterval is ever measured for longer than its nominal length,
whatever is done to the clock, so that no demand is overstated by it: what was cut short counts over the whole.
"""

from bptm.terms.core_ledger import (
    CLOCK_END_TICK,
    CLOCK_KNOWN,
    CLOCK_LOST,
    CLOCK_NEVER_SET,
    DEMAND_BACKUP,
    DEMAND_UTILITY,
    DEMANDS,
    PROFILE_MAX,
    QUALITY_CLOCK_SET,
    QUALITY_CLOCK_UNKNOWN,
    QUALITY_PARTIAL,
    QUALITY_POWER_LOST,
    SOURCE_BACKUP,
    SOURCE_UTILITY,
    SUBINTERVALS_MAX,
)


def clock(l):
    """The clock, in ticks; never negative."""
    return l.tick + l.clock_offset_ticks


def begin_interval(l):
    """A new interval of the load profile begins now."""
    l.interval_begin_tick = clock(l)
    l.interval_ticks = 0
    l.interval_utility_mwticks = 0
    l.interval_backup_mwticks = 0
    l.interval_unassigned_mwticks = 0
    l.interval_flags = 0 if l.clock_known == CLOCK_KNOWN else QUALITY_CLOCK_UNKNOWN


def push_interval(l, p):
    """The interval under way goes into the ring, over the oldest."""
    at = l.profile_next
    flags = l.interval_flags
    if l.interval_ticks < p.subinterval_ticks * p.profile_subintervals:
        flags |= QUALITY_PARTIAL
    l.profile_begin_tick[at] = l.interval_begin_tick
    l.profile_ticks[at] = l.interval_ticks
    l.profile_utility_mwticks[at] = l.interval_utility_mwticks
    l.profile_backup_mwticks[at] = l.interval_backup_mwticks
    l.profile_unassigned_mwticks[at] = l.interval_unassigned_mwticks
    l.profile_flags[at] = flags
    l.profile_next = (at + 1) % PROFILE_MAX
    if l.profile_count < PROFILE_MAX:
        l.profile_count += 1
    begin_interval(l)


def end_block(l, p, c):
    """Demand of the block that ended now."""
    x = l.block_mwticks[c] // (p.subinterval_ticks * p.demand_subintervals)
    l.last_block_mw[c] = x
    l.block_mwticks[c] = 0
    if x > l.peak_block_mw[c]:
        l.peak_block_mw[c] = x
        l.peak_block_tick[c] = l.tick


def slide(l, p, c):
    """Demand of the sliding window that ended now: its newest subinterval is the one under way."""
    x = 0
    for k in range(p.demand_subintervals):
        at = (l.sub_next + SUBINTERVALS_MAX - k) % SUBINTERVALS_MAX
        x += l.sub_mwticks[c * SUBINTERVALS_MAX + at]
    x = x // (p.subinterval_ticks * p.demand_subintervals)
    l.last_sliding_mw[c] = x
    if x > l.peak_sliding_mw[c]:
        l.peak_sliding_mw[c] = x
        l.peak_sliding_tick[c] = l.tick


def end_subinterval(l, p):
    """The sliding window moves on by one subinterval."""
    for c in range(DEMANDS):
        slide(l, p, c)
    l.sub_next = (l.sub_next + 1) % SUBINTERVALS_MAX
    for c in range(DEMANDS):
        l.sub_mwticks[c * SUBINTERVALS_MAX + l.sub_next] = 0


def at_boundary(l, p):
    """What ends where the clock has come to the end of a subinterval."""
    end_subinterval(l, p)
    number = clock(l) // p.subinterval_ticks
    if number % p.demand_subintervals == 0:
        for c in range(DEMANDS):
            end_block(l, p, c)
    if number % p.profile_subintervals == 0:
        push_interval(l, p)


def add_to_intervals(l, ticks):
    """Energy taken in `ticks` that cross no boundary."""
    l.interval_ticks += ticks
    x = l.in_mw * ticks
    if l.source == SOURCE_UTILITY:
        l.interval_utility_mwticks += x
        l.block_mwticks[DEMAND_UTILITY] += x
        l.sub_mwticks[DEMAND_UTILITY * SUBINTERVALS_MAX + l.sub_next] += x
    elif l.source == SOURCE_BACKUP:
        l.interval_backup_mwticks += x
        l.block_mwticks[DEMAND_BACKUP] += x
        l.sub_mwticks[DEMAND_BACKUP * SUBINTERVALS_MAX + l.sub_next] += x
    else:
        l.interval_unassigned_mwticks += x + l.out_mw * ticks


def cut_short(l, p):
    """Ends the subinterval, block and interval under way before their time; the sliding window begins anew.

    An interval in which nothing was metered yet is not entered.
    """
    end_subinterval(l, p)
    for k in range(DEMANDS * SUBINTERVALS_MAX):
        l.sub_mwticks[k] = 0
    for c in range(DEMANDS):
        end_block(l, p, c)
    if l.interval_ticks > 0:
        push_interval(l, p)


def fill_profile(l, p, from_tick, to_tick, flag):
    """Enters each interval that lies whole between two readings of the clock, empty; of more than a day the last 96."""
    length = p.subinterval_ticks * p.profile_subintervals
    first = (from_tick + length - 1) // length
    last = to_tick // length
    if last - first > PROFILE_MAX:
        first = last - PROFILE_MAX
    for k in range(last - first):
        begin_interval(l)
        l.interval_begin_tick = (first + k) * length
        l.interval_flags |= flag
        push_interval(l, p)


def move_clock(l, p, step, passed, flag):
    """The clock goes by `step` at once; with `passed` 1 the time has passed, unmetered, and `tick` goes with it.

    A step that stays within the subinterval under way leaves it whole. Any other one cuts it short; a step back does so
    always, for else a subinterval could be metered for longer than it is.
    """
    l.interval_flags |= flag
    before = clock(l)
    stays = 1 if step >= 0 and (before + step) // p.subinterval_ticks == before // p.subinterval_ticks else 0
    if stays == 0:
        cut_short(l, p)
    if passed == 1:
        l.tick += step
    else:
        l.clock_offset_ticks += step
    if stays == 0:
        fill_profile(l, p, before, clock(l), flag)
        begin_interval(l)
        l.interval_flags |= flag


def set_clock(l, p, clock_tick):
    """Sets the clock to `clock_tick`, ticks since 1970. Returns 1 when that is no time at all, else 0.

    No register, count or stamp moves. After a loss of power of unknown length the first setting says how long it was.
    """
    if clock_tick < 0 or clock_tick > CLOCK_END_TICK:
        return 1
    step = clock_tick - clock(l)
    was = l.clock_known
    if was == CLOCK_KNOWN and step <= p.clock_tolerance_ticks and step >= -p.clock_tolerance_ticks:
        return 0
    l.clock_known = CLOCK_KNOWN
    if was == CLOCK_NEVER_SET:
        # The years since 1970 were not missed.
        l.interval_flags |= QUALITY_CLOCK_SET
        cut_short(l, p)
        l.clock_offset_ticks += step
        begin_interval(l)
        l.interval_flags |= QUALITY_CLOCK_SET
    elif was == CLOCK_LOST and step > 0:
        l.dark_ticks += step
        move_clock(l, p, step, 1, QUALITY_CLOCK_SET | QUALITY_POWER_LOST)
    else:
        move_clock(l, p, step, 0, QUALITY_CLOCK_SET)
    return 0
