"""How long homes last: each part of the model against its closed form, and Kaplan-Meier by hand."""

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.program import lasting as survival
from bptm.program.lasting import NEEDED, Backup, Range, lasting_h, survivors


def fixed(value: float) -> Range:
    """A value without a range."""
    return Range(value=value, low=value, high=value, distribution="fixed")


def ranges(**given_values: float) -> dict[str, Range]:
    """Everything harmless, but what a test gives: nothing fails, nothing scatters, no fuel but the first."""
    harmless = dict.fromkeys(NEEDED, 1.0) | {
        "start_failure_fraction": 0.0,
        "standby_start_failure_fraction": 0.0,
        "run_failure_h": 1e9,
        "load_w": 1000.0,
        "load_spread_ratio": 0.0,
        "medical_load_w": 0.0,
        "petrol_spread_ratio": 0.0,
        "refuel_fraction": 0.0,
        "ev_refuel_fraction": 0.0,
        "medical_battery_h": 0.0,
        "gas_loss_h": 1e9,
    }
    return {name: fixed(value) for name, value in (harmless | given_values).items()}


def random() -> np.random.Generator:
    """The same draws in every run."""
    return np.random.default_rng(20_191_027)


def lasting(kind: Backup, values: dict[str, Range], *, medical: bool = False, homes: int = 2000) -> np.ndarray:
    """Hours of ten sets of homes."""
    return lasting_h(kind, values, random(), sets=10, homes=homes, medical=medical)


def test_a_full_tank_lasts_as_long_as_arithmetic_says() -> None:
    """ORACLE: 38 l at 0.9 l/h and 0.5 l/kWh with 1 kW: 38 / 1.4 h, for every home."""
    hours = lasting(Backup.PORTABLE, ranges(petrol_at_home_l=38, portable_idle_l_per_hour=0.9, portable_l_per_kwh=0.5))
    assert np.allclose(hours, 38 / 1.4)


def test_engines_that_do_not_start_give_nothing_and_the_rest_fails_at_its_rate() -> None:
    """ORACLE: P(T > t) = (1 - q) exp(-t / m); within four deviations of 20,000 draws."""
    hours = lasting(Backup.PORTABLE, ranges(start_failure_fraction=0.2, run_failure_h=50, petrol_at_home_l=1e9))
    share = survivors(hours, np.array([1e-9, 24.0, 100.0])).mean(axis=0)
    for at, seen in zip((0.0, 24.0, 100.0), share, strict=True):
        expected = 0.8 * exp(-at / 50)
        assert seen == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 20_000) ** 0.5)


def test_fillings_come_again_as_often_as_a_geometric_law_says() -> None:
    """ORACLE: with r = 0.6 the mean is 1 / (1 - r) fillings, P(more than three) = r^3."""
    hours = survival.with_fillings_h(np.full((1, 200_000), 2.0), np.array([[0.6]]), random())
    assert hours.mean() == pytest.approx(2.0 / 0.4, rel=0.02)
    assert (hours > 6.0).mean() == pytest.approx(0.6**3, abs=0.005)


def test_a_battery_is_energy_over_power_and_a_medical_home_draws_more() -> None:
    """ORACLE: 13.5 kWh at 70 % over 1 kW; with 500 W of devices two thirds of it, and 3 h of their own battery."""
    values = ranges(battery_wh=13_500, battery_charge_fraction=0.7, medical_load_w=500, medical_battery_h=3)
    assert np.allclose(lasting(Backup.BATTERY, values), 9.45)
    assert np.allclose(lasting(Backup.BATTERY, values, medical=True), 9.45 / 1.5 + 3)


def test_without_a_source_nothing_lasts() -> None:
    """The share of homes without backup is zero at once."""
    assert not lasting(Backup.NONE, ranges()).any()


def test_solar_that_gives_less_than_the_home_takes_ends_and_more_does_not() -> None:
    """ORACLE: without sun the battery's own hours; with twice the day's energy and a day's battery, for ever."""
    dark = ranges(battery_wh=10_000, battery_charge_fraction=1.0, solar_w=0.0, solar_day_h=0.0)
    assert np.allclose(lasting(Backup.SOLAR_BATTERY, dark, homes=50), 10.0)
    bright = ranges(battery_wh=30_000, battery_charge_fraction=1.0, solar_w=12_000, solar_day_h=4.0)
    assert (lasting(Backup.SOLAR_BATTERY, bright, homes=50) == survival.FOREVER_H).all()


@given(st.lists(st.floats(0, 200), min_size=1, max_size=40), st.lists(st.floats(0, 200), min_size=1, max_size=8))
def test_survivors_count_homes(hours: list[float], at: list[float]) -> None:
    """ORACLE: counted one by one."""
    seen = survivors(np.array([hours]), np.array(at))[0]
    assert seen.tolist() == pytest.approx([sum(one >= instant for one in hours) / len(hours) for instant in at])
