"""One life of chaos again, step by step: its last episode as records, and as a timeline in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bptm.compiled import kernel_bench
from bptm.compiled.chaos_records import LAWS_END
from bptm.terms.codes import CAUSE_WORDS, Cause, Mode
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.controllers import SHIPPED
from bptm.twin.chaos import INTERLOCKS, LAWS, LIFE_TICKS, ScriptRow, hazard_word, script_of, violation_of
from bptm.twin.chaos_lives import Living, life_of
from bptm.whole_file import write_whole

ROWS_MOST = 50_000
"""Steps of the last episode that are kept."""
SIDES = ("utility_l1_v", "utility_l2_v", "bus_l1_v", "bus_l2_v", "inlet_l1_v", "inlet_l2_v")


_facts_of: Any = vars(kernel_bench)["facts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The circuit and the meter after one step; voltages, currents and frequencies are those of the step itself."""

    tick: int
    mode: int
    cause: int
    latched: int
    u_order: int
    b_order: int
    u_poles: int
    b_poles: int
    u_moving: int
    b_moving: int
    volts: tuple[float, ...]
    amps: tuple[float, ...]
    utility_hz: float
    source_hz: float
    facts: int
    events: int

    @property
    def state(self) -> tuple[int, ...]:
        """What a change of makes a line of the timeline."""
        return (
            self.mode,
            self.cause,
            self.latched,
            self.u_order,
            self.b_order,
            self.u_poles,
            self.b_poles,
            self.u_moving,
            self.b_moving,
        )


HOME_FIELDS = (
    "source_kind", "rating_w", "source_own_hz", "utility_v", "service_ohm", "dead_ohm", "interlock",
)  # fmt: skip
"""What was drawn of a home, but its script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The last episode of a life that was lived again.

    Attributes:
        tick: When a law was broken, or how far it was lived.
        end_tick: End of its last step.
        begun_tick: When the episode began.
        begun_whole: Whether it began as every episode should: on the utility, U closed, B open, nothing latched.
        home_values: `HOME_FIELDS` of the life.
        settings: Settings of the controller that are not at their defaults.
        excused: Laws that what happened excuses at the end.
        checked_s: Seconds of the whole life for which each law was asserted.
    """

    seed: int
    home: int
    tick: int
    laws: tuple[int, ...]
    seen: float
    wanted: float
    story: str
    hazard: str
    interlock: str
    episode: int
    script: tuple[ScriptRow, ...]
    moments: tuple[Moment, ...]
    controller: str
    end_tick: int
    begun_tick: int
    begun_whole: bool
    home_values: dict[str, float]
    settings: dict[str, float]
    excused: tuple[int, ...]
    checked_s: dict[int, float]

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "seed": self.seed,
            "home": self.home,
            "controller": self.controller,
            "tick": self.tick,
            "laws": [f"LAW-{law}" for law in self.laws],
            "seen": self.seen,
            "wanted": self.wanted,
            "story": self.story,
            "hazard": self.hazard,
            "interlock": self.interlock,
            "episode": self.episode,
            "script": [
                {"at_s": row.at_s, "what": row.what, "argument": row.argument, "words": row.words}
                for row in self.script
            ],
            "timeline": list(lines_of(self)),
        }


def replay_life(seed: int, home: int, until_tick: int | None = None, controller: str = SHIPPED) -> Story:
    """Lives a home again to its first broken law, to `until_tick`, or to its end; keeps its last episode.

    The life is lived once to know in which episode it ends, and once more, step by step from there.
    """
    until_tick = LIFE_TICKS if until_tick is None else min(until_tick, LIFE_TICKS)
    lives = life_of(seed, home, controller)
    lives.live(until_tick)
    begun_tick = int(lives.life.episode_tick)
    lives.live(begun_tick)
    begun_whole = _begun_whole(lives)
    moments: list[Moment] = []
    while lives.life.tick < until_tick and not lives.life.broken:
        lives.step(until_tick)
        moments.append(_moment(lives))
        if len(moments) > 2 * ROWS_MOST:
            del moments[:ROWS_MOST]
    row = lives.row()
    broken = violation_of(row, controller)
    settings = lives.settings
    return Story(
        seed=seed,
        home=home,
        tick=int(row["tick"]) if not broken.laws else broken.tick,
        laws=broken.laws,
        seen=broken.seen,
        wanted=broken.wanted,
        story=broken.story,
        hazard=hazard_word(broken.hazard),
        interlock=INTERLOCKS[broken.interlock],
        episode=int(row["episode"]),
        script=script_of(row),
        moments=tuple(moments[-ROWS_MOST:]),
        controller=controller,
        end_tick=int(row["tick"]),
        begun_tick=begun_tick,
        begun_whole=begun_whole,
        home_values={name: float(row[name]) for name in HOME_FIELDS},
        settings={row[0]: getattr(settings, row[0]) for row in SETTINGS if getattr(settings, row[0]) != row[4]},
        excused=tuple(law for law in range(LAWS_END) if (int(row["excused"]) >> law) & 1),
        checked_s={law: int(row["checked_ticks"][law]) / TICKS_PER_S for law in LAWS},
    )


def _begun_whole(lives: Living) -> bool:
    life, device = lives.life, lives.device
    if life.tick == 0:
        return True
    return bool(device.mode == Mode.ON_UTILITY and device.latched == 0 and (life.u_poles, life.b_poles) == (3, 0))


def _moment(lives: Living) -> Moment:
    life, device, orders = lives.life, lives.device, lives.orders
    alive = life.source_on == 1
    return Moment(
        tick=int(life.tick),
        mode=int(device.mode),
        cause=int(device.cause),
        latched=int(device.latched),
        u_order=int(orders.u_out),
        b_order=int(orders.b_out),
        u_poles=int(life.u_poles),
        b_poles=int(life.b_poles),
        u_moving=int(life.u_moving),
        b_moving=int(life.b_moving),
        volts=tuple(float(getattr(life, name)) for name in SIDES),
        amps=(float(life.u1_a), float(life.u2_a), float(life.b1_a), float(life.b2_a)),
        utility_hz=float(life.utility_hz) if life.utility_on == 1 else 0.0,
        source_hz=float(life.source_hz) if alive else 0.0,
        facts=int(_facts_of(device)),
        events=int(device.events) if life.powered == 1 else 0,
    )


_ORDERS = ("none", "open", "close")
_POLES = ("open", "leg 1 closed", "leg 2 closed", "closed")


def lines_of(story: Story) -> Iterator[str]:
    """The timeline: every entry of the script that happened, and every change of mode, order or contact."""
    entries = [row for row in story.script if row.at_s * TICKS_PER_S <= story.tick]
    told: list[tuple[float, int, str]] = [
        (row.at_s, 0, f"        {row.words}") for row in entries if row.what != "load changes"
    ]
    before: tuple[int, ...] = ()
    for moment in story.moments:
        if moment.state == before:
            continue
        before = moment.state
        told.append((moment.tick / TICKS_PER_S, 1, words_of(moment)))
    for at_s, _order, text in sorted(told, key=lambda one: one[:2]):
        yield f"{at_s:14.3f} s  {text}"


def words_of(moment: Moment) -> str:
    """One moment in a line."""
    u1, u2, b1, b2, i1, i2 = moment.volts
    cause = CAUSE_WORDS[Cause(moment.cause)]
    moving = "".join(f"; {name} travels" for name, moves in (("U", moment.u_moving), ("B", moment.b_moving)) if moves)
    return (
        f"{Mode(moment.mode).name} ({cause}); U {_POLES[moment.u_poles]}, ordered {_ORDERS[moment.u_order]}; "
        f"B {_POLES[moment.b_poles]}, ordered {_ORDERS[moment.b_order]}{moving}; utility {u1:.0f}/{u2:.0f} V, "
        f"bus {b1:.0f}/{b2:.0f} V, inlet {i1:.0f}/{i2:.0f} V, U {max(moment.amps[:2]):.0f} A, "
        f"B {max(moment.amps[2:]):.0f} A"
    )


def head_of(story: Story) -> str:
    """What came of it, in a sentence."""
    at_s = story.tick / TICKS_PER_S
    where = f"seed {story.seed}, home {story.home}, episode {story.episode} ({story.story}; faults: {story.hazard}; "
    where += f"{story.interlock}; controller {story.controller})"
    if not story.laws:
        return f"No law broken until {at_s:.3f} s (tick {story.tick}): {where}."
    laws = ", ".join(f"LAW-{law}" for law in story.laws)
    return (
        f"{laws} broken at {at_s:.3f} s (tick {story.tick}): {story.seen:g} where {story.wanted:g} is allowed; {where}."
    )


def timeline(story: Story) -> str:
    """All of it as text."""
    return "\n".join([head_of(story), *lines_of(story)])


def save_life(story: Story, page: str, folder: Path) -> None:
    """A folder to hand on: `timeline.txt`, `life.json`, `life.html`, and a scenario that the bench plays."""
    from bptm.twin.chaos_scenario import expected_toml, scenario_toml  # noqa: PLC0415  reads what this module makes

    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "timeline.txt", timeline(story) + "\n")
    write_whole(folder / "life.json", json.dumps(story.as_json(), indent=1) + "\n")
    write_whole(folder / "life.html", page)
    write_whole(folder / "scenario.toml", scenario_toml(story))
    write_whole(folder / "expected.toml", expected_toml(story))
