"""`bptm bench`: play a scenario on one meter at waveform rate, and report."""

from typing import Annotated

from cyclopts import Parameter

import bptm
from bptm.cli.asked import UsageError


def bench(*_words: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]) -> int:
    """Play a scenario on one meter at waveform rate, and report."""
    msg = f"bptm bench is not built yet in version {bptm.__version__}; bptm --help lists what is"
    raise UsageError(msg)
