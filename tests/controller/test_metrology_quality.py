"""Voltage events by their names, and bad input: flagged, never a wrong number silently."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bptm.assurance.metrology_points import resistive, sampled
from bptm.compiled.meters import Meter, metrology_settings
from bptm.terms.core_codes import FED_BY_UTILITY
from bptm.terms.core_metrology import (
    BLOCK_L1_ESTIMATED,
    BLOCK_L1_LOST,
    BLOCK_NOT_SYNCHRONOUS,
    CHANNEL_BUS_L1,
    CHANNEL_L1_A,
    CHANNEL_UTILITY_L1,
    CLASS_INSTANTANEOUS,
    CLASS_MOMENTARY,
    CLASS_SUSTAINED,
    CLASS_TEMPORARY,
    CLASSES,
    KIND_INTERRUPTION,
    KIND_SAG,
    KIND_SWELL,
    VALUE_AT_LEAST,
    VALUE_ESTIMATED,
    VALUE_FROZEN,
    VALUE_MISSING,
)

TICK = 64
"""Samples in a half-cycle at 7,680 a second."""


def wave(ticks: int, **levels: tuple[int, int, float]) -> NDArray[np.float64]:
    """A healthy wave of so many half-cycles, legs scaled between two half-cycles to a level."""
    samples = sampled(resistive(60.0, 10.0), 7680, ticks * TICK)
    legs = {"l1": (0, 2), "l2": (1, 3)}
    for leg, (first, last, level) in levels.items():
        for channel in legs[leg[:2]]:
            samples[first * TICK : last * TICK, channel] *= level
    return samples


def counted(meter: Meter) -> dict[tuple[int, int], int]:
    """Events so far by kind and class."""
    counts = meter.quality["counted"]
    return {(k // CLASSES, k % CLASSES): int(counts[k]) for k in range(len(counts)) if counts[k]}


@pytest.mark.parametrize(
    ("ticks", "level", "kind", "name"),
    [
        (20, 0.7, KIND_SAG, CLASS_INSTANTANEOUS),
        (200, 0.5, KIND_SAG, CLASS_MOMENTARY),
        (1200, 0.85, KIND_SAG, CLASS_TEMPORARY),
        (7300, 0.85, KIND_SAG, CLASS_SUSTAINED),
        (30, 1.2, KIND_SWELL, CLASS_INSTANTANEOUS),
        (300, 1.15, KIND_SWELL, CLASS_MOMENTARY),
        (40, 0.02, KIND_INTERRUPTION, CLASS_MOMENTARY),
        (500, 0.0, KIND_INTERRUPTION, CLASS_TEMPORARY),
        (7300, 0.05, KIND_INTERRUPTION, CLASS_SUSTAINED),
    ],
)
def test_an_event_on_both_legs_has_the_name_that_ieee_1159_gives_it(
    ticks: int, level: float, kind: int, name: int
) -> None:
    """IEEE 1159: one event of that kind and class, its length within two half-cycles, its extreme within 1 V."""
    meter = Meter.of()
    meter.feed(wave(40 + ticks + 40, l1=(40, 40 + ticks, level), l2=(40, 40 + ticks, level)))
    assert counted(meter) == {(kind, name): 1}
    assert abs(int(meter.quality["ended_ticks"][kind]) - ticks) <= 2
    assert float(meter.quality["ended_extreme_v"][kind]) == pytest.approx(120.0 * level, abs=1.0)


def test_a_sag_begins_with_any_leg_and_ends_when_all_are_in() -> None:
    """IEC 61000-4-30: leg 1 out for 20 half-cycles, leg 2 for a later overlapping 30: one sag over both."""
    meter = Meter.of()
    meter.feed(wave(140, l1=(40, 60, 0.8), l2=(50, 80, 0.7)))
    assert counted(meter) == {(KIND_SAG, CLASS_INSTANTANEOUS): 1}
    assert abs(int(meter.quality["ended_ticks"][KIND_SAG]) - 40) <= 2


def test_one_dead_leg_is_a_sag_and_no_interruption() -> None:
    """IEC 61000-4-30: an interruption needs every leg below its threshold; a missing leg is a sag to 0."""
    meter = Meter.of()
    meter.feed(wave(140, l1=(40, 80, 0.0)))
    assert counted(meter) == {(KIND_SAG, CLASS_INSTANTANEOUS): 1}
    assert float(meter.quality["ended_extreme_v"][KIND_SAG]) < 1.0


def test_a_broken_neutral_is_sag_and_swell_at_once() -> None:
    """One leg at 0.8, the other at 1.2: each has its own event."""
    meter = Meter.of()
    meter.feed(wave(140, l1=(40, 80, 0.8), l2=(40, 80, 1.2)))
    assert counted(meter) == {(KIND_SAG, CLASS_INSTANTANEOUS): 1, (KIND_SWELL, CLASS_INSTANTANEOUS): 1}


def test_a_voltage_that_hovers_at_the_threshold_is_one_sag() -> None:
    """Hysteresis of 2 %: 0.89 and 0.91 by turns for 100 half-cycles make one event, 0.89 and 0.93 make many."""
    once, often = wave(200), wave(200)
    for k in range(10):
        for samples, high in ((once, 0.91), (often, 0.93)):
            part = slice((50 + 10 * k) * TICK, (55 + 10 * k) * TICK)
            rest = slice((55 + 10 * k) * TICK, (60 + 10 * k) * TICK)
            samples[part, :4] *= 0.89
            samples[rest, :4] *= high
    for samples, events in ((once, 1), (often, 10)):
        meter = Meter.of()
        meter.feed(samples)
        assert sum(counted(meter).values()) == events


def test_no_frequency_from_55_to_65_hz_makes_an_event_of_a_steady_voltage() -> None:
    """0.915 and 1.085 per unit are in, at every frequency: the window's ripple starts no event."""
    for frequency_hz in (55.0, 57.5, 59.3, 60.7, 62.5, 65.0):
        for level in (0.915, 1.085):
            samples = sampled(resistive(frequency_hz, 10.0), 7680, 300 * TICK)
            samples[30 * TICK :, :4] *= level
            meter = Meter.of()
            meter.feed(samples)
            assert not meter.quality["active"].any(), (frequency_hz, level)
            assert counted(meter) == {}


def test_a_source_out_of_step_is_not_in_phase_and_one_in_step_is() -> None:
    """3 degrees: 2 are in phase, 4 are not, whatever the frequency; a dead side has no phase."""
    for frequency_hz in (60.0, 61.7):
        for degrees, expected in ((0.0, 1), (2.0, 1), (4.0, 0), (180.0, 0)):
            samples = sampled(resistive(frequency_hz, 10.0), 7680, 60 * TICK)
            angle = 2 * math.pi * frequency_hz * np.arange(60 * TICK) / 7680 + math.radians(degrees)
            samples[:, 2] = 170 * np.cos(angle)
            samples[:, 3] = -170 * np.cos(angle)
            readings = Meter.of().feed(samples)[4:]
            assert (readings["utility_in_phase"] == expected).all(), (frequency_hz, degrees)
    samples[:, 2:4] = 0.0
    assert not Meter.of().feed(samples)["utility_in_phase"].any()


def test_the_angle_between_legs_tells_split_phase_from_two_phases_and_from_one() -> None:
    """180, 120 and 0 degrees; legs in phase keep their frequency though they have no difference."""
    for degrees in (180.0, 120.0, 0.0):
        samples = sampled(resistive(60.0, 10.0), 7680, 240 * TICK)
        angle = 2 * math.pi * 60.0 * np.arange(240 * TICK) / 7680 - math.radians(degrees)
        for channel in (1, 3):
            samples[:, channel] = 120 * math.sqrt(2) * np.cos(angle)
        meter = Meter.of()
        last = meter.feed(samples)[-1]
        assert float(last["utility_legs_rad"]) == pytest.approx(math.radians(degrees), abs=1e-6)
        assert abs(float(meter.block["legs_rad"])) == pytest.approx(math.radians(degrees), abs=1e-6)
        assert float(last["utility_hz"]) == pytest.approx(60.0, abs=1e-6)


BAD = {
    "no number": (np.nan, VALUE_MISSING),
    "infinite": (np.inf, VALUE_MISSING),
    "minus infinite": (-np.inf, VALUE_MISSING),
    "absurd": (1e9, VALUE_MISSING),
    "frozen": (55.0, VALUE_FROZEN),
    "saturated": (601.0, VALUE_AT_LEAST),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("channel", range(8))
def test_a_bad_channel_is_flagged_and_the_others_are_not(kind: str, channel: int) -> None:
    """Each kind of bad input on each channel for 20 half-cycles: flagged within one, gone one after.

    No other value changes (the other leg of the same source by 2 % at most), no record holds what is no number.
    """
    value, quality = BAD[kind]
    if kind == "saturated" and channel < CHANNEL_L1_A:
        # A voltage that stands at full scale for a half-cycle is a stuck converter; a current may be a short circuit.
        quality = VALUE_FROZEN
    good = Meter.of().feed(wave(100))
    samples = wave(100)
    samples[40 * TICK : 60 * TICK, channel] = value
    meter = Meter.of()
    readings = meter.feed(samples)
    assert (readings["quality"][40, channel], readings["quality"][59, channel]) in {
        (quality, quality),
        (0, quality),
    }
    assert (readings["quality"][41:60, channel] == quality).all()
    assert (readings["doubtful"][41:60] == 1 << channel).all()
    assert not readings["doubtful"][:40].any()
    assert not readings["doubtful"][61:].any()
    own = {
        0: ("utility_l1_v", "utility_l12_v", "utility_hz", "utility_legs_rad", "utility_in_phase"),
        1: ("utility_l2_v", "utility_l12_v", "utility_hz", "utility_legs_rad", "utility_in_phase"),
        4: ("inlet_l1_v", "inlet_l12_v", "inlet_hz", "inlet_legs_rad"),
        5: ("inlet_l2_v", "inlet_l12_v", "inlet_hz", "inlet_legs_rad"),
        6: ("l1_a", "l1_w", "l1_var", "premise_w"),
        7: ("l2_a", "l2_w", "l2_var", "premise_w"),
    }
    if channel in own:
        for name in readings.dtype.names or ():
            if name in {"utility_l1_v", "utility_l2_v", "inlet_l1_v", "inlet_l2_v"} - {*own[channel]}:
                # The other leg's window is judged by a frequency that the bad leg disturbs for a few cycles.
                assert np.allclose(readings[name], good[name], rtol=0.02), name
            elif name not in {*own[channel], "quality", "doubtful"}:
                assert (readings[name] == good[name]).all(), name
    for record in (readings, meter.block, meter.energy, meter.quality, meter.state):
        for name in record.dtype.names or ():
            assert np.isfinite(np.asarray(record[name], np.float64)).all(), name


def test_a_missing_or_frozen_channel_reads_zero_and_a_saturated_one_at_least_full_scale() -> None:
    """What stands in the reading beside its flag."""
    for channel, value, name, low, high in (
        (CHANNEL_UTILITY_L1, np.nan, "utility_l1_v", 0.0, 0.0),
        (CHANNEL_BUS_L1, 77.0, "bus_l1_v", 0.0, 0.0),
        (CHANNEL_L1_A, 3000.0, "l1_a", 590.0, 610.0),
    ):
        samples = wave(60)
        samples[30 * TICK :, channel] = value
        got = Meter.of().feed(samples)[-1]
        assert low <= float(got[name]) <= high, name


def test_a_channel_that_the_host_calls_absent_is_missing() -> None:
    """The mask of the host: the channel is missing though samples stand in its place."""
    meter = Meter.of()
    meter.absent(1 << CHANNEL_L1_A)
    last = meter.feed(wave(60))[-1]
    assert int(last["quality"][CHANNEL_L1_A]) == VALUE_MISSING
    assert float(last["l1_a"]) == 0.0
    assert int(meter.block["flags"]) & BLOCK_L1_LOST


def test_energy_of_a_leg_without_values_is_lost_and_said_so() -> None:
    """A leg missing for a second: its energy is not invented, the other leg's is whole, the time is counted."""
    samples = wave(480)
    samples[120 * TICK : 240 * TICK, CHANNEL_L1_A] = np.nan
    meter = Meter.of()
    meter.feed(samples)
    e = meter.energy
    assert 120 <= int(e["lost_ticks"]) <= 120 + 48
    first, second = (float(e[name][FED_BY_UTILITY]) for name in ("l1_in_mwticks", "l2_in_mwticks"))
    assert first == pytest.approx(second - 1200e3 * int(e["lost_ticks"]), rel=1e-3)


def test_a_single_lost_sample_is_estimated_and_said_so() -> None:
    """One sample in a block: held over, energy within 0.1 %, flagged in its half-cycle, its block and its time."""
    samples = wave(240)
    samples[100 * TICK + 7, CHANNEL_L1_A] = np.nan
    meter, seen = Meter.of(), 0
    for tick in range(240):
        reading = meter.feed(samples[tick * TICK : (tick + 1) * TICK])[0]
        seen |= int(meter.block["flags"])
        assert int(reading["quality"][CHANNEL_L1_A]) == (VALUE_ESTIMATED if tick == 100 else 0)
    assert seen & BLOCK_L1_ESTIMATED
    assert not seen & BLOCK_L1_LOST
    assert int(meter.energy["estimated_ticks"]) == 24
    assert int(meter.energy["lost_ticks"]) == 0


def test_a_doubtful_voltage_begins_and_ends_no_event() -> None:
    """A missing utility channel is no sag: unknown is not low; an event that lasts is marked as doubted."""
    samples = wave(200)
    samples[50 * TICK : 80 * TICK, CHANNEL_UTILITY_L1] = np.nan
    meter = Meter.of()
    meter.feed(samples)
    assert counted(meter) == {}
    samples = wave(200, l1=(40, 120, 0.8))
    samples[60 * TICK : 70 * TICK, CHANNEL_UTILITY_L1] = np.nan
    meter = Meter.of()
    meter.feed(samples)
    assert counted(meter) == {(KIND_SAG, CLASS_MOMENTARY): 1}
    assert int(meter.quality["ended_doubted"][KIND_SAG]) == 1


def test_a_dead_bus_has_no_frequency_and_energy_goes_on_without_one() -> None:
    """Without cycles, windows are nominal and say so; a direct current of 10 A at 24 V still registers."""
    samples = np.zeros((240 * TICK, 8))
    samples[:, 2], samples[:, 6] = 24.0, 10.0
    samples += np.random.default_rng(3).normal(0.0, 0.01, samples.shape)
    meter = Meter.of()
    readings = meter.feed(samples)
    assert not readings["bus_hz"].any()
    assert int(meter.block["flags"]) & BLOCK_NOT_SYNCHRONOUS
    assert float(meter.energy["l1_in_mwticks"][FED_BY_UTILITY]) == pytest.approx(240e3 * 240, rel=0.2)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    rate_hz=st.integers(1000, 32000),
    badness=st.lists(
        st.tuples(st.integers(0, 7), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 399.0, 1e300, -1e9])), max_size=6
    ),
)
def test_no_input_puts_a_value_that_is_no_number_into_any_record(
    seed: int, rate_hz: int, badness: list[tuple[int, float]]
) -> None:
    """Noise and any bad values at any rate, in bursts anywhere: every field stays finite."""
    draw = np.random.default_rng(seed)
    samples = draw.normal(0.0, draw.choice([0.1, 30.0, 300.0]), (rate_hz // 4, 8))
    for channel, value in badness:
        first = int(draw.integers(0, len(samples)))
        samples[first : first + int(draw.integers(1, 400)), channel] = value
    meter = Meter.of(rate_hz=rate_hz)
    readings = meter.feed(samples)
    for record in (readings, meter.block, meter.energy, meter.quality, meter.state):
        for name in record.dtype.names or ():
            assert np.isfinite(np.asarray(record[name], np.float64)).all(), name


def test_settings_outside_their_limits_are_refused_together() -> None:
    """Each fault is named, and nothing is begun."""
    with pytest.raises(ValueError, match=r"rate_hz = 50:.*start_a = 3\.0:.*colour = 1: no such setting"):
        metrology_settings(1, {"rate_hz": 50, "start_a": 3.0, "colour": 1})
    with pytest.raises(ValueError, match=r"shape \(9, 7\)"):
        Meter.of().feed(np.zeros((9, 7)))
