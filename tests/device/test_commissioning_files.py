"""A meter is set for the source that its home has, and a file that contradicts the profile is refused whole."""

import pytest

from bptm import cli
from bptm.device.commissioning import Source, commission, profile_of
from bptm.terms.codes import BackupKind
from bptm.terms.settings_file import RefusedSettings, Settings

KINDS = [kind for kind in BackupKind if kind is not BackupKind.NONE]


def source(kind: BackupKind, inlet_a: float = 30.0, source_a: float = 30.0) -> Source:
    return Source(kind=kind, inlet_a=inlet_a, source_a=source_a)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("inlet_a", "source_a"), [(30.0, 22.5), (50.0, 50.0), (30.0, 50.0)])
def test_every_profile_contradicts_nothing(kind: BackupKind, inlet_a: float, source_a: float) -> None:
    """An empty file over it is accepted; the limit is the lower of inlet and source, for guide and advice too."""
    outcome = commission(source(kind, inlet_a, source_a), b"")
    assert isinstance(outcome, Settings)
    limits = {outcome.values[section]["limit_a"] for section in ("controller", "guide", "advice")}
    assert limits == {min(inlet_a, source_a)}
    assert outcome.given == frozenset()


def test_a_file_comes_over_the_profile() -> None:
    """A warm-up of a minute that somebody set by hand stays; the rest is the inverter's."""
    outcome = commission(source(BackupKind.INVERTER), b"[controller]\naccept_ticks = 7200\n")
    assert isinstance(outcome, Settings)
    own = outcome.values["controller"]
    assert (own["accept_ticks"], own["accept_low_hz"], own["hunt_hz"]) == (7200, 59.0, 0.5)


def test_a_file_that_contradicts_the_profile_is_refused_and_says_where_each_value_comes_from() -> None:
    """A source that is accepted above 59 Hz must not count as lost below 59.5 (outside the limits) or its voltage."""
    outcome = commission(source(BackupKind.BATTERY), b"[controller]\nfailed_v = 104\naccept_low_v = 101\n")
    assert isinstance(outcome, RefusedSettings)
    outcome = commission(source(BackupKind.PORTABLE), b"[controller]\nfailed_high_hz = 63\n")
    assert isinstance(outcome, RefusedSettings)
    (sentence,) = [fault.sentence() for fault in outcome.faults]
    assert "accept_high_hz = 63 (default)" in sentence
    assert "failed_high_hz = 63 (line 2)" in sentence
    outcome = commission(source(BackupKind.STANDBY), b"[guide]\naccept_low_v = 109\n")
    assert isinstance(outcome, RefusedSettings)
    assert "accept_low_v = 110 (the source's profile)" in outcome.faults[0].sentence()


@pytest.mark.parametrize("wrong", [(5.0, 30.0), (30.0, 100.0), (float("nan"), 30.0)])
def test_an_ampacity_that_is_none_is_refused(wrong: tuple[float, float]) -> None:
    """Nothing is guessed for an inlet that does not exist."""
    with pytest.raises(ValueError, match="expected 10 to 60"):
        profile_of(source(BackupKind.PORTABLE, *wrong))


def test_the_command_takes_the_source(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """`bptm firmware settings FILE --source battery --inlet 50`; an inlet of 5 A ends with status 2."""
    file = tmp_path_factory.mktemp("settings") / "meter.toml"
    file.write_text("[controller]\nmedical = 1\n")
    assert cli.run(["firmware", "settings", str(file), "--source", "battery", "--inlet", "50"]) == 0
    assert "profile of this source" in capsys.readouterr().out
    assert cli.run(["firmware", "settings", str(file), "--source", "battery", "--inlet", "5"]) == 2
    assert "inlet_a is 5 A" in capsys.readouterr().err
