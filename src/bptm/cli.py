"""The command `bptm`: reads what a person asked for, checks it, hands it to a host. It decides nothing.

Exit status: 0 done or stopped when asked; 1 gave up while running; 2 could not start, or asked for what is not there.
Nothing is imported at the top that a mere `--help` does not need.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, CycloptsError, Group, Parameter

import bptm

if TYPE_CHECKING:
    from bptm.supervisor.screen import Screen
    from bptm.supervisor.settings import EventSettings, UpSettings
    from bptm.twin.event import OutageEvent

_SEED_MAX = 2**31 - 1
_PORT_MAX = 65_535
_SPEED_MAX = 1e9

app = App(
    name="bptm", help="Backup power transfer meters: a fleet of them, and a real outage.", version=bptm.__version__
)
_headend = App(name="headend", help="The running fleet service.")
app.command(_headend)
_firmware = App(name="firmware", help="The controller as C and MicroPython, and the same trace in every runtime.")
app.command(_firmware)
_unfinished = Group("Not built yet", sort_key=9)


class _UsageError(Exception):
    """What was asked for cannot be; the text is one sentence."""


@app.command
def up(
    *,
    meters: int = 1000,
    seed: int = 1,
    event: str = "",
    from_: Annotated[str, Parameter(name="--from")] = "",
    until: str = "",
    speed: float | None = None,
    port: int = 8080,
    data: Path | None = None,
    fresh: Annotated[bool, Parameter(negative="")] = False,
    headless: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    script: Path | None = None,
    database_url: Annotated[str, Parameter(env_var="BPTM_DATABASE_URL")] = "",
    nats_url: Annotated[str, Parameter(env_var="BPTM_NATS_URL")] = "",
    mqtt_url: Annotated[str, Parameter(env_var="BPTM_MQTT_URL")] = "",
) -> int:
    """Replay a real outage on a simulated fleet, and show it in a browser.

    Args:
        meters: How many meters, 1 to 11000.
        seed: Same seed, event and script: same results.
        event: A shipped event's name, or the path of a raw change log (.csv, .csv.gz).
        from_: Start there instead, an ISO time (UTC).
        until: End there instead: an ISO time, or a time after the start such as +60h.
        speed: Event seconds a second, above 0; without it a page takes ten minutes, and headless is as fast as it can.
        port: Of the page, on this machine only.
        data: Directory for everything kept; without it $XDG_DATA_HOME/bptm or ~/.local/share/bptm.
        fresh: Delete what the data directory holds and start over.
        headless: No page to watch: run to the end, then report.
        json: With --headless: print the report as one JSON object, alone on standard output.
        script: Commands to issue, CSV at,action,target.
        database_url: An external PostgreSQL in place of our own.
        nats_url: An external NATS in place of our own; needs --mqtt-url.
        mqtt_url: Its MQTT listener, mqtts://host:port.
    """
    from bptm.supervisor.data_dir import default_path
    from bptm.supervisor.run import up as run_up
    from bptm.supervisor.screen import Screen
    from bptm.supervisor.settings import METERS_MAX, EngineSettings, UpSettings

    if sys.platform != "linux":
        msg = f"bptm up runs on Linux, and this is {sys.platform}; use a Linux machine or a container"
        raise _UsageError(msg)
    if json and not headless:
        msg = "--json prints the report of a headless run; add --headless"
        raise _UsageError(msg)
    _check_range("--meters", meters, 1, METERS_MAX)
    _check_range("--seed", seed, 0, _SEED_MAX)
    _check_range("--port", port, 1, _PORT_MAX)
    if speed is not None and not 0 < speed <= _SPEED_MAX:
        msg = f"--speed is {speed:g}, expected more than 0 (1 is real time); leave it out for the usual speed"
        raise _UsageError(msg)
    replayed, facts = _event(event, from_, until, meters)
    script_file, script_fingerprint, stops_s = _script(script, facts, replayed, meters)
    settings = UpSettings(
        data_dir=_data_dir(data) if data is not None else default_path(dict(os.environ)),
        event=replayed,
        engines=EngineSettings(
            database_url=database_url,
            nats_url=nats_url,
            mqtt_url=mqtt_url,
            postgres_binary=os.environ.get("BPTM_PG_BIN", ""),
            nats_binary=os.environ.get("BPTM_NATS_BIN", ""),
            user=os.environ.get("BPTM_ENGINE_USER", ""),
        ),
        meters=meters,
        seed=seed,
        speed=_speed(speed, replayed, headless=headless),
        port=port,
        fresh=fresh,
        headless=headless,
        script_file=script_file,
        script_fingerprint=script_fingerprint,
        stops_s=stops_s,
    )
    screen = Screen(headless=headless)
    result_file = run_up(settings, screen)
    return _finish(result_file, settings, screen, as_json=json)


@_headend.command
def link(*, data: Path | None = None) -> int:
    """Print a new one-time sign-in link for the running page.

    Args:
        data: The data directory it runs on.
    """
    from bptm.supervisor.data_dir import default_path
    from bptm.supervisor.sign_in import new_link

    print(new_link(_data_dir(data) if data is not None else default_path(dict(os.environ))))
    return 0


@_firmware.command
def export(directory: Path) -> int:
    """Write the controller as readable C99 and as files for MicroPython.

    Args:
        directory: Where to; cc -std=c99 DIRECTORY/*.c -lm -o replay builds the replay of golden vectors.
    """
    from bptm.assurance import firmware

    try:
        names = firmware.export(directory)
    except firmware.FirmwareError as error:
        raise _UsageError(str(error)) from error
    print(f"{len(names)} files in {directory}; cc -std=c99 {directory}/*.c -lm -o replay builds the replay")
    return 0


@_firmware.command
def vectors(
    out: Path,
    *,
    runs: int = 1000,
    ticks: int = 20_000,
    seed: int = 1,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make golden vectors and replay them in CPython, numba, MicroPython and C; status 1 when traces differ.

    Args:
        out: Directory for the vectors; ./replay OUT prints the same hash.
        runs: How many runs.
        ticks: The longest run, in ticks of 1/120 s.
        seed: Same seed, same vectors.
        json: Print the report as one JSON object, alone on standard output.
    """
    from json import dumps

    from bptm.assurance import firmware

    _check_range("--runs", runs, 1, firmware.RUNS_MAX)
    _check_range("--ticks", ticks, firmware.TICKS_MIN, firmware.TICKS_MAX)
    _check_range("--seed", seed, 0, _SEED_MAX)
    try:
        report = firmware.make_vectors(out, runs=runs, ticks=ticks, seed=seed)
    except firmware.FirmwareError as error:
        raise _UsageError(str(error)) from error
    print(dumps(report.as_json()) if json else "\n".join(report.lines()))
    return 0 if report.agreed else 1


@_firmware.command(name="settings")
def check_settings(file: Path, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Check a file of settings for a meter; status 1 when it is refused, with every fault at once.

    Args:
        file: TOML with the sections that docs/howto/write-settings.md describes.
        json: Print the outcome as one JSON object, alone on standard output.
    """
    from json import dumps

    from bptm.terms.settings_file import BYTES_MAX, RefusedSettings, read_settings

    try:
        with file.expanduser().open("rb") as stream:
            raw = stream.read(BYTES_MAX + 1)
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}); name a readable file of settings"
        raise _UsageError(msg) from error
    outcome = read_settings(raw)
    if isinstance(outcome, RefusedSettings):
        if json:
            print(dumps(outcome.as_json()))
        else:
            for fault in outcome.faults:
                print(f"bptm: {file}: {fault.sentence()}", file=sys.stderr)
        return 1
    count = len(outcome.given)
    print(
        dumps(outcome.as_json())
        if json
        else f"{file}: accepted; {count} setting{'' if count == 1 else 's'} given, the others at their defaults"
    )
    return 0


@app.command
def prove(
    *,
    deep: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    save: Path | None = None,
) -> int:
    """Prove and search the shipped controller's laws, and break it on purpose; status 1 when a law fails.

    Args:
        deep: Also all pairs of faults with a contactor that closes by itself; several minutes more.
        json: Print the report as one JSON object, alone on standard output.
        save: Directory for the counter-examples: a timeline to read and a scenario to replay, each.
    """
    from json import dumps

    try:
        from bptm.assurance.prove import prove as run_prove
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        msg = "bptm prove needs the prover z3; install it with: pip install 'bptm[prove]'"
        raise _UsageError(msg) from error
    from bptm.assurance.prove_text import save_traces, table

    try:
        if save is not None:
            save.mkdir(parents=True, exist_ok=True)
        report = run_prove(deep=deep, say=lambda line: print(line, file=sys.stderr, flush=True))
        saved = save_traces(report.traces, save) if save is not None else 0
    except OSError as error:
        msg = f"--save {save}: cannot be written ({error.strerror}); name a directory of yours"
        raise _UsageError(msg) from error
    print(dumps(report.as_json()) if json else table(report))
    if save is not None:
        print(f"{saved} counter-examples in {save}", file=sys.stderr)
    return 0 if report.good else 1


_PLANNED = {
    "bench": "Run one meter at waveform rate.",
    "fleet": "Simulate a fleet without a head-end.",
    "restore": "Plan the return of a dark feeder.",
    "program": "Plan who gets the next thousand meters.",
    "device": "Run a real or emulated meter.",
}


def _plan(name: str, purpose: str) -> None:
    """Registers a subcommand that says that it is not built yet."""

    def not_built(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
        msg = f"bptm {name} is not built yet in version {bptm.__version__}; bptm --help lists what is"
        raise _UsageError(msg)

    app.command(not_built, name=name, help=f"{purpose} (not built yet)", group=_unfinished)


for _name, _purpose in _PLANNED.items():
    _plan(_name, _purpose)


def main() -> None:
    """Runs the command and exits; a refusal is one sentence on standard error."""
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Runs the command with these words; returns its exit status."""
    from bptm.supervisor.failures import StopAskedError, SupervisorError

    try:
        command, bound, _ignored = app.parse_args(words, print_error=False, exit_on_error=False)
        status = _call(lambda: command(*bound.args, **bound.kwargs))
    except CycloptsError as error:
        return _refuse(" ".join(str(error).split()), 2)
    except _UsageError as error:
        return _refuse(str(error), 2)
    except StopAskedError as error:
        return _refuse(str(error), 0)
    except SupervisorError as error:
        return _refuse(str(error), error.exit_status)
    except KeyboardInterrupt:
        # Before the supervisor took over the signal: nothing was started.
        return 130
    return status


def _call(command: Callable[[], object]) -> int:
    status = command()
    return status if isinstance(status, int) else 0


def _refuse(sentence: str, status: int) -> int:
    print(f"bptm: {sentence}", file=sys.stderr)
    return status


def _check_range(option: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        msg = f"{option} is {value}, expected {low} to {high}"
        raise _UsageError(msg)


def _data_dir(path: Path) -> Path:
    if any(not character.isprintable() for character in str(path)):
        msg = f"--data is {str(path)!r}, expected a path of printable characters"
        raise _UsageError(msg)
    return path.expanduser().absolute()


def _event(named: str, from_text: str, until_text: str, meters: int) -> "tuple[EventSettings, OutageEvent]":
    """The event to replay, checked, and what it holds."""
    from bptm.supervisor.event_words import sentences
    from bptm.supervisor.settings import EventSettings
    from bptm.twin.event import EventFileError, known_events, load_raw, load_shipped

    from_s = _instant_s("--from", from_text, None)
    file = None if not named or named in known_events() else Path(named).expanduser().absolute()
    try:
        if file is None:
            facts = load_shipped()
        elif file.is_file():
            facts = load_raw(file, from_s)
        else:
            msg = f"--event {named!r} is neither a file nor a shipped event ({', '.join(known_events())}); name one"
            raise _UsageError(msg)
    except EventFileError as error:
        raise _UsageError(str(error)) from error
    except OSError as error:
        msg = f"--event {named}: cannot be read ({error.strerror}); name a readable file"
        raise _UsageError(msg) from error
    start_s = facts.start_s if from_s is None or file is not None else from_s
    if not facts.start_s <= start_s < facts.end_s:
        msg = f"--from is {from_text}, outside the event: {_span(facts.start_s, facts.end_s)}"
        raise _UsageError(msg)
    until_s = _instant_s("--until", until_text, start_s)
    end_s = facts.end_s if until_s is None else until_s
    if not start_s < end_s <= facts.end_s:
        msg = f"--until is {until_text}, expected after the start and not after the end: {_span(start_s, facts.end_s)}"
        raise _UsageError(msg)
    settings = EventSettings(
        name=facts.name,
        title=facts.title,
        sentences=sentences(facts.source, meters, (start_s, end_s)),
        file=file,
        fingerprint=_fingerprint(facts),
        start_s=start_s,
        end_s=end_s,
    )
    return settings, facts


def _fingerprint(facts: "OutageEvent") -> str:
    """Changes with the event's facts; not with its file's name, place or packing."""
    return _hash((facts.start_s, facts.end_s, facts.blocks))


def _hash(value: object) -> str:
    import hashlib

    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


def _script(
    file: Path | None, facts: "OutageEvent", replayed: "EventSettings", meters: int
) -> tuple[Path | None, str, tuple[int, ...]]:
    """The script, checked, what tells it from another, and the times at which the twin stands still for it."""
    from bptm.operations.script import ScriptError, ScriptScope, read_script

    if file is None:
        return None, "", ()
    scope = ScriptScope(
        start_s=replayed.start_s,
        end_s=replayed.end_s,
        meters=meters,
        regions=frozenset(block.region for block in facts.blocks),
    )
    try:
        lines = read_script(file.expanduser().read_text(encoding="utf-8-sig"), scope)
    except OSError as error:
        msg = f"--script {file}: cannot be read ({error.strerror}); name a readable file"
        raise _UsageError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"--script {file}: not UTF-8 text (byte {error.start}); save it as CSV at,action,target"
        raise _UsageError(msg) from error
    except ScriptError as error:
        msg = f"--script {file}: {error}"
        raise _UsageError(msg) from error
    fingerprint = _hash([(line.at_s, line.action.value, line.target) for line in lines])
    return file.expanduser().absolute(), fingerprint, tuple(sorted({line.at_s for line in lines}))


def _instant_s(option: str, text: str, start_s: int | None) -> int | None:
    from bptm.operations.script import instant_s

    if not text:
        return None
    found = None if start_s is None and text.startswith("+") else instant_s(text, start_s or 0)
    if found is None:
        form = "an ISO time such as 2019-10-26T20:00Z" + ("" if start_s is None else " or a time such as +60h")
        msg = f"{option} is {text!r}, expected {form}"
        raise _UsageError(msg)
    return found


def _speed(asked: float | None, replayed: "EventSettings", *, headless: bool) -> float:
    from bptm.supervisor.settings import INTERACTIVE_LENGTH_S

    if asked is not None:
        return asked
    # A round number: people read it, and choose the next one.
    return 0.0 if headless else max(1.0, float(round((replayed.end_s - replayed.start_s) / INTERACTIVE_LENGTH_S, -1)))


def _span(start_s: int, end_s: int) -> str:
    from datetime import UTC, datetime

    return " to ".join(datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%MZ") for at_s in (start_s, end_s))


def _finish(result_file: Path | None, settings: "UpSettings", screen: "Screen", *, as_json: bool) -> int:
    """Reports a run that ended."""
    if result_file is not None:
        text = result_file.read_text(encoding="utf-8")
        print(text.strip() if as_json else _table(text))
        return 0
    if settings.headless:
        return _refuse("stopped before the event's end; the same command continues where it stopped", 1)
    screen.note("everything is stopped; the same command continues where it stopped")
    return 0


def _table(text: str) -> str:
    """The report for reading: one line a value."""
    import json

    content: dict[str, object] = json.loads(text)
    return "\n".join(
        f"{name.replace('_', ' '):<28} {value if isinstance(value, str | int | float) else json.dumps(value)}"
        for name, value in content.items()
    )


if __name__ == "__main__":
    main()
