"""Reliability indices against records small enough to count by hand, and against brute force."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.planning import reliability as index
from bptm.planning.reliability import Durations

MINUTE = 60.0


def of(*rows: tuple[float, float]) -> Durations:
    """Durations of (minutes, customers)."""
    rows = tuple(sorted(rows))
    return Durations(
        duration_s=np.array([MINUTE * minutes for minutes, _ in rows]),
        customers_count=np.array([float(customers) for _, customers in rows]),
    )


def test_indices_of_a_record_counted_by_hand() -> None:
    """ORACLE: 1,000 served; 200 out for 60 min, 50 for 120, 300 for 5 (momentary), 100 for 6."""
    record = of((60, 200), (120, 50), (5, 300), (6, 100))
    sustained = record.sustained()
    assert index.saidi_s(sustained, 1000) / MINUTE == pytest.approx((200 * 60 + 50 * 120 + 100 * 6) / 1000)
    assert index.saifi(sustained, 1000) == pytest.approx(0.35)
    assert index.caidi_s(sustained) == pytest.approx(60 * 18_600 / 350)
    assert index.maifi(record.momentary(), 1000) == pytest.approx(0.3)
    assert index.asai_fraction(sustained, 1000, 8760 * 3600) == pytest.approx(1 - 18.6 / 525_600)


def test_nobody_interrupted_has_no_caidi_no_median_and_no_covered_share() -> None:
    """BAD INPUT: an empty record is unknown, not zero."""
    nothing = of()
    assert index.caidi_s(nothing) is None
    assert index.weighted_quantile_s(nothing, 0.5) is None
    assert index.covered_fraction(nothing, 3600) is None
    assert index.ended_fraction(nothing, 3600) is None


def test_no_customers_served_is_a_broken_contract() -> None:
    """The edge checks; inside, division by nobody is our own mistake."""
    with pytest.raises(ValueError, match="customers served"):
        index.saifi(of((60, 1)), 0)


def test_covered_share_by_hand() -> None:
    """ORACLE: 10 customers for 10 h and 10 for 30 h, 12 h of backup: 220 of 400 customer-hours."""
    record = of((600, 10), (1800, 10))
    assert index.covered_fraction(record, 12 * 3600) == pytest.approx(220 / 400)
    assert index.ended_fraction(record, 12 * 3600) == pytest.approx(0.5)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 40)), min_size=1, max_size=30), st.floats(0.01, 1))
def test_weighted_quantile_is_that_of_the_customers_one_by_one(rows: list[tuple[int, int]], fraction: float) -> None:
    """ORACLE: every customer written out, sorted, the k-th of n taken."""
    single = sorted(minutes for minutes, customers in rows for _ in range(customers))
    at = next(k for k in range(1, len(single) + 1) if k >= fraction * len(single) - 1e-9)
    assert index.weighted_quantile_s(of(*rows), fraction) == MINUTE * single[at - 1]


def test_cemi_and_celid_count_customers() -> None:
    """ORACLE: 100 served; 5 customers had one, 3 had four, 2 had six interruptions."""
    assert index.cemi_fraction({1: 5, 4: 3, 6: 2}, 3, 100) == pytest.approx(0.05)
    assert index.cemi_fraction({1: 5, 4: 3, 6: 2}, 0, 100) == pytest.approx(0.10)
    assert index.celid_fraction(7, 100) == pytest.approx(0.07)


def test_major_event_threshold_of_days_with_known_logarithms() -> None:
    """ORACLE: days e^1 and e^3 in turn: alpha 2, beta the sample deviation of 1 and 3 repeated; empty days like e^1."""
    days = np.array([exp(1.0), exp(3.0)] * 200)
    found = index.major_event_threshold(days)
    assert found is not None
    beta = (400 / 399) ** 0.5
    assert found.alpha == pytest.approx(2.0)
    assert found.beta == pytest.approx(beta)
    assert found.threshold == pytest.approx(exp(2.0 + 2.5 * beta))
    days[0] = 0.0
    with_empty = index.major_event_threshold(days)
    assert with_empty is not None
    assert with_empty.empty_days_count == 1
    assert with_empty.threshold == pytest.approx(found.threshold)


def test_major_event_days_do_not_depend_on_the_customers_served() -> None:
    """The threshold of customer-minutes over N is the threshold of SAIDI."""
    days = np.exp(np.random.default_rng(7).normal(2, 1, 800))
    whole, each = index.major_event_threshold(days), index.major_event_threshold(days / 12_345)
    assert whole is not None
    assert each is not None
    assert log(whole.threshold / each.threshold) == pytest.approx(log(12_345))


@pytest.mark.parametrize("days", [np.ones(364), np.zeros(400), np.array([1.0] + [0.0] * 500)])
def test_too_little_history_gives_no_threshold(days: np.ndarray) -> None:
    """BAD INPUT: less than a year, or fewer than two days with an interruption."""
    assert index.major_event_threshold(days) is None


def test_gaps_are_counted_apart() -> None:
    """ORACLE: 10 out for 10 min, then 20 until the next count 2 h later, then 5 for 10 min."""
    found = index.counted_customer_s(np.array([0.0, 600, 7800, 8400]), np.array([10.0, 20, 5, 0]), 1800)
    assert found.customer_s == 10 * 600 + 5 * 600
    assert found.gap_customer_s == 20 * 7200
    assert (found.gap_s, found.gaps_count, found.watched_s) == (7200, 1, 1200)
