"""The file of golden vectors: recorded inputs of the controller, replayed alike by every runtime.

`vectors.bin`, little-endian:

    8 bytes   `BPTMVEC1`
    32 bytes  SHA-256 of the layout: names and types of every field that is set or traced
    4 bytes   number of runs
    9 bytes   for each run: length in bytes (4), records of its trace (4), flags (1)
    the operations of all runs, one run after the other

Flag 1: this run's modes and timers are the same with 32-bit floats. Flag 2: the observers (`OBSERVERS` of
`assurance.replay_plain`: ledger, diagnosis, advice, guide) are called after each scan. A run begins with every field
zero and the settings at their defaults. An operation is one byte and its numbers, seven bits a byte, lowest first;
`~` marks a number that may be negative, written as `2 n` or `-2 n - 1`:

    0                 end of the run
    1                 start: power-up or reset, what is journalled stays               one record
    2 ticks           scan over so many ticks                                          one record
    3 times           so many scans of one tick                                        one record each
    4 action ~ticks   remote command                                                   one record
    5 slot ~n         input or setting is now n, or n / 256 when it is real
    6 slot ~n         real input or setting is now n / 2^46
    7 word ~a ~b ~c   what a person or the host says to an observer (`WORDS`)          one record

Slots count the fields of measured values, interlock inputs, settings, device and interlock in their order; a field of
the device is set where a run begins with a journal, its counters at their end. With flag 2 the settings of the
observers follow. A record is every field of device and interlock in their order, `i4` in four bytes, `i8` and `f8` in
eight, then the answer to a command or word in four. With flag 2 every 64th record, and the end of the run, is followed
by what the observers keep, array by array.
The digest of a run is the SHA-256 of its records; the trace's is the SHA-256 of the runs' digests. The second
digest leaves out reals and energies, and covers the runs with flag 1.

Values are multiples of a power of two, so that no runtime rounds when it reads them.
"""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

from bptm.assurance.replay_plain import (
    COARSE,
    ENTRY,
    FILE_NAME,
    FINE,
    FLAG_OBSERVED,
    FLAG_SINGLE_FLOAT,
    HEADER,
    MAGIC,
    OP_COMMAND,
    OP_END,
    OP_REPEAT,
    OP_SCAN,
    OP_SET,
    OP_SET_FINE,
    OP_START,
    OP_WORD,
    WORDS,
    layout,
    settings_of_observers,
)
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import FIELDS as SETTINGS_FIELDS
from bptm.whole_file import write_whole

_OF_DEVICE = (*MEASURED_FIELDS, *INTERLOCK_INPUT_FIELDS, *SETTINGS_FIELDS, *DEVICE_FIELDS, *INTERLOCK_FIELDS)
_OF_OBSERVERS = tuple((letter, row) for letter, fields in settings_of_observers() for row in fields)
SLOT_FIELDS = (*_OF_DEVICE, *(row for _letter, row in _OF_OBSERVERS))
SLOT_OF = {row[0]: slot for slot, row in enumerate(MEASURED_FIELDS)}
INTERLOCK_SLOT_OF = {row[0]: len(MEASURED_FIELDS) + slot for slot, row in enumerate(INTERLOCK_INPUT_FIELDS)}
SETTING_SLOT_OF = {
    row[0]: len(MEASURED_FIELDS) + len(INTERLOCK_INPUT_FIELDS) + slot for slot, row in enumerate(SETTINGS_FIELDS)
}
DEVICE_SLOT_OF = {
    row[0]: len(MEASURED_FIELDS) + len(INTERLOCK_INPUT_FIELDS) + len(SETTINGS_FIELDS) + slot
    for slot, row in enumerate(DEVICE_FIELDS)
}

OBSERVER_SLOT_OF = {f"{letter}.{row[0]}": len(_OF_DEVICE) + slot for slot, (letter, row) in enumerate(_OF_OBSERVERS)}
"""Settings of the observers by letter and name, `dp.block_ticks`."""
WORD_OF = {word.name: number for number, word in enumerate(WORDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recorded run."""

    ops: bytes
    records: int
    flags: int
    ticks: int
    """Time that it covers; not in the file."""


def coarse(value: float) -> float:
    """The nearest multiple of 1/256: exact with 32-bit floats too, below 65,536."""
    return round(value * COARSE) / COARSE


def fine(value: float) -> float:
    """The nearest multiple of 2^-46: every double from 64 up is one."""
    return round(value * FINE) / FINE


class RunWriter:
    """Writes one run's operations; single scans in a row become one operation."""

    def __init__(self) -> None:
        """An empty run."""
        self.records = 0
        self.ticks = 0
        self._ops = bytearray()
        self._single = 0

    def start(self) -> None:
        """Power-up or reset."""
        self._flush()
        self._ops.append(OP_START)
        self.records += 1

    def scan(self, ticks: int) -> None:
        """A scan over so many ticks."""
        self.records += 1
        self.ticks += ticks
        if ticks == 1:
            self._single += 1
            return
        self._flush()
        self._ops.append(OP_SCAN)
        self._number(ticks)

    def command(self, action: int, hold_ticks: int) -> None:
        """A remote command."""
        self._flush()
        self._ops.append(OP_COMMAND)
        self._number(action)
        self._signed(hold_ticks)
        self.records += 1

    def word(self, which: int, numbers: tuple[int, int, int]) -> None:
        """What a person or the host says to an observer."""
        self._flush()
        self._ops.append(OP_WORD)
        self._number(which)
        for value in numbers:
            self._signed(value)
        self.records += 1

    def set(self, slot: int, value: float) -> None:
        """An input or setting changes.

        Raises:
            ValueError: A real that is no multiple of 2^-46: runtimes might read different numbers.
        """
        self._flush()
        if isinstance(value, int) and SLOT_FIELDS[slot][1] != "f8":
            self._ops.append(OP_SET)
            self._number(slot)
            self._signed(value)
            return
        if SLOT_FIELDS[slot][1] != "f8":
            op, whole = OP_SET, float(value)
        elif (value * COARSE).is_integer():
            op, whole = OP_SET, value * COARSE
        else:
            op, whole = OP_SET_FINE, value * FINE
        if not whole.is_integer():
            msg = f"{SLOT_FIELDS[slot][0]} is {value!r}, expected a multiple of 2^-46"
            raise ValueError(msg)
        self._ops.append(op)
        self._number(slot)
        self._signed(int(whole))

    def end(self, *, flags: int) -> Run:
        """The finished run."""
        self._flush()
        self._ops.append(OP_END)
        return Run(ops=bytes(self._ops), records=self.records, flags=flags, ticks=self.ticks)

    def _flush(self) -> None:
        single, self._single = self._single, 0
        if single:
            self._ops.append(OP_REPEAT)
            self._number(single)

    def _signed(self, value: int) -> None:
        self._number(2 * value if value >= 0 else -2 * value - 1)

    def _number(self, value: int) -> None:
        while value >= 128:  # noqa: PLR2004  the eighth bit says that more follows
            self._ops.append(value & 127 | 128)
            value >>= 7
        self._ops.append(value)


def write_file(directory: Path, runs: list[Run]) -> int:
    """Writes the runs into a directory; returns the size of the file in bytes.

    Raises:
        OSError: It cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    head = struct.pack(HEADER, MAGIC, hashlib.sha256(layout().encode()).digest(), len(runs))
    index = b"".join(struct.pack(ENTRY, len(run.ops), run.records, run.flags) for run in runs)
    content = head + index + b"".join(run.ops for run in runs)
    # A runtime never meets half a file.
    write_whole(directory / FILE_NAME, content)
    return len(content)


def read_file(directory: Path) -> list[Run]:
    """The runs of a file that this program wrote; their ticks are not kept in it."""
    content = (directory / FILE_NAME).read_bytes()
    _magic, _layout, count = struct.unpack_from(HEADER, content)
    at = struct.calcsize(HEADER)
    entries: list[tuple[int, int, int]] = []
    for _ in range(count):
        entries.append(struct.unpack_from(ENTRY, content, at))
        at += struct.calcsize(ENTRY)
    runs: list[Run] = []
    for length, records, flags in entries:
        runs.append(Run(ops=content[at : at + length], records=records, flags=flags, ticks=0))
        at += length
    return runs


def whole_digest(digests: list[bytes]) -> str:
    """One digest of all runs' digests."""
    return hashlib.sha256(b"".join(digests)).hexdigest()


__all__ = [
    "DEVICE_SLOT_OF",
    "FLAG_OBSERVED",
    "FLAG_SINGLE_FLOAT",
    "INTERLOCK_SLOT_OF",
    "OBSERVER_SLOT_OF",
    "SETTING_SLOT_OF",
    "SLOT_FIELDS",
    "SLOT_OF",
    "WORD_OF",
    "Run",
    "RunWriter",
    "coarse",
    "fine",
    "read_file",
    "whole_digest",
    "write_file",
]
