"""The event clock: how far event time may have come at an instant of wall time.

Event time counts ticks from the event's start. It runs at `speed` times wall time, at most at real speed
while commands are open, not at all while paused, and as fast as the machine can when the speed is 0 or
while it jumps to the next change. Time lost in waiting is not caught up: whoever waited anchors it again.
"""

from dataclasses import dataclass

from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S

SPEED_MAX = 100_000.0
"""Above this a replay of days would be over before a person has looked up."""


@dataclass(slots=True, kw_only=True)
class EventClock:
    """Event time against wall time. Every setter takes where both clocks are now, and anchors there."""

    speed: float
    paused: bool = False
    open_commands: int = 0
    jump_to_tick: int | None = None
    _pause_again: bool = False
    _anchor_tick: int = 0
    _anchor_wall_s: float = 0.0

    def anchor(self, tick: int, wall_s: float) -> None:
        """Event time is `tick` now; it goes on from here."""
        self._anchor_tick = tick
        self._anchor_wall_s = wall_s

    def pause(self, tick: int, wall_s: float) -> None:
        """Stands still until `play`."""
        self.paused = True
        self._pause_again = False
        self.jump_to_tick = None
        self.anchor(tick, wall_s)

    def play(self, tick: int, wall_s: float) -> None:
        """Goes on."""
        self.paused = False
        self._pause_again = False
        self.anchor(tick, wall_s)

    def set_speed(self, speed: float, tick: int, wall_s: float) -> None:
        """Event seconds a wall second from now on; 0 is flat out."""
        self.speed = speed
        self.anchor(tick, wall_s)

    def jump(self, until_tick: int, tick: int, wall_s: float) -> None:
        """As fast as the machine can up to `until_tick`, then at the speed before."""
        self.paused = False
        self._pause_again = False
        self.jump_to_tick = until_tick
        self.anchor(tick, wall_s)

    def set_open_commands(self, count: int, tick: int, wall_s: float) -> None:
        """While commands are open, event time runs no faster than wall time.

        A command that is issued in a pause ends the pause for as long as it is open: it has to reach its end.
        """
        if (count > 0) != (self.open_commands > 0):
            self.anchor(tick, wall_s)
            if count > 0 and self.paused:
                self.paused, self._pause_again = False, True
            elif not count and self._pause_again:
                self.paused, self._pause_again = True, False
        self.open_commands = count

    def arrived(self, tick: int, wall_s: float) -> None:
        """Ends a jump that has come to where it was going."""
        if self.jump_to_tick is not None and tick >= self.jump_to_tick:
            self.jump_to_tick = None
            self.anchor(tick, wall_s)

    @property
    def speed_now(self) -> float:
        """The speed in force; 0 is flat out. Meaningless while paused."""
        if self.open_commands > 0:
            return min(self.speed, 1.0) if self.speed > 0 else 1.0
        return 0.0 if self.jump_to_tick is not None else self.speed

    def ceiling_tick(self, tick: int, wall_s: float) -> int:
        """How far event time may be at a wall instant, never before `tick`; NEVER_TICKS when nothing holds it."""
        if self.paused:
            return tick
        speed = self.speed_now
        if speed <= 0:
            return NEVER_TICKS if self.jump_to_tick is None else max(tick, self.jump_to_tick)
        passed_s = max(0.0, wall_s - self._anchor_wall_s)
        return max(tick, self._anchor_tick + int(passed_s * speed * TICKS_PER_S))
