"""What happens in a scenario: changes at instants."""

from collections.abc import Mapping
from typing import cast

from bptm.twin.bench.catalogue import sections, setup_rows
from bptm.twin.bench.faults import nearest, shown
from bptm.twin.bench.reading_values import (
    Faults,
    Layer,
    Stands,
    known_key,
    number_of,
    section_values,
    table_of,
    text_of,
)
from bptm.twin.bench.scenario import Act, Change, Number
from bptm.twin.bench.toml_lines import Place

_CHANGE = ("at_s", "label", "ramp_s", "act", "hold_s")
HOLD_MAX_S = 86_400.0
RESERVED = ("start", "end", "mode ", "event ", "u opens", "u closes", "b opens", "b closes")
"""Words with a meaning of their own in expectations: no label begins with one."""


_ACTS: dict[Act, tuple[str, Number]] = {
    Act.PRESS_RESET: ("local_reset", 1),
    Act.PRESS_TEST: ("local_test", 1),
    Act.RESTART: ("reset", 1),
    Act.HOLD_RETURN: ("remote_action", 1),
    Act.ALLOW_RETURN: ("remote_action", 2),
    Act.DISCONNECT: ("remote_action", 3),
    Act.RECONNECT: ("remote_action", 4),
}
"""The value of the meter that each moves."""

_HELD = (Act.PRESS_RESET, Act.PRESS_TEST, Act.RESTART)
"""Those that end by themselves."""

PRESS_S = 0.25
"""How long a finger stays on a key. Own choice."""

RESTART_S = 0.1
"""How long a brown-out holds the controller in reset. Own choice: a supervisor's reset pulse."""


def read_changes(faults: Faults, layer: Layer, value: object) -> list[tuple[Change, Stands]]:
    """Every `[[at]]` of a layer, and where it stands."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    if not isinstance(value, list):
        faults.add(layer, ("at",), shown(value), "tables [[at]]", "Write [[at]] with two brackets.")
    found: list[tuple[Change, Stands]] = []
    for index, item in enumerate(items):
        place = ("at", index)
        table = table_of(faults, layer, place, item)
        if table is not None:
            changes = _change(faults, layer, place, table)
            found += [
                (change, Stands(layer=layer, place=place, lets_go=number > 0)) for number, change in enumerate(changes)
            ]
    return found


def _change(faults: Faults, layer: Layer, place: Place, table: Mapping[str, object]) -> list[Change]:
    values: dict[str, Mapping[str, Number]] = {}
    numbers: dict[str, float] = {}
    label = ""
    act: Act | None = None
    before = len(faults.found)
    for key, value in table.items():
        here = (*place, key)
        if key in sections():
            content = table_of(faults, layer, here, value)
            if content is not None:
                values[key] = section_values(faults, layer, here, content, running=True)
        elif key in ("at_s", "ramp_s", "hold_s"):
            number = number_of(faults, layer, here, value, (0.0, HOLD_MAX_S, "s"))
            numbers[key] = number or 0.0
        elif key == "label":
            label = read_label(faults, layer, here, value)
        elif key == "act":
            act = _act(faults, layer, here, value)
        else:
            known_key(faults, layer, here, (*_CHANGE, *sections()))
    if "at_s" not in table:
        faults.add(layer, place, "no at_s", "at_s = seconds", "Say when it happens.")
    if not values and act is None and len(faults.found) == before:
        faults.add(layer, place, "nothing that changes", "a value or an act", "Say what happens then.")
    if "ramp_s" in numbers and any(row_is_coded(section, name) for section in values for name in values[section]):
        faults.add(layer, (*place, "ramp_s"), "a ramp of a kind", "a ramp of numbers", "Change the kind at once.")
    if len(faults.found) > before:
        return []
    at_s, hold_s = numbers["at_s"], numbers.get("hold_s", 0.0)
    if act is not None:
        name, number = _ACTS[act]
        meter = {**values.get("meter", {}), name: number}
        if act is Act.HOLD_RETURN and hold_s > 0.0:
            meter["remote_hold_s"] = hold_s
        values["meter"] = meter
    change = Change(at_s=at_s, label=label, ramp_s=numbers.get("ramp_s", 0.0), values=values)
    if act not in _HELD:
        return [change]
    let_go_s = at_s + (hold_s or (RESTART_S if act is Act.RESTART else PRESS_S))
    return [change, Change(at_s=let_go_s, values={"meter": {_ACTS[act][0]: 0}})]


def row_is_coded(section: str, name: str) -> bool:
    """Whether a value is one of a list of kinds, or yes and no."""
    row = setup_rows()[section].get(name)
    return row is not None and row.is_whole


def read_label(faults: Faults, layer: Layer, place: Place, value: object) -> str:
    """A label: words by which expectations and sweeps can call an instant."""
    label = text_of(faults, layer, place, value) or ""
    if any(label == word.strip() or (word.endswith(" ") and label.startswith(word)) for word in RESERVED):
        needs = "words that mean nothing else in expectations"
        faults.add(layer, place, shown(label), needs, f"Not {', '.join(word.strip() for word in RESERVED)}.")
    if "." in label or " + " in label or " - " in label:
        faults.add(
            layer, place, shown(label), "words without a dot, + or -", "Sweeps and shifts are written with them."
        )
    return label


def _act(faults: Faults, layer: Layer, place: Place, value: object) -> Act | None:
    names = [act.value for act in Act]
    if isinstance(value, str) and value in names:
        return Act(value)
    faults.add(layer, place, shown(value), " or ".join(names), nearest(str(value), names))
    return None
