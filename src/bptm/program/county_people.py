"""People of a county: households and social vulnerability of the CDC/ATSDR index."""

from dataclasses import dataclass
from pathlib import Path

from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout
from bptm.program.rows import Source, read_table
from bptm.program.states import fips_of
from bptm.terms.refusals import Refused

SVI = Layout(
    name="CDC/ATSDR social vulnerability index, counties",
    columns=(
        Column(name="fips", also=("FIPS", "STCNTY", "GEOID", "STCOFIPS"), value_needed=True),
        Column(name="households", also=("E_HH", "HOUSEHOLDS"), kind=Kind.NUMBER),
        Column(name="people", also=("E_TOTPOP",), kind=Kind.NUMBER, needed=False),
        Column(name="age65", also=("E_AGE65",), kind=Kind.NUMBER, needed=False),
        Column(name="disabled", also=("E_DISABL",), kind=Kind.NUMBER, needed=False),
        Column(name="svi", also=("RPL_THEMES",), kind=Kind.NUMBER, needed=False, high=1),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What one county's row says; a figure the index marks as missing (-999) is None."""

    households: float | None
    svi_score: float | None
    """Percentile rank of all themes, times 100; higher is more vulnerable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleTable:
    """Households and vulnerability by FIPS code."""

    people: dict[str, People]
    source: Source
    notes: tuple[str, ...]


def read_people(tables: Tables, path: Path, refused_to: Path | None = None) -> PeopleTable | Refused:
    """The county table of the index."""
    source = read_table(tables, path, SVI, "svi", refused_to)
    if isinstance(source, Refused):
        return source
    people: dict[str, People] = {}
    strange: list[str] = []
    for line, text, households, svi in tables.rows("SELECT line, fips, households, svi FROM svi ORDER BY line"):
        fips = fips_of(str(text))
        if fips is None or fips in people:
            strange.append(f"line {line}: {text}")
            continue
        people[fips] = People(
            households=households if households is not None and households >= 0 else None,
            svi_score=100.0 * svi if svi is not None and svi >= 0 else None,
        )
    notes = [source.sentence()] if source.rows_refused else []
    if strange:
        notes.append(
            f"{path.name}: {len(strange):,} rows tell no county or one that stands already; first: {strange[0]}."
        )
    return PeopleTable(people=people, source=source, notes=tuple(notes))
