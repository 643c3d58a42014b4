"""`bptm fleet --chaos` and `--system`: device-centuries, one life again, and the whole system in one thread."""

import math
import multiprocessing
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bptm.cli.asked import SEED_MAX, UsageError, check_range
from bptm.whole_file import write_whole

if TYPE_CHECKING:
    from rich.progress import Progress

_HOMES_MAX = 1_000_000
_SYSTEM_HOMES, _SYSTEM_HOMES_MAX = 60, 2000
_SYSTEM_HOURS_MAX = 240.0


def run_apart(
    *,
    chaos: bool,
    system: bool,
    homes: int | None,
    hours: float,
    seed: int,
    centuries: float,
    processes: int | None,
    json: bool,
    replay: str,
    html: Path | None,
    save: Path | None,
    controller: str,
) -> int:
    """What `bptm fleet` does with `--chaos`, `--replay` or `--system`."""
    if system and (chaos or replay):
        msg = "--system and --chaos are two runs: give one of them"
        raise UsageError(msg)
    if system:
        return run_system(homes=_SYSTEM_HOMES if homes is None else homes, hours=hours, seed=seed, json=json)
    return run_chaos(
        centuries=centuries,
        seed=seed,
        processes=processes,
        json=json,
        replay=replay or None,
        html=html,
        save=save,
        controller=controller,
    )


def refuse_of_chaos(*, html: Path | None, save: Path | None, controller: str) -> None:
    """Options that mean nothing where nothing is lived in chaos."""
    given = {"--html": html is not None, "--save": save is not None, "--controller": controller != "bptm"}
    for option, is_given in given.items():
        if is_given:
            msg = f"{option} goes with --chaos; the homes of an ordinary run have the shipped controller and no report"
            raise UsageError(msg)


def run_chaos(
    *,
    centuries: float,
    seed: int,
    processes: int | None = None,
    json: bool = False,
    replay: str | None = None,
    html: Path | None = None,
    save: Path | None = None,
    controller: str = "bptm",
) -> int:
    """Lives so many device-centuries, or one life again; 1 when a law was broken."""
    from bptm.twin.chaos import CENTURIES_MAX, live_all, lives_of

    _check_controller(controller)
    if replay is not None:
        return _replay(replay, controller, html=html, save=save, as_json=json)
    if html is not None or save is not None:
        msg = "--html and --save keep one life: give --replay SEED:HOME with them"
        raise UsageError(msg)
    check_range("--seed", seed, 0, SEED_MAX)
    if not (math.isfinite(centuries) and 0.0 < centuries <= CENTURIES_MAX):
        msg = f"--centuries is {centuries:g}, expected more than 0, at most {CENTURIES_MAX:g}"
        raise UsageError(msg)
    lives = lives_of(centuries)
    workers = processes or min(len(os.sched_getaffinity(0)), max(1, lives // (20 if controller == "bptm" else 1)))
    with _bar() as bar, _executor(workers) as executor:
        task = bar.add_task("living", total=lives)
        result = live_all(centuries, seed, executor, lambda done: bar.update(task, completed=done), controller)
    answer = result.as_json()
    if json:
        from json import dumps

        print(dumps(answer))
    else:
        _say(answer)
    return 1 if answer["law_violations"] else 0


def _check_controller(controller: str) -> None:
    from bptm.twin.bench.controllers import CONTROLLERS
    from bptm.twin.bench.faults import nearest

    if controller not in CONTROLLERS:
        msg = f"--controller {controller}: no such controller. {nearest(controller, CONTROLLERS)}"
        raise UsageError(msg)


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


def _executor(processes: int) -> "AbstractContextManager[Executor | None]":
    if processes == 1:
        return nullcontext(None)
    from bptm.twin.chaos import live_block

    # Compiled here first, so that the others find it in the cache.
    live_block(0, 0, 1)
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _say(answer: dict[str, Any]) -> None:
    print(
        f"{answer['device_centuries']:.4g} device-centuries, {answer['stress_centuries']:.4g} of them under stress; "
        f"{answer['lives']:,} lives of {answer['life_days']} days, seed {answer['seed']}"
    )
    print(
        f"  outages       {answer['outages']:,} ({answer['outages_per_device_day']:.1f} a device-day), transfers "
        f"{answer['transfers']:,}, starts of the meter {answer['resets']:,}"
    )
    for law, hours in answer["checked"].items():
        print(f"  {law:7} checked for {hours:,.0f} h")
    print(f"  causes        {len(answer['causes_reached'])} of a change of mode reached")
    print(
        f"  speed         {answer['device_centuries_per_cpu_h']:.1f} device-centuries a CPU hour, "
        f"{answer['stress_centuries_per_cpu_h']:.1f} of stress"
    )
    print(f"  laws          {answer['law_violations']} lives broke one")
    for one in answer["violations"][:20]:
        print(
            f"    {', '.join(one['laws'])} at {one['at_s']:.3f} s (tick {one['tick']}), home {one['home']}: "
            f"{one['seen']:g} where {one['wanted']:g} is allowed; {one['story']}, {one['hazard']}, {one['interlock']}"
        )
        for row in one["script"]:
            if row["at_s"] <= one["at_s"] and row["what"] != "load changes":
                print(f"        {row['at_s']:14.3f} s  {row['words']}")
        print(f"        {one['replay']}")


def _replay(asked: str, controller: str, *, html: Path | None, save: Path | None, as_json: bool) -> int:
    """One life again, to its first broken law or its end."""
    from datetime import UTC, datetime

    from bptm.twin.bench.report_parts import Provenance
    from bptm.twin.chaos import replay_command
    from bptm.twin.chaos_page import page
    from bptm.twin.chaos_replay import replay_life, save_life, timeline

    parts = asked.split(":")
    if len(parts) not in {2, 3} or not all(part.isdecimal() for part in parts):
        msg = f"--replay is {asked!r}, expected SEED:HOME or SEED:HOME:TICK, such as 1:42"
        raise UsageError(msg)
    seed, home = int(parts[0]), int(parts[1])
    check_range("--replay, its seed,", seed, 0, SEED_MAX)
    check_range("--replay, its home,", home, 0, _HOMES_MAX * 1000)
    story = replay_life(seed, home, int(parts[2]) if len(parts) > 2 else None, controller)  # noqa: PLR2004  a tick
    command = replay_command(seed, home, controller) + (f":{parts[2]}" if len(parts) > 2 else "")  # noqa: PLR2004
    made_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    drawn = page(story, Provenance(command=command, made_at=made_at)) if html is not None or save is not None else ""
    try:
        if html is not None:
            write_whole(html, drawn)
        if save is not None:
            save_life(story, drawn, save)
    except OSError as error:
        msg = f"{error.filename}: cannot be written ({error.strerror}); name a place of yours"
        raise UsageError(msg) from error
    if as_json:
        from json import dumps

        print(dumps(story.as_json()))
    else:
        print(timeline(story))
    return 1 if story.laws else 0


def run_system(*, homes: int, hours: float, seed: int, json: bool = False) -> int:
    """The whole system in one thread of virtual time; 1 when something does not hold."""
    from bptm.twin.system import run

    check_range("--homes", homes, 1, _SYSTEM_HOMES_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    if not (math.isfinite(hours) and 1.0 <= hours <= _SYSTEM_HOURS_MAX):
        msg = f"--hours is {hours:g}, expected 1 to {_SYSTEM_HOURS_MAX:g} with --system"
        raise UsageError(msg)
    with _bar() as bar:
        task = bar.add_task("event time, minutes", total=round(hours * 60))
        answer = run(homes=homes, hours=hours, seed=seed, tell=lambda minute: bar.update(task, completed=minute))
    if json:
        from json import dumps

        print(dumps(answer.as_json()))
    else:
        print(answer.as_text())
    return 1 if answer.faults else 0
