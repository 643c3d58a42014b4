"""The page of an outage record: what happened, for how long, what backup would have covered, how it was counted."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportArgumentType=false

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from bptm.planning import reliability as index
from bptm.planning.reliability import Durations
from bptm.program.figure import SERIES, new_sheet
from bptm.program.outage_record import HOUR_S, MINUTE_S, Listed, Record
from bptm.program.outage_result import history_words, result_of
from bptm.program.outage_snapshots import Snapshots
from bptm.program.page import Block, Facts, Mark, Note, Origin, Page, Picture, Points, Section, Table, Words, number

KIND_WORDS = {"forced": "unplanned", "planned": "other planned work", "shutoff": "safety shutoffs"}
_CURVE_HOURS = (1 / 60, 168.0)


def outage_page(record: Record, title: str, made_from: Sequence[str] = ()) -> Page:
    """The page."""
    sections = [Section(title="In short", blocks=[_facts(record), *_caution(record)])]
    if record.snapshots is not None:
        sections.append(_over_time(record.snapshots, record.asked.day_zone))
    if record.listed is not None:
        listed = record.listed
        sections += [
            _lengths(listed, record.asked.backup_hours),
            _years(listed, record.asked.customers),
            _places(listed),
        ]
    sections.append(Section(title="How it was counted", blocks=[Points(points=_counting(record))]))
    return Page(title=title, lead=_lead(record), sections=sections, origins=_origins(record), made_from=made_from)


def _caution(record: Record) -> list[Block]:
    if not record.notes:
        return []
    return [Note(text="Before you believe a sum, read how the record may mislead:"), Points(points=record.notes)]


def _lead(record: Record) -> str:
    parts: list[str] = []
    seen = record.snapshots
    if seen is not None and seen.shutoff_peak_customers:
        parts.append(
            f"At the height of the safety shutoffs, {_said(seen.shutoff_peak_at_utc)}, "
            f"{seen.shutoff_peak_customers:,} customers were without supply."
        )
    if record.listed is not None:
        every = record.listed.every
        for hours in record.asked.backup_hours[:1]:
            share = index.covered_fraction(every, hours * HOUR_S)
            if share is not None:
                parts.append(
                    f"{hours:g} hours of backup would have covered {100 * share:.0f} % of the customer-minutes."
                )
                break
    return " ".join(parts) or "What the record holds, counted."


def _said(at_utc: str | None) -> str:
    """An instant as people say it: 27 October 2019, 22:20 UTC."""
    assert at_utc is not None
    at = datetime.fromisoformat(at_utc)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _facts(record: Record) -> Facts:
    result = result_of(record)
    reasons = result["reasons"]
    assert isinstance(reasons, dict)
    facts: list[tuple[str, str, str]] = []
    for name, words, unit, digits in (
        ("peak_psps_customers", "Customers at the shutoffs' peak", "first reached", 0),
        ("psps_hours_median_customer_weighted", "Median safety shutoff, hours", "by customers", 1),
        ("saidi_minutes", "SAIDI, minutes", f"by {result['saidi_basis']}", 1),
        ("saifi", "SAIFI", "by the list: splits count again", 3),
        ("caidi_minutes", "CAIDI, minutes", "by the list", 1),
        ("maifi", "MAIFI", "by the list", 3),
    ):
        value = result[name]
        about = (
            f"first at {_said(str(result['peak_psps_at_utc']))}" if name == "peak_psps_customers" and value else unit
        )
        known = isinstance(value, int | float)
        said = number(value, digits) if known else "not known"
        facts.append((words, said, about if known else str(reasons.get(name, ""))))
    return Facts(facts=facts)


def _over_time(seen: Snapshots, zone: str) -> Section:
    sheet = new_sheet("over-time", 9, 3.2)
    first = datetime.fromisoformat(seen.first_utc)
    at = [
        np.datetime64(first.replace(tzinfo=None), "s") + np.timedelta64(round(3600 * hour), "s")
        for hour, *_ in seen.curve
    ]
    everyone = [count / 1000 for _hour, count, _shutoff in seen.curve]
    sheet.axes.fill_between(
        at, everyone, step="post", color=SERIES[0], alpha=0.35, label="all customers out", linewidth=0
    )
    if seen.shutoff is not None:
        shutoff = [(count or 0) / 1000 for _hour, _everyone, count in seen.curve]
        sheet.axes.plot(at, shutoff, drawstyle="steps-post", color=SERIES[1], lw=1.1, label="in safety shutoffs")
    sheet.axes.set_ylabel("customers out, thousands")
    sheet.axes.set_ylim(bottom=0)
    sheet.legend_above()
    blocks: list[Block] = [
        Picture(
            svg=sheet.svg(),
            caption="Customers out by the snapshots, the highest count of each stretch.",
            alternative=(
                f"Customers out from {seen.first_utc} to {seen.last_utc}; highest {seen.peak_customers:,} at "
                f"{seen.peak_at_utc}."
            ),
        )
    ]
    if seen.shutoff_days:
        blocks.append(
            Table(
                caption=f"Days with a safety shutoff ({zone})",
                header=("Day", "Most customers at once", "First at (UTC)"),
                rows=[(day.day, day.peak_customers, day.peak_at_utc) for day in seen.shutoff_days],
                tall=True,
            )
        )
    return Section(title="Over time", blocks=blocks)


def _lengths(listed: Listed, backup_hours: Sequence[float]) -> Section:
    kinds = [kind for kind, part in listed.by_kind.items() if len(part.duration_s) and part.interruptions_count()]
    sheet = new_sheet("lengths", 9, 3.6, columns=2)
    left, right = sheet.all_axes
    grid_h = np.geomspace(*_CURVE_HOURS, 160)
    for color, kind in zip(SERIES, kinds, strict=False):
        part = listed.by_kind[kind]
        left.plot(grid_h, _still_out(part, grid_h), color=color, label=KIND_WORDS[kind])
        right.plot(grid_h, [100 * (index.covered_fraction(part, hour * HOUR_S) or 0.0) for hour in grid_h], color=color)
    for axes, label in ((left, "% of customers still out"), (right, "% of customer-minutes covered")):
        axes.set_xscale("log")
        axes.set_xticks([1 / 60, 1, 4, 12, 24, 48, 168], ["1 min", "1 h", "4", "12", "24", "48", "7 d"])
        axes.minorticks_off()
        axes.set_ylim(0, 102)
        axes.set_ylabel(label)
    left.set_xlabel("time since the interruption began")
    right.set_xlabel("hours of backup")
    sheet.legend_above()
    header = (
        "Kind",
        "Customer interruptions",
        "Customer-minutes",
        *[f"% covered by {hours:g} h" for hours in backup_hours],
    )
    rows = [
        (
            KIND_WORDS[kind],
            round(part.interruptions_count()),
            round(part.customer_s() / MINUTE_S),
            *_shares(part, backup_hours),
        )
        for kind, part in [(kind, listed.by_kind[kind]) for kind in kinds]
    ]
    every = listed.every
    rows.append(
        ("all", round(every.interruptions_count()), round(every.customer_s() / MINUTE_S), *_shares(every, backup_hours))
    )
    return Section(
        title="How long, and what backup would have covered",
        blocks=[
            Picture(
                svg=sheet.svg(),
                caption=(
                    "Left: customers still without supply, by kind. Right: share of customer-minutes that "
                    "the first hours are."
                ),
                alternative="Two curves a kind; the table below has their values at the lengths of backup asked for.",
            ),
            Table(caption="Customer-minutes that the first hours of every interruption are", header=header, rows=rows),
        ],
    )


def _shares(part: Durations, hours: Sequence[float]) -> list[float | None]:
    shares = [index.covered_fraction(part, length * HOUR_S) for length in hours]
    return [None if share is None else round(100 * share, 1) for share in shares]


def _still_out(part: Durations, hours: index.Floats) -> index.Floats:
    total = part.interruptions_count()
    before = np.searchsorted(part.duration_s, hours * HOUR_S, side="right")
    reached = np.concatenate([[0.0], np.cumsum(part.customers_count)])
    return 100 * (1 - reached[before] / total)


def _years(listed: Listed, served: float | None) -> Section:
    def each(value: float | None) -> float | None:
        return None if value is None or served is None else round(value / served / MINUTE_S, 1)

    blocks: list[Block] = [
        Table(
            caption="By calendar year; sustained interruptions by the day they began in",
            header=("Year", "SAIDI, min", "without major-event days", "unplanned only", "Major-event days", "History"),
            rows=[
                (
                    str(year.year),
                    each(year.customer_s),
                    each(year.without_major_customer_s),
                    each(year.unplanned_customer_s),
                    len(year.major_days) if year.threshold else None,
                    history_words(year),
                )
                for year in listed.years
            ],
        )
    ]
    major = [(day, value, year) for year in listed.years for day, value in year.major_days]
    if major:
        blocks.append(
            Table(
                caption="Major-event days (above exp(alpha + 2.5 beta) of the days before their year)",
                header=("Day", "Customer-minutes", "SAIDI, min", "Threshold, customer-minutes"),
                rows=[
                    (
                        day,
                        round(value / MINUTE_S),
                        each(value),
                        round(year.threshold.threshold / MINUTE_S) if year.threshold else None,
                    )
                    for day, value, year in major
                ],
                tall=True,
            )
        )
        blocks.append(_major_picture(major))
    if served is None:
        blocks.append(Words(text="Indices per customer need the customers served: --customers N, or a profile."))
    return Section(title="Years and major-event days", blocks=blocks)


def _major_picture(major: Sequence[tuple[str, float, object]]) -> Picture:
    sheet = new_sheet("major-days", 9, 2.4)
    at = [np.datetime64(date.fromisoformat(day)) for day, *_ in major]
    sheet.axes.bar(at, [value / MINUTE_S for _day, value, _year in major], color=SERIES[1], width=2.0)
    sheet.axes.set_yscale("log")
    sheet.axes.set_ylabel("customer-minutes")
    return Picture(
        svg=sheet.svg(), caption="Major-event days.", alternative=f"{len(major)} major-event days; the table has them."
    )


def _places(listed: Listed) -> Section:
    if not listed.places:
        return Section(title="Places", blocks=[Words(text="The list names no places.")])
    return Section(
        title="Places that lose supply again and again",
        blocks=[
            Table(
                caption=(
                    f"Places with the most sustained interruptions; {listed.places_above_12:,} have more than "
                    "12 in the record"
                ),
                header=("Place", "Outages", "of them shutoffs", "Largest, customers", "Customer-hours", "Longest, h"),
                rows=[
                    (
                        str(place["place"]),
                        int(place["outages"]),
                        int(place["shutoffs"]),
                        int(place["customers_most"]),
                        round(place["customer_hours"]),
                        round(float(place["hours_longest"]), 1),
                    )
                    for place in listed.places
                ],
                tall=True,
            )
        ],
    )


def _counting(record: Record) -> list[str]:
    form = record.asked.form
    return [
        "Sustained means more than 5 minutes; shorter interruptions are momentary (IEEE 1366-2022).",
        f"Days and years are local ones of {record.asked.day_zone}; an interruption belongs to the day it began in.",
        "Snapshots: a count stays until the next one; stretches of more than 30 minutes are gaps and not counted.",
        (
            "List: an outage counts with its most customers from start to end, which is too much where it "
            "was restored in steps."
        ),
        (
            f"Safety shutoffs are causes {', '.join(form.shutoff_words)}; other planned work "
            f"{', '.join(form.planned_words)}."
        ),
        "Rows equal in every column count once. "
        + (
            "Rows with one outage number that overlap are one outage."
            if form.repeated.value == "states"
            else "Rows with one outage number are steps of its restoration and all count."
        ),
        (
            "Covered means the first hours of every interruption; a backup that fails or runs dry covers "
            "less (bptm program survive)."
        ),
        "Nothing here claims compliance with a standard: it is the standard's arithmetic on what the record holds.",
    ]


def _origins(record: Record) -> list[Origin]:
    origins: list[Origin] = []
    if record.snapshots is not None:
        source = record.snapshots.source
        origins.append(
            Origin(
                what="Peaks, days and customer-minutes of snapshots",
                source=f"{source.path.name}, {source.version}",
                query=(
                    "max(customers out) by instant and by day; sum of customers out x seconds to the next "
                    "snapshot, gaps left out"
                ),
                mark=Mark.DERIVED,
                assumed=("A count stays until the next snapshot.",),
            )
        )
    if record.listed is not None:
        source = record.listed.source
        origins.append(
            Origin(
                what="Durations, frequencies, places, major-event days",
                source=f"{source.path.name}, {source.version}",
                query=(
                    "end - start by row, weighted by customers; sums by kind, local day and place; T_MED = "
                    "exp(alpha + 2.5 beta)"
                ),
                mark=Mark.DERIVED,
                assumed=tuple(record.notes),
            )
        )
    if record.asked.customers is not None:
        origins.append(
            Origin(
                what="Customers served",
                source=f"{record.asked.customers:,.0f}, from --customers or the profile",
                query="divides every index",
                mark=Mark.OWN,
            )
        )
    return origins
