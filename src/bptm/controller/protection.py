"""Protection: turns measured numbers into facts (0 or 1), each with pickup, dropout and delay. Core Python.

Element numbers are those of IEEE C37.2. A fact's contract to physical quantities stands in its function.
"""

from bptm.controller.timing import timer
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, CONTACT_UNKNOWN, FED_BY_BACKUP, NEVER_TICKS


def lower(a, b):
    """The lower of two values."""
    return a if a < b else b


def higher(a, b):
    """The higher of two values."""
    return a if a > b else b


def contact(open_poles, closed_poles):
    """Position of a two-pole contactor: both poles must say the same, on both of their feedbacks."""
    if open_poles == 3 and closed_poles == 0:
        return CONTACT_OPEN
    if closed_poles == 3 and open_poles == 0:
        return CONTACT_CLOSED
    return CONTACT_UNKNOWN


def read_contacts(s, m, p, ticks):
    """Contact positions; `contact_unknown` after `unknown_ticks` of a feedback that is neither."""
    s.u_contact = contact(m.u_open_poles, m.u_closed_poles)
    s.b_contact = contact(m.b_open_poles, m.b_closed_poles)
    s.t_unknown_u = timer(s, 1 if s.u_contact == CONTACT_UNKNOWN else 0, s.t_unknown_u, p.unknown_ticks, ticks)
    s.t_unknown_b = timer(s, 1 if s.b_contact == CONTACT_UNKNOWN else 0, s.t_unknown_b, p.unknown_ticks, ticks)
    s.contact_unknown = 1 if s.t_unknown_u >= p.unknown_ticks or s.t_unknown_b >= p.unknown_ticks else 0


def judge_bus(s, m, p):
    """Bus live: a leg above `live_v`. Bus dead: both legs below `dead_v`. Between the two it is neither."""
    s.bus_live = 1 if m.bus_l1_v > p.live_v or m.bus_l2_v > p.live_v else 0
    s.bus_dead = 1 if m.bus_l1_v < p.dead_v and m.bus_l2_v < p.dead_v else 0


def judge_utility(s, m, p, ticks):
    """27 in three stages, 59 in two, 47 by leg-to-leg voltage; and whether the utility may be returned to.

    `utility_lost` picks up on the worse leg, and resets when both legs are above `back_v` and the legs stand
    against each other. No stage operates inside the ITIC no-interruption region (LAW-12).
    """
    low_v = lower(m.utility_l1_v, m.utility_l2_v)
    high_v = higher(m.utility_l1_v, m.utility_l2_v)
    legs_wrong = 1 if m.utility_l12_v < p.legs_ratio * (m.utility_l1_v + m.utility_l2_v) else 0
    s.utility_dead = 1 if high_v < p.dead_v else 0
    s.t_deep = timer(s, 1 if low_v < p.lost_deep_v else 0, s.t_deep, p.lost_deep_ticks, ticks)
    s.t_low = timer(s, 1 if low_v < p.lost_low_v else 0, s.t_low, p.lost_low_ticks, ticks)
    s.t_slight = timer(s, 1 if low_v < p.lost_slight_v else 0, s.t_slight, p.lost_slight_ticks, ticks)
    s.t_over_high = timer(s, 1 if high_v > p.over_high_v else 0, s.t_over_high, p.over_high_ticks, ticks)
    s.t_over_low = timer(s, 1 if high_v > p.over_low_v else 0, s.t_over_low, p.over_low_ticks, ticks)
    s.t_legs = timer(s, legs_wrong, s.t_legs, p.legs_ticks, ticks)
    back = 1 if low_v > p.back_v and high_v < p.over_low_v and legs_wrong == 0 else 0
    s.t_back = timer(s, back, s.t_back, p.back_ticks, ticks)
    if (
        s.t_deep >= p.lost_deep_ticks
        or s.t_low >= p.lost_low_ticks
        or s.t_slight >= p.lost_slight_ticks
        or s.t_over_high >= p.over_high_ticks
        or s.t_over_low >= p.over_low_ticks
        or s.t_legs >= p.legs_ticks
    ):
        s.utility_lost = 1
    elif s.t_back >= p.back_ticks:
        s.utility_lost = 0
    s.utility_in_band = (
        1
        if low_v > p.return_low_v
        and high_v < p.return_high_v
        and legs_wrong == 0
        and m.utility_hz > p.return_low_hz
        and m.utility_hz < p.return_high_hz
        else 0
    )
    s.t_return = timer(s, s.utility_in_band, s.t_return, p.return_ticks, ticks)
    s.t_slot = timer(s, s.utility_in_band, s.t_slot, s.slot_ticks, ticks)
    # The short delay of a failed backup must also wake the host.
    if s.utility_in_band == 1 and s.t_return < p.return_bypass_ticks:
        if p.return_bypass_ticks - s.t_return < s.wake_ticks:
            s.wake_ticks = p.return_bypass_ticks - s.t_return


def judge_backup(s, m, p, ticks):
    """Qualification and loss of the backup source at the inlet.

    Qualified after `accept_ticks` within voltage, leg and frequency limits; lost below 0.80 pu, below
    0.60 pu, or outside its frequencies, each with its delay. After a transfer the 0.80 pu stage waits for the
    dip mask, since every motor then starts at once.
    """
    low_v = lower(m.inlet_l1_v, m.inlet_l2_v)
    high_v = higher(m.inlet_l1_v, m.inlet_l2_v)
    s.inlet_dead = 1 if high_v < p.dead_v else 0
    good = (
        1
        if low_v > p.accept_low_v
        and high_v < p.accept_high_v
        and m.inlet_l12_v >= p.legs_ratio * (m.inlet_l1_v + m.inlet_l2_v)
        and m.inlet_hz > p.accept_low_hz
        and m.inlet_hz < p.accept_high_hz
        else 0
    )
    s.t_accept = timer(s, good, s.t_accept, p.accept_ticks, ticks)
    masked = 1 if s.fed_by == FED_BY_BACKUP and s.t_mode < p.dip_mask_ticks else 0
    s.t_failed = timer(s, 1 if low_v < p.failed_v and masked == 0 else 0, s.t_failed, p.failed_ticks, ticks)
    s.t_collapsed = timer(s, 1 if low_v < p.collapsed_v else 0, s.t_collapsed, p.collapsed_ticks, ticks)
    off_hz = 1 if m.inlet_hz < p.failed_low_hz or m.inlet_hz > p.failed_high_hz else 0
    s.t_failed_hz = timer(s, off_hz, s.t_failed_hz, p.failed_hz_ticks, ticks)
    if s.t_failed >= p.failed_ticks or s.t_collapsed >= p.collapsed_ticks or s.t_failed_hz >= p.failed_hz_ticks:
        s.backup_qualified = 0
    elif s.t_accept >= p.accept_ticks:
        s.backup_qualified = 1
    s.t_removed = timer(s, s.inlet_dead, s.t_removed, p.removed_ticks, ticks)


def judge_load(s, m, p, ticks):
    """51 in two stages and 32, while the backup source feeds the premise."""
    on = 1 if s.fed_by == FED_BY_BACKUP else 0
    most_a = higher(m.l1_a, m.l2_a)
    s.t_overload = timer(
        s, 1 if on == 1 and most_a > p.overload_ratio * p.limit_a else 0, s.t_overload, p.overload_ticks, ticks
    )
    s.t_overload_high = timer(
        s,
        1 if on == 1 and most_a > p.overload_high_ratio * p.limit_a else 0,
        s.t_overload_high,
        p.overload_high_ticks,
        ticks,
    )
    s.overload = 1 if s.t_overload >= p.overload_ticks or s.t_overload_high >= p.overload_high_ticks else 0
    s.t_reverse = timer(s, 1 if on == 1 and m.premise_w < -p.reverse_w else 0, s.t_reverse, p.reverse_ticks, ticks)
    s.reverse_power = 1 if s.t_reverse >= p.reverse_ticks else 0


def judge_contacts(s, m, p, ticks):
    """25, a load-side source, and a utility feedback that the voltages contradict.

    `utility_follows` (LAW-5): the backup contactor does not read open, a leg of the utility is alive, within
    `follow_v` of the bus and in phase with it, for `follow_ticks` when the utility came alive less than
    `follow_fresh_ticks` ago. A utility that has stood apart for longer is a grid of its own, which passes through
    the phase of the bus with every beat: then only `follow_late_ticks` in one piece count (decision 0024).
    """
    near = 0
    if m.utility_l1_v > p.dead_v and higher(m.utility_l1_v - m.bus_l1_v, m.bus_l1_v - m.utility_l1_v) < p.follow_v:
        near = 1
    if m.utility_l2_v > p.dead_v and higher(m.utility_l2_v - m.bus_l2_v, m.bus_l2_v - m.utility_l2_v) < p.follow_v:
        near = 1
    follows = 1 if near == 1 and m.utility_in_phase == 1 and s.b_contact != CONTACT_OPEN else 0
    s.t_alive = timer(s, 1 - s.utility_dead, s.t_alive, p.follow_fresh_ticks, ticks)
    s.t_follow = timer(s, follows, s.t_follow, p.follow_late_ticks, ticks)
    s.utility_follows = 0
    if s.t_follow >= p.follow_late_ticks or (s.t_follow >= p.follow_ticks and s.t_alive < p.follow_fresh_ticks):
        s.utility_follows = 1
    elif follows == 1 and s.t_follow < p.follow_ticks and p.follow_ticks - s.t_follow < s.wake_ticks:
        s.wake_ticks = p.follow_ticks - s.t_follow
    both_open = 1 if s.u_contact == CONTACT_OPEN and s.b_contact == CONTACT_OPEN else 0
    s.t_load_side = timer(s, 1 if both_open == 1 and s.bus_live == 1 else 0, s.t_load_side, p.load_side_ticks, ticks)
    s.load_side_source = 1 if s.t_load_side >= p.load_side_ticks else 0
    wrong = 1 if s.u_contact == CONTACT_CLOSED and s.utility_in_band == 1 and s.bus_dead == 1 else 0
    s.t_disagrees = timer(s, wrong, s.t_disagrees, p.contact_ticks, ticks)
    s.u_disagrees = 1 if s.t_disagrees >= p.contact_ticks else 0


def update_facts(s, m, p, ticks):
    """All facts, from this scan's measured values."""
    read_contacts(s, m, p, ticks)
    judge_bus(s, m, p)
    judge_utility(s, m, p, ticks)
    judge_backup(s, m, p, ticks)
    judge_load(s, m, p, ticks)
    judge_contacts(s, m, p, ticks)
    s.t_unsupplied = timer(s, 1 if m.supplied == 0 else 0, s.t_unsupplied, p.gasp_ticks, ticks)


def longest_wait(s):
    """Opens the search for the next expiry of this scan."""
    s.wake_ticks = NEVER_TICKS
