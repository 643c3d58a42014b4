"""The thermal house in plain Python: against exact solutions, energy balances, and what an outage must do."""

from typing import Any

import numpy as np
import pytest

from bptm.compiled.records import plain_record
from bptm.plant.house import cool_power_ratio, cool_ratio, face_c, heat_power_ratio, heat_ratio, warm
from bptm.plant.house_power import as_resistance_w, begin_house, count_house, set_house_load, step_house
from bptm.plant.house_water import step_tank
from bptm.terms import core_home, core_plant
from bptm.terms.core_home import HEAT_FUEL, HEAT_PUMP, HEAT_RESISTANCE
from bptm.terms.core_plant import HOUSE_TICKS, HVAC_COOL, HVAC_HEAT_AUX, HVAC_OFF

HOUR = 3600 * 120


def setup(**values: float) -> Any:
    u = plain_record(core_home.SETUP_FIELDS)
    usual = {
        "seed": 11, "house": 1, "floor_m2": 160.0, "loss_per_k": 250.0, "link_per_k": 3200.0,
        "air_joule_per_k": 1.5e6, "mass_joule_per_k": 13e6, "solar_m2": 3.0, "people": 2.0,
        "cool_capacity_w": 10_500.0, "cool_rated_w": 3300.0, "sensible_fraction": 0.8, "cool_set_c": 24.0,
        "heat_kind": HEAT_PUMP, "heat_capacity_w": 10_500.0, "heat_rated_w": 3300.0, "aux_w": 9600.0, "fan_w": 500.0,
        "heat_set_c": 20.0, "deadband_c": 1.0, "min_off_ticks": 240 * 120, "restart_ticks": 240 * 120,
        "tank_joule_per_k": 190 * 4186.0, "tank_loss_per_k": 1.6, "element_w": 4500.0, "tank_set_c": 52.0,
        "inlet_c": 15.0, "draws_count": 16.0, "draw_l": 5.0, "fridge_w": 140.0, "freezer_w": 110.0,
        "box_loss_per_k": 4.5, "box_joule_per_k": 150e3, "base_w": 150.0, "daily_w": 700.0,
    }  # fmt: skip
    for name, value in (usual | values).items():
        setattr(u, name, value)
    return u


class House:
    """One house by the minute, at any voltage."""

    def __init__(self, outdoor_c: float, sun: float = 0.0, **values: float) -> None:
        self.u = setup(**values)
        self.h = plain_record(core_plant.FIELDS)
        self.h.outdoor_from_c = self.h.outdoor_to_c = outdoor_c
        self.h.sun_from = self.h.sun_to = sun
        begin_house(self.h, self.u, 0)

    def minutes(self, count: int, volts: float = 120.0, heavy: int = 1) -> list[float]:
        """Load of each minute at this voltage."""
        h = self.h
        loads: list[float] = []
        for _ in range(count):
            h.bus_l1_v = h.bus_l2_v = volts
            set_house_load(h, self.u, heavy, 1.0)
            count_house(h, HOUSE_TICKS)
            loads.append((h.l1_w + h.l2_w) * (volts / 120.0) ** 2)
            h.tick += HOUSE_TICKS
            h.weather_tick = h.tick // HOUR * HOUR
            step_house(h, self.u, 0)
        return loads


SHELL = {
    "loss_per_k": 90.0, "shell_in_per_k": 240.0, "shell_out_per_k": 260.0, "shell_joule_per_k": 6e6,
    "face_rise_k": 4.0, "face_sky_k": 2.0, "ground_per_k": 45.0, "ground_c": 14.0,
}  # fmt: skip


@pytest.mark.parametrize("shell", [{}, SHELL])
def test_the_nodes_follow_the_exact_solution(shell: dict[str, float]) -> None:
    """Oracle: the matrix exponential. Four hours of a step of heat: within 0.02 K of exact at every minute."""
    u, h = setup(**shell), plain_record(core_plant.FIELDS)
    start = np.array([20.0, 22.0, 25.0])
    h.air_c, h.mass_c, h.shell_c = start.tolist()
    h.outdoor_c, sun = 35.0, 200.0
    face = face_c(h, u, sun)
    assert face == pytest.approx(41.0 if shell else 35.0)
    air, mass, wall = u.air_joule_per_k, u.mass_joule_per_k, u.shell_joule_per_k or 1.0
    inside, outside, ground = u.shell_in_per_k, u.shell_out_per_k, u.ground_per_k
    # A house without a shell gets one that touches nothing, so that the three equations can be solved.
    alone = 0.0 if shell else 1e-6
    flow = np.array(
        [
            [-(u.loss_per_k + u.link_per_k + inside) / air, u.link_per_k / air, inside / air],
            [u.link_per_k / mass, -(u.link_per_k + ground) / mass, 0.0],
            [inside / wall, 0.0, -(inside + outside) / wall - alone],
        ]
    )
    given = np.array([(u.loss_per_k * 35.0 - 4000.0) / air, (900.0 + ground * 14.0) / mass, outside * face / wall])
    rates, modes = np.linalg.eig(flow)
    end = np.linalg.solve(flow, -given)
    for minute in range(1, 241):
        warm(h, u, -4000.0, 900.0, face)
        exact = end + modes @ (np.exp(rates * 60.0 * minute) * np.linalg.solve(modes, start - end))
        assert abs(h.air_c - exact[0]) < 0.02
        assert abs(h.mass_c - exact[1]) < 0.02
        if shell:
            assert abs(h.shell_c - exact[2]) < 0.02


def test_sun_on_walls_and_roof_warms_the_air_hours_late() -> None:
    """Three hours of sun on a house without windows: its air is warmest hours after the sun has gone."""
    u, h = setup(**SHELL, solar_m2=0.0), plain_record(core_plant.FIELDS)
    h.air_c = h.mass_c = h.outdoor_c = 14.0
    h.shell_c = 14.0 - 2.0 * 260.0 / 500.0
    airs: list[float] = []
    for minute in range(24 * 60):
        warm(h, u, 0.0, 0.0, face_c(h, u, 400.0 if minute < 180 else 0.0))
        airs.append(h.air_c)
    warmest = int(np.argmax(airs))
    assert 180 < warmest < 8 * 60
    assert max(airs) > airs[0] + 0.5


def test_a_slab_draws_the_house_towards_the_ground() -> None:
    """Left alone, all nodes end where the conductances to ground and outdoor air put them."""
    u, h = setup(**SHELL), plain_record(core_plant.FIELDS)
    h.air_c = h.mass_c = h.shell_c = h.outdoor_c = 30.0
    for _minute in range(40 * 24 * 60):
        warm(h, u, 0.0, 0.0, 30.0)
    through = 240.0 * 260.0 / 500.0
    to_ground = 1.0 / (1.0 / 45.0 + 1.0 / u.link_per_k)
    air_c = (14.0 * to_ground + 30.0 * (90.0 + through)) / (to_ground + 90.0 + through)
    assert h.air_c == pytest.approx(air_c, abs=0.01)


def test_curves_over_the_outdoor_temperature_are_one_at_rating_and_move_the_right_way() -> None:
    """Capacity and power are those of the plate at 35 C (cooling) and 8.3 C (heating); heat costs more in the cold."""
    assert cool_ratio(35.0) == pytest.approx(1.0, abs=0.001)
    assert cool_power_ratio(35.0) == pytest.approx(1.0, abs=0.001)
    assert heat_ratio(8.33) == pytest.approx(1.0, abs=0.005)
    assert heat_power_ratio(8.33) == pytest.approx(1.0, abs=0.005)
    assert cool_ratio(43.0) < 1.0 < cool_power_ratio(43.0)
    assert heat_ratio(-8.0) / heat_power_ratio(-8.0) < 0.8


def test_a_house_holds_its_temperature_with_the_energy_that_its_losses_ask_for() -> None:
    """At 36 C outdoors for two days: air stays in the band, and cooling removes what flows in, within 3 %."""
    house = House(36.0, people=0.0, daily_w=0.0, base_w=0.0, fridge_w=0.0, freezer_w=0.0, element_w=0.0)
    house.minutes(600)
    removed_j = 0.0
    inside: list[float] = []
    for _ in range(2 * 1440):
        if house.h.hvac == HVAC_COOL:
            removed_j += 60.0 * house.u.cool_capacity_w * cool_ratio(36.0) * house.u.sensible_fraction
        house.minutes(1)
        inside.append(house.h.air_c)
    flows_in_j = house.u.loss_per_k * (36.0 - float(np.mean(inside))) * 2 * 86_400
    assert removed_j == pytest.approx(flows_in_j, rel=0.03)
    assert 23.0 < min(inside) < max(inside) < 25.0


def test_the_tank_gives_back_what_it_was_given() -> None:
    """A day of draws: element energy equals hot water drawn, losses and what the tank gained, within 1 %."""
    u, h = setup(), plain_record(core_plant.FIELDS)
    h.tank_top_c = h.tank_low_c = 50.0
    given_j = drawn_j = lost_j = 0.0
    for minute in range(1440):
        before = 0.35 * h.tank_top_c + 0.65 * h.tank_low_c
        drawn_l = 6.0 if minute % 90 < 4 else 0.0
        drawn_j += drawn_l * 4186.0 * (h.tank_top_c - u.inlet_c)
        given_j += 60.0 * u.element_w if h.element else 0.0
        lost_j += 60.0 * u.tank_loss_per_k * (before - 21.0)
        step_tank(h, u, drawn_l, 1.0)
        assert h.tank_low_c <= h.tank_top_c + 1e-9
    gained_j = u.tank_joule_per_k * (0.35 * h.tank_top_c + 0.65 * h.tank_low_c - 50.0)
    assert given_j == pytest.approx(drawn_j + lost_j + gained_j, rel=0.01)


def run_homes(count: int, outdoor_c: float, dark_min: int, **values: float) -> tuple[float, float, float]:
    """Mean load before an outage, in the 10 minutes after the restart delays, and four hours after it."""
    before, soon, late = 0.0, 0.0, 0.0
    for n in range(count):
        house = House(outdoor_c, seed=977 * n + 5, **values)
        house.minutes(180)
        before += float(np.mean(house.minutes(120)))
        house.minutes(dark_min, volts=0.0)
        after = house.minutes(360)
        soon += float(np.mean(after[6:16]))
        late += float(np.mean(after[300:360]))
    return before / count, soon / count, late / count


def test_diversity_is_lost_by_an_outage_and_comes_back() -> None:
    """No curve anywhere: longer outages lose more, the load after one is above that before, and falls back."""
    short = run_homes(24, 33.0, 20, draws_count=0.0, daily_w=0.0)
    long_ = run_homes(24, 33.0, 180, draws_count=0.0, daily_w=0.0)
    assert short[1] > 1.15 * short[0]
    assert long_[1] > short[1]
    assert long_[1] > 1.5 * long_[0]
    assert long_[2] == pytest.approx(long_[0], rel=0.15)


def test_the_compressor_waits_after_power_returns() -> None:
    """A thermostat without power stops; after it the compressor rests for its delay although the house calls."""
    house = House(38.0)
    house.minutes(240)
    house.minutes(60, volts=0.0)
    assert house.h.hvac == HVAC_OFF
    on_again = 0
    while house.h.hvac == HVAC_OFF:
        house.minutes(1)
        on_again += 1
        assert on_again < 30
    assert on_again * 60 >= 240


def test_resistances_help_a_heat_pump_after_a_cold_outage() -> None:
    """Far below its band a heat pump calls its resistances: the worst load of a winter return."""
    house = House(-6.0)
    house.minutes(300)
    house.minutes(240, volts=0.0)
    kinds: set[int] = set()
    for _ in range(30):
        house.minutes(1)
        kinds.add(house.h.hvac)
    assert HVAC_HEAT_AUX in kinds


def test_a_furnace_needs_its_fan_and_a_home_on_backup_keeps_it() -> None:
    """A gas house goes cold without power; with 240 V circuits off on backup it still heats, and cools nothing."""
    house = House(-5.0, heat_kind=HEAT_FUEL, heat_capacity_w=18_000.0)
    house.minutes(300)
    warm_c = house.h.air_c
    house.minutes(180, volts=0.0)
    cold_c = house.h.air_c
    assert cold_c < warm_c - 3.0
    house.minutes(180, heavy=0)
    assert house.h.air_c > cold_c + 2.0
    hot = House(38.0, heat_kind=HEAT_FUEL, heat_capacity_w=18_000.0)
    hot.minutes(240)
    hot.minutes(240, heavy=0)
    assert hot.h.air_c > 26.0


def test_a_well_without_power_gives_no_water_and_pumps_at_once_after() -> None:
    """No pressure, no draws: the tank keeps its heat; with power the pump is the first to run."""
    house = House(20.0, pump_w=1100.0, draws_count=60.0)
    house.minutes(240)
    house.minutes(600, volts=0.0)
    assert house.h.pressure_l == 0.0
    assert house.h.draw_left_l == 0.0
    assert house.h.pump_on == 1
    house.minutes(5)
    assert house.h.pressure_l > 10.0


def test_a_car_charges_what_it_missed() -> None:
    """A car that comes home to an outage charges after it: the need is put off, not lost."""
    house = House(20.0, ev_w=7200.0, ev_day_wh=9000.0, ev_home_s=3600.0)
    house.h.ev_left_wh = 0.0
    house.minutes(62)
    left = house.h.ev_left_wh
    assert left > 0.0
    house.minutes(180, volts=0.0)
    assert house.h.ev_left_wh == pytest.approx(left, abs=1.0)
    house.minutes(240)
    assert house.h.ev_left_wh == 0.0


@pytest.mark.parametrize("volts", [126.0, 120.0, 108.0, 90.0])
def test_a_load_follows_voltage_by_its_shares(volts: float) -> None:
    """As a resistance at its voltage it draws what its constant parts say; below 0.7 it is an impedance."""
    v = volts / 120.0
    assert as_resistance_w(1000.0, 500.0, 200.0, volts) * v * v == pytest.approx(1000.0 * v * v + 500.0 * v + 200.0)
    assert as_resistance_w(0.0, 0.0, 100.0, 30.0) == as_resistance_w(0.0, 0.0, 100.0, 84.0)


def test_resistance_heat_follows_the_square_of_voltage() -> None:
    """At 114 V a resistance house runs longer for the same heat: duty by 1/v^2 within 3 %."""
    duty: list[float] = []
    for volts in (120.0, 114.0):
        house = House(-2.0, heat_kind=HEAT_RESISTANCE, heat_capacity_w=12_000.0, daily_w=0.0, people=0.0)
        house.minutes(600, volts=volts)
        duty.append(float(np.mean([load > 5000.0 for load in house.minutes(2880, volts=volts)])))
    assert duty[1] / duty[0] == pytest.approx((120.0 / 114.0) ** 2, rel=0.03)
