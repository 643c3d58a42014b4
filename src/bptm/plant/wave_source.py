"""The backup source: which it is, its waveform, its limit, its breaker and GFCI. Core Python.

Records: h PLANT, u SETUP.
"""

from bptm.plant.wave_angles import TWO_PI, sine, wrapped
from bptm.plant.wave_battery import profile_battery, run_battery
from bptm.plant.wave_circuit import branch_current, multiply, reach
from bptm.plant.wave_ev import profile_ev, run_ev
from bptm.plant.wave_inverter import profile_inverter, run_inverter
from bptm.plant.wave_portable import profile_portable, run_portable
from bptm.plant.wave_standby import profile_standby, run_standby
from bptm.plant.wave_utility import ROOT_2, distorted
from bptm.terms.core_bench_sources import LEGS_PARALLELED
from bptm.terms.core_bench_state import (
    BRANCH_SOURCE_1,
    BRANCH_SOURCE_2,
    NODE_NEUTRAL,
    NODE_STAR,
)
from bptm.terms.core_bench_trace import (
    SOURCE_COOLS_DOWN,
    SOURCE_RUNS,
)
from bptm.terms.core_codes import BACKUP_BATTERY, BACKUP_EV, BACKUP_INVERTER, BACKUP_NONE, BACKUP_PORTABLE

LOST_V = 60.0
"""The utility is lost for an automatic start when a leg is below this, RMS."""
SMOOTH_S = 0.05
"""Power is smoothed over three cycles: that of a single phase swings at 120 Hz."""


def profile(u):
    """Values of the kind of source, in place of the portable's."""
    if u.kind == BACKUP_PORTABLE:
        profile_portable(u)
    elif u.kind == BACKUP_INVERTER:
        profile_inverter(u)
    elif u.kind == BACKUP_BATTERY:
        profile_battery(u)
    elif u.kind == BACKUP_EV:
        profile_ev(u)
    elif u.kind != BACKUP_NONE:
        profile_standby(u)


def is_bridge(u):
    """1 for a source whose bridge limits its current."""
    return 1 if u.kind == BACKUP_INVERTER or u.kind == BACKUP_BATTERY or u.kind == BACKUP_EV else 0


def makes_voltage(h):
    """1 while the source runs and its breaker is on."""
    running = 1 if h.source_state == SOURCE_RUNS or h.source_state == SOURCE_COOLS_DOWN else 0
    return running * h.source_breaker


def wants(h, u):
    """1 while it is wanted: by a person, or by its own controller while the utility is lost."""
    if u.run == 1.0:
        return 1
    if u.auto_start == 1.0 and h.lost_for_s >= u.auto_after_s:
        return 1
    return 0


def follow_utility(h, u, l1_v, l2_v, tick_s):
    """How long the utility has been lost, for the source's own controller."""
    if l1_v < LOST_V or l2_v < LOST_V:
        h.lost_for_s += tick_s
    else:
        h.lost_for_s = 0.0


def run_source(h, u):
    """One sample: state, speed, voltage, and the waveform for the circuit."""
    power_w = h.own[BRANCH_SOURCE_1] * h.current[BRANCH_SOURCE_1]
    power_w += h.own[BRANCH_SOURCE_2] * h.current[BRANCH_SOURCE_2]
    h.source_w += h.step_s / SMOOTH_S * (power_w - h.source_w)
    wanted = wants(h, u)
    if wanted == 1 and h.wanted_was == 0 and h.source_breaker == 0:
        # Whoever starts it has reset its breaker.
        h.source_breaker = 1
        h.dirty = 1
    if u.kind == BACKUP_NONE:
        h.source_v = 0.0
        h.source_hz = 0.0
    elif u.kind == BACKUP_PORTABLE:
        run_portable(h, u, wanted, power_w)
    elif u.kind == BACKUP_INVERTER:
        run_inverter(h, u, wanted, h.source_w)
    elif u.kind == BACKUP_BATTERY:
        run_battery(h, u, wanted, h.source_w)
    elif u.kind == BACKUP_EV:
        run_ev(h, u, wanted, h.source_w)
    else:
        run_standby(h, u, wanted, power_w)
    if h.source_v == 0.0:
        h.own[BRANCH_SOURCE_1] = 0.0
        h.own[BRANCH_SOURCE_2] = 0.0
        return
    h.source_rad = wrapped(h.source_rad + TWO_PI * h.source_hz * h.step_s)
    v = ROOT_2 * h.source_v * distorted(sine(h.source_rad), u.source_third_pu, u.source_fifth_pu, 0.0)
    h.own[BRANCH_SOURCE_1] = v
    h.own[BRANCH_SOURCE_2] = v if u.legs == LEGS_PARALLELED else -v


def limit_current(h, u):
    """A bridge at its limit lowers its voltage just so far that the current stays there. Solves the sample again."""
    if is_bridge(u) == 0 or h.source_breaker == 0:
        return
    most_a = ROOT_2 * u.limit_ratio * u.rating_w / 240.0
    again = 0
    for k in range(2):
        branch = BRANCH_SOURCE_1 + k
        x = branch_current(h, branch)
        over_a = 0.0
        if x > most_a:
            over_a = x - most_a
        elif x < -most_a:
            over_a = x + most_a
        if over_a != 0.0:
            g = reach(h, branch)
            if g > 0.000001:
                change_v = -over_a / g
                h.own[branch] += change_v
                x = h.conductance[branch] * change_v
                h.inject[h.to_node[branch]] += x
                h.inject[h.from_node[branch]] -= x
                again = 1
    if again == 1:
        h.limited = 2
        multiply(h)


def residual_a(h):
    """Current that comes back through the equipment ground."""
    return h.earth_g * (h.node[NODE_STAR] - h.node[NODE_NEUTRAL])


def guard_outlet(h, u, residual_rms_a, tick_s):
    """The GFCI of the outlet, once in a half-cycle."""
    over = 1 if u.gfci == 1.0 and h.source_breaker == 1 and residual_rms_a > u.gfci_a else 0
    h.gfci_for_s = h.gfci_for_s + tick_s if over == 1 else 0.0
    if over == 1 and h.gfci_for_s > u.gfci_s:
        h.source_trips = 1


def part_source(h):
    """The source's breaker opens at the zero of its current, leg by leg together."""
    h.source_breaker = 0
    h.source_trips = 0
    h.source_heat = 0.0
    h.dirty = 1
