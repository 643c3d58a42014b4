"""Speed of metrology at waveform rate: samples a second and core, CPU time, compiled; and in CPython with --plain.

python scripts/bench_metrology.py [--meters N] [--seconds S] [--plain]
"""

import argparse
import time
from typing import Any

import numpy as np

from bptm.compiled import kernel_waves as untyped_kernel
from bptm.compiled.meters import Meters
from bptm.compiled.records import fill_plain, plain_record
from bptm.compiled.waveform_meter import WaveformMeter
from bptm.controller import metrology as untyped_metrology
from bptm.terms import core_metrology as terms
from bptm.terms.core_codes import FED_BY_UTILITY, TICKS_PER_S

# Core Python carries no annotations.
kernel_waves: Any = untyped_kernel
metrology: Any = untyped_metrology

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


def plain_rate() -> float:
    """The same in CPython, one meter for 240 half-cycles."""
    many = Meters(1)
    h = fill_plain(plain_record(kernel_waves.WAVE_SOURCE_FIELDS), many.source[:1][0])
    g = fill_plain(plain_record(terms.FIELDS), many.settings[:1][0])
    t, y, e, q, a, w = (
        plain_record(fields)
        for fields in (
            terms.READING_FIELDS,
            terms.BLOCK_FIELDS,
            terms.ENERGY_FIELDS,
            terms.QUALITY_FIELDS,
            terms.METER_FIELDS,
            terms.WAVE_FIELDS,
        )
    )
    metrology.begin_meter(a, g, w, FED_BY_UTILITY)
    begun_s = time.process_time()
    taken = sum(int(kernel_waves.measure_wave(h, a, g, w, t, y, e, q, FED_BY_UTILITY)) for _ in range(240))
    return taken / (time.process_time() - begun_s)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Speed of metrology at waveform rate.")
    parser.add_argument("--meters", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0, help="simulated, of each meter")
    parser.add_argument("--plain", action="store_true", help="CPython too")
    asked = parser.parse_args()
    rate = compiled_rate(asked.meters, asked.seconds)
    prototype = RATE_OF_PROTOTYPE * CHANNELS_OF_PROTOTYPE
    print(f"compiled: {rate / 1e6:.1f} M samples/s/core of {terms.CHANNELS} channels, waves made and measured")
    print(f"          {rate * terms.CHANNELS / prototype:.2f} x the prototype's 31 M of 6 channels, by channel samples")
    print(f"          {rate / 7680:,.0f} meters in real time on a core at 7,680 samples/s")
    whole = whole_rate(asked.seconds)
    print(
        f"whole meter: {whole / 1e6:.1f} M samples/s/core, detector, metrology and scan on stored samples, inlet dead"
    )
    print(f"          {whole / 7680:,.0f} meters in real time on a core")
    if asked.plain:
        print(f"CPython:  {plain_rate() / 1e6:.3f} M samples/s")


if __name__ == "__main__":
    main()
