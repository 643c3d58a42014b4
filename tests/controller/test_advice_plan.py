"""Headroom, the list of what to switch on, and fuel: against hand calculation and against every other order."""
# ruff: noqa: S311  draws of a test, seeded

import math
import random
from itertools import permutations
from typing import Any

import pytest

from appliances import SECOND, advice, device, load, readings, settings
from bptm.controller.advice import advise, declare_appliance, declare_fuel, name_appliance, start_advice
from bptm.controller.advice_plan import plan
from bptm.terms.core_advice import (
    BLOCK_LOCKED,
    BLOCK_NEVER,
    BLOCK_RUN_L1,
    BLOCK_START_L1,
    BLOCK_START_L2,
    BLOCK_START_TOTAL,
    BLOCK_UNKNOWN,
    KIND_CENTRAL_AC,
    KIND_OTHER,
    KIND_WELL_PUMP,
    LEG_BOTH,
)

HOUR = 3600 * SECOND


def home(*appliances: tuple[float, float, float], **values: float) -> tuple[Any, Any, Any, Any]:
    """A home on backup with learned appliances: leg 1, leg 2 in W, start in VA. Nothing is on."""
    a, s, m, p = advice(), device(), readings(), settings(**values)
    start_advice(a, p)
    for i, (l1_w, l2_w, start_va) in enumerate(appliances):
        a.used[i], a.ons[i], a.offs[i] = 1, 5, 5
        a.l1_w[i], a.l2_w[i], a.start_va[i] = l1_w, l2_w, start_va
        a.off_tick[i] = -HOUR
    return a, s, m, p


def settle(a: Any, s: Any, m: Any, p: Any) -> None:
    advise(a, s, m, p, 1)
    advise(a, s, m, p, 600)


def test_headroom_is_what_the_least_of_inlet_plug_and_source_leaves() -> None:
    """By hand: 5 kW source on a 30 A inlet: 20.83 A a leg; with 1,200 and 600 W on: 10.83 A, 3,200 W, 5,700 VA."""
    a, s, m, p = home(source_w=5000.0)
    load(m, 1200.0, 600.0)
    advise(a, s, m, p, 1)
    assert (a.headroom_live, a.headroom_known, a.rating_known) == (1, 1, 1)
    assert math.isclose(a.leg_limit_a, 5000.0 / 240.0)
    assert math.isclose(a.headroom_l1_a, 5000.0 / 240.0 - 10.0)
    assert math.isclose(a.headroom_l2_w, (5000.0 / 240.0 - 5.0) * 120.0)
    assert math.isclose(a.headroom_w, 3200.0)
    assert math.isclose(a.headroom_start_va, 1.5 * 5000.0 - 1800.0)
    assert math.isclose(a.steady_l1_a, 0.8 * 5000.0 / 240.0 - 10.0)


def test_without_a_declared_rating_the_inlet_decides_and_a_smaller_plug_counts() -> None:
    """30 A inlet: 7,200 W, marked as not declared; a plug coded for 20 A: 4,800 W."""
    a, s, m, p = home()
    advise(a, s, m, p, 1)
    assert (a.rating_known, a.rating_w, a.leg_limit_a) == (0, 7200.0, 30.0)
    m.plug_a = 20.0
    advise(a, s, m, p, 1)
    assert (a.rating_w, a.leg_limit_a) == (4800.0, 20.0)


def test_a_load_above_four_fifths_for_three_hours_is_too_much() -> None:
    """NEC 210.20: 25 A on a 30 A inlet is said to be continuous at 3 h, not a tick sooner; 23 A never."""
    a, s, m, p = home()
    load(m, 25.0 * 120.0, 0.0)
    advise(a, s, m, p, 3 * HOUR - 1)
    assert a.heavy == 0
    assert a.wake_ticks == 1
    advise(a, s, m, p, 1)
    assert a.heavy == 1
    load(m, 23.0 * 120.0, 0.0)
    advise(a, s, m, p, 4 * HOUR)
    assert a.heavy == 0


def test_the_needs_of_a_pump_name_what_to_turn_off_first() -> None:
    """Domain.md 6.2: a 3.6 kVA start with 2.1 kVA free waits; turning off the refrigerator frees enough."""
    a, s, m, p = home((500.0, 500.0, 3600.0), (900.0, 900.0, 1800.0), source_w=2600.0)
    load(m, 900.0, 900.0)
    a.is_on[1] = 1
    settle(a, s, m, p)
    assert a.predicted_va[0] == 3600.0
    assert math.isclose(a.free_va[0], 1.5 * 2600.0 - 1800.0)
    assert a.blocks[0] & (BLOCK_START_TOTAL | BLOCK_START_L1 | BLOCK_START_L2)
    assert a.blocks[0] & BLOCK_NEVER == 0
    assert a.off_first[0] == 1
    assert a.rank[0] == 0
    load(m, 0.0, 0.0)
    settle(a, s, m, p)
    assert (a.is_on[1], a.blocks[0], a.rank[0]) == (0, 0, 1)


def test_what_can_never_start_is_said_so() -> None:
    """Domain.md 2.12: a 3-ton air conditioner takes 11.5 kVA by its kind; a 7.2 kW source never starts it."""
    a, s, m, p = home()
    assert declare_appliance(a, KIND_CENTRAL_AC, LEG_BOTH) == 0
    settle(a, s, m, p)
    assert math.isclose(a.predicted_va[0], 4800.0 * 2.4)
    assert a.blocks[0] & BLOCK_NEVER
    assert a.off_first[0] == -1


def test_one_leg_can_be_full_while_the_other_is_free() -> None:
    """80 % of 30 A is 2,880 W a leg: 1,500 W fit beside 1,500 W on the other leg, not on the same."""
    a, s, m, p = home((1500.0, 0.0, 1500.0), (0.0, 1500.0, 1500.0))
    load(m, 1500.0, 0.0)
    settle(a, s, m, p)
    assert a.blocks[0] == BLOCK_RUN_L1
    assert a.blocks[1] == 0
    assert a.rank[1] == 1


def test_a_compressor_rests_and_a_heater_need_not() -> None:
    """Domain.md 2.7: 5 min after it stopped, to the tick; the heater that stopped with it may go on at once."""
    a, s, m, p = home((200.0, 0.0, 1300.0), (0.0, 1500.0, 1500.0))
    a.is_on[0] = a.is_on[1] = 1
    s.bus_dead = 1
    advise(a, s, m, p, 1)
    s.bus_dead = 0
    advise(a, s, m, p, 36000 - 2)
    assert a.blocks[0] == BLOCK_LOCKED
    assert a.rank[1] == 1
    advise(a, s, m, p, 1)
    assert a.locked == 0
    assert a.blocks[0] == 0
    assert sorted(a.rank[:2]) == [1, 2]


def test_a_doubtful_current_on_backup_lists_nothing() -> None:
    """UNKNOWN IS UNSAFE: nobody is told to switch on what may not fit."""
    a, s, m, p = home((1500.0, 0.0, 1500.0))
    settle(a, s, m, p)
    assert a.rank[0] == 1
    m.current_doubtful = 1
    advise(a, s, m, p, 1)
    assert (a.headroom_known, a.listed, a.blocks[0]) == (0, 0, BLOCK_UNKNOWN)


def test_what_a_person_wants_first_is_served_first() -> None:
    """Two of 2,500 W on one leg: only one fits; rank decides, and rank 0 keeps off the list."""
    for first in (0, 1):
        a, s, m, p = home((2500.0, 0.0, 2500.0), (2500.0, 0.0, 2500.0), (300.0, 0.0, 300.0))
        assert name_appliance(a, first, KIND_OTHER, 1) == 0
        assert name_appliance(a, 1 - first, KIND_OTHER, 2) == 0
        assert name_appliance(a, 2, KIND_OTHER, 0) == 0
        settle(a, s, m, p)
        assert (a.rank[first], a.rank[1 - first], a.rank[2]) == (1, 0, 0)


def starts(order: tuple[int, ...], sizes: list[tuple[float, float]], limit_va: float) -> bool:
    """Whether 240 V appliances (running, start) can be switched on in this order."""
    running = 0.0
    for i in order:
        if running + sizes[i][1] > limit_va:
            return False
        running += sizes[i][0]
    return True


@pytest.mark.parametrize("seed", range(40))
def test_when_any_order_starts_them_all_so_does_the_list(seed: int) -> None:
    """ORACLE: five random 240 V appliances, all 120 orders; the list holds all five exactly when one order works."""
    draw = random.Random(seed)
    sizes = [(run, run * draw.choice((1.0, 1.5, 3.0, 5.0))) for run in (draw.uniform(200, 1100) for _ in range(5))]
    limit_va = draw.uniform(3000.0, 5500.0)
    a, s, m, p = home(*((r / 2, r / 2, v) for r, v in sizes), source_start_va=limit_va, limit_a=60.0)
    settle(a, s, m, p)
    possible = any(starts(order, sizes, limit_va) for order in permutations(range(5)))
    assert (a.listed == 5) == possible
    order = tuple(sorted((i for i in range(5) if a.rank[i]), key=lambda i: a.rank[i]))
    assert starts(order, sizes, limit_va)


def test_off_backup_the_list_is_that_of_an_empty_home() -> None:
    """On the utility with 6 kW on, the list says what a source could take over with all breakers off."""
    a, s, m, p = home((500.0, 500.0, 3600.0))
    s.fed_by, s.inlet_dead = 1, 1
    load(m, 3000.0, 3000.0)
    settle(a, s, m, p)
    assert (a.headroom_live, a.headroom_w, a.rank[0]) == (0, 7200.0, 1)


def test_the_list_does_not_depend_on_when_it_was_made() -> None:
    """A plan made twice is the same."""
    a, s, m, p = home((500.0, 500.0, 3600.0), (100.0, 0.0, 900.0))
    settle(a, s, m, p)
    before = (list(a.rank), list(a.blocks), list(a.free_va))
    plan(a, s, p)
    assert (list(a.rank), list(a.blocks), list(a.free_va)) == before


def test_fuel_at_half_load_lasts_what_the_plate_says() -> None:
    """By hand: 8 h at half load; 4 h of it leave 4 h; without load 0.4 of the rate, so 10 h."""
    a, s, m, p = home(source_w=6000.0, fuel_run_ticks=8 * HOUR)
    load(m, 1500.0, 1500.0)
    advise(a, s, m, p, 4 * HOUR)
    assert a.fuel_left_ticks == 4 * HOUR
    assert math.isclose(a.fuel_left_wh, 12000.0)
    load(m, 0.0, 0.0)
    advise(a, s, m, p, 1)
    assert abs(a.fuel_left_ticks - 10 * HOUR) < 3
    assert a.fuel_low == 0


def test_fuel_is_low_an_hour_before_its_end_and_the_wake_knows() -> None:
    """By hand: 10 h usual tank, declared a fifth full, full load at 1.6 times the rate: 1.25 h, low after 0.25 h."""
    a, s, m, p = home(source_w=7200.0)
    assert declare_fuel(a, p, 0.2) == 0
    load(m, 3600.0, 3600.0)
    advise(a, s, m, p, 1)
    strides = 0
    while a.fuel_low == 0:
        advise(a, s, m, p, a.wake_ticks)
        strides += 1
    assert abs(a.tick - HOUR // 4) <= 2
    assert (a.fuel_declared, strides < 600) == (1, True)


def test_a_battery_counts_its_charge() -> None:
    """By hand: 10 kWh at 2 kW for an hour leave 8 kWh, 4 h; nothing is spent while the inlet is dead."""
    a, s, m, p = home(storage_wh=10000.0)
    load(m, 1000.0, 1000.0)
    advise(a, s, m, p, HOUR)
    assert a.fuel_left_ticks == 4 * HOUR
    assert math.isclose(a.fuel_left_wh, 8000.0)
    s.inlet_dead = 1
    advise(a, s, m, p, HOUR)
    assert a.fuel_left_ticks == 4 * HOUR


def test_a_named_kind_predicts_until_it_is_measured() -> None:
    """Domain.md 2.12: a declared well pump takes 4.4 times its 750 W; once it was seen, what was seen."""
    a, s, m, p = home()
    assert declare_appliance(a, KIND_WELL_PUMP, LEG_BOTH) == 0
    settle(a, s, m, p)
    assert math.isclose(a.predicted_va[0], 3300.0)
    load(m, 375.0 + 1000.0, 375.0 + 1000.0)
    advise(a, s, m, p, 40)
    load(m, 375.0, 375.0)
    advise(a, s, m, p, 600)
    assert a.ons[0] == 1
    assert math.isclose(a.predicted_va[0], 2750.0)
