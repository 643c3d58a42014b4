"""Golden vectors with observers, compiled: the plain replay's own loop over records that lie in NumPy's memory.

Runs without observers go through `compiled.replay`, which needs no Python between two scans.
"""

from typing import Any

import numpy as np

from bptm.assurance.replay_plain import DEVICE_TABLES, OBSERVERS, Device, carry_out, settings, settings_of
from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of


def _fields_only(rows: Any) -> Any:
    return tuple(row[:4] for row in rows)


def _memory(rows: Any, values: Any = None) -> Any:
    """A record in NumPy's memory, zero or with the values of a plain one."""
    made = np.zeros(1, dtype_of(_fields_only(rows))).view(np.recarray)[0]
    if values is not None:
        for row in rows:
            made[row[0]] = getattr(values, row[0])
    return made


class CompiledDevice(Device):
    """The same operations on compiled functions."""

    def prepare(self) -> None:
        """Makes the records, and takes the compiled functions in place of the plain ones."""
        for letter, fields in DEVICE_TABLES:
            self.made[letter] = _memory(fields, settings() if letter == "p" else None)
        modules = compiled_modules()
        self.functions = (
            modules["controller.scan"].start,
            modules["controller.scan"].scan,
            modules["controller.remote"].command,
        )

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
