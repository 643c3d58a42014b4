"""Many homes in virtual time: structured arrays around the compiled kernel."""

import io
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.compiler import kernel
from bptm.compiled.dtypes import dtype_of
from bptm.controller.remote import HOLD_MAX_TICKS, HOLD_MIN_TICKS
from bptm.terms import core_device, core_home, core_plant, core_report, core_settings
from bptm.terms.core_codes import (
    CAUSE_NONE,
    MODE_ON_BACKUP,
    NEVER_TICKS,
    TICKS_PER_S,
    UNMET_DURATION,
    UNMET_LOCKED_OUT,
    UNMET_MEDICAL_DARK,
    UNMET_NOT_AWAITING_RETURN,
    UNMET_NOT_HELD,
)

HOME_DTYPE = dtype_of(core_plant.FIELDS)
SETUP_DTYPE = dtype_of(core_home.SETUP_FIELDS)
DEVICE_DTYPE = dtype_of(core_device.DEVICE_FIELDS)
INTERLOCK_DTYPE = dtype_of(core_device.INTERLOCK_FIELDS)
INTERLOCK_INPUT_DTYPE = dtype_of(core_device.INTERLOCK_INPUT_FIELDS)
MEASURED_DTYPE = dtype_of(core_device.MEASURED_FIELDS)
SETTINGS_DTYPE = dtype_of(core_settings.FIELDS)
REPORT_DTYPE = dtype_of(core_report.FIELDS, first=(("home", "i4"),))

LEDGER_DTYPE = np.dtype(
    [
        ("dark_s", "i8"),
        ("backup_s", "i8"),
        ("transfers", "i8"),
        ("unsafe_ticks", "i8"),
        ("true_dark_ticks", "i8"),
        ("true_backup_ticks", "i8"),
        ("utility_in_mwticks", "i8"),
        ("utility_out_mwticks", "i8"),
        ("backup_in_mwticks", "i8"),
        ("backup_out_mwticks", "i8"),
        ("solar_mwticks", "i8"),
        ("register_utility_in_mwticks", "i8"),
        ("register_backup_in_mwticks", "i8"),
        ("register_unassigned_mwticks", "i8"),
        ("starts", "i8"),
        ("violations", "i8"),
    ]
)

_FED_BY_NONE = 0
_FED_BY_BACKUP = 2
_ROOM = 65_536


def default_settings(homes: int) -> NDArray[np.void]:
    """The controller's settings at their defaults, one row a home."""
    settings = np.zeros(homes, SETTINGS_DTYPE)
    for row in core_settings.SETTINGS:
        settings[row[0]] = row[4]
    return settings


HOUR_TICKS = 3600 * TICKS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyWeather:
    """Weather of thermal houses: values at full hours, straight lines between."""

    first_tick: int
    """Tick of the first value; not above 0. Houses settle from then to tick 0."""
    outdoor_c: NDArray[np.float64]
    sun: NDArray[np.float64]
    """On upright glass, mean of all sides, W/m2."""


class Fleet:
    """Homes with their meters, all at the same tick between calls."""

    def __init__(
        self,
        setups: NDArray[np.void],
        start_tick_of_day: int,
        arrays: dict[str, NDArray[Any]],
        weather: HourlyWeather | None = None,
    ) -> None:
        """Use `build` or `from_bytes`."""
        self._setups = setups
        self._start_tick_of_day = start_tick_of_day
        self._a = arrays
        self._kernel = kernel()
        self._out = np.zeros(_ROOM, REPORT_DTYPE)
        self._weather = weather
        self._weather_hour = -1
        self._said: list[NDArray[np.void]] = []

    @classmethod
    def build(cls, setups: NDArray[np.void], start_second_of_day: int, weather: HourlyWeather | None = None) -> Self:
        """All homes on the utility at tick 0, thermal houses settled by the weather before it.

        Args:
            setups: `SETUP_DTYPE`, one row a home.
            start_second_of_day: Local second of the day at tick 0.
            weather: For thermal houses.

        Raises:
            ValueError: A thermal house without weather.
        """
        if weather is None and setups["house"].any():
            msg = "thermal houses need weather: give hourly values"
            raise ValueError(msg)
        n = len(setups)
        arrays: dict[str, NDArray[Any]] = {
            "home": np.zeros(n, HOME_DTYPE),
            "device": np.zeros(n, DEVICE_DTYPE),
            "interlock": np.zeros(n, INTERLOCK_DTYPE),
            "measured": np.zeros(n, MEASURED_DTYPE),
            "input": np.zeros(n, INTERLOCK_INPUT_DTYPE),
            "settings": default_settings(n),
        }
        fleet = cls(setups.astype(SETUP_DTYPE), start_second_of_day * TICKS_PER_S, arrays, weather)
        fleet._settle()
        a = arrays
        fleet._kernel.begin_all(
            a["home"],
            fleet._setups,
            a["device"],
            a["measured"],
            a["input"],
            a["settings"],
            fleet._start_tick_of_day,
        )
        return fleet

    def _settle(self) -> None:
        """Thermal houses alone, hour by hour, to tick 0."""
        if self._weather is None:
            return
        tick = self._weather.first_tick
        begin = 1
        while tick < 0:
            self._set_weather(tick)
            until = min(0, self._weather_end(tick))
            self._kernel.settle_all(self._a["home"], self._setups, self._start_tick_of_day, tick, until, begin)
            tick, begin = until, 0

    def _weather_end(self, tick: int) -> int:
        """The tick at which the hour of weather around a tick ends; `NEVER_TICKS` without weather."""
        if self._weather is None:
            return NEVER_TICKS
        first = self._weather.first_tick
        return first + ((tick - first) // HOUR_TICKS + 1) * HOUR_TICKS

    def _set_weather(self, tick: int) -> None:
        """Gives every home the hour of weather that a tick lies in."""
        weather = self._weather
        if weather is None:
            return
        hour = (tick - weather.first_tick) // HOUR_TICKS
        if hour == self._weather_hour:
            return
        if not 0 <= hour < len(weather.outdoor_c) - 1:
            msg = f"no weather for tick {tick}: {len(weather.outdoor_c)} values from tick {weather.first_tick}"
            raise ValueError(msg)
        self._weather_hour = hour
        home = self._a["home"]
        home["weather_tick"] = weather.first_tick + hour * HOUR_TICKS
        home["outdoor_from_c"], home["outdoor_to_c"] = weather.outdoor_c[hour : hour + 2]
        home["sun_from"], home["sun_to"] = weather.sun[hour : hour + 2]

    def __len__(self) -> int:
        """Number of homes."""
        return len(self._setups)

    @property
    def tick(self) -> int:
        """Ticks since the event clock's zero."""
        return int(self._a["home"]["tick"].min()) if len(self) else 0

    def advance(self, until_tick: int) -> NDArray[np.void]:
        """Simulates every home up to `until_tick`.

        Returns:
            Reports (`REPORT_DTYPE`) ordered by home, then tick, then as made; those of commands since the
            last call come first for their home.
        """
        parts, self._said = self._said, []
        tick = self.tick
        while tick < until_tick:
            self._set_weather(tick)
            tick = min(until_tick, self._weather_end(tick))
            parts += self._advance(tick)
        reports = np.concatenate(parts) if parts else self._out[:0].copy()
        if len(parts) > 1:
            reports = reports[np.argsort(reports["home"], kind="stable")]
        return reports

    def _advance(self, until_tick: int) -> list[NDArray[np.void]]:
        """Reports of all homes up to a tick, within one hour of weather."""
        a = self._a
        parts: list[NDArray[np.void]] = []
        first = 0
        while first < len(self):
            n, first = self._kernel.advance_all(
                a["home"],
                self._setups,
                a["device"],
                a["interlock"],
                a["measured"],
                a["input"],
                a["settings"],
                self._start_tick_of_day,
                until_tick,
                self._out,
                first,
            )
            parts.append(self._out[:n].copy())
        return parts

    def set_outages(self, off_tick: NDArray[np.int64], on_tick: NDArray[np.int64]) -> None:
        """The outages from now on, in place of all known so far; one that is under way must be the first of its home.

        Args:
            off_tick: Shape (homes, at most OUTAGES_MAX), ascending along a row; NEVER_TICKS where there is none.
            on_tick: When each ends.

        Raises:
            ValueError: Too many, or an outage that is over already.
        """
        count = off_tick.shape[1]
        if count > core_home.OUTAGES_MAX or (on_tick < self.tick).any():
            msg = f"{count} outages a home, expected at most {core_home.OUTAGES_MAX}, none ended before now"
            raise ValueError(msg)
        self._setups["utility_off_tick"][:, :count] = off_tick
        self._setups["utility_on_tick"][:, :count] = on_tick
        self._setups["outages"] = (off_tick < NEVER_TICKS).sum(axis=1)
        self._a["home"]["next_outage"] = 0

    def homes(self) -> NDArray[np.void]:
        """State of each home (`HOME_DTYPE`), for reading only: a view that changes with the next advance."""
        view = self._a["home"].view()
        view.flags.writeable = False
        return view

    def setups(self) -> NDArray[np.void]:
        """What stands in each home (`SETUP_DTYPE`): the fleet's own, so that a thermostat's program can move it."""
        return self._setups

    def command(self, home: int, action: int, hold_ticks: int) -> tuple[tuple[int, float, float], ...]:
        """A remote action on one meter, now.

        Returns:
            Every unmet condition: its bit (`UNMET_...`), the value found and the limit it needed. Empty when the
            action was carried out.
        """
        a = self._a
        out = np.zeros(16, REPORT_DTYPE)
        device = a["device"][home]
        unmet, n = self._kernel.command_home(
            a["home"][home], device, a["measured"][home], a["settings"][home], action, hold_ticks, out, 0, home
        )
        self._said.append(out[:n])
        hold_s = hold_ticks / TICKS_PER_S
        limit_ticks = HOLD_MIN_TICKS if hold_ticks < HOLD_MIN_TICKS else HOLD_MAX_TICKS
        values = {
            UNMET_NOT_AWAITING_RETURN: (float(device["mode"]), float(MODE_ON_BACKUP)),
            UNMET_MEDICAL_DARK: (float(a["measured"][home]["bus_l1_v"]), float(a["settings"][home]["live_v"])),
            UNMET_LOCKED_OUT: (float(device["latched"]), float(CAUSE_NONE)),
            UNMET_NOT_HELD: (device["hold_left_ticks"] / TICKS_PER_S, 1.0),
            UNMET_DURATION: (hold_s, limit_ticks / TICKS_PER_S),
        }
        # A reason without a value of its own is still a reason: a refusal must never pass for an acceptance.
        bits = (1 << place for place in range(int(unmet).bit_length()) if int(unmet) >> place & 1)
        found = [(bit, values.get(bit, (0.0, 1.0))) for bit in bits]
        return tuple((bit, float(value), float(needs)) for bit, (value, needs) in found)

    def powered(self) -> NDArray[np.bool_]:
        """Which meters have power now, and so can talk and hear."""
        return self._a["home"]["powered"] == 1

    def mode(self) -> NDArray[np.int32]:
        """Mode of each meter."""
        return self._a["device"]["mode"].copy()

    def read_now(self, home: int) -> NDArray[np.void]:
        """One telemetry row of a meter, as of now."""
        a = self._a
        out = np.zeros(1, REPORT_DTYPE)
        self._kernel.write_report(
            out[0], home, 0, 0, self.tick, a["device"][home], a["measured"][home], a["settings"][home]
        )
        return out

    def next_change_tick(self) -> int:
        """The next tick at which an outage begins or ends or a source starts or stops; `NEVER_TICKS` when none."""
        home = self._a["home"]
        rows = np.arange(len(self))
        at = np.minimum(home["next_outage"], core_home.OUTAGES_MAX - 1)
        outage = np.where(
            home["feeder_on"] == 1,
            self._setups["utility_off_tick"][rows, at],
            self._setups["utility_on_tick"][rows, at],
        )
        outage = np.where(home["next_outage"] < self._setups["outages"], outage, NEVER_TICKS)
        return int(min(outage.min(), home["source_next_tick"].min())) if len(self) else NEVER_TICKS

    def ledger(self) -> NDArray[np.void]:
        """What is true of each home, from the solved circuit; dark and backup seconds as journalled, up to now."""
        home = self._a["home"]
        device = self._a["device"]
        ledger = np.zeros(len(self), LEDGER_DTYPE)
        for name in (
            "unsafe_ticks",
            "true_dark_ticks",
            "true_backup_ticks",
            "utility_in_mwticks",
            "utility_out_mwticks",
            "backup_in_mwticks",
            "backup_out_mwticks",
            "solar_mwticks",
            "violations",
        ):
            ledger[name] = home[name]
        since_s = home["tick"] // TICKS_PER_S - home["journal_s"]
        ledger["dark_s"] = home["journal_dark_s"] + np.where(home["journal_fed_by"] == _FED_BY_NONE, since_s, 0)
        ledger["backup_s"] = home["journal_backup_s"] + np.where(home["journal_fed_by"] == _FED_BY_BACKUP, since_s, 0)
        ledger["transfers"] = device["transfers"]
        ledger["starts"] = device["starts"]
        ledger["register_utility_in_mwticks"] = device["utility_in_mwticks"]
        ledger["register_backup_in_mwticks"] = device["backup_in_mwticks"]
        ledger["register_unassigned_mwticks"] = device["unassigned_mwticks"]
        return ledger

    def to_bytes(self) -> bytes:
        """The whole state, for a checkpoint. Call it when every report has been taken with `advance`.

        Raises:
            ValueError: Reports of a command have not been taken yet.
        """
        if self._said:
            msg = "reports of a command are not yet taken: call advance first"
            raise ValueError(msg)
        buffer = io.BytesIO()
        np.savez(buffer, start=np.int64(self._start_tick_of_day), **self._a)  # pyright: ignore[reportArgumentType]  numpy's stub takes kwds as bool
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, setups: NDArray[np.void], raw: bytes) -> Self:
        """The fleet of `to_bytes`, with the same setups.

        Raises:
            ValueError: The state has another number of homes or was made by another version of the records.
        """
        with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "start"}
            start = int(stored["start"])
        expected = {
            "home": HOME_DTYPE,
            "device": DEVICE_DTYPE,
            "interlock": INTERLOCK_DTYPE,
            "measured": MEASURED_DTYPE,
            "input": INTERLOCK_INPUT_DTYPE,
            "settings": SETTINGS_DTYPE,
        }
        for name, dtype in expected.items():
            if name not in arrays or arrays[name].dtype != dtype or len(arrays[name]) != len(setups):
                msg = f"checkpoint: {name} does not fit this version or this number of meters; start with --fresh"
                raise ValueError(msg)
        return cls(setups.astype(SETUP_DTYPE), start, cast("dict[str, NDArray[Any]]", arrays))
