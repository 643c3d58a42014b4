"""Snapshots of customers out: peaks, days, and the time they add up to, with the gaps of the record kept apart."""

from dataclasses import dataclass

import numpy as np

from bptm.planning.reliability import Counted, counted_customer_s
from bptm.program.duck import Tables, quoted
from bptm.program.rows import Source
from bptm.terms.refusals import Unmet

SNAPSHOTS_MAX = 20_000_000
"""One every minute for 38 years; more is another kind of file."""

GAP_S = 1800.0
"""A count is believed to have stayed this long at most: three readings of a map read every ten minutes. Own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutoffDay:
    """The highest count of customers in a safety shutoff on one day."""

    day: str
    peak_customers: int
    peak_at_utc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """What a list of snapshots says.

    Attributes:
        source: The file.
        first_utc: First snapshot.
        last_utc: Last.
        peak_customers: Highest count of all customers out.
        peak_at_utc: First snapshot with it.
        shutoff_peak_customers: Highest count in safety shutoffs; None when the file has no such column.
        shutoff_peak_at_utc: First snapshot with it.
        shutoff_days: Days with a shutoff.
        everyone: Time of all customers out.
        shutoff: Time of those in safety shutoffs.
        doubled_count: Snapshots of an instant that another has, too; the higher counts.
        curve: (hours since the first, all, shutoff) at the highest count of each hour, for a picture.
    """

    source: Source
    first_utc: str
    last_utc: str
    peak_customers: int
    peak_at_utc: str
    shutoff_peak_customers: int | None
    shutoff_peak_at_utc: str | None
    shutoff_days: tuple[ShutoffDay, ...]
    everyone: Counted
    shutoff: Counted | None
    doubled_count: int
    curve: tuple[tuple[float, int, int | None], ...]


def snapshots_from(tables: Tables, source: Source, day_zone: str) -> Snapshots | Unmet:
    """What the table `snapshots` says; refused when it holds nothing that can be counted."""
    tables.run(
        "CREATE OR REPLACE TABLE watched AS SELECT epoch_ms(at_utc) / 1000.0 AS at_s, at_utc, "
        "max(customers_out) AS everyone, max(shutoff_out) AS shutoff FROM snapshots GROUP BY at_utc"
    )
    count, kept = tables.row("SELECT (SELECT count(*) FROM snapshots), (SELECT count(*) FROM watched)")
    if not 0 < kept <= SNAPSHOTS_MAX:
        return Unmet(
            element=source.path.name,
            found=f"{kept:,} usable snapshots of {source.rows_read:,} rows",
            needs=f"1 to {SNAPSHOTS_MAX:,}",
            remedy="Name the file of snapshots.",
        )
    columns = tables.arrays(
        "SELECT at_s, everyone::DOUBLE AS everyone, shutoff::DOUBLE AS shutoff FROM watched ORDER BY 1"
    )
    at_s = np.asarray(columns["at_s"], np.float64)
    first, last, peak, peak_at = tables.row(
        f"SELECT {_text('min(at_utc)')}, {_text('max(at_utc)')}, max(everyone), "  # noqa: S608
        f"{_text('(SELECT min(at_utc) FROM watched WHERE everyone = (SELECT max(everyone) FROM watched))')} "
        "FROM watched"
    )
    has_shutoff = "shutoff_out" in source.columns
    shutoff_peak, shutoff_at = tables.row(
        "SELECT max(shutoff), "  # noqa: S608
        f"{_text('(SELECT min(at_utc) FROM watched WHERE shutoff = (SELECT max(shutoff) FROM watched))')} FROM watched"
    )
    return Snapshots(
        source=source,
        first_utc=first,
        last_utc=last,
        peak_customers=peak,
        peak_at_utc=peak_at,
        shutoff_peak_customers=shutoff_peak,
        # The first snapshot at a peak of nobody would be the first of the record: no peak has no instant.
        shutoff_peak_at_utc=shutoff_at if shutoff_peak else None,
        shutoff_days=_shutoff_days(tables, day_zone) if has_shutoff else (),
        everyone=counted_customer_s(at_s, np.asarray(columns["everyone"], np.float64), GAP_S),
        shutoff=counted_customer_s(at_s, np.ma.filled(columns["shutoff"], 0.0), GAP_S) if has_shutoff else None,
        doubled_count=count - kept,
        curve=_curve(tables),
    )


def _text(sql: str) -> str:
    return f"strftime({sql}, '%Y-%m-%dT%H:%M:%SZ')"


def _shutoff_days(tables: Tables, zone: str) -> tuple[ShutoffDay, ...]:
    rows = tables.rows(
        f"WITH dated AS (SELECT CAST(timezone({quoted(zone)}, at_utc) AS DATE) AS day, at_utc, shutoff "  # noqa: S608
        "FROM watched "
        "WHERE shutoff > 0), peaks AS (SELECT day, max(shutoff) AS peak FROM dated GROUP BY day) "
        f"SELECT CAST(day AS VARCHAR), peak, {_text('min(at_utc)')} FROM dated JOIN peaks USING (day) "
        "WHERE shutoff = peak GROUP BY day, peak ORDER BY day"
    )
    return tuple(ShutoffDay(day=day, peak_customers=peak, peak_at_utc=at) for day, peak, at in rows)


def _curve(tables: Tables) -> tuple[tuple[float, int, int | None], ...]:
    """At most a few thousand points: the width of the picture decides how long one of them is."""
    points = 2000
    rows = tables.rows(
        "WITH s AS (SELECT (at_s - (SELECT min(at_s) FROM watched)) / 3600 AS hour, everyone, shutoff "  # noqa: S608
        "FROM watched), "
        f"w AS (SELECT greatest(max(hour) / {points}, 1.0) AS wide FROM s) "
        "SELECT floor(hour / wide) * wide, max(everyone), max(shutoff) FROM s, w GROUP BY 1 ORDER BY 1"
    )
    return tuple((float(hour), int(everyone), shutoff) for hour, everyone, shutoff in rows)
