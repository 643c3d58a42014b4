"""The reference pages that are made from code say what the code says."""

import subprocess
import sys
from pathlib import Path

from tidy_tree import ROOT

SCRIPT = ROOT / "scripts" / "make_reference.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the script that makes the pages."""
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, check=False, text=True, cwd=ROOT)


def test_the_reference_pages_are_current() -> None:
    """DOCS: what `make_reference.py` would write now is what stands in docs/reference."""
    done = run("--check")
    assert done.returncode == 0, done.stderr


def test_a_page_that_is_not_current_is_seen_and_made_anew(tmp_path: Path) -> None:
    """The check can fail: missing pages and an edited page are named; after writing, nothing is."""
    assert "events.md" in run("--check", "--to", str(tmp_path)).stderr
    assert run("--to", str(tmp_path)).returncode == 0
    assert run("--check", "--to", str(tmp_path)).returncode == 0
    page = tmp_path / "settings.md"
    page.write_text(page.read_text(encoding="utf-8").replace("own choice", "a guess"), encoding="utf-8")
    done = run("--check", "--to", str(tmp_path))
    assert done.returncode == 1
    assert "settings.md" in done.stderr
    assert "events.md" not in done.stderr
