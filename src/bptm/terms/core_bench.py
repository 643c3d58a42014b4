"""Setup of the waveform bench: utility, premise wiring, contactors, sensors, the meter's own supply, and people.

Core Python. Each row: name, type, unit, meaning, default, lowest, highest, source. Every value may change at any sample
of a run. All are f8, so that a setup is one row of numbers; a yes or no is 1 or 0, a choice is one of the codes below.
Impedances are of one conductor at 60 Hz: resistance `..._ohm`, reactance `..._x_ohm`. "own choice" marks a number that
no standard and no vendor gives. Sources: `core_bench_sources`; loads: `core_bench_premise`; what a run gives back:
`core_bench_trace`.
"""

OPEN_OHM = 1000000000.0
"""A conductor that is not there."""

# Feedback of a pole (u_feedback_l1 ...).
FEEDBACK_TRUE = 0
FEEDBACK_OPEN = 1
FEEDBACK_CLOSED = 2
FEEDBACK_NONE = 3
FEEDBACK_BOTH = 4

# What is wrong with a channel of the converter (sense_..._fault).
SENSE_GOOD = 0
SENSE_ZERO = 1
SENSE_FROZEN = 2
SENSE_ABSENT = 3
SENSE_FULL = 4

UTILITY_SETTINGS = (
    # The feeder, and the waveform of its voltage.
    ("feeder_on", "f8", "", "1 while the feeder is energised by the utility", 1, 0, 1, "choice of the test"),
    ("utility_v", "f8", "V", "voltage at no load, leg to neutral", 121.0, 0.0, 240.0, "ANSI C84.1"),
    ("utility_hz", "f8", "Hz", "frequency", 60.0, 40.0, 75.0, "ANSI C84.1"),
    ("utility_phase_rad", "f8", "rad", "phase added to the feeder's angle", 0.0, -50.0, 50.0, "choice of the test"),
    ("utility_l1_pu", "f8", "pu", "share of the voltage on leg 1 (sags, swells)", 1.0, 0.0, 2.0, "IEEE 1159"),
    ("utility_l2_pu", "f8", "pu", "the same on leg 2", 1.0, 0.0, 2.0, "IEEE 1159"),
    ("flicker_pu", "f8", "pu", "modulation of the voltage, peak", 0.0, 0.0, 0.2, "IEEE 1453"),
    ("flicker_hz", "f8", "Hz", "its frequency", 8.8, 0.1, 35.0, "IEEE 1453: most visible"),
    ("utility_third_pu", "f8", "pu", "third harmonic of the voltage", 0.005, 0.0, 0.3, "own choice; IEEE 519: 5 %"),
    ("utility_fifth_pu", "f8", "pu", "fifth harmonic", 0.015, 0.0, 0.3, "own choice; IEEE 519: 5 %"),
    ("utility_seventh_pu", "f8", "pu", "seventh harmonic", 0.008, 0.0, 0.3, "own choice; IEEE 519: 5 %"),
    (
        "replay",
        "f8",
        "",
        "1: the legs' no-load voltages are the record given to the run",
        0,
        0,
        1,
        "choice of the test",
    ),
    # The circuit from the feeder to the meter. A broken conductor is a high series resistance.
    ("legs_in_phase", "f8", "", "1: both legs come from the same end of the winding", 0, 0, 1, "domain.md 2.6"),
    ("feeder_ohm", "f8", "ohm", "feeder and substation, on the basis of one leg", 0.004, 0.0001, 10.0, "own choice"),
    ("feeder_x_ohm", "f8", "ohm", "its reactance", 0.006, 0.0001, 10.0, "own choice"),
    ("winding_ohm", "f8", "ohm", "half winding of the transformer: 25 kVA, 1.2 %", 0.007, 0.0001, 10.0, "own choice"),
    ("winding_x_ohm", "f8", "ohm", "its leakage reactance: 1.5 %", 0.009, 0.0001, 10.0, "own choice"),
    ("magnetising_w", "f8", "W", "core of the transformer at nominal voltage", 100.0, 1.0, 10000.0, "own choice"),
    ("drop_ohm", "f8", "ohm", "one leg of the service drop", 0.02, 0.0001, 1e9, "domain.md 2.6: 0.02-0.08"),
    ("drop_x_ohm", "f8", "ohm", "its reactance", 0.006, 0.0001, 10.0, "own choice"),
    ("l1_break_ohm", "f8", "ohm", "break in leg 1 of the service", 0.0, 0.0, 1e9, "choice of the test"),
    ("l2_break_ohm", "f8", "ohm", "break in leg 2 of the service", 0.0, 0.0, 1e9, "choice of the test"),
    ("neutral_ohm", "f8", "ohm", "neutral of the service drop", 0.02, 0.0001, 1e9, "domain.md 2.6: 0.02-0.08"),
    ("earth_ohm", "f8", "ohm", "earth between premise and transformer", 25.0, 0.1, 1e9, "domain.md 2.6"),
    ("neighbours_w", "f8", "W", "load of other homes on the transformer", 6000.0, 0.0, 200000.0, "own choice"),
    ("lateral_w", "f8", "W", "load that a dead feeder still has on its primary", 24000.0, 0.0, 5000000.0, "own choice"),
)

CONTACTOR_SETTINGS = (
    # Time from an order to the change of a pole.
    ("u_open_s", "f8", "s", "utility contactor: order to parting of leg 1", 0.025, 0.001, 0.6, "domain.md 2.7"),
    ("u_close_s", "f8", "s", "utility contactor: order to touch of leg 1", 0.03, 0.001, 0.6, "domain.md 2.7"),
    ("u_skew_s", "f8", "s", "closing, leg 2 moves this much later; leg 1 below 0", 0.002, -0.2, 0.2, "own choice"),
    ("u_open_skew_s", "f8", "s", "the same when opening", 0.002, -0.2, 0.2, "own choice"),
    ("u_bounce_s", "f8", "s", "bounce after touch", 0.003, 0.0, 0.05, "own choice"),
    ("b_open_s", "f8", "s", "backup contactor: order to parting of leg 1", 0.02, 0.001, 0.6, "domain.md 2.7"),
    ("b_close_s", "f8", "s", "backup contactor: order to touch of leg 1", 0.025, 0.001, 0.6, "domain.md 2.7"),
    ("b_skew_s", "f8", "s", "closing, leg 2 moves this much later; leg 1 below 0", 0.002, -0.2, 0.2, "own choice"),
    ("b_open_skew_s", "f8", "s", "the same when opening", 0.002, -0.2, 0.2, "own choice"),
    ("b_bounce_s", "f8", "s", "bounce after touch", 0.003, 0.0, 0.05, "own choice"),
    ("pole_ohm", "f8", "ohm", "a closed pole", 0.0003, 0.0001, 1.0, "own choice"),
    # Faults.
    ("u_weld_l1", "f8", "", "1: leg 1 of the utility contactor is welded", 0, 0, 1, "domain.md H1"),
    ("u_weld_l2", "f8", "", "1: leg 2 of it is welded", 0, 0, 1, "domain.md H1"),
    ("b_weld_l1", "f8", "", "1: leg 1 of the backup contactor is welded", 0, 0, 1, "domain.md H3"),
    ("b_weld_l2", "f8", "", "1: leg 2 of it is welded", 0, 0, 1, "domain.md H3"),
    ("u_stuck", "f8", "", "1: the utility contactor does not obey", 0, 0, 1, "domain.md H6"),
    ("b_stuck", "f8", "", "1: the backup contactor does not obey", 0, 0, 1, "domain.md H6"),
    ("u_feedback_l1", "f8", "", "feedback of leg 1 of U (FEEDBACK_...)", 0, 0, 4, "domain.md H36"),
    ("u_feedback_l2", "f8", "", "feedback of leg 2 of U", 0, 0, 4, "domain.md H36"),
    ("b_feedback_l1", "f8", "", "feedback of leg 1 of B", 0, 0, 4, "domain.md H36"),
    ("b_feedback_l2", "f8", "", "feedback of leg 2 of B", 0, 0, 4, "domain.md H36"),
    # Ratings.
    ("u_weld_a", "f8", "A", "a peak above this welds a bouncing pole of U", 6000.0, 100.0, 100000.0, "own choice"),
    ("b_weld_a", "f8", "A", "a peak above this welds a bouncing pole of B", 900.0, 100.0, 100000.0, "own choice"),
    ("u_breaks_a", "f8", "A", "U extinguishes arcs up to this, RMS", 1200.0, 50.0, 20000.0, "UL 1008: 6 x 200 A"),
    ("b_breaks_a", "f8", "A", "B extinguishes arcs up to this, RMS", 180.0, 10.0, 20000.0, "UL 1008: 6 x 30 A"),
    # Interlocks beside the software.
    ("electrical_interlock", "f8", "", "1: each coil is fed through a contact of the other", 1, 0, 1, "domain.md 2.7"),
    ("mechanical_interlock", "f8", "", "1: a slide keeps one from closing on the other", 1, 0, 1, "domain.md 2.7"),
    ("b_dropout_v", "f8", "V", "B drops with both inlet legs below this", 40.0, 0.0, 110.0, "own choice"),
)

SENSOR_SETTINGS = (
    # Each channel: what it makes of the truth.
    ("utility_l1_gain", "f8", "", "gain of the channel utility L1", 1.0, -10.0, 10.0, "domain.md H4"),
    ("utility_l2_gain", "f8", "", "utility L2", 1.0, -10.0, 10.0, "domain.md H4"),
    ("bus_l1_gain", "f8", "", "bus L1", 1.0, -10.0, 10.0, "domain.md H4"),
    ("bus_l2_gain", "f8", "", "bus L2", 1.0, -10.0, 10.0, "domain.md H4"),
    ("inlet_l1_gain", "f8", "", "inlet L1", 1.0, -10.0, 10.0, "domain.md H4"),
    ("inlet_l2_gain", "f8", "", "inlet L2", 1.0, -10.0, 10.0, "domain.md H4"),
    ("current_l1_gain", "f8", "", "current L1", 1.0, -10.0, 10.0, "domain.md H4"),
    ("current_l2_gain", "f8", "", "current L2", 1.0, -10.0, 10.0, "domain.md H4"),
    ("utility_l1_offset_v", "f8", "V", "offset of the channel utility L1", 0.0, -400.0, 400.0, "domain.md H4"),
    ("utility_l2_offset_v", "f8", "V", "utility L2", 0.0, -400.0, 400.0, "domain.md H4"),
    ("bus_l1_offset_v", "f8", "V", "bus L1", 0.0, -400.0, 400.0, "domain.md H4"),
    ("bus_l2_offset_v", "f8", "V", "bus L2", 0.0, -400.0, 400.0, "domain.md H4"),
    ("inlet_l1_offset_v", "f8", "V", "inlet L1", 0.0, -400.0, 400.0, "domain.md H4"),
    ("inlet_l2_offset_v", "f8", "V", "inlet L2", 0.0, -400.0, 400.0, "domain.md H4"),
    ("current_l1_offset_a", "f8", "A", "current L1", 0.0, -600.0, 600.0, "domain.md H4"),
    ("current_l2_offset_a", "f8", "A", "current L2", 0.0, -600.0, 600.0, "domain.md H4"),
    ("utility_l1_sense", "f8", "", "fault of the channel utility L1 (SENSE_...)", 0, 0, 4, "domain.md H4, H5"),
    ("utility_l2_sense", "f8", "", "utility L2", 0, 0, 4, "domain.md H4, H5"),
    ("bus_l1_sense", "f8", "", "bus L1", 0, 0, 4, "domain.md H4, H5"),
    ("bus_l2_sense", "f8", "", "bus L2", 0, 0, 4, "domain.md H4, H5"),
    ("inlet_l1_sense", "f8", "", "inlet L1", 0, 0, 4, "domain.md H4, H5"),
    ("inlet_l2_sense", "f8", "", "inlet L2", 0, 0, 4, "domain.md H4, H5"),
    ("current_l1_sense", "f8", "", "current L1", 0, 0, 4, "domain.md H4, H5"),
    ("current_l2_sense", "f8", "", "current L2", 0, 0, 4, "domain.md H4, H5"),
    # All channels.
    ("noise_v", "f8", "V", "noise of the voltages, RMS", 0.05, 0.0, 50.0, "own choice"),
    ("noise_a", "f8", "A", "noise of the currents, RMS", 0.01, 0.0, 50.0, "own choice"),
    ("converter_bits", "f8", "", "bits of the converter", 16, 6, 24, "own choice"),
    ("voltage_full_v", "f8", "V", "its full scale", 400.0, 200.0, 1000.0, "metrology setting of the same name"),
    ("current_full_a", "f8", "A", "its full scale", 600.0, 100.0, 4000.0, "metrology setting of the same name"),
    ("utility_swapped", "f8", "", "1: the channels of the utility's legs are exchanged", 0, 0, 1, "domain.md H4"),
    ("bus_swapped", "f8", "", "1: those of the bus", 0, 0, 1, "domain.md H4"),
    ("inlet_swapped", "f8", "", "1: those of the inlet", 0, 0, 1, "domain.md H4"),
    ("current_swapped", "f8", "", "1: the current transformers of the legs are exchanged", 0, 0, 1, "domain.md H4"),
    ("reference_at_panel", "f8", "", "1: the meter's reference is the panel's neutral", 0, 0, 1, "design section 4"),
    (
        "reference_lost",
        "f8",
        "",
        "1: the service reference of the utility's channels is off",
        0,
        0,
        1,
        "design section 4",
    ),
    ("reference_drift", "f8", "", "a lost reference leans by this much to a leg", 0.3, -1.0, 1.0, "own choice"),
    ("comparator_l1_sense", "f8", "", "interlock's comparator L1: 1 reads dead, 2 reads live", 0, 0, 2, "domain.md H2"),
    ("comparator_l2_sense", "f8", "", "interlock's comparator L2", 0, 0, 2, "domain.md H2"),
)

METER_SETTINGS = (
    # Supply and stored energy.
    ("hold_up_s", "f8", "s", "the meter lives this long on full storage", 60.0, 0.0, 3600.0, "domain.md H8"),
    ("operation_s", "f8", "s", "hold-up that one operation of U costs", 2.0, 0.0, 60.0, "own choice"),
    ("reserve_s", "f8", "s", "below this, stored energy is told to be too low", 10.0, 0.0, 600.0, "own choice"),
    ("recharge_s", "f8", "s", "from empty to full with supply", 30.0, 0.01, 3600.0, "own choice"),
    ("supply_v", "f8", "V", "a leg of utility or inlet above this supplies the meter", 60.0, 20.0, 110.0, "own choice"),
    ("reset", "f8", "", "1: the controller is held in reset; it starts when this is 0 again", 0, 0, 1, "domain.md H7"),
    # What people do at the meter, and the utility from afar (an action of LAW-4, ACTION_..., once each).
    ("local_reset", "f8", "", "1 while somebody presses reset", 0, 0, 1, "choice of the test"),
    ("local_test", "f8", "", "1 while somebody asks for a test", 0, 0, 1, "choice of the test"),
    ("local_disconnect", "f8", "", "1 while the lever asks for no supply", 0, 0, 1, "choice of the test"),
    ("remote_action", "f8", "", "a remote action, taken at once and set back to 0", 0, 0, 4, "LAW-4"),
    ("remote_hold_s", "f8", "s", "length of a hold on return", 14400.0, 0.0, 86400.0, "design section 4"),
    # The inlet.
    ("plugged", "f8", "", "1 while the cord is in the inlet", 1, 0, 1, "choice of the test"),
    ("latched", "f8", "", "1 while its latch is home (the pin contact leads)", 1, 0, 1, "domain.md H26"),
    ("plug_a", "f8", "A", "current that the plug is coded for; 0: no code", 30.0, 0.0, 60.0, "design section 4"),
    ("ambient_c", "f8", "C", "temperature of the enclosure", 25.0, -40.0, 80.0, "own choice"),
    ("blade_ohm", "f8", "ohm", "contact of each inlet blade", 0.0005, 0.0001, 1.0, "domain.md H25"),
    ("blade_lag_s", "f8", "s", "thermal time constant of the blades", 120.0, 0.1, 3600.0, "own choice"),
    ("blade_rise", "f8", "", "kelvin by which one watt in a blade heats it", 12.0, 0.1, 1000.0, "own choice"),
    # Surges and the surge protector.
    ("surge_v", "f8", "V", "open-circuit crest of a surge; strikes once, set back to 0", 0.0, 0.0, 20000.0, "C62.41.2"),
    ("surge_a", "f8", "A", "its short-circuit crest", 3000.0, 100.0, 20000.0, "C62.41.2: 6 kV/3 kA, 10 kV/10 kA"),
    ("spd_present", "f8", "", "1: the meter has a surge protector", 1, 0, 1, "domain.md 2.10"),
    ("spd_ma_v", "f8", "V", "its voltage at 1 mA, peak", 240.0, 150.0, 800.0, "150 V varistor, domain.md 2.10"),
    ("spd_clamp_v", "f8", "V", "its voltage at 100 A", 395.0, 200.0, 2000.0, "150 V varistor, domain.md 2.10"),
    ("spd_surge_a", "f8", "A", "one 8/20 surge of this ends its life", 6500.0, 500.0, 200000.0, "domain.md 2.10"),
    ("spd_off_c", "f8", "C", "its thermal disconnect opens", 120.0, 80.0, 250.0, "UL 1449; own choice"),
    ("spd_rise", "f8", "", "kelvin by which one watt heats it", 40.0, 1.0, 500.0, "own choice"),
    ("spd_lag_s", "f8", "s", "its thermal time constant", 60.0, 0.1, 3600.0, "own choice"),
)

LAW_SETTINGS = (
    # What the checkers allow. They know nothing of the controller's settings.
    (
        "return_most_s",
        "f8",
        "s",
        "LAW-7: good utility to return, at most",
        960.0,
        1.0,
        1e6,
        "300 s, slot 300 s, own 360 s",
    ),
    (
        "backup_most_s",
        "f8",
        "s",
        "LAW-11: sound source and lost utility to backup, at most",
        90.0,
        1.0,
        1e6,
        "own choice",
    ),
    (
        "dead_time_s",
        "f8",
        "s",
        "LAW-2: both open between two sources, at least",
        0.1,
        0.0,
        10.0,
        "domain.md 1.3: floor",
    ),
    (
        "dead_bus_v",
        "f8",
        "V",
        "LAW-2: nothing closes onto more than this, RMS",
        30.0,
        5.0,
        60.0,
        "0.25 pu, domain.md 2.7",
    ),
    (
        "leave_s",
        "f8",
        "s",
        "LAW-6: a source that is none is left within this",
        2.5,
        0.1,
        60.0,
        "domain.md 2.6: 2 s, travel",
    ),
    ("follow_s", "f8", "s", "LAW-5: B ordered open within this", 0.04, 0.01, 1.0, "LAW-5"),
    ("gone_s", "f8", "s", "LAW-5: current gone within this", 0.1, 0.02, 1.0, "LAW-5"),
    ("register_fraction", "f8", "", "LAW-8: registers agree with true energy", 0.002, 0.0001, 0.1, "LAW-8"),
)
