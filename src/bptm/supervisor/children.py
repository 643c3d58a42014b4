"""The children: started, watched, restarted with back-off, stopped in order, found again after a `kill -9` of us."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bptm.supervisor.failures import GaveUpError, ReplayAskedError
from bptm.supervisor.files import write_private
from bptm.supervisor.restarts import RESTARTS_MAX, GiveUp, Restarts, after_stop
from bptm.supervisor.spawn import Program, last_words, start
from bptm.terms.processes import REPLAY_STATUS

STOP_WITHIN_S = 4.6
"""All children are gone by then; the issue allows five seconds."""
_OURS_WITHIN_S = 2.4
"""Of these, for head-end and twin; the engines, which they write to, stop after them."""
_LAST_CALL_S = 0.4
_ENDS = ("PANIC", "FATAL", "[FTL]", "Error", "error")
"""What marks the line of a log that says why a program ended."""
_LOG_MAX_BYTES = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    restarts: Restarts
    once: bool = False
    """Its work has an end: when it stops, it has done it or said in its log why not."""
    start_at_s: float | None = None
    """When to start it again; None while it runs."""


class Children:
    """All children of one run, in order of start. Instants are monotonic."""

    def __init__(self, record_file: Path, tell: Callable[[str], None]) -> None:
        """Nothing runs yet.

        Args:
            record_file: Gets the process ids, for the start after a `kill -9`.
            tell: Gets one sentence at each restart.
        """
        self._record_file = record_file
        self._tell = tell
        self._children: list[_Child] = []

    def start(self, program: Program) -> None:
        """Starts a child."""
        child = _Child(program=program, process=start(program), restarts=Restarts(started_s=time.monotonic()))
        self._children.append(child)
        self._record()

    def start_once(self, program: Program) -> None:
        """Starts a child whose work has an end: it is not started again."""
        restarts = Restarts(started_s=time.monotonic())
        self._children.append(_Child(program=program, process=start(program), restarts=restarts, once=True))
        self._record()

    def process_id(self, name: str) -> int:
        """Process id of a running child.

        Raises:
            KeyError: No such child.
        """
        for child in self._children:
            if child.program.name == name:
                return child.process.pid
        raise KeyError(name)

    def ended(self, name: str) -> str | None:
        """The last words of a child that has stopped; None while it runs."""
        for child in self._children:
            if child.program.name == name and child.process.poll() is not None:
                return last_words(child.program.log_file, _ENDS)
        return None

    def tend(self) -> None:
        """Notices children that stopped and starts them again when their time has come.

        Raises:
            GaveUpError: One stopped once more than it may.
            ReplayAskedError: The twin left because a person wants the event again.
        """
        now_s = time.monotonic()
        for child in self._children:
            if not child.once and child.start_at_s is None and child.process.poll() is not None:
                self._plan_restart(child, now_s)
            if child.start_at_s is not None and now_s >= child.start_at_s:
                child.process = start(child.program)
                child.start_at_s = None
                child.restarts = Restarts(started_s=time.monotonic(), count=child.restarts.count)
                self._record()

    def trim_logs(self) -> None:
        """Keeps each log within its limit: a full one becomes the old one and is begun anew."""
        for child in self._children:
            file = child.program.log_file
            with contextlib.suppress(OSError):
                if file.stat().st_size > _LOG_MAX_BYTES:
                    # Copied and cut, since the child holds it open; it writes at the end, wherever that is.
                    file.with_suffix(".log.old").write_bytes(file.read_bytes())
                    os.truncate(file, 0)

    def stop_all(self, last: tuple[str, ...]) -> None:
        """Stops every child in time.

        Args:
            last: Names of those that others need to the end: the engines.
        """
        begin_s = time.monotonic()
        first = [child for child in self._children if child.program.name not in last]
        rest = [child for child in self._children if child.program.name in last]
        _stop(first, begin_s + _OURS_WITHIN_S, [signal.SIGKILL])
        _stop(rest, begin_s + STOP_WITHIN_S - _LAST_CALL_S, [signal.SIGQUIT, signal.SIGKILL])
        self._children.clear()
        self._record_file.unlink(missing_ok=True)

    def _plan_restart(self, child: _Child, now_s: float) -> None:
        name, status = child.program.name, child.process.returncode
        if status == REPLAY_STATUS:
            msg = "the event is replayed from its beginning"
            raise ReplayAskedError(msg)
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"stopped with status {status}"
        match after_stop(child.restarts, now_s):
            case GiveUp():
                words = last_words(child.program.log_file, _ENDS)
                msg = (
                    f"{name} {how} and had been restarted {RESTARTS_MAX} times: giving up; "
                    f"its last words: {words or 'none'} ({child.program.log_file})"
                )
                raise GaveUpError(msg)
            case again:
                child.start_at_s = again.at_s
                child.restarts = again.restarts
                wait_s = again.at_s - now_s
                self._tell(f"{name} {how}; restart {again.restarts.count} of {RESTARTS_MAX} in {wait_s:.2f} s")

    def _record(self) -> None:
        rows = [
            {"name": child.program.name, "pid": child.process.pid, "born": born(child.process.pid)}
            for child in self._children
        ]
        write_private(self._record_file, json.dumps(rows).encode())


def born(pid: int) -> str:
    """What tells a process from a later one with the same id: boot and start time; empty when there is none.

    Source: proc(5), field 22 of /proc/PID/stat.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (OSError, IndexError):
        return ""
    if fields[0] in "ZX":
        return ""  # A zombie does nothing any more; its parent, gone too, will never reap it.
    return f"{boot}/{fields[19]}"


def end_leftovers(record_file: Path, extra_pid: int | None, *, patience_s: float = 6.0) -> tuple[str, ...]:
    """Waits for what an earlier run left behind to end, and ends it if it does not.

    Args:
        record_file: As that run wrote it; it may be missing or damaged.
        extra_pid: A postmaster found by its own file.
        patience_s: The kernel has already told them to end.

    Returns:
        Names of those that were still there.
    """
    left: dict[int, tuple[str, str]] = {}
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        for row in json.loads(record_file.read_bytes()):
            if row["born"] and born(int(row["pid"])) == row["born"]:
                left[int(row["pid"])] = (str(row["name"]), str(row["born"]))
    if extra_pid is not None and extra_pid not in left:
        left[extra_pid] = ("PostgreSQL", born(extra_pid))
    names = tuple(name for name, _born in left.values())
    if extra_pid is not None:
        _signal(extra_pid, signal.SIGQUIT)
    for patience, number in (
        (patience_s / 3, signal.SIGTERM),
        (patience_s / 3, signal.SIGKILL),
        (patience_s / 3, None),
    ):
        give_up_at_s = time.monotonic() + patience
        while left and time.monotonic() < give_up_at_s:
            left = {pid: who for pid, who in left.items() if who[1] and born(pid) == who[1]}
            time.sleep(0.02)
        if number is not None:
            for pid in left:
                _signal(pid, number)
    return names


def _stop(children: list[_Child], deadline_s: float, then: list[signal.Signals]) -> None:
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(child.program.stop_signal)
    _wait(children, deadline_s)
    for number in then:
        for child in children:
            if child.process.poll() is None:
                # Its own session, so its own group: takes along what it may have started.
                _signal(child.process.pid, number, group=number == signal.SIGKILL)
        _wait(children, time.monotonic() + _LAST_CALL_S / len(then))
    for child in children:
        if child.process.poll() is None:
            child.process.wait()


def _wait(children: list[_Child], deadline_s: float) -> None:
    while any(child.process.poll() is None for child in children) and time.monotonic() < deadline_s:
        time.sleep(0.01)


def _signal(pid: int, number: signal.Signals, *, group: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(pid, number)
