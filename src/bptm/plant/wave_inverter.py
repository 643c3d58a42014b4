"""Inverter generator: its engine follows the load, its bridge holds 60 Hz. Core Python.

Source: domain.md 2.11: 60.0 Hz within 0.1 Hz, THD below 3 %.
"""

from bptm.plant.wave_converter import run_converter
from bptm.plant.wave_engine import burn
from bptm.terms.core_bench_trace import SOURCE_RUNS


def profile_inverter(u):
    """Values of a 7 kW inverter generator."""
    u.auto_start = 0.0
    u.rating_w = 7000.0
    u.rated_v = 121.0
    u.rated_hz = 60.02
    u.inner_ohm = 0.03
    u.inner_x_ohm = 0.05
    u.source_third_pu = 0.008
    u.source_fifth_pu = 0.006
    u.start_s = 2.0
    u.ramp_s = 1.0
    u.limit_ratio = 1.6
    u.overload_s = 8.0
    u.charge_w = 0.0
    u.breaker_a = 30.0
    u.fuel_hours = 8.0


def run_inverter(h, u, wanted, power_w):
    """One sample."""
    run_converter(h, u, wanted, power_w, 0.0)
    if h.source_state == SOURCE_RUNS:
        h.torque = power_w / u.rating_w
        burn(h, u, h.step_s)
