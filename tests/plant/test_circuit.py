"""The home's circuit against closed forms."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.plant.circuit import DEAD_FEEDER_OHM, solve_leg, through_backup_a, through_utility_a

VOLTS = st.floats(90.0, 140.0)
OHMS = st.floats(0.01, 0.5)
WATTS = st.floats(0.0, 12000.0)


@given(service_v=VOLTS, service_ohm=OHMS, load_w=WATTS)
def test_the_service_divides_its_voltage_with_the_load(service_v: float, service_ohm: float, load_w: float) -> None:
    """U closed on a live feeder: the voltage divider, in closed form."""
    bus_v = solve_leg(service_v, service_ohm, 1, 0.0, 0.1, 0, load_w, 0.0, 1, 0)
    conductance = load_w / 14400.0
    assert bus_v == pytest.approx(service_v / (1.0 + service_ohm * conductance), rel=1e-12)


@given(
    service_v=VOLTS,
    source_v=VOLTS,
    service_ohm=OHMS,
    source_ohm=OHMS,
    load_w=WATTS,
    solar_a=st.floats(0.0, 40.0),
    switches=st.sampled_from(list(product((0, 1), repeat=4))),
)
def test_currents_into_the_bus_sum_to_zero(
    service_v: float,
    source_v: float,
    service_ohm: float,
    source_ohm: float,
    load_w: float,
    solar_a: float,
    switches: tuple[int, int, int, int],
) -> None:
    """Kirchhoff, for every position of both contactors, feeder on or dead, source on or off."""
    feeder_on, source_on, u_closed, b_closed = switches
    if u_closed == 0 and (b_closed == 0 or source_on == 0):
        solar_a = 0.0
    bus_v = solve_leg(
        service_v, service_ohm, feeder_on, source_v, source_ohm, source_on, load_w, solar_a, u_closed, b_closed
    )
    into = (
        through_utility_a(bus_v, service_v, service_ohm, feeder_on, u_closed)
        + through_backup_a(bus_v, source_v, source_ohm, source_on, b_closed)
        + solar_a
    )
    assert into == pytest.approx(bus_v * load_w / 14400.0, abs=1e-6)


def test_a_generator_behind_a_closed_utility_contact_energises_the_dead_feeder() -> None:
    """The hazard itself is in the circuit: 120 V behind 0.1 ohm into a dead feeder leaves 100 V on the line."""
    bus_v = solve_leg(0.0, 0.05, 0, 120.0, 0.1, 1, 0.0, 0.0, 1, 1)
    assert bus_v == pytest.approx(120.0 * DEAD_FEEDER_OHM / (DEAD_FEEDER_OHM + 0.1))
