"""The interlock alone, over every input it can have."""

from itertools import product

from bptm.compiled.records import plain_record
from bptm.controller.interlock import judge_orders
from bptm.terms import core_device
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE, ORDER_OPEN

DEAD_TICKS = 12


def test_no_inputs_and_no_memory_let_both_close() -> None:
    """LAW-1, LAW-2: all feedbacks, comparators, orders and states; a close needs the other open and a long-dead bus."""
    poles = range(4)
    seen_u = seen_b = 0
    for u_open, u_closed, b_open, b_closed in product(poles, repeat=4):
        for bus1, bus2, u_order, b_order, t_dead, u_permit, b_permit in product(
            (0, 1),
            (0, 1),
            (ORDER_NONE, ORDER_OPEN, ORDER_CLOSE),
            (ORDER_OPEN, ORDER_CLOSE),
            (0, 11, 12),
            (0, 1),
            (0, 1),
        ):
            k = plain_record(core_device.INTERLOCK_FIELDS)
            r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
            k.t_bus_dead, k.u_permit, k.b_permit = t_dead, u_permit, b_permit
            r.u_open_poles, r.u_closed_poles, r.b_open_poles, r.b_closed_poles = u_open, u_closed, b_open, b_closed
            r.bus_l1_present, r.bus_l2_present = bus1, bus2
            judge_orders(k, r, DEAD_TICKS, 2, 1, u_order, b_order, 1)
            u_proved_open = u_open == 3 and u_closed == 0
            b_proved_open = b_open == 3 and b_closed == 0
            bus_long_dead = not bus1 and not bus2 and t_dead + 1 >= DEAD_TICKS
            assert not (k.u_out == ORDER_CLOSE and k.b_out == ORDER_CLOSE)
            if k.b_out == ORDER_CLOSE:
                seen_b += 1
                assert b_order == ORDER_CLOSE
                assert u_order != ORDER_CLOSE
                assert u_proved_open
                assert b_permit == 1 or (bus_long_dead and b_proved_open)
            if k.u_out == ORDER_CLOSE:
                seen_u += 1
                assert u_order == ORDER_CLOSE
                assert b_order != ORDER_CLOSE
                assert b_proved_open
                assert u_permit == 1 or bus_long_dead
            if u_order == ORDER_OPEN:
                assert k.u_out == ORDER_OPEN
    assert seen_u > 100
    assert seen_b > 100


def test_a_withheld_order_is_said() -> None:
    """The controller is told that its close was withheld."""
    k = plain_record(core_device.INTERLOCK_FIELDS)
    r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
    r.u_closed_poles = 3
    r.b_open_poles = 3
    judge_orders(k, r, DEAD_TICKS, 2, 1, ORDER_NONE, ORDER_CLOSE, 1)
    assert (k.b_out, k.withholds) == (ORDER_OPEN, 1)


def test_a_silent_controller_loses_its_enable() -> None:
    """Watchdog: with no beat for its time B falls and no close passes; the next beat gives it back."""
    k = plain_record(core_device.INTERLOCK_FIELDS)
    r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
    r.u_open_poles = r.b_open_poles = 3
    outs: list[int] = []
    beat = 0
    for tick in range(40):
        beat = 1 - beat if tick < 20 else beat
        judge_orders(k, r, DEAD_TICKS, 5, beat, ORDER_NONE, ORDER_CLOSE, 1)
        outs.append(k.b_out)
    closed = [tick for tick, out in enumerate(outs) if out == ORDER_CLOSE]
    assert closed == list(range(11, 24)), "closed once the bus was long dead, dropped five ticks after the last beat"
    assert k.withholds == 1
    judge_orders(k, r, DEAD_TICKS, 5, 1 - beat, ORDER_NONE, ORDER_CLOSE, 1)
    assert k.b_out == ORDER_CLOSE
