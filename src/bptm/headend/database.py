"""PostgreSQL as the head-end sees it: the one adapter of `asyncpg`, which carries no types.

Errors that callers can do something about:

    StoreUnavailableError            wait and try the same again
    +-- StoreUnreachableError        the server is gone, starting or shutting down
    +-- StoreFullError               no room on its disk
    StoreMovedOnError                another writer stored first: read again what is stored

Everything else that `asyncpg` raises is our bug and is not caught.
"""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs] (no stubs exist; this file is the adapter)

Row = Mapping[str, Any]

_create_pool = cast("Callable[..., Any]", asyncpg.create_pool)  # pyright: ignore[reportUnknownMemberType] (untyped)

_COMMAND_TIMEOUT_S = 60.0
_CONNECT_TIMEOUT_S = 5.0
_CONNECTIONS = 4

_GONE: tuple[type[BaseException], ...] = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    # Somebody else holds a lock, or was served first: nothing of ours is stored.
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    # A statement was cancelled, and its answer was still under way when the next one was to begin (a rollback): nothing
    # of ours is stored, the pool throws the connection away.
    asyncpg.InternalClientError,
)


class StoreUnavailableError(Exception):
    """The store cannot take or give anything now."""


class StoreUnreachableError(StoreUnavailableError):
    """PostgreSQL does not answer."""


class StoreFullError(StoreUnavailableError):
    """PostgreSQL has no room on its disk (SQLSTATE 53100)."""


class StoreMovedOnError(Exception):
    """What is stored is not what this process believes: another writer was faster."""


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except asyncpg.DiskFullError as problem:
        msg = f"PostgreSQL has no room on its disk ({_first_line(problem)}); free some space, storing goes on by itself"
        raise StoreFullError(msg) from problem
    except _GONE as problem:
        msg = f"PostgreSQL cannot be reached ({_first_line(problem)}); nothing is acknowledged until it is back"
        raise StoreUnreachableError(msg) from problem


def _first_line(problem: BaseException) -> str:
    """What the server said, without its hints."""
    return (str(problem) or type(problem).__name__).splitlines()[0]


class Transaction:
    """One transaction; made by `Database.transaction`."""

    def __init__(self, connection: Any) -> None:
        """Wraps an `asyncpg` connection that is inside a transaction."""
        self._connection = connection

    async def execute(self, sql: str, *values: object) -> int:
        """Runs one statement, or several without values. Returns the count of rows in its answer, 0 if none."""
        answer = str(await self._connection.execute(sql, *values))
        last = answer.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Runs one statement for each row of values."""
        if rows:
            await self._connection.executemany(sql, rows)

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows that a query answers."""
        return list(await self._connection.fetch(sql, *values))

    async def copy_in(self, table: str, columns: Sequence[str], body: bytes) -> None:
        """Binary COPY into a table.

        Args:
            table: Name of the table.
            columns: Its columns, in the order of `body`.
            body: Rows in the binary COPY format, without header and trailer.

        Source: PostgreSQL 18, COPY, binary format.
        """
        whole = b"PGCOPY\n\xff\r\n\x00" + bytes(8) + body + b"\xff\xff"
        await self._connection.copy_to_table(table, source=io.BytesIO(whole), columns=list(columns), format="binary")

    async def walk(self, sql: str, *values: object, ahead: int = 2000) -> AsyncIterator[Row]:
        """The rows of a query, a few at a time."""
        async for row in self._connection.cursor(sql, *values, prefetch=ahead):
            yield row


class Database:
    """A few connections to one PostgreSQL database; they come back by themselves."""

    def __init__(self, url: str) -> None:
        """Of the database at `url`. Nothing happens before `open`."""
        self._url = url
        self._pool: Any = None

    async def open(self) -> None:
        """From now on it connects whenever it is used."""
        if self._pool is None:
            self._pool = await _create_pool(
                self._url,
                min_size=0,
                max_size=_CONNECTIONS,
                timeout=_CONNECT_TIMEOUT_S,
                command_timeout=_COMMAND_TIMEOUT_S,
                # Times are instants; the server's own zone must not matter to any text it makes.
                server_settings={"timezone": "UTC", "application_name": "bptm-headend"},
            )

    async def close(self, *, within_s: float = 1.0) -> None:
        """Closes all connections, by force after `within_s`."""
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), within_s)
        except (TimeoutError, asyncpg.InterfaceError):
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """A transaction: committed at the end of the block, rolled back when the block raises.

        Raises:
            StoreUnavailableError: The server is gone or full. Whether a commit that was under way took place
                is then unknown: read again.
        """
        with _named():
            async with self._pool.acquire(timeout=_CONNECT_TIMEOUT_S) as connection, connection.transaction():
                yield Transaction(connection)

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows that one query answers.

        Raises:
            StoreUnavailableError: The server is gone.
        """
        async with self.transaction() as transaction:
            return await transaction.rows(sql, *values)
