"""Records and settings of metrology: samples in, readings of a half-cycle, values of a block, energy, events.

Core Python. Each field: name, type, unit, meaning. The letter in brackets is the name that a record has as a parameter
in `controller/metrology_*.py`, everywhere. An array of 4 by source is indexed by FED_BY_...; an array of 3 by
tracker by TRACK_....
"""

CHANNELS = 8
"""utility L1, L2, bus L1, L2, inlet L1, L2 in volts to neutral; current L1, L2 in amperes, into the premise."""

CHANNEL_UTILITY_L1 = 0
CHANNEL_UTILITY_L2 = 1
CHANNEL_BUS_L1 = 2
CHANNEL_BUS_L2 = 3
CHANNEL_INLET_L1 = 4
CHANNEL_INLET_L2 = 5
CHANNEL_L1_A = 6
CHANNEL_L2_A = 7

ROOM = 268
"""Places of one channel in a half-cycle: place 0 keeps the last sample of the half-cycle before, then at most 267."""

TRACK_UTILITY = 0
TRACK_INLET = 1
TRACK_BUS = 2
TRACKS = 3

RING = 8
"""Zero crossings that a tracker remembers."""

# Sums that a pass over samples makes: products of two channels, then means, then the fundamental, then the count.
SUM_U1U1 = 0
SUM_U2U2 = 1
SUM_U1U2 = 2
SUM_N1N1 = 3
SUM_N2N2 = 4
SUM_N1N2 = 5
SUM_U1B1 = 6
SUM_U2B2 = 7
SUM_B1B1 = 8
SUM_B2B2 = 9
SUM_B1B2 = 10
SUM_I1I1 = 11
SUM_I2I2 = 12
SUM_B1I1 = 13
SUM_B2I2 = 14
SUM_CROSS = 15
SUM_B1 = 16
SUM_B2 = 17
SUM_I1 = 18
SUM_I2 = 19
SUM_B1C = 20
SUM_B1S = 21
SUM_B2C = 22
SUM_B2S = 23
SUM_I1C = 24
SUM_I1S = 25
SUM_I2C = 26
SUM_I2S = 27
SUM_ONE = 28
SUMS = 29
FUNDAMENTALS = 11
"""Sums of a block over its cycles, each weighted with the cycle's samples."""

FUND_V1 = 0
FUND_V2 = 1
FUND_I1 = 2
FUND_I2 = 3
FUND_P1 = 4
FUND_P2 = 5
FUND_Q1 = 6
FUND_Q2 = 7
FUND_RE = 8
FUND_IM = 9
FUND_COUNT = 10

# Places of `inlet_half` and `inlet_cycle`.
INLET_1C = 0
INLET_1S = 1
INLET_2C = 2
INLET_2S = 3
INLET_1B1 = 4
INLET_2B2 = 5
INLET_SQUARE_1 = 4
INLET_SQUARE_2 = 5
INLET_DOUBLE_C = 6
INLET_DOUBLE_S = 7
INLET_COUNT = 8
INLET_SUMS = 9

REGISTER_ROLL = 4611686018427387904
"""2^62: a register that reaches this begins again at 0, as a dial does; a reader takes differences modulo it.
That is 10.7 GWh. Beyond 2^63 Python would count on, numba wrap and C do anything."""

# Quality of a channel in a half-cycle. VALUE_GOOD is the only one with which a value may be used as measured.
VALUE_GOOD = 0
VALUE_AT_LEAST = 1
"""Saturated: the true value is this or more."""
VALUE_ESTIMATED = 2
"""A few samples were missing or no numbers, and the one before stands for them."""
VALUE_FROZEN = 3
"""The converter repeats itself: the reading is 0 and means nothing."""
VALUE_MISSING = 4
"""Nothing to measure: the reading is 0 and means nothing."""

# Flags of a block.
BLOCK_NOT_WHOLE = 1
"""Cut short by a change of source: energy counts, the other values are those of a partial block."""
BLOCK_NOT_SYNCHRONOUS = 2
"""No cycles to follow: windows of the nominal length."""
BLOCK_L1_ESTIMATED = 4
BLOCK_L2_ESTIMATED = 8
BLOCK_L1_LOST = 16
"""Too many samples of leg 1 were missing: its energy is not counted, the time is."""
BLOCK_L2_LOST = 32
BLOCK_OFFSET = 64
"""A channel has a mean above what an offset may be: a rectifier in the premise, or a fault of the converter."""

# Voltage events (IEEE 1159) and their classes by length.
KIND_SAG = 0
KIND_SWELL = 1
KIND_INTERRUPTION = 2
KINDS = 3
CLASS_NONE = 0
CLASS_INSTANTANEOUS = 1
CLASS_MOMENTARY = 2
CLASS_TEMPORARY = 3
CLASS_SUSTAINED = 4
CLASSES = 5

SETTINGS = (
    ("rate_hz", "i8", "Hz", "samples a second of each channel", 7680, 1000, 32000, "own choice: 128 a cycle"),
    (
        "voltage_full_v",
        "f8",
        "V",
        "a voltage sample at or beyond this is saturated",
        400.0,
        200.0,
        1000.0,
        "own choice",
    ),
    (
        "current_full_a",
        "f8",
        "A",
        "a current sample at or beyond this is saturated",
        600.0,
        100.0,
        4000.0,
        "own choice",
    ),
    ("start_a", "f8", "A", "a leg below this registers no energy (creep)", 0.02, 0.005, 0.05, "domain.md 2.9"),
    ("l1_lead_rad", "f8", "rad", "by this the current sensor of leg 1 leads", 0.0, -0.02, 0.02, "calibration"),
    ("l2_lead_rad", "f8", "rad", "by this the current sensor of leg 2 leads", 0.0, -0.02, 0.02, "calibration"),
    (
        "track_v",
        "f8",
        "V",
        "a filtered voltage swings beyond this in each cycle, or has no frequency",
        8.0,
        2.0,
        40.0,
        "own choice",
    ),
    (
        "in_phase_min",
        "f8",
        "",
        "utility and bus are in phase with this correlation at least",
        0.9986295347545738,
        0.9,
        0.9999,
        "own choice: cosine of 3 degrees",
    ),
    ("in_phase_floor_v", "f8", "V", "below this, RMS, a leg has no phase", 12.0, 2.0, 60.0, "own choice"),
    (
        "frozen_floor_v",
        "f8",
        "V",
        "a voltage that stands still within this of 0 is dead, not frozen",
        2.0,
        0.1,
        12.0,
        "own choice",
    ),
    (
        "frozen_floor_a",
        "f8",
        "A",
        "a current that stands still within this of 0 is none, not frozen",
        0.5,
        0.01,
        5.0,
        "own choice",
    ),
    (
        "estimated_fraction",
        "f8",
        "",
        "at most this share of a block's samples may be estimated",
        0.01,
        0.0,
        0.1,
        "own choice",
    ),
    ("offset_v", "f8", "V", "the mean of a voltage may be this", 1.0, 0.01, 10.0, "own choice"),
    ("offset_a", "f8", "A", "the mean of a current may be this", 0.5, 0.01, 10.0, "own choice"),
    ("nominal_v", "f8", "V", "nominal voltage, leg to neutral", 120.0, 100.0, 240.0, "ANSI C84.1"),
    ("sag_pu", "f8", "pu", "a leg below this is in a sag", 0.9, 0.5, 0.95, "IEEE 1159; domain.md 2.3"),
    ("swell_pu", "f8", "pu", "a leg above this is in a swell", 1.1, 1.05, 1.5, "IEEE 1159; domain.md 2.3"),
    ("interruption_pu", "f8", "pu", "all legs below this: interruption", 0.1, 0.01, 0.2, "IEEE 1159; domain.md 2.3"),
    (
        "hysteresis_pu",
        "f8",
        "pu",
        "a leg is in again when this far inside the threshold",
        0.02,
        0.0,
        0.05,
        "IEC 61000-4-30: usually 2 %",
    ),
    (
        "fast_low_pu",
        "f8",
        "pu",
        "fast detector: a leg below this is low",
        0.62,
        0.55,
        0.68,
        "own choice: halfway between a sag to 0.5 and the deepest motor start, 0.77 (domain.md 2.12)",
    ),
    (
        "fast_lost_pu",
        "f8",
        "pu",
        "fast detector: both legs below this are lost",
        0.3,
        0.1,
        0.45,
        "own choice: below the motor residual of a dead feeder, above noise",
    ),
    (
        "fast_back_pu",
        "f8",
        "pu",
        "fast detector: it resets when both legs are above this for a cycle",
        0.75,
        0.7,
        0.9,
        "own choice",
    ),
)

FIELDS = tuple(row[:4] for row in SETTINGS)

WAVE_FIELDS = (
    # [w] What the host fills: places 1 to n of each channel, and the mask.
    ("samples", "f8[2144]", "", "channel after channel, ROOM places each; the core keeps place 0"),
    ("absent", "i4", "", "channels that the host could not read in this half-cycle, one bit each"),
    (
        "gap",
        "i8",
        "",
        "samples lost (negative: delivered twice) before this half-cycle, by the converter's own counter; the core sets it back to 0",
    ),
)

READING_FIELDS = (
    # [t] One half-cycle, for control.
    ("utility_l1_v", "f8", "V", "utility side, leg 1 to neutral, RMS of this half-cycle"),
    ("utility_l2_v", "f8", "V", "utility side, leg 2 to neutral"),
    ("utility_l12_v", "f8", "V", "utility side, leg to leg"),
    ("utility_hz", "f8", "Hz", "utility frequency over the last 6 cycles at most; 0 when it has none"),
    ("utility_legs_rad", "f8", "rad", "utility side, angle between the legs, 0 to pi; 0 when a leg is dead"),
    ("bus_l1_v", "f8", "V", "premise bus, leg 1 to neutral"),
    ("bus_l2_v", "f8", "V", "premise bus, leg 2 to neutral"),
    ("bus_l12_v", "f8", "V", "premise bus, leg to leg"),
    ("bus_hz", "f8", "Hz", "frequency of the bus; 0 when it has none"),
    ("inlet_l1_v", "f8", "V", "inlet, leg 1 to neutral"),
    ("inlet_l2_v", "f8", "V", "inlet, leg 2 to neutral"),
    ("inlet_l12_v", "f8", "V", "inlet, leg to leg"),
    ("inlet_hz", "f8", "Hz", "inlet frequency; 0 when it has none"),
    ("inlet_legs_rad", "f8", "rad", "inlet, angle between the legs, 0 to pi; 0 when a leg is dead"),
    ("utility_in_phase", "i4", "", "1 while utility and bus are live and in phase, on both legs"),
    ("l1_a", "f8", "A", "current into the premise, leg 1, RMS"),
    ("l2_a", "f8", "A", "current into the premise, leg 2, RMS"),
    ("l1_w", "f8", "W", "power into the premise, leg 1"),
    ("l2_w", "f8", "W", "power into the premise, leg 2"),
    ("premise_w", "f8", "W", "power into the premise; negative when it exports"),
    (
        "l1_var",
        "f8",
        "var",
        "reactive power of the fundamental, leg 1; positive when the current lags, 0 without a frequency",
    ),
    ("l2_var", "f8", "var", "the same of leg 2"),
    ("inlet_in_phase", "i4", "", "1 while inlet and bus are live and in phase, on both legs"),
    ("inlet_thd", "f8", "", "distortion of the worse inlet leg over the last 12 whole cycles; 0 before there are any"),
    ("quality", "i4[8]", "", "VALUE_... of each channel in this half-cycle"),
    ("doubtful", "i4", "", "channels whose quality is not VALUE_GOOD, one bit each"),
    ("block_ended", "i4", "", "1 when this half-cycle ended a block: its values are new"),
)

METER_FIELDS = (
    # [a] What the meter remembers between half-cycles.
    ("tick", "i8", "ticks", "half-cycles taken since the start"),
    ("rest", "i8", "", "what the next half-cycle is owed, in 120ths of a sample"),
    ("sample_count", "i8", "", "samples taken since the start, of each channel"),
    ("smoothing", "f8", "", "coefficient of the two filters in each tracker"),
    ("smooth_first", "f8[3]", "", "first filter of each tracker"),
    ("smooth", "f8[3]", "", "second filter of each tracker"),
    ("armed", "i4[3]", "", "1 once the filtered voltage was low enough for the next crossing to count"),
    ("on_one_leg", "i4[3]", "", "1 while a tracker follows leg 1 alone, the legs having no difference"),
    ("ring_sample", "i8[24]", "", "last crossings of each tracker: sample before"),
    ("ring_part", "f8[24]", "", "last crossings: part of a sample after that"),
    ("ring_count", "i4[3]", "", "crossings remembered, at most RING"),
    ("ring_next", "i4[3]", "", "place of the next crossing"),
    ("hz", "f8[3]", "Hz", "frequency; 0 when there is none"),
    ("step_rad", "f8[3]", "rad", "advance of the phase in one sample"),
    ("step_sine", "f8[3]", "", "sine of that"),
    ("delay_rad", "f8[3]", "rad", "by this the filters of a tracker delay its frequency"),
    ("step_cosine", "f8[3]", "", "cosine of that"),
    ("crossing", "i4", "", "place in this half-cycle after the bus's crossing; 0 when it has none"),
    ("crossing_part", "f8", "", "part of a sample between the place before and the crossing"),
    ("oscillator_cosine", "f8", "", "cosine of the reference for the fundamental, at the next sample"),
    ("oscillator_sine", "f8", "", "sine of it"),
    ("segment", "f8[29]", "", "sums of the last pass"),
    ("before", "f8[29]", "", "products at the place before a crossing"),
    ("half", "f8[29]", "", "sums of this half-cycle"),
    ("fit_cosine", "f8[4]", "", "cosine part of the fundamental of bus L1, L2, current L1, L2 in this half-cycle"),
    ("fit_sine", "f8[4]", "", "sine part of it"),
    ("double_cosine", "f8", "", "sum over this half-cycle of the cosine of twice the reference's angle"),
    ("double_sine", "f8", "", "sum of the sine of it"),
    ("cycle", "f8[29]", "", "sums of the cycle under way"),
    ("cycle_whole", "i4", "", "1 when the cycle under way began at a crossing"),
    ("cycle_ticks", "i8", "ticks", "half-cycles since the cycle began"),
    ("block", "f8[29]", "", "sums of the block under way"),
    ("fundamental", "f8[11]", "", "sums over the cycles of the block under way"),
    ("block_cycles", "i4", "", "cycles in the block under way"),
    ("block_flags", "i4", "", "BLOCK_... so far"),
    ("peak", "f8[4]", "", "largest square of bus L1, L2, current L1, L2 in the block under way"),
    ("block_bad", "i4[4]", "", "estimated samples of these in the block under way"),
    ("block_saturated", "i4", "", "of these, channels that saturated in the block under way, one bit each"),
    ("block_unfit", "i4", "", "of these, channels without a value in some half-cycle of the block, one bit each"),
    ("feed", "i4", "", "what feeds the bus in the block under way (FED_BY_...)"),
    ("mean", "f8[4]", "", "offset of these in the last whole block"),
    ("reactive_1_var", "f8", "var", "leg 1, fundamental, last whole block"),
    ("reactive_2_var", "f8", "var", "leg 2, fundamental, last whole block"),
    ("last_good", "f8[8]", "", "last good sample of each channel"),
    ("inlet_cosine", "f8", "", "cosine of the reference for the inlet's fundamental, at the next sample"),
    ("inlet_sine", "f8", "", "sine of it"),
    (
        "inlet_half",
        "f8[6]",
        "",
        "inlet in this half-cycle: fundamental's sums of L1, L2, then the products with the bus",
    ),
    (
        "inlet_cycle",
        "f8[9]",
        "",
        "inlet in the cycle under way: those four, squares, twice the reference's sums, count",
    ),
    ("inlet_halves", "i4", "", "half-cycles in it"),
    ("inlet_cycles", "i4", "", "cycles taken towards the next distortion"),
    ("inlet_rest", "f8[2]", "", "sum of squares of what is not the fundamental, L1 and L2, over these cycles"),
    ("inlet_fundamental", "f8[2]", "", "sum of squares of the fundamental"),
    ("inlet_thd", "f8", "", "distortion of the worse leg, as last found; 0 when there is none"),
)

BLOCK_FIELDS = (
    # [y] Twelve cycles (IEC 61000-4-30), for metering.
    ("blocks", "i8", "", "blocks ended since the start"),
    ("flags", "i4", "", "BLOCK_..."),
    ("feed", "i4", "", "what fed the bus (FED_BY_...)"),
    ("length_s", "f8", "s", "length of the block"),
    ("frequency_hz", "f8", "Hz", "frequency over the block's cycles; 0 when it had none"),
    ("l1_v", "f8", "V", "bus leg 1, RMS"),
    ("l2_v", "f8", "V", "bus leg 2, RMS"),
    ("l12_v", "f8", "V", "leg to leg, RMS"),
    ("legs_rad", "f8", "rad", "angle by which leg 2 lags leg 1, fundamental, above -pi and up to pi"),
    ("l1_a", "f8", "A", "current of leg 1, RMS"),
    ("l2_a", "f8", "A", "current of leg 2, RMS"),
    ("l1_w", "f8", "W", "active power into the premise, leg 1"),
    ("l2_w", "f8", "W", "active power into the premise, leg 2"),
    ("premise_w", "f8", "W", "active power into the premise, two elements"),
    ("form2s_w", "f8", "W", "what a single-stator form 2S meter would show"),
    ("l1_var", "f8", "var", "reactive power of the fundamental, leg 1; positive when the current lags"),
    ("l2_var", "f8", "var", "reactive power of the fundamental, leg 2"),
    ("l1_va", "f8", "VA", "apparent power, leg 1"),
    ("l2_va", "f8", "VA", "apparent power, leg 2"),
    ("l1_factor", "f8", "", "power factor of leg 1, active over apparent; 0 without current"),
    ("l2_factor", "f8", "", "power factor of leg 2"),
    ("l1_v_thd", "f8", "", "distortion of the voltage of leg 1: all but the fundamental, over the fundamental"),
    ("l2_v_thd", "f8", "", "distortion of the voltage of leg 2"),
    ("l1_a_thd", "f8", "", "distortion of the current of leg 1; 0 below the starting current"),
    ("l2_a_thd", "f8", "", "distortion of the current of leg 2"),
    ("l1_v_crest", "f8", "", "crest factor of the voltage of leg 1; 0 without voltage"),
    ("l2_v_crest", "f8", "", "crest factor of the voltage of leg 2"),
    ("l1_a_crest", "f8", "", "crest factor of the current of leg 1; 0 below the starting current"),
    ("l2_a_crest", "f8", "", "crest factor of the current of leg 2"),
)

ENERGY_FIELDS = (
    # [e] Registers: journalled. Each array by FED_BY_...; energy that has no known source stands under FED_BY_NONE.
    ("in_mwticks", "i8[4]", "mW ticks", "two-element energy into the premise"),
    ("out_mwticks", "i8[4]", "mW ticks", "two-element energy out of the premise"),
    ("l1_in_mwticks", "i8[4]", "mW ticks", "leg 1, into the premise"),
    ("l1_out_mwticks", "i8[4]", "mW ticks", "leg 1, out of it"),
    ("l2_in_mwticks", "i8[4]", "mW ticks", "leg 2, into the premise"),
    ("l2_out_mwticks", "i8[4]", "mW ticks", "leg 2, out of it"),
    ("form2s_in_mwticks", "i8[4]", "mW ticks", "2S-equivalent energy into the premise"),
    ("form2s_out_mwticks", "i8[4]", "mW ticks", "2S-equivalent energy out of it"),
    ("quadrant_1_mvarticks", "i8[4]", "mvar ticks", "reactive energy, fundamental: taking active power, current lags"),
    ("quadrant_2_mvarticks", "i8[4]", "mvar ticks", "giving active power, reactive into the premise"),
    ("quadrant_3_mvarticks", "i8[4]", "mvar ticks", "giving active power, reactive out of the premise"),
    ("quadrant_4_mvarticks", "i8[4]", "mvar ticks", "taking active power, current leads"),
    ("carry", "f8[5]", "", "parts of a unit not yet registered: total, leg 1, leg 2, 2S-equivalent, reactive"),
    ("estimated_ticks", "i8", "ticks", "time in which some samples of a leg were estimated"),
    ("lost_ticks", "i8", "ticks", "time in which a leg was not metered"),
)

QUALITY_FIELDS = (
    # [q] Urms(1/2) of one pair of legs, and its voltage events.
    ("edge", "f8", "", "where the last half-period ended, in samples from the end of this half-cycle; not above 0"),
    ("last", "f8[2]", "", "squares of the last sample of L1 and L2"),
    ("part", "f8[3]", "", "squares of L1 and L2 since that edge, and the samples"),
    ("half", "f8[3]", "", "the same of the half-period that ended there"),
    ("part_bad", "i4", "", "1 when a value since that edge was doubtful"),
    ("half_bad", "i4", "", "1 when one in the half-period before was"),
    ("l1_cycle_v", "f8", "V", "leg 1, RMS of the last cycle between zero crossings, renewed each half-period"),
    ("l2_cycle_v", "f8", "V", "leg 2"),
    ("cycles", "i8", "", "how many such values there were"),
    ("active", "i4[3]", "", "1 while an event of this KIND_... lasts"),
    ("began_tick", "i8[3]", "ticks", "when it began"),
    ("extreme_v", "f8[3]", "V", "lowest (swell: highest) leg since it began"),
    ("doubted", "i4[3]", "", "1 when values were missing while it lasted"),
    ("interrupted", "i4", "", "1 when the sag that lasts has held an interruption"),
    ("ended", "i4", "", "events that ended in this half-cycle, bit n for KIND_ n"),
    ("ended_class", "i4[3]", "", "CLASS_... of the last event of each kind"),
    ("ended_ticks", "i8[3]", "ticks", "its length"),
    ("ended_extreme_v", "f8[3]", "V", "its lowest (swell: highest) leg"),
    ("ended_doubted", "i4[3]", "", "1 when values were missing while it lasted"),
    ("counted", "i4[15]", "", "events so far, by kind times CLASSES plus class; stays at its highest"),
)

FAST_ROOM = 256
"""Samples of one leg that the fast detector remembers: three eighths of a cycle at 32,000 a second are 200."""

DETECTOR_FIELDS = (
    # [d] Fast detector of a loss, sample by sample, on one pair of legs.
    ("now_v", "f8[2]", "V", "sample of L1 and L2 that the host gives; 0 after one that cannot be judged"),
    ("seen", "f8[512]", "", "squares of the last samples of L1, then of L2, FAST_ROOM places each"),
    ("next", "i4", "", "place of the next sample"),
    ("sum", "f8[2]", "", "squares of an eighth of a cycle and of that a quarter before, L1 and L2"),
    ("quarter", "i4", "", "samples in a quarter of a nominal cycle"),
    ("eighth", "i4", "", "samples in an eighth"),
    ("fresh", "i4", "", "good samples in a row, up to what is needed for a judgement"),
    ("same", "i4", "", "samples in a row in which a leg away from 0 did not change, up to what makes it doubt"),
    ("before_v", "f8[2]", "V", "last sample of L1 and L2"),
    ("count", "i8", "", "samples since the start"),
    ("doubted", "i4", "", "1 while samples do not allow a judgement: nothing picks up or resets"),
    ("low", "i4", "", "1 from the sample at which a leg was found low, until both are back"),
    ("lost", "i4", "", "1 while both legs are lost"),
    ("low_count", "i8", "", "`count` when `low` last picked up"),
    ("lost_count", "i8", "", "`count` when `lost` last picked up"),
    ("lows", "i8", "", "how often `low` has picked up"),
    ("back", "i4", "", "samples in a row with both legs back, while low"),
)
