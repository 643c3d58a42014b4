"""Names in FIELDS and SETTINGS carry their unit, and settings lie within their own limits."""

import importlib
from collections.abc import Iterator

import pytest
from tidy_tree import python

SUFFIXES: dict[str, tuple[str, ...]] = {
    "V": ("_v",),
    "A": ("_a",),
    "W": ("_w",),
    "var": ("_var",),
    "VA": ("_va",),
    "Wh": ("_wh",),
    "Hz": ("_hz",),
    "s": ("_s",),
    "rad": ("_rad",),
    "C": ("_c",),
    "ohm": ("_ohm",),
    "pu": ("_pu",),
    "USD": ("_usd",),
    "ticks": ("_ticks", "_tick"),
    "mW ticks": ("_mwticks",),
    "mW": ("_mw",),
    "mvar": ("_mvar",),
    "mvar ticks": ("_mvarticks",),
    "millionth of a turn": ("_uturns",),
}
"""Unit in a table, and how a name with that unit ends. A running timer is `t_NAME`; `tick` alone is an instant."""

_UNIT_ENDINGS = tuple(ending for endings in SUFFIXES.values() for ending in endings)

Row = tuple[object, ...]


def name_fault(name: str, unit: str) -> str:
    """What is wrong with a name and its unit; empty when nothing is."""
    if unit == "ticks" and name.startswith("t_"):
        return ""
    if unit == "":
        return f"{name} ends like a unit and has none" if name.endswith(_UNIT_ENDINGS) else ""
    if unit not in SUFFIXES:
        return f"{name}: unit {unit!r} is not one of {', '.join(SUFFIXES)}"
    if f"_{name}".endswith(SUFFIXES[unit]):
        return ""
    return f"{name} is in {unit}: end its name in {' or '.join(SUFFIXES[unit])}"


def setting_fault(row: Row) -> str:
    """What is wrong with a row of SETTINGS; empty when nothing is."""
    name, type_, _unit, meaning, default, lowest, highest, source = row
    numbers = [value for value in (default, lowest, highest) if isinstance(value, int | float)]
    if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
        return f"{name}: default {default} is not between {lowest} and {highest}"
    if str(type_).startswith("i") and any(isinstance(value, float) for value in numbers):
        return f"{name}: {type_} with a default or limit that is not whole"
    if not meaning or not source:
        return f"{name}: say what it means and where the number comes from"
    return ""


def tables() -> Iterator[tuple[str, str, tuple[Row, ...]]]:
    """Module, name and rows of every FIELDS and SETTINGS table in the code."""
    for file in python():
        if file.startswith("src/bptm/") and ("/core_" in file or "/controller/" in file or "/plant/" in file):
            module = importlib.import_module(file.removeprefix("src/").removesuffix(".py").replace("/", "."))
            for name, value in vars(module).items():
                if name.endswith(("FIELDS", "SETTINGS")) and isinstance(value, tuple):
                    yield module.__name__, name, value  # pyright: ignore[reportUnknownVariableType]  # rows are checked below


def test_every_field_with_a_unit_says_so_in_its_name() -> None:
    """STYLE: the unit is the last part of the name, in every table of the core."""
    checked = 0
    found: list[str] = []
    for module, table, rows in tables():
        for row in rows:
            checked += 1
            fault = name_fault(str(row[0]), str(row[2]))
            if fault:
                found.append(f"{module}.{table}: {fault}")
    assert checked > 50, f"only {checked} fields found: have the tables moved?"
    assert not found, "\n" + "\n".join(sorted(set(found)))


def test_no_table_names_a_field_twice() -> None:
    """A record has one field of each name."""
    for module, table, rows in tables():
        names = [row[0] for row in rows]
        assert len(set(names)) == len(names), f"{module}.{table} names a field twice"


def test_every_setting_has_a_source_and_lies_within_its_limits() -> None:
    """STYLE: each default is between its lowest and highest value, whole where its type is, with a source."""
    found = [
        f"{module}.{table}: {fault}"
        for module, table, rows in tables()
        if table.endswith("SETTINGS")
        for row in rows
        if (fault := setting_fault(row))
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("voltage", "V"), ("bus_w", "V"), ("bus_v", ""), ("bus_kv", "kV"), ("t_bus_v", "V "), ("dead", "ticks")],
)
def test_a_wrong_name_is_seen(name: str, unit: str) -> None:
    """The check can fail: no ending, another unit's ending, an ending without unit, an unknown unit."""
    assert name_fault(name, unit)


@pytest.mark.parametrize(
    ("name", "unit"), [("bus_v", "V"), ("t_wait", "ticks"), ("tick", "ticks"), ("duty_fraction", ""), ("mode", "")]
)
def test_a_right_name_is_not_found(name: str, unit: str) -> None:
    """Names that follow the rule have no fault."""
    assert name_fault(name, unit) == ""


@pytest.mark.parametrize(
    "row",
    [
        ("low_v", "f8", "V", "low", 3.0, 4.0, 5.0, "own choice"),
        ("low_v", "f8", "V", "low", 6.0, 4.0, 5.0, "own choice"),
        ("low_ticks", "i8", "ticks", "low", 4.5, 4, 5, "own choice"),
        ("low_v", "f8", "V", "low", 4.0, 4.0, 5.0, ""),
        ("low_v", "f8", "V", "", 4.0, 4.0, 5.0, "own choice"),
    ],
)
def test_a_wrong_setting_is_seen(row: Row) -> None:
    """The check can fail: outside its limits, not whole, without source or meaning."""
    assert setting_fault(row)
    assert setting_fault(("low_v", "f8", "V", "low", 4.0, 4.0, 5.0, "own choice")) == ""
