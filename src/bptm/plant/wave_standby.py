"""Standby generator: starts by itself, warms up, cools down; isochronous governor. Core Python.

Source: domain.md 1.3 (start after 5 s, warm-up 5 s, cool-down 1 min) and 2.11, ISO 8528-5 class G2 (tested).
"""

from bptm.plant.wave_engine import run_engine


def profile_standby(u):
    """Values of a 14 kW air-cooled standby set."""
    u.auto_start = 1.0
    u.rating_w = 14000.0
    u.rated_v = 121.0
    u.rated_hz = 60.0
    u.droop_fraction = 0.04
    u.governor_gain = 1.5
    u.engine_lag_s = 0.12
    u.inertia_s = 1.0
    u.inner_ohm = 0.02
    u.inner_x_ohm = 0.15
    u.source_third_pu = 0.02
    u.source_fifth_pu = 0.02
    u.avr = 1.0
    u.avr_lag_s = 0.15
    u.warm_s = 5.0
    u.breaker_a = 60.0
    u.fuel_hours = 100.0


def run_standby(h, u, wanted, power_w):
    """One sample."""
    run_engine(h, u, wanted, power_w)
