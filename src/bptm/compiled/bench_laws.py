"""What the checkers of the bench found, law by law; LAW-8 is judged here, on the registers as told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.terms.core_report import MWTICKS_PER_WH

LAWS_CHECKED = (0, 1, 2, 3, 5, 6, 7, 8, 11, 12, 14, 15)
LAW_NAMES: Mapping[int, str] = {
    0: "no order closes both",
    1: "never both closed, per pole",
    2: "no close onto a live bus or inside the dead time",
    3: "no reset and no lockout closes",
    5: "B opens when the utility side follows the bus",
    6: "what is no source is not accepted, and is left",
    7: "a good utility is returned to",
    8: "registers agree with true energy",
    11: "a sound source is used when the utility is lost",
    12: "U rides through what ITIC rides through",
    14: "no dead grid is energised",
    15: "no opening above the breaking rating",
}
REGISTERS = (
    ("utility_in_mwticks", "utility_in_wh"),
    ("utility_out_mwticks", "utility_out_wh"),
    ("backup_in_mwticks", "backup_in_wh"),
    ("backup_out_mwticks", "backup_out_wh"),
)
LEAST_WH = 2.0
"""Below this no register is judged: a block that is not full is not registered yet. Own choice."""
BLOCK_TICKS = 30
"""A register may be behind by this: a block of 24 half-cycles, and some. Source: IEC 61000-4-30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawResult:
    """What the checkers found of one law. Law 0 is "orders both".

    Attributes:
        law: Its number.
        verdict: `held`, `broken` or `not exercised`.
        first_tick: Half-cycle in which it was first broken; 0 when it was not.
        found: Value found there, in the unit that `plant.wave_laws` names.
        needs: What it needed.
        count: Half-cycles in which it was broken.
        worst: The highest value judged.
    """

    law: int
    verdict: str
    first_tick: int
    found: float
    needs: float
    count: int
    worst: float


def _verdict(exercised: bool, broken: bool) -> str:  # noqa: FBT001  two facts, one word
    if broken:
        return "broken"
    return "held" if exercised else "not exercised"


def _registers(true: NDArray[np.void], told: NDArray[np.void], fraction: float) -> LawResult:
    """LAW-8 over the whole run: each register against the energy through its contactor."""
    worst, exercised, broken = 0.0, False, False
    last_told = told[-1] if len(told) else None
    if last_told is not None and any(told[name].any() for name, _energy in REGISTERS):
        powers = np.abs(true["utility_w"][-BLOCK_TICKS:]) + np.abs(true["backup_w"][-BLOCK_TICKS:])
        behind_wh = float(powers.sum()) / 120.0 / 3600.0
        unassigned_wh = float(last_told["unassigned_mwticks"]) / MWTICKS_PER_WH
        for register, energy in REGISTERS:
            true_wh = float(true[energy][-1])
            if true_wh < LEAST_WH and float(last_told[register]) / MWTICKS_PER_WH < LEAST_WH:
                continue
            exercised = True
            off_wh = abs(float(last_told[register]) / MWTICKS_PER_WH - true_wh)
            off = max(0.0, off_wh - behind_wh - unassigned_wh) / max(true_wh, LEAST_WH)
            worst = max(worst, off)
            broken = broken or off > fraction
    return LawResult(
        law=8,
        verdict=_verdict(exercised, broken),
        first_tick=len(true) if broken else 0,
        found=worst,
        needs=fraction,
        count=int(broken),
        worst=worst,
    )


def law_results(
    laws: Mapping[str, Any], true: NDArray[np.void], told: NDArray[np.void], fraction: float
) -> tuple[LawResult, ...]:
    """What was found so far.

    Args:
        laws: The checkers' record: `broken`, `exercised`, and arrays by law.
        true: Rows of the run.
        told: Rows of the run.
        fraction: What LAW-8 allows.
    """
    found: list[LawResult] = []
    for law in LAWS_CHECKED:
        if law == 8:  # noqa: PLR2004  LAW-8
            found.append(_registers(true, told, fraction))
            continue
        broken = bool(int(laws["broken"]) >> law & 1)
        found.append(
            LawResult(
                law=law,
                verdict=_verdict(bool(int(laws["exercised"]) >> law & 1), broken),
                first_tick=int(laws["first_tick"][law]),
                found=float(laws["first_found"][law]),
                needs=float(laws["needs"][law]),
                count=int(laws["count"][law]),
                worst=float(laws["worst"][law]),
            )
        )
    return tuple(found)
