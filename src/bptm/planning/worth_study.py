"""What decides the worth: one input at a time (tornado), the value at which it turns (break-even), and trust in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bptm.planning.linear_program import Floats
from bptm.planning.worth import NOTHING, Draws, Worth, worth_of

BISECTIONS = 60
SEARCH_STEPS = 41
SEARCH_MAX = 1e3
"""A break-even beyond a thousand times the value is called none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """How far the present value moves when one input goes from its low to its high end, all others at their values."""

    key: str
    at_low_usd: float
    at_high_usd: float

    @property
    def width_usd(self) -> float:
        """The whole swing."""
        return abs(self.at_high_usd - self.at_low_usd)


def triangular(uniform: Floats, low: float, mode: float, high: float) -> Floats:
    """Draws of a triangular distribution from uniform ones, by its inverse.

    Source: the inverse of the triangular distribution function, any text on probability.
    """
    if high <= low:
        return np.full_like(uniform, mode)
    knee = (mode - low) / (high - low)
    rising = low + np.sqrt(uniform * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - uniform) * (high - low) * (high - mode))
    return np.where(uniform < knee, rising, falling)


def single(values: Mapping[str, float]) -> dict[str, Floats]:
    """One draw: every input at the value given."""
    return {key: np.array([value]) for key, value in values.items()}


def tornado(
    option: str, kind: str, values: Mapping[str, float], ends: Mapping[str, tuple[float, float]]
) -> list[Swing]:
    """The swing of each input that moves the present value at all, widest first."""
    base = single(values)
    swings: list[Swing] = []
    for key, (low, high) in ends.items():
        if low == high:
            continue
        seen = [float(worth_of(option, kind, {**base, key: np.array([end])}).present_usd[0]) for end in (low, high)]
        if seen[0] != seen[1]:
            swings.append(Swing(key=key, at_low_usd=seen[0], at_high_usd=seen[1]))
    return sorted(swings, key=lambda swing: -swing.width_usd)


def breakeven(present: Callable[[float], float], value: float) -> float | None:
    """The value of one input at which the present value is zero; None when it never is, from 0 to 1,000 times `value`.

    By bisection between the value and the nearest point of a widening search where the sign has changed.
    """
    sign = np.sign(present(value))
    steps = np.geomspace(1.0, SEARCH_MAX, SEARCH_STEPS)[1:]
    for ratio in (*(one for step in steps for one in (step, 1.0 / step)), 0.0):
        if np.sign(present(value * float(ratio))) != sign:
            return _bisect(present, value, value * float(ratio))
    return None


def _bisect(present: Callable[[float], float], inside: float, outside: float) -> float:
    sign = np.sign(present(inside))
    for _ in range(BISECTIONS):
        middle = 0.5 * (inside + outside)
        if np.sign(present(middle)) == sign:
            inside = middle
        else:
            outside = middle
    return 0.5 * (inside + outside)


def spread_from(option: str, kind: str, values: Mapping[str, float], draws: Draws, keys: Sequence[str]) -> float:
    """The share of the variance of the present value that these inputs bring alone, all others at their values.

    A first-order figure: what several inputs do together belongs to none of them, so that shares need not add to one.
    """
    whole = float(np.var(worth_of(option, kind, draws).present_usd))
    size = next(iter(draws.values())).size
    fixed = {key: np.full(size, value) for key, value in values.items()}
    alone = worth_of(option, kind, {**fixed, **{key: draws[key] for key in keys}})
    return float(np.var(alone.present_usd)) / whole if whole > 0 else 0.0


def nothing(like: Worth) -> Worth:
    """Doing nothing: the zero from which the others are counted."""
    return Worth(option=NOTHING, parts={}, annuity=like.annuity)
