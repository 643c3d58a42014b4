"""What people use by the hour and by chance: plugs and lights, laundry, cooking, the car. Core Python.

Shapes and counts are our own choice around published yearly energies; docs/explanation/house.md has them side by side.
"""

from bptm.plant.house import at_home_share, between_hours
from bptm.plant.house_luck import luck
from bptm.terms.core_plant import HOUSE_TICKS

HOUR_TICKS = 3600 * 120
DAY_TICKS = 24 * HOUR_TICKS
STEP_H = 1.0 / 60.0
EV_LEAVES_TICKS = 7 * HOUR_TICKS + HOUR_TICKS // 2

DRYER_RUN_COUNT = 45
DRYER_MOTOR_W = 250.0
DRYER_DAY_COUNT = 0.75
"""Loads of laundry a day. Source: own choice after 283 cycles a year of the US test procedure for dryers."""
RANGE_RUN_COUNT = 35
RANGE_DAY_COUNT = 1.2
DRYER_STOPPED = 2
"""A dryer that lost power waits for somebody to press its button."""

# Plugs and lights at each full hour against their evening peak; the 25th closes the day.
PLUGS = (
    0.42, 0.36, 0.33, 0.32, 0.33, 0.38, 0.52, 0.62, 0.58, 0.54, 0.53, 0.54, 0.55,
    0.54, 0.54, 0.56, 0.62, 0.72, 0.85, 0.95, 1.00, 0.97, 0.80, 0.58, 0.42,
)  # fmt: skip
LAUNDRY = (
    0.2, 0.1, 0.0, 0.0, 0.0, 0.1, 0.4, 0.9, 1.4, 1.8, 1.9, 1.8, 1.6,
    1.5, 1.4, 1.4, 1.3, 1.3, 1.3, 1.4, 1.5, 1.3, 0.9, 0.5, 0.2,
)  # fmt: skip
COOKING = (
    0.0, 0.0, 0.0, 0.0, 0.1, 0.4, 1.2, 1.6, 1.1, 0.6, 0.6, 1.1, 1.4,
    0.9, 0.6, 0.8, 1.9, 3.6, 3.8, 2.2, 1.0, 0.5, 0.2, 0.1, 0.0,
)  # fmt: skip


def plugs_share(tick_of_day):
    """Plugs and lights against their evening peak."""
    hour = tick_of_day // HOUR_TICKS
    return between_hours(PLUGS[hour], PLUGS[hour + 1], tick_of_day - hour * HOUR_TICKS)


def step_plugs(h, u, tick_of_day):
    """Plugs and lights for the next minute: their course, times a ratio that changes every ten minutes or so."""
    turn = luck(h)
    ratio = luck(h)
    if turn < 0.1:
        # Mean 1, mostly below: a few homes with much on at once.
        h.plugs_ratio = 0.4 + 1.8 * ratio * ratio
    h.plugs_w = u.base_w + u.daily_w * plugs_share(tick_of_day) * h.plugs_ratio


def heater_turn(on, turn, off_chance, on_chance):
    """A heater that its own thermostat switches, minute by minute."""
    if on == 1:
        return 0 if turn < off_chance else 1
    return 1 if turn < on_chance else 0


def step_dryer(h, u, tick_of_day, fed):
    """Laundry: begins by chance, runs for three quarters of an hour, waits for a person after a loss of power."""
    begins = luck(h)
    turn = luck(h)
    if u.dryer_w <= 0.0:
        return
    if h.dryer_left_count == 0:
        if fed == 1 and begins < DRYER_DAY_COUNT * LAUNDRY[tick_of_day // HOUR_TICKS] * (1.0 / 1440.0):
            h.dryer_left_count = DRYER_RUN_COUNT
            h.dryer_on = 1
        return
    if fed == 0:
        h.dryer_on = DRYER_STOPPED
    elif h.dryer_on == DRYER_STOPPED:
        # Somebody at home notices within a quarter of an hour or so.
        if turn < at_home_share(tick_of_day) * (1.0 / 15.0):
            h.dryer_on = 1
    else:
        h.dryer_left_count = h.dryer_left_count - 1
        h.dryer_on = heater_turn(h.dryer_on, turn, 0.2, 0.4)
        if h.dryer_left_count == 0:
            h.dryer_on = 0


def step_range(h, u, tick_of_day, fed):
    """Cooking: begins by chance, goes on where it was after a loss of power."""
    begins = luck(h)
    turn = luck(h)
    if u.range_w <= 0.0:
        return
    if h.range_left_count == 0:
        h.range_on = 0
        if fed == 1 and begins < RANGE_DAY_COUNT * COOKING[tick_of_day // HOUR_TICKS] * (1.0 / 1440.0):
            h.range_left_count = 10 + int(2.0 * (RANGE_RUN_COUNT - 10) * turn)
            h.range_on = 1
        return
    if fed == 1:
        h.range_left_count = h.range_left_count - 1
        h.range_on = heater_turn(h.range_on, turn, 0.3, 0.35)


def step_ev(h, u, tick_of_day, heavy):
    """The car: comes home with a need, charges while it is there, as far as it was fed."""
    need = luck(h)
    if u.ev_w <= 0.0:
        return
    if h.ev_on == 1:
        h.ev_left_wh = h.ev_left_wh - u.ev_w * STEP_H * heavy
        if h.ev_left_wh < 0.0:
            h.ev_left_wh = 0.0
    home_tick = int(u.ev_home_s) * 120
    since_ticks = (tick_of_day + DAY_TICKS - home_tick) % DAY_TICKS
    if since_ticks < HOUSE_TICKS:
        h.ev_left_wh = h.ev_left_wh + u.ev_day_wh * 2.0 * need
        if h.ev_left_wh > 60000.0:
            h.ev_left_wh = 60000.0
    stays_ticks = (EV_LEAVES_TICKS + DAY_TICKS - home_tick) % DAY_TICKS
    plugged = 1 if since_ticks < stays_ticks and since_ticks >= int(u.ev_wait_s) * 120 else 0
    h.ev_on = 1 if plugged == 1 and h.ev_left_wh > 0.0 else 0


def begin_use(h, u, tick_of_day):
    """As if the day before had been lived: a car that came home has a part of its need left."""
    h.plugs_ratio = 0.4 + 1.8 * luck(h) * luck(h)
    home_tick = int(u.ev_home_s) * 120
    since_h = ((tick_of_day + DAY_TICKS - home_tick) % DAY_TICKS) * (1.0 / 432000.0)
    left_wh = u.ev_day_wh * 2.0 * luck(h) - u.ev_w * since_h
    h.ev_left_wh = left_wh if left_wh > 0.0 else 0.0
