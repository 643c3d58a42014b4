"""Hourly weather of a year: outdoor temperature and sun, from a file or from the small climates shipped here.

The shipped climates are of our own making: monthly normals rounded from general knowledge of the two stations (NOAA
1991-2020 normals, NREL's solar maps; not checked against their tables), a cosine between the coolest hour and the
warmest, a clear sky scaled to the month's mean. Every day of a month is alike: use a file for real days.
"""

import gzip
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bptm.twin.fleet_plan import SETTLE_H, FleetError, FleetWeather
from bptm.twin.weather_files import HOURS, Hours, read_hours

_BYTES_MAX = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """Monthly normals of a place, January first."""

    name: str
    place: str
    latitude: float
    high_c: tuple[float, ...]
    low_c: tuple[float, ...]
    sun_kwh: tuple[float, ...]
    """Mean daily global horizontal sun, kWh/m2."""


CLIMATES = (
    Climate(
        name="california",
        place="Sacramento, California",
        latitude=38.5,
        high_c=(12.8, 16.2, 19.3, 22.6, 27.2, 31.5, 34.0, 33.7, 31.3, 25.6, 17.8, 12.7),
        low_c=(4.0, 5.4, 7.0, 8.4, 11.2, 13.8, 15.1, 14.9, 13.6, 10.2, 6.4, 3.8),
        sun_kwh=(1.9, 2.9, 4.4, 5.9, 7.1, 7.9, 7.9, 7.0, 5.6, 3.9, 2.4, 1.7),
    ),
    Climate(
        name="north-carolina",
        place="Raleigh, North Carolina",
        latitude=35.9,
        high_c=(10.8, 13.0, 17.2, 22.4, 26.4, 30.4, 32.3, 31.3, 27.8, 22.6, 17.0, 12.4),
        low_c=(-0.7, 0.4, 3.8, 8.6, 13.7, 18.4, 20.6, 20.0, 16.5, 9.8, 4.0, 1.0),
        sun_kwh=(2.3, 3.1, 4.3, 5.4, 5.9, 6.2, 6.0, 5.4, 4.6, 3.7, 2.6, 2.1),
    ),
)
_SOLAR_CONSTANT = 1367.0
_ALBEDO = 0.2
_LEAST_SINE = 0.087
"""Below 5 degrees the sun is behind something."""
_WARMEST_H, _COOLEST_H = 15.0, 5.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """A year of hours."""

    name: str
    """Of a shipped climate, or of the file."""
    outdoor_c: NDArray[np.float64]
    """At each full hour of a year of 365 days, from midnight of 1 January, local standard time."""
    sun: NDArray[np.float64]
    """Sun on upright glass at each full hour, mean of all sides, W/m2."""
    known: NDArray[np.bool_]
    """Hours that the file has."""

    def hour(self, at: datetime) -> int:
        """Index of the hour that `at` lies in. A leap day repeats 28 February."""
        day = min(at.day, 28) if at.month == 2 else at.day  # noqa: PLR2004 - February
        return (datetime(2001, at.month, day) - datetime(2001, 1, 1)).days * 24 + at.hour  # noqa: DTZ001 - local time

    def demand(self, begins: datetime, ends: datetime) -> None:
        """Refuses a span that the file does not cover."""
        at = begins
        while at <= ends:
            if not self.known[self.hour(at)]:
                msg = f"--weather {self.name}: no row for {at:%d %B %H:00}; the run needs "
                msg += f"{begins:%d %B %H:00} to {ends:%d %B %H:00}, its hours of settling with it"
                raise FleetError(msg)
            at += timedelta(hours=1)

    def of_run(self, start: datetime, span_s: int) -> FleetWeather:
        """What a run needs of this year.

        Raises:
            FleetError: An hour of it is not in the file.
        """
        begins = start.replace(minute=0, second=0, microsecond=0) - timedelta(hours=SETTLE_H)
        hours = SETTLE_H + -(-(span_s + start.minute * 60 + start.second) // 3600) + 2
        self.demand(begins, begins + timedelta(hours=hours - 1))
        places = [self.hour(begins + timedelta(hours=hour)) for hour in range(hours)]
        day = self.hour(start) // 24
        return FleetWeather(
            name=self.name, outdoor_c=self.outdoor_c[places], sun=self.sun[places],
            inlet_c=float(self.water_c[day]), ground_c=float(self.ground_c[day]),
        )  # fmt: skip

    def warmer(self, by_c: float) -> "Weather":
        """The same, warmer at every hour."""
        return Weather(name=self.name, outdoor_c=self.outdoor_c + by_c, sun=self.sun, known=self.known)

    @property
    def water_c(self) -> NDArray[np.float64]:
        """Cold water by day of the year: follows the month's air late and weakly.

        Source: own choice, two thirds of the year's swing a month late, after the shape of NREL's mains model.
        """
        mean, late = self._late(30)
        return mean + 1.5 + 0.65 * (late - mean)

    @property
    def ground_c(self) -> NDArray[np.float64]:
        """The ground 1.5 m under a slab by day of the year: half of the year's swing, 35 days late.

        Source: Kusuda and Achenbach (1965) with a diffusivity of 0.05 m2/day: a swing of exp(-1.5 x 0.415) = 0.54, half
        the depth times 48 days a metre late.
        """
        mean, late = self._late(35)
        return mean + 0.54 * (late - mean)

    def _late(self, days: int) -> tuple[float, NDArray[np.float64]]:
        """Mean air of the year, and by day that of the two months around the day so many days before."""
        daily = np.where(self.known, self.outdoor_c, np.nan).reshape(365, 24)
        mean = float(np.nanmean(daily))
        wide = np.concatenate([daily.mean(axis=1)] * 3)
        filled = np.where(np.isnan(wide), mean, wide)
        return mean, np.convolve(filled, np.ones(61) / 61, mode="same")[365 - days : 730 - days]


def load_weather(name: str) -> Weather:
    """A shipped climate by its name, or a file: TMY2, TMY3 or CSV, each also compressed with gzip.

    Raises:
        FleetError: Neither, or the file cannot be read; file and line are named.
    """
    for climate in CLIMATES:
        if climate.name == name:
            return climate_weather(climate)
    path = Path(name).expanduser()
    names = ", ".join(climate.name for climate in CLIMATES)
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                raw = file.read(_BYTES_MAX)
    except FileNotFoundError:
        msg = f"--weather {name!r} is neither a shipped climate ({names}) nor a file; name one"
        raise FleetError(msg) from None
    except (OSError, EOFError) as error:
        msg = (
            f"--weather {path}: cannot be read ({getattr(error, 'strerror', None) or error}); give a TMY2, TMY3 or CSV"
        )
        raise FleetError(msg) from error
    hours = read_hours(path, raw)
    return Weather(name=path.name, outdoor_c=hours.outdoor_c, sun=upright_sun(hours), known=hours.known)


def climate_weather(climate: Climate) -> Weather:
    """A year of a shipped climate."""
    hours = Hours()
    days = np.arange(365) + 0.5
    middles = np.array([15.5, 45, 74.5, 105, 135.5, 166, 196.5, 227.5, 258, 288.5, 319, 349.5])
    high, low, sun_kwh = (
        np.interp(days, np.concatenate([middles - 365, middles, middles + 365]), np.tile(np.array(values), 3))
        for values in (climate.high_c, climate.low_c, climate.sun_kwh)
    )
    for day in range(365):
        # Cooper's declination and the hour angle of sunset.
        declination = math.radians(23.45) * math.sin(math.tau * (284 + day + 1) / 365)
        half_h = math.degrees(math.acos(-math.tan(math.radians(climate.latitude)) * math.tan(declination))) / 15.0
        angles = [(hour - (12.0 - half_h)) / (2.0 * half_h) for hour in range(24)]
        shape = np.array([math.sin(math.pi * angle) ** 1.2 if 0.0 < angle < 1.0 else 0.0 for angle in angles])
        hours.sun[day * 24 : day * 24 + 24] = shape * (1000.0 * float(sun_kwh[day]) / float(shape.sum()))
        for hour in range(24):
            hours.outdoor_c[day * 24 + hour] = low[day] + (high[day] - low[day]) * _diurnal(hour)
    hours.known[:] = True
    hours.latitude = climate.latitude
    return Weather(name=climate.name, outdoor_c=hours.outdoor_c, sun=upright_sun(hours), known=hours.known)


def upright_sun(hours: Hours) -> NDArray[np.float64]:
    """Sun on upright glass, mean of all sides: what a house with windows all round gets, W/m2.

    Direct sun on a wall is its cosine of incidence; over all sides the mean of that is cos(altitude)/pi. Half of the
    sky's diffuse light and half of what a ground of albedo 0.2 throws back. Solar time is taken as standard time.

    Source: isotropic sky of Liu and Jordan (1963); where a file gives only global sun, Erbs, Klein and Duffie (1982)
    divide it; declination by Cooper (1969).
    """
    at = np.arange(HOURS) - (0.5 if hours.hour_mean else 0.0)
    day = at / 24.0
    declination = np.radians(23.45) * np.sin(math.tau * (285 + np.floor(day)) / 365.0)
    angle = np.radians(15.0 * (np.mod(at, 24.0) - 12.0))
    latitude = math.radians(hours.latitude)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(angle)
    high = np.maximum(sine, _LEAST_SINE)
    clearness = np.clip(hours.sun / (_SOLAR_CONSTANT * high), 0.0, 1.0)
    shape = 0.9511 - 0.1604 * clearness + 4.388 * clearness**2 - 16.638 * clearness**3 + 12.336 * clearness**4
    part = np.where(clearness <= 0.22, 1.0 - 0.09 * clearness, np.where(clearness <= 0.8, shape, 0.165))  # noqa: PLR2004
    diffuse = np.where(np.isnan(hours.diffuse), part * hours.sun, hours.diffuse)
    beam = np.where(np.isnan(hours.beam), (hours.sun - diffuse) / high, hours.beam)
    wall = beam * np.sqrt(1.0 - np.minimum(sine, 1.0) ** 2) / math.pi
    total = np.where(sine > 0.0, wall, 0.0) + 0.5 * diffuse + 0.5 * _ALBEDO * hours.sun
    # The mean of an hour stands for its middle: at the full hour, halfway between two of them.
    return 0.5 * (total + np.roll(total, -1)) if hours.hour_mean else total


def _diurnal(hour: float) -> float:
    """0 at the coolest hour, 1 at the warmest, half cosines between."""
    since_h = (hour - _COOLEST_H) % 24.0
    rise_h = _WARMEST_H - _COOLEST_H
    if since_h <= rise_h:
        return 0.5 - 0.5 * math.cos(math.pi * since_h / rise_h)
    return 0.5 + 0.5 * math.cos(math.pi * (since_h - rise_h) / (24.0 - rise_h))
