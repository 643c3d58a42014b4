"""Conventional portable generator: 3,600 rpm, droop governor, automatic regulator. Core Python.

Source: domain.md 2.11: 61.5-62.5 Hz at no load, 58-59.5 Hz at full load, voltage within 10 %, THD 4-9 %, transient
reactance 0.15-0.25 pu. Inertia and lag are our own choice within what ISO 8528-5 G1 allows (tested).
"""

from bptm.plant.wave_engine import run_engine


def profile_portable(u):
    """Values of a 7.2 kW portable with a bonded neutral and a GFCI left out."""
    u.auto_start = 0.0
    u.rating_w = 7200.0
    u.rated_v = 122.0
    u.rated_hz = 62.0
    u.droop_fraction = 0.055
    u.governor_gain = 0.0
    u.engine_lag_s = 0.2
    u.inertia_s = 0.5
    u.inner_ohm = 0.05
    u.inner_x_ohm = 0.36
    u.source_third_pu = 0.04
    u.source_fifth_pu = 0.03
    u.avr = 1.0
    u.breaker_a = 30.0
    u.fuel_hours = 9.0


def run_portable(h, u, wanted, power_w):
    """One sample."""
    run_engine(h, u, wanted, power_w)
