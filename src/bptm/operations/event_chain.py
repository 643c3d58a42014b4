"""The rule of the event chain, for whoever holds an export: the same bytes and hashes as the head-end's store.

Each event's hash is SHA-256 over the hash before it and the event's canonical bytes: its number in the chain, the meter
id in 64 bytes padded with zeros, its message's sequence, then every value of `core_report.FIELDS` but `kind`, packed
big-endian. The first event follows 32 zero bytes.
"""

import struct
from collections.abc import Iterable, Mapping
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


class ChainWalk:
    """Recomputes a chain event by event, so that nobody has to hold it whole; it stops at the first fault."""

    def __init__(self) -> None:
        """Before the first event."""
        self._before = GENESIS
        self._taken_count = 0
        self._fault = ""

    def take(self, event: Mapping[str, object]) -> None:
        """The next event."""
        if self._fault:
            return
        number, before = self._taken_count + 1, self._before
        if event.get("event_no") != number:
            self._fault = f"event {number} is missing: {event.get('event_no')} stands in its place"
            return
        try:
            expected = sha256(before + canonical_bytes(event)).digest()
        except ValueError as error:
            self._fault = f"event {number}: {error}"
            return
        if event.get("prev_hash") != before.hex() or event.get("hash") != expected.hex():
            self._fault = f"event {number} of meter {event.get('meter_id')} is not what was stored"
            return
        self._taken_count, self._before = number, expected

    def verdict(self, head_no: object, head: object) -> Verdict:
        """What was found, the recorded head being the end."""
        count, before, fault = self._taken_count, self._before.hex(), self._fault
        if not fault and (head_no != count or head != before):
            fault = f"the chain ends at event {count}, but its recorded head is event {head_no}: events are gone"
        return Verdict(events_count=count, head=before, fault=fault)


def verify_events(events: Iterable[Mapping[str, object]], head_no: object, head: object) -> Verdict:
    """Recomputes the chain from its first event to its recorded head."""
    walk = ChainWalk()
    for event in events:
        walk.take(event)
    return walk.verdict(head_no, head)
