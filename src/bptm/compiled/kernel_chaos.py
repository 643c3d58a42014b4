"""Lives of homes in chaos: plant, meter, journal, script and checkers together, through virtual time.

Written like Core Python, and run plain and compiled alike; it may loop without a limit known beforehand. A home steps
by single ticks from any change of an input, a fact or an order until it is settled; otherwise it strides to the next
thing that can change. The result does not depend on how time is cut (tested).
"""

from bptm.compiled.kernel_chaos_circuit import pass_circuit_time, solve_chaos, ticks_of_circuit
from bptm.compiled.kernel_chaos_contactors import drive_contactors, end_travels
from bptm.compiled.kernel_chaos_faults import (
    happen,
    mend,
)
from bptm.compiled.kernel_chaos_laws import (
    count_checked,
    counted,
    higher,
    judge_b_opening,
    judge_change,
    judge_close,
    judge_command,
    judge_disconnected,
    judge_joined,
    judge_legs,
    judge_liveness,
    judge_orders_given,
    judge_registers,
    judge_source_taken,
    judge_start,
    judge_u_opening,
    watch_itic,
)
from bptm.compiled.kernel_chaos_meter import (
    clear_journalled,
    copy_journal,
    keep_journal,
    measure_chaos,
)
from bptm.compiled.kernel_chaos_script import between, draw_episode, roll
from bptm.compiled.kernel_chaos_what import (
    WHAT_COMMAND,
    WHAT_JOURNAL_LOST,
    WHAT_JOURNAL_OLDER,
    WHAT_LEVER,
    WHAT_LOCAL_TEST,
    WHAT_RESET,
)
from bptm.controller.profiles import apply_profile
from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.terms.core_codes import (
    ACTION_ALLOW_RETURN,
    ACTION_DISCONNECT,
    ACTION_HOLD_RETURN,
    ACTION_RECONNECT,
    BACKUP_EV,
    BACKUP_PORTABLE,
    CONTACT_OPEN,
    EVENT_LAST_GASP,
    NEVER_TICKS,
    ORDER_CLOSE,
    ORDER_NONE,
    ORDER_OPEN,
    TICKS_PER_S,
)

PASSES_ONE_IN = 8
"""One home in so many shows the passes in phase of a source that runs fast or slow by more than 1 Hz."""
COMMAND_STEP = 10000000
"""A command's argument: its action times this, plus seconds."""


def first_draw(seed, home):
    """State of a life's own draw, 1..2147483646, without likeness between neighbours.

    The draw itself is linear: lives begun at evenly spaced states would be alike, and were (no standby set among the
    first forty of a seed). Source: finaliser of MurmurHash3 (A. Appleby), 32 bits.
    """
    x = (seed * 1000003 + home + 1) % 4294967296
    x = (x ^ (x >> 16)) * 2246822507 % 4294967296
    x = (x ^ (x >> 13)) * 3266489909 % 4294967296
    return (x ^ (x >> 16)) % 2147483646 + 1


def begin_life(h, s, j, older, m, r, p, seed, home):
    """A home on the utility at tick 0, drawn from the run's seed and its own number; its meter has no supply yet."""
    h.seed = seed
    h.home = home
    h.draw = first_draw(seed, home)
    h.utility_on = 1
    h.utility_share = 1.0
    h.utility_hz = 60.0
    h.utility_v = 0.1 * between(h, 1180, 1225)
    h.service_ohm = 0.001 * between(h, 30, 80)
    h.neutral_ohm = 0.03
    h.source_kind = between(h, BACKUP_PORTABLE, BACKUP_EV)
    h.rating_w = float(between(h, 50, 100) * 100)
    # Never nearer to the grid's frequency than 2 mHz: a source that keeps its phase by chance is told for a weld, whose
    # probability docs/explanation/protection.md gives.
    h.source_own_hz = 0.001 * between(h, 2, 100) * (1.0 if roll(h, 2) == 0 else -1.0)
    h.interlock = between(h, 0, 2)
    h.passes = 1 if roll(h, PASSES_ONE_IN) == 0 else 0
    mend(h)
    h.hold_up_ticks = 0
    h.u_poles = 3
    h.phase_uturns = roll(h, 1000000)
    p.medical = 1 if roll(h, 10) == 0 else 0
    p.remote_disconnect = roll(h, 2)
    p.slot_seed = h.draw
    apply_profile(p, h.source_kind, 30.0)
    s.u_contact = CONTACT_OPEN
    s.b_contact = CONTACT_OPEN
    copy_journal(j, s)
    copy_journal(older, s)
    draw_episode(h)
    h.changed = 1
    solve_chaos(h)
    measure_chaos(h, m, r)


def power_up(h, s, k, j, older, m, p):
    """The meter starts, on power or after a reset, with what its journal gives back."""
    h.powered = 1
    h.resets += 1
    if h.reset_how == 1:
        clear_journalled(s)
    elif h.reset_how == 2:
        copy_journal(s, older)
    else:
        copy_journal(s, j)
    lost = h.reset_how
    h.reset_how = 0
    start(s, k, m, p)
    k.u_out = ORDER_NONE
    k.b_out = ORDER_OPEN
    judge_start(h, s, k)
    if lost == 0:
        judge_change(h, s, s.mode)
    else:
        h.latched_seen = s.latched
    keep_journal(h, s, j, older)
    h.changed = 1


def carry_out(h, s, p, x):
    """A message that the gate let through reaches the controller; whatever it asks, LAW-4 holds."""
    h.faults[WHAT_COMMAND] += 1
    if h.powered == 0:
        return
    action = x // COMMAND_STEP
    hold_ticks = x % COMMAND_STEP * TICKS_PER_S
    latched = s.latched
    u_order = s.u_order
    b_order = s.b_order
    mode = s.mode
    unmet = command(s, p, action, hold_ticks)
    judge_command(h, s, latched, u_order, b_order, mode)
    h.changed = 1
    if unmet != 0:
        return
    if action == ACTION_HOLD_RETURN:
        h.held_until_tick = h.tick + hold_ticks
    elif action == ACTION_ALLOW_RETURN:
        h.held_until_tick = h.tick
    elif action == ACTION_DISCONNECT:
        h.disconnected = 1
    elif action == ACTION_RECONNECT:
        h.disconnected = 0


def follow_script(h, s, p):
    """Everything of the script that is due now; at an episode's end, its accounts and the next one."""
    if h.tick >= h.episode_end_tick:
        judge_registers(h, s)
        draw_episode(h)
        h.true_u_in_mwticks = 0
        h.true_b_in_mwticks = 0
        h.register_u_mwticks = s.utility_in_mwticks
        h.register_b_mwticks = s.backup_in_mwticks
        h.register_x_mwticks = s.unassigned_mwticks
    for _entry in range(h.entries + 1):
        if h.next_entry >= h.entries or h.at_tick[h.next_entry] > h.tick:
            return
        what = h.what[h.next_entry]
        x = h.argument[h.next_entry]
        h.next_entry += 1
        if what == WHAT_COMMAND:
            carry_out(h, s, p, x)
        else:
            happen(h, what, x)
            if what == WHAT_RESET or what == WHAT_JOURNAL_LOST or what == WHAT_JOURNAL_OLDER:
                h.hazards |= 1 << 7


def count_energy(h, ticks):
    """Energy through each contactor, in whole milliwatt-ticks as the registers count."""
    if h.u_w > 0.0:
        h.true_u_in_mwticks += int(h.u_w * 1000.0) * ticks
    if h.b_w > 0.0:
        h.true_b_in_mwticks += int(h.b_w * 1000.0) * ticks


def supply(h, m, ticks):
    """Hold-up of the meter: full while supplied, running down otherwise."""
    if m.supplied == 1:
        h.hold_up_ticks = h.hold_up_most_ticks
        return
    was = h.hold_up_ticks
    h.hold_up_ticks = h.hold_up_ticks - ticks
    if was > 1200 and h.hold_up_ticks <= 1200:
        h.changed = 1
    if h.hold_up_ticks <= 0:
        h.hold_up_ticks = 0
        h.powered = 0
        h.changed = 1


def ticks_of_hold_up(h, m):
    """Ticks before hold-up changes what the meter can do."""
    if m.supplied == 1:
        return NEVER_TICKS
    if h.hold_up_ticks > 1200:
        return h.hold_up_ticks - 1200
    return h.hold_up_ticks


def give_orders(h, k, m):
    """Orders to the contactors, from the end of a scan on; what begins is judged."""
    u_was = h.u_moving
    b_was = h.b_moving
    u_out = k.u_out if h.powered == 1 else ORDER_NONE
    b_out = k.b_out if h.powered == 1 else ORDER_OPEN
    begun = drive_contactors(h, u_out, b_out)
    if begun == 0:
        return
    if h.u_moving == ORDER_CLOSE and u_was == ORDER_NONE and u_out == ORDER_CLOSE:
        judge_close(h, 1 - m.supplied)
    if h.b_moving == ORDER_CLOSE and b_was == ORDER_NONE and b_out == ORDER_CLOSE:
        judge_close(h, 1 - m.supplied)
        judge_source_taken(h)
    if h.u_moving == ORDER_OPEN and u_was == ORDER_NONE:
        # A lever that is let go at once has asked all the same.
        asked = 1 if h.happened & (1 << WHAT_LEVER | 1 << WHAT_LOCAL_TEST) != 0 or h.disconnected == 1 else 0
        judge_u_opening(h, asked)
    if h.b_moving == ORDER_OPEN and b_was == ORDER_NONE and h.powered == 1:
        judge_b_opening(h)
    if h.reset_after > 0:
        h.reset_at_tick = h.tick + h.reset_after - 1
        h.reset_after = 0


def stride_of(h, m, s):
    """How far nothing can change, but for what this scan itself does."""
    ticks = h.episode_end_tick - h.tick
    if h.next_entry < h.entries and h.at_tick[h.next_entry] - h.tick < ticks:
        ticks = h.at_tick[h.next_entry] - h.tick
    left = ticks_of_circuit(h)
    ticks = min(ticks, left)
    ticks = min(ticks, h.reset_at_tick - h.tick)
    if h.powered == 0 and h.boots_at_tick > h.tick and h.boots_at_tick - h.tick < ticks:
        ticks = h.boots_at_tick - h.tick
    if h.powered == 1:
        left = ticks_of_hold_up(h, m)
        ticks = min(ticks, left)
        ticks = min(ticks, s.wake_ticks)
    if h.changed == 1 or ticks < 1:
        ticks = 1
    return ticks


def step_life(h, s, k, j, older, m, r, p, until_tick):
    """One scan of one home and what belongs to it; returns the ticks that passed."""
    follow_script(h, s, p)
    if h.changed == 1:
        solve_chaos(h)
        measure_chaos(h, m, r)
    if h.reset_at_tick <= h.tick:
        h.reset_at_tick = NEVER_TICKS
        if h.powered == 1:
            # Coils fall while it boots; it is back in 50 to 500 ms.
            h.powered = 0
            h.boots_at_tick = h.tick + between(h, 6, 60)
    if h.powered == 0 and m.supplied == 1 and h.boots_at_tick <= h.tick:
        power_up(h, s, k, j, older, m, p)
    ticks = stride_of(h, m, s)
    ticks = min(ticks, until_tick - h.tick)
    h.changed = 0
    if h.powered == 1:
        before = s.mode
        h.scans += 1
        scan(s, k, m, r, p, ticks)
        judge_orders_given(h, k)
        judge_change(h, s, before)
        judge_disconnected(h, k)
        keep_journal(h, s, j, older)
        if (s.events >> EVENT_LAST_GASP) & 1 == 1:
            copy_journal(j, s)
    watch_itic(h, ticks)
    judge_joined(h, k, ticks)
    judge_legs(h, ticks)
    judge_liveness(h, ticks)
    count_checked(h, ticks)
    count_energy(h, ticks)
    if h.happened & ~(1 << 2 | 1 << 8 | 1 << 9 | 1 << 16) != 0 or h.utility_on == 0 or h.b_poles != 0:
        h.stress_ticks += ticks
    h.t_apart = counted(1 if h.u_poles == 0 and h.b_poles == 0 else 0, h.t_apart, ticks)
    h.t_bus_dead = counted(1 if higher(h.bus_l1_v, h.bus_l2_v) < 30.0 else 0, h.t_bus_dead, ticks)
    h.tick = h.tick + ticks
    pass_circuit_time(h, ticks)
    end_travels(h, ticks)
    give_orders(h, k, m)
    if h.powered == 1:
        supply(h, m, ticks)
    return ticks


def live_all(H, S, K, J, OLDER, M, R, P, seed, first_home, until_tick):
    """Lives all homes of these arrays up to `until_tick`, each until it breaks a law."""
    for i in range(len(H)):
        begin_life(H[i], S[i], J[i], OLDER[i], M[i], R[i], P[i], seed, first_home + i)
        while H[i].tick < until_tick and H[i].broken == 0:
            step_life(H[i], S[i], K[i], J[i], OLDER[i], M[i], R[i], P[i], until_tick)
