"""Controllers broken on purpose: each is what it says, and each is caught."""

import pytest

from bptm.twin.bench.batch import play_folder
from bptm.twin.bench.controllers import BROKEN, CONTROLLERS, SHIPPED
from bptm.twin.bench.edits import Edit, source_of
from bptm.twin.bench.reading import SCENARIOS

CAUGHT_BY = {
    "naive-ats": "motor-dead-time",
    "stays-on-utility": "battery-empty",
    "locks-out-always": "sequence-battery",
    "trusts-feedback": "weld-u-lying-low",
    "fixed-dead-time": "motor-residual",
    "ignores-leg": "broken-neutral-service",
    "closes-on-reset": "reset-dark-u-open",
    "clears-lockout-remotely": "remote-cannot-clear",
    "no-backfeed-watch": "weld-u-lying",
    "reacts-to-sags": "itic-sag-70",
    "bills-backup": "registers",
    "opens-above-rating": "short-above-rating",
}
"""A scenario in which each breaks the law that it is said to break."""


def test_there_are_twelve_and_each_has_a_hash_of_its_own() -> None:
    """Twelve mistakes, none of them the shipped controller."""
    assert len(BROKEN) == 12
    assert len({c.source_hash() for c in CONTROLLERS.values()}) == 13
    assert CONTROLLERS[SHIPPED].is_shipped
    assert not any(c.is_shipped for c in BROKEN)


@pytest.mark.parametrize("controller", BROKEN, ids=lambda c: c.name)
def test_every_edit_still_stands_in_the_source(controller: object) -> None:
    """Each loads as a module of its own; a line that is gone would be refused."""
    module = CONTROLLERS[getattr(controller, "name", "")].load()
    assert callable(module.scan)
    assert callable(module.start)


def test_an_edit_whose_lines_are_gone_is_refused() -> None:
    """A broken controller cannot silently become sound."""
    with pytest.raises(ValueError, match="has 0 places"):
        source_of("ways", (Edit(module="ways", old="nowhere to be found", new=""),))


@pytest.mark.slow
@pytest.mark.parametrize("controller", BROKEN, ids=lambda c: c.name)
def test_each_broken_controller_breaks_its_law(controller: object) -> None:
    """In the scenario made for it; the shipped controller holds all laws there (`test_bench_set`)."""
    name = getattr(controller, "name", "")
    result = play_folder(SCENARIOS / CAUGHT_BY[name], name)
    assert not result.passed
    assert getattr(controller, "breaks", "") in result.broken
