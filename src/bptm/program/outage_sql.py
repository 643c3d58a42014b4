"""The queries over an outage list: kinds, rows that repeat, durations, days, places, single customers.

All are aggregates that DuckDB runs out of core; what leaves it is bounded by distinct seconds, days and places, never
by rows. Interval arithmetic stands in `make_counted`: rows of one customer, or states of one outage, that overlap or
touch are one interruption from the first start to the last end.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bptm.planning.reliability import MOMENTARY_MAX_S, Durations
from bptm.program.duck import Tables, quoted
from bptm.program.outage_layout import ListForm, Repeated

KINDS = ("forced", "planned", "shutoff")
"""Everything that is neither; other planned work; safety shutoffs."""

PLACES_MAX = 50
MAJOR_DAYS_MAX = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """Rows that would have been counted twice.

    Attributes:
        duplicates_count: Rows equal in every column to an earlier one.
        joined_count: Rows that went into another, being states of one outage or the same customer's.
        overlapping_count: Rows that overlap another of the same place but are not known to be the same outage.
        overlapping_customer_s: Customer-seconds of them.
        ambiguous_count: Rows with a local time that existed twice (the hour after summer time ends).
        empty_count: Rows without customers.
    """

    duplicates_count: int
    joined_count: int
    overlapping_count: int
    overlapping_customer_s: float
    ambiguous_count: int
    empty_count: int


def make_counted(tables: Tables, form: ListForm, *, by_premise: bool) -> Doubled:
    """Makes the table `counted` (kind, start_s, duration_s, customers, ...) from the table `listed`.

    Args:
        tables: Holds `listed`.
        form: How the list is to be read.
        by_premise: Each row is one customer's, named by `premise`.
    """
    key = "premise" if by_premise else "outage"
    tables.run(
        f"CREATE OR REPLACE VIEW typed_rows AS SELECT {_kind_sql(form)} AS kind, {key} AS own, outage, "  # noqa: S608
        "place, cause, "
        "epoch_ms(start_utc) // 1000 AS start_s, epoch_ms(end_utc) // 1000 AS end_s, "
        f"{'least(customers_count, 1)' if by_premise else 'customers_count'} AS customers, "
        "customers_least_count AS customers_least FROM listed"
    )
    # Only rows that share their own number, or have none, can repeat: the others are never copied or compared.
    tables.run(
        "CREATE OR REPLACE TABLE repeats AS SELECT own FROM typed_rows WHERE own IS NOT NULL "
        "GROUP BY own HAVING count(*) > 1"
    )
    tables.run(
        "CREATE OR REPLACE TABLE same_rows AS SELECT *, count(*) AS times FROM typed_rows "
        "WHERE own IS NULL OR own IN (SELECT own FROM repeats) GROUP BY ALL"
    )
    (duplicates,) = tables.row("SELECT coalesce(sum(times) - count(*), 0)::BIGINT FROM same_rows")
    joins = by_premise or form.repeated is Repeated.STATES
    tables.run(_counted_sql(joins=joins, by_premise=by_premise))
    whole, kept = tables.row("SELECT (SELECT count(*) FROM listed), (SELECT count(*) FROM counted)")
    tables.run("DROP TABLE same_rows")
    over = (0, 0.0) if by_premise else tables.row(_OVERLAPS)
    (ambiguous,) = tables.row(_ambiguous_sql(form)) if form.mapped else (0,)
    (empty,) = tables.row("SELECT count(*) FROM counted WHERE customers = 0")
    return Doubled(
        duplicates_count=duplicates,
        joined_count=whole - duplicates - kept,
        overlapping_count=over[0],
        overlapping_customer_s=float(over[1] or 0.0),
        ambiguous_count=ambiguous,
        empty_count=empty,
    )


def _counted_sql(*, joins: bool, by_premise: bool) -> str:
    """The table `counted`: rows of one own number joined into islands of time, all others as they are.

    Source: gaps and islands, a usual way with window functions; the reason stands in decision 0042.
    """
    own = "own" if by_premise else "NULL::VARCHAR AS own"
    kept = f"kind, {own}, place, start_s, end_s - start_s AS duration_s, customers, customers_least"
    alone = f"SELECT {kept} FROM typed_rows WHERE own IS NOT NULL AND own NOT IN (SELECT own FROM repeats)"  # noqa: S608
    if not joins:
        return f"CREATE OR REPLACE TABLE counted AS {alone} UNION ALL SELECT {kept} FROM same_rows"  # noqa: S608
    return (
        f"CREATE OR REPLACE TABLE counted AS {_ISLANDS} SELECT {kept} FROM joined UNION ALL "  # noqa: S608
        f"SELECT {kept} FROM same_rows WHERE own IS NULL UNION ALL {alone}"
    )


_ISLANDS = """
WITH marked AS (
  SELECT *, CASE WHEN start_s <= max(end_s) OVER before THEN 0 ELSE 1 END AS opens FROM same_rows WHERE own IS NOT NULL
  WINDOW before AS (PARTITION BY own ORDER BY start_s, end_s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
numbered AS (
  SELECT *, sum(opens) OVER (PARTITION BY own ORDER BY start_s, end_s ROWS UNBOUNDED PRECEDING) AS island FROM marked
),
joined AS (
  SELECT arg_min(kind, start_s) AS kind, own, any_value(place) AS place, min(start_s) AS start_s, max(end_s) AS end_s,
         max(customers) AS customers, min(customers_least) AS customers_least
  FROM numbered GROUP BY own, island
)"""

_OVERLAPS = """
SELECT count(*), sum(customers * duration_s) FROM (
  SELECT customers, duration_s, start_s < max(start_s + duration_s) OVER (
    PARTITION BY place ORDER BY start_s, duration_s DESC, customers DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS over_other
  FROM counted WHERE place IS NOT NULL
) WHERE over_other
"""


def _kind_sql(form: ListForm) -> str:
    cause = "lower(trim(coalesce(cause, '')))"
    shutoff = ", ".join(quoted(word) for word in form.shutoff_words) or "NULL"
    planned = ", ".join(quoted(word) for word in form.planned_words) or "NULL"
    return (
        f"CASE WHEN {cause} IN ({shutoff}) THEN 'shutoff' WHEN {cause} IN ({planned}) THEN 'planned' ELSE 'forced' END"
    )


def _ambiguous_sql(form: ListForm) -> str:
    """Counts rows whose local time also stands for the instant an hour earlier or later."""
    zone = quoted(form.zone)

    def twice(column: str) -> str:
        here = f"timezone({zone}, {column})"
        return " OR ".join(f"timezone({zone}, {column} {sign} INTERVAL 1 HOUR) = {here}" for sign in ("+", "-"))

    return f"SELECT count(*) FROM listed WHERE {twice('start_utc')} OR {twice('end_utc')}"  # noqa: S608


def durations(tables: Tables) -> dict[str, Durations]:
    """Durations and customers of each kind; empty arrays for a kind that does not occur."""
    found: dict[str, Durations] = {}
    for kind in KINDS:
        columns = tables.arrays(
            "SELECT duration_s::DOUBLE AS duration_s, sum(customers)::DOUBLE AS customers FROM counted "
            "WHERE kind = ? GROUP BY duration_s ORDER BY duration_s",
            [kind],
        )
        found[kind] = Durations(
            duration_s=np.asarray(columns["duration_s"], np.float64),
            customers_count=np.asarray(columns["customers"], np.float64),
        )
    return found


def event_durations(tables: Tables) -> Durations:
    """Durations of sustained outages, each counted once however many customers it had."""
    columns = tables.arrays(
        "SELECT duration_s::DOUBLE AS duration_s, count(*)::DOUBLE AS outages FROM counted "  # noqa: S608
        f"WHERE duration_s > {MOMENTARY_MAX_S} GROUP BY duration_s ORDER BY duration_s"
    )
    return Durations(
        duration_s=np.asarray(columns["duration_s"], np.float64),
        customers_count=np.asarray(columns["outages"], np.float64),
    )


def days(tables: Tables, zone: str) -> list[dict[str, Any]]:
    """Sustained interruptions by the local day they began in, by kind."""
    return tables.records(
        f"SELECT CAST(timezone({quoted(zone)}, make_timestamptz(start_s * 1000000)) AS DATE) AS day, "  # noqa: S608
        "kind, "
        "sum(customers * duration_s)::DOUBLE AS customer_s, sum(customers)::DOUBLE AS customers "
        f"FROM counted WHERE duration_s > {MOMENTARY_MAX_S} GROUP BY 1, 2 ORDER BY 1, 2"
    )


def momentary_by_year(tables: Tables, zone: str) -> dict[int, float]:
    """Customers interrupted for at most five minutes, by local year."""
    return {
        int(year): float(customers)
        for year, customers in tables.rows(
            f"SELECT year(timezone({quoted(zone)}, make_timestamptz(start_s * 1000000))), sum(customers) "  # noqa: S608
            f"FROM counted WHERE duration_s <= {MOMENTARY_MAX_S} GROUP BY 1"
        )
    }


def places(tables: Tables) -> list[dict[str, Any]]:
    """Places with the most sustained interruptions."""
    return tables.records(
        "SELECT place, count(*) AS outages, sum(customers)::DOUBLE AS customers, max(customers)::BIGINT "  # noqa: S608
        "AS customers_most, "
        "sum(customers * duration_s)::DOUBLE / 3600 AS customer_hours, max(duration_s)::DOUBLE / 3600 AS "
        "hours_longest, "
        "count(*) FILTER (kind = 'shutoff') AS shutoffs FROM counted "
        f"WHERE place IS NOT NULL AND duration_s > {MOMENTARY_MAX_S} GROUP BY place "
        f"ORDER BY outages DESC, customer_hours DESC, place LIMIT {PLACES_MAX}"
    )


def places_above(tables: Tables, above: int) -> int:
    """How many places have more than so many sustained interruptions."""
    (count,) = tables.row(
        "SELECT count(*) FROM (SELECT place FROM counted WHERE place IS NOT NULL AND duration_s > "  # noqa: S608
        f"{MOMENTARY_MAX_S} "
        f"GROUP BY place HAVING count(*) > {above})"
    )
    return count


def span(tables: Tables) -> tuple[int, int] | None:
    """First start and last end, as Unix seconds; None for an empty list."""
    first, last = tables.row("SELECT min(start_s), max(start_s + duration_s) FROM counted")
    return None if first is None else (int(first), int(last))


def least_customer_s(tables: Tables) -> float | None:
    """Customer-seconds if each outage had its least customers all the time; None where the list does not say."""
    low, known = tables.row(
        "SELECT sum(least(customers, customers_least) * duration_s)::DOUBLE, count(customers_least) = "
        "count(*) FROM counted"
    )
    return float(low) if known and low is not None else None


def interruptions_by_premise(tables: Tables) -> dict[int, int]:
    """How many premises had how many sustained interruptions."""
    return {
        int(times): int(count)
        for times, count in tables.rows(
            "SELECT times, count(*) FROM (SELECT count(*) AS times FROM counted "  # noqa: S608
            f"WHERE duration_s > {MOMENTARY_MAX_S} AND own IS NOT NULL GROUP BY own) GROUP BY 1 ORDER BY 1"
        )
    }


def premises_reaching(tables: Tables, limit_s: float, *, single: bool) -> int:
    """Premises whose longest (single) or whole time without supply reaches a limit."""
    (count,) = tables.row(
        f"SELECT count(*) FROM (SELECT own FROM counted WHERE duration_s > {MOMENTARY_MAX_S} AND own IS "  # noqa: S608
        "NOT NULL "
        f"GROUP BY own HAVING {'max' if single else 'sum'}(duration_s) >= {limit_s})"
    )
    return count
