"""Programme results and an incident dossier as pages."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from bptm.program.page import Block, Facts, Mark, Note, Origin, Page, Section, Table, number
from bptm.program.results import INCIDENTS, Events
from bptm.terms.codes import Cause, Event, FedBy, Mode
from bptm.terms.core_report import FIELDS, MWTICKS_PER_WH

SHOWN_MAX = 500


def chain_words(events: Events) -> str:
    """What the chain says, in a sentence."""
    verdict = events.verdict
    if verdict.fault:
        return (
            f"THE CHAIN DOES NOT HOLD: {verdict.fault}. Only the {verdict.events_count:,} events before "
            "it are as stored; "
            "do not rest a decision on what follows."
        )
    return (
        f"The hash chain holds over all {verdict.events_count:,} events; its head is {verdict.head}. "
        "Compare that head with one "
        "published earlier: who can rewrite the whole chain is found out by nothing else."
    )


def _named(kind: Any, value: object) -> str:
    try:
        return str(kind(value).name).lower().replace("_", " ")
    except ValueError:
        return str(value)


def _at(event: Mapping[str, Any]) -> str:
    return dt.datetime.fromtimestamp(float(event["at_s"]), dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def results_page(result: Mapping[str, Any], events: Events | None, made_from: Sequence[str] = ()) -> Page:
    """The programme so far."""
    seen = cast("dict[str, Any]", result["events"] or {})
    installs = cast("dict[str, Any]", result["installs"] or {})
    blocks: list[Block] = [
        Facts(
            facts=[
                ("Meters installed", number(installs.get("meters"), 0), "distinct meters in the installs"),
                ("Median installation, minutes", number(installs.get("minutes_median"), 0), "of those with a time"),
                ("Transfers to backup", number(seen.get("transfers"), 0), "by the meters' events"),
                ("Customer-minutes on backup", number(seen.get("customer_minutes_on_backup"), 0), "our own figure"),
                (
                    "Net SAIDI, minutes (ours, not IEEE's)",
                    number(seen.get("net_saidi_minutes_ours"), 3),
                    "per customer served",
                ),
            ]
        ),
        *[Note(text=text) for text in result["notes"]],
    ]
    if events is not None:
        blocks.insert(0, Note(text=chain_words(events)))
    sections = [Section(title="In short", blocks=blocks)]
    if result["targets"]:
        rows = [
            (name.replace("_", " "), part["target"], part["actual"], part["reached_fraction"])
            for name, part in result["targets"].items()
        ]
        table = Table(caption="Target against actual", header=("What", "Target", "Actual", "Share reached"), rows=rows)
        sections.append(Section(title="Targets", blocks=[table]))
    if seen:
        kinds = [(words, part["events"], part["meters"]) for words, part in seen["incidents"].items()]
        table = Table(caption="Prevented or found", header=("Incident", "Events", "Meters"), rows=kinds)
        sections.append(Section(title="Incidents", blocks=[table]))
    if installs:
        months = [(part["month"], part["meters"], part["minutes_median"]) for part in installs["by_month"]]
        table = Table(caption="By month", header=("Month", "Meters", "Median minutes"), rows=months)
        sections.append(Section(title="Installs", blocks=[table]))
    survey = cast("dict[str, Any]", result["survey"] or {})
    if survey:
        answers = [
            (part["month"], survey["questions"][part["question"]], part["answers"], part["mean_score"],
             100 * part["agree_fraction"])
            for part in survey["by_month"]
        ]  # fmt: skip
        header = ("Month", "Question", "Answers", "Mean of 1 to 5", "% that agree (4 or 5)")
        table = Table(caption="Answers by month", header=header, rows=answers)
        sections.append(Section(title="What customers say", blocks=[table]))
    origins = [
        Origin(
            what="Installs and answers",
            source="the tables named in the command",
            query="counts, medians and means by month",
            mark=Mark.DERIVED,
        )
    ]
    if events is not None:
        origins.append(_origin(events))
    return Page(
        title="Programme results",
        lead="Installs, transfers, minutes on backup, incidents and answers, with what is not known said as such.",
        sections=sections,
        origins=origins,
        made_from=made_from,
    )


def dossier_page(events: Events, meter: str, made_from: Sequence[str] = ()) -> Page:
    """All that one meter measured, event by event, with the chain's verdict on its face."""
    own = [event for event in events.events if event["meter_id"] == meter]
    kinds = {cause: words for words, causes in INCIDENTS.items() for cause in causes}
    rows = [
        (
            int(event["event_no"]),
            _at(event),
            _named(Event, event["code"]),
            _named(Cause, event["cause"]),
            kinds.get(event["cause"], ""),
            _named(Mode, event["mode"]),
            _named(FedBy, event["fed_by"]),
        )
        for event in own[-SHOWN_MAX:]
    ]
    header = ("No.", "At (UTC)", "Event", "Cause", "Incident", "Mode", "Fed by")
    measured = [(name, type_, unit) for name, type_, unit, _ in FIELDS if unit in {"V", "A", "W", "Hz", "mW ticks"}]
    values = [
        (int(event["event_no"]), *[_value(event.get(name), unit) for name, _type, unit in measured])
        for event in own[-SHOWN_MAX:]
    ]
    names = [name.replace("_mwticks", " Wh").replace("_", " ") for name, *_ in measured]
    hashes = [
        (int(event["event_no"]), str(event.get("prev_hash")), str(event.get("hash"))) for event in own[-SHOWN_MAX:]
    ]
    hidden = len(own) - len(rows)
    more = (
        [Note(text=f"{hidden:,} earlier events of this meter are in the export and not shown here.")] if hidden else []
    )
    return Page(
        title=f"Incident dossier: {meter}",
        lead=f"{len(own):,} events of this meter out of {len(events.events):,} in the chain.",
        sections=[
            Section(
                title="What happened",
                blocks=[
                    Note(text=chain_words(events)),
                    *more,
                    Table(caption="Events in order", header=header, rows=rows, tall=True),
                ],
            ),
            Section(
                title="What the meter measured",
                blocks=[Table(caption="Values at each event", header=("No.", *names), rows=values, tall=True)],
            ),
            Section(
                title="Hashes",
                blocks=[Table(caption="SHA-256", header=("No.", "Before", "Of this event"), rows=hashes, tall=True)],
            ),
        ],
        origins=[_origin(events)],
        made_from=made_from,
    )


def _value(value: object, unit: str) -> float | None:
    if not isinstance(value, int | float):
        return None
    return float(value) / MWTICKS_PER_WH if unit == "mW ticks" else float(value)


def _origin(events: Events) -> Origin:
    return Origin(
        what="Events, transfers, minutes on backup, incidents",
        source=f"{events.path.name}, chain head {events.verdict.head}",
        query="changes of mode by cause; time from an event fed by backup to the next that is not",
        mark=Mark.DERIVED,
        assumed=("A stretch on backup that is still open counts to the meter's last event and no further.",),
    )
