"""The simulated network between meters and head-end: loss, duplication, delay, reordering, partition, attackers.

Virtual time in whole seconds, one generator of chance, one heap: the same seed gives the same deliveries.
"""

import heapq
import random
from dataclasses import dataclass, field
from enum import Enum


class Way(Enum):
    """Where a packet goes."""

    UP = "up"
    """To the head-end."""
    ACK = "ack"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """Some bytes on their way to or from a meter."""

    way: Way
    home: int
    body: bytes
    forged: bool = False
    """An attacker sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How bad the network is. All shares are own choices, far worse than a utility would bear."""

    lost_fraction: float = 0.10
    doubled_fraction: float = 0.05
    delay_most_s: int = 40
    """Evenly up to this; so packets overtake each other."""
    partitions_a_day: float = 6.0
    partition_most_s: int = 5400
    garbage_fraction: float = 0.01
    """Packets beside which an attacker sends nonsense."""
    replayed_fraction: float = 0.3
    """Commands that an attacker sends again later, to this or another meter, or signs himself."""


CALM = Weather(
    lost_fraction=0.0, doubled_fraction=0.0, delay_most_s=1, partitions_a_day=0.0, garbage_fraction=0.0,
    replayed_fraction=0.0,
)  # fmt: skip
"""After the network has healed."""


@dataclass(slots=True)
class Network:
    """Packets under way, and who is cut off until when."""

    homes: int
    chance: random.Random
    weather: Weather = field(default_factory=Weather)
    cut_until_s: list[int] = field(default_factory=list[int])
    sent: int = 0
    lost: int = 0
    doubled: int = 0
    garbage: int = 0
    _heap: list[tuple[int, int, Packet]] = field(default_factory=list[tuple[int, int, Packet]])
    _order: int = 0

    def __post_init__(self) -> None:
        """Nobody is cut off."""
        self.cut_until_s = [0] * self.homes

    def is_cut(self, home: int, now_s: int) -> bool:
        """Whether a meter has no connection at all."""
        return self.cut_until_s[home] > now_s

    def send(self, packet: Packet, now_s: int) -> None:
        """Puts a packet on its way, or loses it."""
        self.sent += 1
        weather = self.weather
        if self.is_cut(packet.home, now_s) or self.chance.random() < weather.lost_fraction:
            self.lost += 1
            return
        self._put(packet, now_s)
        if self.chance.random() < weather.doubled_fraction:
            self.doubled += 1
            self._put(packet, now_s)
        if self.chance.random() < weather.garbage_fraction:
            self.garbage += 1
            self._put(Packet(way=packet.way, home=packet.home, body=self._garbage(packet.body), forged=True), now_s)

    def _garbage(self, body: bytes) -> bytes:
        """Nonsense: cut short, or of no form at all. What is whole but changed, TLS would not let through."""
        kind = self.chance.randrange(3)
        if kind == 0:
            return self.chance.randbytes(self.chance.randrange(200))
        return body[: self.chance.randrange(len(body))] if kind == 1 else b""

    def _put(self, packet: Packet, now_s: int) -> None:
        self._order += 1
        at_s = now_s + 1 + self.chance.randrange(self.weather.delay_most_s)
        heapq.heappush(self._heap, (at_s, self._order, packet))

    def send_later(self, packet: Packet, at_s: int) -> None:
        """An attacker's packet, which arrives at an instant of its own."""
        self._order += 1
        heapq.heappush(self._heap, (at_s, self._order, packet))

    def arrivals(self, now_s: int) -> list[Packet]:
        """Everything that has arrived by now, in the order of arrival; what a cut meter would get is lost."""
        found: list[Packet] = []
        while self._heap and self._heap[0][0] <= now_s:
            _at_s, _order, packet = heapq.heappop(self._heap)
            if self.is_cut(packet.home, now_s):
                self.lost += 1
            else:
                found.append(packet)
        return found

    def cut_some(self, now_s: int, step_s: int) -> list[int]:
        """Cuts off a random part of the meters now and then; returns who has just come back."""
        back = [home for home, until_s in enumerate(self.cut_until_s) if now_s - step_s < until_s <= now_s]
        if self.chance.random() < self.weather.partitions_a_day * step_s / 86400:
            until_s = now_s + self.chance.randrange(30, self.weather.partition_most_s)
            share = self.chance.choice((0.05, 0.3, 1.0))
            for home in range(self.homes):
                if self.chance.random() < share:
                    self.cut_until_s[home] = max(self.cut_until_s[home], until_s)
        return back

    def heal(self) -> None:
        """From here on nothing is lost, late or cut off; what is under way still arrives."""
        self.weather = CALM
        self.cut_until_s = [0] * self.homes
