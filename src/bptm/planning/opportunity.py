"""Opportunity areas: which counties a programme of backup meters should look at first, and how sure that order is.

Each input of a county becomes *points of need* from 0 to 100, and the score is their weighted mean:

    score = sum over inputs of (weight x need) / sum of weights

    need = the published score (hazards, social vulnerability)
         = 100 - the published score (community resilience: higher is better)
         = percentile rank among the counties at hand (households, population, outage history)

A hazard that cannot occur in a county (*not applicable*) adds nothing there. A value that nobody knows is not zero: the
county gets no score and no rank, but the two scores between which it must lie, and the ranks that go with them.

Source: the weighted mean and the percentile ranks are our own choice. That published hazard scores are national
percentiles of expected annual loss x social vulnerability / community resilience is FEMA's (National Risk Index,
technical documentation): weighing vulnerability or resilience beside a hazard therefore counts them a second time.
"""

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from bptm.terms.refusals import Refused, Unmet

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]

NEED_MAX = 100.0
SAME = 1e-9
"""Scores that differ by less are equal: the order in which points are summed must not decide a rank."""


class Scale(Enum):
    """How a value becomes points of need."""

    AS_PUBLISHED = "as published"
    TURNED = "100 less the published score"
    PERCENTILE = "percentile rank among these counties"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputKind:
    """One thing that may be weighed.

    Attributes:
        name: In JSON and on the command line.
        title: On pages.
        hazard: It is one of the five hazards.
        scale: How its value becomes need.
        unit: Of the value.
    """

    name: str
    title: str
    hazard: bool = False
    scale: Scale = Scale.AS_PUBLISHED
    unit: str = "score 0-100"


KINDS = (
    InputKind(name="wildfire", title="Wildfire", hazard=True),
    InputKind(name="hurricane", title="Hurricane", hazard=True),
    InputKind(name="ice_storm", title="Ice storm", hazard=True),
    InputKind(name="strong_wind", title="Strong wind", hazard=True),
    InputKind(name="tornado", title="Tornado", hazard=True),
    InputKind(name="social_vulnerability", title="Social vulnerability"),
    InputKind(name="community_resilience", title="Low community resilience", scale=Scale.TURNED),
    InputKind(name="households", title="Households", scale=Scale.PERCENTILE, unit="households"),
    InputKind(name="population", title="Population", scale=Scale.PERCENTILE, unit="people"),
    InputKind(
        name="outage_history", title="Outage history", scale=Scale.PERCENTILE, unit="hours out per customer and year"
    ),
)
"""Everything that may be weighed; the order is that of pages and JSON."""

HAZARDS = tuple(kind.name for kind in KINDS if kind.hazard)
NAMES = tuple(kind.name for kind in KINDS)


class Absent(Enum):
    """Why there is no value."""

    NOT_APPLICABLE = "not applicable: the hazard does not occur there"
    INSUFFICIENT = "insufficient data"
    NO_VALUE = "no value in the table"
    NO_COUNTY = "no row for this county"
    BOUNDARY = "the county's boundaries changed, and the two tables hold different ones"


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county with what is known about it.

    Attributes:
        fips: Five digits.
        name: Without "County".
        state: Two letters.
        inputs: By name of its kind: the value as it was published, or why there is none.
    """

    fips: str
    name: str
    state: str
    inputs: Mapping[str, "float | Absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A county's place in a ranking.

    Attributes:
        county: Which.
        score: 0 to 100; None when an input that is weighed is not known, or when no weighed hazard occurs there.
        rank: From 1; equal scores share the better rank. None without a score.
        points: What each weighed input adds to the score; they sum to it.
        missing: Inputs without a value, and why.
        score_between: Lowest and highest score that the unknown inputs leave open; equal when there is none.
        rank_between: Best and worst rank likewise.
    """

    county: County
    score: float | None
    rank: int | None
    points: Mapping[str, float]
    missing: Mapping[str, Absent]
    score_between: tuple[float, float] | None
    rank_between: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The counties' needs as arrays, one row a county, one column a kind of `KINDS`.

    Attributes:
        need: 0 to 100; 0 where there is none.
        known: There is a value, or it is known that none applies.
        applies: There is a value.
    """

    need: Numbers
    known: Truths
    applies: Truths


def check_weights(weights: Mapping[str, float], counties: Sequence[County]) -> Refused | None:
    """Every fault of a set of weights for these counties; None when it can be used."""
    unmet: list[Unmet] = []
    for name, weight in weights.items():
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]}?" if near else "Use one of those."
            unmet.append(Unmet(element=f"weight {name}", found="unknown", needs=", ".join(NAMES), remedy=remedy))
        elif not (math.isfinite(weight) and weight >= 0):
            unmet.append(
                Unmet(element=f"weight {name}", found=f"{weight:g}", needs="0 or more", remedy="Correct the weight.")
            )
        elif weight > 0 and not any(name in county.inputs for county in counties):
            there = [kind for kind in NAMES if any(kind in county.inputs for county in counties)]
            unmet.append(
                Unmet(
                    element=f"weight {name}",
                    found="no table that holds it",
                    needs=f"one of {', '.join(there) or 'nothing'}",
                    remedy="Give a table that holds it, or weigh something else.",
                )
            )
    if not unmet and not any(weight > 0 for weight in weights.values()):
        unmet.append(
            Unmet(element="weights", found="none above 0", needs="at least one above 0", remedy="Weigh an input.")
        )
    return Refused(unmet=tuple(unmet)) if unmet else None


def needs_of(counties: Sequence[County]) -> Needs:
    """Needs of counties, as arrays."""
    shape = (len(counties), len(KINDS))
    value, known, applies = np.zeros(shape), np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for row, county in enumerate(counties):
        for column, kind in enumerate(KINDS):
            found = county.inputs.get(kind.name, Absent.NO_VALUE)
            if not isinstance(found, Absent):
                value[row, column], known[row, column], applies[row, column] = found, True, True
            elif found is Absent.NOT_APPLICABLE:
                known[row, column] = True
    need = np.zeros(shape)
    for column, kind in enumerate(KINDS):
        has = applies[:, column]
        need[has, column] = _need(value[has, column], kind.scale)
    return Needs(need=need, known=known, applies=applies)


def _need(values: Numbers, scale: Scale) -> Numbers:
    match scale:
        case Scale.AS_PUBLISHED:
            return np.clip(values, 0.0, NEED_MAX)
        case Scale.TURNED:
            return np.clip(NEED_MAX - values, 0.0, NEED_MAX)
        case Scale.PERCENTILE:
            # The share of the counties at hand that have no more, as FEMA's percentiles are formed.
            return NEED_MAX * np.searchsorted(np.sort(values), values, side="right") / max(1, len(values))


def weight_row(weights: Mapping[str, float]) -> Numbers:
    """Weights as one row, in the order of `KINDS`."""
    return np.array([weights.get(name, 0.0) for name in NAMES], dtype=np.float64)


def rank_counties(counties: Sequence[County], weights: Mapping[str, float]) -> tuple[Placed, ...] | Refused:
    """All counties, best opportunity first; those without a score last, by their FIPS code.

    Args:
        counties: Each FIPS code once.
        weights: By kind; what is not named weighs nothing.
    """
    refused = check_weights(weights, counties)
    if refused is not None:
        return refused
    needs, row = needs_of(counties), weight_row(weights)
    parts = needs.need * row / row.sum()
    scored = scorable(needs, row)
    low = parts.sum(axis=1)
    unknown = (~needs.known) * row / row.sum()
    high = low + NEED_MAX * unknown.sum(axis=1)
    ranks = ranks_of(low, scored)
    order = sorted(
        range(len(counties)), key=lambda at: (not scored[at], -low[at] if scored[at] else 0.0, counties[at].fips)
    )
    rated = np.sort(low[scored])
    weighed = [column for column in range(len(KINDS)) if row[column] > 0]
    hazard_free = no_weighed_hazard(needs, row)
    return tuple(
        Placed(
            county=counties[at],
            score=float(low[at]) if scored[at] else None,
            rank=int(ranks[at]) if scored[at] else None,
            points={NAMES[c]: float(parts[at, c]) for c in weighed if needs.applies[at, c]},
            missing=_missing(counties[at]),
            score_between=None if hazard_free[at] else (float(low[at]), float(high[at])),
            rank_between=None if hazard_free[at] else (_rank_among(rated, high[at]), _rank_among(rated, low[at])),
        )
        for at in order
    )


def _missing(county: County) -> dict[str, Absent]:
    return {name: found for name, found in county.inputs.items() if isinstance(found, Absent)}


def _rank_among(rated: Numbers, score: float) -> int:
    """Rank that a score has among the scores of ranked counties (rising), whether its county is one of them or not."""
    return len(rated) - int(np.searchsorted(rated, score + SAME, side="right")) + 1


def no_weighed_hazard(needs: Needs, row: Numbers) -> Truths:
    """Counties where hazards are weighed and none of them occurs: other inputs alone make no opportunity."""
    hazard = np.array([kind.hazard for kind in KINDS])
    weighed = (row > 0) & hazard
    if not weighed.any():
        return np.zeros(len(needs.need), dtype=np.bool_)
    settled = needs.known[:, weighed].all(axis=1)
    return np.logical_and(settled, ~np.any(needs.applies[:, weighed], axis=1))


def scorable(needs: Needs, row: Numbers) -> Truths:
    """Counties of which everything that is weighed is known, and where a weighed hazard occurs."""
    return needs.known[:, row > 0].all(axis=1) & ~no_weighed_hazard(needs, row)


def ranks_of(scores: Numbers, scored: Truths) -> NDArray[np.int64]:
    """Ranks from 1, equal scores sharing the better one; 0 for counties without a score."""
    ranks = np.zeros(len(scores), dtype=np.int64)
    rated = scores[scored]
    ranks[scored] = len(rated) - np.searchsorted(np.sort(rated), rated + SAME, side="right") + 1
    return ranks
