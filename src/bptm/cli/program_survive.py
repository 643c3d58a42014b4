"""`bptm program survive`: how long homes last on each kind of backup."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.asked import SEED_MAX, check_range
from bptm.cli.program_give import engine, give, note, refuse
from bptm.cli.program_outages import form_of, hours_of

if TYPE_CHECKING:
    from bptm.program.duck import Tables
    from bptm.program.outage_record import Listed
    from bptm.program.survive import Survival
    from bptm.terms.refusals import Refused

DRAWS_MIN, DRAWS_MAX = 1_000, 2_000_000


def survive(
    *,
    assumptions: Path | None = None,
    outages: Path | None = None,
    mapping: Path | None = None,
    twin: Path | None = None,
    hours: str = "12,24,48,72",
    draws: int = 100_000,
    seed: int = 1,
    json: Annotated[bool, Parameter(negative="")] = False,
    html: Path | None = None,
) -> int:
    """How long homes of each kind last on backup, and the share of medical homes covered.

    Args:
        assumptions: Your own values over the desk's, TOML; bptm program value uses the same file.
        outages: Outage list whose interruptions are to be outlasted.
        mapping: How that list is to be read, as for bptm program outages.
        twin: Folder that bptm fleet --each-home --out left: its homes beside the assumed ones.
        hours: Lengths of outage, or of backup, that are looked at.
        draws: Homes of each kind.
        seed: Of those draws.
        json: Print the result as one JSON object, alone on standard output.
        html: Write the page with curves and sources.
    """
    from bptm.program.assumptions import assumptions as known_from
    from bptm.program.survive import survival_from
    from bptm.program.survive_result import result_of, survive_page, warning
    from bptm.terms.refusals import Refused

    check_range("--draws", draws, DRAWS_MIN, DRAWS_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    lengths = hours_of("--hours", hours)
    known = known_from(assumptions)
    if isinstance(known, Refused):
        raise refuse(known)
    with engine("living through outages") as tables:
        listed = _listed(tables, outages, mapping)
        found = listed if isinstance(listed, Refused) else survival_from(known, lengths, draws, seed, listed)
        if not isinstance(found, Refused) and twin is not None:
            found = _with_twin(tables, found, twin)
    if isinstance(found, Refused):
        raise refuse(found)
    for sentence in (*found.notes, *filter(None, [warning(found)])):
        note(sentence)
    return give(
        result=result_of(found),
        text=lambda: _text(found),
        page=lambda: survive_page(found, ("bptm", *sys.argv[1:])).html(),
        json=json,
        html=html,
    )


def _listed(tables: "Tables", outages: Path | None, mapping: Path | None) -> "Listed | Refused | None":
    from bptm.program.outage_record import Asked, record_from
    from bptm.terms.refusals import Refused

    if outages is None:
        return None
    asked = Asked(
        outages=outages, snapshots=None, form=form_of(mapping), customers=None, day_zone="UTC", backup_hours=(24.0,)
    )
    record = record_from(tables, asked)
    return record if isinstance(record, Refused) else record.listed


def _with_twin(tables: "Tables", found: "Survival", folder: Path) -> "Survival | Refused":
    from bptm.program.survive import read_twin
    from bptm.terms.refusals import Refused

    read = read_twin(tables, folder, found.hours)
    if isinstance(read, Refused):
        return read
    homes, source = read
    return replace(found, twin=homes, twin_source=source)


def _text(found: "Survival") -> str:
    from bptm.program.survive_result import KIND_WORDS

    head = "backup".ljust(22) + "".join(f"{f'{hours:g} h':>18}" for hours in found.hours)
    lines = ["share of homes still supplied, % (5 to 95 % of what the assumptions allow)", head]
    lines += [
        KIND_WORDS[curve.kind].ljust(22)
        + "".join(
            f"{f'{100 * band.mean:.0f} ({100 * band.low:.0f}-{100 * band.high:.0f})':>18}" for band in curve.at.values()
        )
        for curve in found.curves
    ]
    lines.append(
        "medical homes covered".ljust(22)
        + "".join(
            f"{f'{100 * band.mean:.0f} ({100 * band.low:.0f}-{100 * band.high:.0f})':>18}"
            for band in found.medical_covered.values()
        )
    )
    return "\n".join(lines)
