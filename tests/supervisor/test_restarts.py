"""Restart policy: five restarts with growing back-off, forgotten after a healthy minute; then one sentence."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.supervisor.children import Children, born, end_leftovers
from bptm.supervisor.failures import GaveUpError
from bptm.supervisor.restarts import HEALTHY_AFTER_S, RESTARTS_MAX, GiveUp, Restarts, StartAgain, after_stop
from bptm.supervisor.spawn import Program, last_words, start


@given(st.lists(st.floats(0.0, 2 * HEALTHY_AFTER_S), max_size=40))
def test_gives_up_exactly_after_five_short_lives_in_a_row(lives_s: list[float]) -> None:
    """Over any lengths of life: restarts since the last healthy one never pass five, and back-off grows with them."""
    restarts, now_s, short_lives = Restarts(started_s=0.0), 0.0, 0
    for life_s in lives_s:
        now_s = restarts.started_s + life_s
        short_lives = 1 if now_s - restarts.started_s >= HEALTHY_AFTER_S else short_lives + 1
        decided = after_stop(restarts, now_s)
        if short_lives > RESTARTS_MAX:
            assert decided == GiveUp(count=RESTARTS_MAX)
            return
        assert isinstance(decided, StartAgain)
        assert decided.restarts.count == short_lives
        assert decided.at_s - now_s == pytest.approx(0.25 * 2 ** (short_lives - 1))
        restarts = Restarts(started_s=decided.at_s, count=decided.restarts.count)


def program_of(code: str, log_file: Path, name: str = "child") -> Program:
    return Program(name=name, argv=(sys.executable, "-c", code), log_file=log_file, environ={})


@pytest.mark.slow
def test_child_that_keeps_stopping_ends_in_one_sentence_with_its_last_words(tmp_path: Path) -> None:
    """A real program that fails at once: six starts in all, five notices, then the sentence."""
    told: list[str] = []
    children = Children(tmp_path / "children.json", told.append)
    children.start(program_of("print('started'); raise SystemExit('Error: the sky fell')", tmp_path / "child.log"))
    with pytest.raises(GaveUpError) as sentence:
        _tend_for(children, 60.0)
    children.stop_all(last=())
    assert len(told) == RESTARTS_MAX
    assert (tmp_path / "child.log").read_text().count("started") == RESTARTS_MAX + 1
    assert "restarted 5 times" in str(sentence.value)
    assert "Error: the sky fell" in str(sentence.value)
    assert "\n" not in str(sentence.value)


def _tend_for(children: Children, patience_s: float) -> None:
    give_up_at_s = time.monotonic() + patience_s
    while time.monotonic() < give_up_at_s:
        children.tend()


def test_child_that_was_killed_is_started_again(tmp_path: Path) -> None:
    """A real program is killed with SIGKILL; another process takes its place, and the notice names the signal."""
    told: list[str] = []
    children = Children(tmp_path / "children.json", told.append)
    children.start(program_of("import time; time.sleep(600)", tmp_path / "child.log", "sleeper"))
    first = children.process_id("sleeper")
    os.kill(first, signal.SIGKILL)
    give_up_at_s = time.monotonic() + 30
    while children.process_id("sleeper") == first and time.monotonic() < give_up_at_s:
        children.tend()
    second = children.process_id("sleeper")
    assert second != first
    assert born(second)
    children.stop_all(last=())
    assert not born(second)
    assert told == ["sleeper was ended by SIGKILL; restart 1 of 5 in 0.25 s"]


@pytest.mark.slow
def test_child_that_ignores_sigterm_is_gone_all_the_same(tmp_path: Path) -> None:
    """It blocks SIGTERM and SIGQUIT; `stop_all` still returns with it gone."""
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGQUIT, signal.SIG_IGN)\n"
        "print('deaf', flush=True); time.sleep(600)"
    )
    log_file = tmp_path / "child.log"
    children = Children(tmp_path / "children.json", print)
    for name in ("ours", "engine"):
        children.start(program_of(code, log_file, name))
    give_up_at_s = time.monotonic() + 30
    while log_file.read_text().count("deaf") < 2 and time.monotonic() < give_up_at_s:
        pass
    pids = [children.process_id(name) for name in ("ours", "engine")]
    children.stop_all(last=("engine",))
    assert not any(born(pid) for pid in pids)


def test_leftover_of_an_earlier_run_is_ended_and_a_stranger_is_not(tmp_path: Path) -> None:
    """Two real processes are on record: one as it is, one whose start time is another process's."""
    left, stranger = (start(program_of("import time; time.sleep(600)", tmp_path / "log")) for _ in range(2))
    record = tmp_path / "children.json"
    record.write_text(
        f'[{{"name": "left", "pid": {left.pid}, "born": "{born(left.pid)}"}},'
        f'{{"name": "stranger", "pid": {stranger.pid}, "born": "boot/1"}}]'
    )
    assert end_leftovers(record, None, patience_s=3.0) == ("left",)
    assert not born(left.pid)
    assert born(stranger.pid)
    stranger.kill()
    stranger.wait()
    left.wait()


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"name": 1}]', "\x00\xff"])
def test_damaged_record_is_passed_over(tmp_path: Path, content: str) -> None:
    """A torn record stops no start."""
    (tmp_path / "children.json").write_text(content)
    assert end_leftovers(tmp_path / "children.json", None) == ()


def test_last_words_are_the_cause_and_not_an_answer_to_whoever_asked_too_early(tmp_path: Path) -> None:
    """PostgreSQL tells each early client that it is starting up, with the mark of its own end: that is no cause."""
    log = tmp_path / "postgres.log"
    cause = "2026-11-27 10:01:33.100 UTC [1] PANIC:  could not open file global/pg_control"
    early = "2026-11-27 10:01:33.200 UTC [2] FATAL:  the database system is starting up"
    log.write_text(f"{cause}\n{early}\n", encoding="utf-8")
    assert last_words(log, ("PANIC", "FATAL")) == last_words(log) == cause
