"""`python scripts/bench_fleet.py`: how fast the fleet is and what it takes, beside GridLAB-D and OCHRE in one run.

CPU time, one process; figures belong to the machine and the moment, ratios to a peer of the same run travel better.
The peers are found as in `compare_houses.py`; one that is missing is said and left out.
`--scale N` runs the scaling table up to N homes (a million takes minutes and writes nothing).
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from compare_houses import HOUSES, SHARED, head, random_model

from bptm.compiled.fleet import (
    DEVICE_DTYPE,
    HOME_DTYPE,
    INTERLOCK_DTYPE,
    INTERLOCK_INPUT_DTYPE,
    MEASURED_DTYPE,
    SETTINGS_DTYPE,
    SETUP_DTYPE,
)
from bptm.compiled.warm import compile_fleet
from bptm.twin.fleet_plan import FleetPlan
from bptm.twin.fleet_run import FleetResult, run_fleet
from bptm.twin.weather import load_weather

BEGIN = datetime(2001, 7, 17)  # noqa: DTZ001 - local standard time

GRIDLABD = """
import sys, time, gridlabd
g = gridlabd.DirectGridLabD() if hasattr(gridlabd, 'DirectGridLabD') else gridlabd.GridLabD()
g.set_working_directory(sys.argv[1])
g.load_glm('model.glm', quiet=True)
begun = time.process_time()
g.run()
print('CPU', time.process_time() - begun)
"""

OCHRE = """
import datetime as dt, os, time, ochre
from ochre import Dwelling
folder = os.path.join(os.path.dirname(ochre.__file__), 'defaults')
inputs = os.path.join(folder, 'Input Files')
home = Dwelling(name='bench', start_time=dt.datetime(2018, 7, 17), time_res=dt.timedelta(minutes=1),
                duration=dt.timedelta(days=1), verbosity=0, save_results=False,
                hpxml_file=os.path.join(inputs, 'bldg0112631-up00.xml'),
                hpxml_schedule_file=os.path.join(inputs, 'bldg0112631_schedule.csv'),
                weather_file=os.path.join(folder, 'Weather', 'USA_CO_Denver.Intl.AP.725650_TMY3.epw'))
begun = time.process_time()
home.simulate()
print('CPU', time.process_time() - begun)
"""


def plan_of(homes: int, hours: float) -> FleetPlan:
    """A usual run."""
    return FleetPlan(
        homes=homes,
        hours=hours,
        seed=1,
        start=BEGIN,
        interval_s=300,
        outages=None,
        each_home=False,
        weather=load_weather("california").of_run(BEGIN, round(hours * 3600)),
        stock="california",
    )


def fleet(homes: int, hours: float) -> FleetResult:
    """One run in this process."""
    return run_fleet(plan_of(homes, hours), None, 1, lambda _block: None, lambda _homes: None)


def peer(python: str, script: str, folder: Path) -> float | None:
    """CPU seconds that a peer says it took; `None` with its last words on standard error when it failed."""
    done = subprocess.run(  # noqa: S603 - the peer that the person named
        [python, "-W", "ignore", "-c", script, str(folder)],
        capture_output=True, text=True, check=False, timeout=1800, cwd=folder,
    )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith("CPU ")]
    if done.returncode or not told:
        print(f"{python}: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}", file=sys.stderr)
        return None
    return float(told[-1].split()[1])


def peers(folder: Path) -> list[tuple[str, str, float | None]]:
    """Name, what it ran, home-hours a CPU second."""
    found: list[tuple[str, str, float | None]] = []
    python = os.environ.get("BPTM_GRIDLABD_PYTHON", "")
    tmy2 = SHARED / "weather" / "CA-Sacramento.tmy2.gz"
    if python and tmy2.is_file():
        (folder / "weather.tmy2").write_bytes(gzip.decompress(tmy2.read_bytes()))
        (folder / "model.glm").write_text(head(BEGIN, "weather.tmy2") + random_model(7).glm, encoding="utf-8")
        cpu_s = peer(python, GRIDLABD, folder)
        # Its clock runs from the settling hours to an hour after the day: 33 h.
        speed = None if cpu_s is None else HOUSES * 33.0 / cpu_s
        found.append(("GridLAB-D", f"{HOUSES} houses x 33 h, steps of 60 s", speed))
    else:
        print("GridLAB-D left out: BPTM_GRIDLABD_PYTHON or the weather of BPTM_SHARED_DATA is missing", file=sys.stderr)
    python = os.environ.get("BPTM_OCHRE_PYTHON", "")
    if python:
        cpu_s = peer(python, OCHRE, folder)
        found.append(("OCHRE", "its example house x 24 h, steps of 60 s", None if cpu_s is None else 24.0 / cpu_s))
    else:
        print("OCHRE left out: BPTM_OCHRE_PYTHON is not set", file=sys.stderr)
    return found


def scaling(largest: int) -> None:
    """From a hundred homes to as many as asked; a million for a quarter of an hour."""
    print("| homes | hours | CPU s | home-hours a CPU s | wall s | peak memory, MB |")
    print("|---|---|---|---|---|---|")
    for homes, hours in ((100, 24.0), (1_000, 24.0), (10_000, 6.0), (100_000, 1.0), (1_000_000, 0.25)):
        if homes > largest:
            break
        begun_s = time.perf_counter()
        cpu_s = time.process_time()
        fleet(homes, hours)
        cpu_s = time.process_time() - cpu_s
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall_s = time.perf_counter() - begun_s
        print(
            f"| {homes:,} | {hours:g} | {cpu_s:.1f} | {homes * hours / cpu_s:,.0f} | {wall_s:.0f} | {peak:,.0f} |",
            flush=True,
        )


def main() -> None:
    """Prints the tables."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--scale", type=int, default=10_000, help="largest fleet of the scaling table")
    words.add_argument("--homes", type=int, default=1_000)
    words.add_argument("--hours", type=float, default=24.0)
    words.add_argument("--json", action="store_true", help="one JSON object instead, without the scaling table")
    asked = words.parse_args()
    compile_fleet()
    result = fleet(asked.homes, asked.hours)
    speed = asked.homes * asked.hours / result.cpu_s
    state = sum(
        dtype.itemsize
        for dtype in (HOME_DTYPE, SETUP_DTYPE, DEVICE_DTYPE, INTERLOCK_DTYPE, INTERLOCK_INPUT_DTYPE, MEASURED_DTYPE,
                      SETTINGS_DTYPE)
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as made:
        found = peers(Path(made))
    if asked.json:
        answer: dict[str, Any] = {
            "home_hours_per_cpu_s": round(speed),
            "home_seconds_per_cpu_s": round(speed * 3600),
            "state_bytes_per_home": state,
            "peers": {name: None if value is None else round(value, 1) for name, _what, value in found},
        }
        print(json.dumps(answer))
        return
    print("| engine | what | home-hours a CPU second | bptm is faster by |")
    print("|---|---|---|---|")
    what = f"{asked.homes:,} homes x {asked.hours:g} h with meter, ticks of 1/120 s, house by the minute"
    print(f"| bptm fleet | {what} | {speed:,.0f} | |")
    for name, what, value in found:
        print(f"| {name} | {what} | " + ("failed | |" if value is None else f"{value:,.0f} | {speed / value:,.0f} x |"))
    print(f"\nState of a home with its meter: {state:,} bytes; {asked.homes:,} homes, {asked.hours:g} h.\n")
    scaling(asked.scale)


if __name__ == "__main__":
    main()
