"""Our own sine, cosine and arctangent against the library's."""

import math

from hypothesis import given
from hypothesis import strategies as st

from bptm.controller.metrology_angles import arctangent, cosine, direction, sine

ANGLES = st.floats(-90.0, 90.0)
POINTS = st.floats(-1e6, 1e6)


@given(x=ANGLES)
def test_sine_and_cosine_are_within_1e_13_of_the_library(x: float) -> None:
    """ORACLE: math.sin and math.cos, up to 90 radians either way."""
    assert abs(sine(x) - math.sin(x)) < 1e-13
    assert abs(cosine(x) - math.cos(x)) < 1e-13


def test_the_worst_places_of_the_series_are_within_their_bound() -> None:
    """ORACLE: a quarter turn from a zero, where Taylor's series is at its worst, and tan(pi/16) for the arctangent."""
    for quarter in range(-50, 51):
        assert abs(sine(quarter * math.pi / 2) - math.sin(quarter * math.pi / 2)) < 1e-13
    for k in range(-2000, 2001):
        x = k / 500.0
        assert abs(arctangent(x) - math.atan(x)) < 1e-12


@given(x=POINTS)
def test_arctangent_is_within_1e_12_of_the_library(x: float) -> None:
    """ORACLE: math.atan."""
    assert abs(arctangent(x) - math.atan(x)) < 1e-12


@given(y=POINTS, x=POINTS)
def test_direction_is_that_of_the_library_in_every_quadrant(y: float, x: float) -> None:
    """ORACLE: math.atan2; a zero has no sign here, so the negative half-axis is pi."""
    expected = math.atan2(y + 0.0, x + 0.0)
    assert abs(direction(y, x) - expected) < 1e-11
