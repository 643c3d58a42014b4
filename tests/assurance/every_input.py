"""Every input that can be, at every state of the search: what follows is among what the search follows. Core Python.

Compiled beside the search by `test_search_layers`. What can be is said here anew, without what the search leaves out
because nothing reads it.
"""

from bptm.assurance.automaton import (
    FAULT_BACKUP_HARMS,
    FAULT_LEVER_OR_TEST,
    FAULT_LOAD_VARIES,
    FAULT_MESSAGES_FORGED,
    FAULT_SHORT_CIRCUIT,
    FAULT_UTILITY_HARMS,
    bit,
)
from bptm.assurance.search_inputs import DARK, HANGS, RESTARTS, SCANS, ends_how_many, happens
from bptm.assurance.search_poles import move_poles
from bptm.assurance.search_state import PLANT_BITS, pack_meter, unpack_meter
from bptm.assurance.search_tick import expand, hear, one_scan
from bptm.terms.core_codes import MODE_ON_BACKUP

EVERY = 1 << 15


def can_be(world, faults, mode, doubted, ends):
    """1 for a world that can be: its sources, harm, load, person and what ends, in this mode with these faults."""
    harms = (world >> 13) & 3
    if harms & world & 3 != harms:
        return 0
    if bit(harms, 1) > bit(faults, FAULT_UTILITY_HARMS) or bit(harms, 2) > bit(faults, FAULT_BACKUP_HARMS):
        return 0
    floating = (world >> 2) & 3
    load = (world >> 6) & 3
    person = (world >> 8) & 3
    if floating == 3 or (load == 3 and bit(faults, FAULT_SHORT_CIRCUIT) == 0):
        return 0
    if mode != MODE_ON_BACKUP and bit(faults, FAULT_LOAD_VARIES) == 0 and (load == 2 or (load == 1 and doubted == 0)):
        return 0
    if person > 1 and bit(faults, FAULT_LEVER_OR_TEST) == 0:
        return 0
    end = (world >> 11) & 3
    return 0 if end == 3 or (end > 0 and (ends >> (end - 1)) & 1 == 0) else 1


def is_among(value, out, n):
    """1 when one of the first `n` is this one."""
    for i in range(n):
        if out[i] == value:
            return 1
    return 0


def count_missed(states, faults, hardware, missed, ss, kk, m, r, p, out, outputs, bads, seen, known):
    """How many successors are not followed, of all inputs and messages.

    `missed` gets state, inputs and successor of the first, and how many scans were tried.
    """
    count = 0
    s = ss[0]
    k = kk[0]
    for index in range(len(states)):
        key = states[index]
        n = expand(key, 1, -1, 0, faults, hardware, ss, kk, m, r, p, out, outputs, bads, seen, known)
        unpack_meter(key >> PLANT_BITS, s, k)
        ends = ends_how_many(s)
        mode = s.mode
        doubted = s.neutral_doubted
        off = 1 if k.u_permit == 1 and k.b_permit == 1 else 0
        silent = k.t_silent
        for happening in range(4):
            if happens(happening, off, silent, faults) == 0:
                continue
            for world in range(EVERY):
                if can_be(world, faults, mode, doubted, ends) == 0 or (happening != SCANS and (world >> 11) & 3 > 0):
                    continue
                if happening == RESTARTS and (world >> 8) & 3 > 1:
                    continue
                inputs = (world & 8191) + (happening << 13) + ((world >> 13) << 17)
                for message in range(4):
                    bad = one_scan(key, inputs, faults, s, k, m, r, p)
                    missed[3] = missed[3] + 1
                    if message > 1 and bit(faults, FAULT_MESSAGES_FORGED) == 0:
                        break
                    if message > 0 and (happening == DARK or happening == HANGS or hear(s, p, message) != 0):
                        continue
                    last = move_poles(key, inputs, bad, faults, hardware, pack_meter(s, k), s, k, out, outputs, bads, n)
                    for j in range(n, last):
                        if is_among(out[j], out, n) == 0:
                            if count == 0:
                                missed[0] = key
                                missed[1] = inputs + (message << 15)
                                missed[2] = out[j]
                            count = count + 1
    return count
