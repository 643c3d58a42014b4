"""The message rule: what a meter sends depends on event time alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bptm.terms import core_codes as c
from bptm.terms.messages import REPORT_NAMES
from bptm.twin.messages import REPORT_DTYPE, ROWS_A_MESSAGE, Draft, close_all, compose, no_reports

HOMES = 4
LAST_TICK = 40


def reports(rows: list[tuple[int, int, int, int]]) -> NDArray[np.void]:
    """Reports of (home, tick, kind, code), in the order of the fleet."""
    made = np.zeros(len(rows), REPORT_DTYPE)
    for i, (home, tick, kind, code) in enumerate(rows):
        made[i]["home"], made[i]["tick"], made[i]["kind"], made[i]["code"] = home, tick, kind, code
        made[i]["transfers"] = i
    return made


one_report = st.tuples(
    st.integers(0, HOMES - 1),
    st.integers(0, LAST_TICK),
    st.sampled_from([c.REPORT_ROW, c.REPORT_ROW, c.REPORT_EVENT]),
    st.sampled_from([c.EVENT_STARTED, c.EVENT_MODE_CHANGED]),
)
histories = st.lists(one_report, max_size=60).map(lambda rows: reports(sorted(rows, key=lambda r: r[:2])))


def play(history: NDArray[np.void], cuts: list[int]) -> tuple[list[Draft], NDArray[np.void]]:
    """Drafts by home, made in as many calls as there are cuts of time."""
    drafts: list[Draft] = []
    pending = no_reports()
    edges = [0, *sorted(cuts), LAST_TICK + 1]
    for start, end in pairwise(edges):
        closed, pending = compose(pending, history[(history["tick"] >= start) & (history["tick"] < end)])
        drafts += closed
    return sorted(drafts, key=lambda draft: draft.home), pending


@given(history=histories, cuts=st.lists(st.integers(0, LAST_TICK), max_size=8))
def test_any_cutting_of_time_gives_the_same_messages(history: NDArray[np.void], cuts: list[int]) -> None:
    """LAW-10 for the twin: the same history in one call and in several closes the same messages."""
    whole, whole_pending = play(history, [])
    cut, cut_pending = play(history, cuts)
    assert cut == whole
    assert cut_pending.tolist() == whole_pending.tolist()


@given(history=histories, cuts=st.lists(st.integers(0, LAST_TICK), max_size=3))
def test_every_report_is_in_one_message_or_pending_in_order(history: NDArray[np.void], cuts: list[int]) -> None:
    """Nothing is lost, doubled or reordered: messages and pending together are the history of each home."""
    drafts, pending = play(history, cuts)
    for home in range(HOMES):
        told = [report for draft in drafts if draft.home == home for report in draft.reports]
        told += [row[1:] for row in pending[pending["home"] == home].tolist()]
        assert told == [row[1:] for row in history[history["home"] == home].tolist()]


@given(history=histories)
def test_a_message_closes_at_an_event_or_the_third_row_and_no_sooner(history: NDArray[np.void]) -> None:
    """Each draft ends with a tick that has an event, or with a row that makes it at least three reports."""
    drafts, pending = play(history, [])
    kind, tick = REPORT_NAMES.index("kind"), REPORT_NAMES.index("tick")
    for draft in drafts:
        before = [report for report in draft.reports if report[tick] != draft.tick]
        last = [report for report in draft.reports if report[tick] == draft.tick]
        assert last
        assert all(report[kind] == c.REPORT_ROW for report in before)
        assert len(before) < ROWS_A_MESSAGE
        assert any(report[kind] == c.REPORT_EVENT for report in last) or len(draft.reports) >= ROWS_A_MESSAGE
    assert all(row == c.REPORT_ROW for row in pending["kind"])


def test_an_event_takes_the_pending_rows_and_everything_of_its_tick_along() -> None:
    """Example: two rows, then an event and a row at the same tick: one message of four reports; starts counted."""
    history = reports(
        [
            (0, 3, c.REPORT_ROW, 0),
            (0, 6, c.REPORT_ROW, 0),
            (0, 9, c.REPORT_EVENT, c.EVENT_STARTED),
            (0, 9, c.REPORT_ROW, 0),
            (0, 12, c.REPORT_ROW, 0),
        ]
    )
    drafts, pending = compose(no_reports(), history)
    assert [(draft.tick, draft.starts, len(draft.reports)) for draft in drafts] == [(9, 1, 4)]
    assert pending["tick"].tolist() == [12]


@pytest.mark.parametrize("homes", [[], [0], [0, 2]])
def test_the_last_message_holds_what_is_pending_and_one_row_of_now(homes: list[int]) -> None:
    """At the end each listed home closes with one more row; the pending rows of the others stay."""
    pending = reports([(0, 3, c.REPORT_ROW, 0), (1, 4, c.REPORT_ROW, 0)])
    drafts, left = close_all(pending, homes, lambda home: reports([(home, 40, c.REPORT_ROW, 0)]), 40)
    assert [(draft.home, len(draft.reports)) for draft in drafts] == [(home, 2 if home == 0 else 1) for home in homes]
    assert left["home"].tolist() == [home for home in (0, 1) if home not in homes]
