"""A change log of an outage map (new, upd, gone) as a list of steps of restoration, each customer counted once.

A map counts customers by outage number, and numbers split, merge and vanish while the same customers stay without
supply. Three facts of the log undo that (decision 0042):

- A number that is gone and back within an hour was never away: the map was read in part.
- Children of a split carry the start of their parent, so numbers with one start are one family. What leaves one number
  of a family and appears in another did not return.
- When a family's total falls, so many customers returned, those longest off first; when it rises, so many lost supply.

What becomes one with an outage of another start is counted again: the log does not say whose customers moved.
"""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout
from bptm.program.rows import Source, read_table
from bptm.terms.refusals import Refused, Unmet

AWAY_S = 3600
"""A number missing for less was hidden by a partial reading. Source: the five partial readings of October 2019 lasted
ten minutes to an hour (docs/explanation/event.md)."""

LATE_S = 3600
"""A recorded start is believed for customers first seen at most this long after it. Source: the same."""

CHANGES = Layout(
    name="change log of an outage map",
    columns=(
        Column(name="at_utc", also=("snapshot_utc", "at_utc"), kind=Kind.TIME, value_needed=True),
        Column(name="outage", also=("outage", "outage_id"), value_needed=True),
        Column(name="event", also=("event", "change"), value_needed=True),
        Column(name="customers_count", also=("customers", "customers_count"), kind=Kind.WHOLE, low=0, high=1e9),
        Column(name="start_utc", also=("start_utc", "start"), kind=Kind.TIME, needed=True),
        Column(name="cause", needed=False),
        Column(name="place", also=("region", "place", "circuit", "city"), needed=False),
    ),
)
WORDS = ("new", "upd", "gone")

_DELTAS = """
CREATE OR REPLACE TABLE changed AS
WITH told AS (
  SELECT outage, epoch_ms(at_utc) // 1000 AS at_s, lower(event) AS event, line,
         CASE WHEN lower(event) = 'gone' THEN 0 ELSE customers_count END AS customers,
         epoch_ms(start_utc) // 1000 AS start_s, lower(cause) AS cause, place
  FROM changes
), kept AS (
  SELECT * FROM told
  WINDOW own AS (PARTITION BY outage ORDER BY at_s, line)
  QUALIFY NOT coalesce(
    event = 'gone' AND lead(event) OVER own IN ('new', 'upd') AND lead(at_s) OVER own - at_s < {away}, false)
), steps AS (
  SELECT *, customers - lag(customers, 1, 0::BIGINT) OVER own AS delta,
         first_value(start_s) OVER own AS first_start_s
  FROM kept WHERE customers IS NOT NULL WINDOW own AS (PARTITION BY outage ORDER BY at_s, line)
)
SELECT coalesce(CAST(first_start_s AS VARCHAR), 'number ' || outage) AS family, at_s, sum(delta)::BIGINT AS delta,
       min(first_start_s) AS start_s, bool_or(cause IN ({shutoff})) AS shutoff,
       bool_or(cause IN ({planned})) AS planned, any_value(place) AS place
FROM steps GROUP BY 1, 2
"""

_FAMILIES = """
SELECT family, at_s, delta, start_s, coalesce(bool_or(shutoff) OVER own, false),
       coalesce(bool_or(planned) OVER own, false), any_value(place) OVER own
FROM changed WINDOW own AS (PARTITION BY family) ORDER BY family, at_s
"""

PIECE = 50_000
"""Steps that are written at once. Own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What a change log became.

    Attributes:
        source: The file.
        steps_count: Groups of customers who lost supply and got it back together.
        open_count: Customers without a return in the log; they are left out.
        hidden_count: Times a number was gone and back within an hour.
    """

    source: Source
    steps_count: int
    open_count: int
    hidden_count: int


def read_changes(
    tables: Tables, path: Path, shutoff: tuple[str, ...], planned: tuple[str, ...], refused_to: Path | None
) -> Steps | Refused:
    """Reads a change log and makes the table `listed` of it, as `outage_sql` takes it."""
    source = read_table(tables, path, CHANGES, "changes", refused_to)
    if isinstance(source, Refused):
        return source
    strange = tables.rows(
        "SELECT line, event FROM changes WHERE lower(event) NOT IN ('new', 'upd', 'gone') ORDER BY line LIMIT 1"
    )
    if strange:
        line, event = strange[0]
        fault = Unmet(
            element=f"{path.name}: line {line}: event",
            found=repr(event),
            needs=", ".join(WORDS),
            remedy="Name a change log, whose rows say that an outage is new, has changed or is gone.",
        )
        return Refused(unmet=(fault,))
    (gone,) = tables.row("SELECT count(*) FROM changes WHERE lower(event) = 'gone'")
    tables.run(_DELTAS.format(away=AWAY_S, shutoff=_texts(shutoff), planned=_texts(planned)))
    (kept_gone,) = tables.row(
        "SELECT count(*) FROM (SELECT lower(event) AS event FROM changes "  # noqa: S608 (a number of ours)
        "WINDOW own AS (PARTITION BY outage ORDER BY at_utc, line) "
        "QUALIFY lower(event) = 'gone' AND NOT coalesce(lead(lower(event)) OVER own IN ('new', 'upd') AND "
        f"epoch(lead(at_utc) OVER own) - epoch(at_utc) < {AWAY_S}, false))"
    )
    steps, still_open = _restored(tables, shutoff[0] if shutoff else "other", planned[0] if planned else "other")
    return Steps(source=source, steps_count=steps, open_count=still_open, hidden_count=gone - kept_gone)


def _texts(words: tuple[str, ...]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words) or "NULL"


def _restored(tables: Tables, shutoff: str, planned: str) -> tuple[int, int]:
    """Makes `listed` of all steps of restoration; returns how many, and the customers still out at the end.

    A family in which the log ever names a safety shutoff is one: the map labels many of its rows hours late.
    """
    tables.run(
        "CREATE OR REPLACE TABLE listed (line BIGINT, outage VARCHAR, start_utc TIMESTAMPTZ, end_utc TIMESTAMPTZ, "
        "customers_count BIGINT, customers_least_count BIGINT, cause VARCHAR, place VARCHAR, premise VARCHAR)"
    )
    rows: list[tuple[str, int, int, int, str, str | None]] = []
    family, lots, still_open, written = "", deque[list[int]](), 0, 0
    for name, at_s, delta, start_s, is_shutoff, is_planned, place in tables.rows(_FAMILIES):
        if name != family:
            still_open += sum(count for _off, count in lots)
            family, lots = name, deque[list[int]]()
        if delta > 0:
            believed = not lots and start_s is not None and 0 <= at_s - start_s <= LATE_S
            off_s = int(start_s) if believed and start_s is not None else int(at_s)
            lots.append([off_s, delta])
        cause = shutoff if is_shutoff else planned if is_planned else "other"
        rows += [(family, off_s, at_s, back, cause, place) for off_s, back in _return(lots, -delta)]
        if len(rows) >= PIECE:
            written += _write(tables, rows)
            rows = []
    return written + _write(tables, rows), still_open + sum(count for _off, count in lots)


def _return(lots: deque[list[int]], left: int) -> list[tuple[int, int]]:
    """Takes so many customers off the lots, those longest off first: (off since, how many)."""
    back: list[tuple[int, int]] = []
    while left > 0 and lots:
        off_s, count = lots[0]
        back.append((off_s, min(left, count)))
        left -= count
        if left >= 0:
            lots.popleft()
        else:
            lots[0][1] = -left
    return back


def _write(tables: Tables, rows: list[tuple[str, int, int, int, str, str | None]]) -> int:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        tables.run(
            "INSERT INTO listed SELECT NULL, family, make_timestamptz(start_s * 1000000), "
            "make_timestamptz(end_s * 1000000), customers, NULL, cause, place, NULL FROM (SELECT "
            "unnest($1::VARCHAR[]) AS family, unnest($2::BIGINT[]) AS start_s, unnest($3::BIGINT[]) AS end_s, "
            "unnest($4::BIGINT[]) AS customers, unnest($5::VARCHAR[]) AS cause, unnest($6::VARCHAR[]) AS place)",
            columns,
        )
    return len(rows)
