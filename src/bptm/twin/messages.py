"""When a meter closes a message: a rule of event time only, never of how the twin cut time into quanta.

A meter's reports collect. All reports of one tick stay together. A tick with an event in it closes a message
with everything that had collected; so does the third telemetry row, 15 minutes after the first. What is left
is pending, and part of the checkpoint.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.dtypes import dtype_of
from bptm.terms import core_codes as c
from bptm.terms.core_report import FIELDS as REPORT_FIELDS
from bptm.terms.messages import REPORT_NAMES, Report

ROWS_A_MESSAGE = 3
"""Three rows of 300 s: one message in 15 minutes. Source: processes.md and design section 5."""

REPORT_DTYPE: np.dtype[Any] = dtype_of(REPORT_FIELDS, first=(("home", "i4"),))
"""A report with the home in front, as `compiled.fleet` gives it."""

_KIND = 1 + REPORT_NAMES.index("kind")
_TICK = 1 + REPORT_NAMES.index("tick")
_CODE = 1 + REPORT_NAMES.index("code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A closed message that has no number yet."""

    home: int
    tick: int
    """Tick at which it closed."""
    starts: int
    """How many of its events say that the meter started."""
    reports: tuple[Report, ...]


def no_reports() -> NDArray[np.void]:
    """An empty pile of pending reports."""
    return np.zeros(0, REPORT_DTYPE)


def compose(pending: NDArray[np.void], fresh: NDArray[np.void]) -> tuple[list[Draft], NDArray[np.void]]:
    """Closes what can be closed.

    Args:
        pending: What the last call left, of `REPORT_DTYPE`.
        fresh: Reports made since, ordered by home, then tick, then as made. All reports of a tick are in one call.

    Returns:
        The closed messages, by home, then as closed; and what is pending now.
    """
    if not len(fresh):
        return [], pending
    reports = fresh
    if len(pending):
        joined = np.concatenate([pending, fresh])
        reports = joined[np.argsort(joined["home"], kind="stable")]
    rows: list[tuple[Any, ...]] = reports.tolist()
    drafts: list[Draft] = []
    left: list[int] = []
    count = len(rows)
    first = 0
    while first < count:
        home = rows[first][0]
        end = first + 1
        while end < count and rows[end][0] == home:
            end += 1
        opened = _close_home(rows, first, end, drafts.append)
        left.extend(range(opened, end))
        first = end
    return drafts, reports[left]


def _close_home(rows: list[tuple[Any, ...]], first: int, end: int, close: Callable[[Draft], None]) -> int:
    """Closes the messages of one home's reports `first` to `end`; returns where the pending ones begin."""
    opened = first
    here = first
    while here < end:
        tick = rows[here][_TICK]
        has_event = False
        until = here
        while until < end and rows[until][_TICK] == tick:
            has_event = has_event or rows[until][_KIND] == c.REPORT_EVENT
            until += 1
        here = until
        if has_event or until - opened >= ROWS_A_MESSAGE:
            close(_draft(rows[opened:until], tick))
            opened = until
    return opened


def _draft(rows: list[tuple[Any, ...]], tick: int) -> Draft:
    starts = sum(1 for row in rows if row[_KIND] == c.REPORT_EVENT and row[_CODE] == c.EVENT_STARTED)
    return Draft(home=rows[0][0], tick=tick, starts=starts, reports=tuple(row[1:] for row in rows))


def close_all(
    pending: NDArray[np.void], homes: list[int], read_now: Callable[[int], NDArray[np.void]], tick: int
) -> tuple[list[Draft], NDArray[np.void]]:
    """The last message of each of `homes`: what is pending and one row of how it is now.

    Returns:
        The messages, by home; and what is pending still, of the other homes.
    """
    drafts: list[Draft] = []
    of_home = pending["home"]
    for home in homes:
        rows: list[tuple[Any, ...]] = pending[of_home == home].tolist()
        rows += read_now(home).tolist()
        drafts.append(_draft(rows, tick))
    return drafts, pending[~np.isin(of_home, homes)]
