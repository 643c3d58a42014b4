"""One meter on a test panel: two sources, two contactors and a load, in a person's hands; plain CPython."""

from typing import Any

from bptm.compiled.records import plain_record
from bptm.controller.remote import command
from bptm.controller.scan import scan, start
from bptm.terms import core_device, core_settings
from bptm.terms.codes import Cause, Event, Mode
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_OPEN

SECOND = 120
MINUTE = 60 * SECOND
GOOD = (120.0, 120.0)
DEAD = (0.0, 0.0)
TRAVEL_TICKS = 4


class Panel:
    """A controller with its world. Set `utility`, `source` (volts of the legs), `amps`; press what `press` names."""

    def __init__(self, **settings: float) -> None:
        self.s = plain_record(core_device.DEVICE_FIELDS)
        self.k = plain_record(core_device.INTERLOCK_FIELDS)
        self.m = plain_record(core_device.MEASURED_FIELDS)
        self.r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
        self.p = plain_record(core_settings.FIELDS)
        for row in core_settings.SETTINGS:
            setattr(self.p, row[0], row[4])
        for name, value in settings.items():
            assert hasattr(self.p, name), name
            setattr(self.p, name, value)
        self.utility: tuple[float, float] = (120.0, 120.0)
        self.source: tuple[float, float] = (0.0, 0.0)
        self.inlet_l12_v: float | None = None
        self.utility_l12_v: float | None = None
        self.amps: tuple[float, float] = (5.0, 5.0)
        self.floating_v = 0.0
        self.welded_u = self.welded_b = 0
        self.u_poles, self.b_poles = 3, 0
        self.u_left = self.b_left = 0
        self.u_going = self.b_going = ORDER_OPEN
        self.events: list[Event] = []
        self.changes: list[tuple[Mode, Cause]] = []
        self.press: dict[str, Any] = {}
        self.sense()
        start(self.s, self.k, self.m, self.p)

    @property
    def mode(self) -> Mode:
        return Mode(self.s.mode)

    @property
    def cause(self) -> Cause:
        return Cause(self.s.cause)

    def bus(self) -> list[float]:
        """What feeds each leg of the bus."""
        volts = [0.0, 0.0]
        for leg in (0, 1):
            if self.u_poles >> leg & 1:
                volts[leg] = self.utility[leg]
            elif self.b_poles >> leg & 1:
                volts[leg] = self.source[leg]
            elif self.u_poles == 0 and self.b_poles == 0:
                volts[leg] = self.floating_v
        return volts

    def sense(self) -> None:
        m, r, bus = self.m, self.r, self.bus()
        m.utility_l1_v, m.utility_l2_v = self.utility
        m.utility_l12_v = sum(self.utility) if self.utility_l12_v is None else self.utility_l12_v
        m.bus_l1_v, m.bus_l2_v = bus
        m.bus_l12_v = sum(bus)
        if self.u_poles == 3:
            m.bus_l12_v = m.utility_l12_v
        m.inlet_l1_v, m.inlet_l2_v = self.source
        m.inlet_l12_v = sum(self.source) if self.inlet_l12_v is None else self.inlet_l12_v
        if self.b_poles == 3 and self.u_poles == 0:
            m.bus_l12_v = m.inlet_l12_v
        m.utility_hz = 60.0 if max(self.utility) > 12 else 0.0
        m.inlet_hz = 60.0 if max(self.source) > 12 else 0.0
        m.inlet_in_phase = 1 if self.b_poles else 0
        live = max(bus) > 60
        m.l1_a, m.l2_a = self.amps if live else (0.0, 0.0)
        m.l1_w, m.l2_w = m.l1_a * bus[0], m.l2_a * bus[1]
        m.premise_w = m.l1_w + m.l2_w
        m.supplied = m.stored_energy_ok = 1
        m.local_reset = m.local_test = m.local_disconnect = 0
        for record in (m, r):
            for name, poles, left in (("u", self.u_poles, self.u_left), ("b", self.b_poles, self.b_left)):
                setattr(record, f"{name}_closed_poles", 0 if left else poles)
                setattr(record, f"{name}_open_poles", 0 if left else 3 - poles)
        r.bus_l1_present, r.bus_l2_present = (int(v > 12) for v in bus)
        for name, value in self.press.items():
            setattr(m, name, value)
            if name.endswith("_poles"):
                setattr(r, name, value)

    def move(self) -> None:
        u_wanted = 3 if self.k.u_out == ORDER_CLOSE else self.welded_u if self.k.u_out == ORDER_OPEN else self.u_poles
        b_wanted = 3 if self.k.b_out == ORDER_CLOSE else self.welded_b
        if self.u_left:
            self.u_left -= 1
            if self.u_left == 0:
                self.u_poles = self.u_going
        elif u_wanted != self.u_poles:
            self.u_left, self.u_going = TRAVEL_TICKS, u_wanted
        if self.b_left:
            self.b_left -= 1
            if self.b_left == 0:
                self.b_poles = self.b_going
        elif b_wanted != self.b_poles:
            self.b_left, self.b_going = TRAVEL_TICKS, b_wanted

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.sense()
            scan(self.s, self.k, self.m, self.r, self.p, 1)
            before = len(self.events)
            self.events += [event for event in Event if self.s.events >> event & 1]
            if Event.MODE_CHANGED in self.events[before:]:
                self.changes.append((self.mode, self.cause))
            self.move()
            assert not self.u_poles & self.b_poles, "both closed"

    def until(self, mode: Mode, most_ticks: int) -> int:
        """Runs until this mode; how many ticks that took."""
        for tick in range(most_ticks):
            if self.mode is mode:
                return tick
            self.run(1)
        msg = f"{mode.name} not reached in {most_ticks} ticks: {self.mode.name}, {self.cause.name}"
        raise AssertionError(msg)

    def command(self, action: int, hold_ticks: int = 0) -> int:
        return command(self.s, self.p, action, hold_ticks)

    def restart(self) -> None:
        """Loss of supply for an instant: B has dropped, U stays; what is journalled stays."""
        self.b_poles = self.welded_b
        self.u_left = self.b_left = 0
        self.sense()
        start(self.s, self.k, self.m, self.p)


def on_utility(**settings: float) -> Panel:
    """A home that has stood on its utility for long enough to return to it, at once."""
    panel = Panel(slot_window_ticks=0, **settings)
    panel.run(panel.p.return_ticks + SECOND)
    assert panel.mode is Mode.ON_UTILITY
    return panel


def on_backup(**settings: float) -> Panel:
    """The same home after its utility failed and its source took it."""
    panel = on_utility(**settings)
    panel.utility, panel.source = DEAD, GOOD
    panel.until(Mode.ON_BACKUP, MINUTE)
    return panel
