"""Speed of metrology at waveform rate, and of a whole meter in every runtime: samples a second and core, CPU time.

python scripts/bench_metrology.py [--meters N] [--seconds S]
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from bench_whole_meter import rates

from bptm.assurance.firmware import read_core
from bptm.compiled.meters import Meters
from bptm.compiled.waveform_meter import WaveformMeter
from bptm.terms import core_metrology as terms
from bptm.terms.core_codes import TICKS_PER_S

CHANNELS_OF_PROTOTYPE = 6
RATE_OF_PROTOTYPE = 31e6


def compiled_rate(meters: int, seconds: float) -> float:
    """Samples of eight channels in a CPU-second: waves made and measured."""
    many = Meters(meters)
    many.advance(2)
    begun_s = time.process_time()
    taken = many.advance(int(seconds * TICKS_PER_S))
    return taken / (time.process_time() - begun_s)


def whole_rate(seconds: float) -> float:
    """Samples of eight channels in a CPU-second: stored samples through detector, metrology and scan."""
    meter = WaveformMeter.of()
    angle = 2.0 * np.pi * 60.0 * np.arange(7680 * 10) / 7680
    wave = 170.0 * np.sin(angle)
    samples = np.column_stack((wave, -wave, wave, -wave, 0.0 * wave, 0.0 * wave, 0.1 * wave, -0.1 * wave))
    meter.run(samples[:1280])
    begun_s = time.process_time()
    runs = max(1, int(seconds))
    for _ in range(runs):
        meter.run(samples)
    return runs * len(samples) / (time.process_time() - begun_s)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Speed of metrology at waveform rate.")
    parser.add_argument("--meters", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0, help="simulated, of each meter")
    asked = parser.parse_args()
    rate = compiled_rate(asked.meters, asked.seconds)
    prototype = RATE_OF_PROTOTYPE * CHANNELS_OF_PROTOTYPE
    print(f"compiled: {rate / 1e6:.1f} M samples/s/core of {terms.CHANNELS} channels, waves made and measured")
    print(f"          {rate * terms.CHANNELS / prototype:.2f} x the prototype's 31 M of 6 channels, by channel samples")
    print(f"          {rate / 7680:,.0f} meters in real time on a core at 7,680 samples/s")
    whole = whole_rate(asked.seconds)
    missing: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bptm-bench-") as folder:
        found = {"numba": whole} | rates(read_core(), Path(folder), missing)
    print("whole meter by runtime: detector, metrology, measured values and scan, inlet dead, CPU time of one core")
    for name, value in sorted(found.items(), key=lambda each: -each[1]):
        print(
            f"  {name:<12} {value / 1e6:8.3f} M samples/s of {terms.CHANNELS} channels, "
            f"{value / 7680:10,.1f} x real time"
        )
    for sentence in missing:
        print(f"not measured: {sentence}")


if __name__ == "__main__":
    main()
