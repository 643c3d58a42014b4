"""Columns of what a fleet run leaves behind: the one declaration behind the Parquet files and their reference page."""

HOME_COLUMNS = (
    ("home", "i8", "", "number of the home, from 1"),
    ("home_kind", "text", "", "what it stands in: DETACHED, ATTACHED, MOBILE, APARTMENT"),
    ("floor_m2", "f8", "", "heated floor, square metres"),
    ("people", "i8", "", "people who live there"),
    ("heat_fuel", "text", "", "what warms it: GAS, PROPANE, HEAT_PUMP, RESISTANCE, NONE"),
    ("cooled", "i4", "", "1 with central air conditioning or a heat pump"),
    ("electric_water", "i4", "", "1 with an electric water heater"),
    ("well", "i4", "", "1 with a well pump: no power, no water"),
    ("ev", "i4", "", "1 with a charger for a car"),
    ("source_kind", "text", "", "backup source: NONE, PORTABLE, INVERTER, STANDBY, BATTERY, EV"),
    ("source_fuel", "text", "", "what the source burns or holds: petrol, gas, electricity, none"),
    ("source_rating_w", "f8", "W", "what the source can deliver; 0 without one"),
    ("medical", "i4", "", "1 for a home on the medical baseline list"),
    ("load_side_generation", "i4", "", "1 when the utility knows of generation behind the meter: it has an array"),
    ("outages", "i8", "", "outages that began in the run"),
    ("outage_s", "f8", "s", "time without the utility's feeder"),
    ("dark_s", "f8", "s", "time with a dead premise bus, by the solved circuit"),
    ("backup_s", "f8", "s", "time fed through the backup contactor, by the solved circuit"),
    ("backup_after_s", "f8", "s", "first outage: from its begin until the source fed the premise; its length if never"),
    ("fed_s", "f8", "s", "first outage: from then until the premise was dark again or it ended; 0 if never fed"),
    ("ran_out", "i4", "", "1 when the premise was dark again in its first outage after its source had fed it"),
    ("transfers", "i8", "", "transfers to the backup source"),
    ("end_mode", "text", "", "mode of the meter at the end (MODE_...)"),
    ("utility_wh", "f8", "Wh", "energy taken through the utility contactor, less what was given back"),
    ("backup_wh", "f8", "Wh", "energy taken through the backup contactor, less what was pushed back"),
    ("solar_wh", "f8", "Wh", "energy from a load-side array"),
    ("load_wh", "f8", "Wh", "energy that the premise used: the sum of the three"),
    ("hvac_wh", "f8", "Wh", "of the load: air conditioner, heat pump, resistances, furnace fan"),
    ("water_wh", "f8", "Wh", "of the load: water heater"),
    ("ev_wh", "f8", "Wh", "of the load: car"),
    ("air_c", "f8", "C", "air of the house at the end of the run"),
    ("mean_w", "f8", "W", "its mean power"),
    ("peak_w", "f8", "W", "its greatest mean power over one interval"),
    ("law_violations", "i8", "", "laws found broken, bit n for LAW-n"),
)
"""One row a home in `homes.parquet`: name, type, unit, meaning."""

INTERVAL_COLUMNS = (
    ("interval", "i8", "", "number of the interval, from 0"),
    ("begins_s", "i8", "s", "seconds after the start of the run"),
    ("lasts_s", "i8", "s", "its length; the last one may be shorter"),
    ("begins_at", "time", "", "local standard time at which it begins"),
    ("load_w", "f8", "W", "mean power used by all premises, whatever fed them"),
    ("utility_w", "f8", "W", "mean power through all utility contactors: what the feeder sees"),
    ("backup_w", "f8", "W", "mean power through all backup contactors"),
    ("solar_w", "f8", "W", "mean power of load-side arrays"),
    ("hvac_w", "f8", "W", "of the load: air conditioners, heat pumps, resistances, furnace fans"),
    ("water_w", "f8", "W", "of the load: water heaters"),
    ("ev_w", "f8", "W", "of the load: cars"),
    ("outdoor_c", "f8", "C", "outdoor air at its begin"),
    ("feeder_dead_homes", "i8", "", "homes without their feeder at the end of the interval"),
    ("dark_homes", "i8", "", "homes with a dead premise bus at the end of the interval"),
    ("backup_homes", "i8", "", "homes with the backup contactor closed at the end of the interval"),
    ("transfers", "i8", "", "transfers to backup within the interval"),
)
"""One row an interval, all homes together, in `intervals.parquet`."""

EACH_HOME_COLUMNS = (
    ("home", "i8", "", "number of the home, from 1"),
    ("interval", "i8", "", "number of the interval, from 0"),
    ("load_w", "f4", "W", "mean power used by the premise"),
    ("utility_w", "f4", "W", "mean power through the utility contactor"),
    ("backup_w", "f4", "W", "mean power through the backup contactor"),
    ("fed_by", "i4", "", "at the end of the interval: 0 none, 1 utility, 2 backup"),
)
"""One row a home and interval, in the files of `each_home/`, when asked for with `--each-home`."""

SUMS = tuple(
    name
    for name, type_, unit, _meaning in INTERVAL_COLUMNS
    if unit == "W" or name.endswith("_homes") or (name == "transfers" and type_ == "i8")
)
"""Columns of an interval that add up over homes."""

SUMMARY_KEYS = (
    ("homes", "integer", "", "homes simulated"),
    ("hours", "number", "h", "simulated hours of each"),
    ("seed", "integer", "", "seed of homes, outages and their draws"),
    ("weather", "text", "", "shipped climate or file"),
    ("stock", "text", "", "whose homes: california or north-carolina"),
    ("start", "text", "", "local standard time of the start, ISO"),
    ("cpu_s", "number", "s", "CPU time of all blocks, compiling not counted; differs from run to run"),
    ("home_seconds_per_cpu_s", "integer", "", "homes times simulated seconds by `cpu_s`; differs as well"),
    ("transfers", "integer", "", "transfers to a backup source"),
    ("outages", "integer", "", "outages that began, one a home counted each"),
    ("peak_kw", "number", "kW", "highest mean of one interval of what all premises used, whatever fed them"),
    ("peak_at", "text", "", "when that interval begins"),
    (
        "peak_utility_kw",
        "number",
        "kW",
        "highest mean of one interval through the utility contactors, less what went back",
    ),
    ("mean_kw", "number", "kW", "mean of what all premises used"),
    ("dark_hours", "number", "h", "time with a dead premise bus, summed over homes"),
    ("backup_hours", "number", "h", "time fed through the backup contactor, summed over homes"),
    ("law_violations", "integer", "", "homes in which a law was found broken; not 0 makes the exit status 1"),
    ("violated", "object", "", "homes by law, of the laws found broken"),
    ("device_centuries", "number", "", "homes times hours, in centuries"),
    ("checked", "object", "h", "for each law watched, the time in which it could have been broken and was judged"),
    ("out", "text", "", "folder of the results; not in `summary.json`"),
)
"""What `bptm fleet --json` prints, in its order: name, JSON type, unit, meaning."""
