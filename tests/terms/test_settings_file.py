"""A file of settings is taken whole or refused whole, with every fault at once."""

import importlib
import json
import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptm.cli import run
from bptm.terms.settings_file import BYTES_MAX, RefusedSettings, Settings, default_file, read_settings
from bptm.terms.settings_rules import RULES, SECTIONS, Key, Number, Rule, copies, ride_ticks, rules, swell_ride_ticks

ROWS = {(section, row[0]): row for section, table in SECTIONS for row in table}
DEFAULTS: dict[Key, Number] = {key: row[4] for key, row in ROWS.items()}


def file_of(values: dict[Key, Number]) -> bytes:
    """A file that gives these settings."""
    lines: list[str] = []
    for section, _table in SECTIONS:
        lines += [f"[{section}]", *(f"{key[1]} = {value!r}" for key, value in values.items() if key[0] == section)]
    return "\n".join(lines).encode()


def faults(raw: bytes) -> list[str]:
    """Sentences of a refusal; none when it is accepted."""
    outcome = read_settings(raw)
    return [fault.sentence() for fault in outcome.faults] if isinstance(outcome, RefusedSettings) else []


def test_every_table_of_settings_is_a_section() -> None:
    """A new table in terms/core_*.py fails here until `settings_rules.SECTIONS` has it; no section names one twice."""
    tables = {id(table) for _section, table in SECTIONS}
    for file in (Path(__file__).parents[2] / "src" / "bptm" / "terms").glob("core_*.py"):
        table = getattr(importlib.import_module(f"bptm.terms.{file.stem}"), "SETTINGS", None)
        assert table is None or id(table) in tables, f"{file.stem} is no section of a settings file"
    assert len(ROWS) == sum(len(table) for _section, table in SECTIONS)


def test_a_copy_follows_its_original_and_may_not_differ_from_it() -> None:
    """One ampacity: left out in [guide] it is the controller's; another one there is refused."""
    outcome = read_settings(b"[controller]\nlimit_a = 24\n")
    assert isinstance(outcome, Settings)
    assert outcome.values["guide"]["limit_a"] == outcome.values["advice"]["limit_a"] == 24.0
    assert copies()["guide", "limit_a"] == ("controller", "limit_a")
    (sentence,) = faults(b"[controller]\nlimit_a = 24\n[guide]\nlimit_a = 30\n")
    assert "guide.limit_a = 30 (line 4), controller.limit_a = 24 (line 2)" in sentence


def test_every_default_file_is_accepted_and_says_what_was_given() -> None:
    """An empty file, empty sections, every default written out: the same settings."""
    for raw, given_count in ((b"", 0), (b"[controller]\n[metrology]\n", 0), (default_file().encode(), len(ROWS))):
        outcome = read_settings(raw)
        assert isinstance(outcome, Settings), faults(raw)
        assert len(outcome.given) == given_count
        for section, table in SECTIONS:
            assert dict(outcome.values[section]) == {row[0]: row[4] for row in table}


@settings(max_examples=200, deadline=None)
@given(keys=st.sets(st.sampled_from(sorted(ROWS)), max_size=12), share=st.floats(0.0, 1.0))
def test_any_part_of_the_defaults_in_any_order_is_accepted(keys: set[Key], share: float) -> None:
    """A byte-order mark, Windows line ends and comments change nothing."""
    raw = file_of({key: DEFAULTS[key] for key in keys}).replace(b"\n", b"\r\n" if share < 0.5 else b"\n")
    outcome = read_settings((b"\xef\xbb\xbf" if share < 0.3 else b"") + raw + b"\n# end\n")
    assert isinstance(outcome, Settings)
    assert outcome.given == {".".join(key) for key in keys}


def candidates(key: Key) -> list[Number]:
    """Values of a setting to break a rule with: its limits, and steps between."""
    _name, type_, _unit, _meaning, default, lowest, highest, _source = ROWS[key]
    found: list[Number] = [default, lowest, highest]
    for step in range(1, 40):
        value = lowest + (highest - lowest) * step / 40
        found.append(value if type_ == "f8" else int(value))
    return found


def with_copies(values: dict[Key, Number], given: set[Key]) -> dict[Key, Number]:
    """Copies that are not given follow."""
    return values | {copy: values[original] for copy, original in copies().items() if copy not in given}


def repaired(rule: Rule, values: dict[Key, Number], fixed: set[Key]) -> dict[Key, Number] | None:
    """Moves other settings until no other rule is broken; the given one stays broken."""
    others = [other for other in rules() if other.text != rule.text]
    for _ in range(12):
        values = with_copies(values, fixed)
        wrong = next((other for other in others if not other.holds(values)), None)
        if wrong is None:
            return values
        trials = ((key, values | {key: value}) for key in wrong.keys if key not in fixed for value in candidates(key))
        choice = next(
            ((key, trial) for key, trial in trials if wrong.holds(trial) and not rule.holds(trial)),
            None,
        )
        if choice is None:
            return None
        fixed = fixed | {choice[0]}
        values = choice[1]
    return None


def breaking(rule: Rule) -> dict[Key, Number] | None:
    """Values within their limits that break this rule alone, found by trying; the other settings may move along."""
    keys = rule.keys
    pairs = ({keys[0]: first, keys[-1]: last} for first in candidates(keys[0]) for last in candidates(keys[-1]))
    for changed in chain(({key: value} for key in keys for value in candidates(key)), pairs):
        values = with_copies(DEFAULTS | changed, set(changed))
        if not rule.holds(values):
            found = repaired(rule, values, set(changed))
            if found is not None:
                return {key: value for key, value in found.items() if value != DEFAULTS[key]}
    return None


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.text)
def test_each_rule_broken_alone_is_listed_alone(rule: Rule) -> None:
    """No rule is idle: values within their limits break it and no other, and the refusal names it, and its values."""
    values = breaking(rule)
    assert values is not None, "no values within their limits break this rule alone"
    outcome = read_settings(file_of(values))
    assert isinstance(outcome, RefusedSettings)
    (fault,) = outcome.faults
    assert fault.unmet.needs == rule.text
    assert rule.reason in fault.unmet.remedy
    for key in rule.keys:
        assert f"{'.'.join(key)} = " in fault.unmet.found
    assert fault.line > 0


def test_every_rule_holds_for_the_defaults_and_gives_its_reason() -> None:
    """One line each, none twice."""
    assert all(rule.holds(DEFAULTS) for rule in rules())
    assert all(rule.reason for rule in rules())
    assert len({text for text, _reason in RULES}) == len(RULES)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_file_is_accepted_exactly_when_limits_and_rules_hold(data: st.DataObject) -> None:
    """ORACLE: the tables themselves. Any values, inside and outside: every broken one is listed, and no other."""
    keys = data.draw(st.sets(st.sampled_from(sorted(ROWS)), max_size=10))
    values: dict[Key, Number] = {}
    for key in sorted(keys):
        row = ROWS[key]
        span = row[6] - row[5]
        if row[1] == "f8":
            values[key] = data.draw(st.floats(row[5] - span, row[6] + span, allow_nan=False))
        else:
            values[key] = data.draw(st.integers(int(row[5] - span), int(row[6] + span)))
    outcome = read_settings(file_of(values))
    outside = {key for key, value in values.items() if not ROWS[key][5] <= value <= ROWS[key][6]}
    whole = with_copies(DEFAULTS | {key: value for key, value in values.items() if key not in outside}, set(values))
    broken = [rule for rule in rules() if not outside.intersection(rule.keys) and not rule.holds(whole)]
    if isinstance(outcome, Settings):
        assert not outside
        assert not broken
        assert all(outcome.values[section][name] == value for (section, name), value in values.items())
    else:
        assert len(outcome.faults) == len(outside) + len(broken)
        listed = {fault.unmet.element for fault in outcome.faults} | {fault.unmet.needs for fault in outcome.faults}
        assert {name for _section, name in outside} <= listed
        assert {rule.text for rule in broken} <= listed


def test_every_fault_is_listed_at_once_with_line_value_limit_and_what_to_do() -> None:
    """Seven faults of seven kinds in one file."""
    raw = b"""[controller]
lost_deep_w = 84.0
lost_low_v = 300
contact_tries = 2.0
medical = true
rate_hz = 7680
follow_ticks = "three"
dead_time_ticks = 400
[metrologie]
"""
    found = faults(raw)
    expected = (
        r"line 2: controller\.lost_deep_w: found a name that is no setting, .* Write lost_deep_v if you mean that\.",
        r"line 3: lost_low_v: found 300 V, needs 84 to 104 V\. Choose a value within",
        r"line 4: contact_tries: found float 2\.0, needs a whole number",
        r"line 5: medical: found bool True, needs a whole number\.",
        r"line 6: controller\.rate_hz: found it in \[controller\], needs it in \[metrology\]\.",
        r"line 7: follow_ticks: found str 'three', needs a whole number ticks\.",
        r"line 8: two settings .*\.dead_time_ticks = 400 \(line 8\), .*dead_time_motor_ticks = 360 \(default\)",
        r"line 9: metrologie: found a section that is not known, .* Write \[metrology\]",
    )
    assert len(found) == len(expected)
    for sentence, pattern in zip(found, expected, strict=True):
        assert re.match(pattern, sentence), sentence


@pytest.mark.parametrize(
    ("raw", "pattern"),
    [
        (b"[controller]\nlost_low_v = nan\n", r"line 2: lost_low_v: found no number, needs 84 to 104 V"),
        (b"[controller]\nlost_low_v = -inf\n", r"line 2: lost_low_v: found too much, needs"),
        (
            b"[controller]\nslot_seed = 99999999999999999999999\n",
            r"line 2: slot_seed: found too much",
        ),
        (b"[controller]\nlost_low_v = 1979-05-27\n", r"line 2: lost_low_v: found date .*needs a number V"),
        (b"[controller]\nlost_low_v = [96.0]\n", r"line 2: lost_low_v: found list \[96\.0\]"),
        (b"[controller]\n[controller.lost_low_v]\nx = 1\n", r"line \d: lost_low_v: found dict"),
        (b"controller = 3\n", r"line 1: controller: found int 3, needs a section"),
        (b"lost_low_v = 96.0\n", r"line 1: lost_low_v: found a setting without a section, .* under \[controller\]"),
        (b"controller.lost_low_v = 1.0\n", r"line 1: lost_low_v: found 1 V"),
        (b"[controller]\n\n\nlost_low_v == 96\n", r"line 4: the file: found Invalid value"),
        (b"[controller]\nmedical = 1\nmedical = 0\n", r"line 3: the file: found Cannot overwrite a value"),
        (b"\xff\xfe[\x00", r"the file: found byte 0 that is no UTF-8"),
        (b"#" * (BYTES_MAX + 1), r"the file: found 1000001 bytes, needs at most"),
        (b"x = " + b"[" * 5000, r".*the file: found"),
        (b"[controller]\nzzzzzz = 1\n", r"line 2: controller\.zzzzzz: .* stand in docs/reference/settings\.md"),
    ],
)
def test_bad_input_gets_one_clear_sentence(raw: bytes, pattern: str) -> None:
    """What a person or a broken disk may write."""
    (sentence,) = faults(raw)
    assert re.match(pattern, sentence), sentence
    assert "\n" not in sentence


@settings(max_examples=300, deadline=None)
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_bytes_make_it_fail_otherwise_than_by_a_refusal(raw: bytes) -> None:
    """Fuzz: an outcome, always; a refusal has at least one fault, each on one line."""
    outcome = read_settings(raw)
    if isinstance(outcome, RefusedSettings):
        assert outcome.faults
        assert outcome.refused().unmet
        assert all("\n" not in fault.sentence() for fault in outcome.faults)


def test_the_itic_curve_is_that_of_its_corners() -> None:
    """ITIC: 0 % 20 ms, 70 % 0.5 s, 80 % 10 s, 90 % for ever; 110 % for ever, 120 % 0.5 s (on 120 V, in half-cycles)."""
    assert [ride_ticks(v) for v in (60.0, 84.0, 84.1, 96.0, 96.1, 108.0)] == [3, 3, 60, 60, 1200, 1200]
    assert ride_ticks(108.1) == swell_ride_ticks(131.9) == 2**31
    assert [swell_ride_ticks(v) for v in (132.0, 143.9, 144.0)] == [60, 60, 1]


def test_the_command_accepts_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`bptm firmware settings FILE`: status 0; status 1 and every fault; 2 without a file. JSON alike."""
    file = tmp_path / "meter.toml"
    file.write_text("[controller]\nlost_deep_ticks = 72\n")
    assert run(["firmware", "settings", str(file)]) == 0
    assert "1 setting given" in capsys.readouterr().out
    assert run(["firmware", "settings", str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["accepted"] is True
    assert report["settings"]["controller"]["lost_deep_ticks"] == 72
    file.write_text("[controller]\nlost_deep_ticks = 7\nopen_ticks = 1000\nlost_deep_v = 90\n")
    assert run(["firmware", "settings", str(file)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 2
    assert run(["firmware", "settings", str(file), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["accepted"] is False
    assert [fault["line"] for fault in report["faults"]] == [3, 4]
    assert run(["firmware", "settings", str(tmp_path / "none.toml")]) == 2
    assert capsys.readouterr().err.startswith("bptm: ")
