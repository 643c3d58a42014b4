"""A file of rows: good ones kept, bad ones written down with line and reason, files that cannot be refused whole."""

import csv
import errno
import gzip
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bptm.cli import run
from bptm.cli.asked import UsageError
from bptm.cli.program_give import write_text
from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout, RowRule
from bptm.program.rows import Source, read_table
from bptm.terms.refusals import Refused

LAYOUT = Layout(
    name="outages",
    columns=(
        Column(name="customers_count", also=("customers_max", "customers"), kind=Kind.WHOLE, low=0, value_needed=True),
        Column(name="place", also=("region",)),
        Column(name="share_fraction", also=("share",), kind=Kind.NUMBER, low=0, high=1, needed=False),
        Column(name="start_utc", also=("start",), kind=Kind.TIME, zone="America/Los_Angeles"),
        Column(name="end_utc", also=("end",), kind=Kind.TIME, zone="America/Los_Angeles"),
    ),
    rules=(RowRule(wrong_when="end_utc < start_utc", reason="'it ends before it starts'"),),
)
HEADER = "customers,Region,start,end\n"
GOOD = "5,NA,2019-10-26T10:00Z,2019-10-26T11:00Z\n"


def read(tmp_path: Path, content: bytes, name: str = "a.csv") -> tuple[Source | Refused, list[tuple[object, ...]]]:
    """The outcome for a file of this content, and the rows kept, by line."""
    path = tmp_path / name
    path.write_bytes(content)
    with Tables(memory_mb=200) as tables:
        source = read_table(tables, path, LAYOUT, "outages", tmp_path / "refused.csv")
        rows = tables.rows("SELECT * FROM outages ORDER BY line") if isinstance(source, Source) else []
    return source, rows


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("-1,a,2019-10-26T10:00Z,2019-10-26T11:00Z", "customers_count is -1, expected at least 0"),
        ("1.5,a,2019-10-26T10:00Z,2019-10-26T11:00Z", "customers_count is 1.5, expected a whole number"),
        ("NA,a,2019-10-26T10:00Z,2019-10-26T11:00Z", "customers_count is missing"),
        ("1,a,2019-13-26T10:00Z,2019-10-26T11:00Z", "start_utc is 2019-13-26T10:00Z, expected a time"),
        ("1,a,2019-10-26T12:00Z,2019-10-26T11:00Z", "it ends before it starts"),
        ("1,a,2019-10-26T12:00Z", "missing columns"),
        ("1,a,2019-10-26T12:00Z,2019-10-26T13:00Z,more", "too many columns"),
        ("1,\xff\xfe,2019-10-26T12:00Z,2019-10-26T13:00Z", "invalid encoding"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_good_ones_stay(tmp_path: Path, row: str, reason: str) -> None:
    """BAD INPUT: between two good rows, each kind of bad row; the refused file names line 3."""
    source, rows = read(tmp_path, (HEADER + GOOD).encode() + row.encode("latin-1") + b"\n" + GOOD.encode())
    assert isinstance(source, Source)
    assert (source.rows_read, source.rows_refused) == (3, 1)
    assert [line for line, *_ in rows] == [2, 4]
    assert source.refused_file is not None
    with source.refused_file.open(encoding="utf-8", errors="replace") as stream:
        (refused,) = csv.DictReader(stream)
    assert refused["line"] == "3"
    assert refused["reason"].startswith(reason)


def test_times_without_a_zone_are_those_of_the_columns_zone(tmp_path: Path) -> None:
    """UNITS: 10:00 in Los Angeles in October is 17:00 UTC; a time with its own zone keeps it."""
    _source, rows = read(tmp_path, (HEADER + "1,a,2019-10-26 10:00,2019-10-26T18:00+00:00\n").encode())
    assert rows[0][-2:] == (datetime(2019, 10, 26, 17, tzinfo=UTC), datetime(2019, 10, 26, 18, tzinfo=UTC))


def test_na_is_a_word_in_text_and_missing_in_numbers(tmp_path: Path) -> None:
    """BAD INPUT: the literal NA of public tables."""
    text = "customers,region,share,start,end\n1,NA,NA,2019-10-26T10:00Z,2019-10-26T11:00Z\n"
    _source, rows = read(tmp_path, text.encode())
    assert rows[0][2] == "NA"
    assert rows[0][3] is None


def test_lines_stay_right_below_many_broken_ones(tmp_path: Path) -> None:
    """BAD INPUT: lines that are no records push down all that follow; every kept row's line is its own."""
    lines = [
        "broken" if at % 7 == 0 or at % 11 == 0 else f"{at},a,2019-10-26T10:00Z,2019-10-26T11:00Z"
        for at in range(2, 90)
    ]
    _source, rows = read(tmp_path, (HEADER + "\n".join(lines)).encode())
    assert rows
    assert all(line == customers for line, customers, *_ in rows)


def test_the_same_rows_come_from_csv_gzip_semicolons_and_parquet(tmp_path: Path) -> None:
    """ORACLE: four forms of one table."""
    plain, rows = read(tmp_path, (HEADER + GOOD).encode())
    assert isinstance(plain, Source)
    _gz, packed = read(tmp_path, gzip.compress((HEADER + GOOD).encode()), "a.bin")
    _semi, semi = read(tmp_path, ("\ufeff" + (HEADER + GOOD).replace(",", ";")).encode())
    with Tables(memory_mb=200) as tables:
        assert isinstance(read_table(tables, tmp_path / "a.csv", LAYOUT, "t"), Source)
        tables.write("SELECT * EXCLUDE (line) FROM t", tmp_path / "a.parquet")
        assert isinstance(read_table(tables, tmp_path / "a.parquet", LAYOUT, "p"), Source)
        parquet = tables.rows("SELECT * FROM p")
    assert rows == packed == semi == parquet


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    """BAD INPUT: all missing columns at once."""
    refused, _ = read(tmp_path, b"customer,region,stop\n1,a,2\n")
    assert isinstance(refused, Refused)
    sentence = refused.sentence()
    assert "column customers_max: found no such column (nearest: customer)" in sentence
    assert "column start" in sentence
    assert "column end" in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"a,a\n1,2\n", "a more than once"),
        (b"PAR1junk", "PAR1junk"[:0]),
        (b"\x1f\x8bjunk", ""),
        (b"\xff\xfe\x00bad\n", ""),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    """BAD INPUT: never a traceback."""
    refused, _ = read(tmp_path, content)
    assert isinstance(refused, Refused)
    assert says in refused.sentence()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """BAD INPUT: one sentence."""
    with Tables(memory_mb=200) as tables:
        refused = read_table(tables, tmp_path / "none.csv", LAYOUT, "t")
    assert isinstance(refused, Refused)
    assert "No such file" in refused.sentence()


def test_a_page_that_finds_no_room_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FULL DISK: a page is written whole or not at all; the one that stood there stays, and no piece is left."""
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")

    def full(path: Path, content: bytes) -> int:
        path.open("wb").close()
        raise OSError(errno.ENOSPC, "No space left on device", len(content))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_text("--html", page, "new")
    assert page.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [page]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_really_full_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FULL DISK: on a file system of 1 MB, the engine's own folder and the refused rows; the input is untouched."""
    disk, rows = tmp_path / "disk", tmp_path / "list.csv"
    disk.mkdir()
    ends = ("2019-10-26T01:00Z", "2019-10-25T01:00Z")
    rows.write_text(
        "outage,start_utc,end_utc,customers\n"
        + "".join(f"{at},2019-10-26T00:00Z,{ends[at % 2]},{at}\n" for at in range(60_000)),
        encoding="utf-8",
    )
    before = rows.stat().st_size
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("this container may not mount")
    try:
        words = ["program", "outages", "--outages", str(rows), "--memory-mb", "200"]
        assert run([*words, "--refused", str(disk / "refused.csv")]) == 2
        assert "--refused" in (said := capsys.readouterr().err)
        assert "its disk is full" in said
        monkeypatch.setattr("tempfile.tempdir", str(disk))
        assert run(words) == 2
        assert "no room to" in capsys.readouterr().err
        assert not any(disk.glob("bptm-tables-*"))
        assert rows.stat().st_size == before
    finally:
        subprocess.run(["umount", str(disk)], check=True)
