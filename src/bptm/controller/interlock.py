"""The interlock: judges every order again, on its own path. Core Python.

It reads no fact of the controller: its own voltage comparators, the raw feedbacks, its own counter. It can
withhold a close; it can never give an order. It is a module that can be built and flashed apart.
"""

from bptm.terms.core_codes import NEVER_TICKS, ORDER_CLOSE, ORDER_NONE, ORDER_OPEN


def judge_orders(k, r, dead_ticks_needed, u_order, b_order, ticks):
    """Passes orders on, or withholds a close (LAW-1, LAW-2).

    A close of one contactor needs the other proved open on both poles and a bus that has been without
    voltage for `dead_ticks_needed`. The backup contactor is held: it drops as soon as the utility contactor
    no longer reads open.
    """
    k.wake_ticks = NEVER_TICKS
    bus_present = 1 if r.bus_l1_present == 1 or r.bus_l2_present == 1 else 0
    if bus_present == 1:
        k.t_bus_dead = 0
    else:
        k.t_bus_dead = k.t_bus_dead + ticks
        if k.t_bus_dead > dead_ticks_needed:
            k.t_bus_dead = dead_ticks_needed
    long_dead = 1 if k.t_bus_dead >= dead_ticks_needed else 0
    if long_dead == 0 and bus_present == 0:
        k.wake_ticks = dead_ticks_needed - k.t_bus_dead
    u_open = 1 if r.u_open_poles == 3 and r.u_closed_poles == 0 else 0
    b_open = 1 if r.b_open_poles == 3 and r.b_closed_poles == 0 else 0
    k.withholds = 0

    if b_order == ORDER_CLOSE and u_order != ORDER_CLOSE:
        if u_open == 0:
            k.b_permit = 0
        elif long_dead == 1 and b_open == 1:
            k.b_permit = 1
    else:
        k.b_permit = 0
    if b_order == ORDER_CLOSE and k.b_permit == 0:
        k.withholds = 1
    k.b_out = ORDER_CLOSE if k.b_permit == 1 else ORDER_OPEN

    if u_order == ORDER_CLOSE and b_order != ORDER_CLOSE:
        if b_open == 0:
            k.u_permit = 0
        elif long_dead == 1:
            k.u_permit = 1
    else:
        k.u_permit = 0
    if u_order == ORDER_CLOSE and k.u_permit == 0:
        k.withholds = 1
    if k.u_permit == 1:
        k.u_out = ORDER_CLOSE
    elif u_order == ORDER_OPEN:
        k.u_out = ORDER_OPEN
    else:
        k.u_out = ORDER_NONE
