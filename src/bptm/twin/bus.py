"""The twin's line to the head-end: NATS requests and publications as JSON. The only file that knows nats-py.

A lost server is normal: the client reconnects for ever, publications meanwhile are dropped (the next one tells
more), and `ask` repeats a question until it is answered. All questions of processes.md can be repeated.
"""

import asyncio
import logging
from collections.abc import Callable

import nats
import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

log = logging.getLogger(__name__)

Json = dict[str, object]

_RETRY_S = 0.5
_RECONNECT_S = 1
_ANSWER_S = 30.0
"""A head-end that settles 11,000 meters answers in well under a second; this is for one that is starting."""


class Bus:
    """One connection to NATS."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Of a server at `url`. Nothing happens before `open`."""
        self._url = url
        self._user = user
        self._password = password
        self._client = Client()

    async def open(self) -> None:
        """Connects, however long that takes."""
        said = False
        while True:
            try:
                await self._client.connect(
                    servers=[self._url],
                    user=self._user or None,
                    password=self._password or None,
                    name="bptm-twin",
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_S,
                    connect_timeout=5,
                    error_cb=_log_error,
                )
            except (TimeoutError, OSError, nats.errors.Error) as error:
                if not said:
                    log.warning("NATS at %s does not answer yet (%s); trying again.", self._url, error)
                    said = True
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def close(self) -> None:
        """Leaves at once."""
        if not self._client.is_closed:
            await self._client.close()

    async def tell(self, subject: str, content: Json) -> None:
        """Publishes, or drops it while there is no connection."""
        if self._client.is_connected:
            await self._client.publish(subject, orjson.dumps(content))

    async def ask(self, subject: str, content: Json) -> Json:
        """Asks until somebody answers with an object."""
        body = orjson.dumps(content)
        said = False
        while True:
            why = "no connection"
            if self._client.is_connected:
                try:
                    reply = await self._client.request(subject, body, timeout=_ANSWER_S)
                    return _object(reply.data)
                except (TimeoutError, nats.errors.Error, ValueError) as error:
                    why = str(error) or type(error).__name__
            if not said:
                log.warning("%s is not answered (%s); asking again.", subject, why)
                said = True
            await asyncio.sleep(_RETRY_S)

    async def serve(self, subject: str, answer: Callable[[Json], Json]) -> None:
        """Answers every request on `subject` from now on. What is not a JSON object is answered with why."""

        async def on_request(message: Msg) -> None:
            try:
                reply = answer(_object(message.data))
            except ValueError as error:
                reply: Json = {"ok": False, "why": str(error)}
            if message.reply:
                await message.respond(orjson.dumps(reply))

        # nats-py leaves the type of its future open.
        await self._client.subscribe(subject, cb=on_request)  # pyright: ignore[reportUnknownMemberType]


def _object(body: bytes) -> Json:
    """A JSON object.

    Raises:
        ValueError: Something else.
    """
    content: object = orjson.loads(body)
    if not isinstance(content, dict):
        msg = f"expected a JSON object, got {body[:40]!r}"
        raise ValueError(msg)  # noqa: TRY004 - the value of the text is wrong, not a Python type
    return content  # pyright: ignore[reportUnknownVariableType] - JSON objects have text keys


async def _log_error(error: Exception) -> None:
    log.warning("NATS: %s", error)
