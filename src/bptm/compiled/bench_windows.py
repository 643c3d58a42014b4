"""Windows of waveforms around what happens on a bench: the rest of the samples is let go."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

WINDOWS_MOST = 24
EACH_MOST = 3
"""Of each kind of happening at most this many windows."""

TRUE_WATCHED = (
    "feeder_on",
    "u_poles",
    "b_poles",
    "source_state",
    "breakers",
    "surges",
    "solar_on",
    "spd_off",
    "powered",
)
TOLD_WATCHED = ("mode", "u_out", "b_out", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Samples around something that happened.

    Attributes:
        kind: The columns of the trace that changed.
        first_sample: Sample of the run with which it begins.
        waves: Shape (samples, 16), columns WAVE_....
    """

    kind: str
    first_sample: int
    waves: NDArray[np.float32]


@dataclass(slots=True, kw_only=True)
class Windows:
    """Collects windows from the waveforms of one stretch of a run after another."""

    rate_hz: int
    window_ticks: int
    _done: list[Window] = field(default_factory=list[Window])
    _open: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])
    _kinds: Counter[str] = field(default_factory=Counter[str])
    _before: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 16), np.float32))
    _seen_ticks: int = 0
    _end: int = 0

    def take(self, wave: NDArray[np.float32], true: NDArray[np.void], told: NDArray[np.void]) -> None:
        """One stretch: its waveforms, and the rows of the whole run so far."""
        begins = self._end - len(self._before)
        whole = np.concatenate([self._before, wave])
        self._end += len(wave)
        self._find(true, told)
        for kind, first, last in [w for w in self._open if w[2] <= self._end]:
            self._keep(kind, first, last, begins, whole)
        self._open = [w for w in self._open if w[2] > self._end]
        self._before = whole[-2 * self.window_ticks * self.rate_hz // 120 :]

    def _find(self, true: NDArray[np.void], told: NDArray[np.void]) -> None:
        """What changed from one half-cycle to the next, since the last look."""
        first = max(self._seen_ticks - 1, 0)
        changed: dict[int, list[str]] = {}
        for rows, names in ((true, TRUE_WATCHED), (told, TOLD_WATCHED)):
            for name in names:
                column = rows[name][first:]
                for place in np.flatnonzero(column[1:] != column[:-1]):
                    changed.setdefault(first + 1 + int(place), []).append(name)
        self._seen_ticks = len(true)
        length = self.window_ticks * self.rate_hz // 120
        for tick, names in sorted(changed.items()):
            kind = " ".join(names)
            ends = int(true["end_sample"][tick])
            if self._open and ends < self._open[-1][2] - length // 2:
                continue
            if self._kinds[kind] < EACH_MOST and sum(self._kinds.values()) < WINDOWS_MOST:
                self._kinds[kind] += 1
                self._open.append((kind, max(ends - length // 2, 0), ends + length))

    def _keep(self, kind: str, first: int, last: int, begins: int, whole: NDArray[np.float32]) -> None:
        at = max(first - begins, 0)
        self._done.append(Window(kind=kind, first_sample=begins + at, waves=whole[at : last - begins].copy()))

    def last(self) -> Window:
        """The last samples so far, whatever happened in them: for a run that ends before its time."""
        return Window(kind="", first_sample=self._end - len(self._before), waves=self._before.copy())

    def kept(self) -> tuple[Window, ...]:
        """All windows, those that the end of the run cut short as well."""
        begins = self._end - len(self._before)
        short = [
            Window(kind=kind, first_sample=max(first, begins), waves=self._before[max(first - begins, 0) :].copy())
            for kind, first, _last in self._open
        ]
        return (*self._done, *short)
