"""Which inputs can make a difference in a state of the search: the others are not varied there. Like Core Python.

A test varies them all the same, at random states, and finds the same successors.
"""

from bptm.assurance.automaton import (
    FAULT_ADC_FROZEN,
    FAULT_B_BOUNCES,
    FAULT_B_READS_CLOSED,
    FAULT_B_READS_NONE,
    FAULT_B_READS_OPEN,
    FAULT_BACKUP_HARMS,
    FAULT_BUS_FROZEN,
    FAULT_CONTROLLER_HANGS,
    FAULT_CONTROLLER_STALLS,
    FAULT_INLET_FROZEN,
    FAULT_LEVER_OR_TEST,
    FAULT_LOAD_VARIES,
    FAULT_SHORT_CIRCUIT,
    FAULT_SUPPLY_FAILS,
    FAULT_UTILITY_FROZEN,
    FAULT_UTILITY_HARMS,
    bit,
)
from bptm.terms.core_codes import MODE_BACKUP_BLOCKED, MODE_LOCKED_OUT, MODE_ON_BACKUP, MODE_ON_UTILITY

SCANS = 0
RESTARTS = 1
HANGS = 2
DARK = 3

_FROZEN = FAULT_ADC_FROZEN + FAULT_UTILITY_FROZEN + FAULT_INLET_FROZEN + FAULT_BUS_FROZEN
_B_DOUBTED = FAULT_B_READS_OPEN + FAULT_B_READS_CLOSED + FAULT_B_READS_NONE + FAULT_B_BOUNCES


def happens(happening, off, silent, faults):
    """1 for what can happen to the meter in a tick. Out of the dark it comes only by a start, and so when it hangs."""
    if happening == SCANS:
        if silent > 0 and bit(faults, FAULT_CONTROLLER_STALLS) == 0:
            return 0
        return 1 - off
    if happening == RESTARTS:
        return 1
    if happening == HANGS:
        return bit(faults, FAULT_CONTROLLER_HANGS + FAULT_CONTROLLER_STALLS) * (1 - off)
    return bit(faults, FAULT_SUPPLY_FAILS)


def scans(happening):
    """1 when the controller scans in this tick, of itself or after a start: else nothing reads load, person or energy."""
    return 1 if happening == SCANS or happening == RESTARTS else 0


def harms_differ(harms, sources, faults, happening):
    """1 for a pair of harmful sources (bit 0 utility, bit 1 backup) that can be: a dead one does none."""
    if harms == 0:
        return 1
    if happening == DARK or harms & sources != harms:
        return 0
    if harms & 1 == 1 and bit(faults, FAULT_UTILITY_HARMS) == 0:
        return 0
    if harms & 2 == 2 and bit(faults, FAULT_BACKUP_HARMS) == 0:
        return 0
    return 1


def floats(u_poles, b_poles, sources, happening):
    """How many voltages a leg of the bus can have that nothing feeds: 3 when there is one, else 1."""
    fed = u_poles | b_poles if sources & 2 != 0 else u_poles
    return 1 if fed == 3 or happening == DARK else 3


def pulls(u_poles, b_poles, sources, happening):
    """2 where a dead grid hangs on the source: it pulls it down, or not."""
    return 2 if u_poles & b_poles != 0 and sources == 2 and happening != DARK else 1


def phase_matters(u_poles, b_poles, sources, floating, faults, happening):
    """2 where two voltages that nothing joins are compared: utility with bus, or inlet with bus."""
    if happening == DARK or happening == HANGS or (u_poles != 0 and b_poles != 0):
        return 1
    if bit(faults, _FROZEN) == 1:
        return 2
    bus = 1 if floating == 2 or (u_poles != 0 and sources & 1 != 0) or (b_poles != 0 and sources & 2 != 0) else 0
    if u_poles == 0 and sources & 1 != 0 and bus == 1 and (b_poles != 0 or bit(faults, _B_DOUBTED) == 1):
        return 2
    if b_poles == 0 and sources & 2 != 0 and bus == 1:
        return 2
    # Both open beside a live bus: the utility's own voltage, through a U that lies, or a source on the load side.
    if u_poles == 0 and b_poles == 0 and sources & 1 != 0 and floating == 2:
        return 2
    return 1


def loads(load, mode, doubted, faults, happening):
    """1 for a load that can be read: none, much, backwards, a short circuit.

    Beside the backup a load is read when the meter turns to another source (a dead time is longer after motors), when it
    flows into a lost utility, and while the utility's neutral is doubted: what it carries clears it.
    """
    if load == 0:
        return 1
    if scans(happening) == 0:
        return 0
    if load == 3:
        return bit(faults, FAULT_SHORT_CIRCUIT)
    if mode == MODE_ON_BACKUP:
        return 1
    return 1 if load == 1 and doubted == 1 else bit(faults, FAULT_LOAD_VARIES)


def persons(person, mode, resets, faults, happening):
    """1 for what a person can do: nothing, reset what stands to be reset, ask for a test, pull the lever."""
    if person == 0:
        return 1
    if scans(happening) == 0:
        return 0
    if person == 1:
        return 1 if happening == RESTARTS else resets
    if happening == RESTARTS:
        return 0
    if bit(faults, FAULT_LEVER_OR_TEST) == 0:
        return 0
    return 1 if person == 3 or mode == MODE_ON_UTILITY else 0


def resettable(s):
    """1 when a person's reset is read: a lockout stands, or the utility's neutral is doubted."""
    return 1 if s.mode == MODE_LOCKED_OUT or s.mode == MODE_BACKUP_BLOCKED or s.neutral_doubted == 1 else 0


def ends_how_many(s):
    """What can end by itself now: bit 0 a hold, bit 1 a test on load."""
    ends = 1 if s.hold_left_ticks > 0 else 0
    return ends + 2 if s.test_left_ticks > 0 else ends
