"""The two contactors: travel, welded poles, feedback. Core Python.

U is latching: it moves on an order to open or close and stays. B is held: it drops without its order or
without supply. A welded pole never opens. While a contactor travels neither feedback is made.
"""

from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN
from bptm.terms.core_plant import TRAVEL_TICKS

LIVE_BUS_V = 30.0
"""A close onto more than this (0.25 pu) counts as a close onto a live bus. Source: domain.md 2.7."""


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


def travel(h, u, ticks):
    """Ends a travel whose time has come. The main contacts change at the end of travel.

    Notes a close onto a live bus (LAW-2): bus voltage just before, as solved.
    """
    if h.u_moving != ORDER_NONE:
        h.u_move_ticks = h.u_move_ticks - ticks
        if h.u_move_ticks <= 0:
            if h.u_moving == ORDER_CLOSE and (h.bus_l1_v > LIVE_BUS_V or h.bus_l2_v > LIVE_BUS_V):
                h.violations |= 1 << 2
            h.closings += 1 if h.u_moving == ORDER_CLOSE else 0
            h.u_poles = 3 if h.u_moving == ORDER_CLOSE else u.u_weld
            h.u_moving = ORDER_NONE
            h.changed = 1
    if h.b_moving != ORDER_NONE:
        h.b_move_ticks = h.b_move_ticks - ticks
        if h.b_move_ticks <= 0:
            if h.b_moving == ORDER_CLOSE and (h.bus_l1_v > LIVE_BUS_V or h.bus_l2_v > LIVE_BUS_V):
                h.violations |= 1 << 2
            h.closings += 1 if h.b_moving == ORDER_CLOSE else 0
            h.b_poles = 3 if h.b_moving == ORDER_CLOSE else 0
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
