"""`python scripts/bench_fleet.py`: how fast the fleet is and what it takes, beside GridLAB-D and OCHRE in one run.

CPU time, one process; figures belong to the machine and the moment, ratios to a peer of the same run travel better.
The peers are found as in `compare_houses.py` and `compare_ochre.py`; one that is missing is said, with how to install
it, and left out. `--scale N` is the largest fleet of the scaling table; `--quick` is the short form of `make bench`.
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

import numpy as np
from compare_houses import HOUSES, head, random_model
from houses_beside import SHARED

from bptm.compiled.fleet import (
    DEVICE_DTYPE,
    HOME_DTYPE,
    HOUR_TICKS,
    INTERLOCK_DTYPE,
    INTERLOCK_INPUT_DTYPE,
    MEASURED_DTYPE,
    SETTINGS_DTYPE,
    SETUP_DTYPE,
    Fleet,
    HourlyWeather,
)
from bptm.compiled.warm import compile_fleet
from bptm.twin.fleet_houses import furnish_houses, stock_named
from bptm.twin.fleet_plan import SETTLE_H, FleetPlan
from bptm.twin.fleet_run import FleetResult, run_fleet
from bptm.twin.homes import Draws, furnish
from bptm.twin.weather import load_weather

REPEATS = 5
BEGIN = datetime(2001, 7, 17)  # noqa: DTZ001 - local standard time

GRIDLABD = """
import os, sys, time, gridlabd
os.chdir(sys.argv[1])
grid = gridlabd.DirectGridLabD()
grid.load_glm(['model.glm'])
begun = time.process_time()
grid.run()
print()
print('CPU', time.process_time() - begun)
"""

OCHRE = """
import datetime as dt, os, sys, time, ochre
hours = float(sys.argv[2])
folder = os.path.join(os.path.dirname(ochre.__file__), 'defaults')
inputs = os.path.join(folder, 'Input Files')
home = ochre.Dwelling(name='bench', start_time=dt.datetime(2018, 7, 17), time_res=dt.timedelta(minutes=1),
                      duration=dt.timedelta(hours=hours), verbosity=0, save_results=False, output_path=sys.argv[1],
                      hpxml_file=os.path.join(inputs, 'BEopt_example.xml'),
                      hpxml_schedule_file=os.path.join(inputs, 'BEopt_example_schedule.csv'),
                      weather_file=os.path.join(folder, 'Weather', 'USA_CO_Denver.Intl.AP.725650_TMY3.epw'))
begun = time.process_time()
for _ in range(int(60 * hours)):
    home.update()
print()
print('CPU', time.process_time() - begun)
"""
GRIDLABD_H = 33.0
"""Its clock runs from the settling hours to an hour after the day."""
INSTALL = {
    "GridLAB-D": "pip install gridlabd in an environment of its own; BPTM_GRIDLABD_PYTHON names its Python",
    "OCHRE": 'pip install ochre-nrel "pyarrow<20" in an environment of its own; BPTM_OCHRE_PYTHON names its Python',
}


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


def peer(python: str, script: str, words: tuple[str, ...]) -> float | None:
    """CPU seconds that a peer says it took; `None` with its last words on standard error when it failed."""
    done = subprocess.run(  # noqa: S603 - the peer that the person named
        [python, "-W", "ignore", "-c", script, *words], capture_output=True, text=True, check=False, timeout=1800
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("CPU ")]
    if done.returncode or not told:
        print(f"{python}: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}", file=sys.stderr)
        return None
    return float(told[-1].split()[1])


def peers(folder: Path, ochre_h: float) -> list[tuple[str, str, float | None]]:
    """Name, what it ran, home-hours a CPU second."""
    found: list[tuple[str, str, float | None]] = []
    python = os.environ.get("BPTM_GRIDLABD_PYTHON", "")
    tmy2 = SHARED / "weather" / "CA-Sacramento.tmy2.gz"
    if not Path(python or "none").is_file():
        print(f"GridLAB-D left out: {INSTALL['GridLAB-D']}", file=sys.stderr)
    elif not tmy2.is_file():
        print(f"GridLAB-D left out: no weather at {tmy2}; BPTM_SHARED_DATA names its folder", file=sys.stderr)
    else:
        (folder / "weather.tmy2").write_bytes(gzip.decompress(tmy2.read_bytes()))
        (folder / "model.glm").write_text(head(BEGIN, "weather.tmy2") + random_model(7).glm, encoding="utf-8")
        cpu_s = peer(python, GRIDLABD, (str(folder),))
        speed = None if cpu_s is None else HOUSES * GRIDLABD_H / cpu_s
        found.append(("GridLAB-D", f"{HOUSES} houses x {GRIDLABD_H:g} h, house alone, by events of 60 s", speed))
    python = os.environ.get("BPTM_OCHRE_PYTHON", "")
    if not Path(python or "none").is_file():
        print(f"OCHRE left out: {INSTALL['OCHRE']}", file=sys.stderr)
    else:
        cpu_s = peer(python, OCHRE, (str(folder), str(ochre_h)))
        what = f"its example house x {ochre_h:g} h, house alone, steps of 60 s"
        found.append(("OCHRE", what, None if cpu_s is None else ochre_h / cpu_s))
    return found


def same_houses() -> float:
    """Home-hours of a day by CPU seconds, settling among them: houses with the peers' appliances, a meter each."""
    setups = np.zeros(HOUSES, SETUP_DTYPE)
    furnish(setups, Draws(7, HOUSES), np.full(HOUSES, 12.0))
    furnish_houses(setups, Draws(8, HOUSES), stock_named("north-carolina"))
    setups["element_w"] = 4500.0
    run = load_weather("california").of_run(BEGIN, 86_400)
    weather = HourlyWeather(first_tick=-SETTLE_H * HOUR_TICKS, outdoor_c=run.outdoor_c, sun=run.sun)
    begun_s = time.process_time()
    for _ in range(REPEATS):
        homes = Fleet.build(setups, 0, weather)
        for hour in range(24):
            homes.advance((hour + 1) * HOUR_TICKS)
    return REPEATS * HOUSES * 24.0 / (time.process_time() - begun_s)


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
    words.add_argument("--quick", action="store_true", help="500 homes x 6 h, the scaling table to 1,000 homes")
    words.add_argument("--json", action="store_true", help="one JSON object instead, without the scaling table")
    asked = words.parse_args()
    if asked.quick:
        asked.homes, asked.hours, asked.scale = 500, 6.0, 1_000
    compile_fleet()
    result = fleet(asked.homes, asked.hours)
    speed = asked.homes * asked.hours / result.cpu_s
    same = same_houses()
    state = sum(
        dtype.itemsize
        for dtype in (HOME_DTYPE, SETUP_DTYPE, DEVICE_DTYPE, INTERLOCK_DTYPE, INTERLOCK_INPUT_DTYPE, MEASURED_DTYPE,
                      SETTINGS_DTYPE)
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as made:
        found = peers(Path(made), 2.0 if asked.quick else 24.0)
    if asked.json:
        answer: dict[str, Any] = {
            "home_hours_per_cpu_s": round(speed),
            "home_hours_per_cpu_s_like_the_peers": round(same),
            "home_seconds_per_cpu_s": round(speed * 3600),
            "state_bytes_per_home": state,
            "peers": {name: None if value is None else round(value, 1) for name, _what, value in found},
        }
        print(json.dumps(answer))
        return
    print("| engine | what | home-hours a CPU second | bptm is faster by |")
    print("|---|---|---|---|")
    what = f"{asked.homes:,} homes x {asked.hours:g} h with meters and outages, ticks of 1/120 s, house by the minute"
    print(f"| bptm fleet | {what} | {speed:,.0f} | |")
    what = f"{HOUSES} homes x 24 h, all with an electric water heater, no outage, a meter each; settling not counted"
    print(f"| bptm | {what} | {same:,.0f} | |")
    for name, what, value in found:
        print(f"| {name} | {what} | " + ("failed | |" if value is None else f"{value:,.0f} | {same / value:,.0f} x |"))
    print(f"\nState of a home with its meter: {state:,} bytes; {asked.homes:,} homes, {asked.hours:g} h.\n")
    scaling(asked.scale)


if __name__ == "__main__":
    main()
