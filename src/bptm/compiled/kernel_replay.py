"""Replay of golden vectors, compiled: reads one run's operations and writes its trace.

Written like Core Python, except that it reads bytes. The format is described in `assurance.vectors_format`.
"""

from bptm.controller.remote import command
from bptm.controller.scan import scan, start

OP_END = 0
OP_START = 1
OP_SCAN = 2
OP_REPEAT = 3
OP_COMMAND = 4
OP_SET = 5
OP_SET_FINE = 6


def write_row(trace, n, state, answer):
    """One record of the trace: the words of both states as they lie in memory, then the answer."""
    if len(trace) > 0:
        words = len(state)
        for i in range(words):
            trace[n, i] = state[i]
        trace[n, words] = answer
    return n + 1


def read_number(ops, at):
    """A number of up to ten bytes of seven bits, lowest first, and the place behind it."""
    number = 0
    shift = 0
    for _byte in range(10):
        byte = int(ops[at])
        at = at + 1
        number = number | ((byte & 127) << shift)
        shift = shift + 7
        if byte < 128:
            break
    return number, at


def replay_ops(
    ops, S, K, M, R, P, state, reals, wholes4, wholes8, state_reals, state_wholes8, slot_type, slot_at, trace
):
    """Carries out all operations of one run; returns the number of records written, or -1 for what no run holds.

    `state` are the 32-bit words of the one device and its interlock; `reals`, `wholes4` and `wholes8` are three views
    of the memory of the inputs and settings, into which `slot_at` points by `slot_type` (0 f8, 1 i4, 2 i8; 3, 4 and 5
    the same in the memory of the states). `ops` ends with zeros enough to read one operation beyond its end. A trace
    without rows is not written: only the time counts.
    """
    s = S[0]
    k = K[0]
    m = M[0]
    r = R[0]
    p = P[0]
    n = 0
    at = 0
    room = len(trace) if len(trace) > 0 else 1 << 60
    slots = len(slot_type)
    for _ in range(len(ops)):
        op = ops[at]
        at = at + 1
        if op == OP_END:
            return n
        if op == OP_START:
            if n >= room:
                return -1
            start(s, k, m, p)
            n = write_row(trace, n, state, 0)
            continue
        first, at = read_number(ops, at)
        if n + (first if op == OP_REPEAT else 1) > room and op != OP_SET and op != OP_SET_FINE:
            return -1
        if op == OP_SCAN:
            scan(s, k, m, r, p, first)
            n = write_row(trace, n, state, 0)
            continue
        if op == OP_REPEAT:
            for _tick in range(first):
                scan(s, k, m, r, p, 1)
                n = write_row(trace, n, state, 0)
            continue
        second, at = read_number(ops, at)
        # A number of 63 bits fills the whole word: what is shifted in from above is no sign.
        second = ((second >> 1) & 0x7FFFFFFFFFFFFFFF) ^ -(second & 1)
        if op == OP_COMMAND:
            answer = command(s, p, first, second)
            n = write_row(trace, n, state, answer)
        elif (op == OP_SET or op == OP_SET_FINE) and first < slots:
            kind = slot_type[first]
            if kind == 0:
                reals[slot_at[first]] = second / (256.0 if op == OP_SET else 70368744177664.0)
            elif kind == 1:
                wholes4[slot_at[first]] = second
            elif kind == 2:
                wholes8[slot_at[first]] = second
            elif kind == 3:
                state_reals[slot_at[first]] = second / (256.0 if op == OP_SET else 70368744177664.0)
            elif kind == 4:
                state[slot_at[first]] = second
            else:
                state_wholes8[slot_at[first]] = second
        else:
            return -1
    return -1
