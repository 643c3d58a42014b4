"""The desk's one file of assumptions, read and checked, with a utility's own values laid over it.

A faulty file is refused whole, with every fault at once: this is what results rest on.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from math import inf, isfinite
from pathlib import Path
from typing import Literal, cast

from bptm.terms.refusals import Refused, Unmet

Mark = Literal["published", "general", "derived", "definition", "claim", "own choice"]
MARKS: tuple[Mark, ...] = ("published", "general", "derived", "definition", "claim", "own choice")
SOURCED: tuple[Mark, ...] = ("published", "derived", "definition")
ALLOWED_BY_UNIT: dict[str, tuple[float, float]] = {"fraction": (0.0, 1.0), "flag": (0.0, 1.0)}
"""Beyond these a value has no meaning; every other quantity of the desk may be anything from zero up."""

ALLOWED_BY_END: dict[str, tuple[float, float]] = {
    "discount_fraction": (1e-6, 1.0),
    "years_count": (1.0, 100.0),
    "life_count": (0.5, 100.0),
}
"""By the end of the key: the annuity divides by the rate and by what a life of nothing would cost a year."""

DISTRIBUTIONS = ("triangular", "uniform", "fixed")
_NUMBERS = ("value", "low", "high")
_TEXTS = ("distribution", "unit", "mark", "source", "meaning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One value that results rest on, with its range, origin and mark of trust."""

    key: str
    value: float
    low: float
    high: float
    distribution: str
    unit: str
    mark: str
    source: str
    meaning: str
    replaced: bool = False
    """True when the user's own file gave it."""

    @property
    def sourced(self) -> bool:
        """True when a reader can look it up or do the arithmetic."""
        return self.mark in SOURCED

    def record(self) -> dict[str, object]:
        """As it stands in JSON and tables."""
        return {
            "key": self.key,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "distribution": self.distribution,
            "unit": self.unit,
            "mark": self.mark,
            "source": self.source,
            "meaning": self.meaning,
            "replaced": self.replaced,
        }


def shipped() -> dict[str, Assumption]:
    """The assumptions of the package, in the order of the file."""
    text = files("bptm.program").joinpath("assumptions.toml").read_text(encoding="utf-8")
    tables = cast("dict[str, dict[str, object]]", tomllib.loads(text))
    return {key: Assumption(key=key, **table) for key, table in tables.items()}  # pyright: ignore[reportArgumentType]


def assumptions(own: Path | None = None) -> dict[str, Assumption] | Refused:
    """The shipped assumptions, with those of the user's file in their place."""
    known = shipped()
    if own is None:
        return known
    try:
        tables = tomllib.loads(own.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return _refused(str(own), why or "it cannot be read", "a TOML file", "Name a readable file of assumptions.")
    return overlaid(known, tables, own.name)


def overlaid(
    known: Mapping[str, Assumption], tables: Mapping[str, object], where: str
) -> dict[str, Assumption] | Refused:
    """`known` with the given values in their place; a key may be a bare number, or a table of what changes."""
    faults: list[Unmet] = []
    result = dict(known)
    for key, given in _flat(tables).items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
            hint = f"The nearest is {near[0]}." if near else "bptm program value --assumptions-list names them all."
            faults.append(
                Unmet(element=f"{where}: {key}", found="no such assumption", needs="one of the desk's", remedy=hint)
            )
            continue
        changed = _changed(known[key], given)
        if isinstance(changed, str):
            faults.append(
                Unmet(
                    element=f"{where}: {key}", found=changed, needs="low <= value <= high", remedy="Correct the entry."
                )
            )
        else:
            result[key] = changed
    return Refused(unmet=tuple(faults)) if faults else result


def _flat(tables: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Dotted keys, whether written `["a.b"]`, `[a.b]` or `a.b = 1`."""
    flat: dict[str, object] = {}
    for name, given in tables.items():
        key = f"{before}{name}"
        if isinstance(given, dict):
            inner = cast("dict[str, object]", given)
            if inner and set(inner) <= {*_NUMBERS, *_TEXTS}:
                flat[key] = inner
            else:
                flat |= _flat(inner, f"{key}.")
        else:
            flat[key] = given
    return flat


def _changed(known: Assumption, given: object) -> Assumption | str:
    """The assumption with what is given; or what is wrong with it."""
    table = cast("dict[str, object]", given) if isinstance(given, dict) else {"value": given}
    numbers: dict[str, float] = {}
    for name in _NUMBERS:
        if name not in table:
            continue
        number = table[name]
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not isfinite(number):
            return f"{name} {number!r}, no number"
        numbers[name] = float(number)
    texts = {name: str(table[name]) for name in _TEXTS if name in table}
    if texts.get("distribution", known.distribution) not in DISTRIBUTIONS:
        return f"distribution {texts['distribution']!r}, not one of {', '.join(DISTRIBUTIONS)}"
    if texts.get("mark", known.mark) not in MARKS:
        return f"mark {texts['mark']!r}, not one of {', '.join(MARKS)}"
    if "unit" in texts and texts["unit"] != known.unit:
        return f"unit {texts['unit']!r} where the desk counts in {known.unit!r}"
    if set(numbers) == {"value"}:
        # A bare value is the user's knowledge: it is taken as it is, without the shipped range.
        numbers |= {"low": numbers["value"], "high": numbers["value"]}
        texts.setdefault("distribution", "fixed")
    texts.setdefault("source", "the user's own file")
    texts.setdefault("mark", "own choice")
    changed = replace(known, replaced=True, **numbers, **texts)  # pyright: ignore[reportArgumentType]
    return _unusable(changed) or changed


def _unusable(changed: Assumption) -> str:
    """What is wrong with an assumption's numbers; empty when nothing is."""
    least, most = ALLOWED_BY_UNIT.get(changed.unit, (0.0, inf))
    least, most = next((ends for end, ends in ALLOWED_BY_END.items() if changed.key.endswith(end)), (least, most))
    if not changed.low <= changed.value <= changed.high:
        return f"low {changed.low:g}, value {changed.value:g}, high {changed.high:g}"
    if not (least <= changed.low and changed.high <= most):
        return f"{changed.low:g} to {changed.high:g}, where {least:g} to {most:g} {changed.unit} is possible"
    if changed.distribution != "fixed" and changed.low == changed.high:
        return f"distribution {changed.distribution!r} with low equal to high"
    return ""


def _refused(element: str, found: str, needs: str, remedy: str) -> Refused:
    return Refused(unmet=(Unmet(element=element, found=found, needs=needs, remedy=remedy),))
