"""A no has a sentence for every code, with values, limits and a remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations_reports import START_S, dark, message_of, on_utility

from bptm.operations.fleet import SILENT_AFTER_S, MeterState, hear
from bptm.operations.unmet import MODE_WORDS, cannot_hear, refused_for, unmet_of
from bptm.terms import core_codes as c
from bptm.terms.codes import Mode
from bptm.terms.messages import UnmetValue

_CODES = {name: value for name, value in vars(c).items() if name.startswith("UNMET_")}


@pytest.mark.parametrize("name", sorted(_CODES))
def test_every_code_has_a_sentence_of_its_own(name: str) -> None:
    """None falls back on the words for codes of another version; every part is there."""
    (unmet,) = unmet_of(_CODES[name], 1.0, 2.0)
    assert "does not know" not in unmet.element
    assert all((unmet.element, unmet.found, unmet.needs, unmet.remedy))
    assert "{" not in unmet.found + unmet.needs


def test_no_two_codes_read_alike() -> None:
    """An operator can tell them apart."""
    assert len({unmet_of(code, 1.0, 2.0) for code in _CODES.values()}) == len(_CODES)


@given(st.integers(0, (1 << 31) - 1), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_every_bit_is_said_once(bits: int, found: float, needs: float) -> None:
    """As many sentences as bits, also for bits that only a newer meter knows."""
    assert len(unmet_of(bits, found, needs)) == bits.bit_count()


def test_values_and_limits_stand_in_the_sentence() -> None:
    """A replay names both sequences."""
    refused = refused_for((UnmetValue(code=c.UNMET_REPLAYED, found=7.0, needs=9.0),))
    assert "found 7, needs >= 9" in refused.sentence()


def test_a_refusal_without_a_reason_is_the_callers_bug() -> None:
    """`Refused.unmet` is never empty."""
    with pytest.raises(ValueError, match="needs a reason"):
        refused_for(())


def test_every_mode_has_words() -> None:
    """So that no screen shows a number."""
    assert set(MODE_WORDS) == set(Mode)


def test_what_cannot_hear_is_refused_before_anything_is_sent() -> None:
    """Never heard, silent, without power: each with its reason. One that was just heard is not refused."""
    heard = hear(MeterState(), message_of(on_utility()), start_s=START_S)
    assert cannot_hear(heard, START_S) is None
    assert cannot_hear(heard, START_S + SILENT_AFTER_S) is None
    silent = cannot_hear(heard, START_S + SILENT_AFTER_S + 1)
    assert silent is not None
    assert "37 min ago" in silent.sentence()
    never = cannot_hear(MeterState(), START_S)
    assert never is not None
    assert "never" in never.sentence()
    gasped = cannot_hear(hear(heard, message_of(dark(event=c.EVENT_LAST_GASP)), start_s=START_S), START_S)
    assert gasped is not None
    assert "last gasp" in gasped.sentence()
