"""Distances between places a few kilometres apart."""

import math

import numpy as np
from numpy.typing import NDArray

KM_PER_DEGREE = 111.2
"""Length of a degree of latitude; of longitude at the equator. Mean radius of the earth 6,371 km."""


def distances_km(lat: float, lon: float, lats: NDArray[np.float64], lons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances from one place to many, the earth taken as flat: within 1 % up to 100 km at these latitudes."""
    east_km = (lons - lon) * (KM_PER_DEGREE * math.cos(math.radians(lat)))
    return np.hypot((lats - lat) * KM_PER_DEGREE, east_km)
