"""FEMA's National Risk Index as the user downloads it, any of its layouts, never two versions in one ranking.

The layout is recognised by its columns: what a release lacks is an input that cannot be weighed. Rows are kept when
their county can be told; a hazard without a score says why (not applicable, insufficient data).
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bptm.planning.opportunity import HAZARDS, Absent, County
from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout, nearest
from bptm.program.rows import Source, read_table
from bptm.program.states import ABBREVIATIONS, STATES, fips_of, is_new_connecticut, is_old_connecticut
from bptm.terms.refusals import Refused, Unmet

PREFIXES = dict(zip(HAZARDS, ("WFIR", "HRCN", "ISTM", "SWND", "TRND"), strict=True))
"""FEMA's prefix of each hazard's columns."""

SCENARIOS = {"today": "RISKS", "mid-lower": "MID_LOWER_PRISKS", "mid-higher": "MID_HIGHER_PRISKS"}
"""Columns of the score: today, or at mid-century under lower or higher emissions (Future Risk Index only)."""

RELEASES = {
    "dec-25": "1.20 (Dec-25)",
    "december 2025": "1.20 (December 2025)",
    "1.20": "1.20",
    "march 2023": "1.19 (March 2023)",
    "1.19.0": "1.19",
    "november 2021": "1.18.1 (November 2021)",
}
"""FEMA's word for a release, in its column NRI_VER, to its number. Another word is shown as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NriTable:
    """What National Risk Index files say.

    Attributes:
        counties: By FIPS code.
        version: Of the index; the same in all files.
        sources: The files; rows that tell no county, or one twice, are counted as refused.
        score_columns: The file's column of each input.
        notes: What a reader should know: codes padded, rows refused.
    """

    counties: dict[str, County]
    version: str
    sources: tuple[Source, ...]
    score_columns: dict[str, str]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    counties: dict[str, County] = field(default_factory=dict[str, County])
    lines: dict[str, str] = field(default_factory=dict[str, str])
    versions: dict[str, str] = field(default_factory=dict[str, str])
    sources: list[Source] = field(default_factory=list[Source])
    columns: dict[str, str] = field(default_factory=dict[str, str])
    notes: list[str] = field(default_factory=list[str])
    refused: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])


def layout(scenario: str) -> Layout:
    """The columns that any release may have."""
    ending = SCENARIOS[scenario]
    scores = [
        Column(
            name=f"{hazard}_score",
            also=(f"{prefix}_{ending}", *((f"{prefix}_EALS",) if scenario == "today" else ())),
            kind=Kind.NUMBER,
            needed=False,
            low=0,
            high=100,
        )
        for hazard, prefix in PREFIXES.items()
    ]
    words = [
        Column(
            name=f"{hazard}_rating",
            also=(f"{prefix}_{ending[:-1]}R", f"{prefix}_RISKR", f"{prefix}_EALR"),
            needed=False,
        )
        for hazard, prefix in PREFIXES.items()
    ]
    return Layout(
        name="FEMA National Risk Index, counties",
        columns=(
            Column(name="fips", also=("STCOFIPS", "FIPS", "GEOID"), value_needed=True),
            Column(name="county", also=("COUNTY", "COUNTYNAME")),
            Column(name="state", also=("STATEABBRV", "ST_ABBR"), needed=False),
            Column(name="population", also=("POPULATION",), kind=Kind.NUMBER, needed=False, low=0),
            Column(name="sovi", also=("SOVI_SCORE",), kind=Kind.NUMBER, needed=False, low=0, high=100),
            Column(name="resl", also=("RESL_SCORE",), kind=Kind.NUMBER, needed=False, low=0, high=100),
            Column(name="version", also=("NRI_VER",), needed=False),
            *scores,
            *words,
        ),
    )


def read_nri(
    tables: Tables, paths: Sequence[Path], *, scenario: str = "today", refused_to: Path | None = None
) -> NriTable | Refused:
    """Counties of one or more files of one version; refused whole when their versions differ."""
    reading = _Reading()
    for number, path in enumerate(paths):
        source = read_table(tables, path, layout(scenario), f"nri_{number}", _numbered(refused_to, number))
        if isinstance(source, Refused):
            return source
        refused = _take(tables, source, reading, scenario)
        if refused is not None:
            return refused
    faults = _whole_faults(reading, paths)
    if faults:
        return Refused(unmet=faults)
    if refused_to is not None and reading.refused:
        _append(refused_to, reading.refused)
    if reading.refused:
        name, line, reason = reading.refused[0]
        reading.notes.append(f"{len(reading.refused):,} rows tell no county; first: {name} line {line}: {reason}.")
    reading.notes += [source.sentence() for source in reading.sources if source.rows_refused]
    return NriTable(
        counties=dict(sorted(reading.counties.items())),
        version=next(iter(reading.versions), "not stated"),
        sources=tuple(
            replace(
                source, rows_refused=source.rows_refused + sum(name == source.path.name for name, *_ in reading.refused)
            )
            for source in reading.sources
        ),
        score_columns=reading.columns,
        notes=tuple(reading.notes),
    )


def _numbered(refused_to: Path | None, number: int) -> Path | None:
    """Where a file's refused rows go: each file after the first has a file of its own."""
    if refused_to is None or number == 0:
        return refused_to
    return refused_to.with_stem(f"{refused_to.stem}-{number + 1}")


def _whole_faults(reading: _Reading, paths: Sequence[Path]) -> tuple[Unmet, ...]:
    faults: list[Unmet] = []
    if len(reading.versions) > 1:
        said = " and ".join(f"{version} (in {where})" for version, where in reading.versions.items())
        faults.append(
            Unmet(
                element="National Risk Index",
                found=f"versions {said}",
                needs="one version",
                remedy="Scores of two releases cannot be compared: download all counties of one.",
            )
        )
    old = [fips for fips in reading.counties if is_old_connecticut(fips)]
    new = [fips for fips in reading.counties if is_new_connecticut(fips)]
    if old and new:
        faults.append(
            Unmet(
                element="Connecticut",
                found=f"its counties ({old[0]} ...) and its planning regions ({new[0]} ...)",
                needs="one of the two: they are the same land",
                remedy="Remove the eight old counties, 09001 to 09015.",
            )
        )
    if not reading.counties:
        name, line, reason = reading.refused[0] if reading.refused else (paths[0].name, 1, "no rows")
        faults.append(
            Unmet(
                element=name,
                found=f"no county in it; line {line}: {reason}",
                needs="rows of counties with five-digit FIPS codes",
                remedy="Name the county table; census tracts are another.",
            )
        )
    return tuple(faults)


def _take(tables: Tables, source: Source, reading: _Reading, scenario: str) -> Refused | None:
    """Adds a file's counties; a refusal when the file holds nothing that could be weighed."""
    inputs = {hazard: f"{hazard}_score" for hazard in HAZARDS}
    inputs |= {"social_vulnerability": "sovi", "community_resilience": "resl", "population": "population"}
    present = {name: column for name, column in inputs.items() if column in source.columns}
    weighable = {name for name in present if name != "population"}
    if not weighable or (scenario != "today" and not weighable & set(HAZARDS)):
        return Refused(unmet=(_no_scores(source, scenario),))
    reading.sources.append(source)
    reading.columns |= {name: source.columns[column] for name, column in present.items()}
    padded = 0
    for record in tables.records(f"SELECT * FROM {source.table} ORDER BY line"):  # noqa: S608 (our own name)
        text, line = str(record["fips"]), int(record["line"])
        fips = fips_of(text)
        if fips is None:
            reading.refused.append((source.path.name, line, f"{text} is no county's FIPS code of five digits"))
            continue
        place = f"{source.path.name} line {line}"
        if fips in reading.counties:
            reading.refused.append((source.path.name, line, f"{fips} stands in {reading.lines[fips]} already"))
            continue
        padded += len(text.strip()) < len(fips)
        version = str(record["version"] or "not stated")
        version = RELEASES.get(version.casefold(), version)
        if version == "not stated":
            version = _by_columns(source)
        reading.versions.setdefault(version, place)
        reading.lines[fips] = place
        reading.counties[fips] = _county(fips, record, present)
    losses = [name for name in reading.columns.values() if name.upper().endswith("_EALS")]
    if losses:
        reading.notes.append(
            f"{source.path.name} has no risk scores; its scores of expected annual loss stand in: {', '.join(losses)}."
        )
    if padded:
        reading.notes.append(f"{source.path.name}: {padded:,} FIPS codes had lost their leading zero; it was put back.")
    return None


def _by_columns(source: Source) -> str:
    """What can be said of a file that does not name its release."""
    header = " ".join(source.header)
    marks = {
        "PRISKS": "Future Risk Index, December 2024",
        "IFLD_": "1.20 or later, by its columns",
        "RISK_NPCTL": "2021, by its columns",
        "RFLD_": "before 1.20, by its columns",
        "_EALS": "2023 or later, by its columns",
    }
    return next((version for mark, version in marks.items() if mark in header), "not stated")


def _no_scores(source: Source, scenario: str) -> Unmet:
    wanted = [f"{prefix}_{SCENARIOS[scenario]}" for prefix in PREFIXES.values()]
    near = nearest(wanted, [name for name in source.header if name.upper() not in wanted])
    return Unmet(
        element=f"{source.path.name}: columns {', '.join(wanted)}, SOVI_SCORE, RESL_SCORE",
        found=f"none of them (nearest: {near})" if near else "none of them",
        needs="at least one" if scenario == "today" else f"a hazard of the scenario {scenario} (Future Risk Index)",
        remedy="Name the county table of the National Risk Index.",
    )


def _county(fips: str, record: dict[str, object], present: dict[str, str]) -> County:
    state = str(record["state"] or "").upper()
    inputs: dict[str, float | Absent] = {}
    for name, column in present.items():
        value = record[column]
        inputs[name] = float(value) if isinstance(value, int | float) else _absent(record.get(f"{name}_rating"))
    return County(
        fips=fips,
        name=str(record["county"] or fips),
        state=state if state in ABBREVIATIONS else STATES[fips[:2]],
        inputs=inputs,
    )


def _absent(rating: object) -> Absent:
    match str(rating or "").strip().casefold():
        case "not applicable":
            return Absent.NOT_APPLICABLE
        case "insufficient data":
            return Absent.INSUFFICIENT
        case _:
            return Absent.NO_VALUE


def _append(path: Path, refused: Sequence[tuple[str, int, str]]) -> None:
    """Adds rows that tell no county to the file of refused rows."""
    new = not path.exists() or path.stat().st_size == 0
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if new:
            writer.writerow(("line", "reason", "row"))
        writer.writerows((line, reason, name) for name, line, reason in refused)
