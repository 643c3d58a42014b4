"""The tables that a report is filled from, each a file; what was not given is absent, never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bptm.program.duck import Tables, named
from bptm.program.layout import Column, Kind, Layout, RowRule
from bptm.program.rows import Source, read_table
from bptm.terms.refusals import Refused, Unmet

_CIRCUIT = Column(name="circuit", also=("circuit_id", "feeder"), value_needed=True)
_PREMISE = Column(name="premise_id", also=("premise", "service_point_id"), value_needed=True)


def _flag(name: str, *also: str) -> Column:
    return Column(name=name, also=also, kind=Kind.FLAG, needed=False)


def _time(name: str, *also: str, needed: bool = False) -> Column:
    return Column(name=name, also=also, kind=Kind.TIME, needed=needed, value_needed=needed)


def _amount(name: str, *also: str) -> Column:
    return Column(name=name, also=also, kind=Kind.NUMBER, needed=False, low=0)


LAYOUTS: dict[str, Layout] = {
    "outages": Layout(
        name="outages",
        columns=(
            _CIRCUIT,
            _time("deenergised_at", "deenergized_at", "start", "off_at", needed=True),
            _time("all_clear_at"),
            _time("patrol_started_at", "patrol_at"),
            _time("restored_at", "end", "on_at"),
            Column(name="cause", also=("kind",), needed=False),
            _amount("line_miles", "miles"),
            Column(name="damage_count", also=("damage",), kind=Kind.WHOLE, needed=False, low=0),
        ),
        rules=(
            RowRule(
                wrong_when="restored_at < deenergised_at",
                reason="'restored ' || restored_at || ' before it was de-energised ' || deenergised_at",
            ),
        ),
    ),
    "customers": Layout(
        name="customers",
        columns=(
            _PREMISE,
            _CIRCUIT,
            Column(name="customer_type", also=("type", "class"), needed=False),
            _flag("medical_baseline", "mbl", "medical"),
            _flag("access_need", "afn"),
            _flag("critical_facility", "critical"),
            _flag("low_income", "care"),
            _flag("has_bptm", "bptm"),
            Column(name="fire_threat_tier", also=("hftd", "hftd_tier"), needed=False),
            Column(name="shutoffs_count", also=("psps_count",), kind=Kind.WHOLE, needed=False, low=0),
        ),
    ),
    "notifications": Layout(
        name="notifications",
        columns=(
            _CIRCUIT,
            Column(name="kind", also=("type", "stage"), needed=False),
            _time("sent_at", "sent", needed=True),
            _flag("delivered", "success"),
        ),
    ),
    "backup": Layout(
        name="times on backup",
        columns=(
            _PREMISE,
            _time("from_at", "on_backup_from", "start", needed=True),
            _time("to_at", "on_backup_to", "end"),
        ),
        rules=(RowRule(wrong_when="to_at < from_at", reason="'ends ' || to_at || ' before it begins ' || from_at"),),
    ),
    "energy": Layout(
        name="energy registers",
        columns=(
            _PREMISE,
            _amount("utility_in_kwh", "delivered_kwh", "from_utility_kwh"),
            _amount("utility_out_kwh", "received_kwh", "export_kwh"),
            _amount("backup_kwh"),
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The tables read, by name; each has the columns that its file had."""

    sources: Mapping[str, Source]

    def has(self, dotted: str) -> bool:
        """Whether `table.column` was given."""
        table, _, column = dotted.partition(".")
        return table in self.sources and column in self.sources[table].columns

    def versions(self, tables: frozenset[str]) -> str:
        """File and version of each of these tables that was given."""
        said = [f"{name}: {one.path.name} ({one.version})" for name, one in self.sources.items() if name in tables]
        return "; ".join(said)


def read_inputs(tables: Tables, given: Mapping[str, Path], refused_to: Path | None) -> Inputs | Refused:
    """Reads what was given; refused rows of each table go to a file of its own beside `refused_to`."""
    sources: dict[str, Source] = {}
    faults: list[Unmet] = []
    for name, layout in LAYOUTS.items():
        if name not in given:
            # Absent tables exist empty, so that a query that only touches them in passing can still be read.
            columns = ", ".join(f"NULL::{column.kind.value} AS {named(column.name)}" for column in layout.columns)
            tables.run(f"CREATE OR REPLACE TABLE {named(name)} AS SELECT {columns} WHERE false")
            continue
        beside = None if refused_to is None else refused_to.with_name(f"{refused_to.stem}-{name}{refused_to.suffix}")
        read = read_table(tables, given[name], layout, name, beside)
        if isinstance(read, Refused):
            faults += read.unmet
        else:
            sources[name] = read
    return Refused(unmet=tuple(faults)) if faults else Inputs(sources=sources)
