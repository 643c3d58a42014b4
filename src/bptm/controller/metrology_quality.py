"""Sags, swells and interruptions of a pair of legs, named as IEEE 1159 has them. Core Python.

The voltage judged is the RMS of one cycle, renewed each half-cycle (Urms(1/2) of IEC 61000-4-30), here at the nominal
half-cycle and not at each channel's zero crossing. A sag begins when *any* leg is out and ends when *all* are in again,
by more than the hysteresis; an interruption begins when *all* are out and ends when *any* is in. A sag that held an
interruption is counted as the interruption. Record: q QUALITY, one for each pair of legs watched.

Source: IEC 61000-4-30:2015, 5.4; IEEE 1159-2019, table 2 (domain.md 2.3).
"""

from math import sqrt

from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_metrology import (
    CLASS_INSTANTANEOUS,
    CLASS_MOMENTARY,
    CLASS_SUSTAINED,
    CLASS_TEMPORARY,
    CLASSES,
    KIND_INTERRUPTION,
    KIND_SAG,
    KIND_SWELL,
    KINDS,
)

INSTANTANEOUS_TICKS = 60
"""30 cycles."""
MOMENTARY_TICKS = 360
"""3 s."""


def class_of(kind, ticks):
    """CLASS_... of an event by its length; IEEE 1159 knows no instantaneous interruption."""
    if ticks > 60 * TICKS_PER_S:
        return CLASS_SUSTAINED
    if ticks > MOMENTARY_TICKS:
        return CLASS_TEMPORARY
    if ticks > INSTANTANEOUS_TICKS or kind == KIND_INTERRUPTION:
        return CLASS_MOMENTARY
    return CLASS_INSTANTANEOUS


def begin_event(q, kind, tick, worst_v):
    """An event begins in this half-cycle."""
    q.active[kind] = 1
    q.began_tick[kind] = tick
    q.extreme_v[kind] = worst_v
    q.doubted[kind] = 0


def end_event(q, kind, tick):
    """An event ends with this half-cycle; a sag that was an interruption is not counted again."""
    q.active[kind] = 0
    if kind == KIND_SAG and q.interrupted == 1:
        q.interrupted = 0
        return
    ticks = tick - q.began_tick[kind]
    q.ended |= 1 << kind
    q.ended_ticks[kind] = ticks
    q.ended_class[kind] = class_of(kind, ticks)
    q.ended_extreme_v[kind] = q.extreme_v[kind]
    q.ended_doubted[kind] = q.doubted[kind]
    q.counted[kind * CLASSES + q.ended_class[kind]] += 1


def follow_kind(q, kind, out, back, tick, worst_v):
    """One kind of event: begins while `out`, ends while `back`; `worst_v` is its extreme in this half-cycle."""
    if q.active[kind] == 0:
        if out == 1:
            begin_event(q, kind, tick, worst_v)
    elif back == 1:
        end_event(q, kind, tick)
    elif kind == KIND_SWELL:
        if worst_v > q.extreme_v[kind]:
            q.extreme_v[kind] = worst_v
    elif worst_v < q.extreme_v[kind]:
        q.extreme_v[kind] = worst_v


def watch(q, g, l1_v, l2_v, good, tick):
    """Follows the events of a pair of legs through one half-cycle.

    `good` is 0 when a value is doubtful: nothing then begins or ends, and what lasts is marked as doubted.
    """
    q.ended = 0
    if good == 0:
        q.halves = 0
        for kind in range(KINDS):
            q.doubted[kind] = q.active[kind]
        return
    if q.halves > 0:
        q.l1_cycle_v = sqrt(0.5 * (l1_v * l1_v + q.l1_before_v * q.l1_before_v))
        q.l2_cycle_v = sqrt(0.5 * (l2_v * l2_v + q.l2_before_v * q.l2_before_v))
    q.l1_before_v = l1_v
    q.l2_before_v = l2_v
    if q.halves < 2:
        q.halves += 1
    if q.halves < 2:
        return
    low = q.l1_cycle_v if q.l1_cycle_v < q.l2_cycle_v else q.l2_cycle_v
    high = q.l2_cycle_v if q.l1_cycle_v < q.l2_cycle_v else q.l1_cycle_v
    margin = g.hysteresis_pu
    out = 1 if high < g.interruption_pu * g.nominal_v else 0
    back = 1 if high >= (g.interruption_pu + margin) * g.nominal_v else 0
    follow_kind(q, KIND_INTERRUPTION, out, back, tick, low)
    out = 1 if low < g.sag_pu * g.nominal_v else 0
    back = 1 if low >= (g.sag_pu + margin) * g.nominal_v else 0
    if q.active[KIND_INTERRUPTION] == 1:
        q.interrupted = 1
    follow_kind(q, KIND_SAG, out, back, tick, low)
    out = 1 if high > g.swell_pu * g.nominal_v else 0
    back = 1 if high <= (g.swell_pu - margin) * g.nominal_v else 0
    follow_kind(q, KIND_SWELL, out, back, tick, high)
