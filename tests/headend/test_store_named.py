"""A connection that is no longer of use is an unavailable store to callers, however the driver words it."""

import asyncio

import asyncpg  # pyright: ignore[reportMissingTypeStubs] (no stubs exist)
import pytest
from headend_rig import Site

from bptm.headend.database import Database, StoreUnreachableError

UNUSABLE = (
    asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
)


async def write_and_raise(database: Database, problem: Exception) -> None:
    async with database.transaction() as transaction:
        await transaction.execute("CREATE TEMPORARY TABLE taken (x int)")
        raise problem


@pytest.mark.parametrize("problem", UNUSABLE, ids=lambda problem: type(problem).__name__)
async def test_a_cancelled_statement_in_the_way_is_an_unreachable_store(site: Site, problem: Exception) -> None:
    """What the driver says then leaves the transaction as one error with a name; the next one works."""
    database = Database(site.settings.database_url)
    await database.open()
    try:
        with pytest.raises(StoreUnreachableError, match="another operation"):
            await write_and_raise(database, problem)
        assert [row["x"] for row in await database.rows("SELECT 1 AS x")] == [1]
    finally:
        await database.close()


async def test_a_statement_cancelled_at_any_moment_leaves_the_database_of_use(site: Site) -> None:
    """Many times, after other waits: what comes out is a cancellation or an unavailable store, nothing else."""
    database = Database(site.settings.database_url)
    await database.open()

    async def work() -> None:
        async with database.transaction() as transaction:
            await transaction.execute("CREATE TEMPORARY TABLE taken (x int) ON COMMIT DROP")
            await transaction.copy_in("taken", ["x"], b"".join(b"\0\1\0\0\0\4\0\0\0\1" for _ in range(20000)))

    try:
        for turn in range(60):
            task = asyncio.ensure_future(work())
            await asyncio.sleep(turn * 0.0005)
            task.cancel()
            found = (await asyncio.gather(task, return_exceptions=True))[0]
            assert found is None or isinstance(found, asyncio.CancelledError | StoreUnreachableError), turn
        assert [row["x"] for row in await database.rows("SELECT 1 AS x")] == [1]
    finally:
        await database.close()
