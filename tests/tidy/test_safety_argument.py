"""The safety argument names nothing that does not exist, leaves out no hazard, and says how old its results are."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from make_safety import Page
from safety_case import HAZARDS, TABLE, read_case
from safety_results import EMPTY, Results, ResultsError, load, read_junit, read_prove, save, source_hash
from tidy_tree import ROOT

from bptm.assurance.mutate_judge import End

SCRIPT = ROOT / "scripts" / "make_safety.py"
PROVE = {
    "laws": [{"id": "L1", "method": "proved; searched", "status": "proved", "links": [], "seconds": 1.0}],
    "states": 10,
    "transitions": 20,
    "faults": 3,
    "fault_sets": 4,
    "fault_sets_visited": 2,
    "claim": "Never both.",
    "mutants": {"made": 5, "killed": 4, "survived": [f"{End.EQUIVALENT.value}: x"]},
    "not_shown": ["L15"],
    "refuted": [],
    "seconds": 2.0,
    "ok": True,
}


def changed(tmp_path: Path, old: str, new: str) -> tuple[str, ...]:
    """What is wrong with the argument after one change."""
    text = TABLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "hazards.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_case(path)[1]


def test_the_argument_names_only_what_exists_and_every_hazard() -> None:
    """DOCS: functions, facts, settings, causes, laws and tests of docs/safety/hazards.toml."""
    case, wrong = read_case()
    assert not wrong, "\n" + "\n".join(wrong)
    assert tuple(hazard.id for hazard in case.hazards) == HAZARDS
    assert len(case.laws) == 15


def test_the_safety_page_is_current() -> None:
    """DOCS: the page is what the script would write now."""
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, check=False, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_pytest_finds_every_test_of_the_argument() -> None:
    """DOCS: collected by pytest itself, as a run would."""
    case, _wrong = read_case()
    files = sorted({name.partition("::")[0] for name in case.tests})
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(asked, capture_output=True, check=False, text=True, cwd=ROOT)
    found = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    lost = sorted(set(case.tests) - found)
    assert not lost, f"pytest does not find {lost}\n{done.stdout[-2000:]}"


@pytest.mark.slow
def test_the_stored_results_are_of_this_source() -> None:
    """DOCS: proof and tests were run on the controller as it is; if not, run `make safety` and keep what it writes."""
    results = load()
    if results == EMPTY:
        pytest.skip("no results are stored, and the page says so: `make safety` makes them")
    assert results.prove_of == source_hash(), "docs/safety/results.json: the proof is of another source: `make safety`"
    assert results.tests_of == source_hash(), "docs/safety/results.json: the tests are of another source: `make safety`"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[H11]", "[H39]", "H11: is missing"),
        ("[H11]", "[H39]", "H39: is no hazard of the list"),
        ('L13 = "', 'L16 = "', "L13: is missing in [laws]"),
        ("controller:to_backup", "controller:to_moon", "there is no function controller:to_moon"),
        ('"dead_time_ticks"', '"dead_time_hours"', "there is no setting dead_time_hours"),
        ('"utility_follows"', '"utility_leads"', "there is no fact utility_leads"),
        ('"SHORT_CIRCUIT"', '"LONG_CIRCUIT"', "there is no cause LONG_CIRCUIT"),
        ('laws = ["L1",', 'laws = ["L99",', "there is no law L99"),
        ("::test_a_broker_that_is_killed_costs_nothing", "::test_nothing", "there is no test"),
        ("severity = 4", "severity = 5", "`severity` from 1 to 4"),
        ("rests_on = ", "rest = ", "key `rest` means nothing"),
    ],
)
def test_what_does_not_exist_is_named(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """The check can fail, once for each kind of thing."""
    assert any(sentence in wrong for wrong in changed(tmp_path, old, new))


def test_a_safeguard_whose_fact_nothing_sets_is_a_gap_and_no_safeguard(tmp_path: Path) -> None:
    """A setting that no function of the controller reads (the seed of search, say) does not count as built."""
    path = tmp_path / "hazards.toml"
    text = TABLE.read_text(encoding="utf-8")
    path.write_text(text.replace('settings = ["medical"]', 'settings = ["rate_hz", "medical"]'), encoding="utf-8")
    before = next(h for h in read_case()[0].hazards if h.id == "H32")
    after = next(h for h in read_case(path)[0].hazards if h.id == "H32")
    assert before.state == "answered"
    assert after.state == "open"
    assert "`rate_hz` is not read" in " ".join(after.gaps)


def test_results_are_read_stored_and_shown(tmp_path: Path) -> None:
    """A test with parameters has its worst outcome; what was not run is said; JSON and XML of real form."""
    one, two, three = "tests/a/test_x.py::test_one", "tests/a/test_x.py::test_two", "tests/a/test_x.py::test_three"
    junit = tmp_path / "tests.xml"
    junit.write_text(
        "<testsuites><testsuite><testcase classname='tests.a.test_x' name='test_one[1]'/>"
        "<testcase classname='tests.a.test_x' name='test_one[2]'><failure/></testcase>"
        "<testcase classname='tests.a.test_x' name='test_two'/>"
        "<testcase classname='tests.a.test_x' name='test_other'/></testsuite></testsuites>",
        encoding="utf-8",
    )
    outcomes = read_junit(junit, (one, two, three))
    assert outcomes == {one: "failed", two: "passed"}
    proved = tmp_path / "prove.json"
    proved.write_text(json.dumps(PROVE), encoding="utf-8")
    results = Results(tests=outcomes, tests_of="x", prove=read_prove(proved), prove_of="y")
    save(results, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == results
    assert results.test(three) == "not run"
    assert results.law("L1") == ("proved; searched", "proved")
    assert results.law("L15") == ("", "not shown")
    assert results.bad


def test_an_old_result_says_that_it_is_old() -> None:
    """Results of this source stand plain; of another source every one is marked; without any the page says so."""
    case, _wrong = read_case()
    tests = dict.fromkeys(case.tests, "passed")
    results = Results(tests=tests, tests_of="then", prove=dict(PROVE), prove_of="then")
    fresh, old, none = (Page(case, r, now).text() for r, now in ((results, "then"), (results, "now"), (EMPTY, "now")))
    assert "earlier source" not in fresh
    assert ": passed\n" in fresh
    assert "4 of 5 broken controllers killed, the others proved to do the same." in fresh
    lives = {"made": 5, "killed": 3, "survived": [f"{End.EQUIVALENT.value}: x", f"{End.ALIVE.value}: y"]}
    told = Page(case, replace(results, prove=PROVE | {"mutants": lives}), "then").text()
    assert "3 of 5 broken controllers killed, the others not explained (1)." in told
    named = {test for hazard in case.hazards for test in hazard.tests}
    assert old.count("passed, of an earlier source") >= len(named)
    assert "| proved, of an earlier source |" in old
    assert "The proof was not run" in none
    assert "passed" not in none


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"laws": 3}', "<x/>"])
def test_a_file_that_is_no_report_gets_one_sentence(tmp_path: Path, text: str) -> None:
    """Neither a proof nor stored results nor, but for XML, a JUnit file."""
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match=r"^file: "):
        read_prove(path)
    with pytest.raises(ResultsError, match=r"^file: "):
        load(path)
    if not text.startswith("<"):
        with pytest.raises(ResultsError, match=r"^file: "):
            read_junit(path, ())
