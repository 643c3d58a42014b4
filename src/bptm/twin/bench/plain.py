"""A controller in plain Python on the bench: compiled physics and metrology, its own `scan` on what they measured."""

from typing import Any

import numpy as np

from bptm.compiled.bench import BenchMeter
from bptm.compiled.records import plain_record
from bptm.terms import core_device, core_settings
from bptm.terms.core_bench_trace import TOLD_FIELDS
from bptm.twin.bench.controllers import Controller
from bptm.twin.bench.placing import placed
from bptm.twin.bench.scenario import Scenario

_DEVICE = tuple(name for name, *_rest in core_device.DEVICE_FIELDS)
_TOLD = tuple(name for name, *_rest in TOLD_FIELDS if name in _DEVICE)
"""Columns of the trace that a device's own record holds."""


def play_plain(bench: BenchMeter, scenario: Scenario, controller: Controller) -> None:
    """Plays a scenario to its end with this controller.

    It gets what ours gets: measured values from the compiled metrology, the interlock's own inputs, restarts, and
    remote commands at their half-cycle.
    """
    module = controller.load()
    commands: Any = getattr(module, "remote", module)
    s = plain_record(core_device.DEVICE_FIELDS)
    k = plain_record(core_device.INTERLOCK_FIELDS)
    m = plain_record(core_device.MEASURED_FIELDS)
    r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
    p = plain_record(core_settings.FIELDS)
    _copy(bench.records["p"], p)
    begun = False
    changes = placed(scenario.changes)
    for tick in range(scenario.ticks):
        bench.produce(changes if tick == 0 else None)
        if not bench.powered:
            bench.apply(0, 0)
            continue
        bench.measure()
        _copy(bench.records["m"], m)
        _copy(bench.records["r"], r)
        told_before = 0
        if bench.started or not begun:
            begun = True
            module.start(s, k, m, p)
            told_before = s.events
        action, hold_ticks = bench.inputs[-2:]
        if action:
            commands.command(s, p, int(action), int(hold_ticks))
            told_before |= s.events
        module.scan(s, k, m, r, p, 1)
        told = {name: getattr(s, name) for name in _TOLD}
        told["events"] = s.events | told_before
        told["u_out"], told["b_out"] = k.u_out, k.b_out
        bench.apply(k.u_out, k.b_out, told)


def _copy(row: np.ndarray[Any, np.dtype[np.void]], record: Any) -> None:
    """Values of a one-row array into a plain record."""
    for name, value in zip(row.dtype.names or (), row[0].item(), strict=True):
        setattr(record, name, value)
