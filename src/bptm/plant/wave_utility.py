"""The utility's voltage: frequency, sags and swells by leg, flicker, harmonics, or a record. Core Python.

Records: h PLANT, u SETUP.
"""

from bptm.plant.wave_angles import TWO_PI, sine, wrapped
from bptm.terms.core_bench_state import BRANCH_FEEDER, BRANCH_WINDING_1, BRANCH_WINDING_2

ROOT_2 = 1.4142135623730951


def distorted(s, third, fifth, seventh):
    """A sine with harmonics in phase with it, from the fundamental's value alone.

    sin 3x = 3 s - 4 s^3, sin 5x = 5 s - 20 s^3 + 16 s^5, sin 7x = 7 s - 56 s^3 + 112 s^5 - 64 s^7.
    """
    q = s * s
    x = s + third * s * (3.0 - 4.0 * q)
    x += fifth * s * (5.0 - q * (20.0 - 16.0 * q))
    x += seventh * s * (7.0 - q * (56.0 - q * (112.0 - 64.0 * q)))
    return x


def drive_utility(h, u):
    """Voltages of the feeder and of what legs have more or less than it, for the next sample."""
    h.utility_rad = wrapped(h.utility_rad + TWO_PI * u.utility_hz * h.step_s)
    if u.feeder_on == 0.0:
        h.own[BRANCH_FEEDER] = 0.0
        h.own[BRANCH_WINDING_1] = 0.0
        h.own[BRANCH_WINDING_2] = 0.0
        return
    if u.replay == 1.0:
        # The feeder holds the core at 0 and the record stands in the windings.
        h.own[BRANCH_FEEDER] = 0.0
        h.own[BRANCH_WINDING_1] = h.replay_l1_v
        h.own[BRANCH_WINDING_2] = h.replay_l2_v
        return
    peak_v = ROOT_2 * u.utility_v
    if u.flicker_pu > 0.0:
        h.flicker_rad = wrapped(h.flicker_rad + TWO_PI * u.flicker_hz * h.step_s)
        peak_v = peak_v * (1.0 + u.flicker_pu * sine(h.flicker_rad))
    s = sine(h.utility_rad + u.utility_phase_rad)
    v = peak_v * distorted(s, u.utility_third_pu, u.utility_fifth_pu, u.utility_seventh_pu)
    h.own[BRANCH_FEEDER] = v
    h.own[BRANCH_WINDING_1] = (u.utility_l1_pu - 1.0) * v
    h.own[BRANCH_WINDING_2] = h.sign[BRANCH_WINDING_2] * (u.utility_l2_pu - 1.0) * v
