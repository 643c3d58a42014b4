"""What a controller may tell: each column's codes, bits and range, without a gap and as the reference says."""

import math
from enum import IntEnum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.terms.codes import Cause, Contact, Event, FedBy, Mode
from bptm.terms.core_bench_trace import TOLD_FIELDS
from bptm.twin.bench.batch import play_folder
from bptm.twin.bench.reading import SCENARIOS
from bptm.twin.bench.run import TOLD_NAMES
from bptm.twin.bench.told_values import RULES, spelt, told_fault

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "bench-protocol.md"


@pytest.mark.parametrize(
    ("column", "codes"),
    [("mode", Mode), ("cause", Cause), ("latched", Cause), ("backup_harm", Cause), ("fed_by", FedBy),
     ("u_contact", Contact)],
)  # fmt: skip
def test_a_column_of_codes_takes_these_codes_and_no_other(column: str, codes: type[IntEnum]) -> None:
    """Every whole number from -100 to 300, against the enumeration."""
    taken = {value for value in range(-100, 300) if not told_fault([column], [float(value)])}
    assert taken == {int(code) for code in codes}


def test_events_are_taken_as_bits_of_events_that_exist() -> None:
    """Each bit of an i8 by itself."""
    taken = {bit for bit in range(63) if not told_fault(["events"], [float(1 << bit)])}
    assert taken == {int(event) for event in Event}
    assert told_fault(["events"], [float(sum(1 << event for event in Event))]) == ""


@given(name=st.sampled_from(sorted(RULES)), value=st.floats())
def test_what_is_taken_fits_its_column(name: str, value: float) -> None:
    """Any double whatever: it is refused with the column's name, or numpy stores it unchanged."""
    fault = told_fault([name], [value])
    if fault:
        assert fault.startswith(f"{name} ")
        assert ", expected " in fault
        return
    kind = next(row[1] for row in TOLD_FIELDS if row[0] == name)
    assert float(np.asarray(value).astype(kind)) == value
    assert math.isfinite(value)


def test_the_first_value_that_is_wrong_is_named() -> None:
    """In the order in which they are told."""
    assert told_fault(["mode", "cause", "low"], [1.0, 17.0, 5.0]).startswith("cause 17, ")


@pytest.mark.parametrize(
    ("numbers", "words"), [((0, 1, 2), "0 to 2"), ((5,), "5"), ((3, 1, 2, 7, 9, 10), "1 to 3, 7, 9 to 10")]
)
def test_codes_are_spelt_as_stretches(numbers: tuple[int, ...], words: str) -> None:
    """As a reader of an error wants them."""
    assert spelt(numbers) == words


def test_everything_that_our_own_controller_tells_is_taken() -> None:
    """A whole sequence of a portable generator, each column, each value that it took."""
    (run,) = play_folder(SCENARIOS / "sequence-portable", "bptm").runs
    for name in RULES:
        for value in np.unique(run.rows[name].astype(np.float64)):
            assert told_fault([name], [float(value)]) == ""
    assert len(run.modes()) > 3


def test_every_column_stands_in_the_reference() -> None:
    """DOCS: what may be told, and what each takes."""
    page = PAGE.read_text(encoding="utf-8")
    assert RULES.keys() == TOLD_NAMES
    assert [name for name in RULES if f"`{name}`" not in page] == []
