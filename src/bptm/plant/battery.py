"""Grid-forming battery, or an EV through its bidirectional charger. Core Python, quasi-static.

How long it lasts is in the home's setup (`backup_run_ticks`); its state of charge is the twin's later work.
Source: own choice of 60 Hz and 1 % regulation; domain.md 2.11 for inverters.
"""

HZ = 60.0
NO_LOAD_V = 121.0
LIMIT_FRACTION = 1.2
OHM = 0.05


def hertz(seed):
    """Its own clock: within 0.08 Hz of nominal, the same for the same home."""
    return HZ + (seed % 17 - 8) * 0.01


def volts(load_fraction):
    """Voltage behind the impedance; folds back above its limit."""
    if load_fraction > LIMIT_FRACTION:
        return NO_LOAD_V * LIMIT_FRACTION / load_fraction
    return NO_LOAD_V
