"""A whole fleet run: the same answer on any processes, what it claims to have checked, what it leaves on disk."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from test_fleet_plan import plan

from bptm.cli import run
from bptm.twin.fleet_columns import EACH_HOME_COLUMNS, HOME_COLUMNS, INTERVAL_COLUMNS
from bptm.twin.fleet_run import FleetResult, run_fleet
from bptm.twin.fleet_tables import Columns, FleetFolder
from bptm.twin.fleet_workers import local_workers

TIMES = ("cpu_s", "home_seconds_per_cpu_s")
PARQUET = {
    "i8": "BIGINT",
    "i4": "INTEGER",
    "f8": "DOUBLE",
    "f4": "FLOAT",
    "text": "VARCHAR",
    "time": "TIMESTAMP",
}


def short(**values: object) -> FleetResult:
    """One hour of a few homes, in this process."""
    asked = plan(**({"homes": 40, "hours": 1.0} | values))
    return run_fleet(asked, None, 1, lambda _block: None, lambda _homes: None)


def answer(result: FleetResult) -> dict[str, Any]:
    """What is printed, but for times."""
    return {name: value for name, value in result.as_json().items() if name not in TIMES}


def test_same_seed_same_answer_and_another_seed_another() -> None:
    """REQ of `bptm fleet`: same seed, same JSON but for times, rows of homes and intervals included."""
    first, second, other = short(), short(), short(seed=8)
    assert answer(first) == answer(second)
    for name, values in first.intervals.items():
        assert (values == second.intervals[name]).all(), name
    for name, values in first.homes.items():
        assert (values == second.homes[name]).all(), name
    assert answer(first) != answer(other)


@pytest.mark.slow
def test_one_process_and_two_give_the_same_answer() -> None:
    """Three blocks here against the same in two spawned processes: JSON, sums and homes equal to the bit."""
    asked = plan(homes=510, hours=1.0)
    here = run_fleet(asked, None, 1, lambda _block: None, lambda _homes: None)
    with local_workers(2) as (executor, workers):
        there = run_fleet(asked, executor, workers, lambda _block: None, lambda _homes: None)
    assert answer(here) == answer(there)
    for name, values in here.intervals.items():
        assert (values == there.intervals[name]).all(), name
    for name, values in here.homes.items():
        assert (values == there.homes[name]).all(), name


def test_laws_are_said_to_be_checked_only_where_they_could_be_broken() -> None:
    """`checked`: without an outage nothing is due and no feeder is dead; with one LAW-14 counts exactly its hours."""
    quiet = answer(short(outages=()))["checked"]
    assert quiet["LAW-1"] == quiet["LAW-8"] == 40.0
    assert quiet["LAW-7"] == quiet["LAW-11"] == quiet["LAW-14"] == quiet["LAW-2"] == 0.0
    result = short()
    checked = answer(result)["checked"]
    assert checked["LAW-14"] == pytest.approx(result.homes["outage_s"].sum() / 3600.0, abs=1e-3)
    assert 0.0 < checked["LAW-11"] < checked["LAW-14"]
    assert 0.0 < checked["LAW-7"] < 40.0
    assert checked["LAW-2"] * 3600.0 * 120.0 >= result.homes["transfers"].sum()
    # A start of each meter, one tick each.
    assert checked["LAW-3"] * 3600.0 * 120.0 == pytest.approx(40.0, rel=0.5)


def test_arrays_push_into_the_utility_by_day_and_are_off_on_backup() -> None:
    """Homes with an array: export at noon; on backup only those whose owners forgot its breaker make anything."""
    noon = plan(homes=250, hours=2.0).start.replace(hour=11)
    result = short(homes=250, hours=2.0, start=noon, outages=())
    arrays = result.homes["solar_wh"] > 0.0
    assert arrays.sum() == pytest.approx(0.15 * 250, abs=18)
    assert (result.homes["load_side_generation"][arrays] == 1).all()
    assert result.intervals["solar_w"].min() > 1000.0
    assert result.intervals["utility_w"].sum() < result.intervals["load_w"].sum()
    assert not answer(result)["law_violations"]


def columns_of(file: Path) -> list[tuple[str, str]]:
    """Names and types as DuckDB reads them."""
    table = duckdb.read_parquet(str(file))
    return list(zip(table.columns, [str(type_) for type_ in table.types], strict=True))


def sums_of(file: Path, what: str) -> tuple[Any, ...]:
    """Aggregates over a file's rows."""
    return duckdb.read_parquet(str(file)).aggregate(what).fetchall()[0]


def declared(columns: Columns) -> list[tuple[str, str]]:
    return [(name, PARQUET[type_]) for name, type_, *_rest in columns]


def test_the_files_read_back_are_what_the_columns_say(tmp_path: Path) -> None:
    """Every file has its declared columns in order and type; energies of homes and of intervals are the same energy."""
    folder = tmp_path / "run"
    with FleetFolder(folder) as kept:
        asked = plan(homes=30, hours=1.0, each_home=True)
        result = run_fleet(asked, None, 1, kept.keep_block, lambda _homes: None)
        kept.keep(result)
    homes, intervals = folder / "homes.parquet", folder / "intervals.parquet"
    each = folder / "each_home" / "block-000000.parquet"
    assert columns_of(homes) == declared(HOME_COLUMNS)
    assert columns_of(intervals) == declared(INTERVAL_COLUMNS)
    assert columns_of(each) == declared(EACH_HOME_COLUMNS)
    by_home = sums_of(homes, "sum(load_wh), sum(utility_wh), sum(backup_wh), count(*)")
    seconds = "sum(load_w * lasts_s), sum(utility_w * lasts_s), sum(backup_w * lasts_s), sum(lasts_s)"
    by_interval = sums_of(intervals, seconds)
    by_both = sums_of(each, "sum(load_w) / 12, count(*)")
    assert by_home[:3] == pytest.approx([joule / 3600.0 for joule in by_interval[:3]], rel=1e-6)
    assert by_home[0] == pytest.approx(by_both[0], rel=1e-5)
    assert (by_home[3], by_interval[3], by_both[1]) == (30, 3600, 30 * 12)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["peak_kw"] == pytest.approx(float(np.max(result.load_w)) / 1000.0, abs=1e-3)
    assert (folder / "load.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where a folder should be, and a folder with other things: status 2, one line, nothing changed."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    for out, said in ((tmp_path / "file" / "run", "cannot be written"), (tmp_path / "mine", "holds other things")):
        assert run(["fleet", "--homes", "2", "--hours", "0.02", "--processes", "1", "--out", str(out)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1
        assert said in captured.err
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]


LIMITED = """
import resource, sys
from bptm.cli import run
from bptm.compiled.warm import compile_fleet
compile_fleet()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("most_bytes", [100, 9000])
def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path, most_bytes: int) -> None:
    """Files that cannot grow, at the first table and at the picture: status 2, one sentence, no folder left behind."""
    out = tmp_path / "run"
    words = ["fleet", "--homes", "3", "--hours", "0.1", "--processes", "1", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(most_bytes), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"bptm: --out {out}: the results could not be written" in done.stderr
    assert "Make room, or name a folder on another disk" in done.stderr
    assert list(tmp_path.iterdir()) == []
