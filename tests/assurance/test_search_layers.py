"""The exhaustive search: what it reaches, that merging states is sound, and that its checks can fail."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptm.assurance import automaton
from bptm.assurance.prove_claim import claim_text, failing, minimal
from bptm.assurance.prove_text import load_trace, save_traces
from bptm.assurance.search import (
    FAULTS,
    PLAIN,
    Explorer,
    Layer,
    Roots,
    Searched,
    fault_words,
    kernel,
    kernel_files,
    search_sets,
    small_settings,
)
from bptm.assurance.search_inputs import RESTARTS
from bptm.assurance.search_state import PLANT_BITS, plant_of, unpack_meter
from bptm.assurance.timeline import replay, timeline
from bptm.compiled.compiler import compile_beside
from bptm.compiled.records import fill_plain, plain_record
from bptm.terms import core_codes as c
from bptm.terms import core_device
from bptm.terms.core_settings import FIELDS

pytestmark = pytest.mark.slow
LIE, WELD, STUCK = automaton.FAULT_U_READS_OPEN, automaton.FAULT_U_WELD_1, automaton.FAULT_U_STUCK


@pytest.fixture(scope="module")
def bare() -> Searched:
    return search_sets(automaton.HARDWARE_NONE, (WELD, STUCK, LIE), (WELD | LIE, STUCK | LIE))


def plain() -> tuple[Any, ...]:
    records = (
        core_device.DEVICE_FIELDS,
        core_device.INTERLOCK_FIELDS,
        core_device.MEASURED_FIELDS,
        core_device.INTERLOCK_INPUT_FIELDS,
    )
    return (*map(plain_record, records), fill_plain(plain_record(FIELDS), small_settings()[0]))


class Copied(list[Any]):
    """Plain records that are copied when one takes another's place, as those of numpy are."""

    def __init__(self, records: list[Any]) -> None:
        super().__init__(copy.deepcopy(record) for record in records)

    def __setitem__(self, place: Any, record: Any) -> None:
        """Takes a copy."""
        super().__setitem__(place, copy.deepcopy(record))


def test_without_a_fault_no_state_is_bad_and_every_mode_is_reached(bare: Searched) -> None:
    """LAW-1, 2, 3, 14, 13: all states of the small closed loop."""
    assert bare.sound.bad == 0
    modes: set[int] = set()
    for key in bare.sound.states:
        s = plain_record(core_device.DEVICE_FIELDS)
        unpack_meter(int(key) >> PLANT_BITS, s, plain_record(core_device.INTERLOCK_FIELDS))
        modes.add(s.mode)
    assert modes == set(range(c.MODE_ON_UTILITY, c.MODE_LOCKED_OUT + 1))


def test_a_weld_or_a_stuck_contactor_alone_is_never_bad(bare: Searched) -> None:
    """LAW-1: single faults of contacts, without any interlock in the hardware."""
    bad = {layer.faults: layer.bad for layer in bare.layers}
    assert bad[WELD] == 0
    assert bad[STUCK] == 0


def test_a_weld_with_its_own_feedback_false_joins_the_two_and_ends(bare: Searched) -> None:
    """LAW-1, LAW-5: the pair that rests on the mechanical interlock is found, and a dead grid is left again."""
    layer = next(found for found in bare.layers if found.faults == WELD | LIE)
    assert layer.bad & automaton.BAD_BOTH_CLOSED
    assert not layer.bad & automaton.BAD_ENERGISED_TOO_LONG
    assert not layer.bad & automaton.BAD_BOTH_ORDERED
    with_lever = search_sets(automaton.HARDWARE_MECHANICAL, (WELD, LIE), (WELD | LIE,))
    assert not any(found.bad & automaton.BAD_BOTH_CLOSED for found in with_lever.layers)


def test_a_feedback_that_lies_alone_joins_nothing(bare: Searched) -> None:
    """LAW-1: U that reads open from the first is ordered open all the same, for `open_ticks` (without an interlock)."""
    layer = next(found for found in bare.layers if found.faults == LIE)
    assert layer.bad == 0


def test_a_layer_that_no_interlock_tells_is_the_same_with_every_hardware() -> None:
    """What is taken from the search without an interlock is what a search with one finds; the rest is visited."""
    closes = automaton.FAULT_B_CLOSES_ITSELF
    known = search_sets(automaton.HARDWARE_NONE, (WELD, STUCK, LIE, closes), (WELD | LIE, STUCK | LIE))
    tells = {layer.faults: layer.tells for layer in (known.sound, *known.layers)}
    assert tells == {0: False, WELD: False, STUCK: False, LIE: False, closes: True, WELD | LIE: True, STUCK | LIE: True}
    for hardware in (automaton.HARDWARE_ELECTRICAL, automaton.HARDWARE_MECHANICAL, 3):
        taken = search_sets(hardware, (WELD, STUCK, LIE, closes), (WELD | LIE,), known)
        whole = search_sets(hardware, (WELD, STUCK, LIE, closes), (WELD | LIE,))
        for one, other in zip((taken.sound, *taken.layers), (whole.sound, *whole.layers), strict=True):
            assert np.array_equal(np.sort(one.states), np.sort(other.states))
            assert (one.bad_counts, one.transitions) == (other.bad_counts, other.transitions)
            assert one.visited == tells[one.faults]
            assert one.hardware == hardware
        assert taken.states == sum(len(layer.states) for layer in taken.layers if layer.visited)


A = automaton


@pytest.mark.parametrize(
    "faults",
    [
        (WELD, LIE),
        (WELD, A.FAULT_BUS_FROZEN),
        (STUCK, A.FAULT_B_WELD_1),
        (STUCK, A.FAULT_COMPARATORS_PRESENT),
        (LIE, A.FAULT_B_CLOSES_ITSELF),
        (A.FAULT_B_BOUNCES, A.FAULT_CONTROLLER_HANGS),
        (A.FAULT_B_READS_OPEN, A.FAULT_JOURNAL_LOST),
        (A.FAULT_PHASE_BLIND, A.FAULT_SUPPLY_FAILS),
        (A.FAULT_ADC_ZERO, A.FAULT_CLOCK_FAST),
        (A.FAULT_INLET_READS_ZERO, A.FAULT_MESSAGES_FORGED),
        (A.FAULT_U_READS_CLOSED, A.FAULT_SHORT_CIRCUIT),
    ],
    ids=lambda faults: fault_words(faults[0] | faults[1]),
)
@pytest.mark.parametrize("hardware", [A.HARDWARE_NONE, A.HARDWARE_MECHANICAL])
def test_what_was_followed_before_need_not_be_followed_again(faults: tuple[int, int], hardware: int) -> None:
    """PROOF: a pair that leaves out what its parts have followed has the states and bad ones of one that does not."""
    explorer = Explorer()
    begins = np.array([explorer.root(u_closed=on) for on in (True, False)], np.int64)
    sound = explorer.layer((Roots.fresh(begins),), 0, hardware)
    alone = [explorer.layer((sound.roots,), mask, hardware) for mask in faults]
    fresh = [explorer.layer((Roots.fresh(sound.states),), mask, hardware) for mask in faults]
    both = sum(faults)
    alone.append(explorer.layer(tuple(layer.roots for layer in alone), both, hardware))
    fresh.append(explorer.layer(tuple(Roots.fresh(layer.states) for layer in fresh), both, hardware))
    for one, other in zip(alone, fresh, strict=True):
        assert np.array_equal(np.sort(one.states), np.sort(other.states))
        assert (one.bad_counts, one.tells) == (other.bad_counts, other.tells)
        assert one.scans <= other.scans
    assert alone[-1].scans < fresh[-1].scans


HOSTILE = (
    automaton.FAULT_U_BOUNCES,
    automaton.FAULT_SUPPLY_FAILS,
    automaton.FAULT_CONTROLLER_HANGS,
    automaton.FAULT_MESSAGES_FORGED,
    automaton.FAULT_LEVER_OR_TEST,
)


def test_bounce_darkness_a_hang_and_forged_messages_alone_are_never_bad() -> None:
    """LAW-1, 2, 3, 4, 14: single faults without an interlock; tests and disconnections are reached."""
    found = search_sets(automaton.HARDWARE_NONE, HOSTILE, ())
    assert {layer.faults: layer.bad for layer in found.layers} == dict.fromkeys(HOSTILE, 0)
    assert all(len(layer.states) > len(found.sound.states) for layer in found.layers)
    modes: set[int] = set()
    for key in found.layers[-1].states:
        s = plain_record(core_device.DEVICE_FIELDS)
        unpack_meter(int(key) >> PLANT_BITS, s, plain_record(core_device.INTERLOCK_FIELDS))
        modes.add(s.mode)
    assert {c.MODE_TEST, c.MODE_DISCONNECTED} <= modes


@cache
def every_input() -> Any:
    """The compiled trial of every input."""
    return compile_beside((*kernel_files(), ("every_input", Path(__file__).with_name("every_input.py"))))


def missed_by(layer: Layer, states: int) -> tuple[int, str]:
    """How many successors this layer's search does not follow, from random states of it, and the first in words."""
    chosen = np.random.default_rng(layer.faults).choice(layer.states, min(states, len(layer.states)), replace=False)
    first = np.zeros(4, np.int64)
    count = int(every_input().count_missed(chosen, layer.faults, layer.hardware, first, *Explorer().arguments()))
    return count, f"{fault_words(layer.faults)}: state {first[0]} with inputs {first[1]} of {first[3]} scans"


def test_an_input_that_is_not_varied_changes_nothing(bare: Searched) -> None:
    """PROOF: every input that can be is tried at random states; what follows is among what the search follows."""
    count, words = missed_by(bare.sound, 1500)
    assert count == 0, words


@pytest.mark.weekly
def test_with_any_fault_an_input_that_is_not_varied_changes_nothing() -> None:
    """PROOF: the same with each fault alone, at 1,500 states each."""
    found = search_sets(automaton.HARDWARE_NONE, tuple(mask for _name, mask in FAULTS), ())
    missed = [missed_by(layer, 1500) for layer in (found.sound, *found.layers)]
    assert [words for count, words in missed if count > 0] == []


@pytest.mark.parametrize("often", ["UTILITY_HARMS", "LEVER_OR_TEST", "LOAD_VARIES", "MESSAGES_FORGED"])
def test_with_what_comes_and_goes_an_input_that_is_not_varied_changes_nothing(often: str) -> None:
    """PROOF: what multiplies states reads inputs that nothing else reads."""
    found = search_sets(automaton.HARDWARE_NONE, (int(getattr(automaton, f"FAULT_{often}")),), ())
    count, words = missed_by(found.layers[0], 500)
    assert count == 0, words


def test_states_of_one_journal_start_alike(bare: Searched) -> None:
    """PROOF: a restart is followed from one state of each journal and position; from any other the same follows."""
    rng = np.random.default_rng(13)
    by_journal: dict[int, list[int]] = {}
    for key in rng.choice(bare.sound.states, 1500, replace=False):
        s, k, *_ = plain()
        by_journal.setdefault(int(PLAIN.journal_of(int(key), s, k)), []).append(int(key))
    alike = [keys[:3] for keys in by_journal.values() if len(keys) > 1][:60]
    assert len(alike) > 20
    for keys in alike:
        for inputs in rng.integers(0, 12, 3):
            ends: set[int] = set()
            for key in keys:
                s, k, m, r, p = plain()
                bad = PLAIN.one_scan(key, int(inputs) | RESTARTS << 13, 0, s, k, m, r, p)
                ends.add(PLAIN.pack_meter(s, k) * 4096 + bad)
            assert len(ends) == 1


def test_every_field_is_kept_or_forgotten(bare: Searched) -> None:
    """PROOF: unpacking writes every field of the device, so nothing of the state before is left."""
    s, k = plain_record(core_device.DEVICE_FIELDS), plain_record(core_device.INTERLOCK_FIELDS)
    told = {"mode_before", "events", "wake_ticks"}
    for name, *_ in core_device.DEVICE_FIELDS:
        setattr(s, name, -77)
    unpack_meter(int(bare.sound.states[0]) >> PLANT_BITS, s, k)
    assert not {name for name, *_ in core_device.DEVICE_FIELDS if getattr(s, name) == -77} - told


def test_from_every_state_without_a_fault_the_home_comes_back_and_goes_over(bare: Searched) -> None:
    """LAW-7, LAW-11: with the world standing still every state arrives; a world without sources never does."""
    explorer = Explorer()
    assert explorer.arrivals(bare.sound.states, 1, c.MODE_ON_UTILITY)[0] == 0
    assert explorer.arrivals(bare.sound.states, 2, c.MODE_ON_BACKUP)[0] == 0
    assert explorer.arrivals(bare.sound.states, 0, c.MODE_ON_BACKUP)[0] > 0


def test_what_a_state_leaves_out_changes_nothing_that_follows(bare: Searched) -> None:
    """PROOF: forgotten fields set to something else, the same successors: merging states is sound."""
    rng = np.random.default_rng(5)
    junk = ("t_running", "transfers", "starts", "interlock_withholds", "utility_in_mwticks", "events", "mode_before")
    for key in rng.choice(bare.sound.states, 400):
        plant = plant_of(int(key))
        inputs = int(rng.integers(0, 4)) | int(rng.integers(0, 3)) << 2 | int(rng.integers(0, 2)) << 4
        ends: list[int] = []
        for fill in (0, 1):
            s, k, m, r, p = plain()
            for name in junk:
                setattr(s, name, 5 * fill + 1)
            PLAIN.one_scan(int(key), inputs, 0, s, k, m, r, p)
            first = PLAIN.pack_meter(s, k)
            PLAIN.one_scan((first << PLANT_BITS) | plant, inputs, 0, s, k, m, r, p)
            ends.append(PLAIN.pack_meter(s, k))
        # The same two scans without packing in between: nothing that matters was lost.
        s, k, m, r, p = plain()
        PLAIN.one_scan(int(key), inputs, 0, s, k, m, r, p)
        PLAIN.scan(s, k, m, r, p, 1)
        ends.append(PLAIN.pack_meter(s, k))
        assert ends[0] == ends[1] == ends[2]


def test_compiled_and_plain_search_agree(bare: Searched) -> None:
    """LIVES: every successor of sampled states, in numba and in CPython."""
    rng = np.random.default_rng(7)
    explorer = Explorer()
    for key in rng.choice(bare.layers[-1].states, 40):
        faults = bare.layers[-1].faults
        room = 1 << 14
        fast = [np.zeros(room, t) for t in (np.int64, np.int32, np.int32, np.int64, np.int64)]
        arguments = explorer.arguments()[:5]
        n = kernel().expand(int(key), 1, -1, 0, faults, 0, *arguments, *fast)
        slow: list[list[int]] = [[0] * room for _ in range(5)]
        meter, interlock, *others = plain()
        twice = (Copied([meter, meter]), Copied([interlock, interlock]))
        assert PLAIN.expand(int(key), 1, -1, 0, faults, 0, *twice, *others, *slow) == n
        assert [[int(x) for x in row[:n]] for row in fast[:3]] == [row[:n] for row in slow[:3]]


def test_a_counter_example_is_told_and_replayed(bare: Searched, tmp_path: Path) -> None:
    """PROOF: the shipped source, plain, walks the whole trace; a changed trace is refused."""
    traces = tuple(t for layer in minimal(bare) for t in layer.traces)
    assert save_traces(traces, tmp_path) == len(traces) > 0
    file = next(iter(sorted(tmp_path.glob("*.json"))))
    trace = load_trace(file)
    assert trace in traces
    assert len(replay(trace)) == len(trace.inputs)
    assert "B CLOSE" in timeline(trace)
    wrong = json.loads(file.read_text(encoding="utf-8"))
    wrong["keys"][-1] += 1
    file.write_text(json.dumps(wrong), encoding="utf-8")
    with pytest.raises(ValueError, match="another source"):
        replay(load_trace(file))


def test_the_claim_names_what_fails_and_gives_each_a_reason(bare: Searched) -> None:
    """LAW-1: nothing that was found is left without a class."""
    assert all(found.reason != "not classified" for found in failing([bare] * 4))
    assert "u reads open" in claim_text([bare] * 4)
