"""Appliances learned from steps of the settled load: matched, made, merged, forgotten. Core Python.

A step is the difference of two settled loads, one number a leg. It is explained by one appliance, else by two learned
ones at once (both on, both off, one for the other), else a step up begins a new entry. One switched twice in two different places of the day is one entry;
two equal heaters are one entry too (advice cannot tell them apart).
"""

from bptm.controller.protection_values import higher
from bptm.terms.core_advice import (
    APPLIANCES,
    KIND_OTHER,
    KIND_START_RATIO,
    LEG_1,
    LEG_2,
    LEG_BOTH,
    LEG_NONE,
)

SAME_LEG_FRACTION = 0.5
"""Entries within this share of the tolerance are one."""


def size(x):
    """A value without its sign."""
    return x if x >= 0.0 else 0.0 - x


def running_w(a, i):
    """Running power of an appliance, both legs."""
    return a.l1_w[i] + a.l2_w[i]


def leg_of(a, i):
    """The legs that an appliance uses."""
    if a.used[i] == 0:
        return LEG_NONE
    if a.l1_w[i] > 0.0 and a.l2_w[i] > 0.0:
        return LEG_BOTH
    return LEG_1 if a.l1_w[i] > 0.0 else LEG_2


def predicted_start_va(a, i):
    """What an appliance takes to start: what it measured, else by its kind (domain.md 2.12); never below running."""
    start_va = a.start_va[i]
    if a.ons[i] == 0:
        start_va = running_w(a, i) * KIND_START_RATIO[a.kind[i]]
    return higher(start_va, running_w(a, i))


def is_motor(a, p, i):
    """1 when it starts like a compressor or pump."""
    return 1 if predicted_start_va(a, i) > p.motor_ratio * running_w(a, i) else 0


def tolerance_w(p, power_w):
    """How far two steps of one appliance may lie apart on a leg."""
    return p.same_w + p.same_fraction * power_w


def distance(a, p, i, step_l1_w, step_l2_w):
    """Distance of a step from an appliance in tolerances of the worse leg; 1 and more is another appliance."""
    return higher(
        size(step_l1_w - a.l1_w[i]) / tolerance_w(p, a.l1_w[i]),
        size(step_l2_w - a.l2_w[i]) / tolerance_w(p, a.l2_w[i]),
    )


def find(a, p, step_l1_w, step_l2_w, only_on):
    """The nearest appliance of this step, -1 when none; with `only_on` among those that are on."""
    found = -1
    least = 1.0
    for i in range(APPLIANCES):
        if a.used[i] == 1 and (only_on == 0 or a.is_on[i] == 1):
            apart = distance(a, p, i, step_l1_w, step_l2_w)
            if apart < least:
                least = apart
                found = i
    return found


def pair_fits(a, p, i, j, step_l1_w, step_l2_w):
    """1 when two appliances together make this step."""
    wide = tolerance_w(p, a.l1_w[i] + a.l1_w[j])
    if size(step_l1_w - a.l1_w[i] - a.l1_w[j]) >= wide:
        return 0
    wide = tolerance_w(p, a.l2_w[i] + a.l2_w[j])
    return 1 if size(step_l2_w - a.l2_w[i] - a.l2_w[j]) < wide else 0


def learned(a, p, i):
    """1 when an entry is an appliance and no chance."""
    if a.used[i] == 0:
        return 0
    if a.kind[i] != KIND_OTHER:
        return 1
    return 1 if a.ons[i] >= p.learned_count and a.spread[i] <= p.spread_most else 0


def switch_pair(a, p, step_l1_w, step_l2_w, to_on, at_tick):
    """Looks for two learned appliances that switched together; 1 when found. Their powers are left as they are."""
    for i in range(APPLIANCES):
        if learned(a, p, i) == 1 and a.is_on[i] != to_on:
            for j in range(i + 1, APPLIANCES):
                if learned(a, p, j) == 1 and a.is_on[j] != to_on and pair_fits(a, p, i, j, step_l1_w, step_l2_w) == 1:
                    mark(a, i, to_on, at_tick)
                    mark(a, j, to_on, at_tick)
                    return 1
    return 0


def swap_fits(a, p, i, j, step_l1_w, step_l2_w):
    """1 when appliance `i` going on and `j` going off make this step."""
    wide = tolerance_w(p, higher(a.l1_w[i], a.l1_w[j]))
    if size(step_l1_w - a.l1_w[i] + a.l1_w[j]) >= wide:
        return 0
    wide = tolerance_w(p, higher(a.l2_w[i], a.l2_w[j]))
    return 1 if size(step_l2_w - a.l2_w[i] + a.l2_w[j]) < wide else 0


def switch_swap(a, p, step_l1_w, step_l2_w, at_tick):
    """Looks for two learned appliances of which one went on and one off together; 1 when found."""
    for i in range(APPLIANCES):
        if learned(a, p, i) == 1 and a.is_on[i] == 0:
            for j in range(APPLIANCES):
                if learned(a, p, j) == 1 and a.is_on[j] == 1 and swap_fits(a, p, i, j, step_l1_w, step_l2_w) == 1:
                    mark(a, i, 1, at_tick)
                    mark(a, j, 0, at_tick)
                    return 1
    return 0


def mark(a, i, to_on, at_tick):
    """An appliance went on or off."""
    a.is_on[i] = to_on
    a.seen_tick[i] = at_tick
    if to_on == 0:
        a.offs[i] += 1
        a.off_tick[i] = at_tick
    else:
        a.ons[i] += 1


def blend(a, p, i, step_l1_w, step_l2_w):
    """Moves an appliance's power towards a new step: the mean of the first eight, then one eighth of each."""
    seen = a.ons[i] + a.offs[i]
    weight = 8.0
    if seen < 8:
        weight = float(seen)
    if weight < 1.0:
        weight = 1.0
    a.spread[i] += (distance(a, p, i, step_l1_w, step_l2_w) - a.spread[i]) / weight
    if a.l1_w[i] > 0.0:
        a.l1_w[i] += (step_l1_w - a.l1_w[i]) / weight
    if a.l2_w[i] > 0.0:
        a.l2_w[i] += (step_l2_w - a.l2_w[i]) / weight


def forgettable(a, p, i, at_tick):
    """How freely an entry gives its place: 2 not yet learned, 1 not seen for long, 0 not at all."""
    if a.kind[i] != KIND_OTHER:
        return 0
    if a.ons[i] < p.learned_count:
        return 2
    return 1 if at_tick - a.seen_tick[i] >= p.forget_ticks else 0


def place(a, p, at_tick):
    """A place for a new appliance: a free one, else that of the one to forget; -1 when every place is needed."""
    found = -1
    freely = 0
    oldest_tick = 0
    for i in range(APPLIANCES):
        if a.used[i] == 0:
            return i
        now = forgettable(a, p, i, at_tick)
        if now > freely or (now > 0 and now == freely and a.seen_tick[i] < oldest_tick):
            found = i
            freely = now
            oldest_tick = a.seen_tick[i]
    return found


def clear(a, i):
    """Empties a place."""
    a.used[i] = 0
    a.kind[i] = KIND_OTHER
    a.l1_w[i] = 0.0
    a.l2_w[i] = 0.0
    a.start_va[i] = 0.0
    a.spread[i] = 0.0
    a.ons[i] = 0
    a.offs[i] = 0
    a.is_on[i] = 0
    a.seen_tick[i] = 0
    a.off_tick[i] = 0
    a.wanted[i] = 1


def merge(a, p, i):
    """Takes into appliance `i` another entry that has come close to it, the weight by how often each was seen."""
    for j in range(APPLIANCES):
        if j != i and a.used[j] == 1 and a.kind[j] == KIND_OTHER and leg_of(a, j) == leg_of(a, i):
            if distance(a, p, i, a.l1_w[j], a.l2_w[j]) < SAME_LEG_FRACTION:
                seen = float(a.ons[i] + a.offs[i])
                other = float(a.ons[j] + a.offs[j])
                a.l1_w[i] = (a.l1_w[i] * seen + a.l1_w[j] * other) / (seen + other)
                a.l2_w[i] = (a.l2_w[i] * seen + a.l2_w[j] * other) / (seen + other)
                a.start_va[i] = higher(a.start_va[i], a.start_va[j])
                a.ons[i] += a.ons[j]
                a.offs[i] += a.offs[j]
                if a.is_on[j] == 1:
                    a.is_on[i] = 1
                if a.off_tick[j] > a.off_tick[i]:
                    a.off_tick[i] = a.off_tick[j]
                if a.seen_tick[j] > a.seen_tick[i]:
                    a.seen_tick[i] = a.seen_tick[j]
                clear(a, j)


def switched_on(a, p, step_l1_w, step_l2_w, at_tick):
    """A step up: a known appliance, two of them, or a new one. A higher start counts at once, a lower one slowly."""
    i = find(a, p, step_l1_w, step_l2_w, 0)
    if i < 0:
        if switch_pair(a, p, step_l1_w, step_l2_w, 1, at_tick) == 1:
            return
        if switch_swap(a, p, step_l1_w, step_l2_w, at_tick) == 1:
            return
        i = place(a, p, at_tick)
        if i < 0:
            return
        clear(a, i)
        a.used[i] = 1
        a.l1_w[i] = step_l1_w
        a.l2_w[i] = step_l2_w
    first = 1 if a.ons[i] == 0 else 0
    mark(a, i, 1, at_tick)
    blend(a, p, i, step_l1_w, step_l2_w)
    if first == 1 or a.peak_va > a.start_va[i]:
        a.start_va[i] = a.peak_va
    else:
        a.start_va[i] += (a.peak_va - a.start_va[i]) / 4.0
    merge(a, p, i)


def switched_off(a, p, step_l1_w, step_l2_w, at_tick):
    """A step down by these powers: of one that is on, else of two, else of one whose switching on was not seen."""
    i = find(a, p, step_l1_w, step_l2_w, 1)
    if i < 0:
        if switch_pair(a, p, step_l1_w, step_l2_w, 0, at_tick) == 1:
            return
        if switch_swap(a, p, 0.0 - step_l1_w, 0.0 - step_l2_w, at_tick) == 1:
            return
        i = find(a, p, step_l1_w, step_l2_w, 0)
        if i < 0:
            return
    mark(a, i, 0, at_tick)
    blend(a, p, i, step_l1_w, step_l2_w)
    merge(a, p, i)


def large(p, step_w):
    """A step of a leg, or 0 when it is too small to be an appliance."""
    return step_w if size(step_w) >= p.step_w else 0.0


def learn(a, p, change_l1_w, change_l2_w, at_tick):
    """Explains the difference of two settled loads."""
    step_l1_w = large(p, change_l1_w)
    step_l2_w = large(p, change_l2_w)
    if step_l1_w == 0.0 and step_l2_w == 0.0:
        return
    if step_l1_w >= 0.0 and step_l2_w >= 0.0:
        switched_on(a, p, step_l1_w, step_l2_w, at_tick)
    elif step_l1_w <= 0.0 and step_l2_w <= 0.0:
        switched_off(a, p, 0.0 - step_l1_w, 0.0 - step_l2_w, at_tick)
    else:
        switch_swap(a, p, step_l1_w, step_l2_w, at_tick)


def drop_impossible(a, p, at_tick):
    """What needs more than its leg's settled load cannot be on; for a bus that only takes power (on backup)."""
    for i in range(APPLIANCES):
        if a.is_on[i] == 1:
            over_w = higher(a.l1_w[i] - a.level_l1_w, a.l2_w[i] - a.level_l2_w)
            if over_w > tolerance_w(p, running_w(a, i)):
                a.is_on[i] = 0
                a.off_tick[i] = at_tick


def all_off(a, at_tick):
    """The bus went dead: everything stopped."""
    for i in range(APPLIANCES):
        if a.is_on[i] == 1:
            a.is_on[i] = 0
            a.off_tick[i] = at_tick
