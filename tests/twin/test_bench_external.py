"""Controllers of somebody else on the bench: over a real socket, and everything that they can do wrong."""

import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bptm.terms.codes import Mode
from bptm.twin.bench.external import Limits, Link, address_of, connect, is_loopback, result_of
from bptm.wire import bench_frames as frames

SHORT = Limits(arrive_s=5.0, answer_s=0.4)
"""Wall time that a test waits for what does not come."""

SCENARIO = """title = "A tenth of a second"
duration_s = 0.1
[[at]]
at_s = 0.05
premise.resistive_l1_w = 900
"""
EXPECTED = """[[expect]]
name = "U stays closed"
origin = "closed form: nobody orders it open"
measure = "min u_poles"
at_least = 3
"""


class Peer:
    """A controller in a thread of its own: answers HELLO well, and the rest as it is told."""

    def __init__(self, answer: Callable[[socket.socket, int], bool], hello: bytes | None = None) -> None:
        """Listens at a port of its own.

        Args:
            answer: Called with connection and half-cycle for each SAMPLES; False ends it.
            hello: In the place of a good answer to HELLO.
        """
        self._answer = answer
        self._hello = hello or frames.answer_frame(frames.Answer(controller="a-peer", told=("mode",)))
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _peer = self._server.accept()
        with connection, connection.makefile("rb") as file:
            while True:
                head = file.read(5)
                if len(head) < 5:
                    return
                length, kind = struct.unpack("<IB", head)
                content = file.read(length - 1)
                if kind == frames.FrameKind.HELLO:
                    connection.sendall(self._hello)
                elif kind == frames.FrameKind.SAMPLES:
                    if not self._answer(connection, struct.unpack_from("<I", content)[0]):
                        return
                elif kind == frames.FrameKind.BYE:
                    return

    def link(self) -> Link:
        """A connection of the bench to it."""
        return connect("127.0.0.1", self.port, SHORT)

    def end(self) -> None:
        """Waits until it is gone."""
        self._server.close()
        self._thread.join(5.0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A scenario of 12 half-cycles, so that plain CPython plays it."""
    folder = tmp_path / "a-tenth"
    folder.mkdir()
    (folder / "scenario.toml").write_text(SCENARIO)
    (folder / "expected.toml").write_text(EXPECTED)
    return folder


def orders(connection: socket.socket, tick: int, u_order: int = 0, b_order: int = 1) -> bool:
    """Good orders: U as it stands, B open."""
    told = (float(Mode.ON_UTILITY),)
    connection.sendall(frames.orders_frame(frames.Orders(tick=tick, u_order=u_order, b_order=b_order, told=told)))
    return True


def test_a_controller_that_answers_plays_to_the_end(home: Path) -> None:
    """Its name, its mode and the verdict stand in the result."""
    peer = Peer(orders)
    result = result_of(home, peer.link(), compiled=False)
    peer.end()
    assert (result.ended, result.passed, result.controller) == ("", True, "a-peer")
    assert len(result.runs[0].rows) == 12
    assert set(result.runs[0].rows["mode"]) == {Mode.ON_UTILITY}


def hangs(connection: socket.socket, tick: int) -> bool:
    """Answers until half-cycle 3, and then waits for ever."""
    return orders(connection, tick) if tick < 3 else True


def leaves(connection: socket.socket, tick: int) -> bool:
    """Closes the socket at half-cycle 3."""
    return orders(connection, tick) if tick < 3 else False


def speaks(packed: Callable[[int], bytes]) -> Callable[[socket.socket, int], bool]:
    """Sends this at half-cycle 3 in the place of orders."""

    def answer(connection: socket.socket, tick: int) -> bool:
        if tick < 3:
            return orders(connection, tick)
        connection.sendall(packed(tick))
        return True

    return answer


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
def test_a_controller_that_cannot_go_on_ends_the_run_with_a_verdict(
    home: Path, answer: Callable[[socket.socket, int], bool], words: str
) -> None:
    """It hangs, closes, or answers nonsense: one sentence, not passed, and the rows seen until then."""
    peer = Peer(answer)
    result = result_of(home, peer.link(), compiled=False)
    peer.end()
    assert words in result.ended
    assert not result.passed
    assert len(result.runs[0].rows) == 3


def test_a_controller_of_another_version_is_refused_before_the_run(home: Path) -> None:
    """The version seen and the one expected."""
    peer = Peer(orders, hello=frames.frame(frames.FrameKind.HELLO, b"protocol bptm-bench 7\ncontroller x\n"))
    result = result_of(home, peer.link(), compiled=False)
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
