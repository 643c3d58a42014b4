"""The meters' connections: MQTT over mTLS, one each, up to 11,000 in one process.

A link is wanted while its meter has power, and after that until its last messages are acknowledged: a message made
within the hold-up counts as sent within it, although event time may run a thousand times faster than the network.
Connections are made by a fixed number of workers, so that a broker that comes back is not trampled; after a failure
a meter waits, each time longer, by a seeded random share.
"""

import asyncio
import logging
import os
import resource
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from bptm.twin.checkpoint import Message
from bptm.twin.meter_link import MeterLink
from bptm.wire.cbor import decode_ack
from bptm.wire.cose import is_sealed
from bptm.wire.errors import MqttError, WireError
from bptm.wire.session import Uplink
from bptm.wire.topics import up_topic

log = logging.getLogger(__name__)

WORKERS = 40
"""Handshakes under way at most. More only fill the broker's queue: it makes about 150 a second on two cores."""

JOIN_TIMEOUT_S = 30.0
"""From socket to subscription, the broker's call to the head-end included."""

BACK_OFF_FIRST_S = 0.5
BACK_OFF_MOST_S = 15.0
PATIENCE_FIRST_S = 10.0
PATIENCE_MOST_S = 120.0
"""Wall time without an acknowledgement until a meter sends again: doubled while the head-end stays silent."""

FILES_BESIDE_LINKS = 200


class LinksError(Exception):
    """Connections cannot be made on this machine; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the meters connect, and whom they trust."""

    host: str
    port: int
    ca_cert_file: Path


def allow_open_files(links: int) -> None:
    """Raises this process's limit of open files to what the links need.

    Raises:
        LinksError: The machine does not allow it.
    """
    needed = links + FILES_BESIDE_LINKS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        msg = (
            f"{links} meters need {needed} open files, but this machine allows {hard}; raise the limit "
            f"(ulimit -Hn {needed}, or LimitNOFILE in systemd) or ask for fewer meters."
        )
        raise LinksError(msg)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


class Links:
    """All connections of one twin, and the sessions that outlive them."""

    def __init__(
        self,
        broker: Broker,
        meter_ids: Sequence[str],
        identity_pem: Callable[[int], bytes],
        on_command: Callable[[int, bytes], None],
        *,
        seed: int,
    ) -> None:
        """Of the meters by home; nothing is connected before `start`.

        Args:
            broker: Where to connect.
            meter_ids: Names of the meters.
            identity_pem: Private key and certificate of a home.
            on_command: Called with home and bytes of every sealed message heard.
            seed: Of the waits after failures.
        """
        self._broker = broker
        self._ca_pem = broker.ca_cert_file.read_text(encoding="ascii")
        self._meter_ids = meter_ids
        self._identity_pem = identity_pem
        self._on_command = on_command
        self._random = np.random.default_rng(seed)
        count = len(meter_ids)
        self.up_topics = [up_topic(meter_id) for meter_id in meter_ids]
        self.uplinks = [Uplink() for _ in range(count)]
        self.changed = asyncio.Event()
        """Set whenever an acknowledgement came or a link came up or went down."""
        self.up: NDArray[np.bool_] = np.zeros(count, np.bool_)
        self.unacked_count = 0
        self._powered: NDArray[np.bool_] = np.zeros(count, np.bool_)
        self._links: list[MeterLink | None] = [None] * count
        self._queued = bytearray(count)
        self._failures = bytearray(count)
        self._patience_s = [PATIENCE_FIRST_S] * count
        self._owing: set[int] = set()
        self._acked: dict[int, int] = {}
        self._queue: deque[int] = deque()
        self._queue_filled = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._open = False
        self._failed_said = False

    def name_of(self, home: int) -> str:
        """Name of a home's meter."""
        return self._meter_ids[home]

    # Sessions ------------------------------------------------------------------------------------------------

    def restore(self, acked_seqs: Sequence[int], backlog: Sequence[Message]) -> None:
        """Sessions as a checkpoint has them: what is acknowledged, and the messages since, by home and number."""
        of_home: dict[int, list[bytes]] = {}
        for home, _seq, body in backlog:
            of_home.setdefault(home, []).append(body)
        for home, acked_seq in enumerate(acked_seqs):
            self.uplinks[home] = Uplink(acked_seq=acked_seq, backlog=of_home.get(home, ()))
        self._owing = set(of_home)
        self.unacked_count = len(backlog)

    def push(self, messages: Sequence[Message]) -> None:
        """Sends messages that are safe in a checkpoint, each as soon as its link is up."""
        homes: dict[int, None] = {}
        for home, seq, body in messages:
            self.uplinks[home].push(seq, body)
            homes[home] = None
        self.unacked_count += len(messages)
        self._owing.update(homes)
        for home in homes:
            link = self._links[home]
            if link is not None and self.up[home]:
                self._pump(home, link)
            else:
                self._ask_for_link(home)

    def take_acked(self) -> dict[int, int]:
        """Home and number up to which messages were acknowledged since the last call."""
        acked, self._acked = self._acked, {}
        return acked

    @property
    def any_full(self) -> bool:
        """Some meter's backlog is at its limit."""
        return any(self.uplinks[home].full for home in self._owing)

    @property
    def joined_count(self) -> int:
        """Meters that are connected now."""
        return int(self.up.sum())

    @property
    def joined_share(self) -> float:
        """Share of the meters with power that are connected; 1 when none has power."""
        powered = int(self._powered.sum())
        return int((self.up & self._powered).sum()) / powered if powered else 1.0

    @property
    def settled(self) -> bool:
        """Everything is acknowledged and every meter with power is connected."""
        return self.unacked_count == 0 and not bool((self._powered & ~self.up).any())

    # Power ---------------------------------------------------------------------------------------------------

    def set_powered(self, powered: NDArray[np.bool_]) -> None:
        """Which meters have power now: the others hear nothing and fall silent once their last words are through."""
        changed = np.flatnonzero(powered != self._powered).tolist()
        self._powered = powered.copy()
        for home in changed:
            if powered[home]:
                self._failures[home] = 0
                self._ask_for_link(home)
            else:
                self._drop_if_unwanted(home)

    def has_power(self, home: int) -> bool:
        """Whether a meter can hear."""
        return bool(self._powered[home])

    def _wanted(self, home: int) -> bool:
        return bool(self._powered[home]) or self.uplinks[home].unacked_count > 0

    def _drop_if_unwanted(self, home: int) -> None:
        link = self._links[home]
        if link is not None and not self._wanted(home):
            link.say_good_bye()

    # Connecting ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to connect what is wanted."""
        self._open = True
        self._tasks = [asyncio.create_task(self._connect_for_ever()) for _ in range(WORKERS)]
        self._tasks.append(asyncio.create_task(self._resend_for_ever()))
        for home in self._owing:
            self._ask_for_link(home)

    async def stop(self) -> None:
        """Drops every connection at once, as a loss of the network would."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for link in self._links:
            if link is not None:
                link.abort()

    def _ask_for_link(self, home: int) -> None:
        if self._links[home] is None and not self._queued[home] and self._wanted(home):
            self._queued[home] = 1
            self._queue.append(home)
            self._queue_filled.set()

    async def _connect_for_ever(self) -> None:
        while True:
            while not self._queue:
                self._queue_filled.clear()
                await self._queue_filled.wait()
            home = self._queue.popleft()
            if self._links[home] is not None or not self._wanted(home):
                self._queued[home] = 0
                continue
            try:
                await asyncio.wait_for(self._connect(home), JOIN_TIMEOUT_S)
            except (OSError, TimeoutError, MqttError) as error:
                self._try_later(home, error)
            else:
                self._queued[home] = 0
                self._failures[home] = 0
                self._failed_said = False

    async def _connect(self, home: int) -> None:
        link = MeterLink(self, home)
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: link,
                self._broker.host,
                self._broker.port,
                ssl=self._context(home),
                server_hostname=self._broker.host,
            )
            await link.joined
        except BaseException:
            link.abort()
            raise
        self._links[home] = link
        self.up[home] = True
        self.changed.set()
        self.uplinks[home].rewind()
        self._pump(home, link)
        self._drop_if_unwanted(home)

    def _context(self, home: int) -> ssl.SSLContext:
        """TLS with the home's own certificate; lives only as long as its connection (24 kB)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(cadata=self._ca_pem)
        # The ssl module reads keys from files only; this one exists in memory alone.
        handle = os.memfd_create("meter", os.MFD_CLOEXEC)
        try:
            os.write(handle, self._identity_pem(home))
            context.load_cert_chain(f"/proc/self/fd/{handle}")
        finally:
            os.close(handle)
        return context

    def _try_later(self, home: int, error: Exception) -> None:
        if not self._failed_said:
            why = str(error) or type(error).__name__
            log.warning("%s cannot connect (%s); trying again, as do all others.", self._meter_ids[home], why)
            self._failed_said = True
        self._failures[home] = min(self._failures[home] + 1, 10)
        longest_s = min(BACK_OFF_MOST_S, BACK_OFF_FIRST_S * 2 ** self._failures[home])
        delay_s = longest_s * (0.5 + 0.5 * self._random.random())
        asyncio.get_running_loop().call_later(delay_s, self._try_now, home)

    def _try_now(self, home: int) -> None:
        self._queued[home] = 0
        self._ask_for_link(home)

    # What links report ---------------------------------------------------------------------------------------

    def lost(self, home: int, link: MeterLink) -> None:
        """A connection that was up is gone."""
        if self._links[home] is link:
            self._links[home] = None
            self.up[home] = False
            self.uplinks[home].rewind()
            self.changed.set()
            if self._open:
                self._ask_for_link(home)

    def heard(self, home: int, payload: bytes) -> None:
        """A message came down to a meter."""
        if is_sealed(payload):
            self._on_command(home, payload)
            return
        uplink = self.uplinks[home]
        try:
            freed = uplink.acknowledge(decode_ack(payload).seq, monotonic())
        except WireError as error:
            log.warning("%s: %s; dropped.", self._meter_ids[home], error)
            return
        if not freed:
            return
        self._acked[home] = uplink.acked_seq
        self._patience_s[home] = PATIENCE_FIRST_S
        self.unacked_count -= freed
        if uplink.unacked_count:
            link = self._links[home]
            if link is not None:
                self._pump(home, link)
        else:
            self._owing.discard(home)
            if not self._powered[home]:
                self._drop_if_unwanted(home)
        self.changed.set()

    def _pump(self, home: int, link: MeterLink) -> None:
        messages = self.uplinks[home].take(monotonic())
        if messages:
            link.publish(self.up_topics[home], messages)

    async def _resend_for_ever(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            for home in list(self._owing):
                link = self._links[home]
                if link is None or not self.uplinks[home].rewind_if_overdue(monotonic(), self._patience_s[home]):
                    continue
                self._patience_s[home] = min(PATIENCE_MOST_S, 2 * self._patience_s[home])
                if link.broker_owes:
                    # Not even the broker has answered: the connection is dead, whatever the socket says.
                    link.abort()
                else:
                    self._pump(home, link)
