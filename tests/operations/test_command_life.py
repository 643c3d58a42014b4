"""The life of a command: one end, never a better one than what is known."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations_reports import METER_ID, START_S, held, message_of, on_backup, on_utility

from bptm.operations.commands import (
    ANSWER_WITHIN_S,
    END_STATES,
    ClearUnknown,
    CommandLife,
    CommandState,
    Effect,
    RaiseUnknown,
    Step,
    StoreCommand,
    issue,
    on_message,
    on_receipt,
    on_tick,
    proof_within_s,
    refuse_unsent,
)
from bptm.operations.evidence import proof_of
from bptm.operations.unmet import refused_for
from bptm.terms import core_codes as c
from bptm.terms.codes import Action
from bptm.terms.messages import Command, Receipt, UnmetValue, Upward

_HASH = b"h" * 32
_SEQ = 5
_EXPIRES_S = START_S + 60


def _command(action: Action = Action.HOLD_RETURN) -> Command:
    return Command(
        meter_id=METER_ID, seq=_SEQ, action=action, issued_s=START_S, expires_s=_EXPIRES_S, nonce=b"12345678"
    )


def _issued(action: Action = Action.HOLD_RETURN) -> CommandLife:
    return issue(_command(action), _HASH)[0]


def _receipt(*codes: int, at_s: int = START_S + 2) -> Receipt:
    return Receipt(
        meter_id=METER_ID,
        command_seq=_SEQ,
        command_hash=_HASH,
        at_s=at_s,
        accepted=not codes,
        unmet=tuple(UnmetValue(code=code, found=1.0, needs=2.0) for code in codes),
    )


def _accepted(action: Action = Action.HOLD_RETURN) -> CommandLife:
    return on_receipt(_issued(action), _receipt())[0]


def _heard(life: CommandLife, message: Upward) -> Step:
    return on_message(life, message, start_s=START_S)


def test_a_hold_is_accepted_then_proved() -> None:
    """Receipt, then the report with voltages and both feedbacks; the evidence is the reason."""
    life = _accepted()
    assert (life.state, life.accepted_s) == (CommandState.ACCEPTED, START_S + 2)
    life, effects = _heard(life, message_of(held(START_S + 3), at_s=START_S + 3, command_seq=_SEQ))
    assert (life.state, life.ended_s) == (CommandState.PROVEN, START_S + 3)
    assert "follows the inlet" in life.reason
    assert effects == (StoreCommand(life=life),)


def test_a_report_from_before_the_receipt_proves_nothing() -> None:
    """A hold that stood before says nothing about this command; nor does one at all without a receipt."""
    old = message_of(held(START_S + 1), at_s=START_S + 3, command_seq=_SEQ)
    assert _heard(_accepted(), old)[0].state is CommandState.ACCEPTED
    assert _heard(_issued(), message_of(held(START_S + 3), command_seq=_SEQ))[0].state is CommandState.ISSUED


def test_a_refusal_keeps_every_reason() -> None:
    """Two unmet conditions, two sentences."""
    life, effects = on_receipt(_issued(), _receipt(c.UNMET_LOCKED_OUT, c.UNMET_NOT_AWAITING_RETURN))
    assert life.state is CommandState.REFUSED
    assert life.refused is not None
    assert len(life.refused.unmet) == 2
    assert life.reason == life.refused.sentence()
    assert effects == (StoreCommand(life=life),)


def test_a_receipt_that_says_expired_is_an_expiry_not_a_refusal() -> None:
    """The meter knows that it did not execute it."""
    life, _ = on_receipt(_issued(), _receipt(c.UNMET_EXPIRED))
    assert life.state is CommandState.EXPIRED


@given(at_s=st.integers(START_S, START_S + 900), command_seq=st.integers(0, 9))
def test_it_expires_by_a_later_message_only_when_it_cannot_have_been_executed(at_s: int, command_seq: int) -> None:
    """Made after the expiry by the meter's own clock, with a lower sequence handled: both, or nothing is known."""
    life, _ = _heard(_issued(), message_of(at_s=at_s, command_seq=command_seq))
    known = at_s > _EXPIRES_S and command_seq < _SEQ
    assert life.state is (CommandState.EXPIRED if known else CommandState.ISSUED)


@given(st.integers(0, 5000))
def test_silence_becomes_unknown_and_raises_the_alarm(later_s: int) -> None:
    """One report interval past the expiry, to the second; it ended when it was due."""
    life, effects = on_tick(_issued(), START_S + later_s)
    if later_s <= 60 + ANSWER_WITHIN_S:
        assert (life, effects) == (_issued(), ())
        return
    assert (life.state, life.in_doubt) == (CommandState.UNKNOWN, True)
    assert life.ended_s == _EXPIRES_S + ANSWER_WITHIN_S
    assert [type(effect) for effect in effects] == [StoreCommand, RaiseUnknown]
    assert "unsafe" in life.reason


@pytest.mark.parametrize("action", list(Action))
def test_accepted_but_never_proved_becomes_unknown_and_says_what_is_missing(action: Action) -> None:
    """The last report's shortcoming stands in the reason, with its values."""
    life = _accepted(action)
    life, effects = _heard(life, message_of(held(START_S + 300, u_feedback=c.CONTACT_UNKNOWN), at_s=START_S + 300))
    assert effects == ()
    due_s = START_S + 2 + proof_within_s(action)
    assert on_tick(life, due_s)[0].state is CommandState.ACCEPTED
    life, effects = on_tick(life, due_s + 1)
    assert life.state is CommandState.UNKNOWN
    asked_to_stay_open = action in {Action.HOLD_RETURN, Action.DISCONNECT}
    assert ("reads unknown" if asked_to_stay_open else "still reports a hold") in life.reason
    assert any(isinstance(effect, RaiseUnknown) for effect in effects)


def test_late_proof_clears_the_alarm_but_not_the_verdict() -> None:
    """Unknown stays unknown; the reason tells what became of it; the alarm goes once."""
    life, _ = on_tick(_accepted(), START_S + 10_000)
    life, effects = _heard(life, message_of(held(START_S + 9000), at_s=START_S + 9000, command_seq=_SEQ))
    assert (life.state, life.in_doubt) == (CommandState.UNKNOWN, False)
    assert [type(effect) for effect in effects] == [StoreCommand, ClearUnknown]
    assert "Its effect was proved late" in life.reason
    again = _heard(life, message_of(held(START_S + 9300), at_s=START_S + 9300, command_seq=_SEQ))
    assert again == (life, ())


@pytest.mark.parametrize(
    ("receipts", "message", "said"),
    [
        ((_receipt(c.UNMET_LOCKED_OUT),), None, "The meter refused it"),
        ((), message_of(at_s=START_S + 9000, command_seq=4), "Not executed"),
        ((_receipt(),), message_of(held(START_S + 9000), at_s=START_S + 9000, command_seq=5), "proved late"),
    ],
)
def test_late_word_resolves_a_command_that_was_never_answered(
    receipts: tuple[Receipt, ...], message: Upward | None, said: str
) -> None:
    """Receipt, evidence of not having been executed, or acceptance with proof: each ends the doubt."""
    life, _ = on_tick(_issued(), START_S + 10_000)
    for receipt in receipts:
        life, _ = on_receipt(life, receipt)
    if message is not None:
        life, _ = _heard(life, message)
    assert (life.state, life.in_doubt) == (CommandState.UNKNOWN, False)
    assert said in life.reason


@pytest.mark.parametrize(
    "other",
    [
        replace(_receipt(), meter_id="BPTM-000001"),
        replace(_receipt(), command_seq=_SEQ + 1),
        replace(_receipt(), command_hash=bytes(32)),
    ],
)
def test_a_receipt_for_another_command_changes_nothing(other: Receipt) -> None:
    """Meter, sequence and hash must all be this command's."""
    assert on_receipt(_issued(), other) == (_issued(), ())


def test_a_command_refused_before_it_was_sent_is_refused_for_good() -> None:
    """No receipt can belong to it, not even one with an empty hash."""
    refused = refused_for((UnmetValue(code=c.UNMET_LOCKED_OUT, found=0.0, needs=0.0),))
    life, effects = refuse_unsent(_command(), refused, START_S)
    assert (life.state, life.ended_s, life.reason) == (CommandState.REFUSED, START_S, refused.sentence())
    assert effects == (StoreCommand(life=life),)
    assert on_receipt(life, replace(_receipt(), command_hash=b"")) == (life, ())
    assert on_tick(life, START_S + 10**6) == (life, ())


# What can come to a command, in any order, again and again, and as nonsense.
_times_s = st.integers(START_S, START_S + 6000)
_receipts = st.builds(_receipt, at_s=_times_s) | st.builds(
    _receipt, st.sampled_from([c.UNMET_EXPIRED, c.UNMET_LOCKED_OUT, c.UNMET_REPLAYED]), at_s=_times_s
)
_foreign = st.builds(
    replace,
    _receipts,
    meter_id=st.sampled_from([METER_ID, "BPTM-000001"]),
    command_seq=st.integers(4, 6),
    command_hash=st.sampled_from([_HASH, b"f" * 32, b""]),
)


@st.composite
def _messages(draw: st.DrawFn) -> Upward:
    makers = draw(st.lists(st.sampled_from([held, on_backup, on_utility]), max_size=3))
    return message_of(
        *(make(draw(_times_s)) for make in makers),
        at_s=draw(_times_s),
        command_seq=draw(st.integers(3, 6)),
        meter_id=draw(st.sampled_from([METER_ID, METER_ID, METER_ID, "BPTM-000001"])),
    )


_history = st.lists(_receipts | _foreign | _messages() | _times_s, max_size=25)


def _step(life: CommandLife, heard: Receipt | Upward | int) -> Step:
    if isinstance(heard, Receipt):
        return on_receipt(life, heard)
    if isinstance(heard, Upward):
        return _heard(life, heard)
    return on_tick(life, heard)


def _is_ours(heard: Receipt | Upward | int) -> bool:
    return isinstance(heard, Receipt) and (heard.meter_id, heard.command_seq, heard.command_hash) == (
        METER_ID,
        _SEQ,
        _HASH,
    )


@given(action=st.sampled_from(Action), history=_history)
def test_every_command_has_exactly_one_end_and_it_is_never_better_than_what_is_known(
    action: Action, history: list[Receipt | Upward | int]
) -> None:
    """Any interleaving of receipts (late, twice, foreign), reports and ticks; then time runs out.

    The end never changes. Proven needs an own acceptance and a proving report at or after it; refused an own
    refusal; expired an own receipt that says so, or a message that excludes execution.
    """
    life = _issued(action)
    states = [life.state]
    so_far: list[Receipt | Upward | int] = []
    effects_so_far: list[Effect] = []
    for heard in [*history, START_S + 10**6]:
        before = life
        life, effects = _step(life, heard)
        so_far.append(heard)
        effects_so_far += effects
        if before.ended:
            assert (life.state, life.ended_s, life.accepted_s or before.accepted_s) == (
                before.state,
                before.ended_s,
                life.accepted_s,
            )
        if life.state is not before.state:
            states.append(life.state)
            assert effects[0] == StoreCommand(life=life)
            _justified(life, so_far)
    assert life.state in END_STATES
    assert len([state for state in states if state in END_STATES]) == 1
    raised = [effect for effect in effects_so_far if isinstance(effect, RaiseUnknown)]
    cleared = [effect for effect in effects_so_far if isinstance(effect, ClearUnknown)]
    assert len(raised) == (life.state is CommandState.UNKNOWN)
    assert len(raised) - len(cleared) == life.in_doubt
    assert life.reason


def _justified(life: CommandLife, so_far: list[Receipt | Upward | int]) -> None:
    """What is known so far allows this state, judged afresh from the whole history."""
    own = [heard for heard in so_far if isinstance(heard, Receipt) and _is_ours(heard)]
    last = so_far[-1]
    match life.state:
        case CommandState.ACCEPTED:
            assert own[0].accepted
        case CommandState.PROVEN:
            assert own[0].accepted
            assert isinstance(last, Upward)
            assert last.meter_id == METER_ID
            assert any(
                proof_of(life.command.action, report).proved
                and START_S + int(report[1]) // c.TICKS_PER_S >= own[0].at_s
                for report in last.reports
            )
        case CommandState.REFUSED:
            assert not own[0].accepted
        case CommandState.EXPIRED:
            if isinstance(last, Upward):
                assert last.at_s > _EXPIRES_S
                assert last.command_seq < _SEQ
                assert not own
            else:
                assert any(value.code == c.UNMET_EXPIRED for value in own[0].unmet)
        case CommandState.UNKNOWN:
            assert isinstance(last, int)
            assert last > _EXPIRES_S
        case CommandState.ISSUED:
            pytest.fail("a command never becomes issued again")


@given(action=st.sampled_from(Action), history=_history)
def test_words_about_other_commands_and_meters_never_matter(
    action: Action, history: list[Receipt | Upward | int]
) -> None:
    """The history without everything foreign ends the same."""

    def ours(heard: Receipt | Upward | int) -> bool:
        return _is_ours(heard) if isinstance(heard, Receipt) else (isinstance(heard, int) or heard.meter_id == METER_ID)

    def ended(inputs: list[Receipt | Upward | int]) -> CommandLife:
        life = _issued(action)
        for heard in inputs:
            life, _ = _step(life, heard)
        return life

    assert ended(history) == ended([heard for heard in history if ours(heard)])
