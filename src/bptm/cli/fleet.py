"""`bptm fleet`: simulate many homes, or device-centuries with faults."""

import math
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from bptm.cli.asked import SEED_MAX, UsageError, check_range
from bptm.cli.fleet_chaos import refuse_of_chaos, run_apart

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from bptm.twin.fleet_plan import FleetPlan
    from bptm.twin.fleet_run import FleetResult
    from bptm.twin.weather import Weather

_WARMER_MAX_C = 30.0
_PROCESSES_MAX = 1024
_INTERVAL_S = (10, 3600)


def fleet(
    *,
    homes: int | None = None,
    hours: float = 24.0,
    seed: int = 1,
    start: str = "2025-07-15",
    weather: str = "california",
    warmer: float = 0.0,
    stock: str = "",
    outage: Annotated[tuple[str, ...], Parameter(consume_multiple=False, negative="")] = (),
    interval: int = 300,
    each_home: Annotated[bool, Parameter(negative="")] = False,
    out: Path | None = None,
    processes: int | None = None,
    cluster: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
    chaos: Annotated[bool, Parameter(negative="")] = False,
    centuries: float = 1.0,
    replay: str = "",
    html: Path | None = None,
    save: Path | None = None,
    controller: str = "bptm",
    system: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Simulate many homes with their meters, or device-centuries with faults.

    Args:
        homes: How many homes, 1 to 10000000; 1000 without it, 60 with --system.
        hours: Simulated hours, more than 0, at most 8784.
        seed: Same seed, same homes, same outages, same answer but for times, on any number of processes.
        start: Local standard time of the start, ISO date or date and time.
        weather: california or north-carolina (monthly normals), or a TMY2, TMY3 or CSV file, also gzipped.
        warmer: Kelvin to add to every hour of it, -30 to 30.
        stock: Homes like those of california or north-carolina; without it those of the weather, else california.
        outage: BEGIN,LENGTH in hours of an outage of all homes at once, again for more; none for none. Without it one
            seeded outage per home and simulated day.
        interval: Seconds of one row of the results, 10 to 3600.
        each_home: Also write one row per home and interval.
        out: Folder of the results; without it $XDG_DATA_HOME/bptm-fleet or ~/.local/share/bptm-fleet.
        processes: On this machine; without it one a core.
        cluster: Address of a dask scheduler to work on instead, tcp://host:port.
        json: Print the answer as one JSON object, alone on standard output.
        chaos: Live device-centuries with seeded faults instead, and assert the laws; status 1 when one is broken.
        centuries: With --chaos, how many.
        replay: SEED:HOME or SEED:HOME:TICK, one life of chaos again, told step by step.
        html: With --replay, a bench report of it.
        save: With --replay, a folder of it to hand on; bptm bench FOLDER plays it at waveform rate.
        controller: With --chaos, one that bptm bench --controllers lists; the broken ones run as plain Python.
        system: Run meters, network, reducers and store in one thread instead; status 1 when something does not hold.
    """
    if chaos or replay or system:
        return run_apart(chaos=chaos, system=system, homes=homes, hours=hours, seed=seed, centuries=centuries,
                         json=json, processes=processes, replay=replay, html=html, save=save,
                         controller=controller)  # fmt: skip
    refuse_of_chaos(html=html, save=save, controller=controller)
    from bptm.supervisor.data_dir import beside_data
    from bptm.twin.fleet_plan import FleetError

    cores = len(os.sched_getaffinity(0))
    _check_workers(processes, cluster)
    folder = out.expanduser().absolute() if out is not None else beside_data("fleet", dict(os.environ))
    try:
        plan = _plan(
            1000 if homes is None else homes,
            hours,
            seed,
            start,
            outage,
            interval,
            _weather(weather, warmer),
            stock,
            each_home=each_home,
        )
        result = _run(plan, folder, processes or min(cores, plan.blocks), cluster)
    except FleetError as error:
        raise UsageError(str(error)) from error
    answer = result.as_json() | {"out": str(folder)}
    _say(answer, as_json=json)
    return 1 if answer["law_violations"] else 0


def _check_workers(processes: int | None, cluster: str) -> None:
    if processes is not None:
        check_range("--processes", processes, 1, _PROCESSES_MAX)
    if processes is not None and cluster:
        msg = "--processes is for this machine and --cluster for another place: give one of them"
        raise UsageError(msg)


def _plan(  # noqa: PLR0917 - one argument an option
    homes: int,
    hours: float,
    seed: int,
    start: str,
    outage: tuple[str, ...],
    interval_s: int,
    weather: "Weather",
    stock: str,
    *,
    each_home: bool,
) -> "FleetPlan":
    """The plan that was asked for, checked."""
    from bptm.twin.fleet_plan import HOMES_MAX, HOURS_MAX, FleetPlan, parse_outages

    check_range("--homes", homes, 1, HOMES_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    check_range("--interval", interval_s, *_INTERVAL_S)
    if not (math.isfinite(hours) and 1.0 / 60.0 <= hours <= HOURS_MAX):
        msg = f"--hours is {hours:g}, expected a minute (0.0167) to {HOURS_MAX:g}"
        raise UsageError(msg)
    try:
        begins = datetime.fromisoformat(start)
    except ValueError:
        msg = f"--start is {start!r}, expected an ISO date such as 2025-07-15 or 2025-07-15T16:00"
        raise UsageError(msg) from None
    if begins.tzinfo is not None:
        msg = f"--start is {start!r}: leave the zone out, it is local standard time of the homes"
        raise UsageError(msg)
    return FleetPlan(
        homes=homes,
        hours=hours,
        seed=seed,
        start=begins,
        interval_s=interval_s,
        outages=parse_outages(outage, round(hours * 3600)),
        each_home=each_home,
        weather=weather.of_run(begins, round(hours * 3600)),
        stock=_stock(stock, weather.name),
    )


def _weather(name: str, warmer_c: float) -> "Weather":
    """The weather that was asked for."""
    from bptm.twin.weather import load_weather

    if not -_WARMER_MAX_C <= warmer_c <= _WARMER_MAX_C:
        msg = f"--warmer is {warmer_c:g}, expected {-_WARMER_MAX_C:g} to {_WARMER_MAX_C:g}"
        raise UsageError(msg)
    return load_weather(name).warmer(warmer_c)


def _stock(named: str, weather: str) -> str:
    """The stock of homes that was asked for, or that goes with the weather."""
    from bptm.twin.house_stock import STOCKS

    known = [stock.name for stock in STOCKS]
    if named and named not in known:
        msg = f"--stock is {named!r}, expected {' or '.join(known)}"
        raise UsageError(msg)
    return named or (weather if weather in known else known[0])


def _run(plan: "FleetPlan", folder: Path, processes: int, cluster: str) -> "FleetResult":
    """Carries the plan out, with a bar on standard error, and keeps what it leaves."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bptm.twin.fleet_run import run_fleet
    from bptm.twin.fleet_tables import FleetFolder

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("homes"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with FleetFolder(folder) as kept, _workers(processes, cluster) as (executor, workers), bar:
        task = bar.add_task("simulating", total=plan.homes)
        result = run_fleet(plan, executor, workers, kept.keep_block, lambda homes: bar.update(task, completed=homes))
        kept.keep(result)
    return result


def _workers(processes: int, cluster: str) -> "AbstractContextManager[tuple[Executor | None, int]]":
    """Where the work is done, and how many can work there at once."""
    from bptm.twin.fleet_workers import cluster_workers, local_workers

    if cluster:
        return cluster_workers(cluster)
    if processes == 1:
        return nullcontext((None, 1))
    return local_workers(processes)


def _say(answer: dict[str, Any], *, as_json: bool) -> None:
    """Prints the answer."""
    from json import dumps

    if as_json:
        print(dumps(answer))
        return
    print(f"{answer['homes']:,} homes x {answer['hours']:g} h, seed {answer['seed']}, from {answer['start']}")
    print(f"  load          mean {answer['mean_kw']:,.1f} kW, peak {answer['peak_kw']:,.1f} kW at {answer['peak_at']}")
    print(
        f"  outages       {answer['outages']:,}; dark {answer['dark_hours']:,.1f} h, "
        f"on backup {answer['backup_hours']:,.1f} h"
    )
    print(f"  transfers     {answer['transfers']:,}")
    print(f"  laws          {answer['law_violations']} homes broke one {answer['violated'] or ''}".rstrip())
    print(f"  device time   {answer['device_centuries']:.4g} centuries")
    print(
        f"  speed         {answer['home_seconds_per_cpu_s']:,} home-seconds a CPU second ({answer['cpu_s']:.1f} s CPU)"
    )
    print(f"  written to    {answer['out']}")
