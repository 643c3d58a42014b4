"""The meter's door for commands: each reason alone, reasons together, and who may use up a sequence."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from wire_samples import METER_ID, NOW_S, STRANGER, UTILITY, command_of

from bptm.terms import core_codes as c
from bptm.terms.messages import Command
from bptm.wire.command_gate import CLOCK_TOLERANCE_S, Admitted, Answered, Declined, judge
from bptm.wire.cose import hash_of, key_id_of, seal_command

_KEY_ID = key_id_of(UTILITY.public_key())


def _judge(command: Command, *, handled_seq: int = 6, now_s: int = NOW_S, forged: bool = False) -> object:
    sealed = seal_command(command, STRANGER if forged else UTILITY, key_id=_KEY_ID)
    return judge(sealed, meter_id=METER_ID, utility_key=UTILITY.public_key(), handled_seq=handled_seq, now_s=now_s)


def _codes(verdict: object) -> set[int]:
    assert isinstance(verdict, Declined)
    return {value.code for value in verdict.unmet}


def test_a_good_command_is_admitted_and_uses_up_its_sequence() -> None:
    """Authentic, ours, new, in time."""
    sealed = seal_command(command_of(), UTILITY, key_id=_KEY_ID)
    verdict = judge(sealed, meter_id=METER_ID, utility_key=UTILITY.public_key(), handled_seq=6, now_s=NOW_S)
    assert verdict == Admitted(command=command_of(), command_hash=hash_of(sealed), handled_seq=7)


@given(now_s=st.integers(NOW_S - 200, NOW_S + 200))
def test_a_command_lives_from_its_issue_to_its_expiry(now_s: int) -> None:
    """LAW-10: admitted at issue (less the clocks' tolerance) and at expiry, at no second before or after."""
    verdict = _judge(command_of(), now_s=now_s)
    if now_s < NOW_S - CLOCK_TOLERANCE_S:
        assert _codes(verdict) == {c.UNMET_NOT_YET_VALID}
    elif now_s > NOW_S + 60:
        assert _codes(verdict) == {c.UNMET_EXPIRED}
    else:
        assert isinstance(verdict, Admitted)


@given(late_s=st.integers(61, 10_000))
def test_no_command_lives_longer_than_a_minute_whatever_it_claims(late_s: int) -> None:
    """Design section 5: a longer expiry is cut to 60 s of event time."""
    command = command_of(expires_s=NOW_S + 100_000)
    assert _codes(_judge(command, now_s=NOW_S + late_s)) == {c.UNMET_EXPIRED}
    assert isinstance(_judge(command, now_s=NOW_S + 60), Admitted)


@given(handled_seq=st.integers(0, 20))
def test_only_a_higher_sequence_is_admitted(handled_seq: int) -> None:
    """LAW-10: replay and reordering; the refusal names both numbers."""
    verdict = _judge(command_of(), handled_seq=handled_seq)
    if handled_seq < 7:
        assert isinstance(verdict, Admitted)
    else:
        assert isinstance(verdict, Declined)
        assert [(u.code, u.found, u.needs) for u in verdict.unmet] == [(c.UNMET_REPLAYED, 7.0, handled_seq + 1.0)]
        assert verdict.handled_seq == handled_seq


def test_every_reason_is_told_at_once() -> None:
    """Forged, for another meter, old and late: four reasons in one refusal."""
    command = command_of(meter_id="BPTM-000043", seq=3)
    assert _codes(_judge(command, now_s=NOW_S + 61, forged=True)) == {
        c.UNMET_BAD_SIGNATURE,
        c.UNMET_WRONG_METER,
        c.UNMET_REPLAYED,
        c.UNMET_EXPIRED,
    }


@given(seq=st.integers(1, (1 << 53) - 1), forged=st.booleans(), ours=st.booleans())
def test_only_the_utility_uses_up_sequences_of_this_meter(seq: int, *, forged: bool, ours: bool) -> None:
    """A forged or misdirected command with a huge number must not shut out the next real one."""
    command = replace(command_of(seq=seq), meter_id=METER_ID if ours else "BPTM-000001")
    verdict = _judge(command, handled_seq=6, now_s=NOW_S + 61, forged=forged)
    assert isinstance(verdict, Declined)
    assert verdict.handled_seq == (max(6, seq) if ours and not forged else 6)


def test_the_same_bytes_again_are_not_answered_again() -> None:
    """A resend of what was answered is silent; another sealing of an old command is refused as a replay."""
    sealed = seal_command(command_of(), UTILITY, key_id=_KEY_ID)
    again = judge(
        sealed,
        meter_id=METER_ID,
        utility_key=UTILITY.public_key(),
        handled_seq=7,
        now_s=NOW_S,
        answered=(hash_of(sealed),),
    )
    assert again == Answered(command_hash=hash_of(sealed))
    assert _codes(_judge(command_of(), handled_seq=7)) == {c.UNMET_REPLAYED}


@given(st.binary(max_size=200))
def test_garbage_is_not_answered(encoded: bytes) -> None:
    """Nobody to answer to."""
    for candidate in (encoded, b"\xd2" + encoded):
        assert judge(candidate, meter_id=METER_ID, utility_key=UTILITY.public_key(), handled_seq=0, now_s=NOW_S) is None


@given(at=st.integers(0, 400), flip=st.integers(1, 255))
def test_no_changed_command_is_admitted(at: int, flip: int) -> None:
    """One byte changed anywhere: declined or dropped."""
    sealed = bytearray(seal_command(command_of(), UTILITY, key_id=_KEY_ID))
    sealed[at % len(sealed)] ^= flip
    verdict = judge(bytes(sealed), meter_id=METER_ID, utility_key=UTILITY.public_key(), handled_seq=6, now_s=NOW_S)
    assert verdict is None or isinstance(verdict, Declined)
