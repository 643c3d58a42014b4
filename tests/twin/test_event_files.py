"""Files of events: the small ones load, the malformed ones are named by line and value, the damaged never crash."""

import gzip
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bptm.twin.event import EventFileError, OutageEvent, load_raw, load_table, write_table
from bptm.twin.event_log import RAW_COLUMNS
from bptm.twin.event_rebuild import Spell

NOON_S = int(datetime(2019, 10, 27, 12, tzinfo=UTC).timestamp())


HEADING = ",".join(RAW_COLUMNS)


def row(minute: int, outage: int | str, event: str, customers: int | str = "", **more: str) -> str:
    """One line of a raw log; a new outage gets a place."""
    at = datetime.fromtimestamp(NOON_S + 60 * minute, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    given_values = {"snapshot_utc": at, "outage": str(outage), "event": event, "customers": str(customers)}
    if event != "gone":
        given_values |= {"cause": "psps", "crew": "assigned", "etor_utc": ""}
    if event == "new":
        given_values |= {"start_utc": at, "lat": "38.5", "lon": "-122.5", "region": "Town"}
    given_values |= more
    return ",".join(given_values.get(column, "") for column in RAW_COLUMNS)


GOOD = (
    row(0, 1, "new", 5, cause="unknown"),
    row(90, 2, "new", 1000),
    row(100, 2, "upd", 1200),
    row(200, 2, "gone"),
    row(600, 1, "gone"),
)


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("\n".join([HEADING, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_small_log_loads(tmp_path: Path) -> None:
    """Plain and gzip alike. It starts an hour before the rise and ends an hour after the return."""
    plain = load_raw(write(tmp_path / "small.csv", GOOD))
    packed = tmp_path / "small.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "small.csv").read_bytes(), mtime=0))
    assert load_raw(packed).blocks == plain.blocks
    assert plain.name == "small"
    assert (plain.start_s - NOON_S, plain.end_s - NOON_S) == (30 * 60, 260 * 60)
    assert [(b.customers, b.cause, b.on_s) for b in plain.blocks] == [
        (5, "unknown", None),
        (1200, "psps", NOON_S + 200 * 60),
    ]


def test_the_greater_of_two_shutoffs_is_the_event(tmp_path: Path) -> None:
    lines = (
        row(0, 1, "new", 300),
        row(60, 1, "gone"),
        row(600, 2, "new", 1000),
        row(700, 2, "gone"),
        row(1600, 3, "new", 200),
    )
    event = load_raw(write(tmp_path / "two.csv", lines))
    assert (event.start_s - NOON_S, event.end_s - NOON_S) == (540 * 60, 760 * 60)


def test_a_log_without_shutoff_needs_a_start_and_then_gives_all_outages(tmp_path: Path) -> None:
    lines = (row(0, 1, "new", 300, cause="equipment"), row(60, 1, "gone"))
    path = write(tmp_path / "storm.csv", lines)
    with pytest.raises(EventFileError, match="a start given with --from"):
        load_raw(path)
    assert [block.customers for block in load_raw(path, NOON_S).blocks] == [300]


@pytest.mark.parametrize("minute", [-61, 600, 9000])
def test_a_start_outside_the_log_is_refused(tmp_path: Path, minute: int) -> None:
    with pytest.raises(EventFileError, match=r"expected a start from 2019-10-27T11:00Z to before 2019-10-27T22:00Z"):
        load_raw(write(tmp_path / "small.csv", GOOD), NOON_S + 60 * minute)


@pytest.mark.parametrize(
    ("line", "wrong", "expected"),
    [
        (2, row(0, 1, "new", -5), "customers as a whole number from 0"),
        (2, row(0, 1, "new", "nan"), "customers as a whole number from 0"),
        (2, row(0, 1, "new", ""), "customers as a whole number from 0"),
        (2, row(0, 1, "new", 99_000_000), "customers as a whole number from 0"),
        (2, row(0, 1, "new", 5, lat="nan"), "lat as degrees from -90 to 90"),
        (2, row(0, 1, "new", 5, lat="91"), "lat as degrees from -90 to 90"),
        (2, row(0, 1, "new", 5, lon=""), "lon as degrees from -180 to 180"),
        (2, row(0, 1, "new", 5, start_utc="yesterday"), "start_utc as a UTC time"),
        (2, row(0, 1, "new", 5, snapshot_utc="2019-13-27T12:00:00Z"), "snapshot_utc as a UTC time"),
        (2, row(0, 1, "new", 5, snapshot_utc="2019-10-27T12:00:00"), "snapshot_utc as a UTC time"),
        (2, row(0, 1, "new", 5, cause="Wind!"), "cause as one word"),
        (2, row(0, 1, "new", 5, region="a\x07b"), "region as at most 80 printable"),
        (2, row(0, "../x", "new", 5), "outage as a number or name"),
        (2, row(0, 1, "new", 5)[:30], "11 fields"),
        (2, row(0, 1, "new", 5) + ",", "11 fields"),
        (2, row(0, 1, "new", 5, region='"Town'), "a row of CSV"),
        (2, "x" * 3000, "a line of at most 2000"),
        (3, row(90, 1, "new", 5), "upd or gone: outage 1 was already there"),
        (3, row(90, 3, "upd", 5), "new: outage 3 was not there before"),
        (3, row(90, 3, "gone"), "new: outage 3 was not there before"),
        (3, row(90, 3, "back", 5), "event as new, upd or gone"),
        (3, row(-1, 3, "new", 5), "a snapshot_utc not before 2019-10-27T12:00:00Z"),
    ],
)
def test_a_malformed_row_is_named_by_file_line_and_value(tmp_path: Path, line: int, wrong: str, expected: str) -> None:
    lines = list(GOOD)
    lines[line - 2] = wrong
    path = write(tmp_path / "bad.csv", lines)
    with pytest.raises(EventFileError) as caught:
        load_raw(path)
    assert str(caught.value).startswith(f"{path}, line {line}: expected ")
    assert expected in str(caught.value)
    assert ", found '" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.csv", b"", "the heading snapshot_utc,"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "the heading snapshot_utc,"),
        ("bare.csv", HEADING.encode() + b"\n", "at least one row"),
        ("other.csv", b"a,b,c\n1,2,3\n", "the heading snapshot_utc,"),
        ("latin.csv", HEADING.encode() + b"\n\xff\xfe\n", "text in UTF-8"),
        ("plain.csv.gz", HEADING.encode(), "a whole, undamaged gzip file"),
        ("short.csv.gz", gzip.compress(HEADING.encode() * 100, mtime=0)[:40], "a whole, undamaged gzip file"),
        ("nul.csv", b"\x00" * 5000, "a line of at most 2000"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EventFileError, match=f"expected {expected}"):
        load_raw(path)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(EventFileError, match=r"expected a file that can be read, found 'No such file"):
        load_raw(tmp_path / "missing.csv")
    with pytest.raises(EventFileError, match=r"expected a file that can be read, found 'Is a directory"):
        load_raw(tmp_path)


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """A file cut short, with bytes overwritten, or with lines swapped, doubled or removed."""
    lines = content.splitlines(keepends=True)
    return st.one_of(
        st.binary(max_size=300),
        st.integers(0, len(content)).map(lambda cut: content[:cut]),
        st.tuples(st.integers(0, len(content)), st.binary(min_size=1, max_size=4)).map(
            lambda at: content[: at[0]] + at[1] + content[at[0] + len(at[1]) :]
        ),
        st.lists(st.sampled_from(lines), max_size=12).map(b"".join),
        st.tuples(st.integers(0, len(content)), st.sampled_from([b"nan", b"-1", b"1e9", b'"', b",", b"\n", b"\r"])).map(
            lambda at: content[: at[0]] + at[1] + content[at[0] :]
        ),
    )


RAW_BYTES = ("\n".join([HEADING, *GOOD]) + "\n").encode()
TABLE_BYTES = write_table(
    OutageEvent(
        name="n",
        title="t",
        source="s",
        start_s=NOON_S,
        end_s=NOON_S + 36000,
        blocks=(
            Spell(lat=38.5, lon=-122.5, region="A, B", customers=7, off_s=NOON_S - 600, on_s=None, cause="psps"),
            Spell(lat=38.5, lon=-122.5, region="C", customers=9, off_s=NOON_S, on_s=NOON_S + 60, cause="unknown"),
        ),
    )
).encode()


def loads_or_says_why(load: Callable[[Path], OutageEvent], path: Path) -> None:
    try:
        event = load(path)
    except EventFileError as failure:
        text = str(failure)
        assert text.startswith(str(path))
        assert "expected " in text
        assert ", found " in text
    else:
        assert isinstance(event, OutageEvent)
        assert all(block.customers >= 0 and (block.on_s is None or block.off_s < block.on_s) for block in event.blocks)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(content=damaged(RAW_BYTES))
def test_a_damaged_log_loads_or_says_why(tmp_path: Path, content: bytes) -> None:
    """Fuzzed: whatever the bytes, the only exception is EventFileError."""
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    loads_or_says_why(load_raw, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=damaged(gzip.compress(RAW_BYTES, mtime=0)))
def test_a_damaged_gzip_log_loads_or_says_why(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(content)
    loads_or_says_why(load_raw, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(content=damaged(TABLE_BYTES))
def test_a_damaged_table_loads_or_says_why(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    loads_or_says_why(load_table, path)


spells_of_an_event = st.builds(
    Spell,
    lat=st.integers(-900_000, 900_000).map(lambda n: n / 10_000),
    lon=st.integers(-1_800_000, 1_800_000).map(lambda n: n / 10_000),
    region=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=80),
    customers=st.integers(0, 20_000_000),
    off_s=st.integers(-5000, 99).map(lambda n: NOON_S + 60 * n),
    on_s=st.one_of(st.none(), st.integers(100, 600).map(lambda n: NOON_S + 60 * n)),
    cause=st.sampled_from(["psps", "unknown", "equipment"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(spells_of_an_event, min_size=1, max_size=10))
def test_a_written_table_reads_back_as_the_same_event(tmp_path: Path, blocks: list[Spell]) -> None:
    """Region names may hold commas and quotes."""
    event = OutageEvent(
        name="n", title="A title: with a colon", source="s", start_s=NOON_S, end_s=NOON_S + 36000, blocks=tuple(blocks)
    )
    path = tmp_path / "table.csv"
    path.write_text(write_table(event, ["a remark"]), encoding="utf-8")
    assert load_table(path) == event
