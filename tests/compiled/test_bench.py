"""The bench with our own controller: plain and compiled alike, whole stories, refusals."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bptm.compiled.bench import BenchMeter, Change
from bptm.compiled.bench_setup import BENCH_NAMES, PLACE_OF, SETUP_ROWS, complete, faults_of, profile_of
from bptm.terms.core_codes import MODE_DARK, MODE_ON_BACKUP, MODE_ON_UTILITY

FAST = {"controller": {"return_ticks": 600, "slot_window_ticks": 0}}
STORY_S = 45


def differing(first: NDArray[np.void], second: NDArray[np.void]) -> list[str]:
    """Fields in which two traces are not the same to the bit."""
    return [name for name in first.dtype.names or () if first[name].tobytes() != second[name].tobytes()]


def story(meter: BenchMeter) -> tuple[Change, ...]:
    """An outage at a crest, a portable that is started, and the utility again."""
    rate = meter.rate_hz
    return (
        Change(sample=rate + 37, name="feeder_on", value=0.0),
        Change(sample=2 * rate, name="run", value=1.0),
        Change(sample=26 * rate, name="resistive_l12_w", value=1500.0),
        Change(sample=30 * rate, name="feeder_on", value=1.0),
    )


@pytest.fixture(scope="module")
def played() -> BenchMeter:
    """One story with our controller."""
    meter = BenchMeter({"kind": 1.0}, settings=FAST)
    meter.run(STORY_S * 120, story(meter))
    return meter


def test_the_controller_plays_an_outage_from_utility_to_backup_and_back(played: BenchMeter) -> None:
    """The whole chain from volts to contacts: modes in their order, contacts as solved, no law broken."""
    modes = [int(mode) for mode in played.told["mode"]]
    assert modes[60] == MODE_ON_UTILITY
    assert MODE_DARK in modes
    assert MODE_ON_BACKUP in modes
    assert modes[-1] == MODE_ON_UTILITY
    assert played.true["u_poles"][-1] == 3
    assert played.true["b_poles"][-1] == 0
    verdicts = {law.law: law.verdict for law in played.laws()}
    assert "broken" not in verdicts.values(), verdicts
    assert {1, 2, 7, 11, 14} <= {law for law, verdict in verdicts.items() if verdict == "held"}


def test_registers_are_the_energy_through_the_contactors(played: BenchMeter) -> None:
    """LAW-8: the registers of both sources against the solved energy, and both were used."""
    verdicts = {law.law: law for law in played.laws()}
    assert verdicts[8].verdict == "held"
    assert played.true["backup_in_wh"][-1] > 4.0
    assert played.told["backup_in_mwticks"][-1] > 0


def test_windows_hold_the_waveforms_around_what_happened(played: BenchMeter) -> None:
    """Each window lies within the run, is continuous, and one shows the loss of the feeder."""
    windows = played.trace.windows
    assert 0 < len(windows) <= 24
    loss = next(window for window in windows if "feeder_on" in window.kind)
    assert loss.first_sample < played.rate_hz + 37 < loss.first_sample + len(loss.waves)
    before = loss.waves[: played.rate_hz + 37 - loss.first_sample, 0]
    assert np.abs(before).max() > 150.0
    assert np.abs(loss.waves[-64:, 0]).max() < 20.0


def test_the_same_seed_gives_the_same_run_and_another_other_noise() -> None:
    """Deterministic to the bit, noise included."""
    rows = [BenchMeter({}, seed=seed).run(30) for seed in (5, 5, 6)]
    assert differing(rows[0].told, rows[1].told) == []
    assert differing(rows[0].true, rows[1].true) == []
    assert "read_bus_l1_v" in differing(rows[0].told, rows[2].told)


def test_plain_python_and_compiled_agree_to_the_bit() -> None:
    """DECISION-0002: every field of every record after a run with outage, motor and surge."""
    setup = {"kind": 4.0, "run": 1.0, "start_s": 0.0, "ramp_s": 0.0, "motor_b_on": 1.0, "solar_w": 1000.0}
    changes = (
        Change(sample=200, name="feeder_on", value=0.0),
        Change(sample=300, name="surge_v", value=6000.0),
        Change(sample=350, name="motor_a_on", value=1.0),
        Change(sample=500, name="neutral_ohm", value=2.0, over_s=0.02),
    )
    meters = [BenchMeter(setup, compiled=compiled, rate_hz=3840) for compiled in (True, False)]
    for meter in meters:
        meter.run(24, changes)
    assert differing(meters[0].true, meters[1].true) == []
    assert differing(meters[0].told, meters[1].told) == []


def test_a_controller_held_in_reset_orders_nothing_and_starts_again() -> None:
    """LAW-3, H7: resets at several ticks of a transfer; U stays as it is, B drops, no close on the start."""
    for tick in (130, 190, 1500):
        meter = BenchMeter({"kind": 4.0, "run": 1.0, "start_s": 0.1}, settings=FAST)
        at = tick * meter.rate_hz // 120
        rate = meter.rate_hz
        meter.run(
            1800,
            (
                Change(sample=rate, name="feeder_on", value=0.0),
                Change(sample=at, name="reset", value=1.0),
                Change(sample=at + rate // 2, name="reset", value=0.0),
            ),
        )
        assert meter.told["starts"].max() == 2
        off = meter.true["powered"] == 0
        assert off.sum() == pytest.approx(60, abs=1)
        assert meter.true["b_poles"][off][-1] == 0
        assert "broken" not in {law.verdict for law in meter.laws()}


def test_lock_step_without_a_controller_gives_samples_and_takes_orders() -> None:
    """Any controller: samples of the rate, inputs by name, orders that move contacts."""
    meter = BenchMeter({})
    counts = [meter.produce() for _turn in range(1)]
    assert meter.samples.shape == (counts[0], 8)
    assert meter.powered
    assert meter.started
    meter.apply(1, 1, {"mode": 2.0})
    for _tick in range(20):
        meter.produce()
        meter.apply(0, 1)
    assert meter.true["u_poles"][-1] == 0
    assert meter.told["mode"][0] == 2
    assert len(meter.settings_told()) > 100


def test_every_kind_of_source_has_a_setup_without_faults() -> None:
    """Defaults and profiles lie within their own limits and are possible."""
    for kind in range(6):
        assert faults_of({"kind": float(kind)}) == ()
        values = complete({"kind": float(kind)})
        assert set(values) == set(PLACE_OF)
        for row in SETUP_ROWS:
            assert row[5] <= values[row[0]] <= row[6], (kind, row[0])
    assert profile_of(3)["auto_start"] == 1.0


def test_everything_wrong_with_a_setup_is_said_at_once() -> None:
    """Unknown names with the nearest one, ranges, words, and physics that cannot be."""
    faults = faults_of(
        {
            "utilty_v": 120.0,
            "inertia_s": -1.0,
            "drop_ohm": 0.0,
            "kind": 3.0,
            "legs": 1.5,
            "run": 0.5,
            "governor_gain": 20.0,
            "stall_hz": 55.0,
            "knee_hz": 50.0,
            "utility_hz": float("nan"),
        }
    )
    said = {fault.name: fault.sentence() for fault in faults}
    assert set(said) >= {"utilty_v", "inertia_s", "drop_ohm", "legs", "run", "governor_gain", "stall_hz", "utility_hz"}
    assert "nearest is utility_v" in said["utilty_v"]
    assert "negative" in said["inertia_s"]
    assert "loop" in said["drop_ohm"]
    assert "paralleled" in said["legs"]
    assert "unstable" in said["governor_gain"]


def test_words_of_choices_cover_their_codes() -> None:
    """Each choice has a word for each code that its range allows."""
    for row in SETUP_ROWS:
        if row[0] in BENCH_NAMES:
            assert len(BENCH_NAMES[row[0]]) == int(row[6]) + 1, row[0]


@pytest.mark.parametrize("seed", range(4))
def test_any_legal_setup_stays_finite(seed: int) -> None:
    """Stable: random values from all over their ranges, some at the limits, half a second each; all numbers finite."""
    draw = np.random.default_rng(seed)
    setup: dict[str, float] = {}
    for row in SETUP_ROWS:
        lowest, highest = float(row[5]), float(row[6])
        pick = draw.random()
        if pick < 0.6:
            continue
        value = lowest if pick < 0.7 else highest if pick < 0.8 else lowest + draw.random() * (highest - lowest)
        whole = row[0] in BENCH_NAMES or (lowest, highest) == (0.0, 1.0)
        setup[row[0]] = float(round(value)) if whole else value
    for fault in faults_of(setup):
        setup.pop(fault.name, None)
    meter = BenchMeter(setup)
    rows = meter.run(60).true
    for name in rows.dtype.names or ():
        assert np.isfinite(rows[name]).all(), (seed, name)
