"""The siting as JSON, as a table of every home, and as words for one home.

Small groups stay hidden in the JSON.

`decisions` (one row a home) and `explained` are for the utility's own eyes; the JSON and the page may be published.
"""

import csv
from pathlib import Path

import numpy as np

from bptm.planning.siting import Flags, visited
from bptm.planning.siting_account import Account, standing, standings, why
from bptm.planning.siting_benefit import NEEDS
from bptm.planning.suppression import suppressed, with_totals
from bptm.program.site import Siting
from bptm.terms.refusals import Refused, Unmet
from bptm.whole_file import whole_file

SUPPRESSED = "suppressed"


def members_or_hidden(siting: Siting, one: Account, need: str) -> int | None:
    """How many homes of a group a way of choosing serves; None when that, or what follows from it, is a small count.

    The group's own table stands beside it with how many are eligible: a group with anything hidden there shows nothing
    here, and a group without must have no small count under this way either.
    """
    below = siting.asked.suppress_below_count
    held, homes = int(siting.groups[need].sum()), siting.homes.size
    count = one.members_count[need]
    cells = (count, held - count, one.meters_count - count, homes - held - (one.meters_count - count))
    if any(0 < cell < below for cell in cells) or any(None in row.values() for row in group_tables(siting)[need]):
        return None
    return count


def group_tables(siting: Siting) -> dict[str, list[dict[str, object]]]:
    """For each need, the eligible homes with it and without it: placed, not placed, all; small cells as None."""
    chosen = siting.choice.chosen
    return {name: _group_rows(siting, member, chosen) for name, member in siting.groups.items()}


def _group_rows(siting: Siting, member: Flags, chosen: Flags) -> list[dict[str, object]]:
    counts = np.array(
        [[int((side & chosen).sum()), int((side & ~chosen).sum())] for side in (member, ~member)], dtype=np.int64
    )
    hidden = suppressed(counts, siting.asked.suppress_below_count, totals_public=True)
    table = with_totals(counts)
    rows: list[dict[str, object]] = []
    everyone = np.ones_like(member)
    for at, (label, side) in enumerate((("yes", member), ("no or not known", ~member), ("all", everyone))):
        placed = side & chosen
        # Any sum over a hidden group would be a second way to its count.
        shown = not bool(hidden[at, 0])
        hours = float(siting.benefit.expected_s[placed].sum()) / 3600.0
        cost_usd = _cost_usd(siting, placed)
        rows.append(
            {
                "group": label,
                "placed": int(table[at, 0]) if shown else None,
                "not_placed": None if hidden[at, 1] else int(table[at, 1]),
                "eligible": None if hidden[at, 2] else int(table[at, 2]),
                "expected_hours_per_year": round(hours, 1) if shown else None,
                "cost_usd": round(cost_usd) if shown else None,
                "hours_per_1000_usd": round(hours / cost_usd * 1000.0, 2) if shown and cost_usd > 0 else None,
            }
        )
    return rows


def _cost_usd(siting: Siting, homes: Flags) -> float:
    """Cost of some chosen homes, each visit shared equally among the chosen homes of its cluster."""
    problem, chosen = siting.problem, siting.choice.chosen
    shared = np.bincount(problem.cluster[chosen], minlength=problem.visit_cost_usd.size)
    share = problem.visit_cost_usd / np.maximum(shared, 1)
    return float(problem.cost_usd[homes].sum() + share[problem.cluster[homes]].sum())


def result_json(siting: Siting) -> dict[str, object]:
    """The documented JSON of `bptm program site` (docs/reference/siting.md)."""
    choice, judged = siting.choice, siting.eligibility
    plan = siting.accounts[0]
    return {
        "schema": "bptm.program.site/1",
        "profile": siting.profile.name,
        "candidates": {
            "read": siting.candidates.size,
            "eligible": int(judged.eligible.sum()),
            "not_eligible": int((~judged.eligible & ~judged.unknown).sum()),
            "cannot_be_told": int(judged.unknown.sum()),
            "synthetic": siting.candidates.synthetic,
            "version": siting.candidates.version,
        },
        "rules": [
            {
                "name": rule.name,
                "rule": rule.words,
                "why": rule.why,
                "met": int(verdict.true.sum()),
                "not_met": int(verdict.false.sum()),
                "cannot_be_told": siting.candidates.size - int(verdict.true.sum()) - int(verdict.false.sum()),
            }
            for rule, verdict in zip(judged.rules, judged.verdicts, strict=True)
        ],
        "plan": {
            "meters": plan.meters_count,
            "benefit": plan.benefit,
            "benefit_bound": choice.bound,
            "gap_fraction": choice.gap_fraction,
            "method": choice.method,
            "cost_usd": plan.cost_usd,
            "visits": plan.visits_count,
            "duals": choice.duals_count,
        },
        "constraints": [
            {
                "name": name,
                "limit": float(limit),
                "used": None if name.startswith("floor ") else float(used),
                "price": float(price),
            }
            for name, limit, used, price in zip(
                choice.rows.names, choice.rows.limit, choice.used, choice.prices, strict=True
            )
        ],
        "compared": [_compared(siting, one) for one in siting.accounts],
        "groups": group_tables(siting),
        "suppress_below": siting.asked.suppress_below_count,
        "counties": county_rows(siting),
        "assumptions": [one.record() for key, one in siting.assumed.items() if key.startswith("siting.")],
        "unsourced": [key for key, one in siting.assumed.items() if key.startswith("siting.") and not one.sourced],
        "notes": list(siting.notes),
    }


def _compared(siting: Siting, one: Account) -> dict[str, object]:
    shares = {name: members_or_hidden(siting, one, name) for name in one.members_count}
    return {
        "method": one.method,
        "meters": one.meters_count,
        "benefit": one.benefit,
        "expected_hours_per_year": one.expected_s / 3600.0,
        "cost_usd": one.cost_usd,
        "hours_per_1000_usd": one.expected_s / 3.6 / one.cost_usd if one.cost_usd > 0 else None,
        "members": shares,
        "floors_kept": one.floors_kept,
    }


def county_rows(siting: Siting) -> list[dict[str, object]]:
    """Eligible and placed by county; small cells as None."""
    names, at = np.unique(siting.candidates.text("county_fips")[siting.homes], return_inverse=True)
    chosen = siting.choice.chosen
    placed = np.bincount(at[chosen], minlength=names.size)
    counts = np.column_stack((placed, np.bincount(at, minlength=names.size) - placed)).astype(np.int64)
    hidden = suppressed(counts, siting.asked.suppress_below_count, totals_public=True)
    table = with_totals(counts)
    return [
        {
            "county_fips": str(name) or None,
            "placed": None if hidden[row, 0] else int(table[row, 0]),
            "eligible": None if hidden[row, 2] else int(table[row, 2]),
        }
        for row, name in enumerate(names)
    ]


DECISION_COLUMNS = (
    "premise_id", "decision", "benefit", "expected_hours_per_year", "weight", "backup_ratio", "price", "visit_share",
    "margin", "rules_not_met", "rules_not_known",
)  # fmt: skip


def write_decisions(siting: Siting, path: Path) -> None:
    """One row for each candidate, in the order of the file, with what decided.

    Raises:
        OSError: The file cannot be written.
    """
    price, share = standings(siting.problem, siting.choice)
    home_of = np.full(siting.candidates.size, -1)
    home_of[siting.homes] = np.arange(siting.homes.size)
    names = [rule.name for rule in siting.eligibility.rules]
    false = np.array([verdict.false for verdict in siting.eligibility.verdicts]).reshape(len(names), -1)
    true = np.array([verdict.true for verdict in siting.eligibility.verdicts]).reshape(len(names), -1)
    benefit = siting.benefit
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(DECISION_COLUMNS)
        for at, premise in enumerate(siting.candidates.premise_id):
            home = int(home_of[at])
            if home < 0:
                unmet = [name for name, no in zip(names, false[:, at], strict=True) if no]
                unknown = [
                    name for name, no, yes in zip(names, false[:, at], true[:, at], strict=True) if not no and not yes
                ]
                word = "not eligible" if unmet else "cannot be told"
                writer.writerow((premise, word, *[""] * 7, "; ".join(unmet), "; ".join(unknown)))
                continue
            whole = float(siting.problem.benefit[home])
            numbers = (
                whole, benefit.expected_s[home] / 3600.0, benefit.weight[home], benefit.backup_ratio[home],
                price[home], share[home], whole - price[home] - share[home],
            )  # fmt: skip
            word = "placed" if siting.choice.chosen[home] else "not placed"
            writer.writerow((premise, word, *(f"{number:.4g}" for number in numbers), "", ""))


def explained(siting: Siting, premise: str) -> str | Refused:
    """Why this home, or why not, and what would have changed it."""
    found = np.flatnonzero(siting.candidates.premise_id == premise)
    if found.size == 0:
        needs = f"one of the {siting.candidates.size:,} candidates"
        return Refused(
            unmet=(Unmet(element="--explain", found=premise, needs=needs, remedy="Name a premise of the file."),)
        )
    at = int(found[0])
    homes = np.flatnonzero(siting.homes == at)
    if homes.size == 0:
        return _not_eligible(siting, at, premise)
    home = int(homes[0])
    seen = standing(siting.problem, siting.choice, home)
    parts = ", ".join(f"{name} {part:.2f}" for name, part in seen.parts.items())
    lines = [
        f"{premise}: {'placed' if seen.taken else 'not placed'} ({why(seen)}).",
        (
            f"Benefit {seen.benefit:.2f} = {siting.benefit.expected_s[home] / 3600.0:.1f} expected outage hours a year "
            f"x weight {siting.benefit.weight[home]:.2f} ({_needs_of(siting, at)}) "
            f"x {siting.benefit.backup_ratio[home]:.2f} for its backup."
        ),
        (
            f"A place costs {seen.price:.2f} at the plan's prices ({parts or 'nothing is scarce'}), and its part of "
            f"the visit {seen.visit_share:.2f}; margin {seen.margin:+.2f}."
        ),
        _would_change(siting, home, at),
    ]
    return "\n".join(lines)


def _needs_of(siting: Siting, at: int) -> str:
    held = [name for name in NEEDS if siting.candidates.known_true(name)[at]]
    return ", ".join(held) or "no need known"


def _would_change(siting: Siting, home: int, at: int) -> str:
    """The smallest change of one input that would turn the decision, at the prices of this plan."""
    seen = standing(siting.problem, siting.choice, home)
    if seen.breakeven_ratio is None:
        return "Without expected outage time no need can lift it; an outage record or a hazard score would."
    hours = float(siting.benefit.expected_s[home]) / 3600.0 * seen.breakeven_ratio
    visits = visited(siting.problem, siting.choice.chosen)[siting.problem.cluster[home]]
    beside = "" if visits else " Its circuit is not visited by this plan."
    if seen.taken:
        return f"It would lose its place to another below about {hours:.1f} expected hours a year.{beside}"
    weight = float(siting.benefit.weight[home])
    short = {"medical_baseline": "medical", "own_well": "well_pump"}
    turning = [
        need
        for need in NEEDS
        if not siting.candidates.known_true(need)[at]
        and (1.0 + siting.assumed[f"siting.weight_{short.get(need, need)}"].value / weight) >= seen.breakeven_ratio
    ]
    by_need = f" So would {' or '.join(turning)}, were it known to hold." if turning else " No single need would."
    if seen.margin > 0:
        return f"It covers its price, and was left out because whole meters and whole visits do not add up.{beside}"
    return f"Above about {hours:.1f} expected hours a year it would be placed.{by_need}{beside}"


def _not_eligible(siting: Siting, at: int, premise: str) -> str:
    lines = [f"{premise}: {'cannot be told' if siting.eligibility.unknown[at] else 'not eligible'}."]
    for rule, verdict in zip(siting.eligibility.rules, siting.eligibility.verdicts, strict=True):
        if verdict.false[at]:
            lines.append(f"Not met: {rule.why} ({rule.words})")
        elif not verdict.true[at]:
            lines.append(f"Cannot be told: {rule.why} ({rule.words}); the value is missing.")
    return "\n".join(lines)
