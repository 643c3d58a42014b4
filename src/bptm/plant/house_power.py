"""A thermal house as a load: its minute, and what it draws from each leg at any voltage. Core Python.

A load of power P at nominal voltage draws P (z v^2 + i v + p) at v times nominal. Below 0.7 it is held at the
impedance it has there, since no electronics or motor goes on at constant power into a collapse.
Source of the shares: laboratory fits of Bokhari and others, IEEE Trans. Power Delivery 29(3), 2014, and Hajagos and
Danai, IEEE Trans. Power Systems 13(2), 1998, replaced by positive shares with the same slope at nominal voltage.
"""

from bptm.plant.house import (
    LIVE_HOUSE_V,
    begin_air,
    decide_hvac,
    furnace_fan_w,
    hvac_compressor_w,
    hvac_resistance_w,
    step_air,
)
from bptm.plant.house_use import DRYER_MOTOR_W, DRYER_STOPPED, begin_use, step_dryer, step_ev, step_plugs, step_range
from bptm.plant.house_water import begin_water, step_boxes, step_draw, step_pump, step_tank
from bptm.terms.core_plant import HOUSE_TICKS

DAY_TICKS = 24 * 3600 * 120
MOTOR_Z = 0.25
MOTOR_P = 0.75
"""Compressors and pumps: half the relative change of voltage."""
PLUGS_Z = 0.40
PLUGS_I = 0.15
PLUGS_P = 0.45
"""Half electronics, a third lights, the rest small heaters."""
FAN_Z = 0.4
FAN_I = 0.6
LEAST_PU = 0.7
LEG1_SHARE = 0.55
"""Part of plugs and lights on leg 1."""


def habit_tick(h, u, start_tick_of_day):
    """Tick of this home's own day; one that settles before its run has negative ticks."""
    return (start_tick_of_day + h.tick - u.shift_ticks + 400 * DAY_TICKS) % DAY_TICKS


def step_house(h, u, start_tick_of_day):
    """One minute of the house, from what its circuits got since the last one."""
    tick_of_day = habit_tick(h, u, start_tick_of_day)
    scale = 1.0 / HOUSE_TICKS
    live = h.live_ticks * scale
    heavy = h.heavy_ticks * scale
    square = h.heavy_square * scale * 0.000001
    h.live_ticks = 0
    h.heavy_ticks = 0
    h.heavy_square = 0
    fed = 1 if h.bus_l1_v > LIVE_HOUSE_V and h.bus_l2_v > LIVE_HOUSE_V else 0
    heavy_fed = 1 if fed == 1 and h.heavy_fed == 1 else 0
    step_air(h, u, tick_of_day, live, heavy, square)
    decide_hvac(h, u, tick_of_day, fed, heavy_fed)
    drawn_l = step_draw(h, u, tick_of_day)
    step_tank(h, u, drawn_l, square)
    step_boxes(h, u, live)
    step_pump(h, u, drawn_l, live)
    step_plugs(h, u, tick_of_day)
    step_dryer(h, u, tick_of_day, heavy_fed)
    step_range(h, u, tick_of_day, heavy_fed)
    step_ev(h, u, tick_of_day, heavy)


def set_house_load(h, u, heavy_fed, essential):
    """Loads of both legs at nominal voltage, by how they follow it.

    `heavy_fed` is 1 while circuits of 240 V are left on; `essential` is the part of plugs and lights that is.
    """
    h.heavy_fed = heavy_fed
    plugs_w = h.plugs_w * essential
    box1_w = u.fridge_w if h.fridge_on == 1 else 0.0
    box2_w = u.freezer_w if h.freezer_on == 1 else 0.0
    fan_w = furnace_fan_w(h, u)
    h.hvac_z_w = 0.0
    h.hvac_p_w = fan_w
    h.water_w = 0.0
    h.ev_i_w = 0.0
    motor_w = u.pump_w if h.pump_on == 1 else 0.0
    other_w = 0.0
    if heavy_fed == 1:
        compressor_w = hvac_compressor_w(h, u)
        h.hvac_z_w = hvac_resistance_w(h, u)
        h.hvac_p_w = fan_w + compressor_w
        motor_w = motor_w + compressor_w
        if h.element != 0:
            h.water_w = u.element_w
        if h.ev_on == 1:
            h.ev_i_w = u.ev_w
        if h.dryer_left_count > 0 and h.dryer_on != DRYER_STOPPED:
            other_w = other_w + (u.dryer_w if h.dryer_on == 1 else DRYER_MOTOR_W)
        if h.range_on == 1:
            other_w = other_w + u.range_w
    both_z_w = 0.5 * (h.hvac_z_w + h.water_w + other_w + MOTOR_Z * motor_w)
    both_i_w = 0.5 * h.ev_i_w
    both_p_w = 0.5 * MOTOR_P * motor_w
    plugs1_w = LEG1_SHARE * plugs_w
    plugs2_w = plugs_w - plugs1_w
    # What a motor gives back to an open bus does not ask which motor it is.
    h.cycling_on = 1 if motor_w + box1_w + box2_w > 0.0 else 0
    h.leg1_z_w = both_z_w + PLUGS_Z * plugs1_w + MOTOR_Z * box1_w + FAN_Z * fan_w
    h.leg1_i_w = both_i_w + PLUGS_I * plugs1_w + FAN_I * fan_w
    h.leg1_p_w = both_p_w + PLUGS_P * plugs1_w + MOTOR_P * box1_w
    h.leg2_z_w = both_z_w + PLUGS_Z * plugs2_w + MOTOR_Z * box2_w
    h.leg2_i_w = both_i_w + PLUGS_I * plugs2_w
    h.leg2_p_w = both_p_w + PLUGS_P * plugs2_w + MOTOR_P * box2_w
    h.l1_w = h.leg1_z_w + h.leg1_i_w + h.leg1_p_w
    h.l2_w = h.leg2_z_w + h.leg2_i_w + h.leg2_p_w


def as_resistance_w(z_w, i_w, p_w, bus_v):
    """Power at nominal voltage of the resistance that draws as much as this load does at this voltage."""
    v = bus_v * (1.0 / 120.0)
    if v < LEAST_PU:
        v = LEAST_PU
    return z_w + i_w / v + p_w / (v * v)


def fit_load(h):
    """The legs as resistances at the voltages just solved; the circuit is solved again with them."""
    v1 = h.bus_l1_v if h.bus_l1_v > 0.0 else 120.0
    v2 = h.bus_l2_v if h.bus_l2_v > 0.0 else 120.0
    h.l1_w = as_resistance_w(h.leg1_z_w, h.leg1_i_w, h.leg1_p_w, v1)
    h.l2_w = as_resistance_w(h.leg2_z_w, h.leg2_i_w, h.leg2_p_w, v2)


def count_house(h, ticks):
    """How long the circuits were fed, and energy by use, while nothing changes."""
    v = (h.bus_l1_v + h.bus_l2_v) * (1.0 / 240.0)
    if h.bus_l1_v <= LIVE_HOUSE_V or h.bus_l2_v <= LIVE_HOUSE_V:
        return
    square = v * v
    h.live_ticks += ticks
    if h.heavy_fed == 1:
        h.heavy_ticks += ticks
        h.heavy_square += int(square * 1000000.0) * ticks
    motor = MOTOR_Z * square + MOTOR_P
    h.hvac_mwticks += int((h.hvac_z_w * square + h.hvac_p_w * motor) * 1000.0) * ticks
    h.water_mwticks += int(h.water_w * square * 1000.0) * ticks
    h.ev_mwticks += int(h.ev_i_w * v * 1000.0) * ticks


def begin_house(h, u, start_tick_of_day):
    """A house some hours before its run, on the utility; `settle_house` brings it to tick 0."""
    h.luck = (u.seed * 16807 + 1) % 2147483647
    begin_air(h, u)
    begin_water(h, u)
    begin_use(h, u, habit_tick(h, u, start_tick_of_day))
    h.heavy_fed = 1
    h.bus_l1_v = 120.0
    h.bus_l2_v = 120.0


def settle_house(h, u, start_tick_of_day, until_tick):
    """Steps the house alone, at nominal voltage, up to a tick: the weather before a run, without its meter."""
    steps = (until_tick - h.tick) // HOUSE_TICKS
    for _step in range(steps):
        h.tick += HOUSE_TICKS
        h.live_ticks = HOUSE_TICKS
        h.heavy_ticks = HOUSE_TICKS
        h.heavy_square = HOUSE_TICKS * 1000000
        step_house(h, u, start_tick_of_day)
