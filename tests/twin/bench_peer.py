"""A controller of somebody else for tests: in a thread, behind a real socket, answering whatever it is told to."""

import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from bptm.terms.codes import Mode
from bptm.twin.bench.external import Watch, result_of
from bptm.twin.bench.link import Limits, Link, connect
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.reading_expected import read_expected
from bptm.twin.bench.run import Result
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


def judged(folder: Path, link: Link, *, compiled: bool = True, watch: Watch | None = None) -> Result:
    """A scenario of a folder, played with the controller at the other end."""
    scenario = read_scenario(folder)
    return result_of(scenario, read_expected(scenario), link, compiled=compiled, watch=watch)


Told = Callable[[socket.socket, int], bool]
"""Called with connection and half-cycle for each SAMPLES; False ends the controller."""


def write_scenario(folder: Path, *, scenario: str = SCENARIO, expected: str = EXPECTED) -> Path:
    """A scenario of 12 half-cycles, so that plain CPython plays it."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(scenario)
    (folder / "expected.toml").write_text(expected)
    return folder


class Peer:
    """A controller in a thread of its own: answers HELLO well, and the rest as it is told."""

    def __init__(self, answer: Told, hello: bytes | None = None, told: tuple[str, ...] = ("mode",)) -> None:
        """Listens at a port of its own.

        Args:
            answer: To each SAMPLES.
            hello: In the place of a good answer to HELLO.
            told: What a good answer says that it tells.
        """
        self._answer = answer
        self._hello = hello or frames.answer_frame(frames.Answer(controller="a-peer", told=told))
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

    def link(self, limits: Limits = SHORT) -> Link:
        """A connection of the bench to it."""
        return connect("127.0.0.1", self.port, limits)

    def end(self) -> None:
        """Waits until it is gone."""
        self._server.close()
        self._thread.join(5.0)


def packed(tick: int, told: tuple[float, ...] = (float(Mode.ON_UTILITY),)) -> bytes:
    """Good orders: U as it stands, B open."""
    return frames.orders_frame(frames.Orders(tick=tick, u_order=0, b_order=1, told=told))


def orders(connection: socket.socket, tick: int) -> bool:
    """Answers with good orders and the mode."""
    connection.sendall(packed(tick))
    return True


def untold(connection: socket.socket, tick: int) -> bool:
    """Answers with good orders, and tells nothing."""
    connection.sendall(packed(tick, ()))
    return True


def tells(*values: float) -> Told:
    """Good orders until half-cycle 3, all that is told at 0, and from then on these values."""

    def answer(connection: socket.socket, tick: int) -> bool:
        connection.sendall(packed(tick, values if tick >= 3 else tuple(0.0 for _value in values)))
        return True

    return answer


def speaks(content: Callable[[int], bytes]) -> Told:
    """Sends this at half-cycle 3 in the place of orders."""

    def answer(connection: socket.socket, tick: int) -> bool:
        if tick < 3:
            return orders(connection, tick)
        connection.sendall(content(tick))
        return True

    return answer


def paced(pause_s: float, *, bytewise: bool = False) -> Told:
    """Answers after a pause; or with a pause after each byte."""
    never = threading.Event()

    def answer(connection: socket.socket, tick: int) -> bool:
        whole = packed(tick)
        try:
            for some in (whole[place : place + 1] for place in range(len(whole))) if bytewise else (whole,):
                never.wait(pause_s)
                connection.sendall(some)
        except OSError:
            # The bench has had enough.
            return False
        return True

    return answer
