"""A controller of somebody else on the bench, over TCP, in lock-step with the physics.

Whatever it does (`link.ControllerGoneError`), the run ends with that verdict and a report of what was seen until then.
So does a run that a person stops. Wall time serves only the limits of waiting and the record of how long answers took;
the physics waits for the controller, so a slow one is not a wrong one.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bptm.compiled.bench import INPUT_NAMES, BenchMeter
from bptm.terms import core_metrology
from bptm.twin.bench.files import files_of
from bptm.twin.bench.judge import judge
from bptm.twin.bench.link import ControllerGoneError, Link
from bptm.twin.bench.placing import RATE_HZ, runs_of
from bptm.twin.bench.play import bench_of, changes_of, run_of
from bptm.twin.bench.run import Result, Run, Window
from bptm.twin.bench.scenario import TICKS_PER_S, Expectation, Scenario
from bptm.twin.bench.told_values import RULES, told_fault
from bptm.wire.bench_frames import (
    POWERED,
    STARTED,
    Answer,
    FrameKind,
    Hello,
    frame,
    hello_frame,
    read_answer,
    read_orders,
    samples_frame,
)
from bptm.wire.errors import WireError

CHANNEL_NAMES = (
    "utility_l1_v",
    "utility_l2_v",
    "bus_l1_v",
    "bus_l2_v",
    "inlet_l1_v",
    "inlet_l2_v",
    "l1_a",
    "l2_a",
)
"""Channels in the order of CHANNEL_...."""
assert len(CHANNEL_NAMES) == core_metrology.CHANNELS


_TOLD_FOR = {
    "LAW-4": {"latched"},
    "LAW-8": {name for name in RULES if name.endswith("_mwticks")},
    "LAW-9": {"mode", "cause", "events"},
}
"""Laws that rest on what a controller tells of itself: of one that does not tell it, nothing is held or broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scenario is, for whoever watches.

    Attributes:
        played: Half-cycles, over every run of a sweep.
        planned: Of so many.
        worst_s: Slowest answer so far.
    """

    played: int
    planned: int
    worst_s: float


Watch = Callable[[Progress], None]


def play_external(
    scenario: Scenario, link: Link, *, compiled: bool = True, watch: Watch | None = None
) -> tuple[list[Run], str]:
    """Every run of a scenario with the controller at the other end; `compiled` as in `play.play`.

    Returns:
        The runs, the last of them with its verdict when the controller or a person ended it, and the controller's name.
    """
    runs: list[Run] = []
    name = "not known"
    planned = list(runs_of(scenario))
    ticks = sum(one.ticks for _value, one in planned)
    before = 0
    for value, one in planned:
        bench = bench_of(one, compiled=compiled)
        told: frozenset[str] = frozenset()
        ended = ""
        try:
            answer = _greet(link, bench, one)
            name, told = answer.controller, frozenset(answer.told)
            for tick in _lock_step(link, bench, one, answer):
                if watch is not None:
                    watch(Progress(played=before + tick + 1, planned=ticks, worst_s=link.worst_s))
            link.send(frame(FrameKind.END, b"the run is over"), one.ticks)
        except ControllerGoneError as error:
            ended = str(error)
        except KeyboardInterrupt:
            at = len(bench.true)
            ended = f"stopped from the keyboard (half-cycle {at}, {at / TICKS_PER_S:.3f} s into the run)"
        before += one.ticks
        runs.append(_seen(bench, run_of(bench, one, value, ended), told))
        if ended:
            break
    return runs, name


def _seen(bench: BenchMeter, run: Run, told: frozenset[str]) -> Run:
    """A run as far as this controller can be judged, and with what the samples were where it ended early."""
    told |= {"u_order", "b_order", "u_out", "b_out"}
    unjudged = {law for law, columns in _TOLD_FOR.items() if not columns <= told}
    windows = run.windows
    if run.ended:
        last = bench.last_window()
        at_s = len(run.rows) / TICKS_PER_S
        ending = Window(
            label=f"{at_s:.3f} s: here the run ended",
            start_s=last.first_sample / bench.rate_hz,
            at_s=at_s,
            rate_hz=bench.rate_hz,
            samples=last.waves,
        )
        windows = (*windows, ending) if len(last.waves) else windows
    return replace(
        run,
        told=told,
        breaches=tuple(breach for breach in run.breaches if breach.law not in unjudged),
        exercised=run.exercised - unjudged,
        windows=windows,
    )


def result_of(
    scenario: Scenario,
    expectations: tuple[Expectation, ...],
    link: Link,
    *,
    compiled: bool = True,
    watch: Watch | None = None,
) -> Result:
    """Plays a scenario with the controller at the other end, and judges it; says good-bye to it.

    Args:
        scenario: What is played.
        expectations: What is expected of it.
        link: To the controller.
        compiled: As in `play.play`.
        watch: Called after each half-cycle.
    """
    begun_s = time.process_time()
    try:
        files = files_of(scenario)
        runs, name = play_external(scenario, link, compiled=compiled, watch=watch)
    finally:
        link.close("the bench is done")
    return Result(
        scenario=scenario,
        runs=tuple(runs),
        verdicts=judge(expectations, runs),
        controller=name,
        controller_hash="",
        took_s=time.process_time() - begun_s,
        files=files,
        answers=link.answers(),
    )


def _greet(link: Link, bench: BenchMeter, scenario: Scenario) -> Answer:
    hello = Hello(
        scenario=scenario.name,
        ticks=scenario.ticks,
        rate_hz=RATE_HZ,
        channels=CHANNEL_NAMES,
        inputs=INPUT_NAMES,
        settings=bench.settings_told(),
    )
    link.send(hello_frame(hello), 0)
    content = link.receive(0, FrameKind.HELLO)
    try:
        return read_answer(content, RULES)
    except WireError as error:
        raise link.wrong(0, f"sent {error}") from error


def _lock_step(link: Link, bench: BenchMeter, scenario: Scenario, answer: Answer) -> Iterator[int]:
    """Plays a run, half-cycle by half-cycle."""
    changes = changes_of(scenario)
    for tick in range(scenario.ticks):
        bench.produce(changes if tick == 0 else None)
        if not bench.powered:
            bench.apply(0, 0)
            yield tick
            continue
        flags = POWERED | (STARTED if bench.started else 0)
        link.send(samples_frame(tick, flags, bench.samples, bench.inputs), tick)
        content = link.receive(tick, FrameKind.ORDERS)
        try:
            orders = read_orders(content, tick, len(answer.told))
        except WireError as error:
            raise link.wrong(tick, f"sent {error}") from error
        fault = told_fault(answer.told, orders.told)
        if fault:
            raise link.wrong(tick, f"told {fault}")
        link.answered(tick)
        bench.apply(orders.u_order, orders.b_order, dict(zip(answer.told, orders.told, strict=True)))
        yield tick
