"""Demand, load profile and the clock of the ledger."""

import pytest
from ledger_bench import HOUR, MINUTE, QUARTER, Bench

from bptm.controller.ledger import read_for_billing, resume_ledger
from bptm.controller.ledger_intervals import clock, set_clock
from bptm.terms.core_codes import CONTACT_UNKNOWN, FED_BY_NONE
from bptm.terms.core_ledger import (
    CLOCK_END_TICK,
    CLOCK_KNOWN,
    CLOCK_LOST,
    DEMAND_BACKUP,
    DEMAND_UTILITY,
    PROFILE_MAX,
    QUALITY_CLOCK_SET,
    QUALITY_CLOCK_UNKNOWN,
    QUALITY_CONTACTS_UNKNOWN,
    QUALITY_DOUBTFUL,
    QUALITY_PARTIAL,
    QUALITY_POWER_LOST,
)
from bptm.terms.core_report import MWTICKS_PER_WH

NOON_TICK = (1_700_000_000 // 86400 * 86400 + 12 * 3600) * 120
"""A noon, UTC."""


def known_clock(at_tick: int = NOON_TICK, **settings: float) -> Bench:
    """A bench whose clock was set before anything was metered."""
    bench = Bench(**settings)
    assert set_clock(bench.ledger, bench.p, at_tick) == 0
    bench.ledger.interval_flags = 0
    return bench


def profile(bench: Bench) -> list[tuple[int, int, int]]:
    """Begin by the clock, utility energy in Wh, flags: oldest first."""
    ledger = bench.ledger
    count = ledger.profile_count
    at = [(ledger.profile_next - count + k) % PROFILE_MAX for k in range(count)]
    return [
        (ledger.profile_begin_tick[k], ledger.profile_utility_mwticks[k] // MWTICKS_PER_WH, ledger.profile_flags[k])
        for k in at
    ]


def test_a_sliding_window_sees_what_blocks_divide() -> None:
    """6 kW from minute 10 to 20. Closed form: blocks of 15 min have 2 kW each, the window from 5 to 20 has 4 kW."""
    bench = known_clock()
    bench.keep(10 * MINUTE)
    bench.power(6000.0)
    bench.keep(10 * MINUTE)
    bench.power(0.0)
    bench.keep(10 * MINUTE)
    ledger = bench.ledger
    assert ledger.peak_block_mw == [2_000_000, 0]
    assert ledger.peak_sliding_mw == [4_000_000, 0]
    assert ledger.peak_block_tick[DEMAND_UTILITY] == 15 * MINUTE
    assert ledger.peak_sliding_tick[DEMAND_UTILITY] == 20 * MINUTE


def test_the_first_of_two_equal_peaks_keeps_its_tick() -> None:
    """A constant kilowatt for an hour: the highest demand stands at the end of the first block."""
    bench = known_clock()
    bench.power(1000.0)
    bench.keep(HOUR)
    assert bench.ledger.peak_block_mw[DEMAND_UTILITY] == 1_000_000
    assert bench.ledger.peak_block_tick[DEMAND_UTILITY] == QUARTER


def test_demand_on_backup_is_not_billed_demand() -> None:
    """5 kW on backup leave the utility's demand at what it was."""
    bench = known_clock()
    bench.on_backup(5000.0)
    bench.keep(HOUR)
    assert bench.ledger.peak_block_mw == [0, 5_000_000]
    assert bench.ledger.peak_sliding_mw[DEMAND_BACKUP] == 5_000_000


def test_a_billing_read_keeps_the_peak_and_begins_a_new_one() -> None:
    """3 kW, read, then 1 kW: the read has 3 kW and its tick, the new peak is 1 kW, registers go on."""
    bench = known_clock()
    bench.power(3000.0)
    bench.keep(QUARTER)
    read_for_billing(bench.ledger)
    bench.power(1000.0)
    bench.keep(QUARTER)
    ledger = bench.ledger
    assert (ledger.reads, ledger.read_tick) == (1, QUARTER)
    assert (ledger.read_peak_block_mw[0], ledger.read_peak_block_tick[0]) == (3_000_000, QUARTER)
    assert ledger.peak_block_mw[0] == 1_000_000
    assert ledger.read_in_mwticks[1] == 750 * MWTICKS_PER_WH
    assert ledger.in_mwticks[1] == 1000 * MWTICKS_PER_WH


def test_a_day_is_96_intervals_and_the_next_day_replaces_it() -> None:
    """25 h at 1 kW in one call: 96 whole intervals of 250 Wh, the oldest beginning at 13:00 of the first day."""
    bench = known_clock()
    bench.power(1000.0)
    bench.keep(25 * HOUR)
    intervals = profile(bench)
    assert len(intervals) == PROFILE_MAX
    assert intervals[0] == (NOON_TICK + HOUR, 250, 0)
    assert [begin for begin, _wh, _flags in intervals] == [NOON_TICK + HOUR + k * QUARTER for k in range(PROFILE_MAX)]
    assert {(wh, flags) for _begin, wh, flags in intervals} == {(250, 0)}


def test_the_intervals_of_the_profile_and_the_one_under_way_are_the_register() -> None:
    """LAW-8 in time: what the profile has is what the registers have, by channel."""
    bench = known_clock()
    for put, power_w in ((bench.on_utility, 900.0), (bench.on_backup, 700.0), (bench.on_utility, 1100.0)):
        put(power_w)
        bench.keep(7 * QUARTER // 3)
        bench.s.u_contact = CONTACT_UNKNOWN
        bench.keep(100)
    ledger = bench.ledger
    for name, register in (
        ("utility", ledger.in_mwticks[1]),
        ("backup", ledger.in_mwticks[2]),
        ("unassigned", ledger.in_mwticks[0]),
    ):
        assert sum(getattr(ledger, f"profile_{name}_mwticks")) + getattr(ledger, f"interval_{name}_mwticks") == register
    assert sum(bool(flags & QUALITY_CONTACTS_UNKNOWN) for _begin, _wh, flags in profile(bench)) >= 2


def test_only_the_interval_with_the_doubt_is_marked() -> None:
    """A power that cannot be, for a second of the second quarter: marked there and nowhere else."""
    bench = known_clock()
    bench.power(1000.0)
    bench.keep(QUARTER + 1000)
    bench.m.premise_w = float("nan")
    bench.keep(120)
    bench.m.premise_w = 1000.0
    bench.keep(2 * QUARTER)
    assert [flags for _begin, _wh, flags in profile(bench)] == [0, QUALITY_DOUBTFUL, 0]


def test_a_clock_never_set_counts_from_the_installation_and_says_so() -> None:
    """Without a clock intervals are whole and marked; the first setting cuts one and invents no years between."""
    bench = Bench()
    bench.power(1000.0)
    bench.keep(QUARTER + 2 * MINUTE)
    assert profile(bench) == [(0, 250, QUALITY_CLOCK_UNKNOWN)]
    assert set_clock(bench.ledger, bench.p, NOON_TICK + 7 * MINUTE) == 0
    bench.keep(8 * MINUTE)
    cut, short = profile(bench)[1:]
    assert cut == (QUARTER, 33, QUALITY_CLOCK_UNKNOWN | QUALITY_CLOCK_SET | QUALITY_PARTIAL)
    assert short == (NOON_TICK + 7 * MINUTE, 133, QUALITY_CLOCK_SET | QUALITY_PARTIAL)
    assert bench.ledger.tick == QUARTER + 10 * MINUTE


@pytest.mark.parametrize("step", [-HOUR, -3 * MINUTE, -121, 121, 3 * MINUTE, HOUR, 400 * 24 * HOUR])
def test_a_step_of_the_clock_moves_no_energy_no_tick_and_no_demand_up(step: int) -> None:
    """LAW-10: 1 kW throughout. Registers and `tick` as without the step, and no demand above 1 kW."""
    bench = known_clock()
    bench.power(1000.0)
    bench.keep(2 * HOUR + 7 * MINUTE)
    assert set_clock(bench.ledger, bench.p, clock(bench.ledger) + step) == 0
    bench.keep(2 * HOUR)
    ledger = bench.ledger
    assert ledger.tick == 4 * HOUR + 7 * MINUTE
    assert ledger.in_mwticks[1] == 1_000_000 * (4 * HOUR + 7 * MINUTE)
    assert clock(ledger) == NOON_TICK + 4 * HOUR + 7 * MINUTE + step
    assert ledger.peak_block_mw[0] == ledger.peak_sliding_mw[0] == 1_000_000
    assert max(ledger.profile_ticks) <= QUARTER
    assert (
        any(flags & QUALITY_CLOCK_SET for _begin, _wh, flags in profile(bench)) or ledger.profile_count == PROFILE_MAX
    )


def test_a_step_forward_leaves_empty_intervals_and_one_back_repeats_them() -> None:
    """Three hours forward at 12:07: the cut quarter, 11 empty ones; then 2 hours back: begins twice the same."""
    bench = known_clock()
    bench.power(1000.0)
    bench.keep(7 * MINUTE)
    set_clock(bench.ledger, bench.p, clock(bench.ledger) + 3 * HOUR)
    begins = [begin for begin, _wh, _flags in profile(bench)]
    assert begins == [NOON_TICK + k * QUARTER for k in range(12)]
    assert all(flags & QUALITY_CLOCK_SET for _begin, _wh, flags in profile(bench))
    bench.keep(8 * MINUTE)
    set_clock(bench.ledger, bench.p, clock(bench.ledger) - 2 * HOUR)
    bench.keep(QUARTER)
    assert profile(bench)[-1][0] == NOON_TICK + HOUR + QUARTER
    assert bench.ledger.in_mwticks[1] == 1_000_000 * 30 * MINUTE


def test_a_clock_that_is_nearly_right_is_left_alone() -> None:
    """Within a second nothing changes; a tick more sets it."""
    bench = known_clock()
    bench.keep(MINUTE)
    before = clock(bench.ledger)
    for step in (-120, 120):
        assert set_clock(bench.ledger, bench.p, before + step) == 0
        assert clock(bench.ledger) == before
    assert set_clock(bench.ledger, bench.p, before - 121) == 0
    assert clock(bench.ledger) == before - 121


@pytest.mark.parametrize("at_tick", [-1, CLOCK_END_TICK + 1, 2**62])
def test_a_time_that_cannot_be_is_refused(at_tick: int) -> None:
    """Refused with 1, and nothing changed."""
    bench = known_clock()
    assert set_clock(bench.ledger, bench.p, at_tick) == 1
    assert clock(bench.ledger) == NOON_TICK


def test_an_hour_without_power_is_marked_dark_and_an_outage() -> None:
    """Lost at 12:05, back at 13:05: quarters marked, dark for the hour, one sustained outage, the tick gone on."""
    bench = known_clock()
    bench.power(1000.0)
    bench.keep(5 * MINUTE)
    resume_ledger(bench.ledger, bench.p, HOUR)
    bench.on_utility(1000.0)
    bench.keep(25 * MINUTE)
    ledger = bench.ledger
    intervals = profile(bench)
    assert [begin for begin, _wh, _flags in intervals] == [NOON_TICK + k * QUARTER for k in range(4)] + [
        NOON_TICK + HOUR + 5 * MINUTE,
        NOON_TICK + HOUR + QUARTER,
    ]
    assert all(flags & QUALITY_POWER_LOST for _begin, _wh, flags in intervals[:5])
    assert not intervals[5][2] & QUALITY_POWER_LOST
    assert [wh for _begin, wh, _flags in intervals] == [83, 0, 0, 0, 166, 250]
    assert (ledger.power_losses, ledger.outages_sustained, ledger.outages_momentary) == (1, 1, 0)
    assert ledger.dark_ticks == ledger.interrupted_ticks == HOUR
    assert ledger.tick == 90 * MINUTE
    assert ledger.service_ticks == 30 * MINUTE


def test_power_lost_for_an_unknown_time_is_known_when_the_clock_is_set() -> None:
    """No clock of its own survived: marked at once, and the first setting shows the two hours that passed."""
    bench = known_clock()
    bench.keep(5 * MINUTE)
    resume_ledger(bench.ledger, bench.p, -1)
    assert bench.ledger.feed == FED_BY_NONE
    bench.keep(MINUTE)
    assert bench.ledger.clock_known == CLOCK_LOST
    assert bench.ledger.interval_flags & QUALITY_CLOCK_UNKNOWN
    set_clock(bench.ledger, bench.p, NOON_TICK + 2 * HOUR + 6 * MINUTE)
    assert bench.ledger.clock_known == CLOCK_KNOWN
    assert bench.ledger.tick == 2 * HOUR + 6 * MINUTE
    assert bench.ledger.dark_ticks == 2 * HOUR
    assert len(profile(bench)) == 8


def test_a_sliding_window_does_not_reach_back_over_a_gap() -> None:
    """6 kW for ten minutes, an hour without power, 6 kW for five: the window then has five minutes, 2 kW, and not 6."""
    bench = known_clock()
    bench.power(6000.0)
    bench.keep(10 * MINUTE)
    resume_ledger(bench.ledger, bench.p, HOUR)
    bench.power(6000.0)
    bench.keep(5 * MINUTE)
    assert bench.ledger.last_sliding_mw[DEMAND_UTILITY] == 2_000_000
    assert bench.ledger.peak_sliding_mw[DEMAND_UTILITY] == 4_000_000
