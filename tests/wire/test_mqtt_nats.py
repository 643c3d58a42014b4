"""Our MQTT client against the real broker: what meters do, byte for byte over loopback."""

import socket
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import nats
import pytest

from bptm.wire.errors import MqttError
from bptm.wire.mqtt import Connected, Delivered, MqttClient, MqttEvent, Pong, Received, Subscribed

pytestmark = pytest.mark.system

_PASSWORD = "only-in-this-test"  # noqa: S105 - of a broker that lives for one test on loopback
_CONFIG = """
server_name: mqtt-test
listen: "127.0.0.1:{nats_port}"
jetstream {{ store_dir: "{folder}", limits: {{ default_max_consumers: -1 }} }}
mqtt {{ listen: "127.0.0.1:{mqtt_port}" }}
authorization {{ users: [
  {{ user: meter, password: "{password}",
    permissions: {{ publish: ["bptm.M1.up"], subscribe: ["bptm.M1.down"] }} }},
  {{ user: headend, password: "{password}" }},
] }}
"""


class _Wire:
    """A socket with a client on it; reads until what was waited for has come."""

    def __init__(self, port: int) -> None:
        self.client = MqttClient()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10.0)
        self.events: list[MqttEvent] = []

    def flush(self) -> None:
        self.socket.sendall(self.client.take_output())

    def wait_for(self, wanted: Callable[[MqttEvent], bool]) -> MqttEvent:
        self.flush()
        while True:
            for place, event in enumerate(self.events):
                if wanted(event):
                    return self.events.pop(place)
            received = self.socket.recv(4096)
            assert received, "the broker closed the connection"
            self.events += self.client.feed(received)
            self.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """NATS and MQTT ports of a broker of this test's own."""
    nats_port, mqtt_port = _free_port(), _free_port()
    config = tmp_path / "nats.conf"
    config.write_text(
        _CONFIG.format(nats_port=nats_port, mqtt_port=mqtt_port, folder=tmp_path / "js", password=_PASSWORD)
    )
    binary = Path(sysconfig.get_path("scripts")) / "nats-server"
    with subprocess.Popen([binary, "-c", config], stderr=subprocess.PIPE, text=True) as broker:
        assert broker.stderr is not None
        said: list[str] = []
        for line in broker.stderr:
            said.append(line)
            if "Server is ready" in line:
                break
        else:
            pytest.fail("".join(said))
        try:
            yield nats_port, mqtt_port
        finally:
            broker.terminate()
            broker.stderr.read()


def _joined(port: int, name: str) -> _Wire:
    wire = _Wire(port)
    wire.client.connect(name, user="meter", password=_PASSWORD)
    wire.wait_for(lambda event: isinstance(event, Connected))
    return wire


async def test_a_meter_sends_and_hears_through_the_real_broker(ports: tuple[int, int]) -> None:
    """Up at QoS 1 into a JetStream stream, down at QoS 0 from NATS, a ping between; large messages in pieces."""
    nats_port, mqtt_port = ports
    bus = await nats.connect(f"nats://127.0.0.1:{nats_port}", user="headend", password=_PASSWORD)
    stream = bus.jetstream()
    await stream.add_stream(name="UP", subjects=["bptm.*.up"])
    wire = _joined(mqtt_port, "M1")
    subscription = wire.client.subscribe("bptm/M1/down")
    assert wire.wait_for(lambda event: isinstance(event, Subscribed)) == Subscribed(subscription, granted=True)
    sent = [bytes((number,)) * (1 + 6_000 * number) for number in range(10)]
    for payload in sent:
        packet_id = wire.client.publish("bptm/M1/up", payload)
        wire.wait_for(lambda event, packet_id=packet_id: event == Delivered(packet_id))
    assert wire.client.in_flight_count == 0
    wire.client.ping()
    wire.wait_for(lambda event: isinstance(event, Pong))
    pull = await stream.pull_subscribe("bptm.*.up", durable="test")
    stored = [message.data for message in await pull.fetch(len(sent), timeout=10)]
    assert stored == sent
    for payload in (b"", b"ack", bytes(60_000)):
        await bus.publish("bptm.M1.down", payload)
        await bus.flush()
        heard = wire.wait_for(lambda event: isinstance(event, Received))
        assert heard == Received("bptm/M1/down", payload, 0, retained=False)
    wire.client.disconnect()
    wire.flush()
    assert wire.socket.recv(1) == b""
    wire.socket.close()
    await bus.close()


def test_a_topic_of_another_meter_is_refused(ports: tuple[int, int]) -> None:
    """The broker says no to the subscription, and the client hands on the no."""
    wire = _joined(ports[1], "M1")
    packet_id = wire.client.subscribe("bptm/M2/down")
    assert wire.wait_for(lambda event: isinstance(event, Subscribed)) == Subscribed(packet_id, granted=False)
    wire.socket.close()


def test_a_wrong_password_is_told_in_words(ports: tuple[int, int]) -> None:
    """The broker's return code becomes a sentence."""
    wire = _Wire(ports[1])
    wire.client.connect("M1", user="meter", password="guess")  # noqa: S106 - wrong on purpose
    with pytest.raises(MqttError, match=r"not authorised|user name or password"):
        wire.wait_for(lambda event: isinstance(event, Connected))
    wire.socket.close()
