"""Outage history of counties from three kinds of record, all as hours without supply per customer and year.

- Major disturbances (OE-417, as published by Mukherjee et al. 2018), known by `OUTAGE.DURATION`: customers x duration,
  by state; each county gets its state's figure.
- EAGLE-I, known by `fips_code` and `run_start_time`: customers out x 0.25 h a snapshot, by county
  (Brelsford et al. 2024, DOI 10.1038/s41597-024-03095-5).
- An outage map's record, known by `customers_max` and `last_seen_utc`: customers x (last seen - start), by the county
  around the point.

All three are bounds, not indices: a disturbance is counted as if all its customers were out until its end, and outages
of a map split and merge, which counts customers twice. A record of less than a year counts as a year. They rank
counties; `bptm program outages` makes indices.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np

from bptm.program.county_shapes import counties_at
from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout, RowRule, matched, plain
from bptm.program.rows import Source, header_of, read_table
from bptm.program.states import ABBREVIATIONS, STATES, fips_of
from bptm.terms.refusals import Refused, Unmet

HOURS_PER_YEAR = 8766.0
"""Of the mean year."""


class Record(Enum):
    """Kinds of record."""

    MAJOR = "major disturbances by state"
    EAGLE_I = "EAGLE-I, customers out by county"
    MAP = "outage map record"


MAJOR = Layout(
    name=Record.MAJOR.value,
    columns=(
        Column(name="state", also=("POSTAL.CODE", "STATE"), value_needed=True),
        Column(name="year", also=("YEAR",), kind=Kind.WHOLE, value_needed=True, low=1900, high=2200),
        Column(name="duration_min", also=("OUTAGE.DURATION",), kind=Kind.NUMBER, low=0),
        Column(name="customers", also=("CUSTOMERS.AFFECTED",), kind=Kind.NUMBER, low=0),
        Column(name="served", also=("TOTAL.CUSTOMERS",), kind=Kind.NUMBER, low=1),
        Column(name="cause", also=("CAUSE.CATEGORY",), needed=False),
    ),
)
EAGLE_I = Layout(
    name=Record.EAGLE_I.value,
    columns=(
        Column(name="fips", also=("fips_code", "fips"), value_needed=True),
        Column(name="counted_at", also=("run_start_time",), kind=Kind.TIME, value_needed=True),
        Column(name="customers", also=("customers_out", "sum"), kind=Kind.NUMBER, low=0),
        Column(name="served", also=("total_customers",), kind=Kind.NUMBER, needed=False, low=0),
    ),
)
MAP = Layout(
    name=Record.MAP.value,
    columns=(
        Column(name="customers", also=("customers_max",), kind=Kind.NUMBER, value_needed=True, low=0),
        Column(name="start", also=("start_utc",), kind=Kind.TIME, value_needed=True),
        Column(name="seen", also=("last_seen_utc",), kind=Kind.TIME, value_needed=True),
        Column(name="lat", also=("lat", "latitude"), kind=Kind.NUMBER, value_needed=True, low=-90, high=90),
        Column(name="lon", also=("lon", "longitude"), kind=Kind.NUMBER, value_needed=True, low=-180, high=180),
    ),
    rules=(RowRule(wrong_when="seen < start", reason="'it was last seen before it started'"),),
)
LAYOUTS = {Record.EAGLE_I: EAGLE_I, Record.MAP: MAP, Record.MAJOR: MAJOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Hours without supply per customer and year.

    Attributes:
        record: Which kind of record it comes from.
        by_county: By FIPS code, where the record is of counties.
        by_state: By two letters, where it is of states.
        source: The file.
        query: How the figure was formed.
        notes: What a reader should know.
    """

    record: Record
    by_county: Mapping[str, float]
    by_state: Mapping[str, float]
    source: Source
    query: str
    notes: tuple[str, ...]


def read_history(
    tables: Tables, path: Path, customers: Mapping[str, float], refused_to: Path | None = None
) -> History | Refused:
    """The outage history that a file of any of the three kinds holds.

    Args:
        tables: The engine.
        path: The file.
        customers: Customers (or households) of each county, for records that give none.
        refused_to: Where refused rows are written.
    """
    header = header_of(tables, path)
    if isinstance(header, Refused):
        return header
    record = _kind_of(header)
    if record is None:
        return Refused(unmet=(_unknown(path, header),))
    source = read_table(tables, path, LAYOUTS[record], "history", refused_to)
    if isinstance(source, Refused):
        return source
    form: dict[Record, Callable[[Tables, Source, Mapping[str, float]], History]] = {
        Record.MAJOR: _major,
        Record.EAGLE_I: _eagle_i,
        Record.MAP: _map,
    }
    return form[record](tables, source, customers)


def _kind_of(header: list[str]) -> Record | None:
    return next((kind for kind, layout in LAYOUTS.items() if isinstance(matched(layout, header, ""), dict)), None)


def _unknown(path: Path, header: list[str]) -> Unmet:
    """A table that is none of the three; the one it resembles most is named with what it lacks."""
    here = {plain(name) for name in header}

    def shared(layout: Layout) -> int:
        return sum(any(plain(name) in here for name in column.names()) for column in layout.columns)

    kind = max(LAYOUTS, key=lambda record: shared(LAYOUTS[record]))
    lacks = matched(LAYOUTS[kind], header, path.name)
    assert isinstance(lacks, tuple)
    said = "; ".join(f"{fault.element.rpartition('column ')[2]}: {fault.found}" for fault in lacks)
    return Unmet(
        element=f"{path.name}: an outage record",
        found=f"none of its kinds; nearest is {kind.value}, which lacks {said}",
        needs=", or ".join(record.value for record in LAYOUTS),
        remedy="Rename the columns, or name the right file.",
    )


def _notes(source: Source) -> list[str]:
    return [source.sentence()] if source.rows_refused else []


_MAJOR_SQL = """
SELECT upper(state) AS state, sum(customers * duration_min / 60) / avg(served)
       / (SELECT max(year) - min(year) + 1 FROM history) AS hours
FROM history WHERE customers IS NOT NULL AND duration_min IS NOT NULL AND served IS NOT NULL GROUP BY 1"""


def _major(tables: Tables, source: Source, customers: Mapping[str, float]) -> History:
    del customers  # the record gives its own
    hours = {str(state): float(value) for state, value in tables.rows(_MAJOR_SQL)}
    (partial,) = tables.row(
        "SELECT count(*) FROM history WHERE customers IS NULL OR duration_min IS NULL OR served IS NULL"
    )
    notes = _notes(source)
    if partial:
        notes.append(f"{source.path.name}: {partial:,} disturbances without customers or duration are not counted.")
    notes.append("Outage history is the state's figure: counties of one state do not differ in it.")
    return History(
        record=Record.MAJOR,
        by_county={},
        by_state={state: value for state, value in hours.items() if state in ABBREVIATIONS},
        source=source,
        query=" ".join(_MAJOR_SQL.split()),
        notes=tuple(notes),
    )


_EAGLE_SQL = """
SELECT fips, sum(customers) * 0.25 AS customer_hours, max(served) AS served FROM history
WHERE customers IS NOT NULL GROUP BY fips"""


def _eagle_i(tables: Tables, source: Source, customers: Mapping[str, float]) -> History:
    span = max(
        HOURS_PER_YEAR,
        tables.row("SELECT epoch(max(counted_at) - min(counted_at)) / 3600 + 0.25 FROM history")[0] or 0.0,
    )
    hours: dict[str, float] = {}
    strange = 0
    for text, customer_hours, served in tables.rows(_EAGLE_SQL):
        fips = fips_of(str(text))
        count = served or (customers.get(fips) if fips else None)
        if fips is None or not count:
            strange += 1
            continue
        # One file may write a county's code with its leading zero and without: both are the county.
        hours[fips] = hours.get(fips, 0.0) + float(customer_hours) / count / (span / HOURS_PER_YEAR)
    notes = _notes(source)
    if strange:
        notes.append(f"{source.path.name}: {strange:,} counties are unknown or have no customers to divide by.")
    return History(
        record=Record.EAGLE_I,
        by_county=hours,
        by_state={},
        source=source,
        query=f"{' '.join(_EAGLE_SQL.split())}; divided by customers and by {span / HOURS_PER_YEAR:.3g} years",
        notes=tuple(notes),
    )


_MAP_SQL = """
SELECT lon, lat, sum(customers * epoch(seen - start) / 3600) AS customer_hours FROM history GROUP BY lon, lat"""


def _map(tables: Tables, source: Source, customers: Mapping[str, float]) -> History:
    span = max(HOURS_PER_YEAR, tables.row("SELECT epoch(max(seen) - min(start)) / 3600 FROM history")[0] or 0.0)
    points = tables.rows(_MAP_SQL)
    lon, lat = (np.array([float(point[at]) for point in points]) for at in (0, 1))
    total: dict[str, float] = {}
    outside = 0
    for fips, point in zip(counties_at(lon, lat), points, strict=True):
        if fips:
            total[fips] = total.get(fips, 0.0) + float(point[2])
        outside += not fips
    notes = _notes(source)
    if outside:
        notes.append(f"{source.path.name}: {outside:,} places lie in no county (at sea, or not in this country).")
    without = [fips for fips in total if not customers.get(fips)]
    if without:
        notes.append(
            f"{len(without):,} counties of the record have no customers to divide by; their history is missing."
        )
    return History(
        record=Record.MAP,
        by_county={
            fips: hours / customers[fips] / (span / HOURS_PER_YEAR)
            for fips, hours in total.items()
            if customers.get(fips)
        },
        by_state={},
        source=source,
        query=f"{' '.join(_MAP_SQL.split())}; summed by the county around the point, divided by customers and by "
        f"{span / HOURS_PER_YEAR:.3g} years",
        notes=tuple(notes),
    )


def history_of(history: History, fips: str) -> float | None:
    """A county's hours out per customer and year; None when the record does not say."""
    return history.by_county.get(fips, history.by_state.get(STATES.get(fips[:2], "")))
