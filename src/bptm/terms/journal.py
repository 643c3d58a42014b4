"""What of a device outlives a loss of power: the one list that host, proof and tests share.

`JOURNALLED` names the rows of `core_device.DEVICE_FIELDS` that are restored before `start`; all others begin anew
there. Of the ledger everything is journalled but the powers of the scan at hand, which each scan fills again.
"""

from typing import Final

JOURNALLED: Final = (
    "mode",
    "step",
    "cause",
    "latched",
    "fed_by",
    "hold_left_ticks",
    "transfers",
    "starts",
    "overloads",
    "harms",
    "flaps",
    "neutral_doubted",
    "journal_lost",
    "disconnect_asked",
    "surges_small",
    "surges_medium",
    "surges_large",
    "spd_life",
    "tests",
    "tests_failed",
    "slot_draw",
    "slot_ticks",
    "utility_in_mwticks",
    "utility_out_mwticks",
    "backup_in_mwticks",
    "backup_out_mwticks",
    "unassigned_mwticks",
    "t_heat",
    "heat",
    "heat_base",
    "heat_target",
)
"""Fields of the device, in the order of their table."""

ROUTINE: Final = (
    "hold_left_ticks",
    "utility_in_mwticks",
    "utility_out_mwticks",
    "backup_in_mwticks",
    "backup_out_mwticks",
    "unassigned_mwticks",
    "t_heat",
    "heat",
    "heat_base",
    "heat_target",
)
"""Those that change with every tick: they wait for the next routine write. A change of any other is written before the
orders that came with it go out."""

LEDGER_VOLATILE: Final = (
    "metered",
    "doubt",
    "source",
    "in_mw",
    "out_mw",
    "l1_in_mw",
    "l1_out_mw",
    "l2_in_mw",
    "l2_out_mw",
    "form2s_in_mw",
    "form2s_out_mw",
    "reactive_mvar",
    "quadrant",
)
"""Fields of the ledger that are not journalled."""
