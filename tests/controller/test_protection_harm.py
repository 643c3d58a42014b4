"""What ends the use of a source at once, in which order, how soon; a welded B; surges."""

import math
import random

import pytest
from protection_bench import MINUTE, SECOND, ProtectionBench

from bptm.terms.core_codes import (
    CAUSE_BACKUP_LEGS_WRONG,
    CAUSE_BACKUP_NEUTRAL,
    CAUSE_BACKUP_OVERVOLTAGE,
    CAUSE_INLET_HOT,
    CAUSE_INLET_UNMATED,
    CAUSE_PREMISE_NEUTRAL,
    CAUSE_SHORT_CIRCUIT,
)


def harm_after(bench: ProtectionBench, at_most: int = 4 * MINUTE) -> tuple[int, int]:
    """Cause, and the ticks to it."""
    for tick in range(1, at_most + 1):
        if bench.run(1).s.backup_harm:
            return bench.s.backup_harm, tick
    return 0, at_most


@pytest.mark.parametrize(
    ("l1_v", "l2_v", "l12_v", "cause", "ticks"),
    [
        (120.0, 120.0, 0.0, CAUSE_BACKUP_LEGS_WRONG, 60),
        (120.0, 90.0, 30.0, CAUSE_BACKUP_LEGS_WRONG, 60),
        (120.0, 60.0, 160.0, CAUSE_BACKUP_LEGS_WRONG, 60),
        (48.0, 192.0, 240.0, CAUSE_BACKUP_NEUTRAL, 20),
        (107.0, 133.0, 240.0, CAUSE_BACKUP_NEUTRAL, 20),
        (101.0, 127.0, 228.0, CAUSE_BACKUP_NEUTRAL, 600),
        (146.0, 145.0, 291.0, CAUSE_BACKUP_OVERVOLTAGE, 66),
        (134.0, 134.0, 268.0, CAUSE_BACKUP_OVERVOLTAGE, 1560),
    ],
)
def test_a_source_that_does_harm_is_left_within_its_time(
    l1_v: float, l2_v: float, l12_v: float, cause: int, ticks: int
) -> None:
    """LAW-6, H15, H17: legs and over-voltage, each after its own delay and for its own cause."""
    bench = ProtectionBench().on_backup().wait(MINUTE).source(l1_v, l2_v, l12_v)
    assert harm_after(bench) == (cause, ticks)


def test_a_missing_leg_without_ghost_is_lost_as_collapsed() -> None:
    """120 and 0 V: leg to leg equals their sum, so 47 is silent and 27 of the source ends it in 0.2 s."""
    bench = ProtectionBench().on_backup().wait(MINUTE).source(120.0, 0.0)
    assert bench.ticks_to("backup_qualified", 0) == bench.p.collapsed_ticks


@pytest.mark.parametrize("dip", [0.7, 0.8, 0.9])
def test_a_motor_start_on_a_small_source_is_no_broken_neutral(dip: float) -> None:
    """One leg dips to 0.7-0.9 for 4 s while the other rises by 3 %: the sum falls with it."""
    bench = ProtectionBench().on_backup().wait(MINUTE).source(120.0 * dip, 123.6).run(4 * SECOND)
    assert bench.s.backup_harm == 0


def test_load_rejection_of_an_engine_is_ridden_through() -> None:
    """ISO 8528-5 G1: 25 % over for 0.4 s, then 8 s above 1.10 pu, and back."""
    bench = ProtectionBench().on_backup().wait(MINUTE).source(150.0, 150.0).run(48).source(134.0, 134.0).run(960)
    assert bench.source(124.0, 124.0).wait(MINUTE).s.backup_harm == 0


def test_the_same_neutral_on_both_sources_is_the_premises() -> None:
    """Broken on the utility, then on backup: the fault is neither source's."""
    bench = ProtectionBench().wait(MINUTE).both(48.0, 192.0).run(SECOND)
    assert bench.s.neutral_doubted == 1
    bench.on_backup().wait(MINUTE).source(70.0, 170.0)
    assert harm_after(bench) == (CAUSE_PREMISE_NEUTRAL, 20)


def test_a_short_circuit_is_told_after_100_ms_and_until_b_is_open() -> None:
    """50 (H24): above 150 A for 12 ticks; 149 A is a motor; the fact stays while B is closed."""
    bench = ProtectionBench().on_backup().load(149.0, 0.0).run(SECOND)
    assert bench.s.short_circuit == 0
    assert harm_after(bench.load(160.0, 0.0)) == (CAUSE_SHORT_CIRCUIT, 12)
    assert bench.load(0.0, 0.0).run(SECOND).s.backup_harm == CAUSE_SHORT_CIRCUIT
    bench.contacts(u=False, b=False).bus(0.0, 0.0).run(2)
    assert (bench.s.short_circuit, bench.s.backup_harm) == (0, 0)


@pytest.mark.parametrize(
    ("inlet_c", "ambient_c", "harm"),
    [(86.0, 60.0, 1), (84.0, 40.0, 0), (71.0, 20.0, 1), (69.0, 20.0, 0), (math.nan, 20.0, 0)],
)
def test_a_hot_blade_ends_the_use(inlet_c: float, ambient_c: float, harm: int) -> None:
    """H25: above 85 C, or 50 K above the enclosure, for 2 s; no number is told as a doubt instead."""
    bench = ProtectionBench().on_backup().wait(MINUTE)
    bench.m.inlet_c, bench.m.ambient_c = inlet_c, ambient_c
    cause, ticks = harm_after(bench, MINUTE)
    assert (cause, ticks) == ((CAUSE_INLET_HOT, 240) if harm else (0, MINUTE))
    assert bench.s.sense_doubted == (1 if math.isnan(inlet_c) else 0)


def test_an_unmated_plug_ends_the_use_at_once() -> None:
    """H26: in the same scan, and not while B is open."""
    bench = ProtectionBench().on_backup().wait(MINUTE)
    bench.m.inlet_unmated = 1
    assert harm_after(bench) == (CAUSE_INLET_UNMATED, 1)
    bench.contacts(u=False, b=False).bus(0.0, 0.0).run(2)
    assert bench.s.backup_harm == 0


def test_the_gravest_cause_is_told() -> None:
    """A short circuit on a hot, unmated inlet with a broken neutral; then one after the other falls away."""
    bench = ProtectionBench().on_backup().source(48.0, 192.0).load(200.0, 0.0)
    bench.m.inlet_unmated, bench.m.inlet_c = 1, 95.0
    assert bench.run(240).s.backup_harm == CAUSE_SHORT_CIRCUIT
    bench.s.short_circuit = 0
    assert bench.load(0.0, 0.0).run(1).s.backup_harm == CAUSE_INLET_UNMATED
    bench.m.inlet_unmated = 0
    assert bench.run(1).s.backup_harm == CAUSE_BACKUP_NEUTRAL
    assert bench.source(120.0, 120.0).run(1).s.backup_harm == CAUSE_INLET_HOT


def test_harm_is_told_with_a_doubted_bus_and_with_a_doubted_inlet() -> None:
    """The sound side shows it."""
    for doubted in ("bus_doubtful", "inlet_doubtful"):
        bench = ProtectionBench().on_backup().wait(MINUTE)
        setattr(bench.m, doubted, 1)
        assert harm_after(bench.source(48.0, 192.0)) == (CAUSE_BACKUP_NEUTRAL, 20)


def test_a_source_that_ran_dry_is_told_from_one_that_was_loaded_down() -> None:
    """37: current gone with the voltage; at 40 A the source was pulled down."""
    bench = ProtectionBench().on_backup().load(10.0, 10.0).wait(MINUTE).source(0.0, 0.0, hz=0.0).load(0.0, 0.0).run(20)
    assert bench.s.ran_dry == 1
    bench.contacts(u=False, b=False).wait(MINUTE)
    assert bench.s.ran_dry == 1
    assert bench.inlet(121.0, 121.0).run(2).s.ran_dry == 0
    bench = ProtectionBench().on_backup().load(10.0, 10.0).wait(MINUTE).source(60.0, 60.0, hz=40.0).load(40.0, 40.0)
    assert bench.run(20).s.ran_dry == 0


def parallel(bench: ProtectionBench, in_phase: int = 1) -> ProtectionBench:
    """The inlet alive beside the utility."""
    bench.inlet(120.5, 120.5, hz=60.0)
    bench.m.inlet_in_phase = in_phase
    return bench


def test_an_inlet_that_follows_the_bus_means_a_welded_contactor() -> None:
    """LAW-5, mirror: after `inlet_follow_ticks` in one piece; a beat in between begins it again."""
    bench = parallel(ProtectionBench().wait(MINUTE))
    assert bench.ticks_to("inlet_follows") == bench.p.inlet_follow_ticks
    bench = parallel(ProtectionBench().wait(MINUTE)).wait(bench.p.inlet_follow_ticks - 1)
    parallel(bench, 0).run(1)
    assert parallel(bench).ticks_to("inlet_follows") == bench.p.inlet_follow_ticks


def test_without_a_plug_a_weld_is_seen_as_soon_as_u_closes() -> None:
    """Bus and inlet come alive in the same tick, nothing mated: `follow_ticks`; with a plug, the long delay."""
    for unmated, ticks in ((1, 3), (0, 1200)):
        bench = ProtectionBench().contacts(u=False, b=False).bus(0.0, 0.0).inlet(0.0, 0.0, hz=0.0).wait(MINUTE)
        bench.m.inlet_unmated = unmated
        parallel(bench.on_utility().both(120.0, 120.0))
        assert bench.ticks_to("inlet_follows") == ticks


def test_a_generator_beside_the_utility_is_no_weld() -> None:
    """62 Hz beats twice a second: never 10 s in one piece; nor with another voltage in phase."""
    bench = ProtectionBench().wait(MINUTE)
    for tick in range(30 * SECOND):
        parallel(bench, 1 if tick % 60 < 2 else 0).run(1)
        assert bench.s.inlet_follows == 0
    bench = parallel(ProtectionBench().wait(MINUTE)).inlet(125.0, 125.0).wait(5 * MINUTE)
    assert bench.s.inlet_follows == 0


@pytest.mark.parametrize(("delay_s", "one_in"), [(10.0, 240), (60.0, 8600)])
def test_the_chance_of_a_false_weld_is_as_stated(delay_s: float, one_in: int) -> None:
    """An inverter with a slip evenly within 0.1 Hz, 5 min beside the grid, phase alone; closed form against draws.

    It stays within 3 degrees (w = 1/60 turn) for the delay d in a run of T when its slip s is below w / d and the
    window's passage has d of the run: phases w + s (T - 2 d) of a turn. Over s: (w / d / 0.1) (w + (T - 2 d) w / 2 d).
    """
    w, run_s, slip_hz = 1.0 / 60.0, 300.0, 0.1
    chance = (w / delay_s / slip_hz) * (w + (run_s - 2.0 * delay_s) * w / (2.0 * delay_s))
    assert 1.0 / chance == pytest.approx(one_in, rel=0.03)
    draw = random.Random(5)  # noqa: S311  reproducible draws, no secret
    hits, draws = 0, 400_000
    for _ in range(draws):
        # Only slips that can matter; `share` of all of them.
        s = draw.uniform(0.0, w / delay_s)
        enters_s = draw.uniform(-w, 1.0 - w) / s
        hits += min(enters_s + w / s, run_s) - max(enters_s, 0.0) >= delay_s
    assert hits / draws * (w / delay_s / slip_hz) == pytest.approx(chance, rel=0.05)


def test_surges_are_graded_and_use_up_their_protector() -> None:
    """By crest: small, medium, large; several at once by the highest; life in millionths, up to all of it."""
    bench = ProtectionBench()
    for count, crest_v in ((1, 400.0), (2, 650.0), (1, 900.0), (1, math.nan)):
        bench.m.surges, bench.m.surge_v = count, crest_v
        bench.run(1)
    bench.m.surges = 0
    bench.wait(MINUTE)
    assert (bench.s.surges_small, bench.s.surges_medium, bench.s.surges_large) == (1, 2, 2)
    assert bench.s.spd_life == 1_000_000
    assert (bench.s.spd_worn, bench.s.spd_failed) == (1, 0)
    bench.m.spd_failed = 1
    assert bench.run(1).s.spd_failed == 1


def test_a_counter_of_surges_stays_at_its_highest() -> None:
    """No wrap-around, however many a front end says that it counted."""
    bench = ProtectionBench()
    bench.s.surges_small = 2_147_483_000
    bench.m.surges, bench.m.surge_v = 2_000_000_000, 100.0
    assert bench.run(2).s.surges_small == 2_147_483_647
