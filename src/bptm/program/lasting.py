"""How long a home lasts on its backup, as a random variable: what it draws, what it has, what fails, what comes again.

A home with a stock E and a draw p lasts E / p. An engine fails to start with chance q, and while it runs with rate
1 / m. A filling comes again with chance r each time the stock is gone, so n more follow with P(n) = (1 - r) r^n.
Homes differ (aleatory: stocks and loads are log-normal around their means); the means themselves are not known
(epistemic: each is drawn from its range once a set). `survivors` gives the share of homes of each set still supplied
at an instant, so that the spread over sets is the uncertainty of the curve, and the curve is the spread over homes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FOREVER_H = 24.0 * 365.0
"""Longer than any outage looked at; stands for "does not end by itself"."""

SOLAR_STEP_H = 1.0
SOLAR_LAST_H = 24 * 21
"""A home with sun is followed hour by hour for three weeks; what still lives then is said to live on."""

FILLINGS_MAX = 200


class Backup(Enum):
    """Kinds of backup a home may have."""

    NONE = "none"
    PORTABLE = "portable"
    INVERTER = "inverter"
    STANDBY = "standby"
    BATTERY = "battery"
    EV = "ev"
    SOLAR_BATTERY = "solar_battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What an assumption may be: triangular or uniform between low and high, or fixed at its value."""

    value: float
    low: float
    high: float
    distribution: str

    def drawn(self, random: Generator, count: int) -> Floats:
        """So many values of it."""
        if self.distribution == "fixed" or self.low == self.high:
            return np.full(count, self.value)
        if self.distribution == "uniform":
            return random.uniform(self.low, self.high, count)
        return random.triangular(self.low, self.value, self.high, count)


NEEDED = (
    "start_failure_fraction", "standby_start_failure_fraction", "run_failure_h", "load_w", "load_spread_ratio",
    "medical_load_w", "portable_idle_l_per_hour", "portable_l_per_kwh", "inverter_idle_l_per_hour",
    "inverter_l_per_kwh", "petrol_at_home_l", "petrol_spread_ratio", "refuel_fraction", "standby_gas_fraction",
    "gas_loss_h", "propane_l", "propane_l_per_hour", "battery_wh", "battery_charge_fraction", "ev_wh",
    "ev_charge_fraction", "ev_overhead_w", "ev_refuel_fraction", "solar_w", "solar_day_h", "medical_battery_h",
)  # fmt: skip
"""Assumptions of this model; the reason for each stands with its range."""


def lasting_h(  # noqa: PLR0913 - what is asked, and of how many
    kind: Backup, ranges: Mapping[str, Range], random: Generator, *, sets: int, homes: int, medical: bool
) -> Floats:
    """Hours that homes of a kind last, shape (sets, homes).

    A medical home's devices add to its load; their own battery bridges what is left when the source is gone, and is
    counted in, since the question is how long the devices run.
    """
    mean = {name: ranges[name].drawn(random, sets)[:, None] for name in NEEDED}
    load_w = _scattered(mean["load_w"], mean["load_spread_ratio"], random, homes)
    if medical:
        load_w = load_w + mean["medical_load_w"]
    lasting = _source_h(kind, mean, load_w, random)
    return lasting + mean["medical_battery_h"] if medical else lasting


def _source_h(kind: Backup, mean: Mapping[str, Floats], load_w: Floats, random: Generator) -> Floats:
    match kind:
        case Backup.NONE:
            return np.zeros(load_w.shape)
        case Backup.PORTABLE | Backup.INVERTER:
            used = mean[f"{kind.value}_idle_l_per_hour"] + mean[f"{kind.value}_l_per_kwh"] * load_w / 1000
            stock = _scattered(mean["petrol_at_home_l"], mean["petrol_spread_ratio"], random, load_w.shape[1])
            fuel_h = with_fillings_h(stock / used, mean["refuel_fraction"], random)
            return engine_h(fuel_h, mean["start_failure_fraction"], mean["run_failure_h"], random)
        case Backup.STANDBY:
            on_gas = random.random(load_w.shape) < mean["standby_gas_fraction"]
            gas_h = random.exponential(1.0, load_w.shape) * mean["gas_loss_h"]
            propane_h = (mean["propane_l"] / mean["propane_l_per_hour"]) * np.ones(load_w.shape)
            fuel_h = np.where(on_gas, gas_h, propane_h)
            return engine_h(fuel_h, mean["standby_start_failure_fraction"], mean["run_failure_h"], random)
        case Backup.BATTERY:
            return mean["battery_wh"] * mean["battery_charge_fraction"] / load_w
        case Backup.EV:
            once = mean["ev_wh"] * mean["ev_charge_fraction"] / (load_w + mean["ev_overhead_w"])
            return with_fillings_h(once, mean["ev_refuel_fraction"], random)
        case Backup.SOLAR_BATTERY:
            return solar_battery_h(
                mean["battery_wh"],
                mean["battery_charge_fraction"],
                mean["solar_w"] * mean["solar_day_h"],
                load_w,
                random,
            )


def engine_h(fuel_h: Floats, start_failure: Floats, run_failure_h: Floats, random: Generator) -> Floats:
    """Hours of an engine: none when it does not start, else until fuel or engine is at its end."""
    starts = random.random(fuel_h.shape) >= start_failure
    breaks_h = random.exponential(1.0, fuel_h.shape) * run_failure_h
    return np.where(starts, np.minimum(fuel_h, breaks_h), 0.0)


def with_fillings_h(once_h: Floats, again_fraction: Floats, random: Generator) -> Floats:
    """Hours with the fillings that come after the first; each comes with the same chance."""
    chance = random.random(once_h.shape)
    with np.errstate(divide="ignore"):
        # P(N >= n) = r^n, so N = floor(ln u / ln r).
        more = np.floor(np.log(np.maximum(chance, 1e-300)) / np.log(np.clip(again_fraction, 1e-12, 1 - 1e-12)))
    return np.minimum(once_h * (1 + np.minimum(more, FILLINGS_MAX)), FOREVER_H)


def solar_battery_h(battery_wh: Floats, charge: Floats, day_wh: Floats, load_w: Floats, random: Generator) -> Floats:
    """Hours until the battery is empty for the first time, the outage beginning at any hour of the day.

    The sun gives its day's energy in a half sine from 06:00 to 18:00; what the battery cannot hold is lost.
    """
    hour = np.arange(24) + 0.5
    shape = np.clip(np.sin(np.pi * (hour - 6) / 12), 0, None)
    shape /= shape.sum()
    begins = random.integers(0, 24, load_w.shape)
    held = battery_wh * charge * np.ones(load_w.shape)
    lasting = np.full(load_w.shape, FOREVER_H)
    living = np.ones(load_w.shape, np.bool_)
    for step in range(int(SOLAR_LAST_H / SOLAR_STEP_H)):
        gain = day_wh * shape[(begins + step) % 24]
        after = held + (gain - load_w) * SOLAR_STEP_H
        dies = living & (after <= 0)
        # Within the hour it empties in proportion.
        lasting = np.where(dies, step + np.clip(held / np.maximum(load_w - gain, 1e-9), 0, 1), lasting)
        living &= ~dies
        held = np.minimum(after, battery_wh)
        if not living.any():
            break
    return lasting


def _scattered(mean: Floats, spread: Floats, random: Generator, homes: int) -> Floats:
    """Log-normal around a mean: homes differ, and their mean is kept."""
    return mean * np.exp(spread * random.standard_normal((mean.shape[0], homes)) - spread**2 / 2)


def survivors(lasting: Floats, at_h: Floats) -> Floats:
    """Share of each set's homes that last at least so long, shape (sets, instants)."""
    ordered = np.sort(lasting, axis=1)
    homes = lasting.shape[1]
    return np.stack([1 - np.searchsorted(row, at_h, side="left") / homes for row in ordered])
