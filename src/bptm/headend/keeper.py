"""Memory and store kept in step: every change is sketched, stored in one transaction, then remembered.

One lock, so that ingest, clock and operators decide one after the other. After a failed write nobody knows what
is stored, so the next change begins by reading all of it again.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from bptm.headend.alarm_board import CLEARED_KEPT, AlarmBoard
from bptm.headend.database import Database, StoreMovedOnError, StoreUnavailableError
from bptm.headend.enrolment import Identity, load_identities
from bptm.headend.ingest import Batch
from bptm.headend.memory import Memory, Sketch, StoredFleet
from bptm.headend.migrate import migrate
from bptm.headend.records import Arrival, Changes, Quarantined
from bptm.headend.store import Store
from bptm.wire.session import Arrival as Place
from bptm.wire.session import arrival_of
from bptm.wire.topics import meter_of_up_subject

_log = logging.getLogger(__name__)

_RETRY_FIRST_S, _RETRY_MAX_S = 0.25, 5.0


class Keeper:
    """The fleet in memory and in the store."""

    def __init__(self, database: Database, event_start_s: int) -> None:
        """Knows nothing until `open`."""
        self.database = database
        self.event_start_s = event_start_s
        self.store = Store(database, event_start_s)
        self.memory = Memory(StoredFleet(), event_start_s)
        self.script_done: set[int] = set()
        self.duplicate_count = 0
        self.gap_count = 0
        self._identities: dict[str, Identity] = {}
        self._keys: dict[str, EllipticCurvePublicKey] = {}
        self._lock = asyncio.Lock()
        self._stale = True

    async def open(self) -> None:
        """Brings the tables up to date and reads everything, however long PostgreSQL lets wait.

        Raises:
            SchemaTooNewError: The store is of a later version.
        """
        wait_s, said = _RETRY_FIRST_S, False
        while True:
            try:
                await migrate(self.database)
                await self._read_all()
            except StoreUnavailableError as problem:
                if not said:
                    _log.warning("%s", problem)
                    said = True
                await asyncio.sleep(wait_s)
                wait_s = min(_RETRY_MAX_S, wait_s * 2)
            else:
                return

    async def _read_all(self) -> None:
        store = self.store
        await store.load()
        numbers, reports = await store.load_latest()
        latest = dict(zip(numbers, reports, strict=True))
        links = await store.load_links()
        commands = await store.load_commands()
        in_doubt: dict[int, tuple[int, ...]] = {}
        for record in commands:
            if record.in_doubt:
                in_doubt[record.meter_no] = (*in_doubt.get(record.meter_no, ()), record.seq)
        dark = {link.meter_no: link.dark_since_s for link in links if link.dark_since_s is not None}
        board = AlarmBoard(await store.load_alarms(CLEARED_KEPT), dark, in_doubt)
        places = await store.load_places()
        identities = await load_identities(self.database)
        self.script_done = await store.load_script_lines()
        version = self.memory.version
        self.memory = Memory(
            StoredFleet(places=places, links=links, latest=latest, commands=commands, board=board), self.event_start_s
        )
        self.memory.version = version + 1
        self._identities = identities
        self._keys = {}
        self._stale = False

    def knows(self, meter_id: str, public_key: bytes) -> bool:
        """Whether this meter is enrolled with this public key (DER) and not revoked."""
        identity = self._identities.get(meter_id)
        return identity is not None and not identity.revoked and identity.public_key == public_key

    def identities(self) -> dict[str, Identity]:
        """Public key of every enrolled meter."""
        return self._identities

    def key_of(self, meter_id: str) -> EllipticCurvePublicKey | None:
        """Public key of an enrolled meter."""
        key = self._keys.get(meter_id)
        identity = self._identities.get(meter_id)
        if key is None and identity is not None:
            loaded = load_der_public_key(identity.public_key)
            assert isinstance(loaded, EllipticCurvePublicKey), "enrolment takes P-256 keys only"
            key = self._keys[meter_id] = loaded
        return key

    @asynccontextmanager
    async def deciding(self) -> AsyncGenerator[Sketch]:
        """A sketch that nobody else changes meanwhile. Store it with `commit` inside the block.

        Raises:
            StoreUnavailableError: PostgreSQL is gone.
        """
        async with self._lock:
            if self._stale:
                await self._read_all()
            yield Sketch(self.memory, self.key_of)

    async def commit(self, sketch: Sketch, *, script_lines: tuple[tuple[int, int], ...] = ()) -> None:
        """Stores a sketch, then remembers it.

        Raises:
            StoreUnavailableError: PostgreSQL is gone or full.
            StoreMovedOnError: Another head-end stored first.
        """
        changes = sketch.changes(script_lines)
        if changes == Changes():
            return
        # Whatever interrupts this, a cancelled task too, leaves open whether the write took place.
        self._stale = True
        await self.store.write(changes, wall_s=time.time())
        self.memory.take(sketch)
        self.script_done.update(number for number, _at_s in script_lines)
        self._stale = False

    async def keep(self, batch: Batch) -> dict[str, int]:
        """Stores what is next of every meter in the batch; returns how far each meter heard from is stored.

        Raises:
            StoreUnavailableError: PostgreSQL is gone or full; nothing may be acknowledged.
            StoreMovedOnError: Another head-end stored first.
        """
        async with self.deciding() as sketch:
            reached: dict[str, int] = {}
            duplicates = gaps = 0
            number_of, stored_seqs = self.memory.number_of, self.store.stored_seqs
            for read in batch.messages:
                message = read.message
                number = number_of.get(message.meter_id)
                if number is None:
                    _set_aside_stranger(sketch, message.meter_id, read.encoded)
                    continue
                stored = reached.get(message.meter_id)
                if stored is None:
                    stored = int(stored_seqs[number])
                place = arrival_of(stored, message.seq)
                if place is Place.NEXT:
                    sketch.hear(Arrival(meter_no=number, message=message, encoded=read.encoded))
                    stored = message.seq
                elif place is Place.DUPLICATE:
                    duplicates += 1
                else:
                    gaps += 1
                reached[message.meter_id] = stored
            self._set_aside(sketch, batch.unreadable)
            await self.commit(sketch)
            self.duplicate_count += duplicates
            self.gap_count += gaps
            return reached

    def _set_aside(self, sketch: Sketch, unreadable: list[Quarantined]) -> None:
        for fault in unreadable:
            sketch.quarantined.append(fault)
            number = self.memory.number_of.get(meter_of_up_subject(fault.subject))
            if number is not None:
                heard_s = sketch.memory.states[number].heard_s
                sketch.alarms.reject(number, heard_s if heard_s is not None else self.event_start_s, fault.reason)

    async def reread(self) -> None:
        """Reads everything again: meters were enrolled.

        Raises:
            StoreUnavailableError: PostgreSQL is gone; it is read again before the next change.
        """
        async with self._lock:
            self._stale = True
            await self._read_all()

    async def tick(self, now_s: int) -> None:
        """Event time is `now_s` and everything made up to then is stored. Quietly waits for a lost store."""
        try:
            async with self.deciding() as sketch:
                sketch.tick(now_s)
                await self.commit(sketch)
        except (StoreUnavailableError, StoreMovedOnError) as problem:
            _log.info("the clock waits for the store: %s", problem)


def _set_aside_stranger(sketch: Sketch, meter_id: str, encoded: bytes) -> None:
    """A message of a meter that no registry knows: possible only when the registry was lost or replaced."""
    reason = f"meter {meter_id} is not enrolled here"
    sketch.quarantined.append(Quarantined(subject=f"bptm.{meter_id}.up", reason=reason, encoded=encoded))
