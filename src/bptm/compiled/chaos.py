"""Lives in chaos as structured arrays around the compiled kernel."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.chaos_records import JOURNAL_FIELDS, LIFE_FIELDS
from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.fleet import (
    DEVICE_DTYPE,
    INTERLOCK_DTYPE,
    INTERLOCK_INPUT_DTYPE,
    MEASURED_DTYPE,
    default_settings,
)

LIFE_DTYPE = dtype_of(LIFE_FIELDS)
JOURNAL_DTYPE = dtype_of(JOURNAL_FIELDS)


class Lives:
    """Some lives of one seed, home after home."""

    def __init__(self, homes: int, settings: dict[str, float] | None = None) -> None:
        """Memory for so many.

        Args:
            homes: How many.
            settings: Settings of the controller that differ from the defaults: for broken controllers.
        """
        self.settings: NDArray[np.void] = default_settings(homes)
        for name, value in (settings or {}).items():
            self.settings[name] = value
        arrays: list[NDArray[Any]] = [
            np.zeros(homes, dtype)
            for dtype in (
                LIFE_DTYPE,
                DEVICE_DTYPE,
                INTERLOCK_DTYPE,
                JOURNAL_DTYPE,
                JOURNAL_DTYPE,
                MEASURED_DTYPE,
                INTERLOCK_INPUT_DTYPE,
            )
        ]
        self.life, self.device, self.orders = arrays[:3]
        self._rows = (*arrays, self.settings)
        self._kernel = compiled_modules()["compiled.kernel_chaos"]

    def live(self, seed: int, first_home: int, until_tick: int) -> NDArray[np.void]:
        """Lives all of them from their beginning, each until it breaks a law; returns their records (`LIFE_FIELDS`)."""
        self._kernel.live_all(*self._rows, seed, first_home, until_tick)
        return self.life

    @classmethod
    def begin(cls, seed: int, home: int, settings: dict[str, float] | None = None) -> Self:
        """One life at its beginning, to be stepped."""
        lives = cls(1, settings)
        h, s, _k, j, older, m, r, p = (rows[0] for rows in lives._rows)
        lives._kernel.begin_life(h, s, j, older, m, r, p, seed, home)
        return lives

    def step(self, until_tick: int) -> int:
        """One scan of the first life and what belongs to it; returns the ticks that passed."""
        return int(self._kernel.step_life(*(rows[0] for rows in self._rows), until_tick))
