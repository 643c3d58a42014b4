"""`python -m bptm.compiled.warm`: compiles the kernel once, so that the first start finds it in the cache."""

import sys
import time
from functools import cache

import numpy as np

from bptm.compiled.compiler import cache_dir
from bptm.compiled.fleet import SETUP_DTYPE, Fleet


@cache
def compile_fleet() -> None:
    """Compiles every entry of the kernel by running one home for a simulated minute; quick when it is in the cache."""
    setup = np.zeros(1, SETUP_DTYPE)
    setup["utility_v"] = 120.0
    setup["service_ohm"] = 0.05
    setup["inlet_rating_a"] = 30.0
    setup["backup_rating_w"] = 5000.0
    setup["cycling_on_ticks"] = setup["cycling_off_ticks"] = 120000
    setup["heavy_on_ticks"] = setup["heavy_off_ticks"] = 120000
    fleet = Fleet.build(setup, 0)
    fleet.advance(60 * 120)
    fleet.command(0, 1, 60 * 120)
    fleet.read_now(0)


def main() -> None:
    """Compiles, and says how long it took."""
    begun_s = time.perf_counter()
    compile_fleet()
    sys.stdout.write(f"compiled code ready in {time.perf_counter() - begun_s:.1f} s: {cache_dir()}\n")


if __name__ == "__main__":
    main()
