"""Contactors pole by pole: time, arc, weld, interlocks, feedback, stored energy."""

import numpy as np
from wave_rig import NO_INTERLOCKS, QUIET, Rig

from bptm.compiled.bench import INPUT_NAMES
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN


def input_of(rig: Rig, name: str) -> float:
    return rig.inputs[INPUT_NAMES.index(name)]


def test_a_pole_parts_after_its_time_and_conducts_to_the_zero_of_its_current() -> None:
    """domain.md 2.7: with 40 A flowing, current ends at a zero after the contacts part, and never jumps."""
    rig = Rig({**QUIET, "resistive_l1_w": 4800.0, "resistive_l2_w": 4800.0, "u_open_s": 0.0251, "u_open_skew_s": 0.0})
    rig.hold(10)
    rig.u_order = ORDER_OPEN
    rows = rig.hold(8)
    assert rows["u_arcs"].max() == 3
    window = rig.trace.windows[-1]
    amps = window.waves[:, 8]
    flowing = np.flatnonzero(np.abs(amps) > 0.1)
    last = flowing[-1]
    ordered = rig.rate_hz // 120 * 10 - window.first_sample
    assert (last - ordered) / rig.rate_hz >= 0.0250
    assert (last - ordered) / rig.rate_hz < 0.0251 + 0.0085
    crest = np.abs(amps).max()
    assert np.abs(amps[last]) < 0.1 * crest, "the last current is near a zero, not chopped"


def test_a_welded_pole_stays_and_says_so_or_lies() -> None:
    """H1, H36: feedback follows the pole, unless the fault says otherwise."""
    for fault, open_bits, closed_bits in ((0.0, 2, 1), (1.0, 3, 0), (2.0, 2, 1), (3.0, 2, 0), (4.0, 3, 1)):
        rig = Rig({**QUIET, "u_weld_l1": 1.0, "u_feedback_l1": fault})
        rig.u_order = ORDER_OPEN
        row = rig.hold(30)[-1]
        assert row["u_poles"] == 1
        assert (input_of(rig, "u_open_poles"), input_of(rig, "u_closed_poles")) == (open_bits, closed_bits), fault


def test_feedback_is_made_on_neither_side_while_a_pole_settles() -> None:
    """Between parting and the auxiliary contact, the pole reads neither open nor closed: unknown exists."""
    rig = Rig({**QUIET, "u_open_skew_s": 0.0, "u_open_s": 0.0083})
    rig.hold(5)
    rig.u_order = ORDER_OPEN
    seen: set[tuple[float, float]] = set()
    for _tick in range(6):
        rig.hold(1)
        seen.add((input_of(rig, "u_open_poles"), input_of(rig, "u_closed_poles")))
    assert {(0.0, 3.0), (0.0, 0.0), (3.0, 0.0)} <= seen


def test_interlocks_keep_the_second_contactor_open_and_without_them_it_closes() -> None:
    """H2: with either interlock present both are never closed, whatever is ordered; without them they are."""
    for electrical, mechanical in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)):
        rig = Rig({**QUIET, "run": 1.0, "electrical_interlock": electrical, "mechanical_interlock": mechanical})
        rig.hold(700)
        rig.u_order, rig.b_order = ORDER_NONE, ORDER_CLOSE
        rows = rig.hold(30)
        both = bool(((rows["u_ever"] & rows["b_ever"]) != 0).any())
        assert both == (electrical + mechanical == 0.0)
        assert (1 in rig.broken()) == both


def test_a_mechanical_interlock_holds_against_a_weld_that_lies() -> None:
    """Design LAW-1: {U welded, its feedback false, grid dead} rests on the mechanical interlock."""
    setup = {
        "feeder_on": 0.0,
        "run": 1.0,
        "u_weld_l1": 1.0,
        "u_weld_l2": 1.0,
        "u_feedback_l1": 1.0,
        "u_feedback_l2": 1.0,
    }
    rig = Rig({**QUIET, **setup, "electrical_interlock": 0.0})
    rig.hold(700)
    rig.to_backup()
    assert rig.true["b_ever"].max() == 0
    assert rig.true["utility_l1_v"][-1] < 1.0


def test_b_drops_without_its_order_without_supply_and_without_voltage() -> None:
    """Design section 4: B is held; U stays where it is."""
    rig = Rig({**QUIET, "run": 1.0, "feeder_on": 0.0})
    rig.hold(700)
    rig.to_backup()
    assert rig.true["b_poles"][-1] == 3
    rig.set("plugged", 0.0)
    assert rig.hold(12)["b_poles"][-1] == 0
    assert rig.true["u_poles"][-1] == 0


def test_u_moves_only_with_stored_energy_and_each_movement_costs_some() -> None:
    """H7: an operation costs hold-up; with less than that U does not move."""
    rig = Rig({**QUIET, "feeder_on": 0.0, "hold_up_s": 15.0, "operation_s": 4.0, "reserve_s": 2.0})
    rig.hold(60)
    before_s = float(rig.true["hold_up_left_s"][-1])
    rig.u_order = ORDER_OPEN
    rig.hold(12)
    assert before_s - rig.true["hold_up_left_s"][-1] > 4.0
    rig.u_order = ORDER_NONE
    rig.hold(900)
    assert input_of(rig, "stored_energy_ok") == 0.0
    rig.u_order = ORDER_CLOSE
    rows = rig.hold(30)
    assert rows["u_poles"].max() == 0
    assert rig.hold(600)["powered"][-1] == 0


def test_a_closing_onto_a_blow_welds_a_bouncing_pole() -> None:
    """H3: a peak above the weld current during the bounce welds the pole, and it no longer opens."""
    rig = Rig(
        {
            **QUIET,
            "kind": 3.0,
            "run": 1.0,
            **NO_INTERLOCKS,
            "b_weld_a": 200.0,
            "utility_phase_rad": 2.5,
            "breaker_a": 200.0,
        }
    )
    rig.hold(1100)
    rig.b_order = ORDER_CLOSE
    rig.hold(12)
    assert rig.true["b_welded"][-1] != 0
    rig.b_order = ORDER_OPEN
    assert rig.hold(30)["b_poles"][-1] != 0


def test_an_arc_above_the_breaking_rating_burns_on() -> None:
    """LAW-15: an opening above the rating is not extinguished at the first zero, and the checkers count it."""
    rig = Rig({**QUIET, "fault_l1_ohm": 0.05, "fault_breaker_a": 400.0, "u_breaks_a": 200.0})
    rig.hold(6)
    rig.u_order = ORDER_OPEN
    rows = rig.hold(10)
    assert rows["utility_l1_a"].max() > 500.0
    assert rows["u_arcs"][-1] & 1 or rows["u_welded"][-1] & 1
    assert 15 in rig.broken()


def test_either_leg_may_be_the_late_one_and_opening_has_a_skew_of_its_own() -> None:
    """Per-pole times: with 12 ms between the legs, the half-cycle between them has one pole."""
    for close_s, open_s, closes_first, left_last in (
        (0.012, 0.012, 1, 2),
        (-0.012, -0.012, 2, 1),
        (0.012, -0.012, 1, 1),
    ):
        rig = Rig({**QUIET, "resistive_l1_w": 0.0, "resistive_l2_w": 0.0, "u_skew_s": close_s, "u_open_skew_s": open_s})
        rig.hold(5)
        rig.u_order = ORDER_OPEN
        opening = [int(x) for x in rig.hold(12)["u_poles"]]
        rig.u_order = ORDER_CLOSE
        closing = [int(x) for x in rig.hold(12)["u_poles"]]
        assert opening[-1] == 0
        assert left_last in opening
        assert 3 - left_last not in opening
        assert closing[-1] == 3
        assert closes_first in closing
        assert 3 - closes_first not in closing
