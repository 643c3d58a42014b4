"""Scenarios as files: what is read, and everything that is refused, all at once and by line."""

from pathlib import Path

import pytest

from bptm.twin.bench.faults import ScenarioError
from bptm.twin.bench.reading import SCENARIOS, folder_of, read_scenario, scenario_names
from bptm.twin.bench.reading_expected import read_expected
from bptm.twin.bench.scenario import Kind

GOOD = """title = "A try"
shows = ["H16"]
duration_s = 2
[[at]]
at_s = 1.0
label = "the neutral breaks"
utility.neutral_ohm = 25.0
"""
EXPECTED = """[[expect]]
name = "Left"
origin = "domain.md H16"
from = "the neutral breaks"
to = "u opens"
at_most_s = 0.2
"""


def folder(tmp_path: Path, scenario: str = GOOD, expected: str = EXPECTED) -> Path:
    """A scenario's folder with these files."""
    home = tmp_path / "a-try"
    home.mkdir()
    (home / "scenario.toml").write_text(scenario)
    (home / "expected.toml").write_text(expected)
    return home


def faults(home: Path) -> list[str]:
    """Every fault of a folder, without its path."""
    with pytest.raises(ScenarioError) as caught:
        read_expected(read_scenario(home))
    return [fault.sentence().replace(f"{home}/", "") for fault in caught.value.faults]


def test_every_shipped_scenario_can_be_played_and_expects_something() -> None:
    """At least 60; each reads whole, has a title and an origin for all that it expects."""
    names = scenario_names()
    assert len(names) >= 60
    for name in names:
        scenario = read_scenario(SCENARIOS / name)
        expectations = read_expected(scenario)
        assert scenario.title
        assert scenario.shows
        assert all(each.origin for each in expectations)


def test_the_shipped_set_shows_the_hazards_that_electricity_can_show() -> None:
    """H1 to H38 but for those of messages, people, fire and policy, which no circuit shows."""
    shown = {word for name in scenario_names() for word in read_scenario(SCENARIOS / name).shows}
    elsewhere = {11, 27, 34, 38}
    missing = [f"H{n}" for n in range(1, 39) if n not in elsewhere and f"H{n}" not in shown]
    assert missing == []
    assert {"UL 1008", "ITIC", "SEMI F47", "IEEE 1547", "IEEE C62.41.2", "UL 1449"} <= shown


def test_a_scenario_is_taken_over_from_its_base(tmp_path: Path) -> None:
    """Settings in seconds become ticks; the later file wins."""
    (tmp_path / "own.toml").write_text("[controller]\nreturn_s = 20\naccept_s = 3\n[source]\nkind = 'battery'\n")
    home = folder(tmp_path, 'base = "own"\n' + GOOD + "[controller]\nreturn_s = 30\n")
    (tmp_path / "own.toml").rename(home / "own.toml")
    scenario = read_scenario(home)
    assert (scenario.controller["return_ticks"], scenario.controller["accept_ticks"]) == (3600, 360)
    assert scenario.setup["source"]["kind"] == 4


def test_every_fault_is_told_at_once_with_file_line_key_value_range_and_the_nearest_key(tmp_path: Path) -> None:
    """One reading, all of them."""
    home = folder(
        tmp_path,
        GOOD.replace("neutral_ohm = 25.0", "neutral_om = 25.0")
        + '[utility]\nutility_hz = 900\n[source]\nkind = "portabel"\nrun = 0.5\n[controler]\nreturn_s = 1\n',
    )
    told = faults(home)
    begins = [
        "scenario.toml:7: at.utility.neutral_om: found a key that is not known, needs a key of [utility].",
        "scenario.toml:9: utility.utility_hz: found 900, needs 40 to 75 Hz. It is frequency (limits: ANSI C84.1).",
        "scenario.toml:11: source.kind: found 'portabel', needs none or portable or inverter",
        "scenario.toml:12: source.run: found 0.5, needs a whole number, 0 to 1. It is 1 while a person",
        "scenario.toml:13: controler: found a key that is not known, needs a known key.",
    ]
    assert told[0].endswith("Write neutral_ohm if you mean that.")
    assert told[4].endswith("Write controller if you mean that.")
    assert [sentence[: len(begin)] for sentence, begin in zip(told, begins, strict=True)] == begins


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dead_time_s = 0.01", "0.01, which rounds to 1 ticks of 1/120 s, needs at least 3 ticks"),
        ("follow_ticks = 2", "2, which rounds to 2 ticks of 1/120 s, needs at least 3 ticks"),
        ("watchdog_s = 0.02", "0.02, which rounds to 2 ticks of 1/120 s, needs at least 3 ticks"),
        ("return_s = 1", "found 1 s, needs 5 to 600 s"),
        ("dead_time_ticks = 5000", "found 5000 ticks, needs 12 to 1200 ticks"),
        ("lost_deep_v = 95\nlost_low_v = 90", "lost_deep_v < lost_low_v"),
    ],
)
def test_settings_that_a_device_must_not_have_are_refused(tmp_path: Path, line: str, words: str) -> None:
    """A safety timer below 3 half-cycles, a value out of range, two that contradict each other."""
    told = faults(folder(tmp_path, GOOD + f"[controller]\n{line}\n"))
    assert len(told) == 1
    assert words in told[0]
    assert told[0].startswith("scenario.toml:9") or "lost" in line


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("[source]\ninertia_s = -1\n", "inertia_s: found -1"),
        ("[utility]\ndrop_ohm = 0\n", "drop_ohm: found 0"),
        ("[source]\nstall_hz = 55\nknee_hz = 50\n", "n engine stalls below the knee of its regulator"),
        ("[meter]\nhold_up_s = 5\n", "the meter never has energy to open U"),
    ],
)
def test_a_home_that_cannot_be_is_refused_before_it_runs(tmp_path: Path, section: str, words: str) -> None:
    """Negative inertia, a loop of 0 ohm, and what is in range by itself and cannot be together."""
    told = faults(folder(tmp_path, GOOD + section))
    assert any(words in sentence for sentence in told)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("", "no expectation"),
        (EXPECTED.replace("domain.md H16", ""), "expected.toml:3: expect.origin"),
        (EXPECTED.replace("the neutral breaks", "the neutral brakes"), "Write the neutral breaks if you mean that"),
        (EXPECTED.replace("at_most_s", "at_mostly_s"), "Write at_most_s if you mean that"),
        ('[[expect]]\nname = "x"\norigin = "y"\nmeasure = "max bus_l1"\nat_most = 1\n', "Write bus_l1_v"),
        ('[[expect]]\nname = "x"\norigin = "y"\nmeasure = "max bus_l1_v"\nis = 1\n', "no tolerance"),
        ('[[expect]]\nname = "x"\norigin = "y"\nmodes = ["ON_UTILTY"]\n', "Write ON_UTILITY"),
        ('[[expect]]\nname = "x"\norigin = "y"\nmodes = ["DARK:UTILITY_LOSS"]\n', "Write UTILITY_LOST"),
        (EXPECTED + EXPECTED, "the name 'Left' twice"),
    ],
)
def test_expectations_that_say_nothing_are_refused(tmp_path: Path, expected: str, words: str) -> None:
    """Without origin, tolerance or a thing that exists there is nothing to judge by."""
    assert any(words in sentence for sentence in faults(folder(tmp_path, GOOD, expected)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = ", "scenario.toml:1: the file"),
        ("\x00", "scenario.toml"),
        ("title = 3\nduration_s = 1\n", "title: found 3, needs a text in quotes"),
        ('title = "x"\nduration_s = nan\n', "duration_s: found nan"),
        ('title = "x"\nduration_s = 99999\n', "0.1 to 7200 s"),
        ('title = "x"\nduration_s = 1\nat = 3\n', "tables [[at]]"),
        ('title = "x"\nbase = "nowhere"\nduration_s = 1\n', "base: found 'nowhere'"),
        (GOOD.replace("1.0", "3.0"), "at most duration_s, 2 s"),
        (GOOD.replace("H16", "H39"), "H1 to H38"),
    ],
)
def test_files_that_are_none_are_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    """Not TOML, of another kind, out of range: with the line where there is one."""
    assert any(words in sentence for sentence in faults(folder(tmp_path, text)))


def test_a_name_that_is_no_scenario_is_refused_with_the_nearest() -> None:
    """As every other word."""
    with pytest.raises(ScenarioError, match="Write broken-neutral-service"):
        folder_of("broken-neutral-servise")


def test_an_act_moves_the_values_it_stands_for(tmp_path: Path) -> None:
    """A key is pressed and let go; a message carries how long it asks for."""
    text = GOOD + '[[at]]\nat_s = 1.5\nact = "press reset"\n[[at]]\nat_s = 1.8\nact = "remote hold"\nhold_s = 600\n'
    changes = read_scenario(folder(tmp_path, text)).changes
    assert [(round(c.at_s, 2), dict(c.values)) for c in changes[1:]] == [
        (1.5, {"meter": {"local_reset": 1}}),
        (1.75, {"meter": {"local_reset": 0}}),
        (1.8, {"meter": {"remote_action": 1, "remote_hold_s": 600.0}}),
    ]


def test_shifts_and_labels_are_read_as_instants(tmp_path: Path) -> None:
    """`LABEL + 0.5 s` is half a second after it."""
    home = folder(tmp_path, GOOD, EXPECTED.replace('"u opens"', '"the neutral breaks + 0.5 s"'))
    (expectation,) = read_expected(read_scenario(home))
    assert expectation.kind is Kind.TIME
    assert (expectation.stop.words, expectation.stop.shift_s) == ("the neutral breaks", 0.5)


def test_faults_of_lines_do_not_hide_those_of_the_whole(tmp_path: Path) -> None:
    """A key that is none, a length that is none, and a home that cannot be: at once, each once."""
    text = GOOD.replace("duration_s = 2", 'duration_s = "two"') + "[source]\nrated_hz = 61\nknee_hz = 61.5\nfoo = 1\n"
    told = faults(folder(tmp_path, text))
    assert [sentence.split(", needs")[0] for sentence in told] == [
        "scenario.toml:3: duration_s: found 'two'",
        "scenario.toml:10: source.knee_hz: found 61.5 Hz (at the start)",
        "scenario.toml:11: source.foo: found a key that is not known",
    ]
    assert told[1].endswith("needs less than rated_hz = 61. The knee lies below the frequency at no load.")
    assert told[2].endswith("docs/reference/bench-scenario.md, under [source], lists what is known.")


def test_what_depends_on_a_value_that_could_not_be_read_waits_for_it(tmp_path: Path) -> None:
    """No second fault that the first one's correction would take away."""
    text = GOOD + "[source]\nrated_hz = 610\nknee_hz = 61.9\n[controller]\nlost_low_v = 900\nlost_deep_v = 96\n"
    told = faults(folder(tmp_path, text))
    assert [sentence.split(": found")[0] for sentence in told] == [
        "scenario.toml:9: source.rated_hz",
        "scenario.toml:12: controller.lost_low_v",
    ]


def test_a_change_after_the_end_is_told_by_its_own_line(tmp_path: Path) -> None:
    """Also when the base has changes of its own, and a key let go after the end is no fault."""
    home = folder(
        tmp_path,
        'base = "own"\n' + GOOD + '[[at]]\nat_s = 3\nact = "restart"\n[[at]]\nat_s = 1.9\nact = "press reset"\n',
    )
    (home / "own.toml").write_text("[[at]]\nat_s = 0.5\nsource.run = 1\n[[at]]\nat_s = 5\nsource.run = 0\n")
    assert [sentence.split(", needs")[0] for sentence in faults(home)] == [
        "own.toml:5: at.at_s: found 5 s",
        "scenario.toml:10: at.at_s: found 3 s",
    ]


def test_physics_that_a_change_makes_impossible_are_told_at_the_change(tmp_path: Path) -> None:
    """With its label."""
    (sentence,) = faults(folder(tmp_path, GOOD + "source.rated_hz = 57\n"))
    assert sentence.startswith("scenario.toml:8: source.knee_hz: found 57.5 Hz")
    assert "(after the neutral breaks), needs less than rated_hz = 57." in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "[premise]\nmotor_b_at = 0\n", "motor_b_at: found 0, needs l1 or l2 or l12. Write one of these words"),
        (GOOD + '[premise]\nmotor_b_at = ""\n', "motor_b_at: found '', needs l1 or l2 or l12"),
        (GOOD + "[controller]\ndead_time_ticks = 60.5\n", "found 60.5, needs a whole number, 12 to 1200 ticks"),
        (
            GOOD + "[controller]\nfoo = 1\n",
            "a setting of the controller. docs/reference/settings.md lists what is known",
        ),
        ("loads = 3\n" + GOOD, "Write load if you mean that."),
        ("laod = 3\n" + GOOD, "needs a known key. Write load if you mean that."),
        ("leaps = 3\n" + GOOD, "needs a known key. Known are title, about, shows"),
        (GOOD + "[may_break]\nLAW-99 = 'x'\n", "Write LAW-9 if you mean that."),
    ],
)
def test_words_for_what_was_meant(tmp_path: Path, text: str, words: str) -> None:
    """The choices there are, and a name only where it is near."""
    told = faults(folder(tmp_path, text))
    assert any(words in sentence for sentence in told), told


def test_an_expectation_that_is_no_table_is_told_how_one_is_written(tmp_path: Path) -> None:
    """By the name of its table."""
    (sentence,) = faults(folder(tmp_path, GOOD, "expect = 3\n"))
    assert sentence.endswith("needs a table. Write [[expect]] on a line of its own, and keys below it.")
