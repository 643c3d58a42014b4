"""Brings the tables of the store to the version this program knows, one numbered file at a time."""

from importlib.resources import files

from bptm.headend.database import Database

_LOCK = 0x42_50_54_4D
"""Advisory lock: two head-ends that start together migrate one after the other."""


class SchemaTooNewError(Exception):
    """The store was made by a later version of this program."""


def known_migrations() -> dict[int, str]:
    """SQL text of each migration by its number, ascending without a gap from 1."""
    found = {
        int(entry.name.removesuffix(".sql")): entry.read_text(encoding="utf-8")
        for entry in files("bptm.headend.migrations").iterdir()
        if entry.name.endswith(".sql")
    }
    assert sorted(found) == list(range(1, len(found) + 1)), "migrations are numbered 1, 2, 3 ... without a gap"
    return dict(sorted(found.items()))


async def migrate(database: Database) -> int:
    """Applies what is missing, all in one transaction. Returns the version reached.

    Raises:
        SchemaTooNewError: The store has a version that this program does not know.
        StoreUnavailableError: PostgreSQL is gone.
    """
    migrations = known_migrations()
    newest = max(migrations)
    async with database.transaction() as transaction:
        await transaction.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await transaction.execute(
            "create table if not exists schema_version "
            "(version integer primary key, applied_wall timestamptz not null default now())"
        )
        found = await transaction.rows("select coalesce(max(version), 0) as version from schema_version")
        version: int = found[0]["version"]
        if version > newest:
            msg = (
                f"the store has schema version {version}, this program knows up to {newest}; "
                "use the newer program, or another data directory"
            )
            raise SchemaTooNewError(msg)
        for number in range(version + 1, newest + 1):
            await transaction.execute(migrations[number])
            await transaction.execute("insert into schema_version (version) values ($1)", number)
    return newest
