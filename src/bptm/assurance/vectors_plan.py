"""What happens in a golden run: an outage as a frame, and disturbances that come at a time or with a mode.

All drawn from the run's own seed. A disturbance that waits for a mode (`Trigger`) strikes where it matters: a
feedback that lies just as the contactor is ordered, a source that fails just after it took the home.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from bptm.assurance.vectors_world import BOTH, World
from bptm.terms.core_codes import (
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
)

Change = Callable[[World], None]


def _grid(l1_v: float, l2_v: float, opposed: float = 1.0, hz: float = 60.0) -> Change:
    return lambda world: world.grid.set(l1_v, l2_v, opposed, hz)


def _backup(l1_v: float, l2_v: float, opposed: float = 1.0, hz: float = 60.0) -> Change:
    return lambda world: world.backup.set(l1_v, l2_v, opposed, hz)


def _load(l1_a: float, l2_a: float, power_w: float) -> Change:
    def change(world: World) -> None:
        world.load_a, world.load_w = (l1_a, l2_a), power_w

    return change


def _tells(**told: int) -> Change:
    return lambda world: world.told.update(told)


def _welds(utility: int = 0, transfer: int = 0) -> Change:
    def change(world: World) -> None:
        world.utility.welded, world.transfer.welded = utility, transfer
        world.utility.poles |= utility & world.utility.poles
        world.transfer.poles |= transfer

    return change


def _jams(utility: int = 0, transfer: int = 0, opened: int = 0) -> Change:
    def change(world: World) -> None:
        world.utility.jammed, world.transfer.jammed = utility, transfer
        world.utility.poles &= ~opened

    return change


def _sensor(name: str, factor: float, offset: float) -> Change:
    return lambda world: world.sensors.update({name: (factor, offset)})


def _joined(*changes: Change) -> Change:
    def change(world: World) -> None:
        for each in changes:
            each(world)

    return change


def _pressed(*, is_pressed: bool) -> Change:
    def change(world: World) -> None:
        world.reset_pressed = 1 if is_pressed else 0

    return change


def _stored(value: int) -> Change:
    def change(world: World) -> None:
        world.stored_energy_ok = value

    return change


def _side(volt: float) -> Change:
    def change(world: World) -> None:
        world.load_side_v = volt

    return change


def _cut(*, is_cut: bool) -> Change:
    def change(world: World) -> None:
        world.supply_cut = is_cut

    return change


def _phase(value: int) -> Change:
    def change(world: World) -> None:
        world.in_phase = value

    return change


def _honest(world: World) -> None:
    world.told.clear()


def _calibrated(world: World) -> None:
    world.sensors.clear()


GRID_GOOD = _grid(120.0, 120.5)
GRID_DEAD = _grid(0.0, 0.0)
GRID_IN_PHASE = _joined(_grid(122.0, 121.5, hz=60.375), _phase(1))
"""Alive, at the voltage of the bus and in phase with it, yet outside the frequencies of return."""
BACKUP_GOOD = _backup(122.0, 121.5, hz=61.0)
BACKUP_OFF = _backup(0.0, 0.0)
LOAD_USUAL = _load(12.0, 9.0, 2000.0)
RESET = _pressed(is_pressed=True)
RELEASE = _pressed(is_pressed=False)

GROUPS: dict[str, tuple[Change, tuple[Change, ...]]] = {
    "grid": (
        GRID_GOOD,
        (
            GRID_DEAD,
            GRID_DEAD,
            _grid(75.0, 74.0),
            _grid(90.0, 119.0),
            _grid(101.0, 101.5),
            _grid(112.0, 109.0),
            _grid(147.0, 146.0),
            _grid(134.0, 133.0),
            _grid(120.0, 15.0, 0.5),
            _grid(120.0, 120.0, 0.02),
            _grid(120.0, 120.0, 0.85),
            _grid(120.0, 120.0, hz=60.25),
            _grid(120.0, 120.0, hz=58.5),
            GRID_IN_PHASE,
        ),
    ),
    "backup": (
        BACKUP_GOOD,
        (
            BACKUP_OFF,
            _backup(124.0, 123.0, hz=62.5),
            _backup(92.0, 121.0),
            _backup(60.0, 61.0),
            _backup(120.0, 120.0, hz=54.0),
            _backup(120.0, 120.0, hz=66.5),
            _backup(120.0, 120.0, hz=64.0),
            _backup(140.0, 121.0),
            _backup(120.0, 120.0, 0.0),
        ),
    ),
    "load": (
        LOAD_USUAL,
        (
            _load(2.0, 1.0, 180.0),
            _load(25.0, 20.0, 5200.0),
            _load(45.0, 12.0, 6500.0),
            _load(75.0, 70.0, 15000.0),
            _load(5.0, 5.0, -600.0),
            _load(20.0, 20.0, -4500.0),
        ),
    ),
    "feedback": (
        _honest,
        (
            _tells(u_open_poles=0, u_closed_poles=BOTH),
            _tells(u_open_poles=BOTH, u_closed_poles=0),
            _tells(u_open_poles=0, u_closed_poles=0),
            _tells(u_open_poles=1),
            _tells(u_closed_poles=2),
            _tells(b_open_poles=0, b_closed_poles=BOTH),
            _tells(b_open_poles=BOTH, b_closed_poles=0),
            _tells(b_open_poles=BOTH, b_closed_poles=BOTH),
            _tells(b_closed_poles=1),
            _tells(bus_l1_present=1),
            _tells(bus_l1_present=0, bus_l2_present=0),
        ),
    ),
    "weld": (
        _welds(),
        (
            _welds(utility=BOTH),
            _welds(utility=1),
            _welds(transfer=BOTH),
            _welds(transfer=2),
            _joined(_welds(utility=BOTH), _tells(u_open_poles=BOTH, u_closed_poles=0)),
            _joined(_welds(utility=2), _tells(u_open_poles=BOTH, u_closed_poles=0)),
        ),
    ),
    "jam": (
        _jams(),
        (_jams(utility=BOTH), _jams(transfer=BOTH), _jams(utility=1), _jams(transfer=2), _jams(opened=BOTH)),
    ),
    "sensor": (
        _calibrated,
        (
            _sensor("utility_l1_v", 0.0, 120.0),
            _sensor("utility_l2_v", 0.0, 0.0),
            _sensor("utility_l12_v", 0.0, 0.0),
            _sensor("utility_l1_v", 1.125, 0.0),
            _sensor("bus_l1_v", 0.0, 118.0),
            _sensor("bus_l2_v", 0.0, 0.0),
            _joined(_sensor("bus_l1_v", 0.0, 0.0), _sensor("bus_l2_v", 0.0, 0.0)),
            _sensor("inlet_l1_v", 0.0, 121.0),
            _sensor("inlet_hz", 0.0, 0.0),
            _sensor("utility_hz", 1.0, 0.5),
            _sensor("l1_a", 8.0, 0.0),
            _sensor("premise_w", -1.0, 0.0),
        ),
    ),
    "energy": (_stored(1), (_stored(0),)),
    "phase": (_phase(0), (_phase(1),)),
    "load side": (_side(0.0), (_side(118.0), _side(40.0))),
    "supply": (_cut(is_cut=False), (_cut(is_cut=True),)),
    "reset": (RELEASE, (RESET,)),
}
"""Each group: how it usually is, and what may befall it."""

MODES = (
    MODE_ON_UTILITY,
    MODE_DARK,
    MODE_TO_BACKUP,
    MODE_ON_BACKUP,
    MODE_TO_UTILITY,
    MODE_BACKUP_BLOCKED,
    MODE_LOCKED_OUT,
)


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A change that comes so long after a mode was entered, so many times."""

    mode: int
    after_ticks: int
    change: Change
    times: int = 1
    mend: Change | None = None
    mend_after_ticks: int = 0


@dataclass(slots=True, kw_only=True)
class Plan:
    """One run's script."""

    changes: list[tuple[int, Change]]
    """At a tick; ascending."""
    triggers: list[Trigger]
    starts: list[tuple[int, int]]
    """Tick of a loss of power, and how long it lasts; 0 is a reset."""
    commands: list[tuple[int, int]]
    """Mode in which a remote command comes (-1: any) and the tick from which it does."""
    settings: dict[str, float]
    """Settings that the story needs."""
    is_long: bool
    """Whether the story needs most of the run's time, so that single ticks would not reach its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Disturbances that belong together, and what they need to come to their end."""

    triggers: tuple[Trigger, ...]
    settings: dict[str, float] = field(default_factory=dict[str, float])
    is_long: bool = False


STORIES: tuple[Story, ...] = (
    Story(triggers=()),
    Story(triggers=()),
    Story(
        triggers=(Trigger(mode=MODE_ON_BACKUP, after_ticks=40, change=_load(130.0, 130.0, 30000.0), times=9),),
        is_long=True,
        settings={"overload_trials": 1, "overload_wait_ticks": 600},
    ),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_BACKUP, after_ticks=60, change=_backup(30.0, 30.0), times=9),
            Trigger(mode=MODE_DARK, after_ticks=20, change=BACKUP_GOOD, times=9),
        ),
        is_long=True,
        settings={"overload_trials": 1, "overload_wait_ticks": 600},
    ),
    Story(triggers=(Trigger(mode=MODE_ON_BACKUP, after_ticks=50, change=_load(4.0, 4.0, -1200.0)),)),
    Story(
        triggers=(
            Trigger(
                mode=MODE_TO_BACKUP,
                after_ticks=0,
                change=_joined(_welds(utility=BOTH), _tells(u_open_poles=BOTH, u_closed_poles=0)),
            ),
        )
    ),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_BACKUP, after_ticks=90, change=GRID_IN_PHASE, times=9),
            Trigger(mode=MODE_DARK, after_ticks=5, change=GRID_DEAD, times=9),
        ),
        is_long=True,
        settings={"overload_trials": 1, "overload_wait_ticks": 600},
    ),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=0, change=_welds(utility=1)),)),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=0, change=_jams(transfer=BOTH)),)),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_BACKUP, after_ticks=30, change=_joined(_welds(transfer=BOTH), GRID_GOOD)),
            Trigger(mode=MODE_LOCKED_OUT, after_ticks=300, change=_welds()),
        )
    ),
    Story(triggers=(Trigger(mode=MODE_TO_UTILITY, after_ticks=0, change=_jams(utility=BOTH)),)),
    Story(
        triggers=(
            Trigger(
                mode=MODE_ON_UTILITY,
                after_ticks=200,
                change=_joined(_jams(opened=BOTH), _tells(u_closed_poles=BOTH, u_open_poles=0)),
            ),
        )
    ),
    Story(triggers=(Trigger(mode=MODE_ON_UTILITY, after_ticks=200, change=_welds(transfer=BOTH)),)),
    Story(
        triggers=(
            Trigger(mode=MODE_TO_BACKUP, after_ticks=9, change=_side(118.0)),
            Trigger(mode=MODE_BACKUP_BLOCKED, after_ticks=60, change=_joined(_side(0.0), BACKUP_OFF)),
        )
    ),
    Story(triggers=(Trigger(mode=MODE_BACKUP_BLOCKED, after_ticks=100, change=BACKUP_OFF, times=3),)),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=12, change=_tells(u_open_poles=1)),)),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=30, change=BACKUP_OFF, times=2),)),
    Story(triggers=(Trigger(mode=MODE_ON_UTILITY, after_ticks=100, change=_joined(_phase(0), BACKUP_GOOD)),)),
)
"""What chance rarely reaches; each run has one of them, beside its chance disturbances."""


def log_uniform(draw: Random, low: int, high: int) -> int:
    """A length: as many short ones as long ones."""
    return round(math.exp(draw.uniform(math.log(low), math.log(high))))


def draw_plan(draw: Random, length_ticks: int) -> Plan:
    """One run's script."""
    story = draw.choice(STORIES)
    # Half of the stories are told undisturbed: the rare ends need all of it.
    alone = bool(story.triggers) and draw.random() < 0.5  # noqa: PLR2004
    triggers = [replace(trigger) for trigger in story.triggers]
    if alone and story.is_long:
        changes = [(draw.randint(20, 200), GRID_DEAD), (draw.randint(200, 400), BACKUP_GOOD)]
        return Plan(changes=changes, triggers=triggers, starts=[], commands=[], settings=story.settings, is_long=True)
    changes = _draw_outages(draw, length_ticks)
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
    commands = [(draw.choice((-1, *MODES)), draw.randint(0, length_ticks)) for _ in range(draw.choice((0, 1, 4)))]
    commands.append((draw.choice((MODE_DARK, MODE_ON_BACKUP)), 0))
    return Plan(
        changes=sorted(changes, key=lambda change: change[0]),
        triggers=triggers,
        starts=sorted(starts),
        commands=commands,
        settings={},
        is_long=False,
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
