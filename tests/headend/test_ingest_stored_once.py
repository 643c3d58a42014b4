"""Messages reach the store exactly once, whatever the way there does."""

import pytest
from headend_rig import START_S, MeterLink, Site, TwinStandIn, enrolled, message_of, report_of, until

from bptm.terms import core_codes as c

pytestmark = pytest.mark.system


async def test_a_meter_is_let_in_stored_and_acknowledged(site: Site) -> None:
    """The whole way: enrolment, callout, MQTT over mTLS, JetStream, store, acknowledgement."""
    async with site.running() as service:
        (keys,) = await enrolled(service, "BPTM-000001")
        meter = MeterLink(site.engines, keys, site.command.key.public_key())
        await meter.open(site.folder)
        assert await meter.listen()
        await meter.say(message_of("BPTM-000001", 1, START_S + 60, report_of(START_S, event=c.EVENT_STARTED)))
        await until(lambda: meter.acked == 1, "the acknowledgement of message 1")
        rows = await site.rows("select seq, length(bytes) as bytes from message")
        assert [row["seq"] for row in rows] == [1]
        events = await service.events("BPTM-000001")
        assert [event.at_s for event in events] == [START_S]
        assert (await service.verify_chain()).fault == ""
        await meter.close()


async def test_duplicates_gaps_and_reorder_leave_one_of_each_in_order(site: Site, twin: TwinStandIn) -> None:
    """Sends 1 1 3 2 2 3 1 4: stored is 1 2 3 4; each answer acknowledges what is stored then."""
    acks: list[int] = []
    async with site.running() as service:
        await enrolled(service, "M1")
        await twin.hear_acks("M1", acks)
        for seq in (1, 1, 3, 2, 2, 3, 1, 4):
            await twin.send_up(message_of("M1", seq, START_S + seq))
        await until(lambda: bool(acks) and acks[-1] == 4, "message 4 acknowledged")
        rows = await site.rows("select seq from message order by stored_wall, seq")
        assert sorted(row["seq"] for row in rows) == [1, 2, 3, 4]
        readings = await site.rows("select seq from reading order by at")
        assert [row["seq"] for row in readings] == [1, 2, 3, 4]
        assert acks == sorted(acks)
