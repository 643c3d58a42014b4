"""What all commands of the programme desk share: how a result is given, how a no is said, how waiting is shown."""

import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bptm.cli.asked import UsageError
from bptm.whole_file import write_whole

if TYPE_CHECKING:
    from bptm.program.duck import Tables
    from bptm.program.profile import Profile
    from bptm.terms.refusals import Refused


def give(
    *, result: Mapping[str, object], text: Callable[[], str], page: Callable[[], str], json: bool, html: Path | None
) -> int:
    """Prints the result, as JSON alone when asked, and writes its page when a file is named.

    Raises:
        UsageError: The page cannot be written.
    """
    if html is not None:
        write_text("--html", html, page())
    if json:
        from json import dumps

        print(dumps(result, allow_nan=False))
    else:
        print(text())
        if html is not None:
            print(f"page: {html}", file=sys.stderr)
    return 0


def write_text(option: str, path: Path, text: str) -> None:
    """Writes a file that was asked for.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        write_whole(path, text)
    except OSError as error:
        msg = f"{option} {path}: cannot be written ({error.strerror}); name a file in a folder of yours"
        raise UsageError(msg) from error


def refuse(refused: "Refused") -> UsageError:
    """The refusal as what ends the command; raise it."""
    return UsageError(refused.sentence())


def note(sentence: str) -> None:
    """Says something beside the result."""
    print(f"bptm: {sentence}", file=sys.stderr)


@contextmanager
def engine(words: str, memory_mb: int | None = None) -> Generator["Tables"]:
    """The engine for one command, with its progress shown; when it cannot go on, that is one sentence.

    Raises:
        UsageError: Memory or disk are full, or the engine refused.
    """
    from bptm.program.duck import MEMORY_MB, NoRoomError, Tables, TablesError

    try:
        with Tables(memory_mb=memory_mb or MEMORY_MB) as tables, waiting(words, tables):
            yield tables
    except NoRoomError as error:
        msg = (
            f"no room to work in: {error}; free space in the temporary folder, or name another with TMPDIR; "
            "no input was touched"
        )
        raise UsageError(msg) from error
    except TablesError as error:
        msg = f"the tables cannot be counted: {error}"
        raise UsageError(msg) from error


@contextmanager
def waiting(words: str, tables: "Tables | None" = None) -> Generator[None]:
    """Shows on standard error that work is going on, and how far the engine is when it knows."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    )  # fmt: skip
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            fraction = tables.progress_fraction() if tables is not None else None
            if fraction is not None:
                bar.update(task, total=1.0, completed=fraction)

    with bar:
        task = bar.add_task(words, total=None)
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def profile_named(named: str) -> "Profile | None":
    """A utility's profile by name or file; None where none is named.

    Raises:
        UsageError: It is not there, or faulty.
    """
    from bptm.program.profile import read_profile
    from bptm.terms.refusals import Refused

    if not named:
        return None
    read = read_profile(named)
    if isinstance(read, Refused):
        raise refuse(read)
    return read
