"""The meter's supply, stored energy and temperatures, and what it reads beside its samples. Core Python.

Records: h PLANT, u SETUP, m MEASURED, r the interlock's inputs.
"""

from bptm.plant.wave_contactors import feedback_bits
from bptm.terms.core_bench_state import POLE_B1


def supply(h, u, utility_1_v, utility_2_v, inlet_1_v, inlet_2_v, tick_s):
    """Stored energy after a half-cycle, and whether the controller runs in the next one."""
    h.supplied = 0
    if utility_1_v > u.supply_v or utility_2_v > u.supply_v or inlet_1_v > u.supply_v or inlet_2_v > u.supply_v:
        h.supplied = 1
    if h.supplied == 1:
        h.hold_up_left_s += tick_s * u.hold_up_s / u.recharge_s
    else:
        h.hold_up_left_s -= tick_s
    if h.hold_up_left_s > u.hold_up_s:
        h.hold_up_left_s = u.hold_up_s
    if h.hold_up_left_s < 0.0:
        h.hold_up_left_s = 0.0


def power_up(h, u):
    """Whether the controller has power in this half-cycle; `started` when it has just got it."""
    has = 1 if (h.supplied == 1 or h.hold_up_left_s > 0.0) and u.reset == 0.0 else 0
    h.started = 1 if has == 1 and h.powered == 0 else 0
    h.powered = has


def warm_blades(h, u, most_a, tick_s):
    """Temperature of the hottest inlet blade."""
    aim_c = u.ambient_c + u.blade_rise * most_a * most_a * u.blade_ohm
    h.blade_c += (aim_c - h.blade_c) * tick_s / u.blade_lag_s


def read_digital(h, u, m, r):
    """Feedback, keys, plug, temperatures, surges: what the meter reads that is no sample."""
    m.u_open_poles = feedback_bits(h, u, 0, 0)
    m.u_closed_poles = feedback_bits(h, u, 0, 1)
    m.b_open_poles = feedback_bits(h, u, POLE_B1, 0)
    m.b_closed_poles = feedback_bits(h, u, POLE_B1, 1)
    r.u_open_poles = m.u_open_poles
    r.u_closed_poles = m.u_closed_poles
    r.b_open_poles = m.b_open_poles
    r.b_closed_poles = m.b_closed_poles
    r.bus_l1_present = h.present_1
    r.bus_l2_present = h.present_2
    m.supplied = h.supplied
    m.stored_energy_ok = 1 if h.hold_up_left_s >= u.reserve_s + 2.0 * u.operation_s else 0
    m.local_reset = 1 if u.local_reset == 1.0 else 0
    m.local_test = 1 if u.local_test == 1.0 else 0
    m.local_disconnect = 1 if u.local_disconnect == 1.0 else 0
    m.inlet_unmated = 1 if u.plugged == 0.0 or u.latched == 0.0 else 0
    m.plug_a = u.plug_a if u.plugged == 1.0 else 0.0
    m.inlet_c = h.blade_c
    m.ambient_c = u.ambient_c
    m.surges = h.surges_told
    m.surge_v = h.surge_crest_v if h.surges_told > 0 else 0.0
    m.spd_failed = h.spd_off
    h.surges_told = 0
