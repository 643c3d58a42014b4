"""Waveforms of a run out as COMTRADE records, which relay software reads everywhere.

Two files of IEEE C37.111-1999, the samples as text or binary, or one of IEEE C37.111-2013, the samples as text.
"""

from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bptm.twin.bench.run import Window
from bptm.whole_file import write_whole


class WaveFormat(StrEnum):
    """How a record is written.

    ASCII and BINARY are NAME.cfg with NAME.dat beside it; CFF is all of it in NAME.cff.
    """

    ASCII = "ascii"
    BINARY = "binary"
    CFF = "cff"


_CHANNELS = (
    ("utility L1", "A", "V"),
    ("utility L2", "B", "V"),
    ("bus L1", "A", "V"),
    ("bus L2", "B", "V"),
    ("inlet L1", "A", "V"),
    ("inlet L2", "B", "V"),
    ("current L1", "A", "A"),
    ("current L2", "B", "A"),
)
_FULL = 32_767
_STATUS = ("U leg 1", "U leg 2", "B leg 1", "B leg 2")


def write_comtrade(file: Path, window: Window, station: str, wave_format: WaveFormat) -> Path:
    """A waveform window as a COMTRADE record.

    Eight analogue channels and the four poles as status channels. Time begins at 1 January 1970 plus the time of the
    run, since a simulated run has no date.

    Args:
        file: Its name without an ending.
        window: What is written.
        station: Name of the scenario.
        wave_format: Says which files.

    Returns:
        The file that a reader opens: the .cfg or the .cff.

    Source: IEEE C37.111-1999; for CFF IEEE C37.111-2013.
    """
    analogue = np.asarray(window.samples[:, : len(_CHANNELS)], np.float64)
    scales = np.maximum(np.abs(analogue).max(axis=0, initial=0.0) / _FULL, 1e-9)
    # As the record says it, so that a reader's product is what was rounded.
    scales = np.asarray([float(f"{scale:.9e}") for scale in scales])
    numbers = np.round(analogue / scales).astype(np.int64)
    poles = np.asarray(window.samples[:, 14], np.int64) & 15
    head = "\r\n".join(_configuration(window, station, scales, wave_format)) + "\r\n"
    if wave_format is WaveFormat.CFF:
        whole = _named(file, ".cff")
        # The two sections between may be empty, but not away.
        parts = ("CFG ---\r\n" + head, "INF ---\r\n", f"HDR ---\r\n{window.label}\r\n")
        text = "".join(f"--- file type: {part}" for part in parts) + "--- file type: DAT ASCII ---\r\n"
        write_whole(whole, text.encode("ascii", "replace") + _rows_as_text(numbers, poles, window.rate_hz))
        return whole
    configuration = _named(file, ".cfg")
    write_whole(configuration, head.encode("ascii", "replace"))
    rows_of = _rows_as_text if wave_format is WaveFormat.ASCII else _rows_as_binary
    write_whole(_named(file, ".dat"), rows_of(numbers, poles, window.rate_hz))
    return configuration


def _named(file: Path, ending: str) -> Path:
    # A value of a sweep has a point in it, which is no ending.
    return file.with_name(f"{file.name}{ending}")


def _configuration(window: Window, station: str, scales: NDArray[np.float64], wave_format: WaveFormat) -> list[str]:
    year = 2013 if wave_format is WaveFormat.CFF else 1999
    lines = [f"{station.replace(',', ' ')[:64]},bptm bench,{year}", f"{len(_CHANNELS) + 4},{len(_CHANNELS)}A,4D"]
    for index, (name, phase, unit) in enumerate(_CHANNELS):
        lines.append(f"{index + 1},{name},{phase},,{unit},{scales[index]:.9e},0,0,-{_FULL},{_FULL},1,1,P")
    lines += [f"{index + 1},{name},,,0" for index, name in enumerate(_STATUS)]
    lines += ["60", "1", f"{window.rate_hz:g},{len(window.samples)}", _stamp(window.start_s)]
    lines += [_stamp(window.at_s if window.at_s is not None else window.start_s)]
    lines += ["BINARY" if wave_format is WaveFormat.BINARY else "ASCII", "1"]
    # Of 2013: time and place are UTC; F says that no clock stands behind it, 3 that nobody knows of leap seconds.
    return [*lines, "0,0", "F,3"] if wave_format is WaveFormat.CFF else lines


def _micros(count: int, rate_hz: float) -> NDArray[np.int64]:
    return np.round(np.arange(count) * (1e6 / rate_hz)).astype(np.int64)


def _rows_as_binary(numbers: NDArray[np.int64], poles: NDArray[np.int64], rate_hz: float) -> bytes:
    count = len(numbers)
    fields = [("number", "<u4"), ("time", "<u4"), ("analogue", "<i2", len(_CHANNELS)), ("status", "<u2")]
    rows = np.zeros(count, fields)
    rows["number"], rows["time"] = np.arange(1, count + 1), _micros(count, rate_hz)
    rows["analogue"], rows["status"] = numbers, poles
    return rows.tobytes()


def _rows_as_text(numbers: NDArray[np.int64], poles: NDArray[np.int64], rate_hz: float) -> bytes:
    status = (poles[:, None] >> np.arange(len(_STATUS))) & 1
    count = len(numbers)
    table = np.column_stack([np.arange(1, count + 1), _micros(count, rate_hz), numbers, status])
    return ("\r\n".join(",".join(map(str, row)) for row in table.tolist()) + "\r\n").encode()


def _stamp(at_s: float) -> str:
    minutes, seconds = divmod(at_s, 60.0)
    hours, minutes = divmod(int(minutes), 60)
    return f"01/01/1970,{hours:02d}:{minutes:02d}:{seconds:09.6f}"
