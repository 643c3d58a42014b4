"""Counties as a map: one panel a state, or the whole country with Alaska, Hawaii and Puerto Rico set in.

The map is an SVG of one path a county, coloured by five classes of score. The same shapes go to matplotlib for paper.
Source: Snyder 1987, "Map projections: a working manual", USGS professional paper 1395 (Albers conic, p. 98).
"""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bptm.planning.opportunity import Absent, Placed
from bptm.program.county_shapes import Points, shapes
from bptm.program.figure import new_sheet
from bptm.program.states import STATES

CLASSES = 5
CLASS_WORDS = ("0-20", "20-40", "40-60", "60-80", "80-100")
PRINT_COLOURS = ("#fdeccb", "#f7c37c", "#ec9145", "#c9552b", "#84261b")
PRINT_MISSING = "#d9dde0"
PANELS_MAX = 4
"""More states than this are shown on one map of the country."""

WIDTH = 1000.0

Projection = Callable[[Points], Points]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A piece of map: outlines in drawing units, y downwards."""

    title: str
    width: float
    height: float
    outlines: dict[str, tuple[Points, ...]]


def class_of(place: Placed) -> str:
    """The class of a county's colour: c0 to c4, `none` when not known, `never` where no weighed hazard occurs."""
    if place.score is not None:
        return f"c{min(CLASSES - 1, int(place.score / (100 / CLASSES)))}"
    return "never" if place.score_between is None else "none"


def panels(fips: Sequence[str]) -> tuple[Panel, ...]:
    """The map of these counties; those without a shape are left out (`without_shape`)."""
    states = sorted({code[:2] for code in fips if code in shapes()})
    if not states:
        return ()
    if len(states) <= PANELS_MAX:
        return tuple(_state(state, [code for code in fips if code[:2] == state]) for state in states)
    return (_country(fips),)


def without_shape(fips: Sequence[str]) -> list[str]:
    """Counties that the map cannot show."""
    return [code for code in fips if code not in shapes()]


def albers(south: float, north: float, lon0: float, lat0: float) -> Projection:
    """Albers' equal-area conic on a sphere, in radii."""
    p1, p2, p0 = (math.radians(value) for value in (south, north, lat0))
    n = (math.sin(p1) + math.sin(p2)) / 2
    c = math.cos(p1) ** 2 + 2 * n * math.sin(p1)
    rho0 = math.sqrt(c - 2 * n * math.sin(p0)) / n

    def project(points: Points) -> Points:
        rho = np.sqrt(c - 2 * n * np.sin(np.radians(points[:, 1]))) / n
        angle = n * np.radians((points[:, 0] - lon0 + 180) % 360 - 180)
        return np.column_stack([rho * np.sin(angle), rho0 - rho * np.cos(angle)])

    return project


def _state(state: str, fips: Sequence[str]) -> Panel:
    drawn = [shapes()[code] for code in fips if code in shapes()]
    corners = np.concatenate([ring for shape in drawn for ring in shape.rings])
    lon = corners[:, 0] % 360 if np.ptp(corners[:, 0]) > 180 else corners[:, 0]  # noqa: PLR2004 (over the date line)
    (south, north), middle = (corners[:, 1].min(), corners[:, 1].max()), (lon.min() + lon.max()) / 2
    sixth = (north - south) / 6
    project = albers(south + sixth, north - sixth + 1e-6, middle, (south + north) / 2)
    placed = {shape.fips: tuple(project(ring) for ring in shape.rings) for shape in drawn}
    return _framed(STATES[state], placed)


def _country(fips: Sequence[str]) -> Panel:
    """The lower 48 states, with the others smaller or nearer than they are."""
    insets: dict[str, tuple[Projection, float, tuple[float, float]]] = {
        "02": (albers(55, 65, -154, 50), 0.35, (-0.30, -0.25)),
        "15": (albers(8, 18, -157, 20.5), 1.0, (-0.135, -0.245)),
        "72": (albers(17, 19, -66.4, 18.2), 1.2, (0.31, -0.245)),
    }
    left_out = {"60", "66", "69", "78"}
    main = albers(29.5, 45.5, -96, 37.5)
    placed: dict[str, tuple[Points, ...]] = {}
    for code in fips:
        if code not in shapes() or code[:2] in left_out:
            continue
        project, scale, (x, y) = insets.get(code[:2], (main, 1.0, (0.0, 0.0)))
        placed[code] = tuple(project(ring) * scale + (x, y) for ring in shapes()[code].rings)
    return _framed("United States", placed)


def _framed(title: str, placed: dict[str, tuple[Points, ...]]) -> Panel:
    everything = np.concatenate([ring for rings in placed.values() for ring in rings])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = WIDTH / max(high[0] - low[0], (high[1] - low[1]) / 1.2)
    flip = np.array([scale, -scale])
    return Panel(
        title=title,
        width=float((high[0] - low[0]) * scale),
        height=float((high[1] - low[1]) * scale),
        outlines={code: tuple((ring - (low[0], high[1])) * flip for ring in rings) for code, rings in placed.items()},
    )


def svg_of(panel: Panel, places: dict[str, Placed], name: str) -> str:
    """The panel as an SVG element: one tab stop, counties reached with the arrow keys by the page's script."""
    paths = "".join(
        f'<path class="county {class_of(places[code])}" data-fips="{code}" d="{_path(rings)}"/>'
        for code, rings in panel.outlines.items()
        if code in places
    )
    label = html.escape(f"Map of {panel.title}: counties by score. Arrow keys go through them in order of rank.")
    pad = 6
    return (
        f'<svg class="county-map" id="{name}" viewBox="{-pad} {-pad} {panel.width + 2 * pad:.0f} '
        f'{panel.height + 2 * pad:.0f}" tabindex="0" role="application" aria-label="{label}">'
        f'<defs><pattern id="{name}-hatch" width="8" height="8" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="8" height="8" class="hatch-ground"/>'
        f'<rect width="3" height="8" class="hatch-line"/></pattern></defs>'
        f"<style>#{name} .none{{fill:url(#{name}-hatch)}}</style>{paths}</svg>"
    )


def _path(rings: Sequence[Points]) -> str:
    """A path in whole units: first point, then steps."""
    parts: list[str] = []
    for ring in rings:
        whole = np.round(ring).astype(int)
        steps = np.diff(whole, axis=0)
        moved = steps[(steps != 0).any(axis=1)]
        if len(moved) < 3:  # noqa: PLR2004 (an islet smaller than a dot has no area to fill)
            continue
        parts.append(f"M{whole[0][0]} {whole[0][1]}l" + " ".join(f"{x} {y}" for x, y in moved[:-1]) + "z")
    return "".join(parts)


def draw_map(fips: Sequence[str], places: dict[str, Placed], title: str, path: str) -> None:
    """Writes the map for paper: SVG, PDF or PNG by the name's end."""
    drawn = panels(fips)
    wide = max(1, len(drawn))
    sheet = new_sheet("county-map", 5.2 * wide if wide > 1 else 9.0, 6.4, columns=wide)
    colours = {f"c{number}": colour for number, colour in enumerate(PRINT_COLOURS)}
    for at, panel in enumerate(drawn):
        for kind in (*colours, "none", "never"):
            outlines = [
                rings for code, rings in panel.outlines.items() if code in places and class_of(places[code]) == kind
            ]
            fill = colours.get(kind, PRINT_MISSING if kind == "none" else "white")
            sheet.areas(outlines, fill=fill, hatch="////" if kind == "none" else "", at=at)
        sheet.as_map(panel.width, panel.height, panel.title if wide > 1 else title, at=at)
    key = [(PRINT_COLOURS[number], f"score {words}") for number, words in enumerate(CLASS_WORDS)]
    sheet.key([*key, (PRINT_MISSING, "no data"), ("white", "no weighed hazard")])
    if wide > 1:
        sheet.heading(title)
    sheet.save(path)


def reason_of(place: Placed) -> str:
    """Why a county has no rank, in words."""
    if place.score_between is None:
        return "no weighed hazard occurs there"
    unknown = [name.replace("_", " ") for name, why in place.missing.items() if why is not Absent.NOT_APPLICABLE]
    return f"no data: {', '.join(unknown)}"
