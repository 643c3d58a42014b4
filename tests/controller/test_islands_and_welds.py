"""Tests of premises that feed a lost utility, of a lockout beside a closed B, and of what a weld looks like."""

import pytest

from bptm.terms import core_codes as c
from bptm.terms.codes import Cause, Event, Mode
from panel import DEAD, GOOD, MINUTE, SECOND, on_backup, on_utility

SAG = (90.0, 90.0)
EXPORT: dict[str, float] = {"premise_w": -1500.0}
U_SAYS_OPEN = {"u_open_poles": 3, "u_closed_poles": 0}


def test_premises_that_feed_a_lost_utility_open_it() -> None:
    """LAW-14: solar whose anti-islanding has failed keeps a dead feeder at 0.75 pu; U opens once it is lost."""
    panel = on_utility()
    panel.utility, panel.press = SAG, dict(EXPORT)
    panel.until(Mode.DARK, 12 * SECOND)
    panel.run(panel.p.island_ticks + 8)
    assert panel.u_poles == 0
    assert Event.ISLANDED in panel.events
    panel.utility, panel.press = GOOD, {}
    panel.until(Mode.ON_UTILITY, 2 * MINUTE)


def test_export_into_a_sag_of_the_grid_is_ridden_through() -> None:
    """LAW-12: 0.75 pu for 8 s is no loss (ITIC 80 % applies for 10 s of 27's delay), however much flows out."""
    panel = on_utility()
    panel.utility, panel.press = SAG, dict(EXPORT)
    panel.run(8 * SECOND)
    panel.utility = GOOD
    panel.run(SECOND)
    assert (panel.mode, panel.u_poles) == (Mode.ON_UTILITY, 3)
    assert Event.ISLANDED not in panel.events


@pytest.mark.parametrize("why", ["no export", "doubted current", "too short"])
def test_no_island_without_sure_and_lasting_export(why: str) -> None:
    panel = on_utility()
    panel.utility = SAG
    panel.until(Mode.DARK, 12 * SECOND)
    panel.press = {"premise_w": -10.0} if why == "no export" else dict(EXPORT)
    if why == "doubted current":
        panel.press["current_doubtful"] = 1
    panel.run(panel.p.island_ticks - 1 if why == "too short" else 2 * SECOND)
    panel.press = {}
    panel.run(SECOND)
    assert panel.u_poles == 3


def test_a_blocked_backup_opens_an_island_as_well() -> None:
    panel = on_utility()
    panel.press = dict(U_SAYS_OPEN)
    panel.run(SECOND)
    assert panel.mode is Mode.BACKUP_BLOCKED
    panel.press = {}
    panel.run(SECOND)
    panel.utility, panel.press = SAG, dict(EXPORT)
    panel.run(13 * SECOND)
    assert (panel.mode, panel.u_poles) == (Mode.BACKUP_BLOCKED, 0)


@pytest.mark.parametrize("b_opens", [True, False])
def test_a_lockout_opens_b_first(*, b_opens: bool) -> None:
    """LAW-15: beside a B that does not read open U is ordered open once B has opened, or has had its time."""
    panel = on_backup()
    panel.press = {"u_open_poles": 0, "u_closed_poles": 0}
    if not b_opens:
        panel.welded_b = 3
    panel.run(1)
    assert (panel.mode, panel.cause) == (Mode.LOCKED_OUT, Cause.CONTACT_UNKNOWN)
    assert (panel.k.u_out, panel.k.b_out) == (c.ORDER_NONE, c.ORDER_OPEN)
    waited = 1
    while panel.k.u_out != c.ORDER_OPEN:
        panel.run(1)
        waited += 1
    assert (panel.b_poles == 0) is b_opens
    assert waited <= panel.p.contact_ticks + 1
    assert (waited < panel.p.contact_ticks) is b_opens


def test_a_lockout_opens_u_at_once_where_b_reads_open() -> None:
    panel = on_utility(trial_ticks=10 * MINUTE)
    panel.utility = (150.0, 150.0)
    panel.s.harms = panel.p.harm_trials
    panel.until(Mode.LOCKED_OUT, 2 * SECOND)
    assert panel.k.u_out == c.ORDER_OPEN


def test_a_lockout_does_not_open_u_above_its_rating() -> None:
    """LAW-15: 1,500 A on utility, then harm once too often: fuse first, for half a second at most."""
    panel = on_utility(sense_max_a=4000.0, trial_ticks=10 * MINUTE)
    panel.utility = (150.0, 150.0)
    panel.s.harms = panel.p.harm_trials
    panel.run(panel.p.over_high_ticks - 4)
    panel.amps = (1500.0, 5.0)
    panel.until(Mode.LOCKED_OUT, SECOND)
    assert panel.k.u_out == c.ORDER_NONE
    panel.amps = (5.0, 5.0)
    panel.run(1)
    assert panel.k.u_out == c.ORDER_OPEN


def test_a_source_whose_legs_come_into_phase_after_acceptance_is_not_closed_onto() -> None:
    """LAW-6: no load can have pulled the legs of a source that nothing is joined to."""
    panel = on_utility()
    panel.source = GOOD
    panel.run(panel.p.accept_ticks + SECOND)
    assert panel.s.backup_qualified == 1
    panel.inlet_l12_v = 3.0
    panel.run(panel.p.collapsed_ticks + 1)
    assert panel.s.backup_qualified == 0
    panel.utility = DEAD
    panel.run(MINUTE)
    assert (panel.mode, panel.b_poles) == (Mode.DARK, 0)


@pytest.mark.parametrize("stood", [True, False])
def test_a_utility_that_stood_apart_is_no_weld_when_it_is_lost_again(*, stood: bool) -> None:
    """LAW-5: LOCKED_OUT only where the utility fell with the bus."""
    panel = on_backup()
    panel.utility = GOOD
    panel.press = {"utility_in_phase": 1}
    panel.until(Mode.TO_UTILITY, SECOND)
    assert panel.cause is Cause.UTILITY_FOLLOWS_BUS
    if not stood:
        panel.utility = DEAD
    while panel.b_poles:
        panel.run(1)
    panel.run(3)
    panel.utility = DEAD
    panel.run(SECOND)
    wanted = (Mode.DARK, Cause.UTILITY_FOLLOWS_BUS) if stood else (Mode.LOCKED_OUT, Cause.BACKFEED)
    assert (panel.mode, panel.cause) == wanted


def test_a_weld_behind_a_lying_feedback_shows_while_the_utility_is_there() -> None:
    """H36: U reads open, the bus is the utility's own voltage: blocked before the next outage makes it a backfeed."""
    panel = on_backup()
    panel.welded_u = 3
    panel.source = DEAD
    panel.until(Mode.DARK, 10 * SECOND)
    panel.run(SECOND)
    panel.u_poles = 3
    panel.utility = GOOD
    panel.press = U_SAYS_OPEN | {"utility_in_phase": 1}
    panel.run(2 * SECOND)
    assert (panel.mode, panel.cause) == (Mode.BACKUP_BLOCKED, Cause.U_DISAGREES)
    panel.source = GOOD
    panel.utility = DEAD
    panel.run(MINUTE)
    assert (panel.mode, panel.b_poles) == (Mode.BACKUP_BLOCKED, 0)


def test_a_battery_of_its_own_on_the_load_side_is_not_taken_for_a_weld() -> None:
    """It keeps the bus alive with both open, but not in phase with the utility."""
    panel = on_backup()
    panel.source = DEAD
    panel.until(Mode.DARK, 10 * SECOND)
    panel.run(SECOND)
    panel.floating_v = 118.0
    panel.utility = GOOD
    panel.run(panel.p.load_side_ticks + 2)
    assert panel.s.load_side_source == 1
    assert panel.s.u_disagrees == 0
