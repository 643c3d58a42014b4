"""A report as named values: what evidence and alarms look at, and its words for a person."""

from dataclasses import dataclass
from operator import itemgetter

from bptm.operations.fleet import LIVE_ABOVE_V
from bptm.terms import core_codes as c
from bptm.terms.codes import Cause, Contact, Event, FedBy, Mode
from bptm.terms.messages import REPORT_NAMES, Report

NOMINAL_V = 120.0

DEAD_BELOW_V = 0.10 * NOMINAL_V
"""A leg below this is dead; from there to `LIVE_ABOVE_V` nothing is proved. Source: IEEE 1159-2019, interruption."""

SAME_FRACTION = 0.05
"""Two sides of a closed contactor read the same within this. Own choice: both sensors' error and the contact's drop."""

TROUBLE_FLAGS = c.FLAG_OVERLOAD | c.FLAG_REVERSE_POWER | c.FLAG_LOAD_SIDE_SOURCE
"""Facts that mean an alarm."""

Legs = tuple[float, float]
"""Leg 1, leg 2."""

_CODES = itemgetter(
    *(
        REPORT_NAMES.index(name)
        for name in ("kind", "code", "cause", "mode", "flags", "fed_by", "u_feedback", "b_feedback")
    )
)
_VALUES = itemgetter(
    *(
        REPORT_NAMES.index(name)
        for name in (
            "utility_l1_v",
            "utility_l2_v",
            "bus_l1_v",
            "bus_l2_v",
            "inlet_l1_v",
            "inlet_l2_v",
            "l1_a",
            "l2_a",
            "premise_w",
        )
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One report in the words of the field."""

    event: Event | None
    """None in a row."""
    cause: Cause
    mode: Mode
    flags: int
    fed_by: FedBy
    u_feedback: Contact
    b_feedback: Contact
    utility_v: Legs
    bus_v: Legs
    inlet_v: Legs
    current_a: Legs
    premise_w: float

    @property
    def held(self) -> bool:
        """Return to the utility is held."""
        return bool(self.flags & c.FLAG_HELD)

    @property
    def disconnected(self) -> bool:
        """A disconnection of the service stands."""
        return bool(self.flags & c.FLAG_DISCONNECTED)

    @property
    def inlet_live(self) -> bool:
        """A leg of the inlet is fed."""
        return max(self.inlet_v) > LIVE_ABOVE_V

    @property
    def has_power(self) -> bool:
        """The meter runs on a source, not on its hold-up."""
        return self.event is Event.STARTED or self.inlet_live or max(self.utility_v) > LIVE_ABOVE_V

    @property
    def contacts_agree(self) -> bool:
        """Both feedbacks are known, and neither contradicts the voltages.

        A closed utility contactor cannot have a live utility and a dead bus, nor two open contactors a live bus.
        """
        if Contact.UNKNOWN in {self.u_feedback, self.b_feedback}:
            return False
        if self.u_feedback is Contact.CLOSED:
            return not (min(self.utility_v) > LIVE_ABOVE_V and dead(self.bus_v))
        return self.b_feedback is Contact.CLOSED or max(self.bus_v) < LIVE_ABOVE_V

    def values(self) -> str:
        """The measured values in one line."""
        return (
            f"utility {volts(self.utility_v)}, bus {volts(self.bus_v)}, inlet {volts(self.inlet_v)}, "
            f"{self.current_a[0]:.1f}/{self.current_a[1]:.1f} A, {self.premise_w / 1000:.2f} kW, "
            f"utility contactor {word(self.u_feedback)}, backup contactor {word(self.b_feedback)}"
        )


def seen_in(report: Report) -> Seen:
    """`report`, whose codes are known to this version (`wire.cbor` lets no others through)."""
    kind, code, cause, mode, flags, fed_by, u_feedback, b_feedback = _CODES(report)
    u1, u2, b1, b2, i1, i2, a1, a2, premise_w = _VALUES(report)
    return Seen(
        event=Event(int(code)) if kind == c.REPORT_EVENT else None,
        cause=Cause(int(cause)),
        mode=Mode(int(mode)),
        flags=int(flags),
        fed_by=FedBy(int(fed_by)),
        u_feedback=Contact(int(u_feedback)),
        b_feedback=Contact(int(b_feedback)),
        utility_v=(u1, u2),
        bus_v=(b1, b2),
        inlet_v=(i1, i2),
        current_a=(a1, a2),
        premise_w=premise_w,
    )


def is_ordinary(report: Report) -> bool:
    """A row of a home fed by what its mode says, its contactors as they should be: nothing an alarm could be about."""
    kind, _code, _cause, mode, flags, fed_by, u_feedback, b_feedback = _CODES(report)
    if kind != c.REPORT_ROW or int(flags) & TROUBLE_FLAGS:
        return False
    if mode == c.MODE_ON_UTILITY:
        return (fed_by, u_feedback, b_feedback) == (c.FED_BY_UTILITY, c.CONTACT_CLOSED, c.CONTACT_OPEN)
    return mode == c.MODE_ON_BACKUP and (fed_by, u_feedback, b_feedback) == (
        c.FED_BY_BACKUP,
        c.CONTACT_OPEN,
        c.CONTACT_CLOSED,
    )


def dead(legs_v: Legs) -> bool:
    """Both legs are dead."""
    return max(legs_v) < DEAD_BELOW_V


def same(bus_v: Legs, source_v: Legs) -> bool:
    """Both legs of the source are live, and the bus is within `SAME_FRACTION` of it."""
    return all(
        source > LIVE_ABOVE_V and abs(bus - source) <= SAME_FRACTION * source
        for bus, source in zip(bus_v, source_v, strict=True)
    )


def volts(legs_v: Legs) -> str:
    """Both legs, for a person."""
    return f"{legs_v[0]:.1f}/{legs_v[1]:.1f} V"


def word(contact: Contact) -> str:
    """A contact's reading, for a person."""
    return contact.name.lower()
