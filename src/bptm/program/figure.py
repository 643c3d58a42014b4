"""Adapter of matplotlib: a figure to inline SVG whose ink follows the page, light or dark, screen or paper.

sheet = new_sheet("saidi-by-day", 8, 3)
sheet.axes.plot(days, minutes, color=SERIES[0])
picture = Picture(svg=sheet.svg(), caption="...", alternative="...")
"""

# ruff: noqa: PLR0913 (a drawing has many choices, each with a usual one)
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.float64] | NDArray[np.int64]
Points = NDArray[np.float64]

SERIES = ("#2f7ebc", "#d1662b", "#3f9a6b", "#a45bb5", "#b8902a", "#c0486b")
"""Colours of series, in this order: told apart on white and on black, and by people who see red and green alike."""

_INK = "#010203"
"""Stands for the page's ink; no series has this colour."""

# A legend is made after the sheet: settings no longer hold, and a box behind its names would be white on a dark page.
_LEGEND: dict[str, Any] = {"frameon": False, "labelcolor": _INK}

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.color": "#808890",
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A figure to draw on."""

    name: str
    """Different for each figure of a page: it keeps their inner names apart."""
    figure: Figure
    all_axes: tuple[Axes, ...]

    @property
    def axes(self) -> Axes:
        """The first, often the only axes."""
        return self.all_axes[0]

    def line(
        self, xs: Numbers, ys: Numbers, *, label: str = "", colour: str = SERIES[0], width: float = 2.0, at: int = 0
    ) -> None:
        """A line on axes number `at`."""
        self.all_axes[at].plot(xs, ys, color=colour, linewidth=width, label=label or None)

    def steps(self, xs: Numbers, ys: Numbers, *, label: str = "", colour: str = SERIES[0], at: int = 0) -> None:
        """A line of steps, each value holding until the next x."""
        self.all_axes[at].step(xs, ys, where="post", color=colour, linewidth=2.0, label=label or None)

    def dots(
        self, xs: Numbers, ys: Numbers, *, label: str = "", colour: str = SERIES[1], size: float = 5.0, at: int = 0
    ) -> None:
        """Points."""
        self.all_axes[at].plot(xs, ys, "o", color=colour, markersize=size, label=label or None)

    def spans(self, lows: Numbers, highs: Numbers, rows: Numbers, *, colour: str = SERIES[0], at: int = 0) -> None:
        """Thick level bars from low to high, one a row."""
        self.all_axes[at].hlines(rows, lows, highs, colors=colour, linewidth=6, alpha=0.45)

    def bars(
        self,
        xs: Numbers,
        heights: Numbers,
        *,
        label: str = "",
        colour: str = SERIES[0],
        width: float = 0.8,
        at: int = 0,
    ) -> None:
        """Upright bars."""
        self.all_axes[at].bar(xs, heights, width=width, color=colour, label=label or None)

    def level_bars(
        self, rows: Numbers, widths: Numbers, *, left: Numbers | float = 0.0, label: str = "", colour: str = SERIES[0],
        at: int = 0,
    ) -> None:  # fmt: skip
        """Level bars, one a row, from `left` on."""
        self.all_axes[at].barh(rows, widths, left=left, color=colour, label=label or None)

    def band(self, xs: Numbers, lows: Numbers, highs: Numbers, *, colour: str = SERIES[0], at: int = 0) -> None:
        """A shaded band between two lines."""
        self.all_axes[at].fill_between(xs, lows, highs, color=colour, alpha=0.25, linewidth=0)

    def mark_x(self, x: float, *, colour: str = SERIES[5], label: str = "", at: int = 0) -> None:
        """An upright dashed line at x."""
        self.all_axes[at].axvline(x, color=colour, linestyle="--", linewidth=1.2, label=label or None)

    def note(self, x: float, y: float, text: str, *, at: int = 0) -> None:
        """Text at a place of the drawing."""
        self.all_axes[at].text(x, y, text, fontsize=9)

    def names_y(self, rows: Numbers, names: Sequence[str], *, at: int = 0) -> None:
        """Names in place of numbers at the left, the first row on top."""
        self.all_axes[at].set_yticks(rows, list(names))
        self.all_axes[at].invert_yaxis()

    def names_x(self, places: Numbers, names: Sequence[str], *, slanted: bool = False, at: int = 0) -> None:
        """Names in place of numbers below."""
        self.all_axes[at].set_xticks(
            places, list(names), rotation=35 if slanted else 0, ha="right" if slanted else "center"
        )

    def words(self, *, x: str = "", y: str = "", title: str = "", at: int = 0) -> None:
        """Names of the axes, and a title."""
        self.all_axes[at].set_xlabel(x)
        self.all_axes[at].set_ylabel(y)
        if title:
            self.all_axes[at].set_title(title, fontsize=11)

    def legend(
        self, *, place: Literal["best", "upper left", "upper right", "lower left", "lower right"] = "best", at: int = 0
    ) -> None:
        """The names of the series."""
        self.all_axes[at].legend(loc=place, fontsize=9, **_LEGEND)

    def legend_above(self) -> None:
        """The names of the first axes' series in a row above the drawing, where no curve can run through them."""
        self.figure.legend(
            *self.axes.get_legend_handles_labels(), loc="outside upper left", ncols=6, fontsize=9, **_LEGEND
        )

    def limits(
        self, *, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None, at: int = 0
    ) -> None:
        """Ends of the axes."""
        if x is not None:
            self.all_axes[at].set_xlim(*x)
        if y is not None:
            self.all_axes[at].set_ylim(*y)

    def logarithmic(self, *, x: bool = False, y: bool = False, at: int = 0) -> None:
        """Logarithmic axes."""
        if x:
            self.all_axes[at].set_xscale("log")
        if y:
            self.all_axes[at].set_yscale("log")

    def areas(
        self, outlines: Sequence[Sequence[Points]], *, fill: str, edge: str = "#555555", hatch: str = "", at: int = 0
    ) -> None:
        """Filled outlines of a map, each of one or more rings, filled by even and odd."""
        made = [_outline(rings) for rings in outlines]
        collection = PathCollection(
            [outline for outline in made if outline is not None],
            facecolors=fill,
            edgecolors=edge,
            linewidths=0.25,
            hatch=hatch or None,
        )
        self.all_axes[at].add_collection(collection)

    def as_map(self, width: float, height: float, title: str, *, at: int = 0) -> None:
        """Makes the axes a map of this size, y downwards, without a frame."""
        axes = self.all_axes[at]
        axes.set_xlim(-6, width + 6)
        axes.set_ylim(height + 6, -6)
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_title(title, fontsize=11, color="black")

    def key(self, entries: Sequence[tuple[str, str]]) -> None:
        """A key of coloured squares below the drawing: colour and words."""
        squares = [
            self.axes.scatter([], [], marker="s", s=60, color=colour, edgecolors="#555555", label=words)
            for colour, words in entries
        ]
        self.figure.legend(handles=squares, loc="outside lower center", ncols=4, fontsize=8, labelcolor="black")

    def heading(self, title: str) -> None:
        """A title over all axes."""
        self.figure.suptitle(title, fontsize=11, color="black")

    def svg(self) -> str:
        """The figure as an SVG element; the same drawing gives the same text."""
        with mpl.rc_context({**_SETTINGS, "svg.hashsalt": self.name}):
            out = io.StringIO()
            self.figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
        text = out.getvalue()
        text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
        # matplotlib numbers its groups the same way in each figure; two on a page would share their ids.
        text = re.sub(r'\bid="', f'id="{self.name}-', text)
        text = re.sub(r'(href="|url\()#', rf"\1#{self.name}-", text)
        text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font: \1 system-ui, sans-serif", text)
        return text.replace(_INK, "currentColor")

    def save(self, path: str) -> None:
        """Writes the figure as a file on white, for print: PNG, PDF or SVG by the name's end."""
        with mpl.rc_context({"svg.hashsalt": self.name}):
            self.figure.savefig(path, dpi=200, bbox_inches="tight", facecolor="white")


def new_sheet(name: str, width_in: float = 8.0, height_in: float = 4.0, *, rows: int = 1, columns: int = 1) -> Sheet:
    """An empty figure with `rows` x `columns` axes."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        made = figure.subplots(rows, columns, squeeze=False)
    axes = cast("list[Axes]", list(made.flat))
    return Sheet(name=name, figure=figure, all_axes=tuple(axes))


def _outline(rings: Sequence[Points]) -> Outline | None:
    """Closed rings as one path; rings of fewer than three corners have no area."""
    whole = [ring for ring in rings if len(ring) > 3]  # noqa: PLR2004 (three corners, and the first again)
    if not whole:
        return None
    codes = [
        code for ring in whole for code in (Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY)
    ]
    return Outline(np.concatenate(whole), codes)
