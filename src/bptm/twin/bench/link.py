"""The line to a controller of somebody else: frames over TCP, each answer with one deadline, and how long it took.

    ControllerGoneError     it hangs, has gone, or answers what is no answer; the text is the verdict on it

Nothing here knows what is played.
"""

import ipaddress
import socket
import statistics
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from bptm.twin.bench.run import AnswerTimes
from bptm.twin.bench.scenario import TICKS_PER_S
from bptm.wire.bench_frames import HEAD_BYTES, FrameKind, frame, kind_of, length_of, text_of
from bptm.wire.errors import WireError


class ControllerGoneError(Exception):
    """The controller cannot go on; the text is the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the bench waits, by the wall clock.

    Attributes:
        arrive_s: For a controller to connect, or to be there.
        answer_s: For each of its answers, from the frame that asks to the last byte.
        run_s: For all its answers together, over every run of a sweep; what the physics takes does not count.
    """

    arrive_s: float = 60.0
    answer_s: float = 10.0
    run_s: float = 3600.0


def address_of(text: str) -> tuple[str, int] | str:
    """Host and port of `HOST:PORT`, or a sentence that says what is wrong with it."""
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65_535:  # noqa: PLR2004  ports
        return f"{text!r} is no HOST:PORT; write 127.0.0.1:4747"
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Link:
    """A connection to a controller, and its frames."""

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        """Takes over the connection."""
        self._socket = connection
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._limits = limits
        self._asked_at_s = time.monotonic()
        self._waited_s = 0.0
        self._took_s = array("d")
        self._worst_s = 0.0
        self._worst_tick = 0

    def close(self, words: str) -> None:
        """Says good-bye where it is still heard."""
        try:
            self.send(frame(FrameKind.BYE, words.encode()), 0)
        except ControllerGoneError:
            pass
        finally:
            self._socket.close()

    def send(self, packed: bytes, tick: int) -> None:
        """Sends a whole frame.

        Raises:
            ControllerGoneError: It takes none.
        """
        self._asked_at_s = time.monotonic()
        try:
            # For a sendall the limit is on the whole of it.
            self._socket.settimeout(self._limits.answer_s)
            self._socket.sendall(packed)
        except TimeoutError as error:
            raise ControllerGoneError(self._when(tick, f"took no frame for {self._limits.answer_s:g} s")) from error
        except OSError as error:
            raise ControllerGoneError(self._when(tick, "closed the connection")) from error

    def receive(self, tick: int, expected: FrameKind) -> bytes:
        """Content of the next frame.

        Raises:
            ControllerGoneError: None comes in time, or another one than expected.
        """
        try:
            return self._frame(tick, expected)
        finally:
            self._waited_s += time.monotonic() - self._asked_at_s

    def answered(self, tick: int) -> None:
        """Takes down how long the answer to this half-cycle took."""
        took_s = time.monotonic() - self._asked_at_s
        self._took_s.append(took_s)
        if took_s > self._worst_s:
            self._worst_s, self._worst_tick = took_s, tick

    @property
    def worst_s(self) -> float:
        """Slowest answer so far."""
        return self._worst_s

    def answers(self) -> AnswerTimes:
        """How long its answers took so far."""
        return AnswerTimes(
            count=len(self._took_s),
            total_s=self._waited_s,
            median_s=statistics.median(self._took_s) if self._took_s else 0.0,
            worst_s=self._worst_s,
            worst_tick=self._worst_tick,
        )

    def _frame(self, tick: int, expected: FrameKind) -> bytes:
        try:
            body = self._exactly(length_of(self._exactly(HEAD_BYTES, tick)), tick)
            kind = kind_of(body)
        except WireError as error:
            raise ControllerGoneError(self._when(tick, f"sent {error}")) from error
        if kind is FrameKind.SORRY:
            raise ControllerGoneError(self._when(tick, f"gave up: {text_of(body[1:])}"))
        if kind is not expected:
            raise ControllerGoneError(self._when(tick, f"sent {kind.name}, expected {expected.name}"))
        return body[1:]

    def wrong(self, tick: int, words: str) -> ControllerGoneError:
        """An answer that is none."""
        return ControllerGoneError(self._when(tick, words))

    def _when(self, tick: int, words: str) -> str:
        return f"the controller {words} (half-cycle {tick}, {tick / TICKS_PER_S:.3f} s into the run)"

    def _exactly(self, size: int, tick: int) -> bytes:
        got = bytearray()
        # One deadline for the whole answer: a byte now and then does not move it.
        left_s = self._limits.run_s - self._waited_s
        deadline_s = self._asked_at_s + min(self._limits.answer_s, left_s)
        while len(got) < size:
            wait_s = deadline_s - time.monotonic()
            if wait_s <= 0.0:
                raise self._late(tick, len(got), size, all_of_it=left_s < self._limits.answer_s)
            try:
                self._socket.settimeout(wait_s)
                some = self._socket.recv(size - len(got))
            except TimeoutError:
                continue
            except OSError as error:
                raise ControllerGoneError(self._when(tick, "closed the connection")) from error
            if not some:
                raise ControllerGoneError(self._when(tick, "closed the connection"))
            got += some
        return bytes(got)

    def _late(self, tick: int, got: int, size: int, *, all_of_it: bool) -> ControllerGoneError:
        if not all_of_it:
            some = f", {got} of {size} bytes came" if got else ""
            return ControllerGoneError(self._when(tick, f"did not answer within {self._limits.answer_s:g} s{some}"))
        waited_s = self._waited_s + time.monotonic() - self._asked_at_s
        words = (
            f"answered late: {waited_s:.3g} s for {len(self._took_s)} half-cycles, slowest {self._worst_s:.3g} s; "
            f"all its answers may take {self._limits.run_s:g} s (--run-s)"
        )
        return ControllerGoneError(self._when(tick, words))


def listen(host: str, port: int, limits: Limits, say: Callable[[str], None]) -> Link:
    """Waits for a controller to connect.

    Raises:
        ControllerGoneError: None does.
        OSError: The address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as server:
        server.settimeout(limits.arrive_s)
        taken = server.getsockname()
        say(f"waiting for a controller at {taken[0]}:{taken[1]}")
        try:
            connection, _peer = server.accept()
        except TimeoutError as error:
            msg = f"no controller connected within {limits.arrive_s:g} s"
            raise ControllerGoneError(msg) from error
    return Link(connection, limits)


def connect(host: str, port: int, limits: Limits) -> Link:
    """Connects to a controller that listens.

    Raises:
        ControllerGoneError: Nobody is there.
    """
    try:
        return Link(socket.create_connection((host, port), timeout=limits.arrive_s), limits)
    except OSError as error:
        msg = f"no controller at {host}:{port} ({error.strerror or error})"
        raise ControllerGoneError(msg) from error
