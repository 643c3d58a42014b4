"""Rows of the lists that both pages show: commands, and the event clock. Pure."""

from collections import Counter
from collections.abc import Sequence

from bptm.headend.desk import AlarmView, Clock, CommandView
from bptm.headend.pages.words import ACTION_WORDS


def clock_state(clock: Clock) -> dict[str, object]:
    """State of `event_bar.js`."""
    return {
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


def alarm_row(alarm: AlarmView) -> dict[str, object]:
    """One alarm for `alarm_list.js`."""
    return {
        "key": f"{alarm.meter_id} {alarm.raised_s} {alarm.text}",
        "meter": alarm.meter_id,
        "place": alarm.place,
        "severity": alarm.severity,
        "text": alarm.text,
        "raised": alarm.raised_s,
        "cleared": alarm.cleared_s,
    }


def ends_of(commands: Sequence[CommandView], words: str) -> dict[str, object]:
    """How many of these commands are in each state, for `region_dialog.js`."""
    return {"words": words, "total": len(commands), **Counter(command.state for command in commands)}
