"""Tests of the utility contactor, the disconnected service, opening in the dark, flapping, harm, breaking rating."""

import pytest

from bptm.terms import core_codes as c
from bptm.terms.codes import Cause, Event, Mode
from panel import DEAD, GOOD, MINUTE, SECOND, on_backup, on_utility


def test_a_test_opens_the_utility_contactor_and_returns_within_seconds() -> None:
    """TEST: with nobody's backup there, U opens, is proved open onto a dead bus, and closes again."""
    panel = on_utility()
    panel.press = {"local_test": 1}
    panel.run(1)
    panel.press = {}
    assert panel.mode is Mode.TEST
    assert panel.until(Mode.ON_UTILITY, 10 * SECOND) < 4 * SECOND
    assert (panel.s.tests, panel.s.tests_failed) == (1, 0)
    assert Event.TEST_PASSED in panel.events
    assert [mode for mode, _ in panel.changes][-3:] == [Mode.TEST, Mode.TO_UTILITY, Mode.ON_UTILITY]


def test_a_test_on_load_runs_the_home_on_a_sound_backup_for_its_time() -> None:
    """TEST: five minutes on backup although the utility is good, then back."""
    panel = on_utility(test_run_ticks=20 * SECOND)
    panel.source = GOOD
    panel.run(panel.p.accept_ticks + SECOND)
    panel.press = {"local_test": 1}
    panel.run(1)
    panel.press = {}
    panel.until(Mode.ON_BACKUP, 10 * SECOND)
    ran = panel.until(Mode.ON_UTILITY, MINUTE)
    assert 15 * SECOND < ran < 30 * SECOND


def test_a_test_finds_a_weld_behind_a_lying_feedback() -> None:
    """TEST, H36: U reads open and the bus stays live: blocked, failed, said; the home keeps its supply."""
    panel = on_utility()
    panel.welded_u = 3
    panel.press = {"local_test": 1}
    panel.run(1)
    panel.press = {"u_open_poles": 3, "u_closed_poles": 0}
    panel.until(Mode.BACKUP_BLOCKED, 10 * SECOND)
    assert panel.cause in {Cause.TEST_FAILED, Cause.U_FAILED_TO_OPEN}
    assert panel.s.tests_failed == 1
    assert panel.m.bus_l1_v == GOOD[0]


@pytest.mark.parametrize("why", ["no energy", "not steady", "held dark"])
def test_no_test_begins_unless_the_home_could_return_at_once(why: str) -> None:
    """TEST: a person's wish alone opens nothing."""
    panel = on_utility()
    panel.press = {"local_test": 1}
    if why == "no energy":
        panel.press["stored_energy_ok"] = 0
    elif why == "not steady":
        panel.utility = (107.0, 120.0)
    else:
        panel.s.hold_left_ticks = MINUTE
    panel.run(5 * SECOND)
    assert panel.mode is Mode.ON_UTILITY
    assert panel.u_poles == 3


def test_the_lever_disconnects_and_its_return_reconnects_like_any_outage() -> None:
    """DISCONNECTED: both open while the lever asks; then DARK and the whole steady time."""
    panel = on_utility()
    panel.press = {"local_disconnect": 1}
    panel.until(Mode.DISCONNECTED, SECOND)
    panel.run(10 * SECOND)
    assert (panel.u_poles, panel.b_poles) == (0, 0)
    panel.press = {}
    panel.until(Mode.ON_UTILITY, 2 * MINUTE)
    assert (Mode.DARK, Cause.RECONNECT_ASKED) in panel.changes


def test_a_disconnected_home_does_not_use_its_backup_unless_so_configured() -> None:
    """LAW-4: a message to open U starts no transfer; where the settings allow it, only a lost utility does."""
    for configured in (0, 1):
        panel = on_utility(remote_disconnect=1, disconnect_to_backup=configured)
        panel.source = GOOD
        panel.run(panel.p.accept_ticks + SECOND)
        assert panel.command(c.ACTION_DISCONNECT) == 0
        panel.until(Mode.DISCONNECTED, SECOND)
        panel.run(MINUTE)
        assert panel.mode is Mode.DISCONNECTED, "a good utility: no transfer either way"
        panel.utility = DEAD
        panel.run(MINUTE)
        assert panel.mode is (Mode.ON_BACKUP if configured else Mode.DISCONNECTED)
        assert panel.command(c.ACTION_RECONNECT) == 0
        panel.utility = GOOD
        panel.until(Mode.ON_UTILITY, 3 * MINUTE)


def test_a_disconnection_survives_a_loss_of_supply() -> None:
    """DISCONNECTED is asked for until it is taken back: the journal keeps it."""
    panel = on_utility(remote_disconnect=1)
    panel.command(c.ACTION_DISCONNECT)
    panel.run(5 * SECOND)
    panel.restart()
    panel.run(3 * MINUTE)
    assert panel.mode is Mode.DISCONNECTED
    assert panel.u_poles == 0


def test_a_remote_disconnection_is_refused_with_every_reason() -> None:
    """LAW-4: off by default, and never in a medical home."""
    panel = on_utility(medical=1)
    assert panel.command(c.ACTION_DISCONNECT) == c.UNMET_NOT_CONFIGURED | c.UNMET_MEDICAL
    assert panel.command(c.ACTION_RECONNECT) == c.UNMET_NOT_DISCONNECTED
    assert panel.command(99) == c.UNMET_NOT_CONFIGURED


@pytest.mark.parametrize(("setting", "medical", "opens"), [(0, 0, False), (1, 0, True), (1, 1, False)])
def test_u_opens_in_the_dark_only_when_the_settings_say_so(*, setting: int, medical: int, opens: bool) -> None:
    """Decision 0025: staged return wants it; a medical home never."""
    panel = on_utility(opens_in_dark=setting, medical=medical)
    panel.utility = DEAD
    panel.run(20 * SECOND)
    assert panel.mode is Mode.DARK
    assert (panel.u_poles == 0) is opens
    assert (Event.U_OPENED_DARK in panel.events) is opens
    panel.utility = GOOD
    took = panel.until(Mode.ON_UTILITY, 3 * MINUTE)
    assert (took >= panel.p.return_bypass_ticks) is opens


def test_a_utility_that_comes_and_goes_must_be_steady_for_longer() -> None:
    """H19: at the third loss within 15 minutes the return waits for the flap hold, not for the usual minute."""
    panel = on_utility(flap_hold_ticks=4 * MINUTE, accept_ticks=SECOND)
    panel.source = GOOD
    took = 0
    for _ in range(3):
        panel.utility = DEAD
        panel.until(Mode.ON_BACKUP, MINUTE)
        panel.utility = GOOD
        took = panel.until(Mode.ON_UTILITY, 6 * MINUTE)
    assert Event.FLAP_HOLD in panel.events
    assert took >= 4 * MINUTE


def test_a_utility_that_flaps_and_resets_the_meter_is_still_held() -> None:
    """Losses are journalled: a reset in between forgets neither them nor the longer wait before a return."""
    panel = on_utility(flap_hold_ticks=5 * MINUTE, accept_ticks=SECOND)
    panel.source = GOOD
    took = 0
    for _ in range(3):
        panel.utility = DEAD
        panel.until(Mode.ON_BACKUP, MINUTE)
        panel.restart()
        panel.until(Mode.ON_BACKUP, MINUTE)
        panel.utility = GOOD
        took = panel.until(Mode.ON_UTILITY, 6 * MINUTE)
    assert took >= 4 * MINUTE


@pytest.mark.parametrize(("watts", "doubtful", "longer"), [(400.0, 0, 0), (400.0, 1, 1), (float("nan"), 0, 1)])
def test_a_load_that_is_not_known_gets_the_longer_dead_time(watts: float, doubtful: int, longer: int) -> None:
    """Unknown is unsafe: it may be a motor, whose residual voltage takes longer to die."""
    panel = on_utility()
    panel.source = GOOD
    panel.utility = DEAD
    panel.until(Mode.ON_BACKUP, MINUTE)
    panel.utility = GOOD
    panel.press = {"premise_w": watts, "current_doubtful": doubtful}
    panel.until(Mode.TO_UTILITY, 7 * MINUTE)
    wanted = panel.p.dead_time_motor_ticks if longer else panel.p.dead_time_ticks
    assert panel.s.dead_time_ticks == wanted


def test_old_losses_do_not_hold_a_return_of_today() -> None:
    """A loss that is no change from ON_UTILITY is not counted, so what was counted long ago must be gone by then."""
    panel = on_utility(flap_hold_ticks=30 * MINUTE, accept_ticks=SECOND)
    panel.s.flaps = panel.p.flap_count
    panel.run(panel.p.flap_window_ticks)
    panel.press = {"local_disconnect": 1}
    panel.until(Mode.DISCONNECTED, SECOND)
    panel.run(5 * SECOND)
    panel.press = {}
    assert panel.until(Mode.ON_UTILITY, 3 * MINUTE) < 2 * MINUTE


def test_a_failed_backup_ends_the_flap_hold() -> None:
    """A dark home is not kept waiting for a utility that flapped."""
    panel = on_utility(flap_hold_ticks=30 * MINUTE, accept_ticks=SECOND, flap_count=2)
    panel.source = GOOD
    for _ in range(2):
        panel.utility = DEAD
        panel.until(Mode.ON_BACKUP, MINUTE)
        panel.utility = GOOD
        panel.run(2 * SECOND)
        if panel.s.flaps < 2:
            panel.until(Mode.ON_UTILITY, 3 * MINUTE)
    panel.run(panel.p.trial_ticks)
    assert panel.mode is Mode.ON_BACKUP
    panel.source = DEAD
    assert panel.until(Mode.ON_UTILITY, MINUTE) < 20 * SECOND


def test_a_utility_far_too_high_is_left_although_no_backup_is_there() -> None:
    """H16, H20: 1.25 pu is left after the ITIC half second; at the third time both are locked out."""
    panel = on_utility()
    for turn in range(3):
        panel.utility = (150.0, 150.0)
        panel.run(2 * SECOND)
        assert panel.u_poles == 0, turn
        panel.utility = GOOD
        if turn < 2:
            panel.until(Mode.ON_UTILITY, 3 * MINUTE)
    assert (panel.mode, panel.cause) == (Mode.LOCKED_OUT, Cause.HARM_REPEATED)
    panel.press = {"local_reset": 1}
    panel.run(1)
    panel.press = {}
    panel.until(Mode.ON_UTILITY, 3 * MINUTE)


def test_a_utility_that_behaves_again_is_forgiven() -> None:
    """Harm is counted only while the utility has not stood for `trial_ticks`."""
    panel = on_utility()
    for _ in range(4):
        panel.utility = (150.0, 150.0)
        panel.run(2 * SECOND)
        panel.utility = GOOD
        panel.until(Mode.ON_UTILITY, 3 * MINUTE)
        panel.run(panel.p.trial_ticks + SECOND)
    assert panel.s.harms == 0
    assert panel.mode is Mode.ON_UTILITY


def test_no_contactor_is_ordered_open_above_its_breaking_rating() -> None:
    """LAW-15: a fault current waits for fuse or breaker; a reading that stays that high is not believed."""
    panel = on_backup()
    panel.amps = (250.0, 250.0)
    orders: list[int] = []
    for _ in range(panel.p.fault_wait_ticks + 5):
        panel.run(1)
        orders.append(panel.k.b_out)
    assert set(orders[: panel.p.fault_wait_ticks - 1]) == {c.ORDER_CLOSE}
    panel.amps = (5.0, 5.0)
    panel.run(SECOND)


def test_a_lost_journal_keeps_the_backup_out_until_a_person_looks() -> None:
    """H7: a lockout may have stood; U stays as found, B is blocked."""
    panel = on_utility()
    panel.s.journal_lost = 1
    panel.restart()
    assert (panel.mode, panel.cause) == (Mode.BACKUP_BLOCKED, Cause.JOURNAL_LOST)
    panel.run(10 * SECOND)
    assert panel.u_poles == 3
    panel.press = {"local_reset": 1}
    panel.run(2)
    panel.press = {}
    panel.until(Mode.ON_UTILITY, MINUTE)


def test_a_counter_stays_at_its_highest_value() -> None:
    """Wrap-around: 32-bit counters saturate, the same in every runtime."""
    panel = on_utility()
    panel.s.transfers = panel.s.starts = 2147483647
    panel.utility, panel.source = DEAD, GOOD
    panel.until(Mode.ON_BACKUP, MINUTE)
    panel.restart()
    assert (panel.s.transfers, panel.s.starts) == (2147483647, 2147483647)
