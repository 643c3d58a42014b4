"""`bptm up`: a real outage on a simulated fleet, in a browser or headless."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.asked import PORT_MAX, SEED_MAX, UsageError, check_range, data_dir

if TYPE_CHECKING:
    from bptm.supervisor.run import Desk
    from bptm.supervisor.screen import Screen
    from bptm.supervisor.settings import EventSettings, UpSettings
    from bptm.twin.event import OutageEvent

_SPEED_MAX = 1e9


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
        raise UsageError(msg)
    if json and not headless:
        msg = "--json prints the report of a headless run; add --headless"
        raise UsageError(msg)
    check_range("--meters", meters, 1, METERS_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    check_range("--port", port, 1, PORT_MAX)
    if speed is not None and not 0 < speed <= _SPEED_MAX:
        msg = f"--speed is {speed:g}, expected more than 0 (1 is real time); leave it out for the usual speed"
        raise UsageError(msg)
    replayed, facts = _event(event, from_, until, meters)
    script_file, script_fingerprint, stops_s = _script(script, facts, replayed, meters)
    settings = UpSettings(
        data_dir=data_dir(data) if data is not None else default_path(dict(os.environ)),
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
    result_file = run_up(settings, screen, None if headless else _desk(screen))
    return _finish(result_file, settings, screen, as_json=json)


def _desk(screen: "Screen") -> "Desk":
    """The pages of the programme desk for the console: one at once, the others while somebody looks at the meters."""
    from bptm.cli.program_pages import background_command, first_pages
    from bptm.supervisor.run import Desk

    def first() -> dict[str, str]:
        with screen.step("programme: counties ranked with the table that ships"):
            return first_pages()

    return Desk(first=first, others=background_command)


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
            raise UsageError(msg)
    except EventFileError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        msg = f"--event {named}: cannot be read ({error.strerror}); name a readable file"
        raise UsageError(msg) from error
    start_s = facts.start_s if from_s is None or file is not None else from_s
    if not facts.start_s <= start_s < facts.end_s:
        msg = f"--from is {from_text}, outside the event: {_span(facts.start_s, facts.end_s)}"
        raise UsageError(msg)
    until_s = _instant_s("--until", until_text, start_s)
    end_s = facts.end_s if until_s is None else until_s
    if not start_s < end_s <= facts.end_s:
        msg = f"--until is {until_text}, expected after the start and not after the end: {_span(start_s, facts.end_s)}"
        raise UsageError(msg)
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
        raise UsageError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"--script {file}: not UTF-8 text (byte {error.start}); save it as CSV at,action,target"
        raise UsageError(msg) from error
    except ScriptError as error:
        msg = f"--script {file}: {error}"
        raise UsageError(msg) from error
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
        raise UsageError(msg)
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
        print("bptm: stopped before the event's end; the same command continues where it stopped", file=sys.stderr)
        return 1
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
