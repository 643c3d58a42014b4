"""Random histories for the diagnosis: load steps under a drifting utility, and whole days of a healthy home."""

import heapq
import math
import random
from collections.abc import Callable

from diagnosis_bench import HOUR, MINUTE, SECOND, Bench, Side, admittance, random_step

from bptm.controller.diagnosis_fit import reach_ohm
from bptm.controller.diagnosis_impedance import neutral_of, neutral_reach_of
from bptm.terms.core_diagnosis import FEED_BACKUP, FEED_NONE, FEED_UTILITY, FIT_SERVICE_SUM

DRIFT_V = 0.03
"""A utility wanders by this in a second (random walk)."""
JUMP_V = 0.25
"""Standard deviation of a neighbour's step, about once in a minute."""


def drift(bench: Bench, side: Side, middle_v: float, seconds: float) -> None:
    """Lets a utility wander about its middle, with a neighbour's steps."""
    draw = bench.draw
    side.volts += draw.gauss(0, DRIFT_V * math.sqrt(seconds)) - (side.volts - middle_v) * min(1.0, seconds / 900.0)
    if draw.random() < 1.0 - math.exp(-seconds / 60.0):
        side.volts += draw.gauss(0, JUMP_V)
    # A regulator keeps it: a voltage that wanders out of its range is no healthy one.
    side.volts = min(max(side.volts, middle_v - 2.0), middle_v + 2.0)


def estimate(seed: int, steps: int) -> dict[str, float]:
    """Service leg and neutral after a random sequence of load steps: error, and half of the 95 % interval."""
    bench = Bench(seed, ideal=False)
    draw = bench.draw
    leg, neutral = draw.uniform(0.02, 0.12), draw.uniform(0.02, 0.12)
    side = Side(121.0, complex(leg, draw.uniform(0.01, 0.05)), neutral)
    bench.utility = side
    for _ in range(steps):
        bench.loads = random_step(draw)
        for _ in range(draw.randint(4, 8)):
            bench.run(30, 30)
            drift(bench, side, 121.0, 0.25)
    return {
        "leg_error": bench.d.fit_ohm[FIT_SERVICE_SUM] - leg,
        "leg_reach": reach_ohm(bench.d, bench.p, FIT_SERVICE_SUM),
        "neutral_error": neutral_of(bench.d, FIT_SERVICE_SUM) - neutral,
        "neutral_reach": neutral_reach_of(bench.d, bench.p, FIT_SERVICE_SUM),
    }


class Appliance:
    """One appliance: where it is, what it draws, and how it starts."""

    def __init__(self, leg: int, watts: float, factor: float, on_s: float, off_s: float, inrush: float) -> None:
        self.leg, self.watts, self.factor = leg, watts, factor
        self.on_s, self.off_s, self.inrush = on_s, off_s, inrush
        self.multiple = 0.0

    def load(self) -> complex:
        """Admittance now; a motor that starts draws at a poor power factor."""
        if self.multiple == 0.0:
            return 0j
        factor = 0.5 if self.multiple > 1.5 else self.factor
        return admittance(self.watts * self.multiple, factor, 240.0 if self.leg == 2 else 120.0)


def appliances(draw: random.Random, *, essential: bool) -> list[Appliance]:
    """What a home has. Essential: what its people leave on while a backup source feeds it."""
    u = draw.uniform
    kept = [
        Appliance(0, u(100, 200), 0.75, u(500, 1200), u(900, 2000), 5.0),
        Appliance(1, u(80, 160), 0.75, u(500, 1200), u(900, 2400), 5.0),
        Appliance(0, u(40, 200), 0.95, u(300, 4000), u(300, 4000), 1.0),
        Appliance(1, u(40, 200), 0.95, u(300, 4000), u(300, 4000), 1.0),
        Appliance(draw.choice((0, 1)), u(300, 700), 0.8, u(200, 900), u(600, 2400), 3.5),
        Appliance(draw.choice((0, 1)), u(700, 1500), 1.0, u(40, 240), u(3000, 12000), 1.0),
    ]
    if essential:
        return kept
    return [
        *kept,
        Appliance(2, 4500.0, 1.0, u(300, 1500), u(4000, 12000), 1.0),
        Appliance(2, u(2000, 4200), 0.9, u(400, 1200), u(600, 3000), draw.choice((1.5, 5.0))),
        Appliance(draw.choice((0, 1)), u(1000, 1800), 1.0, u(60, 240), u(4000, 15000), 1.0),
        Appliance(draw.choice((0, 1)), u(1000, 1800), 1.0, u(60, 900), u(4000, 15000), 1.0),
        Appliance(2, u(2000, 3500), 1.0, u(30, 60), u(60, 400), 1.0),
        Appliance(2, draw.choice((0.0, 3300.0, 7200.0)) + 1.0, 0.99, u(6000, 14000), u(30000, 90000), 1.0),
    ]


class Home:
    """A healthy home: appliances that come and go, a utility that wanders, a backup source for an outage."""

    def __init__(self, seed: int) -> None:
        self.bench = Bench(seed, ideal=False)
        draw = self.bench.draw
        self.middle_v = draw.uniform(120.5, 122.5)
        self.utility = Side(
            self.middle_v,
            complex(draw.uniform(0.015, 0.05), draw.uniform(0.01, 0.04)),
            draw.uniform(0.015, 0.05),
            (draw.uniform(0.0002, 0.0008), draw.uniform(0.0002, 0.0008)),
        )
        self.bench.utility = self.utility
        self.source_kind = draw.choice(("portable", "excited", "inverter", "standby", "battery"))
        cord_ohm = draw.uniform(0.03, 0.12)
        self.source = Side(
            draw.uniform(119, 123),
            complex(cord_ohm, 0.01),
            cord_ohm,
            (draw.uniform(0.0005, 0.003), draw.uniform(0.0005, 0.003)),
        )
        self.source.regulation = {"portable": 0.02, "excited": 0.12, "inverter": 0.0, "standby": 0.01, "battery": 0.0}[
            self.source_kind
        ]
        self.bench.p.engine = 0 if self.source_kind == "battery" else 1
        self.events: list[tuple[int, int, Callable[[], None]]] = []
        self.count = 0
        self.clock_ticks = 0
        self.calm_until_ticks = 0
        self.transient_hz = 0.0
        self.items: list[Appliance] = []

    def at(self, ticks: int, do: Callable[[], None]) -> None:
        """Something to do, so many ticks from now."""
        self.count += 1
        heapq.heappush(self.events, (self.clock_ticks + max(1, ticks), self.count, do))

    def furnish(self, *, essential: bool) -> None:
        """Other appliances from now on: each is somewhere in its cycle."""
        self.items = appliances(self.bench.draw, essential=essential)
        for item in self.items:
            self.at(int(self.bench.draw.uniform(1, item.off_s) * SECOND), self.switch(item, self.items))

    def switch(self, item: Appliance, among: list[Appliance]) -> Callable[[], None]:
        """Turns an appliance on (through its start) or off, while it still belongs to the home."""

        def do() -> None:
            if among is not self.items:
                return
            draw = self.bench.draw
            on = item.multiple == 0.0
            if on and item.inrush > 1.0:
                self.at(int(draw.uniform(0.15, 0.8) * SECOND), self.settle(item))
            item.multiple = item.inrush if on else 0.0
            self.moved(item.watts * (1 if on else -1))
            mean_s = item.on_s if on else item.off_s
            self.at(int(draw.uniform(0.6, 1.4) * mean_s * SECOND) + 200, self.switch(item, among))

        return do

    def settle(self, item: Appliance) -> Callable[[], None]:
        """A motor has started."""

        def do() -> None:
            if item.multiple > 0.0:
                item.multiple = 1.0
                self.moved(0.0)

        return do

    def moved(self, watts: float) -> None:
        """The load has moved: look closely for a while; an engine dips or rises."""
        self.calm_until_ticks = self.clock_ticks + 2 * SECOND
        if self.source_kind in {"portable", "excited", "standby"}:
            self.transient_hz = -3.0 * watts / 6500.0

    def refresh(self, seconds: float) -> None:
        """Circuit and source as they are now."""
        bench, draw = self.bench, self.bench.draw
        drift(bench, self.utility, self.middle_v, seconds)
        totals = [sum((item.load() for item in self.items if item.leg == leg), 0j) for leg in range(3)]
        flicker = 1.0 + draw.gauss(0, 0.003)
        bench.loads = (totals[0] * flicker + 0.004, totals[1] * flicker + 0.004, totals[2])
        load_w = 120.0**2 * (totals[0].real + totals[1].real) + 240.0**2 * totals[2].real
        self.transient_hz *= math.exp(-seconds / 1.0)
        if self.source_kind in {"portable", "excited"}:
            self.source.hz = 62.2 - 3.0 * load_w / 6500.0 + self.transient_hz + draw.gauss(0, 0.06)
        elif self.source_kind == "standby":
            self.source.hz = 60.3 - 0.6 * load_w / 6500.0 + self.transient_hz + draw.gauss(0, 0.03)
        else:
            self.source.hz = 60.0 + draw.gauss(0, 0.01)
        self.utility.hz = 60.0 + draw.gauss(0, 0.01)

    def live(self, ticks: int) -> None:
        """Lets so much time pass."""
        end_ticks = self.clock_ticks + ticks
        while self.clock_ticks < end_ticks:
            while self.events and self.events[0][0] <= self.clock_ticks:
                heapq.heappop(self.events)[2]()
            stride = 30 if self.clock_ticks < self.calm_until_ticks else 3600
            if self.bench.feed == FEED_BACKUP:
                stride = min(stride, 120)
            stride = min(stride, end_ticks - self.clock_ticks)
            if self.events:
                stride = max(1, min(stride, self.events[0][0] - self.clock_ticks))
            self.refresh(stride / SECOND)
            self.bench.measure(min(stride, 60))
            # Noise is drawn anew for each stretch, so that nothing is lost by not beginning with one tick.
            self.bench.pass_by(stride)
            self.clock_ticks += stride

    def outage(self, hours: float) -> None:
        """The utility goes, a source is started and takes the home, the utility returns, the source is stopped."""
        bench = self.bench
        bench.utility, bench.feed = None, FEED_NONE
        self.live(2 * MINUTE)
        bench.source = self.source
        self.furnish(essential=True)
        self.live(30 * SECOND)
        bench.feed = FEED_BACKUP
        self.live(int(hours * HOUR))
        bench.utility = self.utility
        self.live(5 * MINUTE)
        bench.feed = FEED_NONE
        self.live(SECOND)
        bench.feed = FEED_UTILITY
        self.furnish(essential=False)
        self.live(int(bench.draw.uniform(0.5, 6.0) * MINUTE))
        bench.source = None


def healthy_day(seed: int) -> Home:
    """A day of a random healthy home; on two days of five with an outage of one to three hours on its backup source."""
    home = Home(seed)
    home.furnish(essential=False)
    draw = home.bench.draw
    if draw.random() < 0.4:
        hours = draw.uniform(1.0, 3.0)
        home.live(8 * HOUR)
        home.outage(hours)
    home.live(24 * HOUR - home.clock_ticks)
    return home
