"""The main job: sixty hours of a real event, with everything killed once, and the same object all the same."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from system_rig import Up, until

pytestmark = [pytest.mark.system, pytest.mark.slow]

SCRIPT = """at,action,target
+18h,hold_return,BPTM-000042
+20h,hold_return,region:*
+21h,allow_return,BPTM-000042
+26h,allow_return,region:*
"""
HOURS = 60
KILLED_AT_H = (("NATS", 6), ("PostgreSQL", 14), ("head-end", 23), ("twin", 32), ("supervisor", 41))
"""Spread over the event, and clear of the script's times; the head-end while commands may still be open."""


@pytest.fixture
def words(tmp_path: Path) -> tuple[str, ...]:
    """Two hundred meters for sixty hours, with commands."""
    script = tmp_path / "script.csv"
    script.write_text(SCRIPT)
    return ("--meters", "200", "--seed", "7", "--headless", "--json", "--until", f"+{HOURS}h", "--script", str(script))


def test_killing_everything_once_changes_nothing(make_up: Callable[..., Up], words: tuple[str, ...]) -> None:
    """LAW-10 for the whole system: three runs end in the same object.

    One is undisturbed, one plays at another speed, and in one NATS, PostgreSQL, head-end, twin and supervisor are each
    killed with SIGKILL once. Nothing is lost or stored twice, nothing was unsafe, stored times are the ledger's, and
    every command is in exactly one end state.
    """
    calm = make_up(*words, name="calm")
    calm.start()
    assert calm.wait() == 0, calm.story()
    found = calm.object()
    assert found["meters"] == 200
    assert found["simulated_hours"] == HOURS
    assert found["messages_lost"] == 0
    assert found["messages_duplicated"] == 0
    assert found["messages_stored"] == found["messages_sent"] > 0
    assert found["unsafe_seconds"] == 0
    assert found["law_violations"] == []
    assert found["reconciled"] is True
    assert found["transfers"] > 0
    assert found["faults_injected"] == len(found["faults"]) == 3
    commands = dict(found["commands"])
    assert commands.pop("issued") == sum(commands.values()) == 402

    slower = make_up(*words, "--speed", "9000", name="slower")
    slower.start()
    assert slower.wait() == 0, slower.story()
    assert slower.object() == found

    killed = make_up(*words, name="killed")
    killed.start()
    for name, at_h in KILLED_AT_H:
        _kill_at(killed, name, at_h)
    assert killed.wait() == 0, killed.story()
    assert killed.object() == found, killed.story()


def _kill_at(up: Up, name: str, at_h: int) -> None:
    """Kills one process once the event has come this far; starts the supervisor again if it was that one."""
    assert up.process is not None
    process = up.process

    def reached() -> bool:
        assert process.poll() is None, f"ended before {at_h} h: {up.story()}"
        return up.played_s() >= at_h * 3600 and (name == "supervisor" or up.child(name) > 0)

    until(reached, f"{at_h} h of the event, to kill {name}")
    if name != "supervisor":
        os.kill(up.child(name), signal.SIGKILL)
        return
    process.kill()
    process.wait()
    up.start()
