"""Rows for PostgreSQL's binary COPY, built by NumPy: several times quicker than row by row.

Every value stands behind its length, all in network byte order, so a table of fixed-length columns is one
packed structured array. Source: PostgreSQL 18, COPY, binary format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bptm.compiled.dtypes import dtype_of
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_report import FIELDS

REPORT = dtype_of(FIELDS)
"""One report as a NumPy record."""

VALUE_TYPES: dict[str, str] = {name: type_ for name, type_, _unit, _meaning in FIELDS}
"""Type of each report value by its name, in order."""

_EPOCH_S = 946_684_800
"""2000-01-01 as Unix time: the zero of PostgreSQL's timestamps."""

_MICROSECONDS = 1_000_000

_SIZES = {"i4": 4, "i8": 8, "f8": 8, "V32": 32}


@dataclass(frozen=True, slots=True)
class CopyTable:
    """A table of fixed-length columns, filled by COPY."""

    name: str
    columns: Mapping[str, str]
    """Name and type: `i4`, `i8` (also a timestamp), `f8`, or `V32` for 32 bytes."""
    dtype: np.dtype[Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Makes the packed type of one row."""
        parts: list[tuple[str, str]] = [("count", ">i2")]
        for name, type_ in self.columns.items():
            parts += [(f"length_{name}", ">i4"), (name, type_ if type_.startswith("V") else f">{type_}")]
        object.__setattr__(self, "dtype", np.dtype(parts))

    def body(self, count: int, values: Mapping[str, ArrayLike]) -> bytes:
        """`count` rows as COPY takes them. `values` has an array for every column."""
        assert values.keys() == self.columns.keys()
        rows = np.empty(count, self.dtype)
        rows["count"] = len(self.columns)
        for name, type_ in self.columns.items():
            rows[f"length_{name}"] = _SIZES[type_]
            rows[name] = values[name]
        return rows.tobytes()


def report_array(reports: Sequence[Sequence[int | float]]) -> NDArray[np.void]:
    """Reports as they come off the wire, as one array of `REPORT`. Every whole number is kept exactly."""
    return np.array(reports, dtype=REPORT)


def timestamp(at_s: int) -> int:
    """Unix seconds as a PostgreSQL timestamp: microseconds since 2000."""
    return (at_s - _EPOCH_S) * _MICROSECONDS


def timestamps_of_ticks(ticks: NDArray[np.int64], event_start_s: int) -> NDArray[np.int64]:
    """Ticks since the event clock's zero as PostgreSQL timestamps, cut to the microsecond."""
    return ticks * _MICROSECONDS // TICKS_PER_S + (event_start_s - _EPOCH_S) * _MICROSECONDS


def seconds_of_ticks(ticks: NDArray[np.int64], event_start_s: int) -> NDArray[np.int64]:
    """Ticks since the event clock's zero as whole Unix seconds."""
    return ticks // TICKS_PER_S + event_start_s
