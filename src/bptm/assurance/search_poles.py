"""How the poles move after a scan, in all ways in which they can, and what is bad about where they end.

Like Core Python.
"""

from bptm.assurance.automaton import (
    B_TRAVELS,
    BAD_BOTH_CLOSED,
    BAD_DEAD_GRID_ENERGISED,
    BAD_ENERGISED_TOO_LONG,
    BAD_SOURCES_JOINED,
    ENERGISED_COUNT_MOST,
    ENERGISED_MOST_TICKS,
    FAULT_B_BOUNCES,
    FAULT_B_CLOSES_ITSELF,
    FAULT_B_STUCK,
    FAULT_B_WELD_1,
    FAULT_U_BOUNCES,
    FAULT_U_CLOSES_ITSELF,
    FAULT_U_STUCK,
    FAULT_U_WELD_1,
    HARDWARE_TELLS,
    LEGS_DIFFER,
    TRAVEL_TICKS,
    U_TRAVELS,
    able,
    bit,
    drive_backup,
    drive_utility,
    goes_on,
    interlock_tells,
    mirrored,
    moved,
)
from bptm.assurance.search_state import (
    PLANT_BITS,
    b_count_of,
    b_moving_of,
    b_poles_of,
    energised_of,
    pack_plant,
    plant_of,
    u_count_of,
    u_moving_of,
    u_poles_of,
)
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE


def contacts_bad(u_poles, b_poles, grid, source, energised):
    """Bad positions after the poles have moved, one bit each."""
    bad = 0
    if u_poles & b_poles != 0:
        bad |= BAD_BOTH_CLOSED
        if source == 1 and grid == 1:
            bad |= BAD_SOURCES_JOINED
        if source == 1 and grid == 0:
            bad |= BAD_DEAD_GRID_ENERGISED
    if energised > ENERGISED_MOST_TICKS:
        bad |= BAD_ENERGISED_TOO_LONG
    return bad


def poles_after(poles, moving, which, can, bounces, weld):
    """Poles after this tick of a travel, or -1 when `which` is none of its ways."""
    if bounces == 1:
        # In its travel a pole touches and leaves as it likes; a welded one that touches does not leave.
        return which if which & weld & poles == weld & poles else -1
    return moved(poles, moving, which) if which & can == which else -1


def move_poles(key, inputs, bad, faults, hardware, meter, s, k, out, outputs, bads, n):
    """All ways in which the poles can move after a scan; writes states, inputs and what is bad. Returns the count."""
    plant = plant_of(key)
    u_poles = u_poles_of(plant)
    b_poles = b_poles_of(plant)
    u_was = u_moving_of(plant)
    b_was = b_moving_of(plant)
    u_weld = (faults // FAULT_U_WELD_1) & 3
    b_weld = (faults // FAULT_B_WELD_1) & 3
    u_bounces = bit(faults, FAULT_U_BOUNCES)
    b_bounces = bit(faults, FAULT_B_BOUNCES)
    u_moving = drive_utility(k.u_out, u_was, u_poles, b_poles, faults, hardware)
    b_moving = drive_backup(k.b_out, b_poles, u_poles, faults, hardware)
    if u_bounces == 1:
        u_moving = goes_on(u_moving, u_was, k.u_out)
    if b_bounces == 1:
        b_moving = goes_on(b_moving, b_was, k.b_out)
    u_can = able(u_poles, u_moving, b_poles, u_weld, bit(faults, FAULT_U_STUCK), hardware)
    b_stuck = bit(faults, FAULT_B_STUCK) if b_moving == ORDER_CLOSE else 0
    b_can = able(b_poles, b_moving, u_poles, b_weld, b_stuck, hardware)
    u_count = u_count_of(plant) + 1 if u_moving == u_was and u_moving != ORDER_NONE else 0
    b_count = b_count_of(plant) + 1 if b_moving == b_was and b_moving != ORDER_NONE else 0
    u_must = 1 if u_count >= TRAVEL_TICKS else 0
    b_must = 1 if b_count >= TRAVEL_TICKS else 0
    u_bounces = may_bounce(u_bounces, u_must, u_moving, b_poles, bit(faults, FAULT_U_STUCK), hardware)
    b_bounces = may_bounce(b_bounces, b_must, b_moving, u_poles, b_stuck, hardware)
    u_closes = 1 if k.u_out == ORDER_CLOSE or u_moving == ORDER_CLOSE else bit(faults, FAULT_U_CLOSES_ITSELF)
    b_closes = 1 if k.b_out == ORDER_CLOSE or b_moving == ORDER_CLOSE else bit(faults, FAULT_B_CLOSES_ITSELF)
    if interlock_tells(u_closes, b_closes, u_poles, b_poles) == 1:
        bad |= HARDWARE_TELLS
    if u_was != ORDER_NONE or u_moving != ORDER_NONE:
        bad |= U_TRAVELS
    if b_was != ORDER_NONE or b_moving != ORDER_NONE:
        bad |= B_TRAVELS
    grid = inputs & 1
    source = (inputs >> 1) & 1
    for u_go in range(4):
        u_now = poles_after(u_poles, u_moving, u_go, u_can, u_bounces, u_weld)
        if u_now < 0 or (u_must == 1 and u_go != u_can):
            continue
        u_left = u_moving if u_bounces == 1 or u_go != u_can else ORDER_NONE
        for b_go in range(4):
            b_now = poles_after(b_poles, b_moving, b_go, b_can, b_bounces, b_weld)
            if b_now < 0 or (b_must == 1 and b_go != b_can):
                continue
            lever = HARDWARE_TELLS if b_now & (3 - b_poles) != 0 and u_now != 0 else 0
            if bit(hardware, 2) == 1 and lever != 0:
                # The lever lets only one of two that close in one tick go on.
                continue
            b_left = b_moving if b_bounces == 1 or b_go != b_can else ORDER_NONE
            energised = 0
            if u_now & b_now != 0 and grid == 0 and source == 1:
                energised = energised_of(plant) + 1
                if energised > ENERGISED_COUNT_MOST:
                    energised = ENERGISED_COUNT_MOST
            mirror = (
                1 if bit(faults, LEGS_DIFFER) == 0 and mirrored(u_now) * 4 + mirrored(b_now) < u_now * 4 + b_now else 0
            )
            out[n] = (meter << PLANT_BITS) | pack_plant(
                mirrored(u_now) if mirror == 1 else u_now,
                u_left,
                u_count if u_left != ORDER_NONE else 0,
                mirrored(b_now) if mirror == 1 else b_now,
                b_left,
                b_count if b_left != ORDER_NONE else 0,
                energised,
            )
            if meter < 0:
                out[n] = -1
            outputs[n] = inputs + (u_go << 19) + (b_go << 21)
            bads[n] = bad | lever | contacts_bad(u_now, b_now, grid, source, energised)
            n = n + 1
    return n


def may_bounce(bounces, must, moving, others, stuck, hardware):
    """1 while a contactor with that fault is in its travel and nothing holds it."""
    if bounces == 0 or must == 1 or moving == ORDER_NONE or stuck == 1:
        return 0
    if moving == ORDER_CLOSE and bit(hardware, 2) == 1 and others != 0:
        return 0
    return 1
