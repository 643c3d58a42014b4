"""Runs in the interpreter of GridLAB-D: a model by the minute, with outages; a JSON job on stdin, its curves on stdout.

Not part of bptm: `compare_houses.py` starts it with the Python that `BPTM_GRIDLABD_PYTHON` names.
"""

import importlib
import json
import sys
from datetime import datetime, timedelta
from typing import Any

HOUSE = (
    "UA", "mass_heat_capacity", "mass_heat_coeff", "air_heat_capacity", "design_cooling_capacity", "cooling_COP",
    "design_heating_capacity", "heating_COP", "latent_load_fraction", "fan_design_power", "auxiliary_heat_capacity",
    "floor_area", "cooling_setpoint", "heating_setpoint", "thermostat_deadband",
)  # fmt: skip


def main() -> None:
    """Loads, settles, steps through the minutes that were asked for."""
    job: dict[str, Any] = json.load(sys.stdin)
    peer: Any = importlib.import_module("gridlabd")
    grid: Any = peer.GridLabD()
    grid.set_working_directory(job["folder"])
    if grid.load_glm(job["glm"], quiet=True) != 0:
        sys.exit("GridLAB-D could not load the model")
    begin = datetime.fromisoformat(job["begin"])

    def value(name: str, field: str) -> float:
        return float(grid.get_property(name, field)[1])

    houses: list[str] = job["houses"]
    grid.step_to(begin.isoformat())
    facts = [{field: value(name, field) for field in HOUSE} for name in houses]
    live = 1
    load: list[list[float]] = []
    hvac: list[list[float]] = []
    air: list[list[float]] = []
    sun: list[list[float]] = []
    for minute in range(job["minutes"]):
        off = any(a <= minute < b for a, b in job["outages"])
        if live == off:
            live = 1 - live
            for name in houses:
                grid.set_property(name, "value_MeterStatus", live)
            for name in job["tanks"]:
                grid.set_property(name, "re_override", "NORMAL" if live else "OFF")
        grid.step_to((begin + timedelta(minutes=minute + 1)).isoformat())
        load.append([value(name, "total_load") if live else 0.0 for name in houses])
        hvac.append([value(name, "hvac_load") if live else 0.0 for name in houses])
        air.append([value(name, "air_temperature") for name in houses])
        if minute % 30 == 0:
            sun.append([value(name, "solar_gain") for name in houses])
    json.dump({"facts": facts, "load_kw": load, "hvac_kw": hvac, "air_f": air, "sun_btu_h": sun}, sys.stdout)


if __name__ == "__main__":
    main()
