"""Elements of the console: each a small Vue component in `static/`, fed with one JSON text.

A component gets its whole state as the prop `state`, a JSON text: comparing two texts tells whether anything
changed, and the browser escapes all of it, so text that came from a meter can never become markup.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import orjson
from nicegui import events, ui
from nicegui.elements.mixins.text_element import TextElement

STATIC = Path(__file__).parent.parent / "static"

MODULES = {"bptm-console": str(STATIC / "modules")}
"""Import name of the scripts that the components share."""


class Panel(ui.element):
    """An element whose look follows from one JSON-ready state."""

    _shown = ""

    def show(self, state: Mapping[str, object]) -> None:
        """Shows `state`; sends nothing when the browser has it already."""
        state_text = orjson.dumps(state).decode()
        if state_text != self._shown:
            self._shown = state_text
            self.props["state"] = state_text

    def when(self, event: str, act: Callable[[events.GenericEventArguments], object]) -> None:
        """Calls `act` when the component emits `event`."""
        self.on(event, act)


class EventBar(Panel, component=STATIC / "event_bar.js", esm=MODULES):
    """Event clock, progress, pause, speed, next change."""


class StatusTiles(Panel, component=STATIC / "status_tiles.js"):
    """The six counts, each a filter."""


class Intro(Panel, component=STATIC / "intro.js"):
    """What is being replayed, and the two ways in: open a home, hold a region."""


class AlarmList(Panel, component=STATIC / "alarm_list.js"):
    """Alarms, standing ones first."""


class CommandList(Panel, component=STATIC / "command_list.js"):
    """Commands and how far each has come."""


class MeterList(Panel, component=STATIC / "meter_list.js"):
    """Search and list of meters."""


class RegionDialog(Panel, component=STATIC / "region_dialog.js"):
    """Hold or allow return in a region."""

    def open(self) -> None:
        """Opens the dialog."""
        self.run_method("open")


class TrendChart(Panel, component=STATIC / "trend_chart.js"):
    """Lines over event time."""

    def replace(self, points: object) -> None:
        """Draws these points and no others."""
        self.run_method("replace", points)

    def append(self, points: object) -> None:
        """Adds points at the end."""
        self.run_method("append", points)


class OneLine(Panel, component=STATIC / "one_line.js"):
    """One-line diagram of a meter."""


class MeterState(Panel, component=STATIC / "meter_state.js"):
    """Mode, hold, age and energy of a meter in words."""


class HoldReturn(Panel, component=STATIC / "hold_return.js"):
    """Hold return and allow return, each with a confirming step."""


class EventList(Panel, component=STATIC / "event_list.js"):
    """Last events of a meter."""


class FleetMap(ui.element, component=STATIC / "fleet_map.js"):
    """All meters on a map: positions are fetched once, statuses come as deltas."""

    def __init__(self, statuses: str, meters: str, base: str) -> None:
        """Starts with `statuses` (base64, one byte a meter); `meters` and `base` are addresses to fetch."""
        super().__init__()
        self.props["statuses"] = statuses
        self.props["meters"] = meters
        self.props["base"] = base

    def delta(self, numbers: list[int], statuses: list[int]) -> None:
        """Changes the status of these meters."""
        self.run_method("delta", numbers, statuses)

    def snapshot(self, statuses: str) -> None:
        """Replaces all statuses (base64)."""
        self.run_method("snapshot", statuses)

    def set_filter(self, status: int) -> None:
        """Brings meters of this status forward; 0 shows all alike."""
        self.run_method("setFilter", status)

    def reload(self) -> None:
        """Fetches the meters again: there are more of them now."""
        self.run_method("load")


def box(classes: str, tag: str = "div") -> ui.element:
    """A plain element with our own classes; use it as a context manager."""
    return ui.element(tag).classes(classes)


def text(words: str, tag: str, classes: str = "") -> TextElement:
    """A plain element with text, which the browser escapes."""
    return TextElement(tag=tag, text=words).classes(classes)


def panel(title: str, classes: str = "") -> ui.element:
    """A titled section; put its content inside."""
    section = box(f"panel {classes}", "section")
    section.props["aria-label"] = title
    with section:
        text(title, "h2")
    return section
