"""A scenario as runs, and its changes as the physics takes them: by sample."""

from collections.abc import Iterator
from dataclasses import replace

from bptm.compiled.bench import Change as PlacedChange
from bptm.twin.bench.catalogue import flat, sections
from bptm.twin.bench.scenario import Change, Scenario

RATE_HZ = 7680
"""Samples a second: 128 a cycle, as the metrology's default."""


def runs_of(scenario: Scenario) -> Iterator[tuple[float | None, Scenario]]:
    """The scenario once, or once for each value of its sweep with that value put in."""
    if scenario.sweep is None:
        yield None, scenario
        return
    for value in scenario.sweep.values:
        yield value, swept(scenario, scenario.sweep.path, value)


def swept(scenario: Scenario, path: str, value: float) -> Scenario:
    """The scenario with one value in its place."""
    words = path.split(".")
    if words[0] == "controller":
        return replace(
            scenario, controller={**scenario.controller, words[1]: int(value) if float(value).is_integer() else value}
        )
    if words[0] in sections():
        setup = {name: dict(values) for name, values in scenario.setup.items()}
        setup[words[0]][words[1]] = value
        return replace(scenario, setup=setup)
    if words[-1] == "at_s":
        label = path.removesuffix(".at_s")
        shifted = next(change.at_s for change in scenario.changes if change.label == label)
        moved = [
            # What follows a labelled change within the same story keeps its distance from it.
            replace(change, at_s=change.at_s + value - shifted) if change.at_s >= shifted else change
            for change in scenario.changes
        ]
        return replace(scenario, changes=tuple(moved))
    label, section, name = path.rsplit(".", 2)
    changed = [
        replace(change, values={**change.values, section: {**change.values.get(section, {}), name: value}})
        if change.label == label
        else change
        for change in scenario.changes
    ]
    return replace(scenario, changes=tuple(changed))


def placed(changes: tuple[Change, ...], rate_hz: int = RATE_HZ) -> list[PlacedChange]:
    """Changes by the sample at which they begin, in order."""
    found = [
        PlacedChange(sample=round(change.at_s * rate_hz), name=name, value=value, over_s=change.ramp_s)
        for change in changes
        for name, value in flat(change.values).items()
    ]
    return sorted(found, key=lambda change: change.sample)
