"""LAW-9's witnesses: what must have been so, in truth, for a block or a lockout of each cause.

Two kinds of witness, of which one suffices: something that the scenario itself broke, by parts of the names of its
values; or something that the solved circuit shows up to that half-cycle. What the controller believes is none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bptm.terms.codes import Cause
from bptm.twin.bench.catalogue import flat
from bptm.twin.bench.run import Rows
from bptm.twin.bench.scenario import Scenario

U_FAULTS = ("u_weld_l", "u_stuck", "u_feedback", "u_open_s", "u_close_s", "u_bounce", "u_skew")
B_FAULTS = ("b_weld_l", "b_stuck", "b_feedback", "b_open_s", "b_close_s", "b_bounce", "b_skew", "b_dropout")
CONTACTS = (*U_FAULTS, *B_FAULTS, "reset", "comparator")
SENSING = ("_sense", "_gain", "_offset", "noise", "_swapped", "reference", "comparator")
NEUTRALS = ("neutral_ohm", "earth_ohm", "reference", "legs")

LIVE_V = 30.0
HOT_C = 70.0
HIGH_V = 126.0
OVER_A = 24.0
"""Continuous current of the smaller inlet: less is no overload anywhere. Source: domain.md H25."""
SHORT_A = 100.0
REVERSE_W = -20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What bears a cause out.

    Attributes:
        names: Parts of the names of values that the scenario moves from their defaults.
        seen: What the circuit shows in the rows so far.
    """

    names: tuple[str, ...] = ()
    seen: Callable[[Rows], bool] | None = None


def _most(rows: Rows, *names: str) -> float:
    return max(float(rows[name].max()) for name in names)


def _bus_alone(rows: Rows) -> bool:
    """The bus lived while no pole of either contactor conducted."""
    apart = (rows["u_ever"] == 0) & (rows["b_ever"] == 0)
    return bool((apart & ((rows["bus_l1_v"] > LIVE_V) | (rows["bus_l2_v"] > LIVE_V))).any())


def _joined(rows: Rows) -> bool:
    """A pole of each contactor conducted in the same half-cycle."""
    return bool(((rows["u_ever"] != 0) & (rows["b_ever"] != 0)).any())


def _burnt(rows: Rows) -> bool:
    """A pole went on burning for half-cycles on end, or was welded by what it carried: it opened for nobody."""
    arcs = (rows["u_arcs"] | rows["b_arcs"]) != 0
    lasting = bool((arcs[1:] & arcs[:-1]).any()) if len(arcs) > 1 else False
    return lasting or bool((rows["u_welded"] | rows["b_welded"]).any())


def _overloaded(rows: Rows) -> bool:
    return _most(rows, "backup_l1_a", "backup_l2_a") > OVER_A


def _shorted(rows: Rows) -> bool:
    return _most(rows, "backup_l1_a", "backup_l2_a", "utility_l1_a", "utility_l2_a") > SHORT_A


def _reversed(rows: Rows) -> bool:
    return float(rows["backup_w"].min()) < REVERSE_W


def _hot(rows: Rows) -> bool:
    return _most(rows, "blade_c") > HOT_C


def _source_stopped(rows: Rows) -> bool:
    """The inlet died, a leg of it, after it had lived."""
    lives = np.minimum(rows["inlet_l1_v"], rows["inlet_l2_v"]) > LIVE_V
    return bool((np.diff(lives.astype(np.int8)) < 0).any())


def _inlet_high(rows: Rows) -> bool:
    return _most(rows, "inlet_l1_v", "inlet_l2_v", "bus_l1_v", "bus_l2_v") > HIGH_V


def _legs_wrong(rows: Rows) -> bool:
    """The inlet was fed with legs that are not opposite."""
    total = rows["inlet_l1_v"] + rows["inlet_l2_v"]
    return bool(((total > LIVE_V) & (rows["inlet_l12_v"] < 0.9 * total)).any())


def _utility_high(rows: Rows) -> bool:
    return _most(rows, "utility_l1_v", "utility_l2_v") > HIGH_V


def _returned_on_backup(rows: Rows) -> bool:
    """The feeder was energised while B was closed."""
    return bool(((rows["b_ever"] != 0) & (rows["feeder_on"] != 0)).any())


WITNESSES: Mapping[Cause, Witness] = {
    Cause.U_FAILED_TO_OPEN: Witness(names=U_FAULTS, seen=_burnt),
    Cause.B_FAILED_TO_CLOSE: Witness(names=(*B_FAULTS, *U_FAULTS, *SENSING)),
    Cause.OVERLOAD_REPEATED: Witness(names=SENSING, seen=_overloaded),
    Cause.REVERSE_POWER: Witness(names=SENSING, seen=_reversed),
    Cause.LOAD_SIDE_SOURCE: Witness(names=(*CONTACTS, *SENSING), seen=_bus_alone),
    Cause.U_DISAGREES: Witness(names=(*U_FAULTS, *SENSING)),
    Cause.CONTACT_DOUBTED: Witness(names=CONTACTS, seen=_burnt),
    Cause.SOURCE_FAILS_UNDER_LOAD: Witness(names=(*SENSING, *B_FAULTS), seen=_source_stopped),
    Cause.FOLLOWED_REPEATEDLY: Witness(names=(*U_FAULTS, *SENSING), seen=_returned_on_backup),
    Cause.SHORT_CIRCUIT: Witness(names=SENSING, seen=_shorted),
    Cause.BACKUP_LEGS_WRONG: Witness(names=SENSING, seen=_legs_wrong),
    Cause.BACKUP_NEUTRAL: Witness(names=(*NEUTRALS, *SENSING)),
    Cause.INLET_HOT: Witness(names=(), seen=_hot),
    Cause.INLET_UNMATED: Witness(names=("plugged", "latched")),
    Cause.TEST_FAILED: Witness(names=(*U_FAULTS, *SENSING), seen=_bus_alone),
    Cause.BACKUP_OVERVOLTAGE: Witness(names=(*NEUTRALS, *SENSING), seen=_inlet_high),
    Cause.BACKFEED: Witness(names=(*U_FAULTS, *SENSING), seen=_joined),
    Cause.B_FAILED_TO_OPEN: Witness(names=(*B_FAULTS, *SENSING), seen=_burnt),
    Cause.B_WELDED: Witness(names=(*B_FAULTS, *SENSING), seen=_joined),
    Cause.U_FAILED_TO_CLOSE: Witness(names=(*U_FAULTS, *B_FAULTS, *SENSING)),
    Cause.CONTACT_UNKNOWN: Witness(names=CONTACTS, seen=_burnt),
    Cause.PREMISE_NEUTRAL: Witness(names=(*NEUTRALS, *SENSING)),
    Cause.HARM_REPEATED: Witness(names=(*NEUTRALS, *SENSING), seen=_utility_high),
}
"""By cause. A journal that was lost is played nowhere on the bench, so nothing bears that cause out here."""


def moved_names(scenario: Scenario) -> frozenset[str]:
    """Names of everything that a scenario sets, at its beginning or later."""
    return frozenset({*flat(scenario.setup), *(name for change in scenario.changes for name in flat(change.values))})


def witnessed(cause: int, moved: frozenset[str], rows: Rows) -> bool:
    """Whether something bears this cause out.

    Args:
        cause: Of a block or a lockout.
        moved: `moved_names` of the scenario.
        rows: The run up to and with the half-cycle in which it was told.
    """
    witness = WITNESSES.get(Cause(cause))
    if witness is None:
        return False
    if any(part in name for name in moved for part in witness.names):
        return True
    return witness.seen is not None and len(rows) > 0 and witness.seen(rows)
