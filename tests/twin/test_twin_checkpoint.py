"""The checkpoint: what was sent is in it, whatever happened to the process."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bptm.twin.checkpoint import (
    ANSWERED_DTYPE,
    METER_DTYPE,
    Checkpoint,
    CheckpointError,
    CheckpointStore,
    DiskError,
    OtherRunError,
    Progress,
    write_durably,
)
from bptm.twin.messages import no_reports


def checkpoint(tick: int = 0, fleet: bytes = b"fleet", *, acked_seq: int = 0) -> Checkpoint:
    meters = np.zeros(2, METER_DTYPE)
    meters["seq"] = tick
    meters["acked_seq"] = acked_seq
    answered = np.zeros(1, ANSWERED_DTYPE)
    answered["home"], answered["command_hash"] = 1, 7
    return Checkpoint(
        progress=Progress(tick=tick, stepped_s=3, lockstep=True, ended=False, wall_s=1.5),
        fleet=fleet,
        pending=no_reports(),
        meters=meters,
        answered=answered,
    )


def test_what_was_saved_is_loaded_again_without_what_was_acknowledged(tmp_path: Path) -> None:
    """Two saves, with an acknowledgement between; reopened, the file holds the second and the rest of the backlog."""
    store = CheckpointStore(tmp_path / "twin.sqlite", "one")
    assert store.load() is None
    store.save(checkpoint(1), [(0, 1, b"a"), (1, 1, b"b")], [])
    store.save(checkpoint(2, b"later", acked_seq=1), [(0, 2, b"c")], [(0, 1)])
    store.save_progress(Progress(tick=9, stepped_s=3, lockstep=False, ended=True, wall_s=2.5))
    store.close()
    assert (tmp_path / "twin.sqlite").stat().st_mode & 0o777 == 0o600
    loaded = CheckpointStore(tmp_path / "twin.sqlite", "one").load()
    assert loaded is not None
    kept, backlog = loaded
    assert (kept.fleet, kept.progress.tick, kept.progress.ended) == (b"later", 9, True)
    assert kept.meters.tolist() == checkpoint(2, acked_seq=1).meters.tolist()
    assert kept.answered["home"].tolist() == [1]
    assert backlog == [(0, 2, b"c"), (1, 1, b"b")]


def test_another_replay_is_refused_and_names_fresh(tmp_path: Path) -> None:
    """A file of one fingerprint is not opened with another."""
    store = CheckpointStore(tmp_path / "twin.sqlite", "seed 1")
    store.save(checkpoint(), [], [])
    store.close()
    with pytest.raises(OtherRunError, match=r"seed 1.*seed 2.*--fresh"):
        CheckpointStore(tmp_path / "twin.sqlite", "seed 2")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """Bytes that are no database: one sentence with the file, not a trace of sqlite."""
    (tmp_path / "twin.sqlite").write_bytes(b"not a database at all, but long enough to be read as one" * 40)
    with pytest.raises(CheckpointError, match=r"twin\.sqlite: is damaged"):
        CheckpointStore(tmp_path / "twin.sqlite", "one")


def test_a_save_that_breaks_in_the_middle_leaves_the_one_before(tmp_path: Path) -> None:
    """The same message twice breaks the transaction: nothing of it is kept."""
    store = CheckpointStore(tmp_path / "twin.sqlite", "one")
    store.save(checkpoint(1), [(0, 1, b"a")], [])
    with pytest.raises(Exception, match="UNIQUE"):
        store.save(checkpoint(2), [(0, 2, b"b"), (0, 1, b"again")], [])
    loaded = store.load()
    assert loaded is not None
    assert loaded[0].progress.tick == 1
    assert loaded[1] == [(0, 1, b"a")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield folder
    subprocess.run([unmount, "-l", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Writes until the file system takes no more."""
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_loses_nothing_and_the_same_checkpoint_works_later(small_disk: Path) -> None:
    """On a real full file system the save says so, the one before stands, and the retry after making room works."""
    store = CheckpointStore(small_disk / "twin.sqlite", "one")
    store.save(checkpoint(1, os.urandom(50_000)), [(0, 1, b"a")], [])
    filler = small_disk / "filler"
    fill(filler)
    large = checkpoint(2, os.urandom(100_000))
    with pytest.raises(DiskError, match=r"twin\.sqlite.*free space"):
        store.save(large, [(0, 2, b"b")], [])
    with pytest.raises(DiskError, match=r"result\.json.*free space"):
        write_durably(small_disk / "result.json", "{}" * 5_000)
    loaded = store.load()
    assert loaded is not None
    assert (loaded[0].progress.tick, loaded[1]) == (1, [(0, 1, b"a")])
    filler.unlink()
    store.save(large, [(0, 2, b"b")], [])
    loaded = store.load()
    assert loaded is not None
    assert (loaded[0].progress.tick, len(loaded[1])) == (2, 2)


_WRITER = """
    import sys
    from pathlib import Path
    import numpy as np
    from bptm.twin.checkpoint import ANSWERED_DTYPE, METER_DTYPE, Checkpoint, CheckpointStore, Progress
    from bptm.twin.messages import no_reports

    store = CheckpointStore(Path(sys.argv[1]), "one")
    loaded = store.load()
    seq = int(loaded[0].meters["seq"][0]) if loaded else 0
    for seq in range(seq + 1, 10_000):
        meters = np.zeros(1, METER_DTYPE)
        meters["seq"], meters["acked_seq"] = seq, max(0, seq - 5)
        store.save(
            Checkpoint(
                progress=Progress(tick=seq, stepped_s=0, lockstep=False, ended=False, wall_s=0.0),
                fleet=seq.to_bytes(8, "big") * 20_000, pending=no_reports(), meters=meters,
                answered=np.zeros(0, ANSWERED_DTYPE),
            ),
            [(0, seq, str(seq).encode())],
            [(0, max(0, seq - 5))],
        )
        print(seq, flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_instant_leaves_what_was_sent_and_nothing_half(tmp_path: Path) -> None:
    """A child saves, then 'sends' (prints); after SIGKILL at varied points the file is whole and holds it all."""
    path = tmp_path / "twin.sqlite"
    code = textwrap.dedent(_WRITER)
    for lines in (1, 3, 4, 7, 2, 9):
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            sent = [int(child.stdout.readline()) for _ in range(lines)]
            child.send_signal(signal.SIGKILL)
            sent += [int(line) for line in child.stdout.read().split()]
        store = CheckpointStore(path, "one")
        loaded = store.load()
        assert loaded is not None
        kept, backlog = loaded
        last = int(kept.meters["seq"][0])
        assert last in {sent[-1], sent[-1] + 1}
        assert kept.progress.tick == last
        assert kept.fleet == last.to_bytes(8, "big") * 20_000
        assert backlog == [(0, seq, str(seq).encode()) for seq in range(max(0, last - 5) + 1, last + 1)]
        store.close()


def test_a_result_is_replaced_at_once(tmp_path: Path) -> None:
    """The file has the new text, and nothing is left beside it."""
    write_durably(tmp_path / "result.json", "{}")
    write_durably(tmp_path / "result.json", json.dumps({"meters": 1}))
    assert json.loads((tmp_path / "result.json").read_text()) == {"meters": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]
