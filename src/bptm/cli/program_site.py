"""`bptm program site`: who gets the next meters, and why this one."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.asked import SEED_MAX, UsageError, check_range

if TYPE_CHECKING:
    from bptm.program.candidates import Candidates
    from bptm.program.duck import Tables
    from bptm.program.profile import Profile
    from bptm.program.site import Asked, Siting
    from bptm.program.site_travel import Depot

SYNTHETIC_MAX = 5_000_000
"""Above what a laptop's memory holds (measured: docs/explanation/siting.md)."""


def site(
    *,
    profile: str = "california",
    candidates: Path | None = None,
    synthetic: int | None = None,
    seed: int = 1,
    counties: str = "",
    meters: int | None = None,
    budget: float | None = None,
    crew_hours: float | None = None,
    depots: Path | None = None,
    floor: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    suppress_below: int = 11,
    assumptions: Path | None = None,
    explain: str = "",
    json: bool = False,
    html: Path | None = None,
    picture: Path | None = None,
    decisions: Path | None = None,
    refused: Path | None = None,
) -> int:
    """Choose who gets the next meters: an optimisation with its proven gap, explained home by home.

    Args:
        profile: A shipped profile (california, north-carolina) or a file.
        candidates: CSV or Parquet of premises; docs/reference/siting.md names the columns.
        synthetic: In place of a file: this many homes drawn over the territory's counties, marked as synthetic.
        seed: Of the synthetic homes.
        counties: Counties of the synthetic homes, five digits each, joined by commas; else the whole territory.
        meters: Meters in stock.
        budget: Dollars for meters, installation, help with a source, and journeys.
        crew_hours: Hours of installation crews, shared equally by the depots.
        depots: CSV of depots with crew hours and places, in place of --crew-hours.
        floor: A group's floor, as RULE=SHARE or RULE=COUNT, e.g. medical_baseline=0.2; may be repeated.
        suppress_below: Counts of homes below this are hidden in JSON and page; 1 hides none.
        assumptions: TOML with assumptions in place of the desk's.
        explain: A premise: why it was chosen or not, and what would have changed that.
        json: The result as JSON alone on standard output.
        html: Write a page.
        picture: Write the map as PNG, PDF or SVG.
        decisions: Write one row for each candidate as CSV. It names homes: for the utility's own eyes.
        refused: Write refused rows of the candidates, with line and reason.
    """
    from bptm.cli.program_give import give, note, refuse
    from bptm.program.site import Asked
    from bptm.program.site_result import explained, result_json
    from bptm.terms.refusals import Refused

    check_range("--seed", seed, 0, SEED_MAX)
    if (candidates is None) == (synthetic is None):
        msg = "give either --candidates FILE or --synthetic N, one of the two"
        raise UsageError(msg)
    asked = Asked(
        meters_count=meters,
        budget_usd=budget,
        crew_s=None if crew_hours is None else crew_hours * 3600.0,
        floors=floor,
        suppress_below_count=suppress_below,
    )
    wanted = _Homes(candidates=candidates, refused=refused, drawn=_drawn(synthetic, seed, counties), depots=depots)
    siting = _sited(profile, assumptions, asked, wanted)
    for sentence in siting.notes:
        note(sentence)
    said = explained(siting, explain) if explain else ""
    if isinstance(said, Refused):
        raise refuse(said)
    _write(siting, decisions, picture)
    return give(
        result=result_json(siting) | ({"explained": said} if said else {}),
        text=partial(_text, siting, said),
        page=partial(_page, siting),
        json=json,
        html=html,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Homes:
    """Where the homes and depots come from."""

    candidates: Path | None
    refused: Path | None
    drawn: tuple[int, int, tuple[str, ...]]
    depots: Path | None


def _sited(profile: str, assumptions: Path | None, asked: "Asked", wanted: _Homes) -> "Siting":
    from bptm.cli.program_give import engine, refuse
    from bptm.program.assumptions import assumptions as read_assumptions
    from bptm.program.profile import read_profile
    from bptm.program.site import site as choose
    from bptm.terms.refusals import Refused

    who = read_profile(profile)
    assumed = read_assumptions(assumptions)
    if isinstance(who, Refused):
        raise refuse(who)
    if isinstance(assumed, Refused):
        raise refuse(assumed)
    with engine("siting") as tables:
        homes = _homes(tables, who, wanted)
        siting = choose(homes, who, replace(asked, depots=_depots(tables, wanted.depots)), assumed)
    if isinstance(siting, Refused):
        raise refuse(siting)
    return siting


def _drawn(synthetic: int | None, seed: int, counties: str) -> tuple[int, int, tuple[str, ...]]:
    if synthetic is not None:
        check_range("--synthetic", synthetic, 1, SYNTHETIC_MAX)
    return synthetic or 0, seed, tuple(code.strip() for code in counties.split(",") if code.strip())


def _homes(tables: "Tables", profile: "Profile", wanted: _Homes) -> "Candidates":
    from bptm.cli.program_give import refuse
    from bptm.program.candidates import read_candidates, synthetic
    from bptm.program.site_places import places_of
    from bptm.terms.refusals import Refused

    if wanted.candidates is not None:
        read = read_candidates(tables, wanted.candidates, wanted.refused)
        if isinstance(read, Refused):
            raise refuse(read)
        return read
    homes, seed, counties = wanted.drawn
    places = places_of(tables, profile, counties)
    if isinstance(places, Refused):
        raise refuse(places)
    return synthetic(places[0], homes, seed)


def _depots(tables: "Tables", path: Path | None) -> "tuple[Depot, ...]":
    from bptm.cli.program_give import refuse
    from bptm.program.site_travel import read_depots
    from bptm.terms.refusals import Refused

    if path is None:
        return ()
    read = read_depots(tables, path, None)
    if isinstance(read, Refused):
        raise refuse(read)
    return read


def _write(siting: "Siting", decisions: Path | None, picture: Path | None) -> None:
    from bptm.program.site_page import map_sheet
    from bptm.program.site_result import write_decisions

    option, path = "--decisions", decisions
    try:
        if decisions is not None:
            write_decisions(siting, decisions)
        option, path = "--picture", picture
        if picture is not None:
            map_sheet(siting).save(str(picture))
    except (OSError, ValueError) as error:
        msg = f"{option} {path}: cannot be written ({error}); name a file in a folder of yours"
        raise UsageError(msg) from error


def _page(siting: "Siting") -> str:
    import shlex
    import sys

    from bptm.program.site_page import page

    return page(siting, shlex.join(["bptm", *sys.argv[1:]])).html()


def _text(siting: "Siting", said: str) -> str:
    plan = siting.accounts[0]
    lines = [
        (
            f"{plan.meters_count:,} meters on {plan.visits_count:,} circuits for ${plan.cost_usd:,.0f}, of "
            f"{siting.homes.size:,} eligible homes ({siting.candidates.size:,} candidates)."
        ),
        f"Proven within {siting.choice.gap_fraction:.4%} of the best choice possible ({siting.choice.method}).",
        f"{'way':26} {'meters':>8} {'benefit':>12} {'hours/$1,000':>13}  floors",
    ]
    for one in siting.accounts:
        hours = one.expected_s / 3.6 / max(one.cost_usd, 1.0)
        kept = "kept" if one.floors_kept else "not kept"
        lines.append(f"{one.method:26} {one.meters_count:8,} {one.benefit:12,.0f} {hours:13.2f}  {kept}")
    return "\n".join([*lines, said] if said else lines)
