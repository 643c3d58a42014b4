"""Real engines in a data directory of the test's own, gone when it ends."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_rig import settings_for

from bptm.supervisor.engine_home import ROOT_BASE, engine_account, home_path
from bptm.supervisor.settings import UpSettings


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data directory to be; as root its engines' directory is removed with it."""
    path = tmp_path / "data of a test"
    yield path
    home = home_path(path, engine_account(""))
    if home.is_relative_to(ROOT_BASE):
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def settings(data_dir: Path) -> UpSettings:
    """A run on a free port, with engines as found on this machine."""
    return settings_for(data_dir)
