"""How soon a loss is detected, and that nothing else is: the fast detector, and the whole meter on waveforms.

python scripts/bench_detection.py [--json] [--quick]

Everything runs the shipped code compiled: samples through detector, metrology, measured values and scan, a qualified
backup standing by, so that U would open if the meter thought it had to. --quick takes a coarser grid.
"""

import argparse
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.meters import metrology_settings
from bptm.compiled.waveform_meter import WaveformMeter
from bptm.terms import core_metrology as terms
from bptm.terms.core_codes import MODE_ON_UTILITY, TICKS_PER_S

RATE = 7680
CYCLE = RATE // 60
PEAK_V = 120.0 * math.sqrt(2.0)
NOISE_V = 0.24
"""0.2 % of 120 V."""
POINTS = 64
LONG_S = 5.0
"""Longer sags take an eighth of the points on the wave."""
JOINED_S = 0.2
"""By then the meter has forgotten that its samples jumped to those of the trial."""
HARMONICS = ((3, 0.6), (5, 0.64), (7, 0.48))
"""Order and share; the root of the sum of their squares is 1."""
LRA_A = (21.0, 94.0)
"""Locked-rotor currents at 240 V of 1/2 and 3 hp (domain.md 2.12)."""
SERVICE_OHM = (0.02, 0.3)
Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Times of detection in milliseconds."""

    count: int
    missed: int
    least_ms: float
    median_ms: float
    most_ms: float

    @classmethod
    def of(cls, times_ms: list[float], missed: int) -> "Spread":
        """Of these times, and of so many that were never detected."""
        found = np.array(times_ms or [math.nan])
        return cls(
            count=len(times_ms) + missed,
            missed=missed,
            least_ms=round(float(found.min()), 2),
            median_ms=round(float(np.median(found)), 2),
            most_ms=round(float(found.max()), 2),
        )


def shape(count: int, hz: float, thd: float, draw: np.random.Generator) -> Levels:
    """A leg of so many samples at 120 V RMS, distorted, at any phases."""
    angle = 2.0 * math.pi * (hz * np.arange(count) / RATE + draw.random())
    wave = np.sin(angle)
    for order, share in HARMONICS:
        wave += thd * share * np.sin(order * angle + draw.uniform(0.0, 2.0 * math.pi))
    return PEAK_V / math.sqrt(1.0 + thd * thd) * wave


def fast(legs: tuple[float, float], *, lost: bool) -> Spread:
    """The fast detector on a step of both legs to these levels, at 64 points, 59.3 to 60.5 Hz, 0 and 5 % distortion."""
    kernel: Any = compiled_modules()["compiled.kernel_waves"]
    begin: Any = compiled_modules()["controller.metrology_fast"].begin_detector
    settings = metrology_settings(1, {})[0]
    times: list[float] = []
    missed = 0
    for seed in range(POINTS * 24):
        draw = np.random.default_rng(seed)
        v = shape(6 * CYCLE, 59.3 + 1.2 * (seed // POINTS % 6) / 5, 0.05 * (seed // (6 * POINTS) % 2), draw)
        at = 3 * CYCLE + seed % POINTS * CYCLE // POINTS
        pair = np.column_stack((v, -v))
        pair[at:] *= legs
        pair += draw.normal(0.0, NOISE_V, pair.shape)
        d = np.zeros(1, dtype_of(terms.DETECTOR_FIELDS))[0]
        begin(d, settings)
        found = int(kernel.detect_all(d, settings, pair))
        if lost:
            found = int(d["lost_count"]) - 1
        if found < at:
            missed += 1
        else:
            times.append((found - at + 1) * 1000.0 / RATE)
    return Spread.of(times, missed)


def ready() -> WaveformMeter:
    """A meter on a steady utility with a qualified backup standing by."""
    meter = WaveformMeter.of()
    draw = np.random.default_rng(1)
    v = shape(12 * RATE, 60.0, 0.04, draw)
    inlet = shape(12 * RATE, 60.9, 0.04, draw)
    samples = np.column_stack((v, -v, v, -v, inlet, -inlet, v / 12.0, -v / 12.0))
    meter.run(samples)
    if not meter.records["s"]["backup_qualified"][0]:
        msg = "the backup is not qualified: the bench would prove nothing"
        raise RuntimeError(msg)
    return meter


def on_legs(legs: Levels, draw: np.random.Generator, hz: float = 60.0) -> Levels:
    """Eight channels: a distorted utility with these levels of each leg and sample, a load, the backup at the inlet."""
    count = len(legs)
    v = shape(count, hz, 0.04, draw)
    inlet = shape(count, 60.9, 0.04, draw)
    first, second = v * legs[:, 0], -v * legs[:, 1]
    samples = np.column_stack((first, second, first, second, inlet, -inlet, first / 12.0, second / 12.0))
    samples[:, :6] += draw.normal(0.0, NOISE_V, (count, 6))
    return samples


def left(log: NDArray[Any]) -> bool:
    """Whether the meter left the utility, or ordered U open."""
    return bool((log["mode"] != MODE_ON_UTILITY).any() or (log["u_out"] == 1).any())


def found_low(log: NDArray[Any]) -> bool:
    """Whether the fast detector picked up, the join to the samples before left out."""
    settled = log[int(JOINED_S * TICKS_PER_S) :]
    return bool((np.diff(settled["low_count"]) > 0).any())


def itic(*, quick: bool) -> dict[str, Any]:
    """False transfers inside the ITIC no-interruption region: depth, duration, point on the wave, one leg or both."""
    meter = ready()
    regions = (
        (0.0, 0.70, 0.02),
        (0.70, 0.80, 0.5),
        (0.80, 0.90, 10.0),
        (0.90, 1.10, 30.0),
        (1.10, 1.20, 0.5),
        (1.20, 1.40, 0.003),
        (1.40, 2.0, 0.001),
    )
    tried = wrong = sags = 0
    which: list[str] = []
    points = 4 if quick else 16
    for low, high, longest_s in regions:
        depths = np.linspace(low, high, 2 if quick else 5)
        # The region's own edge belongs to the shorter ride; a steady 1.10 is within a sensor's error of 59's pickup.
        if high > low:
            depths = depths[1:] - (high - low) * 1e-3 if high > 1.0 else depths[:-1]
        for depth in depths:
            for share in (0.1, 1.0) if quick else (0.1, 0.4, 0.8, 1.0):
                for point in range(points if longest_s < LONG_S else max(1, points // 8)):
                    draw = np.random.default_rng(tried)
                    first = CYCLE * 15 + point * CYCLE // points
                    last = first + max(1, int(longest_s * share * RATE))
                    legs = np.ones((last + RATE, 2))
                    legs[first:last, : 1 + tried % 2] = depth
                    log = meter.copy().run(on_legs(legs, draw, 59.7 + 0.6 * (tried % 3) / 2))
                    tried += 1
                    if left(log):
                        wrong += 1
                        which.append(f"{depth:.2f} pu for {last - first} samples")
                    sags += found_low(log)
    return {"tried": tried, "false_transfers": wrong, "seen_by_the_fast_detector": sags, "which": which}


def motor_start(draw: np.random.Generator) -> Levels:
    """A start: eight channels of two seconds and more; inrush with its offset, then the rotor runs up, on 240 V."""
    start_s = draw.uniform(0.1, 2.0)
    count = int((start_s + 0.6) * RATE)
    time_s = np.arange(count) / RATE
    w = 2.0 * math.pi * draw.uniform(59.7, 60.3)
    lag, phase, at_s = math.radians(draw.uniform(40.0, 75.0)), draw.uniform(0.0, 2.0 * math.pi), 0.25
    peak_a = draw.uniform(*LRA_A) * math.sqrt(2.0)
    ohm, tau_s = draw.uniform(*SERVICE_OHM), math.tan(lag) / w
    on = time_s >= at_s
    since_s = np.maximum(time_s - at_s, 0.0)
    run_up = np.where(since_s < start_s, 1.0, 0.2)
    angle = w * time_s + phase - lag
    offset = math.sin(w * at_s + phase - lag) * np.exp(-since_s / tau_s)
    current = np.where(on, peak_a * (run_up * np.sin(angle) - offset), 0.0)
    slope = np.where(on, peak_a * (run_up * w * np.cos(angle) + offset / tau_s), 0.0)
    v = PEAK_V * draw.uniform(0.95, 1.05) * np.sin(w * time_s + phase)
    v = v - ohm * (0.8 * current + 0.6 / w * slope)
    inlet = shape(count, 60.9, 0.04, draw)
    load = v / 12.0 + current
    samples = np.column_stack((v, -v, v, -v, inlet, -inlet, load, -load))
    samples[:, :6] += draw.normal(0.0, NOISE_V, (count, 6))
    return samples


def motors(starts: int) -> dict[str, float]:
    """False transfers and false detections over random motor starts."""
    meter = ready()
    wrong = fast_wrong = 0
    lowest_v = 120.0
    for seed in range(starts):
        log = meter.copy().run(motor_start(np.random.default_rng(10_000 + seed)))
        wrong += left(log)
        fast_wrong += found_low(log)
        lowest_v = min(lowest_v, float(log["utility_l1_v"][int(JOINED_S * TICKS_PER_S) :].min()))
    return {
        "tried": starts,
        "false_transfers": wrong,
        "false_fast_detections": fast_wrong,
        "deepest_v": round(lowest_v, 1),
    }


STAGES = (
    ("27 stage 1, 0.60 pu", (0.60, 0.60), 2.0),
    ("27 stage 1, total loss", (0.0, 0.0), 2.0),
    ("27 stage 2, 0.75 pu", (0.75, 0.75), 12.0),
    ("27 stage 2, one leg", (0.75, 1.0), 12.0),
    ("27 stage 3, 0.85 pu", (0.85, 0.85), 23.0),
    ("59 stage 1, 1.25 pu", (1.25, 1.25), 2.0),
    ("59 stage 2, 1.15 pu", (1.15, 1.15), 15.0),
)
"""What falls to which levels, and how long to wait."""


def stages(runs: int) -> dict[str, dict[str, float]]:
    """From the step on the wave to `utility_lost`, with the delay that the settings ask for."""
    meter = ready()
    found: dict[str, dict[str, float]] = {}
    names = ("lost_deep_ticks", "lost_deep_ticks", "lost_low_ticks", "lost_low_ticks", "lost_slight_ticks")
    for (name, levels, wait_s), setting in zip(STAGES, (*names, "over_high_ticks", "over_low_ticks"), strict=True):
        times: list[float] = []
        missed = 0
        for run in range(runs):
            first = CYCLE * 15 + run * CYCLE // runs
            legs = np.ones((first + int(wait_s * RATE), 2))
            legs[first:] = levels
            log = meter.copy().run(on_legs(legs, np.random.default_rng(run)))
            ticks = np.flatnonzero(log["utility_lost"])
            if len(ticks):
                times.append(((ticks[0] + 1) / TICKS_PER_S - first / RATE) * 1000.0)
            else:
                missed += 1
        spread = Spread.of(times, missed)
        setting_ms = float(meter.records["p"][setting][0]) * 1000.0 / TICKS_PER_S
        found[name] = {
            "set_ms": round(setting_ms, 1),
            "least_ms": spread.least_ms,
            "median_ms": spread.median_ms,
            "most_ms": spread.most_ms,
            "missed": missed,
        }
    return found


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Detection of losses, and what is not one.")
    parser.add_argument("--json", action="store_true", help="one JSON object, alone on standard output")
    parser.add_argument("--quick", action="store_true", help="a coarser grid")
    asked = parser.parse_args()
    steps = {
        "total loss, first leg low": fast((0.0, 0.0), lost=False),
        "total loss, both legs lost": fast((0.0, 0.0), lost=True),
        "sag to 0.5 pu, both legs": fast((0.5, 0.5), lost=False),
        "sag to 0.5 pu, one leg": fast((0.5, 1.0), lost=False),
    }
    report: dict[str, Any] = {
        "fast": {
            name: {
                "count": spread.count,
                "missed": spread.missed,
                "least_ms": spread.least_ms,
                "median_ms": spread.median_ms,
                "most_ms": spread.most_ms,
            }
            for name, spread in steps.items()
        },
        "itic": itic(quick=asked.quick),
        "motors": motors(200 if asked.quick else 2000),
        "stages": stages(4 if asked.quick else 16),
    }
    if asked.json:
        print(json.dumps(report))
        return
    print(f"{'fast detector':<30}{'least':>9}{'median':>9}{'most ms':>9}{'missed':>9}")
    for name, row in report["fast"].items():
        print(
            f"{name:<30}{row['least_ms']:>9}{row['median_ms']:>9}{row['most_ms']:>9}{row['missed']:>6}/{row['count']}"
        )
    print(f"\n{'stage, whole meter':<30}{'set':>9}{'least':>9}{'median':>9}{'most ms':>9}")
    for name, row in report["stages"].items():
        print(f"{name:<30}{row['set_ms']:>9}{row['least_ms']:>9}{row['median_ms']:>9}{row['most_ms']:>9}")
    for name in ("itic", "motors"):
        print(
            f"\n{name}: "
            + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in report[name].items() if value != [])
        )


if __name__ == "__main__":
    main()
