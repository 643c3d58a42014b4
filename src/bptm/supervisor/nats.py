"""Our own NATS: loopback only, random passwords, meters over mutual TLS, rights of meters by callout.

Source: docs/reference/processes.md for the subjects; `nats-server` 2.15 configuration, tried on 2.14 and 2.15.
"""

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from bptm.supervisor.credentials import Credentials
from bptm.supervisor.engine_home import EngineHome
from bptm.supervisor.pki import Pki
from bptm.supervisor.spawn import Program

_CONSUMER_LIMIT_SINCE = (2, 15)
_LINE_MAX = 65_536

_ACCOUNTS = """accounts {{
  SYS {{ users: [ {{ user: sys, password: "{sys}" }} ] }}
  AUTH {{ users: [ {{ user: auth, password: "{auth}" }} ] }}
  BPTM {{
    jetstream: enabled
    users: [
      {{ user: headend, password: "{headend}" }}
      {{ user: twin, password: "{twin}", permissions: {{
          publish: {{ allow: ["twin.clock", "headend.step", "headend.resend", "headend.summary"] }}
          subscribe: {{ allow: ["twin.control", "twin.open_commands", "_INBOX.>"] }}
          allow_responses: {{ max: 1, expires: "1m" }}
      }} }}
    ]
  }}
}}
system_account: SYS
# Users of this file are answered here; only meters, which have no password, go to the callout.
authorization {{
  auth_callout {{ issuer: "{issuer}", auth_users: [ sys, auth, headend, twin ], account: AUTH }}
  timeout: 5
}}
"""

_SERVER = """# Written by bptm at each start.
server_name: bptm
listen: "127.0.0.1:{port}"
# The twin's final summary of eleven thousand meters is one message.
max_payload: 4MB
max_pending: 64MB
jetstream {{
  store_dir: {store}
  max_memory_store: 128MB
  max_file_store: 4GB
  # Meters keep a message until it is in the database, so what a power cut takes from here they send again.
  sync_interval: "2m"
{limits}}}
mqtt {{
  listen: "127.0.0.1:{mqtt_port}"
  tls {{ cert_file: {cert}, key_file: {key}, ca_file: {ca}, verify: true, timeout: 10 }}
}}
"""

_LIMITS = """  # Release 2.15 allows 1000 consumers a stream unless told otherwise.
  limits {{ default_max_consumers: -1 }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsPorts:
    """Where it listens, on loopback."""

    client: int
    mqtt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnableNats:
    """`nats-server` where the engines' account can run it."""

    binary: Path
    version: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsSecrets:
    """Passwords of its users; its certificate; the key that signs the rights of meters."""

    credentials: Credentials
    pki: Pki


def accounts_conf(secrets: NatsSecrets) -> str:
    """The part of the configuration that any NATS serving us needs, an external one too."""
    credentials = secrets.credentials
    return _ACCOUNTS.format(
        sys=credentials.nats_sys,
        auth=credentials.nats_auth,
        headend=credentials.nats_headend,
        twin=credentials.nats_twin,
        issuer=secrets.pki.issuer_public_key,
    )


def program(engine: RunnableNats, home: EngineHome, ports: NatsPorts, secrets: NatsSecrets, log_file: Path) -> Program:
    """The server as a child; writes its settings and its copies of the broker's certificate."""
    directory = home.make_dir("nats")
    for name, source in (
        ("broker.crt", secrets.pki.broker_cert_file),
        ("broker.key", secrets.pki.broker_key_file),
        ("ca.crt", secrets.pki.ca_cert_file),
    ):
        home.write(directory / name, source.read_bytes())
    conf = _SERVER.format(
        port=ports.client,
        mqtt_port=ports.mqtt,
        store=_quoted(home.make_dir("nats/store")),
        limits=_LIMITS.format() if engine.version[:2] >= _CONSUMER_LIMIT_SINCE else "",
        cert=_quoted(directory / "broker.crt"),
        key=_quoted(directory / "broker.key"),
        ca=_quoted(directory / "ca.crt"),
    )
    home.write(directory / "nats.conf", (conf + accounts_conf(secrets)).encode())
    return Program(
        name="NATS",
        argv=(str(engine.binary), "-c", str(directory / "nats.conf")),
        log_file=log_file,
        environ={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
        account=home.account,
    )


def refusal(host: str, port: int, user: str, password: str) -> str:
    """Why this NATS does not take this user; empty when it does.

    Says CONNECT and PING as any client does and reads the answer: the whole check needs no client library.
    """
    try:
        with socket.create_connection((host, port), timeout=2.0) as link, link.makefile("rwb") as lines:
            info = lines.readline(_LINE_MAX)
            if not info.startswith(b"INFO "):
                return f"does not speak NATS (it says {info[:40]!r})"
            options = {"verbose": False, "pedantic": False, "user": user, "pass": password, "lang": "python"}
            lines.write(b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n")
            lines.flush()
            answer = lines.readline(_LINE_MAX).strip()
    except OSError as error:
        return f"cannot be reached ({error.strerror or error})"
    return "" if answer == b"PONG" else f"refuses user {user} ({answer.decode(errors='replace')})"


def _quoted(path: Path) -> str:
    """A path as a string of NATS's configuration, whose escapes are JSON's."""
    return json.dumps(str(path), ensure_ascii=False)
