"""Protection: turns measured numbers into facts (0 or 1), each with pickup, dropout and delay. Core Python.

Element numbers are those of IEEE C37.2. A fact's contract to physical quantities (which, window, delay, sensor error)
stands in its function, by side: `protection_sense`, `_contacts`, `_utility`, `_backup`, `_load`, `_harm`, `_service`.
The order is fixed: what can be believed first, then each side.
"""

from bptm.controller.protection_backup import judge_backup
from bptm.controller.protection_contacts import judge_bus, judge_contacts, read_contacts
from bptm.controller.protection_harm import forget_harm, judge_harm
from bptm.controller.protection_hunting import forget_swings
from bptm.controller.protection_load import judge_load
from bptm.controller.protection_sense import judge_sense
from bptm.controller.protection_service import judge_service
from bptm.controller.protection_utility import judge_utility
from bptm.controller.timing import timer
from bptm.terms.core_codes import NEVER_TICKS


def reset_protection(s):
    """Facts and timers of the deeper elements after loss of power.

    Doubt of the utility's neutral, counts of surges and the thermal image stay: they are journalled.
    """
    s.utility_doubted = 0
    s.bus_doubted = 0
    s.inlet_doubted = 0
    s.current_doubted = 0
    s.turned_down = 0
    s.load_high = 0
    s.ran_dry = 0
    s.engine_may_stop = 0
    s.spd_failed = 0
    s.spd_worn = 0
    s.t_sense = 0
    s.t_reference = 0
    s.t_inlet_doubt = 0
    s.t_current_doubt = 0
    s.t_neutral_high = 0
    s.t_neutral_low = 0
    s.t_neutral = 0
    s.t_neutral_slow = 0
    s.t_neutral_good = 0
    s.t_inlet_follow = 0
    s.t_inlet_alive = 0
    s.t_bus_alive = 0
    s.t_cool = 0
    s.travel = 0
    forget_harm(s)
    forget_swings(s)


def told_facts(s):
    """The facts that hosts are told and no mode depends on, in one number."""
    x = s.turned_down * 2 + s.source_hunts
    x = x * 2 + s.load_high
    x = x * 2 + s.ran_dry
    x = x * 2 + s.engine_may_stop
    x = x * 2 + s.spd_failed
    x = x * 2 + s.spd_worn
    x = x * 2 + s.utility_neutral
    x = x * 2 + s.neutral_doubted
    x = x * 2 + s.short_circuit
    x = x * 2 + s.utility_doubted
    x = x * 2 + s.bus_doubted
    x = x * 2 + s.inlet_doubted
    return x * 2 + s.current_doubted


def update_facts(s, m, p, ticks):
    """All facts, from this scan's measured values."""
    before = told_facts(s)
    read_contacts(s, m, p, ticks)
    judge_sense(s, m, p, ticks)
    judge_bus(s, m, p)
    judge_utility(s, m, p, ticks)
    judge_backup(s, m, p, ticks)
    judge_load(s, m, p, ticks)
    judge_harm(s, m, p, ticks)
    judge_contacts(s, m, p, ticks)
    judge_service(s, m, p, ticks)
    s.t_unsupplied = timer(s, 1 if m.supplied == 0 else 0, s.t_unsupplied, p.gasp_ticks, ticks)
    # Most are read before they are judged again in the next scan: a change is followed by a single tick.
    if told_facts(s) != before:
        s.wake_ticks = 1


def longest_wait(s):
    """Opens the search for the next expiry of this scan."""
    s.wake_ticks = NEVER_TICKS
