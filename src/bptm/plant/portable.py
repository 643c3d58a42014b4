"""Conventional portable generator: droop governor, automatic voltage regulator. Core Python, quasi-static.

Source: domain.md 2.11: 61.5-62.5 Hz at no load, 58-59.5 Hz at full load; voltage within 10 %.
"""

NO_LOAD_HZ = 62.2
DROOP_HZ = 3.4
NO_LOAD_V = 124.0
DROOP_V = 5.0
STALL_FRACTION = 1.5
OHM = 0.12


def hertz(load_fraction):
    """Frequency by the governor's droop."""
    return NO_LOAD_HZ - DROOP_HZ * load_fraction


def volts(load_fraction):
    """Voltage behind the impedance; collapses when the engine stalls."""
    if load_fraction > STALL_FRACTION:
        return 0.5 * NO_LOAD_V
    return NO_LOAD_V - DROOP_V * load_fraction
