"""The whole meter on waveforms: what it has to ride through, and what not (grids of `bench_detection`)."""

import bench_detection as bench
import pytest

pytestmark = pytest.mark.slow


def test_no_sag_or_swell_inside_the_itic_region_makes_it_leave_the_utility() -> None:
    """LAW-12: depth, duration and point on the wave, one leg or both, 4 % distortion, noise, a backup standing by."""
    found = bench.itic(quick=True)
    assert found["tried"] >= 40
    assert found["which"] == []
    # The check can fail: the deepest of them are seen by the fast detector.
    assert found["seen_by_the_fast_detector"] > 0


def test_no_motor_start_makes_it_leave_the_utility_or_think_it_lost() -> None:
    """1,000 random starts: locked rotor 21 to 94 A through 0.02 to 0.3 ohm, offset included, 0.1 to 2 s."""
    found = bench.motors(1000)
    assert found["false_transfers"] == 0
    assert found["false_fast_detections"] == 0
    assert found["deepest_v"] < 90.0


def test_each_stage_operates_at_its_delay_on_waveforms() -> None:
    """27 and 59: from the step on the wave to the fact within one half-cycle of the set delay, at any point on it."""
    for name, row in bench.stages(4).items():
        assert row["missed"] == 0, name
        assert row["set_ms"] - 1000.0 / 120.0 < row["least_ms"], name
        assert row["most_ms"] < row["set_ms"] + 1000.0 / 120.0, name
