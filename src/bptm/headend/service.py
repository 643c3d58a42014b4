"""The head-end's service: everything behind the pages and the API, and the tasks that keep it going."""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import suppress
from time import monotonic

import numpy as np
import orjson
from numpy.typing import NDArray

from bptm.headend.bus import Bus, BusUnavailableError
from bptm.headend.callout import CALLOUT_SUBJECT, Callout
from bptm.headend.chain import ChainReport, export_pieces, verify
from bptm.headend.clock import ClockError, HeardClock
from bptm.headend.commander import Commander, CommandKey
from bptm.headend.database import Database
from bptm.headend.desk import AlarmView, Clock, CommandView, MeterEvent, MeterPlace, MeterView, TrendPoint
from bptm.headend.enrolment import (
    CertificateAuthority,
    Issued,
    MeterApplication,
    issue_all,
    load_kept,
    store_issued,
)
from bptm.headend.ingest import Ingest
from bptm.headend.keeper import Keeper
from bptm.headend.lockstep import LockStep, load_script
from bptm.headend.memory import view_of
from bptm.headend.nkey import account_key_of
from bptm.headend.settings import HeadendSettings, SettingsError, read_secret
from bptm.headend.store_read import HourTotals, events_of, hours_of, trend_of
from bptm.operations.fleet import status_of
from bptm.terms.codes import Action, Status
from bptm.terms.messages import REPORT_NAMES
from bptm.terms.refusals import Refused, Unmet
from bptm.wire.topics import CLOCK_SUBJECT, CONTROL_SUBJECT

_log = logging.getLogger(__name__)

CONTROLS = ("play", "pause", "speed", "next_change", "restart")
_CONTROL_WITHIN_S = 10.0
_STREAM_WITHIN_S = 10.0
_TICK_EVERY_S = 1.0
_CANCEL_EVERY_S = 0.1
_SETTLED_AFTER_S = 5.0
"""Wall time after which an interactive replay counts as stored: acknowledgements take a fraction of a second."""


class Service:
    """One head-end. Implements `desk.Desk`."""

    def __init__(self, settings: HeadendSettings) -> None:
        """Reads keys and script; connects to nothing yet.

        Raises:
            SettingsError: A key, certificate or script cannot be used.
        """
        self.event_title = settings.event_title
        self.event_sentences = settings.event_sentences
        self._settings = settings
        self._authority = CertificateAuthority.read(settings.ca_cert_file, settings.ca_key_file)
        self._command_key = CommandKey.read(settings.command_key_file, settings.command_cert_file)
        try:
            self._issuer = account_key_of(read_secret(settings.issuer_seed_file))
        except ValueError as problem:
            msg = f"{settings.issuer_seed_file}: {problem}"
            raise SettingsError(msg) from problem
        self._script = load_script(settings.script_file, settings.event_start_s)
        self._heard = HeardClock(settings.event_start_s)
        self.bus = Bus(settings.nats_url, settings.nats_user, settings.nats_password, name="bptm-headend")
        self._auth_bus = Bus(settings.nats_url, settings.auth_user, settings.auth_password, name="bptm-callout")
        self.database = Database(settings.database_url)
        self.keeper = Keeper(self.database, settings.event_start_s)
        self.ingest = Ingest(self.bus, self.keeper.keep, stream_max_bytes=settings.up_stream_max_bytes)
        self.commander = Commander(self.keeper, self.bus, self._heard, self._command_key, headless=settings.headless)
        self.callout = Callout(self._issuer, self.keeper.knows)
        self._tasks: list[asyncio.Task[None]] = []
        self._enrolling = asyncio.Lock()
        self.ready = False

    async def start(self) -> None:
        """Opens store and links, reads what is stored, then begins to work. Waits for engines that are not there yet.

        Raises:
            SchemaTooNewError: The store is of a later version.
        """
        await self.database.open()
        await self.keeper.open()
        await self.bus.connect()
        await self._auth_bus.connect()
        await self.bus.hear(CLOCK_SUBJECT, self._hear_clock)
        await LockStep(self.keeper, self.commander, self._heard, self._script).serve(self.bus)
        self._spawn(self.ingest.run(), "ingest")
        self._spawn(self._tick_for_ever(), "clock")
        self._spawn(self.commander.follow_up(), "commands")
        # A broker in trouble must not keep the pages from opening: meters send again what found no stream.
        with suppress(TimeoutError):
            async with asyncio.timeout(_STREAM_WITHIN_S):
                await self.ingest.reads()
        # Last: a meter that may connect finds somebody who takes what it sends.
        await self._auth_bus.serve(CALLOUT_SUBJECT, self._judge)
        # Ready means that NATS knows what we answer.
        with suppress(BusUnavailableError):
            await self.bus.flush()
            await self._auth_bus.flush()
        self.ready = True

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def failed(self) -> str:
        """Waits until one of the tasks has ended, which none ever should; says why."""
        ended, _running = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        task = next(iter(ended))
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            _log.error("the task %s has failed", task.get_name(), exc_info=problem)
        return f"the head-end's task {task.get_name()} has ended: {problem!r}"

    async def stop(self) -> None:
        """Ends all work; what is not acknowledged comes again at the next start."""
        self.ready = False
        left = {task for task in self._tasks if not task.done()}
        while left:
            # Again and again: in Python 3.11 `wait_for` may swallow a cancellation that comes with its result, and
            # nats-py is full of them.
            for task in left:
                task.cancel()
            _ended, left = await asyncio.wait(left, timeout=_CANCEL_EVERY_S)
        self._tasks.clear()
        await self._auth_bus.close()
        await self.bus.close()
        await self.database.close()

    async def _judge(self, request: bytes) -> bytes | None:
        return self.callout.answer(request)

    def _hear_clock(self, encoded: bytes) -> None:
        try:
            self._heard.hear(encoded, monotonic())
        except ClockError as problem:
            _log.warning("%s", problem)

    async def _tick_for_ever(self) -> None:
        """Lets time pass for commands and alarms, never beyond what is stored."""
        before_s = None
        while True:
            await asyncio.sleep(_TICK_EVERY_S)
            if self.ingest.waiting_for_store:
                continue
            after_s = None if self._settings.headless else _SETTLED_AFTER_S
            at_s = self._heard.settled_s(monotonic(), after_s)
            if at_s != before_s:
                before_s = at_s
                await self.keeper.tick(at_s)

    # What the pages and the API ask (desk.Desk).

    def clock(self) -> Clock:
        """The event clock."""
        return self._heard.now(monotonic())

    def places(self) -> Sequence[MeterPlace]:
        """All meters, by number."""
        return self.keeper.memory.places

    def regions(self) -> Sequence[str]:
        """Regions that have meters, sorted."""
        return sorted({place.region for place in self.keeper.memory.places})

    def statuses(self) -> NDArray[np.uint8]:
        """Status of each meter by number; a copy."""
        return self.keeper.memory.statuses(self.clock().at_s)

    def version(self) -> int:
        """Rises whenever a status, alarm or command changes."""
        return self.keeper.memory.version

    def counts(self) -> dict[Status, int]:
        """How many meters have each status; every status is a key."""
        found = np.bincount(self.statuses(), minlength=len(Status) + 1)
        return {status: int(found[status]) for status in Status}

    def meter(self, meter_id: str) -> MeterView | None:
        """One meter, or None when there is no such meter."""
        memory = self.keeper.memory
        number = memory.number_of.get(meter_id)
        if number is None:
            return None
        state = memory.states[number]
        report = None
        if state.report is not None:
            report = {name: float(value) for name, value in zip(REPORT_NAMES, state.report, strict=True)}
        return MeterView(
            place=memory.places[number],
            status=status_of(state, self.clock().at_s),
            heard_s=state.heard_s,
            held=state.held,
            report=report,
            report_at_s=state.report_at_s,
        )

    def alarms(self, limit: int = 200) -> Sequence[AlarmView]:
        """Newest first; standing ones before cleared ones."""
        return self.keeper.memory.alarm_views(limit)

    def commands(self, target: str = "", limit: int = 100) -> Sequence[CommandView]:
        """Newest first; of one meter id, or of all when `target` is empty."""
        found: list[CommandView] = []
        for entry in reversed(self.keeper.memory.commands.values()):
            if len(found) >= limit:
                break
            if target in {"", entry.life.command.meter_id}:
                found.append(view_of(entry))
        return found

    async def events(self, meter_id: str, limit: int = 50) -> Sequence[MeterEvent]:
        """Stored events of a meter, newest first.

        Raises:
            StoreUnavailableError: PostgreSQL is gone.
        """
        number = self.keeper.memory.number_of.get(meter_id)
        if number is None:
            return ()
        return await events_of(self.database, number, self._settings.event_start_s, limit)

    async def trend(self, meter_id: str, hours: float) -> Sequence[TrendPoint]:
        """Stored rows of a meter over the last hours of event time, oldest first.

        Raises:
            StoreUnavailableError: PostgreSQL is gone.
        """
        number = self.keeper.memory.number_of.get(meter_id)
        if number is None:
            return ()
        until_s = int(self.clock().at_s) + 1
        return await trend_of(self.database, number, until_s - int(hours * 3600), until_s)

    async def hours(self) -> Sequence[HourTotals]:
        """The hourly roll-up of the fleet, oldest first.

        Raises:
            StoreUnavailableError: PostgreSQL is gone.
        """
        return await hours_of(self.database)

    async def issue(self, action: Action, target: str, by: str) -> Sequence[CommandView] | Refused:
        """Sends a signed command to a meter id, or to `region:NAME` (`region:*`: all) one command a meter."""
        _log.info("%s asks for %s of %s", by, action.name, target)
        if self.clock().state == "ended":
            return Refused(
                unmet=(
                    Unmet(
                        element="event clock",
                        found="at the end of the event",
                        needs="an event that is playing",
                        remedy="Replay it from the start; nothing was sent.",
                    ),
                )
            )
        return await self.commander.issue(action, target, by)

    async def control(self, do: str, speed: float | None = None) -> str:
        """play, pause, speed, next_change, restart of the replay. Returns an empty text, or why not."""
        if do not in CONTROLS:
            return f"{do!r} is none of {', '.join(CONTROLS)}."
        if do == "speed" and (speed is None or not 0 < speed < float("inf")):
            return f"The speed must be more than 0, found {speed}."
        question = {"do": do, "speed": speed} if do == "speed" else {"do": do}
        try:
            answer = await self.bus.ask(CONTROL_SUBJECT, orjson.dumps(question), within_s=_CONTROL_WITHIN_S)
        except BusUnavailableError as problem:
            return f"The replay does not answer: {problem}."
        try:
            said = orjson.loads(answer)
            if said["ok"]:
                self._heard.arrived(float(said["at_s"]))
                return ""
            return str(said["why"])
        except (ValueError, KeyError, TypeError):
            return f"The replay's answer is not as agreed: {answer[:80]!r}."

    async def verify_chain(self) -> ChainReport:
        """Recomputes the hash chain over all stored events.

        Raises:
            StoreUnavailableError: PostgreSQL is gone.
        """
        return await verify(self.database)

    def export_chain(self) -> AsyncGenerator[bytes]:
        """All stored events with their hashes and the recorded head, as JSON text in pieces.

        Raises:
            StoreUnavailableError: PostgreSQL is gone; raised by the first piece, or in the middle.
        """
        return export_pieces(self.database)

    async def enrol(self, applications: Sequence[MeterApplication]) -> list[Issued]:
        """Certificates for meters, in order; those that are new are in the registry when this returns.

        Raises:
            EnrolmentRefusedError: One of them cannot be enrolled; none was.
            StoreUnavailableError: PostgreSQL is gone.
        """
        async with self._enrolling:
            kept = await load_kept(self.database, applications)
            now_utc = dt.datetime.now(dt.UTC)
            # Seconds of arithmetic for a full call: not on the loop that answers everybody else.
            issued = await asyncio.to_thread(
                issue_all, self._authority, applications, dict(self.keeper.identities()), kept, now_utc
            )
            if any(one.new for one in issued):
                async with self.database.transaction() as transaction:
                    await store_issued(transaction, issued)
                await self.keeper.reread()
            return issued
