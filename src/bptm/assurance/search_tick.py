"""One tick of the search: from one state to all that can follow. Like Core Python.

Every transition runs the shipped `scan` (and `start`, `command`; the interlock alone when the controller hangs).
Written to run plain and compiled. Inputs that nothing can read in a state are not varied there (`search_inputs`),
inputs that end in the same state are followed once, and what another search followed is left out (`search_known`).
"""

from bptm.assurance.automaton import (
    BAD_BLOCK_NOT_OPEN,
    BAD_BOTH_ORDERED,
    BAD_CLOSE_ON_LIVE_BUS,
    BAD_CLOSE_WITHOUT_ENERGY,
    BAD_LOCKOUT_LOST,
    BAD_LOCKOUT_NOT_OPEN,
    BAD_LOCKOUT_WITHOUT_FAULT,
    BAD_START_CLOSES,
    FAULT_CLOCK_FAST,
    FAULT_JOURNAL_LOST,
    FAULT_MESSAGES_FORGED,
    RESIDUAL_V,
    bit,
    reading,
    sense,
)
from bptm.assurance.search_inputs import (
    DARK,
    HANGS,
    RESTARTS,
    SCANS,
    ends_how_many,
    floats,
    happens,
    harms_differ,
    loads,
    persons,
    phase_matters,
    pulls,
    resettable,
    scans,
)
from bptm.assurance.search_known import READ_ONLY, may_act
from bptm.assurance.search_poles import move_poles
from bptm.assurance.search_state import (
    HOLD_TICKS,
    PLANT_BITS,
    b_moving_of,
    b_poles_of,
    first_digits,
    pack_meter,
    plant_of,
    u_moving_of,
    u_poles_of,
    unpack_meter,
)
from bptm.controller.interlock import judge_orders
from bptm.controller.remote import command
from bptm.controller.scan import reset_volatile, scan, start
from bptm.terms.core_codes import (
    ACTION_DISCONNECT,
    ACTION_HOLD_RETURN,
    ACTION_RECONNECT,
    CAUSE_B_FAILED_TO_OPEN,
    CAUSE_NONE,
    CAUSE_START,
    CAUSE_U_FAILED_TO_CLOSE,
    CONTACT_OPEN,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_OFF,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_CLOSE,
    ORDER_NONE,
    ORDER_OPEN,
)

LIVE_V = 25.0
SEEN_MOST = 60


def orders_bad(s, k, m, p, bus_v, happening, latched_before, b_permit, u_permit):
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
        if s.b_order != ORDER_OPEN or k.b_out != ORDER_OPEN or s.u_order == ORDER_CLOSE or k.u_out == ORDER_CLOSE:
            bad |= BAD_LOCKOUT_NOT_OPEN
        # U may wait for B, for as long as B has to open, and above its breaking rating. A hung controller orders nothing.
        waits = 1 if s.above_rating == 1 or (s.b_contact != CONTACT_OPEN and s.t_step < p.contact_ticks) else 0
        if waits == 0 and happening != HANGS and (s.u_order != ORDER_OPEN or k.u_out != ORDER_OPEN):
            bad |= BAD_LOCKOUT_NOT_OPEN
    if s.mode == MODE_BACKUP_BLOCKED and (s.b_order != ORDER_OPEN or k.b_out != ORDER_OPEN):
        bad |= BAD_BLOCK_NOT_OPEN
    if happening == RESTARTS and k.b_out == ORDER_CLOSE:
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
    """The journal after a loss of power: as it was, or none, which the host tells the start."""
    if bit(faults, FAULT_JOURNAL_LOST) == 1:
        s.mode = MODE_OFF
        s.latched = CAUSE_NONE
        s.cause = CAUSE_START
        s.fed_by = 0
        s.overloads = 0
        s.harms = 0
        s.neutral_doubted = 0
        s.disconnect_asked = 0
        s.hold_left_ticks = 0
        s.journal_lost = 1
    s.dead_time_ticks = 0


def fall_dark(s, k):
    """A meter without supply: only its journal is left, B drops, U stays. Both permits say that it is dark."""
    reset_volatile(s)
    if s.latched == CAUSE_NONE:
        s.mode = MODE_DARK
    s.cause = CAUSE_START
    s.dead_time_ticks = 2
    k.t_bus_dead = 0
    k.t_silent = 0
    k.u_permit = 1
    k.b_permit = 1
    k.u_out = ORDER_NONE
    k.b_out = ORDER_OPEN


def sense_inputs(plant, inputs, faults, m, r):
    """What meter and interlock read with these inputs. Returns the true bus, the higher leg."""
    floating = (inputs >> 2) & 3
    return sense(
        m,
        r,
        faults,
        u_poles_of(plant),
        b_poles_of(plant),
        u_moving_of(plant),
        b_moving_of(plant),
        inputs & 1,
        (inputs >> 1) & 1,
        (inputs >> 17) & 1,
        (inputs >> 18) & 1,
        1 - ((inputs >> 5) & 1),
        (inputs >> 4) & 1,
        (inputs >> 6) & 3,
        0.0 if floating == 0 else (RESIDUAL_V if floating == 1 else 120.0),
    )


def one_scan(key, inputs, faults, s, k, m, r, p):
    """Runs the meter through one tick with these inputs. Returns what was bad about its orders."""
    unpack_meter(key >> PLANT_BITS, s, k)
    return scan_from(plant_of(key), inputs, faults, s, k, m, r, p)


def scan_from(plant, inputs, faults, s, k, m, r, p):
    """The same for a meter that is unpacked."""
    happening = (inputs >> 13) & 3
    if happening == DARK:
        fall_dark(s, k)
        return 0
    person = (inputs >> 8) & 3
    m.local_reset = 1 if person == 1 else 0
    m.local_test = 1 if person == 2 else 0
    m.local_disconnect = 1 if person == 3 else 0
    m.stored_energy_ok = 1 - ((inputs >> 10) & 1)
    ends = (inputs >> 11) & 3
    if ends == 1:
        s.hold_left_ticks = 1
    elif ends == 2:
        s.test_left_ticks = 1
    bus_v = sense_inputs(plant, inputs, faults, m, r)
    latched_before = 1 if s.mode == MODE_LOCKED_OUT else 0
    u_permit = k.u_permit
    b_permit = k.b_permit
    bad = 0
    restarted = 1 if happening == RESTARTS else 0
    if restarted == 1:
        power_lost(s, faults)
        start(s, k, m, p)
        if s.u_order == ORDER_CLOSE or s.b_order == ORDER_CLOSE:
            bad |= BAD_START_CLOSES
        u_permit = 0
        b_permit = 0
    ticks = 2 if bit(faults, FAULT_CLOCK_FAST) == 1 else 1
    if happening == HANGS:
        judge_orders(k, r, p.interlock_dead_ticks, p.watchdog_ticks, s.beat, s.u_order, s.b_order, ticks)
    else:
        scan(s, k, m, r, p, ticks)
    if s.hold_left_ticks > 0:
        s.hold_left_ticks = HOLD_TICKS
    if s.test_left_ticks > 0:
        s.test_left_ticks = HOLD_TICKS
    if faults == 0 and latched_before == 0 and s.mode == MODE_LOCKED_OUT and accuses_a_contactor(s.cause) == 1:
        bad |= BAD_LOCKOUT_WITHOUT_FAULT
    return bad | orders_bad(s, k, m, p, bus_v, happening, latched_before, b_permit, u_permit)


def hear(s, p, message):
    """A remote message. Returns 0 when it was carried out."""
    if message == 1:
        return command(s, p, ACTION_HOLD_RETURN, HOLD_TICKS)
    if message == 2:
        return command(s, p, ACTION_DISCONNECT, 0)
    return command(s, p, ACTION_RECONNECT, 0)


UNCHANGED = 0
CHANGED = 1
ASKED_ENERGY = 2


def what_changed(key, s, meter, happening):
    """What a scan did to mode, step, orders and tries; a start counts as the most.

    Without stored energy only an arrow that asks for it can be missed: to another source, or an order.
    """
    if happening == RESTARTS:
        return ASKED_ENERGY
    if first_digits(key >> PLANT_BITS) == first_digits(meter):
        return UNCHANGED
    if s.mode == MODE_TO_BACKUP or s.mode == MODE_TO_UTILITY or s.mode == MODE_TEST:
        return ASKED_ENERGY
    return ASKED_ENERGY if s.u_order == ORDER_CLOSE or s.b_order == ORDER_CLOSE or s.tries > 0 else CHANGED


def seen_before(meter, bad, seen, first):
    """1 when this scan ended as one before it did, from the same state with the same sources; else remembers it."""
    for i in range(first):
        if seen[2 * i] == meter and seen[2 * i + 1] == bad:
            return 1
    seen[2 * first] = meter
    seen[2 * first + 1] = bad
    return 0


def follow(key, inputs, faults, hardware, ss, kk, m, r, p, out, outputs, bads, n, seen, known):
    """One scan with these inputs, and every message that can come after it; writes what follows. Returns the count.

    `known[0]` counts what `seen` holds, `known[1]` the scans; `known[2]` is `what_changed`,
    `known[3]` is 1 when a side has followed another or something changed, which may be its end.
    """
    # A copy, instead of unpacking the meter anew for every input.
    ss[0] = ss[1]
    kk[0] = kk[1]
    s = ss[0]
    k = kk[0]
    bad = scan_from(plant_of(key), inputs, faults, s, k, m, r, p)
    known[1] = known[1] + 1
    meter = pack_meter(s, k)
    happening = (inputs >> 13) & 3
    known[2] = what_changed(key, s, meter, happening)
    if s.t_follow > 0 or s.t_inlet_follow > 0 or known[2] != UNCHANGED:
        known[3] = 1
    if known[0] < SEEN_MOST:
        if seen_before(meter, bad, seen, known[0]) == 1:
            return n
        known[0] = known[0] + 1
    n = move_poles(key, inputs, bad, faults, hardware, meter, s, k, out, outputs, bads, n)
    if happening == DARK or happening == HANGS:
        return n
    last = 3 if bit(faults, FAULT_MESSAGES_FORGED) == 1 else 1
    held = s.hold_left_ticks
    asked = s.disconnect_asked
    for message in range(1, last + 1):
        if (message > 1 or held == 0) and hear(s, p, message) == 0:
            meter = pack_meter(s, k)
            n = move_poles(key, inputs + (message << 15), bad, faults, hardware, meter, s, k, out, outputs, bads, n)
            s.hold_left_ticks = held
            s.disconnect_asked = asked
    return n


def journal_of(key, s, k):
    """What a start from here depends on, as a state: the journal, and where the poles are and move."""
    unpack_meter(key >> PLANT_BITS, s, k)
    fall_dark(s, k)
    return (pack_meter(s, k) << PLANT_BITS) | plant_of(key)


def known_already(plant, inputs, happening, faults, under, acts, m, r):
    """1 when these faults do here what those did under which this state was followed before: nothing new can follow."""
    if may_act(faults & ~under, acts, happening) == 1:
        return 0
    if bit(faults & ~under, READ_ONLY) == 0 or happening == DARK:
        return 1
    sense_inputs(plant, inputs, under, m, r)
    before = reading(m, r)
    sense_inputs(plant, inputs, faults, m, r)
    return 1 if reading(m, r) == before else 0


def expand(key, restarts, under, acts, faults, hardware, ss, kk, m, r, p, out, outputs, bads, seen, known):
    """Every state that can follow in one tick; by a restart only when `restarts` is 1. Returns how many were written.

    `under` are the faults under which this state was followed before, by a search whose states are all roots of this
    one, and `acts` what it did there (`search_known`): what is the same is left out. -1 when it was not, or is to be followed whole.
    `ss` and `kk` are two records each: the one that scans, and the meter as it is in this state.
    """
    s = ss[1]
    k = kk[1]
    plant = plant_of(key)
    u_poles = u_poles_of(plant)
    b_poles = b_poles_of(plant)
    unpack_meter(key >> PLANT_BITS, s, k)
    mode = s.mode
    off = 1 if k.u_permit == 1 and k.b_permit == 1 else 0
    silent = k.t_silent
    ends = ends_how_many(s)
    doubted = s.neutral_doubted
    resets = resettable(s)
    n = 0
    for happening in range(4):
        if happens(happening, off, silent, faults) == 0 or (happening == RESTARTS and restarts == 0):
            continue
        for sources in range(4):
            for harms in range(4):
                if harms_differ(harms, sources, faults, happening) == 0:
                    continue
                known[0] = 0
                world = sources + (harms << 17) + (happening << 13)
                for floating in range(floats(u_poles, b_poles, sources, happening)):
                    phases = phase_matters(u_poles, b_poles, sources, floating, faults, happening)
                    known[3] = 0
                    for apart in range(phases):
                        # In phase first: where nothing then follows anything, it makes no difference.
                        if apart == 1 and known[3] == 0:
                            continue
                        phase = phases - 1 - apart
                        for holds in range(pulls(u_poles, b_poles, sources, happening)):
                            place = world + 4 * floating + 16 * phase + 32 * holds
                            if under >= 0 and known_already(plant, place, happening, faults, under, acts, m, r) == 1:
                                known[3] = 1
                                continue
                            for person in range(4):
                                if persons(person, mode, resets, faults, happening) == 0:
                                    continue
                                for end in range(3):
                                    if end > 0 and (happening != SCANS or (ends >> (end - 1)) & 1 == 0):
                                        continue
                                    inputs = place + 256 * person + 2048 * end
                                    for load in range(4):
                                        if loads(load, mode, doubted, faults, happening) == 0:
                                            continue
                                        for stored in range(2):
                                            if stored == 1 and (scans(happening) == 0 or known[2] < ASKED_ENERGY):
                                                continue
                                            n = follow(
                                                key,
                                                inputs + 64 * load + 1024 * stored,
                                                faults,
                                                hardware,
                                                ss,
                                                kk,
                                                m,
                                                r,
                                                p,
                                                out,
                                                outputs,
                                                bads,
                                                n,
                                                seen,
                                                known,
                                            )
    return n
