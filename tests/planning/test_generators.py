"""Generators: every condition over its whole domain; unknown is never taken as fitting."""

# ruff: noqa: FBT001, FBT003 (facts of a table, in its order)

import itertools

import pytest

from bptm.planning.generators import PLUGS, PLUGS_30_A, PLUGS_50_A, Fit, Generator, Neutral, judge

DOMAIN = list(
    itertools.product(
        sorted(PLUGS), (120.0, 240.0, None), (20.0, 30.0, 50.0, None), Neutral, (True, False, None), (True, False, None)
    )
)


def made(
    plug: str, outlet_v: float | None, breaker_a: float | None, neutral: Neutral, inverter: bool | None, co: bool | None
) -> Generator:
    """A generator of these facts."""
    return Generator(
        name="x", plug=plug, outlet_v=outlet_v, breaker_a=breaker_a, neutral=neutral, inverter=inverter, co_shutoff=co,
        running_w=None, source="test", mark="own choice",
    )  # fmt: skip


def test_over_all_combinations_only_the_right_ones_fit() -> None:
    """EXHAUSTIVE: 3,240 combinations; what fits has two legs, 30 A or more, a floating neutral and a known outlet."""
    for facts in DOMAIN:
        plug, outlet_v, breaker_a, neutral, _inverter, _co = facts
        verdict = judge(made(*facts))
        good = plug in PLUGS_30_A | PLUGS_50_A and outlet_v == 240 and (breaker_a or 0) >= 30
        good = good and neutral is Neutral.FLOATING
        assert (verdict.fit in {Fit.FITS, Fit.WITH_CARE}) == good, facts
        assert bool(verdict.unmet) != good, facts
        if outlet_v == 120 or neutral is Neutral.BONDED or breaker_a == 20:
            assert verdict.fit is Fit.NO, facts
        if verdict.fit is Fit.UNKNOWN:
            assert None in {outlet_v, breaker_a} or neutral is Neutral.UNKNOWN, facts


def test_all_faults_are_named_at_once() -> None:
    """BAD INPUT: a 120 V suitcase with a bonded neutral has four."""
    verdict = judge(made("5-20", 120.0, 20.0, Neutral.BONDED, True, True))
    assert [unmet.element for unmet in verdict.unmet] == ["outlet", "voltage", "outlet's breaker", "neutral"]


@pytest.mark.parametrize(
    ("inverter", "co", "says"),
    [
        (True, True, "60 Hz"),
        (False, False, "has no carbon monoxide"),
        (None, None, "is not known to have a carbon monoxide"),
    ],
)
def test_cares_are_said(inverter: bool | None, co: bool | None, says: str) -> None:
    """H27, PV: what to mind with a generator that fits."""
    verdict = judge(made("L14-30", 240.0, 30.0, Neutral.FLOATING, inverter, co))
    assert verdict.fit is Fit.WITH_CARE
    assert any(says in care for care in verdict.cares)
