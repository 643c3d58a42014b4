"""The breadth-first search itself, over ticks (`search_tick`), and who arrives. Like Core Python.

The set of states seen is a table of open addressing.
"""

from bptm.assurance.automaton import B_TRAVELS, HARDWARE_TELLS, U_TRAVELS, bit
from bptm.assurance.search_known import acts_of, followed_under
from bptm.assurance.search_poles import move_poles
from bptm.assurance.search_state import PLANT_BITS, pack_meter, plant_of, u_poles_of, unpack_meter
from bptm.assurance.search_tick import expand, journal_of, one_scan
from bptm.terms.core_codes import MODE_BACKUP_BLOCKED, MODE_LOCKED_OUT, MODE_ON_BACKUP

MULTIPLIER = -7046029254386353131


def slot_of(table, key):
    """Where a key stands in the table, or the free place where it belongs."""
    mask = len(table) - 1
    i = ((key * MULTIPLIER) >> 20) & mask
    while table[i] != -1 and table[i] != key:
        i = (i + 1) & mask
    return i


def take_roots(roots, roots_under, roots_act, faults, table, states, parents, under, acts):
    """Enters the states that a search begins from, each once. Returns how many."""
    found = 0
    for index in range(len(roots)):
        root = roots[index]
        i = slot_of(table, root)
        if table[i] == -1:
            table[i] = root
            states[found] = root
            parents[found] = -1
            under[found] = followed_under(plant_of(root), faults, roots_under[index], roots_act[index])
            acts[found] = roots_act[index]
            found = found + 1
    return found


def note_bad(bads, parent, state, inputs, bad_state, bad_count, tally):
    """Counts what was bad about a transition, and remembers the first of each kind."""
    if bit(bads, HARDWARE_TELLS) == 1:
        tally[3] = 1
    for b in range(12):
        if (bads >> b) & 1 == 1:
            if bad_count[b] == 0:
                bad_state[b, 0] = parent
                bad_state[b, 1] = state
                bad_state[b, 2] = inputs
            bad_count[b] = bad_count[b] + 1


def take_next(
    n, done, found, out, outputs, bads, table, states, parents, ways, under, acts, bad_state, bad_count, tally
):
    """Enters what follows from one state. Returns how many are found now, or what `explore` returns when it ends."""
    for j in range(n):
        if out[j] < 0:
            return -2
        acts[done] = acts[done] | acts_of(bads[j])
        if bads[j] & ~(U_TRAVELS | B_TRAVELS) != 0:
            note_bad(bads[j], done, out[j], outputs[j], bad_state, bad_count, tally)
        i = slot_of(table, out[j])
        if table[i] == -1:
            if found >= len(states):
                return -1
            table[i] = out[j]
            states[found] = out[j]
            parents[found] = done
            under[found] = -1
            acts[found] = 0
            ways[found] = outputs[j]
            found = found + 1
    return found


def explore(
    roots,
    roots_under,
    roots_act,
    faults,
    hardware,
    table,
    started,
    states,
    parents,
    ways,
    under,
    acts,
    bad_state,
    bad_count,
    tally,
    ss,
    kk,
    m,
    r,
    p,
    out,
    outputs,
    bads,
    seen,
    known,
):
    """Breadth-first search of one set of faults from these roots.

    `roots_under` and `roots_act` say of each root under which faults it was followed before, and what it did.
    `states` is filled in the order of finding, `parents` with the index each came from (-1 for a root), `ways` with
    the inputs. `bad_count[b]` counts transitions with bad bit b, `bad_state[b]` holds the first as parent, state and
    inputs. `tally` receives the counts of states, transitions and scans, and 1 when an interlock
    could have told; `under` and `acts` what stands above, of each state. Returns -1 when `states` is full, -2 when a
    state has no number.
    """
    found = take_roots(roots, roots_under, roots_act, faults, table, states, parents, under, acts)
    done = 0
    transitions = 0
    known[1] = 0
    while done < found:
        # States with one journal start alike, whatever their timers: one of them stands for all.
        journal = journal_of(states[done], ss[0], kk[0])
        i = slot_of(started, journal)
        restarts = 1 if started[i] == -1 else 0
        started[i] = journal
        n = expand(
            states[done],
            restarts,
            under[done],
            acts[done],
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
            seen,
            known,
        )
        transitions = transitions + n
        found = take_next(
            n, done, found, out, outputs, bads, table, states, parents, ways, under, acts, bad_state, bad_count, tally
        )
        if found < 0:
            return found
        done = done + 1
    tally[0] = found
    tally[1] = transitions
    tally[2] = known[1]
    return found


def arrive(states, inputs, hardware, mode, most, worst, ss, kk, m, r, p, out, outputs, bads, seen, known):
    """From each state, with these inputs from now on and every pole moving at once: who does not arrive.

    Arrived is the mode asked for; a latched mode has arrived at once when B is asked for, and with U closed when U is.
    Returns how many states did not arrive within `most` ticks; `worst[0]` is the longest way, `worst[1]` one state.
    """
    late = 0
    s = ss[0]
    k = kk[0]
    for index in range(len(states)):
        key = states[index]
        done = 0
        for tick in range(most):
            unpack_meter(key >> PLANT_BITS, s, k)
            latched = 1 if s.mode == MODE_LOCKED_OUT or s.mode == MODE_BACKUP_BLOCKED else 0
            u_poles = u_poles_of(plant_of(key))
            if s.mode == mode or (
                latched == 1 and (mode == MODE_ON_BACKUP or s.mode == MODE_LOCKED_OUT or u_poles == 3)
            ):
                if tick > worst[0]:
                    worst[0] = tick
                done = 1
                break
            held = 2048 if s.hold_left_ticks > 0 else 0
            bad = one_scan(key, inputs + held, 0, s, k, m, r, p)
            n = move_poles(key, inputs, bad, 0, hardware, pack_meter(s, k), s, k, out, outputs, bads, 0)
            # The last way written is the one in which every pole that can move does.
            key = out[n - 1]
        if done == 0:
            late = late + 1
            worst[1] = states[index]
    return late
