"""Inverter generator: 60 Hz whatever the load, until its inverter limits. Core Python, quasi-static.

Source: domain.md 2.11: 60.0 Hz within 0.1 Hz, THD below 3 %.
"""

HZ = 60.0
NO_LOAD_V = 121.0
LIMIT_FRACTION = 1.25
OHM = 0.06


def hertz(seed):
    """Its own clock: within 0.08 Hz of nominal, the same for the same home."""
    return HZ + (seed % 17 - 8) * 0.01


def volts(load_fraction):
    """Voltage behind the impedance; folds back above its limit."""
    if load_fraction > LIMIT_FRACTION:
        return NO_LOAD_V * LIMIT_FRACTION / load_fraction
    return NO_LOAD_V
