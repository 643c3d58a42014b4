"""What each way of backup is worth to each kind of customer: one calculation, and a hundred thousand draws of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

import numpy as np

from bptm.planning.linear_program import Floats
from bptm.planning.worth import OPTIONS, worth_of
from bptm.planning.worth_study import Swing, breakeven, single, spread_from, tornado, triangular
from bptm.program.assumptions import Assumption, overlaid
from bptm.program.layout import nearest
from bptm.terms.refusals import Refused, Unmet

DRAWS_MAX = 5_000_000
PERCENTILES = (5.0, 50.0, 95.0)
SEEN_BY = ("customer", "utility", "society")
TORNADO_ROWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerType:
    """A kind of customer: whose interruption costs are its own, and what is assumed differently."""

    name: str
    title: str
    interruption_cost: str
    assumptions: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionWorth:
    """One option: at the values, over the draws, and what decides it."""

    option: str
    parts_usd_per_year: Mapping[str, float]
    present_usd: Mapping[str, float]
    """At the values, by who sees it."""
    percentiles_usd: Mapping[str, tuple[float, float, float]]
    """Of the draws at 5, 50 and 95 %, by who sees it."""
    above_zero_fraction: float
    """Draws in which society gains."""
    best_fraction: float
    """Draws in which it is the best of all options, doing nothing included."""
    swings: tuple[Swing, ...]
    breakeven_long_outages_per_year: float | None
    breakeven_capital_usd: float | None
    unsourced_keys: tuple[str, ...]
    unsourced_spread_fraction: float
    """Share of the variance that the unsourced inputs bring by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The whole result for one kind of customer."""

    customer: CustomerType
    options: tuple[OptionWorth, ...]
    nothing_best_fraction: float
    assumed: Mapping[str, Assumption]
    draws_count: int
    seed: int


def customer_types() -> dict[str, CustomerType]:
    """The kinds that ship, by name."""
    text = files("bptm.program").joinpath("customer_types.toml").read_text(encoding="utf-8")
    tables = cast("dict[str, dict[str, object]]", tomllib.loads(text))
    return {
        name: CustomerType(
            name=name,
            title=str(table["title"]),
            interruption_cost=str(table["interruption_cost"]),
            assumptions=cast("dict[str, object]", table.get("assumptions", {})),
        )
        for name, table in tables.items()
    }


def customer_type(name: str) -> CustomerType | Refused:
    """The kind of this name."""
    known = customer_types()
    if name in known:
        return known[name]
    near = nearest((name,), list(known))
    return Refused(
        unmet=(
            Unmet(
                element="--customer",
                found=name,
                needs=f"one of {', '.join(known)}",
                remedy=f"The nearest is {near}." if near else "Name one of these.",
            ),
        )
    )


def drawn(assumed: Mapping[str, Assumption], count: int, seed: int) -> dict[str, Floats]:
    """Draws of every assumption; each has its own stream, so that a changed one leaves the others as they were."""
    draws: dict[str, Floats] = {}
    for key, one in assumed.items():
        if one.distribution == "fixed" or one.low == one.high:
            draws[key] = np.full(count, one.value)
            continue
        stream = np.random.default_rng([seed, *key.encode()])
        uniform = stream.random(count)
        if one.distribution == "uniform":
            draws[key] = one.low + uniform * (one.high - one.low)
        else:
            draws[key] = triangular(uniform, one.low, one.value, one.high)
    return draws


def value(
    customer: CustomerType,
    assumed: Mapping[str, Assumption],
    own_keys: Mapping[str, Assumption],
    *,
    draws: int,
    seed: int,
) -> Value:
    """Every option for this kind of customer.

    Args:
        customer: The kind; what it assumes differently lies over the desk's values.
        assumed: The desk's assumptions, with the user's own laid over them.
        own_keys: Those that the user gave; they stand over the kind's too.
        draws: Of the Monte Carlo.
        seed: Of the draws.
    """
    laid = overlaid(assumed, customer.assumptions, "customer_types.toml")
    assert not isinstance(laid, Refused), laid
    laid |= own_keys
    used = {key: one for key, one in laid.items() if not key.startswith("siting.")}
    sample = drawn(used, draws, seed)
    presents = np.array([worth_of(name, customer.interruption_cost, sample).present_usd for name in OPTIONS])
    best = np.argmax(np.vstack((presents, np.zeros(draws))), axis=0)
    shares = np.bincount(best, minlength=len(OPTIONS) + 1) / draws
    options = [
        _option(name, customer.interruption_cost, used, sample, float(share))
        for name, share in zip(OPTIONS, shares[:-1], strict=True)
    ]
    return Value(
        customer=customer,
        options=tuple(options),
        nothing_best_fraction=float(shares[-1]),
        assumed=used,
        draws_count=draws,
        seed=seed,
    )


def _option(
    option: str, kind: str, used: Mapping[str, Assumption], sample: Mapping[str, Floats], best_fraction: float
) -> OptionWorth:
    values = {key: one.value for key, one in used.items()}
    at_values = worth_of(option, kind, single(values))
    over_draws = worth_of(option, kind, sample)
    swings = tornado(option, kind, values, {key: (one.low, one.high) for key, one in used.items()})
    moving = {swing.key for swing in swings}
    unsourced = tuple(key for key, one in used.items() if not one.sourced and _counts(key, option))

    def present(key: str, at: float) -> float:
        return float(worth_of(option, kind, single({**values, key: at})).present_usd[0])

    return OptionWorth(
        option=option,
        parts_usd_per_year={name: float(part[0]) for name, part in at_values.parts.items()},
        present_usd={who: float(at_values.seen_by(who)[0]) for who in SEEN_BY},
        percentiles_usd={
            who: cast(
                "tuple[float, float, float]",
                tuple(float(edge) for edge in np.percentile(over_draws.seen_by(who), PERCENTILES)),
            )
            for who in SEEN_BY
        },
        above_zero_fraction=float(np.mean(over_draws.present_usd > 0)),
        best_fraction=best_fraction,
        swings=tuple(swings[:TORNADO_ROWS]),
        breakeven_long_outages_per_year=breakeven(
            lambda at: present("outage.long_per_year", at), values["outage.long_per_year"]
        ),
        breakeven_capital_usd=breakeven(
            lambda at: present(f"option.{option}.capital_usd", at), values[f"option.{option}.capital_usd"]
        ),
        unsourced_keys=unsourced,
        unsourced_spread_fraction=spread_from(
            option, kind, values, sample, [key for key in unsourced if key in moving]
        ),
    )


def _counts(key: str, option: str) -> bool:
    """True for an assumption that this option's worth may depend on."""
    return not key.startswith("option.") or key.startswith((f"option.{option}.", "option.extension_cords."))


def value_json(result: Value) -> dict[str, object]:
    """The documented JSON of `bptm program value` (docs/reference/value.md)."""
    return {
        "schema": "bptm.program.value/1",
        "customer": {"name": result.customer.name, "title": result.customer.title},
        "draws": result.draws_count,
        "seed": result.seed,
        "options": [_option_json(one) for one in result.options],
        "nothing": {"present_usd": 0.0, "best_fraction": result.nothing_best_fraction},
        "rests_on_unsourced": True in [bool(one.unsourced_keys) for one in result.options],
        "assumptions": [one.record() for one in result.assumed.values()],
    }


def _option_json(one: OptionWorth) -> dict[str, object]:
    return {
        "option": one.option,
        "parts_usd_per_year": dict(one.parts_usd_per_year),
        "annual_usd": sum(one.parts_usd_per_year.values()),
        "present_usd": dict(one.present_usd),
        "percentiles_usd": {
            who: dict(zip(("p5", "p50", "p95"), edges, strict=True)) for who, edges in one.percentiles_usd.items()
        },
        "above_zero_fraction": one.above_zero_fraction,
        "best_fraction": one.best_fraction,
        "tornado": [
            {"key": swing.key, "at_low_usd": swing.at_low_usd, "at_high_usd": swing.at_high_usd} for swing in one.swings
        ],
        "breakeven": {
            "long_outages_per_year": one.breakeven_long_outages_per_year,
            "capital_usd": one.breakeven_capital_usd,
        },
        "unsourced": list(one.unsourced_keys),
        "unsourced_spread_fraction": one.unsourced_spread_fraction,
    }


def face(result: Value) -> str:
    """The sentence that stands on the face of every result: how much of it has no source."""
    bptm = result.options[0]
    whole = [key for key in result.assumed if _counts(key, bptm.option)]
    return (
        f"This rests on {len(bptm.unsourced_keys)} unsourced inputs of {len(whole)}: they bring about "
        f"{bptm.unsourced_spread_fraction:.0%} of the spread of a meter's worth. A study for decision replaces them."
    )
