"""A scenario as values: a home, a meter, what happens to them, and what ought to come of it.

A scenario is a folder with `scenario.toml` and `expected.toml`; `reading` and `reading_expected` make these records of
it, or say everything that is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

Number = float | int
Values = Mapping[str, Mapping[str, Number]]
"""Numbers by section and name."""

TICKS_PER_S = 120


def ticks_of(seconds: float) -> int:
    """The tick at which an instant falls: the nearest half-cycle."""
    return round(seconds * TICKS_PER_S)


class Act(Enum):
    """What somebody does at an instant, in one word for the values that it moves for a while."""

    PRESS_RESET = "press reset"
    PRESS_TEST = "press test"
    RESTART = "restart"
    HOLD_RETURN = "remote hold"
    ALLOW_RETURN = "remote allow"
    DISCONNECT = "remote disconnect"
    RECONNECT = "remote reconnect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes at an instant.

    Attributes:
        at_s: When, from the start of the run.
        label: Name by which expectations and sweeps call this instant; may be empty.
        ramp_s: Over how long the values go there in a straight line; 0 for at once.
        values: New values by section and name.
    """

    at_s: float
    label: str = ""
    ramp_s: float = 0.0
    values: Values = field(default_factory=dict[str, Mapping[str, Number]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One thing taken through several values, each in a run of its own.

    Attributes:
        path: `section.name` of the setup or the settings, `LABEL.at_s` for the instant of a change, or
            `LABEL.section.name` for a value that it sets.
        values: In the order in which they are played; a choice as its number.
        names: Of these values, as they were written, where it is a choice by name; empty otherwise.
    """

    path: str
    values: tuple[float, ...]
    names: tuple[str, ...] = ()

    def word_of(self, value: float) -> str:
        """A value as a person reads it: `ev`, or `0.25`."""
        return self.names[self.values.index(value)] if self.names else f"{value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A recorded waveform or RMS record in the place of the utility's voltage.

    Attributes:
        file: COMTRADE configuration or CFF, or a CSV with `time_s` and volts by leg.
        l1, l2: Names of the channels that stand for the legs; `l2` may be empty for the negative of `l1`.
        at_s: Where in the run the record begins.
        scale: What its values are multiplied with.
        to_rms_v: Scale the record so that its first whole cycle has this RMS; 0 for as recorded.
    """

    file: Path
    l1: str
    l2: str
    at_s: float
    scale: float
    to_rms_v: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The measured power of an appliance, on a premise setting: a power that is taken, not a motor that starts.

    Attributes:
        file: The table that it was read from.
        column: Which of its columns.
        onto: The setting of `[premise]` that it is added to, such as `resistive_l12_w`.
        at_s: Where in the run it begins.
        times_s: From `at_s`, rising: from each on, the power beside it is taken.
        watts: That power; the last is 0, where the record ends.
    """

    file: Path
    column: str
    onto: str
    at_s: float
    times_s: tuple[float, ...]
    watts: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything that is played.

    Attributes:
        name: The folder's name.
        title: One line.
        about: What it shows, in a few sentences.
        shows: Hazards and clauses: `H16`, `LAW-6`, `UL 1008`, ...
        duration_s: Length of the run.
        setup: Values of the home and the world that are not at their defaults, by section.
        controller: Settings of the controller that are not at their defaults, in ticks where they are times.
        changes: In order of time.
        sweep: None when it is played once.
        replay: None when nothing recorded is replayed.
        loads: Measured loads; those onto the same setting add up, with what the setting has by itself.
        may_break: Laws that this scenario shows broken, with the reason: what no software can hold.
        folder: Where it was read from.
        layers: The files it was read from: its bases, and last its own.
    """

    name: str
    title: str
    about: str
    shows: tuple[str, ...]
    duration_s: float
    setup: Values
    controller: Mapping[str, Number]
    changes: tuple[Change, ...]
    sweep: Sweep | None
    replay: Replay | None
    may_break: Mapping[str, str]
    folder: Path
    loads: tuple[Load, ...] = ()
    layers: tuple[Path, ...] = ()

    @property
    def ticks(self) -> int:
        """Length of the run in half-cycles."""
        return ticks_of(self.duration_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A moment of a run by what happens in it: a number of seconds, a label, or a thing of the run; and a shift.

    Attributes:
        words: `12.5`, `start`, `end`, a label, `mode DARK`, `mode DARK 2`, `u opens`, `b closes`, `event SURGE`.
        shift_s: Added to it.
    """

    words: str
    shift_s: float = 0.0

    def __str__(self) -> str:
        """In words, as a report says it."""
        if not self.shift_s:
            return self.words
        return f"{self.words} {'+' if self.shift_s > 0 else '-'} {abs(self.shift_s):g} s"


class Kind(Enum):
    """What an expectation is about."""

    MODES = "modes"
    TIME = "time"
    MEASURE = "measure"
    LAWS = "laws"
    EVENTS = "events"
    NO_EVENTS = "no_events"
    MODE = "mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that ought to be so, and where that comes from.

    Attributes:
        name: One line for a person.
        kind: Which of the following count.
        origin: Standard and clause, closed form, law or line of the domain reference; never a former run.
        words: Modes with causes, laws or events, in the order given; the quantity of a measure.
        start: Where a span begins; the instant of a mode.
        stop: Where it ends.
        statistic: `min`, `max`, `mean`, `last`, `first` or `change` of a measured quantity over the span.
        low: Least that passes; None for no limit.
        high: Most that passes.
        unit: Of `low` and `high`.
    """

    name: str
    kind: Kind
    origin: str
    words: tuple[str, ...] = ()
    start: Instant = Instant(words="start")
    stop: Instant = Instant(words="end")
    statistic: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
