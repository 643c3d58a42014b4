"""The small parts: settings, tokens, clock, foreign posts, statuses of the whole fleet."""

from pathlib import Path

import orjson
import pytest
from headend_rig import ON_BACKUP, START_S, report_of
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from bptm.headend.alarm_board import AlarmBoard
from bptm.headend.clock import ClockError, HeardClock
from bptm.headend.desk import MeterPlace
from bptm.headend.guard import SignInTokens, bears, foreign
from bptm.headend.memory import Memory, StoredFleet
from bptm.headend.records import AlarmRecord
from bptm.headend.settings import SettingsError, read_secret, read_settings
from bptm.headend.store import LinkState
from bptm.operations.fleet import status_of
from bptm.terms import core_codes as c
from bptm.terms.codes import BackupKind
from bptm.terms.messages import Report


def test_a_token_opens_once_and_the_others_stay(tmp_path: Path) -> None:
    """Takes one of two: it is struck from the file before it opens, and the file stays private."""
    file = tmp_path / "tokens"
    file.write_text("one\ntwo\n")
    tokens = SignInTokens(file)
    assert not tokens.take("")
    assert not tokens.take("thr")
    assert tokens.take("one")
    assert not tokens.take("one")
    assert file.read_text() == "two\n"
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    assert not tokens.take("two")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("host = 'x", "not TOML"),
        ("host = 'x'", "database_url"),
        ("colour = 'red'", "colour"),
        ("port = 'eighty'", "port"),
    ],
)
def test_bad_settings_are_refused_with_the_key(tmp_path: Path, content: str, told: str) -> None:
    """Broken, missing, unknown and mistyped keys: one sentence that names them."""
    file = tmp_path / "headend.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=told):
        read_settings(file)
    with pytest.raises(SettingsError, match="cannot read the settings"):
        read_settings(tmp_path / "nowhere.toml")


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    """An empty enrolment token would let everybody enrol."""
    (tmp_path / "secret").write_text(" \n")
    with pytest.raises(SettingsError, match="is empty"):
        read_secret(tmp_path / "secret")


def _said(at_s: float, unacked: int = 0) -> bytes:
    return orjson.dumps(
        {"at_s": at_s, "speed": 1, "state": "playing", "joined": 1, "meters": 1, "end_s": START_S, "unacked": unacked}
    )


def test_time_is_settled_by_proof_or_after_a_while_where_that_is_allowed() -> None:
    """With messages under way only what was said long ago counts, and headless not even that."""
    clock = HeardClock(START_S)
    clock.hear(_said(START_S + 10), 100.0)
    clock.hear(_said(START_S + 20, unacked=3), 101.0)
    clock.hear(_said(START_S + 30, unacked=3), 104.0)
    assert clock.settled_s(106.5, None) == START_S + 10
    assert clock.settled_s(106.5, 5.0) == START_S + 20
    assert clock.now(106.5).state == "playing"
    assert clock.now(107.5).state == "silent"


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", _said(0).replace(b'"joined":1', b'"joined":"all"'), b"\xff"])
def test_nonsense_on_the_clocks_subject_changes_nothing(said: bytes) -> None:
    """Anything but the agreed object is refused, and the clock stays as it was."""
    clock = HeardClock(START_S)
    clock.hear(_said(START_S + 10), 1.0)
    with pytest.raises(ClockError, match="not as agreed"):
        clock.hear(said, 2.0)
    assert clock.now(2.0).at_s == START_S + 10


@pytest.mark.parametrize(
    ("headers", "is_foreign"),
    [
        ({}, False),
        ({"origin": "http://desk:8080"}, False),
        ({"origin": "http://desk:8081"}, True),
        ({"origin": "https://desk:8080.evil"}, True),
        ({"referer": "http://desk:8080/meter/M1"}, False),
        ({"referer": "http://evil/?http://desk:8080"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://desk:8080"}, True),
    ],
)
def test_a_post_of_another_site_shows(headers: dict[str, str], is_foreign: bool) -> None:  # noqa: FBT001
    """Origin, Referer and Sec-Fetch-Site, each enough to refuse."""
    assert bool(foreign(Headers({"host": "desk:8080"} | headers))) is is_foreign


def test_a_bearer_must_match_whole() -> None:
    """No prefix, no other scheme, no empty token."""
    assert bears(Headers({"authorization": "Bearer abc"}), "abc")
    assert bears(Headers({"authorization": "bearer  abc "}), "abc")
    for value in ("Bearer ab", "Bearer abcd", "Basic abc", "abc", "", "Bearer "):
        assert not bears(Headers({"authorization": value}), "abc")


_REPORTS: list[Report | None] = [
    None,
    report_of(START_S),
    report_of(START_S, ON_BACKUP),
    report_of(START_S, ON_BACKUP, mode=c.MODE_LOCKED_OUT),
    report_of(START_S, event=c.EVENT_LAST_GASP, mode=c.MODE_DARK),
]


@given(
    meters=st.lists(st.tuples(st.sampled_from(_REPORTS), st.none() | st.integers(0, 9000)), max_size=8),
    now_s=st.integers(START_S, START_S + 12_000),
)
def test_statuses_of_all_at_once_are_those_of_each(meters: list[tuple[Report | None, int | None]], now_s: int) -> None:
    """The arrays that serve the map against `operations.fleet.status_of`, over silence, gasps and all modes."""
    places = [
        MeterPlace(
            number=number,
            meter_id=f"M{number}",
            place="",
            region="",
            lat=0.0,
            lon=0.0,
            backup=BackupKind.NONE,
            medical=False,
            note="",
        )
        for number in range(len(meters))
    ]
    links = [
        LinkState(
            meter_no=number,
            stored_seq=0,
            heard_s=None if heard is None else START_S + heard,
            boots=1,
            command_seq=0,
            dark_since_s=None,
        )
        for number, (_report, heard) in enumerate(meters)
    ]
    latest = {number: report for number, (report, _heard) in enumerate(meters) if report is not None}
    memory = Memory(StoredFleet(places=places, links=links, latest=latest), START_S)
    assert memory.statuses(now_s).tolist() == [status_of(state, now_s) for state in memory.states]


def test_alarms_stand_in_the_order_of_their_danger() -> None:
    """Standing dangers, then warnings, then notices, the newest first in each; cleared ones last."""
    rows = (
        (0, "engine_still_running", "notice", 50, None),
        (0, "locked_out", "danger", 10, None),
        (1, "locked_out", "danger", 20, None),
        (2, "backup_blocked", "warning", 40, None),
        (3, "medical_dark", "danger", 60, 70),
    )
    records = [
        AlarmRecord(
            meter_no=number, code=code, severity=severity, text="Words.", raised_s=raised_s, cleared_s=cleared_s
        )
        for number, code, severity, raised_s, cleared_s in rows
    ]
    places = [
        MeterPlace(
            number=n,
            meter_id=f"M{n}",
            place="",
            region="",
            lat=0,
            lon=0,
            backup=BackupKind.NONE,
            medical=False,
            note="",
        )
        for n in range(4)
    ]
    views = AlarmBoard(records, {}, {}).views(places, 10)
    assert [(view.severity, view.raised_s) for view in views] == [
        ("danger", 20),
        ("danger", 10),
        ("warning", 40),
        ("notice", 50),
        ("danger", 60),
    ]
