"""Advice over strides and bad input: however time is cut it says the same, and it changes nothing but its own."""
# ruff: noqa: S311  draws of a test, seeded

import copy
import math
import random
from typing import Any

import pytest

from appliances import SECOND, advice, device, load, readings, settings
from bptm.compiled.records import as_tuple
from bptm.controller.advice import advise, declare_appliance, declare_fuel, name_appliance, start_advice
from bptm.terms import core_advice_settings
from bptm.terms.core_advice import (
    ADVICE_FIELDS,
    ADVICE_UNMET_NO_ENTRY,
    ADVICE_UNMET_NO_KIND,
    ADVICE_UNMET_NO_LEG,
    ADVICE_UNMET_NO_ROOM,
    ADVICE_UNMET_RANK,
    ADVICE_UNMET_SHARE,
    KIND_WELL_PUMP,
    LEG_BOTH,
)
from bptm.terms.core_codes import FED_BY_BACKUP, FED_BY_NONE, FED_BY_UTILITY
from bptm.terms.core_device import DEVICE_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import SETTINGS

FIELDS = tuple(row for row in ADVICE_FIELDS if row[0] != "wake_ticks")


def story(seed: int) -> list[tuple[int, dict[str, Any], tuple[float, float, float, float]]]:
    """Stretches of constant inputs: loads of six appliances, sources that change, doubts, a dead bus."""
    draw = random.Random(seed)
    on = [0] * 6
    parts: list[tuple[int, dict[str, Any], tuple[float, float, float, float]]] = []
    feed = FED_BY_UTILITY
    for _ in range(60):
        which = draw.randrange(6)
        on[which] = 1 - on[which]
        if draw.random() < 0.1:
            feed = draw.choice((FED_BY_UTILITY, FED_BY_BACKUP, FED_BY_NONE))
        w1 = 90.0 + 160.0 * on[0] + 700.0 * on[1] + 600.0 * on[2] + draw.uniform(-4, 4)
        w2 = 70.0 + 1500.0 * on[3] + 600.0 * on[2] + 2250.0 * on[4] + draw.uniform(-4, 4)
        # A start before it runs, of a few ticks.
        facts = {"fed_by": feed, "doubt": int(draw.random() < 0.05)}
        if on[which] and which in (0, 2):
            parts.append((draw.randrange(1, 90), facts, (w1 + 1500.0, w2, 2000.0, 0.0)))
        length = draw.choice((1, 2, 30, 239, 240, 241, 480, 481, 1500, 40000))
        parts.append((length, facts, (w1, w2, 100.0 * on[0], 30.0)))
    return parts


def tell(seed: int, cut: random.Random | None, **values: float) -> list[tuple[Any, ...]]:
    """Plays a story in single strides, or cut at random (`cut`); what advice holds after each part."""
    a, s, m, p = advice(), device(), readings(), settings(**values)
    start_advice(a, p)
    said: list[tuple[Any, ...]] = []
    for length, facts, powers in story(seed):
        s.fed_by = facts["fed_by"]
        dead = s.fed_by == FED_BY_NONE
        s.bus_live, s.bus_dead = int(not dead), int(dead)
        s.inlet_dead = int(s.fed_by == FED_BY_UTILITY)
        m.current_doubtful = facts["doubt"]
        load(m, *(powers if not dead else (0.0, 0.0, 0.0, 0.0)))
        left = length
        while left:
            ticks = left if cut is None else min(left, cut.choice((1, 1, 2, 7, 60, 239, 240, 777, 5000)))
            advise(a, s, m, p, ticks)
            left -= ticks
        said.append(as_tuple(a, FIELDS))
    return said


@pytest.mark.parametrize("seed", range(6))
def test_however_time_is_cut_advice_is_the_same(seed: int) -> None:
    """STRIDES: whole strides, past every wake, equal random cuts to the last bit in every field, floats too."""
    whole = tell(seed, None, settle_ticks=240, lock_ticks=7200, continuous_ticks=2400, limit_a=18.0)
    draw = random.Random(seed + 100)
    assert tell(seed, draw, settle_ticks=240, lock_ticks=7200, continuous_ticks=2400, limit_a=18.0) == whole


def test_single_ticks_are_the_same_too() -> None:
    """STRIDES: a story cut into its half-cycles."""

    class Single(random.Random):
        def choice(self, seq: Any) -> Any:
            return seq[0]

    assert tell(3, Single(1), settle_ticks=60, lock_ticks=600) == tell(3, None, settle_ticks=60, lock_ticks=600)


def test_nothing_new_is_said_before_the_wake() -> None:
    """WAKE: until then a tick at a time changes neither appliances nor list nor flags."""
    a, s, m, p = advice(), device(), readings(900.0, 120.0), settings(lock_ticks=900)
    start_advice(a, p)
    spoken = ("used", "is_on", "rank", "blocks", "off_first", "locked", "heavy", "fuel_low", "level_known")
    quiet = 0
    for powers in ((900.0, 120.0), (900.0, 1620.0), (900.0, 120.0), (1800.0, 120.0)):
        load(m, *powers)
        advise(a, s, m, p, 1)
        for _ in range(1500):
            if a.wake_ticks > 1:
                before = [copy.copy(getattr(a, name)) for name in spoken]
                advise(a, s, m, p, 1)
                quiet += 1
                if a.t_window == 0:
                    continue
                assert [getattr(a, name) for name in spoken] == before
            else:
                advise(a, s, m, p, 1)
    assert quiet > 3000


def test_device_measurements_and_settings_are_only_read() -> None:
    """BRIEF: a story leaves every field of s, m and p as it was."""
    a, s, m, p = advice(), device(), readings(800.0, 300.0), settings()
    start_advice(a, p)
    before = (as_tuple(s, DEVICE_FIELDS), as_tuple(m, MEASURED_FIELDS), as_tuple(p, core_advice_settings.FIELDS))
    for ticks in (1, 240, 7, 40000):
        advise(a, s, m, p, ticks)
    assert (
        as_tuple(s, DEVICE_FIELDS),
        as_tuple(m, MEASURED_FIELDS),
        as_tuple(p, core_advice_settings.FIELDS),
    ) == before


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1e9])
def test_no_reading_makes_advice_say_a_number_that_is_none(bad: float) -> None:
    """BAD INPUT: every measured value spoiled in turn, on backup; no NaN or infinity in any field, ever."""
    for name, type_, _unit, _meaning in MEASURED_FIELDS:
        if type_ != "f8":
            continue
        a, s, m, p = advice(), device(), readings(800.0, 300.0), settings()
        start_advice(a, p)
        advise(a, s, m, p, 600)
        setattr(m, name, bad)
        advise(a, s, m, p, 600)
        for value in as_tuple(a, ADVICE_FIELDS):
            assert all(math.isfinite(v) for v in (value if isinstance(value, tuple) else (value,))), name


def test_a_refused_declaration_names_every_reason_and_changes_nothing() -> None:
    """BAD INPUT: unknown kind and leg at once; no such entry; a rank and a share outside their limits."""
    a, p = advice(), settings()
    start_advice(a, p)
    before = as_tuple(a, ADVICE_FIELDS)
    assert declare_appliance(a, 99, 7) == ADVICE_UNMET_NO_KIND | ADVICE_UNMET_NO_LEG
    assert name_appliance(a, 3, -1, 99) == ADVICE_UNMET_NO_KIND | ADVICE_UNMET_RANK | ADVICE_UNMET_NO_ENTRY
    assert name_appliance(a, 16, 1, 1) == ADVICE_UNMET_NO_ENTRY
    for share in (-0.1, 1.1, math.nan, math.inf):
        assert declare_fuel(a, p, share) == ADVICE_UNMET_SHARE
    assert as_tuple(a, ADVICE_FIELDS) == before
    for _ in range(16):
        assert declare_appliance(a, KIND_WELL_PUMP, LEG_BOTH) == 0
    assert declare_appliance(a, KIND_WELL_PUMP, LEG_BOTH) == ADVICE_UNMET_NO_ROOM


def test_settings_that_the_controller_has_too_are_the_same_rows() -> None:
    """ONE TRUTH: limit_a of advice is that of the controller, with its default, limits and source."""
    own = {row[0]: row for row in SETTINGS}
    shared = [row for row in core_advice_settings.SETTINGS if row[0] in own]
    assert [row[0] for row in shared] == ["limit_a"]
    assert all(row == own[row[0]] for row in shared)


def test_a_second_is_a_second() -> None:
    """The clock of advice counts ticks."""
    a, s, m, p = advice(), device(), readings(), settings()
    start_advice(a, p)
    advise(a, s, m, p, SECOND)
    advise(a, s, m, p, 5)
    assert a.tick == 125
