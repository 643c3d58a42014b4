"""What both pages show alike: the event clock, commands, alarms, where a meter stands."""

from collections import Counter
from collections.abc import Sequence

from bptm.headend.desk import AlarmView, Clock, CommandView, Desk, MeterPlace
from bptm.headend.pages.words import ACTION_WORDS

OPEN_STATES = frozenset({"issued", "accepted"})

_ALL = 1 << 20


def open_commands(desk: Desk, clock: Clock) -> int:
    """How many commands hold the replay at real time; 0 while it plays faster."""
    if clock.state not in {"playing", "lockstep"} or clock.speed > 1:
        return 0
    return sum(command.state in OPEN_STATES for command in desk.commands(limit=_ALL))


def clock_state(desk: Desk) -> dict[str, object]:
    """State of `event_bar.js`."""
    clock = desk.clock()
    return {
        "open": open_commands(desk, clock),
        "at": int(clock.at_s),
        "start": clock.start_s,
        "end": clock.end_s,
        "speed": int(clock.speed) if clock.speed == int(clock.speed) else clock.speed,
        "state": clock.state,
        "joined": clock.joined,
        "meters": clock.meters,
    }


def command_row(command: CommandView) -> dict[str, object]:
    """One command for `command_list.js`."""
    return {
        "id": command.command_id,
        "meter": command.meter_id,
        "seq": command.seq,
        "action": ACTION_WORDS[command.action],
        "by": command.by,
        "issued": command.issued_s,
        "ended": command.ended_s,
        "state": command.state,
        "reason": command.reason,
    }


def where(place: MeterPlace) -> str:
    """Region of a meter, and its place in it where that says more."""
    return place.region if place.place.startswith(place.region) else f"{place.place}, {place.region}"


def alarm_row(alarm: AlarmView, desk: Desk) -> dict[str, object]:
    """One alarm for `alarm_list.js`."""
    view = desk.meter(alarm.meter_id)
    return {
        "key": f"{alarm.meter_id} {alarm.raised_s} {alarm.text}",
        "meter": alarm.meter_id,
        "place": alarm.place if view is None else where(view.place),
        "severity": alarm.severity,
        "text": alarm.text,
        "raised": alarm.raised_s,
        "cleared": alarm.cleared_s,
    }


def ends_of(commands: Sequence[CommandView], words: str) -> dict[str, object]:
    """How many of these commands are in each state, for `region_dialog.js`."""
    return {"words": words, "total": len(commands), **Counter(command.state for command in commands)}
