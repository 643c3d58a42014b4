"""What the programme has done: installs, transfers, customer-minutes on backup, incidents, answers, target and actual.

Reads exports, never another host's code: the head-end's chained events (`GET /api/v1/chain/export`), installs and
survey answers as tables. "Net" minutes are ours and no IEEE index.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from bptm.operations.event_chain import Verdict, verify_events
from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout
from bptm.program.rows import Source, read_table
from bptm.terms import core_codes as c
from bptm.terms.refusals import Refused, Unmet

EVENTS_BYTES_MAX = 2_000_000_000
INCIDENTS = {
    "backfeed detected or refused": (c.CAUSE_BACKFEED, c.CAUSE_UTILITY_FOLLOWS_BUS, c.CAUSE_FOLLOWED_REPEATEDLY),
    "welded or stuck contacts": (
        c.CAUSE_B_WELDED, c.CAUSE_U_FAILED_TO_OPEN, c.CAUSE_B_FAILED_TO_OPEN, c.CAUSE_CONTACT_UNKNOWN,
    ),
    "broken neutral": (c.CAUSE_PREMISE_NEUTRAL, c.CAUSE_BACKUP_NEUTRAL),
    "wrong legs of the source": (c.CAUSE_BACKUP_LEGS_WRONG,),
    "load-side source or reverse power": (c.CAUSE_LOAD_SIDE_SOURCE, c.CAUSE_REVERSE_POWER),
    "overload": (c.CAUSE_OVERLOAD, c.CAUSE_OVERLOAD_REPEATED),
    "hot or unmated inlet": (c.CAUSE_INLET_HOT, c.CAUSE_INLET_UNMATED),
}  # fmt: skip
"""Causes of changes of mode that count as an incident, by what was prevented or found."""

INSTALLS = Layout(
    name="installs",
    columns=(
        Column(name="meter", also=("meter", "meter_id"), value_needed=True),
        Column(name="installed_utc", also=("installed_at", "installed_utc"), kind=Kind.TIME, value_needed=True),
        Column(name="minutes", also=("minutes", "install_minutes"), kind=Kind.NUMBER, low=0, high=2880, needed=False),
    ),
)
SURVEY = Layout(
    name="survey answers",
    columns=(
        Column(name="answered_utc", also=("answered_at", "answered_utc"), kind=Kind.TIME, value_needed=True),
        Column(name="question", value_needed=True),
        Column(name="score", kind=Kind.WHOLE, low=1, high=5, value_needed=True),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """An export of the head-end's chained events and what its chain says."""

    path: Path
    events: Sequence[Mapping[str, Any]]
    verdict: Verdict


def questions() -> dict[str, str]:
    """The survey instrument: each question by its name."""
    text = (files("bptm.program") / "data" / "survey.toml").read_text(encoding="utf-8")
    return cast("dict[str, str]", tomllib.loads(text)["questions"])


def read_events(path: Path) -> Events | Refused:  # noqa: PLR0911 - one a fault
    """The events of an export; a broken chain is no refusal, since it is what a dossier must show."""
    try:
        if path.stat().st_size > EVENTS_BYTES_MAX:
            return _no(path, f"more than {EVENTS_BYTES_MAX:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return _no(path, error.strerror or "it cannot be read")
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return _no(path, f"no JSON ({error})")
    events = content.get("events") if isinstance(content, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):  # pyright: ignore[reportUnknownVariableType]
        return _no(path, 'no list "events"')
    export = cast("dict[str, Any]", content)
    listed = cast("list[dict[str, Any]]", events)
    needed = {"event_no", "meter_id", "at_s", "cause", "code", "mode", "fed_by", "transfers"}
    for at, event in enumerate(listed, 1):
        lacks = sorted(needed - event.keys())
        if lacks:
            return _no(path, f"event {at} has no {', '.join(lacks)}")
        wrong = [name for name in sorted(needed - {"meter_id"}) if not isinstance(event[name], int | float)]
        if wrong:
            return _no(path, f"event {at} has no number for {', '.join(wrong)}")
    verdict = verify_events(listed, export.get("head_event_no"), export.get("head"))
    return Events(path=path, events=listed, verdict=verdict)


def _no(path: Path, found: str) -> Refused:
    fault = Unmet(
        element=str(path),
        found=found,
        needs="the head-end's export of events",
        remedy="Save GET /api/v1/chain/export to a file, and name it.",
    )
    return Refused(unmet=(fault,))


def backup_minutes(events: Sequence[Mapping[str, Any]]) -> tuple[float, int]:
    """Customer-minutes on backup, and how many stretches were still open at a meter's last event.

    A stretch begins with an event that shows the backup feeding the premise and ends with the next that shows another;
    one that is still open counts up to the meter's last event, and no further.
    """
    since: dict[str, float] = {}
    last: dict[str, float] = {}
    total_s = 0.0
    for event in events:
        meter, at_s = str(event["meter_id"]), float(event["at_s"])
        if event["fed_by"] == c.FED_BY_BACKUP:
            since.setdefault(meter, at_s)
        elif meter in since:
            total_s += max(at_s - since.pop(meter), 0.0)
        last[meter] = at_s
    total_s += sum(max(last[meter] - begun, 0.0) for meter, begun in since.items())
    return total_s / 60, len(since)


def incidents(events: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Changes of mode with a cause that counts as an incident, by kind."""
    return {
        words: [event for event in events if event["code"] == c.EVENT_MODE_CHANGED and event["cause"] in causes]
        for words, causes in INCIDENTS.items()
    }


def transfers_count(events: Sequence[Mapping[str, Any]]) -> int:
    """Changes of mode to backup that the meters reported."""
    return sum(event["code"] == c.EVENT_MODE_CHANGED and event["mode"] == c.MODE_ON_BACKUP for event in events)


def results_from(  # noqa: PLR0913, PLR0917 - one a record that may be missing
    tables: Tables,
    events: Events | None,
    installs: Path | None,
    survey: Path | None,
    targets: Mapping[str, float],
    served_count: float | None,
) -> dict[str, object] | Refused:
    """The result object; what nobody gave is null with its reason."""
    reasons: dict[str, str] = {}
    read: list[Source] = []
    faults: list[Unmet] = []
    found: dict[str, object] = {}
    for name, path, layout, count in (
        ("installs", installs, INSTALLS, _installs),
        ("survey", survey, SURVEY, _survey),
    ):
        found[name] = None
        if path is None:
            reasons[name] = f"give --{name} FILE"
            continue
        source = read_table(tables, path, layout, name)
        if isinstance(source, Refused):
            faults += source.unmet
            continue
        read.append(source)
        found[name] = count(tables)
    if faults:
        return Refused(unmet=tuple(faults))
    found["events"] = _of_events(events, served_count) if events else None
    if events is None:
        reasons["events"] = "give --events FILE, the head-end's export"
    installed = cast("dict[str, Any]", found["installs"] or {}).get("meters")
    seen = cast("dict[str, Any]", found["events"] or {})
    actual = {
        "installs": installed,
        "transfers": seen.get("transfers"),
        "customer_minutes_on_backup": seen.get("customer_minutes_on_backup"),
    }
    found["targets"] = {
        name: {
            "target": target,
            "actual": actual[name],
            "reached_fraction": _share(actual[name], target),
        }
        for name, target in targets.items()
    }
    found["rows_read"] = sum(source.rows_read for source in read)
    found["rows_refused"] = sum(source.rows_refused for source in read)
    found["notes"] = [source.sentence() for source in read if source.rows_refused]
    found["reasons"] = reasons
    return found


def _share(actual: float | None, target: float) -> float | None:
    return None if actual is None else actual / target


def _of_events(events: Events, served_count: float | None) -> dict[str, object]:
    minutes, still_open = backup_minutes(events.events)
    return {
        "chain_holds": not events.verdict.fault,
        "chain_fault": events.verdict.fault,
        "chain_events": events.verdict.events_count,
        "chain_head": events.verdict.head,
        "meters": len({str(event["meter_id"]) for event in events.events}),
        "transfers": transfers_count(events.events),
        "customer_minutes_on_backup": minutes,
        "stretches_still_open": still_open,
        "net_saidi_minutes_ours": minutes / served_count if served_count else None,
        "net_saidi_about": "minutes per customer served that meters of the programme kept homes supplied: our own "
        "figure, to be set beside SAIDI; no IEEE index",
        "incidents": {
            words: {"events": len(part), "meters": len({str(event["meter_id"]) for event in part})}
            for words, part in incidents(events.events).items()
        },
    }


def _installs(tables: Tables) -> dict[str, object]:
    meters, rows, timed, median, slow = tables.row(
        "SELECT count(DISTINCT meter), count(*), count(minutes), median(minutes), quantile_cont(minutes, "
        "0.9) FROM installs"
    )
    by_month = tables.rows(
        "SELECT strftime(installed_utc, '%Y-%m'), count(DISTINCT meter), median(minutes) FROM installs "
        "GROUP BY 1 ORDER BY 1"
    )
    return {
        "meters": meters,
        "rows": rows,
        "timed": timed,
        "minutes_median": median,
        "minutes_90": slow,
        "by_month": [{"month": month, "meters": count, "minutes_median": middle} for month, count, middle in by_month],
    }


def _survey(tables: Tables) -> dict[str, object]:
    known = questions()
    rows = tables.rows(
        "SELECT strftime(answered_utc, '%Y-%m'), question, count(*), avg(score), avg((score >= 4)::INT) FROM survey "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
    unknown = sorted({str(question) for _month, question, *_ in rows} - known.keys())
    return {
        "by_month": [
            {"month": month, "question": question, "answers": count, "mean_score": mean, "agree_fraction": agree}
            for month, question, count, mean, agree in rows
            if question in known
        ],
        "questions": known,
        "unknown_questions": unknown,
    }
