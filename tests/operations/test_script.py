"""Command scripts: what is accepted falls within the run; what is not names its line and value."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bptm.operations.script import ScriptError, ScriptLine, ScriptScope, instant_s, read_script
from bptm.terms.codes import Action

START_S = 1_572_132_600
SCOPE = ScriptScope(
    start_s=START_S, end_s=START_S + 60 * 3600, meters=200, regions=frozenset({"Humboldt", "Santa, Rosa"})
)


def test_lines_come_in_the_order_of_their_times_with_heading_remarks_and_blanks_left_out() -> None:
    """Times after the start and ISO times; a quoted region with a comma; equal times keep the file's order."""
    text = (
        "at,action,target\n"
        "# at night\n"
        "\n"
        "+20h, hold_return , region:*\n"
        "2019-10-27T01:30Z,allow_return,BPTM-000042\n"
        '+1200m,allow_return,"region:Santa, Rosa"\n'
    )
    found = [(line.number, line.at_s - START_S, line.action, line.target) for line in read_script(text, SCOPE)]
    assert found == [
        (5, 2 * 3600, Action.ALLOW_RETURN, "BPTM-000042"),
        (4, 20 * 3600, Action.HOLD_RETURN, "region:*"),
        (6, 20 * 3600, Action.ALLOW_RETURN, "region:Santa, Rosa"),
    ]


@pytest.mark.parametrize(
    ("text", "after_start_s"),
    [
        ("+0s", 0),
        ("+90m", 5400),
        ("+1.5h", 5400),
        ("+2d", 172_800),
        ("2019-10-26T23:30Z", 0),
        ("2019-10-26T16:30:00-07:00", 0),
        ("2019-10-26 23:31", 60),
    ],
)
def test_an_instant_is_after_the_start_or_iso_and_utc_unless_it_says_otherwise(text: str, after_start_s: int) -> None:
    """Each form, against seconds counted by hand."""
    assert instant_s(text, START_S) == START_S + after_start_s


@pytest.mark.parametrize("text", ["", "20h", "+h", "+-1h", "+1w", "+1e9h", "noon", "2019-13-01", "+nan", "+\u0661h"])
def test_what_is_no_instant_is_none(text: str) -> None:
    """Never a guess."""
    assert instant_s(text, START_S) is None


@given(st.text(alphabet=st.sampled_from('+0123456789hmd,_"#\n*:- BPTMregionhold_returnallowat'), max_size=120))
@example("+20h,hold_return")
@example('+20h,hold_return,"region:*')
@example("9999-12-31T23:59:59+00:00,hold_return,region:*")
@example("0001-01-01T00:00,hold_return,region:*")
@example("9999-12-31T23:59:59-23:59,hold_return,region:*")
@example("0001-01-01T00:00+23:59,hold_return,region:*")
@example("+1h,hold_return,BPTM-00004\u0662")
@example("\x00")
def test_any_text_gives_commands_within_the_run_or_one_sentence(text: str) -> None:
    """Over any text: lines inside the run for meters that exist, or a refusal in one line."""
    refusal = ""
    lines: tuple[ScriptLine, ...] = ()
    try:
        lines = read_script(text, SCOPE)
    except ScriptError as error:
        refusal = str(error)
    assert bool(lines) != bool(refusal)
    assert "\n" not in refusal
    assert len(refusal) < 400
    assert all(SCOPE.start_s <= line.at_s < SCOPE.end_s for line in lines)
    assert list(lines) == sorted(lines, key=lambda line: line.at_s)
