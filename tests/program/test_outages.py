"""The outage record: pitfalls of real records one by one, and a minute-by-minute count as oracle."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptm.program.duck import Tables, TablesError
from bptm.program.outage_layout import MAP_RECORD, ListForm, Repeated, mapping_from, read_mapping
from bptm.program.outage_page import outage_page
from bptm.program.outage_record import Asked, Record, record_from
from bptm.program.outage_result import result_of
from bptm.terms.refusals import Refused

HEADER = "outage,start_utc,last_seen_utc,customers_max,customers_min,cause,region"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "pge-outages"
ZERO = datetime(2019, 10, 26, tzinfo=UTC)


def minute(at: float) -> str:
    """An instant so many minutes after the zero of these tests."""
    return (ZERO + timedelta(minutes=at)).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(folder: Path, rows: Sequence[str], header: str = HEADER, name: str = "list.csv") -> Path:
    """A file of these rows."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def asked(path: Path | None, form: ListForm = MAP_RECORD, **more: Any) -> Asked:
    """What these tests ask, with changes."""
    plain = Asked(outages=path, snapshots=None, form=form, customers=None, day_zone="UTC", backup_hours=(1.0, 12.0))
    return replace(plain, **more)


def found(question: Asked) -> Record | Refused:
    """The answer."""
    with Tables(memory_mb=200) as tables:
        return record_from(tables, question)


def refusal(tables: Tables, question: Asked) -> str:
    """How this engine says no; empty when it answers."""
    try:
        answer = record_from(tables, question)
    except TablesError as error:
        return str(error)
    return answer.sentence() if isinstance(answer, Refused) else ""


def counted(question: Asked) -> dict[str, Any]:
    """The result object of a record that is not refused."""
    record = found(question)
    assert isinstance(record, Record), record
    return cast("dict[str, Any]", json.loads(json.dumps(result_of(record), allow_nan=False)))


OMS: dict[str, object] = {
    "zone": "America/New_York",
    "columns": {"outage": "INC", "start_utc": "OFF", "end_utc": "ON", "customers_count": "CUST", "place": "CIRCUIT"},
}
OMS_HEADER = "INC,OFF,ON,CUST,CIRCUIT"


def oms(**more: object) -> ListForm:
    """The form of an export of an outage management system."""
    form = mapping_from({**OMS, **more}, "oms.toml")
    assert isinstance(form, ListForm), form
    return form


def test_a_record_counted_by_hand(tmp_path: Path) -> None:
    """ORACLE: 1,000 served; two forced outages, one shutoff, one momentary, indices on paper."""
    path = written(
        tmp_path,
        [
            f"1,{minute(0)},{minute(60)},200,200,equipment,A",
            f"2,{minute(30)},{minute(150)},50,50,weather,B",
            f"3,{minute(0)},{minute(5)},300,300,weather,C",
            f"4,{minute(0)},{minute(1200)},10,10,PSPS,D",
        ],
    )
    result = counted(asked(path, replace(MAP_RECORD, end_late_s=0.0), customers=1000.0))
    assert result["saidi_minutes"] == pytest.approx((200 * 60 + 50 * 120 + 10 * 1200) / 1000)
    assert result["saifi"] == pytest.approx(0.26)
    assert result["caidi_minutes"] == pytest.approx(30_000 / 260)
    assert result["maifi"] == pytest.approx(0.3)
    assert result["psps_hours_median_customer_weighted"] == pytest.approx(20.0)
    whole = 30_000 + 1500
    assert result["covered_fraction"]["1"] == pytest.approx((200 * 60 + 50 * 60 + 1500 + 10 * 60) / whole)
    assert result["list"]["by_kind"]["shutoff"]["customer_minutes"] == pytest.approx(12_000)
    assert result["list"]["by_kind"]["forced"]["saidi_minutes"] == pytest.approx(18.0)
    assert (result["rows_read"], result["rows_refused"]) == (4, 0)


def test_without_customers_served_indices_are_missing_with_a_reason(tmp_path: Path) -> None:
    """REQ: null and a reason, never a guess."""
    result = counted(asked(written(tmp_path, [f"1,{minute(0)},{minute(60)},200,200,x,A"])))
    assert result["saidi_minutes"] is None
    assert result["saifi"] is None
    assert "--customers" in result["reasons"]["saidi_minutes"]
    assert "--customers" in result["reasons"]["saifi"]
    assert result["caidi_minutes"] == pytest.approx(60.0)


def test_a_map_read_every_ten_minutes_cannot_tell_momentary_interruptions(tmp_path: Path) -> None:
    """REQ: last_seen bounds the end by ten minutes only, and the customer-minutes say by how much."""
    result = counted(asked(written(tmp_path, [f"1,{minute(0)},{minute(60)},200,200,x,A"]), customers=1000.0))
    assert result["maifi"] is None
    assert "ten minutes" in result["reasons"]["maifi"]
    assert result["list"]["customer_minutes_until_seen_restored"] == pytest.approx(200 * 70)


def test_states_of_one_outage_count_once_and_steps_of_its_restoration_all(tmp_path: Path) -> None:
    """PITFALL: splits and merges. The same two rows are 100 customers for 90 min, or 100 for 60 and 40 for 70."""
    rows = [f"7,{minute(0)},{minute(60)},100,100,x,A", f"7,{minute(20)},{minute(90)},40,40,x,A"]
    path = written(tmp_path, rows)
    states = counted(asked(path))
    steps = counted(asked(path, replace(MAP_RECORD, repeated=Repeated.STEPS)))
    assert states["list"]["customer_minutes"] == pytest.approx(100 * 90)
    assert states["list"]["joined_count"] == 1
    assert steps["list"]["customer_minutes"] == pytest.approx(100 * 60 + 40 * 70)


def test_a_number_used_again_later_is_another_outage(tmp_path: Path) -> None:
    """PITFALL: outage numbers come round again; only what overlaps or touches is joined."""
    rows = [f"7,{minute(0)},{minute(60)},100,100,x,A", f"7,{minute(600)},{minute(660)},40,40,x,A"]
    result = counted(asked(written(tmp_path, rows)))
    assert result["list"]["customer_minutes"] == pytest.approx(100 * 60 + 40 * 60)
    assert result["list"]["joined_count"] == 0


def test_equal_rows_count_once(tmp_path: Path) -> None:
    """PITFALL: the same export appended twice, with and without outage numbers."""
    rows = [f"7,{minute(0)},{minute(60)},100,100,x,A", f",{minute(0)},{minute(60)},5,5,x,B"]
    result = counted(asked(written(tmp_path, rows * 3)))
    assert result["list"]["customer_minutes"] == pytest.approx(105 * 60)
    assert result["list"]["duplicates_count"] == 4
    assert any("counted once" in note for note in result["notes"])


def test_overlapping_outages_of_one_place_are_counted_and_said(tmp_path: Path) -> None:
    """PITFALL: whether they are the same customers is unknown; the sum and the doubt stand side by side."""
    rows = [f"1,{minute(0)},{minute(60)},100,100,x,A", f"2,{minute(30)},{minute(90)},100,60,x,A"]
    result = counted(asked(written(tmp_path, rows)))
    assert result["list"]["customer_minutes"] == pytest.approx(12_000)
    assert result["list"]["customer_minutes_least"] == pytest.approx(9_600)
    assert (result["list"]["overlapping_count"], result["list"]["overlapping_customer_minutes"]) == (1, 6000.0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"1,{minute(60)},{minute(0)},5,5,x,A", "before it starts"),
        (f"1,{minute(0)},{minute(60)},NA,5,x,A", "customers_count is missing"),
        (f"1,{minute(0)},NA,5,5,x,A", "end_utc is missing"),
        (f"1,{minute(0)},{minute(60)},-5,5,x,A", "expected at least 0"),
        (f"1,{minute(0)},{minute(60)},5,6,x,A", "more than its most"),
        (f"1,yesterday,{minute(60)},5,5,x,A", "expected a time"),
        ("1,2019", "missing columns"),
    ],
)
def test_a_bad_row_is_set_aside_and_the_rest_counted(tmp_path: Path, row: str, reason: str) -> None:
    """BAD INPUT: line and reason in the file of refused rows; the good row still counts."""
    path = written(tmp_path, [f"9,{minute(0)},{minute(60)},100,100,x,A", row])
    result = counted(asked(path, refused_to=tmp_path / "refused.csv"))
    assert (result["rows_read"], result["rows_refused"]) == (2, 1)
    assert result["list"]["customer_minutes"] == pytest.approx(6000)
    lines = (tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("3,")
    assert reason in lines[1]


def test_days_of_daylight_saving_have_their_true_lengths(tmp_path: Path) -> None:
    """PITFALL: 00:30 to 03:30 local is 2 h when summer time begins (10 March 2019), 4 h when it ends."""
    rows = [
        "1,2019-03-10 00:30,2019-03-10 03:30,1,A",
        "2,2019-11-03 00:30,2019-11-03 03:30,1,B",
        "3,2019-07-01 00:30,2019-07-01 03:30,1,C",
    ]
    result = counted(asked(written(tmp_path, rows, OMS_HEADER), oms()))
    assert result["list"]["customer_minutes"] == pytest.approx(60 * (2 + 4 + 3))
    assert result["list"]["ambiguous_local_times_count"] == 0


def test_a_local_time_that_existed_twice_is_said(tmp_path: Path) -> None:
    """PITFALL: 01:30 on the day summer time ends."""
    result = counted(asked(written(tmp_path, ["1,2019-11-03 01:30,2019-11-03 05:00,1,A"], OMS_HEADER), oms()))
    assert result["list"]["ambiguous_local_times_count"] == 1
    assert any("existed twice" in note for note in result["notes"])


def test_an_end_in_the_repeated_hour_is_refused_with_a_hint_not_counted_negative(tmp_path: Path) -> None:
    """PITFALL: 01:50 summer time to 01:10 standard time, written without zones."""
    rows = ["1,2019-11-03 01:50,2019-11-03 01:10,1,A", "2,2019-11-04 01:00,2019-11-04 02:00,1,A"]
    record = found(asked(written(tmp_path, rows, OMS_HEADER), oms()))
    assert isinstance(record, Record)
    assert record.listed is not None
    assert record.listed.source.rows_refused == 1
    assert "summer time ends" in record.listed.source.first_reasons[0]


def test_an_outage_belongs_to_the_local_day_it_began_in(tmp_path: Path) -> None:
    """PITFALL: 1 January 02:00 UTC is the old year in Los Angeles."""
    path = written(tmp_path, ["1,2020-01-01T02:00Z,2020-01-01T03:00Z,1,1,x,A"])
    years = {
        zone: counted(asked(path, day_zone=zone))["list"]["years"][0]["year"] for zone in ("UTC", "America/Los_Angeles")
    }
    assert years == {"UTC": 2020, "America/Los_Angeles": 2019}


def test_an_exports_time_form_and_planned_causes_come_from_the_mapping(tmp_path: Path) -> None:
    """REQ: an OMS CSV by a column mapping."""
    mapping = tmp_path / "oms.toml"
    mapping.write_text(
        'zone = "America/New_York"\ntime_form = "%m/%d/%Y %H:%M"\n'
        'planned_causes = ["SCHED"]\n[columns]\noutage = "INC"\n'
        'start_utc = "OFF"\nend_utc = "ON"\ncustomers_count = "CUST"\ncause = "CIRCUIT"\n',
        encoding="utf-8",
    )
    form = read_mapping(mapping)
    assert isinstance(form, ListForm)
    rows = ["1,07/04/2019 14:05,07/04/2019 15:05,10,SCHED", "2,07/05/2019 14:05,7/5/2019 14:35,10,TREE"]
    result = counted(asked(written(tmp_path, rows, OMS_HEADER), form))
    assert result["list"]["first_utc"] == "2019-07-04T18:05:00Z"
    assert result["list"]["by_kind"]["planned"]["customer_minutes"] == pytest.approx(600)
    assert result["list"]["by_kind"]["forced"]["customer_minutes"] == pytest.approx(300)


def test_all_faults_of_a_mapping_at_once() -> None:
    """BAD INPUT: unknown zone with its nearest, unknown key, missing columns, a wrong word."""
    refused = mapping_from(
        {"zone": "America/NewYork", "time_from": "x", "repeated": "often", "columns": {"start": "OFF"}}, "oms.toml"
    )
    assert isinstance(refused, Refused)
    sentence = refused.sentence()
    for part in (
        "Did you mean America/New_York?",
        "Did you mean time_form?",
        "columns: start",
        "Did you mean start_utc?",
        "columns.end_utc",
        "columns.customers_count",
        "steps or states",
    ):
        assert part in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (HEADER.encode() + b"\n", "no usable outage"),
        (b"outage,start,finish,custmers_max\n1,2,3,4\n", "nearest: custmers_max"),
        (gzip.compress(b"x,y\n1,2\n", mtime=0), "no such column"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    """BAD INPUT: empty, header alone, wrong columns with the nearest name, packed."""
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    refused = found(asked(path))
    assert isinstance(refused, Refused)
    assert says in refused.sentence()


def test_both_files_faults_are_said_at_once(tmp_path: Path) -> None:
    """BAD INPUT: one run names what is wrong with either."""
    refused = found(asked(tmp_path / "no-list.csv", snapshots=tmp_path / "no-snapshots.csv"))
    assert isinstance(refused, Refused)
    assert "no-list.csv" in refused.sentence()
    assert "no-snapshots.csv" in refused.sentence()


def test_snapshots_give_the_first_instant_of_the_peak_and_leave_gaps_out(tmp_path: Path) -> None:
    """PITFALL: the peak comes twice, rows are unordered, an instant is doubled, two hours are missing."""
    rows = [(20, 30, 30), (0, 10, 0), (10, 40, 30), (10, 35, 20), (140, 7, 0), (150, 0, 0)]
    lines = [f"{minute(at)},{out},{shutoff}" for at, out, shutoff in rows]
    path = written(tmp_path, lines, "snapshot_utc,customers_out,psps_customers_out")
    result = counted(asked(None, snapshots=path, customers=100.0))
    assert (result["peak_psps_customers"], result["peak_psps_at_utc"]) == (30, minute(10))
    assert result["psps_by_day"] == {"2019-10-26": 30}
    assert result["snapshots"]["customer_minutes"] == pytest.approx(10 * 10 + 40 * 10 + 7 * 10)
    assert result["snapshots"]["gap_customer_minutes"] == pytest.approx(30 * 120)
    assert result["snapshots"]["doubled_count"] == 1
    assert result["saidi_minutes"] == pytest.approx(5.7)
    assert result["reasons"]["saifi"].startswith("needs an outage list")


def test_no_shutoff_in_the_snapshots_has_no_instant(tmp_path: Path) -> None:
    """A peak of nobody is 0 at no time."""
    path = written(tmp_path, [f"{minute(0)},5,0", f"{minute(10)},5,0"], "snapshot_utc,customers_out,psps_customers_out")
    result = counted(asked(None, snapshots=path))
    assert result["peak_psps_customers"] == 0
    assert result["peak_psps_at_utc"] is None
    assert "no customer" in result["reasons"]["peak_psps_at_utc"]


def test_major_event_days_need_the_years_before(tmp_path: Path) -> None:
    """REQ: two quiet years of history, then a storm; the first year has no threshold, and says why."""
    rows = [
        f"{day},{minute(1440 * day)},{minute(1440 * day + 60)},{20 + day % 7},1,x,A"
        for day in range(-665, 100)
        if day % 3
    ]
    rows.append(f"storm,{minute(1440 * 70)},{minute(1440 * 71)},9000,1,weather,B")
    years = counted(asked(written(tmp_path, rows)))["list"]["years"]
    assert [year["year"] for year in years] == [2017, 2018, 2019, 2020]
    assert years[0]["major_event_threshold_customer_minutes"] is None
    assert "too little" in years[0]["history_words"]
    assert years[3]["history_days"] == 2 + 365 + 365
    assert "less than the five years" in years[3]["history_words"]
    assert [day["day"] for day in years[3]["major_event_days"]] == ["2020-01-04"]


def test_customers_one_by_one_give_cemi_and_celid(tmp_path: Path) -> None:
    """ORACLE: 10 served; a lost supply three times (5 h in all, 3 h at most), b once for an hour, counted by hand."""
    form = oms(
        columns={"outage": "INC", "start_utc": "OFF", "end_utc": "ON", "customers_count": "CUST", "premise": "WHO"}
    )
    rows = [
        "1,2019-07-01T00:00Z,2019-07-01T03:00Z,1,a",
        "1,2019-07-01T02:00Z,2019-07-01T03:00Z,1,a",
        "2,2019-07-02T00:00Z,2019-07-02T01:00Z,1,a",
        "3,2019-07-03T00:00Z,2019-07-03T01:00Z,1,a",
        "1,2019-07-01T00:00Z,2019-07-01T01:00Z,1,b",
    ]
    result = counted(asked(written(tmp_path, rows, "INC,OFF,ON,CUST,WHO"), form, customers=10.0))
    listed = result["list"]
    assert listed["by_premise"] is True
    assert (listed["cemi"]["0"], listed["cemi"]["1"], listed["cemi"]["3"]) == (0.2, 0.1, 0.0)
    assert (listed["celid_t"]["4"], listed["celid_s"]["4"], listed["celid_s"]["1"]) == (0.1, 0.0, 0.2)
    assert result["saidi_minutes"] == pytest.approx(36.0)
    assert result["saifi"] == pytest.approx(0.4)


_ROW = st.tuples(st.sampled_from("abc"), st.integers(0, 200), st.integers(0, 90))


@settings(max_examples=25, deadline=None)
@given(st.lists(_ROW, min_size=1, max_size=25))
def test_against_a_count_minute_by_minute(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int, int]]
) -> None:
    """ORACLE: for each customer every minute is out or not; runs of minutes out are its interruptions."""
    out = {who: [False] * 400 for who, _, _ in rows}
    edges = {who: [False] * 400 for who, _, _ in rows}
    for who, start, length in rows:
        for at in range(start, start + length):
            out[who][at] = True
        for at in range(start + 1, start + length):
            edges[who][at] = True
    # Interruptions that touch are one: a run of minutes out is one interruption.
    runs: list[int] = []
    for minutes in out.values():
        length = 0
        for is_out in [*minutes, False]:
            if is_out:
                length += 1
            elif length:
                runs.append(length)
                length = 0
    folder = tmp_path_factory.mktemp("oracle")
    lines = [f"{who},{minute(at)},{minute(at + length)},1" for who, at, length in rows]
    form = oms(zone="UTC", columns={"start_utc": "OFF", "end_utc": "ON", "customers_count": "CUST", "premise": "WHO"})
    result = counted(asked(written(folder, lines, "WHO,OFF,ON,CUST"), form, customers=100.0, backup_hours=(0.5,)))
    sustained = [length for length in runs if length > 5]
    assert result["list"]["customer_minutes"] == pytest.approx(sum(runs))
    assert result["saidi_minutes"] == pytest.approx(sum(sustained) / 100)
    assert result["saifi"] == pytest.approx(len(sustained) / 100)
    share = result["covered_fraction"]["0.5"]
    assert share == (pytest.approx(sum(min(length, 30) for length in runs) / sum(runs)) if runs else None)


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """BAD INPUT: the engine's own limit on disk stands for a full one; nothing but our own error comes out."""
    path = tmp_path / "many.parquet"
    with Tables(memory_mb=200) as tables:
        tables.write(
            "SELECT i::VARCHAR AS outage, TIMESTAMP '2019-01-01' + to_seconds(i) AS start_utc, TIMESTAMP '2019-01-02' "
            "+ to_seconds(i) AS last_seen_utc, 1 AS customers_max FROM range(300000) t(i)",
            path,
        )
    with Tables(memory_mb=20) as tables:
        tables.run("SET max_temp_directory_size = '1MB'")
        said = refusal(tables, asked(path))
        assert "no room to read it" in said
        assert "TMPDIR" in said


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared outage record is not here")
def test_the_record_of_2019() -> None:
    """REQ: peaks 178,039 and 964,747 with their first snapshots, a median shutoff of about 41 h, and a page."""
    record = found(
        asked(
            SHARED / "psps_outages.csv.gz", snapshots=SHARED / "snapshots.csv.gz", backup_hours=(12.0, 24.0, 48.0, 72.0)
        )
    )
    assert isinstance(record, Record)
    result = cast("dict[str, Any]", result_of(record))
    assert result["peak_psps_customers"] == 964_747
    assert result["peak_psps_at_utc"].startswith("2019-10-27T22:20")
    assert result["psps_by_day"]["2019-10-24"] == 178_039
    (day,) = [day for day in result["psps_days"] if day["day"] == "2019-10-24"]
    assert day["peak_at_utc"].startswith("2019-10-24T10:10")
    assert 40.5 < result["psps_hours_median_customer_weighted"] < 41.5
    assert result["rows_read"] == 26_676 + 8_713
    assert result["rows_refused"] == 0
    shares = list(result["covered_fraction"].values())
    assert shares == sorted(shares)
    text = outage_page(record, "Outage record").html()
    assert text.count("<svg") == 2
    assert "964,747" in text
