"""Small cells kept from a table of people, and enough others with them that no total gives them away.

A table of counts is published with its totals. A count from 1 to just below the threshold is left out. Alone in its
row or column it would be total less the rest, so another cell of that line, the smallest, is left out too, until no
line has exactly one. Whether that is enough is then not believed but computed: for each small cell the least and most
it can be, given all that is published, come from two linear programmes; where the two lie closer than the threshold,
one more cell goes.

Source: L. H. Cox, Suppression methodology and statistical disclosure control, DOI 10.1080/01621459.1980.10477481;
the default threshold of 11 follows CMS's rule for cells of patients (general knowledge); decision 0046.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bptm.planning.linear_program import LinearProgram, Unsolved, solve

THRESHOLD_COUNT = 11
"""Default; the setting `suppress_below` of the commands."""
Counts = NDArray[np.int64]
Hidden = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What a reader of the published table can know of a hidden cell."""

    least: float
    most: float


def with_totals(counts: Counts) -> Counts:
    """The table with a last column of row totals and a last row of column totals."""
    rows = np.hstack((counts, counts.sum(axis=1, keepdims=True)))
    return np.vstack((rows, rows.sum(axis=0, keepdims=True)))


def suppressed(counts: Counts, threshold_count: int = THRESHOLD_COUNT) -> Hidden:
    """Which cells of `with_totals(counts)` must not be published; the table's last row and column are the totals."""
    table = with_totals(counts)
    small = (table > 0) & (table < threshold_count)
    hidden = small.copy()
    for _ in range(table.size):
        _no_line_with_one(table, hidden)
        open_cell = _first_given_away(table, hidden, small, threshold_count)
        if open_cell is None:
            return hidden
        _hide_one_more(table, hidden, open_cell)
    return np.ones_like(hidden)


def _no_line_with_one(table: Counts, hidden: Hidden) -> None:
    """Hides the smallest open cell of each line that hides exactly one, until there is no such line."""
    changed = True
    while changed:
        changed = False
        for cells, flags in ((table, hidden), (table.T, hidden.T)):
            for line in range(flags.shape[0]):
                if flags[line].sum() == 1 and not flags[line].all():
                    sizes = np.where(flags[line] | (cells[line] == 0), np.iinfo(np.int64).max, cells[line])
                    if sizes.min() == np.iinfo(np.int64).max:
                        sizes = np.where(flags[line], np.iinfo(np.int64).max, cells[line])
                    flags[line, int(np.argmin(sizes))] = True
                    changed = True


def _first_given_away(table: Counts, hidden: Hidden, small: Hidden, threshold_count: int) -> tuple[int, int] | None:
    for row, column in np.argwhere(small):
        known = interval(table, hidden, (int(row), int(column)))
        if known.most - known.least < threshold_count - 1:
            return int(row), int(column)
    return None


def _hide_one_more(table: Counts, hidden: Hidden, cell: tuple[int, int]) -> None:
    """Hides the smallest open cell of the cell's row or column; of the whole table when both are hidden."""
    row, column = cell
    near = np.zeros_like(hidden)
    near[row, :] = near[:, column] = True
    for where in (near & ~hidden & (table > 0), near & ~hidden, ~hidden):
        if where.any():
            sizes = np.where(where, table, np.iinfo(np.int64).max)
            hidden[np.unravel_index(int(np.argmin(sizes)), sizes.shape)] = True
            return


def interval(table: Counts, hidden: Hidden, cell: tuple[int, int]) -> Interval:
    """The least and most that a hidden cell can be, given the open cells and that totals are totals."""
    places = np.argwhere(hidden)
    index = {(int(row), int(column)): at for at, (row, column) in enumerate(places)}
    rows_count, columns_count = int(table.shape[0]), int(table.shape[1])
    entry_row: list[int] = []
    entry_column: list[int] = []
    entry_value: list[float] = []
    right: list[float] = []
    lines = [[(row, column) for column in range(columns_count)] for row in range(rows_count)]
    lines += [[(row, column) for row in range(rows_count)] for column in range(columns_count)]
    for equation, line in enumerate(lines):
        known = 0.0
        for at, place in enumerate(line):
            sign = -1.0 if at == len(line) - 1 else 1.0
            if place in index:
                entry_row.append(equation)
                entry_column.append(index[place])
                entry_value.append(sign)
            else:
                known += sign * float(table[place])
        right.append(-known)
    ends: list[float] = []
    for direction in (1.0, -1.0):
        cost = np.zeros(len(places))
        cost[index[cell]] = direction
        program = LinearProgram(
            cost=cost,
            lower=np.zeros(len(places)),
            # No cell is larger than all people together; bounded, so that the programme is.
            upper=np.full(len(places), float(table[-1, -1]) + 1e6 * float(hidden[-1, -1])),
            integer=np.zeros(len(places), dtype=np.bool_),
            row_lower=np.array(right),
            row_upper=np.array(right),
            entry_row=np.array(entry_row, dtype=np.int32),
            entry_column=np.array(entry_column, dtype=np.int32),
            entry_value=np.array(entry_value),
        )
        solved = solve(program)
        assert not isinstance(solved, Unsolved), solved.reason
        ends.append(direction * solved.cost)
    return Interval(least=ends[0], most=ends[1])
