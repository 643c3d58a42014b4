"""The laws that a fleet run watches, and for how long each was really watched."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

REGISTER_TOLERANCE = 0.002
"""LAW-8: 0.2 % of the energy through the contactor."""

REGISTER_FLOOR_MWTICKS = 432_000_000
"""And one watt-hour, for the half-cycles in which a contactor travels."""


CHECKED_LAWS: dict[str, tuple[str, Callable[[NDArray[np.void], NDArray[np.void]], int]]] = {
    "LAW-1": (
        "every tick: no pole of U and of B closed at once, by the solved circuit",
        lambda home, _ledger: int(home["tick"].sum()),
    ),
    "LAW-2": (
        "a tick for each closing: no live bus, the other open for 0.45 s, energy to open again",
        lambda home, _ledger: int(home["closings"].sum()),
    ),
    "LAW-3": (
        "a tick for each start of a meter: no order to close",
        lambda _home, ledger: int(ledger["starts"].sum()),
    ),
    "LAW-7": (
        "time in which a good utility obliges the meter to return and it has not yet",
        lambda home, _ledger: int(home["obliged_utility_ticks"].sum()),
    ),
    "LAW-8": (
        "the whole run, judged once at its end: registers against the energy of the circuit",
        lambda home, _ledger: int(home["tick"].sum()),
    ),
    "LAW-11": (
        "time in which a dead feeder and a running source oblige the meter to use it and it has not yet",
        lambda home, _ledger: int(home["obliged_backup_ticks"].sum()),
    ),
    "LAW-14": (
        "time with a dead feeder: it stays dead; a feeder is whole or dead here, so none outside its limits is fed",
        lambda home, _ledger: int(home["dead_feeder_ticks"].sum()),
    ),
}
"""What each law is judged by, and the ticks for which it was: those in which it could have been broken, from the states
of homes and their ledger. Between two steps of a home nothing changes, so a state that is judged stands for all its
ticks. Laws not named are not watched here: `bptm fleet --chaos` and `bptm prove` show them. Source: ADR-0037."""


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
