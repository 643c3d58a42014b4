"""The meter's side of a command, before the controller is asked: is it ours, whole, new and in time?

Sans I/O. The gate answers one of four things about the sealed bytes that arrived:

    Admitted    ask the controller; seal a `Receipt` with its answer
    Declined    seal a `Receipt` with every reason; the controller never hears of it
    Answered    the very same bytes were answered before (the network or the head-end repeated them): stay silent
    None        garbage: nobody to answer; count it

The meter keeps `handled_seq` and the hashes of the last few commands it answered, in its journal.
"""

from collections.abc import Container
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from bptm.terms import core_codes as c
from bptm.terms.messages import COMMAND_LIFE_MAX_S, Command, UnmetValue
from bptm.wire.cose import hash_of, is_signed_by, read_unverified_command, take_apart
from bptm.wire.errors import WireError

CLOCK_TOLERANCE_S = 5
"""How far the head-end's clock may be ahead of the meter's. Own choice: both follow UTC, or the one event clock."""

ANSWERED_HASHES_KEPT = 8
"""Hashes of answered commands that a meter should keep: more than any head-end has under way to one meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Authentic, for this meter, new and in time."""

    command: Command
    command_hash: bytes
    handled_seq: int
    """What the meter's highest handled sequence now is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """To be answered with a refusal. `unmet` is never empty."""

    command_seq: int
    command_hash: bytes
    unmet: tuple[UnmetValue, ...]
    handled_seq: int
    """What the meter's highest handled sequence now is: unchanged, unless the command was authentic and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """These very bytes have had their receipt."""

    command_hash: bytes


def judge(  # noqa: PLR0913 - six facts of the meter decide, each a plain value
    encoded: bytes,
    *,
    meter_id: str,
    utility_key: EllipticCurvePublicKey,
    handled_seq: int,
    now_s: int,
    answered: Container[bytes] = (),
) -> Admitted | Declined | Answered | None:
    """What to do with the sealed bytes of a command.

    Args:
        encoded: As they arrived.
        meter_id: This meter.
        utility_key: The key that commands are signed with.
        handled_seq: Highest command sequence handled so far; 0 when none.
        now_s: The meter's event clock.
        answered: Hashes of commands answered lately.
    """
    command_hash = hash_of(encoded)
    if command_hash in answered:
        return Answered(command_hash=command_hash)
    try:
        sealed = take_apart(encoded)
        command = read_unverified_command(sealed)
    except WireError:
        return None
    authentic = is_signed_by(sealed, utility_key)
    unmet = _unmet_of(command, authentic=authentic, meter_id=meter_id, handled_seq=handled_seq, now_s=now_s)
    # Only an authentic command of ours may use up a sequence: otherwise a forger could silence the utility with one
    # message that carries a very high number.
    ours = authentic and command.meter_id == meter_id
    handled_after = max(handled_seq, command.seq) if ours else handled_seq
    if unmet:
        return Declined(command_seq=command.seq, command_hash=command_hash, unmet=unmet, handled_seq=handled_after)
    return Admitted(command=command, command_hash=command_hash, handled_seq=handled_after)


def _unmet_of(
    command: Command, *, authentic: bool, meter_id: str, handled_seq: int, now_s: int
) -> tuple[UnmetValue, ...]:
    """Every reason at once. After a bad signature the other values are only what the message claims."""
    unmet: list[UnmetValue] = []
    if not authentic:
        unmet.append(UnmetValue(code=c.UNMET_BAD_SIGNATURE, found=0.0, needs=1.0))
    if command.meter_id != meter_id:
        unmet.append(UnmetValue(code=c.UNMET_WRONG_METER, found=0.0, needs=1.0))
    if command.seq <= handled_seq:
        unmet.append(UnmetValue(code=c.UNMET_REPLAYED, found=float(command.seq), needs=float(handled_seq + 1)))
    # A longer life than the schema allows is simply cut: the command expires when it should have.
    last_s = min(command.expires_s, command.issued_s + COMMAND_LIFE_MAX_S)
    if now_s > last_s:
        unmet.append(UnmetValue(code=c.UNMET_EXPIRED, found=float(now_s), needs=float(last_s)))
    if now_s < command.issued_s - CLOCK_TOLERANCE_S:
        unmet.append(
            UnmetValue(
                code=c.UNMET_NOT_YET_VALID, found=float(now_s), needs=float(command.issued_s - CLOCK_TOLERANCE_S)
            )
        )
    return tuple(unmet)
