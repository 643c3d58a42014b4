"""COSE_Sign1 with ES256, for commands and receipts.

Everything that matters stands in the protected header: algorithm, content type, key id. The content type keeps a
receipt from ever passing as a command, whatever keys are shared. The unprotected header stays empty, so that every
byte but the signature's own is signed.

Source: RFC 9052 sections 2, 4.2 and 4.4 (COSE_Sign1, tag 18, Sig_structure); RFC 9053 section 2.1 (ES256: r and s
as 32 bytes each).
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bptm.terms.messages import Command, Receipt
from bptm.wire.cbor import decode_command, decode_receipt, encode_command, encode_receipt
from bptm.wire.cbor_strict import array, byte_string, dump, load, text, whole
from bptm.wire.errors import SignatureError, WireError

COMMAND_TYPE = "application/vnd.bptm.command+cbor"
RECEIPT_TYPE = "application/vnd.bptm.receipt+cbor"

_TAG_SIGN1 = b"\xd2"
_ALGORITHM, _CONTENT_TYPE, _KEY_ID = 1, 3, 4
_ES256 = -7
_CURVE = "secp256r1"
_NO_HEADER: dict[int, object] = {}
_HALF_BYTES = 32
_PARTS_COUNT = 4
_KEY_ID_BYTES_MAX = 64
_PAYLOAD_BYTES_MAX = 1024
_SIGNED_WITH = ECDSA(SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A COSE_Sign1 taken apart. Nobody has looked at the signature yet."""

    protected: bytes
    content_type: str
    key_id: bytes
    payload: bytes
    signature: bytes


def is_sealed(encoded: bytes) -> bool:
    """Whether a downward message is a COSE_Sign1; otherwise it is an `Ack`."""
    return encoded[:1] == _TAG_SIGN1


def key_id_of(public_key: EllipticCurvePublicKey) -> bytes:
    """Key id of a public key: the first 8 bytes of the SHA-256 of its SubjectPublicKeyInfo."""
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()[:8]


def hash_of(sealed: bytes) -> bytes:
    """What a receipt names a command by: SHA-256 of its COSE_Sign1."""
    return sha256(sealed).digest()


def seal(payload: bytes, key: EllipticCurvePrivateKey, *, key_id: bytes, content_type: str) -> bytes:
    """COSE_Sign1 of `payload`.

    Raises:
        ValueError: Not a P-256 key: ES256 would be a lie.
    """
    if key.curve.name != _CURVE:
        msg = f"ES256 needs a P-256 key, found {key.curve.name}"
        raise ValueError(msg)
    protected = dump({_ALGORITHM: _ES256, _CONTENT_TYPE: content_type, _KEY_ID: key_id})
    r, s = decode_dss_signature(key.sign(_to_be_signed(protected, payload), _SIGNED_WITH))
    signature = r.to_bytes(_HALF_BYTES, "big") + s.to_bytes(_HALF_BYTES, "big")
    return _TAG_SIGN1 + dump((protected, _NO_HEADER, payload, signature))


def take_apart(encoded: bytes) -> Sealed:
    """The parts of a COSE_Sign1, well formed and of the one form that `seal` makes, but not verified.

    Raises:
        WireError: Anything else.
    """
    what = "COSE_Sign1"
    if not is_sealed(encoded):
        msg = f"{what}: expected tag 18 (0xd2), found {encoded[:1].hex() or 'nothing'}"
        raise WireError(msg)
    parts = array(load(encoded[1:], what), _PARTS_COUNT, what)
    if len(parts) != _PARTS_COUNT:
        msg = f"{what}: {len(parts)} parts, expected {_PARTS_COUNT}"
        raise WireError(msg)
    if parts[1] != {}:
        msg = f"{what}: the unprotected header must be empty, found {parts[1]!r:.60}"
        raise WireError(msg)
    protected = byte_string(parts[0], 1, 256, f"{what}: protected header")
    header = load(protected, f"{what}: protected header")
    if not hasattr(header, "keys") or set(cast("dict[int, object]", header)) != {_ALGORITHM, _CONTENT_TYPE, _KEY_ID}:
        msg = f"{what}: the protected header must hold algorithm, content type and key id, found {header!r:.60}"
        raise WireError(msg)
    labels = cast("dict[int, object]", header)
    whole(labels[_ALGORITHM], _ES256, _ES256, f"{what}: algorithm (ES256)")
    return Sealed(
        protected=protected,
        content_type=text(labels[_CONTENT_TYPE], f"{what}: content type"),
        key_id=byte_string(labels[_KEY_ID], 1, _KEY_ID_BYTES_MAX, f"{what}: key id"),
        payload=byte_string(parts[2], 1, _PAYLOAD_BYTES_MAX, f"{what}: payload"),
        signature=byte_string(parts[3], 2 * _HALF_BYTES, 2 * _HALF_BYTES, f"{what}: signature"),
    )


def is_signed_by(sealed: Sealed, public_key: EllipticCurvePublicKey) -> bool:
    """Whether the signature is that of `public_key` over header and payload."""
    r = int.from_bytes(sealed.signature[:_HALF_BYTES], "big")
    s = int.from_bytes(sealed.signature[_HALF_BYTES:], "big")
    try:
        public_key.verify(encode_dss_signature(r, s), _to_be_signed(sealed.protected, sealed.payload), _SIGNED_WITH)
    except InvalidSignature:
        return False
    return True


def open_sealed(encoded: bytes, public_key: EllipticCurvePublicKey, *, content_type: str) -> bytes:
    """The payload, once the signature holds.

    Raises:
        SignatureError: Signed by another key, or changed since.
        WireError: Not a COSE_Sign1 of this content type.
    """
    sealed = take_apart(encoded)
    _expect(sealed, content_type)
    if not is_signed_by(sealed, public_key):
        expected = key_id_of(public_key).hex()
        msg = f"COSE_Sign1: the signature of key {sealed.key_id.hex()} does not hold for key {expected}"
        raise SignatureError(msg)
    return sealed.payload


def seal_command(command: Command, key: EllipticCurvePrivateKey, *, key_id: bytes) -> bytes:
    """COSE_Sign1 of `command`, signed by the utility."""
    return seal(encode_command(command), key, key_id=key_id, content_type=COMMAND_TYPE)


def open_command(encoded: bytes, public_key: EllipticCurvePublicKey) -> Command:
    """The command in `encoded`, once the utility's signature holds.

    Raises:
        WireError: As `open_sealed`, or not a command inside.
    """
    return decode_command(open_sealed(encoded, public_key, content_type=COMMAND_TYPE))


def read_unverified_command(sealed: Sealed) -> Command:
    """The command inside, whoever wrote it: only to say who is being answered.

    Raises:
        WireError: Not a command.
    """
    _expect(sealed, COMMAND_TYPE)
    return decode_command(sealed.payload)


def seal_receipt(receipt: Receipt, key: EllipticCurvePrivateKey, *, key_id: bytes) -> bytes:
    """COSE_Sign1 of `receipt`, signed by the meter."""
    return seal(encode_receipt(receipt), key, key_id=key_id, content_type=RECEIPT_TYPE)


def open_receipt(encoded: bytes, public_key: EllipticCurvePublicKey) -> Receipt:
    """The receipt in `encoded`, once the meter's signature holds.

    Raises:
        WireError: As `open_sealed`, or not a receipt inside.
    """
    return decode_receipt(open_sealed(encoded, public_key, content_type=RECEIPT_TYPE))


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure with no external data. Source: RFC 9052 section 4.4."""
    return dump(("Signature1", protected, b"", payload))


def _expect(sealed: Sealed, content_type: str) -> None:
    if sealed.content_type != content_type:
        msg = f"COSE_Sign1: content type {sealed.content_type!r:.60}, expected {content_type!r}"
        raise WireError(msg)
