"""The first page: what is replayed, the six counts, the map, alarms, commands and the list of meters."""

from collections.abc import Awaitable, Callable

import numpy as np
from nicegui import events, ui

from bptm.headend.desk import Desk
from bptm.headend.pages.counts import CountsTrend
from bptm.headend.pages.index import MeterIndex, base64_of
from bptm.headend.pages.parts import (
    AlarmList,
    CommandList,
    EventBar,
    FleetMap,
    Intro,
    MeterList,
    RegionDialog,
    StatusTiles,
    TrendChart,
    box,
    panel,
    text,
)
from bptm.headend.pages.rows import alarm_row, clock_state, command_row, ends_of
from bptm.headend.pages.words import ACTION_OF_KEY, ACTION_WORDS, STATUS_KEYS
from bptm.terms.codes import STATUS_WORDS, Status
from bptm.terms.messages import HOLD_DEFAULT_S
from bptm.terms.refusals import Refused

REFRESH_S = 0.5
ROWS_AT_FIRST = 100
ROWS_MORE = 200
SNAPSHOT_EACH = 120
"""Every minute of wall time all statuses are sent again, so that a browser that missed a delta is right again."""

_STATUS_OF_KEY = {key: status for status, key in STATUS_KEYS.items()}

Control = Callable[[events.GenericEventArguments], Awaitable[None]]


def controls(desk: Desk, complain: Callable[[str], None]) -> Control:
    """What the event bar does: asks the desk, and shows why not."""

    async def act(event: events.GenericEventArguments) -> None:
        asked: dict[str, object] = event.args
        speed = asked.get("speed")
        complain(await desk.control(str(asked["do"]), float(speed) if isinstance(speed, int | float) else None))

    return act


class FleetPage:
    """The first page for one browser."""

    def __init__(self, desk: Desk, index: MeterIndex, trend: CountsTrend, who: str) -> None:
        """Builds the page in NiceGUI's current client and starts to refresh it."""
        self._desk = desk
        self._index = index
        self._trend = trend
        self._who = who
        self._status: Status | None = None
        self._needle = ""
        self._limit = ROWS_AT_FIRST
        self._region = "*"
        self._issued: tuple[str, ...] = ()
        self._issued_words = ""
        self._refusal = ""
        self._version = -1
        self._ticks = 0
        self._sent = desk.statuses()
        self._drawn = (-1, 0)
        self._build()
        self.refresh()
        ui.timer(REFRESH_S, self.refresh, immediate=False)

    # --- layout ---

    def _build(self) -> None:
        with box("page", "main"):
            self._bar = EventBar()
            self._bar.when("control", controls(self._desk, self._complain))
            self._notice = text("", "p", "notice")
            self._notice.props["role"] = "alert"
            self._intro = Intro()
            self._intro.when("home", self._open_home)
            with box("sections", "nav"):
                text("Programme: where, for whom, what it is worth", "a").props["href"] = "/programme"
            self._tiles = StatusTiles()
            self._tiles.when("filter", self._filter)
            with box("fleet"):
                with panel("Map", "map-panel"):
                    self._map = FleetMap(
                        base64_of(self._sent), "/console/meters.json", "/console/static/california.geojson"
                    )
                    self._map.on("open", lambda event: ui.navigate.to(f"/meter/{event.args}"))
                with panel("Alarms", "alarms-panel"):
                    self._alarms = AlarmList()
                with panel("Trend of counts", "trend-panel"):
                    self._chart = TrendChart()
                with panel("Commands", "commands-panel"):
                    self._commands = CommandList()
                with panel("Meters", "meters-panel"):
                    self._meters = MeterList()
                    self._meters.when("search", self._search)
                    self._meters.when("more", self._more)
        self._dialog = RegionDialog()
        self._dialog.when("choose", self._choose)
        self._dialog.when("send", self._send)
        self._intro.when("region", lambda _event: self._dialog.open())

    # --- what the operator does ---

    def _complain(self, why: str) -> None:
        self._notice.set_text(why)
        self.refresh()

    def _open_home(self, _event: events.GenericEventArguments) -> None:
        meter_id = self._index.home_on_backup()
        if meter_id is None:
            self._complain("No home is on backup at this moment any more.")
        else:
            ui.navigate.to(f"/meter/{meter_id}")

    def _filter(self, event: events.GenericEventArguments) -> None:
        self._status = _STATUS_OF_KEY.get(str(event.args))
        self._limit = ROWS_AT_FIRST
        self._map.set_filter(0 if self._status is None else int(self._status))
        self._show_counts()
        self._show_meters()

    def _search(self, event: events.GenericEventArguments) -> None:
        self._needle = str(event.args)
        self._limit = ROWS_AT_FIRST
        self._show_meters()

    def _more(self, _event: events.GenericEventArguments) -> None:
        self._limit += ROWS_MORE
        self._show_meters()

    def _choose(self, event: events.GenericEventArguments) -> None:
        self._region = str(event.args)
        self._refusal = ""
        self._show_dialog()

    async def _send(self, event: events.GenericEventArguments) -> None:
        asked: dict[str, object] = event.args
        action, region = ACTION_OF_KEY[str(asked["action"])], str(asked["region"])
        answer = await self._desk.issue(action, f"region:{region}", self._who)
        if isinstance(answer, Refused):
            self._refusal = answer.sentence()
            self._issued = ()
        else:
            self._refusal = ""
            self._issued = tuple(command.command_id for command in answer)
            self._issued_words = f"{ACTION_WORDS[action]}, {'all regions' if region == '*' else region}"
        self._show_dialog()

    # --- what the page shows ---

    def refresh(self) -> None:
        """Shows what changed since the last time."""
        self._bar.show(clock_state(self._desk))
        self._show_trend()
        self._ticks += 1
        version = self._desk.version()
        if version == self._version and self._ticks % SNAPSHOT_EACH:
            return
        self._version = version
        self._show_counts()
        self._show_map()
        self._show_meters()
        self._show_dialog()
        self._alarms.show({"alarms": [alarm_row(alarm, self._desk) for alarm in self._desk.alarms(limit=100)]})
        self._commands.show(
            {
                "commands": [command_row(command) for command in self._desk.commands(limit=60)],
                "links": True,
                "empty": "No command yet. Open a home, or hold a region.",
            }
        )

    def _show_counts(self) -> None:
        counts = self._desk.counts()
        self._tiles.show(
            {
                "filter": "" if self._status is None else STATUS_KEYS[self._status],
                "tiles": [
                    {"kind": STATUS_KEYS[status], "words": STATUS_WORDS[status], "count": counts[status]}
                    for status in Status
                ],
            }
        )
        ended = self._desk.clock().state == "ended"
        why = ""
        if not counts[Status.ON_BACKUP]:
            why = (
                "No home is on backup: the event has ended."
                if ended
                else "No home is on backup now. Press Next change, or wait for the next outage."
            )
        self._intro.show({"title": self._desk.event_title, "sentences": self._desk.event_sentences, "why": why})

    def _show_map(self) -> None:
        statuses = self._desk.statuses()
        if len(statuses) != len(self._sent):
            self._map.snapshot(base64_of(statuses))
            self._map.reload()
        elif self._ticks % SNAPSHOT_EACH == 0:
            self._map.snapshot(base64_of(statuses))
        else:
            changed = np.flatnonzero(statuses != self._sent)
            # Past a quarter of the meters the whole is shorter than its differences.
            if len(changed) * 4 > len(statuses):
                self._map.snapshot(base64_of(statuses))
            elif len(changed):
                self._map.delta([int(number) for number in changed], [int(byte) for byte in statuses[changed]])
        self._sent = statuses

    def _show_meters(self) -> None:
        found = self._index.find(self._needle, self._status, self._limit)
        self._meters.show(
            {
                "rows": self._index.rows(found),
                "matches": found.matches,
                "filterWords": "" if self._status is None else STATUS_WORDS[self._status],
            }
        )

    def _show_trend(self) -> None:
        clock = self._desk.clock()
        self._chart.show(
            {
                "label": "Homes",
                "unit": "",
                "digits": 0,
                "from": clock.start_s,
                "to": max(clock.end_s, clock.start_s + 1),
                # One pixel in a thousand: finer steps would only send more.
                "now": clock.start_s + round((clock.at_s - clock.start_s) / 180) * 180,
                "low": 0,
                "gap": 1e9,
                "series": [
                    {"label": "dark", "cls": "dark", "dash": "7 4"},
                    {"label": "on backup", "cls": "backup", "dash": ""},
                    {"label": "silent", "cls": "silent", "dash": "2 4"},
                ],
            }
        )
        generation, count = self._drawn
        points = self._trend.points
        if generation != self._trend.generation:
            self._chart.replace(points)
        elif len(points) > count:
            self._chart.append(points[count:])
        self._drawn = (self._trend.generation, len(points))

    def _show_dialog(self) -> None:
        reach = self._index.reach(self._region)
        result = None
        if self._issued:
            ours = set(self._issued)
            commands = self._desk.commands(limit=len(ours) + 500)
            result = ends_of([command for command in commands if command.command_id in ours], self._issued_words)
        self._dialog.show(
            {
                "regions": self._desk.regions(),
                "reached": reach.meters,
                "onBackup": reach.on_backup,
                "silent": reach.mute,
                "holdHours": HOLD_DEFAULT_S // 3600,
                "refusal": self._refusal,
                "result": result,
            }
        )
