"""Starting a child that cannot outlive us, and ending it.

A child asks the kernel for a signal at the death of the *thread* that started it (prctl PR_SET_PDEATHSIG), so every
child is started from the main thread, which lives as long as the process. The request is lost at a change of user:
it is made after it (`subprocess` runs `preexec_fn` last). Source: prctl(2), PR_SET_PDEATHSIG.
"""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
"""Loaded here, not in the child: between fork and exec nothing may be imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that runs the engines when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start, and how it is asked to stop."""

    name: str
    argv: tuple[str, ...]
    log_file: Path
    environ: dict[str, str]
    account: Account | None = None
    death_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel when we die."""
    stop_signal: signal.Signals = signal.SIGTERM
    """Sent by us to stop it in good order."""
    cwd: Path = Path("/")


def start(program: Program) -> subprocess.Popen[bytes]:
    """Starts a child in its own session: Ctrl-C at the terminal reaches us alone, and we stop it in order."""
    assert threading.current_thread() is threading.main_thread()
    log_fd = os.open(program.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return _popen(program, log_fd)
    finally:
        os.close(log_fd)


def run_to_end(
    program: Program,
    *,
    timeout_s: float,
    stdin: bytes = b"",
    asked_to_stop: Callable[[], None] = lambda: None,
) -> tuple[int, str]:
    """Runs a short program; returns its exit status and what it said.

    Raises:
        TimeoutError: It did not end in time; it was killed.
    """
    with program.log_file.open("ab+") as log, contextlib.ExitStack() as stack:
        begin = log.seek(0, os.SEEK_END)
        child = _popen(program, log.fileno(), pipe_in=bool(stdin))
        stack.callback(_end_quietly, child)
        if child.stdin is not None:
            child.stdin.write(stdin)
            child.stdin.close()
        give_up_at_s = time.monotonic() + timeout_s
        while True:
            asked_to_stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = child.wait(timeout=0.05)
                break
            if time.monotonic() > give_up_at_s:
                msg = f"{program.name} did not end within {timeout_s:.0f} s"
                raise TimeoutError(msg)
        log.seek(begin)
        return status, log.read().decode(errors="replace")


_NOT_A_CAUSE = ("the database system is starting up", "the database system is shutting down")
"""What PostgreSQL answers to whoever asks too early or too late, our own question whether it is there among them."""


def last_words(log_file: Path, marks: Sequence[str] = ()) -> str:
    """The last line of a log, or the last that holds one of the marks; empty when there is none."""
    try:
        size = log_file.stat().st_size
        with log_file.open("rb") as log:
            log.seek(max(0, size - 16_384))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    lines = [line for line in lines if not any(answer in line for answer in _NOT_A_CAUSE)]
    marked = [line for line in lines if any(mark in line for mark in marks)]
    return (marked or lines or [""])[-1]


def raise_open_files_limit() -> int:
    """Raises the soft limit of open files to the hard one for us and all children; returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _popen(program: Program, log_fd: int, *, pipe_in: bool = False) -> subprocess.Popen[bytes]:
    parent_pid = os.getpid()
    death_signal = int(program.death_signal)

    def tie_to_parent() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent_pid:
            os._exit(1)  # The parent died between fork and prctl: no signal will come.

    account = program.account
    return subprocess.Popen(  # noqa: S603 - argv is ours, no shell
        program.argv,
        stdin=subprocess.PIPE if pipe_in else subprocess.DEVNULL,
        stdout=log_fd,
        stderr=log_fd,
        env=program.environ,
        cwd=program.cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
        umask=0o077,
        preexec_fn=tie_to_parent,  # noqa: PLW1509 - one thread only, and nothing but two system calls in it
    )


def _end_quietly(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
        child.wait()
