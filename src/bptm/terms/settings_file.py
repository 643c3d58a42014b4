"""A file of settings: taken whole, or refused whole with every fault at once.

    [controller]
    lost_deep_ticks = 72
    [metrology]
    rate_hz = 7680

What a file does not name stands at its default. A fault has the line, the value seen, the limit and what to do; a value
that is wrong by itself is listed once and not again in the rules that it would break as well.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import cast

from bptm.terms.refusals import Refused, Unmet
from bptm.terms.settings_rules import SECTIONS, Key, Number, Rule, SettingRow, copies, rules

BYTES_MAX = 1_000_000
"""A settings file has a hundred lines; this is another file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings that contradict nothing.

    Attributes:
        values: Every setting of every section, by section and name.
        given: What the file gave, `section.name`; the others stand at their defaults, or follow what they copy.
    """

    values: Mapping[str, Mapping[str, Number]]
    given: frozenset[str]

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "accepted": True,
            "given": sorted(self.given),
            "settings": {section: dict(values) for section, values in self.values.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFault:
    """One thing wrong with a file; `line` is 0 where it has none."""

    line: int
    unmet: Unmet

    def sentence(self) -> str:
        """For a person, on one line."""
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.unmet.element}: found {self.unmet.found}, needs {self.unmet.needs}. {self.unmet.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSettings:
    """A file that is not applied. `faults` is never empty, and in the order of the lines."""

    faults: tuple[SettingFault, ...]

    def refused(self) -> Refused:
        """The same as every other refusal."""
        return Refused(unmet=tuple(fault.unmet for fault in self.faults))

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {"accepted": False, "faults": [{"line": fault.line, **asdict(fault.unmet)} for fault in self.faults]}


def read_settings(raw: bytes) -> Settings | RefusedSettings:
    """What a file of settings says, or everything that is wrong with it.

    Args:
        raw: The file's content.
    """
    text = _text(raw)
    if isinstance(text, SettingFault):
        return RefusedSettings(faults=(text,))
    try:
        tables = cast("dict[str, object]", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        return RefusedSettings(faults=(_not_toml(str(error), int(line.group(1)) if line else 0),))
    except RecursionError:
        return RefusedSettings(faults=(_not_toml("values nested too deep to read", 0),))
    return settings_of(tables, _lines_of(text))


def settings_of(tables: Mapping[str, object], lines: Mapping[tuple[str, str], int]) -> Settings | RefusedSettings:
    """What tables of settings say that stand in a file of another kind, or everything that is wrong with them.

    Args:
        tables: Values by section and name, as TOML gives them.
        lines: The line of each section (name empty) and name, where it is known.
    """
    reader = _Reader(lines=lines)
    reader.read(tables)
    if reader.faults:
        return RefusedSettings(faults=tuple(sorted(reader.faults, key=lambda fault: fault.line)))
    whole = reader.whole()
    return Settings(
        values={section: {row[0]: whole[section, row[0]] for row in table} for section, table in SECTIONS},
        given=frozenset(f"{section}.{name}" for section, name in reader.values),
    )


def default_file() -> str:
    """A file that gives every setting its default, with meaning, limits and source: to copy lines from."""
    lines: list[str] = []
    for section, table in SECTIONS:
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for name, _type, unit, meaning, default, lowest, highest, source in table:
            limits = f"{lowest:g} to {highest:g}{f' {unit}' if unit else ''}"
            lines.append(f"{name} = {default!r}  # {meaning}; {limits}; {source}")
    return "\n".join([*lines, ""])


def _text(raw: bytes) -> str | SettingFault:
    if len(raw) > BYTES_MAX:
        return _whole(f"{len(raw)} bytes", f"at most {BYTES_MAX}", "Name a settings file.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return _whole(f"byte {error.start} that is no UTF-8", "UTF-8 text", "Save it as UTF-8.")


def _whole(found: str, needs: str, remedy: str) -> SettingFault:
    return SettingFault(line=0, unmet=Unmet(element="the file", found=found, needs=needs, remedy=remedy))


def _not_toml(found: str, line: int) -> SettingFault:
    return SettingFault(
        line=line,
        unmet=Unmet(
            element="the file",
            found=" ".join(found.split()),
            needs="TOML: [section] lines, and name = value lines",
            remedy="Correct this line; the others are read when it is.",
        ),
    )


_SHOWN_MAX = 10**15
"""Larger numbers are not shown: TOML allows integers of any length."""

_TABLE = re.compile(r"^\s*\[+\s*\"?([\w-]+)\"?\s*\]+")
_KEY = re.compile(r"^\s*\"?([\w-]+)\"?(?:\s*\.\s*\"?([\w-]+)\"?)?\s*=")


def _lines_of(text: str) -> dict[tuple[str, str], int]:
    """The line of each section (name empty) and of each name in it; tomllib does not say."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        table, key = _TABLE.match(line), _KEY.match(line)
        if table:
            section = table.group(1)
            found.setdefault((section, ""), number)
        elif key and key.group(2):
            found.setdefault((key.group(1), key.group(2)), number)
        elif key:
            found.setdefault((section, key.group(1)), number)
    return found


class _Reader:
    """Goes through what TOML gave and gathers values and faults."""

    def __init__(self, lines: Mapping[tuple[str, str], int]) -> None:
        self.lines = lines
        self.values: dict[Key, Number] = {}
        self.faults: list[SettingFault] = []
        self.wrong: set[Key] = set()
        self.at: dict[Key, int] = {}

    def read(self, tables: Mapping[str, object]) -> None:
        """Every section, then the rules between settings."""
        known = dict(SECTIONS)
        for section, content in tables.items():
            line = self.lines.get((section, ""), self.lines.get(("", section), 0))
            if section not in known:
                self.faults.append(SettingFault(line=line, unmet=_unknown_section(section, content)))
            elif not isinstance(content, dict):
                names = "a section"
                remedy = f"Write [{section}] on a line of its own."
                unmet = Unmet(element=section, found=_shown(content), needs=names, remedy=remedy)
                self.faults.append(SettingFault(line=line, unmet=unmet))
            else:
                self.section(section, known[section], cast("dict[str, object]", content), line)
        self.contradictions()

    def section(self, section: str, table: tuple[SettingRow, ...], content: Mapping[str, object], line: int) -> None:
        """One section."""
        rows = {row[0]: row for row in table}
        for name, value in content.items():
            at = self.lines.get((section, name), line)
            if name not in rows:
                self.faults.append(SettingFault(line=at, unmet=_unknown(section, name)))
                continue
            self.at[section, name] = at
            fault = _value_fault(rows[name], value)
            if fault is None:
                number = cast("Number", value)
                self.values[section, name] = float(number) if rows[name][1] == "f8" else number
            else:
                self.wrong.add((section, name))
                self.faults.append(SettingFault(line=at, unmet=fault))

    def whole(self) -> dict[Key, Number]:
        """Every setting: as given, as the one that it copies, or at its default."""
        values = {(section, row[0]): row[4] for section, table in SECTIONS for row in table} | self.values
        for copy, original in copies().items():
            if copy not in self.values:
                values[copy] = values[original]
        return values

    def contradictions(self) -> None:
        """Rules that do not hold; those with a value that is wrong by itself wait for its correction."""
        values = self.whole()
        for rule in rules():
            if not self.wrong.intersection(rule.keys) and not rule.holds(values):
                given = [self.at[key] for key in rule.keys if key in self.at]
                self.faults.append(SettingFault(line=max(given, default=0), unmet=self.broken(rule, values)))

    def broken(self, rule: Rule, values: Mapping[Key, Number]) -> Unmet:
        """A rule that does not hold."""
        found = ", ".join(
            f"{'.'.join(key)} = {values[key]:g} ({f'line {self.at[key]}' if key in self.at else 'default'})"
            for key in rule.keys
        )
        left, right = rule.sides(values)
        alone = len(rule.keys) == 1
        return Unmet(
            element=rule.keys[0][1] if alone else "two settings contradict each other",
            found=f"{found}: {left:g} against {right:g}",
            needs=rule.text,
            remedy=f"Change {'it' if alone else 'one of them'}: {rule.reason}.",
        )


def _all_names() -> Iterator[tuple[str, str]]:
    for section, table in SECTIONS:
        for row in table:
            yield section, row[0]


def _unknown(section: str, name: str) -> Unmet:
    home = tuple(other for other, known in _all_names() if known == name)
    if len(home) > 0:
        return Unmet(
            element=f"{section}.{name}",
            found=f"it in [{section}]",
            needs=f"it in [{home[0]}]",
            remedy=f"Move the line under [{home[0]}].",
        )
    near = difflib.get_close_matches(name, [known for _section, known in _all_names()], n=1, cutoff=0.6)
    return Unmet(
        element=f"{section}.{name}",
        found="a name that is no setting",
        needs="the name of a setting",
        remedy=f"Write {near[0]} if you mean that." if near else "The settings stand in docs/reference/settings.md.",
    )


def _unknown_section(section: str, content: object) -> Unmet:
    names = [name for name, _table in SECTIONS]
    home = tuple(other for other, known in _all_names() if known == section)
    if home and not isinstance(content, dict):
        remedy = f"Put the line under [{home[0]}]."
    else:
        near = difflib.get_close_matches(section, names, n=1, cutoff=0.6)
        remedy = f"Write [{near[0]}] if you mean that." if near else "Leave it out."
    return Unmet(
        element=section,
        found="a setting without a section" if home else "a section that is not known",
        needs=" or ".join(f"[{name}]" for name in names),
        remedy=remedy,
    )


def _shown(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"  # noqa: PLR2004  a line's worth


def _value_fault(row: SettingRow, value: object) -> Unmet | None:
    name, type_, unit, meaning, _default, lowest, highest, source = row
    whole = type_ != "f8"
    suffix = f" {unit}" if unit else ""
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return Unmet(
            element=name,
            found=_shown(value),
            needs=f"a {'whole ' if whole else ''}number{suffix}",
            remedy=f"Write it plainly, such as {name} = {row[4]!r}.",
        )
    if not math.isfinite(value) or not lowest <= value <= highest:
        return Unmet(
            element=name,
            found="no number" if math.isnan(value) else f"{value:g}{suffix}" if abs(value) < _SHOWN_MAX else "too much",
            needs=f"{lowest:g} to {highest:g}{suffix}",
            remedy=f"Choose a value within; it is {meaning} (limits: {source}).",
        )
    return None
