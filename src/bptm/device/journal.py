"""The meter's journal: two copies, written in turn, so that a loss of power at any instant leaves one whole.

A write replaces the older copy in place and is durable when it returns; the newer one is not touched. A reader takes
the newer one that can be relied on. Both files have their full size from the beginning: a disk that fills up
later stops no write.

    JournalError            the text is one sentence, with what to do
    ├── JournalExistsError  `create` where there is a journal already
    └── JournalDiskError    the disk refused; the newer copy stands, and the same write may be tried again

Source: domain.md H7 (journal with check sum, two copies); LAW-3, LAW-8; docs/explanation/registers-and-journal.md.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bptm.device.journal_copy import COPY_BYTES, FIELDS, BadCopy, Copy, Values, decode, encode
from bptm.terms.journal import JOURNALLED, ROUTINE

COPIES: Final = ("journal-a", "journal-b")

ROUTINE_TICKS: Final = 36000
"""Energy and counts are written this often: 5 min. Own choice: at most 5 min of energy are lost when hold-up fails too,
and 105,000 writes a year to each of two places are few for any flash with wear levelling."""


class JournalError(Exception):
    """Something is wrong with the journal; the text is one sentence."""


class JournalExistsError(JournalError):
    """There is a journal already."""


class JournalDiskError(JournalError):
    """The disk refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What reading the journal gave."""

    values: Values | None
    """None when no copy can be relied on: the journal is lost."""
    number: int
    """Of the write that is taken; 0 when none is."""
    complaints: tuple[str, ...]
    """Sentences for the event log: what is wrong, where, what was taken instead and what is lost."""


def choose(a: bytes | BadCopy, b: bytes | BadCopy, where: tuple[str, str] = COPIES) -> Found:
    """Takes the newer of two copies that can be relied on.

    Args:
        a: Bytes of the first copy, or why there are none.
        b: The same of the second.
        where: Their names, for the complaints.
    """
    judged = [copy if isinstance(copy, BadCopy) else decode(copy) for copy in (a, b)]
    good = sorted(
        ((copy.number, at) for at, copy in enumerate(judged) if isinstance(copy, Copy)), key=lambda pair: -pair[0]
    )
    reasons = {where[at]: copy.reason for at, copy in enumerate(judged) if isinstance(copy, BadCopy)}
    if not good:
        (first, reason), (second, other) = reasons.items()
        complaint = (
            f"The journal is lost: {first} cannot be used because {reason}, and {second} because {other}; lockouts, "
            "registers and counts are unknown, and the meter counts as locked out until a person resets it."
        )
        return Found(values=None, number=0, complaints=(complaint,))
    number, at = good[0]
    taken = judged[at]
    assert isinstance(taken, Copy)
    complaints = [
        f"{name} cannot be used because {reason}; {where[at]} with write {number} is taken, and what changed after "
        f"that write is lost if {name} was newer."
        for name, reason in reasons.items()
    ]
    return Found(values=taken.values, number=number, complaints=(*complaints, *taken.remarks))


class Journal:
    """The two files in a directory. One owner at a time."""

    def __init__(self, folder: Path) -> None:
        """Takes a directory, without reading it yet."""
        self._paths = tuple(folder / name for name in COPIES)
        self._number = 0
        self._target = 0

    @classmethod
    def create(cls, folder: Path, values: Values) -> "Journal":
        """Makes the journal of a new meter, when it is put into service, with its first write to both copies.

        A journal that is missing later is *lost*, not new: only a person makes one.

        Raises:
            JournalExistsError: There is a copy already.
            JournalDiskError: No room, no rights.
        """
        journal = cls(folder)
        for path in journal._paths:
            if path.exists():
                msg = f"{path}: there is a journal already; a meter keeps its journal for life."
                raise JournalExistsError(msg)
        made: list[Path] = []
        try:
            for path in journal._paths:
                with path.open("xb") as file:
                    made.append(path)
                    file.write(bytes(COPY_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
            _sync_folder(folder)
        except OSError as error:
            for path in made:
                with contextlib.suppress(OSError):
                    path.unlink()
            raise _refused(journal._paths[len(made) - 1 if made else 0], error) from error
        for _copy in journal._paths:
            journal.write(values)
        return journal

    def read(self) -> Found:
        """Reads both copies and takes the newer good one. The next write goes to the other.

        Never raises for what is in the files, nor for a file that cannot be read: that copy is then a bad one.
        """
        copies: list[bytes | BadCopy] = []
        for path in self._paths:
            try:
                with path.open("rb") as file:
                    copies.append(file.read(COPY_BYTES))
            except OSError as error:
                copies.append(BadCopy(reason=f"it cannot be read ({error.strerror})"))
        found = choose(copies[0], copies[1], (str(self._paths[0]), str(self._paths[1])))
        self._number = found.number
        judged = [isinstance(copy, bytes) and _number_of(copy) == found.number for copy in copies]
        self._target = 1 if judged[0] and found.number > 0 else 0
        return found

    def write(self, values: Values) -> int:
        """Replaces the older copy; durable on return. Returns the number of the write.

        Raises:
            JournalDiskError: The older copy may be spoilt, the newer one stands; the next write goes to the same place.
        """
        data = encode(self._number + 1, values)
        path = self._paths[self._target]
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                done = 0
                while done < len(data):
                    done += os.pwrite(handle, data[done:], done)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise _refused(path, error) from error
        self._number += 1
        self._target = 1 - self._target
        return self._number


def _number_of(data: bytes) -> int:
    copy = decode(data)
    return copy.number if isinstance(copy, Copy) else 0


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(path: Path, error: OSError) -> JournalDiskError:
    return JournalDiskError(
        f"{path}: the journal cannot be written ({error.strerror}); check space, rights and health of that disk."
    )


def journalled(device: object, ledger: object) -> Values:
    """What of a device and its ledger is journalled, now."""
    return {
        name: {field: _plain(getattr(record, field)) for field in FIELDS[name]}
        for name, record in (("device", device), ("ledger", ledger))
    }


def _plain(value: object) -> int | list[int]:
    """A number or an array of a record, from any runtime, as JSON has it."""
    if isinstance(value, int):
        return value
    if hasattr(value, "__len__"):
        return [int(item) for item in value]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType]  # a list, or an array of NumPy
    return int(value)  # pyright: ignore[reportArgumentType]  # a number of NumPy


def restore(values: Values, device: object, ledger: object) -> None:
    """Puts what was journalled back, before `start` and `resume_ledger`. What it does not have stays as it is."""
    for name, record in (("device", device), ("ledger", ledger)):
        for field, value in values[name].items():
            if isinstance(value, list):
                array = getattr(record, field)
                for at, item in enumerate(value):
                    array[at] = item
            else:
                setattr(record, field, value)


class JournalKeeper:
    """Writes what has to be written, when it has to be: called after each scan, before its orders go out.

    At once: any journalled field that does not change by itself (mode, lockout, counts), the loss of supply, a last
    gasp, a billing read. Else every ROUTINE_TICKS.
    """

    def __init__(self, journal: Journal, device: object, ledger: object) -> None:
        """Begins with what the journal holds: right after `start`, which always changes something."""
        self._journal = journal
        self._since_ticks = 0
        self._written: tuple[int, ...] | None = None
        self._supplied = 1
        self.failure = ""
        """Sentence of the last write when it failed; empty when it did not. While it stands no close may go out: what
        came of it might be forgotten."""
        self.keep(device, ledger, supplied=1, ticks=0)

    def keep(self, device: object, ledger: object, *, supplied: int, ticks: int) -> bool:
        """Writes when it is due. Returns whether it wrote; a failure is in `failure`, and tried again at each call."""
        self._since_ticks += ticks
        marks = urgent_marks(device, ledger)
        lost_supply = supplied == 0 and self._supplied == 1
        self._supplied = supplied
        due = marks != self._written or lost_supply or self._since_ticks >= ROUTINE_TICKS or self.failure != ""
        if not due:
            return False
        try:
            self._journal.write(journalled(device, ledger))
        except JournalDiskError as error:
            self.failure = str(error)
            return False
        self.failure = ""
        self._written = marks
        self._since_ticks = 0
        return True


def urgent_marks(device: object, ledger: object) -> tuple[int, ...]:
    """What must be written as soon as it changes."""
    marks = tuple(int(getattr(device, name)) for name in JOURNALLED if name not in ROUTINE)
    return (*marks, *(int(getattr(ledger, name)) for name in ("reads", "changes", "u_operations", "b_operations")))
