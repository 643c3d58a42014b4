"""Record and codes of advice: what was learned of the appliances, what may be switched on, how long it lasts.

Core Python. Each field: name, type, unit, meaning. The record is `a` in `controller/advice*.py`. An appliance is an
entry of the arrays of 16; its number is its place. Domain.md 2.11 and 2.12 give what is known of sources and appliances.
"""

APPLIANCES = 16

# Why an appliance should not be switched on now, one bit each.
BLOCK_RUN_L1 = 1
BLOCK_RUN_L2 = 2
BLOCK_RUN_TOTAL = 4
BLOCK_START_L1 = 8
BLOCK_START_L2 = 16
BLOCK_START_TOTAL = 32
BLOCK_LOCKED = 64
BLOCK_NEVER = 128
BLOCK_UNKNOWN = 256
BLOCK_LISTED = 512
"""Fits by itself, but not beside what stands on the list."""

# Why a declaration to the advice is refused, one bit each.
ADVICE_UNMET_NO_KIND = 1
ADVICE_UNMET_NO_LEG = 2
ADVICE_UNMET_NO_ROOM = 4
ADVICE_UNMET_NO_ENTRY = 8
ADVICE_UNMET_SHARE = 16
ADVICE_UNMET_RANK = 32

# Legs of an appliance.
LEG_NONE = 0
LEG_1 = 1
LEG_2 = 2
LEG_BOTH = 3

# Kinds that a person may give an appliance, and that a declared one has.
KIND_OTHER = 0
KIND_REFRIGERATOR = 1
KIND_FREEZER = 2
KIND_FURNACE_FAN = 3
KIND_SUMP_PUMP = 4
KIND_WELL_PUMP = 5
KIND_WINDOW_AC = 6
KIND_CENTRAL_AC = 7
KIND_WASHER = 8
KIND_DRYER = 9
KIND_WATER_HEATER = 10
KIND_SPACE_HEATER = 11
KIND_MICROWAVE = 12
KIND_CPAP = 13
KIND_LIGHTS = 14
KINDS_OF_APPLIANCE = 15

KIND_RUNNING_W = (
    500.0,
    650.0,
    500.0,
    525.0,
    700.0,
    750.0,
    1200.0,
    4800.0,
    1200.0,
    5500.0,
    4500.0,
    1500.0,
    1250.0,
    65.0,
    200.0,
)
"""Running power by kind: the middle of the range in domain.md 2.12 (sellers differ up to twofold); lights and other: own choice."""

KIND_START_RATIO = (
    3.0,
    4.1,
    4.0,
    3.6,
    3.0,
    4.4,
    4.0,
    2.4,
    4.0,
    1.25,
    1.0,
    1.0,
    1.2,
    1.0,
    1.5,
)
"""Start over running power by kind: middles of the same ranges; microwave, lights and other: own choice."""

ADVICE_FIELDS = (
    ("tick", "i8", "ticks", "time that advice has watched"),
    ("wake_ticks", "i8", "ticks", "with constant inputs, no advice changes before this many ticks"),
    # The settled load.
    ("anchor_l1_w", "f8", "W", "leg 1 at the begin of the window"),
    ("anchor_l2_w", "f8", "W", "leg 2 at the begin of the window"),
    ("t_window", "i8", "ticks", "how long both legs have stayed within the band"),
    ("sum_l1_mwticks", "i8", "mW ticks", "leg 1 over this window"),
    ("sum_l2_mwticks", "i8", "mW ticks", "leg 2 over this window"),
    ("sum_l1_reactive", "i8", "", "reactive power of leg 1 over this window, thousandths of a var times ticks"),
    ("sum_l2_reactive", "i8", "", "that of leg 2"),
    ("level_known", "i4", "", "1 while there is a settled load"),
    ("level_l1_w", "f8", "W", "settled load of leg 1: mean of the last whole window"),
    ("level_l2_w", "f8", "W", "that of leg 2"),
    ("level_l1_var", "f8", "var", "reactive power that goes with it, leg 1"),
    ("level_l2_var", "f8", "var", "that of leg 2"),
    ("peak_va", "f8", "VA", "largest distance of the load from its settled value since that"),
    # Appliances.
    ("used", "i4[16]", "", "1 when the entry holds an appliance"),
    ("kind", "i4[16]", "", "KIND_..., by a person"),
    ("l1_w", "f8[16]", "W", "running power on leg 1"),
    ("l2_w", "f8[16]", "W", "running power on leg 2"),
    ("start_va", "f8[16]", "VA", "highest half-cycle of its start: what it measured lately"),
    ("spread", "f8[16]", "", "how far its steps lie from it, in tolerances: mean of late"),
    ("ons", "i4[16]", "", "times it was seen to switch on"),
    ("offs", "i4[16]", "", "times it was seen to switch off"),
    ("is_on", "i4[16]", "", "1 when it was seen to switch on, and not off since"),
    ("seen_tick", "i8[16]", "ticks", "when it was last seen to switch"),
    ("off_tick", "i8[16]", "ticks", "when it last stopped"),
    ("wanted", "i4[16]", "", "rank for a person: 1 first, 2 next, ...; 0 never on the list"),
    # Headroom.
    ("headroom_known", "i4", "", "1 while headroom rests on readings that are not doubtful"),
    ("headroom_live", "i4", "", "1 while the backup carries the home; 0: as if it took it over with all breakers off"),
    ("rating_known", "i4", "", "1 when the source's rating was declared; 0: taken from the inlet"),
    ("rating_w", "f8", "W", "what the source may run"),
    ("leg_limit_a", "f8", "A", "what a leg may carry: least of inlet, plug and source"),
    ("headroom_l1_a", "f8", "A", "free on leg 1; negative when above"),
    ("headroom_l2_a", "f8", "A", "free on leg 2"),
    ("headroom_l1_w", "f8", "W", "the same as power at the present voltage, leg 1"),
    ("headroom_l2_w", "f8", "W", "the same, leg 2"),
    ("headroom_w", "f8", "W", "free of the source's rating"),
    ("headroom_start_va", "f8", "VA", "free for a start"),
    ("steady_l1_a", "f8", "A", "free on leg 1 for a continuous load (80 % rule)"),
    ("steady_l2_a", "f8", "A", "free on leg 2 for a continuous load"),
    ("t_heavy", "i8", "ticks", "how long a leg has been above its continuous limit on backup"),
    ("heavy", "i4", "", "1 when it has been so for `continuous_ticks`"),
    # The list.
    ("rank", "i4[16]", "", "place on the list of what to switch on, from 1; 0 when not on it"),
    ("listed", "i4", "", "entries on the list"),
    ("blocks", "i4[16]", "", "why an appliance should not be switched on now, BLOCK_... bits"),
    ("predicted_va", "f8[16]", "VA", "what it will take to start"),
    ("free_va", "f8[16]", "VA", "what is free where it needs most"),
    ("off_first", "i4[16]", "", "the appliance to turn off first so that it fits; -1 when none helps"),
    ("queue", "i4[16]", "", "scratch: appliances by what their start needs beyond running"),
    ("chosen", "i4[16]", "", "scratch: 1 when on the list"),
    ("locked", "i4", "", "compressors that rest, one bit each"),
    ("stale", "i4", "", "1 when the list has to be made anew"),
    ("planned_feed", "i4", "", "what fed the bus when the list was made (FED_BY_...)"),
    ("planned_known", "i4", "", "headroom was known when the list was made"),
    # Fuel.
    ("burnt", "i8", "", "fuel since the tank was full, thousandths of a tick at half load"),
    ("spent_mwticks", "i8", "mW ticks", "taken from the battery since it was full"),
    ("fuel_declared", "i4", "", "1 when the tank or charge was declared; 0: a usual tank, full at the start"),
    ("fuel_left_ticks", "i8", "ticks", "how long it lasts at the present load; always inferred, never measured"),
    ("fuel_left_wh", "f8", "Wh", "energy until then"),
    ("fuel_low", "i4", "", "1 when that is less than `fuel_low_ticks` while the source runs"),
)
