"""The homes of a fleet run, drawn block by block: what stands in them, and when each is without its utility."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.fleet import SETUP_DTYPE
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.fleet_houses import furnish_houses, stock_named
from bptm.twin.fleet_plan import BLOCK_HOMES, DAY_S, FleetPlan
from bptm.twin.homes import Draws, furnish

FIRST_S = (300, 900)
"""The first home of a run loses its utility within the first quarter of an hour, so that every run has an outage."""

OUTAGE_S = (600.0, 14_400.0)
"""Length of a seeded outage, most of them near the lower end (the square of an even draw: mean 1.4 h). Own choice
around an average customer's two hours a year, EIA-861 reliability without major events; a study of long outages asks
for them with `--outage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHomes:
    """Homes of one block, and their outages in seconds after the start."""

    setups: NDArray[np.void]
    off_s: NDArray[np.int64]
    """Shape (homes, outages), ascending along the second axis."""
    on_s: NDArray[np.int64]
    traits: dict[str, NDArray[Any]]
    """`home_kind` and `heat_fuel`, members of the enumerations of `house_stock`."""


def make_block(plan: FleetPlan, block: int) -> BlockHomes:
    """The homes of a block: drawn for a whole block and cut, so that a home is the same in any fleet."""
    draws = Draws(np.random.SeedSequence([plan.seed, block]), BLOCK_HOMES)
    setups: NDArray[Any] = np.zeros(BLOCK_HOMES, SETUP_DTYPE)
    off_s, on_s = _outages(plan, draws, first=block == 0)
    first_s = off_s[:, 0] if off_s.shape[1] else np.zeros(BLOCK_HOMES, np.int64)
    of_day_s = (plan.start - plan.start.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    furnish(setups, draws, np.mod((of_day_s + first_s) / 3600.0, 24.0))
    traits = furnish_houses(setups, draws, stock_named(plan.stock))
    setups["inlet_c"], setups["ground_c"] = plan.weather.inlet_c, plan.weather.ground_c
    homes = plan.block_homes(block)
    return BlockHomes(
        setups=setups[:homes],
        off_s=off_s[:homes],
        on_s=on_s[:homes],
        traits={name: values[:homes] for name, values in traits.items()},
    )


def _outages(plan: FleetPlan, draws: Draws, *, first: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Begin and end of each home's outages, seconds after the start."""
    if plan.outages is not None:
        begins = np.array([outage.begins_s for outage in plan.outages], np.int64)
        ends = np.array([outage.begins_s + outage.lasts_s for outage in plan.outages], np.int64)
        return np.tile(begins, (BLOCK_HOMES, 1)), np.tile(ends, (BLOCK_HOMES, 1))
    days = -(-plan.span_s // DAY_S)
    off_s = np.zeros((BLOCK_HOMES, days), np.int64)
    on_s = np.zeros((BLOCK_HOMES, days), np.int64)
    low_s, high_s = OUTAGE_S
    for day in range(days):
        begin_s = day * DAY_S
        room_s = min(DAY_S, plan.span_s - begin_s)
        # An outage begins in the first 95 % of its day and ends a minute before the next begins at the latest.
        off_s[:, day] = begin_s + 60 + (draws.even() * max(0.95 * room_s - 60, 1)).astype(np.int64)
        even = draws.even()
        on_s[:, day] = off_s[:, day] + (low_s + (high_s - low_s) * even * even).astype(np.int64)
    if first and plan.span_s > FIRST_S[1]:
        lasts_s = on_s[0, 0] - off_s[0, 0]
        off_s[0, 0] = FIRST_S[0] + plan.seed % (FIRST_S[1] - FIRST_S[0])
        on_s[0, 0] = off_s[0, 0] + lasts_s
    for day in range(1, days):
        on_s[:, day - 1] = np.minimum(on_s[:, day - 1], off_s[:, day] - 60)
        on_s[:, day - 1] = np.maximum(on_s[:, day - 1], off_s[:, day - 1] + 1)
        off_s[:, day] = np.maximum(off_s[:, day], on_s[:, day - 1] + 1)
        on_s[:, day] = np.maximum(on_s[:, day], off_s[:, day] + 1)
    return off_s, on_s


def in_ticks(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ticks of whole seconds."""
    return seconds * TICKS_PER_S
