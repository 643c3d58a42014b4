"""Contacts that are slow, against contacts that are welded."""

from bptm.compiled.records import plain_record
from bptm.controller.scan import scan, start
from bptm.terms import core_device, core_settings
from bptm.terms.core_codes import (
    CAUSE_B_WELDED,
    CAUSE_BACKUP_LOST,
    CAUSE_NONE,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    ORDER_CLOSE,
)


class Bench:
    """One controller on backup, its inputs in a person's hands."""

    def __init__(self) -> None:
        self.s = plain_record(core_device.DEVICE_FIELDS)
        self.k = plain_record(core_device.INTERLOCK_FIELDS)
        self.m = plain_record(core_device.MEASURED_FIELDS)
        self.r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
        self.p = plain_record(core_settings.FIELDS)
        for row in core_settings.SETTINGS:
            setattr(self.p, row[0], row[4])
        self.m.supplied = self.m.stored_energy_ok = 1
        self.feedback(u_closed=False, b_closed=False)
        start(self.s, self.k, self.m, self.p)
        self.feedback(u_closed=False, b_closed=True)
        self.s.mode, self.s.b_order, self.s.backup_qualified = MODE_ON_BACKUP, ORDER_CLOSE, 1
        # Long on backup: its loss is a loss, not a failed trial.
        self.s.t_mode = self.p.trial_ticks

    def feedback(self, *, u_closed: bool, b_closed: bool) -> None:
        for record in (self.m, self.r):
            record.u_closed_poles, record.u_open_poles = (3, 0) if u_closed else (0, 3)
            record.b_closed_poles, record.b_open_poles = (3, 0) if b_closed else (0, 3)

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            scan(self.s, self.k, self.m, self.r, self.p, 1)


def test_a_dropped_contactor_may_take_its_time_to_read_open() -> None:
    """The source dies; B reads closed for a while after it was dropped, then open: dark, and no lockout."""
    bench = Bench()
    bench.run(bench.p.collapsed_ticks + 1)
    assert (bench.s.mode, bench.s.cause) == (MODE_DARK, CAUSE_BACKUP_LOST)
    bench.run(bench.p.contact_ticks - 10)
    bench.feedback(u_closed=False, b_closed=False)
    bench.run(1000)
    assert (bench.s.mode, bench.s.latched) == (MODE_DARK, CAUSE_NONE)


def test_one_that_stays_closed_is_welded() -> None:
    """The same, but B never reads open: locked out once the contactor's time is over."""
    bench = Bench()
    bench.run(bench.p.collapsed_ticks + 1)
    bench.run(bench.p.contact_ticks - 10)
    assert bench.s.mode == MODE_DARK
    bench.run(12)
    assert (bench.s.mode, bench.s.latched) == (MODE_LOCKED_OUT, CAUSE_B_WELDED)
