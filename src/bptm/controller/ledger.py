"""The ledger: energy by source and leg, demand, load profile, counters, changes of source. Core Python.

A host calls `keep_ledger` right after `scan`, with the same ticks, and `resume_ledger` beside `start`. It reads the
device and the measured values and never writes them, so no decision can hang on it. It may be cut into any strides
over constant inputs: the ledger is the same to the bit (tested), because all it adds are whole numbers and each stride
is split where the clock comes to the end of a subinterval.

Records: l LEDGER, s device, m measured, p settings of the ledger (`terms/core_ledger_settings.py`).
"""

from bptm.controller.ledger_counters import (
    count_operations,
    count_outage,
    count_times,
    follow_feed,
    leave_source,
    lengthen_outage,
    one_more,
)
from bptm.controller.ledger_intervals import add_to_intervals, at_boundary, begin_interval, clock, move_clock
from bptm.controller.registers import milliwatts
from bptm.terms.core_codes import (
    CAUSE_BACKUP_LOST,
    CAUSE_UTILITY_LOST,
    CONTACT_CLOSED,
    CONTACT_OPEN,
    CONTACT_UNKNOWN,
    FED_BY_UTILITY,
)
from bptm.terms.core_ledger import (
    CLOCK_END_TICK,
    CLOCK_KNOWN,
    CLOCK_LOST,
    DEMANDS,
    QUALITY_CLOCK_UNKNOWN,
    QUALITY_CONTACTS_UNKNOWN,
    QUALITY_DOUBTFUL,
    QUALITY_POWER_LOST,
    REGISTER_END,
    SOURCE_BACKUP,
    SOURCE_UNASSIGNED,
    SOURCE_UTILITY,
    SOURCES,
)


def rolled(x):
    """A register after an addition that is smaller than REGISTER_END: beyond that it begins again at 0."""
    return x - REGISTER_END if x >= REGISTER_END else x


def used_between(before, after):
    """Energy between two readings of a register that rolled over once at most."""
    return after - before if after >= before else after - before + REGISTER_END


def begin_ledger(l):
    """The ledger of a new meter, whose fields are all zero: no position is proved yet, and the clock was never set."""
    l.u_last = CONTACT_UNKNOWN
    l.b_last = CONTACT_UNKNOWN
    begin_interval(l)


def resume_ledger(l, p, off_ticks):
    """The meter starts again after a loss of its own power for `off_ticks`, or -1 when nobody knows how long.

    What feeds a meter is utility or inlet, so without either the home was dark and the utility interrupted.
    """
    l.power_losses = one_more(l.power_losses)
    leave_source(l, l.tick, CAUSE_UTILITY_LOST if l.feed == FED_BY_UTILITY else CAUSE_BACKUP_LOST)
    l.t_open_live = 0
    if off_ticks < 0 or off_ticks > CLOCK_END_TICK:
        l.interval_flags |= QUALITY_POWER_LOST | QUALITY_CLOCK_UNKNOWN
        if l.clock_known == CLOCK_KNOWN:
            l.clock_known = CLOCK_LOST
    elif off_ticks > 0:
        lengthen_outage(l, p, off_ticks)
        l.dark_ticks += off_ticks
        move_clock(l, p, off_ticks, 1, QUALITY_POWER_LOST)
    else:
        l.interval_flags |= QUALITY_POWER_LOST


def read_for_billing(l):
    """Keeps registers and highest demands as they stand, and begins new highest demands. Registers go on."""
    l.reads = one_more(l.reads)
    l.read_tick = l.tick
    for k in range(SOURCES):
        l.read_in_mwticks[k] = l.in_mwticks[k]
        l.read_out_mwticks[k] = l.out_mwticks[k]
    for c in range(DEMANDS):
        l.read_peak_block_mw[c] = l.peak_block_mw[c]
        l.read_peak_block_tick[c] = l.peak_block_tick[c]
        l.read_peak_sliding_mw[c] = l.peak_sliding_mw[c]
        l.read_peak_sliding_tick[c] = l.peak_sliding_tick[c]
        l.peak_block_mw[c] = 0
        l.peak_block_tick[c] = l.tick
        l.peak_sliding_mw[c] = 0
        l.peak_sliding_tick[c] = l.tick


def source_of(s):
    """Register that energy goes to: utility or backup only with a live bus and both contacts proved (LAW-8)."""
    if s.bus_live == 1 and s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
        return SOURCE_UTILITY
    if s.bus_live == 1 and s.b_contact == CONTACT_CLOSED and s.u_contact == CONTACT_OPEN:
        return SOURCE_BACKUP
    return SOURCE_UNASSIGNED


def believed(x, limit):
    """1 when a power can be one; a NaN and an infinity cannot."""
    return 1 if x >= -limit and x <= limit else 0


def inward(x, limit):
    """A believable power into the premise as whole milliwatts; 0 when it flows the other way."""
    return milliwatts(x) if believed(x, limit) == 1 and x > 0.0 else 0


def outward(x, limit):
    """The same out of the premise."""
    return milliwatts(-x) if believed(x, limit) == 1 and x < 0.0 else 0


def form2s_w(s, m):
    """Power as a single-stator form 2S meter has it: leg-to-leg voltage times half the sum of the coils' currents.

    From powers and voltages of the legs, V12 (P1 / V1 + P2 / V2) / 2: exact where the voltages of the legs are one
    waveform, turned over (a centre-tapped transformer). A leg without voltage adds nothing. The sample registers
    (`metrology_energy`) have it without this condition.
    """
    x = 0.0
    if m.bus_l1_v > 1.0:
        x += m.l1_w / m.bus_l1_v
    if m.bus_l2_v > 1.0:
        x += m.l2_w / m.bus_l2_v
    return 0.5 * m.bus_l12_v * x


def take_powers(l, s, m, p):
    """The powers of this scan in whole milliwatts, rounded down once (decision 0005), and what to doubt."""
    limit = p.power_max_w
    l.source = source_of(s)
    l.metered = believed(m.premise_w, limit)
    l.doubt = 1 if l.metered == 0 or m.bus_doubtful != 0 or m.current_doubtful != 0 else 0
    l.in_mw = inward(m.premise_w, limit)
    l.out_mw = outward(m.premise_w, limit)
    l.l1_in_mw = inward(m.l1_w, limit)
    l.l1_out_mw = outward(m.l1_w, limit)
    l.l2_in_mw = inward(m.l2_w, limit)
    l.l2_out_mw = outward(m.l2_w, limit)
    single_w = form2s_w(s, m)
    l.form2s_in_mw = inward(single_w, limit)
    l.form2s_out_mw = outward(single_w, limit)
    if believed(m.l1_w, limit) * believed(m.l2_w, limit) * believed(single_w, limit) == 0:
        l.doubt = 1
    reactive_var = m.l1_var + m.l2_var
    l.reactive_mvar = inward(reactive_var, limit) + outward(reactive_var, limit)
    if believed(reactive_var, limit) == 0:
        l.doubt = 1
    # Quadrants I to IV by the directions of active and reactive power. Source: IEC 62053-23, Annex C.
    if reactive_var >= 0.0:
        l.quadrant = 0 if l.out_mw == 0 else 1
    else:
        l.quadrant = 3 if l.out_mw == 0 else 2


def add_energy(l, ticks):
    """Adds `ticks` of this scan's powers to the registers of its source."""
    k = l.source
    l.in_mwticks[k] = rolled(l.in_mwticks[k] + l.in_mw * ticks)
    l.out_mwticks[k] = rolled(l.out_mwticks[k] + l.out_mw * ticks)
    l.l1_in_mwticks[k] = rolled(l.l1_in_mwticks[k] + l.l1_in_mw * ticks)
    l.l1_out_mwticks[k] = rolled(l.l1_out_mwticks[k] + l.l1_out_mw * ticks)
    l.l2_in_mwticks[k] = rolled(l.l2_in_mwticks[k] + l.l2_in_mw * ticks)
    l.l2_out_mwticks[k] = rolled(l.l2_out_mwticks[k] + l.l2_out_mw * ticks)
    l.form2s_in_mwticks[k] = rolled(l.form2s_in_mwticks[k] + l.form2s_in_mw * ticks)
    l.form2s_out_mwticks[k] = rolled(l.form2s_out_mwticks[k] + l.form2s_out_mw * ticks)
    q = 4 * k + l.quadrant
    l.quadrant_mvarticks[q] = rolled(l.quadrant_mvarticks[q] + l.reactive_mvar * ticks)
    l.total_in_mwticks = rolled(l.total_in_mwticks + l.in_mw * ticks)
    l.total_out_mwticks = rolled(l.total_out_mwticks + l.out_mw * ticks)


def add_flags(l, s):
    """Marks the interval under way."""
    if s.u_contact == CONTACT_UNKNOWN or s.b_contact == CONTACT_UNKNOWN:
        l.interval_flags |= QUALITY_CONTACTS_UNKNOWN
    if l.doubt == 1:
        l.interval_flags |= QUALITY_DOUBTFUL


def keep_ledger(l, s, m, p, ticks):
    """Enters what the last `ticks` half-cycles brought, with what `scan` made of the same measured values."""
    if ticks < 1:
        return
    take_powers(l, s, m, p)
    count_operations(l, s, p)
    follow_feed(l, s, p, ticks)
    count_outage(l, m, p, ticks)
    count_times(l, s, ticks)
    if l.source == SOURCE_UTILITY:
        l.utility_ticks += ticks
    elif l.source == SOURCE_BACKUP:
        l.backup_ticks += ticks
    if l.metered == 0:
        l.unmetered_ticks += ticks
    if l.doubt == 1:
        l.doubtful_ticks += ticks
    left = ticks
    for _k in range(ticks // p.subinterval_ticks + 2):
        if left < 1:
            break
        n = p.subinterval_ticks - clock(l) % p.subinterval_ticks
        if left < n:
            n = left
        add_flags(l, s)
        add_energy(l, n)
        add_to_intervals(l, n)
        l.tick += n
        left -= n
        if clock(l) % p.subinterval_ticks == 0:
            at_boundary(l, p)
