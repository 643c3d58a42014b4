"""`python scripts/compare_houses.py`: our houses beside those of GridLAB-D, same homes, same weather, same outages.

The peer is found by an environment variable: `BPTM_GRIDLABD_PYTHON`, a Python with the package `gridlabd`; weather by
`BPTM_SHARED_DATA`, which is ../shared/data without it. What is missing is said, and what is there is compared. Pictures
go to docs/pictures, figures are printed as the tables of docs/explanation/house.md.

What is taken from the peer is what its houses *are* (losses, masses, capacities, set points, window gain), read from it
after it has worked them out. What they do, our own physics has to find.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from houses_beside import PICTURES, ROOT, SETTLE_H, SHARED, Case, Curves, draw, our_day, tell
from numpy.typing import NDArray

from bptm.compiled.fleet import SETUP_DTYPE
from bptm.plant.house_use import PLUGS
from bptm.plant.house_water import DRAW
from bptm.terms.core_codes import NEVER_TICKS
from bptm.terms.core_home import HEAT_PUMP, HEAT_RESISTANCE
from bptm.twin.weather import Weather, load_weather

HOUSES = 60
BTU_H_W = 0.293071
UA_W = 0.527527
"""W/K in a Btu/(h F)."""
BTU_F_J = 1899.1
INLET_F = 62.0
HOT, COLD = datetime(2001, 7, 17), datetime(2001, 1, 16)  # noqa: DTZ001 - local standard time
PGE = SHARED / "feeders" / "pge" / "secondary"
PGE_COOL_F = {
    **dict.fromkeys(range(6, 8), 73.0),
    **dict.fromkeys(range(8, 17), 78.0),
    **dict.fromkeys(range(17, 21), 73.0),
}
PGE_HEAT_F = dict.fromkeys(range(8, 17), 63.0)
"""Their thermostats' programs on a working day: 72 F and 71 F in the hours that are not named."""


def cases() -> tuple[Case, ...]:
    """A hot day and a cold one, without an outage, with outages that end at the worst hour, and at other hours."""
    found = [Case(name="hot day", begin=HOT), Case(name="cold day", begin=COLD)]
    for name, begin, end_h, lengths in (
        ("hot day", HOT, 17, (0.5, 2.0, 6.0)),
        ("hot day", HOT, 21, (3.0,)),
        ("cold day", COLD, 8, (0.5, 2.0, 6.0)),
        ("cold day", COLD, 20, (4.0,)),
    ):
        for hours in lengths:
            off = round((end_h - hours) * 60)
            found.append(Case(name=f"{name}, {hours:g} h to {end_h} h", begin=begin, outages_min=((off, end_h * 60),)))
    found.append(Case(name="cold day, 6 h to 8 h, strips", begin=COLD, outages_min=((120, 480),)))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Houses as the peer reads them."""

    glm: str
    houses: list[str]
    tanks: list[str]
    plugs: list[str]
    facts: list[dict[str, float]]
    """What our side needs and the peer does not tell."""


def schedule(name: str, values: tuple[float, ...]) -> str:
    """An hourly schedule in the peer's language."""
    mean = values[:24]
    return f"schedule {name} {{ " + " ".join(f"* {hour} * * * {mean[hour]:.4f};" for hour in range(24)) + " }\n"


def random_model(seed: int, *, strips: bool = False) -> Model:
    """Houses of many kinds, drawn; each with heat pump or resistances, an electric water heater, plugs and lights.

    `strips` gives heat pumps their resistances. The peer's thermostat then runs them in place of the compressor until
    the set point is reached, ours beside it while the house is far below: two controls, not two physics.
    """
    draws = np.random.default_rng(seed)
    # Plugs follow straight lines with us: the peer gets each hour's mean. Draws go by the hour on both sides.
    plugs = tuple(0.5 * (PLUGS[hour] + PLUGS[hour + 1]) for hour in range(24))
    parts = [schedule("PLUGS", plugs), schedule("DRAWS", DRAW)]
    facts: list[dict[str, float]] = []
    for n in range(HOUSES):
        pump = draws.random() < 0.6  # noqa: PLR2004 - share of heat pumps
        fact = {
            "strips": float(strips),
            "pump": float(pump),
            "plugs_w": float(draws.uniform(400, 1500)),
            "gallons_min": float(draws.uniform(0.02, 0.06)),
            "tank_c": float(draws.uniform(49, 57)),
        }
        facts.append(fact)
        parts.append(
            f"""object house {{ name h{n}; floor_area {draws.uniform(1000, 3000):.0f};
  thermal_integrity_level {draws.integers(1, 7)}; heating_system_type {"HEAT_PUMP" if pump else "RESISTANCE"};
  auxiliary_system_type {"ELECTRIC; auxiliary_strategy DEADBAND" if pump and strips else "NONE"};
  cooling_system_type ELECTRIC; cooling_COP {draws.uniform(2.4, 4.0):.2f}; heating_COP {draws.uniform(2.6, 3.8):.2f};
  cooling_setpoint {draws.uniform(73, 79):.2f}; heating_setpoint {draws.uniform(66, 70):.2f};
  thermostat_deadband {draws.uniform(1.2, 2.5):.2f}; air_temperature {draws.uniform(70, 76):.2f};
  object ZIPload {{ name z{n}; base_power PLUGS*{fact["plugs_w"] / 1000:.4f}; heatgain_fraction 0.9;
    power_fraction 0.45; current_fraction 0.15; impedance_fraction 0.40;
    power_pf 1; current_pf 1; impedance_pf 1; }};
  object waterheater {{ name w{n}; tank_volume 50; tank_setpoint {fact["tank_c"] * 1.8 + 32:.1f};
    heating_element_capacity 4.5; tank_UA 3.2; inlet_water_temperature {INLET_F:g}; thermostat_deadband 5;
    temperature {fact["tank_c"] * 1.8 + 32 - draws.uniform(0, 5):.1f}; location GARAGE;
    water_demand DRAWS*{fact["gallons_min"]:.4f}; }};
}}
"""
        )
    names = range(HOUSES)
    return Model(
        glm="".join(parts),
        houses=[f"h{n}" for n in names],
        tanks=[f"w{n}" for n in names],
        plugs=[f"z{n}" for n in names],
        facts=facts,
    )


def head(begin: datetime, weather_file: str) -> str:
    """Clock, modules and weather; the peer settles as long as ours."""
    first = begin - timedelta(hours=SETTLE_H)
    last = begin + timedelta(hours=25)
    # A zone without daylight saving: both sides count local standard time, and draw straight lines between hours.
    return f"""clock {{ timezone PST8; starttime '{first:%Y-%m-%d %H:%M:%S}'; stoptime '{last:%Y-%m-%d %H:%M:%S}'; }}
#set minimum_timestep=60
module residential {{ implicit_enduses NONE; }};
module climate;
object climate {{ tmyfile "{weather_file}"; interpolate LINEAR; }}
"""


def pge_model(begin: datetime) -> tuple[str, Model]:
    """The ten houses on one transformer as PG&E published them, without their arrays: the file and its houses."""
    text = (PGE / "TopoCenter-OP_base.glm").read_text(encoding="utf-8")
    text = text[: text.index("// Inverter Object")]
    clock = head(begin, "weather.tmy2").splitlines()[0]
    text = re.sub(r"clock\{.*?\n\}", clock, text, flags=re.DOTALL)
    text = text.replace('tmyfile "CA-Sacramento.tmy2";', 'tmyfile "weather.tmy2"; interpolate LINEAR;')
    text = text.replace("#set profiler=1", "#set minimum_timestep=60").replace("module tape;", "")
    houses = re.findall(r"name (house_N\d+);", text)
    skews_s = re.findall(r"name house_N\d+;\s*parent N\d+;\s*floor_area \d+;\s*schedule_skew (-?\d+);", text)
    facts = [
        {"strips": 1.0, "pump": 1.0, "plugs_w": 1500.0, "gallons_min": 0.0, "tank_c": 50.0, "skew_s": float(s)}
        for s in skews_s
    ]
    return text, Model(glm=text, houses=houses, tanks=[], plugs=[], facts=facts)


def ask_peer(python: str, folder: Path, glm: str, model: Model, case: Case) -> dict[str, Any]:
    """One day in GridLAB-D."""
    (folder / "model.glm").write_text(glm, encoding="utf-8")
    job = {
        "folder": str(folder),
        "glm": "model.glm",
        "begin": case.begin.isoformat(),
        "minutes": 24 * 60,
        "outages": case.outages_min,
        "houses": model.houses,
        "tanks": model.tanks,
        "plugs": model.plugs,
    }
    done = subprocess.run(  # noqa: S603 - the peer that the person named
        [python, str(ROOT / "scripts" / "house_peer_gridlabd.py")],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode:
        sys.exit(f"GridLAB-D failed on {case.name}: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}")
    return json.loads(done.stdout[done.stdout.index('{"facts"') :])


def their_curves(answer: dict[str, Any]) -> Curves:
    """What the peer told, in our units."""
    tanks = np.array(answer.get("temperature", []))
    water_c = np.zeros(0)
    if tanks.size:
        # Its tank is hot above a height and as cold as the inlet below.
        hot = np.array(answer["height"]) / np.max(answer["height"])
        water_c = ((hot * tanks + (1.0 - hot) * INLET_F) - 32.0).mean(axis=1) / 1.8
    load = np.array(answer["total_load"])
    return Curves(
        load_kw=load,
        hvac_kw=np.array(answer["hvac_load"]),
        water_kw=np.array(answer["actual_load"]) if tanks.size else np.zeros_like(load),
        air_c=(np.array(answer["air_temperature"]).mean(axis=1) - 32.0) / 1.8,
        tank_c=water_c,
    )


def as_peer_reads(weather: Weather) -> Weather:
    """The same year as GridLAB-D reads it: it takes the record of the hour that ends at 1 o'clock for midnight.

    Source: TMY2 user's manual, section 3: temperatures are those at the hour named, sun that of the hour before it.
    """
    later = np.roll(weather.sun, -1)
    return replace(weather, outdoor_c=np.roll(weather.outdoor_c, -1), sun=0.5 * (weather.sun + later))


def sensible_parts(answer: dict[str, Any]) -> NDArray[Any]:
    """Part of its cooling that is not drying, as house_e has it: by the humidity of the hours in which it cools."""
    humid = float(np.array(answer["outdoor_rh"])[12 * 60 : 20 * 60, 0].mean()) / 100.0
    latent = np.array([fact["latent_load_fraction"] for fact in answer["facts"]])
    return 1.0 / (1.1 + latent / (1.0 + np.exp(4.0 - 10.0 * humid)))


def our_setups(answer: dict[str, Any], model: Model, sun_mean: float) -> NDArray[Any]:
    """The same houses in our terms, from what the peer says that they are."""
    setups = np.zeros(len(model.houses), SETUP_DTYPE)
    sun_w = np.array(answer["solar_gain"]).mean(axis=0) * BTU_H_W
    sensible = sensible_parts(answer)
    for n, (theirs, fact) in enumerate(zip(answer["facts"], model.facts, strict=True)):
        u = setups[n]
        cool_w = theirs["design_cooling_capacity"] * BTU_H_W
        heat_w = theirs["design_heating_capacity"] * BTU_H_W
        fan_w = theirs["fan_design_power"]
        pump = fact["pump"] > 0
        values = {
            "seed": 1237 * n + 11, "house": 1, "utility_v": 120.0, "service_ohm": 0.001, "inlet_rating_a": 30.0,
            "backup_rating_w": 1.0, "backup_start_ticks": NEVER_TICKS, "backup_run_ticks": NEVER_TICKS,
            "backup_gap_ticks": NEVER_TICKS, "essential_fraction": 1.0, "medical": 1,
            "floor_m2": theirs["floor_area"] * 0.0929, "loss_per_k": theirs["UA"] * UA_W,
            "link_per_k": theirs["mass_heat_coeff"] * UA_W, "air_joule_per_k": theirs["air_heat_capacity"] * BTU_F_J,
            "mass_joule_per_k": theirs["mass_heat_capacity"] * BTU_F_J, "solar_m2": sun_w[n] / sun_mean,
            "cool_capacity_w": cool_w, "cool_rated_w": cool_w / theirs["cooling_COP"] + fan_w,
            # Ours are the net capacities of a plate, the fan's heat within; theirs are gross.
            "sensible_fraction": sensible[n] - fan_w / cool_w,
            "cool_set_c": (theirs["cooling_setpoint"] - 32) / 1.8,
            "heat_set_c": (theirs["heating_setpoint"] - 32) / 1.8,
            "heat_kind": HEAT_PUMP if pump else HEAT_RESISTANCE,
            "heat_capacity_w": heat_w + fan_w, "heat_rated_w": heat_w / theirs["heating_COP"] + fan_w if pump else 0.0,
            "aux_w": theirs["auxiliary_heat_capacity"] * BTU_H_W * fact["strips"],
            "deadband_c": theirs["thermostat_deadband"] / 1.8,
            "tank_joule_per_k": 50 * 3.785 * 4186.0, "tank_loss_per_k": 3.2 * UA_W, "tank_set_c": fact["tank_c"] + 1.4,
            "element_w": 4500.0 if model.tanks else 0.0, "inlet_c": (INLET_F - 32) / 1.8, "draws_count": 480.0,
            "draw_l": 3.0 * fact["gallons_min"] * 3.785, "box_joule_per_k": 150e3, "daily_w": fact["plugs_w"],
        }  # fmt: skip
        for name, value in values.items():
            u[name] = value
    return setups


def pge_setups(setups: NDArray[Any], lights: float) -> NDArray[Any]:
    """What stands in the ten houses besides: refrigerator, range, dryer; of lights the mean."""
    setups["fridge_w"] = 140.0
    setups["box_loss_per_k"] = 4.5
    setups["range_w"] = 2500.0
    setups["dryer_w"] = 5800.0
    # LIGHTS has a mean of 0.446 on a working day of July and of 0.600 in January; our course has 0.603.
    setups["daily_w"] = 1500.0 * lights / 0.603
    return setups


def pge_thermostats(skews_s: list[int]) -> Callable[[NDArray[Any], datetime], None]:
    """Set points of a working day, each house so many seconds later than the hour."""

    def set_points(setups: NDArray[Any], at: datetime) -> None:
        for n, skew_s in enumerate(skews_s):
            hour = (at - timedelta(seconds=skew_s)).hour
            warm = at.month in range(6, 11)
            setups["cool_set_c"][n] = ((PGE_COOL_F.get(hour, 72.0) if warm else 85.0) - 32.0) / 1.8
            setups["heat_set_c"][n] = ((60.0 if warm else PGE_HEAT_F.get(hour, 71.0)) - 32.0) / 1.8

    return set_points


def sun_mean(weather: Weather, begin: datetime) -> float:
    """Mean sun on upright glass of a day."""
    first = weather.hour(begin)
    return float(np.interp(np.arange(0, 24, 1 / 60), np.arange(26), weather.sun[first : first + 26]).mean())


def main() -> None:
    """Compares what can be compared."""
    python = os.environ.get("BPTM_GRIDLABD_PYTHON", "")
    tmy2 = SHARED / "weather" / "CA-Sacramento.tmy2.gz"
    if not python or not Path(python).is_file():
        sys.exit("set BPTM_GRIDLABD_PYTHON to a Python that has the package gridlabd (pip install gridlabd)")
    if not tmy2.is_file():
        sys.exit(f"no weather at {tmy2}: set BPTM_SHARED_DATA to a folder with weather/CA-Sacramento.tmy2.gz")
    weather = as_peer_reads(load_weather(str(tmy2)))
    rows: list[tuple[Case, Curves, Curves]] = []
    pge_rows: list[tuple[Case, Curves, Curves]] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "weather.tmy2").write_bytes(gzip.decompress(tmy2.read_bytes()))
        for case in cases():
            model = random_model(7, strips="strips" in case.name)
            answer = ask_peer(python, folder, head(case.begin, "weather.tmy2") + model.glm, model, case)
            ours = our_day(our_setups(answer, model, sun_mean(weather, case.begin)), weather, case)
            rows.append((case, their_curves(answer), ours))
            print(f"{case.name} done", file=sys.stderr, flush=True)
        (folder / "House_appliance_schedule.glm").write_bytes((PGE / "House_appliance_schedule.glm").read_bytes())
        for name, begin, lights in (("July, ten PG&E houses", HOT, 0.446), ("January, ten PG&E houses", COLD, 0.6)):
            case = Case(name=name, begin=begin)
            text, houses = pge_model(begin)
            answer = ask_peer(python, folder, text, houses, case)
            setups = pge_setups(our_setups(answer, houses, sun_mean(weather, begin)), lights)
            program = pge_thermostats([int(fact["skew_s"]) for fact in houses.facts])
            pge_rows.append((case, their_curves(answer), our_day(setups, weather, case, program)))
    tell("GridLAB-D", rows)
    tell("GridLAB-D", pge_rows)
    title = f"{HOUSES} houses, Sacramento: the same houses, weather and outages"
    draw(title, "GridLAB-D", rows, PICTURES / "house-gridlabd.png")
    draw("Ten PG&E houses, Sacramento, normal days", "GridLAB-D", pge_rows, PICTURES / "house-pge.png")


if __name__ == "__main__":
    main()
