"""Settings of the head-end: one TOML file, read once. Keys: docs/reference/processes.md."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

MEBIBYTE = 1 << 20


class SettingsError(Exception):
    """The settings cannot be used; the text is one sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadendSettings:
    """What the supervisor writes to `headend.toml`. Secrets are given by the path of their file."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    database_url: str
    nats_url: str
    nats_user: str
    nats_password: str = field(repr=False)
    auth_user: str
    auth_password: str = field(repr=False)
    issuer_seed_file: Path
    ca_cert_file: Path
    ca_key_file: Path
    enrol_token_file: Path
    command_key_file: Path
    command_cert_file: Path
    sign_in_token_file: Path
    session_secret_file: Path
    host: str
    port: int
    script_file: str
    event_title: str
    event_sentences: tuple[str, str, str]
    headless: bool
    event_start_s: int
    programme_dir: str = ""
    """Folder with the pages of the programme desk; empty: none are shown."""
    up_stream_max_bytes: int = 512 * MEBIBYTE
    """Room for messages that are not stored yet: 11,000 meters, 1 kB a message, 12 hours without PostgreSQL."""


_ADAPTER = TypeAdapter(HeadendSettings)


def read_settings(path: Path) -> HeadendSettings:
    """Settings in a TOML file.

    Raises:
        SettingsError: Not readable, not TOML, a key missing, unknown or of the wrong type.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        msg = f"cannot read the settings {path}: {problem.strerror}; give an existing file with --config"
        raise SettingsError(msg) from problem
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        msg = f"the settings {path} are not TOML: {problem}"
        raise SettingsError(msg) from problem
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as problem:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in problem.errors()
        )
        msg = f"the settings {path} cannot be used: {faults}; see docs/reference/processes.md"
        raise SettingsError(msg) from problem


def read_secret(path: Path) -> str:
    """Text of a secret file without surrounding blanks.

    Raises:
        SettingsError: Not readable, or empty.
    """
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as problem:
        msg = f"cannot read the secret {path}: {problem.strerror}; the supervisor writes it at its first start"
        raise SettingsError(msg) from problem
    if not secret:
        msg = f"the secret {path} is empty; remove it and start again, the supervisor writes a new one"
        raise SettingsError(msg)
    return secret
