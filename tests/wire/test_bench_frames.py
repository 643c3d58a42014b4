"""Frames of the bench protocol: there and back, and everything that is no answer."""

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.wire import bench_frames as b
from bptm.wire.errors import WireError

HELLO = b.Hello(
    scenario="broken-neutral",
    ticks=240,
    rate_hz=7680,
    channels=("utility_l1_v", "utility_l2_v"),
    inputs=("u_open_poles",),
    settings={"controller.lost_deep_v": 84.0, "controller.medical": 0.0},
)


def body_of(packed: bytes) -> bytes:
    """What follows the length, checked against it."""
    assert b.length_of(packed[:4]) == len(packed) - 4
    return packed[4:]


def test_a_hello_comes_back_as_it_was_sent() -> None:
    """Names with their order, settings as the floats they were."""
    body = body_of(b.hello_frame(HELLO))
    assert b.kind_of(body) is b.FrameKind.HELLO
    assert b.read_hello(body[1:]) == HELLO


def test_an_answer_comes_back_as_it_was_sent() -> None:
    """Name and what is told."""
    answer = b.Answer(controller="bptm-c99", told=("mode", "cause"))
    assert b.read_answer(body_of(b.answer_frame(answer))[1:], ("cause", "mode")) == answer


@given(values=st.lists(st.floats(allow_nan=False), min_size=16, max_size=16), tick=st.integers(0, 2**32 - 1))
def test_samples_come_back_to_the_bit(values: list[float], tick: int) -> None:
    """Any finite or infinite number, in lock-step with the same tick."""
    samples = np.asarray(values).reshape(8, 2)
    body = body_of(b.samples_frame(tick, b.POWERED | b.STARTED, samples, (3.0, 0.0)))
    back = b.read_samples(body[1:], 2)
    assert (back.tick, back.flags, back.inputs) == (tick, 3, (3.0, 0.0))
    assert back.samples.tobytes() == samples.tobytes()


def test_orders_come_back_as_they_were_sent() -> None:
    """Orders and what is told beside them."""
    orders = b.Orders(tick=7, u_order=1, b_order=2, told=(4.0, 3.0))
    assert b.read_orders(body_of(b.orders_frame(orders))[1:], 7, 2) == orders


@pytest.mark.parametrize(
    ("content", "told", "words"),
    [
        (struct.pack("<IBB", 8, 0, 0), 0, "half-cycle 8, expected 7"),
        (struct.pack("<IBB", 7, 3, 0), 0, "order 3 to U"),
        (struct.pack("<IBB", 7, 0, 250), 0, "order 250 to B"),
        (struct.pack("<IBB", 7, 0, 0), 1, "6 bytes, expected 14"),
        (struct.pack("<IBBd", 7, 0, 0, float("nan")), 1, "nan as number 1 of the 1 values that it tells"),
        (struct.pack("<IBBdd", 7, 0, 0, 1.0, float("-inf")), 2, "-inf as number 2 of the 2 values that it tells"),
        (b"", 0, "0 bytes"),
    ],
)
def test_what_is_no_order_is_refused_in_words(content: bytes, told: int, words: str) -> None:
    """Each with the value seen and the one expected."""
    with pytest.raises(WireError, match=words):
        b.read_orders(content, 7, told)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"protocol bptm-bench 2\ncontroller x\n", "'bptm-bench 2', expected 'bptm-bench 1'"),
        (b"controller x\n", "0 lines 'protocol'"),
        (b"protocol bptm-bench 1\n", "0 lines 'controller'"),
        (b"protocol bptm-bench 1\ncontroller x\ntold colour\n", "'told colour', which is no column"),
        (b"protocol bptm-bench 1\ncontroller " + b"x" * 81 + b"\n", "name of 81 characters, expected at most 80"),
        ("protocol bptm-bench 1\ncontroller a\u202eb\n".encode(), "name of 3 characters, expected .* be printed"),
        (b"protocol bptm-bench 1\ncontroller x\ntold mode\ntold mode\n", "each once"),
        (b"\xff\xfe", "no UTF-8"),
    ],
)
def test_what_is_no_hello_is_refused_in_words(text: bytes, words: str) -> None:
    """Another version is named; so is what it may not tell."""
    with pytest.raises(WireError, match=words):
        b.read_answer(text, ("mode",))


def test_the_text_of_a_peer_is_one_line_that_can_be_printed() -> None:
    """No escape of a terminal, no turned writing direction, no second line, no megabyte."""
    assert b.text_of(b"out of\n memory\x1b[2J\xe2\x80\xae\xff") == "out of memory[2J\ufffd"
    assert len(b.text_of(b"x" * 5000)) == 400


@pytest.mark.parametrize("length", [0, b.LENGTH_MAX + 1, 2**32 - 1])
def test_a_length_of_no_frame_is_refused(length: int) -> None:
    """Nothing is read for it."""
    with pytest.raises(WireError, match="a frame of"):
        b.length_of(struct.pack("<I", length))


@given(content=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Nothing but a WireError comes out of a reader, whatever a peer sends."""
    for read in (
        lambda: b.read_orders(content, 0, 1),
        lambda: b.read_answer(content, ("mode",)),
        lambda: b.read_samples(content, 8),
        lambda: b.kind_of(content or b"\0"),
    ):
        with contextlib.suppress(WireError):
            read()
