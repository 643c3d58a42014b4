"""Values of a scenario: numbers and names of the setup, and settings of the controller, each within its range."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bptm.terms.core_settings import SETTINGS
from bptm.terms.settings_file import RefusedSettings, settings_of
from bptm.twin.bench.catalogue import SetupRow, sections, setup_rows
from bptm.twin.bench.faults import Fault, nearest, shown
from bptm.twin.bench.scenario import TICKS_PER_S, Number
from bptm.twin.bench.toml_lines import Lines, Place

SAFETY_TICKS_MIN = 3
"""A timer of the controller below this could be run out by one bad half-cycle at either end. Source: issue 4."""

_SETTING = {row[0]: row for row in SETTINGS}
_WORD = re.compile(r"\w+")
_KEYS_PAGE = "docs/reference/bench-scenario.md"
_SETTINGS_PAGE = "docs/reference/settings.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file of a scenario: what TOML read of it, and its lines."""

    file: Path
    tables: Mapping[str, object]
    lines: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """Where something of a scenario stands.

    Attributes:
        lets_go: Whether it is the end of an act that was written, such as a key let go.
    """

    layer: Layer
    place: Place
    lets_go: bool = False


@dataclass(slots=True, kw_only=True)
class Faults:
    """Gathers what is wrong."""

    found: list[Fault] = field(default_factory=list[Fault])

    def add(self, layer: Layer, place: Place, found: str, needs: str, remedy: str) -> None:
        """One more."""
        key = ".".join(str(part) for part in place if isinstance(part, str)) or "the file"
        line = layer.lines.of(place)
        self.found.append(Fault(file=layer.file, line=line, key=key, found=found, needs=needs, remedy=remedy))

    def names(self) -> set[str]:
        """Last words of the keys at fault: values that could not be read. A time in seconds counts as its ticks too."""
        words = {fault.key.rsplit(".", 1)[-1] for fault in self.found}
        return words | {f"{word.removesuffix('_s')}_ticks" for word in words if word.endswith("_s")}


def table_of(faults: Faults, layer: Layer, place: Place, value: object) -> Mapping[str, object] | None:
    """The value as a table, or a fault."""
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    head = f"[[{place[0]}]]" if isinstance(place[-1], int) else f"[{place[-1]}]"
    faults.add(layer, place, shown(value), "a table", f"Write {head} on a line of its own, and keys below it.")
    return None


def number_of(
    faults: Faults, layer: Layer, place: Place, value: object, limits: tuple[float, float, str] = (-1e12, 1e12, "")
) -> float | None:
    """The value as a finite number within limits, both allowed, or a fault."""
    lowest, highest, unit = limits
    suffix = f" {unit}" if unit else ""
    needs = f"{lowest:g} to {highest:g}{suffix}"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        faults.add(layer, place, shown(value), f"a number, {needs}", "Write it plainly, without quotes.")
        return None
    if not math.isfinite(value) or not lowest <= value <= highest:
        faults.add(layer, place, shown(value), needs, "Choose a value within.")
        return None
    return float(value)


def text_of(faults: Faults, layer: Layer, place: Place, value: object) -> str | None:
    """The value as a text that says something, or a fault."""
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    faults.add(layer, place, shown(value), "a text in quotes", "Write some words.")
    return None


def known_key(faults: Faults, layer: Layer, place: Place, known: tuple[str, ...]) -> bool:
    """Whether the last word of a place is one of these; a fault when not."""
    word = str(place[-1])
    if word in known:
        return True
    faults.add(layer, place, "a key that is not known", "a known key", nearest(word, known))
    return False


def setup_value(faults: Faults, layer: Layer, place: Place, row: SetupRow, value: object) -> Number | None:
    """One value of the setup: a number within its range, or one of its names."""
    if row.names:
        words = [name for name in row.names if name]
        if isinstance(value, str) and value in words:
            return row.names.index(value)
        is_code = isinstance(value, int) and not isinstance(value, bool) and row.lowest <= value <= row.highest
        if is_code:
            return cast("int", value)
        remedy = nearest(value, words) if isinstance(value, str) else "Write one of these words in quotes."
        faults.add(layer, place, shown(value), " or ".join(words), remedy)
        return None
    if isinstance(value, bool) and (row.lowest, row.highest) == (0, 1):
        return int(value)
    if row.is_whole and not (isinstance(value, int) and not isinstance(value, bool)):
        needs = f"a whole number, {row.lowest:g} to {row.highest:g}"
        faults.add(layer, place, shown(value), needs, f"It is {row.meaning}.")
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not row.lowest <= value <= row.highest:
        unit = f" {row.unit}" if row.unit else ""
        needs = f"{row.lowest:g} to {row.highest:g}{unit}"
        faults.add(layer, place, shown(value), needs, f"It is {row.meaning} (limits: {row.source}).")
        return None
    number = number_of(faults, layer, place, value, (row.lowest, row.highest, row.unit))
    return None if number is None else int(number) if row.is_whole else number


def section_values(
    faults: Faults, layer: Layer, place: Place, content: Mapping[str, object], *, running: bool
) -> dict[str, Number]:
    """Values of one section; `running` refuses what cannot change in a run."""
    section = str(place[-1])
    rows = setup_rows()[section]
    values: dict[str, Number] = {}
    for name, value in content.items():
        here = (*place, name)
        row = rows.get(name)
        if row is None:
            home = [other for other in sections() if name in setup_rows()[other]]
            remedy = f"It stands in [{home[0]}]." if home else nearest(name, rows, f"{_KEYS_PAGE}, under [{section}],")
            faults.add(layer, here, "a key that is not known", f"a key of [{section}]", remedy)
        elif running and row.is_fixed:
            faults.add(layer, here, shown(value), "a value that can change", f"Set it in [{section}] instead.")
        else:
            number = setup_value(faults, layer, here, row, value)
            if number is not None:
                values[name] = number
    return values


def controller_values(
    faults: Faults, layer: Layer, place: Place, content: Mapping[str, object]
) -> dict[str, tuple[Number, int]]:
    """Settings of the controller with their lines; a time may be given in seconds, under a name that ends in `_s`."""
    values: dict[str, tuple[Number, int]] = {}
    for name, value in content.items():
        here = (*place, name)
        row = _SETTING.get(name)
        in_seconds = _SETTING.get(f"{name.removesuffix('_s')}_ticks") if name.endswith("_s") else None
        if in_seconds is not None:
            _type, lowest, highest = in_seconds[1], in_seconds[5] / TICKS_PER_S, in_seconds[6] / TICKS_PER_S
            number = number_of(faults, layer, here, value, (0.0, highest, "s"))
            if number is None:
                continue
            ticks = round(number * TICKS_PER_S)
            if number > 0 and ticks < SAFETY_TICKS_MIN:
                refuse_short(faults, layer, here, shown(value), ticks)
            elif number < lowest - 0.5 / TICKS_PER_S:
                faults.add(layer, here, f"{shown(value)} s", f"{lowest:g} to {highest:g} s", f"It is {in_seconds[3]}.")
            else:
                values[in_seconds[0]] = (ticks, layer.lines.of(here))
        elif row is None:
            known = [
                *_SETTING,
                *(f"{other.removesuffix('_ticks')}_s" for other in _SETTING if other.endswith("_ticks")),
            ]
            remedy = nearest(name, known, _SETTINGS_PAGE)
            faults.add(layer, here, "a key that is no setting", "a setting of the controller", remedy)
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            faults.add(layer, here, shown(value), "a number", f"It is {row[3]}.")
        elif row[1] != "f8" and not isinstance(value, int):
            unit = f" {row[2]}" if row[2] else ""
            needs = f"a whole number, {row[5]:g} to {row[6]:g}{unit}"
            in_s = f"; {name.removesuffix('_ticks')}_s takes seconds" if name.endswith("_ticks") else ""
            faults.add(layer, here, shown(value), needs, f"It is {row[3]}{in_s}.")
        elif name.endswith("_ticks") and 0 < value < SAFETY_TICKS_MIN:
            refuse_short(faults, layer, here, shown(value), int(value))
        else:
            values[name] = (value, layer.lines.of(here))
    return values


def refuse_short(faults: Faults, layer: Layer, place: Place, found: str, ticks: int) -> None:
    """A timer so short that it no longer tells a fault from one bad half-cycle."""
    faults.add(
        layer,
        place,
        f"{found}, which rounds to {ticks} ticks of 1/120 s",
        f"at least {SAFETY_TICKS_MIN} ticks, {SAFETY_TICKS_MIN / TICKS_PER_S:g} s",
        "A safety timer below 3 half-cycles is run out by one bad reading.",
    )


def check_settings(
    faults: Faults, values: Mapping[str, tuple[Number, int]], file_of: Callable[[str], Path]
) -> dict[str, Number]:
    """Ranges and the rules between settings, by the same reader as a settings file's."""
    plain = {name: value for name, (value, _line) in values.items()}
    lines = {("controller", name): line for name, (_value, line) in values.items()}
    # A guide and a ledger of this home follow the controller's settings; only [controller] is judged here.
    judged = settings_of({"controller": plain}, lines)
    unread = faults.names()
    if isinstance(judged, RefusedSettings):
        for fault in judged.faults:
            unmet = fault.unmet
            if unmet.element not in plain and unread.intersection(_WORD.findall(unmet.needs)):
                # A rule with a value that could not be read waits for its correction.
                continue
            name = next((name for name, (_value, line) in values.items() if line == fault.line), "")
            faults.found.append(
                Fault(
                    file=file_of(name),
                    line=fault.line,
                    key=f"controller.{unmet.element}" if unmet.element in plain else unmet.element,
                    found=unmet.found,
                    needs=unmet.needs,
                    remedy=unmet.remedy,
                )
            )
        return {}
    return {name: judged.values["controller"][name] for name in plain}
