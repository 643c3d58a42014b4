"""What the guide says to people: steps, proofs, unmet conditions and warnings, in plain short sentences.

The core knows bits and values (`core_guide`); here they become words. Remedies say one thing to do. The carbon monoxide
warning stands in every text of the guide, whatever the source (domain.md H27).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from bptm.terms import core_codes as c
from bptm.terms import core_guide as g
from bptm.terms.codes import CAUSE_WORDS, BackupKind, Cause
from bptm.terms.refusals import Unmet

CO_WARNING = (
    "Engines make carbon monoxide, a gas that kills and that you cannot smell. "
    "Run the engine outside only, 20 feet (6 m) or more from doors and windows. "
    "Never run it in a garage, even with the door open."
)
"""Always shown. 20 feet: domain.md H27 and the programme's leaflet."""


class GuideStep(IntEnum):
    """Steps of the guide."""

    BREAKERS_OFF = g.GUIDE_BREAKERS_OFF
    SOLAR_OFF = g.GUIDE_SOLAR_OFF
    PLUG = g.GUIDE_PLUG
    CORD = g.GUIDE_CORD
    ENGINE = g.GUIDE_ENGINE
    ESSENTIALS = g.GUIDE_ESSENTIALS
    COOL = g.GUIDE_COOL
    STOP = g.GUIDE_STOP
    UNPLUG = g.GUIDE_UNPLUG
    ALL_ON = g.GUIDE_ALL_ON


class Proof(IntEnum):
    """How a step is known to be done."""

    NONE = g.PROOF_NONE
    DECLARED = g.PROOF_DECLARED
    INFERRED = g.PROOF_INFERRED
    MEASURED = g.PROOF_MEASURED
    NOT_NEEDED = g.PROOF_NOT_NEEDED


class Phase(IntEnum):
    """Where the home stands."""

    IDLE = g.PHASE_IDLE
    PREPARE = g.PHASE_PREPARE
    RUNNING = g.PHASE_RUNNING
    RETURN = g.PHASE_RETURN
    BLOCKED = g.PHASE_BLOCKED


PROOF_WORDS: dict[Proof, str] = {
    Proof.NONE: "not done",
    Proof.DECLARED: "you said so",
    Proof.INFERRED: "it seems so",
    Proof.MEASURED: "measured",
    Proof.NOT_NEEDED: "not needed here",
}

PHASE_WORDS: dict[Phase, str] = {
    Phase.IDLE: "The grid feeds your home. There is nothing to do.",
    Phase.PREPARE: "The grid is off. These steps bring backup power.",
    Phase.RUNNING: "Backup power feeds your home.",
    Phase.RETURN: "The grid is back and feeds your home. Now put the backup away.",
    Phase.BLOCKED: "The meter has shut off backup power to keep you safe. Call your power company.",
}

STEP_WORDS: dict[GuideStep, str] = {
    GuideStep.BREAKERS_OFF: "Turn off all breakers in your panel.",
    GuideStep.SOLAR_OFF: "Turn off your solar panels at their switch.",
    GuideStep.PLUG: "Line up the plug with the mark under the meter. Push it in and twist until it clicks.",
    GuideStep.CORD: "Plug the other end of the cord into the generator.",
    GuideStep.ENGINE: "Start the generator.",
    GuideStep.ESSENTIALS: "Turn on only what you need, one breaker at a time. Wait a few seconds between them.",
    GuideStep.COOL: "Let the engine run for a short time with no load, so that it can cool.",
    GuideStep.STOP: "Turn off the generator.",
    GuideStep.UNPLUG: "Unplug the cord from the meter and put it away dry.",
    GuideStep.ALL_ON: "Turn your breakers back on, and your solar panels if you have them.",
}

_OTHER_WORDS: dict[tuple[BackupKind, GuideStep], str] = {
    (BackupKind.EV, GuideStep.PLUG): (
        "Plug the cord into the car. Then line up the plug with the mark under the meter, push it in and twist "
        "until it clicks."
    ),
    (BackupKind.EV, GuideStep.ENGINE): "Turn on the power outlet of the car.",
    (BackupKind.EV, GuideStep.STOP): "Turn off the power outlet of the car.",
    (BackupKind.BATTERY, GuideStep.ENGINE): "Turn on the output of the battery.",
    (BackupKind.STANDBY, GuideStep.ENGINE): "Wait. The generator starts by itself.",
    (BackupKind.STANDBY, GuideStep.ESSENTIALS): "Turn on what you need, and keep big loads off.",
}

WARNING_WORDS: dict[int, str] = {
    g.WARN_LOADED: "The source runs and your breakers may be on. Turn them off now, or it may stall.",
    g.WARN_SOLAR: "Your solar panels may be on. Turn them off: they can harm the generator.",
    g.WARN_UNPLUGGED_LIVE: (
        "The plug was pulled while the source ran. Do not touch its end. Turn off the source before you plug it in."
    ),
    g.WARN_ENGINE_IDLE: "The grid is back. You can turn off the generator and save fuel.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words of one condition; `{found}` and `{needs}` are its numbers."""

    element: str
    found: str
    needs: str
    remedy: str


_UNMET: dict[int, _Words] = {
    g.GUIDE_BIT_LOW_VOLTS: _Words(
        element="volts from the source",
        found="{found:.0f} V",
        needs="more than {needs:.0f} V",
        remedy="Turn off what is plugged into the source itself, and use a shorter or thicker cord.",
    ),
    g.GUIDE_BIT_HIGH_VOLTS: _Words(
        element="volts from the source",
        found="{found:.0f} V",
        needs="less than {needs:.0f} V",
        remedy="Turn off the source. It needs service before you use it.",
    ),
    g.GUIDE_BIT_FREQUENCY: _Words(
        element="speed of the source",
        found="{found:.1f} Hz",
        needs="no worse than {needs:.1f} Hz",
        remedy="Turn off eco mode and the choke, and let it warm up. If it stays, it needs service.",
    ),
    g.GUIDE_BIT_LEGS: _Words(
        element="the two halves of the source",
        found="{found:.0f} V from leg to leg",
        needs="{needs:.0f} V or more",
        remedy="Use the 120/240 V outlet of the source, and its own cord with four pins. Set its switch to 240 V.",
    ),
    4: _Words(
        element="balance of the source",
        found="its two halves differ too much",
        needs="both halves the same",
        remedy="Turn off what is plugged into the source itself.",
    ),
    5: _Words(
        element="speed of the source",
        found="it goes up and down",
        needs="a steady speed",
        remedy="Let it warm up with the choke open. Old fuel is the usual cause.",
    ),
    6: _Words(
        element="shape of the power",
        found="too rough",
        needs="a clean wave",
        remedy="Use another source for this home. This one can harm your things.",
    ),
    g.GUIDE_BIT_UNMATED: _Words(
        element="plug at the meter",
        found="not all the way in",
        needs="in and twisted until it clicks",
        remedy="Push the plug in and twist it until it clicks.",
    ),
    g.GUIDE_BIT_PLUG: _Words(
        element="size of the plug",
        found="made for {found:.0f} A",
        needs="{needs:.0f} A or more",
        remedy="Use the cord that came with your meter.",
    ),
    9: _Words(
        element="heat at the plug",
        found="too hot",
        needs="cool to the touch",
        remedy="Turn off big loads. Turn off the source, and have the plug and cord checked.",
    ),
    g.GUIDE_BIT_DOUBTFUL: _Words(
        element="the meter's own reading",
        found="one that it does not trust",
        needs="a sound one",
        remedy="Wait a minute. If it stays, call your power company.",
    ),
    g.GUIDE_BIT_WARMING_UP: _Words(
        element="time that the source has been steady",
        found="{found:.0f} s",
        needs="{needs:.0f} s",
        remedy="Wait. The meter checks that the source is steady.",
    ),
    g.GUIDE_BIT_SOURCE_DEAD: _Words(
        element="volts from the source",
        found="{found:.0f} V",
        needs="more than {needs:.0f} V",
        remedy="Start the source. If it runs, check its breaker and both ends of the cord.",
    ),
    g.GUIDE_BIT_LOAD_FLOWS: _Words(
        element="current into your home",
        found="{found:.1f} A",
        needs="less than {needs:.1f} A",
        remedy="Some breakers are still on. Turn them all off.",
    ),
    g.GUIDE_BIT_SOLAR_FEEDS: _Words(
        element="power out of your home",
        found="{found:.0f} W",
        needs="no power out",
        remedy="Your solar panels or another source are still on. Turn them off.",
    ),
    g.GUIDE_BIT_NOT_SAID: _Words(
        element="your word",
        found="none yet",
        needs="that you did it",
        remedy="No meter can see this step. Do it, then say so here.",
    ),
    g.GUIDE_BIT_NOT_ON_BACKUP: _Words(
        element="your home",
        found="not on backup power yet",
        needs="on backup power",
        remedy="Wait until the meter has switched over. You will hear it click.",
    ),
    g.GUIDE_BIT_NOTHING_ON: _Words(
        element="current into your home",
        found="{found:.1f} A",
        needs="{needs:.1f} A or more",
        remedy="Turn on the main breaker, then the first breaker that you need.",
    ),
    g.GUIDE_BIT_OVERLOADED: _Words(
        element="current into your home",
        found="{found:.0f} A",
        needs="{needs:.0f} A or less",
        remedy="Too much is on. Turn off the biggest thing first.",
    ),
    g.GUIDE_BIT_SOURCE_RUNS: _Words(
        element="volts from the source",
        found="{found:.0f} V",
        needs="less than {needs:.0f} V",
        remedy="Turn off the source.",
    ),
    g.GUIDE_BIT_PLUG_IN: _Words(
        element="plug at the meter",
        found="still in",
        needs="out",
        remedy="Turn off the source first. Then twist the plug and pull it out.",
    ),
    g.GUIDE_BIT_COOLING: _Words(
        element="time that the engine has cooled",
        found="{found:.0f} s",
        needs="{needs:.0f} s",
        remedy="Let it run a bit more with no load.",
    ),
    g.GUIDE_BIT_NOT_ON_UTILITY: _Words(
        element="your home",
        found="not on the grid",
        needs="on the grid",
        remedy="Wait until the grid is back.",
    ),
    g.GUIDE_BIT_BLOCKED: _Words(
        element="backup power",
        found="shut off by the meter: {cause}",
        needs="no fault",
        remedy="Turn off the source and call your power company.",
    ),
    g.GUIDE_BIT_MEASURED_STEP: _Words(
        element="this step",
        found="the meter does not see it",
        needs="that the meter sees it",
        remedy="The meter checks this step by itself. Do what is still missing.",
    ),
    g.GUIDE_BIT_NOT_NEEDED: _Words(
        element="this step",
        found="not on your list",
        needs="a step on your list",
        remedy="You can skip it with your kind of source.",
    ),
    g.GUIDE_BIT_NO_SUCH_STEP: _Words(
        element="step",
        found="number {found:.0f}",
        needs="a number from 0 to {needs:.0f}",
        remedy="Pick a step from the list.",
    ),
    g.GUIDE_BIT_EARLIER_STEPS: _Words(
        element="steps before this one",
        found="not done: {steps}",
        needs="all done",
        remedy="Do these first.",
    ),
}


def step_words(step: GuideStep, kind: BackupKind) -> str:
    """What to do in a step, with this kind of source."""
    return _OTHER_WORDS.get((kind, step), STEP_WORDS[step])


def unmet_conditions(mask: int, found: Sequence[float], needs: Sequence[float]) -> tuple[Unmet, ...]:
    """Every unmet condition of a step as words, none left out.

    Args:
        mask: Bits of `unmet`, bit n for GUIDE_BIT_... n.
        found: Values found, by bit.
        needs: Limits, by bit.
    """
    return tuple(_unmet(bit, found[bit], needs[bit]) for bit in range(g.GUIDE_CONDITIONS) if mask >> bit & 1)


def _unmet(bit: int, found: float, needs: float) -> Unmet:
    words = _UNMET[bit]
    causes = {int(cause): text for cause, text in CAUSE_WORDS.items()}
    steps = ", ".join(str(step + 1) for step in GuideStep if int(found) >> step & 1) if found >= 0 else ""
    values = {
        "found": found,
        "needs": needs,
        "cause": causes.get(int(found), CAUSE_WORDS[Cause.NONE]),
        "steps": f"step {steps}" if "," not in steps else f"steps {steps}",
    }
    return Unmet(
        element=words.element,
        found=words.found.format_map(values),
        needs=words.needs.format_map(values),
        remedy=words.remedy,
    )


def warning_words(warnings: int) -> tuple[str, ...]:
    """The carbon monoxide warning, then all others that stand."""
    return (CO_WARNING, *(text for bit, text in WARNING_WORDS.items() if warnings & bit))


def turned_down_reasons(turned_down: int) -> tuple[str, ...]:
    """Why a source is not accepted, one sentence a TURNED_DOWN_... bit, without values."""
    return tuple(
        f"{_UNMET[bit].element.capitalize()}: {_UNMET[bit].remedy}" for bit in range(12) if turned_down >> bit & 1
    )


assert 1 << g.GUIDE_BIT_WARMING_UP == c.TURNED_DOWN_WARMING_UP, "bits of the guide and TURNED_DOWN_... are one list"
