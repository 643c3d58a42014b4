"""The console's Programme section: pages that the programme desk wrote into a folder, behind the same sign-in.

Hosts never import each other, so the desk's pages come as files (decision 0040): a stand-alone HTML page each, made by
`bptm program ... --html FILE`. This room shows what is there and makes nothing itself.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from bptm.headend.pages.session import plain_page

ADDRESS = "/programme"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\.html")
_HEAD_BYTES = 4096
"""The title and the lead of a page stand in its first lines."""
_PAGES_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePage:
    """A page in the folder."""

    name: str
    title: str


def pages_in(folder: Path | None) -> list[ProgrammePage]:
    """The pages in the folder, by name; none when there is no folder."""
    if folder is None or not folder.is_dir():
        return []
    found = sorted(entry for entry in folder.iterdir() if _NAME.fullmatch(entry.name) and entry.is_file())
    return [ProgrammePage(name=entry.name, title=_title(entry)) for entry in found[:_PAGES_MAX]]


def _title(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES).decode(errors="replace")
    except OSError:
        return file.name
    named = re.search(r"<title>([^<]{1,200})</title>", head)
    return html.unescape(named.group(1)) if named else file.name


def add_programme(app: FastAPI, folder: Path | None) -> None:
    """Adds the section to the console's app; its addresses stand behind the session gate."""

    @app.get(ADDRESS, include_in_schema=False)
    def programme() -> Response:
        return plain_page("Programme", _list(pages_in(folder), folder), 200)

    @app.get(ADDRESS + "/{name}", include_in_schema=False)
    def programme_page(name: str) -> Response:
        # Only names that the list shows: nothing outside the folder can be asked for.
        if folder is None or name not in {page.name for page in pages_in(folder)}:
            told = f'<p>There is no page <code>{html.escape(name)}</code>.</p><p><a href="{ADDRESS}">All pages</a></p>'
            return plain_page("No such page", told, 404)
        return FileResponse(folder / name, media_type="text/html; charset=utf-8")


def _list(pages: list[ProgrammePage], folder: Path | None) -> str:
    back = '<p><a href="/">Back to the meters</a></p>'
    place = html.escape(str(folder / "rank.html")) if folder is not None else "PAGE.html"
    how = (
        "<p>Where meters should go, what they are worth, what the regulator is told: the programme desk writes its "
        f"pages here. To add one: <code>bptm program rank --html {place}</code>; "
        "<code>bptm program --help</code> lists the others.</p>"
    )
    rows = "".join(f'<li><a href="{ADDRESS}/{page.name}">{html.escape(page.title)}</a></li>' for page in pages)
    return f"{f'<ul>{rows}</ul>' if pages else '<p>No page is here yet.</p>'}{how}{back}"
