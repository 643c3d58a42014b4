"""Sweeps: every value is judged as if it stood in its place, and played there."""

from pathlib import Path

import pytest

from bptm.twin.bench.controllers import CONTROLLERS, SHIPPED
from bptm.twin.bench.faults import ScenarioError
from bptm.twin.bench.placing import runs_of, swept
from bptm.twin.bench.play import play
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.reading_sweep import TOLD_MAX
from bptm.twin.bench.scenario import Expectation, Kind, Scenario

TEXT = """title = "A sweep"
duration_s = 4
[source]
kind = "portable"
[[at]]
at_s = 1.0
label = "the neutral breaks"
utility.neutral_ohm = 25.0
[[at]]
at_s = 2.0
premise.resistive_l1_w = 2500.0
[sweep]
"""
PATH_LINE, VALUES_LINE = 13, 14


def read(tmp_path: Path, sweep: str, text: str = TEXT) -> Scenario:
    """The scenario with this sweep."""
    (tmp_path / "scenario.toml").write_text(text + sweep)
    return read_scenario(tmp_path)


def told(tmp_path: Path, sweep: str, text: str = TEXT) -> list[str]:
    """Every fault, without the path of the file."""
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, sweep, text)
    return [fault.sentence().replace(f"{tmp_path}/", "") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        ("source.inertia_s", "[0.5, -1]", "source.inertia_s: found -1 (value 2 of 2 of the sweep), needs 0.05 to 20 s"),
        ("utility.neutral_ohm", "[0, 1]", "utility.neutral_ohm: found 0 (value 1 of 2 of the sweep), needs 0.0001"),
        ("controller.accept_ticks", "[600, 1]", "found 1, which rounds to 1 ticks of 1/120 s (value 2 of 2"),
        ("controller.accept_s", "[0.01, 5]", "found 0.01, which rounds to 1 ticks of 1/120 s (value 1 of 2"),
        ("controller.accept_s", "[5, 500]", "found 500 (value 2 of 2 of the sweep), needs 0 to 300 s"),
        ("controller.accept_ticks", "[300.5, 300]", "found 300.5 (value 1 of 2 of the sweep), needs a whole number"),
        ("source.kind", '["ev", "evv"]', "found 'evv' (value 2 of 2 of the sweep), needs none or portable"),
        ("source.run", "[0, 0.5]", "found 0.5 (value 2 of 2 of the sweep), needs a whole number, 0 to 1"),
        ("source.rated_v", '[120, "high"]', "found 'high' (value 2 of 2 of the sweep), needs a number"),
        ("source.rated_v", "[120, nan]", "found nan (value 2 of 2"),
        (
            "source.knee_hz",
            "[57, 62]",
            "found 62 Hz (at the start) (value 2 of 2 of the sweep), needs less than rated_hz",
        ),
        (
            "source.rated_hz",
            "[60, 57]",
            "(at the start) (with source.rated_hz = 57, value 2 of 2 of the sweep), needs less than rated_hz = 57",
        ),
        ("controller.lost_deep_v", "[84, 96]", "value 2 of 2 of the sweep), needs lost_deep_v < lost_low_v"),
        ("the neutral breaks.at_s", "[1, 5]", "at.at_s: found 5 s (with the neutral breaks.at_s = 5, value 2 of 2"),
        ("the neutral breaks.at_s", "[1, 3.5]", "found 4.5 s (with the neutral breaks.at_s = 3.5, value 2 of 2"),
        ("the neutral breaks.at_s", "[1, -1]", "found -1 (value 2 of 2 of the sweep), needs 0 to 86400 s"),
        ("the neutral breaks.source.kind", '["ev"]', "needs a value that can change. Set it in [source] instead."),
        ("the neutral breaks.utility.neutral_ohm", "[1, 0]", "found 0 (value 2 of 2 of the sweep), needs 0.0001"),
        ("utility.replay", "[0, 1]", "found 1 at 0 s (value 2 of 2 of the sweep), needs a record at that instant"),
    ],
)
def test_each_value_is_judged_in_its_place(tmp_path: Path, path: str, values: str, words: str) -> None:
    """Ranges, choices, what cannot be together, the 3 half-cycles of a timer, the end of the run: by line and value."""
    found = told(tmp_path, f'path = "{path}"\nvalues = {values}\n')
    assert any(words in sentence for sentence in found), found
    assert all(sentence.startswith(f"scenario.toml:{VALUES_LINE}: ") for sentence in found)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("source.foo", "found 'foo', needs a key of [source]. docs/reference/bench-scenario.md lists"),
        ("source.neutral_ohm", "found 'neutral_ohm', needs a key of [source]. It stands in [utility]."),
        ("source.inertia", "Write inertia_s if you mean that."),
        ("controller.acept_ticks", "Write accept_ticks if you mean that."),
        ("controler.accept_ticks", "found 'controler', needs a section. Write controller if you mean that."),
        ("the neutral brakes.at_s", "needs the label of a change. Write the neutral breaks if you mean that."),
        ("the neutral breaks.controller.accept_s", "found 'controller', needs a section that changes during a run"),
        ("source", "found 'source', needs section.key, controller.key, LABEL.at_s or LABEL.section.key"),
        ("source.at_s", "found 'source', needs the label of a change"),
        ("a.b.c.d", "found 'a.b.c.d', needs section.key"),
    ],
)
def test_a_path_that_means_nothing_is_refused(tmp_path: Path, path: str, words: str) -> None:
    """Unknown keys, sections and labels; told once, whatever the values."""
    (sentence,) = told(tmp_path, f'path = "{path}"\nvalues = [1, 2]\n')
    assert sentence.startswith(f"scenario.toml:{PATH_LINE}: sweep.path: ")
    assert words in sentence


@pytest.mark.parametrize(
    ("sweep", "words"),
    [
        ("values = 3", "sweep.values: found 3, needs a list of values. Write values = [3]."),
        ("values = []", "found 0 values, needs 1 to 720 values"),
        ("from = 1\nto = 2\nsteps = 2.7", "sweep.steps: found 2.7, needs a whole number, 2 to 720"),
        ("from = 1\nto = 2\nsteps = 1", "sweep.steps: found 1, needs a whole number, 2 to 720"),
        ("from = 1\nto = 2", "found no steps, needs from, to and steps"),
        ("from = 1\nto = 2\nsteps = 3\nvalues = [1]", "found values and from, to, steps, needs one way"),
        ("to = nan\nfrom = 1\nsteps = 3", "sweep.to: found nan"),
        ("vals = [1]", "Write values if you mean that."),
        ("", "sweep: found no values, needs values = [...], or from, to and steps"),
    ],
)
def test_values_that_are_none_are_refused(tmp_path: Path, sweep: str, words: str) -> None:
    """In words for what was meant."""
    found = told(tmp_path, f'path = "source.inertia_s"\n{sweep}\n')
    assert any(words in sentence for sentence in found), found


def test_what_is_wrong_without_the_sweep_is_told_once(tmp_path: Path) -> None:
    """A fault of every run is a fault of its own line; one of some runs is one of the sweep."""
    text = TEXT.replace('kind = "portable"', 'kind = "portable"\nknee_hz = 61.9\nrated_hz = 61')
    found = told(tmp_path, 'path = "premise.resistive_l2_w"\nvalues = [1, 2, 3]\n', text)
    assert len(found) == 1
    assert found[0].startswith(
        "scenario.toml:5: source.knee_hz: found 61.9 Hz (at the start), needs less than rated_hz"
    )


def test_a_value_of_the_sweep_may_mend_what_stands_there(tmp_path: Path) -> None:
    """What a sweep replaces is not played, and not judged."""
    text = TEXT.replace('kind = "portable"', 'kind = "portable"\nknee_hz = 61.9\nrated_hz = 61')
    assert read(tmp_path, 'path = "source.knee_hz"\nvalues = [50, 55]\n', text).sweep is not None


def test_faults_without_end_are_counted(tmp_path: Path) -> None:
    """The first of them one by one."""
    found = told(tmp_path, 'path = "source.inertia_s"\nfrom = -99\nto = 0\nsteps = 100\n')
    assert len(found) == TOLD_MAX + 1
    assert any("88 more faults, the last: source.inertia_s 0 (value 100 of 100" in each for each in found), found


def test_choices_are_swept_by_name(tmp_path: Path) -> None:
    """And keep their names for who reads the report."""
    scenario = read(tmp_path, 'path = "source.kind"\nvalues = ["ev", "battery"]\n')
    assert [one.setup["source"]["kind"] for _value, one in runs_of(scenario)] == [5, 4]
    assert scenario.sweep is not None
    assert [scenario.sweep.word_of(value) for value in scenario.sweep.values] == ["ev", "battery"]


def test_a_run_that_fails_is_told_by_the_name_of_its_choice(tmp_path: Path) -> None:
    """Not by its number."""
    scenario = read(tmp_path, 'path = "source.kind"\nvalues = ["ev", "battery"]\n', TEXT.replace("= 4", "= 2.1"))
    expectation = Expectation(
        name="x", kind=Kind.MEASURE, origin="none", words=("load_w",), statistic="max", low=1e9, unit="W"
    )
    (verdict,) = play(scenario, (expectation,), CONTROLLERS[SHIPPED]).verdicts
    assert verdict.measured.startswith("2 of 2 runs fail; with ev: ")


def test_seconds_of_a_setting_are_swept_as_ticks(tmp_path: Path) -> None:
    """As `[controller]` takes them."""
    scenario = read(tmp_path, 'path = "controller.accept_s"\nvalues = [2, 2.5]\n')
    assert [one.controller["accept_ticks"] for _value, one in runs_of(scenario)] == [240, 300]


def test_a_range_of_whole_numbers_is_one_of_ticks(tmp_path: Path) -> None:
    """300 to 500 in five steps falls on whole ticks, and in four it does not."""
    scenario = read(tmp_path, 'path = "controller.accept_ticks"\nfrom = 300\nto = 500\nsteps = 5\n')
    assert [one.controller["accept_ticks"] for _value, one in runs_of(scenario)] == [300, 350, 400, 450, 500]
    found = told(tmp_path, 'path = "controller.accept_ticks"\nfrom = 300\nto = 500\nsteps = 4\n')
    assert len(found) == 2
    assert all("needs a whole number" in sentence for sentence in found)


def test_a_label_moves_its_change_and_all_that_follow(tmp_path: Path) -> None:
    """They keep their distance."""
    scenario = read(tmp_path, 'path = "the neutral breaks.at_s"\nvalues = [0.5, 1.5]\n')
    runs = [[change.at_s for change in one.changes] for _value, one in runs_of(scenario)]
    assert runs == [[0.5, 1.5], [1.5, 2.5]]


def test_a_path_that_was_never_read_is_our_own_mistake(tmp_path: Path) -> None:
    """`swept` trusts no caller."""
    with pytest.raises(ValueError, match="names nothing in"):
        swept(read(tmp_path, 'path = "source.run"\nvalues = [0]\n'), "no such label.at_s", 1.0)
