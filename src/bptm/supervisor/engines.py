"""The two engines of a run: found, made, started, proven ready; or external ones, proven to take us."""

import datetime as dt
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from bptm.supervisor import asyncpg_adapter, nats, postgres
from bptm.supervisor.children import Children
from bptm.supervisor.credentials import Credentials, open_credentials
from bptm.supervisor.data_dir import DataDir
from bptm.supervisor.engine_home import engine_account, home_path, open_home, runnable
from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.files import write_private
from bptm.supervisor.locate import Found, find_nats, find_postgres
from bptm.supervisor.pki import Pki, open_pki
from bptm.supervisor.ports import LOOPBACK, answers, free_ports
from bptm.supervisor.settings import EngineSettings, UpSettings
from bptm.supervisor.spawn import Account
from bptm.supervisor.stopper import Stopper

ENGINE_NAMES = ("PostgreSQL", "NATS")
_READY_WITHIN_S = 60.0
"""Recovery after a crash can take PostgreSQL some time."""
_URL_PORTS = {"nats": 4222, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEngines:
    """What will run; None where a URL names an external engine."""

    account: Account | None
    postgres: Found | None
    nats: Found | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over."""
        return tuple(note for found in (self.postgres, self.nats) if found is not None for note in found.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Where the engines of this run are, for the children's settings."""

    database_url: str
    nats_url: str
    mqtt_host: str
    mqtt_port: int
    credentials: Credentials
    pki: Pki


def find_engines(settings: UpSettings) -> FoundEngines:
    """Finds the engines without starting or writing anything.

    Raises:
        CannotStartError: One is missing, refused, or named in a way that cannot be.
    """
    wanted = settings.engines
    account = engine_account(wanted.user)
    _check_urls(wanted)
    path = os.environ.get("PATH", os.defpath)
    major = None if settings.fresh else postgres.cluster_major(home_path(settings.data_dir, account))
    return FoundEngines(
        account=account,
        postgres=None if wanted.database_url else find_postgres(wanted.postgres_binary, path=path, major=major),
        nats=None if wanted.nats_url else find_nats(wanted.nats_binary, path=path),
    )


def start_engines(
    held: DataDir, settings: UpSettings, found: FoundEngines, children: Children, stopper: Stopper
) -> Engines:
    """Starts the engines, or asks the external ones, until each has taken one of our users.

    Raises:
        CannotStartError: One cannot be made, stops, refuses, or is not ready in time.
        StopAskedError: Somebody asked to stop.
    """
    wanted = settings.engines
    credentials = open_credentials(held.secrets)
    mqtt = urlsplit(wanted.mqtt_url)
    hosts = tuple(dict.fromkeys((LOOPBACK, "localhost", *((mqtt.hostname,) if mqtt.hostname else ()))))
    pki = open_pki(held.secrets, broker_hosts=hosts, now_utc=dt.datetime.now(dt.UTC))
    database_port, nats_port, mqtt_port = free_ports(held.path, 3)
    secrets = nats.NatsSecrets(credentials=credentials, pki=pki)
    home = open_home(held.path, found.account)

    if found.nats is not None:
        engine = found.nats.engine
        server = nats.program(
            nats.RunnableNats(binary=runnable(engine, found.account), version=engine.version),
            home,
            nats.NatsPorts(client=nats_port, mqtt=mqtt_port),
            secrets,
            held.log / "nats.log",
        )
        children.start(server)
    else:
        write_private(held.run / "nats-accounts.conf", nats.accounts_conf(secrets).encode())
    if found.postgres is not None:
        engine = found.postgres.engine
        cluster = postgres.RunnableEngine(binary=runnable(engine, found.account), major=engine.version[0])
        log_file = held.log / "postgres.log"
        postgres.make_cluster(cluster, home, credentials, log_file, stopper.check)
        children.start(postgres.program(cluster, home, database_port, log_file))

    own_url = f"postgresql://bptm:{credentials.database}@{LOOPBACK}:{database_port}/bptm"
    nats_at = urlsplit(wanted.nats_url)
    engines = Engines(
        database_url=wanted.database_url or own_url,
        nats_url=wanted.nats_url or f"nats://{LOOPBACK}:{nats_port}",
        mqtt_host=mqtt.hostname or LOOPBACK,
        mqtt_port=(mqtt.port or _URL_PORTS["mqtts"]) if wanted.mqtt_url else mqtt_port,
        credentials=credentials,
        pki=pki,
    )
    _await_database(engines, children, stopper, external=found.postgres is None)
    _await_nats(
        engines,
        children,
        stopper,
        (nats_at.hostname or LOOPBACK, (nats_at.port or _URL_PORTS["nats"]) if wanted.nats_url else nats_port),
        str(held.run / "nats-accounts.conf") if found.nats is None else "",
    )
    return engines


def _check_urls(wanted: EngineSettings) -> None:
    _check_url("--database-url", wanted.database_url, ("postgresql", "postgres"))
    _check_url("--nats-url", wanted.nats_url, ("nats",))
    _check_url("--mqtt-url", wanted.mqtt_url, ("mqtts",))
    if bool(wanted.nats_url) != bool(wanted.mqtt_url):
        msg = "--nats-url and --mqtt-url belong together: an external NATS has both listeners; give both or neither"
        raise CannotStartError(msg)


def _check_url(option: str, url: str, schemes: tuple[str, ...]) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        # The URL itself may hold a password and is not repeated.
        msg = f"{option} is not of the form {schemes[0]}://host:port; correct it or leave it out"
        raise CannotStartError(msg)


def _await_database(engines: Engines, children: Children, stopper: Stopper, *, external: bool) -> None:
    reason = asyncpg_adapter.refusal(engines.database_url)
    give_up_at_s = time.monotonic() + _READY_WITHIN_S
    while reason and not external and time.monotonic() < give_up_at_s:
        _refuse_ended(children, "PostgreSQL")
        stopper.wait(0.05)
        stopper.check()
        reason = asyncpg_adapter.refusal(engines.database_url)
    if reason:
        where = "the database that --database-url names" if external else "our own PostgreSQL"
        msg = f"{where} does not take us: {reason}; check that it runs and that the URL's user may use it"
        raise CannotStartError(msg)


def _await_nats(
    engines: Engines, children: Children, stopper: Stopper, at: tuple[str, int], accounts_file: str
) -> None:
    users = {
        "headend": engines.credentials.nats_headend,
        "auth": engines.credentials.nats_auth,
        "twin": engines.credentials.nats_twin,
    }
    give_up_at_s = time.monotonic() + _READY_WITHIN_S
    while True:
        reasons = [reason for user, word in users.items() if (reason := nats.refusal(*at, user, word))]
        if not reasons and not answers(engines.mqtt_host, engines.mqtt_port):
            reasons = [f"does not listen for MQTT on {engines.mqtt_host}:{engines.mqtt_port}"]
        if not reasons:
            return
        if accounts_file or time.monotonic() > give_up_at_s:
            break
        _refuse_ended(children, "NATS")
        stopper.wait(0.05)
        stopper.check()
    remedy = f"include {accounts_file} in its configuration (docs/howto/operate.md)" if accounts_file else "see its log"
    msg = f"NATS at {at[0]}:{at[1]} {reasons[0]}; {remedy}"
    raise CannotStartError(msg)


def _refuse_ended(children: Children, name: str) -> None:
    words = children.ended(name)
    if words is not None:
        msg = f"{name} stopped at its start and said {words!r}; correct that and start again"
        raise CannotStartError(msg)
