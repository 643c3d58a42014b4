"""What happens in a golden run: an outage as a frame, and disturbances that come at a time or with a mode.

All drawn from the run's own seed. A disturbance that waits for a mode (`Trigger`) strikes where it matters: a
feedback that lies just as the contactor is ordered, a source that fails just after it took the home.
"""

import math
from dataclasses import dataclass, field, replace
from random import Random

from bptm.assurance.vectors_changes import (
    BACKUP_GOOD,
    BACKUP_OFF,
    GRID_DEAD,
    GRID_GOOD,
    GROUPS,
    RELEASE,
    RESET,
    Change,
)
from bptm.assurance.vectors_observed import OBSERVED_STORIES
from bptm.assurance.vectors_stories import STORIES, Trigger, Word
from bptm.terms.core_codes import (
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_DISCONNECTED,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
)

MODES = (
    MODE_ON_UTILITY,
    MODE_DARK,
    MODE_TO_BACKUP,
    MODE_ON_BACKUP,
    MODE_TO_UTILITY,
    MODE_BACKUP_BLOCKED,
    MODE_LOCKED_OUT,
    MODE_TEST,
    MODE_DISCONNECTED,
)


@dataclass(slots=True, kw_only=True)
class Plan:
    """One run's script."""

    changes: list[tuple[int, Change | Word]]
    """At a tick; ascending."""
    triggers: list[Trigger]
    starts: list[tuple[int, int]]
    """Tick of a loss of power, and how long it lasts; 0 is a reset."""
    commands: list[tuple[int, int, int]]
    """Mode in which a remote command comes (-1: any), the tick from which it does, and which one (0: any)."""
    settings: dict[str, float]
    """Settings that the story needs."""
    is_long: bool
    """Whether the story needs most of the run's time, so that single ticks would not reach its end."""
    observed: dict[str, float] = field(default_factory=dict[str, float])
    """Settings of the observers, by letter and name."""
    is_still: bool = False
    """Whether readings have no noise, so that observers can tell small things."""
    comes_open: bool = False
    """Whether U is open and no copy of the journal valid when power first comes."""


def log_uniform(draw: Random, low: int, high: int) -> int:
    """A length: as many short ones as long ones."""
    return round(math.exp(draw.uniform(math.log(low), math.log(high))))


def draw_plan(draw: Random, length_ticks: int) -> Plan:
    """One run's script."""
    story = draw.choice(STORIES)
    # Half of the stories are told undisturbed: the rare ends need all of it.
    alone = bool(story.triggers) and draw.random() < 0.5  # noqa: PLR2004
    triggers = [replace(trigger) for trigger in story.triggers]
    told = [(-1, draw.randint(0, length_ticks), action) for action in story.actions]
    told.sort(key=lambda each: each[1])
    if alone and story.is_long:
        outage: list[tuple[int, Change | Word]] = [
            (draw.randint(20, 200), GRID_DEAD),
            (draw.randint(200, 400), BACKUP_GOOD),
        ]
        changes = [] if story.begins_calm else outage
        return Plan(
            changes=changes,
            triggers=triggers,
            starts=[],
            commands=told,
            settings=story.settings,
            comes_open=story.comes_open,
            is_long=True,
        )
    changes: list[tuple[int, Change | Word]] = [*_draw_outages(draw, length_ticks)]
    if not alone:
        changes += _draw_changes(draw, length_ticks)
        triggers += [_draw_trigger(draw) for _ in range(draw.choice((0, 1, 1, 2, 3)))]
    if draw.random() < 0.6:  # noqa: PLR2004  most lockouts meet a person
        for mode in (MODE_BACKUP_BLOCKED, MODE_LOCKED_OUT):
            at = log_uniform(draw, 50, 3000)
            triggers.append(Trigger(mode=mode, after_ticks=at, change=RESET, times=3, mend=RELEASE, mend_after_ticks=4))
    starts = [
        (draw.randint(1, length_ticks), draw.choice((0, 0, log_uniform(draw, 1, 2000))))
        for _ in range(draw.choice((0, 0, 1, 3)))
    ]
    commands = [(draw.choice((-1, *MODES)), draw.randint(0, length_ticks), 0) for _ in range(draw.choice((0, 1, 4)))]
    commands += [(draw.choice((MODE_DARK, MODE_ON_BACKUP)), 0, 0), *told]
    return Plan(
        changes=sorted(changes, key=lambda change: change[0]),
        triggers=triggers,
        starts=sorted(starts),
        commands=commands,
        settings=story.settings if story.actions else {},
        comes_open=story.comes_open,
        is_long=False,
    )


def told_plan(number: int) -> Plan:
    """The script of the n-th run that is told for the observers: each story in turn, nothing drawn."""
    story = OBSERVED_STORIES[number % len(OBSERVED_STORIES)]
    return Plan(
        changes=[],
        triggers=[replace(trigger) for trigger in story.triggers],
        starts=[],
        commands=[],
        settings=dict(story.settings),
        is_long=True,
        observed=dict(story.observed),
        is_still=True,
    )


def _draw_outages(draw: Random, length_ticks: int) -> list[tuple[int, Change]]:
    """Outages one after the other, each with a backup source that comes late and leaves late."""
    changes: list[tuple[int, Change]] = []
    tick = log_uniform(draw, 20, max(21, length_ticks // 12))
    while tick < length_ticks:
        outage_ticks = log_uniform(draw, 200, max(201, length_ticks // 2))
        lost = draw.choice(GROUPS["grid"][1]) if draw.random() < 0.25 else GRID_DEAD  # noqa: PLR2004  a quarter
        changes.append((tick, lost))
        changes.append((tick + draw.randint(0, outage_ticks // 3), BACKUP_GOOD))
        changes.append((tick + outage_ticks, GRID_GOOD))
        changes.append((tick + outage_ticks + draw.randint(60, 2000), BACKUP_OFF))
        tick += outage_ticks + log_uniform(draw, 400, max(401, length_ticks))
    return changes


def _draw_changes(draw: Random, length_ticks: int) -> list[tuple[int, Change]]:
    """Disturbances at any time; four of five pass."""
    changes: list[tuple[int, Change]] = []
    for _ in range(draw.choice((0, 0, 1, 2, 4, 8))):
        at = draw.randint(0, length_ticks)
        change, mend = _draw_disturbance(draw)
        changes.append((at, change))
        if draw.random() < 0.8:  # noqa: PLR2004  a fifth stays for good
            changes.append((at + log_uniform(draw, 1, 2500), mend))
    return changes


def _draw_trigger(draw: Random) -> Trigger:
    """A disturbance that waits for a mode."""
    change, mend = _draw_disturbance(draw)
    return Trigger(
        mode=draw.choice(MODES),
        after_ticks=log_uniform(draw, 1, 400) - 1,
        change=change,
        times=draw.choice((1, 1, 2, 5)),
        mend=mend if draw.random() < 0.8 else None,  # noqa: PLR2004  a fifth stays for good
        mend_after_ticks=log_uniform(draw, 1, 2000),
    )


def _draw_disturbance(draw: Random) -> tuple[Change, Change]:
    usual, others = GROUPS[draw.choice(tuple(GROUPS))]
    return draw.choice(others), usual
