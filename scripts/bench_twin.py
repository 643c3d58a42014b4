"""`make bench`: waveform homes in real time a core, and device-centuries a CPU hour. CPU time, one process.

Figures belong to the machine and the moment; the last column sets them against one core's plain loop in the same run.
"""

import time

import numpy as np

from bptm.twin.bench.controllers import CONTROLLERS
from bptm.twin.bench.play import bench_of, changes_of
from bptm.twin.bench.reading import SCENARIOS, read_scenario
from bptm.twin.chaos import live_all, live_block

SCENARIO = "refrigerator-cycles"
"""On the generator, with motors, metrology and everything that observes."""
SHIPPED_LIVES = 24
BROKEN = "reacts-to-sags"


def loop_per_s() -> float:
    """Millions of multiply-adds a second of one core, in place: what a slow moment of the machine is told by."""
    values = np.linspace(0.5, 1.5, 1 << 20)
    begun_s = time.process_time()
    for _ in range(40):
        values *= 0.999999
        values += 1e-6
    return 40 * len(values) / (time.process_time() - begun_s) / 1e6


def waveform_homes() -> float:
    """Seconds of one home, sample by sample, in a CPU second."""
    scenario = read_scenario(SCENARIOS / SCENARIO)
    bench_of(scenario).run(2, changes_of(scenario))
    bench = bench_of(scenario)
    begun_s = time.process_time()
    bench.run(scenario.ticks, changes_of(scenario))
    return scenario.duration_s / (time.process_time() - begun_s)


def main() -> None:
    """Measures and prints one table."""
    loop = loop_per_s()
    homes = waveform_homes()
    result = live_all(SHIPPED_LIVES * 30 / 36525, 1, None).as_json()
    plain = live_block(1, 0, 1, CONTROLLERS[BROKEN].name)
    slow = float(plain.life["tick"].sum()) / 120.0 / 86400.0 / plain.cpu_s
    rows = [
        ("limit: multiply-adds, one core", f"{loop:,.0f} M /s", ""),
        ("bench: homes in real time a core", f"{homes:,.0f}", f"`{SCENARIO}`, 7,680 samples a second, all metering"),
        (
            "chaos: device-centuries a CPU hour",
            f"{result['device_centuries_per_cpu_h']:.0f}",
            f"{result['stress_centuries_per_cpu_h']:.0f} of stress; {result['lives']} lives of 30 days",
        ),
        ("chaos: scans a CPU second", f"{result['scans'] / result['cpu_s'] / 1e6:.2f} M", ""),
        ("chaos, a broken controller, plain", f"{slow:.1f} days /CPU s", BROKEN),
    ]
    width = max(len(row[0]) for row in rows)
    for name, value, beside in rows:
        print(f"{name:<{width}}  {value:>16}  {beside}")


if __name__ == "__main__":
    main()
