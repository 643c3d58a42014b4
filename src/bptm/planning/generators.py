"""Does a generator fit the meter's inlet: every condition judged, unknown counted as unsafe.

The list of compatible generators is a safety item: a bonded neutral lies outside the scope of UL 1008M and trips ground
fault protection as soon as it feeds the home, and a 120 V source leaves a leg dead or joins both.

Source: facts of the field 0.7 (UL 1008M scope: S101; nuisance trips: S27, S28), 1.1 (inlet and 30 A breaker: S1, S2),
2.6 (120 V sources: derived), H27 (carbon monoxide: S26).
"""

from dataclasses import dataclass
from enum import Enum

from bptm.terms.refusals import Unmet

BREAKER_MIN_A = 30.0
"""At 240 V, with its own over-current protection. Source: S1, S2."""


class Fit(Enum):
    """What is said about a generator."""

    FITS = "fits"
    WITH_CARE = "fits, with care"
    UNKNOWN = "not known: treat as unsafe"
    NO = "does not fit"


class Neutral(Enum):
    """Where the generator's neutral is joined to its frame."""

    FLOATING = "floating"
    BONDED = "bonded"
    UNKNOWN = "unknown"


PLUGS_30_A = frozenset({"L14-30"})
PLUGS_50_A = frozenset({"14-50", "CS6365"})
PLUGS_120_V = frozenset({"5-15", "5-20", "L5-20", "L5-30", "TT-30"})
PLUGS = PLUGS_30_A | PLUGS_50_A | PLUGS_120_V | {"L14-20", "hard-wired"}
"""Plugs that a list may name; NEMA forms, and the California-standard CS6365."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """A generator, or a kind of them. None stands for what nobody knows.

    Attributes:
        name: Maker and model, or what kind it is.
        plug: NEMA form or CS6365 of its largest outlet.
        outlet_v: Volts between the outlet's hots; 120 where there is one hot only.
        breaker_a: Of that outlet.
        neutral: Joined to the frame or not.
        inverter: Makes its 60 Hz electronically.
        co_shutoff: Stops by itself on carbon monoxide (UL 2201 or PGMA G300).
        running_w: Continuous power.
        source: Where this comes from.
        mark: How far it is to be believed.
    """

    name: str
    plug: str
    outlet_v: float | None
    breaker_a: float | None
    neutral: Neutral
    inverter: bool | None
    co_shutoff: bool | None
    running_w: float | None
    source: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said about a generator, and why.

    Attributes:
        fit: The whole of it.
        unmet: What speaks against it; each with its remedy.
        cares: What to mind when it is used.
        inlet: The inlet that it needs; empty when none fits.
    """

    fit: Fit
    unmet: tuple[Unmet, ...]
    cares: tuple[str, ...]
    inlet: str


def judge(generator: Generator) -> Verdict:
    """Every condition on a generator at once."""
    refused = [*_plug(generator), *_volts(generator), *_breaker(generator), *_bond(generator)]
    unknown = [*_not_known(generator)]
    cares = _cares(generator)
    if refused:
        fit = Fit.NO
    elif unknown:
        fit = Fit.UNKNOWN
    else:
        fit = Fit.WITH_CARE if cares else Fit.FITS
    inlet = "L14-30 (30 A)" if generator.plug in PLUGS_30_A else "14-50 (50 A)" if generator.plug in PLUGS_50_A else ""
    return Verdict(fit=fit, unmet=(*refused, *unknown), cares=cares, inlet=inlet)


def _plug(generator: Generator) -> list[Unmet]:
    if generator.plug in PLUGS_30_A | PLUGS_50_A:
        return []
    why = f"{generator.plug}, an outlet of 120 V" if generator.plug in PLUGS_120_V else generator.plug
    return [
        Unmet(
            element="outlet",
            found=why,
            needs="L14-30, 14-50 or CS6365",
            remedy="Use a generator with one of these; an adapter does not make two legs of one.",
        )
    ]


def _volts(generator: Generator) -> list[Unmet]:
    two_legs_v = 240.0
    if generator.outlet_v is None or generator.outlet_v == two_legs_v:
        return []
    return [
        Unmet(
            element="voltage",
            found=f"{generator.outlet_v:g} V",
            needs="120/240 V on two legs",
            remedy="Refused: one leg would be dead, or both would be joined and the neutral overloaded.",
        )
    ]


def _breaker(generator: Generator) -> list[Unmet]:
    if generator.breaker_a is None or generator.breaker_a >= BREAKER_MIN_A:
        return []
    return [
        Unmet(
            element="outlet's breaker",
            found=f"{generator.breaker_a:g} A",
            needs=f"at least {BREAKER_MIN_A:g} A at 240 V",
            remedy="Use a larger generator.",
        )
    ]


def _bond(generator: Generator) -> list[Unmet]:
    if generator.neutral is not Neutral.BONDED:
        return []
    return [
        Unmet(
            element="neutral",
            found="bonded to the frame",
            needs="floating (UL 1008M; a second bond trips ground fault protection)",
            remedy="Ask the maker whether the bond may be lifted for use at a home; if not, use another.",
        )
    ]


def _not_known(generator: Generator) -> list[Unmet]:
    found: list[Unmet] = []
    if generator.outlet_v is None:
        found.append(_ask("voltage", "120/240 V on two legs", "Read the nameplate."))
    if generator.breaker_a is None:
        found.append(_ask("outlet's breaker", f"at least {BREAKER_MIN_A:g} A", "Read it beside the outlet."))
    if generator.neutral is Neutral.UNKNOWN:
        found.append(_ask("neutral", "floating", "Ask the maker, or have the outlet's neutral to frame measured."))
    return found


def _ask(element: str, needs: str, remedy: str) -> Unmet:
    return Unmet(element=element, found="not known", needs=needs, remedy=remedy)


def _cares(generator: Generator) -> tuple[str, ...]:
    cares: list[str] = []
    if generator.plug in PLUGS_50_A:
        cares.append(f"Its {generator.plug} outlet needs the meter with the 50 A inlet, and the cord for it.")
    if generator.co_shutoff is not True:
        known = "has no" if generator.co_shutoff is False else "is not known to have a"
        cares.append(f"It {known} carbon monoxide shut-off: 20 ft from the home, exhaust away, alarms inside.")
    if generator.inverter is True:
        cares.append("It runs at exactly 60 Hz, so solar left on would start to feed it: solar off first.")
    elif generator.inverter is None:
        cares.append("Whether it is an inverter is not known: solar off first in any case.")
    return tuple(cares)
