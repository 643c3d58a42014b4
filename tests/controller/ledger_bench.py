"""A ledger with its device, inputs and settings in a test's hands; and a meter in a small plant of its own."""

from typing import Any

from bptm.compiled.records import as_tuple, plain_record
from bptm.controller.ledger import begin_ledger, keep_ledger
from bptm.terms import core_device, core_ledger, core_ledger_settings
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN

SECOND = 120
MINUTE = 60 * SECOND
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE


def ledger_settings(**values: Any) -> Any:
    """Settings of the ledger at their defaults, but for `values`."""
    p = plain_record(core_ledger_settings.FIELDS)
    for row in core_ledger_settings.SETTINGS:
        setattr(p, row[0], row[4])
    for name, value in values.items():
        setattr(p, name, value)
    return p


def new_ledger() -> Any:
    """The ledger of a new meter."""
    ledger = plain_record(core_ledger.LEDGER_FIELDS)
    begin_ledger(ledger)
    return ledger


def image(ledger: Any) -> tuple[Any, ...]:
    """All of a ledger, to compare."""
    return as_tuple(ledger, core_ledger.LEDGER_FIELDS)


class Bench:
    """A ledger beside a device whose readings a test sets directly."""

    def __init__(self, **settings: Any) -> None:
        self.ledger = new_ledger()
        self.s = plain_record(core_device.DEVICE_FIELDS)
        self.m = plain_record(core_device.MEASURED_FIELDS)
        self.p = ledger_settings(**settings)
        self.on_utility(0.0)

    def power(self, power_w: float, reactive_var: float = 0.0) -> None:
        """Power and reactive power, half on each leg."""
        self.m.premise_w = power_w
        self.m.l1_w = self.m.l2_w = power_w / 2
        self.m.l1_var = self.m.l2_var = reactive_var / 2

    def volts(self, *, utility_v: float, bus_v: float, inlet_v: float) -> None:
        """Voltages of the legs, and the facts that follow from them."""
        self.m.utility_l1_v = self.m.utility_l2_v = utility_v
        self.m.bus_l1_v = self.m.bus_l2_v = bus_v
        self.m.bus_l12_v = 2 * bus_v
        self.s.bus_live = 1 if bus_v > 60 else 0
        self.s.inlet_dead = 1 if inlet_v < 12 else 0

    def on_utility(self, power_w: float, reactive_var: float = 0.0) -> None:
        """U closed, B open, everything live."""
        self.volts(utility_v=120.0, bus_v=120.0, inlet_v=0.0)
        self.s.u_contact, self.s.b_contact = CONTACT_CLOSED, CONTACT_OPEN
        self.power(power_w, reactive_var)

    def on_backup(self, power_w: float, reactive_var: float = 0.0) -> None:
        """B closed, U open, the utility dead."""
        self.volts(utility_v=0.0, bus_v=120.0, inlet_v=120.0)
        self.s.u_contact, self.s.b_contact = CONTACT_OPEN, CONTACT_CLOSED
        self.power(power_w, reactive_var)

    def in_the_dark(self) -> None:
        """U closed on a dead utility."""
        self.volts(utility_v=0.0, bus_v=0.0, inlet_v=0.0)
        self.s.u_contact, self.s.b_contact = CONTACT_CLOSED, CONTACT_OPEN
        self.power(0.0)

    def keep(self, ticks: int) -> None:
        """Lets time pass."""
        keep_ledger(self.ledger, self.s, self.m, self.p, ticks)
