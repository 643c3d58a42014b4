"""`bptm program report`: fill the regulator's tables; HTML, PDF, CSV and Parquet."""

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from bptm.cli.asked import UsageError, check_range

if TYPE_CHECKING:
    from bptm.program.duck import Tables
    from bptm.program.report import Report


def report(
    *,
    profile: str = "california",
    template: str = "",
    outages: Path | None = None,
    customers: Path | None = None,
    notifications: Path | None = None,
    backup: Path | None = None,
    energy: Path | None = None,
    out: Path | None = None,
    suppress_below: int = 11,
    refused: Path | None = None,
    json: bool = False,
) -> int:
    """Fill report templates from the tables given, and list what is missing. It claims compliance with nothing.

    Args:
        profile: A shipped profile or a file; its regulator's template is filled when none is named.
        template: Names of templates, joined by commas: ca-psps-post-event, plain-event-report, wildfire-metrics,
            equity, net-metering, board-summary, or files; `all` for all that ship.
        outages: CSV or Parquet of de-energised circuits: circuit, deenergised_at, all_clear_at, restored_at, ...
        customers: Of customers: premise_id, circuit, customer_type, medical_baseline, ...
        notifications: Of notices sent: circuit, kind, sent_at, delivered.
        backup: Of times on backup, from the head-end: premise_id, from_at, to_at.
        energy: Of registers, from the head-end: premise_id, utility_in_kwh, utility_out_kwh, backup_kwh.
        out: Folder for HTML, PDF, and CSV and Parquet of each table.
        suppress_below: Counts of people below this are hidden; 1 hides none, for a confidential filing.
        refused: Write refused rows, a file for each table beside this one.
        json: The result as JSON alone on standard output.
    """
    from bptm.cli.program_give import engine, refuse
    from bptm.program.profile import read_profile
    from bptm.program.report import fill
    from bptm.program.report_inputs import read_inputs
    from bptm.program.report_template import read_template, shipped_templates
    from bptm.terms.refusals import Refused

    check_range("--suppress-below", suppress_below, 1, 1000)
    who = read_profile(profile)
    if isinstance(who, Refused):
        raise refuse(who)
    named = shipped_templates() if template == "all" else template.split(",") if template else [who.regulator.template]
    paths = {
        "outages": outages,
        "customers": customers,
        "notifications": notifications,
        "backup": backup,
        "energy": energy,
    }
    given = {name: path for name, path in paths.items() if path is not None}
    if not given:
        msg = "give at least one table: --outages, --customers, --notifications, --backup or --energy"
        raise UsageError(msg)
    reports: list[Report] = []
    with engine("reading") as tables:
        inputs = read_inputs(tables, given, refused)
        if isinstance(inputs, Refused):
            raise refuse(inputs)
        for name in named:
            read = read_template(name.strip())
            if isinstance(read, Refused):
                raise refuse(read)
            filled = fill(tables, (Path(name.strip()).stem, read), inputs, who.name, suppress_below)
            if isinstance(filled, Refused):
                raise refuse(filled)
            reports.append(filled)
        files = _write(tables, reports, out) if out is not None else []
    return _give(reports, files, json=json)


def _write(tables: "Tables", reports: "list[Report]", out: Path) -> list[Path]:
    import shlex
    import sys

    from bptm.program.duck import NoRoomError, TablesError
    from bptm.program.report import write_tables
    from bptm.program.report_page import page, typeset_content
    from bptm.program.typeset import TypesetError, pdf
    from bptm.whole_file import write_whole

    written: list[Path] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in reports:
            html, paper = out / f"{one.name}.html", out / f"{one.name}.pdf"
            write_whole(html, page(one, shlex.join(["bptm", *sys.argv[1:]])).html())
            write_whole(paper, pdf(typeset_content(one)))
            written += [html, paper, *write_tables(tables, one, out)]
    except (OSError, TablesError, TypesetError) as error:
        full = isinstance(error, NoRoomError) or (isinstance(error, OSError) and error.errno == errno.ENOSPC)
        why = "its disk is full" if full else str(error)
        done = f"; {len(written)} files were written before" if written else ""
        remedy = "free space there" if full else "name a folder of yours"
        msg = f"--out {out}: cannot be written ({why}){done}; {remedy}, and run it again"
        raise UsageError(msg) from error
    return written


def _give(reports: "list[Report]", files: list[Path], *, json: bool) -> int:
    from json import dumps

    from bptm.program.report import facts_of, report_json

    if json:
        print(dumps(report_json(reports) | {"files": [str(path) for path in files]}, allow_nan=False))
        return 0
    facts = facts_of(reports)
    print(f"{facts['filled']} tables filled, {facts['not_filled']} not filled. Nothing here claims compliance.")
    for one in reports:
        print(f"{one.template.title}: missing")
        for words in one.missing():
            print(f"  {words}")
    for path in files:
        print(path)
    return 0
