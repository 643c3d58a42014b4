"""Opportunity scores: bounds, order, what is missing, and how the order moves."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptm.planning.opportunity import (
    HAZARDS,
    KINDS,
    NAMES,
    Absent,
    County,
    Placed,
    needs_of,
    rank_counties,
)
from bptm.planning.opportunity_sway import TOP, sway_of
from bptm.terms.refusals import Refused

SCORES = st.one_of(st.floats(0, 100), st.sampled_from([Absent.NOT_APPLICABLE, Absent.INSUFFICIENT]))
WEIGHTS = st.dictionaries(st.sampled_from(HAZARDS), st.floats(0.01, 10), min_size=1)


def county(number: int, **inputs: float | Absent) -> County:
    """A county with these inputs."""
    return County(fips=f"{number:05}", name=f"C{number}", state="CA", inputs=inputs)


def places(counties: list[County], weights: dict[str, float]) -> tuple[Placed, ...]:
    """Their ranking, which must not be refused."""
    found = rank_counties(counties, weights)
    assert not isinstance(found, Refused)
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[County], dict[str, float]]:
    """Up to eight counties with all five hazards, some without a value, and weights."""
    count = draw(st.integers(1, 8))
    counties = [county(at, **{hazard: draw(SCORES) for hazard in HAZARDS}) for at in range(count)]
    return counties, draw(WEIGHTS)


def plain_score(one: County, weights: dict[str, float]) -> float | None:
    """ORACLE: the formula of the docstring, written once more by hand."""
    if any(one.inputs[name] is Absent.INSUFFICIENT for name in weights):
        return None
    values = [(weight, value) for name, weight in weights.items() if isinstance(value := one.inputs[name], float)]
    return sum(w * v for w, v in values) / sum(weights.values()) if values else None


@given(worlds())
def test_scores_against_the_formula_by_hand(world: tuple[list[County], dict[str, float]]) -> None:
    """ISSUE-5: score, points and rank of every county follow from its inputs alone."""
    counties, weights = world
    found = places(counties, weights)
    assert sorted(place.county.fips for place in found) == sorted(one.fips for one in counties)
    for place in found:
        expected = plain_score(place.county, weights)
        assert (place.score is None) == (expected is None)
        if place.score is not None and expected is not None:
            assert place.score == pytest.approx(expected, abs=1e-9)
            assert sum(place.points.values()) == pytest.approx(place.score, abs=1e-9)
            better = sum(p.score is not None and p.score > place.score + 1e-9 for p in found)
            assert place.rank == better + 1


@given(worlds(), st.data())
@settings(max_examples=60)
def test_a_missing_value_leaves_open_what_any_value_would_give(
    world: tuple[list[County], dict[str, float]], data: st.DataObject
) -> None:
    """UNKNOWN: filling in whatever is not known lands inside the bounds of score and rank that were given."""
    counties, weights = world
    unknown = [p for p in places(counties, weights) if p.score is None and p.score_between is not None]
    for place in unknown:
        filled = {
            name: data.draw(st.floats(0, 100)) if value is Absent.INSUFFICIENT else value
            for name, value in place.county.inputs.items()
        }
        known = County(fips=place.county.fips, name="x", state="CA", inputs=filled)
        others = [one for one in counties if one.fips != known.fips]
        (now,) = [p for p in places([*others, known], weights) if p.county.fips == known.fips]
        assert place.score_between is not None
        assert place.rank_between is not None
        if now.score is None or now.rank is None:
            continue
        assert place.score_between[0] - 1e-9 <= now.score <= place.score_between[1] + 1e-9
        assert place.rank_between[0] <= now.rank <= place.rank_between[1]


def test_what_is_missing_is_never_zero() -> None:
    """ISSUE-5: no data gives no score; not applicable adds nothing; nothing applicable gives no score."""
    found = {
        place.county.fips: place
        for place in places(
            [
                county(1, wildfire=50.0, tornado=Absent.INSUFFICIENT),
                county(2, wildfire=50.0, tornado=Absent.NOT_APPLICABLE),
                county(3, wildfire=Absent.NOT_APPLICABLE, tornado=Absent.NOT_APPLICABLE),
                county(4, wildfire=0.0, tornado=0.0),
            ],
            {"wildfire": 1, "tornado": 1},
        )
    }
    assert found["00001"].score is None
    assert found["00001"].score_between == (25.0, 75.0)
    assert found["00002"].score == pytest.approx(25.0)
    assert found["00003"].score is None
    assert found["00003"].score_between is None
    assert found["00004"].score == 0.0
    assert found["00004"].rank == 2


def test_resilience_turns_and_size_is_a_percentile() -> None:
    """UNITS: low resilience is need; the largest county has 100 points of size."""
    counties = [county(at, community_resilience=10.0 * at, households=float(10**at)) for at in range(1, 5)]
    needs = needs_of(counties).need
    assert needs[:, NAMES.index("community_resilience")].tolist() == [90.0, 80.0, 70.0, 60.0]
    assert needs[:, NAMES.index("households")].tolist() == [25.0, 50.0, 75.0, 100.0]


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ({"wildfires": 1.0}, "Did you mean wildfire?"),
        ({"wildfire": -1.0}, "0 or more"),
        ({"wildfire": float("nan")}, "0 or more"),
        ({"wildfire": 0.0}, "at least one above 0"),
        ({}, "at least one above 0"),
        ({"hurricane": 1.0}, "no table that holds it"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights: dict[str, float], says: str) -> None:
    """BAD INPUT: one sentence each, with what to do."""
    refused = rank_counties([county(1, wildfire=1.0)], weights)
    assert isinstance(refused, Refused)
    assert says in refused.sentence()


def test_all_faults_of_weights_come_at_once() -> None:
    """BAD INPUT: two faults, two sentences."""
    refused = rank_counties([county(1, wildfire=1.0)], {"wildfires": 1.0, "wildfire": -1.0})
    assert isinstance(refused, Refused)
    assert len(refused.unmet) == 2


def uniform(draws: int = 64, seed: int = 7) -> np.ndarray:
    """Even draws."""
    return np.random.default_rng(seed).random((draws, len(KINDS)))


def test_a_county_that_leads_in_everything_leads_in_every_draw() -> None:
    """SWAY: no weights can move a county that is best, or worst, in every input."""
    rng = np.random.default_rng(3)
    middle = [county(at, wildfire=rng.uniform(10, 90), tornado=rng.uniform(10, 90)) for at in range(2, 40)]
    counties = [county(1, wildfire=99.0, tornado=99.0), *middle, county(40, wildfire=1.0, tornado=1.0)]
    sway = sway_of(counties, {"wildfire": 1, "tornado": 1}, uniform())
    assert sway.rank_interval["00001"] == (1, 1)
    assert sway.rank_interval["00040"] == (40, 40)
    assert sway.top_share_fraction["00001"] == 1.0
    assert any(high > low for low, high in sway.rank_interval.values())


def test_equal_weights_are_inside_their_interval() -> None:
    """SWAY: draws of no change (0.5 each) give the rank itself."""
    counties = [county(at, wildfire=float(7 * at % 50), tornado=float(11 * at % 60)) for at in range(30)]
    weights = {"wildfire": 1.0, "tornado": 2.0}
    sway = sway_of(counties, weights, np.full((5, len(KINDS)), 0.5))
    for place in places(counties, weights):
        assert sway.rank_interval[place.county.fips] == (place.rank, place.rank)


def test_what_leaves_the_top_is_counted() -> None:
    """SWAY: leaving out the one weight that separates two groups swaps the first ten."""
    counties = [county(at, wildfire=100.0 - at, tornado=float(at)) for at in range(40)]
    sway = sway_of(counties, {"wildfire": 3.0, "tornado": 1.0}, uniform(4))
    gone = next(swing for swing in sway.swings if swing.name == "wildfire" and swing.change == "left out")
    assert (gone.top_kept_count, gone.top_count) == (0, TOP)
    assert gone.correlation == pytest.approx(-1.0)
    doubled = next(swing for swing in sway.swings if swing.name == "wildfire" and swing.change == "doubled")
    assert doubled.correlation == pytest.approx(1.0)
    assert doubled.enters == doubled.leaves == ()


def test_ties_share_the_better_rank_whatever_the_order_of_summing() -> None:
    """EDGE: the same needs under permuted names of inputs are equal scores."""
    counties = [
        county(at, **dict(zip(HAZARDS, values, strict=True)))
        for at, values in enumerate(itertools.permutations((0.1, 0.2, 0.3, 0.7, 99.9)))
    ]
    assert {place.rank for place in places(counties, dict.fromkeys(HAZARDS, 1.0))} == {1}
