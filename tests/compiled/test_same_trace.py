"""One source, two lives: the same trace in CPython and in numba, however time is cut."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bptm.compiled import kernel as plain_kernel
from bptm.compiled.fleet import Fleet, default_settings
from bptm.compiled.records import as_tuple, fill_plain, plain_record
from bptm.terms import core_device, core_home, core_plant, core_report, core_settings
from homes import HOUR, MINUTE, SECOND, homes

KINDS = [0, 1, 2, 3, 4, 5, 1, 1, 2, 1]
"""Every kind of backup, then one home each with a weld, a lying feedback, solar, and too much load."""


def varied_homes() -> NDArray[np.void]:
    setups = homes(len(KINDS), backup_kind=KINDS)
    setups["u_weld"][6] = 3
    setups["u_feedback_stuck_closed"][7] = 1
    setups["solar_w"][8] = 5000.0
    setups["heavy_left_on"][9] = 1
    setups["heavy_w"][9] = 9600.0
    setups["backup_run_ticks"][1] = 3 * MINUTE
    setups["backup_gap_ticks"][1] = MINUTE
    return setups


class PlainFleet:
    """The same homes as plain Python objects, run by the plain kernel."""

    def __init__(self, setups: NDArray[np.void], start_second_of_day: int) -> None:
        self.start = start_second_of_day * SECOND
        self.records: list[tuple[Any, ...]] = []
        for row, p_row in zip(setups, default_settings(len(setups)), strict=True):
            h = plain_record(core_plant.FIELDS)
            u = fill_plain(plain_record(core_home.SETUP_FIELDS), row)
            s = plain_record(core_device.DEVICE_FIELDS)
            k = plain_record(core_device.INTERLOCK_FIELDS)
            m = plain_record(core_device.MEASURED_FIELDS)
            r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
            p = fill_plain(plain_record(core_settings.FIELDS), p_row)
            plain_kernel.begin_home(h, u, s, m, r, p, self.start)
            self.records.append((h, u, s, k, m, r, p))

    def advance(self, until_tick: int) -> list[tuple[Any, ...]]:
        reports: list[tuple[Any, ...]] = []
        fields = (("home", "i4", "", ""), *core_report.FIELDS)
        for home, (h, u, s, k, m, r, p) in enumerate(self.records):
            out = [plain_record(fields) for _ in range(4096)]
            n = plain_kernel.advance_home(h, u, s, k, m, r, p, self.start, until_tick, out, 0, len(out), home)
            assert h.tick == until_tick
            reports += [as_tuple(o, fields) for o in out[:n]]
        return reports


def rows_of(reports: NDArray[np.void]) -> list[tuple[Any, ...]]:
    fields = (("home", "i4", "", ""), *core_report.FIELDS)
    return [as_tuple(row, fields) for row in reports]


def by_home(parts: list[NDArray[np.void]]) -> list[tuple[Any, ...]]:
    whole = np.concatenate(parts)
    return rows_of(whole[np.argsort(whole["home"], kind="stable")])


@pytest.mark.slow
def test_cpython_and_numba_give_the_same_reports_to_the_bit() -> None:
    """Every kind of home through an outage of nine minutes and half an hour after: all reports and states equal."""
    setups = varied_homes()
    compiled = Fleet.build(setups, 17 * 3600)
    plain = PlainFleet(setups, 17 * 3600)
    until = 40 * MINUTE
    assert rows_of(compiled.advance(until)) == plain.advance(until)
    a = compiled._a
    for home, (h, _u, s, k, *_rest) in enumerate(plain.records):
        assert as_tuple(a["home"][home], core_plant.FIELDS) == as_tuple(h, core_plant.FIELDS)
        assert as_tuple(a["device"][home], core_device.DEVICE_FIELDS) == as_tuple(s, core_device.DEVICE_FIELDS)
        assert as_tuple(a["interlock"][home], core_device.INTERLOCK_FIELDS) == as_tuple(k, core_device.INTERLOCK_FIELDS)


@pytest.mark.slow
def test_single_ticks_and_strides_give_the_same_reports() -> None:
    """Twenty minutes by single ticks against free strides: reports equal, so modes, timers, orders, energies too."""
    setups = varied_homes()
    single, strided = Fleet.build(setups, 17 * 3600), Fleet.build(setups, 17 * 3600)
    until = 20 * MINUTE
    parts = [single.advance(tick) for tick in range(1, until + 1)]
    assert by_home(parts) == rows_of(strided.advance(until))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.integers(1, 26 * HOUR), max_size=30), start=st.integers(0, 86399))
def test_the_result_does_not_depend_on_how_time_is_cut(cuts: list[int], start: int) -> None:
    """Any cutting of a day into calls gives the same reports and the same ledger."""
    setups = varied_homes()
    setups["utility_off_tick"][:, 0] = HOUR
    setups["utility_on_tick"][:, 0] = 19 * HOUR
    setups["backup_run_ticks"] = 5 * HOUR
    setups["backup_gap_ticks"] = HOUR // 4
    whole, cut = Fleet.build(setups, start), Fleet.build(setups, start)
    until = 26 * HOUR
    parts = [cut.advance(tick) for tick in [*sorted(cuts), until]]
    assert by_home(parts) == rows_of(whole.advance(until))
    assert cut.ledger().tolist() == whole.ledger().tolist()


def test_a_checkpoint_goes_on_as_if_nothing_had_happened() -> None:
    """State through bytes in the middle of a transfer: the rest of the run is the same."""
    setups = varied_homes()
    whole, first = Fleet.build(setups, 0), Fleet.build(setups, 0)
    middle = MINUTE + 2 * MINUTE + 11 * SECOND
    head = first.advance(middle)
    second = Fleet.from_bytes(setups, first.to_bytes())
    tail = second.advance(20 * MINUTE)
    assert by_home([head, tail]) == rows_of(whole.advance(20 * MINUTE))


def test_a_checkpoint_of_other_homes_is_refused() -> None:
    """A state with another number of meters does not load."""
    raw = Fleet.build(homes(3), 0).to_bytes()
    with pytest.raises(ValueError, match="--fresh"):
        Fleet.from_bytes(homes(2), raw)
