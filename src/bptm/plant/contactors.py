"""The two contactors: travel, welded poles, feedback. Core Python.

U is latching: it moves on an order to open or close and stays. B is held: it drops without its order or
without supply. A welded pole never opens. While a contactor travels neither feedback is made.
"""

from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN
from bptm.terms.core_plant import TRAVEL_TICKS

LIVE_BUS_V = 30.0
"""A close onto more than this (0.25 pu) counts as a close onto a live bus. Source: domain.md 2.7."""
APART_TICKS = 54
"""0.45 s between the two: the dead time of 0.5 s less two half-cycles of sensing and travel. Source: domain.md 2.7."""
OPENS_AGAIN_TICKS = 120
"""A second of stored energy opens again what has closed, where nothing supplies the meter. Own choice."""


def order_utility(h, order):
    """Starts travel of U when the order asks for another position."""
    if h.u_moving != ORDER_NONE:
        return
    if order == ORDER_OPEN and h.u_poles != 0:
        h.u_moving = ORDER_OPEN
        h.u_move_ticks = TRAVEL_TICKS
        h.changed = 1
    elif order == ORDER_CLOSE and h.u_poles != 3:
        h.u_moving = ORDER_CLOSE
        h.u_move_ticks = TRAVEL_TICKS
        h.changed = 1


def order_backup(h, order):
    """Starts travel of B: closed while ordered closed, open otherwise."""
    if h.b_moving != ORDER_NONE:
        return
    if order != ORDER_CLOSE and h.b_poles != 0:
        h.b_moving = ORDER_OPEN
        h.b_move_ticks = TRAVEL_TICKS
        h.changed = 1
    elif order == ORDER_CLOSE and h.b_poles != 3:
        h.b_moving = ORDER_CLOSE
        h.b_move_ticks = TRAVEL_TICKS
        h.changed = 1


def judge_closing(h, parted_tick):
    """LAW-2 for a contactor that closes: the bus as solved just before, the other's parting, energy to open again."""
    h.closings += 1
    supplied = 1 if h.utility_l1_v > LIVE_BUS_V or h.inlet_l1_v > LIVE_BUS_V else 0
    if h.bus_l1_v > LIVE_BUS_V or h.bus_l2_v > LIVE_BUS_V or h.tick - parted_tick < APART_TICKS:
        h.violations |= 1 << 2
    elif supplied == 0 and h.hold_up_ticks < OPENS_AGAIN_TICKS:
        h.violations |= 1 << 2


def travel(h, u, ticks):
    """Ends a travel whose time has come. The main contacts change at the end of travel."""
    if h.u_moving != ORDER_NONE:
        h.u_move_ticks = h.u_move_ticks - ticks
        if h.u_move_ticks <= 0:
            if h.u_moving == ORDER_CLOSE:
                judge_closing(h, h.b_parted_tick)
                h.u_poles = 3
            else:
                h.u_poles = u.u_weld
                h.u_parted_tick = h.tick
            h.u_moving = ORDER_NONE
            h.changed = 1
    if h.b_moving != ORDER_NONE:
        h.b_move_ticks = h.b_move_ticks - ticks
        if h.b_move_ticks <= 0:
            if h.b_moving == ORDER_CLOSE:
                judge_closing(h, h.u_parted_tick)
                h.b_poles = 3
            else:
                h.b_poles = 0
                h.b_parted_tick = h.tick
            h.b_moving = ORDER_NONE
            h.changed = 1


def utility_feedback(h, u, m):
    """Feedback of U as the meter reads it."""
    if u.u_feedback_stuck_closed == 1:
        m.u_open_poles = 0
        m.u_closed_poles = 3
    elif u.u_feedback_stuck_open == 1:
        m.u_open_poles = 3
        m.u_closed_poles = 0
    elif h.u_moving != ORDER_NONE and u.u_weld != 3:
        m.u_open_poles = 0
        m.u_closed_poles = u.u_weld
    else:
        m.u_closed_poles = h.u_poles
        m.u_open_poles = 3 - h.u_poles


def backup_feedback(h, m):
    """Feedback of B as the meter reads it."""
    if h.b_moving != ORDER_NONE:
        m.b_open_poles = 0
        m.b_closed_poles = 0
    else:
        m.b_closed_poles = h.b_poles
        m.b_open_poles = 3 - h.b_poles
