"""The programme desk knows no utility: names stand in profiles and data only."""

import re

from tidy_tree import ROOT

NAMES = re.compile(
    r"\bPG ?& ?E\b|\bpge\b|Pacific Gas|\bDuke Energy\b|\bEdison\b|\bSDG ?& ?E\b|\bDominion\b|Florida Power|\bPSEG\b",
    re.IGNORECASE,
)


def named_in(text: str) -> list[str]:
    """Utilities that a text names."""
    return [match.group() for match in NAMES.finditer(text)]


def test_no_code_of_the_desk_names_a_utility() -> None:
    """ISSUE-5: nothing in the code knows a utility's name; a profile does."""
    source = ROOT / "src" / "bptm"
    rooms = [*(source / "program").rglob("*"), *(source / "planning").rglob("*"), *(source / "cli").glob("program*")]
    found = {
        str(path.relative_to(ROOT)): names
        for path in rooms
        if path.suffix in {".py", ".js", ".css"} and (names := named_in(path.read_text(encoding="utf-8")))
    }
    assert not found, f"say it in a profile or a data file: {found}"


def test_a_name_is_seen() -> None:
    """The check can fail."""
    assert named_in("if utility == 'PG&E':") == ["PG&E"]
    assert named_in("knows pge layouts") == ["pge"]
    assert not named_in("a page of pages")
