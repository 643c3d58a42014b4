"""Links in documents lead somewhere, decisions exist and have one form, and every document can be found."""

import re
from pathlib import Path

import pytest
from tidy_tree import ROOT, texts

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
DECISION = re.compile(r"(?:decision|ADR)s?[ -/](\d{4})(?!\d)", re.IGNORECASE)
FACT = re.compile(r"\bfacts\.md,? (?:section )?(\d+\.\d+|H\d+)|\bdomain\.md,? (\d+\.\d+|H\d+|S\d+[a-z]?)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

HEADINGS = ("## Context", "## Decision", "## Consequences", "## Alternatives")


def anchors(text: str) -> set[str]:
    """Anchors that the headings of a page make, as common viewers make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?)\s*$", FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(plain.replace(" ", "-"))
    return found


def broken_links(name: str, text: str, pages: dict[str, str]) -> list[str]:
    """Sentences for links of one page that lead nowhere."""
    found: list[str] = []
    for match in LINK.finditer(FENCE.sub("", text)):
        target = match.group(1) or match.group(2)
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.resolve().exists():
            found.append(f"{name}: link to {target}: there is no such file")
        elif anchor and file.suffix == ".md":
            page = file.resolve().relative_to(ROOT).as_posix()
            if anchor not in anchors(pages.get(page, "")):
                found.append(f"{name}: link to {target}: the page has no such heading")
    return found


def pages() -> dict[str, str]:
    """Every Markdown page of the project."""
    return {name: text for name, text in texts().items() if name.endswith(".md")}


def decisions() -> dict[str, str]:
    """Text of each decision by its number."""
    return {Path(name).name[:4]: text for name, text in pages().items() if name.startswith("docs/decisions/")}


def test_every_link_between_documents_leads_somewhere() -> None:
    """DOCS: relative links of every page reach a file, and its heading where they name one."""
    every = pages()
    found = [sentence for name, text in every.items() for sentence in broken_links(name, text, every)]
    assert not found, "\n" + "\n".join(found)


def test_every_decision_that_is_cited_exists() -> None:
    """DOCS: `decision 0002` in code, settings or documents names a page in docs/decisions."""
    known = decisions().keys()
    found = [
        f"{name}: decision {number} does not exist"
        for name, text in texts().items()
        for number in DECISION.findall(text)
        if number not in known and not name.startswith("tests/tidy/")
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_decision_has_the_same_form_and_its_own_number() -> None:
    """DOCS: a title with the number of the file, a status, and four sections on one page."""
    files = sorted(name for name in pages() if name.startswith("docs/decisions/"))
    assert files, "no decisions found"
    found: list[str] = []
    for name in files:
        text = pages()[name]
        number = Path(name).name[:4]
        if not text.startswith(f"# {number}. "):
            found.append(f"{name}: begin with `# {number}. TITLE`")
        if not re.search(r"^Status: (accepted|superseded by \d{4})", text, re.MULTILINE):
            found.append(f"{name}: say `Status: accepted` or `Status: superseded by NNNN`")
        places = [text.find(f"\n{heading}") for heading in HEADINGS]
        if -1 in places or places != sorted(places):
            found.append(f"{name}: write the sections {', '.join(HEADINGS)} in this order")
        if text.count("\n") > 100:
            found.append(f"{name}: {text.count(chr(10))} lines; a decision is one page")
    numbers = [Path(name).name[:4] for name in files]
    assert len(set(numbers)) == len(numbers), f"a number is used twice: {numbers}"
    assert not found, "\n" + "\n".join(found)


def test_every_fact_that_is_cited_stands_in_the_book_of_facts() -> None:
    """DOCS: a threshold that cites `domain.md 2.7` finds that section in docs/reference/domain.md."""
    book = pages()["docs/reference/domain.md"]
    found = [
        f"{name}: domain.md {cited} is not there"
        for name, text in texts().items()
        if name.startswith("src/")
        for pair in FACT.findall(text)
        if (cited := pair[0] or pair[1]) and not re.search(rf"(?<![\w.]){re.escape(cited)}(?![\w])", book)
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_document_is_reached_from_the_index() -> None:
    """DOCS: each page in docs/ is linked from docs/README.md."""
    index = pages()["docs/README.md"]
    linked = {(ROOT / "docs" / match.group(1)).resolve() for match in LINK.finditer(index) if match.group(1)}
    lost = [name for name in pages() if name.startswith("docs/") and (ROOT / name).resolve() not in linked]
    assert sorted(lost) == ["docs/README.md"], f"link these pages from docs/README.md: {lost}"


@pytest.mark.parametrize("target", ["nowhere.md", "../nowhere.md", "a.md#no-such", "#no-such"])
def test_a_broken_link_is_seen(target: str) -> None:
    """The check can fail: a missing file and a missing heading are found; a good anchor is not."""
    every = {"docs/README.md": f"# A\n\nsee [x]({target}) and [y](#a)\n"}
    assert len(broken_links("docs/README.md", every["docs/README.md"], every)) == 1
