"""The engine of the bench against GridLAB-D's diesel model, whose curves `scripts/compare_engine.py` wrote."""

import csv
import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from bptm.plant import wave_engine

CURVES = Path(__file__).parent / "engine_gridlabd.csv"
RATING_W = 10_000.0
UP_UNTIL_S = 15.0


def curves() -> list[tuple[float, float, float]]:
    """Seconds, hertz, electrical watts."""
    with CURVES.open(encoding="utf-8") as file:
        return [(float(s), float(hz), float(w)) for s, hz, w in csv.reader(line for line in file if line[0] != "#")]


def ours(curve: list[tuple[float, float, float]], **given: float) -> list[float]:
    """Our rotor and governor on the peer's electrical power: H 0.5 s, droop 5 %, engine lag 0.2 s, damping 1."""
    rated_hz = curve[0][1] / (1.0 - curve[0][2] / RATING_W / 21.0)
    u = SimpleNamespace(
        rating_w=RATING_W, inertia_s=0.5, droop_fraction=0.05, engine_lag_s=0.2, friction_fraction=1.0,
        rated_hz=rated_hz, governor_gain=0.0, hunt_fraction=0.0, throttle_most=1.15, throttle_stuck=0.0,
    )  # fmt: skip
    vars(u).update(given)
    torque = curve[0][2] / RATING_W + (curve[0][1] - rated_hz) / rated_hz
    h = SimpleNamespace(torque=torque, source_hz=curve[0][1], left_fraction=1.0, integral=0.0, step_s=0.0)
    found = [h.source_hz]
    for (from_s, _a, from_w), (to_s, _b, to_w) in itertools.pairwise(curve):
        steps = max(1, round((to_s - from_s) * 1920.0))
        h.step_s = (to_s - from_s) / steps
        for step in range(steps):
            wave_engine.turn_rotor(h, u, from_w + (to_w - from_w) * (step + 0.5) / steps)
        found.append(h.source_hz)
    return found


def off_hz(curve: list[tuple[float, float, float]], mine: list[float]) -> float:
    """Root of the mean square of the difference over the 4 s after the step up.

    After the step down both throttles meet their stop, which DEGOV1 puts behind its lag and ours before it: they part
    there by 0.3 Hz, which only the overshoot is asked about.
    """
    off = [(a - row[1]) ** 2 for a, row in zip(mine, curve, strict=True) if row[0] < UP_UNTIL_S]
    return float((sum(off) / len(off)) ** 0.5)


def test_against_gridlabd_the_engine_dips_swings_and_settles_alike() -> None:
    """Steps of 20 to 65 % of the rating and back: dip and overshoot within 15 %, where it settles within 0.06 Hz."""
    curve = curves()
    mine = ours(curve)
    up = [k for k, row in enumerate(curve) if row[0] < UP_UNTIL_S]
    down = [k for k, row in enumerate(curve) if row[0] > UP_UNTIL_S]
    dip = [60.0 - min(hertz[k] for k in up) for hertz in ([row[1] for row in curve], mine)]
    rise = [max(hertz[k] for k in down) - 60.0 for hertz in ([row[1] for row in curve], mine)]
    assert dip[1] == pytest.approx(dip[0], rel=0.10)
    assert rise[1] == pytest.approx(rise[0], rel=0.15)
    assert mine[up[-1]] == pytest.approx(curve[up[-1]][1], abs=0.06)
    assert off_hz(curve, mine) < 0.10


@pytest.mark.parametrize(
    "given", [{"inertia_s": 0.25}, {"engine_lag_s": 0.4}, {"droop_fraction": 0.1}, {"friction_fraction": 6.0}], ids=str
)
def test_another_machine_does_not_pass_for_it(given: dict[str, float]) -> None:
    """The comparison can fail: half the inertia, twice the lag or the droop, six times the damping are all told."""
    curve = curves()
    assert off_hz(curve, ours(curve, **given)) > 0.15
