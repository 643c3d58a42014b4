"""Data directory: one supervisor, one run, one version; what is not ours stays untouched."""

import dataclasses
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from engine_rig import EVENT

from bptm.supervisor.data_dir import (
    DataDir,
    beside_data,
    claim,
    default_path,
    delete_content,
    lay_out,
    refuse_other_run,
    refuse_unusable,
)
from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.settings import UpSettings


def held_and_laid_out(settings: UpSettings) -> DataDir:
    refuse_unusable(settings.data_dir, fresh=settings.fresh)
    held = claim(settings.data_dir)
    lay_out(held, settings)
    return held


def test_directories_and_files_are_private_whatever_the_umask(settings: UpSettings) -> None:
    """Under umask 0, every directory has mode 0700 and every file 0600."""
    before = os.umask(0)
    try:
        held = held_and_laid_out(settings)
    finally:
        os.umask(before)
    held.release()
    for path in (settings.data_dir, *settings.data_dir.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


TRY_TO_CLAIM = """
import sys
from pathlib import Path
from bptm.supervisor.data_dir import claim, refuse_unusable
from bptm.supervisor.failures import CannotStartError
try:
    {call}
except CannotStartError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("call", ["refuse_unusable(Path(sys.argv[1]), fresh=False)", "claim(Path(sys.argv[1]))"])
def test_second_supervisor_is_refused_with_the_first_ones_process_id(settings: UpSettings, call: str) -> None:
    """Another process tries while we hold the lock: looking first, and both at the same time."""
    held = held_and_laid_out(settings)
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join(entry for entry in sys.path if entry))
    code = TRY_TO_CLAIM.format(call=call)
    other = subprocess.run(
        [sys.executable, "-c", code, str(settings.data_dir)], env=environ, capture_output=True, text=True, check=False
    )
    held.release()
    assert f"is in use by another bptm (process {os.getpid()})" in other.stderr
    assert "--data" in other.stderr


def test_lock_is_free_after_release(settings: UpSettings) -> None:
    """Two claims one after the other."""
    held_and_laid_out(settings).release()
    held_and_laid_out(settings).release()


def test_another_version_is_refused_and_fresh_is_named(settings: UpSettings) -> None:
    """VERSION 2 is refused; with --fresh it is taken and becomes ours."""
    held_and_laid_out(settings).release()
    (settings.data_dir / "VERSION").write_text("2\n")
    with pytest.raises(CannotStartError, match=r"has format 2, this bptm reads format 1; .*--fresh"):
        refuse_unusable(settings.data_dir, fresh=False)
    fresh = dataclasses.replace(settings, fresh=True)
    refuse_unusable(settings.data_dir, fresh=True)
    held = claim(settings.data_dir)
    delete_content(held)
    lay_out(held, fresh)
    held.release()
    assert (settings.data_dir / "VERSION").read_text() == "1\n"


@pytest.mark.parametrize("version", [None, "3.1.4\n", "a programme's own version\n"])
@pytest.mark.parametrize("fresh", [False, True])
def test_directory_of_somebody_else_is_refused_and_stays(tmp_path: Path, version: str | None, fresh: bool) -> None:  # noqa: FBT001 - pytest gives parameters by position
    """A directory with files, but without a VERSION of ours, is not deleted even with --fresh."""
    (tmp_path / "thesis.txt").write_text("years of work")
    if version is not None:
        (tmp_path / "VERSION").write_text(version)
    with pytest.raises(CannotStartError, match="not a bptm data directory"):
        refuse_unusable(tmp_path, fresh=fresh)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_fresh_keeps_files_that_are_not_ours(settings: UpSettings) -> None:
    """A note that a person put into our directory survives --fresh; our secrets do not."""
    held = held_and_laid_out(settings)
    (held.path / "note.txt").write_text("mine")
    (held.secrets / "key").write_text("ours")
    delete_content(held)
    held.release()
    assert sorted(path.name for path in held.path.iterdir()) == ["lock", "note.txt"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"seed": 2}, r"seed 1, not 2"),
        ({"meters": 11}, r"number of meters 10, not 11"),
        ({"event": dataclasses.replace(EVENT, name="another")}, r"event 'an event', not 'another'"),
        ({"event": dataclasses.replace(EVENT, fingerprint="beef")}, r"content of the event"),
        ({"event": dataclasses.replace(EVENT, start_s=EVENT.start_s + 60)}, r"start \d+, not \d+"),
    ],
)
def test_another_run_is_refused_with_both_values(settings: UpSettings, other: dict[str, int], words: str) -> None:
    """Event, its content, its start, seed and meters make a run; a speed or a port does not."""
    held_and_laid_out(settings).release()
    refuse_other_run(settings.data_dir, dataclasses.replace(settings, speed=7.0, port=9))
    with pytest.raises(CannotStartError, match=words) as refusal:
        refuse_other_run(settings.data_dir, dataclasses.replace(settings, **other))
    assert "--fresh" in str(refusal.value)


def test_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """Neither the directory nor a directory below a file can be made."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStartError, match="is not a directory"):
        refuse_unusable(tmp_path / "file", fresh=True)
    with pytest.raises(CannotStartError, match="cannot be made"):
        refuse_unusable(tmp_path / "file" / "below", fresh=True)
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_directory_without_write_permission_is_refused(tmp_path: Path) -> None:
    """Mode 0500, of the directory and of its parent."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for path in (closed, closed / "below"):
        with pytest.raises(CannotStartError, match=r"not writable|cannot be made"):
            refuse_unusable(path, fresh=False)


def test_default_path_follows_xdg_then_home() -> None:
    """As docs/reference/processes.md says."""
    assert default_path({"XDG_DATA_HOME": "/x"}) == Path("/x/bptm")
    assert default_path({}) == Path.home() / ".local/share/bptm"


def test_what_another_command_keeps_by_default_lies_beside_the_data_directory(tmp_path: Path) -> None:
    """A fleet run that comes first must not make the default data directory one that `bptm up` refuses."""
    environ = {"XDG_DATA_HOME": str(tmp_path)}
    fleet = beside_data("fleet", environ)
    fleet.mkdir(parents=True)
    (fleet / "summary.json").write_text("{}", encoding="utf-8")
    refuse_unusable(default_path(environ), fresh=False)
    assert fleet == tmp_path / "bptm-fleet"
