"""A choice of homes and how far, proven, it can be from the best: exact for few homes, priced and repaired for many.

Few homes: the whole mixed-integer programme goes to HiGHS, whose own bound is the proof. Many: the prices of the least
Lagrangian bound decide every home whose gain is clear, and a small exact programme over the homes and clusters near
the margin (the *core*) decides the rest within what the clear ones left over. The gap between the choice and the bound
is always part of the answer.

Source: E. Balas, E. Zemel, An algorithm for large zero-one knapsack problems (1980), DOI 10.1287/opre.28.5.1130, for
the idea of a core; decision 0044.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bptm.planning.linear_program import Floats, LinearProgram, Solved, solve
from bptm.planning.siting import Flags, Rows, SitingProblem, feasible, rows_of, usage, visited
from bptm.planning.siting_bound import Bound, least_bound

EXACT_HOMES_MAX = 1_500
"""Own choice: whole programmes of this size end in a few seconds, larger ones need not end at all."""
CORE_HOMES = (2_000, 8_000, 32_000)
"""Own choice: homes in the core; larger ones are tried only when nothing feasible was found in a smaller one."""
GAP_AIM_FRACTION = 1e-4
"""Own choice: far below what any of the inputs is known to."""
CORE_NODES_MAX = 1
"""Own choice, measured: the root with its cuts and heuristics gives nearly all; branching adds seconds."""
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The homes chosen, what they use, and the proof of how good they are."""

    chosen: Flags
    benefit: float
    bound: float
    prices: Floats
    gain: Floats
    visit_net: Floats
    used: Floats
    rows: Rows
    method: str
    duals_count: int

    @property
    def gap_fraction(self) -> float:
        """No choice is better than this one by more than this share of the bound."""
        return max(0.0, self.bound - self.benefit) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """No choice keeps all rows; `binding` are the rows that contradict each other, with the proof's bound below 0."""

    binding: tuple[str, ...]
    bound: float


def choose(problem: SitingProblem) -> Choice | Impossible:
    """The homes that get the next meters, with the proven gap; or the rows that make it impossible."""
    rows = rows_of(problem)
    bound = least_bound(problem, rows)
    if bound.infeasible:
        return _impossible(rows, bound)
    if problem.benefit.size <= EXACT_HOMES_MAX:
        solved = solve(programme(problem, rows, everything(problem)))
        if isinstance(solved, Solved):
            chosen = solved.point[: problem.benefit.size] > _HALF
            return _choice(problem, rows, bound, chosen, (min(bound.best.bound, -solved.bound), "exact"))
        if solved.infeasible:
            return _impossible(rows, bound)
    for core in _cores(problem, bound):
        solved = solve(
            programme(problem, rows, core), gap_abs=GAP_AIM_FRACTION * bound.best.bound, nodes_max=CORE_NODES_MAX
        )
        if isinstance(solved, Solved):
            chosen = core.fixed_in.copy()
            chosen[core.homes] = solved.point[: core.homes.size] > _HALF
            chosen = fill(problem, rows, chosen, bound.best.gain)
            return _choice(problem, rows, bound, chosen, (bound.best.bound, "priced, with an exact core"))
    nothing = np.zeros(problem.benefit.size, dtype=np.bool_)
    if not feasible(problem, rows, nothing):
        return _impossible(rows, bound)
    chosen = fill(problem, rows, nothing, bound.best.gain)
    return _choice(problem, rows, bound, chosen, (bound.best.bound, "priced, in order of gain"))


def _choice(problem: SitingProblem, rows: Rows, bound: Bound, chosen: Flags, proof: tuple[float, str]) -> Choice:
    """The choice with its proof: the least bound and the way it was made."""
    limit, method = proof
    assert feasible(problem, rows, chosen), "a choice that breaks a row"
    return Choice(
        chosen=chosen,
        benefit=float(problem.benefit[chosen].sum()),
        bound=limit,
        prices=bound.prices,
        gain=bound.best.gain,
        visit_net=bound.best.visit_net,
        used=usage(problem, rows, chosen),
        rows=rows,
        method=method,
        duals_count=bound.duals_count,
    )


def _impossible(rows: Rows, bound: Bound) -> Impossible:
    worth = bound.prices * np.maximum(np.abs(rows.limit), 1.0)
    named = [name for name, part in zip(rows.names, worth, strict=True) if part > 1e-6 * max(worth.max(initial=0), 1)]
    return Impossible(binding=tuple(named or rows.names), bound=bound.best.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Homes left to the exact programme, homes fixed in, and the clusters whose visit is still open."""

    homes: np.ndarray[tuple[int], np.dtype[np.int64]]
    fixed_in: Flags


def everything(problem: SitingProblem) -> Core:
    """The core that holds every home."""
    return Core(homes=np.arange(problem.benefit.size), fixed_in=np.zeros(problem.benefit.size, dtype=np.bool_))


def _cores(problem: SitingProblem, bound: Bound) -> Iterator[Core]:
    """Cores of growing size: the homes whose place in the choice is least clear at the prices."""
    gain, net = bound.best.gain, bound.best.visit_net[problem.cluster]
    chosen = bound.best.chosen
    doubt = np.where(chosen, np.minimum(gain, net), np.maximum(-gain, 0.0) + np.maximum(-net, 0.0))
    order = np.argsort(doubt, kind="stable")
    for size in CORE_HOMES:
        homes = np.sort(order[:size])
        fixed_in = chosen.copy()
        fixed_in[homes] = False
        yield Core(homes=homes, fixed_in=fixed_in)
        if size >= order.size:
            return


def programme(problem: SitingProblem, rows: Rows, core: Core) -> LinearProgram:
    """The programme of the core: its homes `x`, then the clusters `y` that no fixed home visits anyway."""
    homes = core.homes
    already = visited(problem, core.fixed_in)
    clusters = np.unique(problem.cluster[homes])
    clusters = clusters[~already[clusters]]
    place = np.full(problem.visit_cost_usd.size, -1)
    place[clusters] = np.arange(clusters.size) + homes.size
    linked = np.flatnonzero(place[problem.cluster[homes]] >= 0)
    rows_count = rows.limit.size
    matrix = np.hstack((rows.home[:, homes], rows.visit[:, clusters]))
    row, column = np.nonzero(matrix)
    link_row = np.arange(linked.size) + rows_count
    columns_count = homes.size + clusters.size
    return LinearProgram(
        cost=np.concatenate((-problem.benefit[homes], np.zeros(clusters.size))),
        lower=np.zeros(columns_count),
        upper=np.ones(columns_count),
        integer=np.ones(columns_count, dtype=np.bool_),
        row_lower=np.full(rows_count + linked.size, -np.inf),
        row_upper=np.concatenate((rows.limit - usage(problem, rows, core.fixed_in), np.zeros(linked.size))),
        entry_row=np.concatenate((row, link_row, link_row)).astype(np.int32),
        entry_column=np.concatenate((column, linked, place[problem.cluster[homes[linked]]])).astype(np.int32),
        entry_value=np.concatenate((matrix[row, column], np.ones(linked.size), -np.ones(linked.size))),
    )


def fill(problem: SitingProblem, rows: Rows, chosen: Flags, order_by: Floats) -> Flags:
    """The choice with every further home that still fits, tried from the highest `order_by` on.

    Fits means: no row goes beyond its limit, or further beyond it than it was.
    """
    order = np.argsort(-order_by, kind="stable")
    return take_in_order(problem, rows, order[~chosen[order]], chosen)


def take_in_order(
    problem: SitingProblem,
    rows: Rows,
    order: np.ndarray[tuple[int], np.dtype[np.int64]],
    chosen: Flags | None = None,
) -> Flags:
    """Homes taken one after the other in this order, each that fits: how a list is worked off without a plan.

    Works in blocks: in each, only homes that would fit alone are looked at, and the walk ends when none is left.
    """
    taken = np.zeros(problem.benefit.size, dtype=np.bool_) if chosen is None else chosen.copy()
    open_clusters = visited(problem, taken)
    left = rows.limit - usage(problem, rows, taken)
    slack = 1e-9 * np.maximum(1.0, np.abs(rows.limit))
    # A floor gives room back with each member, so that only rows which nobody relieves can rule a home out early.
    only_used = np.all(rows.home >= 0.0, axis=1)
    for start in range(0, order.size, _BLOCK):
        block = order[start : start + _BLOCK]
        if start and _nothing_fits(rows, order[start:], left, slack):
            break
        room = np.maximum(left + slack, 0.0)[only_used, None]
        alone = np.all(rows.home[np.ix_(only_used, block)] <= room, axis=0)
        for home in block[alone]:
            cluster = problem.cluster[home]
            need = rows.home[:, home] + (0.0 if open_clusters[cluster] else rows.visit[:, cluster])
            if np.all((need <= left + slack) | (need <= 0.0)):
                left = left - need
                taken[home] = True
                open_clusters[cluster] = True
    return taken


_BLOCK = 4_096


def _nothing_fits(rows: Rows, rest: np.ndarray[tuple[int], np.dtype[np.int64]], left: Floats, slack: Floats) -> bool:
    """True when some row is so full that not even the least demanding home of the rest fits."""
    least = rows.home[:, rest].min(axis=1) if rest.size else np.full(left.size, np.inf)
    return bool(np.any((least > 0.0) & (least > left + slack)))
