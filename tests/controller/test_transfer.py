"""The transfer function over histories of a home: what happens, in which order, and why."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bptm.compiled.fleet import Fleet
from bptm.terms.codes import Action, Cause, Event, Mode
from bptm.terms.core_codes import (
    UNMET_DURATION,
    UNMET_MEDICAL_DARK,
    UNMET_NOT_AWAITING_RETURN,
    UNMET_NOT_HELD,
)
from homes import HOUR, MINUTE, SECOND, homes

HOLD = 4 * HOUR


def modes(reports: NDArray[np.void]) -> list[tuple[Mode, Cause]]:
    moved = reports[reports["code"] == Event.MODE_CHANGED]
    return [(Mode(int(r["mode"])), Cause(int(r["cause"]))) for r in moved]


def on_backup() -> Fleet:
    fleet = Fleet.build(homes(1), 20 * 3600)
    fleet.advance(5 * MINUTE)
    assert fleet.mode()[0] == Mode.ON_BACKUP
    return fleet


def test_an_outage_runs_its_course() -> None:
    """Loss, start by a person, transfer, return of the utility, retransfer: each change with its cause."""
    reports = Fleet.build(homes(1), 20 * 3600).advance(30 * MINUTE)
    assert modes(reports) == [
        (Mode.DARK, Cause.UTILITY_LOST),
        (Mode.TO_BACKUP, Cause.BACKUP_READY),
        (Mode.ON_BACKUP, Cause.TRANSFER_DONE),
        (Mode.TO_UTILITY, Cause.UTILITY_RESTORED),
        (Mode.ON_UTILITY, Cause.TRANSFER_DONE),
    ]


def test_a_home_without_backup_keeps_its_contactor_closed() -> None:
    """Decision 0016: no backup, U stays closed, the home is back with the feeder and needs no order."""
    fleet = Fleet.build(homes(1, backup_kind=0), 20 * 3600)
    fleet.advance(9 * MINUTE)
    assert fleet._a["home"]["u_poles"][0] == 3
    reports = fleet.advance(11 * MINUTE)
    assert fleet.mode()[0] == Mode.ON_UTILITY
    back = reports[reports["code"] == Event.FED_BY_CHANGED][0]
    assert back["tick"] - 10 * MINUTE <= 2


def test_the_utility_is_not_returned_to_before_it_is_steady_and_the_slot_is_open() -> None:
    """Return no sooner than the steady time plus this meter's slot; a medical home has no slot."""
    setups = homes(200)
    setups["medical"][::2] = 1
    fleet = Fleet.build(setups, 20 * 3600)
    reports = fleet.advance(30 * MINUTE)
    slots = fleet._a["device"]["slot_ticks"]
    steady = fleet._a["settings"]["return_ticks"]
    left = reports[(reports["code"] == Event.MODE_CHANGED) & (reports["cause"] == Cause.UTILITY_RESTORED)]
    assert len(left) == 200
    for row in left:
        home = int(row["home"])
        assert row["tick"] - 10 * MINUTE >= max(steady[home], slots[home])
        assert row["tick"] - 10 * MINUTE <= max(steady[home], slots[home]) + 2
    assert (slots[::2] == 0).all()


def test_a_sag_that_equipment_rides_through_moves_nothing() -> None:
    """LAW-12, two ITIC points: dead for 0.5 s moves nothing; dead for a second does."""
    for length_ticks, moves in ((SECOND // 2, 0), (SECOND, 1)):
        setups = homes(1)
        setups["utility_on_tick"][:, 0] = MINUTE + length_ticks
        assert (len(modes(Fleet.build(setups, 0).advance(2 * MINUTE))) > 0) == bool(moves)


def test_a_hold_keeps_the_home_on_backup_until_it_is_allowed_to_return() -> None:
    """hold_return outlasts the utility's return; allow_return lets it go; both are events."""
    fleet = on_backup()
    assert fleet.command(0, Action.HOLD_RETURN, HOLD) == ()
    held = fleet.advance(25 * MINUTE)
    assert Event.HELD in held["code"]
    assert fleet.mode()[0] == Mode.ON_BACKUP
    assert fleet.command(0, Action.ALLOW_RETURN, 0) == ()
    freed = fleet.advance(26 * MINUTE)
    assert Event.HOLD_RELEASED in freed["code"]
    assert fleet.mode()[0] == Mode.ON_UTILITY


def test_a_hold_ends_by_itself() -> None:
    """A hold of two minutes is over after two minutes, with no word from anybody."""
    fleet = on_backup()
    fleet.command(0, Action.HOLD_RETURN, 2 * MINUTE)
    reports = fleet.advance(25 * MINUTE)
    released = reports[reports["code"] == Event.HOLD_RELEASED]
    assert len(released) == 1
    assert released[0]["tick"] == 7 * MINUTE
    assert fleet.mode()[0] == Mode.ON_UTILITY


@pytest.mark.parametrize(
    ("at", "medical", "action", "hold_ticks", "unmet"),
    [
        (30 * SECOND, 0, Action.HOLD_RETURN, HOLD, UNMET_NOT_AWAITING_RETURN),
        (30 * SECOND, 0, Action.HOLD_RETURN, SECOND, UNMET_NOT_AWAITING_RETURN | UNMET_DURATION),
        (90 * SECOND, 1, Action.HOLD_RETURN, HOLD, UNMET_NOT_AWAITING_RETURN | UNMET_MEDICAL_DARK),
        (5 * MINUTE, 0, Action.HOLD_RETURN, 25 * HOUR, UNMET_DURATION),
        (5 * MINUTE, 0, Action.ALLOW_RETURN, 0, UNMET_NOT_HELD),
    ],
)
def test_a_refusal_names_every_reason_and_changes_nothing(
    at: int, medical: int, action: Action, hold_ticks: int, unmet: int
) -> None:
    """LAW-4: all unmet conditions at once; the state of the meter is untouched."""
    fleet = Fleet.build(homes(1, medical=medical), 20 * 3600)
    fleet.advance(at)
    before = fleet._a["device"].copy()
    assert sum(bit for bit, _found, _needs in fleet.command(0, action, hold_ticks)) == unmet
    after = fleet._a["device"].copy()
    before["events"] = after["events"] = 0
    assert before.tolist() == after.tolist()


def test_a_remote_action_gives_no_order() -> None:
    """LAW-4: neither action touches an order or the interlock."""
    for action in Action:
        fleet = on_backup()
        before = fleet._a["device"][["u_order", "b_order", "mode", "latched"]].copy()
        fleet.command(0, action, HOLD)
        assert (fleet._a["device"][["u_order", "b_order", "mode", "latched"]] == before).all()


def test_a_reset_in_the_middle_of_a_transfer_issues_no_close() -> None:
    """LAW-3: power lost and back at every tenth of a second of a transfer: no close before the meter has started."""
    for offset in range(0, 3 * SECOND, SECOND // 10):
        fleet = Fleet.build(homes(1), 20 * 3600)
        fleet.advance(3 * MINUTE + 10 * SECOND + offset)
        home = fleet._a["home"]
        home["powered"] = 0
        home["hold_up_ticks"] = 0
        fleet.advance(3 * MINUTE + 60 * SECOND)
        ledger = fleet.ledger()
        assert ledger["violations"][0] == 0
        assert ledger["unsafe_ticks"][0] == 0
        assert fleet.mode()[0] in {Mode.ON_BACKUP, Mode.TO_BACKUP, Mode.DARK, Mode.LOCKED_OUT}
