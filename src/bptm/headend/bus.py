"""NATS as the head-end sees it: the one adapter of `nats-py`.

A bus connects, and for ever connects again; what it subscribed to comes back by itself. Errors:

    BusUnavailableError     NATS is gone, or nobody answers: wait and try again
"""

# pyright: reportUnknownMemberType=false
# nats-py types its own values, but leaves those of a future and of keyword options open.

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats
import nats.errors
import nats.js.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)

from bptm.wire.topics import UP_STREAM, UP_SUBJECTS

_log = logging.getLogger(__name__)

_RECONNECT_WAIT_S = 1
_PENDING_BYTES = 64 << 20

CONSUMER = "headend"


class BusUnavailableError(Exception):
    """NATS cannot be reached, or the one asked does not answer."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a stream, or a word of the server about a request for messages."""

    subject: str
    encoded: bytes
    reply: str
    """Where to acknowledge it; empty for a word of the server."""
    status: str
    """Empty for a message; else the server's code, such as 408 when a request for messages has run out."""


Answer = Callable[[bytes], Awaitable[bytes | None]]


class Bus:
    """One connection to NATS under one name."""

    def __init__(self, url: str, user: str, password: str, *, name: str) -> None:
        """Not connected yet."""
        self._url, self._user, self._password, self._name = url, user, password, name
        self._client = Client()
        self._subscribed: list[Awaitable[object]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.connects = 0
        """How often the connection has been made; it rising tells that requests under way are lost."""

    async def connect(self) -> None:
        """Connects, however long it takes: until then it logs one sentence."""
        said = False
        while True:
            try:
                await self._client.connect(
                    self._url,
                    user=self._user,
                    password=self._password,
                    name=self._name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_WAIT_S,
                    pending_size=_PENDING_BYTES,
                    allow_reconnect=True,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnected,
                    reconnected_cb=self._on_reconnected,
                )
            except (OSError, nats.errors.Error) as problem:
                if not said:
                    _log.warning("NATS at %s does not let %s in (%s); trying on", self._url, self._name, problem)
                    said = True
                self._client = Client()
                await asyncio.sleep(_RECONNECT_WAIT_S)
            else:
                self.connects += 1
                return

    @property
    def connected(self) -> bool:
        """Whether NATS is there now."""
        return self._client.is_connected

    async def close(self) -> None:
        """Ends the connection; what was handed to `send` has left before."""
        for task in self._tasks:
            task.cancel()
        if self._client.is_connected:
            try:
                await asyncio.wait_for(self._client.flush(timeout=1), 1.0)
            except (TimeoutError, OSError, nats.errors.Error):
                _log.info("NATS took no more messages at the end")
        await self._client.close()

    async def send(self, subject: str, encoded: bytes, *, reply: str = "") -> None:
        """Sends without waiting for anybody to take it.

        Raises:
            BusUnavailableError: Nothing is connected and the buffer of what waits is full.
        """
        try:
            await self._client.publish(subject, encoded, reply=reply)
        except (OSError, nats.errors.Error) as problem:
            msg = f"NATS does not take a message for {subject} ({problem})"
            raise BusUnavailableError(msg) from problem

    async def flush(self) -> None:
        """Waits until NATS has everything that was sent.

        Raises:
            BusUnavailableError: NATS is gone.
        """
        try:
            await self._client.flush(timeout=5)
        except (TimeoutError, OSError, nats.errors.Error) as problem:
            msg = f"NATS does not take what was sent ({problem or type(problem).__name__})"
            raise BusUnavailableError(msg) from problem

    async def ask(self, subject: str, question: bytes, *, within_s: float) -> bytes:
        """The answer to a request.

        Raises:
            BusUnavailableError: NATS is gone, or nobody answers in time.
        """
        try:
            return (await self._client.request(subject, question, timeout=within_s)).data
        except (TimeoutError, OSError, nats.errors.Error) as problem:
            msg = f"nobody answers on {subject} ({problem or type(problem).__name__})"
            raise BusUnavailableError(msg) from problem

    async def hear(self, subject: str, take: Callable[[bytes], None]) -> None:
        """Gives every message on a subject to `take`, at once and in order."""

        async def on_message(message: Msg) -> None:
            take(message.data)

        await self._client.subscribe(subject, cb=on_message)

    async def serve(self, subject: str, answer: Answer) -> None:
        """Answers requests on a subject, each in a task of its own; None leaves the asker without an answer."""

        async def reply_to(message: Msg) -> None:
            answered = await answer(message.data)
            if answered is not None and message.reply:
                try:
                    await self.send(message.reply, answered)
                except BusUnavailableError as problem:
                    _log.warning("an answer on %s was lost: %s", subject, problem)

        async def on_message(message: Msg) -> None:
            task = asyncio.create_task(reply_to(message))
            self._tasks.add(task)
            task.add_done_callback(self._done)

        await self._client.subscribe(subject, cb=on_message)

    async def open_inbox(self, take: Callable[[Delivery], None]) -> str:
        """A fresh subject whose messages go to `take`, at once and in order."""
        inbox = self._client.new_inbox()

        async def on_message(message: Msg) -> None:
            headers = message.headers
            status = "" if headers is None else headers.get("Status", "")
            take(Delivery(message.subject, message.data, message.reply, status))

        await self._client.subscribe(inbox, cb=on_message)
        return inbox

    async def ensure_up_stream(self, max_bytes: int) -> None:
        """Makes the stream `UP` and its durable consumer, or brings them to today's settings.

        Raises:
            BusUnavailableError: NATS is gone, or JetStream does not answer.
        """
        stream = StreamConfig(
            name=UP_STREAM,
            subjects=[UP_SUBJECTS],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            # Meters keep what is not acknowledged, so losing the oldest here costs a resend, never a message.
            discard=DiscardPolicy.OLD,
            max_bytes=max_bytes,
        )
        consumer = ConsumerConfig(
            durable_name=CONSUMER,
            deliver_policy=DeliverPolicy.ALL,
            # One acknowledgement for a whole batch: the consumer has one reader and keeps the order.
            ack_policy=AckPolicy.ALL,
            ack_wait=30,
            max_ack_pending=1 << 16,
        )
        jetstream = self._client.jetstream(timeout=5)
        try:
            try:
                await jetstream.add_stream(stream)
            except nats.js.errors.BadRequestError:
                await jetstream.update_stream(stream)
            await jetstream.add_consumer(UP_STREAM, consumer)
        except (TimeoutError, OSError, nats.errors.Error) as problem:
            msg = f"the stream {UP_STREAM} cannot be made ready ({problem or type(problem).__name__})"
            raise BusUnavailableError(msg) from problem

    async def ask_for_messages(self, inbox: str, count: int, *, within_s: float) -> None:
        """Asks the consumer for up to `count` messages into `inbox`; after `within_s` it says 408 and gives no more.

        Raises:
            BusUnavailableError: NATS is gone.
        """
        request = orjson.dumps({"batch": count, "expires": int(within_s * 1e9)})
        await self.send(f"$JS.API.CONSUMER.MSG.NEXT.{UP_STREAM}.{CONSUMER}", request, reply=inbox)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("an answer failed", exc_info=problem)

    async def _on_error(self, problem: Exception) -> None:
        _log.info("NATS (%s): %s", self._name, problem or type(problem).__name__)

    async def _on_disconnected(self) -> None:
        if not self._client.is_closed:
            _log.warning("NATS is gone (%s); connecting again until it is back", self._name)

    async def _on_reconnected(self) -> None:
        self.connects += 1
        _log.warning("NATS is back (%s)", self._name)
