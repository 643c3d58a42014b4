"""Runs the command `bptm` as a person does: as a process of its own, with its real engines and children."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bptm.supervisor.children import born
from bptm.supervisor.engine_home import ROOT_BASE, engine_account, home_path

CHILDREN = ("NATS", "PostgreSQL", "head-end", "twin")
PATIENCE_S = 600.0


def command(*words: str) -> list[str]:
    """The command line of `bptm` with this interpreter."""
    return [sys.executable, "-m", "bptm.cli", *words]


def environ() -> dict[str, str]:
    """Ours, with the tests' own import path."""
    return dict(os.environ, PYTHONPATH=os.pathsep.join(entry for entry in sys.path if entry), COLUMNS="200")


def bptm(*words: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        command(*words), env=environ(), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Waits until it holds; fails with a sentence when it does not."""
    give_up_at_s = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up_at_s, f"not within {patience_s:.0f} s: {what}"
        signal.sigtimedwait([], 0.05)


@dataclass(slots=True, kw_only=True)
class Up:
    """One data directory and the `bptm up` on it, which may be killed and started again."""

    data_dir: Path
    words: tuple[str, ...]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def output_file(self) -> Path:
        """Standard output of the last start."""
        return self.data_dir.with_suffix(".out")

    @property
    def progress_file(self) -> Path:
        """Standard error of all starts."""
        return self.data_dir.with_suffix(".err")

    def start(self) -> None:
        """Starts it."""
        words = ("up", "--data", str(self.data_dir), "--port", str(self.port), *self.words)
        with self.output_file.open("wb") as output, self.progress_file.open("ab") as progress:
            self.process = subprocess.Popen(
                command(*words), env=environ(), stdin=subprocess.DEVNULL, stdout=output, stderr=progress
            )

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """Its exit status."""
        assert self.process is not None
        try:
            return self.process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(self.story()) from None

    def end(self) -> None:
        """Kills it if it still runs, and removes what it keeps outside its data directory."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        home = home_path(self.data_dir, engine_account(""))
        if home.is_relative_to(ROOT_BASE):
            shutil.rmtree(home, ignore_errors=True)

    def child(self, name: str) -> int:
        """Process id of a child that runs now; 0 while it does not."""
        try:
            rows: list[dict[str, Any]] = json.loads((self.data_dir / "run" / "children.json").read_bytes())
        except (OSError, ValueError):
            return 0
        for row in rows:
            if row["name"] == name and row["born"] and born(int(row["pid"])) == row["born"]:
                return int(row["pid"])
        return 0

    def children(self) -> list[int]:
        """Process ids of all children that run now."""
        return [pid for name in CHILDREN if (pid := self.child(name))]

    def clock(self) -> dict[str, Any]:
        """The event clock as the head-end has it; empty while it does not answer."""
        try:
            token = (self.data_dir / "secrets" / "enrol-token").read_text().strip()
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/summary")
            request.add_header("Authorization", f"Bearer {token}")
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - http, loopback
                return dict(json.loads(answer.read())["clock"])
        except (OSError, ValueError, urllib.error.URLError):
            return {}

    def played_s(self) -> float:
        """Event time since the start; 0 while the head-end does not answer."""
        clock = self.clock()
        return clock["at_s"] - clock["start_s"] if clock.get("state") in {"playing", "lockstep", "waiting"} else 0.0

    def object(self) -> dict[str, Any]:
        """What a headless run printed, which is one JSON object alone, without its wall time."""
        found: dict[str, Any] = json.loads(self.output_file.read_bytes())
        assert found.pop("wall_s") > 0
        return found

    def story(self) -> str:
        """What it and its children said, for a failed test."""
        logs = [self.progress_file, self.output_file, *sorted((self.data_dir / "log").glob("*.log"))]
        return "\n".join(
            f"--- {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in logs if file.exists()
        )
