"""What a table should hold: columns by any of the names they go by, and how a row's values are judged.

A layout is data. `program.rows` reads a file against it; a column that the file lacks is named, with the nearest name
that the file has.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bptm.program.duck import named, quoted
from bptm.terms.refusals import Unmet

MISSING_WORDS = ("", "na", "n/a", "nan", "null", "none", "-")
"""Texts, in any case, that stand for no value in a column of numbers or times. In a column of text "NA" is a word."""


class Kind(Enum):
    """What a column holds; the value is the SQL type it gets."""

    TEXT = "VARCHAR"
    NUMBER = "DOUBLE"
    WHOLE = "BIGINT"
    TIME = "TIMESTAMP WITH TIME ZONE"
    FLAG = "BOOLEAN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a reader knows.

    Attributes:
        name: Our name for it, with its unit as the last token.
        also: Names it has in files, most usual first; letter case, blanks and underscores do not matter.
        kind: What its values are.
        needed: The file must have the column.
        value_needed: A row without a value is refused; else the value is missing (None).
        low: Lowest value allowed.
        high: Highest value allowed.
        zone: Time zone of times that name none.
        form: How times are written, in strptime's letters, when not as ISO 8601; e.g. "%m/%d/%Y %H:%M".
    """

    name: str
    also: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    needed: bool = True
    value_needed: bool = False
    low: float | None = None
    high: float | None = None
    zone: str = "UTC"
    form: str = ""

    def names(self) -> tuple[str, ...]:
        """All names it goes by."""
        return (*self.also, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """A rule over several columns of one row.

    Attributes:
        wrong_when: SQL over our column names, true when the row is refused.
        reason: What is wrong, as SQL that yields text, e.g. "'ends ' || end_utc || ' before it starts'".
    """

    wrong_when: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A kind of table."""

    name: str
    """What it is, for sentences: "outage list"."""
    columns: tuple[Column, ...]
    rules: tuple[RowRule, ...] = ()


def plain(name: str) -> str:
    """A column's name without what people write differently."""
    return "".join(c for c in name.casefold() if c.isalnum())


def matched(layout: Layout, header: Sequence[str], where: str) -> dict[str, str] | tuple[Unmet, ...]:
    """The file's name of each of our columns, or every column that is needed and not there."""
    at = {plain(name): name for name in reversed(header)}
    found = {
        column.name: at[plain(name)]
        for column in layout.columns
        for name in reversed(column.names())
        if plain(name) in at
    }
    missing = [column for column in layout.columns if column.needed and column.name not in found]
    if not missing:
        return found
    taken = set(found.values())
    free = [name for name in header if name not in taken]
    return tuple(_missing(column, layout, free, where) for column in missing)


def _missing(column: Column, layout: Layout, free: Sequence[str], where: str) -> Unmet:
    near = nearest(column.names(), free)
    return Unmet(
        element=f"{where}: column {column.names()[0]}",
        found=f"no such column (nearest: {near})" if near else "no such column",
        needs=f"one of {', '.join(column.names())} for a table of {layout.name}",
        remedy="Rename the column in the file, or name the right file.",
    )


def nearest(names: Sequence[str], known: Sequence[str]) -> str:
    """The one of `known` that looks most like any of `names`; empty when none does."""
    by_plain = {plain(name): name for name in known}
    for name in names:
        found = difflib.get_close_matches(plain(name), list(by_plain), n=1, cutoff=0.6)
        if found:
            return by_plain[found[0]]
    return ""


def value_sql(column: Column, raw: str) -> str:
    """SQL that yields the column's typed value from the text `raw`; NULL when it is missing or cannot be."""
    text = f"trim({raw})"
    match column.kind:
        case Kind.TEXT:
            return f"nullif({text}, '')"
        case Kind.TIME if column.form:
            return f"timezone({quoted(column.zone)}, try_strptime({text}, {quoted(column.form)}))"
        case Kind.TIME:
            zoned = f"regexp_matches({text}, '(Z|:[0-9.]+ *[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
            local = f"timezone({quoted(column.zone)}, TRY_CAST({text} AS TIMESTAMP))"
            return f"CASE WHEN {zoned} THEN TRY_CAST({text} AS TIMESTAMPTZ) ELSE {local} END"
        case Kind.NUMBER:
            # "nan" and "inf" parse as numbers, and are none.
            return (
                f"CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) AND NOT isnan(TRY_CAST({text} AS DOUBLE)) "
                f"THEN TRY_CAST({text} AS DOUBLE) END"
            )
        case Kind.WHOLE:
            # 12.0 is a whole number that a spreadsheet has been at; 12.5 is none.
            number = f"TRY_CAST({text} AS DOUBLE)"
            return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS BIGINT) END"
        case Kind.FLAG:
            return (
                f"CASE WHEN lower({text}) IN ('1','true','yes','y','t') THEN true "
                f"WHEN lower({text}) IN ('0','false','no','n','f') THEN false END"
            )


_WORDS = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.WHOLE: "a whole number",
    Kind.TIME: "a time such as 2019-10-26T10:10Z",
    Kind.FLAG: "yes or no",
}


def fault_sql(column: Column, raw: str) -> str:
    """SQL that yields what is wrong with the text `raw` in this column; NULL when nothing is."""
    absent = f"({raw} IS NULL OR lower(trim({raw})) IN ({', '.join(quoted(word) for word in MISSING_WORDS)}))"
    if column.kind is Kind.TEXT:
        absent = f"({raw} IS NULL OR trim({raw}) = '')"
    value = value_sql(column, raw)
    seen = f"{quoted(column.name + ' is ')} || {raw} || "
    cases = [f"WHEN {absent} THEN {quoted(column.name + ' is missing') if column.value_needed else 'NULL'}"]
    if column.kind is not Kind.TEXT:
        cases.append(f"WHEN ({value}) IS NULL THEN {seen}{quoted(', expected ' + _WORDS[column.kind])}")
    if column.low is not None:
        cases.append(f"WHEN ({value}) < {column.low} THEN {seen}{quoted(f', expected at least {column.low:g}')}")
    if column.high is not None:
        cases.append(f"WHEN ({value}) > {column.high} THEN {seen}{quoted(f', expected at most {column.high:g}')}")
    return f"CASE {' '.join(cases)} END"


def typed_sql(column: Column, raw: str) -> str:
    """The select item of a column."""
    return f"{value_sql(column, raw)} AS {named(column.name)}"
