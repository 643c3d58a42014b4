"""A change log of an outage map: splits, partial readings, partial returns, and the real logs against the snapshots."""

import csv
import gzip
import itertools
import json
from datetime import datetime
from pathlib import Path

import pytest

from bptm.cli import run
from bptm.program.duck import Tables
from bptm.program.outage_changes import Steps, read_changes
from bptm.terms.refusals import Refused

SHARED = Path(__file__).parents[3] / "shared" / "data" / "pge-outages"
HEADER = "snapshot_utc,outage,event,customers,cause,start_utc,region"


def log(folder: Path, *rows: str) -> Path:
    """A change log; each row is `HH:MM outage event customers cause HH:MM` of one day, at one place."""
    lines = [HEADER]
    for row in rows:
        at, outage, event, customers, cause, start = row.split()
        lines.append(f"2019-10-26T{at}:00Z,{outage},{event},{customers},{cause},2019-10-26T{start}:00Z,Here")
    path = folder / "changes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def steps_of(path: Path) -> tuple[Steps, list[tuple[str, str, int, str]]]:
    """What the log became: off, on, customers, cause of each step, in order."""
    with Tables(memory_mb=200) as tables:
        steps = read_changes(tables, path, ("psps",), ("scheduled",), None)
        assert isinstance(steps, Steps)
        rows = tables.rows(
            "SELECT strftime(start_utc, '%H:%M'), strftime(end_utc, '%H:%M'), customers_count, cause FROM listed "
            "ORDER BY start_utc, end_utc, customers_count"
        )
    return steps, [(str(off), str(on), int(count), str(cause)) for off, on, count, cause in rows]


def test_a_split_moves_customers_and_returns_nobody(tmp_path: Path) -> None:
    """PITFALL: 100 customers become 60 + 40 under two numbers with one start; each returns once."""
    path = log(
        tmp_path,
        "10:00 A new 100 psps 09:50",
        "11:00 A upd 60 psps 09:50",
        "11:00 B new 40 psps 09:50",
        "12:00 B gone 40 psps 09:50",
        "14:00 A gone 60 psps 09:50",
    )
    steps, rows = steps_of(path)
    assert rows == [("09:50", "12:00", 40, "psps"), ("09:50", "14:00", 60, "psps")]
    assert (steps.steps_count, steps.open_count, steps.hidden_count) == (2, 0, 0)


def test_a_partial_reading_returns_nobody_and_an_hour_does(tmp_path: Path) -> None:
    """PITFALL: gone for 20 minutes is a map read in part; gone for 70 minutes is a return and a new loss."""
    path = log(
        tmp_path,
        "10:00 A new 10 other 10:00",
        "10:30 A gone 10 other 10:00",
        "10:50 A new 10 other 10:00",
        "12:00 A gone 10 other 10:00",
        "13:10 A new 7 other 10:00",
        "13:40 A gone 7 other 10:00",
    )
    steps, rows = steps_of(path)
    assert rows == [("10:00", "12:00", 10, "other"), ("13:10", "13:40", 7, "other")]
    assert steps.hidden_count == 1


def test_who_was_off_longest_returns_first_and_who_is_left_is_said(tmp_path: Path) -> None:
    """A rise is new customers, a fall takes the oldest, a missing end is counted, an old start not believed."""
    path = log(
        tmp_path,
        "10:00 A new 10 other 02:00",
        "11:00 A upd 15 other 02:00",
        "12:00 A upd 3 other 02:00",
    )
    steps, rows = steps_of(path)
    assert rows == [("10:00", "12:00", 10, "other"), ("11:00", "12:00", 2, "other")]
    assert steps.open_count == 3


def test_what_is_no_change_log_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """BAD INPUT: another word for a change; both kinds of record at once."""
    with Tables(memory_mb=200) as tables:
        refused = read_changes(tables, log(tmp_path, "10:00 A opened 10 other 10:00"), ("psps",), (), None)
    assert isinstance(refused, Refused)
    assert "line 2: event" in refused.sentence()
    assert run(["program", "outages", "--changes", "a.csv", "--outages", "b.csv"]) == 2
    assert "--changes stands in place of --outages" in capsys.readouterr().err


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared outage record is not here")
@pytest.mark.slow
@pytest.mark.parametrize("name", ["changes_2019-10-09", "changes_2019-10-26"])
def test_the_real_logs_agree_with_the_snapshots(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """ORACLE: customer-minutes of the snapshots over the same days, made apart from the log; a list has them twice."""

    def at_s(text: str) -> float:
        return datetime.fromisoformat(text).timestamp()

    with gzip.open(SHARED / f"{name}.csv.gz", "rt") as stream:
        times = [at_s(row["snapshot_utc"]) for row in csv.DictReader(stream)]
    with gzip.open(SHARED / "snapshots.csv.gz", "rt") as stream:
        seen = [(at_s(row["snapshot_utc"]), int(row["customers_out"])) for row in csv.DictReader(stream)]
    counted = sum(
        out * (following - at) / 60
        for (at, out), (following, _out) in itertools.pairwise(seen)
        if min(times) <= at < max(times)
    )
    assert run(["program", "outages", "--changes", str(SHARED / f"{name}.csv.gz"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["list"]["customer_minutes"] == pytest.approx(counted, rel=0.02)
