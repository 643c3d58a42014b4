"""Thermal houses with their meters: the same in CPython and numba, however time is cut, in any hour of weather."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bptm.compiled import kernel as plain_kernel
from bptm.compiled.fleet import SETUP_DTYPE, Fleet, HourlyWeather, default_settings
from bptm.compiled.records import as_tuple, fill_plain, plain_record
from bptm.terms import core_device, core_home, core_plant, core_report, core_settings
from bptm.terms.core_codes import MODE_ON_UTILITY, NEVER_TICKS
from bptm.twin.fleet_houses import furnish_houses, stock_named
from bptm.twin.homes import Draws, furnish
from homes import HOUR, MINUTE, SECOND

COUNT = 14
START_S = 15 * 3600 + 1800
HOT = HourlyWeather(
    first_tick=-(2 * HOUR + HOUR // 2),
    outdoor_c=np.array([33.0, 35.0, 36.5, 37.0, 36.0, 34.0, 31.0, 28.0, 25.0, 23.0, 22.0]),
    sun=np.array([850.0, 800.0, 700.0, 560.0, 400.0, 220.0, 60.0, 0.0, 0.0, 0.0, 0.0]),
)


def houses() -> NDArray[Any]:
    """A few of each climate, every kind of source, one outage of 40 minutes with quick owners; one forgets 240 V."""
    setups = np.zeros(COUNT, SETUP_DTYPE)
    draws = Draws(5, COUNT)
    furnish(setups, draws, np.full(COUNT, 15.0))
    furnish_houses(setups, draws, stock_named("north-carolina"))
    setups["backup_kind"] = np.arange(COUNT) % 6
    setups["backup_rating_w"] = 7000.0
    setups["backup_start_ticks"] = 3 * MINUTE
    setups["backup_run_ticks"] = np.where(np.arange(COUNT) % 2 == 0, NEVER_TICKS, 10 * MINUTE)
    setups["backup_gap_ticks"] = 2 * MINUTE
    setups["backup_stop_ticks"] = 4 * MINUTE
    setups["heavy_left_on"][1] = 1
    setups["inlet_c"] = 18.0
    setups["outages"] = 1
    setups["utility_off_tick"][:, 0] = 7 * MINUTE + 13
    setups["utility_on_tick"][:, 0] = 47 * MINUTE + 5
    return setups


def rows_of(reports: NDArray[np.void]) -> list[tuple[Any, ...]]:
    fields = (("home", "i4", "", ""), *core_report.FIELDS)
    return [as_tuple(row, fields) for row in reports]


def by_home(parts: list[NDArray[np.void]]) -> list[tuple[Any, ...]]:
    whole = np.concatenate(parts)
    return rows_of(whole[np.argsort(whole["home"], kind="stable")])


def plain_run(setups: NDArray[np.void], until: int) -> tuple[list[tuple[Any, ...]], list[Any]]:
    """The same homes as plain objects, hour by hour of weather as the compiled host does it."""
    reports: list[tuple[Any, ...]] = []
    states: list[Any] = []
    fields = (("home", "i4", "", ""), *core_report.FIELDS)
    for home, (row, p_row) in enumerate(zip(setups, default_settings(len(setups)), strict=True)):
        h = plain_record(core_plant.FIELDS)
        u = fill_plain(plain_record(core_home.SETUP_FIELDS), row)
        s, k = plain_record(core_device.DEVICE_FIELDS), plain_record(core_device.INTERLOCK_FIELDS)
        m, r = plain_record(core_device.MEASURED_FIELDS), plain_record(core_device.INTERLOCK_INPUT_FIELDS)
        p = fill_plain(plain_record(core_settings.FIELDS), p_row)
        out = [plain_record(fields) for _ in range(2048)]
        n = 0
        begun = False
        for hour in range(len(HOT.outdoor_c) - 1):
            first = HOT.first_tick + hour * HOUR
            end = min(first + HOUR, until)
            h.weather_tick = first
            h.outdoor_from_c, h.outdoor_to_c = HOT.outdoor_c[hour : hour + 2].tolist()
            h.sun_from, h.sun_to = HOT.sun[hour : hour + 2].tolist()
            if first < 0:
                plain_kernel.settle_all([h], [u], START_S * SECOND, first, min(0, end), 1 if hour == 0 else 0)
            if end > 0 and not begun:
                plain_kernel.begin_home(h, u, s, m, r, p, START_S * SECOND)
                begun = True
            if end > 0:
                n = plain_kernel.advance_home(h, u, s, k, m, r, p, START_S * SECOND, end, out, n, len(out), home)
            if end == until:
                break
        assert h.tick == until
        reports += [as_tuple(o, fields) for o in out[:n]]
        states.append(h)
    return reports, states


def test_cpython_and_numba_give_the_same_house_to_the_bit() -> None:
    """Fourteen houses, half an hour into an hour of weather, through an outage: reports and states are equal."""
    setups = houses()
    until = 75 * MINUTE
    compiled = Fleet.build(setups, START_S, HOT)
    theirs = rows_of(compiled.advance(until))
    ours, states = plain_run(setups, until)
    assert theirs == ours
    for home, h in enumerate(states):
        assert as_tuple(compiled.homes()[home], core_plant.FIELDS) == as_tuple(h, core_plant.FIELDS)


@pytest.mark.slow
def test_a_house_by_single_ticks_is_the_house_by_strides() -> None:
    """Eighteen minutes through loss, transfer and return, tick by tick against strides: equal to the last mode.

    Reports hold every change of mode with its tick, cause and readings; states hold timers, orders and energies.
    """
    setups = houses()
    setups["utility_on_tick"][:, 0] = 10 * MINUTE + 5
    setups["backup_start_ticks"] = MINUTE
    setups["backup_run_ticks"] = NEVER_TICKS
    setups["load_side_generation"] = 0
    single, strided = Fleet.build(setups, START_S, HOT), Fleet.build(setups, START_S, HOT)
    until = 18 * MINUTE
    parts = [single.advance(tick) for tick in range(1, until + 1)]
    by_strides = strided.advance(until)
    assert by_home(parts) == rows_of(by_strides)
    assert single.homes().tobytes() == strided.homes().tobytes()
    there_and_back = strided.ledger()["true_backup_ticks"] > 0
    assert there_and_back.sum() > COUNT // 2
    assert (strided.mode()[there_and_back] == MODE_ON_UTILITY).all()


def test_the_house_does_not_depend_on_how_time_is_cut() -> None:
    """Five hours in odd pieces, across hours of weather, against one piece."""
    setups = houses()
    whole, cut = Fleet.build(setups, START_S, HOT), Fleet.build(setups, START_S, HOT)
    until = 5 * HOUR
    cuts = [1, 7200, 7201, 7 * MINUTE + 13, HOUR // 2, HOUR // 2 + 1, 90 * MINUTE, 3 * HOUR + 77, until]
    parts = [cut.advance(tick) for tick in cuts]
    assert by_home(parts) == rows_of(whole.advance(until))
    assert cut.homes().tobytes() == whole.homes().tobytes()


def test_thermal_houses_without_weather_are_refused() -> None:
    """A house needs weather, and enough of it."""
    setups = houses()
    for weather in (None, HourlyWeather(first_tick=0, outdoor_c=np.zeros(2), sun=np.zeros(2))):
        try:
            Fleet.build(setups, START_S, weather).advance(2 * HOUR)
        except ValueError as error:
            assert "weather" in str(error)  # noqa: PT017 - either call may be the one that refuses
        else:
            msg = "ran without weather"
            raise AssertionError(msg)
