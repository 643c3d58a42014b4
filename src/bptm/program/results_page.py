"""Programme results and an incident dossier as pages."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from bptm.program.event_export import INCIDENTS, Events
from bptm.program.figure import new_sheet
from bptm.program.page import Block, Facts, Mark, Note, Origin, Page, Picture, Points, Section, Table, Words, number
from bptm.terms.codes import Cause, Event, FedBy, Mode
from bptm.terms.core_codes import EVENT_MODE_CHANGED
from bptm.terms.core_report import FIELDS, MWTICKS_PER_WH

SHOWN_MAX = 500
SLANTED_ABOVE = 8
QUANTITIES = (
    ("Voltages, V", ("V",)),
    ("Currents, A, and frequencies, Hz", ("A", "Hz")),
    ("Power, W", ("W",)),
    ("Registers since installation, Wh", ("mW ticks",)),
)
"""What the fields of a report are, by their units, for a table each."""


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


def chain_block(events: Events) -> Block:
    """The verdict: a plain sentence while the chain holds, a warning when it does not."""
    words = chain_words(events)
    return Note(text=words) if events.verdict.fault else Words(text=words)


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
    replay = cast("dict[str, Any]", result["replay"] or {})
    installs = cast("dict[str, Any]", result["installs"] or {})
    survey = cast("dict[str, Any]", result["survey"] or {})
    blocks: list[Block] = [_facts(result), *[Note(text=text) for text in result["notes"]]]
    if events is not None:
        blocks.insert(0, chain_block(events))
    sections = [Section(title="In short", blocks=blocks)]
    if result["targets"]:
        sections.append(_targets(result["targets"]))
    if seen:
        sections.append(_incidents(seen["incidents"]))
    if installs:
        sections.append(_installs(installs))
    if survey:
        sections.append(_survey(survey))
    if replay:
        sections.append(_replay(replay))
    if result["reasons"]:
        missing = [f"No {name}: {why}." for name, why in result["reasons"].items()]
        sections.append(Section(title="What nobody gave", blocks=[Points(points=missing)]))
    return Page(
        title="Programme results",
        lead=_lead(seen, installs, replay),
        sections=sections,
        origins=_origins(result, events),
        made_from=made_from,
    )


def _lead(seen: Mapping[str, Any], installs: Mapping[str, Any], replay: Mapping[str, Any]) -> str:
    parts: list[str] = []
    if installs:
        parts.append(f"{installs['meters']:,} meters are installed.")
    if seen:
        parts.append(
            f"{seen['meters']:,} meters reported {seen['transfers']:,} transfers to backup and kept homes supplied for "
            f"{seen['customer_minutes_on_backup']:,.0f} customer-minutes."
        )
    elif replay:
        parts.append(
            f"A replay of {replay['simulated_hours']:g} h on {replay['meters']:,} simulated meters: "
            f"{replay['transfers']:,} transfers, "
            f"{replay['customer_minutes_on_backup']:,.0f} customer-minutes on backup."
        )
    return " ".join(parts) or "What customers answered; nothing else was given."


def _facts(result: Mapping[str, Any]) -> Facts:
    seen = cast("dict[str, Any]", result["events"] or {})
    installs = cast("dict[str, Any]", result["installs"] or {})
    return Facts(
        facts=[
            ("Meters installed", number(installs.get("meters"), 0), "distinct meters in the installs"),
            ("Median installation, minutes", number(installs.get("minutes_median"), 0), "of those with a time"),
            ("Transfers to backup", number(seen.get("transfers"), 0), "by the meters' events"),
            ("Customer-minutes on backup", number(seen.get("customer_minutes_on_backup"), 0), "our own figure"),
            (
                "Net SAIDI, minutes (ours, not IEEE's)",
                number(seen.get("net_saidi_minutes_ours"), 3),
                "per customer served; needs --customers" if seen else "needs events and --customers",
            ),
        ]
    )


def _targets(targets: Mapping[str, Mapping[str, Any]]) -> Section:
    rows = [
        (
            name.replace("_", " "), part["target"], part["actual"],
            None if part["reached_fraction"] is None else 100 * part["reached_fraction"], part["counted_from"],
        )
        for name, part in targets.items()
    ]  # fmt: skip
    header = ("What", "Target", "Actual", "% reached", "Counted from")
    return Section(title="Targets", blocks=[Table(caption="Target against actual", header=header, rows=rows)])


def _incidents(kinds: Mapping[str, Mapping[str, Any]]) -> Section:
    rows = [(words, part["events"], part["meters"]) for words, part in kinds.items()]
    return Section(
        title="Incidents",
        blocks=[
            Table(caption="Prevented or found", header=("Incident", "Events", "Meters"), rows=rows),
            Words(
                text="An event is a change of mode with such a cause. The dossier of a meter (--dossier METER) holds "
                "what it measured at each."
            ),
        ],
    )


def _installs(installs: Mapping[str, Any]) -> Section:
    months = [(part["month"], part["meters"], part["minutes_median"]) for part in installs["by_month"]]
    table = Table(caption="Installs by month", header=("Month", "Meters", "Median minutes"), rows=months)
    blocks: list[Block] = []
    if len(months) > 1:
        sheet = new_sheet("installs", 8, 2.4)
        places = list(range(len(months)))
        sheet.bars(places, [count for _month, count, _minutes in months])
        sheet.names_x(places, [str(month) for month, *_ in months], slanted=len(months) > SLANTED_ABOVE)
        sheet.words(y="meters installed")
        words = f"Meters by month, {months[0][0]} to {months[-1][0]}; the table has them."
        blocks.append(Picture(svg=sheet.svg(), caption="Meters installed by month.", alternative=words))
    slow = number(installs.get("minutes_90"), 0)
    blocks += [table, Words(text=f"Nine of ten installations with a time took at most {slow} minutes.")]
    return Section(title="Installs", blocks=blocks)


def _survey(survey: Mapping[str, Any]) -> Section:
    answers = [
        (part["month"], survey["questions"][part["question"]], part["answers"], part["mean_score"],
         100 * part["agree_fraction"])
        for part in survey["by_month"]
    ]  # fmt: skip
    header = ("Month", "Question", "Answers", "Mean of 1 to 5", "% that agree (4 or 5)")
    blocks: list[Block] = [Table(caption="Answers by month", header=header, rows=answers)]
    if survey["unknown_questions"]:
        names = ", ".join(survey["unknown_questions"][:10])
        blocks.append(Note(text=f"Answers to questions that are not of the instrument are left out: {names}."))
    return Section(title="What customers say", blocks=blocks)


def _replay(replay: Mapping[str, Any]) -> Section:
    broken, unsafe = replay["law_violations"], replay["unsafe_seconds"]
    rows: list[tuple[str, str | int | float | None]] = [
        ("simulated meters", replay["meters"]),
        ("hours of the event", replay["simulated_hours"]),
        ("transfers", replay["transfers"]),
        ("customer-minutes dark", replay["customer_minutes_dark"]),
        ("customer-minutes on backup", replay["customer_minutes_on_backup"]),
        ("seconds with an unsafe circuit", unsafe),
        ("laws broken", broken),
        ("messages lost", replay["messages_lost"]),
        ("head-end and twin agree", "yes" if replay["reconciled"] else "no"),
    ]
    blocks: list[Block] = [
        Note(text="Simulated meters of a replay: what the programme would have done, not what customers had."),
        Table(caption="The replay's own report", header=("What", "Figure"), rows=rows),
    ]
    return Section(title="Replay", blocks=blocks)


def _origins(result: Mapping[str, Any], events: Events | None) -> list[Origin]:
    files = "; ".join(f"{part['file']} ({part['version']})" for part in result["files"])
    origins: list[Origin] = []
    if files:
        origins.append(
            Origin(
                what="Installs and answers",
                source=files,
                query="counts, medians and means by month (UTC)",
                mark=Mark.DERIVED,
            )
        )
    if result["replay"]:
        origins.append(
            Origin(
                what="Replay",
                source="the report of bptm up --headless --json",
                query="the twin's own ledger, reconciled with what the head-end stored",
                mark=Mark.DERIVED,
                assumed=("Homes and sources are simulated.",),
            )
        )
    if events is not None:
        origins.append(_origin(events))
    return origins


def dossier_page(events: Events, meter: str, made_from: Sequence[str] = ()) -> Page:
    """All that one meter measured, event by event, with the chain's verdict on its face."""
    own = events.own
    shown = own[-SHOWN_MAX:]
    kinds = {cause: words for words, causes in INCIDENTS.items() for cause in causes}
    rows = [
        (
            str(event["event_no"]),
            _at(event),
            _named(Event, event["code"]),
            _named(Cause, event["cause"]),
            kinds.get(event["cause"], "") if event["code"] == EVENT_MODE_CHANGED else "",
            _named(Mode, event["mode"]),
            _named(FedBy, event["fed_by"]),
        )
        for event in shown
    ]
    header = ("No.", "At (UTC)", "Event", "Cause", "Incident", "Mode", "Fed by")
    hashes = [(str(event["event_no"]), str(event.get("prev_hash")), str(event.get("hash"))) for event in shown]
    found = sum(1 for row in rows if row[4])
    blocks: list[Block] = [chain_block(events)]
    if len(own) > len(shown):
        blocks.append(
            Note(text=f"{len(own) - len(shown):,} earlier events of this meter are in the export and not shown here.")
        )
    blocks.append(Table(caption="Events in order", header=header, rows=rows, tall=True))
    return Page(
        title=f"Incident dossier: {meter}",
        lead=f"{len(own):,} events of this meter out of {events.tally.events_count:,} in the chain, "
        f"incidents among those shown: {found:,}.",
        sections=[
            Section(title="What happened", blocks=blocks),
            Section(title="What the meter measured", blocks=_measured(shown)),
            Section(
                title="Hashes",
                blocks=[
                    Words(text="Each event's hash is SHA-256 over the hash before it and all of the event's values."),
                    Table(caption="SHA-256", header=("No.", "Before", "Of this event"), rows=hashes, tall=True),
                ],
            ),
        ],
        origins=[_origin(events)],
        made_from=made_from,
    )


def _measured(shown: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Values at each event, a table for each kind of quantity; columns that are zero throughout are named below it."""
    blocks: list[Block] = []
    for words, units in QUANTITIES:
        names = [(name, unit) for name, _type, unit, _meaning in FIELDS if unit in units]
        silent = [name for name, _unit in names if not any(event.get(name) for event in shown)]
        told = [(name, unit) for name, unit in names if name not in silent]
        if not told:
            continue
        header = ("No.", *[_plain(name) for name, _unit in told])
        values = [(str(event["event_no"]), *[_value(event.get(name), unit) for name, unit in told]) for event in shown]
        blocks.append(Table(caption=words, header=header, rows=values, tall=True))
        if silent:
            blocks.append(Words(text=f"Zero at every event: {', '.join(_plain(name) for name in silent)}."))
    return blocks or [Words(text="The events hold no measured value but zeros.")]


def _plain(name: str) -> str:
    """A field's name for reading; its unit stays as the last word."""
    return name.removesuffix("_mwticks").replace("_", " ") + (", Wh" if name.endswith("_mwticks") else "")


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
