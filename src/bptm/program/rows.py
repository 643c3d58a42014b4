"""A file of rows into a table: the good rows are kept, the refused ones written down with line and reason.

CSV (any of , ; tab |, with or without gzip) and Parquet, recognised by content. The lines that a reader sees are
counted as records, the header being line 1; a quoted line break does not count.
"""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from bptm.program.duck import NoRoomError, Tables, TablesError, named, quoted
from bptm.program.layout import Layout, fault_sql, matched, typed_sql
from bptm.terms.refusals import Refused, Unmet

HASH_BYTES_MAX = 2_000_000_000
"""A larger file is told from others by its size: hashing it would cost as long as reading it."""

HEADER_BYTES_MAX = 1_000_000
_LINE_MAX = 2_000_000
_NO_TABLE = (TablesError, csv.Error, UnicodeDecodeError, OSError, EOFError, zlib.error)
"""What the world can raise while the head of a file is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that was read into a table of `Tables`.

    Attributes:
        table: Name of the table of good rows; its column `line` says where each came from.
        path: The file.
        version: Tells this file from another: the start of its SHA-256, or its size.
        columns: Our name to the file's name, for each column that the file has.
        header: All columns of the file.
        rows_read: Records in the file without its header.
        rows_refused: How many of them were not kept.
        first_reasons: The first few refusals, each a sentence.
        refused_file: Where they all are; None when there are none or nobody asked.
    """

    table: str
    path: Path
    version: str
    columns: dict[str, str]
    header: tuple[str, ...]
    rows_read: int
    rows_refused: int
    first_reasons: tuple[str, ...]
    refused_file: Path | None

    def sentence(self) -> str:
        """How the reading went."""
        if not self.rows_refused:
            return f"{self.path.name}: {self.rows_read:,} rows read, none refused."
        where = f" They are in {self.refused_file}." if self.refused_file else ""
        return (
            f"{self.path.name}: {self.rows_read:,} rows read, {self.rows_refused:,} refused; "
            f"first: {self.first_reasons[0]}.{where}"
        )


def read_table(
    tables: Tables, path: Path, layout: Layout, table: str, refused_to: Path | None = None
) -> Source | Refused:
    """Reads `path` into the table `table`; a file that cannot be one of its kind is refused whole.

    Args:
        tables: Where the table is made.
        path: CSV, gzipped CSV or Parquet.
        layout: What it should hold.
        table: Name of the new table.
        refused_to: Where refused rows are written (line, reason, row); nothing is written when there are none.
    """
    head = _head(path)
    if isinstance(head, Unmet):
        return Refused(unmet=(head,))
    where = path.name
    try:
        header, scan = _scan(tables, path, head, table)
    except _NO_TABLE as error:
        return Refused(unmet=(_failed(path, error),))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        return Refused(unmet=(_twice(where, twice),))
    found = matched(layout, header, where)
    if isinstance(found, tuple):
        return Refused(unmet=found)
    plan = _Plan(path=path, layout=layout, table=table, header=header, found=found, scan=scan)
    try:
        return _load(tables, plan, refused_to)
    except (_RefusedFileError, TablesError) as error:
        return Refused(unmet=(error.unmet() if isinstance(error, _RefusedFileError) else _failed(path, error),))


class _RefusedFileError(Exception):
    """The good rows were read, and the refused ones cannot be written down."""

    def __init__(self, path: Path, error: TablesError) -> None:
        super().__init__(str(path))
        self._path = path
        self._full = isinstance(error, NoRoomError)
        self._said = str(error)

    def unmet(self) -> Unmet:
        """What stands in the way, and what to do."""
        return Unmet(
            element=f"--refused {self._path}",
            found="its disk is full" if self._full else self._said,
            needs="a place for the rows that were refused",
            remedy="Free space there, or name a file elsewhere; no input was touched.",
        )


def header_of(tables: Tables, path: Path) -> list[str] | Refused:
    """A file's column names, to tell what kind of table it is."""
    head = _head(path)
    if isinstance(head, Unmet):
        return Refused(unmet=(head,))
    try:
        return _scan(tables, path, head, "header")[0]
    except _NO_TABLE as error:
        return Refused(unmet=(_failed(path, error),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    path: Path
    layout: Layout
    table: str
    header: list[str]
    found: dict[str, str]
    scan: str


def _load(tables: Tables, plan: _Plan, refused_to: Path | None) -> Source:
    present = [column for column in plan.layout.columns if column.name in plan.found]
    absent = [column for column in plan.layout.columns if column.name not in plan.found]
    # The file's columns under names that none of ours can have: both stand in one select.
    as_read = {name: f"_read_{at}" for at, name in enumerate(plan.header)}
    raw = {column.name: _as_text(as_read[plan.found[column.name]]) for column in present}
    items = [typed_sql(column, raw[column.name]) for column in present]
    items += [f"NULL::{column.kind.value} AS {named(column.name)}" for column in absent]
    ours = ", ".join(named(column.name) for column in plan.layout.columns)
    faults = ", ".join(fault_sql(column, raw[column.name]) for column in present)
    renamed = ", ".join(f"{named(name)} AS {new}" for name, new in as_read.items())
    whole_row = ", ".join(f"coalesce({_as_text(name)}, '')" for name in as_read.values())
    everything = named(f"{plan.table}__all")
    # The row's text is put together for refused rows only: of ten million good ones it would cost seconds.
    tables.run(
        f"CREATE OR REPLACE TABLE {everything} AS "  # noqa: S608 (names are quoted by `named`)
        f"WITH numbered AS (SELECT row_number() OVER () AS _record, {renamed} FROM {plan.scan}), "
        f"typed AS (SELECT *, {', '.join(items)}, concat_ws('; ', {faults}) AS _fault FROM numbered), "
        f"judged AS (SELECT *, concat_ws('; ', nullif(_fault, ''){_rules_sql(plan.layout)}) AS reason FROM typed) "
        f"SELECT _record, {ours}, reason, CASE WHEN reason <> '' THEN concat_ws(',', {whole_row}) END AS row_text "
        "FROM judged"
    )
    rejects = _rejects(tables, plan.table)
    _number_lines(tables, plan.table, rejects)
    tables.run(
        f"CREATE OR REPLACE VIEW {named(plan.table)} AS "  # noqa: S608
        f"SELECT line, {ours} FROM {named(plan.table + '__lines')} WHERE reason = ''"
    )
    refused = (
        f"SELECT line, reason, row_text AS row FROM {named(plan.table + '__lines')} WHERE reason <> '' "  # noqa: S608
        f"UNION ALL SELECT * FROM {named(plan.table + '__rejects')}"
    )
    (records,) = tables.row(f"SELECT count(*) FROM {everything}")  # noqa: S608
    (bad,) = tables.row(f"SELECT count(*) FROM ({refused})")  # noqa: S608
    first = tables.rows(f"SELECT line, reason FROM ({refused}) ORDER BY line LIMIT 5")  # noqa: S608
    if bad and refused_to is not None:
        try:
            tables.write(f"SELECT * FROM ({refused}) ORDER BY line", refused_to)  # noqa: S608
        except TablesError as error:
            raise _RefusedFileError(refused_to, error) from error
    return Source(
        table=plan.table,
        path=plan.path,
        version=version_of(plan.path),
        columns=plan.found,
        header=tuple(plan.header),
        rows_read=records + len(rejects),
        rows_refused=bad,
        first_reasons=tuple(f"line {line}: {reason}" for line, reason in first),
        refused_file=refused_to if bad else None,
    )


def _rules_sql(layout: Layout) -> str:
    """What the rules over several columns say, asked only of rows whose values are all right by themselves."""
    said = ", ".join(f"CASE WHEN {rule.wrong_when} THEN {rule.reason} END" for rule in layout.rules)
    return f", CASE WHEN _fault = '' THEN nullif(concat_ws('; ', {said}), '') END" if said else ""


def _as_text(name: str) -> str:
    return f"CAST({named(name)} AS VARCHAR)"


def _rejects(tables: Tables, table: str) -> list[int]:
    """Lines that are no records of this file (too few or too many values, not UTF-8), as a table of their own."""
    source = named(f"{table}__rejected")
    there = tables.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [f"{table}__rejected"])
    rejects = named(f"{table}__rejects")
    chosen = (
        f"SELECT line::BIGINT AS line, string_agg(DISTINCT lower(error_type::VARCHAR), '; ') AS reason, "  # noqa: S608
        f"any_value(csv_line) AS row FROM {source} GROUP BY line"
        if there
        else "SELECT 0::BIGINT AS line, '' AS reason, '' AS row WHERE false"
    )
    tables.run(f"CREATE OR REPLACE TABLE {rejects} AS {chosen}")
    return [line for (line,) in tables.rows(f"SELECT line FROM {rejects} ORDER BY line")]  # noqa: S608


def _number_lines(tables: Tables, table: str, rejects: list[int]) -> None:
    """Turns records into lines: the header is line 1, and lines that are no records count as well."""
    everything, lines = named(f"{table}__all"), named(f"{table}__lines")
    if not rejects:
        tables.run(
            f"CREATE OR REPLACE VIEW {lines} AS SELECT _record + 1 AS line, * EXCLUDE (_record) FROM {everything}"  # noqa: S608
        )
        return
    # Reject number i (from 0) at line r pushes down every record from r - i on, by one more line.
    shifts = named(f"{table}__shifts")
    tables.run(
        f"CREATE OR REPLACE TABLE {shifts} AS SELECT line - row_number() OVER (ORDER BY line) + 1 AS from_line, "  # noqa: S608
        f"row_number() OVER (ORDER BY line) AS shift FROM {named(table + '__rejects')}"
    )
    tables.run(
        f"CREATE OR REPLACE VIEW {lines} AS SELECT a._record + 1 + coalesce(s.shift, 0) AS line, "  # noqa: S608
        f"a.* EXCLUDE (_record) FROM {everything} a ASOF LEFT JOIN "
        f"(SELECT from_line, max(shift) AS shift FROM {shifts} GROUP BY from_line) s ON a._record + 1 >= s.from_line"
    )


def _scan(tables: Tables, path: Path, head: bytes, table: str) -> tuple[list[str], str]:
    """The file's column names, and the SQL that reads its rows."""
    if head.startswith(b"PAR1"):
        scan = f"read_parquet({quoted(str(path))})"
        return [str(row[0]) for row in tables.rows(f"DESCRIBE SELECT * FROM {scan}")], scan  # noqa: S608
    first = _first_line(path, packed=head.startswith(b"\x1f\x8b"))
    mark = max(",;\t|", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=mark), list[str]())]
    for old in ("rejected", "rejected_scans"):
        tables.run(f"DROP TABLE IF EXISTS {named(f'{table}__{old}')}")
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
    if len(set(header)) < len(header) or not all(header):
        return header, ""
    scan = (
        f"read_csv({quoted(str(path))}, auto_detect=false, header=true, delim={quoted(mark)}, quote='\"', escape='\"', "
        f"columns={{{columns}}}, compression={quoted('gzip' if head.startswith(bytes.fromhex('1f8b')) else 'none')}, "
        f"nullstr='', store_rejects=true, rejects_limit=0, max_line_size={_LINE_MAX}, "
        f"rejects_table={quoted(table + '__rejected')}, rejects_scan={quoted(table + '__rejected_scans')})"
    )
    return header, scan


def _head(path: Path) -> bytes | Unmet:
    """The first bytes of the file, or why it cannot be read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        return _unreadable(path, error.strerror or "it cannot be opened")
    if not head:
        return _unreadable(path, "the file is empty")
    if head.startswith(b"PK"):
        return _unreadable(path, "it is a ZIP archive or a spreadsheet", "Unpack it, or save the sheet as CSV.")
    return head


def _first_line(path: Path, *, packed: bool) -> str:
    with path.open("rb") as stream:
        opened: IO[bytes] = cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if packed else stream
        return opened.readline(HEADER_BYTES_MAX).decode("utf-8-sig").rstrip("\r\n")


def _unreadable(path: Path, why: str, remedy: str = "Name a readable CSV (also .gz) or Parquet file.") -> Unmet:
    return Unmet(element=str(path), found=why, needs="rows with a header", remedy=remedy)


def _failed(path: Path, error: Exception) -> Unmet:
    if not isinstance(error, NoRoomError):
        return _unreadable(path, str(error))
    return Unmet(
        element=f"{path}: no room to read it",
        found=str(error),
        needs="free disk of about the size of the table",
        remedy="Free space where temporary files lie, or set TMPDIR to a larger disk; the file itself is untouched.",
    )


def _twice(where: str, names: Sequence[str]) -> Unmet:
    said = ", ".join(name or "(no name)" for name in names)
    return Unmet(
        element=f"{where}: header",
        found=f"{said} more than once",
        needs="each column named once",
        remedy="Rename or remove the columns that are doubled.",
    )


def version_of(path: Path) -> str:
    """Tells this content from another: the first 12 digits of its SHA-256, or the size of a very large file."""
    size = path.stat().st_size
    if size > HASH_BYTES_MAX:
        return f"{size} bytes"
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return f"sha256:{digest.hexdigest()[:12]}"
