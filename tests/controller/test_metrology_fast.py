"""The fast detector, sample by sample: soon enough at every point on the wave, and silent where nothing is lost."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.meters import metrology_settings
from bptm.compiled.records import as_tuple, fill_plain, plain_record
from bptm.controller import metrology_fast as plain
from bptm.terms import core_metrology as terms

RATE = 7680
CYCLE_MS = 1000.0 / 60.0
PEAK_V = 120.0 * math.sqrt(2.0)


def detector(rate_hz: int = RATE) -> tuple[Any, Any]:
    """A compiled detector that has seen nothing, and its settings."""
    d = np.zeros(1, dtype_of(terms.DETECTOR_FIELDS))[0]
    g = metrology_settings(1, {"rate_hz": rate_hz})[0]
    compiled_modules()["controller.metrology_fast"].begin_detector(d, g)
    return d, g


def voltage(rate_hz: int, cycles: float, frequency_hz: float, thd: float, seed: int) -> NDArray[np.float64]:
    """A leg with odd harmonics of this distortion, at any phase, and noise of 0.2 % of 120 V."""
    draw = np.random.default_rng(seed)
    angle = 2.0 * math.pi * (frequency_hz * np.arange(int(cycles * rate_hz / 60.0)) / rate_hz + draw.random())
    wave = np.sin(angle)
    for order, share in ((3, 0.6), (5, 0.64), (7, 0.48)):
        wave += thd * share * np.sin(order * angle + draw.uniform(0.0, 2.0 * math.pi))
    return PEAK_V * wave + draw.normal(0.0, 0.24, len(wave))


def take(d: Any, g: Any, l1_v: NDArray[np.float64], l2_v: NDArray[np.float64]) -> int:
    """Feeds samples; returns how many were taken when `low` picked up, or -1."""
    return int(compiled_modules()["compiled.kernel_waves"].detect_all(d, g, np.column_stack((l1_v, l2_v))))


@pytest.mark.parametrize("rate_hz", [1000, 7680, 32000])
@pytest.mark.parametrize("frequency_hz", [59.3, 60.0, 60.5])
def test_a_total_loss_is_found_in_under_half_a_cycle_at_every_point_on_the_wave(
    rate_hz: int, frequency_hz: float
) -> None:
    """64 points, 5 % distortion, noise: both legs are found lost under 8.33 ms after the loss."""
    for point in range(64):
        d, g = detector(rate_hz)
        v = voltage(rate_hz, 5.0, frequency_hz, 0.05, point)
        at = int((3.0 + point / 64.0) * rate_hz / 60.0)
        v[at:] = np.random.default_rng(point).normal(0.0, 0.24, len(v) - at)
        found = take(d, g, v, -v)
        assert found >= at
        assert (found - at + 1) / rate_hz * 1000.0 < 0.5 * CYCLE_MS, point
        assert (int(d["lost_count"]) - at) / rate_hz * 1000.0 < 0.5 * CYCLE_MS, point


@pytest.mark.parametrize("legs", [(0.5, 0.5), (0.5, 1.0), (1.0, 0.5)])
def test_a_sag_to_half_is_found_in_under_a_cycle_on_either_leg_and_is_no_loss(legs: tuple[float, float]) -> None:
    """64 points on the wave, 59.3 to 60.5 Hz, 5 % distortion, noise."""
    for point in range(64):
        d, g = detector()
        v = voltage(RATE, 6.0, 59.3 + 1.2 * point / 63.0, 0.05, point)
        at = int((3.0 + point / 64.0) * RATE / 60.0)
        first, second = v.copy(), -v
        first[at:] *= legs[0]
        second[at:] *= legs[1]
        found = take(d, g, first, second)
        assert found >= at, point
        assert (found - at + 1) / RATE * 1000.0 < CYCLE_MS, point
        assert int(d["lost"]) == 0


def test_nothing_is_found_in_a_distorted_and_noisy_voltage_that_stays() -> None:
    """0.9 to 1.1 per unit, 8 % distortion, 57 to 63 Hz, 200 runs of a third of a second."""
    for seed in range(200):
        d, g = detector()
        v = voltage(RATE, 20.0, 57.0 + 6.0 * (seed % 17) / 16.0, 0.08, seed) * (0.9 + 0.2 * (seed % 5) / 4.0)
        assert take(d, g, v, -v) == -1, seed


def inrush(seed: int) -> NDArray[np.float64]:
    """A leg into which a motor starts: 20 to 95 A locked rotor through 0.02 to 0.3 ohm, its offset included.

    The service is 0.7 of its impedance resistive; the rotor's current lags by 40 to 75 degrees and decays with its
    own time constant, that of its power factor.
    """
    draw = np.random.default_rng(seed)
    count = int(30 * RATE / 60.0)
    time_s = np.arange(count) / RATE
    w = 2.0 * math.pi * draw.uniform(59.3, 60.5)
    phase, lag = draw.uniform(0.0, 2.0 * math.pi), math.radians(draw.uniform(40.0, 75.0))
    at_s = draw.uniform(0.05, 0.07)
    ohm, peak_a = draw.uniform(0.02, 0.3), draw.uniform(20.0, 95.0) * math.sqrt(2.0)
    on = time_s >= at_s
    tau_s = math.tan(lag) / w
    decay = np.where(on, np.exp(-np.maximum(time_s - at_s, 0.0) / tau_s), 0.0)
    angle = w * time_s + phase - lag
    current = np.where(on, peak_a * (np.sin(angle) - math.sin(w * at_s + phase - lag) * decay), 0.0)
    slope = np.where(on, peak_a * (w * np.cos(angle) + math.sin(w * at_s + phase - lag) * decay / tau_s), 0.0)
    drop = 0.7 * ohm * current + math.sqrt(1.0 - 0.49) * ohm / w * slope
    return PEAK_V * draw.uniform(0.95, 1.05) * np.sin(w * time_s + phase) - drop + draw.normal(0.0, 0.24, count)


def test_no_motor_start_is_taken_for_a_loss() -> None:
    """1,000 random starts at any point on the wave, offset of the inrush included: none found."""
    worst = 1.0
    for seed in range(1000):
        v = inrush(seed)
        d, g = detector()
        assert take(d, g, v, -v) == -1, seed
        worst = min(worst, float(np.sqrt(np.mean(v[1024:1152] ** 2))) / 120.0)
    # The check can fail: the deepest start is no shallow one.
    assert worst < 0.8


def test_it_resets_after_a_cycle_of_good_voltage_and_picks_up_again() -> None:
    """One pickup a sag; a voltage that hovers between pickup and reset is one."""
    d, g = detector()
    v = voltage(RATE, 60.0, 60.0, 0.0, 1)
    cycle = RATE // 60
    for first, last, level in ((10, 12, 0.5), (20, 30, 0.6), (22, 24, 1.15), (40, 41, 0.0)):
        v[first * cycle : last * cycle] *= level
    take(d, g, v, -v)
    assert int(d["lows"]) == 3
    assert int(d["low"]) == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 400.0, 1e300])
def test_bad_samples_make_it_doubt_and_not_find(value: float) -> None:
    """Unknown is not low: no pickup during bad samples nor after, and it judges again three eighths later."""
    d, g = detector()
    v = voltage(RATE, 10.0, 60.0, 0.0, 2)
    bad = v.copy()
    bad[640:900] = value
    assert take(d, g, bad[:900], -v[:900]) == -1
    assert int(d["doubted"]) == 1
    assert take(d, g, bad[900:948], -v[900:948]) == -1
    assert int(d["doubted"]) == 0
    lost = np.random.default_rng(1).normal(0.0, 0.24, 64)
    assert take(d, g, lost, lost) >= 0
    assert all(np.isfinite(np.asarray(d[name], np.float64)).all() for name in d.dtype.names)


def test_a_frozen_converter_is_doubted_and_a_dead_conductor_is_not() -> None:
    """A leg that repeats 30 V is no loss; a leg at exactly 0 is."""
    for value, found in ((30.0, False), (0.0, True)):
        d, g = detector()
        v = voltage(RATE, 10.0, 60.0, 0.0, 2)
        v[640:] = value
        at = take(d, g, v, v)
        assert (at >= 0) == found
        assert int(d["doubted"]) == (0 if found else 1)


def test_it_does_not_drift_in_an_hour_of_samples() -> None:
    """The sliding sum is made anew: after absurdly large and tiny samples it is that of the ring, within 1e-6 V2."""
    d, g = detector()
    draw = np.random.default_rng(9)
    v = draw.normal(0.0, 1.0, 40_000) * draw.choice([1e-6, 1.0, 399.0], 40_000)
    take(d, g, v, v)
    seen = np.asarray(d["seen"])[:256]
    last = (int(d["next"]) - 1 - np.arange(16)) % 256
    assert float(d["sum"][0]) == pytest.approx(float(seen[last].sum() + seen[(last - 32) % 256].sum()), abs=1e-6)


def test_it_is_the_same_in_cpython_and_numba_to_the_bit_and_its_count_wraps_nowhere() -> None:
    """3,000 samples with a loss and a bad one, from a count near the end of 63 bits: every field."""
    d, g = detector()
    mine, settings = plain_record(terms.DETECTOR_FIELDS), fill_plain(plain_record(terms.FIELDS), g)
    plain.begin_detector(mine, settings)
    d["count"] = mine.count = 2**62
    v = voltage(RATE, 24.0, 60.0, 0.05, 4)
    v[1500:2000] *= 0.2
    v[2500] = math.nan
    take(d, g, v, -v)
    for x in v.tolist():
        mine.now_v[0], mine.now_v[1] = x, -x
        plain.detect(mine, settings)
    assert as_tuple(mine, terms.DETECTOR_FIELDS) == as_tuple(d, terms.DETECTOR_FIELDS)
    assert mine.low_count > 2**62
