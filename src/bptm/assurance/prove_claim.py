"""What the search found, in words: the smallest sets of faults that break something, and the honest claim of LAW-1."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from bptm.assurance import automaton
from bptm.assurance.search import FAULTS, HARDWARE, Layer, Searched, bad_words, fault_words

CONTACT_BITS = (
    automaton.BAD_BOTH_CLOSED
    | automaton.BAD_DEAD_GRID_ENERGISED
    | automaton.BAD_ENERGISED_TOO_LONG
    | automaton.BAD_SOURCES_JOINED
    | automaton.BAD_BOTH_ORDERED
)
_WELDS = automaton.FAULT_U_WELD_1 | automaton.FAULT_U_WELD_2 | automaton.FAULT_B_WELD_1 | automaton.FAULT_B_WELD_2
_LYING = automaton.FAULT_U_READS_OPEN | automaton.FAULT_B_READS_OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A smallest set of faults that breaks something, with this hardware."""

    hardware: str
    faults: str
    breaks: tuple[str, ...]
    energised_most_ticks: int
    reason: str


def minimal(found: Searched) -> list[Layer]:
    """Layers in which something breaks that breaks with none of their faults alone."""
    layers = [found.sound, *found.layers]
    bad = {layer.faults: layer.bad for layer in layers}

    def parts(faults: int) -> Iterable[int]:
        return (bits for part, bits in bad.items() if part != faults and part & faults == part)

    return [layer for layer in layers if layer.bad & ~_any_bits(parts(layer.faults))]


def _any_bits(words: Iterable[int]) -> int:
    """All bits that stand in any of these words."""
    return reduce(lambda a, b: a | b, words, 0)


def failing(searched: list[Searched]) -> tuple[Failing, ...]:
    """Every smallest set, for each build of the hardware."""
    return tuple(
        Failing(
            hardware=name,
            faults=fault_words(layer.faults),
            breaks=bad_words(layer.bad),
            energised_most_ticks=layer.energised_most_ticks,
            reason=_reason(layer),
        )
        for name, found in zip(HARDWARE, searched, strict=True)
        for layer in minimal(found)
    )


def _reason(layer: Layer) -> str:
    """Why, by the kind of fault: each kind has one sentence, and what is of no kind says so."""
    f = layer.faults
    if f & (automaton.FAULT_U_CLOSES_ITSELF | automaton.FAULT_B_CLOSES_ITSELF):
        return "a contactor that closes by itself: no order is at fault; only the mechanical interlock answers"
    if f & _LYING and f & (_WELDS | automaton.FAULT_U_STUCK):
        return "a pole stays closed and its own feedback says open: rests on the mechanical interlock, else on LAW-5"
    if f & automaton.FAULT_JOURNAL_LOST and not layer.bad & CONTACT_BITS:
        return "the lockout is forgotten with the journal; everything is judged anew from what is read"
    if not layer.bad & CONTACT_BITS:
        return "neither sense of the bus sees residual voltage or a load-side source: a close onto a live bus, no joined sources"
    if f & _LYING:
        return "a feedback that says open is believed; the second fault takes away what would have shown it"
    return "not classified"


def claim_text(searched: list[Searched]) -> str:
    """The claim of LAW-1, made from what was found."""
    builds = {"no interlock": "Without any interlock", "both": "With both interlocks"}
    lines = [
        (
            "Software never orders both contactors closed, nor sends close to both: proved of the shipped source, for all "
            "time and any settings, and found nowhere in the search."
        ),
    ]
    for name, found in zip(HARDWARE, searched, strict=True):
        broken = [layer for layer in minimal(found) if layer.bad & automaton.BAD_BOTH_CLOSED]
        pairs = sum(1 for layer in found.layers if layer.faults.bit_count() > 1)
        singles = sum(1 for layer in found.layers if layer.faults.bit_count() == 1)
        alone = "every single fault" if singles == len(FAULTS) else f"{singles} of {len(FAULTS)} single faults"
        both = f"{alone} and {pairs} pairs" if pairs else alone
        words = f"{builds.get(name, f'With the {name} interlock')}, under {both}"
        sets = "; ".join(f"{{{fault_words(layer.faults)}}}" for layer in broken)
        only = f"poles of one leg can both be closed only with {sets}, and with sets that contain one of these"
        lines.append(f"{words}: {only if broken else 'never both closed, per pole'}.")
    return " ".join(lines)
