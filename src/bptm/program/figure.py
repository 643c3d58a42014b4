"""Adapter of matplotlib: a figure to inline SVG whose ink follows the page, light or dark, screen or paper.

sheet = new_sheet("saidi-by-day", 8, 3)
sheet.axes.plot(days, minutes, color=SERIES[0])
picture = Picture(svg=sheet.svg(), caption="...", alternative="...")
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import io
import re
from dataclasses import dataclass
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SERIES = ("#2f7ebc", "#d1662b", "#3f9a6b", "#a45bb5", "#b8902a", "#c0486b")
"""Colours of series, in this order: told apart on white and on black, and by people who see red and green alike."""

_INK = "#010203"
"""Stands for the page's ink; no series has this colour."""

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
