"""The event clock and its controls."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S
from bptm.twin.clock import EventClock
from bptm.twin.control import Desk

walls_s = st.floats(0, 1e6)


@given(speed=st.floats(0.1, 1e4), tick=st.integers(0, 10**9), began_s=walls_s, passed_s=walls_s)
def test_event_time_runs_at_its_speed_from_the_anchor(speed: float, tick: int, began_s: float, passed_s: float) -> None:
    """After some wall time the ceiling is speed times that time on, to a tick's rounding."""
    clock = EventClock(speed=speed)
    clock.anchor(tick, began_s)
    ceiling = clock.ceiling_tick(tick, began_s + passed_s)
    expected = tick + passed_s * speed * TICKS_PER_S
    assert abs(ceiling - expected) <= 2 + 1e-6 * expected


@given(speed=st.sampled_from([0.0, 0.5, 474.0]), count=st.integers(1, 9))
def test_open_commands_hold_event_time_to_wall_time(speed: float, count: int) -> None:
    """While any command is open the speed is at most 1, whatever was set; afterwards it is as before."""
    clock = EventClock(speed=speed)
    clock.set_open_commands(count, 0, 0.0)
    assert clock.ceiling_tick(0, 10.0) == int(10 * TICKS_PER_S * min(speed or 1.0, 1.0))
    clock.set_open_commands(0, 0, 10.0)
    assert clock.speed_now == speed


def test_a_pause_holds_until_play_and_lost_time_is_not_caught_up() -> None:
    """Paused for an hour of wall time at speed 100: event time stands, and goes on from where it stood."""
    clock = EventClock(speed=100.0)
    clock.anchor(0, 0.0)
    clock.pause(500, 1.0)
    assert clock.ceiling_tick(500, 3600.0) == 500
    clock.play(500, 3600.0)
    assert clock.ceiling_tick(500, 3601.0) == 500 + 100 * TICKS_PER_S


def test_a_command_issued_in_a_pause_reaches_its_end_and_the_pause_returns() -> None:
    """Paused, one command opened and closed: real speed between, still after; a pause asked for meanwhile holds."""
    clock = EventClock(speed=100.0)
    clock.pause(0, 0.0)
    clock.set_open_commands(1, 0, 0.0)
    assert clock.ceiling_tick(0, 10.0) == 10 * TICKS_PER_S
    clock.pause(1200, 10.0)
    assert clock.ceiling_tick(1200, 20.0) == 1200
    clock.play(1200, 20.0)
    clock.set_open_commands(0, 1200, 20.0)
    assert not clock.paused
    clock.pause(1200, 20.0)
    clock.set_open_commands(2, 1200, 20.0)
    clock.set_open_commands(0, 1200, 21.0)
    assert clock.paused


def test_a_jump_ends_where_it_was_going_and_the_speed_returns() -> None:
    """Flat out up to the change, then the old speed from there."""
    clock = EventClock(speed=2.0)
    clock.jump(9_000, 100, 5.0)
    assert clock.ceiling_tick(100, 5.0) == 9_000
    clock.arrived(9_000, 6.0)
    assert clock.ceiling_tick(9_000, 7.0) == 9_000 + 2 * TICKS_PER_S
    assert EventClock(speed=0.0).ceiling_tick(0, 0.0) == NEVER_TICKS


def desk_at(tick: int, *, headless: bool = False) -> Desk:
    desk = Desk(clock=EventClock(speed=10.0), headless=headless, woken=asyncio.Event())
    desk.at = lambda: tick
    desk.at_s = lambda: tick / TICKS_PER_S
    return desk


def test_the_desk_does_what_is_asked_and_wakes_the_host() -> None:
    """Each control of processes.md changes the clock and is answered with the time."""
    desk = desk_at(240)
    assert desk.control({"do": "pause"}) == {"ok": True, "at_s": 2.0}
    assert desk.clock.paused
    assert desk.control({"do": "speed", "speed": 50})["ok"] is True
    assert desk.clock.speed == 50
    assert desk.control({"do": "next_change"})["ok"] is True
    assert desk.jump_asked
    assert desk.control({"do": "play"})["ok"] is True
    assert not desk.clock.paused
    assert desk.woken.is_set()


def test_the_desk_refuses_what_cannot_be_with_the_value_and_the_limit() -> None:
    """Bad values, a restart and anything after the end: refused in one sentence, the clock untouched."""
    desk = desk_at(0)
    for speed in (0, -1, None, True, "fast", 1e9):
        assert "expected a number above 0" in str(desk.control({"do": "speed", "speed": speed})["why"])
    assert "--fresh" in str(desk.control({"do": "restart"})["why"])
    assert "'dance'" in str(desk.control({"do": "dance"})["why"])
    assert "expected a whole number" in str(desk.open_commands({"open": -1})["why"])
    assert desk.clock == EventClock(speed=10.0)
    desk.state = "ended"
    assert "replay" in str(desk.control({"do": "play"})["why"])
    headless = desk_at(0, headless=True)
    headless.state = "ended"
    assert "--fresh" in str(headless.control({"do": "restart"})["why"])


def test_open_commands_slow_a_replay_but_not_a_headless_run() -> None:
    """Interactive: real speed; headless: lock-step does it, so the clock is left alone."""
    shown, headless = desk_at(120), desk_at(120, headless=True)
    assert shown.open_commands({"open": 2})["at_s"] == 1.0
    assert shown.clock.speed_now == 1.0
    headless.open_commands({"open": 2})
    assert headless.clock.speed_now == 10.0
