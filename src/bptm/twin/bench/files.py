"""Which files a scenario is made of, each with its hash, so that a report says what exactly was played."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from bptm.twin.bench.reading import BASES
from bptm.twin.bench.run import PlayedFile
from bptm.twin.bench.scenario import Scenario


def files_of(scenario: Scenario) -> tuple[PlayedFile, ...]:
    """The two files of a scenario, its bases, and every record that it plays, as they are on the disk now.

    Raises:
        OSError: One of them cannot be read any more.
    """
    found = dict.fromkeys(_paths(scenario))
    return tuple(PlayedFile(name=_name(scenario.folder, file), sha256=_sha256(file)) for file in found)


def _paths(scenario: Scenario) -> Iterator[Path]:
    yield from reversed(scenario.layers)
    yield scenario.folder / "expected.toml"
    if scenario.replay is not None:
        yield scenario.replay.file
        if scenario.replay.file.suffix.lower() == ".cfg":
            samples = (scenario.replay.file.with_suffix(suffix) for suffix in (".dat", ".DAT"))
            yield next(file for file in samples if file.is_file())
    yield from (load.file for load in scenario.loads)


def _name(folder: Path, file: Path) -> str:
    """As the scenario says it: relative to its folder where it lies in there."""
    if file.is_relative_to(BASES):
        return str(file.relative_to(BASES.parent))
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
