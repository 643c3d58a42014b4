"""`Upward`, `Ack`, `Command` and `Receipt` to CBOR and back, schema version 1.

Compact maps with whole-number keys; key 0 is the schema version everywhere. Reports are arrays in the order of
`REPORT_NAMES`. Floats keep all 64 bits: rounding on the wire would save 40 bytes a report and cost the head-end
the right to say that it stores what the meter measured. Decoding is strict: a code that this version does not
know is refused with its place and value, since what cannot be named cannot be acted upon.

    Upward   0 version, 1 meter, 2 seq, 3 at_s, 4 boots, 5 command_seq, 6 reports, 7 receipts
    Ack      0 version, 1 seq
    Command  0 version, 1 meter, 2 seq, 3 action, 4 issued_s, 5 expires_s, 6 nonce, 7 hold_s
    Receipt  0 version, 1 meter, 2 command_seq, 3 command_hash, 4 at_s, 5 accepted 0/1, 6 [[code, found, needs] ...]
"""

import re
from math import isfinite
from operator import itemgetter
from typing import Final, cast

from bptm.terms import core_codes
from bptm.terms.codes import Action, Cause, Contact, Event, FedBy, Mode
from bptm.terms.core_report import FIELDS
from bptm.terms.messages import (
    REPORT_NAMES,
    SCHEMA_VERSION,
    Ack,
    Command,
    Receipt,
    Report,
    UnmetValue,
    Upward,
)
from bptm.wire.cbor_strict import MESSAGE_BYTES_MAX, array, byte_string, dump, fields_of, load, real, text, whole
from bptm.wire.errors import WireError

SEQ_MAX = (1 << 53) - 1
"""Highest sequence number: what every JSON and JavaScript reader still holds exactly."""

AT_MAX_S = 1 << 40
HOLD_MAX_S = 1 << 31
REPORTS_MAX = 400
RECEIPTS_MAX = 64
RECEIPT_BYTES_MAX = 2048
HASH_BYTES = 32
_UNMET_COUNT = 3
NONCE_BYTES_MIN, NONCE_BYTES_MAX = 8, 32

_I4_MAX = (1 << 31) - 1
_I8_MAX = (1 << 63) - 1
_METER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

_TYPES: Final = tuple(float if type_ == "f8" else int for _name, type_, _unit, _meaning in FIELDS)
_REALS = itemgetter(*(i for i, type_ in enumerate(_TYPES) if type_ is float))
_WHOLES = itemgetter(*(i for i, type_ in enumerate(_TYPES) if type_ is int))
_LIMITS: Final = tuple(_I4_MAX if field[1] == "i4" else _I8_MAX for field in FIELDS)
_SMALL = itemgetter(*(i for i, field in enumerate(FIELDS) if field[1] == "i4"))
_CODED = itemgetter(
    *(REPORT_NAMES.index(n) for n in ("mode", "mode_before", "fed_by", "u_feedback", "b_feedback", "cause"))
)
_KIND = REPORT_NAMES.index("kind")
_CODE = REPORT_NAMES.index("code")
_KNOWN: Final[dict[str, frozenset[int]]] = {
    "kind": frozenset((core_codes.REPORT_ROW, core_codes.REPORT_EVENT)),
    "code": frozenset((0, *Event)),
    "cause": frozenset(Cause),
    "mode_before": frozenset(Mode),
    "mode": frozenset(Mode),
    "fed_by": frozenset(FedBy),
    "u_feedback": frozenset(Contact),
    "b_feedback": frozenset(Contact),
}
_MODES, _FEDS, _CONTACTS, _CAUSES = _KNOWN["mode"], _KNOWN["fed_by"], _KNOWN["u_feedback"], _KNOWN["cause"]


def encode_upward(message: Upward) -> bytes:
    """`message` as bytes, the same for the same content.

    Raises:
        ValueError: A report of another shape, or longer than `MESSAGE_BYTES_MAX`: a bug of the caller.
    """
    for number, report in enumerate(message.reports):
        fault = _fault_of(report)
        if fault:
            msg = f"report {number} of meter {message.meter_id}: {fault}"
            raise ValueError(msg)
    encoded = dump(
        {
            0: SCHEMA_VERSION,
            1: message.meter_id,
            2: message.seq,
            3: message.at_s,
            4: message.boots,
            5: message.command_seq,
            6: message.reports,
            7: message.receipts,
        }
    )
    if len(encoded) > MESSAGE_BYTES_MAX:
        msg = f"message {message.seq} of meter {message.meter_id}: {len(encoded)} bytes, limit {MESSAGE_BYTES_MAX}"
        raise ValueError(msg)
    return encoded


def decode_upward(encoded: bytes) -> Upward:
    """The message in `encoded`.

    Raises:
        WireError: Anything but a whole, valid message of schema version 1.
    """
    what = "upward message"
    fields = fields_of(_versioned(encoded, what), 8, what)
    meter_id = _meter_id(fields[1], what)
    what = f"upward message of {meter_id}"
    rows = array(fields[6], REPORTS_MAX, f"{what}: reports")
    for number, row in enumerate(rows):
        fault = _fault_of(row)
        if fault:
            msg = f"{what}: report {number}: {fault}"
            raise WireError(msg)
    receipts = array(fields[7], RECEIPTS_MAX, f"{what}: receipts")
    return Upward(
        meter_id=meter_id,
        seq=whole(fields[2], 1, SEQ_MAX, f"{what}: seq"),
        at_s=whole(fields[3], 0, AT_MAX_S, f"{what}: at_s"),
        boots=whole(fields[4], 0, SEQ_MAX, f"{what}: boots"),
        command_seq=whole(fields[5], 0, SEQ_MAX, f"{what}: command_seq"),
        reports=cast("tuple[Report, ...]", rows),
        receipts=tuple(byte_string(item, 1, RECEIPT_BYTES_MAX, f"{what}: receipt") for item in receipts),
    )


def encode_ack(ack: Ack) -> bytes:
    """`ack` as bytes."""
    return dump({0: SCHEMA_VERSION, 1: ack.seq})


def decode_ack(encoded: bytes) -> Ack:
    """The acknowledgement in `encoded`. `seq` 0 says that nothing is stored yet.

    Raises:
        WireError: Anything else.
    """
    fields = fields_of(_versioned(encoded, "acknowledgement"), 2, "acknowledgement")
    return Ack(seq=whole(fields[1], 0, SEQ_MAX, "acknowledgement: seq"))


def encode_command(command: Command) -> bytes:
    """`command` as bytes, to be sealed."""
    return dump(
        {
            0: SCHEMA_VERSION,
            1: command.meter_id,
            2: command.seq,
            3: int(command.action),
            4: command.issued_s,
            5: command.expires_s,
            6: command.nonce,
            7: command.hold_s,
        }
    )


def decode_command(encoded: bytes) -> Command:
    """The command in `encoded`. Says nothing about who wrote it: `cose` does.

    Raises:
        WireError: Anything but a whole, valid command of schema version 1.
    """
    what = "command"
    fields = fields_of(_versioned(encoded, what), 8, what)
    action = whole(fields[3], 0, _I4_MAX, f"{what}: action")
    if action not in frozenset(Action):
        msg = f"{what}: action {action} is not one of {[int(a) for a in Action]}"
        raise WireError(msg)
    return Command(
        meter_id=_meter_id(fields[1], what),
        seq=whole(fields[2], 1, SEQ_MAX, f"{what}: seq"),
        action=Action(action),
        issued_s=whole(fields[4], 0, AT_MAX_S, f"{what}: issued_s"),
        expires_s=whole(fields[5], 0, AT_MAX_S, f"{what}: expires_s"),
        nonce=byte_string(fields[6], NONCE_BYTES_MIN, NONCE_BYTES_MAX, f"{what}: nonce"),
        hold_s=whole(fields[7], 0, HOLD_MAX_S, f"{what}: hold_s"),
    )


def encode_receipt(receipt: Receipt) -> bytes:
    """`receipt` as bytes, to be sealed.

    Raises:
        ValueError: Accepted with reasons, or refused without: a bug of the caller.
    """
    if receipt.accepted == bool(receipt.unmet):
        msg = f"receipt for command {receipt.command_seq}: unmet must be empty exactly when accepted"
        raise ValueError(msg)
    return dump(
        {
            0: SCHEMA_VERSION,
            1: receipt.meter_id,
            2: receipt.command_seq,
            3: receipt.command_hash,
            4: receipt.at_s,
            5: int(receipt.accepted),
            6: tuple((u.code, float(u.found), float(u.needs)) for u in receipt.unmet),
        }
    )


def decode_receipt(encoded: bytes) -> Receipt:
    """The receipt in `encoded`. Says nothing about who wrote it: `cose` does.

    Raises:
        WireError: Anything but a whole, valid receipt of schema version 1.
    """
    what = "receipt"
    fields = fields_of(_versioned(encoded, what), 7, what)
    accepted = whole(fields[5], 0, 1, f"{what}: accepted") == 1
    unmet = tuple(_unmet(item) for item in array(fields[6], 32, f"{what}: unmet"))
    if accepted == bool(unmet):
        msg = f"{what}: accepted is {int(accepted)} with {len(unmet)} unmet conditions; none exactly when accepted"
        raise WireError(msg)
    return Receipt(
        meter_id=_meter_id(fields[1], what),
        command_seq=whole(fields[2], 1, SEQ_MAX, f"{what}: command_seq"),
        command_hash=byte_string(fields[3], HASH_BYTES, HASH_BYTES, f"{what}: command_hash"),
        at_s=whole(fields[4], 0, AT_MAX_S, f"{what}: at_s"),
        accepted=accepted,
        unmet=unmet,
    )


def _versioned(encoded: bytes, what: str) -> object:
    """The item in `encoded`, which is a map whose key 0 is the version we speak."""
    item = load(encoded, what)
    version = cast("dict[int, object]", item).get(0) if hasattr(item, "get") else None
    if version is not None and (type(version) is not int or version != SCHEMA_VERSION):
        msg = f"{what}: schema version {version!r}, this side speaks version {SCHEMA_VERSION}"
        raise WireError(msg)
    return item


def _meter_id(value: object, what: str) -> str:
    """A meter id: letters, digits, `-`, `_`; it is part of a topic, so nothing that a broker reads as a wildcard."""
    meter_id = text(value, f"{what}: meter id")
    if not _METER_ID.fullmatch(meter_id):
        msg = f"{what}: meter id {meter_id[:80]!r} is not 1 to 64 letters, digits, '-' or '_'"
        raise WireError(msg)
    return meter_id


def _unmet(item: object) -> UnmetValue:
    triple = array(item, _UNMET_COUNT, "receipt: unmet condition")
    if len(triple) != _UNMET_COUNT:
        msg = f"receipt: unmet condition has {len(triple)} values, expected code, found, needs"
        raise WireError(msg)
    code = whole(triple[0], 1, _I4_MAX, "receipt: unmet code")
    if code & (code - 1):
        msg = f"receipt: unmet code {code} is not one bit"
        raise WireError(msg)
    return UnmetValue(
        code=code,
        found=real(triple[1], "receipt: unmet found"),
        needs=real(triple[2], "receipt: unmet needs"),
    )


def _fault_of(report: object) -> str:
    """What is wrong with a report; empty when nothing is.

    The checks run on whole slices at once, since this is done for every report of every meter; the slow search for
    the one bad value happens only once it is known to be there.
    """
    if type(report) is not tuple:
        return f"expected an array, found {type(report).__name__}"
    values = cast("Report", report)
    if tuple(map(type, values)) != _TYPES:
        return _type_fault_of(values)
    mode, mode_before, fed_by, u_feedback, b_feedback, cause = _CODED(values)
    if (
        isfinite(sum(_REALS(values)))
        and min(_WHOLES(values)) >= 0
        and max(_WHOLES(values)) <= _I8_MAX
        and max(_SMALL(values)) <= _I4_MAX
        and mode in _MODES
        and mode_before in _MODES
        and fed_by in _FEDS
        and u_feedback in _CONTACTS
        and b_feedback in _CONTACTS
        and cause in _CAUSES
        and values[_KIND] in _KNOWN["kind"]
        and values[_CODE] in _KNOWN["code"]
        and (values[_KIND] == core_codes.REPORT_EVENT) == (values[_CODE] != 0)
    ):
        return ""
    return _value_fault_of(values)


def _type_fault_of(values: Report) -> str:
    if len(values) != len(_TYPES):
        return f"{len(values)} values, expected {len(_TYPES)}"
    for name, value, expected in zip(REPORT_NAMES, values, _TYPES, strict=True):
        if type(value) is not expected:
            return f"{name}: expected {expected.__name__}, found {type(value).__name__} {value!r:.60}"
    return "values of unexpected types"


def _value_fault_of(values: Report) -> str:
    for name, value, limit in zip(REPORT_NAMES, values, _LIMITS, strict=True):
        if type(value) is float:
            if not isfinite(value):
                return f"{name}: {value} is not a finite number"
        elif not 0 <= value <= limit:
            return f"{name}: {value} is outside 0 to {limit}"
        known = _KNOWN.get(name)
        if known is not None and value not in known:
            return f"{name}: code {value} is unknown to schema version {SCHEMA_VERSION}"
    if (values[_KIND] == core_codes.REPORT_EVENT) != (values[_CODE] != 0):
        return f"kind {values[_KIND]} with code {values[_CODE]}: an event has a code and a row has none"
    return "numbers too large to be measured values"
