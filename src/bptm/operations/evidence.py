"""Whether a report proves that a command has its effect: voltages and both contact feedbacks, nothing else.

The words returned name the measured values, since they are what the desk shows as evidence.
"""

from dataclasses import dataclass

from bptm.operations.seen import DEAD_BELOW_V, Seen, dead, same, seen_in, volts, word
from bptm.terms.codes import Action, Contact, FedBy
from bptm.terms.messages import Report

__all__ = ["DEAD_BELOW_V", "Proof", "proof_of"]

_FED_WORDS: dict[FedBy, str] = {
    FedBy.NONE: "nothing",
    FedBy.UTILITY: "the utility",
    FedBy.BACKUP: "the backup source",
    FedBy.LOAD_SIDE: "a source on the load side",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one report says of a command's effect."""

    proved: bool
    words: str
    """Proved: the evidence. Otherwise: what is missing, with the values seen."""


def proof_of(action: Action, report: Report) -> Proof:
    """Whether `report` proves `action` done."""
    seen = seen_in(report)
    if action is Action.HOLD_RETURN:
        return _proof_of_hold(seen)
    if action is Action.DISCONNECT:
        return _proof_of_disconnection(seen)
    if seen.disconnected:
        return Proof(proved=False, words="the meter still reports a disconnection")
    return _proof_of_return(seen)


def _proof_of_hold(seen: Seen) -> Proof:
    """Held, the utility contactor open, and the premise bus the backup's or nobody's."""
    missing: list[str] = []
    if not seen.held:
        missing.append("the meter does not report a hold")
    if seen.u_feedback is not Contact.OPEN:
        missing.append(f"utility contactor reads {word(seen.u_feedback)}, needs open")
    if seen.fed_by not in {FedBy.BACKUP, FedBy.NONE}:
        missing.append(f"the premise is fed by {_FED_WORDS[seen.fed_by]}, needs the backup source or nothing")
    supply = ""
    if seen.b_feedback is Contact.CLOSED:
        supply = f"bus {volts(seen.bus_v)} follows the inlet {volts(seen.inlet_v)}"
        if not same(seen.bus_v, seen.inlet_v):
            missing.append(
                f"bus {volts(seen.bus_v)} with the backup contactor closed, "
                f"needs the inlet's {volts(seen.inlet_v)}, live"
            )
    elif seen.b_feedback is Contact.OPEN:
        supply = f"bus dead at {volts(seen.bus_v)}"
        if not dead(seen.bus_v):
            missing.append(f"bus {volts(seen.bus_v)} with both contactors open, needs < {DEAD_BELOW_V:.0f} V")
    else:
        missing.append("backup contactor reads unknown, needs open or closed")
    if missing:
        return Proof(proved=False, words="; ".join(missing))
    contacts = f"utility contactor open, backup contactor {word(seen.b_feedback)}"
    return Proof(proved=True, words=f"held; {contacts}; {supply}; utility {volts(seen.utility_v)}")


def _proof_of_disconnection(seen: Seen) -> Proof:
    """Disconnected, the utility contactor open, and no utility on the premise bus."""
    missing: list[str] = []
    if not seen.disconnected:
        missing.append("the meter does not report a disconnection")
    if seen.u_feedback is not Contact.OPEN:
        missing.append(f"utility contactor reads {word(seen.u_feedback)}, needs open")
    if seen.b_feedback is Contact.UNKNOWN:
        missing.append("backup contactor reads unknown, needs open or closed")
    elif seen.b_feedback is Contact.OPEN and not dead(seen.bus_v):
        missing.append(f"bus {volts(seen.bus_v)} with both contactors open, needs < {DEAD_BELOW_V:.0f} V")
    if missing:
        return Proof(proved=False, words="; ".join(missing))
    contacts = f"utility contactor open, backup contactor {word(seen.b_feedback)}"
    return Proof(
        proved=True, words=f"disconnected; {contacts}; bus {volts(seen.bus_v)}, utility {volts(seen.utility_v)}"
    )


def _proof_of_return(seen: Seen) -> Proof:
    """Not held any more, and on a live utility; or the utility proved dead, so that there is nothing to return to."""
    if seen.held:
        return Proof(proved=False, words="the meter still reports a hold")
    contacts = f"utility contactor {word(seen.u_feedback)}, backup contactor {word(seen.b_feedback)}"
    if dead(seen.utility_v):
        words = f"hold released; utility dead at {volts(seen.utility_v)}: nothing to return to yet; {contacts}"
        return Proof(proved=True, words=words)
    missing: list[str] = []
    if seen.u_feedback is not Contact.CLOSED:
        missing.append(f"utility contactor reads {word(seen.u_feedback)}, needs closed")
    if seen.b_feedback is not Contact.OPEN:
        missing.append(f"backup contactor reads {word(seen.b_feedback)}, needs open")
    if not same(seen.bus_v, seen.utility_v):
        missing.append(f"bus {volts(seen.bus_v)}, needs the utility's {volts(seen.utility_v)}, live")
    if missing:
        return Proof(proved=False, words="; ".join(missing))
    followed = f"bus {volts(seen.bus_v)} follows the utility {volts(seen.utility_v)}"
    return Proof(proved=True, words=f"hold released; {contacts}; {followed}")
