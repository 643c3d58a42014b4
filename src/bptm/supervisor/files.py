"""Small files the supervisor writes: private, whole or not at all, and TOML.

The standard library reads TOML but does not write it; our settings are one flat table, so twenty lines do.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

PRIVATE_MODE = 0o600
PRIVATE_DIR_MODE = 0o700

TomlValue = str | int | float | bool | Sequence[str] | Sequence[int]


def write_private(path: Path, content: bytes, *, uid: int = -1, gid: int = -1) -> None:
    """Writes a file that only its owner may read, atomically: readers see the old content or the new.

    Args:
        path: Its directory exists.
        content: The whole content.
        uid: Owner; -1 leaves it to us.
        gid: Group; -1 leaves it to us.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        with os.fdopen(fd, "wb") as out:
            out.write(content)
            out.flush()
            # A umask such as 0777 would leave the owner without access.
            os.fchmod(out.fileno(), PRIVATE_MODE)
            if uid != -1 or gid != -1:
                os.fchown(out.fileno(), uid, gid)
            os.fsync(out.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def make_private_dir(path: Path) -> None:
    """Makes a directory with mode 0700; leaves one that exists as it is, mode included."""
    try:
        path.mkdir(mode=PRIVATE_DIR_MODE)
    except FileExistsError:
        return
    # Only on the directory just made: a umask may have taken bits away.
    path.chmod(PRIVATE_DIR_MODE)


def toml(values: Mapping[str, TomlValue]) -> bytes:
    """A flat table as TOML.

    Strings are written as JSON writes them, which TOML's basic strings include except for DEL.
    """
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in values.items()).encode()


def _toml_value(value: TomlValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    return "[" + ", ".join(_toml_value(item) for item in value) + "]"
