"""One copy of the journal as bytes: made, and judged when it is read.

    8 bytes   mark and format, `BPTMJNL1`
    8 bytes   number of the write, big end first; the higher of two is the newer
    4 bytes   length of the text that follows
    n bytes   text: JSON, records by name, fields by name, whole numbers only
    32 bytes  SHA-256 of all before
    rest      zeros up to the size of a copy; not read

Names, not places, so that a newer firmware finds in it what it knows. SHA-256 and not a CRC, since no damage of any
length or pattern shall pass, and a meter has it anyway for its signatures. It guards against damage, not against
a person: who can write the file can also write its sum.
"""

import hashlib
import json
import struct
from dataclasses import dataclass
from typing import Final, cast

from bptm.terms.codes import Cause, FedBy, Mode
from bptm.terms.core_device import DEVICE_FIELDS
from bptm.terms.core_ledger import LEDGER_FIELDS
from bptm.terms.journal import JOURNALLED, LEDGER_VOLATILE

MARK: Final = b"BPTMJNL1"
COPY_BYTES: Final = 65536
"""Size of a copy: kept from the beginning, so that a full disk cannot stop a write later. The most that a text can need
is below 40,000 bytes (tested)."""

_HEAD: Final = struct.Struct(">8sQI")
_SUM_BYTES: Final = hashlib.sha256().digest_size

Values = dict[str, dict[str, int | list[int]]]
"""Records (`device`, `ledger`) by name, their fields by name."""

_RANGES: Final = {"i4": 1 << 31, "i8": 1 << 63}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy that can be relied on."""

    number: int
    values: Values
    remarks: tuple[str, ...]
    """Sentences about fields that this firmware does not know, or that the copy does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCopy:
    """A copy that cannot."""

    reason: str
    """What is wrong, and where; half a sentence."""


def _fields() -> dict[str, dict[str, tuple[str, int]]]:
    """Type and length (0 for a number) of each journalled field, by record."""
    found: dict[str, dict[str, tuple[str, int]]] = {"device": {}, "ledger": {}}
    for name, type_, _unit, _meaning in DEVICE_FIELDS:
        if name in JOURNALLED:
            found["device"][name] = (type_, 0)
    for name, type_, _unit, _meaning in LEDGER_FIELDS:
        if name not in LEDGER_VOLATILE:
            scalar, _, length = type_.partition("[")
            found["ledger"][name] = (scalar, int(length.rstrip("]") or 0))
    return found


FIELDS: Final = _fields()
_SIGNED: Final = frozenset({"clock_offset_ticks"})
_CODES: Final = {"mode": frozenset(Mode), "fed_by": frozenset(FedBy), "cause": frozenset(Cause)}
_CODES_ALSO: Final = {"latched": _CODES["cause"]}


def encode(number: int, values: Values) -> bytes:
    """A copy of COPY_BYTES.

    Raises:
        ValueError: More text than a copy holds, which no record of these tables has.
    """
    text = json.dumps(values, separators=(",", ":")).encode()
    body = _HEAD.pack(MARK, number, len(text)) + text
    whole = body + hashlib.sha256(body).digest()
    if len(whole) > COPY_BYTES:
        msg = f"the journal needs {len(whole)} bytes, a copy holds {COPY_BYTES}"
        raise ValueError(msg)
    return whole.ljust(COPY_BYTES, b"\0")


def decode(data: bytes) -> Copy | BadCopy:
    """Judges the bytes of one copy. Nothing in them can raise."""
    reason = _damage(data)
    if reason:
        return BadCopy(reason=reason)
    _mark, number, length = cast("tuple[bytes, int, int]", _HEAD.unpack_from(data))
    try:
        found: object = json.loads(data[_HEAD.size : _HEAD.size + length])
    except (ValueError, RecursionError) as error:
        return BadCopy(reason=f"its text is no JSON ({error})")
    return _judge(number, found)


def _damage(data: bytes) -> str:
    """What is wrong with the bytes, and where; empty when their checksum fits."""
    if len(data) < _HEAD.size + _SUM_BYTES:
        return f"it has {len(data)} bytes and needs at least {_HEAD.size + _SUM_BYTES}"
    if not any(data):
        return "it was never written"
    mark, number, length = cast("tuple[bytes, int, int]", _HEAD.unpack_from(data))
    if mark != MARK:
        return f"it begins with {mark.hex()}, not with {MARK.hex()} (byte 0 to 7)"
    end = _HEAD.size + length
    if end + _SUM_BYTES > len(data):
        return f"it says that its text is {length} bytes long (byte 16 to 19), and has {len(data)} in all"
    if hashlib.sha256(data[:end]).digest() != data[end : end + _SUM_BYTES]:
        return f"its checksum does not fit its first {end} bytes; it calls itself write {number}"
    return ""


def _judge(number: int, found: object) -> Copy | BadCopy:
    """Takes the fields that this firmware knows; one that is out of its range spoils the copy."""
    if not isinstance(found, dict):
        return BadCopy(reason="its text has no records")
    records = cast("dict[str, object]", found)
    values: Values = {}
    remarks: list[str] = []
    for record, fields in FIELDS.items():
        given = records.get(record)
        if not isinstance(given, dict):
            return BadCopy(reason=f"it has no record {record}")
        entries = cast("dict[str, object]", given)
        values[record] = {}
        for name, (type_, length) in fields.items():
            if name not in entries:
                remarks.append(f"The journal has no {record}.{name}: it begins at 0.")
                continue
            value = entries[name]
            if not _fits(name, value, type_, length):
                return BadCopy(reason=f"its {record}.{name} is {str(value)[:40]}, which cannot be")
            values[record][name] = cast("int | list[int]", value)
        remarks += [
            f"The journal has {record}.{name}, which this firmware does not know: it is dropped."
            for name in entries
            if name not in fields
        ]
    return Copy(number=number, values=values, remarks=tuple(remarks))


def _fits(name: str, value: object, type_: str, length: int) -> bool:
    """Whether a value can stand in a field."""
    if length:
        if not isinstance(value, list):
            return False
        items = cast("list[object]", value)
        return len(items) == length and all(_fits(name, item, type_, 0) for item in items)
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    limit = _RANGES[type_]
    low = -limit if name in _SIGNED else 0
    codes = _CODES.get(name) or _CODES_ALSO.get(name)
    return low <= value < limit and (codes is None or value in codes)
