"""Small cells stay hidden from somebody who adds up everything that is published."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis.strategies import integers

from bptm.planning.suppression import interval, suppressed, with_totals


@given(seed=integers(0, 100_000), rows=integers(1, 5), columns=integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_no_small_cell_can_be_narrowed_below_the_threshold(seed: int, rows: int, columns: int) -> None:
    """Decision 0046: over random tables, with zeros and many small cells, each small count stays uncertain."""
    chance = np.random.default_rng(seed)
    counts = chance.choice([0, 1, 3, 8, 12, 40, 300], size=(rows, columns)).astype(np.int64)
    table, hidden = with_totals(counts), suppressed(counts, 11)
    for row, column in np.argwhere((table > 0) & (table < 11)):
        assert hidden[row, column]
        known = interval(table, hidden, (int(row), int(column)))
        assert known.most - known.least >= 10
        assert known.least <= table[row, column] <= known.most


def test_the_interval_is_what_trying_all_tables_says() -> None:
    """An independent reader: every 2 x 2 table of whole numbers that agrees with what is published."""
    counts = np.array([[4, 30], [25, 2]], dtype=np.int64)
    hidden = np.zeros((3, 3), dtype=np.bool_)
    hidden[:2, :2] = True
    fitting = [
        cells[0]
        for cells in itertools.product(range(35), repeat=4)
        if cells[0] + cells[1] == 34 and cells[2] + cells[3] == 27 and cells[0] + cells[2] == 29
    ]
    known = interval(with_totals(counts), hidden, (0, 0))
    assert (known.least, known.most) == (min(fitting), max(fitting))


def test_a_table_without_small_cells_is_published_whole() -> None:
    """Nothing is hidden without need, zeros included."""
    assert not suppressed(np.array([[0, 20], [30, 40]], dtype=np.int64), 11).any()


def test_a_threshold_of_one_hides_nothing() -> None:
    """The setting switches it off for a utility's own eyes."""
    assert not suppressed(np.array([[1, 2], [3, 4]], dtype=np.int64), 1).any()
