"""`bptm fleet --cluster` on a real dask scheduler with real workers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TIMES = ("cpu_s", "home_seconds_per_cpu_s", "out")
SCHEDULER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Address of a scheduler with two workers, ended with the test."""
    script = tmp_path / "scheduler.py"
    script.write_text(SCHEDULER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def fleet(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Three blocks of homes for half an hour."""
    asked = ["fleet", "--homes", "501", "--hours", "0.5", "--seed", "5", "--json", "--out", str(out), *words]
    return subprocess.run(
        [sys.executable, "-m", "bptm.cli", *asked], capture_output=True, text=True, check=False, timeout=600
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return {name: value for name, value in json.loads(done.stdout).items() if name not in TIMES}


@pytest.mark.system
def test_a_cluster_gives_the_answer_of_one_process(scheduler: str, tmp_path: Path) -> None:
    """Same plan here and on two workers of a dask cluster: the same JSON but for times, and the same table of homes."""
    here, there = tmp_path / "here", tmp_path / "there"
    assert answer(fleet(here, "--processes", "1")) == answer(fleet(there, "--cluster", scheduler))
    assert (here / "homes.parquet").read_bytes() == (there / "homes.parquet").read_bytes()


@pytest.mark.system
def test_a_cluster_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    """Nothing listens: status 2, one sentence with the address and the remedy, no folder."""
    done = fleet(tmp_path / "run", "--cluster", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--cluster tcp://127.0.0.1:9: no dask scheduler answers there" in done.stderr
    assert "give its address, tcp://host:port" in done.stderr
    assert list(tmp_path.iterdir()) == []
