"""Device-centuries: many lives of one home with its meter, faults everywhere, judged by what the circuit says.

A life is `LIFE_DAYS` long; its seed and number draw all of it, so the answer does not depend on how many processes
shared the work. A life that breaks a law ends there.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.chaos_records import LAWS_END, LIFE_FIELDS
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.kernel_chaos import COMMAND_STEP
from bptm.compiled.kernel_chaos_script import STORY_NAMES
from bptm.compiled.kernel_chaos_what import (
    WHAT_COMMAND,
    WHAT_END,
    WHAT_LOAD,
    WHAT_MOTOR,
    WHAT_NAMES,
    WHAT_OVERLOAD,
    WHAT_SENSOR,
    WHAT_SENSOR_B,
)
from bptm.terms.codes import CAUSE_WORDS, Cause
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.bench.controllers import SHIPPED

LIFE_DAYS = 30
CENTURY_S = 36525 * 86400
LIFE_TICKS = LIFE_DAYS * 86400 * TICKS_PER_S
CENTURIES_MAX = 100_000.0
BLOCK_LIVES = 20
"""Lives of one piece of work: some seconds."""
VIOLATIONS_MOST = 100
"""Violations told in full; all are counted."""
LAWS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15)
"""Laws that a checker asserts here: LAW-10 is what the others show under clock steps and messages, LAW-13 speaks of
proofs."""

TIMED = (7, 11)
"""Laws whose time is counted over whole strides."""

_LOADS = tuple(WHAT_NAMES[what] for what in (WHAT_LOAD, WHAT_MOTOR, WHAT_OVERLOAD))
_SENSORS = tuple(WHAT_NAMES[what] for what in (WHAT_SENSOR, WHAT_SENSOR_B))
SENSE_NAMES = (
    "", "utility L1", "utility L2", "utility leg to leg", "bus L1", "bus L2", "bus leg to leg", "inlet L1", "inlet L2",
    "inlet leg to leg", "current L1", "current L2", "utility frequency",
)  # fmt: skip
SENSOR_NAMES = (
    "",
    "reads zero",
    "is frozen",
    "reads 0.8 of it",
    "gives no number",
    "is marked doubtful",
    "reads too high",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRow:
    """One entry of an episode's script."""

    at_s: float
    what: str
    argument: int

    @property
    def words(self) -> str:
        """What and with what, packed arguments taken apart."""
        x = self.argument
        if self.what in _LOADS:
            return (
                f"{self.what}: {x % 100_000} W on leg 1, {x // 100_000 % 100_000} W on leg 2, {x // 10**10} W between"
            )
        if self.what in _SENSORS:
            return f"{self.what}: {SENSE_NAMES[x // 10]} {SENSOR_NAMES[x % 10]}"
        if self.what == WHAT_NAMES[WHAT_COMMAND]:
            return f"{self.what}: action {x // COMMAND_STEP}, {x % COMMAND_STEP} s"
        return f"{self.what}: {x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A life that broke a law."""

    seed: int
    home: int
    tick: int
    laws: tuple[int, ...]
    seen: float
    wanted: float
    story: str
    hazard: int
    interlock: int
    script: tuple[ScriptRow, ...]
    controller: str = SHIPPED

    @property
    def command(self) -> str:
        """The one command that replays it into a bench report."""
        return replay_command(self.seed, self.home, self.controller) + f" --html life-{self.seed}-{self.home}.html"

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "seed": self.seed,
            "home": self.home,
            "tick": self.tick,
            "at_s": self.tick / TICKS_PER_S,
            "laws": [f"LAW-{law}" for law in self.laws],
            "seen": self.seen,
            "wanted": self.wanted,
            "story": self.story,
            "hazard": hazard_word(self.hazard),
            "interlock": INTERLOCKS[self.interlock],
            "script": [
                {"at_s": row.at_s, "what": row.what, "argument": row.argument, "words": row.words}
                for row in self.script
            ],
            "replay": self.command,
        }


def replay_command(seed: int, home: int, controller: str) -> str:
    """What lives a home again."""
    whose = "" if controller == SHIPPED else f" --controller {controller}"
    return f"bptm fleet --chaos{whose} --replay {seed}:{home}"


INTERLOCKS = ("software only", "electrical cross-interlock", "mechanical interlock")


def hazard_word(hazard: int) -> str:
    """Name of what an episode's faults were drawn from."""
    if hazard == 0:
        return "none"
    return "pair" if hazard == 99 else f"H{hazard}"  # noqa: PLR2004  kernel_chaos_script.PAIR


@dataclass(slots=True, kw_only=True)
class ChaosResult:
    """What so many lives gave."""

    seed: int
    lives: int
    controller: str = SHIPPED
    ticks: int = 0
    stress_ticks: int = 0
    scans: int = 0
    episodes: int = 0
    outages: int = 0
    transfers: int = 0
    resets: int = 0
    causes: int = 0
    checked_ticks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(LAWS_END, np.int64))
    faults: NDArray[np.int64] = field(default_factory=lambda: np.zeros(64, np.int64))
    violation_count: int = 0
    violations: list[Violation] = field(default_factory=list[Violation])
    digests: dict[int, str] = field(default_factory=dict[int, str])
    cpu_s: float = 0.0

    @property
    def centuries(self) -> float:
        """Device time lived."""
        return self.ticks / TICKS_PER_S / CENTURY_S

    @property
    def stress_centuries(self) -> float:
        """Of it, with an outage, a fault or the backup in use."""
        return self.stress_ticks / TICKS_PER_S / CENTURY_S

    @property
    def days(self) -> float:
        """Device days lived."""
        return self.ticks / TICKS_PER_S / 86400

    def take(self, block: "Block") -> None:
        """Adds a block; in any order."""
        life = block.life
        self.cpu_s += block.cpu_s
        for name in ("stress_ticks", "scans", "outages", "transfers", "resets"):
            setattr(self, name, getattr(self, name) + int(life[name].sum()))
        self.ticks += int(life["tick"].sum())
        self.episodes += int(life["episode"].sum())
        self.checked_ticks += life["checked_ticks"].sum(axis=0)
        self.faults += life["faults"].sum(axis=0)
        self.causes |= int(np.bitwise_or.reduce(life["causes"]))
        self.digests[block.first] = hashlib.sha256(life.tobytes()).hexdigest()
        self.violation_count += int(np.count_nonzero(life["broken"]))
        self.violations += [violation_of(row, self.controller) for row in life[life["broken"] != 0]]
        self.violations.sort(key=lambda one: one.home)
        del self.violations[VIOLATIONS_MOST:]

    def as_json(self) -> dict[str, Any]:
        """For `--json`; everything but `cpu_s` and what is divided by it is the same for the same seed."""
        hours = 3600 * TICKS_PER_S
        whole = hashlib.sha256("".join(self.digests[first] for first in sorted(self.digests)).encode()).hexdigest()
        return {
            "seed": self.seed,
            "controller": self.controller,
            "lives": self.lives,
            "life_days": LIFE_DAYS,
            "device_centuries": self.centuries,
            "stress_centuries": self.stress_centuries,
            "cpu_s": self.cpu_s,
            "device_centuries_per_cpu_h": self.centuries / self.cpu_s * 3600 if self.cpu_s else 0.0,
            "stress_centuries_per_cpu_h": self.stress_centuries / self.cpu_s * 3600 if self.cpu_s else 0.0,
            "episodes": self.episodes,
            "outages": self.outages,
            "outages_per_device_day": self.outages / self.days if self.ticks else 0.0,
            "transfers": self.transfers,
            "resets": self.resets,
            "scans": self.scans,
            "checked": {f"LAW-{law}": self.checked_ticks[law] / hours for law in LAWS},
            "happened": {WHAT_NAMES[what]: int(self.faults[what]) for what in range(1, WHAT_END) if self.faults[what]},
            "causes_reached": [CAUSE_WORDS[cause] for cause in Cause if (self.causes >> cause) & 1 and cause],
            "law_violations": self.violation_count,
            "violations": [one.as_json() for one in self.violations],
            "digest": whole,
        }


@dataclass(frozen=True, slots=True)
class Block:
    """The lives of one piece of work, as they ended."""

    first: int
    life: NDArray[np.void]
    cpu_s: float


def violation_of(row: np.void, controller: str = SHIPPED) -> Violation:
    """The violation in a life's record."""
    broken = int(row["broken"])
    seen, wanted, tick = float(row["seen"]), float(row["wanted"]), int(row["broken_tick"])
    laws = tuple(law for law in range(LAWS_END) if (broken >> law) & 1)
    if laws and laws[0] in TIMED:
        # Judged at the end of a step for all of it: the limit was passed somewhere within.
        tick = int(row["tick"]) - round(seen - wanted)
    return Violation(
        seed=int(row["seed"]),
        home=int(row["home"]),
        tick=tick,
        laws=laws,
        seen=seen,
        wanted=wanted,
        story=STORY_NAMES[int(row["story"])],
        hazard=int(row["hazard"]),
        interlock=int(row["interlock"]),
        script=script_of(row),
        controller=controller,
    )


def script_of(row: np.void) -> tuple[ScriptRow, ...]:
    """The script of the episode a life is in."""
    return tuple(
        ScriptRow(
            at_s=int(row["at_tick"][i]) / TICKS_PER_S,
            what=WHAT_NAMES[int(row["what"][i])],
            argument=int(row["argument"][i]),
        )
        for i in range(int(row["entries"]))
    )


def lives_of(centuries: float) -> int:
    """How many lives these are, at least one."""
    return max(1, round(centuries * 36525 / LIFE_DAYS))


def live_block(seed: int, first: int, lives: int, controller: str = SHIPPED) -> Block:
    """One piece of work; runs in any process."""
    if controller != SHIPPED:
        return _plain_block(seed, first, lives, controller)
    from bptm.compiled.chaos import Lives  # noqa: PLC0415  compiles, or loads what is compiled

    # What is compiled now is compiled before the time is taken.
    Lives(1).live(seed, first, 0)
    some = Lives(lives)
    begun_s = time.process_time()
    life = some.live(seed, first, LIFE_TICKS)
    return Block(first, life, time.process_time() - begun_s)


def _plain_block(seed: int, first: int, lives: int, controller: str) -> Block:
    """The same with a controller that is broken on purpose, which runs as plain Python."""
    from bptm.twin.chaos_lives import life_of  # noqa: PLC0415  takes the bench's controllers with it

    begun_s = time.process_time()
    rows = np.zeros(lives, dtype_of(LIFE_FIELDS))
    for place in range(lives):
        life = life_of(seed, first + place, controller)
        life.live(LIFE_TICKS)
        rows[place] = life.row()
    return Block(first, rows, time.process_time() - begun_s)


def live_all(
    centuries: float,
    seed: int,
    executor: Executor | None,
    tell: Callable[[int], None] = lambda _lives: None,
    controller: str = SHIPPED,
) -> ChaosResult:
    """Lives so many centuries.

    Args:
        centuries: Device time.
        seed: Same seed, same lives.
        executor: Where blocks are lived; None for here.
        tell: Told how many lives are done.
        controller: The shipped one, or one that is broken on purpose: a hundred times slower.
    """
    lives = lives_of(centuries)
    result = ChaosResult(seed=seed, lives=lives, controller=controller)
    done = 0
    for block in _blocks(seed, lives, executor, controller):
        result.take(block)
        done += len(block.life)
        tell(done)
    return result


def _blocks(seed: int, lives: int, executor: Executor | None, controller: str) -> Iterator[Block]:
    size = BLOCK_LIVES if controller == SHIPPED else 1
    pieces = [(first, min(size, lives - first)) for first in range(0, lives, size)]
    if executor is None:
        for first, count in pieces:
            yield live_block(seed, first, count, controller)
        return
    futures = [executor.submit(live_block, seed, first, count, controller) for first, count in pieces]
    for future in as_completed(futures):
        yield future.result()
