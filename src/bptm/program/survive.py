"""How long homes last: from the desk's assumptions by Monte Carlo, from the twin's homes where there are any.

An outage record turns curves into what matters: in how many of its interruptions a home with each kind of backup would
have kept its supply, and how many of its outages end within so many hours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bptm.planning import reliability as index
from bptm.planning.reliability import Durations
from bptm.program.assumptions import Assumption
from bptm.program.duck import Tables, quoted
from bptm.program.lasting import NEEDED, Backup, Range, lasting_h, survivors
from bptm.program.layout import Column, Kind, Layout
from bptm.program.outage_record import HOUR_S, Listed
from bptm.program.rows import Source, read_table
from bptm.terms.core_codes import FED_BY_BACKUP, FED_BY_UTILITY
from bptm.terms.refusals import Refused, Unmet

SETS = 200
"""Draws of the assumptions; the rest of the draws are homes within each. Own choice: 5 and 95 % of 200 are steady."""

LOW, HIGH = 0.05, 0.95
GRID_H = np.concatenate([np.arange(0, 24, 0.5), np.arange(24, 24 * 7 + 1, 2.0)])
RIDE_S = 300.0
"""A home that was dark for at most this long in an outage kept its supply: transfer there and back. Own choice."""

HOMES_FILE, INTERVALS_FILE, EACH_HOME = "homes.parquet", "intervals.parquet", "each_home"
HOMES = Layout(
    name="homes of a fleet run",
    columns=(
        Column(name="home", kind=Kind.WHOLE, value_needed=True),
        Column(name="source_kind", value_needed=True),
        Column(name="medical", kind=Kind.WHOLE, value_needed=True),
        Column(name="outages", kind=Kind.WHOLE, value_needed=True, low=0),
        Column(name="outage_s", kind=Kind.NUMBER, value_needed=True, low=0),
        Column(name="dark_s", kind=Kind.NUMBER, value_needed=True, low=0),
        Column(name="backup_s", kind=Kind.NUMBER, value_needed=True, low=0),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A share with its uncertainty: mean, 5 and 95 % over the draws of the assumptions."""

    mean: float
    low: float
    high: float

    def record(self) -> dict[str, float]:
        """As it stands in JSON."""
        return {"mean": self.mean, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How homes of one kind last.

    Attributes:
        grid: Share still supplied at each of `GRID_H`.
        at: The same at the lengths asked for.
        medical_at: For homes with medical devices.
        median_h: Half of the homes last longer, over all draws; None beyond the grid.
        survived: Share of the record's customer interruptions that such a home outlasts; None without a record.
    """

    kind: Backup
    grid: tuple[Band, ...]
    at: dict[float, Band]
    medical_at: dict[float, Band]
    median_h: float | None
    survived: Band | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FromTwin:
    """What a fleet run says of homes with one kind of source, medical ones apart.

    Attributes:
        source_kind: As the run names it.
        medical: With medical devices, or without.
        homes_count: Homes of the kind that had an outage.
        supplied_fraction: Share of their outage time in which the premise was not dark.
        kept_fraction: Share of them that were dark for no more than a transfer in each outage.
        supplied_at: Hours to (outages still under way then, share of them in which the home was supplied); None when
            the run has no rows of single homes.
    """

    source_kind: str
    medical: bool
    homes_count: int
    supplied_fraction: float | None
    kept_fraction: float
    supplied_at: Mapping[float, tuple[int, float]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """All that was found."""

    curves: tuple[Curve, ...]
    mix: dict[Backup, float]
    medical_covered: dict[float, Band]
    hours: tuple[float, ...]
    used: tuple[Assumption, ...]
    listed: Listed | None
    twin: tuple[FromTwin, ...]
    twin_source: Source | None
    draws_count: int
    seed: int
    notes: tuple[str, ...]

    def unsourced(self) -> list[Assumption]:
        """Assumptions that nobody can look up."""
        return [one for one in self.used if not one.sourced]


def survival_from(
    known: Mapping[str, Assumption], hours: tuple[float, ...], draws: int, seed: int, listed: Listed | None
) -> Survival | Refused:
    """Curves of all kinds by Monte Carlo, `draws` homes a kind."""
    used = tuple(known[key] for key in (*(f"survive.{name}" for name in NEEDED), *_mix_keys()))
    mix = {kind: known[f"survive.mix_{kind.value}_fraction"].value for kind in Backup if kind is not Backup.NONE}
    if sum(mix.values()) > 1:
        fault = Unmet(
            element="survive.mix_..._fraction",
            found=f"{sum(mix.values()):g} in all",
            needs="at most 1: the rest has no backup",
            remedy="Lower the shares in the file of assumptions.",
        )
        return Refused(unmet=(fault,))
    mix[Backup.NONE] = 1 - sum(mix.values())
    ranges = {name: _range(known[f"survive.{name}"]) for name in NEEDED}
    homes = max(draws // SETS, 1)
    at_h = np.array(hours)
    curves: list[Curve] = []
    covered = np.zeros((SETS, len(hours)))
    for number, kind in enumerate(Backup):
        # One stream a kind: a change in one kind's model leaves the others' draws as they were.
        random = np.random.default_rng((seed, number))
        lasting = lasting_h(kind, ranges, random, sets=SETS, homes=homes, medical=False)
        medical = lasting_h(kind, ranges, random, sets=SETS, homes=homes, medical=True)
        medical_share = survivors(medical, at_h)
        covered += mix[kind] * medical_share
        middle = float(np.median(lasting))
        curves.append(
            Curve(
                kind=kind,
                grid=_bands(survivors(lasting, GRID_H)),
                at=dict(zip(hours, _bands(survivors(lasting, at_h)), strict=True)),
                medical_at=dict(zip(hours, _bands(medical_share), strict=True)),
                median_h=middle if middle <= GRID_H[-1] else None,
                survived=_survived(lasting, listed.every) if listed is not None else None,
            )
        )
    return Survival(
        curves=tuple(curves),
        mix=mix,
        medical_covered=dict(zip(hours, _bands(covered), strict=True)),
        hours=hours,
        used=used,
        listed=listed,
        twin=(),
        twin_source=None,
        draws_count=homes * SETS,
        seed=seed,
        notes=(),
    )


def _mix_keys() -> list[str]:
    return [f"survive.mix_{kind.value}_fraction" for kind in Backup if kind is not Backup.NONE]


def _range(one: Assumption) -> Range:
    return Range(value=one.value, low=one.low, high=one.high, distribution=one.distribution)


def _bands(shares: index.Floats) -> tuple[Band, ...]:
    low, high = np.quantile(shares, LOW, axis=0), np.quantile(shares, HIGH, axis=0)
    return tuple(
        Band(mean=float(mean), low=float(least), high=float(most))
        for mean, least, most in zip(shares.mean(axis=0), low, high, strict=True)
    )


def _survived(lasting: index.Floats, record: Durations) -> Band | None:
    """Share of customer interruptions whose length a home of this kind outlasts, over the record's own lengths."""
    total = record.interruptions_count()
    if not total:
        return None
    reached = np.concatenate([[0.0], np.cumsum(record.customers_count)]) / total
    share = np.stack(
        [reached[np.searchsorted(record.duration_s, row * HOUR_S, side="right")].mean() for row in lasting]
    )
    (band,) = _bands(share[:, None])
    return band


def read_twin(tables: Tables, folder: Path, hours: Sequence[float]) -> tuple[tuple[FromTwin, ...], Source] | Refused:
    """Homes of a fleet run by their source, from the folder that `bptm fleet --out` left.

    Totals of each home are always there. How the supply went on through an outage is known where the run was asked for
    a row a home and interval (`--each-home`): what feeds a home at the end of each interval.
    """
    file = folder / HOMES_FILE if folder.is_dir() else folder
    source = read_table(tables, file, HOMES, "homes")
    if isinstance(source, Refused):
        return source
    rows = tables.rows(
        "SELECT source_kind, medical <> 0, count(*), sum(outage_s), sum(least(dark_s, outage_s)), "  # noqa: S608
        f"avg((dark_s <= {RIDE_S} * outages)::INT) FROM homes WHERE outages > 0 GROUP BY 1, 2 ORDER BY 1, 2"
    )
    if not rows:
        fault = Unmet(
            element=str(file),
            found=f"{source.rows_read:,} homes, none with an outage",
            needs="a run in which homes lost supply",
            remedy="Run bptm fleet with --outage BEGIN,LENGTH, or without --outage none.",
        )
        return Refused(unmet=(fault,))
    each = folder / EACH_HOME
    at = _supplied_at(tables, folder, hours) if folder.is_dir() and any(each.glob("*.parquet")) else None
    return tuple(
        FromTwin(
            source_kind=kind,
            medical=bool(medical),
            homes_count=count,
            supplied_fraction=1 - dark_s / outage_s if outage_s else None,
            kept_fraction=float(kept),
            supplied_at=None if at is None else at.get((kind, bool(medical)), {}),
        )
        for kind, medical, count, outage_s, dark_s, kept in rows
    ), source


_SUPPLIED_AT = """
WITH away AS (
  SELECT home, "interval", fed_by = {backup} AS supplied,
         "interval" - row_number() OVER (PARTITION BY home ORDER BY "interval") AS island
  FROM read_parquet({each}) WHERE fed_by <> {utility}
), told AS (
  SELECT home, supplied, ("interval" - min("interval") OVER (PARTITION BY home, island)) AS steps FROM away
)
SELECT h.source_kind, h.medical <> 0, count(*), avg(t.supplied::INT)
FROM told t JOIN homes h USING (home) WHERE t.steps = {steps} GROUP BY 1, 2
"""


def _supplied_at(
    tables: Tables, folder: Path, hours: Sequence[float]
) -> dict[tuple[str, bool], dict[float, tuple[int, float]]]:
    """Outages still under way after so many hours, and the share of them in which the home was supplied then."""
    (lasts_s,) = tables.row(
        f"SELECT max(lasts_s) FROM read_parquet({quoted(str(folder / INTERVALS_FILE))})"  # noqa: S608 (quoted)
    )
    found: dict[tuple[str, bool], dict[float, tuple[int, float]]] = {}
    for length_h in hours:
        sql = _SUPPLIED_AT.format(
            backup=FED_BY_BACKUP,
            utility=FED_BY_UTILITY,
            each=quoted(str(folder / EACH_HOME / "*.parquet")),
            # The first interval away ends with a row of its own: step 0 is one interval after the loss at most.
            steps=max(round(length_h * HOUR_S / lasts_s) - 1, 0),
        )
        for kind, medical, count, share in tables.rows(sql):
            found.setdefault((kind, bool(medical)), {})[length_h] = (count, float(share))
    return found
