"""Makes the county shapes of the programme desk: all counties, simplified, from the npm package us-atlas.

Run `python scripts/make_county_map.py` (needs npm and its registry) to fetch the package, or give the path of an
unpacked `counties-10m.json` (also `.gz`). The output stands in the repository, so nobody else needs to run this.

Lines are simplified arc by arc, so that neighbours keep their common border, and stand as whole steps of 0.001 degrees.

Source: us-atlas 3.0.1 (ISC, notice in NOTICE), made from the U.S. Census Bureau's cartographic boundary files.
"""

import gzip
import itertools
import json
import sys
from pathlib import Path

from make_base_map import Geometry, Point, Topology, decoded_arcs, fetched

OUTPUT = Path(__file__).parent.parent / "src" / "bptm" / "program" / "data" / "us_counties.json.gz"
TOLERANCE_DEGREES = 0.012
"""About a kilometre: a third of a pixel of a state's map."""
STEPS_PER_DEGREE = 1000


def simplified(points: list[Point], tolerance: float) -> list[Point]:
    """The line with fewer points, none of the left-out ones further than `tolerance` from it; its ends stay.

    Source: Douglas and Peucker 1973, DOI 10.3138/FM57-6770-U75U-7727.
    """
    keep = [False] * len(points)
    keep[0] = keep[-1] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        furthest, at = 0.0, 0
        for middle in range(first + 1, last):
            away = _distance(points[middle], points[first], points[last])
            if away > furthest:
                furthest, at = away, middle
        if furthest > tolerance:
            keep[at] = True
            parts += [(first, at), (at, last)]
    return [point for point, kept in zip(points, keep, strict=True) if kept]


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to a piece of line."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    dx, dy = x1 - x0, y1 - y0
    long = dx * dx + dy * dy
    share = 0.0 if long == 0 else max(0.0, min(1.0, ((x - x0) * dx + (y - y0) * dy) / long))
    return ((x - x0 - share * dx) ** 2 + (y - y0 - share * dy) ** 2) ** 0.5


def stepped(points: list[Point]) -> list[int]:
    """First point, then differences, in whole steps, x and y in turn."""
    whole = [(round(x * STEPS_PER_DEGREE), round(y * STEPS_PER_DEGREE)) for x, y in points]
    flat = [*whole[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(whole):
        if (x0, y0) != (x1, y1):
            flat += [x1 - x0, y1 - y0]
    return flat


def rings_of(geometry: Geometry) -> list[list[int]]:
    """All rings of a county as arc numbers; holes need no mark when a shape is filled by even and odd."""
    if geometry["type"] == "Polygon":
        return geometry["arcs"]
    return [ring for polygon in geometry["arcs"] for ring in polygon]


def main() -> None:
    """Writes the shapes."""
    if len(sys.argv) > 1:
        raw = Path(sys.argv[1]).read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).decode()
    else:
        text = fetched()
    topology: Topology = json.loads(text)
    arcs = [simplified(arc, TOLERANCE_DEGREES) for arc in decoded_arcs(topology)]
    counties = sorted(topology["objects"]["counties"]["geometries"], key=lambda county: county["id"])
    content = {
        "source": "us-atlas 3.0.1 (ISC), from the cartographic boundary files of the U.S. Census Bureau",
        "steps_per_degree": STEPS_PER_DEGREE,
        "arcs": [stepped(arc) for arc in arcs],
        "counties": {county["id"]: [county["properties"]["name"], rings_of(county)] for county in counties},
    }
    OUTPUT.parent.mkdir(exist_ok=True)
    packed = gzip.compress(json.dumps(content, separators=(",", ":")).encode(), 9, mtime=0)
    OUTPUT.write_bytes(packed)
    print(f"{OUTPUT.name}: {len(counties)} counties, {sum(map(len, arcs))} points, {len(packed)} bytes")


if __name__ == "__main__":
    main()
