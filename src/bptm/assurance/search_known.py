"""What a search need not follow again: a state that another search followed whole, with fewer faults. Like Core Python.

The roots of a set of faults are all states of its parts, each of them followed there with every input. Where the fault
that is new changes nothing of what is read, or of how the poles move, the same follows as there: states that are
roots here too. Nine states in ten of a pair are such roots. A test searches layers without this, and finds the same
states and the same bad ones.
"""

from bptm.assurance.automaton import (
    B_TRAVELS,
    FAULT_ADC_FROZEN,
    FAULT_ADC_ZERO,
    FAULT_B_BOUNCES,
    FAULT_B_READS_CLOSED,
    FAULT_B_READS_NONE,
    FAULT_B_READS_OPEN,
    FAULT_B_STUCK,
    FAULT_B_WELD_1,
    FAULT_B_WELD_2,
    FAULT_BUS_FROZEN,
    FAULT_BUS_READS_ZERO,
    FAULT_BUS_SENSE_LOST,
    FAULT_COMPARATORS_ABSENT,
    FAULT_COMPARATORS_PRESENT,
    FAULT_CONTROLLER_HANGS,
    FAULT_INLET_FROZEN,
    FAULT_INLET_READS_ZERO,
    FAULT_JOURNAL_LOST,
    FAULT_PHASE_BLIND,
    FAULT_SUPPLY_FAILS,
    FAULT_U_BOUNCES,
    FAULT_U_READS_CLOSED,
    FAULT_U_READS_NONE,
    FAULT_U_READS_OPEN,
    FAULT_U_STUCK,
    FAULT_U_WELD_1,
    FAULT_U_WELD_2,
    FAULT_UTILITY_FROZEN,
    FAULT_UTILITY_READS_ZERO,
    LEGS_DIFFER,
    U_TRAVELS,
    bit,
)
from bptm.assurance.search_inputs import DARK, HANGS, RESTARTS
from bptm.assurance.search_state import b_poles_of, u_poles_of

ACTS_BAD = 1
ACTS_U = 2
ACTS_B = 4

READ_ONLY = (
    FAULT_U_READS_OPEN
    + FAULT_U_READS_CLOSED
    + FAULT_U_READS_NONE
    + FAULT_B_READS_OPEN
    + FAULT_B_READS_CLOSED
    + FAULT_B_READS_NONE
    + FAULT_UTILITY_READS_ZERO
    + FAULT_UTILITY_FROZEN
    + FAULT_BUS_READS_ZERO
    + FAULT_BUS_FROZEN
    + FAULT_INLET_READS_ZERO
    + FAULT_INLET_FROZEN
    + FAULT_COMPARATORS_ABSENT
    + FAULT_COMPARATORS_PRESENT
    + FAULT_ADC_ZERO
    + FAULT_ADC_FROZEN
    + FAULT_PHASE_BLIND
    + FAULT_BUS_SENSE_LOST
)
"""What changes nothing but what is read."""
_U_IN_TRAVEL = FAULT_U_WELD_1 + FAULT_U_WELD_2 + FAULT_U_STUCK + FAULT_U_BOUNCES
_B_IN_TRAVEL = FAULT_B_WELD_1 + FAULT_B_WELD_2 + FAULT_B_STUCK + FAULT_B_BOUNCES
"""What changes nothing of a contactor that does not move."""
_AT_TIMES = FAULT_JOURNAL_LOST + FAULT_SUPPLY_FAILS + FAULT_CONTROLLER_HANGS
"""What changes nothing but one thing that happens to the meter."""
_QUIET = READ_ONLY + _U_IN_TRAVEL + _B_IN_TRAVEL + _AT_TIMES


def acts_of(bads):
    """What a transition did, one bit each: something bad, or where an interlock acts; U travelled; B travelled."""
    acts = ACTS_BAD if bads & ~(U_TRAVELS | B_TRAVELS) != 0 else 0
    if bit(bads, U_TRAVELS) == 1:
        acts |= ACTS_U
    if bit(bads, B_TRAVELS) == 1:
        acts |= ACTS_B
    return acts


def followed_under(plant, faults, under, acts):
    """The faults under which a root was followed before, where that can help; else -1.

    Not where something bad was found, which is to be found again. Not where a leg can differ from the other now and could
    not before: there a state stood for its mirror image, unless nothing moves and its legs are alike.
    """
    if under < 0 or bit(acts, ACTS_BAD) == 1 or bit(faults & ~under, ~_QUIET) == 1:
        return -1
    if bit(faults, LEGS_DIFFER) == 1 and bit(under, LEGS_DIFFER) == 0:
        u_poles = u_poles_of(plant)
        b_poles = b_poles_of(plant)
        if acts != 0 or u_poles == 1 or u_poles == 2 or b_poles == 1 or b_poles == 2:
            return -1
    return under


def may_act(extra, acts, happening):
    """1 when these faults can change more than what is read."""
    if bit(extra, _U_IN_TRAVEL) == 1 and bit(acts, ACTS_U) == 1:
        return 1
    if bit(extra, _B_IN_TRAVEL) == 1 and bit(acts, ACTS_B) == 1:
        return 1
    if happening == RESTARTS:
        return bit(extra, FAULT_JOURNAL_LOST)
    if happening == HANGS:
        return bit(extra, FAULT_CONTROLLER_HANGS)
    if happening == DARK:
        return bit(extra, FAULT_SUPPLY_FAILS)
    return 0
