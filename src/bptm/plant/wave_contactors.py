"""Two contactors, pole by pole: delay, bounce, arc to the zero of the current, weld, interlocks, feedback. Core Python.

U is latching: each movement costs stored energy. B is held: it drops without its order, without supply or with too little
voltage at the inlet. A pole that parts goes on conducting until its current crosses zero; above the breaking rating the
arc burns on, and after ten half-cycles the pole is welded. A welded pole never opens.
Poles: 0, 1 U; 2, 3 B. Records: h PLANT, u SETUP.
"""

from bptm.terms.core_bench import FEEDBACK_BOTH, FEEDBACK_CLOSED, FEEDBACK_NONE, FEEDBACK_OPEN, FEEDBACK_TRUE
from bptm.terms.core_bench_state import (
    NODE_BUS_1,
    NODE_BUS_2,
    NODE_INLET_1,
    NODE_INLET_2,
    NODE_UTILITY_1,
    NODE_UTILITY_2,
    POLE_B1,
    POLES,
)
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_OPEN

ARC_A = 0.05
"""Below this a parting pole draws no arc. Own choice."""
BURNS_MOST = 10
"""Half-cycles that an arc above the rating burns before its pole is welded. Own choice."""
AUX_S = 0.002
"""The auxiliary contact follows the pole by this. Own choice."""
DROP_S = 0.015
"""B's coil rides through this. Own choice."""


def samples_in(h, time_s):
    """A time as samples, at least one."""
    n = int(time_s / h.step_s + 0.5)
    return n if n > 0 else 1


def any_closed(h, first):
    """1 while a pole of a contactor touches or conducts."""
    if h.closed[first] == 1 or h.closed[first + 1] == 1:
        return 1
    return 1 if h.conducts[first] == 1 or h.conducts[first + 1] == 1 else 0


def send(h, first, target, delay_s, skew_s):
    """Both poles of a contactor begin to move; by a skew below zero it is leg 1 that comes later."""
    for k in range(2):
        pole = first + k
        later_s = skew_s * k if skew_s >= 0.0 else skew_s * (k - 1)
        h.target[pole] = target
        h.left[pole] = samples_in(h, delay_s + later_s)


def moving_to(h, first):
    """Where a contactor is or moves to."""
    return h.target[first]


def barred(h, u, other):
    """1 when an interlock keeps a contactor from closing while the other is closed."""
    if u.electrical_interlock == 0.0 and u.mechanical_interlock == 0.0:
        return 0
    return any_closed(h, other)


def order_u(h, u, order):
    """The latching coil of U gets an order; it moves when there is energy for it."""
    if u.u_stuck == 1.0 or h.hold_up_left_s < u.operation_s:
        return
    if order == ORDER_OPEN and moving_to(h, 0) == 1:
        send(h, 0, 0, u.u_open_s, u.u_open_skew_s)
    elif order == ORDER_CLOSE and moving_to(h, 0) == 0 and barred(h, u, POLE_B1) == 0:
        send(h, 0, 1, u.u_close_s, u.u_skew_s)
    else:
        return
    h.hold_up_left_s -= u.operation_s
    h.u_operations += 1


def order_b(h, u, order):
    """The coil of B is held or not."""
    if u.b_stuck == 1.0:
        return
    held = 1 if order == ORDER_CLOSE and h.b_low_s < DROP_S and h.hold_up_left_s > 0.0 else 0
    if held == 1 and u.electrical_interlock == 1.0 and any_closed(h, 0) == 1:
        # The coil is fed through a contact of U.
        held = 0
    if held == 1 and moving_to(h, POLE_B1) == 0 and barred(h, u, 0) == 0:
        send(h, POLE_B1, 1, u.b_close_s, u.b_skew_s)
        h.b_operations += 1
    elif held == 0 and moving_to(h, POLE_B1) == 1:
        send(h, POLE_B1, 0, u.b_open_s, u.b_open_skew_s)
        h.b_operations += 1


def is_welded(h, u, pole):
    """1 when a pole is welded, by the setup or by what happened."""
    if pole == 0:
        fault = u.u_weld_l1
    elif pole == 1:
        fault = u.u_weld_l2
    elif pole == 2:
        fault = u.b_weld_l1
    else:
        fault = u.b_weld_l2
    return 1 if fault == 1.0 or h.welded[pole] == 1 else 0


def note_closing(h, pole):
    """What a contactor closes onto with its first pole: the checkers' evidence of LAW-2."""
    h.closings |= 1 << pole
    mate = pole + 1 - 2 * (pole % 2)
    if h.conducts[mate] == 1:
        return
    for leg in range(2):
        crest_v = h.bus_crest_v[leg] if h.bus_crest_v[leg] > h.bus_was_v[leg] else h.bus_was_v[leg]
        if crest_v * 0.7071067811865476 > h.closed_onto_v:
            h.closed_onto_v = crest_v * 0.7071067811865476
    other = 1 if pole < POLE_B1 else 0
    after_s = h.open_for[other] * h.step_s
    if after_s < h.closed_after_s:
        h.closed_after_s = after_s


def touch(h, u, pole):
    """The contacts of a pole meet, unless the mechanical interlock is in the way."""
    other = POLE_B1 if pole < POLE_B1 else 0
    if u.mechanical_interlock == 1.0 and any_closed(h, other) == 1:
        h.target[pole] = 0
        return
    h.closed[pole] = 1
    h.since[pole] = 0
    h.bounce[pole] = int((u.u_bounce_s if pole < POLE_B1 else u.b_bounce_s) / h.step_s + 0.5)
    if h.conducts[pole] == 0:
        note_closing(h, pole)
        h.conducts[pole] = 1
        h.dirty = 1
    h.arc[pole] = 0


def part(h, u, pole):
    """The contacts of a pole part; it conducts on until its current is zero."""
    if is_welded(h, u, pole) == 1:
        return
    h.closed[pole] = 0
    h.since[pole] = 0
    h.bounce[pole] = 0
    h.restrikes[pole] = 0
    a = h.pole_a[pole]
    if a < ARC_A and a > -ARC_A:
        h.conducts[pole] = 0
        h.dirty = 1
    else:
        h.arc[pole] = 1


def bounce_pole(h, u, pole):
    """A touching pole bounces; a high current welds it."""
    h.bounce[pole] -= 1
    most_a = u.u_weld_a if pole < POLE_B1 else u.b_weld_a
    a = h.pole_a[pole]
    if a > most_a or a < -most_a:
        h.welded[pole] = 1
    if h.conducts[pole] == 0 and (h.bounce[pole] == 0 or h.bounce[pole] % 4 == 0):
        h.conducts[pole] = 1
        h.dirty = 1
    elif h.conducts[pole] == 1 and h.bounce[pole] % 4 == 2 and a < ARC_A and a > -ARC_A:
        h.conducts[pole] = 0
        h.dirty = 1


def burn_arc(h, u, pole, before_a):
    """An arc ends at the zero of its current, if the pole can break what it carried."""
    a = h.pole_a[pole]
    if a * before_a > 0.0 and (a > ARC_A or a < -ARC_A):
        return
    most_a = u.u_breaks_a if pole < POLE_B1 else u.b_breaks_a
    if h.pole_rms_a[pole] > most_a:
        h.restrikes[pole] += 1
        if h.restrikes[pole] >= BURNS_MOST:
            h.welded[pole] = 1
            h.closed[pole] = 1
            h.target[pole] = 1
            h.arc[pole] = 0
        return
    h.arc[pole] = 0
    h.conducts[pole] = 0
    h.dirty = 1


def move_poles(h, u):
    """One sample: poles that are due touch or part, others bounce."""
    for pole in range(POLES):
        h.since[pole] += 1
        if h.left[pole] > 0:
            h.left[pole] -= 1
            if h.left[pole] == 0 and h.target[pole] != h.closed[pole]:
                if h.target[pole] == 1:
                    touch(h, u, pole)
                else:
                    part(h, u, pole)
        if h.bounce[pole] > 0:
            bounce_pole(h, u, pole)


def pole_drive(h, pole):
    """Voltage across a pole, from the source's side to the bus."""
    if pole == 0:
        return h.node[NODE_UTILITY_1] - h.node[NODE_BUS_1]
    if pole == 1:
        return h.node[NODE_UTILITY_2] - h.node[NODE_BUS_2]
    if pole == 2:
        return h.node[NODE_INLET_1] - h.node[NODE_BUS_1]
    return h.node[NODE_INLET_2] - h.node[NODE_BUS_2]


def take_poles(h, u):
    """Currents of the poles after a solution; arcs end; what conducted is noted."""
    bits = 0
    for pole in range(POLES):
        before_a = h.pole_a[pole]
        h.pole_a[pole] = pole_drive(h, pole) / u.pole_ohm if h.conducts[pole] == 1 else 0.0
        if h.conducts[pole] == 1:
            bits |= 1 << pole
        if h.arc[pole] == 1:
            if pole < POLE_B1:
                h.u_arcs |= 1 << pole
            else:
                h.b_arcs |= 1 << (pole - POLE_B1)
            burn_arc(h, u, pole, before_a)
    h.u_ever |= bits & 3
    h.b_ever |= bits >> 2
    h.both_ever |= bits & (bits >> 2) & 3
    h.open_for[0] = 0 if bits & 3 != 0 else h.open_for[0] + 1
    h.open_for[1] = 0 if bits >> 2 != 0 else h.open_for[1] + 1


def feedback_of(h, u, pole):
    """Which feedback a pole gives: bit 0 open, bit 1 closed."""
    if pole == 0:
        fault = u.u_feedback_l1
    elif pole == 1:
        fault = u.u_feedback_l2
    elif pole == 2:
        fault = u.b_feedback_l1
    else:
        fault = u.b_feedback_l2
    if fault == FEEDBACK_OPEN:
        return 1
    if fault == FEEDBACK_CLOSED:
        return 2
    if fault == FEEDBACK_NONE:
        return 0
    if fault == FEEDBACK_BOTH:
        return 3
    settled = 1 if fault == FEEDBACK_TRUE and h.since[pole] * h.step_s >= AUX_S and h.bounce[pole] == 0 else 0
    if settled == 0:
        return 0
    return 2 if h.closed[pole] == 1 else 1


def feedback_bits(h, u, first, bit):
    """Poles of a contactor whose open (bit 0) or closed (bit 1) feedback is made, one bit each."""
    x = (feedback_of(h, u, first) >> bit) & 1
    y = (feedback_of(h, u, first + 1) >> bit) & 1
    return x | (y << 1)
