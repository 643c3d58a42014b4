"""The interlock: judges every order again, on its own path. Core Python.

It reads no fact of the controller: its own voltage comparators, the raw feedbacks, its own counters. It can
withhold a close; it can never give an order. It is a module that can be built and flashed apart. Its enable is
dropped by a watchdog: without a beat of the controller for `watchdog_ticks` B falls and no close passes.
"""

from bptm.terms.core_codes import NEVER_TICKS, ORDER_CLOSE, ORDER_NONE, ORDER_OPEN


def watch_beat(k, beat, watchdog_ticks, ticks):
    """1 while the controller is alive: its beat turned within `watchdog_ticks`."""
    if beat != k.beat_seen:
        k.beat_seen = beat
        k.t_silent = 0
        return 1
    k.t_silent = k.t_silent + ticks
    if k.t_silent >= watchdog_ticks:
        k.t_silent = watchdog_ticks
        return 0
    return 1


def judge_orders(k, r, dead_ticks_needed, watchdog_ticks, beat, u_asked, b_asked, ticks):
    """Passes orders on, or withholds a close (LAW-1, LAW-2).

    A close of one contactor needs the other proved open on both poles and a bus that has been without
    voltage for `dead_ticks_needed`. The backup contactor is held: it drops as soon as the utility contactor
    no longer reads open, or the controller is silent.
    """
    u_order = u_asked
    b_order = b_asked
    if watch_beat(k, beat, watchdog_ticks, ticks) == 0:
        b_order = ORDER_OPEN
        if u_order == ORDER_CLOSE:
            u_order = ORDER_NONE
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
    k.withholds = 1 if u_order != u_asked or b_order != b_asked else 0

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
