"""One meter's connection, from TLS to subscription and on: the asyncio side of `wire.mqtt`."""

import asyncio
import logging
from typing import Protocol, cast

from bptm.wire.errors import MqttError
from bptm.wire.mqtt import Connected, MqttClient, Received, Subscribed
from bptm.wire.topics import down_topic

log = logging.getLogger(__name__)


class LinkOwner(Protocol):
    """Whom a connection tells what happens (`links.Links`)."""

    def name_of(self, home: int) -> str:
        """Name of a home's meter."""
        ...

    def heard(self, home: int, payload: bytes) -> None:
        """A message came down."""
        ...

    def lost(self, home: int, link: "MeterLink") -> None:
        """The connection is gone."""
        ...


class MeterLink(asyncio.Protocol):
    """One connection, from socket to subscription and on."""

    __slots__ = ("_client", "_home", "_owner", "_transport", "joined")

    def __init__(self, owner: LinkOwner, home: int) -> None:
        """Of a home; made anew for each connection."""
        self._owner = owner
        self._home = home
        self._client = MqttClient()
        self._transport: asyncio.Transport | None = None
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def broker_owes(self) -> bool:
        """The broker has not acknowledged everything it was sent."""
        return self._client.in_flight_count > 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TLS is up: introduce the meter."""
        # uvloop's transports have the methods of asyncio's, but not the class.
        self._transport = cast("asyncio.Transport", transport)
        # No keep-alive: 11,000 idle meters would send pings only for the broker to notice what TCP on one machine
        # notices anyway; a link that has died shows when nothing is acknowledged.
        self._client.connect(self._owner.name_of(self._home), keep_alive_s=0)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Bytes from the broker."""
        try:
            events = self._client.feed(data)
        except MqttError as error:
            self._fail(error)
            return
        for event in events:
            match event:
                case Received(payload=payload):
                    self._owner.heard(self._home, payload)
                case Connected():
                    self._client.subscribe(down_topic(self._owner.name_of(self._home)))
                case Subscribed(granted=True):
                    if not self.joined.done():
                        self.joined.set_result(None)
                case Subscribed():
                    self._fail(MqttError("the broker refused the subscription to the meter's own topic"))
                case _:
                    pass
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by whoever's doing."""
        self._transport = None
        self._fail(exc or ConnectionResetError("the broker closed the connection"))
        self._owner.lost(self._home, self)

    def publish(self, topic: str, messages: list[tuple[int, bytes]]) -> None:
        """Sends messages at QoS 1, in one write."""
        if self._transport is None or not self._client.connected:
            return
        for _seq, body in messages:
            self._client.publish(topic, body)
        self._flush()

    def say_good_bye(self) -> None:
        """Ends the connection in good order."""
        self._client.disconnect()
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, error: Exception) -> None:
        if not self.joined.done():
            self.joined.set_exception(error)
        elif isinstance(error, MqttError):
            log.warning("%s: %s; connecting anew.", self._owner.name_of(self._home), error)
        self.abort()

    def _flush(self) -> None:
        output = self._client.take_output()
        if output and self._transport is not None:
            self._transport.write(output)
