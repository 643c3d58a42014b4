"""One source, four lives: the same trace, and a difference or an absence is said."""

import json
from pathlib import Path

import pytest

from bptm import cli
from bptm.assurance import runtimes
from bptm.assurance.firmware import make_vectors
from bptm.assurance.micropython import micropython_files
from bptm.assurance.runtimes import RUNTIMES


@pytest.fixture(autouse=True)
def _runtimes_at_hand() -> None:
    """A machine without them proves nothing: say so instead of passing."""
    for find in (runtimes.micropython_program, runtimes.c_compiler):
        try:
            find()
        except runtimes.MissingRuntimeError as error:
            pytest.skip(str(error))


@pytest.mark.slow
def test_four_runtimes_have_the_same_trace(tmp_path: Path) -> None:
    """ISSUE: identical to the bit, run by run, in CPython, numba, MicroPython and C."""
    report = make_vectors(tmp_path, runs=16, ticks=4000, seed=11)
    assert sorted(outcome.runtime for outcome in report.outcomes) == ["c", "cpython", "micropython", "numba"]
    assert [outcome.missing for outcome in report.outcomes] == [""] * 4
    assert all(len(outcome.digests) == 16 for outcome in report.outcomes)
    assert len({outcome.whole for outcome in report.outcomes}) == 1
    assert len({outcome.modes for outcome in report.outcomes}) == 1
    assert report.agreed
    assert report.first_difference() is None


def test_a_difference_ends_with_status_1_and_names_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One runtime told another digest for run 2."""

    def lying(*arguments: object) -> runtimes.Digests:
        digests = runtimes.replay_in_cpython(*arguments)  # pyright: ignore[reportArgumentType]
        digests[2] = (b"other", digests[2][1])
        return digests

    monkeypatch.setitem(RUNTIMES, "c", lying)
    monkeypatch.delitem(RUNTIMES, "numba")
    monkeypatch.delitem(RUNTIMES, "micropython")
    status = cli.run(["firmware", "vectors", str(tmp_path), "--runs", "4", "--ticks", "500", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert status == 1
    assert (said["identical"], said["first_difference"]) == (False, 2)


def test_a_runtime_that_fails_is_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ends with an error does not count as absent."""
    monkeypatch.setenv("BPTM_MICROPYTHON", "false")
    monkeypatch.delitem(RUNTIMES, "numba")
    monkeypatch.delitem(RUNTIMES, "c")
    report = make_vectors(tmp_path, runs=2, ticks=300, seed=1)
    assert not report.agreed
    assert "status 1" in report.outcomes[1].missing


def test_a_missing_runtime_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No compiler on PATH: the others agree, status 0, and the report says what to install."""
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delitem(RUNTIMES, "numba")
    status = cli.run(["firmware", "vectors", str(tmp_path / "v"), "--runs", "2", "--ticks", "300", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert said["runtimes"]["c"]["available"] is False
    assert "install one" in said["runtimes"]["c"]["reason"]
    assert said["runtimes"]["c"]["hash"] is None
    assert said["runtimes"]["cpython"]["hash"] == said["hash"]


def test_micropython_gets_the_shipped_files_themselves() -> None:
    """Not a copy made by hand: the same text."""
    files = micropython_files(runtimes_core())
    source = Path(__file__).parents[2] / "src"
    for name in ("bptm/controller/scan.py", "bptm/controller/interlock.py", "bptm/terms/core_settings.py"):
        assert files[name] == (source / name).read_text(encoding="utf-8")


def runtimes_core() -> runtimes.Core:
    from bptm.assurance.firmware import read_core  # noqa: PLC0415  read when the test runs

    return read_core()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["vectors", "OUT", "--runs", "0"], "--runs is 0, expected 1 to 100000"),
        (["vectors", "OUT", "--ticks", "5"], "--ticks is 5, expected 100 to 10000000"),
        (["vectors", "OUT", "--seed", "-1"], "--seed is -1"),
        (["vectors", "OUT", "--runs", "many"], "many"),
        (["export", "OUT/file/below"], "cannot be written"),
        (["vectors", "OUT/file", "--runs", "1", "--ticks", "100"], "cannot be written"),
    ],
)
def test_bad_words_get_one_sentence_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    """The command line says what it expected."""
    (tmp_path / "file").write_text("in the way")
    status = cli.run(["firmware", *(word.replace("OUT", str(tmp_path)) for word in words)])
    said = capsys.readouterr()
    assert status == 2
    assert sentence in said.err
    assert said.err.count("\n") == 1


@pytest.mark.slow
def test_a_set_of_ci_reaches_everything_with_the_same_trace_in_four_runtimes(tmp_path: Path) -> None:
    """ISSUE: 1,000 runs of at most 20,000 ticks with faults; nothing that the controller can say stays unsaid."""
    report = make_vectors(tmp_path, runs=1000, ticks=20_000, seed=1)
    unreached = [name for group in report.reached().values() for name, count in group.items() if count == 0]
    assert unreached == []
    assert report.agreed
    assert [outcome.missing for outcome in report.outcomes] == [""] * 4
