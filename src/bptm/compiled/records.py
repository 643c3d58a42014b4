"""Plain Python objects from the `FIELDS` tables: the records of the core as CPython and MicroPython see them."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray


def plain_record(fields: tuple[tuple[str, str, str, str], ...], *, extra: tuple[str, ...] = ()) -> Any:
    """An object with one attribute a field, all zero; arrays are lists."""
    names = (*extra, *(f[0] for f in fields))
    record = type("Record", (), {"__slots__": names})()
    for name in extra:
        setattr(record, name, 0)
    for name, type_, _unit, _meaning in fields:
        if "[" in type_:
            length = int(type_.split("[")[1].rstrip("]"))
            setattr(record, name, [0] * length)
        else:
            setattr(record, name, 0.0 if type_ == "f8" else 0)
    return record


def fill_plain(record: Any, row: NDArray[np.void]) -> Any:
    """Copies one row of a structured array into a plain record; returns the record."""
    for name in row.dtype.names or ():
        value = row[name]
        setattr(record, name, value.tolist())
    return record


def as_tuple(record: Any, fields: tuple[tuple[str, str, str, str], ...]) -> tuple[Any, ...]:
    """Values of a record, plain or a structured row, in the order of its fields."""
    values: list[Any] = []
    for name, _type, _unit, _meaning in fields:
        value = record[name] if isinstance(record, np.void) else getattr(record, name)
        values.append(value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value)
    return tuple(tuple(cast("list[Any]", v)) if isinstance(v, list) else v for v in values)
