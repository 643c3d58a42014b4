"""Small functions that the sides of protection share. Core Python."""

from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, FED_BY_BACKUP

MILLIAMPS_MOST = 1000000


def lower(a, b):
    """The lower of two values."""
    return a if a < b else b


def higher(a, b):
    """The higher of two values."""
    return a if a > b else b


def fewer(a, b):
    """The lower of two whole numbers."""
    return a if a < b else b


def more(a, b):
    """The higher of two whole numbers."""
    return a if a > b else b


def difference(a, b):
    """How far two values are from each other."""
    return a - b if a > b else b - a


def within(x, low, high):
    """1 when a value lies between two limits, or on one; 0 also when it is no number."""
    return 1 if x >= low and x <= high else 0


def disagree(a_v, b_v, share, live_v):
    """1 when two readings of one conductor contradict each other: one is live and they differ by more than a share."""
    high_v = higher(a_v, b_v)
    return 1 if high_v > live_v and difference(a_v, b_v) > share * high_v else 0


def thousandths(x):
    """A value as whole thousandths, 0 to a million of its units; 0 for what is no number."""
    if x >= 1000000.0:
        return 1000000000
    if x > 0.0:
        return int(x * 1000.0 + 0.5)
    return 0


def milliamps(current_a):
    """A current as whole milliamperes, 0 to 1,000 A; 0 for what is no number."""
    return fewer(thousandths(current_a), MILLIAMPS_MOST)


def only_utility_closed(s):
    """1 when U reads closed and B open: utility and bus are one conductor a leg."""
    return 1 if s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN else 0


def only_backup_closed(s):
    """1 when B reads closed and U open: inlet and bus are one conductor a leg."""
    return 1 if s.b_contact == CONTACT_CLOSED and s.u_contact == CONTACT_OPEN else 0


def loads_backup(s):
    """1 while the backup source feeds the premise, or its contactor is closed and the bus cannot be told."""
    if s.fed_by == FED_BY_BACKUP:
        return 1
    return 1 if s.bus_doubted == 1 and s.b_contact == CONTACT_CLOSED else 0
