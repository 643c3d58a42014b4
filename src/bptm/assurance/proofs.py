"""The laws as claims about one step of the shipped source, and the run that asks the prover about each.

Each claim names its law and says in one sentence what it links to what. A claim holds for all time because the
invariant does (`proofs_model`). Where a claim needs no invariant at all it is asked from any state whatever.
"""

from bptm.assurance.proofs_claim import Claim, From, Verdict, judge
from bptm.assurance.proofs_claim import claim_if as _if
from bptm.assurance.proofs_entries import (
    claims_of_a_command,
    claims_of_a_start,
    claims_of_silence,
    interlock_alone,
    journal_is_consistent,
)
from bptm.assurance.proofs_model import BLOCK_CAUSES, INVARIANT, JOURNALLED, LATCHED, LOCK_CAUSES, Step, invariant
from bptm.assurance.z3_translate import Source
from bptm.assurance.z3_translate_terms import Term, all_of, any_of, lowest, negation, one_of, pick
from bptm.terms import core_codes as c
from bptm.terms.core_device import DEVICE_FIELDS


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
        *_harm(step),
        *_disconnection(step),
        *_breaking_rating(step),
        *_registers(step),
        *claims_of_the_interlock(step),
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
    legs = all_of(m["utility_l1_v"] > p["return_low_v"], m["utility_l2_v"] > p["return_low_v"])
    between = all_of(s["t_reference"] > 0, m["utility_l12_v"] > 2 * p["return_low_v"])
    in_band = all_of(
        any_of(legs, between),
        s["utility_doubted"] == 0,
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
        _if("L2", "U is ordered closed only onto a utility, read without doubt, within the limits of return", u_rises, in_band),
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
    waited = all_of(negation(came_l), old["t_step"] + step.ticks >= step.p["contact_ticks"])
    free = all_of(s["above_rating"] == 0, any_of(s["b_contact"] == c.CONTACT_OPEN, waited))
    read_dead = step.m["inlet_l1_v"] < step.p["dead_v"]
    shown_dead = all_of(
        s["inlet_doubted"] == 1, s["b_contact"] == c.CONTACT_CLOSED, step.m["bus_l1_v"] < step.p["dead_v"]
    )
    removed = all_of(s["t_removed"] >= step.p["removed_ticks"], any_of(read_dead, shown_dead))
    by_person = all_of(m["local_reset"] == 1, s["b_contact"] == c.CONTACT_OPEN)
    return [
        _if("L3", "LOCKED_OUT opens B, by order and at the contactor, in the same scan", locked, open_b),
        _if("L3", "LOCKED_OUT opens U, by order and at the contactor, in the scan in which B reads open or has had its time, unless above the breaking rating", all_of(locked, free), open_u),
        _if("L3", "what LOCKED_OUT has ordered open stays so", all_of(locked, old["mode"] == c.MODE_LOCKED_OUT, old["u_order"] == c.ORDER_OPEN), open_u),
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
        _if("L9", "a lockout has one of seven causes", came_l, all_of(one_of(s["cause"], LOCK_CAUSES), s["latched"] == s["cause"])),
        _if("L9", "a block has one of seventeen causes", came_b, all_of(one_of(s["cause"], BLOCK_CAUSES), s["latched"] == s["cause"])),
        _if("L9", "a standing lockout keeps its cause", all_of(one_of(old["mode"], LATCHED), negation(changed)), s["latched"] == old["latched"]),
        _if("L5", "a utility that follows the bus drops B in the same scan", all_of(old["mode"] == c.MODE_ON_BACKUP, s["utility_follows"] == 1), open_b),
    ]  # fmt: skip


def _remote_hold(step: Step) -> list[Claim]:
    s, old = step.after, step.before
    held = s["hold_left_ticks"] > 0
    leaves = all_of(s["mode"] == c.MODE_TO_UTILITY, one_of(old["mode"], (c.MODE_ON_BACKUP, c.MODE_DARK)))
    overdue = all_of(step.p["medical"] == 1, s["bus_dead"] == 1, old["hold_left_ticks"] > 0)
    return [
        _if("L4", "under a hold U is not ordered closed", held, negation(_rises(step, "u_order"))),
        _if("L4", "under a hold the home leaves its source only because the utility follows the bus",
            all_of(held, leaves), s["cause"] == c.CAUSE_UTILITY_FOLLOWS_BUS),
        _if("L4", "a hold only gets shorter", old["hold_left_ticks"] > 0, s["hold_left_ticks"] < old["hold_left_ticks"]),
        _if("L4", "a medical home is never held dark", overdue, s["hold_left_ticks"] == 0),
    ]  # fmt: skip


def _harm(step: Step) -> list[Claim]:
    """LAW-5, mirror, and LAW-6: what does harm is left in the scan in which its fact rises."""
    s, old = step.after, step.before
    on_backup, on_utility = old["mode"] == c.MODE_ON_BACKUP, old["mode"] == c.MODE_ON_UTILITY
    dropped = all_of(
        s["mode"] != c.MODE_ON_BACKUP, s["b_order"] == c.ORDER_OPEN, step.interlock["b_out"] == c.ORDER_OPEN
    )
    harm = all_of(on_backup, s["backup_harm"] != c.CAUSE_NONE, s["above_rating"] == 0)
    premise = all_of(
        harm, s["backup_harm"] == c.CAUSE_PREMISE_NEUTRAL, s["u_contact"] == c.CONTACT_OPEN, s["utility_follows"] == 0
    )
    harmful = all_of(on_utility, s["utility_harmful"] == 1, s["above_rating"] == 0)
    mirror = all_of(
        one_of(old["mode"], (c.MODE_ON_UTILITY, c.MODE_DARK, c.MODE_BACKUP_BLOCKED)), s["inlet_follows"] == 1
    )
    both = all_of(s["b_order"] == c.ORDER_OPEN, any_of(s["u_order"] == c.ORDER_OPEN, s["above_rating"] == 1))
    locked = all_of(s["mode"] == c.MODE_LOCKED_OUT, both)
    dark = all_of(
        old["mode"] == c.MODE_DARK,
        old["tries"] == 0,
        s["mode"] == c.MODE_DARK,
        s["utility_harmful"] == 1,
        s["disconnect"] == 0,
    )
    ordered = all_of(s["u_contact"] == c.CONTACT_CLOSED, step.m["stored_energy_ok"] == 1, s["above_rating"] == 0)
    feeds = all_of(
        old["mode"] == c.MODE_DARK,
        old["tries"] == 0,
        s["mode"] == c.MODE_DARK,
        s["islanded"] == 1,
        s["disconnect"] == 0,
    )
    feeds_blocked = all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, s["mode"] == c.MODE_BACKUP_BLOCKED, s["islanded"] == 1)
    return [
        _if("L5", "an inlet that follows the bus, on utility, in the dark or with the backup blocked, locks out, both ordered open, in the same scan, unless above the breaking rating", mirror, locked),
        _if("L6", "a backup that does harm is dropped in the scan in which that is seen, unless above the breaking rating", harm, dropped),
        _if("L6", "a broken neutral of the premise locks out with that cause", premise, all_of(s["mode"] == c.MODE_LOCKED_OUT, s["b_order"] == c.ORDER_OPEN, s["cause"] == c.CAUSE_PREMISE_NEUTRAL)),
        _if("L6", "a utility that does harm is left in the scan in which that is seen, unless above the breaking rating", harmful, s["mode"] != c.MODE_ON_UTILITY),
        _if("L6", "in the dark, a closed U to a harmful utility is ordered open, with energy stored", all_of(dark, ordered), s["u_order"] == c.ORDER_OPEN),
        _if("L14", "in the dark, a closed U through which the premises feed a lost utility is ordered open, with energy stored", all_of(feeds, ordered), s["u_order"] == c.ORDER_OPEN),
        _if("L14", "so it is with the backup blocked", all_of(feeds_blocked, ordered), s["u_order"] == c.ORDER_OPEN),
        _if("L14", "premises that feed a lost utility leave ON_UTILITY in the scan in which that is seen", all_of(on_utility, s["islanded"] == 1), s["mode"] != c.MODE_ON_UTILITY),
        _if("L6", "after too many returns to a harmful utility both are locked out", all_of(harmful, s["harms"] > step.p["harm_trials"], s["mode"] != c.MODE_BACKUP_BLOCKED), s["mode"] == c.MODE_LOCKED_OUT),
    ]  # fmt: skip


def _disconnection(step: Step) -> list[Claim]:
    s, old = step.after, step.before
    asked = any_of(old["disconnect_asked"] == 1, step.m["local_disconnect"] == 1)
    starts = all_of(s["mode"] == c.MODE_TO_BACKUP, old["mode"] != c.MODE_TO_BACKUP)
    plain = all_of(asked, step.p["disconnect_to_backup"] == 0)
    left = all_of(old["mode"] == c.MODE_DISCONNECTED, s["mode"] == c.MODE_DARK)
    return [
        _if("L4", "a disconnection, remote or by the lever, is what stands", True, (s["disconnect"] == 1) == asked, From.ANY),
        _if("L4", "while the service is disconnected U is never ordered closed", asked, negation(_rises(step, "u_order"))),
        _if("L4", "a disconnection starts no transfer unless so configured", plain, all_of(negation(starts), negation(_rises(step, "b_order")))),
        _if("L4", "where it is configured, a disconnected home is transferred only on loss of the utility", all_of(asked, starts), s["utility_lost"] == 1),
        _if("L4", "the end of a disconnection closes nothing", left, all_of(s["u_order"] != c.ORDER_CLOSE, s["b_order"] == c.ORDER_OPEN)),
        _if("L4", "no scan asks for or withdraws a remote disconnection", True, s["disconnect_asked"] == old["disconnect_asked"], From.ANY),
    ]  # fmt: skip


def _breaking_rating(step: Step) -> list[Claim]:
    """LAW-15 as far as orders go. The exceptions are the ones of decision 0027, where lineworkers are at risk."""
    s, old, m, p = step.after, step.before, step.m, step.p
    above = all_of(s["above_rating"] == 1)
    only_b_open = all_of(s["b_contact"] == c.CONTACT_OPEN, s["u_contact"] != c.CONTACT_OPEN)
    limit = pick(only_b_open, p["u_breaking_a"], p["b_breaking_a"])
    read = any_of(m["l1_a"] > limit, m["l2_a"] > limit)
    u_opens = all_of(s["u_order"] == c.ORDER_OPEN, old["u_order"] != c.ORDER_OPEN)
    b_opens = all_of(s["b_order"] == c.ORDER_OPEN, old["b_order"] == c.ORDER_CLOSE)
    risk = any_of(s["mode"] == c.MODE_LOCKED_OUT, s["cause"] == c.CAUSE_UTILITY_FOLLOWS_BUS)
    joined = all_of(s["mode"] == c.MODE_LOCKED_OUT, s["b_contact"] != c.CONTACT_OPEN)
    has_time = any_of(old["mode"] != c.MODE_LOCKED_OUT, old["t_step"] + step.ticks < p["contact_ticks"])
    return [
        _if("L15", "above the rating is believed exactly while it is read, for less than its wait", True, above == all_of(read, old["t_above"] + step.ticks < p["fault_wait_ticks"])),
        _if("L15", "above its breaking rating U is never ordered open", above, negation(u_opens)),
        _if("L15", "a lockout orders U open beside a B that does not read open only after the time that B has to open", all_of(joined, has_time), negation(u_opens)),
        _if("L15", "above its breaking rating B, in service or still closing, is ordered open only by a lockout or because the utility follows", all_of(above, b_opens), risk),
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


def claims_of_the_interlock(step: Step) -> list[Claim]:
    """What the interlock does, exactly: it can neither give what was not ordered nor withhold what is due."""
    old, k, r, s = step.interlock_before, step.interlock, step.r, step.after
    needed = step.p["interlock_dead_ticks"]
    absent = all_of(r["bus_l1_present"] != 1, r["bus_l2_present"] != 1)
    count = pick(absent, lowest(old["t_bus_dead"] + step.ticks, needed), 0)
    opened = {x: all_of(r[f"{x}_open_poles"] == 3, r[f"{x}_closed_poles"] == 0) for x in "ub"}
    asked = {x: s[f"{x}_order"] == c.ORDER_CLOSE for x in "ub"}
    asked_u, asked_b = asked["u"], asked["b"]
    b = all_of(asked_b, negation(asked_u), opened["u"])
    b = all_of(b, any_of(old["b_permit"] == 1, all_of(count >= needed, opened["b"])))
    u = all_of(asked_u, negation(asked_b), opened["b"], any_of(old["u_permit"] == 1, count >= needed))
    u_kept = pick(s["u_order"] == c.ORDER_OPEN, c.ORDER_OPEN, c.ORDER_NONE)
    flags = all_of(one_of(old["u_permit"], (0, 1)), one_of(old["b_permit"], (0, 1)))
    beat = 1 - step.before["beat"]
    silent_ticks = pick(beat != old["beat_seen"], 0, lowest(old["t_silent"] + step.ticks, step.p["watchdog_ticks"]))
    alive = any_of(beat != old["beat_seen"], old["t_silent"] + step.ticks < step.p["watchdog_ticks"])
    b, u = all_of(alive, b), all_of(alive, u)
    return [
        Claim(law="L2", sentence="the interlock counts how long the controller was silent", claim=k["t_silent"] == silent_ticks, witness=k["t_silent"] > 1, begins=From.ANY),
        _if("L2", "a controller that scans is never taken for a silent one", True, k["t_silent"] == 0),
        Claim(law="L2", sentence="the interlock counts how long its comparators saw no voltage", claim=k["t_bus_dead"] == count, witness=count > 1, begins=From.ANY),
        _if("L2", "the interlock lets B close exactly when it may, and holds it only while U reads open", flags, all_of((k["b_permit"] == 1) == b, k["b_out"] == pick(b, c.ORDER_CLOSE, c.ORDER_OPEN)), From.ANY),
        _if("L2", "the interlock lets U close exactly when it may", flags, all_of((k["u_permit"] == 1) == u, k["u_out"] == pick(u, c.ORDER_CLOSE, u_kept)), From.ANY),
    ]  # fmt: skip


def prove_steps(source: Source) -> list[Verdict]:
    """Every claim about a scan, a start and a command of this source."""
    scan, start, command = (Step(source, entry) for entry in ("scan", "start", "command"))
    alone = interlock_alone(source)
    return [
        *judge(claims_of_a_scan(scan), scan.premises(), scan.holds_before()),
        *judge(claims_of_a_start(start), start.premises(), (journal_is_consistent(start.before),)),
        *judge(claims_of_a_command(command), command.premises(), command.holds_before()),
        *judge(claims_of_silence(alone), (alone.told["ticks"] >= 1,), ()),
    ]


assert set(JOURNALLED) <= {name for name, *_ in DEVICE_FIELDS}
