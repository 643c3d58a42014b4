"""Frames of the bench protocol: samples to a controller under test, its orders back, one of each for a half-cycle.

    frame    = length (u32) kind (u8) content        length counts kind and content; all numbers little-endian
    HELLO    both ways, text: one `name value` a line, the first `protocol bptm-bench 1`
    SAMPLES  to the controller: tick (u32) flags (u8) n (u16), n times one f64 a channel, one f64 an input
    ORDERS   from the controller: tick (u32) order to U (u8) order to B (u8), one f64 for each name it tells
    END      to the controller, text: the run is over, and why; a HELLO follows when another run does
    BYE      to the controller, text: nothing follows
    SORRY    from the controller, text: it cannot go on, and why

Lock-step: the bench waits for the ORDERS of each SAMPLES. No sockets here. docs/reference/bench-protocol.md.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bptm.wire.errors import WireError

PROTOCOL = "bptm-bench 1"
HEAD_BYTES = 4
LENGTH_MAX = 1 << 20
"""A half-cycle is some 4 kB; a length beyond this is no frame of ours."""
TOLD_MAX = 64
NAME_MAX = 80
"""Characters of a controller's name; longer ones spoil every page they stand on."""
ORDER_MAX = 2

STARTED = 1
"""Flag: the controller has just got power, or came out of reset; it starts before it takes this half-cycle."""
POWERED = 2
"""Flag: it has power. Without it the bench takes no orders and sends no samples."""


class FrameKind(IntEnum):
    """What a frame is."""

    HELLO = 1
    SAMPLES = 2
    ORDERS = 3
    END = 4
    BYE = 5
    SORRY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What the bench says first.

    Attributes:
        scenario: Name of what is played.
        ticks: Half-cycles that it lasts.
        rate_hz: Samples a second.
        channels: Names of the sampled channels, in their order.
        inputs: Names of the digital inputs and temperatures, in their order.
        settings: Settings of controller and metrology, by name with their section.
    """

    scenario: str
    ticks: int
    rate_hz: int
    channels: tuple[str, ...]
    inputs: tuple[str, ...]
    settings: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a controller answers to it.

    Attributes:
        controller: Its name.
        told: Names of what it tells beside its orders, in their order.
    """

    controller: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders for one half-cycle. ORDER_NONE 0, ORDER_OPEN 1, ORDER_CLOSE 2."""

    tick: int
    u_order: int
    b_order: int
    told: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One half-cycle for the controller."""

    tick: int
    flags: int
    samples: NDArray[np.float64]
    inputs: tuple[float, ...]


def frame(kind: FrameKind, content: bytes) -> bytes:
    """A whole frame."""
    return struct.pack("<IB", len(content) + 1, kind) + content


def length_of(head: bytes) -> int:
    """How many bytes follow these four.

    Raises:
        WireError: No frame is so long.
    """
    (length,) = struct.unpack("<I", head)
    if not 1 <= length <= LENGTH_MAX:
        msg = f"a frame of {length} bytes, expected 1 to {LENGTH_MAX}"
        raise WireError(msg)
    return length


def hello_frame(hello: Hello) -> bytes:
    """The bench's first frame of a run."""
    lines = [("protocol", PROTOCOL), ("scenario", hello.scenario), ("ticks", str(hello.ticks))]
    lines += [("rate_hz", str(hello.rate_hz))]
    lines += [("channel", name) for name in hello.channels]
    lines += [("input", name) for name in hello.inputs]
    lines += [("setting", f"{name} {float(value)!r}") for name, value in hello.settings.items()]
    return frame(FrameKind.HELLO, _text(lines))


def read_hello(content: bytes) -> Hello:
    """The bench's first frame, for controllers in Python.

    Raises:
        WireError: Not of this protocol and version.
    """
    lines = _lines(content)
    settings = (line.rsplit(" ", 1) for line in lines.get("setting", []))
    return Hello(
        scenario=_one(lines, "scenario"),
        ticks=int(_one(lines, "ticks")),
        rate_hz=int(_one(lines, "rate_hz")),
        channels=tuple(lines.get("channel", [])),
        inputs=tuple(lines.get("input", [])),
        settings={name: float(value) for name, value in settings},
    )


def answer_frame(answer: Answer) -> bytes:
    """A controller's answer to HELLO."""
    told = [("told", name) for name in answer.told]
    return frame(FrameKind.HELLO, _text([("protocol", PROTOCOL), ("controller", answer.controller), *told]))


def read_answer(content: bytes, known: Iterable[str]) -> Answer:
    """What a controller answered.

    Args:
        content: Of its HELLO.
        known: Names that it may tell.

    Raises:
        WireError: Another protocol or version, no name, too long a one, or something told that nobody knows.
    """
    lines = _lines(content)
    told = tuple(lines.get("told", []))
    strange = sorted(set(told) - set(known))
    if strange:
        msg = f"'told {strange[0][:NAME_MAX]}', which is no column of a run's trace"
        raise WireError(msg)
    if len(told) > TOLD_MAX or len(set(told)) < len(told):
        msg = f"{len(told)} lines 'told', expected at most {TOLD_MAX}, each once"
        raise WireError(msg)
    controller = _one(lines, "controller")
    if len(controller) > NAME_MAX or not controller.isprintable():
        msg = f"a controller's name of {len(controller)} characters, expected at most {NAME_MAX} that can be printed"
        raise WireError(msg)
    return Answer(controller=controller, told=told)


def samples_frame(tick: int, flags: int, samples: NDArray[np.float64], inputs: Sequence[float]) -> bytes:
    """One half-cycle for the controller; `samples` has a row a sample and a column a channel."""
    head = struct.pack("<IBH", tick, flags, len(samples))
    block = np.ascontiguousarray(samples, "<f8").tobytes()
    return frame(FrameKind.SAMPLES, head + block + struct.pack(f"<{len(inputs)}d", *inputs))


def read_samples(content: bytes, channels: int) -> Samples:
    """One half-cycle, for controllers in Python.

    Raises:
        WireError: Too short for what it says.
    """
    try:
        tick, flags, count = struct.unpack_from("<IBH", content)
        size = count * channels * 8
        rest = content[7:]
        samples = np.frombuffer(rest[:size], "<f8").reshape(count, channels)
        inputs = struct.unpack(f"<{(len(rest) - size) // 8}d", rest[size:])
    except (struct.error, ValueError) as error:
        msg = f"SAMPLES of {len(content)} bytes do not hold what they say"
        raise WireError(msg) from error
    return Samples(tick=tick, flags=flags, samples=samples, inputs=inputs)


def orders_frame(orders: Orders) -> bytes:
    """A controller's orders."""
    head = struct.pack("<IBB", orders.tick, orders.u_order, orders.b_order)
    return frame(FrameKind.ORDERS, head + struct.pack(f"<{len(orders.told)}d", *orders.told))


def read_orders(content: bytes, tick: int, told: int) -> Orders:
    """Orders for this half-cycle.

    Args:
        content: Of the frame.
        tick: The half-cycle that was sent.
        told: How many values the controller said it tells.

    Raises:
        WireError: For another half-cycle, too long or short, or no orders.
    """
    size = 6 + 8 * told
    if len(content) != size:
        msg = f"ORDERS of {len(content)} bytes, expected {size}"
        raise WireError(msg)
    seen, u_order, b_order, *values = struct.unpack(f"<IBB{told}d", content)
    if seen != tick:
        msg = f"ORDERS for half-cycle {seen}, expected {tick}"
        raise WireError(msg)
    for contactor, order in (("U", u_order), ("B", b_order)):
        if order > ORDER_MAX:
            msg = f"order {order} to {contactor}, expected 0 (none), 1 (open) or 2 (close)"
            raise WireError(msg)
    for place, value in enumerate(values, start=1):
        if not math.isfinite(value):
            msg = f"{value} as number {place} of the {told} values that it tells, which is no number"
            raise WireError(msg)
    return Orders(tick=seen, u_order=u_order, b_order=b_order, told=tuple(values))


def text_of(content: bytes) -> str:
    """Text of END, BYE and SORRY, on one line and not too long; what moves a terminal's cursor is left out."""
    words = " ".join(content[:400].decode("utf-8", "replace").split())
    return "".join(character for character in words if character.isprintable())


def kind_of(body: bytes) -> FrameKind:
    """Kind of a frame without its length.

    Raises:
        WireError: No kind of this protocol.
    """
    try:
        return FrameKind(body[0])
    except ValueError as error:
        msg = f"a frame of kind {body[0]}, which this protocol does not have"
        raise WireError(msg) from error


def _text(lines: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name} {value}\n" for name, value in lines).encode()


def _lines(content: bytes) -> dict[str, list[str]]:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        msg = "a HELLO that is no UTF-8 text"
        raise WireError(msg) from error
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _space, value = line.partition(" ")
        found.setdefault(name, []).append(value.strip())
    if _one(found, "protocol") != PROTOCOL:
        msg = f"protocol {found['protocol'][0][:NAME_MAX]!r}, expected {PROTOCOL!r}"
        raise WireError(msg)
    return found


def _one(lines: Mapping[str, list[str]], name: str) -> str:
    values = lines.get(name, [])
    if len(values) != 1 or not values[0]:
        msg = f"a HELLO with {len(values)} lines {name!r}, expected one"
        raise WireError(msg)
    return values[0]
