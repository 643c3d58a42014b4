"""One stand-alone HTML page: no file beside it, no network, light, dark, print, phone, keyboard and screen reader.

A page is a title, a sentence that says what was found, sections of blocks, and, at its end, where every number comes
from: its query, the data's version, what was assumed, and how far that is to be believed.
"""

import html
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import bptm

STYLE = Path(__file__).parent / "page.css"

_MADE_OF: ContextVar[str] = ContextVar("_MADE_OF", default="")


@contextmanager
def worked_example(made_of: str) -> Generator[None]:
    """Every page made within is a worked example, and says under its title what it is made of."""
    before = _MADE_OF.set(made_of)
    try:
        yield
    finally:
        _MADE_OF.reset(before)


LONG_WORD = 40

Cell = str | int | float | None


class Mark(Enum):
    """How far a number is to be believed."""

    PUBLISHED = "published source"
    KNOWLEDGE = "general knowledge, not checked"
    DERIVED = "derived here"
    DEFINITION = "definition"
    OWN = "own choice"
    CLAIM = "vendor's claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where numbers come from.

    Attributes:
        what: Which numbers.
        source: File or publication, with its version.
        query: How they were got from it: SQL, or a rule in words.
        mark: How far they are to be believed.
        assumed: What had to be assumed, a sentence each.
    """

    what: str
    source: str
    query: str
    mark: Mark
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: the first column names its row; a missing cell (None) says so.

    Attributes:
        caption: What it shows.
        header: Names of the columns.
        rows: Cells, as many as the header has.
        tall: Scrolls inside its own box when it is long.
        marks: Attributes of a row by its number, for a script of the page, e.g. {"data-fips": "06007"}.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    tall: bool = False
    marks: Sequence[dict[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure as inline SVG (`program.figure`), with what it shows in words for who cannot see it."""

    svg: str
    caption: str
    alternative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Few numbers that matter most: what, value, and what to know about it."""

    facts: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence that must not be overlooked: a result with unsourced inputs, rows refused, data missing."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list of sentences."""

    points: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """HTML of ours as it is; nothing that came from outside may be in it unescaped."""

    html: str


Block = Table | Picture | Facts | Words | Note | Points | Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of a page."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole page.

    Attributes:
        title: Its name.
        lead: What was found, in a sentence or two.
        sections: Its parts.
        origins: Where every number on it comes from; never empty.
        script: JavaScript of ours, put inline.
        style: CSS of ours beyond the frame's.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    origins: Sequence[Origin]
    script: str = ""
    style: str = ""
    made_from: Sequence[str] = field(default=())
    """The command that makes this page again, word by word."""

    def html(self) -> str:
        """The page."""
        assert self.origins, "a page says where its numbers come from"
        style = STYLE.read_text(encoding="utf-8") + self.style
        body = "".join(_section(section, number) for number, section in enumerate(self.sections, 1))
        script = f"<script>{self.script}</script>" if self.script else ""
        example = block_html(Note(text=f"Worked example. {_MADE_OF.get()}")) if _MADE_OF.get() else ""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{_escaped(self.title)}</title><style>{style}</style></head><body>"
            f'<a class="skip" href="#main">Skip to the content</a>'
            f'<header><h1>{_escaped(self.title)}</h1><p class="lead">{_escaped(self.lead)}</p>{example}</header>'
            f'<main id="main">{body}{_origins(self.origins, self.made_from)}</main>'
            f"<footer>Made by bptm {_escaped(bptm.__version__)}. Every number above stands with its source below it."
            f"</footer>{script}</body></html>\n"
        )


def number(value: float | None, places: int = 1) -> str:
    """A number for reading, with thousands apart; "no data" for a missing one."""
    return "no data" if value is None else f"{value:,.{places}f}"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)


def _section(section: Section, number_of: int) -> str:
    inside = "".join(block_html(block) for block in section.blocks)
    name = f"section-{number_of}"
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{_escaped(section.title)}</h2>{inside}</section>'


def block_html(block: Block) -> str:
    """The HTML of one block."""
    match block:
        case Table():
            return _table(block)
        case Picture():
            return (
                f'<figure><div class="picture" role="img" tabindex="0" aria-label="{_escaped(block.alternative)}">'
                f"{block.svg}</div>"
                f"<figcaption>{_escaped(block.caption)}</figcaption></figure>"
            )
        case Facts():
            cells = "".join(
                f"<div><dt>{_escaped(what)}</dt><dd><b>{_escaped(value)}</b> <span>{_escaped(about)}</span></dd></div>"
                for what, value, about in block.facts
            )
            return f'<dl class="facts">{cells}</dl>'
        case Words() | Note() | Points() | Markup():
            return _text_html(block)


def _text_html(block: Words | Note | Points | Markup) -> str:
    match block:
        case Words():
            return f"<p>{_escaped(block.text)}</p>"
        case Note():
            return f'<p class="note" role="note">{_escaped(block.text)}</p>'
        case Points():
            return f"<ul>{''.join(f'<li>{_escaped(point)}</li>' for point in block.points)}</ul>"
        case Markup():
            return block.html


def _table(table: Table) -> str:
    numeric = [
        any(isinstance(row[at], int | float) for row in table.rows)
        and all(row[at] is None or isinstance(row[at], int | float) for row in table.rows)
        for at in range(len(table.header))
    ]
    head = "".join(
        f'<th scope="col"{_number_class(is_number=is_number)}>{_escaped(name)}</th>'
        for name, is_number in zip(table.header, numeric, strict=True)
    )
    rows = "".join(
        f"<tr{_marks(table.marks[at]) if at < len(table.marks) else ''}>{_row(row, numeric)}</tr>"
        for at, row in enumerate(table.rows)
    )
    tall = " tall" if table.tall else ""
    return (
        f'<div class="table{tall}" tabindex="0" role="region" aria-label="Table: {_escaped(table.caption)}"><table>'
        f"<caption>{_escaped(table.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _marks(marks: dict[str, str]) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in marks.items())


def _row(row: Sequence[Cell], numeric: Sequence[bool]) -> str:
    first = f'<th scope="row"{_number_class(is_number=numeric[0])}>{_cell(row[0])}</th>' if row else ""
    rest = "".join(
        f"<td{_number_class(is_number=is_number)}>{_cell(cell)}</td>"
        for cell, is_number in zip(row[1:], numeric[1:], strict=True)
    )
    return first + rest


def _number_class(*, is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return '<span class="missing">no data</span>'
        case float():
            return f"{cell:,.2f}".rstrip("0").rstrip(".")
        case int():
            return f"{cell:,}"
        case str():
            # A hash is one word of 64 letters: it may break anywhere, or it would push the table off the page.
            return f"<code>{_escaped(cell)}</code>" if len(cell) > LONG_WORD and " " not in cell else _escaped(cell)


def _origins(origins: Sequence[Origin], made_from: Sequence[str]) -> str:
    rows = "".join(
        f"<details><summary>{_escaped(origin.what)} <span class='mark'>{_escaped(origin.mark.value)}</span></summary>"
        f"<dl><dt>Source</dt><dd>{_escaped(origin.source)}</dd><dt>Query</dt>"
        f"<dd><code>{_escaped(origin.query)}</code></dd>"
        + (
            f"<dt>Assumed</dt><dd><ul>{''.join(f'<li>{_escaped(a)}</li>' for a in origin.assumed)}</ul></dd>"
            if origin.assumed
            else ""
        )
        + "</dl></details>"
        for origin in origins
    )
    again = f"<p>Made with <code>{_escaped(' '.join(made_from))}</code></p>" if made_from else ""
    return (
        '<section aria-labelledby="origins" class="origins"><h2 id="origins">Where every number comes from</h2>'
        f"{again}{rows}</section>"
    )
