"""Every room says what it is for, stands in the import contract, and in the architecture page."""

import ast
import re
import tomllib

from tidy_tree import HOST_ROOMS, PURE_ROOMS, ROOT, python, texts

ROOMS = {*PURE_ROOMS, *HOST_ROOMS, "compiled", "cli"}


def test_every_folder_of_the_package_is_a_known_room_with_a_docstring() -> None:
    """DECISION-0001: a room that nobody placed fails here, and so does one that does not say what it is for."""
    folders = {path.parent.name for path in (ROOT / "src" / "bptm").glob("*/__init__.py")}
    assert folders == ROOMS
    silent = [room for room in sorted(ROOMS) if not ast.get_docstring(python()[f"src/bptm/{room}/__init__.py"])]
    assert not silent, f"say in the docstring what these rooms are for: {silent}"


def test_the_import_contract_places_every_room_in_its_layer() -> None:
    """DECISION-0001: the layers of import-linter are exhaustive and hold each room once, hosts above pure rooms."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    assert contract["exhaustive"] is True
    layers = [{room.strip() for room in layer.split("|")} for layer in contract["layers"]]
    assert layers == [{"cli"}, set(HOST_ROOMS), {"compiled", "whole_file"}, set(PURE_ROOMS) - {"terms"}, {"terms"}]


def test_the_architecture_page_describes_every_room() -> None:
    """DOCS: the table of rooms has one row for each room."""
    rows = re.findall(r"^\| `([a-z]+)` \|", texts()["docs/explanation/architecture.md"], re.MULTILINE)
    assert sorted(rows) == sorted(ROOMS)
