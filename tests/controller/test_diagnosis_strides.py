"""Diagnosis does not depend on how time is cut, writes nothing but its own record, and bears bad readings."""

import random
from typing import Any

import pytest
from diagnosis_bench import SECOND, Bench, Side, admittance, any_value, random_step

from bptm.compiled.records import plain_record
from bptm.controller.diagnosis import begin_diagnosis, diagnose
from bptm.terms import core_device, core_diagnosis
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, CONTACT_UNKNOWN
from bptm.terms.core_diagnosis import DIAGNOSIS_FIELDS, FEED_BACKUP, FEED_NONE, FEED_UTILITY

Span = tuple[Any, Any, int]
"""Device, measured values, and for how many ticks they hold."""


def copied(record: Any, fields: tuple[tuple[str, str, str, str], ...]) -> Any:
    twin = plain_record(fields)
    for row in fields:
        setattr(twin, row[0], getattr(record, row[0]))
    return twin


def history(seed: int) -> tuple[Bench, list[Span]]:
    """Everything that moves: steps, outages, a source that hunts, vanishes and sags; solar; doubtful readings."""
    bench = Bench(seed, ideal=False)
    draw, spans = bench.draw, []
    bench.utility = Side(121.0, 0.05 + 0.02j, 0.3, (0.004, 0.001))
    source = Side(122.0, 0.3 + 0.01j, 0.3, (0.02, 0.001))
    # Short times, so that all of them run out in a short history.
    bench.p.run_on_ticks, bench.p.range_a_ticks, bench.p.range_b_ticks = 700, 900, 300
    bench.p.unbalanced_ticks, bench.p.carried_ticks, bench.p.window_ticks = 250, 1500, 120
    bench.p.watch_begin_ticks, bench.p.watch_end_ticks, bench.p.fall_windows, bench.p.fall_w = 400, 1600, 3, 50.0
    bench.p.settle_backup_ticks, bench.p.steps_min, bench.p.fuel_windows = 60, 5.0, 10
    for _ in range(260):
        bench.source = source if draw.random() < 0.8 else None
        bench.feed = draw.choice((FEED_UTILITY, FEED_UTILITY, FEED_BACKUP, FEED_BACKUP, FEED_NONE))
        if bench.source is None and bench.feed == FEED_BACKUP:
            bench.feed = FEED_NONE
        bench.utility.volts = draw.choice((121.0, 121.0, 112.0, 108.0))
        kind = draw.randint(0, 5)
        bench.push_w = (0.0, 0.0)
        for piece in range(draw.randint(3, 14)):
            if kind <= 1:
                bench.loads = random_step(draw)
            if kind == 3:
                bench.push_w = (150.0 * piece, 150.0 * piece)
            source.hz = 60.0 + (draw.uniform(-2, 2) if kind == 2 else -0.2 * piece if kind == 4 else 0.0)
            source.volts = 122.0 - (piece if kind == 4 else 0)
            ticks = draw.choice((1, 2, 17, 61, 90, 240, 301))
            bench.measure(ticks)
            if draw.random() < 0.03:
                setattr(bench.m, draw.choice(("inlet_doubtful", "bus_doubtful", "current_doubtful")), 1)
            if draw.random() < 0.03:
                bench.m.inlet_l2_v, bench.m.inlet_l12_v = 40.0, 80.0
            spans.append(
                (copied(bench.s, core_device.DEVICE_FIELDS), copied(bench.m, core_device.MEASURED_FIELDS), ticks)
            )
            bench.m.inlet_doubtful = bench.m.bus_doubtful = bench.m.current_doubtful = 0
    return bench, spans


def cut(bench: Bench, spans: list[Span], draw: random.Random | None) -> tuple[Any, list[tuple[int, int, int]]]:
    """Diagnosis over the spans in single ticks, or cut at random within its wake; with what it raised and when."""
    d = plain_record(DIAGNOSIS_FIELDS)
    noticed: list[tuple[int, int, int]] = []
    for s, m, ticks in spans:
        left, first = ticks, True
        while left > 0:
            stride = 1
            # A host takes one tick when an input may have changed.
            if draw is not None and not first:
                stride = draw.randint(1, max(1, min(left, d.wake_ticks)))
                if draw.random() < 0.5:
                    stride = max(1, min(left, d.wake_ticks))
            diagnose(d, s, m, bench.p, stride)
            if d.raised or d.ended:
                noticed.append((d.tick, d.raised, d.ended))
            left, first = left - stride, False
    return d, noticed


@pytest.mark.slow
def test_diagnosis_is_the_same_however_time_is_cut() -> None:
    """DECISION-0003: findings, their ticks, counters and timers exactly; regressions and means within 1e-9."""
    for seed in range(3):
        bench, spans = history(seed)
        single, told = cut(bench, spans, None)
        assert len(told) > 10
        kinds = {bit for _, raised, _ in told for bit in range(64) if raised >> bit & 1}
        assert len(kinds) > 8, kinds
        for again in range(3):
            twin, told_too = cut(bench, spans, Bench(100 * seed + again).draw)
            assert told_too == told
            for row in DIAGNOSIS_FIELDS:
                if row[0] == "wake_ticks":
                    continue
                ours, theirs = getattr(single, row[0]), getattr(twin, row[0])
                if row[1].startswith("i"):
                    assert ours == theirs, row[0]
                else:
                    assert theirs == pytest.approx(ours, rel=1e-9, abs=1e-9), row[0]


def test_diagnosis_writes_only_its_own_record() -> None:
    """It reads the device's state, the measured values and the settings: all as before after a whole history."""
    bench, spans = history(7)
    settings = any_value(bench.p, tuple((name, "", "", "") for name in bench.p.__slots__))
    kept = [(any_value(s, core_device.DEVICE_FIELDS), any_value(m, core_device.MEASURED_FIELDS)) for s, m, _ in spans]
    cut(bench, spans, bench.draw)
    assert kept == [
        (any_value(s, core_device.DEVICE_FIELDS), any_value(m, core_device.MEASURED_FIELDS)) for s, m, _ in spans
    ]
    assert settings == any_value(bench.p, tuple((name, "", "", "") for name in bench.p.__slots__))


BAD = (float("nan"), float("inf"), float("-inf"), -1.0e9, 1.0e300)
READINGS = tuple(row[0] for row in core_device.MEASURED_FIELDS if row[1] == "f8")


@pytest.mark.parametrize("name", READINGS)
def test_a_bad_reading_raises_nothing_and_spoils_nothing(name: str) -> None:
    """Bad input: each channel alone as no number, endless or absurd; no finding, no exception, no NaN is kept."""
    for feed in (FEED_UTILITY, FEED_BACKUP):
        bench = Bench(3)
        bench.source, bench.feed = Side(121.0, 0.05 + 0j, 0.05), feed
        for number in range(30):
            bench.loads = random_step(bench.draw)
            bench.measure(1)
            if number % 2:
                setattr(bench.m, name, BAD[number // 2 % len(BAD)])
            bench.hold(1300)
        # The engine runs beside the utility, truly, when its readings can be used.
        assert not bench.found
        for row in DIAGNOSIS_FIELDS:
            value = getattr(bench.d, row[0])
            for number in value if isinstance(value, list) else [value]:
                assert abs(number) < 1e15, row[0]


def test_a_frozen_channel_that_reads_zero_is_no_dead_source() -> None:
    """A doubtful inlet reads 0 just after B closed: no bonded neutral is claimed, nor a missing leg."""
    bench = Bench()
    bench.source, bench.feed = Side(121.0, 0.05 + 0j, 0.05), FEED_NONE
    bench.run(5 * SECOND)
    bench.feed = FEED_BACKUP
    bench.run(30, 1)
    bench.measure(1)
    bench.m.inlet_l1_v = bench.m.inlet_l2_v = bench.m.inlet_l12_v = bench.m.inlet_hz = 0.0
    bench.m.inlet_doubtful = 1
    bench.facts()
    bench.hold(10 * SECOND)
    bench.m.inlet_doubtful = 0
    bench.hold(10 * SECOND)
    assert not bench.found


def test_unknown_contacts_feed_nothing() -> None:
    """With a contactor neither open nor closed no step is taken, whatever the load does."""
    bench = Bench()
    for number in range(40):
        bench.loads = (admittance(1500.0 * (number % 2)), 0j, 0j)
        bench.measure(1)
        bench.s.u_contact, bench.s.b_contact = CONTACT_UNKNOWN, CONTACT_OPEN
        bench.hold(3 * SECOND)
        bench.s.u_contact, bench.s.b_contact = CONTACT_CLOSED, CONTACT_CLOSED
        bench.hold(3 * SECOND)
    assert bench.d.fit_steps == [0] * core_diagnosis.FITS


def test_a_start_keeps_what_was_learned_and_forgets_what_was_under_way() -> None:
    """Power lost and found: regressions and findings stay, a level under way makes no step with the load after."""
    bench = Bench()
    bench.utility = Side(121.0, 0.05 + 0.02j, 0.4)
    for number in range(60):
        bench.step_to(admittance(1800.0 * (number % 2)), 0j, 0j, 3 * SECOND)
    learned = (list(bench.d.fit_ohm), list(bench.d.active), list(bench.d.since_tick), list(bench.d.fit_steps))
    assert sum(bench.d.active) > 0
    begin_diagnosis(bench.d)
    bench.step_to(admittance(5000.0), 0j, 0j, 3 * SECOND)
    assert learned == (list(bench.d.fit_ohm), list(bench.d.active), list(bench.d.since_tick), list(bench.d.fit_steps))
