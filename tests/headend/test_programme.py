"""The console's Programme section: shows the pages in its folder to who is signed in, and nothing beside them."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bptm.headend.pages.session import COOKIE, SessionGate, cookie_in, sealed, who_signed_in
from bptm.headend.programme import add_programme, pages_in

SECRET = "a secret of this test"  # noqa: S105 (a test's own)


async def answer(folder: Path | None, path: str, *, signed_in: bool = True) -> httpx.Response:
    """What the console answers."""
    app = FastAPI()
    add_programme(app, folder)
    app.add_middleware(SessionGate, signed_in=lambda headers: who_signed_in(cookie_in(headers), SECRET) is not None)
    cookies = {COOKIE: sealed("operator", SECRET)} if signed_in else {}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.test", cookies=cookies) as client:
        return await client.get(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two pages, and what is none."""
    made = tmp_path / "programme"
    made.mkdir()
    (made / "rank.html").write_text("<!doctype html><title>Ranks &amp; maps</title><p>first", encoding="utf-8")
    (made / "bare.html").write_text("<p>no title", encoding="utf-8")
    (made / "notes.txt").write_text("not a page", encoding="utf-8")
    (made / ".hidden.html").write_text("not a page", encoding="utf-8")
    (tmp_path / "secret.html").write_text("outside", encoding="utf-8")
    return made


def test_pages_are_those_of_the_folder(folder: Path) -> None:
    """SECTION: html files with plain names, with the title that they give themselves."""
    assert [(page.name, page.title) for page in pages_in(folder)] == [
        ("bare.html", "bare.html"),
        ("rank.html", "Ranks & maps"),
    ]
    assert pages_in(None) == pages_in(folder / "none") == []


async def test_the_list_leads_to_each_page(folder: Path) -> None:
    """SECTION: titles are escaped, and a page comes with the console's security headers."""
    listed = await answer(folder, "/programme")
    assert 'href="/programme/rank.html">Ranks &amp; maps<' in listed.text
    page = await answer(folder, "/programme/rank.html")
    assert page.status_code == 200
    assert "first" in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    ["/programme/../secret.html", "/programme/%2e%2e%2fsecret.html", "/programme/notes.txt", "/programme/.hidden.html"],
)
async def test_nothing_else_is_served(folder: Path, path: str) -> None:
    """SECURITY: no file outside the folder, none that is not a page."""
    found = await answer(folder, path)
    assert found.status_code == 404
    assert "outside" not in found.text
    assert "not a page" not in found.text


@pytest.mark.parametrize("path", ["/programme", "/programme/rank.html"])
async def test_a_stranger_sees_the_sign_in_page(folder: Path, path: str) -> None:
    """SECURITY: addresses, circuits and medical homes may stand in these pages."""
    found = await answer(folder, path, signed_in=False)
    assert found.status_code == 401
    assert "first" not in found.text


async def test_every_part_of_the_desk_stands_in_the_section(folder: Path) -> None:
    """ISSUE-5: all seven, each with its pages or with the command that makes one; others apart."""
    (folder / "site-california.html").write_text("<title>Who gets the next meters</title>", encoding="utf-8")
    listed = (await answer(folder, "/programme")).text
    parts = re.findall(r'<section aria-labelledby="([a-z]+)">(.*?)</section>', listed, re.DOTALL)
    assert [name for name, _inside in parts] == [
        "rank", "outages", "site", "value", "survive", "results", "report", "others",
    ]  # fmt: skip
    inside = dict(parts)
    assert 'href="/programme/site-california.html">Who gets the next meters<' in inside["site"]
    assert "bare.html" in inside["others"]
    for name in ("outages", "value", "survive", "results", "report"):
        assert "No page is here yet" in inside[name]
        assert f"bptm program {name}" in inside[name]
    assert 'href="/api/v1/chain/export" download="events.json"' in inside["results"]


async def test_an_empty_section_says_how_to_fill_it(tmp_path: Path) -> None:
    """FIRST USE: the command, with the very place."""
    found = await answer(tmp_path / "programme", "/programme")
    assert found.text.count("No page is here yet") == 7
    assert f"bptm program rank --html {tmp_path / 'programme' / 'rank'}.html" in found.text
    assert f"bptm program pages --out {tmp_path / 'programme'}" in found.text
