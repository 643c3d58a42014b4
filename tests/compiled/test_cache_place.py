"""Compiled entries are kept by a hash of all their source, whoever imported numba first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOADS = """
import numba
from bptm.compiled.compiler import {loads}
{calls}
import sys
print(sys.modules["bptm.controller.scan_compiled"].scan._cache.cache_path)
"""
WAYS = {
    "the kernels": LOADS.format(loads="compiled_modules", calls="compiled_modules()"),
    "what is compiled beside them": LOADS.format(loads="compile_beside", calls="compile_beside(())"),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_a_compiled_scan_is_kept_below_our_own_folder(way: str, tmp_path: Path) -> None:
    """PROOF: numba's own place knows a change of scan.py alone, and would prove an old controller."""
    done = subprocess.run(
        [sys.executable, "-c", WAYS[way]],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    place = Path(done.stdout.strip())
    assert place.parent == tmp_path / "bptm" / "compiled"
    assert place.name.startswith("controller.scan-")
