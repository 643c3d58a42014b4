"""Who gets the next meters: candidates, a profile's rules and a programme's limits in; a choice with its proof out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bptm.planning.rules import Compare, Join, Name, Not, Rule, RuleError, Tree, Verdicts, judge, read_rule
from bptm.planning.siting import Flags, Floats, Floor, SitingProblem
from bptm.planning.siting_account import Account, account, other_ways
from bptm.planning.siting_benefit import BACKUPS, NEEDS, Benefit, BenefitWeights, benefit_of
from bptm.planning.siting_solve import Choice, Impossible, choose
from bptm.program.assumptions import Assumption
from bptm.program.candidates import Candidates
from bptm.program.profile import EligibilityRule, Needs, Profile
from bptm.program.site_travel import Depot, Travel, travel_of
from bptm.terms.refusals import Refused, Unmet

METERS_MAX = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the planner asked for; None leaves a limit out."""

    meters_count: int | None
    budget_usd: float | None
    crew_s: float | None
    floors: tuple[str, ...]
    suppress_below_count: int
    depots: tuple[Depot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who is eligible; for each rule, whom it refuses and of whom it cannot tell."""

    eligible: Flags
    unknown: Flags
    rules: tuple[Rule, ...]
    verdicts: tuple[Verdicts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Siting:
    """The whole result."""

    candidates: Candidates
    eligibility: Eligibility
    homes: NDArray[np.int64]
    """Indices of the eligible candidates, in the order of the problem's homes."""
    problem: SitingProblem
    benefit: Benefit
    choice: Choice
    accounts: tuple[Account, ...]
    groups: Mapping[str, Flags]
    asked: Asked
    profile: Profile
    assumed: Mapping[str, Assumption]
    notes: tuple[str, ...]


def rule_of(rule: EligibilityRule) -> Rule:
    """A profile's rule in the small language, judged with three values."""
    parts: list[Tree] = []
    words: list[str] = []
    for condition in rule.any_of:
        given = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        match condition.needs:
            case Needs.YES:
                parts.append(Name(column=condition.field))
                words.append(condition.field)
            case Needs.NO:
                parts.append(Not(inner=Name(column=condition.field)))
                words.append(f"not {condition.field}")
            case Needs.ONE_OF:
                parts.append(Compare(column=condition.field, sign="==", constants=given))
                words.append(f"{condition.field} in ({', '.join(repr(one) for one in given)})")
            case Needs.AT_LEAST:
                parts.append(Compare(column=condition.field, sign=">=", constants=given))
                words.append(f"{condition.field} >= {given[0]}")
            case Needs.AT_MOST:
                parts.append(Compare(column=condition.field, sign="<=", constants=given))
                words.append(f"{condition.field} <= {given[0]}")
    tree = parts[0] if len(parts) == 1 else Join(word="or", parts=tuple(parts))
    return Rule(name=rule.id, words=" or ".join(words), why=rule.text, tree=tree)


def eligibility_of(candidates: Candidates, rules: Sequence[Rule]) -> Eligibility | Refused:
    """Judges every rule for every candidate; all rules must be met, and known to be met."""
    verdicts: list[Verdicts] = []
    faults: list[Unmet] = []
    for rule in rules:
        try:
            verdicts.append(judge(rule, candidates.columns))
        except RuleError as error:
            faults.append(_unmet("eligibility", str(error), "rules over the candidates' columns", "Correct the rule."))
    if faults:
        return Refused(unmet=tuple(faults))
    everyone = np.ones(candidates.size, dtype=np.bool_)
    eligible = np.logical_and.reduce([verdict.true for verdict in verdicts]) if verdicts else everyone
    refused = np.logical_or.reduce([verdict.false for verdict in verdicts]) if verdicts else ~everyone
    return Eligibility(eligible=eligible, unknown=~eligible & ~refused, rules=tuple(rules), verdicts=tuple(verdicts))


def site(  # noqa: PLR0911 - each refusal leaves at once
    candidates: Candidates, profile: Profile, asked: Asked, assumed: Mapping[str, Assumption]
) -> Siting | Refused:
    """The choice, or every reason why there can be none."""
    faults = _asked_faults(asked)
    if faults:
        return Refused(unmet=faults)
    judged = eligibility_of(candidates, [rule_of(rule) for rule in profile.eligibility])
    if isinstance(judged, Refused):
        return judged
    homes = np.flatnonzero(judged.eligible)
    if homes.size == 0:
        return Refused(unmet=(_nobody(candidates, judged),))
    floors = _floors(candidates, homes, asked.floors)
    if isinstance(floors, Refused):
        return floors
    travel = travel_of(candidates, homes, asked.depots, assumed)
    if isinstance(travel, Refused):
        return travel
    benefit = _benefit(candidates, homes, assumed)
    problem = _problem(candidates, homes, benefit, travel, asked, floors, assumed)
    choice = choose(problem)
    if isinstance(choice, Impossible):
        return Refused(unmet=(_contradiction(choice, problem),))
    if not choice.chosen.any():
        return Refused(unmet=(_nothing(problem, choice),))
    groups = {name: candidates.known_true(name)[homes] for name in NEEDS}
    return Siting(
        candidates=candidates,
        eligibility=judged,
        homes=homes,
        problem=problem,
        benefit=benefit,
        choice=choice,
        accounts=_accounts(candidates, homes, problem, benefit, choice, groups),
        groups=groups,
        asked=asked,
        profile=profile,
        assumed=assumed,
        notes=(*candidates.notes, *travel.notes, *_unknown_needs(candidates, homes)),
    )


def _accounts(  # noqa: PLR0913, PLR0917 - all of a result's parts
    candidates: Candidates,
    homes: NDArray[np.int64],
    problem: SitingProblem,
    benefit: Benefit,
    choice: Choice,
    groups: Mapping[str, Flags],
) -> tuple[Account, ...]:
    place = np.full(candidates.size, -1)
    place[homes] = np.arange(homes.size)
    first_come = place[candidates.first_come]
    ways = other_ways(problem, choice.rows, benefit, first_come[first_come >= 0])
    made = [account("this plan", problem, benefit, groups, choice.chosen)]
    return (*made, *(account(name, problem, benefit, groups, chosen) for name, chosen in ways.items()))


def _benefit(candidates: Candidates, homes: NDArray[np.int64], assumed: Mapping[str, Assumption]) -> Benefit:
    words = candidates.text("existing_backup")[homes]
    return benefit_of(
        candidates.number("outage_hours_per_year")[homes] * 3600.0,
        candidates.number("hazard_score")[homes],
        {need: candidates.known_true(need)[homes] for need in NEEDS},
        {kind: words == kind for kind in BACKUPS},
        BenefitWeights(
            hazard_fraction=assumed["siting.hours_from_hazard_fraction"].value,
            hazard_full_s=assumed["siting.hazard_full_s"].value,
            need={
                need: assumed[f"siting.weight_{short}"].value
                for need, short in zip(NEEDS, ("medical", "access_need", "low_income", "well_pump"), strict=True)
            },
            backup_ratio={kind: assumed[f"siting.backup_{kind}_ratio"].value for kind in BACKUPS},
        ),
    )


def _problem(  # noqa: PLR0913, PLR0917 - the parts of a problem
    candidates: Candidates,
    homes: NDArray[np.int64],
    benefit: Benefit,
    travel: Travel,
    asked: Asked,
    floors: tuple[Floor, ...],
    assumed: Mapping[str, Assumption],
) -> SitingProblem:
    words = candidates.text("existing_backup")[homes]
    help_usd = np.where((words == "none") | (words == ""), assumed["siting.generator_help_usd"].value, 0.0)
    return SitingProblem(
        benefit=benefit.benefit,
        cost_usd=assumed["siting.meter_usd"].value + help_usd,
        crew_s=np.full(homes.size, assumed["siting.install_s"].value + assumed["siting.between_homes_s"].value),
        cluster=travel.cluster,
        visit_cost_usd=travel.visit_s / 3600.0 * assumed["siting.crew_usd_per_hour"].value,
        visit_crew_s=travel.visit_s,
        cluster_depot=travel.cluster_depot,
        depot_names=tuple(depot.name for depot in travel.depots),
        depot_crew_s=_crew_s(travel.depots, asked.crew_s),
        budget_usd=asked.budget_usd,
        meters_count=asked.meters_count,
        floors=floors,
    )


def _crew_s(depots: Sequence[Depot], whole_s: float | None) -> Floats | None:
    """Each depot's crew time: its own, or an equal part of the whole; None when nobody limited it."""
    if any(depot.crew_s is not None for depot in depots):
        return np.array([np.inf if depot.crew_s is None else depot.crew_s for depot in depots])
    return None if whole_s is None else np.full(len(depots), whole_s / len(depots))


def _floors(candidates: Candidates, homes: NDArray[np.int64], asked: Sequence[str]) -> tuple[Floor, ...] | Refused:
    """Floors as `RULE=SHARE` or `RULE=COUNT`: who is meant, and how much of the meters they get at least."""
    floors: list[Floor] = []
    faults: list[Unmet] = []
    for text in asked:
        rule, _, amount = text.rpartition("=")
        try:
            number = float(amount)
            member = judge(read_rule(text, rule, ""), candidates.columns).true[homes]
        except RuleError as error:
            faults.append(_unmet(f"--floor {text}", str(error), "a rule over the candidates", "Correct the rule."))
            continue
        except ValueError:
            number = -1.0
            member = np.zeros(homes.size, dtype=np.bool_)
        if 0.0 < number < 1.0:
            floors.append(Floor(name=rule, member=member, share_fraction=number))
        elif number >= 1.0 and number.is_integer():
            floors.append(Floor(name=rule, member=member, at_least_count=int(number)))
        else:
            faults.append(
                _unmet(
                    f"--floor {text}", repr(amount), "a share between 0 and 1, or a whole number of meters",
                    "Write for example --floor medical_baseline=0.2",
                )
            )  # fmt: skip
    return Refused(unmet=tuple(faults)) if faults else tuple(floors)


def _asked_faults(asked: Asked) -> tuple[Unmet, ...]:
    faults: list[Unmet] = []
    limits = (
        ("--meters", asked.meters_count, 1.0, float(METERS_MAX)),
        ("--budget", asked.budget_usd, 0.0, 1e12),
        ("--crew-hours", asked.crew_s, 0.0, 1e12),
        ("--suppress-below", asked.suppress_below_count, 1.0, 1000.0),
    )
    for option, value, low, high in limits:
        if value is not None and not low <= value <= high:
            faults.append(_unmet(option, f"{value:g}", f"{low:g} to {high:g}", "Ask for something in that range."))
    if asked.meters_count is None and asked.budget_usd is None and asked.crew_s is None and not asked.depots:
        faults.append(
            _unmet("limits", "none", "at least one of --meters, --budget, --crew-hours", "Say what there is to give.")
        )
    return tuple(faults)


def _nobody(candidates: Candidates, judged: Eligibility) -> Unmet:
    parts = [
        f"{rule.name} ({int(verdict.false.sum()):,} not met, "
        f"{candidates.size - int(verdict.false.sum()) - int(verdict.true.sum()):,} cannot be told)"
        for rule, verdict in zip(judged.rules, judged.verdicts, strict=True)
    ]
    return _unmet(
        "eligibility",
        f"none of {candidates.size:,} candidates meets every rule: {'; '.join(parts)}",
        "at least one eligible home",
        "Add the columns that are missing, or look at the rules of the profile.",
    )


def _contradiction(impossible: Impossible, problem: SitingProblem) -> Unmet:
    counts = [
        f"{floor.name} asks {floor.at_least_count:,} and has {int(floor.member.sum()):,} eligible homes"
        for floor in problem.floors
        if floor.at_least_count is not None
    ]
    said = f" ({'; '.join(counts)})" if counts else ""
    return _unmet(
        "limits and floors",
        f"these contradict each other: {', '.join(impossible.binding)}{said}",
        "a choice that keeps them all",
        "Raise the budget, meters or crew hours named, or lower the floor.",
    )


def _nothing(problem: SitingProblem, choice: Choice) -> Unmet:
    """Why not even one meter can be placed: the rows that forbid every home by itself, or the floors."""
    alone = choice.rows.home + choice.rows.visit[:, problem.cluster]
    forbidding = [
        f"{name} allows {limit:,.0f} and the least demanding home needs {need.min():,.0f}"
        for name, need, limit in zip(choice.rows.names, alone, choice.rows.limit, strict=True)
        if not name.startswith("floor ") and need.min() > limit + 1e-9
    ]
    if not problem.benefit.any():
        forbidding.append("no eligible home has any expected outage time or hazard score")
    return _unmet(
        "limits",
        "not one meter can be placed: "
        + ("; ".join(forbidding) or f"together {', '.join(choice.rows.names)} forbid every choice but none"),
        "room for at least one",
        "Raise what is named, or lower a floor.",
    )


def _unknown_needs(candidates: Candidates, homes: NDArray[np.int64]) -> tuple[str, ...]:
    missing = {name: int((~candidates.columns[name].known[homes]).sum()) for name in (*NEEDS, "existing_backup")}
    said = [f"{name} of {count:,}" for name, count in missing.items() if count]
    return (f"Not known of the eligible homes, and counted as nothing: {', '.join(said)}.",) if said else ()


def _unmet(element: str, found: str, needs: str, remedy: str) -> Unmet:
    return Unmet(element=element, found=found, needs=needs, remedy=remedy)
