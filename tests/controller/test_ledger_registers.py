"""Registers of the ledger: every milliwatt-tick in one of them, and no source's energy in another's (LAW-8)."""

from math import inf, nan
from typing import Any

import pytest
from ledger_bench import HOUR, MINUTE, Bench, image

import closed_loop
from bptm.controller.ledger import keep_ledger, rolled, used_between
from bptm.terms.core_codes import (
    BACKUP_BATTERY,
    BACKUP_PORTABLE,
    BACKUP_STANDBY,
    CONTACT_CLOSED,
    CONTACT_OPEN,
    CONTACT_UNKNOWN,
)
from bptm.terms.core_ledger import (
    COUNT_END,
    QUALITY_CONTACTS_UNKNOWN,
    QUALITY_DOUBTFUL,
    REGISTER_END,
    SOURCE_BACKUP,
    SOURCE_UNASSIGNED,
    SOURCE_UTILITY,
    SOURCES,
)
from bptm.terms.core_report import MWTICKS_PER_WH
from closed_loop import ClosedLoop


def test_an_hour_at_a_kilowatt_is_a_kilowatt_hour_of_the_source_that_fed_it() -> None:
    """1 kW for an hour on each source: 1,000 Wh in each register, 500 on each leg, none elsewhere."""
    bench = Bench()
    bench.on_utility(1000.0)
    bench.keep(HOUR)
    bench.on_backup(1000.0)
    bench.keep(HOUR)
    kwh = 1000 * MWTICKS_PER_WH
    assert bench.ledger.in_mwticks == [0, kwh, kwh]
    assert bench.ledger.l1_in_mwticks == bench.ledger.l2_in_mwticks == [0, kwh // 2, kwh // 2]
    assert bench.ledger.form2s_in_mwticks == [0, kwh, kwh]
    assert bench.ledger.out_mwticks == [0, 0, 0]
    assert (bench.ledger.total_in_mwticks, bench.ledger.total_out_mwticks) == (2 * kwh, 0)


def test_export_never_reduces_what_was_taken() -> None:
    """2 kW out of the premise for half an hour: 1 kWh in `out`, the leg registers with it, `in` as it was."""
    bench = Bench()
    bench.on_utility(1000.0)
    bench.keep(HOUR)
    bench.power(-2000.0)
    bench.keep(HOUR // 2)
    kwh = 1000 * MWTICKS_PER_WH
    assert (bench.ledger.in_mwticks[SOURCE_UTILITY], bench.ledger.out_mwticks[SOURCE_UTILITY]) == (kwh, kwh)
    assert bench.ledger.l1_out_mwticks[SOURCE_UTILITY] == kwh // 2
    assert bench.ledger.form2s_out_mwticks[SOURCE_UTILITY] == kwh


@pytest.mark.parametrize(
    ("power_w", "reactive_var", "quadrant"),
    [(1000.0, 300.0, 0), (-1000.0, 300.0, 1), (-1000.0, -300.0, 2), (1000.0, -300.0, 3)],
)
def test_reactive_energy_goes_to_its_quadrant(power_w: float, reactive_var: float, quadrant: int) -> None:
    """IEC 62053-23 Annex C: import lagging I, export lagging II, export leading III, import leading IV; 300 varh."""
    bench = Bench()
    bench.on_backup(power_w, reactive_var)
    bench.keep(HOUR)
    expected = [0] * (4 * SOURCES)
    expected[4 * SOURCE_BACKUP + quadrant] = 300 * MWTICKS_PER_WH
    assert bench.ledger.quadrant_mvarticks == expected


def test_against_a_closed_form_a_2s_meter_errs_with_unequal_legs() -> None:
    """Legs of 118 and 122 V, 20 A on leg 1 only, in phase: V12 I1 / 2 = 2,400 W where two elements have 2,360 W."""
    bench = Bench()
    bench.on_utility(2360.0)
    bench.m.bus_l1_v, bench.m.bus_l2_v, bench.m.bus_l12_v = 118.0, 122.0, 240.0
    bench.m.l1_w, bench.m.l2_w = 2360.0, 0.0
    bench.keep(HOUR)
    assert bench.ledger.in_mwticks[SOURCE_UTILITY] == 2360 * MWTICKS_PER_WH
    assert bench.ledger.form2s_in_mwticks[SOURCE_UTILITY] == pytest.approx(2400 * MWTICKS_PER_WH, rel=1e-6)


def test_a_dead_leg_adds_nothing_to_the_2s_register() -> None:
    """Leg 2 dead: V12 is V1, and the one coil sees half of the power of leg 1."""
    bench = Bench()
    bench.on_utility(1000.0)
    bench.m.bus_l2_v, bench.m.bus_l12_v = 0.0, 120.0
    bench.m.l1_w, bench.m.l2_w = 1000.0, 0.0
    bench.keep(HOUR)
    assert bench.ledger.form2s_in_mwticks[SOURCE_UTILITY] == pytest.approx(500 * MWTICKS_PER_WH, rel=1e-6)


@pytest.mark.parametrize(
    ("u_contact", "b_contact"),
    [
        (CONTACT_UNKNOWN, CONTACT_OPEN),
        (CONTACT_OPEN, CONTACT_UNKNOWN),
        (CONTACT_UNKNOWN, CONTACT_CLOSED),
        (CONTACT_CLOSED, CONTACT_UNKNOWN),
        (CONTACT_CLOSED, CONTACT_CLOSED),
        (CONTACT_OPEN, CONTACT_OPEN),
    ],
)
def test_without_both_contacts_proved_nobody_is_billed(u_contact: int, b_contact: int) -> None:
    """LAW-8: with a contact unknown, or both the same, all energy is unassigned and the interval says unknown."""
    bench = Bench()
    bench.on_utility(1000.0)
    bench.s.u_contact, bench.s.b_contact = u_contact, b_contact
    bench.keep(MINUTE)
    bench.power(-500.0)
    bench.keep(MINUTE)
    minute_wh = MWTICKS_PER_WH // 60
    assert bench.ledger.in_mwticks == [1000 * minute_wh, 0, 0]
    assert bench.ledger.out_mwticks == [500 * minute_wh, 0, 0]
    assert bench.ledger.interval_unassigned_mwticks == 1500 * minute_wh
    unknown = CONTACT_UNKNOWN in {u_contact, b_contact}
    assert bool(bench.ledger.interval_flags & QUALITY_CONTACTS_UNKNOWN) == unknown


@pytest.mark.parametrize("power_w", [nan, inf, -inf, 1e30, -1e30, 600000.1])
def test_a_power_that_cannot_be_is_no_energy(power_w: float) -> None:
    """No register moves, the time is counted as unmetered and the interval is marked."""
    bench = Bench()
    bench.power(power_w)
    bench.keep(MINUTE)
    ledger = bench.ledger
    assert (ledger.total_in_mwticks, ledger.total_out_mwticks, sum(ledger.in_mwticks)) == (0, 0, 0)
    assert (ledger.unmetered_ticks, ledger.doubtful_ticks) == (MINUTE, MINUTE)
    assert ledger.interval_flags & QUALITY_DOUBTFUL


@pytest.mark.parametrize("name", ["l1_w", "l2_w", "l1_var", "l2_var", "bus_l1_v", "bus_l12_v"])
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_bad_leg_spoils_its_own_register_only(name: str, value: float) -> None:
    """The two-element register goes on; a leg, reactive or 2S register adds what is still known, never less than 0."""
    bench = Bench()
    bench.on_utility(1000.0, 300.0)
    setattr(bench.m, name, value)
    bench.keep(HOUR)
    assert bench.ledger.in_mwticks[SOURCE_UTILITY] == 1000 * MWTICKS_PER_WH
    assert all(isinstance(x, int) and x >= 0 for x in _numbers(image(bench.ledger)))


@pytest.mark.parametrize("name", ["bus_doubtful", "current_doubtful"])
def test_doubtful_energy_counts_and_is_marked(name: str) -> None:
    """What a doubtful channel reads counts, since a bill without it would be wrong too; interval and time say so."""
    bench = Bench()
    bench.on_utility(1000.0)
    setattr(bench.m, name, 1)
    bench.keep(MINUTE)
    assert bench.ledger.in_mwticks[SOURCE_UTILITY] > 0
    assert bench.ledger.doubtful_ticks == MINUTE
    assert bench.ledger.interval_flags & QUALITY_DOUBTFUL


def _numbers(values: tuple[Any, ...]) -> list[int]:
    return [x for value in values for x in (value if isinstance(value, tuple) else (value,))]


def test_every_register_rolls_over_like_dials_and_never_goes_negative() -> None:
    """All registers one Wh below their end: the hour's energy is theirs again from 0, and a difference still right."""
    bench = Bench()
    almost = REGISTER_END - MWTICKS_PER_WH
    for name in vars(type(bench.ledger))["__slots__"]:
        if name.endswith(("_mwticks", "_mvarticks")) and not name.startswith(("sub", "block", "interval", "profile")):
            value = getattr(bench.ledger, name)
            setattr(bench.ledger, name, [almost] * len(value) if isinstance(value, list) else almost)
    for put in (bench.on_utility, bench.on_backup):
        for sign in (1.0, -1.0):
            put(sign * 1000.0, sign * 300.0)
            bench.keep(HOUR)
    kwh = 1000 * MWTICKS_PER_WH
    assert bench.ledger.in_mwticks[SOURCE_UTILITY] == kwh - MWTICKS_PER_WH
    assert used_between(almost, bench.ledger.in_mwticks[SOURCE_UTILITY]) == kwh
    assert bench.ledger.total_in_mwticks == 2 * kwh - MWTICKS_PER_WH
    assert bench.ledger.in_mwticks[SOURCE_UNASSIGNED] == almost
    assert min(_numbers(image(bench.ledger))) >= 0


def test_a_register_has_room_for_the_largest_addition_before_it_rolls() -> None:
    """The end of a register and the most that one piece can add stay below 2^63, by the settings' own limits."""
    most_mw, most_ticks = 2000000 * 1000, 108000
    assert REGISTER_END + most_mw * most_ticks < 2**63
    assert rolled(REGISTER_END) == 0
    assert rolled(REGISTER_END - 1) == REGISTER_END - 1
    years = REGISTER_END / (48000 * MWTICKS_PER_WH) / (365.25 * 24)
    assert years == pytest.approx(23.8, abs=0.05)


def test_every_count_stays_at_its_end() -> None:
    """All counts at COUNT_END: a transfer, an outage, a start and a billing read leave them there, below 2^31."""
    assert COUNT_END < 2**31
    loop = ClosedLoop(utility_on_tick=4 * MINUTE)
    counts = ("u_operations", "b_operations", "outages_momentary", "outages_sustained", "changes")
    for name in counts:
        setattr(loop.ledger, name, COUNT_END)
    loop.run(9 * MINUTE)
    assert [getattr(loop.ledger, name) for name in counts] == [COUNT_END] * len(counts)
    assert loop.s.transfers == 1


def test_zero_and_negative_times_change_nothing() -> None:
    """A host that strides by nothing, or backwards, enters nothing."""
    bench = Bench()
    bench.power(1000.0)
    before = image(bench.ledger)
    bench.keep(0)
    bench.keep(-5)
    assert image(bench.ledger) == before


class _ReadOnly:
    """A record that can be read; to write it raises."""

    __slots__ = ("record",)

    def __init__(self, record: Any) -> None:
        object.__setattr__(self, "record", record)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "record"), name)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"the ledger wrote {name}"
        raise AssertionError(msg)


def test_the_ledger_only_reads_device_and_measured_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a transfer there and back, outage included, with records that raise when they are written."""

    def guarded(ledger: Any, s: Any, m: Any, p: Any, ticks: int) -> None:
        keep_ledger(ledger, _ReadOnly(s), _ReadOnly(m), _ReadOnly(p), ticks)

    with pytest.raises(AssertionError, match="wrote mode"):
        _ReadOnly(Bench().s).mode = 1
    monkeypatch.setattr(closed_loop, "keep_ledger", guarded)
    loop = ClosedLoop(utility_on_tick=5 * MINUTE)
    loop.run(20 * MINUTE)
    assert loop.s.transfers == 1
    assert loop.ledger.service_ticks > 15 * MINUTE


@pytest.mark.parametrize("seed", range(6))
def test_registers_agree_with_the_energy_through_each_contactor(seed: int) -> None:
    """LAW-8, closed loop: within 0.2 % of the solved circuit's energy by source, and equal to the device's registers.

    Three outages; true energy is counted at the solved contactors, whatever the meter thinks. What flows while a
    contact travels is unassigned, so that both sides agree in total.
    """
    on, off = [1, 14, 30], [9, 20, 36]
    loop = ClosedLoop(
        outages=3,
        seed=seed * 7919 + 1,
        backup_kind=[BACKUP_PORTABLE, BACKUP_BATTERY, BACKUP_STANDBY][seed % 3],
        backup_start_ticks=MINUTE,
        solar_w=3000.0 if seed >= 3 else 0.0,
        utility_off_tick=[MINUTE * x for x in on] + [0] * 9,
        utility_on_tick=[MINUTE * x for x in off] + [0] * 9,
    )
    loop.run(HOUR)
    ledger, h, s = loop.ledger, loop.h, loop.s
    assert s.transfers >= 2
    for mine, true in (
        (ledger.in_mwticks[SOURCE_UTILITY], h.utility_in_mwticks),
        (ledger.in_mwticks[SOURCE_BACKUP], h.backup_in_mwticks),
    ):
        assert true > 100 * MWTICKS_PER_WH
        assert mine == pytest.approx(true, rel=0.002)
    assert sum(ledger.in_mwticks) == ledger.total_in_mwticks
    assert sum(ledger.out_mwticks) == ledger.total_out_mwticks
    assert (s.utility_in_mwticks, s.backup_in_mwticks) == tuple(ledger.in_mwticks[1:])
    assert (s.utility_out_mwticks, s.backup_out_mwticks) == tuple(ledger.out_mwticks[1:])
    assert s.unassigned_mwticks == ledger.in_mwticks[0] + ledger.out_mwticks[0]


@pytest.mark.parametrize("source", ["on_utility", "on_backup"])
def test_power_on_a_bus_that_is_not_live_is_nobody_s(source: str) -> None:
    """Both contacts proved, bus at 50 V: what the current sensors still say is unassigned, as in the device."""
    bench = Bench()
    getattr(bench, source)(1000.0)
    bench.s.bus_live = 0
    bench.keep(HOUR)
    assert bench.ledger.in_mwticks == [1000 * MWTICKS_PER_WH, 0, 0]


def test_legs_that_go_opposite_ways_are_netted_in_two_elements_and_not_in_their_own() -> None:
    """Leg 1 takes 2 kW while leg 2 gives 500 W, an hour: 1,500 Wh in two elements, 2,000 in and 500 out by leg."""
    bench = Bench()
    bench.on_utility(1500.0)
    bench.m.l1_w, bench.m.l2_w = 2000.0, -500.0
    bench.keep(HOUR)
    bench.m.premise_w, bench.m.l1_w, bench.m.l2_w = -100.0, -300.0, 200.0
    bench.keep(HOUR)
    ledger = bench.ledger
    by_leg = [
        register[SOURCE_UTILITY] // MWTICKS_PER_WH
        for register in (ledger.l1_in_mwticks, ledger.l1_out_mwticks, ledger.l2_in_mwticks, ledger.l2_out_mwticks)
    ]
    assert by_leg == [2000, 300, 200, 500]
    assert ledger.in_mwticks[SOURCE_UTILITY] == 1500 * MWTICKS_PER_WH
    assert ledger.out_mwticks[SOURCE_UTILITY] == 100 * MWTICKS_PER_WH
