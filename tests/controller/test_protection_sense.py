"""H4 and H5: readings that contradict the contacts, themselves, or a sensor's range; and the lost reference."""

import math

import pytest
from protection_bench import MINUTE, SECOND, ProtectionBench

BAD = (math.nan, math.inf, -math.inf, -5.0, 5000.0)


@pytest.mark.parametrize(("l1_v", "l2_v"), [(0.0, 0.0), (96.0, 96.0), (0.0, 120.0), (120.0, 40.0), (150.0, 150.0)])
def test_a_phantom_outage_moves_nothing_and_is_told(l1_v: float, l2_v: float) -> None:
    """H4: the utility's sensor drops, scales by 0.8 or jumps while the bus of the closed contactor stands: no loss."""
    bench = ProtectionBench().wait(MINUTE)
    bench.utility(l1_v, l2_v).wait(20 * MINUTE)
    assert (bench.s.utility_lost, bench.s.utility_harmful, bench.s.utility_in_band) == (0, 0, 0)
    assert (bench.s.sense_doubted, bench.s.u_disagrees, bench.s.reference_lost) == (1, 0, 0)


def test_a_real_outage_is_no_contradiction() -> None:
    """With U closed both sides die together: lost after 27's delay, and never a doubt on the way down."""
    bench = ProtectionBench().wait(MINUTE)
    for volts in (110.0, 80.0, 30.0, 5.0):
        bench.both(volts, volts).run(1)
        assert bench.s.utility_doubted == 0
    assert bench.both(0.0, 0.0).ticks_to("utility_lost") <= bench.p.lost_deep_ticks
    assert bench.s.sense_doubted == 0


def test_a_sensor_that_failed_low_does_not_hide_a_real_outage() -> None:
    """The sensor reads 0 for an hour, then the utility really dies: nothing is live, so nothing contradicts."""
    bench = ProtectionBench().wait(MINUTE).utility(0.0, 0.0)
    bench.run_waking(3600 * SECOND)
    assert bench.s.utility_lost == 0
    assert bench.both(0.0, 0.0).ticks_to("utility_lost") == bench.p.lost_deep_ticks
    assert bench.s.sense_doubted == 0


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("field", ["utility_l1_v", "utility_l2_v", "utility_l12_v", "utility_hz"])
def test_a_utility_reading_that_is_no_reading_neither_loses_nor_returns(field: str, value: float) -> None:
    """No number, negative or beyond the sensor: the fact stands as it was, in either state, and it is told."""
    for lost in (0, 1):
        bench = ProtectionBench().wait(MINUTE)
        if lost:
            bench.both(0.0, 0.0).wait(MINUTE).both(120.0, 120.0)
        setattr(bench.m, field, value)
        bench.wait(5 * MINUTE)
        assert (bench.s.utility_lost, bench.s.utility_in_band, bench.s.t_return) == (lost, 0, 0)
        assert bench.s.sense_doubted == 1


def test_a_marked_channel_is_believed_no_longer() -> None:
    """H5: a frozen channel shows a dead grid as live; its mark takes it out of band at once."""
    bench = ProtectionBench().contacts(u=False, b=False).bus(0.0, 0.0).wait(MINUTE)
    assert bench.s.utility_in_band == 1
    bench.m.utility_doubtful = 1
    bench.run(1)
    assert (bench.s.utility_in_band, bench.s.t_return, bench.s.sense_doubted) == (0, 0, 0)
    assert bench.ticks_to("sense_doubted") == bench.p.sense_ticks - 1


@pytest.mark.parametrize("value", BAD)
def test_a_doubted_bus_is_neither_dead_nor_live(value: float) -> None:
    """Whatever a bus channel gives that is no reading."""
    bench = ProtectionBench().run(1)
    assert bench.s.bus_live == 1
    bench.m.bus_l1_v = value
    bench.run(1)
    assert (bench.s.bus_live, bench.s.bus_dead) == (0, 0)


def test_a_lying_contact_and_a_lying_sensor_are_told_apart() -> None:
    """U reads closed, utility in band, bus dead: `u_disagrees`, never `sense_doubted`; other gaps are the sensors'."""
    bench = ProtectionBench().run(1).bus(0.0, 0.0).wait(MINUTE)
    assert (bench.s.u_disagrees, bench.s.sense_doubted) == (1, 0)
    bench = ProtectionBench().run(1).bus(50.0, 50.0).wait(MINUTE)
    assert (bench.s.u_disagrees, bench.s.sense_doubted) == (0, 1)
    bench = ProtectionBench().run(1).utility(100.0, 100.0).bus(0.0, 0.0).wait(MINUTE)
    assert (bench.s.u_disagrees, bench.s.sense_doubted) == (0, 1)


def test_readings_within_their_error_are_no_contradiction() -> None:
    """Two sensors of 0.5 % and 3 V of drop across the contactor, from live_v to 1.1 pu."""
    for volts in range(61, 133):
        bench = ProtectionBench().utility(volts * 1.005, volts * 1.005)
        bus_v = volts * 0.995 - 3.0 * volts / 120.0
        assert bench.bus(bus_v, bus_v).run(1).s.utility_doubted == 0


def test_a_triangle_that_does_not_close_is_doubted() -> None:
    """V12 cannot exceed V1 + V2: one leg's channel fails to 0 while leg to leg reads 240 V."""
    assert ProtectionBench().both(0.0, 120.0, 240.0).run(1).s.utility_doubted == 1
    assert ProtectionBench().both(48.0, 192.0, 240.0).run(1).s.utility_doubted == 0
    assert ProtectionBench().both(0.0, 0.0, 4.0).run(1).s.utility_doubted == 0


@pytest.mark.parametrize("side", ["utility", "bus"])
@pytest.mark.parametrize(("l1_v", "l2_v"), [(150.0, 90.0), (48.0, 192.0), (100.0, 145.0)])
def test_a_lost_reference_alarms_and_opens_nothing(side: str, l1_v: float, l2_v: float) -> None:
    """Either reference adrift while leg to leg agrees: told after its delay; no loss, no harm, no other alarm."""
    bench = ProtectionBench().wait(MINUTE)
    getattr(bench, side)(l1_v, l2_v, 240.0)
    assert bench.ticks_to("reference_lost") == bench.p.reference_ticks
    bench.wait(30 * MINUTE)
    assert (bench.s.utility_lost, bench.s.utility_harmful, bench.s.neutral_doubted) == (0, 0, 0)
    assert (bench.s.sense_doubted, bench.s.reference_lost, bench.s.utility_in_band) == (0, 1, 1)


def test_without_a_reference_a_real_loss_and_a_real_swell_are_still_seen() -> None:
    """Half the leg-to-leg voltage stands for each leg: 27 at 0.6 pu, 59 at 1.25 pu, with the reference adrift."""
    bench = ProtectionBench().wait(MINUTE).utility(150.0, 90.0, 240.0).wait(MINUTE)
    bench.utility(90.0, 54.0, 144.0).bus(72.0, 72.0)
    assert bench.ticks_to("utility_lost") == bench.p.lost_deep_ticks
    bench = ProtectionBench().wait(MINUTE).utility(180.0, 120.0, 300.0).bus(150.0, 150.0)
    assert bench.ticks_to("utility_harmful") == bench.p.over_high_ticks


def test_the_same_legs_on_both_sides_are_a_neutral_and_no_reference() -> None:
    """Utility and bus agree on 48 and 192 V: the neutral, not a sensor."""
    bench = ProtectionBench().wait(MINUTE).both(48.0, 192.0).run(SECOND)
    assert (bench.s.utility_neutral, bench.s.reference_lost, bench.s.sense_doubted) == (1, 0, 0)


@pytest.mark.parametrize("value", BAD)
def test_a_doubted_inlet_never_qualifies(value: float) -> None:
    """Any bad inlet channel, also its mark: not accepted, and turned down for it."""
    for field in ("inlet_l1_v", "inlet_l12_v", "inlet_hz", "inlet_doubtful"):
        bench = ProtectionBench(accept_ticks=240).inlet(120.0, 121.0)
        setattr(bench.m, field, 1 if field == "inlet_doubtful" else value)
        bench.wait(10 * MINUTE)
        assert (bench.s.backup_qualified, bench.s.t_accept) == (0, 0)
        assert bench.s.turned_down == 1024


def test_on_backup_the_bus_stands_in_for_a_doubted_inlet() -> None:
    """A sensor that fails neither ends a supply nor hides its end."""
    bench = ProtectionBench().on_backup().wait(MINUTE)
    bench.inlet(math.nan, 120.0).wait(10 * MINUTE)
    assert bench.s.backup_qualified == 1
    assert bench.bus(0.0, 0.0).ticks_to("backup_qualified", 0) == bench.p.collapsed_ticks
    frozen = ProtectionBench().on_backup().wait(MINUTE).bus(0.0, 0.0)
    assert frozen.ticks_to("backup_qualified", 0) == frozen.p.collapsed_ticks


def test_a_source_that_nothing_shows_is_lost() -> None:
    """Inlet and bus both doubted: after `doubt_ticks` the supply is not relied on."""
    bench = ProtectionBench().on_backup().wait(MINUTE)
    bench.m.inlet_doubtful = bench.m.bus_doubtful = 1
    assert bench.ticks_to("backup_qualified", 0) == bench.p.doubt_ticks


@pytest.mark.parametrize("value", BAD)
def test_a_doubted_current_hides_no_overload_for_long(value: float) -> None:
    """On backup an unknown current counts as an overload after its delay; also while the bus is doubted."""
    for bus_doubtful in (0, 1):
        bench = ProtectionBench().on_backup().load(10.0, 10.0).wait(MINUTE)
        bench.m.bus_doubtful = bus_doubtful
        bench.m.l2_a = value
        assert bench.ticks_to("overload") <= bench.p.current_doubt_ticks
    bench = ProtectionBench().on_backup().load(10.0, 10.0)
    bench.m.premise_w = math.nan
    assert bench.ticks_to("overload") == bench.p.current_doubt_ticks


def test_the_sound_leg_still_operates_51() -> None:
    """The other leg at 70 A operates after its own delay, not after that of the doubt."""
    bench = ProtectionBench().on_backup().load(70.0, 10.0)
    bench.m.l2_a = math.nan
    assert bench.ticks_to("overload") == bench.p.overload_high_ticks
