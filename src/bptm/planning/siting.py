"""Who gets the next meters: the problem as docs/explanation/siting.md states it, one function for each constraint.

Homes `i` lie in clusters `c` (a circuit, or whatever one crew visits in one go), clusters belong to depots `d`.

    maximise    sum_i benefit_i x_i
    subject to  constraint_budget       sum_i cost_i x_i  + sum_c visit_cost_c y_c  <= budget
                constraint_meters       sum_i x_i                                   <= meters
                constraint_crew(d)      sum_i crew_i x_i  + sum_c visit_crew_c y_c  <= crew_d   (i, c of depot d)
                constraint_floor_share  sum_i (share_g - member_gi) x_i             <= 0
                constraint_floor_count  - sum_i member_gi x_i                       <= - count_g
                constraint_visit        x_i <= y_c(i),   x, y in {0, 1}

All but the last are rows `usage <= limit` with a price each. With the rows priced, the clusters fall apart: each is
visited when the gains of its homes pay for the visit. That is the Lagrangian `dual`, an upper bound for any prices.

Source: A. M. Geoffrion, Lagrangean relaxation for integer programming (1974), DOI 10.1007/BFb0120690; decision 0044.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A group shall get at least this share of the meters placed, or at least this many."""

    name: str
    member: Flags
    share_fraction: float | None = None
    at_least_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingProblem:
    """The eligible homes, their clusters and depots, and what limits the choice.

    Arrays of homes have shape (homes,), of clusters (clusters,), of depots (depots,). Crew time is in person-seconds.
    """

    benefit: Floats
    cost_usd: Floats
    crew_s: Floats
    cluster: NDArray[np.int64]
    visit_cost_usd: Floats
    visit_crew_s: Floats
    cluster_depot: NDArray[np.int64]
    depot_names: tuple[str, ...]
    depot_crew_s: Floats | None = None
    budget_usd: float | None = None
    meters_count: int | None = None
    floors: tuple[Floor, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for arrays that do not belong together, or values that mean nothing."""
        homes, clusters = self.benefit.size, self.visit_cost_usd.size
        same = all(values.size == homes for values in (self.cost_usd, self.crew_s, self.cluster))
        same &= all(values.size == clusters for values in (self.visit_crew_s, self.cluster_depot))
        same &= all(floor.member.size == homes for floor in self.floors)
        if not same:
            msg = "arrays of homes, clusters and members differ in length"
            raise ValueError(msg)
        parts = (self.benefit, self.cost_usd, self.crew_s, self.visit_cost_usd, self.visit_crew_s)
        if not all(bool(np.isfinite(values).all()) and bool((values >= 0).all()) for values in parts):
            msg = "benefits, costs and crew times are finite and not negative"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One row: `home @ x + visit @ y <= limit`."""

    name: str
    home: Floats
    visit: Floats
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All rows of a problem, stacked: shapes (rows, homes), (rows, clusters), (rows,)."""

    names: tuple[str, ...]
    home: Floats
    visit: Floats
    limit: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Dual:
    """The Lagrangian at some prices: its value bounds the benefit of every choice from above."""

    bound: float
    slack: Floats
    gain: Floats
    visit_net: Floats
    chosen: Flags


def constraint_budget(problem: SitingProblem) -> Constraint | None:
    """Money: meters, installation and one visit for each cluster with a meter."""
    if problem.budget_usd is None:
        return None
    return Constraint(name="budget", home=problem.cost_usd, visit=problem.visit_cost_usd, limit=problem.budget_usd)


def constraint_meters(problem: SitingProblem) -> Constraint | None:
    """Meters in stock: the N of the next N."""
    if problem.meters_count is None:
        return None
    ones = np.ones_like(problem.cost_usd)
    return Constraint(name="meters", home=ones, visit=np.zeros_like(problem.visit_cost_usd), limit=problem.meters_count)


def constraint_crew(problem: SitingProblem, depot: int) -> Constraint | None:
    """Crew time of one depot: installing, and one journey for each cluster with a meter."""
    if problem.depot_crew_s is None or np.isinf(problem.depot_crew_s[depot]):
        return None
    here = problem.cluster_depot == depot
    return Constraint(
        name=f"crew {problem.depot_names[depot]}",
        home=np.where(here[problem.cluster], problem.crew_s, 0.0),
        visit=np.where(here, problem.visit_crew_s, 0.0),
        limit=float(problem.depot_crew_s[depot]),
    )


def constraint_floor_share(problem: SitingProblem, floor: Floor) -> Constraint | None:
    """A group's share of the meters placed, linear in x: it holds of any number of meters, zero too."""
    if floor.share_fraction is None:
        return None
    return Constraint(
        name=f"floor {floor.name}",
        home=floor.share_fraction - floor.member.astype(np.float64),
        visit=np.zeros_like(problem.visit_cost_usd),
        limit=0.0,
    )


def constraint_floor_count(problem: SitingProblem, floor: Floor) -> Constraint | None:
    """A group's number of meters at least; this one can be impossible."""
    if floor.at_least_count is None:
        return None
    return Constraint(
        name=f"floor {floor.name}, count",
        home=-floor.member.astype(np.float64),
        visit=np.zeros_like(problem.visit_cost_usd),
        limit=-float(floor.at_least_count),
    )


def rows_of(problem: SitingProblem) -> Rows:
    """Every row the problem has, stacked."""
    made = [constraint_budget(problem), constraint_meters(problem)]
    made += [constraint_crew(problem, depot) for depot in range(len(problem.depot_names))]
    made += [constraint_floor_share(problem, floor) for floor in problem.floors]
    made += [constraint_floor_count(problem, floor) for floor in problem.floors]
    rows = [row for row in made if row is not None]
    homes, clusters = problem.benefit.size, problem.visit_cost_usd.size
    return Rows(
        names=tuple(row.name for row in rows),
        home=np.array([row.home for row in rows]).reshape(len(rows), homes),
        visit=np.array([row.visit for row in rows]).reshape(len(rows), clusters),
        limit=np.array([row.limit for row in rows], dtype=np.float64),
    )


def visited(problem: SitingProblem, chosen: Flags) -> Flags:
    """The clusters with a chosen home (constraint_visit, tight)."""
    return np.bincount(problem.cluster[chosen], minlength=problem.visit_cost_usd.size) > 0


def usage(problem: SitingProblem, rows: Rows, chosen: Flags) -> Floats:
    """What a choice uses of each row."""
    return rows.home @ chosen.astype(np.float64) + rows.visit @ visited(problem, chosen).astype(np.float64)


def feasible(problem: SitingProblem, rows: Rows, chosen: Flags) -> bool:
    """True when a choice keeps every row, within one part in 1e9 of rounding."""
    return bool(np.all(usage(problem, rows, chosen) <= rows.limit + 1e-9 * np.maximum(1.0, np.abs(rows.limit))))


def dual(problem: SitingProblem, rows: Rows, prices: Floats) -> Dual:
    """The Lagrangian at these prices (one for each row, not negative).

    `gain` is a home's benefit less what it uses at the prices; `visit_net` what a cluster's gaining homes bring beyond
    the price of the visit. The homes of paying clusters are chosen; `slack` is the subgradient, limit less usage.
    """
    gain = problem.benefit - prices @ rows.home
    visit_price = prices @ rows.visit
    positive = np.maximum(gain, 0.0)
    net = np.bincount(problem.cluster, weights=positive, minlength=visit_price.size) - visit_price
    paying = net > 0.0
    chosen = (gain > 0.0) & paying[problem.cluster]
    used = rows.home @ chosen.astype(np.float64) + rows.visit @ paying.astype(np.float64)
    return Dual(
        bound=float(net[paying].sum() + prices @ rows.limit),
        slack=rows.limit - used,
        gain=gain,
        visit_net=net,
        chosen=chosen,
    )
