"""What thermal houses are like, by climate: shares and ranges, each with where it comes from.

[OK] is general knowledge of the survey named, rounded and not checked against its tables; `own` is our own choice.
Surveys: RECS, the Residential Energy Consumption Survey 2020 of the EIA, state tables; ResStock, NREL's housing stock
model; ASHRAE 90.2 and Handbook of Fundamentals; AHS, the American Housing Survey.
"""

# ruff: noqa: RUF009 - Range is frozen

from dataclasses import dataclass
from enum import Enum

from bptm.twin.homes import Range


class HomeKind(Enum):
    """What a home stands in."""

    DETACHED = 0
    ATTACHED = 1
    MOBILE = 2
    APARTMENT = 3


class HeatFuel(Enum):
    """What warms a home."""

    GAS = 0
    PROPANE = 1
    HEAT_PUMP = 2
    RESISTANCE = 3
    NONE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    """One kind of home."""

    kind: HomeKind
    share_fraction: float
    floor_m2: Range
    outside: float
    """Its loss against a detached house of the same floor: shared walls lose nothing."""


DWELLINGS = (
    Dwelling(kind=HomeKind.DETACHED, share_fraction=0.82, floor_m2=Range(low=90, high=320, skewed=True), outside=1.0),
    Dwelling(kind=HomeKind.ATTACHED, share_fraction=0.08, floor_m2=Range(low=80, high=190), outside=0.72),
    Dwelling(kind=HomeKind.MOBILE, share_fraction=0.06, floor_m2=Range(low=65, high=150), outside=1.2),
    Dwelling(kind=HomeKind.APARTMENT, share_fraction=0.04, floor_m2=Range(low=50, high=110), outside=0.5),
)
"""Own: homes with a meter socket of their own where a backup meter makes sense. Floors: AHS [OK]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Shares that differ between climates."""

    name: str
    heat: tuple[tuple[HeatFuel, float], ...]
    """RECS 2020, main heating fuel and equipment [OK]."""
    cooled_fraction: float
    """Homes with central air conditioning or a heat pump. RECS 2020 [OK]."""
    electric_water_fraction: float
    """Of homes that burn gas or propane for heat; of the others, most. RECS 2020 [OK]."""
    electric_water_other_fraction: float
    dryer_fraction: float
    """Electric dryers. RECS 2020 [OK]."""
    range_fraction: float
    well_fraction: float
    """Homes on a well of their own. AHS, USGS [OK]; more in the outskirts where meters like these stand."""
    ev_fraction: float
    """Own: a few years ahead of registrations."""
    solar_fraction: float
    """Homes with an array behind the meter that the utility knows of. EIA-861 net metering customers [OK], rounded."""
    design_cool_c: float
    """Outdoor air at which an air conditioner is sized. ASHRAE 0.4-1 % cooling [OK]."""
    design_heat_c: float
    """Outdoor air at which heating is sized. ASHRAE 99 % heating [OK]."""
    sensible: Range
    """Part of cooling that is not drying: dry air or moist. OCHRE's HVAC table has 0.72-0.85 at rating [S]."""
    loss_per_k_m2: Range
    """Envelope and air leakage by floor, W/K per m2: from 2010s codes to leaky 1960s. ResStock's range [OK]."""
    slab_fraction: float
    """Homes on a slab; the others stand on a crawl space, whose air is taken for the outdoor air. AHS, RECS [OK]."""
    sky_k: Range
    """How much the sky cools outside faces: 4 K on a roof and 0 on a wall, ASHRAE sol-air [OK]; more in dry air."""


STOCKS = (
    Stock(
        name="california",
        heat=(
            (HeatFuel.GAS, 0.66),
            (HeatFuel.PROPANE, 0.05),
            (HeatFuel.HEAT_PUMP, 0.12),
            (HeatFuel.RESISTANCE, 0.12),
            (HeatFuel.NONE, 0.05),
        ),
        cooled_fraction=0.72,
        electric_water_fraction=0.10,
        electric_water_other_fraction=0.70,
        dryer_fraction=0.45,
        range_fraction=0.45,
        well_fraction=0.08,
        ev_fraction=0.12,
        solar_fraction=0.15,
        design_cool_c=38.0,
        design_heat_c=0.0,
        sensible=Range(low=0.80, high=0.92),
        loss_per_k_m2=Range(low=1.0, high=3.0, skewed=True),
        slab_fraction=0.60,
        sky_k=Range(low=2.0, high=4.5),
    ),
    Stock(
        name="north-carolina",
        heat=(
            (HeatFuel.GAS, 0.27),
            (HeatFuel.PROPANE, 0.08),
            (HeatFuel.HEAT_PUMP, 0.47),
            (HeatFuel.RESISTANCE, 0.16),
            (HeatFuel.NONE, 0.02),
        ),
        cooled_fraction=0.90,
        electric_water_fraction=0.45,
        electric_water_other_fraction=0.95,
        dryer_fraction=0.85,
        range_fraction=0.82,
        well_fraction=0.22,
        ev_fraction=0.05,
        solar_fraction=0.02,
        design_cool_c=34.0,
        design_heat_c=-7.0,
        sensible=Range(low=0.70, high=0.80),
        loss_per_k_m2=Range(low=1.0, high=2.8, skewed=True),
        slab_fraction=0.30,
        sky_k=Range(low=1.0, high=3.0),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Ranges that are the same everywhere."""

    link_per_k_m2: Range = Range(low=16.0, high=26.0)
    """Between air and mass by floor: 1.46 Btu/h ft2 F over 2-3 times the floor of inner surface, GridLAB-D [S]."""
    air_kj_per_k_m2: Range = Range(low=7.0, high=12.0)
    """Three times the heat of 2.4 m of air, GridLAB-D's factor [S], and what stands loose in it."""
    mass_kj_per_k_m2: Range = Range(low=30.0, high=70.0)
    """Inside the shell, on a crawl space: 2 Btu/F ft2 for all of a house in GridLAB-D (41 kJ) [S]."""
    slab_kj_per_k_m2: Range = Range(low=25.0, high=60.0)
    """A slab adds this under its carpets. With shell and mass at most 165, ISO 13790's medium house [OK]."""
    shell_kj_per_k_m2: Range = Range(low=25.0, high=70.0)
    """Walls and roof by floor: board, studs and sheathing to stucco, 12-35 kJ by m2 of them and 2 of them by floor."""
    direct_fraction: Range = Range(low=0.35, high=0.60)
    """Windows and leakage of the whole loss: glass of 1.8-5 W/m2 K and 0.3-0.8 changes of air an hour, own sum."""
    slab_loss_fraction: Range = Range(low=0.10, high=0.30)
    """Through a slab: 1.3 W/K by metre of edge without insulation is a fifth. OCHRE's example house: 0.4."""
    shell_inside: Range = Range(low=0.40, high=0.60)
    """Part of the shell's resistance inside of its core. Own choice; OCHRE's example house, fitted, has 0.30."""
    face_rise_k: Range = Range(low=2.5, high=5.0)
    """By 100 W/m2 on upright glass: absorptance 0.5-0.9 over 17-23 W/m2 K, sol-air. OCHRE's example house: 4.5."""
    window_fraction: Range = Range(low=0.09, high=0.18)
    """Glass by floor. ResStock [OK]."""
    window_gain: Range = Range(low=0.18, high=0.50)
    """Solar heat gain coefficient 0.25-0.6 [OK], and 0.8 for shades, eaves and frames."""
    cop_cool: Range = Range(low=2.4, high=4.0)
    """At 35 C with both fans: SEER 10 to 17. RECS ages [OK]."""
    cop_heat: Range = Range(low=2.6, high=3.8)
    """At 8.3 C with both fans: HSPF 7 to 10."""
    oversize: Range = Range(low=1.0, high=1.5)
    """ACCA Manual S allows 1.15 to 1.25; field studies find more [OK]."""
    cool_set_c: Range = Range(low=22.5, high=27.0)
    """RECS 2020: 70 to 80 F, most near 75 [OK]."""
    heat_set_c: Range = Range(low=18.0, high=22.0)
    setback_fraction: float = 0.35
    setback_c: Range = Range(low=1.0, high=3.0)
    deadband_c: Range = Range(low=0.6, high=1.4)
    """Thermostats: 1 to 2.5 F. GridLAB-D's default is 2 F."""
    min_off_s: Range = Range(low=180, high=300)
    """Anti-short-cycle timers: 3 to 5 minutes, usual."""
    delayed_fraction: float = 0.75
    """Own: thermostats that also wait this long after power comes back; the rest start at once."""
    fan_w: Range = Range(low=300.0, high=650.0)
    """Furnace blowers, 0.3 to 0.5 W a watt-thousand of gas [OK]."""
    tank_l: Range = Range(low=150.0, high=300.0)
    """40 to 80 US gallons."""
    tank_loss_per_k: Range = Range(low=1.0, high=2.2)
    """Uniform energy factor 0.90-0.95 [OK]."""
    tank_set_c: Range = Range(low=49.0, high=57.0)
    draws_by_person: Range = Range(low=6.0, high=11.0)
    draw_l: Range = Range(low=4.0, high=6.5)
    """With the above about 45 l of hot water a person and day: ASHRAE's low to mean use [OK]."""
    fridge_w: Range = Range(low=100.0, high=190.0)
    box_loss_per_k: Range = Range(low=3.2, high=6.2)
    """350 to 650 kWh a year with doors opened [OK]."""
    box_kj_per_k: Range = Range(low=110.0, high=220.0)
    """Food: 25 to 50 kg of water."""
    freezer_fraction: float = 0.42
    freezer_w: Range = Range(low=90.0, high=160.0)
    pump_w: tuple[float, ...] = (750.0, 1100.0, 1500.0)
    ev_w: tuple[float, ...] = (1400.0, 3800.0, 7200.0, 9600.0)
    """Level 1 and the usual circuits of level 2, equally likely."""
    ev_day_wh: Range = Range(low=4000.0, high=15_000.0)
    """30 miles at 0.3 kWh a mile; NHTS mean distance [OK]."""
    ev_home_h: Range = Range(low=15.5, high=21.0)
    ev_timer_fraction: float = 0.4
    shift_h: Range = Range(low=-1.5, high=1.5)
    """Own: how far homes differ in when they get up, come home and go to bed; setbacks with them."""
    base_w: Range = Range(low=70.0, high=280.0)
    """What is never off."""
    plugs_w: Range = Range(low=350.0, high=1300.0, skewed=True)
    """Plugs and lights at the evening peak: with the base 2 to 6 MWh a year. ResStock [OK]."""
    solar_w: Range = Range(low=3000.0, high=10_000.0, skewed=True)
    """Peak of an array at the inverter: median near 5 kW. Tracking the Sun, residential [OK]."""
    solar_left_on_fraction: float = 0.08
    """Own: of homes with an array, those that do not open its breaker before they use a source (domain.md H22)."""
    dryer_w: Range = Range(low=4800.0, high=5600.0)
    range_w: Range = Range(low=1800.0, high=4200.0)


HOUSE = House()
