"""The least upper bound that prices can give: the Lagrangian dual, minimised by cutting planes inside a box.

Each dual value is a plane under the (convex) dual function. A small linear programme in the prices finds the lowest
point of all planes inside a box around the best prices so far; the dual there is a new bound and a new plane. The box
keeps the first, ill-informed steps short.

Every bound met on the way is valid, so the least of them is kept; stopping early costs sharpness, never truth. A bound
below zero proves that nothing satisfies all rows, since no choice has a benefit below zero; the rows with a price in
it are those that contradict each other.

Source: J. E. Kelley, The cutting-plane method for solving convex programs (1960), DOI 10.1137/0108053; R. E. Marsten,
W. W. Hogan, J. W. Blankenship, The Boxstep method for large-scale optimization (1975), DOI 10.1287/opre.23.3.389.
"""

from dataclasses import dataclass

import numpy as np

from bptm.planning.linear_program import Floats, LinearProgram, Unsolved, solve
from bptm.planning.siting import Dual, Rows, SitingProblem, dual

ITERATIONS_MAX = 240
"""Own choice: three times what the worst of the measured cases needed."""
TOLERANCE = 2e-6
"""Own choice: the bound is called least when the planes allow no more than this share below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The best prices found, the dual there, and how many duals it took."""

    prices: Floats
    best: Dual
    duals_count: int
    infeasible: bool


def least_bound(problem: SitingProblem, rows: Rows) -> Bound:
    """Prices whose Lagrangian bound is as low as the cutting planes get it."""
    scale = _scales(problem, rows)
    size = rows.limit.size
    prices = np.zeros(size)
    best = dual(problem, rows, prices)
    duals_count = 1
    if size == 0:
        return Bound(prices=prices, best=best, duals_count=1, infeasible=False)
    whole = max(best.bound, 1e-12)
    radius = np.full(size, whole / 4)
    slopes, heights = [best.slack / scale], [best.bound]
    while duals_count < ITERATIONS_MAX:
        trial_scaled, lowest, at_wall = _lowest(np.array(slopes), np.array(heights), prices * scale, radius)
        if best.bound - lowest <= TOLERANCE * max(abs(best.bound), 1e-12):
            if not at_wall:
                break
            radius *= 4.0
            if radius[0] > 1e6 * whole:
                break
            continue
        trial = dual(problem, rows, trial_scaled / scale)
        duals_count += 1
        slopes.append(trial.slack / scale)
        heights.append(trial.bound - float(slopes[-1] @ trial_scaled))
        foreseen, seen = best.bound - lowest, best.bound - trial.bound
        if seen > 0.1 * foreseen:
            prices, best = trial_scaled / scale, trial
            radius *= 2.0 if at_wall else 1.0
        elif seen < 0.0:
            radius *= 0.7
        if best.bound < -1e-9 * whole:
            return Bound(prices=prices, best=best, duals_count=duals_count, infeasible=True)
    return Bound(prices=prices, best=best, duals_count=duals_count, infeasible=False)


def _scales(problem: SitingProblem, rows: Rows) -> Floats:
    """A size for each row, so that a price times it is of the order of the whole benefit."""
    homes = max(problem.benefit.size, 1)
    placed = min(homes, problem.meters_count or homes)
    typical = np.abs(rows.home).mean(axis=1) * placed if rows.home.size else np.ones(rows.limit.size)
    return np.maximum(np.maximum(np.abs(rows.limit), typical), 1e-9)


def _lowest(slopes: Floats, heights: Floats, centre: Floats, radius: Floats) -> tuple[Floats, float, bool]:
    """The lowest point of all planes in the box: scaled prices, the height there, and whether a wall holds it."""
    planes, size = int(heights.size), int(centre.size)
    lower, upper = np.maximum(centre - radius, 0.0), centre + radius
    plane, column = np.nonzero(np.ones((planes, size), dtype=np.bool_))
    program = LinearProgram(
        cost=np.concatenate((np.zeros(size), [1.0])),
        lower=np.concatenate((lower, [-np.inf])),
        upper=np.concatenate((upper, [np.inf])),
        integer=np.zeros(size + 1, dtype=np.bool_),
        row_lower=heights,
        row_upper=np.full(planes, np.inf),
        entry_row=np.concatenate((plane, np.arange(planes))).astype(np.int32),
        entry_column=np.concatenate((column, np.full(planes, size))).astype(np.int32),
        entry_value=np.concatenate((-slopes.ravel(), np.ones(planes))),
    )
    solved = solve(program)
    assert not isinstance(solved, Unsolved), solved.reason
    found = np.clip(solved.point[:size], 0.0, None)
    near = 1e-7 * np.maximum(radius, 1e-12)
    at_wall = bool(np.any((found >= upper - near) | ((found <= lower + near) & (lower > 0.0))))
    return found, solved.cost, at_wall
