"""The numbered, acknowledged stream from a meter to the head-end, both ends, sans I/O.

The meter numbers its messages 1, 2, 3 ... and keeps each until a cumulative `Ack` says that everything up to it is
stored. MQTT's own acknowledgement only says that a broker has the bytes. After a reconnect, or when no
acknowledgement came for a while (they travel at QoS 0 and may be lost), the meter sends again from the oldest
unacknowledged message. The head-end takes exactly the next number and nothing else, so that what it stores has
neither holes nor repetitions whatever the network did.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import islice
from struct import Struct
from typing import cast

from bptm.wire.cbor import SEQ_MAX
from bptm.wire.errors import WireError

_FORMAT = 1
_HEAD = Struct(">BQI")
_LENGTH = Struct(">I")

BACKLOG_LIMIT_COUNT = 512
"""Messages a meter keeps unless told otherwise: five days of quarter hours."""

WINDOW_COUNT = 32
"""Messages under way unless told otherwise."""

PATIENCE_S = 10.0
"""Wall time without an acknowledgement after which `rewind_if_overdue` sends again, unless told otherwise."""


class Uplink:
    """The meter's end. Not thread-safe; one for each meter, so it is kept small.

    The host numbers a message with `next_seq`, encodes it, stores it in its checkpoint, then `push`es it; `take`
    says what to put on the wire now.
    """

    __slots__ = ("_acked_seq", "_backlog", "_backlog_limit", "_sent_count", "_waiting_since_s", "_window")

    def __init__(
        self,
        *,
        acked_seq: int = 0,
        backlog: Iterable[bytes] = (),
        backlog_limit_count: int = BACKLOG_LIMIT_COUNT,
        window_count: int = WINDOW_COUNT,
    ) -> None:
        """A session as it stands, new or from a checkpoint; nothing counts as sent.

        Args:
            acked_seq: Everything up to here is acknowledged.
            backlog: The unacknowledged messages, oldest first, numbered from `acked_seq + 1`.
            backlog_limit_count: `full` from here on.
            window_count: Messages under way at most.

        Raises:
            ValueError: A limit below 1, or a negative sequence.
        """
        if backlog_limit_count < 1 or window_count < 1 or acked_seq < 0:
            msg = f"backlog {backlog_limit_count} and window {window_count} must be >= 1, acked {acked_seq} >= 0"
            raise ValueError(msg)
        self._acked_seq = acked_seq
        self._backlog = deque(backlog)
        self._backlog_limit = backlog_limit_count
        self._window = window_count
        self._sent_count = 0
        self._waiting_since_s: float | None = None

    @property
    def next_seq(self) -> int:
        """Number of the next message."""
        return self._acked_seq + len(self._backlog) + 1

    @property
    def acked_seq(self) -> int:
        """Everything up to here is stored by the head-end."""
        return self._acked_seq

    @property
    def unacked_count(self) -> int:
        """How many messages are kept."""
        return len(self._backlog)

    @property
    def full(self) -> bool:
        """The backlog is at its limit: whoever makes messages has to wait."""
        return len(self._backlog) >= self._backlog_limit

    def push(self, seq: int, payload: bytes) -> None:
        """Keep message `seq` until it is acknowledged. A full backlog takes it still: `full` is the caller's matter.

        A meter must not lose a last gasp because a limit was reached in the same tick, so the limit is asked before
        time advances, not here.

        Raises:
            ValueError: `seq` is not `next_seq`.
        """
        if seq != self.next_seq:
            msg = f"message {seq} pushed, the next one is {self.next_seq}"
            raise ValueError(msg)
        self._backlog.append(payload)

    def take(self, now_s: float) -> list[tuple[int, bytes]]:
        """Messages to send now, oldest first, within the window; they count as sent.

        Args:
            now_s: Monotonic wall time of the host; starts the wait for an acknowledgement.
        """
        until = min(self._window, len(self._backlog))
        if until <= self._sent_count:
            return []
        first_seq = self._acked_seq + self._sent_count + 1
        messages = list(enumerate(islice(self._backlog, self._sent_count, until), first_seq))
        if self._sent_count == 0 or self._waiting_since_s is None:
            self._waiting_since_s = now_s
        self._sent_count = until
        return messages

    def acknowledge(self, seq: int, now_s: float) -> int:
        """Everything up to `seq` is stored. Returns how many messages that freed; 0 for an old acknowledgement.

        Raises:
            WireError: `seq` was never sent in this life or an earlier one: head-end and meter do not share a past.
        """
        if seq >= self.next_seq:
            msg = f"acknowledgement of message {seq}, but the newest message is {self.next_seq - 1}"
            raise WireError(msg)
        freed = seq - self._acked_seq
        if freed <= 0:
            return 0
        for _ in range(freed):
            self._backlog.popleft()
        self._acked_seq = seq
        self._sent_count = max(0, self._sent_count - freed)
        self._waiting_since_s = now_s if self._sent_count else None
        return freed

    def rewind(self) -> None:
        """Nothing counts as sent any more: the connection was lost, or made anew."""
        self._sent_count = 0
        self._waiting_since_s = None

    def rewind_if_overdue(self, now_s: float, patience_s: float = PATIENCE_S) -> bool:
        """Rewind when messages are under way and none was acknowledged for `patience_s`; says whether it did."""
        if self._waiting_since_s is None or not self._sent_count or now_s - self._waiting_since_s < patience_s:
            return False
        self.rewind()
        return True

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """The unacknowledged messages with their numbers, oldest first: what a checkpoint stores a row each."""
        return iter(list(enumerate(self._backlog, self._acked_seq + 1)))

    def to_bytes(self) -> bytes:
        """The whole state for a checkpoint: what is acknowledged and what is kept. What is under way is not state."""
        return b"".join(_framed(self._acked_seq, self._backlog))

    @classmethod
    def from_bytes(
        cls, stored: bytes, *, backlog_limit_count: int = BACKLOG_LIMIT_COUNT, window_count: int = WINDOW_COUNT
    ) -> "Uplink":
        """The session of a checkpoint.

        Raises:
            WireError: Not what `to_bytes` wrote.
        """
        acked_seq, backlog = _unframed(stored)
        return cls(
            acked_seq=acked_seq, backlog=backlog, backlog_limit_count=backlog_limit_count, window_count=window_count
        )


class Arrival(Enum):
    """What a message's number says to the head-end."""

    NEXT = "next"
    """The one that is wanted: store it."""
    DUPLICATE = "duplicate"
    """Stored before: drop it, and acknowledge again, for the meter does not know."""
    GAP = "gap"
    """One in between is missing: drop it; the meter will send again from there."""


def arrival_of(stored_seq: int, seq: int) -> Arrival:
    """What message `seq` is to a head-end that has stored everything up to `stored_seq`."""
    if seq <= stored_seq:
        return Arrival.DUPLICATE
    return Arrival.NEXT if seq == stored_seq + 1 else Arrival.GAP


class Receiver:
    """The head-end's end for one meter: takes 1, 2, 3 ... each exactly once."""

    __slots__ = ("duplicate_count", "gap_count", "stored_seq")

    def __init__(self, stored_seq: int = 0) -> None:
        """A receiver that has stored everything up to `stored_seq`."""
        self.stored_seq = stored_seq
        self.duplicate_count = 0
        self.gap_count = 0

    def accept(self, seq: int) -> Arrival:
        """What message `seq` is; the next one counts as stored.

        The host stores it in the same transaction, and makes a new receiver from its store when that fails.
        """
        arrival = arrival_of(self.stored_seq, seq)
        if arrival is Arrival.NEXT:
            self.stored_seq = seq
        elif arrival is Arrival.DUPLICATE:
            self.duplicate_count += 1
        else:
            self.gap_count += 1
        return arrival

    @property
    def ack_seq(self) -> int:
        """What to acknowledge."""
        return self.stored_seq


def _framed(acked_seq: int, backlog: deque[bytes]) -> Iterator[bytes]:
    """Head, then each message behind its length."""
    yield _HEAD.pack(_FORMAT, acked_seq, len(backlog))
    for payload in backlog:
        yield _LENGTH.pack(len(payload))
        yield payload


def _unframed(stored: bytes) -> tuple[int, list[bytes]]:
    """What `_framed` wrote."""
    what = "stored session"
    if len(stored) < _HEAD.size:
        msg = f"{what}: {len(stored)} bytes, the head alone has {_HEAD.size}"
        raise WireError(msg)
    form, acked_seq, count = cast("tuple[int, int, int]", _HEAD.unpack_from(stored))
    if form != _FORMAT or acked_seq > SEQ_MAX:
        msg = f"{what}: format {form} acknowledged {acked_seq}, expected format {_FORMAT} and at most {SEQ_MAX}"
        raise WireError(msg)
    backlog: list[bytes] = []
    at = _HEAD.size
    while at < len(stored):
        start = at + _LENGTH.size
        length = int.from_bytes(stored[at:start], "big")
        at = start + length
        if at > len(stored):
            msg = f"{what}: message {len(backlog) + 1} ends at byte {at} of {len(stored)}"
            raise WireError(msg)
        backlog.append(stored[start:at])
    if len(backlog) != count:
        msg = f"{what}: {len(backlog)} messages, its head says {count}"
        raise WireError(msg)
    return acked_seq, backlog
