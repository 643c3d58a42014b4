"""What a run left behind: a row for each half-cycle, the laws' verdicts, waveforms around what happened."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bptm.terms.codes import Cause, Event, Mode
from bptm.terms.core_bench_trace import TOLD_FIELDS
from bptm.twin.bench.catalogue import DERIVED
from bptm.twin.bench.scenario import TICKS_PER_S, Instant, Scenario, ticks_of


def joined_rows(true: NDArray[np.void], told: NDArray[np.void]) -> NDArray[np.void]:
    """One table of what was so and what the controller told; names are unique over both."""
    rows = np.zeros(len(true), np.dtype([*true.dtype.descr, *told.dtype.descr]))
    for part in (true, told):
        for name in part.dtype.names or ():
            rows[name] = part[name]
    return rows


Rows = NDArray[np.void]
"""A table of one row for each half-cycle."""

TOLD_NAMES = frozenset(name for name, *_rest in TOLD_FIELDS)
"""Columns that come from the controller."""

EVENT_BITS = {event: 1 << int(event) for event in Event}


SEED = 1
"""Noise and point on wave come from it; a run is the same each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A law that did not hold, first time."""

    law: str
    at_s: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Sampled voltages and currents around something that happened.

    Attributes:
        label: What happened.
        start_s: Time of the first sample.
        at_s: When it happened; None when the window is not about one instant.
        rate_hz: Samples a second.
        samples: Shape (samples, 16), columns as `core_bench_trace` numbers them (WAVE_...).
    """

    label: str
    start_s: float
    at_s: float | None
    rate_hz: float
    samples: NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a scenario.

    Attributes:
        scenario: As it was played: with this value of the sweep put in.
        value: Value of the sweep; None when there is none.
        rows: One row for each half-cycle that was played; row i ends (i + 1) / 120 s after the start.
        breaches: First breach of each law that was broken.
        exercised: Laws that had something to judge.
        windows: Waveforms, in order of time.
        ended: Why a controller that is not ours ended the run early; empty when it was played to its end.
        commands: Answer of the meter to each remote command, by instant: 0, or the bits of what was unmet.
        told: Columns that the controller told; None for one of ours, which tells all. What is not told is 0 in `rows`.
    """

    scenario: Scenario
    value: float | None
    rows: NDArray[np.void]
    breaches: tuple[Breach, ...]
    exercised: frozenset[str]
    windows: tuple[Window, ...]
    ended: str = ""
    commands: tuple[tuple[float, str, int], ...] = ()
    told: frozenset[str] | None = None

    @property
    def value_words(self) -> str:
        """The value of the sweep that it was played with, as it was written; `none` without a sweep."""
        sweep, value = self.scenario.sweep, self.value
        if value is None:
            return "none"
        return sweep.word_of(value) if sweep is not None and value in sweep.values else f"{value:g}"

    def tells(self, column: str) -> bool:
        """Whether the controller told this column; what was so in truth, nobody has to tell."""
        return self.told is None or column in self.told or column not in TOLD_NAMES

    def quantity(self, name: str) -> NDArray[np.float64]:
        """One quantity at every half-cycle, also a derived one."""
        if name in DERIVED:
            return DERIVED[name].of(self.rows)
        return self.rows[name].astype(np.float64)

    def modes(self) -> list[tuple[int, Mode, Cause]]:
        """Row, mode and cause at the start and at each change of mode; none when no mode is told."""
        modes, causes = self.rows["mode"], self.rows["cause"]
        if not len(modes) or not self.tells("mode"):
            return []
        changed = np.flatnonzero(np.diff(modes)) + 1
        return [(int(row), Mode(int(modes[row])), Cause(int(causes[row]))) for row in (0, *changed)]

    def events(self) -> list[tuple[int, Event]]:
        """Row and event, in order of time."""
        bits = self.rows["events"]
        found: list[tuple[int, Event]] = []
        for row in np.flatnonzero(bits):
            word = int(bits[row])
            found += [(int(row), event) for event, bit in EVENT_BITS.items() if word & bit]
        return found

    def time_of(self, instant: Instant) -> float | None:
        """Seconds from the start at which an instant falls; None when it did not come."""
        found = self._bare_time(instant.words)
        return None if found is None else found + instant.shift_s

    def _bare_time(self, words: str) -> float | None:
        if words == "start":
            return 0.0
        if words == "end":
            return len(self.rows) / TICKS_PER_S
        for change in self.scenario.changes:
            if change.label == words:
                return ticks_of(change.at_s) / TICKS_PER_S
        first, _space, rest = words.partition(" ")
        if first in ("mode", "event", "u", "b"):
            return self._found_time(first, rest)
        return float(words)

    def _found_time(self, first: str, rest: str) -> float | None:
        name, _space, number = rest.partition(" ")
        which = int(number) - 1 if number else 0
        if first == "mode":
            found = [row for row, mode, _cause in self.modes() if mode.name == name]
        elif first == "event":
            found = [row for row, event in self.events() if event.name == name]
        else:
            found = self._moves(first, opens=name == "opens")
        return (found[which] + 1) / TICKS_PER_S if len(found) > which else None

    def _moves(self, contactor: str, *, opens: bool) -> list[int]:
        """Rows in which the last pole of a contactor opened, or the first one closed, in truth."""
        poles = self.rows[f"{contactor}_poles"]
        if len(poles) == 0:
            return []
        closed = (poles != 0).astype(np.int8)
        return [int(row) + 1 for row in np.flatnonzero(np.diff(closed) == (-1 if opens else 1))]

    def span(self, start: Instant, stop: Instant) -> tuple[int, int] | None:
        """Rows from one instant to another, the second after the last; None when one did not come."""
        begin_s, end_s = self.time_of(start), self.time_of(stop)
        if begin_s is None or end_s is None:
            return None
        return max(0, ticks_of(begin_s)), min(len(self.rows), ticks_of(end_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One expectation, judged.

    Attributes:
        judged: False when the run ended before it could be, or the controller does not tell what it is about; such an
            expectation has not passed either.
    """

    name: str
    expected: str
    measured: str
    passed: bool
    origin: str
    judged: bool = True

    @property
    def mark(self) -> str:
        """The verdict in one or two words."""
        return "met" if self.passed else "not met" if self.judged else "not judged"

    def as_json(self) -> dict[str, object]:
        """For `--json`, as the issue words it, with the origin."""
        return {
            "name": self.name,
            "expected": self.expected,
            "measured": self.measured,
            "passed": self.passed,
            "judged": self.judged,
            "origin": self.origin,
        }


def _span(time_s: float) -> str:
    return f"{time_s:.3g} s" if time_s >= 0.1 else f"{1000.0 * time_s:.3g} ms"  # noqa: PLR2004  easier to read


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimes:
    """How long a controller that is not ours took for its answers, by the wall clock.

    Attributes:
        count: Half-cycles that it answered.
        total_s: All its answers together, and what it was waited for in vain.
        median_s: Half of them took no longer; 0 when there was none.
        worst_s: The slowest.
        worst_tick: Half-cycle of that one.
    """

    count: int
    total_s: float
    median_s: float
    worst_s: float
    worst_tick: int

    def __str__(self) -> str:
        """In words."""
        if not self.count:
            return f"none in {self.total_s:.3g} s"
        return (
            f"{self.count} half-cycles in {self.total_s:.3g} s, median {_span(self.median_s)}, slowest "
            f"{_span(self.worst_s)} (half-cycle {self.worst_tick})"
        )

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "count": self.count,
            "total_s": round(self.total_s, 3),
            "median_s": round(self.median_s, 6),
            "worst_s": round(self.worst_s, 6),
            "worst_half_cycle": self.worst_tick,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedFile:
    """A file that was played: name and SHA-256 in hexadecimal, as `sha256sum` prints them."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A scenario with everything that came of it.

    Attributes:
        runs: One, or one for each value of its sweep.
        verdicts: One for each expectation, over all runs.
        controller: Name of the controller that sat on the bench.
        controller_hash: Hash of its source; empty for one whose source is not ours.
        took_s: Processor time.
        files: What was read: the two files of the scenario, and its records.
        answers: How fast the controller answered; None for one of ours, which answers at once.
    """

    scenario: Scenario
    runs: tuple[Run, ...]
    verdicts: tuple[Verdict, ...]
    controller: str
    controller_hash: str
    took_s: float
    files: tuple[PlayedFile, ...] = ()
    answers: AnswerTimes | None = None

    @property
    def broken(self) -> Mapping[str, Breach]:
        """First breach of each law over all runs, those left out that the scenario shows broken."""
        found: dict[str, Breach] = {}
        for run in self.runs:
            for breach in run.breaches:
                if breach.law not in self.scenario.may_break:
                    found.setdefault(breach.law, breach)
        return found

    @property
    def exercised(self) -> frozenset[str]:
        """Laws that had something to judge in any run."""
        return frozenset(law for run in self.runs for law in run.exercised)

    @property
    def laws_held(self) -> bool:
        """Whether no law was broken."""
        return not self.broken

    @property
    def ended(self) -> str:
        """Why a controller ended a run early."""
        return next((run.ended for run in self.runs if run.ended), "")

    @property
    def passed(self) -> bool:
        """Whether everything is as expected, every law held, and no run ended early."""
        return self.laws_held and not self.ended and all(verdict.passed for verdict in self.verdicts)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "scenario": self.scenario.name,
            "passed": self.passed,
            "laws_held": self.laws_held,
            "expectations": [verdict.as_json() for verdict in self.verdicts],
            "laws_broken": [{"law": b.law, "at_s": round(b.at_s, 4), "words": b.words} for b in self.broken.values()],
            "laws_exercised": sorted(self.exercised, key=lambda law: int(law.removeprefix("LAW-"))),
            "controller": self.controller,
            "controller_hash": self.controller_hash,
            "runs": len(self.runs),
            "seconds": self.scenario.duration_s,
            "seed": SEED,
            "ended": self.ended or None,
            "files": {file.name: file.sha256 for file in self.files},
            "answers": None if self.answers is None else self.answers.as_json(),
        }
