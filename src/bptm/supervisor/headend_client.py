"""What the supervisor asks of the head-end over HTTP: is it there, and how is the event going."""

import http.client
import json
from dataclasses import dataclass
from typing import Any

from bptm.supervisor.ports import LOOPBACK

_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The head-end's view of the event."""

    state: str
    at_s: float
    end_s: int
    speed: float
    joined: int
    meters: int
    counts: dict[str, int]
    faults: dict[str, str]
    """Planted faults in words, by meter."""


def healthy(port: int) -> bool:
    """Whether the head-end answers."""
    return _get(port, "/api/v1/health", {}) is not None


def summary(port: int, enrol_token: str) -> Summary | None:
    """The current summary; None while the head-end does not answer or knows no clock yet."""
    raw = _get(port, "/api/v1/summary", {"Authorization": f"Bearer {enrol_token}"})
    if raw is None:
        return None
    try:
        content: dict[str, Any] = json.loads(raw)
        clock: dict[str, Any] = content["clock"]
        return Summary(
            state=str(clock["state"]),
            at_s=float(clock["at_s"]),
            end_s=int(clock["end_s"]),
            speed=float(clock["speed"]),
            joined=int(clock["joined"]),
            meters=int(clock["meters"]),
            counts={str(name): int(count) for name, count in content["counts"].items()},
            faults={str(name): str(words) for name, words in content["faults"].items()},
        )
    except (ValueError, KeyError, TypeError):
        return None


def _get(port: int, path: str, headers: dict[str, str]) -> bytes | None:
    """The answer's body when its status is 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == http.client.OK else None
