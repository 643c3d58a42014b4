"""The motor at waveform rate: start, residual voltage after opening, the blow of a close out of phase."""

import numpy as np
import pytest
from wave_rig import QUIET, SINE, Rig, share

MOTOR = {**QUIET, **SINE, "motor_a_on": 1.0, "resistive_l1_w": 0.0, "resistive_l2_w": 0.0, "neighbours_w": 0.0}


@pytest.mark.parametrize("ratio", [3.0, 5.0, 7.0])
def test_a_motor_starts_with_its_locked_rotor_current_and_settles_at_its_rating(ratio: float) -> None:
    """domain.md 2.12: locked-rotor current is `ratio` times the rated one, at power factor 0.5; then it runs."""
    rows = Rig({**MOTOR, "motor_a_start_ratio": ratio, "motor_a_inertia_s": 3.0}).hold(1500)
    rated_a = 1500.0 / (240.0 * 0.75)
    assert share(rows["motor_a_a"][6:16].mean(), ratio * rated_a) < 0.1
    assert rows["motor_a_hz"][-1] > 55.0
    assert share(rows["load_w"][-60:].mean(), 1500.0) < 0.35
    # Torque at rest is about 0.6 times the square of the ratio over the rated one: it is never slower than this.
    assert rows["motor_a_a"][-1] < rated_a * 1.1


def test_residual_voltage_dies_with_the_time_constant_and_slows() -> None:
    """H14: after U opens, flux falls as exp(-t / T) (T = 0.1 s, to 12 %), and so does the frequency."""
    rig = Rig({**MOTOR, "motor_a_flux_s": 0.1})
    rig.hold(240)
    rig.u_order = 1
    rows = rig.hold(60)
    opened = int(np.argmax(rows["u_poles"] == 0)) + 3
    flux = rows["motor_a_v"] / rows["motor_a_hz"]
    tau_s = 0.15 / np.log(flux[opened] / flux[opened + 18])
    assert tau_s == pytest.approx(0.1, rel=0.12)
    assert rows["motor_a_hz"][opened + 30] < rows["motor_a_hz"][opened] - 8.0
    assert rows["bus_l12_v"][opened] > 100.0
    assert rows["bus_l12_v"][opened + 48] < 10.0


def test_a_close_onto_residual_voltage_out_of_phase_exceeds_the_locked_rotor() -> None:
    """H14: the blow depends on the angle at which U closes; the worst beats a start from rest, the checkers see it."""
    peaks: list[float] = []
    broken: set[int] = set()
    for wait in range(8):
        rig = Rig({**MOTOR, "motor_a_w": 4000.0, "motor_a_flux_s": 0.3, "motor_a_inertia_s": 0.1, "u_close_s": 0.005})
        rig.hold(240)
        rig.u_order = 1
        rig.hold(8 + wait)
        rig.u_order = 2
        rows = rig.hold(20)
        peaks.append(float(rows["utility_peak_a"].max()))
        broken |= rig.broken()
    start = Rig({**MOTOR, "motor_a_w": 4000.0, "motor_a_flux_s": 0.3}).hold(12)["utility_peak_a"].max()
    assert max(peaks) > 1.1 * start
    assert max(peaks) > 1.25 * min(peaks)
    assert 2 in broken


def test_a_locked_rotor_trips_its_breaker() -> None:
    """UL 489: five times the current of a motor that never turns ends at its breaker, after it could have started."""
    rows = Rig({**MOTOR, "motor_a_locked": 1.0, "motor_a_breaker_a": 15.0}).hold(120 * 60)
    on = rows["breakers"] >> 6 & 1
    assert on[120] == 1
    assert on[-1] == 0
    assert rows["motor_a_a"][-1] < 0.1
