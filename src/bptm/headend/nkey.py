"""NATS account keys: a text form of Ed25519 keys.

A seed is base32 of two prefix bytes, 32 secret bytes and a CRC; a public key is base32 of one prefix byte, 32
bytes and a CRC. Source: NATS ADR-14 (JWT library-free credentials); CRC-16/XMODEM, which `binascii` calls `hqx`.
"""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PREFIX_SEED = 18 << 3
_PREFIX_ACCOUNT = 0
_PREFIX_USER = 20 << 3
_RAW_BYTES = 32
_SEED_BYTES = 2 + _RAW_BYTES + 2


def account_key_of(seed: str) -> Ed25519PrivateKey:
    """The private key in an account seed `SA...`.

    Raises:
        ValueError: Not such a seed, or damaged.
    """
    try:
        raw = base64.b32decode(seed + "=" * (-len(seed) % 8))
    except binascii.Error as problem:
        msg = "the callout's issuer seed is not base32; it should begin with SA"
        raise ValueError(msg) from problem
    if len(raw) != _SEED_BYTES or raw[0] & 0xF8 != _PREFIX_SEED or (raw[0] & 7) << 5 | raw[1] >> 3 != _PREFIX_ACCOUNT:
        msg = "the callout's issuer seed is not that of an account; it should begin with SA"
        raise ValueError(msg)
    if binascii.crc_hqx(raw[:-2], 0) != int.from_bytes(raw[-2:], "little"):
        msg = "the callout's issuer seed is damaged: its check sum does not match"
        raise ValueError(msg)
    return Ed25519PrivateKey.from_private_bytes(raw[2:-2])


def account_name_of(key: Ed25519PrivateKey) -> str:
    """The public key as NATS writes it: `A...`."""
    return _name(_PREFIX_ACCOUNT, key.public_key().public_bytes_raw())


def _name(prefix: int, raw: bytes) -> str:
    body = bytes([prefix]) + raw
    return base64.b32encode(body + binascii.crc_hqx(body, 0).to_bytes(2, "little")).decode().rstrip("=")
