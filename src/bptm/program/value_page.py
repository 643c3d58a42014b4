"""The worth as a page: by option and by whom, what decides it, where it turns, and every assumption beside it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from bptm.program.assumptions import Assumption
from bptm.program.figure import SERIES, new_sheet
from bptm.program.page import Cell, Mark, Note, Origin, Page, Picture, Points, Section, Table
from bptm.program.value import SEEN_BY, OptionWorth, Value, face

TITLES = {
    "bptm": "BPTM",
    "manual_transfer_switch": "manual transfer switch",
    "interlock_kit": "interlock kit",
    "standby_generator": "standby generator",
    "battery": "battery",
    "extension_cords": "extension cords",
}
MARKS = {
    "published": Mark.PUBLISHED,
    "general": Mark.KNOWLEDGE,
    "derived": Mark.DERIVED,
    "definition": Mark.DEFINITION,
    "claim": Mark.CLAIM,
    "own choice": Mark.OWN,
}
NOT_TWICE = (
    "Interruption costs as published hold up to 24 h and are taken to hold food and inconvenience up to there.",
    "Food, lodging and medical harm are added only for what an outage lasts beyond that.",
    "Doing nothing new is today: who owns a generator runs it on cords, and options count as the difference from that.",
    "Avoided shutoff harm is no item of its own: shutoffs are among the long outages.",
    "A home in demand response brings no second kilowatt by staged return.",
    "What the utility pays for a meter is one cost, in one column; the customer's column holds none of it.",
    "Carbon monoxide and backfeed are expected values of rare events: read them as ranges, never as savings booked.",
)


def page(result: Value, command: str) -> Page:
    """The page."""
    best = max(result.options, key=lambda one: one.percentiles_usd["society"][1])
    low, middle, high = best.percentiles_usd["society"]
    return Page(
        title=f"What backup is worth: {result.customer.title}",
        lead=(
            f"Doing nothing new is best in {result.nothing_best_fraction:.0%} of {result.draws_count:,} draws. Of what "
            f"can be bought {TITLES[best.option]} {'gains most' if middle >= 0 else 'loses least'} in the middle: "
            f"{middle:,.0f} dollars over the horizon (90 % of draws between {low:,.0f} and {high:,.0f})."
        ),
        sections=(
            Section(title="Worth", blocks=(Note(text=face(result)), _ranges(result), _table(result))),
            Section(title="What a year is made of", blocks=(_parts(result), Points(points=NOT_TWICE))),
            Section(title="What decides it", blocks=(_tornado(result, result.options[0]), _turns(result))),
            Section(title="Every assumption", blocks=(_assumed(result),)),
        ),
        origins=(
            Origin(
                what="Every figure of this page",
                source="the assumptions below, each with its own source and mark",
                query=f"docs/explanation/value.md; {result.draws_count:,} draws, seed {result.seed}",
                mark=Mark.DERIVED,
                assumed=(face(result),),
            ),
        ),
        made_from=(command,),
    )


def _ranges(result: Value) -> Picture:
    sheet = new_sheet("value-ranges", 8.0, 3.2)
    axes = sheet.axes
    for at, one in enumerate(reversed(result.options)):
        low, middle, high = one.percentiles_usd["society"]
        axes.plot([low, high], [at, at], color=SERIES[0], linewidth=5, solid_capstyle="round", alpha=0.45)
        axes.plot([middle], [at], "o", color=SERIES[1])
    axes.set_yticks(range(len(result.options)), [TITLES[one.option] for one in reversed(result.options)])
    axes.axvline(0.0, linewidth=1.2, color="#808890")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("net present value for society against doing nothing new, dollars (dot: median; bar: 5 to 95 %)")
    said = "; ".join(f"{TITLES[one.option]} {one.percentiles_usd['society'][1]:,.0f}" for one in result.options)
    return Picture(svg=sheet.svg(), caption="Worth of each option", alternative=f"Medians in dollars: {said}.")


def _table(result: Value) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in result.options:
        cells: list[Cell] = [TITLES[one.option]]
        for who in SEEN_BY:
            low, middle, high = one.percentiles_usd[who]
            cells.append(f"{middle:,.0f} ({low:,.0f} to {high:,.0f})")
        rows.append((*cells, f"{one.above_zero_fraction:.0%}", f"{one.best_fraction:.0%}"))
    rows.append(("doing nothing new", "0", "0", "0", "", f"{result.nothing_best_fraction:.0%}"))
    return Table(
        caption="Net present value in dollars: median (5 to 95 %)",
        header=("Option", "Customer", "Utility", "Society", "Society gains in", "Best in"),
        rows=rows,
    )


def _parts(result: Value) -> Table:
    names = list(dict.fromkeys(name for one in result.options for name in one.parts_usd_per_year))
    return Table(
        caption="Dollars a year against doing nothing new, at the values assumed",
        header=("Part", *(TITLES[one.option] for one in result.options)),
        rows=[
            (name.replace("_", " "), *(round(one.parts_usd_per_year.get(name, 0.0)) for one in result.options))
            for name in names
        ],
    )


def _tornado(result: Value, one: OptionWorth) -> Picture:
    sheet = new_sheet("value-tornado", 8.0, 4.2)
    axes = sheet.axes
    shown = one.swings[:10][::-1]
    middle = one.present_usd["society"]
    for at, swing in enumerate(shown):
        axes.barh(at, swing.at_low_usd - middle, left=middle, color=SERIES[0], height=0.6)
        axes.barh(at, swing.at_high_usd - middle, left=middle, color=SERIES[1], height=0.6)
    axes.set_yticks(range(len(shown)), [_label(result.assumed[swing.key]) for swing in shown])
    axes.axvline(middle, linewidth=1.0, color="#808890")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("net present value, dollars (blue: low end of the input, orange: high end)")
    said = "; ".join(f"{swing.key} {swing.at_low_usd:,.0f} to {swing.at_high_usd:,.0f}" for swing in one.swings[:10])
    return Picture(
        svg=sheet.svg(),
        caption=f"{TITLES[one.option]}: one input at a time from its low to its high end. * marks an unsourced input.",
        alternative=f"Swings in dollars: {said}.",
    )


def _label(one: Assumption) -> str:
    star = "" if one.sourced else " *"
    return f"{one.key} [{one.low:g} to {one.high:g}]{star}"


def _turns(result: Value) -> Table:
    return Table(
        caption="Break-even: society's worth is zero at these values, all else as assumed",
        header=("Option", "Long outages a year", "Capital $"),
        rows=[(TITLES[one.option], *_turning(one)) for one in result.options],
    )


def _turning(one: OptionWorth) -> tuple[str, str]:
    at = (one.breakeven_long_outages_per_year, one.breakeven_capital_usd)
    return "never" if at[0] is None else f"{at[0]:,.2f}", "never" if at[1] is None else f"{at[1]:,.0f}"


def _assumed(result: Value) -> Table:
    return Table(
        caption="Assumptions: value, range, mark of trust, source",
        header=("Key", "Meaning", "Value", "Low", "High", "Unit", "Trust", "Source"),
        rows=[
            (one.key, one.meaning, f"{one.value:g}", f"{one.low:g}", f"{one.high:g}", one.unit, MARKS[one.mark].value,
             one.source)
            for one in result.assumed.values()
        ],
        tall=True,
    )  # fmt: skip
