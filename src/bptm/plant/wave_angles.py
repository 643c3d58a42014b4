"""Sine and cosine of the plant's own, so that a run is the same on every machine. Core Python.

The controller has functions of its own, to 1e-13, for what it measures; rooms of one line share no code, and a waveform
needs no more than 1e-9: a billionth of a volt on 170.
"""

PI = 3.141592653589793
TWO_PI = 6.283185307179586
HALF_PI = 1.5707963267948966
PER_PI = 0.3183098861837907

# Taylor's coefficients of sin x / x in x squared, to the 12th power.
S1 = -0.16666666666666666
S2 = 0.008333333333333333
S3 = -0.0001984126984126984
S4 = 2.7557319223985893e-06
S5 = -2.505210838544172e-08
S6 = 1.6059043836821613e-10


def sine(x_rad):
    """Sine of an angle from -1000 to 1000; wrong by less than 1e-9 (tested)."""
    half_turns = int(x_rad * PER_PI + 0.5) if x_rad >= 0.0 else -int(0.5 - x_rad * PER_PI)
    r = x_rad - half_turns * PI
    q = r * r
    y = r * (1.0 + q * (S1 + q * (S2 + q * (S3 + q * (S4 + q * (S5 + q * S6))))))
    return -y if half_turns % 2 != 0 else y


def cosine(x_rad):
    """Cosine of an angle from -998 to 998."""
    return sine(x_rad + HALF_PI)


def wrapped(x_rad):
    """An angle between 0 and 2 pi, from one that has gone a little beyond."""
    if x_rad >= TWO_PI:
        return x_rad - TWO_PI
    return x_rad + TWO_PI if x_rad < 0.0 else x_rad
