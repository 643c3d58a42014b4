"""The diagnosis as exported C, in a shared library, behind the records that tests use."""

import ctypes
import re
import subprocess
from pathlib import Path
from typing import Any

import diagnosis_bench
import pytest

from bptm.assurance.firmware import export
from bptm.assurance.runtimes import C_FLAGS, c_compiler

Fields = tuple[tuple[str, str, str, str], ...]

SCALARS: dict[str, Any] = {"i4": ctypes.c_int32, "i8": ctypes.c_int64, "f8": ctypes.c_double}


def structure(fields: Fields) -> Any:
    """A C struct from a FIELDS table, all zero."""
    members: list[tuple[str, Any]] = []
    for name, type_, _unit, _meaning in fields:
        array = re.fullmatch(r"(\w\w)\[(\d+)\]", type_)
        members.append((name, SCALARS[array[1]] * int(array[2]) if array else SCALARS[type_]))
    return type("Struct", (ctypes.Structure,), {"_fields_": members})()


def filled(struct: Any, record: Any, fields: Fields) -> Any:
    """Copies a plain record of numbers into a struct."""
    for row in fields:
        setattr(struct, row[0], getattr(record, row[0]))
    return struct


def library(folder: Path) -> ctypes.CDLL:
    """The exported diagnosis as a shared library, built with the flags of the firmware."""
    export(folder)
    sources = [*folder.glob("diagnosis*.c"), folder / "timing.c"]
    target = folder / "diagnosis.so"
    subprocess.run(
        [c_compiler(), *C_FLAGS, "-shared", "-fPIC", "-o", str(target), *map(str, sources), "-lm"],
        check=True,
        capture_output=True,
    )
    return ctypes.CDLL(str(target))


def entry(folder: Path) -> Any:
    """The C function, taking addresses of structs and ticks."""
    function: Any = library(folder).bptm_diagnose
    function.restype = None
    function.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_int64]
    return function


def put_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Lets benches run the C in place of the Python: equal to the bit, and many times as fast."""
    function = entry(folder)

    def diagnose(d: Any, s: Any, m: Any, p: Any, ticks: int) -> None:
        function(ctypes.byref(d), ctypes.byref(s), ctypes.byref(m), ctypes.byref(p), ticks)

    monkeypatch.setattr(diagnosis_bench, "plain_record", structure)
    monkeypatch.setattr(diagnosis_bench, "diagnose", diagnose)
