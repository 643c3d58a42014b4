"""`bptm prove`: what is proved, searched and broken on purpose."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from bptm.cli.asked import UsageError


def prove(
    *,
    deep: Annotated[bool, Parameter(negative="")] = False,
    quick: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
    save: Path | None = None,
) -> int:
    """Prove and search the shipped controller's laws, and break it on purpose; status 1 when a law fails.

    Args:
        deep: Also all pairs of faults with a contactor that closes by itself; several minutes more.
        quick: Only the claims and single faults, no pairs and no broken controllers; about a minute.
        json: Print the report as one JSON object, alone on standard output.
        save: Directory for the counter-examples: a timeline to read and a scenario to replay, each.
    """
    from json import dumps

    try:
        from bptm.assurance.prove import prove as run_prove
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        msg = "bptm prove needs the prover z3; install it with: pip install 'bptm[prove]'"
        raise UsageError(msg) from error
    from bptm.assurance.prove_text import save_traces, table

    if deep and quick:
        msg = "--deep and --quick exclude each other; give one of them"
        raise UsageError(msg)
    try:
        if save is not None:
            save.mkdir(parents=True, exist_ok=True)
        report = run_prove(deep=deep, quick=quick, say=lambda line: print(line, file=sys.stderr, flush=True))
        saved = save_traces(report.traces, save) if save is not None else 0
    except OSError as error:
        msg = f"--save {save}: cannot be written ({error.strerror}); name a directory of yours"
        raise UsageError(msg) from error
    print(dumps(report.as_json()) if json else table(report))
    if save is not None:
        print(f"{saved} counter-examples in {save}", file=sys.stderr)
    return 0 if report.good else 1
