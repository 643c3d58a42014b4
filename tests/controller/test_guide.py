"""The guide with scripted people: the right order, ten wrong ones, the way back, refusals, strides and bad input."""

import copy
import math
from typing import Any

import pytest
from guide_home import SECOND, Home

from appliances import guide_settings
from bptm.compiled.records import as_tuple
from bptm.controller.guide import declare, guide, start_guide
from bptm.terms import core_device, core_guide_settings
from bptm.terms import core_guide as t
from bptm.terms.core_codes import (
    BACKUP_BATTERY,
    BACKUP_EV,
    BACKUP_NONE,
    BACKUP_PORTABLE,
    BACKUP_STANDBY,
    MODE_LOCKED_OUT,
)
from bptm.terms.core_settings import SETTINGS

SIX = range(6)


def proofs(home: Home) -> list[int]:
    return list(home.g.proof[:6])


def has(mask: int, bit: int) -> bool:
    return bool(mask >> bit & 1)


def test_the_six_steps_in_their_order() -> None:
    """DECK: off, solar, plug, cord, start, essentials: each asked for in turn, and proved as it can be proved."""
    home = Home(solar=1)
    assert home.g.phase == t.PHASE_IDLE
    home.grid = False
    home.live(5)
    asked = [home.g.step]
    for action in ("breakers off", "solar off", "plug", "cord", "start", "essentials"):
        home.do(action)
        if action == "start":
            home.do("wait")
        asked.append(home.g.step)
    assert asked == [0, 1, 2, 3, 4, 5, t.GUIDE_STEP_NONE]
    assert proofs(home) == [
        t.PROOF_INFERRED,
        t.PROOF_DECLARED,
        t.PROOF_MEASURED,
        t.PROOF_INFERRED,
        t.PROOF_MEASURED,
        t.PROOF_MEASURED,
    ]
    assert (home.g.phase, home.g.missing) == (t.PHASE_RUNNING, 0)


def test_on_a_dead_bus_breakers_are_a_persons_word() -> None:
    """No meter sees a breaker on a dead bus: not done, then declared, never measured."""
    home = Home()
    home.grid = False
    home.live(5)
    assert home.g.proof[0] == t.PROOF_NONE
    assert home.g.unmet[0] == 1 << t.GUIDE_BIT_NOT_SAID
    assert home.say(t.GUIDE_BREAKERS_OFF) == 0
    home.live(1)
    assert home.g.proof[0] == t.PROOF_DECLARED


def test_breakers_switched_off_before_the_outage_are_measured_and_then_inferred() -> None:
    """While the grid is there no current is a measurement; afterwards it is an inference."""
    home = Home()
    home.breakers_a = 0.0
    home.live(3)
    assert home.g.proof[0] == t.PROOF_MEASURED
    home.grid = False
    home.live(5)
    assert home.g.proof[0] == t.PROOF_INFERRED


WRONG_ORDERS = {
    "source first, plugged in running": "start, cord, plug, wait, breakers off, solar off, essentials",
    "backwards": "start, cord, plug, solar off, breakers off, wait, essentials",
    "nothing switched off": "plug, cord, start, wait, solar off, essentials",
    "generator end of the cord first": "cord, plug, breakers off, solar off, start, wait, essentials",
    "solar forgotten until it runs": "breakers off, plug, cord, start, wait, essentials, solar off",
    "unplugged again half way": "breakers off, plug, cord, unplug, plug, cord, solar off, start, wait, essentials",
    "restarted": "breakers off, solar off, plug, cord, start, wait, stop, wait, start, wait, wait, essentials",
    "everything at once": "breakers off, solar off, plug, cord, start, wait, everything, essentials, wait",
    "says it twice": "say breakers, breakers off, plug, plug, solar off, cord, start, start, wait, essentials",
    "pulled running": "breakers off, solar off, plug, cord, start, wait, unplug, wait, wait, "
    "plug, cord, wait, essentials",
}


@pytest.mark.parametrize("name", WRONG_ORDERS)
def test_whatever_order_people_choose_the_guide_ends_with_the_home_on_backup(name: str) -> None:
    """H37, ten wrong orders: at every moment each open step names what it lacks; at the end nothing is missing."""
    home = Home(solar=1)
    home.grid = False
    home.live(5)
    for action in WRONG_ORDERS[name].split(", "):
        home.do(action)
        for step in SIX:
            done = has(home.g.done, step)
            assert done == (home.g.unmet[step] == 0), (name, action, step)
            assert done == (home.g.proof[step] != t.PROOF_NONE)
        # A plug pulled under load blocks the backup until the source has been away for a minute: no step helps then.
        if home.g.phase != t.PHASE_BLOCKED:
            assert home.g.step == next((step for step in SIX if not has(home.g.done, step)), t.GUIDE_STEP_NONE)
    assert (home.g.phase, home.g.missing) == (t.PHASE_RUNNING, 0), name


def test_a_source_that_runs_before_the_breakers_are_off_is_warned_of() -> None:
    """H12: started with the breakers on; the guide warns until they are off or the source carries what is on."""
    home = Home(solar=1)
    home.grid = False
    home.live(5)
    for action in ("plug", "cord", "start"):
        home.do(action)
    assert home.g.warnings & t.WARN_LOADED
    assert home.g.warnings & t.WARN_SOLAR
    home.do("breakers off")
    assert not home.g.warnings & t.WARN_LOADED


def test_steps_go_back_when_their_condition_goes_away() -> None:
    """Unplugged: plug and cord; engine stopped: engine and essentials, and the breakers that were on."""
    home = Home()
    home.grid = False
    home.live(5)
    for action in ("breakers off", "plug", "cord"):
        home.do(action)
    assert home.g.step == t.GUIDE_ENGINE
    home.do("unplug")
    assert home.g.step == t.GUIDE_PLUG
    assert home.g.proof[t.GUIDE_CORD] == t.PROOF_NONE
    for action in ("plug", "cord", "start", "wait", "essentials"):
        home.do(action)
    assert home.g.missing == 0
    home.do("stop")
    assert {step for step in SIX if has(home.g.missing, step)} == {
        t.GUIDE_BREAKERS_OFF,
        t.GUIDE_ENGINE,
        t.GUIDE_ESSENTIALS,
    }


def test_a_plug_pulled_while_the_source_runs_is_warned_of() -> None:
    """H26: until it is plugged in again."""
    home = Home()
    home.grid = False
    home.live(5)
    for action in ("breakers off", "plug", "cord", "start"):
        home.do(action)
    # The contact opens before the blades part: some half-cycles with voltage and without the plug.
    home.measure()
    home.m.inlet_unmated = 1
    guide(home.g, home.s, home.m, home.q, 1)
    home.do("unplug")
    assert home.g.warnings & t.WARN_UNPLUGGED_LIVE
    home.do("plug")
    assert not home.g.warnings & t.WARN_UNPLUGGED_LIVE


def test_a_source_that_is_turned_down_is_told_every_reason_with_value_and_limit() -> None:
    """99 V, 64 Hz and both hots in phase at once: three reasons; then 10 s of warming up, then none."""
    home = Home()
    home.grid = False
    home.live(5)
    home.source_v, home.source_hz, home.legs_wrong = 99.0, 64.0, True
    for action in ("breakers off", "plug", "cord", "start"):
        home.do(action)
    bits = (t.GUIDE_BIT_LOW_VOLTS, t.GUIDE_BIT_FREQUENCY, t.GUIDE_BIT_LEGS)
    assert home.g.unmet[t.GUIDE_ENGINE] == sum(1 << bit for bit in bits)
    assert [(home.g.found[bit], home.g.needs[bit]) for bit in bits[:2]] == [(99.0, 108.0), (64.0, 63.0)]
    assert home.g.needs[t.GUIDE_BIT_LEGS] == pytest.approx(0.9 * 198.0)
    home.source_v, home.source_hz, home.legs_wrong = 120.0, 62.5, False
    home.live(5)
    assert home.g.unmet[t.GUIDE_ENGINE] == 1 << t.GUIDE_BIT_WARMING_UP
    assert home.g.found[t.GUIDE_BIT_WARMING_UP] == pytest.approx(5.0, abs=0.1)
    assert home.g.needs[t.GUIDE_BIT_WARMING_UP] == 10.0


def on_backup(*, solar: int = 0) -> Home:
    home = Home(solar=solar)
    home.grid = False
    home.live(5)
    for action in ("breakers off", "plug", "cord", "start", "wait", "essentials"):
        home.do(action)
    assert home.g.phase == t.PHASE_RUNNING
    return home


def test_when_the_utility_is_back_the_guide_leads_back() -> None:
    """H29: cool for a minute, stop, unplug, all on; then there is nothing to do and no word is left."""
    home = on_backup()
    home.grid = True
    home.live(70)
    assert (home.g.phase, home.g.step) == (t.PHASE_RETURN, t.GUIDE_COOL)
    assert home.g.warnings & t.WARN_ENGINE_IDLE
    home.live(60)
    assert home.g.step == t.GUIDE_STOP
    assert home.g.unmet[t.GUIDE_STOP] == 1 << t.GUIDE_BIT_SOURCE_RUNS
    home.do("stop")
    assert home.g.step == t.GUIDE_UNPLUG
    home.do("unplug")
    assert home.g.step == t.GUIDE_ALL_ON
    home.do("all on")
    assert (home.g.phase, home.g.step, home.g.declared) == (t.PHASE_IDLE, t.GUIDE_STEP_NONE, 0)


def test_a_return_that_nobody_ends_ends_by_itself() -> None:
    """Stopped and unplugged, and nobody says that the breakers are on: the guide ends after an hour."""
    home = on_backup()
    home.grid = True
    home.stride = 10 * SECOND
    home.live(130)
    home.do("stop")
    home.do("unplug")
    assert home.g.phase == t.PHASE_RETURN
    home.live(3590)
    assert home.g.phase == t.PHASE_RETURN
    home.live(60)
    assert home.g.phase == t.PHASE_IDLE


def test_a_medical_home_is_never_told_to_wait() -> None:
    """H32: urgent while dark; no cooling of the engine before it may be stopped."""
    home = Home(medical=1)
    assert home.g.urgent == 0
    home.grid = False
    home.live(5)
    assert home.g.urgent == 1
    for action in ("breakers off", "plug", "cord", "start", "wait", "essentials"):
        home.do(action)
    assert home.g.urgent == 0
    home.grid = True
    home.live(70)
    assert (home.g.phase, home.g.step) == (t.PHASE_RETURN, t.GUIDE_STOP)


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (BACKUP_NONE, set[int]()),
        (BACKUP_PORTABLE, {0, 2, 3, 4, 5, 6, 7, 8, 9}),
        (BACKUP_EV, {0, 2, 4, 5, 7, 8, 9}),
        (BACKUP_BATTERY, {0, 4, 5, 9}),
        (BACKUP_STANDBY, {4, 5}),
    ],
)
def test_each_source_has_its_own_list(kind: int, steps: set[int]) -> None:
    """BRIEF: shorter for a car, a battery, a standby generator; the rest is shown as not needed and not asked for."""
    home = Home(backup_kind=kind)
    assert {step for step in range(t.GUIDE_STEPS) if has(home.g.needed, step)} == steps
    for step in set(range(t.GUIDE_STEPS)) - steps:
        assert home.g.proof[step] == t.PROOF_NOT_NEEDED
        assert has(home.say(step), t.GUIDE_BIT_NOT_NEEDED) or home.say(step) & 1 << t.GUIDE_BIT_MEASURED_STEP == 0


def test_solar_that_was_seen_is_asked_for_although_nobody_declared_it() -> None:
    """Power out of the home once: the step appears; a word is refused while power still comes out."""
    home = Home()
    assert home.g.proof[t.GUIDE_SOLAR_OFF] == t.PROOF_NOT_NEEDED
    home.solar_w = 5000.0
    home.live(3)
    assert home.g.proof[t.GUIDE_SOLAR_OFF] == t.PROOF_NONE
    assert home.say(t.GUIDE_SOLAR_OFF) == 1 << t.GUIDE_BIT_SOLAR_FEEDS
    home.do("solar off")
    assert home.g.proof[t.GUIDE_SOLAR_OFF] == t.PROOF_DECLARED
    home.solar_w = 5000.0
    home.live(3)
    assert home.g.proof[t.GUIDE_SOLAR_OFF] == t.PROOF_NONE


def test_a_word_that_a_measurement_contradicts_is_refused_with_all_reasons() -> None:
    """Breakers off at 12 A; measured steps; steps that do not exist; on too early. Nothing is taken."""
    home = Home()
    assert home.say(t.GUIDE_BREAKERS_OFF) == 1 << t.GUIDE_BIT_LOAD_FLOWS
    assert (home.g.found[t.GUIDE_BIT_LOAD_FLOWS], home.g.needs[t.GUIDE_BIT_LOAD_FLOWS]) == (12.0, 0.3)
    assert home.say(t.GUIDE_PLUG) == 1 << t.GUIDE_BIT_MEASURED_STEP | 1 << t.GUIDE_BIT_UNMATED
    assert home.say(t.GUIDE_ENGINE) == 1 << t.GUIDE_BIT_MEASURED_STEP | 1 << t.GUIDE_BIT_SOURCE_DEAD
    for step in (-1, 10, 99):
        assert home.say(step) == 1 << t.GUIDE_BIT_NO_SUCH_STEP
    home = on_backup()
    assert home.say(t.GUIDE_ALL_ON) == 1 << t.GUIDE_BIT_NOT_ON_UTILITY | 1 << t.GUIDE_BIT_SOURCE_RUNS
    assert not has(home.g.declared, t.GUIDE_ALL_ON)


def test_without_a_contact_the_plug_is_said_or_inferred() -> None:
    """An inlet without a mating contact: a word counts, voltage proves it."""
    home = Home(mating_contact=0)
    home.grid = False
    home.live(5)
    assert home.say(t.GUIDE_PLUG) == 0
    home.plugged = True
    home.live(2)
    assert home.g.proof[t.GUIDE_PLUG] == t.PROOF_DECLARED
    home.do("cord")
    home.do("start")
    assert home.g.proof[t.GUIDE_PLUG] == t.PROOF_INFERRED


def test_a_plug_that_is_too_small_is_refused() -> None:
    """A plug coded for 20 A in a 30 A inlet: not done, with both numbers."""
    home = Home()
    home.do("plug")
    home.measure()
    home.m.plug_a = 20.0
    guide(home.g, home.s, home.m, home.q, 1)
    assert home.g.unmet[t.GUIDE_PLUG] == 1 << t.GUIDE_BIT_PLUG
    assert (home.g.found[t.GUIDE_BIT_PLUG], home.g.needs[t.GUIDE_BIT_PLUG]) == (20.0, 30.0)


def test_a_lockout_is_named_in_every_open_step() -> None:
    """Locked out: no step of a person helps, each says why."""
    home = Home()
    home.grid = False
    home.live(5)
    home.s.mode, home.s.latched = MODE_LOCKED_OUT, 42
    home.measure()
    guide(home.g, home.s, home.m, home.q, 1)
    assert (home.g.phase, home.g.step) == (t.PHASE_BLOCKED, t.GUIDE_STEP_NONE)
    for step in SIX:
        assert has(home.g.done, step) or has(home.g.unmet[step], t.GUIDE_BIT_BLOCKED)
    assert home.g.found[t.GUIDE_BIT_BLOCKED] == 42.0


def replay(cuts: int, seed_actions: list[str]) -> list[tuple[Any, ...]]:
    home = Home(stride=cuts, solar=1)
    home.grid = False
    home.live(5)
    said = []
    fields = tuple(row for row in t.GUIDE_STATE_FIELDS if row[0] != "wake_ticks")
    for action in seed_actions:
        home.do(action)
        said.append(as_tuple(home.g, fields))
    home.grid = True
    home.live(75)
    said.append(as_tuple(home.g, fields))
    return said


@pytest.mark.parametrize("cuts", [2, 7, 119, 600])
def test_however_time_is_cut_the_guide_is_the_same(cuts: int) -> None:
    """STRIDES: single half-cycles against strides, as far as both wakes allow: every field, values too."""
    actions = WRONG_ORDERS["restarted"].split(", ")
    assert replay(cuts, actions) == replay(1, actions)


def test_device_measurements_and_settings_are_only_read() -> None:
    """BRIEF: guide and declare leave every field of s, m and p as it was."""
    home = on_backup(solar=1)
    home.measure()
    tables = (
        (home.s, core_device.DEVICE_FIELDS),
        (home.m, core_device.MEASURED_FIELDS),
        (home.q, core_guide_settings.FIELDS),
    )
    before = [copy.deepcopy(as_tuple(*table)) for table in tables]
    guide(home.g, home.s, home.m, home.q, 7)
    for step in range(-1, 11):
        declare(home.g, home.s, home.m, home.q, step)
    assert [as_tuple(*table) for table in tables] == before


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1e9])
def test_a_spoiled_reading_proves_nothing_and_makes_no_number(bad: float) -> None:
    """BAD INPUT: readings spoiled in turn; the step they would prove is open, and no field is NaN or infinite."""
    for name, step in (("inlet_l1_v", t.GUIDE_ENGINE), ("inlet_hz", t.GUIDE_ENGINE), ("l1_a", t.GUIDE_ESSENTIALS)):
        home = on_backup()
        home.measure()
        setattr(home.m, name, bad)
        guide(home.g, home.s, home.m, home.q, 1)
        assert has(home.g.unmet[step], t.GUIDE_BIT_DOUBTFUL), (name, bad)
    for name, type_, _unit, _meaning in core_device.MEASURED_FIELDS:
        home = Home(solar=1)
        home.measure()
        if type_ == "f8":
            setattr(home.m, name, bad)
        guide(home.g, home.s, home.m, home.q, 200)
        for value in as_tuple(home.g, t.GUIDE_STATE_FIELDS):
            assert all(math.isfinite(v) for v in (value if isinstance(value, tuple) else (value,))), name


def test_a_doubtful_inlet_is_no_running_engine() -> None:
    """DOUBT: a source whose reading is doubtful is neither running nor stopped."""
    home = on_backup()
    home.measure()
    home.m.inlet_doubtful = 1
    guide(home.g, home.s, home.m, home.q, 1)
    assert not has(home.g.done, t.GUIDE_ENGINE)
    assert not has(home.g.done, t.GUIDE_STOP)


def test_settings_that_the_controller_has_too_are_the_same_rows() -> None:
    """ONE TRUTH: limits of acceptance, dead voltage, ampacity and medical are the controller's own rows."""
    own = {row[0]: row for row in SETTINGS}
    shared = [row for row in core_guide_settings.SETTINGS if row[0] in own]
    assert len(shared) >= 9
    assert all(row == own[row[0]] for row in shared if row[0] != "backup_kind")


def test_a_new_guide_asks_for_nothing() -> None:
    """A meter that has just been fitted, the grid there, nothing plugged in."""
    home = Home()
    start_guide(home.g)
    guide(home.g, home.s, home.m, guide_settings(), 1)
    assert (home.g.phase, home.g.step, home.g.warnings) == (t.PHASE_IDLE, t.GUIDE_STEP_NONE, 0)
