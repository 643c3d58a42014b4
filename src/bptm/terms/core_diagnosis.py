"""Diagnosis: codes of findings, settings, and the record of what was learned. Core Python.

Each field: name, type, unit, meaning. A finding is raised by evidence and ends only by evidence against it: a reading
that is missing or doubtful changes nothing. The letter of the record as a parameter is d, of its settings p.
"""

# Findings. A code, once released, is never given another meaning; a new one takes the next free number.
FINDING_NONE = 0
FINDING_SERVICE_LEG = 1
FINDING_SERVICE_NEUTRAL = 2
FINDING_SERVICE_NEUTRAL_SEVERE = 3
FINDING_SERVICE_NEUTRAL_RISING = 4
FINDING_CORD_THIN = 5
FINDING_CORD_NEUTRAL = 6
FINDING_PLUG_HEATS = 7
FINDING_U_CONTACT = 8
FINDING_B_CONTACT = 9
FINDING_GFCI = 10
FINDING_UTILITY_LEG_MISSING = 11
FINDING_INLET_LEG_MISSING = 12
FINDING_UTILITY_LEGS_SAME = 13
FINDING_INLET_LEGS_SAME = 14
FINDING_INLET_NEUTRAL_SWAPPED = 15
FINDING_INLET_LEGS_ANGLE = 16
FINDING_SOURCE_HUNTS = 17
FINDING_FUEL_LOW = 18
FINDING_RUNS_ON = 19
FINDING_SOLAR_FALLING = 20
FINDING_SOLAR_REVERSE = 21
FINDING_LEGS_UNBALANCED = 22
FINDING_RANGE_A = 23
FINDING_RANGE_B = 24
FINDINGS = 25

# How sure a finding is.
CONFIDENCE_NONE = 0
CONFIDENCE_POSSIBLE = 1
"""The signature fits; other things make it too."""
CONFIDENCE_LIKELY = 2
"""The signature fits and was seen again, or other things that make it are rare."""
CONFIDENCE_MEASURED = 3
"""A measured quantity is beyond its limit; of a regression, the whole 95 % interval is."""

# What feeds the bus, by the contacts alone.
FEED_NONE = 0
FEED_UTILITY = 1
FEED_BACKUP = 2

# Readings of a level: of the side that feeds the bus.
LEVEL_V1 = 0
LEVEL_V2 = 1
LEVEL_DROP1 = 2
LEVEL_DROP2 = 3
LEVEL_P1 = 4
LEVEL_P2 = 5
LEVEL_Q1 = 6
LEVEL_Q2 = 7
LEVELS = 8

# Regressions.
FIT_SERVICE_SUM = 0
FIT_SERVICE_DIFFERENCE = 1
FIT_SOURCE_SUM = 2
FIT_SOURCE_DIFFERENCE = 3
FIT_U1 = 4
FIT_U2 = 5
FIT_B1 = 6
FIT_B2 = 7
FITS = 8

# How the legs of a side stand to each other.
LEGS_UNKNOWN = 0
LEGS_RIGHT = 1
LEGS_MISSING = 2
LEGS_SAME = 3
LEGS_SWAPPED = 4
LEGS_ANGLE = 5

SIDE_UTILITY = 0
SIDE_INLET = 1

DAYS = 31
"""Days of the service neutral that are remembered."""

DIAGNOSIS_FIELDS = (
    # [d] Findings, by FINDING_... What first, second and third are, `terms.findings` says for each.
    ("tick", "i8", "ticks", "how long diagnosis has run, outages of the meter left out; journalled"),
    ("active", "i4[25]", "", "1 while the finding stands; journalled"),
    ("since_tick", "i8[25]", "ticks", "when it was raised; journalled"),
    ("first", "f8[25]", "", "the measured value that is judged, in the finding's own unit; journalled"),
    ("second", "f8[25]", "", "a second measured value; journalled"),
    ("third", "f8[25]", "", "a third; journalled"),
    ("limit", "f8[25]", "", "what `first` was judged against; journalled"),
    ("place", "i4[25]", "", "leg or pole, 1 or 2; 0 when both or none; journalled"),
    ("confidence", "i4[25]", "", "CONFIDENCE_...; journalled"),
    ("raised", "i8", "", "findings raised in this call, bit n for FINDING_ n"),
    ("ended", "i8", "", "findings that ended in this call"),
    ("wake_ticks", "i8", "ticks", "with constant inputs, nothing changes before this many ticks"),
    ("feed", "i4", "", "what feeds the bus by the contacts (FEED_...)"),
    # Level of the load that is under way, and the one before.
    ("reading", "f8[8]", "", "this call's readings, by LEVEL_..."),
    ("level_feed", "i4", "", "FEED_... of this level; none while readings cannot be used"),
    ("level_start", "f8[8]", "", "readings with which the level began"),
    ("level_tick", "i8", "ticks", "when it began"),
    ("t_level", "i8", "ticks", "how long it has lasted"),
    ("level_sum", "f8[8]", "", "sums of the block under way"),
    ("level_mean", "f8[8]", "", "means of the last whole block"),
    ("mean_known", "i4", "", "1 once the level has had a whole block"),
    ("before_mean", "f8[8]", "", "the same of the last settled level before this one"),
    ("before_tick", "i8", "ticks", "when that level ended"),
    ("before_known", "i4", "", "1 while there is such a level"),
    # Regressions, by FIT_...: sums over weighted steps. x active current, z reactive current, y fall of voltage.
    ("fit_xx", "f8[8]", "", "sum of x x; journalled, as are all that follow here"),
    ("fit_xz", "f8[8]", "", "sum of x z"),
    ("fit_zz", "f8[8]", "", "sum of z z"),
    ("fit_xy", "f8[8]", "", "sum of x y"),
    ("fit_zy", "f8[8]", "", "sum of z y"),
    ("fit_yy", "f8[8]", "", "sum of y y"),
    ("fit_weight", "f8[8]", "", "sum of weights"),
    ("fit_weight2", "f8[8]", "", "sum of squares of weights"),
    ("fit2_xx", "f8[8]", "", "sum of x x by squares of weights"),
    ("fit2_xz", "f8[8]", "", "sum of x z by squares of weights"),
    ("fit2_zz", "f8[8]", "", "sum of z z by squares of weights"),
    ("fit_steps", "i8[8]", "", "steps taken in all"),
    ("fit_surprises", "i4[8]", "", "steps in a row that fitted badly in the same sense; negative in the other"),
    ("calm_ohm", "f8[8]", "ohm", "resistance before the first of these steps"),
    ("calm_reactance_ohm", "f8[8]", "ohm", "reactance then"),
    ("calm_error_ohm", "f8[8]", "ohm", "standard error then"),
    ("calm_noise_v", "f8[8]", "V", "standard deviation of a step then"),
    ("fit_ohm", "f8[8]", "ohm", "resistance"),
    ("fit_reactance_ohm", "f8[8]", "ohm", "reactance; 0 when the steps do not tell it"),
    ("fit_error_ohm", "f8[8]", "ohm", "standard error of the resistance"),
    ("fit_noise_v", "f8[8]", "V", "standard deviation of a step about the fit"),
    ("fit_freedom", "f8[8]", "", "degrees of freedom of that"),
    # What follows from them.
    ("neutral_day", "i8", "", "day up to which the service neutral is remembered, plus one; 0: not at all"),
    ("neutral_first_day", "i8", "", "first day that is remembered"),
    ("neutral_ohm", "f8[31]", "ohm", "service neutral at the end of each day"),
    ("neutral_reach_ohm", "f8[31]", "ohm", "half of its 95 % interval"),
    (
        "source_first_known",
        "i4",
        "",
        "1 once the source's first values are known; a host sets 0 for another source or cord",
    ),
    ("source_sum_ohm", "f8", "ohm", "first value of the regression of the sum"),
    ("source_difference_ohm", "f8", "ohm", "first value of the regression of the difference"),
    ("pole_first_known", "i4[4]", "", "1 once a pole's first value is known: U leg 1, U leg 2, B leg 1, B leg 2"),
    ("pole_first_ohm", "f8[4]", "ohm", "first value of each pole"),
    # Bonded neutral.
    ("b_was_closed", "i4", "", "backup contactor read closed at the call before"),
    ("inlet_was_live", "i4", "", "the inlet was live at the call before, by good readings"),
    ("t_carry", "i8", "ticks", "since the backup contactor closed, up to carried_ticks"),
    ("t_fall", "i8", "ticks", "since the source was last sound, up to gfci_fall_ticks"),
    ("carry_most_a", "f8", "A", "highest leg current since the backup contactor closed"),
    ("gfci_trips", "i4", "", "times the source vanished so, since it last carried the home"),
    # Legs.
    ("legs", "i4[2]", "", "how the legs stand (LEGS_...), by SIDE_..."),
    ("t_legs", "i8[2]", "ticks", "for how long"),
    # Windows.
    ("t_window", "i8", "ticks", "length of the window so far"),
    ("window_hz_sum", "i8", "", "sum of frequencies in millionths of a hertz"),
    ("window_v_sum", "i8", "", "sum of mean leg voltages in millionths of a volt"),
    ("window_l1_sum", "i8", "", "sum of the power of leg 1 in milliwatts"),
    ("window_l2_sum", "i8", "", "sum of the power of leg 2 in milliwatts"),
    ("window_load_sum", "i8", "", "sum of both legs' currents in millionths of an ampere"),
    ("window_low_hz", "f8", "Hz", "lowest frequency"),
    ("window_high_hz", "f8", "Hz", "highest frequency"),
    ("window_l1_low_a", "f8", "A", "lowest current of leg 1"),
    ("window_l1_high_a", "f8", "A", "highest current of leg 1"),
    ("window_l2_low_a", "f8", "A", "lowest current of leg 2"),
    ("window_l2_high_a", "f8", "A", "highest current of leg 2"),
    ("window_feed", "i4", "", "FEED_... at the beginning of the window"),
    ("window_crossings", "i4", "", "crossings of the mean of the window before"),
    ("window_first_tick", "i8", "ticks", "when in the window the first of them was"),
    ("window_last_tick", "i8", "ticks", "when the last was"),
    ("window_above", "i4", "", "1 while the frequency is above that mean"),
    ("before_hz", "f8", "Hz", "mean of the window before; 0 when there is none"),
    ("before_l1_w", "f8", "W", "mean power of leg 1 in it"),
    ("before_l2_w", "f8", "W", "mean power of leg 2 in it"),
    ("hunting", "i4", "", "windows in a row that hunted, up to 2"),
    ("calm", "i4", "", "windows in a row that did not, up to 3"),
    ("fuel_age", "i4", "", "windows since the values below; 0: none"),
    ("fuel_from_hz", "f8", "Hz", "frequency when this load began"),
    ("fuel_from_v", "f8", "V", "voltage then"),
    ("fuel_from_a", "f8", "A", "load then"),
    ("t_run_on", "i8", "ticks", "engine runs beside a good utility"),
    # Solar.
    ("t_enter", "i8", "ticks", "bus within the limits of enter service on backup, up to watch_end_ticks"),
    ("solar_watch", "i4", "", "1 while solar left on would begin to feed: the watch is open"),
    ("falls", "i4", "", "windows in a row in which both legs fell alike"),
    ("fall_from_w", "f8", "W", "load before the first of them"),
    ("t_reverse", "i8", "ticks", "a leg gives back"),
    ("t_reverse_l2", "i8", "ticks", "the same, leg 2"),
    # Load and voltage.
    ("t_unbalanced", "i8", "ticks", "legs unbalanced"),
    ("t_balanced", "i8", "ticks", "legs balanced"),
    ("t_outside_a", "i8", "ticks", "outside range A"),
    ("t_inside_a", "i8", "ticks", "inside range A"),
    ("t_outside_b", "i8", "ticks", "outside range B"),
    ("t_inside_b", "i8", "ticks", "inside range B"),
)
