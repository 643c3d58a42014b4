"""Makes the console's base map: California's counties as GeoJSON, from the npm package us-atlas.

Run `python scripts/make_base_map.py` (needs npm and its registry) to fetch the package, or give the path of an
unpacked `counties-10m.json`. The output stands in the repository, so nobody else needs to run this.

Source: us-atlas 3.0.1 (ISC, notice in NOTICE), made from the U.S. Census Bureau's cartographic boundary files.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Literal, TypedDict

PACKAGE = "us-atlas@3.0.1"
MEMBER = "package/counties-10m.json"
CALIFORNIA_FIPS = "06"
OUTPUT = Path(__file__).parent.parent / "src" / "bptm" / "headend" / "static" / "california.geojson"

Point = tuple[float, float]
Ring = list[Point]


class Polygon(TypedDict):
    """A county of one piece: rings of arc numbers."""

    type: Literal["Polygon"]
    id: str
    arcs: list[list[int]]
    properties: dict[str, str]


class MultiPolygon(TypedDict):
    """A county of several pieces: polygons of rings of arc numbers."""

    type: Literal["MultiPolygon"]
    id: str
    arcs: list[list[list[int]]]
    properties: dict[str, str]


Geometry = Polygon | MultiPolygon


class Transform(TypedDict):
    """How the topology's integers become degrees."""

    scale: Point
    translate: Point


class GeometryCollection(TypedDict):
    """The members of one object of the topology."""

    geometries: list[Geometry]


class Topology(TypedDict):
    """The parts of a quantised TopoJSON topology that we read."""

    transform: Transform
    arcs: list[list[tuple[int, int]]]
    objects: dict[str, GeometryCollection]


def decoded_arcs(topology: Topology) -> list[Ring]:
    """All arcs in degrees, rounded to 4 decimals (11 m).

    Source: TopoJSON specification, 2.1.3 (arcs are delta-encoded when there is a transform).
    """
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        points: Ring = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round(x * scale_x + left, 4), round(y * scale_y + bottom, 4)))
        arcs.append(points)
    return arcs


def ring(numbers: list[int], arcs: list[Ring]) -> Ring:
    """One closed ring from arc numbers; `~n` means arc n backwards, and arcs share their end points."""
    points: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points.extend(arc[1:] if points else arc)
    return points


def polygons(geometry: Geometry, arcs: list[Ring]) -> list[list[Ring]]:
    """The county as polygons, each a list of rings."""
    nested = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    return [[ring(numbers, arcs) for numbers in rings] for rings in nested]


def features(topology: Topology) -> list[dict[str, object]]:
    """California's counties as GeoJSON features, by FIPS code."""
    arcs = decoded_arcs(topology)
    counties = [g for g in topology["objects"]["counties"]["geometries"] if g["id"].startswith(CALIFORNIA_FIPS)]
    return [
        {
            "type": "Feature",
            "properties": {"name": county["properties"]["name"]},
            "geometry": {"type": "MultiPolygon", "coordinates": polygons(county, arcs)},
        }
        for county in sorted(counties, key=lambda county: county["id"])
    ]


def fetched() -> str:
    """The text of counties-10m.json out of the npm package."""
    with tempfile.TemporaryDirectory() as folder:
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is not on PATH. Install it (Debian: apt-get install npm), or give a counties-10m.json.")
        packed = subprocess.run(  # noqa: S603 (a constant command line)
            [npm, "pack", "--silent", PACKAGE],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        with tarfile.open(Path(folder) / packed.stdout.strip()) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                sys.exit(f"{PACKAGE} has no file {MEMBER}.")
            return member.read().decode()


def main() -> None:
    """Writes the base map."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8") if len(sys.argv) > 1 else fetched()
    topology: Topology = json.loads(text)
    found = features(topology)
    counties_of_california = 58
    if len(found) != counties_of_california:
        sys.exit(f"us-atlas gave {len(found)} Californian counties; expected {counties_of_california}. Is it 3.0.1?")
    collection = {"type": "FeatureCollection", "features": found}
    OUTPUT.write_text(json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{OUTPUT.name}: {len(found)} counties, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
