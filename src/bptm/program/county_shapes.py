"""Shapes of the counties: what lies in which county, and lines to draw.

Source: `data/us_counties.json.gz`, made by scripts/make_county_map.py from us-atlas 3.0.1 (ISC, see NOTICE). It holds
Connecticut's eight old counties, not the planning regions that replaced them in 2022.
"""

import gzip
import itertools
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A county's outline: rings of longitude and latitude, filled by even and odd."""

    fips: str
    name: str
    rings: tuple[Points, ...]


@cache
def shapes() -> dict[str, Shape]:
    """All shapes, by FIPS code."""
    raw = (files("bptm.program") / "data" / "us_counties.json.gz").read_bytes()
    content = cast("dict[str, object]", json.loads(gzip.decompress(raw)))
    steps = cast("int", content["steps_per_degree"])
    arcs = [
        np.cumsum(np.array(flat, dtype=np.float64).reshape(-1, 2), axis=0) / steps
        for flat in cast("list[list[int]]", content["arcs"])
    ]
    counties = cast("dict[str, tuple[str, list[list[int]]]]", content["counties"])
    return {
        fips: Shape(fips=fips, name=name, rings=tuple(_ring(numbers, arcs) for numbers in rings))
        for fips, (name, rings) in counties.items()
    }


def _ring(numbers: list[int], arcs: list[Points]) -> Points:
    """A ring from arc numbers; `~n` is arc n backwards, and arcs share their end points."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def counties_at(lon: Points, lat: Points) -> list[str]:
    """The county of each point; empty where there is none.

    Source: even-odd rule. Borders are simplified to about a kilometre, so a point nearer than that may fall next door.
    """
    found = np.full(len(lon), "", dtype="<U5")
    for shape in shapes().values():
        corners = np.concatenate(shape.rings)
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north) & (found == ""))
        if len(near):
            found[near[_inside(shape, lon[near], lat[near])]] = shape.fips
    return [str(fips) for fips in found]


def _inside(shape: Shape, lon: Points, lat: Points) -> NDArray[np.bool_]:
    odd = np.zeros(len(lon), dtype=np.bool_)
    for ring in shape.rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            if y0 == y1:
                continue
            crosses = (y0 > lat) != (y1 > lat)
            odd ^= crosses & (lon < (x1 - x0) * (lat - y0) / (y1 - y0) + x0)
    return odd
