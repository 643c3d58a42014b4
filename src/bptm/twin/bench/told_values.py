"""What a controller that is not ours may tell: for each column of the trace its codes, its bits, or its range.

An answer comes from outside, so each value is checked once, here, before it reaches the trace: a code that does not
exist, half a mode or a register of 1e30 is no answer, and ends the run with a sentence that names it.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from bptm.terms import core_bench_trace, core_codes, core_guide, core_metrology
from bptm.terms.codes import Cause, Contact, Event, FedBy, Mode
from bptm.terms.core_diagnosis import FINDINGS

WHOLE_MOST = (1 << 63) - 1024
"""Highest binary64 that an i8 column still holds. Beyond 2^53 a register is told to the nearest 2, 4, ... mW ticks."""
COUNT_MOST = (1 << 31) - 1
_PLAIN_MOST = 1e15
"""Whole numbers below it are written without an exponent."""
REAL_MOST = 1e9
"""No reading of a premise is beyond it, in volts, amperes, hertz, watts or as a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """A whole number out of a few; `prefix` as the constants of the core begin."""

    prefix: str
    known: frozenset[int]

    def fault(self, value: float) -> str:
        """What was expected, or nothing when the value is one of them."""
        if value in self.known:
            return ""
        return f"a {self.prefix}... code: {spelt(self.known)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bits:
    """A whole number that has only these bits set."""

    prefix: str
    mask: int

    def fault(self, value: float) -> str:
        """What was expected, or nothing when no other bit is set."""
        if value.is_integer() and 0 <= value <= WHOLE_MOST and int(value) & ~self.mask == 0:
            return ""
        bits = {bit for bit in range(self.mask.bit_length()) if self.mask >> bit & 1}
        return f"a whole number of the bits {spelt(bits)}{f' ({self.prefix}...)' if self.prefix else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A number from one to another, whole where the column is."""

    low: float
    high: float
    is_whole: bool
    unit: str

    def fault(self, value: float) -> str:
        """What was expected, or nothing when the value lies inside."""
        if self.low <= value <= self.high and (not self.is_whole or value.is_integer()):
            return ""
        what = "a whole number" if self.is_whole else "a number"
        return f"{what} from {_plain(self.low)} to {_plain(self.high)}{f' {self.unit}' if self.unit else ''}"


Rule = Codes | Bits | Span


def spelt(numbers: Collection[int]) -> str:
    """Whole numbers as stretches: `0 to 15, 20 to 36, 40`."""
    ordered = sorted(numbers)
    breaks = [0, *(place + 1 for place, (a, b) in enumerate(pairwise(ordered)) if b != a + 1), len(ordered)]
    stretches = (ordered[a:b] for a, b in pairwise(breaks))
    return ", ".join(f"{some[0]} to {some[-1]}" if len(some) > 1 else str(some[0]) for some in stretches)


def _plain(value: float) -> str:
    """A number as short as it is exact: `99`, `2.5`, `1e+300`."""
    return f"{value:.0f}" if abs(value) < _PLAIN_MOST and value == round(value) else repr(value)


def _constants(module: object, prefix: str) -> list[int]:
    return [value for name, value in vars(module).items() if name.startswith(prefix) and isinstance(value, int)]


def _mask(bits: Iterable[int]) -> int:
    joined = 0
    for bit in bits:
        joined |= bit
    return joined


_CAUSES = Codes(prefix="CAUSE_", known=frozenset(Cause))
_ORDERS = Codes(prefix="ORDER_", known=frozenset(_constants(core_codes, "ORDER_")))
_CONTACTS = Codes(prefix="CONTACT_", known=frozenset(Contact))
_POLES = Bits(prefix="", mask=0b11)
_NAMED: Mapping[str, Rule] = {
    "mode": Codes(prefix="MODE_", known=frozenset(Mode)),
    "step": Codes(prefix="STEP_", known=frozenset(_constants(core_codes, "STEP_"))),
    "cause": _CAUSES,
    "latched": _CAUSES,
    "backup_harm": _CAUSES,
    "fed_by": Codes(prefix="FED_BY_", known=frozenset(FedBy)),
    "events": Bits(prefix="EVENT_", mask=_mask(1 << event for event in Event)),
    "facts": Bits(prefix="FACT_", mask=_mask(_constants(core_bench_trace, "FACT_"))),
    "turned_down": Bits(prefix="TURNED_DOWN_", mask=_mask(_constants(core_codes, "TURNED_DOWN_"))),
    "u_order": _ORDERS,
    "b_order": _ORDERS,
    "u_out": _ORDERS,
    "b_out": _ORDERS,
    "u_contact": _CONTACTS,
    "b_contact": _CONTACTS,
    "doubtful": Bits(prefix="", mask=(1 << core_metrology.CHANNELS) - 1),
    "u_open_poles": _POLES,
    "u_closed_poles": _POLES,
    "b_open_poles": _POLES,
    "b_closed_poles": _POLES,
    "low": Span(low=0, high=1, is_whole=True, unit=""),
    "found": Bits(prefix="FINDING_", mask=(1 << FINDINGS) - 1),
    "guide_step": Span(low=core_guide.GUIDE_STEP_NONE, high=core_guide.GUIDE_STEPS - 1, is_whole=True, unit=""),
    "guide_warnings": Bits(prefix="WARN_", mask=_mask(_constants(core_guide, "WARN_"))),
}
_SIGNED_UNITS = ("W",)
"""A power flows both ways; no RMS value, frequency or share is below nothing."""


def _rule(name: str, kind: str, unit: str) -> Rule:
    if name in _NAMED:
        return _NAMED[name]
    if kind == "i8":
        return Span(low=0, high=WHOLE_MOST, is_whole=True, unit=unit)
    if kind == "i4":
        return Span(low=0, high=COUNT_MOST, is_whole=True, unit=unit)
    return Span(low=-REAL_MOST if unit in _SIGNED_UNITS else 0.0, high=REAL_MOST, is_whole=False, unit=unit)


RULES: Mapping[str, Rule] = {
    name: _rule(name, kind, unit) for name, kind, unit, _meaning in core_bench_trace.TOLD_FIELDS
}
"""What each column takes."""


def told_fault(names: Iterable[str], values: Iterable[float]) -> str:
    """What is wrong with the first value that its column does not take: `mode 99, expected ...`; empty when none is."""
    for name, value in zip(names, values, strict=True):
        expected = RULES[name].fault(value) if math.isfinite(value) else "a number"
        if expected:
            return f"{name} {_plain(value)}, expected {expected}"
    return ""
