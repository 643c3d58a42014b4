"""Sine, cosine and arctangent of our own, so that traces agree on every machine. Core Python.

Only `+ - * /` and `sqrt`: the library functions of two machines differ in their last digit, and decisions hang on
digits. Errors are stated and tested against the library.
"""

from math import sqrt

PI = 3.141592653589793
HALF_PI = 1.5707963267948966
TWO_PI = 6.283185307179586


def sine(x_rad):
    """Sine of an angle from -100 to 100; wrong by less than 1e-13.

    Taylor's series to the 17th power, within a quarter turn of the nearest zero.
    """
    x = x_rad if x_rad >= 0.0 else -x_rad
    turns = int(x * (1.0 / PI) + 0.5)
    r = x - turns * PI
    z = r * r
    y = 1.0 - z * (1.0 / 272.0)
    y = 1.0 - z * (1.0 / 210.0) * y
    y = 1.0 - z * (1.0 / 156.0) * y
    y = 1.0 - z * (1.0 / 110.0) * y
    y = 1.0 - z * (1.0 / 72.0) * y
    y = 1.0 - z * (1.0 / 42.0) * y
    y = 1.0 - z * (1.0 / 20.0) * y
    y = r * (1.0 - z * (1.0 / 6.0) * y)
    if turns % 2 == 1:
        y = -y
    return y if x_rad >= 0.0 else -y


def cosine(x_rad):
    """Cosine of an angle from -98 to 98; wrong by less than 1e-13."""
    return sine(x_rad + HALF_PI)


def arctangent(x):
    """Angle whose tangent is x, in radians; wrong by less than 1e-12.

    The angle is halved twice, then Taylor's series to the 15th power; an x beyond 1 goes through its reciprocal.
    """
    u = x if x >= 0.0 else -x
    r = 1.0 / u if u > 1.0 else u
    r = r / (1.0 + sqrt(1.0 + r * r))
    r = r / (1.0 + sqrt(1.0 + r * r))
    z = r * r
    y = 1.0 / 13.0 - z * (1.0 / 15.0)
    y = 1.0 / 11.0 - z * y
    y = 1.0 / 9.0 - z * y
    y = 1.0 / 7.0 - z * y
    y = 1.0 / 5.0 - z * y
    y = 1.0 / 3.0 - z * y
    y = 4.0 * r * (1.0 - z * y)
    if u > 1.0:
        y = HALF_PI - y
    return y if x >= 0.0 else -y


def direction(y, x):
    """Angle of the point (x, y), above -pi and up to pi; 0 for the origin. Wrong by less than 1e-12."""
    if x > 0.0:
        return arctangent(y / x)
    if x < 0.0:
        if y < 0.0:
            return arctangent(y / x) - PI
        return arctangent(y / x) + PI
    if y > 0.0:
        return HALF_PI
    if y < 0.0:
        return -HALF_PI
    return 0.0


def between(low, x, high):
    """x, or the limit that it is beyond."""
    if x < low:
        return low
    if x > high:
        return high
    return x
