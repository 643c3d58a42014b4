"""The reference page of a fleet run says what its columns say."""

from pathlib import Path

import make_fleet_reference
import pytest
from test_fleet_run import short

from bptm.twin.fleet_columns import SUMMARY_KEYS


def test_the_page_is_current() -> None:
    """DOCS: what the script would write now is what stands in docs/reference."""
    assert make_fleet_reference.PAGE.read_text(encoding="utf-8") == make_fleet_reference.page()


def test_a_page_that_is_not_current_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: a missing page is named, and after writing it is current."""
    words = ["make_fleet_reference.py", "--to", str(tmp_path / "fleet.md")]
    for more, status in ((["--check"], 1), ([], 0), (["--check"], 0)):
        monkeypatch.setattr("sys.argv", [*words, *more])
        assert make_fleet_reference.main() == status


def test_the_answer_has_the_keys_that_the_page_names() -> None:
    """Keys of the JSON, in their order; the folder is added where the answer is printed."""
    assert [*short(homes=2, hours=0.1).as_json(), "out"] == [name for name, *_rest in SUMMARY_KEYS]
