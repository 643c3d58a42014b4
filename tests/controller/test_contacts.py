"""Contacts that are slow, against contacts that are welded."""

from bptm.compiled.records import plain_record
from bptm.controller.scan import scan, start
from bptm.terms import core_device, core_settings
from bptm.terms.core_codes import (
    CAUSE_B_WELDED,
    CAUSE_BACKUP_LOST,
    CAUSE_CONTACT_UNKNOWN,
    CAUSE_NONE,
    MODE_DARK,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_TO_BACKUP,
    ORDER_CLOSE,
    ORDER_OPEN,
    STEP_CLOSING,
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


def test_a_reset_while_b_still_reads_closed_waits_for_it() -> None:
    """A meter that starts just after it dropped B gives it its time, orders it open, and closes nothing meanwhile."""
    bench = Bench()
    start(bench.s, bench.k, bench.m, bench.p)
    assert (bench.s.mode, bench.s.latched, bench.s.b_order) == (MODE_DARK, CAUSE_NONE, ORDER_OPEN)
    bench.run(bench.p.contact_ticks - 2)
    assert bench.k.u_out != ORDER_CLOSE
    bench.feedback(u_closed=False, b_closed=False)
    bench.run(1000)
    assert (bench.s.mode, bench.s.latched) == (MODE_DARK, CAUSE_NONE)


def test_a_reset_with_b_that_stays_closed_is_a_weld() -> None:
    """The wait is bounded: `contact_ticks`, then both are locked out."""
    bench = Bench()
    start(bench.s, bench.k, bench.m, bench.p)
    bench.run(bench.p.contact_ticks + 1)
    assert (bench.s.mode, bench.s.latched) == (MODE_LOCKED_OUT, CAUSE_B_WELDED)


def test_a_start_with_both_read_closed_is_locked_out_at_once() -> None:
    """No lag explains it: U is closed only after B was proved open."""
    bench = Bench()
    bench.feedback(u_closed=True, b_closed=True)
    start(bench.s, bench.k, bench.m, bench.p)
    assert (bench.s.mode, bench.s.latched) == (MODE_LOCKED_OUT, CAUSE_CONTACT_UNKNOWN)
    assert (bench.s.u_order, bench.s.b_order) == (ORDER_OPEN, ORDER_OPEN)


def closing() -> Bench:
    """B is ordered closed and its feedback still says open; the source has failed, and a short circuit is fed."""
    bench = Bench()
    bench.feedback(u_closed=False, b_closed=False)
    bench.s.mode, bench.s.step, bench.s.b_order = MODE_TO_BACKUP, STEP_CLOSING, ORDER_CLOSE
    bench.s.backup_qualified = 0
    return bench


def test_a_b_that_is_closing_is_not_ordered_open_above_its_breaking_rating() -> None:
    """LAW-15: 250 A through a contactor that breaks 180 A: it waits for fuse or breaker, as long as that may take."""
    bench = closing()
    bench.m.l1_a = 250.0
    bench.run(bench.p.fault_wait_ticks - 2)
    assert (bench.s.mode, bench.s.b_order) == (MODE_TO_BACKUP, ORDER_CLOSE)
    bench.run(4)
    assert bench.s.b_order == ORDER_OPEN


def test_a_b_that_is_closing_without_such_a_current_is_ordered_open_at_once() -> None:
    """The same without the current: the lost source ends the transfer in this scan."""
    bench = closing()
    bench.run(1)
    assert (bench.s.mode, bench.s.cause, bench.s.b_order) == (MODE_DARK, CAUSE_BACKUP_LOST, ORDER_OPEN)


def test_a_u_that_no_longer_reads_open_takes_the_order_back_whatever_flows() -> None:
    """LAW-1 before LAW-15: two sources in parallel are worse than a contactor that suffers."""
    bench = closing()
    bench.m.l1_a = 250.0
    bench.m.u_open_poles = 1
    bench.run(1)
    assert (bench.s.mode, bench.s.latched, bench.s.b_order) == (MODE_LOCKED_OUT, CAUSE_CONTACT_UNKNOWN, ORDER_OPEN)
