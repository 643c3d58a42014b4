"""Exhaustive search of the compiled shipped controller in a closed loop with contactors, bus and faults.

Layers: all states without a fault; then, for each fault, all that follow when it comes at any tick of those; then,
for each pair, all that follow when the second comes at any tick of either. Two layers at a time, one a core. The
search covers timer settings of 1 to 4 ticks (`TIMERS`) and says nothing of other settings: for those stands the proof.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.assurance import automaton, search_state, search_tick
from bptm.assurance.search_state import PLANT_BITS
from bptm.compiled.compiler import compile_beside
from bptm.compiled.dtypes import dtype_of
from bptm.terms import core_codes as c
from bptm.terms import core_device
from bptm.terms.core_settings import FIELDS, SETTINGS

TIMERS = {
    "return_ticks": 2, "follow_ticks": 2, "follow_late_ticks": 3, "follow_fresh_ticks": 2, "follow_watch_ticks": 2,
    "dead_time_ticks": 2, "dead_time_motor_ticks": 3, "contact_ticks": 4, "unknown_ticks": 3, "load_side_ticks": 2,
    "trial_ticks": 2, "interlock_dead_ticks": 2, "watchdog_ticks": 2, "open_ticks": 3, "fault_wait_ticks": 2,
    "test_ticks": 4, "inlet_follow_ticks": 3, "hunt_ticks": 1 << 30, "heat_tau_ticks": 1 << 30, "dip_mask_ticks": 0,
    "slot_window_ticks": 0, "flap_window_ticks": 0, "running_notice_ticks": 1 << 30,
}  # fmt: skip
"""Every other delay is 1 tick. The last six are switched off: hunting and heat, and what only makes a return later."""
COUNTS = {
    "contact_tries": 2, "overload_trials": 1, "harm_trials": 1, "remote_disconnect": 1, "curve": 0,
    "heat_alarm": 1e6, "heat_trip": 1e6, "hunt_hz": 1e6, "hunt_share": 1e6,
}  # fmt: skip

BAD_BITS = 12
FAULTS = tuple(
    (name.removeprefix("FAULT_").lower().replace("_", " "), int(getattr(automaton, name)))
    for name in vars(automaton)
    if name.startswith("FAULT_")
)
BAD = {
    int(getattr(automaton, name)): name.removeprefix("BAD_").lower().replace("_", " ")
    for name in vars(automaton)
    if name.startswith("BAD_")
}
HARDWARE = {
    "no interlock": automaton.HARDWARE_NONE,
    "electrical": automaton.HARDWARE_ELECTRICAL,
    "mechanical": automaton.HARDWARE_MECHANICAL,
    "both": automaton.HARDWARE_ELECTRICAL | automaton.HARDWARE_MECHANICAL,
}

_KERNEL_FILES = (
    "automaton",
    "search_state",
    "search_inputs",
    "search_poles",
    "search_known",
    "search_tick",
    "search_kernel",
)
_ROOM_FIRST = 1 << 16
_SUCCESSORS_MOST = 1 << 14
_PROCESSES = 2
_NO_NUMBER = -2
SETTLES_TICKS = 60


PLAIN: Any = search_tick
"""A tick of the same search, not compiled: it tells a counter-example again. Untyped, like all of the core."""


def kernel_files() -> tuple[tuple[str, Path], ...]:
    """Modules of the compiled search with their files, in the order of their imports."""
    here = Path(__file__).resolve().parent
    return tuple((f"bptm.assurance.{name}", here / f"{name}.py") for name in _KERNEL_FILES)


@cache
def kernel() -> Any:
    """The compiled search."""
    return compile_beside(kernel_files(), frozenset({"pack_meter", "explore", "arrive"}))


def small_settings() -> NDArray[np.void]:
    """One row of settings as the search uses them: defaults, with every delay 1 to 4 ticks."""
    row = np.zeros(1, dtype_of(FIELDS))
    for name, *_, default, _low, _high, _source in SETTINGS:
        row[name] = TIMERS.get(name, COUNTS.get(name, 1 if name.endswith("_ticks") else default))
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A way to a bad state: states and inputs from where this layer begins, the last one bad."""

    faults: int
    hardware: int
    bad: int
    keys: tuple[int, ...]
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """States that a search begins from."""

    states: NDArray[np.int64] = field(repr=False)
    acts: NDArray[np.uint8] = field(repr=False)
    under: int = -1
    """The faults with which they, and all that follows, were followed before; -1 for none."""

    @classmethod
    def fresh(cls, states: NDArray[np.int64]) -> "Roots":
        """States that were not followed before, or are to be followed as if they were not."""
        return cls(states=states, acts=np.zeros(len(states), np.uint8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Everything that follows with one set of faults."""

    faults: int
    hardware: int
    states: NDArray[np.int64] = field(repr=False)
    acts: NDArray[np.uint8] = field(repr=False)
    """What each of them did when it was followed (`search_known`)."""
    transitions: int
    scans: int
    tells: bool
    """Whether an interlock could have done something in one of the transitions; else all hardware is alike here."""
    bad_counts: tuple[int, ...]
    traces: tuple[Trace, ...]
    visited: bool = True
    """False for a layer that was taken from another hardware."""

    @property
    def bad(self) -> int:
        """The kinds of bad states, one bit each."""
        return sum(1 << b for b, count in enumerate(self.bad_counts) if count)

    def with_hardware(self, hardware: int) -> "Layer":
        """The same with another interlock that could not have told anything: nothing was visited for it."""
        traces = tuple(replace(trace, hardware=hardware) for trace in self.traces)
        return replace(self, hardware=hardware, traces=traces, visited=False)

    @property
    def roots(self) -> Roots:
        """Its states, for a search with more faults."""
        return Roots(states=self.states, acts=self.acts, under=self.faults)

    @property
    def energised_most_ticks(self) -> int:
        """How long a dead grid was energised at most; 11 stands for more."""
        return int(_STATE.energised_of(_STATE.plant_of(self.states)).max()) if len(self.states) else 0


_STATE: Any = search_state
"""Untyped, like all of the core."""


class Explorer:
    """Buffers of one process, and the search of one layer at a time."""

    def __init__(self) -> None:
        """Makes the records and buffers."""
        # Meter and interlock twice: the one that scans, and as it is before.
        self._records = tuple(
            np.zeros(2 if number < 2 else 1, dtype_of(fields))  # noqa: PLR2004
            for number, fields in enumerate((
                core_device.DEVICE_FIELDS,
                core_device.INTERLOCK_FIELDS,
                core_device.MEASURED_FIELDS,
                core_device.INTERLOCK_INPUT_FIELDS,
            ))
        )  # fmt: skip
        self._settings = small_settings()
        self._out = np.zeros(_SUCCESSORS_MOST, np.int64)
        self._ways = np.zeros(_SUCCESSORS_MOST, np.int32)
        self._bads = np.zeros(_SUCCESSORS_MOST, np.int32)
        self._seen = np.zeros(2 * search_tick.SEEN_MOST + 2, np.int64)
        self._known = np.zeros(4, np.int64)
        self._room = _ROOM_FIRST

    def arguments(self) -> tuple[Any, ...]:
        """Records and buffers, as the functions of the kernel take them."""
        meter, interlock, measured, comparators = self._records
        found = (self._out, self._ways, self._bads, self._seen, self._known)
        return (meter, interlock, measured[0], comparators[0], self._settings[0], *found)

    def root(self, *, u_closed: bool) -> int:
        """The meter in service on the utility, or dark with U open."""
        s, k = self._records[0], self._records[1]
        # The records still hold what this process looked at last.
        s[:], k[:] = np.zeros(1, s.dtype), np.zeros(1, k.dtype)
        s["mode"] = c.MODE_ON_UTILITY if u_closed else c.MODE_DARK
        s["u_order"], s["b_order"], s["dead_time_ticks"] = c.ORDER_NONE, c.ORDER_OPEN, 2
        s["fed_by"] = c.FED_BY_UTILITY if u_closed else c.FED_BY_NONE
        meter = int(kernel().pack_meter(s[0], k[0]))
        return (meter << PLANT_BITS) | int(_STATE.pack_plant(3 if u_closed else 0, 0, 0, 0, 0, 0, 0))

    def layer(self, begins: tuple[Roots, ...], faults: int, hardware: int) -> Layer:
        """Everything that follows from these states under these faults."""
        roots = np.concatenate([part.states for part in begins])
        roots_act = np.concatenate([part.acts for part in begins])
        roots_under = np.concatenate([np.full(len(part.states), part.under, np.int64) for part in begins])
        while True:
            room = self._room
            table, started = np.full(4 * room, -1, np.int64), np.full(4 * room, -1, np.int64)
            states = np.zeros(room, np.int64)
            parents, ways = np.zeros(room, np.int32), np.zeros(room, np.int32)
            under, acts = np.zeros(room, np.int64), np.zeros(room, np.uint8)
            bad_state, bad_count = np.zeros((BAD_BITS, 3), np.int64), np.zeros(BAD_BITS, np.int64)
            tally = np.zeros(4, np.int64)
            found = -1
            if len(roots) < room:
                found_into = (table, started, states, parents, ways, under, acts, bad_state, bad_count, tally)
                found = kernel().explore(
                    roots, roots_under, roots_act, faults, hardware, *found_into, *self.arguments()
                )
            if found == _NO_NUMBER:
                msg = f"with {fault_words(faults)} a state of the controller has no number; see search_state"
                raise ValueError(msg)
            if found >= 0:
                break
            self._room *= 2
        traces = tuple(
            self._trace(faults, hardware, b, (states, parents, ways), bad_state[b])
            for b in range(BAD_BITS)
            if bad_count[b]
        )
        return Layer(
            faults=faults,
            hardware=hardware,
            states=states[:found].copy(),
            acts=acts[:found].copy(),
            transitions=int(tally[1]),
            scans=int(tally[2]),
            tells=bool(tally[3]),
            bad_counts=tuple(int(x) for x in bad_count),
            traces=traces,
        )

    @staticmethod
    def _trace(
        faults: int,
        hardware: int,
        bad: int,
        found: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]],
        last: NDArray[np.int64],
    ) -> Trace:
        states, parents, ways = found
        keys, inputs = [int(last[1])], [int(last[2])]
        index = int(last[0])
        while index >= 0:
            keys.append(int(states[index]))
            if parents[index] >= 0:
                inputs.append(int(ways[index]))
            index = int(parents[index])
        keys.reverse()
        inputs.reverse()
        return Trace(faults=faults, hardware=hardware, bad=1 << bad, keys=tuple(keys), inputs=tuple(inputs))

    def arrivals(self, states: NDArray[np.int64], inputs: int, mode: int) -> tuple[int, int]:
        """How many states do not reach a mode when the world stays as it is, and the longest way of the others."""
        worst = np.zeros(2, np.int64)
        late = kernel().arrive(states, inputs, 0, mode, SETTLES_TICKS, worst, *self.arguments())
        return int(late), int(worst[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What one build of the hardware was searched for."""

    hardware: int
    sound: Layer
    layers: tuple[Layer, ...]

    @property
    def visited(self) -> tuple[Layer, ...]:
        """The layers that were visited: the others were taken from another hardware."""
        return tuple(layer for layer in (self.sound, *self.layers) if layer.visited)

    @property
    def states(self) -> int:
        """States of all layers that were visited."""
        return sum(len(layer.states) for layer in self.visited)

    @property
    def transitions(self) -> int:
        """Transitions of all layers visited: each one scan of the shipped controller with one way of the poles."""
        return sum(layer.transitions for layer in self.visited)


def search(hardware: int, *, pairs: bool, faults: tuple[int, ...] = ()) -> Searched:
    """All of these faults alone, and in all pairs when asked; without a list all faults."""
    chosen = faults or tuple(mask for _name, mask in FAULTS)
    return search_sets(hardware, chosen, tuple(a | b for a, b in combinations(chosen, 2)) if pairs else ())


def search_sets(
    hardware: int, singles: tuple[int, ...], pairs: tuple[int, ...], known: Searched | None = None
) -> Searched:
    """These faults alone and these pairs of them, each at any tick.

    Args:
        hardware: Interlocks, one bit each.
        singles: Faults, one bit each.
        pairs: Two bits each.
        known: What was searched without an interlock. Layers of it in which no interlock could have told anything are
            taken as they are: from the same states every transition is the same.

    Raises:
        KeyError: A pair of a fault that is not among the singles.
    """
    alike = {layer.faults: layer for layer in (known.sound, *known.layers) if not layer.tells} if known else {}
    if 0 in alike:
        sound = alike[0].with_hardware(hardware)
    else:
        first = _explorer()
        alike = {}
        begins = np.array([first.root(u_closed=on) for on in (True, False)], np.int64)
        sound = first.layer((Roots.fresh(begins),), 0, hardware)
    single = _spread([((sound.roots,), mask, hardware) for mask in singles], alike)
    by_mask = {layer.faults: layer.roots for layer in single}
    parts = [tuple(mask for _name, mask in FAULTS if pair & mask) for pair in pairs]
    # A pair begins from its singles: where one of them differs, so may the pair.
    whole = {pair: alike[pair] for both, pair in zip(parts, pairs, strict=True)
             if pair in alike and all(part in alike for part in both)}  # fmt: skip
    jobs = [(tuple(by_mask[part] for part in both), pair, hardware) for both, pair in zip(parts, pairs, strict=True)]
    return Searched(hardware=hardware, sound=sound, layers=(*single, *_spread(jobs, whole)))


@cache
def _explorer() -> Explorer:
    """The explorer of this process."""
    return Explorer()


_Job = tuple[tuple[Roots, ...], int, int]


def _search_one(job: _Job) -> Layer:
    roots, faults, hardware = job
    return _explorer().layer(roots, faults, hardware)


def _spread(jobs: list[_Job], alike: dict[int, Layer]) -> list[Layer]:
    """Searches layers on all cores, the large ones first. Forked: each process has what is compiled."""
    found = {
        i: alike[faults].with_hardware(hardware) for i, (_, faults, hardware) in enumerate(jobs) if faults in alike
    }
    order = sorted(
        (i for i in range(len(jobs)) if i not in found), key=lambda i: jobs[i][1] & automaton.COMES_AND_GOES == 0
    )
    if order:
        with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("fork")) as pool:
            found |= dict(zip(order, pool.map(_search_one, (jobs[i] for i in order)), strict=True))
    return [found[i] for i in range(len(jobs))]


def fault_words(mask: int) -> str:
    """A set of faults in words."""
    return " + ".join(name for name, bit in FAULTS if mask & bit) or "no fault"


def bad_words(bits: int) -> tuple[str, ...]:
    """Kinds of bad states in words."""
    return tuple(words for bit, words in BAD.items() if bits & bit)
