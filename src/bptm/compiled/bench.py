"""One meter on a bench at waveform rate: a whole home as a circuit, the real controller or any other, and the laws.

The typed way for hosts and tests to run `kernel_bench`, compiled or (slowly) in plain CPython with the same results.

Two ways to run, which may not be mixed in one run:

- `run` plays half-cycles with our own controller and its observers (ledger, diagnosis, advice, guide).
- `produce`, then `measure` if wanted, then `apply`: lock-step with any controller. `produce` gives one half-cycle's
  `samples` (volts and amperes as converted, in the order of CHANNEL_...) and `inputs`; `apply` takes its orders.

A trace has one row for each half-cycle: `true` (`core_bench_trace.TRUE_FIELDS`: node voltages, currents, powers,
energies, source, contact positions per pole, breakers, meter, laws so far) and `told` (`TOLD_FIELDS`: mode, cause,
facts, orders, readings, registers, observers), and windows of waveforms (16 columns WAVE_...) around what happens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bptm.compiled import kernel_bench, kernel_bench_plant
from bptm.compiled.bench_laws import LawResult, law_results
from bptm.compiled.bench_setup import PLACE_OF, SETUP_FIELDS, complete
from bptm.compiled.bench_windows import Window, Windows
from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.records import as_tuple, plain_record
from bptm.terms import (
    core_advice,
    core_advice_settings,
    core_bench_state,
    core_bench_trace,
    core_device,
    core_diagnosis,
    core_diagnosis_settings,
    core_guide,
    core_guide_settings,
    core_ledger,
    core_ledger_settings,
    core_metrology,
    core_settings,
)
from bptm.terms.core_codes import ORDER_OPEN, TICKS_PER_S
from bptm.terms.settings_rules import SECTIONS, copies

FIELDS_OF: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "h": core_bench_state.PLANT_FIELDS,
    "u": SETUP_FIELDS,
    "w": core_metrology.WAVE_FIELDS,
    "o": core_bench_trace.TRUE_FIELDS,
    "x": core_bench_trace.LAW_FIELDS,
    "q": core_bench_trace.TOLD_FIELDS,
    "a": core_metrology.METER_FIELDS,
    "g": core_metrology.FIELDS,
    "d": core_metrology.DETECTOR_FIELDS,
    "m": core_device.MEASURED_FIELDS,
    "r": core_device.INTERLOCK_INPUT_FIELDS,
    "t": core_metrology.READING_FIELDS,
    "y": core_metrology.BLOCK_FIELDS,
    "e": core_metrology.ENERGY_FIELDS,
    "qq": core_metrology.QUALITY_FIELDS,
    "s": core_device.DEVICE_FIELDS,
    "k": core_device.INTERLOCK_FIELDS,
    "p": core_settings.FIELDS,
    "l": core_ledger.LEDGER_FIELDS,
    "lp": core_ledger_settings.FIELDS,
    "i": core_diagnosis.DIAGNOSIS_FIELDS,
    "ip": core_diagnosis_settings.FIELDS,
    "v": core_advice.ADVICE_FIELDS,
    "vp": core_advice_settings.FIELDS,
    "n": core_guide.GUIDE_STATE_FIELDS,
    "gp": core_guide_settings.FIELDS,
}
"""Records by the letter that each has in the kernels."""

SECTION_OF = {
    "controller": "p",
    "metrology": "g",
    "ledger": "lp",
    "diagnosis": "ip",
    "advice": "vp",
    "guide": "gp",
}
"""Section of a settings file, and the record that its settings go to."""

TRUE_DTYPE = dtype_of(core_bench_trace.TRUE_FIELDS)
TOLD_DTYPE = dtype_of(core_bench_trace.TOLD_FIELDS)
CHANGE_FIELDS = (
    ("sample", "i8", "", "sample from which it counts"),
    ("place", "i8", "", "place of the value in the setup"),
    ("value", "f8", "", "the value"),
)
CHANGE_DTYPE = dtype_of(CHANGE_FIELDS)
RAMP_SAMPLES = 32
"""A ramp goes in steps of this many samples."""
THINK_LETTERS = (
    *("h", "u", "q", "w", "a", "g", "d", "m", "r", "t", "y", "e", "qq", "s", "k", "p"),
    *("l", "lp", "i", "ip", "v", "vp", "n", "gp"),
)
"""Records in the order in which `think` takes them."""
CHUNK_TICKS = 60
"""Waveforms are looked through for what to keep after this many half-cycles."""

INPUT_NAMES = (
    "u_open_poles",
    "u_closed_poles",
    "b_open_poles",
    "b_closed_poles",
    "stored_energy_ok",
    "supplied",
    "local_reset",
    "local_test",
    "local_disconnect",
    "inlet_unmated",
    "plug_a",
    "inlet_c",
    "ambient_c",
    "surges",
    "surge_v",
    "spd_failed",
    "interlock_bus_l1_present",
    "interlock_bus_l2_present",
    "remote_action",
    "remote_hold_ticks",
)
"""What a controller gets beside its samples, in the order of `inputs`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value of the setup that changes at a sample of the run, at once or along a straight line."""

    sample: int
    name: str
    value: float
    over_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Recorded volts of the utility's two legs; the setup's `replay = 1` puts them in place of the feeder."""

    volts: NDArray[np.float64]
    rate_hz: float
    from_sample: int = 0

    def at_rate(self, rate_hz: int) -> NDArray[np.float64]:
        """The record at the rate of the bench, by straight lines between its samples.

        Raises:
            ValueError: A record of another shape than (samples, 2).
        """
        if self.volts.ndim != 2 or self.volts.shape[1] != 2:  # noqa: PLR2004
            msg = f"a record has shape {self.volts.shape}, expected (samples, 2)"
            raise ValueError(msg)
        count = int(len(self.volts) * rate_hz / self.rate_hz)
        at = np.arange(count) * (self.rate_hz / rate_hz)
        own = np.arange(len(self.volts))
        return np.column_stack([np.interp(at, own, self.volts[:, leg]) for leg in range(2)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a run gave: rows of each half-cycle, and windows of waveforms."""

    true: NDArray[np.void]
    told: NDArray[np.void]
    windows: tuple[Window, ...]
    rate_hz: int


class _Flat:
    """A plain setup as a row of numbers, as the compiled one is seen."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def __setitem__(self, place: int, value: float) -> None:
        setattr(self._record, SETUP_FIELDS[place][0], value)


class BenchMeter:
    """A meter, its home and its source.

    Attributes:
        records: Records by their letter (`FIELDS_OF`): arrays of one row, or plain ones.
        rate_hz: Samples a second.
    """

    def __init__(  # noqa: PLR0913  each a keyword with a default
        self,
        setup: Mapping[str, float],
        *,
        settings: Mapping[str, Mapping[str, float]] | None = None,
        rate_hz: int = 7680,
        seed: int = 1,
        compiled: bool = True,
        replay: Replay | None = None,
        window_ticks: int = 12,
    ) -> None:
        """A home on its utility with this setup, values of its kind of source where nothing is given.

        Args:
            setup: Values by name; `bench_setup.faults_of` says what is wrong with one.
            settings: Of the controller and its observers, by section and name.
            rate_hz: Samples a second.
            seed: Of the noise.
            compiled: False runs everything in plain CPython.
            replay: A record for `replay = 1`.
            window_ticks: Half-cycles of waveform that are kept after what happens; half as many before.
        """
        self.compiled = compiled
        self.rate_hz = rate_hz
        modules: Mapping[str, Any] = compiled_modules() if compiled else {}
        self._plant: Any = modules.get("compiled.kernel_bench_plant", kernel_bench_plant)
        self._kernel: Any = modules.get("compiled.kernel_bench", kernel_bench)
        self.records: dict[str, Any] = {
            letter: np.zeros(1, dtype_of(fields)) if compiled else plain_record(fields)
            for letter, fields in FIELDS_OF.items()
        }
        self._row: dict[str, Any] = {letter: r[0] if compiled else r for letter, r in self.records.items()}
        self._rows: dict[str, Any] = {letter: r if compiled else [r] for letter, r in self.records.items()}
        self._flat: Any = self.records["u"].view(np.float64) if compiled else _Flat(self.records["u"])
        self._record = np.zeros((0, 2)) if replay is None else replay.at_rate(rate_hz)
        self._from_sample = 0 if replay is None else replay.from_sample
        self._set_all("u", complete(setup))
        self._fill_settings({} if settings is None else settings)
        self._changes: Any = self._table([])
        self._next = 0
        self._wave = np.zeros((CHUNK_TICKS * (rate_hz // TICKS_PER_S + 1), core_bench_trace.WAVES), np.float32)
        self._used = 0
        self._windows = Windows(rate_hz=rate_hz, window_ticks=window_ticks)
        self._trues: NDArray[Any] = np.zeros(1024, TRUE_DTYPE)
        self._tolds: NDArray[Any] = np.zeros(1024, TOLD_DTYPE)
        self._ticks = 0
        rows = self._rows
        self._plant.begin_plant(rows["h"], rows["u"], rows["x"], rate_hz, seed)
        self._kernel.begin_mind(*(rows[letter] for letter in ("a", "g", "w", "d", "l", "v", "vp", "n")))

    @classmethod
    def of(cls, setup: Mapping[str, float], **options: Any) -> Self:
        """The same, by the name that other meters have."""
        return cls(setup, **options)

    def _set_all(self, letter: str, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._put(letter, name, value)

    def _put(self, letter: str, name: str, value: float) -> None:
        if self.compiled:
            self.records[letter][name] = value
        else:
            whole = next(row[1].startswith("i") for row in FIELDS_OF[letter] if row[0] == name)
            setattr(self.records[letter], name, int(value) if whole else float(value))

    def _fill_settings(self, given: Mapping[str, Mapping[str, float]]) -> None:
        values: dict[tuple[str, str], float] = {
            (section, row[0]): given.get(section, {}).get(row[0], row[4])
            for section, table in SECTIONS
            for row in table
        }
        for copy, original in copies().items():
            if copy[1] not in given.get(copy[0], {}):
                values[copy] = values[original]
        values["metrology", "rate_hz"] = self.rate_hz
        for (section, name), value in values.items():
            self._put(SECTION_OF[section], name, value)

    def _table(self, changes: Iterable[Change]) -> Any:
        """Changes as the kernel takes them: steps, in the order of their samples."""
        steps: list[tuple[int, int, float]] = []
        for change in sorted(changes, key=lambda c: c.sample):
            place = PLACE_OF[change.name]
            count = int(change.over_s * self.rate_hz) // RAMP_SAMPLES
            if count > 1:
                begun = self._value_at(steps, place)
                for step in range(1, count + 1):
                    value = begun + (change.value - begun) * step / count
                    steps.append((change.sample + (step - 1) * RAMP_SAMPLES, place, value))
            else:
                steps.append((change.sample, place, change.value))
        steps.sort(key=lambda step: step[0])
        if self.compiled:
            return np.array(steps, CHANGE_DTYPE)
        rows: list[Any] = []
        for sample, place, value in steps:
            row = plain_record(CHANGE_FIELDS)
            row.sample, row.place, row.value = sample, place, value
            rows.append(row)
        return rows

    def _value_at(self, steps: Sequence[tuple[int, int, float]], place: int) -> float:
        """A value of the setup after these steps."""
        values = [value for _sample, where, value in steps if where == place]
        return values[-1] if values else self.value(SETUP_FIELDS[place][0])

    def value(self, name: str) -> float:
        """A value of the setup, now."""
        return float(getattr(self._row["u"], name) if not self.compiled else self._row["u"][name])

    def set(self, name: str, value: float) -> None:
        """Changes a value of the setup, at once."""
        self._put("u", name, value)
        self._put("h", "dirty", 1)

    def schedule(self, changes: Iterable[Change]) -> None:
        """Changes for the run from here on, in place of those that had not come yet. They carry samples of the run."""
        self._changes = self._table(changes)
        self._next = 0

    # Our own controller.

    def run(self, ticks: int, changes: Iterable[Change] | None = None) -> Trace:
        """Plays so many half-cycles with our own controller; the trace is of the whole run so far."""
        if changes is not None:
            self.schedule(changes)
        think: Any = self._kernel.think
        arrays = [self._rows[letter] for letter in THINK_LETTERS]
        for _tick in range(ticks):
            self.produce()
            think(*arrays)
            self._conclude()
        return self.trace

    def _conclude(self) -> None:
        """Orders reach the coils, laws are judged, the trace gets its rows."""
        self._plant.conclude(*(self._rows[letter] for letter in ("h", "u", "x", "o", "q")))
        if self._ticks == len(self._trues):
            self._trues = np.concatenate([self._trues, np.zeros_like(self._trues)])
            self._tolds = np.concatenate([self._tolds, np.zeros_like(self._tolds)])
        if self.compiled:
            self._trues[self._ticks] = self.records["o"][0]
            self._tolds[self._ticks] = self.records["q"][0]
        else:
            self._trues[self._ticks] = as_tuple(self.records["o"], core_bench_trace.TRUE_FIELDS)
            self._tolds[self._ticks] = as_tuple(self.records["q"], core_bench_trace.TOLD_FIELDS)
        self._ticks += 1

    def _look_through(self) -> None:
        """Keeps windows of the waveforms so far, and lets the rest go."""
        if self._used:
            self._windows.take(self._wave[: self._used].copy(), self.true, self.told)
        self._used = 0

    @property
    def sample(self) -> int:
        """Samples solved so far."""
        return int(self._row["h"].sample if not self.compiled else self._row["h"]["sample"])

    # Any controller, in lock-step.

    def produce(self, changes: Iterable[Change] | None = None) -> int:
        """One half-cycle of the plant. Returns how many samples it has."""
        if changes is not None:
            self.schedule(changes)
        rows = self._rows
        if self._used + self.rate_hz // TICKS_PER_S + 2 > len(self._wave):
            self._look_through()
        before = self.sample
        self._next = self._plant.produce(
            rows["h"],
            rows["u"],
            self._flat,
            self._changes,
            self._next,
            self._record,
            self._from_sample,
            *(rows[letter] for letter in ("w", "o", "a", "g", "d", "m", "r")),
            self._wave,
            self._used,
        )
        count = self.sample - before
        self._used += count
        return count

    @property
    def samples(self) -> NDArray[np.float64]:
        """Samples of the last half-cycle, shape (samples, 8), in the order of CHANNEL_...."""
        count = int(self._get("h", "taken"))
        whole = np.asarray(self._get("w", "samples"), np.float64)
        return whole.reshape(core_metrology.CHANNELS, core_metrology.ROOM)[:, 1 : 1 + count].T

    @property
    def inputs(self) -> tuple[float, ...]:
        """Digital inputs and temperatures of the last half-cycle, in the order of `INPUT_NAMES`."""
        return tuple(self._input(name) for name in INPUT_NAMES)

    def _input(self, name: str) -> float:
        if name == "remote_action":
            return self.value("remote_action")
        if name == "remote_hold_ticks":
            asked = self.value("remote_action") > 0.0
            return int(self.value("remote_hold_s") * TICKS_PER_S) if asked else 0
        if name.startswith("interlock_"):
            return float(self._get("r", name.removeprefix("interlock_")))
        return float(self._get("m", name))

    def _get(self, letter: str, name: str) -> Any:
        return self._row[letter][name] if self.compiled else getattr(self._row[letter], name)

    @property
    def powered(self) -> bool:
        """Whether the controller has power in this half-cycle and is not held in reset."""
        return bool(self._get("h", "powered"))

    @property
    def started(self) -> bool:
        """Whether it has just got it: the controller starts with this half-cycle."""
        return bool(self._get("h", "started"))

    def measure(self) -> None:
        """Our metrology on the samples of this half-cycle: fills the measured values `records["m"]`."""
        self._kernel.measure(*(self._rows[letter] for letter in ("h", "a", "g", "w", "t", "y", "e", "qq", "s", "m")))

    def apply(self, u_out: int, b_out: int, told: Mapping[str, float] | None = None) -> None:
        """Orders reach the coils, laws are judged, the trace gets its row.

        Args:
            u_out: Order to U (ORDER_...).
            b_out: Order to B.
            told: What else of `TOLD_FIELDS` the controller says of itself.
        """
        if not self.powered:
            u_out, b_out = 0, ORDER_OPEN
        given = {"u_order": u_out, "b_order": b_out, **({} if told is None else told), "u_out": u_out, "b_out": b_out}
        self._set_all("q", given)
        self._conclude()

    def settings_told(self) -> dict[str, float]:
        """Every setting of controller, metrology and observers in force, by section and name."""
        return {
            f"{section}.{row[0]}": float(self._get(SECTION_OF[section], row[0]))
            for section, table in SECTIONS
            for row in table
        }

    # What came of it.

    @property
    def true(self) -> NDArray[np.void]:
        """True values so far, a row for each half-cycle."""
        return self._trues[: self._ticks]

    @property
    def told(self) -> NDArray[np.void]:
        """What the controller told so far, a row for each half-cycle."""
        return self._tolds[: self._ticks]

    @property
    def trace(self) -> Trace:
        """Everything so far."""
        self._look_through()
        return Trace(true=self.true.copy(), told=self.told.copy(), windows=self._windows.kept(), rate_hz=self.rate_hz)

    def last_window(self) -> Window:
        """Waveforms of the last half-cycles so far."""
        self._look_through()
        return self._windows.last()

    def laws(self) -> tuple[LawResult, ...]:
        """What the checkers have found so far, law by law. LAW-8 is judged here, on the registers as told."""
        names = (row[0] for row in core_bench_trace.LAW_FIELDS)
        found = {name: self._get("x", name) for name in names}
        return law_results(found, self.true, self.told, self.value("register_fraction"))
