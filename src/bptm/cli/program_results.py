"""`bptm program results`."""

from typing import Annotated

from cyclopts import Parameter

import bptm
from bptm.cli.asked import UsageError


def results(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
    """Not built yet."""
    msg = f"bptm program results is not built yet in version {bptm.__version__}; bptm program --help lists what is"
    raise UsageError(msg)
