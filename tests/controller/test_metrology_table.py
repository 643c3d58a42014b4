"""The table of accuracy in the docs is what the script would make now."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_table_of_accuracy_is_current_and_within_its_class() -> None:
    """DOCS: algorithm error and hardware budget are measured, not remembered; no point lies outside class 0.2."""
    script = ROOT / "scripts" / "make_metrology_table.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    page = (ROOT / "docs" / "explanation" / "metrology.md").read_text(encoding="utf-8")
    assert "within class 0.2" in page
    assert "OUTSIDE" not in page
