"""The page of one meter: one-line diagram, state in words, trends, events, and the commands it is asked."""

import asyncio

from nicegui import events, ui

from bptm.headend.database import StoreUnavailableError
from bptm.headend.desk import Desk, MeterEvent, MeterView, TrendPoint
from bptm.headend.pages.fleet import REFRESH_S, controls
from bptm.headend.pages.parts import (
    CommandList,
    EventBar,
    EventList,
    HoldReturn,
    MeterState,
    OneLine,
    TrendChart,
    box,
    panel,
    text,
)
from bptm.headend.pages.rows import clock_state, command_row
from bptm.headend.pages.words import (
    ACTION_OF_KEY,
    BACKUP_WORDS,
    LEG_HIGH_V,
    LEG_LOW_V,
    event_row,
    load_points,
    one_line,
    state_of,
    supply_bands,
    voltage_points,
)
from bptm.terms.codes import STATUS_WORDS
from bptm.terms.messages import HOLD_DEFAULT_S
from bptm.terms.refusals import Refused

HOURS = (3, 12, 60)
"""Lengths of the trend on offer."""

GAP_S = 1000
"""Rows are five minutes apart; a longer break than three of them is drawn as one."""

READ_EACH = 4
"""The store is read for new rows at most every this many refreshes."""

_BANDS = (
    {"cls": "utility", "label": "fed by utility"},
    {"cls": "backup", "label": "by backup"},
    {"cls": "dead", "label": "by nothing"},
)


class MeterPage:
    """The page of one meter for one browser."""

    def __init__(self, desk: Desk, view: MeterView, who: str) -> None:
        """Builds the page in NiceGUI's current client and starts to refresh it."""
        self._desk = desk
        self._id = view.place.meter_id
        self._who = who
        self._hours = HOURS[1]
        self._refusal = ""
        self._ticks = 0
        self._read_for: tuple[int | None, int | None, int] | None = None
        self._events: list[MeterEvent] = []
        self._points: list[TrendPoint] = []
        self._reading = asyncio.Lock()
        self._store_failed = False
        self._build(view)
        self._show()
        ui.timer(REFRESH_S, self.refresh)

    # --- layout ---

    def _build(self, view: MeterView) -> None:
        with box("page", "main"):
            self._bar = EventBar()
            self._bar.when("control", controls(self._desk, self._complain))
            self._notice = text("", "p", "notice")
            self._notice.props["role"] = "alert"
            self._head(view)
            with box("meter"):
                with panel("One-line diagram", "diagram-panel"):
                    self._diagram = OneLine()
                with panel("State", "state-panel"):
                    self._state = MeterState()
                with panel("Trend", "history-panel"):
                    self._hour_buttons()
                    self._voltages = TrendChart()
                    self._load = TrendChart()
                with panel("Return to the utility", "commands-panel"):
                    self._hold = HoldReturn()
                    self._hold.when("send", self._send)
                    self._commands = CommandList()
                with panel("Last events", "events-panel"):
                    self._event_list = EventList()
                    self._event_list.show({"events": []})

    def _head(self, view: MeterView) -> None:
        place = view.place
        with box("meter-head", "header"):
            text("All meters", "a", "button back").props["href"] = "/"
            text(place.meter_id, "h1")
            text(f"{place.place}. Backup: {BACKUP_WORDS[place.backup]}.", "p", "muted")
            if place.medical:
                text("medical", "span", "tag")
            if place.note:
                text(f"Planted fault: {place.note}", "span", "tag fault")

    def _hour_buttons(self) -> None:
        self._lengths = {hours: text(f"{hours} h", "button", "button small") for hours in HOURS}
        with box("lengths") as group:
            group.props["role"] = "group"
            group.props["aria-label"] = "Length of the trend"
            for hours, button in self._lengths.items():
                button.move(group)
                button.on("click", lambda _event, hours=hours: self._choose_hours(hours))
        self._press()

    # --- what the operator does ---

    def _complain(self, why: str) -> None:
        self._notice.set_text(why)

    async def _choose_hours(self, hours: int) -> None:
        self._hours = hours
        self._press()
        await self._read()

    def _press(self) -> None:
        for hours, button in self._lengths.items():
            button.props["aria-pressed"] = "true" if hours == self._hours else "false"

    async def _send(self, event: events.GenericEventArguments) -> None:
        answer = await self._desk.issue(ACTION_OF_KEY[str(event.args)], self._id, self._who)
        self._refusal = answer.sentence() if isinstance(answer, Refused) else ""
        self._show()

    # --- what the page shows ---

    async def refresh(self) -> None:
        """Shows what changed; reads the store when the meter has said something new."""
        self._show()
        self._ticks += 1
        view = self._desk.meter(self._id)
        now = (None, None, 0) if view is None else (view.report_at_s, view.heard_s, self._hours)
        if now != self._read_for and (self._ticks == 1 or self._ticks % READ_EACH == 0):
            self._read_for = now
            await self._read()

    async def _read(self) -> None:
        async with self._reading:
            try:
                self._events = list(await self._desk.events(self._id))
                self._points = list(await self._desk.trend(self._id, self._hours))
            except StoreUnavailableError as problem:
                self._read_for = None
                self._store_failed = True
                self._complain(f"Trend and events are not current: {problem}. They come back by themselves.")
                return
            if self._store_failed:
                self._complain("")
            self._store_failed = False
        self._event_list.show({"events": [event_row(event) for event in self._events]})
        self._voltages.replace(voltage_points(self._points))
        self._load.replace(load_points(self._points))
        self._show()

    def _show(self) -> None:
        clock = self._desk.clock()
        self._bar.show(clock_state(self._desk))
        view = self._desk.meter(self._id)
        assert view is not None, f"meter {self._id} left the registry"
        self._diagram.show(one_line(view, clock.at_s))
        self._state.show(state_of(view, clock.at_s, self._events, STATUS_WORDS[view.status]))
        self._hold.show({"id": self._id, "holdHours": HOLD_DEFAULT_S // 3600, "refusal": self._refusal})
        self._commands.show(
            {
                "commands": [command_row(command) for command in self._desk.commands(self._id, limit=30)],
                "links": False,
                "empty": "No command to this meter yet.",
            }
        )
        self._show_trends(clock.at_s)

    def _show_trends(self, now_s: float) -> None:
        # The right edge moves in steps of a minute: a chart need not be sent anew for each second.
        to_s = int(now_s // 60 + 1) * 60
        frame: dict[str, object] = {"from": to_s - self._hours * 3600, "to": to_s, "gap": GAP_S}
        self._voltages.show(
            {
                **frame,
                "label": "Voltage",
                "unit": "V",
                "digits": 1,
                "low": 0,
                "high": 130,
                "limits": [LEG_LOW_V, LEG_HIGH_V],
                "series": [
                    {"label": "utility L1", "cls": "utility", "dash": ""},
                    {"label": "utility L2", "cls": "utility", "dash": "5 4"},
                    {"label": "inlet L1", "cls": "backup", "dash": ""},
                    {"label": "inlet L2", "cls": "backup", "dash": "5 4"},
                ],
            }
        )
        self._load.show(
            {
                **frame,
                "label": "Load",
                "unit": "kW",
                "digits": 2,
                "low": 0,
                "series": [{"label": "premise", "cls": "load", "dash": "", "step": True}],
                "bands": supply_bands(self._points, GAP_S),
                "bandKey": _BANDS,
            }
        )
