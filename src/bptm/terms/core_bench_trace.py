"""What a run of the waveform bench gives back for each half-cycle, and what its checkers found.

Core Python. Each field: name, type, unit, meaning. TRUE is the solved circuit and nothing that the meter believes; TOLD
is the controller: inputs, decisions, orders. An external controller gives orders, and mode, cause and facts if it likes;
the rest of TOLD is then 0. RMS values are of this half-cycle; powers and currents flow into the premise.
"""

TRUE_FIELDS = (
    ("tick", "i8", "ticks", "half-cycles since the start of the run, this one included"),
    ("end_sample", "i8", "", "samples since the start of the run, those of this half-cycle included"),
    # Nodes, RMS, to the meter's neutral; leg to leg.
    ("utility_l1_v", "f8", "V", "utility side, leg 1"),
    ("utility_l2_v", "f8", "V", "utility side, leg 2"),
    ("utility_l12_v", "f8", "V", "utility side, leg to leg"),
    ("bus_l1_v", "f8", "V", "premise bus, leg 1"),
    ("bus_l2_v", "f8", "V", "premise bus, leg 2"),
    ("bus_l12_v", "f8", "V", "premise bus, leg to leg"),
    ("inlet_l1_v", "f8", "V", "inlet, leg 1"),
    ("inlet_l2_v", "f8", "V", "inlet, leg 2"),
    ("inlet_l12_v", "f8", "V", "inlet, leg to leg"),
    ("panel_l1_v", "f8", "V", "loads of leg 1, to the panel's neutral"),
    ("panel_l2_v", "f8", "V", "loads of leg 2, to the panel's neutral"),
    ("neutral_v", "f8", "V", "meter's neutral against the transformer's"),
    ("pole_v", "f8", "V", "highest voltage across a pole of U, RMS"),
    ("utility_peak_v", "f8", "V", "highest sample of a leg of the utility side, without its sign"),
    ("bus_peak_v", "f8", "V", "highest sample of a leg of the bus"),
    ("inlet_peak_v", "f8", "V", "highest sample of a leg of the inlet"),
    # Currents.
    ("utility_l1_a", "f8", "A", "through U, leg 1"),
    ("utility_l2_a", "f8", "A", "through U, leg 2"),
    ("backup_l1_a", "f8", "A", "through B, leg 1"),
    ("backup_l2_a", "f8", "A", "through B, leg 2"),
    ("neutral_a", "f8", "A", "neutral between meter and panel"),
    ("residual_a", "f8", "A", "equipment ground of the cord: what a GFCI sees"),
    ("utility_peak_a", "f8", "A", "highest sample through a pole of U"),
    ("backup_peak_a", "f8", "A", "highest sample through a pole of B"),
    ("motor_a_a", "f8", "A", "motor A"),
    ("motor_b_a", "f8", "A", "motor B"),
    # Powers and energy since the start of the run.
    ("utility_w", "f8", "W", "through U"),
    ("backup_w", "f8", "W", "through B"),
    ("load_w", "f8", "W", "taken by the loads"),
    ("solar_out_w", "f8", "W", "from the solar array"),
    ("utility_in_wh", "f8", "Wh", "through U into the premise"),
    ("utility_out_wh", "f8", "Wh", "through U out of the premise"),
    ("backup_in_wh", "f8", "Wh", "through B into the premise"),
    ("backup_out_wh", "f8", "Wh", "through B out of the premise"),
    ("given_wh", "f8", "Wh", "by all sources of the circuit"),
    ("taken_wh", "f8", "Wh", "by all loads of the circuit, neighbours included"),
    ("lost_wh", "f8", "Wh", "in conductors, windings and contacts"),
    # Sources.
    ("feeder_on", "i4", "", "1 while the feeder is energised by the utility"),
    ("utility_true_hz", "f8", "Hz", "the utility's frequency; 0 while the feeder is dead"),
    ("source_hz", "f8", "Hz", "the source's frequency; 0 while it makes no voltage"),
    ("source_state", "i4", "", "SOURCE_...: off, starting, warming up, running, cooling down, stalled, ..."),
    ("source_inner_v", "f8", "V", "its voltage behind its impedance, leg to neutral"),
    ("throttle", "f8", "", "torque of its engine, share of the rating"),
    ("left_fraction", "f8", "", "fuel or charge left"),
    ("slip_rad", "f8", "rad", "angle of the source against the utility, above -pi and up to pi"),
    ("solar_on", "i4", "", "1 while the array is in service"),
    ("motor_a_hz", "f8", "Hz", "speed of motor A, electrical"),
    ("motor_b_hz", "f8", "Hz", "speed of motor B, electrical"),
    ("motor_a_v", "f8", "V", "voltage that the flux of motor A makes, RMS"),
    # Contacts: poles, one bit each. A pole that arcs counts as closed.
    ("u_poles", "i4", "", "poles of U that conduct at the end"),
    ("b_poles", "i4", "", "poles of B that conduct at the end"),
    ("u_ever", "i4", "", "poles of U that conducted in some sample"),
    ("b_ever", "i4", "", "poles of B that conducted in some sample"),
    ("u_arcs", "i4", "", "poles of U that arced"),
    ("b_arcs", "i4", "", "poles of B that arced"),
    ("u_welded", "i4", "", "poles of U that are welded"),
    ("b_welded", "i4", "", "poles of B that are welded"),
    ("breakers", "i4", "", "breakers that are on, one bit for each CIRCUIT_...; bit 10: the source's own"),
    ("u_operations", "i4", "", "movements of U"),
    ("b_operations", "i4", "", "movements of B"),
    # The meter.
    ("powered", "i4", "", "1 while the controller has power and is not held in reset"),
    ("hold_up_left_s", "f8", "s", "stored energy, as time without supply"),
    ("blade_c", "f8", "C", "hottest inlet blade"),
    ("spd_c", "f8", "C", "surge protector"),
    ("spd_off", "i4", "", "1 once its thermal disconnect is open"),
    ("spd_used_fraction", "f8", "", "share of its life that surges have used"),
    ("surges", "i4", "", "surges so far"),
    ("surge_crest_v", "f8", "V", "crest at the meter of the last"),
    ("surge_joules", "f8", "", "energy of the last in the meter's protector, joules"),
    ("panel_crest_v", "f8", "V", "crest at the panel of the last"),
    ("panel_spd_joules", "f8", "", "energy of the last in the panel's protector, joules"),
    ("panel_spd_used_fraction", "f8", "", "share of the life of the panel's protector that surges have used"),
    # Laws so far, bit n for LAW-n.
    ("broken", "i8", "", "laws broken so far"),
    ("exercised", "i8", "", "laws that were put to the test so far"),
)

TOLD_FIELDS = (
    ("mode", "i4", "", "MODE_..."),
    ("step", "i4", "", "STEP_..."),
    ("cause", "i4", "", "cause of the last change of mode (CAUSE_...)"),
    ("latched", "i4", "", "cause of the lockout that stands"),
    ("fed_by", "i4", "", "FED_BY_..."),
    ("events", "i8", "", "events of this scan, bit n for EVENT_ n"),
    ("facts", "i8", "", "facts, one bit for each FACT_..."),
    ("turned_down", "i4", "", "why the source is not accepted, TURNED_DOWN_..."),
    ("backup_harm", "i4", "", "why B has to stay open (CAUSE_...)"),
    ("u_order", "i4", "", "order to U, before the interlock (ORDER_...)"),
    ("b_order", "i4", "", "order to B, before the interlock"),
    ("u_out", "i4", "", "order to U, from the interlock"),
    ("b_out", "i4", "", "order to B, from the interlock"),
    ("u_contact", "i4", "", "U as the controller reads it (CONTACT_...)"),
    ("b_contact", "i4", "", "B as the controller reads it"),
    ("starts", "i4", "", "starts of the controller"),
    # Inputs, as measured.
    ("read_utility_l1_v", "f8", "V", "utility side, leg 1"),
    ("read_utility_l2_v", "f8", "V", "utility side, leg 2"),
    ("read_utility_l12_v", "f8", "V", "utility side, leg to leg"),
    ("read_utility_hz", "f8", "Hz", "utility"),
    ("read_bus_l1_v", "f8", "V", "bus, leg 1"),
    ("read_bus_l2_v", "f8", "V", "bus, leg 2"),
    ("read_bus_l12_v", "f8", "V", "bus, leg to leg"),
    ("read_inlet_l1_v", "f8", "V", "inlet, leg 1"),
    ("read_inlet_l2_v", "f8", "V", "inlet, leg 2"),
    ("read_inlet_l12_v", "f8", "V", "inlet, leg to leg"),
    ("read_inlet_hz", "f8", "Hz", "inlet"),
    ("read_inlet_thd", "f8", "", "distortion at the inlet"),
    ("read_l1_a", "f8", "A", "current of leg 1"),
    ("read_l2_a", "f8", "A", "current of leg 2"),
    ("read_premise_w", "f8", "W", "power into the premise"),
    ("doubtful", "i4", "", "channels that are not as measured, one bit each"),
    ("u_open_poles", "i4", "", "feedback of U, open"),
    ("u_closed_poles", "i4", "", "feedback of U, closed"),
    ("b_open_poles", "i4", "", "feedback of B, open"),
    ("b_closed_poles", "i4", "", "feedback of B, closed"),
    ("low", "i4", "", "fast detector: a leg of the utility is low"),
    # Registers of the samples (metrology) and observers.
    ("utility_in_mwticks", "i8", "mW ticks", "register: taken from the utility"),
    ("utility_out_mwticks", "i8", "mW ticks", "register: given to it"),
    ("backup_in_mwticks", "i8", "mW ticks", "register: taken from the backup source"),
    ("backup_out_mwticks", "i8", "mW ticks", "register: pushed into it"),
    ("unassigned_mwticks", "i8", "mW ticks", "register: without a proved source"),
    ("found", "i8", "", "diagnosis: findings that stand, bit n for its code"),
    ("guide_step", "i4", "", "guide: step that is next"),
    ("guide_warnings", "i8", "", "guide: warnings, as its record has them"),
    ("headroom_w", "f8", "W", "advice: power still free"),
)

# Bits of `facts`.
FACT_UTILITY_LOST = 1
FACT_UTILITY_IN_BAND = 2
FACT_UTILITY_DEAD = 4
FACT_INLET_DEAD = 8
FACT_BACKUP_QUALIFIED = 16
FACT_OVERLOAD = 32
FACT_REVERSE_POWER = 64
FACT_UTILITY_FOLLOWS = 128
FACT_LOAD_SIDE_SOURCE = 256
FACT_CONTACT_UNKNOWN = 512
FACT_U_DISAGREES = 1024
FACT_INTERLOCK_WITHHOLDS = 2048
FACT_DISCONNECT = 4096
FACT_SENSE_DOUBTED = 8192
FACT_REFERENCE_LOST = 16384
FACT_UTILITY_HARMFUL = 32768
FACT_UTILITY_NEUTRAL = 65536
FACT_SHORT_CIRCUIT = 131072
FACT_SOURCE_HUNTS = 262144
FACT_LOAD_HIGH = 524288
FACT_RAN_DRY = 1048576
FACT_ENGINE_MAY_STOP = 2097152
FACT_SPD_FAILED = 4194304
FACT_INLET_FOLLOWS = 8388608
FACT_ABOVE_RATING = 16777216
FACT_BUS_LIVE = 33554432
FACT_BUS_DEAD = 67108864
FACT_ISLANDED = 134217728
FACT_UTILITY_APART = 268435456

# What a source does.
SOURCE_IS_OFF = 0
SOURCE_STARTS = 1
SOURCE_WARMS_UP = 2
SOURCE_RUNS = 3
SOURCE_COOLS_DOWN = 4
SOURCE_STALLED = 5
SOURCE_EMPTY = 6
SOURCE_SHUT_DOWN = 7

# Channels of a waveform: 16 columns, each sample.
WAVE_UTILITY_L1_V = 0
WAVE_UTILITY_L2_V = 1
WAVE_BUS_L1_V = 2
WAVE_BUS_L2_V = 3
WAVE_INLET_L1_V = 4
WAVE_INLET_L2_V = 5
WAVE_L1_A = 6
WAVE_L2_A = 7
WAVE_UTILITY_L1_A = 8
WAVE_UTILITY_L2_A = 9
WAVE_BACKUP_L1_A = 10
WAVE_BACKUP_L2_A = 11
WAVE_NEUTRAL_V = 12
WAVE_NEUTRAL_A = 13
WAVE_POLES = 14
"""U in bits 0 and 1, B in bits 2 and 3: poles that conduct."""
WAVE_SOURCE_V = 15
WAVES = 16

LAW_FIELDS = (
    # Bit and index n for LAW-n; 0 is "orders both".
    ("broken", "i8", "", "laws broken"),
    ("exercised", "i8", "", "laws whose condition arose"),
    ("count", "i8[16]", "", "half-cycles in which it was broken"),
    ("first_tick", "i8[16]", "ticks", "first of them"),
    ("first_found", "f8[16]", "", "value found there"),
    ("needs", "f8[16]", "", "value needed there"),
    ("worst", "f8[16]", "", "highest value that was judged, in the unit of what is found"),
    # What the checkers remember.
    ("u_out_was", "i4", "", "order to U, half-cycle before"),
    ("b_out_was", "i4", "", "order to B, half-cycle before"),
    ("u_was", "i4", "", "poles of U that conducted at the end of the half-cycle before"),
    ("b_was", "i4", "", "poles of B"),
    ("inlet_wrong", "i4", "", "1 when the inlet was no source in the half-cycle before"),
    ("inlet_l1_v", "f8", "V", "inlet leg 1, half-cycle before"),
    ("inlet_l2_v", "f8", "V", "inlet leg 2"),
    ("inlet_l12_v", "f8", "V", "inlet, leg to leg"),
    ("follow_s", "f8", "s", "how long B has joined a source to a dead utility side through U"),
    ("carry_s", "f8", "s", "how long the premises have energised a dead utility"),
    ("u_wrong_s", "f8", "s", "how long U has fed the bus from what is no source, while a sound one was there"),
    ("u_harm_s", "f8", "s", "how long U has fed the bus through a broken neutral"),
    ("b_wrong_s", "f8", "s", "how long B has fed the bus from what is no source"),
    ("good_s", "f8", "s", "how long the utility has been good, nothing stood against it, and U was not closed"),
    ("idle_s", "f8", "s", "how long the utility has been lost, a source sound, and B not closed"),
    ("sound_s", "f8", "s", "how long the source has been sound"),
    ("below_70_s", "f8", "s", "how long a leg of the utility has been below 70 %"),
    ("below_80_s", "f8", "s", "below 80 %"),
    ("below_90_s", "f8", "s", "below 90 %"),
    ("above_110_s", "f8", "s", "above 110 %"),
    ("above_120_s", "f8", "s", "above 120 %"),
    ("outside_ago_s", "f8", "s", "time since the utility was outside what ITIC has equipment ride through"),
    ("asked_left_s", "f8", "s", "time left of what a person or the utility asked: it ends the duty of LAW-7, 11, 12"),
    ("disconnected", "i4", "", "1 while a remote disconnection stands"),
    ("overloaded", "i4", "", "1 after an overload of the source, until it is removed"),
    ("left_utility", "i4", "", "1 after U opened while the bus was fed by it"),
)
