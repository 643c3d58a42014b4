"""Facts, timers and accumulators do not depend on how time is cut."""

import random

import pytest
from protection_bench import ProtectionBench

from bptm.compiled.records import as_tuple, plain_record
from bptm.controller.scan import scan, start
from bptm.terms import core_device

VOLTS = (0.0, 8.0, 48.0, 59.0, 95.0, 100.0, 107.0, 115.0, 119.0, 120.0, 121.0, 128.0, 133.0, 150.0, 192.0)


INLETS = ((0.0, 0.0), (120.0, 121.0), (119.0, 124.0))
UTILITIES = ((0.0, 0.0), (120.0, 120.0), (59.0, 181.0))
CURRENTS = (0.0, 10.0, 24.0, 29.0, 31.0, 33.0, 36.0, 45.0, 61.0, 170.0)
CAN_FAIL = ("utility_l1_v", "bus_l2_v", "inlet_hz", "l1_a", "inlet_c")


def change(draw: random.Random, bench: ProtectionBench) -> None:
    """Another set of constant readings, from healthy to absurd."""
    a, b = draw.choice(VOLTS), draw.choice(VOLTS)
    if draw.random() < 0.5:
        a = b = 120.0
    l12 = (a + b) * draw.choice((1.0, 1.0, 1.0, 0.5, 0.0, 1.3))
    where = draw.random()
    bench.contacts(u=where < 0.5, b=where >= 0.5 and where < 0.97)
    bench.m.u_closed_poles = draw.choice((bench.m.u_closed_poles,) * 9 + (1,))
    if where < 0.5:
        bench.both(a, b, l12).inlet(*draw.choice(INLETS), hz=draw.choice((0.0, 59.0, 60.0, 62.5, 64.0)))
    else:
        bench.source(a, b, l12, hz=draw.choice((54.0, 58.0, 60.0, 62.5))).utility(*draw.choice(UTILITIES))
    bus = draw.choice(("joined", "joined", "joined", "joined", "other", "dead", "shifted"))
    if bus == "other":
        bench.bus(draw.choice(VOLTS), draw.choice(VOLTS))
    elif bus == "dead":
        bench.on_utility().utility(120.0, 121.0).bus(0.0, 0.0)
    elif bus == "shifted":
        bench.on_utility().utility(120.0, 121.0).bus(150.0, 91.0)
    if draw.random() < 0.1:
        setattr(bench.m, draw.choice(CAN_FAIL), draw.choice((float("nan"), float("inf"), -1.0)))
    else:
        bench.load(draw.choice(CURRENTS), draw.choice((0.0, 10.0, 32.0)))
        bench.m.inlet_c = draw.choice((25.0, 25.0, 60.0, 90.0))
    if draw.random() < 0.1:
        bench.m.premise_w = -3000.0
    bench.m.utility_in_phase, bench.m.inlet_in_phase = draw.randint(0, 1), draw.randint(0, 1)
    bench.m.inlet_unmated = draw.choice((0, 0, 0, 1))
    bench.m.current_doubtful = draw.choice((0, 0, 0, 0, 1))
    bench.m.surges, bench.m.surge_v = draw.choice(((0, 0.0), (0, 0.0), (1, 600.0), (2, 800.0)))


FACTS = (
    "utility_lost", "utility_neutral", "utility_harmful", "neutral_doubted", "sense_doubted", "reference_lost",
    "u_disagrees", "backup_qualified", "source_hunts", "overload", "load_high", "short_circuit", "backup_harm",
    "inlet_follows", "engine_may_stop", "spd_worn", "reverse_power", "contact_unknown",
)  # fmt: skip


def walk(seed: int, changes: int, lengths: tuple[int, ...]) -> set[str]:
    """Three hosts through the same readings: one that never sleeps, one that sleeps its fill, one that cuts at random.

    Returns the facts that were ever true.
    """
    draw = random.Random(seed)  # noqa: S311  reproducible draws, no secret
    settings = {
        "curve": draw.randint(0, 7), "curve_reset": draw.randint(0, 1), "hunt_ticks": draw.choice((120, 240, 1200)),
        "heat_tau_ticks": 3600, "accept_ticks": 240, "cool_down_ticks": 300, "current_doubt_ticks": 400,
        "inlet_follow_ticks": 600, "trial_ticks": 1800, "neutral_slow_ticks": 1261,
    }  # fmt: skip
    benches = [ProtectionBench(**settings) for _ in range(3)]
    single, waking, cut = benches
    seen: set[str] = set()
    for _ in range(changes):
        state = draw.getstate()
        for bench in benches:
            draw.setstate(state)
            change(draw, bench)
        length = draw.choice(lengths)
        single.run(length)
        waking.run_waking(length)
        left, step = length, 1
        while left > 0:
            step = max(1, min(draw.randint(1, max(1, step)), left))
            cut.run(step, step)
            left, step = left - step, cut.s.wake_ticks
        names = [f[0] for f in core_device.DEVICE_FIELDS if f[0] != "wake_ticks"]
        for other in (waking, cut):
            assert [d for d in zip(names, single.state(), other.state(), strict=True) if d[1] != d[2]] == []
        seen |= {fact for fact in FACTS if getattr(single.s, fact) != 0}
    return seen


def test_facts_of_strides_are_those_of_single_ticks() -> None:
    """A host that sleeps as long as `wake_ticks` allows, or a random part of it, sees what one that never sleeps does.

    Every fact is met on the way, or the test would prove nothing of it.
    """
    seen: set[str] = set()
    for seed in range(6):
        seen |= walk(seed, 60, (1, 7, 60, 300, 1300))
    assert seen == set(FACTS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_facts_of_long_strides_are_those_of_single_ticks(seed: int) -> None:
    """The same over minutes."""
    walk(seed, 40, (1, 7, 60, 700, 3000, 9000))


def test_a_steady_home_sleeps() -> None:
    """Speed: an hour on a good utility beside an idling engine needs few scans, none for windows or heat."""
    bench = ProtectionBench().inlet(121.0, 122.0, hz=62.5)
    bench.run_waking(120 * 1200)
    assert bench.run_waking(120 * 3600) <= 3


def test_the_thermal_image_wakes_its_host_a_few_dozen_times() -> None:
    """49: from cold at 1.2 times the limit the bound finds the crossings of alarm and trip in few scans."""
    bench = ProtectionBench(overload_ratio=1.5).on_backup().load(36.0, 10.0)
    assert bench.run_waking(15 * 60 * 120) < 120
    assert bench.s.overload == 1


def test_whole_scans_of_strides_are_those_of_single_ticks() -> None:
    """The same through `scan`: modes, orders and journal as well."""
    for seed in range(4):
        ends = []
        for striding in (False, True):
            draw = random.Random(1000 + seed)  # noqa: S311
            bench = ProtectionBench(accept_ticks=240, cool_down_ticks=300, hunt_ticks=240)
            k, r = plain_record(core_device.INTERLOCK_FIELDS), plain_record(core_device.INTERLOCK_INPUT_FIELDS)
            start(bench.s, k, bench.m, bench.p)
            for _ in range(15):
                change(draw, bench)
                for name in ("l1_a", "l2_a", "premise_w"):
                    value = getattr(bench.m, name)
                    if not -1e6 < value < 1e6:
                        setattr(bench.m, name, 0.0)
                for name in ("u_open_poles", "u_closed_poles", "b_open_poles", "b_closed_poles"):
                    setattr(r, name, getattr(bench.m, name))
                r.bus_l1_present = 1 if bench.m.bus_l1_v > 30.0 else 0
                r.bus_l2_present = 1 if bench.m.bus_l2_v > 30.0 else 0
                left, step = draw.choice((5, 300, 1500)), 1
                while left > 0:
                    step = max(1, min(step, left))
                    scan(bench.s, k, bench.m, r, bench.p, step)
                    left, step = left - step, bench.s.wake_ticks if striding else 1
            leave_out = ("wake_ticks", "beat", "events", "mode_before")
            ends.append(as_tuple(bench.s, tuple(f for f in core_device.DEVICE_FIELDS if f[0] not in leave_out)))
        assert ends[0] == ends[1]
