"""An outage record: indices, major-event days, shutoffs apart, and what backup would have covered.

Two kinds of record answer different questions. A *list* has outages with their start, end and customers: frequencies,
durations and places come from it, but outages that split and merge count customers twice. *Snapshots* have the
customers out at instants: peaks and customer-minutes come from them without doubling. Where both are given, the
customer-minutes of the snapshots stand first, and the list's beside them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bptm.planning import reliability as index
from bptm.planning.reliability import Durations, MajorEventThreshold
from bptm.program import outage_sql as sql
from bptm.program.duck import Tables
from bptm.program.outage_changes import Steps, read_changes
from bptm.program.outage_layout import SNAPSHOTS, ListForm
from bptm.program.outage_snapshots import GAP_S, Snapshots, snapshots_from
from bptm.program.rows import Source, read_table
from bptm.terms.refusals import Refused, Unmet

HOUR_S = 3600.0
MINUTE_S = 60.0
CEMI_ABOVE = (0, 1, 3, 5, 8, 12)
"""CEMI-n for these n; more than 12 sustained outages a year is what California's reports list circuits by (S87)."""
CELID_HOURS = (1, 4, 8, 12, 24, 48, 72)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be found out.

    Attributes:
        outages: The outage list.
        changes: A change log of an outage map, in place of a list.
        snapshots: The snapshots.
        form: How the list is to be read.
        customers: Customers served; None when nobody said.
        day_zone: Time zone in which days and years are counted.
        backup_hours: Lengths of backup.
        refused_to: Where refused rows are written.
    """

    outages: Path | None
    snapshots: Path | None
    form: ListForm
    customers: float | None
    day_zone: str
    backup_hours: tuple[float, ...]
    refused_to: Path | None = None
    changes: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOf:
    """A calendar year's indices and its major-event days.

    Attributes:
        year: Local calendar year.
        customer_s: Sustained customer-seconds of all kinds.
        customers: Customers interrupted for more than five minutes.
        momentary: Customers interrupted for at most five minutes.
        unplanned_customer_s: Of them, those of neither kind of planned interruption.
        unplanned_customers: The same as a count.
        threshold: From the five years before; None when they hold too little.
        history_days: Days of history before this year, at most five years.
        major_days: Days above the threshold: (day, customer-seconds).
        without_major_customer_s: Customer-seconds without those days; None without a threshold.
    """

    year: int
    customer_s: float
    customers: float
    momentary: float
    unplanned_customer_s: float
    unplanned_customers: float
    threshold: MajorEventThreshold | None
    history_days: int
    major_days: tuple[tuple[str, float], ...]
    without_major_customer_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What an outage list says."""

    source: Source
    by_premise: bool
    doubled: sql.Doubled
    first_s: int
    last_s: int
    by_kind: dict[str, Durations]
    every: Durations
    events: Durations
    least_customer_s: float | None
    years: tuple[YearOf, ...]
    places: Sequence[dict[str, Any]]
    places_above_12: int
    cemi: dict[int, int] | None
    celid_total: dict[int, int] | None
    celid_single: dict[int, int] | None
    late_customer_s: float
    steps: Steps | None = None
    """How a change log became this list; None for a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that was found."""

    asked: Asked
    listed: Listed | None
    snapshots: Snapshots | None
    notes: tuple[str, ...] = field(default=())

    def sources(self) -> list[Source]:
        """The files that were read."""
        return [part.source for part in (self.snapshots, self.listed) if part is not None]


def record_from(tables: Tables, asked: Asked, at_step: Callable[[str], None] = lambda _words: None) -> Record | Refused:
    """Reads the files and counts; a file that cannot be one of its kind is refused with all its faults.

    Raises:
        TablesError: The engine cannot go on, e.g. because the disk is full.
    """
    faults: list[Unmet] = []
    snapshots: Snapshots | None = None
    listed: Listed | None = None
    if asked.snapshots is not None:
        at_step("reading snapshots")
        source = read_table(tables, asked.snapshots, SNAPSHOTS, "snapshots", _beside(asked.refused_to, "snapshots"))
        seen = snapshots_from(tables, source, asked.day_zone) if isinstance(source, Source) else source
        if isinstance(seen, Snapshots):
            snapshots = seen
        else:
            faults += seen.unmet if isinstance(seen, Refused) else [seen]
    if asked.outages is not None:
        at_step("reading outages")
        source = read_table(tables, asked.outages, asked.form.layout, "listed", asked.refused_to)
        found = _listed(tables, source, asked, at_step) if isinstance(source, Source) else source
        if isinstance(found, Listed):
            listed = found
        else:
            faults += found.unmet if isinstance(found, Refused) else [found]
    elif asked.changes is not None:
        at_step("following customers through the change log")
        form = asked.form
        steps = read_changes(tables, asked.changes, form.shutoff_words, form.planned_words, asked.refused_to)
        found = _listed(tables, steps.source, asked, at_step) if isinstance(steps, Steps) else steps
        if isinstance(found, Listed) and isinstance(steps, Steps):
            listed = replace(found, steps=steps)
        elif not isinstance(found, Listed):
            faults += found.unmet if isinstance(found, Refused) else [found]
    if faults:
        return Refused(unmet=tuple(faults))
    return Record(asked=asked, listed=listed, snapshots=snapshots, notes=tuple(_notes(asked, listed, snapshots)))


def _beside(path: Path | None, word: str) -> Path | None:
    return None if path is None else path.with_name(f"{path.stem}-{word}{path.suffix}")


def _listed(tables: Tables, source: Source, asked: Asked, at_step: Callable[[str], None]) -> Listed | Unmet:
    by_premise = "premise" in source.columns
    at_step("joining rows of one outage")
    doubled = sql.make_counted(tables, asked.form, by_premise=by_premise)
    span = sql.span(tables)
    if span is None:
        return Unmet(
            element=source.path.name,
            found=f"no usable outage in {source.rows_read:,} rows",
            needs="at least one",
            remedy=f"First refusal: {source.first_reasons[0]}." if source.first_reasons else "Name the right file.",
        )
    at_step("counting durations, days and places")
    by_kind = sql.durations(tables)
    late = asked.form.end_late_s * sum(part.interruptions_count() for part in by_kind.values())
    return Listed(
        source=source,
        by_premise=by_premise,
        doubled=doubled,
        first_s=span[0],
        last_s=span[1],
        by_kind=by_kind,
        every=together(list(by_kind.values())),
        events=sql.event_durations(tables),
        least_customer_s=sql.least_customer_s(tables),
        years=_years(tables, asked.day_zone),
        places=sql.places(tables),
        places_above_12=sql.places_above(tables, 12),
        cemi=sql.interruptions_by_premise(tables) if by_premise else None,
        celid_total=_celid(tables, single=False) if by_premise else None,
        celid_single=_celid(tables, single=True) if by_premise else None,
        late_customer_s=late,
    )


def _celid(tables: Tables, *, single: bool) -> dict[int, int]:
    return {hours: sql.premises_reaching(tables, hours * HOUR_S, single=single) for hours in CELID_HOURS}


def together(parts: Sequence[Durations]) -> Durations:
    """Several sets of durations as one."""
    duration_s = np.concatenate([part.duration_s for part in parts])
    customers = np.concatenate([part.customers_count for part in parts])
    different, where = np.unique(duration_s, return_inverse=True)
    return Durations(
        duration_s=different, customers_count=np.bincount(where, customers, len(different)).astype(np.float64)
    )


def _years(tables: Tables, zone: str) -> tuple[YearOf, ...]:
    """Each local year with the threshold of the years before it."""
    rows = sql.days(tables, zone)
    momentary = sql.momentary_by_year(tables, zone)
    total: dict[date, float] = {}
    for row in rows:
        total[row["day"]] = total.get(row["day"], 0.0) + row["customer_s"]
    years: list[YearOf] = []
    for year in sorted({day.year for day in total} | set(momentary)):
        here = [row for row in rows if row["day"].year == year]
        forced = [row for row in here if row["kind"] == "forced"]
        history = _history(total, year)
        threshold = index.major_event_threshold(history)
        major = tuple(
            (day.isoformat(), value)
            for day, value in sorted(total.items())
            if threshold is not None and day.year == year and value > threshold.threshold
        )
        whole = sum(row["customer_s"] for row in here)
        years.append(
            YearOf(
                year=year,
                customer_s=whole,
                customers=sum(row["customers"] for row in here),
                momentary=momentary.get(year, 0.0),
                unplanned_customer_s=sum(row["customer_s"] for row in forced),
                unplanned_customers=sum(row["customers"] for row in forced),
                threshold=threshold,
                history_days=len(history),
                major_days=major,
                without_major_customer_s=whole - sum(value for _day, value in major) if threshold else None,
            )
        )
    return tuple(years)


def _history(total: dict[date, float], year: int) -> index.Floats:
    """Daily customer-seconds of the record's days in the five years before `year`; days without any are zeros."""
    if not total:
        return np.zeros(0)
    first = max(min(total), date(year - index.HISTORY_YEARS_COUNT, 1, 1))
    count = max((date(year, 1, 1) - first).days, 0)
    return np.array([total.get(first + timedelta(days=at), 0.0) for at in range(count)], np.float64)


def _notes(asked: Asked, listed: Listed | None, snapshots: Snapshots | None) -> list[str]:
    notes = [part.source.sentence() for part in (snapshots, listed) if part is not None and part.source.rows_refused]
    if snapshots is not None:
        seen = snapshots.everyone
        if seen.gaps_count:
            notes.append(
                f"{seen.gaps_count:,} gaps of more than {GAP_S / MINUTE_S:g} minutes in the snapshots, "
                f"{seen.gap_s / HOUR_S:,.1f} h "
                f"in all, are not counted; with the count before each they would add "
                f"{_millions(seen.gap_customer_s)}."
            )
        if snapshots.doubled_count:
            notes.append(
                f"{snapshots.doubled_count:,} snapshots share their instant with another; the higher count was taken."
            )
    if listed is not None:
        notes += _list_notes(asked, listed)
    if listed is not None and snapshots is not None and snapshots.shutoff is not None:
        by_list, counted = listed.by_kind["shutoff"].customer_s(), snapshots.shutoff.customer_s
        if by_list and counted:
            notes.append(
                f"Safety shutoffs are {_millions(by_list)} by the list and {_millions(counted)} by the snapshots "
                f"({by_list / counted:.2f} to 1): believe the snapshots for sums, the list for durations."
            )
    return notes


def _millions(customer_s: float) -> str:
    return f"{customer_s / MINUTE_S / 1e6:,.1f} million customer-minutes"


def _list_notes(asked: Asked, listed: Listed) -> list[str]:
    doubled = listed.doubled
    said = [
        (doubled.duplicates_count, "rows equal an earlier one in every column and were counted once."),
        (
            doubled.joined_count,
            "rows overlap another of the same "
            + ("customer" if listed.by_premise else "outage number")
            + " and were joined with it.",
        ),
        (
            doubled.overlapping_count,
            (
                f"outages ({_millions(doubled.overlapping_customer_s)}) overlap another of their place: maybe "
                "counted twice."
            ),
        ),
        (
            doubled.ambiguous_count,
            (
                f"rows have a local time of {asked.form.zone} that existed twice when summer time ended; the "
                "engine took one of the two."
            ),
        ),
        (doubled.empty_count, "outages have no customers and weigh nothing."),
    ]
    notes = [f"{count:,} {words}" for count, words in said if count]
    if listed.steps is not None:
        notes.append(
            f"The change log became {listed.steps.steps_count:,} groups of customers who lost and got back supply "
            f"together; {listed.steps.hidden_count:,} times a number was gone and back within an hour, and "
            f"{listed.steps.open_count:,} customers have no return in the log and are left out."
        )
    if listed.least_customer_s is not None and listed.steps is None and not listed.by_premise:
        notes.append(
            "Each outage is counted with its most customers until its end: "
            f""
            f"{_millions(listed.every.customer_s())}; with its least customers it would be "
            f"{_millions(listed.least_customer_s)}."
        )
    if asked.form.end_late_s:
        notes.append(
            "An end is when the outage was last seen; supply may have returned up to "
            f"{asked.form.end_late_s / MINUTE_S:g} "
            f"minutes later, {_millions(listed.late_customer_s)} in all."
        )
    return notes
