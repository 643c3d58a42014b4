"""What a fleet run shall do: plain values, checked once, the same for every process that works on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bptm.terms.core_home import OUTAGES_MAX

BLOCK_HOMES = 250
"""Homes that are drawn, and run, together. The draws of a home depend on seed, block and place in it, never on how many
homes or processes there are. Own choice: their state (3 kB a home) stays in a core's cache."""

SETTLE_H = 8
"""Hours of weather that a thermal house lives through before a run begins. Own choice: air follows in minutes, and the
mass starts where the thermostat holds it."""

HOMES_MAX = 10_000_000
HOURS_MAX = 8_784.0
SEED_MAX = 2**31 - 1
DAY_S = 86_400


class FleetError(Exception):
    """A fleet run cannot be done as asked, or the world failed it; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOutage:
    """One outage of all homes at once."""

    begins_s: int
    """Seconds after the start of the run."""
    lasts_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetWeather:
    """What of a year's weather a run needs."""

    name: str
    outdoor_c: NDArray[np.float64]
    """At full hours, from `SETTLE_H` before the hour that the run begins in, to an hour after its end."""
    sun: NDArray[np.float64]
    inlet_c: float
    """Cold water."""
    ground_c: float
    """Under a slab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """One run. Same plan, same results, whoever carries it out."""

    homes: int
    hours: float
    seed: int
    start: datetime
    """Local standard time of the first instant; the year does not matter to the weather."""
    interval_s: int
    outages: tuple[AreaOutage, ...] | None
    """Of all homes alike; empty for none; `None` for one seeded outage per home and simulated day."""
    each_home: bool
    """Also one row per home and interval."""
    weather: "FleetWeather"
    stock: str
    """Which homes: the stock of a climate."""

    @property
    def span_s(self) -> int:
        """Length of the run."""
        return round(self.hours * 3600)

    @property
    def intervals(self) -> int:
        """How many; the last one may be shorter."""
        return -(-self.span_s // self.interval_s)

    @property
    def blocks(self) -> int:
        """How many blocks of homes."""
        return -(-self.homes // BLOCK_HOMES)

    def block_homes(self, block: int) -> int:
        """Homes in this block."""
        return min(BLOCK_HOMES, self.homes - block * BLOCK_HOMES)

    def end_s(self, interval: int) -> int:
        """Seconds after the start at which an interval ends."""
        return min((interval + 1) * self.interval_s, self.span_s)

    def at(self, second: int) -> datetime:
        """Local standard time of a second after the start."""
        return self.start + timedelta(seconds=second)


def parse_outages(texts: tuple[str, ...], span_s: int) -> tuple[AreaOutage, ...] | None:
    """The outages asked for, ascending: each `BEGIN,LENGTH` in hours, or `none` alone.

    Raises:
        FleetError: One that cannot be, in one sentence.
    """
    if not texts:
        return None
    if texts == ("none",):
        return ()
    found: list[AreaOutage] = []
    for text in texts:
        try:
            begin_h, length_h = (float(part) for part in text.split(","))
            begins_s, lasts_s = round(begin_h * 3600), round(length_h * 3600)
        except (ValueError, OverflowError):
            msg = f"--outage is {text!r}, expected BEGIN,LENGTH in hours such as 16,2, or none alone"
            raise FleetError(msg) from None
        if not (0 < begins_s < span_s and lasts_s >= 1):
            msg = f"--outage {text} begins {begin_h:g} h after the start and lasts {length_h:g} h, expected a begin "
            msg += f"after 0 and before the end of the run at {span_s / 3600:g} h, and a length of at least a second"
            raise FleetError(msg)
        found.append(AreaOutage(begins_s=begins_s, lasts_s=lasts_s))
    if len(found) > OUTAGES_MAX:
        msg = f"--outage is given {len(found)} times, expected at most {OUTAGES_MAX}"
        raise FleetError(msg)
    found.sort(key=lambda outage: outage.begins_s)
    for before, after in pairwise(found):
        if after.begins_s <= before.begins_s + before.lasts_s:
            msg = f"--outage: the one at {after.begins_s / 3600:g} h begins before the one at "
            msg += f"{before.begins_s / 3600:g} h has ended; give them apart"
            raise FleetError(msg)
    return tuple(found)
