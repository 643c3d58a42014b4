"""What `bptm up` was asked to do, after the command line was checked."""

from dataclasses import dataclass
from pathlib import Path

METERS_MAX = 11_000
"""Tried with this many; each is a TLS connection with its own certificate (issue: the main job)."""

PORT_DEFAULT = 8080
INTERACTIVE_LENGTH_S = 600
"""Without `--speed` a page plays the whole event in about this wall time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Where the engines come from. Empty means: look further down the list of `locate`."""

    database_url: str = ""
    nats_url: str = ""
    mqtt_url: str = ""
    """`mqtts://host:port` of an external NATS; needed together with `nats_url`."""
    postgres_binary: str = ""
    nats_binary: str = ""
    user: str = ""
    """Account that runs the engines when we are root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """The event to replay: facts the supervisor passes on, never reads itself."""

    name: str
    title: str
    sentences: tuple[str, str, str]
    file: Path | None
    """None: the shipped event of that name."""
    fingerprint: str
    """Changes when the event's content changes, not when its file moves."""
    start_s: int
    end_s: int
    """End of this run, Unix time: the event's end or `--until`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpSettings:
    """One run of `bptm up`."""

    data_dir: Path
    event: EventSettings
    engines: EngineSettings
    meters: int
    seed: int
    speed: float
    """Event seconds a wall second; 0: as fast as the machine can."""
    port: int
    fresh: bool = False
    keep_session: bool = False
    """With `fresh`: those who are signed in at the page stay signed in."""
    headless: bool = False
    script_file: Path | None = None
    script_fingerprint: str = ""
    """Changes with the script's content; empty without one."""
    stops_s: tuple[int, ...] = ()
