"""What the converter and the interlock's comparators make of the truth. Core Python.

Voltages stand against the meter's neutral; when the service reference is lost, the utility's stand against a point that
leans to a leg.
Each channel has its gain, offset, noise, resolution, full scale and fault. Records: h PLANT, u SETUP, w WAVE.
"""

from bptm.terms.core_bench import SENSE_ABSENT, SENSE_FROZEN, SENSE_FULL, SENSE_GOOD, SENSE_ZERO
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
from bptm.terms.core_metrology import CHANNELS, ROOM

PRESENT_V = 12.0
"""The comparators: a sample beyond this is voltage. As the interlock of the device has it."""
DRAW_MOST = 4294967296
TO_UNIT = 2.3283064365386963e-10
NOISE_SCALE = 2.449489742783178
"""Sum of two even draws between -1/2 and 1/2 has a deviation of 1 / sqrt(6)."""


def draw(h):
    """A number between -1/2 and 1/2."""
    h.draw = (h.draw * 1664525 + 1013904223) % DRAW_MOST
    return h.draw * TO_UNIT - 0.5


def fault_of(u, c):
    """Fault of a channel (SENSE_...)."""
    if c == 0:
        return u.utility_l1_sense
    if c == 1:
        return u.utility_l2_sense
    if c == 2:
        return u.bus_l1_sense
    if c == 3:
        return u.bus_l2_sense
    if c == 4:
        return u.inlet_l1_sense
    if c == 5:
        return u.inlet_l2_sense
    if c == 6:
        return u.current_l1_sense
    return u.current_l2_sense


def scaled(u, c, x):
    """A channel's gain and offset."""
    if c == 0:
        return u.utility_l1_gain * x + u.utility_l1_offset_v
    if c == 1:
        return u.utility_l2_gain * x + u.utility_l2_offset_v
    if c == 2:
        return u.bus_l1_gain * x + u.bus_l1_offset_v
    if c == 3:
        return u.bus_l2_gain * x + u.bus_l2_offset_v
    if c == 4:
        return u.inlet_l1_gain * x + u.inlet_l1_offset_v
    if c == 5:
        return u.inlet_l2_gain * x + u.inlet_l2_offset_v
    if c == 6:
        return u.current_l1_gain * x + u.current_l1_offset_a
    return u.current_l2_gain * x + u.current_l2_offset_a


def true_channels(h, u):
    """What an ideal converter would see, in the order of CHANNEL_....

    The utility's channels stand on the service reference, those of bus and inlet on the inlet's neutral.
    """
    own_v = h.node[NODE_PANEL_N] if u.reference_at_panel == 1.0 else h.node[NODE_NEUTRAL]
    zero_v = own_v
    if u.reference_lost == 1.0:
        zero_v += u.reference_drift * (h.node[NODE_UTILITY_1] - zero_v)
    first = 1 if u.utility_swapped == 1.0 else 0
    h.sensed[first] = h.node[NODE_UTILITY_1] - zero_v
    h.sensed[1 - first] = h.node[NODE_UTILITY_2] - zero_v
    first = 1 if u.bus_swapped == 1.0 else 0
    h.sensed[2 + first] = h.node[NODE_BUS_1] - own_v
    h.sensed[3 - first] = h.node[NODE_BUS_2] - own_v
    first = 1 if u.inlet_swapped == 1.0 else 0
    h.sensed[4 + first] = h.node[NODE_INLET_1] - own_v
    h.sensed[5 - first] = h.node[NODE_INLET_2] - own_v
    first = 1 if u.current_swapped == 1.0 else 0
    h.sensed[6 + first] = h.pole_a[0] + h.pole_a[2]
    h.sensed[7 - first] = h.pole_a[1] + h.pole_a[3]
    if h.surge_pulse_v != 0.0:
        h.sensed[0] += h.surge_pulse_v
        h.sensed[1] += h.surge_pulse_v
        h.surge_pulse_v = 0.0


def rounded(x, resolution):
    """The nearest step of the converter."""
    if x >= 0.0:
        return resolution * int(x / resolution + 0.5)
    return -resolution * int(0.5 - x / resolution)


def convert(h, u, c, volts_step, amps_step):
    """One channel of one sample: gain, offset, noise, resolution, full scale, fault."""
    fault = fault_of(u, c)
    full = u.voltage_full_v if c < 6 else u.current_full_a
    if fault == SENSE_ZERO:
        x = 0.0
    elif fault == SENSE_FROZEN:
        x = h.held[c]
    elif fault == SENSE_FULL:
        x = full
    else:
        noise = u.noise_v if c < 6 else u.noise_a
        x = scaled(u, c, h.sensed[c])
        if noise > 0.0:
            x += noise * NOISE_SCALE * (draw(h) + draw(h))
        x = rounded(x, volts_step if c < 6 else amps_step)
        if x > full:
            x = full
        if x < -full:
            x = -full
    if fault == SENSE_ABSENT:
        h.absent |= 1 << c
    h.held[c] = x
    h.sensed[c] = x


def compare(sense, x):
    """One of the interlock's comparators: reads dead, reads live, or as it is."""
    if sense == 1.0:
        return 0
    if sense == 2.0:
        return 1
    return 1 if x > PRESENT_V or x < -PRESENT_V else 0


def sense(h, u, w, place):
    """All channels of one sample into their place, and the comparators on the bus itself."""
    l1_v = h.node[NODE_BUS_1] - h.node[NODE_NEUTRAL]
    l2_v = h.node[NODE_BUS_2] - h.node[NODE_NEUTRAL]
    h.present_1 |= compare(u.comparator_l1_sense, l1_v)
    h.present_2 |= compare(u.comparator_l2_sense, l2_v)
    true_channels(h, u)
    for c in range(CHANNELS):
        convert(h, u, c, h.volts_step_v, h.amps_step_a)
        w.samples[c * ROOM + place] = h.sensed[c]


def set_steps(h, u):
    """Resolution of the converter, once in a half-cycle."""
    steps = 1.0
    for _turn in range(1, int(u.converter_bits)):
        steps = steps * 2.0
    h.volts_step_v = u.voltage_full_v / steps
    h.amps_step_a = u.current_full_a / steps
    h.absent = 0
    h.present_1 = 0
    h.present_2 = 0


def all_true(u):
    """1 while every channel tells the truth within 1 %."""
    for c in range(CHANNELS):
        if fault_of(u, c) != SENSE_GOOD:
            return 0
        zero = scaled(u, c, 0.0)
        gain = scaled(u, c, 1.0) - zero
        if gain < 0.99 or gain > 1.01 or zero > 1.0 or zero < -1.0:
            return 0
    return 1
