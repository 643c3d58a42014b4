"""Reads the safety argument (docs/safety/hazards.toml), finds what speaks for it, and names what does not exist.

Pure over the files of the project: no test is run here. `safety_results` knows what runs have shown.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import settings_book

from bptm.terms import core_device
from bptm.terms.codes import Cause

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "safety" / "hazards.toml"
HAZARDS = tuple(f"H{n}" for n in range(1, 39))
LAWS = tuple(f"L{n}" for n in range(1, 16))
_HAZARD_KEYS = {"hazard", "severity", "laws", "tests", "gaps", "rests_on", "safeguard"}
_SAFEGUARD_KEYS = {"what", "code", "facts", "settings", "causes"}
_MOST_SEVERE = 4
_CITES_HAZARD = re.compile(r"\bH(\d{1,2})\b")
_CITES_LAWS = re.compile(r"\bLAW-(\d{1,2}(?:, \d{1,2})*)\b")

Table = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguard:
    """What stands against a hazard, and where it is in the code."""

    what: str
    code: tuple[str, ...]
    facts: tuple[str, ...]
    settings: tuple[str, ...]
    causes: tuple[str, ...]
    missing: tuple[str, ...]
    """Facts not set, settings not read, causes not named: with any of these it is not built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One hazard with everything that is said about it."""

    id: str
    words: str
    severity: int
    laws: tuple[str, ...]
    safeguards: tuple[Safeguard, ...]
    tests: tuple[str, ...]
    rests_on: tuple[str, ...]
    told_gaps: tuple[str, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """Gaps that a person listed, and those that the code shows by itself."""
        unbuilt = [
            f"Not built: {guard.what} ({', '.join(guard.missing)})" for guard in self.safeguards if guard.missing
        ]
        shown: list[str] = [] if self.tests or self.laws else ["No test and no law speaks for it"]
        none = [] if self.safeguards else ["No safeguard in this software"]
        return (*none, *unbuilt, *self.told_gaps, *shown)

    @property
    def state(self) -> str:
        """`answered`, `in part` with gaps, `open` without any safeguard that is built."""
        if all(guard.missing for guard in self.safeguards):
            return "open"
        return "in part" if self.gaps else "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The whole argument."""

    hazards: tuple[Hazard, ...]
    laws: dict[str, str]
    tests_of_laws: dict[str, tuple[str, ...]]

    @property
    def tests(self) -> tuple[str, ...]:
        """Every test that the argument names, once."""
        named = [test for hazard in self.hazards for test in hazard.tests]
        named += [test for tests in self.tests_of_laws.values() for test in tests]
        return tuple(sorted(set(named)))


def read_case(path: Path = TABLE) -> tuple[Case, tuple[str, ...]]:
    """The argument, and a sentence for everything in it that is missing, unknown or does not exist."""
    raw = cast("dict[str, Table]", tomllib.loads(path.read_text(encoding="utf-8")))
    laws = cast("dict[str, str]", raw.pop("laws", {}))
    found = cited()
    hazards = tuple(_hazard(name, table, found) for name, table in raw.items())
    case = Case(
        hazards=hazards,
        laws=laws,
        tests_of_laws={law: tuple(sorted(found.get(law, ()))) for law in laws},
    )
    return case, tuple(_wrong(case, raw))


def _texts(table: Table, key: str) -> tuple[str, ...]:
    return tuple(cast("list[str]", table.get(key, [])))


def _hazard(name: str, table: Table, found: dict[str, set[str]]) -> Hazard:
    guards = cast("list[Table]", table.get("safeguard", []))
    return Hazard(
        id=name,
        words=str(table.get("hazard", "")),
        severity=cast("int", table.get("severity", 0)),
        laws=_texts(table, "laws"),
        safeguards=tuple(map(_safeguard, guards)),
        tests=tuple(sorted({*_texts(table, "tests"), *found.get(name, ())})),
        rests_on=_texts(table, "rests_on"),
        told_gaps=_texts(table, "gaps"),
    )


def _safeguard(table: Table) -> Safeguard:
    facts, settings, causes = (_texts(table, key) for key in ("facts", "settings", "causes"))
    source = controller_source()
    missing = [f"`{name}` is not set" for name in facts if not re.search(rf"\bs\.{name} = (?!0\n)", source)]
    missing += [f"`{name}` is not read" for name in settings if not re.search(rf"\bp\.{name}\b", source)]
    missing += [f"`{name}` is not used" for name in causes if not re.search(rf"\bCAUSE_{name}\b", source)]
    return Safeguard(
        what=str(table.get("what", "")),
        code=_texts(table, "code"),
        facts=facts,
        settings=settings,
        causes=causes,
        missing=tuple(missing),
    )


@cache
def controller_source() -> str:
    """Source of the controller in one text."""
    files = sorted((ROOT / "src" / "bptm" / "controller").glob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@cache
def test_functions() -> dict[str, str]:
    """Docstring of every test of the project by its node id."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found[f"{name}::{node.name}"] = ast.get_docstring(node) or ""
    return found


def cited() -> dict[str, set[str]]:
    """Tests whose docstring cites a hazard or a law, by hazard (`H13`) and law (`L5`)."""
    found: dict[str, set[str]] = {}
    for test, text in test_functions().items():
        if test.startswith("tests/tidy/"):
            continue
        names = [f"H{n}" for n in _CITES_HAZARD.findall(text)]
        names += [f"L{n}" for numbers in _CITES_LAWS.findall(text) for n in numbers.split(", ")]
        for name in names:
            found.setdefault(name, set()).add(test)
    return found


@cache
def _functions(module: str) -> dict[str, str]:
    """Functions and classes of a module, or of every module of a room, each with the module that has it."""
    path = ROOT / "src" / "bptm" / module.replace(".", "/")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return {
        node.name: f"{module}.{file.stem}" if path.is_dir() else module
        for file in files
        if file.exists()
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def place_of(code: str) -> str:
    """Where a function of the table stands: `controller:enter` as `controller.transfer.enter`."""
    module, _, function = code.partition(":")
    return f"{_functions(module)[function]}.{function}"


def _wrong(case: Case, raw: dict[str, Table]) -> Iterator[str]:
    """A sentence for each thing that does not exist, is missing or is not understood."""
    for name in HAZARDS:
        if name not in raw:
            yield f"{name}: is missing"
    for law in LAWS:
        if law not in case.laws:
            yield f"{law}: is missing in [laws]"
    names = _Names(
        facts=frozenset(row[0] for row in core_device.DEVICE_FIELDS),
        settings=frozenset(setting.name for group in settings_book.groups() for setting in group.settings),
    )
    for hazard in case.hazards:
        yield from (f"{hazard.id}: {sentence}" for sentence in _wrong_in(hazard, raw[hazard.id], names))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What exists."""

    facts: frozenset[str]
    settings: frozenset[str]


def _wrong_in(hazard: Hazard, table: Table, names: _Names) -> Iterator[str]:
    keys = [*(set(table) - _HAZARD_KEYS)]
    keys += [key for guard in cast("list[Table]", table.get("safeguard", [])) for key in set(guard) - _SAFEGUARD_KEYS]
    if hazard.id not in HAZARDS:
        yield "is no hazard of the list"
    yield from (f"key `{key}` means nothing" for key in keys)
    if not hazard.words or not 1 <= hazard.severity <= _MOST_SEVERE:
        yield f"give `hazard` in words and `severity` from 1 to {_MOST_SEVERE}"
    yield from (f"there is no law {law}" for law in hazard.laws if law not in LAWS)
    yield from (f"there is no test {test}" for test in hazard.tests if test not in test_functions())
    for guard in hazard.safeguards:
        yield from (f"there is no fact {name}" for name in guard.facts if name not in names.facts)
        yield from (f"there is no setting {name}" for name in guard.settings if name not in names.settings)
        yield from (f"there is no cause {name}" for name in guard.causes if name not in Cause.__members__)
        yield from (f"there is no function {code}" for code in guard.code if not _exists(code))


def _exists(code: str) -> bool:
    module, _, function = code.partition(":")
    return function in _functions(module)
