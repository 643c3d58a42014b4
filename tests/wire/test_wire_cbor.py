"""CBOR of messages: one encoding each, nothing else accepted."""

import math
from dataclasses import replace

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wire_samples import METER_ID, NOW_S, commands, receipts, upwards

from bptm.terms.messages import REPORT_NAMES, Ack, Command, Receipt, Report, Upward
from bptm.wire.cbor import (
    decode_ack,
    decode_command,
    decode_receipt,
    decode_upward,
    encode_ack,
    encode_command,
    encode_receipt,
    encode_upward,
)
from bptm.wire.cbor_strict import MESSAGE_BYTES_MAX
from bptm.wire.errors import WireError

_DECODERS = (decode_upward, decode_ack, decode_command, decode_receipt)


def _plain() -> Upward:
    return Upward(meter_id=METER_ID, seq=1, at_s=NOW_S, boots=1, command_seq=0)


def _row(**changed: float) -> Report:
    row: list[int | float] = [0, 120, 0, 0, 1, 1, 4, 1, 1, 0, *([120.5] * 11), 5, 0, 0, 0, 0, 0, 3]
    for name, value in changed.items():
        row[REPORT_NAMES.index(name)] = value
    return tuple(row)


@given(upwards)
def test_an_upward_message_comes_back_as_it_was(message: Upward) -> None:
    """Round trip over the whole schema; floats to the last bit."""
    assert decode_upward(encode_upward(message)) == message


@given(st.integers(0, (1 << 53) - 1))
def test_an_acknowledgement_comes_back_as_it_was(seq: int) -> None:
    """Round trip."""
    assert decode_ack(encode_ack(Ack(seq=seq))) == Ack(seq=seq)


@given(commands)
def test_a_command_comes_back_as_it_was(command: Command) -> None:
    """Round trip over the whole schema."""
    assert decode_command(encode_command(command)) == command


@given(receipts())
def test_a_receipt_comes_back_as_it_was(receipt: Receipt) -> None:
    """Round trip over the whole schema."""
    assert decode_receipt(encode_receipt(receipt)) == receipt


@given(st.binary(max_size=200))
@example(b"")
@example(b"\x81" * 70_000)
@example(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff")
@example(b"\xc5\x82\x1b\x00\x00\x00\xff\xff\xff\xff\xff\x01")
@example(b"\xa1\x80\x01")
@example(b"\x00")
def test_garbage_is_refused_with_a_sentence_and_nothing_else(encoded: bytes) -> None:
    """Whatever the bytes, each decoder raises `WireError`, or accepts what it would have written."""
    for decode in _DECODERS:
        try:
            decoded = decode(encoded)
        except WireError:
            continue
        assert isinstance(decoded, Ack)
        assert encode_ack(decoded) == encoded


@given(upwards, st.data())
def test_no_two_byte_strings_mean_the_same_message(message: Upward, data: st.DataObject) -> None:
    """One byte changed, cut or added: refused, or another message. Never the same one."""
    encoded = encode_upward(message)
    at = data.draw(st.integers(0, len(encoded) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                encoded[:at] + bytes((encoded[at] ^ data.draw(st.integers(1, 255)),)) + encoded[at + 1 :],
                encoded[:at],
                encoded + bytes((at % 256,)),
            ]
        )
    )
    try:
        assert decode_upward(changed) != message
    except WireError:
        return


@given(upwards.filter(lambda message: message.reports != ()))
def test_a_message_in_another_form_of_cbor_is_refused(message: Upward) -> None:
    """Same content with indefinite lengths or long floats is not the deterministic encoding (RFC 8949 4.2.1)."""
    item = cbor2.loads(encode_upward(message))
    for other in (cbor2.dumps(item, indefinite_containers=True), cbor2.dumps(item)):
        if other != encode_upward(message):
            with pytest.raises(WireError):
                decode_upward(other)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (_row(bus_l1_v=math.nan), "bus_l1_v: nan is not a finite number"),
        (_row(l2_a=math.inf), "l2_a: inf is not a finite number"),
        (_row(bus_l1_v=120), "bus_l1_v: expected float, found int"),
        (_row(tick=1.0), "tick: expected int, found float"),
        (_row(mode=99), "mode: code 99 is unknown"),
        (_row(cause=7777), "cause: code 7777 is unknown"),
        (_row(u_feedback=3), "u_feedback: code 3 is unknown"),
        (_row(fed_by=4), "fed_by: code 4 is unknown"),
        (_row(kind=2), "kind: code 2 is unknown"),
        (_row(code=3), "an event has a code and a row has none"),
        (_row(kind=1), "an event has a code and a row has none"),
        (_row(tick=-1), "tick: -1 is outside"),
        (_row(backup_in_mwticks=1 << 63), "backup_in_mwticks"),
        (_row(transfers=1 << 31), "transfers"),
        (_row()[:-1], "27 values, expected 28"),
        (_row(bus_l1_v=1.7e308, bus_l2_v=1.7e308), "too large"),
    ],
)
def test_a_bad_report_is_refused_by_name_and_value_on_both_sides(row: Report, said: str) -> None:
    """The sender's bug is a ValueError; over the wire the same is a WireError. Both name the field and the value."""
    with pytest.raises(ValueError, match="report 0 of meter BPTM-000042") as bug:
        encode_upward(replace(_plain(), reports=(row,)))
    assert said in str(bug.value)
    item = cbor2.loads(encode_upward(_plain()))
    item[6] = [list(row)]
    with pytest.raises(WireError) as refused:
        decode_upward(cbor2.dumps(item, canonical=True))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (0, 2, "schema version 2, this side speaks version 1"),
        (0, True, "schema version True"),
        (1, "BPTM/+/x", "meter id 'BPTM/+/x'"),
        (1, "a.b", "meter id 'a.b'"),
        (1, "", "meter id ''"),
        (1, b"BPTM", "expected text"),
        (2, 0, "seq: expected a whole number from 1"),
        (2, True, "found bool True"),
        (2, 1 << 60, "seq: expected a whole number"),
        (3, -1, "at_s: expected a whole number from 0"),
        (3, 1.5, "found float 1.5"),
        (4, None, "boots: expected a whole number"),
        (5, "0", "command_seq: expected a whole number"),
        (6, {}, "reports: expected an array"),
        (6, [[0]] * 401, "401 items, the limit is 400"),
        (6, [7], "report 0: expected an array"),
        (7, [b""], "receipt: expected 1 to 2048 bytes"),
        (7, [b"x" * 2049], "receipt: expected 1 to 2048 bytes"),
    ],
)
def test_a_bad_field_is_refused_by_place_and_value(key: int, value: object, said: str) -> None:
    """One field of a good message set wrongly; the sentence says which and what was seen."""
    item = cbor2.loads(encode_upward(_plain()))
    item[key] = value
    with pytest.raises(WireError) as refused:
        decode_upward(cbor2.dumps(item, canonical=True))
    assert said in str(refused.value)


def test_missing_and_added_keys_are_refused() -> None:
    """No key may be left out and none is ignored."""
    item = cbor2.loads(encode_upward(_plain()))
    with pytest.raises(WireError, match="expected the keys 0 to 7"):
        decode_upward(cbor2.dumps(item | {8: 0}, canonical=True))
    del item[7]
    with pytest.raises(WireError, match="expected the keys 0 to 7"):
        decode_upward(cbor2.dumps(item, canonical=True))


def test_a_tag_is_refused_before_it_is_built() -> None:
    """A bigfloat of huge exponent would keep a decoder busy for ever; the tag alone is enough to refuse."""
    with pytest.raises(WireError, match="tag"):
        decode_ack(b"\xa2\x00\x01\x01\xc5\x82\x1b\x00\x00\x00\xff\xff\xff\xff\xff\x01")


def test_the_size_limit_holds_on_both_sides() -> None:
    """64 KiB and no more: the sender's bug, the stranger's refusal."""
    receipts_ = (b"x" * 2048,) * 33
    with pytest.raises(ValueError, match="limit 65536"):
        encode_upward(replace(_plain(), receipts=receipts_))
    with pytest.raises(WireError, match="limit is 65536"):
        decode_upward(b"\x00" * (MESSAGE_BYTES_MAX + 1))


def test_a_receipt_says_yes_or_gives_reasons() -> None:
    """Accepted with reasons and refused without are neither written nor read."""
    receipt = Receipt(meter_id=METER_ID, command_seq=1, command_hash=bytes(32), at_s=NOW_S, accepted=True)
    with pytest.raises(ValueError, match="empty exactly when accepted"):
        encode_receipt(replace(receipt, accepted=False))
    item = cbor2.loads(encode_receipt(receipt))
    item[5] = 0
    with pytest.raises(WireError, match="none exactly when accepted"):
        decode_receipt(cbor2.dumps(item, canonical=True))
    item[5], item[6] = 0, [[3, 0.0, 0.0]]
    with pytest.raises(WireError, match="not one bit"):
        decode_receipt(cbor2.dumps(item, canonical=True))
    item[6] = [[2, 0.0, math.nan]]
    with pytest.raises(WireError, match="finite"):
        decode_receipt(cbor2.dumps(item, canonical=True))


def test_an_unknown_action_is_refused() -> None:
    """No action but the listed ones exists (LAW-4)."""
    item = {0: 1, 1: METER_ID, 2: 1, 3: 9, 4: 0, 5: 0, 6: b"12345678", 7: 0}
    with pytest.raises(WireError, match="action 9 is not one of"):
        decode_command(cbor2.dumps(item, canonical=True))
