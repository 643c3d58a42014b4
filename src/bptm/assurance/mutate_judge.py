"""What becomes of broken controllers: killed by which claim, proved equivalent, or alive."""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cache
from multiprocessing import get_context

from bptm.assurance.mutate import Mutant, mutants
from bptm.assurance.proofs import From, claims_of_a_scan
from bptm.assurance.proofs_arrows import claims_of_arrows
from bptm.assurance.proofs_model import Step
from bptm.assurance.z3_translate import TranslationError, read_source
from bptm.assurance.z3_translate_terms import Prover, all_of, one_of

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
    try:
        step = Step(read_source({mutant.module: mutant.tree}), "scan")
    except (TranslationError, KeyError) as error:
        return Fate(mutant=mutant.name, end=End.KILLED, claim=f"leaves Core Python: {error}")
    claims = [*claims_of_a_scan(step), *claims_of_arrows(step)]
    anywhere = [claim for claim in claims if claim.begins is From.ANY]
    stated = [claim for claim in claims if claim.begins is From.INVARIANT]
    for claims, premises in ((stated, (*step.premises(), *step.holds_before())), (anywhere, step.premises())):
        broken = Prover(premises).first_broken([claim.claim for claim in claims])
        if broken is not None:
            claim = claims[broken]
            return Fate(mutant=mutant.name, end=End.KILLED, claim=f"{claim.law}: {claim.sentence}")
    end = End.EQUIVALENT if _does_the_same(step) else End.ALIVE
    return Fate(mutant=mutant.name, end=end, claim="")


@cache
def _shipped() -> Step:
    return Step(read_source(), "scan")


def _does_the_same(step: Step) -> bool:
    """Whether every field and output is the same as the shipped source's, from every state of the invariant."""
    shipped = _shipped()
    flags = all_of(*(one_of(step.interlock_before[name], (0, 1)) for name in ("u_permit", "b_permit")))
    same = [
        *(step.after[name] == shipped.after[name] for name in step.after if name not in _ONLY_TOLD),
        *(step.interlock[name] == shipped.interlock[name] for name in step.interlock if name not in _ONLY_TOLD),
    ]
    return Prover((*step.premises(), *step.holds_before(), flags)).ask(all_of(*same)).follows


def fates(*, every: int = 1) -> list[Fate]:
    """The fate of each broken controller, or of each n-th."""
    made = mutants()[::every]
    # A fresh process each: threads of the search must not be forked.
    with ProcessPoolExecutor(min(PROCESSES, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        return list(pool.map(fate, made, chunksize=8))
