"""The translator gives Core Python the meaning that CPython gives it, and refuses the rest."""

import ast
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptm.assurance.z3_translate import Machine, TranslationError, read_source
from bptm.assurance.z3_translate_terms import Prover, all_of, whole
from bptm.compiled.records import plain_record
from bptm.controller.scan import scan, start
from bptm.terms import core_device, core_settings

TABLES = {
    "s": core_device.DEVICE_FIELDS,
    "k": core_device.INTERLOCK_FIELDS,
    "m": core_device.MEASURED_FIELDS,
    "r": core_device.INTERLOCK_INPUT_FIELDS,
    "p": core_settings.FIELDS,
}
DEFAULTS = {row[0]: row[4] for row in core_settings.SETTINGS}


def run(text: str, *values: Any) -> Any:
    tree = ast.parse(text)
    return Machine(source=read_source({"timing": tree})).run("f", {}, values)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    volts = st.sampled_from([0.0, 30.0, 90.0, 118.0, 121.0, 150.0])
    poles = st.sampled_from([0, 3, 3, 1])
    values = {
        name: volts
        if name.endswith("_v")
        else st.sampled_from([0.0, 59.0, 60.0])
        if name.endswith("_hz")
        else st.just(0)
        for name, *_ in core_device.MEASURED_FIELDS
    }
    values |= {f"{x}_{kind}_poles": poles for x in "ub" for kind in ("open", "closed")}
    values |= {"stored_energy_ok": st.just(1), "premise_w": st.sampled_from([-500.0, 100.0, 4000.0])}
    return draw(st.lists(st.fixed_dictionaries(values), min_size=1, max_size=6))


@settings(deadline=None, max_examples=25)
@given(history=histories(), ticks=st.integers(1, 700))
def test_a_known_history_runs_the_same_in_the_translator_and_in_cpython(
    history: list[dict[str, Any]], ticks: int
) -> None:
    """PROOF: with known numbers the translated source is an interpreter; every field of every record must agree."""
    plain = {name: plain_record(fields) for name, fields in TABLES.items()}
    terms = {name: {f[0]: (0.0 if f[1] == "f8" else 0) for f in fields} for name, fields in TABLES.items()}
    machine = Machine(source=read_source())
    for name, value in DEFAULTS.items():
        setattr(plain["p"], name, value)
        terms["p"][name] = value
    for index, values in enumerate(history):
        for name, value in values.items():
            setattr(plain["m"], name, value)
            terms["m"][name] = value
        for name in ("u_open_poles", "u_closed_poles", "b_open_poles", "b_closed_poles"):
            setattr(plain["r"], name, values[name])
            terms["r"][name] = values[name]
        if index == 0:
            start(plain["s"], plain["k"], plain["m"], plain["p"])
            machine.run("start", terms, ("s", "k", "m", "p"))
        scan(plain["s"], plain["k"], plain["m"], plain["r"], plain["p"], ticks)
        machine.run("scan", terms, ("s", "k", "m", "r", "p", ticks))
        for name in ("s", "k"):
            assert {f[0]: getattr(plain[name], f[0]) for f in TABLES[name]} == terms[name]


def test_an_early_return_ends_only_its_branch() -> None:
    """PROOF: what follows an early return is run for the other branch alone."""
    x = whole("x")
    value = run(
        "def f(x):\n    y = 1\n    if x > 2:\n        if x > 5:\n            return 7\n        y = 2\n    return y\n", x
    )
    meaning = all_of((value == 7) == (x > 5), (value == 2) == all_of(x > 2, x <= 5), (value == 1) == (x <= 2))
    assert Prover(()).ask(meaning).follows


@pytest.mark.parametrize(
    "body",
    ["while x > 0:\n        x = x - 1\n    return x", "return x ** 2", "return g(x)", "return x % y", "return [x]"],
)
def test_what_has_no_exact_meaning_is_refused(body: str) -> None:
    """PROOF: the translator refuses rather than guesses."""
    with pytest.raises(TranslationError):
        run(f"def f(x, y):\n    {body}\n", whole("x"), whole("y"))


def test_a_loop_of_known_length_and_an_array_are_written_out() -> None:
    """PROOF: the sum of an array's elements, and a table read at an unknown place."""
    x = whole("x")
    loop = "    for i in range(1, 3):\n        a.v[i] = a.v[i] + x\n        y += a.v[i]\n"
    text = f"T = (2, 3, 5)\ndef f(a, x):\n    y = 0\n{loop}    return y + T[x]\n"
    tree = ast.parse(text)
    records = {"a": {"v": (7, 8, 9)}}
    value = Machine(source=read_source({"timing": tree})).run("f", records, ("a", x))
    assert Prover((x == 2,)).ask(value == 8 + 9 + 2 * 2 + 5).follows
    assert records["a"]["v"][0] == 7
    assert Prover((x == 1,)).ask(records["a"]["v"][2] == 10).follows


@pytest.mark.parametrize("expression", ["x % 8 + (x >> 2)", "x & 12", "(x | 5) - (x & 5)", "x / 4.0 * 4.0"])
def test_arithmetic_of_an_unknown_is_that_of_cpython(expression: str) -> None:
    """PROOF: shifts, masks and ratios, compared with CPython at every value of a range."""
    x = whole("x")
    value = run(f"def f(x):\n    return {expression}\n", x)
    for number in range(64):
        found = eval(expression, {}, {"x": number})  # noqa: S307  the expressions above
        assert Prover((x == number,)).ask(value == found).follows


def test_a_ratio_of_unknowns_may_be_anything_so_nothing_follows_from_it() -> None:
    """PROOF: what the translator does not know it leaves open; a claim about it is not proved."""
    x, y = whole("x"), whole("y")
    value = run("def f(x, y):\n    return x / y\n", x, y)
    assert not Prover((x == 4, y == 2)).ask(value == 2).follows


def test_one_set_bit_is_added_once() -> None:
    """PROOF: `|=` of one bit is exact for numbers that are not negative."""
    x = whole("x")
    value = run("def f(x):\n    x |= 1 << 3\n    return x\n", x)
    assert Prover((x >= 0, x < 64)).ask(all_of((value // 8 if isinstance(value, int) else value / 8) % 2 == 1)).follows
