"""The message schema between meter and head-end, version 1. This file alone owns it.

Upward, a meter sends one numbered sequence of `Upward` messages, each with rows, events and receipts, and keeps
every one until a cumulative `Ack`. Downward it hears `Ack` and signed commands (`Command`, sealed by
`wire.cose`). Instants are whole seconds of event time (in production: UTC), as Unix time.
"""

from dataclasses import dataclass, field

from bptm.terms.codes import Action
from bptm.terms.core_report import FIELDS as REPORT_FIELDS

SCHEMA_VERSION = 1

REPORT_NAMES: tuple[str, ...] = tuple(name for name, _type, _unit, _meaning in REPORT_FIELDS)
"""Order of the values in a report on the wire."""

Report = tuple[int | float, ...]
"""One report: the values of `core_report.FIELDS`, in that order; `tick` counts from the event clock's zero."""

COMMAND_LIFE_MAX_S = 60
"""A command expires at most this long after its issue, in event time. Source: design section 5."""

HOLD_DEFAULT_S = 4 * 3600
"""A hold on return ends by itself after this time. Source: design section 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upward:
    """One message of a meter."""

    meter_id: str
    seq: int
    """1, 2, 3 ... without a gap, for the life of the meter."""
    at_s: int
    boots: int
    """How often the meter has started."""
    command_seq: int
    """The highest command sequence the meter has handled, whatever it answered."""
    reports: tuple[Report, ...] = ()
    receipts: tuple[bytes, ...] = ()
    """COSE_Sign1 of a `Receipt`, sealed by the meter's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The head-end has stored everything up to and including `seq`."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a utility asks of one meter. Travels only inside a COSE_Sign1."""

    meter_id: str
    seq: int
    """Rises with every command to this meter; the meter refuses an equal or lower one."""
    action: Action
    issued_s: int
    expires_s: int
    nonce: bytes
    hold_s: int = HOLD_DEFAULT_S
    """Length of a hold; ignored by other actions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetValue:
    """One reason of a refusal, as numbers: `code` is one bit (`UNMET_...`)."""

    code: int
    found: float
    needs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A meter's signed answer to a command."""

    meter_id: str
    command_seq: int
    command_hash: bytes
    """SHA-256 of the COSE_Sign1 that it answers."""
    at_s: int
    accepted: bool
    unmet: tuple[UnmetValue, ...] = field(default=())
    """Empty exactly when accepted."""
