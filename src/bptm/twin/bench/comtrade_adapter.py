"""The one file that knows the untyped library `comtrade`: a record in, as plain arrays.

Pitfalls that this file answers: names come padded with blanks; the encoding of a .cfg is often not UTF-8; missing
samples are NaN or the format's own markers; a record may have several sampling rates, so times are taken as given.

    RecordError     the record cannot be used; the text says which file and why
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comtrade  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
from numpy.typing import NDArray

BYTES_MAX = 200_000_000
_ENCODINGS = ("utf-8", "iso8859-1")
_TO_BASE = {"kv": 1000.0, "v": 1.0, "mv": 0.001, "ka": 1000.0, "a": 1.0, "ma": 0.001}
"""Units that records are written in, as factors of volts and amperes."""


class RecordError(Exception):
    """A record that cannot be used; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A recorded waveform.

    Attributes:
        station: Where it was made, as it says.
        nominal_hz: Of the grid.
        times_s: Of each sample, from the first; rising.
        channels: Values of each analogue channel in volts or amperes; NaN where one is missing.
    """

    station: str
    nominal_hz: float
    times_s: NDArray[np.float64]
    channels: Mapping[str, NDArray[np.float64]]


def read_comtrade(file: Path) -> Record:
    """A COMTRADE record: `.cfg` with its `.dat` beside it (ASCII, binary, binary32, float32), or `.cff`.

    Raises:
        RecordError: Not one, cut off, or with nothing in it.
    """
    if file.suffix.lower() not in (".cfg", ".cff"):
        msg = f"{file}: expected a .cfg with its .dat, or a .cff"
        raise RecordError(msg)
    data = file if file.suffix.lower() == ".cff" else _data_beside(file)
    if data.stat().st_size > BYTES_MAX:
        msg = f"{file}: {data.stat().st_size} bytes of samples, at most {BYTES_MAX} are read"
        raise RecordError(msg)
    loaded: Any = None
    said = ""
    for encoding in _ENCODINGS:
        try:
            with warnings.catch_warnings():
                # The library warns of dates and frequencies that it mends; neither is used here.
                warnings.simplefilter("ignore")
                loaded = comtrade.Comtrade(ignore_warnings=True)
                if data == file:
                    loaded.load(str(file), encoding=encoding)
                else:
                    loaded.load(str(file), str(data), encoding=encoding)
            break
        except UnicodeDecodeError as error:
            said, loaded = str(error), None
        except Exception as error:  # noqa: BLE001  the library lets any of Python's own through
            said, loaded = f"{type(error).__name__}: {error}", None
            break
    if loaded is None:
        msg = f"{file}: no COMTRADE record that can be read ({' '.join(said.split())})"
        raise RecordError(msg)
    return _plain(file, loaded)


def _data_beside(file: Path) -> Path:
    for suffix in (".dat", ".DAT"):
        if file.with_suffix(suffix).is_file():
            return file.with_suffix(suffix)
    msg = f"{file}: no {file.with_suffix('.dat').name} beside it"
    raise RecordError(msg)


def _plain(file: Path, loaded: Any) -> Record:
    times_s = np.asarray(loaded.time, np.float64)
    if len(times_s) < 2 or not np.all(np.isfinite(times_s)):  # noqa: PLR2004  a record has a length
        msg = f"{file}: {len(times_s)} samples with times, expected at least 2"
        raise RecordError(msg)
    if not np.all(np.diff(times_s) > 0):
        msg = f"{file}: its times do not rise"
        raise RecordError(msg)
    channels: dict[str, NDArray[np.float64]] = {}
    for index, channel in enumerate(loaded.cfg.analog_channels):
        values = np.asarray(loaded.analog[index], np.float64)[: len(times_s)]
        if len(values) < len(times_s):
            msg = f"{file}: channel {channel.name!r} is cut off at sample {len(values)} of {len(times_s)}"
            raise RecordError(msg)
        factor = _TO_BASE.get(str(channel.uu).strip().lower(), 1.0)
        channels[" ".join(str(channel.name).split())] = values * factor
    if not channels:
        msg = f"{file}: no analogue channel"
        raise RecordError(msg)
    return Record(
        station=" ".join(str(loaded.station_name).split()),
        nominal_hz=float(loaded.frequency or 60.0),
        times_s=times_s - times_s[0],
        channels=channels,
    )
