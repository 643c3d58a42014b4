"""What becomes of broken controllers: killed by which claim, proved equivalent, or alive."""

import os
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cache
from multiprocessing import get_context

from bptm.assurance.mutate import Mutant, mutants
from bptm.assurance.mutate_witness import Found, Witnesses
from bptm.assurance.proofs import claims_of_a_scan, claims_of_the_interlock
from bptm.assurance.proofs_arrows import claims_of_arrows
from bptm.assurance.proofs_claim import From
from bptm.assurance.proofs_model import Step
from bptm.assurance.z3_memory import Memory
from bptm.assurance.z3_translate import Source, TranslationError, read_source
from bptm.assurance.z3_translate_terms import Prover, all_of, one_of
from bptm.terms import core_codes as c
from bptm.terms.codes import Mode

PROCESSES = 2
_ONLY_TOLD = ("wake_ticks", "events")


class End(Enum):
    """What became of a broken controller."""

    KILLED = "killed"
    EQUIVALENT = "proved equivalent"
    ALIVE = "alive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """A broken controller, what became of it, and the claim that it breaks."""

    mutant: str
    end: End
    claim: str


def fate(mutant: Mutant) -> Fate:
    """Whether the broken source breaks a claim; if none, whether it does the same as the shipped one."""
    source = read_source({mutant.module: mutant.tree})
    changed = source.functions.get(mutant.function)
    claim = None if changed is None else _witnesses().killed(changed)
    return by_prover(mutant, source) if claim is None else Fate(mutant=mutant.name, end=End.KILLED, claim=claim)


def by_prover(mutant: Mutant, source: Source) -> Fate:
    """The same, whatever states are known that may tell it from the shipped one."""
    # First, so that the memory holds what the shipped source leaves.
    for mode in (None, *_homes(mutant)):
        _shipped(mode)
    try:
        quick = _killed_at_home(mutant, source)
        if quick is not None:
            return Fate(mutant=mutant.name, end=End.KILLED, claim=quick)
        step = _step_of(mutant, source)
    except (TranslationError, KeyError) as error:
        return Fate(mutant=mutant.name, end=End.KILLED, claim=f"leaves Core Python: {error}")
    claims = [*claims_of_a_scan(step), *claims_of_arrows(step)]
    anywhere = [claim for claim in claims if claim.begins is From.ANY]
    stated = [claim for claim in claims if claim.begins is From.INVARIANT]
    for claims, premises in ((stated, (*step.premises(), *step.holds_before())), (anywhere, step.premises())):
        prover = Prover(premises)
        broken = prover.first_broken([claim.claim for claim in claims])
        if broken is not None:
            _witnesses().add(prover.found())
            claim = claims[broken]
            return Fate(mutant=mutant.name, end=End.KILLED, claim=f"{claim.law}: {claim.sentence}")
    end = End.EQUIVALENT if _does_the_same(step) else End.ALIVE
    return Fate(mutant=mutant.name, end=end, claim="")


_HOMES = {
    "count_flap": c.MODE_ON_UTILITY, "may_test": c.MODE_ON_UTILITY, "on_utility": c.MODE_ON_UTILITY,
    "must_open": c.MODE_DARK, "dark": c.MODE_DARK, "to_backup": c.MODE_TO_BACKUP, "on_backup": c.MODE_ON_BACKUP,
    "leave_backup": c.MODE_ON_BACKUP, "to_utility": c.MODE_TO_UTILITY, "backup_blocked": c.MODE_BACKUP_BLOCKED,
    "went_with_source": c.MODE_BACKUP_BLOCKED, "testing": c.MODE_TEST, "disconnected": c.MODE_DISCONNECTED,
    "locked_out": c.MODE_LOCKED_OUT, "end_trial": c.MODE_ON_BACKUP, "order_open": c.MODE_TO_BACKUP,
    "may_return": c.MODE_ON_BACKUP, "may_try": c.MODE_DARK, "enter": c.MODE_ON_BACKUP, "enter_step": c.MODE_TO_BACKUP,
    "block_backup": c.MODE_ON_BACKUP, "lock_out": c.MODE_ON_BACKUP, "clear_latch": c.MODE_BACKUP_BLOCKED,
    "count_down": c.MODE_TO_BACKUP, "judge_current": c.MODE_ON_BACKUP, "decide": c.MODE_DARK,
    "choose_dead_time": c.MODE_DARK, "dead_long_enough": c.MODE_TO_BACKUP, "count_dead_time": c.MODE_TO_BACKUP,
}  # fmt: skip
"""The mode in which a change of a function shows first: asked alone, that is a small question."""


def _homes(mutant: Mutant) -> tuple[int, ...]:
    """Modes in which a change may show: those that it names, or whose functions, before that of its own function."""
    if mutant.function not in _HOMES:
        return ()
    words = re.findall(r"\w+", mutant.change)
    named = [int(Mode[word.removeprefix("MODE_")]) for word in words if word.startswith("MODE_")]
    named += [_HOMES[word] for word in words if word in _HOMES]
    return tuple(dict.fromkeys((*named, _HOMES[mutant.function])))


def _step_of(mutant: Mutant, source: Source, mode: int | None = None) -> Step:
    return Step(source, "scan", memory=_MEMORY, changed=mutant.function, mode=mode)


def _killed_at_home(mutant: Mutant, source: Source) -> str | None:
    """The arrow of one of its own modes that a broken controller breaks, if it breaks one there."""
    for mode in _homes(mutant):
        step = _step_of(mutant, source, mode)
        claims = claims_of_arrows(step, mode)
        prover = Prover((*step.premises(), *step.holds_before()))
        broken = prover.first_broken([claim.claim for claim in claims])
        if broken is not None:
            _witnesses().add({**prover.found(), "s.mode": mode})
            return f"{claims[broken].law}: {claims[broken].sentence}"
    if mutant.function in _HOMES:
        return None
    step = _step_of(mutant, source)
    claims = [claim for claim in claims_of_the_interlock(step) if claim.begins is From.ANY]
    broken = Prover(step.premises()).first_broken([claim.claim for claim in claims])
    return None if broken is None else f"{claims[broken].law}: {claims[broken].sentence}"


_MEMORY = Memory((
    "update_facts", "find_feed", "register", "count_down", "judge_orders", "on_utility", "dark", "to_backup",
    "on_backup", "to_utility", "backup_blocked", "locked_out", "testing", "disconnected",
))  # fmt: skip
"""What the large parts of a scan leave: of each broken controller only those are run anew that reach its change."""


@cache
def _shipped(mode: int | None = None) -> Step:
    return Step(read_source(), "scan", memory=_MEMORY, mode=mode)


@cache
def _witnesses() -> Witnesses:
    """States that this process knows, each of which may tell the next broken controller."""
    return Witnesses(_shipped())


def _learn(found: Sequence[Found]) -> None:
    for one in found:
        _witnesses().add(one)


def _does_the_same(step: Step) -> bool:
    """Whether every field and output is the same as the shipped source's, from every state of the invariant."""
    shipped = _shipped()
    flags = all_of(*(one_of(step.interlock_before[name], (0, 1)) for name in ("u_permit", "b_permit")))
    same = [
        *(step.after[name] == shipped.after[name] for name in step.after if name not in _ONLY_TOLD),
        *(step.interlock[name] == shipped.interlock[name] for name in step.interlock if name not in _ONLY_TOLD),
    ]
    return Prover((*step.premises(), *step.holds_before(), flags)).ask(all_of(*same)).follows


def fates(found: Sequence[Found] = (), *, every: int = 1) -> list[Fate]:
    """The fate of each broken controller, or of each n-th.

    Args:
        found: States in which arrows of the table are taken.
        every: n.
    """
    made = mutants()[::every]
    processes = min(PROCESSES, os.cpu_count() or 1)
    # A fresh process each: threads of the search must not be forked.
    with ProcessPoolExecutor(processes, get_context("spawn"), _learn, (found,)) as pool:
        return list(pool.map(fate, made, chunksize=8))
