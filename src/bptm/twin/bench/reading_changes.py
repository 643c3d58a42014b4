"""What happens in a scenario: changes at instants, a sweep, and the replay of a record."""

from collections.abc import Mapping
from typing import cast

from bptm.twin.bench.catalogue import sections, setup_rows
from bptm.twin.bench.faults import nearest, shown
from bptm.twin.bench.reading_values import (
    Faults,
    Layer,
    known_key,
    number_of,
    section_values,
    table_of,
    text_of,
)
from bptm.twin.bench.scenario import Act, Change, Number, Replay, Sweep
from bptm.twin.bench.toml_lines import Place

_CHANGE = ("at_s", "label", "ramp_s", "act", "hold_s")
_SWEEP = ("path", "values", "from", "to", "steps")
_REPLAY = ("file", "l1", "l2", "at_s", "scale", "to_rms_v")
SWEEP_MAX = 720
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


def read_changes(faults: Faults, layer: Layer, value: object) -> list[Change]:
    """Every `[[at]]` of a layer."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    if not isinstance(value, list):
        faults.add(layer, ("at",), shown(value), "tables [[at]]", "Write [[at]] with two brackets.")
    found: list[Change] = []
    for index, item in enumerate(items):
        table = table_of(faults, layer, ("at", index), item)
        if table is not None:
            found += _change(faults, layer, ("at", index), table)
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
            label = _label(faults, layer, here, value)
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


def _label(faults: Faults, layer: Layer, place: Place, value: object) -> str:
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


def read_sweep(faults: Faults, layer: Layer, value: object) -> Sweep | None:
    """The `[sweep]` of a layer: a path, and values or `from`, `to` and `steps`."""
    table = table_of(faults, layer, ("sweep",), value)
    if table is None:
        return None
    before = len(faults.found)
    for key in table:
        known_key(faults, layer, ("sweep", key), _SWEEP)
    path = text_of(faults, layer, ("sweep", "path"), table.get("path", "")) or ""
    values: list[float] = []
    given = table.get("values")
    if isinstance(given, list):
        for item in cast("list[object]", given):
            number = number_of(faults, layer, ("sweep", "values"), item)
            values.append(number or 0.0)
    else:
        low = number_of(faults, layer, ("sweep", "from"), table.get("from"))
        high = number_of(faults, layer, ("sweep", "to"), table.get("to"))
        steps = number_of(faults, layer, ("sweep", "steps"), table.get("steps"), (2, SWEEP_MAX, ""))
        if low is not None and high is not None and steps is not None:
            count = int(steps)
            values = [low + (high - low) * index / (count - 1) for index in range(count)]
    if not 1 <= len(values) <= SWEEP_MAX and len(faults.found) == before:
        faults.add(layer, ("sweep",), f"{len(values)} values", f"1 to {SWEEP_MAX} values", "Give values = [...].")
    words = path.split(".")
    if len(words) == 2 and words[0] in sections():  # noqa: PLR2004  section and name
        known_key(faults, layer, ("sweep", words[1]), tuple(setup_rows()[words[0]]))
    return None if len(faults.found) > before else Sweep(path=path, values=tuple(values))


def read_replay(faults: Faults, layer: Layer, value: object) -> Replay | None:
    """The `[replay]` of a layer."""
    table = table_of(faults, layer, ("replay",), value)
    if table is None:
        return None
    before = len(faults.found)
    for key in table:
        known_key(faults, layer, ("replay", key), _REPLAY)
    name = text_of(faults, layer, ("replay", "file"), table.get("file", "")) or ""
    l1 = text_of(faults, layer, ("replay", "l1"), table.get("l1", "")) or ""
    l2 = table.get("l2", "")
    at_s = number_of(faults, layer, ("replay", "at_s"), table.get("at_s", 0.0), (0.0, HOLD_MAX_S, "s"))
    scale = number_of(faults, layer, ("replay", "scale"), table.get("scale", 1.0))
    to_rms_v = number_of(faults, layer, ("replay", "to_rms_v"), table.get("to_rms_v", 0.0), (0.0, 400.0, "V"))
    file = layer.file.parent / name
    if name and not file.is_file():
        faults.add(layer, ("replay", "file"), shown(name), "a file beside the scenario", "Put the record there.")
    if not isinstance(l2, str):
        faults.add(layer, ("replay", "l2"), shown(l2), "the name of a channel", "Leave it out for the negative of l1.")
    if len(faults.found) > before or at_s is None or scale is None or to_rms_v is None:
        return None
    return Replay(file=file, l1=l1, l2=str(l2), at_s=at_s, scale=scale, to_rms_v=to_rms_v)
