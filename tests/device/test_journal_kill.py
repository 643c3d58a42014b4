"""The journal of a process that is killed at any moment, and on a disk that is full."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bptm.compiled.records import plain_record
from bptm.device.journal import COPIES, Journal, JournalDiskError, journalled
from bptm.device.journal_copy import COPY_BYTES, Values
from bptm.terms.core_device import DEVICE_FIELDS
from bptm.terms.core_ledger import LEDGER_FIELDS

WRITER = """
import json, sys
from pathlib import Path
from bptm.device.journal import Journal
journal = Journal(Path(sys.argv[1]))
values = json.loads(Path(sys.argv[2]).read_text())
found = journal.read()
number = found.number
while True:
    number += 1
    values["device"]["starts"] = number
    values["ledger"]["in_mwticks"] = [number] * 3
    journal.write(values)
    print(number, flush=True)
"""


def values_at(number: int) -> Values:
    """What the writer writes with this number."""
    values = journalled(plain_record(DEVICE_FIELDS), plain_record(LEDGER_FIELDS))
    values["device"]["starts"] = number
    values["ledger"]["in_mwticks"] = [number] * 3
    return values


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_that_it_had_finished(tmp_path: Path) -> None:
    """H7: 50 times SIGKILL at a random moment into writes without a pause; the next start goes on from there.

    What was said to be written is there or followed by one more write, whole; the other copy may be torn, and is
    then told. Each round reads with a new reader, and the writer's own start reads too.
    """
    seed = 20260801
    draws = random.Random(seed)  # noqa: S311  not for secrets
    Journal.create(tmp_path, values_at(0))
    spare = tmp_path / "values.json"
    spare.write_text(json.dumps(values_at(0)))
    rounds_with_writes = 0
    for _ in range(50):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(spare)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline()]
            # The moment is the test's subject: somewhere in the writes that follow the first.
            with suppress(subprocess.TimeoutExpired):
                writer.wait(timeout=draws.uniform(0.0, 0.03))
            writer.kill()
            said += writer.stdout.read().split("\n")
        finished = max(int(line) for line in said if line.strip())
        rounds_with_writes += len(said) > 2
        found = Journal(tmp_path).read()
        assert found.number in {finished, finished + 1}, f"seed {seed}"
        assert found.values == values_at(found.number)
        assert all("is taken, and what changed after" in complaint for complaint in found.complaints)
    assert rounds_with_writes > 25


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB, or a skip where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _fill(folder: Path, keep_bytes: int = 0) -> None:
    left = os.statvfs(folder)
    ballast = bytes(max(0, left.f_bavail * left.f_frsize - keep_bytes))
    (folder / "ballast").write_bytes(ballast)


def test_a_disk_that_fills_up_stops_no_write(small_disk: Path) -> None:
    """Both copies have their size from the beginning: not a byte free, and 20 writes go on."""
    Journal.create(small_disk, values_at(0))
    _fill(small_disk)
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "more").write_bytes(bytes(4096))
    journal = Journal(small_disk)
    journal.read()
    for number in range(3, 23):
        assert journal.write(values_at(number)) == number
    found = Journal(small_disk).read()
    assert (found.number, found.values, found.complaints) == (22, values_at(22), ())


def test_a_journal_begun_on_a_full_disk_is_refused_and_leaves_nothing(small_disk: Path) -> None:
    """Room for one copy and a half: one sentence, no half journal that would be taken for a lost one."""
    _fill(small_disk, keep_bytes=COPY_BYTES + COPY_BYTES // 2)
    with pytest.raises(JournalDiskError, match=r"cannot be written \(No space left on device\); check space"):
        Journal.create(small_disk, values_at(0))
    assert not any((small_disk / name).exists() for name in COPIES)
    (small_disk / "ballast").unlink()
    Journal.create(small_disk, values_at(0))
    assert Journal(small_disk).read().values == values_at(0)
