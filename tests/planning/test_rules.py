"""The rule language: what it reads, what it refuses, and what it says of homes with missing values."""

import itertools

import numpy as np
import pytest

from bptm.planning.rules import Column, RuleError, columns_of, judge, read_rule


def _column(values: list[float | None] | list[bool | None] | list[str | None]) -> Column:
    known = np.array([value is not None for value in values])
    first = next(value for value in values if value is not None)
    blank = "" if isinstance(first, str) else False if isinstance(first, bool) else 0.0
    return Column(values=np.array([blank if value is None else value for value in values]), known=known)


HOMES = {
    "hftd_tier": _column([0.0, 2.0, 3.0, None]),
    "epss_circuit": _column([True, False, None, False]),
    "socket": _column(["2S", "2S", "4S", None]),
    "service_a": _column([200.0, 125.0, 320.0, 200.0]),
}


@pytest.mark.parametrize(
    ("words", "true", "false"),
    [
        ("hftd_tier >= 2 or epss_circuit", [1, 1, 1, 0], [0, 0, 0, 0]),
        ("socket == '2S' and service_a <= 200", [1, 1, 0, 0], [0, 0, 1, 0]),
        ('socket in ("2S", "1S")', [1, 1, 0, 0], [0, 0, 1, 0]),
        ("socket != '2S'", [0, 0, 1, 0], [1, 1, 0, 0]),
        ("not (hftd_tier >= 2)", [1, 0, 0, 0], [0, 1, 1, 0]),
        ("epss_circuit == true", [1, 0, 0, 0], [0, 1, 0, 1]),
        ("hftd_tier > -1", [1, 1, 1, 0], [0, 0, 0, 0]),
        ("hftd_tier < 1 and epss_circuit", [1, 0, 0, 0], [0, 1, 1, 1]),
    ],
)
def test_a_rule_says_true_false_or_neither_of_each_home(words: str, true: list[int], false: list[int]) -> None:
    """Decision 0044: a missing value is neither true nor false."""
    verdicts = judge(read_rule("r", words), HOMES)
    assert verdicts.true.astype(int).tolist() == true
    assert verdicts.false.astype(int).tolist() == false


def test_joins_follow_kleenes_tables_over_all_values() -> None:
    """Every pair of true, false and unknown, against the tables written as minimum and maximum."""
    pairs = list(itertools.product([False, True, None], repeat=2))
    homes = {"a": _column([a for a, _ in pairs]), "b": _column([b for _, b in pairs])}
    rank = {False: 0, None: 1, True: 2}
    for word, pick in (("and", min), ("or", max)):
        said = judge(read_rule("r", f"a {word} b"), homes)
        expected = [pick(rank[a], rank[b]) for a, b in pairs]
        assert said.true.tolist() == [value == 2 for value in expected]
        assert said.false.tolist() == [value == 0 for value in expected]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("", "expected"),
        ("hftd_tier >=", "number"),
        ("hftd_tier >= 2 or", "column's name"),
        ("(hftd_tier >= 2", "')'"),
        ("hftd_tier >= 2 epss_circuit", "should end"),
        ("__import__('os')", "should end"),
        ("hftd_tier.real > 1", "no word"),
        ("hftd_tier = 2", "no word"),
        ("socket in ('2S'", "')'"),
        ("(" * 60 + "epss_circuit" + ")" * 60, "inside each other"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(words: str, part: str) -> None:
    """A refusal names the rule, the place and what may stand there."""
    with pytest.raises(RuleError, match="rule 'r'") as refused:
        read_rule("r", words)
    assert part in str(refused.value)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("hftd_teir >= 2", "'hftd_tier'"),
        ("socket >= '2S'", "no order"),
        ("socket == 2", "compared with the number"),
        ("hftd_tier", "compare it"),
        ("service_a == 'x'", "compared with the text"),
    ],
)
def test_a_rule_that_does_not_fit_the_columns_is_refused(words: str, part: str) -> None:
    """Unknown columns get the nearest name, wrong kinds say what the column holds."""
    with pytest.raises(RuleError) as refused:
        judge(read_rule("r", words), HOMES)
    assert part in str(refused.value)


def test_columns_of_a_rule_are_named_once() -> None:
    """What a rule needs can be asked before it is judged."""
    assert columns_of(read_rule("r", "a > 1 and (b or not a < 0)").tree) == ("a", "b")
