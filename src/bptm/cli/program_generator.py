"""`bptm program generator`: does this generator fit, and why not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.program_give import engine, give, note, refuse

if TYPE_CHECKING:
    from bptm.planning.generators import Generator, Verdict


def generator(
    name: str = "",
    /,
    *,
    list_: Annotated[Path | None, Parameter(name="--list")] = None,
    refused: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Does this generator fit, and why not.

    Args:
        name: Words of its name; without them all of the list are shown.
        list_: A utility's own list (CSV or Parquet); without it the one that ships, of generic kinds.
        refused: Where rows of the list that cannot be judged are written, with line and reason.
        json: Print the outcome as one JSON object, alone on standard output.
    """
    from bptm.program.generator_list import SHIPPED, read_generators
    from bptm.terms.refusals import Refused

    with engine("reading generators") as tables:
        found = read_generators(tables, list_ or SHIPPED, refused)
    if isinstance(found, Refused):
        raise refuse(found)
    if found.source.rows_refused:
        note(found.source.sentence())
    chosen = found.find(name) if name else found.judged
    if isinstance(chosen, Refused):
        raise refuse(chosen)
    return give(
        result={
            "generators": [_as_json(one, verdict) for one, verdict in chosen],
            "rows_read": found.source.rows_read,
            "rows_refused": found.source.rows_refused,
            "version": found.source.version,
        },
        text=lambda: "\n\n".join(_text(one, verdict) for one, verdict in chosen),
        page=lambda: "",
        json=json,
        html=None,
    )


def _as_json(one: "Generator", verdict: "Verdict") -> dict[str, object]:
    from dataclasses import asdict

    return {
        **asdict(one),
        "neutral": one.neutral.value,
        "fit": verdict.fit.value,
        "inlet": verdict.inlet,
        "unmet": [asdict(unmet) for unmet in verdict.unmet],
        "cares": list(verdict.cares),
    }


def _text(one: "Generator", verdict: "Verdict") -> str:
    lines = [f"{one.name}: {verdict.fit.value}"]
    lines += [f"  {u.element}: found {u.found}, needs {u.needs}. {u.remedy}" for u in verdict.unmet]
    lines += [f"  {care}" for care in verdict.cares]
    lines.append(f"  ({one.source}; {one.mark})")
    return "\n".join(lines)
