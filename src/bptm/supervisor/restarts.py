"""When a child that stopped may start again. Pure: values and `now_s` in, a decision out.

Source: issue "the main job": restarted with back-off five times, then one sentence and exit 1.
"""

from dataclasses import dataclass, replace

RESTARTS_MAX = 5
HEALTHY_AFTER_S = 60.0
"""A child that ran this long was healthy: its count starts again."""
_BACK_OFF_FIRST_S = 0.25
_BACK_OFF_GROWTH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """How often a child has stopped lately. Instants are monotonic."""

    started_s: float
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAgain:
    """Start it at this instant."""

    at_s: float
    restarts: Restarts


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """It stopped once more than it may."""

    count: int


def after_stop(restarts: Restarts, now_s: float) -> StartAgain | GiveUp:
    """What to do with a child that has just stopped by itself."""
    count = 0 if now_s - restarts.started_s >= HEALTHY_AFTER_S else restarts.count
    if count >= RESTARTS_MAX:
        return GiveUp(count=count)
    wait_s = _BACK_OFF_FIRST_S * _BACK_OFF_GROWTH**count
    return StartAgain(at_s=now_s + wait_s, restarts=replace(restarts, count=count + 1))
