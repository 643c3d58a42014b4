"""A forgotten solar array on the load side: it follows whatever looks like a utility. Core Python.

Enter service after `enter_s` within its limits, then its power rises; it trips outside IEEE 1547-2018 Category III and
shifts its phase with frequency, so that it does not hold an island alone (ceases within 2 s, tested).

Source: IEEE 1547-2018, domain.md 2.2. Records: h PLANT, u SETUP.
"""

from bptm.plant.wave_angles import sine
from bptm.plant.wave_utility import ROOT_2
from bptm.terms.core_bench_state import NODE_PANEL_1, NODE_PANEL_2

# Limits in per unit of 240 V and in hertz, and how long each may last. IEEE 1547-2018 Category III.
UV1_PU = 0.88
UV2_PU = 0.5
OV1_PU = 1.1
OV2_PU = 1.2
LOW_HZ = 56.5
LOW1_HZ = 58.5
HIGH_HZ = 62.0
HIGH1_HZ = 61.2
UV1_S = 21.0
UV2_S = 2.0
OV1_S = 13.0
OV2_S = 0.16
HZ2_S = 0.16
HZ1_S = 299.0
ISLAND_PU = 1.4
"""Above this it ceases at once: limit of load-rejection over-voltage. Source: IEEE 1547-2018, 7.4.1."""
NOMINAL_V = 240.0


def lasting(h, k, passed, tick_s, most_s):
    """1 when a limit has been passed for too long."""
    h.solar_bad_s[k] = h.solar_bad_s[k] + tick_s if passed == 1 else 0.0
    return 1 if h.solar_bad_s[k] > most_s else 0


def must_trip(h, v_pu, hz, tick_s):
    """1 when any limit has been passed for too long."""
    trip = lasting(h, 0, 1 if v_pu < UV1_PU else 0, tick_s, UV1_S)
    trip |= lasting(h, 1, 1 if v_pu < UV2_PU else 0, tick_s, UV2_S)
    trip |= lasting(h, 2, 1 if v_pu > OV1_PU else 0, tick_s, OV1_S)
    trip |= lasting(h, 3, 1 if v_pu > OV2_PU else 0, tick_s, OV2_S)
    trip |= lasting(h, 4, 1 if hz < LOW_HZ or hz > HIGH_HZ else 0, tick_s, HZ2_S)
    trip |= lasting(h, 5, 1 if hz < LOW1_HZ or hz > HIGH1_HZ else 0, tick_s, HZ1_S)
    return 1 if trip != 0 or v_pu > ISLAND_PU else 0


def follow_solar(h, u, tick_s):
    """One half-cycle: in service, waiting, or tripped."""
    there = 1 if u.solar_w > 0.0 and u.solar_breaker == 1.0 else 0
    v_pu = h.panel_l12_v / NOMINAL_V
    hz = h.pll_smooth_hz
    if there == 0:
        h.solar_on = 0
        h.solar_wait_s = 0.0
    elif h.solar_on == 1:
        h.solar_for_s += tick_s
        if must_trip(h, v_pu, hz, tick_s) == 1:
            h.solar_on = 0
            h.solar_wait_s = 0.0
    else:
        fit = 1 if v_pu >= u.enter_low_pu and v_pu <= u.enter_high_pu else 0
        if hz < u.enter_low_hz or hz > u.enter_high_hz:
            fit = 0
        h.solar_wait_s = h.solar_wait_s + tick_s if fit == 1 else 0.0
        if h.solar_wait_s >= u.enter_s and fit == 1:
            h.solar_on = 1
            h.solar_for_s = 0.0
            for k in range(6):
                h.solar_bad_s[k] = 0.0
    h.solar_out_a = 0.0
    if h.solar_on == 1:
        share = h.solar_for_s / u.enter_ramp_s if h.solar_for_s < u.enter_ramp_s else 1.0
        # Its current is limited to what nominal voltage needs, below that it gives less power.
        size_v = h.panel_l12_v if h.panel_l12_v > 0.8 * NOMINAL_V else 0.8 * NOMINAL_V
        h.solar_out_a = ROOT_2 * share * u.solar_w / size_v
        if v_pu < UV2_PU:
            # Momentary cessation.
            h.solar_out_a = 0.0


def inject_solar(h, u):
    """Its current, one sample; shifted with frequency, so that an island runs away."""
    h.solar_a = 0.0
    if h.solar_out_a > 0.0:
        shift_rad = u.solar_drift * (h.pll_smooth_hz - 60.0)
        h.solar_a = h.solar_out_a * sine(h.pll_rad + shift_rad)
        h.inject[NODE_PANEL_1] += h.solar_a
        h.inject[NODE_PANEL_2] -= h.solar_a
