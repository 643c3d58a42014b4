"""Many meters at waveform rate: each makes its own samples and measures them at once, so that none is ever stored.

Written like Core Python, run plain and compiled alike. The sources are two rotating vectors with third and fifth
harmonics, the loads an inductive current with a third harmonic on each leg: enough to measure speed and to compare
runtimes. A bench of its own feeds real circuits.

`run_samples` is the whole meter on sampled voltages and currents: detector, metrology, measured values, scan, and the
two contactors that its orders move.
"""

from bptm.controller.measure import fill_measured
from bptm.controller.metrology import begin_meter, half_cycle
from bptm.controller.metrology_angles import TWO_PI, cosine, sine
from bptm.controller.metrology_fast import begin_detector, detect
from bptm.controller.metrology_quality import watch_voltage
from bptm.controller.metrology_tracking import samples_due
from bptm.controller.scan import scan, start
from bptm.terms.core_codes import (
    CONTACT_CLOSED,
    CONTACT_OPEN,
    FED_BY_BACKUP,
    FED_BY_LOAD_SIDE,
    FED_BY_NONE,
    FED_BY_UTILITY,
    ORDER_CLOSE,
    ORDER_OPEN,
)
from bptm.terms.core_metrology import ROOM

TWO_CHANNELS = 2 * ROOM
FOUR_CHANNELS = 4 * ROOM
SIX_CHANNELS = 6 * ROOM

WAVE_SOURCE_FIELDS = (
    ("utility_peak_v", "f8", "V", "peak of the utility's fundamental, leg to neutral"),
    ("inlet_peak_v", "f8", "V", "peak of the inlet's fundamental"),
    ("third_ratio", "f8", "", "third harmonic over the fundamental"),
    ("fifth_ratio", "f8", "", "fifth harmonic over the fundamental"),
    ("l1_peak_a", "f8", "A", "peak of the current of leg 1"),
    ("l2_peak_a", "f8", "A", "peak of the current of leg 2"),
    ("lag_ratio", "f8", "", "reactive over active part of the currents"),
    ("utility_cosine", "f8", "", "cosine of the utility's phase"),
    ("utility_sine", "f8", "", "sine of it"),
    ("utility_turn_cosine", "f8", "", "cosine of its advance in a sample"),
    ("utility_turn_sine", "f8", "", "sine of it"),
    ("inlet_cosine", "f8", "", "cosine of the inlet's phase"),
    ("inlet_sine", "f8", "", "sine of it"),
    ("inlet_turn_cosine", "f8", "", "cosine of its advance in a sample"),
    ("inlet_turn_sine", "f8", "", "sine of it"),
)


def begin_source(h, g, utility_hz, inlet_hz):
    """Sets the two vectors on their way."""
    h.utility_cosine = 1.0
    h.inlet_cosine = 1.0
    h.utility_sine = 0.0
    h.inlet_sine = 0.0
    h.utility_turn_cosine = cosine(TWO_PI * utility_hz / g.rate_hz)
    h.utility_turn_sine = sine(TWO_PI * utility_hz / g.rate_hz)
    h.inlet_turn_cosine = cosine(TWO_PI * inlet_hz / g.rate_hz)
    h.inlet_turn_sine = sine(TWO_PI * inlet_hz / g.rate_hz)


def make_wave(h, w, n):
    """Fills places 1 to n: the bus follows the utility."""
    uc = h.utility_cosine
    us = h.utility_sine
    nc = h.inlet_cosine
    ns = h.inlet_sine
    for j in range(1, n + 1):
        s2 = us * us
        s3 = us * (3.0 - 4.0 * s2)
        s5 = us * (5.0 - s2 * (20.0 - 16.0 * s2))
        v = h.utility_peak_v * (us + h.third_ratio * s3 + h.fifth_ratio * s5)
        i = us - h.lag_ratio * uc + h.third_ratio * s3
        s2 = ns * ns
        x = h.inlet_peak_v * (ns + h.third_ratio * ns * (3.0 - 4.0 * s2))
        w.samples[j] = v
        w.samples[ROOM + j] = -v
        w.samples[TWO_CHANNELS + j] = v
        w.samples[TWO_CHANNELS + ROOM + j] = -v
        w.samples[FOUR_CHANNELS + j] = x
        w.samples[FOUR_CHANNELS + ROOM + j] = -x
        w.samples[SIX_CHANNELS + j] = h.l1_peak_a * i
        w.samples[SIX_CHANNELS + ROOM + j] = -h.l2_peak_a * i
        turned = uc * h.utility_turn_cosine - us * h.utility_turn_sine
        us = us * h.utility_turn_cosine + uc * h.utility_turn_sine
        uc = turned
        turned = nc * h.inlet_turn_cosine - ns * h.inlet_turn_sine
        ns = ns * h.inlet_turn_cosine + nc * h.inlet_turn_sine
        nc = turned
    m = 1.5 - 0.5 * (uc * uc + us * us)
    h.utility_cosine = uc * m
    h.utility_sine = us * m
    m = 1.5 - 0.5 * (nc * nc + ns * ns)
    h.inlet_cosine = nc * m
    h.inlet_sine = ns * m


def measure_wave(h, a, g, w, t, y, e, q, feed):
    """One half-cycle of one meter: its samples, its readings, its events. Returns how many samples it took."""
    n = samples_due(a, g)
    make_wave(h, w, n)
    half_cycle(a, g, w, n, feed, t, y, e)
    watch_voltage(q, a, g, w, n, t)
    return n


def begin_waves(H, A, G, W, utility_hz, inlet_hz, feed):
    """Begins every meter and its sources."""
    for k in range(len(H)):
        begin_source(H[k], G[k], utility_hz, inlet_hz)
        begin_meter(A[k], G[k], W[k], feed)


def measure_waves(H, A, G, W, T, Y, E, Q, feed, ticks):
    """So many half-cycles of every meter. Returns the samples taken, each of eight channels."""
    count = 0
    for k in range(len(H)):
        for _tick in range(ticks):
            count += measure_wave(H[k], A[k], G[k], W[k], T[k], Y[k], E[k], Q[k], feed)
    return count


def measure_samples(a, g, w, t, y, e, q, samples, first, ticks, feed, readings):
    """Feeds one meter from stored samples, shape (samples, 8), from sample `first` on.

    `readings` takes a copy of each half-cycle's reading where it has room. Returns the sample to go on with.
    """
    for tick in range(ticks):
        n = samples_due(a, g)
        for j in range(n):
            for c in range(8):
                w.samples[c * ROOM + 1 + j] = samples[first + j, c]
        first = first + n
        half_cycle(a, g, w, n, feed, t, y, e)
        watch_voltage(q, a, g, w, n, t)
        if tick < len(readings):
            readings[tick] = t
    return first


PRESENT_V2 = 144.0
"""The interlock's comparators, on the bus itself: a sample beyond 12 V is voltage; what is no number is too."""
SUPPLY_V = 60.0
"""A leg above this supplies the meter."""

CONTACTS_FIELDS = (
    ("u_poles", "i4", "", "utility contactor: 3 closed, 0 open"),
    ("b_poles", "i4", "", "backup contactor: 3 closed, 0 open"),
    ("u_to", "i4", "", "where the utility contactor is moving"),
    ("b_to", "i4", "", "where the backup contactor is moving"),
    ("u_left_ticks", "i8", "ticks", "until it is there; 0 when it stands"),
    ("b_left_ticks", "i8", "ticks", "until it is there; 0 when it stands"),
    ("travel_ticks", "i8", "ticks", "how long either takes"),
    ("joined", "i4", "", "1: the contacts make the bus; 0: the bus and the currents are sampled as given"),
)

LOG_FIELDS = (
    ("mode", "i4", "", "mode after this half-cycle"),
    ("u_out", "i4", "", "order to the utility contactor"),
    ("b_out", "i4", "", "order to the backup contactor"),
    ("utility_lost", "i4", "", "27, 59 or 47 has operated"),
    ("low", "i4", "", "fast detector: a leg is low"),
    ("lost", "i4", "", "fast detector: both legs are lost"),
    ("doubtful", "i4", "", "doubtful channels"),
    ("low_count", "i8", "", "sample at which the fast detector found a leg low, last"),
    ("lost_count", "i8", "", "sample at which it found both lost"),
    ("utility_l1_v", "f8", "V", "as handed to the scan"),
    ("bus_l1_v", "f8", "V", "as handed to the scan"),
)


def metered_feed(s):
    """What this half-cycle's energy is registered under: the source that the last scan had proved (LAW-8)."""
    if s.fed_by == FED_BY_UTILITY and s.u_contact == CONTACT_CLOSED and s.b_contact == CONTACT_OPEN:
        return FED_BY_UTILITY
    if s.fed_by == FED_BY_BACKUP and s.b_contact == CONTACT_CLOSED and s.u_contact == CONTACT_OPEN:
        return FED_BY_BACKUP
    return FED_BY_LOAD_SIDE if s.fed_by == FED_BY_LOAD_SIDE else FED_BY_NONE


def take_sample(c, g, w, d, r, samples, row, j):
    """One sample of each channel into place j, the bus as the contacts make it."""
    u1 = samples[row, 0]
    u2 = samples[row, 1]
    b1 = samples[row, 2]
    b2 = samples[row, 3]
    i1 = samples[row, 6]
    i2 = samples[row, 7]
    if c.joined == 1:
        if c.u_poles == 3:
            b1 = u1
            b2 = u2
        elif c.b_poles == 3:
            b1 = samples[row, 4]
            b2 = samples[row, 5]
        else:
            b1 = 0.0
            b2 = 0.0
            i1 = 0.0
            i2 = 0.0
    w.samples[j] = u1
    w.samples[ROOM + j] = u2
    w.samples[TWO_CHANNELS + j] = b1
    w.samples[TWO_CHANNELS + ROOM + j] = b2
    w.samples[FOUR_CHANNELS + j] = samples[row, 4]
    w.samples[FOUR_CHANNELS + ROOM + j] = samples[row, 5]
    w.samples[SIX_CHANNELS + j] = i1
    w.samples[SIX_CHANNELS + ROOM + j] = i2
    d.now_v[0] = u1
    d.now_v[1] = u2
    detect(d, g)
    r.bus_l1_present |= 0 if b1 * b1 < PRESENT_V2 else 1
    r.bus_l2_present |= 0 if b2 * b2 < PRESENT_V2 else 1


def feed_back(c, m, r):
    """Position feedback of both contactors; none while one moves."""
    u_stands = 1 if c.u_left_ticks == 0 else 0
    b_stands = 1 if c.b_left_ticks == 0 else 0
    m.u_open_poles = 3 if u_stands == 1 and c.u_poles == 0 else 0
    m.u_closed_poles = 3 if u_stands == 1 and c.u_poles == 3 else 0
    m.b_open_poles = 3 if b_stands == 1 and c.b_poles == 0 else 0
    m.b_closed_poles = 3 if b_stands == 1 and c.b_poles == 3 else 0
    r.u_open_poles = m.u_open_poles
    r.u_closed_poles = m.u_closed_poles
    r.b_open_poles = m.b_open_poles
    r.b_closed_poles = m.b_closed_poles


def move(c, k):
    """Contactors begin to move as ordered, and arrive."""
    if c.u_left_ticks > 0:
        c.u_left_ticks -= 1
        if c.u_left_ticks == 0:
            c.u_poles = c.u_to
    elif (k.u_out == ORDER_OPEN and c.u_poles == 3) or (k.u_out == ORDER_CLOSE and c.u_poles == 0):
        c.u_to = 3 - c.u_poles
        c.u_left_ticks = c.travel_ticks
    if c.b_left_ticks > 0:
        c.b_left_ticks -= 1
        if c.b_left_ticks == 0:
            c.b_poles = c.b_to
    elif (k.b_out == ORDER_CLOSE and c.b_poles == 0) or (k.b_out != ORDER_CLOSE and c.b_poles == 3):
        c.b_to = 3 - c.b_poles
        c.b_left_ticks = c.travel_ticks


def write_log(row, s, k, m, t, d):
    """What a bench wants to know of this half-cycle."""
    row.mode = s.mode
    row.u_out = k.u_out
    row.b_out = k.b_out
    row.utility_lost = s.utility_lost
    row.low = d.low
    row.lost = d.lost
    row.doubtful = t.doubtful
    row.low_count = d.low_count
    row.lost_count = d.lost_count
    row.utility_l1_v = m.utility_l1_v
    row.bus_l1_v = m.bus_l1_v


def detect_all(d, g, samples):
    """Feeds the fast detector samples of two legs, shape (samples, 2). Returns the one at which it picked up, or -1."""
    found = -1
    for at in range(len(samples)):
        d.now_v[0] = samples[at, 0]
        d.now_v[1] = samples[at, 1]
        detect(d, g)
        if found < 0 and d.low == 1:
            found = at
    return found


def begin_run(a, g, w, d, c, s, k, m, r, p):
    """A meter that is switched on at a home fed by its utility, with nominal voltage as its first reading."""
    begin_meter(a, g, w, FED_BY_UTILITY)
    begin_detector(d, g)
    m.utility_l1_v = g.nominal_v
    m.utility_l2_v = g.nominal_v
    m.utility_l12_v = 2.0 * g.nominal_v
    m.bus_l1_v = g.nominal_v
    m.bus_l2_v = g.nominal_v
    m.bus_l12_v = 2.0 * g.nominal_v
    feed_back(c, m, r)
    start(s, k, m, p)


def run_samples(a, g, w, t, y, e, q, d, c, s, k, m, r, p, samples, first, ticks, log):
    """One meter on sampled voltages and currents, shape (samples, 8), from sample `first` on.

    The host's own readings in `m` (stored energy, keys, plug, temperatures) stand as it left them. `log` takes a row of
    each half-cycle where it has room. Returns the sample to go on with.
    """
    for tick in range(ticks):
        n = samples_due(a, g)
        r.bus_l1_present = 0
        r.bus_l2_present = 0
        for j in range(n):
            take_sample(c, g, w, d, r, samples, first + j, 1 + j)
        first = first + n
        half_cycle(a, g, w, n, metered_feed(s), t, y, e)
        watch_voltage(q, a, g, w, n, t)
        fill_measured(m, t)
        feed_back(c, m, r)
        m.supplied = 0
        if t.utility_l1_v > SUPPLY_V or t.utility_l2_v > SUPPLY_V:
            m.supplied = 1
        if t.inlet_l1_v > SUPPLY_V or t.inlet_l2_v > SUPPLY_V:
            m.supplied = 1
        scan(s, k, m, r, p, 1)
        move(c, k)
        if tick < len(log):
            write_log(log[tick], s, k, m, t, d)
    return first
