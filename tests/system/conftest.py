"""Data directories of whole-system tests, stopped and removed at their end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from system_rig import Up


@pytest.fixture
def make_up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Makes an `Up` with these words; `name` tells two of one test apart."""
    made: list[Up] = []

    def make(*words: str, name: str = "data") -> Up:
        made.append(Up(data_dir=tmp_path / name, words=words))
        return made[-1]

    yield make
    for one in made:
        one.end()
