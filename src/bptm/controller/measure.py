"""From a half-cycle's reading to the measured values of `scan`: a number, or 0 and a flag. Core Python.

What a channel could not measure is handed on as 0 with the flag of its side up, never as a guess: a 0 without the flag
is a dead conductor, a 0 with it is nothing known. Protection has to ask the flag before it believes a 0.

One exception: a *saturated current* is handed on as what was measured, a lower bound, with its flag up. A short circuit
saturates; a 0 there would hide it from 50 and 51.

Contact feedback, stored energy, supply, keys, plug and temperatures are the host's: it writes them into MEASURED itself
and `guard_inputs` takes out what is no number. Records: m MEASURED, t READING.
"""

from bptm.terms.core_metrology import (
    CHANNEL_BUS_L1,
    CHANNEL_BUS_L2,
    CHANNEL_INLET_L1,
    CHANNEL_INLET_L2,
    CHANNEL_L1_A,
    CHANNEL_L2_A,
    CHANNEL_UTILITY_L1,
    CHANNEL_UTILITY_L2,
    VALUE_AT_LEAST,
)

UNREADABLE_C = 200.0
"""An inlet temperature that is no number counts as this: a sensor that fails must not hide a hot plug."""
UNREADABLE_A = 1.0
"""A plug whose code cannot be read counts as one of this ampacity: too small for any load."""
SENSOR_MOST_C = 500.0
SENSOR_LEAST_C = -80.0
SENSOR_MOST_A = 1000.0


def doubtful_channel(t, c):
    """1 when a channel's value is not as measured."""
    return (t.doubtful >> c) & 1


def doubtful_pair(t, first, second):
    """1 when either of two channels is doubtful."""
    return 1 if (t.doubtful >> first) & 1 == 1 or (t.doubtful >> second) & 1 == 1 else 0


def unless(doubtful, x):
    """x, or 0 when it is doubtful."""
    return 0.0 if doubtful == 1 else x


def fill_utility(m, t):
    """The utility side."""
    either = doubtful_pair(t, CHANNEL_UTILITY_L1, CHANNEL_UTILITY_L2)
    m.utility_l1_v = unless(doubtful_channel(t, CHANNEL_UTILITY_L1), t.utility_l1_v)
    m.utility_l2_v = unless(doubtful_channel(t, CHANNEL_UTILITY_L2), t.utility_l2_v)
    m.utility_l12_v = unless(either, t.utility_l12_v)
    m.utility_hz = unless(either, t.utility_hz)
    m.utility_doubtful = either


def fill_bus(m, t):
    """The premise bus, and which side is in phase with it."""
    either = doubtful_pair(t, CHANNEL_BUS_L1, CHANNEL_BUS_L2)
    m.bus_l1_v = unless(doubtful_channel(t, CHANNEL_BUS_L1), t.bus_l1_v)
    m.bus_l2_v = unless(doubtful_channel(t, CHANNEL_BUS_L2), t.bus_l2_v)
    m.bus_l12_v = unless(either, t.bus_l12_v)
    m.bus_doubtful = either
    m.utility_in_phase = t.utility_in_phase if either == 0 and m.utility_doubtful == 0 else 0
    m.inlet_in_phase = t.inlet_in_phase if either == 0 and m.inlet_doubtful == 0 else 0


def fill_inlet(m, t):
    """The inlet."""
    either = doubtful_pair(t, CHANNEL_INLET_L1, CHANNEL_INLET_L2)
    m.inlet_l1_v = unless(doubtful_channel(t, CHANNEL_INLET_L1), t.inlet_l1_v)
    m.inlet_l2_v = unless(doubtful_channel(t, CHANNEL_INLET_L2), t.inlet_l2_v)
    m.inlet_l12_v = unless(either, t.inlet_l12_v)
    m.inlet_hz = unless(either, t.inlet_hz)
    m.inlet_thd = unless(either, t.inlet_thd)
    m.inlet_doubtful = either


def fill_load(m, t):
    """Currents and powers of the premise. A power needs its voltage as well as its current."""
    lost_1 = doubtful_channel(t, CHANNEL_L1_A)
    lost_2 = doubtful_channel(t, CHANNEL_L2_A)
    m.current_doubtful = 1 if lost_1 == 1 or lost_2 == 1 else 0
    m.l1_a = t.l1_a if t.quality[CHANNEL_L1_A] == VALUE_AT_LEAST else unless(lost_1, t.l1_a)
    m.l2_a = t.l2_a if t.quality[CHANNEL_L2_A] == VALUE_AT_LEAST else unless(lost_2, t.l2_a)
    lost_1 = doubtful_pair(t, CHANNEL_BUS_L1, CHANNEL_L1_A)
    lost_2 = doubtful_pair(t, CHANNEL_BUS_L2, CHANNEL_L2_A)
    m.l1_w = unless(lost_1, t.l1_w)
    m.l2_w = unless(lost_2, t.l2_w)
    m.l1_var = unless(lost_1, t.l1_var)
    m.l2_var = unless(lost_2, t.l2_var)
    m.premise_w = 0.0 if lost_1 == 1 or lost_2 == 1 else t.premise_w


def within(x, least, most):
    """1 when x is a number between two limits; what is no number is not."""
    return 1 if x >= least and x <= most else 0


def guard_inputs(m):
    """Takes out of the host's own readings what is no number. Unknown is unsafe: each to the side that refuses."""
    if within(m.inlet_c, SENSOR_LEAST_C, SENSOR_MOST_C) == 0:
        m.inlet_c = UNREADABLE_C
    if within(m.ambient_c, SENSOR_LEAST_C, SENSOR_MOST_C) == 0:
        # The rise over the enclosure then reads too high, not too low.
        m.ambient_c = 0.0
    if within(m.plug_a, 0.0, SENSOR_MOST_A) == 0:
        m.plug_a = UNREADABLE_A
    if within(m.surge_v, 0.0, 100000.0) == 0:
        m.surge_v = 0.0


def fill_measured(m, t):
    """The measured values of `scan` from the reading of a half-cycle."""
    fill_utility(m, t)
    fill_inlet(m, t)
    fill_bus(m, t)
    fill_load(m, t)
    guard_inputs(m)
