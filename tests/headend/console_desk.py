"""A desk whose meters stand still: what the console's own tests ask instead of a running service."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bptm.headend.desk import AlarmView, Clock, CommandView, MeterEvent, MeterPlace, MeterView, TrendPoint
from bptm.terms.codes import Action, BackupKind, Status
from bptm.terms.messages import REPORT_NAMES
from bptm.terms.refusals import Refused, Unmet

NOW_S = 1_572_200_000


def place(number: int, *, at: str = "Calistoga", region: str = "Napa", note: str = "") -> MeterPlace:
    """A meter of the registry."""
    return MeterPlace(
        number=number,
        meter_id=f"BPTM-{number + 1:06d}",
        place=at,
        region=region,
        lat=38.5 + number / 1000,
        lon=-122.5,
        backup=BackupKind.PORTABLE,
        medical=False,
        note=note,
    )


def report(**values: float) -> dict[str, float]:
    """A report with these values, every other one zero."""
    unknown = set(values) - set(REPORT_NAMES)
    assert not unknown, f"not in a report: {unknown}"
    return {**dict.fromkeys(REPORT_NAMES, 0.0), **values}


def view(
    *,
    status: Status = Status.ON_BACKUP,
    heard_s: int | None = NOW_S,
    values: dict[str, float] | None = None,
    number: int = 0,
    held: bool = False,
) -> MeterView:
    """A meter as the desk sees it."""
    return MeterView(place=place(number), status=status, heard_s=heard_s, held=held, report=values, report_at_s=heard_s)


@dataclass(kw_only=True)
class StandingDesk:
    """Implements `desk.Desk` over fixed lists."""

    meters: list[MeterView] = field(default_factory=list[MeterView])
    alarm_views: list[AlarmView] = field(default_factory=list[AlarmView])
    command_views: list[CommandView] = field(default_factory=list[CommandView])
    event_lists: dict[str, list[MeterEvent]] = field(default_factory=dict[str, list[MeterEvent]])
    trends: dict[str, list[TrendPoint]] = field(default_factory=dict[str, list[TrendPoint]])
    event_title: str = "An event"
    event_sentences: tuple[str, str, str] = ("One.", "Two.", "Three.")

    def clock(self) -> Clock:
        return Clock(
            at_s=NOW_S,
            speed=60,
            state="playing",
            joined=len(self.meters),
            meters=len(self.meters),
            start_s=NOW_S - 3600,
            end_s=NOW_S + 3600,
        )

    def places(self) -> Sequence[MeterPlace]:
        return [meter.place for meter in self.meters]

    def regions(self) -> Sequence[str]:
        return sorted({meter.place.region for meter in self.meters})

    def statuses(self) -> NDArray[np.uint8]:
        return np.array([meter.status for meter in self.meters], dtype=np.uint8)

    def version(self) -> int:
        return 1

    def counts(self) -> dict[Status, int]:
        return {status: sum(meter.status is status for meter in self.meters) for status in Status}

    def meter(self, meter_id: str) -> MeterView | None:
        return next((meter for meter in self.meters if meter.place.meter_id == meter_id), None)

    def alarms(self, limit: int = 200) -> Sequence[AlarmView]:
        return self.alarm_views[:limit]

    def commands(self, target: str = "", limit: int = 100) -> Sequence[CommandView]:
        return [command for command in self.command_views if target in {"", command.meter_id}][:limit]

    async def events(self, meter_id: str, limit: int = 50) -> Sequence[MeterEvent]:
        return self.event_lists.get(meter_id, [])[:limit]

    async def trend(self, meter_id: str, hours: float) -> Sequence[TrendPoint]:
        return [point for point in self.trends.get(meter_id, []) if point.at_s > NOW_S - hours * 3600]

    async def issue(self, action: Action, target: str, by: str) -> Sequence[CommandView] | Refused:
        return Refused(unmet=(Unmet(element=action.name, found=target, needs="a service", remedy=f"None, {by}."),))

    async def control(self, do: str, speed: float | None = None) -> str:
        return f"{do} {speed} is not for a standing desk."
