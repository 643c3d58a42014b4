"""The twin's memory between starts: one SQLite file, one transaction a checkpoint.

Everything that decides what comes next is written together: fleet, clock, numbering, pending reports and the
messages not yet acknowledged. The host sends a message only after the transaction that holds it, so whatever a
`kill -9` leaves behind neither loses nor invents anything: what was sent is here, what is not here was not sent.

    CheckpointError
    ├── OtherRunError    the file belongs to another event, seed or meter count
    └── DiskError        nothing could be written; the same checkpoint may be tried again

Source: https://www.sqlite.org/pragma.html#pragma_synchronous (WAL with FULL: durable at each commit).
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bptm.twin.messages import REPORT_DTYPE
from bptm.whole_file import write_whole

FORMAT = 1

METER_DTYPE = np.dtype([("seq", "i8"), ("acked_seq", "i8"), ("boots", "i8"), ("command_seq", "i8")])
"""What the twin keeps of every meter beside its controller: last number given, last one acknowledged, starts,
highest command handled."""

ANSWERED_DTYPE = np.dtype([("home", "i4"), ("command_hash", "u1", (32,))])
"""The commands answered lately, by SHA-256 of their bytes, oldest first; few meters have any."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    format INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    tick INTEGER NOT NULL, stepped_s INTEGER NOT NULL, lockstep INTEGER NOT NULL, ended INTEGER NOT NULL,
    wall_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    fleet BLOB NOT NULL, pending BLOB NOT NULL, meters BLOB NOT NULL, answered BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS backlog (
    home INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (home, seq)) WITHOUT ROWID;
"""

_DISK_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})


class CheckpointError(Exception):
    """Something is wrong with the checkpoint; the text is one sentence."""


class OtherRunError(CheckpointError):
    """The file belongs to another run."""


class DiskError(CheckpointError):
    """The checkpoint could not be written now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the run stands. Small: written alone when nothing else has to be."""

    tick: int
    """Event time, which may be ahead of the fleet in the file; the fleet is then advanced to it, silently."""
    stepped_s: int
    """Last stop at which the head-end was done; 0 before the first."""
    lockstep: bool
    """The head-end still has commands open."""
    ended: bool
    """The final messages are made."""
    wall_s: float
    """Wall time used so far, over all starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """All that the twin must know to go on."""

    progress: Progress
    fleet: bytes
    pending: NDArray[np.void]
    meters: NDArray[np.void]
    answered: NDArray[np.void]


Message = tuple[int, int, bytes]
"""Home, number and bytes of a message in the backlog."""


class CheckpointStore:
    """The SQLite file. One caller at a time, from any thread."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Opens or makes the file.

        Args:
            path: The file; its directory exists.
            fingerprint: What is replayed, as text that is equal only for the same replay.

        Raises:
            OtherRunError: The file was made for another fingerprint, or by another version.
            DiskError: It can be neither opened nor made.
        """
        self._path = path
        self._fingerprint = fingerprint
        try:
            path.touch(mode=0o600, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (OSError, sqlite3.DatabaseError) as error:
            raise self._as_disk_error(error) from error

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        row = self._db.execute("SELECT format, fingerprint FROM run").fetchone()
        if row is not None and row != (FORMAT, self._fingerprint):
            self._db.close()
            msg = (
                f"{self._path}: holds another replay (format {row[0]}, {row[1]}), not this one (format {FORMAT}, "
                f"{self._fingerprint}); start with --fresh to replace it."
            )
            raise OtherRunError(msg)

    def load(self) -> tuple[Checkpoint, list[Message]] | None:
        """The last checkpoint and its backlog by home and number; None when there is none yet."""
        run = self._db.execute("SELECT tick, stepped_s, lockstep, ended, wall_s FROM run").fetchone()
        state = self._db.execute("SELECT fleet, pending, meters, answered FROM state").fetchone()
        if run is None or state is None:
            return None
        checkpoint = Checkpoint(
            progress=Progress(
                tick=run[0], stepped_s=run[1], lockstep=bool(run[2]), ended=bool(run[3]), wall_s=float(run[4])
            ),
            fleet=state[0],
            pending=np.frombuffer(state[1], REPORT_DTYPE).copy(),
            meters=np.frombuffer(state[2], METER_DTYPE).copy(),
            answered=np.frombuffer(state[3], ANSWERED_DTYPE).copy(),
        )
        return checkpoint, self._db.execute("SELECT home, seq, body FROM backlog ORDER BY home, seq").fetchall()

    def save(self, checkpoint: Checkpoint, added: Sequence[Message], acked: Iterable[tuple[int, int]]) -> None:
        """Writes everything in one transaction, durable on return.

        Args:
            checkpoint: Everything but the messages.
            added: Messages made since the last checkpoint.
            acked: Home and number up to which its messages are acknowledged; those leave the backlog.

        Raises:
            DiskError: Nothing was written.
        """
        progress = checkpoint.progress
        try:
            with self._transaction():
                self._db.executemany("DELETE FROM backlog WHERE home = ? AND seq <= ?", acked)
                self._db.executemany("INSERT INTO backlog VALUES (?, ?, ?)", added)
                self._db.execute(
                    "REPLACE INTO state VALUES (1, ?, ?, ?, ?)",
                    (
                        checkpoint.fleet,
                        checkpoint.pending.tobytes(),
                        checkpoint.meters.tobytes(),
                        checkpoint.answered.tobytes(),
                    ),
                )
                self._write_progress(progress)
        except sqlite3.OperationalError as error:
            raise self._as_disk_error(error) from error

    def save_progress(self, progress: Progress) -> None:
        """Writes only where the run stands: no message was made and no command handled since the last `save`.

        Raises:
            DiskError: Nothing was written.
        """
        try:
            with self._transaction():
                self._write_progress(progress)
        except sqlite3.OperationalError as error:
            raise self._as_disk_error(error) from error

    def close(self) -> None:
        """Closes the file. The last checkpoint stands."""
        self._db.close()

    def _write_progress(self, progress: Progress) -> None:
        self._db.execute(
            "REPLACE INTO run VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
            (
                FORMAT,
                self._fingerprint,
                progress.tick,
                progress.stepped_s,
                progress.lockstep,
                progress.ended,
                progress.wall_s,
            ),
        )

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)

    def _as_disk_error(self, error: Exception) -> CheckpointError:
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF not in _DISK_CODES:
            raise error
        if isinstance(error, OSError):
            return DiskError(f"{self._path}: cannot be written ({error.strerror}); free space or rights there.")
        if isinstance(error, sqlite3.OperationalError):
            return DiskError(f"{self._path}: the checkpoint could not be written ({error}); free space on that disk.")
        return CheckpointError(f"{self._path}: is damaged ({error}); start with --fresh to replace it.")


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK when anything was raised."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.OperationalError:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        # A full disk may already have rolled back by itself. Source: https://www.sqlite.org/lang_transaction.html
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def write_durably(path: Path, text: str) -> None:
    """Replaces a file at once: a reader sees the old content or the new, also after a loss of power.

    Raises:
        DiskError: Not written; the old content stands.
    """
    try:
        write_whole(path, text)
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); free space on that disk."
        raise DiskError(msg) from error
