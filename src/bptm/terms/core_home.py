"""What a simulated home is made of: service, backup source, loads, habits and faults.

Core Python. One record a home, filled by the host that makes the population and only read by the plant.
Times are ticks (1/120 s) counted from the event clock's zero, or lengths in ticks. A type `i8[12]` is a
fixed-length array. Each field: name, type, unit, meaning.
"""

OUTAGES_MAX = 12

HEAT_NONE = 0
HEAT_FUEL = 1
HEAT_PUMP = 2
HEAT_RESISTANCE = 3
"""What heats the air: nothing, a furnace that burns gas or propane and blows, a heat pump, resistances."""

SETUP_FIELDS = (
    ("seed", "i8", "", "seed of this home's own draws, 0..2147483647"),
    ("outages", "i4", "", "how many entries of the two arrays below are used"),
    ("utility_off_tick", "i8[12]", "ticks", "when the feeder to this home is switched off, ascending"),
    ("utility_on_tick", "i8[12]", "ticks", "when it is switched on again, each after its off"),
    ("utility_v", "f8", "V", "voltage of the service, leg to neutral, at no load"),
    ("service_ohm", "f8", "ohm", "service impedance of one leg, taken as resistance"),
    ("backup_kind", "i4", "", "BACKUP_..."),
    ("backup_rating_w", "f8", "W", "what the source can deliver"),
    ("inlet_rating_a", "f8", "A", "ampacity of inlet and cord: 30 or 50"),
    (
        "backup_start_ticks",
        "i8",
        "ticks",
        "from loss of the utility until a person or a controller has the source running",
    ),
    ("backup_run_ticks", "i8", "ticks", "how long it runs on one tank or charge; NEVER_TICKS when it does not run out"),
    ("backup_gap_ticks", "i8", "ticks", "how long refuelling takes; NEVER_TICKS when a spent source stays off"),
    ("backup_stop_ticks", "i8", "ticks", "from return of the utility until somebody stops the source"),
    ("base_w", "f8", "W", "load that is always on"),
    ("daily_w", "f8", "W", "load that follows the hour of the day, at its evening peak"),
    ("cycling_w", "f8", "W", "thermostatic load on 120 V, leg 1 (refrigerator): its power while on"),
    ("cycling_on_ticks", "i8", "ticks", "its time on in each cycle"),
    ("cycling_off_ticks", "i8", "ticks", "its time off in each cycle"),
    ("heavy_w", "f8", "W", "thermostatic load on 240 V (heat, water heater): its power while on"),
    ("heavy_on_ticks", "i8", "ticks", "its time on in each cycle"),
    ("heavy_off_ticks", "i8", "ticks", "its time off in each cycle"),
    ("essential_fraction", "f8", "", "share of base and daily load that people leave on while on backup"),
    ("heavy_left_on", "i4", "", "1 when they forget to switch the heavy load off on backup"),
    ("solar_w", "f8", "W", "peak of a load-side solar array that nobody switched off; 0 when there is none"),
    ("solar_off_on_backup", "i4", "", "1 when its owner opens the array's breaker before the source is used, as told"),
    ("medical", "i4", "", "1 for a home on the medical baseline list: no slot delay, never held dark"),
    ("load_side_generation", "i4", "", "1 when the utility knows of generation behind the meter: 300 s before return"),
    ("u_weld", "i4", "", "welded poles of the utility contactor: bit 0 leg 1, bit 1 leg 2"),
    ("u_feedback_stuck_open", "i4", "", "1 when the utility contactor's feedback reads open whatever it does"),
    ("u_feedback_stuck_closed", "i4", "", "1 when the utility contactor's feedback reads closed whatever it does"),
    # The house with its own physics, instead of base, daily, cycling and heavy loads above (plant/house.py).
    ("house", "i4", "", "1 when the loads are those of a thermal house; 0 when they are the simple ones above"),
    ("floor_m2", "f8", "", "heated floor area, square metres"),
    ("loss_per_k", "f8", "", "loss of the envelope with air leakage, W/K"),
    ("link_per_k", "f8", "", "between air and mass of the house, W/K"),
    ("air_joule_per_k", "f8", "", "heat capacity of the air and what follows it, J/K"),
    ("mass_joule_per_k", "f8", "", "heat capacity of walls, floors and furniture, J/K"),
    ("solar_m2", "f8", "", "window area times what its glass and shades let in, all sides alike, square metres"),
    ("shift_ticks", "i8", "ticks", "how much later than usual this home gets up, comes home and goes to bed"),
    ("people", "f8", "", "people who live there"),
    ("cool_capacity_w", "f8", "W", "heat that the air conditioner removes at 35 C outdoors; 0 without one"),
    ("cool_rated_w", "f8", "W", "its electric power there, with both fans"),
    ("sensible_fraction", "f8", "", "part of its capacity that cools air; the rest dries it"),
    ("cool_set_c", "f8", "C", "thermostat in summer"),
    ("heat_kind", "i4", "", "HEAT_..."),
    ("heat_capacity_w", "f8", "W", "heat given: furnace or resistances at any time, heat pump at 8.3 C outdoors"),
    ("heat_rated_w", "f8", "W", "electric power of the heat pump at 8.3 C, with both fans"),
    ("aux_w", "f8", "W", "resistances behind a heat pump; 0 without"),
    ("fan_w", "f8", "W", "fan of a furnace"),
    ("heat_set_c", "f8", "C", "thermostat in winter"),
    ("setback_c", "f8", "C", "how much it is lowered at night, 22 to 6 o'clock; raised as much in summer, 9 to 16"),
    ("deadband_c", "f8", "C", "width of the thermostat's band"),
    ("min_off_ticks", "i8", "ticks", "the compressor stays off at least so long"),
    ("restart_ticks", "i8", "ticks", "and so long after power has come back"),
    ("tank_joule_per_k", "f8", "", "heat capacity of the electric water heater's tank, J/K"),
    ("tank_loss_per_k", "f8", "", "its loss, W/K"),
    ("element_w", "f8", "W", "each of its two elements at nominal voltage; 0 when water is heated with fuel"),
    ("tank_set_c", "f8", "C", "its thermostats"),
    ("inlet_c", "f8", "C", "temperature of cold water"),
    ("draws_count", "f8", "", "draws of hot water in a day"),
    ("draw_l", "f8", "", "mean litres of hot water in a draw"),
    ("fridge_w", "f8", "W", "refrigerator while its compressor runs, on leg 1"),
    ("freezer_w", "f8", "W", "freezer or second refrigerator, on leg 2; 0 without"),
    ("box_loss_per_k", "f8", "", "loss of each cold cabinet with its door openings, W/K"),
    ("box_joule_per_k", "f8", "", "heat capacity of each cabinet with its food, J/K"),
    ("pump_w", "f8", "W", "well pump, on 240 V; 0 on a public main"),
    ("ev_w", "f8", "W", "charger of the car; 0 without"),
    ("ev_day_wh", "f8", "Wh", "mean energy that it needs for a day"),
    ("ev_home_s", "f8", "s", "second of the day at which it comes home and is plugged in"),
    ("ev_wait_s", "f8", "s", "charging waits from then so long: a timer for a cheaper tariff"),
    ("dryer_w", "f8", "W", "electric clothes dryer with its heater on; 0 without"),
    ("range_w", "f8", "W", "electric range as it is used; 0 without"),
)
