"""Runs in the interpreter of GridLAB-D: a model by the minute, with outages; a JSON job on stdin, curves on stdout.

Not part of bptm: `compare_houses.py` starts it with the Python that `BPTM_GRIDLABD_PYTHON` names.

An outage is imposed at a house as what it is: no voltage on its legs, its meter out of service. Three ways do not do:

- `re_override` of a water heater forbids heating, but its model of a tank with a cold layer then loses energy: 8 of 50
  gallons drawn leave the whole tank as cold as the inlet. (And its words are `OV_OFF` and `OV_NORMAL`; `OFF` is refused
  by a status only, and the tank goes on heating in the dark.)
- A meter out of service alone: tanks heat on, and plugs go on warming the house.
- Steps of an hour: a house without power asks for no step of its own, and its air is then carried on with the weather
  of the hour's end. Recorders at 60 s force the steps.
"""

import csv
import importlib
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

HOUSE = (
    "UA", "mass_heat_capacity", "mass_heat_coeff", "air_heat_capacity", "design_cooling_capacity", "cooling_COP",
    "design_heating_capacity", "heating_COP", "latent_load_fraction", "fan_design_power", "auxiliary_heat_capacity",
    "floor_area", "cooling_setpoint", "heating_setpoint", "thermostat_deadband",
)  # fmt: skip
CURVES = (
    ("house", "total_load"),
    ("house", "hvac_load"),
    ("house", "air_temperature"),
    ("house", "solar_gain"),
    ("house", "outdoor_temperature"),
    ("house", "outdoor_rh"),
    ("waterheater", "actual_load"),
    ("waterheater", "temperature"),
    ("waterheater", "height"),
)


FLUSH_MIN = 50
"""Recorders write by blocks of 4 kB: these minutes after the day push its last rows out."""


def recorders(*, tanks: bool) -> str:
    """One file by curve, all objects of a class, each minute."""
    return "module tape;\n" + "".join(
        f'object group_recorder {{ group "class={kind}"; property {name}; interval 60; file "{name}.csv"; }}\n'
        for kind, name in CURVES
        if tanks or kind == "house"
    )


def read(file: Path, names: list[str], begin: datetime, minutes: int) -> list[list[float]]:
    """Rows of the minutes asked for, columns in the order of `names`."""
    with file.open(encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if row and (not row[0].startswith("#") or "timestamp" in row[0])]
    place = {name.strip(): at for at, name in enumerate(rows[0])}
    found: dict[int, list[float]] = {}
    # Its last block is cut anywhere: rows after the day are there so that those of the day are whole.
    for row in (row for row in rows[1:] if len(row) == len(rows[0])):
        at = datetime.fromisoformat(row[0].rsplit(" ", 1)[0])
        minute = round((at - begin).total_seconds() / 60)
        if 0 <= minute < minutes:
            found[minute] = [float(row[place[name]]) for name in names]
    missing = [minute for minute in range(minutes) if minute not in found]
    if missing:
        sys.exit(f"{file.name} has no minute {missing[0]}: {len(missing)} are missing")
    return [found[minute] for minute in range(minutes)]


def feed(grid: Any, job: dict[str, Any], live: int) -> None:
    """Gives or takes the voltage of every house, and the heat of its plugs with it."""
    values = [(house, "value_MeterStatus", str(live)) for house in job["houses"]]
    values += [(house, "voltage_12", f"{240 * live}+0j V") for house in job["houses"]]
    values += [(house, leg, f"{120 * live}+0j V") for house in job["houses"] for leg in ("voltage_1N", "voltage_2N")]
    values += [(plugs, "heat_fraction", str(0.9 * live)) for plugs in job["plugs"]]
    for name, field, value in values:
        status = grid.set_property(name, field, value)
        if status:
            sys.exit(f"GridLAB-D refused {name}.{field} = {value}: status {status}")


def main() -> None:
    """Loads, settles, steps through the minutes that were asked for."""
    job: dict[str, Any] = json.load(sys.stdin)
    peer: Any = importlib.import_module("gridlabd")
    folder = Path(job["folder"])
    glm = folder / job["glm"]
    glm.write_text(glm.read_text(encoding="utf-8") + recorders(tanks=bool(job["tanks"])), encoding="utf-8")
    grid: Any = peer.GridLabD()
    grid.set_working_directory(job["folder"])
    if grid.load_glm(job["glm"], quiet=True) != 0:
        sys.exit("GridLAB-D could not load the model")
    begin = datetime.fromisoformat(job["begin"])
    houses: list[str] = job["houses"]
    grid.step_to(begin.isoformat())
    facts = [{field: float(grid.get_property(name, field)[1]) for field in HOUSE} for name in houses]
    for off, on in job["outages"]:
        for minute, live in ((off, 0), (on, 1)):
            grid.step_to((begin + timedelta(minutes=minute)).isoformat())
            feed(grid, job, live)
    minutes = job["minutes"]
    grid.step_to((begin + timedelta(minutes=minutes + FLUSH_MIN)).isoformat())
    curves = {
        name: read(folder / f"{name}.csv", houses if kind == "house" else job["tanks"], begin, minutes)
        for kind, name in CURVES
        if job["tanks"] or kind == "house"
    }
    for rows in curves.values():
        for edge in (edge for outage in job["outages"] for edge in outage):
            # Voltage changes after the recorders of its minute have written: that minute is as the next.
            rows[edge] = rows[edge + 1]
    json.dump({"facts": facts} | curves, sys.stdout)


if __name__ == "__main__":
    main()
