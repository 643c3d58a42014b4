"""The nodes of a house through minutes of heat given and weather: core Python, compiled by `compare_ochre.py`."""

from bptm.plant.house import SUN_TO_AIR, face_c, warm


def follow(homes, setups, outdoor_c, sun, given_w, air_c):
    """Writes the air after each minute to `air_c`; the first of `homes` and `setups` is the house."""
    h = homes[0]
    u = setups[0]
    for i in range(len(outdoor_c)):
        h.outdoor_c = outdoor_c[i]
        sun_w = u.solar_m2 * sun[i]
        warm(h, u, given_w[i] + SUN_TO_AIR * sun_w, (1.0 - SUN_TO_AIR) * sun_w, face_c(h, u, sun[i]))
        air_c[i] = h.air_c
