"""Measured loads as the changes that a run plays: steps of power, those onto one setting added up.

A setting has a power of its own: what `[premise]` gives it and what `[[at]]` changes it to. Measured loads come on top
of that, and end with their records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bptm.twin.bench.catalogue import setup_rows
from bptm.twin.bench.scenario import Change, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Power of one setting over the run: from each instant on, the power beside it.

    Attributes:
        times_s: From the start of the run, rising.
        watts: Own power of the setting and all its loads.
    """

    times_s: NDArray[np.float64]
    watts: NDArray[np.float64]


def steps_of(scenario: Scenario) -> dict[str, Steps]:
    """Each setting of the premise that a measured load is put onto, from the start of the run to its end."""
    found: dict[str, Steps] = {}
    for name in sorted({load.onto for load in scenario.loads}):
        own = scenario.setup.get("premise", {}).get(name, setup_rows()["premise"][name].default)
        parts = [(np.zeros(1), np.asarray([own], np.float64))]
        moved = [
            (change.at_s, change.values["premise"][name])
            for change in sorted(scenario.changes, key=lambda change: change.at_s)
            if name in change.values.get("premise", {})
        ]
        if moved:
            times, values = np.asarray(moved, np.float64).T
            parts[0] = (np.concatenate([parts[0][0], times]), np.concatenate([parts[0][1], values]))
        parts += [
            (load.at_s + np.asarray(load.times_s), np.asarray(load.watts))
            for load in scenario.loads
            if load.onto == name
        ]
        times_s = np.unique(np.concatenate([times for times, _watts in parts]))
        times_s = times_s[times_s <= scenario.duration_s]
        watts = _sum_at(times_s, parts)
        kept = np.concatenate(([True], np.diff(watts) != 0.0))
        found[name] = Steps(times_s=times_s[kept], watts=watts[kept])
    return found


def _sum_at(
    times_s: NDArray[np.float64], parts: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> NDArray[np.float64]:
    """Sum of step functions at these instants; each is 0 before its first step."""
    total = np.zeros(len(times_s))
    for times, watts in parts:
        at = np.searchsorted(times, times_s, side="right")
        total += np.concatenate(([0.0], watts))[at]
    return total


def with_loads(scenario: Scenario) -> tuple[Change, ...]:
    """The changes of a scenario, its measured loads among them."""
    steps = steps_of(scenario)
    if not steps:
        return scenario.changes
    found = [_without(change, steps) for change in scenario.changes]
    for name, each in steps.items():
        pairs = zip(each.times_s.tolist(), each.watts.tolist(), strict=True)
        found += [Change(at_s=at_s, values={"premise": {name: watts}}) for at_s, watts in pairs]
    return tuple(found)


def _without(change: Change, names: dict[str, Steps]) -> Change:
    """A change without the settings whose steps stand elsewhere."""
    values = {
        section: {name: value for name, value in of_section.items() if section != "premise" or name not in names}
        for section, of_section in change.values.items()
    }
    return replace(change, values=values)
