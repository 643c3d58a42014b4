"""Codes of the core: modes, causes, events, flags, readings of a contact.

Core Python: integer constants only. Hosts get enumerations made from these names (`terms.codes`).
A code, once released, is never given another meaning; a new one takes the next free number.
"""

TICKS_PER_S = 120
"""One tick is half a cycle at 60 Hz (decision 0003)."""

NEVER_TICKS = 1 << 40
"""A wait that no timer ends: longer than any device lives (290 years)."""

# Modes of the transfer function (ANSI device 83).
MODE_OFF = 0
MODE_ON_UTILITY = 1
MODE_DARK = 2
MODE_TO_BACKUP = 3
MODE_ON_BACKUP = 4
MODE_TO_UTILITY = 5
MODE_BACKUP_BLOCKED = 6
MODE_LOCKED_OUT = 7

# Steps inside TO_BACKUP and TO_UTILITY.
STEP_OPENING = 0
STEP_DEAD_TIME = 1
STEP_CLOSING = 2

# What feeds the premise bus, as the meter finds it.
FED_BY_NONE = 0
FED_BY_UTILITY = 1
FED_BY_BACKUP = 2
FED_BY_LOAD_SIDE = 3

# Reading of a contactor's position feedback, both poles together.
CONTACT_OPEN = 0
CONTACT_CLOSED = 1
CONTACT_UNKNOWN = 2

# Orders to the utility contactor (latching) and to the backup contactor (drops out without supply).
ORDER_NONE = 0
ORDER_OPEN = 1
ORDER_CLOSE = 2

# Kinds of report (records.REPORT).
REPORT_ROW = 0
REPORT_EVENT = 1

# Events.
EVENT_STARTED = 1
EVENT_MODE_CHANGED = 2
EVENT_FED_BY_CHANGED = 3
EVENT_LAST_GASP = 4
EVENT_HELD = 5
EVENT_HOLD_RELEASED = 6
EVENT_BACKUP_QUALIFIED = 7
EVENT_BACKUP_GONE = 8
EVENT_ENGINE_STILL_RUNNING = 9
EVENT_RESET_LOCALLY = 10
EVENT_OVERLOAD = 11
EVENT_REVERSE_POWER = 12
EVENT_CONTACT_DISAGREES = 13

# Causes of a change of mode. Those of the two lockouts are closed lists.
CAUSE_NONE = 0
CAUSE_UTILITY_LOST = 1
CAUSE_UTILITY_RESTORED = 2
CAUSE_BACKUP_READY = 3
CAUSE_BACKUP_LOST = 4
CAUSE_OVERLOAD = 5
CAUSE_TRANSFER_DONE = 6
CAUSE_START = 7
CAUSE_LOCAL_RESET = 8
CAUSE_SOURCE_REMOVED = 9
CAUSE_UTILITY_FOLLOWS_BUS = 10
# Blocks only the backup side (BACKUP_BLOCKED).
CAUSE_U_FAILED_TO_OPEN = 20
CAUSE_B_FAILED_TO_CLOSE = 21
CAUSE_OVERLOAD_REPEATED = 22
CAUSE_REVERSE_POWER = 23
CAUSE_LOAD_SIDE_SOURCE = 24
CAUSE_U_DISAGREES = 25
CAUSE_CONTACT_DOUBTED = 26
CAUSE_SOURCE_FAILS_UNDER_LOAD = 27
CAUSE_FOLLOWED_REPEATEDLY = 28
# Locks out both contactors (LOCKED_OUT).
CAUSE_BACKFEED = 40
CAUSE_B_FAILED_TO_OPEN = 41
CAUSE_B_WELDED = 42
CAUSE_U_FAILED_TO_CLOSE = 43
CAUSE_CONTACT_UNKNOWN = 44

# Flags of a report, one bit each.
FLAG_HELD = 1
FLAG_UTILITY_LOST = 2
FLAG_UTILITY_GOOD = 4
FLAG_BACKUP_QUALIFIED = 8
FLAG_OVERLOAD = 16
FLAG_REVERSE_POWER = 32
FLAG_INTERLOCK_WITHHOLDS = 64
FLAG_MEDICAL = 128
FLAG_STORED_ENERGY_LOW = 256
FLAG_LOAD_SIDE_SOURCE = 512

# Remote actions, all within LAW-4: none closes B, clears a lockout or waives a permissive.
ACTION_HOLD_RETURN = 1
ACTION_ALLOW_RETURN = 2

# Reasons for which a meter refuses a remote action, one bit each.
UNMET_NOT_AWAITING_RETURN = 1
UNMET_MEDICAL_DARK = 2
UNMET_LOCKED_OUT = 4
UNMET_NOT_HELD = 8
UNMET_EXPIRED = 16
UNMET_REPLAYED = 32
UNMET_WRONG_METER = 64
UNMET_BAD_SIGNATURE = 128
UNMET_DURATION = 256
UNMET_NOT_YET_VALID = 512

# Kinds of backup source a home can have.
BACKUP_NONE = 0
BACKUP_PORTABLE = 1
BACKUP_INVERTER = 2
BACKUP_STANDBY = 3
BACKUP_BATTERY = 4
BACKUP_EV = 5
