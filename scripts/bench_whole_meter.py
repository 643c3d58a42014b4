"""A whole meter in C, CPython and MicroPython: samples through detector, metrology, measured values and scan.

The program is the same text in all three, as far as the languages let it: one cycle of a sine at 7,680 samples a second
on six channels of eight, the inlet dead, a quiet day on the utility. Used by `bench_metrology.py`.
"""

import subprocess
import sys
from pathlib import Path

from bptm.assurance.c_export import c_files
from bptm.assurance.c_types import Core
from bptm.assurance.micropython import micropython_files
from bptm.assurance.runtimes import C_FLAGS, MissingRuntimeError, c_compiler, micropython_program, write_tree

C_MAIN = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "core_settings.h"
#include "measure.h"
#include "metrology.h"
#include "metrology_fast.h"
#include "metrology_quality.h"
#include "metrology_tracking.h"
#include "scan.h"

static const double SCALE[CHANNELS] = { 170.0, -170.0, 170.0, -170.0, 0.0, 0.0, 17.0, -17.0 };

int main(int count, char **words)
{
    static bptm_meter meter;
    static bptm_wave wave;
    static bptm_reading reading;
    static bptm_block block;
    static bptm_energy energy;
    static bptm_quality quality;
    static bptm_detector detector;
    static bptm_measured m;
    static bptm_device s;
    static bptm_interlock k;
    static bptm_interlock_input r;
    bptm_metrology settings = bptm_metrology_default;
    bptm_settings p = bptm_settings_default;
    long half_cycles = count > 1 ? strtol(words[1], NULL, 10) : 1;
    double cycle[128];
    long long taken = 0;
    for (int i = 0; i < 128; i++) {
        cycle[i] = sin(2.0 * 3.14159265358979 * i / 128.0);
    }
    bptm_begin_meter(&meter, &settings, &wave, 1);
    bptm_begin_detector(&detector, &settings);
    m.u_closed_poles = r.u_closed_poles = m.b_open_poles = r.b_open_poles = 3;
    m.stored_energy_ok = m.supplied = r.bus_l1_present = r.bus_l2_present = 1;
    bptm_start(&s, &k, &m, &p);
    clock_t begun = clock();
    for (long h = 0; h < half_cycles; h++) {
        int64_t due = bptm_samples_due(&meter, &settings);
        for (int64_t at = 1; at <= due; at++) {
            double now = cycle[taken++ % 128];
            for (int64_t c = 0; c < CHANNELS; c++) {
                wave.samples[c * ROOM + at] = SCALE[c] * now;
            }
            detector.now_v[0] = wave.samples[at];
            detector.now_v[1] = wave.samples[ROOM + at];
            bptm_detect(&detector, &settings);
        }
        bptm_half_cycle(&meter, &settings, &wave, due, 1, &reading, &block, &energy);
        bptm_watch_voltage(&quality, &meter, &settings, &wave, due, &reading);
        bptm_fill_measured(&m, &reading);
        bptm_scan(&s, &k, &m, &r, &p, 1);
    }
    printf("%lld %.6f %d\\n", taken, (double)(clock() - begun) / CLOCKS_PER_SEC, (int)s.mode);
    return 0;
}
"""

PYTHON_MAIN = """
import math
import sys
import time

from bptm.controller.measure import fill_measured
from bptm.controller.metrology import begin_meter, half_cycle
from bptm.controller.metrology_fast import begin_detector, detect
from bptm.controller.metrology_quality import watch_voltage
from bptm.controller.metrology_tracking import samples_due
from bptm.controller.scan import scan, start
from bptm.terms import core_device, core_metrology, core_settings

SCALE = (170.0, -170.0, 170.0, -170.0, 0.0, 0.0, 17.0, -17.0)


class Record:
    pass


def record(rows):
    made = Record()
    for row in rows:
        kind, _, length = row[1].partition("[")
        zero = (row[4] if len(row) > 4 else 0.0) if kind == "f8" else (row[4] if len(row) > 4 else 0)
        setattr(made, row[0], [zero] * int(length[:-1]) if length else zero)
    return made


x = core_metrology
a, g, w = record(x.METER_FIELDS), record(x.SETTINGS), record(x.WAVE_FIELDS)
t, y, e = record(x.READING_FIELDS), record(x.BLOCK_FIELDS), record(x.ENERGY_FIELDS)
q, d = record(x.QUALITY_FIELDS), record(x.DETECTOR_FIELDS)
m, s, k = (record(f) for f in (core_device.MEASURED_FIELDS, core_device.DEVICE_FIELDS, core_device.INTERLOCK_FIELDS))
r, p = record(core_device.INTERLOCK_INPUT_FIELDS), record(core_settings.SETTINGS)
cycle = [math.sin(2.0 * math.pi * i / 128.0) for i in range(128)]
begin_meter(a, g, w, 1)
begin_detector(d, g)
m.u_closed_poles = r.u_closed_poles = m.b_open_poles = r.b_open_poles = 3
m.stored_energy_ok = m.supplied = r.bus_l1_present = r.bus_l2_present = 1
start(s, k, m, p)
clock = getattr(time, "process_time", None) or time.time
taken = 0
begun = clock()
for _ in range(int(sys.argv[1])):
    due = samples_due(a, g)
    for at in range(1, due + 1):
        now = cycle[taken % 128]
        taken += 1
        for c in range(x.CHANNELS):
            w.samples[c * x.ROOM + at] = SCALE[c] * now
        d.now_v[0] = w.samples[at]
        d.now_v[1] = w.samples[x.ROOM + at]
        detect(d, g)
    half_cycle(a, g, w, due, 1, t, y, e)
    watch_voltage(q, a, g, w, due, t)
    fill_measured(m, t)
    scan(s, k, m, r, p, 1)
print(taken, clock() - begun, s.mode)
"""


def rate_of(printed: str) -> float:
    """Samples of eight channels a CPU-second, by what a program printed: samples, seconds, mode.

    Raises:
        RuntimeError: The meter is no longer on the utility: another day than the one that is timed.
    """
    taken, seconds, mode = printed.split()
    if mode != "1":
        msg = f"the meter ended in mode {mode}, expected ON_UTILITY"
        raise RuntimeError(msg)
    return float(taken) / float(seconds)


def printed_by(words: list[str], folder: Path) -> str:
    """Output of a program of ours."""
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout  # noqa: S603  our own


def rates(core: Core, folder: Path, missing: list[str]) -> dict[str, float]:
    """Samples of eight channels a CPU-second, by runtime; what is not there is named in `missing`."""
    found: dict[str, float] = {}
    tree = micropython_files(core) | {"meter.py": PYTHON_MAIN}
    write_tree(folder / "micropython", tree)
    # The stand-in for `typing` is MicroPython's alone.
    write_tree(folder / "cpython", {name: text for name, text in tree.items() if name != "typing.py"})
    found["cpython"] = rate_of(printed_by([sys.executable, "meter.py", "240"], folder / "cpython"))
    try:
        found["micropython"] = rate_of(printed_by([micropython_program(), "meter.py", "240"], folder / "micropython"))
    except MissingRuntimeError as error:
        missing.append(str(error))
    try:
        write_tree(folder / "c", c_files(core) | {"main.c": C_MAIN})
        sources = sorted(path.name for path in (folder / "c").glob("*.c"))
        printed_by([c_compiler(), *C_FLAGS, *sources, "-lm", "-o", "meter"], folder / "c")
        found["c -O2"] = rate_of(printed_by(["./meter", "200000"], folder / "c"))
    except MissingRuntimeError as error:
        missing.append(str(error))
    return found
