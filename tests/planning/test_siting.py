"""The siting optimisation against brute force, against HiGHS alone, and against what cannot be."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from bptm.planning.linear_program import Solved, solve
from bptm.planning.siting import Flags, Floor, SitingProblem, dual, feasible, rows_of, usage
from bptm.planning.siting_solve import (
    Choice,
    Impossible,
    choose,
    everything,
    programme,
    take_in_order,
)


def drawn(seed: int, homes: int, clusters: int, depots: int, *, meters: int) -> SitingProblem:
    """A random programme whose budget, crews and floors all have something to say."""
    chance = np.random.default_rng(seed)
    medical, low_income = chance.random(homes) < 0.2, chance.random(homes) < 0.4
    return SitingProblem(
        benefit=chance.gamma(2.0, 8.0, homes) * (1.0 + 2.0 * medical),
        cost_usd=chance.uniform(900.0, 1800.0, homes),
        crew_s=chance.uniform(2400.0, 5400.0, homes),
        cluster=chance.integers(0, clusters, homes),
        visit_cost_usd=chance.uniform(100.0, 600.0, clusters),
        visit_crew_s=chance.uniform(1800.0, 9000.0, clusters),
        cluster_depot=chance.integers(0, depots, clusters),
        depot_names=tuple(f"D{depot}" for depot in range(depots)),
        depot_crew_s=np.full(depots, meters * 6500.0 / depots),
        budget_usd=meters * 1450.0,
        meters_count=meters,
        floors=(Floor(name="low income", member=low_income, share_fraction=0.4),),
    )


def best_by_trying_all(problem: SitingProblem) -> float | None:
    """The most benefit of any feasible choice, by trying all of them; None when there is none."""
    rows = rows_of(problem)
    best: float | None = None
    for bits in itertools.product([False, True], repeat=problem.benefit.size):
        chosen: Flags = np.array(bits)
        if feasible(problem, rows, chosen):
            best = max(best or 0.0, float(problem.benefit[chosen].sum()))
    return best


@given(seed=integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_the_choice_is_the_best_of_all_by_brute_force(seed: int) -> None:
    """Decision 0044: on ten homes every one of the 1,024 choices is tried; none is better, and the bound says so."""
    problem = drawn(seed, 10, 4, 2, meters=4)
    found = choose(problem)
    assert isinstance(found, Choice)
    best = best_by_trying_all(problem)
    assert found.benefit == pytest.approx(best)
    assert found.bound >= found.benefit - 1e-6


@given(seed=integers(0, 10_000), count=integers(1, 6))
@settings(max_examples=12, deadline=None)
def test_impossible_is_said_exactly_when_no_choice_exists(seed: int, count: int) -> None:
    """A floor by number may contradict crews or budget: the answer agrees with trying all choices."""
    drawn_problem = drawn(seed, 9, 3, 1, meters=3)
    member = np.arange(9) % 2 == 0
    problem = SitingProblem(
        benefit=drawn_problem.benefit,
        cost_usd=drawn_problem.cost_usd,
        crew_s=drawn_problem.crew_s,
        cluster=drawn_problem.cluster,
        visit_cost_usd=drawn_problem.visit_cost_usd,
        visit_crew_s=drawn_problem.visit_crew_s,
        cluster_depot=drawn_problem.cluster_depot,
        depot_names=drawn_problem.depot_names,
        budget_usd=drawn_problem.budget_usd,
        floors=(Floor(name="even", member=member, at_least_count=count),),
    )
    found, best = choose(problem), best_by_trying_all(problem)
    if best is None:
        assert isinstance(found, Impossible)
        assert "floor even, count" in found.binding
    else:
        assert isinstance(found, Choice)
        assert found.benefit == pytest.approx(best)


@pytest.mark.parametrize("seed", range(3))
def test_the_core_comes_close_to_highs_on_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 200 homes the priced way, with a core of 60, against HiGHS on everything: inside its own printed gap."""
    problem = drawn(seed, 200, 15, 2, meters=40)
    whole = solve(programme(problem, rows_of(problem), everything(problem)), gap_fraction=1e-7)
    assert isinstance(whole, Solved)
    monkeypatch.setattr("bptm.planning.siting_solve.EXACT_HOMES_MAX", 0)
    monkeypatch.setattr("bptm.planning.siting_solve.CORE_HOMES", (60, 200))
    found = choose(problem)
    assert isinstance(found, Choice)
    assert found.method.startswith("priced")
    best = -whole.cost
    assert found.benefit <= best * (1 + 1e-6)
    assert found.bound >= best * (1 - 1e-6)
    assert found.benefit >= best * 0.98


@given(seed=integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_any_prices_give_a_bound(seed: int) -> None:
    """Weak duality: random prices, random feasible choice, the Lagrangian is never below its benefit."""
    problem = drawn(seed, 60, 8, 3, meters=12)
    rows = rows_of(problem)
    chance = np.random.default_rng(seed + 1)
    prices = chance.exponential(1.0, rows.limit.size) * problem.benefit.sum() / np.maximum(np.abs(rows.limit), 1.0) / 20
    chosen = take_in_order(problem, rows, chance.permutation(60))
    assert feasible(problem, rows, chosen)
    assert dual(problem, rows, prices).bound >= float(problem.benefit[chosen].sum()) - 1e-9


def test_a_list_worked_off_in_order_is_what_a_plain_loop_takes() -> None:
    """The walk in blocks against the same walk written plainly, home by home."""
    problem = drawn(5, 9000, 60, 3, meters=700)
    rows = rows_of(problem)
    order = np.random.default_rng(6).permutation(9000)
    plain = np.zeros(9000, dtype=np.bool_)
    used, seen = np.zeros(rows.limit.size), np.zeros(60, dtype=np.bool_)
    for home in order:
        need = rows.home[:, home] + rows.visit[:, problem.cluster[home]] * (not seen[problem.cluster[home]])
        if np.all((used + need <= rows.limit + 1e-9 * np.maximum(1, rows.limit)) | (need <= 0)):
            used, plain[home] = used + need, True
            seen[problem.cluster[home]] = True
    assert np.array_equal(take_in_order(problem, rows, order), plain)


def test_usage_counts_each_visit_once() -> None:
    """constraint_visit: two homes of one cluster pay for one journey."""
    problem = drawn(1, 20, 1, 1, meters=5)
    chosen = np.zeros(20, dtype=np.bool_)
    chosen[:2] = True
    rows = rows_of(problem)
    assert usage(problem, rows, chosen)[0] == pytest.approx(problem.cost_usd[:2].sum() + problem.visit_cost_usd[0])


def test_arrays_that_do_not_belong_together_are_our_mistake() -> None:
    """A ValueError at the room's door, not a silent broadcast."""
    with pytest.raises(ValueError, match="differ in length"):
        SitingProblem(
            benefit=np.ones(3),
            cost_usd=np.ones(2),
            crew_s=np.ones(3),
            cluster=np.zeros(3, dtype=np.int64),
            visit_cost_usd=np.ones(1),
            visit_crew_s=np.ones(1),
            cluster_depot=np.zeros(1, dtype=np.int64),
            depot_names=("D",),
        )
