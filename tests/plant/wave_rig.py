"""A home on the bench whose contactors a test orders by hand."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.bench import BenchMeter, Change
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN

QUIET = {"electronic_l1_w": 0.0, "electronic_l2_w": 0.0, "noise_v": 0.0, "noise_a": 0.0}
SINE = {"utility_third_pu": 0.0, "utility_fifth_pu": 0.0, "utility_seventh_pu": 0.0}
STIFF = {"feeder_ohm": 1e-4, "feeder_x_ohm": 1e-4, "winding_ohm": 1e-4, "winding_x_ohm": 1e-4, "drop_ohm": 1e-4}
NO_INTERLOCKS = {"electrical_interlock": 0.0, "mechanical_interlock": 0.0}


class Rig(BenchMeter):
    """A bench without a controller: orders stand until others are given."""

    u_order = ORDER_NONE
    b_order = ORDER_OPEN

    def hold(self, ticks: int, *changes: Change, **told: float) -> NDArray[Any]:
        """So many half-cycles with the orders as they stand; their true rows."""
        first = len(self.true)
        if changes:
            self.schedule(changes)
        for _tick in range(ticks):
            self.produce()
            self.apply(self.u_order, self.b_order, told)
        return self.true[first:]

    def to_backup(self) -> None:
        """U opens, and B closes when the bus has been dead for a while."""
        self.u_order, self.b_order = ORDER_OPEN, ORDER_OPEN
        self.hold(60)
        self.u_order, self.b_order = ORDER_NONE, ORDER_CLOSE
        self.hold(20)

    def broken(self) -> set[int]:
        """Laws that the checkers found broken."""
        return {law.law for law in self.laws() if law.verdict == "broken"}


def on_backup(kind: int, ticks: int = 1500, **setup: float) -> Rig:
    """A dead feeder, a source that has run for a while, and the home on it."""
    rig = Rig({"kind": kind, "run": 1.0, "feeder_on": 0.0, **QUIET, **setup})
    rig.hold(ticks)
    rig.to_backup()
    return rig


def share(a: float, b: float) -> float:
    """How far a is from b, as a share of b."""
    return abs(float(a) - float(b)) / abs(float(b))


def wave_of(rig: BenchMeter, ticks: int) -> NDArray[np.float64]:
    """Samples of so many half-cycles, shape (samples, 8), with the orders as they stand."""
    parts: list[NDArray[np.float64]] = []
    for _tick in range(ticks):
        rig.produce()
        parts.append(rig.samples.copy())
        rig.apply(0, 1)
    return np.concatenate(parts)
