"""Makes golden runs: the plain controller in its world, its inputs recorded, what it reached counted.

A run's settings, script, noise and length come from its own seed. Every fourth run keeps what 32-bit floats would
decide otherwise out of its inputs. In the others a real stands, now and then, exactly on a threshold or one unit in
the last place beside it.
"""

import heapq
import math
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from bptm.assurance.replay_plain import record, settings
from bptm.assurance.vectors_changes import Change
from bptm.assurance.vectors_format import (
    DEVICE_SLOT_OF,
    FLAG_OBSERVED,
    FLAG_SINGLE_FLOAT,
    INTERLOCK_SLOT_OF,
    OBSERVER_SLOT_OF,
    SETTING_SLOT_OF,
    SLOT_FIELDS,
    SLOT_OF,
    WORD_OF,
    Run,
    RunWriter,
    coarse,
    fine,
)
from bptm.assurance.vectors_plan import Plan, draw_plan, told_plan
from bptm.assurance.vectors_reach import reached_names
from bptm.assurance.vectors_stories import Trigger, Word
from bptm.assurance.vectors_world import World
from bptm.controller import remote, scan
from bptm.controller.registers import REGISTER_MAX_MWTICKS
from bptm.terms.core_codes import ACTION_ALLOW_RETURN, ACTION_DISCONNECT, ACTION_HOLD_RETURN, ACTION_RECONNECT, MODE_OFF
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import SETTINGS

# The one door to the controller, which carries no types (decision 0002).
_scan = cast("Any", scan)
_remote = cast("Any", remote)

RECORDS_PER_TICK = 0.15
"""A run of 20,000 ticks ends after 3,000 records, wherever it is then: MicroPython has to replay it in time."""
STRIDES_TICKS_MAX = (1, 4, 20, 120, 5000)
"""Longest strides; a run has one of them. The controller's own `wake_ticks` shortens each."""
EXACT_EVERY = 4
COUNT_MAX = 2147483647
"""Where a counter of 32 bits ends (`timing.plus_one`)."""
COUNTER_NAMES = ("transfers", "starts", "overloads", "harms", "flaps", "tests", "tests_failed")
_NOISE_V = 1.0
_REALS = {row[0] for row in MEASURED_FIELDS if row[1] == "f8"}
_THRESHOLDS = [row[0] for row in SETTINGS if row[2] in {"V", "Hz"}]
_ACTIONS = (ACTION_HOLD_RETURN,) * 4 + (ACTION_ALLOW_RETURN,) * 2 + (ACTION_DISCONNECT, ACTION_RECONNECT)
_COUNTERS = tuple(row[0] for row in DEVICE_FIELDS if row[1] == "i4" and row[0] in COUNTER_NAMES)
_REGISTERS = tuple(row[0] for row in DEVICE_FIELDS if row[2] == "mW ticks")
WORN_EVERY = 8
"""So many runs have a meter whose counters and registers stand near their end, as the journal gives them back."""
OBSERVED_EVERY_RUNS = 4
TOLD_EVERY_RUNS = 8
"""So many runs tell a story for the observers, one after the other, by the controller's default settings."""
_START = -1
"""In the queue of what happens: power comes back."""


@dataclass(slots=True, kw_only=True)
class Coverage:
    """What runs reached: how many records show it."""

    modes: Counter[int] = field(default_factory=Counter[int])
    causes: Counter[int] = field(default_factory=Counter[int])
    events: Counter[int] = field(default_factory=Counter[int])
    unmet: Counter[int] = field(default_factory=Counter[int])
    """Reasons of refused commands, by bit."""
    observed: Counter[str] = field(default_factory=Counter[str])
    """Names of codes that the runs told for the observers reached: in how many of them."""

    def note(self, s: Any) -> None:
        """One scan or start."""
        self.modes[s.mode] += 1
        if s.mode != s.mode_before or s.mode_before == MODE_OFF:
            self.modes[s.mode_before] += 0 if s.mode_before != MODE_OFF else 1
            self.causes[s.cause] += 1
        events = s.events
        while events:
            bit = events & -events
            self.events[bit.bit_length() - 1] += 1
            events -= bit

    def add(self, other: "Coverage") -> None:
        """What other runs reached."""
        self.modes.update(other.modes)
        self.causes.update(other.causes)
        self.events.update(other.events)
        self.unmet.update(other.unmet)
        self.observed.update(other.observed)


def draw_settings(draw: Random) -> dict[str, float]:
    """Settings that differ from their defaults.

    A quarter of the runs keep the defaults but for the random return delay; the others draw delays near their
    lowest, so that a run sees many of them expire, and a third of those draw thresholds too.
    """
    drawn: dict[str, float] = {"slot_window_ticks": draw.choice((0, 600, 6000)), "slot_seed": draw.randint(0, 1 << 30)}
    drawn["medical"] = 1 if draw.random() < 0.2 else 0  # noqa: PLR2004  one home in five
    if draw.random() < 0.25:  # noqa: PLR2004  a quarter
        return drawn
    thresholds = draw.random() < 0.33  # noqa: PLR2004  a third
    for name, type_, unit, _meaning, _default, lowest, highest, _source in SETTINGS:
        if name in drawn:
            continue
        if unit == "ticks":
            drawn[name] = round(lowest + (highest - lowest) * draw.random() ** 6)
        elif type_ != "f8":
            drawn[name] = draw.randint(int(lowest), int(highest))
        elif thresholds:
            drawn[name] = coarse(draw.uniform(lowest, highest))
    # Half an hour is beyond the runs of CI; the notice has to come once.
    drawn["running_notice_ticks"] = draw.choice((600, 7200))
    return drawn


@dataclass(slots=True, kw_only=True)
class Recorder:
    """One run under way."""

    draw: Random
    world: World
    plan: Plan
    length_ticks: int
    stride_ticks_max: int
    records_max: int
    s: Any = field(default_factory=lambda: record(DEVICE_FIELDS))
    k: Any = field(default_factory=lambda: record(INTERLOCK_FIELDS))
    m: Any = field(default_factory=lambda: record(MEASURED_FIELDS))
    r: Any = field(default_factory=lambda: record(INTERLOCK_INPUT_FIELDS))
    p: Any = field(default_factory=settings)
    writer: RunWriter = field(default_factory=RunWriter)
    coverage: Coverage = field(default_factory=Coverage)
    tick: int = 0
    queue: list[tuple[int, int, Change | Word | int]] = field(
        default_factory=list[tuple[int, int, "Change | Word | int"]]
    )
    """Heap of tick, order of arrival, and a change or the end of a loss of power."""
    arrivals: int = 0

    def configure(self, drawn: dict[str, float]) -> None:
        """Settings of this run."""
        for name, value in drawn.items():
            setattr(self.p, name, value)
            self.writer.set(SETTING_SLOT_OF[name], value)
        self.world.legs_ratio = self.p.legs_ratio

    def configure_observers(self, told: dict[str, float]) -> None:
        """Settings of the observers, which only the replay has."""
        for name, value in told.items():
            self.writer.set(OBSERVER_SLOT_OF[name], value)

    def wear(self) -> None:
        """A journal whose counters are near their end; once in a while the host found none at all."""
        for names, highest, span in ((_COUNTERS, COUNT_MAX, 2), (_REGISTERS, REGISTER_MAX_MWTICKS, 1 << 30)):
            for name in names:
                value = highest - self.draw.randint(0, span)
                setattr(self.s, name, value)
                self.writer.set(DEVICE_SLOT_OF[name], value)
        if self.draw.random() < 0.3:  # noqa: PLR2004  a third of them
            self._lose_journal()

    def come_open(self) -> None:
        """Before the first power U was open, and the host finds no valid copy of the journal that says why."""
        self.world.utility.poles = self.world.utility.wanted = 0
        self._lose_journal()

    def _lose_journal(self) -> None:
        self.s.journal_lost = 1
        self.writer.set(DEVICE_SLOT_OF["journal_lost"], 1)

    def run(self) -> None:
        """Records the run from its first start to its end."""
        for tick, change in self.plan.changes:
            self._later(tick, change)
        for tick, lasts in self.plan.starts:
            self._later(tick, -2 - lasts)
        self._inputs()
        self._start()
        while self.tick < self.length_ticks and self.writer.records < self.records_max:
            changed = self._due()
            changed = self.world.advance(self.tick) or changed
            if changed:
                changed = self._inputs()
            self._command()
            self._scan(self._stride(changed=changed))

    def _later(self, tick: int, what: "Change | Word | int") -> None:
        self.arrivals += 1
        heapq.heappush(self.queue, (tick, self.arrivals, what))

    def _due(self) -> bool:
        """Carries out what the script has for this tick."""
        changed = False
        while self.queue and self.queue[0][0] <= self.tick:
            what = heapq.heappop(self.queue)[2]
            if isinstance(what, Word):
                self.writer.word(WORD_OF[what.name], (what.a, what.b, what.c))
            elif not isinstance(what, int):
                what(self.world)
            elif what == _START:
                self._inputs()
                self._start()
            else:
                self._lose_power(-2 - what)
            changed = True
        return changed

    def _lose_power(self, lasts_ticks: int) -> None:
        """The meter is off: B drops, U stays, the world goes on; then it starts with its journal."""
        self.world.transfer.order(self.tick, self.draw, closed=False)
        if lasts_ticks:
            self.tick += lasts_ticks
            self.world.advance(self.tick)
        self._later(self.tick, _START)

    def _start(self) -> None:
        _scan.start(self.s, self.k, self.m, self.p)
        self.writer.start()
        self.coverage.note(self.s)
        self._entered()

    def _inputs(self) -> bool:
        """Sets what differs from the last scan; True when anything does."""
        values, own = self.world.inputs()
        changed = False
        for slots, target, wanted in ((SLOT_OF, self.m, values), (INTERLOCK_SLOT_OF, self.r, own)):
            for name, value in wanted.items():
                exact = self._quantised(name, value) if name in _REALS else value
                if exact != getattr(target, name):
                    changed = True
                    setattr(target, name, exact)
                    self.writer.set(slots[name], exact)
        return changed

    def _quantised(self, name: str, value: float) -> float:
        """A real as runtimes can read it: coarse, or fine and now and then on a threshold."""
        if self.world.exact or self.plan.is_still:
            return coarse(value)
        if value == 0:
            return 0.0
        chance = self.draw.random()
        if chance < 0.02 and name.endswith(("_v", "_hz")):  # noqa: PLR2004  one in fifty
            unit = "_hz" if name.endswith("_hz") else "_v"
            limit = getattr(self.p, self.draw.choice([t for t in _THRESHOLDS if t.endswith(unit)]))
            return fine(self.draw.choice((limit, math.nextafter(limit, 0.0), math.nextafter(limit, math.inf))))
        if chance < 0.5:  # noqa: PLR2004  half of the rest has noise
            return fine(value + self.draw.uniform(-_NOISE_V, _NOISE_V) * (1.0 if name.endswith("_v") else 0.05))
        return coarse(value)

    def _command(self) -> None:
        """A remote command, where the script has one for this mode and time."""
        for at, (mode, from_tick, wanted) in enumerate(self.plan.commands):
            if self.tick >= from_tick and mode in {-1, self.s.mode}:
                del self.plan.commands[at]
                action = wanted or self.draw.choice(_ACTIONS)
                hold_ticks = self.draw.choice((-5, 0, 7199, 7200, 9000, 12000, 24 * 3600 * 120 + 1))
                unmet = _remote.command(self.s, self.p, action, hold_ticks)
                self.writer.command(action, hold_ticks)
                self.coverage.unmet.update(bit for bit in range(unmet.bit_length()) if unmet >> bit & 1)
                events = self.s.events
                self.coverage.events.update(bit for bit in range(events.bit_length()) if events >> bit & 1)
                return

    def _stride(self, *, changed: bool) -> int:
        if changed:
            return 1
        ticks = min(self.s.wake_ticks, self.stride_ticks_max, self.length_ticks - self.tick)
        moves = self.world.next_move()
        moves = self.tick if self.world.ordered else moves
        ahead = [tick - self.tick for tick in (moves, self.queue[0][0] if self.queue else None) if tick is not None]
        return max(1, min(ticks, *ahead)) if ahead else max(1, ticks)

    def _scan(self, ticks: int) -> None:
        _scan.scan(self.s, self.k, self.m, self.r, self.p, ticks)
        self.writer.scan(ticks)
        self.tick += ticks
        self.coverage.note(self.s)
        self.world.obey(self.k, self.tick)
        if self.s.mode != self.s.mode_before:
            self._entered()

    def _entered(self) -> None:
        """Disturbances that wait for the mode just entered."""
        for trigger in self.plan.triggers:
            if trigger.mode == self.s.mode and trigger.times > 0:
                trigger.times -= 1
                self._later(self.tick + trigger.after_ticks, trigger.change)
                self._mend(trigger)

    def _mend(self, trigger: Trigger) -> None:
        if trigger.mend is not None:
            self._later(self.tick + trigger.after_ticks + trigger.mend_after_ticks, trigger.mend)


def make_run(seed: int, run: int, ticks_max: int) -> tuple[Run, Coverage]:
    """One run: the same for the same seed, number and longest length."""
    draw = Random(f"bptm {seed} {run}")  # noqa: S311  a simulation, not a secret
    exact = run % EXACT_EVERY == 0
    is_told = run % TOLD_EVERY_RUNS == 1
    length_ticks = ticks_max if is_told else draw.randint(ticks_max // 4 + 1, ticks_max)
    plan = told_plan(run // TOLD_EVERY_RUNS) if is_told else draw_plan(draw, length_ticks)
    prompt = draw.random() < 0.8  # noqa: PLR2004  one contactor in five has auxiliary contacts that lag
    recorder = Recorder(
        draw=draw,
        world=World(draw=draw, legs_ratio=0.0, exact=exact, prompt=prompt),
        plan=plan,
        length_ticks=length_ticks,
        stride_ticks_max=STRIDES_TICKS_MAX[-1] if plan.is_long else draw.choice(STRIDES_TICKS_MAX),
        records_max=max(1, round(ticks_max * RECORDS_PER_TICK)),
    )
    recorder.configure(plan.settings if is_told else draw_settings(draw) | plan.settings)
    recorder.configure_observers(plan.observed)
    if run % WORN_EVERY == WORN_EVERY - 1:
        recorder.wear()
    if plan.comes_open:
        recorder.come_open()
    recorder.run()
    flags = FLAG_SINGLE_FLOAT if exact else FLAG_OBSERVED if run % OBSERVED_EVERY_RUNS == 1 else 0
    made = recorder.writer.end(flags=flags)
    if is_told:
        recorder.coverage.observed.update(reached_names(made.ops, flags))
    return made, recorder.coverage


def _make_some(seed: int, first: int, last: int, ticks_max: int) -> tuple[list[Run], Coverage]:
    coverage = Coverage()
    runs: list[Run] = []
    for number in range(first, last):
        run, reached = make_run(seed, number, ticks_max)
        runs.append(run)
        coverage.add(reached)
    return runs, coverage


def make_runs(seed: int, count: int, ticks_max: int, processes: int) -> tuple[list[Run], Coverage]:
    """All runs of a set, shared out over processes; the result does not depend on how many."""
    share = max(1, -(-count // (4 * processes)))
    coverage = Coverage()
    runs: list[Run] = []
    with ProcessPoolExecutor(processes) as pool:
        parts = [
            pool.submit(_make_some, seed, first, min(first + share, count), ticks_max)
            for first in range(0, count, share)
        ]
        for part in parts:
            made, reached = part.result()
            runs += made
            coverage.add(reached)
    return runs, coverage


assert all(row[0] in SLOT_OF for row in SLOT_FIELDS[: len(MEASURED_FIELDS)])
