"""Premise: loads that follow the hour, thermostats and the sun; what people leave on. Core Python.

The shapes of the simple premise are our own choice: an evening-peaking home in October, and daylight at 38 degrees
north. A home whose setup says `house` has the thermal house of `house_power` instead.
"""

from bptm.plant.battery import OHM as BATTERY_OHM
from bptm.plant.battery import hertz as battery_hertz
from bptm.plant.battery import volts as battery_volts
from bptm.plant.house import between_hours
from bptm.plant.house_power import set_house_load, step_house
from bptm.plant.inverter import OHM as INVERTER_OHM
from bptm.plant.inverter import hertz as inverter_hertz
from bptm.plant.inverter import volts as inverter_volts
from bptm.plant.portable import OHM as PORTABLE_OHM
from bptm.plant.portable import hertz as portable_hertz
from bptm.plant.portable import volts as portable_volts
from bptm.plant.standby import OHM as STANDBY_OHM
from bptm.plant.standby import hertz as standby_hertz
from bptm.plant.standby import volts as standby_volts
from bptm.terms.core_codes import BACKUP_INVERTER, BACKUP_NONE, BACKUP_PORTABLE, BACKUP_STANDBY, NEVER_TICKS
from bptm.terms.core_home import OUTAGES_MAX
from bptm.terms.core_plant import (
    HOUSE_TICKS,
    SOURCE_OFF,
    SOURCE_REFUELLING,
    SOURCE_RUNNING,
    SOURCE_SPENT,
)

HOUR_TICKS = 3600 * 120
SOLAR_BY_SUN = 0.0025
"""An array gives its peak at 400 W/m2 on upright glass of all sides: about a clear noon. Own choice."""
LOAD_TICKS = 300 * 120

# Share of the evening peak, and of the solar peak, at each full hour of local time. The 25th closes the day.
DAILY = (
    0.30, 0.26, 0.24, 0.23, 0.24, 0.30, 0.45, 0.55, 0.50, 0.45, 0.42, 0.42, 0.42,
    0.42, 0.44, 0.48, 0.58, 0.75, 0.92, 1.00, 0.96, 0.82, 0.60, 0.42, 0.30,
)  # fmt: skip
SUN = (
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.18, 0.42, 0.62, 0.74, 0.80,
    0.80, 0.72, 0.56, 0.36, 0.14, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
)  # fmt: skip


def daily_share(tick_of_day):
    """Share of the evening peak, straight lines between full hours."""
    hour = tick_of_day // HOUR_TICKS
    part = (tick_of_day - hour * HOUR_TICKS) * (1.0 / 432000.0)
    return DAILY[hour] + (DAILY[hour + 1] - DAILY[hour]) * part


def sun_share(tick_of_day):
    """Share of the solar peak, straight lines between full hours."""
    hour = tick_of_day // HOUR_TICKS
    part = (tick_of_day - hour * HOUR_TICKS) * (1.0 / 432000.0)
    return SUN[hour] + (SUN[hour + 1] - SUN[hour]) * part


def follow_feeder(h, u):
    """Outages of the record that begin or end by now; people see them and act."""
    for _turn in range(2 * OUTAGES_MAX):
        if h.next_outage >= u.outages:
            return
        off_tick = u.utility_off_tick[h.next_outage]
        on_tick = u.utility_on_tick[h.next_outage]
        if h.feeder_on == 1 and h.tick >= off_tick:
            h.feeder_on = 0
            h.changed = 1
            h.source_runs = 0
            if u.backup_kind != BACKUP_NONE and h.source == SOURCE_OFF:
                h.source_next_tick = h.tick + u.backup_start_ticks
            elif h.source == SOURCE_RUNNING:
                h.source_next_tick = h.tick + u.backup_run_ticks
        elif h.feeder_on == 0 and h.tick >= on_tick:
            h.feeder_on = 1
            h.changed = 1
            h.next_outage += 1
            h.phase_uturns = (u.seed * 7919 + on_tick) % 1000000
            if h.source == SOURCE_RUNNING:
                h.source_next_tick = h.tick + u.backup_stop_ticks
            else:
                h.source = SOURCE_OFF
                h.source_next_tick = NEVER_TICKS
        else:
            return


def follow_source(h, u):
    """The source starts, runs dry, is refuelled, is stopped."""
    if h.tick < h.source_next_tick:
        return
    h.changed = 1
    if h.source == SOURCE_RUNNING:
        if h.feeder_on == 1 and h.b_poles != 0:
            # The home still runs on it: nobody stops it now.
            h.source_next_tick = h.tick + u.backup_stop_ticks + 1
        elif h.feeder_on == 1:
            h.source = SOURCE_OFF
            h.source_next_tick = NEVER_TICKS
        elif u.backup_gap_ticks >= NEVER_TICKS:
            h.source = SOURCE_SPENT
            h.source_next_tick = NEVER_TICKS
        else:
            h.source = SOURCE_REFUELLING
            h.source_next_tick = h.tick + u.backup_gap_ticks
    elif h.feeder_on == 1:
        h.source = SOURCE_OFF
        h.source_next_tick = NEVER_TICKS
    else:
        h.source = SOURCE_RUNNING
        h.source_runs += 1
        h.source_next_tick = NEVER_TICKS
        if u.backup_run_ticks < NEVER_TICKS:
            h.source_next_tick = h.tick + u.backup_run_ticks


def follow_house(h, u, start_tick_of_day):
    """The thermal house, once a minute; its array, if it has one, follows the sun of its weather."""
    if h.tick >= h.house_tick:
        step_house(h, u, start_tick_of_day)
        h.solar_w = u.solar_w * SOLAR_BY_SUN * between_hours(h.sun_from, h.sun_to, h.tick - h.weather_tick)
        h.house_tick = h.house_tick + HOUSE_TICKS
        h.changed = 1


def follow_loads(h, u, start_tick_of_day):
    """Daily load, sun, and the two thermostats; or the thermal house instead of them."""
    if u.house == 1:
        follow_house(h, u, start_tick_of_day)
        return
    if h.tick >= h.load_tick:
        tick_of_day = (start_tick_of_day + h.tick) % (24 * HOUR_TICKS)
        h.daily_w = u.daily_w * daily_share(tick_of_day)
        h.solar_w = u.solar_w * sun_share(tick_of_day)
        h.load_tick = (h.tick // LOAD_TICKS + 1) * LOAD_TICKS
        h.changed = 1
    if h.tick >= h.cycling_tick:
        h.cycling_on = 1 - h.cycling_on
        h.cycling_tick = h.tick + (u.cycling_on_ticks if h.cycling_on == 1 else u.cycling_off_ticks)
        h.changed = 1
    if h.tick >= h.heavy_tick:
        h.heavy_on = 1 - h.heavy_on
        h.heavy_tick = h.tick + (u.heavy_on_ticks if h.heavy_on == 1 else u.heavy_off_ticks)
        h.changed = 1


def set_load(h, u):
    """Load of each leg, at nominal voltage: all of it on the utility; what people leave on while on backup."""
    on_backup = 1 if h.b_poles != 0 or (h.feeder_on == 0 and h.source == SOURCE_RUNNING) else 0
    if u.house == 1:
        heavy_fed = 1 if on_backup == 0 or (u.heavy_left_on == 1 and h.source_runs <= 1) else 0
        set_house_load(h, u, heavy_fed, u.essential_fraction if on_backup == 1 else 1.0)
        return
    steady_w = u.base_w + h.daily_w
    heavy_w = u.heavy_w if h.heavy_on == 1 else 0.0
    if on_backup == 1:
        steady_w = steady_w * u.essential_fraction
        if u.heavy_left_on == 0 or h.source_runs > 1:
            heavy_w = 0.0
    cycling_w = u.cycling_w if h.cycling_on == 1 else 0.0
    h.l1_w = 0.6 * steady_w + cycling_w + 0.5 * heavy_w
    h.l2_w = 0.4 * steady_w + 0.5 * heavy_w


def set_source(h, u):
    """Voltage, frequency and impedance of the backup source at its present load."""
    load_fraction = 0.0
    if h.b_poles != 0:
        load_fraction = (h.l1_w + h.l2_w) / u.backup_rating_w
    if u.backup_kind == BACKUP_PORTABLE:
        h.source_hz = portable_hertz(load_fraction)
        h.source_v = portable_volts(load_fraction)
        h.source_ohm = PORTABLE_OHM
    elif u.backup_kind == BACKUP_INVERTER:
        h.source_hz = inverter_hertz(u.seed)
        h.source_v = inverter_volts(load_fraction)
        h.source_ohm = INVERTER_OHM
    elif u.backup_kind == BACKUP_STANDBY:
        h.source_hz = standby_hertz(load_fraction)
        h.source_v = standby_volts(load_fraction)
        h.source_ohm = STANDBY_OHM
    else:
        h.source_hz = battery_hertz(u.seed)
        h.source_v = battery_volts(load_fraction)
        h.source_ohm = BATTERY_OHM


def next_edge(h, u):
    """The next tick at which anything here changes by itself."""
    edge = h.load_tick if u.house == 0 else h.house_tick
    if h.cycling_tick < edge:
        edge = h.cycling_tick
    if h.heavy_tick < edge:
        edge = h.heavy_tick
    if h.source_next_tick < edge:
        edge = h.source_next_tick
    if h.next_outage < u.outages:
        outage_tick = u.utility_off_tick[h.next_outage] if h.feeder_on == 1 else u.utility_on_tick[h.next_outage]
        if outage_tick < edge:
            edge = outage_tick
    return edge
