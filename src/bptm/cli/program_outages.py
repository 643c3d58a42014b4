"""`bptm program outages`."""

from typing import Annotated

from cyclopts import Parameter

import bptm
from bptm.cli.asked import UsageError


def outages(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
    """Not built yet."""
    msg = f"bptm program outages is not built yet in version {bptm.__version__}; bptm program --help lists what is"
    raise UsageError(msg)
