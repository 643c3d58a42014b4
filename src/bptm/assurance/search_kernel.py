"""One tick of the search from one state to all that can follow, and the breadth-first search itself. Like Core Python.

Every transition runs the shipped `scan` (and `start`, `command`). Written to run plain and compiled; the set of
states seen is a table of open addressing. Inputs that no branch can read in a state are not varied there.
"""

from bptm.assurance.automaton import (
    BAD_BLOCK_NOT_OPEN,
    BAD_BOTH_CLOSED,
    BAD_BOTH_ORDERED,
    BAD_CLOSE_ON_LIVE_BUS,
    BAD_CLOSE_WITHOUT_ENERGY,
    BAD_DEAD_GRID_ENERGISED,
    BAD_ENERGISED_TOO_LONG,
    BAD_LOCKOUT_LOST,
    BAD_LOCKOUT_NOT_OPEN,
    BAD_LOCKOUT_WITHOUT_FAULT,
    BAD_SOURCES_JOINED,
    BAD_START_CLOSES,
    ENERGISED_COUNT_MOST,
    ENERGISED_MOST_TICKS,
    FAULT_B_STUCK,
    FAULT_B_WELD_1,
    FAULT_CLOCK_FAST,
    FAULT_JOURNAL_LOST,
    FAULT_U_STUCK,
    FAULT_U_WELD_1,
    RESIDUAL_V,
    TRAVEL_TICKS,
    able,
    bit,
    drive_backup,
    drive_utility,
    moved,
    sense,
)
from bptm.assurance.search_state import HOLD_TICKS, PLANT_BITS, pack_meter, pack_plant, unpack_meter
from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.terms.core_codes import (
    ACTION_HOLD_RETURN,
    CAUSE_B_FAILED_TO_OPEN,
    CAUSE_NONE,
    CAUSE_START,
    CAUSE_U_FAILED_TO_CLOSE,
    MODE_BACKUP_BLOCKED,
    MODE_LOCKED_OUT,
    MODE_OFF,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    ORDER_CLOSE,
    ORDER_NONE,
    ORDER_OPEN,
)

MULTIPLIER = -7046029254386353131
LIVE_V = 25.0


def slot_of(table, key):
    """Where a key stands in the table, or the free place where it belongs."""
    mask = len(table) - 1
    i = ((key * MULTIPLIER) >> 20) & mask
    while table[i] != -1 and table[i] != key:
        i = (i + 1) & mask
    return i


def orders_bad(s, k, m, bus_v, restarted, latched_before, b_permit, u_permit):
    """Bad orders of this scan, one bit each, judged by the true bus."""
    bad = 0
    if (s.u_order == ORDER_CLOSE and s.b_order == ORDER_CLOSE) or (k.u_out == ORDER_CLOSE and k.b_out == ORDER_CLOSE):
        bad |= BAD_BOTH_ORDERED
    rises = 1 if (k.b_out == ORDER_CLOSE and b_permit == 0) or (k.u_out == ORDER_CLOSE and u_permit == 0) else 0
    if rises == 1 and bus_v > LIVE_V:
        bad |= BAD_CLOSE_ON_LIVE_BUS
    if rises == 1 and m.stored_energy_ok == 0 and s.tries == 0 and s.t_step == 0:
        bad |= BAD_CLOSE_WITHOUT_ENERGY
    if s.mode == MODE_LOCKED_OUT:
        if s.u_order != ORDER_OPEN or s.b_order != ORDER_OPEN or k.u_out != ORDER_OPEN or k.b_out != ORDER_OPEN:
            bad |= BAD_LOCKOUT_NOT_OPEN
    if s.mode == MODE_BACKUP_BLOCKED and (s.b_order != ORDER_OPEN or k.b_out != ORDER_OPEN):
        bad |= BAD_BLOCK_NOT_OPEN
    if restarted == 1 and k.b_out == ORDER_CLOSE:
        bad |= BAD_START_CLOSES
    if latched_before == 1 and s.mode != MODE_LOCKED_OUT and m.local_reset == 0:
        bad |= BAD_LOCKOUT_LOST
    return bad


def accuses_a_contactor(cause):
    """1 for a lockout that says a contactor does not follow: without a fault there is none (LAW-9).

    An unknown and a welded contact are left out, since the small settings leave no room between travel and timers: a
    reset begins a travel anew, and a source is accepted after one tick instead of at least one second.
    """
    return 1 if cause == CAUSE_B_FAILED_TO_OPEN or cause == CAUSE_U_FAILED_TO_CLOSE else 0


def power_lost(s, faults):
    """The journal after a loss of power: as it was, or empty when its memory is what failed."""
    if bit(faults, FAULT_JOURNAL_LOST) == 1:
        s.mode = MODE_OFF
        s.latched = CAUSE_NONE
        s.cause = CAUSE_START
        s.fed_by = 0
        s.overloads = 0
        s.hold_left_ticks = 0
    s.dead_time_ticks = 0


def options(mode, u_poles, b_poles, held):
    """How many ways each input can go in this state, packed; an input that nothing reads has one."""
    floating = 3 if u_poles != 3 or b_poles != 3 else 1
    phase = 2 if b_poles != 0 else 1
    holds = 2 if u_poles & b_poles != 0 else 1
    load = 3 if mode == MODE_ON_BACKUP else 1
    reset = 2 if mode == MODE_LOCKED_OUT or mode == MODE_BACKUP_BLOCKED else 1
    stored = 1 if mode == MODE_ON_UTILITY or mode == MODE_LOCKED_OUT else 2
    hold = 2 if held == 1 else 1
    return floating + 4 * (phase + 4 * (holds + 4 * (load + 4 * (reset + 4 * (stored + 4 * hold)))))


def one_scan(key, inputs, faults, s, k, m, r, p):
    """Runs the meter through one tick with these inputs. Returns what was bad about its orders."""
    plant = key & ((1 << PLANT_BITS) - 1)
    u_poles = plant >> 14
    b_poles = (plant >> 8) & 3
    unpack_meter(key >> PLANT_BITS, s, k)
    floating = (inputs >> 2) & 3
    floating_v = 0.0 if floating == 0 else (RESIDUAL_V if floating == 1 else 120.0)
    m.local_reset = (inputs >> 8) & 1
    m.stored_energy_ok = 1 - ((inputs >> 9) & 1)
    if (inputs >> 10) & 1 == 1:
        s.hold_left_ticks = 1
    grid = inputs & 1
    source = (inputs >> 1) & 1
    holds = 1 - ((inputs >> 5) & 1)
    phase = (inputs >> 4) & 1
    load = (inputs >> 6) & 3
    bus_v = sense(
        m,
        r,
        faults,
        u_poles,
        b_poles,
        (plant >> 12) & 3,
        (plant >> 6) & 3,
        grid,
        source,
        holds,
        phase,
        load,
        floating_v,
    )
    latched_before = 1 if s.mode == MODE_LOCKED_OUT else 0
    u_permit = k.u_permit
    b_permit = k.b_permit
    bad = 0
    restarted = (inputs >> 11) & 1
    if restarted == 1:
        power_lost(s, faults)
        start(s, k, m, p)
        if s.u_order == ORDER_CLOSE or s.b_order == ORDER_CLOSE:
            bad |= BAD_START_CLOSES
        u_permit = 0
        b_permit = 0
    ticks = 2 if bit(faults, FAULT_CLOCK_FAST) == 1 else 1
    scan(s, k, m, r, p, ticks)
    if s.hold_left_ticks > 0:
        s.hold_left_ticks = HOLD_TICKS
    if faults == 0 and latched_before == 0 and s.mode == MODE_LOCKED_OUT and accuses_a_contactor(s.cause) == 1:
        bad |= BAD_LOCKOUT_WITHOUT_FAULT
    return bad | orders_bad(s, k, m, bus_v, restarted, latched_before, b_permit, u_permit)


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


def move_poles(key, inputs, bad, faults, hardware, meter, s, k, out, outputs, bads, n):
    """All ways in which the poles can move after a scan; writes states, inputs and what is bad. Returns the count."""
    plant = key & ((1 << PLANT_BITS) - 1)
    u_poles = plant >> 14
    u_count = (plant >> 10) & 3
    b_poles = (plant >> 8) & 3
    b_count = (plant >> 4) & 3
    u_was = (plant >> 12) & 3
    b_was = (plant >> 6) & 3
    u_moving = drive_utility(k.u_out, u_was, u_poles, b_poles, faults, hardware)
    b_moving = drive_backup(k.b_out, b_poles, u_poles, faults, hardware)
    u_can = able(u_poles, u_moving, b_poles, (faults // FAULT_U_WELD_1) & 3, bit(faults, FAULT_U_STUCK), hardware)
    b_can = able(
        b_poles,
        b_moving,
        u_poles,
        (faults // FAULT_B_WELD_1) & 3,
        bit(faults, FAULT_B_STUCK) if b_moving == ORDER_CLOSE else 0,
        hardware,
    )
    u_count = u_count + 1 if u_moving == u_was and u_moving != ORDER_NONE else 0
    b_count = b_count + 1 if b_moving == b_was and b_moving != ORDER_NONE else 0
    u_must = 1 if u_count >= TRAVEL_TICKS else 0
    b_must = 1 if b_count >= TRAVEL_TICKS else 0
    grid = inputs & 1
    source = (inputs >> 1) & 1
    for u_go in range(4):
        if u_go & u_can != u_go or (u_must == 1 and u_go != u_can):
            continue
        u_now = moved(u_poles, u_moving, u_go)
        u_left = u_moving if u_go != u_can else ORDER_NONE
        for b_go in range(4):
            if b_go & b_can != b_go or (b_must == 1 and b_go != b_can):
                continue
            b_now = moved(b_poles, b_moving, b_go)
            if bit(hardware, 2) == 1 and b_now & (3 - b_poles) != 0 and u_now != 0:
                # The lever lets only one of two that close in one tick go on.
                continue
            b_left = b_moving if b_go != b_can else ORDER_NONE
            energised = 0
            if u_now & b_now != 0 and grid == 0 and source == 1:
                energised = (plant & 15) + 1
                if energised > ENERGISED_COUNT_MOST:
                    energised = ENERGISED_COUNT_MOST
            out[n] = (meter << PLANT_BITS) | pack_plant(
                u_now,
                u_left,
                u_count if u_left != ORDER_NONE else 0,
                b_now,
                b_left,
                b_count if b_left != ORDER_NONE else 0,
                energised,
            )
            outputs[n] = inputs + (u_go << 14) + (b_go << 16)
            bads[n] = bad | contacts_bad(u_now, b_now, grid, source, energised)
            n = n + 1
    return n


def expand(key, faults, hardware, s, k, m, r, p, out, outputs, bads):
    """Every state that can follow in one tick. Returns how many were written."""
    plant = key & ((1 << PLANT_BITS) - 1)
    unpack_meter(key >> PLANT_BITS, s, k)
    held = 1 if s.hold_left_ticks > 0 else 0
    many = options(s.mode, plant >> 14, (plant >> 8) & 3, held)
    n = 0
    for restart in range(2):
        for sources in range(4):
            for floating in range(many & 3):
                for phase in range((many >> 2) & 3):
                    for holds in range((many >> 4) & 3):
                        for load in range((many >> 6) & 3):
                            for person in range((many >> 8) & 3):
                                for stored in range((many >> 10) & 3):
                                    for expires in range((many >> 12) & 3):
                                        if restart == 1 and person + stored + expires + load > 0:
                                            # Neither a start nor the scan after it can use them otherwise.
                                            continue
                                        inputs = sources + 4 * floating + 16 * phase + 32 * holds + 64 * load
                                        inputs = inputs + 256 * person + 512 * stored + 1024 * expires + 2048 * restart
                                        bad = one_scan(key, inputs, faults, s, k, m, r, p)
                                        meter = pack_meter(s, k)
                                        n = move_poles(
                                            key, inputs, bad, faults, hardware, meter, s, k, out, outputs, bads, n
                                        )
                                        if (
                                            held == 0
                                            and restart == 0
                                            and command(s, p, ACTION_HOLD_RETURN, HOLD_TICKS) == 0
                                        ):
                                            meter = pack_meter(s, k)
                                            n = move_poles(
                                                key,
                                                inputs + 4096,
                                                bad,
                                                faults,
                                                hardware,
                                                meter,
                                                s,
                                                k,
                                                out,
                                                outputs,
                                                bads,
                                                n,
                                            )
    return n


def explore(
    roots,
    faults,
    hardware,
    table,
    states,
    parents,
    ways,
    bad_state,
    bad_count,
    tally,
    s,
    k,
    m,
    r,
    p,
    out,
    outputs,
    bads,
):
    """Breadth-first search of one set of faults from these roots.

    `states` is filled in the order of finding, `parents` with the index each came from (-1 for a root), `ways` with
    the inputs. `bad_count[b]` counts transitions with bad bit b, `bad_state[b]` holds the first as parent, state and
    inputs. `tally` receives the counts of states and transitions. Returns -1 when `states` is full.
    """
    found = 0
    for root in roots:
        i = slot_of(table, root)
        if table[i] == -1:
            table[i] = root
            states[found] = root
            parents[found] = -1
            found = found + 1
    done = 0
    transitions = 0
    room = len(states)
    while done < found:
        n = expand(states[done], faults, hardware, s, k, m, r, p, out, outputs, bads)
        transitions = transitions + n
        for j in range(n):
            if bads[j] != 0:
                for b in range(12):
                    if (bads[j] >> b) & 1 == 1:
                        if bad_count[b] == 0:
                            bad_state[b, 0] = done
                            bad_state[b, 1] = out[j]
                            bad_state[b, 2] = outputs[j]
                        bad_count[b] = bad_count[b] + 1
            i = slot_of(table, out[j])
            if table[i] == -1:
                if found >= room:
                    return -1
                table[i] = out[j]
                states[found] = out[j]
                parents[found] = done
                ways[found] = outputs[j]
                found = found + 1
        done = done + 1
    tally[0] = found
    tally[1] = transitions
    return found


def arrive(states, inputs, hardware, mode, most, worst, s, k, m, r, p, out, outputs, bads):
    """From each state, with these inputs from now on and every pole moving at once: who does not arrive.

    Arrived is the mode asked for; a latched mode has arrived at once when B is asked for, and with U closed when U is.
    Returns how many states did not arrive within `most` ticks; `worst[0]` is the longest way, `worst[1]` one state.
    """
    late = 0
    for index in range(len(states)):
        key = states[index]
        done = 0
        for tick in range(most):
            unpack_meter(key >> PLANT_BITS, s, k)
            latched = 1 if s.mode == MODE_LOCKED_OUT or s.mode == MODE_BACKUP_BLOCKED else 0
            u_poles = (key >> 14) & 3
            if s.mode == mode or (
                latched == 1 and (mode == MODE_ON_BACKUP or s.mode == MODE_LOCKED_OUT or u_poles == 3)
            ):
                if tick > worst[0]:
                    worst[0] = tick
                done = 1
                break
            held = 1024 if s.hold_left_ticks > 0 else 0
            bad = one_scan(key, inputs + held, 0, s, k, m, r, p)
            n = move_poles(key, inputs, bad, 0, hardware, pack_meter(s, k), s, k, out, outputs, bads, 0)
            # The last way written is the one in which every pole that can move does.
            key = out[n - 1]
        if done == 0:
            late = late + 1
            worst[1] = states[index]
    return late
