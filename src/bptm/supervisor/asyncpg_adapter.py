"""Adapter of the untyped library `asyncpg`: can this database be used?"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import asyncio

import asyncpg


def refusal(url: str, *, timeout_s: int = 3) -> str:
    """Why the database at this URL does not take us; empty when it does. The URL's password is not repeated."""
    return asyncio.run(_refusal(url, timeout_s))


async def _refusal(url: str, timeout_s: int) -> str:
    try:
        connection = await asyncpg.connect(url, timeout=timeout_s)
        try:
            await connection.execute("SELECT 1")
        finally:
            await connection.close()
    except TimeoutError:
        return f"did not answer within {timeout_s} s"
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return str(error).strip().split("\n", 1)[0] or type(error).__name__
    return ""
