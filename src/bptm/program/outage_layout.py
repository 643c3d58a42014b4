"""What an outage list and a list of snapshots hold, and how a utility's own export is mapped to it.

A mapping is a TOML file: the export's column names, its time zone and time form, which causes are planned, and whether
rows of one outage are steps of its restoration or states of the whole. All faults of one are named at once.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bptm.program.layout import Column, Kind, Layout, RowRule, nearest
from bptm.terms.refusals import Refused, Unmet

BYTES_MAX = 1_000_000

SHUTOFF_WORDS = ("psps", "public safety power shutoff", "safety shutoff")
"""Causes, in any case, that mean a planned shutoff for safety."""

PLANNED_WORDS = ("scheduled", "planned", "planned outage", "maintenance")
"""Causes that mean other planned work."""

LIST_COLUMNS = (
    Column(name="outage", also=("outage", "outage_id", "incident", "incident_id", "event_id"), needed=False),
    Column(name="start_utc", also=("start_utc", "start", "off_time"), kind=Kind.TIME, value_needed=True),
    Column(name="end_utc", also=("last_seen_utc", "end_utc", "end", "restored_utc"), kind=Kind.TIME, value_needed=True),
    Column(
        name="customers_count",
        also=("customers_max", "customers", "customers_affected"),
        kind=Kind.WHOLE,
        low=0,
        high=1e9,
        value_needed=True,
    ),
    Column(name="customers_least_count", also=("customers_min",), kind=Kind.WHOLE, needed=False, low=0),
    Column(name="cause", also=("cause", "cause_code"), needed=False),
    Column(name="place", also=("region", "circuit", "feeder", "place", "city"), needed=False),
    Column(name="premise", also=("premise", "premise_id", "customer_id", "meter"), needed=False),
)

LIST_RULES = (
    RowRule(
        wrong_when="end_utc < start_utc",
        reason="'it ends at ' || end_utc || ', before it starts at ' || start_utc || ' (local times in the hour after "
        "summer time ends do this: give the times in UTC)'",
    ),
    RowRule(
        wrong_when="customers_least_count > customers_count",
        reason="'its least customers ' || customers_least_count || ' are more than its most ' || customers_count",
    ),
)

SNAPSHOTS = Layout(
    name="snapshots",
    columns=(
        Column(name="at_utc", also=("snapshot_utc", "at_utc", "time"), kind=Kind.TIME, value_needed=True),
        Column(name="customers_out", also=("customers_out", "customers"), kind=Kind.WHOLE, low=0, value_needed=True),
        Column(
            name="shutoff_out",
            also=("psps_customers_out", "shutoff_customers_out"),
            kind=Kind.WHOLE,
            low=0,
            needed=False,
        ),
    ),
    rules=(
        RowRule(
            wrong_when="shutoff_out > customers_out",
            reason="'shutoff customers ' || shutoff_out || ' are more than all customers out ' || customers_out",
        ),
    ),
)


class Repeated(Enum):
    """What several rows with the same outage number are."""

    STATES = "states"
    """The same outage as seen more than once: where they overlap, its extent and its most customers count."""
    STEPS = "steps"
    """Groups of its customers, each restored at its own time: all count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForm:
    """How one file of outages is to be read.

    Attributes:
        layout: Its columns under their names in the file.
        zone: Time zone of its local times.
        shutoff_words: Causes of safety shutoffs, in lower case.
        planned_words: Causes of other planned work, in lower case.
        repeated: What rows with the same outage number are.
        end_late_s: How much later than the recorded end supply may have returned.
        mapped: True when a mapping gave it.
    """

    layout: Layout
    zone: str
    shutoff_words: tuple[str, ...]
    planned_words: tuple[str, ...]
    repeated: Repeated
    end_late_s: float
    mapped: bool


MAP_RECORD = ListForm(
    layout=Layout(name="outage list", columns=LIST_COLUMNS, rules=LIST_RULES),
    zone="UTC",
    shutoff_words=SHUTOFF_WORDS,
    planned_words=PLANNED_WORDS,
    repeated=Repeated.STATES,
    # The map was read every ten minutes: an outage last seen at 12:00 was over at some time before 12:10.
    end_late_s=600.0,
    mapped=False,
)
"""The record of an outage map, and any list with such column names."""

_KEYS = ("zone", "time_form", "shutoff_causes", "planned_causes", "repeated", "end_late_s", "columns")


def read_mapping(path: Path) -> ListForm | Refused:
    """The form that a mapping file describes, or everything that is wrong with it."""
    try:
        raw = path.read_bytes()[: BYTES_MAX + 1]
        table = tomllib.loads(raw.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = (error.strerror or "it cannot be read") if isinstance(error, OSError) else str(error)
        return Refused(unmet=(_fault(str(path), why, "a column mapping in TOML", "Name a readable mapping."),))
    return mapping_from(table, path.name)


def mapping_from(table: Mapping[str, object], where: str) -> ListForm | Refused:
    """The form that a mapping's content describes."""
    faults = [_unknown(where, key, _KEYS) for key in table if key not in _KEYS]
    columns = _texts_of(table.get("columns", {}))
    zone = str(table.get("zone", ""))
    faults += _column_faults(where, columns) + _zone_faults(where, zone)
    repeated = str(table.get("repeated", Repeated.STEPS.value))
    if repeated not in {kind.value for kind in Repeated}:
        faults.append(
            _fault(f"{where}: repeated", repr(repeated), "steps or states", "Say what rows of one outage number are.")
        )
    late = table.get("end_late_s", 0.0)
    if isinstance(late, bool) or not isinstance(late, int | float) or not 0 <= late <= 86_400:  # noqa: PLR2004 (a day)
        faults.append(_fault(f"{where}: end_late_s", repr(late), "0 to 86400 seconds", "Correct the number."))
        late = 0.0
    words: dict[str, tuple[str, ...]] = {}
    for key, shipped in (("shutoff_causes", SHUTOFF_WORDS), ("planned_causes", PLANNED_WORDS)):
        given = _words(table.get(key, list(shipped)))
        if given is None:
            faults.append(_fault(f"{where}: {key}", repr(table[key])[:60], "a list of texts", 'Write ["A", "B"].'))
        words[key] = given or ()
    if faults:
        return Refused(unmet=tuple(faults))
    return ListForm(
        layout=_layout(columns, zone, str(table.get("time_form", ""))),
        zone=zone,
        shutoff_words=words["shutoff_causes"],
        planned_words=words["planned_causes"],
        repeated=Repeated(repeated),
        end_late_s=float(late),
        mapped=True,
    )


def _layout(columns: Mapping[str, str], zone: str, form: str) -> Layout:
    mapped = tuple(
        replace(
            column,
            also=(columns[column.name],) if column.name in columns else (),
            needed=column.needed or column.name in columns,
            zone=zone,
            form=form if column.kind is Kind.TIME else "",
        )
        for column in LIST_COLUMNS
    )
    return Layout(name="outage list", columns=mapped, rules=LIST_RULES)


def _column_faults(where: str, columns: Mapping[str, str]) -> list[Unmet]:
    known = tuple(column.name for column in LIST_COLUMNS)
    faults = [_unknown(f"{where}: columns", key, known) for key in columns if key not in known]
    needed = [column.name for column in LIST_COLUMNS if column.needed and column.name not in columns]
    faults += [
        _fault(f"{where}: columns.{name}", "nothing", "the export's column", f'Add {name} = "..." under [columns].')
        for name in needed
    ]
    return faults


def _zone_faults(where: str, zone: str) -> list[Unmet]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest((zone,), sorted(available_timezones())) if zone else ""
        remedy = f"Did you mean {near}?" if near else "Use an IANA name such as America/New_York."
        return [_fault(f"{where}: zone", repr(zone) if zone else "nothing", "a time zone's IANA name", remedy)]
    return []


def _texts_of(given: object) -> dict[str, str]:
    return (
        {key: str(value) for key, value in cast("dict[str, object]", given).items()} if isinstance(given, dict) else {}
    )


def _words(given: object) -> tuple[str, ...] | None:
    if not isinstance(given, list):
        return None
    items = cast("list[object]", given)
    return (
        tuple(item.casefold() for item in items if isinstance(item, str))
        if all(isinstance(item, str) for item in items)
        else None
    )


def _unknown(where: str, key: str, known: tuple[str, ...]) -> Unmet:
    near = nearest((key,), known)
    return _fault(
        f"{where}: {key}", "an unknown key", ", ".join(known), f"Did you mean {near}?" if near else "Remove it."
    )


def _fault(element: str, found: str, needs: str, remedy: str) -> Unmet:
    return Unmet(element=element, found=found, needs=needs, remedy=remedy)
