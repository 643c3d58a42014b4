"""What a fleet run may be asked for, and its homes and outages, without running any."""

from datetime import datetime
from typing import cast

import pytest

from bptm.cli import run
from bptm.twin.fleet_homes import make_block
from bptm.twin.fleet_plan import AreaOutage, FleetError, FleetPlan, parse_outages
from bptm.twin.weather import load_weather


def plan(**values: object) -> FleetPlan:
    usual: dict[str, object] = {
        "homes": 600,
        "hours": 72.0,
        "seed": 7,
        "start": datetime(2025, 7, 15),  # noqa: DTZ001 - local standard time, as the plan says
        "interval_s": 300,
        "outages": None,
        "each_home": False,
        "stock": "california",
    }
    usual |= values
    usual["weather"] = load_weather("california").of_run(
        cast("datetime", usual["start"]), round(cast("float", usual["hours"]) * 3600)
    )
    return FleetPlan(**usual)  # pyright: ignore[reportArgumentType]  # each has its type above


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--homes", "0"], "--homes is 0, expected 1 to"),
        (["--hours", "0"], "--hours is 0, expected a minute"),
        (["--hours", "nan"], "--hours is nan"),
        (["--hours", "9999"], "--hours is 9999"),
        (["--seed", "-1"], "--seed is -1"),
        (["--interval", "5"], "--interval is 5"),
        (["--start", "yesterday"], "--start is 'yesterday', expected an ISO date"),
        (["--start", "2025-07-15T00:00Z"], "leave the zone out"),
        (["--outage", "soon"], "--outage is 'soon', expected BEGIN,LENGTH"),
        (["--outage", "30,1"], "begins 30 h after the start"),
        (["--outage", "2,3", "--outage", "4,1"], "has ended; give them apart"),
        (["--processes", "0"], "--processes is 0"),
        (["--processes", "2", "--cluster", "tcp://127.0.0.1:1"], "give one of them"),
        (["--homes", "many"], "many"),
        (["--weather", "florida"], "neither a shipped climate (california, north-carolina) nor a file"),
        (["--weather", "/"], "cannot be read"),
        (["--warmer", "99"], "--warmer is 99, expected -30 to 30"),
        (["--stock", "texas"], "--stock is 'texas', expected california or north-carolina"),
    ],
)
def test_what_cannot_be_asked_for_is_said_in_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, one line on standard error that names option and value, nothing on standard output."""
    assert run(["fleet", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("bptm: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err


def test_area_outages_are_read_and_sorted() -> None:
    """Hours become seconds after the start; `none` means none; nothing means seeded ones."""
    assert parse_outages(("16,2", "1.5,0.5"), 86_400) == (
        AreaOutage(begins_s=5400, lasts_s=1800),
        AreaOutage(begins_s=57_600, lasts_s=7200),
    )
    assert parse_outages(("none",), 86_400) == ()
    assert parse_outages((), 86_400) is None
    with pytest.raises(FleetError, match="given 13 times"):
        parse_outages(tuple(f"{hour},0.1" for hour in range(1, 14)), 86_400)


def test_every_home_has_one_outage_a_day_and_the_first_within_the_first_hour() -> None:
    """Default outages: ascending, apart, one beginning each simulated day, one in the first hour, however long."""
    for hours in (0.5, 1.0, 24.0, 72.0, 240.0):
        asked = plan(hours=hours)
        days = -(-int(hours) // 24) or 1
        for block in range(asked.blocks):
            drawn = make_block(asked, block)
            assert drawn.off_s.shape == (asked.block_homes(block), days)
            assert (drawn.off_s > 0).all()
            assert (drawn.off_s < drawn.on_s).all()
            assert (drawn.off_s[:, 1:] > drawn.on_s[:, :-1]).all()
            assert (drawn.off_s < asked.span_s).all()
        assert make_block(asked, 0).off_s[0, 0] < 3600


def test_a_home_is_the_same_in_any_fleet() -> None:
    """The draws of a home depend on seed and number only, not on how many homes there are."""
    small, large = make_block(plan(homes=3), 0), make_block(plan(homes=900), 0)
    assert small.setups.tobytes() == large.setups[:3].tobytes()
    assert (small.off_s == large.off_s[:3]).all()
    assert make_block(plan(seed=8), 0).setups.tobytes() != make_block(plan(), 0).setups.tobytes()
    assert make_block(plan(), 1).setups.tobytes() != make_block(plan(), 0).setups[:250].tobytes()
