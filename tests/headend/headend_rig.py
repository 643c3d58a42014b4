"""A head-end under test: settings on real engines, meters that speak MQTT over mutual TLS, a stand-in for the twin."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs] (no stubs exist)
import nats
import nats.js.errors
import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bptm.headend.enrolment import MeterApplication
from bptm.headend.service import Service
from bptm.headend.settings import HeadendSettings
from bptm.terms import core_codes as c
from bptm.terms.codes import BackupKind
from bptm.terms.messages import REPORT_NAMES, Receipt, Report, UnmetValue, Upward
from bptm.wire.cbor import decode_ack, encode_upward
from bptm.wire.cose import hash_of, is_sealed, key_id_of, open_command, seal_receipt
from bptm.wire.mqtt import Connected, Delivered, MqttClient, Received, Subscribed
from bptm.wire.topics import (
    CLOCK_SUBJECT,
    CONTROL_SUBJECT,
    OPEN_COMMANDS_SUBJECT,
    UP_STREAM,
    down_topic,
    up_subject,
    up_topic,
)
from engines import Engines, Party, make_party

START_S = 1_572_134_400
"""2019-10-27 00:00 UTC."""

PATIENCE_S = 20.0


EMPTY: Mapping[str, float] = {}


def report_of(at_s: int = START_S, seen: Mapping[str, float] = EMPTY, *, event: int = 0, **values: float) -> Report:
    """A row of a home on a good utility, or an event when its code is given."""
    fields: dict[str, int | float] = {
        name: 0.0 if name.endswith(("_v", "_a", "_w", "_hz")) else 0 for name in REPORT_NAMES
    }
    fields |= {"utility_l1_v": 121.0, "utility_l2_v": 121.5, "bus_l1_v": 120.4, "bus_l2_v": 120.9, "premise_w": 1560.0}
    fields |= {"mode_before": c.MODE_ON_UTILITY, "mode": c.MODE_ON_UTILITY, "fed_by": c.FED_BY_UTILITY}
    fields |= {"u_feedback": c.CONTACT_CLOSED, "utility_hz": 60.0}
    fields |= {"kind": c.REPORT_EVENT if event else c.REPORT_ROW, "code": event}
    fields |= {"tick": (at_s - START_S) * c.TICKS_PER_S}
    fields |= dict(seen) | values
    assert fields.keys() == set(REPORT_NAMES)
    return tuple(fields[name] for name in REPORT_NAMES)


ON_BACKUP: dict[str, float] = {
    "mode": c.MODE_ON_BACKUP,
    "fed_by": c.FED_BY_BACKUP,
    "u_feedback": c.CONTACT_OPEN,
    "b_feedback": c.CONTACT_CLOSED,
    "utility_l1_v": 0.0,
    "utility_l2_v": 0.0,
    "inlet_l1_v": 119.0,
    "inlet_l2_v": 119.0,
    "bus_l1_v": 118.5,
    "bus_l2_v": 118.5,
}
"""Values of a home on its backup."""


def message_of(meter_id: str, seq: int, at_s: int, *reports: Report, command_seq: int = 0) -> Upward:
    """A message with these reports, or with one ordinary row."""
    return Upward(
        meter_id=meter_id, seq=seq, at_s=at_s, boots=1, command_seq=command_seq, reports=reports or (report_of(at_s),)
    )


async def until(holds: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Returns once `holds`; fails with `what` after a long patience."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = holds()
        if isinstance(found, bool):
            if found:
                return
        elif await found:
            return
        await asyncio.sleep(0.01)
    msg = f"did not come about: {what}"
    raise AssertionError(msg)


@dataclass(slots=True, kw_only=True)
class Site:
    """One test's own database and secrets on shared engines."""

    engines: Engines
    folder: Path
    settings: HeadendSettings
    command: Party

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """What the store holds, past the program under test."""
        connection = await asyncpg.connect(self.settings.database_url)
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def some(self, sql: str) -> bool:
        """Whether the store holds any such row."""
        return bool(await self.rows(sql))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Service]:
        """The service, started and stopped."""
        service = Service(self.settings)
        try:
            await asyncio.wait_for(service.start(), PATIENCE_S)
            yield service
        finally:
            await service.stop()


async def drop_database(site: Site) -> None:
    """Gives the room of a test's database back: files that stay make every later restart slower."""
    connection = await asyncpg.connect(site.engines.database_url)
    await connection.execute(f"drop database {site.settings.database_url.rsplit('/', 1)[1]} with (force)")
    await connection.close()


async def make_site(engines: Engines, folder: Path, *, headless: bool = False, script: str = "") -> Site:
    """A fresh database, an empty stream and the files of `headend.toml`."""
    name = f"t{time.monotonic_ns()}"
    connection = await asyncpg.connect(engines.database_url)
    await connection.execute(f"create database {name}")
    await connection.close()
    client = await nats.connect(engines.nats_url, user="headend", password=engines.password)
    try:
        await client.jetstream().delete_stream(UP_STREAM)
    except nats.js.errors.NotFoundError:
        pass
    finally:
        await client.close()

    def secret(file: str, content: str) -> Path:
        path = folder / file
        path.write_text(content)
        return path

    command = make_party(folder, "command-key", issuer=engines.ca)
    settings = HeadendSettings(
        database_url=engines.database_url.rsplit("/", 1)[0] + f"/{name}",
        nats_url=engines.nats_url,
        nats_user="headend",
        nats_password=engines.password,
        auth_user="auth",
        auth_password=engines.password,
        issuer_seed_file=secret("issuer", engines.issuer_seed + "\n"),
        ca_cert_file=engines.ca.certificate_file,
        ca_key_file=engines.ca.key_file,
        enrol_token_file=secret("enrol", "enrol-token-of-a-test\n"),
        command_key_file=command.key_file,
        command_cert_file=command.certificate_file,
        sign_in_token_file=secret("sign-in", "first-token\nsecond-token\n"),
        session_secret_file=secret("session", "session-secret-of-a-test\n"),
        host="127.0.0.1",
        port=0,
        script_file=str(secret("script.csv", script)) if script else "",
        event_title="A test",
        event_sentences=("One.", "Two.", "Three."),
        headless=headless,
        event_start_s=START_S,
    )
    return Site(engines=engines, folder=folder, settings=settings, command=command)


@dataclass(slots=True, kw_only=True)
class Keys:
    """A meter's own key, and its certificate once it is enrolled."""

    meter_id: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    certificate_pem: str = ""

    def application(self, **values: Any) -> MeterApplication:
        """What it brings to be enrolled."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.meter_id)])
        request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.key, hashes.SHA256())
        known: dict[str, Any] = {
            "csr_pem": request.public_bytes(serialization.Encoding.PEM).decode(),
            "meter_id": self.meter_id,
            "place": "Sonoma",
            "region": "North",
            "lat": 38.3,
            "lon": -122.5,
            "backup": BackupKind.PORTABLE,
            "medical": False,
            "note": "",
        }
        return MeterApplication(**(known | values))

    @property
    def key_pem(self) -> bytes:
        """The private key."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


async def enrolled(service: Service, *meter_ids: str, **values: Any) -> list[Keys]:
    """Meters with certificates of this head-end."""
    meters = [Keys(meter_id=meter_id) for meter_id in meter_ids]
    issued = await service.enrol([meter.application(**values) for meter in meters])
    for meter, one in zip(meters, issued, strict=True):
        meter.certificate_pem = one.certificate_pem
    return meters


class MeterLink:
    """A meter's connection, as a meter makes it: MQTT over mutual TLS."""

    def __init__(self, engines: Engines, keys: Keys, utility_key: ec.EllipticCurvePublicKey) -> None:
        """Not connected yet."""
        self._engines = engines
        self.keys = keys
        self._utility_key = utility_key
        self.mqtt = MqttClient()
        self.acked = 0
        self.sealed: list[bytes] = []
        self.delivered = 0
        self.granted: list[bool] = []
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._joined = asyncio.Event()

    def begin_anew(self) -> None:
        """A fresh MQTT session for the next `open`."""
        self.mqtt = MqttClient()
        self._task = self._reader = self._writer = None
        self._joined = asyncio.Event()

    async def open(self, folder: Path, *, client_id: str | None = None) -> None:
        """Connects; raises `ConnectionError` when it is not let in."""
        context = ssl.create_default_context(cafile=str(self._engines.ca.certificate_file))
        pem = folder / f"{self.keys.meter_id}.pem"
        pem.write_bytes(self.keys.key_pem + self.keys.certificate_pem.encode())
        context.load_cert_chain(pem)
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._engines.mqtt_port, ssl=context, server_hostname="localhost"
        )
        self.mqtt.connect(client_id if client_id is not None else self.keys.meter_id, keep_alive_s=0)
        self._flush()
        self._task = asyncio.create_task(self._read())
        await asyncio.wait({self._task, asyncio.create_task(self._joined.wait())}, return_when="FIRST_COMPLETED")
        if not self._joined.is_set():
            msg = f"{self.keys.meter_id} was not let in: {self._task.exception()}"
            raise ConnectionError(msg)

    def _flush(self) -> None:
        assert self._writer is not None
        self._writer.write(self.mqtt.take_output())

    async def _read(self) -> None:
        assert self._reader is not None
        while True:
            received = await self._reader.read(65536)
            if not received:
                msg = "the broker closed the connection"
                raise ConnectionError(msg)
            for event in self.mqtt.feed(received):
                if isinstance(event, Connected):
                    self._joined.set()
                elif isinstance(event, Delivered):
                    self.delivered += 1
                elif isinstance(event, Subscribed):
                    self.granted.append(event.granted)
                elif isinstance(event, Received):
                    self._take(event.payload)
            self._flush()

    def _take(self, payload: bytes) -> None:
        if is_sealed(payload):
            self.sealed.append(payload)
        else:
            self.acked = max(self.acked, decode_ack(payload).seq)

    async def listen(self, meter_id: str | None = None) -> bool:
        """Subscribes to a `down` topic; says whether the broker granted it."""
        before = len(self.granted)
        self.mqtt.subscribe(down_topic(meter_id or self.keys.meter_id))
        self._flush()
        await until(lambda: len(self.granted) > before, "an answer to the subscription")
        return self.granted[-1]

    async def publish(self, encoded: bytes, *, meter_id: str | None = None) -> None:
        """Publishes at QoS 1, and waits until the broker has it."""
        before = self.delivered
        self.mqtt.publish(up_topic(meter_id or self.keys.meter_id), encoded)
        self._flush()
        await until(lambda: self.delivered > before, "the broker's acknowledgement")

    async def say(self, message: Upward) -> None:
        """Publishes a message."""
        await self.publish(encode_upward(message))

    def receipt_for(self, sealed: bytes, at_s: int, *unmet: UnmetValue, key: Any = None) -> bytes:
        """The signed answer to a command; accepted when nothing is unmet."""
        command = open_command(sealed, self._utility_key)
        receipt = Receipt(
            meter_id=self.keys.meter_id,
            command_seq=command.seq,
            command_hash=hash_of(sealed),
            at_s=at_s,
            accepted=not unmet,
            unmet=unmet,
        )
        signing = key or self.keys.key
        return seal_receipt(receipt, signing, key_id=key_id_of(signing.public_key()))

    async def close(self) -> None:
        """Ends the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()


class TwinStandIn:
    """The twin's end of NATS: says the time, plays along."""

    def __init__(self, engines: Engines) -> None:
        """Not connected yet."""
        self._engines = engines
        self.at_s = float(START_S)
        self.opened: list[int] = []
        self.controls: list[dict[str, Any]] = []
        self.unacked = 0

    async def open(self) -> None:
        """Connects and answers."""
        self.client = await nats.connect(self._engines.nats_url, user="twin", password=self._engines.password)

        async def on_open(message: Any) -> None:
            self.opened.append(orjson.loads(message.data)["open"])
            await message.respond(orjson.dumps({"at_s": self.at_s}))

        async def on_control(message: Any) -> None:
            self.controls.append(orjson.loads(message.data))
            await message.respond(orjson.dumps({"ok": True, "at_s": self.at_s}))

        await self.client.subscribe(OPEN_COMMANDS_SUBJECT, cb=on_open)
        await self.client.subscribe(CONTROL_SUBJECT, cb=on_control)
        await self.client.flush()

    async def tick(self, at_s: float) -> None:
        """Says that event time is `at_s`, and that nothing is unacknowledged."""
        self.at_s = at_s
        said = {"at_s": at_s, "speed": 1.0, "state": "playing", "joined": 1, "meters": 1, "end_s": START_S + 86_400}
        await self.client.publish(CLOCK_SUBJECT, orjson.dumps(said | {"unacked": self.unacked}))
        await self.client.flush()

    async def ask(self, subject: str, question: dict[str, Any]) -> dict[str, Any]:
        """The head-end's answer."""
        return orjson.loads((await self.client.request(subject, orjson.dumps(question), timeout=PATIENCE_S)).data)

    async def send_up(self, *messages: Upward) -> None:
        """Messages into the stream as the broker would put them, without a meter's connection."""
        for message in messages:
            await self.client.publish(up_subject(message.meter_id), encode_upward(message))
        await self.client.flush()

    async def send_raw(self, meter_id: str, encoded: bytes) -> None:
        """Any bytes into the stream, as if from that meter."""
        await self.client.publish(up_subject(meter_id), encoded)
        await self.client.flush()

    async def hear_acks(self, meter_id: str, into: list[int]) -> None:
        """Collects the acknowledgements to a meter."""

        async def on_down(message: Any) -> None:
            if not is_sealed(message.data):
                into.append(decode_ack(message.data).seq)

        await self.client.subscribe(f"bptm.{meter_id}.down", cb=on_down)
        await self.client.flush()

    async def close(self) -> None:
        """Leaves."""
        await self.client.close()
