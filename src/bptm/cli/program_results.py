"""`bptm program results`: what the programme has done, and the dossier of one meter."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Parameter

from bptm.cli.asked import UsageError
from bptm.cli.program_give import engine, give, note, refuse

if TYPE_CHECKING:
    from bptm.program.event_export import Events

COUNT_MAX = 1e12


def results(
    *,
    events: Path | None = None,
    replay: Path | None = None,
    installs: Path | None = None,
    survey: Path | None = None,
    customers: float | None = None,
    target_installs: float | None = None,
    target_transfers: float | None = None,
    target_minutes: float | None = None,
    dossier: str = "",
    refused: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    html: Path | None = None,
) -> int:
    """What the programme has done so far, and each incident's dossier.

    Args:
        events: The head-end's export of chained events, saved from GET /api/v1/chain/export.
        replay: Report of bptm up --headless --json: what simulated meters did; kept apart from events.
        installs: Installations: meter, installed_at, minutes.
        survey: Answers: answered_at, question, score from 1 to 5.
        customers: Customers served, for net minutes per customer.
        target_installs: Meters that were to be installed by now.
        target_transfers: Transfers that were expected.
        target_minutes: Customer-minutes on backup that were expected.
        dossier: Meter whose dossier is wanted instead; needs --events.
        refused: Where refused rows of installs and survey are written, a file for each beside this name.
        json: Print the result as one JSON object, alone on standard output.
        html: Write the page.
    """
    from bptm.program.event_export import read_events
    from bptm.program.results import Asked, results_from
    from bptm.program.results_page import chain_words, results_page
    from bptm.terms.refusals import Refused

    if all(path is None for path in (events, replay, installs, survey)):
        msg = "nothing named: give --events, --replay, --installs or --survey FILE"
        raise UsageError(msg)
    for option, value in (
        ("--customers", customers),
        ("--target-installs", target_installs),
        ("--target-transfers", target_transfers),
        ("--target-minutes", target_minutes),
    ):
        if value is not None and not 0 < value < COUNT_MAX:
            msg = f"{option} is {value:g}, expected a number above 0"
            raise UsageError(msg)
    export = read_events(events, dossier) if events is not None else None
    if isinstance(export, Refused):
        raise refuse(export)
    if dossier:
        return _dossier(export, dossier, json=json, html=html)
    wanted = {
        "installs": target_installs,
        "transfers": target_transfers,
        "customer_minutes_on_backup": target_minutes,
    }
    targets = {name: value for name, value in wanted.items() if value is not None}
    with engine("counting the programme") as tables:
        found = results_from(
            tables,
            Asked(
                events=export, replay=replay, installs=installs, survey=survey, targets=targets,
                served_count=customers, refused_to=refused,
            ),
        )  # fmt: skip
    if isinstance(found, Refused):
        raise refuse(found)
    for sentence in cast("list[str]", found["notes"]):
        note(sentence)
    if export is not None:
        note(chain_words(export))
    return give(
        result=found,
        text=lambda: _text(found),
        page=lambda: results_page(cast("dict[str, Any]", found), export, ("bptm", *sys.argv[1:])).html(),
        json=json,
        html=html,
    )


def _dossier(export: "Events | None", meter: str, *, json: bool, html: Path | None) -> int:
    from bptm.program.results_page import chain_words, dossier_page

    if export is None:
        msg = "--dossier needs the events: give --events FILE"
        raise UsageError(msg)
    own = [dict(event) for event in export.own]
    if not own:
        from bptm.program.layout import nearest

        near = nearest((meter,), sorted(export.tally.meters))
        msg = f"--dossier is {meter!r}, of which the export has no event" + (f"; did you mean {near}?" if near else "")
        raise UsageError(msg)
    result = {
        "meter": meter,
        "chain_holds": not export.verdict.fault,
        "chain_fault": export.verdict.fault,
        "chain_head": export.verdict.head,
        "events": own,
    }
    return give(
        result=result,
        text=lambda: f"{meter}: {len(own):,} events. {chain_words(export)}",
        page=lambda: dossier_page(export, meter, ("bptm", *sys.argv[1:])).html(),
        json=json,
        html=html,
    )


def _said(value: float | None) -> str:
    return "not known" if value is None else f"{value:,.0f}"


def _text(found: dict[str, object]) -> str:
    seen = cast("dict[str, Any]", found["events"] or {})
    replay = cast("dict[str, Any]", found["replay"] or {})
    installs = cast("dict[str, Any]", found["installs"] or {})
    lines = [f"meters installed              {installs.get('meters', 'not known')}"]
    lines += [f"transfers to backup           {seen.get('transfers', 'not known')}"]
    lines += [f"customer-minutes on backup    {_said(seen.get('customer_minutes_on_backup'))} (ours, not IEEE's)"]
    lines += [f"{words:<34} {part['events']}" for words, part in seen.get("incidents", {}).items()]
    if replay:
        lines.append(
            f"replay, simulated: {replay['meters']:,} meters, {replay['transfers']:,} transfers, "
            f"{replay['customer_minutes_on_backup']:,.0f} customer-minutes on backup, laws broken "
            f"{replay['law_violations']}"
        )
    return "\n".join(lines)
