"""Adapter of DuckDB: the one tabular engine of this room, with bounded memory, on a file that dies with the run.

`Tables` is one database for one run. What does not fit into its memory limit lies in its folder, which is removed at
the end, so a file of ten gigabytes needs disk and no more memory than a small one.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

MEMORY_MB = 1500
"""Our own choice: a planner's laptop has 8 GB and other work to do."""

Value = str | int | float | bool | None
Row = tuple[Any, ...]


class TablesError(Exception):
    """The engine could not do what was asked; the text is one sentence."""


class NoRoomError(TablesError):
    """Memory and the disk for what does not fit into it are full: the file is not to blame."""


class Tables:
    """One DuckDB for one run."""

    def __init__(self, *, memory_mb: int = MEMORY_MB, folder: Path | None = None) -> None:
        """An empty database; `folder` is where its files lie while it runs (the system's temporary folder)."""
        # The caller ends it with `close`, or with `with`.
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="bptm-tables-", dir=folder)
        except OSError as error:
            msg = f"the temporary folder cannot be used ({error.strerror})"
            raise NoRoomError(msg) from error
        place = Path(self._folder.name)
        with _refusals():
            self._connection = duckdb.connect(
                place / "tables.duckdb",
                config={
                    "memory_limit": f"{memory_mb}MB",
                    "temp_directory": str(place / "spill"),
                    "TimeZone": "UTC",
                    # Nothing is fetched: this desk works with the network unplugged.
                    "autoinstall_known_extensions": "false",
                },
            )

    def run(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> None:
        """Runs a statement for its effect.

        Raises:
            TablesError: The engine refused it.
        """
        with _refusals():
            self._connection.execute(sql, values or None)

    def rows(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """All rows of a query; ask for as many as a page can hold."""
        with _refusals():
            return self._connection.execute(sql, values or None).fetchall()

    def row(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Row:
        """The one row of a query that has exactly one."""
        (only,) = self.rows(sql, values)
        return only

    def arrays(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> dict[str, Any]:
        """A query's columns as NumPy arrays (masked where values are missing), by name."""
        with _refusals():
            return self._connection.execute(sql, values or None).fetchnumpy()

    def records(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[dict[str, Any]]:
        """All rows of a query by column name."""
        with _refusals():
            done = self._connection.execute(sql, values or None)
            names = [str(column[0]) for column in done.description or ()]
            return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def write(self, sql: str, path: Path) -> None:
        """Writes a query's result as CSV, or as Parquet when `path` ends so.

        Raises:
            TablesError: The file cannot be written, or the query is refused.
        """
        form = "(FORMAT parquet)" if path.suffix == ".parquet" else "(FORMAT csv, HEADER)"
        self.run(f"COPY ({sql}) TO {quoted(str(path))} {form}")

    def progress_fraction(self) -> float | None:
        """How far the running statement is, for another thread; None when the engine does not know."""
        percent = self._connection.query_progress()
        return percent / 100 if percent >= 0 else None

    def close(self) -> None:
        """Ends the database and removes its files."""
        self._connection.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()


def quoted(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _refusals() -> Generator[None]:
    """What the engine raises, in our words."""
    try:
        yield
    except duckdb.Error as error:
        said = _first_line(error)
        full = isinstance(error, duckdb.OutOfMemoryException) or "no space left" in said.lower()
        raise (NoRoomError if full else TablesError)(said) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
