"""Thermal houses drawn from the stock of their climate: fills the part of a home's setup that `plant.house` reads."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_home import HEAT_FUEL, HEAT_NONE, HEAT_PUMP, HEAT_RESISTANCE
from bptm.twin.homes import Draws
from bptm.twin.house_stock import DWELLINGS, HOUSE, STOCKS, HeatFuel, House, Stock

_LITRE_JOULE_PER_K = 4186.0
_HALF_TON_W = 1758.4
_DESIGN_SUN = 350.0
"""On upright glass at the hour that an air conditioner is sized for, W/m2. Own choice: a clear afternoon."""
_COOL_LEAST_W = 3 * _HALF_TON_W
_AUX_W = (5000.0, 9600.0)
_HEAT_KINDS = {
    HeatFuel.GAS: HEAT_FUEL,
    HeatFuel.PROPANE: HEAT_FUEL,
    HeatFuel.HEAT_PUMP: HEAT_PUMP,
    HeatFuel.RESISTANCE: HEAT_RESISTANCE,
    HeatFuel.NONE: HEAT_NONE,
}


def stock_named(name: str) -> Stock:
    """The stock of a shipped climate."""
    return next(stock for stock in STOCKS if stock.name == name)


def furnish_houses(
    setups: NDArray[np.void], draws: Draws, stock: Stock, house: House = HOUSE
) -> dict[str, NDArray[Any]]:
    """Makes every home a thermal house.

    Args:
        setups: Records of `terms.core_home.SETUP_FIELDS`; changed in place.
        draws: Where chance comes from.
        stock: Of the climate.
        house: Ranges that do not depend on it.

    Returns:
        What the setup does not say: `home_kind` and `heat_fuel` of each home, members of the enumerations.
    """
    setups["house"] = 1
    dwelling = _pick(draws.even(), tuple(d.share_fraction for d in DWELLINGS))
    fuel = _pick(draws.even(), tuple(share for _fuel, share in stock.heat))
    _envelope(setups, draws, stock, dwelling, house)
    heat_fuels = np.array([stock.heat[i][0] for i in fuel.tolist()], object)
    kinds = np.array([_HEAT_KINDS[f] for f in heat_fuels.tolist()])
    setups["heat_kind"] = kinds
    _cooling(setups, draws, stock, kinds, house)
    _heating(setups, draws, stock, kinds, house)
    _thermostat(setups, draws, house)
    _water(setups, draws, stock, kinds, house)
    _appliances(setups, draws, stock, house)
    _solar(setups, draws, stock, house)
    places = [int(place) for place in dwelling]
    return {"home_kind": np.array([DWELLINGS[place].kind for place in places], object), "heat_fuel": heat_fuels}


def _pick(even: NDArray[np.float64], shares: tuple[float, ...]) -> NDArray[np.int64]:
    """Index of the share that each draw falls into."""
    ends = np.cumsum(np.array(shares))
    return np.minimum(np.searchsorted(ends, even, side="right"), len(shares) - 1).astype(np.int64)


def _one_of(draws: Draws, values: tuple[float, ...]) -> NDArray[np.float64]:
    return np.array(values)[(draws.even() * len(values)).astype(np.int64)]


def _envelope(setups: NDArray[np.void], draws: Draws, stock: Stock, dwelling: NDArray[np.int64], house: House) -> None:
    """Floor, losses, capacities, windows, people."""
    even = draws.even()
    low, high, skewed, outside = (
        np.array(values)[dwelling]
        for values in zip(*((d.floor_m2.low, d.floor_m2.high, d.floor_m2.skewed, d.outside) for d in DWELLINGS),
                          strict=True)
    )  # fmt: skip
    floor_m2 = low + (high - low) * np.where(skewed, even * even, even)
    setups["floor_m2"] = floor_m2
    loss_per_k = floor_m2 * outside * draws.within(stock.loss_per_k_m2)
    setups["link_per_k"] = floor_m2 * draws.within(house.link_per_k_m2)
    setups["air_joule_per_k"] = 1000.0 * floor_m2 * draws.within(house.air_kj_per_k_m2)
    setups["mass_joule_per_k"] = 1000.0 * floor_m2 * draws.within(house.mass_kj_per_k_m2)
    glass_m2 = floor_m2 * draws.within(house.window_fraction) * np.minimum(outside, 1.0)
    setups["solar_m2"] = glass_m2 * draws.within(house.window_gain)
    setups["shift_ticks"] = np.rint(draws.within(house.shift_h) * 60.0).astype(np.int64) * 60 * TICKS_PER_S
    setups["people"] = 1 + np.floor(4.4 * draws.even() * np.minimum(1.0, floor_m2 / 110.0))
    _shell(setups, draws, stock, loss_per_k, house)


def _shell(setups: NDArray[np.void], draws: Draws, stock: Stock, loss_per_k: NDArray[np.float64], house: House) -> None:
    """Which way the loss goes: windows and leakage, walls and roof, slab."""
    floor_m2 = setups["floor_m2"]
    slab = draws.chance(stock.slab_fraction)
    direct, slab_part = draws.within(house.direct_fraction), draws.within(house.slab_loss_fraction)
    setups["loss_per_k"] = loss_per_k * direct
    setups["ground_per_k"] = np.where(slab, loss_per_k * slab_part, 0.0)
    through_per_k = loss_per_k - setups["loss_per_k"] - setups["ground_per_k"]
    inside = draws.within(house.shell_inside)
    setups["shell_in_per_k"] = through_per_k / inside
    setups["shell_out_per_k"] = through_per_k / (1.0 - inside)
    setups["shell_joule_per_k"] = 1000.0 * floor_m2 * draws.within(house.shell_kj_per_k_m2)
    setups["mass_joule_per_k"] += np.where(slab, 1000.0 * floor_m2 * draws.within(house.slab_kj_per_k_m2), 0.0)
    setups["face_rise_k"] = draws.within(house.face_rise_k)
    setups["face_sky_k"] = draws.within(stock.sky_k)


def _through_per_k(setups: NDArray[np.void]) -> NDArray[np.float64]:
    """Loss through walls and roof, steady, W/K."""
    return 1.0 / (1.0 / setups["shell_in_per_k"] + 1.0 / setups["shell_out_per_k"])


def _cooling(setups: NDArray[np.void], draws: Draws, stock: Stock, kinds: NDArray[np.int64], house: House) -> None:
    """Air conditioners, sized for the climate's design day in half tons."""
    sensible = draws.within(stock.sensible)
    # At the design hour: through the envelope, 350 W/m2 of sun on the windows, and half a kilowatt from inside. What
    # walls and roof let in is the mean of the hours before, with half of that sun.
    through_per_k = _through_per_k(setups)
    sun_w = _DESIGN_SUN * (setups["solar_m2"] + 0.5 * 0.01 * setups["face_rise_k"] * through_per_k)
    load_w = (setups["loss_per_k"] + through_per_k) * (stock.design_cool_c - 24.0) + sun_w + 500.0
    wanted_w = draws.within(house.oversize) * load_w / sensible
    capacity_w = np.maximum(_COOL_LEAST_W, np.ceil(wanted_w / _HALF_TON_W) * _HALF_TON_W)
    cop = draws.within(house.cop_cool)
    cooled = draws.chance(stock.cooled_fraction) | (kinds == HEAT_PUMP)
    setups["cool_capacity_w"] = np.where(cooled, capacity_w, 0.0)
    setups["cool_rated_w"] = np.where(cooled, capacity_w / cop, 0.0)
    setups["sensible_fraction"] = sensible


def _heating(setups: NDArray[np.void], draws: Draws, stock: Stock, kinds: NDArray[np.int64], house: House) -> None:
    """Furnaces, heat pumps of the size of their cooling, resistances."""
    outside_per_k = setups["loss_per_k"] + _through_per_k(setups) + 0.5 * setups["ground_per_k"]
    load_w = outside_per_k * (20.0 - stock.design_heat_c)
    oversize = draws.within(house.oversize)
    furnace_w = np.ceil(1.3 * oversize * load_w / 2000.0) * 2000.0
    resistance_w = np.ceil(oversize * load_w / 2500.0) * 2500.0
    pump_w = np.maximum(setups["cool_capacity_w"], _COOL_LEAST_W)
    setups["heat_capacity_w"] = np.select(
        [kinds == HEAT_FUEL, kinds == HEAT_PUMP, kinds == HEAT_RESISTANCE], [furnace_w, pump_w, resistance_w], 0.0
    )
    setups["heat_rated_w"] = np.where(kinds == HEAT_PUMP, pump_w / draws.within(house.cop_heat), 0.0)
    aux_w = np.where(load_w > 0.8 * pump_w, _AUX_W[1], _AUX_W[0])
    setups["aux_w"] = np.where(kinds == HEAT_PUMP, aux_w, 0.0)
    setups["fan_w"] = np.where(kinds == HEAT_FUEL, draws.within(house.fan_w), 0.0)


def _thermostat(setups: NDArray[np.void], draws: Draws, house: House) -> None:
    setups["cool_set_c"] = draws.within(house.cool_set_c)
    setups["heat_set_c"] = draws.within(house.heat_set_c)
    setups["setback_c"] = np.where(draws.chance(house.setback_fraction), draws.within(house.setback_c), 0.0)
    setups["deadband_c"] = draws.within(house.deadband_c)
    min_off = np.rint(draws.within(house.min_off_s) * TICKS_PER_S).astype(np.int64)
    setups["min_off_ticks"] = min_off
    setups["restart_ticks"] = np.where(draws.chance(house.delayed_fraction), min_off, 0)


def _water(setups: NDArray[np.void], draws: Draws, stock: Stock, kinds: NDArray[np.int64], house: House) -> None:
    """Electric water heaters; the others burn what the house burns. All have draws, which a well must pump."""
    burns = kinds == HEAT_FUEL
    luck = draws.even()
    electric = luck < np.where(burns, stock.electric_water_fraction, stock.electric_water_other_fraction)
    setups["tank_joule_per_k"] = _LITRE_JOULE_PER_K * draws.within(house.tank_l)
    setups["tank_loss_per_k"] = draws.within(house.tank_loss_per_k)
    setups["element_w"] = np.where(electric, _one_of(draws, (3800.0, 4500.0, 4500.0, 5500.0)), 0.0)
    setups["tank_set_c"] = draws.within(house.tank_set_c)
    setups["draws_count"] = setups["people"] * draws.within(house.draws_by_person)
    setups["draw_l"] = draws.within(house.draw_l)


def _appliances(setups: NDArray[np.void], draws: Draws, stock: Stock, house: House) -> None:
    setups["fridge_w"] = draws.within(house.fridge_w)
    setups["freezer_w"] = np.where(draws.chance(house.freezer_fraction), draws.within(house.freezer_w), 0.0)
    setups["box_loss_per_k"] = draws.within(house.box_loss_per_k)
    setups["box_joule_per_k"] = 1000.0 * draws.within(house.box_kj_per_k)
    setups["pump_w"] = np.where(draws.chance(stock.well_fraction), _one_of(draws, house.pump_w), 0.0)
    setups["ev_w"] = np.where(draws.chance(stock.ev_fraction), _one_of(draws, house.ev_w), 0.0)
    setups["ev_day_wh"] = draws.within(house.ev_day_wh)
    home_h = draws.within(house.ev_home_h)
    setups["ev_home_s"] = np.floor(home_h * 60.0) * 60.0
    # With a timer charging begins between midnight and one.
    timed_s = (24.0 - home_h + draws.even()) * 3600.0
    setups["ev_wait_s"] = np.where(draws.chance(house.ev_timer_fraction), np.floor(timed_s), 0.0)
    setups["base_w"] = draws.within(house.base_w)
    size = np.sqrt(setups["floor_m2"] / 150.0)
    setups["daily_w"] = size * draws.within(house.plugs_w)
    setups["dryer_w"] = np.where(draws.chance(stock.dryer_fraction), draws.within(house.dryer_w), 0.0)
    setups["range_w"] = np.where(draws.chance(stock.range_fraction), draws.within(house.range_w), 0.0)


def _solar(setups: NDArray[np.void], draws: Draws, stock: Stock, house: House) -> None:
    """Arrays behind the meter: known to the utility, and disconnected on backup by all but a few of their owners."""
    array = draws.chance(stock.solar_fraction)
    setups["load_side_generation"] = array
    setups["solar_w"] = np.where(array, draws.within(house.solar_w), 0.0)
    setups["solar_off_on_backup"] = ~draws.chance(house.solar_left_on_fraction)
