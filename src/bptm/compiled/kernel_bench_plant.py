"""The plant's part of a half-cycle on the bench: its samples, and what its checkers say. Run plain and compiled alike.

Written like Core Python. Its entries are compiled by themselves, so that a change in the plant costs no controller.
They take arrays of one row, or lists of one plain record: numba tells their types in a fiftieth of the time that rows
themselves take. Records: h PLANT, u SETUP (and `flat`, the same as a row of numbers), w WAVE, o TRUE, x LAWS, q TOLD,
a METER, g settings of metrology, d DETECTOR, m MEASURED, r the interlock's inputs.
"""

from bptm.controller.metrology_fast import detect
from bptm.controller.metrology_tracking import samples_due
from bptm.plant.wave_contactors import order_b, order_u
from bptm.plant.wave_home import begin_half, begin_home, end_half, solve_sample
from bptm.plant.wave_laws import begin_laws, judge_laws
from bptm.plant.wave_meter import power_up, read_digital
from bptm.terms.core_bench_state import (
    NODE_BUS_1,
    NODE_BUS_2,
    NODE_INLET_1,
    NODE_INLET_2,
    NODE_NEUTRAL,
    NODE_PANEL_N,
    NODE_UTILITY_1,
    NODE_UTILITY_2,
)


def begin_plant(H, U, X, rate_hz, seed):
    """A home on its utility, and checkers that have seen nothing."""
    begin_home(H[0], U[0], float(rate_hz), seed)
    begin_laws(X[0])


def change(h, flat, changes, first):
    """Changes whose sample has come. Returns the first that has not."""
    at = first
    while at < len(changes) and changes[at].sample <= h.sample:
        flat[changes[at].place] = changes[at].value
        h.dirty = 1
        at += 1
    return at


def write_wave(h, wave, row):
    """The sixteen columns of a waveform (WAVE_...)."""
    n = h.node[NODE_NEUTRAL]
    wave[row, 0] = h.node[NODE_UTILITY_1] - n
    wave[row, 1] = h.node[NODE_UTILITY_2] - n
    wave[row, 2] = h.node[NODE_BUS_1] - n
    wave[row, 3] = h.node[NODE_BUS_2] - n
    wave[row, 4] = h.node[NODE_INLET_1] - n
    wave[row, 5] = h.node[NODE_INLET_2] - n
    wave[row, 6] = h.pole_a[0] + h.pole_a[2]
    wave[row, 7] = h.pole_a[1] + h.pole_a[3]
    wave[row, 8] = h.pole_a[0]
    wave[row, 9] = h.pole_a[1]
    wave[row, 10] = h.pole_a[2]
    wave[row, 11] = h.pole_a[3]
    wave[row, 12] = n
    wave[row, 13] = h.panel_neutral_g * (n - h.node[NODE_PANEL_N])
    wave[row, 14] = h.conducts[0] + 2 * h.conducts[1] + 4 * h.conducts[2] + 8 * h.conducts[3]
    wave[row, 15] = h.source_v


def replay(h, record, from_sample):
    """The record's volts of this sample; 0 before it and after it."""
    at = h.sample - from_sample
    h.replay_l1_v = 0.0
    h.replay_l2_v = 0.0
    if at >= 0 and at < len(record):
        h.replay_l1_v = record[at, 0]
        h.replay_l2_v = record[at, 1]


def produce(H, U, flat, changes, first, record, from_sample, W, O, A, G, D, M, R, wave, row):
    """One half-cycle of the plant: samples, digital inputs, true values. Returns the first change still to come."""
    h, u, w, o, a, g, d, m, r = H[0], U[0], W[0], O[0], A[0], G[0], D[0], M[0], R[0]
    n = samples_due(a, g)
    begin_half(h, u)
    for j in range(n):
        first = change(h, flat, changes, first)
        if u.replay == 1.0:
            replay(h, record, from_sample)
        solve_sample(h, u, w, 1 + j)
        d.now_v[0] = h.held[0]
        d.now_v[1] = h.held[1]
        detect(d, g)
        if row + j < len(wave):
            write_wave(h, wave, row + j)
    w.absent = h.absent
    end_half(h, u, o)
    power_up(h, u)
    o.powered = h.powered
    read_digital(h, u, m, r)
    return first


def conclude(H, U, X, O, Q):
    """Orders reach the coils, and the laws are judged."""
    h, u, q = H[0], U[0], Q[0]
    judge_laws(X[0], h, u, O[0], q, h.taken * h.step_s)
    u.remote_action = 0.0
    order_u(h, u, q.u_out)
    order_b(h, u, q.b_out)
