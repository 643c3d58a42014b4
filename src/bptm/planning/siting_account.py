"""What a choice of homes means: beside other ways of choosing, by group, and for one home.

Counts in here are whole; who publishes them hides the small ones first (`planning.suppression`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bptm.planning.siting import Flags, Floats, Rows, SitingProblem, visited
from bptm.planning.siting_benefit import Benefit
from bptm.planning.siting_solve import Choice, take_in_order

Order = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one way of choosing comes to."""

    method: str
    meters_count: int
    benefit: float
    expected_s: float
    cost_usd: float
    visits_count: int
    members_count: Mapping[str, int]
    floors_kept: bool


def account(
    method: str, problem: SitingProblem, benefit: Benefit, groups: Mapping[str, Flags], chosen: Flags
) -> Account:
    """The account of a choice."""
    visits = visited(problem, chosen)
    placed = int(chosen.sum())
    kept = all(
        int((floor.member & chosen).sum()) >= (floor.share_fraction or 0.0) * placed - 1e-9
        and int((floor.member & chosen).sum()) >= (floor.at_least_count or 0)
        for floor in problem.floors
    )
    return Account(
        method=method,
        meters_count=placed,
        benefit=float(problem.benefit[chosen].sum()),
        expected_s=float(benefit.expected_s[chosen].sum()),
        cost_usd=float(problem.cost_usd[chosen].sum() + problem.visit_cost_usd[visits].sum()),
        visits_count=int(visits.sum()),
        members_count={name: int((member & chosen).sum()) for name, member in groups.items()},
        floors_kept=kept,
    )


def without_floors(problem: SitingProblem, rows: Rows) -> Rows:
    """The rows of money, meters and crews alone: what a list worked off by hand keeps."""
    kept = [at for at, name in enumerate(rows.names) if not name.startswith("floor ")]
    assert len(kept) <= len(rows.names) - len(problem.floors)
    return Rows(
        names=tuple(rows.names[at] for at in kept),
        home=rows.home[kept],
        visit=rows.visit[kept],
        limit=rows.limit[kept],
    )


def other_ways(problem: SitingProblem, rows: Rows, benefit: Benefit, first_come: NDArray[np.int64]) -> dict[str, Flags]:
    """Three lists worked off in order under the same budget, meters and crews, and no floors.

    First come: the order given. Risk only: most expected outage time first. Equity only: most weight of need first,
    then expected outage time.
    """
    hard = without_floors(problem, rows)
    orders: dict[str, Order] = {
        "first come, first served": np.asarray(first_come, dtype=np.int64),
        "risk only": np.argsort(-benefit.expected_s, kind="stable"),
        "equity only": np.lexsort((-benefit.expected_s, -benefit.weight)),
    }
    return {name: take_in_order(problem, hard, order) for name, order in orders.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one home stands at the prices of the plan.

    `price` is what its cost, crew time and place use up; `visit_share` its part of the price of visiting its cluster,
    shared among the homes of the cluster that gain. It is taken when its benefit covers both; `margin` is what is left
    over (or lacking).
    """

    benefit: float
    price: float
    visit_share: float
    parts: Mapping[str, float]
    taken: bool

    @property
    def margin(self) -> float:
        """Benefit less what it must cover."""
        return self.benefit - self.price - self.visit_share

    @property
    def breakeven_ratio(self) -> float | None:
        """Its benefit times this would just be taken; None for a home without benefit."""
        return (self.price + self.visit_share) / self.benefit if self.benefit > 0 else None


def standings(problem: SitingProblem, choice: Choice) -> tuple[Floats, Floats]:
    """Price and share of the visit of every home, each of shape (homes,)."""
    price = choice.prices @ choice.rows.home
    visit_price = choice.prices @ choice.rows.visit
    gaining = np.bincount(problem.cluster[choice.gain > 0], minlength=visit_price.size)
    return price, (visit_price / np.maximum(gaining, 1))[problem.cluster]


def standing(problem: SitingProblem, choice: Choice, home: int) -> Standing:
    """Where this home stands, with its price in parts by row."""
    price, share = standings(problem, choice)
    parts = choice.prices * choice.rows.home[:, home]
    return Standing(
        benefit=float(problem.benefit[home]),
        price=float(price[home]),
        visit_share=float(share[home]),
        parts={name: float(part) for name, part in zip(choice.rows.names, parts, strict=True) if part != 0.0},
        taken=bool(choice.chosen[home]),
    )


Why = Literal["taken", "beyond its price", "squeezed out", "no benefit"]


def why(seen: Standing) -> Why:
    """The one word for a home's outcome.

    `squeezed out` is a home that covers its price and was not taken, or the reverse end of the same: whole meters and
    whole visits do not divide as prices do. The printed gap bounds what all of these together can cost.
    """
    if seen.taken:
        return "taken"
    if seen.benefit <= 0:
        return "no benefit"
    return "squeezed out" if seen.margin > 0 else "beyond its price"
