"""The laws as claims about one step of the shipped source, and the run that asks the prover about each.

Each claim names its law and says in one sentence what it links to what. A claim holds for all time because the
invariant does (`proofs_model`). Where a claim needs no invariant at all it is asked from any state whatever.
"""

import time
from dataclasses import dataclass
from enum import Enum, auto

from bptm.assurance.proofs_model import (
    BLOCK_CAUSES,
    INVARIANT,
    JOURNALLED,
    LOCK_CAUSES,
    Step,
    invariant,
)
from bptm.assurance.z3_translate import Record, Source
from bptm.assurance.z3_translate_terms import Prover, Term, all_of, any_of, implies, lowest, negation, one_of, pick
from bptm.terms import core_codes as c
from bptm.terms.core_device import DEVICE_FIELDS

_LATCHED = (c.MODE_BACKUP_BLOCKED, c.MODE_LOCKED_OUT)


class From(Enum):
    """Which states before a step a claim is asked of."""

    ANY = auto()
    INVARIANT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something that must follow from the premises.

    `witness` is what the claim assumes: it must be reachable, or the claim says nothing (LAW-13).
    """

    law: str
    sentence: str
    claim: Term
    witness: Term
    begins: From = From.INVARIANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a claim."""

    law: str
    sentence: str
    holds: bool
    reached: bool
    seconds: float
    shown: dict[str, str]

    @property
    def good(self) -> bool:
        """Proved, and about something that can happen."""
        return self.holds and self.reached


def _if(law: str, sentence: str, condition: Term, then: Term, begins: From = From.INVARIANT) -> Claim:
    return Claim(law=law, sentence=sentence, claim=implies(condition, then), witness=condition, begins=begins)


def _rises(step: Step, order: str) -> Term:
    return all_of(step.after[order] == c.ORDER_CLOSE, step.before[order] != c.ORDER_CLOSE)


def claims_of_a_scan(step: Step) -> list[Claim]:
    """Claims about one scan."""
    return [
        *_induction(step),
        *_never_both(step),
        *_close_needs(step),
        *_lockouts(step),
        *_remote_hold(step),
        *_registers(step),
        *_interlock(step),
    ]


def _induction(step: Step) -> list[Claim]:
    after = invariant(step.after, step.interlock, step.p, step.ghosts_after)
    return [
        Claim(law="INV", sentence=f"a scan keeps: {sentence}", claim=clause, witness=True)
        for sentence, clause in zip(INVARIANT, after, strict=True)
    ]


def _never_both(step: Step) -> list[Claim]:
    k, r, s = step.interlock, step.r, step.after
    u_out, b_out = k["u_out"] == c.ORDER_CLOSE, k["b_out"] == c.ORDER_CLOSE
    u_open = all_of(r["u_open_poles"] == 3, r["u_closed_poles"] == 0)
    b_open = all_of(r["b_open_poles"] == 3, r["b_closed_poles"] == 0)
    ordered = all_of(s["u_order"] == c.ORDER_CLOSE, s["b_order"] == c.ORDER_CLOSE)
    return [
        Claim(law="L1", sentence="no scan sends close to both", claim=negation(all_of(u_out, b_out)), witness=b_out, begins=From.ANY),
        Claim(law="L1", sentence="no scan orders both closed", claim=negation(ordered), witness=True),
        _if("L1", "close reaches B only while both poles of U read open, in this scan", b_out, u_open, From.ANY),
        _if("L1", "close reaches U only while both poles of B read open, in this scan", u_out, b_open, From.ANY),
        _if("L1", "close reaches a contactor only when it was ordered", any_of(u_out, b_out), any_of(
            all_of(u_out, s["u_order"] == c.ORDER_CLOSE), all_of(b_out, s["b_order"] == c.ORDER_CLOSE)), From.ANY),
        _if("L1", "an order to open U reaches U", s["u_order"] == c.ORDER_OPEN, k["u_out"] == c.ORDER_OPEN, From.ANY),
        _if("L1", "B is told to open whenever it is not told to close", negation(b_out), k["b_out"] == c.ORDER_OPEN, From.ANY),
    ]  # fmt: skip


def _close_needs(step: Step) -> list[Claim]:
    s, g, m, k, p = step.after, step.ghosts_after, step.m, step.interlock, step.p
    b_rises, u_rises = _rises(step, "b_order"), _rises(step, "u_order")
    dead = all_of(m["bus_l1_v"] < p["dead_v"], m["bus_l2_v"] < p["dead_v"], g["bus_dead"] >= s["dead_time_ticks"])
    needed = s["dead_time_ticks"] >= p["dead_time_ticks"]
    in_band = all_of(
        m["utility_l1_v"] > p["return_low_v"],
        m["utility_l2_v"] > p["return_low_v"],
        m["utility_hz"] > p["return_low_hz"],
        m["utility_hz"] < p["return_high_hz"],
    )
    sensible = p["dead_time_motor_ticks"] >= p["dead_time_ticks"]
    b_given = all_of(step.interlock_before["b_permit"] == 0, k["b_out"] == c.ORDER_CLOSE)
    u_given = all_of(step.interlock_before["u_permit"] == 0, k["u_out"] == c.ORDER_CLOSE)
    absent = g["absent"] >= p["interlock_dead_ticks"]
    b_open = all_of(step.r["b_open_poles"] == 3, step.r["b_closed_poles"] == 0)
    return [
        _if("L2", "B is ordered closed only onto a bus that was dead for the whole dead time", b_rises, dead),
        _if("L2", "B is ordered closed only when U read open for the whole dead time", b_rises, g["u_open"] >= s["dead_time_ticks"]),
        _if("L2", "B is ordered closed only with energy stored to open again", b_rises, m["stored_energy_ok"] == 1),
        _if("L2", "U is ordered closed only onto a bus that was dead for the whole dead time", u_rises, dead),
        _if("L2", "U is ordered closed only when B read open for the whole dead time", u_rises, g["b_open"] >= s["dead_time_ticks"]),
        _if("L2", "U is ordered closed only with energy stored to open again", u_rises, m["stored_energy_ok"] == 1),
        _if("L2", "U is ordered closed only onto a utility within the limits of return", u_rises, in_band),
        _if("L2", "the dead time is never shorter than its setting", all_of(sensible, any_of(b_rises, u_rises)), needed),
        _if("L2", "close first reaches B after the interlock's own dead count, with B open", b_given, all_of(absent, b_open)),
        _if("L2", "close first reaches U after the interlock's own dead count", u_given, absent),
    ]  # fmt: skip


def _lockouts(step: Step) -> list[Claim]:
    old, s, k, m = step.before, step.after, step.interlock, step.m
    blocked, locked = s["mode"] == c.MODE_BACKUP_BLOCKED, s["mode"] == c.MODE_LOCKED_OUT
    came_b = all_of(blocked, old["mode"] != c.MODE_BACKUP_BLOCKED)
    came_l = all_of(locked, old["mode"] != c.MODE_LOCKED_OUT)
    changed = s["mode"] != old["mode"]
    left_l = all_of(old["mode"] == c.MODE_LOCKED_OUT, changed)
    left_b = all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, s["mode"] != c.MODE_BACKUP_BLOCKED, negation(locked))
    open_b = all_of(s["b_order"] == c.ORDER_OPEN, k["b_out"] == c.ORDER_OPEN)
    open_u = all_of(s["u_order"] == c.ORDER_OPEN, k["u_out"] == c.ORDER_OPEN)
    no_close = all_of(
        *(x != c.ORDER_CLOSE for x in (s["u_order"], s["b_order"], k["u_out"], k["b_out"])),
    )
    removed = all_of(s["t_removed"] >= step.p["removed_ticks"], step.m["inlet_l1_v"] < step.p["dead_v"])
    by_person = all_of(m["local_reset"] == 1, s["b_contact"] == c.CONTACT_OPEN)
    return [
        _if("L3", "LOCKED_OUT opens both, by order and at the contactors, in the same scan", locked, all_of(open_u, open_b)),
        _if("L3", "BACKUP_BLOCKED opens B in the same scan, by order and at the contactor", blocked, open_b),
        _if("L3", "no close stands in the scan that enters a lockout", any_of(came_b, came_l), no_close),
        _if("L3", "no close stands in the scan that ends a lockout", any_of(left_b, left_l), no_close),
        _if("L3", "BACKUP_BLOCKED gives no order to U when it is entered", came_b, s["u_order"] == c.ORDER_NONE),
        _if("L4", "LOCKED_OUT ends only by a person at the meter, B reading open", left_l, by_person),
        _if("L4", "BACKUP_BLOCKED ends only by a person or with the source removed", left_b, any_of(by_person, removed)),
        _if("L9", "at most one change of mode in a scan", True, step.calls["enter"] <= 1, From.ANY),
        _if("L9", "a change of mode has a cause", changed, all_of(step.calls["enter"] == 1, s["cause"] != c.CAUSE_NONE)),
        _if("L9", "a lockout is entered only through its one door", came_l, step.calls["lock_out"] == 1),
        _if("L9", "a block is entered only through its one door", came_b, step.calls["block_backup"] == 1),
        _if("L9", "a lockout has one of five causes", came_l, all_of(one_of(s["cause"], LOCK_CAUSES), s["latched"] == s["cause"])),
        _if("L9", "a block has one of nine causes", came_b, all_of(one_of(s["cause"], BLOCK_CAUSES), s["latched"] == s["cause"])),
        _if("L9", "a standing lockout keeps its cause", all_of(one_of(old["mode"], _LATCHED), negation(changed)), s["latched"] == old["latched"]),
        _if("L5", "a utility that follows the bus drops B in the same scan", all_of(old["mode"] == c.MODE_ON_BACKUP, s["utility_follows"] == 1), open_b),
    ]  # fmt: skip


def _remote_hold(step: Step) -> list[Claim]:
    s, old = step.after, step.before
    held = s["hold_left_ticks"] > 0
    leaves = all_of(s["mode"] == c.MODE_TO_UTILITY, old["mode"] != c.MODE_TO_UTILITY)
    overdue = all_of(step.p["medical"] == 1, s["bus_dead"] == 1, old["hold_left_ticks"] > 0)
    return [
        _if("L4", "under a hold U is not ordered closed", held, negation(_rises(step, "u_order"))),
        _if("L4", "under a hold the home leaves its source only because the utility follows the bus",
            all_of(held, leaves), s["cause"] == c.CAUSE_UTILITY_FOLLOWS_BUS),
        _if("L4", "a hold only gets shorter", old["hold_left_ticks"] > 0, s["hold_left_ticks"] < old["hold_left_ticks"]),
        _if("L4", "a medical home is never held dark", overdue, s["hold_left_ticks"] == 0),
    ]  # fmt: skip


def _registers(step: Step) -> list[Claim]:
    s, old = step.after, step.before
    sides = (
        ("utility", c.FED_BY_UTILITY, s["u_contact"], s["b_contact"]),
        ("backup", c.FED_BY_BACKUP, s["b_contact"], s["u_contact"]),
    )
    found: list[Claim] = []
    for side, fed_by, its, other in sides:
        moved = any_of(*(s[f"{side}_{way}_mwticks"] != old[f"{side}_{way}_mwticks"] for way in ("in", "out")))
        proved = all_of(s["fed_by"] == fed_by, its == c.CONTACT_CLOSED, other == c.CONTACT_OPEN)
        found.append(
            _if(
                "L8",
                f"energy reaches the {side} register only while its contactor alone reads closed",
                moved,
                proved,
                From.ANY,
            )
        )
    return found  # fmt: skip


def _interlock(step: Step) -> list[Claim]:
    """What the interlock does, exactly: it can neither give what was not ordered nor withhold what is due."""
    old, k, r, s = step.interlock_before, step.interlock, step.r, step.after
    needed = step.p["interlock_dead_ticks"]
    absent = all_of(r["bus_l1_present"] != 1, r["bus_l2_present"] != 1)
    count = pick(absent, lowest(old["t_bus_dead"] + step.ticks, needed), 0)
    opened = {x: all_of(r[f"{x}_open_poles"] == 3, r[f"{x}_closed_poles"] == 0) for x in "ub"}
    asked = {x: s[f"{x}_order"] == c.ORDER_CLOSE for x in "ub"}
    b = all_of(asked["b"], negation(asked["u"]), opened["u"])
    b = all_of(b, any_of(old["b_permit"] == 1, all_of(count >= needed, opened["b"])))
    u = all_of(asked["u"], negation(asked["b"]), opened["b"], any_of(old["u_permit"] == 1, count >= needed))
    u_kept = pick(s["u_order"] == c.ORDER_OPEN, c.ORDER_OPEN, c.ORDER_NONE)
    flags = all_of(one_of(old["u_permit"], (0, 1)), one_of(old["b_permit"], (0, 1)))
    return [
        Claim(law="L2", sentence="the interlock counts how long its comparators saw no voltage", claim=k["t_bus_dead"] == count, witness=count > 1, begins=From.ANY),
        _if("L2", "the interlock lets B close exactly when it may, and holds it only while U reads open", flags, all_of((k["b_permit"] == 1) == b, k["b_out"] == pick(b, c.ORDER_CLOSE, c.ORDER_OPEN)), From.ANY),
        _if("L2", "the interlock lets U close exactly when it may", flags, all_of((k["u_permit"] == 1) == u, k["u_out"] == pick(u, c.ORDER_CLOSE, u_kept)), From.ANY),
    ]  # fmt: skip


def claims_of_a_start(step: Step) -> list[Claim]:
    """Claims about a start from any journal; what is not journalled is arbitrary."""
    old, s, m = step.before, step.after, step.m
    # Counts begin again: nothing is known of the time without supply.
    after = invariant(s, step.interlock, step.p, dict.fromkeys(step.ghosts, 0))
    u_closed = all_of(m["u_closed_poles"] == 3, m["u_open_poles"] == 0)
    b_open = all_of(m["b_open_poles"] == 3, m["b_closed_poles"] == 0)
    u_open = all_of(m["u_open_poles"] == 3, m["u_closed_poles"] == 0)
    free = old["latched"] == c.CAUSE_NONE
    blocked = all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, negation(free))
    keeps = all_of(s["latched"] == old["latched"], s["mode"] == old["mode"])
    no_close = all_of(s["u_order"] != c.ORDER_CLOSE, s["b_order"] != c.ORDER_CLOSE, s["b_order"] == c.ORDER_OPEN)
    doubt = all_of(negation(blocked), negation(u_open), negation(all_of(free, u_closed, b_open)))
    return [
        *(
            Claim(law="INV", sentence=f"a start establishes: {sentence}", claim=clause, witness=True)
            for sentence, clause in zip(INVARIANT, after, strict=True)
        ),
        _if("L3", "a start issues no close and drops B, whatever was before", True, no_close, From.ANY),
        _if("L3", "a start leaves U as found when it reads closed, B open, and no lockout is journalled",
            all_of(free, u_closed, b_open), all_of(s["u_order"] == c.ORDER_NONE, one_of(s["mode"], (c.MODE_ON_UTILITY, c.MODE_DARK)))),
        _if("L3", "a start orders U open otherwise, unless it reads open already or only the backup is blocked", doubt, s["u_order"] == c.ORDER_OPEN),
        _if("L3", "a start under BACKUP_BLOCKED gives U no order", blocked, s["u_order"] == c.ORDER_NONE),
        _if("L3", "a journalled lockout stands after a start", negation(free), keeps),
    ]  # fmt: skip


def journal_is_consistent(old: Record) -> Term:
    """What the journal holds was written by a scan: a lockout stands with a cause of its list, or none stands."""
    counts = all_of(*(old[name] >= 0 for name in ("overloads", "hold_left_ticks", "dead_time_ticks")))
    lockout = any_of(
        all_of(old["latched"] == c.CAUSE_NONE, negation(one_of(old["mode"], _LATCHED)), old["mode"] >= 0, old["mode"] <= c.MODE_LOCKED_OUT),
        all_of(old["mode"] == c.MODE_LOCKED_OUT, one_of(old["latched"], LOCK_CAUSES)),
        all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, one_of(old["latched"], BLOCK_CAUSES)),
    )  # fmt: skip
    return all_of(counts, lockout)


def claims_of_a_command(step: Step) -> list[Claim]:
    """Claims about a remote action, whatever it is and whoever sent it."""
    free = ("hold_left_ticks", "events", "wake_ticks")
    untouched = all_of(*(step.after[f[0]] == step.before[f[0]] for f in DEVICE_FIELDS if f[0] not in free))
    hold = step.after["hold_left_ticks"]
    new = all_of(hold != step.before["hold_left_ticks"], hold != 0)
    refused = step.value != 0
    held = all_of(step.action == c.ACTION_HOLD_RETURN, step.value == 0)
    u_open = step.before["u_contact"] == c.CONTACT_OPEN
    return [
        _if("L4", "a message changes no order, mode, fact, timer, register or lockout", True, untouched, From.ANY),
        _if("L4", "a refused message changes no hold", refused, hold == step.before["hold_left_ticks"], From.ANY),
        _if("L4", "a hold lasts from one minute to 24 hours", all_of(held, new), all_of(hold >= 7200, hold <= 10368000), From.ANY),
        _if("L4", "no hold is taken by a locked-out meter, nor unless U reads open", held, all_of(u_open, step.before["mode"] != c.MODE_LOCKED_OUT), From.ANY),
    ]  # fmt: skip


def judge(claims: list[Claim], premises: tuple[Term, ...], before: tuple[Term, ...]) -> list[Verdict]:
    """Asks the prover about each claim, and whether what it assumes can be reached."""
    provers = {From.ANY: Prover(premises), From.INVARIANT: Prover((*premises, *before))}
    verdicts: list[Verdict] = []
    for claim in claims:
        begun_s = time.perf_counter()
        prover = provers[claim.begins]
        answer = prover.ask(claim.claim)
        reached = prover.reach(claim.witness)
        verdicts.append(
            Verdict(
                law=claim.law,
                sentence=claim.sentence,
                holds=answer.follows,
                reached=reached.follows,
                seconds=time.perf_counter() - begun_s,
                shown=answer.shown,
            )
        )
    return verdicts


def prove_steps(source: Source) -> list[Verdict]:
    """Every claim about a scan, a start and a command of this source."""
    scan, start, command = (Step(source, entry) for entry in ("scan", "start", "command"))
    return [
        *judge(claims_of_a_scan(scan), scan.premises(), scan.holds_before()),
        *judge(claims_of_a_start(start), start.premises(), (journal_is_consistent(start.before),)),
        *judge(claims_of_a_command(command), command.premises(), command.holds_before()),
    ]


assert set(JOURNALLED) <= {name for name, *_ in DEVICE_FIELDS}
