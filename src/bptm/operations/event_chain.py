"""The rule of the event chain, for whoever holds an export: the same bytes and hashes as the head-end's store.

Each event's hash is SHA-256 over the hash before it and the event's canonical bytes: its number in the chain, the meter
id in 64 bytes padded with zeros, its message's sequence, then every value of `core_report.FIELDS` but `kind`, packed
big-endian. The first event follows 32 zero bytes.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bptm.terms.core_report import FIELDS

GENESIS = bytes(32)
_LETTERS = {"i4": "i", "i8": "q", "f8": "d"}
VALUES = tuple((name, type_) for name, type_, _unit, _meaning in FIELDS if name != "kind")
_RECORD = struct.Struct(">q64sq" + "".join(_LETTERS[type_] for _name, type_ in VALUES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a verification of an exported chain found.

    Attributes:
        events_count: Events that hold.
        head: Hash of the last of them.
        fault: Empty when all hold up to the recorded head.
    """

    events_count: int
    head: str
    fault: str


def canonical_bytes(event: Mapping[str, object]) -> bytes:
    """The event as it is hashed.

    Raises:
        ValueError: A value is missing or does not fit its type.
    """
    try:
        values = [_typed(event[name], type_) for name, type_ in VALUES]
        number, seq = _typed(event["event_no"], "i8"), _typed(event["seq"], "i8")
        return _RECORD.pack(number, str(event["meter_id"]).encode(), seq, *values)
    except (KeyError, TypeError, struct.error, OverflowError) as error:
        msg = f"no event of this chain: {error}"
        raise ValueError(msg) from error


def _typed(value: object, type_: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{value!r} is no number"
        raise TypeError(msg)
    return float(value) if type_ == "f8" else int(value)


def verify_events(events: Sequence[Mapping[str, object]], head_no: object, head: object) -> Verdict:
    """Recomputes the chain from its first event to its recorded head."""
    before = GENESIS
    for number, event in enumerate(events, 1):
        if event.get("event_no") != number:
            said = f"event {number} is missing: {event.get('event_no')} stands in its place"
            return Verdict(events_count=number - 1, head=before.hex(), fault=said)
        try:
            expected = sha256(before + canonical_bytes(event)).digest()
        except ValueError as error:
            return Verdict(events_count=number - 1, head=before.hex(), fault=f"event {number}: {error}")
        if event.get("prev_hash") != before.hex() or event.get("hash") != expected.hex():
            said = f"event {number} of meter {event.get('meter_id')} is not what was stored"
            return Verdict(events_count=number - 1, head=before.hex(), fault=said)
        before = expected
    fault = ""
    if head_no != len(events) or head != before.hex():
        fault = f"the chain ends at event {len(events)}, but its recorded head is event {head_no}: events are gone"
    return Verdict(events_count=len(events), head=before.hex(), fault=fault)
