"""Grid-forming battery, at the inlet or on the load side: state of charge, limits, charging. Core Python.

Source: own choices for a 13.5 kWh, 11.5 kW unit; it takes energy back up to `charge_w` while it is not full.
"""

from bptm.plant.wave_converter import run_converter


def profile_battery(u):
    """Values of a home battery."""
    u.auto_start = 0.0
    u.rating_w = 11500.0
    u.rated_v = 121.0
    u.rated_hz = 60.0
    u.inner_ohm = 0.02
    u.inner_x_ohm = 0.04
    u.source_third_pu = 0.004
    u.source_fifth_pu = 0.004
    u.start_s = 0.5
    u.ramp_s = 0.3
    u.limit_ratio = 2.0
    u.overload_s = 10.0
    u.charge_w = 5000.0
    u.capacity_wh = 13500.0
    u.breaker_a = 60.0


def discharge(h, u, power_w, step_s):
    """State of charge after a sample; a full battery takes nothing back."""
    h.left_fraction -= power_w * step_s / (3600.0 * u.capacity_wh)
    if h.left_fraction > 1.0:
        h.left_fraction = 1.0
    if h.left_fraction < 0.0:
        h.left_fraction = 0.0


def run_battery(h, u, wanted, power_w):
    """One sample."""
    run_converter(h, u, wanted, power_w, u.reserve_fraction)
    discharge(h, u, power_w, h.step_s)
