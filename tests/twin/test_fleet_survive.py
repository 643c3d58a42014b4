"""From `bptm fleet --out` to `bptm program survive --twin`: what one leaves is what the other reads."""

import json
from pathlib import Path

import pytest

from bptm.cli import run


@pytest.mark.slow
def test_the_desk_reads_how_long_homes_of_a_fleet_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """250 homes, 30 h without their feeder: none without a source, few batteries and most standby sets last a day."""
    out = str(tmp_path / "run")
    words = ["fleet", "--homes", "250", "--hours", "32", "--outage", "1,30", "--processes", "1", "--json", "--out", out]
    assert run(words) == 0
    left = json.loads(capsys.readouterr().out)
    assert left["checked"]["LAW-14"] == pytest.approx(250 * 30.0)
    assert run(["program", "survive", "--twin", out, "--hours", "6,24", "--draws", "1000", "--json"]) == 0
    twin = {(part["source_kind"], part["medical"]): part for part in json.loads(capsys.readouterr().out)["twin"]}
    assert twin["NONE", False]["supplied_fraction"] == 0.0
    assert twin["NONE", False]["lasting_fraction"] == {"6": 0.0, "24": 0.0}
    standby, battery = twin["STANDBY", False], twin["BATTERY", False]
    assert standby["supplied_fraction"] > 0.95
    assert standby["lasting_fraction"]["24"] > 0.9 > battery["lasting_fraction"]["24"] > 0.0
    assert battery["lasting_fraction"]["6"] > battery["lasting_fraction"]["24"]
    # Owners start portables by hand, some hours late: those sources are fed late, and have not run out because of it.
    portable = twin["PORTABLE", False]
    assert portable["ran_out"] < portable["homes"]
