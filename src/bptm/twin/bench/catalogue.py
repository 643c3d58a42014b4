"""What a scenario can set and an expectation can measure, made from the records of the waveform bench."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.bench_setup import BENCH_FIXED, BENCH_NAMES, BENCH_SECTIONS
from bptm.terms import core_bench_trace, core_diagnosis
from bptm.terms.core_report import MWTICKS_PER_WH
from bptm.twin.bench.scenario import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRow:
    """One value of the setup.

    Attributes:
        names: Words of a choice, by their number; empty for a number. An empty word stands for no choice.
        is_fixed: Whether it stays as it is during a run.
    """

    section: str
    name: str
    unit: str
    meaning: str
    default: float
    lowest: float
    highest: float
    source: str
    names: tuple[str, ...]
    is_fixed: bool

    @property
    def is_whole(self) -> bool:
        """Whether it is a choice, yes or no, or a count; such a value never goes along a ramp."""
        return bool(self.names) or (self.unit == "" and isinstance(self.default, int))


@cache
def setup_rows() -> dict[str, dict[str, SetupRow]]:
    """Every value of the setup, by section and name."""
    return {section: {row[0]: _row(section, row) for row in table} for section, table in BENCH_SECTIONS}


def _row(section: str, row: tuple[object, ...]) -> SetupRow:
    name, _type, unit, meaning, default, lowest, highest, source = row
    return SetupRow(
        section=section,
        name=str(name),
        unit=str(unit),
        meaning=str(meaning),
        default=cast("float", default),
        lowest=cast("float", lowest),
        highest=cast("float", highest),
        source=str(source),
        names=BENCH_NAMES.get(str(name), ()),
        is_fixed=name in BENCH_FIXED,
    )


def sections() -> tuple[str, ...]:
    """Sections of the setup."""
    return tuple(setup_rows())


def flat(values: Mapping[str, Mapping[str, Number]]) -> dict[str, float]:
    """A setup without its sections: names are unique over all of them."""
    return {name: float(value) for section in values.values() for name, value in section.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Something of the trace that can be measured and drawn."""

    name: str
    unit: str
    meaning: str
    of: Callable[[NDArray[np.void]], NDArray[np.float64]]


def _column(name: str) -> Callable[[NDArray[np.void]], NDArray[np.float64]]:
    return lambda rows: rows[name].astype(np.float64)


def _bit(name: str, bit: int) -> Callable[[NDArray[np.void]], NDArray[np.float64]]:
    return lambda rows: ((rows[name] & bit) != 0).astype(np.float64)


def _of_two(
    names: tuple[str, str], join: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
) -> Callable[[NDArray[np.void]], NDArray[np.float64]]:
    first, second = names
    return lambda rows: join(rows[first].astype(np.float64), rows[second].astype(np.float64))


def _lower(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(a, b)


def _higher(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(a, b)


def _apart(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(a - b)


def _in_wh(name: str) -> Callable[[NDArray[np.void]], NDArray[np.float64]]:
    return lambda rows: rows[name].astype(np.float64) / MWTICKS_PER_WH


def _pairs() -> dict[str, Quantity]:
    """The lower and the higher leg of each side, and how far they are apart."""
    found: dict[str, Quantity] = {}
    for side, words in (("utility", "utility side"), ("bus", "premise bus"), ("inlet", "inlet"), ("panel", "panel")):
        names = (f"{side}_l1_v", f"{side}_l2_v")
        for end, join, what in (
            ("low_v", _lower, "lower leg"),
            ("high_v", _higher, "higher leg"),
            ("apart_v", _apart, "difference of the legs"),
        ):
            name = f"{side}_{end}"
            found[name] = Quantity(name=name, unit="V", meaning=f"{words}, {what}", of=_of_two(names, join))
    for side, words in (("utility", "U"), ("backup", "B")):
        names = (f"{side}_l1_a", f"{side}_l2_a")
        name = f"{side}_high_a"
        found[name] = Quantity(name=name, unit="A", meaning=f"through {words}, higher leg", of=_of_two(names, _higher))
    return found


def _bits() -> dict[str, Quantity]:
    """Facts, laws and findings of the diagnosis, each 0 or 1."""
    found: dict[str, Quantity] = {}
    for constant, bit in vars(core_bench_trace).items():
        if constant.startswith("FACT_"):
            name = constant.lower()
            words = f"fact: {constant.removeprefix('FACT_').lower().replace('_', ' ')}"
            found[name] = Quantity(name=name, unit="", meaning=words, of=_bit("facts", bit))
    for constant, code in vars(core_diagnosis).items():
        if constant.startswith("FINDING_") and isinstance(code, int):
            name = constant.lower()
            words = f"diagnosis: {constant.removeprefix('FINDING_').lower().replace('_', ' ')}"
            found[name] = Quantity(name=name, unit="", meaning=words, of=_bit("found", 1 << code))
    return found


def _registers() -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    for name, _type, _unit, meaning in core_bench_trace.TOLD_FIELDS:
        if name.endswith("_mwticks"):
            own = f"register_{name.removesuffix('_mwticks')}_wh"
            found[own] = Quantity(name=own, unit="Wh", meaning=meaning, of=_in_wh(name))
    return found


DERIVED: dict[str, Quantity] = {**_pairs(), **_bits(), **_registers()}
"""Quantities that are made of others."""


@cache
def quantities() -> dict[str, Quantity]:
    """Everything that an expectation can measure."""
    rows = (*core_bench_trace.TRUE_FIELDS, *core_bench_trace.TOLD_FIELDS)
    plain = {
        name: Quantity(name=name, unit=unit, meaning=meaning, of=_column(name)) for name, _type, unit, meaning in rows
    }
    return {**plain, **DERIVED}


def column_of(quantity: str) -> str:
    """The column of what a controller tells that a quantity is made of; the quantity's own name for any other."""
    if quantity.startswith("fact_"):
        return "facts"
    if quantity.startswith("finding_"):
        return "found"
    if quantity.startswith("register_"):
        return f"{quantity.removeprefix('register_').removesuffix('_wh')}_mwticks"
    return quantity


TRACE_FIELDS = (*core_bench_trace.TRUE_FIELDS, *core_bench_trace.TOLD_FIELDS)
"""Columns of a run's rows, each name once."""
