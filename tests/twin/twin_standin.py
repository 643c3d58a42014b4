"""A head-end for the twin's tests: real NATS with MQTT over mTLS, a real CA, a store in memory.

It speaks processes.md and nothing more: enrols over HTTP, takes each message exactly once, acknowledges, issues
commands at given event times, and sums up. Faults can be asked for: swallow acknowledgements, lose commands.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic

import nats
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from nats.aio.client import Client
from nats.aio.msg import Msg

from bptm.operations.fleet import fed_events_of, fed_seconds
from bptm.terms.codes import Action
from bptm.terms.messages import Ack, Command, Receipt, Upward
from bptm.twin.event import load_shipped
from bptm.wire.cbor import decode_upward, encode_ack
from bptm.wire.cose import key_id_of, open_receipt, seal_command
from bptm.wire.session import Arrival, Receiver
from bptm.wire.topics import (
    CLOCK_SUBJECT,
    RESEND_SUBJECT,
    STEP_SUBJECT,
    SUMMARY_SUBJECT,
    UP_SUBJECTS,
    down_subject,
    meter_of_up_subject,
)
from engines import Party, free_port, make_party

EVENT = load_shipped()
PATIENCE_S = 60.0
TOKEN = "enrol-in-a-test"  # noqa: S105 - a token of this file only


def wait_until_listening(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once something listens on the port; fails with the log when the child ends instead."""
    give_up_s = monotonic() + PATIENCE_S
    while child.poll() is None and monotonic() < give_up_s:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=0.02)
    pytest.fail(f"nothing listens on {port}: {log.read_text()[-2000:]}")


class Broker:
    """nats-server with MQTT over mTLS and no callout; everything on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = make_party(folder, "test-ca")
        self.server = make_party(folder, "localhost", issuer=self.ca, server=True)
        self.port = free_port()
        self.mqtt_port = free_port()
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = self.folder / "nats.conf"
        config.write_text(
            json.dumps(
                {
                    "server_name": "bptm-test",
                    "listen": f"127.0.0.1:{self.port}",
                    "max_payload": 4 << 20,
                    "jetstream": {"store_dir": str(self.folder / "nats"), "limits": {"default_max_consumers": -1}},
                    "mqtt": {
                        "listen": f"127.0.0.1:{self.mqtt_port}",
                        "tls": {
                            "cert_file": str(self.server.certificate_file),
                            "key_file": str(self.server.key_file),
                            "ca_file": str(self.ca.certificate_file),
                            "verify": True,
                            "timeout": 5,
                        },
                    },
                }
            )
        )
        log = self.folder / "nats.log"
        binary = Path(sysconfig.get_path("scripts")) / "nats-server"
        with log.open("ab") as sink:
            self.child = subprocess.Popen([str(binary), "-c", str(config)], stdout=sink, stderr=sink)
        for port in (self.port, self.mqtt_port):
            wait_until_listening(port, self.child, log)

    def kill(self) -> None:
        if self.child is not None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait(timeout=PATIENCE_S)
            self.child = None


@contextlib.contextmanager
def broker_running() -> Generator[Broker]:
    """A broker in a scratch directory."""
    folder = Path(tempfile.mkdtemp(prefix="bptm-twin-"))
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


def client_certificate(ca: Party, key: ec.EllipticCurvePublicKey, subject: x509.Name) -> str:
    """A meter's certificate, as PEM."""
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(ca.certificate.subject).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@dataclass(slots=True)
class StandIn:
    """The head-end of one test."""

    broker: Broker
    script: dict[int, list[tuple[str, Action]]] = field(default_factory=dict[int, list[tuple[str, Action]]])
    """Commands by the event time at which they fall due."""
    drop_first_delivery: bool = False
    """Commands are only sent when asked for again."""
    stored: dict[str, list[Upward]] = field(default_factory=dict[str, list[Upward]])
    receivers: dict[str, Receiver] = field(default_factory=dict[str, Receiver])
    keys: dict[str, ec.EllipticCurvePublicKey] = field(default_factory=dict[str, ec.EllipticCurvePublicKey])
    sent: dict[tuple[str, int], bytes] = field(default_factory=dict[tuple[str, int], bytes])
    receipts: dict[tuple[str, int], Receipt] = field(default_factory=dict[tuple[str, int], Receipt])
    clocks: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    steps: list[int] = field(default_factory=list[int])
    resends: int = 0
    enrolments: int = 0
    swallowed: int = 0
    deaf: bool = False
    """Hears nothing, and so acknowledges nothing."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    client: Client = field(default_factory=Client)
    command_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    http: ThreadingHTTPServer | None = None

    async def open(self) -> None:
        """Subscribes and serves."""
        self.client = await nats.connect(self.broker.url, max_reconnect_attempts=-1, reconnect_time_wait=1)
        await self.client.subscribe(UP_SUBJECTS, cb=self._on_up)
        await self.client.subscribe(CLOCK_SUBJECT, cb=self._on_clock)
        await self.client.subscribe(STEP_SUBJECT, cb=self._on_step)
        await self.client.subscribe(RESEND_SUBJECT, cb=self._on_resend)
        await self.client.subscribe(SUMMARY_SUBJECT, cb=self._on_summary)
        await self.client.flush()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _enroller(self))
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    async def close(self) -> None:
        """Leaves."""
        if self.http is not None:
            self.http.shutdown()
            self.http.server_close()
        await self.client.close()

    async def until_heard(self, condition: Callable[[], object]) -> None:
        """Waits until `condition()` holds, looking again after every message of the twin."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.heard.clear()
                await self.heard.wait()

    @property
    def stored_count(self) -> int:
        return sum(len(messages) for messages in self.stored.values())

    async def _on_up(self, message: Msg) -> None:
        if self.deaf:
            self.swallowed += 1
            self.heard.set()
            return
        meter_id = meter_of_up_subject(message.subject)
        upward = decode_upward(message.data)
        assert upward.meter_id == meter_id
        receiver = self.receivers.setdefault(meter_id, Receiver())
        if receiver.accept(upward.seq) is Arrival.NEXT:
            self.stored.setdefault(meter_id, []).append(upward)
            for sealed in upward.receipts:
                receipt = open_receipt(sealed, self.keys[meter_id])
                self.receipts[meter_id, receipt.command_seq] = receipt
        await self.client.publish(down_subject(meter_id), encode_ack(Ack(seq=receiver.ack_seq)))
        self.heard.set()

    async def _on_clock(self, message: Msg) -> None:
        self.clocks.append(json.loads(message.data))
        self.heard.set()

    async def _on_step(self, message: Msg) -> None:
        at_s = json.loads(message.data)["at_s"]
        self.steps.append(at_s)
        for due_s in [due_s for due_s in self.script if due_s <= at_s]:
            for meter_id, action in self.script.pop(due_s):
                seq = 1 + max((seq for other, seq in self.sent if other == meter_id), default=0)
                await self.issue(meter_id, seq, action, at_s)
        waiting = [key for key in self.sent if key not in self.receipts]
        await message.respond(json.dumps({"open": len(waiting), "sent": waiting}).encode())

    async def issue(self, meter_id: str, seq: int, action: Action, at_s: int) -> bytes:
        """Seals a command and sends it, unless it is to be lost."""
        command = Command(
            meter_id=meter_id, seq=seq, action=action, issued_s=at_s, expires_s=at_s + 60, nonce=os.urandom(12)
        )
        sealed = seal_command(command, self.command_key, key_id=key_id_of(self.command_key.public_key()))
        self.sent[meter_id, seq] = sealed
        if not self.drop_first_delivery:
            await self.client.publish(down_subject(meter_id), sealed)
        return sealed

    async def _on_resend(self, message: Msg) -> None:
        for meter_id, seq in json.loads(message.data)["commands"]:
            self.resends += 1
            # Twice, as a network may.
            for _ in range(2):
                await self.client.publish(down_subject(meter_id), self.sent[meter_id, seq])
        await message.respond(b"{}")

    async def _on_summary(self, message: Msg) -> None:
        end_s = json.loads(message.data)["end_s"]
        meters: dict[str, tuple[int, int]] = {}
        for meter_id, messages in self.stored.items():
            events = [event for one in messages for event in fed_events_of(one, start_s=EVENT.start_s)]
            meters[meter_id] = fed_seconds(events, end_s)
        accepted = sum(receipt.accepted for receipt in self.receipts.values())
        summary = {
            "messages_stored": self.stored_count,
            "messages_duplicated": 0,
            "commands": {
                "issued": len(self.sent),
                "proven": accepted,
                "refused": len(self.receipts) - accepted,
                "expired": 0,
                "unknown": 0,
            },
            "meters": meters,
        }
        await message.respond(json.dumps(summary).encode())

    def enrol(self, body: bytes) -> bytes:
        """Certificates for requests."""
        self.enrolments += 1
        answer: list[dict[str, str]] = []
        for asked in json.loads(body)["meters"]:
            request = x509.load_pem_x509_csr(asked["csr_pem"].encode())
            assert request.is_signature_valid
            key = request.public_key()
            assert isinstance(key, ec.EllipticCurvePublicKey)
            assert self.keys.setdefault(asked["meter_id"], key) == key, "another key for an enrolled meter"
            pem = client_certificate(self.broker.ca, key, request.subject)
            answer.append({"meter_id": asked["meter_id"], "certificate_pem": pem})
        return json.dumps({"certificates": answer}).encode()

    def command_certificate(self) -> bytes:
        """The certificate that the twin knows commands by."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "commands")])
        return client_certificate(self.broker.ca, self.command_key.public_key(), name).encode()


def _enroller(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Enroller(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            right = self.headers["Authorization"] == f"Bearer {TOKEN}" and self.path == "/api/v1/enrol"
            answer = standin.enrol(body) if right else b"{}"
            self.send_response(200 if right else 401)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Says nothing."""

    return Enroller


@contextlib.asynccontextmanager
async def standin_for(broker: Broker) -> AsyncGenerator[StandIn]:
    """A head-end on a broker."""
    standin = StandIn(broker)
    await standin.open()
    try:
        yield standin
    finally:
        await standin.close()


def write_config(folder: Path, standin: StandIn, **changes: object) -> Path:
    """A `twin.toml` for a headless run as fast as the machine can; `changes` replace values."""
    assert standin.http is not None
    (folder / "command.crt").write_bytes(standin.command_certificate())
    (folder / "token").write_text(TOKEN)
    values: dict[str, object] = {
        "data_dir": str(folder),
        "nats_url": standin.broker.url,
        "nats_user": "",
        "nats_password": "",
        "mqtt_host": "localhost",
        "mqtt_port": standin.broker.mqtt_port,
        "ca_cert_file": str(standin.broker.ca.certificate_file),
        "command_cert_file": str(folder / "command.crt"),
        "headend_url": f"http://127.0.0.1:{standin.http.server_port}",
        "enrol_token_file": str(folder / "token"),
        "event_file": "",
        "event_name": EVENT.name,
        "meters": 20,
        "seed": 7,
        "start_s": EVENT.start_s,
        "end_s": EVENT.start_s + 12 * 3600,
        "speed": 0.0,
        "headless": True,
        "stops_s": [],
    }
    config = folder / "twin.toml"
    config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in (values | changes).items()))
    return config


@contextlib.asynccontextmanager
async def twin_running(config: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The twin as a child of this process; killed at the latest on leaving."""
    log = config.parent / "twin.log"
    with log.open("ab") as sink:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bptm.twin", "--config", str(config), stdout=sink, stderr=sink
        )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def play_to_the_end(standin: StandIn, config: Path) -> dict[str, object]:
    """The final object of a run that is not disturbed; the twin is told to leave and does."""
    standin.clocks.clear()
    async with twin_running(config) as child:
        await until_ended(standin, child, config)
        child.terminate()
        assert await asyncio.wait_for(child.wait(), PATIENCE_S) == 0
    return json.loads((config.parent / "twin" / "result.json").read_text())


async def until_ended(standin: StandIn, child: asyncio.subprocess.Process, config: Path) -> None:
    """Waits until the twin says that its event has ended; fails with its log when it leaves instead."""
    ended = asyncio.create_task(standin.until_heard(lambda: standin.clocks and standin.clocks[-1]["state"] == "ended"))
    left = asyncio.create_task(child.wait())
    done, _ = await asyncio.wait([ended, left], return_when=asyncio.FIRST_COMPLETED)
    left.cancel()
    log = (config.parent / "twin.log").read_text()[-3000:]
    assert ended in done, log
    assert ended.exception() is None, log
