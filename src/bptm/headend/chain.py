"""The hash chain over stored events: nobody changes, removes or inserts one later without being found out.

Each event's hash is SHA-256 over the hash before it and the event's canonical bytes; the first one follows 32
zero bytes. The canonical bytes are one packed big-endian record: number in the chain, meter id (padded with zero
bytes), sequence of its message, then every value of `core_report.FIELDS` but `kind`, in order. The chain shows
tampering with the middle; who can rewrite the whole chain must be stopped by keeping a published head elsewhere.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from bptm.headend.columns import VALUE_TYPES
from bptm.headend.database import Database, Row

GENESIS = bytes(32)
"""What the first event's hash follows."""

EVENT_VALUES: dict[str, str] = {name: type_ for name, type_ in VALUE_TYPES.items() if name != "kind"}
"""Values of an event, name and type. All events have the same kind."""

_CANONICAL = np.dtype(
    [("event_no", ">i8"), ("meter_id", "S64"), ("seq", ">i8")]
    + [(name, f">{type_}") for name, type_ in EVENT_VALUES.items()]
)
_PIECE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last link of the chain."""

    event_no: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a verification found. `fault` is empty when the chain holds."""

    events: int
    head: str
    fault: str


def canonical(
    first_no: int, meter_ids: Sequence[str], seqs: ArrayLike, values: Mapping[str, ArrayLike]
) -> NDArray[np.void]:
    """Canonical records of consecutive events, the first one with number `first_no`."""
    records = np.zeros(len(meter_ids), _CANONICAL)
    records["event_no"] = np.arange(first_no, first_no + len(meter_ids))
    records["meter_id"] = meter_ids
    records["seq"] = seqs
    for name in EVENT_VALUES:
        records[name] = values[name]
    return records


def link_hashes(before: bytes, records: NDArray[np.void]) -> list[bytes]:
    """Hash of each record, chained on from `before`."""
    body = records.tobytes()
    size = _CANONICAL.itemsize
    hashes: list[bytes] = []
    for start in range(0, len(body), size):
        before = sha256(before + body[start : start + size]).digest()
        hashes.append(before)
    return hashes


async def verify(database: Database) -> ChainReport:
    """Reads every stored event and recomputes the chain.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    names = ", ".join(f"e.{name}" for name in EVENT_VALUES)
    sql = (
        "select e.event_no, coalesce(r.meter_id, '') as meter_id, e.seq, e.prev_hash, e.hash, "  # noqa: S608
        f"{names} from event e left join registry r using (meter_no) order by e.event_no"
    )  # S608: the names come from a table of our own, never from outside.
    events, hash_before, fault = 0, GENESIS, ""
    piece: list[Row] = []
    async with database.transaction() as transaction:
        # One snapshot for events and head, whatever is stored meanwhile.
        await transaction.execute("set transaction isolation level repeatable read, read only")
        async for row in transaction.walk(sql):
            piece.append(row)
            if len(piece) == _PIECE:
                hash_before, fault = _verify_piece(events, hash_before, piece)
                events += len(piece)
                piece = []
                if fault:
                    break
        if piece and not fault:
            hash_before, fault = _verify_piece(events, hash_before, piece)
            events += len(piece)
        head = (await transaction.rows("select event_no, hash from chain_head"))[0]
    if not fault and (head["event_no"] != events or bytes(head["hash"]) != hash_before):
        fault = f"the chain ends at event {events}, but its recorded head is event {head['event_no']}: events are gone"
    return ChainReport(events=events, head=hash_before.hex(), fault=fault)


async def export_pieces(database: Database) -> AsyncGenerator[bytes]:
    """The export as JSON text, as `operations.event_chain` verifies it, a piece at a time.

    Memory holds one piece however many events there are. The recorded head comes first, on a line of its own, then one
    event a line: who reads it need not hold it whole either.

    Raises:
        StoreUnavailableError: PostgreSQL is gone; after the first piece the text then ends in its middle.
    """
    names = ", ".join(f"e.{name}" for name in EVENT_VALUES)
    sql = (
        "select e.event_no, coalesce(r.meter_id, '') as meter_id, e.seq, e.prev_hash, e.hash, "  # noqa: S608
        f"extract(epoch from e.at)::float8 as at_s, {names} from event e left join registry r using (meter_no) "
        "order by e.event_no"
    )  # S608: the names come from a table of our own, never from outside.
    async with database.transaction() as transaction:
        # One snapshot for head and events, whatever is stored meanwhile.
        await transaction.execute("set transaction isolation level repeatable read, read only")
        head = (await transaction.rows("select event_no, hash from chain_head"))[0]
        whole = {"head_event_no": head["event_no"], "head": bytes(head["hash"]).hex()}
        before = orjson.dumps(whole)[:-1] + b',"events":[\n'
        piece: list[bytes] = []
        async for row in transaction.walk(sql):
            event: dict[str, object] = dict(row)
            event["prev_hash"], event["hash"] = bytes(row["prev_hash"]).hex(), bytes(row["hash"]).hex()
            piece.append(orjson.dumps(event))
            if len(piece) == _PIECE:
                yield before + b",\n".join(piece)
                before, piece = b",\n", []
        yield (before + b",\n".join(piece) if piece or before != b",\n" else b"") + b"\n]}\n"


def _verify_piece(before_no: int, before_hash: bytes, rows: Sequence[Row]) -> tuple[bytes, str]:
    """Hash at the end of the piece, and the first fault in it or an empty text."""
    records = canonical(
        before_no + 1,
        [row["meter_id"] for row in rows],
        [row["seq"] for row in rows],
        {name: [row[name] for row in rows] for name in EVENT_VALUES},
    )
    previous = before_hash
    for number, (row, expected) in enumerate(zip(rows, link_hashes(before_hash, records), strict=True), before_no + 1):
        if row["event_no"] != number:
            return previous, f"event {number} is missing: event {row['event_no']} follows event {number - 1}"
        if bytes(row["prev_hash"]) != previous or bytes(row["hash"]) != expected:
            return previous, f"event {number} of meter {row['meter_id'] or '(unknown)'} is not what was stored"
        previous = expected
    return previous, ""
