"""What to switch on next, and in which order. Core Python.

Running powers add up whatever the order; what an appliance needs beyond that to start is needed once, on top of all that
runs already. So those that need most beyond running go first, while most is free: when any order starts a set of 240 V
appliances, this one does (exchange argument). Which appliances form the set: by a person's rank, then by habit.
"""

from bptm.controller.advice_steps import learned, predicted_start_va, running_w
from bptm.controller.protection_values import higher, lower
from bptm.terms.core_advice import (
    APPLIANCES,
    BLOCK_LISTED,
    BLOCK_LOCKED,
    BLOCK_NEVER,
    BLOCK_RUN_L1,
    BLOCK_RUN_L2,
    BLOCK_RUN_TOTAL,
    BLOCK_START_L1,
    BLOCK_START_L2,
    BLOCK_START_TOTAL,
    BLOCK_UNKNOWN,
)
from bptm.terms.core_codes import FED_BY_BACKUP

LEG_V = 120.0
"""Nominal: what is planned before a source runs."""


def start_limit_va(a, p):
    """What the source can start."""
    return p.source_start_va if p.source_start_va > 0.0 else p.source_start_ratio * a.rating_w


def run_leg_w(a, p):
    """What a leg may run: the 80 % rule on its ampacity, and half of what the list fills of the rating."""
    return lower(p.continuous_fraction * a.leg_limit_a * LEG_V, p.running_fraction * a.rating_w / 2.0)


def share(part_w, whole_w):
    """The part of an appliance's start that its leg carries."""
    return part_w / whole_w if whole_w > 0.0 else 0.0


def beyond_va(a, i):
    """What a start needs beyond running, on the leg that needs most."""
    over_va = a.predicted_va[i] - running_w(a, i)
    return over_va * higher(share(a.l1_w[i], running_w(a, i)), share(a.l2_w[i], running_w(a, i)))


def blocks_of(a, p, i, l1_w, l2_w):
    """Why appliance `i` cannot go on beside loads of these powers; 0 when it can."""
    found = 0
    start_va = a.predicted_va[i]
    limit_va = start_limit_va(a, p)
    if l1_w + l2_w + start_va > limit_va:
        found |= BLOCK_START_TOTAL
    # Half of a generator's winding feeds each leg.
    if a.l1_w[i] > 0.0 and l1_w + start_va * share(a.l1_w[i], running_w(a, i)) > limit_va / 2.0:
        found |= BLOCK_START_L1
    if a.l2_w[i] > 0.0 and l2_w + start_va * share(a.l2_w[i], running_w(a, i)) > limit_va / 2.0:
        found |= BLOCK_START_L2
    if l1_w + l2_w + running_w(a, i) > p.running_fraction * a.rating_w:
        found |= BLOCK_RUN_TOTAL
    if a.l1_w[i] > 0.0 and l1_w + a.l1_w[i] > run_leg_w(a, p):
        found |= BLOCK_RUN_L1
    if a.l2_w[i] > 0.0 and l2_w + a.l2_w[i] > run_leg_w(a, p):
        found |= BLOCK_RUN_L2
    return found


def base_l1_w(a, s):
    """Load of leg 1 that the list adds to: the settled one on backup, else none (all breakers off)."""
    return higher(a.level_l1_w, 0.0) if s.fed_by == FED_BY_BACKUP else 0.0


def base_l2_w(a, s):
    """The same of leg 2."""
    return higher(a.level_l2_w, 0.0) if s.fed_by == FED_BY_BACKUP else 0.0


def make_queue(a):
    """All places, those that need most beyond running first; equal ones in the order of their places."""
    for i in range(APPLIANCES):
        at = 0
        for j in range(i):
            if beyond_va(a, a.queue[j]) >= beyond_va(a, i):
                at = j + 1
        for j in range(i - at):
            a.queue[i - j] = a.queue[i - j - 1]
        a.queue[at] = i


def set_starts(a, p, from_l1_w, from_l2_w):
    """1 when all chosen appliances can be switched on in the order of the queue."""
    l1_w = from_l1_w
    l2_w = from_l2_w
    for k in range(APPLIANCES):
        i = a.queue[k]
        if a.chosen[i] == 1:
            if blocks_of(a, p, i, l1_w, l2_w) != 0:
                return 0
            l1_w += a.l1_w[i]
            l2_w += a.l2_w[i]
    return 1


def sooner(a, i, j):
    """1 when a person wants `i` before `j`: by rank, then by how often it is used, then the smaller one."""
    if a.wanted[i] != a.wanted[j]:
        return 1 if a.wanted[i] < a.wanted[j] else 0
    if a.ons[i] != a.ons[j]:
        return 1 if a.ons[i] > a.ons[j] else 0
    return 1 if running_w(a, i) < running_w(a, j) else 0


def candidate(a, p, s, i):
    """1 when an appliance may be put on the list."""
    if learned(a, p, i) == 0 or a.wanted[i] == 0 or a.blocks[i] != 0:
        return 0
    return 1 if s.fed_by != FED_BY_BACKUP or a.is_on[i] == 0 else 0


def choose(a, s, p, from_l1_w, from_l2_w):
    """Fills the list: one after the other as wanted, as long as the whole list can still be started."""
    for _k in range(APPLIANCES):
        best = -1
        for i in range(APPLIANCES):
            if candidate(a, p, s, i) == 1 and a.chosen[i] == 0 and (best < 0 or sooner(a, i, best) == 1):
                best = i
        if best < 0:
            break
        a.chosen[best] = 1
        if set_starts(a, p, from_l1_w, from_l2_w) == 0:
            a.chosen[best] = 0
            a.blocks[best] = BLOCK_LISTED


def find_off_first(a, p, i, l1_w, l2_w):
    """The smallest appliance that is on and whose end lets `i` start; -1 when none does."""
    found = -1
    for j in range(APPLIANCES):
        if a.is_on[j] == 1 and j != i:
            without_l1_w = higher(l1_w - a.l1_w[j], 0.0)
            without_l2_w = higher(l2_w - a.l2_w[j], 0.0)
            if blocks_of(a, p, i, without_l1_w, without_l2_w) == 0:
                if found < 0 or running_w(a, j) < running_w(a, found):
                    found = j
    return found


def free_for(a, p, i, l1_w, l2_w):
    """What is free for the start of `i`: of the source, or of its leg where that has less for it."""
    free_va = start_limit_va(a, p) - l1_w - l2_w
    whole_w = running_w(a, i)
    if a.l1_w[i] > 0.0:
        free_va = lower(free_va, (start_limit_va(a, p) / 2.0 - l1_w) / share(a.l1_w[i], whole_w))
    if a.l2_w[i] > 0.0:
        free_va = lower(free_va, (start_limit_va(a, p) / 2.0 - l2_w) / share(a.l2_w[i], whole_w))
    return free_va


def plan(a, s, p):
    """Makes the list anew. Depends on the appliances, the settled load, the locks and the limits, and nothing else."""
    l1_w = base_l1_w(a, s)
    l2_w = base_l2_w(a, s)
    known = 1 if s.fed_by != FED_BY_BACKUP or (a.level_known == 1 and a.headroom_known == 1) else 0
    for i in range(APPLIANCES):
        a.rank[i] = 0
        a.chosen[i] = 0
        a.blocks[i] = 0
        a.off_first[i] = -1
        a.predicted_va[i] = 0.0
        a.free_va[i] = 0.0
        if a.used[i] == 1:
            a.predicted_va[i] = predicted_start_va(a, i)
            a.free_va[i] = free_for(a, p, i, l1_w, l2_w)
            if known == 0:
                a.blocks[i] = BLOCK_UNKNOWN
            elif s.fed_by != FED_BY_BACKUP or a.is_on[i] == 0:
                a.blocks[i] = blocks_of(a, p, i, l1_w, l2_w)
                if a.blocks[i] != 0:
                    if blocks_of(a, p, i, 0.0, 0.0) != 0:
                        a.blocks[i] |= BLOCK_NEVER
                    elif s.fed_by == FED_BY_BACKUP:
                        a.off_first[i] = find_off_first(a, p, i, l1_w, l2_w)
                if (a.locked >> i) & 1 == 1:
                    a.blocks[i] |= BLOCK_LOCKED
    make_queue(a)
    choose(a, s, p, l1_w, l2_w)
    a.listed = 0
    for k in range(APPLIANCES):
        if a.chosen[a.queue[k]] == 1:
            a.listed += 1
            a.rank[a.queue[k]] = a.listed
