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

from bptm.compiled.chaos_records import LAWS_END
from bptm.compiled.kernel_chaos_script import STORY_NAMES
from bptm.compiled.kernel_chaos_what import (
    WHAT_END,
    WHAT_NAMES,
)
from bptm.terms.codes import CAUSE_WORDS, Cause
from bptm.terms.core_codes import TICKS_PER_S

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRow:
    """One entry of an episode's script."""

    at_s: float
    what: str
    argument: int


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

    @property
    def command(self) -> str:
        """The one command that replays it."""
        return f"bptm fleet --chaos --replay {self.seed}:{self.home}"

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
            "script": [{"at_s": row.at_s, "what": row.what, "argument": row.argument} for row in self.script],
            "replay": self.command,
        }


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
        self.violations += [violation_of(row) for row in life[life["broken"] != 0]]
        self.violations.sort(key=lambda one: one.home)
        del self.violations[VIOLATIONS_MOST:]

    def as_json(self) -> dict[str, Any]:
        """For `--json`; everything but `cpu_s` and what is divided by it is the same for the same seed."""
        hours = 3600 * TICKS_PER_S
        whole = hashlib.sha256("".join(self.digests[first] for first in sorted(self.digests)).encode()).hexdigest()
        return {
            "seed": self.seed,
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


def violation_of(row: np.void) -> Violation:
    """The violation in a life's record."""
    broken = int(row["broken"])
    return Violation(
        seed=int(row["seed"]),
        home=int(row["home"]),
        tick=int(row["broken_tick"]),
        laws=tuple(law for law in range(LAWS_END) if (broken >> law) & 1),
        seen=float(row["seen"]),
        wanted=float(row["wanted"]),
        story=STORY_NAMES[int(row["story"])],
        hazard=int(row["hazard"]),
        interlock=int(row["interlock"]),
        script=script_of(row),
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


def live_block(seed: int, first: int, lives: int) -> Block:
    """One piece of work; runs in any process."""
    from bptm.compiled.chaos import Lives  # noqa: PLC0415  compiles, or loads what is compiled

    # What is compiled now is compiled before the time is taken.
    Lives(1).live(seed, first, 0)
    some = Lives(lives)
    begun_s = time.process_time()
    life = some.live(seed, first, LIFE_TICKS)
    return Block(first, life, time.process_time() - begun_s)


def live_all(
    centuries: float, seed: int, executor: Executor | None, tell: Callable[[int], None] = lambda _lives: None
) -> ChaosResult:
    """Lives so many centuries.

    Args:
        centuries: Device time.
        seed: Same seed, same lives.
        executor: Where blocks are lived; None for here.
        tell: Told how many lives are done.
    """
    lives = lives_of(centuries)
    result = ChaosResult(seed=seed, lives=lives)
    done = 0
    for block in _blocks(seed, lives, executor):
        result.take(block)
        done += len(block.life)
        tell(done)
    return result


def _blocks(seed: int, lives: int, executor: Executor | None) -> Iterator[Block]:
    pieces = [(first, min(BLOCK_LIVES, lives - first)) for first in range(0, lives, BLOCK_LIVES)]
    if executor is None:
        for first, count in pieces:
            yield live_block(seed, first, count)
        return
    futures = [executor.submit(live_block, seed, first, count) for first, count in pieces]
    for future in as_completed(futures):
        yield future.result()
