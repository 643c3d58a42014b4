"""Findings of the diagnosis in words: a sentence for the customer and one for the engineer, with values and limits.

The core knows only codes and numbers (`core_diagnosis`). What `first`, `second` and `third` of a finding are is said
here, once for each.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

from bptm.terms import core_diagnosis as c


class Finding(IntEnum):
    """What the diagnosis found."""

    SERVICE_LEG = c.FINDING_SERVICE_LEG
    SERVICE_NEUTRAL = c.FINDING_SERVICE_NEUTRAL
    SERVICE_NEUTRAL_SEVERE = c.FINDING_SERVICE_NEUTRAL_SEVERE
    SERVICE_NEUTRAL_RISING = c.FINDING_SERVICE_NEUTRAL_RISING
    CORD_THIN = c.FINDING_CORD_THIN
    CORD_NEUTRAL = c.FINDING_CORD_NEUTRAL
    PLUG_HEATS = c.FINDING_PLUG_HEATS
    U_CONTACT = c.FINDING_U_CONTACT
    B_CONTACT = c.FINDING_B_CONTACT
    GFCI = c.FINDING_GFCI
    UTILITY_LEG_MISSING = c.FINDING_UTILITY_LEG_MISSING
    INLET_LEG_MISSING = c.FINDING_INLET_LEG_MISSING
    UTILITY_LEGS_SAME = c.FINDING_UTILITY_LEGS_SAME
    INLET_LEGS_SAME = c.FINDING_INLET_LEGS_SAME
    INLET_NEUTRAL_SWAPPED = c.FINDING_INLET_NEUTRAL_SWAPPED
    INLET_LEGS_ANGLE = c.FINDING_INLET_LEGS_ANGLE
    SOURCE_HUNTS = c.FINDING_SOURCE_HUNTS
    FUEL_LOW = c.FINDING_FUEL_LOW
    RUNS_ON = c.FINDING_RUNS_ON
    SOLAR_FALLING = c.FINDING_SOLAR_FALLING
    SOLAR_REVERSE = c.FINDING_SOLAR_REVERSE
    LEGS_UNBALANCED = c.FINDING_LEGS_UNBALANCED
    RANGE_A = c.FINDING_RANGE_A
    RANGE_B = c.FINDING_RANGE_B


class Confidence(IntEnum):
    """How sure a finding is."""

    NONE = c.CONFIDENCE_NONE
    POSSIBLE = c.CONFIDENCE_POSSIBLE
    LIKELY = c.CONFIDENCE_LIKELY
    MEASURED = c.CONFIDENCE_MEASURED


CONFIDENCE_WORDS: dict[Confidence, str] = {
    Confidence.NONE: "no longer found",
    Confidence.POSSIBLE: "possible",
    Confidence.LIKELY: "likely",
    Confidence.MEASURED: "measured",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding with its values, as the core holds them."""

    finding: Finding
    confidence: Confidence
    first: float
    second: float
    third: float
    limit: float
    place: int
    """Leg or pole, 1 or 2; 0 when both or none."""
    since_tick: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Two templates. Fields are those of `Found`, and the values in milliohm."""

    customer: str
    engineer: str


WORDS: dict[Finding, Words] = {
    Finding.SERVICE_LEG: Words(
        customer="The power line to your home has a weak connection. Your utility should look at it; nothing needs to "
        "be switched off.",
        engineer="Service leg {first:.3f} ohm (95 %: +-{second:.3f}) is above {limit:.3f} ohm; reactance {third:.3f} "
        "ohm. A loose hot leg or a weak transformer.",
    ),
    Finding.SERVICE_NEUTRAL: Words(
        customer="The neutral wire of your power line has a weak connection. It can damage appliances if it grows "
        "worse: ask your utility to look at it this week.",
        engineer="Service neutral {first:.3f} ohm (95 %: +-{second:.3f}) is above {limit:.3f} ohm; leg {third:.3f} "
        "ohm.",
    ),
    Finding.SERVICE_NEUTRAL_SEVERE: Words(
        customer="The neutral wire of your power line is almost broken. Unplug sensitive appliances and call your "
        "utility now.",
        engineer="Service neutral {first:.2f} ohm (95 %: +-{second:.2f}) is above {limit:.2f} ohm; leg {third:.3f} "
        "ohm. Send a crew.",
    ),
    Finding.SERVICE_NEUTRAL_RISING: Words(
        customer="The neutral wire of your power line is getting worse. Ask your utility to look at it.",
        engineer="Service neutral rose to {first:.3f} ohm (95 %: +-{second:.3f}) from at most {third:.3f} ohm 30 days "
        "before; limit {limit:.3f} ohm.",
    ),
    Finding.CORD_THIN: Words(
        customer="The cord to your generator is too thin or too long for this load. Use the cord that came with the "
        "meter, and switch on less at once.",
        engineer="Cord {first:.3f} ohm a leg (95 %: +-{second:.3f}) is above {limit:.3f} ohm; the other regression "
        "gives {third:.3f} ohm. 60 ft of 10 AWG has 0.074 ohm.",
    ),
    Finding.CORD_NEUTRAL: Words(
        customer="The neutral wire of your generator cord has a bad connection. Switch off, stop the generator, then "
        "check both plugs for play and burn marks.",
        engineer="Source neutral {first:.2f} ohm (95 %: +-{second:.2f}) is above {limit:.2f} ohm; leg with source "
        "{third:.3f} ohm.",
    ),
    Finding.PLUG_HEATS: Words(
        customer="The connection to your generator is getting worse; its plug may be hot. Switch off, stop the "
        "generator, let it cool, and look for burn marks on both plugs.",
        engineer="Source side risen by {first:.3f} ohm (95 %: +-{second:.3f}) above its first value of {third:.3f} "
        "ohm; limit {limit:.3f} ohm.",
    ),
    Finding.U_CONTACT: Words(
        customer="A contact inside the meter is wearing out. Ask your utility to look at the meter; nothing needs to "
        "be switched off.",
        engineer="U pole {place}: {first_milliohm:.2f} milliohm (95 %: +-{second_milliohm:.2f}) is above "
        "{limit_milliohm:.2f}; it makes {third:.1f} W at this load.",
    ),
    Finding.B_CONTACT: Words(
        customer="The contact inside the meter that joins your generator is wearing out. Ask your utility to "
        "look at the meter.",
        engineer="B pole {place}: {first_milliohm:.2f} milliohm (95 %: +-{second_milliohm:.2f}) is above "
        "{limit_milliohm:.2f}; it makes {third:.1f} W at this load.",
    ),
    Finding.GFCI: Words(
        customer="Your generator switched itself off at once when it took over the home. Most often its ground-fault "
        "breaker tripped because its neutral is bonded to its frame. Do not keep resetting it; use a generator from "
        "the compatible list, or ask its maker about a floating neutral.",
        engineer="Both inlet legs gone {first:.2f} s after B closed (limit {limit:.2f} s), at most {second:.1f} A a "
        "leg before: bonded neutral with ground-fault breaker. Seen {third:.0f} times since it last carried the home.",
    ),
    Finding.UTILITY_LEG_MISSING: Words(
        customer="Half of your power line is missing. Switch off large appliances and call your utility.",
        engineer="Utility leg {place} missing: L1 {first:.1f} V, L2 {second:.1f} V, leg to leg {third:.1f} V. Above "
        "{limit:.0f} V on it is a ghost through a 240 V appliance.",
    ),
    Finding.INLET_LEG_MISSING: Words(
        customer="Your generator feeds only half of the plug. Check its breakers, its 120/240 V switch and the cord.",
        engineer="Inlet leg {place} missing: L1 {first:.1f} V, L2 {second:.1f} V, leg to leg {third:.1f} V. Above "
        "{limit:.0f} V on it is a ghost through a 240 V appliance.",
    ),
    Finding.UTILITY_LEGS_SAME: Words(
        customer="Both halves of your power line carry the same voltage: 240 V appliances will not work. Call your "
        "utility.",
        engineer="Utility legs in phase: L1 {first:.1f} V, L2 {second:.1f} V, leg to leg {third:.1f} V, needs "
        "{limit:.2f} of their sum.",
    ),
    Finding.INLET_LEGS_SAME: Words(
        customer="Your generator gives 120 V only, on both halves of the plug. Set it to 120/240 V, or take away the "
        "adapter.",
        engineer="Inlet legs in phase: L1 {first:.1f} V, L2 {second:.1f} V, leg to leg {third:.1f} V, needs "
        "{limit:.2f} of their sum. A 120 V source on both hots, or paralleled legs.",
    ),
    Finding.INLET_NEUTRAL_SWAPPED: Words(
        customer="A plug or cord to your generator is wired wrongly: line and neutral are exchanged. Do not use it; it "
        "would destroy 120 V appliances.",
        engineer="Inlet L1 {first:.1f} V, L2 {second:.1f} V, leg to leg {third:.1f} V: a leg above {limit:.0f} V has "
        "the other line as its neutral.",
    ),
    Finding.INLET_LEGS_ANGLE: Words(
        customer="Your generator is not set to 120/240 V single phase. Set its voltage switch.",
        engineer="Inlet L1 {first:.1f} V, L2 {second:.1f} V, leg to leg {third:.1f} V, needs {limit:.2f} of their sum: "
        "two phases of a 120/208 V source?",
    ),
    Finding.SOURCE_HUNTS: Words(
        customer="Your generator does not run evenly. Check the choke, old fuel and the air filter; lights may "
        "flicker.",
        engineer="Hunting: +-{first:.2f} Hz about {third:.2f} Hz every {second:.1f} s at constant load; limit "
        "+-{limit:.2f} Hz.",
    ),
    Finding.FUEL_LOW: Words(
        customer="Your generator is slowing down although you use no more than before: it may be running out of fuel.",
        engineer="Sag at constant load: {first:.2f} Hz and {second:.1f} V, from {third:.2f} Hz; limit {limit:.2f} Hz.",
    ),
    Finding.RUNS_ON: Words(
        customer="The power is back and your home uses it. You can stop the generator.",
        engineer="Inlet live at {second:.2f} Hz beside the utility for {first:.0f} s; limit {limit:.0f} s.",
    ),
    Finding.SOLAR_FALLING: Words(
        customer="Your solar may be on. Switch it off while the generator runs: it can damage the generator.",
        engineer="Load fell by {first:.0f} W in small even steps, alike on both legs, {second:.0f} s after the bus "
        "entered the limits of enter service (IEEE 1547); limit {limit:.0f} W, {third:.0f} W left.",
    ),
    Finding.SOLAR_REVERSE: Words(
        customer="Power flows back towards your generator. Switch your solar off now: it can damage the generator.",
        engineer="Leg gives back: {first:.0f} W on the lower leg (limit {limit:.0f} W), {second:.0f} W in all, "
        "{third:.0f} s after the bus entered the limits of enter service (IEEE 1547).",
    ),
    Finding.LEGS_UNBALANCED: Words(
        customer="One half of your generator is nearly full and the other is not. Move something to other outlets, or "
        "switch something off, before it trips.",
        engineer="Leg {place} carries {first:.1f} A, the other {second:.1f} A; limit {limit:.1f} A.",
    ),
    Finding.RANGE_A: Words(
        customer="Your utility voltage is a little outside its usual range. Nothing needs to be done at home.",
        engineer="Service leg {first:.1f} V is outside ANSI C84.1 range A, limit {limit:.1f} V; other leg "
        "{second:.1f} V.",
    ),
    Finding.RANGE_B: Words(
        customer="Your utility voltage is outside its permitted range. Your utility should act promptly.",
        engineer="Service leg {first:.1f} V is outside ANSI C84.1 range B, limit {limit:.1f} V; other leg "
        "{second:.1f} V.",
    ),
}

WATCH_WORDS = Words(
    customer="If your home has solar, it might switch itself on about now. Make sure that it is off.",
    engineer="Watch open: the bus has stood within the limits of enter service (IEEE 1547) for about 300 s on backup.",
)
"""While `solar_watch` is 1: a hint, no finding. Nothing has been measured that speaks for solar."""


def customer_sentence(found: Found) -> str:
    """A finding as its customer reads it: what it is and what to do."""
    return WORDS[found.finding].customer


def engineer_sentence(found: Found) -> str:
    """A finding as an engineer reads it: measured values against limits, how sure, since when.

    Raises:
        ValueError: A value is not a finite number. The core never makes one; a message on the way may.
    """
    values = {"first": found.first, "second": found.second, "third": found.third, "limit": found.limit}
    for name, value in values.items():
        if not math.isfinite(value):
            msg = f"finding {found.finding.name}: {name} is {value}, needs a finite number"
            raise ValueError(msg)
    values |= {f"{name}_milliohm": 1000.0 * value for name, value in values.items()}
    text = WORDS[found.finding].engineer.format(place=found.place, **values)
    return f"{text} ({CONFIDENCE_WORDS[found.confidence].capitalize()}, since tick {found.since_tick}.)"
