"""The laws that a fleet run watches, and for how long each was really watched."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

REGISTER_TOLERANCE = 0.002
"""LAW-8: 0.2 % of the energy through the contactor."""

REGISTER_FLOOR_MWTICKS = 432_000_000
"""And one watt-hour, for the half-cycles in which a contactor travels."""


def _all(home: NDArray[np.void]) -> int:
    """Every tick: between two steps of a home nothing changes, so a state that is judged stands for all its ticks."""
    return int(home["tick"].sum())


CHECKED_LAWS: dict[str, Callable[[NDArray[np.void]], int]] = {
    "LAW-1": _all,
    "LAW-2": _all,
    "LAW-3": _all,
    "LAW-7": _all,
    "LAW-8": _all,
    "LAW-11": _all,
    "LAW-14": _all,
}
"""Ticks for which a law was checked, from the state of the homes. LAW-1, 2 and 14 are judged by the solved circuit at
every step, LAW-3 at every start of a meter, LAW-7 and LAW-11 as long as the circuit obliges the meter, LAW-8 at the
end of the run. The other laws are not watched here: `bptm fleet --chaos` and `bptm prove` show them."""


def check_registers(ledger: NDArray[np.void]) -> NDArray[np.int64]:
    """LAW-8 for each home: its bit when a register is further from the circuit's energy than allowed.

    Source: design section 4, LAW-8; what was counted as `unassigned` covers the rest.
    """
    broken = np.zeros(len(ledger), np.bool_)
    for register, true in (
        ("register_utility_in_mwticks", "utility_in_mwticks"),
        ("register_backup_in_mwticks", "backup_in_mwticks"),
    ):
        difference = np.abs(ledger[register] - ledger[true])
        allowed = REGISTER_TOLERANCE * ledger[true] + ledger["register_unassigned_mwticks"] + REGISTER_FLOOR_MWTICKS
        broken |= difference > allowed
    return np.where(broken, np.int64(1 << 8), np.int64(0))
