"""One block of homes through the whole run: a function of plan and block, wherever it is carried out."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.fleet import Fleet, HourlyWeather
from bptm.compiled.warm import compile_fleet
from bptm.terms.codes import BackupKind, Mode
from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S
from bptm.terms.core_home import OUTAGES_MAX
from bptm.terms.core_plant import SOURCE_RUNNING
from bptm.terms.core_report import MWTICKS_PER_WH
from bptm.twin.fleet_columns import SUMS
from bptm.twin.fleet_homes import BlockHomes, in_ticks, make_block
from bptm.twin.fleet_laws import CHECKED_LAWS, check_registers
from bptm.twin.fleet_plan import BLOCK_HOMES, DAY_S, SETTLE_H, FleetPlan

_MWTICKS_PER_WS = 1000 * TICKS_PER_S
_FUEL = {
    BackupKind.PORTABLE: "petrol",
    BackupKind.INVERTER: "petrol",
    BackupKind.STANDBY: "gas",
    BackupKind.BATTERY: "electricity",
    BackupKind.EV: "electricity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResult:
    """What a block leaves behind."""

    block: int
    homes: dict[str, NDArray[Any]]
    """By column of HOME_COLUMNS."""
    sums: dict[str, NDArray[np.float64]]
    """By column of SUMS, one value an interval."""
    each_home: dict[str, NDArray[np.float32]]
    """Shape (homes, intervals) by column of EACH_HOME_COLUMNS; empty unless asked for."""
    checked_ticks: dict[str, int]
    cpu_s: float


class _Meter:
    """Energies of all homes of a block since it was last read."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._before = self._now()

    def _now(self) -> dict[str, NDArray[np.int64]]:
        ledger = self._fleet.ledger()
        return {
            "utility": ledger["utility_in_mwticks"] - ledger["utility_out_mwticks"],
            "backup": ledger["backup_in_mwticks"] - ledger["backup_out_mwticks"],
            "solar": ledger["solar_mwticks"].copy(),
            "hvac": self._fleet.homes()["hvac_mwticks"].copy(),
            "water": self._fleet.homes()["water_mwticks"].copy(),
            "ev": self._fleet.homes()["ev_mwticks"].copy(),
            "transfers": ledger["transfers"].copy(),
        }

    def read(self) -> dict[str, NDArray[np.int64]]:
        """Energy through each way in, and transfers, since the last call."""
        now, before = self._now(), self._before
        self._before = now
        return {name: now[name] - before[name] for name in now}


class _FirstOutage:
    """When the source of each home began to feed it in its first outage, and whether it was dark again in it.

    Looked at where intervals end: lengths are right to an interval.
    """

    def __init__(self, drawn: BlockHomes, span_s: int) -> None:
        homes = len(drawn.setups)
        any_outage = drawn.off_s.shape[1] > 0
        self._off_s = drawn.off_s[:, 0] if any_outage else np.full(homes, span_s)
        self._on_s = np.minimum(drawn.on_s[:, 0], span_s) if any_outage else np.full(homes, span_s)
        self._began_s = np.full(homes, -1)
        self._ended_s = self._on_s.copy()
        self._ran_out = np.zeros(homes, np.bool_)

    def look(self, fleet: Fleet, now_s: int) -> None:
        """At the end of an interval."""
        home = fleet.homes()
        within = (self._off_s < now_s) & (now_s <= self._on_s) & (home["feeder_on"] == 0)
        fed = within & (home["b_poles"] != 0) & (home["source"] == SOURCE_RUNNING)
        self._began_s = np.where(fed & (self._began_s < 0), now_s, self._began_s)
        again = within & ~fed & (self._began_s >= 0) & ~self._ran_out
        self._ended_s = np.where(again, now_s, self._ended_s)
        self._ran_out |= again

    def columns(self) -> dict[str, NDArray[Any]]:
        """Its part of HOME_COLUMNS."""
        fed = self._began_s >= 0
        return {
            "backup_after_s": np.where(fed, self._began_s - self._off_s, self._on_s - self._off_s).astype(np.float64),
            "fed_s": np.where(fed, self._ended_s - self._began_s, 0).astype(np.float64),
            "ran_out": self._ran_out.astype(np.int32),
        }


def simulate_block(plan: FleetPlan, block: int) -> BlockResult:
    """Runs the homes of one block from the start of the run to its end."""
    # Compiling, or loading what was compiled, is not the work that is counted.
    compile_fleet()
    begun_s = time.process_time()
    drawn = make_block(plan, block)
    midnight = plan.start.replace(hour=0, minute=0, second=0, microsecond=0)
    of_hour_s = plan.start.minute * 60 + plan.start.second
    fleet = Fleet.build(
        drawn.setups,
        int((plan.start - midnight).total_seconds()),
        HourlyWeather(
            first_tick=-(SETTLE_H * 3600 + of_hour_s) * TICKS_PER_S,
            outdoor_c=plan.weather.outdoor_c,
            sun=plan.weather.sun,
        ),
    )
    sums = {name: np.zeros(plan.intervals) for name in SUMS}
    each = _each_home(plan, len(drawn.setups))
    peak_w = np.zeros(len(drawn.setups))
    meter = _Meter(fleet)
    first = _FirstOutage(drawn, plan.span_s)
    day = -1
    now_s = 0
    for interval in range(plan.intervals):
        if now_s // DAY_S != day:
            day = now_s // DAY_S
            _set_outages(fleet, drawn, now_s)
        end_s = plan.end_s(interval)
        fleet.advance(end_s * TICKS_PER_S)
        used = meter.read()
        load_w = _note(fleet, used, sums, each, interval, end_s - now_s)
        first.look(fleet, end_s)
        np.maximum(peak_w, load_w, out=peak_w)
        now_s = end_s
    cpu_s = time.process_time() - begun_s
    ledger = fleet.ledger()
    violations = ledger["violations"] | check_registers(ledger)
    return BlockResult(
        block=block,
        homes=_homes_table(plan, block, drawn, fleet, peak_w, violations) | first.columns(),
        sums=sums,
        each_home=each,
        checked_ticks={law: ticks(fleet.homes(), ledger) for law, (_said, ticks) in CHECKED_LAWS.items()},
        cpu_s=cpu_s,
    )


def _each_home(plan: FleetPlan, homes: int) -> dict[str, NDArray[np.float32]]:
    if not plan.each_home:
        return {}
    return {
        name: np.zeros((homes, plan.intervals), np.float32) for name in ("load_w", "utility_w", "backup_w", "fed_by")
    }


def _set_outages(fleet: Fleet, drawn: BlockHomes, now_s: int) -> None:
    """The outages that are not over, as many as a home holds."""
    count = drawn.off_s.shape[1]
    over = (drawn.on_s < now_s).sum(axis=1)
    at = over[:, None] + np.arange(OUTAGES_MAX)[None, :]
    known = at < count
    place = np.minimum(at, max(count - 1, 0))
    if not count:
        return
    rows = np.arange(len(drawn.off_s))[:, None]
    fleet.set_outages(
        np.where(known, in_ticks(drawn.off_s[rows, place]), NEVER_TICKS),
        np.where(known, in_ticks(drawn.on_s[rows, place]), NEVER_TICKS),
    )


def _note(  # noqa: PLR0913, PLR0917 - what is added, to what, and when
    fleet: Fleet,
    used: dict[str, NDArray[np.int64]],
    sums: dict[str, NDArray[np.float64]],
    each: dict[str, NDArray[np.float32]],
    interval: int,
    lasts_s: int,
) -> NDArray[np.float64]:
    """Adds one interval to the sums; returns the mean power of each premise."""
    home = fleet.homes()
    scale = 1.0 / (_MWTICKS_PER_WS * lasts_s)
    load = used["utility"] + used["backup"] + used["solar"]
    # Whole numbers are summed before they are scaled: the sum does not depend on the order of homes.
    for name, energy in (("load_w", load), ("utility_w", used["utility"]), ("backup_w", used["backup"])):
        sums[name][interval] = int(energy.sum()) * scale
    for name in ("solar", "hvac", "water", "ev"):
        sums[f"{name}_w"][interval] = int(used[name].sum()) * scale
    on_backup = (home["b_poles"] != 0) & (home["source"] == SOURCE_RUNNING)
    on_utility = (home["u_poles"] != 0) & (home["feeder_on"] == 1)
    sums["feeder_dead_homes"][interval] = int((home["feeder_on"] == 0).sum())
    sums["dark_homes"][interval] = int((~on_backup & ~on_utility).sum())
    sums["backup_homes"][interval] = int(on_backup.sum())
    sums["transfers"][interval] = int(used["transfers"].sum())
    if each:
        each["load_w"][:, interval] = load * scale
        each["utility_w"][:, interval] = used["utility"] * scale
        each["backup_w"][:, interval] = used["backup"] * scale
        each["fed_by"][:, interval] = np.where(on_utility, 1, np.where(on_backup, 2, 0))
    return np.asarray(load * scale, np.float64)


def _homes_table(  # noqa: PLR0913, PLR0917 - the parts of one table
    plan: FleetPlan,
    block: int,
    drawn: BlockHomes,
    fleet: Fleet,
    peak_w: NDArray[np.float64],
    violations: NDArray[np.int64],
) -> dict[str, NDArray[Any]]:
    """Columns of HOME_COLUMNS."""
    ledger = fleet.ledger()
    home = fleet.homes()
    setups = drawn.setups
    kinds = [BackupKind(int(kind)) for kind in setups["backup_kind"]]
    utility = ledger["utility_in_mwticks"] - ledger["utility_out_mwticks"]
    backup = ledger["backup_in_mwticks"] - ledger["backup_out_mwticks"]
    load = utility + backup + ledger["solar_mwticks"]
    ended_s = np.minimum(drawn.on_s, plan.span_s)
    began = drawn.off_s < plan.span_s
    return {
        "home": block * BLOCK_HOMES + 1 + np.arange(len(setups)),
        "home_kind": np.array([kind.name for kind in drawn.traits["home_kind"]], object),
        "floor_m2": setups["floor_m2"].copy(),
        "people": setups["people"].astype(np.int64),
        "heat_fuel": np.array([fuel.name for fuel in drawn.traits["heat_fuel"]], object),
        "cooled": (setups["cool_capacity_w"] > 0.0).astype(np.int32),
        "electric_water": (setups["element_w"] > 0.0).astype(np.int32),
        "well": (setups["pump_w"] > 0.0).astype(np.int32),
        "ev": (setups["ev_w"] > 0.0).astype(np.int32),
        "source_kind": np.array([kind.name for kind in kinds], object),
        "source_fuel": np.array([_FUEL.get(kind, "none") for kind in kinds], object),
        "source_rating_w": np.where(setups["backup_kind"] == BackupKind.NONE, 0.0, setups["backup_rating_w"]),
        "medical": setups["medical"].copy(),
        "load_side_generation": setups["load_side_generation"].copy(),
        "outages": began.sum(axis=1),
        "outage_s": np.where(began, ended_s - drawn.off_s, 0).sum(axis=1).astype(np.float64),
        "dark_s": ledger["true_dark_ticks"] / TICKS_PER_S,
        "backup_s": ledger["true_backup_ticks"] / TICKS_PER_S,
        "transfers": ledger["transfers"].copy(),
        "end_mode": np.array([Mode(int(mode)).name for mode in fleet.mode()], object),
        "utility_wh": utility / MWTICKS_PER_WH,
        "backup_wh": backup / MWTICKS_PER_WH,
        "solar_wh": ledger["solar_mwticks"] / MWTICKS_PER_WH,
        "load_wh": load / MWTICKS_PER_WH,
        "hvac_wh": home["hvac_mwticks"] / MWTICKS_PER_WH,
        "water_wh": home["water_mwticks"] / MWTICKS_PER_WH,
        "ev_wh": home["ev_mwticks"] / MWTICKS_PER_WH,
        "air_c": home["air_c"].copy(),
        "mean_w": load / (_MWTICKS_PER_WS * plan.span_s),
        "peak_w": peak_w,
        "law_violations": violations,
    }
