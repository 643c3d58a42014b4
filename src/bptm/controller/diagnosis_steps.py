"""Load steps: settled levels of the load, and what the voltages do from one to the next. Core Python.

A level lasts while every reading stays near where it began. It is known by means over whole blocks of half a second,
the first of them after a wait. A step lies between the last block of one level and the first of the next: so slow
changes of the source cancel. Records: d DIAGNOSIS, m MEASURED.
"""

from bptm.controller.diagnosis_findings import magnitude, within
from bptm.controller.diagnosis_fit import add_step
from bptm.terms.core_diagnosis import (
    FEED_BACKUP,
    FEED_NONE,
    FEED_UTILITY,
    FIT_B1,
    FIT_SERVICE_SUM,
    FIT_SOURCE_SUM,
    FIT_U1,
    LEVEL_DROP1,
    LEVEL_DROP2,
    LEVEL_P1,
    LEVEL_P2,
    LEVEL_Q1,
    LEVEL_Q2,
    LEVEL_V1,
    LEVEL_V2,
    LEVELS,
)

LEAST_V = 60.0
"""A leg below this is no level of a load; half of nominal."""
MOST_V = 300.0
MOST_A = 2000.0
MOST_W = 600000.0


def current_is_good(m):
    """1 when currents and powers of both legs can be used."""
    if m.current_doubtful != 0 or m.bus_doubtful != 0:
        return 0
    good = within(m.l1_a, 0.0, MOST_A) * within(m.l2_a, 0.0, MOST_A)
    good = good * within(m.l1_w, -MOST_W, MOST_W) * within(m.l2_w, -MOST_W, MOST_W)
    return good * within(m.l1_var, -MOST_W, MOST_W) * within(m.l2_var, -MOST_W, MOST_W)


def read_level(d, m):
    """Readings of the side that feeds the bus. Returns 0 when one of them cannot be used."""
    if current_is_good(m) == 0 or within(m.bus_l1_v, LEAST_V, MOST_V) * within(m.bus_l2_v, LEAST_V, MOST_V) == 0:
        return 0
    v1 = m.inlet_l1_v
    v2 = m.inlet_l2_v
    doubtful = m.inlet_doubtful
    if d.feed == FEED_UTILITY:
        v1 = m.utility_l1_v
        v2 = m.utility_l2_v
        doubtful = m.utility_doubtful
    if doubtful != 0 or within(v1, LEAST_V, MOST_V) * within(v2, LEAST_V, MOST_V) == 0:
        return 0
    d.reading[LEVEL_V1] = v1
    d.reading[LEVEL_V2] = v2
    d.reading[LEVEL_DROP1] = v1 - m.bus_l1_v
    d.reading[LEVEL_DROP2] = v2 - m.bus_l2_v
    # The currents in phase and across: only these move the magnitude of a voltage.
    d.reading[LEVEL_P1] = m.l1_w / m.bus_l1_v
    d.reading[LEVEL_P2] = m.l2_w / m.bus_l2_v
    d.reading[LEVEL_Q1] = m.l1_var / m.bus_l1_v
    d.reading[LEVEL_Q2] = m.l2_var / m.bus_l2_v
    return 1


def has_moved(d, p):
    """1 when a reading has left the neighbourhood of where its level began."""
    for i in range(LEVEL_P1):
        if magnitude(d.reading[i] - d.level_start[i]) > p.settled_v:
            return 1
    for i in range(LEVEL_P1, LEVELS):
        if magnitude(d.reading[i] - d.level_start[i]) > p.settled_a:
            return 1
    return 0


def begin_level(d):
    """A new level begins with this call's readings."""
    d.level_feed = d.feed
    d.level_tick = d.tick
    d.t_level = 0
    d.mean_known = 0
    for i in range(LEVELS):
        d.level_start[i] = d.reading[i]
        d.level_sum[i] = 0.0


def forget_level(d):
    """Nothing is known of the load: no step can follow."""
    d.level_feed = FEED_NONE
    d.t_level = 0
    d.mean_known = 0
    d.before_known = 0


def take_step(d, p):
    """The step from the level before to this one, into every regression of the side.

    V1 + V2 = 2 E - (I1 + I2) Rs and V1 - V2 = -(I1 - I2) (Rs + 2 Rn). Source: domain.md 2.6.
    """
    v1 = d.before_mean[LEVEL_V1] - d.level_mean[LEVEL_V1]
    v2 = d.before_mean[LEVEL_V2] - d.level_mean[LEVEL_V2]
    p1 = d.level_mean[LEVEL_P1] - d.before_mean[LEVEL_P1]
    p2 = d.level_mean[LEVEL_P2] - d.before_mean[LEVEL_P2]
    q1 = d.level_mean[LEVEL_Q1] - d.before_mean[LEVEL_Q1]
    q2 = d.level_mean[LEVEL_Q2] - d.before_mean[LEVEL_Q2]
    least_a = p.step_a if d.feed == FEED_UTILITY else p.step_backup_a
    side = FIT_SERVICE_SUM if d.feed == FEED_UTILITY else FIT_SOURCE_SUM
    add_step(d, p, side, least_a, p1 + p2, q1 + q2, v1 + v2)
    add_step(d, p, side + 1, least_a, p1 - p2, q1 - q2, v1 - v2)
    pole = FIT_U1 if d.feed == FEED_UTILITY else FIT_B1
    add_step(d, p, pole, least_a, p1, 0.0, d.level_mean[LEVEL_DROP1] - d.before_mean[LEVEL_DROP1])
    add_step(d, p, pole + 1, least_a, p2, 0.0, d.level_mean[LEVEL_DROP2] - d.before_mean[LEVEL_DROP2])


def add_readings(d, p, settle_ticks, ticks):
    """Adds a stretch of constant readings to the blocks of the level."""
    begin = d.t_level
    d.t_level = begin + ticks
    if begin < settle_ticks:
        begin = settle_ticks
    if d.t_level <= begin:
        return
    done = (begin - settle_ticks) % p.block_ticks
    left = d.t_level - begin
    if done + left < p.block_ticks:
        for i in range(LEVELS):
            d.level_sum[i] += d.reading[i] * left
        return
    rest = done + left - p.block_ticks
    d.mean_known = 1
    for i in range(LEVELS):
        if rest >= p.block_ticks:
            d.level_mean[i] = d.reading[i]
        else:
            d.level_mean[i] = (d.level_sum[i] + d.reading[i] * (p.block_ticks - done)) / p.block_ticks
        d.level_sum[i] = d.reading[i] * (rest % p.block_ticks)


def follow_level(d, m, p, ticks):
    """Follows the load through a stretch of constant inputs. Returns 1 when it completed a step."""
    if d.feed == FEED_NONE or read_level(d, m) == 0:
        forget_level(d)
        return 0
    if d.feed != d.level_feed:
        d.before_known = 0
        begin_level(d)
    elif has_moved(d, p) == 1:
        if d.mean_known == 1:
            d.before_known = 1
            d.before_tick = d.tick
            for i in range(LEVELS):
                d.before_mean[i] = d.level_mean[i]
        begin_level(d)
    known = d.mean_known
    settle_ticks = p.settle_backup_ticks if d.feed == FEED_BACKUP else p.settle_utility_ticks
    add_readings(d, p, settle_ticks, ticks)
    if d.before_known == 0 or known == 1:
        return 0
    ready_ticks = settle_ticks + p.block_ticks
    if d.mean_known == 0:
        if ready_ticks - d.t_level < d.wake_ticks:
            d.wake_ticks = ready_ticks - d.t_level
        return 0
    d.before_known = 0
    if d.level_tick + ready_ticks - d.before_tick > p.gap_ticks:
        return 0
    take_step(d, p)
    return 1
