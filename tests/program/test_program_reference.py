"""The reference pages of the desk that are made from its data say what the data says."""

import json
from pathlib import Path

import make_program_reference
import program_json
import pytest

from bptm.cli import run

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


def test_the_json_that_the_reference_names_is_what_the_commands_print(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """DOCS: the keys of outages, survive, results and a dossier, each as printed and no other."""
    rows = tmp_path / "list.csv"
    rows.write_text("start,end,customers\n2019-10-26T00:00Z,2019-10-26T01:00Z,5\n", encoding="utf-8")
    installs = tmp_path / "installs.csv"
    installs.write_text("meter,installed_at\nM1,2019-06-01T10:00Z\n", encoding="utf-8")
    for words, keys in (
        (["outages", "--outages", str(rows)], program_json.OUTAGES),
        (["survive", "--draws", "1000"], program_json.SURVIVE),
        (["results", "--installs", str(installs)], program_json.RESULTS),
    ):
        assert run(["program", *words, "--json"]) == 0
        assert set(json.loads(capsys.readouterr().out)) == set(keys), words
