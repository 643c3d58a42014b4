"""The circuit of the home: against closed forms, and what goes in comes out."""

import pytest
from wave_rig import NO_INTERLOCKS, QUIET, SINE, STIFF, Rig, share

from bptm.compiled.bench import Change
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE

OPEN = 1e9
NEUTRAL = {**QUIET, **SINE, **STIFF, "utility_v": 120.0, "neighbours_w": 0.0, "neutral_ohm": OPEN, "spd_present": 0.0}


@pytest.mark.parametrize(
    ("earth_ohm", "low_v", "high_v"),
    [(OPEN, 48.0, 192.0), (25.0, 59.6, 180.4), (5.0, 83.3, 156.7), (1.0, 107.6, 132.4)],
)
def test_an_open_neutral_divides_the_legs_by_their_loads(earth_ohm: float, low_v: float, high_v: float) -> None:
    """LAW-6's signature, domain.md 2.6: 2,400 W against 600 W, four earth resistances; conductors all but stiff."""
    rig = Rig({**NEUTRAL, "earth_ohm": earth_ohm, "resistive_l1_w": 2400.0, "resistive_l2_w": 600.0})
    row = rig.hold(12)[-1]
    assert row["bus_l1_v"] == pytest.approx(low_v, abs=0.15)
    assert row["bus_l2_v"] == pytest.approx(high_v, abs=0.15)
    assert row["bus_l12_v"] == pytest.approx(240.0, abs=0.2)


def test_an_appliance_across_the_legs_puts_a_ghost_on_a_missing_one() -> None:
    """domain.md 2.6: with leg 2 broken and 4.5 kW leg to leg, leg 2 shows voltage in phase with leg 1."""
    rig = Rig({**QUIET, "resistive_l12_w": 4500.0, "resistive_l2_w": 400.0, "l2_break_ohm": OPEN})
    row = rig.hold(12)[-1]
    assert 20.0 < row["utility_l2_v"] < 115.0
    assert row["utility_l12_v"] == pytest.approx(row["utility_l1_v"] - row["utility_l2_v"], abs=1.5)


def test_what_sources_give_is_what_loads_take_and_conductors_lose() -> None:
    """Energy is conserved over outage, transfer, motor start, short circuit and return, for each kind of source."""
    for kind in (1, 2, 3, 4, 5):
        rig = Rig({"kind": kind, "run": 1.0, "solar_w": 3000.0, **NO_INTERLOCKS, "neighbours_w": 2000.0})
        second = rig.rate_hz
        rig.schedule(
            (
                Change(sample=int(0.4 * second), name="feeder_on", value=0.0),
                Change(sample=2 * second, name="motor_a_on", value=1.0),
                Change(sample=3 * second, name="neutral_ohm", value=5.0, over_s=0.3),
                Change(sample=4 * second, name="fault_l1_ohm", value=0.1),
                Change(sample=5 * second, name="feeder_on", value=1.0),
            )
        )
        rig.hold(120)
        rig.to_backup()
        row = rig.hold(480)[-1]
        assert row["given_wh"] > 0.5
        balance_wh = row["given_wh"] - row["taken_wh"] - row["lost_wh"]
        assert abs(balance_wh) < 2e-4 * row["given_wh"] + 2e-4, kind


def test_one_welded_pole_energises_both_legs_of_a_dead_service() -> None:
    """LAW-14: the dead feeder is a circuit; through the transformer one leg fed backwards shows on the other."""
    setup = {"kind": 4.0, "run": 1.0, "feeder_on": 0.0, "u_weld_l1": 1.0, "lateral_w": 0.0, "neighbours_w": 500.0}
    rig = Rig({**QUIET, **NO_INTERLOCKS, **setup})
    rig.hold(300)
    rig.to_backup()
    row = rig.hold(30)[-1]
    assert row["u_poles"] == 1
    assert row["b_poles"] == 3
    assert row["utility_l1_v"] > 110.0
    assert row["utility_l2_v"] > 110.0
    assert 14 in rig.broken()
    assert 1 in rig.broken()


def test_impedances_are_those_of_the_setup() -> None:
    """Oracle: voltage at the meter for a resistive load against the series circuit, to a thousandth of a volt."""
    rig = Rig(
        {**QUIET, **SINE, "neighbours_w": 0.0, "resistive_l1_w": 0.0, "resistive_l2_w": 0.0, "resistive_l12_w": 9600.0}
    )
    row = rig.hold(24)[-1]
    ohm = 57600.0 / 9600.0
    r = 2.0 * (0.004 * 2.0 + 0.007 + 0.02 + 0.0003 + 0.002)
    x = 2.0 * (0.006 * 2.0 + 0.009 + 0.006)
    # What backward Euler adds, as the docstring of the circuit says.
    r += x * 376.99 / 7680.0 / 2.0
    volts = 242.0 / ((1.0 + r / ohm) ** 2 + (x / ohm) ** 2) ** 0.5
    at_panel = (row["load_w"] * ohm) ** 0.5
    assert at_panel == pytest.approx(volts, abs=0.01)


def test_a_return_at_any_phase_onto_a_running_source_is_a_blow_or_none() -> None:
    """LAW-1: with every interlock gone and both closed, the blow's current follows the angle between the sources."""
    peaks: dict[float, float] = {}
    for phase_rad in (0.0, 1.57, 3.14):
        rig = Rig(
            {"kind": 3.0, "run": 1.0, **QUIET, **NO_INTERLOCKS, "b_weld_a": 1e5, "u_weld_a": 1e5, "breaker_a": 200.0}
        )
        rig.hold(1200)
        rig.u_order, rig.b_order = ORDER_NONE, ORDER_NONE
        slip = float(rig.hold(1)[-1]["slip_rad"])
        rig.hold(1, Change(sample=0, name="utility_phase_rad", value=slip - phase_rad))
        rig.b_order = ORDER_CLOSE
        peaks[phase_rad] = float(rig.hold(12)["backup_peak_a"].max())
    assert peaks[3.14] > 2.0 * peaks[0.0]
    assert peaks[3.14] > peaks[1.57] > peaks[0.0]


def test_energy_balance_is_a_check_that_can_fail() -> None:
    """A load that the sums do not know of opens the balance."""
    rig = Rig(QUIET)
    rig.hold(60)
    rig.set("resistive_l1_w", 3000.0)
    rig.hold(1)
    rig.records["h"]["load_1"] = 0.0
    row = rig.hold(60)[-1]
    assert share(row["given_wh"], row["taken_wh"] + row["lost_wh"]) > 0.05
