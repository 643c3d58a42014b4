"""The bench's pages of the reference are made from its records and scenarios, and are current."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_pages_of_the_bench_are_current() -> None:
    """DOCS: what `make_bench_reference.py` would write now is what stands in docs/reference."""
    script = ROOT / "scripts" / "make_bench_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
