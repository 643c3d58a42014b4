"""Clusters that one crew visits in one go, the depot of each, and how long the way is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bptm.planning.siting import Floats
from bptm.program.assumptions import Assumption
from bptm.program.candidates import Candidates
from bptm.program.duck import Tables
from bptm.program.layout import Column, Kind, Layout, nearest
from bptm.program.rows import read_table
from bptm.terms.refusals import Refused, Unmet

EARTH_KM = 6371.0
DETOUR_RATIO = 1.3
"""Own choice: road against straight line."""
DEPOTS_MAX = 40
"""Own choice: each depot is a row of the optimisation; more are a region's work, and are sited by region."""
LAYOUT = Layout(
    name="depots",
    columns=(
        Column(name="depot", also=("name", "yard"), value_needed=True),
        Column(name="crew_hours", also=("hours",), kind=Kind.NUMBER, needed=False, low=0, high=10_000_000),
        Column(name="latitude", also=("lat",), kind=Kind.NUMBER, needed=False, low=-90, high=90),
        Column(name="longitude", also=("lon", "lng"), kind=Kind.NUMBER, needed=False, low=-180, high=180),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where crews start."""

    name: str
    crew_s: float | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """The cluster of each home, and of each cluster the depot and the crew time of one visit, there and back."""

    cluster: NDArray[np.int64]
    cluster_names: NDArray[np.str_]
    cluster_depot: NDArray[np.int64]
    visit_s: Floats
    depots: tuple[Depot, ...]
    notes: tuple[str, ...]


def read_depots(tables: Tables, path: Path, refused_to: Path | None) -> tuple[Depot, ...] | Refused:
    """The depots of a file."""
    source = read_table(tables, path, LAYOUT, "depots", refused_to)
    if isinstance(source, Refused):
        return source
    records = tables.records("SELECT * FROM depots ORDER BY line")
    names = [str(record["depot"]) for record in records]
    if len(set(names)) < len(names) or not 0 < len(names) <= DEPOTS_MAX:
        found = f"{len(names)} rows with {len(set(names))} names; {source.sentence()}"
        return _refused(str(path), found, f"1 to {DEPOTS_MAX} depots, each once", "Correct the file.")
    return tuple(
        Depot(
            name=str(record["depot"]),
            crew_s=None if record["crew_hours"] is None else float(record["crew_hours"]) * 3600.0,
            latitude=record["latitude"],
            longitude=record["longitude"],
        )
        for record in records
    )


def travel_of(
    candidates: Candidates, homes: NDArray[np.int64], depots: Sequence[Depot], assumed: Mapping[str, Assumption]
) -> Travel | Refused:
    """Clusters by circuit; the depot is the one named, else the nearest, else the only one.

    The way is the minutes given, else 1.3 times the straight line at the assumed speed, else the assumed visit.
    """
    names, first, cluster = np.unique(candidates.text("circuit")[homes], return_index=True, return_inverse=True)
    cluster = np.asarray(cluster, dtype=np.int64)
    given = candidates.text("depot")[homes][first]
    centre = _centres(candidates, homes, cluster, names.size)
    known = tuple(depots) or _named_depots(given)
    if not isinstance(known, tuple):
        return known
    depot = _depot_of(known, given, centre)
    if isinstance(depot, Refused):
        return depot
    minutes = candidates.number("travel_minutes")[homes][first]
    line_km = _distances(known, centre)[depot, np.arange(names.size)] * DETOUR_RATIO
    by_line_s = 2.0 * 3600.0 * line_km / assumed["siting.travel_km_per_hour"].value
    visit_s = np.where(np.isnan(minutes), by_line_s, 2.0 * 60.0 * minutes)
    assumed_count = int(np.isnan(visit_s).sum())
    notes = (
        f"{assumed_count:,} of {names.size:,} circuits have neither travel minutes nor places; a visit is assumed.",
    )
    return Travel(
        cluster=cluster,
        cluster_names=names,
        cluster_depot=depot,
        visit_s=np.where(np.isnan(visit_s), assumed["siting.visit_s"].value, visit_s),
        depots=known,
        notes=notes if assumed_count else (),
    )


def _named_depots(given: NDArray[np.str_]) -> tuple[Depot, ...] | Refused:
    """The depots that the candidates name; one for all when they name none."""
    names = sorted({str(name) for name in given if name})
    if len(names) > DEPOTS_MAX:
        # Many small depots: their crews are one pool, since nobody said how many each has.
        return (Depot(name="all crews"),)
    return tuple(Depot(name=name) for name in names) or (Depot(name="all crews"),)


def _depot_of(known: tuple[Depot, ...], given: NDArray[np.str_], centre: Floats) -> NDArray[np.int64] | Refused:
    places = {depot.name: at for at, depot in enumerate(known)}
    unknown = sorted({str(name) for name in given if name and name not in places})
    if unknown and len(known) > 1:
        near = nearest((unknown[0],), list(places))
        return _refused(
            "column depot", ", ".join(unknown[:5]), f"one of {', '.join(list(places)[:10])}",
            f"The nearest is {near}." if near else "Name the depots of the depots' file.",
        )  # fmt: skip
    away = _distances(known, centre)
    placed = ~np.isnan(away).any(axis=0)
    by_distance = np.argmin(np.nan_to_num(away, nan=0.0), axis=0)
    by_name = np.array([places.get(str(name), -1) for name in given], dtype=np.int64)
    return np.where(by_name >= 0, by_name, np.where(placed, by_distance, 0)).astype(np.int64)


def _centres(candidates: Candidates, homes: NDArray[np.int64], cluster: NDArray[np.int64], count: int) -> Floats:
    """Mean place of each cluster's homes, shape (2, clusters) in degrees; NaN where no home has one."""
    both = np.vstack((candidates.number("latitude")[homes], candidates.number("longitude")[homes]))
    placed = ~np.isnan(both).any(axis=0)
    homes_in = np.bincount(cluster[placed], minlength=count)
    sums = np.vstack([np.bincount(cluster[placed], weights=row[placed], minlength=count) for row in both])
    return np.where(homes_in > 0, sums / np.maximum(homes_in, 1), np.nan)


def _distances(depots: Sequence[Depot], centre: Floats) -> Floats:
    """Great-circle distance in kilometres, shape (depots, clusters); NaN where either has no place.

    Source: the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984).
    """
    at = np.radians(np.array([[depot.latitude, depot.longitude] for depot in depots], dtype=np.float64))
    to = np.radians(centre)
    half_lat = (to[0][None, :] - at[:, :1]) / 2.0
    half_lon = (to[1][None, :] - at[:, 1:]) / 2.0
    hav = np.sin(half_lat) ** 2 + np.cos(at[:, :1]) * np.cos(to[0])[None, :] * np.sin(half_lon) ** 2
    return 2.0 * EARTH_KM * np.arcsin(np.sqrt(np.clip(hav, 0.0, 1.0)))


def _refused(element: str, found: str, needs: str, remedy: str) -> Refused:
    return Refused(unmet=(Unmet(element=element, found=found, needs=needs, remedy=remedy),))
