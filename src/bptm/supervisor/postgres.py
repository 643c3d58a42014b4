"""Our own PostgreSQL: made once, loopback only, two roles with random passwords.

Source: docs/decisions (database); PostgreSQL 18 documentation, chapters 19 (configuration) and 20 (authentication).
"""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bptm.supervisor.credentials import Credentials
from bptm.supervisor.engine_home import EngineHome
from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.spawn import Program, last_words, run_to_end

_BUILTIN_LOCALE_SINCE = 17
_INITDB_TIMEOUT_S = 120.0
_DATA = "postgres"

_HBA = """# Written by bptm at each start.
# TYPE  DATABASE  USER      ADDRESS        METHOD
host    bptm      bptm      127.0.0.1/32   scram-sha-256
host    postgres  postgres  127.0.0.1/32   scram-sha-256
"""

_CONF = """# Written by bptm at each start.
listen_addresses = '127.0.0.1'
port = {port}
# No socket: nothing to leave behind, and no way in without a password.
unix_socket_directories = ''
hba_file = '{hba_file}'
password_encryption = 'scram-sha-256'
max_connections = 40
shared_buffers = '128MB'
# One server, no replicas: the least write-ahead log that survives a crash.
wal_level = 'minimal'
max_wal_senders = 0
max_wal_size = '1GB'
# A meter forgets what was committed, so a commit is on disk.
fsync = on
synchronous_commit = on
jit = off
logging_collector = off
log_timezone = 'UTC'
timezone = 'UTC'
lc_messages = 'C'
"""

_ENVIRON = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
"""Nothing of ours: PG* variables of the person must not reach the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnableEngine:
    """`postgres` where the engines' account can run it."""

    binary: Path
    major: int


def data_path(home_path: Path) -> Path:
    """The cluster's directory."""
    return home_path / _DATA


def cluster_major(home_path: Path) -> int | None:
    """Major release that made the cluster; None when there is no cluster yet."""
    try:
        return int((data_path(home_path) / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def make_cluster(
    engine: RunnableEngine,
    home: EngineHome,
    credentials: Credentials,
    log_file: Path,
    asked_to_stop: Callable[[], None],
) -> None:
    """Makes the cluster, its role and its database, unless they are there: whole or not at all.

    Args:
        engine: `postgres`, with `initdb` beside it.
        home: Where.
        credentials: Passwords of the two roles.
        log_file: What the two programs say.
        asked_to_stop: Called often; may raise to stop.

    Raises:
        CannotStartError: A step failed; what it said is in the sentence.
    """
    if cluster_major(home.path) is not None:
        return
    draft = home.path / f"{_DATA}.new"
    if draft.exists():
        shutil.rmtree(draft)
    password_file = home.path / "initdb-password"
    home.write(password_file, f"{credentials.database_owner}\n".encode())
    home.make_dir(draft.name)
    locale = ["--encoding=UTF8", "--locale=C"]
    if engine.major >= _BUILTIN_LOCALE_SINCE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = [str(engine.binary.with_name("initdb")), "-D", str(draft), "-U", "postgres", "--auth=scram-sha-256"]
    try:
        step = Program(
            name="initdb",
            argv=(*initdb, f"--pwfile={password_file}", *locale),
            log_file=log_file,
            environ=dict(_ENVIRON),
            account=home.account,
        )
        _run(step, b"", asked_to_stop)
        # Single-user mode needs no open port and no client. A statement ends with its line.
        statements = f"CREATE ROLE bptm LOGIN PASSWORD '{credentials.database}'\nCREATE DATABASE bptm OWNER bptm\n"
        options = ("--single", "-D", str(draft), "-c", "password_encryption=scram-sha-256", "postgres")
        step = replace(step, name="postgres --single", argv=(str(engine.binary), *options))
        _run(step, statements.encode(), asked_to_stop)
    finally:
        password_file.unlink(missing_ok=True)
    draft.rename(data_path(home.path))


def program(engine: RunnableEngine, home: EngineHome, port: int, log_file: Path) -> Program:
    """The server as a child; writes its settings."""
    data = data_path(home.path)
    home.write(data / "bptm_hba.conf", _HBA.encode())
    home.write(data / "postgresql.conf", _CONF.format(port=port, hba_file=_doubled(data / "bptm_hba.conf")).encode())
    return Program(
        name="PostgreSQL",
        argv=(str(engine.binary), "-D", str(data)),
        log_file=log_file,
        environ=dict(_ENVIRON),
        account=home.account,
        # Immediate shutdown: the postmaster takes its own children along, which a SIGKILL would not.
        death_signal=signal.SIGQUIT,
        # Fast shutdown: connections are ended, not waited for.
        stop_signal=signal.SIGINT,
    )


def leftover_pid(home_path: Path) -> int | None:
    """A live postmaster of this cluster that an earlier run left behind; None when there is none.

    The process in `postmaster.pid` counts only if its command line names this cluster: process ids are used again.
    A file whose process is gone or is another program is removed, since PostgreSQL refuses to start beside it.
    """
    data = data_path(home_path)
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        pid_file.unlink(missing_ok=True)
        return None
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        arguments = []
    if os.fsencode(data) in arguments:
        return pid
    pid_file.unlink(missing_ok=True)
    return None


def _run(step: Program, stdin: bytes, asked_to_stop: Callable[[], None]) -> None:
    try:
        status, said = run_to_end(step, timeout_s=_INITDB_TIMEOUT_S, stdin=stdin, asked_to_stop=asked_to_stop)
    except (OSError, TimeoutError) as error:
        msg = f"PostgreSQL cannot be set up: {error}; see {step.log_file}"
        raise CannotStartError(msg) from error
    failed = [line for line in said.splitlines() if "ERROR:" in line or "FATAL:" in line or "error:" in line]
    if status != 0 or failed:
        words = failed[-1] if failed else last_words(step.log_file)
        msg = f"PostgreSQL cannot be set up: {step.name} said {words!r}; see {step.log_file}"
        raise CannotStartError(msg)


def _doubled(path: Path) -> str:
    """A path for a string of postgresql.conf, where a quote is written twice."""
    return str(path).replace("'", "''")
