"""What the head-end knows of a meter: status by mode, last gasp and silence; and the seconds without supply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations_reports import START_S, dark, held, message_of, on_backup, on_utility, report_of

from bptm.operations.fleet import (
    SILENT_AFTER_S,
    MeterState,
    counts_of,
    fed_events_of,
    fed_seconds,
    hear,
    status_of,
)
from bptm.terms import core_codes as c
from bptm.terms.codes import Event, FedBy, Mode, Status
from bptm.terms.messages import Report


def _heard(*reports: Report, state: MeterState | None = None, at_s: int = START_S) -> MeterState:
    return hear(state or MeterState(), message_of(*reports, at_s=at_s), start_s=START_S)


_STATUS_OF_MODE = {
    Mode.OFF: Status.DARK,
    Mode.ON_UTILITY: Status.UTILITY,
    Mode.DARK: Status.DARK,
    Mode.TO_BACKUP: Status.TRANSFERRING,
    Mode.ON_BACKUP: Status.ON_BACKUP,
    Mode.TO_UTILITY: Status.TRANSFERRING,
    Mode.BACKUP_BLOCKED: Status.LOCKED_OUT,
    Mode.LOCKED_OUT: Status.LOCKED_OUT,
    Mode.TEST: Status.TRANSFERRING,
    Mode.DISCONNECTED: Status.DARK,
}


@given(st.sampled_from(Mode), st.integers(0, 10_000))
def test_the_status_follows_the_mode_until_silence(mode: Mode, later_s: int) -> None:
    """Every mode has a status; 2.5 intervals without a word make any of them SILENT, not a second less."""
    status = status_of(_heard(report_of(mode=mode)), START_S + later_s)
    assert status is (Status.SILENT if later_s > SILENT_AFTER_S else _STATUS_OF_MODE[mode])


def test_a_meter_never_heard_is_silent() -> None:
    """Nothing is known, so nothing better is claimed. A message without any report does not change that."""
    assert status_of(MeterState(), START_S) is Status.SILENT
    assert status_of(_heard(), START_S) is Status.SILENT


@given(st.integers(0, 10**7))
def test_after_its_last_gasp_a_meter_is_known_to_be_dark(later_s: int) -> None:
    """For as long as it says nothing more."""
    state = _heard(dark(event=c.EVENT_LAST_GASP))
    assert status_of(state, START_S + later_s) is Status.DARK


def test_a_home_silent_on_backup_without_a_gasp_is_silent_not_on_backup() -> None:
    """Unknown is unsafe."""
    assert status_of(_heard(on_backup()), START_S + SILENT_AFTER_S + 1) is Status.SILENT


@pytest.mark.parametrize(
    ("report", "gasped"),
    [
        (on_utility(START_S + 5), False),
        (on_backup(START_S + 5), False),
        (dark(START_S + 5, event=c.EVENT_STARTED), False),
        (dark(START_S + 5, inlet_l1_v=118.0), False),
        (dark(START_S + 5, utility_l2_v=61.0), False),
        (dark(START_S + 5), True),
        (dark(START_S, event=c.EVENT_HOLD_RELEASED), True),
    ],
)
def test_only_a_supply_or_a_start_ends_a_last_gasp(report: Report, *, gasped: bool) -> None:
    """What a meter still says on its hold-up, after its gasp, does not make it live; in one message or in two."""
    gasp = dark(event=c.EVENT_LAST_GASP)
    assert _heard(gasp, report).gasped is gasped
    assert _heard(report, state=_heard(gasp)).gasped is gasped


def test_a_bare_receipt_leaves_the_picture_as_it_was() -> None:
    """A message without reports tells that the meter lives and what it handled, nothing of the home."""
    before = _heard(on_backup())
    after = hear(before, message_of(at_s=START_S + 9, command_seq=4, seq=2), start_s=START_S)
    assert (after.heard_s, after.command_seq) == (START_S + 9, 4)
    assert (after.report, after.report_at_s, after.gasped) == (before.report, before.report_at_s, False)


def test_the_last_report_counts_and_its_time_is_its_own() -> None:
    """at_s = start + tick // 120, whatever the message's own time."""
    state = _heard(on_utility(START_S), held(START_S + 299.99), at_s=START_S + 700)
    assert state.mode is Mode.ON_BACKUP
    assert state.held
    assert (state.report_at_s, state.heard_s) == (START_S + 299, START_S + 700)
    assert not MeterState().held
    assert MeterState().mode is None


def test_counts_add_up_and_name_every_status() -> None:
    """One meter, one status."""
    states = [MeterState(), _heard(on_utility()), _heard(on_utility()), _heard(dark()), _heard(on_backup())]
    counts = counts_of(states, START_S)
    assert set(counts) == set(Status)
    assert sum(counts.values()) == len(states)
    assert (counts[Status.UTILITY], counts[Status.SILENT]) == (2, 1)


def test_changes_of_supply_are_read_from_their_events_only() -> None:
    """A row carries what feeds the home too, but is no change."""
    message = message_of(
        on_utility(START_S),
        dark(START_S + 10.5, event=Event.FED_BY_CHANGED),
        dark(START_S + 10.5, event=Event.MODE_CHANGED),
        on_backup(START_S + 95, event=Event.FED_BY_CHANGED),
    )
    assert fed_events_of(message, start_s=START_S) == ((START_S + 10, FedBy.NONE), (START_S + 95, FedBy.BACKUP))


_changes = st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(FedBy)), max_size=30).map(
    lambda changes: sorted(changes, key=lambda change: change[0])
)


@given(_changes, st.integers(0, 6000))
def test_dark_and_backup_seconds_against_a_count_second_by_second(changes: list[tuple[int, FedBy]], end_s: int) -> None:
    """Oracle: look at each second in turn; the last change at or before it says what feeds the home."""
    dark_s = backup_s = 0
    feeding: FedBy | None = None
    place = 0
    for second in range(end_s):
        while place < len(changes) and changes[place][0] <= second:
            feeding = changes[place][1]
            place += 1
        dark_s += feeding is FedBy.NONE
        backup_s += feeding is FedBy.BACKUP
    assert fed_seconds(changes, end_s) == (dark_s, backup_s)


@given(_changes, st.integers(0, 6000), st.integers(0, 6000))
def test_seconds_of_two_parts_add_up_to_the_whole(changes: list[tuple[int, FedBy]], middle_s: int, end_s: int) -> None:
    """Cut anywhere: what was counted up to the cut, plus what came after it, is all of it."""
    middle_s, end_s = sorted((middle_s, end_s))
    first = fed_seconds(changes, middle_s)
    before = [change for change in changes if change[0] <= middle_s]
    rest = [(middle_s, before[-1][1])] if before else []
    second = fed_seconds([*rest, *(change for change in changes if change[0] > middle_s)], end_s)
    assert tuple(map(sum, zip(first, second, strict=True))) == fed_seconds(changes, end_s)


def test_changes_out_of_order_are_the_callers_bug() -> None:
    """A store that lost its order must not give a number."""
    with pytest.raises(ValueError, match="follows one at 10 s"):
        fed_seconds([(10, FedBy.NONE), (9, FedBy.UTILITY)], 20)
