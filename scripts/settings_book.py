"""The settings of the core as a book: groups from the comments of the source, SI beside ticks, marks of trust.

Every module `terms/core_*.py` with a table SETTINGS is read; a new one needs no entry here. The mark of trust of an
origin is not written by hand: where the origin cites the book of facts, the sentence with this number is looked up
there and its marks are shown.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bptm.terms.core_codes import TICKS_PER_S

ROOT = Path(__file__).parents[1]
TERMS = ROOT / "src" / "bptm" / "terms"
BOOK = ROOT / "docs" / "reference" / "domain.md"
NOMINAL_V = 120.0
MINUTE_S, HOUR_S = 60, 3600
OWN = "own choice"

_MARK = re.compile(r"\[(?:S\d+[a-z]?|OK|D)\](?: \*\(weak\)\*)?")
_CITED = re.compile(r"domain\.md,? (\d+\.\d+|H\d+|S\d+[a-z]?)")
_KNOWN_MARKS = (
    ("design LAW", "own law"),
    ("decision ", OWN),
    ("ITIC", "[S42a]"),
    ("IEEE 1547", "[S17]"),
    ("PGMA", "[S24] weak"),
    ("ASCO", "[S25f] weak"),
    ("IEEE 1159", "[S45]"),
    ("ANSI C84.1", "[OK]"),
    ("ANSI C12", "[OK]"),
    ("IEC 61000-4-30", "[OK]"),
    ("IEEE 1366", "[OK]"),
    ("UL ", "[OK]"),
    ("NEC ", "[OK]"),
    ("NEMA", "[OK]"),
    ("ISO ", "[OK]"),
)
"""Marks of origins that are named without a section: where the book of facts, or its list of sources, has them."""

_OF_THE_PLACE = re.compile(
    r"calibration|commissioning|declared|programme|serial number|inlet ampacity|as the controller's|of the controller$"
)

Row = tuple[str, str, str, str, float, float, float, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, as declared."""

    name: str
    unit: str
    meaning: str
    default: float
    lowest: float
    highest: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Settings that stand under one comment in the source."""

    module: str
    heading: str
    settings: tuple[Setting, ...]


def modules_with_settings() -> list[str]:
    """Names of the modules of `terms` that declare a table SETTINGS; the controller's own first."""
    found = [
        path.stem
        for path in TERMS.glob("core_*.py")
        if not path.stem.startswith("core_bench")  # setups of a bench: a page of their own
        and re.search(r"^[A-Z_]*SETTINGS = \(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    return sorted(found, key=lambda name: (name != "core_settings", name))


def groups() -> tuple[Group, ...]:
    """Every group of every module, in the order of the source."""
    return tuple(group for name in modules_with_settings() for group in groups_of(name))


def groups_of(module: str) -> Iterator[Group]:
    """The groups of one module."""
    text = (TERMS / f"{module}.py").read_text(encoding="utf-8")
    table = re.findall(r"^([A-Z_]*SETTINGS) = \(", text, re.MULTILINE)[0]
    rows = cast("tuple[Row, ...]", vars(importlib.import_module(f"bptm.terms.{module}"))[table])
    settings = [_setting(row) for row in rows]
    fallback = _title(ast.get_docstring(ast.parse(text)) or module)
    begins = _headings(text)
    heading, taken = fallback, list[Setting]()
    for n, setting in enumerate(settings):
        if n in begins and taken:
            yield Group(module=module, heading=heading, settings=tuple(taken))
            taken = []
        heading = begins.get(n, heading)
        taken.append(setting)
    if taken:
        yield Group(module=module, heading=heading, settings=tuple(taken))


def _setting(row: Row) -> Setting:
    name, _type, unit, meaning, default, lowest, highest, source = row
    return Setting(
        name=name, unit=unit, meaning=meaning, default=default, lowest=lowest, highest=highest, source=source
    )


def _title(text: str) -> str:
    return re.split(r"[.:]\s", text.replace("\n", " "))[0].rstrip(".")


def _headings(text: str) -> dict[int, str]:
    """Comment above a row of the table of settings, by the number of the row."""
    lines = text.splitlines()
    found: dict[int, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("SETTINGS"):
            if not isinstance(node.value, ast.Tuple):
                continue
            rows = node.value.elts
            last = node.lineno
            for n, row in enumerate(rows):
                above = [line.strip() for line in lines[last : row.lineno - 1]]
                comment = " ".join(line.removeprefix("#").strip() for line in above if line.startswith("#"))
                if comment:
                    found[n] = comment.rstrip(".")
                last = row.end_lineno or row.lineno
    return found


def number(value: float) -> str:
    """A number without a tail of zeros."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.12g}"


def seconds(ticks: float) -> str:
    """Ticks as seconds, minutes or hours, exact or with two digits."""
    s = ticks / TICKS_PER_S
    if s >= HOUR_S and s % HOUR_S == 0:
        return f"{s / HOUR_S:g} h"
    if s >= 5 * MINUTE_S and s % MINUTE_S == 0:
        return f"{s / MINUTE_S:g} min"
    return f"{s:.3g} s" if s >= 1 else f"{s * 1000:.3g} ms"


def shown(setting: Setting, value: float) -> str:
    """A value with its unit as people say it: ticks as time, volts with their per-unit value."""
    if setting.unit == "ticks":
        return seconds(value) if value else "0"
    if setting.unit == "V" and 0.05 * NOMINAL_V <= value <= 2 * NOMINAL_V:
        return f"{number(value)} V, {value / NOMINAL_V:.3g} pu"
    return f"{number(value)} {setting.unit}".rstrip()


def _sections(book: str) -> dict[str, str]:
    """Text of each numbered section, and of each hazard's row."""
    parts = re.split(r"^## ", book, flags=re.MULTILINE)[1:]
    found = {part.split(" ", 1)[0]: part for part in parts}
    return found | {match.group(1): match.group(0) for match in re.finditer(r"^\| (H\d+) .*$", book, re.MULTILINE)}


def _spoken(setting: Setting) -> list[str]:
    """How a text would say the default."""
    value = setting.default
    if setting.unit == "ticks":
        s = value / TICKS_PER_S
        return [f"{s:g} s", f"{s / 60:g} min", f"{s * 1000:g} ms", f"{s:g} ", f"-{s:g} "]
    forms = [f"{value:g}", f"{value:.2f}", f"{value * 100:g} %", f"{value / NOMINAL_V:.2f}"]
    if setting.unit == "W":
        forms.append(f"{value / 1000:g} kW")
    return forms


def marks_in(setting: Setting, section: str) -> tuple[str, ...] | None:
    """Marks of the sentence of a section that has this number; None when no sentence has it."""
    sentences = re.split(r"(?<=[.:;]) |\n\n|\n- |\|", section.replace("\n  ", " "))
    for sentence in sentences:
        if any(re.search(rf"(?<![\d.]){re.escape(form)}(?!\d)", sentence) for form in _spoken(setting)):
            return tuple(mark.replace("*", "").replace("(weak)", "weak") for mark in _MARK.findall(sentence))
    return None


def trust(setting: Setting, book: str) -> str:
    """The mark of trust of a setting's origin, as the book of facts gives it; `not marked` when nothing does."""
    source = setting.source
    if source.startswith(OWN):
        return OWN
    if _OF_THE_PLACE.search(source):
        return "of the place"
    found = [mark for name, mark in _KNOWN_MARKS if name in source]
    if found:
        return ", ".join(dict.fromkeys(found))
    return next(iter(_cited_trust(setting, book)), "not marked")


def _cited_trust(setting: Setting, book: str) -> Iterator[str]:
    """The trust that each cited section of the book gives."""
    for cited in _CITED.findall(setting.source):
        section = _sections(book).get(cited, "")
        marks = marks_in(setting, section)
        if marks:
            yield ", ".join(dict.fromkeys(marks))
        elif marks is None and _MARK.search(section):
            yield f"as {cited}"
        elif section:
            yield OWN


def anchor(book: str, cited: str) -> str:
    """Anchor of a section of the book of facts; of the table for a hazard."""
    if cited.startswith(("H", "S")):
        return "hazards" if cited.startswith("H") else "sources"
    heading = next((line[3:] for line in book.splitlines() if line.startswith(f"## {cited} ")), "")
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def origin_text(setting: Setting, book: str) -> str:
    """The origin, with citations of the book of facts as links."""
    return _CITED.sub(lambda m: f"[domain.md {m.group(1)}](domain.md#{anchor(book, m.group(1))})", setting.source)
