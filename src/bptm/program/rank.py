"""Opportunity areas from files: read, joined by county, ranked by `planning.opportunity`, every figure traceable."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from bptm.planning.opportunity import HAZARDS, KINDS, NAMES, Absent, County, Placed, rank_counties
from bptm.planning.opportunity_sway import Sway, sway_of
from bptm.program.county_nri import NriTable, read_nri
from bptm.program.county_outages import History, history_of, read_history
from bptm.program.county_people import PeopleTable, read_people
from bptm.program.duck import Tables
from bptm.program.page import Mark, Origin
from bptm.program.profile import Profile
from bptm.program.rows import Source
from bptm.program.states import ABBREVIATIONS, CONNECTICUT
from bptm.terms.refusals import Refused, Unmet

DATA = files("bptm.program") / "data"
SHIPPED_NRI = Path(str(DATA / "nri_v120_ca_nc.csv"))
SHIPPED_SVI = Path(str(DATA / "svi_2022_ca_nc.csv"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What shall be ranked.

    Attributes:
        nri: County tables of the National Risk Index; empty means the shipped one (California and North Carolina).
        svi: County table of the CDC's index, for households; None means the shipped one beside the shipped table.
        outages: An outage record of any kind that `county_outages` knows.
        weights: By input; empty means the profile's, else every hazard that the table holds, weighed alike.
        states: Two-letter states to keep; empty means all.
        scenario: Of the hazard scores.
        profile: Keeps its territory.
        draws_count: Sets of weights for the rank intervals.
        seed: Of those.
        refused_to: Where refused rows are written.
    """

    nri: tuple[Path, ...] = ()
    svi: Path | None = None
    outages: Path | None = None
    weights: Mapping[str, float]
    states: tuple[str, ...] = ()
    scenario: str = "today"
    profile: Profile | None = None
    draws_count: int = 400
    seed: int = 1
    refused_to: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A ranking with all that is needed to check it."""

    placed: tuple[Placed, ...]
    weights: dict[str, float]
    sway: Sway
    nri_version: str
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
    origins: tuple[Origin, ...]
    inputs: tuple[str, ...]
    """What could be weighed."""
    seed: int

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "counties": [self._county(place) for place in self.placed],
            "weights": self.weights,
            "nri_version": self.nri_version,
            "inputs_available": list(self.inputs),
            "sensitivity": {
                "draws": self.sway.draws_count,
                "seed": self.seed,
                "swings": [
                    {
                        "input": swing.name,
                        "change": swing.change,
                        "rank_correlation": swing.correlation,
                        "top_kept": swing.top_kept_count,
                        "top": swing.top_count,
                        "enters": list(swing.enters),
                        "leaves": list(swing.leaves),
                    }
                    for swing in self.sway.swings
                ],
            },
            "sources": [
                {"file": s.path.name, "version": s.version, "rows_read": s.rows_read, "rows_refused": s.rows_refused}
                for s in self.sources
            ],
            "rows_read": sum(source.rows_read for source in self.sources),
            "rows_refused": sum(source.rows_refused for source in self.sources),
            "notes": list(self.notes),
        }

    def _county(self, place: Placed) -> dict[str, object]:
        county = place.county
        return {
            "fips": county.fips,
            "name": county.name,
            "state": county.state,
            "score": place.score,
            "rank": place.rank,
            "inputs": {name: None if isinstance(v, Absent) else v for name, v in county.inputs.items()},
            "missing": {name: why.value for name, why in place.missing.items()},
            "points": dict(place.points),
            "score_between": place.score_between,
            "rank_between": place.rank_between,
            "rank_interval": self.sway.rank_interval.get(county.fips),
            "top_share_fraction": self.sway.top_share_fraction.get(county.fips),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The tables that were asked for."""

    nri: NriTable
    people: PeopleTable | None
    history: History | None

    def notes(self) -> tuple[str, ...]:
        """What their readers had to say."""
        said = (self.nri.notes, self.people.notes if self.people else (), self.history.notes if self.history else ())
        return tuple(note for notes in said for note in notes)

    def sources(self) -> tuple[Source, ...]:
        """Their files."""
        others = (table.source for table in (self.people, self.history) if table is not None)
        return (*self.nri.sources, *others)


def rank_from(tables: Tables, asked: Asked) -> Ranking | Refused:
    """The ranking that was asked for, or everything that stands in its way."""
    read = _read(tables, asked)
    if isinstance(read, Refused):
        return read
    counties = [
        _joined(county, read.people, read.history) for county in read.nri.counties.values() if _kept(county, asked)
    ]
    if not counties:
        return Refused(unmet=(_nothing_kept(asked, read.nri),))
    weights = _weights(asked, counties)
    placed = rank_counties(counties, weights)
    if isinstance(placed, Refused):
        return placed
    uniform = np.random.default_rng(asked.seed).random((asked.draws_count, len(KINDS)))
    return Ranking(
        placed=placed,
        weights=weights,
        sway=sway_of(counties, weights, uniform),
        nri_version=read.nri.version,
        sources=read.sources(),
        notes=(*read.notes(), *_boundary(counties)),
        origins=tuple(_origins(asked, read, weights)),
        inputs=tuple(name for name in NAMES if any(name in county.inputs for county in counties)),
        seed=asked.seed,
    )


def _read(tables: Tables, asked: Asked) -> _Read | Refused:
    faults = _state_faults(asked.states)
    if faults:
        return Refused(unmet=faults)
    nri = read_nri(tables, asked.nri or (SHIPPED_NRI,), scenario=asked.scenario, refused_to=asked.refused_to)
    if isinstance(nri, Refused):
        return nri
    people = _people(tables, asked)
    if isinstance(people, Refused):
        return people
    history = _history(tables, asked, nri, people)
    return history if isinstance(history, Refused) else _Read(nri=nri, people=people, history=history)


def _state_faults(states: tuple[str, ...]) -> tuple[Unmet, ...]:
    return tuple(
        Unmet(
            element="--state",
            found=state,
            needs="two letters of a state or territory, such as CA",
            remedy="Write the postal abbreviation.",
        )
        for state in states
        if state not in ABBREVIATIONS
    )


def _people(tables: Tables, asked: Asked) -> PeopleTable | Refused | None:
    if asked.svi is not None:
        return read_people(tables, asked.svi, _beside(asked.refused_to, "svi"))
    return None if asked.nri else read_people(tables, SHIPPED_SVI, _beside(asked.refused_to, "svi"))


def _history(tables: Tables, asked: Asked, nri: NriTable, people: PeopleTable | None) -> History | Refused | None:
    if asked.outages is None:
        return None
    # Households where they are known; people stand in for them where they are not, which the page says.
    customers: dict[str, float] = {}
    for fips, county in nri.counties.items():
        known = people.people[fips].households if people and fips in people.people else None
        population = county.inputs.get("population")
        count = known or (population / PEOPLE_PER_HOUSEHOLD if isinstance(population, float) else None)
        if count:
            customers[fips] = count
    return read_history(tables, asked.outages, customers, _beside(asked.refused_to, "outages"))


def _beside(path: Path | None, table: str) -> Path | None:
    """Where the refused rows of another table go: a file of its own beside the first."""
    return None if path is None else path.with_stem(f"{path.stem}-{table}")


PEOPLE_PER_HOUSEHOLD = 2.5
"""Own choice, near the mean of the country; used only where no table gives households."""


def _kept(county: County, asked: Asked) -> bool:
    if asked.states and county.state not in asked.states:
        return False
    return asked.profile is None or asked.profile.serves(county.fips, county.state)


def _nothing_kept(asked: Asked, nri: NriTable) -> Unmet:
    there = sorted({county.state for county in nri.counties.values()})
    territory = f" in the territory of {asked.profile.name}" if asked.profile else ""
    return Unmet(
        element="counties",
        found=f"none of {', '.join(asked.states) or 'any state'}{territory}",
        needs=f"counties that the table holds: {', '.join(there)}",
        remedy="Name one of these states, or give the National Risk Index table of yours with --nri.",
    )


def _weights(asked: Asked, counties: list[County]) -> dict[str, float]:
    if asked.weights:
        return dict(asked.weights)
    if asked.profile is not None:
        return dict(asked.profile.hazard_weights)
    hazards = {name: 1.0 for name in HAZARDS if any(name in county.inputs for county in counties)}
    return hazards or {name: 1.0 for name in NAMES if any(name in county.inputs for county in counties)}


def _joined(county: County, people: PeopleTable | None, history: History | None) -> County:
    inputs = dict(county.inputs)
    if people is not None:
        found = people.people.get(county.fips)
        why = Absent.BOUNDARY if county.fips.startswith(CONNECTICUT) else Absent.NO_COUNTY
        households = found.households if found else None
        inputs["households"] = (why if found is None else Absent.NO_VALUE) if households is None else households
        if "social_vulnerability" not in inputs:
            svi = found.svi_score if found else None
            inputs["social_vulnerability"] = (why if found is None else Absent.NO_VALUE) if svi is None else svi
    if history is not None:
        hours = history_of(history, county.fips)
        inputs["outage_history"] = Absent.NO_COUNTY if hours is None else hours
    return replace(county, inputs={name: inputs[name] for name in NAMES if name in inputs})


def _boundary(counties: list[County]) -> list[str]:
    torn = [c for c in counties if Absent.BOUNDARY in c.inputs.values()]
    if not torn:
        return []
    return [
        f"Connecticut: {len(torn)} areas have no match: planning regions replaced its counties in 2022, on other land."
    ]


def _origins(asked: Asked, read: _Read, weights: Mapping[str, float]) -> list[Origin]:
    nri, people, history = read.nri, read.people, read.history
    files_read = "; ".join(f"{source.path.name} ({source.version})" for source in nri.sources)
    columns = ", ".join(f"{name} = {column}" for name, column in nri.score_columns.items())
    mix = " + ".join(f"{weight:g} x {name}" for name, weight in weights.items() if weight > 0)
    total = sum(weight for weight in weights.values() if weight > 0)
    found = [
        Origin(
            what="Hazard scores, social vulnerability, resilience, population",
            source=f"FEMA National Risk Index, version {nri.version}: {files_read}. "
            "This product uses the FEMA National Risk Index, but is not endorsed by FEMA.",
            query=columns,
            mark=Mark.PUBLISHED,
            assumed=(
                "A hazard that is not applicable adds nothing; a value that is missing is not taken as zero.",
                "FEMA's hazard scores hold vulnerability and resilience already: weighed beside them they count twice.",
            ),
        ),
        Origin(
            what="Score and rank",
            source="planning.opportunity, of this project",
            query=f"({mix}) / {total:g}",
            mark=Mark.OWN,
            assumed=(
                "The weights are a choice, not a measurement; the section on sensitivity shows what hangs on them.",
                "Scores are national percentiles: equal scores of two hazards are equal ranks, not equal losses.",
            ),
        ),
        Origin(
            what="Rank intervals",
            source="planning.opportunity_sway, of this project",
            query=f"{asked.draws_count} draws, seed {asked.seed}; each weight x 2^u, u even in -1 to 1; 5 to 95 %",
            mark=Mark.OWN,
        ),
    ]
    if people is not None:
        found.append(
            Origin(
                what="Households",
                source=f"CDC/ATSDR social vulnerability index: {people.source.path.name} ({people.source.version})",
                query="E_HH by FIPS; need = percentile rank among the counties shown",
                mark=Mark.PUBLISHED,
            )
        )
    if history is not None:
        found.append(
            Origin(
                what="Outage history",
                source=f"{history.record.value}: {history.source.path.name} ({history.source.version})",
                query=history.query,
                mark=Mark.DERIVED,
                assumed=("An upper bound, good for ranking and not as an index: see `bptm program outages`.",),
            )
        )
    return found
