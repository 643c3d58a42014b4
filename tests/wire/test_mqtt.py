"""MQTT 3.1.1, the client's side: packets as the standard writes them, in any pieces, and broken peers refused."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.wire.errors import MqttError
from bptm.wire.mqtt import (
    IN_FLIGHT_MAX,
    PACKET_BYTES_MAX,
    Connected,
    Delivered,
    MqttClient,
    MqttEvent,
    Pong,
    Received,
    Subscribed,
)

_WORD = "p"
_CONNACK = b"\x20\x02\x00\x00"


def _joined() -> MqttClient:
    client = MqttClient()
    client.connect("BPTM-000001")
    client.take_output()
    assert client.feed(_CONNACK) == [Connected(session_present=False)]
    return client


def _length(length: int) -> bytes:
    """Remaining length, written the way of the standard's own pseudo-code (2.2.3)."""
    encoded = b""
    while True:
        length, byte = divmod(length, 128)
        encoded += bytes((byte | (128 if length else 0),))
        if not length:
            return encoded


def _publish(topic: str, payload: bytes, qos: int = 0, packet_id: int = 1, *, retained: bool = False) -> bytes:
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + (packet_id.to_bytes(2, "big") if qos else b"") + payload
    return bytes((0x30 | qos << 1 | retained,)) + _length(len(body)) + body


def test_packets_are_written_as_the_standard_shows_them() -> None:
    """CONNECT with user and password, SUBSCRIBE, PUBLISH, PINGREQ, DISCONNECT, byte by byte."""
    client = MqttClient()
    client.connect("m1", keep_alive_s=10, user="u", password=_WORD)
    assert client.take_output() == b"\x10\x14\x00\x04MQTT\x04\xc2\x00\x0a\x00\x02m1\x00\x01u\x00\x01p"
    client.feed(_CONNACK)
    assert client.subscribe("a/b") == 1
    assert client.publish("a/b", b"hi", qos=0) == 0
    assert client.publish("a/b", b"hi") == 2
    client.ping()
    client.disconnect()
    written = (
        b"\x82\x08\x00\x01\x00\x03a/b\x00",
        b"\x30\x07\x00\x03a/bhi",
        b"\x32\x09\x00\x03a/b\x00\x02hi",
        b"\xc0\x00",
        b"\xe0\x00",
    )
    assert client.take_output() == b"".join(written)
    assert client.take_output() == b""


def test_a_plain_connect_has_no_credentials() -> None:
    """Clean session, nothing else: the certificate says who it is."""
    client = MqttClient()
    client.connect("m1", keep_alive_s=0)
    assert client.take_output() == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x00\x00\x02m1"


@given(st.integers(0, 70_000))
def test_a_long_publish_has_the_length_of_the_standard(size: int) -> None:
    """The variable length of section 2.2.3, at every size we send."""
    client = _joined()
    client.publish("t", bytes(size), qos=0)
    assert client.take_output() == b"\x30" + _length(size + 3) + b"\x00\x01t" + bytes(size)


@given(
    messages=st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 1), st.booleans()), max_size=6),
    cuts=st.lists(st.integers(0, 2000), max_size=12),
)
def test_pieces_do_not_matter(messages: list[tuple[bytes, int, bool]], cuts: list[int]) -> None:
    """The same bytes in any pieces give the same events and the same acknowledgements."""
    stream = _CONNACK + b"\x90\x03\x00\x01\x00\xd0\x00\x40\x02\x00\x02"
    for number, (payload, qos, retained) in enumerate(messages, 1):
        stream += _publish("bptm/x/down", payload, qos, number, retained=retained)

    def played(pieces: list[bytes]) -> tuple[list[MqttEvent], bytes]:
        client = MqttClient()
        client.connect("x")
        client.take_output()
        events: list[MqttEvent] = []
        for piece in pieces:
            for event in client.feed(piece):
                events.append(event)
                if isinstance(event, Connected):
                    client.subscribe("bptm/x/down")
                    client.publish("bptm/x/up", b"hello")
                    client.take_output()
        return events, client.take_output()

    places = sorted({4, *(at for at in cuts if 4 < at < len(stream)), len(stream)})
    pieces = [stream[a:b] for a, b in pairwise([0, *places])]
    single = [stream[:4], *(bytes((byte,)) for byte in stream[4:])]
    expected_events: list[MqttEvent] = [
        Connected(session_present=False),
        Subscribed(1, granted=True),
        Pong(),
        Delivered(2),
    ]
    expected_events += [Received("bptm/x/down", payload, qos, retained) for payload, qos, retained in messages]
    acks = b"".join(b"\x40\x02" + number.to_bytes(2, "big") for number, (_, qos, _) in enumerate(messages, 1) if qos)
    assert played(pieces) == played(single) == (expected_events, acks)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
def test_garbage_is_an_mqtt_error_or_events(stream: bytes, cuts: list[int]) -> None:
    """No other exception for any bytes, after any state; and a client that failed stays closed."""
    for client in (MqttClient(), _joined()):
        places = [0, *sorted(at for at in cuts if at < len(stream)), len(stream)]
        try:
            for start, stop in pairwise(places):
                client.feed(stream[start:stop])
        except MqttError:
            assert not client.connected
            assert client.feed(_CONNACK) == []


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (b"\x20\x02\x00\x05", "not authorised"),
        (b"\x20\x02\x00\x01", "MQTT 3.1.1"),
        (b"\x20\x02\x00\x63", "return code 99"),
        (b"\x20\x02\x01\x00", "expected 0"),
        (b"\x20\x03\x00\x00\x00", "expected CONNACK"),
        (b"\x30\x03\x00\x01t", "expected CONNACK"),
    ],
)
def test_a_refused_connection_says_why(stream: bytes, said: str) -> None:
    """Every return code of the standard in words, and everything that is no CONNACK."""
    client = MqttClient()
    client.connect("x")
    with pytest.raises(MqttError, match=said):
        client.feed(stream)
    assert not client.connected


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (b"\x34\x05\x00\x01t\x00\x01", "QoS 2"),
        (b"\x36\x05\x00\x01t\x00\x01", "QoS 3"),
        (b"\x30\x01\x00", "shorter than its topic"),
        (b"\x30\x02\x00\x09", "shorter than its topic"),
        (b"\x32\x03\x00\x01t", "shorter than its topic"),
        (b"\x32\x05\x00\x01t\x00\x00", "packet id 0"),
        (b"\x30\x03\x00\x01\xff", "not UTF-8"),
        (b"\x40\x02\x00\x07", "not under way"),
        (b"\x40\x03\x00\x07\x00", "PUBACK with 3 bytes"),
        (b"\x90\x03\x00\x01\x00", "no subscription under way"),
        (b"\xd0\x01\x00", "PINGRESP"),
        (b"\x20\x02\x00\x00", "does not belong"),
        (b"\x10\x00", "does not belong"),
        (b"\x00\x00", "does not belong"),
        (b"\x30\xff\xff\xff\xff", "at least"),
        (b"\x30\x80\x80\x80\x80", "more than four bytes"),
        (bytes((0x30,)) + _length(PACKET_BYTES_MAX + 1), f"the limit is {PACKET_BYTES_MAX}"),
    ],
)
def test_a_broker_that_breaks_the_protocol_is_left(stream: bytes, said: str) -> None:
    """One sentence, and the connection is of no more use. A too long packet is refused by its head alone."""
    client = _joined()
    with pytest.raises(MqttError, match=said):
        client.feed(stream)
    assert not client.connected


def test_a_broker_that_speaks_first_is_left() -> None:
    """Nothing may come before CONNECT."""
    with pytest.raises(MqttError, match="spoke first"):
        MqttClient().feed(_CONNACK)


def test_a_refused_subscription_is_told() -> None:
    """SUBACK 0x80 is an answer, not an error; a code outside the standard is one."""
    client = _joined()
    packet_id = client.subscribe("bptm/other/down")
    assert client.feed(b"\x90\x03" + packet_id.to_bytes(2, "big") + b"\x80") == [Subscribed(packet_id, granted=False)]
    packet_id = client.subscribe("bptm/other/down")
    with pytest.raises(MqttError, match="return code 0x03"):
        client.feed(b"\x90\x03" + packet_id.to_bytes(2, "big") + b"\x03")


def test_packet_ids_in_use_are_passed_over() -> None:
    """After 65,535 the ids start again, never with one under way, never with 0."""
    client = _joined()
    kept = client.publish("t", b"", qos=1)
    seen: set[int] = set()
    for _ in range(65_534):
        packet_id = client.publish("t", b"", qos=1)
        seen.add(packet_id)
        client.feed(b"\x40\x02" + packet_id.to_bytes(2, "big"))
    assert seen == set(range(1, 65_536)) - {kept}
    assert client.in_flight_count == 1
    assert client.publish("t", b"", qos=1) == 2


def test_publishes_under_way_have_a_limit() -> None:
    """Every queue has one."""
    client = _joined()
    for _ in range(IN_FLIGHT_MAX):
        client.publish("t", b"", qos=1)
    with pytest.raises(ValueError, match="not acknowledged yet"):
        client.publish("t", b"", qos=1)


def test_what_the_state_does_not_allow_is_the_callers_bug() -> None:
    """Publishing before the broker answered, connecting twice, wildcards, QoS 2, bad credentials."""
    client = MqttClient()
    for early in (client.ping, lambda: client.publish("t", b""), lambda: client.subscribe("t")):
        with pytest.raises(ValueError, match="while new"):
            early()
    with pytest.raises(ValueError, match="needs a user"):
        client.connect("x", password=_WORD)
    with pytest.raises(ValueError, match="65535"):
        client.connect("x", keep_alive_s=65_536)
    client.connect("x")
    with pytest.raises(ValueError, match="while connecting"):
        client.connect("x")
    joined = _joined()
    for topic in ("", "a/+", "#"):
        with pytest.raises(ValueError, match="wildcard"):
            joined.publish(topic, b"")
    with pytest.raises(ValueError, match="QoS 2"):
        joined.publish("t", b"", qos=2)
    with pytest.raises(ValueError, match="null character"):
        joined.publish("t\0", b"")
    with pytest.raises(ValueError, match="empty"):
        joined.subscribe("")


def test_nothing_is_said_after_good_bye() -> None:
    """DISCONNECT once; afterwards neither output nor events."""
    client = _joined()
    client.disconnect()
    client.disconnect()
    assert client.take_output() == b"\xe0\x00"
    assert client.feed(_publish("t", b"x")) == []
    with pytest.raises(ValueError, match="while closed"):
        client.publish("t", b"")
