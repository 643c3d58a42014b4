"""Findings about the source, its legs, solar and the utility's voltage: each with its limit on both sides."""

import math

import pytest
from diagnosis_bench import MINUTE, SECOND, Bench, Side, admittance

from bptm.terms.core_diagnosis import (
    CONFIDENCE_LIKELY,
    CONFIDENCE_MEASURED,
    CONFIDENCE_POSSIBLE,
    FEED_BACKUP,
    FEED_NONE,
    FEED_UTILITY,
)
from bptm.terms.findings import Finding


def ready() -> Bench:
    """A dark home with a running source that has not taken it yet."""
    bench = Bench()
    bench.utility, bench.source, bench.feed = None, Side(121.0, 0.05 + 0j, 0.05), FEED_NONE
    bench.loads = (admittance(800.0), admittance(700.0), 0j)
    bench.run(5 * SECOND)
    return bench


def on_backup() -> Bench:
    """The same, a moment after the source took the home."""
    bench = ready()
    bench.feed = FEED_BACKUP
    bench.run(SECOND)
    return bench


# Bonded neutral and ground-fault breaker (H18).


def trip_after(bench: Bench, ticks: int) -> None:
    """B closes; so many ticks later both legs are gone at once."""
    source = bench.source
    bench.feed = FEED_BACKUP
    bench.run(ticks, 1)
    bench.source, bench.feed = None, FEED_NONE
    bench.run(5 * SECOND)
    bench.source = source
    bench.run(20 * SECOND)


@pytest.mark.parametrize(("ticks", "found"), [(1, True), (10, True), (119, True), (121, False), (600, False)])
def test_a_source_that_vanishes_at_once_has_a_bonded_neutral(ticks: int, *, found: bool) -> None:
    """H18: gone within 1 s of the close, both legs, no over-current."""
    bench = ready()
    trip_after(bench, ticks)
    assert bench.stands(Finding.GFCI) is found
    if found:
        assert bench.d.first[Finding.GFCI] == pytest.approx(ticks / SECOND)
        assert bench.d.confidence[Finding.GFCI] == CONFIDENCE_POSSIBLE
        trip_after(bench, ticks)
        assert bench.d.confidence[Finding.GFCI] == CONFIDENCE_LIKELY
        assert bench.d.third[Finding.GFCI] == 2


def test_a_trip_by_too_much_load_is_not_blamed_on_the_neutral() -> None:
    """Gone after 0.3 s, but leg 1 carried 60 A: its own breaker."""
    bench = ready()
    bench.loads = (admittance(7200.0), admittance(700.0), 0j)
    trip_after(bench, 36)
    assert not bench.stands(Finding.GFCI)


def test_an_engine_that_stalls_is_not_blamed_on_the_neutral() -> None:
    """From 121 V down to nothing in 0.5 s: slower than a breaker."""
    bench = ready()
    bench.feed = FEED_BACKUP
    bench.run(20, 1)
    assert bench.source is not None
    for tick in range(60):
        bench.source.volts = 121.0 * (1.0 - tick / 60.0)
        bench.run(1, 1)
    bench.source, bench.feed = None, FEED_NONE
    bench.run(5 * SECOND)
    assert not bench.stands(Finding.GFCI)


def test_a_source_stopped_before_it_took_the_home_is_none() -> None:
    """Off while B is open; and a source that then carries the home for a minute ends the finding."""
    bench = ready()
    source, bench.source = bench.source, None
    bench.run(5 * SECOND)
    assert not bench.found
    bench.source = source
    bench.run(5 * SECOND)
    trip_after(bench, 30)
    assert bench.stands(Finding.GFCI)
    bench.feed = FEED_BACKUP
    bench.run(MINUTE - SECOND)
    assert bench.stands(Finding.GFCI)
    bench.run(2 * SECOND)
    assert not bench.stands(Finding.GFCI)


# Legs (domain 2.6).


@pytest.mark.parametrize(
    ("volts", "finding"),
    [
        ((120.0, 0.0, 120.0), Finding.INLET_LEG_MISSING),
        ((0.5, 121.0, 121.0), Finding.INLET_LEG_MISSING),
        ((120.0, 20.0, 100.0), Finding.INLET_LEG_MISSING),
        ((120.0, 115.0, 5.0), Finding.INLET_LEG_MISSING),
        ((120.0, 120.0, 0.0), Finding.INLET_LEGS_SAME),
        ((121.0, 119.5, 1.5), Finding.INLET_LEGS_SAME),
        ((120.0, 240.0, 120.0), Finding.INLET_NEUTRAL_SWAPPED),
        ((120.0, 120.0, 208.0), Finding.INLET_LEGS_ANGLE),
        ((120.0, 120.0, 240.0), None),
        ((48.0, 192.0, 240.0), None),
        ((100.0, 104.0, 204.0), None),
        ((0.0, 0.0, 0.0), None),
        ((float("nan"), 120.0, 120.0), None),
    ],
)
def test_legs_are_named_by_their_signature(volts: tuple[float, float, float], finding: Finding | None) -> None:
    """Each row of the table in domain 2.6: missing with and without ghost, one wire on both, swapped, 120 degrees."""
    bench = Bench()
    bench.measure(1)
    bench.m.inlet_l1_v, bench.m.inlet_l2_v, bench.m.inlet_l12_v = volts
    bench.m.inlet_hz = 60.0
    bench.facts()
    bench.hold(59)
    assert not bench.found
    bench.hold(1)
    assert [code for code, _ in bench.found] == ([finding] if finding else [])
    bench.hold(MINUTE)
    assert len(bench.found) == (1 if finding else 0)
    if finding == Finding.INLET_LEG_MISSING:
        assert bench.d.place[finding] == (1 if volts[0] < volts[1] else 2)
    # A dead or doubtful source is no evidence against it; right legs are.
    bench.m.inlet_l1_v = bench.m.inlet_l2_v = bench.m.inlet_l12_v = 0.0
    bench.hold(MINUTE)
    assert not bench.gone
    bench.m.inlet_l1_v, bench.m.inlet_l2_v, bench.m.inlet_l12_v = 120.0, 120.0, 240.0
    bench.hold(SECOND)
    assert len(bench.gone) == len(bench.found)


def test_a_missing_utility_leg_with_its_ghost_is_found() -> None:
    """Leg 2 open; a 4.5 kW water heater lifts it to 120 R/(R + 12.8) through 600 W of other load: 78.3 V, in phase."""
    other_ohm = 120.0**2 / 600.0
    ghost = 120.0 * other_ohm / (other_ohm + 240.0**2 / 4500.0)
    bench = Bench()
    bench.measure(1)
    bench.m.utility_l1_v, bench.m.utility_l2_v, bench.m.utility_l12_v = 120.0, ghost, 120.0 - ghost
    bench.hold(SECOND)
    assert ghost == pytest.approx(78.26, abs=0.01)
    assert bench.stands(Finding.UTILITY_LEG_MISSING)
    assert bench.d.second[Finding.UTILITY_LEG_MISSING] == ghost


# Hunting, fuel, running on.


def swing(bench: Bench, amplitude_hz: float, period_s: float, seconds: float) -> None:
    """A source whose frequency swings as a sine."""
    assert bench.source is not None
    for number in range(int(seconds * 20)):
        bench.source.hz = 60.5 + amplitude_hz * math.sin(2.0 * math.pi * number / 20.0 / period_s)
        bench.run(6, 6)


@pytest.mark.parametrize(("amplitude_hz", "period_s"), [(1.0, 1.0), (2.0, 1.3), (0.6, 4.0), (1.5, 0.5)])
def test_hunting_is_measured(amplitude_hz: float, period_s: float) -> None:
    """Swings of 0.6 to 2 Hz at 0.25 to 2 Hz: amplitude within 5 %, period within 15 %, found in 35 s."""
    bench = on_backup()
    swing(bench, amplitude_hz, period_s, 35.0)
    assert bench.stands(Finding.SOURCE_HUNTS)
    assert bench.d.first[Finding.SOURCE_HUNTS] == pytest.approx(amplitude_hz, rel=0.05)
    assert bench.d.second[Finding.SOURCE_HUNTS] == pytest.approx(period_s, rel=0.15)
    swing(bench, 0.1, 1.0, 45.0)
    assert not bench.stands(Finding.SOURCE_HUNTS)


def test_a_small_swing_a_slow_droop_and_load_steps_are_no_hunting() -> None:
    """0.4 Hz of swing; a drift of 3 Hz in a minute; a droop machine whose load steps each 3 s."""
    bench = on_backup()
    swing(bench, 0.4, 1.0, 40.0)
    assert bench.source is not None
    for number in range(120):
        bench.source.hz = 62.0 - 0.025 * number
        bench.run(SECOND // 2)
    for number in range(40):
        on = number % 2
        bench.source.hz = 62.0 - 1.5 * on
        bench.step_to(admittance(500.0 + 2000.0 * on), admittance(500.0), 0j, 3 * SECOND)
    assert not bench.found


def test_a_starving_engine_is_found_before_it_stops() -> None:
    """At constant load from 60.5 to 58.5 Hz and 121 to 114 V in a minute; a load step that does the same is none."""
    bench = on_backup()
    assert bench.source is not None
    bench.source.hz = 60.5
    bench.run(30 * SECOND)
    for number in range(60):
        bench.source.hz = 60.5 - number / 30.0
        bench.source.volts = 121.0 - 7.0 * number / 60.0
        bench.run(SECOND)
    assert bench.stands(Finding.FUEL_LOW)
    bench.source.hz, bench.source.volts = 60.5, 121.0
    bench.run(30 * SECOND)
    assert not bench.stands(Finding.FUEL_LOW)
    other = on_backup()
    assert other.source is not None
    other.source.hz = 61.0
    other.run(40 * SECOND)
    other.source.hz, other.source.volts = 59.0, 115.0
    other.step_to(admittance(2400.0), admittance(2400.0), 0j, MINUTE)
    assert not other.found


def test_an_engine_that_runs_on_is_told_after_ten_minutes() -> None:
    """H29: 10 min beside a good utility; a battery never; it ends when the inlet dies."""
    for engine in (1, 0):
        bench = Bench()
        bench.p.engine = engine
        bench.source = Side(121.0, 0.05 + 0j, 0.05)
        bench.source.hz = 61.8
        bench.run(10 * MINUTE - 60)
        assert not bench.found
        bench.run(60)
        assert bench.stands(Finding.RUNS_ON) is (engine == 1)
        bench.source = None
        bench.run(60)
        assert not bench.stands(Finding.RUNS_ON)


# Solar (H22).


def solar(bench: Bench, wait_s: int, peak_w: float, ramp_s: int) -> None:
    """An inverter that enters service after so long and rises to its peak, half on each leg."""
    bench.run(wait_s * SECOND)
    for number in range(ramp_s):
        bench.push_w = (0.5 * peak_w * number / ramp_s, 0.5 * peak_w * number / ramp_s)
        bench.run(SECOND)
    bench.push_w = (0.5 * peak_w, 0.5 * peak_w)


def test_solar_on_its_ramp_is_told_before_power_reverses() -> None:
    """4 kW ramping in 300 s after 300 s against 2 kW of load: falling load is told first, reverse power then."""
    bench = on_backup()
    bench.loads = (admittance(1000.0), admittance(1000.0), 0j)
    solar(bench, 299, 4000.0, 300)
    bench.run(10 * SECOND)
    falling, reverse = (bench.seconds_until(code) for code in (Finding.SOLAR_FALLING, Finding.SOLAR_REVERSE))
    assert falling is not None
    assert reverse is not None
    assert 360 < falling < 400 < reverse
    assert bench.d.confidence[Finding.SOLAR_REVERSE] == CONFIDENCE_MEASURED


def test_solar_at_once_is_found_by_one_leg() -> None:
    """1.2 kW without ramp, legs 1,500 and 200 W: 1.1 kW still flow in, yet leg 2 gives back 400 W. In 2 s."""
    bench = on_backup()
    bench.loads = (admittance(1500.0), admittance(200.0), 0j)
    bench.run(298 * SECOND)
    bench.push_w = (600.0, 600.0)
    bench.run(2 * SECOND)
    assert bench.m.premise_w > 400.0
    assert bench.d.place[Finding.SOLAR_REVERSE] == 2
    assert bench.stands(Finding.SOLAR_REVERSE)


def test_the_watch_opens_on_an_inverter_and_not_on_a_droop_machine() -> None:
    """At 60.0 Hz from 285 s to 660 s; at 62 Hz never. The mere watch is no finding."""
    bench = on_backup()
    bench.run(283 * SECOND)
    assert bench.d.solar_watch == 0
    bench.run(3 * SECOND)
    assert bench.d.solar_watch == 1
    bench.run(374 * SECOND)
    assert bench.d.solar_watch == 0
    assert not bench.found
    other = on_backup()
    assert other.source is not None
    other.source.hz = 62.0
    other.run(1)
    for _ in range(12):
        other.run(MINUTE)
        assert other.d.solar_watch == 0


def test_a_heater_that_goes_off_in_the_watch_is_no_solar() -> None:
    """3 kW between the legs goes off 310 s after the transfer, and single legs fall: no finding."""
    bench = on_backup()
    bench.loads = (admittance(400.0), admittance(300.0), admittance(3000.0, 1.0, 240.0))
    bench.run(310 * SECOND)
    bench.step_to(admittance(400.0), admittance(300.0), 0j, 60 * SECOND)
    for number in range(100):
        bench.step_to(admittance(400.0 - 3.0 * number), admittance(300.0), 0j, SECOND)
    assert not bench.found


# Load and voltage.


def test_unbalanced_legs_are_told_near_the_limit() -> None:
    """26 A against 5 A for a minute; 20 A against none, and 26 A against 20 A, are none."""
    for amps, found in (((26.0, 5.0), True), ((20.0, 0.0), False), ((26.0, 20.0), False)):
        bench = on_backup()
        bench.step_to(complex(amps[0] / 119.0), complex(amps[1] / 119.0), 0j, 62 * SECOND)
        assert bench.stands(Finding.LEGS_UNBALANCED) is found
        bench.step_to(0.05 + 0j, 0.05 + 0j, 0j, 62 * SECOND)
        assert not bench.stands(Finding.LEGS_UNBALANCED)


@pytest.mark.parametrize(
    ("volts", "range_a", "range_b"),
    [
        (120.0, False, False),
        (114.2, False, False),
        (113.0, True, False),
        (109.0, True, True),
        (126.5, True, False),
        (128.0, True, True),
    ],
)
def test_service_voltage_is_judged_by_its_ranges(volts: float, *, range_a: bool, range_b: bool) -> None:
    """ANSI C84.1: range A 114-126 V after 10 min, range B 110-127 V after a minute; both ended by 10 min inside."""
    bench = Bench()
    assert bench.utility is not None
    bench.utility.volts = volts
    bench.run(MINUTE - 1)
    assert not bench.found
    bench.run(1)
    assert bench.stands(Finding.RANGE_B) is range_b
    bench.run(9 * MINUTE)
    assert bench.stands(Finding.RANGE_A) is range_a
    if range_a:
        assert bench.d.first[Finding.RANGE_A] == pytest.approx(volts, abs=0.1)
    bench.utility.volts = 120.0
    bench.run(10 * MINUTE)
    assert not bench.stands(Finding.RANGE_A)
    assert not bench.stands(Finding.RANGE_B)


def test_an_outage_is_no_voltage_out_of_range() -> None:
    """Dead for an hour with U closed, as decision 0016 has it: nothing is said of the range."""
    bench = Bench()
    bench.utility = None
    bench.feed = FEED_UTILITY
    bench.run(60 * MINUTE, MINUTE)
    assert not bench.found
