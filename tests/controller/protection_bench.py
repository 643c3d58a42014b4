"""One controller's facts, its readings in a person's hands."""

from typing import Any, Self

from bptm.compiled.records import as_tuple, plain_record
from bptm.controller.protection import longest_wait, update_facts
from bptm.controller.registers import find_feed
from bptm.terms import core_device, core_settings

SECOND = 120
MINUTE = 60 * SECOND


class ProtectionBench:
    """A healthy home on its utility, the inlet dead; every method changes readings and returns the bench."""

    def __init__(self, **settings: float) -> None:
        self.s: Any = plain_record(core_device.DEVICE_FIELDS)
        self.m: Any = plain_record(core_device.MEASURED_FIELDS)
        self.p: Any = plain_record(core_settings.FIELDS)
        for row in core_settings.SETTINGS:
            setattr(self.p, row[0], row[4])
        for name, value in settings.items():
            assert hasattr(self.p, name)
            setattr(self.p, name, value)
        self.m.supplied = self.m.stored_energy_ok = 1
        self.m.ambient_c = self.m.inlet_c = 25.0
        self.on_utility().utility(120.0, 120.0).bus(120.0, 120.0)

    def contacts(self, *, u: bool, b: bool) -> Self:
        self.m.u_closed_poles, self.m.u_open_poles = (3, 0) if u else (0, 3)
        self.m.b_closed_poles, self.m.b_open_poles = (3, 0) if b else (0, 3)
        return self

    def on_utility(self) -> Self:
        return self.contacts(u=True, b=False)

    def on_backup(self, l1_v: float = 120.0, l2_v: float = 120.0, l12_v: float | None = None, hz: float = 60.5) -> Self:
        """U open, B closed, the source on inlet and bus alike, the utility dead; its qualification is old."""
        self.contacts(u=False, b=True).utility(0.0, 0.0, hz=0.0).inlet(l1_v, l2_v, l12_v, hz)
        self.bus(l1_v, l2_v, l12_v)
        self.s.t_mode = self.p.trial_ticks
        self.s.backup_qualified = 1
        return self.run(1)

    def utility(self, l1_v: float, l2_v: float, l12_v: float | None = None, hz: float = 60.0) -> Self:
        self.m.utility_l1_v, self.m.utility_l2_v, self.m.utility_hz = l1_v, l2_v, hz
        self.m.utility_l12_v = l1_v + l2_v if l12_v is None else l12_v
        return self

    def bus(self, l1_v: float, l2_v: float, l12_v: float | None = None) -> Self:
        self.m.bus_l1_v, self.m.bus_l2_v = l1_v, l2_v
        self.m.bus_l12_v = l1_v + l2_v if l12_v is None else l12_v
        return self

    def both(self, l1_v: float, l2_v: float, l12_v: float | None = None) -> Self:
        """Utility and bus, joined by U."""
        return self.utility(l1_v, l2_v, l12_v).bus(l1_v, l2_v, l12_v)

    def source(self, l1_v: float, l2_v: float, l12_v: float | None = None, hz: float = 60.5) -> Self:
        """Inlet and bus, joined by B."""
        return self.inlet(l1_v, l2_v, l12_v, hz).bus(l1_v, l2_v, l12_v)

    def inlet(self, l1_v: float, l2_v: float, l12_v: float | None = None, hz: float = 60.5) -> Self:
        self.m.inlet_l1_v, self.m.inlet_l2_v, self.m.inlet_hz = l1_v, l2_v, hz
        self.m.inlet_l12_v = l1_v + l2_v if l12_v is None else l12_v
        return self

    def load(self, l1_a: float, l2_a: float) -> Self:
        self.m.l1_a, self.m.l2_a = l1_a, l2_a
        self.m.premise_w = 120.0 * (l1_a + l2_a)
        return self

    def run(self, ticks: int, stride: int = 1) -> Self:
        """So many ticks with these readings, `stride` at a time."""
        left = ticks
        while left > 0:
            step = min(stride, left)
            longest_wait(self.s)
            update_facts(self.s, self.m, self.p, step)
            find_feed(self.s)
            left -= step
        return self

    def wait(self, ticks: int) -> Self:
        """The same, as fast as `wake_ticks` allows."""
        self.run_waking(ticks)
        return self

    def run_waking(self, ticks: int) -> int:
        """The same in strides as long as `wake_ticks` allows, after one tick for the change; returns the scans."""
        scans, left, step = 0, ticks, 1
        while left > 0:
            step = max(1, min(step, left))
            self.run(step, step)
            left -= step
            scans += 1
            step = self.s.wake_ticks
        return scans

    def ticks_to(self, fact: str, value: int = 1, at_most: int = 100_000) -> int:
        """Ticks until a fact has a value; `at_most` + 1 when it has not by then."""
        for tick in range(1, at_most + 1):
            self.run(1)
            if getattr(self.s, fact) == value:
                return tick
        return at_most + 1

    def state(self) -> tuple[Any, ...]:
        """Everything it remembers, but for how far it may stride."""
        fields = tuple(f for f in core_device.DEVICE_FIELDS if f[0] != "wake_ticks")
        return as_tuple(self.s, fields)
