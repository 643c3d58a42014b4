"""Many scenarios at once, on every processor: each in a process, results as they come."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from bptm.twin.bench.controllers import CONTROLLERS
from bptm.twin.bench.faults import Fault, ScenarioError
from bptm.twin.bench.files import files_of
from bptm.twin.bench.outputs import Wanted, write_outputs
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.reading_expected import read_expected
from bptm.twin.bench.run import Result
from bptm.twin.bench.scenario import Expectation, Scenario


def play_folder(folder: Path, controller: str) -> Result:
    """Reads and plays one scenario.

    Raises:
        ScenarioError: It is not played.
    """
    scenario = read_scenario(folder)
    return play_read(scenario, read_expected(scenario), controller)


def play_read(scenario: Scenario, expectations: tuple[Expectation, ...], controller: str) -> Result:
    """Plays a scenario that was read with the controller of this name, and judges it."""
    # Physics and numba are imported by who plays, not by who only reads.
    from bptm.twin.bench.play import play  # noqa: PLC0415

    files = files_of(scenario)
    return replace(play(scenario, expectations, CONTROLLERS[controller]), files=files)


def _play_and_write(folder: Path, controller: str, wanted: Wanted | None) -> Result:
    """In a process of the pool: the traces stay there, and only the verdicts go back."""
    result = play_folder(folder, controller)
    if wanted is not None:
        write_outputs(result, wanted)
    runs = tuple(replace(run, rows=run.rows[:0], windows=()) for run in result.runs)
    return replace(result, runs=runs)


def play_all(
    folders: list[Path],
    controller: str,
    wanted_of: Callable[[Path], Wanted | None],
) -> Iterator[Result | ScenarioError]:
    """Plays every scenario, on as many processes as there are processors; results in the order in which they end.

    Args:
        folders: Of the scenarios.
        controller: Name of the controller.
        wanted_of: What is written of a scenario; None for nothing.

    Raises:
        WriteError: Something cannot be written.
    """
    # Each worker compiles nothing: the first to come writes the cache, and the parent has loaded none of it.
    processes = max(1, min(len(folders), len(os.sched_getaffinity(0))))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting = {pool.submit(_play_and_write, folder, controller, wanted_of(folder)): folder for folder in folders}
        for done in as_completed(waiting):
            error = done.exception()
            if isinstance(error, ScenarioError):
                yield error
            elif error is not None:
                raise error
            else:
                yield done.result()


def check_all(folders: list[Path]) -> None:
    """Reads every scenario before any is played.

    Raises:
        ScenarioError: Some cannot be played; it carries every fault of all of them.
    """
    faults: list[Fault] = []
    for folder in folders:
        try:
            read_expected(read_scenario(folder))
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults)
