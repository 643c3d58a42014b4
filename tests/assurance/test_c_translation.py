"""The translation to C means what Python means, and refuses what C would read otherwise."""

import importlib.util
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bptm.assurance.c_export import c_files
from bptm.assurance.c_infer import infer
from bptm.assurance.c_source import UnsupportedError, read_modules
from bptm.assurance.c_types import Core
from bptm.assurance.runtimes import C_FLAGS, c_compiler, write_tree

CODES = '"""Codes."""\n\nWIDE = 1 << 40\nHALF = 0.5\nSTEPS = (3, 5, 7)\nMASK = 6\n'
FIELDS = '''"""Records."""

BOX_FIELDS = (
    ("count", "i4", "", "a count"),
    ("sum", "i8", "", "a sum"),
    ("level_v", "f8", "V", "a level"),
    ("ring", "i8[4]", "", "last values"),
)
'''
MODULE = '''"""Every construct once."""

from math import sqrt

from bptm.terms.core_codes import HALF, MASK, STEPS, WIDE


def larger(a, b):
    """The larger of two reals."""
    return a if a > b else b


def note(b, value):
    """Counts a value; returns it."""
    b.count += 1
    b.ring[b.count % 4] = value
    return value


def register(b, x, y, z):
    """Numbers in, a record changed; `register` is a word of C.

    A second paragraph with */ in it.
    """
    long = x // 3 + y % 7  # a remark behind a line
    if x & MASK == 2 or (x > y and not z == 1) and y != 3:
        b.sum += WIDE | (x << 2)
        branch = 4
    elif z < 5:
        branch = -x
    else:
        branch = (x ^ y) & (z | 1)
    # Widened: two fields of 32 bits.
    total = b.count * b.count + b.count
    for i in range(1, 4):
        if i == y % 5:
            continue
        long += STEPS[i - 1] * (i - branch)
        if long > 100000:
            break
    b.level_v = larger(sqrt(x / (y + 1)), b.level_v * HALF) - (x - y) - (HALF - 0.25)
    part = note(b, note(b, long) + 1)
    for i in range(b.count % 5 + 1):
        b.count += i
    b.sum = b.sum + total - (part - branch) + (1 if b.level_v > 1.0 else 0)
    return int(larger(b.level_v, 0.0) * 1000.0)
'''
MAIN = """
#include <inttypes.h>
#include <stdio.h>
#include "sample.h"

int main(void)
{
    bptm_box b = { 0, 0, 0.0, { 0 } };
    int64_t x, y, z;
    while (scanf("%" SCNd64 " %" SCNd64 " %" SCNd64, &x, &y, &z) == 3) {
        int64_t answer = bptm_register(&b, x, y, z);
        printf("%" PRId64 " %" PRId32 " %" PRId64 " %a", answer, b.count, b.sum, (double)b.level_v);
        printf(" %" PRId64 " %" PRId64 "\\n", b.ring[0], b.ring[3]);
    }
    return 0;
}
"""


def core_of(package: Path, source: str) -> Core:
    """A core of one module and one record."""
    write_tree(
        package,
        {"controller/sample.py": source, "terms/core_codes.py": CODES, "terms/core_sample.py": FIELDS},
    )
    return infer(read_modules(package))


def loaded(file: Path, constants: dict[str, Any]) -> Any:
    """The module as Python runs it, with its constants put in by hand: its package is not installed."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("from bptm")]
    plain = file.with_name("plain.py")
    plain.write_text("\n".join(lines))
    spec = importlib.util.spec_from_file_location("plain", plain)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(constants)
    return module


class Box:
    """The record in Python."""

    def __init__(self) -> None:
        self.count, self.sum, self.level_v, self.ring = 0, 0, 0.0, [0] * 4


def test_every_construct_means_the_same_in_c(tmp_path: Path) -> None:
    """DECISION-0002: one function with every construct, 3,000 random inputs: all fields and answers to the bit."""
    package = tmp_path / "core"
    core = core_of(package, MODULE)
    write_tree(tmp_path / "c", c_files(core) | {"main.c": MAIN})
    sources = sorted(path.name for path in (tmp_path / "c").glob("*.c"))
    subprocess.run([c_compiler(), *C_FLAGS, *sources, "-lm", "-o", "main"], cwd=tmp_path / "c", check=True)
    draw = random.Random(7)  # noqa: S311  test inputs
    inputs = [(draw.randrange(1 << draw.randint(1, 30)), draw.randrange(90), draw.randrange(9)) for _ in range(3000)]
    text = "".join(f"{x} {y} {z}\n" for x, y, z in inputs)
    printed = subprocess.run(
        [tmp_path / "c/main"], input=text, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    module = loaded(package / "controller/sample.py", {"WIDE": 1 << 40, "HALF": 0.5, "STEPS": (3, 5, 7), "MASK": 6})
    b = Box()
    assert len(printed) == len(inputs)
    for (x, y, z), line in zip(inputs, printed, strict=True):
        answer, count, total, level, first, last = line.split()
        got = (int(answer), int(count), int(total), float.fromhex(level), int(first), int(last))
        assert got == (module.register(b, x, y, z), b.count, b.sum, b.level_v, b.ring[0], b.ring[3]), (x, y, z)


def test_what_only_a_host_hands_over_is_real_where_it_stands_beside_a_real(tmp_path: Path) -> None:
    """A share of 0.5 was a whole number in C once, so half a tank was an empty one."""
    source = (
        MODULE
        + "\n\ndef declare_share(b, share, count):\n    b.level_v = 1.0 - share\n    b.count = count\n    return 0\n"
    )
    core = core_of(tmp_path, source)
    text = c_files(core)["sample.h"]
    assert "bptm_declare_share(bptm_box *b, bptm_real share, int64_t count)" in text


def test_tables_of_the_plant_and_the_bench_are_not_read() -> None:
    """What is translated is what the controller imports, and the files of its own records."""
    terms = {name for name in read_modules() if name.startswith("terms.")}
    assert {"terms.core_device", "terms.core_settings", "terms.core_guide", "terms.core_guide_settings"} <= terms
    assert not {name for name in terms if name.startswith(("terms.core_bench", "terms.core_plant", "terms.core_home"))}


def test_names_units_comments_and_docstrings_are_carried_over(tmp_path: Path) -> None:
    """A firmware engineer reads what the author of the law wrote."""
    files = c_files(core_of(tmp_path, MODULE))
    body, header = files["sample.c"], files["sample.h"]
    assert "Widened: two fields of 32 bits." in body
    assert "a remark behind a line" in body
    assert "A second paragraph with * / in it." in body
    assert "Numbers in, a record changed" in header
    assert "bptm_real level_v; /* V: a level */" in files["core_sample.h"]
    assert "#define WIDE INT64_C(1099511627776) /* 1 << 40 */" in files["core_codes.h"]
    # What only its own file calls is not seen outside it; what is not changed is constant.
    assert "static bptm_real bptm_larger(bptm_real a, bptm_real b)" in body
    assert "bptm_note" not in header
    assert "int64_t long_ = x / 3 + y % 7;" in body


def written(body: str) -> str:
    return f'"""A module."""\n\n\ndef note(b, x):\n    b.count += 1\n    return x\n\n\ndef f(b, x):\n{body}'


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("    return note(b, x) + b.count\n", "no translation"),
        ("    return note(b, x) - note(b, 2)\n", "no translation"),
        ("    return note(b, note(b, x) + b.count)\n", "no translation"),
        ("    b.count += note(b, x)\n    return 1\n", "no translation"),
        ("    b.count = 0.5 * x\n    return 1\n", "is given a real"),
        ("    for i in range(3):\n        b.sum = i\n    return i\n", "no translation"),
        ("    for i in range(3):\n        i = 2\n    return 1\n", "no translation"),
        ("    y = 0.5 * x\n    return y // 2\n", "whole numbers only"),
        ("    if x == 1:\n        return 2\n", "one on every way"),
        ("    b.nothing = 1\n    return 1\n", "no table has the fields"),
    ],
)
def test_what_c_would_read_otherwise_is_refused(tmp_path: Path, body: str, word: str) -> None:
    """One sentence that names the place, not C that means something else."""
    with pytest.raises(UnsupportedError, match=word):
        c_files(core_of(tmp_path, written(body)))


def test_a_file_outside_core_python_is_refused(tmp_path: Path) -> None:
    """The checker's own sentence, with what to write instead."""
    with pytest.raises(UnsupportedError, match=r"while.*LIMIT"):
        core_of(tmp_path, '"""A module."""\n\n\ndef f(b):\n    while b.count < 3:\n        b.count += 1\n')
