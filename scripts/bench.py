"""`make bench`: start time, headless speed, memory, messages a second, on this machine.

Runs `bptm up` twice in a scratch data directory: to the sign-in link with 1,000 meters, and headless over 24 hours.
"""

import argparse
import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

_LINK_WITHIN_S = 120.0


def main() -> int:
    """Prints one table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=1000)
    parser.add_argument("--hours", type=int, default=24)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        start_s = _start_time_s(Path(scratch, "page"), asked.meters)
        result, memory = _headless(Path(scratch, "headless"), asked.meters, asked.hours)
    wall_s = float(result["wall_s"])
    simulated_s = float(result["simulated_hours"]) * 3600
    rows = {
        f"start to sign-in link, {asked.meters} meters, s": f"{start_s:.1f}",
        f"headless: {asked.hours} h of {asked.meters} meters, s": f"{wall_s:.1f}",
        "simulated seconds x meters a second": f"{simulated_s * asked.meters / wall_s:,.0f}",
        "messages stored a second": f"{result['messages_stored'] / wall_s:,.0f}",
        **{f"most memory of {name}, MB": f"{peak:,.0f}" for name, peak in memory.items()},
    }
    for name, value in rows.items():
        print(f"{name:<48} {value:>14}")
    return 0


def _command(data_dir: Path, meters: int, *words: str) -> list[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    common = ["up", "--data", str(data_dir), "--port", str(port), "--meters", str(meters)]
    return [sys.executable, "-m", "bptm.cli", *common, *words]


def _start_time_s(data_dir: Path, meters: int) -> float:
    """From the command to the printed link, first start included."""
    began_s = time.monotonic()
    output = data_dir.with_suffix(".out")
    with output.open("wb") as out, _start(_command(data_dir, meters), out) as run:
        while run.poll() is None and time.monotonic() - began_s < _LINK_WITHIN_S:
            if b"/sign-in?token=" in output.read_bytes():
                break
            time.sleep(0.02)
        took_s = time.monotonic() - began_s
        run.send_signal(signal.SIGTERM)
    return took_s


def _headless(data_dir: Path, meters: int, hours: int) -> tuple[dict[str, float], dict[str, float]]:
    """The final object, and the most resident memory of each child in MB."""
    memory: dict[str, float] = {}
    output = data_dir.with_suffix(".out")
    words = ("--headless", "--json", "--until", f"+{hours}h")
    with output.open("wb") as out, _start(_command(data_dir, meters, *words), out) as run:
        while run.poll() is None:
            _note_memory(data_dir / "run" / "children.json", memory)
            time.sleep(1.0)
    if run.returncode != 0:
        sys.exit(run.returncode)
    found: dict[str, float] = json.loads(output.read_bytes())
    return found, memory


def _start(command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=output)  # noqa: S603 - our own command, no shell


def _note_memory(record: Path, memory: dict[str, float]) -> None:
    """Proportional share of memory of each child and all that it started."""
    try:
        rows = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return
    parents = _parents()
    for row in rows:
        family = {int(row["pid"])}
        for _generation in range(3):
            family |= {pid for pid, parent in parents.items() if parent in family}
        megabytes = sum(_share_mb(pid) for pid in family)
        memory[row["name"]] = max(memory.get(row["name"], 0.0), megabytes)


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    return found


def _share_mb(pid: int) -> float:
    """Shared pages are counted in parts. Source: proc(5), smaps_rollup, Pss in kB."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
