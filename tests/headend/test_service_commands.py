"""Signed commands from the desk to exactly one end, over the real broker and store."""

import asyncio
import dataclasses

import pytest
from headend_rig import (
    ON_BACKUP,
    START_S,
    MeterLink,
    Site,
    TwinStandIn,
    enrolled,
    make_site,
    message_of,
    report_of,
    until,
)

from bptm.headend.desk import CommandView
from bptm.headend.service import Service
from bptm.terms import core_codes as c
from bptm.terms.codes import Action, Status
from bptm.terms.messages import UnmetValue, Upward
from bptm.terms.refusals import Refused
from bptm.wire.cose import open_command

pytestmark = pytest.mark.system

HELD = ON_BACKUP | {"flags": c.FLAG_HELD, "utility_l1_v": 121.0, "utility_l2_v": 121.0}


async def _home_on_backup(site: Site, service: Service, twin: TwinStandIn, meter_id: str = "M1") -> MeterLink:
    """A meter that is connected, listens, and reported that it is on backup."""
    (keys,) = await enrolled(service, meter_id)
    link = MeterLink(site.engines, keys, site.command.key.public_key())
    await link.open(site.folder)
    assert await link.listen()
    await link.say(message_of(meter_id, 1, START_S + 10, report_of(START_S + 10, ON_BACKUP)))
    await until(lambda: link.acked == 1, "the first message")
    await twin.tick(START_S + 20)
    await until(lambda: service.clock().at_s >= START_S + 20, "the clock")
    return link


def _answer(link: MeterLink, at_s: int, *unmet: UnmetValue, key: object = None, **values: float) -> Upward:
    """Message 2: the receipt to the command that the meter has, and a report."""
    receipt = link.receipt_for(link.sealed[-1], at_s, *unmet, key=key)
    report = report_of(at_s, values)
    message = message_of(link.keys.meter_id, 2, at_s, report, command_seq=1)
    return dataclasses.replace(message, receipts=(receipt,))


def _only(service: Service) -> CommandView:
    (view,) = service.commands()
    return view


async def test_a_hold_is_followed_to_its_proof(site: Site, twin: TwinStandIn) -> None:
    """Issued at the twin's own instant, sealed, accepted by a signed receipt, proven by voltages and contacts."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        twin.at_s = START_S + 25.5
        issued = await service.issue(Action.HOLD_RETURN, "M1", "operator")
        assert not isinstance(issued, Refused)
        assert [(view.state, view.seq, view.issued_s) for view in issued] == [("issued", 1, START_S + 25)]
        await until(lambda: bool(link.sealed), "the command reaches the meter")
        command = open_command(link.sealed[0], site.command.key.public_key())
        assert (command.meter_id, command.seq, command.action) == ("M1", 1, Action.HOLD_RETURN)
        assert command.expires_s == START_S + 85
        await link.say(_answer(link, START_S + 26, **HELD))
        await until(lambda: _only(service).state == "proven", "proven")
        assert "utility contactor open" in _only(service).reason
        # Slowed down before sending, let go when nothing was open any more.
        await until(lambda: twin.opened[0] == 1 and twin.opened[-1] == 0, "the twin is told")
        history = await site.rows("select state from command_history order by history_no")
        assert [row["state"] for row in history] == ["issued", "accepted", "proven"]
        await link.close()


async def test_a_meters_refusal_carries_every_reason(site: Site, twin: TwinStandIn) -> None:
    """A signed refusal with two reasons ends the command as refused, both in the text."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        await service.issue(Action.ALLOW_RETURN, "M1", "operator")
        await until(lambda: bool(link.sealed), "the command reaches the meter")
        reasons = (
            UnmetValue(code=c.UNMET_NOT_HELD, found=0.0, needs=1.0),
            UnmetValue(code=c.UNMET_LOCKED_OUT, found=float(c.MODE_LOCKED_OUT), needs=0.0),
        )
        await link.say(_answer(link, START_S + 26, *reasons))
        await until(lambda: _only(service).state == "refused", "refused")
        assert "hold on return" in _only(service).reason
        assert "lockout" in _only(service).reason
        await link.close()


async def test_a_forged_receipt_changes_nothing_and_is_kept_as_evidence(site: Site, twin: TwinStandIn) -> None:
    """Signed with another key: the message counts, the receipt is set aside, the command stays open."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        await service.issue(Action.HOLD_RETURN, "M1", "operator")
        await until(lambda: bool(link.sealed), "the command reaches the meter")
        await link.say(_answer(link, START_S + 26, key=site.command.key, **HELD))
        await until(lambda: link.acked == 2, "the message itself")
        assert _only(service).state == "issued"
        set_aside = await site.rows("select subject, reason from quarantine")
        assert [row["subject"] for row in set_aside] == ["receipt of M1"]
        await link.close()


async def test_a_command_goes_to_every_meter_of_a_region_in_order_and_not_to_those_that_cannot_hear(
    site: Site, twin: TwinStandIn
) -> None:
    """One meter on backup, one that gasped, one never heard, one elsewhere."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin, "M2")
        await enrolled(service, "M1", "M3")
        await enrolled(service, "M4", region="South")
        gasp = report_of(START_S + 15, event=c.EVENT_LAST_GASP, mode=c.MODE_DARK, fed_by=c.FED_BY_NONE)
        await twin.send_up(message_of("M3", 1, START_S + 15, gasp))
        await until(lambda: service.counts()[Status.DARK] == 1, "the gasp")
        issued = await service.issue(Action.HOLD_RETURN, "region:North", "operator")
        assert not isinstance(issued, Refused)
        assert [(view.meter_id, view.state) for view in issued] == [
            ("M1", "refused"),
            ("M2", "issued"),
            ("M3", "refused"),
        ]
        assert "never" in issued[0].reason
        assert "last gasp" in issued[2].reason
        await until(lambda: len(link.sealed) == 1, "the one that can hear has it")
        everyone = await service.issue(Action.HOLD_RETURN, "region:*", "operator")
        assert not isinstance(everyone, Refused)
        assert [view.meter_id for view in everyone] == ["M1", "M2", "M3", "M4"]
        nobody = await service.issue(Action.HOLD_RETURN, "region:East", "operator")
        assert isinstance(nobody, Refused)
        assert "North, South" in nobody.sentence()
        assert isinstance(await service.issue(Action.HOLD_RETURN, "M9", "operator"), Refused)
        await link.close()


async def test_a_lost_command_is_sent_again_as_the_same_bytes(site: Site, twin: TwinStandIn) -> None:
    """The meter connects only after the command was sent: it comes again, identical, and once answered no more."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        await link.close()
        await service.issue(Action.HOLD_RETURN, "M1", "operator")
        back = MeterLink(site.engines, link.keys, site.command.key.public_key())
        await back.open(site.folder)
        await back.listen()
        await until(lambda: len(back.sealed) >= 2, "sent again, twice")
        assert back.sealed[0] == back.sealed[1]
        await back.say(_answer(back, START_S + 26, **HELD))
        await until(lambda: _only(service).state == "proven", "proven")
        await back.close()


async def test_commands_outlive_the_head_end_and_their_numbers_rise(site: Site, twin: TwinStandIn) -> None:
    """Issued by one process, answered to the next; the next command has the next number."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        await service.issue(Action.HOLD_RETURN, "M1", "operator")
        await until(lambda: bool(link.sealed), "the command reaches the meter")
    async with site.running() as service:
        await link.say(_answer(link, START_S + 26, **HELD))
        await until(lambda: _only(service).state == "proven", "proven by the next process")
        await twin.tick(START_S + 30)
        again = await service.issue(Action.ALLOW_RETURN, "M1", "operator")
        assert not isinstance(again, Refused)
        assert [view.seq for view in again] == [2]
        await link.close()


async def test_silence_ends_as_unknown_with_an_alarm_and_late_proof_clears_it(site: Site, twin: TwinStandIn) -> None:
    """No word until a report interval past the expiry: unknown, unsafe; a late message resolves the doubt."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        await service.issue(Action.HOLD_RETURN, "M1", "operator")
        await until(lambda: bool(link.sealed), "the command reaches the meter")
        await twin.tick(START_S + 3000)
        await until(lambda: _only(service).state == "unknown", "unknown")
        assert any("Command 1" in alarm.text and alarm.cleared_s is None for alarm in service.alarms())
        await link.say(_answer(link, START_S + 26, **HELD))
        await until(lambda: not any(a.cleared_s is None and "Command 1" in a.text for a in service.alarms()), "cleared")
        assert _only(service).state == "unknown"
        assert "Later" in _only(service).reason
        await link.close()


async def test_without_postgresql_or_twin_nothing_is_sent_and_the_reason_is_said(site: Site, twin: TwinStandIn) -> None:
    """The store is gone, then the twin: each is named; no command has reached the meter."""
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin)
        site.engines.kill_pg()
        refused = await service.issue(Action.HOLD_RETURN, "M1", "operator")
        site.engines.start_pg()
        assert isinstance(refused, Refused)
        assert "PostgreSQL cannot be reached" in refused.sentence()
        await twin.close()
        refused = await service.issue(Action.HOLD_RETURN, "M1", "operator")
        assert isinstance(refused, Refused)
        assert "nobody answers" in refused.sentence()
        assert link.sealed == []
        assert service.commands() == []
        await twin.open()
        await link.close()


async def test_a_script_is_played_step_by_step_and_each_line_once(site: Site, twin: TwinStandIn) -> None:
    """Headless: the twin asks at each stop; what was issued stays issued across a restart; the summary adds up."""
    script = "at,action,target\n+20s,hold_return,region:*\n+40s,allow_return,M1\n"
    site = await make_site(site.engines, site.folder, headless=True, script=script.replace("M1", "BPTM-000001"))
    async with site.running() as service:
        link = await _home_on_backup(site, service, twin, "BPTM-000001")
        await enrolled(service, "BPTM-000002")
        first = await twin.ask("headend.step", {"at_s": START_S + 20})
        assert first == {"open": 1, "sent": [["BPTM-000001", 1]]}
        await until(lambda: len(link.sealed) == 1, "the command reaches the meter")
        assert await twin.ask("headend.resend", {"commands": [["BPTM-000001", 1]]}) == {"ok": True, "sent": 1}
        await until(lambda: len(link.sealed) == 2, "the same bytes again")
        assert link.sealed[0] == link.sealed[1]
    async with site.running() as service:
        assert await twin.ask("headend.step", {"at_s": START_S + 20}) == first
        await link.say(_answer(link, START_S + 21, **HELD))
        await until(lambda: link.acked == 2, "the receipt")
        assert await twin.ask("headend.step", {"at_s": START_S + 21}) == {"open": 0, "sent": []}
        assert await twin.ask("headend.step", {"at_s": START_S + 40}) == {"open": 1, "sent": [["BPTM-000001", 2]]}
        events = [
            report_of(START_S + 50, ON_BACKUP, event=c.EVENT_FED_BY_CHANGED, fed_by=c.FED_BY_NONE),
            report_of(START_S + 70, ON_BACKUP, event=c.EVENT_FED_BY_CHANGED),
        ]
        await link.say(message_of("BPTM-000001", 3, START_S + 70, *events, command_seq=1))
        await until(lambda: link.acked == 3, "the events")
        summary = await twin.ask("headend.summary", {"end_s": START_S + 100})
        assert summary == {
            "messages_stored": 3,
            "messages_duplicated": 0,
            "commands": {"issued": 3, "proven": 1, "refused": 1, "expired": 0, "unknown": 1},
            "meters": {"BPTM-000001": [20, 30], "BPTM-000002": [0, 0]},
        }
        assert summary == await twin.ask("headend.summary", {"end_s": START_S + 100})
        assert {view.ended_s for view in service.commands()} == {START_S + 20, START_S + 21, START_S + 100}
        await link.close()


@pytest.mark.parametrize(
    ("subject", "question"),
    [
        ("headend.step", {"at_s": "soon"}),
        ("headend.step", {}),
        ("headend.summary", {"end_s": None}),
        ("headend.resend", {"commands": "all"}),
        ("headend.resend", {"commands": [["M1"]]}),
    ],
)
async def test_a_question_that_is_not_as_agreed_is_answered_with_why(
    site: Site, twin: TwinStandIn, subject: str, question: dict[str, object]
) -> None:
    """Wrong types and missing fields: a sentence, no silence, no crash."""
    async with site.running():
        answer = await twin.ask(subject, question)
        assert answer["ok"] is False
        assert "expected" in answer["why"]


async def test_a_step_waits_for_postgresql_and_is_answered_then(site: Site, twin: TwinStandIn) -> None:
    """PostgreSQL is gone when the twin asks: the answer comes once it is back."""
    async with site.running() as service:
        (_keys,) = await enrolled(service, "M1")
        site.engines.kill_pg()
        # Something to write makes the step need the store.
        service.keeper._stale = True
        asked = asyncio.create_task(twin.ask("headend.step", {"at_s": START_S + 1}))
        done, _ = await asyncio.wait({asked}, timeout=1.0)
        assert not done
        site.engines.start_pg()
        assert await asked == {"open": 0, "sent": []}
