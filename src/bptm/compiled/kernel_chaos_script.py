"""Draws the script of an episode: what the utility, the source, the loads and the faults do, and when. Like Core Python.

An episode is an hour or several: a story of the utility, a source that is started and stopped, loads, and faults named
after the hazards H1 to H38 that a quasi-static circuit can show; or a pair of them, a latent one first. It ends with a
service visit, a press of local reset, and time enough to be back on a good utility. All ranges are own choices.
"""

from bptm.compiled import kernel_chaos_what as w
from bptm.compiled.chaos_records import SCRIPT_MOST
from bptm.compiled.kernel_chaos_faults import (
    SENSE_BUS_L1,
    SENSE_L1_A,
    SENSE_UTILITY_HZ,
    SENSOR_HIGH,
)

SECOND = 120
MINUTE = 7200

STORY_QUIET = 0
STORY_OUTAGE = 1
STORY_FLAPPING = 2
STORY_SAG = 3
STORY_LEG_LOST = 4
STORY_NEUTRAL = 5
STORY_ALIKE = 6
STORY_FREQUENCY = 7
STORY_NAMES = (
    "quiet", "outage", "flapping utility", "sags and swells", "missing leg", "broken neutral of the utility",
    "both hots alike", "frequency excursion",
)  # fmt: skip

HAZARDS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 15, 17, 18, 22, 23, 24, 25, 26, 28, 29, 34, 37)
"""Hazards that are drawn as faults; H9, H14, H16, H19, H20 and H33 lie in the stories, loads and counts of every life."""
LATENT = (1, 2, 4, 5, 6, 8)
PAIR = 99


def roll(h, below):
    """A draw from 0 to `below` - 1. Source: Lehmer generator of Park and Miller, multiplier 48271."""
    h.draw = h.draw * 48271 % 2147483647
    return h.draw % below


def between(h, low, high):
    """A draw of whole numbers, both ends included."""
    return low + roll(h, high - low + 1)


def seldom_long(h, low, high):
    """The same, most of them short: the smallest of three."""
    x = between(h, low, high)
    for _again in range(2):
        y = between(h, low, high)
        x = min(x, y)
    return x


def add(h, at_tick, what, x):
    """Puts an entry into the script, in the order of time; entries of one tick in the order added."""
    if h.entries >= SCRIPT_MOST:
        return
    place = h.entries
    for _step in range(SCRIPT_MOST):
        if place == 0 or h.at_tick[place - 1] <= at_tick:
            break
        h.at_tick[place] = h.at_tick[place - 1]
        h.what[place] = h.what[place - 1]
        h.argument[place] = h.argument[place - 1]
        place = place - 1
    h.at_tick[place] = at_tick
    h.what[place] = what
    h.argument[place] = x
    h.entries += 1


def load(h, most_w):
    """A load of leg 1, leg 2 and between them, packed."""
    l1_w = between(h, 80, most_w)
    l2_w = between(h, 80, most_w)
    l12_w = between(h, 0, most_w) if roll(h, 2) == 0 else 0
    return l1_w + l2_w * 100000 + l12_w * 10000000000


def tell_story(h, off_tick, length):
    """What the utility does; returns when it is good again."""
    kind = roll(h, 100)
    turn = roll(h, 1000000)
    if roll(h, 6) == 0:
        # A return in phase with a running source must not be taken for a weld.
        turn = roll(h, 4000)
    back_tick = off_tick + length
    if kind < 8:
        h.story = STORY_QUIET
    elif kind < 62:
        h.story = STORY_OUTAGE
        add(h, off_tick, w.WHAT_UTILITY_OFF, 0)
    elif kind < 74:
        h.story = STORY_FLAPPING
        at = off_tick
        for _flap in range(between(h, 3, 6)):
            add(h, at, w.WHAT_UTILITY_OFF, 0)
            at = at + seldom_long(h, 1, 90 * SECOND)
            add(h, at, w.WHAT_UTILITY_ON, roll(h, 1000000))
            at = at + seldom_long(h, 3, 4 * MINUTE)
        back_tick = at
    elif kind < 84:
        h.story = STORY_SAG
        at = off_tick
        for _sag in range(between(h, 1, 4)):
            share = between(h, 0, 950)
            if roll(h, 3) == 0:
                share = between(h, 1060, 1300)
            add(h, at, w.WHAT_UTILITY_SHARE, share)
            at = at + seldom_long(h, 1, MINUTE)
            add(h, at, w.WHAT_UTILITY_SHARE, 1000)
            at = at + seldom_long(h, 1, 3 * MINUTE)
        back_tick = at
    elif kind < 89:
        h.story = STORY_LEG_LOST
        add(h, off_tick, w.WHAT_UTILITY_LEG_LOST, between(h, 1, 2))
    elif kind < 95:
        h.story = STORY_NEUTRAL
        add(h, off_tick, w.WHAT_UTILITY_NEUTRAL, between(h, 500, 25000))
    elif kind < 97:
        h.story = STORY_ALIKE
        add(h, off_tick, w.WHAT_UTILITY_ALIKE, 1)
    else:
        h.story = STORY_FREQUENCY
        add(h, off_tick, w.WHAT_UTILITY_HZ, between(h, 57000, 62000))
    if h.story != STORY_QUIET:
        add(h, back_tick, w.WHAT_UTILITY_ON, turn)
    return back_tick


def poles(h):
    """One pole, the other, or both."""
    return between(h, 1, 3)


def strike_contactor(h, hazard, at):
    """H1, H2, H3, H6: welds, feedback that lies, coils, travel."""
    if hazard == 1:
        add(h, at, w.WHAT_U_WELD if roll(h, 3) > 0 else w.WHAT_B_WELD, poles(h))
    elif hazard == 2:
        add(h, at, w.WHAT_U_DRIVEN if roll(h, 2) == 0 else w.WHAT_B_DRIVEN, 1)
    elif hazard == 3:
        kind = roll(h, 6)
        what = w.WHAT_U_SAYS_OPEN
        if kind == 1:
            what = w.WHAT_U_SAYS_CLOSED
        elif kind == 2:
            what = w.WHAT_U_SAYS_NOTHING
        elif kind == 3:
            what = w.WHAT_B_SAYS_OPEN
        elif kind == 4:
            what = w.WHAT_B_SAYS_CLOSED
        elif kind == 5:
            what = w.WHAT_B_SAYS_NOTHING
        add(h, at, what, poles(h))
    else:
        kind = roll(h, 4)
        if kind == 0:
            add(h, at, w.WHAT_U_STUCK, 1)
        elif kind == 1:
            add(h, at, w.WHAT_B_STUCK, 1)
        else:
            add(h, at, w.WHAT_U_SLOW if kind == 2 else w.WHAT_B_SLOW, between(h, 6, 80))


def sensor(h):
    """A channel and what is wrong with it, packed."""
    channel = between(h, 1, SENSE_UTILITY_HZ)
    return channel * 10 + between(h, 1, SENSOR_HIGH)


def strike_sensor(h, hazard, at):
    """H4, H5: sensors, references, comparators."""
    kind = roll(h, 10)
    if kind == 0:
        add(h, at, w.WHAT_LEGS_SWAPPED, 1)
    elif kind == 1:
        add(h, at, w.WHAT_REFERENCE_LOST, 1)
    elif kind == 2:
        add(h, at, w.WHAT_COMPARATOR, between(h, 1, 2))
    elif hazard == 5 and roll(h, 2) == 0:
        add(h, at, w.WHAT_SENSOR, between(h, SENSE_BUS_L1, SENSE_L1_A) * 10 + 2)
    else:
        second = 0
        for i in range(h.entries):
            if h.what[i] == w.WHAT_SENSOR:
                second = 1
        add(h, at, w.WHAT_SENSOR_B if second == 1 else w.WHAT_SENSOR, sensor(h))


def strike_supply(h, hazard, at, on_tick):
    """H7, H8, H10, H34, H37: resets, hold-up, messages, clocks, people."""
    if hazard == 7:
        kind = roll(h, 8)
        if kind < 4:
            add(h, at, w.WHAT_RESET_IN_TRAVEL, roll(h, 90))
        elif kind == 4:
            add(h, at, w.WHAT_JOURNAL_LOST, 1)
        elif kind == 5:
            add(h, at, w.WHAT_JOURNAL_OLDER, 1)
        else:
            for _reset in range(between(h, 1, 4)):
                add(h, at, w.WHAT_RESET, 0)
                at = at + seldom_long(h, 1, 2 * MINUTE)
    elif hazard == 8:
        add(h, at, w.WHAT_HOLD_UP, between(h, 0, 900))
        add(h, on_tick + between(h, 1, 5 * MINUTE), w.WHAT_SOURCE_OFF, 0)
    elif hazard == 10:
        for _message in range(between(h, 1, 6)):
            add(h, at, w.WHAT_COMMAND, between(h, 0, 7) * 10000000 + between(h, 0, 3 * 3600))
            at = at + seldom_long(h, 0, 10 * MINUTE)
    elif hazard == 34:
        add(h, at, w.WHAT_CLOCK_STEP, between(h, -86400, 86400))
    else:
        kind = roll(h, 3)
        length = seldom_long(h, 1, 5 * MINUTE)
        what = w.WHAT_LEVER if kind == 0 else (w.WHAT_LOCAL_RESET if kind == 1 else w.WHAT_LOCAL_TEST)
        add(h, at, what, 1)
        add(h, at + length, what, 0)


def strike_source(h, hazard, at, on_tick):
    """H12 to H28: what source, cord and load do to each other."""
    later = on_tick + between(h, 0, 10 * MINUTE)
    if hazard == 12 or hazard == 23:
        big = between(h, 3000, 9000)
        add(h, later, w.WHAT_MOTOR, 300 + 300 * 100000 + big * 10000000000)
        add(h, later + between(h, 12, 240), w.WHAT_LOAD, load(h, 900))
    elif hazard == 13:
        add(h, later, w.WHAT_OVERLOAD, 2500 + 2500 * 100000 + between(h, 6000, 14000) * 10000000000)
        if roll(h, 2) == 0:
            add(h, later + between(h, SECOND, 5 * MINUTE), w.WHAT_LOAD, load(h, 900))
    elif hazard == 15:
        what = w.WHAT_SOURCE_LEG_LOST if roll(h, 2) == 0 else w.WHAT_SOURCE_ALIKE
        add(h, on_tick - 1 if roll(h, 2) == 0 else later, what, between(h, 1, 2))
    elif hazard == 17:
        what = w.WHAT_SOURCE_NEUTRAL if roll(h, 3) > 0 else w.WHAT_PREMISE_NEUTRAL
        add(h, later, what, between(h, 2000, 90000))
    elif hazard == 18:
        for _trip in range(between(h, 1, 4)):
            later = later + between(h, 10 * SECOND, 30 * SECOND)
            add(h, later, w.WHAT_SOURCE_OFF, 0)
            later = later + between(h, 10 * SECOND, MINUTE)
            add(h, later, w.WHAT_SOURCE_ON, 0)
    elif hazard == 22:
        if roll(h, 3) == 0:
            add(h, at, w.WHAT_SOLAR_STAYS, between(h, 1000, 7000))
        else:
            add(h, later, w.WHAT_SOLAR, between(h, 1000, 7000))
    elif hazard == 24:
        at = later if roll(h, 2) == 0 else at
        add(h, at, w.WHAT_SHORT, 1)
        add(h, at + between(h, 2, 24), w.WHAT_SHORT, 0)
    elif hazard == 25:
        add(h, later, w.WHAT_INLET_HOT, between(h, 70, 140))
    elif hazard == 26:
        add(h, later, w.WHAT_PLUG, 0)
    elif hazard == 28:
        add(h, later, w.WHAT_SOURCE_SHARE, between(h, 300, 1250))
        add(h, later + 1, w.WHAT_SOURCE_HZ, between(h, -8000, 5000))
        add(h, later + between(h, 12, MINUTE), w.WHAT_SOURCE_OFF, 0)


def strike(h, hazard, at, on_tick):
    """The faults of one hazard; `at` is when a latent one strikes, `on_tick` when the source is started."""
    if hazard <= 3 or hazard == 6:
        strike_contactor(h, hazard, at)
    elif hazard <= 5:
        strike_sensor(h, hazard, at)
    elif hazard <= 10 or hazard == 34 or hazard == 37:
        strike_supply(h, hazard, at, on_tick)
    else:
        strike_source(h, hazard, at, on_tick)


def draw_episode(h):
    """A new episode from now on."""
    h.entries = 0
    h.next_entry = 0
    h.episode += 1
    h.episode_tick = h.tick
    h.losses = 0
    h.source_stops = 0
    h.hazard = 0
    h.excused = 0
    h.excused_ever = 0
    h.happened = 0
    h.dead_ohm = 0.001 * between(h, 300, 30000)
    now = h.tick
    off_tick = now + between(h, MINUTE, 20 * MINUTE)
    length = seldom_long(h, 1, 50 * MINUTE)
    add(h, now, w.WHAT_LOAD, load(h, 2500))
    back_tick = tell_story(h, off_tick, length)
    on_tick = off_tick + seldom_long(h, 3 * SECOND, 10 * MINUTE)
    add(h, on_tick, w.WHAT_SOURCE_ON, 0)
    add(h, off_tick + between(h, 1, MINUTE), w.WHAT_LOAD, load(h, 1100))
    add(h, on_tick + between(h, 0, 10 * MINUTE), w.WHAT_LOAD, load(h, 1100))
    stop_tick = (max(on_tick, back_tick)) + seldom_long(h, SECOND, 15 * MINUTE)
    at = now + between(h, SECOND, off_tick - now)
    if roll(h, 3) == 0:
        # In the middle of things instead of before them.
        at = off_tick + between(h, 0, back_tick - off_tick + 10 * MINUTE)
    plan = roll(h, 20)
    if plan >= 4:
        h.hazard = HAZARDS[roll(h, len(HAZARDS))]
        if h.hazard != 29:
            strike(h, h.hazard, at, on_tick)
        if h.hazard == 29:
            stop_tick = stop_tick + between(h, 10 * MINUTE, 3 * 60 * MINUTE)
    if plan >= 14:
        first = LATENT[roll(h, len(LATENT))]
        strike(h, first, now + between(h, SECOND, off_tick - now), on_tick)
        h.hazard = PAIR
    add(h, stop_tick, w.WHAT_SOURCE_OFF, 0)
    end_tick = max(back_tick, stop_tick)
    if h.entries > 0 and h.at_tick[h.entries - 1] > end_tick:
        end_tick = h.at_tick[h.entries - 1]
    end_tick = end_tick + between(h, 12 * MINUTE, 3 * 60 * MINUTE)
    add(h, end_tick, w.WHAT_UTILITY_ON, 0)
    add(h, end_tick, w.WHAT_HEALED, 0)
    add(h, end_tick + SECOND, w.WHAT_COMMAND, 4 * 10000000)
    add(h, end_tick + SECOND, w.WHAT_COMMAND, 2 * 10000000)
    add(h, end_tick + 2 * SECOND, w.WHAT_LOCAL_RESET, 1)
    add(h, end_tick + 4 * SECOND, w.WHAT_LOCAL_RESET, 0)
    add(h, end_tick + 20 * SECOND, w.WHAT_SETTLED, 0)
    h.episode_end_tick = end_tick + 45 * MINUTE
