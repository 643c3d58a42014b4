"""What the guide knows: measured conditions with their delays, and what a person's word is worth. Core Python."""

from bptm.controller.protection_values import higher, lower
from bptm.controller.timing import timer
from bptm.terms.core_codes import (
    BACKUP_BATTERY,
    BACKUP_EV,
    BACKUP_INVERTER,
    BACKUP_NONE,
    BACKUP_PORTABLE,
    BACKUP_STANDBY,
    FED_BY_BACKUP,
    FED_BY_UTILITY,
)
from bptm.terms.core_guide import (
    GUIDE_ALL_ON,
    GUIDE_BREAKERS_OFF,
    GUIDE_COOL,
    GUIDE_CORD,
    GUIDE_ENGINE,
    GUIDE_ESSENTIALS,
    GUIDE_PLUG,
    GUIDE_SOLAR_OFF,
    GUIDE_STEPS_BACK,
    GUIDE_STEPS_OUT,
    GUIDE_UNPLUG,
)

MOST = 1000000.0
"""No reading of a home is as large; a value beyond it, infinite or no number is not used."""


def usable(x):
    """1 when a reading is a number of a home."""
    return 1 if x > -MOST and x < MOST else 0


def has(mask, bit):
    """1 when the bit of this number is set."""
    return (mask >> bit) & 1


def without(mask, bit):
    """The mask without the bit of this number."""
    return mask - (1 << bit) if has(mask, bit) == 1 else mask


def fed(s):
    """1 while utility or backup feeds the home."""
    return 1 if s.fed_by == FED_BY_UTILITY or s.fed_by == FED_BY_BACKUP else 0


def currents_usable(m):
    """1 when both leg currents are numbers that are not doubtful."""
    if m.current_doubtful == 1 or usable(m.l1_a) == 0 or usable(m.l2_a) == 0:
        return 0
    return 1 if m.l1_a >= 0.0 and m.l2_a >= 0.0 else 0


def most_a(m):
    """Current of the leg that carries more; only where currents are usable."""
    return higher(m.l1_a, m.l2_a)


def inlet_usable(m):
    """1 when the inlet's voltages and frequency are numbers that are not doubtful."""
    if m.inlet_doubtful == 1 or usable(m.inlet_l1_v) == 0 or usable(m.inlet_l2_v) == 0:
        return 0
    return 1 if usable(m.inlet_l12_v) == 1 and usable(m.inlet_hz) == 1 else 0


def source_alive(s, m):
    """1 when voltage stands at the inlet."""
    return 1 if s.inlet_dead == 0 and inlet_usable(m) == 1 else 0


def mated(m, p):
    """1 when the inlet's contact says so; with no contact nobody knows, and it is 0."""
    return 1 if p.mating_contact == 1 and m.inlet_unmated == 0 else 0


def engine_by_hand(p):
    """1 for a source with an engine that a person starts and stops."""
    return 1 if p.backup_kind == BACKUP_PORTABLE or p.backup_kind == BACKUP_INVERTER else 0


def needed_steps(g, p):
    """Steps that this source and home have.

    Portable engines have all. A car has no engine to cool, and its cord is in the plug's step. A battery on the wall
    has no cord. A standby generator starts, carries and stops by itself: what is left is to see that it does.
    """
    steps = GUIDE_STEPS_OUT + GUIDE_STEPS_BACK
    if p.backup_kind == BACKUP_NONE:
        return 0
    if p.backup_kind == BACKUP_EV:
        steps = without(without(steps, GUIDE_CORD), GUIDE_COOL)
    elif p.backup_kind == BACKUP_BATTERY:
        steps = (1 << GUIDE_BREAKERS_OFF) + (1 << GUIDE_ENGINE) + (1 << GUIDE_ESSENTIALS) + (1 << GUIDE_ALL_ON)
    elif p.backup_kind == BACKUP_STANDBY:
        steps = (1 << GUIDE_ENGINE) + (1 << GUIDE_ESSENTIALS)
    if p.solar == 1 or g.solar_seen == 1:
        return steps | (1 << GUIDE_SOLAR_OFF)
    return without(steps, GUIDE_SOLAR_OFF)


def declarable(g, p, step):
    """1 when a person's word counts for this step: what no meter can see."""
    if step == GUIDE_BREAKERS_OFF or step == GUIDE_SOLAR_OFF or step == GUIDE_CORD or step == GUIDE_ALL_ON:
        return 1
    if step == GUIDE_PLUG or step == GUIDE_UNPLUG:
        return 1 - p.mating_contact
    return 0


def loads_measured(s, m, p):
    """1 when current flows now, and the readings may be used."""
    if fed(s) == 0 or currents_usable(m) == 0:
        return 0
    return 1 if most_a(m) >= p.idle_a else 0


def quiet_measured(s, m, p):
    """1 when the bus is live and no current flows."""
    if fed(s) == 0 or currents_usable(m) == 0:
        return 0
    return 1 if most_a(m) < p.idle_a else 0


def feeds_measured(s, m, p):
    """1 when power comes out of the home, or its bus stays live on its own: solar (or another source) is on."""
    if s.load_side_source == 1 or s.reverse_power == 1:
        return 1
    if fed(s) == 0 or m.current_doubtful == 1 or usable(m.premise_w) == 0:
        return 0
    return 1 if m.premise_w < 0.0 - p.export_w else 0


def over_measured(s, m, p):
    """1 when the backup carries more on a leg than it may."""
    if s.fed_by != FED_BY_BACKUP or currents_usable(m) == 0:
        return 0
    return 1 if most_a(m) > p.limit_a else 0


def count(g, s, m, p, ticks):
    """Timers of the measured conditions."""
    steady_ticks = p.steady_ticks
    g.t_loaded = timer(g, loads_measured(s, m, p), g.t_loaded, steady_ticks, ticks)
    g.t_quiet = timer(g, quiet_measured(s, m, p), g.t_quiet, steady_ticks, ticks)
    g.t_feeds = timer(g, feeds_measured(s, m, p), g.t_feeds, steady_ticks, ticks)
    g.t_mated = timer(g, mated(m, p), g.t_mated, steady_ticks, ticks)
    unmated = 1 if p.mating_contact == 1 and m.inlet_unmated == 1 else 0
    g.t_unmated = timer(g, unmated, g.t_unmated, steady_ticks, ticks)
    stopped = 1 if s.inlet_dead == 1 and inlet_usable(m) == 1 else 0
    g.t_stopped = timer(g, stopped, g.t_stopped, steady_ticks, ticks)
    g.t_over = timer(g, over_measured(s, m, p), g.t_over, steady_ticks, ticks)
    cool_ticks = p.cool_ticks if p.medical == 0 else 0
    free = 1 if s.fed_by == FED_BY_UTILITY and source_alive(s, m) == 1 else 0
    g.t_cool = timer(g, free, g.t_cool, cool_ticks, ticks)


def remember(g, s, m, p):
    """What the measurements confirm, and which words they contradict: those are taken back."""
    steady_ticks = p.steady_ticks
    if s.fed_by == FED_BY_BACKUP:
        g.used = 1
    if g.t_loaded >= steady_ticks:
        # Breakers are on: what was said or seen before counts no more when the power goes next.
        g.off_seen = 0
        g.declared = without(g.declared, GUIDE_BREAKERS_OFF)
    elif g.t_quiet >= steady_ticks:
        g.off_seen = 1
    if g.t_feeds >= steady_ticks:
        g.solar_seen = 1
        g.declared = without(g.declared, GUIDE_SOLAR_OFF)
    if mated(m, p) == 1:
        g.pulled_live = 0
    if g.t_unmated >= steady_ticks:
        if g.mated_before == 1:
            g.declared = without(g.declared, GUIDE_CORD)
        g.mated_before = 0
    elif g.t_mated >= steady_ticks:
        g.mated_before = 1


def turned_down(m, p):
    """Why the source at the inlet is not accepted now, TURNED_DOWN_... bits as far as voltages tell.

    Legs are judged by voltage leg to leg over their sum (47), as `protection` does.
    """
    found = 0
    if lower(m.inlet_l1_v, m.inlet_l2_v) <= p.accept_low_v:
        found |= 1
    if higher(m.inlet_l1_v, m.inlet_l2_v) >= p.accept_high_v:
        found |= 2
    if m.inlet_hz <= p.accept_low_hz or m.inlet_hz >= p.accept_high_hz:
        found |= 4
    if m.inlet_l12_v < p.legs_ratio * (m.inlet_l1_v + m.inlet_l2_v):
        found |= 8
    return found
