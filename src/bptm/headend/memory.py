"""What the head-end knows of the fleet, in memory: rebuilt from the store, changed only after the store has changed.

`Sketch` is the next state on top of the present one: reducers write into it, its `changes` go to the store in
one transaction, and only then `Memory.take` makes it the present state. A failed write leaves memory as it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from numpy.typing import NDArray

from bptm.headend.alarm_board import AlarmBoard, AlarmSketch
from bptm.headend.desk import AlarmView, CommandView, MeterPlace
from bptm.headend.records import (
    Arrival,
    Changes,
    CommandChange,
    CommandRecord,
    Quarantined,
)
from bptm.headend.store import LinkState
from bptm.operations.commands import (
    ClearUnknown,
    CommandLife,
    CommandState,
    Effect,
    RaiseUnknown,
    Step,
    StoreCommand,
    on_message,
    on_receipt,
    on_tick,
)
from bptm.operations.fleet import SILENT_AFTER_S, MeterState, at_s_of, hear, status_of
from bptm.terms import core_codes as c
from bptm.terms.codes import Status
from bptm.terms.messages import REPORT_NAMES, Command, Report
from bptm.wire.cose import hash_of, open_receipt
from bptm.wire.errors import WireError

_CODE = REPORT_NAMES.index("code")

KeyOf = Callable[[str], EllipticCurvePublicKey | None]
"""Public key of an enrolled meter."""


def command_id_of(meter_id: str, seq: int) -> str:
    """Name of a command: unique, and short enough to say on the telephone."""
    return f"{meter_id}/{seq}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """A command's life with what the desk adds to it."""

    life: CommandLife
    meter_no: int
    sealed: bytes | None
    issued_by: str

    @property
    def command_id(self) -> str:
        """Its name."""
        return command_id_of(self.life.command.meter_id, self.life.command.seq)


def entry_of(record: CommandRecord, meter_id: str) -> CommandEntry:
    """The entry in a stored record."""
    command = Command(
        meter_id=meter_id,
        seq=record.seq,
        action=record.action,
        issued_s=record.issued_s,
        expires_s=record.expires_s,
        nonce=record.nonce,
        hold_s=record.hold_s,
    )
    life = CommandLife(
        command=command,
        command_hash=hash_of(record.sealed) if record.sealed is not None else b"",
        state=CommandState(record.state),
        accepted_s=record.accepted_s,
        ended_s=record.ended_s,
        reason=record.reason,
        in_doubt=record.in_doubt,
    )
    return CommandEntry(life=life, meter_no=record.meter_no, sealed=record.sealed, issued_by=record.issued_by)


def record_of(entry: CommandEntry) -> CommandRecord:
    """The record that stores an entry."""
    life, command = entry.life, entry.life.command
    return CommandRecord(
        command_id=entry.command_id,
        meter_no=entry.meter_no,
        seq=command.seq,
        action=command.action,
        hold_s=command.hold_s,
        issued_s=command.issued_s,
        expires_s=command.expires_s,
        nonce=command.nonce,
        sealed=entry.sealed,
        issued_by=entry.issued_by,
        state=life.state.value,
        accepted_s=life.accepted_s,
        ended_s=life.ended_s,
        reason=life.reason,
        in_doubt=life.in_doubt,
    )


def view_of(entry: CommandEntry) -> CommandView:
    """The entry as the desk shows it."""
    life, command = entry.life, entry.life.command
    return CommandView(
        command_id=entry.command_id,
        meter_id=command.meter_id,
        seq=command.seq,
        action=command.action,
        by=entry.issued_by,
        issued_s=command.issued_s,
        expires_s=command.expires_s,
        state=life.state.value,
        ended_s=life.ended_s,
        reason=life.reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFleet:
    """What the store holds of the fleet."""

    places: Sequence[MeterPlace] = ()
    links: Sequence[LinkState] = ()
    latest: Mapping[int, Report] = field(default_factory=dict[int, Report])
    """Last report of each meter that has reported, by number."""
    commands: Sequence[CommandRecord] = ()
    board: AlarmBoard = field(default_factory=lambda: AlarmBoard((), {}, {}))


class Memory:
    """The fleet as it is stored."""

    def __init__(self, stored: StoredFleet, event_start_s: int) -> None:
        """What the store holds; ticks of reports count from `event_start_s`."""
        self.event_start_s = event_start_s
        self.places = list(stored.places)
        self.number_of = {place.meter_id: place.number for place in self.places}
        self.states = [MeterState() for _ in self.places]
        for link in stored.links:
            self.states[link.meter_no] = _state_of(link, stored.latest.get(link.meter_no), event_start_s)
        self.commands: dict[str, CommandEntry] = {}
        self.last_seq = [0] * len(self.places)
        self._watched: dict[int, dict[str, None]] = {}
        for record in stored.commands:
            self._keep(entry_of(record, self.places[record.meter_no].meter_id))
        self.board = stored.board
        self.version = 1
        count = len(self.places)
        self._heard_s = np.full(count, -1, np.int64)
        self._gasped = np.zeros(count, np.bool_)
        self._spoken = np.zeros(count, np.uint8)
        for number in range(count):
            self._note_status(number)

    def _keep(self, entry: CommandEntry) -> None:
        command_id = entry.command_id
        self.commands[command_id] = entry
        self.last_seq[entry.meter_no] = max(self.last_seq[entry.meter_no], entry.life.command.seq)
        if not entry.life.ended or entry.life.in_doubt:
            self._watched.setdefault(entry.meter_no, {})[command_id] = None
        elif entry.meter_no in self._watched:
            self._watched[entry.meter_no].pop(command_id, None)
            if not self._watched[entry.meter_no]:
                del self._watched[entry.meter_no]

    def _note_status(self, number: int) -> None:
        state = self.states[number]
        self._heard_s[number] = -1 if state.heard_s is None or state.report is None else state.heard_s
        self._gasped[number] = state.gasped
        # Silence aside, a status changes only when the meter speaks: judged at that very moment.
        self._spoken[number] = status_of(state, state.heard_s or 0)

    def statuses(self, now_s: float) -> NDArray[np.uint8]:
        """Status of each meter by number, as `operations.fleet.status_of` says, for all at once."""
        silent = (self._heard_s < 0) | (~self._gasped & (now_s - self._heard_s > SILENT_AFTER_S))
        return np.where(silent, np.uint8(Status.SILENT), self._spoken)

    def time_matters_to(self, now_s: float) -> list[int]:
        """Meters whose alarms may change with time alone: dark ones, and those that fell silent without a word."""
        silent = (self._heard_s >= 0) & ~self._gasped & (now_s - self._heard_s > SILENT_AFTER_S)
        return sorted(self.board.dark().union(np.flatnonzero(silent).tolist()))

    def watched(self, meter_no: int) -> list[CommandEntry]:
        """Commands of a meter that have not ended, or ended in doubt; oldest first."""
        return [self.commands[command_id] for command_id in self._watched.get(meter_no, ())]

    def all_watched(self) -> list[CommandEntry]:
        """Commands that have not ended, or ended in doubt."""
        return [self.commands[command_id] for ids in self._watched.values() for command_id in ids]

    def awaiting(self, now_s: float) -> list[CommandEntry]:
        """Commands that a meter may still take up: no receipt yet, not expired; by meter and number."""
        waiting = [
            entry
            for entry in self.all_watched()
            if entry.life.state is CommandState.ISSUED and now_s <= entry.life.command.expires_s
        ]
        return sorted(waiting, key=lambda entry: (entry.life.command.meter_id, entry.life.command.seq))

    def alarm_views(self, limit: int) -> list[AlarmView]:
        """Standing alarms first, each part newest first."""
        return self.board.views(self.places, limit)

    def take(self, sketch: "Sketch") -> None:
        """Makes a stored sketch the present state."""
        for number, state in sketch.states.items():
            self.states[number] = state
            self._note_status(number)
        for entry in sketch.entries.values():
            self._keep(entry)
        self.board.take(sketch.alarms)
        if sketch.states or sketch.entries or sketch.alarms.changed:
            self.version += 1


@dataclass(slots=True)
class Sketch:
    """The next state of the fleet, not stored yet."""

    memory: Memory
    key_of: KeyOf
    alarms: AlarmSketch = field(init=False)
    states: dict[int, MeterState] = field(default_factory=dict[int, MeterState])
    entries: dict[str, CommandEntry] = field(default_factory=dict[str, CommandEntry])
    issued: list[CommandEntry] = field(default_factory=list[CommandEntry])
    changed: list[CommandChange] = field(default_factory=list[CommandChange])
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])

    def __post_init__(self) -> None:
        """Begins with the alarms as they are."""
        self.alarms = AlarmSketch(self.memory.board, self.memory.places, self.memory.event_start_s)

    def hear(self, arrival: Arrival) -> None:
        """A meter's next message."""
        number, message = arrival.meter_no, arrival.message
        before = self.states.get(number) or self.memory.states[number]
        self.states[number] = hear(before, message, start_s=self.memory.event_start_s)
        self.arrivals.append(arrival)
        for entry in self.memory.watched(number):
            # Time first: whether a deadline has passed must not depend on which of clock and message came sooner.
            self._advance(entry.command_id, lambda life: on_tick(life, message.at_s), message.at_s)
        self._take_receipts(arrival)
        for entry in self.memory.watched(number):
            self._advance(
                entry.command_id,
                lambda life: on_message(life, message, start_s=self.memory.event_start_s),
                message.at_s,
            )
        self.alarms.hear(number, message)

    def _take_receipts(self, arrival: Arrival) -> None:
        meter_id = arrival.message.meter_id
        for sealed in arrival.message.receipts:
            key = self.key_of(meter_id)
            assert key is not None, "only an enrolled meter is in the registry"
            try:
                receipt = open_receipt(sealed, key)
            except WireError as problem:
                self.quarantined.append(
                    Quarantined(subject=f"receipt of {meter_id}", reason=str(problem), encoded=sealed)
                )
                continue
            command_id = command_id_of(meter_id, receipt.command_seq)
            if command_id in self.memory.commands or command_id in self.entries:
                self._advance(command_id, lambda life, r=receipt: on_receipt(life, r), arrival.message.at_s)

    def tick(self, now_s: int) -> None:
        """The event clock reads `now_s`, and everything made up to then has been heard."""
        for entry in self.memory.all_watched():
            self._advance(entry.command_id, lambda life: on_tick(life, now_s), now_s)
        self.alarms.tick(((n, self.memory.states[n]) for n in self.memory.time_matters_to(now_s)), now_s)

    def close_commands(self, end_s: int, after_s: int) -> None:
        """The event has ended at `end_s` and nothing more will be heard: judges open commands as at `after_s`."""
        for entry in self.memory.all_watched():
            life = entry.life

            def close(life: CommandLife) -> Step:
                after, effects = on_tick(life, after_s)
                # It became unknown when the event ended, not at the instant that stands for "never".
                return replace(after, ended_s=end_s), tuple(_ended_at(effect, end_s) for effect in effects)

            if not life.ended:
                self._advance(entry.command_id, close, end_s)

    def issue(self, entry: CommandEntry) -> None:
        """A new command, sent or refused at the desk."""
        self.entries[entry.command_id] = entry
        self.issued.append(entry)

    def _advance(self, command_id: str, step: Callable[[CommandLife], Step], at_s: int) -> None:
        entry = self.entries.get(command_id) or self.memory.commands[command_id]
        life, effects = step(entry.life)
        if life is entry.life:
            return
        after = CommandEntry(life=life, meter_no=entry.meter_no, sealed=entry.sealed, issued_by=entry.issued_by)
        self.entries[command_id] = after
        for effect in effects:
            self._do(effect, after, at_s)

    def _do(self, effect: Effect, entry: CommandEntry, at_s: int) -> None:
        life = entry.life
        if isinstance(effect, RaiseUnknown):
            self.alarms.raise_unknown(entry.meter_no, life.command.seq, effect.at_s, effect.text)
        elif isinstance(effect, ClearUnknown):
            self.alarms.clear_unknown(entry.meter_no, life.command.seq, effect.at_s, effect.text)
        else:
            self.changed.append(
                CommandChange(
                    command_id=entry.command_id,
                    at_s=life.ended_s if life.ended_s is not None else at_s,
                    state=life.state.value,
                    reason=life.reason,
                    accepted_s=life.accepted_s,
                    ended_s=life.ended_s,
                    in_doubt=life.in_doubt,
                )
            )

    def changes(self, script_lines: tuple[tuple[int, int], ...] = ()) -> Changes:
        """What one transaction has to store."""
        return Changes(
            arrivals=tuple(self.arrivals),
            quarantined=tuple(self.quarantined),
            commands_issued=tuple(record_of(entry) for entry in self.issued),
            commands_changed=tuple(self.changed),
            alarms_raised=tuple(self.alarms.raised),
            alarms_cleared=tuple(self.alarms.cleared),
            script_lines=script_lines,
            dark_since_s={number: state.dark_since_s for number, state in self.alarms.states.items()},
        )


def _ended_at(effect: Effect, end_s: int) -> Effect:
    life = replace(effect.life, ended_s=end_s)
    return replace(effect, life=life) if isinstance(effect, StoreCommand) else replace(effect, life=life, at_s=end_s)


def _state_of(link: LinkState, report: Report | None, event_start_s: int) -> MeterState:
    """A meter's state as `hear` left it, from what is stored."""
    report_at_s = None if report is None else at_s_of(report, event_start_s)
    gasped = (
        report is not None
        and report_at_s is not None
        and report[_CODE] == c.EVENT_LAST_GASP
        # A later message without reports shows that the meter lives again.
        and (link.heard_s is None or link.heard_s <= report_at_s)
    )
    return MeterState(
        heard_s=link.heard_s,
        report=report,
        report_at_s=report_at_s,
        gasped=gasped,
        boots=link.boots,
        command_seq=link.command_seq,
    )
