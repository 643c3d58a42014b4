"""Homes that may get a meter: a utility's own table, or synthetic ones that say on every page that they are.

Everything but the premise and its circuit may be missing; what is missing is unknown, and unknown is never eligible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bptm.planning.rules import Column as RuleColumn
from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout
from bptm.program.rows import Source, read_table
from bptm.program.states import fips_of, is_old_connecticut
from bptm.terms.refusals import Refused

Floats = NDArray[np.float64]
HOURS_A_YEAR = 8784.0
FLAGS = ("fast_trip_circuit", "owner_consents", "medical_baseline", "access_need", "low_income", "own_well")
TEXTS = ("fire_threat_tier", "socket_form", "existing_backup", "county_fips", "depot", "circuit")
NUMBERS = ("panel_a", "outage_hours_per_year", "hazard_score", "latitude", "longitude", "travel_minutes")
LAYOUT = Layout(
    name="candidates",
    columns=(
        Column(name="premise_id", also=("premise", "id", "service_point_id"), value_needed=True),
        Column(name="circuit", also=("circuit_id", "feeder", "feeder_id"), value_needed=True),
        Column(name="county_fips", also=("fips", "county"), needed=False),
        Column(name="depot", also=("yard", "service_center"), needed=False),
        Column(name="latitude", also=("lat",), kind=Kind.NUMBER, needed=False, low=-90, high=90),
        Column(name="longitude", also=("lon", "lng", "long"), kind=Kind.NUMBER, needed=False, low=-180, high=180),
        Column(name="travel_minutes", kind=Kind.NUMBER, needed=False, low=0, high=1440),
        Column(name="fire_threat_tier", also=("hftd", "hftd_tier"), needed=False),
        Column(name="fast_trip_circuit", also=("epss", "epss_circuit"), kind=Kind.FLAG, needed=False),
        Column(name="socket_form", also=("meter_form", "form"), needed=False),
        Column(name="panel_a", also=("service_a", "panel_amps"), kind=Kind.NUMBER, needed=False, low=0, high=5000),
        Column(name="owner_consents", also=("owner_permission", "owner"), kind=Kind.FLAG, needed=False),
        Column(name="medical_baseline", also=("medical", "mbl"), kind=Kind.FLAG, needed=False),
        Column(name="access_need", also=("afn", "access_needs"), kind=Kind.FLAG, needed=False),
        Column(name="low_income", also=("care", "income_qualified"), kind=Kind.FLAG, needed=False),
        Column(name="own_well", also=("well_pump", "well"), kind=Kind.FLAG, needed=False),
        Column(name="existing_backup", also=("backup",), needed=False),
        Column(
            name="outage_hours_per_year", also=("outage_hours",), kind=Kind.NUMBER, needed=False, low=0,
            high=HOURS_A_YEAR,
        ),
        Column(name="hazard_score", also=("hazard", "risk_score"), kind=Kind.NUMBER, needed=False, low=0, high=100),
        Column(name="applied_at", also=("applied", "application_date"), kind=Kind.TIME, needed=False),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The candidates as columns, each of shape (homes,).

    `first_come` is the order of application, the order of the file where no time is given.
    """

    premise_id: NDArray[np.str_]
    columns: Mapping[str, RuleColumn]
    first_come: NDArray[np.int64]
    version: str
    synthetic: bool
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.premise_id.size)

    def known_true(self, flag: str) -> NDArray[np.bool_]:
        """Where a flag is known to be set."""
        column = self.columns[flag]
        return np.asarray(column.values, dtype=np.bool_) & column.known

    def number(self, name: str) -> Floats:
        """A number, NaN where it is not known."""
        column = self.columns[name]
        return np.where(column.known, np.asarray(column.values, dtype=np.float64), np.nan)

    def text(self, name: str) -> NDArray[np.str_]:
        """A text, empty where it is not known."""
        return np.where(self.columns[name].known, np.asarray(self.columns[name].values, dtype=np.str_), "")


def read_candidates(tables: Tables, path: Path, refused_to: Path | None) -> Candidates | Refused:
    """The candidates of a file; refused rows are counted in the notes and written to `refused_to`."""
    source = read_table(tables, path, LAYOUT, "candidates", refused_to)
    if isinstance(source, Refused):
        return source
    tables.run(
        "CREATE OR REPLACE TABLE chosen AS SELECT * FROM candidates "
        "QUALIFY row_number() OVER (PARTITION BY premise_id ORDER BY line) = 1 ORDER BY line"
    )
    (kept,) = tables.row("SELECT count(*) FROM chosen")
    (good,) = tables.row("SELECT count(*) FROM candidates")
    notes = [source.sentence()]
    if good > kept:
        notes.append(f"{good - kept:,} rows name a premise again; the first row of each counts.")
    return _with_codes(_of_table(tables, source, tuple(notes)))


def _with_codes(read: Candidates) -> Candidates:
    """County codes as five digits, so that 6063 and 06063 are one county; what is none is not known.

    The eight old counties of Connecticut are codes, and no longer counties of the tables of hazard: that is said.
    """
    column = read.columns["county_fips"]
    texts, where = np.unique(read.text("county_fips"), return_inverse=True)
    codes = [fips_of(str(text)) if text else None for text in texts]
    code_of = np.array([code or "" for code in codes], dtype=np.str_)[where]
    known = code_of != ""
    strange = int(np.count_nonzero(column.known & ~known))
    old = int(np.isin(code_of, [code for code in codes if code and is_old_connecticut(code)]).sum())
    notes = list(read.notes)
    if strange:
        notes.append(f"{strange:,} homes have a county code that is none; their county is not known.")
    if old:
        notes.append(
            f"{old:,} homes have a code of Connecticut's old counties, which hazard tables since 2022 do not hold; "
            "give its planning regions (09110 to 09190)."
        )
    columns = {**read.columns, "county_fips": RuleColumn(values=code_of, known=known)}
    return replace(read, columns=columns, notes=tuple(notes))


def _of_table(tables: Tables, source: Source, notes: tuple[str, ...]) -> Candidates:
    arrays = tables.arrays("SELECT * FROM chosen ORDER BY line")
    applied = np.ma.filled(tables.arrays("SELECT epoch(applied_at) AS at_s FROM chosen ORDER BY line")["at_s"], np.inf)
    return Candidates(
        premise_id=np.asarray(arrays["premise_id"], dtype=np.str_),
        columns={name: _column(arrays[name], name) for name in (*FLAGS, *TEXTS, *NUMBERS)},
        first_come=np.argsort(np.asarray(applied, dtype=np.float64), kind="stable"),
        version=source.version,
        synthetic=False,
        notes=notes,
    )


def _column(values: object, name: str) -> RuleColumn:
    masked = cast("np.ma.MaskedArray[tuple[int], np.dtype[np.object_]]", np.ma.asarray(values))
    plain = np.asarray(masked.filled(None) if masked.dtype == object else masked.data)
    known = ~np.ma.getmaskarray(masked)
    if plain.dtype == object:
        known = known & np.array([value is not None for value in plain], dtype=np.bool_)
        blank: object = "" if name in TEXTS else False if name in FLAGS else 0.0
        plain = np.where(known, plain, cast("str", blank))
    if name in TEXTS:
        return RuleColumn(values=plain.astype(np.str_), known=known)
    if name in FLAGS:
        return RuleColumn(values=plain.astype(np.bool_), known=known)
    numbers = plain.astype(np.float64)
    return RuleColumn(values=np.where(known, numbers, 0.0), known=known & np.isfinite(numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A county as synthetic homes need it."""

    fips: str
    name: str
    people_count: int
    hazard_score: float


HOMES_A_CIRCUIT = 60
"""Own choice: candidates, not customers, on a circuit."""


def synthetic(places: Sequence[Place], homes: int, seed: int) -> Candidates:
    """Homes drawn over counties by population and hazard; the same seed gives the same homes.

    Every share and spread in here is our own choice and stands for nothing but a shape to try a programme on: outage
    hours rise with the county's hazard and vary by circuit, medical need and income do not depend on place.
    """
    chance = np.random.default_rng(seed)
    people = np.array([place.people_count for place in places], dtype=np.float64)
    hazard = np.array([place.hazard_score for place in places])
    share = people**0.5 * (hazard + 1.0)
    county = np.sort(chance.choice(len(places), size=homes, p=share / share.sum()))
    circuit_in = np.empty(homes, dtype=np.int64)
    for at in range(len(places)):
        here = county == at
        circuit_in[here] = chance.integers(0, max(1, int(here.sum()) // HOMES_A_CIRCUIT), int(here.sum()))
    circuit_key = county * 100_000 + circuit_in
    _, circuit = np.unique(circuit_key, return_inverse=True)
    circuits = int(circuit.max()) + 1
    circuit_hours = chance.gamma(2.0, 1.0, circuits)
    travel = chance.uniform(10.0, 90.0, circuits)
    tier = np.where(
        chance.random(circuits)[circuit] < hazard[county] / 150.0, chance.integers(2, 4, circuits)[circuit], 0
    )
    everywhere = np.ones(homes, dtype=np.bool_)

    def flag(share_of: float) -> RuleColumn:
        return RuleColumn(values=chance.random(homes) < share_of, known=everywhere)

    def text(values: NDArray[np.str_]) -> RuleColumn:
        return RuleColumn(values=values, known=everywhere)

    def number_of(values: Floats) -> RuleColumn:
        return RuleColumn(values=values, known=everywhere)

    fips = np.array([place.fips for place in places])[county]
    nowhere = RuleColumn(values=np.zeros(homes), known=~everywhere)
    columns: dict[str, RuleColumn] = {
        "fast_trip_circuit": RuleColumn(values=(chance.random(circuits) < FAST_TRIP_SHARE)[circuit], known=everywhere),
        "owner_consents": flag(0.75),
        "medical_baseline": flag(0.055),
        "access_need": flag(0.2),
        "low_income": flag(0.3),
        "own_well": flag(0.25),
        "fire_threat_tier": text(tier.astype(np.str_)),
        "socket_form": text(np.where(chance.random(homes) < FORM_2S_SHARE, "2S", "4S")),
        "existing_backup": text(chance.choice(np.array(BACKUP_WORDS), size=homes, p=BACKUP_SHARES)),
        "county_fips": text(fips),
        "depot": text(np.char.add("depot ", fips)),
        "circuit": text(np.char.add(np.char.add(fips, "-"), circuit_in.astype(np.str_))),
        "panel_a": number_of(
            chance.choice(np.array([100.0, 125.0, 200.0, 400.0]), size=homes, p=(0.3, 0.2, 0.45, 0.05))
        ),
        "outage_hours_per_year": number_of(
            np.minimum(circuit_hours[circuit] * (2.0 + hazard[county] / 8.0) * chance.gamma(4.0, 0.25, homes), 2000.0)
        ),
        "hazard_score": number_of(hazard[county]),
        "latitude": nowhere,
        "longitude": nowhere,
        "travel_minutes": number_of(travel[circuit]),
    }
    return Candidates(
        premise_id=np.char.add("synthetic-", np.arange(1, homes + 1).astype(np.str_)),
        columns=columns,
        first_come=chance.permutation(homes),
        version=f"synthetic, seed {seed}, {len(places)} counties",
        synthetic=True,
        notes=("The homes are synthetic: drawn by a seed, no home of anybody.",),
    )


BACKUP_WORDS = ("none", "portable", "standby", "battery", "ev")
BACKUP_SHARES = (0.55, 0.33, 0.05, 0.04, 0.03)
FAST_TRIP_SHARE = 0.5
FORM_2S_SHARE = 0.94
