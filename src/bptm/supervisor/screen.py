"""What the person at the terminal sees: steps with seconds, the address, a live summary line.

Interactive output goes to standard output, headless progress to standard error, so that a headless run's result stands
alone. No thread draws: children may be started at any time, and a fork wants one thread.
"""

import os
import time
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from bptm.supervisor.headend_client import Summary

_QUIET_EVERY_S = 10.0
"""How often the summary is repeated where lines cannot be overwritten (a pipe, a log)."""
_COUNT_WORDS = {
    "utility": "utility",
    "dark": "dark",
    "on_backup": "on backup",
    "transferring": "transferring",
    "locked_out": "locked out",
    "silent": "silent",
}


def has_desktop(environ: dict[str, str], user_id: int) -> bool:
    """Whether a window can be opened; not for root, for whom browsers refuse to run."""
    return user_id != 0 and bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


class Screen:
    """Writes for one run."""

    def __init__(self, *, headless: bool) -> None:
        """To standard error when headless, else to standard output."""
        self._console = Console(stderr=headless, highlight=False, soft_wrap=True)
        self._live = ""
        self._said_s = 0.0
        self._began_s = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """One step of the start, with its seconds when it is done."""
        began_s = time.monotonic()
        if self._console.is_terminal:
            self._overwrite(f"  {name} ...")
        yield
        self.say(f"  [green]done[/]  {name:<34} {time.monotonic() - began_s:6.1f} s")

    def progress(self, text: str) -> None:
        """A passing word inside a step."""
        if self._console.is_terminal:
            self._overwrite(f"  {escape(text)}")

    def say(self, marked_up: str) -> None:
        """A line that stays."""
        self._overwrite("")
        self._console.print(marked_up)

    def note(self, text: str) -> None:
        """A sentence that stays, without mark-up."""
        self.say(f"  note  {escape(text)}")

    def address(self, link: str) -> None:
        """The page and its one-time link."""
        seconds = time.monotonic() - self._began_s
        self.say("")
        self.say(f"  [bold]Open this link once, in a browser on this machine[/] (ready after {seconds:.1f} s):")
        self.say(f"  [bold cyan]{escape(link)}[/]")
        self.say(
            "  Another link: bptm headend link. Stop with Ctrl-C; the next start continues where this one stopped."
        )
        self.say("")

    def shows_pages(self) -> bool:
        """Whether there is a person with a desktop here, and a browser may be opened for them."""
        return self._console.is_terminal and has_desktop(dict(os.environ), os.geteuid())

    def show(self, link: str) -> None:
        """Opens the page in the person's browser, with a link of its own: the printed one stays good."""
        if webbrowser.open(link):
            self.note("the page was opened in your browser, with another link than the one above")

    def summary(self, found: Summary) -> None:
        """The live summary: in place on a terminal, now and then elsewhere."""
        line = summary_line(found)
        if self._console.is_terminal:
            self._overwrite(line)
        elif time.monotonic() - self._said_s >= _QUIET_EVERY_S:
            self._said_s = time.monotonic()
            self._console.print(escape(line))

    def _overwrite(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        plain = text[: self._console.width - 1]
        self._console.file.write("\r" + plain.ljust(len(self._live)) + ("\r" if not plain else ""))
        self._console.file.flush()
        self._live = plain


def summary_line(found: Summary) -> str:
    """The event in one line."""
    at = time.strftime("%d %b %H:%M:%S UTC", time.gmtime(found.at_s))
    counts = ", ".join(
        f"{words} {found.counts[name]}" for name, words in _COUNT_WORDS.items() if found.counts.get(name)
    )
    if found.state == "silent":
        return "  waiting for the twin"
    if found.state == "joining":
        return f"  {at}  joining: {found.joined} of {found.meters} meters"
    speed = f" x{found.speed:.0f}" if found.state == "playing" and found.speed else ""
    return f"  {at}  {found.state}{speed}: {counts or 'no meter heard yet'}"
