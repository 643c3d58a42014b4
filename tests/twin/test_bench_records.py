"""Recorded voltages in and waveforms out: real relay records, and everything that is no record."""

import gzip
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from bptm.twin.bench.comtrade_adapter import RecordError, read_comtrade
from bptm.twin.bench.records import replay_of, rms_waveform
from bptm.twin.bench.scenario import Replay

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "waveforms" / "comtrade"
needs_records = pytest.mark.skipif(not SHARED.is_dir(), reason="the relay records of ../shared/data are not here")


def replay(file: Path, l1: str = "", *, to_rms_v: float = 0.0) -> Replay:
    """Of this file, as it is."""
    return Replay(file=file, l1=l1, l2="", at_s=0.0, scale=1.0, to_rms_v=to_rms_v)


@needs_records
@pytest.mark.parametrize(
    ("name", "channels", "samples"),
    [
        ("sample_ascii.cfg", 4, 40),
        ("sample_ascii.cff", 4, 40),
        ("sample_bin.cfg", 4, None),
        ("sample_float32.cff", None, None),
        ("sample_iso8859-1.cfg", None, None),
    ],
)
def test_records_of_relays_are_read(name: str, channels: int | None, samples: int | None) -> None:
    """ASCII, binary, CFF, 32-bit floats, and headers in another encoding."""
    record = read_comtrade(SHARED / name)
    assert len(record.times_s) > 1
    assert channels is None or len(record.channels) == channels
    assert samples is None or len(record.times_s) == samples
    assert all(name == name.strip() for name in record.channels)


@needs_records
def test_a_real_relay_record_replaces_the_utility(tmp_path: Path) -> None:
    """A 50 Hz record with padded names, scaled so that its first cycle has 120 V."""
    shutil.copy(SHARED / "real_1999_bin.cfg", tmp_path)
    with gzip.open(SHARED / "real_1999_bin.dat.gz") as packed:
        (tmp_path / "real_1999_bin.dat").write_bytes(packed.read())
    placed = replay_of(replay(tmp_path / "real_1999_bin.cfg", "J2 -VA", to_rms_v=120.0), 7680)
    first = placed.volts[:128, 0]
    assert math.sqrt(float(np.mean(first * first))) == pytest.approx(120.0)
    assert np.array_equal(placed.volts[:, 0], -placed.volts[:, 1])


@needs_records
def test_a_channel_that_is_not_there_is_refused_with_the_nearest() -> None:
    """By name."""
    with pytest.raises(RecordError, match=r"no channel 'VX'\. Known are VA, VB"):
        replay_of(replay(SHARED / "sample_bin.cfg", "VX"), 7680)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"a,b,1999\n3,1A,2D\n", b"\x00\x01\x02\xff" * 40])
def test_what_is_no_record_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in the two files."""
    (tmp_path / "x.cfg").write_bytes(content)
    (tmp_path / "x.dat").write_bytes(content)
    with pytest.raises(RecordError, match=r"x\.cfg"):
        read_comtrade(tmp_path / "x.cfg")


def test_a_record_without_its_samples_is_refused(tmp_path: Path) -> None:
    """With the name of the file that is missing."""
    (tmp_path / "x.cfg").write_text("a,b,1999\n")
    with pytest.raises(RecordError, match=r"no x\.dat beside it"):
        read_comtrade(tmp_path / "x.cfg")


def test_a_table_of_rms_values_becomes_a_waveform_with_these(tmp_path: Path) -> None:
    """Both legs, against each other."""
    file = tmp_path / "rms.csv"
    file.write_text("time_s,l1_v,l2_v\n0,120,118\n0.5,120,118\n0.5001,60,118\n1,60,118\n")
    volts = rms_waveform(file, 7680)
    early, late = volts[:1280], volts[5120:6400]
    assert np.sqrt(np.mean(early * early, axis=0)) == pytest.approx([120.0, 118.0], rel=1e-3)
    assert np.sqrt(np.mean(late * late, axis=0)) == pytest.approx([60.0, 118.0], rel=1e-3)
    assert float(np.corrcoef(early[:, 0], early[:, 1])[0, 1]) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1: columns none"),
        ("t,v\n0,1\n", ":1: columns t, v, expected time_s"),
        ("time_s,v\n0,120\n", "1 rows, expected at least 2"),
        ("time_s,v\n0,120\n0,120\n", ":3: time_s 0 is not after 0"),
        ("time_s,v\n0,120\n1,many\n", ":3: '1,many' are no numbers"),
        ("time_s,v\n0,120\n1,5000\n", ":3: '1,5000', expected a time and 0 to 1000 V"),
        ("time_s,v\n0,120\nnan,120\n", ":3: 'nan,120'"),
    ],
)
def test_a_table_that_is_none_is_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    """With the line, what stands there and what is expected."""
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(RecordError) as caught:
        rms_waveform(tmp_path / "x.csv", 7680)
    assert words in str(caught.value)
