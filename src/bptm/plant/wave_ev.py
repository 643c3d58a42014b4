"""Electric vehicle through its bidirectional charger: a battery on a charger that has to be told and is slow. Core Python.

Source: own choices for a 9.6 kW charger (domain.md 1.2: Ford); it keeps a reserve for the way.
"""

from bptm.plant.wave_battery import discharge
from bptm.plant.wave_converter import run_converter


def profile_ev(u):
    """Values of a vehicle with a bidirectional charger."""
    u.auto_start = 0.0
    u.rating_w = 9600.0
    u.rated_v = 121.0
    u.rated_hz = 60.0
    u.inner_ohm = 0.03
    u.inner_x_ohm = 0.05
    u.source_third_pu = 0.008
    u.source_fifth_pu = 0.008
    u.start_s = 8.0
    u.ramp_s = 0.5
    u.limit_ratio = 1.25
    u.overload_s = 2.0
    u.charge_w = 0.0
    u.capacity_wh = 75000.0
    u.reserve_fraction = 0.3
    u.breaker_a = 50.0


def run_ev(h, u, wanted, power_w):
    """One sample."""
    run_converter(h, u, wanted, power_w, u.reserve_fraction)
    discharge(h, u, power_w, h.step_s)
