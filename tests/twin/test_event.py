"""Events: what the shipped table says, and how a raw change log becomes one."""

import csv
import gzip
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.twin.event import (
    SHIPPED_FILE,
    OutageEvent,
    known_events,
    load_raw,
    load_shipped,
    utc_text,
)
from bptm.twin.event_log import Change, OutageFacts, read_changes
from bptm.twin.event_rebuild import Rebuilt, Spell, rebuild

ROOT = Path(__file__).parents[2]
RECORD = ROOT.parent / "shared" / "data" / "pge-outages"
RAW = RECORD / "changes_2019-10-26.csv.gz"
SHIPPED = ROOT / "src" / "bptm" / "twin" / "events" / SHIPPED_FILE

needs_record = pytest.mark.skipif(
    not RAW.is_file(), reason="the raw record (shared/data/pge-outages) does not lie beside this checkout"
)


def at_s(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


# --- The real record -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rebuilt() -> Rebuilt:
    return rebuild(read_changes(RAW))


@pytest.fixture(scope="module")
def snapshots() -> list[tuple[int, int, int]]:
    """Time, customers out, of them under planned shutoff: from a table that was made apart from the change log."""
    with gzip.open(RECORD / "snapshots.csv.gz", "rt", encoding="utf-8") as text:
        rows = csv.DictReader(text)
        return [
            (at_s(row["snapshot_utc"]), int(row["customers_out"]), int(row["psps_customers_out"]))
            for row in rows
            if "2019-10-26T23:30" <= row["snapshot_utc"] < "2019-11-01T01:01"
        ]


def out_at(spells: Iterable[Spell], times_s: list[int]) -> np.ndarray:
    whole = OutageEvent(name="", title="", source="", start_s=0, end_s=0, blocks=tuple(spells))
    return whole.customers_out(times_s)


@needs_record
def test_condensing_the_record_again_gives_the_shipped_table(tmp_path: Path) -> None:
    """The script is run as a user would run it; every byte must agree."""
    out = tmp_path / "again.csv"
    subprocess.run([sys.executable, str(ROOT / "scripts" / "condense_event.py"), str(RAW), str(out)], check=True)
    assert out.read_bytes() == SHIPPED.read_bytes()


@needs_record
def test_a_raw_log_and_its_condensed_table_are_the_same_event() -> None:
    raw, shipped = load_raw(RAW), load_shipped()
    assert (raw.start_s, raw.end_s, raw.blocks) == (shipped.start_s, shipped.end_s, shipped.blocks)


@needs_record
@pytest.mark.parametrize(
    ("before", "gap", "after"),
    [
        ("2019-10-28T10:20:24Z", "2019-10-28T10:30:24Z", "2019-10-28T10:40:29Z"),
        ("2019-10-28T15:30:34Z", "2019-10-28T15:50:37Z", "2019-10-28T16:03:13Z"),
        ("2019-10-29T14:10:41Z", "2019-10-29T14:20:20Z", "2019-10-29T14:30:34Z"),
        ("2019-10-29T15:20:38Z", "2019-10-29T15:30:47Z", "2019-10-29T15:50:42Z"),
        ("2019-10-29T19:00:30Z", "2019-10-29T19:10:29Z", "2019-10-29T19:20:31Z"),
    ],
)
def test_customers_missing_from_a_partial_scrape_never_returned(
    before: str, gap: str, after: str, rebuilt: Rebuilt, snapshots: list[tuple[int, int, int]]
) -> None:
    """In the record 150,000 to 310,000 customers vanish for one snapshot; rebuilt, they stay out through it."""
    raw = {time_s: out for time_s, out, _psps in snapshots}
    times_s = [at_s(before), at_s(gap), at_s(after)]
    shown = [raw[time_s] for time_s in times_s]
    missing = min(shown[0], shown[2]) - shown[1]
    assert missing > 150_000
    ours = out_at(rebuilt.spells, times_s)
    # A few came back, and others went off, while the scrape was blind.
    assert ours[1] >= min(shown[0], shown[2]) - 0.01 * missing
    returned = sum(spell.customers for spell in rebuilt.spells if spell.on_s == times_s[1])
    gone_for_good = max(shown[0] - shown[2], 0)
    assert returned <= gone_for_good + 0.05 * missing


@needs_record
def test_rebuilt_customers_follow_the_count_of_every_snapshot(
    rebuilt: Rebuilt, snapshots: list[tuple[int, int, int]]
) -> None:
    """All causes; scrape gaps left out.

    Half of all snapshots agree within 100 customers of a million, and all within 2 % once the first night is over.
    During the first night we lead the map, which shows an outage some 15 minutes after its start.
    """
    gaps = ("2019-10-28T10:30", "2019-10-28T15:50", "2019-10-29T14:20", "2019-10-29T15:30", "2019-10-29T19:10")
    kept = [row for row in snapshots if not utc_text(row[0]).startswith(gaps)]
    times_s = [row[0] for row in kept]
    shown = np.array([row[1] for row in kept])
    error = np.abs(out_at(rebuilt.spells, times_s) - shown) / shown.max()
    assert np.median(error) < 0.0001
    assert error.mean() < 0.003
    settled = error[np.array(times_s) >= at_s("2019-10-27T12:00:00Z")]
    assert settled.max() < 0.02
    assert error.max() < 0.08


@needs_record
def test_rebuilt_shutoff_follows_the_planned_shutoff_count(snapshots: list[tuple[int, int, int]]) -> None:
    """Stated error: 2.8 % of the peak on average, at most 3 % where the labels have caught up.

    Early on the map calls most of the shutoff `unknown`, and so does it the afternoon of the 29th; we know better
    afterwards. So we are above the record, by up to 32 % of the peak in the first night.
    """
    times_s = [row[0] for row in snapshots]
    shown = np.array([row[2] for row in snapshots])
    error = (load_shipped().customers_out(times_s, "psps") - shown) / shown.max()
    assert np.abs(error).mean() < 0.03
    gap = "2019-10-28T10:30"
    calm = [
        i
        for i, row in enumerate(snapshots)
        if at_s("2019-10-27T12:00:00Z") <= row[0] < at_s("2019-10-28T15:00:00Z")
        and not utc_text(row[0]).startswith(gap)
    ]
    assert np.abs(error[calm]).max() < 0.03
    late = [i for i, row in enumerate(snapshots) if row[0] >= at_s("2019-10-30T00:00:00Z")]
    assert np.abs(error[late]).max() < 0.03


@needs_record
def test_from_overrides_the_start_and_brings_the_shutoff_before() -> None:
    """The log also holds the shutoff of 23 to 25 October; the end stays that of the greater one."""
    early = load_raw(RAW, at_s("2019-10-23T20:00:00Z"))
    assert early.start_s == at_s("2019-10-23T20:00:00Z")
    assert early.end_s == load_shipped().end_s
    assert early.customers_out([at_s("2019-10-24T12:00:00Z")], "psps")[0] > 100_000


# --- The shipped table -----------------------------------------------------------------------------------------


def test_the_shipped_event_is_the_shutoff_of_26_to_29_october_2019() -> None:
    event = load_shipped()
    assert utc_text(event.start_s) == "2019-10-26T23:30Z"
    assert utc_text(event.end_s) == "2019-11-01T01:01Z"
    times_s = list(range(event.start_s, event.end_s, 600))
    psps = event.customers_out(times_s, "psps")
    assert psps.max() == pytest.approx(980_000, rel=0.01)
    assert psps[0] < 1000
    assert psps[-1] < 10_000
    assert known_events() == {event.name: event.title}
    assert "Apache-2.0" in event.source


def test_the_shipped_table_is_small() -> None:
    assert SHIPPED.stat().st_size < 400_000


# --- Rules, on small logs --------------------------------------------------------------------------------------

NOON_S = at_s("2019-10-27T12:00:00Z")
HERE = (38.5, -122.5)
NEAR = (38.51, -122.51)
FAR = (38.9, -122.9)


def change(
    minute: int,
    outage: str,
    customers: int | None,
    *,
    place: tuple[float, float] | None = None,
    start_min: int | None = None,
    cause: str = "psps",
) -> Change:
    facts = None
    if place is not None:
        start_s = None if start_min is None else NOON_S + 60 * start_min
        facts = OutageFacts(start_s=start_s, lat=place[0], lon=place[1], region="Town")
    return Change(at_s=NOON_S + 60 * minute, outage=outage, customers=customers, cause=cause, facts=facts)


def story(*changes: Change) -> list[tuple[int, int, int | None]]:
    """Customers, minute off, minute on of each spell, in order. A late empty snapshot ends the log."""
    end = change(600, "end", 0, place=(0.0, 0.0))
    spells = rebuild([*changes, end]).spells
    minutes = [
        (s.customers, (s.off_s - NOON_S) // 60, None if s.on_s is None else (s.on_s - NOON_S) // 60) for s in spells
    ]
    return sorted(minutes, key=lambda row: (row[1], row[2] is None, row[2], row[0]))


def test_an_outage_back_under_its_number_within_an_hour_never_returned() -> None:
    away = change(20, "7", None)
    back = change(79, "7", 50, place=HERE)
    assert story(change(0, "7", 50, place=HERE), away, back) == [(50, 0, None)]


def test_an_outage_back_after_an_hour_returned_and_went_off_again() -> None:
    away = change(20, "7", None)
    back = change(80, "7", 50, place=HERE)
    assert story(change(0, "7", 50, place=HERE), away, back) == [(50, 0, 20), (50, 80, None)]


@pytest.mark.parametrize("delay_min", [0, 10, 50])
def test_customers_renumbered_at_the_same_place_never_returned(delay_min: int) -> None:
    """At once, or after a partial scrape that lost the old number."""
    first = change(0, "7", 50, place=HERE, start_min=-5)
    away = change(20, "7", None)
    back = change(20 + delay_min, "8", 50, place=NEAR, start_min=3 if delay_min == 0 else -9)
    first_again = change(10, "7", 50)
    assert story(first, first_again, away, back) == [(50, -5, None)]


def test_an_outage_far_away_is_not_the_same_customers() -> None:
    moved = (change(20, "7", None), change(20, "8", 50, place=FAR))
    assert story(change(0, "7", 50, place=HERE), *moved) == [(50, 0, 20), (50, 20, None)]


def test_an_outage_that_began_after_the_other_ended_is_new_trouble() -> None:
    fresh = change(40, "8", 50, place=NEAR, start_min=35)
    assert story(change(0, "7", 50, place=HERE), change(20, "7", None), fresh) == [(50, 0, 20), (50, 35, None)]


def test_parts_of_one_circuit_are_known_by_their_common_start() -> None:
    """A split: children 15 km apart carry the start of their parent to the second."""
    children = (
        change(20, "7", None),
        change(20, "8", 600, place=(38.62, -122.5), start_min=-5),
        change(20, "9", 400, place=(38.38, -122.5), start_min=-5),
    )
    parent = change(0, "7", 1000, place=HERE, start_min=-5)
    assert [row[1:] for row in story(parent, *children)] == [(-5, None)] * 2


def test_a_merge_returns_nobody_and_keeps_both_off_times() -> None:
    two = (change(0, "7", 300, place=HERE), change(10, "8", 200, place=NEAR))
    one = (change(30, "7", None), change(30, "8", None), change(30, "9", 500, place=HERE))
    assert story(*two, *one) == [(300, 0, None), (200, 10, None)]


def test_a_fall_returns_that_share() -> None:
    fall, end = change(30, "7", 400), change(90, "7", None)
    assert story(change(0, "7", 1000, place=HERE), fall, end) == [(600, 0, 30), (400, 0, 90)]


def test_a_rise_is_a_new_block() -> None:
    assert story(change(0, "7", 100, place=HERE), change(30, "7", 150)) == [(100, 0, None), (50, 30, None)]


def test_a_dip_for_less_than_an_hour_returned_nobody() -> None:
    dip, back = change(30, "7", 20), change(70, "7", 100)
    assert story(change(0, "7", 100, place=HERE), dip, back) == [(100, 0, None)]


@pytest.mark.parametrize(("start_min", "off_min"), [(-60, -60), (-61, 0), (0, 0), (1, 0), (None, 0)])
def test_the_start_of_the_record_is_believed_for_an_hour_before_it_is_seen(start_min: int | None, off_min: int) -> None:
    assert story(change(0, "7", 10, place=HERE, start_min=start_min)) == [(10, off_min, None)]


def test_customers_once_labelled_as_shutoff_stay_so() -> None:
    changes = [
        change(0, "7", 10, place=HERE, cause="unknown"),
        change(10, "7", 10, cause="psps"),
        change(20, "7", 10, cause="equipment"),
    ]
    assert [spell.cause for spell in rebuild(changes).spells] == ["psps"]


changes_of_a_log = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from("abcd"),
        st.one_of(st.none(), st.integers(0, 30)),
        st.sampled_from([HERE, NEAR, FAR]),
    ),
    max_size=40,
)


@given(rows=changes_of_a_log)
def test_no_customer_is_lost_or_made_up(rows: list[tuple[int, str, int | None, tuple[float, float]]]) -> None:
    """Over any history of four outages, many of them short.

    At each snapshot at least as many are out as shown, and no more than were shown in the hour around it; those
    never restored are exactly those shown last.
    """
    shown: dict[str, int] = {}
    changes: list[Change] = []
    counts: dict[int, int] = {}
    appeared: dict[int, int] = {}
    for step, outage, customers, place in sorted(rows, key=lambda row: row[0]):
        if customers is None and outage not in shown:
            continue
        facts = place if outage not in shown else None
        changes.append(change(10 * step, outage, customers, place=facts))
        if customers is None:
            del shown[outage]
        else:
            shown[outage] = customers
        time_s = NOON_S + 600 * step
        counts[time_s] = sum(shown.values())
        # Outages that come and go within one snapshot were shown all the same.
        appeared[time_s] = appeared.get(time_s, 0) + (customers or 0)
    spells = rebuild(changes).spells
    assert all(spell.on_s is None or spell.off_s <= spell.on_s for spell in spells)
    ours = out_at(spells, list(counts))
    for (time_s, count), out in zip(counts.items(), ours.tolist(), strict=True):
        assert out >= count
        held = [n for other_s, n in counts.items() if other_s < time_s - 3600][-1:]
        near = [max(n, appeared[other_s]) for other_s, n in counts.items() if abs(other_s - time_s) <= 3600]
        assert out <= sum(held) + sum(near)
    assert sum(spell.customers for spell in spells if spell.on_s is None) == sum(shown.values())
