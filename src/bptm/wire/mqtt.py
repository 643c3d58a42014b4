"""MQTT 3.1.1, the client's side, sans I/O: bytes in, events out.

A host owns the socket: it feeds what it reads, handles the events, and writes what `take_output` gives, after every
call. Only what the meters need is here: QoS 0 and 1 both ways, subscriptions at QoS 0, clean sessions. A peer that
breaks the protocol makes `feed` raise `MqttError`; the connection is then of no more use.

Source: OASIS MQTT Version 3.1.1 (mqtt-v3.1.1-os); numbers in brackets are its normative statements.
"""

from dataclasses import dataclass
from enum import Enum, auto

from bptm.wire.errors import MqttError

PACKET_BYTES_MAX = 65536 + 256
"""Longest packet taken from a broker: our longest message and a topic."""

IN_FLIGHT_MAX = 1024
"""Unacknowledged QoS 1 publishes at most; far above the session's window, far below the 65,535 packet ids."""

_TEXT_BYTES_MAX = 65535
_CONNECT, _CONNACK, _PUBLISH, _PUBACK = 0x10, 0x20, 0x30, 0x40
_SUBSCRIBE, _SUBACK, _PINGREQ, _PINGRESP, _DISCONNECT = 0x82, 0x90, 0xC0, 0xD0, 0xE0
_LENGTH_BYTES_MAX = 4
_MORE_LENGTH = 0x80
_CONNACK_BYTES = 2
_SUBACK_FAILURE = 0x80
_KEEP_ALIVE_MAX_S = 65535

_CONNECT_REFUSALS = {
    1: "it does not speak MQTT 3.1.1",
    2: "it rejects the client id",
    3: "it is not available",
    4: "user name or password are wrong",
    5: "this client is not authorised",
}


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker took the connection."""

    session_present: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A message came. At QoS 1 its acknowledgement is already in the output."""

    topic: str
    payload: bytes
    qos: int
    retained: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """The broker has the publish with this packet id."""

    packet_id: int


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The broker answered a subscription; `granted` is False where it said no."""

    packet_id: int
    granted: bool


@dataclass(frozen=True, slots=True)
class Pong:
    """The broker answered a ping."""


MqttEvent = Connected | Received | Delivered | Subscribed | Pong

_PONG = Pong()


class _State(Enum):
    NEW = auto()
    CONNECTING = auto()
    CONNECTED = auto()
    CLOSED = auto()


class MqttClient:
    """One connection's state. Made anew for each connection; not thread-safe."""

    __slots__ = ("_in_flight", "_last_id", "_output", "_partial", "_state", "_subscribing")

    def __init__(self) -> None:
        """A connection on which nothing was said yet."""
        self._state = _State.NEW
        self._output: list[bytes] = []
        self._partial = b""
        self._last_id = 0
        self._in_flight: set[int] = set()
        self._subscribing: set[int] = set()

    @property
    def connected(self) -> bool:
        """The broker took the connection and nobody has ended it."""
        return self._state is _State.CONNECTED

    @property
    def in_flight_count(self) -> int:
        """QoS 1 publishes not acknowledged by the broker."""
        return len(self._in_flight)

    def take_output(self) -> bytes:
        """Bytes to write now; they count as written."""
        output = self._output
        if not output:
            return b""
        joined = output[0] if len(output) == 1 else b"".join(output)
        output.clear()
        return joined

    def connect(
        self, client_id: str, *, keep_alive_s: int = 60, user: str | None = None, password: str | None = None
    ) -> None:
        """Ask for a clean session. The first thing on a connection [MQTT-3.1.0-1].

        Raises:
            ValueError: Not the first thing; a keep-alive outside 0..65535; a password without a user [MQTT-3.1.2-22].
        """
        self._need(_State.NEW, "CONNECT")
        if not 0 <= keep_alive_s <= _KEEP_ALIVE_MAX_S:
            msg = f"keep-alive {keep_alive_s} s, expected 0 to {_KEEP_ALIVE_MAX_S}"
            raise ValueError(msg)
        if password is not None and user is None:
            msg = "a password needs a user name"
            raise ValueError(msg)
        flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
        body = b"\x00\x04MQTT\x04" + bytes((flags,)) + keep_alive_s.to_bytes(2, "big") + _text(client_id)
        for credential in (user, password):
            if credential is not None:
                body += _text(credential)
        self._output.append(_packet(_CONNECT, body))
        self._state = _State.CONNECTING

    def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> int:
        """Publish; returns the packet id that `Delivered` will name, 0 at QoS 0.

        Raises:
            ValueError: Not connected; another QoS than 0 or 1; a wildcard in the topic; too many under way.
        """
        self._need(_State.CONNECTED, "PUBLISH")
        if not topic or "+" in topic or "#" in topic:
            msg = f"topic {topic!r} is empty or has a wildcard; a publish names one topic"
            raise ValueError(msg)
        if qos == 0:
            self._output.append(_packet(_PUBLISH, _text(topic) + payload))
            return 0
        if qos != 1:
            msg = f"QoS {qos}, expected 0 or 1"
            raise ValueError(msg)
        if len(self._in_flight) >= IN_FLIGHT_MAX:
            msg = f"{IN_FLIGHT_MAX} publishes are not acknowledged yet; wait for some"
            raise ValueError(msg)
        packet_id = self._new_id()
        self._in_flight.add(packet_id)
        self._output.append(_packet(_PUBLISH | 0x02, _text(topic) + packet_id.to_bytes(2, "big") + payload))
        return packet_id

    def subscribe(self, topic: str) -> int:
        """Subscribe at QoS 0; returns the packet id that `Subscribed` will name.

        QoS 0 because each QoS 1 subscription is a consumer of its own in NATS: a thousand of them stall it.

        Raises:
            ValueError: Not connected, or an empty topic.
        """
        self._need(_State.CONNECTED, "SUBSCRIBE")
        if not topic:
            msg = "the topic of a subscription is empty"
            raise ValueError(msg)
        packet_id = self._new_id()
        self._subscribing.add(packet_id)
        self._output.append(_packet(_SUBSCRIBE, packet_id.to_bytes(2, "big") + _text(topic) + b"\x00"))
        return packet_id

    def ping(self) -> None:
        """Ask for a sign of life.

        Raises:
            ValueError: Not connected.
        """
        self._need(_State.CONNECTED, "PINGREQ")
        self._output.append(b"\xc0\x00")

    def disconnect(self) -> None:
        """Say good-bye; nothing may follow. Harmless in any state."""
        if self._state is _State.CONNECTED:
            self._output.append(b"\xe0\x00")
        self._state = _State.CLOSED

    def feed(self, received: bytes) -> list[MqttEvent]:
        """What the received bytes mean. Packets may come in any pieces.

        Raises:
            MqttError: The peer broke the protocol or refused the connection; close it.
        """
        if self._state is _State.CLOSED:
            return []
        buffered = self._partial + received if self._partial else received
        self._partial = b""
        events: list[MqttEvent] = []
        at = 0
        try:
            while (end := _end_of_packet(buffered, at)) is not None:
                start, stop = end
                event = self._take_packet(buffered[at], buffered[start:stop])
                if event is not None:
                    events.append(event)
                at = stop
        except MqttError:
            self._state = _State.CLOSED
            raise
        if at < len(buffered):
            self._partial = buffered[at:]
        return events

    def _take_packet(self, head: int, body: bytes) -> MqttEvent | None:
        """One whole packet."""
        if self._state is _State.NEW:
            msg = f"the broker spoke first (packet type {head >> 4})"
            raise MqttError(msg)
        if self._state is _State.CONNECTING:
            return self._take_connack(head, body)
        if head & 0xF0 == _PUBLISH:
            return self._take_publish(head, body)
        if head == _PUBACK:
            packet_id = _id_of(body, "PUBACK", 2)
            if packet_id not in self._in_flight:
                msg = f"PUBACK for packet {packet_id}, which is not under way"
                raise MqttError(msg)
            self._in_flight.discard(packet_id)
            return Delivered(packet_id)
        if head == _SUBACK:
            return self._take_suback(body)
        if head == _PINGRESP:
            if body:
                msg = f"PINGRESP with {len(body)} bytes, expected none"
                raise MqttError(msg)
            return _PONG
        msg = f"packet with first byte 0x{head:02x} does not belong to a client's connection"
        raise MqttError(msg)

    def _take_connack(self, head: int, body: bytes) -> Connected:
        if head != _CONNACK or len(body) != _CONNACK_BYTES:
            msg = f"expected CONNACK, found first byte 0x{head:02x} with {len(body)} bytes"
            raise MqttError(msg)
        flags, code = body
        if code:
            why = _CONNECT_REFUSALS.get(code, f"return code {code}")
            msg = f"the broker refused the connection: {why}"
            raise MqttError(msg)
        if flags:
            # A clean session was asked for, so no session may be present [MQTT-3.2.2-1].
            msg = f"CONNACK flags 0x{flags:02x} to a clean session, expected 0"
            raise MqttError(msg)
        self._state = _State.CONNECTED
        return Connected(session_present=False)

    def _take_publish(self, head: int, body: bytes) -> Received:
        qos = (head >> 1) & 3
        if qos > 1:
            msg = f"PUBLISH at QoS {qos}, asked for 0"
            raise MqttError(msg)
        topic_end = 2 + int.from_bytes(body[:2], "big")
        payload_at = topic_end + 2 * qos
        if len(body) < max(2, payload_at):
            msg = f"PUBLISH of {len(body)} bytes is shorter than its topic says"
            raise MqttError(msg)
        try:
            topic = body[2:topic_end].decode()
        except UnicodeDecodeError as error:
            msg = f"PUBLISH with a topic that is not UTF-8: {body[2:topic_end][:40]!r}"
            raise MqttError(msg) from error
        if qos:
            packet_id = _id_of(body[topic_end:payload_at], "PUBLISH", 2)
            self._output.append(b"\x40\x02" + packet_id.to_bytes(2, "big"))
        return Received(topic, body[payload_at:], qos, bool(head & 1))

    def _take_suback(self, body: bytes) -> Subscribed:
        packet_id = _id_of(body, "SUBACK", 3)
        if packet_id not in self._subscribing:
            msg = f"SUBACK for packet {packet_id}, which is no subscription under way"
            raise MqttError(msg)
        self._subscribing.discard(packet_id)
        if body[2] not in {0, 1, 2, _SUBACK_FAILURE}:
            msg = f"SUBACK with return code 0x{body[2]:02x}"
            raise MqttError(msg)
        return Subscribed(packet_id, body[2] != _SUBACK_FAILURE)

    def _new_id(self) -> int:
        """The next packet id that is not in use, 1 to 65535."""
        while True:
            self._last_id = self._last_id % 65535 + 1
            if self._last_id not in self._in_flight and self._last_id not in self._subscribing:
                return self._last_id

    def _need(self, state: _State, what: str) -> None:
        if self._state is not state:
            msg = f"{what} while {self._state.name.lower()}, expected {state.name.lower()}"
            raise ValueError(msg)


def _end_of_packet(buffered: bytes, at: int) -> tuple[int, int] | None:
    """Start and end of the body of the packet at `at`; None while it is not complete."""
    length = 0
    for place in range(_LENGTH_BYTES_MAX):
        index = at + 1 + place
        if index >= len(buffered):
            return None
        byte = buffered[index]
        length |= (byte & 0x7F) << (7 * place)
        if length > PACKET_BYTES_MAX:
            msg = f"a packet of at least {length} bytes, the limit is {PACKET_BYTES_MAX}"
            raise MqttError(msg)
        if byte < _MORE_LENGTH:
            start = index + 1
            return (start, start + length) if start + length <= len(buffered) else None
    msg = "a packet length of more than four bytes"
    raise MqttError(msg)


def _packet(head: int, body: bytes) -> bytes:
    length = len(body)
    if length < _MORE_LENGTH:
        return bytes((head, length)) + body
    encoded = bytearray((head,))
    while length:
        length, byte = length >> 7, length & 0x7F
        encoded.append(byte | (_MORE_LENGTH if length else 0))
    return bytes(encoded) + body


def _text(value: str) -> bytes:
    encoded = value.encode()
    if len(encoded) > _TEXT_BYTES_MAX or "\0" in value:
        msg = f"text of {len(encoded)} bytes, expected at most {_TEXT_BYTES_MAX} and no null character"
        raise ValueError(msg)
    return len(encoded).to_bytes(2, "big") + encoded


def _id_of(body: bytes, what: str, length: int) -> int:
    """The packet id at the head of a body of exactly `length` bytes; never 0 [MQTT-2.3.1-1]."""
    if len(body) != length:
        msg = f"{what} with {len(body)} bytes, expected {length}"
        raise MqttError(msg)
    packet_id = int.from_bytes(body[:2], "big")
    if packet_id == 0:
        msg = f"{what} with packet id 0"
        raise MqttError(msg)
    return packet_id
