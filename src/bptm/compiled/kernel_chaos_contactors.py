"""Both contactors under faults: welded poles, stuck or driven coils, slow travel, interlocks in hardware. Like Core Python."""

from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN


def aux_open(poles, says_open, says_closed, says_nothing, moving):
    """1 when the auxiliary contacts of both poles that a cross-interlock uses are in their open position.

    They are the ones the meter reads: what lies to it lies to the cross-interlock.
    """
    if says_closed != 0 or says_nothing != 0:
        return 0
    if moving != ORDER_NONE and (says_open & 3) != 3:
        return 0
    return 1 if (poles & (3 - says_open)) == 0 else 0


def may_move_in(h, other_poles, other_aux_open):
    """1 when neither interlock in hardware holds the closing of a contactor."""
    if h.interlock == 2:
        return 1 if other_poles == 0 else 0
    if h.interlock == 1:
        return other_aux_open
    return 1


def drive_contactors(h, u_order, b_order):
    """Starts what the orders and faulty coils ask for and hardware allows. Returns 1 when a software close has begun."""
    if h.u_driven == 1 and h.powered == 1 and u_order != ORDER_OPEN:
        u_order = ORDER_CLOSE
    begun = 0
    if h.u_moving == ORDER_NONE and h.u_stuck == 0:
        if u_order == ORDER_OPEN and h.u_poles != 0 and h.u_poles != h.u_weld:
            h.u_moving = ORDER_OPEN
            h.u_move_ticks = h.u_travel_ticks
            begun = 1
        elif u_order == ORDER_CLOSE and h.u_poles != 3:
            clear = aux_open(h.b_poles, h.b_says_open, h.b_says_closed, h.b_says_nothing, h.b_moving)
            if may_move_in(h, h.b_poles, clear) == 1:
                h.u_moving = ORDER_CLOSE
                h.u_move_ticks = h.u_travel_ticks
                begun = 1
    if h.b_moving == ORDER_NONE:
        asked = 1 if b_order == ORDER_CLOSE or (h.b_driven == 1 and h.powered == 1) else 0
        clear = aux_open(h.u_poles, h.u_says_open, h.u_says_closed, h.u_says_nothing, h.u_moving)
        if h.interlock == 1 and clear == 0:
            # Its coil hangs on U's auxiliary contact: it drops, whatever asks for it.
            asked = 0
        if asked == 0 and h.b_poles != 0 and h.b_poles != h.b_weld:
            h.b_moving = ORDER_OPEN
            h.b_move_ticks = h.b_travel_ticks
            begun = 1
        elif asked == 1 and h.b_poles != 3 and h.b_stuck == 0 and may_move_in(h, h.u_poles, clear) == 1:
            h.b_moving = ORDER_CLOSE
            h.b_move_ticks = h.b_travel_ticks
            begun = 1
    if begun == 1:
        h.changed = 1
    return begun


def end_travels(h, ticks):
    """Ends a travel whose time has come."""
    if h.u_moving != ORDER_NONE:
        h.u_move_ticks = h.u_move_ticks - ticks
        if h.u_move_ticks <= 0:
            if h.u_moving == ORDER_OPEN:
                h.u_poles = h.u_weld
                if h.u_weld == 0 and h.b_poles == 0:
                    h.t_apart = 0
            elif may_move_in(h, h.b_poles, 1) == 1:
                h.u_poles = 3
            h.u_moving = ORDER_NONE
            h.changed = 1
    if h.b_moving != ORDER_NONE:
        h.b_move_ticks = h.b_move_ticks - ticks
        if h.b_move_ticks <= 0:
            if h.b_moving == ORDER_OPEN:
                h.b_poles = h.b_weld
                if h.b_weld == 0 and h.u_poles == 0:
                    h.t_apart = 0
            elif may_move_in(h, h.u_poles, 1) == 1:
                h.b_poles = 3
                h.transfers += 1
            h.b_moving = ORDER_NONE
            h.changed = 1
