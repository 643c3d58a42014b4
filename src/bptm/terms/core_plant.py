"""State of one simulated home: sources, contactors, circuit, supply of the meter, and what is counted.

Core Python. Each field: name, type, unit, meaning.
"""

FIELDS = (
    ("tick", "i8", "ticks", "how far this home has been simulated"),
    ("changed", "i4", "", "1 when an input of the meter may have changed since its last scan"),
    ("powered", "i4", "", "1 while the meter has supply or hold-up"),
    ("hold_up_ticks", "i8", "ticks", "hold-up left while unsupplied"),
    # Utility.
    ("feeder_on", "i4", "", "1 while the feeder is energised by the utility"),
    ("next_outage", "i4", "", "index of the outage that is next or under way"),
    # Backup source.
    ("source", "i4", "", "SOURCE_...: off, running, refuelling, spent"),
    ("source_next_tick", "i8", "ticks", "when the source changes by itself; NEVER_TICKS when it does not"),
    ("source_runs", "i4", "", "how often it was started in this outage"),
    ("source_v", "f8", "V", "its voltage behind its impedance, leg to neutral"),
    ("source_hz", "f8", "Hz", "its frequency"),
    ("source_ohm", "f8", "ohm", "its impedance, one leg, with cord"),
    ("phase_uturns", "i8", "millionth of a turn", "phase of the source against the utility, 0..999999"),
    ("slip_uturns", "i8", "millionth of a turn", "what the phase gains in a tick"),
    # Premise.
    ("load_tick", "i8", "ticks", "when the daily load is looked up again"),
    ("daily_w", "f8", "W", "load that follows the hour, now"),
    ("solar_w", "f8", "W", "what the sun would give now"),
    ("cycling_on", "i4", "", "1 while a motor runs: the refrigerator, or any motor of a thermal house"),
    ("cycling_tick", "i8", "ticks", "when it changes"),
    ("heavy_on", "i4", "", "1 while the heavy thermostatic load calls"),
    ("heavy_tick", "i8", "ticks", "when it changes"),
    ("solar_on", "i4", "", "1 while the solar inverter is in service"),
    ("solar_wait_ticks", "i8", "ticks", "how long its voltage and frequency have been good"),
    ("l1_w", "f8", "W", "load on leg 1 at nominal voltage"),
    ("l2_w", "f8", "W", "load on leg 2 at nominal voltage"),
    # Contactors: poles, one bit each.
    ("u_poles", "i4", "", "closed main contacts of the utility contactor"),
    ("u_moving", "i4", "", "ORDER_... under way"),
    ("u_move_ticks", "i8", "ticks", "travel left"),
    ("b_poles", "i4", "", "closed main contacts of the backup contactor"),
    ("b_moving", "i4", "", "ORDER_... under way"),
    ("b_move_ticks", "i8", "ticks", "travel left"),
    ("u_parted_tick", "i8", "ticks", "when the last pole of U parted"),
    ("b_parted_tick", "i8", "ticks", "when those of B did"),
    # Solved circuit.
    ("utility_l1_v", "f8", "V", "utility node, leg 1"),
    ("utility_l2_v", "f8", "V", "utility node, leg 2"),
    ("bus_l1_v", "f8", "V", "premise bus, leg 1"),
    ("bus_l2_v", "f8", "V", "premise bus, leg 2"),
    ("inlet_l1_v", "f8", "V", "inlet, leg 1"),
    ("inlet_l2_v", "f8", "V", "inlet, leg 2"),
    ("residual_v", "f8", "V", "what motors still give to the open bus"),
    # Counted from the solved circuit, never from what the meter says.
    ("unsafe_ticks", "i8", "ticks", "both sources joined, or a dead grid energised by the home"),
    ("true_dark_ticks", "i8", "ticks", "bus without a source"),
    ("true_backup_ticks", "i8", "ticks", "bus fed through the backup contactor"),
    ("utility_in_mwticks", "i8", "mW ticks", "through the utility contactor into the premise"),
    ("utility_out_mwticks", "i8", "mW ticks", "through the utility contactor out of the premise"),
    ("backup_in_mwticks", "i8", "mW ticks", "through the backup contactor into the premise"),
    ("backup_out_mwticks", "i8", "mW ticks", "through the backup contactor out of the premise"),
    ("solar_mwticks", "i8", "mW ticks", "from the solar array"),
    ("waits_ticks", "i8", "ticks", "utility good, no lockout, slot open: how long not yet back on it"),
    ("idle_ticks", "i8", "ticks", "utility dead, source good, no lockout: how long not yet on backup"),
    ("closings", "i8", "", "how often a contactor has closed"),
    ("dead_feeder_ticks", "i8", "ticks", "how long the feeder was without its utility, in all"),
    ("obliged_utility_ticks", "i8", "ticks", "how long LAW-7 obliged the meter to return, in all"),
    ("obliged_backup_ticks", "i8", "ticks", "how long LAW-11 obliged it to use its source, in all"),
    ("bridged_ticks", "i8", "ticks", "how long both contactors have had a pole closed, in all"),
    ("violations", "i8", "", "laws found broken, bit n for LAW-n"),
    # What the meter's own journal makes of it, in whole seconds.
    ("journal_fed_by", "i4", "", "FED_BY_... of the last report"),
    ("journal_s", "i8", "s", "second of that report"),
    ("journal_dark_s", "i8", "s", "dark seconds by the journal"),
    ("journal_backup_s", "i8", "s", "backup seconds by the journal"),
    ("next_row_tick", "i8", "ticks", "when the next telemetry row is due"),
    # Weather of this hour and the next, given by the host.
    ("weather_tick", "i8", "ticks", "when this hour of weather began"),
    ("outdoor_from_c", "f8", "C", "outdoor air at its begin"),
    ("outdoor_to_c", "f8", "C", "and at its end"),
    ("sun_from", "f8", "", "sun on upright glass at its begin, mean of all sides, W/m2"),
    ("sun_to", "f8", "", "and at its end"),
    # The thermal house.
    ("house_tick", "i8", "ticks", "when the house is stepped again; NEVER_TICKS without one"),
    ("luck", "i8", "", "state of this home's draws, 0..2147483647"),
    ("outdoor_c", "f8", "C", "outdoor air at the last step"),
    ("air_c", "f8", "C", "air of the house"),
    ("mass_c", "f8", "C", "its mass"),
    ("shell_c", "f8", "C", "core of its walls and roof"),
    ("hvac", "i4", "", "HVAC_..."),
    ("hvac_waits", "i4", "", "1 while the thermostat is without power"),
    ("hvac_ready_tick", "i8", "ticks", "before this the compressor does not start"),
    ("tank_top_c", "f8", "C", "upper third of the water heater's tank"),
    ("tank_low_c", "f8", "C", "its lower part"),
    ("element", "i4", "", "element that is on: 0 none, 1 upper, 2 lower"),
    ("draw_left_l", "f8", "", "litres left of a draw of hot water"),
    ("fridge_c", "f8", "C", "refrigerator"),
    ("fridge_on", "i4", "", "1 while its compressor runs"),
    ("freezer_c", "f8", "C", "freezer"),
    ("freezer_on", "i4", "", "1 while its compressor runs"),
    ("pressure_l", "f8", "", "litres in the well's pressure tank"),
    ("pump_on", "i4", "", "1 while the well pump runs"),
    ("ev_left_wh", "f8", "Wh", "energy that the car still needs"),
    ("ev_on", "i4", "", "1 while it charges"),
    ("dryer_left_count", "i8", "", "steps of the house left of a load of laundry"),
    ("dryer_on", "i4", "", "1 while the dryer's heater is on"),
    ("range_left_count", "i8", "", "steps left of cooking"),
    ("range_on", "i4", "", "1 while a heater of the range is on"),
    ("plugs_ratio", "f8", "", "this home's plugs and lights against their usual course"),
    ("plugs_w", "f8", "W", "plugs and lights now, at nominal voltage"),
    ("heavy_fed", "i4", "", "1 while circuits of 240 V are left on: on the utility, or forgotten on backup"),
    ("leg1_z_w", "f8", "W", "leg 1: constant impedance, at nominal voltage"),
    ("leg1_i_w", "f8", "W", "leg 1: constant current"),
    ("leg1_p_w", "f8", "W", "leg 1: constant power"),
    ("leg2_z_w", "f8", "W", "leg 2: constant impedance, at nominal voltage"),
    ("leg2_i_w", "f8", "W", "leg 2: constant current"),
    ("leg2_p_w", "f8", "W", "leg 2: constant power"),
    ("hvac_z_w", "f8", "W", "of all this, resistances that warm the air"),
    ("hvac_p_w", "f8", "W", "of all this, compressor and fans, at nominal voltage"),
    ("water_w", "f8", "W", "of all this, the water heater"),
    ("ev_i_w", "f8", "W", "of all this, the car"),
    # Between two steps of the house: for how long its circuits were fed. Whole, so that cuts of time do not matter.
    ("live_ticks", "i8", "ticks", "with a live bus"),
    ("heavy_ticks", "i8", "ticks", "with a live bus and circuits of 240 V on"),
    ("heavy_square", "i8", "", "the latter times the square of voltage, millionths of nominal"),
    # Energy by what used it.
    ("hvac_mwticks", "i8", "mW ticks", "air conditioner, heat pump, resistances, furnace fan"),
    ("water_mwticks", "i8", "mW ticks", "water heater"),
    ("ev_mwticks", "i8", "mW ticks", "car"),
)

HVAC_OFF = 0
HVAC_COOL = 1
HVAC_HEAT = 2
HVAC_HEAT_AUX = 3

HOUSE_TICKS = 60 * 120
"""The house is stepped each minute. Source: shortest run of a compressor, 3 min; air follows in about 7 min. Own choice."""

SOURCE_OFF = 0
SOURCE_RUNNING = 1
SOURCE_REFUELLING = 2
SOURCE_SPENT = 3

HOLD_UP_TICKS = 60 * 120
"""The meter lives this long without supply. Source: domain.md H8, at least 60 s."""

ROW_TICKS = 300 * 120
"""A telemetry row each 5 minutes. Own choice."""

TRAVEL_TICKS = 4
"""Travel of a contactor, 33 ms. Source: domain.md 2.7, 10-50 ms."""
