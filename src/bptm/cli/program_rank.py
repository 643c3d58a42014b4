"""`bptm program rank`: where to begin."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.asked import SEED_MAX, UsageError, check_range
from bptm.cli.program_give import engine, give, note, profile_named, refuse

if TYPE_CHECKING:
    from bptm.program.profile import Profile
    from bptm.program.rank import Ranking

DRAWS_MAX = 20_000
_SHOWN = 15


def rank(
    *,
    nri: tuple[Path, ...] = (),
    svi: Path | None = None,
    outages: Path | None = None,
    weights: str = "",
    state: str = "",
    profile: str = "",
    scenario: str = "today",
    draws: int = 400,
    seed: int = 1,
    refused: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    html: Path | None = None,
    map_: Annotated[Path | None, Parameter(name="--map")] = None,
) -> int:
    """Rank counties by hazard, people and outages: where to begin.

    Args:
        nri: County table of the FEMA National Risk Index, as downloaded; again for more files of the same version.
            Without it: California and North Carolina, v1.20, which ship.
        svi: County table of the CDC social vulnerability index, for households.
        outages: Outage record: major disturbances by state, EAGLE-I, or an outage map's record.
        weights: Such as wildfire=1,social_vulnerability=0.5; without them the profile's, or all hazards alike.
        state: Only these states, such as CA,NC.
        profile: A utility's profile: a file, or one that ships. Keeps its territory.
        scenario: today, or mid-lower, mid-higher with the Future Risk Index (emissions at mid-century).
        draws: Sets of weights behind the rank intervals.
        seed: Of those draws.
        refused: Where refused rows are written, with line and reason.
        json: Print the result as one JSON object, alone on standard output.
        html: Write the page with map, sliders and sources.
        map_: Write the map for paper: .svg, .pdf or .png.
    """
    from bptm.program.county_nri import SCENARIOS
    from bptm.program.rank import Asked, rank_from
    from bptm.terms.refusals import Refused

    check_range("--draws", draws, 10, DRAWS_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    if scenario not in SCENARIOS:
        msg = f"--scenario is {scenario!r}, expected {', '.join(SCENARIOS)}"
        raise UsageError(msg)
    asked = Asked(
        nri=nri,
        svi=svi,
        outages=outages,
        weights=_weights(weights),
        states=tuple(part.strip().upper() for part in state.split(",") if part.strip()),
        scenario=scenario,
        profile=profile_named(profile),
        draws_count=draws,
        seed=seed,
        refused_to=refused,
    )
    with engine("reading and ranking") as tables:
        found = rank_from(tables, asked)
    if isinstance(found, Refused):
        raise refuse(found)
    for sentence in found.notes:
        note(sentence)
    if map_ is not None:
        _draw(found, map_)
    return give(
        result=found.as_json(),
        text=lambda: _text(found),
        page=lambda: _page(found, asked.profile),
        json=json,
        html=html,
    )


def _weights(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            continue
        name, mark, value = part.partition("=")
        try:
            weight = float(value) if mark else 1.0
        except ValueError as error:
            msg = f"--weights has {part!r}, expected a name and a number such as wildfire=1"
            raise UsageError(msg) from error
        if name.strip() in found:
            msg = f"--weights names {name.strip()} twice; name each input once"
            raise UsageError(msg)
        found[name.strip()] = weight
    return found


def _draw(ranking: "Ranking", path: Path) -> None:
    from bptm.program.county_map import draw_map

    if path.suffix not in {".svg", ".pdf", ".png"}:
        msg = f"--map is {path}, expected a name that ends in .svg, .pdf or .png"
        raise UsageError(msg)
    places = {place.county.fips: place for place in ranking.placed}
    title = ", ".join(f"{name.replace('_', ' ')} {weight:g}" for name, weight in ranking.weights.items() if weight > 0)
    try:
        draw_map(list(places), places, f"Opportunity score: {title}", str(path))
    except OSError as error:
        msg = f"--map {path}: cannot be written ({error.strerror}); name a file in a folder of yours"
        raise UsageError(msg) from error
    note(f"map: {path}")


def _page(ranking: "Ranking", profile: "Profile | None") -> str:
    from bptm.program.rank_page import rank_page

    title = f"Opportunity areas: {profile.name}" if profile else "Opportunity areas by county"
    return rank_page(ranking, title, ("bptm", *sys.argv[1:])).html()


def _text(ranking: "Ranking") -> str:
    weighed = ", ".join(f"{name}={weight:g}" for name, weight in ranking.weights.items() if weight > 0)
    ranked = [place for place in ranking.placed if place.rank is not None]
    lines = [f"weights {weighed}; National Risk Index {ranking.nri_version}", ""]
    lines += ["rank  interval   score  county"]
    for place in ranked[:_SHOWN]:
        low, high = ranking.sway.rank_interval[place.county.fips]
        where = f"{place.county.name}, {place.county.state}"
        lines.append(f"{place.rank:>4}  {f'{low}-{high}':>8}  {place.score or 0.0:>6.1f}  {where}")
    unranked = len(ranking.placed) - len(ranked)
    lines += ["", f"{len(ranked):,} counties ranked, {unranked:,} without a rank; interval: 5 to 95 % of the draws"]
    return "\n".join(lines)
