"""Contacts against voltages: positions, 25 both ways, a load-side source, a feedback that is contradicted. Core Python."""

from bptm.controller.protection_values import difference, disagree, only_utility_closed
from bptm.controller.timing import timer
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, CONTACT_UNKNOWN


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
    """Bus live: a leg above `live_v`. Bus dead: both legs below `dead_v`. Between the two, or doubted, it is neither."""
    s.bus_live = 0
    s.bus_dead = 0
    if s.bus_doubted == 0:
        s.bus_live = 1 if m.bus_l1_v > p.live_v or m.bus_l2_v > p.live_v else 0
        s.bus_dead = 1 if m.bus_l1_v < p.dead_v and m.bus_l2_v < p.dead_v else 0


def close_to(a_v, bus_v, p):
    """1 when a leg is alive and within `follow_v` of the bus."""
    return 1 if a_v > p.dead_v and difference(a_v, bus_v) < p.follow_v else 0


def judge_utility_follows(s, m, p, ticks):
    """25 (LAW-5): the utility side follows the bus while B does not read open.

    A leg of the utility is alive, within `follow_v` of the bus and in phase with it, for `follow_ticks` when the
    utility came alive less than `follow_fresh_ticks` ago. A utility that has stood apart for longer is a grid of its
    own, which passes through the phase of the bus with every beat: then only `follow_late_ticks` in one piece count
    (decision 0024). A doubted utility is never taken for one that has stood apart.
    """
    follows = 0
    if m.utility_in_phase == 1 and s.b_contact != CONTACT_OPEN:
        if close_to(m.utility_l1_v, m.bus_l1_v, p) == 1 or close_to(m.utility_l2_v, m.bus_l2_v, p) == 1:
            follows = 1
    alive = 1 if s.utility_dead == 0 and s.utility_doubted == 0 else 0
    s.t_alive = timer(s, alive, s.t_alive, p.follow_fresh_ticks, ticks)
    s.t_follow = timer(s, follows, s.t_follow, p.follow_late_ticks, ticks)
    s.utility_follows = 0
    if s.t_follow >= p.follow_late_ticks or (s.t_follow >= p.follow_ticks and s.t_alive < p.follow_fresh_ticks):
        s.utility_follows = 1
    elif follows == 1 and s.t_follow < p.follow_ticks and p.follow_ticks - s.t_follow < s.wake_ticks:
        s.wake_ticks = p.follow_ticks - s.t_follow


def judge_utility_apart(s, m, p):
    """The utility stands apart from the bus: it cannot be what comes through a welded U.

    Physical: with B read open, on each leg utility and bus contradict each other as readings of one conductor: one is
    live, and they differ by `sense_share`. A welded pole makes one conductor of its leg. The leg without the weld may
    differ, by what a transformer couples into it, so both are asked.
    """
    s.utility_apart = 0
    if s.b_contact == CONTACT_OPEN and s.utility_doubted == 0 and s.bus_doubted == 0:
        if (
            disagree(m.utility_l1_v, m.bus_l1_v, p.sense_share, p.live_v) == 1
            and disagree(m.utility_l2_v, m.bus_l2_v, p.sense_share, p.live_v) == 1
        ):
            s.utility_apart = 1


def judge_inlet_follows(s, m, p, ticks):
    """25, mirror (LAW-5): B is welded and its feedback lies, so the utility reaches the inlet through it.

    U reads closed and feeds the bus, B reads open, a leg of the inlet is alive, within `follow_v` of the bus and in
    phase with it, for `inlet_follow_ticks`; or for `follow_ticks` when no plug is mated and bus and inlet both came
    alive less than `inlet_fresh_ticks` ago, as they do when U closes onto a welded B. A source of its own passes
    through the phase of the bus with every beat; that it stays there by chance has the probability in
    docs/explanation/protection.md.
    """
    s.t_bus_alive = timer(s, 1 - s.bus_dead, s.t_bus_alive, p.inlet_fresh_ticks, ticks)
    alive = 1 if s.inlet_dead == 0 and s.inlet_doubted == 0 else 0
    s.t_inlet_alive = timer(s, alive, s.t_inlet_alive, p.inlet_fresh_ticks, ticks)
    s.inlet_follows = 0
    if alive == 0 or s.bus_live == 0 or only_utility_closed(s) == 0 or m.inlet_in_phase != 1:
        s.t_inlet_follow = 0
        return
    near = 1 if close_to(m.inlet_l1_v, m.bus_l1_v, p) == 1 or close_to(m.inlet_l2_v, m.bus_l2_v, p) == 1 else 0
    s.t_inlet_follow = timer(s, near, s.t_inlet_follow, p.inlet_follow_ticks, ticks)
    fresh = 1 if s.t_bus_alive < p.inlet_fresh_ticks and s.t_inlet_alive < p.inlet_fresh_ticks else 0
    if s.t_inlet_follow >= p.inlet_follow_ticks:
        s.inlet_follows = 1
    elif fresh == 1 and m.inlet_unmated != 0 and near == 1:
        if s.t_inlet_follow >= p.follow_ticks:
            s.inlet_follows = 1
        elif p.follow_ticks - s.t_inlet_follow < s.wake_ticks:
            s.wake_ticks = p.follow_ticks - s.t_inlet_follow


def judge_contacts(s, m, p, ticks):
    """25 both ways, a load-side source, and a utility feedback that the voltages contradict.

    `u_disagrees`: U reads closed, the utility is in band and the bus dead, for `contact_ticks`. It shares no reading
    with `sense_doubted`, which leaves exactly this pattern to it (`protection_sense`). Or U reads open and is welded:
    the bus that stays live with both read open (`load_side_source`) is the utility's own voltage, a leg within
    `follow_v` of it and in phase.
    """
    judge_utility_follows(s, m, p, ticks)
    judge_utility_apart(s, m, p)
    judge_inlet_follows(s, m, p, ticks)
    both_open = 1 if s.u_contact == CONTACT_OPEN and s.b_contact == CONTACT_OPEN else 0
    s.t_load_side = timer(s, 1 if both_open == 1 and s.bus_live == 1 else 0, s.t_load_side, p.load_side_ticks, ticks)
    s.load_side_source = 1 if s.t_load_side >= p.load_side_ticks else 0
    wrong = 1 if s.u_contact == CONTACT_CLOSED and s.utility_in_band == 1 and s.bus_dead == 1 else 0
    s.t_disagrees = timer(s, wrong, s.t_disagrees, p.contact_ticks, ticks)
    s.u_disagrees = 1 if s.t_disagrees >= p.contact_ticks else 0
    if s.load_side_source == 1 and s.utility_in_band == 1 and m.utility_in_phase == 1:
        if close_to(m.utility_l1_v, m.bus_l1_v, p) == 1 or close_to(m.utility_l2_v, m.bus_l2_v, p) == 1:
            s.u_disagrees = 1
