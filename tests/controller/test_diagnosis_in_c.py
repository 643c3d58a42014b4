"""Diagnosis in C: the same findings, counters and regressions as in CPython, to the bit."""

import ctypes
from pathlib import Path

import pytest
from diagnosis_c import entry, filled, structure
from test_diagnosis_strides import history

from bptm.compiled.records import plain_record
from bptm.controller.diagnosis import diagnose
from bptm.terms import core_device, core_diagnosis_settings
from bptm.terms.core_diagnosis import DIAGNOSIS_FIELDS


@pytest.mark.slow
def test_diagnosis_in_c_is_that_of_cpython(tmp_path: Path) -> None:
    """Two histories with everything that moves, in strides: every field of the record equal, floats to the bit."""
    run = entry(tmp_path)
    for seed in (11, 12):
        bench, spans = history(seed)
        ours, theirs = plain_record(DIAGNOSIS_FIELDS), structure(DIAGNOSIS_FIELDS)
        settings = filled(structure(core_diagnosis_settings.FIELDS), bench.p, core_diagnosis_settings.FIELDS)
        raised = 0
        for s, m, ticks in spans:
            device = filled(structure(core_device.DEVICE_FIELDS), s, core_device.DEVICE_FIELDS)
            measured = filled(structure(core_device.MEASURED_FIELDS), m, core_device.MEASURED_FIELDS)
            diagnose(ours, s, m, bench.p, ticks)
            run(*(ctypes.addressof(x) for x in (theirs, device, measured, settings)), ticks)
            raised |= ours.raised
            for row in DIAGNOSIS_FIELDS:
                value = getattr(theirs, row[0])
                assert (list(value) if "[" in row[1] else value) == getattr(ours, row[0]), row[0]
        assert raised.bit_count() > 8
