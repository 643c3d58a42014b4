"""Every arrow of the transfer function, written a second time as a table, and proved to be what the source does.

The table is the state diagram in words: for each mode the arrows in the order in which they are judged, each with its
reason and with what becomes of both orders. It is written from facts and counts, not from the functions of
`transfer`; the proof is that a scan of the shipped source ends in the same mode, cause, step and orders as the table
for every state that satisfies the invariant. So no arrow exists that is not listed here (LAW-9), none is missing
(the steps behind LAW-7 and LAW-11), and every delay is exactly its setting.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

from bptm.assurance.proofs_claim import Claim
from bptm.assurance.proofs_model import Step
from bptm.assurance.proofs_now import Now
from bptm.assurance.z3_translate_terms import Term, all_of, any_of, negation, one_of, pick
from bptm.terms import core_codes as c

KEEP = -1
"""What an arrow leaves as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One arrow: when, why in words, and where it ends.

    `again`: the time of the step begins anew; `undead`: so does the dead time; `chooses`: the dead time is chosen by
    the load; `trial`: counted as a failed trial; `harm`: counted as harm; `flap`: as a loss; `watched`: the watch over
    the utility is over; `draws`: a new random delay is drawn; `test_ticks`: what is left of a test on load afterwards.
    """

    mode: int
    step: int | None = None
    words: str
    when: Term
    to_mode: int = KEEP
    cause: Term = KEEP
    to_step: int = KEEP
    tries: Term = KEEP
    u_order: int = KEEP
    b_order: int = KEEP
    again: bool = False
    undead: bool = False
    chooses: bool = False
    trial: bool = False
    harm: Term = False
    flap: bool = False
    watched: bool = False
    draws: bool = False
    test_ticks: Term = KEEP

    @property
    def enters(self) -> bool:
        """Whether it is a change of mode."""
        return self.to_mode != KEEP


def _lock(mode: int, words: str, when: Term, cause: int, step: int | None = None) -> Arrow:
    return Arrow(mode=mode, step=step, words=words, when=when, to_mode=c.MODE_LOCKED_OUT, cause=cause)


def _block(mode: int, words: str, when: Term, cause: Term, step: int | None = None) -> Arrow:
    return Arrow(mode=mode, step=step, words=words, when=when, to_mode=c.MODE_BACKUP_BLOCKED, cause=cause, u_order=c.ORDER_NONE)  # fmt: skip


def _trial(
    mode: int, words: str, when: Term, now: Now, causes: tuple[int, int], step: int | None = None
) -> list[Arrow]:
    """The trial is the last one, or the home waits in the dark for another."""
    last = all_of(when, now.last_trial)
    return [
        replace(_block(mode, f"{words}, once too often", last, causes[1], step), trial=True),
        Arrow(mode=mode, step=step, words=words, when=when, to_mode=c.MODE_DARK, cause=causes[0], trial=True),
    ]


def _opening(mode: int, when: Term, now: Now, proved: Arrow) -> list[Arrow]:
    """How U is ordered open, for at least `open_ticks` and `contact_tries` times; `proved` is what follows."""
    first, later = all_of(when, now.old["tries"] == 0), all_of(when, now.old["tries"] > 0)
    over = all_of(later, now.overdue)
    return [
        Arrow(mode=mode, words="U is not ordered open above its breaking rating", when=all_of(first, now.above), again=True),
        Arrow(mode=mode, words="U is ordered open", when=first, u_order=c.ORDER_OPEN, tries=1, again=True),
        replace(proved, when=all_of(later, now.u_open, now.stood), u_order=c.ORDER_NONE),
        Arrow(mode=mode, words="U is given more time to open", when=all_of(over, now.more_tries), tries=now.old["tries"] + 1, again=True),
        _block(mode, "U does not open", over, c.CAUSE_U_FAILED_TO_OPEN),
        Arrow(mode=mode, words="U is opening", when=when),
    ]  # fmt: skip


def _to_proved(mode: int) -> Arrow:
    return Arrow(mode=mode, words="U is proved open", when=True, to_step=c.STEP_DEAD_TIME, tries=0, again=True, undead=True)  # fmt: skip


def arrows(now: Now, mode: int | None = None) -> list[Arrow]:
    """All arrows, or those of one mode; within a mode the first whose condition holds is taken."""
    return [arrow for one, made in _BY_MODE.items() if mode in {None, one} for arrow in made(now)]


def _on_utility(now: Now) -> list[Arrow]:
    mode, f = c.MODE_ON_UTILITY, now.fact
    harm = f["utility_harmful"]
    return [
        _lock(mode, "B reads closed, or the inlet follows the bus", any_of(now.b_closed, f["inlet_follows"]), c.CAUSE_B_WELDED),
        _block(mode, "a contact is unknown", f["contact_unknown"], c.CAUSE_CONTACT_DOUBTED),
        _block(mode, "U reads open, or closed against the voltages", any_of(now.u_open, f["u_disagrees"]), c.CAUSE_U_DISAGREES),
        replace(_lock(mode, "the utility does harm, once too often", all_of(harm, now.last_harm), c.CAUSE_HARM_REPEATED), harm=True),
        Arrow(mode=mode, words="the utility does harm", when=harm, to_mode=c.MODE_DARK, cause=c.CAUSE_UTILITY_HARMFUL, harm=True, draws=True),
        Arrow(mode=mode, words="utility lost", when=f["utility_lost"], to_mode=c.MODE_DARK, cause=c.CAUSE_UTILITY_LOST, draws=True, flap=True),
        Arrow(mode=mode, words="a disconnection is asked for", when=now.disconnect, to_mode=c.MODE_DISCONNECTED, cause=c.CAUSE_DISCONNECT_ASKED),
        Arrow(mode=mode, words="a person asks for a test that may be made", when=now.may_test,
              to_mode=c.MODE_TEST, cause=c.CAUSE_TEST_ASKED, chooses=True),
    ]  # fmt: skip


def _dark(now: Now) -> list[Arrow]:
    mode, f = c.MODE_DARK, now.fact
    harm = f["utility_harmful"]
    begun = now.old["tries"] > 0
    back = all_of(now.u_closed, negation(f["utility_lost"]), negation(harm), f["bus_live"])
    wanted = all_of(f["backup_qualified"], now.stored, now.may_try, any_of(f["utility_lost"], harm, now.u_open))
    opens = all_of(now.u_closed, now.stored, any_of(harm, f["islanded"], now.opens_dark))
    proved = Arrow(mode=mode, words="U is proved open in the dark", when=True, tries=0)
    return [
        _lock(mode, "B, dropped, still reads closed, or the inlet follows the bus", any_of(now.b_stays_closed, f["inlet_follows"]), c.CAUSE_B_WELDED),
        _lock(mode, "a contact is unknown", f["contact_unknown"], c.CAUSE_CONTACT_UNKNOWN),
        _block(mode, "U's feedback is against the voltages", f["u_disagrees"], c.CAUSE_U_DISAGREES),
        # What cannot be: an opening that was begun is at its first try or later.
        *_opening(mode, begun, now, proved)[2:],
        Arrow(mode=mode, words="a disconnection is asked for", when=now.disconnect, to_mode=c.MODE_DISCONNECTED, cause=c.CAUSE_DISCONNECT_ASKED),
        Arrow(mode=mode, words="the utility is back through a closed U", when=back, to_mode=c.MODE_ON_UTILITY,
              cause=c.CAUSE_UTILITY_RESTORED, u_order=c.ORDER_NONE),
        Arrow(mode=mode, words="U open and the utility may be returned to", when=all_of(now.u_open, now.may_return, now.stored),
              to_mode=c.MODE_TO_UTILITY, cause=c.CAUSE_UTILITY_RESTORED, chooses=True),
        Arrow(mode=mode, words="the backup is ready", when=wanted, to_mode=c.MODE_TO_BACKUP, cause=c.CAUSE_BACKUP_READY, chooses=True),
        *_opening(mode, opens, now, proved)[:2],
    ]  # fmt: skip


def _to_backup(now: Now) -> list[Arrow]:
    mode, f, first = c.MODE_TO_BACKUP, now.fact, c.STEP_OPENING
    came_back = all_of(negation(f["utility_lost"]), negation(f["utility_harmful"]), now.u_closed, now.old["tries"] == 0)
    later = [
        _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN, c.STEP_DEAD_TIME),
        *(
            Arrow(mode=mode, step=step, words="the backup is lost on the way", when=negation(f["backup_qualified"]),
                  to_mode=c.MODE_DARK, cause=c.CAUSE_BACKUP_LOST)
            for step in (c.STEP_DEAD_TIME, c.STEP_CLOSING)
        ),
    ]  # fmt: skip
    opening = now.old["step"] == first
    return [
        _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN, c.STEP_CLOSING),
        Arrow(mode=mode, step=c.STEP_CLOSING, words="B is proved closed, above its breaking rating", when=all_of(now.above, now.b_closed),
              to_mode=c.MODE_ON_BACKUP, cause=c.CAUSE_TRANSFER_DONE),
        Arrow(mode=mode, step=c.STEP_CLOSING, words="a B that is closing waits above its breaking rating", when=now.above),
        Arrow(mode=mode, words="a disconnection is asked for", when=now.disconnect_only, to_mode=c.MODE_DISCONNECTED, cause=c.CAUSE_DISCONNECT_ASKED),
        _lock(mode, "B reads closed before it was ordered", now.b_closed, c.CAUSE_B_WELDED, first),
        Arrow(mode=mode, step=first, words="the utility is back before U was ordered open", when=came_back,
              to_mode=c.MODE_DARK, cause=c.CAUSE_UTILITY_RESTORED),
        *_opening(mode, opening, now, _to_proved(mode)),
        *later,
        _lock(mode, "B reads closed before it was ordered", now.b_closed, c.CAUSE_B_WELDED, c.STEP_DEAD_TIME),
        _block(mode, "the bus is live with both open", f["load_side_source"], c.CAUSE_LOAD_SIDE_SOURCE, c.STEP_DEAD_TIME),
        Arrow(mode=mode, step=c.STEP_DEAD_TIME, words="dead for the dead time: B is ordered closed", when=all_of(now.dead_done, now.stored),
              to_step=c.STEP_CLOSING, tries=0, b_order=c.ORDER_CLOSE, undead=True),
        Arrow(mode=mode, step=c.STEP_CLOSING, words="B is proved closed", when=now.b_closed, to_mode=c.MODE_ON_BACKUP, cause=c.CAUSE_TRANSFER_DONE),
        _block(mode, "B does not close", now.overdue, c.CAUSE_B_FAILED_TO_CLOSE, c.STEP_CLOSING),
    ]  # fmt: skip


def _on_backup(now: Now) -> list[Arrow]:
    mode, f, harm = c.MODE_ON_BACKUP, now.fact, now.s["backup_harm"]
    gone = any_of(negation(f["backup_qualified"]), now.b_open)
    return [
        _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN),
        Arrow(mode=mode, words="the utility follows the bus", when=f["utility_follows"], to_mode=c.MODE_TO_UTILITY,
              cause=c.CAUSE_UTILITY_FOLLOWS_BUS, chooses=True),
        Arrow(mode=mode, words="everything else waits above the breaking rating", when=now.above),
        _lock(mode, "the neutral of the premise is broken", harm == c.CAUSE_PREMISE_NEUTRAL, c.CAUSE_PREMISE_NEUTRAL),
        _block(mode, "the backup does harm", harm != c.CAUSE_NONE, harm),
        _block(mode, "power flows into the source", f["reverse_power"], c.CAUSE_REVERSE_POWER),
        *_trial(mode, "overload", f["overload"], now, (c.CAUSE_OVERLOAD, c.CAUSE_OVERLOAD_REPEATED)),
        *_trial(mode, "the source fails soon after the transfer", all_of(gone, now.early), now,
                (c.CAUSE_BACKUP_LOST, c.CAUSE_SOURCE_FAILS_UNDER_LOAD)),
        Arrow(mode=mode, words="the source is gone", when=gone, to_mode=c.MODE_DARK, cause=c.CAUSE_BACKUP_LOST),
        _lock(mode, "a contact is unknown", f["contact_unknown"], c.CAUSE_CONTACT_UNKNOWN),
        Arrow(mode=mode, words="a disconnection is asked for", when=now.disconnect_only, to_mode=c.MODE_DISCONNECTED, cause=c.CAUSE_DISCONNECT_ASKED),
        Arrow(mode=mode, words="the utility may be returned to", when=all_of(now.may_return, now.stored),
              to_mode=c.MODE_TO_UTILITY, cause=c.CAUSE_UTILITY_RESTORED, chooses=True),
    ]  # fmt: skip


def _to_utility(now: Now) -> list[Arrow]:
    mode, first, dead, closing = c.MODE_TO_UTILITY, c.STEP_OPENING, c.STEP_DEAD_TIME, c.STEP_CLOSING
    watched = all_of(now.followed, now.in_watch)
    alone = all_of(watched, now.fact["utility_apart"])
    late = all_of(now.followed, negation(now.in_watch), negation(now.may_return))
    no_more = any_of(negation(now.fact["utility_in_band"]), now.held)
    return [
        Arrow(mode=mode, step=first, words="B is proved open", when=now.b_open, to_step=dead, tries=0, undead=True),
        _lock(mode, "B does not open", now.overdue, c.CAUSE_B_FAILED_TO_OPEN, first),
        _lock(mode, "B no longer reads open", negation(now.b_open), c.CAUSE_B_WELDED, dead),
        Arrow(mode=mode, step=dead, words="the utility stands apart from the bus: it is no weld", when=alone, watched=True),
        _lock(mode, "the utility fell with the bus: it was our own voltage", all_of(watched, now.utility_down), c.CAUSE_BACKFEED, dead),
        Arrow(mode=mode, step=dead, words="the utility is still watched", when=watched),
        *_trial(mode, "the utility stands by itself but may not be returned to", late, now,
                (c.CAUSE_UTILITY_FOLLOWS_BUS, c.CAUSE_FOLLOWED_REPEATEDLY), dead),
        _lock(mode, "U reads closed before it was ordered", now.u_closed, c.CAUSE_CONTACT_UNKNOWN, dead),
        _block(mode, "the utility reaches the bus through a U that reads open", now.fact["u_disagrees"], c.CAUSE_U_DISAGREES, dead),
        Arrow(mode=mode, step=dead, words="a disconnection is asked for", when=now.disconnect, to_mode=c.MODE_DISCONNECTED,
              cause=c.CAUSE_DISCONNECT_ASKED),
        Arrow(mode=mode, step=dead, words="the utility is out of its limits again, or held", when=no_more,
              to_mode=c.MODE_DARK, cause=c.CAUSE_UTILITY_LOST),
        Arrow(mode=mode, step=dead, words="dead for the dead time: U is ordered closed", when=all_of(now.dead_done, now.stored),
              to_step=closing, tries=1, u_order=c.ORDER_CLOSE),
        _lock(mode, "B no longer reads open", negation(now.b_open), c.CAUSE_B_WELDED, closing),
        Arrow(mode=mode, step=closing, words="U is proved closed", when=now.u_closed, to_mode=c.MODE_ON_UTILITY,
              cause=c.CAUSE_TRANSFER_DONE, u_order=c.ORDER_NONE),
        Arrow(mode=mode, step=closing, words="U is given more time", when=all_of(now.overdue, now.more_tries), tries=now.old["tries"] + 1, again=True),
        _lock(mode, "U does not close", now.overdue, c.CAUSE_U_FAILED_TO_CLOSE, closing),
    ]  # fmt: skip


def _blocked(now: Now) -> list[Arrow]:
    mode = c.MODE_BACKUP_BLOCKED
    went_with_source = one_of(now.old["latched"], (
        c.CAUSE_OVERLOAD_REPEATED, c.CAUSE_FOLLOWED_REPEATEDLY, c.CAUSE_SOURCE_FAILS_UNDER_LOAD,
        c.CAUSE_REVERSE_POWER, c.CAUSE_LOAD_SIDE_SOURCE, c.CAUSE_B_FAILED_TO_CLOSE, c.CAUSE_BACKUP_LEGS_WRONG,
        c.CAUSE_BACKUP_NEUTRAL, c.CAUSE_BACKUP_OVERVOLTAGE, c.CAUSE_INLET_HOT, c.CAUSE_INLET_UNMATED,
    ))  # fmt: skip
    harm = now.fact["utility_harmful"]
    opens = all_of(now.apart, now.old["u_order"] != c.ORDER_OPEN)
    closing = now.old["u_order"] == c.ORDER_CLOSE
    bus_live = all_of(closing, now.fact["bus_live"])
    failed = all_of(closing, now.overdue)
    ready = all_of(now.may_return, now.b_open, now.dead_done, now.stored)
    return [
        _lock(mode, "B, dropped, still reads closed, or the inlet follows the bus", any_of(now.b_stays_closed, now.fact["inlet_follows"]), c.CAUSE_B_WELDED),
        Arrow(mode=mode, words="a person resets it", when=all_of(now.m["local_reset"] == 1, now.b_open),
              to_mode=c.MODE_DARK, cause=c.CAUSE_LOCAL_RESET),
        Arrow(mode=mode, words="the source was taken away", when=all_of(now.removed, went_with_source),
              to_mode=c.MODE_DARK, cause=c.CAUSE_SOURCE_REMOVED),
        Arrow(mode=mode, words="U is not ordered open above its breaking rating", when=all_of(opens, now.above)),
        replace(_lock(mode, "the utility does harm, once too often", all_of(opens, harm, now.last_harm), c.CAUSE_HARM_REPEATED), harm=True),
        Arrow(mode=mode, words="U is ordered open: the utility does harm, is fed though lost, or a disconnection is asked for", when=opens,
              u_order=c.ORDER_OPEN, tries=0, undead=True, harm=harm),
        Arrow(mode=mode, words="U stays ordered open", when=now.apart, undead=True),
        Arrow(mode=mode, words="U need not be open any more", when=now.old["u_order"] == c.ORDER_OPEN, u_order=c.ORDER_NONE),
        Arrow(mode=mode, words="the utility feeds the premise", when=bus_live, u_order=c.ORDER_NONE, tries=0, undead=True),
        _lock(mode, "U does not close", all_of(failed, negation(now.more_tries)), c.CAUSE_U_FAILED_TO_CLOSE),
        Arrow(mode=mode, words="U did not follow: the bus is watched again", when=failed, u_order=c.ORDER_NONE, undead=True),
        Arrow(mode=mode, words="U is still closing", when=closing),
        Arrow(mode=mode, words="dead for the dead time: U is ordered closed", when=ready, u_order=c.ORDER_CLOSE,
              tries=now.old["tries"] + 1, again=True),
    ]  # fmt: skip


def _locked(now: Now) -> list[Arrow]:
    reset = all_of(now.m["local_reset"] == 1, now.b_open)
    opens = all_of(negation(now.above), any_of(now.b_open, now.overdue), now.old["u_order"] != c.ORDER_OPEN)
    return [
        Arrow(mode=c.MODE_LOCKED_OUT, words="a person resets it", when=reset, to_mode=c.MODE_DARK,
              cause=c.CAUSE_LOCAL_RESET, u_order=c.ORDER_NONE),
        Arrow(mode=c.MODE_LOCKED_OUT, words="B reads open or has had its time: U is ordered open", when=opens, u_order=c.ORDER_OPEN),
    ]  # fmt: skip


def _test(now: Now) -> list[Arrow]:
    mode, f = c.MODE_TEST, now.fact
    opening = now.old["step"] == c.STEP_OPENING
    on_load = all_of(
        now.dead_done, f["backup_qualified"], now.p["test_run_ticks"] > 0, negation(now.disconnect), now.may_try
    )
    return [
        _lock(mode, "B does not read open", negation(now.b_open), c.CAUSE_B_WELDED),
        *_opening(mode, opening, now, _to_proved(mode)),
        _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN),
        Arrow(mode=mode, words="passed, and a sound backup carries the home for a while", when=on_load,
              to_mode=c.MODE_TO_BACKUP, cause=c.CAUSE_TEST_PASSED, test_ticks=now.p["test_run_ticks"]),
        Arrow(mode=mode, words="passed: back to the utility", when=now.dead_done, to_mode=c.MODE_TO_UTILITY, cause=c.CAUSE_TEST_PASSED),
        _block(mode, "the bus stays live, or is not dead in time", any_of(f["load_side_source"], now.test_over), c.CAUSE_TEST_FAILED),
    ]  # fmt: skip


def _disconnected(now: Now) -> list[Arrow]:
    mode, f = c.MODE_DISCONNECTED, now.fact
    opening = now.old["step"] == c.STEP_OPENING
    wanted = all_of(
        now.p["disconnect_to_backup"] == 1, f["utility_lost"], f["backup_qualified"], now.stored, now.may_try
    )
    return [
        _lock(mode, "B, dropped, still reads closed after its time", now.b_stays_closed, c.CAUSE_B_WELDED),
        *_opening(mode, opening, now, _to_proved(mode)),
        _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN),
        Arrow(mode=mode, words="the disconnection is withdrawn", when=negation(now.disconnect), to_mode=c.MODE_DARK, cause=c.CAUSE_RECONNECT_ASKED),
        Arrow(mode=mode, words="the utility is lost, and the settings allow the backup", when=wanted,
              to_mode=c.MODE_TO_BACKUP, cause=c.CAUSE_BACKUP_READY, chooses=True),
    ]  # fmt: skip


_BY_MODE: dict[int, Callable[[Now], list[Arrow]]] = {
    c.MODE_ON_UTILITY: _on_utility,
    c.MODE_DARK: _dark,
    c.MODE_TO_BACKUP: _to_backup,
    c.MODE_ON_BACKUP: _on_backup,
    c.MODE_TO_UTILITY: _to_utility,
    c.MODE_BACKUP_BLOCKED: _blocked,
    c.MODE_LOCKED_OUT: _locked,
    c.MODE_TEST: _test,
    c.MODE_DISCONNECTED: _disconnected,
}


def _effect(arrow: Arrow, now: Now) -> dict[str, Term]:
    """What the table says is so after an arrow."""
    old, p = now.old, now.p
    after = dict(now.counted)
    if arrow.trial:
        after |= {"t_wait": 0, "overloads": now.more_trials}
    if arrow.flap:
        soon = after["t_flap"] < p["flap_window_ticks"]
        more = pick(old["flaps"] < p["flap_count"], old["flaps"] + 1, old["flaps"])
        after |= {"t_flap": 0, "flaps": pick(soon, more, 1)}
    after["harms"] = pick(arrow.harm, now.more_harms, now.harms)
    after["slot_draw"] = (old["slot_draw"] * 75 + 74) % 65537 if arrow.draws else old["slot_draw"]
    if not _keeps(arrow.test_ticks):
        after["test_left_ticks"] = arrow.test_ticks
    if not arrow.enters:
        fresh = arrow.again or arrow.to_step != KEEP
        return after | {
            "mode": old["mode"],
            "cause": old["cause"],
            "latched": old["latched"],
            "dead_time_ticks": old["dead_time_ticks"],
            "step": old["step"] if arrow.to_step == KEEP else arrow.to_step,
            "tries": old["tries"] if _keeps(arrow.tries) else arrow.tries,
            "u_order": old["u_order"] if arrow.u_order == KEEP else arrow.u_order,
            "b_order": old["b_order"] if arrow.b_order == KEEP else arrow.b_order,
            "t_step": p["follow_watch_ticks"] if arrow.watched else (0 if fresh else now.step_time),
            "t_dead": 0 if arrow.undead else after["t_dead"],
        }
    no_close = pick(old["u_order"] == c.ORDER_CLOSE, c.ORDER_NONE, old["u_order"])
    if arrow.to_mode == c.MODE_LOCKED_OUT:
        no_close = pick(all_of(now.b_open, negation(now.above)), c.ORDER_OPEN, no_close)
    dead_time = now.dead_time if arrow.chooses else old["dead_time_ticks"]
    blocks = arrow.to_mode == c.MODE_BACKUP_BLOCKED
    cleared = all_of(one_of(old["mode"], (c.MODE_BACKUP_BLOCKED, c.MODE_LOCKED_OUT)), arrow.to_mode == c.MODE_DARK)
    return after | {
        "mode": arrow.to_mode,
        "cause": arrow.cause,
        "latched": arrow.cause if blocks or arrow.to_mode == c.MODE_LOCKED_OUT else c.CAUSE_NONE,
        "overloads": pick(cleared, 0, after["overloads"]),
        "harms": pick(cleared, 0, after["harms"]),
        "dead_time_ticks": p["dead_time_motor_ticks"] if blocks else dead_time,
        "step": c.STEP_OPENING,
        "tries": 0,
        "u_order": no_close if arrow.u_order == KEEP else arrow.u_order,
        "b_order": old["b_order"] if arrow.to_mode == c.MODE_ON_BACKUP else c.ORDER_OPEN,
        "t_mode": 0,
        "t_step": 0,
        "t_dead": 0,
    }


class _Noting(dict[str, Term]):
    """Terms by name, and which of them were asked for."""

    def __init__(self, terms: dict[str, Term]) -> None:
        super().__init__(terms)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Term:
        self.asked.add(name)
        return super().__getitem__(name)


def told_by_the_table(step: Step) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields of the device that the table reads after a scan, and those that it determines."""
    noted = copy(step)
    after = _Noting(step.after)
    noted.after = after
    now = Now(noted)
    determined = {name for arrow in arrows(now) for name in _effect(arrow, now)}
    return tuple(sorted(after.asked)), tuple(sorted(determined))


def _keeps(term: Term) -> bool:
    return isinstance(term, int) and term == KEEP


def claims_of_arrows(step: Step, mode: int | None = None) -> list[Claim]:
    """One claim for each arrow, that the source takes it, and one for each mode, that it takes no other; or of one mode."""
    now = Now(step)
    claims: list[Claim] = []
    taken: dict[int, list[Term]] = {}
    for arrow in arrows(now, mode):
        here = all_of(now.old["mode"] == arrow.mode, True if arrow.step is None else now.old["step"] == arrow.step)
        before = taken.setdefault(arrow.mode, [])
        mine = all_of(here, arrow.when, *(negation(w) for w in before))
        before.append(all_of(here, arrow.when))
        effect = all_of(*(step.after[name] == term for name, term in _effect(arrow, now).items()))
        claims.append(
            Claim(
                law="L9",
                sentence=f"{_MODE[arrow.mode]}: {arrow.words}{_leads(arrow)}",
                claim=negation(all_of(mine, negation(effect))),
                witness=mine,
            )
        )
    for place, before in taken.items():
        rest = all_of(now.old["mode"] == place, *(negation(w) for w in before))
        nothing = Arrow(mode=place, words="", when=rest)
        still = all_of(*(step.after[name] == term for name, term in _effect(nothing, now).items()))
        claims.append(
            Claim(
                law="L9",
                sentence=f"{_MODE[place]}: nothing else moves it",
                claim=negation(all_of(rest, negation(still))),
                witness=rest,
            )
        )
    return claims  # fmt: skip


_MODE = {getattr(c, name): name.removeprefix("MODE_") for name in dir(c) if name.startswith("MODE_")}
_CAUSE = {getattr(c, name): name.removeprefix("CAUSE_") for name in dir(c) if name.startswith("CAUSE_")}


def _leads(arrow: Arrow) -> str:
    if not arrow.enters:
        return ""
    cause = _CAUSE[arrow.cause] if isinstance(arrow.cause, int) else "the harm itself"
    return f" -> {_MODE[arrow.to_mode]} ({cause})"
