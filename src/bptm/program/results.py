"""What the programme has done: installs, transfers, customer-minutes on backup, incidents, answers, target and actual.

Reads exports, never another host's code: the head-end's chained events (`event_export`), the report of a headless
replay, installs and survey answers as tables. "Net" minutes are ours and no IEEE index.
"""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from bptm.program.duck import Tables
from bptm.program.event_export import Events
from bptm.program.layout import Column, Kind, Layout
from bptm.program.rows import Source, read_table
from bptm.terms.refusals import Refused, Unmet

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


REPLAY_NUMBERS = ("meters", "transfers", "customer_minutes_dark", "customer_minutes_on_backup", "simulated_hours")
REPLAY_BYTES_MAX = 50_000_000
"""Of a replay's report; a larger file is another kind of file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be counted; each part may be missing.

    Attributes:
        events: The head-end's export, read.
        replay: Report of `bptm up --headless --json`.
        installs: Table of installations.
        survey: Table of answers.
        targets: What was aimed at, by the name of the actual figure.
        served_count: Customers served.
        refused_to: Where refused rows are written, a file for each table beside it.
    """

    events: Events | None = None
    replay: Path | None = None
    installs: Path | None = None
    survey: Path | None = None
    targets: Mapping[str, float] = field(default_factory=dict[str, float])
    served_count: float | None = None
    refused_to: Path | None = None


def questions() -> dict[str, str]:
    """The survey instrument: each question by its name."""
    text = (files("bptm.program") / "data" / "survey.toml").read_text(encoding="utf-8")
    return cast("dict[str, str]", tomllib.loads(text)["questions"])


def read_replay(path: Path) -> dict[str, Any] | Refused:
    """The report that `bptm up --headless --json` printed; simulated meters, which the result says."""
    try:
        if path.stat().st_size > REPLAY_BYTES_MAX:
            return _no_replay(path, f"more than {REPLAY_BYTES_MAX:,} bytes")
        content: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return _no_replay(path, error.strerror or "it cannot be read")
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return _no_replay(path, f"no JSON ({error})")
    if not isinstance(content, dict):
        return _no_replay(path, "no object")
    report = cast("dict[str, Any]", content)
    wrong = [name for name in REPLAY_NUMBERS if not _is_number(report.get(name))]
    if wrong:
        return _no_replay(path, f"no number for {', '.join(wrong)}")
    return report


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _no_replay(path: Path, found: str) -> Refused:
    fault = Unmet(
        element=str(path),
        found=found,
        needs="the report of a headless replay",
        remedy="Save what bptm up --headless --json prints to a file, and name it.",
    )
    return Refused(unmet=(fault,))


def results_from(tables: Tables, asked: Asked) -> dict[str, object] | Refused:
    """The result object; what nobody gave is null with its reason."""
    reasons: dict[str, str] = {}
    read: list[Source] = []
    faults: list[Unmet] = []
    found: dict[str, object] = {}
    for name, path, layout, count in (
        ("installs", asked.installs, INSTALLS, _installs),
        ("survey", asked.survey, SURVEY, _survey),
    ):
        found[name] = None
        if path is None:
            reasons[name] = f"give --{name} FILE"
            continue
        source = read_table(tables, path, layout, name, _beside(asked.refused_to, name))
        if isinstance(source, Refused):
            faults += source.unmet
            continue
        read.append(source)
        found[name] = count(tables)
    replay = read_replay(asked.replay) if asked.replay is not None else None
    if isinstance(replay, Refused):
        faults += replay.unmet
    if faults or isinstance(replay, Refused):
        return Refused(unmet=tuple(faults))
    found["events"] = _of_events(asked.events, asked.served_count) if asked.events else None
    if asked.events is None:
        reasons["events"] = "give --events FILE, the head-end's export"
    found["replay"] = None if replay is None else _of_replay(replay)
    if replay is None:
        reasons["replay"] = "give --replay FILE, what bptm up --headless --json printed"
    found["targets"] = _targets(asked.targets, found)
    found["rows_read"] = sum(source.rows_read for source in read)
    found["rows_refused"] = sum(source.rows_refused for source in read)
    found["files"] = [_file(source) for source in read]
    found["notes"] = [source.sentence() for source in read if source.rows_refused]
    found["reasons"] = reasons
    return found


def _beside(path: Path | None, name: str) -> Path | None:
    return None if path is None else path.with_name(f"{path.stem}-{name}{path.suffix}")


def _file(source: Source) -> dict[str, object]:
    return {
        "file": source.path.name,
        "version": source.version,
        "rows_read": source.rows_read,
        "rows_refused": source.rows_refused,
        "refused_file": str(source.refused_file) if source.refused_file else None,
    }


def _targets(targets: Mapping[str, float], found: Mapping[str, object]) -> dict[str, object]:
    """Target against actual; a replay's figures stand in where there are no real events, and say so."""
    events = cast("dict[str, Any] | None", found["events"])
    replay = cast("dict[str, Any] | None", found["replay"])
    seen = events or replay or {}
    basis = "events" if events else "replay" if replay else None
    actual = {
        "installs": (cast("dict[str, Any]", found["installs"] or {}).get("meters"), "installs"),
        "transfers": (seen.get("transfers"), basis),
        "customer_minutes_on_backup": (seen.get("customer_minutes_on_backup"), basis),
    }
    return {
        name: {
            "target": target,
            "actual": actual[name][0],
            "reached_fraction": _share(actual[name][0], target),
            "counted_from": actual[name][1] if actual[name][0] is not None else None,
        }
        for name, target in targets.items()
    }


def _of_replay(report: Mapping[str, Any]) -> dict[str, object]:
    kept = (*REPLAY_NUMBERS, "unsafe_seconds", "messages_lost", "messages_duplicated", "commands", "energy_wh")
    broken = report.get("law_violations")
    found: dict[str, object] = {name: report.get(name) for name in kept}
    return found | {
        "law_violations": len(cast("list[object]", broken)) if isinstance(broken, list) else None,
        "faults": report.get("faults"),
        "reconciled": report.get("reconciled"),
        "about": "simulated meters of a replay, no customer of anybody",
    }


def _share(actual: float | None, target: float) -> float | None:
    return None if actual is None else actual / target


def _of_events(events: Events, served_count: float | None) -> dict[str, object]:
    tally = events.tally
    minutes, still_open = tally.backup_minutes()
    return {
        "chain_holds": not events.verdict.fault,
        "chain_fault": events.verdict.fault,
        "chain_events": events.verdict.events_count,
        "chain_head": events.verdict.head,
        "meters": len(tally.meters),
        "transfers": tally.transfers_count,
        "customer_minutes_on_backup": minutes,
        "stretches_still_open": still_open,
        "net_saidi_minutes_ours": minutes / served_count if served_count else None,
        "net_saidi_about": "minutes per customer served that meters of the programme kept homes supplied: our own "
        "figure, to be set beside SAIDI; no IEEE index",
        "incidents": {
            words: {"events": count, "meters": len(meters)} for words, (count, meters) in tally.incidents.items()
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
