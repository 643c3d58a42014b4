"""The meters' connections against a real nats-server with mTLS: joining, losing, resending, falling silent."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from twin_standin import PATIENCE_S, Broker, StandIn, broker_running, client_certificate, standin_for

from bptm.terms.codes import Action
from bptm.terms.messages import Upward
from bptm.twin.checkpoint import Message
from bptm.twin.links import Broker as Where
from bptm.twin.links import Links, LinksError, allow_open_files
from bptm.wire.cbor import encode_upward

pytestmark = pytest.mark.system

METER_IDS = [f"BPTM-{number:06d}" for number in range(1, 31)]


@pytest.fixture
def broker() -> Generator[Broker]:
    """A broker of this test's own."""
    with broker_running() as running:
        yield running


@pytest.fixture
async def standin(broker: Broker) -> AsyncGenerator[StandIn]:
    """A head-end on it."""
    async with standin_for(broker) as running:
        yield running


@dataclass(slots=True)
class Site:
    """The links under test and what came down to their meters."""

    links: Links
    commands: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something the links bring about."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.links.changed.clear()
                await self.links.changed.wait()

    def power(self, homes: set[int]) -> None:
        """Exactly these have power."""
        self.links.set_powered(np.array([home in homes for home in range(len(METER_IDS))]))


@pytest.fixture
async def site(broker: Broker, standin: StandIn) -> AsyncGenerator[Site]:
    """Thirty meters with certificates of the broker's CA, all with power."""
    assert standin.broker is broker
    identities = [identity(broker, meter_id) for meter_id in METER_IDS]
    where = Where(host="localhost", port=broker.mqtt_port, ca_cert_file=Path(broker.ca.certificate_file))
    site = Site(
        Links(
            where,
            METER_IDS,
            lambda home: identities[home],
            lambda home, body: (site.commands.append((home, body)), site.links.changed.set())[0],
            seed=1,
        )
    )
    # The stand-in has no JetStream: what came while it was away is told again after this.
    site.links._patience_s = [0.5] * len(METER_IDS)
    site.power(set(range(len(METER_IDS))))
    site.links.start()
    yield site
    await site.links.stop()


def identity(broker: Broker, meter_id: str) -> bytes:
    key = generate_private_key(SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, meter_id)])
    return pem + client_certificate(broker.ca, key.public_key(), name).encode()


def message(home: int, seq: int) -> Message:
    upward = Upward(meter_id=METER_IDS[home], seq=seq, at_s=1000 + seq, boots=1, command_seq=0)
    return home, seq, encode_upward(upward)


async def test_every_meter_joins_and_what_it_sends_is_acknowledged(site: Site, standin: StandIn) -> None:
    """Thirty links over mTLS; ten messages each, all stored once and in order, none owed."""
    await site.until(lambda: site.links.settled)
    assert site.links.joined_count == len(METER_IDS)
    for seq in range(1, 11):
        site.links.push([message(home, seq) for home in range(len(METER_IDS))])
    await site.until(lambda: site.links.unacked_count == 0)
    assert {meter: [one.seq for one in told] for meter, told in standin.stored.items()} == {
        meter: list(range(1, 11)) for meter in METER_IDS
    }
    assert site.links.take_acked() == dict.fromkeys(range(len(METER_IDS)), 10)
    assert site.links.take_acked() == {}


async def test_a_broker_that_is_killed_costs_nothing(site: Site, standin: StandIn, broker: Broker) -> None:
    """Kill it with messages under way and made while it is away; started again, all join and each is stored once."""
    await site.until(lambda: site.links.settled)
    site.links.push([message(home, 1) for home in range(len(METER_IDS))])
    broker.kill()
    await site.until(lambda: site.links.joined_count == 0)
    site.links.push([message(home, 2) for home in range(len(METER_IDS))])
    broker.start()
    await site.until(lambda: site.links.settled)
    assert all([one.seq for one in standin.stored[meter]] == [1, 2] for meter in METER_IDS)


async def test_a_head_end_that_heard_nothing_is_told_again(site: Site, standin: StandIn) -> None:
    """The broker took the messages, the head-end did not: after its patience the meter sends them again."""
    await site.until(lambda: site.links.settled)
    standin.deaf = True
    site.links.push([message(0, 1), message(0, 2)])
    await standin.until_heard(lambda: standin.swallowed >= 2)
    standin.deaf = False
    await site.until(lambda: site.links.unacked_count == 0)
    assert [one.seq for one in standin.stored[METER_IDS[0]]] == [1, 2]


async def test_a_meter_without_power_says_its_last_words_then_hears_nothing_until_power(
    site: Site, standin: StandIn
) -> None:
    """Power gone with a message owed: it is delivered, the link goes; power back: it joins and hears again."""
    await site.until(lambda: site.links.settled)
    site.links.push([message(0, 1)])
    site.power(set(range(1, len(METER_IDS))))
    await site.until(lambda: not site.links.up[0])
    assert [one.seq for one in standin.stored[METER_IDS[0]]] == [1]
    assert site.links.settled
    await standin.issue(METER_IDS[0], 1, Action.HOLD_RETURN, 1000)
    await standin.issue(METER_IDS[1], 1, Action.HOLD_RETURN, 1000)
    await site.until(lambda: bool(site.commands))
    site.power(set(range(len(METER_IDS))))
    await site.until(lambda: site.links.settled)
    sealed = await standin.issue(METER_IDS[0], 2, Action.HOLD_RETURN, 1000)
    await site.until(lambda: (0, sealed) in site.commands)
    assert [home for home, _body in site.commands] == [1, 0]


async def test_last_words_get_through_although_the_link_was_down(site: Site, standin: StandIn, broker: Broker) -> None:
    """No power, no broker, one message owed: when the broker is back the message arrives, then silence."""
    await site.until(lambda: site.links.settled)
    broker.kill()
    await site.until(lambda: site.links.joined_count == 0)
    site.links.push([message(3, 1)])
    site.power(set())
    broker.start()
    await site.until(lambda: site.links.unacked_count == 0 and site.links.joined_count == 0)
    assert [one.seq for one in standin.stored[METER_IDS[3]]] == [1]
    assert list(standin.stored) == [METER_IDS[3]]


async def test_a_certificate_of_another_authority_does_not_get_in(broker: Broker, site: Site) -> None:
    """Both ways: a stranger's certificate is refused by the broker; the meters refuse a stranger's broker."""
    with broker_running() as stranger:
        foreign = identity(stranger, "BPTM-000099")
        where = Where(host="localhost", port=broker.mqtt_port, ca_cert_file=broker.ca.certificate_file)
        strange_where = Where(host="localhost", port=broker.mqtt_port, ca_cert_file=stranger.ca.certificate_file)
        own = identity(broker, "BPTM-000099")
        for place, pem in ((where, foreign), (strange_where, own)):
            links = Links(place, ["BPTM-000099"], lambda _home, pem=pem: pem, lambda _home, _body: None, seed=1)
            links.set_powered(np.ones(1, np.bool_))
            with pytest.raises(OSError, match=r"(?i)certificate|ssl|tls|reset|closed"):
                await links._connect(0)
            await links.stop()
    await site.until(lambda: site.links.settled)


def _three_hundred(_which: int) -> tuple[int, int]:
    return 100, 300


def test_too_low_a_limit_of_open_files_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that allows 300 files and 11,000 meters: the sentence has both numbers and the command."""
    monkeypatch.setattr("resource.getrlimit", _three_hundred)
    with pytest.raises(LinksError, match=r"11000 meters need 11200 open files.*allows 300.*ulimit"):
        allow_open_files(11_000)
