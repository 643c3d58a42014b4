"""Setup of the waveform bench: the backup source with its cord, and the forgotten solar array.

Core Python. Rows as in `core_bench`. Defaults are those of the conventional portable; each kind of source has a profile
of its own in `plant/wave_KIND.py`, which stands in place of these where nothing else is given.
"""

# Where a source stands.
ATTACH_INLET = 0
ATTACH_LOAD_SIDE = 1

# How its hots are connected.
LEGS_SPLIT = 0
LEGS_PARALLELED = 1
LEGS_WITHOUT_L1 = 2
LEGS_WITHOUT_L2 = 3
LEGS_SWAPPED_NEUTRAL = 4

SOURCE_SETTINGS = (
    # Any source.
    ("kind", "f8", "", "BACKUP_...", 1, 0, 5, "choice of the test"),
    ("attach", "f8", "", "ATTACH_...: at the inlet or on the load side", 0, 0, 1, "design section 4"),
    ("run", "f8", "", "1 while a person (or its own controller) wants it to run", 0, 0, 1, "choice of the test"),
    ("auto_start", "f8", "", "1: it starts by itself when the utility is lost", 0, 0, 1, "choice of the test"),
    ("auto_after_s", "f8", "s", "how long after", 5.0, 0.0, 600.0, "domain.md 1.3: Generac 5 s"),
    ("rating_w", "f8", "W", "what it delivers for long", 7200.0, 500.0, 50000.0, "domain.md 1.1"),
    ("rated_v", "f8", "V", "voltage at no load, leg to neutral", 122.0, 60.0, 150.0, "PGMA G200: within 10 %"),
    ("rated_hz", "f8", "Hz", "frequency at no load", 62.0, 45.0, 70.0, "domain.md 2.11"),
    ("legs", "f8", "", "LEGS_...", 0, 0, 4, "domain.md 2.6"),
    ("inner_ohm", "f8", "ohm", "resistance of one winding or bridge", 0.05, 0.0001, 10.0, "own choice"),
    ("inner_x_ohm", "f8", "ohm", "its transient reactance", 0.72, 0.0001, 10.0, "domain.md 2.11: X'd 0.18 pu of 4 ohm"),
    ("source_third_pu", "f8", "pu", "third harmonic of its voltage", 0.04, 0.0, 0.4, "domain.md 2.11: THD 4-9 %"),
    ("source_fifth_pu", "f8", "pu", "fifth harmonic", 0.03, 0.0, 0.4, "domain.md 2.11: THD 4-9 %"),
    ("cord_ohm", "f8", "ohm", "one leg of the cord: 20 ft of 10 AWG", 0.025, 0.0001, 1e9, "domain.md 2.11"),
    ("cord_neutral_ohm", "f8", "ohm", "neutral of the cord", 0.025, 0.0001, 1e9, "domain.md H17"),
    ("cord_earth_ohm", "f8", "ohm", "equipment ground of the cord", 0.025, 0.0001, 1e9, "domain.md 2.8"),
    ("bonded", "f8", "", "1: its neutral is bonded to its frame", 0, 0, 1, "domain.md 2.8"),
    ("gfci", "f8", "", "1: its outlet has a GFCI", 0, 0, 1, "domain.md H18"),
    ("gfci_a", "f8", "A", "residual current that trips it", 0.006, 0.001, 0.5, "UL 943 class A: 4-6 mA"),
    ("gfci_s", "f8", "s", "delay of that", 0.025, 0.005, 7.0, "own choice; UL 943 allows longer"),
    ("breaker_a", "f8", "A", "its own breaker", 30.0, 5.0, 200.0, "UL 489"),
    # Engines.
    ("start_s", "f8", "s", "cranking", 2.0, 0.0, 60.0, "own choice"),
    ("warm_s", "f8", "s", "from idle to rated speed and voltage", 3.0, 0.1, 120.0, "domain.md 1.3"),
    ("cool_s", "f8", "s", "runs unloaded before it stops by itself", 60.0, 0.0, 900.0, "domain.md 1.3: 1 min"),
    ("droop_fraction", "f8", "", "speed lost between no and full load", 0.05, 0.0, 0.2, "ISO 8528-5 G2: 5 %"),
    ("governor_gain", "f8", "", "integral gain of an isochronous governor, per second", 0.0, 0.0, 20.0, "own choice"),
    ("engine_lag_s", "f8", "s", "throttle to torque", 0.2, 0.02, 3.0, "own choice; domain.md 2.11 has 0.3-0.8"),
    ("inertia_s", "f8", "s", "inertia constant H of engine and rotor", 0.5, 0.05, 20.0, "domain.md 2.11: 0.3-0.8"),
    ("friction_fraction", "f8", "", "torque that grows with speed", 1.0, 0.0, 10.0, "own choice"),
    ("throttle_most", "f8", "", "torque at full throttle, on the rating", 1.15, 0.2, 3.0, "PGMA G200; own choice"),
    (
        "throttle_stuck",
        "f8",
        "",
        "its throttle sticks at this, whatever the governor asks; 0: free",
        0.0,
        0.0,
        3.0,
        "domain.md 2.11",
    ),
    ("hunt_fraction", "f8", "", "throttle swings by this (gummed carburettor)", 0.0, 0.0, 1.0, "domain.md 2.11"),
    ("hunt_hz", "f8", "Hz", "how often", 1.0, 0.05, 5.0, "domain.md 2.11"),
    ("stall_hz", "f8", "Hz", "below this the engine stalls", 40.0, 10.0, 55.0, "own choice"),
    ("overspeed_hz", "f8", "Hz", "above this it is shut down", 75.0, 62.0, 100.0, "ISO 8528-5; own choice"),
    ("avr", "f8", "", "1: automatic voltage regulator; 0: capacitor excitation", 1, 0, 1, "domain.md 2.11"),
    ("avr_lag_s", "f8", "s", "its time constant", 0.25, 0.02, 5.0, "own choice"),
    ("knee_hz", "f8", "Hz", "below this its voltage falls with frequency", 57.5, 40.0, 62.0, "Kohler; domain.md 2.11"),
    ("ceiling", "f8", "", "most excitation, on the no-load one", 1.7, 1.0, 4.0, "own choice"),
    ("fuel_fraction", "f8", "", "fuel in the tank at the start", 1.0, 0.0, 1.0, "choice of the test"),
    ("fuel_hours", "f8", "", "hours on one tank at half load", 9.0, 0.001, 200.0, "domain.md 2.11: 8-12 h"),
    # Inverters, batteries and vehicles.
    ("limit_ratio", "f8", "", "most current, on the rating", 2.0, 1.0, 5.0, "own choice"),
    ("overload_s", "f8", "s", "above the rating for so long it shuts down", 10.0, 0.1, 120.0, "own choice"),
    ("ramp_s", "f8", "s", "its voltage rises over this", 0.2, 0.0, 10.0, "own choice"),
    ("retry_s", "f8", "s", "and it tries again after this; 0: never", 0.0, 0.0, 3600.0, "own choice"),
    ("charge_w", "f8", "W", "power that it can take back", 0.0, 0.0, 50000.0, "domain.md H22"),
    ("high_v", "f8", "V", "its own over-voltage trip, leg to neutral", 145.0, 125.0, 200.0, "own choice"),
    ("capacity_wh", "f8", "Wh", "energy of a full battery", 13500.0, 1.0, 200000.0, "own choice"),
    ("charge_fraction", "f8", "", "state of charge at the start", 0.9, 0.0, 1.0, "choice of the test"),
    ("reserve_fraction", "f8", "", "it stops at this state of charge", 0.1, 0.0, 1.0, "own choice"),
)

SOLAR_SETTINGS = (
    ("solar_w", "f8", "W", "what the sun gives to the array now; 0: no array", 0.0, 0.0, 30000.0, "domain.md H22"),
    ("solar_breaker", "f8", "", "1 while its breaker in the panel is closed", 1, 0, 1, "choice of the test"),
    ("enter_low_pu", "f8", "pu", "enter service above", 0.917, 0.85, 0.99, "IEEE 1547-2018"),
    ("enter_high_pu", "f8", "pu", "enter service below", 1.05, 1.0, 1.1, "IEEE 1547-2018"),
    ("enter_low_hz", "f8", "Hz", "enter service above", 59.5, 55.0, 60.0, "IEEE 1547-2018"),
    ("enter_high_hz", "f8", "Hz", "enter service below", 60.1, 60.0, 65.0, "IEEE 1547-2018"),
    ("enter_s", "f8", "s", "for so long", 300.0, 0.0, 600.0, "IEEE 1547-2018"),
    ("enter_ramp_s", "f8", "s", "then its power rises over this", 300.0, 0.0, 1000.0, "IEEE 1547-2018"),
    ("solar_drift", "f8", "", "frequency shift against islands, rad for each Hz", 0.1, 0.0, 0.5, "own choice"),
)
