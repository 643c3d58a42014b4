"""Every checker of chaos lets the shipped controller pass and catches one that is broken: one scenario a law."""

from collections.abc import Callable
from typing import Any

import pytest
from chaos_plain import PlainLife

from bptm.compiled import kernel_chaos
from bptm.compiled import kernel_chaos_what as f
from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.terms.core_codes import (
    CAUSE_B_WELDED,
    CONTACT_OPEN,
    MODE_DARK,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TO_BACKUP,
    ORDER_CLOSE,
    ORDER_OPEN,
    STEP_DEAD_TIME,
)

OUTAGE = ((10, f.WHAT_UTILITY_OFF, 0), (20, f.WHAT_SOURCE_ON, 0), (120, f.WHAT_UTILITY_ON, 250000))
STOP = ((900, f.WHAT_SOURCE_OFF, 0),)
WELD = ((5, f.WHAT_U_WELD, 3),)
LIE = ((15, f.WHAT_U_SAYS_OPEN, 3),)
ALIKE = ((15, f.WHAT_SOURCE_ALIKE, 1),)
SHORT = ((10, f.WHAT_SHORT, 1), (10.1, f.WHAT_SHORT, 0))
RESET = ((70, f.WHAT_RESET, 0),)
MESSAGE = ((70, f.WHAT_COMMAND, 1 * kernel_chaos.COMMAND_STEP + 600),)


def orders_both(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    scan(s, k, m, r, p, ticks)
    if s.mode == MODE_ON_BACKUP:
        k.u_out = ORDER_CLOSE


def knows_no_dead_time(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    scan(s, k, m, r, p, ticks)
    if s.mode == MODE_TO_BACKUP and s.step == STEP_DEAD_TIME:
        k.b_out = ORDER_CLOSE


def starts_with_a_close(s: Any, k: Any, m: Any, p: Any) -> None:
    start(s, k, m, p)
    s.b_order = ORDER_CLOSE


def obeys_at_once(s: Any, p: Any, action: int, hold_ticks: int) -> int:
    unmet = command(s, p, action, hold_ticks)
    s.u_order = ORDER_CLOSE
    return unmet


def sees_no_backfeed(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    m.utility_in_phase = 0
    scan(s, k, m, r, p, ticks)


def trusts_any_legs(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    m.inlet_l12_v = m.inlet_l1_v + m.inlet_l2_v
    scan(s, k, m, r, p, ticks)


def never_returns(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    s.t_return = 0
    scan(s, k, m, r, p, ticks)
    s.t_return = 0


def bills_twice(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    before = s.utility_in_mwticks
    scan(s, k, m, r, p, ticks)
    s.utility_in_mwticks += s.utility_in_mwticks - before


def locks_out_for_nothing(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    scan(s, k, m, r, p, ticks)
    if s.mode == MODE_ON_BACKUP:
        s.latched = CAUSE_B_WELDED


def never_transfers(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    s.t_accept = 0
    s.backup_qualified = 0
    scan(s, k, m, r, p, ticks)
    s.t_accept = 0
    s.backup_qualified = 0


def opens_at_a_dip(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    scan(s, k, m, r, p, ticks)
    if s.mode == MODE_ON_UTILITY and m.utility_l1_v < 113.0:
        k.u_out = ORDER_OPEN


def believes_it_is_open(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    m.u_open_poles, m.u_closed_poles = (3, 0) if s.mode == MODE_TO_BACKUP else (m.u_open_poles, m.u_closed_poles)
    scan(s, k, m, r, p, ticks)
    if s.mode in {MODE_TO_BACKUP, MODE_DARK} and s.u_contact == CONTACT_OPEN and m.inlet_l1_v > 100.0:
        k.b_out = ORDER_CLOSE


def opens_a_short(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:
    scan(s, k, m, r, p, ticks)
    if m.l1_a > 500.0:
        k.u_out = ORDER_OPEN


Broken = Callable[..., Any]

CASES: tuple[tuple[int, str, Broken, tuple[Any, ...], int], ...] = (
    (1, "scan", orders_both, OUTAGE + STOP, 2),
    (2, "scan", knows_no_dead_time, OUTAGE + STOP, 2),
    (3, "start", starts_with_a_close, OUTAGE + RESET + STOP, 2),
    (4, "command", obeys_at_once, OUTAGE + MESSAGE + STOP, 2),
    (5, "scan", sees_no_backfeed, WELD + LIE + OUTAGE, 0),
    (6, "scan", trusts_any_legs, ALIKE + OUTAGE + STOP, 2),
    (7, "scan", never_returns, OUTAGE + STOP, 2),
    (8, "scan", bills_twice, OUTAGE + STOP, 2),
    (9, "scan", locks_out_for_nothing, OUTAGE + STOP, 2),
    (11, "scan", never_transfers, OUTAGE[:2], 2),
    (12, "scan", opens_at_a_dip, ((10, f.WHAT_UTILITY_SHARE, 920),), 2),
    (14, "scan", believes_it_is_open, WELD + OUTAGE, 0),
    (15, "scan", opens_a_short, SHORT, 2),
)


@pytest.mark.parametrize(("law", "part", "broken", "entries", "interlock"), CASES, ids=lambda x: str(x)[:24])
def test_each_checker_passes_the_shipped_controller_and_catches_a_broken_one(
    law: int, part: str, broken: Broken, entries: tuple[Any, ...], interlock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LAW-1 to LAW-15: the same script, once with the controller as shipped, once with one part of it replaced."""
    sound = PlainLife().script(entries, 1100, interlock=interlock).live(1101)
    assert sound.laws == [], (sound.h.tick, sound.h.seen, sound.h.wanted)
    monkeypatch.setattr(kernel_chaos, part, broken)
    caught = PlainLife().script(entries, 1100, interlock=interlock).live(1101)
    assert law in caught.laws, "the broken controller was not caught"


def test_a_weld_that_lies_is_left_in_time_and_excused_from_the_rest() -> None:
    """LAW-5: the pair that LAW-1 cannot hold without a mechanical interlock is reached, seen and left for good."""
    life = PlainLife().script(WELD + LIE + OUTAGE, 1100, interlock=0)
    most = 0
    while life.h.tick < 300 * 120:
        life.step(300 * 120)
        most = max(most, life.h.t_fed_back)
    assert 0 < most <= 12
    assert life.laws == []
    assert life.h.b_poles == 0


def test_with_a_mechanical_interlock_the_same_pair_never_joins() -> None:
    """LAW-1, LAW-14: B cannot close beside a welded pole of U."""
    life = PlainLife().script(WELD + LIE + OUTAGE, 1100, interlock=2).live(600)
    assert life.laws == []
    assert life.h.transfers == 0
    assert (life.h.excused >> 1) & 1 == 0
