"""The console never shows an order as a position, a guess as a voltage, or old data as the present."""

from enum import IntEnum

import pytest
from console_desk import NOW_S, report, view

from bptm.headend.desk import MeterEvent, TrendPoint
from bptm.headend.pages.words import (
    ACTION_WORDS,
    BACKUP_WORDS,
    EVENT_WORDS,
    FED_BY_KEYS,
    LEG_HIGH_V,
    LEG_LOW_V,
    MODE_WORDS,
    STATUS_KEYS,
    cause_of,
    conductor,
    event_row,
    one_line,
    stale,
    stale_words,
    state_of,
    supply_bands,
)
from bptm.operations.fleet import SILENT_AFTER_S
from bptm.terms import core_codes as c
from bptm.terms.codes import Action, BackupKind, Cause, Contact, Event, FedBy, Mode, Status
from bptm.terms.core_report import MWTICKS_PER_WH

ON_BACKUP = report(
    mode=Mode.ON_BACKUP,
    fed_by=FedBy.BACKUP,
    u_feedback=Contact.OPEN,
    b_feedback=Contact.CLOSED,
    inlet_l1_v=119.2,
    inlet_l2_v=118.8,
    bus_l1_v=119.0,
    bus_l2_v=118.6,
    premise_w=950.0,
)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (STATUS_KEYS, Status),
        (MODE_WORDS, Mode),
        (EVENT_WORDS, Event),
        (BACKUP_WORDS, BackupKind),
        (FED_BY_KEYS, FedBy),
        (ACTION_WORDS, Action),
    ],
)
def test_every_code_has_words(words: dict[object, str], kinds: type[IntEnum]) -> None:
    """A code added to `terms` without words here is found at once, not by the first page that meets it."""
    assert set(words) == set(kinds)


@pytest.mark.parametrize(
    ("leg_v", "drawn"),
    [
        (0.0, "dead"),
        (11.9, "dead"),
        (12.0, "out"),
        (60.0, "out"),
        (LEG_LOW_V - 0.1, "out"),
        (LEG_LOW_V, "live"),
        (120.0, "live"),
        (LEG_HIGH_V, "live"),
        (LEG_HIGH_V + 0.1, "out"),
        (240.0, "out"),
    ],
)
def test_a_conductor_is_coloured_by_its_voltage_alone(leg_v: float, drawn: str) -> None:
    """Dead below 0.10 pu, in limits between the meter's own 27 and 59, else out of limits: each edge, both sides."""
    assert conductor(leg_v) == drawn


def test_each_leg_has_its_own_colour() -> None:
    """A lost leg must show: one leg dead and the other live are drawn so, side by side."""
    drawn = one_line(view(values={**ON_BACKUP, "utility_l1_v": 121.0, "utility_l2_v": 0.0}), NOW_S)
    assert drawn["utility"] == {"legs": [{"v": 121.0, "is": "live"}, {"v": 0.0, "is": "dead"}]}


@pytest.mark.parametrize("contact", list(Contact))
def test_switches_are_drawn_from_feedback_whatever_mode_and_voltage_say(contact: Contact) -> None:
    """ON_BACKUP with a live bus: were the switch inferred from either, `open` and `unknown` could not appear."""
    drawn = one_line(view(values={**ON_BACKUP, "b_feedback": contact, "u_feedback": contact}), NOW_S)
    assert (drawn["u"], drawn["b"]) == (contact.name.lower(), contact.name.lower())


@pytest.mark.parametrize("fed_by", [FedBy.NONE, FedBy.LOAD_SIDE])
def test_a_live_bus_that_neither_source_feeds_is_from_nowhere(fed_by: FedBy) -> None:
    """The colours of utility and backup are kept for buses that they feed."""
    assert one_line(view(values={**ON_BACKUP, "fed_by": fed_by}), NOW_S)["fedBy"] == "nowhere"


def test_a_meter_that_never_reported_has_unknown_switches_and_an_old_picture() -> None:
    """No report is not the same as open contacts and zero volts: it is stale and says so."""
    drawn = one_line(view(status=Status.SILENT, heard_s=None, values=None), NOW_S)
    assert (drawn["u"], drawn["b"], drawn["stale"]) == ("unknown", "unknown", True)
    assert "not reported yet" in str(drawn["staleText"])


def test_a_report_is_the_present_until_the_desk_would_call_the_meter_silent() -> None:
    """The limit is the fleet's own: at it still fresh, one second past it stale."""
    heard = view(values=ON_BACKUP, heard_s=NOW_S - SILENT_AFTER_S)
    assert not stale(heard, NOW_S)
    assert stale_words(heard, NOW_S) == ""
    assert stale(heard, NOW_S + 1)
    assert "37 min ago" in stale_words(heard, NOW_S + 1)


def test_a_silent_meter_is_stale_even_when_heard_just_now() -> None:
    """The desk's word counts, not only the age."""
    assert stale(view(status=Status.SILENT, values=ON_BACKUP), NOW_S)


def test_a_dark_meter_says_that_it_has_no_power() -> None:
    """After the last gasp the picture grows old for a known reason."""
    words = stale_words(view(status=Status.DARK, values=report(), heard_s=NOW_S - 7500), NOW_S)
    assert "2 h 05 min ago" in words
    assert "no power" in words


def test_time_left_of_a_hold_counts_down_between_reports() -> None:
    """A report 300 s old that said one hour: 3,300 s are left; a released hold shows none."""
    values = {**ON_BACKUP, "flags": c.FLAG_HELD, "hold_left_ticks": 3600 * c.TICKS_PER_S}
    held = state_of(view(values=values, heard_s=NOW_S - 300, held=True), NOW_S, (), "on backup")
    assert held["holdLeft"] == 3300
    assert state_of(view(values=values, held=False), NOW_S, (), "on backup")["holdLeft"] is None


def test_energy_stands_in_watt_hours_by_source() -> None:
    """The registers count milliwatt-ticks; 2,500 Wh from backup come out as such and nothing leaks elsewhere."""
    values = {**ON_BACKUP, "backup_in_mwticks": 2500.0 * MWTICKS_PER_WH}
    energies = state_of(view(values=values), NOW_S, (), "on backup")["energy"]
    assert isinstance(energies, list)
    assert {e["label"]: e["wh"] for e in energies if e["wh"]} == {"From backup": 2500.0}


def _event(at_s: int, event: Event, cause: Cause) -> MeterEvent:
    return MeterEvent(at_s=at_s, event=event, cause=cause, mode_before=Mode.DARK, mode=Mode.TO_BACKUP, values={})


def test_the_cause_of_a_finished_transfer_is_why_it_began() -> None:
    """Newest first: done at 40 because of the source that became ready at 10; an unrelated event does not count."""
    events = [
        _event(50, Event.OVERLOAD, Cause.OVERLOAD),
        _event(40, Event.MODE_CHANGED, Cause.TRANSFER_DONE),
        _event(10, Event.MODE_CHANGED, Cause.BACKUP_READY),
    ]
    assert cause_of(events) == {"at": 40, "words": "the backup source is steady and within its limits"}
    assert cause_of(events[:1]) is None


def test_an_event_row_names_both_modes_and_survives_missing_values() -> None:
    """A store row with fewer values than today's report still shows, its contacts as unknown."""
    row = event_row(_event(5, Event.MODE_CHANGED, Cause.UTILITY_LOST))
    assert "dark" in str(row["words"])
    assert "to backup" in str(row["words"])
    assert row["u"] == "unknown"
    assert row["cause"] == "Utility voltage was lost."


def test_supply_bands_leave_a_silence_blank() -> None:
    """Three rows on utility, a silence, then dark: two bands, and none across the silence."""
    points = [
        TrendPoint(at_s=at_s, values=report(fed_by=fed_by))
        for at_s, fed_by in [(0, FedBy.UTILITY), (300, FedBy.UTILITY), (600, FedBy.UTILITY), (5000, FedBy.NONE)]
    ]
    assert supply_bands(points, longest_s=1000) == [
        {"from": 0, "to": 600, "cls": "utility"},
        {"from": 5000, "to": 5000, "cls": "dead"},
    ]
