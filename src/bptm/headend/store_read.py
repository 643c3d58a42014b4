"""What people and the twin's final summary read from the store."""

from dataclasses import dataclass
from itertools import groupby

from bptm.headend.columns import VALUE_TYPES
from bptm.headend.database import Database
from bptm.headend.desk import MeterEvent, TrendPoint
from bptm.operations.fleet import fed_seconds
from bptm.terms import core_codes as c
from bptm.terms.codes import Cause, Event, Mode
from bptm.terms.core_codes import TICKS_PER_S

TREND_POINTS_MAX = 600
"""More points than a chart has pixels say nothing."""

_EVENT_NAMES = tuple(name for name in VALUE_TYPES if name not in {"kind", "tick", "code", "cause", "mode_before"})
_TREND_NAMES = (
    "utility_l1_v", "utility_l2_v", "bus_l1_v", "bus_l2_v", "inlet_l1_v", "inlet_l2_v", "l1_a", "l2_a", "premise_w",
    "utility_hz", "inlet_hz", "fed_by", "mode",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTotals:
    """Fleet counts and energy in one hour of event time."""

    hour_s: int
    messages: int
    readings: int
    readings_on_utility: int
    readings_on_backup: int
    readings_dark: int
    events: int
    transfers: int
    energy_wh: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTotals:
    """The stored side of the twin's final object."""

    messages_stored: int
    messages_duplicated: int
    meters: dict[str, tuple[int, int]]
    """Dark and backup seconds of each meter that reported a change of supply, by its own events."""


async def events_of(database: Database, meter_no: int, event_start_s: int, limit: int) -> list[MeterEvent]:
    """Stored events of a meter, newest first.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    names = ", ".join(_EVENT_NAMES)
    rows = await database.rows(
        f"select tick, code, cause, mode_before, {names} from event "  # noqa: S608 (names of our own)
        "where meter_no = $1 order by at desc, event_no desc limit $2",
        meter_no,
        limit,
    )
    return [
        MeterEvent(
            at_s=event_start_s + row["tick"] // TICKS_PER_S,
            event=Event(row["code"]),
            cause=Cause(row["cause"]),
            mode_before=Mode(row["mode_before"]),
            mode=Mode(row["mode"]),
            values={name: float(row[name]) for name in _EVENT_NAMES},
        )
        for row in rows
    ]


async def trend_of(database: Database, meter_no: int, from_s: int, until_s: int) -> list[TrendPoint]:
    """Readings and events of a meter between two instants, oldest first, thinned evenly to what a chart can show.

    Events belong to it: between two rows, five minutes apart, they are where the voltages changed.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    names = ", ".join(_TREND_NAMES)
    window = "meter_no = $1 and at >= to_timestamp($2) and at <= to_timestamp($3)"
    rows = await database.rows(
        f"with points as (select at, seq, tick, {names} from reading where {window} "  # noqa: S608 (names of our own)
        f"union all select at, seq, tick, {names} from event where {window}), "
        "numbered as (select *, row_number() over (order by tick, seq) as place, count(*) over () as points "
        "from points) "
        f"select extract(epoch from at)::bigint as at_s, {names} from numbered "
        "where place % greatest(1, (points + $4 - 1) / $4) = 0 or place = points order by place",
        meter_no,
        float(from_s),
        float(until_s),
        TREND_POINTS_MAX,
    )
    return [TrendPoint(at_s=row["at_s"], values={name: float(row[name]) for name in _TREND_NAMES}) for row in rows]


async def hours_of(database: Database) -> list[HourTotals]:
    """The hourly roll-up of the fleet, oldest first.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    rows = await database.rows("select *, extract(epoch from hour)::bigint as hour_s from hourly order by hour")
    energies = [name for name in VALUE_TYPES if name.endswith("_mwticks")]
    mwticks_a_wh = 1000 * 3600 * TICKS_PER_S
    return [
        HourTotals(
            hour_s=row["hour_s"],
            messages=row["messages"],
            readings=row["readings"],
            readings_on_utility=row["readings_on_utility"],
            readings_on_backup=row["readings_on_backup"],
            readings_dark=row["readings_dark"],
            events=row["events"],
            transfers=row["transfers"],
            energy_wh={name.removesuffix("_mwticks") + "_wh": float(row[name]) / mwticks_a_wh for name in energies},
        )
        for row in rows
    ]


async def totals_of(database: Database, event_start_s: int, end_s: int) -> StoredTotals:
    """What is stored of the whole event, counted from the tables and from nothing else.

    Raises:
        StoreUnavailableError: PostgreSQL is gone.
    """
    async with database.transaction() as transaction:
        await transaction.execute("set transaction isolation level repeatable read, read only")
        counted = await transaction.rows(
            "select coalesce(sum(copies), 0)::bigint as stored, coalesce(sum(copies - 1), 0)::bigint as duplicated "
            "from (select count(*) as copies from message group by meter_no, seq) as one"
        )
        changes = await transaction.rows(
            "select meter_id, tick, fed_by from event join registry using (meter_no) "
            "where code = $1 order by meter_no, event_no",
            c.EVENT_FED_BY_CHANGED,
        )
    meters = {
        meter_id: fed_seconds([(event_start_s + row["tick"] // TICKS_PER_S, row["fed_by"]) for row in rows], end_s)
        for meter_id, rows in groupby(changes, key=lambda row: str(row["meter_id"]))
    }
    return StoredTotals(
        messages_stored=counted[0]["stored"], messages_duplicated=counted[0]["duplicated"], meters=meters
    )
