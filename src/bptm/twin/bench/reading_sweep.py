"""The `[sweep]` of a scenario: its values, each read as if it stood in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.catalogue import sections, setup_rows
from bptm.twin.bench.faults import Fault, nearest, shown
from bptm.twin.bench.placing import Target, target_of
from bptm.twin.bench.reading_changes import HOLD_MAX_S
from bptm.twin.bench.reading_values import (
    Faults,
    Layer,
    controller_values,
    known_key,
    number_of,
    section_values,
    table_of,
    text_of,
)
from bptm.twin.bench.scenario import Scenario, Sweep

SWEEP_MAX = 720
STEPS_MIN = 2
TOLD_MAX = 12
"""So many faults of a sweep are told one by one; the others are counted."""

_SWEEP = ("path", "values", "from", "to", "steps")
_RANGE = ("from", "to", "steps")
_FORMS = "section.key, controller.key, LABEL.at_s or LABEL.section.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSweep:
    """A sweep as it was written.

    Attributes:
        values: Numbers, words of choices, or whatever else stands there.
        is_range: Whether they came of `from`, `to` and `steps`.
    """

    layer: Layer
    path: str
    values: tuple[object, ...]
    is_range: bool

    @property
    def line(self) -> int:
        """Where its values stand."""
        return self.layer.lines.of(("sweep", "from" if self.is_range else "values"))

    def told_of(self, fault: Fault, index: int) -> Fault:
        """A fault of the run with one of its values, as a fault of the sweep."""
        value = self.values[index]
        written = shown(value) if not isinstance(value, int) or isinstance(value, bool) else str(value)
        which = f"value {index + 1} of {len(self.values)} of the sweep"
        if fault.key != self.path:
            which = f"with {self.path} = {written}, {which}"
        return replace(fault, file=self.layer.file, line=self.line, found=f"{fault.found} ({which})")


def read_sweep(faults: Faults, layer: Layer, value: object) -> RawSweep | None:
    """The `[sweep]` of a layer: a path, and values or `from`, `to` and `steps`."""
    table = table_of(faults, layer, ("sweep",), value)
    if table is None:
        return None
    before = len(faults.found)
    for key in table:
        known_key(faults, layer, ("sweep", key), _SWEEP)
    path = ""
    if "path" not in table:
        faults.add(layer, ("sweep",), "no path", "a path", f"Say what is swept: {_FORMS}.")
    else:
        path = text_of(faults, layer, ("sweep", "path"), table["path"]) or ""
    ranged = [key for key in _RANGE if key in table]
    if "values" in table and ranged:
        found = f"values and {', '.join(ranged)}"
        faults.add(layer, ("sweep", "values"), found, "one way to say the values", "Leave out one of the two.")
    if "values" in table:
        values = _listed(faults, layer, table["values"])
    elif ranged:
        values = _ranged(faults, layer, table)
    else:
        needs = "values = [...], or from, to and steps"
        faults.add(layer, ("sweep",), "no values", needs, "Say which values are played.")
        values = ()
    if len(faults.found) > before:
        return None
    return RawSweep(layer=layer, path=path, values=values, is_range="values" not in table)


def _listed(faults: Faults, layer: Layer, value: object) -> tuple[object, ...]:
    here = ("sweep", "values")
    if not isinstance(value, list):
        faults.add(layer, here, shown(value), "a list of values", f"Write values = [{shown(value)}].")
        return ()
    values = tuple(cast("list[object]", value))
    if not 1 <= len(values) <= SWEEP_MAX:
        faults.add(layer, here, f"{len(values)} values", f"1 to {SWEEP_MAX} values", "Give values = [1, 2, 5].")
    return values


def _ranged(faults: Faults, layer: Layer, table: Mapping[str, object]) -> tuple[object, ...]:
    missing = [key for key in _RANGE if key not in table]
    if missing:
        found = f"no {' and no '.join(missing)}"
        faults.add(layer, ("sweep",), found, "from, to and steps", "A range has all three.")
    low, high = (
        number_of(faults, layer, ("sweep", key), table[key]) if key in table else None for key in ("from", "to")
    )
    steps = table.get("steps")
    is_count = isinstance(steps, int) and not isinstance(steps, bool) and STEPS_MIN <= steps <= SWEEP_MAX
    if "steps" in table and not is_count:
        needs = f"a whole number, {STEPS_MIN} to {SWEEP_MAX}"
        faults.add(layer, ("sweep", "steps"), shown(steps), needs, "It is how many values are played, both ends too.")
    if low is None or high is None or not is_count:
        return ()
    count = cast("int", steps)
    values = [low + (high - low) * index / (count - 1) for index in range(count)]
    # What falls on a whole number is one, as a person would have written it.
    return tuple(int(value) if value.is_integer() else value for value in values)


def resolve_sweep(faults: Faults, raw: RawSweep, scenario: Scenario) -> Sweep | None:
    """The sweep with every value read as it would be in its place; None, and faults, when one cannot stand there."""
    target = _target(faults, raw, scenario)
    if target is None:
        return None
    numbers: list[float] = []
    each: list[list[Fault]] = []
    for value in raw.values:
        own = Faults()
        number = _number(own, raw, target, value)
        each.append([replace(fault, key=raw.path) for fault in own.found])
        if number is not None:
            numbers.append(number)
    faults.found += told_of_values(raw, each)
    if any(each):
        return None
    names = tuple(value for value in raw.values if isinstance(value, str))
    return Sweep(path=raw.path, values=tuple(numbers), names=names if len(names) == len(numbers) else ())


def told_of_values(raw: RawSweep, each: list[list[Fault]]) -> list[Fault]:
    """Faults of the runs of a sweep: what is wrong in all of them once, as it stands; the rest by value."""
    common = [fault for fault in each[0] if all(fault in found for found in each)]
    rest = [raw.told_of(fault, index) for index, found in enumerate(each) for fault in found if fault not in common]
    told = [*common, *rest[:TOLD_MAX]]
    if len(rest) > TOLD_MAX:
        last = rest[-1]
        found = f"{len(rest) - TOLD_MAX} more faults, the last: {last.key} {last.found}"
        told.append(replace(last, key="sweep", found=found))
    return told


def _target(faults: Faults, raw: RawSweep, scenario: Scenario) -> Target | None:
    """What the path means, or a fault."""
    here = ("sweep", "path")
    target = target_of(raw.path)
    labels = [change.label for change in scenario.changes if change.label]
    if target is None:
        faults.add(raw.layer, here, shown(raw.path), _FORMS, "Write names with dots between, and nothing else.")
        return None
    if target.label and target.label not in labels:
        remedy = nearest(target.label, labels) if labels else "No change has a label."
        faults.add(raw.layer, here, shown(target.label), "the label of a change", remedy)
        return None
    known = sections() if target.label else ("controller", *sections())
    if target.section and target.section not in known:
        needs = "a section that changes during a run" if target.label else "a section"
        faults.add(raw.layer, here, shown(target.section), needs, nearest(target.section, known))
        return None
    names = [row[0] for row in SETTINGS] if target.section == "controller" else setup_rows().get(target.section, {})
    in_ticks = f"{target.name.removesuffix('_s')}_ticks"
    if target.section and target.name not in names and not (target.name.endswith("_s") and in_ticks in names):
        known_there = [*names, *(f"{name.removesuffix('_ticks')}_s" for name in names if name.endswith("_ticks"))]
        home = [section for section in sections() if target.name in setup_rows()[section]]
        page = "docs/reference/" + ("settings.md" if target.section == "controller" else "bench-scenario.md")
        remedy = f"It stands in [{home[0]}]." if home else nearest(target.name, known_there, page)
        faults.add(raw.layer, here, shown(target.name), f"a key of [{target.section}]", remedy)
        return None
    return target


def _number(faults: Faults, raw: RawSweep, target: Target, value: object) -> float | None:
    """One value, by the reader of the place that it stands for."""
    # The place is never written, so that a fault has the line of the sweep.
    place = ("sweep", "values", target.section)
    if not target.section:
        return number_of(faults, raw.layer, ("sweep", "values", "at_s"), value, (0.0, HOLD_MAX_S, "s"))
    if target.section == "controller":
        read = controller_values(faults, raw.layer, place, {target.name: value})
        # Seconds stay seconds in the path; `placing.swept` counts them as this reader does.
        return float(cast("float", value)) if read else None
    values = section_values(faults, raw.layer, place, {target.name: value}, running=bool(target.label))
    return values.get(target.name)
