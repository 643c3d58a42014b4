"""Profiles of backup sources: the settings that follow from what is plugged in. Core Python.

Tables by BACKUP_...: none, portable, inverter, standby, battery, EV. Run once, at commissioning or when another source
is declared; a setting that was tuned by hand is tuned after it.

Reverse power: no engine takes power back. It would be driven by forgotten solar, speed up, and end in over-voltage;
so `charge_w` is 0 for all but a battery, which keeps what its commissioning declared (0 until then). An EV's charger
that feeds a home accepts no power from its home side either.
"""

from bptm.controller.protection_values import lower
from bptm.terms.core_codes import BACKUP_BATTERY, BACKUP_EV, BACKUP_NONE

# Windows. Engines: PGMA G200 (domain.md 2.11), standby ISO 8528-5 G2 and better. Inverters hold 60.0 +-0.1 Hz and 2 %;
# a battery or EV shifts its frequency to hold back solar, so it is accepted up to 60.8 Hz.
ACCEPT_LOW_V = (108.0, 108.0, 110.0, 110.0, 114.0, 114.0)
ACCEPT_HIGH_V = (132.0, 132.0, 130.0, 130.0, 126.0, 126.0)
ACCEPT_LOW_HZ = (57.0, 57.0, 59.0, 58.0, 59.3, 59.3)
ACCEPT_HIGH_HZ = (63.0, 63.0, 61.0, 63.0, 60.8, 60.8)
ACCEPT_THD = (0.15, 0.15, 0.08, 0.10, 0.05, 0.05)
HUNT_HZ = (1.4, 1.4, 0.5, 1.0, 0.5, 0.5)
# Warm-up in ticks: a cold carburettor half a minute, an inverter unit and a standby set 10 s, a battery 2 s.
ACCEPT_TICKS = (1200, 3600, 1200, 1200, 240, 240)
# Cool-down in ticks: 5 min of an engine, 0 where nothing has to cool. Source: domain.md 1.3.
COOL_DOWN_TICKS = (0, 36000, 36000, 36000, 0, 0)
# A source beside the grid stays within 3 degrees of it by chance, an engine too when the grid's frequency meets its own.
INLET_FOLLOW_TICKS = (1200, 36000, 36000, 36000, 36000, 36000)
# Heat of the source itself, ampere by ampere, is its nameplate's matter: `source_a`.


def apply_profile(p, kind, inlet_a):
    """Writes the settings of a kind of source (BACKUP_...) at an inlet of this ampacity (30 or 50).

    The limit is the lower of inlet and source (`source_a`). A neutral bonded at the source is not allowed: this
    contactor has two poles, so the neutral stays joined (domain.md 2.8); only a built-in fourth pole changes that.

    Returns 1, or 0 and changes nothing for a kind that does not exist or an ampacity outside 10 to 60 A.
    """
    if kind < BACKUP_NONE or kind > BACKUP_EV:
        return 0
    if inlet_a >= 10.0 and inlet_a <= 60.0:
        p.inlet_a = inlet_a
    else:
        return 0
    p.limit_a = lower(inlet_a, p.source_a)
    p.curve_pickup_a = p.limit_a
    p.accept_low_v = ACCEPT_LOW_V[kind]
    p.accept_high_v = ACCEPT_HIGH_V[kind]
    p.accept_low_hz = ACCEPT_LOW_HZ[kind]
    p.accept_high_hz = ACCEPT_HIGH_HZ[kind]
    p.accept_thd = ACCEPT_THD[kind]
    p.hunt_hz = HUNT_HZ[kind]
    p.accept_ticks = ACCEPT_TICKS[kind]
    p.cool_down_ticks = COOL_DOWN_TICKS[kind]
    p.inlet_follow_ticks = INLET_FOLLOW_TICKS[kind]
    p.bonded_allowed = 0
    if kind != BACKUP_BATTERY:
        p.charge_w = 0.0
    return 1
