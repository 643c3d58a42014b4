"""Adapter of the untyped library `nkeys`: NATS account keys (Ed25519)."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import nkeys


def new_account_seed(entropy: bytes) -> bytes:
    """Seed `SA...` of an account key.

    Args:
        entropy: 32 random bytes.
    """
    return bytes(nkeys.encode_seed(entropy, nkeys.PREFIX_BYTE_ACCOUNT))


def account_public_key(seed: bytes) -> str:
    """Public key `A...` of an account seed."""
    return bytes(nkeys.from_seed(seed).public_key).decode()
