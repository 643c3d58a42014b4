"""COSE_Sign1: what the RFC and another implementation sign holds here, and nothing else does."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from wire_samples import METER, STRANGER, UTILITY, command_of, commands, receipts

from bptm.terms.codes import Action
from bptm.terms.messages import Command, Receipt
from bptm.wire.cbor import encode_command
from bptm.wire.cbor_strict import dump
from bptm.wire.cose import (
    COMMAND_TYPE,
    Sealed,
    hash_of,
    is_sealed,
    is_signed_by,
    key_id_of,
    open_command,
    open_receipt,
    seal,
    seal_command,
    seal_receipt,
    take_apart,
)
from bptm.wire.errors import SignatureError, WireError

_KEY_ID = key_id_of(UTILITY.public_key())

# The private key "11" of the COSE examples. Source: RFC 8152 appendix C.7.2.
_EXAMPLE_KEY = ec.derive_private_key(0x57C92077664146E876760C9520D054AA93C3AFB04E306705DB6090308507B4D3, ec.SECP256R1())


def test_against_the_example_of_the_rfc() -> None:
    """The signature of RFC 8152 appendix C.2.1 holds over our Sig_structure, and not over another payload."""
    signature = bytes.fromhex(
        "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
        "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
    )

    def example(payload: bytes) -> Sealed:
        return Sealed(
            protected=bytes.fromhex("a10126"), content_type="", key_id=b"11", payload=payload, signature=signature
        )

    assert is_signed_by(example(b"This is the content."), _EXAMPLE_KEY.public_key())
    assert not is_signed_by(example(b"This is the content!"), _EXAMPLE_KEY.public_key())


def test_against_cwt() -> None:
    """A command sealed by the library `cwt` 3.3.0 opens here; it opened ours in the same session."""
    sealed = bytes.fromhex(
        "d284582da301260378216170706c69636174696f6e2f766e642e6270746d2e636f6d6d616e642b63626f720444aabbccdda0582e"
        "a80001016b4250544d2d30303030343202070301041a5db4de00051a5db4de3c06483132333435363738071938405840ee88aa5b"
        "02f439cafb5c0c7672e8945a3cede02557f7c69468d337628a6300373db5a6487eb3883ba57daa11be2b1140675a6111f68fff3a"
        "2e72104edf373c4a"
    )
    assert open_command(sealed, _EXAMPLE_KEY.public_key()) == Command(
        meter_id="BPTM-000042",
        seq=7,
        action=Action.HOLD_RETURN,
        issued_s=1572134400,
        expires_s=1572134460,
        nonce=b"12345678",
    )


@given(commands)
def test_a_sealed_command_opens_with_the_right_key_only(command: Command) -> None:
    """Round trip; a stranger's key is told apart from damage."""
    sealed = seal_command(command, UTILITY, key_id=_KEY_ID)
    assert is_sealed(sealed)
    assert open_command(sealed, UTILITY.public_key()) == command
    with pytest.raises(SignatureError, match="does not hold"):
        open_command(sealed, STRANGER.public_key())


@given(receipts())
def test_a_sealed_receipt_opens_with_the_meters_key_only(receipt: Receipt) -> None:
    """Round trip; the utility's own key does not open it."""
    sealed = seal_receipt(receipt, METER, key_id=key_id_of(METER.public_key()))
    assert open_receipt(sealed, METER.public_key()) == receipt
    with pytest.raises(SignatureError):
        open_receipt(sealed, UTILITY.public_key())


def test_every_changed_byte_is_noticed() -> None:
    """Every byte of a sealed command, each of its bits: never accepted."""
    sealed = seal_command(command_of(), UTILITY, key_id=_KEY_ID)
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            with pytest.raises(WireError):
                open_command(bytes(changed), UTILITY.public_key())


def test_every_cut_and_addition_is_noticed() -> None:
    """Shorter by any length, longer by a byte: never accepted."""
    sealed = seal_command(command_of(), UTILITY, key_id=_KEY_ID)
    for changed in [*(sealed[:at] for at in range(len(sealed))), sealed + b"\x00", sealed + sealed]:
        with pytest.raises(WireError):
            open_command(changed, UTILITY.public_key())


def test_a_receipt_never_passes_as_a_command() -> None:
    """Even signed by the utility's key, and even with a command as its payload: the content type is signed."""
    payload = encode_command(command_of())
    sealed = seal(payload, UTILITY, key_id=_KEY_ID, content_type="application/vnd.bptm.receipt+cbor")
    with pytest.raises(WireError, match="content type"):
        open_command(sealed, UTILITY.public_key())
    assert is_signed_by(take_apart(sealed), UTILITY.public_key())


@pytest.mark.parametrize(
    ("protected", "unprotected", "said"),
    [
        ({1: -35, 3: COMMAND_TYPE, 4: b"k"}, {}, "algorithm"),
        ({1: 5, 3: COMMAND_TYPE, 4: b"k"}, {}, "algorithm"),
        ({1: -7, 4: b"k"}, {}, "must hold algorithm"),
        ({1: -7, 3: COMMAND_TYPE, 4: b"k", 2: (99,)}, {}, "must hold algorithm"),
        ({1: -7, 3: COMMAND_TYPE, 4: b"k"}, {4: b"other"}, "must be empty"),
        ({1: -7, 3: COMMAND_TYPE, 4: b""}, {}, "key id: expected 1"),
        ({1: -7, 3: 60, 4: b"k"}, {}, "content type: expected text"),
    ],
)
def test_other_headers_are_refused(protected: dict[int, object], unprotected: dict[int, object], said: str) -> None:
    """Another algorithm, a missing or added label, anything unsigned: refused before the signature is looked at."""
    parts = (dump(protected), unprotected, encode_command(command_of()), bytes(64))
    with pytest.raises(WireError, match=said):
        open_command(b"\xd2" + dump(parts), UTILITY.public_key())


def test_other_structures_are_refused() -> None:
    """No tag, another tag, too few parts, a short signature."""
    header = dump({1: -7, 3: COMMAND_TYPE, 4: b"k"})
    for encoded in (
        dump((header, {}, b"x", bytes(64))),
        b"\xd1" + dump((header, {}, b"x", bytes(64))),
        b"\xd2" + dump((header, {}, b"x")),
        b"\xd2" + dump((header, {}, b"x", bytes(63))),
        b"\xd2" + dump((header, {}, None, bytes(64))),
        b"",
    ):
        with pytest.raises(WireError):
            open_command(encoded, UTILITY.public_key())


def test_a_signature_of_zeros_or_above_the_order_is_refused() -> None:
    """Halves outside 1..n-1 verify nothing (FIPS 186-5)."""
    sealed = take_apart(seal_command(command_of(), UTILITY, key_id=_KEY_ID))
    for signature in (bytes(64), b"\xff" * 64, sealed.signature[:32] + bytes(32)):
        forged = Sealed(
            protected=sealed.protected,
            content_type=sealed.content_type,
            key_id=sealed.key_id,
            payload=sealed.payload,
            signature=signature,
        )
        assert not is_signed_by(forged, UTILITY.public_key())


def test_only_p256_keys_sign() -> None:
    """ES256 is P-256 here: RFC 9053 allows others, our verifiers do not."""
    with pytest.raises(ValueError, match="P-256"):
        seal(b"x", ec.generate_private_key(ec.SECP384R1()), key_id=b"k", content_type=COMMAND_TYPE)


@given(st.binary(max_size=300))
def test_garbage_never_breaks_the_door(encoded: bytes) -> None:
    """Whatever comes, with and without the tag in front: a WireError."""
    for candidate in (encoded, b"\xd2" + encoded, b"\xd2\x84" + encoded):
        with pytest.raises(WireError):
            open_command(candidate, UTILITY.public_key())


def test_each_sealing_of_a_command_has_its_own_hash() -> None:
    """A receipt names the bytes it answers, not merely their content."""
    sealed = {seal_command(command_of(), UTILITY, key_id=_KEY_ID) for _ in range(3)}
    assert len({hash_of(one) for one in sealed}) == len(sealed)
    assert all(len(hash_of(one)) == 32 for one in sealed)
