"""How a finding is raised and ended, and guards for what is measured. Core Python. Record: d DIAGNOSIS."""

from bptm.terms.core_diagnosis import CONFIDENCE_NONE


def within(x, low, high):
    """1 when a reading lies from low to high. No number (NaN) lies nowhere."""
    return 1 if x >= low and x <= high else 0


def magnitude(x):
    """A value without its sign."""
    return -x if x < 0.0 else x


def whole(x, scale):
    """A value as a whole number of its scale's parts, rounded to the nearest: its sums do not depend on how time is cut."""
    if x < 0.0:
        return -int(-x * scale + 0.5)
    return int(x * scale + 0.5)


def find(d, code, confidence):
    """Raises a finding, or lets it stand. Returns 1 when it is new."""
    d.confidence[code] = confidence
    if d.active[code] == 1:
        return 0
    d.active[code] = 1
    d.since_tick[code] = d.tick
    d.raised |= 1 << code
    return 1


def describe(d, code, first, second, third, limit):
    """The measured values of a finding and the limit it was judged against."""
    d.first[code] = first
    d.second[code] = second
    d.third[code] = third
    d.limit[code] = limit


def end(d, code):
    """Ends a finding: there is evidence against it. Its last values stay to be read."""
    if d.active[code] == 1:
        d.active[code] = 0
        d.confidence[code] = CONFIDENCE_NONE
        d.ended |= 1 << code
