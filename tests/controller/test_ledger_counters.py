"""Operations, wear, outages and the changes of source with their times and causes."""

from math import nan
from typing import Any

import pytest
from ledger_bench import MINUTE, SECOND, Bench

from bptm.terms import core_codes as c
from bptm.terms.core_ledger import CHANGES_MAX
from closed_loop import ClosedLoop


def changes(ledger: Any) -> list[tuple[int, int, int, int, int, int]]:
    """From, to, left at, taken at, cause of leaving, cause of taking: oldest first."""
    count = min(ledger.changes, CHANGES_MAX)
    at = [(ledger.change_next - count + k) % CHANGES_MAX for k in range(count)]
    names = ("from", "to", "lost_tick", "tick", "left_cause", "cause")
    return [tuple(getattr(ledger, f"change_{name}")[k] for name in names) for k in at]  # pyright: ignore[reportReturnType]  # six names


@pytest.mark.parametrize("contact", ["u", "b"])
def test_an_operation_is_a_proved_change_of_position(contact: str) -> None:
    """Closed, unknown, closed: none. Closed, unknown, open: one. The first reading of all: none."""
    bench = Bench()
    counts: list[int] = []
    for reading in (c.CONTACT_CLOSED, c.CONTACT_UNKNOWN, c.CONTACT_CLOSED, c.CONTACT_UNKNOWN, c.CONTACT_OPEN):
        setattr(bench.s, f"{contact}_contact", reading)
        bench.keep(7)
        counts.append(getattr(bench.ledger, f"{contact}_operations"))
    assert counts == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("operations", "level"), [(2999, 0), (3000, 1), (4799, 1), (4800, 2), (5999, 2), (6000, 3), (999999999, 3)]
)
def test_wear_is_told_at_half_four_fifths_and_all_of_the_endurance(operations: int, level: int) -> None:
    """UL 1008: 6,000 operations; alarms at 50, 80 and 100 % (domain.md 2.7)."""
    bench = Bench()
    bench.ledger.u_operations = bench.ledger.b_operations = operations
    bench.keep(1)
    assert (bench.ledger.u_wear, bench.ledger.b_wear) == (level, level)


@pytest.mark.parametrize(
    ("ticks", "momentary", "sustained"),
    [(1, 1, 0), (5 * MINUTE - 1, 1, 0), (5 * MINUTE, 0, 1), (3600 * SECOND, 0, 1)],
)
def test_an_outage_of_five_minutes_is_sustained_and_a_shorter_one_momentary(
    ticks: int, momentary: int, sustained: int
) -> None:
    """IEEE 1366 as California reports it; counted once, on the utility side, while the backup carries the home."""
    bench = Bench()
    bench.keep(100)
    bench.on_backup(500.0)
    bench.keep(ticks)
    bench.on_utility(500.0)
    bench.keep(100)
    ledger = bench.ledger
    assert (ledger.outages_momentary, ledger.outages_sustained) == (momentary, sustained)
    assert (ledger.interrupted_ticks, ledger.outage_began_tick, ledger.outage_ticks) == (ticks, 100, 0)


def test_one_interrupted_leg_is_an_outage_and_a_sag_is_none() -> None:
    """A leg at 11 V is interrupted; both at 13 V (0.108 pu) are in a deep sag."""
    bench = Bench()
    bench.m.utility_l2_v = 11.0
    bench.keep(60)
    bench.m.utility_l1_v = bench.m.utility_l2_v = 13.0
    bench.keep(60)
    assert (bench.ledger.outages_momentary, bench.ledger.interrupted_ticks) == (1, 60)


@pytest.mark.parametrize("reading", [nan, -1.0, float("inf")])
def test_an_unknown_voltage_neither_begins_nor_ends_an_outage(reading: float) -> None:
    """Dark, then unknown, then dark: one outage of both dark parts; unknown from good: none."""
    bench = Bench()
    bench.m.utility_l1_v = reading
    bench.keep(50)
    assert bench.ledger.outage_ticks == 0
    bench.in_the_dark()
    bench.keep(50)
    bench.m.utility_l1_v = reading
    bench.keep(1000)
    assert bench.ledger.outage_ticks == 50
    bench.m.utility_l1_v, bench.m.utility_doubtful = 120.0, 1
    bench.keep(1000)
    assert bench.ledger.outage_ticks == 50


def test_an_outage_with_a_transfer_there_and_back_is_two_changes_with_their_times() -> None:
    """Closed loop, strides as long as they may be. The feeder goes at tick 2400 and returns at 6 min.

    The bus goes dark in the half-cycle after the feeder's switch; each new source is stamped in the first half-cycle in
    which contacts and bus prove it. True times are found in a second loop in single ticks, from the solved contacts.
    """
    setup: dict[str, Any] = {"utility_off_tick": 2400, "utility_on_tick": 6 * MINUTE, "backup_start_ticks": 1200}
    loop = ClosedLoop(**setup)
    loop.run(20 * MINUTE)
    start, there, back = changes(loop.ledger)
    assert start[:2] == (c.FED_BY_NONE, c.FED_BY_UTILITY)
    assert there[:2] == (c.FED_BY_UTILITY, c.FED_BY_BACKUP)
    assert there[4:] == (c.CAUSE_UTILITY_LOST, c.CAUSE_BACKUP_READY)
    assert back[:2] == (c.FED_BY_BACKUP, c.FED_BY_UTILITY)
    assert back[4:] == (c.CAUSE_UTILITY_RESTORED, c.CAUSE_UTILITY_RESTORED)
    true = ClosedLoop(cut=lambda: 1, **setup)
    fed: list[tuple[int, int]] = []
    while true.h.tick < back[3] + 10:
        at = true.h.tick
        true.step()
        # Contacts as they were solved for this half-cycle: travel of the last one has ended before.
        now = 0 if true.h.bus_l1_v < 60 else 1
        if not fed or fed[-1][1] != now:
            fed.append((at, now))
    assert abs(there[2] - 2400) <= 1
    edges = [at for at, _now in fed]
    for stamp in (there[2], there[3], back[3]):
        assert min(abs(stamp - edge) for edge in edges) <= 1
    # Leaving the backup is stamped when the bus is dead; motors keep it above 60 V for at most this long.
    assert min(abs(back[2] - edge) for edge in edges) <= 1


def test_a_dip_is_no_change_of_source_and_a_longer_gap_is_one() -> None:
    """59 ticks of dead bus with no contact moved: nothing; 60 ticks: the utility was lost and restored."""
    bench = Bench()
    bench.keep(10)
    for ticks in (59, 60):
        bench.in_the_dark()
        bench.keep(ticks)
        bench.on_utility(100.0)
        bench.keep(100)
    assert changes(bench.ledger)[1:] == [
        (c.FED_BY_UTILITY, c.FED_BY_UTILITY, 169, 229, c.CAUSE_UTILITY_LOST, c.CAUSE_UTILITY_RESTORED)
    ]


def test_a_failed_backup_and_an_overload_leave_with_their_causes() -> None:
    """The source dies behind a contactor ordered closed: backup lost. Dropped for overload: overload."""
    bench = Bench()
    bench.keep(10)
    for dropped in (False, True):
        bench.s.cause, bench.s.b_order = c.CAUSE_BACKUP_READY, c.ORDER_CLOSE
        bench.on_backup(100.0)
        bench.keep(200)
        bench.s.cause = c.CAUSE_OVERLOAD if dropped else c.CAUSE_TRANSFER_DONE
        bench.s.b_order = c.ORDER_OPEN if dropped else c.ORDER_CLOSE
        bench.volts(utility_v=0.0, bus_v=0.0, inlet_v=0.0)
        bench.keep(200)
    bench.s.cause = c.CAUSE_UTILITY_RESTORED
    bench.on_utility(100.0)
    bench.keep(1)
    assert [change[4:] for change in changes(bench.ledger)[2:]] == [
        (c.CAUSE_BACKUP_LOST, c.CAUSE_BACKUP_READY),
        (c.CAUSE_OVERLOAD, c.CAUSE_UTILITY_RESTORED),
    ]


def test_a_bus_alive_with_both_open_is_fed_from_the_load_side_after_two_seconds() -> None:
    """Stamped at the half-cycle that completes `load_side_ticks`, wherever the stride ends."""
    bench = Bench()
    bench.keep(10)
    bench.s.u_contact = c.CONTACT_OPEN
    bench.keep(10000)
    assert bench.ledger.feed == c.FED_BY_LOAD_SIDE
    assert changes(bench.ledger)[-1][:4] == (c.FED_BY_UTILITY, c.FED_BY_LOAD_SIDE, 249, 249)


def test_the_last_sixteen_changes_stand_and_older_ones_go() -> None:
    """Twenty outages: the first four and the start are gone, the count goes on."""
    bench = Bench()
    for _ in range(20):
        bench.on_utility(0.0)
        bench.keep(100)
        bench.in_the_dark()
        bench.keep(100)
    assert bench.ledger.changes == 20
    assert [change[3] for change in changes(bench.ledger)] == [200 * k for k in range(4, 20)]


def test_times_by_what_fed_the_home() -> None:
    """Two minutes on the utility, three on backup, one dark: each in its own count, the engine's in its own."""
    bench = Bench()
    bench.keep(2 * MINUTE)
    bench.on_backup(100.0)
    bench.keep(3 * MINUTE)
    bench.in_the_dark()
    bench.keep(MINUTE)
    ledger = bench.ledger
    assert (ledger.utility_ticks, ledger.backup_ticks, ledger.dark_ticks) == (2 * MINUTE, 3 * MINUTE, MINUTE)
    assert (ledger.inlet_ticks, ledger.service_ticks) == (3 * MINUTE, 6 * MINUTE)


def test_an_outage_that_goes_on_is_sustained_once() -> None:
    """Exactly five minutes, then a tick more and an hour more: one."""
    bench = Bench()
    bench.in_the_dark()
    for ticks in (5 * MINUTE, 1, 60 * MINUTE):
        bench.keep(ticks)
        assert bench.ledger.outages_sustained == 1
    assert bench.ledger.outages_momentary == 0


def test_a_short_gap_in_which_a_contact_moved_is_a_change() -> None:
    """U opened and closed again within half a second: told, with the cause of the mode."""
    bench = Bench()
    bench.keep(10)
    bench.s.cause, bench.s.u_order = c.CAUSE_TEST_ASKED, c.ORDER_OPEN
    bench.volts(utility_v=120.0, bus_v=0.0, inlet_v=0.0)
    bench.s.u_contact = c.CONTACT_OPEN
    bench.keep(20)
    bench.on_utility(0.0)
    bench.keep(1)
    assert changes(bench.ledger)[-1] == (
        c.FED_BY_UTILITY, c.FED_BY_UTILITY, 10, 30, c.CAUSE_TEST_ASKED, c.CAUSE_TEST_ASKED
    )  # fmt: skip
