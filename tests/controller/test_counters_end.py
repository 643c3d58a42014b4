"""Every counter of the controller at its highest value, and numbers that are none: nothing wraps, nothing is billed."""

from math import inf, nan

import pytest
from protection_bench import ProtectionBench

from bptm.controller.registers import POWER_MAX_W, REGISTER_MAX_MWTICKS, milliwatts, register
from bptm.controller.scan import scan
from bptm.terms import core_device
from bptm.terms.codes import Cause, Mode
from bptm.terms.core_codes import FED_BY_UTILITY, MODE_ON_UTILITY
from panel import SECOND, Panel

COUNT_MOST = 2**31 - 1
COUNTS = {
    "transfers", "starts", "overloads", "harms", "flaps", "surges_small", "surges_medium", "surges_large", "tests",
    "tests_failed",
}  # fmt: skip
"""Fields of 32 bits that count. All others are codes, flags or bounded by a setting (`tries`, `spd_life` is wider)."""


def test_every_field_of_32_bits_that_counts_is_known_here() -> None:
    """A new counter has to come into this list, and so into its test: its meaning says that it counts."""
    words = ("since installation", "since the source", "losses of", "times the", "orders given")
    counting = {
        name for name, kind, _unit, text in core_device.DEVICE_FIELDS if kind == "i4" and text.startswith(words)
    }
    since = {name for name, kind, _unit, text in core_device.DEVICE_FIELDS if kind == "i4" and "since" in text}
    assert (counting | since) - {"tries"} <= COUNTS | {"neutral_doubted"}


def test_a_trial_counted_from_the_highest_value_stays_there_and_blocks() -> None:
    """A journal that gives back 2^31 - 1 trials: one more stays, and the backup is blocked as after too many."""
    panel = Panel()
    panel.run(SECOND)
    panel.utility, panel.source = (0.0, 0.0), (121.0, 121.0)
    panel.until(Mode.ON_BACKUP, 60 * SECOND)
    panel.s.overloads = COUNT_MOST
    panel.source = (0.0, 0.0)
    panel.until(Mode.BACKUP_BLOCKED, 60 * SECOND)
    assert (panel.cause, panel.s.overloads) == (Cause.SOURCE_FAILS_UNDER_LOAD, COUNT_MOST)


@pytest.mark.parametrize("blocked", [False, True])
def test_harm_counted_from_the_highest_value_stays_there_and_locks_out(*, blocked: bool) -> None:
    """The same of returns to a utility that does harm, on utility and with the backup blocked."""
    panel = Panel()
    panel.run(SECOND)
    if blocked:
        panel.s.journal_lost = 1
        panel.restart()
        assert panel.mode is Mode.BACKUP_BLOCKED
    panel.s.harms = COUNT_MOST
    panel.utility = (150.0, 150.0)
    panel.until(Mode.LOCKED_OUT, 60 * SECOND)
    assert (panel.cause, panel.s.harms) == (Cause.HARM_REPEATED, COUNT_MOST)


def test_flaps_end_at_their_setting_and_surges_at_the_highest_value() -> None:
    """`flaps` counts to `flap_count` only; surges stay at 2^31 - 1 and use up the protector's whole life, no more."""
    panel = Panel()
    panel.s.flaps = panel.p.flap_count
    panel.run(SECOND)
    panel.utility = (0.0, 0.0)
    panel.until(Mode.DARK, 10 * SECOND)
    assert panel.s.flaps == panel.p.flap_count
    for name, crest_v in (("surges_small", 100.0), ("surges_medium", 600.0), ("surges_large", nan)):
        setattr(panel.s, name, COUNT_MOST - 1)
        panel.press = {"surges": 5, "surge_v": crest_v}
        panel.run(1)
        assert getattr(panel.s, name) == COUNT_MOST
    assert panel.s.spd_life == 1_000_000


def test_the_interlocks_counters_stay_at_what_they_wait_for() -> None:
    """A day without voltage and without a beat: both counts stand at their settings."""
    panel = Panel()
    panel.utility = (0.0, 0.0)
    panel.run(SECOND)
    assert panel.k.t_bus_dead == panel.p.interlock_dead_ticks
    for _ in range(3):
        panel.sense()
        scan(panel.s, panel.k, panel.m, panel.r, panel.p, 1 << 40)
    assert panel.k.t_bus_dead == panel.p.interlock_dead_ticks
    assert panel.k.t_silent == 0


def test_a_thermal_image_that_has_arrived_counts_no_further() -> None:
    """49: after 20 time constants its age begins anew at the value it went to, so that no count grows for ever."""
    bench = ProtectionBench().on_backup().load(12.0, 9.0).run(1)
    bench.wait(25 * bench.p.heat_tau_ticks)
    assert bench.s.t_heat == 0
    assert bench.s.heat_base == bench.s.heat_target == 160000


@pytest.mark.parametrize("power_w", [nan, inf, -inf, 1e300, -1e300, POWER_MAX_W * 1.001])
def test_a_power_that_is_none_reaches_no_register(power_w: float) -> None:
    """Not a number, infinite, or beyond what any premise takes: nothing is registered, and the reading is doubted."""
    bench = ProtectionBench()
    bench.m.premise_w = power_w
    bench.run(1)
    bench.s.mode = MODE_ON_UTILITY
    register(bench.s, bench.m, 7)
    assert bench.s.fed_by == FED_BY_UTILITY
    assert bench.s.current_doubted == 1
    names = [name for name, _kind, unit, _text in core_device.DEVICE_FIELDS if unit == "mW ticks"]
    assert {getattr(bench.s, name) for name in names} == {0}
    assert milliwatts(power_w) == 0


def test_a_register_stays_at_its_highest_value() -> None:
    """2^62 milliwatt-ticks; the next energy changes nothing."""
    bench = ProtectionBench().load(10.0, 10.0).run(1)
    bench.s.utility_in_mwticks = REGISTER_MAX_MWTICKS - 1
    register(bench.s, bench.m, 1 << 20)
    assert bench.s.utility_in_mwticks == REGISTER_MAX_MWTICKS
    register(bench.s, bench.m, 1 << 20)
    assert bench.s.utility_in_mwticks == REGISTER_MAX_MWTICKS
