"""Energy registers by source. Core Python.

Whole milliwatt-ticks, so that a register does not depend on how time was cut into scans (decision 0005).
"""

from bptm.terms.core_codes import (
    CONTACT_CLOSED,
    CONTACT_OPEN,
    FED_BY_BACKUP,
    FED_BY_LOAD_SIDE,
    FED_BY_NONE,
    FED_BY_UTILITY,
)

REGISTER_MAX_MWTICKS = 1 << 62
"""Where an energy register stays: 10.7 GWh, 25 years at 48 kW. Its host reads and resets it long before."""

POWER_MAX_W = 10000000.0
"""No premise takes more, a short circuit included: a reading beyond is none (`current_doubted` says so)."""


def milliwatts(power_w):
    """A power as whole milliwatts, rounded down; 0 for one that is negative, no number, infinite or impossible."""
    if power_w > 0.0 and power_w <= POWER_MAX_W:
        return int(power_w * 1000.0)
    return 0


def added(register_mwticks, more_mwticks):
    """A register after more energy, which is not negative."""
    if register_mwticks >= REGISTER_MAX_MWTICKS - more_mwticks:
        return REGISTER_MAX_MWTICKS
    return register_mwticks + more_mwticks


def find_feed(s):
    """What feeds the bus: from bus voltage and both feedbacks; while a contact moves, as before."""
    if s.bus_live == 0:
        s.fed_by = FED_BY_NONE
    elif s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
        s.fed_by = FED_BY_UTILITY
    elif s.b_contact == CONTACT_CLOSED and s.u_contact == CONTACT_OPEN:
        s.fed_by = FED_BY_BACKUP
    elif s.load_side_source == 1:
        s.fed_by = FED_BY_LOAD_SIDE


def register(s, m, ticks):
    """Adds this scan's energy to the register of the source that feeds the bus.

    Backup energy never reaches the utility's register (LAW-8); with contacts not proved it is unassigned.
    """
    to_premise = 0
    from_premise = 0
    if m.premise_w >= 0.0:
        to_premise = milliwatts(m.premise_w) * ticks
    else:
        from_premise = milliwatts(-m.premise_w) * ticks
    if s.fed_by == FED_BY_UTILITY and s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
        s.utility_in_mwticks = added(s.utility_in_mwticks, to_premise)
        s.utility_out_mwticks = added(s.utility_out_mwticks, from_premise)
    elif s.fed_by == FED_BY_BACKUP and s.b_contact == CONTACT_CLOSED and s.u_contact == CONTACT_OPEN:
        s.backup_in_mwticks = added(s.backup_in_mwticks, to_premise)
        s.backup_out_mwticks = added(s.backup_out_mwticks, from_premise)
    else:
        s.unassigned_mwticks = added(s.unassigned_mwticks, to_premise + from_premise)
