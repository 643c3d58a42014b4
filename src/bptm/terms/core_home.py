"""What a simulated home is made of: service, backup source, loads, habits and faults.

Core Python. One record a home, filled by the host that makes the population and only read by the plant.
Times are ticks (1/120 s) counted from the event clock's zero, or lengths in ticks. A type `i8[12]` is a
fixed-length array. Each field: name, type, unit, meaning.
"""

OUTAGES_MAX = 12

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
    ("medical", "i4", "", "1 for a home on the medical baseline list: no slot delay, never held dark"),
    ("load_side_generation", "i4", "", "1 when the utility knows of generation behind the meter: 300 s before return"),
    ("u_weld", "i4", "", "welded poles of the utility contactor: bit 0 leg 1, bit 1 leg 2"),
    ("u_feedback_stuck_open", "i4", "", "1 when the utility contactor's feedback reads open whatever it does"),
    ("u_feedback_stuck_closed", "i4", "", "1 when the utility contactor's feedback reads closed whatever it does"),
)
