"""The thermal house: air, mass and shell, thermostat, air conditioner, heat pump, furnace. Core Python.

Three nodes: what follows the air at once, the mass inside, and the shell of walls and roof. Each minute the heat that
was really given since the last step moves them; then the thermostat decides. Lost diversity after an outage is what
comes of it: there is no curve of cold-load pickup here.

    C_air dT_air/dt     = loss (T_out - T_air) + link (T_mass - T_air) + in (T_shell - T_air) + Q_air
    C_mass dT_mass/dt   = link (T_air - T_mass) + ground (T_ground - T_mass) + Q_mass
    C_shell dT_shell/dt = in (T_air - T_shell) + out (T_face - T_shell),  T_face = T_out + rise sun - sky

Sun on the shell arrives inside hours late, as it does in a house. A house whose whole loss stands in `loss` has two
nodes. Source: the equivalent-thermal-parameter house of air and mass, R. G. Pratt and others, which GridLAB-D's house_e
is; the face's temperature is the sol-air temperature of the ASHRAE Handbook of Fundamentals. Capacity and power over
the outdoor temperature: DOE-2's curves as house_e gives them, in Fahrenheit.
"""

from bptm.plant.house_luck import luck
from bptm.terms.core_codes import NEVER_TICKS
from bptm.terms.core_home import HEAT_FUEL, HEAT_NONE, HEAT_PUMP, HEAT_RESISTANCE
from bptm.terms.core_plant import HOUSE_TICKS, HVAC_COOL, HVAC_HEAT, HVAC_HEAT_AUX, HVAC_OFF

STEP_S = 60.0
HOUR_TICKS = 3600 * 120
LIVE_HOUSE_V = 84.0
"""Below 0.7 of nominal a contactor of an appliance drops out. Source: NEMA contactors drop out at 0.5-0.7, own choice."""
SUN_TO_AIR = 0.5
"""Half of the sun through windows warms what follows the air, half the mass. Source: GridLAB-D's default."""
HEAT_OF_PERSON_W = 70.0
"""Sensible heat of a person at rest. Source: ASHRAE Fundamentals 2021, chapter 18, table 1."""
HEAT_OF_PLUGS = 0.9
AUX_BELOW_C = 1.1
"""Resistances help a heat pump when the house is so far below its band (2 F). Source: own choice, usual thermostats."""
PUMP_LOCKOUT_C = -17.0
"""Below this a heat pump stands still and its resistances work alone. Own choice: usual lock-outs, -18 to -12 C."""

# Shares of people at home at each full hour; the 25th closes the day. Own choice: a mix of working and other homes.
AT_HOME = (
    0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.93, 0.85, 0.60, 0.48, 0.45, 0.45, 0.47,
    0.46, 0.45, 0.50, 0.58, 0.72, 0.82, 0.86, 0.88, 0.90, 0.93, 0.95, 0.95,
)  # fmt: skip


def between_hours(low, high, tick_of_hour):
    """Straight line within an hour."""
    return low + (high - low) * (tick_of_hour * (1.0 / 432000.0))


def at_home_share(tick_of_day):
    """Share of people at home."""
    hour = tick_of_day // HOUR_TICKS
    return between_hours(AT_HOME[hour], AT_HOME[hour + 1], tick_of_day - hour * HOUR_TICKS)


def fahrenheit(x_c):
    """Degrees Fahrenheit."""
    return x_c * 1.8 + 32.0


def cool_ratio(outdoor_c):
    """Cooling capacity against that at 35 C. Source: DOE-2, as in GridLAB-D."""
    return 1.48924533 - 0.00514995 * fahrenheit(outdoor_c)


def cool_power_ratio(outdoor_c):
    """Electric power of cooling against that at 35 C: capacity by what a watt removes. Source: as above."""
    return cool_ratio(outdoor_c) * (0.01066989 * fahrenheit(outdoor_c) - 0.01363961)


def heat_ratio(outdoor_c):
    """Capacity of a heat pump against that at 8.3 C (47 F). Source: as above."""
    t = fahrenheit(outdoor_c)
    return 0.34148808 + 0.00894102 * t + 0.00010787 * t * t


def heat_power_ratio(outdoor_c):
    """Electric power of a heat pump against that at 8.3 C. Source: as above; held above 27 C, where it leaves its data."""
    t = fahrenheit(outdoor_c)
    if t > 80.0:
        t = 80.0
    return heat_ratio(outdoor_c) * (2.03914613 - 0.03906753 * t + 0.00045617 * t * t - 0.00000203 * t * t * t)


def hvac_compressor_w(h, u):
    """Electric power of compressor and fans now, at nominal voltage."""
    if h.hvac == HVAC_COOL:
        return u.cool_rated_w * cool_power_ratio(h.outdoor_c)
    if h.hvac >= HVAC_HEAT and u.heat_kind == HEAT_PUMP and h.outdoor_c > PUMP_LOCKOUT_C:
        return u.heat_rated_w * heat_power_ratio(h.outdoor_c)
    return 0.0


def hvac_resistance_w(h, u):
    """Power of resistances that warm the air now, at nominal voltage."""
    if h.hvac >= HVAC_HEAT and u.heat_kind == HEAT_RESISTANCE:
        return u.heat_capacity_w
    if h.hvac == HVAC_HEAT_AUX and u.heat_kind == HEAT_PUMP:
        return u.aux_w
    return 0.0


def furnace_fan_w(h, u):
    """Power of a furnace's fan now, on 120 V."""
    return u.fan_w if h.hvac >= HVAC_HEAT and u.heat_kind == HEAT_FUEL else 0.0


def hvac_heat_w(h, u, live, heavy, square):
    """Heat given to the air since the last step, by the parts of the time that its circuits were fed."""
    if h.hvac == HVAC_OFF:
        return 0.0
    if h.hvac == HVAC_COOL:
        return -u.cool_capacity_w * cool_ratio(h.outdoor_c) * u.sensible_fraction * heavy
    if u.heat_kind == HEAT_FUEL:
        return (u.heat_capacity_w + u.fan_w) * live
    given_w = hvac_resistance_w(h, u) * square
    if u.heat_kind == HEAT_PUMP and h.outdoor_c > PUMP_LOCKOUT_C:
        given_w = given_w + u.heat_capacity_w * heat_ratio(h.outdoor_c) * heavy
    return given_w


def face_c(h, u, sun):
    """Outside face of walls and roof, by the sun on upright glass."""
    return h.outdoor_c + 0.01 * u.face_rise_k * sun - u.face_sky_k


def warm(h, u, air_w, mass_w, outside_c):
    """One minute of the nodes, by the trapezoidal rule: stable at any size, within 0.1 % of exact at this one."""
    half = 0.5 * STEP_S
    a = half * (u.loss_per_k + u.shell_in_per_k + u.link_per_k) / u.air_joule_per_k
    b = half * u.link_per_k / u.air_joule_per_k
    c = half * u.link_per_k / u.mass_joule_per_k
    g = half * u.ground_per_k / u.mass_joule_per_k
    right_air = (1.0 - a) * h.air_c + b * h.mass_c + STEP_S * (u.loss_per_k * h.outdoor_c + air_w) / u.air_joule_per_k
    right_mass = c * h.air_c + (1.0 - c - g) * h.mass_c + 2.0 * g * u.ground_c + STEP_S * mass_w / u.mass_joule_per_k
    # Mass and shell see the air alone: with them taken out, one equation is left for the air.
    to_mass = 1.0 + c + g
    whole = 1.0 + a - b * c / to_mass
    right = right_air + b * right_mass / to_mass
    if u.shell_in_per_k > 0.0:
        d = half * u.shell_in_per_k / u.shell_joule_per_k
        f = half * u.shell_out_per_k / u.shell_joule_per_k
        e = half * u.shell_in_per_k / u.air_joule_per_k
        to_shell = 1.0 + d + f
        right_shell = d * h.air_c + (1.0 - d - f) * h.shell_c + 2.0 * f * outside_c
        h.air_c = (right + e * h.shell_c + e * right_shell / to_shell) / (whole - e * d / to_shell)
        h.shell_c = (right_shell + d * h.air_c) / to_shell
    else:
        h.air_c = right / whole
    h.mass_c = (right_mass + c * h.air_c) / to_mass


def step_air(h, u, tick_of_day, live, heavy, square):
    """Air, mass and shell through the last minute, then the outdoor air of now."""
    people_w = HEAT_OF_PERSON_W * u.people * at_home_share(tick_of_day)
    tick_of_hour = h.tick - h.weather_tick
    sun = between_hours(h.sun_from, h.sun_to, tick_of_hour)
    sun_w = u.solar_m2 * sun
    inside_w = people_w + HEAT_OF_PLUGS * h.plugs_w * live
    if h.fridge_on == 1:
        inside_w = inside_w + u.fridge_w * live
    air_w = inside_w + SUN_TO_AIR * sun_w + hvac_heat_w(h, u, live, heavy, square)
    warm(h, u, air_w, (1.0 - SUN_TO_AIR) * sun_w, face_c(h, u, sun))
    h.outdoor_c = between_hours(h.outdoor_from_c, h.outdoor_to_c, tick_of_hour)


def is_night(tick_of_day):
    """1 from 22 to 6 o'clock."""
    return 1 if tick_of_day >= 22 * HOUR_TICKS or tick_of_day < 6 * HOUR_TICKS else 0


def is_working_day(tick_of_day):
    """1 from 9 to 16 o'clock."""
    return 1 if tick_of_day >= 9 * HOUR_TICKS and tick_of_day < 16 * HOUR_TICKS else 0


def stop_hvac(h, u):
    """Off; a compressor rests for its least time."""
    h.hvac = HVAC_OFF
    h.hvac_ready_tick = h.tick + u.min_off_ticks


def decide_heat(h, u, set_c):
    """Heating: begins below its band, ends above it, asks resistances for help far below it."""
    low_c = set_c - 0.5 * u.deadband_c
    if h.hvac >= HVAC_HEAT:
        if h.air_c > set_c + 0.5 * u.deadband_c:
            stop_hvac(h, u)
        elif h.air_c < low_c - AUX_BELOW_C or (u.heat_kind == HEAT_PUMP and h.outdoor_c <= PUMP_LOCKOUT_C):
            h.hvac = HVAC_HEAT_AUX
        elif h.air_c > low_c:
            h.hvac = HVAC_HEAT
    elif h.air_c < low_c and h.tick >= h.hvac_ready_tick:
        h.hvac = HVAC_HEAT


def decide_cool(h, u, set_c):
    """Cooling: begins above its band, ends below it."""
    if h.hvac == HVAC_COOL:
        if h.air_c < set_c - 0.5 * u.deadband_c:
            stop_hvac(h, u)
    elif h.air_c > set_c + 0.5 * u.deadband_c and h.tick >= h.hvac_ready_tick:
        h.hvac = HVAC_COOL


def decide_hvac(h, u, tick_of_day, fed, heavy_fed):
    """The thermostat. Without power everything stops; after it the compressor waits for its restart delay."""
    powered = fed if u.heat_kind == HEAT_FUEL and (h.air_c < u.heat_set_c + u.deadband_c) else heavy_fed
    if powered == 0:
        h.hvac = HVAC_OFF
        h.hvac_waits = 1
        h.hvac_ready_tick = NEVER_TICKS
        return
    if h.hvac_waits == 1:
        h.hvac_waits = 0
        h.hvac_ready_tick = h.tick + u.restart_ticks
    heat_c = u.heat_set_c - u.setback_c if is_night(tick_of_day) == 1 else u.heat_set_c
    cool_c = u.cool_set_c + u.setback_c if is_working_day(tick_of_day) == 1 else u.cool_set_c
    if u.heat_kind != HEAT_NONE and h.hvac != HVAC_COOL:
        decide_heat(h, u, heat_c)
    if u.cool_capacity_w > 0.0 and h.hvac < HVAC_HEAT:
        decide_cool(h, u, cool_c)


def begin_air(h, u):
    """Somewhere in the thermostat's band, as weather has it; hours of weather before the start do the rest."""
    spread_c = u.deadband_c * (luck(h) - 0.5)
    air_c = h.outdoor_from_c
    if air_c > u.cool_set_c:
        air_c = u.cool_set_c
    if air_c < u.heat_set_c:
        air_c = u.heat_set_c
    h.air_c = air_c + spread_c
    h.mass_c = (u.link_per_k * air_c + u.ground_per_k * u.ground_c) / (u.link_per_k + u.ground_per_k)
    h.outdoor_c = h.outdoor_from_c
    h.shell_c = air_c
    if u.shell_in_per_k > 0.0:
        outside_w = u.shell_out_per_k * face_c(h, u, h.sun_from)
        h.shell_c = (u.shell_in_per_k * air_c + outside_w) / (u.shell_in_per_k + u.shell_out_per_k)
    h.hvac_ready_tick = h.tick + int(luck(h) * HOUSE_TICKS)
