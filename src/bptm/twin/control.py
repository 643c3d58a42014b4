"""What people ask of the replay: play, pause, speed, next change; and how many commands the head-end has open."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from bptm.twin.bus import Bus, Json
from bptm.twin.clock import SPEED_MAX, EventClock
from bptm.wire.topics import CONTROL_SUBJECT, OPEN_COMMANDS_SUBJECT

_ENDED = "the event has ended; replay it from its beginning"
_NO_RESTART = "the event has not ended yet; to begin it again now, stop and start `bptm up --fresh`"
_HEADLESS = "a headless run ends with its report; start `bptm up --fresh` to replay it"


def _nought() -> int:
    return 0


@dataclass(slots=True, kw_only=True)
class Desk:
    """The replay's controls and its state, as the host and the head-end share them."""

    clock: EventClock
    headless: bool
    woken: asyncio.Event
    """Set when the host should look again."""
    state: str = "joining"
    """As `twin.clock` has it."""
    jump_asked: bool = False
    replay_asked: bool = False
    """A person wants the finished event from its beginning."""
    at: Callable[[], int] = field(default=_nought)
    """Event time now, in ticks."""
    at_s: Callable[[], float] = field(default=_nought)
    """Event time now, as Unix time."""

    def control(self, asked: Json) -> Json:
        """Answers `twin.control`."""
        why = self._do(asked)
        self.woken.set()
        return {"ok": False, "why": why} if why else {"ok": True, "at_s": self.at_s()}

    def open_commands(self, asked: Json) -> Json:
        """Answers `twin.open_commands`."""
        count = asked.get("open")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            return {"ok": False, "why": f"open is {count!r}, expected a whole number from 0", "at_s": self.at_s()}
        # A headless run stands still for commands by itself (lock-step).
        if not self.headless:
            self.clock.set_open_commands(count, self.at(), monotonic())
        self.woken.set()
        return {"ok": True, "at_s": self.at_s()}

    def _do(self, asked: Json) -> str:
        """Does what is asked; returns why not, or nothing."""
        if self.state == "ended":
            return self._do_at_the_end(asked)
        tick, now_s = self.at(), monotonic()
        match asked.get("do"):
            case "play":
                self.clock.play(tick, now_s)
            case "pause":
                self.clock.pause(tick, now_s)
            case "speed":
                return self._set_speed(asked.get("speed"), tick, now_s)
            case "next_change":
                self.jump_asked = True
            case "restart":
                return _NO_RESTART
            case other:
                return f"do is {other!r}, expected play, pause, speed, next_change or restart"
        return ""

    def _do_at_the_end(self, asked: Json) -> str:
        if asked.get("do") != "restart":
            return _ENDED
        if self.headless:
            return _HEADLESS
        self.replay_asked = True
        return ""

    def _set_speed(self, speed: object, tick: int, now_s: float) -> str:
        if not isinstance(speed, (int, float)) or isinstance(speed, bool) or not 0 < speed <= SPEED_MAX:
            return f"speed is {speed!r}, expected a number above 0, at most {SPEED_MAX:g}"
        self.clock.set_speed(float(speed), tick, now_s)
        return ""


async def serve_desk(bus: Bus, desk: Desk) -> None:
    """Answers the head-end's requests from now on."""
    await bus.serve(CONTROL_SUBJECT, desk.control)
    await bus.serve(OPEN_COMMANDS_SUBJECT, desk.open_commands)
