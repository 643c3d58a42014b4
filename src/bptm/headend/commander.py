"""Commands on their way: refused at the desk, or numbered, stored, sealed, sent, and sent again until answered.

Stored before it is sent: a command that a meter has, the store has. Sent again as the very same bytes, which a
meter answers once.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bptm.headend.bus import Bus, BusUnavailableError
from bptm.headend.clock import HeardClock
from bptm.headend.database import StoreMovedOnError, StoreUnavailableError
from bptm.headend.desk import CommandView
from bptm.headend.keeper import Keeper
from bptm.headend.memory import CommandEntry, Memory, Sketch, view_of
from bptm.headend.settings import SettingsError
from bptm.operations.commands import CommandState, issue, refuse_unsent
from bptm.operations.script import ScriptLine
from bptm.operations.unmet import cannot_hear
from bptm.terms.codes import Action
from bptm.terms.messages import COMMAND_LIFE_MAX_S, Command
from bptm.terms.refusals import Refused, Unmet
from bptm.wire.cose import hash_of, key_id_of, seal_command
from bptm.wire.topics import OPEN_COMMANDS_SUBJECT, down_subject

_log = logging.getLogger(__name__)

REGION_PREFIX = "region:"
_NONCE_BYTES = 16
_TWIN_ANSWERS_WITHIN_S = 3.0
_AGAIN_EVERY_S = 3.0
"""A command travels at QoS 0: one that was lost is sent again after this wall time, until it is answered."""

_LOOK_EVERY_S = 0.25
_BREATHE_EVERY = 64
"""Commands sealed before others get a turn: about ten milliseconds."""


class CommandKey:
    """The key with which the utility signs commands."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        """A P-256 key."""
        self._key = key
        self._key_id = key_id_of(key.public_key())

    @classmethod
    def read(cls, key_file: Path, certificate_file: Path) -> "CommandKey":
        """The key in a PEM file, which its certificate must match: meters trust that certificate.

        Raises:
            SettingsError: Not readable, not P-256, or they do not belong together.
        """
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        except (OSError, ValueError, TypeError) as problem:
            msg = f"the command key in {key_file} and {certificate_file} cannot be read: {problem}"
            raise SettingsError(msg) from problem
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            msg = f"the command key {key_file} does not belong to {certificate_file}; give the matching P-256 pair"
            raise SettingsError(msg)
        return cls(key)

    def seal(self, command: Command) -> bytes:
        """The signed command."""
        return seal_command(command, self._key, key_id=self._key_id)


def members_of(memory: Memory, target: str) -> tuple[str, ...] | Refused:
    """Meters that a target names, by id: one meter, `region:NAME`, or `region:*` for all."""
    if target.startswith(REGION_PREFIX):
        region = target.removeprefix(REGION_PREFIX)
        found = sorted(place.meter_id for place in memory.places if region in {"*", place.region})
        if found:
            return tuple(found)
        known = ", ".join(sorted({place.region for place in memory.places})) or "no region yet"
        return _refused("region", repr(region), f"one of {known}, or *", "Choose a region that has meters.")
    if target in memory.number_of:
        return (target,)
    return _refused("meter", repr(target[:80]), "a meter of the registry", "Check the meter id.")


def _refused(element: str, found: str, needs: str, remedy: str) -> Refused:
    return Refused(unmet=(Unmet(element=element, found=found, needs=needs, remedy=remedy),))


class Commander:
    """Issues commands and sees to it that they arrive."""

    def __init__(self, keeper: Keeper, bus: Bus, clock: HeardClock, key: CommandKey, *, headless: bool) -> None:
        """Signs with `key`. Headless, the twin stands still by itself and asks for what it misses."""
        self._keeper = keeper
        self._bus = bus
        self._clock = clock
        self._key = key
        self._headless = headless
        self._told_open = 0
        self._issuing = asyncio.Lock()

    async def issue(self, action: Action, target: str, by: str) -> Sequence[CommandView] | Refused:
        """Sends a command to each meter of a target; in meter order, refused at once where it cannot be heard."""
        async with self._issuing:
            members = members_of(self._keeper.memory, target)
            if isinstance(members, Refused):
                return members
            try:
                at_s = await self._slow_down(len(members))
                entries = await self._store(members, action, at_s, by)
                await self.send([entry for entry in entries if entry.sealed is not None])
            except StoreUnavailableError as problem:
                return _refused("store", str(problem), "PostgreSQL", "Nothing was sent. Wait until it is back.")
            except StoreMovedOnError as problem:
                return _refused("store", str(problem), "one head-end", "Nothing was sent. Try again.")
            except BusUnavailableError as problem:
                return _refused("link to the meters", str(problem), "NATS and the twin", "Wait until they are back.")
            await self.tell_open()
            return [view_of(entry) for entry in entries]

    async def issue_lines(self, lines: Sequence[ScriptLine], at_s: int) -> None:
        """Stores and sends what a script asks for, each line once and for all.

        Raises:
            StoreUnavailableError: PostgreSQL is gone: ask again.
            StoreMovedOnError: Another head-end stored first: ask again.
        """
        for line in lines:
            if line.number in self._keeper.script_done:
                continue
            members = members_of(self._keeper.memory, line.target)
            if isinstance(members, Refused):
                _log.warning("line %d of the script reaches nobody: %s", line.number, members.sentence())
                members = ()
            done = ((line.number, at_s),)
            entries = await self._store(members, line.action, at_s, f"script line {line.number}", done)
            try:
                await self.send([entry for entry in entries if entry.sealed is not None])
            except BusUnavailableError as problem:
                _log.warning("%s; the twin asks again for what it misses", problem)

    async def _store(
        self,
        members: Sequence[str],
        action: Action,
        at_s: int,
        by: str,
        script_lines: tuple[tuple[int, int], ...] = (),
    ) -> list[CommandEntry]:
        async with self._keeper.deciding() as sketch:
            entries: list[CommandEntry] = []
            for count, meter_id in enumerate(members, 1):
                entries.append(self._make(sketch, meter_id, action, at_s, by))
                if count % _BREATHE_EVERY == 0:
                    await asyncio.sleep(0)
            await self._keeper.commit(sketch, script_lines=script_lines)
            return entries

    def _make(self, sketch: Sketch, meter_id: str, action: Action, at_s: int, by: str) -> CommandEntry:
        memory = sketch.memory
        number = memory.number_of[meter_id]
        command = Command(
            meter_id=meter_id,
            seq=memory.last_seq[number] + 1,
            action=action,
            issued_s=at_s,
            expires_s=at_s + COMMAND_LIFE_MAX_S,
            nonce=os.urandom(_NONCE_BYTES),
        )
        refused = cannot_hear(memory.states[number], at_s)
        if refused is not None:
            life, _effects = refuse_unsent(command, refused, at_s)
            sealed = None
        else:
            sealed = self._key.seal(command)
            life, _effects = issue(command, hash_of(sealed))
        entry = CommandEntry(life=life, meter_no=number, sealed=sealed, issued_by=by)
        sketch.issue(entry)
        return entry

    async def send(self, entries: Sequence[CommandEntry]) -> None:
        """Sends sealed commands, and waits until NATS has them.

        Raises:
            BusUnavailableError: NATS is gone.
        """
        for entry in entries:
            if entry.sealed is not None:
                await self._bus.send(down_subject(entry.life.command.meter_id), entry.sealed)
        if entries:
            await self._bus.flush()

    async def resend(self, wanted: Sequence[tuple[str, int]]) -> int:
        """Sends these commands again where they are still without receipt; returns how many.

        Raises:
            BusUnavailableError: NATS is gone.
        """
        names = set(wanted)
        entries = [
            entry
            for entry in self._keeper.memory.all_watched()
            if entry.life.state is CommandState.ISSUED
            and (entry.life.command.meter_id, entry.life.command.seq) in names
        ]
        await self.send(entries)
        return len(entries)

    def open_now(self) -> list[CommandEntry]:
        """Commands that a meter may still take up now."""
        return self._keeper.memory.awaiting(self._clock.now(monotonic()).at_s)

    async def _slow_down(self, count: int) -> int:
        """Makes the twin play at real speed before a command of 60 s life is issued; returns its event time.

        Raises:
            BusUnavailableError: The twin does not answer.
        """
        if self._headless:
            return int(self._clock.now(monotonic()).at_s)
        opened = len(self.open_now()) + count
        at_s = await self._tell(opened)
        self._told_open = opened
        return int(at_s)

    async def _tell(self, count: int) -> float:
        question = orjson.dumps({"open": count})
        answer = await self._bus.ask(OPEN_COMMANDS_SUBJECT, question, within_s=_TWIN_ANSWERS_WITHIN_S)
        try:
            at_s = float(orjson.loads(answer)["at_s"])
        except (ValueError, KeyError, TypeError) as problem:
            msg = f"the twin's answer about open commands is not as agreed: {answer[:120]!r}"
            raise BusUnavailableError(msg) from problem
        self._clock.arrived(at_s)
        return at_s

    async def tell_open(self) -> None:
        """Tells the twin how many commands are open, whenever that has changed."""
        count = len(self.open_now())
        if self._headless or count == self._told_open:
            return
        try:
            await self._tell(count)
        except BusUnavailableError as problem:
            _log.info("%s; told again soon", problem)
        else:
            self._told_open = count

    async def follow_up(self) -> None:
        """Until cancelled: repeats what is not answered and tells the twin when nothing is open any more."""
        since_s = 0.0
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            since_s += _LOOK_EVERY_S
            await self.tell_open()
            if since_s >= _AGAIN_EVERY_S:
                since_s = 0.0
                try:
                    await self.send(self.open_now())
                except BusUnavailableError as problem:
                    _log.info("%s; commands are sent again later", problem)
