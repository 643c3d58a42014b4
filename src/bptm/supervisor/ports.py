"""Loopback ports for the engines and the page."""

import errno
import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from bptm.supervisor.failures import CannotStartError

LOOPBACK = "127.0.0.1"
_FIRST, _LAST = 20_000, 30_000
"""Below Linux's range for outgoing connections (32768 and up): eleven thousand meters connect from there, and could
otherwise take an engine's port while it restarts."""


def free_ports(data_dir: Path, count: int) -> tuple[int, ...]:
    """Free ports, the same ones at each start of a data directory where possible."""
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).digest()
    first = _FIRST + int.from_bytes(digest[:4]) % (_LAST - _FIRST)
    found: list[int] = []
    for port in _from(first):
        if not refusal(port):
            found.append(port)
        if len(found) == count:
            return tuple(found)
    msg = f"no {count} free ports between {_FIRST} and {_LAST} on {LOOPBACK}; stop some other servers"
    raise CannotStartError(msg)


def refuse_taken(port: int) -> None:
    """Refuses a port for the page that cannot be had.

    Raises:
        CannotStartError: Taken or not allowed.
    """
    reason = refusal(port)
    if reason:
        msg = f"port {port} on {LOOPBACK} {reason}; choose another with --port"
        raise CannotStartError(msg)


def refusal(port: int) -> str:
    """Why we cannot listen on a port; empty when we can."""
    with socket.socket() as probe:
        # Ports in TIME_WAIT are free for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken by another program"
            return f"cannot be used ({error.strerror})"
    return ""


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


def _from(first: int) -> Iterator[int]:
    yield from range(first, _LAST)
    yield from range(_FIRST, first)
