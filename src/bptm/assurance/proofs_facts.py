"""The contracts of facts: voltages as real numbers through pickup and timers, for any settings within their ranges.

A ghost counts, for each element, how long its condition has held in one piece by the numbers themselves. Proved of
the shipped `update_facts`: every timer is that count, up to its limit, for any stride; and every fact is true of
exactly the counts that its contract says. The 27 deep stage, for instance, operates if and only if the worse leg has
been below `lost_deep_v` for `lost_deep_ticks`, unless another stage has. Doubt of a reading is taken as the source
finds it, and so are travel (51 by curve), heat (49), swings (81R) and the broken neutral of the utility: those are
sampled (tests/controller/test_protection_*).
"""

from dataclasses import dataclass

from bptm.assurance.proofs_claim import Claim, From, Verdict, judge
from bptm.assurance.proofs_model import (
    HARM_CAUSES,
    inputs_in_range,
    settings,
    settings_by_default,
    settings_in_range,
    symbols,
)
from bptm.assurance.z3_memory import Record
from bptm.assurance.z3_translate import Machine, Source
from bptm.assurance.z3_translate_terms import (
    Term,
    all_of,
    any_of,
    lowest,
    negation,
    one_of,
    pick,
    product,
    truncated,
    whole,
)
from bptm.controller.protection_curves import TRAVEL_FULL
from bptm.terms import core_codes as c
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One timer of protection: its limit and the condition that it counts."""

    timer: str
    limit: Term
    holds: Term


def _apart(a: Term, b: Term) -> Term:
    return pick(a > b, a - b, b - a)


def _within(x: Term, low: Term, high: Term) -> Term:
    return all_of(x >= low, x <= high)


class _Read:
    """Readings as they may be relied on: contacts by the raw bits, sides without doubt, legs of the utility."""

    def __init__(self, m: Record, p: Record, after: Record) -> None:
        self.m, self.p, self.after = m, p, after
        self.opened = {x: all_of(m[f"{x}_open_poles"] == 3, m[f"{x}_closed_poles"] == 0) for x in "ub"}
        self.closed = {x: all_of(m[f"{x}_closed_poles"] == 3, m[f"{x}_open_poles"] == 0) for x in "ub"}
        self.utility_sure = after["utility_doubted"] == 0
        self.bus_sure = after["bus_doubted"] == 0
        self.inlet_sure = after["inlet_doubted"] == 0
        self.by_utility = all_of(self.closed["u"], self.opened["b"])
        self.by_backup = all_of(self.closed["b"], self.opened["u"])
        half = m["utility_l12_v"] * 0.5
        # While a reference is lost half the leg-to-leg voltage stands for each leg.
        self.reference = after["t_reference"] > 0
        legs = (m["utility_l1_v"], m["utility_l2_v"])
        self.low = pick(self.reference, half, lowest(*legs))
        self.high = pick(self.reference, half, pick(legs[0] > legs[1], *legs))
        wrong = m["utility_l12_v"] < product(p["legs_ratio"], legs[0] + legs[1])
        self.legs_wrong = all_of(negation(self.reference), wrong)
        self.live = all_of(self.bus_sure, any_of(m["bus_l1_v"] > p["live_v"], m["bus_l2_v"] > p["live_v"]))
        self.dead = all_of(self.bus_sure, m["bus_l1_v"] < p["dead_v"], m["bus_l2_v"] < p["dead_v"])
        volts = all_of(self.low > p["return_low_v"], self.high < p["return_high_v"], negation(self.legs_wrong))
        hz = all_of(m["utility_hz"] > p["return_low_hz"], m["utility_hz"] < p["return_high_hz"])
        self.in_band = all_of(self.utility_sure, volts, hz)


def _utility(old: Record, p: Record, read: _Read) -> list[Element]:
    low, high, sure = read.low, read.high, read.utility_sure
    back = all_of(low > p["back_v"], high < p["over_low_v"], negation(read.legs_wrong))
    return [
        Element(timer="t_deep", limit=p["lost_deep_ticks"], holds=all_of(sure, low < p["lost_deep_v"])),
        Element(timer="t_low", limit=p["lost_low_ticks"], holds=all_of(sure, low < p["lost_low_v"])),
        Element(timer="t_slight", limit=p["lost_slight_ticks"], holds=all_of(sure, low < p["lost_slight_v"])),
        Element(timer="t_over_high", limit=p["over_high_ticks"], holds=all_of(sure, high > p["over_high_v"])),
        Element(timer="t_over_low", limit=p["over_low_ticks"], holds=all_of(sure, high > p["over_low_v"])),
        Element(timer="t_legs", limit=p["legs_ticks"], holds=all_of(sure, read.legs_wrong)),
        Element(timer="t_back", limit=p["back_ticks"], holds=all_of(sure, back)),
        Element(timer="t_return", limit=_steady_ticks(old, p), holds=read.in_band),
        Element(timer="t_alive", limit=p["follow_fresh_ticks"], holds=all_of(sure, negation(high < p["dead_v"]))),
    ]


def _steady_ticks(old: Record, p: Record) -> Term:
    flaps = all_of(old["flaps"] >= p["flap_count"], p["flap_hold_ticks"] > p["return_ticks"])
    return pick(flaps, p["flap_hold_ticks"], p["return_ticks"])


def _backup(m: Record, p: Record, read: _Read, after: Record, loaded: Term, masked: Term) -> list[Element]:
    by_bus = all_of(negation(read.inlet_sure), read.by_backup, read.bus_sure)
    shown = any_of(read.inlet_sure, by_bus)
    legs = [pick(by_bus, m[f"bus_{leg}"], m[f"inlet_{leg}"]) for leg in ("l1_v", "l2_v")]
    low, high = lowest(*legs), pick(legs[0] > legs[1], *legs)
    gone = all_of(shown, high < p["dead_v"])
    hz = any_of(m["inlet_hz"] < p["failed_low_hz"], m["inlet_hz"] > p["failed_high_hz"])
    limit = product(p["overload_ratio"], p["limit_a"])
    far = product(p["overload_high_ratio"], p["limit_a"])
    good = all_of(read.inlet_sure, negation(gone), _acceptable(m, p))
    wrong = m["inlet_l12_v"] < product(p["legs_ratio"], m["inlet_l1_v"] + m["inlet_l2_v"])
    unloaded = all_of(read.opened["b"], read.inlet_sure, negation(gone), wrong)
    return [
        Element(timer="t_accept", limit=p["accept_ticks"], holds=good),
        Element(timer="t_failed", limit=p["failed_ticks"], holds=all_of(shown, low < p["failed_v"], negation(masked))),
        Element(timer="t_collapsed", limit=p["collapsed_ticks"], holds=any_of(all_of(shown, low < p["collapsed_v"]), unloaded)),
        Element(timer="t_failed_hz", limit=p["failed_hz_ticks"], holds=all_of(read.inlet_sure, hz)),
        Element(timer="t_inlet_doubt", limit=p["doubt_ticks"], holds=negation(shown)),
        Element(timer="t_removed", limit=p["removed_ticks"], holds=gone),
        Element(timer="t_overload", limit=p["overload_ticks"], holds=all_of(loaded, any_of(m["l1_a"] > limit, m["l2_a"] > limit))),
        Element(timer="t_overload_high", limit=p["overload_high_ticks"], holds=all_of(loaded, any_of(m["l1_a"] > far, m["l2_a"] > far))),
        Element(timer="t_island", limit=p["island_ticks"], holds=all_of(
            read.by_utility, after["utility_lost"] == 1, after["current_doubted"] == 0, m["premise_w"] < -p["island_w"])),
        Element(timer="t_reverse", limit=p["reverse_ticks"], holds=all_of(loaded, m["premise_w"] < -(p["reverse_w"] + p["charge_w"]))),
    ]  # fmt: skip


def _acceptable(m: Record, p: Record) -> Term:
    """Everything that a source has to show at the inlet, in this half-cycle."""
    legs = (m["inlet_l1_v"], m["inlet_l2_v"])
    high = pick(legs[0] > legs[1], *legs)
    volts = [all_of(leg > p["accept_low_v"], leg < p["accept_high_v"]) for leg in legs]
    against = m["inlet_l12_v"] >= product(p["legs_ratio"], legs[0] + legs[1])
    hz = all_of(m["inlet_hz"] > p["accept_low_hz"], m["inlet_hz"] < p["accept_high_hz"])
    balanced = _apart(*legs) <= product(p["accept_unbalance"], high)
    plug = any_of(m["plug_a"] == 0, _within(m["plug_a"], p["inlet_a"] - 1, p["inlet_a"] + 1))
    cool = all_of(m["inlet_c"] <= p["inlet_hot_c"], m["inlet_c"] - m["ambient_c"] <= p["inlet_rise_c"])
    read = all_of(*(_within(m[name], p["sense_low_c"], p["sense_high_c"]) for name in ("inlet_c", "ambient_c")))
    pure = _within(m["inlet_thd"], 0, p["accept_thd"])
    return all_of(*volts, against, hz, balanced, plug, cool, read, pure, m["inlet_unmated"] == 0)


def _near(m: Record, p: Record, side: str) -> Term:
    return any_of(*(
        all_of(m[f"{side}_{leg}"] > p["dead_v"], _apart(m[f"{side}_{leg}"], m[f"bus_{leg}"]) < p["follow_v"])
        for leg in ("l1_v", "l2_v")
    ))  # fmt: skip


def _contacts(m: Record, p: Record, read: _Read, after: Record) -> list[Element]:
    opened, closed = read.opened, read.closed
    unknown = {x: negation(any_of(opened[x], closed[x])) for x in "ub"}
    mirror = all_of(read.inlet_sure, after["inlet_dead"] == 0, read.live, read.by_utility, m["inlet_in_phase"] == 1)
    return [
        Element(timer="t_follow", limit=p["follow_late_ticks"], holds=all_of(_near(m, p, "utility"), m["utility_in_phase"] == 1, negation(opened["b"]))),
        Element(timer="t_inlet_follow", limit=p["inlet_follow_ticks"], holds=all_of(mirror, _near(m, p, "inlet"))),
        Element(timer="t_load_side", limit=p["load_side_ticks"], holds=all_of(opened["u"], opened["b"], read.live)),
        Element(timer="t_disagrees", limit=p["contact_ticks"], holds=all_of(closed["u"], read.in_band, read.dead)),
        Element(timer="t_unknown_u", limit=p["unknown_ticks"], holds=unknown["u"]),
        Element(timer="t_unknown_b", limit=p["unknown_ticks"], holds=unknown["b"]),
        Element(timer="t_unsupplied", limit=p["gasp_ticks"], holds=m["supplied"] == 0),
        Element(timer="t_reference", limit=p["reference_ticks"], holds=_reference_lost(m, p, read)),
    ]  # fmt: skip


def _contradict(m: Record, p: Record, leg: str) -> Term:
    """As readings of one conductor utility and bus cannot both be right."""
    a, b = m[f"utility_{leg}"], m[f"bus_{leg}"]
    high = pick(a > b, a, b)
    return all_of(high > p["live_v"], _apart(a, b) > product(p["sense_share"], high))


def _reference_lost(m: Record, p: Record, read: _Read) -> Term:
    """U closed, B open: legs of utility and bus contradict each other, the same live leg-to-leg voltage."""
    a, b = m["utility_l12_v"], m["bus_l12_v"]
    high = pick(a > b, a, b)
    same = all_of(high > 2 * p["live_v"], _apart(a, b) <= product(p["reference_share"], high))
    differ = any_of(_contradict(m, p, "l1_v"), _contradict(m, p, "l2_v"))
    return all_of(read.by_utility, read.utility_sure, read.bus_sure, differ, same)


def _facts(old: Record, p: Record, n: Record, after: Record, loaded: Term, m: Record) -> dict[str, tuple[str, Term]]:
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
        n["t_inlet_doubt"] >= p["doubt_ticks"],
    )
    fresh = all_of(n["t_follow"] >= p["follow_ticks"], n["t_alive"] < p["follow_fresh_ticks"])
    both_fresh = all_of(*(after[name] < p["inlet_fresh_ticks"] for name in ("t_bus_alive", "t_inlet_alive")))
    unplugged = all_of(both_fresh, m["inlet_unmated"] != 0, n["t_inlet_follow"] >= p["follow_ticks"])
    calm = after["source_hunts"] == 0
    stages = any_of(n["t_overload"] >= p["overload_ticks"], n["t_overload_high"] >= p["overload_high_ticks"])
    other = any_of(
        after["travel"] >= TRAVEL_FULL,
        after["t_current_doubt"] >= p["current_doubt_ticks"],
        after["heat"] >= truncated(p["heat_trip"] * 1000000 + 0.5),
    )
    return {
        "utility_lost": (
            "27, 59 and 47: operates exactly when a stage has held for its delay, resets after its own",
            any_of(lost, all_of(old["utility_lost"] == 1, n["t_back"] < p["back_ticks"])),
        ),
        "utility_harmful": (
            "a utility does harm exactly while 59 stage 1 or a broken neutral stands and its readings are sure",
            all_of(after["utility_doubted"] == 0, any_of(after["utility_neutral"] == 1, n["t_over_high"] >= p["over_high_ticks"])),
        ),
        "backup_qualified": (
            "the backup is accepted and lost exactly after its delays",
            all_of(negation(gone), any_of(all_of(n["t_accept"] >= p["accept_ticks"], calm), old["backup_qualified"] == 1)),
        ),
        "overload": (
            "51: operates exactly when a leg was above a stage for its delay, or by curve, heat or doubt",
            all_of(loaded, any_of(stages, other)),
        ),
        "reverse_power": ("32: operates exactly after its delay", n["t_reverse"] >= p["reverse_ticks"]),
        "utility_follows": (
            "25: the utility follows the bus, soon when it has just come alive, late when it stands apart",
            any_of(fresh, n["t_follow"] >= p["follow_late_ticks"]),
        ),
        "inlet_follows": (
            "25, mirror: the inlet follows the bus, soon when both came alive together with no plug mated, else late",
            any_of(unplugged, n["t_inlet_follow"] >= p["inlet_follow_ticks"]),
        ),
        "reference_lost": ("a lost reference is told after its delay", n["t_reference"] >= p["reference_ticks"]),
        "load_side_source": ("a load-side source is seen after its delay", n["t_load_side"] >= p["load_side_ticks"]),
        "u_disagrees": (
            "U against the voltages is seen after its delay, or by a bus that stays alive with the utility's own voltage",
            any_of(n["t_disagrees"] >= p["contact_ticks"], all_of(
                n["t_load_side"] >= p["load_side_ticks"], after["utility_in_band"] == 1, m["utility_in_phase"] == 1, _near(m, p, "utility"))),
        ),
        "islanded": ("32: premises that feed a lost utility are seen after their delay", n["t_island"] >= p["island_ticks"]),
        "utility_apart": (
            "a utility that stands apart from the bus, B reading open, is seen in this half-cycle",
            all_of(after["b_contact"] == c.CONTACT_OPEN, after["utility_doubted"] == 0, after["bus_doubted"] == 0,
                   *(_contradict(m, p, leg) for leg in ("l1_v", "l2_v"))),
        ),
        "contact_unknown": (
            "an unknown contact is seen after its delay",
            any_of(n["t_unknown_u"] >= p["unknown_ticks"], n["t_unknown_b"] >= p["unknown_ticks"]),
        ),
        "utility_in_band": ("the utility is within the limits of return in this half-cycle", n["t_return"] > 0),
    }  # fmt: skip


_LAW_OF_FACT = {
    "utility_follows": "L5", "islanded": "L14", "t_island": "L14", "utility_apart": "L5", "inlet_follows": "L5", "backup_qualified": "L6", "utility_lost": "L6", "utility_harmful": "L6",
}  # fmt: skip


def prove_facts(source: Source) -> list[Verdict]:
    """Every contract, and LAW-12 of the default settings."""
    old, m, p = symbols(DEVICE_FIELDS, "s"), symbols(MEASURED_FIELDS, "m"), settings()
    r, ticks = symbols(INTERLOCK_INPUT_FIELDS, "r"), whole("ticks")
    records = {"s": dict(old), "m": dict(m), "p": dict(p)}
    Machine(source=source).run("update_facts", records, ("s", "m", "p", ticks))
    after = records["s"]
    fed = old["fed_by"] == c.FED_BY_BACKUP
    read = _Read(m, p, after)
    loaded = any_of(fed, all_of(negation(read.bus_sure), read.closed["b"]))
    elements = [
        *_utility(old, p, read),
        *_backup(m, p, read, after, loaded, all_of(fed, old["t_mode"] < p["dip_mask_ticks"])),
        *_contacts(m, p, read, after),
    ]
    before = {e.timer: whole(f"n.{e.timer}") for e in elements}
    n = {e.timer: pick(e.holds, before[e.timer] + ticks, 0) for e in elements}
    counted = [all_of(old[e.timer] == lowest(before[e.timer], e.limit), before[e.timer] >= 0) for e in elements]
    flags = [any_of(old[name] == 0, old[name] == 1) for name in ("utility_lost", "backup_qualified")]
    claims = [
        Claim(
            law=_LAW_OF_FACT.get(e.timer, "facts"),
            sentence=f"{e.timer} is how long its condition has held, up to its limit",
            claim=after[e.timer] == lowest(n[e.timer], e.limit),
            witness=after[e.timer] >= e.limit,
            begins=From.INVARIANT,
        )
        for e in elements
    ]
    for name, (sentence, contract) in _facts(old, p, n, after, loaded, m).items():
        claims.append(
            Claim(
                law=_LAW_OF_FACT.get(name, "facts"),
                sentence=sentence,
                claim=after[name] == pick(contract, 1, 0),
                witness=all_of(after[name] == 1, any_of(old[name] == 0, before["t_return"] == 0)),
            )
        )
    open_b = all_of(negation(read.closed["b"]), negation(fed))
    harms = one_of(after["backup_harm"], HARM_CAUSES)
    claims.append(
        Claim(
            law="L6",
            sentence="a harm of the backup is one of its closed list",
            claim=harms,
            witness=after["backup_harm"] > 0,
        )
    )
    claims.append(
        Claim(
            law="L6",
            sentence="no harm of the backup while B is open and feeds nothing",
            claim=any_of(negation(open_b), after["backup_harm"] == 0),
            witness=open_b,
        )
    )
    # A product of unknowns may be any number to the prover; of two positive ones it is positive.
    above_zero = all_of(*(product(p[name], p["limit_a"]) > 0 for name in ("overload_ratio", "overload_high_ratio")))
    premises = (settings_in_range(p), inputs_in_range(m, r, ticks), above_zero)
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
