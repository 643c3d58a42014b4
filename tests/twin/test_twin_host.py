"""The whole twin as a child process, against a real broker and a head-end in memory."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from time import monotonic

import pytest
from twin_standin import (
    EVENT,
    PATIENCE_S,
    Broker,
    StandIn,
    broker_running,
    play_to_the_end,
    standin_for,
    twin_running,
    until_ended,
    write_config,
)

from bptm.terms.codes import Action
from bptm.terms.processes import REPLAY_STATUS
from bptm.wire.topics import CONTROL_SUBJECT, OPEN_COMMANDS_SUBJECT

pytestmark = [pytest.mark.system, pytest.mark.slow]

STOP_S = EVENT.start_s + 5 * 3600
SCRIPT_METERS = ("BPTM-000001", "BPTM-000002", "BPTM-000005", "BPTM-000007")


@pytest.fixture
def broker() -> Generator[Broker]:
    """A broker of this test's own."""
    with broker_running() as running:
        yield running


@pytest.fixture
async def standin(broker: Broker) -> AsyncGenerator[StandIn]:
    """A head-end on it."""
    async with standin_for(broker) as running:
        yield running


def comparable(result: dict[str, object]) -> dict[str, object]:
    """The object but for what may differ."""
    return {key: value for key, value in result.items() if key != "wall_s"}


def scripted(standin: StandIn) -> StandIn:
    """Commands at the stop, to four meters."""
    standin.script = {STOP_S: [(meter_id, Action.HOLD_RETURN) for meter_id in SCRIPT_METERS]}
    return standin


def folder_of(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


async def played(broker: Broker, folder: Path, *, drop: bool = False, **changes: object) -> dict[str, object]:
    """Final object of an undisturbed run with a script, at a new head-end."""
    async with standin_for(broker) as standin:
        standin.drop_first_delivery = drop
        config = write_config(folder, scripted(standin), stops_s=[STOP_S], **changes)
        result = await play_to_the_end(standin, config)
        assert STOP_S in standin.steps
        assert standin.resends >= len(standin.receipts) if drop else standin.resends == 0
    return result


async def test_a_run_ends_with_nothing_lost_and_the_ledgers_agree(broker: Broker, tmp_path: Path) -> None:
    """Twelve hours, twenty meters, four commands: all stored once, reconciled, every command answered; keys private."""
    result = await played(broker, tmp_path)
    assert result["messages_lost"] == 0
    assert result["reconciled"] is True
    assert result["messages_sent"] == result["messages_stored"]
    assert isinstance(result["messages_sent"], int)
    assert result["messages_sent"] > 20 * 12 * 3
    assert isinstance(result["commands"], dict)
    assert result["commands"]["issued"] == len(SCRIPT_METERS)
    assert {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "twin").glob("*.sqlite")} == {
        "twin.sqlite": 0o600,
        "keys.sqlite": 0o600,
    }


async def test_speed_and_lost_deliveries_do_not_change_the_result(broker: Broker, tmp_path: Path) -> None:
    """Flat out; at 20,000 times real speed; and with every first delivery lost and the second doubled: one object."""
    flat_out = await played(broker, folder_of(tmp_path, "a"))
    paced = await played(broker, folder_of(tmp_path, "b"), speed=20_000.0)
    resent = await played(broker, folder_of(tmp_path, "c"), drop=True)
    assert comparable(paced) == comparable(flat_out)
    assert comparable(resent) == comparable(flat_out)


async def test_killed_again_and_again_it_ends_with_the_same_object(broker: Broker, tmp_path: Path) -> None:
    """SIGKILL five times at varied points, and the broker once: the object is that of the undisturbed run."""
    undisturbed = await played(broker, folder_of(tmp_path, "calm"))
    async with standin_for(broker) as standin:
        stormy = await played_in_a_storm(broker, standin, folder_of(tmp_path, "storm"))
        assert comparable(stormy) == comparable(undisturbed)
        assert standin.enrolments == 1, "a second run uses the keys and certificates of the first"


async def played_in_a_storm(broker: Broker, standin: StandIn, folder: Path) -> dict[str, object]:
    """Final object of a run that is killed five times, its broker once."""
    config = write_config(folder, scripted(standin), stops_s=[STOP_S], speed=10_000.0)
    for kills in range(5):
        goal = standin.stored_count + 40 + 60 * kills
        async with twin_running(config) as child:
            await standin.until_heard(lambda goal=goal: standin.stored_count >= goal)
            if kills == 2:
                broker.kill()
                broker.start()
                await standin.until_heard(lambda goal=goal: standin.stored_count > goal)
            child.kill()
    return await play_to_the_end(standin, config)


async def test_a_finished_event_is_replayed_when_a_person_asks(standin: StandIn, tmp_path: Path) -> None:
    """Interactive: at its end it plays no more, and on `restart` leaves with the status that starts it over."""
    config = write_config(tmp_path, standin, headless=False, speed=1e5, end_s=EVENT.start_s + 3600)
    async with twin_running(config) as child:
        await until_ended(standin, child, config)
        play = await standin.client.request(CONTROL_SUBJECT, b'{"do": "play"}', timeout=10)
        assert "replay" in json.loads(play.data)["why"]
        again = await standin.client.request(CONTROL_SUBJECT, b'{"do": "restart"}', timeout=10)
        assert json.loads(again.data)["ok"] is True
        assert await asyncio.wait_for(child.wait(), PATIENCE_S) == REPLAY_STATUS


async def test_a_finished_headless_event_shows_its_end_and_refuses_to_restart(standin: StandIn, tmp_path: Path) -> None:
    """Started again after its end it connects nobody, says ended, keeps its result, and names --fresh."""
    config = write_config(tmp_path, standin, end_s=EVENT.start_s + 3600)
    first = await play_to_the_end(standin, config)
    standin.clocks.clear()
    async with twin_running(config) as child:
        await until_ended(standin, child, config)
        reply = await standin.client.request(CONTROL_SUBJECT, b'{"do": "restart"}', timeout=10)
        assert "--fresh" in json.loads(reply.data)["why"]
        assert standin.clocks[-1]["joined"] == 0
    assert json.loads((tmp_path / "twin" / "result.json").read_text()) == first


async def test_another_seed_in_the_same_place_is_refused(standin: StandIn, tmp_path: Path) -> None:
    """The checkpoint of seed 7 and settings with seed 8: status 2 and a sentence that names --fresh."""
    await play_to_the_end(standin, write_config(tmp_path, standin, end_s=EVENT.start_s + 3600))
    async with twin_running(write_config(tmp_path, standin, seed=8)) as child:
        assert await asyncio.wait_for(child.wait(), PATIENCE_S) == 2
    last_line = (tmp_path / "twin.log").read_text().splitlines()[-1]
    assert "--fresh" in last_line
    assert "seed 7" in last_line


async def test_people_can_pause_speed_up_jump_and_stop_it(standin: StandIn, tmp_path: Path) -> None:
    """Interactive: plays, stands while paused, jumps to a change, slows for open commands, leaves on SIGTERM in 2 s."""
    config = write_config(tmp_path, standin, headless=False, speed=600.0, end_s=EVENT.end_s)

    async def ask(subject: str, **content: object) -> dict[str, object]:
        reply = await standin.client.request(subject, json.dumps(content).encode(), timeout=10)
        return json.loads(reply.data)

    def state_now() -> object:
        return standin.clocks[-1]["state"] if standin.clocks else None

    async with twin_running(config) as child:
        await standin.until_heard(lambda: state_now() == "playing")
        assert (await ask(CONTROL_SUBJECT, do="pause"))["ok"] is True
        await standin.until_heard(lambda: state_now() == "paused")
        standin.clocks.clear()
        await standin.until_heard(lambda: len(standin.clocks) >= 3)
        assert len({clock["at_s"] for clock in standin.clocks}) == 1
        paused_at_s = standin.clocks[-1]["at_s"]
        assert isinstance(paused_at_s, float)
        assert (await ask(CONTROL_SUBJECT, do="next_change"))["ok"] is True
        await standin.until_heard(lambda: standin.clocks[-1]["at_s"] != paused_at_s)
        assert (await ask(OPEN_COMMANDS_SUBJECT, open=1))["at_s"]
        await standin.until_heard(lambda: standin.clocks[-1]["speed"] == 1.0)
        assert (await ask(OPEN_COMMANDS_SUBJECT, open=0))["at_s"]
        assert (await ask(CONTROL_SUBJECT, do="speed", speed=100))["ok"] is True
        await standin.until_heard(lambda: standin.clocks[-1]["speed"] == 100.0)
        began_s = monotonic()
        child.terminate()
        assert await asyncio.wait_for(child.wait(), PATIENCE_S) == 0
        assert monotonic() - began_s < 2.0
    assert not (tmp_path / "twin" / "result.json").exists()


async def test_a_silent_head_end_stops_event_time_and_nothing_else(standin: StandIn, tmp_path: Path) -> None:
    """Nobody acknowledges: the backlog fills, the clock says waiting and stands; heard again, it goes on to the end."""
    config = write_config(tmp_path, standin, meters=60, end_s=EVENT.start_s + 24 * 3600)
    async with twin_running(config) as child:
        await standin.until_heard(lambda: standin.stored_count > 0)
        standin.deaf = True
        await standin.until_heard(lambda: standin.clocks and standin.clocks[-1]["state"] == "waiting")
        stood_at_s = standin.clocks[-1]["at_s"]
        standin.clocks.clear()
        await standin.until_heard(lambda: len(standin.clocks) >= 3)
        assert {clock["at_s"] for clock in standin.clocks} == {stood_at_s}
        standin.deaf = False
        await until_ended(standin, child, config)
    result = json.loads((tmp_path / "twin" / "result.json").read_text())
    assert (result["messages_lost"], result["reconciled"]) == (0, True)


async def test_a_twin_that_cannot_read_its_settings_says_so(tmp_path: Path) -> None:
    """No file: status 2 and one sentence."""
    async with twin_running(tmp_path / "twin.toml") as child:
        assert await asyncio.wait_for(child.wait(), PATIENCE_S) == 2
    assert "twin.toml: cannot be read" in (tmp_path / "twin.log").read_text()
