"""The shipped set of scenarios: the shipped controller passes it, and naive-ats does not."""

import pytest

from bptm.twin.bench.batch import play_all
from bptm.twin.bench.controllers import SHIPPED
from bptm.twin.bench.faults import ScenarioError
from bptm.twin.bench.reading import SCENARIOS, scenario_names


def failed(controller: str, names: list[str]) -> set[str]:
    """Scenarios that this controller does not pass."""
    found: set[str] = set()
    for result in play_all([SCENARIOS / name for name in names], controller, lambda _folder: None):
        assert not isinstance(result, ScenarioError)
        if not result.passed:
            found.add(result.scenario.name)
    return found


@pytest.mark.slow
def test_the_shipped_controller_passes_what_is_short() -> None:
    """Every eighth scenario, in processes, with its laws; all of them are `bptm bench --all`."""
    names = scenario_names()[::8]
    assert failed(SHIPPED, names) == set()


@pytest.mark.slow
def test_a_naive_switch_fails_where_it_must() -> None:
    """Leg-to-leg voltage, fixed times, no feedback: it fails these, each for a reason of its own."""
    names = ["broken-neutral-service", "motor-dead-time", "itic-sag-70", "reset-dark-u-open", "source-paralleled"]
    found = failed("naive-ats", names)
    assert len(found) >= 4, found
