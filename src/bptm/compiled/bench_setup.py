"""Setup of the waveform bench as a host gives it: sections, names of codes, defaults by kind of source, refusals.

`terms/core_bench*.py` declare every value. A setup is one row of numbers, so that a change during a run is a place
and a value.
"""

from typing import Any

from bptm.compiled.dtypes import dtype_of
from bptm.terms.core_bench import CONTACTOR_SETTINGS, METER_SETTINGS, SENSOR_SETTINGS, UTILITY_SETTINGS
from bptm.terms.core_bench_premise import PREMISE_SETTINGS
from bptm.terms.core_bench_sources import SOLAR_SETTINGS, SOURCE_SETTINGS

BENCH_SECTIONS: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...] = (
    ("utility", UTILITY_SETTINGS),
    ("source", SOURCE_SETTINGS),
    ("solar", SOLAR_SETTINGS),
    ("premise", PREMISE_SETTINGS),
    ("contactors", CONTACTOR_SETTINGS),
    ("sensors", SENSOR_SETTINGS),
    ("meter", METER_SETTINGS),
)
"""Section, and its rows: name, type, unit, meaning, default, lowest, highest, source. Names are unique."""

KIND_NAMES = ("none", "portable", "inverter", "standby", "battery", "ev")
ATTACH_NAMES = ("inlet", "load_side")
LEGS_NAMES = ("split", "paralleled", "without_l1", "without_l2", "swapped_neutral")
FEEDBACK_NAMES = ("true", "open", "closed", "none", "both")
SENSE_NAMES = ("good", "zero", "frozen", "absent", "full")
COMPARATOR_NAMES = ("good", "dead", "live")
AT_NAMES = ("", "l1", "l2", "l12")
ACTION_NAMES = ("none", "hold_return", "allow_return", "disconnect", "reconnect")

BENCH_NAMES: dict[str, tuple[str, ...]] = {
    "kind": KIND_NAMES,
    "attach": ATTACH_NAMES,
    "legs": LEGS_NAMES,
    "motor_a_at": AT_NAMES,
    "motor_b_at": AT_NAMES,
    "remote_action": ACTION_NAMES,
    "comparator_l1_sense": COMPARATOR_NAMES,
    "comparator_l2_sense": COMPARATOR_NAMES,
    **{f"{contactor}_feedback_{leg}": FEEDBACK_NAMES for contactor in "ub" for leg in ("l1", "l2")},
    **{
        f"{channel}_sense": SENSE_NAMES
        for channel in (*(f"{side}_{leg}" for side in ("utility", "bus", "inlet", "current") for leg in ("l1", "l2")),)
    },
}
"""Settings that are choices: the word for each code, by its number."""

BENCH_FIXED: tuple[str, ...] = ("kind", "attach")
"""Settings that do not change during a run."""

SETUP_ROWS = tuple(row for _section, table in BENCH_SECTIONS for row in table)
SETUP_FIELDS = tuple(row[:4] for row in SETUP_ROWS)
SETUP_DTYPE = dtype_of(SETUP_FIELDS)
PLACE_OF = {row[0]: place for place, row in enumerate(SETUP_ROWS)}
"""Place of each setting in the row of numbers."""
