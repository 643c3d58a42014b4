"""What simulated homes are like: sources, loads, habits. All shares and ranges stand in the tables below.

They are this project's own engineering choice, not a survey: there is none of homes with such a meter. Each has
its reason beside it; docs/explanation/event.md says how much rests on them. A home's numbers are drawn with
nothing but the generator's doubles and the four operations, so that they are the same to the bit on every machine.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.terms.codes import BackupKind
from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S

MINUTE_S = 60
HOUR_S = 3600
SEEDS = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Values from `low` to `high`; with `skewed`, most of them nearer to `low` (the square of an even draw)."""

    low: float
    high: float
    skewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of backup source: how many homes have it, and what it and its owner do."""

    kind: BackupKind
    share_fraction: float
    ratings_w_a: tuple[tuple[float, float], ...]
    """Power and inlet or cord ampacity, equally likely."""
    by_hand: bool
    """A person has to start it; at night many wait for the morning."""
    start_s: Range
    run_s: Range
    """On one tank or charge."""
    never_runs_out_fraction: float
    gap_s: Range
    """Refuelling or recharging."""
    stays_off_fraction: float
    """Homes where a spent source stays off."""
    stop_s: Range
    reason: str


SOURCES = (
    Source(
        kind=BackupKind.PORTABLE,
        share_fraction=0.44,
        ratings_w_a=((5500, 30), (6500, 30), (7200, 30), (9000, 50)),
        by_hand=True,
        start_s=Range(low=8 * MINUTE_S, high=3 * HOUR_S, skewed=True),
        run_s=Range(low=6 * HOUR_S, high=12 * HOUR_S),
        never_runs_out_fraction=0.0,
        gap_s=Range(low=15 * MINUTE_S, high=3 * HOUR_S, skewed=True),
        stays_off_fraction=0.10,
        stop_s=Range(low=5 * MINUTE_S, high=90 * MINUTE_S, skewed=True),
        reason="What a BPTM is sold for. 30 A inlets carry 7.2 kW. Tanks last 8 to 12 h at half load; engines must "
        "cool to be refuelled; in a long shutoff some find no petrol.",
    ),
    Source(
        kind=BackupKind.INVERTER,
        share_fraction=0.14,
        ratings_w_a=((4500, 30), (5500, 30), (7000, 30)),
        by_hand=True,
        start_s=Range(low=6 * MINUTE_S, high=2 * HOUR_S, skewed=True),
        run_s=Range(low=6 * HOUR_S, high=16 * HOUR_S),
        never_runs_out_fraction=0.0,
        gap_s=Range(low=10 * MINUTE_S, high=2 * HOUR_S, skewed=True),
        stays_off_fraction=0.08,
        stop_s=Range(low=5 * MINUTE_S, high=90 * MINUTE_S, skewed=True),
        reason="Quiet 120/240 V inverter generators; lighter, so quicker to set up; they idle down, so a tank lasts.",
    ),
    Source(
        kind=BackupKind.STANDBY,
        share_fraction=0.12,
        ratings_w_a=((7500, 50), (10000, 50), (11500, 50)),
        by_hand=False,
        start_s=Range(low=8, high=25),
        run_s=Range(low=48 * HOUR_S, high=160 * HOUR_S),
        never_runs_out_fraction=0.70,
        gap_s=Range(low=6 * HOUR_S, high=36 * HOUR_S),
        stays_off_fraction=0.30,
        stop_s=Range(low=60, high=300),
        reason="Starts by itself after the usual 5 to 15 s wait and crank, cools down before it stops. Most on piped "
        "gas, the rest on a propane tank that a lorry must fill.",
    ),
    Source(
        kind=BackupKind.BATTERY,
        share_fraction=0.10,
        ratings_w_a=((5000, 30), (7600, 50), (9600, 50)),
        by_hand=False,
        start_s=Range(low=3, high=15),
        run_s=Range(low=6 * HOUR_S, high=30 * HOUR_S),
        never_runs_out_fraction=0.0,
        gap_s=Range(low=8 * HOUR_S, high=16 * HOUR_S),
        stays_off_fraction=0.60,
        stop_s=Range(low=5, high=20),
        reason="10 to 27 kWh against some 0.8 kW of essential load; two in five have panels of their own behind the "
        "battery that fill it by the next day.",
    ),
    Source(
        kind=BackupKind.EV,
        share_fraction=0.04,
        ratings_w_a=((7200, 30), (9600, 50)),
        by_hand=True,
        start_s=Range(low=5 * MINUTE_S, high=4 * HOUR_S, skewed=True),
        run_s=Range(low=24 * HOUR_S, high=72 * HOUR_S),
        never_runs_out_fraction=0.0,
        gap_s=Range(low=2 * HOUR_S, high=6 * HOUR_S),
        stays_off_fraction=0.30,
        stop_s=Range(low=10 * MINUTE_S, high=3 * HOUR_S, skewed=True),
        reason="60 to 130 kWh; someone must be home with the car and plug it in; it is driven away to charge.",
    ),
)
"""The rest, 16 in 100, have no source: they moved, sold it, lent it, or wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Shares and ranges that do not depend on the source."""

    utility_v: Range = Range(low=118.0, high=123.0)
    """ANSI C84.1 range A is 114 to 126 V; feeders are kept in its middle."""
    service_ohm: Range = Range(low=0.03, high=0.08)
    """Drop, service and half a transformer: 2 to 5 V at 60 A."""
    base_w: Range = Range(low=120.0, high=450.0)
    daily_w: Range = Range(low=500.0, high=2800.0, skewed=True)
    """At the evening peak; 1.5 to 3 kW a home, diversified and all loads together."""
    cycling_w: Range = Range(low=130.0, high=700.0, skewed=True)
    """One refrigerator, to a freezer and a well pump more."""
    cycling_on_s: Range = Range(low=8 * MINUTE_S, high=20 * MINUTE_S)
    cycling_off_s: Range = Range(low=15 * MINUTE_S, high=45 * MINUTE_S)
    heavy_share_fraction: float = 0.55
    """Homes with electric water or space heat; the others burn gas or propane."""
    heavy_w: Range = Range(low=3000.0, high=9600.0, skewed=True)
    """A water heater's element takes 4.5 kW, a dryer 5.5 kW, an electric furnace 9.6 kW: most sources cannot carry
    the larger ones."""
    heavy_on_s: Range = Range(low=8 * MINUTE_S, high=25 * MINUTE_S)
    heavy_off_s: Range = Range(low=40 * MINUTE_S, high=150 * MINUTE_S)
    heavy_left_on_fraction: float = 0.08
    """Of homes with such a load and a source: they forget its breaker on the first evening."""
    essential_fraction: Range = Range(low=0.25, high=0.75)
    medical_fraction: float = 0.06
    """Medical Baseline is 5 to 6 % of PG&E's residential customers."""
    generation_fraction: float = 0.15
    """Homes with solar that the utility knows of, and that its owner switches off as told."""
    away_fraction: float = 0.08
    away_s: Range = Range(low=3 * HOUR_S, high=20 * HOUR_S)
    """Nobody is home when the power goes; this is added to what a person takes."""
    night_from_h: float = 22.0
    night_to_h: float = 6.0
    asleep_fraction: float = 0.65
    """Of those whose power goes at night: they start nothing before the morning."""
    morning_h: float = 6.5
    up_s: Range = Range(low=0, high=2 * HOUR_S)
    """How long after `morning_h` they begin."""


HABITS = Habits()


class Draws:
    """Even draws for all homes at once, in the order asked."""

    def __init__(self, seed: int | np.random.SeedSequence, homes: int) -> None:
        """Start the generator: same seed, same homes, same draws."""
        self._doubles = np.random.default_rng(seed)
        self.homes = homes

    def even(self) -> NDArray[np.float64]:
        """From 0 to below 1, one a home."""
        return self._doubles.random(self.homes)

    def within(self, span: Range) -> NDArray[np.float64]:
        """Within a range, one a home."""
        even = self.even()
        return span.low + (span.high - span.low) * (even * even if span.skewed else even)

    def chance(self, fraction: float) -> NDArray[np.bool_]:
        """True for about this part of the homes."""
        return self.even() < fraction

    def distinct(self, below: int) -> NDArray[np.int64]:
        """One whole number a home, all different, every set of them equally likely.

        Args:
            below: The numbers are 0 to `below` - 1; at least as many as homes.
        """
        chosen: dict[int, None] = {}
        while len(chosen) < self.homes:
            for number in (self.even() * below).astype(np.int64).tolist():
                chosen.setdefault(number)
        return np.array(list(chosen)[: self.homes], dtype=np.int64)


def ticks(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole ticks of a length of time."""
    return np.rint(seconds * TICKS_PER_S).astype(np.int64)


def furnish(setups: NDArray[np.void], draws: Draws, off_hour_h: NDArray[np.float64], habits: Habits = HABITS) -> None:
    """Fill in everything of each home but its outages and faults.

    Args:
        setups: Records of `terms.core_home.SETUP_FIELDS`; changed in place.
        draws: Where chance comes from.
        off_hour_h: Local hour, 0 to 24, at which the longest outage of each home begins: on it depends whether a
            person gets up.
        habits: The table to draw from.
    """
    setups["seed"] = (draws.even() * SEEDS).astype(np.int64)
    for name in ("utility_v", "service_ohm", "base_w", "daily_w", "cycling_w", "essential_fraction"):
        span: Range = getattr(habits, name)
        setups[name] = draws.within(span)
    for name in ("cycling_on", "cycling_off", "heavy_on", "heavy_off"):
        length_s: Range = getattr(habits, f"{name}_s")
        setups[f"{name}_ticks"] = ticks(draws.within(length_s))
    heavy = draws.chance(habits.heavy_share_fraction)
    setups["heavy_w"] = np.where(heavy, draws.within(habits.heavy_w), 0.0)
    setups["medical"] = draws.chance(habits.medical_fraction)
    setups["load_side_generation"] = draws.chance(habits.generation_fraction)
    wait_s = _person_s(draws, off_hour_h, habits)
    kind = draws.even()
    setups["backup_kind"] = BackupKind.NONE
    setups["backup_rating_w"] = 1.0
    setups["inlet_rating_a"] = 30.0
    for name in ("backup_start_ticks", "backup_run_ticks", "backup_gap_ticks"):
        setups[name] = NEVER_TICKS
    so_far = 0.0
    for source in SOURCES:
        chosen = (kind >= so_far) & (kind < so_far + source.share_fraction)
        so_far += source.share_fraction
        equip(setups, draws, source, chosen, wait_s)
    forgets = draws.chance(habits.heavy_left_on_fraction)
    setups["heavy_left_on"] = forgets & heavy & (setups["backup_kind"] != BackupKind.NONE)


def equip(
    setups: NDArray[np.void], draws: Draws, source: Source, chosen: NDArray[np.bool_], wait_s: NDArray[np.float64]
) -> None:
    """Give the chosen homes a source. Draws for all homes, so that one home's luck does not shift another's."""
    model = (draws.even() * len(source.ratings_w_a)).astype(np.int64)
    ratings = np.array(source.ratings_w_a, dtype=np.float64)[model]
    run = ticks(draws.within(source.run_s))
    run = np.where(draws.chance(source.never_runs_out_fraction), NEVER_TICKS, run)
    gap = ticks(draws.within(source.gap_s))
    gap = np.where(draws.chance(source.stays_off_fraction), NEVER_TICKS, gap)
    start_s = draws.within(source.start_s) + (wait_s if source.by_hand else 0.0)
    drawn: dict[str, NDArray[Any]] = {
        "backup_kind": np.full(draws.homes, source.kind, dtype=np.int32),
        "backup_rating_w": ratings[:, 0],
        "inlet_rating_a": ratings[:, 1],
        "backup_start_ticks": ticks(start_s),
        "backup_run_ticks": run,
        "backup_gap_ticks": gap,
        "backup_stop_ticks": ticks(draws.within(source.stop_s)),
    }
    for name, values in drawn.items():
        setups[name][chosen] = values[chosen]


def _person_s(draws: Draws, off_hour_h: NDArray[np.float64], habits: Habits) -> NDArray[np.float64]:
    """How long until somebody is there and awake to begin."""
    night = (off_hour_h >= habits.night_from_h) | (off_hour_h < habits.night_to_h)
    asleep = night & draws.chance(habits.asleep_fraction)
    until_s = np.mod(habits.morning_h - off_hour_h, 24.0) * HOUR_S + draws.within(habits.up_s)
    away = draws.chance(habits.away_fraction)
    return np.where(asleep, until_s, 0.0) + np.where(away, draws.within(habits.away_s), 0.0)
