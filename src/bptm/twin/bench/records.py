"""Recorded voltages into the bench: COMTRADE, and CSV files of RMS values."""

import csv
import math
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.bench import Replay as PlacedReplay
from bptm.twin.bench.comtrade_adapter import Record, RecordError, read_comtrade
from bptm.twin.bench.faults import nearest
from bptm.twin.bench.scenario import Replay

GAP_MAX = 3
"""So many missing samples in a row are bridged by a straight line; more make the record useless there."""

RMS_ROWS_MAX = 1_000_000


def replay_of(replay: Replay, rate_hz: int) -> PlacedReplay:
    """A record as the bench takes it: volts of both legs at its own rate.

    Raises:
        RecordError: It cannot be used.
    """
    try:
        changed_ns = replay.file.stat().st_mtime_ns
    except OSError as error:
        msg = f"{replay.file}: no record that can be read ({error.strerror})"
        raise RecordError(msg) from error
    volts = _volts_of(replay, rate_hz, changed_ns)
    return PlacedReplay(rate_hz=rate_hz, volts=volts, from_sample=round(replay.at_s * rate_hz))


@lru_cache(maxsize=2)
def _volts_of(replay: Replay, rate_hz: int, changed_ns: int) -> NDArray[np.float64]:  # noqa: ARG001  part of the key
    """Read once for a judgement and for every run, unless the file has changed; nobody writes into it."""
    volts = rms_waveform(replay.file, rate_hz) if replay.file.suffix.lower() == ".csv" else _waveform(replay, rate_hz)
    if replay.to_rms_v > 0.0:
        cycle = round(rate_hz / 60.0)
        first = volts[:cycle, 0] if len(volts) >= cycle else volts[:, 0]
        rms_v = math.sqrt(float(np.mean(first * first)))
        if rms_v < 1e-6:  # noqa: PLR2004  nothing to scale
            msg = f"{replay.file}: its first cycle is 0 V, which nothing scales to {replay.to_rms_v:g} V; use scale"
            raise RecordError(msg)
        volts = volts * (replay.to_rms_v / rms_v)
    volts = volts * replay.scale
    volts.setflags(write=False)
    return volts


def _waveform(replay: Replay, rate_hz: int) -> NDArray[np.float64]:
    record = read_comtrade(replay.file)
    l1_v = channel_of(record, replay.file, replay.l1)
    l2_v = channel_of(record, replay.file, replay.l2) if replay.l2 else -l1_v
    times_s = np.arange(int(record.times_s[-1] * rate_hz) + 1) / rate_hz
    return np.column_stack([np.interp(times_s, record.times_s, values) for values in (l1_v, l2_v)])


def channel_of(record: Record, file: Path, name: str) -> NDArray[np.float64]:
    """One channel of a record, short gaps bridged.

    Raises:
        RecordError: No such channel, or too much of it is missing.
    """
    values = record.channels.get(name or next(iter(record.channels)))
    if values is None:
        msg = f"{file}: no channel {name!r}. {nearest(name, record.channels)}"
        raise RecordError(msg)
    missing = ~np.isfinite(values)
    if not missing.any():
        return values
    edges = np.flatnonzero(np.diff(np.concatenate(([0], missing.astype(np.int8), [0]))))
    longest = int((edges[1::2] - edges[::2]).max())
    if longest > GAP_MAX:
        msg = f"{file}: channel {name!r} misses {longest} samples in a row, at most {GAP_MAX} are bridged"
        raise RecordError(msg)
    found = np.flatnonzero(~missing)
    return np.interp(np.arange(len(values)), found, values[found])


def rms_waveform(file: Path, rate_hz: int) -> NDArray[np.float64]:
    """A waveform with the RMS values of a CSV file: columns `time_s`, `l1_v` and `l2_v`, or `time_s` and `v`.

    Between its rows the amplitude goes in a straight line. The legs are sinusoids of 60 Hz against each other.

    Raises:
        RecordError: Not such a file; the text names the line.
    """
    rows = _rms_rows(file)
    times_s = rows[:, 0] - rows[0, 0]
    at_s = np.arange(int(times_s[-1] * rate_hz) + 1) / rate_hz
    wave = math.sqrt(2.0) * np.sin(2.0 * math.pi * 60.0 * at_s)
    l1_v, l2_v = (np.interp(at_s, times_s, rows[:, column]) for column in (1, 2))
    return np.column_stack([l1_v * wave, -l2_v * wave])


def _rms_rows(file: Path) -> NDArray[np.float64]:
    found: list[tuple[float, float, float]] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines)
            head = [word.strip() for word in next(reader, cast("list[str]", []))]
            if head[:3] != ["time_s", "l1_v", "l2_v"] and head != ["time_s", "v"]:
                msg = f"{file}:1: columns {', '.join(head) or 'none'}, expected time_s, l1_v, l2_v or time_s, v"
                raise RecordError(msg)
            for number, words in enumerate(reader, start=2):
                found.append(_rms_row(file, number, words))
                if len(found) > 1 and found[-1][0] <= found[-2][0]:
                    msg = f"{file}:{number}: time_s {found[-1][0]:g} is not after {found[-2][0]:g}"
                    raise RecordError(msg)
                if len(found) > RMS_ROWS_MAX:
                    msg = f"{file}: more than {RMS_ROWS_MAX} rows"
                    raise RecordError(msg)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{file}: no CSV file that can be read ({error})"
        raise RecordError(msg) from error
    if len(found) < 2:  # noqa: PLR2004  a record has a length
        msg = f"{file}: {len(found)} rows, expected at least 2"
        raise RecordError(msg)
    return np.asarray(found, np.float64)


_RMS_MOST_V = 1000.0


def _rms_row(file: Path, number: int, words: list[str]) -> tuple[float, float, float]:
    try:
        time_s, l1_v, *rest = (float(word) for word in words[:3])
    except ValueError as error:
        msg = f"{file}:{number}: {','.join(words)!r} are no numbers"
        raise RecordError(msg) from error
    l2_v = rest[0] if rest else l1_v
    if not (math.isfinite(time_s) and 0.0 <= l1_v <= _RMS_MOST_V and 0.0 <= l2_v <= _RMS_MOST_V):
        msg = f"{file}:{number}: {','.join(words)!r}, expected a time and 0 to {_RMS_MOST_V:g} V"
        raise RecordError(msg)
    return time_s, l1_v, l2_v
