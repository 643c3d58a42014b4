"""A home's own draws: a small generator in its state, the same on every machine. Core Python."""

LUCK_RANGE = 2147483648


def luck(h):
    """The next draw, from 0 to below 1. Source: linear congruential generator of ISO C's rationale, upper bits."""
    h.luck = (h.luck * 1103515245 + 12345) % LUCK_RANGE
    return (h.luck // 128) * (1.0 / 16777216.0)
