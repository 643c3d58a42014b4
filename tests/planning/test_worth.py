"""The worth of backup: against sums done by hand, at its edges, and against double counting."""

import numpy as np
import pytest

from bptm.planning.worth import OPTIONS, annuity, beyond_usd, interruption_usd, worth_of
from bptm.planning.worth_study import breakeven, single, tornado, triangular
from bptm.program.assumptions import shipped

VALUES = {key: one.value for key, one in shipped().items()}


def plain(**changed: float) -> dict[str, np.ndarray]:
    """One draw at the shipped values, some changed; dots in keys are written as double underscores."""
    return single(VALUES | {key.replace("__", "."): value for key, value in changed.items()})


@pytest.mark.parametrize(
    ("hours", "dollars_of_2013"),
    [(0.0, 3.9), (0.5, 4.5), (1.0, 5.1), (2.5, 7.3), (4.0, 9.5), (8.0, 17.2), (16.0, 32.4), (24.0, 47.6), (72.0, 47.6)],
)
def test_interruptions_cost_what_the_table_says_and_no_more_beyond_its_limit(
    hours: float, dollars_of_2013: float
) -> None:
    """docs/reference/domain.md 4.3: the published points, straight between them, the last slope up to 24 h."""
    draws = plain(price_level_ratio=1.0)
    assert interruption_usd(draws, "residential", np.array([hours * 3600.0]))[0] == pytest.approx(dollars_of_2013)


def test_direct_losses_begin_where_the_published_cost_ends() -> None:
    """No double counting: nothing is added up to the limit, and food comes once however long it lasts."""
    draws = plain(
        food__loss_usd=200.0, lodging__share_fraction=0.0, home__medical_fraction=0.0, work__share_fraction=0.0
    )
    lost = beyond_usd(draws, np.array([0.0, 86400.0, 86401.0, 10 * 86400.0]))
    assert lost.tolist() == [0.0, 0.0, 200.0, 200.0]


def test_an_annuity_is_the_sum_of_its_discounted_years() -> None:
    """Against the sum written out."""
    by_hand = sum(1.05**-year for year in range(1, 16))
    assert annuity(np.array([0.05]), np.array([15.0]))[0] == pytest.approx(by_hand)


def test_cords_for_an_owner_of_a_generator_are_worth_their_price_and_no_more() -> None:
    """Who runs a generator on cords today gains nothing from cords: hours, fuel and carbon monoxide cancel."""
    worth = worth_of("extension_cords", "residential", plain(home__has_generator_fraction=1.0))
    for part in ("interruptions", "long_outages", "fuel", "carbon_monoxide", "backfeed", "generator"):
        assert worth.parts[part][0] == pytest.approx(0.0)
    assert worth.annual_usd[0] == pytest.approx(worth.parts["capital"][0])


@pytest.mark.parametrize("option", OPTIONS)
def test_customer_and_utility_add_up_to_society(option: str) -> None:
    """Each part falls on exactly one of the two: no transfer is a gain."""
    worth = worth_of(option, "residential", plain())
    both = worth.seen_by("customer") + worth.seen_by("utility")
    assert both[0] == pytest.approx(worth.seen_by("society")[0])


def test_a_kilowatt_is_sold_once() -> None:
    """With every home enrolled in demand response staged return brings nothing more."""
    assert worth_of("bptm", "residential", plain(demand_response__enrolled_fraction=1.0)).parts["peak"][0] == 0.0
    assert worth_of("bptm", "residential", plain(demand_response__enrolled_fraction=0.0)).parts["peak"][0] > 0.0


def test_a_battery_leaves_the_rest_of_a_long_outage() -> None:
    """What is left after it is empty costs as an outage of that length."""
    draws = plain(home__has_generator_fraction=0.0)
    short, long = plain(option__battery__covers_s=1.0), plain(option__battery__covers_s=1e7)
    parts = [worth_of("battery", "residential", one).parts["long_outages"][0] for one in (short, draws, long)]
    assert parts[0] < parts[1] < parts[2]


def test_triangular_draws_have_the_mean_and_ends_of_their_distribution() -> None:
    """Mean (low + mode + high) / 3 and nothing outside, by the inverse at an even grid."""
    grid = (np.arange(100_000) + 0.5) / 100_000
    drawn = triangular(grid, 2.0, 3.0, 7.0)
    assert drawn.mean() == pytest.approx(4.0, rel=1e-4)
    assert drawn.min() >= 2.0
    assert drawn.max() <= 7.0


def test_breakeven_is_where_the_worth_is_zero() -> None:
    """Put back into the calculation it gives zero; where nothing turns it says so."""

    def present(capital_usd: float) -> float:
        return float(worth_of("bptm", "small_business", plain(option__bptm__capital_usd=capital_usd)).present_usd[0])

    found = breakeven(present, 1100.0)
    assert found is not None
    assert present(found) == pytest.approx(0.0, abs=1e-3)
    assert breakeven(lambda _at: 1.0, 5.0) is None


def test_a_tornado_names_what_moves_and_leaves_out_what_cannot() -> None:
    """Another option's price moves nothing."""
    ends = {key: (one.low, one.high) for key, one in shipped().items() if not key.startswith("siting.")}
    keys = [swing.key for swing in tornado("bptm", "residential", VALUES, ends)]
    assert "option.bptm.capital_usd" in keys
    assert "option.battery.capital_usd" not in keys
    assert "food.loss_usd" in keys
