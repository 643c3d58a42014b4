"""Alarms: each problem raises one, with words and values, and only a measurement clears it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations_reports import START_S, dark, message_of, on_backup, on_utility, report_of

from bptm.operations.alarms import (
    MEDICAL_DARK_AFTER_S,
    SEVERITY,
    AlarmKind,
    AlarmState,
    Cleared,
    Raised,
    Severity,
    Step,
    on_clock,
    on_command_known,
    on_command_unknown,
    on_message,
    on_message_rejected,
)
from bptm.operations.fleet import SILENT_AFTER_S, MeterState, hear
from bptm.operations.seen import is_ordinary
from bptm.terms import core_codes as c
from bptm.terms.codes import CAUSE_WORDS, Cause, Contact, Event, FedBy, Mode
from bptm.terms.messages import Report

_LOCKOUT_CAUSES = [cause for cause in Cause if cause >= c.CAUSE_BACKFEED]
_BLOCK_CAUSES = [cause for cause in Cause if c.CAUSE_U_FAILED_TO_OPEN <= cause < c.CAUSE_BACKFEED]


class _Meter:
    """One meter's fleet state and alarms, fed a report at a time; `said` is everything raised and cleared."""

    def __init__(self, *, medical: bool = False) -> None:
        self.medical = medical
        self.state = MeterState()
        self.alarms = AlarmState()
        self.said: list[Raised | Cleared] = []

    def hears(self, *reports: Report, at_s: int = START_S) -> None:
        message = message_of(*reports, at_s=at_s)
        self.state = hear(self.state, message, start_s=START_S)
        self._note(on_message(self.alarms, message, medical=self.medical, start_s=START_S))

    def waits_until(self, now_s: int) -> None:
        self._note(on_clock(self.alarms, self.state, now_s, medical=self.medical))

    def _note(self, step: Step) -> None:
        self.alarms, changes = step
        self.said += changes

    @property
    def kinds(self) -> list[AlarmKind]:
        return [alarm.kind for alarm in self.alarms.standing]


def _locked_out(cause: Cause, at_s: float = START_S) -> Report:
    return report_of(at_s, event=c.EVENT_MODE_CHANGED, mode=c.MODE_LOCKED_OUT, cause=cause, utility_v=121.0)


def _blocked(cause: Cause, at_s: float = START_S) -> Report:
    return on_utility(at_s, event=c.EVENT_MODE_CHANGED, mode=c.MODE_BACKUP_BLOCKED, cause=cause)


@pytest.mark.parametrize("cause", _LOCKOUT_CAUSES)
def test_a_lockout_is_a_danger_told_with_its_cause_and_values(cause: Cause) -> None:
    """Every cause on the closed list of LOCKED_OUT; cleared only when the mode says so."""
    meter = _Meter()
    meter.hears(_locked_out(cause))
    (alarm,) = meter.alarms.standing
    assert (alarm.kind, alarm.severity, alarm.raised_s) == (AlarmKind.LOCKED_OUT, Severity.DANGER, START_S)
    assert CAUSE_WORDS[cause] in alarm.text
    assert "utility 121.0/121.0 V" in alarm.text
    meter.hears(_locked_out(cause, START_S + 300), at_s=START_S + 300)
    assert len(meter.said) == 1
    meter.hears(on_utility(START_S + 600, event=c.EVENT_RESET_LOCALLY, cause=c.CAUSE_LOCAL_RESET), at_s=START_S + 600)
    assert meter.kinds == []


@pytest.mark.parametrize("cause", _BLOCK_CAUSES)
def test_a_blocked_backup_is_one_alarm_told_with_its_cause(cause: Cause) -> None:
    """Every cause on the closed list of BACKUP_BLOCKED raises exactly one; normal use clears it."""
    meter = _Meter()
    meter.hears(_blocked(cause))
    (alarm,) = meter.alarms.standing
    assert CAUSE_WORDS[cause] in alarm.text
    assert "bus 120.4/120.4 V" in alarm.text
    meter.hears(_blocked(cause, START_S + 300), on_utility(START_S + 301, cause=c.CAUSE_LOCAL_RESET))
    assert meter.kinds == []


def test_contacts_and_stray_sources_are_dangers_a_worn_source_is_not() -> None:
    """What can hurt somebody, and what only does not work."""
    kinds = {}
    for cause in _BLOCK_CAUSES:
        meter = _Meter()
        meter.hears(_blocked(cause))
        kinds[cause] = meter.alarms.standing[0].severity
    assert kinds[Cause.U_FAILED_TO_OPEN] is kinds[Cause.U_DISAGREES] is Severity.DANGER
    assert kinds[Cause.REVERSE_POWER] is kinds[Cause.LOAD_SIDE_SOURCE] is Severity.DANGER
    assert kinds[Cause.OVERLOAD_REPEATED] is kinds[Cause.B_FAILED_TO_CLOSE] is Severity.WARNING


def test_a_lockout_found_at_a_start_does_not_name_the_start_as_its_cause() -> None:
    """The cause in such a report is why the mode changed last: the meter started."""
    meter = _Meter()
    meter.hears(_locked_out(Cause.START))
    assert CAUSE_WORDS[Cause.START] not in meter.alarms.standing[0].text


def test_overload_stands_until_the_home_is_fed_quietly() -> None:
    """Raised by the event, through the dark wait; cleared by a row on backup without the fact."""
    meter = _Meter()
    meter.hears(on_backup(event=c.EVENT_OVERLOAD, mode=c.MODE_DARK, l1_a=45.0, flags=c.FLAG_OVERLOAD))
    assert meter.kinds == [AlarmKind.OVERLOAD]
    assert "45.0/0.0 A" in meter.alarms.standing[0].text
    meter.hears(dark(START_S + 5), dark(START_S + 30))
    meter.hears(on_backup(START_S + 90, event=c.EVENT_MODE_CHANGED), on_backup(START_S + 90, flags=c.FLAG_OVERLOAD))
    assert AlarmKind.OVERLOAD in meter.kinds
    meter.hears(on_backup(START_S + 300))
    assert meter.kinds == []


def test_repeated_overload_ends_as_one_alarm() -> None:
    """The block takes the overload's place."""
    meter = _Meter()
    meter.hears(on_backup(event=c.EVENT_OVERLOAD), _blocked(Cause.OVERLOAD_REPEATED))
    assert meter.kinds == [AlarmKind.BACKUP_BLOCKED]


def test_reverse_power_asks_for_the_forgotten_solar_array() -> None:
    """One danger, with the power measured, by event and block together."""
    meter = _Meter()
    meter.hears(
        on_backup(
            event=c.EVENT_MODE_CHANGED, mode=c.MODE_BACKUP_BLOCKED, cause=c.CAUSE_REVERSE_POWER, premise_w=-812.0
        ),
        on_backup(
            event=c.EVENT_REVERSE_POWER, mode=c.MODE_BACKUP_BLOCKED, cause=c.CAUSE_REVERSE_POWER, premise_w=-812.0
        ),
    )
    (alarm,) = meter.alarms.standing
    assert (alarm.kind, alarm.severity) == (AlarmKind.REVERSE_POWER, Severity.DANGER)
    assert "solar" in alarm.text
    assert "-0.81 kW" in alarm.text


def test_a_load_side_source_is_seen_by_its_flag() -> None:
    """Live with both contactors open."""
    meter = _Meter()
    meter.hears(report_of(mode=c.MODE_DARK, fed_by=c.FED_BY_LOAD_SIDE, bus_v=118.0, flags=c.FLAG_LOAD_SIDE_SOURCE))
    assert meter.kinds == [AlarmKind.LOAD_SIDE_SOURCE]


def test_a_contact_that_disagrees_is_believed_again_only_when_voltages_agree() -> None:
    """A row that still contradicts itself, or an unknown feedback, keeps the alarm."""
    meter = _Meter()
    meter.hears(on_backup(event=c.EVENT_CONTACT_DISAGREES))
    meter.hears(on_utility(START_S + 300, bus_v=0.0), on_utility(START_S + 301, b_feedback=c.CONTACT_UNKNOWN))
    assert meter.kinds == [AlarmKind.CONTACT_DISAGREES]
    meter.hears(on_utility(START_S + 600))
    assert meter.kinds == []


@pytest.mark.parametrize(("last", "raised"), [(on_backup(), True), (on_utility(), False), (dark(), False)])
def test_silence_on_backup_is_a_danger_and_ends_when_it_is_heard(last: Report, *, raised: bool) -> None:
    """LAW-10, unknown is unsafe: nobody knows whether it is still apart from the utility."""
    meter = _Meter()
    meter.hears(last)
    meter.waits_until(START_S + SILENT_AFTER_S)
    assert meter.kinds == []
    meter.waits_until(START_S + SILENT_AFTER_S + 1)
    meter.waits_until(START_S + SILENT_AFTER_S + 500)
    assert meter.kinds == ([AlarmKind.SILENT_ON_BACKUP] if raised else [])
    meter.hears(on_backup(START_S + 4000), at_s=START_S + 4000)
    assert meter.kinds == []


def test_a_home_whose_meter_gasped_is_not_silent_on_backup() -> None:
    """It is known to be dark."""
    meter = _Meter()
    meter.hears(on_backup(), dark(START_S + 100, event=c.EVENT_LAST_GASP))
    meter.waits_until(START_S + 100_000)
    assert meter.kinds == []


def test_the_last_gasp_of_a_medical_home_is_a_danger_until_it_has_power() -> None:
    """What the meter still says on its hold-up does not clear it; a start does."""
    meter = _Meter(medical=True)
    meter.hears(dark(event=c.EVENT_FED_BY_CHANGED), dark(START_S + 1, event=c.EVENT_LAST_GASP), dark(START_S + 2))
    assert meter.kinds == [AlarmKind.MEDICAL_LAST_GASP]
    meter.hears(dark(START_S + 100))
    meter.waits_until(START_S + 5000)
    assert meter.kinds == [AlarmKind.MEDICAL_LAST_GASP]
    meter.hears(dark(START_S + 6000, event=c.EVENT_STARTED), at_s=START_S + 6000)
    assert meter.kinds == []
    meter.hears(on_utility(START_S + 6001, event=c.EVENT_FED_BY_CHANGED), at_s=START_S + 6001)
    assert [type(change) for change in meter.said] == [Raised, Cleared]


@pytest.mark.parametrize("by_clock", [True, False])
def test_a_medical_home_dark_longer_than_a_transfer_is_a_danger(*, by_clock: bool) -> None:
    """Told by the clock or by its next report, and cleared when it is fed."""
    meter = _Meter(medical=True)
    meter.hears(dark(event=c.EVENT_FED_BY_CHANGED, inlet_v=118.0))
    late_s = START_S + MEDICAL_DARK_AFTER_S
    meter.waits_until(late_s - 1)
    assert meter.kinds == []
    if by_clock:
        meter.waits_until(late_s)
    else:
        meter.hears(dark(late_s), at_s=late_s)
    assert meter.kinds == [AlarmKind.MEDICAL_DARK]
    meter.hears(on_backup(late_s + 5, event=c.EVENT_FED_BY_CHANGED), at_s=late_s + 5)
    assert meter.kinds == []


def test_a_transfer_of_a_medical_home_is_no_alarm_nor_is_a_dark_home_without_that_need() -> None:
    """Seconds without supply belong to every transfer."""
    medical = _Meter(medical=True)
    medical.hears(dark(event=c.EVENT_FED_BY_CHANGED), on_utility(START_S + 3, event=c.EVENT_FED_BY_CHANGED))
    medical.waits_until(START_S + 500)
    other = _Meter()
    other.hears(dark(event=c.EVENT_FED_BY_CHANGED))
    other.waits_until(START_S + 500)
    assert medical.said == other.said == []


def test_a_generator_left_running_is_a_notice() -> None:
    """Until it is stopped."""
    meter = _Meter()
    meter.hears(on_utility(event=c.EVENT_ENGINE_STILL_RUNNING, inlet_v=119.0))
    assert [(alarm.kind, alarm.severity) for alarm in meter.alarms.standing] == [
        (AlarmKind.ENGINE_STILL_RUNNING, Severity.NOTICE)
    ]
    meter.hears(on_utility(START_S + 300))
    assert meter.kinds == []


def test_commands_in_doubt_share_one_alarm_that_stands_until_the_last_is_known() -> None:
    """Raised once; learning about one of two is not enough."""
    state, raised = on_command_unknown(AlarmState(), 3, START_S, "no word from the meter")
    assert [type(change) for change in raised] == [Raised]
    assert "Command 3: no word" in state.standing[0].text
    state, more = on_command_unknown(state, 4, START_S + 1, "no word from the meter")
    assert more == ()
    assert on_command_unknown(state, 4, START_S + 1, "again") == (state, ())
    state, some = on_command_known(state, 3, START_S + 2, "refused")
    assert some == ()
    state, last = on_command_known(state, 4, START_S + 3, "proved late")
    assert last == (Cleared(kind=AlarmKind.COMMAND_UNKNOWN, cleared_s=START_S + 3, why="proved late"),)
    assert state == AlarmState()


def test_a_rejected_message_is_a_warning_until_the_next_good_one() -> None:
    """With the reason that the decoder gave."""
    meter = _Meter()
    meter._note(on_message_rejected(meter.alarms, START_S, "report 0: mode: code 99 is unknown"))
    assert "code 99" in meter.alarms.standing[0].text
    meter.hears(on_utility())
    assert meter.kinds == []


def test_every_cause_has_words_and_every_kind_a_severity() -> None:
    """So that no alarm shows a number."""
    assert set(CAUSE_WORDS) == set(Cause)
    assert set(SEVERITY) == set(AlarmKind)


_report_values = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(Mode),
        "cause": st.sampled_from(Cause),
        "flags": st.integers(0, 1023),
        "fed_by": st.sampled_from(FedBy),
        "u_feedback": st.sampled_from(Contact),
        "b_feedback": st.sampled_from(Contact),
        "utility_v": st.sampled_from([0.0, 121.0]),
        "bus_v": st.sampled_from([0.0, 119.0]),
        "inlet_v": st.sampled_from([0.0, 119.0]),
    }
)


@st.composite
def _any_report(draw: st.DrawFn) -> Report:
    later_s = draw(st.integers(0, 5000))
    event = draw(st.sampled_from([0, 0, *map(int, Event)]))
    return report_of(START_S + later_s, event=event, **draw(_report_values))


@given(history=st.lists(st.lists(_any_report(), max_size=3) | st.integers(0, 9000), max_size=12), medical=st.booleans())
def test_alarms_are_raised_and_cleared_in_turn(history: list[list[Report] | int], *, medical: bool) -> None:
    """Any history: at most one standing of a kind, each with its severity, raised and cleared in turn.

    While the mode says that something is locked out or blocked, an alarm says so too.
    """
    meter = _Meter(medical=medical)
    for heard in history:
        if isinstance(heard, int):
            meter.waits_until(START_S + heard)
        else:
            meter.hears(*heard)
            if heard and Mode(int(heard[-1][5])) is Mode.LOCKED_OUT:
                assert AlarmKind.LOCKED_OUT in meter.kinds
            if heard and Mode(int(heard[-1][5])) is Mode.BACKUP_BLOCKED:
                assert meter.kinds
    standing: list[AlarmKind] = []
    for change in meter.said:
        if isinstance(change, Raised):
            assert change.alarm.kind not in standing
            assert change.alarm.severity is SEVERITY[change.alarm.kind]
            assert change.alarm.text.endswith(".")
            standing.append(change.alarm.kind)
        else:
            assert change.why
            standing.remove(change.kind)
    assert sorted(standing) == sorted(meter.kinds)


@given(_any_report())
def test_the_short_way_never_passes_over_an_alarm(report: Report) -> None:
    """`is_ordinary` spares most reports the judgement: for every report it spares, the judgement finds nothing."""
    spared = AlarmState(dark_since_s=START_S)
    _, changes = on_message(spared, message_of(report), medical=True, start_s=START_S - 10_000)
    if is_ordinary(report):
        assert changes == ()
