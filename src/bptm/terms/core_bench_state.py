"""State of the waveform bench: one home, solved sample by sample. Core Python.

`[h]` is the plant. Each field: name, type, unit, meaning. Voltages of nodes are against the transformer's neutral.
"""

# Nodes of the circuit; the last is the transformer's neutral, always 0.
NODE_CORE = 0
NODE_TAP_1 = 1
NODE_TAP_2 = 2
NODE_UTILITY_1 = 3
NODE_UTILITY_2 = 4
NODE_NEUTRAL = 5
NODE_BUS_1 = 6
NODE_BUS_2 = 7
NODE_PANEL_N = 8
NODE_INLET_1 = 9
NODE_INLET_2 = 10
NODE_STAR = 11
NODE_PANEL_1 = 12
NODE_PANEL_2 = 13
NODES = 14
NODE_EARTH = 14
NODES_SQUARED = 196

# Branches with resistance, reactance and a voltage of their own.
BRANCH_FEEDER = 0
BRANCH_WINDING_1 = 1
BRANCH_WINDING_2 = 2
BRANCH_DROP_1 = 3
BRANCH_DROP_2 = 4
BRANCH_SOURCE_1 = 5
BRANCH_SOURCE_2 = 6
BRANCH_MOTOR_A = 7
BRANCH_MOTOR_B = 8
BRANCHES = 9

# Poles.
POLE_U1 = 0
POLE_U2 = 1
POLE_B1 = 2
POLE_B2 = 3
POLES = 4

# Sums of a half-cycle: squares of voltages and currents, then products.
ADD_UTILITY_1 = 0
ADD_UTILITY_2 = 1
ADD_UTILITY_12 = 2
ADD_BUS_1 = 3
ADD_BUS_2 = 4
ADD_BUS_12 = 5
ADD_INLET_1 = 6
ADD_INLET_2 = 7
ADD_INLET_12 = 8
ADD_PANEL_1 = 9
ADD_PANEL_2 = 10
ADD_NEUTRAL_V = 11
ADD_POLE_1 = 12
ADD_POLE_2 = 13
ADD_U1_A = 14
ADD_U2_A = 15
ADD_B1_A = 16
ADD_B2_A = 17
ADD_NEUTRAL_A = 18
ADD_RESIDUAL_A = 19
ADD_MOTOR_A_A = 20
ADD_MOTOR_B_A = 21
ADD_SOURCE_V = 22
ADD_U_W = 23
ADD_B_W = 24
ADD_LOAD_W = 25
ADD_SOLAR_W = 26
ADD_GIVEN_W = 27
ADD_TAKEN_W = 28
ADD_LOST_W = 29
ADD_SOURCE_W = 30
ADD_MAIN_1_A = 31
ADD_MAIN_2_A = 32
ADD_COUNT = 33

PLANT_FIELDS = (
    # Time.
    ("sample", "i8", "", "samples solved since the start of the run"),
    ("tick", "i8", "ticks", "half-cycles ended"),
    ("taken", "i8", "", "samples of this half-cycle so far"),
    ("step_s", "f8", "s", "one sample"),
    ("draw", "i8", "", "state of the random draw"),
    # Circuit.
    ("dirty", "i4", "", "1: conductances changed, the inverse is made anew before the next sample"),
    ("matrix", "f8[196]", "", "conductances between nodes; scratch of the inversion"),
    ("inverse", "f8[196]", "", "voltages for a current into each node"),
    ("inject", "f8[15]", "", "currents into the nodes, this sample"),
    ("node", "f8[15]", "", "voltages of the nodes, this sample"),
    ("from_node", "i4[9]", "", "branches: from"),
    ("to_node", "i4[9]", "", "branches: to"),
    ("sign", "f8[9]", "", "branches: sign of the first node's voltage (a winding turns it over)"),
    ("conductance", "f8[9]", "", "branches: conductance over one sample"),
    ("keep", "f8[9]", "", "branches: how much of the last current goes on"),
    ("resistance", "f8[9]", "", "branches: resistance"),
    ("own", "f8[9]", "", "branches: their own voltage, this sample"),
    ("current", "f8[9]", "", "branches: current from the first to the second node"),
    ("before_a", "f8[9]", "A", "branches: current of the sample before"),
    ("load_1", "f8", "", "conductance of loads of leg 1 at the panel"),
    ("load_2", "f8", "", "conductance of loads of leg 2"),
    ("load_12", "f8", "", "conductance of loads leg to leg"),
    ("neighbour", "f8", "", "conductance of the neighbours on one leg"),
    ("core_load", "f8", "", "conductance of what hangs on the transformer's core: iron, dead lateral"),
    ("neutral_g", "f8", "", "conductance of service neutral and earth"),
    ("panel_g", "f8[2]", "", "conductance from bus to panel, each leg"),
    ("panel_neutral_g", "f8", "", "conductance of the panel's neutral"),
    ("star_g", "f8", "", "conductance of the cord's neutral"),
    ("earth_g", "f8", "", "conductance of the cord's equipment ground where the neutral is bonded"),
    ("star_to", "i4", "", "node to which the source's neutral goes"),
    # Utility.
    ("utility_rad", "f8", "rad", "angle of the feeder, 0 to 2 pi"),
    ("flicker_rad", "f8", "rad", "angle of the flicker"),
    ("replay_l1_v", "f8", "V", "record: leg 1, this sample"),
    ("replay_l2_v", "f8", "V", "record: leg 2, this sample"),
    # Source.
    ("source_state", "i4", "", "SOURCE_..."),
    ("source_for_s", "f8", "s", "time in this state"),
    ("source_rad", "f8", "rad", "angle of the source, 0 to 2 pi"),
    ("source_hz", "f8", "Hz", "frequency"),
    ("source_v", "f8", "V", "voltage behind its impedance, leg to neutral, RMS"),
    ("source_w", "f8", "W", "what it delivers, filtered over a cycle"),
    ("torque", "f8", "", "torque of the engine, share of the rating"),
    ("integral", "f8", "", "integral of the governor"),
    ("hunt_rad", "f8", "rad", "angle of the hunting"),
    ("terminal_v", "f8", "V", "its terminal voltage, RMS of the last half-cycle"),
    ("left_fraction", "f8", "", "fuel or charge left"),
    ("link_joules", "f8", "", "energy pushed back into an inverter that cannot take it"),
    ("over_s", "f8", "s", "how long above its rating"),
    ("gfci_for_s", "f8", "s", "how long the residual current is too high"),
    ("source_breaker", "i4", "", "1 while its breaker is on"),
    ("source_heat", "f8", "", "heat of its breaker"),
    ("source_trips", "i4", "", "1: its breaker opens at the next zero of the current"),
    ("wanted_was", "i4", "", "whether it was wanted"),
    ("lost_for_s", "f8", "s", "how long the utility has been lost, for an automatic start"),
    ("limited", "i4", "", "above 0 when its current was limited in this half-cycle or the one before"),
    # Premise.
    ("pll_rad", "f8", "rad", "angle that loads and solar follow"),
    ("pll_hz", "f8", "Hz", "its frequency"),
    ("pll_smooth_hz", "f8", "Hz", "its frequency, smoothed over some cycles"),
    ("legs_sign", "f8", "", "-1 while the legs are opposite, 1 while they are in phase"),
    ("panel_l1_v", "f8", "V", "panel leg 1, RMS of the last half-cycle"),
    ("panel_l2_v", "f8", "V", "panel leg 2"),
    ("panel_l12_v", "f8", "V", "panel, leg to leg"),
    ("pulse_1_a", "f8", "A", "harmonics that electronic loads inject into leg 1 of the panel"),
    ("pulse_2_a", "f8", "A", "into leg 2"),
    ("electronic_on", "i4[2]", "", "1 while the electronic load of a leg runs"),
    ("electronic_g", "f8[2]", "", "its conductance to the fundamental"),
    ("electronic_a", "f8[2]", "A", "peak of the fundamental of its current"),
    ("thermostat_on", "i4", "", "1 while it heats"),
    ("thermostat_warm", "f8", "", "what it keeps warm: 0 where it calls, 1 where it rests, below 0 after the dark"),
    ("breaker_on", "i4[10]", "", "1 while the breaker of CIRCUIT_... is on"),
    ("breaker_heat", "f8[10]", "", "its heat"),
    ("breaker_trips", "i4[10]", "", "1: it opens at the next zero of its current"),
    ("breaker_was", "f8[10]", "", "as people had it"),
    ("zero_was", "f8[3]", "", "panel L1, L2, leg to leg, sample before: for breakers that open at a zero"),
    ("any_trips", "i4", "", "1 while a breaker waits for a zero"),
    ("fault_on", "i4", "", "1 while a short circuit is there"),
    ("motor_on", "i4[2]", "", "1 while motor A, B is connected"),
    ("motor_flux_d", "f8[2]", "", "flux of its rotor times 377, in the circuit's winding"),
    ("motor_flux_q", "f8[2]", "", "the same, in the other winding"),
    ("motor_other_a", "f8[2]", "A", "current of the other winding"),
    ("motor_pass", "f8[2]", "", "voltage of the other winding"),
    ("motor_before", "f8[2]", "", "terminal voltage, sample before"),
    ("motor_hz", "f8[2]", "Hz", "speed, electrical"),
    ("motor_ohm", "f8[2]", "ohm", "resistance of stator"),
    ("motor_x_ohm", "f8[2]", "ohm", "transient reactance"),
    ("motor_rotor_ohm", "f8[2]", "ohm", "resistance of rotor"),
    ("solar_on", "i4", "", "1 while the array is in service"),
    ("solar_wait_s", "f8", "s", "how long the voltage has been fit for it"),
    ("solar_for_s", "f8", "s", "how long it has been in service"),
    ("solar_bad_s", "f8[6]", "s", "how long each limit has been passed: UV1, UV2, OV1, OV2, UF, OF"),
    ("solar_a", "f8", "A", "its current, this sample"),
    ("solar_out_a", "f8", "A", "peak of its current"),
    # Contactors.
    ("conducts", "i4[4]", "", "1 while a pole conducts"),
    ("closed", "i4[4]", "", "1 while its contacts touch, by position"),
    ("target", "i4[4]", "", "position that it moves to"),
    ("left", "i8[4]", "", "samples until it is there; 0: it stands"),
    ("bounce", "i8[4]", "", "samples of bounce left"),
    ("since", "i8[4]", "", "samples since its last change"),
    ("arc", "i4[4]", "", "1 while it arcs"),
    ("restrikes", "i4[4]", "", "half-cycles that an arc above the rating has burnt"),
    ("welded", "i4[4]", "", "1 once it is welded"),
    ("pole_a", "f8[4]", "A", "current of each pole into the premise, this sample"),
    ("pole_rms_a", "f8[4]", "A", "RMS of the last half-cycle"),
    ("u_ever", "i4", "", "poles of U that conducted in this half-cycle"),
    ("b_ever", "i4", "", "poles of B"),
    ("both_ever", "i4", "", "legs on which both conducted in one sample"),
    ("u_arcs", "i4", "", "poles of U that arced in this half-cycle"),
    ("b_arcs", "i4", "", "poles of B"),
    ("u_operations", "i4", "", "movements of U"),
    ("b_operations", "i4", "", "movements of B"),
    ("b_low_s", "f8", "s", "how long B's coil has had too little voltage"),
    ("closed_onto_v", "f8", "V", "highest bus voltage, RMS, onto which a pole closed in this half-cycle"),
    (
        "closed_after_s",
        "f8",
        "s",
        "shortest time from the other contactor's last current to a close in this half-cycle",
    ),
    ("closings", "i4", "", "poles that closed in this half-cycle, one bit each"),
    ("open_for", "i8[2]", "", "samples since U, B last conducted"),
    ("bus_crest_v", "f8[2]", "V", "crest of the bus in this half-cycle"),
    ("bus_was_v", "f8[2]", "V", "crest of the bus in the half-cycle before"),
    # The meter.
    ("powered", "i4", "", "1 while the controller runs"),
    ("started", "i4", "", "1: it starts with this half-cycle"),
    ("off_ticks", "i8", "ticks", "how long it has been without power"),
    ("hold_up_left_s", "f8", "s", "stored energy"),
    ("supplied", "i4", "", "1 while utility or inlet supplies it"),
    ("blade_c", "f8", "C", "hottest blade"),
    ("spd_c", "f8", "C", "surge protector"),
    ("spd_off", "i4", "", "1 once its disconnect is open"),
    ("spd_used_fraction", "f8", "", "life used"),
    ("spd_exponent", "i4", "", "exponent of its current over its voltage"),
    ("spd_heat_w", "f8", "W", "power in it, sum of this half-cycle's samples"),
    ("surges", "i4", "", "surges since the start"),
    ("surges_told", "i4", "", "surges in this half-cycle"),
    ("surge_crest_v", "f8", "V", "crest at the meter of the last"),
    ("surge_joules", "f8", "", "its energy in the protector"),
    ("panel_spd_off", "i4", "", "1 once the panel's protector is at its end"),
    ("panel_spd_exponent", "i4", "", "exponent of its current over its voltage"),
    ("panel_spd_used_fraction", "f8", "", "its life used"),
    ("panel_spd_joules", "f8", "", "energy of the last surge in it"),
    ("panel_crest_v", "f8", "V", "crest at the panel of the last"),
    ("surge_pulse_v", "f8", "V", "what of it the converter sees, this sample"),
    # Sensors.
    ("held", "f8[8]", "", "last value of each channel"),
    ("sensed", "f8[8]", "", "what each channel gives, this sample"),
    ("volts_step_v", "f8", "V", "resolution of the voltages"),
    ("amps_step_a", "f8", "A", "resolution of the currents"),
    ("absent", "i4", "", "channels that cannot be read in this half-cycle"),
    ("present_1", "i4", "", "interlock's comparator of bus leg 1, this half-cycle"),
    ("present_2", "i4", "", "of leg 2"),
    # Sums.
    ("add", "f8[33]", "", "sums of this half-cycle"),
    ("utility_peak_v", "f8", "V", "highest sample of the utility side"),
    ("bus_peak_v", "f8", "V", "of the bus"),
    ("inlet_peak_v", "f8", "V", "of the inlet"),
    ("u_peak_a", "f8", "A", "through U"),
    ("b_peak_a", "f8", "A", "through B"),
    ("utility_in_wh", "f8", "Wh", "through U into the premise"),
    ("utility_out_wh", "f8", "Wh", "out of it"),
    ("backup_in_wh", "f8", "Wh", "through B into the premise"),
    ("backup_out_wh", "f8", "Wh", "out of it"),
    ("given_wh", "f8", "Wh", "by all sources"),
    ("taken_wh", "f8", "Wh", "by all loads"),
    ("lost_wh", "f8", "Wh", "in conductors"),
)
