"""`bptm program`: the programme desk: where, for whom, what it is worth, what to report."""

from typing import Annotated

from cyclopts import App, Parameter

import bptm
from bptm.cli.asked import UsageError

app = App(name="program", help="The programme desk: where, for whom, what it is worth, what to report.")


@app.default
def program(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
    """The programme desk: where, for whom, what it is worth, what to report."""
    msg = f"bptm program is not built yet in version {bptm.__version__}; bptm --help lists what is"
    raise UsageError(msg)
