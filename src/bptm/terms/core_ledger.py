"""The ledger of the meter: registers, demand, load profile, counters and the last changes of source.

Core Python. All of it is journalled but the powers of the scan at hand. Energies are whole milliwatt-ticks (decision
0005), so that no register depends on how time was cut. Each field: name, type, unit, meaning.

A register rolls over at REGISTER_END, like the dials of a meter; a count stays at COUNT_END. Neither can be negative.
"""

from bptm.terms.core_report import MWTICKS_PER_WH

REGISTER_END = 10000000000 * MWTICKS_PER_WH
"""A register of energy counts up to this and begins again at 0: 10,000,000 kWh, below half of what 64 bits hold. A
home at a constant 48 kW takes 23.8 years. Source: own choice, seven digits of kilowatt-hours."""

COUNT_END = 999999999
"""A count stays here, below what 32 bits hold; a contactor is tested for 6,000 operations."""

CLOCK_END_TICK = 1 << 50
"""A clock beyond this is refused (the year 299,000)."""

CLOCK_NEVER_SET = 0
CLOCK_KNOWN = 1
CLOCK_LOST = 2
"""Power was lost for an unknown time since the clock was set."""

# Sources of a register. Places of the arrays `..[3]`.
SOURCE_UNASSIGNED = 0
SOURCE_UTILITY = 1
SOURCE_BACKUP = 2
SOURCES = 3

# Channels of demand: places of the arrays `..[2]`.
DEMAND_UTILITY = 0
DEMAND_BACKUP = 1
DEMANDS = 2

SUBINTERVALS_MAX = 12
"""Subintervals of a window at most: places of one channel in `sub_mwticks`."""

PROFILE_MAX = 96
"""Intervals of the load profile: a day of 15 minutes."""

CHANGES_MAX = 16
"""Changes of source that are remembered."""

# Quality of an interval of the load profile, one bit each.
QUALITY_POWER_LOST = 1
QUALITY_CONTACTS_UNKNOWN = 2
QUALITY_CLOCK_SET = 4
QUALITY_PARTIAL = 8
"""Measured for less than its whole length."""
QUALITY_DOUBTFUL = 16
"""A bus voltage or a current was doubtful, or a power not to be believed."""
QUALITY_CLOCK_UNKNOWN = 32
"""The clock was never set, or lost with the power: the place of the interval in the day is not known."""

LEDGER_FIELDS = (
    # Time. The clock is `tick` + `clock_offset_ticks`: ticks since 1970 once it is set, since the installation before.
    ("tick", "i8", "ticks", "half-cycles since the installation, time without power included where it is known"),
    ("clock_offset_ticks", "i8", "ticks", "what the clock is ahead of `tick`"),
    ("clock_known", "i4", "", "whether the clock is to be relied on (CLOCK_...)"),
    # The scan at hand; not journalled.
    ("metered", "i4", "", "1 while the power into the premise is one to believe"),
    ("doubt", "i4", "", "1 while something measured is not"),
    ("source", "i4", "", "register that this scan's energy goes to (SOURCE_...)"),
    ("in_mw", "i8", "mW", "power into the premise, two elements"),
    ("out_mw", "i8", "mW", "power out of it"),
    ("l1_in_mw", "i8", "mW", "leg 1, into the premise"),
    ("l1_out_mw", "i8", "mW", "leg 1, out of it"),
    ("l2_in_mw", "i8", "mW", "leg 2, into the premise"),
    ("l2_out_mw", "i8", "mW", "leg 2, out of it"),
    ("form2s_in_mw", "i8", "mW", "as a form 2S meter would have it, into the premise"),
    ("form2s_out_mw", "i8", "mW", "the same, out of it"),
    ("reactive_mvar", "i8", "mvar", "reactive power, without its sign"),
    ("quadrant", "i4", "", "quadrant of that, 0 to 3 for I to IV"),
    # Registers, by SOURCE_...
    ("in_mwticks", "i8[3]", "mW ticks", "two-element energy into the premise"),
    ("out_mwticks", "i8[3]", "mW ticks", "two-element energy out of it"),
    ("l1_in_mwticks", "i8[3]", "mW ticks", "leg 1, into the premise"),
    ("l1_out_mwticks", "i8[3]", "mW ticks", "leg 1, out of it"),
    ("l2_in_mwticks", "i8[3]", "mW ticks", "leg 2, into the premise"),
    ("l2_out_mwticks", "i8[3]", "mW ticks", "leg 2, out of it"),
    ("form2s_in_mwticks", "i8[3]", "mW ticks", "2S-equivalent energy into the premise"),
    ("form2s_out_mwticks", "i8[3]", "mW ticks", "2S-equivalent energy out of it"),
    ("quadrant_mvarticks", "i8[12]", "mvar ticks", "reactive energy: four quadrants of each source"),
    ("total_in_mwticks", "i8", "mW ticks", "energy into the premise, whatever fed it"),
    ("total_out_mwticks", "i8", "mW ticks", "energy out of it"),
    # Demand, by DEMAND_...
    ("sub_mwticks", "i8[24]", "mW ticks", "energy of the last subintervals, SUBINTERVALS_MAX places a channel"),
    ("sub_next", "i4", "", "place of the subinterval under way"),
    ("block_mwticks", "i8[2]", "mW ticks", "energy of the block under way"),
    ("last_block_mw", "i8[2]", "mW", "demand of the last block"),
    ("last_sliding_mw", "i8[2]", "mW", "demand of the last sliding window"),
    ("peak_block_mw", "i8[2]", "mW", "highest demand of a block since the billing read"),
    ("peak_block_tick", "i8[2]", "ticks", "end of that block"),
    ("peak_sliding_mw", "i8[2]", "mW", "highest demand of a sliding window since the billing read"),
    ("peak_sliding_tick", "i8[2]", "ticks", "end of that window"),
    # Billing read: what stood when it was taken.
    ("reads", "i4", "", "billing reads since the installation"),
    ("read_tick", "i8", "ticks", "when the last was taken"),
    ("read_in_mwticks", "i8[3]", "mW ticks", "`in_mwticks` then"),
    ("read_out_mwticks", "i8[3]", "mW ticks", "`out_mwticks` then"),
    ("read_peak_block_mw", "i8[2]", "mW", "`peak_block_mw` then"),
    ("read_peak_block_tick", "i8[2]", "ticks", "its time"),
    ("read_peak_sliding_mw", "i8[2]", "mW", "`peak_sliding_mw` then"),
    ("read_peak_sliding_tick", "i8[2]", "ticks", "its time"),
    # Load profile: the interval under way, then the ring of the last ones.
    ("interval_begin_tick", "i8", "ticks", "clock at the beginning of the interval under way"),
    ("interval_ticks", "i8", "ticks", "time metered in it"),
    ("interval_utility_mwticks", "i8", "mW ticks", "energy taken from the utility in it"),
    ("interval_backup_mwticks", "i8", "mW ticks", "energy taken from the backup source in it"),
    ("interval_unassigned_mwticks", "i8", "mW ticks", "energy in it while the contacts were unknown"),
    ("interval_flags", "i4", "", "QUALITY_... so far"),
    ("profile_begin_tick", "i8[96]", "ticks", "clock at the beginning of each interval"),
    ("profile_ticks", "i8[96]", "ticks", "time metered in it"),
    ("profile_utility_mwticks", "i8[96]", "mW ticks", "energy taken from the utility"),
    ("profile_backup_mwticks", "i8[96]", "mW ticks", "energy taken from the backup source"),
    ("profile_unassigned_mwticks", "i8[96]", "mW ticks", "energy while the contacts were unknown"),
    ("profile_flags", "i4[96]", "", "QUALITY_..."),
    ("profile_next", "i4", "", "place of the next interval"),
    ("profile_count", "i4", "", "intervals in the ring"),
    # Contactors: operations are proved changes of position.
    ("u_last", "i4", "", "position of the utility contactor when last proved (CONTACT_...)"),
    ("b_last", "i4", "", "position of the backup contactor when last proved"),
    ("u_operations", "i4", "", "operations of the utility contactor"),
    ("b_operations", "i4", "", "operations of the backup contactor"),
    ("u_wear", "i4", "", "1, 2, 3 at 50, 80, 100 % of `endurance_operations`"),
    ("b_wear", "i4", "", "the same of the backup contactor"),
    # Times.
    ("service_ticks", "i8", "ticks", "time with power"),
    ("unmetered_ticks", "i8", "ticks", "time of it without a power to believe: no energy is registered"),
    ("doubtful_ticks", "i8", "ticks", "time of it with something measured in doubt"),
    ("utility_ticks", "i8", "ticks", "time fed by the utility"),
    ("backup_ticks", "i8", "ticks", "time fed by the backup source"),
    ("dark_ticks", "i8", "ticks", "time without voltage on the bus, power lost included where it is known"),
    ("inlet_ticks", "i8", "ticks", "time with voltage at the inlet: engine hours"),
    # Outages of the utility, by its voltage.
    ("outage_ticks", "i8", "ticks", "length of the outage under way; 0 when there is none"),
    ("outage_began_tick", "i8", "ticks", "when it, or the last one, began"),
    ("interrupted_ticks", "i8", "ticks", "length of all outages"),
    ("outages_momentary", "i4", "", "outages that ended before `sustained_ticks`"),
    ("outages_sustained", "i4", "", "outages that reached it"),
    ("power_losses", "i4", "", "starts after a loss of the meter's own power"),
    # What feeds the bus, and its last changes.
    ("feed", "i4", "", "what feeds the bus (FED_BY_...), as proved last; FED_BY_NONE while it is dark"),
    ("feed_before", "i4", "", "the last source before it went dark"),
    ("lost_tick", "i8", "ticks", "when it went dark"),
    ("left_cause", "i4", "", "why (CAUSE_...)"),
    ("cause", "i4", "", "last cause of a change of mode other than the end of a transfer"),
    ("moved", "i4", "", "1 when a contact moved since the last source fed the bus"),
    ("t_open_live", "i8", "ticks", "bus live with both contactors proved open"),
    ("changes", "i4", "", "changes of source since the installation"),
    ("change_next", "i4", "", "place of the next change"),
    ("change_lost_tick", "i8[16]", "ticks", "when the old source no longer fed the bus"),
    ("change_tick", "i8[16]", "ticks", "when the new one did: beginning of the half-cycle that showed it"),
    ("change_from", "i4[16]", "", "the old source (FED_BY_...)"),
    ("change_to", "i4[16]", "", "the new one"),
    ("change_left_cause", "i4[16]", "", "why the old one was left (CAUSE_...)"),
    ("change_cause", "i4[16]", "", "why the new one was taken"),
)
