"""Findings in words: every code, its values and its limit; no sentence with a hole or a nonsense number."""

import math
import re
from dataclasses import replace

import pytest

from bptm.terms import core_diagnosis
from bptm.terms.core_diagnosis import FINDINGS
from bptm.terms.findings import (
    CONFIDENCE_WORDS,
    WATCH_WORDS,
    WORDS,
    Confidence,
    Finding,
    Found,
    customer_sentence,
    engineer_sentence,
)

CODES = {
    name.removeprefix("FINDING_"): value for name, value in vars(core_diagnosis).items() if name.startswith("FINDING_")
}


def found(finding: Finding) -> Found:
    """A finding with four values that are told apart."""
    return Found(
        finding=finding,
        confidence=Confidence.MEASURED,
        first=0.1234,
        second=0.0345,
        third=7.89,
        limit=0.0999,
        place=2,
        since_tick=4321,
    )


def test_every_code_has_its_words_and_arrays_have_room_for_all() -> None:
    """The enumeration is that of the core, without its NONE; each has both sentences; the record's arrays fit."""
    assert {finding.name: int(finding) for finding in Finding} == {k: v for k, v in CODES.items() if k != "NONE"}
    assert set(WORDS) == set(Finding)
    assert max(Finding) + 1 == FINDINGS
    arrays = {row[0]: row[1] for row in core_diagnosis.DIAGNOSIS_FIELDS}
    for name in ("active", "since_tick", "first", "second", "third", "limit", "place", "confidence"):
        assert arrays[name].endswith(f"[{FINDINGS}]")
    assert set(CONFIDENCE_WORDS) == set(Confidence)


@pytest.mark.parametrize("finding", list(Finding))
def test_the_engineer_reads_value_and_limit(finding: Finding) -> None:
    """The sentence changes with the value that was judged, names the limit or a leg, and has no hole left."""
    text = engineer_sentence(found(finding))
    assert "{" not in text
    assert "nan" not in text
    assert text != engineer_sentence(replace(found(finding), first=9.8765))
    assert text != engineer_sentence(replace(found(finding), limit=5.4321))
    assert text.endswith("(Measured, since tick 4321.)")


@pytest.mark.parametrize("finding", list(Finding))
def test_the_customer_reads_no_jargon(finding: Finding) -> None:
    """Plain words: whole sentences, no unit of ohms or hertz, no name of a contactor, no code."""
    text = customer_sentence(found(finding))
    assert text[0].isupper()
    assert text.endswith(".")
    assert not re.search(r"\b(ohm|Hz|AWG|IEEE|ANSI|FINDING|regression|inlet|U|B)\b", text), text
    assert 30 < len(text) < 330


def test_resistances_of_contacts_are_told_in_milliohm() -> None:
    """0.0081 ohm with 3.4 W: 8.10 milliohm, against 3.00."""
    worn = replace(found(Finding.U_CONTACT), first=0.0081, second=0.0002, third=3.4, limit=0.003)
    text = engineer_sentence(worn)
    assert "U pole 2: 8.10 milliohm (95 %: +-0.20) is above 3.00; it makes 3.4 W" in text


@pytest.mark.parametrize("name", ["first", "second", "third", "limit"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_refused(name: str, value: float) -> None:
    """Bad input: one clear sentence that names the finding and the value."""
    spoiled = {"first": 1.0, "second": 1.0, "third": 1.0, "limit": 1.0, name: value}
    bad = Found(finding=Finding.GFCI, confidence=Confidence.LIKELY, place=0, since_tick=1, **spoiled)
    with pytest.raises(ValueError, match=f"finding GFCI: {name} is .*needs a finite number"):
        engineer_sentence(bad)


def test_the_watch_is_a_hint_and_claims_nothing() -> None:
    """The mere watch says what might be, not that something was found."""
    assert "might" in WATCH_WORDS.customer
    assert "{" not in WATCH_WORDS.engineer
