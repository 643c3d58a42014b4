"""The worked examples of the desk: each page says that it is one, and what it is made of."""

from pathlib import Path

import pytest

from bptm.cli import run
from bptm.cli.program_pages import EVENT, FACTS, examples, first_pages
from bptm.program.page import Mark, Origin, Page, worked_example

pytestmark = pytest.mark.slow


def test_every_example_says_under_its_title_what_it_is_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ISSUE-5: what was made from what ships is not taken for a utility's own figures."""
    monkeypatch.setattr("sys.argv", ["bptm"])
    assert run(["program", "pages", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    wanted = {one.page: one.made_of for one in examples(tmp_path)}
    assert {file.name for file in tmp_path.glob("*.html")} == set(wanted)
    for name, made_of in wanted.items():
        head = (tmp_path / name).read_text(encoding="utf-8").split("</header>")[0]
        assert "Worked example. " + made_of.replace("'", "&#x27;") in head, name
    assert "964,747" in EVENT
    assert FACTS.split("'")[0] in first_pages()["rank.html"].split("</header>")[0]


def test_a_page_of_ones_own_tables_is_no_example() -> None:
    page = Page(title="t", lead="l", sections=(), origins=(Origin(what="w", source="s", query="q", mark=Mark.OWN),))
    with worked_example("Made of nothing."):
        assert "Worked example. Made of nothing." in page.html()
    assert "Worked example" not in page.html()
