"""The contracts of facts: voltages as real numbers through pickup and timers, for any settings within their ranges.

A ghost counts, for each element, how long its condition has held in one piece by the numbers themselves. Proved of
the shipped `update_facts`: every timer is that count, up to its limit, for any stride; and every fact is true of
exactly the counts that its contract says. The 27 deep stage, for instance, operates if and only if the worse leg has
been below `lost_deep_v` for `lost_deep_ticks`, unless another stage has.
"""

from dataclasses import dataclass

from bptm.assurance.proofs import Claim, From, Verdict, judge
from bptm.assurance.proofs_model import inputs_in_range, settings, settings_by_default, settings_in_range, symbols
from bptm.assurance.z3_translate import Machine, Record, Source
from bptm.assurance.z3_translate_terms import (
    Term,
    all_of,
    any_of,
    lowest,
    negation,
    pick,
    product,
    whole,
)
from bptm.terms import core_codes as c
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One timer of protection: its limit and the condition that it counts."""

    timer: str
    limit: str
    holds: Term


def _apart(a: Term, b: Term) -> Term:
    return pick(a > b, a - b, b - a)


def _utility(m: Record, p: Record) -> list[Element]:
    low = lowest(m["utility_l1_v"], m["utility_l2_v"])
    high = pick(m["utility_l1_v"] > m["utility_l2_v"], m["utility_l1_v"], m["utility_l2_v"])
    legs = m["utility_l12_v"] < product(p["legs_ratio"], m["utility_l1_v"] + m["utility_l2_v"])
    back = all_of(low > p["back_v"], high < p["over_low_v"], negation(legs))
    return [
        Element(timer="t_deep", limit="lost_deep_ticks", holds=low < p["lost_deep_v"]),
        Element(timer="t_low", limit="lost_low_ticks", holds=low < p["lost_low_v"]),
        Element(timer="t_slight", limit="lost_slight_ticks", holds=low < p["lost_slight_v"]),
        Element(timer="t_over_high", limit="over_high_ticks", holds=high > p["over_high_v"]),
        Element(timer="t_over_low", limit="over_low_ticks", holds=high > p["over_low_v"]),
        Element(timer="t_legs", limit="legs_ticks", holds=legs),
        Element(timer="t_back", limit="back_ticks", holds=back),
        Element(timer="t_return", limit="return_ticks", holds=_in_band(m, p)),
        Element(timer="t_alive", limit="follow_fresh_ticks", holds=negation(high < p["dead_v"])),
    ]


def _in_band(m: Record, p: Record) -> Term:
    volts = [
        all_of(m[leg] > p["return_low_v"], m[leg] < p["return_high_v"]) for leg in ("utility_l1_v", "utility_l2_v")
    ]
    legs = negation(m["utility_l12_v"] < product(p["legs_ratio"], m["utility_l1_v"] + m["utility_l2_v"]))
    return all_of(*volts, legs, m["utility_hz"] > p["return_low_hz"], m["utility_hz"] < p["return_high_hz"])


def _backup(m: Record, p: Record, fed: Term, masked: Term) -> list[Element]:
    low = lowest(m["inlet_l1_v"], m["inlet_l2_v"])
    both = [all_of(m[leg] > p["accept_low_v"], m[leg] < p["accept_high_v"]) for leg in ("inlet_l1_v", "inlet_l2_v")]
    legs = m["inlet_l12_v"] >= product(p["legs_ratio"], m["inlet_l1_v"] + m["inlet_l2_v"])
    good = all_of(*both, legs, m["inlet_hz"] > p["accept_low_hz"], m["inlet_hz"] < p["accept_high_hz"])
    hz = any_of(m["inlet_hz"] < p["failed_low_hz"], m["inlet_hz"] > p["failed_high_hz"])
    gone = all_of(m["inlet_l1_v"] < p["dead_v"], m["inlet_l2_v"] < p["dead_v"])
    limit = product(p["overload_ratio"], p["limit_a"])
    high = product(p["overload_high_ratio"], p["limit_a"])
    return [
        Element(timer="t_accept", limit="accept_ticks", holds=good),
        Element(timer="t_failed", limit="failed_ticks", holds=all_of(low < p["failed_v"], negation(masked))),
        Element(timer="t_collapsed", limit="collapsed_ticks", holds=low < p["collapsed_v"]),
        Element(timer="t_failed_hz", limit="failed_hz_ticks", holds=hz),
        Element(timer="t_removed", limit="removed_ticks", holds=gone),
        Element(timer="t_overload", limit="overload_ticks", holds=all_of(fed, any_of(m["l1_a"] > limit, m["l2_a"] > limit))),
        Element(timer="t_overload_high", limit="overload_high_ticks", holds=all_of(fed, any_of(m["l1_a"] > high, m["l2_a"] > high))),
        Element(timer="t_reverse", limit="reverse_ticks", holds=all_of(fed, m["premise_w"] < -p["reverse_w"])),
    ]  # fmt: skip


def _contacts(m: Record, p: Record) -> list[Element]:
    opened = {x: all_of(m[f"{x}_open_poles"] == 3, m[f"{x}_closed_poles"] == 0) for x in "ub"}
    closed = {x: all_of(m[f"{x}_closed_poles"] == 3, m[f"{x}_open_poles"] == 0) for x in "ub"}
    near = any_of(*(
        all_of(m[f"utility_{leg}"] > p["dead_v"], _apart(m[f"utility_{leg}"], m[f"bus_{leg}"]) < p["follow_v"])
        for leg in ("l1_v", "l2_v")
    ))  # fmt: skip
    live = any_of(m["bus_l1_v"] > p["live_v"], m["bus_l2_v"] > p["live_v"])
    dead = all_of(m["bus_l1_v"] < p["dead_v"], m["bus_l2_v"] < p["dead_v"])
    unknown = {x: negation(any_of(opened[x], closed[x])) for x in "ub"}
    return [
        Element(timer="t_follow", limit="follow_late_ticks", holds=all_of(near, m["utility_in_phase"] == 1, negation(opened["b"]))),
        Element(timer="t_load_side", limit="load_side_ticks", holds=all_of(opened["u"], opened["b"], live)),
        Element(timer="t_disagrees", limit="contact_ticks", holds=all_of(closed["u"], _in_band(m, p), dead)),
        Element(timer="t_unknown_u", limit="unknown_ticks", holds=unknown["u"]),
        Element(timer="t_unknown_b", limit="unknown_ticks", holds=unknown["b"]),
        Element(timer="t_unsupplied", limit="gasp_ticks", holds=m["supplied"] == 0),
    ]  # fmt: skip


def _facts(old: Record, p: Record, n: Record) -> dict[str, tuple[str, Term]]:
    """Contract of each fact, from how long (`n`) each condition has held."""
    lost = any_of(*(
        n[timer] >= p[limit]
        for timer, limit in (
            ("t_deep", "lost_deep_ticks"), ("t_low", "lost_low_ticks"), ("t_slight", "lost_slight_ticks"),
            ("t_over_high", "over_high_ticks"), ("t_over_low", "over_low_ticks"), ("t_legs", "legs_ticks"),
        )
    ))  # fmt: skip
    gone = any_of(
        n["t_failed"] >= p["failed_ticks"],
        n["t_collapsed"] >= p["collapsed_ticks"],
        n["t_failed_hz"] >= p["failed_hz_ticks"],
    )
    fresh = all_of(n["t_follow"] >= p["follow_ticks"], n["t_alive"] < p["follow_fresh_ticks"])
    return {
        "utility_lost": (
            "27, 59 and 47: operates exactly when a stage has held for its delay, resets after its own",
            any_of(lost, all_of(old["utility_lost"] == 1, n["t_back"] < p["back_ticks"])),
        ),
        "backup_qualified": (
            "the backup is accepted and lost exactly after its delays",
            all_of(negation(gone), any_of(n["t_accept"] >= p["accept_ticks"], old["backup_qualified"] == 1)),
        ),
        "overload": (
            "51: operates exactly when a leg was above its limit for its delay",
            any_of(n["t_overload"] >= p["overload_ticks"], n["t_overload_high"] >= p["overload_high_ticks"]),
        ),
        "reverse_power": ("32: operates exactly after its delay", n["t_reverse"] >= p["reverse_ticks"]),
        "utility_follows": (
            "25: the utility follows the bus, soon when it has just come alive, late when it stands apart",
            any_of(fresh, n["t_follow"] >= p["follow_late_ticks"]),
        ),
        "load_side_source": ("a load-side source is seen after its delay", n["t_load_side"] >= p["load_side_ticks"]),
        "u_disagrees": ("U against the voltages is seen after its delay", n["t_disagrees"] >= p["contact_ticks"]),
        "contact_unknown": (
            "an unknown contact is seen after its delay",
            any_of(n["t_unknown_u"] >= p["unknown_ticks"], n["t_unknown_b"] >= p["unknown_ticks"]),
        ),
        "utility_in_band": ("the utility is within the limits of return in this half-cycle", n["t_return"] > 0),
    }


_LAW_OF_FACT = {"utility_follows": "L5", "backup_qualified": "L6", "utility_lost": "L6"}


def prove_facts(source: Source) -> list[Verdict]:
    """Every contract, and LAW-12 of the default settings."""
    old, m, p = symbols(DEVICE_FIELDS, "s"), symbols(MEASURED_FIELDS, "m"), settings()
    r, ticks = symbols(INTERLOCK_INPUT_FIELDS, "r"), whole("ticks")
    records = {"s": dict(old), "m": dict(m), "p": dict(p)}
    Machine(source=source).run("update_facts", records, ("s", "m", "p", ticks))
    after = records["s"]
    fed = old["fed_by"] == c.FED_BY_BACKUP
    elements = [
        *_utility(m, p),
        *_backup(m, p, fed, all_of(fed, old["t_mode"] < p["dip_mask_ticks"])),
        *_contacts(m, p),
    ]
    before = {e.timer: whole(f"n.{e.timer}") for e in elements}
    n = {e.timer: pick(e.holds, before[e.timer] + ticks, 0) for e in elements}
    counted = [all_of(old[e.timer] == lowest(before[e.timer], p[e.limit]), before[e.timer] >= 0) for e in elements]
    flags = [any_of(old[name] == 0, old[name] == 1) for name in ("utility_lost", "backup_qualified")]
    claims = [
        Claim(
            law=_LAW_OF_FACT.get(e.timer, "facts"),
            sentence=f"{e.timer} is how long its condition has held, up to {e.limit}",
            claim=after[e.timer] == lowest(n[e.timer], p[e.limit]),
            witness=after[e.timer] >= p[e.limit],
            begins=From.INVARIANT,
        )
        for e in elements
    ]
    for name, (sentence, contract) in _facts(old, p, n).items():
        claims.append(
            Claim(
                law=_LAW_OF_FACT.get(name, "facts"),
                sentence=sentence,
                claim=after[name] == pick(contract, 1, 0),
                witness=all_of(after[name] == 1, any_of(old[name] == 0, before["t_return"] == 0)),
            )
        )
    premises = (settings_in_range(p), inputs_in_range(m, r, ticks))
    verdicts = judge(claims, premises, (*counted, *flags))
    return verdicts + judge([_ride_through(old, after, n)], (*premises, settings_by_default(p)), (*counted, *flags))


def _ride_through(old: Record, after: Record, n: Record) -> Claim:
    """LAW-12 at the default settings: no sag or swell of the no-interruption region operates `utility_lost`.

    Source: ITIC curve: 0 V for 20 ms (2 ticks), 70 % for 0.5 s (60), 80 % for 10 s (1,200), 120 % for 0.5 s.
    """
    inside = all_of(
        n["t_deep"] <= 2,
        n["t_low"] <= 60,
        n["t_slight"] <= 1200,
        n["t_over_high"] == 0,
        n["t_over_low"] <= 60,
        n["t_legs"] == 0,
        old["utility_lost"] == 0,
    )
    return Claim(
        law="L12",
        sentence="at the default settings nothing inside the ITIC no-interruption region counts as loss of the utility",
        claim=any_of(negation(inside), after["utility_lost"] == 0),
        witness=all_of(inside, n["t_low"] == 60),
    )
