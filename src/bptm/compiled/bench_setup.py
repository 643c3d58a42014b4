"""Setup of the waveform bench as a host gives it: sections, names of codes, defaults by kind of source, refusals.

`terms/core_bench*.py` declare every value. A setup is one row of numbers, so that a change during a run is a place
and a value.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bptm.compiled.dtypes import dtype_of
from bptm.compiled.records import plain_record
from bptm.plant import wave_source
from bptm.terms.core_bench import CONTACTOR_SETTINGS, LAW_SETTINGS, METER_SETTINGS, SENSOR_SETTINGS, UTILITY_SETTINGS
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
    ("laws", LAW_SETTINGS),
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

SECTION_OF_SETTING = {row[0]: section for section, table in BENCH_SECTIONS for row in table}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupFault:
    """What is wrong with one value of a setup.

    Attributes:
        needs: What it needs, without the word: `0.05 to 20 s`, `less than knee_hz = 57.5`.
        because: Why, in a few words; may be empty.
        among: Names of the values that were judged together with it, its own among them.
    """

    section: str
    name: str
    value: float
    needs: str
    because: str = ""
    among: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """What it needs, and why."""
        return f"needs {self.needs}{f'; {self.because}' if self.because else ''}"

    def sentence(self) -> str:
        """One sentence: where, what, why."""
        where = f"{self.section}.{self.name}" if self.section else self.name
        return f"{where} = {self.value:g}: {self.why}"


def profile_of(kind: float) -> dict[str, float]:
    """The values that a kind of source has where a setup gives none: those that differ from the defaults."""
    record = plain_record(SETUP_FIELDS)
    for row in SETUP_ROWS:
        setattr(record, row[0], float(row[4]))
    record.kind = float(kind)
    profile: Any = vars(wave_source)["profile"]
    profile(record)
    return {row[0]: float(getattr(record, row[0])) for row in SETUP_ROWS if getattr(record, row[0]) != row[4]}


def complete(setup: Mapping[str, float]) -> dict[str, float]:
    """Every value of a setup: what is given, then what its kind of source has, then the defaults."""
    values = {row[0]: float(row[4]) for row in SETUP_ROWS}
    values |= profile_of(setup.get("kind", values["kind"]))
    values |= {name: float(value) for name, value in setup.items()}
    return values


def _unknown(name: str, value: float) -> SetupFault:
    near = difflib.get_close_matches(name, PLACE_OF, n=1)
    return SetupFault(
        section="",
        name=name,
        value=value,
        needs="a setting that exists",
        because=f"the nearest is {near[0]}" if near else "",
        among=(name,),
    )


def _out_of_range(setup: Mapping[str, float]) -> list[SetupFault]:
    found: list[SetupFault] = []
    for row in SETUP_ROWS:
        name, unit, lowest, highest = row[0], row[2], row[5], row[6]
        if name not in setup:
            continue
        value = setup[name]
        needs = because = ""
        if not math.isfinite(value) or not lowest <= value <= highest:
            needs = f"{lowest:g} to {highest:g}{' ' + unit if unit else ''}"
            if name.endswith("_ohm") and value <= 0.0:
                because = "a loop without resistance has no solution"
            elif name.endswith("inertia_s") and value <= 0.0:
                because = "a mass that is not there or negative cannot turn"
        elif name in BENCH_NAMES and value != int(value):
            needs = f"one of {', '.join(word for word in BENCH_NAMES[name] if word)}"
        elif (lowest, highest) == (0, 1) and not isinstance(lowest, float) and value not in {0, 1}:
            needs = "1 (yes) or 0 (no)"
        if needs:
            found.append(
                SetupFault(
                    section=SECTION_OF_SETTING[name],
                    name=name,
                    value=value,
                    needs=needs,
                    because=because,
                    among=(name,),
                )
            )
    return found


_ORDERED: tuple[tuple[str, str, str], ...] = (
    ("spd_ma_v", "spd_clamp_v", "a varistor clamps above its voltage at 1 mA"),
    ("stall_hz", "knee_hz", "an engine stalls below the knee of its regulator"),
    ("knee_hz", "rated_hz", "the knee lies below the frequency at no load"),
    ("rated_hz", "overspeed_hz", "overspeed lies above the frequency at no load"),
    ("enter_low_hz", "enter_high_hz", "the window to enter service is empty otherwise"),
    ("enter_low_pu", "enter_high_pu", "the window to enter service is empty otherwise"),
    ("follow_s", "gone_s", "B is ordered open before its current is gone"),
    ("rated_v", "high_v", "its own over-voltage trip lies above its voltage"),
)
ENGINES = (1, 3)
JUDGED_TOGETHER: frozenset[str] = frozenset(
    {
        *(name for low, high, _why in _ORDERED for name in (low, high)),
        *("kind", "governor_gain", "droop_fraction", "inertia_s", "engine_lag_s", "friction_fraction"),
        *("reserve_s", "operation_s", "hold_up_s"),
    }
)
"""Settings that can be impossible together while each is within its range."""


def _impossible(values: Mapping[str, float]) -> list[SetupFault]:
    """What is in range and yet cannot be, one value with another."""
    found: list[SetupFault] = []

    def fault(name: str, others: tuple[str, ...], needs: str, because: str) -> None:
        found.append(
            SetupFault(
                section=SECTION_OF_SETTING[name],
                name=name,
                value=values[name],
                needs=needs,
                because=because,
                among=(name, *others),
            )
        )

    engine = int(values["kind"]) in ENGINES
    for low, high, why in _ORDERED:
        if high == "high_v" and engine:
            continue
        if not values[low] < values[high]:
            fault(low, (high,), f"less than {high} = {values[high]:g}", why)
    if engine and values["governor_gain"] > 0.0:
        droop = max(values["droop_fraction"], 0.001)
        twice_h, lag_s, friction = 2.0 * values["inertia_s"], values["engine_lag_s"], values["friction_fraction"]
        # Routh: rotor, lag and integral of the governor together swing up beyond this gain.
        most = (twice_h + friction * lag_s) * (friction + 1.0 / droop) * droop / (twice_h * lag_s)
        if values["governor_gain"] >= most:
            others = ("droop_fraction", "inertia_s", "engine_lag_s", "friction_fraction")
            because = "with this inertia and lag the governor is unstable"
            fault("governor_gain", others, f"less than {most:.3g}", because)
    if values["spd_clamp_v"] > 3.0 * values["spd_ma_v"]:
        fault("spd_clamp_v", ("spd_ma_v",), f"at most {3.0 * values['spd_ma_v']:g}", "no varistor is that soft")
    least_s = values["reserve_s"] + 2.0 * values["operation_s"]
    if least_s > values["hold_up_s"]:
        needs = f"at least {least_s:g}, reserve_s and two times operation_s"
        fault("hold_up_s", ("reserve_s", "operation_s"), needs, "with less the meter never has energy to open U")
    return found


def faults_of(setup: Mapping[str, float]) -> tuple[SetupFault, ...]:
    """Everything that is wrong with a setup, at once: unknown names, values out of range, impossible physics."""
    found = [_unknown(name, value) for name, value in setup.items() if name not in PLACE_OF]
    found += _out_of_range(setup)
    known = {name: value for name, value in setup.items() if name in PLACE_OF and math.isfinite(value)}
    values = complete(known)
    wrong = {fault.name for fault in found}
    found += [fault for fault in _impossible(values) if fault.name not in wrong]
    return tuple(found)
