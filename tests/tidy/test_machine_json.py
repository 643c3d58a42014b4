"""Every key that a command prints for a program stands in docs/reference/json.md, and no other."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import machine_json
import pytest

from bptm.assurance.prove import Report
from bptm.twin.bench.reading import SCENARIOS


def printed(*words: str) -> dict[str, Any]:
    """What a command prints."""
    command = [Path(sys.executable).with_name("bptm"), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def test_keys_of_the_bench() -> None:
    """DOCS: of a scenario as it is played."""
    assert printed("bench", "surge-6kv").keys() == machine_json.BENCH.keys()


def test_keys_of_a_refused_scenario(tmp_path: Path) -> None:
    """DOCS: of each fault."""
    (tmp_path / "scenario.toml").write_text("titel = 'x'\n", encoding="utf-8")
    told = printed("bench", str(tmp_path))
    assert told["played"] is False
    assert all(fault.keys() == machine_json.BENCH_REFUSED.keys() for fault in told["faults"])


def test_keys_of_the_proof() -> None:
    """DOCS: the report without its traces."""
    assert {field.name for field in fields(Report)} - {"traces"} | {"ok"} == machine_json.PROVE.keys()


def test_keys_of_many_scenarios(tmp_path: Path) -> None:
    """DOCS: one scenario of a folder."""
    (tmp_path / "surge-6kv").symlink_to(SCENARIOS / "surge-6kv")
    told = printed("bench", str(tmp_path), "--all")
    assert told.keys() == machine_json.BENCH_ALL.keys()
    assert told["total"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["fleet", "--chaos", "--centuries", "0.0005"], machine_json.CHAOS),
        (["fleet", "--system", "--homes", "4", "--hours", "2"], machine_json.SYSTEM),
    ],
)
def test_keys_of_device_centuries(words: list[str], keys: dict[str, str]) -> None:
    """DOCS: of chaos, and of the whole system."""
    assert printed(*words).keys() == keys.keys()


@pytest.mark.slow
def test_keys_of_the_vectors(tmp_path: Path) -> None:
    """DOCS: of two runs."""
    assert (
        printed("firmware", "vectors", str(tmp_path), "--runs", "2", "--ticks", "200").keys()
        == machine_json.VECTORS.keys()
    )
