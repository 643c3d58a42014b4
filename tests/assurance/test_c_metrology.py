"""Metrology in C: what golden vectors do not reach, since they begin behind the measurement."""

import math
import random
import struct
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from bptm.assurance.c_export import c_files
from bptm.assurance.c_source import Table
from bptm.assurance.firmware import read_core
from bptm.assurance.runtimes import C_FLAGS, c_compiler, write_tree
from bptm.controller import measure, metrology, metrology_fast, metrology_quality, metrology_tracking
from bptm.terms import core_metrology
from bptm.terms.core_codes import FED_BY_BACKUP, FED_BY_UTILITY

_core: Any = cast("Any", metrology)
_fast: Any = cast("Any", metrology_fast)
_measure: Any = cast("Any", measure)
_quality: Any = cast("Any", metrology_quality)
_tracking: Any = cast("Any", metrology_tracking)

HALF_CYCLES = 400
STATES = ("meter", "reading", "block", "energy", "quality", "detector", "measured")

MAIN = """
#include <stdio.h>
#include "measure.h"
#include "metrology.h"
#include "metrology_fast.h"
#include "metrology_quality.h"
#include "metrology_tracking.h"

static void print_real(bptm_real x) { printf("%a ", (double)x); }
static void print_whole(int64_t x) { printf("%lld ", (long long)x); }

int main(void)
{
    static bptm_meter meter;
    static bptm_wave wave;
    static bptm_reading reading;
    static bptm_block block;
    static bptm_energy energy;
    static bptm_quality quality;
    static bptm_detector detector;
    static bptm_measured measured;
    bptm_metrology settings = bptm_metrology_default;
    long long half_cycles, feed;
    double sample;
    if (scanf("%lld %lld", &half_cycles, &feed) != 2) { return 1; }
    bptm_begin_meter(&meter, &settings, &wave, feed);
    bptm_begin_detector(&detector, &settings);
    for (long long h = 0; h < half_cycles; h++) {
        int64_t due = bptm_samples_due(&meter, &settings);
        if (scanf("%lld", &feed) != 1) { return 1; }
        for (int64_t at = 1; at <= due; at++) {
            for (int64_t c = 0; c < CHANNELS; c++) {
                if (scanf("%la", &sample) != 1) { return 1; }
                wave.samples[c * ROOM + at] = sample;
            }
            detector.now_v[0] = wave.samples[at];
            detector.now_v[1] = wave.samples[ROOM + at];
            bptm_detect(&detector, &settings);
        }
        bptm_half_cycle(&meter, &settings, &wave, due, feed, &reading, &block, &energy);
        bptm_watch_voltage(&quality, &meter, &settings, &wave, due, &reading);
        bptm_fill_measured(&measured, &reading);
        PRINT
        printf("\\n");
    }
    return 0;
}
"""


class Record:
    """A record as the plain source sees it."""


def record(table: Table) -> Any:
    """Every field zero, settings at their default."""
    made: Any = Record()
    defaults = [setting.default for setting in table.settings] or [0] * len(table.fields)
    for field, value in zip(table.fields, defaults, strict=True):
        number = float(value) if field.type == "f8" else value
        setattr(made, field.name, [number] * field.length if field.length else number)
    return made


def printing(tables: dict[str, Table]) -> str:
    """C that prints every field of the states."""
    lines: list[str] = []
    for name in STATES:
        for field in tables[name].fields:
            call = "print_real" if field.type == "f8" else "print_whole"
            places = [f"[{at}]" for at in range(field.length)] or [""]
            lines += [f"{call}({name}.{field.name}{place});" for place in places]
    return "\n        ".join(lines)


def values(tables: dict[str, Table], records: dict[str, Any]) -> list[int | float]:
    """The same from the plain source, in the same order."""
    found: list[int | float] = []
    for name in STATES:
        for field in tables[name].fields:
            value = getattr(records[name], field.name)
            found += value if field.length else [value]
    return found


def drawn_sample(draw: random.Random, channel: int, second: float, half_cycle: int) -> float:
    """A voltage or current with distortion and noise; a gap now and then, and a channel that stands still."""
    if draw.random() < 0.002:
        return draw.choice((math.inf, 1e9, 0.0))
    if half_cycle in range(150, 170) and channel == 3:
        return 17.0
    hz = 60.4 if half_cycle < 250 else 57.0
    size = (170.0, -170.0, 169.0, -169.0, 171.0, -171.0, 28.0, -14.0)[channel]
    turn = 2 * math.pi * hz * second
    return size * (math.sin(turn) + 0.07 * math.sin(3 * turn + 1) + draw.gauss(0, 0.002))


@pytest.mark.slow
def test_metrology_in_c_is_metrology_in_python_to_the_bit(tmp_path: Path) -> None:
    """400 half-cycles with distortion, noise, gaps and a change of source: every field after each of them."""
    core = read_core()
    tables = {t.struct.removeprefix("bptm_"): t for module in core.modules.values() for t in module.tables}
    write_tree(tmp_path, c_files(core) | {"main.c": MAIN.replace("PRINT", printing(tables))})
    sources = sorted(path.name for path in tmp_path.glob("*.c"))
    subprocess.run([c_compiler(), *C_FLAGS, *sources, "-lm", "-o", "main"], cwd=tmp_path, check=True)
    records = {name: record(tables[name]) for name in (*STATES, "wave", "metrology")}
    a, g, w = records["meter"], records["metrology"], records["wave"]
    draw = random.Random(3)  # noqa: S311  test inputs
    words = [f"{HALF_CYCLES} {FED_BY_UTILITY}"]
    expected: list[list[int | float]] = []
    _core.begin_meter(a, g, w, FED_BY_UTILITY)
    _fast.begin_detector(records["detector"], g)
    at_s = 0.0
    for half_cycle in range(HALF_CYCLES):
        due = _tracking.samples_due(a, g)
        feed = FED_BY_UTILITY if half_cycle < 300 else FED_BY_BACKUP
        words.append(str(feed))
        for at in range(1, due + 1):
            at_s += 1 / g.rate_hz
            for channel in range(core_metrology.CHANNELS):
                sample = drawn_sample(draw, channel, at_s, half_cycle)
                w.samples[channel * core_metrology.ROOM + at] = sample
                words.append(sample.hex())
            for leg in range(2):
                records["detector"].now_v[leg] = w.samples[leg * core_metrology.ROOM + at]
            _fast.detect(records["detector"], g)
        _core.half_cycle(a, g, w, due, feed, records["reading"], records["block"], records["energy"])
        _quality.watch_voltage(records["quality"], a, g, w, due, records["reading"])
        _measure.fill_measured(records["measured"], records["reading"])
        expected.append(values(tables, records))
    done = subprocess.run([tmp_path / "main"], input="\n".join(words), capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == HALF_CYCLES
    for half_cycle, (line, wanted) in enumerate(zip(lines, expected, strict=True)):
        got = [float.fromhex(word) if "p" in word or "n" in word else int(word) for word in line.split()]
        assert [bits(value) for value in got] == [bits(value) for value in wanted], f"half-cycle {half_cycle}"


def bits(value: float) -> bytes:
    """A number so that -0.0 and NaN compare as they are stored; a whole number as itself."""
    return struct.pack("<d", value) if isinstance(value, float) else str(value).encode()
