"""The proof holds of the shipped source and fails of broken ones."""

import ast

import pytest

from bptm.assurance.mutate import Mutant, mutants
from bptm.assurance.mutate_judge import End, by_prover, fate
from bptm.assurance.mutate_witness import Witnesses
from bptm.assurance.proofs import prove_steps
from bptm.assurance.proofs_arrows import claims_of_arrows
from bptm.assurance.proofs_claim import judge
from bptm.assurance.proofs_facts import prove_facts
from bptm.assurance.proofs_model import Step
from bptm.assurance.prove import prove_all
from bptm.assurance.z3_translate import PACKAGE, read_source


def changed(module: str, old: str, new: str) -> ast.Module:
    text = (PACKAGE / "controller" / f"{module}.py").read_text(encoding="utf-8")
    assert text.count(old) == 1
    return ast.parse(text.replace(old, new))


@pytest.mark.slow
def test_every_claim_about_the_shipped_source_is_proved_and_about_something_that_can_happen() -> None:
    """LAW-1 to 6, 8, 9, 12, 13: all claims, for all time, with witnesses."""
    verdicts = prove_all()
    assert not [(v.law, v.sentence, v.shown) for v in verdicts if not v.good]
    assert {"L1", "L2", "L3", "L4", "L5", "L6", "L8", "L9", "L12", "L15", "INV"} <= {v.law for v in verdicts}


HELD = "            s.hold_left_ticks = hold_ticks\n"
FED = "s.fed_by == FED_BY_UTILITY and "
DEFECTS = [
    ("interlock", "k.b_out = ORDER_CLOSE if k.b_permit == 1 else ORDER_OPEN", "k.b_out = b_order", "L1"),
    ("ways", "    if mode != MODE_ON_BACKUP:\n        s.b_order = ORDER_OPEN\n", "", "L3"),
    ("scan", "    s.u_order = ORDER_NONE\n    s.b_order = ORDER_OPEN\n    s.tries = 0\n", "    s.tries = 0\n", "L3"),
    ("remote", HELD, f"{HELD}            s.latched = 0\n", "L4"),
    ("scan", "        s.dead_time_ticks = p.dead_time_motor_ticks\n", "", "INV"),
    ("remote", "    if p.medical == 1:\n        unmet |= UNMET_MEDICAL\n", "", "L4"),
    ("interlock", "        b_order = ORDER_OPEN\n", "", "L2"),
    ("ways", "        if s.above_rating == 0:\n", "        if s.tries == 0:\n", "L15"),
    ("registers", f"{FED}s.u_contact == CONTACT_CLOSED and ", FED, "L8"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("module", "old", "new", "law"), DEFECTS)
def test_a_broken_controller_fails_the_law_that_it_breaks(module: str, old: str, new: str, law: str) -> None:
    """LAW-1, 3, 4, 8: one defect each; the proof found the missing dead time in the source once shipped."""
    verdicts = prove_steps(read_source({module: changed(module, old, new)}))
    broken = {v.law for v in verdicts if not v.good}
    assert law in broken
    shown = next(v.shown for v in verdicts if v.law == law and not v.holds)
    assert shown, "a refuted claim comes with the state that refutes it"


def test_a_timer_that_is_one_tick_late_breaks_the_contract_of_its_fact() -> None:
    """LAW-6: `operates if and only if` is exact to the tick."""
    tree = changed("protection_utility", "s.t_deep >= p.lost_deep_ticks", "s.t_deep > p.lost_deep_ticks")
    assert [v.sentence for v in prove_facts(read_source({"protection_utility": tree})) if not v.good]


@pytest.mark.slow
def test_sampled_mutants_are_killed_or_proved_equivalent() -> None:
    """PROOF: a sample of the broken controllers; `bptm prove` judges all of them."""
    fates = [fate(m) for m in mutants()[::120]]
    assert not [f.mutant for f in fates if f.end is End.ALIVE]
    assert sum(f.end is End.KILLED for f in fates) > len(fates) // 2


@pytest.mark.slow
def test_what_a_state_kills_the_prover_kills_and_the_shipped_source_is_killed_by_none() -> None:
    """PROOF: states that were found before are only a quicker way to the same fate."""
    source = read_source()
    step = Step(source, "scan")
    known = Witnesses(step)
    assert known.count == 0
    for verdict in judge(claims_of_arrows(step), step.premises(), step.holds_before(), states=True):
        known.add(verdict.at)
    assert known.count > 100
    assert not [name for name, function in source.functions.items() if known.killed(function) is not None]
    told = 0
    for mutant in mutants()[::40]:
        broken = read_source({mutant.module: mutant.tree})
        if known.killed(broken.functions[mutant.function]) is not None:
            assert by_prover(mutant, broken).end is End.KILLED, mutant.name
            told += 1
    assert told >= 8


@pytest.mark.slow
def test_there_are_enough_mutants_of_every_function() -> None:
    """PROOF: at least sixty, and some in every function that decides."""
    made = mutants()
    assert len(made) >= 60
    assert len({m.name for m in made}) > 400
    assert {m.function for m in made} >= {
        "enter",
        "lock_out",
        "order_open",
        "on_backup",
        "testing",
        "disconnected",
        "to_utility",
        "watch_beat",
    }


@pytest.mark.slow
def test_an_unchanged_source_is_no_killed_mutant() -> None:
    """PROOF: the judge of mutants lets the shipped source itself live, as equivalent."""
    tree = ast.parse((PACKAGE / "controller" / "transfer.py").read_text(encoding="utf-8"))
    same = Mutant(module="transfer", function="none", line=1, change="nothing", tree=tree)
    assert fate(same).end is End.EQUIVALENT
