"""A bridge that makes 60 Hz from direct current: fixed frequency, fast current limit, shutdown. Core Python.

The limit of the current acts within a sample: the bridge lowers its own voltage just so far (`wave_source`). Above the
rating for `overload_s`, at a limit that lasts, on over-voltage, or with energy pushed back that it cannot take, it shuts
down. Own choices within domain.md 2.11: inverter generators hold 60.0 Hz within 0.1 Hz, THD below 3 %.
Records: h PLANT, u SETUP.
"""

from bptm.plant.wave_engine import enter_state
from bptm.terms.core_bench_trace import (
    SOURCE_EMPTY,
    SOURCE_IS_OFF,
    SOURCE_RUNS,
    SOURCE_SHUT_DOWN,
    SOURCE_STARTS,
    SOURCE_WARMS_UP,
)

LINK_JOULES = 60.0
"""What the capacitors of the direct-current side take before they are too high. Own choice: 1 mF from 400 to 530 V."""


def ready(h, reserve_fraction):
    """1 while there is fuel or charge."""
    return 1 if h.left_fraction > reserve_fraction else 0


def follow_wish(h, u, wanted, reserve_fraction):
    """Starts and stops as wanted; after a shutdown it may try again."""
    if wanted == 1 and h.wanted_was == 0:
        enter_state(h, SOURCE_STARTS if ready(h, reserve_fraction) == 1 else SOURCE_EMPTY)
    elif wanted == 0 and h.wanted_was == 1:
        enter_state(h, SOURCE_IS_OFF)
    elif h.source_state == SOURCE_SHUT_DOWN and u.retry_s > 0.0 and h.source_for_s >= u.retry_s and wanted == 1:
        enter_state(h, SOURCE_STARTS)
    h.wanted_was = wanted


def guard_bridge(h, u, power_w, step_s):
    """Over-load, energy pushed back, over-voltage: it shuts down."""
    h.over_s = h.over_s + step_s if power_w > u.rating_w or h.limited > 0 else 0.0
    back_w = -power_w - u.charge_w
    h.link_joules = h.link_joules + back_w * step_s
    if h.link_joules < 0.0:
        h.link_joules = 0.0
    if h.over_s > u.overload_s or h.link_joules > LINK_JOULES or h.terminal_v > u.high_v:
        enter_state(h, SOURCE_SHUT_DOWN)
        h.link_joules = 0.0
        h.over_s = 0.0


def run_converter(h, u, wanted, power_w, reserve_fraction):
    """One sample: states, voltage, frequency. What is left is the caller's."""
    h.source_for_s += h.step_s
    follow_wish(h, u, wanted, reserve_fraction)
    state = h.source_state
    if state == SOURCE_STARTS:
        h.source_v = 0.0
        h.source_hz = 0.0
        if h.source_for_s >= u.start_s:
            enter_state(h, SOURCE_WARMS_UP)
    elif state == SOURCE_WARMS_UP or state == SOURCE_RUNS:
        h.source_hz = u.rated_hz
        h.source_v = u.rated_v
        if state == SOURCE_WARMS_UP:
            if h.source_for_s < u.ramp_s:
                h.source_v = u.rated_v * h.source_for_s / u.ramp_s
            else:
                enter_state(h, SOURCE_RUNS)
        guard_bridge(h, u, power_w, h.step_s)
        if ready(h, reserve_fraction) == 0:
            enter_state(h, SOURCE_EMPTY)
    else:
        h.source_v = 0.0
        h.source_hz = 0.0
