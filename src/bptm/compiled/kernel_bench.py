"""The meter's part of a half-cycle on the bench: metrology, controller, observers.

Written like Core Python, run plain and compiled alike, apart from `kernel_bench_plant`. `think` is our own meter; for
another controller the host calls `measure` or nothing. Arrays have one row; records by letter: those of
`kernel_bench_plant`, and t READING, y BLOCK, e ENERGY, qq QUALITY, s DEVICE, k INTERLOCK, p settings of the controller;
l ledger, i diagnosis, v advice, n guide, each with its settings lp, ip, vp, gp.
"""

from bptm.compiled.kernel_waves import metered_feed
from bptm.controller.advice import advise, start_advice
from bptm.controller.diagnosis import begin_diagnosis, diagnose
from bptm.controller.guide import guide, start_guide
from bptm.controller.ledger import begin_ledger, keep_ledger, resume_ledger
from bptm.controller.measure import fill_measured
from bptm.controller.metrology import begin_meter, half_cycle
from bptm.controller.metrology_fast import begin_detector
from bptm.controller.metrology_quality import watch_voltage
from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.terms.core_codes import (
    FED_BY_BACKUP,
    FED_BY_LOAD_SIDE,
    FED_BY_NONE,
    FED_BY_UTILITY,
    ORDER_NONE,
    ORDER_OPEN,
    TICKS_PER_S,
)
from bptm.terms.core_diagnosis import FINDINGS


def begin_mind(A, G, W, D, L, V, VP, N):
    """Metrology, detector and observers that have seen nothing; the controller starts with the first half-cycle."""
    begin_meter(A[0], G[0], W[0], FED_BY_UTILITY)
    begin_detector(D[0], G[0])
    begin_ledger(L[0])
    start_advice(V[0], VP[0])
    start_guide(N[0])


def measure_half(h, a, g, w, t, y, e, qq, s, m):
    """Metrology of this half-cycle, and the measured values it gives."""
    half_cycle(a, g, w, h.taken, metered_feed(s), t, y, e)
    watch_voltage(qq, a, g, w, h.taken, t)
    fill_measured(m, t)


def facts_of(s):
    """The facts of the trace, one bit each (FACT_...)."""
    x = s.utility_lost | (s.utility_in_band << 1) | (s.utility_dead << 2) | (s.inlet_dead << 3)
    x |= (s.backup_qualified << 4) | (s.overload << 5) | (s.reverse_power << 6) | (s.utility_follows << 7)
    x |= (s.load_side_source << 8) | (s.contact_unknown << 9) | (s.u_disagrees << 10)
    x |= (s.interlock_withholds << 11) | (s.disconnect << 12) | (s.sense_doubted << 13) | (s.reference_lost << 14)
    x |= (s.utility_harmful << 15) | (s.utility_neutral << 16) | (s.short_circuit << 17) | (s.source_hunts << 18)
    x |= (s.load_high << 19) | (s.ran_dry << 20) | (s.engine_may_stop << 21) | (s.spd_failed << 22)
    x |= (s.inlet_follows << 23) | (s.above_rating << 24) | (s.bus_live << 25) | (s.bus_dead << 26)
    x |= (s.islanded << 27) | (s.utility_apart << 28)
    return x


def tell_readings(q, m, t, d):
    """Inputs as measured, for the trace."""
    q.read_utility_l1_v = m.utility_l1_v
    q.read_utility_l2_v = m.utility_l2_v
    q.read_utility_l12_v = m.utility_l12_v
    q.read_utility_hz = m.utility_hz
    q.read_bus_l1_v = m.bus_l1_v
    q.read_bus_l2_v = m.bus_l2_v
    q.read_bus_l12_v = m.bus_l12_v
    q.read_inlet_l1_v = m.inlet_l1_v
    q.read_inlet_l2_v = m.inlet_l2_v
    q.read_inlet_l12_v = m.inlet_l12_v
    q.read_inlet_hz = m.inlet_hz
    q.read_inlet_thd = m.inlet_thd
    q.read_l1_a = m.l1_a
    q.read_l2_a = m.l2_a
    q.read_premise_w = m.premise_w
    q.doubtful = t.doubtful
    q.u_open_poles = m.u_open_poles
    q.u_closed_poles = m.u_closed_poles
    q.b_open_poles = m.b_open_poles
    q.b_closed_poles = m.b_closed_poles
    q.low = d.low


def tell_device(q, s, k, e):
    """Decisions, orders and registers, for the trace."""
    q.mode = s.mode
    q.step = s.step
    q.cause = s.cause
    q.latched = s.latched
    q.fed_by = s.fed_by
    q.events = s.events
    q.facts = facts_of(s)
    q.turned_down = s.turned_down
    q.backup_harm = s.backup_harm
    q.u_order = s.u_order
    q.b_order = s.b_order
    q.u_out = k.u_out
    q.b_out = k.b_out
    q.u_contact = s.u_contact
    q.b_contact = s.b_contact
    q.starts = s.starts
    q.utility_in_mwticks = e.in_mwticks[FED_BY_UTILITY]
    q.utility_out_mwticks = e.out_mwticks[FED_BY_UTILITY]
    q.backup_in_mwticks = e.in_mwticks[FED_BY_BACKUP]
    q.backup_out_mwticks = e.out_mwticks[FED_BY_BACKUP]
    lost = e.in_mwticks[FED_BY_NONE] + e.in_mwticks[FED_BY_LOAD_SIDE]
    q.unassigned_mwticks = lost + e.out_mwticks[FED_BY_NONE] + e.out_mwticks[FED_BY_LOAD_SIDE]


def rest(q):
    """A controller without power orders nothing: U stays, B drops."""
    q.u_order = ORDER_NONE
    q.b_order = ORDER_NONE
    q.u_out = ORDER_NONE
    q.b_out = ORDER_OPEN
    q.events = 0


def decide(h, u, q, t, e, d, s, k, m, r, p):
    """One scan of the controller, or its rest without power. Returns 1 when it scanned."""
    tell_readings(q, m, t, d)
    if h.powered == 0:
        h.off_ticks += 1
        rest(q)
        return 0
    if h.started == 1:
        start(s, k, m, p)
    if u.remote_action > 0.0:
        command(s, p, int(u.remote_action), int(u.remote_hold_s * TICKS_PER_S))
    told = s.events if h.started == 1 or u.remote_action > 0.0 else 0
    scan(s, k, m, r, p, 1)
    s.events |= told
    tell_device(q, s, k, e)
    return 1


def observe(h, q, s, m, l, lp, i, ip, v, vp, n, gp):
    """Ledger, diagnosis, advice and guide, after the scan."""
    if h.started == 1:
        if s.starts > 1:
            resume_ledger(l, lp, h.off_ticks)
        begin_diagnosis(i)
        start_guide(n)
        h.off_ticks = 0
    keep_ledger(l, s, m, lp, 1)
    diagnose(i, s, m, ip, 1)
    advise(v, s, m, vp, 1)
    guide(n, s, m, gp, 1)
    bits = 0
    for code in range(FINDINGS):
        bits |= i.active[code] << code
    q.found = bits
    q.guide_step = n.step
    q.guide_warnings = n.warnings
    q.headroom_w = v.headroom_w


def think(H, U, Q, W, A, G, D, M, R, T, Y, E, QQ, S, K, P, L, LP, I, IP, V, VP, N, GP):
    """Our own meter on this half-cycle: metrology, controller, observers; what it says and orders stands in TOLD."""
    h, u, q, m, s = H[0], U[0], Q[0], M[0], S[0]
    measure_half(h, A[0], G[0], W[0], T[0], Y[0], E[0], QQ[0], s, m)
    if decide(h, u, q, T[0], E[0], D[0], s, K[0], m, R[0], P[0]) == 1:
        observe(h, q, s, m, L[0], LP[0], I[0], IP[0], V[0], VP[0], N[0], GP[0])


def measure(H, A, G, W, T, Y, E, QQ, S, M):
    """Metrology alone, for a controller that takes measured values."""
    measure_half(H[0], A[0], G[0], W[0], T[0], Y[0], E[0], QQ[0], S[0], M[0])
