"""Sags, swells and interruptions of a pair of legs, named as IEEE 1159 has them. Core Python.

The voltage judged is Urms(1/2) of IEC 61000-4-30: the RMS of one cycle that begins at a zero crossing of the fundamental,
renewed each half-period. Both legs share the zero crossings of the voltage between them. A sag begins when *any* leg is out and ends when *all* are in again,
by more than the hysteresis; an interruption begins when *all* are out and ends when *any* is in. A sag that held an
interruption is counted as the interruption. Record: q QUALITY, one for each pair of legs watched.

Source: IEC 61000-4-30:2015, 5.4; IEEE 1159-2019, table 2 (domain.md 2.3).
"""

from math import sqrt

from bptm.controller.metrology_tracking import since_crossing
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
    ROOM,
    TRACK_UTILITY,
)

INSTANTANEOUS_TICKS = 60
"""30 cycles."""
MOMENTARY_TICKS = 360
"""3 s."""
COUNT_MOST = 2147483647
"""A count of events stays here."""
AWAY = 1000
"""Half-periods added before a number is cut to a whole one, which is done to positive numbers only."""


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
    if q.counted[kind * CLASSES + q.ended_class[kind]] < COUNT_MOST:
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


def judge_cycle(q, g, good, tick):
    """One more value of Urms(1/2).

    `good` is 0 when a sample of it was doubtful: nothing then begins or ends, and what lasts is marked as doubted.
    """
    if good == 0:
        for kind in range(KINDS):
            if q.active[kind] == 1:
                q.doubted[kind] = 1
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


def add_places(q, w, first, last):
    """Adds the squares of places `first` to `last` of the utility's legs to the half-period under way."""
    x1 = q.part[0]
    x2 = q.part[1]
    for j in range(first, last + 1):
        v1 = w.samples[j]
        v2 = w.samples[ROOM + j]
        x1 += v1 * v1
        x2 += v2 * v2
    q.part[0] = x1
    q.part[1] = x2


def square_at(q, w, leg, place):
    """Square of a leg's sample; place 0 is the last of the half-cycle before, which WAVE no longer holds."""
    if place == 0:
        return q.last[leg]
    return w.samples[leg * ROOM + place] * w.samples[leg * ROOM + place]


def end_half_period(q, g, w, place, part, tick):
    """A half-period ends at `part` of a sample after `place`; with the one before it is a cycle."""
    for leg in range(2):
        first = square_at(q, w, leg, place)
        rise = square_at(q, w, leg, place + 1) - first
        # What lies between the two samples, by the trapezoid rule; the next half-period gets as much less.
        over = first * (part - 0.5) + rise * (0.5 * part * part)
        q.half[leg] += q.part[leg] + over
        q.part[leg] = -over
    count = q.half[2] + q.part[2]
    if q.half[2] > 0.0:
        q.l1_cycle_v = sqrt(q.half[0] / count) if q.half[0] > 0.0 else 0.0
        q.l2_cycle_v = sqrt(q.half[1] / count) if q.half[1] > 0.0 else 0.0
        q.cycles += 1
        judge_cycle(q, g, 1 if q.half_bad == 0 and q.part_bad == 0 else 0, tick)


def next_edge(q, a, g, n):
    """Place in this half-cycle, or beyond it, where the half-period under way ends.

    Half-periods stand on the utility's last rising zero crossing, less the filters' delay, at the measured frequency.
    Without one they go on at the last length known to IEC 61000-4-30 in a dead circuit: the nominal one.
    """
    if a.hz[TRACK_UTILITY] == 0.0:
        return q.edge + g.rate_hz / TICKS_PER_S
    half = 0.5 * g.rate_hz / a.hz[TRACK_UTILITY]
    since = since_crossing(a, TRACK_UTILITY, 1, a.sample_count, 1.0)
    since += a.delay_rad[TRACK_UTILITY] / a.step_rad[TRACK_UTILITY]
    # The half-period on that grid whose end is nearest to one length after the last edge.
    steps = int((q.edge + half - n + since) / half + AWAY + 0.5)
    edge = n - since + (steps - AWAY) * half
    # After a jump of phase the grid may ask for a place that has been taken already.
    return edge if edge >= 0.0 else edge + half


def watch_voltage(q, a, g, w, n, t):
    """Follows Urms(1/2) of the utility's legs, and their events, through the half-cycle that `half_cycle` just took."""
    q.ended = 0
    if t.doubtful & 3 != 0:
        q.part_bad = 1
    done = 0
    for _ in range(4):
        edge = next_edge(q, a, g, n)
        if edge >= n or edge < done:
            break
        place = int(edge)
        add_places(q, w, done + 1, place)
        # What stands in `part` is the half-period; its square sums are put beside the one before to make a cycle.
        length = edge - q.edge
        q.part[2] = length
        whole_1 = q.part[0]
        whole_2 = q.part[1]
        end_half_period(q, g, w, place, edge - place, a.tick)
        q.half[0] = whole_1 - q.part[0]
        q.half[1] = whole_2 - q.part[1]
        q.half[2] = length
        q.half_bad = q.part_bad
        q.part_bad = 1 if t.doubtful & 3 != 0 else 0
        q.edge = edge
        done = place
    add_places(q, w, done + 1, n)
    for leg in range(2):
        q.last[leg] = w.samples[leg * ROOM + n] * w.samples[leg * ROOM + n]
    q.edge = q.edge - n
