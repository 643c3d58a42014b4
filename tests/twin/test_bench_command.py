"""`bptm bench` as it is typed: what it writes, of a controller of somebody else, of a sweep, of many scenarios."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from bench_peer import Peer, tells, write_scenario

from bptm.cli import run
from bptm.twin.bench.comtrade_adapter import read_comtrade

SWEEP = """title = "U opens by a failed leg"
duration_s = 0.3
[[at]]
label = "the feeder fails"
at_s = 0.1
utility.feeder_on = 0
[sweep]
path = "the feeder fails.at_s"
values = [0.1, 0.10417]
"""
ANY = """[[expect]]
name = "The feeder fails"
origin = "the scenario"
measure = "min feeder_on"
at_most = 0
"""


def played(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Status, and what came out of the command."""
    status = run(["bench", *words])
    out, err = capsys.readouterr()
    return status, out, err


def test_nonsense_in_what_is_told_ends_in_a_verdict_a_report_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: words on the terminal, the report with its own command, waveforms before the end."""
    folder = write_scenario(tmp_path / "a-tenth")
    peer = Peer(tells(99.0))
    words = [str(folder), "--connect", f"127.0.0.1:{peer.port}", "--answer-s", "5"]
    page, waves = tmp_path / "page.html", tmp_path / "waves"
    status, out, err = played([*words, "--html", str(page), "--comtrade", str(waves)], capsys)
    peer.end()
    ended = "the controller told mode 99, expected a MODE_... code: 0 to 9 (half-cycle 3, 0.025 s into the run)"
    assert (status, err) == (1, "")
    assert f"ended early: {ended}" in out
    assert "NOT JUDGED U stays closed" in out
    assert "answers of a-peer: 3 half-cycles in " in out
    text = page.read_text()
    assert f'<p class="notice fail">The run ended early: {ended}</p>' in text
    assert f"<pre><code>bptm bench {' '.join(words)}</code></pre>" in text
    assert '<span class="chip wait">not judged</span>' in text
    assert "<dt>Its answers</dt><dd>3 half-cycles in " in text
    assert "0.025 s: here the run ended" in text
    assert "<i>(not reached)</i>" in text
    assert len(read_comtrade(waves / "a-tenth-01.cfg").times_s) == 4 * 64


def test_an_untold_mode_is_not_off_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the lane of modes nor among the events."""
    folder = write_scenario(tmp_path / "a-tenth")
    peer = Peer(tells(), told=())
    page = tmp_path / "page.html"
    words = [str(folder), "--connect", f"127.0.0.1:{peer.port}", "--json", "--html", str(page)]
    status, out, _err = played(words, capsys)
    peer.end()
    told = json.loads(out)
    assert (status, told["passed"], told["ended"]) == (0, True, None)
    assert told["answers"]["count"] == 12
    assert set(told["files"]) == {"scenario.toml", "expected.toml"}
    text = page.read_text()
    assert '"not told","m-off"' in text
    assert '"OFF"' not in text
    assert "Not told: the controller tells no events." in text


def test_a_sweep_writes_the_waveforms_of_every_run_by_its_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each read back by the project's own reader."""
    folder = write_scenario(tmp_path / "swept", scenario=SWEEP, expected=ANY)
    waves = tmp_path / "waves"
    status, _out, _err = played([str(folder), "--comtrade", str(waves), "--comtrade-format", "cff"], capsys)
    assert status == 0
    names = sorted(file.name for file in waves.iterdir())
    assert {name.rsplit("-", 1)[0] for name in names} == {"swept-0.1", "swept-0.10417"}
    for name in names:
        assert peak_v(waves / name) == pytest.approx(170.0, rel=0.1)


def peak_v(file: Path) -> float:
    """Highest voltage of the utility's first leg in a record."""
    return float(abs(read_comtrade(file).channels["utility L1"]).max())


@pytest.mark.slow
def test_all_writes_the_report_and_the_waveforms_of_each_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two scenarios, each in a process of its own; a report leads to itself again, the index to the reports."""
    home = tmp_path / "set"
    home.mkdir()
    for name in ("one", "two"):
        write_scenario(home / name, scenario=SWEEP.partition("[sweep]")[0], expected=ANY)
    waves, pages = tmp_path / "waves", tmp_path / "pages"
    asked = ["--comtrade", str(waves), "--comtrade-format", "ascii", "--html", str(pages)]
    status, out, _err = played([str(home), "--all", *asked], capsys)
    assert (status, out) == (0, "2 of 2 scenarios passed\n")
    assert {file.name for file in pages.iterdir()} == {"index.html", "one.html", "two.html"}
    assert f"bptm bench {home / 'one'}</code>" in (pages / "one.html").read_text()
    assert {file.name.split("-")[0] for file in waves.iterdir()} == {"one", "two"}
    assert "ASCII" in (waves / "one-01.cfg").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--comtrade-format", "cff"], "--comtrade-format says how --comtrade writes; add --comtrade DIRECTORY"),
        (["--html", "/nowhere/x.html"], "--html /nowhere/x.html: cannot be written (No such file or directory)"),
        (["--comtrade", "/proc/x"], "--comtrade /proc/x: cannot be written"),
        (["--connect", "127.0.0.1:1", "--run-s", "0"], "--run-s is 0, expected 0.01 to 86400"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """Status 2, one sentence, and no time lost."""
    folder = write_scenario(tmp_path / "a-tenth")
    status, out, err = played([str(folder), *words], capsys)
    assert (status, out) == (2, "")
    assert said in err


def test_a_replayed_record_is_named_with_its_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File, hash, seed and rate: what `sha256sum` says of the file is what stands in the report."""
    scenario = 'title = "A record"\nduration_s = 0.2\n[replay]\nfile = "sag.csv"\nat_s = 0.1\n'
    folder = write_scenario(tmp_path / "recorded", scenario=scenario)
    (folder / "sag.csv").write_text("time_s,l1_v,l2_v\n0,110,120\n0.05,110,120\n")
    page = tmp_path / "page.html"
    status, _out, _err = played([str(folder), "--html", str(page)], capsys)
    assert status == 0
    text = page.read_text()
    for name in ("sag.csv", "scenario.toml", "expected.toml"):
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert f"<dt>SHA-256 of {name}</dt><dd>{digest}</dd>" in text
    played_part = text[text.index("What was played") : text.index("<h2>Events")]
    assert "0.100 s</a>" in played_part
    assert "recorded voltage in place of the utility&#x27;s: sag.csv" in played_part
    assert re.search(r"1 run, 7,680 samples a second, seed 1</dd>", text)
