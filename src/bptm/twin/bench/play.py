"""Plays a scenario: the bench's physics with a controller on it, ours compiled, a broken one as plain Python."""

import time

import numpy as np

from bptm.compiled.bench import BenchMeter, Trace
from bptm.compiled.bench import Change as PlacedChange
from bptm.compiled.bench_laws import LAW_NAMES
from bptm.terms.codes import Mode
from bptm.twin.bench.catalogue import flat
from bptm.twin.bench.controllers import Controller
from bptm.twin.bench.judge import judge
from bptm.twin.bench.loads import with_loads
from bptm.twin.bench.placing import RATE_HZ, placed, runs_of
from bptm.twin.bench.plain import play_plain
from bptm.twin.bench.records import replay_of
from bptm.twin.bench.run import SEED, Breach, Result, Rows, Run, Window, joined_rows
from bptm.twin.bench.scenario import TICKS_PER_S, Expectation, Scenario
from bptm.twin.bench.told_laws import told_laws, under_messages


def bench_of(scenario: Scenario, *, compiled: bool = True) -> BenchMeter:
    """The home, at the beginning of the run."""
    replay = None if scenario.replay is None else replay_of(scenario.replay, RATE_HZ)
    return BenchMeter.of(
        flat(scenario.setup),
        settings={"controller": dict(scenario.controller)},
        rate_hz=RATE_HZ,
        seed=SEED,
        replay=replay,
        compiled=compiled,
    )


def changes_of(scenario: Scenario) -> list[PlacedChange]:
    """Changes as the physics takes them, measured loads too.

    A record stands in for the utility from its first sample to its last.
    """
    found = placed(with_loads(scenario))
    if scenario.replay is not None:
        record = replay_of(scenario.replay, RATE_HZ)
        last = record.from_sample + len(record.volts) - 1
        found.append(PlacedChange(sample=record.from_sample, name="replay", value=1.0))
        found.append(PlacedChange(sample=last, name="replay", value=0.0))
    return sorted(found, key=lambda change: change.sample)


def play(
    scenario: Scenario, expectations: tuple[Expectation, ...], controller: Controller, *, compiled: bool = True
) -> Result:
    """Every run of a scenario with one controller, judged; `compiled` False plays it in plain CPython, slowly."""
    begun_s = time.process_time()
    runs: list[Run] = []
    for value, one in runs_of(scenario):
        bench = bench_of(one, compiled=compiled)
        if controller.is_shipped:
            bench.run(one.ticks, changes_of(one))
        else:
            play_plain(bench, one, controller, changes_of(one))
        runs.append(run_of(bench, one, value))
    return Result(
        scenario=scenario,
        runs=tuple(runs),
        verdicts=judge(expectations, runs),
        controller=controller.name,
        controller_hash=controller.source_hash(),
        took_s=time.process_time() - begun_s,
    )


def run_of(bench: BenchMeter, scenario: Scenario, value: float | None, ended: str = "") -> Run:
    """What a bench kept of its run."""
    trace = bench.trace
    rows = joined_rows(trace.true, trace.told)
    told = told_laws(scenario, rows)
    solved = [law for law in bench.laws() if law.verdict in ("held", "broken")]
    breaches = [
        Breach(
            law=law_name(law.law),
            at_s=law.first_tick / TICKS_PER_S,
            words=f"found {law.found:.4g}, needs {law.needs:.4g} ({LAW_NAMES[law.law]})",
        )
        for law in solved
        if law.verdict == "broken"
    ]
    breaches += [found.breach for found in told if found.breach is not None]
    again = under_messages(scenario, breaches)
    told += again
    breaches += [found.breach for found in again if found.breach is not None]
    return Run(
        scenario=scenario,
        value=value,
        rows=rows,
        breaches=tuple(breaches),
        exercised=frozenset((*(law_name(law.law) for law in solved), *(found.law for found in told))),
        windows=windows_of(trace, rows),
        ended=ended,
    )


def law_name(law: int) -> str:
    """Name of a law; ordering both contactors closed, which the checkers count apart, is LAW-1 too."""
    return f"LAW-{law or 1}"


_KIND_WORDS = {
    "feeder_on": "the feeder",
    "u_poles": "contacts of U",
    "b_poles": "contacts of B",
    "source_state": "the source",
    "breakers": "a breaker",
    "surges": "a surge",
    "solar_on": "the array",
    "spd_off": "the surge protector",
    "powered": "the controller's power",
    "u_out": "order to U",
    "b_out": "order to B",
    "low": "fast detector",
}
"""What a window is about, by the column that changed."""


def windows_of(trace: Trace, rows: Rows) -> tuple[Window, ...]:
    """Waveform windows in order of time, each named by what happened in it."""
    found: list[Window] = []
    for window in sorted(trace.windows, key=lambda kept: kept.first_sample):
        middle = window.first_sample + len(window.waves) // 3
        row = min(int(np.searchsorted(rows["end_sample"], middle)), len(rows) - 1)
        at_s = float(rows["end_sample"][row]) / trace.rate_hz
        names = [_KIND_WORDS[name] for name in window.kind.split() if name in _KIND_WORDS]
        if "mode" in window.kind.split():
            names.insert(0, Mode(int(rows["mode"][row])).name)
        found.append(
            Window(
                label=f"{at_s:.3f} s: {', '.join(names)}",
                start_s=window.first_sample / trace.rate_hz,
                at_s=at_s,
                rate_hz=trace.rate_hz,
                samples=window.waves,
            )
        )
    return tuple(found)
