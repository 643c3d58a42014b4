"""Record and codes of the guide: the six steps to backup power, and the way back.

Core Python. Each field: name, type, unit, meaning. The record is `g` in `controller/guide*.py`. The order of the first
six steps is that of the programme's leaflet (domain.md 1.1).
"""

# Steps. The first six lead to backup power, the others back from it.
GUIDE_STEPS = 10
GUIDE_STEP_NONE = -1
GUIDE_BREAKERS_OFF = 0
GUIDE_SOLAR_OFF = 1
GUIDE_PLUG = 2
GUIDE_CORD = 3
GUIDE_ENGINE = 4
GUIDE_ESSENTIALS = 5
GUIDE_COOL = 6
GUIDE_STOP = 7
GUIDE_UNPLUG = 8
GUIDE_ALL_ON = 9

GUIDE_STEPS_OUT = 63
"""The six, one bit each."""
GUIDE_STEPS_BACK = 960
"""The way back."""

# How a step is known to be done.
PROOF_NONE = 0
PROOF_DECLARED = 1
PROOF_INFERRED = 2
PROOF_MEASURED = 3
PROOF_NOT_NEEDED = 4

# Where the home stands.
PHASE_IDLE = 0
PHASE_PREPARE = 1
PHASE_RUNNING = 2
PHASE_RETURN = 3
PHASE_BLOCKED = 4

# Unmet conditions, by bit. The first twelve are TURNED_DOWN_... of core_codes.
GUIDE_CONDITIONS = 28
GUIDE_BIT_LOW_VOLTS = 0
GUIDE_BIT_HIGH_VOLTS = 1
GUIDE_BIT_FREQUENCY = 2
GUIDE_BIT_LEGS = 3
GUIDE_BIT_UNMATED = 7
GUIDE_BIT_PLUG = 8
GUIDE_BIT_DOUBTFUL = 10
GUIDE_BIT_WARMING_UP = 11
GUIDE_BIT_SOURCE_DEAD = 12
GUIDE_BIT_LOAD_FLOWS = 13
GUIDE_BIT_SOLAR_FEEDS = 14
GUIDE_BIT_NOT_SAID = 15
GUIDE_BIT_NOT_ON_BACKUP = 16
GUIDE_BIT_NOTHING_ON = 17
GUIDE_BIT_OVERLOADED = 18
GUIDE_BIT_SOURCE_RUNS = 19
GUIDE_BIT_PLUG_IN = 20
GUIDE_BIT_COOLING = 21
GUIDE_BIT_NOT_ON_UTILITY = 22
GUIDE_BIT_BLOCKED = 23
GUIDE_BIT_MEASURED_STEP = 24
GUIDE_BIT_NOT_NEEDED = 25
GUIDE_BIT_NO_SUCH_STEP = 26
GUIDE_BIT_EARLIER_STEPS = 27

# What is dangerous or unwise as things stand, one bit each.
WARN_LOADED = 1
"""The source runs and is about to take a home whose breakers may be on."""
WARN_SOLAR = 2
"""The source runs and solar may be on."""
WARN_UNPLUGGED_LIVE = 4
"""The plug left the inlet while the source ran: the cord's end may be live."""
WARN_ENGINE_IDLE = 8
"""The utility is back and the engine runs for nothing."""

GUIDE_STATE_FIELDS = (
    ("phase", "i4", "", "where the home stands (PHASE_...)"),
    ("step", "i4", "", "the step to do next; -1 when there is none"),
    ("needed", "i4", "", "steps that this source and home have, one bit each"),
    ("done", "i4", "", "steps that are done, one bit each"),
    ("missing", "i4", "", "steps of this phase that are not"),
    ("declared", "i4", "", "what a person said is done and nothing has contradicted since"),
    ("proof", "i4[10]", "", "how each step is known to be done (PROOF_...)"),
    ("unmet", "i8[10]", "", "what each step still lacks, bit n for GUIDE_BIT_... n"),
    ("found", "f8[28]", "", "the value that each condition found, in the unit of its sentence"),
    ("needs", "f8[28]", "", "the limit that it has to meet"),
    ("warnings", "i4", "", "WARN_... bits"),
    ("urgent", "i4", "", "1 in a medical home without power"),
    ("off_seen", "i4", "", "1 when no current flowed while the bus was last live"),
    ("solar_seen", "i4", "", "1 when power has ever come out of the home"),
    ("used", "i4", "", "1 when the backup has carried the home since the last complete return"),
    ("mated_before", "i4", "", "1 when the plug was last read mated"),
    ("pulled_live", "i4", "", "1 when it was pulled while the source ran, until it is back or the return is complete"),
    ("t_quiet", "i8", "ticks", "live bus without current"),
    ("t_loaded", "i8", "ticks", "live bus with current"),
    ("t_feeds", "i8", "ticks", "power out of the home, or a load-side source"),
    ("t_mated", "i8", "ticks", "plug mated"),
    ("t_unmated", "i8", "ticks", "plug not mated"),
    ("t_stopped", "i8", "ticks", "inlet dead"),
    ("t_over", "i8", "ticks", "a leg above what the source may carry"),
    ("t_cool", "i8", "ticks", "source running without the home's load"),
    ("t_forget", "i8", "ticks", "return complete but for the breakers"),
    ("wake_ticks", "i8", "ticks", "with constant inputs, the guide says nothing new before this many ticks"),
)
