"""The siting as a page: what was chosen and how sure, beside other ways of choosing, for whom, and where."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import matplotlib as mpl
import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from bptm.planning.siting_account import Account
from bptm.planning.siting_benefit import NEEDS
from bptm.program.county_shapes import shapes
from bptm.program.figure import SERIES, Sheet, new_sheet
from bptm.program.page import Cell, Facts, Mark, Note, Origin, Page, Picture, Section, Table, Words
from bptm.program.site import Siting
from bptm.program.site_result import count_or_hidden, county_rows, group_tables

NEED_TITLES: dict[str, str] = dict(
    zip(NEEDS, ("Medical Baseline", "access and functional needs", "low income", "own well"), strict=True)
)
HIDDEN = "hidden (small)"


def page(siting: Siting, command: str) -> Page:
    """The page; small groups are hidden on it."""
    plan = siting.accounts[0]
    gap = siting.choice.gap_fraction
    made = "synthetic homes" if siting.candidates.synthetic else "candidates"
    return Page(
        title=f"Who gets the next {plan.meters_count:,} meters: {siting.profile.name}",
        lead=(
            f"{plan.meters_count:,} of {siting.homes.size:,} eligible homes ({siting.candidates.size:,} {made}), "
            f"proven within {gap:.3%} of the best possible choice under these limits."
        ),
        sections=(
            Section(title="The plan", blocks=(*_warnings(siting), _facts(siting, plan), _limits(siting))),
            Section(title="Beside other ways of choosing", blocks=(_compared_picture(siting), _compared(siting))),
            Section(title="For whom", blocks=(*_groups(siting),)),
            Section(title="Where", blocks=(*_where(siting),)),
            Section(title="Who could be chosen at all", blocks=(_rules(siting),)),
            Section(title="What it rests on", blocks=(_assumed(siting),)),
        ),
        origins=_origins(siting),
        made_from=(command,),
    )


def _warnings(siting: Siting) -> tuple[Note, ...]:
    notes = [Note(text=note) for note in siting.notes]
    unsourced = [key for key, one in siting.assumed.items() if key.startswith("siting.") and not one.sourced]
    whole = [key for key in siting.assumed if key.startswith("siting.")]
    notes.append(
        Note(
            text=f"{len(unsourced)} of the {len(whole)} assumptions below have no source: decisions or guesses. "
            "Weights of need above all are a programme's decision, not a fact."
        )
    )
    return tuple(notes)


def _facts(siting: Siting, plan: Account) -> Facts:
    return Facts(
        facts=(
            ("Meters placed", f"{plan.meters_count:,}", f"on {plan.visits_count:,} circuits visited"),
            ("Cost", f"${plan.cost_usd:,.0f}", "meters, installation, help with a source, journeys"),
            ("Outage time they face", f"{plan.expected_s / 3600:,.0f} h a year", "expected, all placed homes together"),
            ("Gap", f"{siting.choice.gap_fraction:.3%}", f"proven; {siting.choice.method}"),
        )
    )


def _limits(siting: Siting) -> Table:
    choice = siting.choice
    rows: list[tuple[Cell, ...]] = []
    for name, limit, used, price in zip(choice.rows.names, choice.rows.limit, choice.used, choice.prices, strict=True):
        if name.startswith("floor "):
            rows.append((name, "floor", "kept", float(price)))
        else:
            unit = 3600.0 if name.startswith("crew ") else 1.0
            rows.append((name, f"{limit / unit:,.0f}", f"{used / unit:,.0f}", float(price * unit)))
    return Table(
        caption="Limits (dollars, meters, crew hours); the price is the benefit that one more unit would bring",
        header=("Limit", "Allowed", "Used", "Price"),
        rows=rows,
    )


def _compared(siting: Siting) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in siting.accounts:
        shares: list[Cell] = []
        for name in NEEDS:
            count = count_or_hidden(siting, one.members_count[name], one.meters_count)
            shares.append(HIDDEN if count is None else f"{count / max(one.meters_count, 1):.1%}")
        rows.append(
            (
                one.method, one.meters_count, one.benefit, one.expected_s / 3.6 / max(one.cost_usd, 1.0), *shares,
                "yes" if one.floors_kept else "no",
            )
        )  # fmt: skip
    titles = tuple(f"With {NEED_TITLES[name]}" for name in NEEDS)
    return Table(
        caption="The same budget, meters and crews for all; only this plan knows the floors",
        header=("Way", "Meters", "Benefit (weighted hours)", "Outage hours per $1,000", *titles, "Floors kept"),
        rows=rows,
    )


def _compared_picture(siting: Siting) -> Picture:
    sheet = new_sheet("site-compared", 8.0, 2.6)
    names = [one.method for one in siting.accounts][::-1]
    values = [one.benefit for one in siting.accounts][::-1]
    bars = sheet.axes.barh(names, values, color=[*[SERIES[0]] * (len(names) - 1), SERIES[1]])
    sheet.axes.bar_label(bars, labels=[f"{value:,.0f}" for value in values], padding=4)
    sheet.axes.axvline(siting.choice.bound, linestyle="--", color=SERIES[3], linewidth=1.2)
    sheet.axes.set_xlabel("benefit: weighted outage hours a year (dashed: no choice can be better)")
    sheet.axes.set_xlim(0, siting.choice.bound * 1.12)
    sheet.axes.xaxis.set_major_formatter("{x:,.0f}")
    said = "; ".join(f"{one.method} {one.benefit:,.0f}" for one in siting.accounts)
    return Picture(
        svg=sheet.svg(),
        caption="Benefit of each way of choosing under the same limits",
        alternative=f"Bars: {said}; the bound is {siting.choice.bound:,.0f}.",
    )


def _groups(siting: Siting) -> list[Table | Words]:
    blocks: list[Table | Words] = [
        Words(
            text=f"Counts below {siting.asked.suppress_below_count} are hidden, and others with them so that no total "
            "gives them away. Cost shares each journey equally among the homes it serves."
        )
    ]
    for name, rows in group_tables(siting).items():
        cells = [tuple(HIDDEN if value is None else value for value in row.values()) for row in rows]
        blocks.append(
            Table(
                caption=f"Homes with {NEED_TITLES[name]}",
                header=("Holds", "Placed", "Not placed", "Eligible", "Hours a year", "Cost $", "Hours per $1,000"),
                rows=[tuple(cell if isinstance(cell, int | float) else str(cell) for cell in row) for row in cells],
            )
        )
    return blocks


def _where(siting: Siting) -> list[Picture | Table]:
    rows = county_rows(siting)
    known = shapes()
    names = {
        str(row["county_fips"]): known[str(row["county_fips"])].name for row in rows if row["county_fips"] in known
    }
    table = Table(
        caption="By county",
        header=("County", "Placed", "Eligible"),
        rows=[
            (
                names.get(str(row["county_fips"]), str(row["county_fips"] or "not known")),
                *(HIDDEN if row[key] is None else int(str(row[key])) for key in ("placed", "eligible")),
            )
            for row in rows
        ],
        tall=True,
    )
    return [Picture(
        svg=map_sheet(siting).svg(),
        caption="Meters placed by county; grey where the count is hidden or no home was eligible",
        alternative="Map of the counties by number of meters placed; the table beside it holds the same numbers.",
    ), table] if names else [table]  # fmt: skip


def map_sheet(siting: Siting) -> Sheet:
    """The map of meters placed, counties of the candidates' states."""
    known = shapes()
    placed = {str(row["county_fips"]): row["placed"] for row in county_rows(siting)}
    states = {fips[:2] for fips in placed if fips in known}
    sheet = new_sheet("site-map", 7.0, 6.0)
    axes = sheet.axes
    axes.grid(visible=False)
    drawn = [fips for fips in known if fips[:2] in states]
    shade = np.array([float(str(placed[f])) if placed.get(f) is not None else np.nan for f in drawn])
    outlines = [
        PathPatch(Outline.make_compound_path(*[Outline(ring, closed=True) for ring in known[fips].rings]))
        for fips in drawn
    ]
    counties = PatchCollection(
        outlines, cmap=mpl.colormaps["viridis_r"].with_extremes(bad="#80889040"), edgecolor="#80889080", linewidth=0.5
    )
    counties.set_array(np.ma.masked_invalid(shade))
    axes.add_collection(counties)
    axes.autoscale_view()
    latitude = float(np.mean([ring[:, 1].mean() for fips in drawn for ring in known[fips].rings]))
    axes.set_aspect(1.0 / np.cos(np.radians(latitude)))
    axes.axis("off")
    sheet.figure.colorbar(counties, ax=axes, shrink=0.6, label="meters placed")
    return sheet


def _rules(siting: Siting) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for rule, verdict in zip(siting.eligibility.rules, siting.eligibility.verdicts, strict=True):
        met, unmet = int(verdict.true.sum()), int(verdict.false.sum())
        rows.append((rule.why or rule.name, rule.words, met, unmet, siting.candidates.size - met - unmet))
    return Table(
        caption="Eligibility, rule by rule; a home must be known to meet all",
        header=("Rule", "As data", "Met", "Not met", "Cannot be told"),
        rows=rows,
    )


def _assumed(siting: Siting) -> Table:
    return Table(
        caption="Assumptions of the siting",
        header=("Assumption", "Value", "Unit", "Trust", "Source"),
        rows=[
            (one.meaning, one.value, one.unit, one.mark, one.source)
            for key, one in siting.assumed.items()
            if key.startswith("siting.")
        ],
        tall=True,
    )


def _origins(siting: Siting) -> tuple[Origin, ...]:
    version = siting.candidates.version
    return (
        Origin(
            what="Homes, needs, outage hours",
            source=version,
            query="one row a premise; rules of the profile; docs/reference/siting.md names the columns",
            mark=Mark.OWN if siting.candidates.synthetic else Mark.DERIVED,
            assumed=siting.notes,
        ),
        Origin(
            what="The choice, its prices and its gap",
            source="docs/explanation/siting.md",
            query=f"maximise benefit under the limits; {siting.choice.method}; {siting.choice.duals_count} duals",
            mark=Mark.DERIVED,
        ),
        Origin(
            what="Weights, costs, times",
            source="assumptions.toml of the desk, and the file laid over it",
            query="keys that begin with siting.",
            mark=Mark.OWN,
        ),
    )
