"""Telemetry into the store: messages, readings, events in their chain, last values, hourly roll-up.

Exactly once: each meter's `link.stored_seq` moves on in the transaction that stores its messages, and only from
the value this process believes; whoever finds another value there stores nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from bptm.headend.chain import EVENT_VALUES, canonical, link_hashes
from bptm.headend.columns import (
    REPORT,
    VALUE_TYPES,
    CopyTable,
    report_array,
    seconds_of_ticks,
    timestamp,
    timestamps_of_ticks,
)
from bptm.headend.database import StoreMovedOnError, Transaction
from bptm.headend.records import Arrival
from bptm.terms import core_codes as c

_READING_VALUES = {n: t for n, t in VALUE_TYPES.items() if n not in {"kind", "code", "cause", "mode_before"}}
_FRONT = {"meter_no": "i4", "seq": "i8", "at": "i8"}

READING = CopyTable("reading", {**_FRONT, **_READING_VALUES})
EVENT = CopyTable("event", {"event_no": "i8", **_FRONT, **EVENT_VALUES, "prev_hash": "V32", "hash": "V32"})
LATEST = CopyTable("latest_in", {"meter_no": "i4", **VALUE_TYPES})

ENERGY_NAMES = tuple(name for name in VALUE_TYPES if name.endswith("_mwticks"))
COUNTER_NAMES = (*ENERGY_NAMES, "transfers")
"""Registers that only rise: their increments go into the hourly roll-up."""

_MESSAGE_COLUMNS = ("meter_no", "seq", "at", "stored_wall", "bytes")
_MESSAGE_HEAD = Struct(">hiiiqiqiqi")
"""Count of columns; then length and value of meter_no, seq, at, stored_wall; then the length of the bytes."""

_SECONDS_A_DAY = 86_400
_SECONDS_AN_HOUR = 3_600
_PARTITIONS_WITHIN_DAYS = 400
"""Days from the event's start for which a partition is made; further off lies a meter with a wrong clock."""

_LATEST_SET = ", ".join(f"{name} = excluded.{name}" for name in VALUE_TYPES)
_UPSERT_LATEST = f"insert into latest select * from latest_in on conflict (meter_no) do update set {_LATEST_SET}"  # noqa: S608  # S608: the names are those of core_report.FIELDS.

_MOVE_LINK = """
update link set stored_seq = n.seq, heard_s = n.heard_s, boots = n.boots, command_seq = n.command_seq
from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
    as n(meter_no, before, seq, heard_s, boots, command_seq)
where link.meter_no = n.meter_no and link.stored_seq = n.before
"""

_HOURLY_COLUMNS = (
    "messages", "readings", "readings_on_utility", "readings_on_backup", "readings_dark", "events", "transfers",
    *ENERGY_NAMES,
)  # fmt: skip
_UPSERT_HOURLY = (
    f"insert into hourly (hour, {', '.join(_HOURLY_COLUMNS)}) "  # noqa: S608 (names of our own)
    f"values (to_timestamp($1), {', '.join(f'${i}' for i in range(2, 2 + len(_HOURLY_COLUMNS)))}) "
    "on conflict (hour) do update set " + ", ".join(f"{n} = hourly.{n} + excluded.{n}" for n in _HOURLY_COLUMNS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """A batch of messages as arrays, made before the transaction so that a retry costs nothing."""

    arrivals: Sequence[Arrival]
    reports: NDArray[np.void]
    """All reports in order of arrival, of `columns.REPORT`."""
    meter_nos: NDArray[np.int32]
    """Meter of each report."""
    seqs: NDArray[np.int64]
    """Message of each report."""
    at_s: NDArray[np.int64]
    """Event time of each report."""
    last_of_meter: NDArray[np.intp]
    """Index of the last report of each meter that has any."""


def telemetry_of(arrivals: Sequence[Arrival], event_start_s: int) -> Telemetry:
    """The batch as arrays."""
    counts = [len(arrival.message.reports) for arrival in arrivals]
    flat = [report for arrival in arrivals for report in arrival.message.reports]
    reports = report_array(flat) if flat else np.empty(0, REPORT)
    meter_nos = np.repeat(np.array([arrival.meter_no for arrival in arrivals], np.int32), counts)
    # The last of each meter: the first one of it when read backwards.
    backwards = np.unique(meter_nos[::-1], return_index=True)[1]
    return Telemetry(
        arrivals=arrivals,
        reports=reports,
        meter_nos=meter_nos,
        seqs=np.repeat(np.array([arrival.message.seq for arrival in arrivals], np.int64), counts),
        at_s=seconds_of_ticks(reports["tick"], event_start_s),
        last_of_meter=len(meter_nos) - 1 - backwards,
    )


async def store_messages(transaction: Transaction, arrivals: Sequence[Arrival], wall_s: float) -> None:
    """Every message as it came."""
    wall = timestamp(int(wall_s))
    pieces: list[bytes] = []
    for arrival in arrivals:
        message, encoded = arrival.message, arrival.encoded
        at = timestamp(message.at_s)
        pieces += (_MESSAGE_HEAD.pack(5, 4, arrival.meter_no, 8, message.seq, 8, at, 8, wall, len(encoded)), encoded)
    await transaction.copy_in("message", _MESSAGE_COLUMNS, b"".join(pieces))


async def store_reports(
    transaction: Transaction, telemetry: Telemetry, meter_ids: Sequence[str], event_start_s: int
) -> None:
    """Rows into `reading`, events into their chain, last values into `latest`."""
    reports = telemetry.reports
    if not len(reports):
        return
    at = timestamps_of_ticks(reports["tick"], event_start_s)
    front: dict[str, NDArray[np.generic]] = {"meter_no": telemetry.meter_nos, "seq": telemetry.seqs, "at": at}
    is_event = reports["kind"] == c.REPORT_EVENT
    rows = ~is_event
    if rows.any():
        chosen = reports[rows]
        body = {name: values[rows] for name, values in front.items()} | {n: chosen[n] for n in _READING_VALUES}
        await transaction.copy_in("reading", tuple(READING.columns), READING.body(len(chosen), body))
    if is_event.any():
        chosen = reports[is_event]
        body = {name: values[is_event] for name, values in front.items()} | {n: chosen[n] for n in EVENT_VALUES}
        await _store_events(transaction, body, [meter_ids[int(number)] for number in telemetry.meter_nos[is_event]])
    last = reports[telemetry.last_of_meter]
    body = {"meter_no": telemetry.meter_nos[telemetry.last_of_meter]} | {n: last[n] for n in VALUE_TYPES}
    await transaction.execute("create temp table if not exists latest_in (like latest) on commit delete rows")
    await transaction.copy_in("latest_in", tuple(LATEST.columns), LATEST.body(len(last), body))
    await transaction.execute(_UPSERT_LATEST)


async def _store_events(
    transaction: Transaction, values: Mapping[str, NDArray[np.generic]], meter_ids: Sequence[str]
) -> None:
    """Chains the events on to the stored ones. The lock on the head makes writers wait for each other."""
    head = (await transaction.rows("select event_no, hash from chain_head for update"))[0]
    before_no, before_hash = int(head["event_no"]), bytes(head["hash"])
    hashes = link_hashes(before_hash, canonical(before_no + 1, meter_ids, values["seq"], values))
    count = len(hashes)
    body = dict(values) | {
        "event_no": np.arange(before_no + 1, before_no + 1 + count),
        "prev_hash": np.array([before_hash, *hashes[:-1]], "V32"),
        "hash": np.array(hashes, "V32"),
    }
    await transaction.copy_in("event", tuple(EVENT.columns), EVENT.body(count, body))
    await transaction.execute("update chain_head set event_no = $1, hash = $2", before_no + count, hashes[-1])


async def move_links(
    transaction: Transaction, arrivals: Sequence[Arrival], stored_seqs: Mapping[int, int] | NDArray[np.int64]
) -> None:
    """Notes how far each meter is stored now.

    Raises:
        StoreMovedOnError: Another writer has stored messages of one of these meters.
    """
    last = {arrival.meter_no: arrival.message for arrival in arrivals}
    nos = list(last)
    messages = list(last.values())
    moved = await transaction.execute(
        _MOVE_LINK,
        nos,
        [int(stored_seqs[no]) for no in nos],
        [message.seq for message in messages],
        [message.at_s for message in messages],
        [message.boots for message in messages],
        [message.command_seq for message in messages],
    )
    if moved != len(nos):
        msg = f"{len(nos) - moved} of {len(nos)} meters were stored further by another head-end; reading again"
        raise StoreMovedOnError(msg)


async def roll_up(transaction: Transaction, telemetry: Telemetry, counters: NDArray[np.int64]) -> None:
    """Adds the batch to the hours of event time that it belongs to.

    Args:
        transaction: Where to store.
        telemetry: The batch.
        counters: Registers of each meter before the batch, shape (meters, COUNTER_NAMES); -1 for a meter that
            has not reported, whose first report then counts from itself.
    """
    sums: dict[int, list[int]] = {}
    width = len(_HOURLY_COLUMNS)
    for arrival in telemetry.arrivals:
        hour = arrival.message.at_s // _SECONDS_AN_HOUR
        sums.setdefault(hour, [0] * width)[0] += 1
    if len(telemetry.reports):
        _add_reports(sums, telemetry, counters)
    rows = [(hour * _SECONDS_AN_HOUR, *values) for hour, values in sorted(sums.items())]
    await transaction.execute_many(_UPSERT_HOURLY, rows)


def _add_reports(sums: dict[int, list[int]], telemetry: Telemetry, counters: NDArray[np.int64]) -> None:
    reports = telemetry.reports
    increments = _increments(telemetry, counters)
    is_row = reports["kind"] == c.REPORT_ROW
    fed_by = reports["fed_by"]
    columns = [
        is_row,
        is_row & (fed_by == c.FED_BY_UTILITY),
        is_row & (fed_by == c.FED_BY_BACKUP),
        is_row & (fed_by == c.FED_BY_NONE),
        ~is_row,
        increments[:, len(ENERGY_NAMES)],
        *(increments[:, i] for i in range(len(ENERGY_NAMES))),
    ]
    hours, which = np.unique(telemetry.at_s // _SECONDS_AN_HOUR, return_inverse=True)
    totals = np.zeros((len(hours), len(columns)), np.int64)
    for i, column in enumerate(columns):
        np.add.at(totals[:, i], which, column)
    for hour, values in zip(hours.tolist(), totals.tolist(), strict=True):
        into = sums.setdefault(hour, [0] * len(_HOURLY_COLUMNS))
        for i, value in enumerate(values, 1):
            into[i] += value


def _increments(telemetry: Telemetry, counters: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much each register rose with each report; a register that falls (a meter replaced) counts nothing."""
    values = counters_of(telemetry.reports)
    order = np.argsort(telemetry.meter_nos, kind="stable")
    meters, sorted_values = telemetry.meter_nos[order], values[order]
    before = np.empty_like(sorted_values)
    before[1:] = sorted_values[:-1]
    first = np.ones(len(meters), np.bool_)
    first[1:] = meters[1:] != meters[:-1]
    known = counters[meters[first]]
    before[first] = np.where(known < 0, sorted_values[first], known)
    increments = np.empty_like(values)
    increments[order] = np.maximum(sorted_values - before, 0)
    return increments


def counters_of(reports: NDArray[np.void]) -> NDArray[np.int64]:
    """Registers of each report, shape (reports, COUNTER_NAMES)."""
    values = np.empty((len(reports), len(COUNTER_NAMES)), np.int64)
    for i, name in enumerate(COUNTER_NAMES):
        values[:, i] = reports[name]
    return values


def days_of(telemetry: Telemetry, event_start_s: int) -> list[date]:
    """Days that need a partition of `reading`, ascending; days far from the event are left to the default one."""
    start = event_start_s // _SECONDS_A_DAY
    days = np.unique(telemetry.at_s // _SECONDS_A_DAY)
    near = days[np.abs(days - start) <= _PARTITIONS_WITHIN_DAYS]
    return [datetime.fromtimestamp(day * _SECONDS_A_DAY, UTC).date() for day in near.tolist()]


async def make_partition(transaction: Transaction, day: date) -> None:
    """A partition of `reading` for one day of event time, UTC, unless it exists."""
    name = f"reading_{day:%Y%m%d}"
    await transaction.execute(
        f"create table if not exists {name} partition of reading "
        f"for values from ('{day.isoformat()} 00:00+00') to ('{(day + timedelta(days=1)).isoformat()} 00:00+00')"
    )
