"""One source, two lives: metrology gives the same records in CPython and in numba, to the bit."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bptm.assurance.metrology_points import FLAT_TOP, RECTIFIER, Channel, Hardware, distorted, sampled
from bptm.compiled import kernel_waves as plain
from bptm.compiled.meters import Meter, Meters, metrology_settings
from bptm.compiled.records import as_tuple, fill_plain, plain_record
from bptm.controller.metrology import begin_meter, half_cycle
from bptm.controller.metrology_quality import watch_voltage
from bptm.controller.metrology_tracking import samples_due
from bptm.terms import core_metrology as terms
from bptm.terms.core_codes import FED_BY_BACKUP, FED_BY_UTILITY

TABLES = (terms.READING_FIELDS, terms.BLOCK_FIELDS, terms.ENERGY_FIELDS, terms.QUALITY_FIELDS, terms.METER_FIELDS)
ROUGH = Hardware(
    voltage=Channel(noise_rms=0.05, offset=0.2, bits=16, full=400.0),
    current=Channel(noise_rms=0.01, offset=0.02, bits=16, full=600.0, lead_rad=0.001),
)


def records() -> list[Any]:
    """Plain reading, block, energy, quality and meter."""
    return [plain_record(fields) for fields in TABLES]


def rough_samples(rate_hz: int, count: int) -> NDArray[np.float64]:
    """A distorted load through bad channels, with a sag, an outage, a generator on the inlet, and bad values."""
    samples = sampled(distorted(59.7, 20.0, FLAT_TOP, RECTIFIER), rate_hz, count, ROUGH, seed=7)
    samples[:, 4:6] = sampled(distorted(62.3, 20.0, FLAT_TOP, RECTIFIER), rate_hz, count, ROUGH, seed=8)[:, 2:4]
    samples[count // 4 : count // 3, :4] *= 0.6
    samples[count // 2 : count * 2 // 3, :4] *= 0.01
    samples[count * 3 // 4 : count * 3 // 4 + 5, 2] = np.nan
    samples[count * 4 // 5 : count * 5 // 6, 6] = np.inf
    samples[count * 7 // 8 : count * 8 // 9, 3] = 11.0
    samples[count * 9 // 10 :, 7] = 5000.0
    return samples


@pytest.mark.parametrize("rate_hz", [1000, 7680, 9999])
def test_cpython_and_numba_give_the_same_records_to_the_bit(rate_hz: int) -> None:
    """Two seconds of everything at once, with a change of source: every field of every record of each half-cycle."""
    samples = rough_samples(rate_hz, 2 * rate_hz)
    meter = Meter.of(rate_hz=rate_hz, l1_lead_rad=0.001)
    g = fill_plain(plain_record(terms.FIELDS), metrology_settings(1, {"rate_hz": rate_hz, "l1_lead_rad": 0.001})[0])
    t, y, e, q, a = records()
    w = plain_record(terms.WAVE_FIELDS)
    begin_meter(a, g, w, FED_BY_UTILITY)
    first = 0
    rows = samples.tolist()
    for tick in range(239):
        feed = FED_BY_BACKUP if 100 <= tick < 150 else FED_BY_UTILITY
        n = samples_due(a, g)
        for j in range(n):
            for c in range(terms.CHANNELS):
                w.samples[c * terms.ROOM + 1 + j] = rows[first + j][c]
        half_cycle(a, g, w, n, feed, t, y, e)
        watch_voltage(q, a, g, w, n, t)
        meter.feed(samples[first : first + n], feed=feed)
        first += n
        compiled = (meter.reading, meter.block, meter.energy, meter.quality, meter.state)
        for fields, mine, theirs in zip(TABLES, (t, y, e, q, a), compiled, strict=True):
            assert as_tuple(mine, fields) == as_tuple(theirs, fields), f"half-cycle {tick}"
    assert first > 1.98 * rate_hz


def test_the_waves_of_many_meters_are_the_same_plain_and_compiled() -> None:
    """The kernel that makes its own waves: 30 half-cycles of one meter, and every meter like the first."""
    many = Meters(3, utility_hz=59.9)
    h = fill_plain(plain_record(plain.WAVE_SOURCE_FIELDS), many.source[0])
    g = fill_plain(plain_record(terms.FIELDS), many.settings[0])
    t, y, e, q, a = records()
    w = plain_record(terms.WAVE_FIELDS)
    begin_meter(a, g, w, FED_BY_UTILITY)
    taken = sum(plain.measure_wave(h, a, g, w, t, y, e, q, FED_BY_UTILITY) for _ in range(30))
    assert many.advance(30) == 3 * taken == 3 * 30 * 64
    for fields, mine, theirs in zip(
        TABLES, (t, y, e, q, a), (many.reading, many.block, many.energy, many.quality, many.state), strict=True
    ):
        for row in theirs:
            assert as_tuple(mine, fields) == as_tuple(row, fields)


def test_a_stream_cut_anywhere_gives_the_same_records() -> None:
    """Half-cycle by half-cycle or all at once: the same registers and readings."""
    samples = rough_samples(10000, 20000)
    whole, cut = Meter.of(rate_hz=10000), Meter.of(rate_hz=10000)
    readings = whole.feed(samples)
    first, parts = 0, []
    for _ in range(len(readings)):
        n = (int(cut.state["rest"]) + 10000) // 120
        parts.append(cut.feed(samples[first : first + n])[0])
        first += n
    fields = terms.READING_FIELDS
    assert [as_tuple(row, fields) for row in parts] == [as_tuple(row, fields) for row in readings]
    assert as_tuple(cut.energy, terms.ENERGY_FIELDS) == as_tuple(whole.energy, terms.ENERGY_FIELDS)
