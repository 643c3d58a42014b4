"""A report as data: which tables, from which columns, by which query, and what only people can write."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bptm.program.layout import nearest
from bptm.program.page import Mark
from bptm.terms.refusals import Refused, Unmet

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """A rule over the customers, in the small language of `planning.rules`."""

    __pydantic_config__ = _STRICT

    name: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTemplate:
    """One table: its query, or rules to count by.

    Attributes:
        id: Its name in files and JSON.
        caption: What it shows.
        needs: Columns, as `table.column`; without all of them the table is listed as missing.
        query: SQL over the input tables; empty when `rules` are counted.
        rules: Conditions whose customers are counted as met, not met, cannot be told.
        people: Sets of result columns that count people: a set adds up within itself (parts, and their total), and a
            small count hides its whole set in that row.
    """

    __pydantic_config__ = _STRICT

    id: str
    caption: str
    needs: tuple[str, ...]
    query: str = ""
    rules: tuple[RuleWords, ...] = ()
    people: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A whole report."""

    __pydantic_config__ = _STRICT

    title: str
    about: str
    source: str
    mark: Mark
    by_hand: tuple[str, ...]
    context: tuple[str, ...]
    tables: tuple[TableTemplate, ...]


_ADAPTER = TypeAdapter(Template)


def shipped_templates() -> list[str]:
    """Names of the templates that ship."""
    folder = files("bptm.program") / "templates"
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml"))


def read_template(name: str) -> Template | Refused:
    """The template of a shipped name or a file; or what is wrong with it."""
    try:
        if name in shipped_templates():
            text = (files("bptm.program") / "templates" / f"{name}.toml").read_text(encoding="utf-8")
        else:
            text = Path(name).read_text(encoding="utf-8")
        return _ADAPTER.validate_python(tomllib.loads(text))
    except OSError as error:
        near = nearest((name,), shipped_templates())
        hint = f"The nearest is {near}." if near else "Name a file or one of these."
        why = error.strerror or "it cannot be read"
        return _refused(name, why, f"one of {', '.join(shipped_templates())}, or a file", hint)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return _refused(name, str(error), "a template in TOML", "Correct the line named.")
    except ValidationError as error:
        unmet = tuple(
            Unmet(
                element=f"{name}: {'.'.join(str(part) for part in fault['loc'])}",
                found=fault["msg"],
                needs="a template as docs/reference/programme-report.md has it",
                remedy="Correct the key.",
            )
            for fault in error.errors(include_url=False)
        )
        return Refused(unmet=unmet)


def _refused(element: str, found: str, needs: str, remedy: str) -> Refused:
    return Refused(unmet=(Unmet(element=element, found=found, needs=needs, remedy=remedy),))
