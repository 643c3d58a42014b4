"""A filled report as a page, and as the plain data that the typesetter takes."""

from collections.abc import Sequence

from bptm.program.page import Cell, Note, Origin, Page, Points, Section, Table, Words
from bptm.program.report import Filled, Report

NO_CLAIM = "This fills a template. It claims compliance with nothing; what is missing is listed first."


def page(report: Report, command: str) -> Page:
    """The page of one report."""
    missing = report.missing()
    sections = [
        Section(
            title="What is missing",
            blocks=(Note(text=NO_CLAIM), Points(points=missing) if missing else Words(text="Nothing that was asked.")),
        )
    ]
    if report.template.context:
        sections.append(Section(title="Context", blocks=(Points(points=report.template.context),)))
    sections += [Section(title=one.template.caption, blocks=(_block(one),)) for one in report.tables]
    return Page(
        title=f"{report.template.title}: {report.utility}",
        lead=report.template.about,
        sections=sections,
        origins=[_origin(one, report) for one in report.tables],
        made_from=(command,),
    )


def _block(one: Filled) -> Table | Note | Words:
    if one.missing:
        return Note(text=f"Missing: {', '.join(one.missing)} was not given. Nothing is known, which is not zero.")
    if not one.rows:
        return Words(text="No row: nothing of the kind is in the tables given.")
    return Table(caption=one.template.caption, header=one.columns, rows=[_cells(row) for row in one.rows], tall=True)


def _cells(row: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(row)


def _origin(one: Filled, report: Report) -> Origin:
    return Origin(
        what=one.template.caption,
        source=one.versions or "nothing was given",
        query=one.query,
        mark=report.template.mark,
        assumed=(f"Template: {report.template.source}",),
    )


def typeset_content(report: Report) -> dict[str, object]:
    """The report for `typeset`: texts and cells as they are printed."""
    return {
        "title": report.template.title,
        "utility": report.utility,
        "about": report.template.about,
        "no_claim": NO_CLAIM,
        "missing": report.missing(),
        "context": list(report.template.context),
        "source": report.template.source,
        "tables": [
            {
                "caption": one.template.caption,
                "columns": [column.replace("_", " ") for column in one.columns],
                "rows": [[_printed(value) for value in row] for row in one.rows],
                "numeric": [
                    bool(one.rows) and all(isinstance(row[at], (int, float)) or row[at] is None for row in one.rows)
                    for at in range(len(one.columns))
                ],
                "missing": list(one.missing),
                "query": one.query,
                "versions": one.versions or "nothing was given",
            }
            for one in report.tables
        ],
    }


def _printed(value: Cell) -> str:
    if value is None:
        return "not known"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else value
