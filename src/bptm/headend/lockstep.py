"""What the twin asks of the head-end: to act at an instant, to repeat commands, to say what is stored.

Source: docs/reference/processes.md. Every question may be asked twice. One that cannot be answered now, since
PostgreSQL is gone, is answered as soon as it can be.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import cast

import orjson

from bptm.headend.bus import Bus, BusUnavailableError
from bptm.headend.clock import HeardClock
from bptm.headend.commander import Commander
from bptm.headend.database import StoreMovedOnError, StoreUnavailableError
from bptm.headend.keeper import Keeper
from bptm.headend.settings import SettingsError
from bptm.headend.store_read import totals_of
from bptm.operations.commands import CommandState
from bptm.operations.script import ScriptError, ScriptLine, ScriptScope, read_script
from bptm.wire.topics import RESEND_SUBJECT, STEP_SUBJECT, SUMMARY_SUBJECT

_log = logging.getLogger(__name__)

_RETRY_S = 0.25
_YEAR_S = 366 * 86_400
_METERS_MAX = 999_999
_AFTER_THE_END_S = 10 * 86_400
"""Past every deadline that a command can have."""


class QuestionError(Exception):
    """A question of the twin is not as agreed."""


class _EveryRegion(Collection[str]):
    """Regions were checked when the run was started; here a region without meters is told in the log, not refused."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def load_script(script_file: str, event_start_s: int) -> tuple[ScriptLine, ...]:
    """The script of a run; none when no file is named.

    Raises:
        SettingsError: Not readable, or not a script.
    """
    if not script_file:
        return ()
    scope = ScriptScope(
        start_s=event_start_s, end_s=event_start_s + _YEAR_S, meters=_METERS_MAX, regions=_EveryRegion()
    )
    try:
        return read_script(Path(script_file).read_text(encoding="utf-8-sig"), scope)
    except (OSError, UnicodeDecodeError, ScriptError) as problem:
        msg = f"the command script {script_file} cannot be used: {problem}"
        raise SettingsError(msg) from problem


class LockStep:
    """Answers the twin."""

    def __init__(self, keeper: Keeper, commander: Commander, clock: HeardClock, script: tuple[ScriptLine, ...]) -> None:
        """Issues the lines of `script`, each at its time."""
        self._keeper = keeper
        self._commander = commander
        self._clock = clock
        self._script = script
        self._stepping = asyncio.Lock()

    async def serve(self, bus: Bus) -> None:
        """Answers from now on."""
        await bus.serve(STEP_SUBJECT, self._answering(self.step))
        await bus.serve(RESEND_SUBJECT, self._answering(self.resend))
        await bus.serve(SUMMARY_SUBJECT, self._answering(self.summary))

    def _answering(
        self, answer: Callable[[Mapping[str, object]], Awaitable[Mapping[str, object]]]
    ) -> Callable[[bytes], Awaitable[bytes | None]]:
        async def answered(question: bytes) -> bytes:
            said = ""
            while True:
                try:
                    # One at a time: the twin may ask again while the first question still waits for the store.
                    async with self._stepping:
                        return orjson.dumps(await answer(_object(question)))
                except QuestionError as problem:
                    return orjson.dumps({"ok": False, "why": str(problem)})
                except (StoreUnavailableError, StoreMovedOnError, BusUnavailableError) as problem:
                    if not said:
                        said = str(problem)
                        _log.warning("the twin waits for an answer: %s", problem)
                    await asyncio.sleep(_RETRY_S)

        return answered

    async def step(self, question: Mapping[str, object]) -> Mapping[str, object]:
        """Everything up to `at_s` is stored: issues what the script asks for by then, expires and proves commands."""
        at_s = _whole(question, "at_s")
        self._clock.stored_up_to(at_s)
        self._clock.arrived(at_s)
        async with self._keeper.deciding() as sketch:
            sketch.tick(at_s)
            await self._keeper.commit(sketch)
        await self._commander.issue_lines([line for line in self._script if line.at_s <= at_s], at_s)
        waiting = self._keeper.memory.awaiting(at_s)
        return {
            "open": len(waiting),
            "sent": [[entry.life.command.meter_id, entry.life.command.seq] for entry in waiting],
        }

    async def resend(self, question: Mapping[str, object]) -> Mapping[str, object]:
        """Sends the very same bytes of these commands again."""
        asked = question.get("commands")
        wanted: list[tuple[str, int]] = []
        for pair in cast("list[object]", asked) if isinstance(asked, list) else [None]:
            match pair:
                case [str(meter_id), int(seq)]:
                    wanted.append((meter_id, seq))
                case _:
                    msg = f"expected commands as [[meter_id, command_seq], ...], found {asked!r:.80}"
                    raise QuestionError(msg)
        return {"ok": True, "sent": await self._commander.resend(wanted)}

    async def summary(self, question: Mapping[str, object]) -> Mapping[str, object]:
        """The stored side of the final object; commands still open end as unknown, for nothing more will be heard."""
        end_s = _whole(question, "end_s")
        self._clock.stored_up_to(end_s)
        async with self._keeper.deciding() as sketch:
            sketch.tick(end_s)
            await self._keeper.commit(sketch)
        async with self._keeper.deciding() as sketch:
            sketch.close_commands(end_s, end_s + _AFTER_THE_END_S)
            await self._keeper.commit(sketch)
        totals = await totals_of(self._keeper.database, self._keeper.event_start_s, end_s)
        memory = self._keeper.memory
        ends = Counter(entry.life.state for entry in memory.commands.values())
        return {
            "messages_stored": totals.messages_stored,
            "messages_duplicated": totals.messages_duplicated,
            "commands": {
                "issued": len(memory.commands),
                **{
                    state.value: ends[state]
                    for state in (
                        CommandState.PROVEN,
                        CommandState.REFUSED,
                        CommandState.EXPIRED,
                        CommandState.UNKNOWN,
                    )
                },
            },
            "meters": {place.meter_id: list(totals.meters.get(place.meter_id, (0, 0))) for place in memory.places},
        }


def _object(question: bytes) -> Mapping[str, object]:
    try:
        loaded: object = orjson.loads(question)
    except orjson.JSONDecodeError as problem:
        msg = f"expected a JSON object, found {question[:80]!r}"
        raise QuestionError(msg) from problem
    if not isinstance(loaded, dict):
        msg = f"expected a JSON object, found {question[:80]!r}"
        raise QuestionError(msg)
    return cast("Mapping[str, object]", loaded)


def _whole(question: Mapping[str, object], name: str) -> int:
    value = question.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        msg = f"expected {name} as a whole number of seconds, found {value!r}"
        raise QuestionError(msg)
    return int(value)
