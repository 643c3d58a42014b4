"""Starts the two real engines as `bptm up` does, in this process or in one that can be killed.

As a program (`python engine_rig.py DIR`) it starts them, says so on one line, and waits to be stopped or killed.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bptm.supervisor.children import Children, end_leftovers
from bptm.supervisor.data_dir import claim, lay_out
from bptm.supervisor.engine_home import home_path
from bptm.supervisor.engines import ENGINE_NAMES, Engines, find_engines, start_engines
from bptm.supervisor.postgres import leftover_pid
from bptm.supervisor.settings import EngineSettings, EventSettings, UpSettings
from bptm.supervisor.stopper import Stopper

EVENT = EventSettings(
    name="an event",
    title="An event",
    sentences=("One.", "Two.", "Three."),
    file=None,
    fingerprint="f00d",
    start_s=1_572_132_600,
    end_s=1_572_136_200,
)


def settings_for(data_dir: Path, engines: EngineSettings | None = None) -> UpSettings:
    """A run of ten meters."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    return UpSettings(
        data_dir=data_dir,
        event=EVENT,
        engines=engines or EngineSettings(postgres_binary=os.environ.get("BPTM_PG_BIN", "")),
        meters=10,
        seed=1,
        speed=1.0,
        port=port,
    )


@contextmanager
def running(settings: UpSettings) -> Generator[tuple[Engines, Children]]:
    """The engines of a run, started and stopped as the supervisor does."""
    found = find_engines(settings)
    held = claim(settings.data_dir)
    stopper = Stopper()
    children = Children(held.run / "children.json", lambda _sentence: None)
    try:
        end_leftovers(held.run / "children.json", leftover_pid(home_path(held.path, found.account)))
        lay_out(held, settings)
        yield start_engines(held, settings, found, children, stopper), children
    finally:
        children.stop_all(last=ENGINE_NAMES)
        stopper.close()
        held.release()


def alive(pid: int) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone_within(pids: list[int], patience_s: float) -> bool:
    """Waits until none of them runs."""
    give_up_at_s = time.monotonic() + patience_s
    while time.monotonic() < give_up_at_s:
        if not any(alive(pid) for pid in pids):
            return True
        signal.sigtimedwait([], 0.02)
    return False


def children_of(pid: int) -> list[int]:
    """All descendants of a process."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *children_of(child)]
    return found


if __name__ == "__main__":
    with running(settings_for(Path(sys.argv[1]))):
        sys.stdout.write("running\n")
        sys.stdout.flush()
        signal.pause()
