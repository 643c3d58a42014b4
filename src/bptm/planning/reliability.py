"""Reliability indices of a record of interruptions, as arrays of durations and the customers who had them.

An interruption of N customers for d seconds adds N to the customers interrupted and N d to the customer-seconds. The
indices divide by the customers served; those that describe single customers (CEMI, CELID) need a record by customer.

Source: IEEE 1366-2022, clauses 3 and 4 and annex B (definitions and the 2.5 beta method, known through public
descriptions: docs/reference/domain.md 4.3, S87, S88; the standard's own text was not at hand).
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOMENTARY_MAX_S = 300.0
"""An interruption of at most five minutes is momentary. Source: IEEE 1366-2022, 3 (sustained: more than 5 minutes)."""

MAJOR_EVENT_BETAS = 2.5
"""Source: IEEE 1366-2022, 4.5: T_MED = exp(alpha + 2.5 beta)."""

HISTORY_DAYS_MIN_COUNT = 365
"""Below a full year of days no threshold is formed: seasons are missing. Own choice; the standard asks five years."""

HISTORY_YEARS_COUNT = 5
"""Source: IEEE 1366-2022, 4.5: five sequential years before the reporting period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """Interruptions with equal duration taken together, shortest first.

    Attributes:
        duration_s: Durations, rising.
        customers_count: Customers interrupted for each.
    """

    duration_s: Floats
    customers_count: Floats

    def sustained(self) -> "Durations":
        """Those of more than five minutes."""
        return self._where(self.duration_s > MOMENTARY_MAX_S)

    def momentary(self) -> "Durations":
        """Those of at most five minutes."""
        return self._where(self.duration_s <= MOMENTARY_MAX_S)

    def _where(self, chosen: NDArray[np.bool_]) -> "Durations":
        return Durations(duration_s=self.duration_s[chosen], customers_count=self.customers_count[chosen])

    def customer_s(self) -> float:
        """Customer-seconds without supply."""
        return float(self.duration_s @ self.customers_count)

    def interruptions_count(self) -> float:
        """Customers interrupted, each as often as it was."""
        return float(self.customers_count.sum())


def saidi_s(sustained: Durations, served_count: float) -> float:
    """System average interruption duration index, in seconds per customer served.

    Source: IEEE 1366-2022, 3.2: sum of customer-minutes over customers served.
    """
    return sustained.customer_s() / _served(served_count)


def saifi(sustained: Durations, served_count: float) -> float:
    """System average interruption frequency index. Source: IEEE 1366-2022, 3.2."""
    return sustained.interruptions_count() / _served(served_count)


def caidi_s(sustained: Durations) -> float | None:
    """Customer average interruption duration index; None when nobody was interrupted. Source: IEEE 1366-2022, 3.2."""
    count = sustained.interruptions_count()
    return sustained.customer_s() / count if count else None


def maifi(momentary: Durations, served_count: float) -> float:
    """Momentary average interruption frequency index. Source: IEEE 1366-2022, 3.3."""
    return momentary.interruptions_count() / _served(served_count)


def asai_fraction(sustained: Durations, served_count: float, period_s: float) -> float:
    """Average service availability index over a period. Source: IEEE 1366-2022, 3.2."""
    return 1.0 - saidi_s(sustained, served_count) / period_s


def cemi_fraction(customers_by_interruptions: dict[int, int], above_count: int, served_count: float) -> float:
    """CEMI-n: share of customers served with more than n sustained interruptions. Source: IEEE 1366-2022, 3.2."""
    multiple = sum(count for times, count in customers_by_interruptions.items() if times > above_count)
    return multiple / _served(served_count)


def celid_fraction(customers_reaching_count: float, served_count: float) -> float:
    """CELID: share of customers served whose single (s) or total (t) duration reaches a limit.

    Source: IEEE 1366-2022, 3.2.
    """
    return customers_reaching_count / _served(served_count)


def covered_fraction(durations: Durations, backup_s: float) -> float | None:
    """Share of customer-seconds that the first `backup_s` of every interruption make up; None for an empty record.

    With backup that lasts B, an interruption of d leaves d - min(d, B) uncovered.
    """
    whole = durations.customer_s()
    if not whole:
        return None
    return float(np.minimum(durations.duration_s, backup_s) @ durations.customers_count) / whole


def ended_fraction(durations: Durations, backup_s: float) -> float | None:
    """Share of customer interruptions over before backup of `backup_s` ends; None for an empty record."""
    whole = durations.interruptions_count()
    return float(durations.customers_count[durations.duration_s <= backup_s].sum()) / whole if whole else None


def weighted_quantile_s(durations: Durations, fraction: float) -> float | None:
    """The shortest duration that at least this share of customers did not exceed; None for an empty record."""
    if not durations.interruptions_count():
        return None
    reached: Floats = np.cumsum(durations.customers_count)
    at = int(np.searchsorted(reached, fraction * float(reached[-1])))
    return float(durations.duration_s[min(at, len(reached) - 1)])


@dataclass(frozen=True, slots=True, kw_only=True)
class MajorEventThreshold:
    """The daily customer-time above which a day is a major-event day, and what it was formed from.

    Attributes:
        threshold: In the unit of the days given.
        alpha: Mean of the natural logarithms.
        beta: Their sample standard deviation.
        days_count: Days it was formed from.
        empty_days_count: How many of them had nothing and took the smallest value of the others.
    """

    threshold: float
    alpha: float
    beta: float
    days_count: int
    empty_days_count: int


def major_event_threshold(daily: Floats) -> MajorEventThreshold | None:
    """T_MED of days of history; None when they are fewer than a year or hold fewer than two days with interruptions.

    Customers served cancel out: days of customer-seconds give the same major-event days as daily SAIDI. A day without
    interruptions takes the smallest value above zero, since its logarithm does not exist.

    Source: IEEE 1366-2022, 4.5 and annex B (2.5 beta).
    """
    above: Floats = daily[daily > 0]
    if len(daily) < HISTORY_DAYS_MIN_COUNT or len(above) < 2:  # noqa: PLR2004 (a deviation needs two)
        return None
    logs = np.log(np.maximum(daily, min(above.tolist())))
    alpha, beta = float(logs.mean()), float(logs.std(ddof=1))
    return MajorEventThreshold(
        threshold=exp(alpha + MAJOR_EVENT_BETAS * beta),
        alpha=alpha,
        beta=beta,
        days_count=len(daily),
        empty_days_count=int(len(daily) - len(above)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Customers out over time, from counts at instants.

    Attributes:
        customer_s: Counted customer-seconds, gaps left out.
        gap_customer_s: What the gaps would add if the count before each had stayed.
        gap_s: Length of all gaps.
        gaps_count: How many.
        watched_s: Time that is covered by counts.
    """

    customer_s: float
    gap_customer_s: float
    gap_s: float
    gaps_count: int
    watched_s: float


def counted_customer_s(at_s: Floats, customers_count: Floats, gap_s: float) -> Counted:
    """Integral of a count that stays until the next one; a stretch longer than `gap_s` is a gap and counted apart.

    Args:
        at_s: Instants, rising.
        customers_count: Customers out at each.
        gap_s: The longest stretch over which a count is believed to have stayed.
    """
    step = np.diff(at_s)
    area = step * customers_count[:-1]
    gap = step > gap_s
    return Counted(
        customer_s=float(area[~gap].sum()),
        gap_customer_s=float(area[gap].sum()),
        gap_s=float(step[gap].sum()),
        gaps_count=int(gap.sum()),
        watched_s=float(step[~gap].sum()),
    )


def _served(served_count: float) -> float:
    if served_count <= 0:
        msg = f"customers served are {served_count:g}, needs more than 0"
        raise ValueError(msg)
    return served_count
