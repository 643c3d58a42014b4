"""One home with its meter and ledger in a closed loop, in plain CPython, with time cut as a test likes."""

from collections.abc import Callable
from typing import Any

from bptm.compiled.kernel import begin_home, follow
from bptm.compiled.records import fill_plain, plain_record
from bptm.controller.ledger import begin_ledger, keep_ledger
from bptm.controller.scan import scan, start
from bptm.plant.contactors import order_backup, order_utility, travel
from bptm.plant.home import count, measure, pass_time, solve, supply, ticks_of_hold_up, ticks_to_change
from bptm.plant.premise import next_edge
from bptm.terms import core_device, core_home, core_ledger, core_ledger_settings, core_plant, core_settings
from bptm.terms.core_codes import ORDER_OPEN
from bptm.terms.core_plant import HOLD_UP_TICKS
from homes import homes


class ClosedLoop:
    """A home at tick 0 on the utility. `cut` says how far a stride may go at most; a shorter one is always lawful."""

    def __init__(self, cut: Callable[[], int] = lambda: 1 << 40, **setup: Any) -> None:
        self.cut = cut
        self.u = fill_plain(plain_record(core_home.SETUP_FIELDS), homes(1, **setup)[0])
        self.h = plain_record(core_plant.FIELDS)
        self.s = plain_record(core_device.DEVICE_FIELDS)
        self.k = plain_record(core_device.INTERLOCK_FIELDS)
        self.m = plain_record(core_device.MEASURED_FIELDS)
        self.r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
        self.p = plain_record(core_settings.FIELDS)
        self.ledger = plain_record(core_ledger.LEDGER_FIELDS)
        self.ledger_p = plain_record(core_ledger_settings.FIELDS)
        for record, rows in ((self.p, core_settings.SETTINGS), (self.ledger_p, core_ledger_settings.SETTINGS)):
            for row in rows:
                setattr(record, row[0], row[4])
        self.orders_at_start: list[tuple[int, int]] = []
        begin_ledger(self.ledger)
        begin_home(self.h, self.u, self.s, self.m, self.r, self.p, 0)

    def power_up(self) -> None:
        """The meter starts."""
        self.h.powered = 1
        self.h.hold_up_ticks = HOLD_UP_TICKS
        start(self.s, self.k, self.m, self.p)
        self.orders_at_start.append((self.s.u_order, self.s.b_order))
        self.h.changed = 1

    def stride(self, until_tick: int) -> int:
        """How far everything stays as it is."""
        h = self.h
        ticks = min(next_edge(h, self.u) - h.tick, ticks_to_change(h, self.u), until_tick - h.tick, self.cut())
        if h.powered == 1:
            ticks = min(ticks, ticks_of_hold_up(h, self.m), self.s.wake_ticks)
        return 1 if h.changed == 1 else max(1, ticks)

    def may_power_up(self) -> bool:
        """Whether a meter with supply starts now."""
        return True

    def before_orders(self) -> None:
        """Between a scan and its orders: nothing, unless a test has something to do there."""

    def step(self, until_tick: int = 1 << 40) -> int:
        """One scan of the meter, or the like without one; returns its ticks."""
        h, s = self.h, self.s
        follow(h, self.u, 0)
        if h.changed == 1:
            solve(h, self.u)
            measure(h, self.u, self.m, self.r)
        if h.powered == 0 and self.m.supplied == 1 and self.may_power_up():
            self.power_up()
        ticks = self.stride(until_tick)
        h.changed = 0
        if h.powered == 1:
            scan(s, self.k, self.m, self.r, self.p, ticks)
            keep_ledger(self.ledger, s, self.m, self.ledger_p, ticks)
            self.before_orders()
        count(h, self.u, ticks)
        h.tick += ticks
        pass_time(h, self.u, ticks)
        travel(h, self.u, ticks)
        if h.powered == 1:
            order_utility(h, self.k.u_out)
            order_backup(h, self.k.b_out)
            supply(h, self.m, ticks)
        else:
            order_backup(h, ORDER_OPEN)
        return ticks

    def run(self, until_tick: int) -> None:
        """Advances to a tick."""
        while self.h.tick < until_tick:
            self.step(until_tick)
