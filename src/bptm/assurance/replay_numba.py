"""Golden vectors with observers, compiled: the plain replay's own loop over records that lie in NumPy's memory.

Runs without observers go through `compiled.replay`, which needs no Python between two scans.
"""

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from bptm.assurance.replay_plain import (
    DEVICE_TABLES,
    OBSERVERS,
    WORDS,
    Device,
    Trace,
    carry_out,
    settings,
    settings_of,
)
from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _fields_only(rows: Any) -> Any:
    return tuple(row[:4] for row in rows)


def _array(rows: Any, values: Any = None) -> Any:
    """Memory for one record, zero or with the values of a plain one."""
    made = np.zeros(1, dtype_of(_fields_only(rows))).view(np.recarray)
    if values is not None:
        for row in rows:
            made[0][row[0]] = getattr(values, row[0])
    return made


def _memory(rows: Any, values: Any = None) -> Any:
    """A record in NumPy's memory."""
    return _array(rows, values)[0]


class _MemoryTrace(Trace):
    """The same digests from the bytes as they lie, gaps left out: reading them field by field is slow."""

    def __init__(self, with_modes: bool, records: tuple[tuple[Any, Any], ...]) -> None:  # noqa: FBT001  as the plain one
        """Args: with_modes: whether the second digest is wanted; records: memory and fields, in the trace's order."""
        super().__init__(with_modes)
        self._whole: list[tuple[NDArray[np.uint8], NDArray[np.intp]]] = []
        self._modes: list[tuple[NDArray[np.uint8], NDArray[np.intp]]] = []
        for array, fields in records:
            whole: list[int] = []
            modes: list[int] = []
            for name, type_, unit, *_rest in fields:
                dtype, first = array.dtype.fields[name][:2]
                own = range(first, first + dtype.itemsize)
                whole += own
                modes += own if type_ != "f8" and unit != "mW ticks" else ()
            memory = np.asarray(array).view(np.uint8)
            self._whole.append((memory, np.array(whole, np.intp)))
            self._modes.append((memory, np.array(modes, np.intp)))

    def add(self, s: Any, k: Any, answer: int) -> None:  # noqa: ARG002  the memory is theirs
        """One record of the trace."""
        said = struct.pack("<i", answer)
        self.whole.update(b"".join([memory[places].tobytes() for memory, places in self._whole]) + said)
        if self.with_modes:
            self.modes.update(b"".join([memory[places].tobytes() for memory, places in self._modes]) + said)


class CompiledDevice(Device):
    """The same operations on compiled functions."""

    def prepare(self) -> None:
        """Makes the records, and takes the compiled functions in place of the plain ones."""
        arrays: dict[str, Any] = {}
        for letter, fields in DEVICE_TABLES:
            arrays[letter] = _array(fields, settings() if letter == "p" else None)
            self.made[letter] = arrays[letter][0]
        tables = dict(DEVICE_TABLES)
        self.trace = _MemoryTrace(self.trace.with_modes, tuple((arrays[letter], tables[letter]) for letter in "sk"))
        modules = compiled_modules()
        self.functions = (
            modules["controller.scan"].start,
            modules["controller.scan"].scan,
            modules["controller.remote"].command,
        )
        self.words = [getattr(modules[f"controller.{word.file}"], word.name) for word in WORDS]

    def observe_from_now(self) -> None:
        """Makes the observers' records."""
        modules = compiled_modules()
        for observer in OBSERVERS:
            for letter, fields, defaults in observer.own:
                values = None if defaults is None else settings_of(defaults)
                self.made[letter] = _memory(fields if defaults is None else defaults, values)
                if defaults is None:
                    self.kept.append((self.made[letter], fields))
            module = modules[f"controller.{observer.file}"]
            self.observed.append((getattr(module, observer.name), [self.made[letter] for letter in observer.letters]))
            if observer.begin:
                getattr(module, observer.begin)(self.made[observer.letters[0]])


def replay_observed(ops: bytes, flags: int) -> tuple[bytes, bytes]:
    """Both digests of one run."""
    device = CompiledDevice(flags)
    carry_out(ops, device)
    modes = device.trace.modes.digest() if flags & 1 else b""
    return device.trace.whole.digest(), modes
