"""`bptm prove`: the proof, the search and the broken controllers, brought together law by law.

A law is *proved* where the prover showed it of the shipped source for all time, *searched* where every state of a
small closed loop was visited, *sampled* where only tests over random histories speak for it, and *failed* where any
of these found the opposite. What none of them looks at is named in `not_shown`.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import combinations
from multiprocessing import get_context

from bptm.assurance import automaton
from bptm.assurance.mutate_judge import End, Fate, fates
from bptm.assurance.proofs import prove_steps
from bptm.assurance.proofs_arrows import claims_of_arrows
from bptm.assurance.proofs_claim import Verdict, judge
from bptm.assurance.proofs_facts import prove_facts
from bptm.assurance.proofs_model import INVARIANT, Step
from bptm.assurance.prove_claim import Failing, claim_text, failing, minimal
from bptm.assurance.search import (
    FAULTS,
    HARDWARE,
    Explorer,
    Searched,
    Trace,
    bad_words,
    fault_words,
    search_sets,
)
from bptm.assurance.z3_translate import read_source
from bptm.terms import core_codes as c

DRIVES = automaton.FAULT_U_CLOSES_ITSELF | automaton.FAULT_B_CLOSES_ITSELF
_OFTEN = automaton.COMES_AND_GOES & ~(automaton.FAULT_SUPPLY_FAILS | automaton.FAULT_CONTROLLER_HANGS)
"""What multiplies the states of every other fault: searched alone, in pairs only when asked."""
_SECOND_LEG = automaton.FAULT_U_WELD_2 | automaton.FAULT_B_WELD_2
_WITH_MESSAGES = (
    automaton.FAULT_U_WELD_1, automaton.FAULT_B_WELD_1, automaton.FAULT_U_STUCK, automaton.FAULT_U_READS_OPEN,
    automaton.FAULT_B_READS_OPEN, automaton.FAULT_ADC_FROZEN, automaton.FAULT_JOURNAL_LOST, automaton.FAULT_CLOCK_FAST,
)  # fmt: skip
"""What forged messages are searched with; with the rest only when asked."""
_BY_FAULT = {
    automaton.BAD_LOCKOUT_LOST: automaton.FAULT_JOURNAL_LOST,
    automaton.BAD_CLOSE_ON_LIVE_BUS: automaton.FAULT_BUS_SENSE_LOST,
}
"""What one fault brings about by its own nature: a lockout forgotten with the journal, a bus that no sense reports."""
_GRID_GOOD, _GRID_AND_SOURCE, _SOURCE_ONLY = 1, 3, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What is known of one law."""

    id: str
    method: str
    status: str
    links: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutants:
    """How many broken controllers were made and killed, and those that live, each with the reason."""

    made: int
    killed: int
    survived: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that `bptm prove` prints."""

    laws: tuple[Law, ...]
    states: int
    transitions: int
    faults: int
    fault_sets: int
    """Sets of faults times builds of the hardware for which the search speaks."""
    fault_sets_visited: int
    """Of these, the ones visited: the others are the same as one of them, since no interlock could have told anything."""
    claim: str
    failing: tuple[Failing, ...]
    mutants: Mutants
    quick: bool
    """Whether pairs of faults and broken controllers were left out."""
    invariant: tuple[str, ...]
    refuted: tuple[str, ...]
    not_shown: tuple[str, ...]
    seconds: float
    traces: tuple[Trace, ...]

    @property
    def good(self) -> bool:
        """Whether no law failed and every broken controller is accounted for."""
        alive = [name for name in self.mutants.survived if not name.startswith(End.EQUIVALENT.value)]
        return not alive and all(law.status != "failed" for law in self.laws)

    def as_json(self) -> dict[str, object]:
        """The report as JSON, without the traces."""
        content: dict[str, object] = {name: value for name, value in asdict(self).items() if name != "traces"}
        return content | {"ok": self.good}


def prove(*, deep: bool, say: Callable[[str], None], quick: bool = False) -> Report:
    """Runs everything.

    Args:
        deep: Also all pairs that are left out otherwise: many minutes more.
        quick: Only the claims and single faults, for work on the controller; the report says what it leaves out.
        say: Takes one line when a part is done.
    """
    begun_s = time.perf_counter()
    # The prover has one core, the compiler of the search the other. No thread of this pool is left when others fork.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
        asked = aside.submit(prove_all)
        search_sets(automaton.HARDWARE_NONE, (), ())
        verdicts = asked.result()
    say(f"proof: {sum(v.good for v in verdicts)} of {len(verdicts)} claims, {time.perf_counter() - begun_s:.1f} s")
    searched, arrivals, search_s = _search_all(deep=deep, quick=quick, say=say)
    found = [] if quick else fates([v.at for v in verdicts if v.at])
    alive = [f for f in found if f.end is not End.KILLED]
    if not quick:
        say(
            f"broken controllers: {len(found) - len(alive)} of {len(found)} killed, {time.perf_counter() - begun_s:.1f} s"
        )
    bad = failing(searched)
    return Report(
        laws=_laws(verdicts, searched, arrivals, search_s),
        states=sum(s.states for s in searched),
        transitions=sum(s.transitions for s in searched),
        faults=len(FAULTS),
        fault_sets=sum(1 + len(s.layers) for s in searched),
        fault_sets_visited=sum(len(s.visited) for s in searched),
        claim=claim_text(searched),
        failing=bad,
        mutants=Mutants(made=len(found), killed=len(found) - len(alive), survived=tuple(map(_survivor, alive))),
        quick=quick,
        invariant=INVARIANT,
        refuted=tuple(_refuted(v) for v in verdicts if not v.good),
        not_shown=(*_NOT_SHOWN, *(_NOT_QUICKLY if quick else ())),
        seconds=round(time.perf_counter() - begun_s, 1),
        traces=tuple(t for s in searched for layer in minimal(s) for t in layer.traces),
    )


def prove_all() -> list[Verdict]:
    """Every claim about the shipped source."""
    source = read_source()
    step = Step(source, "scan")
    arrows = judge(claims_of_arrows(step), step.premises(), step.holds_before(), states=True)
    return [*prove_steps(source), *arrows, *prove_facts(source)]


def _survivor(found: Fate) -> str:
    return f"{found.end.value}: {found.mutant}"


def _refuted(verdict: Verdict) -> str:
    if verdict.holds:
        return f"{verdict.law}: {verdict.sentence}: says nothing, what it assumes cannot be reached"
    shown = ", ".join(
        f"{name}={value}" for name, value in sorted(verdict.shown.items()) if name[:2] in {"s.", "m.", "k."}
    )
    return f"{verdict.law}: {verdict.sentence}: not so in {shown}"


def _search_all(
    *, deep: bool, quick: bool, say: Callable[[str], None]
) -> tuple[list[Searched], list[tuple[int, int]], float]:
    begun_s = time.perf_counter()
    every = tuple(mask for _name, mask in FAULTS)
    chosen = tuple(mask for mask in every if deep or not mask & (DRIVES | _SECOND_LEG | _OFTEN))
    pairs = tuple(a | b for a, b in combinations(chosen, 2))
    # The legs are alike: a weld of the second leg behaves with another fault as one of the first. Two welds do not.
    welds = (automaton.FAULT_U_WELD_1, automaton.FAULT_U_WELD_2, automaton.FAULT_B_WELD_1, automaton.FAULT_B_WELD_2)
    forged = tuple(automaton.FAULT_MESSAGES_FORGED | mask for mask in _WITH_MESSAGES)
    pairs = tuple(dict.fromkeys((*pairs, *(a | b for a, b in combinations(welds, 2)), *forged)))
    bare = search_sets(HARDWARE["no interlock"], every, () if quick else pairs)
    found = [bare]
    say(_search_line("no interlock", bare, begun_s))
    for name, hardware in HARDWARE.items():
        if hardware != automaton.HARDWARE_NONE:
            # Few sets of faults come to where an interlock acts; all others are the same with every hardware.
            found.append(search_sets(hardware, every, () if quick else pairs, bare))
            say(_search_line(name, found[-1], begun_s))
    explorer = Explorer()
    arrivals = [
        explorer.arrivals(bare.sound.states, inputs, mode)
        for inputs, mode in (
            (_GRID_GOOD, c.MODE_ON_UTILITY),
            (_GRID_AND_SOURCE, c.MODE_ON_UTILITY),
            (_SOURCE_ONLY, c.MODE_ON_BACKUP),
        )
    ]
    return found, arrivals, time.perf_counter() - begun_s


def _search_line(name: str, found: Searched, begun_s: float) -> str:
    return (
        f"search, {name}: {len(found.layers) + 1} sets of faults, {len(found.visited)} visited, {found.states:,} states, "
        f"{found.transitions:,} transitions, {time.perf_counter() - begun_s:.1f} s"
    )


def _laws(
    verdicts: list[Verdict], searched: list[Searched], arrivals: list[tuple[int, int]], search_s: float
) -> tuple[Law, ...]:
    """Status of each law."""
    by_name = {name: s for (name, _mask), s in zip(HARDWARE.items(), searched, strict=True)}
    wrong = _search_failures(by_name)
    if arrivals[0][0] or arrivals[1][0]:
        wrong["L7"] = "a state without a fault does not reach the utility"
    if arrivals[2][0]:
        wrong["L11"] = "a state without a fault does not reach the backup"
    laws: list[Law] = []
    for law, method, links in _LINKS:
        mine = [v for v in verdicts if v.law == law or (law in {"L1", "L2", "L3", "L4", "L9"} and v.law == "INV")]
        failed = [v.sentence for v in mine if not v.good] + ([wrong[law]] if law in wrong else [])
        if law == "L13":
            failed = [v.sentence for v in verdicts if not v.reached]
        proved_s = sum(v.seconds for v in mine)
        laws.append(
            Law(
                id=law,
                method=method,
                status="failed" if failed else method.split(" ", 1)[0].rstrip(",;"),
                links=tuple(f"FAILED: {sentence}" for sentence in failed) + links,
                seconds=round(proved_s + (search_s if "searched" in method else 0.0), 2),
            )
        )
    return tuple(laws)


def _search_failures(by_name: dict[str, Searched]) -> dict[str, str]:
    """What the search found against a law, by law."""
    wrong: dict[str, str] = {}
    single = {mask for _name, mask in FAULTS}
    for name, found in by_name.items():
        for layer in (found.sound, *found.layers):
            words = f"{name}, {fault_words(layer.faults)}: {', '.join(bad_words(layer.bad))}"
            one = layer.faults in single or not layer.faults
            by_itself = sum(bit for bit, fault in _BY_FAULT.items() if layer.faults & fault)
            bad = layer.bad & ~by_itself
            guarded = not layer.faults or (name != "no interlock" and not layer.faults & DRIVES)
            if bad & automaton.BAD_BOTH_ORDERED or (one and guarded and bad & automaton.BAD_BOTH_CLOSED):
                wrong["L1"] = words
            if one and bad & (automaton.BAD_CLOSE_ON_LIVE_BUS | automaton.BAD_CLOSE_WITHOUT_ENERGY):
                wrong["L2"] = words
            if bad & (automaton.BAD_LOCKOUT_NOT_OPEN | automaton.BAD_BLOCK_NOT_OPEN | automaton.BAD_START_CLOSES):
                wrong["L3"] = words
            if bad & automaton.BAD_LOCKOUT_WITHOUT_FAULT:
                wrong["L9"] = words
            if bad & automaton.BAD_LOCKOUT_LOST:
                wrong["L4"] = words
            if one and not layer.faults & DRIVES and bad & automaton.BAD_ENERGISED_TOO_LONG:
                wrong["L5"] = words
            if one and guarded and bad & automaton.BAD_DEAD_GRID_ENERGISED:
                wrong["L14"] = words
    return wrong


_NOT_SHOWN = ("L14: export of solar, load-side sources", "L15: openings that no scan orders")
_NOT_QUICKLY = ("pairs of faults", "broken controllers")
_SMALL = "timers of 1 to 4 ticks, legs at 0, 30 or 120 V, poles 0 to 2 ticks apart"
_LINKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("L1", "proved; searched with contactors", ("orders and outputs: transfer -> interlock", f"contacts, single faults, an interlock in the hardware: {_SMALL}", "what fails without: the claim")),
    ("L2", "proved; searched with contactors", ("dead bus, dead time, energy -> order; own count -> output", f"true bus: {_SMALL}")),
    ("L3", "proved; searched with resets", ("start from any journal, lockouts -> orders and outputs in one scan",)),
    ("L4", "proved; searched with messages", ("one command -> only the hold changes; lockout -> person at the meter",)),
    ("L5", "proved; searched with contactors", ("volts -> 25 -> order in one scan", "mirror: an inlet that follows the bus, in every mode that leaves U closed", f"how long a dead grid is energised: {_SMALL}")),
    ("L6", "proved; searched with harmful sources", ("volts, legs, frequency -> 27/59/47, harm and qualification, any settings", "fact -> order in one scan, on backup and on utility")),
    ("L7", "searched without faults", (f"from every state reached, the world standing still: {_SMALL}",)),
    ("L8", "proved; sampled for its 0.2 %", ("contacts read -> register; the figure: tests/laws",)),
    ("L9", "proved", ("every arrow of the state diagram, its guard, cause, orders and counts",)),
    ("L10", "sampled", ("tests/wire: replay, reorder, expiry; the core reads no clock",)),
    ("L11", "searched without faults", (f"from every state reached, the world standing still: {_SMALL}",)),
    ("L12", "proved", ("volts -> loss of the utility, default settings; ITIC durations in half-cycles",)),
    ("L13", "proved", ("every claim's assumption has a witness",)),
    ("L15", "proved", ("current -> no order to open, for the time of fuse or breaker", "B in service or still closing", "not: drops of B by the interlock or without supply; a start")),
    ("L14", "searched with contactors", (f"backup source -> dead grid through U, single faults, an interlock in the hardware: {_SMALL}", "not: export of solar, load-side sources")),
)  # fmt: skip
