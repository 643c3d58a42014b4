"""The guide: the six steps to backup power and the way back, each known by measurement, inference or a person's word.

Core Python. `guide` is called by a host next to `scan` with the same inputs; it reads device and measured values and
changes neither: it asks people, never contactors. Steps may be done in any order; each says all that it lacks at once,
and goes back when its condition goes away. On a dead bus no meter sees a breaker: that step is a person's word, or an
inference from the last current that flowed, and is shown as that.
"""

from bptm.controller.guide_facts import (
    count,
    currents_usable,
    declarable,
    engine_by_hand,
    fed,
    feeds_measured,
    has,
    inlet_usable,
    loads_measured,
    most_a,
    needed_steps,
    remember,
    source_alive,
    turned_down,
    usable,
)
from bptm.controller.protection_values import higher, lower
from bptm.controller.timing import timer
from bptm.terms.core_codes import (
    FED_BY_BACKUP,
    FED_BY_UTILITY,
    MODE_BACKUP_BLOCKED,
    MODE_DISCONNECTED,
    MODE_LOCKED_OUT,
    MODE_ON_UTILITY,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    NEVER_TICKS,
    TICKS_PER_S,
)
from bptm.terms.core_guide import (
    GUIDE_ALL_ON,
    GUIDE_BIT_BLOCKED,
    GUIDE_BIT_COOLING,
    GUIDE_BIT_DOUBTFUL,
    GUIDE_BIT_EARLIER_STEPS,
    GUIDE_BIT_FREQUENCY,
    GUIDE_BIT_HIGH_VOLTS,
    GUIDE_BIT_LEGS,
    GUIDE_BIT_LOAD_FLOWS,
    GUIDE_BIT_LOW_VOLTS,
    GUIDE_BIT_MEASURED_STEP,
    GUIDE_BIT_NO_SUCH_STEP,
    GUIDE_BIT_NOT_NEEDED,
    GUIDE_BIT_NOT_ON_BACKUP,
    GUIDE_BIT_NOT_ON_UTILITY,
    GUIDE_BIT_NOT_SAID,
    GUIDE_BIT_NOTHING_ON,
    GUIDE_BIT_OVERLOADED,
    GUIDE_BIT_PLUG,
    GUIDE_BIT_PLUG_IN,
    GUIDE_BIT_SOLAR_FEEDS,
    GUIDE_BIT_SOURCE_DEAD,
    GUIDE_BIT_SOURCE_RUNS,
    GUIDE_BIT_UNMATED,
    GUIDE_BIT_WARMING_UP,
    GUIDE_BREAKERS_OFF,
    GUIDE_CONDITIONS,
    GUIDE_COOL,
    GUIDE_CORD,
    GUIDE_ENGINE,
    GUIDE_ESSENTIALS,
    GUIDE_PLUG,
    GUIDE_SOLAR_OFF,
    GUIDE_STEP_NONE,
    GUIDE_STEPS,
    GUIDE_STEPS_BACK,
    GUIDE_STEPS_OUT,
    GUIDE_STOP,
    GUIDE_UNPLUG,
    PHASE_BLOCKED,
    PHASE_IDLE,
    PHASE_PREPARE,
    PHASE_RETURN,
    PHASE_RUNNING,
    PROOF_DECLARED,
    PROOF_INFERRED,
    PROOF_MEASURED,
    PROOF_NONE,
    PROOF_NOT_NEEDED,
    WARN_ENGINE_IDLE,
    WARN_LOADED,
    WARN_SOLAR,
    WARN_UNPLUGGED_LIVE,
)


def note(g, bit, found, needs):
    """Keeps the value and the limit of a condition; returns its mask."""
    g.found[bit] = found
    g.needs[bit] = needs
    return 1 << bit


def lack(g, step, bit, found, needs):
    """A step lacks a condition."""
    g.found[bit] = found
    g.needs[bit] = needs
    g.unmet[step] |= 1 << bit


def prove(g, step, proof):
    """A step is done, by this proof."""
    g.proof[step] = proof
    g.unmet[step] = 0
    g.done |= 1 << step


def word_or(g, step):
    """A step that rests on a person's word."""
    if has(g.declared, step) == 1:
        prove(g, step, PROOF_DECLARED)
    else:
        lack(g, step, GUIDE_BIT_NOT_SAID, 0.0, 1.0)


def judge_breakers(g, s, m, p):
    """All breakers off: measured on a live bus, else inferred from the last current, else said.

    Once the backup carries the home within its limit, what the step is for has been reached.
    """
    step = GUIDE_BREAKERS_OFF
    if g.t_quiet >= p.steady_ticks:
        prove(g, step, PROOF_MEASURED)
    elif s.fed_by == FED_BY_BACKUP and g.t_over == 0 and currents_usable(m) == 1:
        prove(g, step, PROOF_INFERRED)
    elif loads_measured(s, m, p) == 1:
        lack(g, step, GUIDE_BIT_LOAD_FLOWS, most_a(m), p.idle_a)
        if g.t_over > 0:
            lack(g, step, GUIDE_BIT_OVERLOADED, most_a(m), p.limit_a)
    elif fed(s) == 1 and currents_usable(m) == 0:
        lack(g, step, GUIDE_BIT_DOUBTFUL, 0.0, 0.0)
    elif has(g.declared, step) == 0 and g.off_seen == 1:
        prove(g, step, PROOF_INFERRED)
    else:
        word_or(g, step)


def judge_solar(g, s, m, p):
    """Solar off: said, and taken back by any power out of the home."""
    if feeds_measured(s, m, p) == 1:
        lack(
            g,
            GUIDE_SOLAR_OFF,
            GUIDE_BIT_SOLAR_FEEDS,
            m.premise_w if usable(m.premise_w) == 1 else 0.0,
            0.0 - p.export_w,
        )
    else:
        word_or(g, GUIDE_SOLAR_OFF)


def judge_plug(g, s, m, p):
    """Plug in and latched: by its contact; without one inferred from voltage, else said. A plug too small is refused."""
    step = GUIDE_PLUG
    if usable(m.plug_a) == 1 and m.plug_a > 0.0 and m.plug_a < p.limit_a:
        lack(g, step, GUIDE_BIT_PLUG, m.plug_a, p.limit_a)
    if p.mating_contact == 1:
        if m.inlet_unmated == 1 or g.t_mated < p.steady_ticks:
            lack(g, step, GUIDE_BIT_UNMATED, float(g.t_mated) / TICKS_PER_S, 1.0)
        elif g.unmet[step] == 0:
            prove(g, step, PROOF_MEASURED)
    elif g.unmet[step] == 0:
        if source_alive(s, m) == 1:
            prove(g, step, PROOF_INFERRED)
        else:
            word_or(g, step)


def judge_cord(g, s, m):
    """Cord at the generator: voltage has come through it, or somebody said so."""
    if source_alive(s, m) == 1:
        prove(g, GUIDE_CORD, PROOF_INFERRED)
    else:
        word_or(g, GUIDE_CORD)


def judge_engine(g, s, m, p):
    """Source running and accepted: measured. Otherwise every reason at once."""
    step = GUIDE_ENGINE
    if inlet_usable(m) == 0:
        lack(g, step, GUIDE_BIT_DOUBTFUL, 0.0, 0.0)
    elif s.inlet_dead == 1:
        lack(g, step, GUIDE_BIT_SOURCE_DEAD, higher(m.inlet_l1_v, m.inlet_l2_v), p.accept_low_v)
    elif s.backup_qualified == 1:
        prove(g, step, PROOF_MEASURED)
    else:
        low_v = lower(m.inlet_l1_v, m.inlet_l2_v)
        high_v = higher(m.inlet_l1_v, m.inlet_l2_v)
        why = turned_down(m, p)
        if has(why, GUIDE_BIT_LOW_VOLTS) == 1:
            lack(g, step, GUIDE_BIT_LOW_VOLTS, low_v, p.accept_low_v)
        if has(why, GUIDE_BIT_HIGH_VOLTS) == 1:
            lack(g, step, GUIDE_BIT_HIGH_VOLTS, high_v, p.accept_high_v)
        if has(why, GUIDE_BIT_FREQUENCY) == 1:
            # The limit that is broken: the nearer one.
            lack(g, step, GUIDE_BIT_FREQUENCY, m.inlet_hz, p.accept_low_hz if m.inlet_hz < 60.0 else p.accept_high_hz)
        if has(why, GUIDE_BIT_LEGS) == 1:
            lack(g, step, GUIDE_BIT_LEGS, m.inlet_l12_v, p.legs_ratio * (m.inlet_l1_v + m.inlet_l2_v))
        if why == 0:
            lack(g, step, GUIDE_BIT_WARMING_UP, float(s.t_accept) / TICKS_PER_S, float(p.accept_ticks) / TICKS_PER_S)


def judge_essentials(g, s, m, p):
    """Essentials on, within what the source may carry: measured. Lacks also whatever earlier step lacks."""
    step = GUIDE_ESSENTIALS
    earlier = g.needed & (GUIDE_STEPS_OUT - (1 << step)) & (GUIDE_STEPS_OUT - (g.done & GUIDE_STEPS_OUT))
    if earlier != 0:
        lack(g, step, GUIDE_BIT_EARLIER_STEPS, float(earlier), 0.0)
    if s.fed_by != FED_BY_BACKUP:
        lack(g, step, GUIDE_BIT_NOT_ON_BACKUP, float(s.fed_by), float(FED_BY_BACKUP))
    elif currents_usable(m) == 0:
        lack(g, step, GUIDE_BIT_DOUBTFUL, 0.0, 0.0)
    elif g.t_over > 0:
        lack(g, step, GUIDE_BIT_OVERLOADED, most_a(m), p.limit_a)
    elif g.t_loaded < p.steady_ticks:
        lack(g, step, GUIDE_BIT_NOTHING_ON, most_a(m), p.idle_a)
    if g.unmet[step] == 0:
        prove(g, step, PROOF_MEASURED)


def judge_return(g, s, m, p):
    """The way back: let the engine cool, stop it, unplug, everything on again."""
    cool_ticks = p.cool_ticks if p.medical == 0 else 0
    if g.t_stopped > 0 or (source_alive(s, m) == 1 and s.fed_by == FED_BY_UTILITY and g.t_cool >= cool_ticks):
        prove(g, GUIDE_COOL, PROOF_MEASURED)
    elif inlet_usable(m) == 0:
        lack(g, GUIDE_COOL, GUIDE_BIT_DOUBTFUL, 0.0, 0.0)
    else:
        lack(g, GUIDE_COOL, GUIDE_BIT_COOLING, float(g.t_cool) / TICKS_PER_S, float(cool_ticks) / TICKS_PER_S)
    if g.t_stopped >= p.steady_ticks:
        prove(g, GUIDE_STOP, PROOF_MEASURED)
    elif inlet_usable(m) == 0:
        lack(g, GUIDE_STOP, GUIDE_BIT_DOUBTFUL, 0.0, 0.0)
    else:
        lack(g, GUIDE_STOP, GUIDE_BIT_SOURCE_RUNS, higher(m.inlet_l1_v, m.inlet_l2_v), p.dead_v)
    if p.mating_contact == 0:
        word_or(g, GUIDE_UNPLUG)
    elif g.t_unmated >= p.steady_ticks:
        prove(g, GUIDE_UNPLUG, PROOF_MEASURED)
    else:
        lack(g, GUIDE_UNPLUG, GUIDE_BIT_PLUG_IN, float(g.t_unmated) / TICKS_PER_S, 1.0)
    word_or(g, GUIDE_ALL_ON)


def judge_steps(g, s, m, p):
    """Every step: done and by what proof, or all that it lacks."""
    g.needed = needed_steps(g, p)
    g.done = 0
    for step in range(GUIDE_STEPS):
        g.proof[step] = PROOF_NONE
        g.unmet[step] = 0
    for bit in range(GUIDE_CONDITIONS):
        g.found[bit] = 0.0
        g.needs[bit] = 0.0
    judge_breakers(g, s, m, p)
    judge_solar(g, s, m, p)
    judge_plug(g, s, m, p)
    judge_cord(g, s, m)
    judge_engine(g, s, m, p)
    judge_essentials(g, s, m, p)
    judge_return(g, s, m, p)
    for step in range(GUIDE_STEPS):
        if has(g.needed, step) == 0:
            prove(g, step, PROOF_NOT_NEEDED)


def blocked(s):
    """1 when no step of a person helps: a lockout stands, or the service is disconnected, and nothing feeds the home."""
    if s.mode == MODE_LOCKED_OUT:
        return 1
    if (s.mode == MODE_BACKUP_BLOCKED or s.mode == MODE_DISCONNECTED) and fed(s) == 0:
        return 1
    return 0


def next_phase(g, s, m):
    """Where the home stands; in a sag, a test or the second of a transfer it stands where it stood."""
    if blocked(s) == 1:
        return PHASE_BLOCKED
    if s.fed_by == FED_BY_BACKUP:
        return PHASE_RUNNING
    if s.fed_by == FED_BY_UTILITY:
        if g.needed & GUIDE_STEPS_BACK == 0:
            return PHASE_IDLE
        return PHASE_RETURN if g.used == 1 or source_alive(s, m) == 1 else PHASE_IDLE
    if s.mode == MODE_ON_UTILITY or s.mode == MODE_TEST or s.mode == MODE_TO_UTILITY:
        return g.phase
    return PHASE_RUNNING if s.mode == MODE_TO_BACKUP and g.phase == PHASE_RUNNING else PHASE_PREPARE


def find_warnings(g, s, m, p):
    """What is dangerous or unwise as things stand."""
    g.warnings = 0
    alive = source_alive(s, m)
    if alive == 1 and g.phase == PHASE_PREPARE:
        if has(g.done, GUIDE_BREAKERS_OFF) == 0:
            g.warnings |= WARN_LOADED
        if has(g.done, GUIDE_SOLAR_OFF) == 0:
            g.warnings |= WARN_SOLAR
    if s.fed_by == FED_BY_BACKUP and has(g.done, GUIDE_SOLAR_OFF) == 0:
        g.warnings |= WARN_SOLAR
    if g.pulled_live == 1:
        g.warnings |= WARN_UNPLUGGED_LIVE
    if alive == 1 and g.phase == PHASE_RETURN and engine_by_hand(p) == 1:
        g.warnings |= WARN_ENGINE_IDLE


def choose_step(g):
    """The steps of this phase that are missing, and the first of them."""
    steps = 0
    if g.phase == PHASE_PREPARE or g.phase == PHASE_RUNNING:
        steps = GUIDE_STEPS_OUT
    elif g.phase == PHASE_RETURN:
        steps = GUIDE_STEPS_BACK
    g.missing = steps - (steps & g.done)
    g.step = GUIDE_STEP_NONE
    for step in range(GUIDE_STEPS):
        if g.step == GUIDE_STEP_NONE and has(g.missing, step) == 1:
            g.step = step


def end_return(g, p, ticks):
    """A complete return ends the guide; one that lacks only a person's word about the breakers ends by itself."""
    waits = 1 if g.phase == PHASE_RETURN and (g.missing == 0 or g.missing == 1 << GUIDE_ALL_ON) else 0
    g.t_forget = timer(g, waits, g.t_forget, p.forget_ticks, ticks)
    if waits == 1 and (g.missing == 0 or g.t_forget >= p.forget_ticks):
        g.used = 0
        g.declared = 0
        g.pulled_live = 0
        g.t_forget = 0
        g.phase = PHASE_IDLE
        choose_step(g)


def start_guide(g):
    """A guide that has seen nothing and was told nothing."""
    g.phase = PHASE_IDLE
    g.step = GUIDE_STEP_NONE
    g.declared = 0
    g.off_seen = 0
    g.solar_seen = 0
    g.used = 0
    g.mated_before = 0
    g.pulled_live = 0
    g.t_quiet = 0
    g.t_loaded = 0
    g.t_feeds = 0
    g.t_mated = 0
    g.t_unmated = 0
    g.t_stopped = 0
    g.t_over = 0
    g.t_cool = 0
    g.t_forget = 0
    g.wake_ticks = 1


def guide(g, s, m, p, ticks):
    """Advances the guide by `ticks` half-cycles with constant inputs.

    `g` guide, `s` device after its scan, `m` measured values, `p` settings. A host strides no farther than
    `g.wake_ticks` of the call before, as with `scan`.
    """
    done = g.done
    declared = g.declared
    phase = g.phase
    memory = g.off_seen + g.solar_seen * 2 + g.used * 4 + g.mated_before * 8
    g.wake_ticks = NEVER_TICKS
    if m.inlet_unmated == 1 and p.mating_contact == 1 and g.mated_before == 1 and source_alive(s, m) == 1:
        g.pulled_live = 1
    count(g, s, m, p, ticks)
    remember(g, s, m, p)
    judge_steps(g, s, m, p)
    g.phase = next_phase(g, s, m)
    choose_step(g)
    end_return(g, p, ticks)
    if g.phase == PHASE_BLOCKED:
        for step in range(GUIDE_ESSENTIALS + 1):
            if has(g.done, step) == 0:
                lack(g, step, GUIDE_BIT_BLOCKED, float(s.latched), 0.0)
    find_warnings(g, s, m, p)
    g.urgent = 1 if p.medical == 1 and (g.phase == PHASE_PREPARE or g.phase == PHASE_BLOCKED) else 0
    after = g.off_seen + g.solar_seen * 2 + g.used * 4 + g.mated_before * 8
    if done != g.done or declared != g.declared or phase != g.phase or memory != after:
        g.wake_ticks = 1


def declare(g, s, m, p, step):
    """A person says that a step is done. Every reason against it, one bit each, and nothing is done; 0 when taken."""
    if step < 0 or step >= GUIDE_STEPS:
        return note(g, GUIDE_BIT_NO_SUCH_STEP, float(step), float(GUIDE_STEPS - 1))
    unmet = 0
    if has(needed_steps(g, p), step) == 0:
        unmet |= note(g, GUIDE_BIT_NOT_NEEDED, float(p.backup_kind), 0.0)
    if declarable(g, p, step) == 0:
        if has(g.done, step) == 1:
            return unmet
        unmet |= note(g, GUIDE_BIT_MEASURED_STEP, 0.0, 1.0)
        unmet |= g.unmet[step]
        return unmet
    if step == GUIDE_BREAKERS_OFF:
        if loads_measured(s, m, p) == 1:
            unmet |= note(g, GUIDE_BIT_LOAD_FLOWS, most_a(m), p.idle_a)
        elif fed(s) == 1 and currents_usable(m) == 0:
            unmet |= note(g, GUIDE_BIT_DOUBTFUL, 0.0, 0.0)
    elif step == GUIDE_SOLAR_OFF:
        if feeds_measured(s, m, p) == 1:
            unmet |= note(g, GUIDE_BIT_SOLAR_FEEDS, m.premise_w if usable(m.premise_w) == 1 else 0.0, 0.0 - p.export_w)
    elif step == GUIDE_ALL_ON:
        if s.fed_by != FED_BY_UTILITY:
            unmet |= note(g, GUIDE_BIT_NOT_ON_UTILITY, float(s.fed_by), float(FED_BY_UTILITY))
        if source_alive(s, m) == 1 and engine_by_hand(p) == 1:
            unmet |= note(g, GUIDE_BIT_SOURCE_RUNS, higher(m.inlet_l1_v, m.inlet_l2_v), p.dead_v)
    elif step == GUIDE_UNPLUG and source_alive(s, m) == 1:
        unmet |= note(g, GUIDE_BIT_SOURCE_RUNS, higher(m.inlet_l1_v, m.inlet_l2_v), p.dead_v)
    if unmet == 0:
        g.declared |= 1 << step
        g.wake_ticks = 1
    return unmet
