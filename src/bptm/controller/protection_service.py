"""What protection counts and tells for upkeep: surges and their protector, an engine that may stop. Core Python."""

from bptm.controller.protection_values import fewer, only_utility_closed, within
from bptm.controller.timing import timer
from bptm.terms.core_codes import NEVER_TICKS

COUNT_HIGHEST = 2147483647
LIFE_WHOLE = 1000000
SURGES_MOST = 1 << 22
"""No front end counts more in a half-cycle; with a stride of `NEVER_TICKS` the product stays within 64 bits."""


def count_surges(s, m, p, ticks):
    """Counts surges by the crest of the highest of this scan, and the protector's life that they used.

    The front end says how many came since the scan before and the highest crest; all are graded by it, so the count
    errs to the grave side, and a crest that is no number counts as large. No count wraps: each
    stays at its highest value. `spd_failed` is the protector's own
    contact; `spd_worn` from `spd_worn_life`.
    """
    s.spd_failed = 1 if m.spd_failed != 0 else 0
    if m.surges > 0:
        count = fewer(fewer(m.surges, SURGES_MOST) * fewer(ticks, NEVER_TICKS), COUNT_HIGHEST)
        share = p.surge_large_life
        if within(m.surge_v, 0.0, p.surge_medium_v) == 1:
            share = p.surge_small_life
            s.surges_small = fewer(s.surges_small + count, COUNT_HIGHEST)
        elif within(m.surge_v, 0.0, p.surge_large_v) == 1:
            share = p.surge_medium_life
            s.surges_medium = fewer(s.surges_medium + count, COUNT_HIGHEST)
        else:
            s.surges_large = fewer(s.surges_large + count, COUNT_HIGHEST)
        s.spd_life = fewer(s.spd_life + count * share, LIFE_WHOLE)
    s.spd_worn = 1 if s.spd_life >= p.spd_worn_life else 0


def judge_service(s, m, p, ticks):
    """Surges, and `engine_may_stop`: the engine has run unloaded for `cool_down_ticks` while the utility feeds."""
    count_surges(s, m, p, ticks)
    unloaded = 0
    if s.inlet_dead == 0 and s.inlet_doubted == 0 and s.bus_live == 1 and p.cool_down_ticks > 0:
        unloaded = only_utility_closed(s)
    s.t_cool = timer(s, unloaded, s.t_cool, p.cool_down_ticks, ticks)
    s.engine_may_stop = 1 if unloaded == 1 and s.t_cool >= p.cool_down_ticks else 0
