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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the desk.

    Attributes:
        name: As in `bptm program NAME`; names of its pages begin so.
        question: What it answers.
        words: What the command takes beside `--html`; capitals stand for files that only the utility has.
    """

    name: str
    question: str
    words: str = ""


PARTS = (
    Part(name="rank", question="Where should a programme begin?"),
    Part(name="outages", question="What went dark, for how long, and what would backup have covered?",
         words="--outages LIST.csv --snapshots SNAPSHOTS.csv --customers N"),
    Part(name="site", question="Who gets the next meters, and why this home?",
         words="--candidates PREMISES.csv --meters N --budget DOLLARS"),
    Part(name="value", question="What is a meter worth against the other ways?", words="--customer medical"),
    Part(name="survive", question="How long do homes last on their backup?",
         words="--outages LIST.csv --twin FLEET_DIR"),
    Part(name="results", question="What has the programme done so far?",
         words="--events events.json --installs INSTALLS.csv"),
    Part(name="report", question="What is the regulator told, and what is missing?",
         words="--outages OUTAGES.csv --customers CUSTOMERS.csv"),
)  # fmt: skip
"""The desk's parts in the order in which a programme meets them. Source: the commands' own help."""

EXPORT = "/api/v1/chain/export"
"""Where a signed-in browser gets the chained events, input of `bptm program results`."""
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
        return plain_page("Programme", _list(pages_in(folder), folder), 200, wide=True)

    @app.get(ADDRESS + "/{name}", include_in_schema=False)
    def programme_page(name: str) -> Response:
        # Only names that the list shows: nothing outside the folder can be asked for.
        if folder is None or name not in {page.name for page in pages_in(folder)}:
            told = f'<p>There is no page <code>{html.escape(name)}</code>.</p><p><a href="{ADDRESS}">All pages</a></p>'
            return plain_page("No such page", told, 404)
        return FileResponse(folder / name, media_type="text/html; charset=utf-8")


def _list(pages: list[ProgrammePage], folder: Path | None) -> str:
    sections = [_part(part, [page for page in pages if _part_of(page) == part.name], folder) for part in PARTS]
    others = [page for page in pages if _part_of(page) not in {part.name for part in PARTS}]
    if others:
        sections.append(f'<section aria-labelledby="others"><h2 id="others">Other pages</h2>{_links(others)}</section>')
    how = (
        "<p>The programme desk writes its pages into this console's folder, each a file that also goes by mail. What "
        f"was made from what ships says so. <code>bptm program pages --out {_place(folder, '')} --again</code> makes "
        "the worked examples anew.</p>"
    )
    return f'{how}{"".join(sections)}<p><a href="/">Back to the meters</a></p>'


def _part_of(page: ProgrammePage) -> str:
    return re.split(r"[-_.]", page.name, maxsplit=1)[0]


def _part(part: Part, pages: list[ProgrammePage], folder: Path | None) -> str:
    command = " ".join(word for word in ("bptm program", part.name, part.words) if word)
    target = (
        f"--out {_place(folder, 'report')}" if part.name == "report" else f"--html {_place(folder, part.name)}.html"
    )
    made = _links(pages) if pages else "<p>No page is here yet.</p>"
    save = ""
    if part.name == "results":
        save = f'<p>Save this console\'s events first: <a href="{EXPORT}" download="events.json">events.json</a>.</p>'
    if part.name == "report":
        target += f", then copy its .html file to {_place(folder, 'report-EVENT')}.html"
    command_html = html.escape(command)
    return (
        f'<section aria-labelledby="{part.name}"><h2 id="{part.name}">{html.escape(part.question)}</h2>{made}{save}'
        f"<details{'' if pages else ' open'}><summary>Make one of your own tables</summary>"
        f"<p><code>{command_html} {target}</code></p></details>"
        "</section>"
    )


def _links(pages: list[ProgrammePage]) -> str:
    rows = "".join(f'<li><a href="{ADDRESS}/{page.name}">{html.escape(page.title)}</a></li>' for page in pages)
    return f"<ul>{rows}</ul>"


def _place(folder: Path | None, name: str) -> str:
    return html.escape(str(folder / name) if folder is not None else name or "FOLDER")
