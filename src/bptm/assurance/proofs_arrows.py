"""Every arrow of the transfer function, written a second time as a table, and proved to be what the source does.

The table is the state diagram in words: for each mode the arrows in the order in which they are judged, each with its
reason and with what becomes of both orders. It is written from facts and counts, not from the functions of
`transfer`; the proof is that a scan of the shipped source ends in the same mode, cause, step and orders as the table
for every state that satisfies the invariant. So no arrow exists that is not listed here (LAW-9), none is missing
(the steps behind LAW-7 and LAW-11), and every delay is exactly its setting.
"""

from dataclasses import dataclass, replace

from bptm.assurance.proofs import Claim
from bptm.assurance.proofs_model import Step
from bptm.assurance.z3_translate_terms import Term, all_of, any_of, lowest, negation, one_of, pick
from bptm.terms import core_codes as c

KEEP = -1
"""What an arrow leaves as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One arrow: when, why in words, and where it ends.

    `again`: the time of the step begins anew; `undead`: so does the dead time; `chooses`: the dead time is chosen by
    the load; `trial`: counted as a failed trial; `draws`: a new random delay is drawn.
    """

    mode: int
    step: int | None = None
    words: str
    when: Term
    to_mode: int = KEEP
    cause: int = KEEP
    to_step: int = KEEP
    tries: Term = KEEP
    u_order: int = KEEP
    b_order: int = KEEP
    again: bool = False
    undead: bool = False
    chooses: bool = False
    trial: bool = False
    draws: bool = False

    @property
    def enters(self) -> bool:
        """Whether it is a change of mode."""
        return self.to_mode != KEEP


class Now:
    """What a scan judges: facts as updated, and counts as they stand after this scan's ticks."""

    def __init__(self, step: Step) -> None:
        """Reads facts after the update, counts and orders before the decision."""
        old, s, m, p, ticks = step.before, step.after, step.m, step.p, step.ticks
        self.old, self.s, self.m, self.p = old, s, m, p
        # Readings of the contacts by the raw bits, not by the controller's own function.
        self.u_open = all_of(m["u_open_poles"] == 3, m["u_closed_poles"] == 0)
        self.u_closed = all_of(m["u_closed_poles"] == 3, m["u_open_poles"] == 0)
        self.b_open = all_of(m["b_open_poles"] == 3, m["b_closed_poles"] == 0)
        self.b_closed = all_of(m["b_closed_poles"] == 3, m["b_open_poles"] == 0)
        self.fact = {name: s[name] == 1 for name in (
            "utility_lost", "utility_in_band", "backup_qualified", "overload", "reverse_power", "utility_follows",
            "load_side_source", "contact_unknown", "u_disagrees", "bus_live", "bus_dead",
        )}  # fmt: skip
        self.stored = m["stored_energy_ok"] == 1
        left = old["hold_left_ticks"] - ticks
        over = any_of(left <= 0, all_of(p["medical"] == 1, self.fact["bus_dead"]))
        self.held = all_of(old["hold_left_ticks"] > 0, negation(over))
        free = all_of(old["hold_left_ticks"] <= 0, old["hold_left_ticks"] == 0)
        released = all_of(old["hold_left_ticks"] > 0, over)
        short = all_of(negation(self.fact["backup_qualified"]), p["return_bypass_ticks"] < p["return_ticks"])
        steady = s["t_return"] >= pick(short, p["return_bypass_ticks"], p["return_ticks"])
        self.may_return = all_of(steady, s["t_slot"] >= old["slot_ticks"], any_of(free, released))
        counting = any_of(
            all_of(one_of(old["mode"], (c.MODE_TO_BACKUP, c.MODE_TO_UTILITY)), old["step"] == c.STEP_DEAD_TIME),
            all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, old["u_order"] != c.ORDER_CLOSE, self.b_open),
        )
        dead_ticks = pick(all_of(counting, self.fact["bus_dead"]), old["t_dead"] + ticks, 0)
        self.dead_done = dead_ticks >= old["dead_time_ticks"]
        self.removed = s["t_removed"] >= p["removed_ticks"]
        self.in_contact_time = old["t_step"] + ticks < p["contact_ticks"]
        self.overdue = negation(self.in_contact_time)
        self.in_watch = old["t_step"] + ticks < p["follow_watch_ticks"]
        self.waited = old["t_wait"] + ticks >= p["overload_wait_ticks"]
        self.early = old["t_mode"] + ticks < p["trial_ticks"]
        forgiven = all_of(self.removed, old["latched"] == c.CAUSE_NONE)
        self.trials = pick(forgiven, 0, old["overloads"])
        self.last_trial = self.trials + 1 > p["overload_trials"]
        self.more_tries = old["tries"] < p["contact_tries"]
        dropped = one_of(old["mode"], (c.MODE_DARK, c.MODE_BACKUP_BLOCKED))
        stays_ticks = pick(all_of(dropped, self.b_closed), old["t_b_closed"] + ticks, 0)
        self.b_stays_closed = stays_ticks >= p["contact_ticks"]
        self.counted = {
            "t_b_closed": lowest(stays_ticks, p["contact_ticks"]),
            "t_mode": lowest(old["t_mode"] + ticks, p["trial_ticks"]),
            "t_dead": lowest(dead_ticks, old["dead_time_ticks"]),
            "t_wait": pick(old["mode"] == c.MODE_DARK, lowest(old["t_wait"] + ticks, p["overload_wait_ticks"]), old["t_wait"]),
            "hold_left_ticks": pick(self.held, left, 0),
            "overloads": self.trials,
        }  # fmt: skip
        watch = all_of(old["mode"] == c.MODE_TO_UTILITY, old["step"] == c.STEP_DEAD_TIME)
        limit = pick(watch, p["follow_watch_ticks"], p["contact_ticks"])
        closing = all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, old["u_order"] == c.ORDER_CLOSE)
        in_step = any_of(one_of(old["mode"], (c.MODE_TO_BACKUP, c.MODE_TO_UTILITY)), closing)
        self.step_time = pick(in_step, lowest(old["t_step"] + ticks, limit), old["t_step"])
        self.dead_time = pick(m["premise_w"] > p["motor_w"], p["dead_time_motor_ticks"], p["dead_time_ticks"])
        self.utility_down = all_of(m["utility_l1_v"] < p["live_v"], m["utility_l2_v"] < p["live_v"])
        self.followed = old["cause"] == c.CAUSE_UTILITY_FOLLOWS_BUS


def _lock(mode: int, words: str, when: Term, cause: int, step: int | None = None) -> Arrow:
    return Arrow(
        mode=mode, step=step, words=words, when=when, to_mode=c.MODE_LOCKED_OUT, cause=cause, u_order=c.ORDER_OPEN
    )


def _block(mode: int, words: str, when: Term, cause: int, step: int | None = None) -> Arrow:
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


def arrows(now: Now) -> list[Arrow]:
    """All arrows; within a mode the first whose condition holds is taken."""
    return [
        *_on_utility(now),
        *_dark(now),
        *_to_backup(now),
        *_on_backup(now),
        *_to_utility(now),
        *_blocked(now),
        *_locked(now),
    ]


def _on_utility(now: Now) -> list[Arrow]:
    mode, f = c.MODE_ON_UTILITY, now.fact
    return [
        _lock(mode, "B reads closed", now.b_closed, c.CAUSE_B_WELDED),
        _block(mode, "a contact is unknown", f["contact_unknown"], c.CAUSE_CONTACT_DOUBTED),
        _block(mode, "U reads open, or closed against the voltages", any_of(now.u_open, f["u_disagrees"]), c.CAUSE_U_DISAGREES),
        Arrow(mode=mode, words="utility lost", when=f["utility_lost"], to_mode=c.MODE_DARK, cause=c.CAUSE_UTILITY_LOST, draws=True),
    ]  # fmt: skip


def _dark(now: Now) -> list[Arrow]:
    mode, f = c.MODE_DARK, now.fact
    back = all_of(now.u_closed, negation(f["utility_lost"]), f["bus_live"])
    wanted = all_of(f["backup_qualified"], now.stored, any_of(f["utility_lost"], now.u_open))
    return [
        _lock(mode, "B, dropped, still reads closed after its time", now.b_stays_closed, c.CAUSE_B_WELDED),
        _lock(mode, "a contact is unknown", f["contact_unknown"], c.CAUSE_CONTACT_UNKNOWN),
        _block(mode, "U reads closed against the voltages", f["u_disagrees"], c.CAUSE_U_DISAGREES),
        Arrow(mode=mode, words="the utility is back through a closed U", when=back, to_mode=c.MODE_ON_UTILITY,
              cause=c.CAUSE_UTILITY_RESTORED, u_order=c.ORDER_NONE),
        Arrow(mode=mode, words="U open and the utility may be returned to", when=all_of(now.u_open, now.may_return, now.stored),
              to_mode=c.MODE_TO_UTILITY, cause=c.CAUSE_UTILITY_RESTORED, chooses=True),
        Arrow(mode=mode, words="the backup is ready", when=all_of(wanted, any_of(now.trials == 0, now.waited)),
              to_mode=c.MODE_TO_BACKUP, cause=c.CAUSE_BACKUP_READY, chooses=True),
    ]  # fmt: skip


def _to_backup(now: Now) -> list[Arrow]:
    mode, f, first = c.MODE_TO_BACKUP, now.fact, c.STEP_OPENING
    again = any_of(now.old["tries"] == 0, now.overdue)
    came_back = all_of(negation(f["utility_lost"]), now.u_closed, now.old["tries"] == 0)
    later = [
        arrow
        for step in (c.STEP_DEAD_TIME, c.STEP_CLOSING)
        for arrow in (
            _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN, step),
            Arrow(mode=mode, step=step, words="the backup is lost on the way", when=negation(f["backup_qualified"]),
                  to_mode=c.MODE_DARK, cause=c.CAUSE_BACKUP_LOST),
        )
    ]  # fmt: skip
    return [
        _lock(mode, "B reads closed before it was ordered", now.b_closed, c.CAUSE_B_WELDED, first),
        Arrow(mode=mode, step=first, words="U is proved open", when=now.u_open, to_step=c.STEP_DEAD_TIME, tries=0, u_order=c.ORDER_NONE, undead=True),
        Arrow(mode=mode, step=first, words="the utility is back before U was ordered open", when=came_back,
              to_mode=c.MODE_DARK, cause=c.CAUSE_UTILITY_RESTORED),
        Arrow(mode=mode, step=first, words="U is ordered open, once more when it did not follow in time",
              when=all_of(again, now.more_tries), u_order=c.ORDER_OPEN, tries=now.old["tries"] + 1, again=True),
        _block(mode, "U does not open", again, c.CAUSE_U_FAILED_TO_OPEN, first),
        *later,
        _lock(mode, "B reads closed before it was ordered", now.b_closed, c.CAUSE_B_WELDED, c.STEP_DEAD_TIME),
        _block(mode, "the bus is live with both open", f["load_side_source"], c.CAUSE_LOAD_SIDE_SOURCE, c.STEP_DEAD_TIME),
        Arrow(mode=mode, step=c.STEP_DEAD_TIME, words="dead for the dead time: B is ordered closed", when=all_of(now.dead_done, now.stored),
              to_step=c.STEP_CLOSING, tries=0, b_order=c.ORDER_CLOSE, undead=True),
        Arrow(mode=mode, step=c.STEP_CLOSING, words="B is proved closed", when=now.b_closed, to_mode=c.MODE_ON_BACKUP, cause=c.CAUSE_TRANSFER_DONE),
        _block(mode, "B does not close", now.overdue, c.CAUSE_B_FAILED_TO_CLOSE, c.STEP_CLOSING),
    ]  # fmt: skip


def _on_backup(now: Now) -> list[Arrow]:
    mode, f = c.MODE_ON_BACKUP, now.fact
    gone = any_of(negation(f["backup_qualified"]), now.b_open)
    return [
        _lock(mode, "U no longer reads open", negation(now.u_open), c.CAUSE_CONTACT_UNKNOWN),
        Arrow(mode=mode, words="the utility follows the bus", when=f["utility_follows"], to_mode=c.MODE_TO_UTILITY,
              cause=c.CAUSE_UTILITY_FOLLOWS_BUS, chooses=True),
        _block(mode, "power flows into the source", f["reverse_power"], c.CAUSE_REVERSE_POWER),
        *_trial(mode, "overload", f["overload"], now, (c.CAUSE_OVERLOAD, c.CAUSE_OVERLOAD_REPEATED)),
        *_trial(mode, "the source fails soon after the transfer", all_of(gone, now.early), now,
                (c.CAUSE_BACKUP_LOST, c.CAUSE_SOURCE_FAILS_UNDER_LOAD)),
        Arrow(mode=mode, words="the source is gone", when=gone, to_mode=c.MODE_DARK, cause=c.CAUSE_BACKUP_LOST),
        _lock(mode, "a contact is unknown", f["contact_unknown"], c.CAUSE_CONTACT_UNKNOWN),
        Arrow(mode=mode, words="the utility may be returned to", when=all_of(now.may_return, now.stored),
              to_mode=c.MODE_TO_UTILITY, cause=c.CAUSE_UTILITY_RESTORED, chooses=True),
    ]  # fmt: skip


def _to_utility(now: Now) -> list[Arrow]:
    mode, first, dead, closing = c.MODE_TO_UTILITY, c.STEP_OPENING, c.STEP_DEAD_TIME, c.STEP_CLOSING
    watched = all_of(now.followed, now.in_watch)
    late = all_of(now.followed, negation(now.in_watch), negation(now.may_return))
    no_more = any_of(negation(now.fact["utility_in_band"]), now.held)
    return [
        Arrow(mode=mode, step=first, words="B is proved open", when=now.b_open, to_step=dead, tries=0, undead=True),
        _lock(mode, "B does not open", now.overdue, c.CAUSE_B_FAILED_TO_OPEN, first),
        _lock(mode, "B no longer reads open", negation(now.b_open), c.CAUSE_B_WELDED, dead),
        _lock(mode, "the utility fell with the bus: it was our own voltage", all_of(watched, now.utility_down), c.CAUSE_BACKFEED, dead),
        Arrow(mode=mode, step=dead, words="the utility is still watched", when=watched),
        *_trial(mode, "the utility stands by itself but may not be returned to", late, now,
                (c.CAUSE_UTILITY_FOLLOWS_BUS, c.CAUSE_FOLLOWED_REPEATEDLY), dead),
        _lock(mode, "U reads closed before it was ordered", now.u_closed, c.CAUSE_CONTACT_UNKNOWN, dead),
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
        c.CAUSE_REVERSE_POWER, c.CAUSE_LOAD_SIDE_SOURCE, c.CAUSE_B_FAILED_TO_CLOSE,
    ))  # fmt: skip
    closing = now.old["u_order"] == c.ORDER_CLOSE
    bus_live = all_of(closing, now.fact["bus_live"])
    failed = all_of(closing, now.overdue)
    ready = all_of(now.may_return, now.b_open, now.dead_done, now.stored)
    return [
        _lock(mode, "B, dropped, still reads closed after its time", now.b_stays_closed, c.CAUSE_B_WELDED),
        Arrow(mode=mode, words="a person resets it", when=all_of(now.m["local_reset"] == 1, now.b_open),
              to_mode=c.MODE_DARK, cause=c.CAUSE_LOCAL_RESET),
        Arrow(mode=mode, words="the source was taken away, and the cause with it", when=all_of(now.removed, went_with_source),
              to_mode=c.MODE_DARK, cause=c.CAUSE_SOURCE_REMOVED),
        Arrow(mode=mode, words="U has closed", when=bus_live, u_order=c.ORDER_NONE, tries=0, undead=True),
        _lock(mode, "U does not close", all_of(failed, negation(now.more_tries)), c.CAUSE_U_FAILED_TO_CLOSE),
        Arrow(mode=mode, words="U did not follow: open again before another try", when=failed, u_order=c.ORDER_NONE, undead=True),
        Arrow(mode=mode, words="U is closing", when=closing),
        Arrow(mode=mode, words="U is ordered closed onto a dead bus", when=ready, u_order=c.ORDER_CLOSE, tries=now.old["tries"] + 1, again=True),
    ]  # fmt: skip


def _locked(now: Now) -> list[Arrow]:
    reset = all_of(now.m["local_reset"] == 1, now.b_open)
    return [
        Arrow(mode=c.MODE_LOCKED_OUT, words="a person resets it", when=reset, to_mode=c.MODE_DARK,
              cause=c.CAUSE_LOCAL_RESET, u_order=c.ORDER_NONE),
    ]  # fmt: skip


def _effect(arrow: Arrow, now: Now) -> dict[str, Term]:
    """What the table says is so after an arrow."""
    old, p = now.old, now.p
    after = dict(now.counted)
    if arrow.trial:
        after |= {"t_wait": 0, "overloads": now.trials + 1}
    after["slot_draw"] = (old["slot_draw"] * 75 + 74) % 65537 if arrow.draws else old["slot_draw"]
    if not arrow.enters:
        fresh = arrow.again or arrow.to_step != KEEP
        return after | {
            "mode": old["mode"],
            "cause": old["cause"],
            "latched": old["latched"],
            "dead_time_ticks": old["dead_time_ticks"],
            "step": old["step"] if arrow.to_step == KEEP else arrow.to_step,
            "tries": old["tries"] if isinstance(arrow.tries, int) and arrow.tries == KEEP else arrow.tries,
            "u_order": old["u_order"] if arrow.u_order == KEEP else arrow.u_order,
            "b_order": old["b_order"] if arrow.b_order == KEEP else arrow.b_order,
            "t_step": 0 if fresh else now.step_time,
            "t_dead": 0 if arrow.undead else after["t_dead"],
        }
    no_close = pick(old["u_order"] == c.ORDER_CLOSE, c.ORDER_NONE, old["u_order"])
    dead_time = now.dead_time if arrow.chooses else old["dead_time_ticks"]
    blocks = arrow.to_mode == c.MODE_BACKUP_BLOCKED
    cleared = all_of(one_of(old["mode"], (c.MODE_BACKUP_BLOCKED, c.MODE_LOCKED_OUT)), arrow.to_mode == c.MODE_DARK)
    return after | {
        "mode": arrow.to_mode,
        "cause": arrow.cause,
        "latched": arrow.cause if blocks or arrow.to_mode == c.MODE_LOCKED_OUT else c.CAUSE_NONE,
        "overloads": pick(cleared, 0, after["overloads"]),
        "dead_time_ticks": p["dead_time_motor_ticks"] if blocks else dead_time,
        "step": c.STEP_OPENING,
        "tries": 0,
        "u_order": no_close if arrow.u_order == KEEP else arrow.u_order,
        "b_order": old["b_order"] if arrow.to_mode == c.MODE_ON_BACKUP else c.ORDER_OPEN,
        "t_mode": 0,
        "t_step": 0,
        "t_dead": 0,
    }


def claims_of_arrows(step: Step) -> list[Claim]:
    """One claim for each arrow, that the source takes it, and one for each mode, that it takes no other."""
    now = Now(step)
    claims: list[Claim] = []
    taken: dict[int, list[Term]] = {}
    for arrow in arrows(now):
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
    for mode, before in taken.items():
        rest = all_of(now.old["mode"] == mode, *(negation(w) for w in before))
        nothing = Arrow(mode=mode, words="", when=rest)
        still = all_of(*(step.after[name] == term for name, term in _effect(nothing, now).items()))
        claims.append(
            Claim(
                law="L9",
                sentence=f"{_MODE[mode]}: nothing else moves it",
                claim=negation(all_of(rest, negation(still))),
                witness=rest,
            )
        )
    return claims  # fmt: skip


_MODE = {getattr(c, name): name.removeprefix("MODE_") for name in dir(c) if name.startswith("MODE_")}
_CAUSE = {getattr(c, name): name.removeprefix("CAUSE_") for name in dir(c) if name.startswith("CAUSE_")}


def _leads(arrow: Arrow) -> str:
    return f" -> {_MODE[arrow.to_mode]} ({_CAUSE[arrow.cause]})" if arrow.enters else ""
