"""`make bench`: start time, headless speed, memory, messages a second; ratios to a limit of the same run.

Figures belong to the machine and the moment. What may be compared is the last column: each speed beside a limit
measured in the same run (fsync, one core's memory copy, the kernel without any network).
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

METERS = 1000
HOURS = 24
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fsync_per_s(folder: Path) -> float:
    """How many 4 kB writes a second the disk makes durable."""
    with (folder / "fsync").open("wb", buffering=0) as file:
        begun_s = time.perf_counter()
        for _ in range(200):
            file.write(bytes(4096))
            os.fsync(file.fileno())
        return 200 / (time.perf_counter() - begun_s)


def copy_bytes_per_s() -> float:
    """Bytes one core copies a second."""
    block = np.zeros(64 << 20, np.uint8)
    begun_s = time.process_time()
    for _ in range(8):
        block.copy()
    return 8 * block.nbytes / (time.process_time() - begun_s)


def kernel_home_s_per_cpu_s() -> tuple[float, int]:
    """Simulated home-seconds a CPU second, controller and home alone; and bytes of state a home."""
    from bptm.compiled import fleet  # noqa: PLC0415  only this figure needs it
    from bptm.twin.event import load_shipped  # noqa: PLC0415
    from bptm.twin.population import make_population  # noqa: PLC0415

    event = load_shipped()
    population = make_population(event, METERS, 1, event.start_s)
    homes = fleet.Fleet.build(population.setups, 0)
    homes.advance(120)
    begun_s = time.process_time()
    homes.advance((event.end_s - event.start_s) * 120)
    cpu_s = time.process_time() - begun_s
    return METERS * (event.end_s - event.start_s) / cpu_s, len(homes.to_bytes()) // METERS


def children_of(pid: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        below.setdefault(int(words[1]), []).append(int(stat.parent.name))
    found, open_ = [pid], [pid]
    while open_:
        more = below.get(open_.pop(), [])
        found += more
        open_ += more
    return found


def resident_bytes(pid: int) -> int:
    """Proportional share of memory of a process and all below it, so that shared pages count once."""
    total = 0
    for one in children_of(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="utf-8")
        except OSError:
            continue
        total += sum(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Pss:"))
    return total


def command(data: Path, *words: str) -> list[str]:
    """`bptm up` on a data directory of its own and a free port."""
    return [sys.executable, "-m", "bptm.cli", "up", "--data", str(data), "--port", str(free_port()), *words]


def start_s(folder: Path, name: str) -> tuple[float, float]:
    """Wall seconds from the command to its link, with 1,000 meters: a first start and a second one."""
    data = folder / name
    taken: list[float] = []
    for _ in range(2):
        begun_s = time.perf_counter()
        up = subprocess.Popen(  # noqa: S603  our own command
            command(data, "--meters", str(METERS)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in up.stdout or ():
            if "/sign-in?token=" in line:
                break
        taken.append(time.perf_counter() - begun_s)
        up.send_signal(signal.SIGINT)
        up.communicate()
    return taken[0], taken[1]


def headless(folder: Path) -> tuple[dict[str, Any], float, float, int]:
    """The final object, wall seconds, CPU seconds of everything, most memory."""
    peak = 0
    before = os.times()
    begun_s = time.perf_counter()
    up = subprocess.Popen(  # noqa: S603  our own command
        command(folder / "headless", "--meters", str(METERS), "--headless", "--json", "--until", f"+{HOURS}h"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.5):
            peak = max(peak, resident_bytes(up.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = up.communicate()
    done.set()
    watcher.join()
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(out), time.perf_counter() - begun_s, cpu_s, peak


def main() -> None:
    """Measures and prints one table."""
    folder = Path(tempfile.mkdtemp(prefix="bptm-bench-"))
    try:
        rows: list[tuple[str, str, str]] = []
        fsync, copy = fsync_per_s(folder), copy_bytes_per_s()
        rows.append(("limit: durable 4 kB writes", f"{fsync:,.0f} /s", ""))
        rows.append(("limit: memory copy, one core", f"{copy / 1e9:.1f} GB/s", ""))
        kernel, home_bytes = kernel_home_s_per_cpu_s()
        rows.append(("kernel: homes x seconds", f"{kernel / 1e6:.1f} M /CPU s", f"{home_bytes} B of state a home"))
        first_s, second_s = start_s(folder, "start")
        rows.append((f"start to link, {METERS} meters", f"{first_s:.1f} s", f"again {second_s:.1f} s"))
        content, wall_s, cpu_s, peak = headless(folder)
        speed = content["simulated_hours"] * 3600 * content["meters"] / content["wall_s"]
        rows += [
            (
                f"headless, {METERS} meters, {HOURS} h",
                f"{content['wall_s']:.1f} s wall",
                f"{wall_s:.1f} s with start and stop, {cpu_s:.1f} s CPU of ours",
            ),
            ("  homes x seconds", f"{speed / 1e6:.2f} M /s", f"{speed / kernel:.1%} of the kernel alone"),
            (
                "  messages stored",
                f"{content['messages_stored'] / content['wall_s']:,.0f} /s",
                f"{content['messages_stored'] / content['wall_s'] / fsync:.1f} a durable write",
            ),
            ("  most memory, all processes", f"{peak / 1e6:,.0f} MB", f"{peak / METERS / 1e3:,.0f} kB a meter"),
            (
                "  lost, twice, unsafe s",
                f"{content['messages_lost']}, {content['messages_duplicated']}, {content['unsafe_seconds']}",
                f"reconciled: {content['reconciled']}",
            ),
        ]
        width = max(len(row[0]) for row in rows)
        for name, value, beside in rows:
            print(f"{name:<{width}}  {value:>18}  {beside}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
