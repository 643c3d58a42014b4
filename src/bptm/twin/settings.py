"""Settings of the twin host: `twin.toml`, as docs/reference/processes.md lists them, read once and checked."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

METERS_MAX = 11_000


class SettingsError(Exception):
    """The settings file is missing, unreadable or says something that cannot be; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinSettings:
    """What the supervisor tells the twin."""

    data_dir: Path
    nats_url: str
    nats_user: str
    nats_password: str
    mqtt_host: str
    mqtt_port: int
    ca_cert_file: Path
    command_cert_file: Path
    headend_url: str
    enrol_token_file: Path
    event_file: str
    """A raw change log; empty for the event that comes with the project."""
    event_name: str
    meters: int
    seed: int
    start_s: int
    end_s: int
    speed: float
    """Event seconds a wall second; 0 is as fast as the machine can."""
    headless: bool
    stops_s: tuple[int, ...]
    """Event times at which a headless run stands still for the head-end, ascending."""

    @property
    def twin_dir(self) -> Path:
        """Where the twin keeps its own files."""
        return self.data_dir / "twin"


def read_settings(path: Path) -> TwinSettings:
    """Settings in a TOML file.

    Raises:
        SettingsError: Anything about the file is wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); `bptm up` writes it."
        raise SettingsError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: not TOML ({error}); `bptm up` writes it anew at each start."
        raise SettingsError(msg) from error
    reader = _Reader(path, table)
    settings = TwinSettings(
        data_dir=Path(reader.text("data_dir")),
        nats_url=reader.text("nats_url"),
        nats_user=reader.text("nats_user", empty=True),
        nats_password=reader.text("nats_password", empty=True),
        mqtt_host=reader.text("mqtt_host"),
        mqtt_port=reader.whole("mqtt_port", 1, 65_535),
        ca_cert_file=Path(reader.text("ca_cert_file")),
        command_cert_file=Path(reader.text("command_cert_file")),
        headend_url=reader.text("headend_url"),
        enrol_token_file=Path(reader.text("enrol_token_file")),
        event_file=reader.text("event_file", empty=True),
        event_name=reader.text("event_name", empty=True),
        meters=reader.whole("meters", 1, METERS_MAX),
        seed=reader.whole("seed", 0, 2**63 - 1),
        start_s=reader.whole("start_s", 0, 2**40),
        end_s=reader.whole("end_s", 1, 2**40),
        speed=reader.number("speed", 0.0, 1e9),
        headless=reader.truth("headless"),
        stops_s=reader.instants("stops_s"),
    )
    if settings.end_s <= settings.start_s:
        msg = f"{path}: end_s is {settings.end_s}, not after start_s {settings.start_s}."
        raise SettingsError(msg)
    return settings


class _Reader:
    """Takes typed values out of a TOML table, or says which key is wrong and how."""

    def __init__(self, path: Path, table: dict[str, object]) -> None:
        """Of `table`, which was read from `path`."""
        self._path = path
        self._table = table

    def _wrong(self, key: str, expected: str) -> SettingsError:
        seen = f"is {self._table[key]!r}" if key in self._table else "is missing"
        return SettingsError(f"{self._path}: {key} {seen}, expected {expected}.")

    def text(self, key: str, *, empty: bool = False) -> str:
        """A string, not empty unless allowed."""
        value = self._table.get(key)
        if not isinstance(value, str) or (not value and not empty):
            raise self._wrong(key, "a text")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number between two limits, both included."""
        value = self._table.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """A number between two limits, both included."""
        value = self._table.get(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def truth(self, key: str) -> bool:
        """True or false."""
        value = self._table.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def instants(self, key: str) -> tuple[int, ...]:
        """A list of whole seconds, returned ascending and each once."""
        value = self._table.get(key)
        if not isinstance(value, list):
            raise self._wrong(key, "a list of whole seconds")
        found: set[int] = set()
        for item in value:  # pyright: ignore[reportUnknownVariableType] - TOML lists hold anything; judged right here
            if not isinstance(item, int) or isinstance(item, bool):
                raise self._wrong(key, "a list of whole seconds")
            found.add(item)
        return tuple(sorted(found))
