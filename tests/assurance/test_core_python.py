"""The reader of Core Python refuses each thing outside the subset, and takes what the core is written in."""

import pytest

from bptm.assurance.core_python import findings

HEAD = (
    '"""A file."""\n\nfrom bptm.plant.portable import OHM as CORD_OHM\n'
    "from bptm.terms.core_codes import MODE_DARK\n\nLIMIT_TICKS = 12 * 120\n\n\n"
)

GOOD = (
    HEAD
    + '''
RATIOS = (0.5, -1.0, 2)
FIELDS = (("mode", "i4", "", "mode"), ("held_ticks", "i8", "ticks", "age"), ("seen_v", "f8[2]", "V", "each leg"))


SETTINGS = (
    # A threshold.
    ("low_v", "f8", "V", "a leg below this is low", 96.0, 84.0, 104.0, "own choice"),
    ("low_ticks", "i8", "ticks", "delay", 1260, -1, 7200, "own choice"),
)
SETTING_FIELDS = tuple(row[:4] for row in SETTINGS)


def timer(condition, now_ticks, limit_ticks):
    """Counts while the condition holds."""
    if not condition:
        return 0
    return now_ticks + 1 if now_ticks < limit_ticks else limit_ticks


def step(s, volts, legs):
    """One tick."""
    s.held_ticks = timer(volts < 105.6 and not s.mode, s.held_ticks, LIMIT_TICKS)
    total = 0.0
    for i in range(2):
        if s.seen_v[i] < 0.0:
            continue
        total += s.seen_v[i] * RATIOS[i] / CORD_OHM
    s.seen_v[legs] = total
    s.start_tick = int(total * 120.0) // 2
    s.flags = s.flags | 4 if total > 1.0 else s.flags & 3
    if s.held_ticks >= LIMIT_TICKS or volts != 0.0:
        s.mode = MODE_DARK
    elif s.mode == MODE_DARK:
        return -1
    return 1 if total > 3.0 else 0
'''
)

REFUSED: list[tuple[str, str]] = [
    ("import math\n", "from math import sqrt"),
    ("from math import sin\n", "only `sqrt`"),
    ("from bptm.wire.topics import UP_STREAM\n", "import only from bptm.terms.core_"),
    ("from bptm.terms.core_codes import *\n", "import each name"),
    ("from .core_codes import MODE_OFF\n", "import only from"),
    ("state = 0\n", "capitals"),
    ("A = B = 1\n", "own line"),
    ("NAME = 'text'\n", "use numbers"),
    ("NAMES = [1, 2]\n", "array field"),
    ("READY = True\n", "write 1 or 0"),
    ("X: int = 1\n", "annotation"),
    ("FIELDS = tuple(('a', 'i4', '', ''))\n", "literal rows"),
    ("FIELDS = (('a', 'i4', 'no meaning'),)\n", "four texts"),
    ("FIELDS = (('wait_ticks', 'f8', 'ticks', 'a timer'),)\n", "whole numbers of ticks"),
    ("SETTINGS = (('low_v', 'f8', 'V', 'a setting without a source', 1.0, 0.0, 2.0),)\n", "three numbers"),
    ("SETTINGS = (('low_ticks', 'f8', 'ticks', 'a timer', 1, 0, 2, 'own'),)\n", "whole numbers of ticks"),
    ("class Meter:\n    pass\n", "FIELDS table"),
    ("if LIMIT_TICKS:\n    X = 1\n", "docstring of assurance.core_python"),
    ("async def f(s):\n    return 1\n", "plain function"),
    ("@cache\ndef f(s):\n    return 1\n", "no decorator"),
    ("def f(s, dt=1.0):\n    return dt\n", "without defaults"),
    ("def f(*args):\n    return 1\n", "without defaults"),
    ("def f(s, *, dt):\n    return dt\n", "without defaults"),
    ("def f(s: int):\n    return s\n", "annotations away"),
    ("def f(s) -> int:\n    return s\n", "annotations away"),
    ("def f(n):\n    return f(n - 1) if n > 0 else 0\n", "calls itself"),
    ("def g(n):\n    return h(n)\n\n\ndef h(n):\n    return g(n)\n", "calls itself"),
]

REFUSED_IN_A_FUNCTION: list[tuple[str, str]] = [
    ("while s.a < 3:\n        s.a += 1", "LIMIT"),
    ("try:\n        s.a = 1\n    finally:\n        s.a = 2", "bit mask"),
    ("raise ValueError", "bit mask"),
    ("assert s.a", "bit mask"),
    ("with s.lock:\n        s.a = 1", "hosts"),
    ("match s.a:\n        case 1:\n            s.a = 2", "`if`/`elif`"),
    ("s.a = lambda x: x", "module level"),
    ("def inner(x):\n        return x", "module level"),
    ("global LIMIT_TICKS", "record that is passed in"),
    ("del s.a", "let the name stand"),
    ("yield s.a", "return one value"),
    ("s.a = (b := 3)", "line of its own"),
    ("s.a = [1, 2]", "array field"),
    ("s.a = {1: 2}", "FIELDS"),
    ("s.a = {1, 2}", "one bit"),
    ("s.a = [i for i in range(3)]", "loop"),
    ("a, b = 1, 2", "record.field"),
    ("return 1, 2", "several results"),
    ("a = b = 1", "one name on each line"),
    ("s.a = f'{s.b}'", "integer code"),
    ("s.a = 'text'", "use numbers"),
    ("s.a = None", "use numbers"),
    ("s.a = 1j", "use numbers"),
    ("s.a = True", "write 1 or 0"),
    ("s.a = s.b < 2", "1 if condition else 0"),
    ("s.a = s.b and s.c", "1 if condition else 0"),
    ("s.a = not s.b", "1 if condition else 0"),
    ("s.a = s.b ** 2", "multiply"),
    ("s.a **= 2", "multiply"),
    ("s.a = ~s.b", "docstring of assurance.core_python"),
    ("s.a = s.b @ s.c", "loop"),
    ("if 0 < s.a < 3:\n        s.a = 0", "a < b and b < c"),
    ("if s.a is s.b:\n        s.a = 0", "`==`"),
    ("if s.a in s.b:\n        s.a = 0", "joined by `or`"),
    ("s.a = abs(s.b)", "small function"),
    ("s.a = max(s.b, s.c)", "small function"),
    ("s.a = round(s.b)", "0.5"),
    ("s.a = sin(s.b)", "call only"),
    ("print(s.a)", "the host prints"),
    ("s.a = step(s, dt=1)", "by position"),
    ("s.a = step(*s.b)", "name each argument"),
    ("s.a = s.list.pop()", "no methods"),
    ("s.a = range(3)", "only in"),
    ("s.a.b = 1", "record.field"),
    ("s.a = s.b.c", "docstring of assurance.core_python"),
    ("s.a = s.b[0:2]", "one element"),
    ("LIMIT_TICKS = 3", "constants do not change"),
    ("s.a", "nobody takes"),
    ("s.a_ticks = s.b / 2", "count ticks in whole numbers"),
    ("s.t_wait = sqrt(s.b)", "count ticks in whole numbers"),
    ("s.a_ticks += 0.5", "count ticks in whole numbers"),
    ("s.a_tick = 1.5 * s.b if s.c else 0", "count ticks in whole numbers"),
    ("for i in s.b:\n        s.a = i", "range(N)"),
    ("for i, j in range(3):\n        s.a = i", "one plain name"),
    ("for i in range(3):\n        s.a = i\n    else:\n        s.a = 0", "test it afterwards"),
]


def test_what_the_core_is_written_in_is_taken() -> None:
    """A file that uses every allowed construct has no finding."""
    assert findings(GOOD, "good.py") == []


@pytest.mark.parametrize(("snippet", "instead"), REFUSED)
def test_a_module_outside_the_subset_is_refused(snippet: str, instead: str) -> None:
    """Each seeded snippet, put into a good file, is found and answered with what to write instead."""
    found = findings(GOOD + "\n" + snippet, "bad.py")
    assert any(instead in finding.instead for finding in found), found


@pytest.mark.parametrize(("body", "instead"), REFUSED_IN_A_FUNCTION)
def test_a_statement_outside_the_subset_is_refused(body: str, instead: str) -> None:
    """Each seeded statement is found where it stands, and nothing else in the good file is."""
    first_line = GOOD.count("\n") + 5
    found = findings(GOOD + f'\n\ndef bad(s):\n    """Bad."""\n    {body}\n', "bad.py")
    assert any(instead in finding.instead for finding in found), found
    assert all(finding.line >= first_line - 1 for finding in found), found


def test_a_finding_is_one_sentence_with_place_value_and_remedy() -> None:
    """The sentence names file, line, the text found, and what to write."""
    (finding,) = findings(HEAD + "def f(s):\n    s.a = s.b ** 2\n", "plant/load.py")
    assert finding.sentence() == (
        "plant/load.py:10: `s.b ** 2` is not Core Python; multiply, or read a table of numbers."
    )
