"""A life of chaos again: as a bench report, as a scenario of the bench, with the shipped controller and broken ones."""

import json
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from chaos_plain import PlainLife as Scripted

from bptm.compiled import kernel_chaos_script as script
from bptm.compiled.kernel_chaos_what import WHAT_END, WHAT_NAMES
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin import chaos
from bptm.twin.bench.batch import play_folder
from bptm.twin.bench.controllers import CONTROLLERS
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.reading_expected import read_expected
from bptm.twin.bench.report_parts import Provenance
from bptm.twin.chaos import LAWS, LIFE_TICKS, live_all, live_block, script_of, violation_of
from bptm.twin.chaos_lives import CompiledLife, PlainLife, life_of
from bptm.twin.chaos_page import page
from bptm.twin.chaos_replay import HOME_FIELDS, Story, replay_life, save_life
from bptm.twin.chaos_scenario import OF, expected_toml, scenario_toml

PROVENANCE = Provenance(command="bptm fleet --chaos --replay 1:0", made_at="2026-01-01 00:00 UTC")

CAUGHT = (("stays-on-utility", 11), ("locks-out-always", 9), ("closes-on-reset", 3))


def first_broken(controller: str) -> Story:
    """The first life of seed 1, of at most three, in which this controller breaks a law."""
    for home in range(3):
        life = life_of(1, home, controller)
        life.live(LIFE_TICKS)
        if life.life.broken:
            return replay_life(1, home, controller=controller)
    pytest.fail(f"{controller} broke nothing in three drawn lives")


def data_of(text: str) -> dict[str, Any]:
    """What the page's script draws."""
    found = re.search(r'<script type="application/json" id="run">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1].replace("<\\/", "</"))


@pytest.mark.parametrize(("controller", "law"), CAUGHT, ids=str)
def test_drawn_chaos_catches_a_broken_controller_and_draws_it(controller: str, law: int, tmp_path: Path) -> None:
    """LAW-3, LAW-9, LAW-11: found by a drawn life, no script of ours; its report says law, value and command."""
    story = first_broken(controller)
    assert law in story.laws
    text = page(story, PROVENANCE)
    assert f"<b>LAW-{law}</b>" in text
    assert PROVENANCE.command in text
    assert CONTROLLERS[controller].source_hash() in text
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    data = data_of(text)
    titles = [panel["title"] for panel in data["panels"]]
    assert titles[:4] == ["Mode, contacts and orders", "Voltage, RMS", "Current, RMS", "Frequency"]
    begin_s, end_s, at_s = data["view"]
    assert 0.0 <= begin_s <= at_s <= end_s <= data["duration_s"]
    assert at_s == pytest.approx((story.tick - story.begun_tick) / TICKS_PER_S)
    save_life(story, text, tmp_path)
    assert (tmp_path / "life.html").read_text(encoding="utf-8") == text
    read_expected(read_scenario(tmp_path))


def test_the_sound_controller_lives_the_same_episode_without_a_breach() -> None:
    """The life in which the broken one fails is no trap: the shipped one goes through it."""
    story = first_broken("stays-on-utility")
    sound = replay_life(story.seed, story.home, story.end_tick)
    assert sound.laws == ()
    assert sound.script == story.script
    assert any(moment.b_poles == 3 for moment in sound.moments)


@pytest.mark.slow
def test_the_bench_finds_what_chaos_found(tmp_path: Path) -> None:
    """The folder that `--save` writes, played sample by sample: the broken controller breaks the law, ours does not."""
    story = first_broken("stays-on-utility")
    save_life(story, "", tmp_path)
    broken = play_folder(tmp_path, "stays-on-utility")
    assert set(broken.broken) == {"LAW-11"}
    assert play_folder(tmp_path, "bptm").passed


def drawn_story(number: int) -> Story:
    """An episode as it is drawn, told to its end, not lived."""
    life = Scripted(11, number)
    for _episode in range(1 + number % 4):
        life.h.tick = life.h.episode_end_tick
        script.draw_episode(life.h)
    plain = PlainLife(11, number, CONTROLLERS["bptm"])
    plain.life = life.h
    row = plain.row()
    return Story(
        seed=11, home=number, tick=life.h.episode_end_tick, laws=(), seen=0.0, wanted=0.0, story="outage", hazard="H1",
        interlock="software only", episode=1, script=script_of(row), moments=(), controller="bptm",
        end_tick=life.h.episode_end_tick, begun_tick=life.h.episode_tick, begun_whole=True,
        home_values={name: float(row[name]) for name in HOME_FIELDS}, settings={"accept_ticks": 240}, excused=(7,),
        checked_s=dict.fromkeys(LAWS, 0.0),
    )  # fmt: skip


def test_every_kind_of_entry_is_translated_into_a_scenario_that_the_bench_takes(tmp_path: Path) -> None:
    """Drawn episodes, service visit included, until every kind of entry was met: no fault in what is written."""
    met: set[str] = set()
    for number in range(1500):
        story = drawn_story(number)
        new = {row.what for row in story.script} - met
        if not new and number >= 40:
            continue
        met |= new
        (tmp_path / "scenario.toml").write_text(scenario_toml(story), encoding="utf-8")
        (tmp_path / "expected.toml").write_text(expected_toml(story), encoding="utf-8")
        scenario = read_scenario(tmp_path)
        read_expected(scenario)
        assert scenario.changes
    assert met == set(WHAT_NAMES[1:WHAT_END])
    assert set(OF) == set(range(1, WHAT_END)) - {WHAT_NAMES.index("service visit: all faults mended")}


@pytest.mark.slow
def test_compiled_and_plain_live_the_same_life() -> None:
    """Some days of a drawn life with faults: every field of home, checkers and controller is equal to the bit."""
    for home in range(2):
        compiled, plain = CompiledLife(4, home), PlainLife(4, home, CONTROLLERS["bptm"])
        until_tick = 4 * 86400 * TICKS_PER_S
        compiled.live(until_tick)
        plain.live(until_tick)
        assert compiled.row().tobytes() == plain.row().tobytes()
        names = compiled.device.dtype.names
        assert all(getattr(compiled.device, name) == getattr(plain.device, name) for name in names)
        assert plain.life.episode > 5


@pytest.mark.slow
def test_two_processes_live_what_one_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer, its digest included, is the same on one process and on two; only times differ."""
    monkeypatch.setattr(chaos, "BLOCK_LIVES", 3)
    alone = live_all(0.01, 9, None).as_json()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two:
        shared = live_all(0.01, 9, two).as_json()
    timed = {"cpu_s", "device_centuries_per_cpu_h", "stress_centuries_per_cpu_h"}
    assert {k: v for k, v in alone.items() if k not in timed} == {k: v for k, v in shared.items() if k not in timed}
    assert alone["lives"] == 12
    assert alone["transfers"] > 1000


def test_a_block_of_a_broken_controller_names_the_command_that_replays_it() -> None:
    """`--controller` is in the command, and the report's file with it."""
    block = live_block(1, 0, 1, "stays-on-utility")
    found = violation_of(block.life[0], "stays-on-utility")
    assert found.laws == (11,)
    assert found.command == "bptm fleet --chaos --controller stays-on-utility --replay 1:0 --html life-1-0.html"
