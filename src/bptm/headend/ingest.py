"""From the stream into the store: whole batches, exactly once, and acknowledged only when stored.

A batch is what came while the last one was being stored. Order of things: store in one transaction; tell each
meter how far it is stored; tell JetStream. Whatever fails before the last step comes again and is recognised by
its number. What nobody can read is set aside with its reason and never holds up the rest.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from time import monotonic

from bptm.headend.bus import Bus, BusUnavailableError, Delivery
from bptm.headend.database import StoreMovedOnError, StoreUnavailableError
from bptm.headend.records import Quarantined
from bptm.terms.messages import REPORT_NAMES, Ack, Upward
from bptm.wire.cbor import decode_upward, encode_ack
from bptm.wire.errors import WireError
from bptm.wire.topics import down_subject, meter_of_up_subject

_log = logging.getLogger(__name__)

BATCH_MAX = 4096
"""Messages in one transaction: half a second of work."""

ASKED_FOR_MAX = 8192
"""Messages that may lie here unstored, so that reading and storing overlap; memory stays bounded."""

_REQUEST_LIFE_S = 5.0
"""A request that was lost on its way is made again when this is over; nobody says that it was."""
_RETRY_FIRST_S, _RETRY_MAX_S = 0.25, 5.0
_QUARANTINE_PER_SUBJECT = 20
"""Kept a subject while this process lives: a meter that repeats nonsense must not fill the disk."""

_TICK_OF = itemgetter(REPORT_NAMES.index("tick"))
_TICK_MAX = 1 << 40
"""290 years: no tick of any meter is later, and instants made of it fit every clock."""


@dataclass(frozen=True, slots=True)
class Read:
    """A message of a meter as it was read."""

    message: Upward
    encoded: bytes


@dataclass(slots=True)
class Batch:
    """What came, read."""

    messages: list[Read] = field(default_factory=list[Read])
    unreadable: list[Quarantined] = field(default_factory=list[Quarantined])


Keep = Callable[[Batch], Awaitable[dict[str, int]]]
"""Stores a batch; returns how far each of its meters is stored now. Raises as `Store.write`."""


def read_batch(deliveries: Sequence[Delivery]) -> Batch:
    """Every delivery decoded, or set aside with the reason."""
    batch = Batch()
    for delivery in deliveries:
        try:
            message = _read(delivery)
        except (WireError, ValueError) as problem:
            batch.unreadable.append(
                Quarantined(subject=delivery.subject, reason=str(problem), encoded=delivery.encoded)
            )
        else:
            batch.messages.append(Read(message, delivery.encoded))
    return batch


def _read(delivery: Delivery) -> Upward:
    """The message in a delivery.

    Raises:
        WireError: Not a message, of another meter than the topic's, or of an impossible time.
        ValueError: Not a meter's topic.
    """
    message = decode_upward(delivery.encoded)
    if message.meter_id != meter_of_up_subject(delivery.subject):
        msg = f"the message names meter {message.meter_id}, but came on {delivery.subject}"
        raise WireError(msg)
    if message.reports and max(map(_TICK_OF, message.reports)) > _TICK_MAX:
        msg = f"a report of meter {message.meter_id} is later than tick {_TICK_MAX}"
        raise WireError(msg)
    return message


class Ingest:
    """Reads the stream `UP` until it is stopped."""

    def __init__(self, bus: Bus, keep: Keep, *, stream_max_bytes: int) -> None:
        """Reads from `bus`, stores with `keep`."""
        self._bus = bus
        self._keep = keep
        self._stream_max_bytes = stream_max_bytes
        self._waiting: list[Delivery] = []
        self._something = asyncio.Event()
        self._reads = asyncio.Event()
        self._asked = 0
        self._asked_until_s = 0.0
        self._seen_connects = 0
        self._quarantined: Counter[str] = Counter()
        self.message_count = 0
        self.unreadable_count = 0
        self.waiting_for_store = False

    def _take(self, delivery: Delivery) -> None:
        if delivery.status:
            # 408: the request has run out. 409, 503 and others: the consumer or the server is in trouble. In every
            # case nothing more comes for it.
            self._asked = 0
            if delivery.status not in {"404", "408"}:
                self._seen_connects = 0
        else:
            self._asked = max(0, self._asked - 1)
            self._waiting.append(delivery)
        self._something.set()

    async def reads(self) -> None:
        """Returns once the stream stands and is read: what a meter sends before that it has to send again."""
        await self._reads.wait()

    async def run(self) -> None:
        """Until cancelled."""
        inbox = await self._bus.open_inbox(self._take)
        said = ""
        while True:
            try:
                await self._ask(inbox)
            except BusUnavailableError as problem:
                if str(problem) != said:
                    said = str(problem)
                    _log.warning("%s; trying on", said)
                await asyncio.sleep(_RETRY_FIRST_S)
            else:
                said = ""
            if not self._waiting:
                await self._wait()
            if self._waiting:
                deliveries, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._store(deliveries)

    async def _wait(self) -> None:
        self._something.clear()
        # Awake once a second to see that NATS has been away: requests made before are lost then.
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await self._something.wait()

    async def _ask(self, inbox: str) -> None:
        """Keeps enough messages asked for, and makes the stream anew when NATS has lost it."""
        if self._seen_connects != self._bus.connects:
            connects = self._bus.connects
            await self._bus.ensure_up_stream(self._stream_max_bytes)
            self._seen_connects = connects
            self._asked = 0
        now_s = monotonic()
        if now_s > self._asked_until_s:
            self._asked = 0
        room = ASKED_FOR_MAX - len(self._waiting) - self._asked
        if self._asked == 0 or room > ASKED_FOR_MAX // 2:
            await self._bus.ask_for_messages(inbox, room, within_s=_REQUEST_LIFE_S)
            self._asked += room
            self._asked_until_s = now_s + _REQUEST_LIFE_S + 2.0
            self._reads.set()

    async def _store(self, deliveries: list[Delivery]) -> None:
        """Stores a batch, however long that takes, then acknowledges it."""
        batch = read_batch(deliveries)
        for fault in batch.unreadable:
            _log.warning("set aside: %s", fault.reason)
        self.unreadable_count += len(batch.unreadable)
        batch.unreadable = [fault for fault in batch.unreadable if self._worth_keeping(fault)]
        stored = await self._keep_at_last(batch)
        self.message_count += len(batch.messages)
        try:
            for meter_id, seq in stored.items():
                await self._bus.send(down_subject(meter_id), encode_ack(Ack(seq=seq)))
            # Cumulative: the last one of the batch stands for all before it.
            await self._bus.send(deliveries[-1].reply, b"+ACK")
        except BusUnavailableError as problem:
            _log.warning("acknowledgements were lost (%s); the meters will send again", problem)

    def _worth_keeping(self, fault: Quarantined) -> bool:
        self._quarantined[fault.subject] += 1
        return self._quarantined[fault.subject] <= _QUARANTINE_PER_SUBJECT

    async def _keep_at_last(self, batch: Batch) -> dict[str, int]:
        wait_s = _RETRY_FIRST_S
        said = ""
        while True:
            try:
                stored = await self._keep(batch)
            except StoreMovedOnError as problem:
                _log.warning("%s", problem)
            except StoreUnavailableError as problem:
                # One sentence for each kind of trouble, not one for each try.
                if type(problem).__name__ != said:
                    said = type(problem).__name__
                    _log.warning("%s", problem)
                self.waiting_for_store = True
            else:
                if said:
                    _log.warning("PostgreSQL is back; storing goes on")
                self.waiting_for_store = False
                return stored
            await asyncio.sleep(wait_s)
            wait_s = min(_RETRY_MAX_S, wait_s * 2)
