"""The event clock as the head-end hears it from the twin, and how far everything made is also stored."""

from collections import deque
from dataclasses import replace
from typing import cast

import orjson

from bptm.headend.desk import Clock

SILENT_AFTER_S = 3.0
"""Wall time without a word of the twin. It speaks five times a second."""

_HISTORY = 64
"""Words of the twin that are remembered: about twelve seconds."""


class ClockError(Exception):
    """What came on the clock's subject is not a clock."""


def clock_of(encoded: bytes, event_start_s: int) -> tuple[Clock, int]:
    """The clock in a message, and how many of the twin's messages were not acknowledged then.

    Raises:
        ClockError: Another form than docs/reference/processes.md says.
    """
    try:
        said = cast("dict[str, object]", orjson.loads(encoded))
        return (
            Clock(
                at_s=_number(said["at_s"]),
                speed=_number(said["speed"]),
                state=str(said["state"]),
                joined=int(_number(said["joined"])),
                meters=int(_number(said["meters"])),
                start_s=event_start_s,
                end_s=int(_number(said["end_s"])),
            ),
            int(_number(said["unacked"])),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as problem:
        msg = f"a message on the twin's clock is not as agreed ({problem!r}): {encoded[:120]!r}"
        raise ClockError(msg) from problem


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"expected a number, found {value!r}"
        raise TypeError(msg)
    return float(value)


class HeardClock:
    """The last word of the twin, and its age. Every instant it is given is of the host's monotonic clock."""

    def __init__(self, event_start_s: int) -> None:
        """Nothing heard yet: event time stands at the start."""
        self._event_start_s = event_start_s
        self._last = Clock(
            at_s=float(event_start_s),
            speed=0.0,
            state="silent",
            joined=0,
            meters=0,
            start_s=event_start_s,
            end_s=event_start_s,
        )
        self._heard_wall_s: float | None = None
        self._history: deque[tuple[float, int]] = deque(maxlen=_HISTORY)
        self._stored_up_to_s = event_start_s

    def hear(self, encoded: bytes, wall_s: float) -> None:
        """Takes a message of the twin.

        Raises:
            ClockError: It is no clock; nothing has changed.
        """
        clock, unacked = clock_of(encoded, self._event_start_s)
        self._last = clock
        self._heard_wall_s = wall_s
        self._history.append((wall_s, int(clock.at_s)))
        if unacked == 0:
            self.stored_up_to(int(clock.at_s))

    def stored_up_to(self, at_s: int) -> None:
        """Everything that any meter made up to `at_s` is stored."""
        self._stored_up_to_s = max(self._stored_up_to_s, at_s)

    def arrived(self, at_s: float) -> None:
        """The twin said in an answer that event time is `at_s`."""
        if at_s > self._last.at_s:
            self._last = replace(self._last, at_s=at_s)

    def settled_s(self, wall_s: float, after_s: float | None) -> int:
        """Event time up to which everything made is stored.

        Args:
            wall_s: Now.
            after_s: What the clock read this long ago counts as stored too; None where only proof counts.
        """
        settled = self._stored_up_to_s
        if after_s is not None:
            for heard_wall_s, at_s in self._history:
                if heard_wall_s > wall_s - after_s:
                    break
                settled = max(settled, at_s)
        return settled

    def now(self, wall_s: float) -> Clock:
        """The event clock; its state is `silent` when the twin has not spoken for `SILENT_AFTER_S`."""
        heard = self._heard_wall_s
        if heard is None or wall_s - heard > SILENT_AFTER_S:
            return replace(self._last, state="silent")
        return self._last
