"""Fills a report's template from the tables given; what cannot be filled is listed as missing, never as zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from bptm.planning.rules import Column as RuleColumn
from bptm.planning.rules import RuleError, judge, read_rule
from bptm.program.duck import Tables, TablesError, quoted
from bptm.program.layout import Kind
from bptm.program.report_inputs import LAYOUTS, Inputs
from bptm.program.report_template import TableTemplate, Template
from bptm.terms.refusals import Refused, Unmet

Value = str | int | float | None
HIDDEN = "hidden (small)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One table of the report.

    `missing` are the columns that it needs and nobody gave; then there are no rows. `not_known` counts the cells that
    the given tables leave empty.
    """

    template: TableTemplate
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    missing: tuple[str, ...]
    not_known_count: int
    hidden_count: int
    query: str
    versions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A template, filled as far as the tables go."""

    name: str
    template: Template
    tables: tuple[Filled, ...]
    utility: str
    inputs: Inputs
    suppress_below_count: int

    def missing(self) -> list[str]:
        """Everything that the template asks and this report does not hold, a sentence each."""
        said = [
            f"{one.template.caption}: not filled, since {', '.join(one.missing)} was not given"
            for one in self.tables
            if one.missing
        ]
        said += [
            f"{one.template.caption}: {one.not_known_count} values are not known"
            for one in self.tables
            if one.not_known_count
        ]
        said += [f"{one.path.name}: {one.rows_refused:,} rows were refused" for one in self.inputs.sources.values()
                 if one.rows_refused]  # fmt: skip
        return said + [f"{words}: to be written by people" for words in self.template.by_hand]


def fill(
    tables: Tables, named: tuple[str, Template], inputs: Inputs, utility: str, suppress_below_count: int
) -> Report | Refused:
    """Every table of the template, or what is wrong with its queries."""
    name, template = named
    filled: list[Filled] = []
    faults: list[Unmet] = []
    for one in template.tables:
        known = [f"{table}.{column.name}" for table, layout in LAYOUTS.items() for column in layout.columns]
        wrong = [column for column in one.needs if column not in known]
        if wrong:
            faults.append(_fault(name, one, f"needs {', '.join(wrong)}, which no input has"))
            continue
        try:
            filled.append(_fill_one(tables, one, inputs, suppress_below_count))
        except (TablesError, RuleError) as error:
            faults.append(_fault(name, one, str(error)))
    if faults:
        return Refused(unmet=tuple(faults))
    return Report(
        name=name,
        template=template,
        tables=tuple(filled),
        utility=utility,
        inputs=inputs,
        suppress_below_count=suppress_below_count,
    )


def _fault(name: str, one: TableTemplate, found: str) -> Unmet:
    return Unmet(
        element=f"template {name}, table {one.id}",
        found=found,
        needs="a query over the inputs' columns (docs/reference/programme-report.md)",
        remedy="Correct the template.",
    )


def _fill_one(tables: Tables, one: TableTemplate, inputs: Inputs, below_count: int) -> Filled:
    missing = tuple(column for column in one.needs if not inputs.has(column))
    used = frozenset(column.partition(".")[0] for column in one.needs)
    columns: tuple[str, ...] = ()
    rows: list[tuple[Value, ...]] = []
    query = " ".join(one.query.split())
    if one.rules:
        query = "; ".join(f"{rule.name}: {rule.rule}" for rule in one.rules)
        if not missing:
            columns, rows = _counted(tables, one)
    elif not missing:
        records = tables.records(one.query)
        columns = tuple(records[0]) if records else tuple(_columns(tables, one.query))
        rows = [tuple(_value(record[column]) for column in columns) for record in records]
    not_known = sum(value is None for row in rows for value in row)
    hidden = small_cells(columns, rows, one.people, below_count)
    shown = [
        tuple(HIDDEN if (at, place) in hidden else value for place, value in enumerate(row))
        for at, row in enumerate(rows)
    ]
    return Filled(
        template=one,
        columns=columns,
        rows=tuple(shown),
        missing=missing,
        not_known_count=not_known,
        hidden_count=len(hidden),
        query=query,
        versions=inputs.versions(used),
    )


def _columns(tables: Tables, query: str) -> list[str]:
    return [str(row[0]) for row in tables.rows(f"DESCRIBE {query}")]


def _value(value: Any) -> Value:  # what an engine's cell may be
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M %Z").strip()
    number = float(value)
    return int(number) if number.is_integer() else number


def small_cells(
    columns: Sequence[str], rows: Sequence[Sequence[Value]], people: Sequence[Sequence[str]], below_count: int
) -> frozenset[tuple[int, int]]:
    """Row and column of the cells that are hidden, set by set of columns.

    A small count hides its whole set in that row, so that no total of the row gives it away. When that happens in one
    row only, the set of the next smallest row goes with it, so that no total over the rows does (decision 0046).
    """
    hidden: set[tuple[int, int]] = set()
    for names in people:
        places = [columns.index(name) for name in names if name in columns]
        counts = [[value for place in places if isinstance(value := row[place], int)] for row in rows]
        small = {at for at, row in enumerate(counts) if any(0 < count < below_count for count in row)}
        if len(small) == 1:
            others = [(sum(row), at) for at, row in enumerate(counts) if at not in small and sum(row) > 0]
            small |= {min(others)[1]} if others else set()
        hidden |= {(at, place) for at in small for place in places}
    return frozenset(hidden)


def _counted(tables: Tables, one: TableTemplate) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """Customers for whom each rule is met, not met, cannot be told."""
    arrays = tables.arrays("SELECT * FROM customers")
    columns = {column.name: _rule_column(arrays[column.name], column.kind) for column in LAYOUTS["customers"].columns}
    rows: list[tuple[Value, ...]] = []
    for words in one.rules:
        verdict = judge(read_rule(words.name, words.rule), columns)
        met, unmet = int(verdict.true.sum()), int(verdict.false.sum())
        rows.append((words.name, met, unmet, int(verdict.true.size) - met - unmet))
    return ("condition", "met", "not_met", "cannot_be_told"), rows


def _rule_column(values: Any, kind: Kind) -> RuleColumn:  # a masked array of the engine
    masked = np.ma.asarray(values)
    known = ~np.ma.getmaskarray(masked)
    plain = np.asarray(masked.filled(None) if masked.dtype == object else masked.data, dtype=object)
    known = known & np.array([value is not None for value in plain], dtype=np.bool_)
    if kind is Kind.FLAG:
        return RuleColumn(values=np.array([bool(value) for value in plain], dtype=np.bool_), known=known)
    if kind in {Kind.NUMBER, Kind.WHOLE}:
        numbers = [float(value) if ok else 0.0 for value, ok in zip(plain, known, strict=True)]
        return RuleColumn(values=np.array(numbers, dtype=np.float64), known=known)
    return RuleColumn(values=np.array([str(value) for value in plain], dtype=np.str_), known=known)


def report_json(reports: Sequence[Report]) -> dict[str, object]:
    """The documented JSON of `bptm program report` (docs/reference/programme-report.md)."""
    return {"schema": "bptm.program.report/1", "reports": [_report_json(one) for one in reports]}


def _report_json(report: Report) -> dict[str, object]:
    return {
        "template": report.name,
        "title": report.template.title,
        "about": report.template.about,
        "utility": report.utility,
        "source": report.template.source,
        "mark": report.template.mark.value,
        "context": list(report.template.context),
        "claims_compliance": False,
        "missing": report.missing(),
        "suppress_below": report.suppress_below_count,
        "tables": [
            {
                "id": one.template.id,
                "caption": one.template.caption,
                "columns": list(one.columns),
                "rows": None if one.missing else [list(row) for row in one.rows],
                "missing": list(one.missing),
                "not_known": one.not_known_count,
                "hidden": one.hidden_count,
                "query": one.query,
                "versions": one.versions,
            }
            for one in report.tables
        ],
    }


def write_tables(tables: Tables, report: Report, folder: Path) -> list[Path]:
    """Each filled table as CSV and Parquet, small groups hidden as on the page; returns the files.

    Raises:
        TablesError: A file cannot be written.
    """
    written: list[Path] = []
    for one in report.tables:
        if one.missing or not one.columns:
            continue
        select = (
            " UNION ALL ".join(_row_sql(one.columns, row) for row in one.rows)
            or _row_sql(one.columns, [None] * len(one.columns)) + " WHERE false"
        )
        for ending in ("csv", "parquet"):
            path = folder / f"{report.name}-{one.template.id}.{ending}"
            tables.write(select, path)
            written.append(path)
    return written


def _row_sql(columns: Sequence[str], row: Sequence[Value]) -> str:
    cells = ", ".join(f"{_cell_sql(value)} AS {quoted_name(name)}" for name, value in zip(columns, row, strict=True))
    return f"SELECT {cells}"


def quoted_name(name: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _cell_sql(value: Value) -> str:
    if value is None:
        return "NULL"
    if value == HIDDEN:
        return "NULL"
    return quoted(value) if isinstance(value, str) else repr(value)


def facts_of(reports: Sequence[Report]) -> Mapping[str, int]:
    """How many tables were filled and how many were not."""
    filled = sum(not one.missing for report in reports for one in report.tables)
    whole = sum(len(report.tables) for report in reports)
    return {"filled": filled, "not_filled": whole - filled}
