"""The picture of one meter: the order in which a message changes it."""

from operations_reports import METER_ID, START_S, held, on_utility

from bptm.operations.alarms import AlarmKind
from bptm.operations.commands import CommandState, issue
from bptm.operations.picture import MeterPicture, heard, issued, ticked
from bptm.terms.codes import Action
from bptm.terms.messages import Command, Receipt, Upward

COMMAND = Command(
    meter_id=METER_ID, seq=1, action=Action.HOLD_RETURN, issued_s=START_S, expires_s=START_S + 60, nonce=b"n" * 16
)


def message(at_s: int, *, seq: int = 1, command_seq: int = 0, reports: tuple[tuple[int | float, ...], ...]) -> Upward:
    return Upward(meter_id=METER_ID, seq=seq, at_s=at_s, boots=1, command_seq=command_seq, reports=reports)


def asked() -> MeterPicture:
    life, _effects = issue(COMMAND, b"h" * 32)
    return issued(MeterPicture(), life)


def test_a_receipt_and_its_proof_in_one_message_end_a_command_as_proven() -> None:
    """The receipt counts before the reports of the same message."""
    receipt = Receipt(meter_id=METER_ID, command_seq=1, command_hash=b"h" * 32, at_s=START_S + 20, accepted=True)
    step = heard(
        asked(),
        message(START_S + 30, command_seq=1, reports=(held(START_S + 30),)),
        (receipt,),
        medical=False,
        start_s=START_S,
    )
    assert step.picture.lives[0].state is CommandState.PROVEN
    assert [life.state for life in step.lives] == [CommandState.ACCEPTED, CommandState.PROVEN]


def test_a_message_that_comes_too_late_finds_its_command_unknown() -> None:
    """Its time counts first: the deadline has passed, and the alarm stands until the meter tells what became of it."""
    step = heard(
        asked(),
        message(START_S + 2000, command_seq=1, reports=(on_utility(START_S + 2000),)),
        (),
        medical=False,
        start_s=START_S,
    )
    assert step.picture.lives[0].state is CommandState.UNKNOWN
    assert step.picture.alarms.has(AlarmKind.COMMAND_UNKNOWN)


def test_time_alone_ends_a_command_as_unknown() -> None:
    """As the clock of the head-end does."""
    step = ticked(asked(), START_S + 2000, medical=False)
    assert step.picture.lives[0].state is CommandState.UNKNOWN
    assert step.picture.alarms.has(AlarmKind.COMMAND_UNKNOWN)
    again = ticked(step.picture, START_S + 3000, medical=False)
    assert again.picture == step.picture
