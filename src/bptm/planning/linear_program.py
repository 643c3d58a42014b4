"""HiGHS behind one function: a linear or mixed-integer programme in, a point and its proven bound out.

The only file of the planning room that knows the solver. One thread, no time limit and a limit on nodes, so that the
same programme gives the same answer on any machine; random seeds stay at the solver's own default.

Source: Q. Huangfu, J. A. J. Hall, Parallelizing the dual revised simplex method, DOI 10.1007/s12532-017-0130-5;
decision 0044.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearProgram:
    """Minimise `cost @ x` with `lower <= x <= upper` and `row_lower <= A x <= row_upper`."""

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    entry_row: NDArray[np.int32]
    entry_column: NDArray[np.int32]
    entry_value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The best point found and a proven lower bound on the cost of every point."""

    point: Floats
    cost: float
    bound: float
    nodes_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolved:
    """No point was found: none exists, or the limit on nodes was reached first."""

    reason: str
    infeasible: bool


class _QuietHighs(highspy.Highs):
    """The solver without the banner that its constructor writes to standard output, where JSON alone may stand."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name
        """Silences the log before the constructor has a reason to write to it."""
        self.setOptionValue("output_flag", False)  # noqa: FBT003 - the solver's own signature
        super().enableCallbacks()


def solve(
    program: LinearProgram, *, gap_abs: float = 0.0, gap_fraction: float = 1e-9, nodes_max: int = 20_000
) -> Solved | Unsolved:
    """Solves to optimality, to one of the two gaps, or until the nodes are used up."""
    solver = _QuietHighs()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", gap_fraction)
    solver.setOptionValue("mip_abs_gap", gap_abs)
    solver.setOptionValue("mip_max_nodes", nodes_max)
    solver.passModel(_model(program))
    solver.run()
    status = solver.getModelStatus()
    point = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    info = solver.getInfo()
    if point.size != program.cost.size or not np.isfinite(info.objective_function_value):
        return Unsolved(
            reason=solver.modelStatusToString(status), infeasible=status == highspy.HighsModelStatus.kInfeasible
        )
    ended = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)
    mixed = bool(program.integer.any())
    if status not in ended or (mixed and not bool(solver.getSolution().value_valid)):
        return Unsolved(
            reason=solver.modelStatusToString(status), infeasible=status == highspy.HighsModelStatus.kInfeasible
        )
    cost = float(info.objective_function_value)
    return Solved(
        point=point,
        cost=cost,
        bound=float(info.mip_dual_bound) if mixed else cost,
        nodes_count=int(info.mip_node_count) if mixed else 0,
    )


def _model(program: LinearProgram) -> highspy.HighsLp:
    """The solver's own record, with the matrix by columns."""
    columns_count, rows_count = program.cost.size, program.row_lower.size
    order = np.lexsort((program.entry_row, program.entry_column))
    model = highspy.HighsLp()
    model.num_col_ = columns_count
    model.num_row_ = rows_count
    model.col_cost_ = program.cost
    model.col_lower_ = program.lower
    model.col_upper_ = program.upper
    model.row_lower_ = program.row_lower
    model.row_upper_ = program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate(
        ([0], np.cumsum(np.bincount(program.entry_column, minlength=columns_count)))
    ).astype(np.int32)
    model.a_matrix_.index_ = program.entry_row[order].astype(np.int32)
    model.a_matrix_.value_ = program.entry_value[order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    if program.integer.any():
        model.integrality_ = [kinds[int(whole)] for whole in program.integer]
    return model
