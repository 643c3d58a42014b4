"""`bptm bench`: play a scenario on one meter at waveform rate, and report."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from bptm.cli.asked import UsageError
from bptm.cli.bench_link import Asked, link_of, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptm.twin.bench.faults import ScenarioError
    from bptm.twin.bench.outputs import Wanted
    from bptm.twin.bench.run import Result

_Flag = Parameter(negative="")


def bench(
    scenario: str | None = None,
    /,
    *,
    all: Annotated[bool, _Flag] = False,  # noqa: A002  the option's name
    list: Annotated[bool, _Flag] = False,  # noqa: A002
    controllers: Annotated[bool, _Flag] = False,
    controller: str = "bptm",
    json: Annotated[bool, _Flag] = False,
    html: Path | None = None,
    comtrade: Path | None = None,
    comtrade_format: Literal["ascii", "binary", "cff"] | None = None,
    listen: str | None = None,
    connect: str | None = None,
    arrive_s: float = 60.0,
    answer_s: float = 10.0,
    run_s: float = 3600.0,
    open_to_network: Annotated[bool, _Flag] = False,
) -> int:
    """Play a scenario on one meter at waveform rate, and report; status 1 when one fails.

    Args:
        scenario: Name of a scenario that comes with bptm, or a folder with scenario.toml and expected.toml.
        all: Play every scenario that comes with bptm, or every one in the folder named.
        list: List the scenarios, and play none.
        controllers: List the controllers that can sit on the bench: the shipped one and the broken ones.
        controller: Which of them plays.
        json: Print the result as one JSON object, alone on standard output.
        html: Write the report to this file; with --all, reports and an index into this directory.
        comtrade: Write the waveforms around what happened into this directory, as COMTRADE records; of a sweep those
            of every run, with --all those of every scenario.
        comtrade_format: How: binary unless said otherwise, ascii, or cff, which is one file instead of two.
        listen: HOST:PORT where a controller of yours connects, to sit on the bench in the place of ours.
        connect: HOST:PORT where it listens.
        arrive_s: How long to wait for it to connect.
        answer_s: How long to wait for each of its answers, from the samples to the last byte.
        run_s: How long all its answers together may take.
        open_to_network: Allow --listen on an address that other machines reach.
    """
    from bptm.twin.bench.comtrade_adapter import RecordError
    from bptm.twin.bench.comtrade_writer import WaveFormat
    from bptm.twin.bench.faults import ScenarioError
    from bptm.twin.bench.outputs import Wanted, WriteError

    if list or controllers:
        return _list(controllers=controllers, json=json)
    _check(scenario, all, controller, listen, connect)
    if comtrade_format is not None and comtrade is None:
        msg = "--comtrade-format says how --comtrade writes; add --comtrade DIRECTORY"
        raise UsageError(msg)
    asked = Asked(
        listen=listen,
        connect=connect,
        arrive_s=arrive_s,
        answer_s=answer_s,
        run_s=run_s,
        open_to_network=open_to_network,
    )
    own = [] if controller == "bptm" else ["--controller", controller]
    wanted = Wanted(
        command=_command([*(["--all"] if all else []), *([scenario] if scenario else []), *own, *asked.words()]),
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        html=html,
        waves=comtrade,
        wave_format=WaveFormat(comtrade_format or "binary"),
    )
    try:
        if all:
            return _all(scenario, controller, json, wanted)
        assert scenario is not None
        return _one(scenario, controller, json, wanted, asked)
    except ScenarioError as error:
        return _refuse_scenario(error, json=json)
    except (RecordError, WriteError) as error:
        raise UsageError(str(error)) from error


def _check(scenario: str | None, every: bool, controller: str, listen: str | None, connect: str | None) -> None:
    from bptm.twin.bench.controllers import CONTROLLERS
    from bptm.twin.bench.faults import nearest

    if scenario is None and not every:
        msg = "bptm bench needs a scenario, or --all; bptm bench --list names them"
        raise UsageError(msg)
    if controller not in CONTROLLERS:
        msg = f"--controller {controller}: no such controller. {nearest(controller, CONTROLLERS)}"
        raise UsageError(msg)
    if listen is not None and connect is not None:
        msg = "--listen and --connect cannot both be asked for"
        raise UsageError(msg)
    if every and (listen is not None or connect is not None):
        msg = "--all cannot be asked for with --listen or --connect; name one scenario"
        raise UsageError(msg)
    if controller != "bptm" and (listen is not None or connect is not None):
        msg = "--controller cannot be asked for with --listen or --connect: yours is the controller"
        raise UsageError(msg)


def _list(*, controllers: bool, json: bool) -> int:
    from json import dumps

    from bptm.twin.bench.controllers import CONTROLLERS
    from bptm.twin.bench.reading import SCENARIOS, read_scenario, scenario_names

    if controllers:
        rows = [{"name": c.name, "words": c.words, "breaks": c.breaks or None} for c in CONTROLLERS.values()]
        if json:
            print(dumps({"controllers": rows}))
            return 0
        for row in rows:
            print(f"{row['name']:<24} {row['breaks'] or '':<8} {row['words']}")
        return 0
    found = [read_scenario(SCENARIOS / name) for name in scenario_names()]
    if json:
        listed = [
            {"scenario": each.name, "title": each.title, "shows": [*each.shows], "seconds": each.duration_s}
            for each in found
        ]
        print(dumps({"scenarios": listed}))
        return 0
    for each in found:
        print(f"{each.name:<28} {', '.join(each.shows):<36} {each.title}")
    return 0


def _command(words: "list[str]") -> str:
    from shlex import join

    return join(["bptm", "bench", *words])


def _one(name: str, controller: str, json: bool, wanted: "Wanted", asked: Asked) -> int:
    from json import dumps

    from bptm.twin.bench.batch import play_read
    from bptm.twin.bench.outputs import check_places, write_outputs
    from bptm.twin.bench.reading import folder_of, read_scenario
    from bptm.twin.bench.reading_expected import read_expected

    # What is wrong with the scenario or the places to write to is said before a controller is waited for.
    scenario = read_scenario(folder_of(name))
    expectations = read_expected(scenario)
    check_places(wanted)
    link = link_of(asked)
    if link is None:
        result = play_read(scenario, expectations, controller)
    else:
        from bptm.twin.bench.external import result_of

        with watched() as watch:
            result = result_of(scenario, expectations, link, watch=watch)
    print(dumps(result.as_json()) if json else _text(result), flush=True)
    write_outputs(result, wanted)
    return 0 if result.passed else 1


def _all(name: str | None, controller: str, json: bool, wanted: "Wanted") -> int:
    from json import dumps

    from bptm.twin.bench.batch import check_all, play_all
    from bptm.twin.bench.outputs import make, write_index
    from bptm.twin.bench.reading import SCENARIOS

    home = SCENARIOS if name is None else Path(name)
    folders = sorted(file.parent for file in home.glob("*/scenario.toml"))
    if not folders:
        msg = f"{home}: no scenario in it; bptm bench --list names those that come with bptm"
        raise UsageError(msg)
    check_all(folders)
    for option, place in (("--html", wanted.html), ("--comtrade", wanted.waves)):
        if place is not None:
            make(option, place)

    def wanted_of(folder: Path) -> "Wanted":
        own = [folder.name if name is None else str(folder)]
        own += [] if controller == "bptm" else ["--controller", controller]
        page = None if wanted.html is None else wanted.html / f"{folder.name}.html"
        return replace(wanted, command=_command(own), html=page)

    results: dict[str, Result] = {}
    for result in _with_progress(play_all(folders, controller, wanted_of), len(folders)):
        if isinstance(result, Exception):
            raise result
        results[result.scenario.name] = result
    found = [results[name] for name in sorted(results)]
    if wanted.html is not None:
        write_index(found, wanted.html, wanted)
    failed = [result for result in found if not result.passed]
    if json:
        told = {
            "total": len(found),
            "passed": len(found) - len(failed),
            "failed": len(failed),
            "controller": controller,
            "scenarios": [result.as_json() for result in found],
        }
        print(dumps(told))
    else:
        for result in failed:
            print(_text(result))
        print(f"{len(found) - len(failed)} of {len(found)} scenarios passed")
    return 1 if failed else 0


def _with_progress(results: "Iterator[Result | ScenarioError]", total: int) -> "Iterator[Result | ScenarioError]":
    from rich.console import Console
    from rich.progress import track

    yield from track(results, "Playing", total=total, console=Console(stderr=True), transient=True)


def _text(result: "Result") -> str:
    """A result for a terminal."""
    head = f"{'passed' if result.passed else 'FAILED'}  {result.scenario.name}: {result.scenario.title}"
    lines = [head]
    if result.ended:
        lines.append(f"    ended early: {result.ended}")
    for verdict in result.verdicts:
        mark = verdict.mark if verdict.passed else verdict.mark.upper()
        words = f"{verdict.name}: expected {verdict.expected}; measured {verdict.measured}"
        lines += [f"    {mark:<10} {words}"]
    for breach in result.broken.values():
        lines += [f"    {'BROKEN':<10} {breach.law} at {breach.at_s:.3f} s: {breach.words}"]
    if result.answers is not None:
        lines.append(f"    answers of {result.controller}: {result.answers}")
    return "\n".join(lines)


def _refuse_scenario(error: "Exception", *, json: bool) -> int:
    from json import dumps

    from bptm.twin.bench.faults import ScenarioError

    assert isinstance(error, ScenarioError)
    if json:
        print(dumps({"played": False, "faults": [fault.as_json() for fault in error.faults]}))
    for fault in error.faults:
        print(f"bptm: {fault.sentence()}", file=sys.stderr)
    return 2
