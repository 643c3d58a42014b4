"""Two surge protectors with a line between them: who takes what, against a closed form and an own integration."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from wave_rig import QUIET, Rig

TWO = {**QUIET, "surge_v": 6000.0, "surge_a": 3000.0, "panel_spd_present": 1.0}


def struck(**setup: float) -> Any:
    return Rig({**TWO, **setup}).hold(2)[-1]


def test_two_protectors_share_the_surge_as_an_integration_in_small_steps_has_it() -> None:
    """Oracle: the same circuit by numpy, explicit steps of 0.2 ns in the current of the line."""
    row = struck(panel_line_uh=5.0)
    step_us = 0.0002
    exponents = [k for k in range(5, 61) if (395.0 / 240.0) ** (k - 1) < 1e5]
    n = exponents[-1]
    clamp_v = 395.0 * (3000.0 / 100.0) ** (1.0 / n)
    t_us = np.arange(step_us, 40.0, step_us)
    wave_a = (1.0 - clamp_v / 6000.0) * 3000.0 * 0.01243 * t_us**3 * np.exp(-t_us / 3.911)
    line_a, meter_j, panel_j, most_v = 0.0, 0.0, 0.0, 0.0
    for a in wave_a.tolist():
        meter_v = 395.0 * (max(a - line_a, 1e-6) / 100.0) ** (1.0 / n)
        panel_v = 395.0 * (max(line_a, 1e-6) / 100.0) ** (1.0 / n)
        most_v = max(most_v, panel_v)
        line_a = min(a, max(0.0, line_a + (meter_v - panel_v) * step_us / 5.3))
        meter_j += meter_v * (a - line_a) * step_us * 1e-6
        panel_j += panel_v * line_a * step_us * 1e-6
    assert row["surge_joules"] == pytest.approx(meter_j, rel=0.05)
    assert row["panel_spd_joules"] == pytest.approx(panel_j, rel=0.1)
    assert row["panel_crest_v"] == pytest.approx(most_v, rel=0.05)


def test_a_longer_line_leaves_more_to_the_meter_and_less_at_the_panel() -> None:
    """Coordination: the line holds the panel's protector back."""
    rows = [struck(panel_line_uh=line_uh) for line_uh in (0.3, 1.0, 5.0, 20.0, 100.0)]
    assert all(a["surge_joules"] < b["surge_joules"] for a, b in pairwise(rows))
    assert all(a["panel_crest_v"] > b["panel_crest_v"] for a, b in pairwise(rows))
    alone = struck(panel_spd_present=0.0)
    assert all(row["panel_crest_v"] < alone["panel_crest_v"] for row in rows)
    for row in rows:
        assert row["surge_joules"] + row["panel_spd_joules"] == pytest.approx(alone["surge_joules"], rel=0.05)


def test_a_protector_that_clamps_much_higher_takes_nothing() -> None:
    """Uncoordinated: beside a meter at 395 V a panel at 600 V idles; the other way round the panel takes its share."""
    idle = struck(panel_spd_ma_v=360.0, panel_spd_clamp_v=600.0)
    assert idle["panel_spd_joules"] < 0.01 * idle["surge_joules"]
    eager = struck(spd_ma_v=360.0, spd_clamp_v=600.0)
    assert eager["panel_spd_joules"] > 0.3 * eager["surge_joules"]


def test_without_the_meters_protector_the_line_lifts_the_meter() -> None:
    """L di/dt: 5.3 microhenry at the steepest of the front, above what the panel holds; never above the flashover."""
    row = struck(spd_present=0.0)
    t_us = np.arange(0.0, 40.0, 0.2)
    clamp_v = 395.0 * 30.0 ** (1.0 / 23.0)
    wave_a = (1.0 - clamp_v / 6000.0) * 3000.0 * 0.01243 * t_us**3 * np.exp(-t_us / 3.911)
    steepest = float(np.diff(wave_a).max()) / 0.2
    assert row["surge_joules"] == 0.0
    assert row["surge_crest_v"] == pytest.approx(5.3 * steepest + 395.0, rel=0.05)
    assert struck(spd_present=0.0, surge_v=20000.0, surge_a=20000.0, panel_line_uh=100.0)["surge_crest_v"] == 6000.0


def test_the_panels_protector_has_a_life_of_its_own() -> None:
    """After its end the meter's takes all again."""
    rig = Rig({**TWO, "panel_spd_surge_a": 500.0, "panel_line_uh": 0.3})
    first = rig.hold(2)[-1]
    assert first["panel_spd_used_fraction"] >= 1.0
    rig.set("surge_v", 6000.0)
    second = rig.hold(2)[-1]
    assert second["panel_spd_joules"] == 0.0
    assert second["surge_joules"] > first["surge_joules"]
