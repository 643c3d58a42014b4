"""The one timer of the core. Core Python."""


def timer(s, on, t, limit, ticks):
    """A pickup timer after `ticks` more ticks: counts while `on`, back to 0 when not, stays at its limit.

    Lowers `s.wake_ticks` to what is left, so that a host never strides over an expiry.
    """
    if on == 0:
        return 0
    if t >= limit:
        return limit
    t = t + ticks
    if t >= limit:
        return limit
    if limit - t < s.wake_ticks:
        s.wake_ticks = limit - t
    return t


COUNT_MOST = 2147483647


def plus_one(count):
    """A counter of 32 bits after one more: stays at its highest value, the same in every runtime."""
    return count + 1 if count < COUNT_MOST else COUNT_MOST
