"""`bptm program profile`: check a utility's profile, or list those that ship."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from bptm.cli.program_give import give, refuse


def profile(named: str = "", /, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Check a utility's profile, or list those that ship.

    Args:
        named: A file, or the name of one that ships; without it those are listed.
        json: Print the outcome as one JSON object, alone on standard output.
    """
    from bptm.program.profile import read_profile, shipped
    from bptm.terms.refusals import Refused

    if not named:
        names = shipped()
        return give(result={"profiles": names}, text=lambda: "\n".join(names), page=lambda: "", json=json, html=None)
    read = read_profile(named if named in shipped() else Path(named))
    if isinstance(read, Refused):
        raise refuse(read)
    where = f"{len(read.counties)} counties" if read.counties else f"all counties of {', '.join(read.states)}"
    return give(
        result={"accepted": True, "name": read.name, "rules": [rule.id for rule in read.eligibility]},
        text=lambda: (
            f"{read.name}: accepted; {where}, {read.customers.value:,.0f} customers, {read.time_zone}\n{read.about}"
        ),
        page=lambda: "",
        json=json,
        html=None,
    )
