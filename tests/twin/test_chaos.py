"""Chaos: its circuit against a nodal solution, its scripts, its time, its lives."""

import cmath
import math
import random

import numpy as np
from chaos_plain import PlainLife

from bptm.compiled import kernel_chaos_circuit as circuit
from bptm.compiled import kernel_chaos_excuses as excuses
from bptm.compiled import kernel_chaos_meter as meter
from bptm.compiled import kernel_chaos_script as script
from bptm.compiled import kernel_chaos_what as faults
from bptm.compiled.chaos_records import SCRIPT_MOST
from bptm.terms.journal import JOURNALLED, ROUTINE
from bptm.twin.chaos import CENTURY_S, LIFE_DAYS, lives_of


def nodal(h: object, poles_u: int, poles_b: int) -> tuple[complex, complex]:
    """Bus voltages by Kirchhoff over nine nodes, complex: every conductor on its own, nothing reduced."""
    g = {name: getattr(h, name) for name in vars(h)}
    nodes = ["b1", "b2", "p", "u", "v"]
    matrix = np.zeros((5, 5), complex)
    right = np.zeros(5, complex)

    def join(a: str, b: str, siemens: float, volts: complex = 0) -> None:
        """A conductance from a to b with a voltage in series that lifts b above a; "0" is the device's neutral."""
        for x, y, sign in ((a, b, -1), (b, a, 1)):
            if x == "0":
                continue
            i = nodes.index(x)
            matrix[i, i] += siemens
            if y != "0":
                matrix[i, nodes.index(y)] -= siemens
            right[i] += sign * volts * siemens

    theta = cmath.exp(2j * math.pi * g["phase_uturns"] * 1e-6)
    for leg, (node, sign) in enumerate((("b1", 1), ("b2", -1)), 1):
        if poles_u & leg:
            join("u", node, 1 / g["service_ohm"], sign * g["utility_v"])
        if poles_b & leg:
            join("v", node, 1 / g["source_ohm"], sign * g["source_v"] * theta)
    join("u", "0", 1 / g["neutral_ohm"])
    join("v", "0", 1 / g["source_neutral_ohm"])
    join("p", "0", 1 / g["premise_neutral_ohm"])
    join("b1", "p", g["l1_w"] / 14400 + 1e-6)
    join("b2", "p", g["l2_w"] / 14400 + 1e-6)
    join("b1", "b2", g["l12_w"] / 57600)
    solved = np.linalg.solve(matrix, right)
    return complex(solved[0]), complex(solved[1])


def test_against_a_nodal_solution_the_circuit_agrees() -> None:
    """Bus voltages of 300 drawn homes, any poles and neutrals, both sources joined or not."""
    chance = random.Random(7)  # noqa: S311 - drawn cases
    life = PlainLife()
    h = life.h
    for _home in range(300):
        h.utility_on = h.source_on = h.plugged = 1
        h.u_poles, h.b_poles = chance.randrange(4), chance.randrange(4)
        if h.u_poles == 0 and h.b_poles == 0:
            continue
        h.utility_v, h.source_v = chance.uniform(100, 130), chance.uniform(60, 130)
        h.utility_share = 1.0
        h.service_ohm, h.source_ohm = chance.uniform(0.03, 0.1), chance.uniform(0.05, 0.2)
        h.neutral_ohm, h.source_neutral_ohm = chance.uniform(0.01, 20), chance.uniform(0.01, 20)
        h.premise_neutral_ohm = chance.uniform(0.001, 20)
        h.l1_w, h.l2_w, h.l12_w = (chance.uniform(50, 4000) for _ in range(3))
        h.phase_uturns = chance.randrange(1_000_000)
        circuit.solve_all(h)
        b1, b2 = nodal(h, h.u_poles, h.b_poles)
        for mine, theirs in ((h.bus_l1_v, abs(b1)), (h.bus_l2_v, abs(b2)), (h.bus_l12_v, abs(b1 - b2))):
            # Bhaskara's cosine is within 0.002: joined sources are that far off.
            assert math.isclose(mine, theirs, abs_tol=0.7, rel_tol=1e-6), (h.u_poles, h.b_poles)


def test_power_into_the_premise_is_what_its_conductances_take() -> None:
    """Tellegen: what flows in through U and B is what loads and premise neutral turn into heat, at any angle."""
    h = PlainLife().h
    h.u_poles = h.b_poles = 3
    h.source_on = 1
    h.source_v = 118.0
    h.l1_w, h.l2_w, h.l12_w = 900.0, 2400.0, 1000.0
    for turn in range(0, 1_000_000, 50_000):
        h.phase_uturns = turn
        circuit.solve_all(h)
        taken = (h.bus_l1_v**2 * h.l1_w + h.bus_l2_v**2 * h.l2_w) / 14400 + h.bus_l12_v**2 * h.l12_w / 57600
        assert math.isclose(h.u_w + h.b_w, taken, rel_tol=1e-4, abs_tol=2.0)


def test_every_kind_of_entry_has_a_name_and_an_excuse_and_is_drawn() -> None:
    """3,000 episodes: every kind but `settled` by name, in order of time, never more than the script holds."""
    assert len(faults.WHAT_NAMES) == len(excuses.EXCUSED) == faults.WHAT_END
    life = PlainLife()
    seen: set[int] = set()
    stories: set[int] = set()
    for _episode in range(3000):
        life.h.tick += 1000
        script.draw_episode(life.h)
        count = life.h.entries
        assert 5 < count < SCRIPT_MOST
        at = life.h.at_tick[:count]
        assert at == sorted(at)
        assert life.h.what[count - 1] == faults.WHAT_SETTLED
        assert at[-1] + 38 * script.MINUTE < life.h.episode_end_tick
        seen.update(life.h.what[:count])
        stories.add(life.h.story)
    assert seen == set(range(1, faults.WHAT_END))
    assert stories == set(range(len(script.STORY_NAMES)))


def test_the_result_does_not_depend_on_how_time_is_cut() -> None:
    """A strided life and one by single ticks are the same after an outage with a transfer and its return."""
    entries = ((3, faults.WHAT_UTILITY_OFF, 0), (4, faults.WHAT_SOURCE_ON, 0), (50, faults.WHAT_UTILITY_ON, 1000))
    strided = PlainLife().script(entries, 400, interlock=1).live(130)
    ticked = PlainLife().script(entries, 400, interlock=1).live(130, most_ticks=1)
    same = [name for name in vars(strided.h) if name != "scans"]
    assert {n: getattr(strided.h, n) for n in same} == {n: getattr(ticked.h, n) for n in same}
    for name in ("mode", "cause", "fed_by", "transfers", "utility_in_mwticks", "backup_in_mwticks"):
        assert getattr(strided.s, name) == getattr(ticked.s, name), name
    assert strided.h.transfers == 1
    assert strided.h.scans * 4 < ticked.h.scans


def test_a_day_of_some_lives_breaks_no_law_and_is_the_same_again() -> None:
    """Sampled: drawn stories and faults, the shipped controller; the second time every field is equal."""
    ends: list[dict[str, object]] = []
    for _time in range(2):
        life = PlainLife(3, 5).live(6 * 3600)
        assert life.laws == [], (life.h.tick, life.h.seen, life.h.wanted)
        ends.append(vars(life.h))
    assert ends[0] == ends[1]
    assert ends[0]["episode"] != 1


def test_the_journal_is_the_one_of_the_device() -> None:
    """H7: written, restored and cleared by name, each field of the list that host and proof share."""
    device, copy, fresh = (PlainLife().s for _record in range(3))
    for number, name in enumerate(JOURNALLED, 1):
        setattr(device, name, number)
    meter.copy_journal(copy, device)
    meter.copy_journal(fresh, copy)
    assert [getattr(fresh, name) for name in JOURNALLED] == list(range(1, len(JOURNALLED) + 1))
    for name in set(JOURNALLED) - set(ROUTINE):
        assert meter.must_write(fresh, copy) == 0
        setattr(fresh, name, -1)
        assert meter.must_write(fresh, copy) == 1, name
        setattr(fresh, name, getattr(copy, name))
    meter.clear_journalled(fresh)
    assert {name for name in JOURNALLED if getattr(fresh, name)} == {"journal_lost"}


def test_centuries_are_counted_in_whole_lives() -> None:
    """A century is 36,525 days; less than a life is one life."""
    assert lives_of(1.0) * LIFE_DAYS * 86400 == CENTURY_S + 15 * 86400
    assert lives_of(1e-9) == 1
