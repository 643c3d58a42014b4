"""Passwords and tokens of a data directory: random, made once, each in a private file."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from bptm.supervisor.files import write_private

_NAMES = ("database", "database-owner", "nats-sys", "nats-auth", "nats-headend", "nats-twin", "enrol", "session")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Secrets shared between the engines and our own children."""

    database: str
    """Role `bptm`, owner of the database `bptm`."""
    database_owner: str
    """Superuser `postgres` of our own cluster; no child gets it."""
    nats_sys: str
    nats_auth: str
    nats_headend: str
    nats_twin: str
    enrol: str
    session: str


def open_credentials(directory: Path) -> Credentials:
    """Reads the secrets, making those that are missing."""
    return Credentials(**{name.replace("-", "_"): _open(directory / f"{name}-token") for name in _NAMES})


def enrol_token_file(directory: Path) -> Path:
    """Bearer token with which meters enrol."""
    return directory / "enrol-token"


def session_secret_file(directory: Path) -> Path:
    """Signs the session cookies of the page."""
    return directory / "session-token"


def sign_in_token_file(directory: Path) -> Path:
    """One-time sign-in tokens, one a line."""
    return directory / "sign-in-tokens"


def new_sign_in_token(directory: Path, *, keep_old: bool) -> str:
    """Adds a one-time sign-in token.

    Args:
        directory: Of the secrets.
        keep_old: False at a start, so that links of earlier runs end.
    """
    file = sign_in_token_file(directory)
    token = secrets.token_urlsafe(24)
    old = file.read_text() if keep_old and file.exists() else ""
    write_private(file, f"{old}{token}\n".encode())
    return token


def _open(file: Path) -> str:
    if not file.exists():
        write_private(file, f"{secrets.token_urlsafe(32)}\n".encode())
    return file.read_text().strip()
