"""The reference pages of the desk that are made from its data say what the data says."""

from pathlib import Path

import make_program_reference
import pytest

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_pages_are_current() -> None:
    """DOCS: what the script would write now is what stands in docs/reference."""
    for name, text in make_program_reference.pages().items():
        assert (REFERENCE / name).read_text(encoding="utf-8") == text, name


def test_a_page_that_is_not_current_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: missing pages are named, and after writing nothing is."""
    words = ["make_program_reference.py", "--to", str(tmp_path)]
    monkeypatch.setattr("sys.argv", [*words, "--check"])
    assert make_program_reference.main() == 1
    monkeypatch.setattr("sys.argv", words)
    assert make_program_reference.main() == 0
    monkeypatch.setattr("sys.argv", [*words, "--check"])
    assert make_program_reference.main() == 0
