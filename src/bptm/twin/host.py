"""The host's course: join, play the event in bounded quanta, stand still where asked, settle, write the result.

One quantum: hear the commands that came, advance the fleet, number its messages, write the checkpoint, and only
then send. Whatever may hold this up (a full backlog, a full disk, a broker or head-end that is away) holds event
time up with it, and nothing else.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import ParamSpec, TypeVar, cast

import numpy as np

from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S
from bptm.twin.bus import Bus, Json
from bptm.twin.checkpoint import CheckpointStore, DiskError, Message, Progress, write_durably
from bptm.twin.clock import EventClock
from bptm.twin.control import Desk, serve_desk
from bptm.twin.links import Links
from bptm.twin.result import NamedHome, Replay, disagreement, final_object, final_text, stored_side
from bptm.twin.settings import TwinSettings
from bptm.twin.world import World
from bptm.wire.cose import read_unverified_command, take_apart
from bptm.wire.errors import WireError
from bptm.wire.topics import CLOCK_SUBJECT, RESEND_SUBJECT, STEP_SUBJECT, SUMMARY_SUBJECT

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

CLOCK_EVERY_S = 0.2
STEP_EVERY_S = 0.2
"""Wall time between the quanta of a replay that keeps pace: smooth to look at, five checkpoints a second."""

QUANTUM_LONGEST_S = 600
QUANTUM_SHORTEST_S = 120
METER_SECONDS_A_QUANTUM = 600_000
"""Event time of one quantum when nothing holds it: long enough that checkpoints (1 to 2 kB a meter) do not count."""

BACKLOG_EACH = 8
BACKLOG_LEAST, BACKLOG_MOST = 2_000, 40_000
"""Unacknowledged messages at which the twin waits: some seconds of the head-end's work."""

INTERACTIVE_SHARE = 0.95
"""Meters connected at which a replay that people watch may begin; a headless one waits for all."""

RESEND_AFTER_S = 2.0
DISK_RETRY_S = 1.0
PROGRESS_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A sealed message that reached a meter."""

    home: int
    claimed_seq: int
    """As it says of itself, before anybody has looked at the signature."""
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a twin is made of."""

    settings: TwinSettings
    world: World
    homes: Sequence[NamedHome]
    store: CheckpointStore
    links: Links
    bus: Bus
    progress: Progress


class Twin:
    """One run of the twin, from joining to its end."""

    def __init__(self, parts: Parts, inbox: list[Heard]) -> None:
        """Of parts that stand ready; nothing is connected yet.

        Args:
            parts: All of them as the last checkpoint has them.
            inbox: Where the links put the commands they hear.
        """
        settings = parts.settings
        self._settings = settings
        self._world = parts.world
        self._homes = parts.homes
        self._store = parts.store
        self._links = parts.links
        self._bus = parts.bus
        self._progress = parts.progress
        self._inbox = inbox
        self._number_of = {home.meter_id: number for number, home in enumerate(parts.homes)}
        self._began_s = monotonic()
        self._wall_before_s = parts.progress.wall_s
        self._progress_saved_s = 0.0
        self._end_tick = (settings.end_s - settings.start_s) * TICKS_PER_S
        quantum_s = METER_SECONDS_A_QUANTUM // settings.meters
        self._quantum_ticks = max(QUANTUM_SHORTEST_S, min(QUANTUM_LONGEST_S, quantum_s)) * TICKS_PER_S
        self._backlog_limit = max(BACKLOG_LEAST, min(BACKLOG_MOST, BACKLOG_EACH * settings.meters))
        self._job: asyncio.Future[object] | None = None
        self.desk = Desk(clock=EventClock(speed=settings.speed), headless=settings.headless, woken=parts.links.changed)
        self.desk.at = lambda: self._world.tick
        self.desk.at_s = lambda: settings.start_s + self._world.tick / TICKS_PER_S

    async def run(self) -> None:
        """Plays to the end and then stands still until cancelled, or until a person wants it again."""
        await serve_desk(self._bus, self.desk)
        publisher = asyncio.create_task(self._publish_for_ever())
        try:
            if not (self._progress.ended and self._result_file.exists()):
                await self._join()
                await self._play()
                await self._finish()
            await self._stand_still()
        finally:
            publisher.cancel()
            await self._links.stop()
            if self._job is not None and not self._job.done():
                # A thread cannot be stopped: let a checkpoint that is being written come to its end.
                await asyncio.wait([self._job])
            await self._bus.close()
            self._store.close()

    # The course ----------------------------------------------------------------------------------------------

    async def _join(self) -> None:
        self._result_file.unlink(missing_ok=True)
        powered = self._world.fleet.powered()
        # Before its first tick no meter has measured anything, yet all stand on a live utility.
        self._links.set_powered(powered if self._world.tick else np.ones_like(powered))
        self._links.start()
        share = 1.0 if self._settings.headless else INTERACTIVE_SHARE
        await self._until(lambda: self._links.joined_share >= share)
        log.info("%d meters have joined.", self._links.joined_count)
        self.desk.clock.anchor(self._world.tick, monotonic())
        self.desk.state = "playing"

    async def _play(self) -> None:
        while True:
            if self._settings.headless and (self._progress.lockstep or self._next_stop_tick() <= self._world.tick):
                await self._lock_step()
            if self._world.tick >= self._end_tick:
                return
            await self._wait_for_room()
            await self._advance(await self._next_target())

    async def _finish(self) -> None:
        if not self._progress.ended:
            self._progress = replace(self._progress, ended=True)
            await self._commit(self._world.finish())
        self.desk.state = "waiting"
        await self._until(lambda: self._links.unacked_count == 0)
        await self._commit([])
        summary = await self._bus.ask(SUMMARY_SUBJECT, {"end_s": self._settings.end_s})
        stored = stored_side(summary)
        replay = Replay(
            seed=self._settings.seed,
            start_s=self._settings.start_s,
            end_s=self._settings.end_s,
            wall_s=self._wall_s(),
            messages_sent=self._world.messages_sent,
            homes=self._homes,
            ledger=self._world.fleet.ledger(),
        )
        differs = disagreement(replay, stored)
        if differs is not None:
            log.error("Not reconciled: %s.", differs)
        text = final_text(final_object(replay, stored))
        await self._on_disk(lambda: write_durably(self._result_file, text))
        log.info("The event has ended; the result is in %s.", self._result_file)

    async def _stand_still(self) -> None:
        """Shows the end until somebody asks to see the event again."""
        self.desk.state = "ended"
        await self._until(lambda: self.desk.replay_asked)

    # One quantum ---------------------------------------------------------------------------------------------

    async def _advance(self, until_tick: int) -> None:
        messages = self._hear()
        reports = await self._in_thread(self._world.fleet.advance, until_tick)
        messages += self._world.number(reports)
        if messages:
            await self._commit(messages)
        elif monotonic() - self._progress_saved_s >= PROGRESS_EVERY_S:
            await self._save_progress()
        self._links.set_powered(self._world.fleet.powered())

    def _hear(self) -> list[Message]:
        """Lets the meters answer what they heard: each in its own order, so that the network's order does not count."""
        heard = sorted(self._inbox, key=lambda one: (one.home, one.claimed_seq, one.sealed))
        self._inbox.clear()
        powered = self._world.fleet.powered()
        answers = [self._world.hear(one.home, one.sealed) for one in heard if powered[one.home]]
        return [answer for answer in answers if answer is not None]

    async def _commit(self, messages: list[Message]) -> None:
        """Writes everything, then sends the messages."""
        acked = self._links.take_acked()
        for home, seq in acked.items():
            self._world.meters["acked_seq"][home] = seq
        self._progress = replace(self._progress, tick=self._world.tick, wall_s=self._wall_s())
        checkpoint = self._world.checkpoint(self._progress)
        await self._on_disk(lambda: self._store.save(checkpoint, messages, acked.items()))
        self._progress_saved_s = monotonic()
        self._links.push(messages)

    async def _save_progress(self) -> None:
        progress = self._progress = replace(self._progress, tick=self._world.tick, wall_s=self._wall_s())
        await self._on_disk(lambda: self._store.save_progress(progress))
        self._progress_saved_s = monotonic()

    async def _on_disk(self, write: Callable[[], None]) -> None:
        """Writes until it works. Nothing that depends on it happens before."""
        state = self.desk.state
        said = False
        while True:
            try:
                await self._in_thread(write)
            except DiskError as error:
                if not said:
                    log.error("%s The event stands still until then; nothing is lost.", error)  # noqa: TRY400 - the world failed, not we
                    said = True
                self.desk.state = "waiting"
                await asyncio.sleep(DISK_RETRY_S)
            else:
                break
        if said:
            log.info("The checkpoint is written; the event goes on.")
            self.desk.state = state
            self.desk.clock.anchor(self._world.tick, monotonic())

    # How far, and when ---------------------------------------------------------------------------------------

    def _next_stop_tick(self) -> int:
        start_s = self._settings.start_s
        for stop_s in self._settings.stops_s:
            if stop_s > self._progress.stepped_s and stop_s >= start_s:
                return (stop_s - start_s) * TICKS_PER_S
        return NEVER_TICKS

    async def _next_target(self) -> int:
        """Waits until event time may go on; returns how far."""
        clock = self.desk.clock
        tick = self._world.tick
        began_s = monotonic()
        while True:
            now_s = monotonic()
            if self.desk.jump_asked:
                self.desk.jump_asked = False
                # One tick on, so that the change itself is seen.
                clock.jump(min(self._world.fleet.next_change_tick() + 1, self._end_tick), tick, now_s)
            clock.arrived(tick, now_s)
            ceiling_tick = clock.ceiling_tick(tick, now_s)
            self.desk.state = "paused" if clock.paused else "playing"
            # Small steps wait for each other; one that has a whole quantum to go does not.
            small = clock.speed_now > 0 and ceiling_tick < tick + self._quantum_ticks
            early = small and now_s - began_s < STEP_EVERY_S and not self._inbox
            if ceiling_tick > tick and not early:
                bounds = [ceiling_tick, tick + self._quantum_ticks, self._end_tick]
                if self._settings.headless:
                    bounds.append(self._next_stop_tick())
                return min(bounds)
            await self._nap(STEP_EVERY_S / 2)

    async def _wait_for_room(self) -> None:
        def has_room() -> bool:
            return self._links.unacked_count < self._backlog_limit and not self._links.any_full

        if not has_room():
            self.desk.state = "waiting"
            await self._until(has_room)
            self.desk.clock.anchor(self._world.tick, monotonic())

    async def _nap(self, longest_s: float) -> None:
        """Until something changed, or as long as given."""
        self._links.changed.clear()
        try:
            async with asyncio.timeout(longest_s):
                await self._links.changed.wait()
        except TimeoutError:
            pass

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self._nap(STEP_EVERY_S)

    # Lock-step -----------------------------------------------------------------------------------------------

    async def _lock_step(self) -> None:
        """Stands still at a stop, then goes on second by second until the head-end has no command open."""
        self._progress = replace(self._progress, lockstep=True)
        self.desk.state = "lockstep"
        while True:
            await self._until(lambda: self._links.settled)
            await self._save_progress()
            open_count, sent = _step_of(await self._bus.ask(STEP_SUBJECT, {"at_s": self._world.at_s}))
            if not open_count or self._world.tick >= self._end_tick:
                break
            await self._delivered(sent)
            await self._advance(min(self._world.tick + TICKS_PER_S, self._end_tick))
        self._progress = replace(self._progress, lockstep=False, stepped_s=self._world.at_s)
        await self._save_progress()
        self.desk.state = "playing"
        self.desk.clock.anchor(self._world.tick, monotonic())

    async def _delivered(self, sent: list[tuple[str, int]]) -> None:
        """Waits until every command has reached its meter, asking for those again that do not come."""
        due: set[tuple[int, int]] = set()
        for meter_id, command_seq in sent:
            home = self._number_of.get(meter_id)
            if home is not None and self._links.has_power(home) and command_seq > self._handled(home):
                due.add((home, command_seq))
        asked_s = monotonic()
        while missing := due - {(one.home, one.claimed_seq) for one in self._inbox}:
            if monotonic() - asked_s >= RESEND_AFTER_S:
                again = [[self._homes[home].meter_id, seq] for home, seq in sorted(missing)]
                await self._bus.ask(RESEND_SUBJECT, {"commands": again})
                asked_s = monotonic()
            await self._nap(STEP_EVERY_S)

    def _handled(self, home: int) -> int:
        return int(self._world.meters["command_seq"][home])

    # Small things --------------------------------------------------------------------------------------------

    @property
    def _result_file(self) -> Path:
        return self._settings.twin_dir / "result.json"

    def _wall_s(self) -> float:
        return self._wall_before_s + monotonic() - self._began_s

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs work that holds no lock on the connections; survives our own cancellation until it is done."""
        job = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
        self._job = cast("asyncio.Future[object]", job)
        return await asyncio.shield(job)

    async def _publish_for_ever(self) -> None:
        while True:
            await self._bus.tell(CLOCK_SUBJECT, self._clock_now())
            await asyncio.sleep(CLOCK_EVERY_S)

    def _clock_now(self) -> Json:
        return {
            "at_s": self.desk.at_s(),
            "speed": self.desk.clock.speed_now,
            "state": self.desk.state,
            "joined": self._links.joined_count,
            "meters": self._settings.meters,
            "end_s": self._settings.end_s,
            "unacked": self._links.unacked_count,
        }


def claimed_seq(sealed: bytes) -> int:
    """The sequence a sealed command says it has; -1 for what is no command."""
    try:
        return read_unverified_command(take_apart(sealed)).seq
    except WireError:
        return -1


def _step_of(reply: Json) -> tuple[int, list[tuple[str, int]]]:
    """Open commands, and those without receipt, of an answer to `headend.step`.

    Raises:
        ValueError: The head-end broke the contract.
    """
    open_count, sent = reply.get("open"), reply.get("sent")
    if not isinstance(open_count, int) or not isinstance(sent, list):
        msg = f"headend.step answered {reply!r:.120}, expected open and sent"
        raise ValueError(msg)  # noqa: TRY004 - a broken contract, as processes.md has it
    pairs: list[tuple[str, int]] = []
    for item in cast("list[object]", sent):
        pair = cast("list[object]", item) if isinstance(item, list) else []
        if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], int):  # noqa: PLR2004 - meter and number
            msg = f"headend.step sent {item!r:.60}, expected [meter_id, command_seq]"
            raise ValueError(msg)
        pairs.append((pair[0], pair[1]))
    return open_count, pairs
