"""Waveforms out as COMTRADE, and back in through the project's own reader."""

import math
from pathlib import Path

import numpy as np
import pytest

from bptm.twin.bench.comtrade_adapter import read_comtrade
from bptm.twin.bench.comtrade_writer import WaveFormat, write_comtrade
from bptm.twin.bench.run import Window


def window() -> Window:
    """A fifth of a second of two sinusoids, and a pole that opens in the middle."""
    at_s = np.arange(1536) / 7680
    samples = np.zeros((1536, 16))
    for column in range(6):
        samples[:, column] = 170.0 * np.sin(2 * math.pi * 60 * at_s + column)
    samples[:, 6] = 20.0 * np.cos(2 * math.pi * 60 * at_s)
    samples[:, 14] = np.where(at_s < 0.1, 3, 1)
    return Window(label="61.600 s: contacts of U", start_s=61.5, at_s=61.6, rate_hz=7680, samples=samples)


@pytest.mark.parametrize("wave_format", list(WaveFormat))
def test_a_written_window_comes_back_through_the_reader(tmp_path: Path, wave_format: WaveFormat) -> None:
    """Within half a step of 16 bits, in each format; the name keeps the point of a sweep's value."""
    written = write_comtrade(tmp_path / "sag-0.25-01", window(), "a scenario, with a comma", wave_format)
    endings = {".cff"} if wave_format is WaveFormat.CFF else {".cfg", ".dat"}
    assert {file.name for file in tmp_path.iterdir()} == {f"sag-0.25-01{ending}" for ending in endings}
    record = read_comtrade(written)
    assert record.station == "a scenario with a comma"
    assert len(record.times_s) == 1536
    assert record.times_s[-1] == pytest.approx(1535 / 7680, abs=2e-6)
    for column, name in enumerate(("utility L1", "utility L2", "bus L1", "bus L2", "inlet L1", "inlet L2")):
        assert np.abs(record.channels[name] - window().samples[:, column]).max() <= 170.0 / 32767 / 2 + 1e-6
    assert np.abs(record.channels["current L1"] - window().samples[:, 6]).max() <= 20.0 / 32767 / 2 + 1e-6
    assert not record.channels["current L2"].any()


@pytest.mark.parametrize("wave_format", list(WaveFormat))
def test_a_written_record_says_what_it_is(tmp_path: Path, wave_format: WaveFormat) -> None:
    """Revision, channels, rate, instants and kind of samples stand in the configuration; a CFF says what happened."""
    written = write_comtrade(tmp_path / "w", window(), "sag", wave_format)
    text = written.read_bytes().decode("ascii", "replace")
    lines = text.split("\r\n")
    year = "2013" if wave_format is WaveFormat.CFF else "1999"
    assert f"sag,bptm bench,{year}" in lines
    assert "12,8A,4D" in lines
    assert "7680,1536" in lines
    assert lines.index("01/01/1970,00:01:01.500000") + 1 == lines.index("01/01/1970,00:01:01.600000")
    assert ("BINARY" in lines) == (wave_format is WaveFormat.BINARY)
    if wave_format is WaveFormat.CFF:
        kinds = [line for line in lines if line.startswith("---")]
        assert kinds == [f"--- file type: {kind} ---" for kind in ("CFG", "INF", "HDR", "DAT ASCII")]
        assert "61.600 s: contacts of U" in lines
