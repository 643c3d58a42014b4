"""The table of dependencies says what is installed, and every one that we chose has a reason."""

import re
import tomllib
from pathlib import Path

from tidy_tree import ROOT

ROW = re.compile(
    r"^\| (?P<name>[\w.-]+) \| (?P<version>[\d.]+) \| (?P<licence>[^|]+) \|(?: (?P<why>[^|]+) \|)?$", re.MULTILINE
)
PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,]+\])?==(?P<version>[^\s;]+)", re.MULTILINE)


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def table() -> dict[str, tuple[str, str]]:
    """Version and reason of each package in docs/reference/dependencies.md."""
    text = (ROOT / "docs/reference/dependencies.md").read_text(encoding="utf-8")
    return {plain(row["name"]): (row["version"], row["why"] or "") for row in ROW.finditer(text)}


def pinned() -> dict[str, str]:
    """Version of each package in constraints.txt."""
    text = Path(ROOT / "constraints.txt").read_text(encoding="utf-8")
    return {plain(pin["name"]): pin["version"] for pin in PIN.finditer(text)}


def test_the_table_names_what_is_pinned() -> None:
    """DECISION-0021: a new package or version fails here until its licence files have been read."""
    listed = {name: version for name, (version, _why) in table().items()}
    constraints = pinned()
    assert constraints, "constraints.txt pins nothing"
    unread = {name: version for name, version in constraints.items() if listed.get(name) != version}
    assert not unread, f"read the licence files of {unread} and bring docs/reference/dependencies.md up to date"
    gone = sorted(listed.keys() - constraints.keys())
    assert not gone, f"take {gone} out of docs/reference/dependencies.md: they are not in constraints.txt"


def test_every_package_that_we_chose_has_a_reason() -> None:
    """DECISION-0021: what pyproject.toml asks for is pinned, and the table says why it is here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    listed = table()
    names = [plain(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in asked]
    assert len(names) > 15, f"found only {names}"
    assert [name for name in names if not listed.get(name, ("", ""))[1]] == [], "give each a reason in the table"
