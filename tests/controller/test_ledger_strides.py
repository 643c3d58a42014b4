"""The ledger is the same to the bit however time is cut."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_bench import MINUTE, Bench, image

from bptm.compiled.records import as_tuple
from bptm.controller.ledger import read_for_billing, resume_ledger
from bptm.controller.ledger_intervals import set_clock
from bptm.terms import core_device
from bptm.terms.core_codes import CAUSE_BACKUP_READY, CAUSE_OVERLOAD, CONTACT_OPEN, CONTACT_UNKNOWN
from closed_loop import ClosedLoop


def _utility(bench: Bench, power_w: float) -> None:
    bench.on_utility(power_w, power_w / 3)


def _backup(bench: Bench, power_w: float) -> None:
    bench.s.cause = CAUSE_BACKUP_READY
    bench.on_backup(power_w, -power_w / 4)


def _dark(bench: Bench, power_w: float) -> None:
    del power_w
    bench.in_the_dark()


def _unknown(bench: Bench, power_w: float) -> None:
    bench.s.u_contact = CONTACT_UNKNOWN
    bench.power(power_w)


def _both_open(bench: Bench, power_w: float) -> None:
    bench.on_utility(power_w)
    bench.s.cause = CAUSE_OVERLOAD
    bench.s.u_contact = CONTACT_OPEN


def _nonsense(bench: Bench, power_w: float) -> None:
    bench.power(power_w / 0.7)
    bench.m.premise_w = float("nan")
    bench.m.utility_l1_v = float("nan")


STATES: tuple[Callable[[Bench, float], None], ...] = (_utility, _backup, _dark, _unknown, _both_open, _nonsense)
STRETCHES = st.lists(
    st.tuples(st.sampled_from(STATES), st.floats(-9000.0, 9000.0), st.integers(1, 90000)), min_size=1, max_size=12
)


def _happening(bench: Bench, number: int) -> None:
    """Between stretches: a billing read, a clock set, a loss of power."""
    match number % 5:
        case 1:
            read_for_billing(bench.ledger)
        case 2:
            set_clock(bench.ledger, bench.p, 1_000_000 + 12_345 * number)
        case 3:
            resume_ledger(bench.ledger, bench.p, 7 * number)
        case 4:
            resume_ledger(bench.ledger, bench.p, -1)
        case _:
            pass


def _lived(stretches: list[tuple[Callable[[Bench, float], None], float, int]], cut: Callable[[int], int]) -> Any:
    bench = Bench(subinterval_ticks=7200, demand_subintervals=3, profile_subintervals=2)
    for number, (state, power_w, ticks) in enumerate(stretches):
        state(bench, power_w)
        left = ticks
        while left > 0:
            part = min(left, cut(left))
            bench.keep(part)
            left -= part
        _happening(bench, number)
    return image(bench.ledger)


@pytest.mark.slow
@given(stretches=STRETCHES, draws=st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_cutting_of_time_gives_the_same_ledger(
    stretches: list[tuple[Callable[[Bench, float], None], float, int]], draws: random.Random
) -> None:
    """Any history of stretches with constant inputs, whole against cut at random: every field is equal.

    Boundaries of intervals, the load-side timer and the end of a momentary outage fall inside strides.
    """
    whole = _lived(stretches, lambda left: left)
    assert _lived(stretches, lambda left: draws.randint(1, max(1, left // draws.randint(1, 9)))) == whole


def test_single_ticks_give_the_same_ledger_as_one_stride() -> None:
    """20,000 ticks, two boundaries and the load-side timer inside: one call against 20,000."""
    stretches = [(_utility, 1234.5, 9000), (_both_open, 321.0, 4000), (_dark, 0.0, 4000), (_backup, -77.7, 3000)]
    assert _lived(list(stretches), lambda _left: 1) == _lived(list(stretches), lambda left: left)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_whole_outage_gives_the_same_ledger_however_the_loop_is_cut(seed: int) -> None:
    """Closed loop with the shipped controller: the longest lawful strides against random ones; device equal too."""
    draws = random.Random(seed)  # noqa: S311  not for secrets
    ends: list[tuple[Any, ...]] = []
    for cut in (lambda: 1 << 40, lambda: draws.randint(1, 400)):
        loop = ClosedLoop(cut=cut, seed=17 * seed, utility_on_tick=6 * MINUTE)
        loop.ledger_p.subinterval_ticks = 7200 + 13 * seed
        loop.run(20 * MINUTE)
        assert loop.s.transfers == 1
        ends.append((image(loop.ledger), as_tuple(loop.s, core_device.DEVICE_FIELDS[:60])))
    assert ends[0][0] == ends[1][0]
    assert ends[0][1][0] == ends[1][1][0]


def test_a_transfer_in_single_ticks_gives_the_same_ledger() -> None:
    """From the loss of the utility to the backup, tick by tick, against the longest lawful strides."""
    ends: list[Any] = []
    for cut in (lambda: 1 << 40, lambda: 1):
        loop = ClosedLoop(cut=cut, utility_off_tick=2400, utility_on_tick=90 * MINUTE, backup_start_ticks=1200)
        loop.ledger_p.subinterval_ticks = 1201
        loop.run(3 * MINUTE)
        assert loop.s.transfers == 1
        ends.append(image(loop.ledger))
    assert ends[0] == ends[1]
