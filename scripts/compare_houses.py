"""`python scripts/compare_houses.py`: our houses beside those of GridLAB-D, same homes, same weather, same outages.

The peer is found by an environment variable: `BPTM_GRIDLABD_PYTHON`, a Python with the package `gridlabd`; weather by
`BPTM_SHARED_DATA`, which is ../shared/data without it. What is missing is said, and what is there is compared. Pictures
go to docs/pictures, figures are printed as the table of docs/explanation/house.md.

What is taken from the peer is what its houses *are* (losses, masses, capacities, set points, window gain), read from it
after it has worked them out. What they do, our own physics has to find.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.fleet import SETUP_DTYPE, Fleet, HourlyWeather
from bptm.plant.house_use import PLUGS
from bptm.plant.house_water import DRAW
from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S
from bptm.terms.core_home import HEAT_PUMP, HEAT_RESISTANCE
from bptm.twin.weather import Weather, load_weather

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("BPTM_SHARED_DATA", ROOT.parent / "shared" / "data"))
PICTURES = ROOT / "docs" / "pictures"
HOUSES = 60
BTU_H_W = 0.293071
UA_W = 0.527527
"""W/K in a Btu/(h F)."""
BTU_F_J = 1899.1
SETTLE_H = 8
MINUTE_TICKS = 60 * TICKS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One day to compare."""

    name: str
    begin: datetime
    outages_min: tuple[tuple[int, int], ...]
    """Minutes after `begin`."""


def cases() -> tuple[Case, ...]:
    """A hot day and a cold one, each without an outage and with three; times are local standard."""
    hot, cold = datetime(2001, 7, 17), datetime(2001, 1, 16)  # noqa: DTZ001 - local standard time
    found = [Case(name="hot day", begin=hot, outages_min=()), Case(name="cold day", begin=cold, outages_min=())]
    for hours in (0.5, 2.0, 6.0):
        span = round(hours * 60)
        found.append(Case(name=f"hot day, {hours:g} h out", begin=hot, outages_min=((17 * 60 - span, 17 * 60),)))
    for hours in (0.5, 2.0, 6.0):
        span = round(hours * 60)
        found.append(Case(name=f"cold day, {hours:g} h out", begin=cold, outages_min=((8 * 60 - span, 8 * 60),)))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Houses as the peer reads them."""

    glm: str
    houses: list[str]
    tanks: list[str]
    facts: list[dict[str, float]]
    """What our side needs and the peer does not tell."""


def schedule(name: str, values: tuple[float, ...]) -> str:
    """An hourly schedule in the peer's language, an hour's mean of our straight lines."""
    mean = [0.5 * (values[hour] + values[hour + 1]) for hour in range(24)]
    return f"schedule {name} {{ " + " ".join(f"* {hour} * * * {mean[hour]:.4f};" for hour in range(24)) + " }\n"


def random_model(seed: int) -> Model:
    """Houses of many kinds, drawn; each with heat pump or resistances, an electric water heater, plugs and lights."""
    draws = np.random.default_rng(seed)
    parts = [schedule("PLUGS", PLUGS), schedule("DRAWS", DRAW)]
    facts: list[dict[str, float]] = []
    for n in range(HOUSES):
        pump = draws.random() < 0.6  # noqa: PLR2004 - share of heat pumps
        fact = {
            "pump": float(pump),
            "plugs_w": float(draws.uniform(400, 1500)),
            "gallons_min": float(draws.uniform(0.02, 0.06)),
            "tank_c": float(draws.uniform(49, 57)),
        }
        facts.append(fact)
        parts.append(
            f"""object house {{ name h{n}; floor_area {draws.uniform(1000, 3000):.0f};
  thermal_integrity_level {draws.integers(1, 7)}; heating_system_type {"HEAT_PUMP" if pump else "RESISTANCE"};
  {"auxiliary_system_type ELECTRIC; auxiliary_strategy DEADBAND;" if pump else ""}
  cooling_system_type ELECTRIC; cooling_COP {draws.uniform(2.4, 4.0):.2f}; heating_COP {draws.uniform(2.6, 3.8):.2f};
  cooling_setpoint {draws.uniform(73, 79):.2f}; heating_setpoint {draws.uniform(66, 70):.2f};
  thermostat_deadband {draws.uniform(1.2, 2.5):.2f}; air_temperature {draws.uniform(70, 76):.2f};
  object ZIPload {{ base_power PLUGS*{fact["plugs_w"] / 1000:.4f}; heatgain_fraction 0.9; power_fraction 0.45;
    current_fraction 0.15; impedance_fraction 0.40; power_pf 1; current_pf 1; impedance_pf 1; }};
  object waterheater {{ name w{n}; tank_volume 50; tank_setpoint {fact["tank_c"] * 1.8 + 32:.1f};
    heating_element_capacity 4.5; tank_UA 3.2; inlet_water_temperature 62; thermostat_deadband 5;
    temperature {fact["tank_c"] * 1.8 + 32 - draws.uniform(0, 5):.1f}; location GARAGE;
    water_demand DRAWS*{fact["gallons_min"]:.4f}; }};
}}
"""
        )
    return Model(
        glm="".join(parts), houses=[f"h{n}" for n in range(HOUSES)], tanks=[f"w{n}" for n in range(HOUSES)], facts=facts
    )


def head(begin: datetime, weather_file: str) -> str:
    """Clock, modules and weather; the peer settles as long as ours."""
    first = begin - timedelta(hours=SETTLE_H)
    last = begin + timedelta(hours=25)
    # A zone without daylight saving: both sides count local standard time.
    return f"""clock {{ timezone PST8; starttime '{first:%Y-%m-%d %H:%M:%S}'; stoptime '{last:%Y-%m-%d %H:%M:%S}'; }}
#set minimum_timestep=60
module residential {{ implicit_enduses NONE; }};
module climate;
object climate {{ tmyfile "{weather_file}"; }}
"""


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
        sys.exit(f"GridLAB-D failed on {case.name}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout[done.stdout.index('{"facts"') :])


def our_setups(answer: dict[str, Any], model: Model, sun_mean: float) -> NDArray[Any]:
    """The same houses in our terms, from what the peer says that they are."""
    setups = np.zeros(len(model.houses), SETUP_DTYPE)
    sun_w = np.array(answer["sun_btu_h"]).mean(axis=0) * BTU_H_W
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
            "sensible_fraction": 1.0 / (1.0 + theirs["latent_load_fraction"]),
            "cool_set_c": (theirs["cooling_setpoint"] - 32) / 1.8,
            "heat_set_c": (theirs["heating_setpoint"] - 32) / 1.8,
            "heat_kind": HEAT_PUMP if pump else HEAT_RESISTANCE,
            "heat_capacity_w": heat_w, "heat_rated_w": heat_w / theirs["heating_COP"] + fan_w if pump else 0.0,
            "aux_w": theirs["auxiliary_heat_capacity"] * BTU_H_W, "deadband_c": theirs["thermostat_deadband"] / 1.8,
            "tank_joule_per_k": 50 * 3.785 * 4186.0, "tank_loss_per_k": 3.2 * UA_W, "tank_set_c": fact["tank_c"] + 1.4,
            "element_w": 4500.0 if model.tanks else 0.0, "inlet_c": (62 - 32) / 1.8, "draws_count": 1440.0,
            "draw_l": fact["gallons_min"] * 3.785, "box_joule_per_k": 150e3, "daily_w": fact["plugs_w"],
        }  # fmt: skip
        for name, value in (values | {k: v for k, v in fact.items() if k in (SETUP_DTYPE.names or ())}).items():
            u[name] = value
    return setups


def our_day(setups: NDArray[Any], weather: Weather, case: Case) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Load and HVAC of all houses, and their mean air, by the minute, from the whole twin with its meters."""
    setups = setups.copy()
    for at, (off, on) in enumerate(case.outages_min):
        setups["outages"] = at + 1
        setups["utility_off_tick"][:, at] = off * MINUTE_TICKS
        setups["utility_on_tick"][:, at] = on * MINUTE_TICKS
    run = weather.of_run(case.begin, 86_400)
    fleet = Fleet.build(
        setups,
        0,
        HourlyWeather(first_tick=-SETTLE_H * 3600 * TICKS_PER_S, outdoor_c=run.outdoor_c, sun=run.sun),
    )
    rows: list[tuple[float, float, float]] = []
    before = np.zeros(2)
    for minute in range(24 * 60):
        fleet.advance((minute + 1) * MINUTE_TICKS)
        home = fleet.homes()
        now = np.array([home["utility_in_mwticks"].sum(), home["hvac_mwticks"].sum()], np.float64)
        used = (now - before) / (1000.0 * MINUTE_TICKS * 1000.0)
        before = now
        rows.append((used[0], used[1], float(home["air_c"].mean())))
    whole = np.array(rows)
    return whole[:, 0], whole[:, 1], whole[:, 2]


def figures(case: Case, theirs_kw: NDArray[Any], ours_kw: NDArray[Any]) -> dict[str, float]:
    """How far apart: energy of the day; after an outage the peak and the energy of half an hour and of three hours."""
    found = {"day kWh theirs": theirs_kw.sum() / 60, "day": ours_kw.sum() / theirs_kw.sum() - 1}
    smooth = np.ones(15) / 15
    found["peak of 15 min"] = (
        np.convolve(ours_kw, smooth, "valid").max() / np.convolve(theirs_kw, smooth, "valid").max() - 1
    )
    if case.outages_min:
        back = case.outages_min[-1][1]
        for name, low, high in (("first 5 min", 0, 5), ("first 30 min", 0, 30), ("3 h", 0, 180)):
            found[name] = ours_kw[back + low : back + high].sum() / theirs_kw[back + low : back + high].sum() - 1
    return {name: float(value) for name, value in found.items()}


def draw(title: str, rows: list[tuple[Case, NDArray[Any], NDArray[Any]]], file: Path) -> None:
    """Curves side by side, one panel a case."""
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    columns = 2
    lines = -(-len(rows) // columns)
    made: Any = plt.subplots(
        lines, columns, figsize=(10, 2.5 * lines), sharex=True, layout="constrained", squeeze=False
    )
    figure, grid = made
    hours = np.arange(24 * 60) / 60
    smooth = np.ones(5) / 5
    for axes, (case, theirs_kw, ours_kw) in zip(grid.flat, rows, strict=False):
        for off, on in case.outages_min:
            axes.axvspan(off / 60, on / 60, color="#e8ebee", linewidth=0)
        axes.plot(hours, np.convolve(theirs_kw, smooth, "same"), color="#d9822b", linewidth=1.1, label="GridLAB-D")
        axes.plot(hours, np.convolve(ours_kw, smooth, "same"), color="#2b6ca3", linewidth=1.1, label="bptm")
        axes.set_title(case.name, fontsize=10, loc="left")
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 4))
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    for axes in grid.flat[len(rows) :]:
        axes.set_visible(False)
    grid[0, 0].legend(frameon=False, fontsize=9)
    for axes in grid[:, 0]:
        axes.set_ylabel("kW, 5 min mean")
    for axes in grid[-1]:
        axes.set_xlabel("hour, local standard time")
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    figure.savefig(file, dpi=110)
    plt.close(figure)


def say(name: str, found: dict[str, float]) -> None:
    """One line of the table."""
    cells = [f"{found['day kWh theirs']:.0f}", *(f"{found[k]:+.1%}" if k in found else "" for k in
             ("day", "peak of 15 min", "first 5 min", "first 30 min", "3 h"))]  # fmt: skip
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def sun_mean(weather: Weather, begin: datetime) -> float:
    """Mean global horizontal sun of a day at the half hours that the peer was asked for."""
    first = weather.hour(begin)
    hours = np.arange(0, 24, 0.5) + 1 / 60
    return float(np.interp(hours, np.arange(26), weather.sun[first : first + 26]).mean())


def main() -> None:
    """Compares what can be compared."""
    python = os.environ.get("BPTM_GRIDLABD_PYTHON", "")
    tmy2 = SHARED / "weather" / "CA-Sacramento.tmy2.gz"
    if not python or not Path(python).is_file():
        sys.exit("set BPTM_GRIDLABD_PYTHON to a Python that has the package gridlabd (pip install gridlabd)")
    if not tmy2.is_file():
        sys.exit(f"no weather at {tmy2}: set BPTM_SHARED_DATA to a folder with weather/CA-Sacramento.tmy2.gz")
    weather = load_weather(str(tmy2))
    print("| case | GridLAB-D, kWh | day | peak of 15 min | first 5 min | first 30 min | 3 h |")
    print("|---|---|---|---|---|---|---|")
    rows: list[tuple[Case, NDArray[Any], NDArray[Any]]] = []
    model = random_model(7)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "weather.tmy2").write_bytes(gzip.decompress(tmy2.read_bytes()))
        for case in cases():
            answer = ask_peer(python, folder, head(case.begin, "weather.tmy2") + model.glm, model, case)
            setups = our_setups(answer, model, sun_mean(weather, case.begin))
            ours_kw, _hvac_kw, _air_c = our_day(setups, weather, case)
            theirs_kw = np.array(answer["load_kw"]).sum(axis=1)
            say(case.name, figures(case, theirs_kw, ours_kw))
            rows.append((case, theirs_kw, ours_kw))
    draw(f"{HOUSES} houses, Sacramento: the same houses, weather and outages", rows, PICTURES / "house-gridlabd.png")


if __name__ == "__main__":
    main()
