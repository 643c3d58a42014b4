"""Which sources are accepted, and every reason at once for which one is not."""

import math

import pytest
from protection_bench import MINUTE, SECOND, ProtectionBench

from bptm.controller.profiles import apply_profile
from bptm.terms import core_settings
from bptm.terms.core_codes import (
    BACKUP_BATTERY,
    BACKUP_EV,
    BACKUP_INVERTER,
    BACKUP_NONE,
    BACKUP_PORTABLE,
    BACKUP_STANDBY,
    TURNED_DOWN_DISTORTION,
    TURNED_DOWN_DOUBTFUL,
    TURNED_DOWN_FREQUENCY,
    TURNED_DOWN_HIGH_VOLTS,
    TURNED_DOWN_HOT,
    TURNED_DOWN_HUNTS,
    TURNED_DOWN_LEGS,
    TURNED_DOWN_LOW_VOLTS,
    TURNED_DOWN_PLUG,
    TURNED_DOWN_UNBALANCE,
    TURNED_DOWN_UNMATED,
    TURNED_DOWN_WARMING_UP,
)


def dark(**settings: float) -> ProtectionBench:
    """An outage, both contactors open."""
    return ProtectionBench(**settings).contacts(u=False, b=False).utility(0.0, 0.0, hz=0.0).bus(0.0, 0.0).wait(MINUTE)


def swing(bench: ProtectionBench, seconds: int, middle_hz: float, swing_hz: float, swing_v: float = 0.0) -> int:
    """A source whose frequency and voltage swing once a second; returns the ticks on which it was qualified."""
    accepted = 0
    for tick in range(seconds * SECOND):
        wave = math.sin(2.0 * math.pi * tick / SECOND)
        volts = 121.0 + 0.5 * swing_v * wave
        bench.inlet(volts, volts, hz=middle_hz + swing_hz * wave).run(1)
        accepted += bench.s.backup_qualified
    return accepted


def test_a_droop_portable_that_idles_at_62_5_hz_is_accepted() -> None:
    """After `accept_ticks`, with nothing against it but its warming up."""
    bench = dark().inlet(124.0, 123.0, hz=62.5).run(1)
    assert bench.s.turned_down == TURNED_DOWN_WARMING_UP
    assert bench.ticks_to("backup_qualified") == bench.p.accept_ticks - 1
    assert bench.s.turned_down == 0


def test_a_hunting_portable_is_not_accepted_until_it_has_calmed() -> None:
    """1.5 Hz up and down each second within the frequency limits: refused for it; calm again, after the windows."""
    bench = dark()
    assert swing(bench, 60, 60.0, 1.5) == 0
    assert bench.s.turned_down == TURNED_DOWN_HUNTS
    bench.inlet(121.0, 121.0, hz=60.0)
    assert bench.p.hunt_ticks <= bench.ticks_to("backup_qualified") <= 2 * bench.p.hunt_ticks


def test_ordinary_ripple_is_no_hunting() -> None:
    """0.5 Hz and 4 V of V12, peak to peak, are accepted; 14 V of V12 are not."""
    assert swing(dark(), 15, 62.0, 0.25, 4.0) > 0
    assert swing(dark(), 15, 62.0, 0.0, 14.0) == 0


def test_a_source_that_is_up_and_steady_is_accepted_after_its_steady_time_whatever_its_start() -> None:
    """A start is no swing: no frequency yet, voltage building up, an engine that runs up through its limits."""
    bench = dark()
    for tick in range(3 * SECOND):
        part = tick / (3 * SECOND)
        hz = 0.0 if part < 0.1 else 30.0 + 34.0 * part
        bench.inlet(122.0 * part, 122.0 * part, hz=hz).run(1)
    bench.inlet(122.0, 122.0, hz=62.2)
    assert bench.ticks_to("backup_qualified") <= bench.p.accept_ticks + 60


def test_a_swing_after_the_start_still_counts() -> None:
    """Steady for a second after it came, then one swing of 2 Hz within the limits: not accepted at its steady time."""
    bench = dark().inlet(122.0, 122.0, hz=60.0).run(SECOND)
    bench.inlet(122.0, 122.0, hz=62.0).run(SECOND // 4).inlet(122.0, 122.0, hz=60.0)
    assert bench.s.source_hunts == 1
    bench.run(bench.p.accept_ticks)
    assert bench.s.backup_qualified == 0
    assert bench.ticks_to("backup_qualified") <= 2 * bench.p.hunt_ticks


def test_slow_warm_up_is_no_hunting() -> None:
    """1.5 Hz over five minutes: at no time more than `hunt_hz` within two windows."""
    bench = dark()
    for second in range(300):
        bench.inlet(121.0, 121.0, hz=61.0 + 1.5 * second / 300).run(SECOND, SECOND)
        assert bench.s.source_hunts == 0
    assert bench.s.backup_qualified == 1


def test_a_load_step_ends_no_supply() -> None:
    """3.4 Hz of droop on backup is no hunting and takes nothing away."""
    bench = ProtectionBench().on_backup(hz=62.2).wait(MINUTE).source(118.0, 118.0, hz=58.8).run(SECOND)
    assert (bench.s.source_hunts, bench.s.backup_qualified) == (0, 1)


@pytest.mark.parametrize(
    ("l1_v", "l2_v", "l12_v", "hz", "reasons"),
    [
        (107.0, 107.0, None, 60.0, TURNED_DOWN_LOW_VOLTS),
        (133.0, 131.0, None, 60.0, TURNED_DOWN_HIGH_VOLTS),
        (121.0, 121.0, None, 64.0, TURNED_DOWN_FREQUENCY),
        (126.0, 118.0, None, 60.0, TURNED_DOWN_UNBALANCE),
        (120.0, 120.0, 0.0, 60.0, TURNED_DOWN_LEGS),
        (120.0, 0.0, None, 60.0, TURNED_DOWN_LOW_VOLTS | TURNED_DOWN_UNBALANCE),
        (120.0, 90.0, 30.0, 60.0, TURNED_DOWN_LOW_VOLTS | TURNED_DOWN_UNBALANCE | TURNED_DOWN_LEGS),
        (48.0, 192.0, None, 60.0, TURNED_DOWN_LOW_VOLTS | TURNED_DOWN_HIGH_VOLTS | TURNED_DOWN_UNBALANCE),
        (120.0, 119.0, 20.0, 66.0, TURNED_DOWN_FREQUENCY | TURNED_DOWN_LEGS),
    ],
)  # fmt: skip
def test_a_source_is_turned_down_for_every_reason_at_once(
    l1_v: float, l2_v: float, l12_v: float | None, hz: float, reasons: int
) -> None:
    """LAW-6: signatures of domain.md 2.6 and plain limits; never accepted, each reason named."""
    bench = dark().inlet(l1_v, l2_v, l12_v, hz).wait(10 * MINUTE)
    assert (bench.s.backup_qualified, bench.s.turned_down) == (0, reasons)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("inlet_thd", 0.2, TURNED_DOWN_DISTORTION),
        ("inlet_thd", math.nan, TURNED_DOWN_DISTORTION),
        ("inlet_unmated", 1, TURNED_DOWN_UNMATED),
        ("plug_a", 50.0, TURNED_DOWN_PLUG),
        ("plug_a", math.nan, TURNED_DOWN_PLUG),
        ("inlet_c", 90.0, TURNED_DOWN_HOT),
        ("inlet_c", 76.0, TURNED_DOWN_HOT),
        ("inlet_c", math.nan, TURNED_DOWN_DOUBTFUL),
        ("ambient_c", -273.0, TURNED_DOWN_HOT | TURNED_DOWN_DOUBTFUL),
    ],
)
def test_plug_heat_and_distortion_are_reasons(field: str, value: float, reason: int) -> None:
    """A sound source is refused for what is known of its plug, blade and wave; a value that is none is a reason."""
    bench = dark().inlet(121.0, 121.0)
    setattr(bench.m, field, value)
    bench.wait(MINUTE)
    assert (bench.s.backup_qualified, bench.s.turned_down) == (0, reason)


def test_a_plug_of_the_inlets_own_code_is_accepted() -> None:
    """30 A in a 30 A inlet, and one that carries no code."""
    for plug_a in (30.0, 0.0):
        bench = dark().inlet(121.0, 121.0)
        bench.m.plug_a = plug_a
        assert bench.wait(MINUTE).s.backup_qualified == 1


def test_a_dead_inlet_is_not_turned_down() -> None:
    """There is nothing to turn down."""
    assert dark().inlet(0.0, 0.0, hz=0.0).wait(MINUTE).s.turned_down == 0


@pytest.mark.parametrize("kind", range(BACKUP_NONE, BACKUP_EV + 1))
@pytest.mark.parametrize("inlet_a", [30.0, 50.0])
def test_every_profile_lies_within_the_limits_of_its_settings(kind: int, inlet_a: float) -> None:
    """Each value between lowest and highest of its row, and the windows the right way round."""
    bench = ProtectionBench(source_a=40.0)
    assert apply_profile(bench.p, kind, inlet_a) == 1
    for name, _type, _unit, _meaning, _default, lowest, highest, _source in core_settings.SETTINGS:
        assert lowest <= getattr(bench.p, name) <= highest, name
    assert bench.p.limit_a == min(inlet_a, 40.0)
    assert bench.p.accept_low_v < 120.0 < bench.p.accept_high_v
    assert bench.p.failed_low_hz < bench.p.accept_low_hz < 60.0 < bench.p.accept_high_hz < bench.p.failed_high_hz


def test_a_profile_that_makes_no_sense_changes_nothing() -> None:
    """An unknown kind; an ampacity that is no inlet's or no number."""
    for kind, inlet_a in ((-1, 30.0), (6, 30.0), (1, 0.0), (1, math.nan), (1, 400.0)):
        bench = ProtectionBench()
        before = vars_of(bench.p)
        assert apply_profile(bench.p, kind, inlet_a) == 0
        assert vars_of(bench.p) == before


def vars_of(record: object) -> list[object]:
    return [getattr(record, row[0]) for row in core_settings.SETTINGS]


def test_profiles_accept_their_own_source_and_not_another() -> None:
    """62.5 Hz: portable and standby yes, the others no; 60.7 Hz of a battery that holds back solar: yes."""
    for kind, hz, accepted in (
        (BACKUP_PORTABLE, 62.5, 1), (BACKUP_STANDBY, 62.5, 1), (BACKUP_INVERTER, 62.5, 0), (BACKUP_BATTERY, 62.5, 0),
        (BACKUP_EV, 62.5, 0), (BACKUP_BATTERY, 60.7, 1), (BACKUP_INVERTER, 60.1, 1),
    ):  # fmt: skip
        bench = dark()
        apply_profile(bench.p, kind, 30.0)
        assert bench.inlet(120.0, 120.0, hz=hz).wait(2 * MINUTE).s.backup_qualified == accepted, (kind, hz)


def test_power_goes_back_into_no_source_but_a_battery_that_takes_it() -> None:
    """32 (H22): 3 kW from forgotten solar stops an engine in 2 s; a battery declared for 5 kW takes it."""
    for kind, declared_w, stops in (
        (BACKUP_PORTABLE, 5000.0, 1), (BACKUP_EV, 5000.0, 1), (BACKUP_BATTERY, 5000.0, 0), (BACKUP_BATTERY, 0.0, 1),
    ):  # fmt: skip
        bench = ProtectionBench(charge_w=declared_w)
        apply_profile(bench.p, kind, 30.0)
        bench.on_backup(hz=60.0)
        bench.m.premise_w = -3000.0
        assert bench.run(bench.p.reverse_ticks).s.reverse_power == stops, (kind, declared_w)


def test_an_engine_may_stop_once_it_has_cooled() -> None:
    """Unloaded beside the utility for `cool_down_ticks`, told once, and never of a battery."""
    bench = ProtectionBench().inlet(122.0, 122.0, hz=62.0)
    assert bench.run(1).s.engine_may_stop == 0
    assert bench.wait(bench.p.cool_down_ticks - 2).s.engine_may_stop == 0
    assert bench.run(1).s.engine_may_stop == 1
    apply_profile(bench.p, BACKUP_BATTERY, 30.0)
    assert bench.wait(10 * MINUTE).s.engine_may_stop == 0
