"""`bptm program value`: seeds, the user's values, and the sentence on its face."""

import json
from pathlib import Path

import numpy as np
import pytest

from bptm.cli import run
from bptm.program.assumptions import shipped
from bptm.program.value import customer_type, customer_types, drawn, face, value
from bptm.terms.refusals import Refused


@pytest.mark.parametrize("name", sorted(customer_types()))
def test_every_kind_of_customer_is_calculated(name: str) -> None:
    """Six options, shares that add up to one, percentiles in order."""
    kind = customer_type(name)
    assert not isinstance(kind, Refused)
    result = value(kind, shipped(), {}, draws=2000, seed=1)
    assert sum(one.best_fraction for one in result.options) + result.nothing_best_fraction == pytest.approx(1.0)
    for one in result.options:
        for low, middle, high in one.percentiles_usd.values():
            assert low <= middle <= high


def test_a_changed_assumption_leaves_the_draws_of_the_others() -> None:
    """Common random numbers: two studies differ by what was changed, not by luck."""
    known = shipped()
    changed = {key: one for key, one in known.items() if key != "fuel.usd_per_hour"}
    one, two = drawn(known, 500, 9), drawn(changed, 500, 9)
    assert all(np.array_equal(one[key], two[key]) for key in changed)
    assert not np.array_equal(one["food.loss_usd"], drawn(known, 500, 10)["food.loss_usd"])


def test_the_users_value_stands_over_the_kinds_and_is_marked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Own file over kind over shipped; the JSON says which were replaced."""
    own = tmp_path / "own.toml"
    own.write_text('"outage.long_per_year" = 2.5\n', encoding="utf-8")
    assert run(["program", "value", "--customer", "rural", "--draws", "500", "--assumptions", str(own), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    used = {one["key"]: one for one in answer["assumptions"]}
    assert used["outage.long_per_year"]["value"] == 2.5
    assert used["outage.long_per_year"]["replaced"]
    assert used["outage.short_per_year"]["value"] == 4.0


def test_the_face_counts_what_has_no_source(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A result whose inputs are unsourced says so: in the text, in the JSON, on the page."""
    page = tmp_path / "value.html"
    assert run(["program", "value", "--draws", "500", "--html", str(page)]) == 0
    said = capfd.readouterr().out
    assert "unsourced inputs" in said
    assert "unsourced inputs" in page.read_text(encoding="utf-8")
    kind = customer_type("average")
    assert not isinstance(kind, Refused)
    assert "unsourced" in face(value(kind, shipped(), {}, draws=200, seed=1))


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--customer", "avrage"], "average"),
        (["--draws", "3"], "--draws"),
        (["--assumptions", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_what_is_asked_wrong_is_one_sentence(words: list[str], part: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 with the nearest name or the allowed range."""
    assert run(["program", "value", *words]) == 2
    assert part in capfd.readouterr().err


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('"rate.discount_fraction" = -1', "1e-06 to 1 fraction is possible"),
        ('"home.medical_fraction" = 2', "0 to 1 fraction is possible"),
        ('"generator.life_count" = 0', "0.5 to 100 count is possible"),
        ('"fuel.usd_per_hour" = -3', "0 to inf usd is possible"),
    ],
)
def test_an_assumption_that_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, entry: str, says: str
) -> None:
    """BAD INPUT: a rate below zero, a share above one, a life of nothing: a sentence, never a result of NaN."""
    path = tmp_path / "own.toml"
    path.write_text(entry, encoding="utf-8")
    assert run(["program", "value", "--assumptions", str(path)]) == 2
    assert says in capsys.readouterr().err
