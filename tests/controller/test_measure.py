"""From samples to the measured values of the scan: right when good, 0 and flagged when not, alike in two runtimes."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bptm.assurance.metrology_points import FLAT_TOP, RECTIFIER, Component, Load, distorted, resistive, rms, sampled
from bptm.compiled import kernel_waves as plain
from bptm.compiled.records import as_tuple, fill_plain, plain_record
from bptm.compiled.waveform_meter import FIELDS_OF, WaveformMeter, set_up
from bptm.controller.measure import UNREADABLE_A, UNREADABLE_C, guard_inputs
from bptm.terms.core_codes import FED_BY_BACKUP, FED_BY_NONE, FED_BY_UTILITY, MODE_ON_BACKUP, MODE_ON_UTILITY
from bptm.terms.core_device import MEASURED_FIELDS

RATE = 7680
TICK = 64
GROUPS = {
    "utility": ("utility_l1_v", "utility_l2_v", "utility_l12_v", "utility_hz", "utility_in_phase"),
    "bus": ("bus_l1_v", "bus_l2_v", "bus_l12_v"),
    "inlet": ("inlet_l1_v", "inlet_l2_v", "inlet_l12_v", "inlet_hz", "inlet_thd", "inlet_in_phase"),
    "current": ("l1_a", "l2_a"),
}
SIDE_OF = ("utility", "utility", "bus", "bus", "inlet", "inlet", "current", "current")


def live(ticks: int, *, inlet_hz: float = 61.0, inlet: float = 1.0) -> NDArray[np.float64]:
    """A healthy utility with a load, and a source at the inlet."""
    samples = sampled(resistive(60.0, 10.0), RATE, ticks * TICK)
    samples[:, 4:6] = inlet * sampled(distorted(inlet_hz, 10.0, FLAT_TOP, RECTIFIER), RATE, ticks * TICK)[:, :2]
    return samples


def measured(meter: WaveformMeter) -> dict[str, float]:
    """What the last scan was given."""
    return {row[0]: meter.records["m"][row[0]][0].item() for row in MEASURED_FIELDS}


@pytest.mark.parametrize("frequency_hz", [57.3, 60.0, 61.9])
def test_measured_values_are_those_of_the_closed_form(frequency_hz: float) -> None:
    """Two unequal legs, one lagging by 60 degrees, one leading by 30: volts, amperes, watts, vars within 20 ppm."""
    v1, v2, i1, i2 = (x * math.sqrt(2.0) for x in (118.0, 123.0, 12.0, 40.0))
    load = Load(
        frequency_hz=frequency_hz,
        l1_v=(Component(order=1, peak=v1),),
        l2_v=(Component(order=1, peak=-v2),),
        l1_a=(Component(order=1, peak=i1, phase_rad=-math.pi / 3),),
        l2_a=(Component(order=1, peak=-i2, phase_rad=math.pi / 6),),
    )
    meter = WaveformMeter.of()
    meter.run(sampled(load, RATE, RATE))
    got = measured(meter)
    expected = {
        "utility_l1_v": 118.0,
        "utility_l2_v": 123.0,
        "utility_l12_v": 241.0,
        "utility_hz": frequency_hz,
        "bus_l1_v": 118.0,
        "bus_l12_v": 241.0,
        "l1_a": 12.0,
        "l2_a": 40.0,
        "l1_w": 118.0 * 12.0 * math.cos(math.pi / 3),
        "l2_w": 123.0 * 40.0 * math.cos(math.pi / 6),
        "l1_var": 118.0 * 12.0 * math.sin(math.pi / 3),
        "l2_var": -123.0 * 40.0 * math.sin(math.pi / 6),
        "utility_in_phase": 1,
        "inlet_in_phase": 0,
    }
    for name, value in expected.items():
        assert got[name] == pytest.approx(value, rel=2e-5), name
    assert got["premise_w"] == pytest.approx(got["l1_w"] + got["l2_w"], rel=1e-12)
    assert not any(got[f"{side}_doubtful"] for side in GROUPS)


@pytest.mark.parametrize("inlet_hz", [57.0, 60.0, 62.5])
def test_the_distortion_of_the_inlet_is_that_of_its_harmonics(inlet_hz: float) -> None:
    """Closed form: root of the harmonics' squares over the fundamental, within a hundredth of itself; none for none."""
    for shape, leg in ((FLAT_TOP, 120.0), (RECTIFIER, 80.0)):
        samples = np.zeros((RATE * 2, 8))
        wave = distorted(inlet_hz, 1.0, shape, shape)
        samples[:, 4:6] = sampled(wave, RATE, RATE * 2)[:, :2] * leg / 120.0
        samples[:, 5] = sampled(resistive(inlet_hz, 1.0), RATE, RATE * 2)[:, 1]
        meter = WaveformMeter.of()
        meter.run(samples)
        true = rms(shape[1:]) / rms(shape[:1])
        assert measured(meter)["inlet_thd"] == pytest.approx(true, rel=0.01)
    meter = WaveformMeter.of()
    samples[:, 4] = -samples[:, 5]
    meter.run(samples)
    assert measured(meter)["inlet_thd"] < 1e-6


def test_an_inlet_that_follows_the_bus_is_in_phase_and_one_that_stands_apart_is_not() -> None:
    """LAW-5, mirror: the same wave on inlet and bus, 2 degrees apart, 4 degrees apart, dead."""
    for degrees, level, expected in ((0.0, 1.0, 1), (2.0, 0.95, 1), (4.0, 1.0, 0), (0.0, 0.05, 0)):
        samples = sampled(resistive(60.0, 10.0), RATE, RATE)
        angle = 2.0 * math.pi * 60.0 * np.arange(RATE) / RATE + math.radians(degrees)
        samples[:, 4] = level * 120.0 * math.sqrt(2.0) * np.cos(angle)
        samples[:, 5] = -samples[:, 4]
        meter = WaveformMeter.of()
        meter.run(samples)
        assert measured(meter)["inlet_in_phase"] == expected, (degrees, level)


BAD: dict[str, float] = {"no number": math.nan, "infinite": math.inf, "absurd": -1e9, "frozen": 31.0, "full": 900.0}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("channel", range(8))
def test_a_bad_channel_is_flagged_and_its_number_is_0(kind: str, channel: int) -> None:
    """Unknown is unsafe: its side is doubtful and 0, every other side is as it was; then all is well again.

    A current at full scale is the exception: a lower bound, flagged, so that a short circuit is not hidden.
    """
    meter = WaveformMeter.of({"current_full_a": 800.0})
    # Past the first seconds, in which a distortion is still to be found.
    samples = live(160)
    meter.run(samples[: 100 * TICK])
    good = measured(meter)
    side = SIDE_OF[channel]
    bad = samples[100 * TICK : 140 * TICK].copy()
    bad[:, channel] = BAD[kind]
    # A converter fails, not a conductor: the bus is given as sampled, not made from the utility's samples.
    meter.records["c"]["joined"] = 0
    meter.run(bad)
    got = measured(meter)
    assert {name: got[f"{name}_doubtful"] for name in GROUPS} == {name: int(name == side) for name in GROUPS}
    leg = channel % 2
    own = GROUPS[side][leg]
    other = GROUPS[side][1 - leg]
    if side == "current" and kind == "full":
        assert got[own] >= 799.0
    else:
        assert got[own] == 0.0
    assert got[other] == pytest.approx(good[other], rel=0.02)
    for name in GROUPS[side][2:]:
        assert got[name] == 0, name
    if side in {"bus", "current"}:
        assert got[("l1_w", "l2_w")[leg]] == got[("l1_var", "l2_var")[leg]] == got["premise_w"] == 0.0
    assert all(math.isfinite(value) for value in got.values())
    meter.run(samples[: 60 * TICK])
    assert not any(measured(meter)[f"{name}_doubtful"] for name in GROUPS)


def test_a_step_of_the_sampling_clock_is_doubtful_and_its_time_is_lost_not_invented() -> None:
    """A second of samples is missing: every side doubtful for one half-cycle, no frequency until two cycles agree."""
    meter = WaveformMeter.of()
    samples = live(400)
    meter.run(samples[: 100 * TICK])
    before = int(meter.records["e"]["lost_ticks"][0])
    meter.records["w"]["gap"] = RATE
    meter.run(samples[100 * TICK + 23 : 101 * TICK + 23])
    got = measured(meter)
    assert all(got[f"{name}_doubtful"] == 1 for name in GROUPS)
    assert got["utility_l1_v"] == got["bus_l1_v"] == got["l1_a"] == got["utility_hz"] == got["utility_in_phase"] == 0
    assert int(meter.records["e"]["lost_ticks"][0]) - before == 120
    assert int(meter.records["w"]["gap"][0]) == 0
    meter.run(samples[101 * TICK + 23 : 102 * TICK + 23])
    got = measured(meter)
    assert not any(got[f"{name}_doubtful"] for name in GROUPS)
    assert got["utility_hz"] == 0.0
    meter.run(samples[102 * TICK + 23 : 112 * TICK + 23])
    # The filters still remember the jump.
    assert measured(meter)["utility_hz"] == pytest.approx(60.0, abs=1e-3)


def test_samples_that_came_twice_are_doubtful_too() -> None:
    """A negative gap counts no lost time."""
    meter = WaveformMeter.of()
    meter.run(live(60))
    meter.records["w"]["gap"] = -TICK
    before = int(meter.records["e"]["lost_ticks"][0])
    meter.run(live(1))
    assert measured(meter)["utility_doubtful"] == 1
    # The half-cycle itself is not metered, having come twice.
    assert int(meter.records["e"]["lost_ticks"][0]) - before <= 1


def test_what_the_host_reads_itself_passes_through() -> None:
    """Stored energy, keys, plug and temperatures stand as the host left them."""
    meter = WaveformMeter.of()
    own = {"stored_energy_ok": 0, "plug_a": 30.0, "inlet_c": 44.0, "surges": 3, "surge_v": 900.0, "spd_failed": 1}
    for name, value in own.items():
        meter.records["m"][name] = value
    meter.run(live(10))
    assert {name: measured(meter)[name] for name in own} == own


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_reading_of_the_host_that_is_no_number_takes_the_side_that_refuses(value: float) -> None:
    """Unknown is unsafe: a broken inlet sensor is hot, an unreadable plug is too small, an enclosure is cold."""
    m = plain_record(MEASURED_FIELDS)
    m.inlet_c = m.ambient_c = m.plug_a = m.surge_v = value
    guard_inputs(m)
    assert (m.inlet_c, m.ambient_c, m.plug_a, m.surge_v) == (UNREADABLE_C, 0.0, UNREADABLE_A, 0.0)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    badness=st.lists(
        st.tuples(st.integers(0, 7), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 399.0, 1e300, -1e9])),
        max_size=8,
    ),
    gap=st.integers(-(10**6), 10**9),
)
def test_no_samples_hand_on_a_value_that_is_no_number(seed: int, badness: list[tuple[int, float]], gap: int) -> None:
    """Noise of any size, bad values in bursts anywhere, any gap: MEASURED, detector and registers stay finite."""
    draw = np.random.default_rng(seed)
    samples = draw.normal(0.0, draw.choice([0.1, 30.0, 300.0]), (RATE // 4, 8))
    for channel, value in badness:
        first = int(draw.integers(0, len(samples)))
        samples[first : first + int(draw.integers(1, 400)), channel] = value
    meter = WaveformMeter.of()
    meter.records["w"]["gap"] = gap
    meter.run(samples)
    for letter in "mdqyte":
        for name in meter.records[letter].dtype.names or ():
            assert np.isfinite(meter.records[letter][name].astype(np.float64)).all(), (letter, name)


APART_RAD = 0.7


def transfer_samples(seconds: float) -> NDArray[np.float64]:
    """Utility lost from second 3 to second 8; a source at the inlet throughout, ahead by APART_RAD."""
    count = int(seconds * RATE)
    samples = sampled(resistive(60.0, 10.0), RATE, count)
    angle = 2.0 * math.pi * 60.0 * np.arange(count) / RATE + APART_RAD
    samples[:, 4] = 120.0 * math.sqrt(2.0) * np.cos(angle)
    samples[:, 5] = -samples[:, 4]
    samples[3 * RATE + 17 : 8 * RATE + 5, :2] = 0.0
    return samples


FAST: dict[str, float] = {
    "accept_ticks": 120,
    "hunt_ticks": 120,
    "return_ticks": 600,
    "return_bypass_ticks": 120,
    "slot_window_ticks": 0,
    "dead_time_ticks": 24,
    "dead_time_motor_ticks": 60,
}


def test_a_home_changes_over_and_back_on_waveforms_and_its_energy_is_in_the_right_registers() -> None:
    """LAW-7, LAW-8, LAW-11 on samples: over to backup, back to the utility; each register as its closed form."""
    meter = WaveformMeter.of(settings=FAST)
    samples = transfer_samples(26.0)
    log = meter.run(samples)
    modes = [int(mode) for mode in log["mode"]]
    assert MODE_ON_BACKUP in modes
    assert modes[-1] == MODE_ON_UTILITY
    bus = log["bus_l1_v"]
    e = meter.records["e"][0]
    for mode, feed, power_w in (
        (MODE_ON_BACKUP, FED_BY_BACKUP, 2400.0 * math.cos(APART_RAD)),
        (MODE_ON_UTILITY, FED_BY_UTILITY, 2400.0),
    ):
        ticks = sum(1 for tick, found in enumerate(modes) if found == mode and bus[tick] > 100.0)
        assert ticks > 400
        # A source is proved a half-cycle after its contact closes, and a last block is still under way.
        assert float(e["in_mwticks"][feed]) == pytest.approx(power_w * 1000.0 * ticks, rel=0.02)
    assert int(e["in_mwticks"][FED_BY_NONE]) < 2400e3 * 20


class _Samples:
    """Samples as plain floats, indexed like an array."""

    def __init__(self, rows: NDArray[np.float64]) -> None:
        self.rows = rows.tolist()

    def __getitem__(self, at: tuple[int, int]) -> float:
        return self.rows[at[0]][at[1]]


def test_the_whole_meter_is_the_same_in_cpython_and_in_numba_to_the_bit() -> None:
    """Detector, metrology, measured values, scan and contactors: a transfer with noise and bad samples, every field."""
    samples = transfer_samples(6.5)[RATE // 2 :]
    samples += np.random.default_rng(5).normal(0.0, 0.05, samples.shape)
    samples[5000:5003, 2] = np.nan
    samples[9000:9200, 0] = 500.0
    samples[12000:12400, 6] = np.inf
    samples[14000:14500, 4] = 40.0
    meter = WaveformMeter.of(settings=FAST)
    ticks = meter.ticks_in(len(samples))
    records: dict[str, Any] = {letter: plain_record(fields) for letter, fields in FIELDS_OF.items()}
    for letter in "gp":
        fill_plain(records[letter], meter.records[letter][0])
    set_up(records)
    a, g, w, t, y, e, q, d, c, s, k, m, r, p = records.values()
    plain.begin_run(a, g, w, d, c, s, k, m, r, p)
    log = [plain_record(plain.LOG_FIELDS) for _ in range(ticks)]
    plain.run_samples(a, g, w, t, y, e, q, d, c, s, k, m, r, p, _Samples(samples), 0, ticks, log)
    compiled = meter.run(samples)
    modes = {row.mode for row in log}
    assert MODE_ON_BACKUP in modes
    for tick, (mine, theirs) in enumerate(zip(log, compiled, strict=True)):
        assert as_tuple(mine, plain.LOG_FIELDS) == as_tuple(theirs, plain.LOG_FIELDS), f"half-cycle {tick}"
    for letter, fields in FIELDS_OF.items():
        assert as_tuple(records[letter], fields) == as_tuple(meter.records[letter][0], fields), letter


def test_samples_of_another_shape_are_refused_in_a_sentence() -> None:
    """Bad input: seven channels."""
    with pytest.raises(ValueError, match=r"shape \(9, 7\), expected"):
        WaveformMeter.of().run(np.zeros((9, 7)))
