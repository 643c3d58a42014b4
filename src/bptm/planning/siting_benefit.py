"""What a meter is worth to a home, for siting: outage hours that it would ride through, weighted by need.

    expected_hours = (1 - f) record + f hazard / 100 * hours_at_full_hazard
    weight         = 1 + w_medical + w_access + w_low_income + w_well        (each only where known to be so)
    benefit        = expected_hours * weight * backup_ratio

No sum of money and no promise: an order of need whose weights are decisions of a programme, all of them in the file
of assumptions. A need that is not known adds nothing, and the result says for how many homes that is so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bptm.planning.siting import Flags, Floats

NEEDS = ("medical_baseline", "access_need", "low_income", "own_well")
BACKUPS = ("none", "portable", "standby", "battery", "ev")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitWeights:
    """The programme's decisions: weights of need, what is there already, and how far hazard stands for history."""

    hazard_fraction: float
    hazard_full_s: float
    need: Mapping[str, float]
    backup_ratio: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """The parts of every home's benefit, each of shape (homes,)."""

    expected_s: Floats
    weight: Floats
    backup_ratio: Floats

    @property
    def benefit(self) -> Floats:
        """Weighted outage hours a year."""
        return self.expected_s / 3600.0 * self.weight * self.backup_ratio


def benefit_of(
    record_s: Floats,
    hazard_score: Floats,
    needs: Mapping[str, Flags],
    backup: Mapping[str, Flags],
    weights: BenefitWeights,
) -> Benefit:
    """The benefit of a meter to each home.

    Args:
        record_s: Outage time a year by the record; NaN where there is none.
        hazard_score: 0 to 100; NaN where there is none. Where only one of the two is known it stands alone.
        needs: Where each of `NEEDS` is known to hold.
        backup: Where each of `BACKUPS` is known to be there; elsewhere it counts as none.
        weights: The programme's decisions.
    """
    from_hazard = hazard_score / 100.0 * weights.hazard_full_s
    mixed = (1.0 - weights.hazard_fraction) * record_s + weights.hazard_fraction * from_hazard
    expected = np.where(np.isnan(record_s), from_hazard, np.where(np.isnan(hazard_score), record_s, mixed))
    weight = np.ones_like(expected)
    for need, flags in needs.items():
        weight += weights.need[need] * flags
    ratio = np.full_like(expected, weights.backup_ratio["none"])
    for kind, flags in backup.items():
        ratio[flags] = weights.backup_ratio[kind]
    return Benefit(expected_s=np.nan_to_num(expected, nan=0.0), weight=weight, backup_ratio=ratio)
