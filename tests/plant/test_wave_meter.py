"""Sensors, surges and temperatures of the meter on the bench."""

import numpy as np
import pytest
from wave_rig import QUIET, SINE, STIFF, Rig, wave_of

from bptm.compiled.bench import INPUT_NAMES, BenchMeter, Change, Replay

COMPARATOR = {"resistive_l1_w": 0.0, "resistive_l2_w": 0.0, "neighbours_w": 0.0}


def test_a_combination_wave_leaves_the_energy_of_its_clamp() -> None:
    """domain.md 2.10: 10 kA 8/20 into a clamp is V I 20 us within a factor that the wave's shape explains."""
    for crest_v, short_a in ((6000.0, 3000.0), (10000.0, 10000.0)):
        rig = Rig({**QUIET, "surge_v": crest_v, "surge_a": short_a, "spd_surge_a": 1e5})
        row = rig.hold(2)[-1]
        clamp_v = 395.0 * (short_a / 100.0) ** (1.0 / 23.1)
        # Oracle: the same wave integrated with numpy.
        t_us = np.arange(0.0, 80.0, 0.05)
        wave_a = (1.0 - clamp_v / crest_v) * short_a * 0.01243 * t_us**3 * np.exp(-t_us / 3.911)
        joules = float(np.sum(wave_a * 395.0 * np.maximum(wave_a / 100.0, 1e-9) ** (1.0 / 23.1))) * 0.05e-6
        assert row["surges"] == 1
        assert row["surge_joules"] == pytest.approx(joules, rel=0.05)
        assert clamp_v < row["surge_crest_v"] < 1500.0
        assert rig.value("surge_v") == 0.0


def test_surges_use_up_the_protector_and_its_end_is_told() -> None:
    """H21: life falls with the cube of the crest; after its end the crest goes into the premise."""
    rig = Rig({**QUIET})
    row = rig.hold(1)[-1]
    for count in range(1, 16):
        rig.set("surge_v", 6000.0)
        row = rig.hold(2)[-1]
        if row["spd_off"]:
            break
        assert row["spd_used_fraction"] == pytest.approx(count * (2770.0 / 6500.0) ** 3, rel=0.05)
    assert row["spd_off"] == 1
    assert rig.inputs[INPUT_NAMES.index("spd_failed")] == 1.0
    rig.set("surge_v", 6000.0)
    assert rig.hold(2)[-1]["surge_crest_v"] == pytest.approx(6000.0)


def test_an_open_neutral_cooks_the_protector_and_its_fuse_takes_it_off() -> None:
    """domain.md 2.10: sustained over-voltage, not a surge, ends it; a healthy service never warms it."""
    setup = {
        **QUIET,
        **SINE,
        **STIFF,
        "resistive_l1_w": 3000.0,
        "resistive_l2_w": 300.0,
        "neighbours_w": 0.0,
        "spd_lag_s": 5.0,
    }
    rows = Rig({**setup, "neutral_ohm": 1e9, "earth_ohm": 1e9}).hold(600)
    assert rows["spd_off"][0] == 0
    assert rows["spd_off"][-1] == 1
    assert Rig(setup).hold(600)["spd_c"][-1] < 30.0


def test_a_channel_gives_what_its_fault_makes_of_the_truth() -> None:
    """H4, H5: gain, offset, zero, frozen, full, absent, swapped, noise and resolution, channel by channel."""
    plain = wave_of(Rig({**QUIET, **COMPARATOR}), 8)
    gain = wave_of(
        Rig({**QUIET, **COMPARATOR, "utility_l1_gain": 0.8, "bus_l2_offset_v": 5.0, "inlet_l1_sense": 4.0}), 8
    )
    assert np.allclose(gain[:, 0], 0.8 * plain[:, 0], atol=0.02)
    assert np.allclose(gain[:, 3], plain[:, 3] + 5.0, atol=0.02)
    assert np.all(gain[:, 4] == 400.0)
    swapped = wave_of(Rig({**QUIET, **COMPARATOR, "utility_swapped": 1.0, "bus_l1_sense": 1.0}), 8)
    assert np.allclose(swapped[:, 0], plain[:, 1], atol=0.02)
    assert np.all(swapped[:, 2] == 0.0)
    rig = Rig({**QUIET, **COMPARATOR})
    wave_of(rig, 4)
    rig.set("utility_l1_sense", 2.0)
    frozen = wave_of(rig, 4)
    assert np.ptp(frozen[:, 0]) == 0.0
    assert np.ptp(frozen[:, 1]) > 300.0
    rig.set("utility_l2_sense", 3.0)
    rig.produce()
    assert rig.records["w"]["absent"][0] == 2
    noisy = wave_of(Rig({**QUIET, **COMPARATOR, "noise_v": 2.0, "converter_bits": 12.0}), 60)
    off = noisy[:, 0] - wave_of(Rig({**QUIET, **COMPARATOR}), 60)[:, 0]
    assert np.std(off) == pytest.approx(2.0, rel=0.05)
    step_v = 400.0 / 2**11
    assert np.allclose(np.round(noisy[:, 0] / step_v), noisy[:, 0] / step_v)


def test_a_lost_reference_moves_both_legs_and_no_leg_to_leg_voltage() -> None:
    """Design section 4: the reference's loss is its own fact; V12 stays."""
    lost = wave_of(Rig({**QUIET, **COMPARATOR, "reference_lost": 1.0, "reference_drift": 0.3}), 12)
    rms = np.sqrt((lost**2).mean(axis=0))
    assert rms[0] == pytest.approx(0.7 * 121.0, rel=0.02)
    assert rms[1] == pytest.approx(1.3 * 121.0, rel=0.02)
    assert rms[2] == pytest.approx(121.0, rel=0.02), "the bus stands on the inlet's neutral"
    assert np.sqrt(((lost[:, 0] - lost[:, 1]) ** 2).mean()) == pytest.approx(242.0, rel=0.02)


def test_a_broken_premise_neutral_is_seen_only_with_the_reference_at_the_panel() -> None:
    """LAW-6: where the reference hangs decides what a meter can know; the solved panel shows the harm either way."""
    setup = {**QUIET, **SINE, "resistive_l1_w": 2400.0, "resistive_l2_w": 600.0, "panel_neutral_ohm": 1e9}
    for at_panel in (0.0, 1.0):
        rig = Rig({**setup, "reference_at_panel": at_panel})
        rms = np.sqrt((wave_of(rig, 12) ** 2).mean(axis=0))
        seen = abs(rms[2] - rms[3]) > 100.0
        assert seen == (at_panel == 1.0)
        assert rig.true["panel_l2_v"][-1] > 180.0


def test_a_recorded_waveform_is_what_the_meter_sees() -> None:
    """Replay: volts per leg at another rate; between its samples by straight lines, after its end nothing."""
    rate = 15360.0
    t = np.arange(int(0.5 * rate)) / rate
    legs = np.column_stack([170.0 * np.sin(2 * np.pi * 60 * t), -140.0 * np.sin(2 * np.pi * 60 * t + 0.1)])
    setup = {**QUIET, **COMPARATOR, **STIFF, "replay": 1.0}
    rig = Rig(setup, replay=Replay(volts=legs, rate_hz=rate))
    found = wave_of(rig, 48)
    assert np.abs(found[:, 0] - legs[::2, 0][: len(found)]).max() < 1.0
    assert np.abs(found[:, 1] - legs[::2, 1][: len(found)]).max() < 1.0
    assert np.abs(wave_of(rig, 24)[-64:, :2]).max() < 1.0
    with pytest.raises(ValueError, match="expected"):
        Replay(volts=np.zeros(5), rate_hz=1.0).at_rate(7680)


def test_sags_ramps_flicker_and_frequency_are_as_scheduled() -> None:
    """A step at a sample, a ramp over half a second, flicker and a frequency excursion, read from the waveform."""
    rig = Rig({**QUIET, **COMPARATOR, **SINE})
    rate = rig.rate_hz
    rows = rig.hold(
        240,
        Change(sample=rate // 2, name="utility_l1_pu", value=0.5),
        Change(sample=rate, name="utility_l1_pu", value=1.0, over_s=0.5),
        Change(sample=rate, name="utility_hz", value=61.0),
    )
    assert rows["utility_l1_v"][58] == pytest.approx(121.0, abs=0.5)
    assert rows["utility_l1_v"][62] == pytest.approx(60.5, abs=0.5)
    assert rows["utility_l2_v"][62] == pytest.approx(121.0, abs=0.5)
    assert rows["utility_l1_v"][150] == pytest.approx(0.75 * 121.0, abs=3.0)
    assert rows["utility_l1_v"][200] == pytest.approx(121.0, abs=2.0)
    flicker = Rig({**QUIET, **COMPARATOR, **SINE, "flicker_pu": 0.05}).hold(120)["utility_l1_v"]
    assert np.ptp(flicker) == pytest.approx(2 * 0.05 * 121.0, rel=0.15)


def test_blades_heat_with_the_square_of_the_current_and_their_resistance() -> None:
    """H25: 24 A in a sound blade is warm, in a bad one hot."""
    hot: list[float] = []
    for blade_ohm in (0.0005, 0.03):
        rig = Rig(
            {
                **QUIET,
                "run": 1.0,
                "feeder_on": 0.0,
                "resistive_l12_w": 5760.0,
                "blade_ohm": blade_ohm,
                "blade_lag_s": 1.0,
            }
        )
        rig.hold(700)
        rig.to_backup()
        hot.append(float(rig.hold(600)["blade_c"][-1]))
    assert hot[0] < 32.0
    assert hot[1] > 85.0


def test_any_rate_gives_the_same_home() -> None:
    """Steady values at 3,840, 7,680 and 15,360 samples a second agree to half a percent."""
    found = [
        float(BenchMeter({**QUIET, **SINE}, rate_hz=rate).run(30).true["utility_w"][-1]) for rate in (3840, 7680, 15360)
    ]
    assert max(found) - min(found) < 0.005 * found[0]


def test_exchanged_current_transformers_show_each_leg_the_load_of_the_other() -> None:
    """H4: voltages stay, currents change places, and so does the power of each leg."""
    setup = {**QUIET, **SINE, "resistive_l1_w": 2400.0, "resistive_l2_w": 600.0}
    plain, swapped = (wave_of(BenchMeter({**setup, "current_swapped": on}), 60)[-2560:] for on in (0.0, 1.0))
    rms = np.sqrt(np.mean(np.square([plain, swapped]), axis=1))
    assert rms[0, 6] == pytest.approx(20.0, rel=0.03)
    assert rms[0, 7] == pytest.approx(5.0, rel=0.03)
    assert rms[1, 6] == pytest.approx(rms[0, 7], rel=0.001)
    assert rms[1, 7] == pytest.approx(rms[0, 6], rel=0.001)
    assert rms[1, 0] == pytest.approx(rms[0, 0], rel=0.001)


def test_a_thermostat_keeps_its_times_at_nominal_voltage_and_calls_longer_after_the_dark() -> None:
    """On for 2 s, off for 3 s; after 6 s without power two bands are missing, which takes 4 + 2 s more."""
    setup = {**QUIET, **SINE, **STIFF, "thermostat_w": 3000.0, "thermostat_on_s": 2.0, "thermostat_off_s": 3.0}
    rig = Rig({**setup, "resistive_l1_w": 0.0, "resistive_l2_w": 0.0})
    on = rig.hold(30 * 120)["load_w"] > 1000.0
    turns = np.flatnonzero(np.diff(on.astype(int)))
    lengths_s = np.diff(turns) / 120.0
    assert np.allclose(lengths_s[::2], 2.0, atol=0.1)
    assert np.allclose(lengths_s[1::2], 3.0, atol=0.1)
    while not (rig.hold(1)["load_w"][-1] > 1000.0):
        pass
    rig.set("feeder_on", 0.0)
    rig.hold(6 * 120)
    rig.set("feeder_on", 1.0)
    after = rig.hold(12 * 120)["load_w"] > 1000.0
    assert after[10]
    assert np.flatnonzero(~after[10:])[0] / 120.0 == pytest.approx(6.0, abs=0.3)
