"""Utility profiles: two ship; a faulty one is refused with every fault and the nearest key."""

from importlib.resources import files

import pytest

from bptm.program.profile import Profile, parse_profile, read_profile, shipped
from bptm.terms.refusals import Refused

TEXT = (files("bptm.program") / "profiles" / "california.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["california", "north-carolina"])
def test_a_shipped_profile_reads(name: str) -> None:
    """DATA: what ships is accepted, and every number in it has a source."""
    assert name in shipped()
    profile = read_profile(name)
    assert isinstance(profile, Profile)
    assert all(tariff.source for tariff in profile.tariffs)
    assert profile.zone().key == profile.time_zone


def test_territory_is_counties_or_whole_states() -> None:
    """DATA: the Californian one names counties, the other takes its state."""
    california, carolina = read_profile("california"), read_profile("north-carolina")
    assert isinstance(california, Profile)
    assert isinstance(carolina, Profile)
    assert california.serves("06007", "CA")
    assert not california.serves("06037", "CA")
    assert carolina.serves("37001", "NC")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("America/Los_Angeles", "America/Los_Angles", "Did you mean America/Los_Angeles?"),
        ('"06007"', '"6007"', "Write 06007."),
        ("wildfire = 1.0", "wildfires = 1.0", "Did you mean wildfire?"),
        ("wildfire = 1.0", "wildfire = -1.0", "0 or more"),
        ("wildfire = 1.0", "wildfire = 0.0", "no weight above 0"),
        ("value = 5_500_000", "value = 0", "1 to 1e9"),
        ("value = 5_500_000", 'value = "many"', "a valid number"),
        ("price_per_kwh_usd = 0.40", "price_per_kwh_usd = 40", "dollars, not cents"),
        ("price_per_kwh_usd = 0.40", "price_usd = 0.40", "Did you mean price_per_kwh_usd?"),
        ('"06007"', '"06009"', "06009 twice"),
        ('needs = "one_of", value = ["2S"]', 'needs = "at_most", value = ["2S"]', "a number"),
        ('needs = "one_of", value = ["2S"]', 'needs = "one_off", value = ["2S"]', "'one_of'"),
        ('id = "service-size"', 'id = "socket-form"', "its id twice"),
        ('status = "unknown"', 'status = "maybe"', "'unknown'"),
        ('mark = "own choice"', "", "Add mark."),
        ("[regulator]", "[regulator", "TOML"),
    ],
)
def test_a_fault_is_named_with_what_to_do(old: str, new: str, says: str) -> None:
    """BAD INPUT: one seeded fault each."""
    assert old in TEXT
    refused = parse_profile(TEXT.replace(old, new), "mine.toml")
    assert isinstance(refused, Refused)
    assert says in refused.sentence()


def test_all_faults_are_named_at_once() -> None:
    """BAD INPUT: three faults of values, three sentences."""
    text = TEXT.replace("America/Los_Angeles", "Mars").replace('"06007"', '"6007"').replace("wildfire", "fire")
    refused = parse_profile(text, "mine.toml")
    assert isinstance(refused, Refused)
    assert len(refused.unmet) == 3


def test_a_name_that_is_nothing_is_refused_with_the_nearest() -> None:
    """BAD INPUT: neither file nor shipped."""
    refused = read_profile("californa")
    assert isinstance(refused, Refused)
    assert "Did you mean california?" in refused.sentence()
