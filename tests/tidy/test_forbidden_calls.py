"""What each room may not call, and what to use there instead."""

import ast

import pytest
from tidy_tree import HOST_ROOMS, PURE_ROOMS, dotted, python, room_of

_TIME = "take `now_s` or `ticks` as an argument; the host reads the clock"
_DRAW = "draw with the seeded generator in the record, or take the drawn value as an argument"
_DOING = "return what shall be done; the host does it"

FORBIDDEN_IN_PURE_ROOMS: dict[str, str] = {
    "time": _TIME,
    "datetime.now": _TIME,
    "datetime.utcnow": _TIME,
    "datetime.today": _TIME,
    "date.today": _TIME,
    "random": _DRAW,
    "secrets": _DRAW,
    "uuid": _DRAW,
    "os": _DOING,
    "np.random": _DRAW,
    "numpy.random": _DRAW,
    "print": _DOING,
    "input": _DOING,
    "open": _DOING,
    "pathlib": _DOING,
    "shutil": _DOING,
    "tempfile": _DOING,
    "asyncio": _DOING,
    "socket": _DOING,
    "ssl": _DOING,
    "subprocess": _DOING,
    "threading": _DOING,
    "sqlite3": _DOING,
    "logging": "return an event or a refusal; hosts log",
    "warnings": "return a refusal, or raise ValueError for our own mistake",
}
"""Modules and calls that a pure room may neither import nor call."""

FORBIDDEN_OUTSIDE_CLI: dict[str, str] = {
    "print": "log with `logging.getLogger(__name__)`; only cli writes to the terminal",
    "breakpoint": "leave it out of what is kept",
    "datetime.utcnow": "write `datetime.now(UTC)`: an instant knows its zone",
    "datetime.utcfromtimestamp": "write `datetime.fromtimestamp(s, UTC)`: an instant knows its zone",
    "eval": "parse what you expect, with one sentence for what you do not",
    "exec": "parse what you expect, with one sentence for what you do not",
    "pickle": "write a format whose reader checks it: CBOR, JSON, NumPy bytes with a known type",
    "os.system": "write `subprocess.run([...])` with a list",
}


def _stem(name: str, forbidden: dict[str, str]) -> str:
    """The forbidden name that `name` is or lies under; empty when it is allowed."""
    return next((stem for stem in forbidden if name == stem or name.startswith(f"{stem}.")), "")


def _names_used(tree: ast.Module) -> list[tuple[int, str]]:
    """Every imported module or name, and everything called or reached through a dotted name, with its line."""
    used: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                used += [(node.lineno, alias.name) for alias in node.names]
            case ast.ImportFrom(module=str() as module, level=0):
                used += [(node.lineno, module), *((node.lineno, f"{module}.{alias.name}") for alias in node.names)]
            case ast.Call():
                called = dotted(node.func)
                # Both `datetime.now` and `datetime.datetime.now` end in what is forbidden.
                used += [(node.lineno, called), (node.lineno, ".".join(called.split(".")[-2:]))]
            case _:
                pass
    return used


def forbidden_uses(name: str, tree: ast.Module, forbidden: dict[str, str]) -> list[str]:
    """Sentences for what a file uses and may not."""
    found = {
        f"{name}:{line}: `{stem}` may not be used here; {forbidden[stem]}"
        for line, used in _names_used(tree)
        if (stem := _stem(used, forbidden))
    }
    return sorted(found)


def broad_catches(tree: ast.Module) -> list[int]:
    """Lines that catch everything."""
    broad = {"", "Exception", "BaseException"}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (
            dotted(node.type) in broad
            if node.type is not None and not isinstance(node.type, ast.Tuple)
            else node.type is None or any(dotted(part) in broad for part in node.type.elts)
        )
    ]


def test_pure_rooms_reach_no_clock_file_net_or_chance() -> None:
    """STYLE: terms, controller, plant, operations, wire and planning get values and return values."""
    found = [
        sentence
        for name, tree in python().items()
        if room_of(name) in PURE_ROOMS
        for sentence in forbidden_uses(name, tree, FORBIDDEN_IN_PURE_ROOMS)
    ]
    assert not found, "\n" + "\n".join(found)


def test_no_room_uses_what_has_a_safer_form() -> None:
    """STYLE: no print outside cli, no naive instants, no eval, no pickle."""
    found = [
        sentence
        for name, tree in python().items()
        if name.startswith("src/") and not name.startswith("src/bptm/cli/")
        for sentence in forbidden_uses(name, tree, FORBIDDEN_OUTSIDE_CLI)
    ]
    assert not found, "\n" + "\n".join(found)


def test_everything_is_caught_at_most_once_in_a_host() -> None:
    """STYLE: `except Exception` stands once per host, in its supervisor loop, and nowhere in a pure room."""
    found: dict[str, list[str]] = {}
    for name, tree in python().items():
        if name.startswith("src/"):
            found.setdefault(room_of(name), []).extend(f"{name}:{line}" for line in broad_catches(tree))
    too_many = {room: places for room, places in found.items() if len(places) > (1 if room in HOST_ROOMS else 0)}
    assert not too_many, f"name the exceptions that the world can raise there: {too_many}"


def test_tests_of_pure_rooms_do_not_sleep() -> None:
    """STYLE: a test that waits for wall time is slow when it passes and wrong when the machine is busy."""
    forbidden = {"time.sleep": "pass `now_s` on", "asyncio.sleep": "pass `now_s` on"}
    found = [
        sentence
        for name, tree in python().items()
        if name.startswith("tests/") and name.split("/")[1] in PURE_ROOMS
        for sentence in forbidden_uses(name, tree, forbidden)
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "import time\n",
        "from time import monotonic\n",
        "from datetime import datetime\nx = datetime.now()\n",
        "import datetime\nx = datetime.datetime.now()\n",
        "import numpy as np\nx = np.random.default_rng(1)\n",
        "print(1)\n",
        "x = open('a')\n",
        "from asyncio import sleep\n",
        "import logging\n",
        "import os.path\n",
    ],
)
def test_a_forbidden_use_is_seen(source: str) -> None:
    """The check can fail: each seeded line is found in a pure room."""
    assert forbidden_uses("src/bptm/wire/a.py", ast.parse(source), FORBIDDEN_IN_PURE_ROOMS)


def test_what_only_looks_forbidden_is_allowed() -> None:
    """Names that begin like a forbidden module, and instants made from numbers, are not found."""
    source = "from datetime import UTC, datetime\nx = datetime.fromtimestamp(0, UTC)\ntimely = 1\nreopen(timely)\n"
    assert forbidden_uses("src/bptm/wire/a.py", ast.parse(source), FORBIDDEN_IN_PURE_ROOMS) == []


@pytest.mark.parametrize("caught", ["", " Exception", " (OSError, Exception)", " BaseException"])
def test_a_broad_catch_is_seen(caught: str) -> None:
    """The check can fail: each way to catch everything is found; a named exception is not."""
    assert broad_catches(ast.parse(f"try:\n    f()\nexcept{caught}:\n    pass\n")) == [3]
    assert broad_catches(ast.parse("try:\n    f()\nexcept (OSError, ValueError):\n    pass\n")) == []
