"""The two copies of the journal: whatever happens to one, the other is taken, and a sentence says so."""

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest

from bptm.compiled.records import as_tuple, plain_record
from bptm.device import journal as journal_module
from bptm.device.journal import (
    COPIES,
    Journal,
    JournalDiskError,
    JournalExistsError,
    JournalKeeper,
    choose,
    journalled,
    restore,
)
from bptm.device.journal_copy import COPY_BYTES, BadCopy, Copy, Values, decode, encode
from bptm.terms.core_device import DEVICE_FIELDS
from bptm.terms.core_ledger import LEDGER_FIELDS
from bptm.terms.journal import JOURNALLED, LEDGER_VOLATILE, ROUTINE


def records(seed: int = 1) -> tuple[Any, Any]:
    """A device and a ledger with a value of its own in every field."""
    draws = random.Random(seed)  # noqa: S311  not for secrets
    device, ledger = plain_record(DEVICE_FIELDS), plain_record(LEDGER_FIELDS)
    for record, fields in ((device, DEVICE_FIELDS), (ledger, LEDGER_FIELDS)):
        for name, type_, _unit, _meaning in fields:
            most = 3 if name in {"mode", "fed_by", "cause", "latched"} else (1 << (31 if type_[1] == "4" else 63)) - 1
            value = getattr(record, name)
            drawn = [draws.randint(0, most) for _ in value] if isinstance(value, list) else draws.randint(0, most)
            setattr(record, name, drawn)
    return device, ledger


def some_values(seed: int = 1) -> Values:
    """What is journalled of such records."""
    return journalled(*records(seed))


def used_bytes(copy: bytes) -> int:
    """Bytes of a copy before the padding."""
    return 20 + int.from_bytes(copy[16:20], "big") + 32


def test_the_list_of_what_is_journalled_is_that_of_the_device_table() -> None:
    """LAW-3: the rows before the orders, in their order; the other two lists name real fields."""
    names = [row[0] for row in DEVICE_FIELDS]
    heat = ["t_heat", "heat", "heat_base", "heat_target"]
    assert list(JOURNALLED) == [*names[: names.index("u_order")], *heat]
    assert set(ROUTINE) < set(JOURNALLED)
    assert set(LEDGER_VOLATILE) < {row[0] for row in LEDGER_FIELDS}


def test_everything_comes_back() -> None:
    """Written, read, restored: every journalled field equal, every other one untouched."""
    device, ledger = records()
    copy = decode(encode(7, journalled(device, ledger)))
    assert isinstance(copy, Copy)
    assert (copy.number, copy.remarks) == (7, ())
    other, other_ledger = plain_record(DEVICE_FIELDS), plain_record(LEDGER_FIELDS)
    restore(copy.values, other, other_ledger)
    for (name, *_), old, new in zip(
        DEVICE_FIELDS, as_tuple(device, DEVICE_FIELDS), as_tuple(other, DEVICE_FIELDS), strict=True
    ):
        assert new == (old if name in JOURNALLED else 0), name
    for (name, *_), old, new in zip(
        LEDGER_FIELDS, as_tuple(ledger, LEDGER_FIELDS), as_tuple(other_ledger, LEDGER_FIELDS), strict=True
    ):
        assert new == old or name in LEDGER_VOLATILE, name


def test_the_largest_values_fit_into_a_copy() -> None:
    """Every number at its largest: under 40,000 bytes of 65,536."""
    device, ledger = records()
    for record, fields in ((device, DEVICE_FIELDS), (ledger, LEDGER_FIELDS)):
        for name, type_, _unit, _meaning in fields:
            if name not in {"mode", "fed_by", "cause", "latched"}:
                most = (1 << (31 if type_[1] == "4" else 63)) - 1
                value = getattr(record, name)
                setattr(record, name, [most] * len(value) if isinstance(value, list) else most)
    copy = encode(2**63, journalled(device, ledger))
    assert len(copy) == COPY_BYTES
    assert used_bytes(copy) < 40_000
    assert isinstance(decode(copy), Copy)


@pytest.mark.parametrize("damage", [0xFF, 0x01, 0x80])
def test_damage_to_any_byte_of_a_copy_is_seen(damage: int) -> None:
    """Each byte of the used part inverted, or one bit of it: never accepted."""
    whole = encode(12, some_values())
    used = used_bytes(whole)
    copy = bytearray(whole[:used])
    for at in range(used):
        copy[at] ^= damage
        assert isinstance(decode(bytes(copy)), BadCopy), at
        copy[at] ^= damage
    assert isinstance(decode(bytes(copy)), Copy)


def test_a_copy_cut_off_anywhere_is_seen() -> None:
    """Every length shorter than the used part, alone and filled up with zeros or with what stood there before."""
    old, whole = encode(11, some_values(2)), encode(12, some_values())
    used = used_bytes(whole)
    for at in range(1, used, 7):
        assert isinstance(decode(whole[:at]), BadCopy)
        assert isinstance(decode(whole[:at].ljust(COPY_BYTES, b"\0")), BadCopy)
        torn = decode(whole[:at] + old[at:])
        assert isinstance(torn, BadCopy) or torn.number == 11


@pytest.mark.parametrize("which", [0, 1])
def test_with_one_copy_damaged_the_other_is_taken_and_a_sentence_says_what_is_lost(tmp_path: Path, which: int) -> None:
    """Every 211th byte of each copy in the files: the other one's values, one complaint that names file and write."""
    journal = Journal.create(tmp_path, some_values(1))
    journal.write(some_values(2))
    path = tmp_path / COPIES[which]
    whole = path.read_bytes()
    for at in range(0, used_bytes(whole), 211):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        found = Journal(tmp_path).read()
        # Writes 1 and 2 are those of `create`; write 3 went to the first copy.
        assert (found.number, found.values) == ((2, some_values(1)) if which == 0 else (3, some_values(2)))
        (complaint,) = found.complaints
        assert str(path) in complaint
        assert f"with write {found.number} is taken" in complaint
        assert "lost if" in complaint


def test_a_sound_journal_has_no_complaint_and_the_newer_copy_wins(tmp_path: Path) -> None:
    """Twenty writes, read after each by a new reader that then writes on."""
    Journal.create(tmp_path, some_values(0))
    for number in range(3, 23):
        journal = Journal(tmp_path)
        journal.read()
        assert journal.write(some_values(number)) == number
        found = Journal(tmp_path).read()
        assert (found.number, found.values, found.complaints) == (number, some_values(number), ())


def test_with_both_copies_damaged_the_journal_is_lost_and_says_so(tmp_path: Path) -> None:
    """One sentence with both reasons; nothing is made up. A write then makes it good again."""
    Journal.create(tmp_path, some_values())
    for name, text in zip(COPIES, (b"", b"no journal at all" * 9), strict=True):
        (tmp_path / name).write_bytes(text)
    journal = Journal(tmp_path)
    found = journal.read()
    assert found.values is None
    (complaint,) = found.complaints
    assert "it has 0 bytes and needs at least 52" in complaint
    assert "not with 4250544d4a4e4c31" in complaint
    assert "until a person resets" in complaint
    journal.write(some_values(5))
    assert Journal(tmp_path).read().values == some_values(5)


def test_a_missing_journal_is_lost_and_not_new(tmp_path: Path) -> None:
    """Only `create` makes a journal, and not where there is one."""
    found = Journal(tmp_path).read()
    assert found.values is None
    assert "cannot be read (No such file or directory)" in found.complaints[0]
    Journal.create(tmp_path, some_values())
    with pytest.raises(JournalExistsError, match="there is a journal already"):
        Journal.create(tmp_path, some_values())


@pytest.mark.parametrize(
    ("record", "name", "value", "needed"),
    [
        ("device", "mode", 99, "device.mode is 99"),
        ("device", "latched", -1, "device.latched is -1"),
        ("device", "starts", 1 << 31, "device.starts is 2147483648"),
        ("device", "starts", True, "device.starts is True"),
        ("device", "starts", 1.5, "device.starts is 1.5"),
        ("device", "starts", "1", "device.starts is 1"),
        ("device", "starts", None, "device.starts is None"),
        ("ledger", "in_mwticks", [1, 2], "ledger.in_mwticks is"),
        ("ledger", "in_mwticks", [1, -2, 3], "ledger.in_mwticks is"),
        ("ledger", "tick", [1], "ledger.tick is"),
    ],
)
def test_a_value_that_cannot_be_spoils_the_copy(record: str, name: str, value: Any, needed: str) -> None:
    """With a right checksum too, as a fault of a writer would leave it: refused, and the other copy is taken."""
    values = some_values()
    values[record][name] = value
    copy = decode(encode(9, values))
    assert isinstance(copy, BadCopy)
    assert needed in copy.reason
    assert choose(encode(9, values), encode(8, some_values(3))).values == some_values(3)


def test_another_firmware_s_fields_are_told_and_the_known_ones_kept() -> None:
    """A field too many is dropped, one too few stays 0, each with a sentence; lockouts and registers are kept."""
    values = some_values()
    values["device"]["heirloom_count"] = 5
    del values["device"]["tests"]
    found = choose(encode(9, values), encode(8, some_values(3)))
    assert found.number == 9
    assert found.complaints == (
        "The journal has no device.tests: it begins at 0.",
        "The journal has device.heirloom_count, which this firmware does not know: it is dropped.",
    )
    assert found.values is not None
    assert found.values["device"]["latched"] == values["device"]["latched"]


@pytest.mark.parametrize("text", ["[]", "{}", '{"device":{}}', '{"device":3,"ledger":{}}', "[" * 100000, "\x00", "NaN"])
def test_text_of_another_form_is_a_bad_copy(text: str) -> None:
    """With a right checksum: never raises."""
    body = b"BPTMJNL1" + (3).to_bytes(8, "big") + min(len(text), 60000).to_bytes(4, "big") + text.encode()[:60000]
    assert isinstance(decode(body + hashlib.sha256(body).digest()), BadCopy)


def test_a_keeper_writes_lockouts_at_once_and_energy_each_five_minutes(tmp_path: Path) -> None:
    """Energy alone waits 36,000 ticks; a lockout, a transfer, the loss of supply and a billing read do not wait."""
    device, ledger = plain_record(DEVICE_FIELDS), plain_record(LEDGER_FIELDS)
    journal = Journal.create(tmp_path, journalled(device, ledger))
    keeper = JournalKeeper(journal, device, ledger)
    for _ in range(35):
        ledger.total_in_mwticks += 5
        device.utility_in_mwticks += 5
        assert not keeper.keep(device, ledger, supplied=1, ticks=1000)
    assert keeper.keep(device, ledger, supplied=1, ticks=1000)
    assert not keeper.keep(device, ledger, supplied=1, ticks=1)
    for record, name in ((device, "latched"), (device, "transfers"), (ledger, "reads"), (ledger, "changes")):
        setattr(record, name, 1)
        assert keeper.keep(device, ledger, supplied=1, ticks=1)
    assert keeper.keep(device, ledger, supplied=0, ticks=1)
    assert not keeper.keep(device, ledger, supplied=0, ticks=1)
    assert Journal(tmp_path).read().values == journalled(device, ledger)


def test_a_refusing_disk_leaves_the_newer_copy_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails half way spoils the older copy only; the next goes to the same place and heals it."""
    device, ledger = plain_record(DEVICE_FIELDS), plain_record(LEDGER_FIELDS)
    journal = Journal.create(tmp_path, journalled(device, ledger))
    keeper = JournalKeeper(journal, device, ledger)
    good = Journal(tmp_path).read()
    real = journal_module.os.pwrite

    def refuse(handle: int, data: bytes, offset: int) -> int:
        real(handle, data[:100], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal_module.os, "pwrite", refuse)
    device.latched = 40
    for _ in range(3):
        assert not keeper.keep(device, ledger, supplied=1, ticks=1)
        assert "cannot be written (No space left on device); check space" in keeper.failure
    found = Journal(tmp_path).read()
    assert (found.number, found.values) == (good.number, good.values)
    monkeypatch.setattr(journal_module.os, "pwrite", real)
    assert keeper.keep(device, ledger, supplied=1, ticks=1)
    assert keeper.failure == ""
    after = Journal(tmp_path).read()
    assert after.values is not None
    assert (after.values["device"]["latched"], after.complaints) == (40, ())


def test_a_journal_that_cannot_be_written_says_so_in_one_sentence(tmp_path: Path) -> None:
    """A directory in the place of a copy, and a folder that is not there."""
    (tmp_path / COPIES[0]).mkdir()
    with pytest.raises(JournalDiskError, match="the journal cannot be written"):
        Journal(tmp_path).write(some_values())
    with pytest.raises(JournalDiskError, match="No such file or directory"):
        Journal.create(tmp_path / "nowhere", some_values())
