"""One run of golden vectors through the compiled controller: operations in, trace out."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.fleet import default_settings
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import FIELDS as SETTINGS_FIELDS

_TYPES = {"f8": 0, "i4": 1, "i8": 2}
_SIZES = {"f8": 8, "i4": 4, "i8": 8}
_IN_STATES = 3
_ANSWER_SIZE = 4
_PADDING = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceBytes:
    """A trace as bytes, one row a record: little-endian, without gaps, in the order of the tables."""

    whole: bytes
    modes: bytes
    """The same without reals and energies: what targets with 32-bit floats share."""


class CompiledReplay:
    """Memory for one device and its inputs, used for one run after the other."""

    def __init__(self) -> None:
        """Compiles the controller, or takes it from the cache."""
        self._replay = compiled_modules()["compiled.kernel_replay"].replay_ops
        inputs = [dtype_of(fields) for fields in (MEASURED_FIELDS, INTERLOCK_INPUT_FIELDS, SETTINGS_FIELDS)]
        states = [dtype_of(fields) for fields in (DEVICE_FIELDS, INTERLOCK_FIELDS)]
        self._inputs, self._input_rows, starts = _memory(inputs)
        self._states, self._state_rows, state_starts = _memory(states)
        types: list[int] = []
        places: list[int] = []
        tables = (MEASURED_FIELDS, INTERLOCK_INPUT_FIELDS, SETTINGS_FIELDS)
        # Slots of the inputs, then those of the states, whose memory is another block: `slot_type` says which.
        for block, fields, dtype, start in (
            *((0, *row) for row in zip(tables, inputs, starts, strict=True)),
            *((_IN_STATES, *row) for row in zip((DEVICE_FIELDS, INTERLOCK_FIELDS), states, state_starts, strict=True)),
        ):
            for name, type_, _unit, _meaning in fields:
                types.append(_TYPES[type_] + block)
                places.append((start + _offset(dtype, name)) // _SIZES[type_])
        self._slots = np.array(types, np.int64), np.array(places, np.int64)
        whole: list[int] = []
        modes: list[int] = []
        for fields, dtype, start in zip((DEVICE_FIELDS, INTERLOCK_FIELDS), states, state_starts, strict=True):
            for name, type_, unit, _meaning in fields:
                first = start + _offset(dtype, name)
                own = list(range(first, first + _SIZES[type_]))
                whole += own
                modes += own if type_ != "f8" and unit != "mW ticks" else []
        answer = list(range(len(self._states), len(self._states) + _ANSWER_SIZE))
        self._columns = np.array(whole + answer), np.array(modes + answer)

    def run(self, ops: bytes, records: int) -> TraceBytes:
        """Replays one run.

        Raises:
            ValueError: The operations are not those of a vectors file, or not as many as said.
        """
        trace = np.zeros((records, len(self._states) // 4 + 1), np.int32)
        written = self._carry_out(ops, trace)
        if written != records:
            msg = f"the vectors promise {records} records in this run and hold {written}; make them again"
            raise ValueError(msg)
        lines = trace.view(np.uint8).reshape(records, -1)
        return TraceBytes(whole=lines[:, self._columns[0]].tobytes(), modes=lines[:, self._columns[1]].tobytes())

    def run_untraced(self, ops: bytes) -> int:
        """Replays one run for its time alone; returns the number of records that a trace would have."""
        return self._carry_out(ops, np.zeros((0, 1), np.int32))

    def _carry_out(self, ops: bytes, trace: NDArray[np.int32]) -> int:
        self._inputs[:] = 0
        self._states[:] = 0
        self._input_rows[2][:] = default_settings(1)
        return int(
            self._replay(
                np.frombuffer(ops + _PADDING, np.uint8),
                *self._state_rows,
                *self._input_rows,
                self._states.view(np.int32),
                self._inputs.view(np.float64),
                self._inputs.view(np.int32),
                self._inputs.view(np.int64),
                self._states.view(np.float64),
                self._states.view(np.int64),
                *self._slots,
                trace,
            )
        )


def _memory(dtypes: list[np.dtype[Any]]) -> tuple[NDArray[np.uint8], list[NDArray[np.void]], list[int]]:
    """One block of memory with a row of each type in it, each at a multiple of eight bytes."""
    starts: list[int] = []
    end = 0
    for dtype in dtypes:
        starts.append(end)
        end += -(-dtype.itemsize // 8) * 8
    block = np.zeros(end // 8, np.float64).view(np.uint8)
    rows: list[NDArray[Any]] = [
        block[start : start + dtype.itemsize].view(dtype) for dtype, start in zip(dtypes, starts, strict=True)
    ]
    return block, rows, starts


def _offset(dtype: np.dtype[Any], name: str) -> int:
    fields = cast("dict[str, tuple[Any, int]]", dtype.fields)
    return int(fields[name][1])
