"""`bptm bench`: play a scenario on one meter at waveform rate, and report."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.asked import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptm.twin.bench.external import Link
    from bptm.twin.bench.faults import ScenarioError
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
    listen: str | None = None,
    connect: str | None = None,
    arrive_s: float = 60.0,
    answer_s: float = 10.0,
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
        comtrade: Write the waveforms around what happened into this directory, as COMTRADE records.
        listen: HOST:PORT where a controller of yours connects, to sit on the bench in the place of ours.
        connect: HOST:PORT where it listens.
        arrive_s: How long to wait for it to connect.
        answer_s: How long to wait for each of its answers.
        open_to_network: Allow --listen on an address that other machines reach.
    """
    from bptm.twin.bench.comtrade_adapter import RecordError
    from bptm.twin.bench.faults import ScenarioError

    if list or controllers:
        return _list(controllers=controllers, json=json)
    _check(scenario, all, controller, listen, connect)
    try:
        if all:
            return _all(scenario, controller, json, html)
        assert scenario is not None
        link = _link(listen, connect, arrive_s, answer_s, open_to_network)
        return _one(scenario, controller, json, html, comtrade, link)
    except ScenarioError as error:
        return _refuse_scenario(error, json=json)
    except RecordError as error:
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


def _link(
    listen: str | None, connect: str | None, arrive_s: float, answer_s: float, open_to_network: bool
) -> "Link | None":
    if listen is None and connect is None:
        return None
    from bptm.twin.bench.external import ControllerGoneError, Limits, address_of, is_loopback
    from bptm.twin.bench.external import connect as connect_to
    from bptm.twin.bench.external import listen as listen_at

    for option, value in (("--arrive-s", arrive_s), ("--answer-s", answer_s)):
        if not 0.01 <= value <= 86_400:  # noqa: PLR2004  a day
            msg = f"{option} is {value:g}, expected 0.01 to 86400"
            raise UsageError(msg)
    option = "--listen" if listen is not None else "--connect"
    address = address_of(listen or connect or "")
    if isinstance(address, str):
        msg = f"{option} {address}"
        raise UsageError(msg)
    if listen is not None and not is_loopback(address[0]) and not open_to_network:
        msg = f"--listen {listen}: other machines reach that address; add --open-to-network if that is meant"
        raise UsageError(msg)
    limits = Limits(arrive_s=arrive_s, answer_s=answer_s)
    try:
        if listen is not None:
            return listen_at(*address, limits, lambda line: print(line, file=sys.stderr, flush=True))
        return connect_to(*address, limits)
    except ControllerGoneError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        msg = f"{option} {listen or connect}: {error.strerror or error}"
        raise UsageError(msg) from error


def _command(words: "list[str]") -> str:
    from shlex import join

    return join(["bptm", "bench", *words])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _one(  # noqa: PLR0917
    name: str, controller: str, json: bool, html: Path | None, comtrade: Path | None, link: "Link | None"
) -> int:
    from json import dumps

    from bptm.twin.bench.batch import play_folder
    from bptm.twin.bench.reading import folder_of
    from bptm.twin.bench.report import Provenance, report_page

    folder = folder_of(name)
    if link is None:
        result = play_folder(folder, controller)
    else:
        from bptm.twin.bench.external import result_of

        result = result_of(folder, link)
    if html is not None:
        words = [name] if controller == "bptm" else [name, "--controller", controller]
        _write(html, report_page(result, Provenance(command=_command(words), made_at=_now())))
    if comtrade is not None:
        _write_waves(result, comtrade)
    print(dumps(result.as_json()) if json else _text(result))
    return 0 if result.passed else 1


def _all(name: str | None, controller: str, json: bool, html: Path | None) -> int:
    from json import dumps

    from bptm.twin.bench.batch import check_all, play_all
    from bptm.twin.bench.reading import SCENARIOS
    from bptm.twin.bench.report import Provenance, index_page

    home = SCENARIOS if name is None else Path(name)
    folders = sorted(file.parent for file in home.glob("*/scenario.toml"))
    if not folders:
        msg = f"{home}: no scenario in it; bptm bench --list names those that come with bptm"
        raise UsageError(msg)
    check_all(folders)
    words = ["--all"] if controller == "bptm" else ["--all", "--controller", controller]
    made_at = _now()
    if html is not None:
        _make(html)

    def report_of(folder: Path) -> tuple[Path, str, str] | None:
        if html is None:
            return None
        own = [folder.name] if controller == "bptm" else [folder.name, "--controller", controller]
        return html / f"{folder.name}.html", _command(own), made_at

    results: dict[str, Result] = {}
    for result in _with_progress(play_all(folders, controller, report_of), len(folders)):
        if isinstance(result, Exception):
            raise result
        results[result.scenario.name] = result
    found = [results[name] for name in sorted(results)]
    if html is not None:
        pages = [(result, f"{result.scenario.name}.html") for result in found]
        _write(html / "index.html", index_page(pages, Provenance(command=_command(words), made_at=made_at)))
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
        mark = "met    " if verdict.passed else "NOT MET"
        words = f"{verdict.name}: expected {verdict.expected}; measured {verdict.measured}"
        lines += [f"    {mark} {words}"]
    for breach in result.broken.values():
        lines += [f"    BROKEN  {breach.law} at {breach.at_s:.3f} s: {breach.words}"]
    return "\n".join(lines)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"--html {directory}: cannot be written ({error.strerror}); name a directory of yours"
        raise UsageError(msg) from error


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        msg = f"--html {file}: cannot be written ({error.strerror}); name a file of yours"
        raise UsageError(msg) from error


def _write_waves(result: "Result", directory: Path) -> None:
    from bptm.twin.bench.records import write_comtrade

    try:
        directory.mkdir(parents=True, exist_ok=True)
        for index, window in enumerate(result.runs[0].windows):
            name = f"{result.scenario.name}-{index + 1:02d}.cfg"
            write_comtrade(directory / name, window, result.scenario.name, binary=True)
    except OSError as error:
        msg = f"--comtrade {directory}: cannot be written ({error.strerror}); name a directory of yours"
        raise UsageError(msg) from error


def _refuse_scenario(error: "Exception", *, json: bool) -> int:
    from json import dumps

    from bptm.twin.bench.faults import ScenarioError

    assert isinstance(error, ScenarioError)
    if json:
        print(dumps({"played": False, "faults": [fault.as_json() for fault in error.faults]}))
    for fault in error.faults:
        print(f"bptm: {fault.sentence()}", file=sys.stderr)
    return 2
