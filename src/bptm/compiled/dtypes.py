"""NumPy structured types from the `FIELDS` tables of the core: the one declaration, read once."""

import re
from typing import Any

import numpy as np

_ARRAY = re.compile(r"^(?P<scalar>[if][48])\[(?P<length>\d+)\]$")


def dtype_of(
    fields: tuple[tuple[str, str, str, str], ...], *, first: tuple[tuple[str, str], ...] = ()
) -> np.dtype[Any]:
    """Structured type of a `FIELDS` table, aligned as C would.

    Args:
        fields: Rows of name, type, unit, meaning. A type is `i4`, `i8`, `f8` or an array such as `i8[12]`.
        first: Columns put in front, name and type.

    Raises:
        ValueError: A type of another form.
    """
    columns: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = list(first)
    for name, type_, _unit, _meaning in fields:
        array = _ARRAY.match(type_)
        if array:
            columns.append((name, array["scalar"], (int(array["length"]),)))
        elif type_ in {"i4", "i8", "f8"}:
            columns.append((name, type_))
        else:
            msg = f"field {name}: type {type_!r}, expected i4, i8, f8 or an array such as i8[12]"
            raise ValueError(msg)
    return np.dtype(columns, align=True)
