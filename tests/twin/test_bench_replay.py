"""Records in the place of the utility's voltage: what is refused before anything is played."""

import os
from pathlib import Path

import pytest

from bptm.twin.bench.faults import ScenarioError
from bptm.twin.bench.play import bench_of, changes_of
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.records import replay_of

HEAD = 'title = "A record"\nduration_s = 4\n'
REPLAY = '[replay]\nfile = "sag.csv"\nat_s = 1\n'
TABLE = "time_s,l1_v,l2_v\n0,120,120\n1,120,120\n1.01,70,120\n2,70,120\n"


def folder(tmp_path: Path, text: str, table: str = TABLE) -> Path:
    """A scenario's folder with a record of RMS values."""
    (tmp_path / "scenario.toml").write_text(text)
    (tmp_path / "sag.csv").write_text(table)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "[utility]\nreplay = 1\n", ["scenario.toml:4: utility.replay: found 1 at 0 s, needs a record"]),
        (HEAD + REPLAY + "[utility]\nreplay = 1\n", ["utility.replay: found 1 at 0 s, needs 1 to 3"]),
        (HEAD + "[[at]]\nat_s = 2\nutility.replay = 1\n", ["scenario.toml:5: at.utility.replay: found 1 at 2 s"]),
        (HEAD + REPLAY.replace("= 1", "= 4"), ["replay.at_s: found 4 s, needs less than duration_s, 4 s"]),
        (HEAD + REPLAY + "scale = 0\n", ["scenario.toml:6: replay.scale: found 0, needs a number other than 0"]),
        (HEAD + REPLAY + 'l1 = "VA"\n', ["replay.l1: found 'VA', needs no l1", "name the column l1_v."]),
        (HEAD + REPLAY + "scale = 60\n", ["replay.file: found 7200 V RMS on leg", "Set scale = 1,"]),
        (HEAD + REPLAY + "scale = -60\n", ["replay.file: found 7200 V RMS on leg", "Set scale = -1,"]),
        (
            HEAD + REPLAY.replace("= 1", "= 9") + "scale = 0\nl2 = 3\n",
            ["replay.at_s: found 9 s", "replay.scale: found 0", "replay.l2: found 3, needs a text"],
        ),
    ],
)
def test_a_record_that_would_play_nonsense_is_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    """0 V, nothing at all, kilovolts; all of it at once."""
    with pytest.raises(ScenarioError) as caught:
        read_scenario(folder(tmp_path, text))
    told = [fault.sentence() for fault in caught.value.faults]
    assert all(any(word in sentence for sentence in told) for word in words), told


def test_a_table_that_cannot_be_read_is_refused_with_the_scenario(tmp_path: Path) -> None:
    """Before it is played, by the line that names it."""
    with pytest.raises(ScenarioError, match=r"scenario\.toml:4: replay\.file: found .*sag\.csv:3: '1,many' are no num"):
        read_scenario(folder(tmp_path, HEAD + REPLAY, "time_s,v\n0,120\n1,many\n"))


def test_a_record_stands_in_from_its_first_sample_to_its_last(tmp_path: Path) -> None:
    """At the instant of the scenario, with the volts of the file; a leg's own name does no harm."""
    scenario = read_scenario(folder(tmp_path, HEAD + REPLAY + 'l1 = "l1_v"\n'))
    assert [(change.sample, change.value) for change in changes_of(scenario)] == [(7680, 1.0), (7680 * 3, 0.0)]
    rows = bench_of(scenario).run(4 * 120, changes_of(scenario)).true
    assert float(rows["utility_l1_v"][120 * 5 // 2]) == pytest.approx(70.0, rel=0.03)
    assert float(rows["utility_l1_v"][-2]) > 115.0


def test_a_record_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    """What is kept of one goes with the time of its file."""
    scenario = read_scenario(folder(tmp_path, HEAD + REPLAY))
    assert scenario.replay is not None
    before = replay_of(scenario.replay, 7680).volts
    assert replay_of(scenario.replay, 7680).volts is before
    (tmp_path / "sag.csv").write_text(TABLE.replace("70", "35"))
    os.utime(tmp_path / "sag.csv", ns=(1, 1))
    assert abs(replay_of(scenario.replay, 7680).volts[-100:, 0]).max() == pytest.approx(35 * 2**0.5, rel=0.02)
