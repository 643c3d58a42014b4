"""The six counts over the event, as the console saw them: a bounded memory for the trend on the first page.

It lives in the head-end's memory, so after a restart of the head-end the trend begins where it restarted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bptm.headend.desk import Clock
from bptm.terms.codes import Status

BINS = 900
"""Points over the whole event: more than a chart has pixels to tell apart on most screens."""

TREND_STATUSES = (Status.DARK, Status.ON_BACKUP, Status.SILENT)
"""The lines of the trend, in this order."""


@dataclass(slots=True, kw_only=True)
class CountsTrend:
    """At most `BINS` points, each (event time, count of each of `TREND_STATUSES`)."""

    points: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    generation: int = 0
    """Rises when the trend starts anew: the event was replayed from its start, or another event came."""
    _bin: int = -1
    _start_s: int = 0

    def note(self, clock: Clock, counts: Mapping[Status, int]) -> None:
        """Adds the counts at the clock's time, unless its bin has a point already."""
        width_s = max(1.0, (clock.end_s - clock.start_s) / BINS)
        number = int((clock.at_s - clock.start_s) // width_s)
        if clock.start_s != self._start_s or number < self._bin:
            self.points = []
            self.generation += 1
            self._start_s = clock.start_s
            self._bin = -1
        if number <= self._bin or number > BINS:
            return
        self._bin = number
        self.points.append((int(clock.at_s), *(counts[status] for status in TREND_STATUSES)))
