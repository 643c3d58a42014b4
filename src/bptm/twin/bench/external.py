"""A controller of somebody else on the bench, over TCP, in lock-step with the physics.

    ControllerGoneError     it hangs, has gone, or answers what is no answer; the text is the verdict on it

Whatever it does, the run ends with that verdict and a report of what was seen until then. Wall time serves only the
limits of waiting; the physics waits for the controller, so a slow one is not a wrong one.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bptm.compiled.bench import INPUT_NAMES, BenchMeter
from bptm.terms import core_metrology
from bptm.terms.core_bench_trace import TOLD_FIELDS
from bptm.twin.bench.judge import judge
from bptm.twin.bench.placing import RATE_HZ, placed, runs_of
from bptm.twin.bench.play import bench_of, run_of
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.reading_expected import read_expected
from bptm.twin.bench.run import Result, Run
from bptm.twin.bench.scenario import TICKS_PER_S, Scenario
from bptm.wire.bench_frames import (
    HEAD_BYTES,
    POWERED,
    STARTED,
    Answer,
    FrameKind,
    Hello,
    frame,
    hello_frame,
    kind_of,
    length_of,
    read_answer,
    read_orders,
    samples_frame,
    text_of,
)
from bptm.wire.errors import WireError

CHANNEL_NAMES = (
    "utility_l1_v",
    "utility_l2_v",
    "bus_l1_v",
    "bus_l2_v",
    "inlet_l1_v",
    "inlet_l2_v",
    "l1_a",
    "l2_a",
)
"""Channels in the order of CHANNEL_...."""
assert len(CHANNEL_NAMES) == core_metrology.CHANNELS


class ControllerGoneError(Exception):
    """The controller cannot go on; the text is the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the bench waits, by the wall clock.

    Attributes:
        arrive_s: For a controller to connect, or to be there.
        answer_s: For each of its answers.
    """

    arrive_s: float = 60.0
    answer_s: float = 10.0


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
        self._socket.settimeout(limits.answer_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._limits = limits

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
        try:
            self._socket.sendall(packed)
        except TimeoutError as error:
            raise ControllerGoneError(self._when(tick, f"took no frame for {self._limits.answer_s:g} s")) from error
        except OSError as error:
            raise ControllerGoneError(self._when(tick, "closed the connection")) from error

    def receive(self, tick: int, expected: FrameKind) -> bytes:
        """Content of the next frame.

        Raises:
            ControllerGoneError: None comes, or another one than expected.
        """
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

    def wrong(self, tick: int, error: WireError) -> ControllerGoneError:
        """An answer that is none."""
        return ControllerGoneError(self._when(tick, f"sent {error}"))

    def _when(self, tick: int, words: str) -> str:
        return f"the controller {words} (half-cycle {tick}, {tick / TICKS_PER_S:.3f} s into the run)"

    def _exactly(self, size: int, tick: int) -> bytes:
        got = bytearray()
        while len(got) < size:
            try:
                some = self._socket.recv(size - len(got))
            except TimeoutError as error:
                words = f"did not answer within {self._limits.answer_s:g} s"
                raise ControllerGoneError(self._when(tick, words)) from error
            except OSError as error:
                raise ControllerGoneError(self._when(tick, "closed the connection")) from error
            if not some:
                raise ControllerGoneError(self._when(tick, "closed the connection"))
            got += some
        return bytes(got)


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


def play_external(scenario: Scenario, link: Link, *, compiled: bool = True) -> tuple[list[Run], str]:
    """Every run of a scenario with the controller at the other end; `compiled` as in `play.play`.

    Returns:
        The runs, the last of them with its verdict when the controller ended it, and the controller's name.
    """
    runs: list[Run] = []
    name = "not known"
    for value, one in runs_of(scenario):
        bench = bench_of(one, compiled=compiled)
        ended = ""
        try:
            answer = _greet(link, bench, one)
            name = answer.controller
            _lock_step(link, bench, one, answer)
            link.send(frame(FrameKind.END, b"the run is over"), one.ticks)
        except ControllerGoneError as error:
            ended = str(error)
        runs.append(run_of(bench, one, value, ended))
        if ended:
            break
    return runs, name


def result_of(folder: Path, link: Link, *, compiled: bool = True) -> Result:
    """Plays a scenario with the controller at the other end, and judges it; says good-bye to it.

    Raises:
        ScenarioError: The scenario is not played.
    """
    begun_s = time.process_time()
    try:
        scenario = read_scenario(folder)
        expectations = read_expected(scenario)
        runs, name = play_external(scenario, link, compiled=compiled)
    finally:
        link.close("the bench is done")
    return Result(
        scenario=scenario,
        runs=tuple(runs),
        verdicts=judge(expectations, runs),
        controller=name,
        controller_hash="",
        took_s=time.process_time() - begun_s,
    )


def _greet(link: Link, bench: BenchMeter, scenario: Scenario) -> Answer:
    hello = Hello(
        scenario=scenario.name,
        ticks=scenario.ticks,
        rate_hz=RATE_HZ,
        channels=CHANNEL_NAMES,
        inputs=INPUT_NAMES,
        settings=bench.settings_told(),
    )
    link.send(hello_frame(hello), 0)
    content = link.receive(0, FrameKind.HELLO)
    try:
        return read_answer(content, (name for name, *_rest in TOLD_FIELDS))
    except WireError as error:
        raise link.wrong(0, error) from error


def _lock_step(link: Link, bench: BenchMeter, scenario: Scenario, answer: Answer) -> None:
    changes = placed(scenario.changes)
    for tick in range(scenario.ticks):
        bench.produce(changes if tick == 0 else None)
        if not bench.powered:
            bench.apply(0, 0)
            continue
        flags = POWERED | (STARTED if bench.started else 0)
        link.send(samples_frame(tick, flags, bench.samples, bench.inputs), tick)
        content = link.receive(tick, FrameKind.ORDERS)
        try:
            orders = read_orders(content, tick, len(answer.told))
        except WireError as error:
            raise link.wrong(tick, error) from error
        bench.apply(orders.u_order, orders.b_order, dict(zip(answer.told, orders.told, strict=True)))
