"""How the order of counties moves when the weights move: rank intervals, and what each input decides.

Nobody knows weights to better than a factor. Each draw multiplies every weight by a factor of its own, and the interval
of a county holds nine tenths of the ranks it gets. Beside it, each input is left out once and doubled once.

Source: own choice (factors between a half and two, evenly on a logarithmic scale; the interval from 5 to 95 %).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bptm.planning.opportunity import NAMES, County, Numbers, needs_of, ranks_of, scorable, weight_row

FACTOR_MAX = 2.0
INTERVAL = (0.05, 0.95)
TOP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What happens to the order when one weight changes.

    Attributes:
        name: The input.
        change: What was done to its weight: "left out" or "doubled".
        correlation: Spearman's rank correlation with the order as it was, over counties ranked in both; None when that
            leaves fewer than three, or one of the two orders holds ties only.
        top_kept_count: How many of the first `TOP` stay among the first `TOP`.
        top_count: How many there are: `TOP`, or fewer in a small ranking.
        enters: FIPS codes that come into the first `TOP`, best first.
        leaves: FIPS codes that go.
    """

    name: str
    change: str
    correlation: float | None
    top_kept_count: int
    top_count: int
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """How firmly a ranking stands.

    Attributes:
        rank_interval: By FIPS code, for ranked counties: the ranks that hold nine tenths of the draws.
        top_share_fraction: By FIPS code: the share of draws with the county among the first `TOP`.
        swings: What each single weight decides.
        draws_count: How many sets of weights were tried.
    """

    rank_interval: Mapping[str, tuple[int, int]]
    top_share_fraction: Mapping[str, float]
    swings: tuple[Swing, ...]
    draws_count: int


def sway_of(counties: Sequence[County], weights: Mapping[str, float], uniform: Numbers) -> Sway:
    """How the ranking of `rank_counties` moves.

    Args:
        counties: As ranked.
        weights: As accepted by `check_weights`.
        uniform: Shape (draws, kinds), drawn evenly from 0 to 1; the host owns chance.
    """
    needs, row = needs_of(counties), weight_row(weights)
    # Every draw weighs the same inputs, so the same counties have a score in all of them.
    scored = scorable(needs, row)
    factors = FACTOR_MAX ** (2.0 * uniform - 1.0)
    places = np.empty((len(uniform), int(scored.sum())), dtype=np.int64)
    everyone = np.ones(int(scored.sum()), dtype=np.bool_)
    need = needs.need[scored]
    for draw, factor in enumerate(factors):
        drawn = row * factor
        places[draw] = ranks_of(need @ (drawn / drawn.sum()), everyone)
    fips = [county.fips for county, has in zip(counties, scored, strict=True) if has]
    low, high = _interval(places)
    share = (places <= TOP).mean(axis=0) if len(places) else np.zeros(len(fips))
    return Sway(
        rank_interval={f: (int(a), int(b)) for f, a, b in zip(fips, low, high, strict=True)},
        top_share_fraction={f: float(s) for f, s in zip(fips, share, strict=True)},
        swings=_swings(counties, row),
        draws_count=len(uniform),
    )


def _interval(places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if not places.size:
        empty = np.zeros(places.shape[1], dtype=np.int64)
        return empty, empty
    low = np.quantile(places, INTERVAL[0], axis=0, method="lower")
    high = np.quantile(places, INTERVAL[1], axis=0, method="higher")
    return low.astype(np.int64), high.astype(np.int64)


def _swings(counties: Sequence[County], row: Numbers) -> tuple[Swing, ...]:
    needs = needs_of(counties)
    weighed = [column for column in range(len(NAMES)) if row[column] > 0]
    if len(weighed) < 2:  # noqa: PLR2004 (a single weight scales all scores alike)
        return ()

    def ranks(weights: Numbers) -> NDArray[np.int64]:
        return ranks_of(needs.need @ (weights / weights.sum()), scorable(needs, weights))

    before = ranks(row)
    found: list[Swing] = []
    for column in weighed:
        for change, factor in (("left out", 0.0), ("doubled", 2.0)):
            changed = row.copy()
            changed[column] *= factor
            found.append(_swing(counties, NAMES[column], change, before, ranks(changed)))
    return tuple(found)


def _swing(
    counties: Sequence[County], name: str, change: str, before: NDArray[np.int64], after: NDArray[np.int64]
) -> Swing:
    def top(ranks: NDArray[np.int64]) -> list[str]:
        inside = [at for at in range(len(ranks)) if 0 < ranks[at] <= TOP]
        return [counties[at].fips for at in sorted(inside, key=lambda at: (ranks[at], counties[at].fips))][:TOP]

    was, now = top(before), top(after)
    return Swing(
        name=name,
        change=change,
        correlation=_correlation(before, after),
        top_kept_count=len(set(was) & set(now)),
        top_count=len(was),
        enters=tuple(fips for fips in now if fips not in was),
        leaves=tuple(fips for fips in was if fips not in now),
    )


def _correlation(before: NDArray[np.int64], after: NDArray[np.int64]) -> float | None:
    """Spearman's rank correlation over counties that have both ranks."""
    both = (before > 0) & (after > 0)
    few = 3
    if both.sum() < few:
        return None
    a, b = _mean_ranks(before[both]), _mean_ranks(after[both])
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else None


def _mean_ranks(ranks: NDArray[np.int64]) -> Numbers:
    """Tied counties share the mean of the places that they take together."""
    _values, inverse, counts = np.unique(ranks, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + 1 + ends) / 2.0)[inverse]
