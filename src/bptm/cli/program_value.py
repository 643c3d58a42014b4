"""`bptm program value`: what a meter is worth against the other ways, with its uncertainty."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bptm.cli.asked import SEED_MAX, check_range

if TYPE_CHECKING:
    from bptm.program.value import Value


def value(
    *,
    customer: str = "average",
    draws: int = 100_000,
    seed: int = 1,
    assumptions: Path | None = None,
    assumptions_list: bool = False,
    json: bool = False,
    html: Path | None = None,
) -> int:
    """What each way of backup is worth against doing nothing: present value, its spread, and what decides it.

    Args:
        customer: average, medical, rural, low-income or small-business.
        draws: Of the Monte Carlo.
        seed: Of the draws.
        assumptions: TOML with assumptions in place of the desk's; a bare number or a table with its range.
        assumptions_list: Print every assumption with its value, range, mark and source, and end.
        json: The result as JSON alone on standard output.
        html: Write a page.
    """
    from bptm.cli.program_give import give, refuse, waiting
    from bptm.program.assumptions import assumptions as read_assumptions
    from bptm.program.value import DRAWS_MAX, customer_type, value_json
    from bptm.program.value import value as study
    from bptm.terms.refusals import Refused

    check_range("--draws", draws, 100, DRAWS_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    assumed = read_assumptions(assumptions)
    kind = customer_type(customer)
    if isinstance(assumed, Refused):
        raise refuse(assumed)
    if isinstance(kind, Refused):
        raise refuse(kind)
    if assumptions_list:
        for one in assumed.values():
            span = f"{one.value:g} [{one.low:g} to {one.high:g}] {one.unit}"
            print(f"{one.key}: {span}; {one.mark}; {one.source}")
        return 0
    with waiting("drawing"):
        own = {key: one for key, one in assumed.items() if one.replaced}
        result = study(kind, assumed, own, draws=draws, seed=seed)
    return give(
        result=value_json(result), text=partial(_text, result), page=partial(_page, result), json=json, html=html
    )


def _page(result: "Value") -> str:
    import shlex
    import sys

    from bptm.program.value_page import page

    return page(result, shlex.join(["bptm", *sys.argv[1:]])).html()


def _text(result: "Value") -> str:
    from bptm.program.value import SEEN_BY, face

    lines = [
        f"{result.customer.title}: net present value against doing nothing new, of {result.draws_count:,} draws",
        "median (5 to 95 %) in dollars",
        f"{'option':24}" + "".join(f"{who:>28}" for who in SEEN_BY) + f"{'gains in':>10}{'best in':>9}",
    ]
    for one in result.options:
        cells = ""
        for who in SEEN_BY:
            low, middle, high = one.percentiles_usd[who]
            cells += f"{f'{middle:,.0f} ({low:,.0f} to {high:,.0f})':>28}"
        lines.append(f"{one.option:24}{cells}{one.above_zero_fraction:10.0%}{one.best_fraction:9.0%}")
    lines.append(f"{'doing nothing new':24}{'0':>28}{'0':>28}{'0':>28}{'':10}{result.nothing_best_fraction:9.0%}")
    return "\n".join([*lines, face(result)])
