"""What a meter says of itself at one tick: the one record behind telemetry rows and events.

Core Python. `FIELDS` is the only declaration: the wire schema (`terms.messages`), the columns of the
store and the labels of the console are all made from it. Energies count milliwatt-ticks, as whole
numbers, so that sums do not depend on how time was cut; `MWTICKS_PER_WH` turns them into watt-hours.

Each field: name, type, unit, meaning.
"""

MWTICKS_PER_WH = 1000 * 3600 * 120

FIELDS = (
    ("kind", "i4", "", "row or event (REPORT_...)"),
    ("tick", "i8", "ticks", "when, counted since the event clock's zero"),
    ("code", "i4", "", "event (EVENT_...); 0 in a row"),
    ("cause", "i4", "", "why the mode changed (CAUSE_...)"),
    ("mode_before", "i4", "", "mode before the event; the same as `mode` in a row"),
    ("mode", "i4", "", "mode (MODE_...)"),
    ("flags", "i4", "", "facts, one bit each (FLAG_...)"),
    ("fed_by", "i4", "", "what feeds the premise bus (FED_BY_...)"),
    ("u_feedback", "i4", "", "utility contactor by its feedback (CONTACT_...)"),
    ("b_feedback", "i4", "", "backup contactor by its feedback (CONTACT_...)"),
    ("utility_l1_v", "f8", "V", "utility side, leg 1 to neutral, RMS"),
    ("utility_l2_v", "f8", "V", "utility side, leg 2 to neutral, RMS"),
    ("bus_l1_v", "f8", "V", "premise bus, leg 1 to neutral, RMS"),
    ("bus_l2_v", "f8", "V", "premise bus, leg 2 to neutral, RMS"),
    ("inlet_l1_v", "f8", "V", "backup inlet, leg 1 to neutral, RMS"),
    ("inlet_l2_v", "f8", "V", "backup inlet, leg 2 to neutral, RMS"),
    ("l1_a", "f8", "A", "current into the premise, leg 1, RMS"),
    ("l2_a", "f8", "A", "current into the premise, leg 2, RMS"),
    ("premise_w", "f8", "W", "power into the premise; negative when it exports"),
    ("utility_hz", "f8", "Hz", "frequency on the utility side; 0 when dead"),
    ("inlet_hz", "f8", "Hz", "frequency at the inlet; 0 when dead"),
    ("utility_in_mwticks", "i8", "mW ticks", "energy taken from the utility"),
    ("utility_out_mwticks", "i8", "mW ticks", "energy given to the utility"),
    ("backup_in_mwticks", "i8", "mW ticks", "energy taken from the backup source"),
    ("backup_out_mwticks", "i8", "mW ticks", "energy pushed into the backup source"),
    ("unassigned_mwticks", "i8", "mW ticks", "energy while the contacts were unknown"),
    ("hold_left_ticks", "i8", "ticks", "time left of a hold on return; 0 when not held"),
    ("transfers", "i4", "", "transfers to backup since installation"),
)
