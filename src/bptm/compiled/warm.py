"""`python -m bptm.compiled.warm [everything]`: compiles once, so that the first start finds it in the cache.

Without a word: what `bptm up` needs. With `everything`: what the benches, the proof and the tests need as well, on all
cores at once.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np

from bptm.compiled.cache_place import cache_root
from bptm.compiled.fleet import HOUR_TICKS, SETUP_DTYPE, Fleet, HourlyWeather


@cache
def compile_fleet() -> None:
    """Runs one home for a simulated minute; once in a process."""
    setup = np.zeros(1, SETUP_DTYPE)
    setup["utility_v"] = 120.0
    setup["service_ohm"] = 0.05
    setup["inlet_rating_a"] = 30.0
    setup["backup_rating_w"] = 5000.0
    setup["cycling_on_ticks"] = setup["cycling_off_ticks"] = 120000
    setup["heavy_on_ticks"] = setup["heavy_off_ticks"] = 120000
    # With weather, so that what settles thermal houses is ready too.
    homes = Fleet.build(setup, 0, HourlyWeather(first_tick=-HOUR_TICKS, outdoor_c=np.zeros(3), sun=np.zeros(3)))
    homes.advance(60 * 120)
    homes.command(0, 1, 60 * 120)
    homes.read_now(0)


def waveforms() -> None:
    """Runs one meter for a second of samples."""
    from bptm.compiled.waveform_meter import WaveformMeter  # noqa: PLC0415  only with `everything`

    WaveformMeter.of().run(np.zeros((7680, 8)))


def replay() -> None:
    """Replays no operations at all."""
    from bptm.compiled.replay import CompiledReplay  # noqa: PLC0415  as above

    CompiledReplay().run_untraced(b"")


def bench() -> None:
    """Plays one half-cycle of the waveform bench."""
    from bptm.compiled.bench import BenchMeter  # noqa: PLC0415  as above

    BenchMeter({}).run(1)


def chaos() -> None:
    """Begins one life with faults."""
    from bptm.compiled.chaos import Lives  # noqa: PLC0415  as above

    Lives(1).live(0, 0, 0)


# The longest first: two cores then end together.
EVERYTHING = (bench, compile_fleet, chaos, waveforms, replay)


def main() -> None:
    """Compiles what was asked for."""
    begun_s = time.perf_counter()
    if sys.argv[1:] == ["everything"]:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for done in [pool.submit(entry) for entry in EVERYTHING]:
                done.result()
    else:
        compile_fleet()
    sys.stdout.write(f"compiled code ready in {time.perf_counter() - begun_s:.1f} s: {cache_root()}\n")


if __name__ == "__main__":
    main()
