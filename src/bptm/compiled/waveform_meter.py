"""One whole meter at waveform rate, compiled: sampled voltages and currents in, decisions out.

The typed way for tests, benches and hosts to run `kernel_waves.run_samples`; the records are arrays of one row each.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bptm.compiled import kernel_waves
from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.meters import metrology_settings
from bptm.terms import core_device, core_metrology, core_settings
from bptm.terms.core_codes import TICKS_PER_S

FIELDS_OF: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "a": core_metrology.METER_FIELDS,
    "g": core_metrology.FIELDS,
    "w": core_metrology.WAVE_FIELDS,
    "t": core_metrology.READING_FIELDS,
    "y": core_metrology.BLOCK_FIELDS,
    "e": core_metrology.ENERGY_FIELDS,
    "q": core_metrology.QUALITY_FIELDS,
    "d": core_metrology.DETECTOR_FIELDS,
    "c": kernel_waves.CONTACTS_FIELDS,
    "s": core_device.DEVICE_FIELDS,
    "k": core_device.INTERLOCK_FIELDS,
    "m": core_device.MEASURED_FIELDS,
    "r": core_device.INTERLOCK_INPUT_FIELDS,
    "p": core_settings.FIELDS,
}
"""Records in the order in which `run_samples` takes them, by the letter that each has in the core."""

LOG_DTYPE = dtype_of(kernel_waves.LOG_FIELDS)
TRAVEL_TICKS = 5
"""40 ms: a contactor's time (domain.md 2.7: 10 to 50 ms)."""


def settings_row(values: dict[str, float]) -> NDArray[np.void]:
    """Settings of the controller: defaults, and these values instead."""
    row = np.zeros(1, dtype_of(core_settings.FIELDS))
    for setting in core_settings.SETTINGS:
        row[setting[0]] = values.get(setting[0], setting[4])
    return row


def set_up(records: dict[str, Any]) -> None:
    """A home on its utility, everything the host reads itself healthy; `records` may be plain or rows of arrays."""
    c, m = records["c"], records["m"]
    c.u_poles, c.b_poles, c.travel_ticks, c.joined = 3, 0, TRAVEL_TICKS, 1
    m.stored_energy_ok, m.supplied = 1, 1
    m.inlet_c = m.ambient_c = 25.0


class WaveformMeter:
    """One meter with its two contactors, fed samples of eight channels.

    Attributes:
        records: Its records by their letter, arrays of one row.
    """

    def __init__(self, records: dict[str, NDArray[np.void]]) -> None:
        """Takes over these records as they are; `of` makes new ones."""
        self.records = records
        self._run = compiled_modules()["compiled.kernel_waves"].run_samples

    @classmethod
    def of(cls, metrology: dict[str, float] | None = None, settings: dict[str, float] | None = None) -> Self:
        """A meter just installed on a home that its utility feeds; these settings, the others at their defaults."""
        records = {letter: np.zeros(1, dtype_of(fields)) for letter, fields in FIELDS_OF.items()}
        records["g"] = metrology_settings(1, metrology or {})
        records["p"] = settings_row(settings or {})
        modules = compiled_modules()
        rows = {letter: array.view(np.recarray)[0] for letter, array in records.items()}
        set_up(rows)
        row = {letter: array[0] for letter, array in records.items()}
        modules["compiled.kernel_waves"].begin_run(
            row["a"], row["g"], row["w"], row["d"], row["c"], row["s"], row["k"], row["m"], row["r"], row["p"]
        )
        return cls(records)

    def copy(self) -> Self:
        """The same meter in the same state, to go another way from here."""
        return type(self)({letter: array.copy() for letter, array in self.records.items()})

    def ticks_in(self, samples: int) -> int:
        """How many whole half-cycles so many samples are, from here."""
        rate = int(self.records["g"]["rate_hz"][0])
        return (TICKS_PER_S * (samples + 1) - 1 - int(self.records["a"]["rest"][0])) // rate

    def run(self, samples: NDArray[np.float64]) -> NDArray[np.void]:
        """Takes as many whole half-cycles as there are samples for; what is left over is dropped.

        Args:
            samples: Shape (samples, 8), volts and amperes in the order of CHANNEL_....

        Returns:
            One row of `LOG_FIELDS` for each half-cycle.

        Raises:
            ValueError: Samples of another shape.
        """
        if samples.ndim != 2 or samples.shape[1] != core_metrology.CHANNELS:  # noqa: PLR2004
            msg = f"samples have shape {samples.shape}, expected (samples, {core_metrology.CHANNELS})"
            raise ValueError(msg)
        ticks = self.ticks_in(len(samples))
        log = np.zeros(ticks, LOG_DTYPE)
        rows = [array[0] for array in self.records.values()]
        self._run(*rows, np.ascontiguousarray(samples, np.float64), 0, ticks, log)
        return log
