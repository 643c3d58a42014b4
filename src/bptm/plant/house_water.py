"""Electric water heater, cold cabinets, well pump. Core Python.

The tank has two parts with a thermostat and an element each, the upper first, never both, as usual in North America.
A draw takes from the top and lets cold water in below; a lower part that is warmer than the upper mixes with it.
"""

from bptm.plant.house_luck import luck

STEP_S = 60.0
TOP_PART = 0.35
"""Part of the tank above the lower thermostat's reach. Own choice: thermostats at about 2/3 and 1/6 of its height."""
TANK_BAND_C = 5.6
"""A thermostat closes so far below its setting (10 F). Source: usual bimetal thermostats, 5-8 K."""
ROOM_C = 21.0
FLOW_L = 6.0
"""Litres a minute of a draw. Own choice between a tap (4) and a shower (9)."""
JOULE_PER_LITRE_K = 4186.0

FRIDGE_SET_C = 3.5
FREEZER_SET_C = -17.0
BOX_BAND_C = 1.2
BOX_COP = 1.6
"""Heat that a cabinet's compressor removes for a watt. Own choice: with usual losses a duty of 0.35-0.5."""
FREEZER_COP = 1.1
FREEZER_LOSS = 0.27
"""Loss of a freezer against that of a refrigerator: thicker walls, a lid seldom opened. Own choice: 400 kWh a year."""

PRESSURE_L = 25.0
"""Draw-down of the pressure tank. Own choice: an 80 l tank between 2 and 3.5 bar."""
PUMP_L = 35.0
"""Litres a minute of the pump."""
COLD_SHARE = 1.6
"""Cold water used with each litre of hot. Own choice."""

# Draws of hot water at each full hour against their mean. Own choice after the usual two peaks; the 25th closes the day.
DRAW = (
    0.25, 0.12, 0.10, 0.12, 0.30, 0.85, 1.70, 2.10, 1.75, 1.35, 1.15, 1.00, 0.95,
    0.80, 0.70, 0.75, 0.95, 1.30, 1.65, 1.75, 1.55, 1.30, 0.90, 0.50, 0.25,
)  # fmt: skip


def step_draw(h, u, tick_of_day):
    """Litres of hot water drawn in the coming minute."""
    hour = tick_of_day // 432000
    chance = u.draws_count * DRAW[hour] * (1.0 / 1440.0)
    turn = luck(h)
    size = luck(h)
    if u.pump_w > 0.0 and h.pressure_l <= 0.0:
        # No pressure, no water: what was wanted is given up.
        h.draw_left_l = 0.0
        return 0.0
    if turn < chance:
        # Many small draws, few long ones: three times the mean by the square of an even draw has that mean.
        h.draw_left_l = h.draw_left_l + 3.0 * u.draw_l * size * size
    drawn_l = h.draw_left_l if h.draw_left_l < FLOW_L else FLOW_L
    h.draw_left_l = h.draw_left_l - drawn_l
    return drawn_l


def step_tank(h, u, drawn_l, heavy_square):
    """A minute of the tank: the elements' heat since the last step, a draw, losses, then the thermostats."""
    if u.element_w <= 0.0:
        return
    top_joule = TOP_PART * u.tank_joule_per_k
    low_joule = u.tank_joule_per_k - top_joule
    heat_j = u.element_w * STEP_S * heavy_square
    if h.element == 1:
        h.tank_top_c = h.tank_top_c + heat_j / top_joule
    elif h.element == 2:
        h.tank_low_c = h.tank_low_c + heat_j / low_joule
    moved = drawn_l * JOULE_PER_LITRE_K
    h.tank_top_c = h.tank_top_c + moved * (h.tank_low_c - h.tank_top_c) / top_joule
    h.tank_low_c = h.tank_low_c + moved * (u.inlet_c - h.tank_low_c) / low_joule
    h.tank_top_c = h.tank_top_c - TOP_PART * u.tank_loss_per_k * STEP_S * (h.tank_top_c - ROOM_C) / top_joule
    lost_j = (1.0 - TOP_PART) * u.tank_loss_per_k * STEP_S * (h.tank_low_c - ROOM_C)
    h.tank_low_c = h.tank_low_c - lost_j / low_joule
    if h.tank_low_c > h.tank_top_c:
        mixed_c = TOP_PART * h.tank_top_c + (1.0 - TOP_PART) * h.tank_low_c
        h.tank_top_c = mixed_c
        h.tank_low_c = mixed_c
    low_c = u.tank_set_c - TANK_BAND_C
    if h.element == 1 and h.tank_top_c >= u.tank_set_c:
        h.element = 0
    elif h.element == 2 and h.tank_low_c >= u.tank_set_c:
        h.element = 0
    if h.tank_top_c < low_c:
        h.element = 1
    elif h.element == 0 and h.tank_low_c < low_c:
        h.element = 2


def box_after(box_c, on, rated_w, cop, loss_per_k, joule_per_k, live):
    """A cold cabinet after a minute."""
    heat_w = loss_per_k * (ROOM_C - box_c)
    if on == 1:
        heat_w = heat_w - cop * rated_w * live
    return box_c + heat_w * STEP_S / joule_per_k


def box_switch(box_c, on, set_c):
    """Its thermostat."""
    if box_c > set_c + 0.5 * BOX_BAND_C:
        return 1
    if box_c < set_c - 0.5 * BOX_BAND_C:
        return 0
    return on


def step_boxes(h, u, live):
    """Refrigerator and freezer."""
    h.fridge_c = box_after(h.fridge_c, h.fridge_on, u.fridge_w, BOX_COP, u.box_loss_per_k, u.box_joule_per_k, live)
    h.fridge_on = box_switch(h.fridge_c, h.fridge_on, FRIDGE_SET_C)
    if u.freezer_w > 0.0:
        loss_per_k = FREEZER_LOSS * u.box_loss_per_k
        h.freezer_c = box_after(
            h.freezer_c, h.freezer_on, u.freezer_w, FREEZER_COP, loss_per_k, u.box_joule_per_k, live
        )
        h.freezer_on = box_switch(h.freezer_c, h.freezer_on, FREEZER_SET_C)


def step_pump(h, u, drawn_l, live_heavy):
    """The pressure tank: emptied by all water, filled by the pump while it is fed; full, it stops."""
    if u.pump_w <= 0.0:
        return
    # Flushing and taps without hot water, spread over the day.
    used_l = drawn_l * (1.0 + COLD_SHARE) + 0.05 * u.people
    if h.pump_on == 1:
        h.pressure_l = h.pressure_l + PUMP_L * live_heavy
    if h.pressure_l > 0.0:
        h.pressure_l = h.pressure_l - used_l
    if h.pressure_l >= PRESSURE_L:
        h.pressure_l = PRESSURE_L
        h.pump_on = 0
    elif h.pressure_l <= 0.0:
        h.pressure_l = 0.0
        h.pump_on = 1


def begin_water(h, u):
    """Tank, cabinets and pressure somewhere in their cycles."""
    h.tank_top_c = u.tank_set_c - TANK_BAND_C * 0.5 * luck(h)
    h.tank_low_c = u.tank_set_c - TANK_BAND_C * 1.5 * luck(h)
    h.fridge_c = FRIDGE_SET_C + BOX_BAND_C * (luck(h) - 0.5)
    h.fridge_on = 1 if luck(h) < 0.4 else 0
    h.freezer_c = FREEZER_SET_C + BOX_BAND_C * (luck(h) - 0.5)
    h.freezer_on = 1 if luck(h) < 0.4 else 0
    h.pressure_l = PRESSURE_L * luck(h)
