"""Random homes with one fault each: how long until it is found, or that it is not."""

import heapq
import math
from collections.abc import Callable

from diagnosis_bench import HOUR, MINUTE, SECOND
from diagnosis_samples import Home

from bptm.terms.core_diagnosis import FEED_BACKUP, FEED_NONE
from bptm.terms.findings import Finding


def on_utility(home: Home, fault: Callable[[], None], hours: float) -> int:
    """Two healthy hours, then the fault. Returns the tick at which it began."""
    home.furnish(essential=False)
    home.live(2 * HOUR)
    fault()
    began = home.bench.d.tick
    home.live(int(hours * HOUR))
    return began


def on_backup(home: Home) -> None:
    """Dark, then fed by the source, on essential appliances."""
    home.bench.utility, home.bench.feed = None, FEED_NONE
    home.live(MINUTE)
    home.bench.source = home.source
    home.furnish(essential=True)
    home.live(20 * SECOND)
    home.bench.feed = FEED_BACKUP


def neutral(ohm: float) -> Callable[[Home], int]:
    """The service neutral takes this value."""

    def happen(home: Home) -> int:
        return on_utility(home, lambda: setattr(home.utility, "neutral", ohm), 24.0)

    return happen


def loose_leg(home: Home) -> int:
    """Both service legs (or their transformer) at 0.25 ohm."""
    return on_utility(home, lambda: setattr(home.utility, "leg", 0.25 + 0.03j), 24.0)


def worn_pole(home: Home) -> int:
    """Pole 1 of U at 8 milliohm."""
    return on_utility(home, lambda: setattr(home.utility, "poles", (0.008, 0.0004)), 24.0)


def thin_cord(home: Home) -> int:
    """100 ft of 14 AWG: 0.2525 ohm a wire."""
    home.source.leg, home.source.neutral = 0.2525 + 0.01j, 0.2525
    on_backup(home)
    began = home.bench.d.tick
    home.live(6 * HOUR)
    return began


def hot_plug(home: Home) -> int:
    """Four hours on a good plug, then 0.3 ohm more in its neutral blade."""
    on_backup(home)
    home.live(4 * HOUR)
    home.source.neutral += 0.3
    began = home.bench.d.tick
    home.live(6 * HOUR)
    return began


def hunting(home: Home) -> int:
    """A sine of 0.7 to 2 Hz, one cycle in 0.7 to 3 s, sampled ten times a second; loads come and go."""
    on_backup(home)
    draw, bench = home.bench.draw, home.bench
    swing_hz, period_s = draw.uniform(0.7, 2.0), draw.uniform(0.7, 3.0)
    began = bench.d.tick
    for number in range(5 * 60 * 10):
        home.clock_ticks += 12
        while home.events and home.events[0][0] <= home.clock_ticks:
            heapq.heappop(home.events)[2]()
        home.refresh(0.1)
        home.source.hz += swing_hz * math.sin(2.0 * math.pi * number * 0.1 / period_s)
        bench.measure(12)
        bench.pass_by(12)
    return began


def bonded(home: Home) -> int:
    """The source's breaker opens 25 to 900 ms after B closed."""
    on_backup(home)
    began = home.bench.d.tick
    for _ in range(home.bench.draw.randint(3, 108)):
        home.live(1)
    home.bench.source, home.bench.feed = None, FEED_NONE
    home.live(1)
    home.live(5 * SECOND)
    return began


def solar(home: Home) -> int:
    """2 to 6 kW from 300 s on, ramping in 300 s or at once, on a source at 60 Hz."""
    home.source_kind, home.source.regulation = "inverter", 0.0
    on_backup(home)
    draw, bench = home.bench.draw, home.bench
    peak_w, ramp_s = draw.uniform(2000, 6000), draw.choice((1, 300))
    home.live(300 * SECOND)
    began = bench.d.tick
    for number in range(360):
        half_w = 0.5 * peak_w * min(1.0, number / ramp_s)
        bench.push_w = (half_w, half_w)
        home.live(SECOND)
    return began


def starving(home: Home) -> int:
    """From its speed 3 Hz down, and 10 V, in two minutes; loads come and go."""
    home.source_kind = "standby"
    on_backup(home)
    home.live(15 * MINUTE)
    began, volts = home.bench.d.tick, home.source.volts
    for number in range(120):
        home.source.volts = volts - number / 12.0
        home.clock_ticks += SECOND
        while home.events and home.events[0][0] <= home.clock_ticks:
            heapq.heappop(home.events)[2]()
        home.refresh(1.0)
        home.source.hz -= number / 40.0
        home.bench.measure(60)
        home.bench.pass_by(SECOND)
    return began


FAULTS: dict[str, tuple[Callable[[Home], int], tuple[Finding, ...]]] = {
    "service neutral 0.17 ohm": (neutral(0.17), (Finding.SERVICE_NEUTRAL,)),
    "service neutral 0.3 ohm": (neutral(0.3), (Finding.SERVICE_NEUTRAL,)),
    "service neutral 1 ohm": (neutral(1.0), (Finding.SERVICE_NEUTRAL_SEVERE,)),
    "service legs 0.25 ohm": (loose_leg, (Finding.SERVICE_LEG,)),
    "U pole 8 milliohm": (worn_pole, (Finding.U_CONTACT,)),
    "cord 0.25 ohm": (thin_cord, (Finding.CORD_THIN,)),
    "plug neutral +0.3 ohm": (hot_plug, (Finding.PLUG_HEATS,)),
    "hunting": (hunting, (Finding.SOURCE_HUNTS,)),
    "bonded neutral": (bonded, (Finding.GFCI,)),
    "forgotten solar": (solar, (Finding.SOLAR_REVERSE, Finding.SOLAR_FALLING)),
    "starving engine": (starving, (Finding.FUEL_LOW,)),
}


def seconds_to_find(name: str, seed: int) -> tuple[float | None, list[Finding]]:
    """Seconds from the fault to its finding (None: missed), and the findings of other kinds."""
    happen, right = FAULTS[name]
    home = Home(seed)
    began = happen(home)
    found = home.bench.found
    first = next(((tick - began) / SECOND for code, tick in found if code in right), None)
    return first, [code for code, _ in found if code not in right]
