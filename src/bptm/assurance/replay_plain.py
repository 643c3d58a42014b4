# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Replays golden vectors on the plain source: the same file under CPython and, copied, under MicroPython.

    micropython replay.py VECTORS [FIRST LAST]
    micropython replay.py VECTORS time [RUNS]

prints a line for each run, its two digests; or how long so many runs take without any trace. Uses only what both
interpreters have. The format of the file is described in `assurance.vectors_format`.
"""

import hashlib
import struct
import sys
import time
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
FLAG_OBSERVED = 2
OBSERVED_EVERY = 64
"""So many records apart, and at the end of a run, what the observers keep is traced too."""

OP_END = 0
OP_START = 1
OP_SCAN = 2
OP_REPEAT = 3
OP_COMMAND = 4
OP_SET = 5
OP_SET_FINE = 6
OP_WORD = 7

COARSE = 256.0
FINE = 70368744177664.0

_PACK = {"i4": "i", "i8": "q", "f8": "d"}


DEVICE_TABLES: tuple[tuple[str, Any], ...] = (
    ("m", MEASURED_FIELDS),
    ("r", INTERLOCK_INPUT_FIELDS),
    ("p", SETTINGS_FIELDS),
    ("s", DEVICE_FIELDS),
    ("k", INTERLOCK_FIELDS),
)
"""What slots set, in their order; the observers' settings follow them in a run that has observers."""


class Record:
    """A record of the core: one attribute a field."""


class VectorsError(Exception):
    """The file is not what this program replays; the text is one sentence."""


def record(fields: Any) -> Any:
    """A record with every field zero."""
    made: Any = Record()
    for row in fields:
        type_, _, length = row[1].partition("[")
        zero = 0.0 if type_ == "f8" else 0
        setattr(made, row[0], [zero] * int(length[:-1]) if length else zero)
    return made


def settings() -> Any:
    """Every setting at its default."""
    return settings_of(SETTINGS)


def settings_of(rows: Any) -> Any:
    """A record of settings, each at its default."""
    made: Any = Record()
    for row in rows:
        setattr(made, row[0], float(row[4]) if row[1] == "f8" else row[4])
    return made


def tables() -> list[tuple[str, Any]]:
    """Every record of the replay by its letter: what slots set, in their order, then what observers keep."""
    found = list(DEVICE_TABLES)
    for observer in OBSERVERS:
        found += [(letter, fields) for letter, fields, _settings in observer.own]
    return found


def settings_of_observers() -> list[tuple[str, Any]]:
    """The observers' settings by their letter: slots behind those of the device."""
    return [
        (letter, fields) for observer in OBSERVERS for letter, fields, defaults in observer.own if defaults is not None
    ]


def layout() -> str:
    """Names and types of every field that is set or traced: a file made for others is refused."""
    lines = ""
    for letter, fields in tables():
        for row in fields:
            lines += letter + " " + row[0] + " " + row[1] + "\n"
    for word in WORDS:
        lines += word.name + "\n"
    return lines


class Observer:
    """An entry that a host calls after each scan, which reads the device and keeps records of its own."""

    def __init__(self, row: tuple[str, str, str, str, tuple[tuple[str, str, str, str], ...]]) -> None:
        """Takes a row of `KNOWN_OBSERVERS`."""
        self.name, self.begin, self.file, letters, own = row
        self.letters = letters.split()
        module = __import__("bptm.controller." + self.file, None, None, ["x"])
        self.function: Any = getattr(module, self.name)
        self.begin_function: Any = getattr(module, self.begin) if self.begin else None
        self.own: list[tuple[str, Any, Any]] = []
        for letter, module, fields, defaults in own:
            terms = __import__("bptm.terms." + module, None, None, ["x"])
            self.own.append((letter, getattr(terms, fields), getattr(terms, defaults) if defaults else None))


KNOWN_OBSERVERS: tuple[tuple[str, str, str, str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "keep_ledger",
        "begin_ledger",
        "ledger",
        "l s m lp",
        (("l", "core_ledger", "LEDGER_FIELDS", ""), ("lp", "core_ledger_settings", "FIELDS", "SETTINGS")),
    ),
    (
        "diagnose",
        "begin_diagnosis",
        "diagnosis",
        "d s m dp",
        (("d", "core_diagnosis", "DIAGNOSIS_FIELDS", ""), ("dp", "core_diagnosis_settings", "FIELDS", "SETTINGS")),
    ),
    (
        "advise",
        "",
        "advice",
        "a s m ap",
        (("a", "core_advice", "ADVICE_FIELDS", ""), ("ap", "core_advice_settings", "FIELDS", "SETTINGS")),
    ),
    (
        "guide",
        "start_guide",
        "guide",
        "g s m gp",
        (("g", "core_guide", "GUIDE_STATE_FIELDS", ""), ("gp", "core_guide_settings", "FIELDS", "SETTINGS")),
    ),
)
"""Entry, what begins its first record (or nothing), its file of `controller`, letters of its records in the order of
its arguments (ticks come last), and its own records: letter, file of `terms`, table, table of settings whose defaults
it begins with."""


OBSERVERS = [Observer(row) for row in KNOWN_OBSERVERS]


class Word:
    """Something that a person or the host says to an observer."""

    def __init__(self, row: tuple[str, str, str, int, int]) -> None:
        """Takes a row of `KNOWN_WORDS`."""
        self.name, self.file, letters, self.count, self.share = row
        self.letters = letters.split()
        self.function: Any = getattr(__import__("bptm.controller." + self.file, None, None, ["x"]), self.name)


KNOWN_WORDS: tuple[tuple[str, str, str, int, int], ...] = (
    ("declare", "guide", "g s m gp", 1, 0),
    ("declare_appliance", "advice", "a", 2, 0),
    ("name_appliance", "advice", "a", 3, 0),
    ("declare_fuel", "advice", "a ap", 1, 1),
    ("set_clock", "ledger_intervals", "l lp", 1, 0),
    ("resume_ledger", "ledger", "l lp", 1, 0),
)
"""Entry, its file of `controller`, letters of its records, how many whole numbers follow, and 1 when the number is a
share in parts of 256. Their order is that of the file's numbers: a new one comes last."""


WORDS = [Word(row) for row in KNOWN_WORDS]


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

    def add_observed(self, kept: Any, fields: Any) -> None:
        """An observer's record, every element of its arrays too."""
        for row in fields:
            value = getattr(kept, row[0])
            type_, _, length = row[1].partition("[")
            if length:
                count = int(length[:-1])
                self.whole.update(struct.pack("<" + _PACK[type_] * count, *[value[i] for i in range(count)]))
            else:
                self.whole.update(struct.pack("<" + _PACK[type_], value))


class Device:
    """A controller with its observers, and the trace that it leaves: what operations are carried out on."""

    def __init__(self, flags: int) -> None:
        """Every field zero, settings at their defaults."""
        self.functions: Any = ()
        self.trace: Any = Trace(flags & FLAG_SINGLE_FLOAT != 0)
        self.records = 0
        self.ticks = 0
        self.made: dict[str, Any] = {}
        self.words: Any = [word.function for word in WORDS]
        self.prepare()
        self.observed: list[tuple[Any, list[Any]]] = []
        self.kept: list[tuple[Any, Any]] = []
        if flags & FLAG_OBSERVED:
            self.observe_from_now()
        made = self.made
        self.s, self.k, self.m, self.r, self.p = made["s"], made["k"], made["m"], made["r"], made["p"]
        self.slots = []
        for letter, fields in DEVICE_TABLES:
            for row in fields:
                self.slots.append((made[letter], row[0], row[1] == "f8"))
        for letter, fields in settings_of_observers() if flags & FLAG_OBSERVED else ():
            for row in fields:
                self.slots.append((made[letter], row[0], row[1] == "f8"))

    def prepare(self) -> None:
        """Makes the records."""
        self.functions = (start, scan, command)
        for letter, fields in DEVICE_TABLES:
            self.made[letter] = settings() if letter == "p" else record(fields)

    def observe_from_now(self) -> None:
        """Makes the observers' records."""
        for observer in OBSERVERS:
            for letter, fields, defaults in observer.own:
                self.made[letter] = record(fields) if defaults is None else settings_of(defaults)
                if defaults is None:
                    self.kept.append((self.made[letter], fields))
            self.observed.append((observer.function, [self.made[letter] for letter in observer.letters]))
            if observer.begin_function:
                observer.begin_function(self.made[observer.letters[0]])

    def note(self, answer: int) -> None:
        """One record of the trace; now and then what the observers keep."""
        self.records += 1
        self.trace.add(self.s, self.k, answer)
        if self.kept and self.records % OBSERVED_EVERY == 0:
            self.note_observed()

    def note_observed(self) -> None:
        """What the observers keep."""
        for kept, fields in self.kept:
            self.trace.add_observed(kept, fields)

    def start(self) -> None:
        """Power-up or reset."""
        self.functions[0](self.s, self.k, self.m, self.p)
        self.note(0)

    def scan(self, ticks: int) -> None:
        """One scan, then every observer."""
        self.functions[1](self.s, self.k, self.m, self.r, self.p, ticks)
        self.ticks += ticks
        for function, records in self.observed:
            function(*records, ticks)
        self.note(0)

    def command(self, action: int, ticks: int) -> None:
        """A remote command."""
        self.note(self.functions[2](self.s, self.p, action, ticks))

    def word(self, which: int, numbers: list[int]) -> None:
        """What a person or the host says to an observer; its answer is a record of the trace."""
        word = WORDS[which]
        said: list[Any] = [numbers[0] / COARSE] if word.share == 1 else numbers[: word.count]
        self.note(self.words[which](*[self.made[letter] for letter in word.letters], *said) or 0)

    def set(self, slot: int, value: int, unit: float) -> None:
        """An input, a setting or a field of the journal."""
        target, name, real = self.slots[slot]
        setattr(target, name, value / unit if real else value)


def carry_out(ops: bytes, device: Any) -> None:
    """All operations of one run."""
    at = 0
    while True:
        op = ops[at]
        at += 1
        if op == OP_END:
            device.note_observed()
            return
        if op == OP_START:
            device.start()
            continue
        first, at = number(ops, at)
        if op == OP_WORD:
            said, at = numbers_of(ops, at, 3)
            device.word(first, said)
        elif op == OP_SCAN:
            device.scan(first)
        elif op == OP_REPEAT:
            for _ in range(first):
                device.scan(1)
        elif op in {OP_COMMAND, OP_SET, OP_SET_FINE}:
            said, at = numbers_of(ops, at, 1)
            if op == OP_COMMAND:
                device.command(first, said[0])
            else:
                device.set(first, said[0], COARSE if op == OP_SET else FINE)
        else:
            msg = "operation " + str(op) + " is unknown; make the vectors again"
            raise VectorsError(msg)


def replay_run(ops: bytes, flags: int) -> tuple[bytes, bytes]:
    """Both digests of one run."""
    device = Device(flags)
    carry_out(ops, device)
    return device.trace.whole.digest(), device.trace.modes.digest()


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


def numbers_of(ops: bytes, at: int, count: int) -> tuple[list[int], int]:
    """So many whole numbers that may be negative; and where the next thing begins."""
    found: list[int] = []
    for _ in range(count):
        value, at = number(ops, at)
        found.append((value >> 1) ^ -(value & 1))
    return found, at


def runs_of(directory: str, first: int, last: int) -> Any:
    """Operations and flags of each run from `first` up to, not including, `last`.

    Raises:
        VectorsError: Not a vectors file, or made for another controller.
    """
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
                yield ops, flags


def replay(directory: str, first: int, last: int) -> list[tuple[bytes, bytes]]:
    """Both digests of each run from `first` up to, not including, `last`; an empty second where it is not wanted.

    Raises:
        VectorsError: Not a vectors file, or made for another controller.
    """
    digests: list[tuple[bytes, bytes]] = []
    for ops, flags in runs_of(directory, first, last):
        whole, modes = replay_run(ops, flags)
        digests.append((whole, modes if flags & FLAG_SINGLE_FLOAT else b""))
    return digests


class NoTrace:
    """In place of a trace where only the time counts."""

    def add(self, s: Any, k: Any, answer: int) -> None:
        """Nothing."""


def replay_timed(directory: str, last: int) -> tuple[int, int, float]:
    """Records, ticks and seconds of the first runs without observers, without any trace."""
    records = ticks = 0
    taken_s = 0.0
    clock = getattr(time, "process_time", None) or time.time
    for ops, flags in runs_of(directory, 0, last):
        if flags & FLAG_OBSERVED:
            # Its words and settings are for observers that are not there.
            continue
        device = Device(0)
        device.trace = NoTrace()
        begun_s = clock()
        carry_out(ops, device)
        taken_s += clock() - begun_s
        records += device.records
        ticks += device.ticks
    return records, ticks, taken_s


def main() -> None:
    """Prints both digests of each run, in hexadecimal; or, after `time`, records, ticks and seconds."""
    words = sys.argv[1:]
    if len(words) > 1 and words[1] == "time":
        records, ticks, taken_s = replay_timed(words[0], int(words[2]) if len(words) > 2 else 1 << 30)  # noqa: PLR2004
        sys.stdout.write(str(records) + " " + str(ticks) + " " + str(taken_s) + "\n")
        return
    first = int(words[1]) if len(words) > 1 else 0
    last = int(words[2]) if len(words) > 2 else 1 << 30  # noqa: PLR2004
    for whole, modes in replay(words[0], first, last):
        sys.stdout.write(whole.hex() + " " + (modes.hex() or "-") + "\n")


if __name__ == "__main__":
    main()
