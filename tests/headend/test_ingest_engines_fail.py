"""PostgreSQL, NATS or the disk fail in the middle: nothing is lost, nothing is stored twice, it recovers by itself."""

import logging
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest
from headend_rig import (
    START_S,
    MeterLink,
    Site,
    TwinStandIn,
    enrolled,
    make_site,
    message_of,
    until,
)

from bptm.headend.records import Arrival
from bptm.headend.service import Service
from bptm.terms.messages import Upward
from bptm.wire.cbor import encode_upward
from engines import Engines, engines_running

pytestmark = pytest.mark.system

METERS = tuple(f"M{number}" for number in range(20))


def _messages(first: int, last: int) -> list[Upward]:
    return [message_of(meter, seq, START_S + seq) for seq in range(first, last + 1) for meter in METERS]


async def _stored_exactly(site: Site, last: int) -> None:
    """Every meter's messages 1 to `last`, each once, and as many readings."""
    rows = await site.rows("select meter_no, array_agg(seq order by seq) as seqs from message group by meter_no")
    assert len(rows) == len(METERS)
    assert all(list(row["seqs"]) == list(range(1, last + 1)) for row in rows)
    readings = await site.rows("select count(*) as readings from reading")
    assert readings[0]["readings"] == last * len(METERS)
    links = await site.rows("select distinct stored_seq from link")
    assert [row["stored_seq"] for row in links] == [last]


async def _acked(acks: list[int], seq: int) -> None:
    await until(lambda: bool(acks) and max(acks) >= seq, f"message {seq} acknowledged")


async def test_a_crash_of_postgresql_loses_and_doubles_nothing(
    site: Site, twin: TwinStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Kills PostgreSQL while messages arrive: no acknowledgement meanwhile, one sentence, then all is stored."""
    caplog.set_level(logging.WARNING)
    acks: list[int] = []
    async with site.running() as service:
        await enrolled(service, *METERS)
        await twin.hear_acks(METERS[-1], acks)
        await twin.send_up(*_messages(1, 10))
        await _acked(acks, 10)
        site.engines.kill_pg()
        await twin.send_up(*_messages(11, 20))
        await until(lambda: service.ingest.waiting_for_store, "the ingest notices")
        assert max(acks) == 10
        site.engines.start_pg()
        await _acked(acks, 20)
        await _stored_exactly(site, 20)
        assert (await service.verify_chain()).fault == ""
    said = [record.getMessage() for record in caplog.records if "cannot be reached" in record.getMessage()]
    assert len(said) == 1


async def test_a_transaction_cut_off_in_the_middle_is_stored_once(site: Site, twin: TwinStandIn) -> None:
    """Ends the server's side of the connection again and again while batches are being written."""
    acks: list[int] = []
    async with site.running() as service:
        await enrolled(service, *METERS)
        await twin.hear_acks(METERS[-1], acks)
        for seq in range(1, 31):
            await twin.send_up(*_messages(seq, seq))
            if seq % 5 == 0:
                await site.rows(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where application_name = 'bptm-headend' and datname = current_database()"
                )
        await _acked(acks, 30)
        await _stored_exactly(site, 30)
        assert service.keeper.store.stored_seqs.tolist() == [30] * len(METERS)


async def test_nats_killed_and_its_store_lost_costs_only_a_resend(site: Site) -> None:
    """Kills NATS and removes its files: the head-end comes back by itself, and the meter sends again."""
    async with site.running() as service:
        (keys,) = await enrolled(service, "BPTM-000007")
        meter = MeterLink(site.engines, keys, site.command.key.public_key())
        await meter.open(site.folder)
        await meter.listen()
        for seq in (1, 2):
            await meter.say(message_of("BPTM-000007", seq, START_S + seq))
        await until(lambda: meter.acked == 2, "two messages acknowledged")
        site.engines.kill_nats()
        site.engines.forget_nats()
        await meter.close()
        site.engines.start_nats()
        again = MeterLink(site.engines, keys, site.command.key.public_key())
        # The callout itself has to come back first; a meter tries on as well.
        await until(lambda: _opened(again, site.folder), "the meter is let in again")
        await again.listen()
        for seq in (2, 3):
            await again.say(message_of("BPTM-000007", seq, START_S + seq))
        await until(lambda: again.acked == 3, "message 3 acknowledged")
        rows = await site.rows("select seq from message order by seq")
        assert [row["seq"] for row in rows] == [1, 2, 3]
        await again.close()


async def _opened(meter: MeterLink, folder: Path) -> bool:
    try:
        await meter.open(folder)
    except (ConnectionError, OSError):
        await meter.close()
        meter.begin_anew()
        return False
    return True


async def test_a_head_end_that_starts_again_knows_what_it_knew(site: Site, twin: TwinStandIn) -> None:
    """Stops the service without ceremony and starts another: same meters, states, sequences; the rest is stored."""
    acks: list[int] = []
    await twin.hear_acks(METERS[-1], acks)
    async with site.running() as service:
        await enrolled(service, *METERS)
        await twin.send_up(*_messages(1, 3))
        await _acked(acks, 3)
        before = _known(service)
    await twin.send_up(*_messages(2, 5))
    async with site.running() as service:
        await _acked(acks, 5)
        await _stored_exactly(site, 5)
        assert service.keeper.memory.number_of == before[0]
        assert all(state.heard_s == START_S + 5 for state in service.keeper.memory.states)
    async with site.running() as service:
        assert _known(service)[0] == before[0]
        assert all(state.report is not None for state in service.keeper.memory.states)


def _known(service: Service) -> tuple[object, object]:
    memory = service.keeper.memory
    return dict(memory.number_of), list(memory.states)


async def test_two_head_ends_never_store_a_message_twice(site: Site, twin: TwinStandIn) -> None:
    """A second service on the same store writes first: the first one notices, reads again, and doubles nothing."""
    acks: list[int] = []
    async with site.running() as first:
        await enrolled(first, *METERS)
        other = Service(site.settings)
        await other.database.open()
        await other.keeper.open()
        async with other.keeper.deciding() as sketch:
            for meter in METERS:
                message = message_of(meter, 1, START_S + 1)
                number = other.keeper.memory.number_of[meter]
                sketch.hear(Arrival(meter_no=number, message=message, encoded=encode_upward(message)))
            await other.keeper.commit(sketch)
        await other.database.close()
        await twin.hear_acks(METERS[-1], acks)
        await twin.send_up(*_messages(1, 2))
        await _acked(acks, 2)
        await _stored_exactly(site, 2)


async def test_what_comes_as_soon_as_the_head_end_is_ready_finds_the_stream(site: Site, twin: TwinStandIn) -> None:
    """Ready means that the stream stands: a message that nobody sends again is kept, whoever it is from."""
    async with site.running():
        await twin.send_up(message_of("M1", 1, START_S))
        await until(lambda: site.some("select 1 from quarantine"), "the message is in the store")


async def test_an_unreadable_message_is_set_aside_and_alarmed_and_the_rest_goes_on(
    site: Site, twin: TwinStandIn
) -> None:
    """Nonsense, another meter's name and an impossible time, between good messages of the same and other meters."""
    acks: list[int] = []
    async with site.running() as service:
        await enrolled(service, "M1", "M2")
        await twin.hear_acks("M2", acks)
        await twin.send_up(message_of("M1", 1, START_S))
        await twin.send_raw("M1", b"\xff\x00 nonsense")
        await twin.send_raw("M1", encode_upward(message_of("M2", 1, START_S)))
        await twin.send_raw("M1", encode_upward(message_of("M1", 2, START_S + (1 << 36))))
        await twin.send_raw("nobody", encode_upward(message_of("nobody", 1, START_S)))
        await twin.send_up(message_of("M2", 1, START_S + 5))
        await _acked(acks, 1)
        reasons = [row["reason"] for row in await site.rows("select reason from quarantine order by quarantine_no")]
        assert len(reasons) == 4
        assert any("came on bptm.M1.up" in reason for reason in reasons)
        assert any("not enrolled here" in reason for reason in reasons)
        assert any("later than tick" in reason for reason in reasons)
        standing = [alarm for alarm in service.alarms() if alarm.cleared_s is None]
        assert [alarm.meter_id for alarm in standing] == ["M1"]
        await twin.send_up(message_of("M1", 2, START_S + 9))
        await until(lambda: service.alarms()[0].cleared_s is not None, "the alarm clears with the next good message")
        rows = await site.rows("select meter_id, seq from message join registry using (meter_no) order by 1, 2")
        assert [tuple(row) for row in rows] == [("M1", 1), ("M1", 2), ("M2", 1)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Engines]:
    """PostgreSQL on a disk of 128 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    with engines_running(pg=False) as engines:
        disk = engines.folder / "pg"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=128m", "none", str(disk)], check=False, capture_output=True
        )
        if mounted.returncode:
            pytest.skip(f"no small disk here: {mounted.stderr.decode().strip()}")
        try:
            engines.init_pg()
            engines.start_pg()
            yield engines
        finally:
            engines.kill_pg()
            subprocess.run(["umount", str(disk)], check=True)
        assert tmp_path.exists()


async def test_a_full_disk_stops_acknowledgements_until_there_is_room(
    small_disk: Engines, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Fills the disk of PostgreSQL: one sentence, nothing acknowledged; with room again, everything is stored once."""
    caplog.set_level(logging.WARNING)
    site = await make_site(small_disk, tmp_path)
    twin = TwinStandIn(small_disk)
    await twin.open()
    acks: list[int] = []
    ballast = small_disk.folder / "pg" / "ballast"
    async with site.running() as service:
        await enrolled(service, *METERS)
        await twin.hear_acks(METERS[-1], acks)
        await twin.send_up(*_messages(1, 2))
        await _acked(acks, 2)
        with ballast.open("wb") as filling:
            try:
                while True:
                    filling.write(bytes(1 << 16))
                    filling.flush()
            except OSError:
                assert ballast.stat().st_size > 1 << 20
        seq = 2
        while not service.ingest.waiting_for_store:
            seq += 1
            await twin.send_up(*_messages(seq, seq))
            await until(lambda sent=seq: service.ingest.waiting_for_store or max(acks) >= sent, "stored, or full")
        assert max(acks) < seq
        ballast.unlink()
        if small_disk.pg is not None and small_disk.pg.poll() is not None:
            # Without room for its own log PostgreSQL ends; the supervisor starts it again.
            small_disk.start_pg()
        await _acked(acks, seq)
        await _stored_exactly(site, seq)
    await twin.close()
    said = [record.getMessage() for record in caplog.records if "no room on its disk" in record.getMessage()]
    assert len(said) == 1
