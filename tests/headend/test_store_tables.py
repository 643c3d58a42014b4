"""Tables, chain, roll-up and partitions, on a real PostgreSQL."""

import pytest
from headend_rig import START_S, Site, TwinStandIn, enrolled, message_of, report_of, until

from bptm.headend import telemetry_store
from bptm.headend.chain import EVENT_VALUES
from bptm.headend.columns import VALUE_TYPES
from bptm.headend.database import Database
from bptm.headend.migrate import SchemaTooNewError, known_migrations, migrate
from bptm.headend.service import Service
from bptm.terms import core_codes as c
from bptm.terms.messages import Upward

pytestmark = pytest.mark.system

SQL_TYPES = {"i4": "integer", "i8": "bigint", "f8": "double precision"}


async def _store(service: Service, twin: TwinStandIn, *messages: Upward) -> None:
    count = service.ingest.message_count + len(messages)
    await twin.send_up(*messages)
    await until(lambda: service.ingest.message_count == count, "stored")


async def test_the_columns_of_the_store_are_those_of_the_report(site: Site) -> None:
    """`core_report.FIELDS` against the tables that the migrations made: a new field needs a migration."""
    async with site.running():
        for table, values in (
            ("latest", VALUE_TYPES),
            ("event", EVENT_VALUES),
            ("reading", {n: t for n, t in EVENT_VALUES.items() if n not in {"code", "cause", "mode_before"}}),
        ):
            rows = await site.rows(
                "select column_name as name, data_type as type from information_schema.columns where table_name = $1",
                table,
            )
            found = {row["name"]: row["type"] for row in rows}
            assert {name: found.get(name) for name in values} == {n: SQL_TYPES[t] for n, t in values.items()}


async def test_migrating_twice_changes_nothing_and_a_later_store_is_refused(site: Site) -> None:
    """Two runs, then a version from the future."""
    database = Database(site.settings.database_url)
    await database.open()
    newest = max(known_migrations())
    assert await migrate(database) == await migrate(database) == newest
    assert len(await site.rows("select version from schema_version")) == newest
    await site.rows("insert into schema_version (version) values ($1)", newest + 1)
    with pytest.raises(SchemaTooNewError, match=f"version {newest + 1}"):
        await migrate(database)
    await database.close()


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        ("update event set premise_w = premise_w + 0.001 where event_no = 3", "event 3 of meter M1"),
        ("update event set meter_no = 1 where event_no = 2", "event 2"),
        ("update event set hash = decode(repeat('11', 32), 'hex') where event_no = 4", "event 4"),
        ("delete from event where event_no = 3", "event 3 is missing"),
        ("delete from event where event_no = 5", "events are gone"),
        ("update event set seq = seq + 1 where event_no = 1", "event 1 of meter M1"),
        ("update registry set meter_id = 'M9' where meter_no = 0", "event 1 of meter M9"),
    ],
)
async def test_the_chain_finds_every_later_change(site: Site, twin: TwinStandIn, tamper: str, told: str) -> None:
    """Values, owner, hash, a row in the middle, the last row, the registry: each is found where it is."""
    async with site.running() as service:
        await enrolled(service, "M1", "M2")
        events = [report_of(START_S + n, event=c.EVENT_MODE_CHANGED, premise_w=n / 3) for n in range(5)]
        await _store(
            service, twin, message_of("M1", 1, START_S, *events[:2]), message_of("M1", 2, START_S, *events[2:])
        )
        whole = await service.verify_chain()
        assert (whole.events, whole.fault) == (5, "")
        await site.rows(tamper)
        assert told in (await service.verify_chain()).fault


async def test_readings_lie_in_partitions_of_their_day_and_wild_clocks_in_one_of_their_own(
    site: Site, twin: TwinStandIn
) -> None:
    """Either side of midnight UTC, and ten years on."""
    async with site.running() as service:
        await enrolled(service, "M1")
        times = (START_S + 86_399, START_S + 86_400, START_S + 10 * 366 * 86_400)
        await _store(service, twin, message_of("M1", 1, START_S, *(report_of(at_s) for at_s in times)))
        rows = await site.rows("select tableoid::regclass::text as part, at from reading order by at")
        assert [row["part"] for row in rows] == ["reading_20191027", "reading_20191028", "reading_elsewhen"]
        assert [int(row["at"].timestamp()) for row in rows] == list(times)


async def test_the_hourly_roll_up_adds_what_was_used_whatever_the_batches(site: Site, twin: TwinStandIn) -> None:
    """Registers rise across messages, hours, batches and a restart; the sums are the differences, exactly."""
    steps = [5, 7, 11, 13, 17, 19]
    messages = [
        message_of(
            "M1",
            seq,
            START_S + 1500 * seq,
            report_of(
                START_S + 1500 * seq, utility_in_mwticks=sum(steps[:seq]), backup_in_mwticks=2 * sum(steps[:seq])
            ),
        )
        for seq in range(1, 7)
    ]
    async with site.running() as service:
        await enrolled(service, "M1")
        await _store(service, twin, *messages[:1])
        await _store(service, twin, *messages[1:4])
    async with site.running() as service:
        await _store(service, twin, *messages[4:])
        hours = await service.hours()
        assert [hour.hour_s - START_S for hour in hours] == [0, 3600, 7200]
        assert [hour.messages for hour in hours] == [2, 2, 2]
        rows = await site.rows("select utility_in_mwticks, backup_in_mwticks from hourly order by hour")
        # The very first report has nothing before it to differ from.
        assert [int(row[0]) for row in rows] == [7, 11 + 13, 17 + 19]
        assert [int(row[1]) for row in rows] == [14, 48, 72]


async def test_energy_of_decades_is_kept_to_the_last_milliwatt_tick(site: Site, twin: TwinStandIn) -> None:
    """Whole numbers beyond what a float holds come back as they went in."""
    big = (1 << 62) + 1
    async with site.running() as service:
        await enrolled(service, "M1")
        await _store(service, twin, message_of("M1", 1, START_S, report_of(utility_in_mwticks=big)))
        assert [row[0] for row in await site.rows("select utility_in_mwticks from reading")] == [big]
        assert [row[0] for row in await site.rows("select utility_in_mwticks from latest")] == [big]


async def test_a_failed_write_leaves_memory_as_it_was(site: Site, twin: TwinStandIn) -> None:
    """The server refuses the batch in the middle: nothing of it is in memory, and the retry stores all of it."""
    async with site.running() as service:
        await enrolled(service, "M1")
        await site.rows(
            "alter database " + site.settings.database_url.rsplit("/", 1)[1] + " set lock_timeout = '200ms'"
        )
        await site.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'bptm-headend' and datname = current_database()"
        )
        blocker = Database(site.settings.database_url)
        await blocker.open()
        async with blocker.transaction() as transaction:
            await transaction.execute("lock table event in access exclusive mode")
            await twin.send_up(message_of("M1", 1, START_S, report_of(START_S, event=c.EVENT_STARTED)))
            await until(lambda: service.ingest.waiting_for_store, "the write fails")
            assert service.keeper.memory.states[0].heard_s is None
            assert service.keeper.store.stored_seqs.tolist() == [0]
        await blocker.close()
        await until(lambda: service.ingest.message_count == 1, "stored at last")
        assert service.keeper.memory.states[0].heard_s == START_S
        assert len(await site.rows("select 1 from event")) == 1


def test_every_register_of_the_report_goes_into_the_roll_up() -> None:
    """A new energy register must not be forgotten in the hourly table."""
    assert set(telemetry_store.ENERGY_NAMES) == {name for name in VALUE_TYPES if name.endswith("_mwticks")}
