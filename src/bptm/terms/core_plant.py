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
    ("cycling_on", "i4", "", "1 while the refrigerator runs"),
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
    ("bridged_ticks", "i8", "ticks", "how long both contactors have had a pole closed, in all"),
    ("violations", "i8", "", "laws found broken, bit n for LAW-n"),
    # What the meter's own journal makes of it, in whole seconds.
    ("journal_fed_by", "i4", "", "FED_BY_... of the last report"),
    ("journal_s", "i8", "s", "second of that report"),
    ("journal_dark_s", "i8", "s", "dark seconds by the journal"),
    ("journal_backup_s", "i8", "s", "backup seconds by the journal"),
    ("next_row_tick", "i8", "ticks", "when the next telemetry row is due"),
)

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
