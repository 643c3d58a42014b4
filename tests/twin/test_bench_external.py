"""Controllers of somebody else on the bench: over a real socket, and everything that they can do wrong."""

import signal
import socket
import struct
from pathlib import Path

import numpy as np
import pytest
from bench_peer import Peer, Told, judged, orders, paced, speaks, tells, untold, write_scenario

from bptm.terms.codes import Mode
from bptm.twin.bench.external import Progress
from bptm.twin.bench.link import Limits, address_of, is_loopback
from bptm.wire import bench_frames as frames


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A scenario of 12 half-cycles, so that plain CPython plays it."""
    return write_scenario(tmp_path / "a-tenth")


def test_a_controller_that_answers_plays_to_the_end(home: Path) -> None:
    """Its name, its mode and the verdict stand in the result; so does how long it took."""
    peer = Peer(orders)
    seen: list[Progress] = []
    result = judged(home, peer.link(), compiled=False, watch=seen.append)
    peer.end()
    assert (result.ended, result.passed, result.controller) == ("", True, "a-peer")
    assert len(result.runs[0].rows) == 12
    assert set(result.runs[0].rows["mode"]) == {Mode.ON_UTILITY}
    assert [(one.played, one.planned) for one in seen] == [(played, 12) for played in range(1, 13)]
    assert result.answers is not None
    assert result.answers.count == 12
    assert 0.0 < result.answers.median_s <= result.answers.worst_s <= result.answers.total_s
    assert {file.name for file in result.files} == {"scenario.toml", "expected.toml"}


def hangs(connection: socket.socket, tick: int) -> bool:
    """Answers until half-cycle 3, and then waits for ever."""
    return orders(connection, tick) if tick < 3 else True


def leaves(connection: socket.socket, tick: int) -> bool:
    """Closes the socket at half-cycle 3."""
    return orders(connection, tick) if tick < 3 else False


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (hangs, "did not answer within 0.4 s (half-cycle 3, 0.025 s into the run)"),
        (leaves, "closed the connection (half-cycle 3"),
        (speaks(lambda _tick: b"\xff\xff\xff\xff"), "sent a frame of 4294967295 bytes"),
        (speaks(lambda _tick: b"\x01\x00\x00\x00\x63"), "sent a frame of kind 99"),
        (speaks(lambda _tick: frames.frame(frames.FrameKind.HELLO, b"")), "sent HELLO, expected ORDERS"),
        (speaks(lambda _tick: frames.frame(frames.FrameKind.ORDERS, b"")), "sent ORDERS of 0 bytes, expected 14"),
        (speaks(lambda tick: frames.frame(frames.FrameKind.ORDERS, struct.pack("<IBBd", tick + 1, 0, 0, 0.0))),
         "sent ORDERS for half-cycle 4, expected 3"),
        (speaks(lambda tick: frames.frame(frames.FrameKind.ORDERS, struct.pack("<IBBd", tick, 9, 0, 0.0))),
         "sent order 9 to U, expected 0 (none), 1 (open) or 2 (close)"),
        (speaks(lambda _tick: frames.frame(frames.FrameKind.SORRY, b"out of memory")), "gave up: out of memory"),
    ],
)  # fmt: skip
def test_a_controller_that_cannot_go_on_ends_the_run_with_a_verdict(home: Path, answer: Told, words: str) -> None:
    """It hangs, closes, or answers nonsense: one sentence, not passed, and the rows seen until then."""
    peer = Peer(answer)
    result = judged(home, peer.link(), compiled=False)
    peer.end()
    assert words in result.ended
    assert not result.passed
    assert len(result.runs[0].rows) == 3


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("mode", 99.0, "told mode 99, expected a MODE_... code: 0 to 9 (half-cycle 3, 0.025 s into the run)"),
        ("mode", -3.0, "told mode -3, expected a MODE_... code: 0 to 9"),
        ("mode", 2.5, "told mode 2.5, expected a MODE_... code: 0 to 9"),
        ("mode", 1e300, "told mode 1e+300, expected a MODE_... code: 0 to 9"),
        ("mode", float("nan"), "sent nan as number 1 of the 1 values that it tells, which is no number"),
        ("cause", 9999.0, "told cause 9999, expected a CAUSE_... code: 0 to 15, 20 to 36, 40 to 47"),
        ("latched", 500.0, "told latched 500, expected a CAUSE_... code"),
        ("step", 3.0, "told step 3, expected a STEP_... code: 0 to 2"),
        ("fed_by", 4.0, "told fed_by 4, expected a FED_BY_... code: 0 to 3"),
        ("events", 1e18, "told events 1e+18, expected a whole number of the bits 1 to 25 (EVENT_...)"),
        ("events", -1.0, "told events -1, expected a whole number of the bits 1 to 25 (EVENT_...)"),
        ("utility_in_mwticks", -5e30, "told utility_in_mwticks -5e+30, expected a whole number from 0 to"),
        ("read_utility_hz", -60.0, "told read_utility_hz -60, expected a number from 0 to 1000000000 Hz"),
    ],
)  # fmt: skip
def test_a_told_value_that_its_column_does_not_take_ends_the_run(
    home: Path, column: str, value: float, words: str
) -> None:
    """One sentence with column, value and what was expected; the rows before it stay."""
    peer = Peer(tells(value), told=(column,))
    result = judged(home, peer.link(), compiled=False)
    peer.end()
    assert words in result.ended
    assert not result.passed
    assert len(result.runs[0].rows) == 3


def test_bytes_one_at_a_time_do_not_put_off_the_end_of_an_answer(home: Path) -> None:
    """One deadline for the whole answer: a byte now and then would else be waited for without end."""
    peer = Peer(paced(0.05, bytewise=True))
    result = judged(home, peer.link(Limits(answer_s=0.3)), compiled=False)
    peer.end()
    assert "did not answer within 0.3 s, " in result.ended
    assert "bytes came (half-cycle 0" in result.ended
    assert not result.passed


def test_answers_that_are_each_in_time_and_too_long_together_end_the_run(home: Path) -> None:
    """The limit on all of them, with how many there were and the slowest."""
    peer = Peer(paced(0.1))
    result = judged(home, peer.link(Limits(answer_s=30.0, run_s=0.35)), compiled=False)
    peer.end()
    assert result.answers is not None
    assert 0 < result.answers.count < 12
    assert "answered late: " in result.ended
    assert f"s for {result.answers.count} half-cycles, slowest " in result.ended
    assert "all its answers may take 0.35 s (--run-s)" in result.ended
    assert len(result.runs[0].rows) == result.answers.count


def test_a_run_that_a_person_stops_ends_with_words_and_what_was_seen(home: Path) -> None:
    """A real SIGINT after five half-cycles."""

    def stop(progress: Progress) -> None:
        if progress.played == 5:
            signal.raise_signal(signal.SIGINT)

    peer = Peer(orders)
    result = judged(home, peer.link(), compiled=False, watch=stop)
    peer.end()
    assert result.ended == "stopped from the keyboard (half-cycle 5, 0.042 s into the run)"
    assert not result.passed
    assert len(result.runs[0].rows) == 5


def test_a_run_that_ended_early_keeps_the_samples_before_its_end_and_judges_nothing(home: Path) -> None:
    """The last waveforms, up to the half-cycle without an answer; an expectation is neither met nor not met."""
    peer = Peer(leaves)
    result = judged(home, peer.link(), compiled=False)
    peer.end()
    window = result.runs[0].windows[-1]
    assert (window.label, window.at_s) == ("0.025 s: here the run ended", pytest.approx(0.025))
    assert len(window.samples) == 4 * 64
    assert np.abs(window.samples[:, 0]).max() == pytest.approx(170.0, rel=0.05)
    verdict = result.verdicts[0]
    assert (verdict.mark, verdict.passed, verdict.as_json()["judged"]) == ("not judged", False, False)
    assert verdict.measured == "until the run ended: 3"


UNTOLD = """[[expect]]
name = "The mode"
origin = "x"
mode = "ON_UTILITY:START"
at = "end"
[[expect]]
name = "Nothing happens"
origin = "x"
no_events = ["SURGE"]
[[expect]]
name = "A fact"
origin = "x"
measure = "max fact_utility_lost"
at_most = 0
[[expect]]
name = "Open when dark"
origin = "x"
from = "mode DARK"
to = "u opens"
at_most_s = 1
"""


def test_what_a_controller_does_not_tell_is_not_judged(tmp_path: Path) -> None:
    """No mode is not OFF, no events are not none, and no law that rests on them is held or broken."""
    folder = write_scenario(tmp_path / "untold", expected=UNTOLD)
    peer = Peer(untold, told=())
    result = judged(folder, peer.link(), compiled=False)
    peer.end()
    assert result.ended == ""
    assert [verdict.mark for verdict in result.verdicts] == ["not judged"] * 4
    assert [verdict.measured.removeprefix("not told: the controller tells ") for verdict in result.verdicts] == [
        "no cause and no mode",
        "no events",
        "no facts",
        "no mode",
    ]
    assert not result.passed
    assert result.runs[0].modes() == []
    assert not result.exercised & {"LAW-4", "LAW-9"}


def test_a_controller_of_another_version_is_refused_before_the_run(home: Path) -> None:
    """The version seen and the one expected."""
    peer = Peer(orders, hello=frames.frame(frames.FrameKind.HELLO, b"protocol bptm-bench 7\ncontroller x\n"))
    result = judged(home, peer.link(), compiled=False)
    peer.end()
    assert "protocol 'bptm-bench 7', expected 'bptm-bench 1'" in result.ended
    assert len(result.runs[0].rows) == 0


@pytest.mark.parametrize("text", ["4747", "localhost", "127.0.0.1:", ":4747", "127.0.0.1:70000", "127.0.0.1:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """With what to write."""
    told = address_of(text)
    assert isinstance(told, str)
    assert "write 127.0.0.1:4747" in told


def test_loopback_is_told_from_the_network() -> None:
    """Only loopback needs no word of consent."""
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("192.0.2.1")
    assert not is_loopback("example.com")
