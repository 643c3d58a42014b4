"""A scenario as runs, and its changes as the physics takes them: by sample."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bptm.compiled.bench import Change as PlacedChange
from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.catalogue import flat
from bptm.twin.bench.scenario import TICKS_PER_S, Change, Number, Scenario

RATE_HZ = 7680
"""Samples a second: 128 a cycle, as the metrology's default."""

_SETTING_NAMES = frozenset(row[0] for row in SETTINGS)


def runs_of(scenario: Scenario) -> Iterator[tuple[float | None, Scenario]]:
    """The scenario once, or once for each value of its sweep with that value put in."""
    if scenario.sweep is None:
        yield None, scenario
        return
    for value in scenario.sweep.values:
        yield value, swept(scenario, scenario.sweep.path, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a sweep's path means.

    Attributes:
        label: Of the change that is meant; empty for a value of the setup or a setting.
        section: `controller`, or a section of the setup; empty for the instant of the change itself.
        name: Of the value; `at_s` for that instant.
    """

    label: str
    section: str
    name: str


def target_of(path: str) -> Target | None:
    """What a sweep's path means; None where it has none of the three forms. Labels have no dots."""
    words = path.split(".")
    if len(words) == 2 and words[1] == "at_s":  # noqa: PLR2004  LABEL.at_s
        return Target(label=words[0], section="", name="at_s")
    if len(words) == 2:  # noqa: PLR2004  section.key
        return Target(label="", section=words[0], name=words[1])
    if len(words) == 3:  # noqa: PLR2004  LABEL.section.key
        return Target(label=words[0], section=words[1], name=words[2])
    return None


def swept(scenario: Scenario, path: str, value: float) -> Scenario:
    """The scenario with one value in its place.

    Raises:
        ValueError: A path that means nothing here; `reading` refuses it.
    """
    target = target_of(path)
    if target is None or (target.label and target.label not in {change.label for change in scenario.changes}):
        msg = f"the path of the sweep is {path!r}, which names nothing in {scenario.name}"
        raise ValueError(msg)
    if target.section == "controller":
        name, number = setting_of(target.name, value)
        return replace(scenario, controller={**scenario.controller, name: number})
    if not target.label:
        setup = {name: dict(values) for name, values in scenario.setup.items()}
        setup[target.section][target.name] = value
        return replace(scenario, setup=setup)
    if not target.section:
        return _moved(scenario, target.label, value)
    changed = [
        replace(
            change,
            values={
                **change.values,
                target.section: {**change.values.get(target.section, {}), target.name: value},
            },
        )
        if change.label == target.label
        else change
        for change in scenario.changes
    ]
    return replace(scenario, changes=tuple(changed))


def setting_of(name: str, value: float) -> tuple[str, Number]:
    """A setting of the controller as it is counted: a time in seconds, under a name that ends in `_s`, as ticks."""
    in_ticks = f"{name.removesuffix('_s')}_ticks"
    if name.endswith("_s") and in_ticks in _SETTING_NAMES:
        return in_ticks, round(value * TICKS_PER_S)
    return name, int(value) if float(value).is_integer() else value


def _moved(scenario: Scenario, label: str, at_s: float) -> Scenario:
    """The labelled change at another instant; what follows it in the same story keeps its distance from it."""
    shifted = next(change.at_s for change in scenario.changes if change.label == label)
    changes = [
        replace(change, at_s=change.at_s + at_s - shifted) if change.at_s >= shifted else change
        for change in scenario.changes
    ]
    loads = [
        replace(load, at_s=load.at_s + at_s - shifted) if load.at_s >= shifted else load for load in scenario.loads
    ]
    return replace(scenario, changes=tuple(changes), loads=tuple(loads))


def placed(changes: tuple[Change, ...], rate_hz: int = RATE_HZ) -> list[PlacedChange]:
    """Changes by the sample at which they begin, in order."""
    found = [
        PlacedChange(sample=round(change.at_s * rate_hz), name=name, value=value, over_s=change.ramp_s)
        for change in changes
        for name, value in flat(change.values).items()
    ]
    return sorted(found, key=lambda change: change.sample)
