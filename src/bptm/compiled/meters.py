"""Meters at waveform rate, compiled: arrays of the records of metrology, and their samples from a host.

The one typed way for hosts, tests and scripts to run `controller/metrology*.py` in bulk.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.compiler import compiled_modules
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.kernel_waves import WAVE_SOURCE_FIELDS
from bptm.terms import core_metrology as terms
from bptm.terms.core_codes import FED_BY_UTILITY, TICKS_PER_S

SETTINGS_DTYPE = dtype_of(terms.FIELDS)
WAVE_DTYPE = dtype_of(terms.WAVE_FIELDS)
READING_DTYPE = dtype_of(terms.READING_FIELDS)
METER_DTYPE = dtype_of(terms.METER_FIELDS)
BLOCK_DTYPE = dtype_of(terms.BLOCK_FIELDS)
ENERGY_DTYPE = dtype_of(terms.ENERGY_FIELDS)
QUALITY_DTYPE = dtype_of(terms.QUALITY_FIELDS)
SOURCE_DTYPE = dtype_of(WAVE_SOURCE_FIELDS)


def metrology_settings(count: int, values: dict[str, float]) -> NDArray[np.void]:
    """Settings of metrology for so many meters: defaults, and these values instead.

    Raises:
        ValueError: A setting that does not exist or lies outside its limits; all of them are named.
    """
    limits = {row[0]: (row[5], row[6]) for row in terms.SETTINGS}
    wrong = [
        f"{name} = {value}: {'no such setting' if name not in limits else f'needs {limits[name]}'}"
        for name, value in values.items()
        if name not in limits or not limits[name][0] <= value <= limits[name][1]
    ]
    if wrong:
        msg = "settings of metrology: " + "; ".join(wrong)
        raise ValueError(msg)
    settings = np.zeros(count, SETTINGS_DTYPE)
    for row in terms.SETTINGS:
        settings[row[0]] = values.get(row[0], row[4])
    return settings


class Meter:
    """One meter that is fed samples.

    Attributes:
        settings: Its settings of metrology.
        reading: Of the last half-cycle.
        block: Of the last block of twelve cycles.
        energy: Its registers.
        quality: Voltage events of the utility side.
    """

    def __init__(self, settings: NDArray[np.void]) -> None:
        """Begins with nothing measured; `settings` is one row of `metrology_settings`."""
        self._kernel = compiled_modules()["compiled.kernel_waves"]
        self._state = np.zeros(1, METER_DTYPE)
        self._wave = np.zeros(1, WAVE_DTYPE)
        self._source = np.zeros(1, SOURCE_DTYPE)
        self._records: dict[str, NDArray[np.void]] = {
            "t": np.zeros(1, READING_DTYPE),
            "y": np.zeros(1, BLOCK_DTYPE),
            "e": np.zeros(1, ENERGY_DTYPE),
            "q": np.zeros(1, QUALITY_DTYPE),
        }
        self.settings = settings
        self._kernel.begin_waves(self._source, self._state, self.settings, self._wave, 60.0, 60.0, FED_BY_UTILITY)

    @classmethod
    def of(cls, **values: float) -> Self:
        """A meter with these settings, the others at their defaults."""
        return cls(metrology_settings(1, values))

    @property
    def reading(self) -> np.void:
        """Reading of the last half-cycle."""
        return self._records["t"][0]

    @property
    def block(self) -> np.void:
        """Values of the last block."""
        return self._records["y"][0]

    @property
    def energy(self) -> np.void:
        """Registers."""
        return self._records["e"][0]

    @property
    def quality(self) -> np.void:
        """Voltage events of the utility side."""
        return self._records["q"][0]

    @property
    def state(self) -> np.void:
        """What the meter remembers."""
        return self._state[0]

    def absent(self, channels: int) -> None:
        """From now on the host cannot read these channels, one bit each."""
        self._wave["absent"] = channels

    def feed(self, samples: NDArray[np.float64], *, feed: int = FED_BY_UTILITY) -> NDArray[Any]:
        """Takes as many whole half-cycles as there are samples for; what is left over is dropped.

        Args:
            samples: Shape (samples, 8), volts and amperes in the order of CHANNEL_....
            feed: What feeds the bus meanwhile.

        Returns:
            One reading for each half-cycle.

        Raises:
            ValueError: Samples of another shape.
        """
        if samples.ndim != 2 or samples.shape[1] != terms.CHANNELS:  # noqa: PLR2004
            msg = f"samples have shape {samples.shape}, expected (samples, {terms.CHANNELS})"
            raise ValueError(msg)
        rate = int(self.settings["rate_hz"][0])
        # The most half-cycles k for which (rest + k rate) // 120 samples are there.
        ticks = (TICKS_PER_S * (len(samples) + 1) - 1 - int(self._state["rest"][0])) // rate
        readings = np.zeros(ticks, READING_DTYPE)
        r = {name: record[0] for name, record in self._records.items()}
        self._kernel.measure_samples(
            self._state[0],
            self.settings[0],
            self._wave[0],
            r["t"],
            r["y"],
            r["e"],
            r["q"],
            np.ascontiguousarray(samples, np.float64),
            0,
            ticks,
            feed,
            readings,
        )
        return readings


class Meters:
    """Many meters that make their own waves: for speed, and for whole neighbourhoods at waveform rate."""

    def __init__(self, count: int, *, utility_hz: float = 60.0, inlet_hz: float = 61.3, **values: float) -> None:
        """So many equal meters on a distorted utility, the inlet live as well."""
        self._kernel = compiled_modules()["compiled.kernel_waves"]
        self.source = np.zeros(count, SOURCE_DTYPE)
        for name, value in (
            ("utility_peak_v", 170.0),
            ("inlet_peak_v", 165.0),
            ("third_ratio", 0.03),
            ("fifth_ratio", 0.02),
            ("l1_peak_a", 20.0),
            ("l2_peak_a", 11.0),
            ("lag_ratio", 0.4),
        ):
            self.source[name] = value
        self.settings = metrology_settings(count, values)
        self.state = np.zeros(count, METER_DTYPE)
        self.wave = np.zeros(count, WAVE_DTYPE)
        self.reading = np.zeros(count, READING_DTYPE)
        self.block = np.zeros(count, BLOCK_DTYPE)
        self.energy = np.zeros(count, ENERGY_DTYPE)
        self.quality = np.zeros(count, QUALITY_DTYPE)
        self._kernel.begin_waves(
            self.source, self.state, self.settings, self.wave, utility_hz, inlet_hz, FED_BY_UTILITY
        )

    def advance(self, ticks: int) -> int:
        """So many half-cycles of every meter; returns the samples taken, each of eight channels."""
        return int(
            self._kernel.measure_waves(
                self.source,
                self.state,
                self.settings,
                self.wave,
                self.reading,
                self.block,
                self.energy,
                self.quality,
                FED_BY_UTILITY,
                ticks,
            )
        )
