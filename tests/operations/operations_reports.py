"""Reports and messages for tests of the reducers."""

from bptm.terms import core_codes as c
from bptm.terms.messages import REPORT_NAMES, Report, Upward

START_S = 1_572_134_400
METER_ID = "BPTM-000042"

_ZERO: dict[str, int | float] = {name: 0.0 if name.endswith(("_v", "_a", "_w", "_hz")) else 0 for name in REPORT_NAMES}


def report_of(at_s: float = START_S, *, event: int = 0, **values: float) -> Report:
    """A row, or an event when its code is given; everything not named is zero: dead, open, off."""
    fields = _ZERO | {
        "kind": c.REPORT_EVENT if event else c.REPORT_ROW,
        "code": event,
        "tick": round((at_s - START_S) * c.TICKS_PER_S),
    }
    for name, value in values.items():
        if name in {"utility_v", "bus_v", "inlet_v"}:
            side = name.removesuffix("_v")
            fields[f"{side}_l1_v"] = fields[f"{side}_l2_v"] = float(value)
        else:
            assert name in fields, name
            fields[name] = value
    return tuple(fields[name] for name in REPORT_NAMES)


def on_utility(at_s: float = START_S, *, event: int = 0, **values: float) -> Report:
    """A home on a good utility."""
    known: dict[str, float] = {
        "mode": c.MODE_ON_UTILITY,
        "fed_by": c.FED_BY_UTILITY,
        "u_feedback": c.CONTACT_CLOSED,
        "b_feedback": c.CONTACT_OPEN,
        "utility_v": 121.0,
        "bus_v": 120.4,
        "l1_a": 7.0,
        "l2_a": 6.0,
        "premise_w": 1560.0,
    }
    return report_of(at_s, event=event, **(known | values))


def on_backup(at_s: float = START_S, *, event: int = 0, **values: float) -> Report:
    """A home on its backup, the utility dead."""
    known: dict[str, float] = {
        "mode": c.MODE_ON_BACKUP,
        "fed_by": c.FED_BY_BACKUP,
        "u_feedback": c.CONTACT_OPEN,
        "b_feedback": c.CONTACT_CLOSED,
        "inlet_v": 119.0,
        "bus_v": 118.5,
        "premise_w": 900.0,
    }
    return report_of(at_s, event=event, **(known | values))


def dark(at_s: float = START_S, *, event: int = 0, **values: float) -> Report:
    """A home that nothing feeds, its utility contactor left closed."""
    known: dict[str, float] = {
        "mode": c.MODE_DARK,
        "fed_by": c.FED_BY_NONE,
        "u_feedback": c.CONTACT_CLOSED,
        "b_feedback": c.CONTACT_OPEN,
        "flags": c.FLAG_UTILITY_LOST,
    }
    return report_of(at_s, event=event, **(known | values))


def held(at_s: float = START_S, *, event: int = 0, **values: float) -> Report:
    """A home held on its backup while the utility is good again."""
    return on_backup(at_s, event=event, **({"flags": c.FLAG_HELD, "utility_v": 121.0} | values))


def message_of(
    *reports: Report, seq: int = 1, at_s: int = START_S, command_seq: int = 0, meter_id: str = METER_ID
) -> Upward:
    """A message with these reports."""
    return Upward(meter_id=meter_id, seq=seq, at_s=at_s, boots=1, command_seq=command_seq, reports=reports)
