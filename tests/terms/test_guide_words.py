"""The words of guide and advice: complete, short, plain, and never without the carbon monoxide warning."""

import re

import pytest

from bptm.terms import core_advice, core_guide
from bptm.terms.advice_words import ApplianceKind, Waiting, appliance_name, waiting_sentence
from bptm.terms.codes import BackupKind
from bptm.terms.guide_words import (
    CO_WARNING,
    PHASE_WORDS,
    PROOF_WORDS,
    STEP_WORDS,
    WARNING_WORDS,
    GuideStep,
    Phase,
    Proof,
    step_words,
    turned_down_reasons,
    unmet_conditions,
    warning_words,
)

EVERY = (1 << core_guide.GUIDE_CONDITIONS) - 1
NUMBERS = [5.0] * core_guide.GUIDE_CONDITIONS


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e: the usual estimate."""
    word = re.sub(r"(?<=[^aeiouyl])e$|(?<=[^aeioutd])ed$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text: str) -> float:
    """School grade by Flesch and Kincaid (1975): 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    sentences = [s for s in re.split(r"[.:!?]+\s", text + " ") if s.strip()]
    words = re.findall(r"[A-Za-z]+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def everything_said() -> list[str]:
    said = [*STEP_WORDS.values(), *PHASE_WORDS.values(), *WARNING_WORDS.values(), CO_WARNING]
    said += [step_words(step, kind) for step in GuideStep for kind in BackupKind]
    return said + [unmet.remedy for unmet in unmet_conditions(EVERY, NUMBERS, NUMBERS)]


def test_the_estimate_of_the_grade_knows_plain_from_hard() -> None:
    """The measure below can fail: a contract's sentence is far above grade 6, a primer's far below."""
    hard = "Notwithstanding aforementioned considerations, utilisation of unauthorised equipment is prohibited."
    assert grade(hard) > 15.0
    assert grade("Turn it off. Then go out.") < 1.0


def test_everything_that_is_said_reads_at_sixth_grade() -> None:
    """BRIEF: the whole at grade 6 or below, and no text of eight words or more above 9."""
    said = everything_said()
    assert grade(" ".join(said)) <= 6.0
    assert [text for text in said if len(text.split()) >= 8 and grade(text) > 9.0] == []


def test_every_code_has_its_words() -> None:
    """No step, proof, phase, condition or warning without words; no two conditions with the same remedy and element."""
    assert set(STEP_WORDS) == set(GuideStep)
    assert len(GuideStep) == core_guide.GUIDE_STEPS
    assert set(PROOF_WORDS) == set(Proof)
    assert set(PHASE_WORDS) == set(Phase)
    conditions = unmet_conditions(EVERY, NUMBERS, NUMBERS)
    assert len(conditions) == core_guide.GUIDE_CONDITIONS
    assert len({(c.element, c.remedy) for c in conditions}) == len(conditions)
    assert all("{" not in c.found + c.needs + c.remedy for c in conditions)
    kinds = {value for name, value in vars(core_advice).items() if name.startswith("KIND_") and isinstance(value, int)}
    assert kinds == set(ApplianceKind)


def test_the_carbon_monoxide_warning_is_always_there() -> None:
    """H27: with no warning and with all; it says outside, 20 feet, 6 m, garage."""
    for warnings in range(16):
        assert warning_words(warnings)[0] == CO_WARNING
        assert len(warning_words(warnings)) == 1 + warnings.bit_count()
    for word in ("outside", "20 feet", "6 m", "garage", "carbon monoxide"):
        assert word in CO_WARNING


def test_a_refusal_says_all_its_reasons_with_value_and_limit() -> None:
    """Two conditions: two entries in the order of their bits, with the numbers in them."""
    found, needs = list(NUMBERS), list(NUMBERS)
    found[core_guide.GUIDE_BIT_LOW_VOLTS], needs[core_guide.GUIDE_BIT_LOW_VOLTS] = 99.4, 108.0
    found[core_guide.GUIDE_BIT_FREQUENCY], needs[core_guide.GUIDE_BIT_FREQUENCY] = 64.04, 63.0
    mask = 1 << core_guide.GUIDE_BIT_LOW_VOLTS | 1 << core_guide.GUIDE_BIT_FREQUENCY
    low, speed = unmet_conditions(mask, found, needs)
    assert (low.found, low.needs) == ("99 V", "more than 108 V")
    assert (speed.found, speed.needs) == ("64.0 Hz", "no worse than 63.0 Hz")
    assert unmet_conditions(0, found, needs) == ()


def test_missing_steps_are_named_by_their_numbers() -> None:
    """The mask of earlier steps becomes `steps 1, 3`; a single one `step 5`."""
    found = list(NUMBERS)
    for mask, words in ((0b101, "not done: steps 1, 3"), (0b10000, "not done: step 5")):
        found[core_guide.GUIDE_BIT_EARLIER_STEPS] = float(mask)
        assert unmet_conditions(1 << core_guide.GUIDE_BIT_EARLIER_STEPS, found, NUMBERS)[0].found == words


def test_each_reason_for_turning_a_source_down_has_a_sentence() -> None:
    """Twelve TURNED_DOWN_... bits, twelve sentences; none for none."""
    assert len(turned_down_reasons((1 << 12) - 1)) == 12
    assert turned_down_reasons(0) == ()


@pytest.mark.parametrize(
    ("waiting", "sentence"),
    [
        (
            Waiting(name="well pump", blocks=32, needs_va=3600, free_va=2100, off_first="refrigerator"),
            "well pump: needs 3.6 kVA to start, 2.1 kVA free: turn off refrigerator first.",
        ),
        (
            Waiting(name="central air conditioner", blocks=32 | 128, needs_va=11520, free_va=-50),
            "central air conditioner: needs 11.5 kVA to start, 0.0 kVA free: this source is too small for it.",
        ),
        (
            Waiting(name="fan", blocks=1 | 64, needs_va=900, free_va=2000),
            "fan: too much to keep running on leg 1, its motor has just stopped and must rest: leave it off for now.",
        ),
        (
            Waiting(name="heater", blocks=256, needs_va=0, free_va=0),
            "heater: wait, the meter does not know what is free.",
        ),
    ],
)
def test_what_must_wait_is_told_why_and_what_to_turn_off(waiting: Waiting, sentence: str) -> None:
    """Domain.md 6.2: the sentence of the brief, word for word."""
    assert waiting_sentence(waiting) == sentence


def test_an_appliance_without_a_name_is_called_by_what_is_known() -> None:
    """Its power and its voltage."""
    assert appliance_name(ApplianceKind.OTHER, 1503.2, core_advice.LEG_BOTH) == "240 V appliance of 1503 W"
    assert appliance_name(ApplianceKind.OTHER, 160.0, core_advice.LEG_1) == "120 V appliance of 160 W"
    assert appliance_name(ApplianceKind.WELL_PUMP, 900.0, core_advice.LEG_BOTH) == "well pump"
