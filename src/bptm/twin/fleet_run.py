"""A whole fleet run: its blocks carried out in this process, in several, or on a cluster, and put together again.

The answer does not depend on where: blocks are functions of plan and number, and are put together in their order.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.fleet_block import BlockResult, simulate_block
from bptm.twin.fleet_columns import SUMS
from bptm.twin.fleet_plan import SETTLE_H, FleetPlan

HOURS_PER_CENTURY = 876_600.0
_AHEAD = 4
"""Blocks handed out for each worker: enough to keep it busy, few enough to hold in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetResult:
    """Everything of a run but the rows that went straight to disk."""

    plan: FleetPlan
    homes: dict[str, NDArray[Any]]
    intervals: dict[str, NDArray[Any]]
    checked_ticks: dict[str, int]
    cpu_s: float

    @property
    def load_w(self) -> NDArray[np.float64]:
        """Mean power of all premises in each interval."""
        return self.intervals["load_w"]

    def as_json(self) -> dict[str, Any]:
        """What `bptm fleet --json` prints."""
        plan = self.plan
        home_s = float(plan.homes * plan.span_s)
        homes = self.homes
        peak = int(self.load_w.argmax())
        return {
            "homes": plan.homes,
            "hours": plan.hours,
            "seed": plan.seed,
            "weather": plan.weather.name,
            "stock": plan.stock,
            "start": plan.start.isoformat(),
            "cpu_s": round(self.cpu_s, 3),
            "home_seconds_per_cpu_s": round(home_s / self.cpu_s) if self.cpu_s > 0.0 else 0,
            "transfers": int(homes["transfers"].sum()),
            "outages": int(homes["outages"].sum()),
            "peak_kw": round(float(self.load_w[peak]) / 1000.0, 3),
            "peak_at": str(self.intervals["begins_at"][peak]),
            "peak_utility_kw": round(float(self.intervals["utility_w"].max()) / 1000.0, 3),
            "mean_kw": round(float(homes["mean_w"].sum()) / 1000.0, 3),
            "dark_hours": round(float(homes["dark_s"].sum()) / 3600.0, 4),
            "backup_hours": round(float(homes["backup_s"].sum()) / 3600.0, 4),
            "law_violations": int((homes["law_violations"] != 0).sum()),
            "violated": violated_laws(homes["law_violations"]),
            "device_centuries": round(home_s / 3600.0 / HOURS_PER_CENTURY, 9),
            "checked": {law: round(ticks / TICKS_PER_S / 3600.0, 7) for law, ticks in self.checked_ticks.items()},
        }


def violated_laws(bits: NDArray[np.int64]) -> dict[str, int]:
    """Homes that broke each law; empty when none did."""
    counts = {f"LAW-{law}": int(((bits >> law) & 1).sum()) for law in range(1, 16)}
    return {law: count for law, count in counts.items() if count}


def blocks_in_order(plan: FleetPlan, executor: Executor | None, workers: int) -> Iterator[BlockResult]:
    """Results of all blocks, in their order, a limited number in flight."""
    if executor is None:
        for block in range(plan.blocks):
            yield simulate_block(plan, block)
        return
    waiting: dict[int, Future[BlockResult]] = {}
    given = 0
    for block in range(plan.blocks):
        while given < plan.blocks and given < block + workers * _AHEAD:
            waiting[given] = executor.submit(simulate_block, plan, given)
            given += 1
        wait([waiting[block]], return_when=FIRST_COMPLETED)
        yield waiting.pop(block).result()


def run_fleet(
    plan: FleetPlan,
    executor: Executor | None,
    workers: int,
    keep: Callable[[BlockResult], None],
    done: Callable[[int], None],
) -> FleetResult:
    """Carries out a plan.

    Args:
        plan: What to do.
        executor: Where to; `None` for here.
        workers: How many it has.
        keep: Takes each block as it comes, for rows too many to hold.
        done: Told how many homes have been run.
    """
    tables: list[dict[str, NDArray[Any]]] = []
    sums = {name: np.zeros(plan.intervals) for name in SUMS}
    checked: dict[str, int] = {}
    cpu_s = 0.0
    homes = 0
    for result in blocks_in_order(plan, executor, workers):
        keep(result)
        tables.append(result.homes)
        for name in SUMS:
            sums[name] += result.sums[name]
        for law, ticks in result.checked_ticks.items():
            checked[law] = checked.get(law, 0) + ticks
        cpu_s += result.cpu_s
        homes += len(result.homes["home"])
        done(homes)
    return FleetResult(
        plan=plan,
        homes={name: np.concatenate([table[name] for table in tables]) for name in tables[0]},
        intervals=_intervals(plan, sums),
        checked_ticks=checked,
        cpu_s=cpu_s,
    )


def _outdoor_c(plan: FleetPlan, at_s: NDArray[np.int64]) -> NDArray[np.float64]:
    """Outdoor air at seconds after the start."""
    hours = SETTLE_H + (plan.start.minute * 60 + plan.start.second + at_s) / 3600.0
    return np.interp(hours, np.arange(len(plan.weather.outdoor_c)), plan.weather.outdoor_c)


def _intervals(plan: FleetPlan, sums: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[Any]]:
    numbers = np.arange(plan.intervals, dtype=np.int64)
    begins_s = numbers * plan.interval_s
    ends_s = np.minimum(begins_s + plan.interval_s, plan.span_s)
    whole = {name: values if name.endswith("_w") else np.rint(values).astype(np.int64) for name, values in sums.items()}
    start = np.datetime64(plan.start.replace(microsecond=0), "s")
    return {
        "interval": numbers,
        "begins_s": begins_s,
        "lasts_s": ends_s - begins_s,
        "begins_at": start + begins_s.astype("timedelta64[s]"),
        "outdoor_c": _outdoor_c(plan, begins_s),
        **whole,
    }
