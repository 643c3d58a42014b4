"""The way from `bptm bench` to a controller that is not ours: where it is, how long it is waited for, how far it is."""

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bptm.cli.asked import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from bptm.twin.bench.external import Progress, Watch
    from bptm.twin.bench.link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for about a controller of somebody else; each as the option of its name."""

    listen: str | None
    connect: str | None
    arrive_s: float
    answer_s: float
    run_s: float
    open_to_network: bool

    def words(self) -> list[str]:
        """The options again, as they are typed; those at their defaults left out."""
        if self.listen is None and self.connect is None:
            return []
        found = ["--listen", self.listen] if self.listen is not None else ["--connect", self.connect or ""]
        for name, value, usual in self._waits():
            found += [] if value == usual else [name, f"{value:g}"]
        return [*found, "--open-to-network"] if self.open_to_network else found

    def check(self) -> None:
        """Refuses a time to wait that is none.

        Raises:
            UsageError: With the option, its value and the limits.
        """
        for name, value, _usual in self._waits():
            if not 0.01 <= value <= 86_400:  # noqa: PLR2004  a day
                msg = f"{name} is {value:g}, expected 0.01 to 86400"
                raise UsageError(msg)

    def _waits(self) -> tuple[tuple[str, float, float], ...]:
        from bptm.twin.bench.link import Limits

        usual = Limits()
        return (
            ("--arrive-s", self.arrive_s, usual.arrive_s),
            ("--answer-s", self.answer_s, usual.answer_s),
            ("--run-s", self.run_s, usual.run_s),
        )


def link_of(asked: Asked) -> "Link | None":
    """A connection to the controller that was asked for; None when ours plays."""
    if asked.listen is None and asked.connect is None:
        return None
    from bptm.twin.bench.link import ControllerGoneError, Limits, address_of, connect, is_loopback, listen

    asked.check()
    option, text = ("--listen", asked.listen) if asked.listen is not None else ("--connect", asked.connect)
    address = address_of(text or "")
    if isinstance(address, str):
        msg = f"{option} {address}"
        raise UsageError(msg)
    if asked.listen is not None and not is_loopback(address[0]) and not asked.open_to_network:
        msg = f"--listen {text}: other machines reach that address; add --open-to-network if that is meant"
        raise UsageError(msg)
    limits = Limits(arrive_s=asked.arrive_s, answer_s=asked.answer_s, run_s=asked.run_s)
    try:
        if asked.listen is not None:
            return listen(*address, limits, lambda line: print(line, file=sys.stderr, flush=True))
        return connect(*address, limits)
    except ControllerGoneError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        msg = f"{option} {text}: {error.strerror or error}"
        raise UsageError(msg) from error


@contextmanager
def watched() -> "Generator[Watch]":
    """Shows on a terminal how far the run is; elsewhere nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("waiting for the first answer", total=None)

        def watch(progress: "Progress") -> None:
            words = f"half-cycle {progress.played} of {progress.planned}, slowest answer {progress.worst_s:.3g} s"
            bar.update(task, completed=progress.played, total=progress.planned, description=words)

        yield watch
