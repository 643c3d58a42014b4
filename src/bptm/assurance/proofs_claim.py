"""What a claim is, and how the prover is asked about it and about what it assumes."""

import time
from dataclasses import dataclass
from enum import Enum, auto

from bptm.assurance.z3_translate_terms import Prover, Term, implies


class From(Enum):
    """Which states before a step a claim is asked of."""

    ANY = auto()
    INVARIANT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something that must follow from the premises.

    `witness` is what the claim assumes: it must be reachable, or the claim says nothing (LAW-13).
    """

    law: str
    sentence: str
    claim: Term
    witness: Term
    begins: From = From.INVARIANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a claim."""

    law: str
    sentence: str
    holds: bool
    reached: bool
    seconds: float
    shown: dict[str, str]
    at: dict[str, int | float]
    """A state, with its inputs, in which what the claim assumes is so; empty when it was not asked for."""

    @property
    def good(self) -> bool:
        """Proved, and about something that can happen."""
        return self.holds and self.reached


def claim_if(law: str, sentence: str, condition: Term, then: Term, begins: From = From.INVARIANT) -> Claim:
    """A claim that assumes a condition."""
    return Claim(law=law, sentence=sentence, claim=implies(condition, then), witness=condition, begins=begins)


def judge(
    claims: list[Claim], premises: tuple[Term, ...], before: tuple[Term, ...], *, states: bool = False
) -> list[Verdict]:
    """Asks the prover about each claim, and whether what it assumes can be reached; with `states` also where."""
    provers = {From.ANY: Prover(premises), From.INVARIANT: Prover((*premises, *before))}
    verdicts: list[Verdict] = []
    for claim in claims:
        begun_s = time.perf_counter()
        prover = provers[claim.begins]
        answer = prover.ask(claim.claim)
        reached = prover.reach(claim.witness)
        verdicts.append(
            Verdict(
                law=claim.law,
                sentence=claim.sentence,
                holds=answer.follows,
                reached=reached.follows,
                seconds=time.perf_counter() - begun_s,
                shown=answer.shown,
                at=prover.found() if states else {},
            )
        )
    return verdicts
