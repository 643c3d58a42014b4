"""Survival as a result object and as a page; what rests on unsourced assumptions says so on its face."""

from collections.abc import Sequence

from bptm.planning import reliability as index
from bptm.program.figure import SERIES, new_sheet
from bptm.program.outage_record import HOUR_S
from bptm.program.page import Block, Facts, Mark, Note, Origin, Page, Picture, Points, Section, Table, Words
from bptm.program.survive import GRID_H, Backup, Band, FromTwin, Survival

KIND_WORDS = {
    Backup.NONE: "none",
    Backup.PORTABLE: "portable generator",
    Backup.INVERTER: "inverter generator",
    Backup.STANDBY: "standby generator",
    Backup.BATTERY: "battery",
    Backup.EV: "car",
    Backup.SOLAR_BATTERY: "solar and battery",
}


def result_of(found: Survival) -> dict[str, object]:
    """The result object of `bptm program survive --json`."""
    return {
        "kinds": {
            curve.kind.value: {
                "median_h": curve.median_h,
                "supplied_fraction": _by_hours(curve.at),
                "medical_supplied_fraction": _by_hours(curve.medical_at),
                "record_survived_fraction": curve.survived.record() if curve.survived else None,
                "curve": [
                    {"hours": float(hours), **band.record()} for hours, band in zip(GRID_H, curve.grid, strict=True)
                ],
            }
            for curve in found.curves
        },
        "mix": {kind.value: share for kind, share in found.mix.items()},
        "medical_covered_fraction": _by_hours(found.medical_covered),
        "record": _record(found),
        "twin": [_twin(part, found.hours) for part in found.twin],
        "assumptions": [one.record() for one in found.used],
        "assumptions_count": len(found.used),
        "unsourced_count": len(found.unsourced()),
        "warning": warning(found),
        "draws_count": found.draws_count,
        "seed": found.seed,
        "notes": list(found.notes),
    }


def warning(found: Survival) -> str:
    """The sentence that stands on the face of a result with unsourced inputs; empty when all are sourced."""
    unsourced = found.unsourced()
    if not unsourced:
        return ""
    return (
        f"{len(unsourced)} of the {len(found.used)} assumptions have no source that can be looked up: "
        "these curves show "
        "how the answer hangs together, not what your customers have. Replace them with --assumptions FILE."
    )


def _by_hours(bands: dict[float, Band]) -> dict[str, dict[str, float]]:
    return {f"{hours:g}": band.record() for hours, band in bands.items()}


def _record(found: Survival) -> dict[str, object] | None:
    if found.listed is None:
        return None
    listed = found.listed
    return {
        "file": listed.source.path.name,
        "version": listed.source.version,
        "rows_read": listed.source.rows_read,
        "rows_refused": listed.source.rows_refused,
        "events_ended_fraction": {
            f"{hours:g}": index.ended_fraction(listed.events, hours * HOUR_S) for hours in found.hours
        },
        "customers_ended_fraction": {
            f"{hours:g}": index.ended_fraction(listed.every, hours * HOUR_S) for hours in found.hours
        },
    }


def _twin(part: FromTwin, hours: Sequence[float]) -> dict[str, object]:
    lasting = part.lasting
    return {
        "source_kind": part.source_kind,
        "medical": part.medical,
        "homes": part.homes_count,
        "supplied_fraction": part.supplied_fraction,
        "kept_fraction": part.kept_fraction,
        "single_outage_homes": lasting.homes_count if lasting else 0,
        "ran_out": lasting.ended_count if lasting else 0,
        "lasting_fraction": {f"{length:g}": lasting.at(length) for length in hours} if lasting else None,
    }


def survive_page(found: Survival, made_from: Sequence[str] = ()) -> Page:
    """The page."""
    blocks: list[Block] = [_facts(found)]
    said = warning(found)
    if said:
        blocks.insert(0, Note(text=said))
    if found.notes:
        blocks.append(Points(points=found.notes))
    sections = [Section(title="In short", blocks=blocks), _curves(found), _medical(found)]
    if found.listed is not None:
        sections.append(_events(found))
    if found.twin:
        sections.append(_from_twin(found))
    sections.append(_assumed(found))
    covered = found.medical_covered[found.hours[-1]]
    return Page(
        title="How long homes last on backup",
        lead=(
            f"Of homes with medical devices, about {100 * covered.mean:.0f} % ({100 * covered.low:.0f} to "
            f"{100 * covered.high:.0f} %) would keep them running through {found.hours[-1]:g} hours."
        ),
        sections=sections,
        origins=_origins(found),
        made_from=made_from,
    )


def _facts(found: Survival) -> Facts:
    facts = [
        (
            KIND_WORDS[curve.kind].capitalize(),
            "not at all" if not curve.median_h else f"{curve.median_h:.0f} h",
            "half of such homes last longer",
        )
        if curve.median_h is not None
        else (KIND_WORDS[curve.kind].capitalize(), f"over {GRID_H[-1]:.0f} h", "more than half of such homes")
        for curve in found.curves
        if curve.kind is not Backup.NONE
    ]
    return Facts(facts=facts)


def _curves(found: Survival) -> Section:
    sheet = new_sheet("survival", 9, 4.2)
    shown = [curve for curve in found.curves if curve.kind is not Backup.NONE]
    for color, curve in zip(SERIES, shown, strict=True):
        sheet.band(
            GRID_H.tolist(),
            [100 * band.low for band in curve.grid],
            [100 * band.high for band in curve.grid],
            colour=color,
        )
        sheet.line(
            GRID_H.tolist(), [100 * band.mean for band in curve.grid], colour=color, label=KIND_WORDS[curve.kind]
        )
    sheet.words(x="hours since the outage began", y="% of homes still supplied")
    sheet.limits(x=(0, float(GRID_H[-1])), y=(0, 102))
    sheet.legend()
    header = (
        "Backup",
        *[f"{hours:g} h, %" for hours in found.hours],
        *[f"{hours:g} h, range" for hours in found.hours],
    )
    rows = [
        (
            KIND_WORDS[curve.kind],
            *[round(100 * curve.at[hours].mean, 1) for hours in found.hours],
            *[f"{100 * curve.at[hours].low:.0f}-{100 * curve.at[hours].high:.0f}" for hours in found.hours],
        )
        for curve in found.curves
    ]
    return Section(
        title="By kind of backup",
        blocks=[
            Picture(
                svg=sheet.svg(),
                caption="Mean over the draws; the band is 5 to 95 % of what the assumptions allow.",
                alternative="One falling curve for each kind of backup; the table below has the values.",
            ),
            Table(caption="Share of homes still supplied", header=header, rows=rows),
            Words(
                text="A kind that falls at once has sources that do not start; a slow fall is fuel, refilling and wear."
            ),
        ],
    )


def _medical(found: Survival) -> Section:
    rows = [
        (
            f"{hours:g} h",
            round(100 * band.mean, 1),
            f"{100 * band.low:.0f}-{100 * band.high:.0f}",
            *[round(100 * curve.medical_at[hours].mean, 1) for curve in found.curves],
        )
        for hours, band in found.medical_covered.items()
    ]
    mix = ", ".join(f"{KIND_WORDS[kind]} {100 * share:.0f} %" for kind, share in found.mix.items())
    return Section(
        title="Homes with medical devices",
        blocks=[
            Table(
                caption="Medical homes whose devices keep running, percent; with the mix of backup below, and by kind",
                header=("Outage", "All, %", "Range", *[KIND_WORDS[curve.kind] for curve in found.curves]),
                rows=rows,
            ),
            Words(text=f"Mix of backup assumed: {mix}. The devices' own battery is counted in."),
        ],
    )


def _events(found: Survival) -> Section:
    assert found.listed is not None
    listed = found.listed
    rows = [
        (
            f"{hours:g} h",
            _percent(index.ended_fraction(listed.events, hours * HOUR_S)),
            _percent(index.ended_fraction(listed.every, hours * HOUR_S)),
        )
        for hours in found.hours
    ]
    survived = [
        (
            KIND_WORDS[curve.kind],
            round(100 * curve.survived.mean, 1),
            f"{100 * curve.survived.low:.0f}-{100 * curve.survived.high:.0f}",
        )
        for curve in found.curves
        if curve.survived is not None
    ]
    return Section(
        title="Against the outage record",
        blocks=[
            Table(
                caption="Outages over before a backup of so many hours ends",
                header=("Backup of", "% of outages", "% of customer interruptions"),
                rows=rows,
            ),
            Table(
                caption="Customer interruptions of the record that a home outlasts",
                header=("Backup", "%", "Range"),
                rows=survived,
            ),
        ],
    )


def _from_twin(found: Survival) -> Section:
    rows = [
        (
            part.source_kind,
            "medical" if part.medical else "other",
            part.homes_count,
            _percent(part.supplied_fraction),
            _percent(part.kept_fraction),
            part.lasting.ended_count if part.lasting else None,
            *[_percent(part.lasting.at(hours)) if part.lasting else None for hours in found.hours],
        )
        for part in found.twin
    ]
    return Section(
        title="From the twin's homes",
        blocks=[
            Table(
                caption="Homes of a fleet run that lost their feeder; the last columns are Kaplan-Meier estimates",
                header=(
                    "Source", "Home", "Homes", "% of outage time supplied", "% that never went dark", "Ran out",
                    *[f"{hours:g} h, %" for hours in found.hours],
                ),
                rows=rows,
            )
        ],
    )  # fmt: skip


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _assumed(found: Survival) -> Section:
    return Section(
        title="What was assumed",
        blocks=[
            Table(
                caption="Every assumption, its range and how far it is to be believed",
                header=("What", "Value", "Low", "High", "Unit", "Mark", "Source"),
                rows=[
                    (one.meaning, one.value, one.low, one.high, one.unit, one.mark, one.source) for one in found.used
                ],
                tall=True,
            )
        ],
    )


def _origins(found: Survival) -> list[Origin]:
    origins = [
        Origin(
            what="Curves and medical shares",
            source=f"the assumptions above; {found.draws_count:,} homes a kind, seed {found.seed}",
            query="stock over draw, fillings again with chance r, start failure, exponential running time",
            mark=Mark.OWN if found.unsourced() else Mark.PUBLISHED,
            assumed=tuple(one.meaning for one in found.unsourced()),
        )
    ]
    if found.listed is not None:
        source = found.listed.source
        origins.append(
            Origin(
                what="Lengths of outages",
                source=f"{source.path.name}, {source.version}",
                query="end - start by row; customers count with each row's most",
                mark=Mark.DERIVED,
            )
        )
    if found.twin_source is not None:
        origins.append(
            Origin(
                what="Homes of the twin",
                source=f"{found.twin_source.path.name}, {found.twin_source.version}",
                query=(
                    "dark_s <= 300 s an outage kept supply; lasting: fed_s of homes with one outage, "
                    "ended where ran_out, else censored"
                ),
                mark=Mark.DERIVED,
                assumed=("Simulated homes, not customers.",),
            )
        )
    return origins
