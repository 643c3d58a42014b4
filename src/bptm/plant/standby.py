"""Standby generator: starts by itself, isochronous within its band. Core Python, quasi-static.

Source: ISO 8528-5 class G2, domain.md 2.11: droop at most 5 %; own choice 1.5 %.
"""

NO_LOAD_HZ = 60.4
DROOP_HZ = 0.9
NO_LOAD_V = 122.0
DROOP_V = 2.0
STALL_FRACTION = 1.5
OHM = 0.05


def hertz(load_fraction):
    """Frequency by the governor's droop."""
    return NO_LOAD_HZ - DROOP_HZ * load_fraction


def volts(load_fraction):
    """Voltage behind the impedance; collapses when the engine stalls."""
    if load_fraction > STALL_FRACTION:
        return 0.5 * NO_LOAD_V
    return NO_LOAD_V - DROOP_V * load_fraction
