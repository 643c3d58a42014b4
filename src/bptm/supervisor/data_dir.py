"""The data directory: its version, its lock, what it replays. Source: docs/reference/processes.md."""

import fcntl
import json
import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.files import make_private_dir, toml, write_private
from bptm.supervisor.settings import UpSettings

FORMAT = 1
_HOURS_ROUNDING = 1e-3
_OURS = ("run.toml", "secrets", "run", "twin", "engines", "log", "VERSION")
"""What `--fresh` deletes. Files we did not make stay; the lock stays because we hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDir:
    """A data directory that this process holds."""

    path: Path
    lock_fd: int

    @property
    def secrets(self) -> Path:
        """Passwords, keys, certificates."""
        return self.path / "secrets"

    @property
    def run(self) -> Path:
        """Process ids and settings of the children."""
        return self.path / "run"

    @property
    def twin(self) -> Path:
        """Checkpoint, keys and result of the twin."""
        return self.path / "twin"

    @property
    def log(self) -> Path:
        """One log a child."""
        return self.path / "log"

    @property
    def programme(self) -> Path:
        """Pages of the programme desk; `--fresh` leaves them, since no run made them."""
        return self.path / "programme"

    @property
    def result_file(self) -> Path:
        """Written by the twin at the end of the event."""
        return self.twin / "result.json"

    def release(self) -> None:
        """Gives the lock back. The process's end does so too."""
        os.close(self.lock_fd)


def default_path(environ: dict[str, str]) -> Path:
    """The data directory when none is named: `$XDG_DATA_HOME/bptm`, else `~/.local/share/bptm`."""
    base = environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "bptm"


def beside_data(name: str, environ: dict[str, str]) -> Path:
    """Where another command keeps its own by default: beside the data directory, which holds nothing but a run."""
    place = default_path(environ)
    return place.with_name(f"{place.name}-{name}")


def refuse_unusable(path: Path, *, fresh: bool) -> None:
    """Looks without touching: can this directory be used by this run at all?

    Raises:
        CannotStartError: In use, of another version, not ours, or not writable.
    """
    if not path.exists() and not path.is_symlink():
        _refuse_unwritable_parent(path)
        return
    if not path.is_dir():
        msg = f"data directory {path} is not a directory; name another with --data"
        raise CannotStartError(msg)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        msg = f"data directory {path} is not writable by this user; name another with --data, or change its owner"
        raise CannotStartError(msg)
    _refuse_locked(path)
    found = _format_found(path)
    if found is None and any(entry.name != "lock" for entry in path.iterdir()):
        msg = f"{path} holds files but no VERSION of ours, so it is not a bptm data directory; name another with --data"
        raise CannotStartError(msg)
    if found not in (None, FORMAT) and not fresh:
        msg = (
            f"data directory {path} has format {found}, this bptm reads format {FORMAT}; "
            "name another with --data, or start over in it with --fresh"
        )
        raise CannotStartError(msg)


def claim(path: Path) -> DataDir:
    """Makes the directory if need be and takes its lock, so that one supervisor uses it at a time.

    Raises:
        CannotStartError: Cannot be made, written or locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_private_dir(path)
        fd = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        msg = f"data directory {path} cannot be used: {error.strerror}; name another with --data"
        raise CannotStartError(msg) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise CannotStartError(_in_use(path)) from error
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return DataDir(path=path, lock_fd=fd)


def delete_content(held: DataDir) -> None:
    """`--fresh`: deletes everything of ours but the lock we hold."""
    for name in _OURS:
        target = held.path / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)


def lay_out(held: DataDir, settings: UpSettings) -> None:
    """Makes the directories of a run, and writes VERSION and what is replayed where they are missing.

    Raises:
        CannotStartError: The directory holds another event, seed or number of meters.
    """
    _refuse_other_run(held.path / "run.toml", settings)
    for directory in (held.secrets, held.run, held.twin, held.log):
        make_private_dir(directory)
    if not (held.path / "run.toml").exists():
        write_private(held.path / "run.toml", toml(_identity(settings)))
    if not (held.path / "VERSION").exists():
        write_private(held.path / "VERSION", f"{FORMAT}\n".encode())


def refuse_other_run(path: Path, settings: UpSettings) -> None:
    """Refuses a directory that holds another run, without touching it.

    Raises:
        CannotStartError: Another event, start, seed or number of meters; the sentence names `--fresh`.
    """
    _refuse_other_run(path / "run.toml", settings)
    _refuse_shorter_run(path / "twin" / "result.json", settings)


def _identity(settings: UpSettings) -> dict[str, str | int]:
    return {
        "event": settings.event.name,
        "event_fingerprint": settings.event.fingerprint,
        "from_s": settings.event.start_s,
        "seed": settings.seed,
        "meters": settings.meters,
        "script_fingerprint": settings.script_fingerprint,
    }


def _refuse_other_run(file: Path, settings: UpSettings) -> None:
    if not file.exists():
        return
    try:
        found = tomllib.loads(file.read_text())
    except (OSError, ValueError) as error:
        msg = f"{file} cannot be read ({error}); start over with --fresh, or name another directory with --data"
        raise CannotStartError(msg) from error
    words = {
        "event": "event",
        "event_fingerprint": "content of the event",
        "from_s": "start",
        "seed": "seed",
        "meters": "number of meters",
        "script_fingerprint": "content of the script",
    }
    asked = _identity(settings)
    others = [
        f"{words[key]} {found.get(key)!r}, not {value!r}" for key, value in asked.items() if found.get(key) != value
    ]
    if others:
        msg = (
            f"data directory {file.parent} holds another run ({'; '.join(others)}); "
            "continue that one with its own options, start over in it with --fresh, or name another with --data"
        )
        raise CannotStartError(msg)


def _refuse_shorter_run(file: Path, settings: UpSettings) -> None:
    """A finished run can go on to a later end, but not back to an earlier one."""
    try:
        ended_h = float(json.loads(file.read_bytes())["simulated_hours"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    asked_h = (settings.event.end_s - settings.event.start_s) / 3600
    if ended_h > asked_h + _HOURS_ROUNDING:
        msg = (
            f"data directory {file.parent.parent} holds a run that has ended after {ended_h:g} h, beyond the "
            f"{asked_h:g} h asked for; start over in it with --fresh, or name another with --data"
        )
        raise CannotStartError(msg)


def _format_found(path: Path) -> int | None:
    """The number in VERSION; None when there is none or it is not ours."""
    try:
        text = (path / "VERSION").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isascii() and text.isdigit() else None


def _refuse_locked(path: Path) -> None:
    try:
        fd = os.open(path / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        msg = f"data directory {path} cannot be used: {error.strerror} (its file lock); name another with --data"
        raise CannotStartError(msg) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CannotStartError(_in_use(path)) from error
    finally:
        os.close(fd)


def _in_use(path: Path) -> str:
    holder = (path / "lock").read_text().strip()
    who = f" (process {holder})" if holder.isdigit() else ""
    return f"data directory {path} is in use by another bptm{who}; stop that one, or name another with --data"


def _refuse_unwritable_parent(path: Path) -> None:
    parent = path.parent
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        msg = f"data directory {path} cannot be made: {parent} is not a writable directory; name another with --data"
        raise CannotStartError(msg)
