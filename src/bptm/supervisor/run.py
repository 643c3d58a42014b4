"""One run of `bptm up`, from the first check to the last child's end."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from bptm.supervisor import headend_client, postgres
from bptm.supervisor.children import Children, end_leftovers
from bptm.supervisor.credentials import (
    enrol_token_file,
    new_sign_in_token,
    session_secret_file,
    sign_in_token_file,
)
from bptm.supervisor.data_dir import (
    DataDir,
    claim,
    delete_content,
    lay_out,
    refuse_other_run,
    refuse_unusable,
)
from bptm.supervisor.engine_home import delete_home, home_path
from bptm.supervisor.engines import ENGINE_NAMES, Engines, FoundEngines, find_engines, start_engines
from bptm.supervisor.failures import CannotStartError, GaveUpError, ReplayAskedError, StopAskedError
from bptm.supervisor.files import make_private_dir, toml, write_private
from bptm.supervisor.headend_client import Summary
from bptm.supervisor.ports import LOOPBACK, refuse_taken
from bptm.supervisor.settings import UpSettings
from bptm.supervisor.spawn import Program, raise_open_files_limit
from bptm.supervisor.stopper import Stopper

_FILES_BESIDE_METERS = 512
"""Open files a process needs beside one connection a meter."""
_ADDRESS_AFTER_S = 10.0
"""The page is offered after this time even while meters still join: it is up, and shows them joining."""
_POLL_S = 1.0
_TRIM_EVERY_S = 60.0


class Teller(Protocol):
    """What a run says while it goes; `screen.Screen` says it on a terminal."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """One step of the start."""
        ...

    def progress(self, text: str) -> None:
        """A passing word inside a step."""
        ...

    def note(self, text: str) -> None:
        """A sentence that stays."""
        ...

    def address(self, link: str) -> None:
        """The page and its one-time link."""
        ...

    def shows_pages(self) -> bool:
        """Whether a browser may be opened for a person here."""
        ...

    def show(self, link: str) -> None:
        """Opens the page for them."""
        ...

    def summary(self, found: Summary) -> None:
        """How the event is going."""
        ...


Pages = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What fills the console's folder of programme pages.

    Attributes:
        first: Makes the pages that are there from the first moment, by file name; takes a second at most.
        others: The command that makes all others in a process of its own, given the folder; None for none.
    """

    first: Pages = dict
    others: Callable[[Path], tuple[str, ...]] | None = None


def up(settings: UpSettings, tell: Teller, desk: Desk | None = None) -> Path | None:
    """Runs until the event's end (headless), or until somebody asks to stop.

    Args:
        settings: What to run.
        tell: What a person sees of it.
        desk: Makes pages of the programme desk for the console; asked only once all that can be refused has been,
            and only where no page stands yet. None for no pages.

    Returns:
        The twin's result file when a headless run reached its end; None after Ctrl-C or SIGTERM.

    Raises:
        CannotStartError: Nothing was started, or all of it was stopped again.
        GaveUpError: A child stopped too often.
        StopAskedError: Somebody asked to stop during the start.
    """
    refuse_unusable(settings.data_dir, fresh=settings.fresh)
    if not settings.fresh:
        refuse_other_run(settings.data_dir, settings)
    refuse_taken(settings.port)
    _refuse_few_files(settings.meters)
    found = find_engines(settings)
    for note in found.notes:
        tell.note(note)
    held = claim(settings.data_dir)
    stopper = Stopper()
    children = Children(held.run / "children.json", tell.note)
    try:
        while True:
            try:
                return _Run(settings, tell, held, children, stopper).go(found, desk or Desk())
            except ReplayAskedError as asked:
                tell.note(str(asked))
                children.stop_all(last=ENGINE_NAMES)
                settings = replace(settings, fresh=True, keep_session=True)
    finally:
        children.stop_all(last=ENGINE_NAMES)
        stopper.close()
        held.release()


class _Run:
    """The parts of one run, and its course."""

    def __init__(self, settings: UpSettings, tell: Teller, held: DataDir, children: Children, stopper: Stopper) -> None:
        self._settings = settings
        self._tell = tell
        self._held = held
        self._children = children
        self._stopper = stopper
        self._began_s = time.monotonic()
        self._result_before = _stamp(held.result_file)

    def go(self, found: FoundEngines, desk: Desk) -> Path | None:
        """The whole course."""
        settings, held, tell = self._settings, self._held, self._tell
        home = home_path(held.path, found.account)
        for name in end_leftovers(held.run / "children.json", postgres.leftover_pid(home)):
            tell.note(f"{name} of an earlier run was still there and was ended")
        session = _kept_session(held) if settings.keep_session else None
        if settings.fresh:
            delete_home(held.path, found.account)
            delete_content(held)
        lay_out(held, settings)
        empty = _place(desk.first, held.programme)
        if session is not None:
            write_private(session_secret_file(held.secrets), session)
        with tell.step("engines: PostgreSQL and NATS"):
            engines = start_engines(held, settings, found, self._children, self._stopper)
        link = self._start_ours(engines)
        token = engines.credentials.enrol
        with tell.step(f"head-end on port {settings.port}"):
            self._until(lambda: headend_client.healthy(settings.port), "head-end", within_s=60.0)
        if settings.headless:
            return self._until_result(token)
        with tell.step("meters joining"):
            self._until(lambda: self._joined(token), "meters", within_s=_ADDRESS_AFTER_S, or_else_go_on=True)
        tell.address(link)
        if empty and desk.others is not None:
            # Whoever opened the link looks at meters first: the planner's pages come up behind.
            self._children.start_once(own_command("programme pages", desk.others(held.programme), held))
        if tell.shows_pages():
            tell.show(sign_in_link(settings.port, new_sign_in_token(held.secrets, keep_old=True)))
        joined = headend_client.summary(settings.port, token)
        for meter_id, fault in (joined.faults if joined is not None else {}).items():
            tell.note(f"planted fault: {meter_id}, {fault}")
        self._until_stopped(token)
        return None

    def _start_ours(self, engines: Engines) -> str:
        """Starts head-end and twin; returns the sign-in link."""
        settings, held = self._settings, self._held
        token = new_sign_in_token(held.secrets, keep_old=False)
        write_private(held.run / "headend.toml", toml(headend_table(settings, held, engines)))
        write_private(held.run / "twin.toml", toml(twin_table(settings, held, engines)))
        for name, module in (("head-end", "headend"), ("twin", "twin")):
            self._children.start(own_program(name, module, held))
        return sign_in_link(settings.port, token)

    def _until(self, ready: Callable[[], bool], what: str, *, within_s: float, or_else_go_on: bool = False) -> None:
        """Waits for something to be ready, tending the children."""
        give_up_at_s = time.monotonic() + within_s
        while not ready():
            self._children.tend()
            self._stopper.wait(0.1)
            self._stopper.check()
            if time.monotonic() < give_up_at_s:
                continue
            if or_else_go_on:
                return
            msg = f"{what} was not ready within {within_s:.0f} s; see {self._held.log}"
            raise CannotStartError(msg)

    def _joined(self, token: str) -> bool:
        found = headend_client.summary(self._settings.port, token)
        if found is None or found.state in {"joining", "silent"}:
            if found is not None:
                self._tell.progress(f"meters joining: {found.joined} of {found.meters}")
            return False
        return True

    def _until_result(self, token: str) -> Path | None:
        """Watches a headless run to its end."""
        while not self._stopper.asked:
            found = self._watch(token)
            stamp = _stamp(self._held.result_file)
            if stamp is not None and (stamp != self._result_before or (found is not None and found.state == "ended")):
                return self._held.result_file
        return None

    def _until_stopped(self, token: str) -> None:
        """Watches an interactive run until somebody stops it."""
        ended = False
        while not self._stopper.asked:
            found = self._watch(token)
            if found is not None and found.state == "ended" and not ended:
                ended = True
                self._tell.note("the event has ended; the page shows its end and offers to replay it, as --fresh does")

    def _watch(self, token: str) -> Summary | None:
        """One turn: tends the children, asks for the summary, rests."""
        self._children.tend()
        found = headend_client.summary(self._settings.port, token)
        if found is not None:
            self._tell.summary(found)
        if time.monotonic() - self._began_s > _TRIM_EVERY_S:
            self._began_s = time.monotonic()
            self._children.trim_logs()
        self._stopper.wait(0.25 if self._settings.headless else _POLL_S)
        return found


def _place(pages: Pages, folder: Path) -> bool:
    """Makes the folder of pages, and writes the first ones where there are none; returns whether there were none."""
    make_private_dir(folder)
    if any(folder.glob("*.html")):
        return False
    for name, text in pages().items():
        write_private(folder / name, text.encode())
    return True


def _kept_session(held: DataDir) -> bytes | None:
    """What signs the cookies of those who are signed in: they stay so when the event is replayed."""
    try:
        return session_secret_file(held.secrets).read_bytes()
    except FileNotFoundError:
        return None


def headend_table(settings: UpSettings, held: DataDir, engines: Engines) -> dict[str, str | int | bool | list[str]]:
    """`headend.toml`, as docs/reference/processes.md lists it."""
    return {
        "database_url": engines.database_url,
        "nats_url": engines.nats_url,
        "nats_user": "headend",
        "nats_password": engines.credentials.nats_headend,
        "auth_user": "auth",
        "auth_password": engines.credentials.nats_auth,
        "issuer_seed_file": str(engines.pki.issuer_seed_file),
        "ca_cert_file": str(engines.pki.ca_cert_file),
        "ca_key_file": str(engines.pki.ca_key_file),
        "enrol_token_file": str(enrol_token_file(held.secrets)),
        "command_key_file": str(engines.pki.command_key_file),
        "command_cert_file": str(engines.pki.command_cert_file),
        "sign_in_token_file": str(sign_in_token_file(held.secrets)),
        "session_secret_file": str(session_secret_file(held.secrets)),
        "host": LOOPBACK,
        "port": settings.port,
        "script_file": str(settings.script_file) if settings.script_file else "",
        "event_title": settings.event.title,
        "event_sentences": list(settings.event.sentences),
        "headless": settings.headless,
        "event_start_s": settings.event.start_s,
        "programme_dir": str(held.programme),
    }


def twin_table(
    settings: UpSettings, held: DataDir, engines: Engines
) -> dict[str, str | int | float | bool | list[int]]:
    """`twin.toml`, as docs/reference/processes.md lists it."""
    return {
        "data_dir": str(held.path),
        "nats_url": engines.nats_url,
        "nats_user": "twin",
        "nats_password": engines.credentials.nats_twin,
        "mqtt_host": engines.mqtt_host,
        "mqtt_port": engines.mqtt_port,
        "ca_cert_file": str(engines.pki.ca_cert_file),
        "command_cert_file": str(engines.pki.command_cert_file),
        "headend_url": f"http://{LOOPBACK}:{settings.port}",
        "enrol_token_file": str(enrol_token_file(held.secrets)),
        "event_file": str(settings.event.file) if settings.event.file else "",
        "event_name": settings.event.name,
        "meters": settings.meters,
        "seed": settings.seed,
        "start_s": settings.event.start_s,
        "end_s": settings.event.end_s,
        "speed": settings.speed,
        "headless": settings.headless,
        "stops_s": list(settings.stops_s),
    }


def own_program(name: str, module: str, held: DataDir) -> Program:
    """Head-end or twin as a child: this interpreter, the module, its settings."""
    argv = (sys.executable, "-P", "-m", f"bptm.{module}", "--config", str(held.run / f"{module}.toml"))
    return replace(own_command(name, argv, held), log_file=held.log / f"{module}.log")


def own_command(name: str, argv: tuple[str, ...], held: DataDir) -> Program:
    """A command of ours as a child, with a log of its own name."""
    environ = dict(os.environ)
    if "PYTHONPATH" in environ:
        # The children start in `/`, where a relative entry would mean something else.
        environ["PYTHONPATH"] = os.pathsep.join(
            str(Path(entry).resolve()) for entry in environ["PYTHONPATH"].split(os.pathsep) if entry
        )
    return Program(
        name=name,
        argv=argv,
        log_file=held.log / f"{name.replace(' ', '-')}.log",
        environ=environ,
    )


def sign_in_link(port: int, token: str) -> str:
    """The page's one-time link."""
    return f"http://{LOOPBACK}:{port}/sign-in?token={token}"


def _refuse_few_files(meters: int) -> None:
    limit = raise_open_files_limit()
    needed = meters + _FILES_BESIDE_METERS
    if limit < needed:
        msg = (
            f"{meters} meters need {needed} open files a process, and the limit here is {limit}; "
            f"raise it (ulimit -Hn {needed}, or LimitNOFILE in systemd) or take fewer with --meters"
        )
        raise CannotStartError(msg)


def _stamp(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None


__all__ = ["CannotStartError", "GaveUpError", "StopAskedError", "Teller", "headend_table", "twin_table", "up"]
