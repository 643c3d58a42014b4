"""The alarms of the fleet: one state a meter, what has been cleared lately, and the next state not stored yet."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bptm.headend.desk import AlarmView, MeterPlace
from bptm.headend.records import AlarmCleared, AlarmRecord
from bptm.operations import alarms
from bptm.operations.alarms import Alarm, AlarmKind, AlarmState, Raised, Severity, Step
from bptm.operations.fleet import MeterState
from bptm.terms.messages import Upward

CLEARED_KEPT = 500
"""Cleared alarms in memory: what a desk can scroll through."""

_NEW = AlarmState()


_SEVERITIES = ("danger", "warning", "notice")
"""As an operator wants to read them."""


class AlarmBoard:
    """All alarms as they are stored."""

    def __init__(
        self, records: Iterable[AlarmRecord], dark_since_s: Mapping[int, int], in_doubt: Mapping[int, tuple[int, ...]]
    ) -> None:
        """What the store holds.

        Args:
            records: Standing alarms and the last cleared ones, oldest first.
            dark_since_s: Meters that reported no supply, and since when.
            in_doubt: Commands of each meter that ended in doubt, by number.
        """
        self.states: dict[int, AlarmState] = {}
        self._cleared: deque[AlarmRecord] = deque(maxlen=CLEARED_KEPT)
        standing: dict[int, list[Alarm]] = {}
        for record in records:
            if record.cleared_s is None:
                standing.setdefault(record.meter_no, []).append(_alarm_of(record))
            else:
                self._cleared.append(record)
        for number in standing.keys() | dark_since_s.keys() | in_doubt.keys():
            self.states[number] = AlarmState(
                standing=tuple(standing.get(number, ())),
                dark_since_s=dark_since_s.get(number),
                commands_in_doubt=in_doubt.get(number, ()),
            )

    def dark(self) -> set[int]:
        """Meters that reported no supply, by number."""
        return {number for number, state in self.states.items() if state.dark_since_s is not None}

    def standing_count(self) -> int:
        """How many alarms stand."""
        return sum(len(state.standing) for state in self.states.values())

    def views(self, places: Sequence[MeterPlace], limit: int) -> list[AlarmView]:
        """Standing alarms, dangers before warnings before notices, then cleared ones; each part newest first."""
        standing = [
            _view(_record_of(number, alarm), places)
            for number, state in self.states.items()
            for alarm in state.standing
        ]
        standing.sort(key=lambda view: (_SEVERITIES.index(view.severity), -view.raised_s))
        cleared = [_view(record, places) for record in reversed(self._cleared)]
        return [*standing, *cleared][:limit]

    def take(self, sketch: "AlarmSketch") -> None:
        """Makes a stored sketch the present state."""
        before = {number: self.states.get(number, _NEW) for number in sketch.states}
        for number, state in sketch.states.items():
            if state == _NEW:
                self.states.pop(number, None)
            else:
                self.states[number] = state
        self._cleared.extend(record for record in sketch.raised if record.cleared_s is not None)
        was = {(number, a.kind.value): a for number, state in before.items() for a in state.standing}
        for gone in sketch.cleared:
            alarm = was.get((gone.meter_no, gone.code))
            if alarm is not None:
                self._cleared.append(_record_of(gone.meter_no, alarm, gone.cleared_s))


@dataclass(slots=True)
class AlarmSketch:
    """The next state of the alarms."""

    board: AlarmBoard
    places: Sequence[MeterPlace]
    event_start_s: int
    states: dict[int, AlarmState] = field(default_factory=dict[int, AlarmState])
    raised: list[AlarmRecord] = field(default_factory=list[AlarmRecord])
    cleared: list[AlarmCleared] = field(default_factory=list[AlarmCleared])

    @property
    def changed(self) -> bool:
        """Whether any alarm was raised or cleared."""
        return bool(self.raised or self.cleared)

    def _state(self, number: int) -> AlarmState:
        return self.states.get(number) or self.board.states.get(number, _NEW)

    def hear(self, number: int, message: Upward) -> None:
        """A meter's next message."""
        before = self._state(number)
        medical = self.places[number].medical
        self._note(number, before, alarms.on_message(before, message, medical=medical, start_s=self.event_start_s))

    def tick(self, meters: Iterable[tuple[int, MeterState]], now_s: int) -> None:
        """Event time is `now_s`, for those meters to which it may matter."""
        for number, meter in meters:
            before = self._state(number)
            self._note(number, before, alarms.on_clock(before, meter, now_s, medical=self.places[number].medical))

    def raise_unknown(self, number: int, command_seq: int, at_s: int, text: str) -> None:
        """A command ended as unknown."""
        before = self._state(number)
        self._note(number, before, alarms.on_command_unknown(before, command_seq, at_s, text))

    def clear_unknown(self, number: int, command_seq: int, at_s: int, text: str) -> None:
        """It is known what became of an unknown command."""
        before = self._state(number)
        self._note(number, before, alarms.on_command_known(before, command_seq, at_s, text))

    def reject(self, number: int, at_s: int, reason: str) -> None:
        """A message in this meter's name could not be understood."""
        before = self._state(number)
        self._note(number, before, alarms.on_message_rejected(before, at_s, reason))

    def _note(self, number: int, before: AlarmState, step: Step) -> None:
        after, changes = step
        if after != before:
            self.states[number] = after
        for change in changes:
            if isinstance(change, Raised):
                self.raised.append(_record_of(number, change.alarm))
            else:
                self._clear(number, change.kind, change.cleared_s)

    def _clear(self, number: int, kind: AlarmKind, cleared_s: int) -> None:
        # Raised and cleared within one batch: stored as one finished alarm, since the store clears before it raises.
        for i, record in enumerate(self.raised):
            if record.meter_no == number and record.code == kind.value and record.cleared_s is None:
                self.raised[i] = _record_of(number, _alarm_of(record), cleared_s)
                return
        self.cleared.append(AlarmCleared(meter_no=number, code=kind.value, cleared_s=cleared_s))


def _alarm_of(record: AlarmRecord) -> Alarm:
    return Alarm(
        kind=AlarmKind(record.code), severity=Severity(record.severity), text=record.text, raised_s=record.raised_s
    )


def _record_of(number: int, alarm: Alarm, cleared_s: int | None = None) -> AlarmRecord:
    return AlarmRecord(
        meter_no=number,
        code=alarm.kind.value,
        severity=alarm.severity.value,
        text=alarm.text,
        raised_s=alarm.raised_s,
        cleared_s=cleared_s,
    )


def _view(record: AlarmRecord, places: Sequence[MeterPlace]) -> AlarmView:
    place = places[record.meter_no]
    return AlarmView(
        meter_id=place.meter_id,
        place=place.place,
        severity=record.severity,
        text=record.text,
        raised_s=record.raised_s,
        cleared_s=record.cleared_s,
    )
