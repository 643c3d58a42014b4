# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Replays golden vectors on the plain source: the same file under CPython and, copied, under MicroPython.

    micropython replay.py VECTORS [FIRST LAST]

prints a line for each run, its two digests. Uses only what both interpreters have. The format of the file is
described in `assurance.vectors_format`.
"""

import hashlib
import struct
import sys
from typing import Any

from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import FIELDS as SETTINGS_FIELDS
from bptm.terms.core_settings import SETTINGS

MAGIC = b"BPTMVEC1"
FILE_NAME = "vectors.bin"
HEADER = "<8s32sI"
ENTRY = "<IIB"
FLAG_SINGLE_FLOAT = 1

OP_END = 0
OP_START = 1
OP_SCAN = 2
OP_REPEAT = 3
OP_COMMAND = 4
OP_SET = 5
OP_SET_FINE = 6

COARSE = 256.0
FINE = 70368744177664.0

_PACK = {"i4": "i", "i8": "q", "f8": "d"}


class Record:
    """A record of the core: one attribute a field."""


class VectorsError(Exception):
    """The file is not what this program replays; the text is one sentence."""


def record(fields: tuple[tuple[str, str, str, str], ...]) -> Any:
    """A record with every field zero."""
    made: Any = Record()
    for row in fields:
        setattr(made, row[0], 0.0 if row[1] == "f8" else 0)
    return made


def settings() -> Any:
    """Every setting at its default."""
    made = record(SETTINGS_FIELDS)
    for row in SETTINGS:
        setattr(made, row[0], float(row[4]) if row[1] == "f8" else row[4])
    return made


def layout() -> str:
    """Names and types of every field that is set or traced: a file made for others is refused."""
    lines = ""
    for letter, fields in (
        ("s", DEVICE_FIELDS),
        ("k", INTERLOCK_FIELDS),
        ("m", MEASURED_FIELDS),
        ("r", INTERLOCK_INPUT_FIELDS),
        ("p", SETTINGS_FIELDS),
    ):
        for row in fields:
            lines += letter + " " + row[0] + " " + row[1] + "\n"
    return lines


class Trace:
    """Digests of one run: of everything, and of modes and timers alone."""

    def __init__(self, with_modes: bool) -> None:  # noqa: FBT001  MicroPython's calls by name are slow
        """Args: with_modes: whether the second digest is wanted."""
        self.whole = hashlib.sha256()
        self.modes = hashlib.sha256()
        self.with_modes = with_modes
        rows = list(DEVICE_FIELDS) + list(INTERLOCK_FIELDS)
        self.device_names = [row[0] for row in DEVICE_FIELDS]
        self.interlock_names = [row[0] for row in INTERLOCK_FIELDS]
        self.form = "<" + "".join([_PACK[row[1]] for row in rows]) + "i"
        self.chosen = [i for i in range(len(rows)) if rows[i][1] != "f8" and rows[i][2] != "mW ticks"]
        self.modes_form = "<" + "".join([_PACK[rows[i][1]] for i in self.chosen]) + "i"

    def add(self, s: Any, k: Any, answer: int) -> None:
        """One record of the trace."""
        values = [getattr(s, name) for name in self.device_names] + [getattr(k, name) for name in self.interlock_names]
        self.whole.update(struct.pack(self.form, *values, answer))
        if self.with_modes:
            self.modes.update(struct.pack(self.modes_form, *[values[i] for i in self.chosen], answer))


def replay_run(ops: bytes, with_modes: bool) -> tuple[bytes, bytes]:  # noqa: FBT001  MicroPython's calls by name are slow
    """Both digests of one run."""
    s, k = record(DEVICE_FIELDS), record(INTERLOCK_FIELDS)
    m, r, p = record(MEASURED_FIELDS), record(INTERLOCK_INPUT_FIELDS), settings()
    slots = [(m, row[0], row[1] == "f8") for row in MEASURED_FIELDS]
    slots += [(r, row[0], row[1] == "f8") for row in INTERLOCK_INPUT_FIELDS]
    slots += [(p, row[0], row[1] == "f8") for row in SETTINGS_FIELDS]
    trace = Trace(with_modes)
    at = 0
    while True:
        op = ops[at]
        at += 1
        if op == OP_END:
            return trace.whole.digest(), trace.modes.digest()
        if op == OP_START:
            start(s, k, m, p)
            trace.add(s, k, 0)
            continue
        first, at = number(ops, at)
        if op == OP_SCAN:
            scan(s, k, m, r, p, first)
            trace.add(s, k, 0)
        elif op == OP_REPEAT:
            for _ in range(first):
                scan(s, k, m, r, p, 1)
                trace.add(s, k, 0)
        elif op == OP_COMMAND:
            second, at = number(ops, at)
            trace.add(s, k, command(s, p, first, (second >> 1) ^ -(second & 1)))
        elif op in {OP_SET, OP_SET_FINE}:
            second, at = number(ops, at)
            second = (second >> 1) ^ -(second & 1)
            target, name, real = slots[first]
            if real:
                setattr(target, name, second / (COARSE if op == OP_SET else FINE))
            else:
                setattr(target, name, second)
        else:
            msg = "operation " + str(op) + " is unknown; make the vectors again"
            raise VectorsError(msg)


def number(ops: bytes, at: int) -> tuple[int, int]:
    """A whole number of seven bits a byte, lowest first; and where the next thing begins."""
    value = 0
    shift = 0
    while True:
        byte = ops[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004  the eighth bit says that more follows
            return value, at
        shift += 7


def replay(directory: str, first: int, last: int) -> list[tuple[bytes, bytes]]:
    """Both digests of each run from `first` up to, not including, `last`; an empty second where it is not wanted.

    Raises:
        VectorsError: Not a vectors file, or made for another controller.
    """
    digests: list[tuple[bytes, bytes]] = []
    with open(directory + "/" + FILE_NAME, "rb") as file:  # noqa: PTH123  MicroPython has no pathlib
        head = file.read(struct.calcsize(HEADER))
        if len(head) < struct.calcsize(HEADER) or head[:8] != MAGIC:
            msg = directory + "/" + FILE_NAME + " is no vectors file; make it with `bptm firmware vectors`"
            raise VectorsError(msg)
        _magic, wanted, runs = struct.unpack(HEADER, head)
        if wanted != hashlib.sha256(layout().encode()).digest():
            msg = directory + "/" + FILE_NAME + " was made for other records; make it again with this version"
            raise VectorsError(msg)
        entries = [struct.unpack(ENTRY, file.read(struct.calcsize(ENTRY))) for _ in range(runs)]
        for at in range(min(last, runs)):
            length, _records, flags = entries[at]
            ops = file.read(length)
            if at >= first:
                with_modes = flags & FLAG_SINGLE_FLOAT != 0
                whole, modes = replay_run(ops, with_modes)
                digests.append((whole, modes if with_modes else b""))
    return digests


def main() -> None:
    """Prints both digests of each run, in hexadecimal."""
    words = sys.argv[1:]
    first = int(words[1]) if len(words) > 1 else 0
    last = int(words[2]) if len(words) > 2 else 1 << 30  # noqa: PLR2004
    for whole, modes in replay(words[0], first, last):
        sys.stdout.write(whole.hex() + " " + (modes.hex() or "-") + "\n")


if __name__ == "__main__":
    main()
