"""`bptm prove` as a whole: what it prints, what it counts, and its exit status."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bptm
from bptm.assurance.prove_text import load_trace
from bptm.assurance.timeline import timeline

pytestmark = [pytest.mark.slow, pytest.mark.first]
PROVE = "import sys; from bptm.cli import run; sys.exit(run(sys.argv[1:]))"
KEYS = {
    "laws",
    "states",
    "transitions",
    "faults",
    "claim",
    "mutants",
    "failing",
    "invariant",
    "not_shown",
    "quick",
    "ok",
}


def prove(*words: str, source: Path | None = None) -> subprocess.CompletedProcess[str]:
    folder = source or Path(bptm.__file__).parents[1]
    command = [
        sys.executable,
        "-c",
        PROVE,
        "prove",
        "--json",
        *words,
    ]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(folder)}
    )


def test_the_shipped_controller_passes_and_the_report_has_its_keys(tmp_path: Path) -> None:
    """PROOF: the whole run; counter-examples of what needs an interlock are saved, and each replays."""
    done = prove("--save", str(tmp_path))
    report = json.loads(done.stdout)
    assert done.returncode == 0, report["refuted"]
    assert set(report) >= KEYS
    assert report["states"] > 1_000_000
    assert all(set(law) == {"id", "method", "status", "links", "seconds"} for law in report["laws"])
    assert {law["status"] for law in report["laws"]} <= {"proved", "searched", "sampled"}
    assert report["mutants"]["made"] >= 60
    assert report["quick"] is False
    files = sorted(tmp_path.glob("*.json"))
    assert files
    assert timeline(load_trace(files[0]))


def test_a_planted_defect_fails_with_a_timeline_and_a_scenario_that_replays(tmp_path: Path) -> None:
    """PROOF: U is never ordered open, only taken for open by its feedback: a feedback that lies joins the two.

    One fault is enough, so `--quick` finds it, and says that it looked at no pairs.
    """
    copy = tmp_path / "src"
    shutil.copytree(Path(bptm.__file__).parent, copy / "bptm", ignore=shutil.ignore_patterns("__pycache__"))
    ways = copy / "bptm" / "controller" / "ways.py"
    text = ways.read_text(encoding="utf-8")
    old = "            s.u_order = ORDER_OPEN\n            s.tries = 1\n"
    assert text.count(old) == 1
    ways.write_text(
        text.replace(old, "            s.u_order = ORDER_NONE\n            s.tries = 1\n"), encoding="utf-8"
    )
    saved = tmp_path / "saved"
    done = prove("--quick", "--save", str(saved), source=copy)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert any(law["status"] == "failed" for law in report["laws"])
    assert report["refuted"]
    assert (report["quick"], report["mutants"]["made"]) == (True, 0)
    assert "pairs of faults" in report["not_shown"]
    assert sorted(saved.glob("*.txt"))
    told = subprocess.run(
        [sys.executable, "-c", _REPLAY, str(copy), str(min(saved.glob("*.json")))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "U" in told.stdout


def test_quick_and_deep_are_refused_together() -> None:
    """Nothing is proved, and one sentence says why."""
    done = prove("--quick", "--deep")
    assert (done.returncode, done.stdout) == (2, "")
    assert "exclude each other" in done.stderr


_REPLAY = (
    "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; "
    "from bptm.assurance.prove_text import load_trace; from bptm.assurance.timeline import timeline; "
    "print(timeline(load_trace(Path(sys.argv[2]))))"
)
