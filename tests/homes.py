"""Homes for tests: setups with times short enough to watch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.fleet import SETUP_DTYPE
from bptm.terms.core_codes import BACKUP_PORTABLE, NEVER_TICKS

SECOND = 120
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def homes(count: int, **values: Any) -> NDArray[np.void]:
    """Ordinary homes with one outage from minute 1 to minute 10; `values` override fields, one value or one a home."""
    setups = np.zeros(count, SETUP_DTYPE)
    usual: dict[str, Any] = {
        "seed": 1237 * np.arange(count) + 11,
        "outages": 1,
        "utility_v": 121.0,
        "service_ohm": 0.05,
        "backup_kind": BACKUP_PORTABLE,
        "backup_rating_w": 6500.0,
        "inlet_rating_a": 30.0,
        "backup_start_ticks": 2 * MINUTE,
        "backup_run_ticks": NEVER_TICKS,
        "backup_gap_ticks": NEVER_TICKS,
        "backup_stop_ticks": 5 * MINUTE,
        "base_w": 300.0,
        "daily_w": 900.0,
        "cycling_w": 500.0,
        "cycling_on_ticks": 4 * MINUTE,
        "cycling_off_ticks": 7 * MINUTE,
        "heavy_w": 4500.0,
        "heavy_on_ticks": 3 * MINUTE,
        "heavy_off_ticks": 9 * MINUTE,
        "essential_fraction": 0.5,
    }
    setups["utility_off_tick"][:, 0] = MINUTE
    setups["utility_on_tick"][:, 0] = 10 * MINUTE
    for name, value in (usual | values).items():
        setups[name] = value
    return setups
