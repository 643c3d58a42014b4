"""Random homes: healthy days give no finding, and homes with one fault give the right one. Counts: docs."""

from pathlib import Path

import pytest
from diagnosis_c import put_in
from diagnosis_faults import FAULTS, seconds_to_find
from diagnosis_samples import healthy_day

from bptm.terms.core_diagnosis import FIT_SERVICE_SUM, FIT_SOURCE_SUM


def test_a_healthy_day_with_an_outage_raises_nothing() -> None:
    """Two days of random homes with motor starts, noise, neighbours and an outage on backup: no finding, many steps."""
    steps = [0, 0]
    for seed in (0, 5):
        home = healthy_day(seed)
        assert home.bench.found == [], (seed, home.source_kind)
        steps[0] += home.bench.d.fit_steps[FIT_SERVICE_SUM]
        steps[1] += home.bench.d.fit_steps[FIT_SOURCE_SUM]
    assert steps[0] > 500


WEEKLY = [pytest.param(block, marks=pytest.mark.weekly) for block in range(2, 10)]
"""Eight hundred of the thousand days: ten CPU minutes that find what two hundred leave to chance."""


@pytest.mark.slow
@pytest.mark.parametrize("block", [0, 1, *WEEKLY])
def test_healthy_days_raise_nothing(block: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """1,000 random healthy home-days, seeds 0 to 999, by the exported C, 200 in every run: none has a finding."""
    put_in(monkeypatch, tmp_path)
    found = {
        seed: home.bench.found
        for seed in range(100 * block, 100 * block + 100)
        if (home := healthy_day(seed)).bench.found
    }
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_is_found_in_most_homes(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """20 random homes with this fault, seeds 1000 to 1019, by the exported C: at least 18 found."""
    put_in(monkeypatch, tmp_path)
    got = [seconds_to_find(name, seed)[0] for seed in range(1000, 1020)]
    assert sum(seconds is not None for seconds in got) >= 18, got
