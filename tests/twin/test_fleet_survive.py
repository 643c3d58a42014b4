"""From `bptm fleet --out` to `bptm program survive --twin`: what one leaves is what the other reads."""

import json
from pathlib import Path

import duckdb
import pytest

from bptm.cli import run


@pytest.mark.slow
def test_the_desk_reads_how_long_homes_of_a_fleet_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """250 homes, 30 h without their feeder: who is supplied 6 and 24 h into it, by source, and whose source ran out."""
    out = str(tmp_path / "run")
    asked = ["--homes", "250", "--hours", "32", "--outage", "1,30", "--processes", "1", "--each-home"]
    assert run(["fleet", *asked, "--json", "--out", out]) == 0
    left = json.loads(capsys.readouterr().out)
    assert left["checked"]["LAW-14"] == pytest.approx(250 * 30.0)
    assert run(["program", "survive", "--twin", out, "--hours", "6,24", "--draws", "1000", "--json"]) == 0
    twin = {(part["source_kind"], part["medical"]): part for part in json.loads(capsys.readouterr().out)["twin"]}
    assert twin["NONE", False]["supplied_fraction"] == 0.0
    supplied = {
        kind: [twin[kind, False]["supplied_at"][hours]["supplied_fraction"] for hours in ("6", "24")]
        for kind in ("NONE", "BATTERY", "STANDBY")
    }
    assert supplied["NONE"] == [0.0, 0.0]
    assert min(supplied["STANDBY"]) > 0.9 > supplied["BATTERY"][1]
    assert supplied["BATTERY"][0] > supplied["BATTERY"][1]
    homes = duckdb.read_parquet(f"{out}/homes.parquet").filter("source_kind = 'EV'")
    # A car's energy lasts a day and more; that it is plugged in by hand, hours late, is not that it ran out.
    late, ran_out, count = homes.aggregate("max(backup_after_s), sum(ran_out), count(*)").fetchall()[0]
    assert late > 300.0
    assert ran_out < count
