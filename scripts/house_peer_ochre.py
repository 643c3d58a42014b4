"""Runs in the interpreter of OCHRE: its all-electric example house, several of it, by the minute, with outages.

Not part of bptm: `compare_ochre.py` starts it with the Python that `BPTM_OCHRE_PYTHON` names; a JSON job on stdin, its
curves on stdout. A house of the job has its own set points, its own size of heat pump and its own days of water and
appliances; an outage is OCHRE's own, a voltage of zero.
"""

import contextlib
import datetime as dt
import importlib
import json
import os
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

FREE = {"HVAC Heating": {"Setpoint": -30.0}, "HVAC Cooling": {"Setpoint": 70.0}}


def dwelling(folder: Path, start: dt.datetime, days: int, size: float, shift_days: int) -> Any:
    """The house, its heat pump scaled, its year of draws and appliances turned by days."""
    ochre: Any = importlib.import_module("ochre")
    defaults = Path(ochre.__file__).parent / "defaults"
    inputs = defaults / "Input Files"
    text = (inputs / "BEopt_example.xml").read_text(encoding="utf-8")
    for name in ("HeatingCapacity", "CoolingCapacity"):
        text = re.sub(
            rf"(<{name} dataSource='software'>)71325.0(</{name}>)", lambda m: f"{m[1]}{71325.0 * size:.0f}{m[2]}", text
        )
    (folder / "house.xml").write_text(text, encoding="utf-8")
    lines = (inputs / "BEopt_example_schedule.csv").read_text(encoding="utf-8").splitlines()
    turn = 24 * shift_days
    (folder / "schedule.csv").write_text("\n".join([lines[0], *lines[1 + turn :], *lines[1 : 1 + turn]]) + "\n")
    with contextlib.redirect_stdout(sys.stderr):
        home = ochre.Dwelling(
            name="house", start_time=start, time_res=dt.timedelta(minutes=1), duration=dt.timedelta(days=days),
            verbosity=0, save_results=False, output_path=str(folder), hpxml_file=str(folder / "house.xml"),
            hpxml_schedule_file=str(folder / "schedule.csv"),
            weather_file=str(defaults / "Weather" / "USA_CO_Denver.Intl.AP.725650_TMY3.epw"),
        )  # fmt: skip
    # Its people open the windows on mild evenings, ours do not: shut on both sides.
    home.envelope.indoor_zone.open_window_area = None
    return home


def live(
    home: Any, minutes: int, outages: list[list[int]], sets: dict[str, dict[str, float]], rest_min: int = 0
) -> dict[str, list[float]]:
    """Its minutes: powers in kW, heat in W, temperatures in C, litres of hot water.

    With `rest_min`, heating and cooling stand still every other stretch of so many minutes: steps of heat.
    """
    cooler, heater = home.equipment["ASHP Cooler"], home.equipment["ASHP Heater"]
    tank = home.equipment["Electric Resistance Water Heater"]
    names = (
        "load", "cool", "heat", "strips", "water", "cool_w", "heat_w", "air_c", "outdoor_c", "tank_c", "litres",
        "people_w", "inside_w",
    )  # fmt: skip
    rows: list[tuple[float, ...]] = []
    for minute in range(minutes):
        dark = any(a <= minute < b for a, b in outages)
        rests = rest_min > 0 and (minute // rest_min) % 2 == 1
        signal = {name: dict(values) for name, values in (FREE if rests else sets).items()}
        with contextlib.redirect_stdout(sys.stderr):
            home.update(control_signal=signal, schedule_inputs={"Voltage (-)": 0.0 if dark else 1.0})
        strips_w = heater.er_capacity if "ER" in heater.mode else 0.0
        model = tank.model
        envelope = home.envelope
        rows.append((
            home.total_p_kw, cooler.electric_kw, heater.electric_kw, strips_w / 1000.0, tank.electric_kw,
            # Ducts lose the rest outside of the rooms.
            cooler.delivered_heat * cooler.duct_dse, heater.delivered_heat * heater.duct_dse,
            envelope.indoor_zone.temperature,
            cooler.current_schedule["Ambient Dry Bulb (C)"],
            float((model.states * model.vol_fractions).sum()), model.draw_total,
            envelope.current_schedule.get("Occupancy (Persons)", 0.0) * envelope.occupancy_sensible_gain,
            envelope.indoor_zone.internal_sens_gain,
        ))  # fmt: skip
    return {name: [float(row[at]) for row in rows] for at, name in enumerate(names)}


def facts(home: Any) -> dict[str, float]:
    """What our side needs besides."""
    tank = home.equipment["Electric Resistance Water Heater"]
    model = tank.model
    conductance = -float(model.A_c.sum(axis=1) @ model.capacitances)
    return {
        "tank_l": float(model.volume),
        "tank_joule_per_k": float(model.capacitances.sum()),
        "tank_loss_per_k": conductance,
        "tank_set_c": float(tank.setpoint_temp),
        "element_w": float(tank.capacity_rated),
        "inlet_c": float(model.mains_temp),
        "strips_w": float(home.equipment["ASHP Heater"].er_capacity_rated),
        "heat_set_c": float(home.equipment["ASHP Heater"].temp_setpoint),
    }


def main() -> None:
    """Each season: one house in steps of heat on other days, then every house through its days."""
    warnings.filterwarnings("ignore")
    job: dict[str, Any] = json.load(sys.stdin)
    answer: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.chdir(folder)
        for season in job["seasons"]:
            known = season["steps"]
            home = dwelling(folder, dt.datetime.fromisoformat(known["start"]), known["days"], known["size"], 0)
            sets = {
                "HVAC Heating": {"Setpoint": known["heat_set_c"]},
                "HVAC Cooling": {"Setpoint": known["cool_set_c"]},
            }
            steps = live(home, known["days"] * 1440, [], sets, known["rest_min"])
            found: dict[str, Any] = {"steps": steps, "houses": []}
            for house in season["houses"]:
                home = dwelling(folder, dt.datetime.fromisoformat(season["start"]), season["days"], house["size"],
                                house["shift_days"])  # fmt: skip
                sets = {
                    "HVAC Heating": {"Setpoint": house["heat_set_c"]},
                    "HVAC Cooling": {"Setpoint": house["cool_set_c"]},
                }
                curves = live(home, season["days"] * 1440, season["outages"], sets)
                found["houses"].append({"curves": curves, "facts": facts(home)})
                print(f"{season['start']} house {len(found['houses'])}", file=sys.stderr, flush=True)
            answer.append(found)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
