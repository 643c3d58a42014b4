"""The store: what is written, always in one transaction, and what this process believes is stored.

Reading for people stands in `store_read`.
"""

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bptm.headend import telemetry_store as telemetry
from bptm.headend.database import Database, StoreMovedOnError, StoreUnavailableError, Transaction
from bptm.headend.desk import MeterPlace
from bptm.headend.records import AlarmRecord, Changes, CommandRecord
from bptm.terms.codes import Action, BackupKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

_log = logging.getLogger(__name__)

_INSERT_COMMAND = """
insert into command (command_id, meter_no, seq, action, hold_s, issued_s, expires_s, nonce, sealed, issued_by, state,
    accepted_s, ended_s, reason, in_doubt)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_INSERT_HISTORY = "insert into command_history (command_id, at_s, state, reason) values ($1, $2, $3, $4)"
_CHANGE_COMMAND = """
update command set state = $2, reason = $3, accepted_s = $4, ended_s = $5, in_doubt = $6 where command_id = $1
"""
_RAISE_ALARM = """
insert into alarm (meter_no, code, severity, text, raised_s, cleared_s) values ($1, $2, $3, $4, $5, $6)
"""
_CLEAR_ALARM = "update alarm set cleared_s = $3 where meter_no = $1 and code = $2 and cleared_s is null"
_DARK_SINCE = "update link set dark_since_s = $2 where meter_no = $1 and dark_since_s is distinct from $2"
_QUARANTINE = "insert into quarantine (subject, reason, bytes) values ($1, $2, $3)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """How far one meter is stored, and what its last message said of the meter itself."""

    meter_no: int
    stored_seq: int
    heard_s: int | None
    boots: int
    command_seq: int
    dark_since_s: int | None
    """Since when it has reported that nothing feeds the premise."""


class Store:
    """One writer's view of the store.

    Attributes:
        stored_seqs: Last stored sequence of each meter by number; 0 before the first.
        meter_ids: Meter ids by number.
    """

    def __init__(self, database: Database, event_start_s: int) -> None:
        """Knows nothing until `load`."""
        self.database = database
        self._event_start_s = event_start_s
        self.meter_ids: list[str] = []
        self.stored_seqs: NDArray[np.int64] = np.zeros(0, np.int64)
        self._counters: NDArray[np.int64] = np.zeros((0, len(telemetry.COUNTER_NAMES)), np.int64)
        self._days: set[date] = set()

    async def load(self) -> None:
        """Reads what is stored: at the start, after enrolment, and whenever a write has failed.

        Raises:
            StoreUnavailableError: PostgreSQL is gone.
        """
        names = ", ".join(f"latest.{name}" for name in telemetry.COUNTER_NAMES)
        rows = await self.database.rows(
            f"select meter_id, coalesce(stored_seq, 0) as stored_seq, {names} from registry "  # noqa: S608 (our names)
            "left join link using (meter_no) left join latest using (meter_no) order by meter_no"
        )
        self.meter_ids = [row["meter_id"] for row in rows]
        self.stored_seqs = np.array([row["stored_seq"] for row in rows], np.int64)
        counters = [[-1 if row[n] is None else row[n] for n in telemetry.COUNTER_NAMES] for row in rows]
        self._counters = np.array(counters, np.int64).reshape(len(rows), len(telemetry.COUNTER_NAMES))

    async def write(self, changes: Changes, *, wall_s: float) -> None:
        """Stores all of the changes, or nothing.

        Args:
            changes: Arrivals must continue each meter's `stored_seqs` without a gap.
            wall_s: The wall clock, for the columns named so.

        Raises:
            StoreUnavailableError: PostgreSQL is gone or full; nothing is stored, or all of it is: `load` and see.
            StoreMovedOnError: Another head-end stored first; nothing is stored.
        """
        batch = telemetry.telemetry_of(changes.arrivals, self._event_start_s)
        try:
            await self._make_partitions(batch)
            async with self.database.transaction() as transaction:
                if changes.arrivals:
                    # First of all, since it also locks: a second writer of the same meters waits, then fails.
                    await telemetry.move_links(transaction, changes.arrivals, self.stored_seqs)
                    await telemetry.store_messages(transaction, changes.arrivals, wall_s)
                    await telemetry.store_reports(transaction, batch, self.meter_ids, self._event_start_s)
                    await telemetry.roll_up(transaction, batch, self._counters)
                await transaction.execute_many(_DARK_SINCE, sorted(changes.dark_since_s.items()))
                await _write_rest(transaction, changes)
        except (StoreUnavailableError, StoreMovedOnError):
            # The partitions may have gone with a restored or replaced database.
            self._days.clear()
            raise
        for arrival in changes.arrivals:
            self.stored_seqs[arrival.meter_no] = arrival.message.seq
        last = batch.last_of_meter
        self._counters[batch.meter_nos[last]] = telemetry.counters_of(batch.reports[last])

    async def _make_partitions(self, batch: telemetry.Telemetry) -> None:
        """Partitions in a transaction of their own: making one locks out all readers until it ends."""
        missing = [day for day in telemetry.days_of(batch, self._event_start_s) if day not in self._days]
        for day in missing:
            async with self.database.transaction() as transaction:
                await telemetry.make_partition(transaction, day)
            self._days.add(day)

    async def load_places(self) -> list[MeterPlace]:
        """All meters of the registry, by number."""
        rows = await self.database.rows(
            "select meter_no, meter_id, place, region, lat, lon, backup, medical, note from registry order by meter_no"
        )
        return [
            MeterPlace(
                number=row["meter_no"], meter_id=row["meter_id"], place=row["place"], region=row["region"],
                lat=row["lat"], lon=row["lon"], backup=BackupKind(row["backup"]), medical=row["medical"],
                note=row["note"],
            )
            for row in rows
        ]  # fmt: skip

    async def load_links(self) -> list[LinkState]:
        """How far each meter is stored, by number; meters never heard are among them."""
        rows = await self.database.rows(
            "select meter_no, stored_seq, heard_s, boots, command_seq, dark_since_s from link order by meter_no"
        )
        return [LinkState(**dict(row)) for row in rows]

    async def load_latest(self) -> tuple[list[int], list[tuple[int | float, ...]]]:
        """Meter numbers that have reported, and the last report of each."""
        names = ", ".join(telemetry.VALUE_TYPES)
        rows = await self.database.rows(f"select meter_no, {names} from latest order by meter_no")  # noqa: S608 (ours)
        return [row["meter_no"] for row in rows], [tuple(row[n] for n in telemetry.VALUE_TYPES) for row in rows]

    async def load_commands(self) -> list[CommandRecord]:
        """Every command ever issued, oldest first."""
        rows = await self.database.rows(
            "select command_id, meter_no, seq, action, hold_s, issued_s, expires_s, nonce, sealed, issued_by, state, "
            "accepted_s, ended_s, reason, in_doubt from command order by issued_s, meter_no, seq"
        )
        return [replace(CommandRecord(**dict(row)), action=Action(row["action"])) for row in rows]

    async def load_alarms(self, cleared_limit: int) -> list[AlarmRecord]:
        """All standing alarms and the newest cleared ones, oldest first."""
        rows = await self.database.rows(
            "(select alarm_no, meter_no, code, severity, text, raised_s, cleared_s from alarm where cleared_s is null) "
            "union all (select alarm_no, meter_no, code, severity, text, raised_s, cleared_s from alarm "
            "where cleared_s is not null order by raised_s desc, alarm_no desc limit $1) order by raised_s, alarm_no",
            cleared_limit,
        )
        return [AlarmRecord(**{k: v for k, v in row.items() if k != "alarm_no"}) for row in rows]

    async def load_script_lines(self) -> set[int]:
        """Numbers of the script lines that have been issued."""
        return {row["line_no"] for row in await self.database.rows("select line_no from script_line")}


async def _write_rest(transaction: Transaction, changes: Changes) -> None:
    """Commands, alarms, script lines and quarantine."""
    issued = changes.commands_issued
    await transaction.execute_many(
        _INSERT_COMMAND,
        [
            (r.command_id, r.meter_no, r.seq, int(r.action), r.hold_s, r.issued_s, r.expires_s, r.nonce, r.sealed,
             r.issued_by, r.state, r.accepted_s, r.ended_s, r.reason, r.in_doubt)
            for r in issued
        ],
    )  # fmt: skip
    history: list[Sequence[object]] = [(r.command_id, r.issued_s, r.state, r.reason) for r in issued]
    history += [(r.command_id, r.at_s, r.state, r.reason) for r in changes.commands_changed]
    await transaction.execute_many(_INSERT_HISTORY, history)
    await transaction.execute_many(
        _CHANGE_COMMAND,
        [(r.command_id, r.state, r.reason, r.accepted_s, r.ended_s, r.in_doubt) for r in changes.commands_changed],
    )
    # Clearing comes first: an alarm that goes and comes within one batch stands at its end.
    await transaction.execute_many(_CLEAR_ALARM, [(r.meter_no, r.code, r.cleared_s) for r in changes.alarms_cleared])
    await transaction.execute_many(
        _RAISE_ALARM,
        [(r.meter_no, r.code, r.severity, r.text, r.raised_s, r.cleared_s) for r in changes.alarms_raised],
    )
    await transaction.execute_many(
        "insert into script_line (line_no, issued_s) values ($1, $2)", [tuple(line) for line in changes.script_lines]
    )
    await transaction.execute_many(_QUARANTINE, [(q.subject, q.reason, q.encoded) for q in changes.quarantined])
