"""What a source does while B is closed that ends its use at once: `backup_harm`. Core Python."""

from bptm.controller.protection_backup import blade_hot
from bptm.controller.protection_load import leg_current
from bptm.controller.protection_values import higher, lower, only_utility_closed
from bptm.controller.timing import timer
from bptm.terms.core_codes import (
    CAUSE_BACKUP_LEGS_WRONG,
    CAUSE_BACKUP_NEUTRAL,
    CAUSE_BACKUP_OVERVOLTAGE,
    CAUSE_INLET_HOT,
    CAUSE_INLET_UNMATED,
    CAUSE_NONE,
    CAUSE_PREMISE_NEUTRAL,
    CAUSE_SHORT_CIRCUIT,
    CONTACT_CLOSED,
    FED_BY_BACKUP,
)


def forget_legs(s):
    """No element of the source's legs counts."""
    s.t_backup_legs = 0
    s.t_backup_neutral = 0
    s.t_backup_neutral_slow = 0
    s.t_backup_high = 0
    s.t_backup_low = 0


def forget_harm(s):
    """No element of harm while B is open."""
    forget_legs(s)
    s.t_short = 0
    s.t_hot = 0
    s.t_dry = 0
    s.short_circuit = 0
    s.backup_harm = CAUSE_NONE


def judge_source_legs(s, p, l1_v, l2_v, l12_v, ticks):
    """47 and 59 of the source while B is closed (LAW-6).

    Legs wrong (missing leg with ghost, one leg on both hots, legs in phase): leg-to-leg voltage below `legs_ratio`
    of the sum of the legs for `backup_legs_ticks`. Broken neutral of source, cord or premise (H17): leg-to-leg
    voltage between `backup_l12_low_v` and `backup_l12_high_v`, legs apart by `backup_neutral_v`; at once when one is
    above 1.10 pu, else after a motor's start, which pulls down its own leg and the sum with it. 59: two stages; an
    engine that loses its load overshoots for seconds (ISO 8528-5), so the lower stage is slow.
    """
    low_v = lower(l1_v, l2_v)
    high_v = higher(l1_v, l2_v)
    wrong = 1 if l12_v < p.legs_ratio * (l1_v + l2_v) else 0
    apart = 1 if high_v - low_v > p.backup_neutral_v else 0
    if l12_v <= p.backup_l12_low_v or l12_v >= p.backup_l12_high_v:
        apart = 0
    raised = 1 if high_v > p.backup_low_over_v else 0
    far = 1 if high_v > p.backup_high_over_v else 0
    if wrong == 0 and apart == 0 and raised == 0 and far == 0:
        forget_legs(s)
        return
    s.t_backup_legs = timer(s, wrong, s.t_backup_legs, p.backup_legs_ticks, ticks)
    s.t_backup_neutral = timer(s, apart * raised, s.t_backup_neutral, p.backup_neutral_ticks, ticks)
    s.t_backup_neutral_slow = timer(s, apart, s.t_backup_neutral_slow, p.backup_neutral_slow_ticks, ticks)
    s.t_backup_high = timer(s, far, s.t_backup_high, p.backup_high_over_ticks, ticks)
    s.t_backup_low = timer(s, raised, s.t_backup_low, p.backup_low_over_ticks, ticks)


def cause_of_harm(s, m, p):
    """The gravest cause that stands in this scan; 0 when none. A closed list."""
    if s.short_circuit == 1:
        return CAUSE_SHORT_CIRCUIT
    if m.inlet_unmated != 0:
        return CAUSE_INLET_UNMATED
    if s.t_backup_neutral >= p.backup_neutral_ticks or s.t_backup_neutral_slow >= p.backup_neutral_slow_ticks:
        # Seen on both sources, it is neither's.
        return CAUSE_PREMISE_NEUTRAL if s.neutral_doubted == 1 else CAUSE_BACKUP_NEUTRAL
    if s.t_backup_legs >= p.backup_legs_ticks:
        return CAUSE_BACKUP_LEGS_WRONG
    if s.t_backup_high >= p.backup_high_over_ticks or s.t_backup_low >= p.backup_low_over_ticks:
        return CAUSE_BACKUP_OVERVOLTAGE
    if s.t_hot >= p.inlet_hot_ticks:
        return CAUSE_INLET_HOT
    return CAUSE_NONE


def judge_dry(s, m, p, low_v, ticks):
    """37: no leg carries `dry_a` while the source is below 0.80 pu for `dry_ticks`: it gave out, nobody loaded it down.

    Informs only. An engine that stumbles to its end under load may be dropped as collapsed before its current is gone;
    then this says nothing. Ends when a source is good again or the utility feeds the premise.
    """
    gone = 1 if low_v < p.failed_v and m.l1_a < p.dry_a and m.l2_a < p.dry_a and s.current_doubted == 0 else 0
    s.t_dry = timer(s, gone, s.t_dry, p.dry_ticks, ticks)
    if s.t_dry >= p.dry_ticks:
        s.ran_dry = 1


def judge_harm(s, m, p, ticks):
    """50, 47, 59, heat of a blade (H25) and an unmated plug (H26), while B reads closed or its source feeds.

    50: a leg above `short_ratio` times `limit_a` for `short_ticks`; it stays until B is open. Opening above the
    contactor's rating is `above_rating`'s matter (LAW-15). An unmated plug has no delay: live blades may be
    exposed. With a doubted inlet the bus shows the source; with both doubted the voltage elements rest and
    `judge_backup` ends the qualification.
    """
    if s.ran_dry == 1 and (s.t_accept > 0 or (only_utility_closed(s) == 1 and s.bus_live == 1)):
        s.ran_dry = 0
    if s.b_contact != CONTACT_CLOSED and s.fed_by != FED_BY_BACKUP:
        forget_harm(s)
        return
    if s.inlet_doubted == 0:
        judge_source_legs(s, p, m.inlet_l1_v, m.inlet_l2_v, m.inlet_l12_v, ticks)
        judge_dry(s, m, p, lower(m.inlet_l1_v, m.inlet_l2_v), ticks)
    elif s.bus_doubted == 0:
        judge_source_legs(s, p, m.bus_l1_v, m.bus_l2_v, m.bus_l12_v, ticks)
        judge_dry(s, m, p, lower(m.bus_l1_v, m.bus_l2_v), ticks)
    else:
        forget_legs(s)
        s.t_dry = 0
    most_a = higher(leg_current(m.l1_a), leg_current(m.l2_a))
    s.t_short = timer(s, 1 if most_a > p.short_ratio * p.limit_a else 0, s.t_short, p.short_ticks, ticks)
    if s.t_short >= p.short_ticks:
        s.short_circuit = 1
    s.t_hot = timer(s, blade_hot(m, p), s.t_hot, p.inlet_hot_ticks, ticks)
    s.backup_harm = cause_of_harm(s, m, p)
