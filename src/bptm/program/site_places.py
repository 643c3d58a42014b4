"""Counties of a utility's territory from the facts that ship, for synthetic homes."""

from collections.abc import Sequence

from bptm.planning.opportunity import Absent
from bptm.program.candidates import Place
from bptm.program.county_nri import read_nri
from bptm.program.duck import Tables
from bptm.program.profile import Profile
from bptm.program.rank import SHIPPED_NRI
from bptm.terms.refusals import Refused, Unmet


def places_of(tables: Tables, profile: Profile, only_fips: Sequence[str]) -> tuple[tuple[Place, ...], str] | Refused:
    """The counties and the version of the facts; the hazard score is the profile's weighted mean of those known."""
    read = read_nri(tables, [SHIPPED_NRI])
    if isinstance(read, Refused):
        return read
    served = {fips: county for fips, county in read.counties.items() if profile.serves(fips, county.state)}
    unknown = [fips for fips in only_fips if fips not in served]
    if unknown or not served:
        return Refused(
            unmet=(
                Unmet(
                    element="--counties" if unknown else f"profile {profile.name}",
                    found=", ".join(unknown) or "no county of the shipped facts in its territory",
                    needs=f"five-digit codes of the territory's {len(served)} counties in the shipped facts",
                    remedy="Name other counties, or give a file of candidates.",
                ),
            )
        )
    places: list[Place] = []
    for fips, county in sorted(served.items()):
        if only_fips and fips not in only_fips:
            continue
        scores = [(weight, county.inputs.get(name)) for name, weight in profile.hazard_weights.items()]
        # A hazard that does not occur counts as zero; one that nobody knows is left out of the mean.
        known = [
            (weight, score if isinstance(score, float) else 0.0)
            for weight, score in scores
            if isinstance(score, float) or score is Absent.NOT_APPLICABLE
        ]
        people = county.inputs.get("population")
        if known and isinstance(people, float):
            mean = sum(weight * score for weight, score in known) / sum(weight for weight, _ in known)
            places.append(Place(fips=fips, name=county.name, people_count=int(people), hazard_score=mean))
    return tuple(places), f"FEMA National Risk Index {read.version}, as shipped"
