"""Files that stand whole or not at all: on a full disk or at a loss of power what stood there stays."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """A file beside, to be written in its place: it takes that place when the block ends without an error.

    A reader sees the old content or the new, also after a loss of power. What is no file (a pipe, a terminal,
    `/dev/null`) is written as it stands, and through a link what it leads to.

    Raises:
        OSError: It cannot be written; the old content stands. The error names the file that was asked for.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        if path.exists():
            # Who made the old one private did not mean the next one to be public.
            shutil.copymode(path, part)
        _to_disk(part)
        part.replace(path)
        with suppress(OSError):
            # Some file systems know no durable directories; the content is safe all the same.
            _to_disk(path.parent)
    except OSError as error:
        if error.errno is None or error.filename not in {None, str(part), part}:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes | str) -> None:
    """Writes a file whole or not at all; text as UTF-8.

    Raises:
        OSError: As with `whole_file`.
    """
    with whole_file(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
